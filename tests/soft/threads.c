/* SPDX-License-Identifier: MIT */
/* DMA from several threads against a driver that maps, moves and blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#include <cmocka.h>

#include "rig.h"
#include "soft/iommu.h"

#define OA    UINT64_C(0x10000000)
#define VA    UINT64_C(0x10000)
#define PAGES 16u

enum {
	DEVICES = 3,
	ROUNDS = 2000,
	POISON = 0xdead,
	LIVE = 0x1000
};

/**
 * struct shared - what the threads share
 * @stop: the driver is done
 * @bad: times that a device saw a page it must not see
 * @moved: requests that went through
 * @blocked: requests that did not
 */
struct shared {
	struct rig rig;
	bool stop;
	unsigned long bad, moved, blocked;
};

struct device {
	struct shared *shared;
	uint32_t rid;
	pthread_t thread;
};

static void bump(unsigned long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

/* Reads a page, or writes its second half, as fast as it can. */
static void *device_main(void *arg)
{
	struct device *device = arg;
	struct shared *shared = device->shared;
	uint64_t word;

	for (unsigned int i = 0;
	     !__atomic_load_n(&shared->stop, __ATOMIC_RELAXED); i++) {
		uint64_t va = VA + (i % PAGES) * 0x1000;
		bool writes = i % 5 == 0;

		word = POISON;
		if (soft_iommu_dma(shared->rig.iommu, device->rid, 0,
				   writes ? va + 0x800 : va, &word, 8,
				   writes ? SOFT_WRITE : SOFT_READ,
				   NULL) != SOFT_OK) {
			bump(&shared->blocked);
			continue;
		}
		bump(&shared->moved);
		if (!writes && word != LIVE + i % PAGES)
			bump(&shared->bad);
	}
	return NULL;
}

static void put_live(struct rig *rig, uint64_t oa, uint64_t i)
{
	mem_put(&rig->mem, oa, LIVE + i);
	mem_put(&rig->mem, oa + 0x800, 0);
}

/*
 * Each page moves between two places. Once the invalidation is over the place that
 * it left is poisoned: a device that reads poison used a forgotten translation, and
 * one that writes into the poison did so too.
 */
static unsigned long move_page(struct rig *rig, unsigned int i, bool up)
{
	uint64_t to = OA + (i * 2 + up) * 0x1000;
	uint64_t from = OA + (i * 2 + !up) * 0x1000;
	uint64_t va = VA + i * 0x1000;
	unsigned long bad = mem_get(&rig->mem, to + 0x800) != 0;

	put_live(rig, to, i);
	mem_put(&rig->mem, rig_entry(rig, va, 0), to | SS_RW);
	soft_iommu_invalidate(rig->iommu, RIG_DOMAIN, va, va + 0xfff, i & 1);
	soft_iommu_unmapped(rig->iommu, RIG_DOMAIN, va, va + 0xfff);
	mem_put(&rig->mem, from, POISON);
	mem_put(&rig->mem, from + 0x800, 0);
	return bad;
}

static void block_for_a_moment(struct rig *rig)
{
	rig_set(rig, RIG_RID, 0, SOFT_MODE_BLOCKED, 0);
	rig_set(rig, RIG_RID, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN);
}

static void quiet(void *arg, const struct soft_fault *fault)
{
	bump(arg);
}

static void test_moving_pages(void **state)
{
	static struct shared shared;
	struct device device[DEVICES];
	struct rig *rig = &shared.rig;
	unsigned long overwritten = 0;

	rig_init_lg2(rig, 4);
	for (unsigned int i = 0; i < PAGES; i++) {
		rig_map(rig, VA + i * 0x1000, OA + (i * 2) * 0x1000, SS_RW);
		mem_put(&rig->mem, OA + (i * 2 + 1) * 0x1000, POISON);
		put_live(rig, OA + (i * 2) * 0x1000, i);
	}
	for (unsigned int d = 0; d < DEVICES; d++) {
		device[d].shared = &shared;
		device[d].rid = RIG_RID + d * 8;
		rig_set(rig, device[d].rid, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN);
	}
	for (unsigned int d = 0; d < DEVICES; d++)
		assert_int_equal(pthread_create(&device[d].thread, NULL,
						device_main, &device[d]),
				 0);
	while (__atomic_load_n(&shared.moved, __ATOMIC_RELAXED) < 100)
		sched_yield();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		overwritten +=
			move_page(rig, round % PAGES, !(round / PAGES & 1));
		if (round % 50 == 0)
			block_for_a_moment(rig);
	}
	__atomic_store_n(&shared.stop, true, __ATOMIC_RELAXED);
	for (unsigned int d = 0; d < DEVICES; d++)
		pthread_join(device[d].thread, NULL);
	assert_int_equal(shared.bad, 0);
	assert_int_equal(overwritten, 0);
	assert_int_equal(rig->suspects, 0);
	rig_fini(rig);
}

/* ------------------------------------------------ waiting */

/**
 * struct slow - a bus whose data phase waits until it is let go
 * @inside: a request is in its data phase
 * @go: it may go on
 */
struct slow {
	struct mem mem;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool inside, go, returned;
	struct soft_iommu *iommu;
	void (*wait_for)(struct slow *slow);
};

static int slow_read(struct soft_bus *bus, uint64_t pa, void *buf, size_t len)
{
	struct slow *slow = (struct slow *)bus;

	pthread_mutex_lock(&slow->lock);
	slow->inside = true;
	pthread_cond_broadcast(&slow->cond);
	while (!slow->go)
		pthread_cond_wait(&slow->cond, &slow->lock);
	pthread_mutex_unlock(&slow->lock);
	memset(buf, 0, len);
	return 0;
}

static void *slow_device(void *arg)
{
	struct slow *slow = arg;
	uint64_t word;

	soft_iommu_dma(slow->iommu, RIG_RID, 0, OA, &word, 8, SOFT_READ, NULL);
	return NULL;
}

static void *slow_driver(void *arg)
{
	struct slow *slow = arg;

	slow->wait_for(slow);
	__atomic_store_n(&slow->returned, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static void by_invalidation(struct slow *slow)
{
	soft_iommu_invalidate(slow->iommu, 1, 0, UINT64_MAX, false);
}

static void by_device_table(struct slow *slow)
{
	soft_iommu_set(slow->iommu, RIG_RID, 0, NULL);
}

/*
 * While one request is in its data phase, @wait_for does not return, a second
 * waits as well, and other requests go on undisturbed.
 */
static void check_waits(void (*wait_for)(struct slow *slow))
{
	static struct slow slow;
	unsigned long faults = 0;
	struct soft_dte dte = { .mode = SOFT_MODE_IDENTITY };
	struct soft_iommu_config config = {
		.bus = &slow.mem.bus,
		.fault = quiet,
		.arg = &faults,
	};
	pthread_t device, driver[2];
	uint8_t byte;

	memset(&slow, 0, sizeof(slow));
	mem_init(&slow.mem);
	slow.mem.bus.read = slow_read;
	slow.wait_for = wait_for;
	pthread_mutex_init(&slow.lock, NULL);
	pthread_cond_init(&slow.cond, NULL);
	slow.iommu = soft_iommu_new(&config);
	soft_iommu_set(slow.iommu, RIG_RID, 0, &dte);
	pthread_create(&device, NULL, slow_device, &slow);
	pthread_mutex_lock(&slow.lock);
	while (!slow.inside)
		pthread_cond_wait(&slow.cond, &slow.lock);
	pthread_mutex_unlock(&slow.lock);
	for (unsigned int i = 0; i < 2; i++)
		pthread_create(&driver[i], NULL, slow_driver, &slow);
	for (unsigned int i = 0; i < 1000; i++) {
		soft_iommu_dma(slow.iommu, 0x77, 0, 0, &byte, 1, SOFT_READ,
			       NULL);
		sched_yield();
	}
	assert_int_equal(faults, 1000);
	assert_false(__atomic_load_n(&slow.returned, __ATOMIC_SEQ_CST));
	pthread_mutex_lock(&slow.lock);
	slow.go = true;
	pthread_cond_broadcast(&slow.cond);
	pthread_mutex_unlock(&slow.lock);
	pthread_join(device, NULL);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(driver[i], NULL);
	soft_iommu_free(slow.iommu);
	pthread_cond_destroy(&slow.cond);
	pthread_mutex_destroy(&slow.lock);
	mem_fini(&slow.mem);
}

static void test_invalidation_waits(void **state)
{
	check_waits(by_invalidation);
}

static void test_device_table_waits(void **state)
{
	check_waits(by_device_table);
}

/* ------------------------------------------------ filling */

/**
 * struct late - a bus during whose load of a leaf an invalidation begins
 * @leaf: address of that entry
 * @begun: it has begun
 */
struct late {
	struct rig rig;
	uint64_t leaf;
	bool begun;
	pthread_t driver;
};

static uint64_t generation(struct soft_iommu *iommu)
{
	uint64_t value;

	pthread_mutex_lock(&iommu->lock);
	value = iommu->generation;
	pthread_mutex_unlock(&iommu->lock);
	return value;
}

static void *late_driver(void *arg)
{
	struct late *late = arg;

	mem_put(&late->rig.mem, late->leaf, 0);
	rig_invalidate(&late->rig, VA, VA + 0xfff);
	return NULL;
}

/* Returns what was there before; by then the caches have been purged. */
static int late_load(struct soft_bus *bus, uint64_t pa, unsigned int size,
		     uint64_t *value)
{
	struct late *late = (struct late *)bus;
	uint64_t before = generation(late->rig.iommu);
	int rc = mem_load(bus, pa, size, value);

	if (pa != late->leaf || late->begun)
		return rc;
	late->begun = true;
	pthread_create(&late->driver, NULL, late_driver, late);
	for (unsigned int i = 0; i < 2000; i++) {
		if (generation(late->rig.iommu) != before)
			break;
		usleep(1000);
	}
	return rc;
}

/* What was read before an invalidation must not be cached after it. */
static void test_late_fill(void **state)
{
	static struct late late;
	struct rig *rig = &late.rig;

	rig_init(rig);
	rig_map(rig, VA, OA, SS_RW);
	rig_label(rig, OA, LIVE);
	late.leaf = rig_entry(rig, VA, 0);
	rig->mem.bus.load = late_load;
	assert_int_equal(rig_peek(rig, VA), LIVE); /* it was under way */
	assert_true(late.begun);
	pthread_join(late.driver, NULL);
	assert_int_equal(rig_peek(rig, VA), SOFT_FAULT_NOT_PRESENT);
	rig_fini(rig);
}

/* A fault handler may use the IOMMU. */
static void unblock(void *arg, const struct soft_fault *fault)
{
	struct soft_dte dte = { .mode = SOFT_MODE_IDENTITY };
	struct soft_iommu **iommu = arg;

	soft_iommu_set(*iommu, fault->rid, fault->pasid, &dte);
	soft_iommu_invalidate(*iommu, 1, 0, UINT64_MAX, false);
}

static void test_fault_handler(void **state)
{
	struct soft_iommu *iommu;
	struct mem mem;
	struct soft_iommu_config config = {
		.bus = &mem.bus,
		.fault = unblock,
		.arg = &iommu,
	};
	uint8_t byte;

	mem_init(&mem);
	mem_page(&mem, OA);
	iommu = soft_iommu_new(&config);
	assert_int_equal(soft_iommu_dma(iommu, 1, 0, OA, &byte, 1, SOFT_READ,
					NULL),
			 SOFT_FAULT_BLOCKED);
	assert_int_equal(soft_iommu_dma(iommu, 1, 0, OA, &byte, 1, SOFT_READ,
					NULL),
			 SOFT_OK);
	soft_iommu_free(iommu);
	mem_fini(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moving_pages),
		cmocka_unit_test(test_invalidation_waits),
		cmocka_unit_test(test_device_table_waits),
		cmocka_unit_test(test_late_fill),
		cmocka_unit_test(test_fault_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
