/* SPDX-License-Identifier: MIT */
/*
 * The driver of the software IOMMU, used through the core alone: attaching devices
 * and PASIDs, changes under running DMA, several IOMMUs at once.
 */
#include "rig.h"

#include <pthread.h>

#include <uiommu/iommu.h>

#define IOVA 0x10000000ULL
#define RW   (IOMMU_READ | IOMMU_WRITE)

static const char *const formats[] = { "vtdss", "amdv1", "amdv1_mock",
				       "x86_64" };
#define NR_FORMATS (sizeof(formats) / sizeof(formats[0]))

static struct iommu_domain *domain_of(struct rig *rig, unsigned int n,
				      unsigned int flags)
{
	struct iommu_domain *domain;

	assert_int_equal(iommu_domain_alloc_paging(rig->dev[n], flags, &domain),
			 0);
	return domain;
}

/* Pin @nr pages of the client's and map them at @iova. */
static void map(struct rig *rig, struct iommu_domain *domain, uint64_t iova,
		uint64_t page, uint64_t nr)
{
	struct uiommu_run run;

	assert_int_equal(rig->mem.mem.ops->pin(&rig->mem.mem,
					       rig->mem.base + page * PAGE,
					       nr * PAGE, true, &run, 1),
			 1);
	assert_int_equal(run.len, nr * PAGE);
	assert_int_equal(
		iommu_map(domain, iova, run.pa, run.len, RW, GFP_KERNEL), 0);
}

static void unpin(struct rig *rig, uint64_t page, uint64_t nr)
{
	rig->mem.mem.ops->unpin(&rig->mem.mem, rig->mem.pa + page * PAGE,
				nr * PAGE);
}

static enum soft_reason pasid_dma(struct rig *rig, uint32_t pasid,
				  uint64_t iova)
{
	uint32_t word;

	return soft_iommu_dma(rig->hw, RIG_RID(0), pasid, iova, &word, 4,
			      SOFT_READ, NULL);
}

static void test_names(void **state)
{
	struct rig *rig = *state;
	struct soft_driver *drv;

	assert_int_equal(soft_driver_new(rig->hw, "none", NULL, &drv), -EINVAL);
	assert_int_equal(soft_driver_new(rig->hw, "", NULL, &drv), -EINVAL);
	soft_driver_free(NULL);
}

/* Mapped before the first attach; static domains cannot fail. */
static void test_attach(void **state)
{
	struct iommu_group *group;
	struct iommu_domain *d;
	struct rig *rig;
	unsigned int i;

	for (i = 0; i != NR_FORMATS; i++) {
		rig = rig_new(formats[i]);
		group = rig->dev[0]->group;
		d = domain_of(rig, 0, 0);
		map(rig, d, IOVA, 0, 8);
		rig_check_blocked(rig, 0, IOVA, 8 * PAGE);
		assert_int_equal(iommu_attach(group, d), 0);
		rig_check(rig, 0, IOVA, 0, 8 * PAGE);
		assert_int_equal(
			iommu_attach(group, rig->dev[0]->ops->identity_domain),
			0);
		rig_check(rig, 0, RIG_MEM_PA, 0, 8 * PAGE);
		rig_check_blocked(rig, 0, IOVA, 8 * PAGE);
		assert_int_equal(iommu_attach(group, d), 0);
		rig_check(rig, 0, IOVA, 0, 8 * PAGE);
		rig_check_blocked(rig, 0, RIG_MEM_PA, 8 * PAGE);
		iommu_detach(group);
		rig_check_blocked(rig, 0, IOVA, 8 * PAGE);
		iommu_domain_free(d);
		unpin(rig, 0, 8);
		rig_free(rig);
	}
}

static void test_pasid(void **state)
{
	struct rig *rig = rig_new("amdv1");
	struct iommu_group *group = rig->dev[0]->group;
	struct iommu_slot one, two;
	struct iommu_domain *a, *b;

	assert_int_equal(iommu_domain_alloc_paging(rig->dev[0],
						   IOMMU_ALLOC_PASID, &a),
			 -EOPNOTSUPP);
	rig->dev[0]->pasid_bits = 20;
	a = domain_of(rig, 0, IOMMU_ALLOC_PASID);
	b = domain_of(rig, 0, IOMMU_ALLOC_PASID);
	map(rig, a, IOVA, 0, 1);
	map(rig, b, 2 * IOVA, 1, 1);
	assert_int_equal(iommu_attach_pasid(group, &one, 1, a), 0);
	assert_int_equal(iommu_attach_pasid(group, &two, 0xfffff, b), 0);
	assert_int_equal(pasid_dma(rig, 1, IOVA), SOFT_OK);
	assert_int_equal(pasid_dma(rig, 0xfffff, 2 * IOVA), SOFT_OK);
	assert_int_not_equal(pasid_dma(rig, 0xfffff, IOVA), SOFT_OK);
	assert_int_not_equal(pasid_dma(rig, 2, IOVA), SOFT_OK);
	rig_check_blocked(rig, 0, IOVA, PAGE);
	assert_int_equal(iommu_attach(group, b), 0);
	rig_check(rig, 0, 2 * IOVA, PAGE, PAGE);
	/* The top of a table grows for all who use it. */
	map(rig, b, 1ULL << 60, 2, 1);
	assert_int_equal(pasid_dma(rig, 0xfffff, 1ULL << 60), SOFT_OK);
	rig_check(rig, 0, 1ULL << 60, 2 * PAGE, PAGE);
	assert_int_equal(iommu_replace_pasid(group, &one, b), 0);
	assert_int_equal(pasid_dma(rig, 1, 1ULL << 60), SOFT_OK);
	assert_int_not_equal(pasid_dma(rig, 1, IOVA), SOFT_OK);
	iommu_detach_pasid(group, &one);
	iommu_detach_pasid(group, &two);
	assert_int_not_equal(pasid_dma(rig, 1, 2 * IOVA), SOFT_OK);
	rig_check(rig, 0, 2 * IOVA, PAGE, PAGE);
	iommu_detach(group);
	iommu_domain_free(a);
	iommu_domain_free(b);
	unpin(rig, 0, 3);
	rig_free(rig);
}

/* No memory for the entry of a PASID: nothing has changed. */
static void test_pasid_fails(void **state)
{
	struct rig *rig = rig_new("vtdss");
	struct iommu_group *group = rig->dev[0]->group;
	struct rig_snapshot before;
	struct iommu_domain *d;
	struct iommu_slot slot;
	unsigned int n;
	int rc;

	rig->dev[0]->pasid_bits = 20;
	d = domain_of(rig, 0, IOMMU_ALLOC_PASID);
	rig_snapshot(rig, &before);
	for (n = 1;; n++) {
		rig_fail_nth(n);
		rc = iommu_attach_pasid(group, &slot, 5, d);
		if (!rc)
			break;
		assert_int_equal(rc, -ENOMEM);
		rig_same(rig, &before);
	}
	rig_fail_nth(0);
	assert_true(n > 1);
	iommu_detach_pasid(group, &slot);
	rig_same(rig, &before);
	iommu_domain_free(d);
	rig_free(rig);
}

/* A domain of one IOMMU does not fit a device of another. */
static void test_instances(void **state)
{
	struct rig *one = rig_new("vtdss"), *two = rig_new("vtdss");
	struct rig *other = rig_new("x86_64");
	struct iommu_domain *d = domain_of(one, 0, 0);

	assert_int_equal(iommu_attach(two->dev[0]->group, d), -EINVAL);
	assert_int_equal(iommu_attach(other->dev[0]->group, d), -EINVAL);
	assert_int_equal(iommu_attach(one->dev[1]->group, d), 0);
	assert_int_equal(iommu_attach(one->dev[2]->group, d), 0);
	map(one, d, IOVA, 0, 1);
	rig_check(one, 1, IOVA, 0, PAGE);
	rig_check(one, 2, IOVA, 0, PAGE);
	iommu_detach(one->dev[1]->group);
	rig_check_blocked(one, 1, IOVA, PAGE);
	rig_check(one, 2, IOVA, 0, PAGE);
	iommu_detach(one->dev[2]->group);
	iommu_domain_free(d);
	unpin(one, 0, 1);
	rig_free(one);
	rig_free(two);
	rig_free(other);
}

/* More tables than fit one word of tags, freed and made again in any order. */
static void test_tags(void **state)
{
	struct rig *rig = *state;
	struct iommu_domain *d[200];
	unsigned int i, round;

	for (round = 0; round != 3; round++) {
		for (i = 0; i != 200; i++)
			d[i] = domain_of(rig, 0, 0);
		for (i = 0; i != 200; i++)
			iommu_domain_free(d[i * 7 % 200]);
	}
	/* What one user of a tag left in the IOTLB is not the next one's. */
	for (round = 0; round != 20; round++) {
		d[0] = domain_of(rig, 0, 0);
		map(rig, d[0], IOVA, round, 1);
		assert_int_equal(iommu_attach(rig->dev[0]->group, d[0]), 0);
		rig_check(rig, 0, IOVA, round * PAGE, PAGE);
		iommu_detach(rig->dev[0]->group);
		iommu_domain_free(d[0]);
		unpin(rig, round, 1);
	}
}

/**
 * struct hitless - DMA that must never fail
 * @stop: enough
 * @count: accesses so far
 * @failed: the reason of the first that was blocked
 */
struct hitless {
	struct rig *rig;
	bool stop;
	uint64_t count;
	enum soft_reason failed;
};

static void *hitless_dma(void *arg)
{
	struct hitless *h = arg;
	enum soft_reason reason;
	uint64_t i, word;

	for (i = 0; !__atomic_load_n(&h->stop, __ATOMIC_RELAXED); i++) {
		reason = rig_dma(h->rig, 0, RIG_MEM_PA + i % 64 * PAGE, &word,
				 8, SOFT_READ);
		if (reason != SOFT_OK)
			__atomic_store_n(&h->failed, reason, __ATOMIC_RELAXED);
		__atomic_store_n(&h->count, i + 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* IDENTITY, one table and another with the same translations: nobody notices. */
static void test_hitless(void **state)
{
	struct hitless h = { .rig = rig_new("amdv1") };
	struct iommu_group *group = h.rig->dev[0]->group;
	struct iommu_domain *d[3];
	uint64_t seen;
	pthread_t thread;
	unsigned int i;

	d[0] = domain_of(h.rig, 0, 0);
	d[1] = domain_of(h.rig, 0, 0);
	d[2] = h.rig->dev[0]->ops->identity_domain;
	map(h.rig, d[0], RIG_MEM_PA, 0, 64);
	assert_int_equal(iommu_map(d[1], RIG_MEM_PA, RIG_MEM_PA, 64 * PAGE, RW,
				   GFP_KERNEL),
			 0);
	assert_int_equal(iommu_attach(group, d[0]), 0);
	pthread_create(&thread, NULL, hitless_dma, &h);
	for (i = 0; i != 300; i++) {
		assert_int_equal(iommu_attach(group, d[i % 3]), 0);
		/* A growing top is not noticed either. */
		if (i % 60 == 0)
			map(h.rig, d[0], 1ULL << (38 + i / 20), 64 + i / 60, 1);
		seen = __atomic_load_n(&h.count, __ATOMIC_RELAXED);
		while (__atomic_load_n(&h.count, __ATOMIC_RELAXED) < seen + 2)
			sched_yield();
	}
	__atomic_store_n(&h.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(h.failed, SOFT_OK);
	assert_int_equal(h.rig->faults, 0);
	iommu_detach(group);
	iommu_domain_free(d[0]);
	iommu_domain_free(d[1]);
	unpin(h.rig, 0, 64 + 5);
	rig_free(h.rig);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_names),
		TEST(test_tags),
		cmocka_unit_test(test_attach),
		cmocka_unit_test(test_pasid),
		cmocka_unit_test(test_pasid_fails),
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_hitless),
	};

	return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
