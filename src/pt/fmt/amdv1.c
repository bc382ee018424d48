/* SPDX-License-Identifier: MIT */
#define PT_FMT amdv1
#define PT_SUPPORTED_FEATURES                                                  \
	(BIT(PT_FEAT_FULL_VA) | BIT(PT_FEAT_DYNAMIC_TOP) | PT_FLUSH_FEATURES | \
	 BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES) |                                   \
	 BIT(PT_FEAT_AMDV1_FORCE_COHERENCE))

#include "../iommu_template.h"
