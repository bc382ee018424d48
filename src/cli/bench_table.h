/* SPDX-License-Identifier: MIT */
/**
 * DOC: The benchmark's rows as text
 */
#ifndef CLI_BENCH_TABLE_H
#define CLI_BENCH_TABLE_H

#include <stdio.h>

#include "bench/bench.h"

/**
 * struct cli_bench_table - what has been printed of it
 * @out: where to
 * @format: of the last row; NULL = none yet
 * @operation: of it
 * @columns: how many of its cells have been printed
 */
struct cli_bench_table {
	FILE *out;
	const char *format;
	const char *operation;
	unsigned int columns;
};

/** cli_bench_table_add() - the next row; a line is whole when the next begins. */
void cli_bench_table_add(struct cli_bench_table *table,
			 const struct bench_result *result);

/** cli_bench_table_end() - after the last. */
void cli_bench_table_end(struct cli_bench_table *table);

#endif
