/* SPDX-License-Identifier: MIT */
/*
 * Events and page requests: publication 48882, 2.5 "Event Logging" and 2.6
 * "Peripheral Page Request (PPR) Logging".
 */
#include "drivers/amd/amd.h"

#define COUNT 256U /* of 16 bytes, in a page */

/*
 * The oldest record of a ring, which is cleared: 2.5.1, the code may become visible
 * after the tail has moved.
 */
static bool next_record(struct amd_iommu *iommu, uint64_t *ring, uint32_t head,
			uint64_t qw[2])
{
	struct hw_mem mem = amd_mem(iommu);
	struct iommu_hw *hw = iommu->hw;
	uint64_t at = hw->ops->read64(hw, head) / 16 % COUNT;
	uint64_t tail = hw->ops->read64(hw, head + 8) / 16 % COUNT;
	unsigned int spins;
	bool written;

	if (at == tail)
		return false;
	ring += at * 2;
	for (spins = 0;; spins++) {
		qw[0] = hw_load64(ring);
		written = qw[0] >> 60;
		if (written || !hw_relax(hw, spins))
			break;
	}
	qw[1] = hw_load64(ring + 1);
	ring[0] = ring[1] = 0;
	hw_flush(&mem, ring, 16);
	hw->ops->write64(hw, head, (at + 1) % COUNT * 16);
	return written;
}

/* A full ring stops; it is emptied, and started again. */
static bool overflown(struct amd_iommu *iommu, uint64_t bit, uint64_t enable)
{
	struct iommu_hw *hw = iommu->hw;
	uint64_t control;

	if (!(hw->ops->read64(hw, AMD_STATUS) & bit))
		return false;
	control = hw->ops->read64(hw, AMD_CONTROL);
	hw->ops->write64(hw, AMD_CONTROL, control & ~enable);
	hw->ops->write64(hw, AMD_STATUS, bit);
	hw->ops->write64(hw, AMD_CONTROL, control);
	return true;
}

/* 2.5.3 IO_PAGE_FAULT: PR, PE and RZ say what was found */
static enum iommu_hw_reason fault_reason(uint64_t qw)
{
	bool present = qw & AMD_BITS(52, 52), denied = qw & AMD_BITS(54, 54);

	if (!present)
		return IOMMU_HW_NOT_PRESENT;
	return denied ? IOMMU_HW_PERMISSION : IOMMU_HW_BAD_TABLE;
}

static void decode_event(const uint64_t qw[2], struct iommu_hw_fault *fault)
{
	uint32_t code = (uint32_t)(qw[0] >> 60);

	*fault = (struct iommu_hw_fault){
		.rid = (uint32_t)AMD_GET(qw[0], 15, 0),
		.iova = qw[1],
		.access = qw[0] & AMD_BITS(53, 53) ? IOMMU_PAGE_WRITE
						   : IOMMU_PAGE_READ,
		.code = code,
		.reason = IOMMU_HW_OTHER,
	};
	switch (code) {
	case AMD_EVENT_PAGE_FAULT:
		fault->reason = fault_reason(qw[0]);
		if (qw[0] & AMD_BITS(49, 49))
			fault->access |= IOMMU_PAGE_EXEC;
		if (!(qw[0] & AMD_BITS(48, 48)))
			break;
		/* GN: what else is a DomainID is the rest of the PASID. */
		fault->pasid = (ioasid_t)(AMD_GET(qw[0], 19, 16) << 16 |
					  AMD_GET(qw[0], 47, 32));
		if (!(qw[0] & AMD_BITS(50, 50)))
			fault->access |= IOMMU_PAGE_PRIV;
		break;
	case AMD_EVENT_ILLEGAL_DTE:
		fault->reason = IOMMU_HW_BAD_CONFIG;
		break;
	case AMD_EVENT_DTE_ERROR:
	case AMD_EVENT_TABLE_ERROR:
		fault->reason = IOMMU_HW_BUS;
		break;
	}
}

/* 2.5.5, 2.5.6: the command buffer has stopped. */
static void broken(struct amd_iommu *iommu)
{
	struct hw_mem mem = amd_mem(iommu);

	hw_queue_broken(&mem, &iommu->queue, -EIO,
			"AMD-Vi: it reports an error of a command");
}

bool amd_next_fault(struct amd_iommu *iommu, struct iommu_hw_fault *fault,
		    bool *lost)
{
	uint64_t qw[2];
	bool found;

	*lost = false;
	port_lock(&iommu->lock);
	found = next_record(iommu, iommu->events, AMD_EVENT_HEAD, qw);
	if (found)
		decode_event(qw, fault);
	else
		*lost = overflown(iommu, AMD_EVENT_OVERFLOW, AMD_EVENT_EN);
	if (found && (fault->code == AMD_EVENT_ILLEGAL_COMMAND ||
		      fault->code == AMD_EVENT_COMMAND_ERROR))
		broken(iommu);
	port_unlock(&iommu->lock);
	return found;
}

/* 2.6.1 "PPR log entry" */
static void decode_request(const uint64_t qw[2], uint16_t *rid,
			   struct iommu_page_request *request)
{
	*rid = (uint16_t)AMD_GET(qw[0], 15, 0);
	*request = (struct iommu_page_request){
		.pasid = qw[0] & AMD_BITS(56, 56)
				 ? (ioasid_t)(AMD_GET(qw[0], 45, 42) << 16 |
					      AMD_GET(qw[0], 31, 16))
				 : IOMMU_NO_PASID,
		.grpid = (uint32_t)AMD_GET(qw[0], 40, 32),
		.perm = (qw[0] & AMD_BITS(50, 50) ? IOMMU_PAGE_READ : 0) |
			(qw[0] & AMD_BITS(53, 53) ? IOMMU_PAGE_WRITE : 0) |
			(qw[0] & AMD_BITS(49, 49) ? IOMMU_PAGE_EXEC : 0) |
			(qw[0] & AMD_BITS(54, 54) ? 0 : IOMMU_PAGE_PRIV),
		.last = qw[0] & AMD_BITS(41, 41),
		.addr = (dma_addr_t)(qw[1] & ~0xfffULL),
	};
}

bool amd_next_request(struct amd_iommu *iommu, uint16_t *rid,
		      struct iommu_page_request *request, bool *lost)
{
	uint64_t qw[2];
	bool found;

	*lost = false;
	if (!iommu->requests)
		return false;
	port_lock(&iommu->lock);
	found = next_record(iommu, iommu->requests, AMD_PPR_HEAD, qw);
	if (found)
		decode_request(qw, rid, request);
	else
		*lost = overflown(iommu, AMD_PPR_OVERFLOW, AMD_PPRLOG_EN);
	port_unlock(&iommu->lock);
	return found;
}
