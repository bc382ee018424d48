/* SPDX-License-Identifier: MIT */
/**
 * DOC: The benchmark's charts
 */
#ifndef CLI_BENCH_CHART_H
#define CLI_BENCH_CHART_H

#include <stdio.h>

#include "bench/bench.h"

/**
 * cli_bench_chart_size() - cost per page against size, of map and unmap
 * @format: of the tables
 * @model: of the processor
 */
void cli_bench_chart_size(FILE *out,
			  struct bench_size size[BENCH_COLUMNS][BENCH_SIZES],
			  const char *format, const char *model);

/** cli_bench_chart_limits() - each operation against its limit */
void cli_bench_chart_limits(FILE *out, const struct bench_result *result,
			    size_t n, const char *model);

#endif
