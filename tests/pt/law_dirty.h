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

/**
 * struct law_bits - what is dirty, a bit for each page
 * @first: address of the first page, as the table sees it
 * @page: bytes of one
 * @nr: pages
 * @words: calls of record_bits
 * @low: first page that is dirty, in any call
 * @high: the last one
 * @bit: the bits
 */
struct law_bits {
	dma_addr_t first;
	dma_addr_t page;
	size_t nr;
	size_t words;
	size_t low;
	size_t high;
	uint64_t *bit;
};

static void law_bits_set(void *arg, dma_addr_t va, size_t len)
{
	struct law_bits *bits = arg;
	size_t n = (size_t)((va - bits->first) / bits->page);

	assert_true(va >= bits->first && n + len / bits->page <= bits->nr);
	for (; len; len -= (size_t)bits->page, n++) {
		bits->bit[n / 64] |= 1ULL << n % 64;
		bits->low = n < bits->low ? n : bits->low;
		bits->high = n > bits->high ? n : bits->high;
	}
}

static void law_bits_words(void *arg, dma_addr_t va, unsigned int page_lg2,
			   const uint64_t *words, unsigned int count)
{
	struct law_bits *bits = arg;
	unsigned int i;

	bits->words++;
	for (i = 0; i < (count + 63) / 64 * 64; i++) {
		if (!(words[i / 64] >> i % 64 & 1))
			continue;
		assert_true(i < count);
		law_bits_set(arg, va + ((dma_addr_t)i << page_lg2),
			     (size_t)1 << page_lg2);
	}
}

static int law_bits_entry(void *arg, const struct pt_iommu_entry *entry)
{
	if (entry->leaf && entry->dirty)
		law_bits_set(arg, entry->va, (size_t)1 << entry->size_lg2);
	return 0;
}

static void law_bits_clear(struct law_bits *bits)
{
	memset(bits->bit, 0, bits->nr / 64 * sizeof(*bits->bit));
	bits->low = bits->nr;
	bits->high = 0;
}

/* Some pages become dirty: all of them, all of a part, or every so many. */
static void law_bits_dirty(struct law *law, const struct law_bits *bits,
			   struct test_rng *rng, unsigned int round)
{
	size_t end = bits->nr, step = 1, n = 0;

	if (round % 2) {
		step = 1 + test_below(rng, bits->nr / 8);
		n = test_below(rng, bits->nr);
	} else if (round % 8) {
		n = test_below(rng, bits->nr);
		end = n + test_below(rng, bits->nr - n);
	}
	for (; n < end; n += step)
		assert_int_equal(PT_FN(set_dirty)(law_domain(law),
						  bits->first + n * bits->page),
				 0);
}

/* What is read is what a walk sees, no more is gathered, and it is clean then. */
static void law_bits_read(struct law *law, struct law_bits *want,
			  struct law_bits *found, bool words, bool clear)
{
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap bitmap = {
		.record = law_bits_set,
		.record_bits = words ? law_bits_words : NULL,
		.arg = found,
		.gather = &gather,
	};
	size_t len = want->nr * (size_t)want->page;

	law_bits_clear(want);
	assert_int_equal(PT_FN(walk)(law_domain(law), want->first, len,
				     law_bits_entry, want),
			 0);
	law_bits_clear(found);
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(PT_FN(read_and_clear_dirty)(
				 law_domain(law), want->first, len,
				 clear ? 0 : IOMMU_DIRTY_NO_CLEAR, &bitmap),
			 0);
	assert_memory_equal(found->bit, want->bit, want->nr / 64 * 8);
	assert_int_equal(iommu_iotlb_gather_empty(&gather),
			 !clear || want->low == want->nr);
	if (!clear || want->low == want->nr)
		return;
	assert_int_equal(gather.start, want->first + want->low * want->page);
	assert_int_equal(gather.last,
			 want->first + (want->high + 1) * want->page - 1);
	law_bits_clear(found);
	assert_int_equal(PT_FN(read_and_clear_dirty)(
				 law_domain(law), want->first, len, 0, &bitmap),
			 0);
	assert_int_equal(found->low, found->nr);
}

/*
 * Tables behind one another, more of them than are recorded at once, of which two are of
 * entries of several items, where the format has those; later one is not there. What is
 * dirty behind them stays so.
 */
static void law_dirty_tables(void **state)
{
	struct law *law = *state;
	struct pt_state low = { .common = law_common(law) };
	dma_addr_t page = law_page(law);
	size_t items = (size_t)1 << pt_num_items_lg2(&low), round;
	dma_addr_t table = items * page;
	struct test_rng rng = { .state = test_seed() };
	struct law_bits want = { .page = page, .nr = 13 * items }, found;
	struct law_records rec;

	/* A table of one level may have more items than a word can address. */
	if (!law_tracks_dirty(law) ||
	    (uint64_t)items * page > law_last(law) / 14)
		return;
	want.first = law_base(law);
	want.bit = calloc(want.nr / 64, sizeof(*want.bit));
	found = want;
	found.bit = calloc(want.nr / 64, sizeof(*found.bit));
	assert_true(want.bit && found.bit);
	for (round = 0; round < 14; round++)
		law_map_clean(law, round * table,
			      round * table +
				      (round == 4 || round == 5 ? 16 : 1) *
					      page,
			      table);
	assert_int_equal(law_set_dirty(law, 13 * table), 0);
	for (round = 0; round < 24; round++) {
		law_bits_dirty(law, &want, &rng, (unsigned int)round);
		law_bits_read(law, &want, &found, round % 4 < 2, round % 3);
	}
	/* Where nothing is settled, items are recorded one by one. */
	assert_int_equal(!found.words, !pt_dirty_how(&low).settled_mask);
	assert_int_equal(law_unmap(law, 2 * table, table), table);
	for (round = 0; round < 13; round++)
		if (round != 2)
			assert_int_equal(law_set_dirty(law, round * table), 0);
	law_bits_read(law, &want, &found, true, true);
	law_read_dirty(law, 13 * table, table, 0, &rec);
	assert_int_equal(rec.nr, 1);
	free(want.bit);
	free(found.bit);
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
