/* SPDX-License-Identifier: MIT */
#define PT_FMT                v7s
#define PT_SUPPORTED_FEATURES PT_FLUSH_FEATURES

#include "../iommu_template.h"
