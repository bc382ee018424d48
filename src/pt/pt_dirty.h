/* SPDX-License-Identifier: MIT */
/**
 * DOC: Runs of items: which of them are dirty
 *
 * The scalar code looks at eight items at a time, which fill a line of a cache. What
 * they have together, the bits that are set in any and in all of them, says whether
 * none is dirty, or whether all are dirty and settled. Lines of which neither is true
 * are noted, and looked at more closely when the run has been gone through: their
 * number is a guess that a processor fails at once for each run, and not at each line.
 */
#ifndef PT_DIRTY_H
#define PT_DIRTY_H

#include "pt_fmt_defaults.h"

/** PT_LINE - items that are looked at together. */
#define PT_LINE 8U

/* What is asked for ahead of time is the line at the same place of the next run. */
_Static_assert(PT_RUN_DIRTY_MAX / PT_LINE <= 64,
	       "a bit for each line of a run");

/**
 * struct pt_dirty_test - which items are dirty
 * @how: as the format says: constants, wherever it is compiled
 * @settle: items can be settled
 * @clean: and become clean
 */
struct pt_dirty_test {
	struct pt_run_dirty how;
	bool settle;
	bool clean;
};

pt_inline bool pt_test_dirty(const struct pt_dirty_test *test, pt_item_t item)
{
	return (item & (pt_item_t)test->how.mask) == test->how.value ||
	       item & (pt_item_t)test->how.kept;
}

pt_inline bool pt_test_settled(const struct pt_dirty_test *test, pt_item_t item)
{
	return (item & (pt_item_t)test->how.settled_mask) ==
	       test->how.settled_value;
}

/*
 * May one of the line's items be dirty? Where a bit is clear in dirty items it is set in
 * those that are clean, but not in those that are empty, too: see pt_line_bare().
 */
pt_inline bool pt_line_noted(const pt_item_t *item,
			     const struct pt_dirty_test *test)
{
	pt_item_t value = (pt_item_t)test->how.value;
	pt_item_t kept = (pt_item_t)test->how.kept;
	pt_item_t unset = (pt_item_t)test->how.mask & ~value;
	pt_item_t any = 0, all = (pt_item_t) ~(pt_item_t)0;
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < PT_LINE; i++) {
		pt_item_t one = pt_item_load_relaxed(&item[i]);

		any |= one;
		all &= one;
	}
	if (unset)
		return ((any & kept) | (all & unset)) != unset;
	return (any & value) == value || any & kept;
}

/* Of a line that was noted: is it only that items are empty, or of other pages? */
pt_inline bool pt_line_bare(const pt_item_t *item,
			    const struct pt_dirty_test *test)
{
	pt_item_t any = 0;
	unsigned int i;

	if (!(test->how.mask & ~test->how.value))
		return false;
	for (i = 0; i < PT_LINE; i++)
		any |= pt_item_load_relaxed(&item[i]);
	return test->how.value & ~any && !(test->how.kept & any);
}

/* Are all of the line's items dirty and settled? */
pt_inline bool pt_line_settled(const pt_item_t *item,
			       const struct pt_dirty_test *test)
{
	pt_item_t set = (pt_item_t)(test->how.value | test->how.settled_value);
	pt_item_t mask = (pt_item_t)(test->how.mask | test->how.settled_mask);
	unsigned int i;

	pt_in_turn(set); /* stay in registers */
	pt_in_turn(mask);
#pragma GCC unroll 8
	for (i = 0; i < PT_LINE; i++)
		if ((pt_item_load_relaxed(&item[i]) ^ set) & mask)
			return false;
	return true;
}

/*
 * The same; and if they shall, they become clean: what is stored is made from the loads
 * that say so, which stay in registers.
 */
pt_inline bool pt_line_settle(pt_item_t *item, const struct pt_dirty_test *test)
{
	pt_item_t set = (pt_item_t)(test->how.value | test->how.settled_value);
	pt_item_t mask = (pt_item_t)(test->how.mask | test->how.settled_mask);
	pt_item_t differ = 0, one[PT_LINE], *to = item;
	unsigned int i;

	if (!test->clean)
		return pt_line_settled(item, test);
	/* The same address, but compilers shall not keep eight of them. */
	__asm__("" : "+r"(to));
#pragma GCC unroll 8
	for (i = 0; i < PT_LINE; i++) {
		one[i] = pt_item_load_relaxed(&item[i]) ^ set;
		differ |= one[i];
	}
	if (differ & mask)
		return false;
#pragma GCC unroll 8
	for (i = 0; i < PT_LINE; i++)
		pt_item_store(&to[i], one[i] ^ set ^ (pt_item_t)test->how.flip);
	return true;
}

/**
 * struct pt_dirty_found - what has been found in a run
 * @settled: see pt_run_ops.dirty
 * @others: see pt_run_ops.dirty
 * @any: is there anything?
 */
struct pt_dirty_found {
	uint64_t *settled;
	uint64_t *others;
	uint64_t any;
};

/* @count items one by one, at most a line, from @first on; within a word. */
pt_inline void pt_dirty_few(pt_item_t *item, unsigned int first,
			    unsigned int count,
			    const struct pt_dirty_test *test,
			    struct pt_dirty_found *found)
{
	uint64_t dirty = 0, left, settled = 0;
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < count; i++)
		dirty |= (uint64_t)pt_test_dirty(
				 test, pt_item_load_relaxed(&item[first + i]))
			 << i;
	for (left = test->settle ? dirty : 0; left; left &= left - 1) {
		pt_item_t *at = &item[first + pt_ctz64(left)];
		pt_item_t one = pt_item_load_relaxed(at);

		if (!pt_test_settled(test, one))
			continue;
		settled |= left & -left;
		if (test->clean)
			pt_item_store(at, one ^ (pt_item_t)test->how.flip);
	}
	found->any |= dirty;
	found->settled[first / 64] |= settled << first % 64;
	found->others[first / 64] |= (dirty & ~settled) << first % 64;
}

/*
 * 64 items, and what will be looked at next, @ahead. Dirty ones rarely come alone or are
 * rare, so that the first item says what is likely.
 *
 * Return: @lines, and a bit more for each line, the first one's the highest: this line
 * has to be looked at more closely.
 */
pt_inline uint64_t pt_dirty_word(pt_item_t *item, const char *ahead,
				 const struct pt_dirty_test *test,
				 uint64_t *settled, uint64_t lines)
{
	const size_t line_size = PT_LINE * sizeof(*item);
	const pt_item_t *end = item + 64;
	uint64_t done = 0;
	unsigned int i;

	*settled = 0;
	if (!test->settle || !pt_test_dirty(test, pt_item_load_relaxed(item)) ||
	    !pt_test_settled(test, pt_item_load_relaxed(item))) {
#pragma GCC unroll 1
		for (; item != end; item += PT_LINE, ahead += line_size) {
			__builtin_prefetch(ahead);
			lines = lines << 1 | pt_line_noted(item, test);
		}
		return lines;
	}
#pragma GCC unroll 1
	for (i = 0; i < 64 / PT_LINE; i++) {
		bool all = pt_line_settle(item + i * PT_LINE, test);

		__builtin_prefetch(ahead + i * line_size);
		lines = lines << 1 | !all;
		done |= (uint64_t)(all ? 0xff : 0) << i * PT_LINE;
	}
	*settled = done;
	return lines;
}

pt_run_scalar bool pt_scalar_dirty(const struct pt_common *common,
				   pt_item_t *item, unsigned int count,
				   const struct pt_run_dirty *how,
				   uint64_t *settled, uint64_t *others)
{
	const struct pt_state pts = { .common = (struct pt_common *)common };
	const struct pt_dirty_test test = {
		.how = pt_dirty_how(&pts),
		.settle = !(how->settled_value & ~how->settled_mask),
		.clean = how->flip,
	};
	struct pt_dirty_found found = { settled, others, 0 };
	const char *ahead = how->ahead ? how->ahead : item;
	unsigned int i, words = count / 64;
	uint64_t lines = 0;

	for (i = 0; i < words; i++) {
		lines = pt_dirty_word(item + i * 64,
				      ahead + i * 64 * sizeof(*item), &test,
				      &settled[i], lines);
		others[i] = 0;
		found.any |= settled[i];
	}
	for (; lines; lines &= lines - 1) {
		unsigned int first =
			words * 64 - PT_LINE * (1 + pt_ctz64(lines));

		if (!pt_line_bare(item + first, &test))
			pt_dirty_few(item, first, PT_LINE, &test, &found);
	}
	if (count % 64)
		settled[words] = others[words] = 0;
	for (i = words * 64; i < count; i++)
		pt_dirty_few(item, i, 1, &test, &found);
	return found.any;
}

/* What the words of a search say together. */
static inline enum pt_run_found pt_dirty_found_in(const uint64_t *settled,
						  const uint64_t *others,
						  unsigned int words)
{
	uint64_t any = 0, rest = 0;
	unsigned int i;

	for (i = 0; i < words; i++) {
		any |= settled[i];
		rest |= others[i];
	}
	if (rest)
		return PT_RUN_OTHERS;
	return any ? PT_RUN_SETTLED : PT_RUN_NONE;
}

pt_run_scalar enum pt_run_found
pt_scalar_dirty_runs(const struct pt_common *common, pt_item_t *const *run,
		     unsigned int nr, unsigned int count,
		     const struct pt_run_dirty *how, uint64_t *settled,
		     uint64_t *others)
{
	unsigned int words = (count + 63) / 64, i;
	struct pt_run_dirty with = *how;
	bool any = false;

	for (i = 0; i < nr; i++) {
		with.ahead = i + 1 < nr ? run[i + 1] : how->ahead;
		any |= pt_scalar_dirty(common, run[i], count, &with,
				       settled + i * words, others + i * words);
	}
	return any ? pt_dirty_found_in(settled, others, nr * words)
		   : PT_RUN_NONE;
}

/**
 * pt_run_dirty() - what pt_run_ops.dirty does
 *
 * @how is what pt_dirty_how() says, but that nothing may be settled, or becomes clean.
 */
pt_inline enum pt_run_found pt_run_dirty(const struct pt_common *common,
					 pt_item_t *const *run, unsigned int nr,
					 unsigned int count,
					 const struct pt_run_dirty *how,
					 uint64_t *settled, uint64_t *others)
{
#ifdef pt_run_op
	if (pt_run_op(common, dirty, count))
		return pt_run_call(common, dirty, run, nr, count, how, settled,
				   others);
#endif
	return pt_scalar_dirty_runs(common, run, nr, count, how, settled,
				    others);
}

#endif
