/* SPDX-License-Identifier: MIT */
/* RISC-V's own rules: reserved codes, NAPOT runs, A and D, both stages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "examples.h"
#include "one.h"

enum {
	V = 1 << 0,
	R = 1 << 1,
	W = 1 << 2,
	X = 1 << 3,
	U = 1 << 4,
	A = 1 << 6,
	D = 1 << 7,
	LEAF = V | U | A | D
};

#define N       (UINT64_C(1) << 63)
#define PBMT(n) ((uint64_t)(n) << 61)

static struct soft_root root_of(const char *format, unsigned int levels,
				uint64_t features)
{
	return (struct soft_root){
		.format = soft_format_find(format),
		.pa = 0x80004000,
		.levels = levels,
		.features = features,
	};
}

/* W without R is reserved; a leaf is what has R or X. */
static void test_permissions(void **state)
{
	static const char *const format[] = { "riscv64", "riscv64_x4",
					      "riscv32", "riscv32_x4" };

	for (unsigned int i = 0; i < 4; i++) {
		struct soft_root root = root_of(format[i], i < 2 ? 3 : 2, 0);

		assert_true(one_bad(&root, 0, 0, LEAF | W, "W is set"));
		assert_true(one_bad(&root, 0, 0, LEAF | W | X, "W is set"));
		assert_true(one_leaf(&root, 0, 0, LEAF | R, 0, 12, EX_R));
		assert_true(one_leaf(&root, 0, 0, LEAF | X, 0, 12, SOFT_EXEC));
		assert_true(one_leaf(&root, 0, 0, LEAF | R | X, 0, 12,
				     SOFT_READ | SOFT_EXEC));
		assert_true(one_leaf(&root, 0, 0, LEAF | R | W, 0, 12, EX_RW));
		assert_true(
			one_leaf(&root, 0, 0, LEAF | R | W | X, 0, 12, EX_RWX));
		/* A pointer at the lowest level, with any other bit. */
		assert_true(one_bad(&root, 0, 0, V, "lowest level"));
		assert_true(one_table(&root, 1, V | 1 << 10, 0x1000, EX_RWX));
		assert_true(one_bad(&root, 1, 0, V | U, "D, A or U"));
		assert_true(one_bad(&root, 1, 0, V | A, "D, A or U"));
		assert_true(one_bad(&root, 1, 0, V | D, "D, A or U"));
		assert_int_equal(one_decode(&root, 1, 0, ~UINT64_C(1)).kind,
				 SOFT_EMPTY);
	}
}

static void test_user(void **state)
{
	struct soft_root user = root_of("riscv64", 3, 0);
	struct soft_root super = root_of("riscv64", 3, SOFT_FEAT_SUPERVISOR);
	struct soft_root second = root_of("riscv64_x4", 3, 0);
	struct soft_root second32 = root_of("riscv32_x4", 2, 0);
	const uint64_t raw = V | R | W | X | A | D;

	assert_true(one_leaf(&user, 0, 0, raw, 0, 12, 0));
	assert_true(one_leaf(&user, 0, 0, raw | U, 0, 12, EX_RWX));
	assert_true(one_leaf(&super, 0, 0, raw, 0, 12, EX_RWX));
	assert_true(one_leaf(&super, 0, 0, raw | U, 0, 12, EX_RW));
	assert_true(one_bad(&second, 0, 0, raw, "U is clear"));
	assert_true(one_bad(&second32, 0, 0, raw, "U is clear"));
	assert_true(one_leaf(&second, 0, 0, raw | U, 0, 12, EX_RWX));
	/* A second stage has no privilege. */
	second.features = SOFT_FEAT_SUPERVISOR;
	assert_non_null(soft_root_check(&second));
}

/* Without hardware A/D, A=0 and a store with D=0 are page faults. */
static void test_accessed_and_dirty(void **state)
{
	struct soft_root soft = root_of("riscv64", 3, 0);
	struct soft_root hard = root_of("riscv64", 3, SOFT_FEAT_HW_DIRTY);
	struct soft_entry entry;

	assert_true(one_bad(&soft, 0, 0, V | R | W | U | D, "A is clear"));
	assert_true(one_leaf(&soft, 0, 0, V | R | W | U | A, 0, 12, EX_R));
	assert_true(one_leaf(&hard, 0, 0, V | R | W | U, 0, 12, EX_RW));
	entry = one_decode(&hard, 0, 0, V | R | W | U);
	assert_false(entry.accessed);
	assert_false(entry.dirty);
	entry = one_decode(&hard, 0, 0, V | R | W | U | A | D);
	assert_true(entry.accessed);
	assert_true(entry.dirty);
}

/* Leaves at every level, aligned to their size. */
static void test_superpages(void **state)
{
	struct soft_root root = root_of("riscv64", 5, 0);
	struct soft_root sv32 = root_of("riscv32", 2, 0);

	for (unsigned int level = 0; level < 5; level++) {
		unsigned int lg2 = 12 + 9 * level;
		uint64_t oa = UINT64_C(1) << (lg2 < 55 ? lg2 : 55);
		uint64_t raw = LEAF | R;

		assert_true(one_leaf(&root, level, oa + 5, raw | oa >> 2, oa,
				     lg2, EX_R));
		if (level)
			assert_true(one_bad(&root, level, 0, raw | oa >> 3,
					    "aligned"));
	}
	assert_true(one_bad(&sv32, 1, 0, LEAF | R | 1 << 19, "aligned"));
	assert_true(
		one_leaf(&sv32, 1, 0, LEAF | R | 1 << 20, 1 << 22, 22, EX_R));
}

/* The only run is that of 64K: PPN[3:0] = 1000b at level 0. */
static void test_napot(void **state)
{
	struct soft_root root = root_of("riscv64", 3, SOFT_FEAT_SVNAPOT);
	const uint64_t raw = N | LEAF | R;

	for (uint64_t code = 0; code < 16; code++) {
		struct soft_entry entry =
			one_decode(&root, 0, 0x7a123, raw | code << 10);

		if (code != 8) {
			assert_int_equal(entry.kind, SOFT_BAD);
			assert_non_null(strstr(entry.why, "64K"));
			continue;
		}
		assert_int_equal(entry.kind, SOFT_LEAF);
		assert_int_equal(entry.size_lg2, 16);
		assert_int_equal(entry.run_lg2, 4);
		assert_int_equal(entry.va, 0x70000);
	}
	assert_true(one_bad(&root, 1, 0, raw | 8 << 10, "64K"));
	assert_true(one_bad(&root, 1, 0, N | V, "pointer"));
	root.features = 0;
	assert_true(one_bad(&root, 0, 0, raw | 8 << 10, "Svnapot"));
}

static void test_memory_types(void **state)
{
	struct soft_root root = root_of("riscv64_x4", 3, SOFT_FEAT_SVPBMT);
	const uint64_t raw = LEAF | R;

	for (unsigned int type = 0; type < 3; type++)
		assert_true(
			one_leaf(&root, 0, 0, raw | PBMT(type), 0, 12, EX_R));
	assert_true(one_bad(&root, 0, 0, raw | PBMT(3), "reserved"));
	assert_true(one_bad(&root, 1, 0, V | PBMT(1), "pointer"));
	assert_int_equal(one_field(&root, 0, raw | PBMT(2), "PBMT"), 2);
	root.features = 0;
	assert_true(one_bad(&root, 0, 0, raw | PBMT(1), "Svpbmt"));
}

static void test_software_bits(void **state)
{
	struct soft_root root = root_of("riscv64", 3, SOFT_FEAT_SVRSW);
	const uint64_t rsw = UINT64_C(3) << 59;

	assert_true(one_leaf(&root, 0, 0, LEAF | R | rsw, 0, 12, EX_R));
	assert_true(one_table(&root, 1, V | rsw, 0, EX_RWX));
	assert_int_equal(one_field(&root, 0, V | rsw, "RSW60:59"), 3);
	root.features = 0;
	assert_true(one_bad(&root, 0, 0, LEAF | R | rsw, "60:59"));
	for (unsigned int bit = 54; bit < 59; bit++)
		assert_true(one_bad(&root, 0, 0, LEAF | R | UINT64_C(1) << bit,
				    "58:54"));
}

static void check_edge(const char *format, unsigned int levels, uint64_t inside,
		       uint64_t outside)
{
	struct soft_root root = root_of(format, levels, 0);

	assert_null(soft_root_check(&root));
	assert_true(soft_in_input(&root, inside));
	assert_false(soft_in_input(&root, outside));
}

static void test_widths(void **state)
{
	for (unsigned int levels = 3; levels <= 5; levels++) {
		uint64_t half = UINT64_C(1) << (11 + 9 * levels);

		check_edge("riscv64", levels, half - 1, half);
		check_edge("riscv64", levels, ~half + 1, ~half);
		check_edge("riscv64_x4", levels, half * 8 - 1, half * 8);
	}
	check_edge("riscv32", 2, 0xffffffff, 0x100000000);
	check_edge("riscv32_x4", 2, 0x3ffffffff, 0x400000000);
}

/* The top table of a second stage is of 16 KiB, and aligned to that. */
static void test_top_tables(void **state)
{
	struct soft_root root = root_of("riscv64_x4", 3, 0);
	unsigned int hi, lo;

	root.pa = 0x80001000;
	assert_non_null(strstr(soft_root_check(&root), "aligned"));
	root.pa = 0x80004000;
	soft_level_bits(&root, 2, &hi, &lo);
	assert_int_equal(hi, 40);
	assert_int_equal(lo, 30);
	soft_level_bits(&root, 1, &hi, &lo);
	assert_int_equal(hi, 29);
	root = root_of("riscv32_x4", 2, 0);
	soft_level_bits(&root, 1, &hi, &lo);
	assert_int_equal(hi, 33);
	assert_int_equal(lo, 22);
	root.pa = 0x80002000;
	assert_non_null(strstr(soft_root_check(&root), "aligned"));
	root = root_of("riscv64", 3, 0);
	root.pa = 0x80001000;
	assert_null(soft_root_check(&root));
	root.levels = 2;
	assert_non_null(strstr(soft_root_check(&root), "levels"));
	root = root_of("riscv32", 3, 0);
	assert_non_null(strstr(soft_root_check(&root), "levels"));
	root = root_of("riscv32", 2, SOFT_FEAT_SVNAPOT);
	assert_non_null(strstr(soft_root_check(&root), "feature"));
}

static void test_output_width(void **state)
{
	struct soft_root root = root_of("riscv64", 3, 0);
	const uint64_t top = UINT64_C(1) << 53; /* PA bit 55 */

	assert_true(one_leaf(&root, 0, 0, LEAF | R | top, UINT64_C(1) << 55, 12,
			     EX_R));
	root.oa_bits = 55;
	assert_true(one_bad(&root, 0, 0, LEAF | R | top, "output width"));
	assert_true(one_bad(&root, 1, 0, V | top, "output width"));
	root = root_of("riscv32", 2, 0);
	assert_true(one_leaf(&root, 0, 0, LEAF | R | UINT64_C(1) << 31,
			     UINT64_C(1) << 33, 12, EX_R));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_accessed_and_dirty),
		cmocka_unit_test(test_superpages),
		cmocka_unit_test(test_napot),
		cmocka_unit_test(test_memory_types),
		cmocka_unit_test(test_software_bits),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_top_tables),
		cmocka_unit_test(test_output_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
