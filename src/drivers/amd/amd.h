/* SPDX-License-Identifier: MIT */
/**
 * DOC: AMD-Vi driver, between its files
 *
 * amd.c	probe, start and stop
 * command.c	commands, and waiting for them
 * entry.c	device table and GCR3 table entries
 * domain.c	domains
 * event.c	events and page requests
 *
 * One lock, &amd_iommu.lock, covers the command buffer and all entries and lists.
 * It is inside the locks of the core and of page tables.
 */
#ifndef DRIVERS_AMD_AMD_H
#define DRIVERS_AMD_AMD_H

#include <uiommu/drivers/amd.h>

#include "drivers/amd/regs.h"
#include "drivers/queue.h"
#include "drivers/users.h"

static inline struct hw_mem amd_mem(struct amd_iommu *iommu)
{
	return (struct hw_mem){
		.hw = iommu->hw,
		.runtime = iommu->runtime,
		.coherent = iommu->caps.coherent_walk,
		.journal = &iommu->journal,
	};
}

static inline struct amd_iommu *amd_of(const struct amd_target *target)
{
	return target->hw.owner;
}

static inline struct amd_target *to_amd_target(struct iommu_hw_target *hw)
{
	return (struct amd_target *)((char *)hw -
				     offsetof(struct amd_target, hw));
}

static inline struct amd_dev *to_amd_dev(struct iommu_dev *dev)
{
	return (struct amd_dev *)((char *)dev - offsetof(struct amd_dev, dev));
}

/**
 * amd_submit() - hw_submit(); locked
 */
int amd_submit(struct amd_iommu *iommu, const struct hw_cmd *cmd,
	       unsigned int count);

/** amd_queue_ops - of the command buffer. */
extern const struct iommu_hw_queue_ops amd_queue_ops;

/** amd_flush_all() - forget everything. Locked; errors as amd_submit(). */
int amd_flush_all(struct amd_iommu *iommu);

/**
 * amd_flush_range() - forget translations of @target in [@iova, @last]
 * @leaf_only: no table entry has changed
 *
 * With the device IOTLBs of its users. Takes the lock.
 */
void amd_flush_range(struct amd_target *target, uint64_t iova, uint64_t last,
		     bool leaf_only);

/** amd_flush_guest() - the same of one PASID of a guest's own. */
void amd_flush_guest(struct amd_target *target, ioasid_t pasid, uint64_t iova,
		     uint64_t last, bool leaf_only);

/** amd_flush_target() - forget all of @target. Takes the lock. */
void amd_flush_target(struct amd_target *target);

/**
 * amd_forget() - the device table entry of @adev, or its GCR3 entry of @pasid, no
 * longer says @old
 *
 * Locked; errors as amd_submit().
 */
int amd_forget(struct amd_dev *adev, ioasid_t pasid,
	       const struct amd_target *old);

/**
 * struct amd_entry - what a domain wants of a device table entry
 * @host: quadword 0 but V, TV, IR, IW and HAD: mode, root; 0 = untranslated
 * @guest: AMD_GUEST: the GCR3 table's entry
 * @gcr3: AMD_NESTED: guest's GCR3 table
 * @glx: the same: its levels
 * @giov: the same
 * @five: guest tables have five levels
 */
struct amd_entry {
	uint64_t host;
	uint64_t guest;
	uint64_t gcr3;
	unsigned int glx;
	bool giov;
	bool five;
};

/**
 * amd_entry_write() - translate @pasid of @adev by @target
 *
 * Takes the lock. Nothing changes on failure but that the IOMMU may be broken.
 *
 * Return: 0; -EBUSY: the device cannot have both, a host table for its requests
 * without a PASID and PASIDs of its own; -ENOMEM; -ETIMEDOUT.
 */
int amd_entry_write(struct amd_dev *adev, ioasid_t pasid,
		    struct amd_target *target, const struct amd_entry *entry);

/** amd_entry_root() - @target's host table has a new root. Takes the lock. */
void amd_entry_root(struct amd_target *target, const struct amd_entry *entry);

/**
 * amd_entry_track() - have @target's host table track what is written, or not
 *
 * Takes the lock. Return: 0; -EIO, -ETIMEDOUT: nothing has changed.
 */
int amd_entry_track(struct amd_target *target, bool on);

/** amd_entry_block() - the entry of a device that nobody has attached. */
int amd_entry_block(struct amd_dev *adev);

/** amd_gcr3_free() - the tables of @adev that translate PASIDs. */
void amd_gcr3_free(struct amd_dev *adev);

/** amd_domains_init() - the static domains and the ops. */
void amd_domains_init(struct amd_iommu *iommu);

#endif
