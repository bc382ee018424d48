/* SPDX-License-Identifier: MIT */
/*
 * Vector code for runs: every variant that this processor has does what a plain loop
 * does, item by item, wherever a run begins and ends, and touches nothing else. Runs
 * stand at the end and at the begin of memory, so that one byte too far is a fault.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "port/port.h"
#include "port/run.h"
#include "ref.h"

#define ITEMS  8192U /* of the largest table: granules of 64 KiB */
#define ROUNDS 3000
#define LOOKS  5000

/**
 * struct rig - memory between two pages that cannot be touched
 * @ops: who is tested
 * @item: ITEMS items
 * @copy: what they should be
 * @rng: for all that is random
 */
struct rig {
	const struct pt_run_ops *ops;
	uint64_t *item;
	uint64_t copy[ITEMS];
	struct test_rng rng;
	char *map;
	size_t map_len;
};

static int setup(void **state)
{
	static struct rig rig;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	rig.ops = *state;
	rig.map_len = sizeof(rig.copy) + 2 * page;
	rig.map = mmap(NULL, rig.map_len, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(rig.map != MAP_FAILED);
	assert_int_equal(mprotect(rig.map + page, sizeof(rig.copy),
				  PROT_READ | PROT_WRITE),
			 0);
	rig.item = (uint64_t *)(rig.map + page);
	rig.rng.state = test_seed();
	*state = &rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	return munmap(rig->map, rig->map_len);
}

/**
 * struct place - a run
 * @first: its first item
 * @count: how many
 */
struct place {
	unsigned int first;
	unsigned int count;
};

/* Short and long ones; often at an end of the memory; aligned to 2^@lg2 items. */
static struct place place(struct rig *rig, unsigned int most, unsigned int lg2)
{
	unsigned int units = most >> lg2, all = ITEMS >> lg2;
	unsigned int some = units < 80 ? units : 80;
	struct place p;

	if (test_below(&rig->rng, 4))
		units = some;
	p.count = 1 + (unsigned int)test_below(&rig->rng, units);
	p.first = (unsigned int)test_below(&rig->rng, all - p.count + 1);
	if (!test_below(&rig->rng, 3))
		p.first = 0;
	else if (!test_below(&rig->rng, 3))
		p.first = all - p.count;
	p.first <<= lg2;
	p.count <<= lg2;
	return p;
}

static uint64_t plain_differ(const uint64_t *item, unsigned int count,
			     uint64_t value)
{
	uint64_t any = 0;

	while (count--)
		any |= *item++ ^ value;
	return any;
}

static void test_differ(void **state)
{
	struct rig *rig = *state;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct place p = place(rig, ITEMS, 0);
		uint64_t *item = rig->item + p.first;
		unsigned int at[] = { (unsigned int)test_below(&rig->rng,
							       p.count),
				      0, p.count - 1 };
		uint64_t value = i & 1 ? test_random(&rig->rng) : 0;
		unsigned int n;

		for (n = 0; n < p.count; n++)
			item[n] = value;
		/* All around differs. */
		if (p.first)
			item[-1] = ~value;
		if (p.first + p.count < ITEMS)
			item[p.count] = ~value;
		assert_int_equal(rig->ops->differ(item, p.count, value), 0);
		for (n = 0; n < 3; n++) {
			item[at[n]] ^= 1ULL << test_below(&rig->rng, 64);
			assert_int_equal(rig->ops->differ(item, p.count, value),
					 plain_differ(item, p.count, value));
		}
		memset(rig->item, 0, sizeof(rig->copy));
	}
}

/* Checked and stored by one call: all or nothing, and nothing around it. */
static void test_both(void **state)
{
	struct rig *rig = *state;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		unsigned int lg2 = (unsigned int)test_below(&rig->rng, 5);
		struct place p = place(rig, ITEMS, lg2);
		uint64_t *item = rig->item + p.first;
		unsigned int at = (unsigned int)test_below(&rig->rng, p.count);
		uint64_t first = test_random(&rig->rng) | 1;
		unsigned int n;

		item[at] = 4;
		assert_false(
			rig->ops->fill_empty(item, p.count, first, 2, lg2));
		assert_int_equal(item[at], 4);
		item[at] = 0;
		assert_int_equal(plain_differ(rig->item, ITEMS, 0), 0);
		assert_true(rig->ops->fill_empty(item, p.count, first, 2, lg2));
		for (n = 0; n < p.count; n++)
			assert_int_equal(item[n], first + (n >> lg2) * 2);
		/* Bit 0 is the same in all of them. */
		item[at] ^= 1;
		assert_false(rig->ops->clear_alike(item, p.count, 1, 1));
		item[at] ^= 1;
		assert_int_equal(item[0], first);
		assert_true(rig->ops->clear_alike(item, p.count, 1, 1));
		assert_int_equal(plain_differ(rig->item, ITEMS, 0), 0);
	}
}

static void scribble(struct rig *rig)
{
	unsigned int i;

	for (i = 0; i < ITEMS; i++)
		rig->item[i] = rig->copy[i] = test_random(&rig->rng);
}

static void test_clear(void **state)
{
	struct rig *rig = *state;
	int i;

	for (i = 0; i < ROUNDS / 10; i++) {
		struct place p = place(rig, ITEMS, 0);

		scribble(rig);
		rig->ops->clear(rig->item + p.first, p.count);
		memset(rig->copy + p.first, 0, p.count * sizeof(*rig->copy));
		assert_memory_equal(rig->item, rig->copy, sizeof(rig->copy));
	}
}

static void test_fill(void **state)
{
	struct rig *rig = *state;
	unsigned int i, n;

	for (i = 0; i < ROUNDS / 3; i++) {
		unsigned int repeat = i % 13;
		struct place p = place(rig, ITEMS, repeat);
		uint64_t first = test_random(&rig->rng);
		uint64_t step = test_random(&rig->rng);

		if (!(i % 97))
			scribble(rig);
		rig->ops->fill(rig->item + p.first, p.count, first, step,
			       repeat);
		for (n = 0; n < p.count; n++)
			rig->copy[p.first + n] = first + (n >> repeat) * step;
		assert_memory_equal(rig->item, rig->copy, sizeof(rig->copy));
	}
}

/*
 * A list of @count pages. One in @rare is of another length, does not fit what is asked
 * of OAs, or follows the one before it.
 */
static void random_list(struct rig *rig, struct iommu_run *run,
			unsigned int count, unsigned int rare)
{
	unsigned int n;

	for (n = 0; n < count; n++) {
		run[n].oa = test_random(&rig->rng) >> 16 & ~4095ULL;
		run[n].len = 4096;
		if (!rare || test_below(&rig->rng, rare))
			continue;
		switch (test_below(&rig->rng, 5)) {
		case 0:
			run[n].len ^= 1ULL << test_below(&rig->rng, 64);
			break;
		case 1:
			run[n].oa ^= 1ULL << test_below(&rig->rng, 64);
			break;
		default:
			if (n)
				run[n].oa = run[n - 1].oa + 4096;
			break;
		}
	}
}

/* What list does, item by item. */
static bool plain_list(uint64_t *item, const struct iommu_run *run,
		       unsigned int count, const struct pt_run_list *how)
{
	unsigned int n;

	for (n = 0; n < count; n++) {
		bool first = (uintptr_t)&item[n] % 16 == 0 && n + 1 < count;

		if (item[n] || run[n].len != how->len || run[n].oa & how->wrong)
			return false;
		if (how->pairs && first && run[n].oa % 8192 == 0 &&
		    run[n + 1].oa == run[n].oa + 4096)
			return false;
	}
	for (n = 0; n < count; n++)
		item[n] = run[n].oa >> how->shift | how->bits;
	return true;
}

/* The list ends where memory ends. */
static void test_list(void **state)
{
	static uint64_t memory[2 * 600 + 512];
	struct rig *rig = *state;
	unsigned int stored = 0, refused = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct place p = place(rig, i % 2 ? 100 : 600, 0);
		struct iommu_run *run =
			(struct iommu_run *)(rig->item + ITEMS) - p.count;
		uint64_t *item = memory + test_below(&rig->rng, 8);
		struct pt_run_list how = {
			.len = 4096,
			.wrong = ~0ULL << 48 | 4095,
			.bits = test_random(&rig->rng),
			.shift = i % 4 ? 0 : 2,
			.pairs = test_below(&rig->rng, 2),
		};
		bool same;

		memset(memory, 0, sizeof(memory));
		random_list(rig, run, p.count, i % 3 ? 0 : p.count);
		item[-!!(item > memory)] |= item > memory;
		item[p.count] = 1;
		if (i % 5 == 0)
			item[test_below(&rig->rng, p.count)] |=
				1ULL << test_below(&rig->rng, 64);
		memcpy(rig->copy, memory, sizeof(memory));
		same = plain_list(rig->copy + (item - memory), run, p.count,
				  &how);
		stored += same;
		refused += !same;
		assert_int_equal(rig->ops->list(item, run, p.count, &how),
				 same);
		assert_memory_equal(memory, rig->copy, sizeof(memory));
	}
	assert_true(stored > ROUNDS / 8 && refused > ROUNDS / 8);
}

/* Lists of two pages each that follow one another, up or down, at any place. */
static void test_list_pairs(void **state)
{
	static struct iommu_run run[600];
	struct rig *rig = *state;
	unsigned int i, n;

	for (i = 0; i < ROUNDS / 3; i++) {
		struct place p = place(rig, i % 2 ? 100 : 600, 0);
		unsigned int from = (unsigned int)test_below(&rig->rng, 2);
		bool up = i % 3;
		struct pt_run_list how = {
			.len = 4096,
			.wrong = ~0ULL << 48 | 4095,
			.bits = 1,
			.pairs = true,
		};
		bool same;

		random_list(rig, run, p.count, 0);
		for (n = from; n + 1 < p.count; n += 2)
			run[n + 1].oa = up ? run[n].oa + 4096
					   : run[n].oa - 4096;
		memset(rig->item, 0, sizeof(rig->copy));
		memset(rig->copy, 0, sizeof(rig->copy));
		/* Whether an item is even is seen at its address. */
		same = plain_list(rig->item + p.first, run, p.count, &how);
		memcpy(rig->copy, rig->item, sizeof(rig->copy));
		memset(rig->item, 0, sizeof(rig->copy));
		assert_int_equal(rig->ops->list(rig->item + p.first, run,
						p.count, &how),
				 same);
		assert_memory_equal(rig->item, rig->copy, sizeof(rig->copy));
	}
}

/* What dirty does, item by item. */
static void plain_dirty(uint64_t *item, unsigned int count,
			const struct pt_run_dirty *how, uint64_t *settled,
			uint64_t *others)
{
	unsigned int i;

	memset(settled, 0, (count + 63) / 64 * sizeof(*settled));
	memset(others, 0, (count + 63) / 64 * sizeof(*others));
	for (i = 0; i < count; i++) {
		bool rest = (item[i] & how->settled_mask) == how->settled_value;

		if ((item[i] & how->mask) != how->value &&
		    !(item[i] & how->kept))
			continue;
		(rest ? settled : others)[i / 64] |= 1ULL << i % 64;
		if (rest)
			item[i] ^= how->flip;
	}
}

/*
 * Bits of which dirty and settled items are made: one in @rare is dirty, and of those one
 * in @open is not settled.
 */
static uint64_t dirty_item(struct rig *rig, unsigned int rare,
			   unsigned int open)
{
	uint64_t item = test_random(&rig->rng) & ~0xf0ULL;

	if (!test_below(&rig->rng, rare))
		item |= 0x40 | (test_below(&rig->rng, open) ? 0x21 : 0x20);
	if (!test_below(&rig->rng, 8 * rare * open))
		item |= 0x80;
	return item;
}

#define MOST_RUNS  9U
#define DIRTY_ROOM (MOST_RUNS * PT_RUN_DIRTY_MAX / 64 + 1)

static const struct pt_run_dirty hows[] = {
	{ .mask = 0x40,
	  .value = 0x40,
	  .settled_mask = 0x61,
	  .settled_value = 0x61,
	  .flip = 0x40 },
	{ .mask = 0x40,
	  .value = 0x40,
	  .settled_mask = 0x61,
	  .settled_value = 0x61 },
	{ .mask = 0x40, .value = 0x40, .settled_value = 1 },
	/* Bits that have to be clear, and a flip that sets one */
	{ .mask = 0x50,
	  .value = 0x40,
	  .settled_mask = 0x71,
	  .settled_value = 0x61,
	  .flip = 1ULL << 63 | 0x10 },
	/* What is settled says nothing of dirty */
	{ .mask = 0x40,
	  .value = 0x40,
	  .settled_mask = 0x21,
	  .settled_value = 0x21,
	  .flip = 0x40 },
	/* Some are dirty for another reason, and not settled */
	{ .mask = 0x50,
	  .value = 0x40,
	  .kept = 0x80,
	  .settled_mask = 0xf1,
	  .settled_value = 0x61,
	  .flip = 0x10 },
};

/* All of a run is dirty, or nothing, or the same items of each eight; but for one. */
static void alike_run(struct rig *rig, unsigned int first, unsigned int count)
{
	static const uint64_t patterns[] = { 0, 0xff, 0x01, 0x50 };
	static const uint64_t flips[] = { 0, 0x61, 0x40, 0x01, 0x10, 0x80 };
	uint64_t pattern = patterns[test_below(&rig->rng, 4)];
	uint64_t *item = rig->item + first;
	unsigned int n;

	for (n = 0; n < count; n++)
		item[n] = (test_random(&rig->rng) & ~0xf1ULL) | 0x21 |
			  (pattern >> n % 8 & 1) << 6;
	item[test_below(&rig->rng, count)] ^= flips[test_below(&rig->rng, 6)];
}

static void dirty_run(struct rig *rig, unsigned int first, unsigned int count)
{
	unsigned int rare = 1U << test_below(&rig->rng, 10);
	unsigned int open = test_below(&rig->rng, 2) ? 3 : 300, n;

	if (test_below(&rig->rng, 2))
		alike_run(rig, first, count);
	else
		for (n = first; n < first + count; n++)
			rig->item[n] = dirty_item(rig, rare, open);
	memcpy(rig->copy + first, rig->item + first,
	       count * sizeof(*rig->copy));
}

/* Runs of @p.count items one behind the other, but looked at in another order. */
static void check_dirty(struct rig *rig, struct place p, unsigned int nr)
{
	struct pt_run_dirty how = hows[test_below(&rig->rng, 6)];
	uint64_t settled[DIRTY_ROOM], others[DIRTY_ROOM];
	uint64_t settled2[DIRTY_ROOM], others2[DIRTY_ROOM];
	unsigned int words = (p.count + 63) / 64, i, k;
	enum pt_run_found found = PT_RUN_NONE;
	uint64_t *runs[MOST_RUNS];

	if (test_below(&rig->rng, 2))
		how.flip = 0;
	memset(settled, 0xa5, sizeof(settled));
	memset(others, 0xa5, sizeof(others));
	memset(settled2, 0xa5, sizeof(settled2));
	memset(others2, 0xa5, sizeof(others2));
	for (i = 0; i < nr; i++) {
		unsigned int first = p.first + (nr - 1 - i) * p.count;

		runs[i] = rig->item + first;
		dirty_run(rig, first, p.count);
		plain_dirty(rig->copy + first, p.count, &how,
			    settled2 + i * words, others2 + i * words);
		for (k = i * words; k < (i + 1) * words; k++)
			if (others2[k])
				found = PT_RUN_OTHERS;
			else if (settled2[k] && !found)
				found = PT_RUN_SETTLED;
	}
	/* May be fetched, wherever it is. */
	if (test_below(&rig->rng, 2))
		how.ahead = rig->map + rig->map_len - 64;
	assert_int_equal(rig->ops->dirty(runs, nr, p.count, &how, settled,
					 others),
			 found);
	assert_memory_equal(settled, settled2, sizeof(settled));
	assert_memory_equal(others, others2, sizeof(others));
	assert_memory_equal(rig->item + p.first, rig->copy + p.first,
			    nr * p.count * sizeof(*rig->copy));
}

static void test_dirty(void **state)
{
	struct rig *rig = *state;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		struct place p = place(rig, PT_RUN_DIRTY_MAX, 0);

		if (test_below(&rig->rng, 2))
			p.first &= ~7U;
		if (!test_below(&rig->rng, 4))
			p.count = PT_RUN_DIRTY_MAX;
		if (p.first > ITEMS - p.count)
			p.first = ITEMS - p.count;
		check_dirty(rig, p, 1);
	}
}

/* Several at once: whole words, which begin where lines do. */
static void test_dirty_runs(void **state)
{
	struct rig *rig = *state;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		unsigned int nr =
			1 + (unsigned int)test_below(&rig->rng, MOST_RUNS);
		struct place p = {
			.count = test_below(&rig->rng, 2)
					 ? PT_RUN_DIRTY_MAX
					 : 64U << test_below(&rig->rng, 3),
		};

		p.first =
			8 * (unsigned int)test_below(
				    &rig->rng, (ITEMS - nr * p.count) / 8 + 1);
		check_dirty(rig, p, nr);
	}
}

/* ---- Beside hardware ---------------------------------------------- */

#define PRESENT  0x01ULL
#define ACCESSED 0x20ULL
#define DIRTY    0x40ULL
#define SHARED   512U
#define HOT      16U

/**
 * struct beside - a table that hardware writes through
 * @item: its items
 * @writes: how often each has been written through
 * @seen: how many of them the reader has seen when it found the item dirty
 * @touched: each has been accessed since it was last made unaccessed
 * @turn: odd while an access is under way
 * @stop: hardware comes to rest
 */
struct beside {
	uint64_t *item;
	uint64_t writes[SHARED];
	uint64_t seen[SHARED];
	bool touched[SHARED];
	uint64_t turn;
	bool stop;
};

/* Few items, so that they are often looked at while they are accessed. */
static unsigned int hot(unsigned int n)
{
	return n * (SHARED / HOT) + n;
}

/*
 * As hardware does: the bits are set at once, and then the page is written. Now and
 * then it only reads.
 */
static void *hardware(void *arg)
{
	struct beside *b = arg;
	struct test_rng rng = { .state = 7 };

	while (!__atomic_load_n(&b->stop, __ATOMIC_ACQUIRE)) {
		unsigned int i = hot((unsigned int)test_below(&rng, HOT));
		bool only = !test_below(&rng, 4);

		__atomic_fetch_add(&b->turn, 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_or(&b->item[i],
				  only ? ACCESSED : ACCESSED | DIRTY,
				  __ATOMIC_SEQ_CST);
		__atomic_store_n(&b->touched[i], true, __ATOMIC_SEQ_CST);
		if (!only)
			__atomic_fetch_add(&b->writes[i], 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&b->turn, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* What the flush of an IOTLB does: accesses under way are over. */
static void flush(struct beside *b)
{
	uint64_t turn = __atomic_load_n(&b->turn, __ATOMIC_SEQ_CST);

	if (turn % 2)
		while (__atomic_load_n(&b->turn, __ATOMIC_SEQ_CST) == turn)
			sched_yield();
}

/* One item is dirty by software's doing, which says nothing about accesses. */
static void make_dirty(struct beside *b, unsigned int i)
{
	__atomic_fetch_and(&b->item[i], ~ACCESSED, __ATOMIC_SEQ_CST);
	flush(b);
	__atomic_store_n(&b->touched[i], false, __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&b->item[i], DIRTY, __ATOMIC_SEQ_CST);
}

static bool is_touched(const struct beside *b, unsigned int i)
{
	return __atomic_load_n(&b->touched[i], __ATOMIC_SEQ_CST);
}

static bool is_accessed(const struct beside *b, unsigned int i)
{
	return __atomic_load_n(&b->item[i], __ATOMIC_SEQ_CST) & ACCESSED;
}

/* One round; what is not settled is cleaned atomically. */
static void look(const struct pt_run_ops *ops, struct beside *b)
{
	const struct pt_run_dirty how = { .mask = DIRTY,
					  .value = DIRTY,
					  .settled_mask = DIRTY | ACCESSED,
					  .settled_value = DIRTY | ACCESSED,
					  .flip = DIRTY };
	uint64_t settled[SHARED / 64], others[SHARED / 64];
	unsigned int i;

	if (!ops->dirty(&b->item, 1, SHARED, &how, settled, others))
		return;
	for (i = 0; i < SHARED; i++)
		if (others[i / 64] >> i % 64 & 1)
			__atomic_fetch_and(&b->item[i], ~DIRTY,
					   __ATOMIC_SEQ_CST);
	flush(b);
	for (i = 0; i < SHARED; i++)
		if ((settled[i / 64] | others[i / 64]) >> i % 64 & 1)
			b->seen[i] = __atomic_load_n(&b->writes[i],
						     __ATOMIC_SEQ_CST);
}

/*
 * Every write is seen in the round that cleans its bit, or in a later one, and no
 * accessed bit is lost.
 */
static void test_beside(void **state)
{
	struct rig *rig = *state;
	struct beside *b = calloc(1, sizeof(*b));
	pthread_t thread;
	unsigned int i, round, lost = 0;

	assert_non_null(b);
	b->item = rig->item;
	for (i = 0; i < SHARED; i++)
		b->item[i] = (uint64_t)i << 12 | PRESENT;
	assert_int_equal(pthread_create(&thread, NULL, hardware, b), 0);
	for (round = 0; round < LOOKS ||
			__atomic_load_n(&b->turn, __ATOMIC_RELAXED) < LOOKS;
	     round++) {
		for (i = round % 3; i < HOT; i += 3)
			make_dirty(b, hot(i));
		look(rig->ops, b);
		for (i = 0; i < HOT; i++)
			lost += is_touched(b, hot(i)) &&
				!is_accessed(b, hot(i));
		sched_yield();
	}
	__atomic_store_n(&b->stop, true, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(thread, NULL), 0);
	look(rig->ops, b);
	assert_int_equal(lost, 0);
	assert_memory_equal(b->seen, b->writes, sizeof(b->seen));
	for (i = 0; i < SHARED; i++)
		assert_int_equal(b->item[i] & ~ACCESSED,
				 (uint64_t)i << 12 | PRESENT);
	free(b);
}

/* ---- Names -------------------------------------------------------- */

static void test_names(void **state)
{
	const struct pt_run_ops *best = NULL;
	const struct port_run *run;

	for (run = port_run_list(); run->name; run++) {
		const struct pt_run_ops *named = port_run_named(run->name);

		assert_ptr_equal(named, run->present() ? run->ops : NULL);
		if (!best)
			best = named;
	}
	assert_null(port_run_named("abacus"));
	if (port_run_ops())
		assert_ptr_equal(port_run_ops(), best);
}

/* Who names no runtime, and who makes an arena, has it. */
static void test_default(void **state)
{
	const struct port_arena_config config = { .base_pa = 0,
						  .size = 1UL << 20 };
	struct port_arena *arena;

	assert_ptr_equal(port_default_runtime()->run, port_run_ops());
	assert_int_equal(port_arena_new(&config, &arena), 0);
	assert_ptr_equal(port_arena_runtime(arena)->run, port_run_ops());
	port_arena_free(arena);
}

#define TEST(function)                     \
	{                                  \
#function, test_##function \
	}

static const struct {
	const char *name;
	CMUnitTestFunction function;
} tests[] = {
	TEST(differ), TEST(both),       TEST(clear),
	TEST(fill),   TEST(list),       TEST(list_pairs),
	TEST(dirty),  TEST(dirty_runs), TEST(beside),
};

#define MAX_TESTS 40

int main(void)
{
	static struct CMUnitTest all[MAX_TESTS] = {
		{ .name = "names", .test_func = test_names },
		{ .name = "default", .test_func = test_default },
	};
	static char names[MAX_TESTS][32];
	const struct port_run *run;
	size_t nr = 2, i;

	for (run = port_run_list(); run->name; run++) {
		if (!run->present()) {
			printf("# %s: this processor has none\n", run->name);
			continue;
		}
		for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++, nr++) {
			snprintf(names[nr], sizeof(names[nr]), "%s, %s",
				 tests[i].name, run->name);
			all[nr] = (struct CMUnitTest){
				.name = names[nr],
				.test_func = tests[i].function,
				.setup_func = setup,
				.teardown_func = teardown,
				.initial_state = (void *)run->ops,
			};
		}
	}
	return _cmocka_run_group_tests("runs", all, nr, NULL, NULL);
}
