/* SPDX-License-Identifier: MIT */
/**
 * DOC: armv8_s1_64k: Arm VMSAv8-64, stage 1, with pages of 64 KiB
 *
 * Up to 3 levels; VA and OA of 48 bits, 52 without a feature.
 */
#ifndef PT_FMT_ARMV8_S1_64K_H
#define PT_FMT_ARMV8_S1_64K_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  16
#define PT_TABLEMEM_LG2SZ 16
#define PT_MAX_VASZ_LG2   52
#define PT_MAX_OASZ_LG2   52
#define PT_MIN_TOP_LEVEL  0
#define PT_MAX_TOP_LEVEL  2

#define ARM_BLOCK_LEVEL       1
#define ARM_CONTIG_LG2(level) 5U
#define ARM_VA_WIDTH          64

#include "armv8_s1_bits.h"

#ifdef PT_TEST
static const struct PT_IOMMU_CFG armv8_s1_64k_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 48, .common.hw_max_oasz_lg2 = 48 },
	/* All 52 bits */
	{ .common.features = BIT(PT_FEAT_ARMV8_DBM),
	  .common.hw_max_vasz_lg2 = 52,
	  .common.hw_max_oasz_lg2 = 52 },
	{ .common.features = BIT(PT_FEAT_UPPER_RANGE) |
			     BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 42,
	  .common.hw_max_oasz_lg2 = 48 },
	/* A single table */
	{ .common.hw_max_vasz_lg2 = 29, .common.hw_max_oasz_lg2 = 36 },
	/* Live changes of size */
	{ .common.features = BIT(PT_FEAT_ARMV8_BBML1),
	  .common.hw_max_vasz_lg2 = 40,
	  .common.hw_max_oasz_lg2 = 40 },
	{ .common.features = BIT(PT_FEAT_ARMV8_BBML2) | BIT(PT_FEAT_ARMV8_DBM),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 48 },
};
#define pt_test_cfgs armv8_s1_64k_test_cfgs
#endif

#endif
