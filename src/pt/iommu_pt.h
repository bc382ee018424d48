/* SPDX-License-Identifier: MIT */
/**
 * DOC: The algorithm: a radix tree of any format as a domain of an IOMMU
 *
 * Locking: the caller of an operation holds a lock on the range of VAs it
 * operates on. Whatever lies in that range changes by nobody else; a table that
 * reaches beyond it may get new items at any time. Tables are installed by
 * compare-and-swap, and removed only by whoever holds the whole range they
 * translate.
 */
#ifndef PT_IOMMU_PT_H
#define PT_IOMMU_PT_H

#include <uiommu/iommu_gather.h>

#include "pt_iter.h"

/**
 * pt_iommu_fmt_init() - required hook: set up what is the format's own
 * @top_level: to be set to the level of the first top table
 *
 * @table's common part has the features, and the widths of @cfg, which have
 * been checked against the format's; the hook lowers them to what it can do.
 *
 * Return: 0 or -EINVAL.
 */
static int pt_iommu_fmt_init(struct PT_IOMMU_TABLE *table,
			     const struct PT_IOMMU_CFG *cfg,
			     unsigned int *top_level);

/** pt_iommu_fmt_hw_info() - required hook: what the hardware must be told. */
static void pt_iommu_fmt_hw_info(const struct PT_IOMMU_TABLE *table,
				 phys_addr_t top_pa, unsigned int top_level,
				 struct PT_IOMMU_HW_INFO *info);

/** pt_from_domain() - the page table that @domain is. */
pt_inline struct PT_IOMMU_TABLE *pt_from_domain(struct iommu_domain *domain)
{
	return pt_container_of(domain, struct PT_IOMMU_TABLE, iommu.domain);
}

/**
 * pt_make_range() - check a range of VAs
 *
 * Return: 0, with its last address in *@last; -EINVAL: it is empty; -EOVERFLOW:
 * it wraps; -ERANGE: it is not all in the table's range.
 */
static inline int pt_make_range(const struct pt_common *common, dma_addr_t va,
				dma_addr_t len, dma_addr_t *last)
{
	if (!len)
		return -EINVAL;
	*last = va + (len - 1);
	if (*last < va)
		return -EOVERFLOW;
	return pt_va_valid(common, va, *last) ? 0 : -ERANGE;
}

/** pt_clip_range() - does @top reach @va? Then *@last is cut to what it
 * reaches. */
static inline bool pt_clip_range(struct pt_common *common, struct pt_top top,
				 dma_addr_t va, dma_addr_t *last)
{
	dma_addr_t top_last;

	if (!pt_feature(common, PT_FEAT_DYNAMIC_TOP))
		return true;
	top_last = pt_top_last(common, top.level);
	if (*last > top_last)
		*last = top_last;
	return va <= top_last;
}

/**
 * pt_iommu_alloc() - a zeroed table
 *
 * Return: 0; -ENOMEM; -EOVERFLOW: entries cannot point at the runtime's memory.
 */
static int pt_iommu_alloc(const struct pt_common *common, unsigned int size_lg2,
			  gfp_t gfp, pt_item_t **out)
{
	const struct pt_runtime *rt = common->runtime;
	phys_addr_t last;
	void *table;

	table = rt->alloc(rt, size_lg2, gfp);
	if (!table)
		return -ENOMEM;
	last = pt_table_to_pa(common, table) + oa_lg2_mask(size_lg2);
	if (last > oa_lg2_mask(pt_max_table_lg2(common))) {
		rt->free(rt, table, size_lg2);
		return -EOVERFLOW;
	}
	*out = table;
	return 0;
}

static void pt_iommu_free(const struct pt_common *common, void *table,
			  unsigned int size_lg2)
{
	common->runtime->free(common->runtime, table, size_lg2);
}

/* iommu_pages_list.put: all tables of a list are below the top of one table. */
static void pt_iommu_put_list(struct iommu_pages_list *list)
{
	void *table;

	while ((table = iommu_pages_list_pop(list)))
		pt_iommu_free(list->owner, table, PT_TABLEMEM_LG2SZ);
}

/** pt_iommu_discard() - let @list wait for the flush, and then free @table. */
static inline void pt_iommu_discard(struct pt_common *common,
				    struct iommu_pages_list *list, void *table)
{
	iommu_pages_list_add(list, table, pt_iommu_put_list, common);
}

/**
 * pt_iommu_collect() - discard every table below @table, of @level
 *
 * @table is not changed and not collected. A table is linked into the list only
 * after those below it, because the link overwrites its first items.
 */
static void pt_iommu_collect(struct pt_common *common, pt_item_t *table,
			     unsigned int level, struct iommu_pages_list *list)
{
	struct pt_state pts = { .common = common,
				.table = table,
				.level = level };
	pt_item_t *path[PT_MAX_LEVELS];
	unsigned int next[PT_MAX_LEVELS];

	path[level] = table;
	next[level] = 0;
	while (true) {
		pts.index = next[pts.level]++;
		if (!pts.level || pts.index >> pt_num_items_lg2(&pts)) {
			if (pts.level == level)
				return;
			pt_iommu_discard(common, list, pts.table);
			pts.level++;
			pts.table = path[pts.level];
		} else if (pt_load_entry_raw(&pts) == PT_ENTRY_TABLE) {
			pts.table = pt_table_ptr(&pts);
			pts.level--;
			path[pts.level] = pts.table;
			next[pts.level] = 0;
		}
	}
}

PT_EXPORT phys_addr_t PT_FN(iova_to_phys)(struct iommu_domain *domain,
					  dma_addr_t iova)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_state pts = { .common = common,
				.table = top.table,
				.level = top.level };
	dma_addr_t last = iova;

	if (!pt_va_valid(common, iova, iova) ||
	    !pt_clip_range(common, top, iova, &last))
		return PHYS_ADDR_MAX;
	while (true) {
		pts.index = pt_va_index(&pts, iova);
		switch (pt_load_entry_raw(&pts)) {
		case PT_ENTRY_LEAF:
			return pt_entry_oa(&pts) |
			       va_lg2_mod(iova, pt_entry_lg2sz(&pts));
		case PT_ENTRY_EMPTY:
			return PHYS_ADDR_MAX;
		case PT_ENTRY_TABLE:
			break;
		}
		pts.table = pt_table_ptr(&pts);
		pts.level--;
	}
}

#include "iommu_init.h"
#include "iommu_map.h"
#include "iommu_unmap.h"
#ifdef pt_item_is_dirty
#include "iommu_dirty.h"
#endif

#endif
