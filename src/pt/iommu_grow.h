/* SPDX-License-Identifier: MIT */
/**
 * DOC: Merging entries into larger ones
 *
 * The walk goes through a range from the bottom up: when it has been through a
 * table, neighbours there that translate as a larger entry would become one, and a
 * table that translates as one leaf does gives way to it.
 *
 * Hardware may still be reading such a table, and noting in it what it writes, until
 * it has been told. So the table stays as it is until then; dirty state that came
 * late is carried over; only then is it freed. Tables are dealt with several at a
 * time, and those of one level before the next is looked at.
 */
#ifndef PT_IOMMU_GROW_H
#define PT_IOMMU_GROW_H

#include "iommu_live.h"

/** PT_GROW_TABLES - how many tables wait for one flush. */
#define PT_GROW_TABLES 32

/**
 * struct pt_grow - a merge under way
 * @walk: where it is
 * @domain: of what
 * @gather: what the caller has to flush: merged runs
 * @va: first address of the range
 * @refused: there was something to merge, and hardware would not bear it
 * @old_level: the level of the tables that wait
 * @nr: how many they are
 * @old: they
 * @leaf: the items that are leaves instead
 * @tables: what has to be flushed for them
 */
struct pt_grow {
	struct pt_walk walk;
	struct iommu_domain *domain;
	struct iommu_iotlb_gather *gather;
	dma_addr_t va;
	bool refused;
	unsigned int old_level;
	unsigned int nr;
	pt_item_t *old[PT_GROW_TABLES];
	pt_item_t *leaf[PT_GROW_TABLES];
	struct iommu_iotlb_gather tables;
};

/* ---- Tables that have given way to a leaf ------------------------- */

/* Hardware forgets them; what it noted in them until then is kept. */
static void pt_grow_flush(struct pt_grow *grow)
{
	struct pt_common *common = grow->walk.pts.common;
	struct pt_state pts = { .common = common, .level = grow->old_level };
	unsigned int i;

	if (!grow->nr)
		return;
	pt_gather_sync(grow->domain, &grow->tables);
	for (i = 0; i < grow->nr; i++) {
		pts.table = grow->old[i];
		pts.level = grow->old_level;
		if (pt_any_dirty(&pts, 1U << pt_num_items_lg2(&pts))) {
			pts.level++;
			pt_swap_item(&pts, grow->leaf[i],
				     pt_item_load_relaxed(grow->leaf[i]), true);
		}
		pt_iommu_free(common, grow->old_level, grow->old[i],
			      PT_TABLEMEM_LG2SZ, PT_CONTENT_ANY);
	}
	grow->nr = 0;
}

/* The walk's table becomes a leaf for @oa in the table above. */
static void pt_grow_replace(struct pt_grow *grow, phys_addr_t oa,
			    uint64_t sizes, const struct pt_attrs *attrs)
{
	struct pt_walk *walk = &grow->walk;
	unsigned int span_lg2 = pt_table_span_lg2(&walk->pts);
	dma_addr_t va = walk->va - va_lg2_mod(walk->va, span_lg2);
	pt_item_t *old = walk->pts.table;
	pt_item_t *item;

	if (grow->old_level != walk->pts.level)
		pt_grow_flush(grow);
	grow->old_level = walk->pts.level;
	pt_walk_up(walk);
	item = &walk->pts.table[pt_va_index(&walk->pts, va)];
	pt_item_store(item, pt_leaf_item(&walk->pts, oa, span_lg2, 0, attrs));
	pt_flush(walk->pts.common, item, 1);
	pt_gather_add(grow->domain, &grow->tables, va,
		      va_lg2_fill(va, span_lg2), sizes);
	grow->tables.tables |= (unsigned int)BIT(walk->pts.level);
	grow->old[grow->nr] = old;
	grow->leaf[grow->nr++] = item;
	if (grow->nr == PT_GROW_TABLES)
		pt_grow_flush(grow);
}

/* ---- Neighbours --------------------------------------------------- */

/**
 * struct pt_stretch - neighbouring entries that translate as a larger one would
 * @items: how many items they have
 * @oa: where the first goes
 * @attrs: its attributes
 * @sizes: their sizes, as a bitmap
 */
struct pt_stretch {
	unsigned int items;
	phys_addr_t oa;
	struct pt_attrs attrs;
	uint64_t sizes;
};

/*
 * Those from @first, where an entry begins, to @end at most. None if there is no
 * leaf, or it reaches beyond @end.
 */
static struct pt_stretch pt_grow_stretch(const struct pt_state *at,
					 unsigned int first, unsigned int end)
{
	struct pt_stretch stretch = { .items = 0 };
	unsigned int item_lg2 = pt_table_item_lg2sz(at);
	struct pt_state pts = *at;
	pt_item_t plain = 0;

	pts.index = first;
	while (pts.index <= end && pt_load_entry_raw(&pts) == PT_ENTRY_LEAF) {
		unsigned int items = 1U << pt_entry_num_contig_lg2(&pts);
		struct pt_attrs attrs;

		if (items > end - pts.index + 1)
			break;
		pt_attr_from_entry(&pts, &attrs);
		if (!stretch.items) {
			plain = pt_plain_attrs(&pts, &attrs);
			stretch.oa = pt_entry_oa(&pts);
			stretch.attrs = attrs;
		} else if (pt_plain_attrs(&pts, &attrs) != plain ||
			   pt_entry_oa(&pts) !=
				   stretch.oa + oa_lg2_mul(stretch.items,
							   item_lg2)) {
			break;
		}
		stretch.items += items;
		stretch.sizes |= oa_lg2_mul(items, item_lg2);
		pts.index += items;
	}
	return stretch;
}

/*
 * Make the entries of @stretch, which begins at the item @first, as large as the
 * table's runs can be.
 */
static void pt_grow_runs(struct pt_grow *grow, unsigned int first,
			 const struct pt_stretch *stretch)
{
	struct pt_state pts = grow->walk.pts;
	unsigned int item_lg2 = pt_table_item_lg2sz(&pts);
	uint64_t possible = pt_possible_sizes(&pts) &
			    grow->domain->pgsize_bitmap;
	dma_addr_t start = grow->walk.va;
	unsigned int done, items;

	start -= va_lg2_mod(start, pt_table_span_lg2(&pts));
	for (done = 0; done < stretch->items; done += items) {
		phys_addr_t oa = stretch->oa + oa_lg2_mul(done, item_lg2);
		uint64_t fit = oa_lg2_mul(first + done, item_lg2) | oa;
		uint64_t sizes = possible & oa_lg2_mask(oa_lg2_align(fit) + 1);
		dma_addr_t va = start + va_lg2_mul(first + done, item_lg2);
		struct pt_stretch part;

		sizes &= oa_lg2_mask(oa_lg2_floor(stretch->items - done) +
				     item_lg2 + 1);
		pts.index = first + done;
		pt_load_entry_raw(&pts);
		items = 1U << pt_entry_num_contig_lg2(&pts);
		if (!sizes || oa_lg2_floor(sizes) <= pt_entry_lg2sz(&pts))
			continue;
		if (!pt_live_run(pts.common)) {
			grow->refused = true;
			continue;
		}
		items = 1U << (oa_lg2_floor(sizes) - item_lg2);
		part = pt_grow_stretch(&pts, pts.index, pts.index + items - 1);
		pt_walk_not_full(&grow->walk);
		pt_rewrite(&pts, items, oa, oa_lg2_floor(sizes), &part.attrs,
			   false);
		pt_gather_add(grow->domain, grow->gather, va,
			      va + (va_lg2_mul(items, item_lg2) - 1),
			      part.sizes);
	}
}

/* Can a leaf of the table above stand for the walk's table? */
static bool pt_grow_fits(const struct pt_grow *grow, phys_addr_t oa)
{
	struct pt_state pts = grow->walk.pts;
	unsigned int span_lg2 = pt_table_span_lg2(&pts);
	uint64_t size = oa_lg2_mul(1, span_lg2);

	pts.level++;
	return pts.level <= grow->walk.top_level &&
	       pt_possible_sizes(&pts) & grow->domain->pgsize_bitmap & size &&
	       !oa_lg2_mod(oa, span_lg2);
}

/**
 * struct pt_items - neighbouring items of a table
 * @first: the first
 * @end: the one behind the last
 */
struct pt_items {
	unsigned int first;
	unsigned int end;
};

/* The items of the walk's table that are in the range as a whole. */
static struct pt_items pt_grow_items(const struct pt_grow *grow)
{
	const struct pt_walk *walk = &grow->walk;
	unsigned int span_lg2 = pt_table_span_lg2(&walk->pts);
	unsigned int item_lg2 = pt_table_item_lg2sz(&walk->pts);
	dma_addr_t start = walk->va - va_lg2_mod(walk->va, span_lg2);
	struct pt_state pts = walk->pts;
	struct pt_items items = { .end = 1U << pt_num_items_lg2(&pts) };

	if (va_lg2_fill(start, span_lg2) > walk->last) {
		items.end = pt_va_index(&pts, walk->last);
		if (va_lg2_fill(walk->last, item_lg2) == walk->last)
			items.end++;
	}
	if (start >= grow->va)
		return items;
	items.first = pt_va_index(&pts, grow->va);
	if (va_lg2_mod(grow->va, item_lg2))
		items.first++;
	pts.index = items.first;
	if (items.first < items.end &&
	    pt_load_entry_raw(&pts) == PT_ENTRY_LEAF) {
		unsigned int in_run = ~(~0U << pt_entry_num_contig_lg2(&pts));

		if (items.first & in_run)
			items.first = (items.first | in_run) + 1;
	}
	return items;
}

/*
 * The walk has been through its table.
 *
 * Return: true if it has given way to a leaf; the walk is then above.
 */
static bool pt_grow_table(struct pt_grow *grow)
{
	const struct pt_state *pts = &grow->walk.pts;
	struct pt_stretch stretch;
	struct pt_items items;

	if (pts->level)
		pt_grow_flush(grow);
	items = pt_grow_items(grow);
	while (items.first < items.end) {
		stretch = pt_grow_stretch(pts, items.first, items.end - 1);
		if (stretch.items >> pt_num_items_lg2(pts) &&
		    pt_grow_fits(grow, stretch.oa)) {
			if (pt_live_table(pts->common)) {
				pt_grow_replace(grow, stretch.oa, stretch.sizes,
						&stretch.attrs);
				return true;
			}
			grow->refused = true;
		}
		pt_grow_runs(grow, items.first, &stretch);
		items.first += stretch.items ? stretch.items : 1;
	}
	return false;
}

/*
 * Leave the tables that end with @done, the last address dealt with, and all if
 * that is the end of the range.
 *
 * Return: false then.
 */
static bool pt_grow_up(struct pt_grow *grow, dma_addr_t done)
{
	struct pt_walk *walk = &grow->walk;
	const struct pt_state *pts = &walk->pts;

	while (done >= walk->last ||
	       done == va_lg2_fill(done, pt_table_span_lg2(pts))) {
		bool top = pts->level == walk->top_level;

		if (!pt_grow_table(grow) && !top)
			pt_walk_up(walk);
		if (top)
			return false;
	}
	return true;
}

PT_EXPORT int PT_FN(grow_pages)(struct iommu_domain *domain, dma_addr_t iova,
				dma_addr_t len,
				struct iommu_iotlb_gather *gather)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_grow grow = {
		.domain = domain,
		.gather = gather,
		.va = iova,
	};
	struct pt_walk *walk = &grow.walk;
	dma_addr_t last, done;
	int ret;

	ret = pt_make_range(common, iova, len, &last);
	if (ret || !pt_clip_range(common, top, iova, &last))
		return ret;
	iommu_iotlb_gather_init(&grow.tables);
	pt_walk_start(walk, common, top, iova, last);
	do {
		enum pt_entry_type type = pt_walk_load(walk);

		while (type == PT_ENTRY_TABLE) {
			pt_walk_down(walk);
			type = pt_walk_load(walk);
		}
		done = va_lg2_fill(walk->va,
				   type == PT_ENTRY_LEAF
					   ? pt_entry_lg2sz(&walk->pts)
					   : pt_table_item_lg2sz(&walk->pts));
		if (!pt_grow_up(&grow, done))
			break;
		walk->va = done + 1;
	} while (true);
	pt_grow_flush(&grow);
	return grow.refused ? -EOPNOTSUPP : 0;
}

#endif
