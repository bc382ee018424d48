/* SPDX-License-Identifier: MIT */
/**
 * DOC: Dirty bits that are read and cleared while hardware sets them
 *
 * Two readers go round, each through one half of the pages; their halves meet in the
 * middle of a table. Hardware writes to pages of both: it sets the dirty bit by one
 * atomic operation, as set_dirty does, and then the page changes. Whoever finds a page
 * dirty has the flush wait for writes under way and copies it. When hardware has
 * stopped and all has been read once more, the copies are what the pages hold.
 */
#ifndef TESTS_PT_LAW_BESIDE_H
#define TESTS_PT_LAW_BESIDE_H

#include <pthread.h>
#include <sched.h>

#include "law_dirty.h"

#define BESIDE_PAGES  1500U
#define BESIDE_FIRST  7U /* page, so that halves begin within a word */
#define BESIDE_HOT    40U /* pages that are written to more often than others */
#define BESIDE_ROUNDS 40U
#define BESIDE_WRITES 1000U

/**
 * struct beside - a table, its hardware and its readers
 * @law: the table
 * @page: what the pages hold
 * @copy: what has been copied of them
 * @turn: odd while a write is under way
 * @stop: hardware comes to rest
 * @wrong: what has gone wrong, or NULL
 */
struct beside {
	struct law *law;
	unsigned int page[BESIDE_PAGES];
	unsigned int copy[BESIDE_PAGES];
	unsigned int turn;
	bool stop;
	const char *wrong;
};

/**
 * struct beside_reader - one of two
 * @beside: what they share
 * @first: first page
 * @nr: how many
 * @found: those that were dirty
 */
struct beside_reader {
	struct beside *beside;
	unsigned int first;
	unsigned int nr;
	bool found[BESIDE_PAGES];
};

static dma_addr_t beside_va(struct law *law, unsigned int page)
{
	return (BESIDE_FIRST + page) * law_page(law);
}

/* Pages around the middle and at the ends more often. */
static unsigned int beside_choose(struct test_rng *rng)
{
	unsigned int page = (unsigned int)test_below(rng, BESIDE_HOT);

	if (!test_below(rng, 4))
		return (unsigned int)test_below(rng, BESIDE_PAGES);
	return (page + BESIDE_PAGES / 2 - BESIDE_HOT / 2) % BESIDE_PAGES;
}

static void *beside_hardware(void *arg)
{
	struct beside *b = arg;
	struct test_rng rng = { .state = 3 };

	while (!__atomic_load_n(&b->stop, __ATOMIC_ACQUIRE)) {
		unsigned int page = beside_choose(&rng);

		__atomic_fetch_add(&b->turn, 1, __ATOMIC_SEQ_CST);
		if (law_set_dirty(b->law, beside_va(b->law, page)))
			b->wrong = "a mapped page cannot become dirty";
		__atomic_fetch_add(&b->page[page], 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&b->turn, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* What the flush of an IOTLB does: writes under way arrive. */
static void beside_flush(struct beside *b)
{
	unsigned int turn = __atomic_load_n(&b->turn, __ATOMIC_SEQ_CST);

	if (turn % 2)
		while (__atomic_load_n(&b->turn, __ATOMIC_SEQ_CST) == turn)
			sched_yield();
}

static void beside_record(void *arg, dma_addr_t va, size_t len)
{
	struct beside_reader *r = arg;
	struct law *law = r->beside->law;
	dma_addr_t page = law_page(law);

	va -= law_base(law) + beside_va(law, 0);
	for (; len; len -= page, va += page)
		r->found[va / page] = true;
}

static void beside_record_bits(void *arg, dma_addr_t va, unsigned int page_lg2,
			       const uint64_t *bits, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (bits[i / 64] >> i % 64 & 1)
			beside_record(arg, va + ((dma_addr_t)i << page_lg2),
				      (size_t)1 << page_lg2);
}

/* One round through a half; every other one without bits. */
static void beside_read(struct beside_reader *r, unsigned int round)
{
	struct beside *b = r->beside;
	struct law *law = b->law;
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap bitmap = {
		.record = beside_record,
		.record_bits = round % 2 ? beside_record_bits : NULL,
		.arg = r,
		.gather = &gather,
	};
	unsigned int i;

	memset(r->found, 0, sizeof(r->found));
	iommu_iotlb_gather_init(&gather);
	if (PT_FN(read_and_clear_dirty)(
		    law_domain(law), law_base(law) + beside_va(law, r->first),
		    r->nr * law_page(law), 0, &bitmap))
		b->wrong = "dirty bits cannot be read";
	beside_flush(b);
	for (i = 0; i < BESIDE_PAGES; i++) {
		if (!r->found[i])
			continue;
		if (i - r->first >= r->nr)
			b->wrong = "somebody else's page was recorded";
		b->copy[i] = __atomic_load_n(&b->page[i], __ATOMIC_SEQ_CST);
	}
}

static void *beside_reader(void *arg)
{
	struct beside_reader *r = arg;
	struct beside *b = r->beside;
	unsigned int round;

	for (round = 0;
	     round < BESIDE_ROUNDS ||
	     __atomic_load_n(&b->turn, __ATOMIC_RELAXED) < 2 * BESIDE_WRITES;
	     round++) {
		beside_read(r, round);
		sched_yield();
	}
	return NULL;
}

/* The gathers of a table that flushes between them would be the law's own. */
static void beside_sync(struct iommu_domain *domain,
			struct iommu_iotlb_gather *gather)
{
}

static void law_threads_dirty(void **state)
{
	static const struct iommu_domain_ops ops = { .iotlb_sync =
							     beside_sync };
	struct law *law = *state;
	unsigned int half = BESIDE_PAGES / 2, i;
	struct beside *b = calloc(1, sizeof(*b));
	struct beside_reader *r = calloc(2, sizeof(*r));
	pthread_t hardware, thread[2];

	assert_non_null(b);
	assert_non_null(r);
	b->law = law;
	if (law_tracks_dirty(law)) {
		law_map_clean(law, beside_va(law, 0), law_page(law),
			      BESIDE_PAGES * law_page(law));
		law_domain(law)->ops = &ops;
		assert_int_equal(
			pthread_create(&hardware, NULL, beside_hardware, b), 0);
		for (i = 0; i < 2; i++) {
			r[i] = (struct beside_reader){ .beside = b,
						       .first = i * half,
						       .nr = half };
			assert_int_equal(pthread_create(&thread[i], NULL,
							beside_reader, &r[i]),
					 0);
		}
		for (i = 0; i < 2; i++)
			assert_int_equal(pthread_join(thread[i], NULL), 0);
		__atomic_store_n(&b->stop, true, __ATOMIC_RELEASE);
		assert_int_equal(pthread_join(hardware, NULL), 0);
		beside_read(&r[0], 0);
		beside_read(&r[1], 1);
		if (b->wrong)
			printf("# %s\n", b->wrong);
		assert_null(b->wrong);
		assert_memory_equal(b->page, b->copy, sizeof(b->page));
		law_domain(law)->ops = &law_domain_ops;
	}
	free(b);
	free(r);
}

#endif
