/* SPDX-License-Identifier: MIT */
/*
 * Fault records and page requests: RISC-V IOMMU 1.0, 3.2 and 3.3.
 */
#include "drivers/riscv/riscv.h"

/* Take the oldest entry of a queue whose head register is @head. */
static bool next_record(struct riscv_iommu *iommu, const uint64_t *queue,
			uint32_t head, unsigned int lg2, unsigned int qwords,
			uint64_t *qw)
{
	struct iommu_hw *hw = iommu->hw;
	uint32_t mask = (1U << lg2) - 1;
	uint32_t at = hw->ops->read32(hw, head) & mask;
	unsigned int i;

	if (at == (hw->ops->read32(hw, head + 4) & mask))
		return false;
	for (i = 0; i < qwords; i++)
		qw[i] = hw_load64(queue + (size_t)at * qwords + i);
	hw->ops->write32(hw, head, (at + 1) & mask);
	return true;
}

/* A full queue drops records, and says so until it is told that we know. */
static bool overflown(struct riscv_iommu *iommu, uint32_t csr)
{
	struct iommu_hw *hw = iommu->hw;

	if (!(hw->ops->read32(hw, csr) & RV_QUEUE_OVERFLOW))
		return false;
	hw->ops->write32(hw, csr, RV_QUEUE_EN | RV_QUEUE_OVERFLOW);
	return true;
}

/* 3.2: page faults do not say whether something is there. */
static enum iommu_hw_reason reason_of(uint32_t cause)
{
	switch (cause) {
	case 12: /* page faults, and those of the second stage */
	case 13:
	case 15:
	case 20:
	case 21:
	case 23:
		return IOMMU_HW_NOT_MAPPED_OR_ALLOWED;
	case 256: /* all blocked; contexts that are not valid */
	case 258:
	case 266:
		return IOMMU_HW_BLOCKED;
	case 1: /* access faults, and loads of contexts */
	case 5:
	case 7:
	case 257:
	case 265:
		return IOMMU_HW_BUS;
	case 259:
	case 260:
	case 267:
		return IOMMU_HW_BAD_CONFIG;
	default:
		return IOMMU_HW_OTHER;
	}
}

/*
 * Faults of an address say in their cause what was wanted; of others the transaction
 * type does (TTYP; translated and untranslated alike).
 */
static unsigned int access_of(uint32_t cause, unsigned int ttyp)
{
	switch (cause) {
	case 1:
	case 12:
	case 20:
		return IOMMU_PAGE_EXEC | IOMMU_PAGE_READ;
	case 5:
	case 13:
	case 21:
		return IOMMU_PAGE_READ;
	case 7:
	case 15:
	case 23:
		return IOMMU_PAGE_WRITE;
	}
	switch (ttyp & 3) {
	case 1:
		return IOMMU_PAGE_EXEC | IOMMU_PAGE_READ;
	case 3:
		return IOMMU_PAGE_WRITE;
	default:
		return IOMMU_PAGE_READ;
	}
}

static void decode_fault(const uint64_t qw[4], struct iommu_hw_fault *fault)
{
	uint32_t cause = (uint32_t)RV_GET(qw[0], 11, 0);

	*fault = (struct iommu_hw_fault){
		.rid = (uint32_t)RV_GET(qw[0], 63, 40),
		.pasid = qw[0] & RV_BITS(32, 32)
				 ? (ioasid_t)RV_GET(qw[0], 31, 12)
				 : IOMMU_NO_PASID,
		.iova = qw[2],
		.access = access_of(cause, (unsigned int)RV_GET(qw[0], 39, 34)),
		.reason = reason_of(cause),
		.stage2 = cause >= 20 && cause <= 23,
		.code = cause,
	};
	if (qw[0] & RV_BITS(33, 33))
		fault->access |= IOMMU_PAGE_PRIV;
	if (fault->stage2)
		fault->gpa = qw[3] & ~3ULL;
}

bool riscv_iommu_next_fault(struct riscv_iommu *iommu,
			    struct iommu_hw_fault *fault, bool *lost)
{
	uint64_t qw[4];
	bool found;

	*lost = false;
	port_lock(&iommu->lock);
	found = next_record(iommu, iommu->faults, RV_FQH, RV_FQ_LG2, 4, qw);
	if (found)
		decode_fault(qw, fault);
	else
		*lost = overflown(iommu, RV_FQCSR);
	port_unlock(&iommu->lock);
	return found;
}

bool riscv_iommu_next_request(struct riscv_iommu *iommu, uint32_t *id,
			      struct iommu_page_request *request, bool *lost)
{
	uint64_t qw[2];
	bool found;

	*lost = false;
	if (!iommu->requests)
		return false;
	port_lock(&iommu->lock);
	found = next_record(iommu, iommu->requests, RV_PQH, RV_PQ_LG2, 2, qw);
	if (!found)
		*lost = overflown(iommu, RV_PQCSR);
	port_unlock(&iommu->lock);
	if (!found)
		return false;
	*id = (uint32_t)RV_GET(qw[0], 63, 40);
	*request = (struct iommu_page_request){
		.pasid = qw[0] & RV_BITS(32, 32)
				 ? (ioasid_t)RV_GET(qw[0], 31, 12)
				 : IOMMU_NO_PASID,
		.grpid = (uint32_t)RV_GET(qw[1], 11, 3),
		.perm = (qw[1] & 1 ? IOMMU_PAGE_READ : 0) |
			(qw[1] & 2 ? IOMMU_PAGE_WRITE : 0) |
			(qw[0] & RV_BITS(34, 34) ? IOMMU_PAGE_EXEC : 0) |
			(qw[0] & RV_BITS(33, 33) ? IOMMU_PAGE_PRIV : 0),
		.last = qw[1] & 4,
		.addr = (dma_addr_t)(qw[1] & ~0xfffULL),
	};
	return true;
}
