/* SPDX-License-Identifier: MIT */
/**
 * DOC: RISC-V IOMMU driver, between its files
 *
 * riscv.c	probe, start and stop
 * command.c	commands, and waiting for them
 * context.c	device and process contexts
 * domain.c	domains
 * fault.c	fault records and page requests
 *
 * One lock, &riscv_iommu.lock, covers the command queue and all contexts and lists.
 * It is inside the locks of the core and of page tables.
 */
#ifndef DRIVERS_RISCV_RISCV_H
#define DRIVERS_RISCV_RISCV_H

#include <uiommu/drivers/riscv.h>

#include "drivers/entry.h"
#include "drivers/queue.h"
#include "drivers/riscv/regs.h"
#include "drivers/users.h"

#define RV_QUEUE_LG2 \
	12 /* log2 of the bytes of each queue, and of its entries: */
#define RV_CQ_LG2 8
#define RV_FQ_LG2 7
#define RV_PQ_LG2 8

static inline struct hw_mem rv_mem(struct riscv_iommu *iommu)
{
	return (struct hw_mem){
		.hw = iommu->hw,
		.runtime = iommu->runtime,
		.coherent = iommu->caps.coherent_walk,
		.journal = &iommu->journal,
	};
}

static inline struct riscv_iommu *rv_of(const struct riscv_iommu_target *target)
{
	return target->hw.owner;
}

static inline struct riscv_iommu_target *
to_rv_target(struct iommu_hw_target *hw)
{
	return (struct riscv_iommu_target *)((char *)hw -
					     offsetof(struct riscv_iommu_target,
						      hw));
}

static inline struct riscv_iommu_dev *to_rv_dev(struct iommu_dev *dev)
{
	return (struct riscv_iommu_dev *)((char *)dev -
					  offsetof(struct riscv_iommu_dev,
						   dev));
}

/**
 * rv_submit() - hw_submit(); locked
 */
int rv_submit(struct riscv_iommu *iommu, const struct hw_cmd *cmd,
	      unsigned int count);

/** rv_queue_ops - of the command queue. */
extern const struct iommu_hw_queue_ops rv_queue_ops;

/** rv_flush_all() - forget everything. Locked; errors as rv_submit(). */
int rv_flush_all(struct riscv_iommu *iommu);

/**
 * rv_flush_range() - forget translations of @target in [@iova, @last]
 * @leaf_only: no table entry has changed
 *
 * With the device IOTLBs of its users. Takes the lock.
 */
void rv_flush_range(struct riscv_iommu_target *target, uint64_t iova,
		    uint64_t last, bool leaf_only);

/** rv_flush_target() - forget all of @target. Takes the lock. */
void rv_flush_target(struct riscv_iommu_target *target);

/** rv_flush_tag() - the same, without the devices. Locked. */
int rv_flush_tag(const struct riscv_iommu_target *target);

/** rv_flush_device() - a device's own cache, for one PASID. Locked. */
int rv_flush_device(const struct riscv_iommu_dev *rdev, ioasid_t pasid);

/**
 * struct rv_entry - what a domain wants of a context
 * @iohgatp: second stage; 0 = bare
 * @ta: its PSCID, in place
 * @fsc: first stage; 0 = bare
 */
struct rv_entry {
	uint64_t iohgatp;
	uint64_t ta;
	uint64_t fsc;
};

/**
 * rv_context_write() - translate @pasid of @rdev by @target
 *
 * Takes the lock. Nothing changes on failure but that the IOMMU may be broken.
 *
 * Return: 0; -EBUSY: the device cannot have both, a second stage for its requests
 * without a PASID and PASIDs of its own; -ENOMEM; -EIO, -ETIMEDOUT.
 */
int rv_context_write(struct riscv_iommu_dev *rdev, ioasid_t pasid,
		     struct riscv_iommu_target *target,
		     const struct rv_entry *entry);

/** rv_context_init() - a device context for @rdev; as riscv_iommu_dev_init(). */
int rv_context_init(struct riscv_iommu_dev *rdev);

/** rv_context_fini() - the inverse. */
void rv_context_fini(struct riscv_iommu_dev *rdev);

/** rv_directory_free() - the device directory with all below it. */
void rv_directory_free(struct riscv_iommu *iommu);

/** rv_index_bits() - width of a device directory's index at @level, 0 the lowest. */
unsigned int rv_index_bits(const struct riscv_iommu *iommu, unsigned int level);

/** rv_domains_init() - the static domains and the ops. */
void rv_domains_init(struct riscv_iommu *iommu);

#endif
