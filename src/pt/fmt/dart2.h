/* SPDX-License-Identifier: MIT */
/**
 * DOC: dart2: Apple DART, entries of the second generation (T6000, T8110)
 *
 * Two or three levels under one TTBR, VA of 36 or 47 bits, OA of 42, which stand
 * four bits lower.
 */
#ifndef PT_FMT_DART2_H
#define PT_FMT_DART2_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  14
#define PT_TABLEMEM_LG2SZ 14
#define PT_MAX_VASZ_LG2   47
#define PT_MAX_OASZ_LG2   42
#define PT_MIN_TOP_LEVEL  1
#define PT_MAX_TOP_LEVEL  2

#include "../pt_log2.h"

#define DART_NO_CACHE PT_MASK(1, 1)
#define DART_NO_WRITE PT_MASK(2, 2)
#define DART_NO_READ  PT_MASK(3, 3)
#define DART_ADDR     PT_MASK(37, 10) /* PA[41:14] */
#define DART_ADDR_LG2 4 /* its shift */
#define DART_LEAF     (DART_VALID | DART_SUBPAGE_END)

pt_inline uint64_t dart_addr(phys_addr_t pa)
{
	return pa >> DART_ADDR_LG2 & DART_ADDR;
}

pt_inline phys_addr_t dart_pa(uint64_t entry)
{
	return (entry & DART_ADDR) << DART_ADDR_LG2;
}

#include "dart_bits.h"

static int dart2_fmt_init(struct pt_iommu_dart2 *table,
			  const struct pt_iommu_dart2_cfg *cfg,
			  unsigned int *top_level)
{
	struct pt_common *common = &table->pt.common;
	unsigned int vasz =
		PT_GRANULE_LG2SZ + DART_ITEMS_LG2 * (cfg->top_level + 1);

	if (cfg->top_level < PT_MIN_TOP_LEVEL ||
	    cfg->top_level > PT_MAX_TOP_LEVEL)
		return -EINVAL;
	if (common->max_vasz_lg2 > vasz)
		common->max_vasz_lg2 = (uint8_t)vasz;
	*top_level = cfg->top_level;
	return 0;
}
#define pt_iommu_fmt_init dart2_fmt_init

#define DART_T8020_VALID 0x80000000U
#define DART_T8110_VALID 1U

static void dart2_fmt_hw_info(const struct pt_iommu_dart2 *table,
			      phys_addr_t top_pa, unsigned int top_level,
			      struct pt_iommu_dart2_hw_info *info)
{
	info->ttbr_t8020 = (uint32_t)(top_pa >> 12) | DART_T8020_VALID;
	info->ttbr_t8110 = (uint32_t)(top_pa >> 14 << 2) | DART_T8110_VALID;
	info->four_level = top_level == PT_MAX_TOP_LEVEL;
}
#define pt_iommu_fmt_hw_info dart2_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_dart2_cfg dart2_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 32,
	  .common.hw_max_oasz_lg2 = 42,
	  .top_level = 1 },
	{ .common.hw_max_vasz_lg2 = 36,
	  .common.hw_max_oasz_lg2 = 36,
	  .top_level = 1 },
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 47,
	  .common.hw_max_oasz_lg2 = 42,
	  .top_level = 2 },
};
#define pt_test_cfgs dart2_test_cfgs
#endif

#endif
