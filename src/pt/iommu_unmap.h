/* SPDX-License-Identifier: MIT */
/**
 * DOC: Unmapping
 *
 * The walk removes entries in order. A table that the range covers from its
 * first to its last address is removed, too, once the walk leaves it: a hole
 * would have stopped the walk, so everything in it is gone. Its own items need
 * no clearing then, if all of them are leaves; and if it is known to be full, they
 * need not even be looked at. Where a hole does stop it, tables of the range that
 * have become empty so far go, too; one with entries behind the hole stays.
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

/* As pt_count_leaves(), one by one: for a list, or for leaves of several sizes. */
static struct pt_leaves pt_count_each(struct pt_state pts, unsigned int end,
				      struct iommu_run_list *list)
{
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

/* How many items from the loaded leaf's first to @end, in whole entries of its size. */
pt_inline unsigned int pt_leaf_items(const struct pt_state *pts,
				     unsigned int end)
{
	unsigned int in_run = ~(~0U << pt_entry_num_contig_lg2(pts));

	return (end - pts->index + 1 + in_run) & ~in_run;
}

/* Are the @items from the loaded leaf's on all leaves of its size? */
pt_inline bool pt_leaves_alike(const struct pt_state *pts, unsigned int items)
{
	return pt_run_alike(pts->common, &pts->table[pts->index], items,
			    pts->entry, pt_leaf_kind(pts));
}

/*
 * The leaves from the walk's item on, up to the end of its range, the first item
 * that is none, or the last for which @list has room. The walk stands at the start
 * of an entry, which is loaded.
 */
pt_inline struct pt_leaves pt_count_leaves(const struct pt_walk *walk,
					   struct iommu_run_list *list)
{
	const struct pt_state *pts = &walk->pts;
	unsigned int end = pt_walk_end_index(walk);
	unsigned int items = pt_leaf_items(pts, end);

	if (list || !pt_leaves_alike(pts, items))
		return pt_count_each(*pts, end, list);
	return (struct pt_leaves){
		.items = items,
		.sizes = oa_lg2_mul(1, pt_entry_lg2sz(pts)),
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

/* Does the range cover all that the walk's item translates? */
pt_inline bool pt_unmap_covers_item(const struct pt_unmap *unmap)
{
	const struct pt_walk *walk = &unmap->walk;
	unsigned int span_lg2 = pt_table_item_lg2sz(&walk->pts);
	dma_addr_t first = walk->va - va_lg2_mod(walk->va, span_lg2);

	return first >= unmap->va && va_lg2_fill(first, span_lg2) <= walk->last;
}

/* Into the lower table, noting whether the range covers all of it. */
static void pt_unmap_down(struct pt_unmap *unmap)
{
	struct pt_walk *walk = &unmap->walk;
	bool covered = pt_unmap_covers_item(unmap);

	pt_clear_full(walk->pts.common, &walk->pts.table[walk->pts.index]);
	pt_walk_down(walk);
	unmap->covered &= ~(unsigned int)BIT(walk->pts.level);
	if (covered)
		unmap->covered |= (unsigned int)BIT(walk->pts.level);
}

/* Take @table, which the state's item points at, out of the tree. */
pt_inline void pt_unlink(const struct pt_state *pts, void *table,
			 struct iommu_iotlb_gather *gather,
			 enum pt_content content)
{
	pt_item_t *item = &pts->table[pts->index];

	pt_item_store(item, 0);
	pt_flush(pts->common, item, 1);
	gather->tables |= (unsigned int)BIT(pts->level);
	pt_iommu_discard(pts->common, &gather->freelist, table, pts->level - 1,
			 content);
}

/*
 * The walk has loaded an item whose table is full and covered by the range. Unlink
 * it, and those behind it that are so, too.
 *
 * Return: the bytes removed.
 */
static dma_addr_t pt_unmap_full(struct pt_unmap *unmap)
{
	struct pt_state pts = unmap->walk.pts;
	unsigned int item_lg2 = pt_table_item_lg2sz(&pts);
	dma_addr_t va = unmap->walk.va;
	unsigned int end = pt_walk_end_index(&unmap->walk);
	dma_addr_t bytes = 0;

	/* The last one may be covered in part only. */
	if (va_lg2_mod(unmap->walk.last + 1, item_lg2) &&
	    !va_lg2_div(va ^ unmap->walk.last, pt_table_span_lg2(&pts)))
		end--;
	do {
		pt_gather_add(unmap->domain, unmap->gather, va,
			      va_lg2_fill(va, item_lg2),
			      oa_lg2_mul(1, pt_full_lg2sz(&pts)));
		pt_unlink(&pts, pt_table_ptr(&pts), unmap->gather,
			  PT_CONTENT_ANY);
		bytes += va_lg2_mul(1, item_lg2);
		pts.index++;
		va = va_lg2_fill(va, item_lg2) + 1;
	} while (pts.index <= end &&
		 pt_load_entry_raw(&pts) == PT_ENTRY_TABLE && pt_is_full(&pts));
	return bytes;
}

/* Out of the walk's table, which goes; the range covers it, and @va is in it. */
static void pt_unmap_table(struct pt_unmap *unmap, dma_addr_t va,
			   enum pt_content content)
{
	struct pt_walk *walk = &unmap->walk;
	struct pt_state *pts = &walk->pts;
	pt_item_t *table = pts->table;

	pt_walk_up(walk);
	pts->index = pt_va_index(pts, va);
	pt_unlink(pts, table, unmap->gather, content);
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
			pt_unmap_table(unmap, done, PT_CONTENT_ANY);
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
		pt_unmap_table(unmap, unmap->walk.va, PT_CONTENT_ZERO);
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

		bytes = 0;
		if (type == PT_ENTRY_TABLE && !unmap->list &&
		    pt_is_full(&unmap->walk.pts) &&
		    pt_unmap_covers_item(unmap)) {
			bytes = pt_unmap_full(unmap);
		} else if (type == PT_ENTRY_TABLE) {
			pt_unmap_down(unmap);
			continue;
		} else if (type == PT_ENTRY_LEAF) {
			bytes = pt_unmap_leaves(unmap);
		}
		if (!bytes) {
			if (type == PT_ENTRY_EMPTY && done)
				pt_unmap_stop(unmap);
			return done;
		}
		done += bytes;
		pt_unmap_up(unmap, unmap->walk.va + (bytes - 1));
		if (done > last - va)
			return done;
		unmap->walk.va = va + done;
	}
}

/* The same for the full table that the loaded item points at. */
pt_inline dma_addr_t pt_unmap_quick_full(struct iommu_domain *domain,
					 const struct pt_state *pts,
					 dma_addr_t va, dma_addr_t last,
					 struct iommu_iotlb_gather *gather)
{
	unsigned int item_lg2 = pt_table_item_lg2sz(pts);

	if (va_lg2_mod(va, item_lg2) || last - va != va_lg2_mask(item_lg2))
		return 0;
	pt_gather_add(domain, gather, va, last,
		      oa_lg2_mul(1, pt_full_lg2sz(pts)));
	pt_unlink(pts, pt_table_ptr(pts), gather, PT_CONTENT_ANY);
	return last - va + 1;
}

/*
 * What the items of a run have to have in common with the loaded leaf for
 * pt_unmap_quick_run(), which ends with @last.
 *
 * In a table of level 0 there is nothing but leaves. Behind one of the smallest size
 * larger ones do no harm, unless somebody asks for all sizes, or the last is not all
 * in the run. So only bits that are set have to be compared, which is cheaper.
 */
pt_inline pt_item_t pt_unmap_kind(const struct pt_state *pts, pt_item_t *last,
				  dma_addr_t last_va)
{
	struct pt_state end = { .common = pts->common,
				.table = last,
				.level = pts->level };
	pt_item_t kind = pt_leaf_kind(pts);

	if (pts->level || pt_entry_num_contig_lg2(pts) ||
	    pt_feature(pts->common, PT_FEAT_DETAILED_GATHER))
		return kind;
	if (pt_load_entry_raw(&end) != PT_ENTRY_LEAF ||
	    last_va != va_lg2_fill(last_va, pt_entry_lg2sz(&end)))
		return kind;
	return kind & pts->entry;
}

/* As pt_unmap_quick(), from the loaded leaf on, where @pts has its item for a table. */
pt_inline dma_addr_t pt_unmap_quick_run(struct iommu_domain *domain,
					const struct pt_state *pts,
					dma_addr_t va, dma_addr_t last,
					struct iommu_iotlb_gather *gather)
{
	unsigned int item_lg2 = pt_table_item_lg2sz(pts);
	unsigned int size_lg2 = pt_entry_lg2sz(pts);
	unsigned int all = 1U << pt_items_lg2(pts);
	dma_addr_t more = va_lg2_div(last - va, item_lg2);
	pt_item_t *item = pts->table;
	unsigned int items;
	dma_addr_t bytes;

	if (va_lg2_mod(va, size_lg2) || more >= all - pt_va_index(pts, va))
		return 0;
	items = pt_leaf_items(pts, (unsigned int)more);
	if (items == all)
		return 0;
	bytes = va_lg2_mul(items, item_lg2);
	if (items == 1)
		pt_item_store(item, 0);
	else if (bytes == va_lg2_mul(1, size_lg2))
		pt_run_clear(pts->common, item, items);
	else if (!pt_run_clear_alike(pts->common, item, items, pts->entry,
				     pt_unmap_kind(pts, item + (items - 1),
						   va + (bytes - 1))))
		return 0;
	pt_gather_add(domain, gather, va, va + (bytes - 1),
		      oa_lg2_mul(1, size_lg2));
	return bytes;
}

/*
 * Unmap leaves of one size in one table, which stays, or a single full table: most
 * unmaps are of what a single map has made. As pt_map_quick().
 *
 * Return: the bytes removed; 0: it takes more than that, and nothing has changed.
 */
pt_inline dma_addr_t pt_unmap_quick(struct iommu_domain *domain, dma_addr_t va,
				    dma_addr_t len,
				    struct iommu_iotlb_gather *gather)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_state pts = { .common = common };
	dma_addr_t last = va + (len - 1);

	if (last < va || va < domain->geometry.aperture_start ||
	    last > domain->geometry.aperture_end ||
	    pt_feature(common, PT_FEAT_DMA_INCOHERENT) ||
	    (pt_feature(common, PT_FEAT_DYNAMIC_TOP) &&
	     last > pt_top_last(common, top.level)))
		return 0;
#define PT_STEP(level_)                                                      \
	do {                                                                 \
		switch (pt_load_entry_raw(&pts)) {                           \
		case PT_ENTRY_EMPTY:                                         \
			return 0;                                            \
		case PT_ENTRY_LEAF:                                          \
			return pt_unmap_quick_run(domain, &pts, va, last,    \
						  gather);                   \
		case PT_ENTRY_TABLE:                                         \
			if (pt_is_full(&pts))                                \
				return pt_unmap_quick_full(domain, &pts, va, \
							   last, gather);    \
			pts.table = pt_lower_item(&pts, va);                 \
			break;                                               \
		}                                                            \
	} while (0)
	PT_WALK_LEVELS(&pts, top, va, PT_STEP);
#undef PT_STEP
	return 0;
}

/* The general way. */
static __attribute__((noinline)) size_t
pt_unmap_range(struct iommu_domain *domain, dma_addr_t va, dma_addr_t len,
	       struct iommu_iotlb_gather *gather)
{
	struct pt_unmap unmap = {
		.domain = domain,
		.gather = gather,
		.va = va,
	};
	dma_addr_t last;

	if (pt_make_range(&pt_from_domain(domain)->pt.common, va, len, &last))
		return 0;
	return pt_unmap_all(&unmap, va, last);
}

PT_EXPORT size_t PT_FN(unmap_range)(struct iommu_domain *domain,
				    dma_addr_t iova, dma_addr_t len,
				    struct iommu_iotlb_gather *gather)
{
	dma_addr_t done = pt_unmap_quick(domain, iova, len, gather);

	return done ? done : pt_unmap_range(domain, iova, len, gather);
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
