/* SPDX-License-Identifier: MIT */
/**
 * DOC: Runs of items
 *
 * The hot loops of the algorithm. Where the runtime has vector code for them it
 * is called once per run; else this scalar code does the work, unrolled because
 * the loads and stores of one item do not depend on those of another.
 */
#ifndef PT_RUN_H
#define PT_RUN_H

#include "pt_item.h"

/** PT_RUN_MIN - shorter runs are not worth an indirect call. */
#define PT_RUN_MIN 16

#if PT_ITEM_WORD_SIZE == 8
#define pt_run_op(common, op, count)                        \
	((count) >= PT_RUN_MIN && (common)->runtime->run && \
	 (common)->runtime->run->op)
#define pt_run_call(common, op, ...) ((common)->runtime->run->op(__VA_ARGS__))
#endif

/*
 * The scalar code stands once, not where it is used, and begins with a line of the cache:
 * how fast a loop is shall not depend on what stands before it.
 */
#define pt_run_scalar static __attribute__((noinline, unused, aligned(64)))

/* The OR of @count items: the bits that are set in any. */
pt_run_scalar pt_item_t pt_scalar_any(const pt_item_t *item, unsigned int count)
{
	pt_item_t a = 0, b = 0, c = 0, d = 0;

	for (; count >= 8; count -= 8, item += 8) {
		a |= pt_item_load_relaxed(&item[0]);
		b |= pt_item_load_relaxed(&item[1]);
		c |= pt_item_load_relaxed(&item[2]);
		d |= pt_item_load_relaxed(&item[3]);
		a |= pt_item_load_relaxed(&item[4]);
		b |= pt_item_load_relaxed(&item[5]);
		c |= pt_item_load_relaxed(&item[6]);
		d |= pt_item_load_relaxed(&item[7]);
	}
	for (; count; count--, item++)
		a |= pt_item_load_relaxed(item);
	return a | b | c | d;
}

/* The AND of them: the bits that are set in all. */
pt_run_scalar pt_item_t pt_scalar_all(const pt_item_t *item, unsigned int count)
{
	pt_item_t a = (pt_item_t) ~(pt_item_t)0, b = a, c = a, d = a;

	for (; count >= 8; count -= 8, item += 8) {
		a &= pt_item_load_relaxed(&item[0]);
		b &= pt_item_load_relaxed(&item[1]);
		c &= pt_item_load_relaxed(&item[2]);
		d &= pt_item_load_relaxed(&item[3]);
		a &= pt_item_load_relaxed(&item[4]);
		b &= pt_item_load_relaxed(&item[5]);
		c &= pt_item_load_relaxed(&item[6]);
		d &= pt_item_load_relaxed(&item[7]);
	}
	for (; count; count--, item++)
		a &= pt_item_load_relaxed(item);
	return a & b & c & d;
}

/*
 * Do they agree with @value in all bits of @mask? A branch at each takes less than to
 * collect what differs: what tests and what branches is one instruction to processors.
 */
pt_run_scalar bool pt_scalar_alike(const pt_item_t *item, unsigned int count,
				   pt_item_t value, pt_item_t mask)
{
	unsigned int i;

	pt_in_turn(value); /* stay in registers, if they are constants, too */
	pt_in_turn(mask);
	for (; count >= 8; count -= 8, item += 8)
#pragma GCC unroll 8
		for (i = 0; i < 8; i++)
			if ((pt_item_load_relaxed(&item[i]) ^ value) & mask)
				return false;
	for (; count; count--, item++)
		if ((pt_item_load_relaxed(item) ^ value) & mask)
			return false;
	return true;
}

/**
 * pt_run_alike() - do @count items agree with @value in all bits of @mask?
 *
 * It is fastest if all bits of @mask have to be set.
 */
pt_inline bool pt_run_alike(const struct pt_common *common,
			    const pt_item_t *item, unsigned int count,
			    pt_item_t value, pt_item_t mask)
{
#ifdef pt_run_op
	if (pt_run_op(common, differ, count))
		return !(pt_run_call(common, differ, item, count, value) &
			 mask);
#endif
	if (!(mask & ~value))
		return !(~pt_scalar_all(item, count) & mask);
	return pt_scalar_alike(item, count, value, mask);
}

/** pt_run_empty() - are all @count items zero? */
pt_inline bool pt_run_empty(const struct pt_common *common,
			    const pt_item_t *item, unsigned int count)
{
#ifdef pt_run_op
	if (pt_run_op(common, differ, count))
		return !pt_run_call(common, differ, item, count, 0);
#endif
	return !pt_scalar_any(item, count);
}

pt_run_scalar void pt_scalar_clear(pt_item_t *item, unsigned int count)
{
	for (; count >= 8; count -= 8, item += 8) {
		pt_item_store(&item[0], 0);
		pt_item_store(&item[1], 0);
		pt_item_store(&item[2], 0);
		pt_item_store(&item[3], 0);
		pt_item_store(&item[4], 0);
		pt_item_store(&item[5], 0);
		pt_item_store(&item[6], 0);
		pt_item_store(&item[7], 0);
	}
	for (; count; count--, item++)
		pt_item_store(item, 0);
}

/** pt_run_clear() - make @count items empty. */
pt_inline void pt_run_clear(const struct pt_common *common, pt_item_t *item,
			    unsigned int count)
{
#ifdef pt_run_op
	if (pt_run_op(common, clear, count)) {
		pt_run_call(common, clear, item, count);
		return;
	}
#endif
	pt_scalar_clear(item, count);
}

/**
 * pt_run_clear_alike() - the same if none of them differs from @value in a bit of
 * @mask. Return: is that so?
 */
pt_inline bool pt_run_clear_alike(const struct pt_common *common,
				  pt_item_t *item, unsigned int count,
				  pt_item_t value, pt_item_t mask)
{
#ifdef pt_run_op
	if (pt_run_op(common, clear_alike, count))
		return pt_run_call(common, clear_alike, item, count, value,
				   mask);
#endif
	if (!pt_run_alike(common, item, count, value, mask))
		return false;
	pt_run_clear(common, item, count);
	return true;
}

/* Four sums, of which none waits for another. */
pt_run_scalar void pt_scalar_fill(pt_item_t *item, unsigned int count,
				  pt_item_t value, pt_item_t step)
{
	pt_item_t a = value, b = a + step, c = b + step, d = c + step;
	pt_item_t step4 = 4 * step, step8 = 8 * step;

	for (; count >= 8; count -= 8, item += 8) {
		pt_item_store(&item[0], a);
		pt_item_store(&item[1], b);
		pt_item_store(&item[2], c);
		pt_item_store(&item[3], d);
		pt_item_store(&item[4], a + step4);
		pt_item_store(&item[5], b + step4);
		pt_item_store(&item[6], c + step4);
		pt_item_store(&item[7], d + step4);
		a += step8;
		b += step8;
		c += step8;
		d += step8;
	}
	for (; count; count--, item++, a += step)
		pt_item_store(item, a);
}

/* As pt_run_fill(), for entries of several items. */
pt_run_scalar void pt_scalar_repeat(pt_item_t *item, unsigned int count,
				    pt_item_t value, pt_item_t step,
				    unsigned int repeat_lg2)
{
	unsigned int repeat;

	for (; count; count -= 1U << repeat_lg2, value += step)
		for (repeat = 1U << repeat_lg2; repeat;
		     repeat -= 2, item += 2) {
			pt_item_store(&item[0], value);
			pt_item_store(&item[1], value);
		}
}

/**
 * pt_run_fill() - store @count items: 2^@repeat_lg2 times @value, as often
 * @value + @step, and so on
 */
pt_inline void pt_run_fill(const struct pt_common *common, pt_item_t *item,
			   unsigned int count, pt_item_t value, pt_item_t step,
			   unsigned int repeat_lg2)
{
#ifdef pt_run_op
	if (pt_run_op(common, fill, count)) {
		pt_run_call(common, fill, item, count, value, step, repeat_lg2);
		return;
	}
#endif
	if (repeat_lg2)
		pt_scalar_repeat(item, count, value, step, repeat_lg2);
	else
		pt_scalar_fill(item, count, value, step);
}

/* As pt_run_fill_empty(). */
pt_run_scalar bool pt_scalar_fill_empty(pt_item_t *item, unsigned int count,
					pt_item_t value, pt_item_t step,
					unsigned int repeat_lg2)
{
	if (pt_scalar_any(item, count))
		return false;
	if (repeat_lg2)
		pt_scalar_repeat(item, count, value, step, repeat_lg2);
	else
		pt_scalar_fill(item, count, value, step);
	return true;
}

/** pt_run_fill_empty() - the same if all of them are zero. Return: are they? */
pt_inline bool pt_run_fill_empty(const struct pt_common *common,
				 pt_item_t *item, unsigned int count,
				 pt_item_t value, pt_item_t step,
				 unsigned int repeat_lg2)
{
#ifdef pt_run_op
	if (pt_run_op(common, fill_empty, count))
		return pt_run_call(common, fill_empty, item, count, value, step,
				   repeat_lg2);
#endif
	return pt_scalar_fill_empty(item, count, value, step, repeat_lg2);
}

/*
 * Would the run of an even item and the next become one page of twice the size? If so,
 * they differ in a single bit: that is seen where the OAs are collected, and rare.
 */
pt_inline bool pt_list_pair(const struct iommu_run *run, uint64_t len)
{
	return (run[0].oa ^ run[1].oa) == len && run[1].oa & len;
}

/* As pt_run_list_good(): the first @nr, which are few. */
pt_inline bool pt_list_few(const pt_item_t *item, const struct iommu_run *run,
			   size_t nr, const struct pt_run_list *how)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (run[i].len != how->len || run[i].oa & how->wrong ||
		    pt_item_load_relaxed(&item[i]) ||
		    (how->pairs && i + 1 < nr &&
		     (uintptr_t)&item[i] % (2 * sizeof(*item)) == 0 &&
		     pt_list_pair(&run[i], how->len)))
			return false;
	return true;
}

/*
 * Eight at a time; @item is even. Lengths are compared, not collected: what compares
 * with memory and what branches is one instruction to most processors, if the length
 * is in a register.
 */
pt_inline bool pt_list_good(const pt_item_t *item, const struct iommu_run *run,
			    size_t nr, const struct pt_run_list *how,
			    bool pairs)
{
	pt_item_t any = 0, any2 = 0;
	uint64_t oas = 0, oas2 = 0;
	dma_addr_t len = (dma_addr_t)how->len;
	unsigned int i;

	for (; nr >= 8; nr -= 8, item += 8, run += 8)
#pragma GCC unroll 4
		for (i = 0; i < 8; i += 2) {
			uint64_t oa = run[i].oa;

			pt_in_turn(len);
			if (run[i].len != len || run[i + 1].len != len)
				return false;
			oas |= oa;
			if (pairs) {
				oa ^= run[i + 1].oa;
				oas2 |= oa; /* with the first, that is both */
				if (oa == len && run[i + 1].oa & len)
					return false;
			} else {
				oas2 |= run[i + 1].oa;
			}
			any |= pt_item_load_relaxed(&item[i]);
			any2 |= pt_item_load_relaxed(&item[i + 1]);
		}
	return !(any | any2 | ((oas | oas2) & how->wrong)) &&
	       pt_list_few(item, run, nr, how);
}

/* As pt_run_list_good(): are all as they should be? */
pt_run_scalar bool pt_scalar_list_good(const pt_item_t *item,
				       const struct iommu_run *run, size_t nr,
				       const struct pt_run_list *how)
{
	if (!how->pairs)
		return pt_list_good(item, run, nr, how, false);
	if (nr && (uintptr_t)item % (2 * sizeof(*item))) {
		if (!pt_list_few(item, run, 1, how))
			return false;
		item++;
		run++;
		nr--;
	}
	return pt_list_good(item, run, nr, how, true);
}

/* As pt_scalar_list_fill(). */
pt_inline void pt_list_fill(pt_item_t *item, const struct iommu_run *run,
			    size_t nr, pt_item_t bits, unsigned int shift)
{
	unsigned int i;

	for (; nr >= 8; nr -= 8, item += 8, run += 8)
#pragma GCC unroll 8
		for (i = 0; i < 8; i++)
			pt_item_store(&item[i],
				      (pt_item_t)(run[i].oa >> shift) | bits);
	for (; nr; nr--, item++, run++)
		pt_item_store(item, (pt_item_t)(run->oa >> shift) | bits);
}

/* For each of @nr runs, @bits and its OA, >> @shift. Most formats do not shift. */
pt_run_scalar void pt_scalar_list_fill(pt_item_t *item,
				       const struct iommu_run *run, size_t nr,
				       pt_item_t bits, unsigned int shift)
{
	if (shift)
		pt_list_fill(item, run, nr, bits, shift);
	else
		pt_list_fill(item, run, nr, bits, 0);
}

/**
 * pt_run_list_good() - are the items of @nr runs empty, and the runs as @how says?
 *
 * Vector code looks when it stores.
 */
pt_inline bool pt_run_list_good(const struct pt_common *common,
				const pt_item_t *item,
				const struct iommu_run *run, size_t nr,
				const struct pt_run_list *how)
{
#ifdef pt_run_op
	if (pt_run_op(common, list, nr))
		return true;
#endif
	return pt_scalar_list_good(item, run, nr, how);
}

/** pt_run_list_store() - store them, if pt_run_list_good(). Return: is that so? */
pt_inline bool pt_run_list_store(const struct pt_common *common,
				 pt_item_t *item, const struct iommu_run *run,
				 size_t nr, const struct pt_run_list *how)
{
#ifdef pt_run_op
	if (pt_run_op(common, list, nr))
		return pt_run_call(common, list, item, run, nr, how);
#endif
	pt_scalar_list_fill(item, run, nr, (pt_item_t)how->bits, how->shift);
	return true;
}

#endif
