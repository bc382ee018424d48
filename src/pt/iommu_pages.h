/* SPDX-License-Identifier: MIT */
/**
 * DOC: The memory of tables: from the runtime, counted, and back to it
 *
 * A table is counted with its level from when the runtime has given it until it
 * gets it back. Once it leaves the tree it waits on a list for the flush: it is
 * memory still, and hardware may still read it. That it is counted then, too, makes
 * unlinking a table cost no more than two stores. The counters change by one relaxed
 * operation each, because nothing else depends on them.
 */
#ifndef PT_IOMMU_PAGES_H
#define PT_IOMMU_PAGES_H

#include <uiommu/iommu_gather.h>

#include "pt_full.h"

/** pt_count_tables() - @nr tables of @level more */
pt_inline void pt_count_tables(struct pt_common *common, unsigned int level,
			       size_t nr)
{
	__atomic_fetch_add(&common->tables[level], nr, __ATOMIC_RELAXED);
}

/** pt_uncount_tables() - @nr tables of @level less */
pt_inline void pt_uncount_tables(struct pt_common *common, unsigned int level,
				 size_t nr)
{
	__atomic_fetch_sub(&common->tables[level], nr, __ATOMIC_RELAXED);
}

/* Can entries point at the runtime's @table? */
pt_inline bool pt_table_in_reach(const struct pt_common *common,
				 const void *table, unsigned int size_lg2)
{
	phys_addr_t last =
		pt_table_to_pa(common, table) + oa_lg2_mask(size_lg2);

	return last <= oa_lg2_mask(pt_max_table_lg2(common));
}

/**
 * pt_iommu_take() - a table that nobody sees yet, and that the caller counts
 * @from: the caller stores to the items from here on before anybody sees it
 * @end: up to here; the others are zero
 *
 * The caller flushes all of it.
 *
 * Return: 0; -ENOMEM; -EOVERFLOW: entries cannot point at the runtime's memory.
 */
pt_inline int pt_iommu_take(const struct pt_common *common,
			    unsigned int size_lg2, gfp_t gfp, unsigned int from,
			    unsigned int end, pt_item_t **out)
{
	const struct pt_runtime *rt = common->runtime;
	void *table;

	if (from < end && rt->alloc_filled)
		table = rt->alloc_filled(rt, size_lg2, gfp,
					 from * sizeof(pt_item_t),
					 end * sizeof(pt_item_t));
	else
		table = rt->alloc(rt, size_lg2, gfp);
	if (!table)
		return -ENOMEM;
	if (!pt_table_in_reach(common, table, size_lg2)) {
		rt->free(rt, table, size_lg2);
		return -EOVERFLOW;
	}
	*out = table;
	return 0;
}

/** pt_iommu_alloc_filled() - the same for a table of @level, which is counted */
static int pt_iommu_alloc_filled(struct pt_common *common, unsigned int level,
				 unsigned int size_lg2, gfp_t gfp,
				 unsigned int from, unsigned int end,
				 pt_item_t **out)
{
	int ret = pt_iommu_take(common, size_lg2, gfp, from, end, out);

	if (!ret)
		pt_count_tables(common, level, 1);
	return ret;
}

/**
 * pt_iommu_alloc() - the same, with all items zero
 *
 * A walker that is not coherent finds it zeroed, too.
 */
static int pt_iommu_alloc(struct pt_common *common, unsigned int level,
			  unsigned int size_lg2, gfp_t gfp, pt_item_t **out)
{
	int ret =
		pt_iommu_alloc_filled(common, level, size_lg2, gfp, 0, 0, out);

	if (!ret)
		pt_flush(common, *out, 1U << (size_lg2 - PT_ITEM_LG2SZ));
	return ret;
}

/**
 * enum pt_content - what is known of a table that is given back
 * @PT_CONTENT_ANY: nothing
 * @PT_CONTENT_ZERO: it is zero but for its first 8 bytes
 */
enum pt_content {
	PT_CONTENT_ANY,
	PT_CONTENT_ZERO,
};

static void pt_iommu_give_back(const struct pt_runtime *rt, void *table,
			       unsigned int size_lg2, enum pt_content content)
{
	if (content == PT_CONTENT_ZERO && rt->free_zero)
		rt->free_zero(rt, table, size_lg2);
	else
		rt->free(rt, table, size_lg2);
}

/** pt_iommu_free() - a table of @level that neither software nor hardware sees */
static void pt_iommu_free(struct pt_common *common, unsigned int level,
			  void *table, unsigned int size_lg2,
			  enum pt_content content)
{
	pt_iommu_give_back(common->runtime, table, size_lg2, content);
	pt_uncount_tables(common, level, 1);
}

/** PT_STOCK - the most tables that are taken at once */
#define PT_STOCK 16U

/**
 * struct pt_stock - tables of one level that are going to be filled
 * @table: they, with any content
 * @next: the next one
 * @end: behind the last one
 */
struct pt_stock {
	void *table[PT_STOCK];
	unsigned int next;
	unsigned int end;
};

/** pt_stock_take() - @stock, which is empty, gets tables: @most, if that is possible */
static __attribute__((noinline)) int pt_stock_take(struct pt_common *common,
						   struct pt_stock *stock,
						   unsigned int level,
						   dma_addr_t most, gfp_t gfp)
{
	const struct pt_runtime *rt = common->runtime;
	size_t nr = most < PT_STOCK ? (size_t)most : PT_STOCK;
	size_t bytes = (size_t)1 << PT_TABLEMEM_LG2SZ;
	unsigned int end;

	if (rt->alloc_many) {
		nr = rt->alloc_many(rt, PT_TABLEMEM_LG2SZ, gfp, stock->table,
				    nr);
	} else {
		stock->table[0] =
			rt->alloc_filled
				? rt->alloc_filled(rt, PT_TABLEMEM_LG2SZ, gfp,
						   0, bytes)
				: rt->alloc(rt, PT_TABLEMEM_LG2SZ, gfp);
		nr = !!stock->table[0];
	}
	if (!nr)
		return -ENOMEM;
	for (end = 0; end < nr && pt_table_in_reach(common, stock->table[end],
						    PT_TABLEMEM_LG2SZ);)
		end++;
	while (nr > end)
		rt->free(rt, stock->table[--nr], PT_TABLEMEM_LG2SZ);
	if (!end)
		return -EOVERFLOW;
	pt_count_tables(common, level, end);
	stock->next = 0;
	stock->end = end;
	return 0;
}

/** pt_stock_put() - give back what nobody has needed */
static inline void pt_stock_put(struct pt_common *common,
				const struct pt_stock *stock,
				unsigned int level)
{
	unsigned int i;

	for (i = stock->next; i != stock->end; i++)
		pt_iommu_free(common, level, stock->table[i], PT_TABLEMEM_LG2SZ,
			      PT_CONTENT_ANY);
}

/* In the links of a list: the table's level, and what is known of its content. */
#define PT_NOTE_LEVEL 7U
#define PT_NOTE_ZERO  8U

/* iommu_pages_list.put: all tables of a list are below the top of one table. */
static void pt_iommu_put_list(struct iommu_pages_list *list)
{
	struct pt_common *common = list->owner;
	size_t nr[PT_MAX_LEVELS] = { 0 };
	unsigned int level;

	while (list->head) {
		unsigned int note = iommu_pages_link_note(list->head);
		void *table = iommu_pages_list_pop(list);

		pt_iommu_give_back(common->runtime, table, PT_TABLEMEM_LG2SZ,
				   note & PT_NOTE_ZERO ? PT_CONTENT_ZERO
						       : PT_CONTENT_ANY);
		nr[note & PT_NOTE_LEVEL]++;
	}
	for (level = 0; level < PT_MAX_TOP_LEVEL; level++)
		if (nr[level])
			pt_uncount_tables(common, level, nr[level]);
}

/** pt_iommu_discard() - let @list wait for the flush, and then free @table of @level */
static inline void pt_iommu_discard(struct pt_common *common,
				    struct iommu_pages_list *list, void *table,
				    unsigned int level, enum pt_content content)
{
	unsigned int note = content == PT_CONTENT_ZERO ? PT_NOTE_ZERO : 0;

	iommu_pages_list_add(list, table, note | level, pt_iommu_put_list,
			     common);
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
			pt_iommu_discard(common, list, pts.table, pts.level,
					 PT_CONTENT_ANY);
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
