/* SPDX-License-Identifier: MIT */
/*
 * Probe, start and stop: RISC-V IOMMU 1.0, chapter 5 "Memory-mapped register
 * interface" and 6.1 "Initialization".
 */
#include "drivers/riscv/riscv.h"

#define VERSION     0x10
#define TABLE_LG2   12
#define STATUS_LG2  6
#define DEVICE_BITS 16
#define NR_PSCIDS   (1U << 20)
#define NR_GSCIDS   (1U << 16)

/* ---- What there is --------------------------------------------------------- */

int riscv_iommu_probe(struct iommu_hw *hw, struct iommu_hw_caps *caps)
{
	uint64_t c = hw->ops->read64(hw, RV_CAPS);

	*caps = (struct iommu_hw_caps){ .oa_bits = (uint8_t)RV_CAP_PAS(c) };
	if (RV_CAP_VERSION(c) != VERSION)
		return -ENODEV;
	caps->stage1_levels = (c & RV_CAP_SV39 ? 1 << 3 : 0) |
			      (c & RV_CAP_SV48 ? 1 << 4 : 0) |
			      (c & RV_CAP_SV57 ? 1 << 5 : 0);
	caps->stage2_levels = (c & RV_CAP_SV39X4 ? 1 << 3 : 0) |
			      (c & RV_CAP_SV48X4 ? 1 << 4 : 0) |
			      (c & RV_CAP_SV57X4 ? 1 << 5 : 0);
	caps->stage1_bits = c & RV_CAP_SV57   ? 57
			    : c & RV_CAP_SV48 ? 48
			    : c & RV_CAP_SV39 ? 39
					      : 0;
	caps->stage2_bits = c & RV_CAP_SV57X4   ? 59
			    : c & RV_CAP_SV48X4 ? 50
			    : c & RV_CAP_SV39X4 ? 41
						: 0;
	if (caps->stage1_bits)
		caps->pasid_bits = c & RV_CAP_PD20   ? 20
				   : c & RV_CAP_PD17 ? 17
				   : c & RV_CAP_PD8  ? 8
						     : 0;
	caps->page_sizes = 1ULL << 12 | 1ULL << 21 | 1ULL << 30 | 1ULL << 39;
	caps->granules = 1ULL << 12;
	caps->nesting = caps->stage1_bits && caps->stage2_bits;
	caps->dirty = c & RV_CAP_HWAD;
	caps->coherent_walk = true;
	caps->ats = c & RV_CAP_ATS;
	caps->pri = c & RV_CAP_ATS;
	return 0;
}

/* ---- Registers ---------------------------------------------------------------- */

static int set_ddtp(struct riscv_iommu *iommu, uint64_t mode)
{
	struct hw_mem mem = rv_mem(iommu);
	struct iommu_hw *hw = iommu->hw;
	uint64_t ddtp = mode;
	unsigned int spins;

	if (iommu->directory)
		ddtp |= RV_PPN(hw_pa(&mem, iommu->directory));
	hw->ops->write64(hw, RV_DDTP, ddtp);
	for (spins = 0; hw->ops->read64(hw, RV_DDTP) & RV_DDTP_BUSY; spins++)
		if (!hw_relax(hw, spins))
			return -ETIMEDOUT;
	return 0;
}

/* 5.15: it is on when it says so; errors of before are cleared by writing them. */
static int set_queue(struct riscv_iommu *iommu, uint32_t base, uint32_t csr,
		     const uint64_t *queue, unsigned int lg2)
{
	struct hw_mem mem = rv_mem(iommu);
	struct iommu_hw *hw = iommu->hw;

	hw->ops->write64(hw, base, RV_PPN(hw_pa(&mem, queue)) | (lg2 - 1));
	/* Software owns one of both, the tail of commands, the head of the rest. */
	hw->ops->write32(hw, base == RV_CQB ? RV_CQT : base + 8, 0);
	hw->ops->write32(hw, csr,
			 RV_QUEUE_EN | RV_QUEUE_MF | RV_CQ_TIMEOUT |
				 RV_CQ_ILLEGAL);
	return hw_wait32(hw, csr, RV_QUEUE_ON | RV_QUEUE_BUSY, RV_QUEUE_ON);
}

static int stop_queue(struct riscv_iommu *iommu, uint32_t csr)
{
	iommu->hw->ops->write32(iommu->hw, csr, 0);
	return hw_wait32(iommu->hw, csr, RV_QUEUE_ON | RV_QUEUE_BUSY, 0);
}

/* ---- Starting and stopping -------------------------------------------------------- */

static int stop(struct riscv_iommu *iommu)
{
	int rc = set_ddtp(iommu, RV_DDTP_OFF);

	if (!rc)
		rc = stop_queue(iommu, RV_CQCSR);
	if (!rc)
		rc = stop_queue(iommu, RV_FQCSR);
	if (!rc && iommu->caps.pri)
		rc = stop_queue(iommu, RV_PQCSR);
	return rc;
}

static int pick_levels(struct riscv_iommu *iommu, unsigned int wanted)
{
	unsigned int bits = rv_index_bits(iommu, 0);

	if (wanted > 24)
		return -EINVAL;
	iommu->device_bits = wanted ? wanted : DEVICE_BITS;
	for (iommu->levels = 1; bits < iommu->device_bits; bits += 9)
		iommu->levels++;
	return 0;
}

static int alloc_tables(struct riscv_iommu *iommu)
{
	struct hw_mem mem = rv_mem(iommu);
	int rc;

	iommu->directory = hw_alloc(&mem, TABLE_LG2);
	iommu->faults = hw_alloc(&mem, RV_QUEUE_LG2);
	iommu->status = hw_alloc(&mem, STATUS_LG2);
	if (iommu->caps.pri)
		iommu->requests = hw_alloc(&mem, RV_QUEUE_LG2);
	if (!iommu->directory || !iommu->faults || !iommu->status ||
	    (iommu->caps.pri && !iommu->requests) ||
	    hw_queue_init(&mem, &iommu->queue, &rv_queue_ops, 4))
		return -ENOMEM;
	rc = hw_ids_init(&mem, &iommu->pscids, NR_PSCIDS);
	return rc ? rc : hw_ids_init(&mem, &iommu->gscids, NR_GSCIDS);
}

static void free_tables(struct riscv_iommu *iommu)
{
	struct hw_mem mem = rv_mem(iommu);

	rv_directory_free(iommu);
	hw_queue_fini(&mem, &iommu->queue);
	hw_free(&mem, iommu->faults, RV_QUEUE_LG2);
	hw_free(&mem, iommu->requests, RV_QUEUE_LG2);
	hw_free(&mem, iommu->status, STATUS_LG2);
	hw_ids_fini(&mem, &iommu->pscids);
	hw_ids_fini(&mem, &iommu->gscids);
	iommu->faults = iommu->requests = NULL;
	iommu->status = NULL;
}

/* An empty directory blocks everything; only then is it put in force. */
static int start(struct riscv_iommu *iommu)
{
	int rc;

	rc = set_queue(iommu, RV_CQB, RV_CQCSR, iommu->queue.ring, RV_CQ_LG2);
	if (!rc)
		rc = set_queue(iommu, RV_FQB, RV_FQCSR, iommu->faults,
			       RV_FQ_LG2);
	if (!rc && iommu->requests)
		rc = set_queue(iommu, RV_PQB, RV_PQCSR, iommu->requests,
			       RV_PQ_LG2);
	if (!rc)
		rc = set_ddtp(iommu, iommu->levels + 1);
	return rc ? rc : rv_flush_all(iommu);
}

int riscv_iommu_init(struct riscv_iommu *iommu, struct iommu_hw *hw,
		     const struct riscv_iommu_config *config)
{
	int rc;

	*iommu = (struct riscv_iommu){
		.hw = hw,
		.runtime = hw->runtime ? hw->runtime : port_default_runtime(),
		.capabilities = hw->ops->read64(hw, RV_CAPS),
	};
	if (!iommu->runtime)
		return -ENOMEM;
	rc = riscv_iommu_probe(hw, &iommu->caps);
	if (!rc)
		rc = pick_levels(iommu, config->device_bits);
	if (rc)
		return rc;
	rc = stop(iommu);
	if (!rc)
		rc = alloc_tables(iommu);
	if (rc)
		goto err_free;
	rv_domains_init(iommu);
	rc = start(iommu);
	if (rc)
		goto err_stop;
	return 0;

err_stop:
	stop(iommu);
err_free:
	free_tables(iommu);
	return rc;
}

void riscv_iommu_fini(struct riscv_iommu *iommu)
{
	stop(iommu);
	free_tables(iommu);
}

int riscv_iommu_dev_init(struct riscv_iommu_dev *rdev,
			 struct riscv_iommu *iommu, uint32_t id,
			 unsigned int pasid_bits)
{
	if (pasid_bits > iommu->caps.pasid_bits)
		return -EOPNOTSUPP;
	if (id >> iommu->device_bits)
		return -ERANGE;
	rdev->dev.ops = &iommu->ops;
	rdev->dev.pasid_bits = pasid_bits;
	rdev->iommu = iommu;
	rdev->id = id;
	return rv_context_init(rdev);
}

void riscv_iommu_dev_fini(struct riscv_iommu_dev *rdev)
{
	rv_context_fini(rdev);
}
