/* SPDX-License-Identifier: MIT */
/* The cache of translations against a plain list of what it must not know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "soft/cache.h"

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static size_t count(struct soft_cache *cache, uint32_t domain_id, uint64_t va,
		    uint64_t last)
{
	size_t cursor = 0, n = 0;

	while (soft_cache_next(cache, domain_id, va, last, &cursor))
		n++;
	return n;
}

static void test_find(void **state)
{
	struct soft_cache cache;
	struct soft_cache_entry *entry;

	assert_int_equal(soft_cache_init(&cache, 4), 0);
	assert_null(soft_cache_find(&cache, 1, 0));
	entry = soft_cache_insert(&cache, 1, 0x12345678, 12);
	assert_int_equal(entry->va, 0x12345000);
	assert_int_equal(soft_cache_last(entry), 0x12345fff);
	assert_ptr_equal(soft_cache_find(&cache, 1, 0x12345000), entry);
	assert_ptr_equal(soft_cache_find(&cache, 1, 0x12345fff), entry);
	assert_null(soft_cache_find(&cache, 1, 0x12346000));
	assert_null(soft_cache_find(&cache, 1, 0x12344fff));
	assert_null(soft_cache_find(&cache, 2, 0x12345000));
	assert_int_equal(count(&cache, 1, 0x12345fff, UINT64_MAX), 1);
	assert_int_equal(count(&cache, 1, 0, 0x12345000), 1);
	assert_int_equal(count(&cache, 1, 0x12346000, UINT64_MAX), 0);
	assert_int_equal(count(&cache, 1, 0, 0x12344fff), 0);
	/* Of several sizes the smallest. */
	soft_cache_insert(&cache, 1, 0x12345000, 21);
	assert_ptr_equal(soft_cache_find(&cache, 1, 0x12345000), entry);
	soft_cache_drop(&cache, entry);
	assert_int_equal(soft_cache_find(&cache, 1, 0x12345000)->size_lg2, 21);
	/* The same place and size twice is one entry. */
	soft_cache_insert(&cache, 1, 0x12345000, 21);
	assert_int_equal(count(&cache, 1, 0, UINT64_MAX), 1);
	/* The end of the address space. */
	entry = soft_cache_insert(&cache, 1, UINT64_MAX, 30);
	assert_int_equal(soft_cache_last(entry), UINT64_MAX);
	assert_ptr_equal(soft_cache_find(&cache, 1, UINT64_MAX), entry);
	soft_cache_purge(&cache, 1, UINT64_MAX, UINT64_MAX);
	assert_null(soft_cache_find(&cache, 1, UINT64_MAX));
	soft_cache_fini(&cache);
}

/* What was not used for longest makes room. */
static void test_least_recent(void **state)
{
	struct soft_cache cache;

	assert_int_equal(soft_cache_init(&cache, 2), 0);
	for (uint64_t i = 0; i < 4; i++)
		soft_cache_insert(&cache, 1, i << 12, 12);
	assert_non_null(soft_cache_find(&cache, 1, 0));
	soft_cache_insert(&cache, 1, 9 << 12, 12);
	assert_non_null(soft_cache_find(&cache, 1, 0));
	assert_null(soft_cache_find(&cache, 1, 1 << 12));
	assert_non_null(soft_cache_find(&cache, 1, 2 << 12));
	soft_cache_fini(&cache);
}

/* Random inserts and purges: nothing purged is found, nothing else is lost. */
static void check_purge(struct soft_cache *cache, uint64_t *seed)
{
	uint64_t va = next_random(seed) % (UINT64_C(1) << 26);
	uint64_t last =
		va + (next_random(seed) >> (next_random(seed) % 32 + 32));
	uint32_t domain_id = (uint32_t)(next_random(seed) % 2);
	size_t all = count(cache, domain_id, 0, UINT64_MAX);
	size_t in = count(cache, domain_id, va, last);
	size_t other = count(cache, !domain_id, 0, UINT64_MAX);

	soft_cache_purge(cache, domain_id, va, last);
	assert_int_equal(count(cache, domain_id, va, last), 0);
	assert_null(soft_cache_find(cache, domain_id, va));
	assert_null(soft_cache_find(cache, domain_id, last));
	assert_int_equal(count(cache, domain_id, 0, UINT64_MAX), all - in);
	assert_int_equal(count(cache, !domain_id, 0, UINT64_MAX), other);
}

static void test_purge(void **state)
{
	static const unsigned int sizes[] = { 12, 12, 12, 13, 16, 21, 30 };
	uint64_t seed = 0x2545f4914f6cdd1d;

	for (unsigned int lg2 = 0; lg2 <= 10; lg2++) {
		struct soft_cache cache;

		assert_int_equal(soft_cache_init(&cache, lg2), 0);
		for (unsigned int i = 0; i < 20000; i++) {
			uint64_t va = next_random(&seed) % (UINT64_C(1) << 26);

			soft_cache_insert(&cache,
					  (uint32_t)(next_random(&seed) % 2),
					  va, sizes[next_random(&seed) % 7]);
			if (i % 50 == 0)
				check_purge(&cache, &seed);
		}
		assert_true(count(&cache, 0, 0, UINT64_MAX) +
				    count(&cache, 1, 0, UINT64_MAX) <=
			    (size_t)1 << lg2);
		soft_cache_purge(&cache, 0, 0, UINT64_MAX);
		soft_cache_purge(&cache, 1, 0, UINT64_MAX);
		assert_int_equal(cache.sizes, 0);
		soft_cache_fini(&cache);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_least_recent),
		cmocka_unit_test(test_purge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
