/* SPDX-License-Identifier: MIT */
/* EPT's own rules: misconfigurations, execute-only, mode-based execution. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "examples.h"
#include "one.h"

enum {
	R = 1 << 0,
	W = 1 << 1,
	X = 1 << 2,
	PS = 1 << 7,
	A = 1 << 8,
	D = 1 << 9,
	XU = 1 << 10
};

static struct soft_root root_with(uint64_t features)
{
	return (struct soft_root){
		.format = soft_format_find("ept"),
		.pa = 0x80001000,
		.levels = 4,
		.features = features,
	};
}

static void test_permissions(void **state)
{
	struct soft_root root = root_with(0);

	for (unsigned int level = 0; level < 4; level++) {
		assert_true(one_bad(&root, level, 0, W, "W is set"));
		assert_true(one_bad(&root, level, 0, W | X, "W is set"));
		assert_true(one_bad(&root, level, 0, X, "execute-only"));
		assert_int_equal(one_decode(&root, level, 0, ~UINT64_C(7)).kind,
				 SOFT_EMPTY);
	}
	assert_true(one_leaf(&root, 0, 0, R, 0, 12, EX_R));
	assert_true(one_leaf(&root, 0, 0, R | W, 0, 12, EX_RW));
	assert_true(one_leaf(&root, 0, 0, R | W | X, 0, 12, EX_RWX));
	assert_true(one_table(&root, 1, 0x80002000 | R | W, 0x80002000, EX_RW));
	root.features = SOFT_FEAT_EXEC_ONLY;
	assert_true(one_leaf(&root, 0, 0, X, 0, 12, SOFT_EXEC));
	assert_true(one_bad(&root, 0, 0, W | X, "W is set"));
}

/* Bit 10 is execution of user pages, and then counts for presence too. */
static void test_mode_based_execution(void **state)
{
	struct soft_root off = root_with(0);
	struct soft_root user = root_with(SOFT_FEAT_MBEC);
	struct soft_root super =
		root_with(SOFT_FEAT_MBEC | SOFT_FEAT_SUPERVISOR);
	struct soft_root only = root_with(SOFT_FEAT_MBEC | SOFT_FEAT_EXEC_ONLY);

	assert_true(one_leaf(&off, 0, 0, R | XU, 0, 12, EX_R));
	assert_true(one_leaf(&user, 0, 0, R | XU, 0, 12, EX_R | SOFT_EXEC));
	assert_true(one_leaf(&user, 0, 0, R | X, 0, 12, EX_R));
	assert_true(one_leaf(&super, 0, 0, R | XU, 0, 12, EX_R));
	assert_true(one_leaf(&super, 0, 0, R | X, 0, 12, EX_R | SOFT_EXEC));
	assert_int_equal(one_decode(&off, 0, 0, XU).kind, SOFT_EMPTY);
	assert_true(one_bad(&user, 0, 0, XU, "execute-only"));
	assert_true(one_leaf(&only, 0, 0, XU, 0, 12, SOFT_EXEC));
}

static void test_memory_types(void **state)
{
	struct soft_root root = root_with(0);

	for (unsigned int type = 0; type < 8; type++)
		for (unsigned int level = 0; level < 3; level++) {
			uint64_t raw = R | type << 3 | (level ? PS : 0);

			if (type == 2 || type == 3 || type == 7)
				assert_true(one_bad(&root, level, 0, raw,
						    "memory type"));
			else
				assert_true(one_leaf(&root, level, 0, raw, 0,
						     12 + 9 * level, EX_R));
			assert_int_equal(one_field(&root, level, raw, "EMT"),
					 type);
		}
}

static void test_reserved(void **state)
{
	struct soft_root root = root_with(0);

	for (unsigned int level = 1; level < 4; level++)
		for (unsigned int bit = 3; bit < 7; bit++)
			assert_true(
				one_bad(&root, level, 0, R | 1 << bit, "7:3"));
	assert_true(one_bad(&root, 3, 0, R | PS, "7:3"));
	root.levels = 5;
	assert_true(one_bad(&root, 4, 0, R | PS, "7:3"));
	assert_true(one_bad(&root, 1, 0, R | PS | 1 << 20, "aligned"));
	assert_true(one_bad(&root, 2, 0, R | PS | 1 << 29, "aligned"));
	root.oa_bits = 40;
	assert_true(
		one_bad(&root, 0, 0, R | UINT64_C(1) << 40, "output width"));
	assert_true(
		one_bad(&root, 1, 0, R | UINT64_C(1) << 40, "output width"));
	assert_true(one_leaf(&root, 0, 0, R | UINT64_C(1) << 39,
			     UINT64_C(1) << 39, 12, EX_R));
}

static void test_flags(void **state)
{
	struct soft_root root = root_with(SOFT_FEAT_HW_DIRTY);
	struct soft_entry entry = one_decode(&root, 0, 0, R | A | D);

	assert_true(entry.accessed);
	assert_true(entry.dirty);
	entry = one_decode(&root, 1, 0, R | A | D);
	assert_true(entry.accessed);
	assert_false(entry.dirty); /* ignored in a table entry */
}

/* Guest physical addresses are unsigned. */
static void test_roots(void **state)
{
	struct soft_root root = root_with(0);

	assert_true(soft_in_input(&root, 0xffffffffffff));
	assert_false(soft_in_input(&root, 0x1000000000000));
	root.levels = 5;
	assert_true(soft_in_input(&root, 0x1ffffffffffffff));
	assert_false(soft_in_input(&root, 0x200000000000000));
	assert_null(soft_root_check(&root));
	root.levels = 3;
	assert_non_null(strstr(soft_root_check(&root), "levels"));
	root.levels = 6;
	assert_non_null(strstr(soft_root_check(&root), "levels"));
	root.levels = 4;
	root.pa = 0x80001800;
	assert_non_null(strstr(soft_root_check(&root), "aligned"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_mode_based_execution),
		cmocka_unit_test(test_memory_types),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_roots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
