/* SPDX-License-Identifier: MIT */
/**
 * DOC: riscv64: RISC-V Sv39, Sv48 and Sv57
 *
 * 4 KiB pages, 3 to 5 levels with leaves at each, signed VA of 39, 48 or 57 bits,
 * OA of 56. A first stage.
 */
#ifndef PT_FMT_RISCV64_H
#define PT_FMT_RISCV64_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   57
#define PT_MAX_OASZ_LG2   56
#define PT_MIN_TOP_LEVEL  2
#define PT_MAX_TOP_LEVEL  4

#include "riscv_bits.h"

/*
 * The sign is the highest bit that the levels index. Without sign extension that
 * bit is never set.
 */
static int riscv64_fmt_init(struct pt_iommu_riscv64 *table,
			    const struct pt_iommu_riscv64_cfg *cfg,
			    unsigned int *top_level)
{
	struct pt_common *common = &table->pt.common;
	unsigned int vasz =
		PT_GRANULE_LG2SZ + RISCV_ITEMS_LG2 * (cfg->top_level + 1);

	if (cfg->top_level < PT_MIN_TOP_LEVEL ||
	    cfg->top_level > PT_MAX_TOP_LEVEL)
		return -EINVAL;
	if (!(common->features & BIT(PT_FEAT_SIGN_EXTEND)))
		vasz--;
	if (common->max_vasz_lg2 > vasz)
		common->max_vasz_lg2 = (uint8_t)vasz;
	common->address_mask = RISCV_ADDR;
	*top_level = cfg->top_level;
	return 0;
}
#define pt_iommu_fmt_init riscv64_fmt_init

/* IOMMU specification, "First-Stage context (fsc)": iosatp.MODE and PPN. */
static void riscv64_fmt_hw_info(const struct pt_iommu_riscv64 *table,
				phys_addr_t top_pa, unsigned int top_level,
				struct pt_iommu_riscv64_hw_info *info)
{
	info->ppn = top_pa >> PT_GRANULE_LG2SZ;
	info->mode = (uint8_t)(top_level + 6);
}
#define pt_iommu_fmt_hw_info riscv64_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_riscv64_cfg riscv64_test_cfgs[] = {
	/* Sv39 as plain as can be, and Sv48 and Sv57 with everything */
	{ .common.features = BIT(PT_FEAT_SIGN_EXTEND),
	  .common.hw_max_vasz_lg2 = 39,
	  .common.hw_max_oasz_lg2 = 56,
	  .top_level = 2 },
	{ .common.features =
		  BIT(PT_FEAT_SIGN_EXTEND) | BIT(PT_FEAT_FLUSH_RANGE) |
		  BIT(PT_FEAT_RISCV_HW_AD) | BIT(PT_FEAT_RISCV_SVNAPOT_64K) |
		  BIT(PT_FEAT_RISCV_SVPBMT),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 46,
	  .top_level = 3 },
	{ .common.features =
		  BIT(PT_FEAT_SIGN_EXTEND) | BIT(PT_FEAT_RISCV_SVNAPOT_64K) |
		  BIT(PT_FEAT_RISCV_SVPBMT) | BIT(PT_FEAT_RISCV_SVRSW60T59B),
	  .common.hw_max_vasz_lg2 = 57,
	  .common.hw_max_oasz_lg2 = 56,
	  .top_level = 4 },
	/* Lower half only */
	{ .common.features = BIT(PT_FEAT_RISCV_SVNAPOT_64K),
	  .common.hw_max_vasz_lg2 = 57,
	  .common.hw_max_oasz_lg2 = 56,
	  .top_level = 2 },
	/* An aperture narrower than the levels */
	{ .common.features = BIT(PT_FEAT_RISCV_HW_AD),
	  .common.hw_max_vasz_lg2 = 32,
	  .common.hw_max_oasz_lg2 = 40,
	  .top_level = 3 },
};
#define pt_test_cfgs riscv64_test_cfgs
#endif

#endif
