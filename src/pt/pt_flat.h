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

/** PT_FLAT_BLOCK - so many pages of a long list are checked and stored at a time. */
#define PT_FLAT_BLOCK 64U

/**
 * struct pt_flat - items of pages of the smallest size
 * @bits: all of the item but the OA
 * @shift: the OA stands there shifted to the right by so much
 */
struct pt_flat {
	pt_item_t bits;
	unsigned int shift;
};

/** pt_flat_start() - those of @pts, a table of level 0, with @attrs */
pt_inline struct pt_flat pt_flat_start(const struct pt_state *pts,
				       const struct pt_attrs *attrs)
{
	const unsigned int lg2 = PT_GRANULE_LG2SZ;
	struct pt_flat flat;

	flat.bits = pt_leaf_item(pts, 0, lg2, 0, attrs);
	flat.shift =
		lg2 - pt_ctz64(pt_leaf_item(pts, 1ULL << lg2, lg2, 0, attrs) ^
			       flat.bits);
	return flat;
}

/*
 * Does a run continue the one before it where a larger page could begin? @nr runs of
 * single pages go to @va; all that is asked is whether the second page of a larger one
 * would be in place.
 */
pt_inline bool pt_flat_larger(const struct pt_common *common, uint64_t sizes,
			      dma_addr_t va, const struct iommu_run *run,
			      size_t nr)
{
	const unsigned int lg2 = PT_GRANULE_LG2SZ;
	uint64_t larger = sizes & (~1ULL << lg2);
	size_t first;

	larger &= -larger;
	if (!larger || larger > (uint64_t)nr << lg2)
		return false;
	first = (size_t)((-(uint64_t)va & (larger - 1)) >> lg2);
	return first < nr &&
	       pt_run_list_pairs(common, run + first, nr - first,
				 (size_t)(larger >> lg2), (dma_addr_t)1 << lg2);
}

/**
 * pt_flat_pages() - are the first @nr runs at @va single pages of the smallest size that
 * can be stored as such?
 * @sizes: that the table may use
 * @all: how many runs there are; the one behind the last may belong to its page
 */
pt_inline bool pt_flat_pages(const struct pt_common *common, uint64_t sizes,
			     dma_addr_t va, const struct iommu_run *run,
			     size_t nr, size_t all)
{
	unsigned int flat_lg2 = pt_leaf_flat_lg2(common);
	unsigned int max_lg2 = common->max_oasz_lg2;
	uint64_t oas;

	if (!flat_lg2)
		return false;
	if (flat_lg2 < max_lg2)
		max_lg2 = flat_lg2;
	oas = pt_run_list_oas(common, run, nr,
			      (dma_addr_t)1 << PT_GRANULE_LG2SZ);
	return !(oas &
		 (~oa_lg2_mask(max_lg2) | oa_lg2_mask(PT_GRANULE_LG2SZ))) &&
	       !pt_flat_larger(common, sizes, va, run, nr + (nr < all));
}

/** pt_flat_store() - store the items of @nr runs that pt_flat_pages() has seen */
pt_inline void pt_flat_store(const struct pt_common *common, pt_item_t *item,
			     const struct iommu_run *run, size_t nr,
			     struct pt_flat flat)
{
	pt_run_list_fill(common, item, run, nr, flat.bits, flat.shift);
}

#endif
