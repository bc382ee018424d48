/* SPDX-License-Identifier: MIT */
/*
 * Tables of one stage and granule. A unit defines ARM_STAGE (1, 2), ARM_GRANULE (4k,
 * 16k, 64k) and ARM_GRANULE_LG2 and includes this.
 */
#include "../walker.h"
#include "table.h"

#define CAT5_(a, b, c, d, e) a##b##c##d##e
#define CAT5(a, b, c, d, e)  CAT5_(a, b, c, d, e)
#define NAME(before, after)  CAT5(before, ARM_STAGE, _, ARM_GRANULE, after)
#define TABLE                NAME(s, )
#define PT(op)               NAME(pt_iommu_armv8_s, _##op)
#define FMT                  NAME(armv8_s, )
#define DOMAIN_OPS(f)        IOMMU_PT_DOMAIN_OPS(f)
#define DIRTY_OPS(f)         IOMMU_PT_DIRTY_OPS(f)

static const struct iommu_domain_ops ops = {
	DOMAIN_OPS(FMT),
	.iotlb_sync = walker_sync,
	.flush_iotlb_all = walker_sync_all,
};

static const struct iommu_dirty_ops dirty_ops = { DIRTY_OPS(FMT) };

/* What TCR_EL1 (the lower half of it) and VTCR_EL2 have in the same places */
static uint64_t walks(const struct PT(hw_info) * info)
{
	return (uint64_t)info->irgn << 8 | (uint64_t)info->orgn << 10 |
	       (uint64_t)info->sh << 12 | (uint64_t)info->tg << 14;
}

#if ARM_STAGE == 1

#define TCR_IPS 32
#define TCR_HA  (1ull << 39)
#define TCR_HD  (1ull << 40)
#define TCR_DS  (1ull << 59)

static void make_regime(struct regime *regime, const struct PT(hw_info) * info,
			bool dirty)
{
	uint64_t half = info->tsz | walks(info);

	/* The upper half is the same, 16 bits further up. */
	regime->tcr = (info->upper ? half << 16 : half) |
		      (uint64_t)info->ips << TCR_IPS | TCR_HA |
		      (dirty ? TCR_HD : 0) | (info->ds ? TCR_DS : 0);
	*(info->upper ? &regime->ttbr1 : &regime->ttbr0) = info->ttb;
	regime->mair = info->mair;
	regime_stage1(regime, info->upper);
}

#else

#define VTCR_SL0  6
#define VTCR_PS   16
#define VTCR_HA   (1ull << 21)
#define VTCR_HD   (1ull << 22)
#define VTCR_RES1 (1ull << 31)
#define VTCR_DS   (1ull << 32)
#define HCR_FWB   (1ull << 46)

static void make_regime(struct regime *regime, const struct PT(hw_info) * info,
			bool dirty)
{
	regime->vtcr = info->t0sz | (uint64_t)info->sl0 << VTCR_SL0 |
		       walks(info) | (uint64_t)info->ps << VTCR_PS | VTCR_HA |
		       VTCR_RES1 | (dirty ? VTCR_HD : 0) |
		       (info->ds ? VTCR_DS : 0);
	regime->vttbr = info->vttb;
	regime->hcr = info->fwb ? HCR_FWB : 0;
	regime_stage2(regime);
}

#endif

static int init(struct arm_table *table, const struct pt_iommu_cfg *cfg)
{
	const struct PT(cfg) with = { .common = *cfg };
	bool dirty = cfg->features & BIT(PT_FEAT_ARMV8_DBM);
	struct PT(hw_info) info;
	int rc;

	table->domain.ops = &ops;
	table->domain.dirty_ops = dirty ? &dirty_ops : NULL;
	rc = PT(init)(&table->TABLE, &with, GFP_KERNEL);
	if (rc)
		return rc;
	PT(hw_info)(&table->TABLE, &info);
	make_regime(&table->regime, &info, dirty);
	return 0;
}

static void deinit(struct arm_table *table)
{
	PT(deinit)(&table->TABLE);
}

const struct arm_format NAME(arm_s, ) = {
	.stage2 = ARM_STAGE == 2,
	.granule_lg2 = ARM_GRANULE_LG2,
	.init = init,
	.deinit = deinit,
};
