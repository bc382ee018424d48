/* SPDX-License-Identifier: MIT */
/**
 * DOC: riscv64_x4: RISC-V Sv39x4, Sv48x4 and Sv57x4
 *
 * The second stage: as riscv64, with an unsigned VA that is two bits wider, a top
 * table of 16 KiB, and U=1 in all leaves.
 */
#ifndef PT_FMT_RISCV64_X4_H
#define PT_FMT_RISCV64_X4_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   59
#define PT_MAX_OASZ_LG2   56
#define PT_MIN_TOP_LEVEL  2
#define PT_MAX_TOP_LEVEL  4

#define RISCV_X4

#include "riscv_bits.h"

static int riscv64_x4_fmt_init(struct pt_iommu_riscv64_x4 *table,
			       const struct pt_iommu_riscv64_x4_cfg *cfg,
			       unsigned int *top_level)
{
	struct pt_common *common = &table->pt.common;
	unsigned int vasz =
		PT_GRANULE_LG2SZ + RISCV_ITEMS_LG2 * (cfg->top_level + 1) + 2;

	if (cfg->top_level < PT_MIN_TOP_LEVEL ||
	    cfg->top_level > PT_MAX_TOP_LEVEL)
		return -EINVAL;
	if (common->max_vasz_lg2 > vasz)
		common->max_vasz_lg2 = (uint8_t)vasz;
	table->pt.top_level = (uint8_t)cfg->top_level;
	common->address_mask = RISCV_ADDR;
	*top_level = cfg->top_level;
	return 0;
}
#define pt_iommu_fmt_init riscv64_x4_fmt_init

/* IOMMU specification, "IO hypervisor guest address translation": iohgatp. */
static void riscv64_x4_fmt_hw_info(const struct pt_iommu_riscv64_x4 *table,
				   phys_addr_t top_pa, unsigned int top_level,
				   struct pt_iommu_riscv64_x4_hw_info *info)
{
	info->ppn = top_pa >> PT_GRANULE_LG2SZ;
	info->mode = (uint8_t)(top_level + 6);
}
#define pt_iommu_fmt_hw_info riscv64_x4_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_riscv64_x4_cfg riscv64_x4_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 41,
	  .common.hw_max_oasz_lg2 = 56,
	  .top_level = 2 },
	{ .common.features =
		  BIT(PT_FEAT_FLUSH_RANGE) | BIT(PT_FEAT_RISCV_HW_AD) |
		  BIT(PT_FEAT_RISCV_SVNAPOT_64K) | BIT(PT_FEAT_RISCV_SVPBMT),
	  .common.hw_max_vasz_lg2 = 50,
	  .common.hw_max_oasz_lg2 = 46,
	  .top_level = 3 },
	{ .common.features = BIT(PT_FEAT_RISCV_SVNAPOT_64K) |
			     BIT(PT_FEAT_RISCV_SVPBMT) |
			     BIT(PT_FEAT_RISCV_SVRSW60T59B),
	  .common.hw_max_vasz_lg2 = 59,
	  .common.hw_max_oasz_lg2 = 56,
	  .top_level = 4 },
	/* An aperture narrower than the levels */
	{ .common.features = BIT(PT_FEAT_RISCV_HW_AD),
	  .common.hw_max_vasz_lg2 = 32,
	  .common.hw_max_oasz_lg2 = 40,
	  .top_level = 3 },
};
#define pt_test_cfgs riscv64_x4_test_cfgs
#endif

#endif
