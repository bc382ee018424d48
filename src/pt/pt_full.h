/* SPDX-License-Identifier: MIT */
/**
 * DOC: Full tables
 *
 * A table that one run of pages has filled from its first item to its last is
 * *full*, and a software bit of the item that points at it says so. Whoever unmaps
 * all of it needs not look into it: there is no hole, and no table below, and all
 * its leaves have one size. A second bit says that this is not the level's smallest;
 * then the first leaf tells. A table that is not marked may be full, too.
 *
 * The mark is set with the pointer when a new table is installed, or by whoever
 * holds the whole range that the table translates. It is cleared, before anything
 * else is done, by all that could end what it says: removing leaves, splitting or
 * merging them. Several may do so at once, on ranges of the same table. Hardware
 * may set an accessed bit in the same item, so that both are atomic.
 *
 * It means nothing to hardware, so that walkers that are not coherent need not see
 * it change.
 */
#ifndef PT_FULL_H
#define PT_FULL_H

#include "pt_iter.h"

/** pt_full_bit() - the mark; 0: the format has no bits to spare */
pt_inline pt_item_t pt_full_bit(const struct pt_common *common)
{
	return pt_max_sw_bit(common) < 1 ? 0 : pt_sw_bit(common, 0);
}

/** pt_runs_bit() - beside the mark: leaves are of several items each */
pt_inline pt_item_t pt_runs_bit(const struct pt_common *common)
{
	return pt_max_sw_bit(common) < 1 ? 0 : pt_sw_bit(common, 1);
}

/** pt_full_mark() - the bits for a table that leaves of 2^@lg2 fill */
pt_inline pt_item_t pt_full_mark(const struct pt_state *pts, unsigned int lg2)
{
	return lg2 == pt_table_item_lg2sz(pts)
		       ? pt_full_bit(pts->common)
		       : pt_full_bit(pts->common) | pt_runs_bit(pts->common);
}

/** pt_is_full() - does the loaded table item say that its table is full? */
pt_inline bool pt_is_full(const struct pt_state *pts)
{
	return pts->entry & pt_full_bit(pts->common);
}

/** pt_full_lg2sz() - the size of the leaves of the full table of the loaded item */
pt_inline unsigned int pt_full_lg2sz(const struct pt_state *pts)
{
	struct pt_state below = { .common = pts->common,
				  .level = pts->level - 1 };

	if (!(pts->entry & pt_runs_bit(pts->common)))
		return pt_table_item_lg2sz(&below);
	below.table = pt_table_ptr(pts);
	pt_load_entry_raw(&below);
	return pt_entry_lg2sz(&below);
}

/** pt_set_full() - @item points at the table of @pts, which leaves of 2^@lg2 fill */
pt_inline void pt_set_full(const struct pt_state *pts, unsigned int lg2,
			   pt_item_t *item)
{
	if (pt_full_bit(pts->common))
		pt_item_or(item, pt_full_mark(pts, lg2));
}

/** pt_clear_full() - it may not stay so */
pt_inline void pt_clear_full(const struct pt_common *common, pt_item_t *item)
{
	pt_item_t mark = pt_full_bit(common) | pt_runs_bit(common);

	if (pt_item_load_relaxed(item) & mark)
		pt_item_and(item, (pt_item_t)~mark);
}

/** pt_walk_not_full() - the same for the walk's table */
pt_inline void pt_walk_not_full(const struct pt_walk *walk)
{
	if (walk->pts.level < walk->top_level)
		pt_clear_full(walk->pts.common, pt_walk_item(walk));
}

#endif
