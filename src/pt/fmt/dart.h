/* SPDX-License-Identifier: MIT */
/**
 * DOC: dart: Apple DART, entries of the first generation (T8103)
 *
 * Two levels under one TTBR, VA of 36 bits, OA of 36.
 */
#ifndef PT_FMT_DART_H
#define PT_FMT_DART_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  14
#define PT_TABLEMEM_LG2SZ 14
#define PT_MAX_VASZ_LG2   36
#define PT_MAX_OASZ_LG2   36
#define PT_MAX_TOP_LEVEL  1

#include "../pt_log2.h"

#define DART_SUBPAGE_OFF PT_MASK(1, 1) /* no protection of parts of a page */
#define DART_NO_WRITE    PT_MASK(7, 7)
#define DART_NO_READ     PT_MASK(8, 8)
#define DART_NO_CACHE    0ULL /* all is cacheable */
#define DART_ADDR        PT_MASK(35, 14)
#define DART_LEAF        (DART_VALID | DART_SUBPAGE_OFF | DART_SUBPAGE_END)

pt_inline uint64_t dart_addr(phys_addr_t pa)
{
	return pa & DART_ADDR;
}

pt_inline phys_addr_t dart_pa(uint64_t entry)
{
	return entry & DART_ADDR;
}

#include "dart_bits.h"

static int dart_fmt_init(struct pt_iommu_dart *table,
			 const struct pt_iommu_dart_cfg *cfg,
			 unsigned int *top_level)
{
	*top_level = PT_MAX_TOP_LEVEL;
	return 0;
}
#define pt_iommu_fmt_init dart_fmt_init

#define DART_TTBR_VALID 0x80000000U

static void dart_fmt_hw_info(const struct pt_iommu_dart *table,
			     phys_addr_t top_pa, unsigned int top_level,
			     struct pt_iommu_dart_hw_info *info)
{
	info->ttbr = (uint32_t)(top_pa >> 12) | DART_TTBR_VALID;
}
#define pt_iommu_fmt_hw_info dart_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_dart_cfg dart_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 32, .common.hw_max_oasz_lg2 = 36 },
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 36,
	  .common.hw_max_oasz_lg2 = 36 },
};
#define pt_test_cfgs dart_test_cfgs
#endif

#endif
