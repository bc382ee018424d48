/* SPDX-License-Identifier: MIT */
/**
 * DOC: riscv32_x4: RISC-V Sv32x4
 *
 * The second stage: as riscv32, with a VA that is two bits wider, a top table of 16
 * KiB, and U=1 in all leaves.
 */
#ifndef PT_FMT_RISCV32_X4_H
#define PT_FMT_RISCV32_X4_H

#define PT_ITEM_WORD_SIZE 4
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   34
#define PT_MAX_OASZ_LG2   34
#define PT_MAX_TOP_LEVEL  1

#define RISCV_X4

#include "riscv_bits.h"

static int riscv32_x4_fmt_init(struct pt_iommu_riscv32_x4 *table,
			       const struct pt_iommu_riscv32_x4_cfg *cfg,
			       unsigned int *top_level)
{
	table->pt.top_level = PT_MAX_TOP_LEVEL;
	*top_level = PT_MAX_TOP_LEVEL;
	return 0;
}
#define pt_iommu_fmt_init riscv32_x4_fmt_init

/* IOMMU specification, "IO hypervisor guest address translation": iohgatp. */
static void riscv32_x4_fmt_hw_info(const struct pt_iommu_riscv32_x4 *table,
				   phys_addr_t top_pa, unsigned int top_level,
				   struct pt_iommu_riscv32_x4_hw_info *info)
{
	info->ppn = (uint32_t)(top_pa >> PT_GRANULE_LG2SZ);
	info->mode = 8;
}
#define pt_iommu_fmt_hw_info riscv32_x4_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_riscv32_x4_cfg riscv32_x4_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 34, .common.hw_max_oasz_lg2 = 34 },
	{ .common.features = BIT(PT_FEAT_RISCV_HW_AD) |
			     BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 34,
	  .common.hw_max_oasz_lg2 = 32 },
	/* An aperture narrower than the levels */
	{ .common.hw_max_vasz_lg2 = 30, .common.hw_max_oasz_lg2 = 34 },
};
#define pt_test_cfgs riscv32_x4_test_cfgs
#endif

#endif
