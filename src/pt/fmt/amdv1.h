/* SPDX-License-Identifier: MIT */
/**
 * DOC: amdv1: AMD I/O page tables for host translations
 *
 * 4 KiB pages, up to 6 levels, VA of 64 bits, OA of 52.
 */
#ifndef PT_FMT_AMDV1_H
#define PT_FMT_AMDV1_H

#define PT_ITEM_WORD_SIZE  8
#define PT_GRANULE_LG2SZ   12
#define PT_TABLEMEM_LG2SZ  12
#define PT_MAX_VASZ_LG2    64
#define PT_MAX_OASZ_LG2    52
#define PT_MIN_TOP_LEVEL   1
#define PT_MAX_TOP_LEVEL   5
#define PT_FORCED_FEATURES BIT(PT_FEAT_FULL_VA)

#define AMDV1_MAX_LEAF_LEVEL  4
#define AMDV1_FORCE_COHERENCE PT_FEAT_AMDV1_FORCE_COHERENCE

#include "amdv1_bits.h"
#include "amd_encrypt.h"

/*
 * Mode 1, a single level, is legal for hardware but of no use: it translates
 * 2 MiB, and no driver makes it.
 */
static int amdv1_fmt_init(struct pt_iommu_amdv1 *table,
			  const struct pt_iommu_amdv1_cfg *cfg,
			  unsigned int *top_level)
{
	struct pt_common *common = &table->pt.common;
	unsigned int vasz = PT_GRANULE_LG2SZ + 9 * (cfg->starting_level + 1);

	int ret = 0;

	table->pt.encrypt_mask = 0;
	if (cfg->starting_level < PT_MIN_TOP_LEVEL ||
	    cfg->starting_level > PT_MAX_TOP_LEVEL)
		return -EINVAL;
	if (!(common->features & BIT(PT_FEAT_DYNAMIC_TOP)) &&
	    common->max_vasz_lg2 > vasz)
		common->max_vasz_lg2 = (uint8_t)vasz;
	*top_level = cfg->starting_level;
	if (common->features & BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES))
		ret = amd_encrypt_init(common, cfg->encrypt_bit,
				       &table->pt.encrypt_mask);
	common->address_mask = AMDV1_ADDR & ~table->pt.encrypt_mask;
	return ret;
}
#define pt_iommu_fmt_init amdv1_fmt_init

/* "Device Table Entry Format": Host Page Table Root Pointer and Mode. */
static void amdv1_fmt_hw_info(const struct pt_iommu_amdv1 *table,
			      phys_addr_t top_pa, unsigned int top_level,
			      struct pt_iommu_amdv1_hw_info *info)
{
	info->host_pt_root = top_pa | table->pt.encrypt_mask;
	info->mode = (uint8_t)(top_level + 1);
}
#define pt_iommu_fmt_hw_info amdv1_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_amdv1_cfg amdv1_test_cfgs[] = {
	/* Static tables of every mode */
	{ .common.hw_max_vasz_lg2 = 64,
	  .common.hw_max_oasz_lg2 = 52,
	  .starting_level = 1 },
	{ .common.hw_max_vasz_lg2 = 64,
	  .common.hw_max_oasz_lg2 = 52,
	  .starting_level = 2 },
	{ .common.features = BIT(PT_FEAT_AMDV1_FORCE_COHERENCE),
	  .common.hw_max_vasz_lg2 = 64,
	  .common.hw_max_oasz_lg2 = 48,
	  .starting_level = 3 },
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 64,
	  .common.hw_max_oasz_lg2 = 52,
	  .starting_level = 4 },
	{ .common.hw_max_vasz_lg2 = 64,
	  .common.hw_max_oasz_lg2 = 52,
	  .starting_level = 5 },
	/* An aperture narrower than the levels */
	{ .common.hw_max_vasz_lg2 = 40,
	  .common.hw_max_oasz_lg2 = 40,
	  .starting_level = 4 },
	/* Growing ones, as drivers use them */
	{ .common.features = BIT(PT_FEAT_DYNAMIC_TOP) |
			     BIT(PT_FEAT_FLUSH_RANGE) |
			     BIT(PT_FEAT_AMDV1_FORCE_COHERENCE),
	  .common.hw_max_vasz_lg2 = 64,
	  .common.hw_max_oasz_lg2 = 52,
	  .starting_level = 1 },
	{ .common.features = BIT(PT_FEAT_DYNAMIC_TOP) |
			     BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 48,
	  .starting_level = 2 },
	/* The C-bit in the middle and at the top of the address field */
	{ .common.features = BIT(PT_FEAT_DYNAMIC_TOP) |
			     BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES),
	  .common.hw_max_vasz_lg2 = 64,
	  .common.hw_max_oasz_lg2 = 52,
	  .starting_level = 2,
	  .encrypt_bit = 47 },
	{ .common.features = BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 48,
	  .starting_level = 3,
	  .encrypt_bit = 51 },
};
#define pt_test_cfgs      amdv1_test_cfgs
#define pt_test_cfg_level starting_level
#endif

#endif
