/* SPDX-License-Identifier: MIT */
/**
 * DOC: Laws about entries that change while hardware uses them
 *
 * cut, shrink_pages and grow_pages. What hardware does not bear is refused, and the
 * laws work out by themselves when that is: an entry of more than one item needs
 * pt_live_run() to become others in the same table, and tables and leaves need
 * pt_live_table() to change places.
 */
#ifndef TESTS_PT_LAW_LIVE_H
#define TESTS_PT_LAW_LIVE_H

#include "laws.h"

/* ---- The operations, as a caller uses them ------------------------ */

/* What was gathered is flushed and freed; it is kept for a look. */
static void law_live_sync(struct law *law, struct iommu_iotlb_gather *gather)
{
	law_iotlb_sync(law_domain(law), gather);
	law->syncs--;
	iommu_pages_list_put(&gather->freelist);
}

static int law_cut(struct law *law, dma_addr_t at)
{
	struct iommu_iotlb_gather gather;
	int ret;

	iommu_iotlb_gather_init(&gather);
	ret = PT_FN(cut)(law_domain(law), law_base(law) + at, GFP_KERNEL,
			 &gather);
	assert_null(gather.freelist.head);
	law_live_sync(law, &gather);
	return ret;
}

static int law_shrink(struct law *law, dma_addr_t va, dma_addr_t len,
		      uint64_t max_size)
{
	struct iommu_iotlb_gather gather;
	int ret;

	iommu_iotlb_gather_init(&gather);
	ret = PT_FN(shrink_pages)(law_domain(law), law_base(law) + va, len,
				  max_size, GFP_KERNEL, &gather);
	assert_null(gather.freelist.head);
	law_live_sync(law, &gather);
	return ret;
}

static int law_grow(struct law *law, dma_addr_t va, dma_addr_t len)
{
	struct iommu_iotlb_gather gather;
	int ret;

	iommu_iotlb_gather_init(&gather);
	ret = PT_FN(grow_pages)(law_domain(law), law_base(law) + va, len,
				&gather);
	assert_null(gather.freelist.head);
	law_live_sync(law, &gather);
	return ret;
}

/* ---- What is expected --------------------------------------------- */

/* The table that a page of that size stands in. */
static struct pt_state law_level_of(struct law *law, unsigned int size_lg2)
{
	struct pt_state pts = { .common = law_common(law) };

	pts.level = pt_top_read(pts.common).level;
	while (pts.level && pt_table_item_lg2sz(&pts) > size_lg2)
		pts.level--;
	return pts;
}

/*
 * Can an entry be split so that no part is larger than 2^@max_lg2 and one begins at
 * @at?
 */
static bool law_can_split(struct law *law, unsigned int size_lg2,
			  unsigned int max_lg2, dma_addr_t at)
{
	struct pt_state pts = law_level_of(law, size_lg2);
	unsigned int item_lg2 = pt_table_item_lg2sz(&pts);

	if (size_lg2 > item_lg2 && !pt_live_run(pts.common))
		return false;
	if (max_lg2 < item_lg2 || size_lg2 == item_lg2 ||
	    va_lg2_mod(at, item_lg2))
		return pt_live_table(pts.common);
	return true;
}

/* The reference after a cut; the error to expect. */
static int law_ref_cut(struct law *law, struct ref_map *ref, dma_addr_t at)
{
	size_t i = ref_find(ref, at);

	if (i == ref->nr || ref->entry[i].va >= at)
		return 0;
	if (!law_can_split(law, ref->entry[i].size_lg2, va_width, at))
		return -EOPNOTSUPP;
	ref_split(ref, i, law_domain(law)->pgsize_bitmap, at);
	return 0;
}

static int law_ref_shrink(struct law *law, struct ref_map *ref, dma_addr_t va,
			  dma_addr_t last, unsigned int max_lg2)
{
	uint64_t sizes = law_domain(law)->pgsize_bitmap &
			 oa_lg2_mask(max_lg2 + 1);
	size_t first = ref_find(ref, va);
	size_t i;

	for (i = first; i < ref->nr && ref->entry[i].va <= last; i++)
		if (ref->entry[i].size_lg2 > max_lg2 &&
		    !law_can_split(law, ref->entry[i].size_lg2, max_lg2, 0))
			return -EOPNOTSUPP;
	for (i = first; i < ref->nr && ref->entry[i].va <= last; i++)
		if (ref->entry[i].size_lg2 > max_lg2)
			i += ref_split(ref, i, sizes, ref->entry[i].va) - 1;
	return 0;
}

/* Does @b continue what @a translates? */
static bool law_ref_continues(const struct ref_entry *a,
			      const struct ref_entry *b)
{
	return ref_last(a) + 1 == b->va && a->prot == b->prot &&
	       a->oa + (1ULL << a->size_lg2) == b->oa;
}

/* Can entries, the smallest of 2^@from_lg2 bytes, become one? */
static bool law_can_merge(struct law *law, unsigned int from_lg2,
			  unsigned int size_lg2)
{
	struct pt_state pts = law_level_of(law, size_lg2);
	unsigned int item_lg2 = pt_table_item_lg2sz(&pts);

	if (from_lg2 < item_lg2 && !pt_live_table(pts.common))
		return false;
	return size_lg2 == item_lg2 || pt_live_run(pts.common);
}

/* Only through leaves of every level in between: AMD's 2^39 is none. */
static bool law_tries_merge(struct law *law, unsigned int from_lg2,
			    unsigned int size_lg2)
{
	struct pt_state pts = law_level_of(law, size_lg2);

	for (; pt_table_item_lg2sz(&pts) > from_lg2; pts.level--)
		if (!(law_domain(law)->pgsize_bitmap >>
			      pt_table_item_lg2sz(&pts) &
		      1))
			return false;
	return true;
}

/* How many entries from @i on, before @end, a page of 2^@size_lg2 would replace. */
static size_t law_ref_covers(const struct ref_map *ref, size_t i, size_t end,
			     unsigned int size_lg2, unsigned int *least_lg2)
{
	dma_addr_t last = ref->entry[i].va + va_lg2_mask(size_lg2);
	size_t k;

	*least_lg2 = ref->entry[i].size_lg2;
	if ((ref->entry[i].va | ref->entry[i].oa) & oa_lg2_mask(size_lg2))
		return 0;
	for (k = i; k < end; k++) {
		if (k > i &&
		    !law_ref_continues(&ref->entry[k - 1], &ref->entry[k]))
			return 0;
		if (ref->entry[k].size_lg2 < *least_lg2)
			*least_lg2 = ref->entry[k].size_lg2;
		if (ref_last(&ref->entry[k]) == last)
			return k - i + 1;
	}
	return 0;
}

static int law_ref_grow(struct law *law, struct ref_map *ref, dma_addr_t va,
			dma_addr_t last)
{
	unsigned int top_lg2, least_lg2;
	struct pt_state top = { .common = law_common(law) };
	size_t i = ref_find(ref, va);
	size_t end = i;
	int ret = 0;

	top.level = pt_top_read(top.common).level;
	top_lg2 = pt_table_span_lg2(&top);
	if (i < ref->nr && ref->entry[i].va < va)
		end = ++i;
	while (end < ref->nr && ref->entry[end].va <= last &&
	       ref_last(&ref->entry[end]) <= last)
		end++;
	for (; i < end; i++) {
		uint64_t sizes = law_domain(law)->pgsize_bitmap &
				 oa_lg2_mask(top_lg2) &
				 ~oa_lg2_mask(ref->entry[i].size_lg2 + 1U);

		for (; sizes; sizes &= ~(1ULL << oa_lg2_floor(sizes))) {
			unsigned int size_lg2 = oa_lg2_floor(sizes);
			size_t nr = law_ref_covers(ref, i, end, size_lg2,
						   &least_lg2);

			if (!nr || !law_tries_merge(law, least_lg2, size_lg2))
				continue;
			if (!law_can_merge(law, least_lg2, size_lg2)) {
				ret = -EOPNOTSUPP;
				continue;
			}
			ref_merge(ref, i, nr, size_lg2);
			end -= nr - 1;
			break;
		}
	}
	return ret;
}

/* ---- Cut ---------------------------------------------------------- */

/* A reference of one page, as it is when new. */
static void law_ref_one(struct law *law, struct ref_map *ref, dma_addr_t va,
			phys_addr_t oa, dma_addr_t bytes, bool dirty)
{
	size_t i;

	ref_map_range(ref, law_domain(law)->pgsize_bitmap, va, oa, bytes,
		      LAW_RW);
	for (i = 0; i < ref->nr; i++)
		ref->entry[i].dirty = dirty;
}

/* One page, cut at @at: refused, or two parts that can be unmapped one by one. */
static void law_cut_one(struct law *law, dma_addr_t va, dma_addr_t bytes,
			dma_addr_t at)
{
	struct ref_map ref = { .nr = 0 };
	int ret;

	assert_int_equal(law_map(law, va, bytes, bytes), 0);
	law_ref_one(law, &ref, va, bytes, bytes, law_born_dirty(law, LAW_RW));
	ret = law_ref_cut(law, &ref, at);
	assert_int_equal(law_cut(law, at), ret);
	law_compare(law, &ref);
	assert_int_equal(iommu_iotlb_gather_empty(&law->last_sync),
			 ret || at == va);
	if (!ret && at != va) {
		assert_int_equal(law->last_sync.start, va);
		assert_int_equal(law->last_sync.last, va + (bytes - 1));
		assert_int_equal(law->last_sync.tables, 0);
		/* Once more there is nothing to do. */
		assert_int_equal(law_cut(law, at), 0);
		assert_true(iommu_iotlb_gather_empty(&law->last_sync));
		assert_int_equal(law_unmap(law, at, va + bytes - at),
				 va + bytes - at);
		assert_int_equal(law_phys(law, at - 1), bytes + (at - va) - 1);
		assert_int_equal(law_phys(law, at), PHYS_ADDR_MAX);
		bytes = at - va;
	}
	assert_int_equal(law_unmap(law, va, bytes), bytes);
	assert_int_equal(law_entries(law), 0);
	ref_release(&ref);
}

/* Every size, at its ends, its middle and somewhere. */
static void law_cut_sizes(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;

	for (sizes &= sizes - 1; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);
		dma_addr_t va = 2 * bytes - 1 > law_last(law) ? 0 : bytes;

		if (2 * bytes - 1 > law_last_oa(law))
			break;
		law_cut_one(law, va, bytes, va);
		law_cut_one(law, va, bytes, va + page);
		law_cut_one(law, va, bytes, va + bytes / 2);
		law_cut_one(law, va, bytes, va + bytes - page);
		law_cut_one(law, va, bytes, va + (bytes / 3 & ~(page - 1)));
	}
}

/* Where there is nothing to cut, and what no boundary can be. */
static void law_cut_nothing(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);

	assert_int_equal(law_cut(law, 0), 0);
	assert_int_equal(law_cut(law, page), 0);
	assert_int_equal(law_cut(law, page / 2), -EINVAL);
	assert_int_equal(law_cut(law, law_last(law) + 1), 0);
	assert_int_equal(law_cut(law, (law_last(law) + 1) / 2), 0);
	assert_int_equal(law_map(law, page, page, page), 0);
	assert_int_equal(law_cut(law, page), 0);
	assert_int_equal(law_cut(law, 2 * page), 0);
	assert_int_equal(law_map(law, law_last(law) + 1 - page, 0, page), 0);
	assert_int_equal(law_cut(law, law_last(law) + 1), 0);
	assert_true(iommu_iotlb_gather_empty(&law->last_sync));
	assert_int_equal(law_entries(law), 2);
}

/* ---- Shrink and grow ---------------------------------------------- */

/* A mix of sizes: page by page, then all that fit from @bytes down. */
static void law_mix(struct law *law, struct ref_map *ref, dma_addr_t va,
		    dma_addr_t bytes)
{
	dma_addr_t page = law_page(law);

	assert_int_equal(law_map(law, va - 3 * page, va - 3 * page,
				 2 * bytes + 8 * page),
			 0);
	law_ref_one(law, ref, va - 3 * page, va - 3 * page,
		    2 * bytes + 8 * page, law_born_dirty(law, LAW_RW));
}

/* There and back again, for each pair of sizes. */
static void law_resize(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	uint64_t all = law_domain(law)->pgsize_bitmap;
	uint64_t sizes, max;

	for (sizes = all & (all - 1); sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);
		dma_addr_t va = 4 * bytes, len = 2 * bytes + 8 * page;

		/* Before anything wraps where words are small. */
		if (bytes - 1 > law_last(law) / 8 ||
		    va + len - 1 > law_last(law) ||
		    va + len - 1 > law_last_oa(law))
			break;
		for (max = all & (bytes - 1); max;
		     max &= ~(1ULL << oa_lg2_floor(max))) {
			unsigned int max_lg2 = oa_lg2_floor(max);
			struct ref_map ref = { .nr = 0 };
			int ret;

			/* Neighbouring sizes, and the smallest */
			if (bytes >> max_lg2 > 4096)
				break;
			if (bytes >> max_lg2 > 8 && max & (max - 1))
				continue;
			law_mix(law, &ref, va, bytes);
			ret = law_ref_shrink(law, &ref, va, va + bytes,
					     max_lg2);
			assert_int_equal(law_shrink(law, va, bytes + 1,
						    (2ULL << max_lg2) - 1),
					 ret);
			law_compare(law, &ref);
			ret = law_ref_grow(law, &ref, va - 3 * page,
					   va + (len - 1));
			assert_int_equal(law_grow(law, va - 3 * page, len),
					 ret);
			law_compare(law, &ref);
			assert_int_equal(law_unmap(law, va - 3 * page, len),
					 len);
			assert_int_equal(law_entries(law), 0);
			ref_release(&ref);
		}
	}
}

/* Nothing outside of a range is merged, nor with what is outside. */
static void law_grow_range(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	struct test_rng rng = { .state = test_seed() };
	int i;

	sizes &= sizes - 1;
	if (!sizes || 3 * (sizes & (0 - sizes)) > law_last(law))
		return;
	for (i = 0; i < 100; i++) {
		dma_addr_t bytes = sizes & (0 - sizes);
		dma_addr_t len = (1 + test_below(&rng, 3)) * bytes;
		struct ref_map ref = { .nr = 0 };
		dma_addr_t va, end, at;
		int ret;

		/* Page by page, so that none are merged when they are mapped. */
		for (at = 0; at < len; at += page) {
			assert_int_equal(law_map(law, at, at, page), 0);
			ref_map_range(&ref, law_page(law), at, at, page,
				      LAW_RW);
			ref.entry[ref.nr - 1].dirty =
				law_born_dirty(law, LAW_RW);
		}
		if (i & 1) {
			at = page * test_below(&rng, len / page);
			assert_int_equal(law_unmap(law, at, page), page);
			ref_unmap_range(&ref, at, page);
		}
		va = page / 2 * test_below(&rng, len / page);
#ifdef pt_item_is_dirty
		/* What the first of them is, others do not become. */
		if (i & 2 && !law_set_dirty(law, ref.entry[0].va)) {
			ref.entry[0].dirty = true;
			va = ref.entry[0].va;
		}
#endif
		end = va + 1 + test_below(&rng, len + bytes - va);
		ret = law_ref_grow(law, &ref, va, end - 1);
		assert_int_equal(law_grow(law, va, end - va), ret);
		law_compare(law, &ref);
		while (ref.nr) {
			va = ref.entry[0].va;
			len = ref_unmap_range(&ref, va, len);
			assert_int_equal(law_unmap(law, va, len), len);
			len = 4 * bytes;
		}
		ref_release(&ref);
	}
}

/* Tables that give way to leaves are flushed before they are freed. */
static void law_grow_tables(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t page = law_page(law);
	dma_addr_t bytes = va_lg2_mul(1, pt_table_span_lg2(&pts));
	uint64_t tables;

	if (!pt_live_table(pts.common) || !bytes ||
	    !(law_domain(law)->pgsize_bitmap & bytes) ||
	    2 * bytes - 1 > law_last(law) || bytes / page > 4096)
		return;
	assert_int_equal(law_map(law, bytes, bytes, bytes), 0);
	tables = port_arena_tables(law->arena);
	assert_int_equal(law_shrink(law, bytes, bytes, page), 0);
	assert_int_equal(port_arena_tables(law->arena), tables + 1);
	law->syncs = 0;
	assert_int_equal(law_grow(law, bytes, bytes), 0);
	assert_int_equal(law->syncs, 1);
	assert_int_equal(port_arena_tables(law->arena), tables);
	assert_int_equal(law_entries(law), 1);
}

static void law_resize_refuses(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);

	assert_int_equal(law_shrink(law, 0, page, page - 1), -EINVAL);
	assert_int_equal(law_shrink(law, 0, page, 0), -EINVAL);
	assert_int_equal(law_shrink(law, 0, 0, page), -EINVAL);
	assert_int_equal(law_grow(law, 0, 0), -EINVAL);
	assert_int_equal(law_shrink(law, 0 - page, 2 * page, page),
			 law_base(law) ? -ERANGE : -EOVERFLOW);
	assert_int_equal(law_grow(law, 0 - page, 2 * page),
			 law_base(law) ? -ERANGE : -EOVERFLOW);
	if (law_last(law) != ~(dma_addr_t)0 && !law_base(law)) {
		assert_int_equal(law_shrink(law, law_last(law), 2, page),
				 -ERANGE);
		assert_int_equal(law_grow(law, law_last(law), 2), -ERANGE);
	}
	assert_int_equal(law_shrink(law, 0, law_last(law), page), 0);
	assert_int_equal(law_grow(law, 0, law_last(law)), 0);
}

#endif
