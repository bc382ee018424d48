/* SPDX-License-Identifier: MIT */
#define BENCH_FMT armv8_s1_4k
#define BENCH_CFG                                                           \
	{                                                                   \
		.common.features = BIT(PT_FEAT_ARMV8_DBM),                  \
		.common.hw_max_vasz_lg2 = 48, .common.hw_max_oasz_lg2 = 48, \
	}
#define BENCH_OA_SHIFT 0
#define BENCH_OA_MASK  UINT64_C(0x0000fffffffff000)

#include "bench/format_template.h"
