/* SPDX-License-Identifier: MIT */
/**
 * DOC: armv8_s2_4k: Arm VMSAv8-64, stage 2, with pages of 4 KiB
 *
 * Up to 4 levels; VA and OA of 48 bits, 52 with PT_FEAT_ARMV8_LPA2.
 */
#ifndef PT_FMT_ARMV8_S2_4K_H
#define PT_FMT_ARMV8_S2_4K_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   52
#define PT_MAX_OASZ_LG2   52
#define PT_MIN_TOP_LEVEL  1
#define PT_MAX_TOP_LEVEL  3

#define ARM_BLOCK_LEVEL       2
#define ARM_CONTIG_LG2(level) 4U
#define ARM_S2_T0SZ(vasz_lg2) ((uint8_t)(64 - (vasz_lg2)))

#include "armv8_s2_bits.h"

#ifdef PT_TEST
static const struct PT_IOMMU_CFG armv8_s2_4k_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 48, .common.hw_max_oasz_lg2 = 48 },
	/* Two tables side by side, and sixteen */
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 40,
	  .common.hw_max_oasz_lg2 = 40 },
	{ .common.features = BIT(PT_FEAT_ARMV8_DBM) | BIT(PT_FEAT_ARMV8_S2FWB),
	  .common.hw_max_vasz_lg2 = 43,
	  .common.hw_max_oasz_lg2 = 44 },
	{ .common.features = BIT(PT_FEAT_ARMV8_LPA2) | BIT(PT_FEAT_ARMV8_DBM),
	  .common.hw_max_vasz_lg2 = 52,
	  .common.hw_max_oasz_lg2 = 52 },
	{ .common.features = BIT(PT_FEAT_ARMV8_S2FWB),
	  .common.hw_max_vasz_lg2 = 34,
	  .common.hw_max_oasz_lg2 = 36 },
	/* The narrowest */
	{ .common.hw_max_vasz_lg2 = 25, .common.hw_max_oasz_lg2 = 36 },
	/* Live changes of size */
	{ .common.features = BIT(PT_FEAT_ARMV8_BBML1),
	  .common.hw_max_vasz_lg2 = 40,
	  .common.hw_max_oasz_lg2 = 40 },
	{ .common.features = BIT(PT_FEAT_ARMV8_BBML2) | BIT(PT_FEAT_ARMV8_DBM),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 48 },
};
#define pt_test_cfgs armv8_s2_4k_test_cfgs
#endif

#endif
