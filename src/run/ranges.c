/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "ranges.h"

/* The first range that ends behind @at. */
static size_t first_behind(const struct run_ranges *set, uint64_t at)
{
	size_t low = 0, high = set->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (set->range[middle].end > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool grow(struct run_ranges *set)
{
	size_t max = set->max ? 2 * set->max : 4;
	struct run_range *range;

	if (set->nr < set->max)
		return true;
	range = realloc(set->range, max * sizeof(*range));
	if (!range)
		return false;
	set->range = range;
	set->max = max;
	return true;
}

/* Put the @nr ranges of @new where the @gone from @i on are; there is room. */
static void replace(struct run_ranges *set, size_t i, size_t gone,
		    const struct run_range *new, size_t nr)
{
	memmove(&set->range[i + nr], &set->range[i + gone],
		(set->nr - i - gone) * sizeof(*new));
	memcpy(&set->range[i], new, nr * sizeof(*new));
	set->nr += nr;
	set->nr -= gone;
}

bool run_ranges_add(struct run_ranges *set, uint64_t start, uint64_t end)
{
	struct run_range new = { start, end };
	size_t i, n;

	if (start >= end)
		return true;
	if (!grow(set))
		return false;
	/* Those that only touch become one, too. */
	i = first_behind(set, start ? start - 1 : 0);
	for (n = i; n < set->nr && set->range[n].start <= end; n++) {
		if (set->range[n].start < new.start)
			new.start = set->range[n].start;
		if (set->range[n].end > new.end)
			new.end = set->range[n].end;
	}
	replace(set, i, n - i, &new, 1);
	return true;
}

bool run_ranges_remove(struct run_ranges *set, uint64_t start, uint64_t end)
{
	struct run_range left[2];
	size_t i, n, nr = 0;

	if (!run_ranges_overlap(set, start, end))
		return true;
	if (!grow(set))
		return false;
	i = first_behind(set, start);
	for (n = i; n < set->nr && set->range[n].start < end; n++) {
		if (set->range[n].start < start)
			left[nr++] = (struct run_range){ set->range[n].start,
							 start };
		if (set->range[n].end > end)
			left[nr++] =
				(struct run_range){ end, set->range[n].end };
	}
	replace(set, i, n - i, left, nr);
	return true;
}

bool run_ranges_overlap(const struct run_ranges *set, uint64_t start,
			uint64_t end)
{
	size_t i = first_behind(set, start);

	return start < end && i < set->nr && set->range[i].start < end;
}

void run_ranges_free(struct run_ranges *set)
{
	free(set->range);
	*set = (struct run_ranges){ 0 };
}
