/* SPDX-License-Identifier: MIT */
#define PT_FMT vtdss
#define PT_SUPPORTED_FEATURES                                     \
	(PT_FLUSH_FEATURES | BIT(PT_FEAT_VTDSS_FORCE_COHERENCE) | \
	 BIT(PT_FEAT_VTDSS_FORCE_WRITEABLE))

#include "../iommu_template.h"
