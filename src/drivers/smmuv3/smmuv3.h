/* SPDX-License-Identifier: MIT */
/**
 * DOC: SMMUv3 driver, between its files
 *
 * smmuv3.c	probe, start and stop
 * command.c	commands, and waiting for them
 * stream.c	stream table entries and context descriptors
 * domain.c	domains; domain_template.h is what each format has of its own
 * event.c	events and page requests
 *
 * One lock, &smmuv3.lock, covers the command queue and all entries and lists. It is
 * inside the locks of the core and of page tables.
 */
#ifndef DRIVERS_SMMUV3_SMMUV3_H
#define DRIVERS_SMMUV3_SMMUV3_H

#include <uiommu/drivers/smmuv3.h>

#include "drivers/entry.h"
#include "drivers/queue.h"
#include "drivers/smmuv3/regs.h"
#include "drivers/users.h"

static inline struct hw_mem smmu_mem(struct smmuv3 *smmu)
{
	return (struct hw_mem){
		.hw = smmu->hw,
		.runtime = smmu->runtime,
		.coherent = smmu->caps.coherent_walk,
		.journal = &smmu->journal,
	};
}

static inline struct smmuv3 *smmu_of(const struct smmuv3_target *target)
{
	return target->hw.owner;
}

static inline struct smmuv3_target *to_smmu_target(struct iommu_hw_target *hw)
{
	return (struct smmuv3_target *)((char *)hw -
					offsetof(struct smmuv3_target, hw));
}

static inline struct smmuv3_dev *to_smmu_dev(struct iommu_dev *dev)
{
	return (struct smmuv3_dev *)((char *)dev -
				     offsetof(struct smmuv3_dev, dev));
}

#define SMMU_QUEUE_LG2 \
	12 /* log2 of the bytes of each queue, and of its entries: */
#define SMMU_CMDQ_LG2 8
#define SMMU_EVTQ_LG2 7
#define SMMU_PRIQ_LG2 8
#define SMMU_SPLIT    8 /* log2 of the entries of a second-level stream table */

/**
 * smmu_submit() - hw_submit(); locked
 */
int smmu_submit(struct smmuv3 *smmu, const struct hw_cmd *cmd,
		unsigned int count);

/** smmu_queue_ops - of the command queue. */
extern const struct iommu_hw_queue_ops smmu_queue_ops;

/** smmu_flush_all() - forget everything. Locked; errors as smmu_submit(). */
int smmu_flush_all(struct smmuv3 *smmu);

/**
 * smmu_flush_range() - forget translations of @target in [@iova, @last]
 * @granule_lg2: of its tables
 * @leaf_only: no table entry has changed
 *
 * With the device IOTLBs of its users. Takes the lock.
 */
void smmu_flush_range(struct smmuv3_target *target, unsigned int granule_lg2,
		      uint64_t iova, uint64_t last, bool leaf_only);

/** smmu_flush_target() - forget all of @target. Takes the lock. */
void smmu_flush_target(struct smmuv3_target *target);

/** smmu_flush_tag() - the same, without the devices. Locked. */
int smmu_flush_tag(const struct smmuv3_target *target);

/** smmu_flush_device() - a device's own cache, for one PASID. Locked. */
int smmu_flush_device(const struct smmuv3_dev *sdev, ioasid_t pasid);

#define SMMU_QWORDS 8

/**
 * struct smmu_entry - what a domain wants
 * @cd: SMMUV3_STAGE1: its context descriptor
 * @ste: SMMUV3_STAGE2, SMMUV3_NESTED: the entry, but what the device adds
 */
struct smmu_entry {
	const uint64_t *cd;
	uint64_t ste[SMMU_QWORDS];
};

/**
 * smmu_stream_write() - translate @pasid of @sdev by @target
 *
 * Takes the lock. Nothing changes on failure but that the SMMU may be broken.
 *
 * Return: 0; -EBUSY: the device cannot have both, stage 2 for its requests without
 * a PASID and PASIDs of its own; -ENOMEM; -EIO, -ETIMEDOUT.
 */
int smmu_stream_write(struct smmuv3_dev *sdev, ioasid_t pasid,
		      struct smmuv3_target *target,
		      const struct smmu_entry *entry);

/** smmu_stream_init() - a stream table entry for @sdev; as smmuv3_dev_init(). */
int smmu_stream_init(struct smmuv3_dev *sdev);

/** smmu_stream_fini() - the inverse. */
void smmu_stream_fini(struct smmuv3_dev *sdev);

/** smmu_domains_init() - the static domains and the ops. */
void smmu_domains_init(struct smmuv3 *smmu);

#endif
