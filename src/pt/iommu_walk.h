/* SPDX-License-Identifier: MIT */
/**
 * DOC: Looking at a table: where addresses go, and what stands in it
 */
#ifndef PT_IOMMU_WALK_H
#define PT_IOMMU_WALK_H

#include "iommu_lookup.h"
#include "pt_oas.h"

/* Can @va be looked up from @top? */
pt_inline bool pt_lanes_valid(struct pt_common *common, struct pt_top top,
			      dma_addr_t va)
{
	dma_addr_t last = va;

	return pt_va_valid(common, va, va) &&
	       pt_clip_range(common, top, va, &last);
}

/* Lookups that are under way at the same time. */
#define PT_LANES 32U

/**
 * struct pt_lanes - lookups that go down a table together, level by level
 * @common: the table
 * @iova: what is looked up
 * @oa: where it goes
 * @nr: how many
 * @item: the item that each has come to
 */
struct pt_lanes {
	struct pt_common *common;
	const dma_addr_t *iova;
	phys_addr_t *oa;
	unsigned int nr;
	const pt_item_t *item[PT_LANES];
};

/* The item of @level for the lane, in @table; it is not waited for. */
pt_inline void pt_lanes_enter(struct pt_lanes *lanes, unsigned int lane,
			      pt_item_t *table, unsigned int level)
{
	const struct pt_state pts = { .common = lanes->common, .level = level };

	lanes->item[lane] = table + pt_va_index(&pts, lanes->iova[lane]);
	__builtin_prefetch(lanes->item[lane]);
}

/* Where lanes are that have come to an end: it is empty. */
static const pt_item_t pt_lanes_over;

/* Where the leaf @entry of @level, above 0, translates @va to; not the common case. */
__attribute__((noinline)) static phys_addr_t
pt_lanes_large(struct pt_common *common, unsigned int level, pt_item_t entry,
	       dma_addr_t va)
{
	const struct pt_state pts = { .common = common,
				      .level = level,
				      .entry = entry };

	return pt_lookup_oa(&pts, va);
}

/* What the lane finds at its item, which is of @level, a constant. */
pt_inline void pt_lanes_step(struct pt_lanes *lanes, unsigned int lane,
			     const pt_item_t *item, unsigned int level)
{
	struct pt_state pts = { .common = lanes->common,
				.table = (pt_item_t *)item,
				.level = level };
	dma_addr_t va = lanes->iova[lane];

	switch (pt_load_entry_raw(&pts)) {
	case PT_ENTRY_TABLE:
		pt_lanes_enter(lanes, lane, pt_table_ptr(&pts), level - 1);
		return;
	case PT_ENTRY_LEAF:
		lanes->oa[lane] = level ? pt_lanes_large(lanes->common, level,
							 pts.entry, va)
					: pt_lookup_oa(&pts, va);
		break;
	case PT_ENTRY_EMPTY:
		if (item != &pt_lanes_over)
			lanes->oa[lane] = PHYS_ADDR_MAX;
		break;
	}
	if (level)
		lanes->item[lane] = &pt_lanes_over;
}

/* The first step: all lanes begin in @top, which is of @level, a constant. */
pt_inline void pt_lanes_begin(struct pt_lanes *lanes, struct pt_top top,
			      unsigned int level)
{
	const struct pt_state pts = { .common = lanes->common, .level = level };
	unsigned int i;

	for (i = 0; i < lanes->nr; i++) {
		dma_addr_t va = lanes->iova[i];

		if (pt_lanes_valid(lanes->common, top, va)) {
			pt_lanes_step(lanes, i,
				      (pt_item_t *)top.table +
					      pt_va_index(&pts, va),
				      level);
		} else {
			lanes->oa[i] = PHYS_ADDR_MAX;
			lanes->item[i] = &pt_lanes_over;
		}
	}
}

/* All lanes at @level, a constant; those of the top begin. */
pt_inline void pt_lanes_level(struct pt_lanes *lanes, struct pt_top top,
			      unsigned int level)
{
	unsigned int i;

	if (level + 1 > PT_MIN_TOP_LEVEL && level == top.level) {
		pt_lanes_begin(lanes, top, level);
		return;
	}
	for (i = 0; i < lanes->nr; i++)
		pt_lanes_step(lanes, i, lanes->item[i], level);
}

PT_EXPORT void PT_FN(iova_to_phys_list)(struct iommu_domain *domain,
					const dma_addr_t *iova, phys_addr_t *oa,
					size_t nr)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_lanes lanes;

	lanes.common = common;
	for (; nr; nr -= lanes.nr, iova += lanes.nr, oa += lanes.nr) {
		lanes.iova = iova;
		lanes.oa = oa;
		lanes.nr = nr < PT_LANES ? (unsigned int)nr : PT_LANES;
#define PT_STEP(level) pt_lanes_level(&lanes, top, level)
		PT_EACH_LEVEL(top, PT_STEP);
#undef PT_STEP
	}
}
#undef PT_EACH_LEVEL
#undef PT_LEVEL

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
