/* SPDX-License-Identifier: MIT */
/*
 * A client whose memory does not answer, or a device whose access takes its time:
 * who has to wait, and who has not.
 */
#include <pthread.h>
#include <unistd.h>

#include <uiommu/access.h>

#include "rig.h"

#define IOVA 0x20000000ULL

/* Long enough for a thread that need not wait to be done. */
#define A_WHILE_US 20000

/**
 * struct gate - where one access waits until it may go on
 * @rig: the rig; its ops are the gate's
 * @armed: the next access is to wait
 * @entered: it has come
 * @open: it may go on
 */
struct gate {
	struct rig *rig;
	struct uiommu_mem_ops mem_ops;
	const struct uiommu_mem_ops *real_mem;
	int (*real_read)(struct soft_bus *bus, uint64_t pa, void *buf,
			 size_t len);
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool armed, entered, open;
};

static struct gate *gate_now;

static void gate_pass(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	if (g->armed) {
		g->armed = false;
		g->entered = true;
		pthread_cond_broadcast(&g->cond);
		while (!g->open)
			pthread_cond_wait(&g->cond, &g->lock);
	}
	pthread_mutex_unlock(&g->lock);
}

/* Pinning the first page of the buffer goes through the gate. */
static int gate_pin(struct uiommu_mem *mem, uint64_t addr, uint64_t len,
		    bool write, struct uiommu_run *runs, size_t max)
{
	if (addr == gate_now->rig->mem.base)
		gate_pass(gate_now);
	return gate_now->real_mem->pin(mem, addr, len, write, runs, max);
}

static int gate_read(struct soft_bus *bus, uint64_t pa, void *buf, size_t len)
{
	gate_pass(gate_now);
	return gate_now->real_read(bus, pa, buf, len);
}

static void gate_init(struct gate *g)
{
	*g = (struct gate){ .rig = rig_new("vtdss") };
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->cond, NULL);
	g->real_mem = g->rig->mem.mem.ops;
	g->mem_ops = *g->real_mem;
	g->mem_ops.pin = gate_pin;
	g->rig->mem.mem.ops = &g->mem_ops;
	g->real_read = g->rig->bus.read;
	g->rig->bus.read = gate_read;
	rig_bind(g->rig, 0);
	rig_bind(g->rig, 1);
	gate_now = g;
}

static void gate_fini(struct gate *g)
{
	rig_free(g->rig);
	pthread_cond_destroy(&g->cond);
	pthread_mutex_destroy(&g->lock);
}

static void gate_arm(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->armed = true;
	pthread_mutex_unlock(&g->lock);
}

static void gate_await(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	while (!g->entered)
		pthread_cond_wait(&g->cond, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

static void gate_open(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->open = true;
	pthread_cond_broadcast(&g->cond);
	pthread_mutex_unlock(&g->lock);
}

/**
 * struct task - a request in a thread of its own
 * @run: what it does
 * @a, @b, @c: for @run
 * @rc: its answer
 * @done: it has come
 */
struct task {
	struct rig *rig;
	long (*run)(struct task *t);
	uint32_t a, b, c;
	long rc;
	bool done;
	pthread_t thread;
};

static void *task_thread(void *arg)
{
	struct task *t = arg;

	t->rc = t->run(t);
	__atomic_store_n(&t->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void task_start(struct task *t)
{
	assert_int_equal(pthread_create(&t->thread, NULL, task_thread, t), 0);
}

static bool task_waits(struct task *t)
{
	usleep(A_WHILE_US);
	return !__atomic_load_n(&t->done, __ATOMIC_ACQUIRE);
}

static long task_end(struct task *t)
{
	pthread_join(t->thread, NULL);
	return t->rc;
}

/* Map the first page in IOAS @a. */
static long run_map(struct task *t)
{
	return rig_map_at(t->rig, t->a, 0, PAGE, IOVA);
}

/* A page table for device @a and IOAS @b; @c is its id. */
static long run_hwpt(struct task *t)
{
	return rig_hwpt(t->rig, t->a, t->b, &t->c);
}

static long run_attach(struct task *t)
{
	t->c = t->b;
	return rig_attach(t->rig, t->a, &t->c);
}

/* What @b has at IOVA comes to @a. */
static long run_copy(struct task *t)
{
	return rig_copy(t->rig, t->a, IOVA, t->b, IOVA, PAGE);
}

static long run_destroy(struct task *t)
{
	return rig_destroy(t->rig, t->a);
}

static long run_dma(struct task *t)
{
	uint64_t word;

	return rig_dma(t->rig, t->a, IOVA, &word, 8, SOFT_READ);
}

static long run_detach(struct task *t)
{
	iommufd_device_detach(t->rig->idev[t->a]);
	return 0;
}

static long run_unmap_all(struct task *t)
{
	return rig_unmap_all(t->rig, t->a);
}

/* Who does not need the memory that does not answer goes on. */
static void test_others(void **state)
{
	struct gate g;
	struct task map = { .run = run_map };
	uint32_t ioas, pt, other, hwpt;
	struct rig *rig;

	gate_init(&g);
	map.rig = rig = g.rig;
	map.a = ioas = pt = rig_ioas(rig);
	other = rig_ioas(rig);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	gate_arm(&g);
	task_start(&map);
	gate_await(&g);
	assert_int_equal(rig_map_at(rig, ioas, PAGE, PAGE, IOVA), -EEXIST);
	assert_int_equal(rig_map_at(rig, ioas, PAGE, PAGE, IOVA + PAGE), 0);
	rig_check(rig, 0, IOVA + PAGE, PAGE, PAGE);
	assert_int_equal(rig_copy(rig, other, IOVA, ioas, IOVA + PAGE, PAGE),
			 0);
	assert_int_equal(rig_copy(rig, other, IOVA * 2, ioas, IOVA, PAGE),
			 -ENOENT);
	assert_int_equal(rig_hwpt(rig, 1, ioas, &hwpt), 0);
	pt = hwpt;
	assert_int_equal(rig_attach(rig, 1, &pt), 0);
	rig_check(rig, 1, IOVA + PAGE, PAGE, PAGE);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, 2 * PAGE), PAGE);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, PAGE), -ENOENT);
	iommufd_device_detach(rig->idev[0]);
	assert_int_equal(rig_destroy(rig, other), 0);
	gate_open(&g);
	assert_int_equal(task_end(&map), 0);
	/* The page table that came meanwhile has it. */
	rig_check(rig, 1, IOVA, 0, PAGE);
	rig_check_blocked(rig, 0, IOVA, PAGE);
	gate_fini(&g);
}

/* Two page tables that need the same area: the second waits for the pin. */
static void test_two_tables(void **state)
{
	struct gate g;
	struct task one = { .run = run_hwpt, .a = 0 };
	struct task two = { .run = run_hwpt, .a = 1 };
	struct task unmap = { .run = run_unmap_all };
	struct rig *rig;

	gate_init(&g);
	one.rig = two.rig = unmap.rig = rig = g.rig;
	one.b = two.b = unmap.a = rig_ioas(rig);
	assert_int_equal(rig_map_at(rig, one.b, 0, PAGE, IOVA), 0);
	gate_arm(&g);
	task_start(&one);
	gate_await(&g);
	/* Neither its id nor that of the IOAS is anyone's yet. */
	assert_int_equal(rig_destroy(rig, one.b + 1), -ENOENT);
	task_start(&two);
	assert_true(task_waits(&two));
	gate_open(&g);
	assert_int_equal(task_end(&one), 0);
	assert_int_equal(task_end(&two), 0);
	assert_int_equal(rig->mem.pinned, 1);
	assert_int_equal(rig_attach(rig, 0, &one.c), 0);
	assert_int_equal(rig_attach(rig, 1, &two.c), 0);
	rig_check(rig, 0, IOVA, 0, PAGE);
	rig_check(rig, 1, IOVA, 0, PAGE);
	task_start(&unmap);
	assert_int_equal(task_end(&unmap), PAGE);
	assert_int_equal(rig->mem.pinned, 0);
	gate_fini(&g);
}

/* An unmap of an area that is being pinned waits, and then it is gone. */
static void test_unmap(void **state)
{
	struct gate g;
	struct task table = { .run = run_hwpt };
	struct task unmap = { .run = run_unmap_all };
	struct rig *rig;

	gate_init(&g);
	table.rig = unmap.rig = rig = g.rig;
	table.b = unmap.a = rig_ioas(rig);
	assert_int_equal(rig_map_at(rig, table.b, 0, PAGE, IOVA), 0);
	gate_arm(&g);
	task_start(&table);
	gate_await(&g);
	task_start(&unmap);
	assert_true(task_waits(&unmap));
	gate_open(&g);
	assert_int_equal(task_end(&table), 0);
	assert_int_equal(task_end(&unmap), PAGE);
	assert_int_equal(rig->mem.pinned, 0);
	gate_fini(&g);
}

/* The same pages in two IOASes: pinned once, and both wait for it. */
static void test_copies(void **state)
{
	struct gate g;
	struct task one = { .run = run_copy };
	struct task two = { .run = run_copy };
	uint32_t src, pt0, pt1;
	struct rig *rig;

	gate_init(&g);
	one.rig = two.rig = rig = g.rig;
	src = rig_ioas(rig);
	one.a = pt0 = rig_ioas(rig);
	two.a = pt1 = rig_ioas(rig);
	one.b = two.b = src;
	assert_int_equal(rig_map_at(rig, src, 0, PAGE, IOVA), 0);
	assert_int_equal(rig_attach(rig, 0, &pt0), 0);
	assert_int_equal(rig_attach(rig, 1, &pt1), 0);
	gate_arm(&g);
	task_start(&one);
	gate_await(&g);
	task_start(&two);
	assert_true(task_waits(&two));
	gate_open(&g);
	assert_int_equal(task_end(&one), 0);
	assert_int_equal(task_end(&two), 0);
	assert_int_equal(rig->mem.pinned, 1);
	rig_check(rig, 0, IOVA, 0, PAGE);
	rig_check(rig, 1, IOVA, 0, PAGE);
	gate_fini(&g);
}

/* Two devices at once: one makes the automatic page table, the other finds it. */
static void test_attach(void **state)
{
	struct gate g;
	struct task one = { .run = run_attach, .a = 0 };
	struct task two = { .run = run_attach, .a = 1 };
	struct rig *rig;

	gate_init(&g);
	one.rig = two.rig = rig = g.rig;
	one.b = two.b = rig_ioas(rig);
	assert_int_equal(rig_map_at(rig, one.b, 0, PAGE, IOVA), 0);
	gate_arm(&g);
	task_start(&one);
	gate_await(&g);
	task_start(&two);
	assert_true(task_waits(&two));
	gate_open(&g);
	assert_int_equal(task_end(&one), 0);
	assert_int_equal(task_end(&two), 0);
	assert_int_equal(one.c, two.c);
	gate_fini(&g);
}

/* An object goes when nobody works with it any more, and not before. */
static void test_destroy(void **state)
{
	struct gate g;
	struct task map = { .run = run_map };
	struct task destroy = { .run = run_destroy };
	uint32_t pt;
	struct rig *rig;

	gate_init(&g);
	map.rig = destroy.rig = rig = g.rig;
	map.a = pt = rig_ioas(rig);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	gate_arm(&g);
	task_start(&map);
	gate_await(&g);
	destroy.a = map.a;
	task_start(&destroy);
	assert_false(task_waits(&destroy));
	assert_int_equal(task_end(&destroy), -EBUSY);
	iommufd_device_detach(rig->idev[0]);
	destroy.done = false;
	task_start(&destroy);
	assert_true(task_waits(&destroy));
	/* From now on nobody finds it. */
	assert_int_equal(rig_unmap_all(rig, map.a), -ENOENT);
	gate_open(&g);
	assert_int_equal(task_end(&map), 0);
	assert_int_equal(task_end(&destroy), 0);
	assert_int_equal(rig->mem.pinned, 0);
	gate_fini(&g);
}

/* An unmap or a detach comes back when accesses under way have ended. */
static void test_dma(void **state)
{
	struct task end[] = { { .run = run_unmap_all }, { .run = run_detach } };
	struct task dma = { .run = run_dma };
	struct gate g;
	unsigned int i;
	uint32_t pt;

	for (i = 0; i != 2; i++) {
		gate_init(&g);
		dma.rig = end[i].rig = g.rig;
		pt = rig_ioas(g.rig);
		end[i].a = i ? 0 : pt;
		assert_int_equal(rig_map_at(g.rig, pt, 0, PAGE, IOVA), 0);
		assert_int_equal(rig_attach(g.rig, 0, &pt), 0);
		gate_arm(&g);
		task_start(&dma);
		gate_await(&g);
		task_start(&end[i]);
		assert_true(task_waits(&end[i]));
		assert_int_equal(g.rig->mem.pinned, 1);
		gate_open(&g);
		assert_int_equal(task_end(&dma), SOFT_OK);
		assert_int_equal(task_end(&end[i]), i ? 0 : PAGE);
		rig_check_blocked(g.rig, 0, IOVA, PAGE);
		gate_fini(&g);
	}
}

/* ---- Accesses --------------------------------------------------------- */

static struct iommufd_access *access_now;
static struct iommufd_access_pin *pin_now;

static void unpin_now(void *data, uint64_t iova, uint64_t length)
{
	struct iommufd_access_pin *pin =
		__atomic_exchange_n(&pin_now, NULL, __ATOMIC_ACQ_REL);

	if (pin)
		iommufd_access_unpin_pages(pin);
}

static long run_access_pin(struct task *t)
{
	struct iommufd_access_pin *pin;
	int rc;

	rc = iommufd_access_pin_pages(access_now, IOVA, PAGE, NULL, 0, &pin);
	if (!rc)
		__atomic_store_n(&pin_now, pin, __ATOMIC_RELEASE);
	return rc;
}

static long run_access_rw(struct task *t)
{
	uint8_t byte;

	return iommufd_access_rw(access_now, IOVA, &byte, 1, 0);
}

static long run_access_detach(struct task *t)
{
	iommufd_access_detach(access_now);
	return 0;
}

/*
 * Memory that does not answer an access keeps others from nothing but taking that
 * memory, or the access, away. A pin that comes too late is none.
 */
static void test_access(void **state)
{
	static const struct iommufd_access_ops ops = {
		.needs_pin_pages = true,
		.unmap = unpin_now,
	};
	struct task use[] = { { .run = run_access_pin },
			      { .run = run_access_rw } };
	struct task end[] = { { .run = run_unmap_all },
			      { .run = run_access_detach } };
	unsigned int i, j;
	uint32_t ioas, id;
	uint8_t byte;
	struct gate g;
	long rc;

	for (i = 0; i != 4; i++) {
		struct task u = use[i % 2], e = end[i / 2];

		gate_init(&g);
		u.rig = e.rig = g.rig;
		e.a = ioas = rig_ioas(g.rig);
		assert_int_equal(iommufd_access_create(g.rig->fd, &ops, NULL,
						       &id, &access_now),
				 0);
		assert_int_equal(iommufd_access_attach(access_now, ioas), 0);
		assert_int_equal(rig_map_at(g.rig, ioas, 0, PAGE, IOVA), 0);
		gate_arm(&g);
		task_start(&u);
		gate_await(&g);
		for (j = 1; j != 4; j++) {
			assert_int_equal(rig_map_at(g.rig, ioas, j * PAGE, PAGE,
						    IOVA + j * PAGE),
					 0);
			assert_int_equal(iommufd_access_rw(access_now,
							   IOVA + j * PAGE,
							   &byte, 1, 0),
					 0);
			assert_int_equal(rig_unmap(g.rig, ioas, IOVA + j * PAGE,
						   PAGE),
					 PAGE);
		}
		task_start(&e);
		assert_true(task_waits(&e));
		gate_open(&g);
		rc = task_end(&u);
		/* Who took it away may not have been there yet on a busy machine. */
		assert_true(!rc || (rc == -ENOENT && u.run == run_access_pin));
		assert_int_equal(task_end(&e), i / 2 ? 0 : PAGE);
		assert_int_equal(g.rig->mem.pinned, 0);
		iommufd_access_destroy(access_now);
		gate_fini(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_two_tables),
		cmocka_unit_test(test_unmap),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_attach),
		cmocka_unit_test(test_destroy),
		cmocka_unit_test(test_dma),
		cmocka_unit_test(test_access),
	};

	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
