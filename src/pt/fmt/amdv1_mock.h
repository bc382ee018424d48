/* SPDX-License-Identifier: MIT */
/**
 * DOC: amdv1_mock: amdv1 with a page of 2 KiB
 *
 * For tests of software that must not take its own page size for the IOMMU's.
 * The address field of an entry counts units of 2 KiB; up to 5 levels, VA of 56
 * bits, OA of 51. No hardware has it.
 */
#ifndef PT_FMT_AMDV1_MOCK_H
#define PT_FMT_AMDV1_MOCK_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  11
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   56
#define PT_MAX_OASZ_LG2   51
#define PT_MIN_TOP_LEVEL  1
#define PT_MAX_TOP_LEVEL  4

#define AMDV1_MAX_LEAF_LEVEL 3

#include "amdv1_bits.h"

static int amdv1_mock_fmt_init(struct pt_iommu_amdv1_mock *table,
			       const struct pt_iommu_amdv1_mock_cfg *cfg,
			       unsigned int *top_level)
{
	struct pt_common *common = &table->pt.common;
	unsigned int vasz = PT_GRANULE_LG2SZ + 9 * (cfg->starting_level + 1);

	table->pt.encrypt_mask = 0;
	common->address_mask = AMDV1_ADDR;
	if (cfg->starting_level < PT_MIN_TOP_LEVEL ||
	    cfg->starting_level > PT_MAX_TOP_LEVEL)
		return -EINVAL;
	if (common->max_vasz_lg2 > vasz)
		common->max_vasz_lg2 = (uint8_t)vasz;
	*top_level = cfg->starting_level;
	return 0;
}
#define pt_iommu_fmt_init amdv1_mock_fmt_init

static void amdv1_mock_fmt_hw_info(const struct pt_iommu_amdv1_mock *table,
				   phys_addr_t top_pa, unsigned int top_level,
				   struct pt_iommu_amdv1_mock_hw_info *info)
{
	info->host_pt_root = top_pa;
	info->mode = (uint8_t)(top_level + 1);
}
#define pt_iommu_fmt_hw_info amdv1_mock_fmt_hw_info

/* OAs are shifted to the left. */
static inline unsigned int amdv1_mock_flat_lg2(const struct pt_common *common)
{
	return 0;
}
#define pt_leaf_flat_lg2 amdv1_mock_flat_lg2

#ifdef PT_TEST
static const struct pt_iommu_amdv1_mock_cfg amdv1_mock_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 56,
	  .common.hw_max_oasz_lg2 = 51,
	  .starting_level = 1 },
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 56,
	  .common.hw_max_oasz_lg2 = 51,
	  .starting_level = 2 },
	{ .common.hw_max_vasz_lg2 = 56,
	  .common.hw_max_oasz_lg2 = 51,
	  .starting_level = 3 },
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 56,
	  .common.hw_max_oasz_lg2 = 51,
	  .starting_level = 4 },
};
#define pt_test_cfgs amdv1_mock_test_cfgs
#endif

#endif
