/* SPDX-License-Identifier: MIT */
/**
 * DOC: Cases: what is measured together
 *
 * A case makes a table, measures a trial on it and frees it. Each part of the trial is
 * a row.
 */
#ifndef BENCH_CASE_H
#define BENCH_CASE_H

#include <sched.h>

#include "bench/bench.h"
#include "bench/format.h"
#include "bench/pair.h"
#include "port/port.h"

/**
 * struct bench_context - in which a case runs
 * @format: of the tables
 * @column: its build
 * @nr: the format's number
 * @plan: how thoroughly
 * @quick: use little memory
 * @processors: that may be used
 * @form: forms of the limits on runs
 * @forms: how many
 * @form_name: set by the case: of the limits of each part
 * @note: set by the case, for people
 */
struct bench_context {
	const struct bench_format *format;
	enum bench_column column;
	unsigned int nr;
	struct bench_plan plan;
	bool quick;
	cpu_set_t processors;
	struct bench_form form[BENCH_MAX_FORMS];
	unsigned int forms;
	const char *form_name[BENCH_PARTS];
	char note[96];
};

/**
 * struct bench_part - a row
 * @name: of the operation
 * @target: the ratio allowed in each column
 * @unit: of the figures
 * @max_ns: the operation may also not take longer than this; 0 = it may
 * @may_beat: it need not do what the limit does
 */
struct bench_part {
	const char *name;
	double target[BENCH_COLUMNS];
	enum bench_unit unit;
	double max_ns;
	bool may_beat;
};

/**
 * struct bench_case - a case
 * @measure: do it. 0; -ENODATA: it cannot be measured here, and the note says why;
 *	-EIO: an operation did not do what it should, and the note says which; -ENOMEM
 * @level: for @measure: level of pages
 * @lg2: for @measure: of a size
 * @more: for @measure
 */
struct bench_case {
	int (*measure)(struct bench_context *ctx, const struct bench_case *c,
		       struct bench_measured *out);
	unsigned int level;
	unsigned int lg2;
	unsigned int more;
	unsigned int parts;
	struct bench_part part[BENCH_PARTS];
};

/** bench_cases - all of them, ended by one without parts. */
extern const struct bench_case bench_cases[];

int bench_case_pages(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out);
int bench_case_single(struct bench_context *ctx, const struct bench_case *c,
		      struct bench_measured *out);
int bench_case_chain(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out);
int bench_case_lookups(struct bench_context *ctx, const struct bench_case *c,
		       struct bench_measured *out);

int bench_case_batch(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out);
int bench_case_unmap_tables(struct bench_context *ctx,
			    const struct bench_case *c,
			    struct bench_measured *out);
int bench_case_fill(struct bench_context *ctx, const struct bench_case *c,
		    struct bench_measured *out);
int bench_case_list(struct bench_context *ctx, const struct bench_case *c,
		    struct bench_measured *out);
int bench_case_cold(struct bench_context *ctx, const struct bench_case *c,
		    struct bench_measured *out);
int bench_case_dirty(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out);
int bench_case_threads(struct bench_context *ctx, const struct bench_case *c,
		       struct bench_measured *out);
int bench_case_size(struct bench_context *ctx, const struct bench_case *c,
		    struct bench_measured *out);
int bench_case_count(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out);

/* bench_case.more of bench_case_dirty(): a percentage, and these. */
#define BENCH_CLEAR       (1U << 8)
#define BENCH_TWO_THREADS (1U << 9)

/**
 * struct bench_world - a table, and what it stands in
 * @format: of it
 * @arena: its memory
 * @rt: the arena's runtime; in the scalar column without vector code
 * @table: the table
 * @root: of it
 * @wrong: what an operation did not do; NULL = all is well
 */
struct bench_world {
	const struct bench_format *format;
	struct port_arena *arena;
	struct pt_runtime rt;
	struct bench_table table;
	struct bench_root root;
	const char *wrong;
};

/** BENCH_PROT - what pages are mapped with. */
#define BENCH_PROT (IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE)

/** BENCH_VA - where most of them are; BENCH_AWAY - from there to where they go. */
#define BENCH_VA   ((dma_addr_t)UINT64_C(1) << 44)
#define BENCH_AWAY (UINT64_C(1) << 45)

/** bench_world_open() - an empty table. Return: 0 or an error. */
int bench_world_open(struct bench_world *world,
		     const struct bench_context *ctx);

/** bench_world_close() - free it. @ret and what went wrong are what a case returns. */
int bench_world_close(struct bench_world *world, struct bench_context *ctx,
		      int ret);

/** bench_expect() - note @what unless @good. Return: @good. */
static inline bool bench_expect(struct bench_world *world, bool good,
				const char *what)
{
	if (!good && !world->wrong)
		world->wrong = what;
	return good;
}

/** bench_map() - outside of what is timed: map all of it. */
void bench_map(struct bench_world *world, dma_addr_t va, phys_addr_t oa,
	       dma_addr_t len);

/** bench_unmap() - outside of what is timed: unmap all of it, and free tables. */
void bench_unmap(struct bench_world *world, dma_addr_t va, dma_addr_t len);

#endif
