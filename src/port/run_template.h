/* SPDX-License-Identifier: MIT */
/**
 * DOC: The run functions, for vectors of any width
 *
 * Whoever includes this defines
 *
 *	RUN_NAME	the struct pt_run_ops that is made
 *	RUN_TARGET	the attribute that gives functions these instructions
 *	RUN_LANES	8-byte lanes of a vector, a power of two
 *	run_equal(a, b)	bit n: lane n of @a and @b is the same
 *	run_store_lanes(p, v, lanes)	store the lanes of @v whose bits are set, and
 *			no others; not all of them are
 *
 * and may define
 *
 *	RUN_FILL_TABLE	what fills RUN_TABLE items and more, if this does not
 *	run_gather(at)	the items that the addresses at[0], at[1], ... point at, each
 *			read once; and define RUN_LOOKUP, or there is no @lookup
 *	RUN_PRODUCT(lane, step)	@step times each of @lane, numbers of lanes
 *
 * run_equal() and run_store_lanes() take and give run_vector_t, made here by RUN_VECTOR.
 */
#include "run.h"

#define RUN_TABLE 512U /* items of most tables */
#define RUN_WORD  64U /* items that a word of the result stands for */

#define RUN_FUNCTION __attribute__((RUN_TARGET)) static
#define RUN_INLINE   __attribute__((RUN_TARGET, always_inline)) static inline

RUN_INLINE run_vector_t run_load(const uint64_t *p)
{
	return *(const run_vector_t *)p;
}

/* Where hardware may write: read once, whatever becomes of the value. */
RUN_INLINE run_vector_t run_load_once(const uint64_t *p)
{
	return *(const volatile run_vector_t *)p;
}

RUN_INLINE void run_store(uint64_t *p, run_vector_t v)
{
	*(volatile run_vector_t *)p = v;
}

RUN_INLINE void run_store_one(uint64_t *p, uint64_t value)
{
	__atomic_store_n(p, value, __ATOMIC_RELAXED);
}

RUN_INLINE run_vector_t run_splat(uint64_t value)
{
	return (run_vector_t){} + value;
}

RUN_INLINE bool run_aligned(const uint64_t *p)
{
	return !((uintptr_t)p % sizeof(run_vector_t));
}

#ifndef RUN_PRODUCT
/* A sum for each bit of a lane's number, because there is no such product. */
#define RUN_PRODUCT(lane, step)                         \
	((run_splat(step) & -((lane)&1)) +              \
	 (run_splat(2 * (step)) & -((lane) >> 1 & 1)) + \
	 (run_splat(4 * (step)) & -((lane) >> 2 & 1)))
#endif

/* Lane n is @first + (n >> @repeat_lg2) * @step. */
RUN_INLINE run_vector_t run_series(uint64_t first, uint64_t step,
				   unsigned int repeat_lg2)
{
	run_vector_t lane;
	unsigned int i;

	for (i = 0; i < RUN_LANES; i++)
		lane[i] = i >> repeat_lg2;
	return run_splat(first) + RUN_PRODUCT(lane, step);
}

/* Whole blocks of eight vectors, which begin where a vector does: what most runs are. */
RUN_INLINE bool run_in_blocks(const uint64_t *items, size_t count)
{
	return run_aligned(items) && !(count % (8 * RUN_LANES));
}

/* Are all lanes 0? */
RUN_INLINE bool run_none(run_vector_t v)
{
	return run_equal(v, run_splat(0)) == (1U << RUN_LANES) - 1;
}

/* The OR of all lanes. */
RUN_INLINE uint64_t run_any(run_vector_t v)
{
	uint64_t any = 0;
	unsigned int i;

	if (run_none(v))
		return 0;
	for (i = 0; i < RUN_LANES; i++)
		any |= v[i];
	return any;
}

/* Bit n: lane n of @v is not 0. */
RUN_INLINE unsigned int run_bits(run_vector_t v)
{
	return run_equal(v, run_splat(0)) ^ ((1U << RUN_LANES) - 1);
}

/* The bits in which any of some blocks differs from @value, in any lane. */
RUN_INLINE run_vector_t run_compare_blocks(const uint64_t *items, size_t count,
					   uint64_t value)
{
	run_vector_t a = run_splat(0), b = a, c = a, d = a;
	run_vector_t v = run_splat(value);
	const uint64_t *end = items + count;

	do {
		a |= run_load(items) ^ v;
		b |= run_load(items + RUN_LANES) ^ v;
		c |= run_load(items + 2 * RUN_LANES) ^ v;
		d |= run_load(items + 3 * RUN_LANES) ^ v;
		a |= run_load(items + 4 * RUN_LANES) ^ v;
		b |= run_load(items + 5 * RUN_LANES) ^ v;
		c |= run_load(items + 6 * RUN_LANES) ^ v;
		d |= run_load(items + 7 * RUN_LANES) ^ v;
		items += 8 * RUN_LANES;
	} while (items != end);
	return (a | b) | (c | d);
}

/* The same of any run. */
RUN_INLINE uint64_t run_compare(const uint64_t *items, size_t count,
				uint64_t value)
{
	uint64_t any = 0;
	run_vector_t v;
	size_t blocks;

	for (; count && !run_aligned(items); count--)
		any |= *items++ ^ value;
	blocks = count - count % (8 * RUN_LANES);
	v = blocks ? run_compare_blocks(items, blocks, value) : run_splat(0);
	items += blocks;
	count -= blocks;
	for (; count >= RUN_LANES; count -= RUN_LANES, items += RUN_LANES)
		v |= run_load(items) ^ run_splat(value);
	for (; count; count--)
		any |= *items++ ^ value;
	return any | run_any(v);
}

RUN_FUNCTION uint64_t run_differ(const uint64_t *items, size_t count,
				 uint64_t value)
{
	return run_compare(items, count, value);
}

RUN_INLINE void run_zero_blocks(uint64_t *items, size_t count)
{
	run_vector_t zero = run_splat(0);
	const uint64_t *end = items + count;

	do {
		run_store(items, zero);
		run_store(items + RUN_LANES, zero);
		run_store(items + 2 * RUN_LANES, zero);
		run_store(items + 3 * RUN_LANES, zero);
		run_store(items + 4 * RUN_LANES, zero);
		run_store(items + 5 * RUN_LANES, zero);
		run_store(items + 6 * RUN_LANES, zero);
		run_store(items + 7 * RUN_LANES, zero);
		items += 8 * RUN_LANES;
	} while (items != end);
}

RUN_INLINE void run_zero(uint64_t *items, size_t count)
{
	size_t blocks;

	for (; count && !run_aligned(items); count--)
		run_store_one(items++, 0);
	blocks = count - count % (8 * RUN_LANES);
	if (blocks)
		run_zero_blocks(items, blocks);
	items += blocks;
	count -= blocks;
	for (; count >= RUN_LANES; count -= RUN_LANES, items += RUN_LANES)
		run_store(items, run_splat(0));
	for (; count; count--)
		run_store_one(items++, 0);
}

RUN_FUNCTION void run_clear(uint64_t *items, size_t count)
{
	run_zero(items, count);
}

RUN_FUNCTION __attribute__((noinline)) bool run_clear_alike_any(uint64_t *items,
								size_t count,
								uint64_t value,
								uint64_t mask)
{
	if (run_compare(items, count, value) & mask)
		return false;
	run_zero(items, count);
	return true;
}

RUN_FUNCTION bool run_clear_alike(uint64_t *items, size_t count, uint64_t value,
				  uint64_t mask)
{
	if (!run_in_blocks(items, count))
		return run_clear_alike_any(items, count, value, mask);
	if (!run_none(run_compare_blocks(items, count, value) &
		      run_splat(mask)))
		return false;
	run_zero_blocks(items, count);
	return true;
}

/* Several vectors are the same. @items is aligned. */
RUN_INLINE void run_store_wide(uint64_t *items, size_t count, uint64_t first,
			       uint64_t step, unsigned int repeat_lg2)
{
	size_t same;

	for (; count; count -= (size_t)1 << repeat_lg2, first += step) {
		run_vector_t v = run_splat(first);

		for (same = (size_t)1 << repeat_lg2; same; same -= RUN_LANES) {
			run_store(items, v);
			items += RUN_LANES;
		}
	}
}

/* Blocks of entries of one item. */
RUN_INLINE void run_store_blocks(uint64_t *items, size_t count, uint64_t first,
				 uint64_t step)
{
	run_vector_t v = run_series(first, step, 0);
	run_vector_t w = v + run_splat(RUN_LANES * step);
	run_vector_t add = run_splat(2 * RUN_LANES * step);
	const uint64_t *end = items + count;
	unsigned int i;

	do {
#pragma GCC unroll 4
		for (i = 0; i < 8; i += 2) {
			run_store(items + i * RUN_LANES, v);
			run_store(items + (i + 1) * RUN_LANES, w);
			v += add;
			w += add;
		}
		items += 8 * RUN_LANES;
	} while (items != end);
}

RUN_INLINE void run_store_series(uint64_t *items, size_t count, uint64_t first,
				 uint64_t step, unsigned int repeat_lg2)
{
	size_t in_vector = RUN_LANES >> repeat_lg2, i;
	run_vector_t v, add;

	if (!in_vector) {
		run_store_wide(items, count, first, step, repeat_lg2);
		return;
	}
	for (i = 0; count && !run_aligned(items); count--, i++)
		run_store_one(items++, first + (i >> repeat_lg2) * step);
	first += (i >> repeat_lg2) * step;
	v = run_series(first, step, repeat_lg2);
	add = run_splat(in_vector * step);
	for (i = 0; count - i >= RUN_LANES; i += RUN_LANES, v += add)
		run_store(items + i, v);
	for (; i < count; i++)
		run_store_one(items + i, first + (i >> repeat_lg2) * step);
}

RUN_FUNCTION __attribute__((noinline)) void
run_fill_any(uint64_t *items, size_t count, uint64_t first, uint64_t step,
	     unsigned int repeat_lg2)
{
	run_store_series(items, count, first, step, repeat_lg2);
}

RUN_FUNCTION void run_fill(uint64_t *items, size_t count, uint64_t first,
			   uint64_t step, unsigned int repeat_lg2)
{
#ifdef RUN_FILL_TABLE
	if (count >= RUN_TABLE) {
		RUN_FILL_TABLE(items, count, first, step, repeat_lg2);
		return;
	}
#endif
	if (!repeat_lg2 && run_in_blocks(items, count))
		run_store_blocks(items, count, first, step);
	else
		run_fill_any(items, count, first, step, repeat_lg2);
}

RUN_FUNCTION __attribute__((noinline)) bool
run_fill_empty_any(uint64_t *items, size_t count, uint64_t first, uint64_t step,
		   unsigned int repeat_lg2)
{
	if (run_compare(items, count, 0))
		return false;
	run_store_series(items, count, first, step, repeat_lg2);
	return true;
}

RUN_FUNCTION bool run_fill_empty(uint64_t *items, size_t count, uint64_t first,
				 uint64_t step, unsigned int repeat_lg2)
{
	if (repeat_lg2 || !run_in_blocks(items, count))
		return run_fill_empty_any(items, count, first, step,
					  repeat_lg2);
	if (!run_none(run_compare_blocks(items, count, 0)))
		return false;
	run_store_blocks(items, count, first, step);
	return true;
}

/**
 * struct run_how - struct pt_run_dirty, in vectors
 * @settle: items can be settled
 * @clean: and become clean
 */
struct run_how {
	run_vector_t mask, value, kept;
	run_vector_t settled_mask, settled_value, flip;
	bool settle, clean;
};

/* A vector of a list: OAs in lanes of even numbers, lengths in the others. */
RUN_INLINE run_vector_t run_load_list(const struct iommu_run *run)
{
	run_vector_t v;

	__builtin_memcpy(&v, run, sizeof(v));
	return v;
}

_Static_assert(sizeof(struct iommu_run) == 16, "a run is two lanes");

#define RUN_LISTED (RUN_LANES / 2) /* runs in a vector */

/* The OAs of a vector of runs and the next. */
RUN_INLINE run_vector_t run_even(run_vector_t a, run_vector_t b)
{
#if RUN_LANES == 8
	return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
#elif RUN_LANES == 4
	return __builtin_shufflevector(a, b, 0, 2, 4, 6);
#else
	return __builtin_shufflevector(a, b, 0, 2);
#endif
}

/* Each two of them, the other way round. */
RUN_INLINE run_vector_t run_swap(run_vector_t v)
{
#if RUN_LANES == 8
	return __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6);
#elif RUN_LANES == 4
	return __builtin_shufflevector(v, v, 1, 0, 3, 2);
#else
	return __builtin_shufflevector(v, v, 1, 0);
#endif
}

/* As run_list(), one by one: are they as they should be? */
RUN_INLINE bool run_list_few(const uint64_t *items, const struct iommu_run *run,
			     size_t nr, const struct pt_run_list *how)
{
	uint64_t wrong = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		wrong |= items[i] | (run[i].len ^ how->len) |
			 (run[i].oa & how->wrong);
		if (how->pairs && i + 1 < nr && (uintptr_t)&items[i] % 16 == 0)
			wrong |= run[i].oa + how->len == run[i + 1].oa &&
				 run[i + 1].oa & how->len;
	}
	return !wrong;
}

/*
 * The same of @nr that are whole vectors of items. Where runs make a pair, or seem to,
 * the last word has who looks at them one by one.
 */
RUN_INLINE bool run_list_vectors(const uint64_t *items,
				 const struct iommu_run *run, size_t nr,
				 const struct pt_run_list *how, bool pairs)
{
	run_vector_t any = run_splat(0), a = any, b = any, lens = any;
	run_vector_t wrong = run_splat(how->wrong), len = run_splat(how->len);
	unsigned int found = 0, i;
	const uint64_t *end = items + nr;

	for (i = 0; i < RUN_LANES; i++) {
		lens[i] = i % 2 ? how->len : 0;
		wrong[i] = i % 2 ? ~UINT64_C(0) : how->wrong;
	}
	for (; items != end; items += RUN_LANES, run += RUN_LANES) {
		run_vector_t v = run_load_list(run);
		run_vector_t w = run_load_list(run + RUN_LISTED);

		any |= run_load(items);
		a |= v ^ lens;
		b |= w ^ lens;
		if (pairs) {
			v = run_even(v, w);
			found |= run_equal(run_swap(v) - v, len);
		}
	}
	if (!run_none(any | ((a | b) & wrong)))
		return false;
	return !(found & 0x55) || /* the first of each two */
	       run_list_few(items - nr, run - nr, nr, how);
}

RUN_INLINE bool run_list_good(const uint64_t *items,
			      const struct iommu_run *run, size_t nr,
			      const struct pt_run_list *how, bool pairs)
{
	size_t head = (size_t)(-(uintptr_t)items % sizeof(run_vector_t)) / 8;
	size_t all;

	if (head > nr)
		head = nr;
	all = (nr - head) / RUN_LANES * RUN_LANES;
	return run_list_few(items, run, head, how) &&
	       run_list_vectors(items + head, run + head, all, how, pairs) &&
	       run_list_few(items + head + all, run + head + all,
			    nr - head - all, how);
}

RUN_INLINE void run_list_store(uint64_t *items, const struct iommu_run *run,
			       run_vector_t bits, uint64_t shift)
{
	run_vector_t oas =
		run_even(run_load_list(run), run_load_list(run + RUN_LISTED));

	run_store(items, oas >> shift | bits);
}

RUN_INLINE void run_list_fill(uint64_t *items, const struct iommu_run *run,
			      size_t nr, uint64_t bits, unsigned int shift)
{
	run_vector_t all = run_splat(bits);

	for (; nr && !run_aligned(items); nr--, run++)
		run_store_one(items++, run->oa >> shift | bits);
	for (; nr >= 4 * RUN_LANES; nr -= 4 * RUN_LANES) {
		run_list_store(items, run, all, shift);
		run_list_store(items + RUN_LANES, run + RUN_LANES, all, shift);
		run_list_store(items + 2 * RUN_LANES, run + 2 * RUN_LANES, all,
			       shift);
		run_list_store(items + 3 * RUN_LANES, run + 3 * RUN_LANES, all,
			       shift);
		items += 4 * RUN_LANES;
		run += 4 * RUN_LANES;
	}
	for (; nr; nr--, run++)
		run_store_one(items++, run->oa >> shift | bits);
}

RUN_FUNCTION bool run_list(uint64_t *items, const struct iommu_run *run,
			   size_t nr, const struct pt_run_list *how)
{
	if (!(how->pairs ? run_list_good(items, run, nr, how, true)
			 : run_list_good(items, run, nr, how, false)))
		return false;
	run_list_fill(items, run, nr, how->bits, how->shift);
	return true;
}

/* Of the items of a word, those with a bit in @dirty that are settled. */
RUN_INLINE uint64_t run_settle(uint64_t *items, uint64_t dirty,
			       const struct pt_run_dirty *how)
{
	const run_vector_t mask = run_splat(how->settled_mask);
	const run_vector_t value = run_splat(how->settled_value);
	const run_vector_t flip = run_splat(how->flip);
	const unsigned int all = (1U << RUN_LANES) - 1;
	uint64_t settled = 0;
	unsigned int i;

	for (i = 0; i < RUN_WORD; i += RUN_LANES) {
		unsigned int lanes = (unsigned int)(dirty >> i) & all;
		run_vector_t v;

		if (!lanes)
			continue;
		v = run_load_once(items + i);
		lanes &= run_equal(v & mask, value);
		settled |= (uint64_t)lanes << i;
		if (!how->flip || !lanes)
			continue;
		if (lanes == all)
			run_store(items + i, v ^ flip);
		else
			run_store_lanes(items + i, v ^ flip, lanes);
	}
	return settled;
}

/* The same one by one, for what is no whole word. */
RUN_INLINE uint64_t run_find_few(uint64_t *items, size_t count,
				 const struct pt_run_dirty *how,
				 uint64_t *settled)
{
	uint64_t others = 0;
	size_t i;

	*settled = 0;
	for (i = 0; i < count; i++) {
		uint64_t item = __atomic_load_n(&items[i], __ATOMIC_RELAXED);

		if ((item & how->mask) != how->value && !(item & how->kept))
			continue;
		if ((item & how->settled_mask) != how->settled_value) {
			others |= UINT64_C(1) << i;
			continue;
		}
		*settled |= UINT64_C(1) << i;
		if (how->flip)
			run_store_one(&items[i], item ^ how->flip);
	}
	return others;
}

/*
 * The lowest bit of @dirty is settled, if its item is. What does not happen is done to
 * a word of our own: a branch that depends on one item in a hundred is guessed wrong
 * too often.
 */
RUN_INLINE uint64_t run_settle_one(uint64_t *items, uint64_t dirty,
				   const struct pt_run_dirty *how)
{
	uint64_t none = 0, unused, *to, item, bit = dirty & -dirty;
	const uint64_t *from;

	from = dirty ? items + __builtin_ctzll(dirty) : &none;
	item = __atomic_load_n(from, __ATOMIC_RELAXED);
	if ((item & how->settled_mask) != how->settled_value)
		bit = 0;
	to = bit && how->flip ? (uint64_t *)from : &unused;
	run_store_one(to, item ^ how->flip);
	return bit;
}

/* As run_settle(), for words with few bits. */
RUN_INLINE uint64_t run_settle_word(uint64_t *items, uint64_t dirty,
				    const struct pt_run_dirty *how)
{
	uint64_t settled;

	settled = run_settle_one(items, dirty, how);
	dirty &= dirty - 1;
	settled |= run_settle_one(items, dirty, how);
	dirty &= dirty - 1;
	if (dirty)
		settled |= run_settle(items, dirty, how);
	return settled;
}

#define RUN_GROUP     (8U * RUN_LANES)
#define RUN_GROUP_ALL (~UINT64_C(0) >> (RUN_WORD - RUN_GROUP))

/* The vector at @items + @i; the line at the same place @ahead is asked for. */
RUN_INLINE run_vector_t run_load_ahead(const uint64_t *items, const char *ahead,
				       unsigned int i)
{
	if (RUN_LANES * i % 8 == 0)
		__builtin_prefetch(ahead + 8 * RUN_LANES * i);
	return run_load_once(items + i * RUN_LANES);
}

/*
 * Eight vectors. If all their items are dirty and settled they become clean at once,
 * from what was loaded.
 */
RUN_INLINE uint64_t run_group(uint64_t *items, const char *ahead,
			      const struct run_how *how, bool *all)
{
	run_vector_t v[8], differ = run_splat(0), any = differ;
	uint64_t dirty = 0;
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		v[i] = run_load_ahead(items, ahead, i);
		dirty |= (uint64_t)run_equal(v[i] & how->mask, how->value)
			 << RUN_LANES * i;
		any |= v[i];
	}
	*all = false;
	if (__builtin_expect(run_bits(any & how->kept), 0))
#pragma GCC unroll 1
		for (i = 0; i < 8; i++)
			dirty |= (uint64_t)run_bits(
					 run_load_once(items + i * RUN_LANES) &
					 how->kept)
				 << RUN_LANES * i;
	if (dirty != RUN_GROUP_ALL || !how->settle)
		return dirty;
#pragma GCC unroll 8
	for (i = 0; i < 8; i++)
		differ |= v[i] ^ how->settled_value;
	if (run_bits(differ & how->settled_mask))
		return dirty;
	*all = true;
	if (how->clean)
#pragma GCC unroll 8
		for (i = 0; i < 8; i++)
			run_store(items + i * RUN_LANES, v[i] ^ how->flip);
	return dirty;
}

/* A word of them. */
RUN_INLINE uint64_t run_word(uint64_t *items, const char *ahead,
			     const struct run_how *how, uint64_t *settled)
{
	uint64_t dirty = 0;
	unsigned int i;

	*settled = 0;
	for (i = 0; i < RUN_WORD; i += RUN_GROUP) {
		bool all;

		dirty |= run_group(items + i, ahead + i * 8, how, &all) << i;
		*settled |= (all ? RUN_GROUP_ALL : 0) << i;
	}
	return dirty;
}

/**
 * struct run_both - what items have together
 * @any: bits that are set in any of them
 * @all: bits that are set in all
 */
struct run_both {
	run_vector_t any, all;
};

RUN_INLINE struct run_both run_both(const uint64_t *items, size_t words,
				    const char *ahead)
{
	run_vector_t any = run_splat(0), all = ~any, any2 = any, all2 = all;
	const uint64_t *end = items + words * RUN_WORD;
	unsigned int i;

	for (; items != end; items += RUN_GROUP, ahead += RUN_GROUP * 8)
#pragma GCC unroll 4
		for (i = 0; i < 8; i += 2) {
			run_vector_t v = run_load_ahead(items, ahead, i);
			run_vector_t w = run_load_ahead(items, ahead, i + 1);

			if (i % 4) {
				any |= v | w;
				all &= v & w;
			} else {
				any2 |= v | w;
				all2 &= v & w;
			}
		}
	return (struct run_both){ .any = any | any2, .all = all & all2 };
}

RUN_INLINE struct run_how run_how(const struct pt_run_dirty *how)
{
	return (struct run_how){
		.mask = run_splat(how->mask),
		.value = run_splat(how->value),
		.kept = run_splat(how->kept),
		.settled_mask = run_splat(how->settled_mask),
		.settled_value = run_splat(how->settled_value),
		.flip = run_splat(how->flip),
		.settle = !(how->settled_value & ~how->settled_mask),
		.clean = how->flip,
	};
}

/**
 * struct run_dirty - a search in several runs
 * @runs: those that are left
 * @nr: how many
 * @words: whole words of each
 * @how: what is looked for
 * @settled: for those that are left
 * @others: the same
 * @any: something has been found
 * @rest: something that is not settled
 */
struct run_dirty {
	uint64_t *const *runs;
	size_t nr;
	size_t words;
	const struct pt_run_dirty *how;
	uint64_t *settled;
	uint64_t *others;
	uint64_t any, rest;
};

RUN_INLINE const char *run_ahead(const struct run_dirty *d)
{
	const void *next = d->nr > 1 ? d->runs[1] : d->how->ahead;

	return next ? next : d->runs[0];
}

RUN_INLINE void run_next(struct run_dirty *d)
{
	d->runs++;
	d->nr--;
	d->settled += d->words;
	d->others += d->words;
}

/* Are all items clean, which is 0, or all of them dirty and settled, which is 1? */
RUN_INLINE int run_alike(const struct run_both *both, const struct run_how *how)
{
	run_vector_t differ = (both->any ^ how->settled_value) |
			      (both->all ^ how->settled_value);
	unsigned int dirty;

	if (!run_none(((both->any ^ both->all) & how->mask) |
		      (both->any & how->kept)))
		return -1;
	dirty = run_equal(both->any & how->mask, how->value);
	if (!dirty)
		return 0;
	if (dirty != (1U << RUN_LANES) - 1 || !how->settle ||
	    !run_none(differ & how->settled_mask))
		return -1;
	return 1;
}

/* @count words that are the same. */
RUN_INLINE void run_same_words(uint64_t *words, size_t count, uint64_t value)
{
	const run_vector_t v = run_splat(value);

	for (; count >= RUN_LANES; count -= RUN_LANES, words += RUN_LANES)
		__builtin_memcpy(words, &v, sizeof(v));
	for (; count; count--)
		*words++ = value;
}

/* The words of the @nr runs before this one, which are all @alike. */
RUN_INLINE void run_alike_words(const struct run_dirty *d, size_t nr, int alike)
{
	size_t words = nr * d->words;

	run_same_words(d->settled - words, words, alike ? ~UINT64_C(0) : 0);
	run_same_words(d->others - words, words, 0);
}

RUN_INLINE bool run_is_dirty(const uint64_t *at, const struct pt_run_dirty *how)
{
	uint64_t item = __atomic_load_n(at, __ATOMIC_RELAXED);

	return (item & how->mask) == how->value || item & how->kept;
}

/*
 * Much memory is clean, or dirty altogether: runs, as long as they are, take two
 * instructions for two vectors. Not those that become clean: for them it is better to
 * store what has just been loaded.
 */
RUN_FUNCTION __attribute__((noinline)) void
run_dirty_alike(struct run_dirty *search)
{
	const struct run_how how = run_how(search->how);
	struct run_dirty d = *search;
	int alike, before = 0;
	size_t same = 0;

	for (; d.nr; run_next(&d), same++) {
		struct run_both both;

		if (how.clean && run_is_dirty(d.runs[0], d.how))
			break;
		both = run_both(d.runs[0], d.words, run_ahead(&d));
		alike = run_alike(&both, &how);
		if (alike < 0 || (alike && how.clean))
			break;
		if (alike != before) {
			run_alike_words(&d, same, before);
			before = alike;
			same = 0;
		}
		d.any |= (unsigned int)alike;
	}
	run_alike_words(&d, same, before);
	*search = d;
}

/* Word by word. */
RUN_FUNCTION __attribute__((noinline)) void
run_dirty_words(struct run_dirty *search)
{
	const struct run_how how = run_how(search->how);
	struct run_dirty d = *search;

	for (; d.nr; run_next(&d)) {
		const char *ahead = run_ahead(&d);
		uint64_t rest = 0;
		size_t i;

		for (i = 0; i < d.words; i++) {
			uint64_t dirty = run_word(d.runs[0] + i * RUN_WORD,
						  ahead + i * RUN_WORD * 8,
						  &how, &d.settled[i]);

			d.any |= dirty;
			d.others[i] = dirty & ~d.settled[i];
			rest |= d.others[i];
		}
		for (i = 0; rest && i < d.words; i++) {
			uint64_t more = run_settle_word(
				d.runs[0] + i * RUN_WORD, d.others[i], d.how);

			d.settled[i] |= more;
			d.others[i] &= ~more;
			d.rest |= d.others[i];
		}
	}
	*search = d;
}

/* One by one, of one run what is no whole word or not aligned. */
RUN_FUNCTION __attribute__((noinline)) void
run_dirty_few(struct run_dirty *d, uint64_t *items, size_t count)
{
	while (count) {
		size_t few = count < RUN_WORD ? count : RUN_WORD;

		*d->others = run_find_few(items, few, d->how, d->settled);
		d->rest |= *d->others;
		d->any |= *d->others++ | *d->settled++;
		items += few;
		count -= few;
	}
}

RUN_FUNCTION enum pt_run_found run_dirty(uint64_t *const *runs, size_t nr,
					 size_t count,
					 const struct pt_run_dirty *how,
					 uint64_t *settled, uint64_t *others)
{
	struct run_dirty d = {
		.runs = runs,
		.nr = nr,
		.words = run_aligned(runs[0]) ? count / RUN_WORD : 0,
		.how = how,
		.settled = settled,
		.others = others,
	};
	size_t done = d.words * RUN_WORD;

	if (done) {
		run_dirty_alike(&d);
		if (d.nr)
			run_dirty_words(&d);
	}
	if (done != count)
		run_dirty_few(&d, runs[0] + done, count - done);
	if (d.rest)
		return PT_RUN_OTHERS;
	return d.any ? PT_RUN_SETTLED : PT_RUN_NONE;
}

#ifdef RUN_LOOKUP
#define RUN_LOOKUPS \
	256U /* that go down together: more wait for memory together */

/**
 * struct run_walk - lookups that go down together, level by level
 * @how: the table
 * @va: what is looked up
 * @nr: how many, a multiple of PT_RUN_LOOKUPS
 * @at: the items that they have come to, as addresses
 */
struct run_walk {
	const struct pt_run_lookup *how;
	const uint64_t *va;
	size_t nr;
	const uint64_t *at[RUN_LOOKUPS] __attribute__((aligned(64)));
};

RUN_INLINE run_vector_t run_load_any(const uint64_t *p)
{
	run_vector_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

RUN_INLINE void run_store_any(uint64_t *p, run_vector_t v)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

/* To the items of the top table. Return: are they in it? */
RUN_INLINE bool run_walk_begin(struct run_walk *walk)
{
	const struct pt_run_lookup *how = walk->how;
	unsigned int lg2 = how->size_lg2 + how->level * how->items_lg2 - 3;
	run_vector_t top = run_splat((uintptr_t)how->top);
	run_vector_t item = run_splat(~UINT64_C(7)), all = run_splat(0);
	size_t i;

#pragma GCC unroll 2
	for (i = 0; i < walk->nr; i += RUN_LANES) {
		run_vector_t va = run_load_any(walk->va + i);

		all |= va;
		run_store((uint64_t *)walk->at + i, (va >> lg2 & item) + top);
	}
	return run_none(all & ~run_splat(how->last));
}

/* From items of @level to those of the level below. Return: are all plain? */
RUN_INLINE bool run_walk_step(struct run_walk *walk, unsigned int level,
			      unsigned int shift)
{
	const struct pt_run_lookup *how = walk->how;
	unsigned int lg2 = how->size_lg2 + (level - 1) * how->items_lg2 - 3;
	run_vector_t item = run_splat((UINT64_C(8) << how->items_lg2) - 8);
	run_vector_t mask = run_splat(how->mask);
	run_vector_t offset = run_splat(how->offset);
	run_vector_t value = run_splat(how->value[level]), odd = run_splat(0);
	size_t i;

#pragma GCC unroll 2
	for (i = 0; i < walk->nr; i += RUN_LANES) {
		run_vector_t entry = run_gather(walk->at + i);
		run_vector_t va = run_load_any(walk->va + i);

		odd |= entry ^ value;
		run_store((uint64_t *)walk->at + i, (entry << shift & mask) -
							    offset +
							    (va >> lg2 & item));
	}
	return run_none(odd & run_splat(how->kind[level]));
}

/* The end, at level 0. Return: are all items plain? */
RUN_INLINE bool run_walk_end(const struct run_walk *walk, uint64_t *oa,
			     unsigned int shift)
{
	const struct pt_run_lookup *how = walk->how;
	run_vector_t in_page = run_splat((UINT64_C(1) << how->size_lg2) - 1);
	run_vector_t mask = run_splat(how->mask);
	run_vector_t value = run_splat(how->value[0]), odd = run_splat(0);
	size_t i;

#pragma GCC unroll 2
	for (i = 0; i < walk->nr; i += RUN_LANES) {
		run_vector_t entry = run_gather(walk->at + i);
		run_vector_t va = run_load_any(walk->va + i);

		odd |= entry ^ value;
		run_store_any(oa + i, (entry << shift & mask) | (va & in_page));
	}
	return run_none(odd & run_splat(how->kind[0]));
}

RUN_INLINE size_t run_lookup_all(const struct pt_run_lookup *how,
				 const uint64_t *va, uint64_t *oa, size_t nr,
				 unsigned int shift)
{
	struct run_walk walk;
	unsigned int level;
	size_t done;

	walk.how = how;
	for (done = 0; nr - done >= PT_RUN_LOOKUPS; done += walk.nr) {
		walk.va = va + done;
		walk.nr = nr - done < RUN_LOOKUPS
				  ? (nr - done) & ~(size_t)(PT_RUN_LOOKUPS - 1)
				  : RUN_LOOKUPS;
		if (!run_walk_begin(&walk))
			break;
		for (level = how->level; level; level--)
			if (!run_walk_step(&walk, level, shift))
				return done;
		if (!run_walk_end(&walk, oa + done, shift))
			break;
	}
	return done;
}

/* Most formats do not shift. */
RUN_FUNCTION size_t run_lookup(const struct pt_run_lookup *how,
			       const dma_addr_t *va, phys_addr_t *oa, size_t nr)
{
	_Static_assert(sizeof(*va) == 8, "addresses are lanes");
	if (how->shift)
		return run_lookup_all(how, (const uint64_t *)va, oa, nr,
				      how->shift);
	return run_lookup_all(how, (const uint64_t *)va, oa, nr, 0);
}
#endif

const struct pt_run_ops RUN_NAME = {
	.differ = run_differ,
	.fill = run_fill,
	.fill_empty = run_fill_empty,
	.clear = run_clear,
	.clear_alike = run_clear_alike,
	.dirty = run_dirty,
	.list = run_list,
#ifdef RUN_LOOKUP
	.lookup = run_lookup,
#endif
};
