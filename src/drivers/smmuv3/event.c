/* SPDX-License-Identifier: MIT */
/*
 * Events and page requests: IHI 0070, 7.3 "Event records", 8.2 "PRI queue entries".
 */
#include "drivers/smmuv3/smmuv3.h"

/**
 * struct queue - one that hardware fills
 * @prod: its PROD register; CONS follows
 * @lg2: log2 of its entries
 * @qwords: of an entry
 */
struct queue {
	uint64_t *entries;
	uint32_t prod;
	unsigned int lg2;
	unsigned int qwords;
};

/* Take the oldest; index and wrap bit count as one number. */
static bool next_record(struct smmuv3 *smmu, const struct queue *queue,
			uint64_t *qw)
{
	struct iommu_hw *hw = smmu->hw;
	uint32_t mask = (2U << queue->lg2) - 1;
	uint32_t prod = hw->ops->read32(hw, queue->prod);
	uint32_t cons = hw->ops->read32(hw, queue->prod + 4);
	size_t at = cons & (mask >> 1);
	unsigned int i;

	if ((prod & mask) == (cons & mask))
		return false;
	for (i = 0; i < queue->qwords; i++)
		qw[i] = hw_load64(queue->entries + at * queue->qwords + i);
	cons = (cons & SMMU_OVERFLOW) | ((cons + 1) & mask);
	hw->ops->write32(hw, queue->prod + 4, cons);
	return true;
}

/* 7.4: the flags differ until the overflow is acknowledged. */
static bool overflown(struct smmuv3 *smmu, const struct queue *queue)
{
	struct iommu_hw *hw = smmu->hw;
	uint32_t prod = hw->ops->read32(hw, queue->prod);
	uint32_t cons = hw->ops->read32(hw, queue->prod + 4);

	if (!((prod ^ cons) & SMMU_OVERFLOW))
		return false;
	hw->ops->write32(hw, queue->prod + 4, cons ^ SMMU_OVERFLOW);
	return true;
}

static enum iommu_hw_reason reason_of(uint32_t id)
{
	switch (id) {
	case 0x02: /* C_BAD_STREAMID */
	case 0x04: /* C_BAD_STE */
	case 0x06: /* F_STREAM_DISABLED */
	case 0x0a: /* C_BAD_CD */
		return IOMMU_HW_BLOCKED;
	case 0x03: /* F_STE_FETCH, F_CD_FETCH, F_WALK_EABT, F_VMS_FETCH */
	case 0x09:
	case 0x0b:
	case 0x25:
		return IOMMU_HW_BUS;
	case 0x08: /* C_BAD_SUBSTREAMID */
		return IOMMU_HW_BAD_CONFIG;
	case 0x10: /* F_TRANSLATION */
		return IOMMU_HW_NOT_PRESENT;
	case 0x11: /* F_ADDR_SIZE */
	case 0x12: /* F_ACCESS */
		return IOMMU_HW_BAD_TABLE;
	case 0x13: /* F_PERMISSION */
		return IOMMU_HW_PERMISSION;
	default:
		return IOMMU_HW_OTHER;
	}
}

static void decode_event(const uint64_t qw[4], struct iommu_hw_fault *fault)
{
	uint32_t id = (uint32_t)SMMU_GET(qw[0], 7, 0);

	*fault = (struct iommu_hw_fault){
		.rid = (uint32_t)(qw[0] >> 32),
		.pasid = qw[0] & SMMU_CMD_SSV
				 ? (ioasid_t)SMMU_GET(qw[0], 31, 12)
				 : IOMMU_NO_PASID,
		.iova = qw[2],
		.access = qw[1] & SMMU_BITS(35, 35) ? IOMMU_PAGE_READ
						    : IOMMU_PAGE_WRITE,
		.reason = reason_of(id),
		.stage2 = qw[1] & SMMU_BITS(39, 39),
		.code = id,
	};
	if (qw[1] & SMMU_BITS(33, 33))
		fault->access |= IOMMU_PAGE_PRIV;
	if (qw[1] & SMMU_BITS(34, 34))
		fault->access |= IOMMU_PAGE_EXEC;
	if (fault->stage2)
		fault->gpa = qw[3] & SMMU_BITS(55, 12);
}

bool smmuv3_next_fault(struct smmuv3 *smmu, struct iommu_hw_fault *fault,
		       bool *lost)
{
	const struct queue queue = { smmu->events, SMMU_EVTQ_PROD,
				     SMMU_EVTQ_LG2, 4 };
	uint64_t qw[4];
	bool found;

	*lost = false;
	port_lock(&smmu->lock);
	found = next_record(smmu, &queue, qw);
	if (found)
		decode_event(qw, fault);
	else
		*lost = overflown(smmu, &queue);
	port_unlock(&smmu->lock);
	return found;
}

bool smmuv3_next_request(struct smmuv3 *smmu, uint32_t *sid,
			 struct iommu_page_request *request, bool *lost)
{
	const struct queue queue = { smmu->requests, SMMU_PRIQ_PROD,
				     SMMU_PRIQ_LG2, 2 };
	uint64_t qw[2];
	bool found;

	*lost = false;
	if (!smmu->requests)
		return false;
	port_lock(&smmu->lock);
	found = next_record(smmu, &queue, qw);
	if (!found)
		*lost = overflown(smmu, &queue);
	port_unlock(&smmu->lock);
	if (!found)
		return false;
	*sid = (uint32_t)SMMU_GET(qw[0], 31, 0);
	*request = (struct iommu_page_request){
		.pasid = qw[0] >> 63 ? (ioasid_t)SMMU_GET(qw[0], 51, 32)
				     : IOMMU_NO_PASID,
		.grpid = (uint32_t)SMMU_GET(qw[1], 8, 0),
		.perm = (qw[0] & SMMU_BITS(60, 60) ? IOMMU_PAGE_READ : 0) |
			(qw[0] & SMMU_BITS(61, 61) ? IOMMU_PAGE_WRITE : 0) |
			(qw[0] & SMMU_BITS(59, 59) ? IOMMU_PAGE_EXEC : 0) |
			(qw[0] & SMMU_BITS(58, 58) ? IOMMU_PAGE_PRIV : 0),
		.last = qw[0] & SMMU_BITS(62, 62),
		.addr = (dma_addr_t)(qw[1] & ~0xfffULL),
	};
	return true;
}
