/* SPDX-License-Identifier: MIT */
/**
 * DOC: Changing entries that hardware may be using
 *
 * An entry is brought from one form to another by steps, none of which lets a
 * translation disappear:
 *
 * - its items get another value, one after the other, by compare-and-swap, so that
 *   a dirty bit that hardware sets meanwhile is not lost;
 * - a run is broken: its items become those of the next shorter runs, or single
 *   ones, that translate the same;
 * - a single item gives way to a table that was filled in private, by one
 *   compare-and-swap.
 *
 * Which steps hardware bears is the format's business (pt_live_*). All of the range
 * is looked through for what is needed before the first step is taken.
 */
#ifndef PT_IOMMU_LIVE_H
#define PT_IOMMU_LIVE_H

#include "iommu_map.h"

/** PT_LIVE_TABLES - so many items of a run can become tables at once. */
#define PT_LIVE_TABLES 16

/**
 * struct pt_live - a change under way
 * @walk: where it is
 * @domain: of what
 * @gather: what has to be flushed
 * @gfp: how tables are allocated
 * @sizes: those that entries may have, as a bitmap
 * @border: no entry may span it; 0 = there is none
 * @next: the address that the next entry has to begin at
 * @attrs: new attributes
 * @oas: new OAs, from @next on
 * @done: bytes that have got them
 */
struct pt_live {
	struct pt_walk walk;
	struct iommu_domain *domain;
	struct iommu_iotlb_gather *gather;
	gfp_t gfp;
	uint64_t sizes;
	dma_addr_t border;
	dma_addr_t next;
	struct pt_attrs attrs;
	struct pt_oas oas;
	dma_addr_t done;
};

/**
 * struct pt_entry - the whole entry of a leaf
 * @va: first address
 * @last: last address
 * @oa: where @va goes
 * @size_lg2: its size
 * @items: how many items it has
 */
struct pt_entry {
	dma_addr_t va;
	dma_addr_t last;
	phys_addr_t oa;
	unsigned int size_lg2;
	unsigned int items;
};

/* The entry of the leaf that the walk has loaded; the walk goes to its start. */
static inline struct pt_entry pt_live_entry(struct pt_walk *walk)
{
	struct pt_state *pts = &walk->pts;
	unsigned int contig_lg2 = pt_entry_num_contig_lg2(pts);
	unsigned int size_lg2 = pt_entry_lg2sz(pts);

	pts->index &= ~0U << contig_lg2;
	walk->va -= va_lg2_mod(walk->va, size_lg2);
	return (struct pt_entry){
		.va = walk->va,
		.last = va_lg2_fill(walk->va, size_lg2),
		.oa = pt_entry_oa(pts),
		.size_lg2 = size_lg2,
		.items = 1U << contig_lg2,
	};
}

/* ---- Dirty state -------------------------------------------------- */

/* As the hooks, for formats without dirty state, too. */
static inline bool pt_is_dirty(const struct pt_state *pts, pt_item_t item)
{
#ifdef pt_item_is_dirty
	return pt_item_is_dirty(pts, item);
#else
	return false;
#endif
}

static inline pt_item_t pt_keep_dirty(const struct pt_state *pts,
				      pt_item_t item)
{
#ifdef pt_item_is_dirty
	return pt_item_keep_dirty(pts, item);
#else
	return item;
#endif
}

/* The attributes of the loaded leaf, whether or not it is dirty. */
static inline pt_item_t pt_plain_attrs(const struct pt_state *pts,
				       const struct pt_attrs *attrs)
{
#ifdef pt_item_is_dirty
	return pt_item_dirtied(pts, attrs->bits);
#else
	return attrs->bits;
#endif
}

/* Is any of the @count items from the state's on dirty? */
static bool pt_any_dirty(const struct pt_state *pts, unsigned int count)
{
	const pt_item_t *item = pts->table + pts->index;

	for (; count; count--, item++)
		if (pt_is_dirty(pts, pt_item_load_relaxed(item)))
			return true;
	return false;
}

/*
 * Give an item another value, dirty if @dirty says so or the item was.
 *
 * Return: whether the item was dirty.
 */
static inline bool pt_swap_item(const struct pt_state *pts, pt_item_t *item,
				pt_item_t value, bool dirty)
{
	pt_item_t old = pt_item_load_relaxed(item);
	bool was;

	do {
		was = pt_is_dirty(pts, old);
	} while (!pt_item_cas(
		item, &old, was || dirty ? pt_keep_dirty(pts, value) : value));
	return was;
}

/* ---- Steps -------------------------------------------------------- */

/*
 * Rewrite the @count items from the state's on as entries of 2^@size_lg2 bytes for
 * consecutive OAs. Each is dirty if @dirty says so, or one of its items was.
 *
 * Return: whether any item was dirty.
 */
static bool pt_rewrite(const struct pt_state *pts, unsigned int count,
		       phys_addr_t oa, unsigned int size_lg2,
		       const struct pt_attrs *attrs, bool dirty)
{
	unsigned int contig_lg2 = size_lg2 - pt_table_item_lg2sz(pts);
	pt_item_t *item = pts->table + pts->index;
	bool was = false;
	unsigned int i;

	for (i = 0; i < count; i++) {
		unsigned int nth = i & ~(~0U << contig_lg2);
		pt_item_t value;

		value = pt_leaf_item(pts,
				     oa + oa_lg2_mul(i >> contig_lg2, size_lg2),
				     size_lg2, nth, attrs);
		was |= pt_swap_item(pts, &item[i], value, dirty);
	}
	pt_flush(pts->common, item, count);
	return was;
}

/*
 * Break the walk's entry into ones of 2^@size_lg2 bytes. They are all dirty if it
 * was. A write that hardware noted in an item while others had been rewritten may
 * have gone anywhere in the entry, so that this counts, too.
 */
static void pt_live_break(struct pt_live *live, const struct pt_entry *entry,
			  unsigned int size_lg2)
{
	const struct pt_state *pts = &live->walk.pts;
	bool dirty = pt_any_dirty(pts, entry->items);
	struct pt_attrs attrs;

	pt_walk_not_full(&live->walk);
	pt_attr_from_entry(pts, &attrs);
	if (pt_rewrite(pts, entry->items, entry->oa, size_lg2, &attrs, dirty) &&
	    !dirty)
		pt_rewrite(pts, entry->items, entry->oa, size_lg2, &attrs,
			   true);
	pt_gather_add(live->domain, live->gather, entry->va, entry->last,
		      oa_lg2_mul(1, entry->size_lg2));
}

/* Free tables that nobody has seen: @table, of @level, and those below. */
static void pt_live_drop(struct pt_common *common, pt_item_t *table,
			 unsigned int level)
{
	struct iommu_pages_list list = { .head = NULL };

	pt_iommu_collect(common, table, level, &list);
	pt_iommu_discard(common, &list, table, level, PT_CONTENT_ANY);
	iommu_pages_list_put(&list);
}

/* How much from @va up to @last can be one page: what goes to @oas, to the border. */
static inline dma_addr_t pt_live_piece(const struct pt_live *live,
				       const struct pt_oas *oas, dma_addr_t va,
				       dma_addr_t last)
{
	dma_addr_t bytes = last - va + 1;

	if (va < live->border && live->border <= last)
		bytes = live->border - va;
	return bytes < oas->left ? bytes : oas->left;
}

/*
 * Make a table for the item at @va that goes to @oas, which moves on.
 *
 * Return: 0, -ENOMEM or -EOVERFLOW.
 */
static int pt_live_build(struct pt_live *live, dma_addr_t va,
			 struct pt_oas *oas, const struct pt_attrs *attrs,
			 pt_item_t **out)
{
	struct pt_common *common = live->walk.pts.common;
	unsigned int item_lg2 = pt_table_item_lg2sz(&live->walk.pts);
	dma_addr_t last = va_lg2_fill(va, item_lg2);
	struct pt_map map = {
		.domain = live->domain,
		.gfp = live->gfp,
		.sizes = live->sizes & oa_lg2_mask(item_lg2),
		.attrs = *attrs,
	};
	struct pt_top top = { .level = live->walk.pts.level - 1 };
	pt_item_t *table;
	int ret;

	ret = pt_iommu_alloc(common, top.level, PT_TABLEMEM_LG2SZ, live->gfp,
			     &table);
	if (ret)
		return ret;
	top.table = table;
	do {
		map.oas.oa = oas->oa;
		map.oas.left = pt_live_piece(live, oas, va, last);
		pt_oas_skip(oas, map.oas.left);
		pt_walk_start(&map.walk, common, top, va,
			      va + (map.oas.left - 1));
		ret = pt_map_runs(&map);
		if (ret) {
			pt_live_drop(common, table, top.level);
			return ret;
		}
		va = map.walk.last + 1;
	} while (map.walk.last != last);
	*out = table;
	return 0;
}

/* Make all entries of [@va, @last] below @top dirty; there are only leaves. */
static void pt_live_make_dirty(struct pt_common *common, struct pt_top top,
			       dma_addr_t va, dma_addr_t last)
{
	struct pt_walk walk;
	struct pt_state *pts = &walk.pts;

	pt_walk_start(&walk, common, top, va, last);
	do {
		while (pt_walk_load(&walk) == PT_ENTRY_TABLE)
			pt_walk_down(&walk);
		pt_swap_item(pts, &pts->table[pts->index], pts->entry, true);
	} while (pt_walk_next(&walk,
			      va_lg2_fill(walk.va, pt_table_item_lg2sz(pts))));
}

/*
 * Put @table in the place of the entry's items. Return: whether one of them was
 * dirty.
 */
static bool pt_live_install(struct pt_live *live, const struct pt_entry *entry,
			    pt_item_t *const *table)
{
	struct pt_state pts = live->walk.pts;
	bool dirty = false;
	unsigned int i;

	pt_walk_not_full(&live->walk);
	for (i = 0; i < entry->items; i++, pts.index++) {
		phys_addr_t pa = pt_table_to_pa(pts.common, table[i]);

		pt_load_entry_raw(&pts);
		do {
			dirty |= pt_is_dirty(&pts, pts.entry);
		} while (!pt_install_table(&pts, pa));
		pt_flush(pts.common, &pts.table[pts.index], 1);
	}
	pt_gather_add(live->domain, live->gather, entry->va, entry->last,
		      oa_lg2_mul(1, entry->size_lg2));
	return dirty;
}

/*
 * Replace the walk's entry by tables, one for each item, that go to @oas. What
 * becomes dirty while they are made is found when they are installed.
 */
static int pt_live_descend(struct pt_live *live, const struct pt_entry *entry,
			   struct pt_oas oas)
{
	const struct pt_state *pts = &live->walk.pts;
	unsigned int item_lg2 = pt_table_item_lg2sz(pts);
	bool dirty = pt_any_dirty(pts, entry->items);
	pt_item_t *table[PT_LIVE_TABLES];
	struct pt_attrs attrs;
	unsigned int i;
	int ret;

	pt_attr_from_entry(pts, &attrs);
	if (dirty)
		attrs.bits = pt_keep_dirty(pts, attrs.bits);
	for (i = 0; i < entry->items; i++) {
		ret = pt_live_build(live, entry->va + va_lg2_mul(i, item_lg2),
				    &oas, &attrs, &table[i]);
		if (ret)
			goto err_drop;
	}
	if (!pt_live_install(live, entry, table) || dirty)
		return 0;
	for (i = 0; i < entry->items; i++) {
		struct pt_top top = { .table = table[i],
				      .level = pts->level - 1 };
		dma_addr_t va = entry->va + va_lg2_mul(i, item_lg2);

		pt_live_make_dirty(pts->common, top, va,
				   va_lg2_fill(va, item_lg2));
	}
	return 0;

err_drop:
	while (i--)
		pt_live_drop(pts->common, table[i], pts->level - 1);
	return ret;
}

/* ---- Splitting ---------------------------------------------------- */

/* Sizes of shorter runs than the entry, in the same table. */
static inline uint64_t pt_live_shorter(const struct pt_live *live,
				       const struct pt_entry *entry)
{
	return pt_possible_sizes(&live->walk.pts) &
	       live->domain->pgsize_bitmap & oa_lg2_mask(entry->size_lg2);
}

/* Where the entry goes now. */
static inline struct pt_oas pt_live_same(const struct pt_entry *entry)
{
	return (struct pt_oas){ .oa = entry->oa,
				.left = entry->last - entry->va + 1 };
}

/* Can the entry be what goes to @oas? */
static inline bool pt_live_fits(const struct pt_live *live,
				const struct pt_entry *entry,
				const struct pt_oas *oas)
{
	return live->sizes & oa_lg2_mul(1, entry->size_lg2) &&
	       pt_live_piece(live, oas, entry->va, entry->last) >
		       entry->last - entry->va &&
	       !oa_lg2_mod(oas->oa, entry->size_lg2);
}

/* Can all items of the entry be pages by themselves that go to @oas? */
static bool pt_live_fits_items(const struct pt_live *live,
			       const struct pt_entry *entry, struct pt_oas oas)
{
	unsigned int item_lg2 = pt_table_item_lg2sz(&live->walk.pts);
	dma_addr_t va = entry->va;

	if (!(live->sizes & oa_lg2_mul(1, item_lg2)))
		return false;
	do {
		dma_addr_t bytes = pt_live_piece(live, &oas, va, entry->last);

		if (oa_lg2_mod(va | oas.oa | bytes, item_lg2))
			return false;
		va += bytes;
		pt_oas_skip(&oas, bytes);
	} while (va - 1 != entry->last);
	return true;
}

/* Does hardware bear the steps that make pages of the entry that go to @oas? */
static int pt_live_check(const struct pt_live *live,
			 const struct pt_entry *entry, const struct pt_oas *oas)
{
	const struct pt_state *pts = &live->walk.pts;
	unsigned int item_lg2 = pt_table_item_lg2sz(pts);
	uint64_t shorter = pt_live_shorter(live, entry);
	unsigned int least_lg2 = entry->size_lg2;

	if (pt_live_fits(live, entry, oas))
		return 0;
	if (shorter) {
		if (!pt_live_run(pts->common))
			return -EOPNOTSUPP;
		least_lg2 = oa_lg2_align(shorter);
		if (least_lg2 == item_lg2 &&
		    pt_live_fits_items(live, entry, *oas))
			return 0;
	}
	if (!pt_live_table(pts->common) ||
	    least_lg2 > item_lg2 + oa_lg2_floor(PT_LIVE_TABLES))
		return -EOPNOTSUPP;
	return 0;
}

/*
 * One step from an entry that does not fit to ones that go to @oas. All of it is
 * dealt with, be it only partly in the range.
 *
 * Return: 0; -EAGAIN: it has been broken, look at what stands there now; -ENOMEM;
 * -EOVERFLOW.
 */
static int pt_live_split(struct pt_live *live, const struct pt_entry *entry,
			 const struct pt_oas *oas)
{
	uint64_t shorter = pt_live_shorter(live, entry);

	if (!shorter)
		return pt_live_descend(live, entry, *oas);
	if (live->walk.last < entry->last)
		live->walk.last = entry->last;
	pt_live_break(live, entry,
		      shorter & live->sizes
			      ? oa_lg2_floor(shorter & live->sizes)
			      : oa_lg2_align(shorter));
	return -EAGAIN;
}

/*
 * Call @step for each entry in the walk's range, from its start, and again as long
 * as it returns -EAGAIN.
 */
pt_inline int pt_live_each(struct pt_live *live, struct pt_top top,
			   dma_addr_t va, dma_addr_t last,
			   int (*step)(struct pt_live *live,
				       const struct pt_entry *entry))
{
	struct pt_common *common = &pt_from_domain(live->domain)->pt.common;
	struct pt_walk *walk = &live->walk;
	struct pt_entry entry;
	dma_addr_t done;
	int ret;

	pt_walk_start(walk, common, top, va, last);
	do {
		enum pt_entry_type type = pt_walk_load(walk);

		while (type == PT_ENTRY_TABLE) {
			pt_walk_down(walk);
			type = pt_walk_load(walk);
		}
		done = va_lg2_fill(walk->va, pt_table_item_lg2sz(&walk->pts));
		if (type != PT_ENTRY_LEAF)
			continue;
		do {
			pt_walk_load(walk);
			entry = pt_live_entry(walk);
			ret = step(live, &entry);
		} while (ret == -EAGAIN);
		if (ret)
			return ret;
		done = entry.last;
	} while (pt_walk_next(walk, done));
	return 0;
}

#endif
