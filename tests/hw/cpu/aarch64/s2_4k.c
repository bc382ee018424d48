/* SPDX-License-Identifier: MIT */
#define ARM_STAGE       2
#define ARM_GRANULE     4k
#define ARM_GRANULE_LG2 12
#include "table_template.h"
