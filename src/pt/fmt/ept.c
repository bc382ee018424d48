/* SPDX-License-Identifier: MIT */
#define PT_FMT ept
#define PT_SUPPORTED_FEATURES                      \
	(PT_FLUSH_FEATURES | BIT(PT_FEAT_EPT_AD) | \
	 BIT(PT_FEAT_EPT_IGNORE_PAT) | BIT(PT_FEAT_EPT_MODE_BASED_EXEC))

#include "../iommu_template.h"
