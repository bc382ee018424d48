/* SPDX-License-Identifier: MIT */
/*
 * Stage 1 of one granule. A unit defines ARM_GRANULE (4k, 16k, 64k) and
 * ARM_GRANULE_LG2 and includes this.
 */
#include "../walker.h"
#include "table.h"

#define CAT3_(a, b, c) a##b##c
#define CAT3(a, b, c)  CAT3_(a, b, c)
#define TABLE          CAT3(s1_, ARM_GRANULE, )
#define PT(op)         CAT3(pt_iommu_armv8_s1_, ARM_GRANULE, _##op)
#define FMT            CAT3(armv8_s1_, ARM_GRANULE, )
#define DOMAIN_OPS(f)  IOMMU_PT_DOMAIN_OPS(f)
#define DIRTY_OPS(f)   IOMMU_PT_DIRTY_OPS(f)

static const struct iommu_domain_ops ops = {
	DOMAIN_OPS(FMT),
	.iotlb_sync = walker_sync,
	.flush_iotlb_all = walker_sync_all,
};

static const struct iommu_dirty_ops dirty_ops = { DIRTY_OPS(FMT) };

/* TCR_EL1: the lower half; the upper has the same 16 bits higher. */
#define TCR_IRGN 8
#define TCR_ORGN 10
#define TCR_SH   12
#define TCR_TG   14
#define TCR_IPS  32
#define TCR_HA   (1ull << 39)
#define TCR_HD   (1ull << 40)
#define TCR_DS   (1ull << 59)

static void make_regime(struct arm_table *table, unsigned int features)
{
	struct regime *regime = &table->regime;
	struct PT(hw_info) info;
	uint64_t half;

	PT(hw_info)(&table->TABLE, &info);
	half = info.tsz | (uint64_t)info.irgn << TCR_IRGN |
	       (uint64_t)info.orgn << TCR_ORGN | (uint64_t)info.sh << TCR_SH |
	       (uint64_t)info.tg << TCR_TG;
	regime->tcr = (info.upper ? half << 16 : half) |
		      (uint64_t)info.ips << TCR_IPS | TCR_HA |
		      (features & BIT(PT_FEAT_ARMV8_DBM) ? TCR_HD : 0) |
		      (info.ds ? TCR_DS : 0);
	*(info.upper ? &regime->ttbr1 : &regime->ttbr0) = info.ttb;
	regime->mair = info.mair;
	regime_stage1(regime, info.upper);
}

static int init(struct arm_table *table, const struct pt_iommu_cfg *cfg)
{
	const struct PT(cfg) with = { .common = *cfg };
	int rc;

	table->domain.ops = &ops;
	if (cfg->features & BIT(PT_FEAT_ARMV8_DBM))
		table->domain.dirty_ops = &dirty_ops;
	rc = PT(init)(&table->TABLE, &with, GFP_KERNEL);
	if (!rc)
		make_regime(table, cfg->features);
	return rc;
}

static void deinit(struct arm_table *table)
{
	PT(deinit)(&table->TABLE);
}

const struct arm_format CAT3(arm_s1_, ARM_GRANULE, ) = {
	.stage2 = false,
	.granule_lg2 = ARM_GRANULE_LG2,
	.init = init,
	.deinit = deinit,
};
