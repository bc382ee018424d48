/* SPDX-License-Identifier: MIT */
#define ARM_GRANULE     4k
#define ARM_GRANULE_LG2 12
#include "stage2_template.h"
