/* SPDX-License-Identifier: MIT */
/**
 * DOC: Lists of single pages, stored without looking at each
 *
 * Mostly, the items of small pages differ in nothing but where the page is, and the
 * OA stands in one piece. Then a list of them can be checked and stored as a whole,
 * some runs at a time, as long as none of them begins a larger page.
 */
#ifndef PT_FLAT_H
#define PT_FLAT_H

#include "pt_iter.h"

/**
 * PT_FLAT_BLOCK - so many pages of a long list are checked and stored at a time. Where
 * blocks end, no larger page is cut behind its first half.
 */
#define PT_FLAT_BLOCK 64U

/*
 * Does a run continue the one before it where a larger page could begin? @nr runs of
 * single pages go to @va; all that is asked is whether the second page of a larger one
 * would be in place.
 */
pt_inline bool pt_flat_larger(uint64_t larger, dma_addr_t va,
			      const struct iommu_run *run, size_t nr)
{
	const unsigned int lg2 = PT_GRANULE_LG2SZ;
	size_t i;

	for (i = (size_t)((-(uint64_t)va & (larger - 1)) >> lg2); i + 1 < nr;
	     i += (size_t)(larger >> lg2))
		if (run[i + 1].oa - run[i].oa == 1ULL << lg2)
			return true;
	return false;
}

/* What is asked of a list, and what its items are: those of a table of level 0. */
pt_inline struct pt_run_list pt_flat_how(const struct pt_state *pts,
					 const struct pt_attrs *attrs)
{
	const unsigned int lg2 = PT_GRANULE_LG2SZ;
	unsigned int flat_lg2 = pt_leaf_flat_lg2(pts->common);
	unsigned int max_lg2 = pts->common->max_oasz_lg2;
	struct pt_run_list how;
	pt_item_t bits;

	if (flat_lg2 < max_lg2)
		max_lg2 = flat_lg2;
	bits = pt_leaf_item(pts, 0, lg2, 0, attrs);
	how.len = 1ULL << lg2;
	how.wrong = ~oa_lg2_mask(max_lg2) | oa_lg2_mask(lg2);
	how.bits = bits;
	how.shift =
		lg2 -
		pt_ctz64(pt_leaf_item(pts, 1ULL << lg2, lg2, 0, attrs) ^ bits);
	return how;
}

/**
 * pt_flat_store() - store @nr runs from @va on, which are single pages of the smallest
 * size, in a table of level 0
 * @pts: the table
 * @item: the item of @va, in it
 * @sizes: that the table may use
 *
 * @nr runs are the last there are, or end a block.
 *
 * Return: false: nothing has been stored: they are something else, or have to be looked
 * at one by one, or the items are not empty.
 */
pt_inline bool pt_flat_store(const struct pt_state *pts, pt_item_t *item,
			     uint64_t sizes, dma_addr_t va,
			     const struct iommu_run *run, size_t nr,
			     const struct pt_attrs *attrs)
{
	const unsigned int lg2 = PT_GRANULE_LG2SZ;
	uint64_t larger = sizes & (~1ULL << lg2);
	struct pt_run_list how;

	if (!pt_leaf_flat_lg2(pts->common))
		return false;
	larger &= -larger;
	how = pt_flat_how(pts, attrs);
	how.pairs = larger == 2ULL << lg2;
	if (!pt_run_list_good(pts->common, item, run, nr, &how))
		return false;
	if (larger > 2ULL << lg2 && larger <= (uint64_t)nr << lg2 &&
	    pt_flat_larger(larger, va, run, nr))
		return false;
	return pt_run_list_store(pts->common, item, run, nr, &how);
}

#endif
