/* SPDX-License-Identifier: MIT */
#define BENCH_FMT riscv64
#define BENCH_CFG                                                           \
	{                                                                   \
		.common.features = BIT(PT_FEAT_RISCV_HW_AD) |               \
				   BIT(PT_FEAT_RISCV_SVNAPOT_64K),          \
		.common.hw_max_vasz_lg2 = 48, .common.hw_max_oasz_lg2 = 48, \
		.top_level = BENCH_TOP_LEVEL,                               \
	}
#define BENCH_OA_SHIFT 2
#define BENCH_OA_MASK  UINT64_C(0x003ffffffffffc00)

#include "bench/format_template.h"
