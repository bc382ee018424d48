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

/** cli_bench_sum_up() - how many of the @n rows have each verdict, in a line. */
void cli_bench_sum_up(FILE *out, const struct bench_result *result, size_t n);

/**
 * cli_bench_complain() - a line on stderr for each operation that beats its limit
 *
 * Return: the exit status: 1 if there is one, else 0.
 */
int cli_bench_complain(const struct bench_result *result, size_t n);

#endif
