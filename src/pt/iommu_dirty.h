/* SPDX-License-Identifier: MIT */
/**
 * DOC: Dirty tracking
 *
 * Hardware sets a dirty bit in one item of an entry, whichever it walked. An
 * entry is dirty if any of its items is. Clearing touches only items that were seen
 * dirty, and loses nothing that hardware sets meanwhile: what is set later stays for
 * the next time.
 *
 * Items of 4 KiB pages and the like are looked at in runs. An entry of one item in
 * which hardware has nothing left to set is *settled*: it cannot change but by us, so
 * that a plain store of what was read, without the dirty bit, does what takes an
 * atomic operation elsewhere. If hardware writes through it in between, it finds the
 * bit set and leaves the item alone, as it would have before; that page is reported
 * by this very read, and the flush that follows has hardware look again.
 */
#ifndef PT_IOMMU_DIRTY_H
#define PT_IOMMU_DIRTY_H

#include "iommu_pt.h"
#include "pt_dirty.h"

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

/* [@first, @end] is dirty, in pages of 2^@size_lg2 bytes that have been cleaned. */
static void pt_dirty_pages(struct pt_dirty *dirty, dma_addr_t first,
			   dma_addr_t end, unsigned int size_lg2)
{
	if (dirty->clear)
		pt_gather_add(dirty->domain, dirty->bitmap->gather, first, end,
			      oa_lg2_mul(1, size_lg2));
	pt_dirty_add(dirty, first, end);
}

/**
 * struct pt_dirty_run - items of level 0 tables, one behind the other
 * @start: first address that they translate
 * @done: the last one
 * @item: the first item, if they are in one table
 * @count: how many
 * @item_lg2: log2 of the bytes that one translates
 * @settled: those that are dirty and settled; they are clean now, if they shall be
 * @others: those that may be dirty
 */
struct pt_dirty_run {
	dma_addr_t start;
	dma_addr_t done;
	pt_item_t *item;
	unsigned int count;
	unsigned int item_lg2;
	uint64_t *settled;
	uint64_t *others;
};

/* As many as there are at once; from the second on they begin a word. */
static void pt_dirty_run_at(const struct pt_walk *walk,
			    struct pt_dirty_run *run)
{
	const struct pt_state *pts = &walk->pts;
	unsigned int index = pt_va_index(pts, walk->va), most;

	run->item_lg2 = pt_table_item_lg2sz(pts);
	run->start = walk->va - va_lg2_mod(walk->va, run->item_lg2);
	run->item = pts->table + index;
	run->count = pt_walk_end_index(walk) - index + 1;
	most = index % 64 ? 64 - index % 64 : PT_RUN_DIRTY_MAX;
	if (run->count > most)
		run->count = most;
	run->done = run->start + (va_lg2_mul(run->count, run->item_lg2) - 1);
}

/* What will be read behind @run, for the processor to fetch; NULL = not known. */
static const void *pt_dirty_ahead(const struct pt_walk *walk,
				  const struct pt_dirty_run *run)
{
	struct pt_state up = { .common = walk->pts.common, .level = 1 };

	if (run->count != PT_RUN_DIRTY_MAX || run->done >= walk->last)
		return NULL;
	if (va_lg2_mod(run->done + 1, pt_table_span_lg2(&walk->pts)))
		return run->item + run->count;
	if (walk->top_level < 1 ||
	    !va_lg2_mod(run->done + 1, pt_table_span_lg2(&up)))
		return NULL;
	up.table = walk->table[1];
	up.index = pt_va_index(&up, run->done + 1);
	if (pt_load_entry_raw(&up) != PT_ENTRY_TABLE)
		return NULL;
	return pt_table_ptr(&up);
}

/*
 * Find the dirty items of @run, and clean those that a store can clean. Entries that
 * the range cuts may be dirty in items outside of it, and stay dirty.
 */
static enum pt_run_found pt_dirty_run_read(struct pt_dirty *dirty,
					   struct pt_dirty_run *run)
{
	const struct pt_walk *walk = &dirty->walk;
	const struct pt_state *pts = &walk->pts;
	struct pt_run_dirty how = pt_dirty_how(pts);
	unsigned int last = run->count - 1;
	enum pt_run_found found;

	how.ahead = pt_dirty_ahead(walk, run);
	if (!dirty->clear)
		how.flip = 0;
	if (run->start < dirty->va || run->done > walk->last) {
		how.settled_mask = 0;
		how.settled_value = 1;
	}
	found = pt_run_dirty(pts->common, &run->item, 1, run->count, &how,
			     run->settled, run->others);
	if (walk->va == dirty->va && !(run->settled[0] & 1)) {
		run->others[0] |= 1;
		found = PT_RUN_OTHERS;
	}
	if (run->done >= walk->last &&
	    !(run->settled[last / 64] >> last % 64 & 1)) {
		run->others[last / 64] |= 1ULL << last % 64;
		found = PT_RUN_OTHERS;
	}
	return found;
}

/*
 * The runs of bits in @run->settled.
 */
static void pt_dirty_run_settled(struct pt_dirty *dirty,
				 const struct pt_dirty_run *run)
{
	unsigned int word, from, nr;
	uint64_t bits;

	for (word = 0; word * 64 < run->count; word++) {
		for (bits = run->settled[word]; bits;
		     bits &= ~(oa_lg2_mask(nr) << from)) {
			dma_addr_t first;

			from = pt_ctz64(bits);
			nr = oa_lg2_align(~(bits >> from));
			first = run->start +
				va_lg2_mul(word * 64 + from, run->item_lg2);
			pt_dirty_pages(
				dirty, first,
				first + (va_lg2_mul(nr, run->item_lg2) - 1),
				run->item_lg2);
		}
	}
}

/* The first and the last address of the pages in @run->settled, of which there is one. */
static void pt_dirty_run_span(const struct pt_dirty_run *run, dma_addr_t *first,
			      dma_addr_t *end)
{
	unsigned int low = 0, high = (run->count - 1) / 64;

	while (!run->settled[low])
		low++;
	while (!run->settled[high])
		high--;
	low = low * 64 + pt_ctz64(run->settled[low]);
	high = high * 64 + oa_lg2_floor(run->settled[high]);
	*first = run->start + va_lg2_mul(low, run->item_lg2);
	*end = va_lg2_fill(run->start + va_lg2_mul(high, run->item_lg2),
			   run->item_lg2);
}

/* There is nothing but what is settled. */
static void pt_dirty_run_record(struct pt_dirty *dirty,
				const struct pt_dirty_run *run)
{
	struct iommu_dirty_bitmap *bitmap = dirty->bitmap;
	dma_addr_t first, end;

	if (!bitmap->record_bits ||
	    pt_feature(dirty->walk.pts.common, PT_FEAT_FLUSH_RANGE_NO_GAPS)) {
		pt_dirty_run_settled(dirty, run);
		return;
	}
	pt_dirty_flush(dirty);
	if (dirty->clear) {
		pt_dirty_run_span(run, &first, &end);
		pt_gather_add(dirty->domain, bitmap->gather, first, end,
			      oa_lg2_mul(1, run->item_lg2));
	}
	bitmap->record_bits(bitmap->arg, run->start, run->item_lg2,
			    run->settled, run->count);
}

/*
 * One by one, in order.
 *
 * Return: the last address dealt with.
 */
static dma_addr_t pt_dirty_run_mixed(struct pt_dirty *dirty,
				     const struct pt_dirty_run *run)
{
	struct pt_walk *walk = &dirty->walk;
	unsigned int item, next = 0;
	dma_addr_t end;

	for (item = 0; item < run->count; item = next) {
		uint64_t settled = run->settled[item / 64] >> item % 64;
		uint64_t both = settled | run->others[item / 64] >> item % 64;

		next = item + 1;
		if (!both) {
			next = (item | 63) + 1;
			continue;
		}
		walk->va = run->start + va_lg2_mul(item, run->item_lg2);
		if (settled & 1) {
			pt_dirty_pages(dirty, walk->va,
				       va_lg2_fill(walk->va, run->item_lg2),
				       run->item_lg2);
			continue;
		}
		if (!(both & 1) || pt_walk_load(walk) != PT_ENTRY_LEAF)
			continue;
		end = pt_dirty_entry(dirty);
		if (end >= run->done)
			return end;
		next = (unsigned int)va_lg2_div(end - run->start,
						run->item_lg2) +
		       1;
	}
	return run->done;
}

/* What has been @found in items of the walk's table. Return: the last address dealt with. */
static dma_addr_t pt_dirty_run_found(struct pt_dirty *dirty,
				     const struct pt_dirty_run *run,
				     enum pt_run_found found)
{
	if (found == PT_RUN_OTHERS)
		return pt_dirty_run_mixed(dirty, run);
	if (found == PT_RUN_SETTLED)
		pt_dirty_run_record(dirty, run);
	return run->done;
}

/*
 * Items of a level 0 table, from the walk's address on.
 *
 * Return: the last address dealt with.
 */
static dma_addr_t pt_dirty_items_at(struct pt_dirty *dirty)
{
	uint64_t settled[PT_RUN_DIRTY_MAX / 64], others[PT_RUN_DIRTY_MAX / 64];
	struct pt_dirty_run run = { .settled = settled, .others = others };

	pt_dirty_run_at(&dirty->walk, &run);
	return pt_dirty_run_found(dirty, &run, pt_dirty_run_read(dirty, &run));
}

/* ---- Whole tables ------------------------------------------------- */

/* So many runs are read and recorded together. */
#define PT_DIRTY_RUNS 8U

/**
 * struct pt_dirty_batch - whole tables, or parts of large ones, in runs
 * @run: the first item of each
 * @nr: how many there are
 * @count: items of each, a multiple of 64
 * @start: first address that they translate
 * @settled: see struct pt_dirty_run
 * @others: see struct pt_dirty_run
 */
struct pt_dirty_batch {
	pt_item_t *run[PT_DIRTY_RUNS];
	unsigned int nr;
	unsigned int count;
	dma_addr_t start;
	uint64_t settled[PT_DIRTY_RUNS * PT_RUN_DIRTY_MAX / 64];
	uint64_t others[PT_DIRTY_RUNS * PT_RUN_DIRTY_MAX / 64];
};

/* Runs from number @first on, @nr of them. */
static struct pt_dirty_run pt_dirty_batch_part(const struct pt_common *common,
					       struct pt_dirty_batch *batch,
					       unsigned int first,
					       unsigned int nr)
{
	struct pt_state pts = { .common = (struct pt_common *)common };
	unsigned int item_lg2 = pt_table_item_lg2sz(&pts);
	unsigned int before = first * batch->count;
	dma_addr_t start = batch->start + va_lg2_mul(before, item_lg2);

	return (struct pt_dirty_run){
		.start = start,
		.done = start + (va_lg2_mul(nr * batch->count, item_lg2) - 1),
		.item = batch->run[first],
		.count = nr * batch->count,
		.item_lg2 = item_lg2,
		.settled = batch->settled + before / 64,
		.others = batch->others + before / 64,
	};
}

/* Some are not settled: run by run. */
static void pt_dirty_batch_mixed(struct pt_dirty *dirty,
				 struct pt_dirty_batch *batch)
{
	struct pt_walk *walk = &dirty->walk;
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
		struct pt_dirty_run run =
			pt_dirty_batch_part(walk->pts.common, batch, i, 1);
		struct pt_state pts = { .common = walk->pts.common };

		pt_walk_enter(walk, run.item - pt_va_index(&pts, run.start));
		pt_dirty_run_found(dirty, &run,
				   pt_dirty_found_in(run.settled, run.others,
						     run.count / 64));
		pt_walk_up(walk);
	}
}

/* Look at all of them, and go on behind; what is @ahead will be looked at then. */
static void pt_dirty_batch_read(struct pt_dirty *dirty,
				struct pt_dirty_batch *batch,
				const pt_item_t *ahead)
{
	struct pt_common *common = dirty->walk.pts.common;
	const struct pt_state pts = { .common = common };
	struct pt_run_dirty how = pt_dirty_how(&pts);
	struct pt_dirty_run all;
	enum pt_run_found found;

	how.ahead = ahead;
	if (!dirty->clear)
		how.flip = 0;
	found = pt_run_dirty(common, batch->run, batch->nr, batch->count, &how,
			     batch->settled, batch->others);
	all = pt_dirty_batch_part(common, batch, 0, batch->nr);
	if (found == PT_RUN_SETTLED)
		pt_dirty_run_record(dirty, &all);
	else if (found == PT_RUN_OTHERS)
		pt_dirty_batch_mixed(dirty, batch);
	batch->start = all.done + 1;
	batch->nr = 0;
}

/* All items of @table join the batch; items behind @next will be looked at then. */
static void pt_dirty_table(struct pt_dirty *dirty, struct pt_dirty_batch *batch,
			   pt_item_t *table, const pt_item_t *next)
{
	const struct pt_state pts = { .common = dirty->walk.pts.common };
	unsigned int items = 1U << pt_num_items_lg2(&pts), i;

	for (i = 0; i < items; i += batch->count) {
		batch->run[batch->nr++] = table + i;
		if (batch->nr < PT_DIRTY_RUNS)
			continue;
		if (i + batch->count < items)
			pt_dirty_batch_read(dirty, batch,
					    table + i + batch->count);
		else
			pt_dirty_batch_read(dirty, batch, next);
	}
}

/* Is the table, to which the walk's item of level 1 points, whole in the range? */
static bool pt_dirty_whole(const struct pt_walk *walk)
{
	unsigned int span_lg2 = pt_table_item_lg2sz(&walk->pts);

	return walk->pts.level == 1 && !va_lg2_mod(walk->va, span_lg2) &&
	       va_lg2_fill(walk->va, span_lg2) <= walk->last;
}

/*
 * Tables of level 0, from that to which the walk's item points, one behind the other, as
 * long as they are whole in the range. No entry reaches out of its table.
 *
 * Return: the last address dealt with.
 */
static dma_addr_t pt_dirty_tables(struct pt_dirty *dirty)
{
	struct pt_walk *walk = &dirty->walk;
	struct pt_state pts = walk->pts, low = { .common = pts.common };
	unsigned int end = pt_walk_end_index(walk);
	unsigned int span_lg2 = pt_table_item_lg2sz(&pts);
	unsigned int items = 1U << pt_num_items_lg2(&low);
	pt_item_t *table = pt_table_ptr(&pts), *next;
	struct pt_dirty_batch batch;

	batch.start = walk->va;
	batch.count = items < PT_RUN_DIRTY_MAX ? items : PT_RUN_DIRTY_MAX;
	batch.nr = 0;
	if (va_lg2_fill(walk->va + va_lg2_mul(end - pts.index, span_lg2),
			span_lg2) > walk->last)
		end--;
	for (; table; table = next) {
		next = NULL;
		if (pts.index < end) {
			pts.index++;
			if (pt_load_entry_raw(&pts) == PT_ENTRY_TABLE)
				next = pt_table_ptr(&pts);
		}
		pt_dirty_table(dirty, &batch, table, next);
	}
	if (batch.nr)
		pt_dirty_batch_read(dirty, &batch, NULL);
	return batch.start - 1;
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
		if (type == PT_ENTRY_TABLE && !pt_dirty_whole(walk)) {
			pt_walk_down(walk);
			continue;
		}
		if (type == PT_ENTRY_TABLE)
			done = pt_dirty_tables(dirty);
		else if (!pts->level)
			done = pt_dirty_items_at(dirty);
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
