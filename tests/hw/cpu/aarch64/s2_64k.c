/* SPDX-License-Identifier: MIT */
#define ARM_GRANULE     64k
#define ARM_GRANULE_LG2 16
#include "stage2_template.h"
