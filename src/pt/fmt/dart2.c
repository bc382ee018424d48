/* SPDX-License-Identifier: MIT */
#define PT_FMT                dart2
#define PT_SUPPORTED_FEATURES BIT(PT_FEAT_FLUSH_RANGE)

#include "../iommu_template.h"
