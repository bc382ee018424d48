/* SPDX-License-Identifier: MIT */
/**
 * DOC: Limits of work on runs of items
 *
 * The least that any implementation has to do, as bare loops. Each exists in several
 * forms: with 8 bytes at a time or a vector of 16, 32 or 64; fused (look at an item
 * and store it) or in two passes (look at all, then store all); and with the work of
 * 1, 4 or 8 steps written out in the loop. Which form is the fastest is up to the
 * processor, so all are measured, and the fastest is the limit.
 */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uiommu/iommu_types.h>

/** enum bench_column - how the code is built. */
enum bench_column {
	BENCH_VECTOR, /* as shipped; vector runs */
	BENCH_SCALAR, /* general registers only */
	BENCH_COLUMNS
};

/**
 * struct bench_dirty - what dirty items look like
 * @mask: bits that differ from those of a clean item
 * @value: what they are
 */
struct bench_dirty {
	uint64_t mask;
	uint64_t value;
};

/**
 * struct bench_form - a form of each limit; all counts are multiples of 64 items
 * @name: for people
 * @map: check that the items are empty and store: @first, @first + @step, ...
 * @unmap: check that all items are there and clear them
 * @fill: only store
 * @list: store items of runs of a page each: its OA >> @shift | @bits. @run is aligned to
 *	64 bytes
 * @scan: read items; has any of them a bit of @mask? The same items are asked for from
 *	@ahead on, line by line, because they are read next; NULL = they are not
 * @clean: read at most 512 items, and store those that are dirty as clean ones; the third
 *	variant stores all, which are dirty. @ahead as above
 */
struct bench_form {
	const char *name;
	bool (*map)(uint64_t *item, size_t n, uint64_t first, uint64_t step);
	bool (*unmap)(uint64_t *item, size_t n);
	void (*fill)(uint64_t *item, size_t n, uint64_t first, uint64_t step);
	void (*list)(uint64_t *item, const struct iommu_run *run, size_t n,
		     uint64_t bits, unsigned int shift);
	bool (*scan)(const uint64_t *item, const uint64_t *ahead, size_t n,
		     uint64_t mask);
	bool (*clean)(uint64_t *item, const uint64_t *ahead, size_t n,
		      const struct bench_dirty *how);
};

/* Forms of a kind of word and number of steps: fused, two passes, several sums. */
#define BENCH_VARIANTS 3

/** bench_one_pass() - the @nr-th of the forms with loops of one pass that differ */
static inline unsigned int bench_one_pass(unsigned int nr)
{
	return BENCH_VARIANTS * nr;
}

/** bench_fills() - the @nr-th of the forms whose fills differ */
static inline unsigned int bench_fills(unsigned int nr)
{
	return BENCH_VARIANTS * (nr / 2) + 1 + nr % 2;
}

/** BENCH_MAX_FORMS - more there are not. */
#define BENCH_MAX_FORMS 36

/** bench_forms() - those of @column that this processor can run. Return: how many. */
size_t bench_forms(enum bench_column column, struct bench_form *form);

#endif
