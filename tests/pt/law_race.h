/* SPDX-License-Identifier: MIT */
/**
 * DOC: Races, made to happen
 *
 * Whoever adds a table allocates it first, and somebody else may be faster. The
 * runtime of these laws is that somebody: it maps something nearby in the middle
 * of an allocation.
 */
#ifndef TESTS_PT_LAW_RACE_H
#define TESTS_PT_LAW_RACE_H

#include "laws.h"

/**
 * struct law_racer - a runtime that maps a page while it allocates
 * @runtime: as the table sees it
 * @law: the table
 * @in: allocations until it does; 0 = never (again)
 * @va: the page; goes to the OA of one page
 */
struct law_racer {
	struct pt_runtime runtime;
	struct law *law;
	unsigned int in;
	dma_addr_t va;
};

static void *law_racer_alloc(const struct pt_runtime *rt, unsigned int size_lg2,
			     gfp_t gfp)
{
	struct law_racer *racer = rt->arg;
	const struct pt_runtime *arena = port_arena_runtime(racer->law->arena);

	if (racer->in && !--racer->in)
		assert_int_equal(law_map(racer->law, racer->va,
					 law_page(racer->law),
					 law_page(racer->law)),
				 0);
	return arena->alloc(arena, size_lg2, gfp);
}

static void law_racer_free(const struct pt_runtime *rt, void *table,
			   unsigned int size_lg2)
{
	struct law_racer *racer = rt->arg;
	const struct pt_runtime *arena = port_arena_runtime(racer->law->arena);

	arena->free(arena, table, size_lg2);
}

/* Have all allocations made by @alloc. */
static void law_racer_take(struct law_racer *racer,
			   void *(*alloc)(const struct pt_runtime *rt,
					  unsigned int size_lg2, gfp_t gfp))
{
	racer->runtime.alloc = alloc;
	racer->runtime.alloc_filled = NULL;
	racer->runtime.alloc_many = NULL;
	racer->runtime.free = law_racer_free;
	racer->runtime.free_zero = NULL;
	racer->runtime.arg = racer;
}

/*
 * Map @va in a new table while @other is mapped in the @nth allocation. The result
 * is what one after the other makes.
 */
static void law_race(struct law *law, dma_addr_t va, dma_addr_t other,
		     unsigned int nth)
{
	static struct law_racer racer; /* outlives a test that fails */
	dma_addr_t page = law_page(law);
	uint64_t tables;

	racer = (struct law_racer){
		.runtime = *port_arena_runtime(law->arena),
		.law = law,
		.va = other,
	};
	PT_FN(deinit)(&law->table);
	law_init(law);
	assert_int_equal(law_map(law, other, page, page), 0);
	assert_int_equal(law_map(law, va, 0, page), 0);
	tables = port_arena_tables(law->arena);

	PT_FN(deinit)(&law->table);
	law_init(law);
	law->tops = 0;
	law_racer_take(&racer, law_racer_alloc);
	racer.in = nth;
	law_common(law)->runtime = &racer.runtime;
	assert_int_equal(law_map(law, va, 0, page), 0);
	assert_int_equal(racer.in, 0);
	assert_int_equal(law_phys(law, va), 0);
	assert_int_equal(law_phys(law, other), page);
	assert_int_equal(law_entries(law), 2);
	assert_int_equal(port_arena_tables(law->arena), tables);
	law_account(law);
	law_common(law)->runtime = port_arena_runtime(law->arena);
}

/* Both need the same tables: one installs them, the other uses them. */
static void law_race_tables(void **state)
{
	struct law *law = *state;
	unsigned int top = pt_top_read(law_common(law)).level;
	dma_addr_t page = law_page(law);
	unsigned int nth;

	for (nth = 1; nth <= top; nth++)
		law_race(law, 4 * page, 9 * page, nth);
}

/* The same, where the lowest table is all that is missing. */
static void law_race_leaves(void **state)
{
	static struct law_racer racer; /* outlives a test that fails */
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));
	dma_addr_t page = law_page(law);

	if (!pt_top_read(pts.common).level || law_last(law) / span < 2)
		return;
	racer = (struct law_racer){
		.runtime = *port_arena_runtime(law->arena),
		.law = law,
		.in = 1,
		.va = 9 * page,
	};
	assert_int_equal(law_map(law, span, 0, page), 0);
	law_racer_take(&racer, law_racer_alloc);
	law_common(law)->runtime = &racer.runtime;
	assert_int_equal(law_map(law, 4 * page, 0, 2 * page), 0);
	assert_int_equal(racer.in, 0);
	assert_int_equal(law_phys(law, 4 * page), 0);
	assert_int_equal(law_phys(law, 5 * page), page);
	assert_int_equal(law_phys(law, 9 * page), page);
	law_account(law);
	assert_int_equal(law_unmap(law, 4 * page, 2 * page), 2 * page);
	assert_int_equal(law_unmap(law, 9 * page, page), page);
	assert_int_equal(law_entries(law), 1);
	law_common(law)->runtime = port_arena_runtime(law->arena);
}

/* Both need the same higher top, or one a higher one than the other. */
static void law_race_growth(void **state)
{
#ifdef pt_test_cfg_level
	struct law *law = *state;
	struct pt_common *common = law_common(law);
	unsigned int from = law->cfg.pt_test_cfg_level;
	dma_addr_t page = law_page(law);
	dma_addr_t next, last;

	if (!pt_feature(common, PT_FEAT_DYNAMIC_TOP))
		return;
	next = pt_top_last(common, from) + 1;
	if (!next) /* the word ends before the first top does */
		return;
	last = law_last(law) + 1 - page;
	law_race(law, next, next + page, 1);
	assert_int_equal(law->tops, 1);
	law_race(law, next, last, 1);
	assert_int_equal(law->tops, 1);
	law_race(law, last, next, 1);
	/* Two steps, unless the first reaches already as far. */
	assert_int_equal(law->tops, 1 + (last > pt_top_last(common, from + 1)));
#endif
}

#ifdef pt_item_is_dirty
/* ---- Hardware writes while pages change size ---------------------- */

/* Hardware writes to the first page while tables for its entry are made. */
static void *law_writer_alloc(const struct pt_runtime *rt,
			      unsigned int size_lg2, gfp_t gfp)
{
	struct law_racer *racer = rt->arg;
	const struct pt_runtime *arena = port_arena_runtime(racer->law->arena);

	if (racer->in && !--racer->in)
		assert_int_equal(law_set_dirty(racer->law, racer->va), 0);
	return arena->alloc(arena, size_lg2, gfp);
}

/* Nothing of it is lost: all parts of the entry are dirty. */
static void law_race_split(void **state)
{
	static struct law_racer racer; /* outlives a test that fails */
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t bytes = va_lg2_mul(1, pt_table_span_lg2(&pts));
	dma_addr_t page = law_page(law);
	struct law_records rec;

	if (!pt_can_track_dirty(pts.common) || !pt_live_table(pts.common) ||
	    !(law_domain(law)->pgsize_bitmap & bytes) ||
	    2 * bytes - 1 > law_last(law))
		return;
	law_map_clean(law, bytes, bytes, bytes);
	racer = (struct law_racer){
		.runtime = *port_arena_runtime(law->arena),
		.law = law,
		.in = 1,
		.va = bytes,
	};
	law_racer_take(&racer, law_writer_alloc);
	law_common(law)->runtime = &racer.runtime;
	assert_int_equal(law_cut(law, bytes + page), 0);
	assert_int_equal(racer.in, 0);
	law_common(law)->runtime = port_arena_runtime(law->arena);
	law_read_dirty(law, bytes, bytes, 0, &rec);
	assert_int_equal(rec.nr, 1);
	assert_int_equal(rec.len[0], bytes);
}

static void law_race_note(void *arg, struct pt_state *pts, dma_addr_t va)
{
	*(struct pt_state *)arg = *pts;
}

/* Hardware notes a write in a table that has given way to a leaf. */
static void law_race_merge(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t bytes = va_lg2_mul(1, pt_table_span_lg2(&pts));
	struct law_records rec;

	if (!pt_can_track_dirty(pts.common) || !pt_live_table(pts.common) ||
	    !(law_domain(law)->pgsize_bitmap & bytes) ||
	    2 * bytes - 1 > law_last(law))
		return;
	law_map_clean(law, bytes, bytes, bytes);
	assert_int_equal(law_shrink(law, bytes, bytes, law_page(law)), 0);
	law_visit(law, law_race_note, &law->late);
	assert_int_equal(law_grow(law, bytes, bytes), 0);
	assert_null(law->late.table);
	assert_int_equal(law_entries(law), 1);
	law_read_dirty(law, bytes, bytes, 0, &rec);
	assert_int_equal(rec.nr, 1);
	assert_int_equal(rec.len[0], bytes);
}
#endif

#endif
