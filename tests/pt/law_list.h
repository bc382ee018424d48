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

#ifdef pt_item_is_dirty
/* A page that was written and must not be any more is dirty, among others that are clean. */
static void law_dirty_prot(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law), i;
	struct law_records rec;

	if (!law_tracks_dirty(law))
		return;
	law_map_clean(law, 0, page, 128 * page); /* in single pages */
	for (i = 0; i < 128 * page; i += 5 * page) {
		assert_int_equal(law_set_dirty(law, i), 0);
		if (law_set_prot(law, i, page, IOMMU_READ))
			continue;
		law_read_dirty(law, 0, 128 * page, IOMMU_DIRTY_NO_CLEAR, &rec);
		assert_int_equal(rec.nr, 1);
		assert_int_equal(rec.va[0], i);
		law_read_dirty(law, 0, 128 * page, 0, &rec);
		assert_int_equal(rec.nr, 1);
		assert_int_equal(rec.len[0], page);
		law_read_dirty(law, 0, 128 * page, 0, &rec);
		assert_int_equal(rec.nr, 0);
	}
	assert_int_equal(law_unmap(law, 0, 128 * page), 128 * page);
	/* Or alone. */
	law_map_clean(law, 3 * page, 0, page);
	assert_int_equal(law_set_dirty(law, 3 * page), 0);
	if (!law_set_prot(law, 3 * page, page, IOMMU_READ)) {
		law_read_dirty(law, 0, 128 * page, 0, &rec);
		assert_int_equal(rec.nr, 1);
		assert_int_equal(rec.va[0], 3 * page);
	}
	assert_int_equal(law_unmap(law, 3 * page, page), page);
}
#endif

#define LAW_FLAT 600U /* runs of the longest list */

/**
 * struct law_flat - a list of single pages, and what it should become
 * @run: the list
 * @joined: the same, with neighbours joined
 */
struct law_flat {
	struct iommu_run run[LAW_FLAT];
	struct iommu_run joined[LAW_FLAT];
};

/*
 * Pages from the top of memory down, two pages apart; from @pair on, @together of them
 * are neighbours, and begin where a larger page may.
 */
static void law_flat_fill(struct law *law, struct law_flat *flat, size_t nr,
			  size_t pair, size_t together)
{
	dma_addr_t page = law_page(law);
	phys_addr_t top = law_last_oa(law) + 1 - page;
	size_t i;

	for (i = 0; i < nr; i++) {
		flat->run[i].oa = top - 2 * i * page;
		flat->run[i].len = page;
	}
	for (i = 0; i < together && pair + i < nr; i++)
		flat->run[pair + i].oa = (pair + i) * page;
}

/* Map the list at @va, and see that it is what single maps make. */
static void law_flat_map(struct law *law, struct law_flat *flat, dma_addr_t va,
			 size_t nr)
{
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	dma_addr_t at = va, len = nr * law_page(law);
	struct ref_map ref = { .nr = 0 };
	size_t done = 0, i;

	assert_int_equal(law_map_list(law, va, flat->run, nr, &done), 0);
	assert_int_equal(done, len);
	memcpy(flat->joined, flat->run, nr * sizeof(flat->run[0]));
	nr = law_join_runs(flat->joined, nr);
	for (i = 0; i < nr; at += flat->joined[i++].len)
		ref_map_range(&ref, sizes, at, flat->joined[i].oa,
			      flat->joined[i].len, LAW_RW);
	for (i = 0; i < ref.nr; i++)
		ref.entry[i].dirty = law_born_dirty(law, LAW_RW);
	law_check_walk(law, &ref);
	assert_int_equal(law_unmap(law, va, len), len);
	ref_release(&ref);
}

/* Nothing changes if one page is in the way, or one run is wrong. */
static void law_flat_refused(struct law *law, struct law_flat *flat,
			     dma_addr_t va, size_t nr)
{
	dma_addr_t page = law_page(law);
	size_t at[] = { 0, nr / 2, nr - 1 }, i, done = 0;

	for (i = 0; i < 3; i++) {
		struct iommu_run *run = &flat->run[at[i]], old = *run;

		assert_int_equal(law_map(law, va + at[i] * page, 0, page), 0);
		assert_int_equal(law_map_list(law, va, flat->run, nr, &done),
				 -EADDRINUSE);
		assert_int_equal(law_entries(law), 1);
		assert_int_equal(law_unmap(law, va + at[i] * page, page), page);
		run->len = page / 2;
		assert_int_equal(law_map_list(law, va, flat->run, nr, &done),
				 -EINVAL);
		*run = (struct iommu_run){ old.oa | page / 2, page };
		assert_int_equal(law_map_list(law, va, flat->run, nr, &done),
				 -EINVAL);
		*run = (struct iommu_run){ law_last_oa(law) + 1, page };
		assert_int_equal(law_map_list(law, va, flat->run, nr, &done),
				 -ERANGE);
		assert_int_equal(law_entries(law), 0);
		*run = old;
	}
	assert_int_equal(done, 0);
}

/*
 * Lists of single pages, short and long, from the first item of a table or not, with and
 * without neighbours among them, in tables that are there already or not.
 */
static void law_list_flat(void **state)
{
	static const unsigned int nrs[] = { 1, 2, 15, 16, 63, 64, 65, 130, 600 };
	static const unsigned int pairs[] = { 600, 0, 1, 16, 31, 64, 65, 128 };
	static struct law_flat flat;
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	size_t n, p;

	if (page * 4 * LAW_FLAT > law_last(law) ||
	    page * 4 * LAW_FLAT > law_last_oa(law))
		return;
	for (n = 0; n < ARRAY_SIZE(nrs); n++) {
		for (p = 0; p < ARRAY_SIZE(pairs); p++) {
			law_flat_fill(law, &flat, nrs[n], pairs[p], 2);
			law_flat_map(law, &flat, 0, nrs[n]);
			law_flat_map(law, &flat, page, nrs[n]);
			law_flat_fill(law, &flat, nrs[n], pairs[p], 16);
			law_flat_map(law, &flat, 0, nrs[n]);
			law_flat_map(law, &flat, 16 * page, nrs[n]);
		}
		law_flat_refused(law, &flat, page, nrs[n]);
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
