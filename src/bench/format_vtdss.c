/* SPDX-License-Identifier: MIT */
#define BENCH_FMT vtdss
#define BENCH_CFG                                                           \
	{                                                                   \
		.common.hw_max_vasz_lg2 = 48, .common.hw_max_oasz_lg2 = 48, \
		.top_level = BENCH_TOP_LEVEL,                               \
	}
#define BENCH_OA_SHIFT 0
#define BENCH_OA_MASK  UINT64_C(0x000ffffffffff000)

#include "bench/format_template.h"
