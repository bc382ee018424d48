/* SPDX-License-Identifier: MIT */
#define ARM_STAGE       2
#define ARM_GRANULE     16k
#define ARM_GRANULE_LG2 14
#include "table_template.h"
