/* SPDX-License-Identifier: MIT */
/*
 * Stage 2 domains of one granule. A unit defines SMMU_GRANULE (4k, 16k, 64k) and
 * SMMU_GRANULE_LG2 and includes this.
 */
#include "drivers/smmuv3/domain.h"

#define CAT3_(a, b, c) a##b##c
#define CAT3(a, b, c)  CAT3_(a, b, c)
#define TABLE          CAT3(s2_, SMMU_GRANULE, )
#define PT(op)         CAT3(pt_iommu_armv8_s2_, SMMU_GRANULE, _##op)
#define FMT            CAT3(armv8_s2_, SMMU_GRANULE, )
#define DOMAIN_OPS(f)  IOMMU_PT_DOMAIN_OPS(f)
#define DIRTY_OPS(f)   IOMMU_PT_DIRTY_OPS(f)

/* 5.2: the stage 2 fields; a walk that ends up in device memory is a fault (PTW). */
static void make_ste(struct smmuv3_domain *domain, uint64_t ste[SMMU_QWORDS])
{
	struct PT(hw_info) info;
	struct pt_iommu_info table;

	PT(hw_info)(&domain->TABLE, &info);
	PT(get_info)(&domain->TABLE, &table);
	ste[0] = SMMU_STE_V | SMMU_STE_CONFIG(SMMU_CONFIG_S2);
	ste[1] = SMMU_STE_SHCFG_IN | (info.fwb ? SMMU_STE_S2FWB : 0);
	ste[2] = domain->target.hw.id | (uint64_t)info.t0sz << 32 |
		 (uint64_t)info.sl0 << 38 | (uint64_t)info.irgn << 40 |
		 (uint64_t)info.orgn << 42 | (uint64_t)info.sh << 44 |
		 (uint64_t)info.tg << 46 | (uint64_t)info.ps << 48 |
		 SMMU_STE_S2AA64 | SMMU_STE_S2PTW | SMMU_STE_S2R;
	if ((table.features & BIT(PT_FEAT_ARMV8_DBM)) &&
	    smmu_of(&domain->target)->caps.dirty)
		ste[2] |= SMMU_STE_S2HA | SMMU_STE_S2HD;
	ste[3] = info.vttb;
}

/* DDI 0487, D17.2 "VTCR_EL2" and "VTTBR_EL2" */
static void make_processor(struct smmuv3_domain *domain,
			   struct smmuv3_processor *out)
{
	struct PT(hw_info) info;
	struct pt_iommu_info table;

	PT(hw_info)(&domain->TABLE, &info);
	PT(get_info)(&domain->TABLE, &table);
	out->vtcr = info.t0sz | (uint64_t)info.sl0 << 6 |
		    (uint64_t)info.irgn << 8 | (uint64_t)info.orgn << 10 |
		    (uint64_t)info.sh << 12 | (uint64_t)info.tg << 14 |
		    (uint64_t)info.ps << 16 | CPU_VTCR_RES1;
	if (table.features & BIT(PT_FEAT_ARMV8_DBM))
		out->vtcr |= CPU_VTCR_HA | CPU_VTCR_HD;
	out->vttbr = info.vttb;
	out->hcr = CPU_HCR_VM | (info.fwb ? CPU_HCR_FWB : 0);
}

static int attach(struct iommu_domain *domain, struct iommu_dev *dev,
		  struct iommu_domain *old)
{
	struct smmuv3_domain *sd = to_smmu(domain);
	struct smmu_entry entry = { .cd = NULL };

	make_ste(sd, entry.ste);
	return smmu_domain_set(&sd->target, dev, IOMMU_NO_PASID, &entry);
}

static const struct iommu_domain_ops stage2_ops = {
	DOMAIN_OPS(FMT),
	.attach_dev = attach,
	.iotlb_sync = smmu_domain_sync,
	.flush_iotlb_all = smmu_domain_sync_all,
	.free = smmu_domain_free,
};

static const struct iommu_dirty_ops stage2_dirty_ops = {
	DIRTY_OPS(FMT),
	.set_dirty_tracking = smmu_domain_set_dirty,
};

static int init(struct smmuv3_domain *domain, const struct pt_iommu_cfg *cfg)
{
	const struct PT(cfg) with = { .common = *cfg };

	domain->domain.ops = &stage2_ops;
	if (cfg->features & BIT(PT_FEAT_ARMV8_DBM))
		domain->domain.dirty_ops = &stage2_dirty_ops;
	return PT(init)(&domain->TABLE, &with, GFP_KERNEL);
}

static void deinit(struct smmuv3_domain *domain)
{
	PT(deinit)(&domain->TABLE);
}

const struct smmu_format CAT3(smmu_s2_, SMMU_GRANULE, ) = {
	.stage = SMMUV3_STAGE2,
	.granule_lg2 = SMMU_GRANULE_LG2,
	.init = init,
	.deinit = deinit,
	.ste = make_ste,
	.processor = make_processor,
};
