/* SPDX-License-Identifier: MIT */
/*
 * Bytes from a random source, as requests.
 */
#include "requests.h"

#define ROUNDS   40U
#define REQUESTS 3000U

static void test_raw(void **state)
{
	struct source s = { .seed = 0x9e3779b97f4a7c15 };
	unsigned int round, done = 0;

	for (round = 0; round != ROUNDS; round++)
		done += requests_run(&s, round % 2 ? "vtdss" : "amdv1_mock",
				     round % 3, REQUESTS);
	print_message("# %u of %u requests succeeded\n", done,
		      ROUNDS * REQUESTS);
	assert_true(done > ROUNDS * REQUESTS / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw),
	};

	return cmocka_run_group_tests_name("raw", tests, NULL, NULL);
}
