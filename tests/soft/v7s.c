/* SPDX-License-Identifier: MIT */
/* The short descriptors' own rules: four leaf sizes, copies, permissions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "examples.h"
#include "one.h"

/* Bits of a small page, of a large page and of a section. */
#define SMALL      UINT64_C(0x032) /* AF, AP[1] */
#define LARGE      UINT64_C(0x031)
#define SECTION    UINT64_C(0xc02)
#define SUPER      (SECTION | UINT64_C(1) << 18)
#define PRIVILEGED SOFT_FEAT_SUPERVISOR

static struct soft_root root_with(uint64_t features)
{
	return (struct soft_root){
		.format = soft_format_find("v7s"),
		.pa = 0x80004000,
		.levels = 2,
		.features = features,
	};
}

static void test_types(void **state)
{
	struct soft_root root = root_with(0);

	for (unsigned int level = 0; level < 2; level++)
		assert_int_equal(one_decode(&root, level, 0, 0xfffffffc).kind,
				 SOFT_EMPTY);
	assert_true(
		one_leaf(&root, 0, 0x7123, SMALL | 0x5000, 0x5000, 12, EX_RWX));
	assert_true(one_leaf(&root, 0, 0x7123, LARGE | 0x50000, 0x50000, 16,
			     EX_RWX));
	assert_true(one_leaf(&root, 1, 0x712345, SECTION | 0x500000, 0x500000,
			     20, EX_RWX));
	assert_true(one_leaf(&root, 1, 0x12345678, SUPER | 0x5000000, 0x5000000,
			     24, EX_RWX));
	assert_true(one_table(&root, 1, 0x80008401, 0x80008400, EX_RWX));
	assert_true(one_bad(&root, 1, 0, 0x80008411, "bit 4"));
	for (unsigned int bit = 6; bit < 9; bit++)
		assert_true(one_bad(&root, 0, 0, LARGE | 1u << bit, "8:6"));
}

/* The wide addresses of supersections: PA[35:32] and PA[39:36]. */
static void test_wide_addresses(void **state)
{
	struct soft_root root = root_with(0);

	for (unsigned int bit = 0; bit < 4; bit++) {
		assert_true(one_leaf(&root, 1, 0, SUPER | 1u << (20 + bit),
				     UINT64_C(1) << (32 + bit), 24, EX_RWX));
		assert_true(one_leaf(&root, 1, 0, SUPER | 1u << (5 + bit),
				     UINT64_C(1) << (36 + bit), 24, EX_RWX));
		/* There a section has its domain and its address. */
		assert_true(one_leaf(&root, 1, 0, SECTION | 1u << (5 + bit), 0,
				     20, EX_RWX));
	}
	root.oa_bits = 36;
	assert_true(one_leaf(&root, 1, 0, SUPER | 1u << 23, UINT64_C(1) << 35,
			     24, EX_RWX));
	assert_true(one_bad(&root, 1, 0, SUPER | 1u << 5, "output width"));
	root.oa_bits = 31;
	assert_true(one_bad(&root, 0, 0, SMALL | 1u << 31, "output width"));
	assert_true(one_bad(&root, 1, 0, 1u << 31 | 1, "output width"));
}

/* AP[2:1] at @ap2 and @ap1, XN at @xn, for users and the privileged. */
static void check_permissions(unsigned int level, uint64_t raw,
			      unsigned int ap2, unsigned int ap1,
			      unsigned int xn, unsigned int lg2)
{
	struct soft_root user = root_with(0), super = root_with(PRIVILEGED);
	const uint64_t ro = UINT64_C(1) << ap2, none = UINT64_C(1) << ap1;
	const uint64_t never = UINT64_C(1) << xn;

	assert_true(one_leaf(&user, level, 0, raw, 0, lg2, EX_RWX));
	assert_true(one_leaf(&user, level, 0, raw | never, 0, lg2, EX_RW));
	assert_true(one_leaf(&user, level, 0, raw | ro, 0, lg2, EX_RX));
	assert_true(one_leaf(&user, level, 0, raw ^ none, 0, lg2, 0));
	assert_true(one_leaf(&super, level, 0, raw ^ none, 0, lg2, EX_RWX));
	assert_true(one_leaf(&super, level, 0, raw | ro, 0, lg2, EX_RX));
	assert_true(one_leaf(&super, level, 0, raw | never, 0, lg2, EX_RW));
	/* AP[0], right of AP[1], is the access flag. */
	assert_true(one_bad(&user, level, 0, raw ^ none >> 1, "AF"));
	assert_true(one_decode(&user, level, 0, raw).accessed);
}

static void test_permissions(void **state)
{
	check_permissions(0, SMALL, 9, 5, 0, 12);
	check_permissions(0, LARGE, 9, 5, 15, 16);
	check_permissions(1, SECTION, 15, 11, 4, 20);
	check_permissions(1, SUPER, 15, 11, 4, 24);
}

/* PXN is for the privileged only; of a table it holds for its pages. */
static void test_privileged_execution(void **state)
{
	struct soft_root user = root_with(0), super = root_with(PRIVILEGED);

	assert_true(one_leaf(&user, 1, 0, SECTION | 1, 0, 20, EX_RWX));
	assert_true(one_leaf(&super, 1, 0, SECTION | 1, 0, 20, EX_RW));
	assert_true(one_leaf(&super, 1, 0, SUPER | 1, 0, 24, EX_RW));
	assert_true(one_table(&user, 1, 0x80008005, 0x80008000, EX_RWX));
	assert_true(one_table(&super, 1, 0x80008005, 0x80008000, EX_RW));
}

static void test_geometry(void **state)
{
	struct soft_root root = root_with(0);
	unsigned int hi, lo;

	soft_level_bits(&root, 1, &hi, &lo);
	assert_int_equal(hi, 31);
	assert_int_equal(lo, 20);
	soft_level_bits(&root, 0, &hi, &lo);
	assert_int_equal(hi, 19);
	assert_int_equal(lo, 12);
	assert_true(soft_in_input(&root, 0xffffffff));
	assert_false(soft_in_input(&root, 0x100000000));
	assert_null(soft_root_check(&root));
	root.pa = 0x80002000;
	assert_non_null(strstr(soft_root_check(&root), "aligned"));
	root.pa = 0x80004000;
	root.levels = 3;
	assert_non_null(strstr(soft_root_check(&root), "levels"));
	root.levels = 1;
	assert_non_null(strstr(soft_root_check(&root), "levels"));
}

struct seen {
	struct soft_entry entry[8];
	unsigned int n;
};

static int see(void *arg, const struct soft_entry *entry)
{
	struct seen *seen = arg;

	if (entry->kind == SOFT_TABLE)
		return 0;
	if (seen->n < 8)
		seen->entry[seen->n] = *entry;
	seen->n++;
	return 0;
}

/* The copies of a run are equal, bit by bit. */
static void check_copies(const char *example)
{
	const struct example *ex = example_find(example);
	unsigned int leaf = ex->nr_entries - 1;
	struct soft_root root = example_root(ex);
	uint64_t value = ex->entry[leaf].value;
	struct seen seen;
	struct mem mem;

	mem_init(&mem);
	example_store(&mem, ex);
	for (unsigned int bit = 0; bit < 32; bit++) {
		example_put(&mem, ex, leaf, 6, value ^ UINT64_C(1) << bit);
		seen.n = 0;
		soft_visit(&mem.bus, &root, 0, UINT64_MAX, see, &seen);
		assert_int_equal(seen.n, 2);
		assert_int_equal(seen.entry[0].kind, SOFT_LEAF);
		assert_int_equal(seen.entry[0].va, ex->va);
		assert_int_equal(seen.entry[1].kind, SOFT_BAD);
		assert_int_equal(seen.entry[1].index,
				 ex->entry[leaf].index + 6);
	}
	mem_fini(&mem);
}

static void test_copies_that_differ(void **state)
{
	check_copies("P2");
	check_copies("P4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_wide_addresses),
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_privileged_execution),
		cmocka_unit_test(test_geometry),
		cmocka_unit_test(test_copies_that_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
