/* SPDX-License-Identifier: MIT */
/*
 * The hosted port: table arenas and locks.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "port/port.h"

#define MIB (1UL << 20)

static struct port_arena *arena_new(phys_addr_t base, uint64_t size)
{
	const struct port_arena_config config = { .base_pa = base,
						  .size = size };
	struct port_arena *arena;

	assert_int_equal(port_arena_new(&config, &arena), 0);
	return arena;
}

static void test_refuses(void **state)
{
	static const struct port_arena_config bad[] = {
		{ .base_pa = 0, .size = 0 },
		{ .base_pa = 4096, .size = MIB },
		{ .base_pa = 0, .size = MIB + 4096 },
		{ .base_pa = ~(MIB - 1), .size = 2 * MIB },
		{ .base_pa = 0, .size = ~(MIB - 1) },
	};
	struct port_arena *arena;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(port_arena_new(&bad[i], &arena), -EINVAL);
	assert_int_equal(
		port_arena_new(&(struct port_arena_config){ .size = 1ULL
								    << 62 },
			       &arena),
		-ENOMEM);
	/* The last addresses there are */
	arena = arena_new(~(MIB - 1), MIB);
	assert_true(port_arena_contains(arena, ~0ULL, 1));
	port_arena_free(arena);
	port_arena_free(NULL);
}

/* Every size: aligned for CPU and hardware, zeroed, also when used again. */
static void test_tables(void **state)
{
	struct port_arena *arena = arena_new(5 * MIB, 64 * MIB);
	const struct pt_runtime *rt = port_arena_runtime(arena);
	unsigned int lg2, round, i;
	uint64_t bytes = 0;

	for (round = 0; round < 3; round++) {
		for (lg2 = 6; lg2 <= 20; lg2++) {
			size_t size = (size_t)1 << lg2;
			unsigned char *table[3];

			for (i = 0; i < 3; i++) {
				phys_addr_t pa;
				size_t b;

				table[i] = rt->alloc(rt, lg2, GFP_KERNEL);
				assert_non_null(table[i]);
				pa = port_arena_pa(arena, table[i]);
				assert_int_equal(pa, (uintptr_t)table[i] +
							     rt->pa_offset);
				assert_int_equal((uintptr_t)table[i] % size, 0);
				assert_int_equal(pa % size, 0);
				assert_ptr_equal(port_arena_ptr(arena, pa,
								size),
						 table[i]);
				for (b = 0; b < size; b++)
					assert_int_equal(table[i][b], 0);
				memset(table[i], 0xff, size);
			}
			bytes += size;
			rt->free(rt, table[0], lg2);
			rt->free(rt, table[2], lg2);
		}
	}
	assert_int_equal(port_arena_tables(arena), 3 * 15);
	assert_int_equal(port_arena_bytes(arena), bytes);
	port_arena_free(arena);
}

static void *freed(const struct pt_runtime *rt, int byte, bool zero)
{
	char *table = rt->alloc(rt, 12, GFP_KERNEL);

	assert_non_null(table);
	memset(table, byte, 4096);
	if (zero) {
		memset(table, 0x5a, 8);
		rt->free_zero(rt, table, 12);
	} else {
		rt->free(rt, table, 12);
	}
	return table;
}

static void assert_bytes(const char *table, size_t from, size_t end, int byte)
{
	for (; from < end; from++)
		assert_int_equal(table[from], byte);
}

/* Those known to be zero are not zeroed again, and not wasted on a full table. */
static void test_zero_tables(void **state)
{
	struct port_arena *arena = arena_new(0, 4 * MIB);
	const struct pt_runtime *rt = port_arena_runtime(arena);
	char *zero, *any, *table, *cold;

	any = rt->alloc(rt, 12, GFP_KERNEL);
	zero = freed(rt, 0, true);
	memset(any, 0x77, 4096);
	rt->free(rt, any, 12);
	assert_int_equal(port_arena_tables(arena), 0);
	table = rt->alloc_filled(rt, 12, GFP_KERNEL, 0, 4096);
	assert_ptr_equal(table, any);
	assert_bytes(table, 8, 4096, 0x77);
	rt->free(rt, table, 12);
	/* Nearly empty: as alloc */
	table = rt->alloc_filled(rt, 12, GFP_KERNEL, 16, 24);
	assert_ptr_equal(table, zero);
	assert_bytes(table, 0, 4096, 0);
	/* Nothing is zero any more but what nobody has had. */
	cold = rt->alloc_filled(rt, 12, GFP_KERNEL, 1024, 4088);
	assert_ptr_equal(cold, any);
	assert_bytes(cold, 0, 1024, 0);
	assert_bytes(cold, 1024, 4088, 0x77);
	assert_bytes(cold, 4088, 4096, 0);
	rt->free_zero(rt, table, 12);
	assert_ptr_equal(rt->alloc(rt, 12, GFP_KERNEL), zero);
	assert_bytes(zero, 0, 4096, 0);
	port_arena_fail_nth(arena, 1);
	assert_null(rt->alloc_filled(rt, 12, GFP_KERNEL, 0, 4096));
	assert_int_equal(port_arena_tables(arena), 2);
	assert_int_equal(port_arena_bytes(arena), 2 * 4096);
	port_arena_free(arena);
}

/* Taking a table that is zero does not touch it, and what has been used goes first. */
static void test_untouched(void **state)
{
	struct port_arena *arena = arena_new(0, 4 * MIB);
	const struct pt_runtime *rt = port_arena_runtime(arena);
	char *zero = rt->alloc(rt, 12, GFP_KERNEL);
	char *any = rt->alloc(rt, 12, GFP_KERNEL);

	memset(any, 0x77, 4096);
	memset(zero, 0x5a, 8);
	rt->free(rt, any, 12);
	rt->free_zero(rt, zero, 12);
	assert_bytes(zero, 0, 4096, 0);
	assert_bytes(any, 0, 4096, 0x77);
	zero[100] = 1; /* nobody else would */
	assert_ptr_equal(rt->alloc(rt, 12, GFP_KERNEL), zero);
	assert_bytes(zero, 100, 101, 1);
	assert_ptr_equal(rt->alloc(rt, 12, GFP_KERNEL), any);
	assert_bytes(any, 0, 4096, 0);
	port_arena_free(arena);
}

/* Several at once: what has been used first, all of one kind, and no more than wanted. */
static void test_many(void **state)
{
	struct port_arena *arena = arena_new(0, MIB);
	const struct pt_runtime *rt = port_arena_runtime(arena);
	void *table[256], *zero, *old[3];
	size_t got, n;

	for (n = 0; n < 3; n++)
		old[n] = rt->alloc(rt, 12, GFP_KERNEL);
	zero = rt->alloc(rt, 12, GFP_KERNEL);
	for (n = 3; n--;)
		rt->free(rt, old[n], 12);
	rt->free_zero(rt, zero, 12);
	assert_int_equal(rt->alloc_many(rt, 12, GFP_KERNEL, table, 2), 2);
	assert_ptr_equal(table[0], old[0]);
	assert_ptr_equal(table[1], old[1]);
	assert_int_equal(port_arena_tables(arena), 2);
	assert_int_equal(rt->alloc_many(rt, 12, GFP_KERNEL, table, 2), 1);
	assert_ptr_equal(table[0], old[2]);
	assert_int_equal(rt->alloc_many(rt, 12, GFP_KERNEL, table, 2), 1);
	assert_ptr_equal(table[0], zero);
	assert_int_equal(port_arena_tables(arena), 4);
	assert_int_equal(port_arena_bytes(arena), 4 * 4096);
	/* The nth fails, whoever asks for how many. */
	port_arena_fail_nth(arena, 3);
	assert_int_equal(rt->alloc_many(rt, 12, GFP_KERNEL, table, 9), 1);
	assert_int_equal(rt->alloc_many(rt, 12, GFP_KERNEL, table, 9), 1);
	assert_int_equal(rt->alloc_many(rt, 12, GFP_KERNEL, table, 9), 0);
	/* All that there are. */
	for (n = 6; (got = rt->alloc_many(rt, 12, GFP_KERNEL, table, 256));
	     n += got)
		assert_bytes(table[got - 1], 0, 4096, 0);
	assert_int_equal(n, MIB / 4096);
	assert_int_equal(port_arena_tables(arena), n);
	port_arena_free(arena);
}

/* Items of 4 bytes: what is filled may begin and end in the middle of a word. */
static void test_filled_words(void **state)
{
	struct port_arena *arena = arena_new(0, 4 * MIB);
	const struct pt_runtime *rt = port_arena_runtime(arena);
	size_t from, end;
	char *table;

	table = rt->alloc(rt, 10, GFP_KERNEL);
	for (from = 0; from <= 1024; from += 4) {
		for (end = from + 4; end <= 1024; end += 4) {
			memset(table, 0x77, 1024);
			rt->free(rt, table, 10);
			assert_ptr_equal(rt->alloc_filled(rt, 10, GFP_KERNEL,
							  from, end),
					 table);
			memset(table + from, 0, end - from);
			assert_bytes(table, 0, 1024, 0);
		}
	}
	port_arena_free(arena);
}

static void test_addresses(void **state)
{
	struct port_arena *arena = arena_new(16 * MIB, 2 * MIB);
	const struct pt_runtime *rt = port_arena_runtime(arena);
	phys_addr_t pa;
	void *table;

	assert_false(port_arena_contains(arena, 16 * MIB, 0));
	assert_false(port_arena_contains(arena, 16 * MIB - 1, 1));
	assert_true(port_arena_contains(arena, 16 * MIB - 1, 2));
	assert_true(port_arena_contains(arena, 0, ~0ULL));
	assert_true(port_arena_contains(arena, 18 * MIB - 1, 1));
	assert_false(port_arena_contains(arena, 18 * MIB, 1));
	/* Reserved is not handed out. */
	assert_null(port_arena_ptr(arena, 16 * MIB, 8));
	table = rt->alloc(rt, 12, GFP_KERNEL);
	pa = port_arena_pa(arena, table);
	assert_ptr_equal(port_arena_ptr(arena, pa + 8, 8), (char *)table + 8);
	assert_null(port_arena_ptr(arena, 17 * MIB, 8));
	assert_null(port_arena_ptr(arena, pa, 2 * MIB));
	assert_null(port_arena_ptr(arena, pa, SIZE_MAX));
	assert_null(port_arena_ptr(arena, 0, 8));
	/* A freed table can still be read. */
	rt->free(rt, table, 12);
	assert_non_null(port_arena_ptr(arena, pa, 4096));
	port_arena_free(arena);
}

static void test_full(void **state)
{
	struct port_arena *arena = arena_new(0, MIB);
	const struct pt_runtime *rt = port_arena_runtime(arena);
	void *table = NULL, *next;
	unsigned int n = 0;

	while ((next = rt->alloc(rt, 12, GFP_KERNEL))) {
		table = next;
		n++;
	}
	assert_int_equal(n, MIB / 4096);
	rt->free(rt, table, 12);
	assert_ptr_equal(rt->alloc(rt, 12, GFP_KERNEL), table);
	assert_null(rt->alloc(rt, 12, GFP_KERNEL));
	port_arena_free(arena);
}

static void test_fail_nth(void **state)
{
	struct port_arena *arena = arena_new(0, MIB);
	const struct pt_runtime *rt = port_arena_runtime(arena);

	assert_int_equal(port_arena_fail_nth(arena, 3), 0);
	assert_non_null(rt->alloc(rt, 12, GFP_KERNEL));
	assert_int_equal(port_arena_fail_nth(arena, 2), 2);
	assert_non_null(rt->alloc(rt, 12, GFP_KERNEL));
	assert_null(rt->alloc(rt, 12, GFP_KERNEL));
	assert_non_null(rt->alloc(rt, 12, GFP_KERNEL));
	assert_int_equal(port_arena_fail_nth(arena, 0), 0);
	assert_int_equal(port_arena_tables(arena), 3);
	port_arena_free(arena);
}

static void test_default(void **state)
{
	const struct pt_runtime *rt = port_default_runtime();
	void *table;

	assert_non_null(rt);
	assert_ptr_equal(port_default_runtime(), rt);
	table = rt->alloc(rt, 12, GFP_KERNEL);
	assert_non_null(table);
	rt->free(rt, table, 12);
}

#define THREADS 4
#define ROUNDS  20000

/* Take several, and give them back in another order; nobody else writes to them. */
static bool take_many(const struct pt_runtime *rt, unsigned int lg2,
		      unsigned int i)
{
	uint64_t *table[4];
	size_t got = rt->alloc_many(rt, lg2, GFP_KERNEL, (void **)table, 4), n;
	bool good = got;

	for (n = 0; n < got; n++)
		table[n][3] = (uintptr_t)&table[n] + i;
	for (n = 0; n < got; n++)
		good &= table[n][3] == (uintptr_t)&table[n] + i;
	for (n = 0; n < got; n++)
		rt->free(rt, table[(n + i) % got], lg2);
	return good;
}

/* All sizes and kinds at once: nobody gets what somebody else has. */
static void *take_and_give(void *arg)
{
	struct port_arena *arena = arg;
	const struct pt_runtime *rt = port_arena_runtime(arena);
	uint64_t me = (uint64_t)(uintptr_t)&arena, *table[5] = { NULL };
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		unsigned int nr = i % 5, lg2 = 12 - nr;
		uint64_t *old = table[nr];

		if (old && (old[1] != me || old[2] != i - 5))
			return "somebody else's table";
		if (old && i & 8) {
			memset(old, 0, (size_t)1 << lg2);
			rt->free_zero(rt, old, lg2);
		} else if (old) {
			rt->free(rt, old, lg2);
		}
		if (i & 16)
			table[nr] = rt->alloc_filled(rt, lg2, GFP_KERNEL, 8,
						     (size_t)1 << lg2);
		else
			table[nr] = rt->alloc(rt, lg2, GFP_KERNEL);
		if (!table[nr] || table[nr][0] || (!(i & 16) && table[nr][2]))
			return "not a zeroed table";
		table[nr][1] = me;
		table[nr][2] = i;
		if (i & 32 && !take_many(rt, lg2, i))
			return "somebody has one of many";
	}
	for (i = 0; i < 5; i++)
		rt->free(rt, table[i], 12 - i);
	return NULL;
}

static void test_stacks(void **state)
{
	struct port_arena *arena = arena_new(0, 4 * MIB);
	pthread_t thread[THREADS];
	void *error;
	int i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, take_and_give,
						arena),
				 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], &error), 0);
		assert_null(error);
	}
	assert_int_equal(port_arena_tables(arena), 0);
	assert_int_equal(port_arena_bytes(arena), 0);
	port_arena_free(arena);
}

static void *count_failures(void *arg)
{
	const struct pt_runtime *rt = port_arena_runtime(arg);
	uintptr_t failed = 0;
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		void *table = rt->alloc(rt, 12, GFP_KERNEL);

		if (table)
			rt->free(rt, table, 12);
		else
			failed++;
	}
	return (void *)failed;
}

/* Whoever it is, it is one. */
static void test_fail_threads(void **state)
{
	struct port_arena *arena = arena_new(0, MIB);
	pthread_t thread[THREADS];
	uintptr_t failed = 0;
	void *one;
	int i;

	port_arena_fail_nth(arena, 2 * 1000);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL,
						count_failures, arena),
				 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], &one), 0);
		failed += (uintptr_t)one;
	}
	assert_int_equal(failed, 1);
	assert_int_equal(port_arena_fail_nth(arena, 0), 0);
	assert_int_equal(port_arena_tables(arena), 0);
	port_arena_free(arena);
}

static struct port_lock lock;
static unsigned int counter;

static void *count(void *arg)
{
	struct port_arena *arena = arg;
	const struct pt_runtime *rt = port_arena_runtime(arena);
	void *table[8] = { NULL };
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		void **slot = &table[i % 8];

		if (*slot)
			rt->free(rt, *slot, 12);
		*slot = rt->alloc(rt, 12, GFP_KERNEL);
		if (!*slot || *(uint64_t *)*slot)
			return "not a zeroed table";
		*(uint64_t *)*slot = i;
		port_lock(&lock);
		counter++;
		port_unlock(&lock);
	}
	for (i = 0; i < 8; i++)
		rt->free(rt, table[i], 12);
	return NULL;
}

static void test_threads(void **state)
{
	struct port_arena *arena = arena_new(0, 16 * MIB);
	pthread_t thread[THREADS];
	void *error;
	int i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, count, arena),
				 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], &error), 0);
		assert_null(error);
	}
	assert_int_equal(counter, THREADS * ROUNDS);
	assert_int_equal(port_arena_tables(arena), 0);
	port_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_zero_tables),
		cmocka_unit_test(test_untouched),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_filled_words),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_fail_nth),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_fail_threads),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests_name("port", tests, NULL, NULL);
}
