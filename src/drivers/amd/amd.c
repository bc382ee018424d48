/* SPDX-License-Identifier: MIT */
/*
 * Probe, start and stop: publication 48882, 3.4 "IOMMU MMIO Registers".
 */
#include "drivers/amd/amd.h"

#define RING_LG2      12 /* log2 of the bytes of a ring */
#define RING_COUNT    8 /* log2 of its entries, of 16 bytes */
#define STATUS_LG2    6
#define DTE_LG2       5
#define DEVICES       32768U
#define MAX_DEVICES   65536U
#define DEVICE_STEP   128U /* device table entries in 4096 bytes */
#define NR_DOMAIN_IDS 65536U

/* ---- What there is ---------------------------------------------------- */

int amd_probe(struct iommu_hw *hw, const struct amd_config *config,
	      struct iommu_hw_caps *caps)
{
	uint64_t efr = hw->ops->read64(hw, AMD_EFR);
	uint64_t efr2;
	unsigned int most = 4 + AMD_EFR_HATS(efr);

	*caps = (struct iommu_hw_caps){ .oa_bits = 52 };
	/* A read that nobody answers */
	if (efr == UINT64_MAX)
		return -ENODEV;
	efr2 = hw->ops->read64(hw, AMD_EFR2);
	if (most > 6)
		most = 6;
	caps->stage2_levels = (uint8_t)((2U << most) - 4);
	caps->stage2_bits = most == 6 ? 64 : (uint8_t)(12 + 9 * most);
	if ((efr & AMD_EFR_GT) && (efr & AMD_EFR_GIO)) {
		caps->stage1_levels = AMD_EFR_GATS(efr) ? 1 << 4 | 1 << 5
							: 1 << 4;
		caps->stage1_bits = AMD_EFR_GATS(efr) ? 57 : 48;
		caps->pasid_bits = (uint8_t)AMD_EFR_PASID(efr);
		if (caps->pasid_bits > 20)
			caps->pasid_bits = 20;
		caps->nesting = efr2 & AMD_EFR2_GCR3TRP;
	}
	/* Every power of two, but one that hardware gets wrong. */
	caps->page_sizes = AMD_BITS(51, 12) & ~(1ULL << 39);
	caps->granules = 1ULL << 12;
	caps->dirty = (efr & AMD_EFR_HA) && (efr & AMD_EFR_HD);
	caps->coherent_walk = true;
	caps->snoop_control = true;
	caps->ats = config->ats;
	caps->pri = efr & AMD_EFR_PPR;
	caps->caches_not_present = config->caches_not_present;
	return 0;
}

/* ---- Starting and stopping ---------------------------------------------- */

static int wait_status(struct amd_iommu *iommu, uint64_t mask)
{
	struct iommu_hw *hw = iommu->hw;
	unsigned int spins;

	for (spins = 0; hw->ops->read64(hw, AMD_STATUS) & mask; spins++)
		if (!hw_relax(hw, spins))
			return -ETIMEDOUT;
	return 0;
}

/* Whoever was here before may have left it running. */
static int stop(struct amd_iommu *iommu)
{
	struct iommu_hw *hw = iommu->hw;
	uint64_t control = hw->ops->read64(hw, AMD_CONTROL);

	control &= ~(AMD_IOMMU_EN | AMD_EVENT_EN | AMD_CMD_EN | AMD_PPRLOG_EN |
		     AMD_PPR_EN | AMD_GT_EN | AMD_GCR3TRP);
	hw->ops->write64(hw, AMD_CONTROL, control);
	return wait_status(iommu, AMD_EVENT_RUN | AMD_CMD_RUN | AMD_PPR_RUN);
}

static unsigned int table_lg2(unsigned int devices)
{
	unsigned int lg2 = 12;

	while (1U << lg2 < devices << DTE_LG2)
		lg2++;
	return lg2;
}

/* An entry of zeroes lets everything pass: V alone blocks. */
static void block_all(struct amd_iommu *iommu)
{
	struct hw_mem mem = amd_mem(iommu);
	size_t i;

	for (i = 0; i < iommu->devices; i++)
		iommu->table[i * AMD_DTE_QWORDS] = AMD_DTE_V;
	hw_flush(&mem, iommu->table, (size_t)iommu->devices << DTE_LG2);
}

static int alloc_tables(struct amd_iommu *iommu,
			const struct amd_config *config)
{
	struct hw_mem mem = amd_mem(iommu);

	iommu->table = config->device_table;
	if (!iommu->table) {
		iommu->table_lg2 = table_lg2(iommu->devices);
		iommu->table = hw_alloc(&mem, iommu->table_lg2);
	}
	iommu->events = hw_alloc(&mem, RING_LG2);
	iommu->status = hw_alloc(&mem, STATUS_LG2);
	if (iommu->caps.pri)
		iommu->requests = hw_alloc(&mem, RING_LG2);
	if (!iommu->table || !iommu->events || !iommu->status ||
	    (iommu->caps.pri && !iommu->requests) ||
	    hw_queue_init(&mem, &iommu->queue, &amd_queue_ops, 4))
		return -ENOMEM;
	block_all(iommu);
	return hw_ids_init(&mem, &iommu->ids, NR_DOMAIN_IDS);
}

static void free_tables(struct amd_iommu *iommu)
{
	struct hw_mem mem = amd_mem(iommu);

	if (iommu->table_lg2)
		hw_free(&mem, iommu->table, iommu->table_lg2);
	hw_queue_fini(&mem, &iommu->queue);
	hw_free(&mem, iommu->events, RING_LG2);
	hw_free(&mem, iommu->status, STATUS_LG2);
	hw_free(&mem, iommu->requests, RING_LG2);
	hw_ids_fini(&mem, &iommu->ids);
	iommu->table = iommu->events = NULL;
	iommu->status = iommu->requests = NULL;
}

static void set_ring(struct amd_iommu *iommu, uint32_t base, uint32_t head,
		     const uint64_t *ring)
{
	struct hw_mem mem = amd_mem(iommu);
	struct iommu_hw *hw = iommu->hw;

	hw->ops->write64(hw, base,
			 hw_pa(&mem, ring) | AMD_RING_LEN(RING_COUNT));
	hw->ops->write64(hw, head, 0);
	hw->ops->write64(hw, head + 8, 0);
}

static int start(struct amd_iommu *iommu)
{
	struct hw_mem mem = amd_mem(iommu);
	struct iommu_hw *hw = iommu->hw;
	uint64_t control = hw->ops->read64(hw, AMD_CONTROL);
	int rc;

	hw->ops->write64(hw, AMD_DEVICE_TABLE,
			 hw_pa(&mem, iommu->table) |
				 (iommu->devices / DEVICE_STEP - 1));
	set_ring(iommu, AMD_COMMAND_BASE, AMD_COMMAND_HEAD, iommu->queue.ring);
	set_ring(iommu, AMD_EVENT_BASE, AMD_EVENT_HEAD, iommu->events);
	control |= AMD_CMD_EN | AMD_EVENT_EN | AMD_COHERENT;
	if (iommu->requests) {
		set_ring(iommu, AMD_PPR_BASE, AMD_PPR_HEAD, iommu->requests);
		control |= AMD_PPRLOG_EN | AMD_PPR_EN;
	}
	if (iommu->caps.stage1_levels)
		control |= AMD_GT_EN;
	if (iommu->caps.nesting)
		control |= AMD_GCR3TRP;
	hw->ops->write64(hw, AMD_CONTROL, control);
	hw->ops->write64(hw, AMD_CONTROL, control | AMD_IOMMU_EN);
	port_lock(&iommu->lock);
	rc = amd_flush_all(iommu);
	port_unlock(&iommu->lock);
	return rc;
}

int amd_init(struct amd_iommu *iommu, struct iommu_hw *hw,
	     const struct amd_config *config)
{
	int rc;

	*iommu = (struct amd_iommu){
		.hw = hw,
		.runtime = hw->runtime ? hw->runtime : port_default_runtime(),
		.devices = config->devices ? config->devices : DEVICES,
	};
	if (!iommu->runtime)
		return -ENOMEM;
	if (iommu->devices % DEVICE_STEP || iommu->devices > MAX_DEVICES ||
	    (!config->device_table && iommu->devices > DEVICES))
		return -EINVAL;
	rc = amd_probe(hw, config, &iommu->caps);
	if (rc)
		return rc;
	iommu->efr = hw->ops->read64(hw, AMD_EFR);
	iommu->efr2 = hw->ops->read64(hw, AMD_EFR2);
	rc = stop(iommu);
	if (!rc)
		rc = alloc_tables(iommu, config);
	if (rc)
		goto err_free;
	amd_domains_init(iommu);
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

void amd_fini(struct amd_iommu *iommu)
{
	stop(iommu);
	free_tables(iommu);
}

int amd_dev_init(struct amd_dev *adev, struct amd_iommu *iommu, uint16_t rid,
		 unsigned int pasid_bits)
{
	if (pasid_bits > iommu->caps.pasid_bits)
		return -EOPNOTSUPP;
	if (rid >= iommu->devices)
		return -ERANGE;
	adev->dev.ops = &iommu->ops;
	adev->dev.pasid_bits = pasid_bits;
	adev->iommu = iommu;
	adev->rid = rid;
	return amd_entry_block(adev);
}

void amd_dev_fini(struct amd_dev *adev)
{
	port_lock(&adev->iommu->lock);
	amd_gcr3_free(adev);
	hw_users_fini(&adev->users);
	port_unlock(&adev->iommu->lock);
}
