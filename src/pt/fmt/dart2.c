/* SPDX-License-Identifier: MIT */
#define PT_FMT                dart2
#define PT_SUPPORTED_FEATURES PT_FLUSH_FEATURES

#include "../iommu_template.h"
