/* SPDX-License-Identifier: MIT */
/* The visitor: what it shows of honest tables, and that hostile ones do no harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "examples.h"

#define MAX_SEEN 64

/**
 * struct seen - what a visit showed
 * @answer: returned for each entry
 * @limit: stop with -1 after so many entries; 0 = never
 */
struct seen {
	struct soft_entry entry[MAX_SEEN];
	size_t n;
	int answer;
	size_t limit;
};

static int see(void *arg, const struct soft_entry *entry)
{
	struct seen *seen = arg;

	if (seen->n < MAX_SEEN)
		seen->entry[seen->n] = *entry;
	seen->n++;
	if (seen->limit && seen->n >= seen->limit)
		return -1;
	return seen->answer;
}

static int visit(struct mem *mem, const struct soft_root *root, uint64_t va,
		 uint64_t last, struct seen *seen)
{
	seen->n = 0;
	return soft_visit(&mem->bus, root, va, last, see, seen);
}

static void check_leaf(const struct example *ex, const struct soft_entry *leaf)
{
	unsigned int i = ex->nr_entries - 1;

	assert_int_equal(leaf->kind, SOFT_LEAF);
	assert_int_equal(leaf->va, ex->va);
	assert_int_equal(leaf->oa, ex->oa);
	assert_int_equal(UINT64_C(1) << leaf->size_lg2, ex->size);
	assert_int_equal(leaf->index, ex->entry[i].index);
	assert_int_equal(leaf->pa, example_pa(ex, i));
	assert_int_equal(1u << leaf->run_lg2, ex->entry[i].copies);
}

static void test_examples(void **state)
{
	static struct seen seen;

	for (size_t i = 0; i < NR_EXAMPLES; i++) {
		const struct example *ex = &examples[i];
		struct soft_root root = example_root(ex);
		struct mem mem;

		mem_init(&mem);
		example_store(&mem, ex);
		assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), 0);
		assert_int_equal(seen.n, ex->nr_entries);
		for (unsigned int j = 0; j + 1 < seen.n; j++) {
			assert_int_equal(seen.entry[j].kind, SOFT_TABLE);
			assert_int_equal(seen.entry[j].index,
					 ex->entry[j].index);
		}
		check_leaf(ex, &seen.entry[seen.n - 1]);
		/* From the middle of the page: still the whole page. */
		assert_int_equal(visit(&mem, &root, ex->va + ex->size / 2,
				       ex->va + ex->size / 2, &seen),
				 0);
		check_leaf(ex, &seen.entry[seen.n - 1]);
		/* Right before and right behind it there is no leaf. */
		visit(&mem, &root, 0, ex->va - 1, &seen);
		assert_true(!seen.n ||
			    seen.entry[seen.n - 1].kind == SOFT_TABLE);
		visit(&mem, &root, ex->va + ex->size, UINT64_MAX, &seen);
		assert_true(!seen.n ||
			    seen.entry[seen.n - 1].kind == SOFT_TABLE);
		mem_fini(&mem);
	}
}

static void test_answers(void **state)
{
	const struct example *ex = example_find("V1");
	struct soft_root root = example_root(ex);
	static struct seen seen;
	struct mem mem;

	mem_init(&mem);
	example_store(&mem, ex);
	seen.answer = 1; /* not what is below the first table */
	assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), 0);
	assert_int_equal(seen.n, 1);
	seen.answer = -7;
	assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), -7);
	assert_int_equal(seen.n, 1);
	seen.answer = 0;
	seen.limit = 4; /* stops at the leaf */
	assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), -1);
	seen.limit = 0;
	root.levels = 9;
	assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), -EINVAL);
	assert_int_equal(seen.n, 0);
	mem_fini(&mem);
}

/* Accessed and dirty may be in any copy of a run. */
static void test_run_flags(void **state)
{
	const struct example *ex = example_find("A3");
	struct soft_root root = example_root(ex);
	uint64_t value = ex->entry[2].value;
	static struct seen seen;
	struct mem mem;

	mem_init(&mem);
	example_store(&mem, ex);
	mem_put(&mem, example_pa(ex, 2) + 9 * 8, value | 1 << 6);
	mem_put(&mem, example_pa(ex, 2) + 15 * 8, value | 1 << 5);
	visit(&mem, &root, 0, UINT64_MAX, &seen);
	assert_int_equal(seen.n, 3);
	assert_true(seen.entry[2].dirty);
	assert_true(seen.entry[2].accessed);
	mem_fini(&mem);
}

static void test_broken_run(void **state)
{
	const struct example *ex = example_find("A3");
	struct soft_root root = example_root(ex);
	static struct seen seen;
	struct mem mem;

	mem_init(&mem);
	example_store(&mem, ex);
	mem_put(&mem, example_pa(ex, 2) + 3 * 8, 0);
	mem_put(&mem, example_pa(ex, 2) + 7 * 8,
		ex->entry[2].value ^ UINT64_C(1) << 30);
	visit(&mem, &root, 0, UINT64_MAX, &seen);
	assert_int_equal(seen.n, 5);
	check_leaf(ex, &seen.entry[2]);
	for (unsigned int i = 3; i < 5; i++) {
		const struct soft_entry *odd = &seen.entry[i];

		assert_int_equal(odd->kind, SOFT_BAD);
		assert_non_null(strstr(odd->why, "copies"));
		assert_int_equal(odd->index, i == 3 ? 51 : 55);
		assert_int_equal(odd->va, ex->va + (i == 3 ? 3u : 7u) * 4096);
		assert_int_equal(odd->size_lg2, 12);
	}
	mem_fini(&mem);
}

/* Both ends of the address space, and both halves of a signed one. */
static void test_ends(void **state)
{
	struct soft_root amd = { .format = soft_format_find("amdv1"),
				 .pa = EXAMPLE_TOP,
				 .levels = 6 };
	struct soft_root x86 = { .format = soft_format_find("x86_64"),
				 .pa = EXAMPLE_TOP,
				 .levels = 4 };
	static struct seen seen;
	struct mem mem;

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP + 127 * 8, 0x6000000080002a01);
	mem_put(&mem, 0x80002000 + 511 * 8, 0x6000000000000001);
	assert_int_equal(visit(&mem, &amd, 0, UINT64_MAX, &seen), 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.entry[1].va, UINT64_C(0xffff) << 48);
	mem_fini(&mem);

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP, 0x80002027);
	mem_put(&mem, EXAMPLE_TOP + 511 * 8, 0x80002027);
	mem_put(&mem, 0x80002000, 0xc00000a7);
	assert_int_equal(visit(&mem, &x86, 0, UINT64_MAX, &seen), 0);
	assert_int_equal(seen.n, 4);
	assert_int_equal(seen.entry[1].va, 0);
	assert_int_equal(seen.entry[3].va, UINT64_C(0xffffff8000000000));
	/* Only the upper half. */
	visit(&mem, &x86, UINT64_C(1) << 47, UINT64_MAX, &seen);
	assert_int_equal(seen.n, 2);
	mem_fini(&mem);
}

/* ------------------------------------------------ hostile tables */

static void test_loop(void **state)
{
	struct soft_root root = { .format = soft_format_find("x86_64"),
				  .pa = EXAMPLE_TOP,
				  .levels = 4 };
	static struct seen seen;
	struct soft_walk w;
	struct mem mem;

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP + 8, EXAMPLE_TOP | 0x27);
	assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.entry[0].kind, SOFT_BAD);
	assert_non_null(strstr(seen.entry[0].why, "own path"));
	/* For hardware this is a table as good as any. */
	assert_int_equal(soft_walk(&mem.bus, &root, 0x8040201000, 0, &w),
			 SOFT_OK);
	assert_int_equal(w.oa, EXAMPLE_TOP);
	/* A loop over two tables. */
	mem_put(&mem, EXAMPLE_TOP + 8, 0x80002027);
	mem_put(&mem, 0x80002000 + 16, EXAMPLE_TOP | 0x27);
	assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.entry[1].kind, SOFT_BAD);
	mem_fini(&mem);
}

static void test_wild_pointers(void **state)
{
	struct soft_root root = { .format = soft_format_find("vtdss"),
				  .pa = EXAMPLE_TOP,
				  .levels = 3 };
	static struct seen seen;
	struct mem mem;

	mem_init(&mem);
	mem_put(&mem, EXAMPLE_TOP + 8, 0x66666000 | 3);
	mem_put(&mem, EXAMPLE_TOP + 24, 0x77777000 | 3);
	assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), 0);
	/* The table item, then once: there is nothing behind it. */
	assert_int_equal(seen.n, 4);
	assert_int_equal(seen.entry[1].kind, SOFT_BAD);
	assert_int_equal(seen.entry[1].table_pa, 0x66666000);
	assert_int_equal(seen.entry[1].index, 0);
	assert_int_equal(seen.entry[3].table_pa, 0x77777000);
	/* No memory even for the top. */
	mem_remove(&mem, EXAMPLE_TOP);
	assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.entry[0].table_pa, EXAMPLE_TOP);
	mem_fini(&mem);
}

/* 512 to the power of 4 leaves from four pages: the visitor decides how long. */
static void test_endless(void **state)
{
	struct soft_root root = { .format = soft_format_find("vtdss"),
				  .pa = EXAMPLE_TOP,
				  .levels = 4 };
	static struct seen seen = { .limit = 100000 };
	struct mem mem;

	mem_init(&mem);
	for (unsigned int t = 0; t < 4; t++)
		for (unsigned int i = 0; i < 512; i++)
			mem_put(&mem, EXAMPLE_TOP + t * MEM_PAGE + i * 8,
				(EXAMPLE_TOP + (t + 1) * MEM_PAGE) | 3);
	assert_int_equal(visit(&mem, &root, 0, UINT64_MAX, &seen), -1);
	assert_int_equal(seen.n, seen.limit);
	mem_fini(&mem);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

#define RANDOM_TOP UINT64_C(0x80010000)

/**
 * struct hostile - a format under random memory
 * @right: how far right of its place the address stands in an entry
 */
struct hostile {
	const char *format;
	unsigned int right;
	uint64_t features;
};

static const struct hostile hostile[] = {
	{ "amdv1", 0, 0 },
	{ "amdv1_mock", 0, 0 },
	{ "armv8_s1_4k", 0, SOFT_FEAT_HW_DIRTY },
	{ "armv8_s1_16k", 0, SOFT_FEAT_52BIT | SOFT_FEAT_UPPER },
	{ "armv8_s1_64k", 0, SOFT_FEAT_52BIT | SOFT_FEAT_HW_DIRTY },
	{ "armv8_s2_4k", 0, SOFT_FEAT_52BIT | SOFT_FEAT_HW_ACCESSED },
	{ "armv8_s2_16k", 0, SOFT_FEAT_XNX },
	{ "armv8_s2_64k", 0, SOFT_FEAT_S2FWB | SOFT_FEAT_NT },
	{ "dart", 0, 0 },
	{ "dart2", 4, 0 },
	{ "ept", 0, SOFT_FEAT_EXEC_ONLY },
	{ "lpae_s1", 0, 0 },
	{ "lpae_s2", 0, 0 },
	{ "riscv32", 2, 0 },
	{ "riscv32_x4", 2, SOFT_FEAT_HW_DIRTY },
	{ "riscv64", 2, SOFT_FEAT_SVNAPOT | SOFT_FEAT_SVPBMT },
	{ "riscv64_x4", 2, SOFT_FEAT_SVNAPOT | SOFT_FEAT_HW_DIRTY },
	{ "v7s", 0, 0 },
	{ "vtdss", 0, 0 },
	{ "x86_64", 0, 0 },
};

/* Random words, whose addresses mostly point back into the same few pages. */
static void scramble(struct mem *mem, unsigned int right, uint64_t *seed)
{
	uint64_t address = UINT64_C(0x0ff0fffffffff000) >> right;

	for (unsigned int i = 0; i < 8 * 512; i++) {
		uint64_t value = next_random(seed);

		if (value % 4)
			value = (value & ~address) |
				(RANDOM_TOP + value % 8 * MEM_PAGE) >> right;
		mem_put(mem, RANDOM_TOP + i * 8, value);
	}
}

/* What the visitor shows the walker finds, by itself and by the same bits. */
static void check_walked(struct mem *mem, const struct soft_root *root,
			 const struct soft_entry *entry)
{
	const struct soft_entry *step;
	struct soft_walk w;

	soft_walk(&mem->bus, root, entry->va, 0, &w);
	for (unsigned int i = 0; i < w.steps; i++) {
		step = &w.step[i];
		if (step->level != entry->level)
			continue;
		assert_int_equal(step->table_pa, entry->table_pa);
		if (entry->run_lg2)
			return; /* the first of its items may be another one */
		assert_int_equal(step->raw, entry->raw);
		assert_int_equal(step->oa, entry->oa);
		assert_int_equal(step->size_lg2, entry->size_lg2);
		assert_int_equal(step->prot, entry->prot);
		return;
	}
	fail_msg("not on the walk's path");
}

static void check_random(struct mem *mem, const struct soft_root *root,
			 uint64_t *seed)
{
	static struct seen seen = { .limit = 20000 };
	struct soft_walk w;

	for (unsigned int i = 0; i < 500; i++) {
		uint64_t va = next_random(seed) >> (next_random(seed) % 64);

		soft_walk(&mem->bus, root, va, SOFT_WRITE, &w);
		assert_in_range(w.steps, 0, root->levels);
	}
	visit(mem, root, 0, UINT64_MAX, &seen);
	for (size_t i = 0; i < seen.n && i < MAX_SEEN; i++) {
		assert_int_not_equal(seen.entry[i].kind, SOFT_EMPTY);
		assert_int_equal(seen.entry[i].kind == SOFT_BAD,
				 seen.entry[i].why != NULL);
		assert_in_range(seen.entry[i].level, 0, root->levels - 1);
		if (seen.entry[i].kind == SOFT_LEAF ||
		    seen.entry[i].kind == SOFT_TABLE)
			check_walked(mem, root, &seen.entry[i]);
	}
}

static void check_hostile(const struct hostile *h, uint64_t *seed)
{
	struct mem mem;

	mem_init(&mem);
	scramble(&mem, h->right, seed);
	for (unsigned int levels = 1; levels <= 6; levels++) {
		struct soft_root root = {
			.format = soft_format_find(h->format),
			.pa = RANDOM_TOP,
			.levels = levels,
			.features = h->features,
		};

		if (!soft_root_check(&root))
			check_random(&mem, &root, seed);
	}
	mem_fini(&mem);
}

static void test_random_memory(void **state)
{
	uint64_t seed = 0x2545f4914f6cdd1d;

	for (unsigned int round = 0; round < 5; round++)
		for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]);
		     i++)
			check_hostile(&hostile[i], &seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_run_flags),
		cmocka_unit_test(test_broken_run),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_wild_pointers),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_random_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
