/* SPDX-License-Identifier: MIT */
/**
 * DOC: Dirty tracking
 *
 * Hardware sets a dirty bit in one item of an entry, whichever it walked. An
 * entry is dirty if any of its items is. Clearing is atomic and touches only
 * items that were seen dirty: a bit set meanwhile stays for the next time.
 */
#ifndef PT_IOMMU_DIRTY_H
#define PT_IOMMU_DIRTY_H

#include "iommu_pt.h"

/* Dirty state? A walker that does not see the CPU's caches cannot set bits in them. */
static inline bool pt_tracks_dirty(const struct pt_common *common)
{
	return pt_can_track_dirty(common) &&
	       !pt_feature(common, PT_FEAT_DMA_INCOHERENT);
}

/**
 * struct pt_dirty - a read under way
 * @walk: where it is
 * @domain: of what
 * @va: first address of the range
 * @clear: dirty entries become clean
 * @bitmap: where they are recorded
 * @pending: [@first, @end] is dirty and not recorded yet
 */
struct pt_dirty {
	struct pt_walk walk;
	struct iommu_domain *domain;
	dma_addr_t va;
	bool clear;
	struct iommu_dirty_bitmap *bitmap;
	bool pending;
	dma_addr_t first;
	dma_addr_t end;
};

static void pt_dirty_flush(struct pt_dirty *dirty)
{
	if (!dirty->pending)
		return;
	dirty->bitmap->record(dirty->bitmap->arg, dirty->first,
			      dirty->end - dirty->first + 1);
	dirty->pending = false;
}

/* [@first, @end] is dirty; what touches becomes one record. */
static void pt_dirty_add(struct pt_dirty *dirty, dma_addr_t first,
			 dma_addr_t end)
{
	if (dirty->pending && first - dirty->end == 1) {
		dirty->end = end;
		return;
	}
	pt_dirty_flush(dirty);
	dirty->first = first;
	dirty->end = end;
	dirty->pending = true;
}

/* Is one of the @count items at @item dirty? Clean them, if @clear. */
static bool pt_dirty_items(struct pt_state *pts, pt_item_t *item,
			   unsigned int count, bool clear)
{
	bool any = false;

	for (; count; count--, item++) {
		if (!pt_item_is_dirty(pts, pt_item_load_relaxed(item)))
			continue;
		any = true;
		if (!clear)
			break;
		pt_item_make_clean(pts, item);
	}
	return any;
}

/*
 * The leaf at the walk's address. Return: the last address of its entry.
 */
static dma_addr_t pt_dirty_entry(struct pt_dirty *dirty)
{
	struct pt_walk *walk = &dirty->walk;
	struct pt_state *pts = &walk->pts;
	unsigned int contig_lg2 = pt_entry_num_contig_lg2(pts);
	unsigned int size_lg2 = pt_entry_lg2sz(pts);
	unsigned int index = pts->index & ~0U << contig_lg2;
	dma_addr_t first = walk->va - va_lg2_mod(walk->va, size_lg2);
	dma_addr_t end = va_lg2_fill(walk->va, size_lg2);
	bool whole = first >= dirty->va && end <= walk->last;
	bool clear = dirty->clear && whole;

	if (!pt_dirty_items(pts, pts->table + index, 1U << contig_lg2, clear))
		return end;
	if (clear)
		pt_gather_add(dirty->domain, dirty->bitmap->gather, first, end,
			      oa_lg2_mul(1, size_lg2));
	pt_dirty_add(dirty, first < dirty->va ? dirty->va : first,
		     end > walk->last ? walk->last : end);
	return end;
}

/*
 * Up to 64 items of a level 0 table, of which only those that look dirty are
 * looked at one by one.
 *
 * Return: the last address dealt with.
 */
static dma_addr_t pt_dirty_block(struct pt_dirty *dirty)
{
	struct pt_walk *walk = &dirty->walk;
	struct pt_state *pts = &walk->pts;
	unsigned int item_lg2 = pt_table_item_lg2sz(pts);
	unsigned int first = pt_va_index(pts, walk->va);
	unsigned int count = pt_walk_end_index(walk) - first + 1;
	dma_addr_t start = walk->va - va_lg2_mod(walk->va, item_lg2);
	dma_addr_t done, end;
	uint64_t mask;

	if (count > 64)
		count = 64;
	done = va_lg2_fill(start + va_lg2_mul(count - 1, item_lg2), item_lg2);
	mask = pt_run_dirty(pts, pts->table + first, count);
	/* Entries that the range cuts may be dirty in items outside of it. */
	if (walk->va == dirty->va)
		mask |= 1;
	if (done >= walk->last)
		mask |= 1ULL << (count - 1);
	while (mask) {
		unsigned int item = oa_lg2_align(mask);

		mask &= mask - 1;
		walk->va = start + va_lg2_mul(item, item_lg2);
		if (pt_walk_load(walk) != PT_ENTRY_LEAF)
			continue;
		end = pt_dirty_entry(dirty);
		if (end >= done)
			return end;
		mask &= ~oa_lg2_mask(
			(unsigned int)va_lg2_div(end - start, item_lg2) + 1);
	}
	return done;
}

static void pt_dirty_walk(struct pt_dirty *dirty)
{
	struct pt_walk *walk = &dirty->walk;
	struct pt_state *pts = &walk->pts;
	dma_addr_t done;

	while (true) {
		enum pt_entry_type type = PT_ENTRY_EMPTY;

		if (pts->level)
			type = pt_walk_load(walk);
		if (type == PT_ENTRY_TABLE) {
			pt_walk_down(walk);
			continue;
		}
		if (!pts->level)
			done = pt_dirty_block(dirty);
		else if (type == PT_ENTRY_LEAF)
			done = pt_dirty_entry(dirty);
		else
			done = va_lg2_fill(walk->va, pt_table_item_lg2sz(pts));
		if (!pt_walk_next(walk, done))
			break;
	}
	pt_dirty_flush(dirty);
}

PT_EXPORT int PT_FN(read_and_clear_dirty)(struct iommu_domain *domain,
					  dma_addr_t iova, size_t size,
					  unsigned int flags,
					  struct iommu_dirty_bitmap *bitmap)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_dirty dirty = {
		.domain = domain,
		.va = iova,
		.clear = !(flags & IOMMU_DIRTY_NO_CLEAR),
		.bitmap = bitmap,
	};
	dma_addr_t last;
	int ret;

	if (!pt_tracks_dirty(common))
		return -EOPNOTSUPP;
	if (flags & ~IOMMU_DIRTY_NO_CLEAR || (dirty.clear && !bitmap->gather))
		return -EINVAL;
	ret = pt_make_range(common, iova, size, &last);
	if (ret)
		return ret;
	if (!pt_clip_range(common, top, iova, &last))
		return 0;
	pt_walk_start(&dirty.walk, common, top, iova, last);
	pt_dirty_walk(&dirty);
	return 0;
}

PT_EXPORT int PT_FN(set_dirty)(struct iommu_domain *domain, dma_addr_t iova)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_walk walk;
	struct pt_state *pts = &walk.pts;
	dma_addr_t last = iova;
	pt_item_t dirtied;

	if (!pt_tracks_dirty(common))
		return -EOPNOTSUPP;
	if (!pt_va_valid(common, iova, iova) ||
	    !pt_clip_range(common, top, iova, &last))
		return -ENOENT;
	pt_walk_start(&walk, common, top, iova, iova);
	while (true) {
		switch (pt_walk_load(&walk)) {
		case PT_ENTRY_EMPTY:
			return -ENOENT;
		case PT_ENTRY_TABLE:
			pt_walk_down(&walk);
			break;
		case PT_ENTRY_LEAF:
			dirtied = pt_item_dirtied(pts, pts->entry);
			if (!pt_item_is_dirty(pts, dirtied))
				return -EPERM;
			if (pt_item_cas(&pts->table[pts->index], &pts->entry,
					dirtied))
				return 0;
			break;
		}
	}
}

#endif
