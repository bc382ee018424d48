/* SPDX-License-Identifier: MIT */
#define SMMU_GRANULE     4k
#define SMMU_GRANULE_LG2 12
#include "stage2_template.h"
