/* SPDX-License-Identifier: MIT */
/**
 * DOC: The laws that every format keeps
 *
 * Included at the end of a format's unit when it is compiled with PT_TEST, so that
 * the laws see the format's hooks. The algorithm is that of the library. Each law
 * is one test for each of the format's configurations.
 *
 *	law_account.h	the memory that a table says it takes
 *	law_bits.h	the hooks: radix, round trips, runs, software bits
 *	law_ops.h	init, map, unmap, growth, replacement of tables
 *	law_dirty.h	dirty tracking
 *	law_live.h	cut, shrink and grow
 *	law_steps.h	random steps beyond map and unmap
 *	law_random.h	random operations against a reference and a decoder
 *	law_list.h	lists: what is refused, and where memory ends
 *	law_flush.h	what is gathered, walkers that are not coherent
 *	law_full.h	full tables, tables that are filled before they are seen
 *	law_lookup.h	many lookups at once
 *	law_fault.h	every allocation made to fail
 *	law_race.h	races, made to happen
 *	law_threads.h	threads and hardware beside each other
 *	law_beside.h	dirty bits are read while hardware sets them
 */
#ifndef TESTS_PT_LAWS_H
#define TESTS_PT_LAWS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uiommu/iommu_gather.h>

#include "port/port.h"
#include "port/run.h"
#include "pt/iommu_pages.h"
#include "ref.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define LAW_RW        (IOMMU_READ | IOMMU_WRITE)
#define LAW_BASE_PA   (1ULL << 30) /* of the arena */

/**
 * struct law - one table under test, and the driver behind it
 * @table: the table
 * @cfg: how it was made
 * @arena: its memory
 * @lock: the driver's top lock
 * @syncs: calls of iotlb_sync
 * @last_sync: the last one's gather
 * @tops: calls of change_top
 * @hw_top_pa: what the last one said
 * @hw_top_level: what the last one said
 * @shadow: table memory as a walker sees it that is not coherent; NULL = as it is
 * @late: an item that hardware makes dirty in the next flush; no table = none
 * @watch: what has to be found there at any moment; NULL = nothing
 */
struct law {
	struct PT_IOMMU_TABLE table;
	struct PT_IOMMU_CFG cfg;
	struct port_arena *arena;
	struct port_lock lock;
	unsigned int syncs;
	struct iommu_iotlb_gather last_sync;
	unsigned int tops;
	phys_addr_t hw_top_pa;
	unsigned int hw_top_level;
	char *shadow;
	const struct ref_map *watch;
	struct pt_state late;
};

static const struct port_arena_config law_arena = {
	.base_pa = LAW_BASE_PA,
	.size = sizeof(size_t) == 8 ? 1ULL << 30 : 1ULL << 26,
};

static struct law *law_of(struct iommu_domain *domain)
{
	return pt_container_of(domain, struct law, table.iommu.domain);
}

static struct port_lock *law_get_top_lock(struct pt_iommu *iommu)
{
	return &law_of(&iommu->domain)->lock;
}

/* The hardware is told before the table says so, and with the lock held. */
static void law_change_top(struct pt_iommu *iommu, phys_addr_t top_pa,
			   unsigned int top_level)
{
	struct law *law = law_of(&iommu->domain);
	struct pt_top top = pt_top_read(&law->table.pt.common);

	assert_true(law->lock.word[0]);
	assert_true(top_level > top.level);
	law->tops++;
	law->hw_top_pa = top_pa;
	law->hw_top_level = top_level;
}

static const struct pt_iommu_driver_ops law_driver_ops = {
	.get_top_lock = law_get_top_lock,
	.change_top = law_change_top,
};

static struct pt_common *law_common(struct law *law)
{
	return &law->table.pt.common;
}

static struct iommu_domain *law_domain(struct law *law)
{
	return &law->table.iommu.domain;
}

/*
 * Where the table's addresses begin. Not 0 with PT_FEAT_UPPER_RANGE; the laws count
 * from here, so that they are the same for all tables.
 */
static dma_addr_t law_base(struct law *law)
{
	return law_domain(law)->geometry.aperture_start;
}

/* The last VA of the (lower) range. */
static dma_addr_t law_last(struct law *law)
{
	return law_domain(law)->geometry.aperture_end - law_base(law);
}

/* Can [@va, @va + @len) be mapped? */
static bool law_va_valid(struct law *law, dma_addr_t va, dma_addr_t len)
{
	dma_addr_t first = law_base(law) + va;
	dma_addr_t last = first + (len - 1);

	return last >= first && pt_va_valid(law_common(law), first, last);
}

/* Counted from where the table's addresses begin. */
static void law_rebase(struct law *law, struct iommu_iotlb_gather *gather)
{
	if (iommu_iotlb_gather_empty(gather))
		return;
	gather->start -= law_base(law);
	gather->last -= law_base(law);
}

/* Tables that wait for the flush are not freed before it. */
static void law_iotlb_sync(struct iommu_domain *domain,
			   struct iommu_iotlb_gather *gather)
{
	struct law *law = law_of(domain);
	size_t waiting[PT_MAX_LEVELS] = { 0 };
	unsigned int level;
	void *table;

	for (table = gather->freelist.head; table;
	     table = iommu_pages_link_next(table))
		waiting[iommu_pages_link_note(table) & PT_NOTE_LEVEL]++;
	for (level = 0; level < PT_MAX_LEVELS; level++)
		assert_true(waiting[level] <= law_common(law)->tables[level]);
#ifdef pt_item_is_dirty
	if (law->late.table) {
		pt_item_t *item = &law->late.table[law->late.index];

		*item = pt_item_dirtied(&law->late, *item);
		law->late.table = NULL;
	}
#endif
	law->syncs++;
	law->last_sync = *gather;
	law_rebase(law, &law->last_sync);
}

static const struct iommu_domain_ops law_domain_ops = {
	.map_range = PT_FN(map_range),
	.unmap_range = PT_FN(unmap_range),
	.iova_to_phys = PT_FN(iova_to_phys),
	.iotlb_sync = law_iotlb_sync,
};

static void law_init(struct law *law)
{
	law->table = (struct PT_IOMMU_TABLE){
		.iommu.domain.ops = &law_domain_ops,
		.iommu.driver_ops = &law_driver_ops,
	};
	assert_int_equal(PT_FN(init)(&law->table, &law->cfg, GFP_KERNEL), 0);
}

/* The smallest page in bytes. */
static dma_addr_t law_page(struct law *law)
{
	return (dma_addr_t)1 << PT_GRANULE_LG2SZ;
}

static phys_addr_t law_last_oa(struct law *law)
{
	return oa_lg2_mask(law_common(law)->max_oasz_lg2);
}

/* Map all of it or fail without a trace in *mapped. */
static int law_map(struct law *law, dma_addr_t va, phys_addr_t oa,
		   dma_addr_t len)
{
	size_t mapped = 0;
	int ret;

	ret = PT_FN(map_range)(law_domain(law), law_base(law) + va, oa, len,
			       LAW_RW, GFP_KERNEL, &mapped);
	assert_int_equal(mapped, ret ? 0 : len);
	return ret;
}

#include "law_account.h"

/* Unmap as a caller does: flush, then free. The gather covers what is gone. */
static size_t law_unmap(struct law *law, dma_addr_t va, dma_addr_t len)
{
	struct iommu_iotlb_gather gather;
	size_t bytes;

	iommu_iotlb_gather_init(&gather);
	bytes = PT_FN(unmap_range)(law_domain(law), law_base(law) + va, len,
				   &gather);
	assert_int_equal(iommu_iotlb_gather_empty(&gather), !bytes);
	if (bytes) {
		assert_int_equal(gather.start, law_base(law) + va);
		assert_int_equal(gather.last, law_base(law) + va + (bytes - 1));
	}
	law_account_waiting(law, &gather.freelist);
	law_iotlb_sync(law_domain(law), &gather);
	law->syncs--;
	iommu_pages_list_put(&gather.freelist);
	assert_null(gather.freelist.head);
	return bytes;
}

static phys_addr_t law_phys(struct law *law, dma_addr_t va)
{
	return PT_FN(iova_to_phys)(law_domain(law), law_base(law) + va);
}

/* What the mark of a table item says is true: leaves of one size, and no hole. */
static void law_check_full(const struct pt_state *table)
{
	unsigned int items = 1U << pt_num_items_lg2(table);
	struct pt_state pts = *table;
	unsigned int size_lg2;

	pts.index = 0;
	assert_int_equal(pt_load_entry_raw(&pts), PT_ENTRY_LEAF);
	size_lg2 = pt_entry_lg2sz(&pts);
	for (; pts.index < items; pts.index++) {
		assert_int_equal(pt_load_entry_raw(&pts), PT_ENTRY_LEAF);
		assert_int_equal(pt_entry_lg2sz(&pts), size_lg2);
	}
}

/*
 * The entries of the whole table in order, found with the hooks alone and without
 * the algorithm. @visit gets the first VA of each leaf entry.
 */
static void law_visit_table(struct law *law, struct pt_state pts, dma_addr_t va,
			    void (*visit)(void *arg, struct pt_state *pts,
					  dma_addr_t va),
			    void *arg)
{
	unsigned int items = 1U << pt_num_items_lg2(&pts);

	for (pts.index = 0; pts.index < items;) {
		dma_addr_t item_va = va + ((dma_addr_t)pts.index
					   << pt_table_item_lg2sz(&pts));
		struct pt_state child = pts;

		/* The upper half of a signed VA */
		if (pt_feature(pts.common, PT_FEAT_SIGN_EXTEND) &&
		    pts.level == pt_top_read(pts.common).level &&
		    pts.index >= items / 2)
			item_va |= ~va_lg2_mask(pt_table_span_lg2(&pts));
		switch (pt_load_entry_raw(&pts)) {
		case PT_ENTRY_TABLE:
			assert_true(pts.level > 0);
			child.entry = pts.entry;
			child.table = pt_table_ptr(&child);
			child.level--;
			if (pt_is_full(&pts))
				law_check_full(&child);
			law_visit_table(law, child, item_va, visit, arg);
			pts.index++;
			break;
		case PT_ENTRY_LEAF:
			visit(arg, &pts, item_va);
			pts.index += 1U << pt_entry_num_contig_lg2(&pts);
			break;
		case PT_ENTRY_EMPTY:
			assert_int_equal(pts.entry, 0);
			pts.index++;
			break;
		}
	}
}

static void law_visit(struct law *law,
		      void (*visit)(void *arg, struct pt_state *pts,
				    dma_addr_t va),
		      void *arg)
{
	struct pt_top top = pt_top_read(law_common(law));
	struct pt_state pts = { .common = law_common(law),
				.table = top.table,
				.level = top.level };

	law_visit_table(law, pts, 0, visit, arg);
}

/* An item after hardware has written through it. */
static pt_item_t law_dirtied(const struct pt_state *pts, pt_item_t item)
{
#ifdef pt_item_is_dirty
	return pt_item_dirtied(pts, item);
#else
	return item;
#endif
}

static bool law_is_dirty(const struct pt_state *pts, pt_item_t item)
{
#ifdef pt_item_is_dirty
	return pt_item_is_dirty(pts, item);
#else
	return false;
#endif
}

struct law_compare {
	const struct ref_map *ref;
	size_t next;
};

static void law_compare_entry(void *arg, struct pt_state *pts, dma_addr_t va)
{
	struct law_compare *cmp = arg;
	const struct ref_entry *want = &cmp->ref->entry[cmp->next];
	unsigned int items = 1U << pt_entry_num_contig_lg2(pts);
	struct pt_state copy = *pts;
	struct pt_attrs attrs, expect = { .bits = 0 };
	bool dirty = false;

	assert_true(cmp->next < cmp->ref->nr);
	assert_int_equal(va, want->va);
	assert_int_equal(pt_entry_lg2sz(pts), want->size_lg2);
	assert_int_equal(pt_entry_oa(pts), want->oa);
	assert_int_equal(pt_iommu_set_prot(pts->common, &expect, want->prot),
			 0);
	for (; items; items--, copy.index++) {
		assert_int_equal(pt_load_entry_raw(&copy), PT_ENTRY_LEAF);
		assert_int_equal(pt_entry_lg2sz(&copy), want->size_lg2);
		assert_int_equal(pt_entry_oa(&copy), want->oa);
		pt_attr_from_entry(&copy, &attrs);
		assert_int_equal(law_dirtied(&copy, attrs.bits),
				 law_dirtied(&copy, expect.bits));
		dirty |= law_is_dirty(&copy, copy.entry);
	}
	assert_int_equal(dirty, want->dirty);
	cmp->next++;
}

/* The table holds exactly the entries of @ref. */
static void law_compare(struct law *law, const struct ref_map *ref)
{
	struct law_compare cmp = { .ref = ref };

	law_visit(law, law_compare_entry, &cmp);
	assert_int_equal(cmp.next, ref->nr);
	law_account(law);
}

static void law_count_entry(void *arg, struct pt_state *pts, dma_addr_t va)
{
	++*(size_t *)arg;
}

/* How many entries there are. */
static size_t law_entries(struct law *law)
{
	size_t n = 0;

	law_visit(law, law_count_entry, &n);
	return n;
}

/* What a new mapping is like: dirty from the start in some formats. */
static bool law_born_dirty(struct law *law, unsigned int prot)
{
	struct pt_state pts = { .common = law_common(law) };
	struct pt_attrs attrs = { .bits = 0 };

	assert_int_equal(pt_iommu_set_prot(law_common(law), &attrs, prot), 0);
	return law_is_dirty(&pts, attrs.bits);
}

#include "law_bits.h"
#include "law_ops.h"
#ifdef pt_item_is_dirty
#include "law_dirty.h"
#endif
#include "law_live.h"
#include "law_random.h"
#include "law_list.h"
#include "law_flush.h"
#include "law_full.h"
#include "law_lookup.h"
#include "law_fault.h"
#include "law_race.h"
#include "law_threads.h"
#ifdef pt_item_is_dirty
#include "law_beside.h"
#endif

/* ---- The list of laws --------------------------------------------- */

/* What the machine's words are too narrow for is refused; try what is left. */
static void law_fit_word(struct law *law)
{
	struct pt_iommu_cfg *cfg = &law->cfg.common;
	unsigned int wide = (unsigned int)(BIT(PT_FEAT_SIGN_EXTEND) |
					   BIT(PT_FEAT_UPPER_RANGE));
	unsigned int width = va_width;
	int ret;

	if (width == 64)
		return;
	ret = law_init_with(law, &law->cfg, &law_driver_ops);
	if (!ret)
		return;
	assert_int_equal(ret, -EOVERFLOW);
	cfg->features &= ~wide;
	if (cfg->hw_max_vasz_lg2 > width)
		cfg->hw_max_vasz_lg2 = (uint8_t)width;
}

/* PT_TEST_RUN=scalar, or a variant of vector code; without, what is best here. */
static void law_choose_run(struct law *law)
{
	const char *name = getenv("PT_TEST_RUN");

	if (!name)
		return;
	if (!strcmp(name, "scalar")) {
		port_arena_set_run(law->arena, NULL);
		return;
	}
	assert_non_null(port_run_named(name));
	port_arena_set_run(law->arena, port_run_named(name));
}

static int law_setup(void **state)
{
	const struct PT_IOMMU_CFG *cfg = *state;
	struct law *law = calloc(1, sizeof(*law));

	assert_non_null(law);
	law->cfg = *cfg;
	assert_int_equal(port_arena_new(&law_arena, &law->arena), 0);
	law->cfg.common.runtime = port_arena_runtime(law->arena);
	law_choose_run(law);
	law_fit_word(law);
	law_init(law);
	*state = law;
	return 0;
}

static int law_teardown(void **state)
{
	struct law *law = *state;

	PT_FN(deinit)(&law->table);
	assert_int_equal(port_arena_tables(law->arena), 0);
	assert_int_equal(port_arena_bytes(law->arena), 0);
	law_account_gone(law);
	port_arena_free(law->arena);
	free(law);
	return 0;
}

#define LAW(name)                 \
	{                         \
#name, law_##name \
	}

static const struct {
	const char *name;
	CMUnitTestFunction func;
} laws[] = {
	LAW(radix),           LAW(table_round_trip), LAW(leaf_round_trip),
	LAW(leaf_runs),       LAW(attributes),       LAW(sw_bits),
	LAW(freed_tables),    LAW(page_sizes),       LAW(geometry),
	LAW(refuses),         LAW(refuses_warm),     LAW(init_refuses),
	LAW(runtime_refuses), LAW(lifetime),         LAW(every_size),
	LAW(best_size),       LAW(last_byte),        LAW(upper_half),
	LAW(half_boundary),   LAW(growth),           LAW(crossing),
	LAW(unmap_partial),   LAW(unmap_tables),     LAW(replace_tables),
	LAW(in_the_way),      LAW(hidden_sizes),     LAW(random),
	LAW(random_runs),     LAW(fail_init),        LAW(fail_map),
	LAW(fail_growth),     LAW(race_tables),      LAW(race_leaves),
	LAW(race_growth),     LAW(memory_waits),     LAW(cut_sizes),
	LAW(cut_nothing),     LAW(resize),           LAW(grow_range),
	LAW(grow_tables),     LAW(resize_refuses),   LAW(fail_live),
	LAW(gather_gaps),     LAW(gather_sizes),     LAW(incoherent),
	LAW(list_refuses),    LAW(list_partial),     LAW(list_flat),
	LAW(fail_list),       LAW(fail_replace),     LAW(unmap_emptied),
	LAW(full_unseen),     LAW(full_marks),       LAW(full_list),
	LAW(full_part),       LAW(full_several),     LAW(full_sizes),
	LAW(full_split),      LAW(full_merge),       LAW(lookup_plain),
	LAW(lookup_odd),      LAW(lookup_low),       LAW(lookup_full),
	LAW(lookup_mixed),    LAW(poisoned),         LAW(stock),
	LAW(threads),         LAW(threads_fail),
#ifdef pt_item_is_dirty
	LAW(race_split),      LAW(race_merge),       LAW(dirty_entry),
	LAW(dirty_copies),    LAW(dirty_range),      LAW(dirty_tables),
	LAW(dirty_partial),   LAW(dirty_cut),        LAW(dirty_refuses),
	LAW(dirty_prot),      LAW(threads_dirty),
#endif
};

static struct CMUnitTest law_test(size_t law, size_t cfg, char (*name)[64])
{
	snprintf(*name, sizeof(*name), "%s, configuration %zu", laws[law].name,
		 cfg);
	return (struct CMUnitTest){
		.name = *name,
		.test_func = laws[law].func,
		.setup_func = law_setup,
		.teardown_func = law_teardown,
		.initial_state = (void *)&pt_test_cfgs[cfg],
	};
}

/* An argument is the beginning of the names of the laws to look at. */
int main(int argc, char **argv)
{
	size_t nr_cfgs = ARRAY_SIZE(pt_test_cfgs);
	size_t most = nr_cfgs * ARRAY_SIZE(laws);
	struct CMUnitTest *test = calloc(most, sizeof(*test));
	char(*name)[64] = calloc(most, sizeof(*name));
	const char *which = argc > 1 ? argv[1] : "";
	size_t nr = 0;
	size_t i;
	int ret;

	if (!test || !name)
		return 1;
	for (i = 0; i < most; i++) {
		if (strncmp(laws[i / nr_cfgs].name, which, strlen(which)))
			continue;
		test[nr] = law_test(i / nr_cfgs, i % nr_cfgs, &name[nr]);
		nr++;
	}
	ret = _cmocka_run_group_tests(PT_STRING(PT_FMT), test, nr, NULL, NULL);
	free(test);
	free(name);
	return ret;
}

#endif
