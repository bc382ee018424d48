/* SPDX-License-Identifier: MIT */
#define PT_FMT armv8_s2_4k
#define PT_SUPPORTED_FEATURES                                  \
	(PT_FLUSH_FEATURES | BIT(PT_FEAT_ARMV8_DBM) |          \
	 BIT(PT_FEAT_ARMV8_BBML1) | BIT(PT_FEAT_ARMV8_BBML2) | \
	 BIT(PT_FEAT_ARMV8_LPA2) | BIT(PT_FEAT_ARMV8_S2FWB))

#include "../iommu_template.h"
