/* SPDX-License-Identifier: MIT */
/**
 * DOC: armv8_s1_16k: Arm VMSAv8-64, stage 1, with pages of 16 KiB
 *
 * Up to 4 levels; VA and OA of 48 bits, 52 with PT_FEAT_ARMV8_LPA2.
 */
#ifndef PT_FMT_ARMV8_S1_16K_H
#define PT_FMT_ARMV8_S1_16K_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  14
#define PT_TABLEMEM_LG2SZ 14
#define PT_MAX_VASZ_LG2   52
#define PT_MAX_OASZ_LG2   52
#define PT_MIN_TOP_LEVEL  0
#define PT_MAX_TOP_LEVEL  3

#define ARM_BLOCK_LEVEL       1
#define ARM_CONTIG_LG2(level) ((level) ? 5U : 7U)
#define ARM_VA_WIDTH          64

#include "armv8_s1_bits.h"

#ifdef PT_TEST
static const struct PT_IOMMU_CFG armv8_s1_16k_test_cfgs[] = {
	/* A top table of two items */
	{ .common.hw_max_vasz_lg2 = 48, .common.hw_max_oasz_lg2 = 48 },
	{ .common.features = BIT(PT_FEAT_UPPER_RANGE) | BIT(PT_FEAT_ARMV8_DBM),
	  .common.hw_max_vasz_lg2 = 47,
	  .common.hw_max_oasz_lg2 = 44 },
	{ .common.features = BIT(PT_FEAT_ARMV8_LPA2) | BIT(PT_FEAT_ARMV8_DBM),
	  .common.hw_max_vasz_lg2 = 52,
	  .common.hw_max_oasz_lg2 = 52 },
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 36,
	  .common.hw_max_oasz_lg2 = 40 },
	/* A top table of two items again */
	{ .common.hw_max_vasz_lg2 = 26, .common.hw_max_oasz_lg2 = 36 },
	/* Live changes of size */
	{ .common.features = BIT(PT_FEAT_ARMV8_BBML1),
	  .common.hw_max_vasz_lg2 = 40,
	  .common.hw_max_oasz_lg2 = 40 },
	{ .common.features = BIT(PT_FEAT_ARMV8_BBML2) | BIT(PT_FEAT_ARMV8_DBM),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 48 },
};
#define pt_test_cfgs armv8_s1_16k_test_cfgs
#endif

#endif
