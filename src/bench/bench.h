/* SPDX-License-Identifier: MIT */
/**
 * DOC: The benchmark of the page table
 *
 * A *row* is an operation on tables of a format in a column, that is, a build. Each
 * is measured beside its limit, the least that any implementation of it has to do.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <regex.h>

#include "bench/judge.h"
#include "bench/limit.h"

/** enum bench_unit - what the figures of a row are. */
enum bench_unit {
	BENCH_NS, /* nanoseconds of one operation */
	BENCH_NS_PAGE, /* nanoseconds of one page */
	BENCH_NS_TABLE, /* nanoseconds of one table */
	BENCH_ENTRIES, /* accesses to entries, counted */
};

/**
 * struct bench_result - a row
 * @name: operation, format and column, with slashes
 * @operation: the first of them
 * @format: the second
 * @column: the third
 * @unit: of @op and @limit
 * @op: the operation
 * @limit: the fastest form of its limit
 * @form: which that is
 * @judgement: what it says
 * @target: the ratio allowed
 * @note: for people, or empty
 */
struct bench_result {
	char name[96];
	const char *operation;
	const char *format;
	enum bench_column column;
	enum bench_unit unit;
	struct bench_time op;
	struct bench_time limit;
	const char *form;
	struct bench_judgement judgement;
	double target;
	char note[96];
};

/**
 * struct bench_options - what to measure, and how thoroughly
 * @filter: only rows whose name it matches; NULL = all
 * @quick: few and short samples, small memory
 * @list: report the rows, and measure nothing
 * @min_time: seconds that each row is measured at least
 */
struct bench_options {
	const regex_t *filter;
	bool quick;
	bool list;
	double min_time;
};

/** bench_report - gets a row. */
typedef void bench_report(void *arg, const struct bench_result *result);

/**
 * bench_run() - measure
 * @report: gets each row as soon as it is known
 *
 * The thread that calls it is pinned to its processor meanwhile.
 *
 * Return: 0; -ENOMEM; -EIO: an operation did not do what it should, which the last
 * report's note says.
 */
int bench_run(const struct bench_options *options, bench_report *report,
	      void *arg);

#define BENCH_MIN_SIZE_LG2 12
#define BENCH_MAX_SIZE_LG2 36

/** BENCH_SIZES - how many sizes bench_sizes() measures: each four times the last. */
#define BENCH_SIZES ((BENCH_MAX_SIZE_LG2 - BENCH_MIN_SIZE_LG2) / 2 + 1)

/**
 * struct bench_size - what a range of a size costs, in pages of 4 KiB
 * @lg2: of its bytes
 * @map: nanoseconds of a page, and of the limit
 * @unmap: the same
 */
struct bench_size {
	unsigned int lg2;
	struct bench_measured map;
	struct bench_measured unmap;
};

/**
 * bench_sizes() - map and unmap ranges of all sizes with tables of a format
 * @format: its name
 * @size: gets BENCH_SIZES for each column; with @options->quick, those that follow
 *	16 MiB keep an lg2 of 0
 *
 * Return: as bench_run(); -EINVAL: there is no such format.
 */
int bench_sizes(const struct bench_options *options, const char *format,
		struct bench_size size[BENCH_COLUMNS][BENCH_SIZES]);

/** bench_column_name() - "vector" or "scalar". */
const char *bench_column_name(enum bench_column column);

#endif
