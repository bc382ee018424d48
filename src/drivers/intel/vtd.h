/* SPDX-License-Identifier: MIT */
/**
 * DOC: VT-d driver, between its files
 *
 * vtd.c	probe, start and stop
 * queue.c	descriptors, and waiting for them
 * entry.c	context and PASID table entries: what a (device, PASID) is
 *		translated by
 * domain.c	domains
 * fault.c	fault records and page requests
 *
 * One lock, &vtd_iommu.lock, covers the queue and all entries and lists. It is
 * inside the locks of the core and of page tables.
 */
#ifndef DRIVERS_INTEL_VTD_H
#define DRIVERS_INTEL_VTD_H

#include <uiommu/drivers/vtd.h>

#include "drivers/intel/regs.h"
#include "drivers/queue.h"
#include "drivers/users.h"

static inline struct hw_mem vtd_mem(struct vtd_iommu *iommu)
{
	return (struct hw_mem){
		.hw = iommu->hw,
		.runtime = iommu->runtime,
		.coherent = iommu->caps.coherent_walk,
		.journal = &iommu->journal,
	};
}

static inline struct vtd_iommu *vtd_of(const struct vtd_target *target)
{
	return target->hw.owner;
}

static inline struct vtd_target *to_vtd_target(struct iommu_hw_target *hw)
{
	return (struct vtd_target *)((char *)hw -
				     offsetof(struct vtd_target, hw));
}

static inline struct vtd_dev *to_vtd_dev(struct iommu_dev *dev)
{
	return (struct vtd_dev *)((char *)dev - offsetof(struct vtd_dev, dev));
}

/**
 * vtd_submit() - hw_submit(); locked
 */
int vtd_submit(struct vtd_iommu *iommu, const struct hw_cmd *desc,
	       unsigned int count);

/** vtd_queue_ops - of the invalidation queue. */
extern const struct iommu_hw_queue_ops vtd_queue_ops;

/** vtd_flush_global() - forget everything. Locked; errors as vtd_submit(). */
int vtd_flush_global(struct vtd_iommu *iommu);

/**
 * vtd_flush_range() - forget translations of @target in [@iova, @last]
 * @leaf_only: no table entry has changed
 *
 * With the device IOTLBs of its users. Takes the lock.
 */
void vtd_flush_range(struct vtd_target *target, uint64_t iova, uint64_t last,
		     bool leaf_only);

/** vtd_drain_bits() - 6.5.2.3: an IOTLB descriptor waits for DMA under way. */
uint64_t vtd_drain_bits(const struct vtd_iommu *iommu);

/** vtd_flush_target() - forget all translations of @target. Takes the lock. */
void vtd_flush_target(struct vtd_target *target);

/** vtd_write_buffer() - 11.4.4, WBF: where the hardware needs it. */
void vtd_write_buffer(struct vtd_iommu *iommu);

/** vtd_command() - set bits of GCMD, and wait for GSTS; 0 or -ETIMEDOUT. */
int vtd_command(struct vtd_iommu *iommu, uint32_t bit, bool set);

/**
 * struct vtd_entry - a context or PASID table entry in the making
 * @qw: the first quadwords; the others are zero
 */
struct vtd_entry {
	uint64_t qw[3];
};

/**
 * vtd_entry_write() - translate @user by @target
 * @entry: what it is, from the domain's hw_info; VTD_BLOCKED ignores it
 *
 * Takes the lock. Nothing changes on failure but that the IOMMU may be broken.
 *
 * Return: 0; -ENOMEM: no PASID table; -EIO, -ETIMEDOUT.
 */
int vtd_entry_write(struct vtd_dev *vdev, ioasid_t pasid,
		    struct vtd_target *target, const struct vtd_entry *entry);

/**
 * vtd_entry_update() - change these of @target, with all who use it
 *
 * Scalable mode. Takes the lock. Return: 0; -EIO, -ETIMEDOUT: nothing has changed.
 */
int vtd_entry_update(struct vtd_target *target, bool tracking, bool snoop);

/** vtd_entry_init() - context entries for @vdev; errors as vtd_dev_init(). */
int vtd_entry_init(struct vtd_dev *vdev);

/** vtd_entry_fini() - the inverse. */
void vtd_entry_fini(struct vtd_dev *vdev);

/** vtd_domains_init() - the static domains and the ops. */
void vtd_domains_init(struct vtd_iommu *iommu);

#endif
