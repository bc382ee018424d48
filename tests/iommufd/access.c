/* SPDX-License-Identifier: MIT */
/*
 * Accesses: pinning, copying, and what they do to those who unmap.
 */
#include <pthread.h>
#include <sched.h>

#include <uiommu/access.h>

#include "rig.h"

#define IOVA  0x100000ULL
#define LOCK  IOMMUFD_ACCESS_LOCK
#define WRITE IOMMUFD_ACCESS_WRITE

/**
 * struct owner - the owner of an access, with one pin at most
 * @told: calls of its unmap
 * @iova, @length: of the last one
 * @late: so many calls do nothing
 */
struct owner {
	struct rig *rig;
	struct iommufd_access *access;
	uint32_t id;
	struct iommufd_access_pin *pin;
	unsigned int told;
	uint64_t iova, length;
	unsigned int late;
};

static void owner_unmap(void *data, uint64_t iova, uint64_t length)
{
	struct owner *o = data;

	o->told++;
	o->iova = iova;
	o->length = length;
	if (o->late) {
		o->late--;
	} else if (o->pin) {
		iommufd_access_unpin_pages(o->pin);
		o->pin = NULL;
	}
}

static const struct iommufd_access_ops pins = {
	.needs_pin_pages = true,
	.unmap = owner_unmap,
};

static const struct iommufd_access_ops copies = {
	.needs_pin_pages = false,
};

static void owner_init(struct owner *o, struct rig *rig, uint32_t ioas,
		       const struct iommufd_access_ops *ops)
{
	*o = (struct owner){ .rig = rig };
	assert_int_equal(
		iommufd_access_create(rig->fd, ops, o, &o->id, &o->access), 0);
	if (ioas)
		assert_int_equal(iommufd_access_attach(o->access, ioas), 0);
}

static int owner_pin(struct owner *o, uint64_t iova, uint64_t length,
		     phys_addr_t *pages, unsigned int flags)
{
	return iommufd_access_pin_pages(o->access, iova, length, pages, flags,
					&o->pin);
}

static uint64_t alignment(struct rig *rig, uint32_t ioas)
{
	struct iommu_iova_range range;
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = 1,
		.allowed_iovas = (uintptr_t)&range,
	};

	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_IOVA_RANGES, &cmd), 0);
	return cmd.out_iova_alignment;
}

static void test_object(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), other = rig_ioas(rig);
	struct owner o;

	owner_init(&o, rig, 0, &pins);
	assert_int_equal(rig_destroy(rig, o.id), -EBUSY);
	assert_int_equal(iommufd_access_replace(o.access, ioas), -ENOENT);
	assert_int_equal(iommufd_access_attach(o.access, o.id), -ENOENT);
	assert_int_equal(iommufd_access_attach(o.access, 99), -ENOENT);
	assert_int_equal(iommufd_access_attach(o.access, ioas), 0);
	assert_int_equal(iommufd_access_attach(o.access, other), -EINVAL);
	assert_int_equal(rig_destroy(rig, ioas), -EBUSY);
	assert_int_equal(iommufd_access_replace(o.access, 99), -ENOENT);
	assert_int_equal(iommufd_access_replace(o.access, ioas), 0);
	assert_int_equal(o.told, 0);
	assert_int_equal(iommufd_access_replace(o.access, other), 0);
	assert_int_equal(rig_destroy(rig, ioas), 0);
	assert_int_equal(rig_destroy(rig, other), -EBUSY);
	iommufd_access_detach(o.access);
	iommufd_access_detach(o.access);
	assert_int_equal(rig_destroy(rig, other), 0);
	iommufd_access_destroy(o.access);
	assert_int_equal(rig_destroy(rig, o.id), -ENOENT);
}

/* The context lives on in an access after the last close. */
static void test_outlives(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	struct owner o;
	uint64_t word;

	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	owner_init(&o, rig, ioas, &pins);
	assert_int_equal(owner_pin(&o, IOVA, PAGE, NULL, 0), 0);
	uiommu_file_put(rig->fd);
	rig->fd = NULL;
	assert_int_equal(iommufd_access_rw(o.access, IOVA, &word, 8, 0), 0);
	assert_int_equal(rig->mem.pinned, 1);
	iommufd_access_destroy(o.access);
	assert_int_equal(o.told, 1);
	assert_int_equal(rig->mem.pinned, 0);
}

/* Who pins needs whole pages. */
static void test_alignment(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	struct owner o, p;

	assert_int_equal(alignment(rig, ioas), 1);
	owner_init(&o, rig, ioas, &copies);
	assert_int_equal(alignment(rig, ioas), 1);
	assert_int_equal(rig_map_at(rig, ioas, 8, PAGE, IOVA + 8), 0);
	owner_init(&p, rig, 0, &pins);
	assert_int_equal(iommufd_access_attach(p.access, ioas), -EADDRINUSE);
	assert_int_equal(alignment(rig, ioas), 1);
	assert_int_equal(rig_unmap_all(rig, ioas), PAGE);
	assert_int_equal(iommufd_access_attach(p.access, ioas), 0);
	assert_int_equal(alignment(rig, ioas), PAGE);
	assert_int_equal(rig_map_at(rig, ioas, 8, PAGE, IOVA + 8), -EINVAL);
	iommufd_access_detach(p.access);
	assert_int_equal(alignment(rig, ioas), 1);
	iommufd_access_destroy(p.access);
	iommufd_access_destroy(o.access);
}

static void test_pin(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), i;
	phys_addr_t pages[8];
	struct owner o;

	rig->mem.flip = true;
	rig->mem.max_runs = 2;
	assert_int_equal(rig_map_at(rig, ioas, 0, 3 * PAGE, IOVA), 0);
	assert_int_equal(
		rig_map_at(rig, ioas, 8 * PAGE, 4 * PAGE, IOVA + 3 * PAGE), 0);
	owner_init(&o, rig, ioas, &pins);
	assert_int_equal(rig->mem.pinned, 0);
	/* Not from inside of a page. */
	assert_int_equal(owner_pin(&o, IOVA + 100, PAGE, pages, WRITE),
			 -EINVAL);
	/* Into another area, and no further than the page that it ends in. */
	assert_int_equal(
		owner_pin(&o, IOVA + PAGE, 3 * PAGE + 100, pages, WRITE), 0);
	assert_int_equal(rig->mem.pinned, 4);
	assert_int_equal(rig->mem.charged, 4);
	for (i = 0; i != 4; i++)
		assert_int_equal(pages[i],
				 RIG_MEM_PA +
					 ((i < 2 ? i + 1 : i + 6) ^ 1) * PAGE);
	iommufd_access_unpin_pages(o.pin);
	o.pin = NULL;
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(rig->mem.charged, 0);
	iommufd_access_destroy(o.access);
}

static void test_pin_errors(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	uint64_t iova = IOVA + 8 * PAGE;
	struct owner o, c;

	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(rig_map(rig, ioas,
				 IOMMU_IOAS_MAP_READABLE |
					 IOMMU_IOAS_MAP_FIXED_IOVA,
				 0, 4 * PAGE, &iova),
			 0);
	owner_init(&o, rig, 0, &pins);
	assert_int_equal(owner_pin(&o, IOVA, PAGE, NULL, 0), -ENOENT);
	assert_int_equal(iommufd_access_attach(o.access, ioas), 0);
	assert_int_equal(owner_pin(&o, IOVA, 0, NULL, 0), -EINVAL);
	assert_int_equal(owner_pin(&o, IOVA, UINT64_MAX, NULL, 0), -EOVERFLOW);
	assert_int_equal(owner_pin(&o, IOVA - 1, PAGE, NULL, 0), -ENOENT);
	assert_int_equal(owner_pin(&o, IOVA, 4 * PAGE + 1, NULL, 0), -ENOENT);
	assert_int_equal(owner_pin(&o, iova, PAGE, NULL, WRITE), -EPERM);
	rig->mem.bad = 2;
	assert_int_equal(owner_pin(&o, IOVA, 4 * PAGE, NULL, 0), -EFAULT);
	rig->mem.bad = -1;
	rig->mem.limit = 3;
	assert_int_equal(owner_pin(&o, IOVA, 4 * PAGE, NULL, 0), -ENOMEM);
	rig->mem.limit = INT64_MAX;
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(rig->mem.charged, 0);
	assert_int_equal(owner_pin(&o, iova, PAGE, NULL, 0), 0);
	owner_init(&c, rig, ioas, &copies);
	assert_int_equal(owner_pin(&c, IOVA, PAGE, NULL, 0), -EOPNOTSUPP);
	iommufd_access_destroy(c.access);
	iommufd_access_destroy(o.access);
	/* Nothing holds anything up. */
	assert_int_equal(rig_unmap_all(rig, ioas), 8 * PAGE);
}

/* A page is pinned once, however many use it; each lets go by itself. */
static void test_shared(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;
	struct owner o, p;

	rig_bind(rig, 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, 8 * PAGE, IOVA), 0);
	owner_init(&o, rig, ioas, &pins);
	owner_init(&p, rig, ioas, &pins);
	assert_int_equal(owner_pin(&o, IOVA, 4 * PAGE, NULL, 0), 0);
	assert_int_equal(owner_pin(&p, IOVA + 2 * PAGE, 4 * PAGE, NULL, 0), 0);
	assert_int_equal(rig->mem.pinned, 6);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(rig->mem.pinned, 8);
	assert_int_equal(rig->mem.charged, 8);
	rig_check(rig, 0, IOVA, 0, 8 * PAGE);
	iommufd_device_detach(rig->idev[0]);
	assert_int_equal(rig->mem.pinned, 6);
	iommufd_access_unpin_pages(o.pin);
	o.pin = NULL;
	assert_int_equal(rig->mem.pinned, 4);
	iommufd_access_destroy(o.access);
	iommufd_access_destroy(p.access);
	assert_int_equal(rig->mem.pinned, 0);
}

/* All bytes of all areas, pinned or not. */
static void test_rw(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	static uint8_t buf[8 * PAGE], back[8 * PAGE];
	uint64_t i, at, n;
	struct owner o;

	rig->mem.flip = true;
	assert_int_equal(rig_map_at(rig, ioas, 100, 3 * PAGE - 50, IOVA), 0);
	assert_int_equal(rig_map_at(rig, ioas, 16 * PAGE + 7, 3 * PAGE,
				    IOVA + 3 * PAGE - 50),
			 0);
	owner_init(&o, rig, ioas, &copies);
	for (i = 0; i != sizeof(buf); i++)
		buf[i] = (uint8_t)(i * 7 + i / 256);
	for (at = 0; at < 5 * PAGE; at += 1234) {
		n = 6 * PAGE - 50 - at;
		assert_int_equal(iommufd_access_rw(o.access, IOVA + at, buf, n,
						   WRITE),
				 0);
		memset(back, 0, sizeof(back));
		assert_int_equal(
			iommufd_access_rw(o.access, IOVA + at, back, n, 0), 0);
		assert_memory_equal(buf, back, n);
		if (at < 3 * PAGE - 50)
			assert_int_equal(rig->mem.va[100 + at], buf[0]);
		assert_int_equal(rig->mem.va[19 * PAGE + 6], buf[n - 1]);
	}
	assert_int_equal(rig->mem.pinned, 0);
	iommufd_access_destroy(o.access);
}

static void test_rw_errors(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	uint64_t in = IOVA + 8 * PAGE, out = IOVA + 16 * PAGE;
	uint8_t buf[2 * PAGE] = { 0 };
	struct owner o;

	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA), 0);
	assert_int_equal(rig_map(rig, ioas,
				 IOMMU_IOAS_MAP_READABLE |
					 IOMMU_IOAS_MAP_FIXED_IOVA,
				 0, PAGE, &in),
			 0);
	assert_int_equal(rig_map(rig, ioas,
				 IOMMU_IOAS_MAP_WRITEABLE |
					 IOMMU_IOAS_MAP_FIXED_IOVA,
				 0, PAGE, &out),
			 0);
	owner_init(&o, rig, 0, &copies);
	assert_int_equal(iommufd_access_rw(o.access, IOVA, buf, 1, 0), -ENOENT);
	assert_int_equal(iommufd_access_attach(o.access, ioas), 0);
	assert_int_equal(iommufd_access_rw(o.access, IOVA, buf, 0, 0), -EINVAL);
	assert_int_equal(iommufd_access_rw(o.access, UINT64_MAX, buf, 2, 0),
			 -EOVERFLOW);
	assert_int_equal(iommufd_access_rw(o.access, IOVA - 1, buf, 2, 0),
			 -ENOENT);
	memset(rig->mem.va, 0x5a, PAGE);
	assert_int_equal(iommufd_access_rw(o.access, IOVA, buf, PAGE + 1,
					   WRITE),
			 -ENOENT);
	/* What comes before the hole has been written. */
	assert_memory_equal(rig->mem.va, buf, PAGE);
	assert_int_equal(iommufd_access_rw(o.access, in, buf, 1, WRITE),
			 -EPERM);
	assert_int_equal(iommufd_access_rw(o.access, in, buf, 1, 0), 0);
	assert_int_equal(iommufd_access_rw(o.access, out, buf, 1, 0), -EPERM);
	assert_int_equal(iommufd_access_rw(o.access, out, buf, 1, WRITE), 0);
	rig->mem.bad = 0;
	assert_int_equal(iommufd_access_rw(o.access, IOVA, buf, 1, 0), -EFAULT);
	rig->mem.bad = -1;
	iommufd_access_destroy(o.access);
}

/* Nothing is charged for a copy, even where nothing may be locked. */
static void test_rw_free(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	uint8_t byte = 1;
	struct owner o;

	rig->mem.limit = 0;
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA), 0);
	owner_init(&o, rig, ioas, &pins);
	assert_int_equal(iommufd_access_rw(o.access, IOVA, &byte, 1, WRITE), 0);
	assert_int_equal(owner_pin(&o, IOVA, 1, NULL, 0), -ENOMEM);
	iommufd_access_destroy(o.access);
}

/* An unmap takes back what it removes, and nothing else. */
static void test_unmap(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	struct owner o, p;

	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(
		rig_map_at(rig, ioas, 4 * PAGE, 4 * PAGE, IOVA + 4 * PAGE), 0);
	owner_init(&o, rig, ioas, &pins);
	owner_init(&p, rig, ioas, &pins);
	assert_int_equal(owner_pin(&o, IOVA + PAGE, PAGE, NULL, 0), 0);
	assert_int_equal(rig_unmap(rig, ioas, IOVA + 4 * PAGE, 4 * PAGE),
			 4 * PAGE);
	assert_int_equal(o.told + p.told, 0);
	o.late = 2;
	assert_int_equal(rig_unmap(rig, ioas, IOVA, 4 * PAGE), 4 * PAGE);
	assert_int_equal(o.told, 3);
	assert_true(p.told);
	assert_int_equal(o.iova, IOVA);
	assert_int_equal(o.length, 4 * PAGE);
	assert_null(o.pin);
	assert_int_equal(rig->mem.pinned, 0);
	iommufd_access_destroy(o.access);
	iommufd_access_destroy(p.access);
}

/* One pin over two areas goes with the first of them. */
static void test_unmap_half(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	struct owner o;

	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(rig, ioas, PAGE, PAGE, IOVA + PAGE), 0);
	owner_init(&o, rig, ioas, &pins);
	assert_int_equal(owner_pin(&o, IOVA, 2 * PAGE, NULL, 0), 0);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, PAGE), PAGE);
	assert_null(o.pin);
	assert_int_equal(rig->mem.pinned, 0);
	iommufd_access_destroy(o.access);
}

static void test_locked(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);
	struct owner o;

	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(rig, ioas, PAGE, PAGE, IOVA + PAGE), 0);
	assert_int_equal(rig_map_at(rig, ioas, PAGE, PAGE, IOVA + 2 * PAGE), 0);
	owner_init(&o, rig, ioas, &pins);
	assert_int_equal(owner_pin(&o, IOVA + PAGE, 1, NULL, LOCK), 0);
	assert_int_equal(rig_unmap(rig, ioas, IOVA + PAGE, PAGE), -EBUSY);
	/* What comes before the one that is locked goes. */
	assert_int_equal(rig_unmap_all(rig, ioas), -EBUSY);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, PAGE), -ENOENT);
	assert_int_equal(o.told, 0);
	iommufd_access_unpin_pages(o.pin);
	o.pin = NULL;
	assert_int_equal(rig_unmap_all(rig, ioas), 2 * PAGE);
	iommufd_access_destroy(o.access);
}

/* Moving to another IOAS takes everything back. */
static void test_replace(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), other = rig_ioas(rig);
	struct owner o;
	uint8_t byte;

	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(rig, other, 8, PAGE, IOVA + 8), 0);
	owner_init(&o, rig, ioas, &pins);
	assert_int_equal(owner_pin(&o, IOVA, PAGE, NULL, 0), 0);
	/* A failure takes nothing. */
	assert_int_equal(iommufd_access_replace(o.access, other), -EADDRINUSE);
	assert_int_equal(o.told, 0);
	assert_int_equal(rig_unmap_all(rig, other), PAGE);
	o.late = 1;
	assert_int_equal(iommufd_access_replace(o.access, other), 0);
	assert_int_equal(o.told, 2);
	assert_int_equal(o.iova, 0);
	assert_int_equal(o.length, UINT64_MAX);
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(iommufd_access_rw(o.access, IOVA, &byte, 1, 0),
			 -ENOENT);
	assert_int_equal(rig_map_at(rig, other, PAGE, PAGE, IOVA), 0);
	assert_int_equal(owner_pin(&o, IOVA, PAGE, NULL, 0), 0);
	assert_int_equal(rig_unmap_all(rig, ioas), PAGE);
	assert_non_null(o.pin);
	iommufd_access_destroy(o.access);
}

/* ---- Threads -------------------------------------------------------- */

#define ROUNDS 300

struct racer {
	struct rig *rig;
	uint32_t ioas[2];
	struct iommufd_access *access;
	pthread_mutex_t lock;
	struct iommufd_access_pin *pin;
	bool stop;
	unsigned int pinned;
};

static void racer_unmap(void *data, uint64_t iova, uint64_t length)
{
	struct racer *r = data;

	pthread_mutex_lock(&r->lock);
	if (r->pin)
		iommufd_access_unpin_pages(r->pin);
	r->pin = NULL;
	pthread_mutex_unlock(&r->lock);
}

static const struct iommufd_access_ops racer_ops = {
	.needs_pin_pages = true,
	.unmap = racer_unmap,
};

static void *racer_pin(void *arg)
{
	struct racer *r = arg;
	uint8_t byte = 1;
	int rc;

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		pthread_mutex_lock(&r->lock);
		if (!r->pin) {
			rc = iommufd_access_pin_pages(r->access, IOVA + PAGE,
						      PAGE, NULL, WRITE,
						      &r->pin);
			if (!rc)
				__atomic_add_fetch(&r->pinned, 1,
						   __ATOMIC_RELAXED);
			else
				r->pin = NULL;
			assert_true(!rc || rc == -ENOENT);
		}
		pthread_mutex_unlock(&r->lock);
		rc = iommufd_access_rw(r->access, IOVA, &byte, 1, WRITE);
		assert_true(!rc || rc == -ENOENT);
	}
	return NULL;
}

static void *racer_move(void *arg)
{
	struct racer *r = arg;
	unsigned int i = 0;

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED))
		assert_int_equal(
			iommufd_access_replace(r->access, r->ioas[++i % 2]), 0);
	return NULL;
}

static unsigned int pins_of(const struct racer *r)
{
	return __atomic_load_n(&r->pinned, __ATOMIC_RELAXED);
}

/* Pinning, copying, moving and unmapping at the same time. */
static void test_races(void **state)
{
	struct rig *rig = *state;
	struct racer r = { .rig = rig };
	unsigned int i, j, before;
	pthread_t thread[3];
	uint32_t id;
	long rc;

	pthread_mutex_init(&r.lock, NULL);
	r.ioas[0] = rig_ioas(rig);
	r.ioas[1] = rig_ioas(rig);
	assert_int_equal(iommufd_access_create(rig->fd, &racer_ops, &r, &id,
					       &r.access),
			 0);
	assert_int_equal(iommufd_access_attach(r.access, r.ioas[0]), 0);
	pthread_create(&thread[0], NULL, racer_pin, &r);
	pthread_create(&thread[1], NULL, racer_pin, &r);
	pthread_create(&thread[2], NULL, racer_move, &r);
	/* On a busy machine the others may come late: there is something to pin. */
	for (i = 0; i != 2; i++)
		assert_int_equal(rig_map_at(rig, r.ioas[i], 0, 4 * PAGE, IOVA),
				 0);
	while (!pins_of(&r))
		sched_yield();
	for (i = 0; i != 2; i++)
		assert_int_equal(rig_unmap_all(rig, r.ioas[i]), 4 * PAGE);
	for (i = 0; i < ROUNDS; i++) {
		rc = rig_map_at(rig, r.ioas[i % 2], 0, 4 * PAGE, IOVA);
		assert_int_equal(rc, 0);
		before = pins_of(&r);
		for (j = 0; j != 20 && pins_of(&r) == before; j++)
			sched_yield();
		rc = rig_unmap_all(rig, r.ioas[i % 2]);
		assert_int_equal(rc, 4 * PAGE);
	}
	__atomic_store_n(&r.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i != 3; i++)
		pthread_join(thread[i], NULL);
	iommufd_access_destroy(r.access);
	pthread_mutex_destroy(&r.lock);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_object),  TEST(test_outlives),   TEST(test_alignment),
		TEST(test_pin),     TEST(test_pin_errors), TEST(test_shared),
		TEST(test_rw),      TEST(test_rw_errors),  TEST(test_rw_free),
		TEST(test_unmap),   TEST(test_unmap_half), TEST(test_locked),
		TEST(test_replace), TEST(test_races),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
