/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic with powers of two: exhaustively on words of 8 and 16 bits, at the
 * edges of those of 64.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include "pt/pt_log2.h"

PT_LOG2_HELPERS(w8, uint8_t);
PT_LOG2_HELPERS(w16, uint16_t);

/* All helpers for one value and one exponent, against wider arithmetic. */
#define CHECK(p, v, n)                                               \
	do {                                                         \
		uint64_t two_n = 1ULL << (n);                        \
		uint64_t all = (1ULL << p##_width) - 1;              \
                                                                     \
		assert_true(p##_lg2_mask(n) == two_n - 1);           \
		assert_true(p##_lg2_mod(v, n) == (v) % two_n);       \
		assert_true(p##_lg2_div(v, n) == (v) / two_n);       \
		assert_true(p##_lg2_mul(v, n) == ((v)*two_n & all)); \
		assert_true(p##_lg2_fill(v, n) ==                    \
			    (v) / two_n * two_n + two_n - 1);        \
	} while (0)

#define CHECK_VALUE(p, v)                                             \
	do {                                                          \
		unsigned int floor = 0, align = 0;                    \
                                                                      \
		while (floor + 1 < p##_width && 2ULL << floor <= (v)) \
			floor++;                                      \
		while (align < p##_width && !((v)&1ULL << align))     \
			align++;                                      \
		if (v)                                                \
			assert_true(p##_lg2_floor(v) == floor);       \
		assert_true(p##_lg2_align(v) == align);               \
	} while (0)

static void test_w8(void **state)
{
	unsigned int v, n;

	for (v = 0; v <= UINT8_MAX; v++) {
		CHECK_VALUE(w8, (uint8_t)v);
		for (n = 0; n <= 8; n++)
			CHECK(w8, (uint8_t)v, n);
	}
}

static void test_w16(void **state)
{
	unsigned int v, n;

	for (v = 0; v <= UINT16_MAX; v++) {
		CHECK_VALUE(w16, (uint16_t)v);
		for (n = 0; n <= 16; n++)
			CHECK(w16, (uint16_t)v, n);
	}
}

/* The whole width, where C's own shift is undefined. */
static void test_edges(void **state)
{
	unsigned int n;

	assert_int_equal(oa_lg2_mask(0), 0);
	assert_int_equal(oa_lg2_mask(1), 1);
	assert_int_equal(oa_lg2_mask(63), ~0ULL >> 1);
	assert_int_equal(oa_lg2_mask(64), ~0ULL);
	assert_int_equal(oa_lg2_mask(65), ~0ULL);
	assert_int_equal(oa_lg2_mod(~0ULL, 64), ~0ULL);
	assert_int_equal(oa_lg2_div(~0ULL, 64), 0);
	assert_int_equal(oa_lg2_div(~0ULL, 63), 1);
	assert_int_equal(oa_lg2_mul(1, 64), 0);
	assert_int_equal(oa_lg2_mul(1, 63), 1ULL << 63);
	assert_int_equal(oa_lg2_fill(0, 64), ~0ULL);
	assert_int_equal(oa_lg2_fill(5, 0), 5);
	assert_int_equal(oa_lg2_align(0), 64);
	for (n = 0; n < 64; n++) {
		assert_int_equal(oa_lg2_floor(1ULL << n), n);
		assert_int_equal(oa_lg2_floor(oa_lg2_mask(n + 1)), n);
		assert_int_equal(oa_lg2_align(1ULL << n), n);
		assert_int_equal(oa_lg2_align(~0ULL << n), n);
		assert_int_equal(oa_lg2_fill(1ULL << n, n), oa_lg2_mask(n + 1));
	}
	assert_int_equal(PT_MASK(63, 0), ~0ULL);
	assert_int_equal(PT_MASK(0, 0), 1);
	assert_int_equal(PT_MASK(63, 63), 1ULL << 63);
	assert_int_equal(PT_MASK(51, 12), 0x000ffffffffff000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_w8),
		cmocka_unit_test(test_w16),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests_name("powers of two", tests, NULL, NULL);
}
