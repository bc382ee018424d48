/* SPDX-License-Identifier: MIT */
#define ARM_GRANULE     16k
#define ARM_GRANULE_LG2 14
#include "stage1_template.h"
