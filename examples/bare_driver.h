/* SPDX-License-Identifier: MIT */
#ifndef BARE_DRIVER_H
#define BARE_DRIVER_H

#include <uiommu/drivers/vtd.h>

/** struct bare_driver - an IOMMU, one device behind it, and what that may reach. */
struct bare_driver {
	struct vtd_iommu iommu;
	struct iommu_group group;
	struct vtd_dev dev;
	struct iommu_domain *domain;
};

/** bare_driver_start() - let device @rid do DMA through a page table; 0 or -errno. */
int bare_driver_start(struct bare_driver *bare, struct iommu_hw *hw,
		      uint16_t rid);

/** bare_driver_stop() - DMA of the device is as it was before. */
void bare_driver_stop(struct bare_driver *bare);

/** bare_driver_faults() - for the interrupt handler: how many there were. */
unsigned int bare_driver_faults(struct bare_driver *bare);

/** struct mmio_iommu - an IOMMU whose registers are mapped at @regs. */
struct mmio_iommu {
	struct iommu_hw hw;
	volatile uint8_t *regs;
};

/** mmio_iommu_init() - reach it by plain loads and stores. */
void mmio_iommu_init(struct mmio_iommu *mmio, volatile void *regs,
		     const struct pt_runtime *runtime);

#endif
