/* SPDX-License-Identifier: MIT */
/**
 * DOC: A set of offsets
 *
 * Kept as few disjoint ranges in order; finding one costs O(log n).
 */
#ifndef RUN_RANGES_H
#define RUN_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct run_range - [@start, @end)
 */
struct run_range {
	uint64_t start;
	uint64_t end;
};

/** struct run_ranges - all zero is the empty set */
struct run_ranges {
	struct run_range *range;
	size_t nr;
	size_t max;
};

/** run_ranges_add() - [@start, @end) is in the set; false without memory. */
bool run_ranges_add(struct run_ranges *set, uint64_t start, uint64_t end);

/** run_ranges_remove() - it is not; false without memory, nothing has changed. */
bool run_ranges_remove(struct run_ranges *set, uint64_t start, uint64_t end);

/** run_ranges_overlap() - is any of [@start, @end) in the set? */
bool run_ranges_overlap(const struct run_ranges *set, uint64_t start,
			uint64_t end);

/** run_ranges_free() - it is empty again. */
void run_ranges_free(struct run_ranges *set);

#endif
