/* SPDX-License-Identifier: MIT */
/**
 * DOC: What domains of all formats have in common
 */
#ifndef DRIVERS_SMMUV3_DOMAIN_H
#define DRIVERS_SMMUV3_DOMAIN_H

#include <uiommu/iommu_gather.h>

#include "drivers/smmuv3/smmuv3.h"

static inline struct smmuv3_domain *to_smmu(struct iommu_domain *domain)
{
	return (struct smmuv3_domain *)domain;
}

/** struct smmu_format - one format, for those that only make and free domains. */
struct smmu_format {
	enum smmuv3_stage stage;
	unsigned int granule_lg2;
	int (*init)(struct smmuv3_domain *domain,
		    const struct pt_iommu_cfg *cfg);
	void (*deinit)(struct smmuv3_domain *domain);
	/* Stage 2: quadwords of the stream table entry, for nested domains too */
	void (*ste)(struct smmuv3_domain *domain, uint64_t ste[SMMU_QWORDS]);
	/* Stage 2: the same for a processor, but for the VMID */
	void (*processor)(struct smmuv3_domain *domain,
			  struct smmuv3_processor *out);
};

extern const struct smmu_format smmu_s1_4k, smmu_s1_16k, smmu_s1_64k;
extern const struct smmu_format smmu_s2_4k, smmu_s2_16k, smmu_s2_64k;

/** smmu_domain_set() - attach, whatever the format; errors as the core wants. */
int smmu_domain_set(struct smmuv3_target *target, struct iommu_dev *dev,
		    ioasid_t pasid, const struct smmu_entry *entry);

/* Parts of every format's ops */
void smmu_domain_sync(struct iommu_domain *domain,
		      struct iommu_iotlb_gather *gather);
void smmu_domain_sync_all(struct iommu_domain *domain);
int smmu_domain_set_dirty(struct iommu_domain *domain, bool enabled);
void smmu_domain_free(struct iommu_domain *domain);

#endif
