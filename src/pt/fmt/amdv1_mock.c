/* SPDX-License-Identifier: MIT */
#define PT_FMT                amdv1_mock
#define PT_SUPPORTED_FEATURES PT_FLUSH_FEATURES

#include "../iommu_template.h"
