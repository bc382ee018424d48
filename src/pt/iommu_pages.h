/* SPDX-License-Identifier: MIT */
/**
 * DOC: The memory of tables: from the runtime, counted, and back to it
 *
 * A table is counted with its level from when the runtime has given it. Once it
 * leaves the tree it waits on a list for the flush, and is counted there: it is
 * memory still, and hardware may still read it. The counters change by one
 * relaxed operation each, because nothing else depends on them.
 */
#ifndef PT_IOMMU_PAGES_H
#define PT_IOMMU_PAGES_H

#include <uiommu/iommu_gather.h>

#include "pt_iter.h"

pt_inline void pt_count(size_t *counter, size_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

pt_inline void pt_uncount(size_t *counter, size_t n)
{
	__atomic_fetch_sub(counter, n, __ATOMIC_RELAXED);
}

/**
 * pt_iommu_alloc() - a zeroed table of @level, which nobody sees yet
 *
 * A walker that is not coherent finds it zeroed, too.
 *
 * Return: 0; -ENOMEM; -EOVERFLOW: entries cannot point at the runtime's memory.
 */
static int pt_iommu_alloc(struct pt_common *common, unsigned int level,
			  unsigned int size_lg2, gfp_t gfp, pt_item_t **out)
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
	pt_count(&common->memory.bytes, (size_t)1 << size_lg2);
	pt_count(&common->memory.tables[level], 1);
	pt_flush(common, table, 1U << (size_lg2 - PT_ITEM_LG2SZ));
	*out = table;
	return 0;
}

static void pt_iommu_give_back(struct pt_common *common, void *table,
			       unsigned int size_lg2)
{
	common->runtime->free(common->runtime, table, size_lg2);
	pt_uncount(&common->memory.bytes, (size_t)1 << size_lg2);
}

/** pt_iommu_free() - a table of @level that neither software nor hardware sees */
static void pt_iommu_free(struct pt_common *common, unsigned int level,
			  void *table, unsigned int size_lg2)
{
	pt_iommu_give_back(common, table, size_lg2);
	pt_uncount(&common->memory.tables[level], 1);
}

/* iommu_pages_list.put: all tables of a list are below the top of one table. */
static void pt_iommu_put_list(struct iommu_pages_list *list)
{
	struct pt_common *common = list->owner;
	void *table;

	while ((table = iommu_pages_list_pop(list))) {
		pt_iommu_give_back(common, table, PT_TABLEMEM_LG2SZ);
		pt_uncount(&common->memory.waiting, 1);
	}
}

/**
 * pt_iommu_discard() - let @list wait for the flush, and then free @table
 * @level: the table's
 */
static inline void pt_iommu_discard(struct pt_common *common,
				    struct iommu_pages_list *list,
				    unsigned int level, void *table)
{
	pt_count(&common->memory.waiting, 1);
	pt_uncount(&common->memory.tables[level], 1);
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
			pt_iommu_discard(common, list, pts.level, pts.table);
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

#endif
