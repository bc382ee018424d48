/* SPDX-License-Identifier: MIT */
/**
 * DOC: Full tables
 *
 * A table that one run of pages has filled from its first item to its last is
 * *full*, and a software bit of the item that points at it says so. Whoever unmaps
 * all of it needs not look into it: there is no hole, and no table below, and all
 * its leaves have the size of the first. A table that is not marked may be full,
 * too.
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

/** pt_full_bit() - the mark; 0: the format has no bit to spare */
pt_inline pt_item_t pt_full_bit(const struct pt_common *common)
{
	return pt_max_sw_bit(common) < 0 ? 0 : pt_sw_bit(common, 0);
}

/** pt_is_full() - does the loaded table item say that its table is full? */
pt_inline bool pt_is_full(const struct pt_state *pts)
{
	return pts->entry & pt_full_bit(pts->common);
}

/** pt_set_full() - the table that @item points at is full */
pt_inline void pt_set_full(const struct pt_common *common, pt_item_t *item)
{
	if (pt_full_bit(common))
		pt_item_or(item, pt_full_bit(common));
}

/** pt_clear_full() - it may not stay so */
pt_inline void pt_clear_full(const struct pt_common *common, pt_item_t *item)
{
	if (pt_item_load_relaxed(item) & pt_full_bit(common))
		pt_item_and(item, (pt_item_t)~pt_full_bit(common));
}

/** pt_walk_not_full() - the same for the walk's table */
pt_inline void pt_walk_not_full(const struct pt_walk *walk)
{
	if (walk->pts.level < walk->top_level)
		pt_clear_full(walk->pts.common, pt_walk_item(walk));
}

#endif
