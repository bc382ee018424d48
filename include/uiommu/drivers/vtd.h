/* SPDX-License-Identifier: MIT */
/**
 * DOC: Driver of Intel VT-d
 *
 * Intel Virtualization Technology for Directed I/O, Architecture Specification,
 * revision 4.1. Legacy mode: second-stage tables (vtdss). Scalable mode: second
 * stage, first stage (x86_64), PASIDs and nesting. See <uiommu/driver.h>.
 */
#ifndef UIOMMU_DRIVERS_VTD_H
#define UIOMMU_DRIVERS_VTD_H

#include <uiommu/driver.h>
#include <uiommu/pt/iommu.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct vtd_config - how to start it
 * @scalable: use scalable mode; without, legacy mode
 * @oa_bits: host address width, which the firmware's DMAR table says; 0 = as wide
 *	as the hardware's input addresses
 * @fault_addr: address of the message that says that there are fault records
 * @fault_data: its data; both 0 = none, the embedder polls
 * @request_addr: the same for page requests
 * @request_data: the same
 */
struct vtd_config {
	bool scalable;
	uint8_t oa_bits;
	uint64_t fault_addr;
	uint32_t fault_data;
	uint64_t request_addr;
	uint32_t request_data;
};

struct vtd_iommu;

/** enum vtd_stage - what translates. */
enum vtd_stage {
	VTD_BLOCKED,
	VTD_PASS_THROUGH,
	VTD_SECOND_STAGE,
	VTD_FIRST_STAGE,
	VTD_NESTED,
};

/**
 * struct vtd_target - what a context or PASID table entry says; internal
 * @hw: its id is the domain id
 * @stage: what translates
 * @tracking: VTD_SECOND_STAGE: hardware sets accessed and dirty bits
 * @snoop: VTD_FIRST_STAGE: requests snoop, whatever they ask for
 */
struct vtd_target {
	struct iommu_hw_target hw;
	enum vtd_stage stage;
	bool tracking;
	bool snoop;
};

/** struct vtd_static - the domains that block and that pass through; internal. */
struct vtd_static {
	struct iommu_domain domain;
	struct vtd_target target;
};

/**
 * struct vtd_domain - a PAGING domain
 * @vtdss: VTD_SECOND_STAGE
 * @x86_64: VTD_FIRST_STAGE
 * @target: how it is programmed
 */
struct vtd_domain {
	union {
		struct iommu_domain domain;
		struct pt_iommu_vtdss vtdss;
		struct pt_iommu_x86_64 x86_64;
	};
	struct vtd_target target;
};
PT_IOMMU_CHECK_DOMAIN(struct vtd_domain, vtdss.iommu, domain);
PT_IOMMU_CHECK_DOMAIN(struct vtd_domain, x86_64.iommu, domain);

/**
 * struct vtd_nested - a NESTED domain: a guest's first stage over a second one
 * @domain: the domain
 * @target: how it is programmed
 * @parent: the second stage, VTD_SECOND_STAGE
 * @root: guest physical address of the first-stage table
 * @levels: its levels, 4 or 5
 */
struct vtd_nested {
	struct iommu_domain domain;
	struct vtd_target target;
	struct vtd_domain *parent;
	uint64_t root;
	unsigned int levels;
};

/**
 * struct vtd_dev - a device behind the IOMMU; the embedder's memory
 * @dev: for the core
 * @iommu: its IOMMU
 * @rid: bus (15:8), device and function
 * @ats_depth: invalidations that the device can hold; 0 = it has no ATS, or it
 *	is off
 * @pri: its page requests are on
 */
struct vtd_dev {
	struct iommu_dev dev;
	struct vtd_iommu *iommu;
	uint16_t rid;
	uint8_t ats_depth;
	bool pri;
	struct iommu_hw_users users;
	uint64_t *context;
	uint64_t *directory; /* scalable mode: of PASID tables */
};

/**
 * struct vtd_iommu - one IOMMU; the embedder's memory, all of it internal but
 * @ops and @caps
 * @ops: the kind of IOMMU that its devices and domains have
 * @caps: what it can do
 */
struct vtd_iommu {
	struct iommu_ops ops;
	struct iommu_hw_caps caps;
	struct iommu_hw *hw;
	const struct pt_runtime *runtime;
	struct port_lock lock;
	uint64_t cap, ecap;
	bool scalable;
	uint64_t *root;
	struct iommu_hw_queue queue;
	struct iommu_hw_journal journal;
	uint64_t *status; /* what wait descriptors write */
	uint32_t sequence;
	bool drain; /* the next wait is for page requests under way, too */
	struct iommu_hw_ids dids;
	uint64_t *requests; /* page request queue, or NULL */
	unsigned int fault; /* index of the next fault record */
	struct vtd_static blocked, identity;
};

/**
 * vtd_probe() - what the hardware at @hw can do
 * @config: its @scalable and @oa_bits count
 *
 * Only reads registers. Return: 0; -ENODEV: it lacks what this driver needs
 * (queued invalidation, and scalable mode where that is asked for).
 */
int vtd_probe(struct iommu_hw *hw, const struct vtd_config *config,
	      struct iommu_hw_caps *caps);

/**
 * vtd_init() - start the IOMMU at @hw with every device blocked
 * @iommu: zeroed or after vtd_fini()
 * @hw: kept
 *
 * Return: 0; -ENODEV as vtd_probe(); -ENOMEM; -ETIMEDOUT: it does not answer.
 */
int vtd_init(struct vtd_iommu *iommu, struct iommu_hw *hw,
	     const struct vtd_config *config);

/**
 * vtd_fini() - stop it
 *
 * There are no devices and no domains any more. From now on DMA passes, as
 * before vtd_init().
 */
void vtd_fini(struct vtd_iommu *iommu);

/**
 * vtd_dev_init() - describe a device to its IOMMU; it is blocked
 * @vdev: zeroed
 * @rid: not in use by another one
 * @pasid_bits: width of the PASIDs that it may use; 0 = none
 *
 * Then iommu_dev_add(&vdev->dev, group).
 *
 * Return: 0; -EOPNOTSUPP: more PASIDs than the hardware has; -ENOMEM; -EIO: the
 * IOMMU is broken.
 */
int vtd_dev_init(struct vtd_dev *vdev, struct vtd_iommu *iommu, uint16_t rid,
		 unsigned int pasid_bits);

/** vtd_dev_fini() - after iommu_dev_remove(); the device stays blocked. */
void vtd_dev_fini(struct vtd_dev *vdev);

/**
 * struct vtd_domain_config - what a domain is to be
 * @stage: VTD_SECOND_STAGE or VTD_FIRST_STAGE
 * @levels: of its table; 0 = the most that the hardware has
 * @va_bits: width of the input address; 0 = what hardware and levels give
 * @dirty: it has to track dirty pages
 */
struct vtd_domain_config {
	enum vtd_stage stage;
	unsigned int levels;
	unsigned int va_bits;
	bool dirty;
};

/**
 * vtd_domain_init() - make a PAGING domain; memory can be mapped at once
 * @domain: zeroed
 *
 * Ended with vtd_domain_fini(), not with iommu_domain_free().
 *
 * Return: 0; -EOPNOTSUPP: the hardware has no such stage, levels or width;
 * -ENOSPC: no domain id is free; -ENOMEM.
 */
int vtd_domain_init(struct vtd_domain *domain, struct vtd_iommu *iommu,
		    const struct vtd_domain_config *config);

/** vtd_domain_fini() - nothing is attached to it. */
void vtd_domain_fini(struct vtd_domain *domain);

/**
 * vtd_nested_init() - make a NESTED domain
 * @nested: zeroed
 * @parent: VTD_SECOND_STAGE; outlives @nested
 * @root: guest physical address of the guest's table, a multiple of 4096
 * @levels: its levels, 4 or 5
 *
 * Return: 0; -EOPNOTSUPP: the hardware cannot; -EINVAL: no such root, no such
 * levels, or a parent that cannot be one; -ENOSPC.
 */
int vtd_nested_init(struct vtd_nested *nested, struct vtd_domain *parent,
		    uint64_t root, unsigned int levels);

/** vtd_nested_fini() - nothing is attached to it. */
void vtd_nested_fini(struct vtd_nested *nested);

/**
 * vtd_nested_invalidate() - the guest has changed its table in [@iova, @last]
 * @leaf_only: and no table entries
 */
void vtd_nested_invalidate(struct vtd_nested *nested, uint64_t iova,
			   uint64_t last, bool leaf_only);

/**
 * vtd_next_fault() - take the oldest fault record
 *
 * Return: true; false: there is none. *@lost: records were lost since the last
 * call.
 */
bool vtd_next_fault(struct vtd_iommu *iommu, struct iommu_hw_fault *fault,
		    bool *lost);

/**
 * vtd_next_request() - take the oldest page request
 * @rid: who sent it; iommu_report_page_request() wants the device
 *
 * Return, *@lost: as vtd_next_fault().
 */
bool vtd_next_request(struct vtd_iommu *iommu, uint16_t *rid,
		      struct iommu_page_request *request, bool *lost);

#ifdef __cplusplus
}
#endif
#endif
