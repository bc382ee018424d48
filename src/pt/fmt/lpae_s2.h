/* SPDX-License-Identifier: MIT */
/**
 * DOC: lpae_s2: Arm LPAE, the long descriptors of 32-bit processors, stage 2
 *
 * 4 KiB pages, up to 3 levels, VA of 40 bits, OA of 40. As the 64-bit
 * architecture's with fewer features.
 */
#ifndef PT_FMT_LPAE_S2_H
#define PT_FMT_LPAE_S2_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   40
#define PT_MAX_OASZ_LG2   40
#define PT_MIN_TOP_LEVEL  1
#define PT_MAX_TOP_LEVEL  2

#define ARM_LPAE
#define ARM_BLOCK_LEVEL       2
#define ARM_CONTIG_LG2(level) 4U
/* VTCR.S and T0SZ: 32 - width, a signed number of five bits */
#define ARM_S2_T0SZ(vasz_lg2) ((uint8_t)((32 - (vasz_lg2)) & 0x1f))

#include "armv8_s2_bits.h"

#ifdef PT_TEST
static const struct PT_IOMMU_CFG lpae_s2_test_cfgs[] = {
	/* Two tables side by side */
	{ .common.hw_max_vasz_lg2 = 40, .common.hw_max_oasz_lg2 = 40 },
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 39,
	  .common.hw_max_oasz_lg2 = 40 },
	/* Sixteen */
	{ .common.hw_max_vasz_lg2 = 34, .common.hw_max_oasz_lg2 = 40 },
	{ .common.hw_max_vasz_lg2 = 32, .common.hw_max_oasz_lg2 = 36 },
	/* The narrowest */
	{ .common.hw_max_vasz_lg2 = 25, .common.hw_max_oasz_lg2 = 32 },
};
#define pt_test_cfgs lpae_s2_test_cfgs
#endif

#endif
