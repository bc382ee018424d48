/* SPDX-License-Identifier: MIT */
#define SMMU_GRANULE     64k
#define SMMU_GRANULE_LG2 16
#include "stage2_template.h"
