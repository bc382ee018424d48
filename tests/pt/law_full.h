/* SPDX-License-Identifier: MIT */
/**
 * DOC: Laws about full tables, and about tables that are filled before they are seen
 */
#ifndef TESTS_PT_LAW_FULL_H
#define TESTS_PT_LAW_FULL_H

#include "laws.h"

/**
 * struct law_full - a full table of the level 0, made of smallest pages
 * @va: the first address
 * @bytes: what it translates
 * @above: where the item stands that points at it
 */
struct law_full {
	dma_addr_t va;
	dma_addr_t bytes;
	struct pt_state above;
};

/* The state at level 1, where the table for @va hangs. */
static struct pt_state law_above(struct law *law, dma_addr_t va)
{
	struct pt_top top = pt_top_read(law_common(law));
	struct pt_state pts = { .common = law_common(law),
				.table = top.table,
				.level = top.level };

	while (true) {
		pts.index = pt_va_index(&pts, law_base(law) + va);
		assert_int_equal(pt_load_entry_raw(&pts), PT_ENTRY_TABLE);
		if (pts.level == 1)
			return pts;
		pts.table = pt_table_ptr(&pts);
		pts.level--;
	}
}

static bool law_marked(const struct law_full *full)
{
	struct pt_state pts = full->above;

	assert_int_equal(pt_load_entry_raw(&pts), PT_ENTRY_TABLE);
	return pt_is_full(&pts);
}

/* Can there be one, with a table before and one behind it? */
static bool law_can_be_full(struct law *law)
{
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));

	return pt_full_bit(pts.common) && span &&
	       pt_top_read(pts.common).level && law_last(law) / span >= 3;
}

/* One map makes it. */
static struct law_full law_make_full(struct law *law)
{
	struct pt_state pts = { .common = law_common(law) };
	struct law_full full = {
		.bytes = va_lg2_mul(1, pt_table_span_lg2(&pts)),
	};

	full.va = full.bytes;
	/* OAs are not congruent: the smallest pages. */
	assert_int_equal(
		law_map(law, full.va, full.va + law_page(law), full.bytes), 0);
	full.above = law_above(law, full.va);
	return full;
}

/* Whoever unmaps all of a full table does not look into it. */
static void law_full_unseen(void **state)
{
	struct law *law = *state;
	struct law_full full;
	pt_item_t *table;

	if (!law_can_be_full(law))
		return;
	full = law_make_full(law);
	assert_true(law_marked(&full));
	table = pt_table_ptr(&full.above);
	table[100] = 0; /* nobody else would */
	assert_int_equal(law_unmap(law, full.va, full.bytes), full.bytes);
	assert_int_equal(full.above.table[full.above.index], 0);
	assert_int_equal(law_entries(law), 0);
	/* The same in a larger range, which begins and ends in others */
	full.va -= law_page(law);
	full.bytes += 2 * law_page(law);
	assert_int_equal(
		law_map(law, full.va, full.va + law_page(law), full.bytes), 0);
	full.above = law_above(law, full.va + law_page(law));
	assert_true(law_marked(&full));
	table = pt_table_ptr(&full.above);
	table[100] = 0;
	assert_int_equal(law_unmap(law, full.va, full.bytes), full.bytes);
	assert_int_equal(law_entries(law), 0);
	law_account(law);
}

/* Tables that more than one map has made are not marked, and whole tables are. */
static void law_full_marks(void **state)
{
	struct law *law = *state;
	struct law_full full;
	dma_addr_t page = law_page(law);

	if (!law_can_be_full(law))
		return;
	full = law_make_full(law);
	assert_true(law_marked(&full));
	/* The first page goes, and comes back. */
	assert_int_equal(law_unmap(law, full.va, page), page);
	assert_false(law_marked(&full));
	assert_int_equal(law_map(law, full.va, full.va + page, page), 0);
	assert_false(law_marked(&full));
	/* All of it, in a table that has been there before */
	assert_int_equal(law_unmap(law, full.va, full.bytes - page),
			 full.bytes - page);
	assert_int_equal(law_unmap(law, full.va + full.bytes - page, page),
			 page);
	assert_int_equal(law_map(law, full.va, full.va + page, full.bytes), 0);
	full.above = law_above(law, full.va);
	assert_true(law_marked(&full));
	/* A range that is not mapped as far as it goes. */
	assert_int_equal(law_unmap(law, full.va + page, 3 * full.bytes),
			 full.bytes - page);
	assert_false(law_marked(&full));
	assert_int_equal(law_unmap(law, full.va, page), page);
	assert_int_equal(law_entries(law), 0);
}

/* Of two full tables the second goes only in part. */
static void law_full_part(void **state)
{
	struct law *law = *state;
	struct law_full full;
	dma_addr_t page = law_page(law);
	dma_addr_t part;

	if (!law_can_be_full(law))
		return;
	full = law_make_full(law);
	part = full.bytes / 2;
	assert_int_equal(law_map(law, full.va + full.bytes, page, full.bytes),
			 0);
	assert_int_equal(law_unmap(law, full.va, full.bytes + part),
			 full.bytes + part);
	assert_int_equal(law_phys(law, full.va + full.bytes + part),
			 page + part);
	assert_int_equal(law_unmap(law, full.va + full.bytes + part, part),
			 part);
	law_account(law);
}

/*
 * One call makes several, around a table that is there already, and on both sides of
 * the end of the table above.
 */
static void law_full_several(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));
	dma_addr_t page = law_page(law);
	dma_addr_t bytes = 5 * span + 2 * page;
	dma_addr_t va = 2 * span, at;

	if (!law_can_be_full(law) || law_last(law) / span < 8)
		return;
	pts.level = 1;
	at = va_lg2_mul(1, pt_table_span_lg2(&pts));
	if (at && law_last(law) > at && law_last(law) - at >= 4 * span)
		va = at - 3 * span;
	assert_int_equal(law_map(law, va + span, 0, page), 0);
	assert_int_equal(law_unmap(law, va + span, page), page);
	assert_int_equal(law_map(law, va - page, 2 * page, bytes), 0);
	for (at = 0; at < bytes; at += page)
		assert_int_equal(law_phys(law, va - page + at), 2 * page + at);
	assert_int_equal(law_entries(law), bytes / page);
	for (at = 0; at < 5 * span; at += span) {
		pts = law_above(law, va + at);
		assert_int_equal(pt_load_entry_raw(&pts), PT_ENTRY_TABLE);
		assert_true(pt_is_full(&pts));
	}
	law_account(law);
	assert_int_equal(law_unmap(law, va - page, bytes), bytes);
	assert_int_equal(law->last_sync.pgsize, page);
	assert_int_equal(law_entries(law), 0);
	law_account(law);
}

/* Tables of @level of each size that they can have: the gather is told which. */
static void law_full_level(struct law *law, unsigned int level)
{
	struct pt_state pts = { .common = law_common(law), .level = level };
	dma_addr_t bytes = va_lg2_mul(1, pt_table_span_lg2(&pts));
	uint64_t sizes = pt_possible_sizes(&pts);

	sizes &= law_domain(law)->pgsize_bitmap;
	for (; sizes; sizes &= sizes - 1) {
		dma_addr_t size = sizes & -sizes;

		if (size == bytes ||
		    oa_lg2_div(2 * bytes + size - 1, pts.common->max_oasz_lg2))
			return;
		assert_int_equal(law_map(law, bytes, size, 2 * bytes), 0);
		assert_int_equal(law_entries(law), 2 * bytes / size);
		assert_int_equal(law_unmap(law, bytes, bytes), bytes);
		assert_int_equal(law->last_sync.pgsize, size);
		if (pt_feature(law_common(law), PT_FEAT_DETAILED_GATHER))
			assert_int_equal(law->last_sync.sizes, size);
		assert_int_equal(law_unmap(law, bytes, 2 * bytes), 0);
		assert_int_equal(law_unmap(law, 2 * bytes, bytes), bytes);
		assert_int_equal(law->last_sync.pgsize, size);
		law_account(law);
	}
}

static void law_full_sizes(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };

	for (; pts.level < pt_top_read(pts.common).level; pts.level++)
		if (va_lg2_div(law_last(law), pt_table_span_lg2(&pts)) >= 3)
			law_full_level(law, pts.level);
}

/* A leaf of a full table becomes a table. */
static void law_full_split(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law), .level = 1 };
	dma_addr_t page = va_lg2_mul(1, pt_table_item_lg2sz(&pts));
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));

	if (!law_can_be_full(law) || !span ||
	    pt_top_read(pts.common).level < 2 || law_last(law) / span < 2 ||
	    !(law_domain(law)->pgsize_bitmap & page) ||
	    !pt_live_table(pts.common))
		return;
	assert_int_equal(law_map(law, span, span + page, span), 0);
	assert_int_equal(law_cut(law, span + page + law_page(law)), 0);
	assert_true(law_entries(law) > span / page);
	assert_int_equal(law_unmap(law, span, span), span);
	assert_int_equal(law_entries(law), 0);
	law_account(law);
}

/* Leaves of a full table are merged. */
static void law_full_merge(void **state)
{
	struct law *law = *state;
	struct iommu_domain *domain = law_domain(law);
	uint64_t sizes = domain->pgsize_bitmap;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t bytes = va_lg2_mul(1, pt_table_span_lg2(&pts));
	struct iommu_iotlb_gather gather;
	int ret;

	if (!law_can_be_full(law))
		return;
	domain->pgsize_bitmap = law_page(law);
	assert_int_equal(law_map(law, bytes, 0, bytes), 0);
	domain->pgsize_bitmap = sizes;
	iommu_iotlb_gather_init(&gather);
	ret = PT_FN(grow_pages)(domain, law_base(law) + bytes, bytes / 2,
				&gather);
	assert_true(!ret || ret == -EOPNOTSUPP);
	assert_true(law_entries(law) <= bytes / law_page(law));
	assert_int_equal(law_unmap(law, bytes, bytes), bytes);
	law_account(law);
}

/* Nobody hears of pages of a full table by a list that is too short for them. */
static void law_full_list(void **state)
{
	struct law *law = *state;
	struct iommu_run run[2];
	struct iommu_run_list list = { .run = run, .max = 1 };
	struct iommu_iotlb_gather gather;
	struct law_full full;
	dma_addr_t page = law_page(law);

	if (!law_can_be_full(law))
		return;
	full = law_make_full(law);
	/* Two runs of OAs: the second does not fit. */
	assert_int_equal(law_map(law, full.va + full.bytes, 0, page), 0);
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(PT_FN(unmap_list)(law_domain(law),
					   law_base(law) + full.va,
					   full.bytes + page, &gather, &list),
			 full.bytes);
	assert_int_equal(list.nr, 1);
	assert_int_equal(run[0].oa, full.va + page);
	assert_int_equal(run[0].len, full.bytes);
	iommu_pages_list_put(&gather.freelist);
	assert_int_equal(law_entries(law), 1);
	assert_int_equal(law_unmap(law, full.va + full.bytes, page), page);
	law_account(law);
}

/* ---- Memory that is not zero -------------------------------------- */

/**
 * struct law_poison - a runtime that gives and takes no more than it must
 * @runtime: as the table sees it
 * @law: the table
 * @filled: calls of alloc_filled
 * @many: calls of alloc_many
 * @most: tables that one of them gives
 * @calls: of alloc_many that give any
 * @far: entries cannot point at the table of this number that each gives; 0 = they can
 * @zero: calls of free_zero
 */
struct law_poison {
	struct pt_runtime runtime;
	struct law *law;
	unsigned int filled;
	unsigned int many;
	size_t most;
	unsigned int calls;
	size_t far;
	unsigned int zero;
};

static const struct pt_runtime *law_poison_arena(const struct pt_runtime *rt)
{
	const struct law_poison *poison = rt->arg;

	return port_arena_runtime(poison->law->arena);
}

static void *law_poison_alloc(const struct pt_runtime *rt,
			      unsigned int size_lg2, gfp_t gfp)
{
	const struct pt_runtime *arena = law_poison_arena(rt);

	return arena->alloc(arena, size_lg2, gfp);
}

static void *law_poison_alloc_filled(const struct pt_runtime *rt,
				     unsigned int size_lg2, gfp_t gfp,
				     size_t from, size_t end)
{
	struct law_poison *poison = rt->arg;
	char *table = law_poison_alloc(rt, size_lg2, gfp);

	poison->filled++;
	assert_true(from < end && end <= (size_t)1 << size_lg2);
	if (table)
		memset(table + from, 0xa7, end - from);
	return table;
}

/* A table that entries cannot point at, if there is such an address. */
static void *law_poison_far(const struct law_poison *poison)
{
	struct pt_common *common = law_common(poison->law);

	return (void *)(uintptr_t)(oa_lg2_mul(1, pt_max_table_lg2(common)) -
				   common->pa_offset);
}

static size_t law_poison_alloc_many(const struct pt_runtime *rt,
				    unsigned int size_lg2, gfp_t gfp,
				    void **tables, size_t nr)
{
	struct law_poison *poison = rt->arg;
	size_t got = 0;

	assert_true(nr);
	if (poison->many++ >= poison->calls)
		return 0;
	for (; got < nr && got < poison->most; got++) {
		if (got + 1 == poison->far) {
			tables[got] = law_poison_far(poison);
			continue;
		}
		tables[got] = law_poison_alloc(rt, size_lg2, gfp);
		if (!tables[got])
			break;
		memset(tables[got], 0xa7, (size_t)1 << size_lg2);
	}
	return got;
}

static void law_poison_free(const struct pt_runtime *rt, void *table,
			    unsigned int size_lg2)
{
	const struct pt_runtime *arena = law_poison_arena(rt);
	struct law_poison *poison = rt->arg;

	if (poison->far && table == law_poison_far(poison))
		return;
	memset(table, 0xa7, (size_t)1 << size_lg2);
	arena->free(arena, table, size_lg2);
}

static void law_poison_free_zero(const struct pt_runtime *rt, void *table,
				 unsigned int size_lg2)
{
	struct law_poison *poison = rt->arg;
	const char *bytes = table;
	size_t i;

	poison->zero++;
	for (i = 8; i < (size_t)1 << size_lg2; i++)
		assert_int_equal(bytes[i], 0);
	law_poison_free(rt, table, size_lg2);
}

static void law_poison(struct law *law, struct law_poison *poison)
{
	*poison = (struct law_poison){
		.runtime = *port_arena_runtime(law->arena),
		.law = law,
		.most = SIZE_MAX,
		.calls = ~0U,
	};
	poison->runtime.alloc = law_poison_alloc;
	poison->runtime.alloc_filled = law_poison_alloc_filled;
	poison->runtime.alloc_many = law_poison_alloc_many;
	poison->runtime.free = law_poison_free;
	poison->runtime.free_zero = law_poison_free_zero;
	poison->runtime.arg = poison;
	law_common(law)->runtime = &poison->runtime;
}

/* What is said to be filled is, and what is said to be zero is. */
static void law_poisoned(void **state)
{
	static struct law_poison poison; /* outlives a test that fails */
	struct law *law = *state;
	dma_addr_t page = law_page(law);

	law_poison(law, &poison);
	law_random_steps(law, LAW_MIN_STEPS);
	assert_int_equal(law_map(law, 0, 0, page), 0);
	assert_int_equal(law_unmap(law, 0, law_last(law)), page);
	if (pt_top_read(law_common(law)).level) {
		assert_true(poison.filled);
		assert_true(poison.zero);
	}
	law_common(law)->runtime = law->cfg.common.runtime;
}

/*
 * Map five tables, the third of which is there already, with a runtime that gives @most
 * at once, and @calls times; entries cannot point at table number @far of these.
 */
static void law_stock_map(struct law *law, size_t most, unsigned int calls,
			  size_t far)
{
	static struct law_poison poison; /* outlives a test that fails */
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));
	dma_addr_t page = law_page(law), at;
	size_t mapped = 0;
	int ret;

	PT_FN(deinit)(&law->table);
	law_init(law);
	assert_int_equal(law_map(law, 3 * span, 0, page), 0);
	assert_int_equal(law_unmap(law, 3 * span, page), page);
	law_poison(law, &poison);
	poison.most = most;
	poison.calls = calls;
	poison.far = far;
	ret = PT_FN(map_range)(law_domain(law), law_base(law) + span,
			       span + page, 5 * span, LAW_RW, GFP_KERNEL,
			       &mapped);
	if (calls && far == 1)
		assert_int_equal(ret, -EOVERFLOW);
	else
		assert_int_equal(ret, poison.many > calls ? -ENOMEM : 0);
	assert_true((!calls || far == 1) == !mapped);
	assert_int_equal(mapped, ret ? mapped / span * span : 5 * span);
	/* Two are before the third, and two behind. */
	assert_true(calls < 4 || far == 1 || !ret);
	law_account(law);
	for (at = 0; at < mapped; at += page)
		assert_int_equal(law_phys(law, span + at), span + page + at);
	assert_int_equal(law_phys(law, span + mapped), PHYS_ADDR_MAX);
	assert_int_equal(law_unmap(law, span, 5 * span), mapped);
	assert_int_equal(law_entries(law), 0);
	law_account(law);
	law_common(law)->runtime = law->cfg.common.runtime;
}

/* Several tables are taken at once, and those that are not needed go back. */
static void law_stock(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));
	unsigned int calls;
	size_t most;

	if (!span || !pt_top_read(pts.common).level || law_last(law) / span < 8)
		return;
	for (most = 1; most <= 6; most++)
		for (calls = 0; calls <= 4; calls++)
			law_stock_map(law, most, calls, 0);
	if (pt_max_table_lg2(pts.common) >= 8 * sizeof(uintptr_t))
		return;
	for (most = 1; most <= 6; most++)
		law_stock_map(law, 6, 4, most);
}

#endif
