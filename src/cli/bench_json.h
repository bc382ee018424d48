/* SPDX-License-Identifier: MIT */
/**
 * DOC: The benchmark's rows as JSON
 */
#ifndef CLI_BENCH_JSON_H
#define CLI_BENCH_JSON_H

#include <stdio.h>

#include "bench/bench.h"

/**
 * cli_bench_json() - write @n rows in the schema of google-benchmark
 * @model: of the processor
 *
 * Each row is an iteration with the median, followed by the aggregates "median" and
 * "min". Counters: limit_ns, ratio, target, noise.
 *
 * Return: 0 or an exit status after a line on stderr.
 */
int cli_bench_json(FILE *file, const struct bench_result *result, size_t n,
		   const char *model);

/** cli_bench_model() - what the system calls the processor, into @text. */
void cli_bench_model(char *text, size_t size);

#endif
