/* SPDX-License-Identifier: MIT */
#define SMMU_GRANULE     16k
#define SMMU_GRANULE_LG2 14
#include "stage2_template.h"
