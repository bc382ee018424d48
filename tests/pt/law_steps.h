/* SPDX-License-Identifier: MIT */
/**
 * DOC: Random steps beyond map and unmap
 *
 * Each takes a step with the table and with the reference; law_random.h compares
 * them.
 */
#ifndef TESTS_PT_LAW_STEPS_H
#define TESTS_PT_LAW_STEPS_H

#include "law_live.h"

#define LAW_MAX_RUNS 64

/* Some entries with no hole in between: the index of the first, and how many. */
static size_t law_random_entries(struct test_rng *rng,
				 const struct ref_map *ref, size_t *first)
{
	size_t nr = 1;

	*first = test_below(rng, ref->nr);
	while (*first + nr < ref->nr && nr < 40 &&
	       ref_last(&ref->entry[*first + nr - 1]) + 1 ==
		       ref->entry[*first + nr].va)
		nr++;
	return 1 + test_below(rng, nr);
}

/* An address of the smallest page somewhere near what is mapped. */
static dma_addr_t law_random_place(struct law *law, struct test_rng *rng,
				   const struct ref_map *ref)
{
	const struct ref_entry *entry = &ref->entry[test_below(rng, ref->nr)];
	unsigned int pages_lg2 = entry->size_lg2 - PT_GRANULE_LG2SZ;
	dma_addr_t va = entry->va;

	va += law_page(law) * test_below(rng, (1ULL << pages_lg2) + 1);
	return law_va_valid(law, va, 1) ? va : entry->va;
}

/* More entries than a law can look at, if [@va, @last] is in pages of 2^@size_lg2? */
static bool law_too_many(const struct ref_map *ref, dma_addr_t va,
			 dma_addr_t last, unsigned int size_lg2)
{
	uint64_t sum = ref->nr;
	size_t i;

	for (i = ref_find(ref, va); i < ref->nr && ref->entry[i].va <= last;
	     i++)
		if (ref->entry[i].size_lg2 > size_lg2)
			sum += 1ULL << (ref->entry[i].size_lg2 - size_lg2);
	return sum > 1500;
}

static void law_random_cut(struct law *law, struct test_rng *rng,
			   struct ref_map *ref)
{
	dma_addr_t at = law_random_place(law, rng, ref);

	assert_int_equal(law_cut(law, at), law_ref_cut(law, ref, at));
}

static void law_random_resize(struct law *law, struct test_rng *rng,
			      struct ref_map *ref)
{
	dma_addr_t va = law_random_place(law, rng, ref);
	dma_addr_t end = law_random_place(law, rng, ref);
	unsigned int max_lg2 = 0;

	if (end < va) {
		dma_addr_t start = end;

		end = va;
		va = start;
	}
	/* Both in the same half, not at its very end */
	if (va == end || !law_va_valid(law, va, end - va))
		return;
	if (test_below(rng, 2)) {
		assert_int_equal(law_grow(law, va, end - va),
				 law_ref_grow(law, ref, va, end - 1));
		return;
	}
	while (!(law_domain(law)->pgsize_bitmap >> max_lg2 & 1))
		max_lg2 = PT_GRANULE_LG2SZ + (unsigned int)test_below(rng, 30);
	if (law_too_many(ref, va, end - 1, max_lg2))
		return;
	assert_int_equal(law_shrink(law, va, end - va, 1ULL << max_lg2),
			 law_ref_shrink(law, ref, va, end - 1, max_lg2));
}

/* May a page of that size have its permissions changed? */
static bool law_can_change(struct law *law, const struct ref_entry *entry,
			   const struct pt_attrs *attrs)
{
	struct pt_state at = law_level_of(law, entry->size_lg2);
	struct pt_state pts = law_state(law, at.level);
	struct pt_attrs old = { .bits = 0 };

	assert_int_equal(pt_iommu_set_prot(law_common(law), &old, entry->prot),
			 0);
	pt_install_leaf_entry(&pts, 0, entry->size_lg2, &old);
	pt_load_entry_raw(&pts);
	return pt_live_attrs(&pts, attrs);
}

static int law_set_prot(struct law *law, dma_addr_t va, dma_addr_t len,
			unsigned int prot)
{
	struct iommu_iotlb_gather gather;
	int ret;

	iommu_iotlb_gather_init(&gather);
	ret = PT_FN(set_prot)(law_domain(law), law_base(law) + va, len, prot,
			      &gather);
	assert_null(gather.freelist.head);
	assert_int_equal(gather.tables, 0);
	law_live_sync(law, &gather);
	return ret;
}

/* Where a write alone cannot be said it gives read, too. */
static unsigned int law_real_prot(struct law *law, unsigned int prot)
{
	struct pt_attrs attrs, read;

	assert_int_equal(pt_iommu_set_prot(law_common(law), &attrs, prot), 0);
	assert_int_equal(pt_iommu_set_prot(law_common(law), &read,
					   prot | IOMMU_READ),
			 0);
	return read.bits == attrs.bits ? prot | IOMMU_READ : prot;
}

static int law_ref_prot(struct law *law, struct ref_map *ref, size_t first,
			size_t nr, unsigned int prot)
{
	struct pt_attrs attrs;
	int ret = pt_iommu_set_prot(law_common(law), &attrs, prot);
	size_t i;

	if (ret)
		return ret;
	prot = law_real_prot(law, prot);
	for (i = first; i < first + nr; i++)
		if (ref->entry[i].prot != prot &&
		    !law_can_change(law, &ref->entry[i], &attrs))
			return -EOPNOTSUPP;
	for (i = first; i < first + nr; i++) {
		if (ref->entry[i].prot == prot)
			continue;
		ref->entry[i].prot = prot;
		ref->entry[i].dirty |= law_born_dirty(law, prot);
	}
	return 0;
}

static void law_random_prot(struct law *law, struct test_rng *rng,
			    struct ref_map *ref)
{
	unsigned int prot = 1U + (unsigned int)test_below(rng, 3);
	size_t first, nr = law_random_entries(rng, ref, &first);
	dma_addr_t va = ref->entry[first].va;
	dma_addr_t last = ref_last(&ref->entry[first + nr - 1]);

	/* Not all of an entry, or a hole behind it */
	if (!test_below(rng, 8)) {
		dma_addr_t page = law_page(law);
		int ret;

		if (law_va_valid(law, va, last - va + 1 + page)) {
			ret = law_set_prot(law, va, last - va + 1 + page,
					   LAW_RW);
			assert_true(ret != 0 ||
				    ref->entry[first + nr].size_lg2 ==
					    PT_GRANULE_LG2SZ);
			if (!ret)
				assert_int_equal(law_ref_prot(law, ref, first,
							      nr + 1, LAW_RW),
						 0);
		}
		return;
	}
	assert_int_equal(law_set_prot(law, va, last - va + 1, prot),
			 law_ref_prot(law, ref, first, nr, prot));
}

/* ---- Lists -------------------------------------------------------- */

/*
 * Runs that are @len bytes long together. Some continue the one before; @same is
 * where the range goes already, if it goes anywhere, and some go there.
 */
static size_t law_random_runs_of(struct law *law, struct test_rng *rng,
				 struct iommu_run run[LAW_MAX_RUNS],
				 dma_addr_t va, dma_addr_t len,
				 const struct ref_map *same)
{
	dma_addr_t page = law_page(law);
	size_t nr;

	for (nr = 0; len && nr < LAW_MAX_RUNS; nr++) {
		unsigned int align =
			PT_GRANULE_LG2SZ + (unsigned int)test_below(rng, 20);
		dma_addr_t part = page * (1 + test_below(rng, len / page));

		if (test_below(rng, 2))
			part = (part & ~va_lg2_mask(align)) + page;
		if (part > len || nr == LAW_MAX_RUNS - 1)
			part = len;
		run[nr].len = part;
		run[nr].oa = (test_random(rng) & ~oa_lg2_mask(align)) |
			     (va & oa_lg2_mask(align));
		run[nr].oa &= law_last_oa(law);
		if (same && !test_below(rng, 3)) {
			size_t i = ref_find(same, va);

			run[nr].oa =
				same->entry[i].oa + (va - same->entry[i].va);
		}
		if (nr && !test_below(rng, 3))
			run[nr].oa = run[nr - 1].oa + run[nr - 1].len;
		if (run[nr].oa + (part - 1) > law_last_oa(law) ||
		    run[nr].oa + (part - 1) < run[nr].oa)
			run[nr].oa = va & oa_lg2_mask(PT_GRANULE_LG2SZ + 3) &
				     law_last_oa(law);
		if (run[nr].oa + (part - 1) > law_last_oa(law))
			return 0;
		va += part;
		len -= part;
	}
	return nr;
}

/* As the algorithm takes them: those that continue the one before are part of it. */
static size_t law_join_runs(struct iommu_run *run, size_t nr)
{
	size_t i, out = 0;

	for (i = 1; i < nr; i++) {
		if (run[i].oa == run[out].oa + run[out].len)
			run[out].len += run[i].len;
		else
			run[++out] = run[i];
	}
	return nr ? out + 1 : 0;
}

static void law_random_map_list(struct law *law, struct test_rng *rng,
				struct ref_map *ref, dma_addr_t va,
				dma_addr_t len)
{
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	struct iommu_run run[LAW_MAX_RUNS];
	size_t mapped = 3, i, first, before;
	size_t nr;
	int ret;

	if (len > 600 * law_page(law))
		len = 600 * law_page(law);
	nr = law_random_runs_of(law, rng, run, va, len, NULL);
	if (!nr || !law_va_valid(law, va, len))
		return;
	ret = PT_FN(map_list)(law_domain(law), law_base(law) + va, run, nr,
			      LAW_RW, GFP_KERNEL, &mapped);
	assert_int_equal(mapped, ret ? 3 : 3 + len);
	if (!ref_range_free(ref, va, va + (len - 1))) {
		assert_int_equal(ret, -EADDRINUSE);
		return;
	}
	assert_int_equal(ret, 0);
	first = ref_find(ref, va);
	nr = law_join_runs(run, nr);
	for (i = 0; i < nr; i++) {
		before = ref->nr;
		ref_map_range(ref, sizes, va, run[i].oa, run[i].len, LAW_RW);
		for (; before < ref->nr; before++, first++)
			ref->entry[first].dirty = law_born_dirty(law, LAW_RW);
		va += run[i].len;
	}
}

/* Entry @i as it is where the runs say, from @va on, where @run begins. */
static int law_ref_replace(struct law *law, struct ref_map *ref, size_t first,
			   size_t nr, const struct iommu_run *run, bool apply)
{
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	dma_addr_t used = 0; /* of *run */
	size_t i;

	for (i = first; nr; nr--) {
		struct ref_entry old = ref->entry[i];
		dma_addr_t left = (dma_addr_t)1 << old.size_lg2;
		phys_addr_t oa = run->oa + used;
		bool fits = run->len - used >= left &&
			    !(oa & oa_lg2_mask(old.size_lg2));

		if (!(fits && oa == old.oa) && !pt_live_oa(law_common(law)))
			return -EOPNOTSUPP;
		if (fits) {
			if (apply)
				ref->entry[i].oa = oa;
			i++;
			used += left;
			left = 0;
		} else if (apply) {
			memmove(&ref->entry[i], &ref->entry[i + 1],
				(ref->nr - i - 1) * sizeof(ref->entry[0]));
			ref->nr--;
		} else {
			i++;
		}
		while (left) {
			dma_addr_t bytes = run->len - used;
			size_t before = ref->nr;

			if (bytes > left)
				bytes = left;
			if (apply)
				ref_map_range(ref, sizes, old.va,
					      run->oa + used, bytes, old.prot);
			for (; before < ref->nr; before++)
				ref->entry[i++].dirty = old.dirty;
			old.va += bytes;
			left -= bytes;
			used += bytes;
			if (used == run->len && left) {
				run++;
				used = 0;
			}
		}
		if (used == run->len) {
			run++;
			used = 0;
		}
	}
	return 0;
}

static void law_random_replace(struct law *law, struct test_rng *rng,
			       struct ref_map *ref)
{
	size_t first, nr = law_random_entries(rng, ref, &first);
	dma_addr_t va = ref->entry[first].va;
	dma_addr_t len = ref_last(&ref->entry[first + nr - 1]) - va + 1;
	struct iommu_run run[LAW_MAX_RUNS];
	struct iommu_iotlb_gather gather;
	size_t runs, replaced = 0;
	int ret;

	runs = law_random_runs_of(law, rng, run, va, len, ref);
	if (!runs || law_too_many(ref, va, va + (len - 1), PT_GRANULE_LG2SZ))
		return;
	iommu_iotlb_gather_init(&gather);
	ret = PT_FN(replace_list)(law_domain(law), law_base(law) + va, run,
				  runs, GFP_KERNEL, &gather, &replaced);
	assert_null(gather.freelist.head);
	law_live_sync(law, &gather);
	law_join_runs(run, runs);
	assert_int_equal(ret, law_ref_replace(law, ref, first, nr, run, false));
	assert_int_equal(replaced, ret ? 0 : len);
	if (!ret)
		law_ref_replace(law, ref, first, nr, run, true);
}

/* Unmap with room for a few runs, which are those of the entries. */
static void law_random_unmap_list(struct law *law, struct test_rng *rng,
				  struct ref_map *ref)
{
	size_t first, nr = law_random_entries(rng, ref, &first);
	dma_addr_t va = ref->entry[first].va;
	dma_addr_t len = ref_last(&ref->entry[first + nr - 1]) - va + 1;
	struct iommu_run run[4];
	struct iommu_run_list list = { .run = run,
				       .max = 1 + test_below(rng, 4) };
	struct iommu_iotlb_gather gather;
	size_t i = first, r, bytes;
	dma_addr_t done = 0;

	do {
		list.nr = 0;
		iommu_iotlb_gather_init(&gather);
		bytes = PT_FN(unmap_list)(law_domain(law), law_base(law) + va,
					  len, &gather, &list);
		assert_int_equal(iommu_iotlb_gather_empty(&gather), !bytes);
		law_live_sync(law, &gather);
		for (r = 0; r < list.nr; r++) {
			dma_addr_t at = 0;

			while (at < run[r].len) {
				assert_int_equal(ref->entry[i].oa,
						 run[r].oa + at);
				assert_int_equal(ref->entry[i].va, va + done);
				at += 1ULL << ref->entry[i].size_lg2;
				done += 1ULL << ref->entry[i++].size_lg2;
			}
			assert_int_equal(at, run[r].len);
		}
		assert_int_equal(list.done, done);
	} while (bytes);
	assert_int_equal(done, len);
	assert_int_equal(ref_unmap_range(ref, va, len), len);
}

/* ---- Looking ------------------------------------------------------ */

/* A range as runs, a few at a time. */
static void law_check_translate(struct law *law, struct test_rng *rng,
				const struct ref_map *ref)
{
	struct iommu_run run[3];
	struct iommu_run_list list = { .run = run, .max = 3 };
	dma_addr_t va, len, want = 0, done = 0;
	size_t i, r, bytes;

	va = law_random_place(law, rng, ref);
	len = law_page(law) * (1 + test_below(rng, 600));
	if (!law_va_valid(law, va, len))
		return;
	i = ref_find(ref, va);
	for (r = i; r < ref->nr && want < len && ref->entry[r].va <= va + want;
	     r++)
		want = ref_last(&ref->entry[r]) - va + 1;
	if (want > len)
		want = len;
	do {
		list.nr = 0;
		bytes = PT_FN(translate_range)(law_domain(law),
					       law_base(law) + va, len, &list);
		for (r = 0; r < list.nr; r++) {
			while (run[r].len) {
				const struct ref_entry *e = &ref->entry[i];
				dma_addr_t at = va + done;
				dma_addr_t part = ref_last(e) - at + 1;

				assert_int_equal(run[r].oa,
						 e->oa + (at - e->va));
				if (part > run[r].len)
					part = run[r].len;
				run[r].oa += part;
				run[r].len -= part;
				done += part;
				i += va + done - 1 == ref_last(e);
			}
		}
		assert_int_equal(list.done, done);
	} while (bytes);
	assert_int_equal(done, want);
}

/* Where @va goes, says the reference. */
static phys_addr_t law_ref_phys(const struct ref_map *ref, dma_addr_t va)
{
	size_t i = ref_find(ref, va);

	if (i == ref->nr || ref->entry[i].va > va)
		return PHYS_ADDR_MAX;
	return ref->entry[i].oa + (va - ref->entry[i].va);
}

/* An address in an entry, at its ends, next to it, or anywhere. */
static dma_addr_t law_random_address(struct law *law, struct test_rng *rng,
				     const struct ref_map *ref)
{
	const struct ref_entry *e = &ref->entry[test_below(rng, ref->nr)];

	switch (test_below(rng, 8)) {
	case 0:
		return (dma_addr_t)test_random(rng);
	case 1:
		return (dma_addr_t)test_random(rng) & law_last(law);
	case 2:
		return e->va - 1;
	case 3:
		return ref_last(e) + 1;
	case 4:
		return ref_last(e);
	default:
		return e->va + ((dma_addr_t)test_random(rng) &
				va_lg2_mask(e->size_lg2));
	}
}

/* Many lookups at once, one by one, and what the reference says: all the same. */
static void law_check_lookups(struct law *law, struct test_rng *rng,
			      const struct ref_map *ref)
{
	size_t nr = test_below(rng, 80), i;
	dma_addr_t iova[80];
	phys_addr_t oa[81];

	for (i = 0; i < nr; i++)
		iova[i] = law_base(law) + law_random_address(law, rng, ref);
	memset(oa, 0x5a, sizeof(oa));
	PT_FN(iova_to_phys_list)(law_domain(law), iova, oa, nr);
	for (i = 0; i < nr; i++) {
		assert_int_equal(oa[i],
				 law_ref_phys(ref, iova[i] - law_base(law)));
		assert_int_equal(oa[i],
				 PT_FN(iova_to_phys)(law_domain(law), iova[i]));
	}
	/* And no further. */
	assert_int_equal(oa[nr], 0x5a5a5a5a5a5a5a5a);
}

struct law_walk {
	struct law *law;
	const struct ref_map *ref;
	size_t next;
	size_t tables[PT_MAX_LEVELS];
};

static int law_walk_entry(void *arg, const struct pt_iommu_entry *entry)
{
	struct law_walk *walk = arg;
	const struct ref_entry *want = &walk->ref->entry[walk->next];

	if (!entry->leaf) {
		walk->tables[entry->level - 1]++;
		return 0;
	}
	assert_true(walk->next++ < walk->ref->nr);
	assert_int_equal(entry->va, law_base(walk->law) + want->va);
	assert_int_equal(entry->pa, want->oa);
	assert_int_equal(entry->size_lg2, want->size_lg2);
	if (law_random_dirty(walk->law))
		assert_int_equal(entry->dirty, want->dirty);
	return 0;
}

/* Everything, in both halves if there are two. */
static void law_check_walk(struct law *law, const struct ref_map *ref)
{
	struct pt_iommu_memory memory = law_memory(law);
	struct law_walk walk = { .law = law, .ref = ref };
	unsigned int top = pt_top_read(law_common(law)).level;
	dma_addr_t last = law_last(law);

	/* A range of all addresses has no length in a word. */
	assert_int_equal(PT_FN(walk)(law_domain(law), law_base(law),
				     last + 1 ? last + 1 : last, law_walk_entry,
				     &walk),
			 0);
	if (pt_feature(law_common(law), PT_FEAT_SIGN_EXTEND))
		assert_int_equal(PT_FN(walk)(law_domain(law), ~last, last + 1,
					     law_walk_entry, &walk),
				 0);
	assert_int_equal(walk.next, ref->nr);
	walk.tables[top]++;
	assert_memory_equal(walk.tables, memory.tables, sizeof(memory.tables));
}

#endif
