/* SPDX-License-Identifier: MIT */
/*
 * Stage 1 domains of one granule. A unit defines SMMU_GRANULE (4k, 16k, 64k) and
 * SMMU_GRANULE_LG2 and includes this.
 */
#include "drivers/smmuv3/domain.h"

#define CAT3_(a, b, c) a##b##c
#define CAT3(a, b, c)  CAT3_(a, b, c)
#define TABLE          CAT3(s1_, SMMU_GRANULE, )
#define PT(op)         CAT3(pt_iommu_armv8_s1_, SMMU_GRANULE, _##op)
#define FMT            CAT3(armv8_s1_, SMMU_GRANULE, )
#define DOMAIN_OPS(f)  IOMMU_PT_DOMAIN_OPS(f)
#define DIRTY_OPS(f)   IOMMU_PT_DIRTY_OPS(f)

/* 5.4: one table, in TTB0; faults abort and are recorded; the ASID is private. */
static void make_cd(struct smmuv3_domain *domain)
{
	struct hw_mem mem = smmu_mem(smmu_of(&domain->target));
	struct PT(hw_info) info;
	struct pt_iommu_info table;
	uint64_t *cd = domain->cd;

	PT(hw_info)(&domain->TABLE, &info);
	PT(get_info)(&domain->TABLE, &table);
	cd[0] = info.tsz | (uint64_t)info.tg << 6 | (uint64_t)info.irgn << 8 |
		(uint64_t)info.orgn << 10 | (uint64_t)info.sh << 12 |
		(uint64_t)info.ips << 32 | SMMU_CD_EPD1 | SMMU_CD_V |
		SMMU_CD_AA64 | SMMU_CD_R | SMMU_CD_A | SMMU_CD_ASET |
		SMMU_CD_ASID(domain->target.hw.id);
	if (table.features & BIT(PT_FEAT_ARMV8_DBM))
		cd[0] |= SMMU_CD_HA | SMMU_CD_HD;
	cd[1] = info.ttb;
	cd[3] = info.mair;
	hw_flush(&mem, cd, SMMU_CD_QWORDS * sizeof(*cd));
}

static int stage1_set(struct iommu_domain *domain, struct iommu_dev *dev,
		      ioasid_t pasid)
{
	struct smmuv3_domain *sd = to_smmu(domain);
	const struct smmu_entry entry = { .cd = sd->cd };

	/* The same every time; here the ASID is known. */
	if (!sd->cd[0])
		make_cd(sd);
	return smmu_domain_set(&sd->target, dev, pasid, &entry);
}

static int attach(struct iommu_domain *domain, struct iommu_dev *dev,
		  struct iommu_domain *old)
{
	return stage1_set(domain, dev, IOMMU_NO_PASID);
}

static int set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
		     ioasid_t pasid, struct iommu_domain *old)
{
	return stage1_set(domain, dev, pasid);
}

static const struct iommu_domain_ops stage1_ops = {
	DOMAIN_OPS(FMT),
	.attach_dev = attach,
	.set_dev_pasid = set_pasid,
	.iotlb_sync = smmu_domain_sync,
	.flush_iotlb_all = smmu_domain_sync_all,
	.free = smmu_domain_free,
};

static const struct iommu_dirty_ops stage1_dirty_ops = {
	DIRTY_OPS(FMT),
	.set_dirty_tracking = smmu_domain_set_dirty,
};

static int init(struct smmuv3_domain *domain, const struct pt_iommu_cfg *cfg)
{
	const struct PT(cfg) with = { .common = *cfg };

	domain->domain.ops = &stage1_ops;
	if (cfg->features & BIT(PT_FEAT_ARMV8_DBM))
		domain->domain.dirty_ops = &stage1_dirty_ops;
	return PT(init)(&domain->TABLE, &with, GFP_KERNEL);
}

static void deinit(struct smmuv3_domain *domain)
{
	PT(deinit)(&domain->TABLE);
}

const struct smmu_format CAT3(smmu_s1_, SMMU_GRANULE, ) = {
	.stage = SMMUV3_STAGE1,
	.granule_lg2 = SMMU_GRANULE_LG2,
	.init = init,
	.deinit = deinit,
};
