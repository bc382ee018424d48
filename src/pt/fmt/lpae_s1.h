/* SPDX-License-Identifier: MIT */
/**
 * DOC: lpae_s1: Arm LPAE, the long descriptors of 32-bit processors, stage 1
 *
 * 4 KiB pages, up to 3 levels, VA of 32 bits, OA of 40. As the 64-bit
 * architecture's with fewer features.
 */
#ifndef PT_FMT_LPAE_S1_H
#define PT_FMT_LPAE_S1_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   32
#define PT_MAX_OASZ_LG2   40
#define PT_MIN_TOP_LEVEL  1
#define PT_MAX_TOP_LEVEL  2

#define ARM_LPAE
#define ARM_BLOCK_LEVEL       2
#define ARM_CONTIG_LG2(level) 4U
#define ARM_VA_WIDTH          32 /* TTBCR.T0SZ */

#include "armv8_s1_bits.h"

#ifdef PT_TEST
static const struct PT_IOMMU_CFG lpae_s1_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 32, .common.hw_max_oasz_lg2 = 40 },
	/* T0SZ = 1, and the first that needs a level less */
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 31,
	  .common.hw_max_oasz_lg2 = 40 },
	{ .common.hw_max_vasz_lg2 = 30, .common.hw_max_oasz_lg2 = 36 },
	/* The narrowest */
	{ .common.hw_max_vasz_lg2 = 25, .common.hw_max_oasz_lg2 = 32 },
};
#define pt_test_cfgs lpae_s1_test_cfgs
#endif

#endif
