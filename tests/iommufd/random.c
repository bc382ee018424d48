/* SPDX-License-Identifier: MIT */
/*
 * Random requests against a plain model. After every step the devices see what the
 * model says, and pins are counted as it says.
 */
#include "model.h"

#define STEPS 12000U

static void run(const char *format, uint64_t seed)
{
	struct model *m = calloc(1, sizeof(*m));
	uint32_t n;

	print_message("# %s, seed %llu\n", format, (unsigned long long)seed);
	model_init(m, format, seed);
	for (n = 0; n != STEPS; n++) {
		model_step(m);
		model_check(m, n % 8 == 0);
	}
	model_fini(m);
	free(m);
}

static void test_vtdss(void **state)
{
	run("vtdss", 1);
}

static void test_amdv1(void **state)
{
	run("amdv1", 2);
}

static void test_amdv1_mock(void **state)
{
	run("amdv1_mock", 3);
}

static void test_x86_64(void **state)
{
	run("x86_64", 4);
}

/* ---- Many areas ------------------------------------------------------ */

#define MANY 100000U

/* Every second page, so that no two areas touch; then the holes, then nothing. */
static void test_many(void **state)
{
	struct rig *rig = rig_new("vtdss");
	uint32_t ioas = rig_ioas(rig), pt = ioas, i;
	uint64_t iova;

	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	for (i = 0; i != MANY; i++)
		assert_int_equal(rig_map_at(rig, ioas, i % RIG_PAGES * PAGE,
					    PAGE, PAGE + 2 * i * PAGE),
				 0);
	assert_int_equal(rig->mem.pinned, MANY);
	for (i = 0; i != 1000; i++) {
		iova = 0;
		assert_int_equal(rig_map(rig, ioas, RIG_RW, 0, PAGE, &iova), 0);
		assert_int_equal(iova, (2 * i + 2) * PAGE);
	}
	for (i = 0; i < MANY; i += 997)
		rig_check(rig, 0, PAGE + 2 * i * PAGE, i % RIG_PAGES * PAGE,
			  PAGE);
	for (i = 0; i != MANY; i += 2)
		assert_int_equal(
			rig_unmap(rig, ioas, PAGE + 2 * i * PAGE, PAGE), PAGE);
	assert_int_equal(rig_unmap_all(rig, ioas), (MANY / 2 + 1000) * PAGE);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vtdss),
		cmocka_unit_test(test_amdv1),
		cmocka_unit_test(test_amdv1_mock),
		cmocka_unit_test(test_x86_64),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
