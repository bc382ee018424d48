/* SPDX-License-Identifier: MIT */
/**
 * DOC: Mapping
 *
 * A range is mapped run by run. A *run* is a number of pages of one size that
 * stand in one table; its page size is chosen once. All of the range is checked
 * to be free before anything is written, so that a refused map has changed
 * nothing (but the top, which may have grown).
 */
#ifndef PT_IOMMU_MAP_H
#define PT_IOMMU_MAP_H

#include "iommu_pt.h"
#include "pt_flat.h"
#include "pt_oas.h"

/**
 * struct pt_map - a map under way
 * @walk: where it is
 * @domain: what is mapped into
 * @attrs: of the leaves
 * @gfp: how tables are allocated
 * @sizes: page sizes that can be used, as a bitmap
 * @oas: where the walk's address is to go
 * @done: bytes that have been mapped
 */
struct pt_map {
	struct pt_walk walk;
	struct iommu_domain *domain;
	struct pt_attrs attrs;
	gfp_t gfp;
	uint64_t sizes;
	struct pt_oas oas;
	dma_addr_t done;
};

/**
 * struct pt_map_run - the next pages
 * @pgsz_lg2: their size
 * @level: the level of their leaves
 * @count: how many
 * @alike: how many bytes from here on become pages of this size, in tables behind
 *	this one, too
 */
struct pt_map_run {
	unsigned int pgsz_lg2;
	unsigned int level;
	unsigned int count;
	dma_addr_t alike;
};

/* A page is stored at the highest level whose item is not larger than it. */
static inline unsigned int pt_page_level(const struct pt_map *map,
					 unsigned int pgsz_lg2)
{
	struct pt_state pts = map->walk.pts;

	pts.level = map->walk.top_level;
	while (pts.level && pt_table_item_lg2sz(&pts) > pgsz_lg2)
		pts.level--;
	return pts.level;
}

/*
 * Choose the largest page that fits the alignment and the length, and as many
 * of them as there are before a larger one fits and before the table ends.
 */
static inline struct pt_map_run pt_map_choose(const struct pt_map *map)
{
	dma_addr_t va = map->walk.va;
	phys_addr_t oa = map->oas.oa;
	dma_addr_t bytes = map->oas.left;
	struct pt_state pts = map->walk.pts;
	struct pt_map_run run;
	unsigned int larger;
	uint64_t sizes;

	sizes = map->sizes & oa_lg2_mask(va_lg2_floor(bytes) + 1);
	sizes &= oa_lg2_mask(oa_lg2_align(va | oa) + 1);
	run.pgsz_lg2 = oa_lg2_floor(sizes);
	run.level = pt_page_level(map, run.pgsz_lg2);

	larger = oa_lg2_align(map->sizes & ~oa_lg2_mask(run.pgsz_lg2 + 1));
	if (larger < oa_width && !oa_lg2_mod(va ^ oa, larger)) {
		dma_addr_t ahead = va_lg2_mod(-va, larger);

		if (ahead && ahead < bytes &&
		    bytes - ahead > va_lg2_mask(larger))
			bytes = ahead;
	}
	run.alike = bytes;
	pts.level = run.level;
	if (run.level != map->walk.top_level) {
		dma_addr_t rest = va_lg2_fill(va, pt_table_span_lg2(&pts)) - va;

		if (bytes - 1 > rest)
			bytes = rest + 1;
	}
	run.count = (unsigned int)va_lg2_div(bytes, run.pgsz_lg2);
	return run;
}

/* What of the walk's table, from where it is, belongs to its range. */
static inline bool pt_rest_empty(const struct pt_walk *walk)
{
	const struct pt_state *pts = &walk->pts;
	unsigned int first = pt_va_index(pts, walk->va);
	unsigned int end = pt_walk_end_index(walk);

	return pt_run_empty(pts->common, pts->table + first, end - first + 1);
}

/**
 * pt_range_free() - is no leaf in [@va, @last] below @top?
 *
 * Tables may be; they are empty all the way down.
 */
static bool pt_range_free(struct pt_common *common, struct pt_top top,
			  dma_addr_t va, dma_addr_t last)
{
	struct pt_walk walk;
	dma_addr_t done;
	bool entered = true; /* at once: is there anything in this table? */

	pt_walk_start(&walk, common, top, va, last);
	while (true) {
		if (entered && pt_rest_empty(&walk)) {
			done = walk.pts.level == top.level
				       ? last
				       : va_lg2_fill(
						 walk.va,
						 pt_table_span_lg2(&walk.pts));
		} else {
			switch (pt_walk_load(&walk)) {
			case PT_ENTRY_LEAF:
				return false;
			case PT_ENTRY_TABLE:
				pt_walk_down(&walk);
				entered = true;
				continue;
			case PT_ENTRY_EMPTY:
				break;
			}
			done = va_lg2_fill(walk.va,
					   pt_table_item_lg2sz(&walk.pts));
		}
		if (!pt_walk_next(&walk, done))
			return true;
		entered = false;
	}
}

/*
 * Put a new table where the walk stands. Somebody else may be faster: their
 * table is as good. Either way the item is to be loaded again.
 */
static int pt_map_new_table(struct pt_map *map)
{
	struct pt_state *pts = &map->walk.pts;
	struct pt_common *common = pts->common;
	pt_item_t *table;
	int ret;

	ret = pt_iommu_alloc(common, pts->level - 1, PT_TABLEMEM_LG2SZ,
			     map->gfp, &table);
	if (ret)
		return ret;
	if (!pt_install_table(pts, pt_table_to_pa(common, table)))
		pt_iommu_free(common, pts->level - 1, table, PT_TABLEMEM_LG2SZ,
			      PT_CONTENT_ZERO);
	return 0;
}

/* @bytes have been mapped; the walk comes to stand on the last of them. */
static inline void pt_map_advance(struct pt_map *map, dma_addr_t bytes)
{
	pt_oas_skip(&map->oas, bytes);
	map->done += bytes;
	map->walk.va += bytes - 1;
}

/*
 * The same with @run in it, while nobody sees it yet, so that it needs not be zeroed
 * where the run stands. @run->level is the table's.
 *
 * Return: 1: the run is mapped, and the walk is in the table; 0: somebody else was
 * faster, and the item is to be loaded again; -ENOMEM; -EOVERFLOW.
 */
static int pt_map_new_run(struct pt_map *map, const struct pt_map_run *run)
{
	struct pt_walk *walk = &map->walk;
	struct pt_common *common = walk->pts.common;
	struct pt_state pts = { .common = common, .level = run->level };
	unsigned int items = run->count
			     << (run->pgsz_lg2 - pt_table_item_lg2sz(&pts));
	int ret;

	pts.index = pt_va_index(&pts, walk->va);
	ret = pt_iommu_alloc_filled(common, pts.level, PT_TABLEMEM_LG2SZ,
				    map->gfp, pts.index, pts.index + items,
				    &pts.table);
	if (ret)
		return ret;
	pt_install_leaf_run(&pts, map->oas.oa, run->pgsz_lg2, run->count,
			    &map->attrs);
	pt_flush(common, pts.table, 1U << (PT_TABLEMEM_LG2SZ - PT_ITEM_LG2SZ));
	if (!pt_install_table(&walk->pts, pt_table_to_pa(common, pts.table))) {
		pt_iommu_free(common, pts.level, pts.table, PT_TABLEMEM_LG2SZ,
			      PT_CONTENT_ANY);
		return 0;
	}
	pt_flush(common, &walk->pts.table[walk->pts.index], 1);
	pt_walk_enter(walk, pts.table);
	pt_map_advance(map, va_lg2_mul(run->count, run->pgsz_lg2));
	return 1;
}

/*
 * The same for a run that fills its table, and for those behind it that are alike, up
 * to the end of the walk's table. The range covers what these tables translate: nobody
 * else installs one there, and a store publishes each. Several are taken at once, because
 * an atomic operation for each would wait for all stores to the one before.
 */
static int pt_map_new_tables(struct pt_map *map, const struct pt_map_run *run)
{
	struct pt_walk *walk = &map->walk;
	struct pt_common *common = walk->pts.common;
	struct pt_state above = walk->pts;
	struct pt_state pts = { .common = common, .level = run->level };
	unsigned int span_lg2 = pt_table_span_lg2(&pts);
	unsigned int all = 1U << pt_num_items_lg2(&pts);
	phys_addr_t oa = map->oas.oa;
	struct pt_stock stock;
	dma_addr_t nr, done = 0;
	int ret = 0;

	nr = va_lg2_div(run->alike, span_lg2);
	if (nr > (1U << pt_num_items_lg2(&above)) - above.index)
		nr = (1U << pt_num_items_lg2(&above)) - above.index;
	above.mark = pt_full_mark(&pts, run->pgsz_lg2);
	above.sole = true;
	stock.next = stock.end = 0;
	do {
		if (stock.next == stock.end) {
			ret = pt_stock_take(common, &stock, pts.level,
					    nr - done, map->gfp);
			if (ret)
				break;
		}
		pts.table = stock.table[stock.next++];
		pts.index = 0;
		pt_install_leaf_run(&pts, oa, run->pgsz_lg2, run->count,
				    &map->attrs);
		pt_flush(common, pts.table, all);
		pt_install_table(&above, pt_table_to_pa(common, pts.table));
		pt_flush(common, &above.table[above.index], 1);
		oa += oa_lg2_mul(1, span_lg2);
		above.index++;
	} while (++done < nr && pt_load_entry_raw(&above) == PT_ENTRY_EMPTY);
	pt_stock_put(common, &stock, pts.level);
	if (!done)
		return ret;
	pt_map_advance(map, va_lg2_mul(done, span_lg2));
	if (ret)
		return ret;
	pt_walk_enter(walk, pts.table);
	return 1;
}

/*
 * Make the table where @run stands, one level below the walk; as pt_map_new_run(),
 * which see.
 */
static int pt_map_new_leaves(struct pt_map *map, const struct pt_map_run *run)
{
	struct pt_state pts = map->walk.pts;

	pts.level = run->level;
	if (va_lg2_div(run->alike, pt_table_span_lg2(&pts)) &&
	    !va_lg2_mod(map->walk.va, pt_table_span_lg2(&pts)))
		return pt_map_new_tables(map, run);
	return pt_map_new_run(map, run);
}

/*
 * Bring the walk to the table where @run stands, making what is missing on the way.
 *
 * Return: 0; 1: @run has been mapped, with its table, and maybe more; -EADDRINUSE;
 * -ENOMEM; -EOVERFLOW.
 */
static int pt_map_descend(struct pt_map *map, const struct pt_map_run *run)
{
	struct pt_walk *walk = &map->walk;
	int ret;

	while (walk->pts.level < run->level)
		pt_walk_up(walk);
	while (walk->pts.level > run->level) {
		switch (pt_walk_load(walk)) {
		case PT_ENTRY_TABLE:
			/* Whoever installed it may not have come so far. */
			pt_flush(walk->pts.common,
				 &walk->pts.table[walk->pts.index], 1);
			pt_walk_down(walk);
			break;
		case PT_ENTRY_EMPTY:
			if (walk->pts.level == run->level + 1)
				ret = pt_map_new_leaves(map, run);
			else
				ret = pt_map_new_table(map);
			if (ret)
				return ret;
			break;
		case PT_ENTRY_LEAF:
			return -EADDRINUSE;
		}
	}
	return 0;
}

/*
 * There is something where @run is to stand. Tables that are empty all the way
 * down give way; hardware may still walk through them until it has been told.
 */
static int pt_map_make_room(struct pt_map *map, const struct pt_map_run *run)
{
	struct pt_state pts = map->walk.pts;
	struct pt_top here = { .table = pts.table, .level = pts.level };
	dma_addr_t va = map->walk.va;
	dma_addr_t last = va + (va_lg2_mul(run->count, run->pgsz_lg2) - 1);
	unsigned int end = pt_va_index(&pts, last);
	struct iommu_iotlb_gather gather;

	if (!pt_range_free(pts.common, here, va, last))
		return -EADDRINUSE;
	iommu_iotlb_gather_init(&gather);
	for (; pts.index <= end; pts.index++) {
		pt_item_t *table;

		if (pt_load_entry_raw(&pts) != PT_ENTRY_TABLE)
			continue;
		table = pt_table_ptr(&pts);
		pt_item_store(&pts.table[pts.index], 0);
		pt_flush(pts.common, &pts.table[pts.index], 1);
		pt_iommu_collect(pts.common, table, pts.level - 1,
				 &gather.freelist);
		pt_iommu_discard(
			pts.common, &gather.freelist, table, pts.level - 1,
			pts.level == 1 ? PT_CONTENT_ZERO : PT_CONTENT_ANY);
	}
	if (!gather.freelist.head)
		return 0;
	gather.tables = (unsigned int)(BIT(map->walk.pts.level + 1) - 1) & ~1U;
	iommu_iotlb_gather_add(&gather, va, last, 0);
	pt_gather_sync(map->domain, &gather);
	return 0;
}

/* Write @run to the walk's table. */
static int pt_map_store(struct pt_map *map, const struct pt_map_run *run,
			bool checked)
{
	struct pt_walk *walk = &map->walk;
	struct pt_state *pts = &walk->pts;
	unsigned int first = pt_va_index(pts, walk->va);
	unsigned int items = run->count
			     << (run->pgsz_lg2 - pt_table_item_lg2sz(pts));
	int ret;

	pts->index = first;
	if (!(checked && !pts->level) &&
	    !pt_run_empty(pts->common, pts->table + first, items)) {
		ret = pt_map_make_room(map, run);
		if (ret)
			return ret;
	}
	pt_install_leaf_run(pts, map->oas.oa, run->pgsz_lg2, run->count,
			    &map->attrs);
	pt_flush(pts->common, pts->table + first, items);
	if (items >> pt_num_items_lg2(pts) && pts->level < walk->top_level)
		pt_set_full(pts, run->pgsz_lg2, pt_walk_item(walk));
	return 0;
}

/* Map @run, and maybe more; the walk comes to stand on its last address. */
static int pt_map_write(struct pt_map *map, const struct pt_map_run *run,
			bool checked)
{
	int ret = pt_map_descend(map, run);

	if (ret)
		return ret < 0 ? ret : 0;
	ret = pt_map_store(map, run, checked);
	if (!ret)
		pt_map_advance(map, va_lg2_mul(run->count, run->pgsz_lg2));
	return ret;
}

/*
 * Of the next pages of @oas, store up to @most at @item, for @va, if none needs to be
 * looked at.
 *
 * Return: how many: all or none.
 */
static unsigned int pt_map_flat(struct pt_map *map, pt_item_t *item,
				dma_addr_t va, unsigned int most,
				struct pt_oas *oas)
{
	const struct iommu_run *run = oas->run - 1;

	if (oas->nr + 1 < most)
		most = (unsigned int)oas->nr + 1;
	if (run->oa != oas->oa || run->len != oas->left ||
	    !pt_flat_store(&map->walk.pts, item, map->sizes, va, run, most,
			   &map->attrs))
		return 0;
	oas->run += most - 1;
	oas->nr -= most - 1;
	oas->left = 0;
	pt_oas_fill(oas);
	return most;
}

/*
 * A page of the smallest size has been written, and the walk stands on its last
 * address. Write those of a list that follow it in its table, as long as they are
 * single pages that do not continue one another.
 */
static void pt_map_scattered(struct pt_map *map)
{
	struct pt_walk *walk = &map->walk;
	struct pt_state pts = walk->pts;
	unsigned int page_lg2 = pt_table_item_lg2sz(&pts);
	unsigned int first = pt_va_index(&pts, walk->va) + 1;
	unsigned int all = 1U << pt_num_items_lg2(&pts);
	struct pt_oas oas = map->oas;
	unsigned int i, next = first; /* block to be tried at once */

	for (i = first; i < all && oas.left == va_lg2_mul(1, page_lg2);) {
		dma_addr_t va = walk->va + 1 + va_lg2_mul(i - first, page_lg2);

		if (i == next) {
			unsigned int nr = PT_FLAT_BLOCK - i % PT_FLAT_BLOCK;

			if (nr > all - i)
				nr = all - i;
			next += nr;
			nr = pt_map_flat(map, &pts.table[i], va, nr, &oas);
			if (nr) {
				i += nr;
				continue;
			}
		}
		pt_item_store(&pts.table[i],
			      pt_leaf_item(&pts, oas.oa, page_lg2, 0,
					   &map->attrs));
		pt_oas_skip(&oas, oas.left);
		i++;
	}
	pt_flush(pts.common, &pts.table[first], i - first);
	map->oas = oas;
	map->done += va_lg2_mul(i - first, page_lg2);
	walk->va += va_lg2_mul(i - first, page_lg2);
}

/*
 * Map all that is left. One run is checked where it is written; for more, the
 * whole range is checked before the first is written.
 */
static int pt_map_runs(struct pt_map *map)
{
	struct pt_walk *walk = &map->walk;
	struct pt_map_run run = pt_map_choose(map);
	bool single = !map->oas.nr &&
		      va_lg2_mul(run.count, run.pgsz_lg2) == map->oas.left;
	struct pt_top top = { .table = walk->pts.table,
			      .level = walk->pts.level };
	int ret;

	if (!single &&
	    !pt_range_free(walk->pts.common, top, walk->va, walk->last))
		return -EADDRINUSE;
	while (true) {
		ret = pt_map_write(map, &run, !single);
		if (!ret && !single && run.pgsz_lg2 == PT_GRANULE_LG2SZ)
			pt_map_scattered(map);
		if (ret || !pt_walk_next(walk, walk->va))
			return ret;
		run = pt_map_choose(map);
	}
}

/* Free a chain of new top tables that are of no use. */
static void pt_free_tops(struct pt_common *common, struct pt_top top,
			 unsigned int old_level)
{
	struct pt_state pts = { .common = common,
				.table = top.table,
				.level = top.level };
	pt_item_t *table;

	while (pts.level > old_level) {
		pt_load_entry_raw(&pts);
		table = pt_table_ptr(&pts);
		pt_iommu_free(common, pts.level, pts.table,
			      pt_top_memsize_lg2(common, pts.level),
			      PT_CONTENT_ZERO);
		pts.table = table;
		pts.level--;
	}
}

/* Stack new tables on *@top until they reach @last. */
static int pt_stack_tops(struct pt_common *common, dma_addr_t last, gfp_t gfp,
			 struct pt_top *top)
{
	struct pt_state pts = { .common = common, .level = top->level };
	unsigned int old_level = top->level;
	int ret;

	while (last > pt_top_last(common, top->level)) {
		pts.level = top->level + 1;
		pts.entry = 0;
		ret = pt_iommu_alloc(common, pts.level,
				     pt_top_memsize_lg2(common, pts.level), gfp,
				     &pts.table);
		if (ret) {
			pt_free_tops(common, *top, old_level);
			return ret;
		}
		pt_install_table(&pts, pt_table_to_pa(common, top->table));
		pt_flush(common, pts.table, 1);
		top->table = pts.table;
		top->level = pts.level;
	}
	return 0;
}

/*
 * Make @new the top unless @old is not any more. The hardware comes first:
 * whoever sees the new top may map through it at once and rely on it.
 */
static bool pt_publish_top(struct pt_common *common, struct pt_iommu *iommu,
			   struct pt_top old, struct pt_top new)
{
	struct port_lock *lock = iommu->driver_ops->get_top_lock(iommu);
	uintptr_t word = pt_top_pack(new.table, new.level);
	bool same;

	port_lock(lock);
	same = common->top_of_table == pt_top_pack(old.table, old.level);
	if (same) {
		iommu->driver_ops->change_top(
			iommu, pt_table_to_pa(common, new.table), new.level);
		__atomic_store_n(&common->top_of_table, word, __ATOMIC_RELEASE);
	}
	port_unlock(lock);
	return same;
}

/* Grow the top until it reaches @last, which is in the table's range. */
static int pt_grow_top(struct PT_IOMMU_TABLE *table, dma_addr_t last, gfp_t gfp)
{
	struct pt_common *common = &table->pt.common;
	struct pt_top old, new;
	int ret;

	while (true) {
		old = new = pt_top_read(common);
		if (last <= pt_top_last(common, old.level))
			return 0;
		ret = pt_stack_tops(common, last, gfp, &new);
		if (ret)
			return ret;
		if (pt_publish_top(common, &table->iommu, old, new))
			return 0;
		pt_free_tops(common, new, old.level);
	}
}

/*
 * What the top has to reach: the range, and one address more if the range is a
 * single page of the size of a whole table, because that is an item of the table
 * above.
 */
static inline dma_addr_t pt_map_reach(uint64_t sizes, dma_addr_t va,
				      phys_addr_t oa, dma_addr_t len)
{
	if (!va && !(len & (len - 1)) && sizes & len && !(oa & (len - 1)))
		return len;
	return va + (len - 1);
}

/* Map what @map says at [@va, @va + @len); the call has been checked. */
static int pt_map_all(struct pt_map *map, dma_addr_t va, dma_addr_t len)
{
	struct PT_IOMMU_TABLE *table = pt_from_domain(map->domain);
	struct pt_common *common = &table->pt.common;
	dma_addr_t reach = va + (len - 1);
	int ret;

	if (pt_feature(common, PT_FEAT_DYNAMIC_TOP)) {
		if (map->oas.left == len)
			reach = pt_map_reach(map->sizes, va, map->oas.oa, len);
		ret = pt_grow_top(table, reach, map->gfp);
		if (ret)
			return ret;
	}
	pt_walk_start(&map->walk, common, pt_top_read(common), va,
		      va + (len - 1));
	return pt_map_runs(map);
}

/* The general way. */
static __attribute__((noinline)) int
pt_map_range(struct iommu_domain *domain, dma_addr_t va, phys_addr_t oa,
	     dma_addr_t len, unsigned int prot, gfp_t gfp, size_t *mapped)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_map map = {
		.domain = domain,
		.gfp = gfp,
		.sizes = domain->pgsize_bitmap,
		.oas.oa = oa,
		.oas.left = len,
	};
	dma_addr_t last;
	int ret;

	ret = pt_make_range(common, va, len, &last);
	if (!ret)
		ret = pt_map_check(common, map.sizes, va, oa, len);
	if (!ret)
		ret = pt_iommu_set_prot(common, &map.attrs, prot);
	if (!ret)
		ret = pt_map_all(&map, va, len);
	*mapped += map.done;
	return ret;
}

/*
 * The page size, if all of a range becomes pages of one: the largest that divides
 * addresses and length, as long as there is no room for a larger one.
 *
 * Return: its lg2; 0 if there is no such size.
 */
pt_inline unsigned int pt_map_size(uint64_t sizes, dma_addr_t va,
				   phys_addr_t oa, dma_addr_t len)
{
	uint64_t all = va | oa | len;
	uint64_t fit = sizes & ((all & -all) * 2 - 1);
	unsigned int lg2;
	uint64_t larger;

	if (!fit)
		return 0;
	lg2 = oa_lg2_floor(fit);
	larger = sizes & (~1ULL << lg2);
	larger &= -larger;
	if (larger - 1 < len && !((va ^ oa) & (larger - 1)) &&
	    (-(uint64_t)va & (larger - 1)) <= len - larger)
		return 0;
	return lg2;
}

/*
 * Store pages of 2^@lg2 bytes, @items items, from the item on that @pts has for a table,
 * if they are empty. @above points at their table; that is NULL for the top.
 */
pt_inline bool pt_map_run(struct pt_state *pts, dma_addr_t items,
			  phys_addr_t oa, unsigned int lg2,
			  const struct pt_attrs *attrs, pt_item_t *above)
{
	unsigned int item_lg2 = pt_table_item_lg2sz(pts);

	if (items < PT_RUN_MIN && items == 1) {
		if (pt_item_load_relaxed(pts->table))
			return false;
		pt_item_store(pts->table, pt_leaf_item(pts, oa, lg2, 0, attrs));
		return true;
	}
	if (!pt_install_empty_run(pts, oa, lg2,
				  (unsigned int)items >> (lg2 - item_lg2),
				  attrs))
		return false;
	if (items >> pt_items_lg2(pts) && above)
		pt_set_full(pts, lg2, above);
	return true;
}

/*
 * As pt_map_quick(), where an empty item of @level is the way: make the table that is
 * missing, if it is the only one. Whoever is faster leaves it to the general way.
 */
static __attribute__((noinline)) int
pt_map_quick_table(struct pt_common *common, pt_item_t *item,
		   unsigned int level, dma_addr_t va, dma_addr_t len,
		   phys_addr_t oa, unsigned int lg2, struct pt_attrs attrs,
		   gfp_t gfp)
{
	struct pt_state above = { .common = common,
				  .table = item,
				  .level = level };
	struct pt_state pts = { .common = common, .level = level - 1 };
	unsigned int item_lg2 = pt_table_item_lg2sz(&pts);
	unsigned int all = 1U << pt_num_items_lg2(&pts);
	dma_addr_t items = va_lg2_div(len, item_lg2);
	int ret;

	pts.index = pt_va_index(&pts, va);
	if (!pt_can_have_leaf(&pts) || item_lg2 > lg2 ||
	    items > all - pts.index)
		return 0;
	ret = pt_iommu_take(common, PT_TABLEMEM_LG2SZ, gfp, pts.index,
			    pts.index + (unsigned int)items, &pts.table);
	if (ret)
		return ret;
	pt_count_tables(common, pts.level, 1);
	if (items == 1)
		pt_item_store(&pts.table[pts.index],
			      pt_leaf_item(&pts, oa, lg2, 0, &attrs));
	else
		pt_install_leaf_run(&pts, oa, lg2,
				    (unsigned int)items >> (lg2 - item_lg2),
				    &attrs);
	above.sole = items == all;
	above.mark = above.sole ? pt_full_mark(&pts, lg2) : 0;
	if (!pt_install_table(&above, pt_table_to_pa(common, pts.table))) {
		pt_iommu_free(common, pts.level, pts.table, PT_TABLEMEM_LG2SZ,
			      PT_CONTENT_ANY);
		return 0;
	}
	return 1;
}

/* As pt_map_quick(), for pages of any size, or a table that is missing. */
static __attribute__((noinline)) int
pt_map_any(struct iommu_domain *domain, dma_addr_t va, phys_addr_t oa,
	   dma_addr_t len, unsigned int prot, gfp_t gfp, size_t *mapped,
	   pt_item_t *item, unsigned int level, pt_item_t *above,
	   struct pt_attrs attrs)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_state pts = { .common = common,
				.table = item,
				.level = level };
	unsigned int lg2 = pt_map_size(domain->pgsize_bitmap, va, oa, len);
	dma_addr_t items = va_lg2_div(len, pt_table_item_lg2sz(&pts));
	unsigned int all = 1U << pt_num_items_lg2(&pts);
	int ret = 0;

	if (lg2 && pt_possible_sizes(&pts) >> lg2 & 1) {
		if (items <= all - pt_va_index(&pts, va) &&
		    pt_map_run(&pts, items, oa, lg2, &attrs, above))
			ret = 1;
	} else if (lg2 && level) {
		ret = pt_map_quick_table(common, item, level, va, len, oa, lg2,
					 attrs, gfp);
	}
	if (!ret)
		return pt_map_range(domain, va, oa, len, prot, gfp, mapped);
	if (ret < 0)
		return ret;
	*mapped += len;
	return 0;
}

/* Does all of the range become pages of 2^@lg2 bytes, which the table has? */
pt_inline bool pt_map_alike(uint64_t sizes, dma_addr_t va, phys_addr_t oa,
			    dma_addr_t len, unsigned int lg2)
{
	uint64_t larger = sizes & (~1ULL << lg2);

	larger &= -larger;
	return sizes >> lg2 & 1 && !oa_lg2_mod(va | oa | len, lg2) &&
	       (larger > len || (va ^ oa) & (larger - 1));
}

/*
 * Map a range into the table that has the item of @pts, behind which there is no other,
 * if it becomes one run of pages. @above points at the table; that is NULL for the top.
 *
 * Most ranges become pages of the size of an item, because there is no room for a larger
 * one anywhere in them. At level 0 what is not empty is in use.
 */
pt_inline int pt_map_quick(struct iommu_domain *domain, dma_addr_t va,
			   phys_addr_t oa, dma_addr_t len, unsigned int prot,
			   gfp_t gfp, size_t *mapped, struct pt_state *pts,
			   pt_item_t *above)
{
	struct pt_common *common = pts->common;
	unsigned int lg2 = pt_table_item_lg2sz(pts);
	unsigned int items_lg2 = pt_items_lg2(pts);
	dma_addr_t items = va_lg2_div(len, lg2);
	dma_addr_t last = va + (len - 1);
	phys_addr_t last_oa = oa + ((phys_addr_t)len - 1);
	struct pt_attrs attrs;

	if ((oa | last_oa) & common->slow_oas || last_oa < oa ||
	    pt_iommu_set_prot(common, &attrs, prot))
		return pt_map_range(domain, va, oa, len, prot, gfp, mapped);
	if (!pt_can_have_leaf(pts) ||
	    !pt_map_alike(domain->pgsize_bitmap, va, oa, len, lg2) ||
	    va_lg2_div(va ^ last, lg2 + items_lg2) || items >> items_lg2)
		return pt_map_any(domain, va, oa, len, prot, gfp, mapped,
				  pts->table, pts->level, above, attrs);
	if (!pt_map_run(pts, items, oa, lg2, &attrs, NULL))
		return pts->level ? pt_map_range(domain, va, oa, len, prot, gfp,
						 mapped)
				  : -EADDRINUSE;
	*mapped += len;
	return 0;
}

/*
 * Most maps become one run of pages, in a table that is there, or that is all that is
 * missing. For these the state stays in registers, with a piece of code for each level:
 * what the general way does with a walk in memory takes longer than all of this. The
 * walk comes first, because what does not depend on it is done while it waits for its
 * tables. Whatever could be wrong is left to the general way.
 */
PT_EXPORT int PT_FN(map_range)(struct iommu_domain *domain, dma_addr_t iova,
			       phys_addr_t paddr, dma_addr_t len,
			       unsigned int prot, gfp_t gfp, size_t *mapped)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_state pts = { .common = common };
	dma_addr_t last = iova + (len - 1);
	pt_item_t *above = NULL;

	if (last < iova || iova < domain->geometry.aperture_start ||
	    last > domain->geometry.aperture_end)
		return pt_map_range(domain, iova, paddr, len, prot, gfp,
				    mapped);
	/* A page of the size of the top's table is an item of the one above. */
	if (pt_feature(common, PT_FEAT_DYNAMIC_TOP) &&
	    last >= pt_top_last(common, top.level))
		return pt_map_range(domain, iova, paddr, len, prot, gfp,
				    mapped);
#define PT_STEP(level_)                                                     \
	do {                                                                \
		if (!pts.level)                                             \
			return pt_map_quick(domain, iova, paddr, len, prot, \
					    gfp, mapped, &pts, above);      \
		switch (pt_load_entry_raw(&pts)) {                          \
		case PT_ENTRY_LEAF:                                         \
			return pt_map_range(domain, iova, paddr, len, prot, \
					    gfp, mapped);                   \
		case PT_ENTRY_EMPTY:                                        \
			return pt_map_quick(domain, iova, paddr, len, prot, \
					    gfp, mapped, &pts, above);      \
		case PT_ENTRY_TABLE:                                        \
			break;                                              \
		}                                                           \
		above = pts.table;                                          \
		pts.table = pt_lower_item(&pts, iova);                      \
	} while (0)
	PT_WALK_LEVELS(&pts, top, iova, PT_STEP);
#undef PT_STEP
	return pt_map_range(domain, iova, paddr, len, prot, gfp, mapped);
}

/* As pt_map_list_quick(), in the table of level 0 that has the item of @pts. */
pt_inline bool pt_map_list_flat(struct iommu_domain *domain,
				struct pt_state *pts, dma_addr_t va,
				const struct iommu_run *run, size_t nr,
				const struct pt_attrs *attrs, pt_item_t *above)
{
	unsigned int all = 1U << pt_items_lg2(pts);

	if (nr > all - pt_va_index(pts, va) ||
	    !pt_flat_store(pts, pts->table, domain->pgsize_bitmap, va, run, nr,
			   attrs))
		return false;
	if (nr == all && above)
		pt_set_full(pts, PT_GRANULE_LG2SZ, above);
	return true;
}

/*
 * Map a list of single pages of the smallest size into one table that is there: what
 * a device's driver has for a scattered buffer. As pt_map_quick().
 */
pt_inline bool pt_map_list_quick(struct iommu_domain *domain, dma_addr_t va,
				 const struct iommu_run *run, size_t nr,
				 unsigned int prot)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_state pts = { .common = common, .level = top.level };
	dma_addr_t last = va + (va_lg2_mul(nr, PT_GRANULE_LG2SZ) - 1);
	pt_item_t *above = NULL;
	struct pt_attrs attrs;

	if (!nr || nr > 1U << (PT_TABLEMEM_LG2SZ - PT_ITEM_LG2SZ) ||
	    last < va || va < domain->geometry.aperture_start ||
	    last > domain->geometry.aperture_end ||
	    va_lg2_mod(va, PT_GRANULE_LG2SZ) ||
	    !(domain->pgsize_bitmap & 1ULL << PT_GRANULE_LG2SZ) ||
	    pt_feature(common, PT_FEAT_DMA_INCOHERENT) ||
	    pt_iommu_set_prot(common, &attrs, prot) ||
	    (pt_feature(common, PT_FEAT_DYNAMIC_TOP) &&
	     last > pt_top_last(common, top.level)))
		return false;
#define PT_STEP(level_)                                                    \
	do {                                                               \
		if (!pts.level)                                            \
			return pt_map_list_flat(domain, &pts, va, run, nr, \
						&attrs, above);            \
		if (pt_load_entry_raw(&pts) != PT_ENTRY_TABLE)             \
			return false;                                      \
		above = pts.table;                                         \
		pts.table = pt_lower_item(&pts, va);                       \
	} while (0)
	PT_WALK_LEVELS(&pts, top, va, PT_STEP);
#undef PT_STEP
	return false;
}

/* The general way. */
static __attribute__((noinline)) int pt_map_list(struct iommu_domain *domain,
						 dma_addr_t va,
						 const struct iommu_run *runs,
						 size_t nr, unsigned int prot,
						 gfp_t gfp, size_t *mapped)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_map map = {
		.domain = domain,
		.gfp = gfp,
		.sizes = domain->pgsize_bitmap,
	};
	dma_addr_t len, last;
	int ret;

	ret = pt_oas_check(common, map.sizes, va, runs, nr, &len);
	if (!ret)
		ret = pt_make_range(common, va, len, &last);
	if (!ret)
		ret = pt_iommu_set_prot(common, &map.attrs, prot);
	if (ret)
		return ret;
	map.oas = pt_oas_start(runs, nr);
	ret = pt_map_all(&map, va, len);
	*mapped += map.done;
	return ret;
}

PT_EXPORT int PT_FN(map_list)(struct iommu_domain *domain, dma_addr_t iova,
			      const struct iommu_run *runs, size_t nr,
			      unsigned int prot, gfp_t gfp, size_t *mapped)
{
	if (!pt_map_list_quick(domain, iova, runs, nr, prot))
		return pt_map_list(domain, iova, runs, nr, prot, gfp, mapped);
	*mapped += nr << PT_GRANULE_LG2SZ;
	return 0;
}

#endif
