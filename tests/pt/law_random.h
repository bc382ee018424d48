/* SPDX-License-Identifier: MIT */
/**
 * DOC: Random operations
 *
 * Map, unmap and dirty bits at random, in a few windows of the address space that
 * lie where something special is. After each step the table is compared with the
 * reference map, entry by entry, and with what the software IOMMU's decoder, which
 * shares nothing with the page table, makes of the same memory.
 */
#ifndef TESTS_PT_LAW_RANDOM_H
#define TESTS_PT_LAW_RANDOM_H

#include "laws.h"
#include "law_root.h"

#define LAW_STEPS       90
#define LAW_MIN_STEPS   30
#define LAW_MAX_PAGES   700
#define LAW_WINDOW_LG2  36
#define LAW_MAX_ENTRIES 500UL

/* ---- The second opinion ------------------------------------------- */

/**
 * struct law_bus - the bus of the decoder: the arena and nothing else
 * @bus: as the decoder sees it
 * @arena: the arena
 * @shadow: what to read instead, if not NULL
 */
struct law_bus {
	struct soft_bus bus;
	struct port_arena *arena;
	char *shadow;
};

static int law_bus_load(struct soft_bus *bus, uint64_t pa, unsigned int size,
			uint64_t *value)
{
	struct law_bus *lb = pt_container_of(bus, struct law_bus, bus);
	void *ptr = port_arena_ptr(lb->arena, pa, size);

	if (!ptr)
		return -EFAULT;
	if (lb->shadow)
		ptr = lb->shadow + (pa - LAW_BASE_PA);
	if (size == 8)
		*value = __atomic_load_n((uint64_t *)ptr, __ATOMIC_RELAXED);
	else
		*value = __atomic_load_n((uint32_t *)ptr, __ATOMIC_RELAXED);
	return 0;
}

static bool law_random_dirty(struct law *law)
{
#ifdef pt_item_is_dirty
	/* A walker that does not see the CPU's caches sets no bits in them. */
	return pt_can_track_dirty(law_common(law)) &&
	       !pt_feature(law_common(law), PT_FEAT_DMA_INCOHERENT);
#else
	return false;
#endif
}

struct law_decode {
	const struct ref_map *ref;
	dma_addr_t base;
	bool dirty;
	bool encrypted; /* every table and page of RAM */
	size_t next;
	size_t tables[PT_MAX_LEVELS];
};

static int law_decode_entry(void *arg, const struct soft_entry *entry)
{
	struct law_decode *decode = arg;
	const struct ref_entry *want = &decode->ref->entry[decode->next];

	assert_int_not_equal(entry->kind, SOFT_BAD);
	if (entry->kind == SOFT_TABLE)
		decode->tables[entry->next_level]++;
	assert_int_equal(entry->encrypted, decode->encrypted);
	if (entry->kind != SOFT_LEAF)
		return 0;
	assert_true(decode->next++ < decode->ref->nr);
	assert_int_equal(entry->va, decode->base + want->va);
	assert_int_equal(entry->size_lg2, want->size_lg2);
	assert_int_equal(entry->oa, want->oa);
	assert_int_equal(entry->prot & (SOFT_READ | SOFT_WRITE), want->prot);
	/* Arm's hardware knows nothing of dirty leaves that are read-only. */
	if (decode->dirty && want->prot & IOMMU_WRITE)
		assert_int_equal(entry->dirty, want->dirty);
	else if (decode->dirty)
		assert_true(entry->dirty <= want->dirty);
	return 0;
}

/* One address, by the decoder, by the table and by the reference. */
static void law_translate(struct law *law, struct law_bus *lb,
			  const struct soft_root *root,
			  const struct ref_map *ref, dma_addr_t va)
{
	size_t i = ref_find(ref, va);
	const struct ref_entry *want = NULL;
	struct soft_walk walk;
	phys_addr_t oa;

	if (i < ref->nr && ref->entry[i].va <= va)
		want = &ref->entry[i];
	oa = want ? want->oa + (va - want->va) : PHYS_ADDR_MAX;
	assert_int_equal(law_phys(law, va), oa);
	if (!lb)
		return;
	if (!want) {
		assert_int_not_equal(soft_walk(&lb->bus, root,
					       law_base(law) + va, 0, &walk),
				     SOFT_OK);
		return;
	}
	assert_int_equal(soft_walk(&lb->bus, root, law_base(law) + va, 0,
				   &walk),
			 SOFT_OK);
	assert_int_equal(walk.oa, oa);
	assert_int_equal(walk.size_lg2, want->size_lg2);
	assert_int_equal(walk.prot & (SOFT_READ | SOFT_WRITE), want->prot);
}

static void law_second_opinion(struct law *law, const struct ref_map *ref)
{
	struct law_bus lb = { .bus.load = law_bus_load,
			      .arena = law->arena,
			      .shadow = law->shadow };
	bool decodable = law_decodable();
	struct soft_root root = { .format = NULL };
	struct law_decode decode = { .ref = ref,
				     .base = law_base(law),
				     .dirty = law_random_dirty(law),
				     .encrypted = law_c_bit(law) != 0 };
	struct pt_iommu_memory memory = law_memory(law);
	size_t i;

	if (decodable) {
		root = law_root(law);
		decode.tables[root.levels - 1] = 1;
		assert_int_equal(soft_visit(&lb.bus, &root, 0, ~0ULL,
					    law_decode_entry, &decode),
				 0);
		assert_int_equal(decode.next, ref->nr);
		assert_memory_equal(decode.tables, memory.tables,
				    sizeof(memory.tables));
	}
	for (i = 0; i < ref->nr; i += 1 + ref->nr / 50) {
		dma_addr_t va = ref->entry[i].va;
		dma_addr_t last = ref_last(&ref->entry[i]);
		struct law_bus *bus = decodable ? &lb : NULL;

		law_translate(law, bus, &root, ref, va);
		law_translate(law, bus, &root, ref, va + (last - va) / 3);
		law_translate(law, bus, &root, ref, last);
		law_translate(law, bus, &root, ref, va - 1);
		law_translate(law, bus, &root, ref, last + 1);
	}
}

/*
 * In the middle of an operation: some of what it does not change is where it was, for
 * the decoder.
 */
static void law_watched(struct law *law)
{
	struct law_bus lb = { .bus.load = law_bus_load,
			      .arena = law->arena,
			      .shadow = law->shadow };
	const struct ref_map *ref = law->watch;
	struct soft_root root;
	size_t i;

	if (!ref || !ref->nr)
		return;
	root = law_root(law);
	for (i = 0; i < ref->nr; i += 1 + ref->nr / 6) {
		const struct ref_entry *entry = &ref->entry[i];
		dma_addr_t in = va_lg2_mask(entry->size_lg2) / 3 * (i % 4);
		struct soft_walk walk;

		assert_int_equal(soft_walk(&lb.bus, &root,
					   law_base(law) + entry->va + in, 0,
					   &walk),
				 SOFT_OK);
		assert_int_equal(walk.oa, entry->oa + in);
	}
}

#include "law_steps.h"

/* ---- The operations ----------------------------------------------- */

struct law_op {
	dma_addr_t va;
	phys_addr_t oa;
	dma_addr_t len;
};

/* Somewhere special: the ends of the range, a border of tables, the middle. */
static dma_addr_t law_window(struct law *law, struct test_rng *rng)
{
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t last = law_last(law);

	switch (test_below(rng, 5)) {
	case 0:
		return 0;
	case 1:
		return last;
	case 2:
		return last / 2 + 1;
	case 3:
		return pt_feature(pts.common, PT_FEAT_SIGN_EXTEND) ? ~last
								   : last / 3;
	}
	pts.level = (unsigned int)test_below(rng, law_max_level(law) + 1);
	return va_lg2_mul(1, pt_table_span_lg2(&pts));
}

/* Random, aligned to a random size, and small enough to be stored. */
static struct law_op law_random_op(struct law *law, struct test_rng *rng)
{
	unsigned int width = va_lg2_floor(law_last(law));
	unsigned int span = width < LAW_WINDOW_LG2 ? width : LAW_WINDOW_LG2;
	unsigned int align =
		PT_GRANULE_LG2SZ +
		(unsigned int)test_below(rng, span - PT_GRANULE_LG2SZ);
	unsigned int same = align + (unsigned int)test_below(
					    rng, LAW_WINDOW_LG2 + 4 - align);
	unsigned int unit = oa_lg2_floor(law_domain(law)->pgsize_bitmap &
					 oa_lg2_mask(align + 1));
	struct law_op op;

	op.va = test_random(rng) & va_lg2_mask(span);
	op.va -= va_lg2_mask(span) / 2;
	op.va = (op.va + law_window(law, rng)) & ~va_lg2_mask(align);
	op.len = va_lg2_mul(1 + test_below(rng, LAW_MAX_PAGES), align);
	if (op.len > LAW_MAX_ENTRIES << unit)
		op.len = LAW_MAX_ENTRIES << unit;
	if (!test_below(rng, 4))
		op.len = (dma_addr_t)1 << unit;
	if (!op.len) /* too much for the machine's word */
		op.len = law_page(law);
	/* The OA is congruent modulo 2^same: that much can be one page. */
	op.oa = (test_random(rng) & ~oa_lg2_mask(same)) |
		(op.va & oa_lg2_mask(same));
	op.oa &= law_last_oa(law);
	return op;
}

static void law_random_map(struct law *law, struct test_rng *rng,
			   struct ref_map *ref)
{
	static const unsigned int prots[] = { LAW_RW, LAW_RW, IOMMU_READ,
					      IOMMU_WRITE };
	struct law_op op = law_random_op(law, rng);
	unsigned int prot = prots[test_below(rng, ARRAY_SIZE(prots))];
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	struct pt_attrs attrs, read;
	size_t first, nr = ref->nr;
	size_t mapped = 0;
	int ret;

	ret = PT_FN(map_range)(law_domain(law), law_base(law) + op.va, op.oa,
			       op.len, prot, GFP_KERNEL, &mapped);
	assert_int_equal(mapped, ret ? 0 : op.len);
	if (op.oa + (op.len - 1) > law_last_oa(law) ||
	    !law_va_valid(law, op.va, op.len)) {
		assert_true(ret == -ERANGE || ret == -EOVERFLOW);
		return;
	}
	if (pt_iommu_set_prot(law_common(law), &attrs, prot)) {
		assert_int_equal(ret, -EOPNOTSUPP);
		return;
	}
	if (!ref_range_free(ref, op.va, op.va + (op.len - 1))) {
		assert_int_equal(ret, -EADDRINUSE);
		return;
	}
	assert_int_equal(ret, 0);
	/* Where a write alone cannot be said it gives read, too. */
	assert_int_equal(pt_iommu_set_prot(law_common(law), &read,
					   prot | IOMMU_READ),
			 0);
	if (read.bits == attrs.bits)
		prot |= IOMMU_READ;
	first = ref_find(ref, op.va);
	ref_map_range(ref, sizes, op.va, op.oa, op.len, prot);
	for (; nr < ref->nr; nr++, first++)
		ref->entry[first].dirty = law_born_dirty(law, prot);
}

static void law_random_unmap(struct law *law, struct test_rng *rng,
			     struct ref_map *ref)
{
	struct law_op op = law_random_op(law, rng);

	/* Mostly somewhere where something is */
	if (ref->nr && test_below(rng, 8)) {
		size_t i = test_below(rng, ref->nr);

		op.va = ref->entry[i].va;
		if (!test_below(rng, 8))
			op.va += law_page(law);
		if (!test_below(rng, 2))
			op.len = (dma_addr_t)1 << ref->entry[i].size_lg2;
	}
	if (!law_va_valid(law, op.va, op.len)) {
		assert_int_equal(law_unmap(law, op.va, op.len), 0);
		return;
	}
	assert_int_equal(law_unmap(law, op.va, op.len),
			 ref_unmap_range(ref, op.va, op.len));
}

#ifdef pt_item_is_dirty
static void law_random_set_dirty(struct law *law, struct test_rng *rng,
				 struct ref_map *ref)
{
	struct ref_entry *entry;
	dma_addr_t va;
	int ret;

	if (!ref->nr)
		return;
	entry = &ref->entry[test_below(rng, ref->nr)];
	va = entry->va + (test_random(rng) & va_lg2_mask(entry->size_lg2));
	ret = law_set_dirty(law, va);
	/* Hardware does not write where it may not; some formats can say so. */
	if (ret == -EPERM) {
		assert_int_equal(entry->prot & IOMMU_WRITE, 0);
		return;
	}
	assert_int_equal(ret, 0);
	entry->dirty = true;
}

/* Clean a range whose ends are ends of entries. */
static void law_random_clear(struct law *law, struct test_rng *rng,
			     struct ref_map *ref)
{
	static struct law_records rec;
	size_t first, last, i, r = 0;
	dma_addr_t va, end;

	if (!ref->nr)
		return;
	first = test_below(rng, ref->nr);
	last = first + test_below(rng, ref->nr - first);
	va = ref->entry[first].va;
	end = ref_last(&ref->entry[last]);
	if (!law_va_valid(law, va, end - va + 1))
		return;
	law_read_dirty(law, va, end - va + 1, 0, &rec);
	for (i = first; i <= last; i++) {
		struct ref_entry *entry = &ref->entry[i];
		bool covered;

		while (r < rec.nr && rec.va[r] + (rec.len[r] - 1) < entry->va)
			r++;
		covered = r < rec.nr && rec.va[r] <= entry->va;
		assert_int_equal(covered, entry->dirty);
		entry->dirty = false;
	}
}

#else
static void law_random_set_dirty(struct law *law, struct test_rng *rng,
				 struct ref_map *ref)
{
}

static void law_random_clear(struct law *law, struct test_rng *rng,
			     struct ref_map *ref)
{
}
#endif

/* Checking a step takes time in proportion to the size of a table. */
static unsigned int law_steps(void)
{
	unsigned int steps = (LAW_STEPS << 12) >> PT_TABLEMEM_LG2SZ;

	return steps < LAW_MIN_STEPS ? LAW_MIN_STEPS : steps;
}

static void law_random_steps(struct law *law, unsigned int steps)
{
	struct test_rng rng = { .state = test_seed() };
	struct ref_map ref = { .nr = 0 };
	unsigned int ops = law_random_dirty(law) ? 16 : 14;
	struct law_op op;
	unsigned int i;

	for (i = 0; i < steps; i++) {
		unsigned int what = (unsigned int)test_below(&rng, ops);

		/* Checking takes time in proportion to what is mapped. */
		if (!ref.nr || ref.nr > 400)
			what = ref.nr ? 4 : 0;
		/* All but unmap and replace leave what is mapped where it is. */
		law->watch = what == 4 || what == 5 || what == 7 || what == 13
				     ? NULL
				     : &ref;
		switch (what) {
		case 0 ... 3:
			law_random_map(law, &rng, &ref);
			break;
		case 4 ... 5:
			law_random_unmap(law, &rng, &ref);
			break;
		case 6:
			op = law_random_op(law, &rng);
			law_random_map_list(law, &rng, &ref, op.va, op.len);
			break;
		case 7:
			law_random_unmap_list(law, &rng, &ref);
			break;
		case 8 ... 9:
			law_random_cut(law, &rng, &ref);
			break;
		case 10 ... 11:
			law_random_resize(law, &rng, &ref);
			break;
		case 12:
			law_random_prot(law, &rng, &ref);
			break;
		case 13:
			law_random_replace(law, &rng, &ref);
			break;
		case 14:
			law_random_set_dirty(law, &rng, &ref);
			break;
		case 15:
			law_random_clear(law, &rng, &ref);
			break;
		}
		law->watch = NULL;
		law_compare(law, &ref);
		law_second_opinion(law, &ref);
		law_check_walk(law, &ref);
		if (ref.nr) {
			law_check_translate(law, &rng, &ref);
			law_check_lookups(law, &rng, &ref);
		}
	}
	while (ref.nr) {
		dma_addr_t va = ref.entry[0].va;
		dma_addr_t len = ref_last(&ref.entry[0]) - va + 1;

		assert_int_equal(law_unmap(law, va, len),
				 ref_unmap_range(&ref, va, len));
	}
	assert_int_equal(law_entries(law), 0);
	ref_release(&ref);
}

static void law_random(void **state)
{
	law_random_steps(*state, law_steps());
}

/* ---- The same with run operations of the runtime ------------------ */

static unsigned int law_run_calls[4];

static uint64_t law_run_differ(const uint64_t *items, size_t count,
			       uint64_t value)
{
	uint64_t any = 0;

	law_run_calls[0]++;
	for (; count; count--)
		any |= *items++ ^ value;
	return any;
}

static void law_run_fill(uint64_t *items, size_t count, uint64_t first,
			 uint64_t step, unsigned int repeat_lg2)
{
	size_t i;

	law_run_calls[1]++;
	assert_int_equal(count & ((1U << repeat_lg2) - 1), 0);
	for (i = 0; i < count; i++)
		items[i] = first + (i >> repeat_lg2) * step;
}

static bool law_run_fill_empty(uint64_t *items, size_t count, uint64_t first,
			       uint64_t step, unsigned int repeat_lg2)
{
	if (law_run_differ(items, count, 0))
		return false;
	law_run_fill(items, count, first, step, repeat_lg2);
	return true;
}

static void law_run_clear(uint64_t *items, size_t count)
{
	law_run_calls[2]++;
	memset(items, 0, count * sizeof(*items));
}

static bool law_run_clear_alike(uint64_t *items, size_t count, uint64_t value,
				uint64_t mask)
{
	if (law_run_differ(items, count, value) & mask)
		return false;
	law_run_clear(items, count);
	return true;
}

static enum pt_run_found law_run_dirty_one(uint64_t *items, size_t count,
					   const struct pt_run_dirty *how,
					   uint64_t *settled, uint64_t *others)
{
	enum pt_run_found found = PT_RUN_NONE;
	size_t i;

	memset(settled, 0, (count + 63) / 64 * sizeof(*settled));
	memset(others, 0, (count + 63) / 64 * sizeof(*others));
	for (i = 0; i < count; i++) {
		if ((items[i] & how->mask) != how->value &&
		    !(items[i] & how->kept))
			continue;
		if ((items[i] & how->settled_mask) != how->settled_value) {
			others[i / 64] |= 1ULL << i % 64;
			found = PT_RUN_OTHERS;
			continue;
		}
		settled[i / 64] |= 1ULL << i % 64;
		items[i] ^= how->flip;
		if (!found)
			found = PT_RUN_SETTLED;
	}
	return found;
}

static enum pt_run_found law_run_dirty(uint64_t *const *runs, size_t nr,
				       size_t count,
				       const struct pt_run_dirty *how,
				       uint64_t *settled, uint64_t *others)
{
	enum pt_run_found found = PT_RUN_NONE, one;
	size_t i, words = (count + 63) / 64;

	law_run_calls[3]++;
	assert_true(count && count <= PT_RUN_DIRTY_MAX);
	assert_true(nr == 1 || (nr && !(count % 64)));
	for (i = 0; i < nr; i++) {
		assert_true(nr == 1 || !((uintptr_t)runs[i] % 64));
		one = law_run_dirty_one(runs[i], count, how,
					settled + i * words,
					others + i * words);
		if (one > found)
			found = one;
	}
	return found;
}

static const struct pt_run_ops law_run_ops = {
	.differ = law_run_differ,
	.fill = law_run_fill,
	.fill_empty = law_run_fill_empty,
	.clear = law_run_clear,
	.clear_alike = law_run_clear_alike,
	.dirty = law_run_dirty,
};

/* A map, a look for dirty pages and an unmap that are long enough for runs. */
static void law_long_runs(struct law *law)
{
	dma_addr_t len = 64 * law_page(law);
#ifdef pt_item_is_dirty
	struct law_records rec;
#endif

	assert_int_equal(law_map(law, 0, law_page(law), len), 0);
#ifdef pt_item_is_dirty
	if (law_random_dirty(law))
		law_read_dirty(law, 0, len, IOMMU_DIRTY_NO_CLEAR, &rec);
#endif
	assert_int_equal(law_unmap(law, 0, len), len);
}

static void law_random_runs(void **state)
{
	struct law *law = *state;
	struct pt_runtime runtime = *law->cfg.common.runtime;
	bool used = PT_ITEM_WORD_SIZE == 8;

	runtime.run = &law_run_ops;
	law_common(law)->runtime = &runtime;
	memset(law_run_calls, 0, sizeof(law_run_calls));
	law_random_steps(law, LAW_MIN_STEPS);
	law_long_runs(law);
	assert_int_equal(!!law_run_calls[0], used);
	assert_int_equal(!!law_run_calls[1], used);
	assert_int_equal(!!law_run_calls[2], used);
#ifdef pt_item_is_dirty
	used = used && law_random_dirty(law);
#else
	used = false;
#endif
	assert_int_equal(!!law_run_calls[3], used);
	/* An implementation may have only some of them. */
	runtime.run = &(const struct pt_run_ops){ .differ = law_run_differ };
	law_long_runs(law);
	law_common(law)->runtime = law->cfg.common.runtime;
}

#endif
