/* SPDX-License-Identifier: MIT */
/**
 * DOC: Driver of the RISC-V IOMMU
 *
 * RISC-V IOMMU Architecture Specification, version 1.0. First stage (riscv64) with
 * PASIDs (process ids), second stage (riscv64_x4), nesting. See <uiommu/driver.h>.
 */
#ifndef UIOMMU_DRIVERS_RISCV_H
#define UIOMMU_DRIVERS_RISCV_H

#include <uiommu/driver.h>
#include <uiommu/pt/iommu.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct riscv_iommu_config - how to start it
 * @device_bits: width of the device ids that there are, at most 24; 0 = 16. Requests
 *	of others are blocked
 */
struct riscv_iommu_config {
	unsigned int device_bits;
};

/** enum riscv_iommu_stage - what translates. */
enum riscv_iommu_stage {
	RISCV_IOMMU_BLOCKED,
	RISCV_IOMMU_BARE,
	RISCV_IOMMU_FIRST, /* riscv64 */
	RISCV_IOMMU_SECOND, /* riscv64_x4 */
	RISCV_IOMMU_NESTED,
};

/**
 * struct riscv_iommu_target - what a device context says; internal
 * @hw: its id is the PSCID of a first stage, the GSCID of a second
 * @stage: what translates
 */
struct riscv_iommu_target {
	struct iommu_hw_target hw;
	enum riscv_iommu_stage stage;
};

/** struct riscv_iommu_static - the domains that block and pass; internal. */
struct riscv_iommu_static {
	struct iommu_domain domain;
	struct riscv_iommu_target target;
};

/**
 * struct riscv_iommu_domain - a PAGING domain
 * @first: RISCV_IOMMU_FIRST
 * @second: RISCV_IOMMU_SECOND
 * @target: how it is programmed
 */
struct riscv_iommu_domain {
	union {
		struct iommu_domain domain;
		struct pt_iommu_riscv64 first;
		struct pt_iommu_riscv64_x4 second;
	};
	struct riscv_iommu_target target;
};
PT_IOMMU_CHECK_DOMAIN(struct riscv_iommu_domain, first.iommu, domain);
PT_IOMMU_CHECK_DOMAIN(struct riscv_iommu_domain, second.iommu, domain);

/**
 * struct riscv_iommu_nested - a NESTED domain: a guest's first stage over a second
 * @domain: the domain
 * @target: how it is programmed; its id is the parent's GSCID
 * @parent: the second stage
 * @fsc: what the guest's device context says of its first stage: mode and guest
 *	physical page number of a page table
 * @pscid: the guest's tag
 */
struct riscv_iommu_nested {
	struct iommu_domain domain;
	struct riscv_iommu_target target;
	struct riscv_iommu_domain *parent;
	uint64_t fsc;
	uint32_t pscid;
};

/**
 * struct riscv_iommu_dev - a device behind the IOMMU; the embedder's memory
 * @dev: for the core
 * @iommu: its IOMMU
 * @id: device id
 * @ats: the device caches translations
 * @pri: its page requests are on
 */
struct riscv_iommu_dev {
	struct iommu_dev dev;
	struct riscv_iommu *iommu;
	uint32_t id;
	bool ats;
	bool pri;
	struct iommu_hw_users users;
	uint64_t *context;
	uint64_t *directory; /* of process contexts; NULL: none was needed yet */
};

/**
 * struct riscv_iommu - one IOMMU; the embedder's memory, all of it internal but
 * @ops and @caps
 * @ops: the kind of IOMMU that its devices and domains have
 * @caps: what it can do
 */
struct riscv_iommu {
	struct iommu_ops ops;
	struct iommu_hw_caps caps;
	struct iommu_hw *hw;
	const struct pt_runtime *runtime;
	struct port_lock lock;
	uint64_t capabilities;
	unsigned int levels; /* of the device directory */
	unsigned int device_bits;
	uint64_t *directory;
	struct iommu_hw_queue queue;
	struct iommu_hw_journal journal;
	uint64_t *faults, *requests;
	uint32_t *status; /* what fences store */
	uint32_t sequence;
	struct iommu_hw_ids pscids, gscids;
	struct riscv_iommu_static blocked, bare;
};

/**
 * riscv_iommu_probe() - what the hardware at @hw can do
 *
 * Only reads registers. Return: 0; -ENODEV: another version of the interface.
 */
int riscv_iommu_probe(struct iommu_hw *hw, struct iommu_hw_caps *caps);

/**
 * riscv_iommu_init() - start the IOMMU at @hw with every device blocked
 * @iommu: zeroed or after riscv_iommu_fini()
 * @hw: kept
 *
 * Return: 0; -ENODEV as riscv_iommu_probe(); -EINVAL: wider device ids than there
 * are; -ENOMEM; -ETIMEDOUT: it does not answer; -EIO: it reports an error.
 */
int riscv_iommu_init(struct riscv_iommu *iommu, struct iommu_hw *hw,
		     const struct riscv_iommu_config *config);

/**
 * riscv_iommu_fini() - stop it
 *
 * There are no devices and no domains any more. From now on DMA is blocked.
 */
void riscv_iommu_fini(struct riscv_iommu *iommu);

/**
 * riscv_iommu_dev_init() - describe a device to its IOMMU; it is blocked
 * @rdev: zeroed, but for what the embedder knows of ATS and page requests
 * @id: not in use by another one
 * @pasid_bits: width of the PASIDs that it may use; 0 = none
 *
 * Then iommu_dev_add(&rdev->dev, group).
 *
 * Return: 0; -EOPNOTSUPP: more PASIDs than the hardware has; -ERANGE: beyond the
 * device directory; -ENOMEM; -EIO, -ETIMEDOUT: the IOMMU is broken.
 */
int riscv_iommu_dev_init(struct riscv_iommu_dev *rdev,
			 struct riscv_iommu *iommu, uint32_t id,
			 unsigned int pasid_bits);

/** riscv_iommu_dev_fini() - after iommu_dev_remove(); it stays blocked. */
void riscv_iommu_dev_fini(struct riscv_iommu_dev *rdev);

/**
 * struct riscv_iommu_domain_config - what a domain is to be
 * @stage: RISCV_IOMMU_FIRST or RISCV_IOMMU_SECOND
 * @levels: 3 = Sv39, 4 = Sv48, 5 = Sv57, or their x4 forms; 0 = the most
 * @dirty: it has to track dirty pages
 */
struct riscv_iommu_domain_config {
	enum riscv_iommu_stage stage;
	unsigned int levels;
	bool dirty;
};

/**
 * riscv_iommu_domain_init() - make a PAGING domain; memory can be mapped at once
 * @domain: zeroed
 *
 * Ended with riscv_iommu_domain_fini(), not with iommu_domain_free().
 *
 * Return: 0; -EOPNOTSUPP: the hardware has no such stage or levels; -ENOSPC: no tag
 * is free; -ENOMEM.
 */
int riscv_iommu_domain_init(struct riscv_iommu_domain *domain,
			    struct riscv_iommu *iommu,
			    const struct riscv_iommu_domain_config *config);

/** riscv_iommu_domain_fini() - nothing is attached to it. */
void riscv_iommu_domain_fini(struct riscv_iommu_domain *domain);

/**
 * riscv_iommu_nested_init() - make a NESTED domain
 * @nested: zeroed
 * @parent: RISCV_IOMMU_SECOND; outlives @nested
 * @levels: of the guest's table: 3, 4 or 5
 * @root: its guest physical address
 * @pscid: the guest's tag
 *
 * Return: 0; -EOPNOTSUPP: the hardware cannot; -EINVAL: a parent that cannot be
 * one, no such levels, root or tag.
 */
int riscv_iommu_nested_init(struct riscv_iommu_nested *nested,
			    struct riscv_iommu_domain *parent,
			    unsigned int levels, uint64_t root, uint32_t pscid);

/** riscv_iommu_nested_fini() - nothing is attached to it. */
void riscv_iommu_nested_fini(struct riscv_iommu_nested *nested);

/** riscv_iommu_nested_invalidate() - the guest has changed its table, anywhere. */
void riscv_iommu_nested_invalidate(struct riscv_iommu_nested *nested);

/**
 * riscv_iommu_next_fault() - take the oldest fault record
 *
 * Return: true; false: there is none. *@lost: records were lost since the last
 * call.
 */
bool riscv_iommu_next_fault(struct riscv_iommu *iommu,
			    struct iommu_hw_fault *fault, bool *lost);

/**
 * riscv_iommu_next_request() - take the oldest page request
 * @id: who sent it; iommu_report_page_request() wants the device
 *
 * Return, *@lost: as riscv_iommu_next_fault().
 */
bool riscv_iommu_next_request(struct riscv_iommu *iommu, uint32_t *id,
			      struct iommu_page_request *request, bool *lost);

#ifdef __cplusplus
}
#endif
#endif
