/* SPDX-License-Identifier: MIT */
/**
 * DOC: Looking at a table: where ranges go, and what stands in it
 */
#ifndef PT_IOMMU_WALK_H
#define PT_IOMMU_WALK_H

#include "iommu_lookup_list.h"
#include "pt_oas.h"

PT_EXPORT size_t PT_FN(translate_range)(struct iommu_domain *domain,
					dma_addr_t iova, dma_addr_t len,
					struct iommu_run_list *list)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	dma_addr_t before = list->done;
	struct pt_walk walk;
	dma_addr_t last, end;

	if (pt_make_range(common, iova, len, &last) || before >= len ||
	    !pt_clip_range(common, top, iova + before, &last))
		return 0;
	pt_walk_start(&walk, common, top, iova + before, last);
	do {
		enum pt_entry_type type = pt_walk_load(&walk);
		unsigned int size_lg2;

		while (type == PT_ENTRY_TABLE) {
			pt_walk_down(&walk);
			type = pt_walk_load(&walk);
		}
		if (type == PT_ENTRY_EMPTY)
			break;
		size_lg2 = pt_entry_lg2sz(&walk.pts);
		end = va_lg2_fill(walk.va, size_lg2);
		if (end > last)
			end = last;
		if (!pt_run_list_add(list,
				     pt_entry_oa(&walk.pts) |
					     va_lg2_mod(walk.va, size_lg2),
				     end - walk.va + 1))
			break;
	} while (pt_walk_next(&walk, end));
	return list->done - before;
}

/* Is any item of the leaf's entry dirty? */
static bool pt_walk_dirty(const struct pt_state *at, unsigned int items)
{
#ifdef pt_item_is_dirty
	struct pt_state pts = *at;

	if (!pt_can_track_dirty(pts.common) ||
	    pt_feature(pts.common, PT_FEAT_DMA_INCOHERENT))
		return false;
	for (pts.index &= ~(items - 1); items; items--, pts.index++)
		if (pt_item_is_dirty(
			    &pts, pt_item_load_relaxed(&pts.table[pts.index])))
			return true;
#endif
	return false;
}

/* What the loaded item is, for a person or a count. */
static void pt_walk_describe(const struct pt_walk *walk, bool leaf,
			     struct pt_iommu_entry *what)
{
	const struct pt_state *pts = &walk->pts;
	unsigned int size_lg2 = leaf ? pt_entry_lg2sz(pts)
				     : pt_table_item_lg2sz(pts);

	*what = (struct pt_iommu_entry){
		.va = walk->va - va_lg2_mod(walk->va, size_lg2),
		.pa = leaf ? pt_entry_oa(pts) : pt_table_pa(pts),
		.raw = pts->entry,
		.size_lg2 = (uint8_t)size_lg2,
		.level = (uint8_t)pts->level,
		.items = leaf ? 1U << pt_entry_num_contig_lg2(pts) : 1U,
		.leaf = leaf,
	};
	if (leaf)
		what->dirty = pt_walk_dirty(pts, what->items);
}

PT_EXPORT int
PT_FN(walk)(struct iommu_domain *domain, dma_addr_t iova, dma_addr_t len,
	    int (*visit)(void *arg, const struct pt_iommu_entry *entry),
	    void *arg)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_iommu_entry entry;
	dma_addr_t last, done;
	struct pt_walk walk;
	int ret;

	ret = pt_make_range(common, iova, len, &last);
	if (ret || !pt_clip_range(common, top, iova, &last))
		return ret;
	pt_walk_start(&walk, common, top, iova, last);
	do {
		enum pt_entry_type type = pt_walk_load(&walk);

		while (type != PT_ENTRY_EMPTY) {
			pt_walk_describe(&walk, type == PT_ENTRY_LEAF, &entry);
			ret = visit(arg, &entry);
			if (ret < 0)
				return ret;
			if (entry.leaf || ret)
				break;
			pt_walk_down(&walk);
			type = pt_walk_load(&walk);
		}
		done = va_lg2_fill(walk.va,
				   type == PT_ENTRY_EMPTY
					   ? pt_table_item_lg2sz(&walk.pts)
					   : entry.size_lg2);
	} while (pt_walk_next(&walk, done));
	return 0;
}

#endif
