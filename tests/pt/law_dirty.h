/* SPDX-License-Identifier: MIT */
/**
 * DOC: Laws about dirty tracking
 */
#ifndef TESTS_PT_LAW_DIRTY_H
#define TESTS_PT_LAW_DIRTY_H

#include "laws.h"

#define LAW_MAX_RECORDS 4096

/**
 * struct law_records - what read_and_clear_dirty recorded
 * @base: what to count from
 * @nr: number of records
 * @va: their first addresses
 * @len: their lengths
 */
struct law_records {
	dma_addr_t base;
	size_t nr;
	dma_addr_t va[LAW_MAX_RECORDS];
	size_t len[LAW_MAX_RECORDS];
};

static void law_record(void *arg, dma_addr_t va, size_t len)
{
	struct law_records *rec = arg;

	va -= rec->base;
	assert_true(rec->nr < LAW_MAX_RECORDS);
	assert_true(len);
	/* In order, and neighbours at once */
	if (rec->nr)
		assert_true(va > rec->va[rec->nr - 1] + rec->len[rec->nr - 1]);
	rec->va[rec->nr] = va;
	rec->len[rec->nr++] = len;
}

/* Read, and check that the gather covers @cleared entries exactly when clearing. */
static void law_read_dirty(struct law *law, dma_addr_t va, dma_addr_t len,
			   unsigned int flags, struct law_records *rec)
{
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap bitmap = {
		.record = law_record,
		.arg = rec,
		.gather = flags & IOMMU_DIRTY_NO_CLEAR ? NULL : &gather,
	};

	rec->nr = 0;
	rec->base = law_base(law);
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(PT_FN(read_and_clear_dirty)(law_domain(law),
						     law_base(law) + va, len,
						     flags, &bitmap),
			 0);
	assert_null(gather.freelist.head);
	law->last_sync = gather;
	law_rebase(law, &law->last_sync);
}

static int law_set_dirty(struct law *law, dma_addr_t va)
{
	return PT_FN(set_dirty)(law_domain(law), law_base(law) + va);
}

/* Does the table have dirty state? If not, it says so. */
static bool law_tracks_dirty(struct law *law)
{
	struct law_records rec = { .nr = 0 };
	struct iommu_dirty_bitmap bitmap = { .record = law_record,
					     .arg = &rec };

	if (pt_can_track_dirty(law_common(law)))
		return true;
	assert_int_equal(law_map(law, 0, 0, law_page(law)), 0);
	assert_int_equal(law_set_dirty(law, 0), -EOPNOTSUPP);
	assert_int_equal(PT_FN(read_and_clear_dirty)(
				 law_domain(law), law_base(law), law_page(law),
				 IOMMU_DIRTY_NO_CLEAR, &bitmap),
			 -EOPNOTSUPP);
	assert_int_equal(rec.nr, 0);
	assert_int_equal(law_unmap(law, 0, law_page(law)), law_page(law));
	return false;
}

/* Map and make clean, whatever the format's new mappings are. */
static void law_map_clean(struct law *law, dma_addr_t va, phys_addr_t oa,
			  dma_addr_t len)
{
	struct law_records rec;

	assert_int_equal(law_map(law, va, oa, len), 0);
	law_read_dirty(law, va, len, 0, &rec);
	law_read_dirty(law, va, len, 0, &rec);
	assert_int_equal(rec.nr, 0);
	assert_true(iommu_iotlb_gather_empty(&law->last_sync));
}

/* Every size: clean, dirty, still dirty after a look, clean after reading. */
static void law_dirty_entry(void **state)
{
	struct law *law = *state;
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	struct law_records rec;

	if (!law_tracks_dirty(law))
		return;
	for (; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);
		dma_addr_t at;

		law_map_clean(law, 0, 0, bytes);
		for (at = 0; at < bytes; at += bytes / 4 + 1) {
			assert_int_equal(law_set_dirty(law, at), 0);
			law_read_dirty(law, 0, bytes, IOMMU_DIRTY_NO_CLEAR,
				       &rec);
			assert_int_equal(rec.nr, 1);
			law_read_dirty(law, 0, bytes, 0, &rec);
			assert_int_equal(rec.nr, 1);
			assert_int_equal(rec.va[0], 0);
			assert_int_equal(rec.len[0], bytes);
			assert_int_equal(law->last_sync.start, 0);
			assert_int_equal(law->last_sync.last, bytes - 1);
			assert_int_equal(law->last_sync.pgsize, bytes);
			law_read_dirty(law, 0, bytes, 0, &rec);
			assert_int_equal(rec.nr, 0);
			assert_true(iommu_iotlb_gather_empty(&law->last_sync));
		}
		assert_int_equal(law_phys(law, bytes - 1), bytes - 1);
		assert_int_equal(law_unmap(law, 0, bytes), bytes);
	}
}

static void law_dirty_nth(void *arg, struct pt_state *pts, dma_addr_t va)
{
	unsigned int items = 1U << pt_entry_num_contig_lg2(pts);
	pt_item_t *item = &pts->table[pts->index];
	unsigned int nth = *(unsigned int *)arg % items;

	item[nth] = pt_item_dirtied(pts, item[nth]);
}

/* Whichever copy of a run hardware has marked: dirty, and all clean afterwards. */
static void law_dirty_copies(void **state)
{
	struct law *law = *state;
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	struct law_records rec;
	unsigned int nth, other;

	if (!law_tracks_dirty(law))
		return;
	for (; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);

		law_map_clean(law, 0, 0, bytes);
		for (nth = 0; nth < 256; nth += 1 + nth / 3) {
			law_visit(law, law_dirty_nth, &nth);
			law_read_dirty(law, 0, bytes, IOMMU_DIRTY_NO_CLEAR,
				       &rec);
			assert_int_equal(rec.nr, 1);
			/* More than one does not count more. */
			other = nth + 1;
			law_visit(law, law_dirty_nth, &other);
			law_read_dirty(law, 0, bytes, IOMMU_DIRTY_NO_CLEAR,
				       &rec);
			assert_int_equal(rec.nr, 1);
			assert_int_equal(rec.len[0], bytes);
			law_read_dirty(law, 0, bytes, 0, &rec);
			assert_int_equal(rec.nr, 1);
			assert_int_equal(rec.len[0], bytes);
			law_read_dirty(law, 0, bytes, 0, &rec);
			assert_int_equal(rec.nr, 0);
		}
		assert_int_equal(law_unmap(law, 0, bytes), bytes);
	}
}

/* Many pages, some dirty, over several tables: exactly those, in any split. */
static void law_dirty_range(void **state)
{
	struct law *law = *state;
	struct test_rng rng = { .state = test_seed() };
	dma_addr_t page = law_page(law);
	dma_addr_t va = 13 * page;
	unsigned int nr = 1500, i, round;
	static bool dirty[1500], seen[1500];
	struct law_records rec;

	if (!law_tracks_dirty(law))
		return;
	law_map_clean(law, va, 0, nr * page);
	for (round = 0; round < 20; round++) {
		size_t r;

		memset(seen, 0, sizeof(seen));
		for (i = 0; i < nr; i++) {
			dirty[i] = round == 1 ||
				   !test_below(&rng, 1 + 3 * round);
			if (dirty[i])
				assert_int_equal(
					law_set_dirty(law, va + i * page + i),
					0);
		}
		/* The range is longer than what is mapped, on both sides. */
		law_read_dirty(law, va - 3 * page, (nr + 9) * page, 0, &rec);
		for (r = 0; r < rec.nr; r++)
			for (i = 0; i < rec.len[r] / page; i++)
				seen[(rec.va[r] - va) / page + i] = true;
		for (i = 0; i < nr; i++)
			assert_true(seen[i] >= dirty[i]);
		/* OAs are not congruent: all pages are of the smallest size. */
		if (law_entries(law) == nr)
			assert_memory_equal(seen, dirty, sizeof(seen));
		law_read_dirty(law, va, nr * page, 0, &rec);
		assert_int_equal(rec.nr, 0);
	}
}

/* Of an entry that is only partly in the range nothing is lost. */
static void law_dirty_partial(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	struct law_records rec;
	int i;

	if (!law_tracks_dirty(law))
		return;
	for (sizes &= sizes - 1; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);
		dma_addr_t va = 2 * bytes - 1 > law_last(law) ? 0 : bytes;

		law_map_clean(law, va, 0, bytes);
		assert_int_equal(law_set_dirty(law, va), 0);
		for (i = 0; i < 2; i++) {
			law_read_dirty(law, va + page, bytes - page, 0, &rec);
			assert_int_equal(rec.nr, 1);
			assert_int_equal(rec.va[0], va + page);
			assert_int_equal(rec.len[0], bytes - page);
			law_read_dirty(law, va, page, 0, &rec);
			assert_int_equal(rec.nr, 1);
			assert_int_equal(rec.va[0], va);
			assert_int_equal(rec.len[0], page);
			assert_true(iommu_iotlb_gather_empty(&law->last_sync));
		}
		law_read_dirty(law, va, bytes, 0, &rec);
		assert_int_equal(rec.nr, 1);
		law_read_dirty(law, va, bytes, 0, &rec);
		assert_int_equal(rec.nr, 0);
		assert_int_equal(law_unmap(law, va, bytes), bytes);
	}
}

/* A range that cuts two entries, each dirty in an item outside of it. */
static void law_dirty_cut(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	struct law_records rec;

	if (!law_tracks_dirty(law))
		return;
	for (sizes &= sizes - 1; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);

		if (2 * bytes - 1 > law_last(law))
			break;
		law_map_clean(law, 0, 0, bytes);
		law_map_clean(law, bytes, 0, bytes);
		assert_int_equal(law_set_dirty(law, 0), 0);
		assert_int_equal(law_set_dirty(law, 2 * bytes - 1), 0);
		assert_int_equal(law_set_dirty(law, page), 0);
		law_read_dirty(law, 0, 2 * bytes, IOMMU_DIRTY_NO_CLEAR, &rec);
		assert_int_equal(rec.nr, 1);
		assert_int_equal(rec.len[0], 2 * bytes);
		law_read_dirty(law, 0, 2 * bytes, 0, &rec);
		assert_int_equal(law_set_dirty(law, 0), 0);
		assert_int_equal(law_set_dirty(law, 2 * bytes - 1), 0);
		law_read_dirty(law, page, 2 * (bytes - page), 0, &rec);
		assert_int_equal(rec.nr, 1);
		assert_int_equal(rec.va[0], page);
		assert_int_equal(rec.len[0], 2 * (bytes - page));
		assert_int_equal(law_unmap(law, 0, 2 * bytes), 2 * bytes);
	}
}

static void law_dirty_refuses(void **state)
{
	struct law *law = *state;
	struct law_records rec = { .nr = 0 };
	struct iommu_dirty_bitmap bitmap = { .record = law_record,
					     .arg = &rec };
	struct iommu_domain *domain = law_domain(law);
	dma_addr_t page = law_page(law);

	if (!law_tracks_dirty(law))
		return;
	assert_int_equal(law_set_dirty(law, 0), -ENOENT);
	assert_int_equal(law_set_dirty(law, law_last(law)), -ENOENT);
	if (law_last(law) != ~(dma_addr_t)0)
		assert_int_equal(law_set_dirty(law, law_last(law) + 1),
				 -ENOENT);
	/* Clearing without a gather, an unknown flag */
	assert_int_equal(PT_FN(read_and_clear_dirty)(domain, law_base(law),
						     page, 0, &bitmap),
			 -EINVAL);
	assert_int_equal(
		PT_FN(read_and_clear_dirty)(domain, law_base(law), page,
					    IOMMU_DIRTY_NO_CLEAR | 2, &bitmap),
		-EINVAL);
	assert_int_equal(PT_FN(read_and_clear_dirty)(domain, law_base(law), 0,
						     IOMMU_DIRTY_NO_CLEAR,
						     &bitmap),
			 -EINVAL);
	assert_int_equal(PT_FN(read_and_clear_dirty)(domain, 0 - page, 2 * page,
						     IOMMU_DIRTY_NO_CLEAR,
						     &bitmap),
			 -EOVERFLOW);
	/* Nothing is mapped, and nothing but the top is there to look at. */
	assert_int_equal(
		PT_FN(read_and_clear_dirty)(domain, law_base(law),
					    law_last(law) & ~(page - 1),
					    IOMMU_DIRTY_NO_CLEAR, &bitmap),
		0);
	assert_int_equal(rec.nr, 0);
}

#endif
