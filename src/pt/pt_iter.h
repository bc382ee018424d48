/* SPDX-License-Identifier: MIT */
/**
 * DOC: Moving through a table
 *
 * A walk visits the items of a range of VAs in order, from the top down. It is
 * iterative: the tables on the way from the top are remembered, one per level,
 * so that going on behind the end of a table climbs no further than needed.
 */
#ifndef PT_ITER_H
#define PT_ITER_H

#include "pt_common.h"

/** pt_feature() - is BIT(@feature) on? */
pt_inline bool pt_feature(const struct pt_common *common, unsigned int feature)
{
	return (PT_SUPPORTED_FEATURES | PT_FORCED_FEATURES) & BIT(feature) &
	       common->features;
}

/**
 * pt_flush() - show the walker @count items at @item, if it does not see what the
 * CPU stores
 *
 * After the items were stored, and before anything that relies on them is: a table's
 * content before the item that points at it.
 */
pt_inline void pt_flush(const struct pt_common *common, const pt_item_t *item,
			unsigned int count)
{
	if (pt_feature(common, PT_FEAT_DMA_INCOHERENT))
		common->runtime->flush(common->runtime, item,
				       (size_t)count * sizeof(*item));
}

/** pt_table_to_pa() - address of table memory as hardware sees it. */
pt_inline phys_addr_t pt_table_to_pa(const struct pt_common *common,
				     const void *table)
{
	return (uintptr_t)table + common->pa_offset;
}

/** pt_table_ptr() - the lower table that the table item @pts->entry points at. */
pt_inline pt_item_t *pt_table_ptr(const struct pt_state *pts)
{
	return (pt_item_t *)(uintptr_t)(pt_table_pa(pts) -
					pts->common->pa_offset);
}

/** pt_top_unpack() - take a value of top_of_table apart. */
pt_inline struct pt_top pt_top_unpack(uintptr_t word)
{
	return (struct pt_top){
		.table = (void *)(word & ~PT_TOP_LEVEL_MASK),
		.level = (unsigned int)(word & PT_TOP_LEVEL_MASK),
	};
}

/** pt_top_pack() - the inverse. */
pt_inline uintptr_t pt_top_pack(const void *table, unsigned int level)
{
	return (uintptr_t)table | level;
}

/** pt_top_read() - the root and its level, in one load. */
pt_inline struct pt_top pt_top_read(const struct pt_common *common)
{
	return pt_top_unpack(
		__atomic_load_n(&common->top_of_table, __ATOMIC_ACQUIRE));
}

/** pt_table_span_lg2() - what the whole table of @pts->level translates. */
pt_inline unsigned int pt_table_span_lg2(const struct pt_state *pts)
{
	return pt_table_item_lg2sz(pts) + pt_num_items_lg2(pts);
}

/** pt_entry_lg2sz() - what the whole entry of the leaf translates. */
pt_inline unsigned int pt_entry_lg2sz(const struct pt_state *pts)
{
	return pt_table_item_lg2sz(pts) + pt_entry_num_contig_lg2(pts);
}

/**
 * pt_items_lg2() - pt_num_items_lg2() of @pts->level
 *
 * A constant where the level is one, and too low for a top table: those below are all
 * of one size.
 */
pt_inline unsigned int pt_items_lg2(const struct pt_state *pts)
{
	if (__builtin_constant_p(pts->level) &&
	    pts->level + 1 <= PT_MIN_TOP_LEVEL)
		return PT_TABLEMEM_LG2SZ - PT_ITEM_LG2SZ;
	if (pt_num_items_lg2(pts) > 31)
		__builtin_unreachable();
	return pt_num_items_lg2(pts);
}

/** pt_va_index() - the item of @pts->level that translates @va. */
pt_inline unsigned int pt_va_index(const struct pt_state *pts, dma_addr_t va)
{
	return (unsigned int)va_lg2_mod(
		va_lg2_div(va, pt_table_item_lg2sz(pts)), pt_items_lg2(pts));
}

/**
 * pt_lower_item() - where @va is translated in the table that the loaded table item
 * points at
 *
 * What needs not wait for the entry is computed first.
 */
pt_inline pt_item_t *pt_lower_item(const struct pt_state *pts, dma_addr_t va)
{
	const struct pt_state below = { .common = pts->common,
					.level = pts->level - 1 };
	dma_addr_t index =
		va_lg2_mod(va_lg2_div(va, pt_table_item_lg2sz(&below)),
			   PT_TABLEMEM_LG2SZ - PT_ITEM_LG2SZ);
	phys_addr_t offset = index * sizeof(pt_item_t) - pts->common->pa_offset;

	return (pt_item_t *)(uintptr_t)(pt_table_pa(pts) + offset);
}

/**
 * PT_EACH_LEVEL() - a loop over the levels from that of @top down, written out so that
 * the level is a constant in @step(level), and all that depends on it is, too
 */
#define PT_LEVEL(n, top, step)                                          \
	do {                                                            \
		if (PT_MAX_TOP_LEVEL >= (n) &&                          \
		    (PT_MIN_TOP_LEVEL >= (n) || (top).level + 1 > (n))) \
			step(n);                                        \
	} while (0)
#define PT_EACH_LEVEL(top, step)        \
	do {                            \
		PT_LEVEL(6, top, step); \
		PT_LEVEL(5, top, step); \
		PT_LEVEL(4, top, step); \
		PT_LEVEL(3, top, step); \
		PT_LEVEL(2, top, step); \
		PT_LEVEL(1, top, step); \
		PT_LEVEL(0, top, step); \
	} while (0)
_Static_assert(PT_MAX_TOP_LEVEL <= 6, "PT_EACH_LEVEL() leaves some out");

/**
 * PT_WALK_LEVELS() - the same for a walk that begins with @va in the table @top: @pts has
 * the level, and where @va is translated in a table, for its table. @step(level) brings
 * @pts to the next, or returns. Once in a function
 */
#define PT_ENTER(n, top)                                              \
	do {                                                          \
		if (PT_MAX_TOP_LEVEL >= (n) &&                        \
		    (PT_MIN_TOP_LEVEL == (n) ||                       \
		     (PT_MIN_TOP_LEVEL < (n) && (top).level == (n)))) \
			goto pt_enter_##n;                            \
	} while (0)
#define PT_WALK_LEVEL(n, pts, top, va, step)                      \
	do {                                                      \
		if (PT_MAX_TOP_LEVEL < (n))                       \
			break;                                    \
		if (0) {                                          \
			pt_enter_##n : (pts)->level = (n);        \
			(pts)->table = (pt_item_t *)(top).table + \
				       pt_va_index((pts), (va));  \
		}                                                 \
		(pts)->level = (n);                               \
		step(n);                                          \
	} while (0)
#define PT_WALK_LEVELS(pts, top, va, step)            \
	do {                                          \
		PT_ENTER(6, top);                     \
		PT_ENTER(5, top);                     \
		PT_ENTER(4, top);                     \
		PT_ENTER(3, top);                     \
		PT_ENTER(2, top);                     \
		PT_ENTER(1, top);                     \
		PT_ENTER(0, top);                     \
		PT_WALK_LEVEL(6, pts, top, va, step); \
		PT_WALK_LEVEL(5, pts, top, va, step); \
		PT_WALK_LEVEL(4, pts, top, va, step); \
		PT_WALK_LEVEL(3, pts, top, va, step); \
		PT_WALK_LEVEL(2, pts, top, va, step); \
		PT_WALK_LEVEL(1, pts, top, va, step); \
		PT_WALK_LEVEL(0, pts, top, va, step); \
	} while (0)

/** pt_va_valid() - is [@va, @last] in a range of the table? */
pt_inline bool pt_va_valid(const struct pt_common *common, dma_addr_t va,
			   dma_addr_t last)
{
	unsigned int width = common->max_vasz_lg2;
	dma_addr_t half;

	if (PT_MAX_VASZ_LG2 < va_width && width >= va_width)
		__builtin_unreachable();
	if (pt_feature(common, PT_FEAT_UPPER_RANGE))
		return va >= ~va_lg2_mask(width);
	if (!pt_feature(common, PT_FEAT_SIGN_EXTEND))
		return !va_lg2_div(last, width);
	half = va_lg2_mask(width - 1U);
	return last <= half || va >= ~half;
}

/** pt_top_last() - last VA that a top table of @level reaches. */
pt_inline dma_addr_t pt_top_last(struct pt_common *common, unsigned int level)
{
	struct pt_state pts = { .common = common, .level = level };

	return va_lg2_mask(pt_table_span_lg2(&pts));
}

/**
 * struct pt_walk - a walk under way
 * @pts: where it is
 * @va: the address it is at
 * @last: the last address of the range
 * @top_level: where it started
 * @table: the tables on the path from the top to @pts->level
 */
struct pt_walk {
	struct pt_state pts;
	dma_addr_t va;
	dma_addr_t last;
	unsigned int top_level;
	pt_item_t *table[PT_MAX_LEVELS];
};

/** pt_walk_start() - begin at @va in the table @top, to end with @last. */
pt_inline void pt_walk_start(struct pt_walk *walk, struct pt_common *common,
			     struct pt_top top, dma_addr_t va, dma_addr_t last)
{
	walk->pts.common = common;
	walk->pts.table = top.table;
	walk->pts.level = top.level;
	walk->pts.mark = 0;
	walk->pts.sole = false;
	walk->va = va;
	walk->last = last;
	walk->top_level = top.level;
	walk->table[top.level] = top.table;
}

/** pt_walk_load() - read the item at the walk's address, at its level. */
pt_inline enum pt_entry_type pt_walk_load(struct pt_walk *walk)
{
	walk->pts.index = pt_va_index(&walk->pts, walk->va);
	return pt_load_entry_raw(&walk->pts);
}

/** pt_walk_enter() - into @table, to which the item at the walk points. */
pt_inline void pt_walk_enter(struct pt_walk *walk, pt_item_t *table)
{
	walk->pts.table = table;
	walk->pts.level--;
	walk->table[walk->pts.level] = table;
}

/** pt_walk_down() - into the table that the loaded table item points at. */
pt_inline void pt_walk_down(struct pt_walk *walk)
{
	pt_walk_enter(walk, pt_table_ptr(&walk->pts));
}

/** pt_walk_item() - the item that points at the walk's table, which is not the top */
pt_inline pt_item_t *pt_walk_item(const struct pt_walk *walk)
{
	struct pt_state pts = walk->pts;

	pts.level++;
	return &walk->table[pts.level][pt_va_index(&pts, walk->va)];
}

/** pt_walk_up() - to the table above. */
pt_inline void pt_walk_up(struct pt_walk *walk)
{
	walk->pts.level++;
	walk->pts.table = walk->table[walk->pts.level];
}

/** pt_walk_end_index() - the last item of this table that the range touches. */
pt_inline unsigned int pt_walk_end_index(const struct pt_walk *walk)
{
	const struct pt_state *pts = &walk->pts;

	if (va_lg2_div(walk->va ^ walk->last, pt_table_span_lg2(pts)))
		return (unsigned int)va_lg2_mask(pt_num_items_lg2(pts));
	return pt_va_index(pts, walk->last);
}

/**
 * pt_walk_next() - go on behind @done, the last address of this table that has
 * been dealt with
 *
 * Return: false at the end of the range.
 */
pt_inline bool pt_walk_next(struct pt_walk *walk, dma_addr_t done)
{
	if (done >= walk->last)
		return false;
	walk->va = done + 1;
	while (walk->pts.level < walk->top_level &&
	       !va_lg2_mod(walk->va, pt_table_span_lg2(&walk->pts)))
		pt_walk_up(walk);
	return true;
}

#endif
