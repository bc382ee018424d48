/* SPDX-License-Identifier: MIT */
/**
 * DOC: Unmapping
 *
 * The walk removes entries in order. A table that the range covers from its
 * first to its last address is removed, too, once the walk leaves it: a hole
 * would have stopped the walk, so everything in it is gone. Its own items need
 * no clearing then, if all of them are leaves.
 */
#ifndef PT_IOMMU_UNMAP_H
#define PT_IOMMU_UNMAP_H

#include "iommu_pt.h"

/**
 * struct pt_unmap - an unmap under way
 * @walk: where it is
 * @domain: of what
 * @gather: what has to be flushed
 * @covered: bit n: the range covers all of the walk's table of level n
 */
struct pt_unmap {
	struct pt_walk walk;
	struct iommu_domain *domain;
	struct iommu_iotlb_gather *gather;
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
 * The leaves from the walk's item on, up to the end of its range or the first
 * item that is none. The walk stands at the start of an entry.
 */
static struct pt_leaves pt_count_leaves(const struct pt_walk *walk)
{
	struct pt_state pts = walk->pts;
	unsigned int end = pt_walk_end_index(walk);
	unsigned int first = pts.index;
	uint64_t contigs = 0;

	while (pts.index <= end && pt_load_entry_raw(&pts) == PT_ENTRY_LEAF) {
		unsigned int contig_lg2 = pt_entry_num_contig_lg2(&pts);

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
 * Return: the bytes removed; 0: the walk stands inside an entry.
 */
static dma_addr_t pt_unmap_leaves(struct pt_unmap *unmap)
{
	struct pt_state *pts = &unmap->walk.pts;
	dma_addr_t va = unmap->walk.va;
	struct pt_leaves leaves;
	dma_addr_t bytes;

	if (va_lg2_mod(va, pt_entry_lg2sz(pts)))
		return 0;
	leaves = pt_count_leaves(&unmap->walk);
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

	pt_walk_down(walk);
	unmap->covered &= ~(unsigned int)BIT(walk->pts.level);
	if (!va_lg2_mod(walk->va, span_lg2) &&
	    va_lg2_fill(walk->va, span_lg2) <= walk->last)
		unmap->covered |= (unsigned int)BIT(walk->pts.level);
}

/*
 * Out of the tables that end with @done, the last address removed. Those that
 * the range covers go.
 */
static void pt_unmap_up(struct pt_unmap *unmap, dma_addr_t done)
{
	struct pt_walk *walk = &unmap->walk;
	struct pt_state *pts = &walk->pts;

	while (pts->level < walk->top_level &&
	       done == va_lg2_fill(done, pt_table_span_lg2(pts))) {
		bool remove = unmap->covered & BIT(pts->level);
		pt_item_t *table = pts->table;
		pt_item_t *item;

		pt_walk_up(walk);
		if (!remove)
			continue;
		item = &pts->table[pt_va_index(pts, done)];
		pt_item_store(item, 0);
		pt_flush(pts->common, item, 1);
		unmap->gather->tables |= (unsigned int)BIT(pts->level);
		pt_iommu_discard(pts->common, &unmap->gather->freelist,
				 pts->level - 1, table);
	}
}

PT_EXPORT size_t PT_FN(unmap_range)(struct iommu_domain *domain,
				    dma_addr_t iova, dma_addr_t len,
				    struct iommu_iotlb_gather *gather)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_unmap unmap = { .domain = domain, .gather = gather };
	struct pt_top top = pt_top_read(common);
	dma_addr_t bytes = 0;
	dma_addr_t last;
	size_t done = 0;

	if (pt_make_range(common, iova, len, &last) ||
	    !pt_clip_range(common, top, iova, &last))
		return 0;
	pt_walk_start(&unmap.walk, common, top, iova, last);
	while (true) {
		switch (pt_walk_load(&unmap.walk)) {
		case PT_ENTRY_TABLE:
			pt_unmap_down(&unmap);
			continue;
		case PT_ENTRY_LEAF:
			bytes = pt_unmap_leaves(&unmap);
			break;
		case PT_ENTRY_EMPTY:
			bytes = 0;
			break;
		}
		if (!bytes)
			return done;
		done += bytes;
		pt_unmap_up(&unmap, unmap.walk.va + (bytes - 1));
		if (done > last - iova)
			return done;
		unmap.walk.va = iova + done;
	}
}

#endif
