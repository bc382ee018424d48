/* SPDX-License-Identifier: MIT */
/**
 * DOC: Runs of items
 *
 * The hot loops of the algorithm. Where the runtime has vector code for them it
 * is called once per run; else this scalar code does the work, unrolled by four
 * because the loads and stores of one item do not depend on those of another.
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

/** pt_run_empty() - are all @count items zero? */
pt_inline bool pt_run_empty(const struct pt_common *common,
			    const pt_item_t *item, unsigned int count)
{
	pt_item_t any = 0;

#ifdef pt_run_op
	if (pt_run_op(common, empty, count))
		return pt_run_call(common, empty, item, count);
#endif
	for (; count >= 4; count -= 4, item += 4)
		any |= pt_item_load_relaxed(&item[0]) |
		       pt_item_load_relaxed(&item[1]) |
		       pt_item_load_relaxed(&item[2]) |
		       pt_item_load_relaxed(&item[3]);
	for (; count; count--, item++)
		any |= pt_item_load_relaxed(item);
	return !any;
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
	for (; count >= 4; count -= 4, item += 4) {
		pt_item_store(&item[0], 0);
		pt_item_store(&item[1], 0);
		pt_item_store(&item[2], 0);
		pt_item_store(&item[3], 0);
	}
	for (; count; count--, item++)
		pt_item_store(item, 0);
}

/**
 * pt_run_fill() - store @count items: 2^@repeat_lg2 times @value, as often
 * @value + @step, and so on
 */
pt_inline void pt_run_fill(const struct pt_common *common, pt_item_t *item,
			   unsigned int count, pt_item_t value, pt_item_t step,
			   unsigned int repeat_lg2)
{
	unsigned int repeat;

#ifdef pt_run_op
	if (pt_run_op(common, fill, count)) {
		pt_run_call(common, fill, item, count, value, step, repeat_lg2);
		return;
	}
#endif
	if (!repeat_lg2) {
		for (; count >= 4; count -= 4, item += 4) {
			pt_item_store(&item[0], value);
			pt_item_store(&item[1], value + step);
			pt_item_store(&item[2], value + 2 * step);
			pt_item_store(&item[3], value + 3 * step);
			value += 4 * step;
		}
		for (; count; count--, item++, value += step)
			pt_item_store(item, value);
		return;
	}
	for (; count; count -= 1U << repeat_lg2, value += step)
		for (repeat = 1U << repeat_lg2; repeat;
		     repeat -= 2, item += 2) {
			pt_item_store(&item[0], value);
			pt_item_store(&item[1], value);
		}
}

#endif
