/* SPDX-License-Identifier: MIT */
/*
 * An IOMMU without an operating system: what a kernel, a firmware or a hypervisor
 * writes to put a device behind Intel's. It uses no libc; `make hw` runs it against
 * an emulated machine. The other drivers differ in their prefix.
 */
#include "bare_driver.h"

/* ---- Registers, where they are simply mapped ------------------------------ */

static volatile uint8_t *reg_of(struct iommu_hw *hw, uint32_t reg)
{
	return ((struct mmio_iommu *)hw)->regs + reg;
}

static uint32_t mmio_read32(struct iommu_hw *hw, uint32_t reg)
{
	return *(volatile uint32_t *)reg_of(hw, reg);
}

static uint64_t mmio_read64(struct iommu_hw *hw, uint32_t reg)
{
	return *(volatile uint64_t *)reg_of(hw, reg);
}

/* Everything that was stored before comes before. */
static void mmio_write32(struct iommu_hw *hw, uint32_t reg, uint32_t value)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*(volatile uint32_t *)reg_of(hw, reg) = value;
}

static void mmio_write64(struct iommu_hw *hw, uint32_t reg, uint64_t value)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*(volatile uint64_t *)reg_of(hw, reg) = value;
}

void mmio_iommu_init(struct mmio_iommu *mmio, volatile void *regs,
		     const struct pt_runtime *runtime)
{
	static const struct iommu_hw_ops ops = {
		.read32 = mmio_read32,
		.read64 = mmio_read64,
		.write32 = mmio_write32,
		.write64 = mmio_write64,
	};

	mmio->hw.ops = &ops;
	mmio->hw.runtime = runtime;
	mmio->regs = regs;
}

/* ---- One device -------------------------------------------------------------- */

/* The device comes out of this blocked, and attached to nothing. */
static int start_device(struct bare_driver *bare, uint16_t rid)
{
	int rc;

	bare->dev = (struct vtd_dev){ .ats_depth = 0 };
	rc = vtd_dev_init(&bare->dev, &bare->iommu, rid, 0);
	if (rc)
		return rc;
	iommu_group_init(&bare->group);
	rc = iommu_dev_add(&bare->dev.dev, &bare->group);
	if (rc)
		goto err_dev;
	rc = iommu_group_claim(&bare->group, bare);
	if (rc)
		goto err_remove;
	return 0;

err_remove:
	iommu_dev_remove(&bare->dev.dev);
err_dev:
	vtd_dev_fini(&bare->dev);
	return rc;
}

static void stop_device(struct bare_driver *bare)
{
	iommu_group_release(&bare->group);
	iommu_dev_remove(&bare->dev.dev);
	vtd_dev_fini(&bare->dev);
}

int bare_driver_start(struct bare_driver *bare, struct iommu_hw *hw,
		      uint16_t rid)
{
	const struct vtd_config config = { .scalable = false };
	int rc;

	/* From here on every device is blocked. */
	rc = vtd_init(&bare->iommu, hw, &config);
	if (rc)
		return rc;
	rc = start_device(bare, rid);
	if (rc)
		goto err_iommu;
	rc = iommu_domain_alloc_paging(&bare->dev.dev, 0, &bare->domain);
	if (rc)
		goto err_device;
	rc = iommu_attach(&bare->group, bare->domain);
	if (rc)
		goto err_domain;
	/* iommu_map(bare->domain, ...): what the device may reach, and where */
	return 0;

err_domain:
	iommu_domain_free(bare->domain);
err_device:
	stop_device(bare);
err_iommu:
	vtd_fini(&bare->iommu);
	return rc;
}

void bare_driver_stop(struct bare_driver *bare)
{
	iommu_detach(&bare->group);
	iommu_domain_free(bare->domain);
	stop_device(bare);
	vtd_fini(&bare->iommu);
}

unsigned int bare_driver_faults(struct bare_driver *bare)
{
	struct iommu_hw_fault fault;
	unsigned int n = 0;
	bool lost;

	while (vtd_next_fault(&bare->iommu, &fault, &lost))
		n++;
	return n;
}
