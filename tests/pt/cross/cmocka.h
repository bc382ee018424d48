/* SPDX-License-Identifier: MIT */
/**
 * DOC: As much of cmocka as the laws use
 *
 * For machines that we have a compiler for and no cmocka. Every test runs in order
 * and speaks TAP.
 */
#ifndef TESTS_PT_CROSS_CMOCKA_H
#define TESTS_PT_CROSS_CMOCKA_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef void (*CMUnitTestFunction)(void **state);
typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
	const char *name;
	CMUnitTestFunction test_func;
	CMFixtureFunction setup_func;
	CMFixtureFunction teardown_func;
	void *initial_state;
};

static jmp_buf cross_failed;

static inline void cross_fail(const char *file, int line, const char *what)
{
	printf("# %s:%d: %s\n", file, line, what);
	longjmp(cross_failed, 1);
}

static inline void cross_equal(uintmax_t a, uintmax_t b, const char *what,
			       const char *file, int line)
{
	if (a == b)
		return;
	printf("# %#" PRIxMAX " != %#" PRIxMAX "\n", a, b);
	cross_fail(file, line, what);
}

#define fail_msg(...)                                     \
	do {                                              \
		printf("# " __VA_ARGS__);                 \
		cross_fail(__FILE__, __LINE__, "failed"); \
	} while (0)
#define assert_true(c)                                      \
	do {                                                \
		if (!(c))                                   \
			cross_fail(__FILE__, __LINE__, #c); \
	} while (0)
#define assert_false(c)    assert_true(!(c))
#define assert_null(p)     assert_true(!(p))
#define assert_non_null(p) assert_true(p)
#define assert_int_equal(a, b)                                              \
	cross_equal((uintmax_t)(a), (uintmax_t)(b), #a " == " #b, __FILE__, \
		    __LINE__)
#define assert_int_not_equal(a, b)   assert_true((a) != (b))
#define assert_ptr_equal(a, b)       assert_true((a) == (b))
#define assert_memory_equal(a, b, n) assert_true(!memcmp(a, b, n))

static inline int _cmocka_run_group_tests(const char *group,
					  const struct CMUnitTest *test,
					  size_t nr, CMFixtureFunction setup,
					  CMFixtureFunction teardown)
{
	static volatile size_t i;
	static volatile int failed;

	printf("1..%zu\n", nr);
	for (i = 0; i < nr; i++) {
		void *state = test[i].initial_state;
		bool good = !setjmp(cross_failed);

		if (good) {
			if (test[i].setup_func)
				test[i].setup_func(&state);
			test[i].test_func(&state);
			if (test[i].teardown_func)
				test[i].teardown_func(&state);
		}
		failed += !good;
		printf("%s %zu - %s\n", good ? "ok" : "not ok", i + 1,
		       test[i].name);
	}
	return failed;
}

#endif
