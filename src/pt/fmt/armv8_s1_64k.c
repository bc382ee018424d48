/* SPDX-License-Identifier: MIT */
#define PT_FMT armv8_s1_64k
#define PT_SUPPORTED_FEATURES                                \
	(BIT(PT_FEAT_UPPER_RANGE) | PT_FLUSH_FEATURES |      \
	 BIT(PT_FEAT_ARMV8_DBM) | BIT(PT_FEAT_ARMV8_BBML1) | \
	 BIT(PT_FEAT_ARMV8_BBML2))

#include "../iommu_template.h"
