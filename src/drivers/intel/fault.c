/* SPDX-License-Identifier: MIT */
/*
 * Fault records and page requests: VT-d specification, 7.2 "Non-Recoverable
 * Faults", 7.4 "Recoverable Faults", 11.4.9.
 */
#include "drivers/intel/vtd.h"

#define REQUEST_COUNT  128U /* 32 bytes each, in a page */
#define REQUEST_QWORDS 4U

/* 7.2.3 "Fault conditions": what the codes have in common */
static enum iommu_hw_reason reason_of(uint32_t code)
{
	switch (code) {
	case 0x01: /* root entry, context entry not present */
	case 0x02:
	case 0x39: /* scalable mode: the same, PASID directory, PASID entry */
	case 0x41:
	case 0x51:
	case 0x59:
		return IOMMU_HW_BLOCKED;
	case 0x04:
	case 0x74:
	case 0x80:
	case 0x83:
	case 0x84:
		return IOMMU_HW_RANGE;
	case 0x05:
	case 0x06:
	case 0x79:
		return IOMMU_HW_NOT_MAPPED_OR_ALLOWED;
	case 0x71:
		return IOMMU_HW_NOT_PRESENT;
	case 0x81:
	case 0x82:
	case 0x85:
	case 0x86:
		return IOMMU_HW_PERMISSION;
	case 0x07:
	case 0x70:
	case 0x73:
	case 0x78:
		return IOMMU_HW_BUS;
	case 0x0c:
	case 0x72:
	case 0x7a:
		return IOMMU_HW_BAD_TABLE;
	case 0x03:
	case 0x08:
	case 0x09:
	case 0x0a:
	case 0x0b:
	case 0x3a:
	case 0x40:
	case 0x42 ... 0x48:
	case 0x50:
	case 0x52:
	case 0x58:
	case 0x5a ... 0x5d:
	case 0x7b:
		return IOMMU_HW_BAD_CONFIG;
	default:
		return IOMMU_HW_OTHER;
	}
}

/* 11.4.9.7 "Fault Recording Registers" */
static void decode_fault(uint64_t lo, uint64_t hi, struct iommu_hw_fault *fault)
{
	uint32_t code = (uint32_t)VTD_GET(hi, 39, 32);

	*fault = (struct iommu_hw_fault){
		.rid = (uint32_t)VTD_GET(hi, 15, 0),
		.pasid = hi & VTD_BITS(31, 31) ? (ioasid_t)VTD_GET(hi, 59, 40)
					       : IOMMU_NO_PASID,
		.iova = lo & VTD_ADDR,
		.access = hi & VTD_BITS(62, 62) ? IOMMU_PAGE_READ
						: IOMMU_PAGE_WRITE,
		.reason = reason_of(code),
		.stage2 = code >= 0x78 && code <= 0x7b,
		.code = code,
	};
	if (hi & VTD_BITS(30, 30))
		fault->access |= IOMMU_PAGE_EXEC;
	if (hi & VTD_BITS(29, 29))
		fault->access |= IOMMU_PAGE_PRIV;
}

/* The register of the first record that is taken, from the one that is due; 0 = none. */
static uint32_t find_fault(struct vtd_iommu *iommu)
{
	unsigned int i, count = VTD_CAP_NFR(iommu->cap);
	struct iommu_hw *hw = iommu->hw;
	uint32_t reg;

	for (i = 0; i < count; i++) {
		reg = VTD_CAP_FRO(iommu->cap) +
		      16 * ((iommu->fault + i) % count);
		if (hw->ops->read64(hw, reg + 8) >> 63) {
			iommu->fault = (iommu->fault + i + 1) % count;
			return reg;
		}
	}
	return 0;
}

bool vtd_next_fault(struct vtd_iommu *iommu, struct iommu_hw_fault *fault,
		    bool *lost)
{
	struct iommu_hw *hw = iommu->hw;
	uint32_t reg;

	*lost = false;
	port_lock(&iommu->lock);
	reg = find_fault(iommu);
	if (reg) {
		decode_fault(hw->ops->read64(hw, reg),
			     hw->ops->read64(hw, reg + 8), fault);
		hw->ops->write64(hw, reg + 8, VTD_BITS(63, 63));
	} else if (hw->ops->read32(hw, VTD_FSTS) & VTD_FSTS_PFO) {
		/* All are free: what came when they were not is lost. */
		*lost = true;
		hw->ops->write32(hw, VTD_FSTS, VTD_FSTS_PFO);
	}
	port_unlock(&iommu->lock);
	return reg != 0;
}

/* 7.4.1.1 "Page Request Descriptor" */
static void decode_request(const uint64_t *qw, uint16_t *rid,
			   struct iommu_page_request *request)
{
	*rid = (uint16_t)VTD_GET(qw[0], 31, 16);
	*request = (struct iommu_page_request){
		.pasid = qw[0] & VTD_BITS(8, 8)
				 ? (ioasid_t)VTD_GET(qw[0], 51, 32)
				 : IOMMU_NO_PASID,
		.grpid = (uint32_t)VTD_GET(qw[1], 11, 3),
		.perm = (qw[1] & 1 ? IOMMU_PAGE_READ : 0) |
			(qw[1] & 2 ? IOMMU_PAGE_WRITE : 0) |
			(qw[0] & VTD_BITS(52, 52) ? IOMMU_PAGE_EXEC : 0) |
			(qw[0] & VTD_BITS(53, 53) ? IOMMU_PAGE_PRIV : 0),
		.last = qw[1] & 4,
		.addr = (dma_addr_t)(qw[1] & VTD_ADDR),
	};
}

bool vtd_next_request(struct vtd_iommu *iommu, uint16_t *rid,
		      struct iommu_page_request *request, bool *lost)
{
	struct iommu_hw *hw = iommu->hw;
	uint64_t head, tail;
	bool found = false;

	*lost = false;
	if (!iommu->requests)
		return false;
	port_lock(&iommu->lock);
	head = hw->ops->read64(hw, VTD_PQH) / 32 % REQUEST_COUNT;
	tail = hw->ops->read64(hw, VTD_PQT) / 32 % REQUEST_COUNT;
	if (head != tail) {
		decode_request(iommu->requests + head * REQUEST_QWORDS, rid,
			       request);
		hw->ops->write64(hw, VTD_PQH, (head + 1) % REQUEST_COUNT * 32);
		found = true;
	} else if (hw->ops->read32(hw, VTD_PRS) & VTD_PRS_PRO) {
		*lost = true;
		hw->ops->write32(hw, VTD_PRS, VTD_PRS_PRO);
	}
	port_unlock(&iommu->lock);
	return found;
}
