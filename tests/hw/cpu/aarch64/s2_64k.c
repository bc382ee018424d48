/* SPDX-License-Identifier: MIT */
#define ARM_STAGE       2
#define ARM_GRANULE     64k
#define ARM_GRANULE_LG2 16
#include "table_template.h"
