/* SPDX-License-Identifier: MIT */
/**
 * DOC: Laws about lists and replacement: what is refused, and where memory ends
 *
 * What they do right is in the random steps.
 */
#ifndef TESTS_PT_LAW_LIST_H
#define TESTS_PT_LAW_LIST_H

#include "law_steps.h"

static int law_map_list(struct law *law, dma_addr_t va,
			const struct iommu_run *run, size_t nr, size_t *mapped)
{
	return PT_FN(map_list)(law_domain(law), law_base(law) + va, run, nr,
			       LAW_RW, GFP_KERNEL, mapped);
}

static int law_replace(struct law *law, dma_addr_t va,
		       const struct iommu_run *run, size_t nr, size_t *replaced)
{
	struct iommu_iotlb_gather gather;
	int ret;

	iommu_iotlb_gather_init(&gather);
	ret = PT_FN(replace_list)(law_domain(law), law_base(law) + va, run, nr,
				  GFP_KERNEL, &gather, replaced);
	law_live_sync(law, &gather);
	return ret;
}

/* The same list is refused by both. */
static void law_list_wrong(struct law *law, dma_addr_t va,
			   const struct iommu_run *run, size_t nr, int error)
{
	size_t done = 0;

	assert_int_equal(law_map_list(law, va, run, nr, &done), error);
	assert_int_equal(law_replace(law, va, run, nr, &done), error);
	assert_int_equal(done, 0);
}

static void law_list_refuses(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	struct iommu_run run[2] = { { 0, page }, { 5 * page, page } };
	size_t done = 0;

	law_list_wrong(law, 0, run, 0, -EINVAL);
	law_list_wrong(law, page / 2, run, 2, -EINVAL);
	law_list_wrong(law, 0 - page, run, 2,
		       law_base(law) ? -ERANGE : -EOVERFLOW);
	run[1].len = 0;
	law_list_wrong(law, 0, run, 2, -EINVAL);
	run[1].len = page / 2;
	law_list_wrong(law, 0, run, 2, -EINVAL);
	run[1].len = 0 - page;
	assert_true(law_map_list(law, 0, run, 2, &done) < 0);
	run[1] = (struct iommu_run){ page / 2, page };
	law_list_wrong(law, 0, run, 2, -EINVAL);
	run[1] = (struct iommu_run){ law_last_oa(law) + 1, page };
	law_list_wrong(law, 0, run, 2, -ERANGE);
	run[1] = (struct iommu_run){ 5 * page, page };

	/* Nothing is mapped, or not all of it; a page in the way */
	assert_int_equal(law_replace(law, 0, run, 2, &done), -ENOENT);
	assert_int_equal(law_set_prot(law, 0, page, LAW_RW), -ENOENT);
	assert_int_equal(law_map(law, page, 0, page), 0);
	assert_int_equal(law_map_list(law, 0, run, 2, &done), -EADDRINUSE);
	assert_int_equal(law_replace(law, 0, run, 2, &done), -ENOENT);
	assert_int_equal(law_replace(law, page, &run[0], 1, &done), 0);
	assert_int_equal(done, page);
	assert_int_equal(law_set_prot(law, page, 2 * page, LAW_RW), -ENOENT);
	assert_int_equal(law_set_prot(law, 0, 0, LAW_RW), -EINVAL);
	assert_int_equal(law_set_prot(law, 0 - page, 2 * page, LAW_RW),
			 law_base(law) ? -ERANGE : -EOVERFLOW);
	assert_int_equal(law_phys(law, page), 0);
	assert_int_equal(law_entries(law), 1);
}

/* Only whole entries get other OAs or permissions. */
static void law_list_partial(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	size_t done = 0;

	for (sizes &= sizes - 1; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);
		struct iommu_run run = { 0, page };

		if (2 * bytes - 1 > law_last(law) ||
		    2 * bytes - 1 > law_last_oa(law))
			break;
		assert_int_equal(law_map(law, bytes, bytes, bytes), 0);
		assert_int_equal(law_replace(law, bytes + page, &run, 1, &done),
				 -EINVAL);
		assert_true(law_replace(law, bytes, &run, 1, &done) < 0);
		assert_int_equal(law_set_prot(law, bytes, page, LAW_RW),
				 -EINVAL);
		assert_int_equal(law_set_prot(law, bytes + page, page, LAW_RW),
				 -EINVAL);
		assert_int_equal(done, 0);
		assert_int_equal(law_phys(law, bytes), bytes);
		assert_int_equal(law_unmap(law, bytes, bytes), bytes);
	}
}

/* A list over several tables, with each allocation failing. */
static void law_fail_list(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	struct iommu_run run[3] = { { page, 700 * page },
				    { 3 * page, page },
				    { 9 * page, 1700 * page } };
	dma_addr_t len = 2401 * page;
	unsigned int n;
	int ret = -1;

	if (page * 3000 > law_last(law) || page * 3000 > law_last_oa(law))
		return;
	for (n = 1; ret; n++) {
		size_t mapped = 0;

		PT_FN(deinit)(&law->table);
		law_init(law);
		port_arena_fail_nth(law->arena, n);
		ret = law_map_list(law, 0, run, 3, &mapped);
		port_arena_fail_nth(law->arena, 0);
		assert_true(ret == 0 || ret == -ENOMEM);
		assert_true(ret ? mapped < len : mapped == len);
		if (mapped)
			assert_int_equal(law_phys(law, 0), page);
		assert_int_equal(law_phys(law, mapped), PHYS_ADDR_MAX);
		assert_int_equal(law_unmap(law, 0, len), mapped);
		assert_int_equal(law_entries(law), 0);
	}
}

/* New OAs that need smaller pages, with each allocation failing. */
static void law_fail_replace(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;

	for (sizes &= sizes - 1; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);
		struct iommu_run run = { page, 2 * bytes };
		unsigned int n;
		int ret = -ENOMEM;

		if (bytes / page > 1024 || 4 * bytes - 1 > law_last(law) ||
		    4 * bytes - 1 > law_last_oa(law))
			break;
		for (n = 1; ret == -ENOMEM; n++) {
			size_t done = 0;

			assert_int_equal(law_map(law, bytes, bytes, 2 * bytes),
					 0);
			port_arena_fail_nth(law->arena, n);
			ret = law_replace(law, bytes, &run, 1, &done);
			port_arena_fail_nth(law->arena, 0);
			assert_true(ret == 0 || ret == -ENOMEM ||
				    ret == -EOPNOTSUPP);
			assert_int_equal(!ret, done == 2 * bytes);
			if (done)
				assert_int_equal(law_phys(law,
							  bytes + done - 1),
						 page + done - 1);
			if (done < 2 * bytes)
				assert_int_equal(law_phys(law, bytes + done),
						 bytes + done);
			PT_FN(deinit)(&law->table);
			assert_int_equal(port_arena_tables(law->arena), 0);
			law_init(law);
		}
		assert_int_equal(ret,
				 pt_live_oa(law_common(law)) ? 0 : -EOPNOTSUPP);
	}
}

/* A hole stops unmap: what it has emptied goes, what was empty before stays. */
static void law_unmap_emptied(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t page = law_page(law);
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));
	uint64_t tables;

	if (!law_max_level(law) || 3 * span - 1 > law_last(law))
		return;
	assert_int_equal(law_map(law, 0, 0, page), 0);
	tables = port_arena_tables(law->arena);
	assert_int_equal(law_map(law, span, page, 9 * page), 0);
	assert_true(port_arena_tables(law->arena) > tables);
	assert_int_equal(law_unmap(law, span, span), 9 * page);
	assert_int_equal(law->last_sync.tables, BIT(1));
	assert_int_equal(port_arena_tables(law->arena), tables);
	/* Not covered, not freed; nothing removed, nothing freed */
	assert_int_equal(law_map(law, span, page, 9 * page), 0);
	assert_int_equal(law_unmap(law, span, 10 * page), 9 * page);
	assert_int_equal(port_arena_tables(law->arena), tables + 1);
	assert_int_equal(law_unmap(law, span, span), 0);
	assert_int_equal(port_arena_tables(law->arena), tables + 1);
}

#endif
