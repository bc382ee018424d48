/* SPDX-License-Identifier: MIT */
/*
 * Stage 2 of one granule. A unit defines ARM_GRANULE (4k, 16k, 64k) and
 * ARM_GRANULE_LG2 and includes this.
 */
#include "../walker.h"
#include "table.h"

#define CAT3_(a, b, c) a##b##c
#define CAT3(a, b, c)  CAT3_(a, b, c)
#define TABLE          CAT3(s2_, ARM_GRANULE, )
#define PT(op)         CAT3(pt_iommu_armv8_s2_, ARM_GRANULE, _##op)
#define FMT            CAT3(armv8_s2_, ARM_GRANULE, )
#define DOMAIN_OPS(f)  IOMMU_PT_DOMAIN_OPS(f)
#define DIRTY_OPS(f)   IOMMU_PT_DIRTY_OPS(f)

static const struct iommu_domain_ops ops = {
	DOMAIN_OPS(FMT),
	.iotlb_sync = walker_sync,
	.flush_iotlb_all = walker_sync_all,
};

static const struct iommu_dirty_ops dirty_ops = { DIRTY_OPS(FMT) };

/* VTCR_EL2 */
#define VTCR_RES1 (1ull << 31)
#define VTCR_HA   (1ull << 21)
#define VTCR_HD   (1ull << 22)
#define VTCR_DS   (1ull << 32)
#define HCR_FWB   (1ull << 46)

static void make_regime(struct arm_table *table, unsigned int features)
{
	struct regime *regime = &table->regime;
	struct PT(hw_info) info;

	PT(hw_info)(&table->TABLE, &info);
	regime->vtcr = info.t0sz | (uint64_t)info.sl0 << 6 |
		       (uint64_t)info.irgn << 8 | (uint64_t)info.orgn << 10 |
		       (uint64_t)info.sh << 12 | (uint64_t)info.tg << 14 |
		       (uint64_t)info.ps << 16 | VTCR_RES1 | VTCR_HA |
		       (features & BIT(PT_FEAT_ARMV8_DBM) ? VTCR_HD : 0) |
		       (info.ds ? VTCR_DS : 0);
	regime->vttbr = info.vttb;
	regime->hcr = info.fwb ? HCR_FWB : 0;
	regime_stage2(regime);
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

const struct arm_format CAT3(arm_s2_, ARM_GRANULE, ) = {
	.stage2 = true,
	.granule_lg2 = ARM_GRANULE_LG2,
	.init = init,
	.deinit = deinit,
};
