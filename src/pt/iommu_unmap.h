/* SPDX-License-Identifier: MIT */
/**
 * DOC: Unmapping
 *
 * The walk removes entries in order. A table that the range covers from its
 * first to its last address is removed, too, once the walk leaves it: a hole
 * would have stopped the walk, so everything in it is gone. Its own items need
 * no clearing then, if all of them are leaves. Where a hole does stop it, tables of
 * the range that have become empty so far go, too; one with entries behind the hole
 * stays.
 */
#ifndef PT_IOMMU_UNMAP_H
#define PT_IOMMU_UNMAP_H

#include "iommu_pt.h"
#include "pt_oas.h"

/**
 * struct pt_unmap - an unmap under way
 * @walk: where it is
 * @domain: of what
 * @gather: what has to be flushed
 * @list: gets what the entries went to; NULL if nobody wants to know
 * @va: first address of the range
 * @covered: bit n: the range covers all of the walk's table of level n
 */
struct pt_unmap {
	struct pt_walk walk;
	struct iommu_domain *domain;
	struct iommu_iotlb_gather *gather;
	struct iommu_run_list *list;
	dma_addr_t va;
	unsigned int covered;
};

/**
 * struct pt_leaves - neighbouring leaves of one table
 * @items: how many items, in whole entries
 * @sizes: those of the entries, as a bitmap
 */
struct pt_leaves {
	unsigned int items;
	uint64_t sizes;
};

/*
 * The leaves from the walk's item on, up to the end of its range, the first item
 * that is none, or the last for which @list has room. The walk stands at the start
 * of an entry.
 */
pt_inline struct pt_leaves pt_count_leaves(const struct pt_walk *walk,
					   struct iommu_run_list *list)
{
	struct pt_state pts = walk->pts;
	unsigned int end = pt_walk_end_index(walk);
	unsigned int first = pts.index;
	uint64_t contigs = 0;

	while (pts.index <= end && pt_load_entry_raw(&pts) == PT_ENTRY_LEAF) {
		unsigned int contig_lg2 = pt_entry_num_contig_lg2(&pts);

		if (list &&
		    !pt_run_list_add(list, pt_entry_oa(&pts),
				     va_lg2_mul(1, pt_entry_lg2sz(&pts))))
			break;
		contigs |= 1U << contig_lg2;
		pts.index += 1U << contig_lg2;
	}
	return (struct pt_leaves){
		.items = pts.index - first,
		.sizes = oa_lg2_mul(contigs, pt_table_item_lg2sz(&pts)),
	};
}

/*
 * Remove the leaves at the walk's item, which is one, and those behind it.
 *
 * Return: the bytes removed; 0: the walk stands inside an entry, or the list is
 * full.
 */
pt_inline dma_addr_t pt_unmap_leaves(struct pt_unmap *unmap)
{
	struct pt_state *pts = &unmap->walk.pts;
	dma_addr_t va = unmap->walk.va;
	struct pt_leaves leaves;
	dma_addr_t bytes;

	if (va_lg2_mod(va, pt_entry_lg2sz(pts)))
		return 0;
	leaves = pt_count_leaves(&unmap->walk, unmap->list);
	if (!leaves.items)
		return 0;
	bytes = va_lg2_mul(leaves.items, pt_table_item_lg2sz(pts));
	pt_gather_add(unmap->domain, unmap->gather, va, va + (bytes - 1),
		      leaves.sizes);
	if (!(unmap->covered & BIT(pts->level)) ||
	    leaves.items >> pt_num_items_lg2(pts) == 0) {
		pt_run_clear(pts->common, pts->table + pts->index,
			     leaves.items);
		pt_flush(pts->common, pts->table + pts->index, leaves.items);
	}
	return bytes;
}

/* Into the lower table, noting whether the range covers all of it. */
static void pt_unmap_down(struct pt_unmap *unmap)
{
	struct pt_walk *walk = &unmap->walk;
	unsigned int span_lg2 = pt_table_item_lg2sz(&walk->pts);
	dma_addr_t first = walk->va - va_lg2_mod(walk->va, span_lg2);

	pt_walk_down(walk);
	unmap->covered &= ~(unsigned int)BIT(walk->pts.level);
	if (first >= unmap->va && va_lg2_fill(first, span_lg2) <= walk->last)
		unmap->covered |= (unsigned int)BIT(walk->pts.level);
}

/* Out of the walk's table, which goes; the range covers it, and @va is in it. */
static void pt_unmap_table(struct pt_unmap *unmap, dma_addr_t va)
{
	struct pt_walk *walk = &unmap->walk;
	struct pt_state *pts = &walk->pts;
	pt_item_t *table = pts->table;
	pt_item_t *item;

	pt_walk_up(walk);
	item = &pts->table[pt_va_index(pts, va)];
	pt_item_store(item, 0);
	pt_flush(pts->common, item, 1);
	unmap->gather->tables |= (unsigned int)BIT(pts->level);
	pt_iommu_discard(pts->common, &unmap->gather->freelist, pts->level - 1,
			 table);
}

static inline bool pt_unmap_covers(const struct pt_unmap *unmap)
{
	return unmap->walk.pts.level < unmap->walk.top_level &&
	       unmap->covered & BIT(unmap->walk.pts.level);
}

/*
 * Out of the tables that end with @done, the last address removed. Those that
 * the range covers go.
 */
static void pt_unmap_up(struct pt_unmap *unmap, dma_addr_t done)
{
	struct pt_walk *walk = &unmap->walk;

	while (walk->pts.level < walk->top_level &&
	       done == va_lg2_fill(done, pt_table_span_lg2(&walk->pts))) {
		if (pt_unmap_covers(unmap))
			pt_unmap_table(unmap, done);
		else
			pt_walk_up(walk);
	}
}

/* The walk has come to a hole: drop tables of which nothing is left. */
static void pt_unmap_stop(struct pt_unmap *unmap)
{
	const struct pt_state *pts = &unmap->walk.pts;

	while (pt_unmap_covers(unmap) &&
	       pt_run_empty(pts->common, pts->table,
			    1U << pt_num_items_lg2(pts)))
		pt_unmap_table(unmap, unmap->walk.va);
}

/*
 * Remove what is mapped from @va on, in the range that ends with @last. It begins
 * with @unmap->va, and what is before @va has been removed.
 *
 * Return: the bytes removed.
 */
pt_inline size_t pt_unmap_all(struct pt_unmap *unmap, dma_addr_t va,
			      dma_addr_t last)
{
	struct pt_common *common = &pt_from_domain(unmap->domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	dma_addr_t bytes = 0;
	size_t done = 0;

	if (!pt_clip_range(common, top, va, &last))
		return 0;
	pt_walk_start(&unmap->walk, common, top, va, last);
	while (true) {
		enum pt_entry_type type = pt_walk_load(&unmap->walk);

		if (type == PT_ENTRY_TABLE) {
			pt_unmap_down(unmap);
			continue;
		}
		bytes = 0;
		if (type == PT_ENTRY_LEAF)
			bytes = pt_unmap_leaves(unmap);
		else if (done)
			pt_unmap_stop(unmap);
		if (!bytes)
			return done;
		done += bytes;
		pt_unmap_up(unmap, unmap->walk.va + (bytes - 1));
		if (done > last - va)
			return done;
		unmap->walk.va = va + done;
	}
}

PT_EXPORT size_t PT_FN(unmap_range)(struct iommu_domain *domain,
				    dma_addr_t iova, dma_addr_t len,
				    struct iommu_iotlb_gather *gather)
{
	struct pt_unmap unmap = {
		.domain = domain,
		.gather = gather,
		.va = iova,
	};
	dma_addr_t last;

	if (pt_make_range(&pt_from_domain(domain)->pt.common, iova, len, &last))
		return 0;
	return pt_unmap_all(&unmap, iova, last);
}

PT_EXPORT size_t PT_FN(unmap_list)(struct iommu_domain *domain, dma_addr_t iova,
				   dma_addr_t len,
				   struct iommu_iotlb_gather *gather,
				   struct iommu_run_list *list)
{
	struct pt_unmap unmap = {
		.domain = domain,
		.gather = gather,
		.list = list,
		.va = iova,
	};
	dma_addr_t last;

	if (pt_make_range(&pt_from_domain(domain)->pt.common, iova, len,
			  &last) ||
	    list->done >= len)
		return 0;
	return pt_unmap_all(&unmap, iova + list->done, last);
}

#endif
