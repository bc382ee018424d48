/* SPDX-License-Identifier: MIT */
/* Sets of ranges against a table of bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "run/ranges.h"

#define NR 96

static unsigned int draw(unsigned int *seed, unsigned int n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 8) % n;
}

static void compare(const struct run_ranges *set, const bool *in)
{
	size_t i, j;
	bool any;

	for (i = 0; i != NR; i++) {
		any = false;
		for (j = i; j != NR && j != i + 9; j++) {
			assert_int_equal(run_ranges_overlap(set, i, j), any);
			any |= in[j];
		}
	}
	for (i = 0; i != set->nr; i++) {
		assert_true(set->range[i].start < set->range[i].end);
		if (i)
			assert_true(set->range[i - 1].end <
				    set->range[i].start);
	}
}

static void test_random(void **state)
{
	struct run_ranges set = { 0 };
	unsigned int seed = 7, step, start, end;
	bool in[NR] = { 0 }, add;

	for (step = 0; step != 4000; step++) {
		start = draw(&seed, NR);
		end = start + draw(&seed, 12);
		end = end < NR ? end : NR;
		add = draw(&seed, 2);
		if (add)
			assert_true(run_ranges_add(&set, start, end));
		else
			assert_true(run_ranges_remove(&set, start, end));
		if (end > start)
			memset(in + start, add, end - start);
		compare(&set, in);
	}
	assert_true(run_ranges_add(&set, 0, UINT64_MAX));
	assert_int_equal(set.nr, 1);
	run_ranges_free(&set);
	assert_false(run_ranges_overlap(&set, 0, UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
