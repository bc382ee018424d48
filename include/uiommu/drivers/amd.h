/* SPDX-License-Identifier: MIT */
/**
 * DOC: Driver of AMD-Vi
 *
 * AMD I/O Virtualization Technology (IOMMU) Specification, publication 48882. Host
 * tables (amdv1, with a top that grows), guest tables (x86_64) for PASIDs and for
 * requests without one, and nesting. See <uiommu/driver.h>.
 */
#ifndef UIOMMU_DRIVERS_AMD_H
#define UIOMMU_DRIVERS_AMD_H

#include <uiommu/driver.h>
#include <uiommu/pt/iommu.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct amd_config - how to start it
 * @devices: how many device ids the device table is for, a multiple of 128; 0 =
 *	32768, the first half. Requests of others are blocked
 * @device_table: its memory: 32 bytes for each, zero, aligned to 4096, within
 *	the runtime's reach; NULL = the runtime's, which has enough for 32768
 * @caches_not_present: bit NpCache of the PCI capability's header
 * @ats: bit IotlbSup of the same
 */
struct amd_config {
	unsigned int devices;
	uint64_t *device_table;
	bool caches_not_present;
	bool ats;
};

/** enum amd_stage - what translates. */
enum amd_stage {
	AMD_BLOCKED,
	AMD_IDENTITY,
	AMD_HOST, /* amdv1 */
	AMD_GUEST, /* x86_64 */
	AMD_NESTED,
};

/**
 * struct amd_target - what a device table entry says; internal
 * @hw: its id is the DomainID
 * @stage: what translates
 * @tracking: AMD_HOST: hardware sets accessed and dirty bits
 */
struct amd_target {
	struct iommu_hw_target hw;
	enum amd_stage stage;
	bool tracking;
};

/** struct amd_static - the domains that block and that pass through; internal. */
struct amd_static {
	struct iommu_domain domain;
	struct amd_target target;
};

/**
 * struct amd_domain - a PAGING domain
 * @amdv1: AMD_HOST
 * @x86_64: AMD_GUEST
 * @target: how it is programmed
 * @top_lock: under it the top of @amdv1 grows
 */
struct amd_domain {
	union {
		struct iommu_domain domain;
		struct pt_iommu_amdv1 amdv1;
		struct pt_iommu_x86_64 x86_64;
	};
	struct amd_target target;
	struct port_lock top_lock;
};
PT_IOMMU_CHECK_DOMAIN(struct amd_domain, amdv1.iommu, domain);
PT_IOMMU_CHECK_DOMAIN(struct amd_domain, x86_64.iommu, domain);

/**
 * struct amd_nested - a NESTED domain: a guest's GCR3 table over a host table
 * @domain: the domain
 * @target: how it is programmed
 * @parent: the host table, AMD_HOST
 * @gcr3: guest physical address of the guest's GCR3 table
 * @glx: its levels less one, 0 to 2
 * @giov: requests without a PASID use its entry 0
 * @levels: of the guest's page tables, 4 or 5
 */
struct amd_nested {
	struct iommu_domain domain;
	struct amd_target target;
	struct amd_domain *parent;
	uint64_t gcr3;
	unsigned int glx;
	bool giov;
	unsigned int levels;
};

/**
 * struct amd_dev - a device behind the IOMMU; the embedder's memory
 * @dev: for the core
 * @iommu: its IOMMU
 * @rid: DeviceID
 * @ats_depth: invalidations that the device can hold; 0 = it has no ATS, or it
 *	is off
 * @pri: its page requests are on
 */
struct amd_dev {
	struct iommu_dev dev;
	struct amd_iommu *iommu;
	uint16_t rid;
	uint8_t ats_depth;
	bool pri;
	struct iommu_hw_users users;
	uint64_t *gcr3; /* guest page tables by PASID; NULL: none needed yet */
	uint32_t guest_id; /* DomainID while @gcr3 is in use */
	bool five; /* they have five levels */
};

/**
 * struct amd_iommu - one IOMMU; the embedder's memory, all of it internal but
 * @ops and @caps
 * @ops: the kind of IOMMU that its devices and domains have
 * @caps: what it can do
 */
struct amd_iommu {
	struct iommu_ops ops;
	struct iommu_hw_caps caps;
	struct iommu_hw *hw;
	const struct pt_runtime *runtime;
	struct port_lock lock;
	uint64_t efr, efr2;
	unsigned int devices;
	uint64_t *table; /* device table */
	unsigned int table_lg2; /* 0: the embedder's memory */
	struct iommu_hw_queue queue;
	struct iommu_hw_journal journal;
	uint64_t *status; /* what COMPLETION_WAIT stores */
	uint64_t sequence;
	uint64_t *events;
	uint64_t *requests; /* PPR log, or NULL */
	struct iommu_hw_ids ids;
	struct amd_static blocked, identity;
};

/**
 * amd_probe() - what the hardware at @hw can do
 *
 * Only reads registers. Return: 0; -ENODEV: it does not answer.
 */
int amd_probe(struct iommu_hw *hw, const struct amd_config *config,
	      struct iommu_hw_caps *caps);

/**
 * amd_init() - start the IOMMU at @hw with every device blocked
 * @iommu: zeroed or after amd_fini()
 * @hw: kept
 *
 * Return: 0; -ENODEV as amd_probe(); -EINVAL: a device table that is none;
 * -ENOMEM; -ETIMEDOUT: it does not answer.
 */
int amd_init(struct amd_iommu *iommu, struct iommu_hw *hw,
	     const struct amd_config *config);

/**
 * amd_fini() - stop it
 *
 * There are no devices and no domains any more. From now on DMA passes, as
 * before amd_init().
 */
void amd_fini(struct amd_iommu *iommu);

/**
 * amd_dev_init() - describe a device to its IOMMU; it is blocked
 * @adev: zeroed, but for what the embedder knows of ATS and page requests
 * @rid: not in use by another one
 * @pasid_bits: width of the PASIDs that it may use; 0 = none
 *
 * Then iommu_dev_add(&adev->dev, group).
 *
 * Return: 0; -EOPNOTSUPP: more PASIDs than the hardware has; -ERANGE: beyond the
 * device table; -EIO: the IOMMU is broken.
 */
int amd_dev_init(struct amd_dev *adev, struct amd_iommu *iommu, uint16_t rid,
		 unsigned int pasid_bits);

/** amd_dev_fini() - after iommu_dev_remove(); the device stays blocked. */
void amd_dev_fini(struct amd_dev *adev);

/**
 * struct amd_domain_config - what a domain is to be
 * @stage: AMD_HOST or AMD_GUEST
 * @levels: AMD_HOST: the first number of levels, 2 to 6; AMD_GUEST: 4 or 5. 0 = 3,
 *	and 4
 * @fixed: AMD_HOST: the table does not grow
 * @dirty: it has to track dirty pages
 */
struct amd_domain_config {
	enum amd_stage stage;
	unsigned int levels;
	bool fixed;
	bool dirty;
};

/**
 * amd_domain_init() - make a PAGING domain; memory can be mapped at once
 * @domain: zeroed
 *
 * Ended with amd_domain_fini(), not with iommu_domain_free().
 *
 * Return: 0; -EOPNOTSUPP: the hardware has no such stage or levels; -ENOSPC: no
 * DomainID is free; -ENOMEM.
 */
int amd_domain_init(struct amd_domain *domain, struct amd_iommu *iommu,
		    const struct amd_domain_config *config);

/** amd_domain_fini() - nothing is attached to it. */
void amd_domain_fini(struct amd_domain *domain);

/** struct amd_nested_config - the guest's view; see struct amd_nested. */
struct amd_nested_config {
	uint64_t gcr3;
	unsigned int glx;
	bool giov;
	unsigned int levels;
};

/**
 * amd_nested_init() - make a NESTED domain
 * @nested: zeroed
 * @parent: AMD_HOST; outlives @nested
 *
 * Return: 0; -EOPNOTSUPP: the hardware cannot; -EINVAL: a parent that cannot be
 * one, or a table that is none; -ENOSPC.
 */
int amd_nested_init(struct amd_nested *nested, struct amd_domain *parent,
		    const struct amd_nested_config *config);

/** amd_nested_fini() - nothing is attached to it. */
void amd_nested_fini(struct amd_nested *nested);

/**
 * amd_nested_invalidate() - the guest has changed its table of @pasid in
 * [@iova, @last]
 * @leaf_only: and no table entries
 */
void amd_nested_invalidate(struct amd_nested *nested, ioasid_t pasid,
			   uint64_t iova, uint64_t last, bool leaf_only);

/**
 * amd_next_fault() - take the oldest event
 *
 * Return: true; false: there is none. *@lost: events were lost since the last
 * call.
 */
bool amd_next_fault(struct amd_iommu *iommu, struct iommu_hw_fault *fault,
		    bool *lost);

/**
 * amd_next_request() - take the oldest page request
 * @rid: who sent it; iommu_report_page_request() wants the device
 *
 * Return, *@lost: as amd_next_fault().
 */
bool amd_next_request(struct amd_iommu *iommu, uint16_t *rid,
		      struct iommu_page_request *request, bool *lost);

#ifdef __cplusplus
}
#endif
#endif
