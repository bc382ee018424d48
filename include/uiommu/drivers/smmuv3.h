/* SPDX-License-Identifier: MIT */
/**
 * DOC: Driver of Arm's SMMUv3
 *
 * Arm System Memory Management Unit Architecture Specification, SMMU architecture
 * version 3, IHI 0070. Stage 1 with PASIDs (substreams), stage 2, nesting; granules
 * of 4, 16 and 64 KiB. See <uiommu/driver.h>.
 */
#ifndef UIOMMU_DRIVERS_SMMUV3_H
#define UIOMMU_DRIVERS_SMMUV3_H

#include <uiommu/driver.h>
#include <uiommu/pt/iommu.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct smmuv3_config - how to start it
 * @stream_bits: StreamIDs that there are; 0 = as many as the hardware has, at most
 *	16. Requests of others are blocked
 */
struct smmuv3_config {
	unsigned int stream_bits;
};

/** enum smmuv3_stage - what translates. */
enum smmuv3_stage {
	SMMUV3_BLOCKED,
	SMMUV3_BYPASS,
	SMMUV3_STAGE1,
	SMMUV3_STAGE2,
	SMMUV3_NESTED,
};

/**
 * struct smmuv3_target - what a stream table entry says; internal
 * @hw: its id is the ASID of stage 1, the VMID of stage 2
 * @stage: what translates
 */
struct smmuv3_target {
	struct iommu_hw_target hw;
	enum smmuv3_stage stage;
};

/** struct smmuv3_static - the domains that block and bypass; internal. */
struct smmuv3_static {
	struct iommu_domain domain;
	struct smmuv3_target target;
};

struct smmu_format;
struct smmuv3_domain;

/**
 * struct smmuv3_share - processors whose second stage walks a domain's table, too
 * @features: what of PT_FEAT_ARMV8_* they have: BBML1, BBML2, S2FWB, DBM. The table
 *	has what both have; but dirty state may be the processors' alone
 *	(VTCR_EL2.HA and HD). Then the SMMU refuses writes to pages that are clean,
 *	or that it remembers as such until the next sync
 * @sync: have them forget what @gather says, NULL: all of @domain. Returns when they
 *	have, with walks and writes that were under way; called when the SMMU has. Any
 *	context in which the domain is changed
 */
struct smmuv3_share {
	unsigned int features;
	void (*sync)(const struct smmuv3_share *share,
		     struct smmuv3_domain *domain,
		     const struct iommu_iotlb_gather *gather);
};

/**
 * struct smmuv3_domain - a PAGING domain
 * @granule_lg2: 12, 14 or 16; with the stage it says which of the tables it is
 * @format: the same, for the driver
 * @target: how it is programmed
 * @share: who else walks it, or NULL
 * @cd: SMMUV3_STAGE1: its context descriptor
 */
struct smmuv3_domain {
	union {
		struct iommu_domain domain;
		struct pt_iommu_armv8_s1_4k s1_4k;
		struct pt_iommu_armv8_s1_16k s1_16k;
		struct pt_iommu_armv8_s1_64k s1_64k;
		struct pt_iommu_armv8_s2_4k s2_4k;
		struct pt_iommu_armv8_s2_16k s2_16k;
		struct pt_iommu_armv8_s2_64k s2_64k;
	};
	struct smmuv3_target target;
	const struct smmu_format *format;
	const struct smmuv3_share *share;
	unsigned int granule_lg2;
	uint64_t *cd;
};
PT_IOMMU_CHECK_DOMAIN(struct smmuv3_domain, s1_4k.iommu, domain);
PT_IOMMU_CHECK_DOMAIN(struct smmuv3_domain, s2_64k.iommu, domain);

/**
 * struct smmuv3_nested - a NESTED domain: a guest's stage 1 over a stage 2
 * @domain: the domain
 * @target: how it is programmed; its id is the parent's VMID
 * @parent: the stage 2, SMMUV3_STAGE2
 * @ste: what the guest's stream table entry says of stage 1
 */
struct smmuv3_nested {
	struct iommu_domain domain;
	struct smmuv3_target target;
	struct smmuv3_domain *parent;
	uint64_t ste[2];
};

/**
 * struct smmuv3_dev - a device behind the SMMU; the embedder's memory
 * @dev: for the core
 * @smmu: its SMMU
 * @sid: StreamID
 * @ats: the device caches translations
 */
struct smmuv3_dev {
	struct iommu_dev dev;
	struct smmuv3 *smmu;
	uint32_t sid;
	bool ats;
	struct iommu_hw_users users;
	uint64_t *ste;
	uint64_t *cds; /* by PASID; NULL: none was needed yet */
};

/**
 * struct smmuv3 - one SMMU; the embedder's memory, all of it internal but
 * @ops and @caps
 * @ops: the kind of IOMMU that its devices and domains have
 * @caps: what it can do
 */
struct smmuv3 {
	struct iommu_ops ops;
	struct iommu_hw_caps caps;
	struct iommu_hw *hw;
	const struct pt_runtime *runtime;
	struct port_lock lock;
	uint32_t idr0, idr1, idr3, idr5;
	unsigned int stream_bits;
	bool two_level;
	uint64_t *streams; /* stream table, or its first level */
	struct iommu_hw_queue queue;
	struct iommu_hw_journal journal;
	uint64_t *events, *requests;
	struct iommu_hw_ids asids, vmids;
	struct smmuv3_static blocked, bypass;
};

/**
 * smmuv3_probe() - what the hardware at @hw can do
 *
 * Only reads registers. Return: 0; -ENODEV: it has tables or queues of its own, no
 * 64-bit descriptors, or does not take little-endian ones.
 */
int smmuv3_probe(struct iommu_hw *hw, struct iommu_hw_caps *caps);

/**
 * smmuv3_init() - start the SMMU at @hw with every device blocked
 * @smmu: zeroed or after smmuv3_fini()
 * @hw: kept. Registers of the second 64 KiB page follow those of the first
 *
 * Return: 0; -ENODEV as smmuv3_probe(); -EINVAL: more streams than there are;
 * -ENOMEM; -ETIMEDOUT: it does not answer; -EIO: it reports an error.
 */
int smmuv3_init(struct smmuv3 *smmu, struct iommu_hw *hw,
		const struct smmuv3_config *config);

/**
 * smmuv3_fini() - stop it
 *
 * There are no devices and no domains any more. From now on DMA is aborted.
 */
void smmuv3_fini(struct smmuv3 *smmu);

/**
 * smmuv3_dev_init() - describe a device to its SMMU; it is blocked
 * @sdev: zeroed, but for what the embedder knows of ATS
 * @sid: not in use by another one
 * @pasid_bits: width of the PASIDs that it may use; 0 = none
 *
 * Then iommu_dev_add(&sdev->dev, group).
 *
 * Return: 0; -EOPNOTSUPP: more PASIDs than the hardware has; -ERANGE: beyond the
 * stream table; -ENOMEM; -EIO, -ETIMEDOUT: the SMMU is broken.
 */
int smmuv3_dev_init(struct smmuv3_dev *sdev, struct smmuv3 *smmu, uint32_t sid,
		    unsigned int pasid_bits);

/** smmuv3_dev_fini() - after iommu_dev_remove(); the device stays blocked. */
void smmuv3_dev_fini(struct smmuv3_dev *sdev);

/**
 * struct smmuv3_domain_config - what a domain is to be
 * @stage: SMMUV3_STAGE1 or SMMUV3_STAGE2
 * @granule_lg2: 12, 14 or 16; 0 = the smallest that the hardware has
 * @va_bits: width of the input address; 0 = the widest
 * @dirty: it has to track dirty pages
 * @share: who else walks its table; kept. NULL = nobody. SMMUV3_STAGE2 only
 */
struct smmuv3_domain_config {
	enum smmuv3_stage stage;
	unsigned int granule_lg2;
	unsigned int va_bits;
	bool dirty;
	const struct smmuv3_share *share;
};

/**
 * smmuv3_domain_init() - make a PAGING domain; memory can be mapped at once
 * @domain: zeroed
 *
 * Ended with smmuv3_domain_fini(), not with iommu_domain_free().
 *
 * Return: 0; -EOPNOTSUPP: the hardware has no such stage, granule or width;
 * -ENOSPC: no ASID or VMID is free; -ENOMEM.
 */
int smmuv3_domain_init(struct smmuv3_domain *domain, struct smmuv3 *smmu,
		       const struct smmuv3_domain_config *config);

/** smmuv3_domain_fini() - nothing is attached to it. */
void smmuv3_domain_fini(struct smmuv3_domain *domain);

/**
 * struct smmuv3_processor - how a processor comes to walk a domain's table
 * @vttbr: VTTBR_EL2: the table, and the VMID that the SMMU uses for it
 * @vtcr: VTCR_EL2
 * @hcr: HCR_EL2: bits that have to be set (VM, FWB)
 *
 * DDI 0487, D17.2. Without VTCR_EL2.VS a VMID has 8 bits; it is set where the SMMU's
 * have 16, and then the processor's must, too.
 */
struct smmuv3_processor {
	uint64_t vttbr;
	uint64_t vtcr;
	uint64_t hcr;
};

/**
 * smmuv3_domain_processor() - what to program a processor with
 * @domain: made with a share
 *
 * The registers do not change as long as the domain lives.
 */
void smmuv3_domain_processor(struct smmuv3_domain *domain,
			     struct smmuv3_processor *out);

/**
 * smmuv3_nested_init() - make a NESTED domain
 * @nested: zeroed
 * @parent: SMMUV3_STAGE2; outlives @nested
 * @ste: quadwords 0 and 1 of the guest's stream table entry; it translates with
 *	stage 1
 *
 * Return: 0; -EOPNOTSUPP: the hardware cannot; -EINVAL: a parent that cannot be
 * one, or an entry with fields that a guest has no business with.
 */
int smmuv3_nested_init(struct smmuv3_nested *nested,
		       struct smmuv3_domain *parent, const uint64_t ste[2]);

/** smmuv3_nested_fini() - nothing is attached to it. */
void smmuv3_nested_fini(struct smmuv3_nested *nested);

/**
 * smmuv3_nested_invalidate() - the guest has changed its stage 1
 *
 * All of it: its context descriptors and tables.
 */
void smmuv3_nested_invalidate(struct smmuv3_nested *nested);

/**
 * smmuv3_next_fault() - take the oldest event
 *
 * Return: true; false: there is none. *@lost: events were lost since the last
 * call.
 */
bool smmuv3_next_fault(struct smmuv3 *smmu, struct iommu_hw_fault *fault,
		       bool *lost);

/**
 * smmuv3_next_request() - take the oldest page request
 * @sid: who sent it; iommu_report_page_request() wants the device
 *
 * Return, *@lost: as smmuv3_next_fault().
 */
bool smmuv3_next_request(struct smmuv3 *smmu, uint32_t *sid,
			 struct iommu_page_request *request, bool *lost);

#ifdef __cplusplus
}
#endif
#endif
