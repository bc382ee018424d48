/* SPDX-License-Identifier: MIT */
/* DART, as far as it is known: denials, the sub-page window, both entry kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "examples.h"
#include "one.h"

#define WINDOW (UINT64_C(0xfff) << 40)

static struct soft_root root_of(const char *format, unsigned int levels)
{
	return (struct soft_root){
		.format = soft_format_find(format),
		.pa = 0x80004000,
		.levels = levels,
	};
}

static void test_denials(void **state)
{
	struct soft_root dart = root_of("dart", 2), dart2 = root_of("dart2", 2);

	for (uint64_t deny = 0; deny < 4; deny++) {
		unsigned int prot = (deny & 2 ? 0 : SOFT_READ) |
				    (deny & 1 ? 0 : SOFT_WRITE);

		assert_true(one_leaf(&dart, 0, 0, WINDOW | 1 | deny << 7, 0, 14,
				     prot));
		assert_true(one_leaf(&dart2, 0, 0, WINDOW | 1 | deny << 2, 0,
				     14, prot));
	}
	assert_int_equal(one_decode(&dart, 0, 0, ~UINT64_C(1)).kind,
			 SOFT_EMPTY);
	assert_int_equal(one_field(&dart2, 0, WINDOW | 3, "NO_CACHE"), 1);
	assert_true(one_leaf(&dart2, 0, 0, WINDOW | 3, 0, 14, EX_RW));
}

/* Anything but the whole page is refused, unless the window is turned off. */
static void test_window(void **state)
{
	struct soft_root dart = root_of("dart", 2), dart2 = root_of("dart2", 2);

	for (unsigned int bit = 40; bit < 64; bit++) {
		uint64_t raw = (WINDOW | 1) ^ UINT64_C(1) << bit;

		assert_true(one_bad(&dart, 0, 0, raw, "window"));
		assert_true(one_leaf(&dart, 0, 0, raw | 2, 0, 14, EX_RW));
		assert_true(one_bad(&dart2, 0, 0, raw, "window"));
		assert_true(one_bad(&dart2, 0, 0, raw | 2, "window"));
	}
}

static void test_addresses(void **state)
{
	struct soft_root dart = root_of("dart", 2), dart2 = root_of("dart2", 2);

	for (unsigned int bit = 14; bit < 42; bit++) {
		uint64_t pa = UINT64_C(1) << bit;

		assert_true(one_leaf(&dart2, 0, 0, WINDOW | 1 | pa >> 4, pa, 14,
				     EX_RW));
		assert_true(one_table(&dart2, 1, 1 | pa >> 4, pa, EX_RW));
		if (bit >= 40)
			continue;
		if (bit >= 36) {
			assert_true(one_bad(&dart, 0, 0, WINDOW | 1 | pa,
					    "not known"));
			continue;
		}
		assert_true(
			one_leaf(&dart, 0, 0, WINDOW | 1 | pa, pa, 14, EX_RW));
		assert_true(one_table(&dart, 1, 1 | pa, pa, EX_RW));
	}
	dart2.oa_bits = 36;
	assert_true(one_bad(&dart2, 0, 0, WINDOW | 1 | UINT64_C(1) << 32,
			    "output width"));
	assert_true(
		one_bad(&dart2, 1, 0, 1 | UINT64_C(1) << 32, "output width"));
}

static void test_geometry(void **state)
{
	struct soft_root dart = root_of("dart", 2), dart2 = root_of("dart2", 3);
	unsigned int hi, lo;

	assert_null(soft_root_check(&dart));
	assert_true(soft_in_input(&dart, 0xfffffffff));
	assert_false(soft_in_input(&dart, 0x1000000000));
	dart.va_bits = 32;
	assert_true(soft_in_input(&dart, 0xffffffff));
	assert_false(soft_in_input(&dart, 0x100000000));
	soft_level_bits(&dart, 1, &hi, &lo);
	assert_int_equal(hi, 35);
	assert_int_equal(lo, 25);
	dart.levels = 3;
	assert_non_null(strstr(soft_root_check(&dart), "levels"));
	dart.levels = 2;
	dart.pa = 0x80002000;
	assert_non_null(strstr(soft_root_check(&dart), "aligned"));
	assert_null(soft_root_check(&dart2));
	assert_true(soft_in_input(&dart2, 0x7fffffffffff));
	assert_false(soft_in_input(&dart2, 0x800000000000));
	soft_level_bits(&dart2, 2, &hi, &lo);
	assert_int_equal(hi, 46);
	assert_int_equal(lo, 36);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_denials),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_geometry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
