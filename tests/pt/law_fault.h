/* SPDX-License-Identifier: MIT */
/**
 * DOC: Every allocation made to fail, in turn
 */
#ifndef TESTS_PT_LAW_FAULT_H
#define TESTS_PT_LAW_FAULT_H

#include "laws.h"

static void law_fail_init(void **state)
{
	struct law *law = *state;
	struct PT_IOMMU_CFG cfg = law->cfg;

	port_arena_fail_nth(law->arena, 1);
	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), -ENOMEM);
	assert_int_equal(port_arena_fail_nth(law->arena, 0), 0);
	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), 0);
}

/*
 * A map over several tables with each of its allocations failing. What was mapped
 * is reported, translates, and can be unmapped; nothing else is there.
 */
static void law_fail_map(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law), .level = 1 };
	dma_addr_t page = law_page(law);
	dma_addr_t border = va_lg2_mul(1, pt_table_span_lg2(&pts));
	dma_addr_t va = 513 * page;
	dma_addr_t len = 2500 * page;
	phys_addr_t oa;
	unsigned int n;
	int ret = -1;

	if (border && border + len < law_last(law))
		va = border - 1000 * page;
	oa = va + page; /* not congruent: the smallest pages, many tables */
	for (n = 1; ret; n++) {
		size_t mapped = 10; /* is added to */

		PT_FN(deinit)(&law->table);
		law_init(law);
		port_arena_fail_nth(law->arena, n);
		ret = PT_FN(map_range)(law_domain(law), law_base(law) + va, oa,
				       len, LAW_RW, GFP_KERNEL, &mapped);
		mapped -= 10;
		port_arena_fail_nth(law->arena, 0);
		assert_true(ret == 0 || ret == -ENOMEM);
		assert_true(ret ? mapped < len : mapped == len);
		law_account(law);
		if (mapped) {
			assert_int_equal(law_phys(law, va), oa);
			assert_int_equal(law_phys(law, va + mapped - 1),
					 oa + mapped - 1);
		}
		assert_int_equal(law_phys(law, va + mapped), PHYS_ADDR_MAX);
		/* It can be repeated at once for what is missing. */
		if (n & 1 && ret) {
			assert_int_equal(law_map(law, va + mapped, oa + mapped,
						 len - mapped),
					 0);
			mapped = len;
		}
		assert_int_equal(law_unmap(law, va, len), mapped);
		assert_int_equal(law_entries(law), 0);
		law_account(law);
	}
	assert_true(n > law_max_level(law) + 1);
}

/* Growth by several levels is all or nothing. */
static void law_fail_growth(void **state)
{
#ifdef pt_test_cfg_level
	struct law *law = *state;
	struct pt_common *common = law_common(law);
	dma_addr_t page = law_page(law);
	dma_addr_t va = law_last(law) + 1 - page;
	unsigned int n, levels;

	if (!pt_feature(common, PT_FEAT_DYNAMIC_TOP))
		return;
	law->tops = 0;
	levels = 0;
	while (va > pt_top_last(common, law->cfg.pt_test_cfg_level + levels))
		levels++;
	if (!levels) /* the word ends before the first top does */
		return;
	for (n = 1; n <= levels; n++) {
		port_arena_fail_nth(law->arena, n);
		assert_int_equal(law_map(law, va, 0, page), -ENOMEM);
		assert_int_equal(port_arena_tables(law->arena), 1);
		assert_int_equal(pt_top_read(common).level,
				 law->cfg.pt_test_cfg_level);
		assert_int_equal(law->tops, 0);
		law_account(law);
	}
	assert_int_equal(law_map(law, va, 0, page), 0);
	assert_int_equal(law->tops, 1);
#endif
}

/* ---- Changes of live entries -------------------------------------- */

/* What is mapped translates as ever, and all of it can be unmapped. */
static void law_fail_check(struct law *law, dma_addr_t va, dma_addr_t bytes,
			   dma_addr_t at)
{
	assert_int_equal(law_phys(law, va), bytes);
	assert_int_equal(law_phys(law, at - 1), bytes + (at - va) - 1);
	assert_int_equal(law_phys(law, at), bytes + (at - va));
	assert_int_equal(law_phys(law, va + (bytes - 1)), 2 * bytes - 1);
}

/* Cut (@max = 0) or shrink a page with each allocation failing. */
static void law_fail_split(struct law *law, dma_addr_t va, dma_addr_t bytes,
			   uint64_t max)
{
	dma_addr_t at = va + law_page(law);
	uint64_t tables;
	unsigned int n;
	int ret = -ENOMEM;

	for (n = 1; ret == -ENOMEM; n++) {
		uint64_t left;

		assert_int_equal(law_map(law, va, bytes, bytes), 0);
		tables = port_arena_tables(law->arena);
		port_arena_fail_nth(law->arena, n);
		ret = max ? law_shrink(law, va, bytes, max) : law_cut(law, at);
		left = port_arena_fail_nth(law->arena, 0);
		assert_int_equal(!left, ret == -ENOMEM);
		if (ret)
			assert_true(max ||
				    port_arena_tables(law->arena) == tables);
		law_fail_check(law, va, bytes, at);
		/* A second attempt goes on where the first stopped. */
		if (ret == -ENOMEM && n & 1) {
			assert_int_equal(max ? law_shrink(law, va, bytes, max)
					     : law_cut(law, at),
					 0);
			law_fail_check(law, va, bytes, at);
			if (!max)
				assert_int_equal(law_unmap(law, va, 1),
						 law_page(law));
		}
		PT_FN(deinit)(&law->table);
		assert_int_equal(port_arena_tables(law->arena), 0);
		law_init(law);
	}
	assert_true(!ret || ret == -EOPNOTSUPP);
}

static void law_fail_live(void **state)
{
	struct law *law = *state;
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	dma_addr_t page = law_page(law);

	for (sizes &= sizes - 1; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);
		dma_addr_t va = 2 * bytes - 1 > law_last(law) ? 0 : bytes;

		if (2 * bytes - 1 > law_last_oa(law))
			break;
		law_fail_split(law, va, bytes, 0);
		if (bytes / page <= 8192)
			law_fail_split(law, va, bytes, page);
	}
}

#endif
