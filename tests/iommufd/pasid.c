/* SPDX-License-Identifier: MIT */
/*
 * Devices attached with PASIDs: the rules, DMA by each, changes beside others.
 */
#include "rig.h"

#include <pthread.h>

#include <uiommu/iommu.h>

#define IOVA 0x10000000ULL

static const struct soft_device_caps caps = { .pasid_bits = 16 };

/**
 * struct scene - devices with PASIDs
 * @ioas: two IOAS; page 0 of the buffer is mapped at IOVA in the first, page 1 in the
 *	second
 * @hwpt: a page table for PASIDs of each
 * @plain: a page table of the first that is not made for PASIDs
 */
struct scene {
	struct rig *rig;
	uint32_t ioas[2];
	uint32_t hwpt[2];
	uint32_t plain;
};

static long alloc(struct rig *rig, unsigned int n, uint32_t ioas,
		  uint32_t flags, uint32_t *id)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = rig->idev_id[n],
		.pt_id = ioas,
	};
	long rc = rig_ioctl(rig, IOMMU_HWPT_ALLOC, &cmd);

	*id = cmd.out_hwpt_id;
	return rc;
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct rig *rig = rig_new("vtdss");
	unsigned int i;

	s->rig = rig;
	soft_driver_set_caps(rig->dev[0], &caps);
	soft_driver_set_caps(rig->dev[1], &caps);
	for (i = 0; i != RIG_DEVICES; i++)
		rig_bind(rig, i);
	for (i = 0; i != 2; i++) {
		s->ioas[i] = rig_ioas(rig);
		assert_int_equal(
			rig_map_at(rig, s->ioas[i], i * PAGE, PAGE, IOVA), 0);
		assert_int_equal(alloc(rig, 0, s->ioas[i],
				       IOMMU_HWPT_ALLOC_PASID, &s->hwpt[i]),
				 0);
		rig->mem.va[i * PAGE] = (uint8_t)('a' + i);
	}
	assert_int_equal(alloc(rig, 0, s->ioas[0], 0, &s->plain), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	rig_free(s->rig);
	free(s);
	return 0;
}

static int attach(struct scene *s, unsigned int n, ioasid_t pasid, uint32_t pt)
{
	uint32_t id = pt;
	int rc = iommufd_device_attach_pasid(s->rig->idev[n], pasid, &id);

	assert_int_equal(id, pt);
	return rc;
}

static int replace(struct scene *s, unsigned int n, ioasid_t pasid, uint32_t pt)
{
	return iommufd_device_replace_pasid(s->rig->idev[n], pasid, &pt);
}

static void detach(struct scene *s, unsigned int n, ioasid_t pasid)
{
	iommufd_device_detach_pasid(s->rig->idev[n], pasid);
}

/* What device @n reads with @pasid at IOVA; 0 = nothing. */
static char reads(struct scene *s, unsigned int n, ioasid_t pasid)
{
	char c;

	if (soft_iommu_dma(s->rig->hw, RIG_RID(n), pasid, IOVA, &c, 1,
			   SOFT_READ, NULL) != SOFT_OK)
		return 0;
	return c;
}

static int rid(struct scene *s, unsigned int n, uint32_t pt)
{
	return rig_attach(s->rig, n, &pt);
}

/* ---- Rules --------------------------------------------------------- */

static void test_alloc(void **state)
{
	struct scene *s = *state;
	uint32_t id;

	/* Device 2 has none, so nothing is made for its. */
	assert_int_equal(alloc(s->rig, 2, s->ioas[0], IOMMU_HWPT_ALLOC_PASID,
			       &id),
			 -EOPNOTSUPP);
	assert_int_equal(alloc(s->rig, 0, s->ioas[0],
			       IOMMU_HWPT_ALLOC_PASID |
				       IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
			       &id),
			 0);
	assert_int_equal(attach(s, 0, 1, id), 0);
	assert_int_equal(reads(s, 0, 1), 'a');
}

static void test_attach(void **state)
{
	struct scene *s = *state;

	assert_int_equal(attach(s, 0, 1, 99), -ENOENT);
	assert_int_equal(attach(s, 0, 1, s->rig->idev_id[0]), -EINVAL);
	/* Not made for PASIDs: an automatic page table neither. */
	assert_int_equal(attach(s, 0, 1, s->plain), -EINVAL);
	assert_int_equal(attach(s, 0, 1, s->ioas[0]), -EINVAL);
	/* PASIDs that the device does not have. */
	assert_int_equal(attach(s, 0, 0, s->hwpt[0]), -EINVAL);
	assert_int_equal(attach(s, 0, 1 << 16, s->hwpt[0]), -EINVAL);
	assert_int_equal(attach(s, 0, UINT32_MAX, s->hwpt[0]), -EINVAL);
	assert_int_equal(attach(s, 2, 1, s->hwpt[0]), -EINVAL);
	assert_false(iommufd_device_has_pasid(s->rig->idev[0], 1));
	assert_int_equal(attach(s, 0, 1, s->hwpt[0]), 0);
	assert_true(iommufd_device_has_pasid(s->rig->idev[0], 1));
	assert_false(iommufd_device_has_pasid(s->rig->idev[1], 1));
	assert_int_equal(attach(s, 0, 1, s->hwpt[0]), -EBUSY);
	assert_int_equal(attach(s, 0, 1, s->hwpt[1]), -EBUSY);
	/* What is wrong with the page table comes first. */
	assert_int_equal(attach(s, 0, 1, s->plain), -EINVAL);
	assert_int_equal(attach(s, 0, 0xffff, s->hwpt[1]), 0);
	assert_int_equal(reads(s, 0, 1), 'a');
	assert_int_equal(reads(s, 0, 0xffff), 'b');
	assert_int_equal(reads(s, 0, 2), 0);
	assert_int_equal(reads(s, 0, 0), 0);
	assert_int_equal(reads(s, 1, 1), 0);
	assert_int_equal(rig_destroy(s->rig, s->hwpt[0]), -EBUSY);
	detach(s, 0, 1);
	assert_int_equal(reads(s, 0, 1), 0);
	assert_int_equal(rig_destroy(s->rig, s->hwpt[0]), 0);
	detach(s, 0, 1);
	detach(s, 0, 0);
	detach(s, 2, 5);
	detach(s, 0, 0xffff);
	assert_int_equal(reads(s, 0, 0xffff), 0);
}

static void test_replace(void **state)
{
	struct scene *s = *state;

	assert_int_equal(replace(s, 0, 1, s->hwpt[0]), -EINVAL);
	assert_int_equal(attach(s, 1, 1, s->hwpt[0]), 0);
	assert_int_equal(replace(s, 0, 1, s->hwpt[0]), -EINVAL);
	assert_int_equal(attach(s, 0, 1, s->hwpt[0]), 0);
	assert_int_equal(replace(s, 0, 1, 99), -ENOENT);
	assert_int_equal(replace(s, 0, 1, s->plain), -EINVAL);
	assert_int_equal(replace(s, 0, 1, s->ioas[1]), -EINVAL);
	assert_int_equal(replace(s, 0, 2, s->hwpt[1]), -EINVAL);
	assert_int_equal(replace(s, 0, 0, s->hwpt[1]), -EINVAL);
	assert_int_equal(reads(s, 0, 1), 'a');
	assert_int_equal(replace(s, 0, 1, s->hwpt[0]), 0);
	assert_int_equal(replace(s, 0, 1, s->hwpt[1]), 0);
	assert_int_equal(reads(s, 0, 1), 'b');
	assert_int_equal(reads(s, 1, 1), 'a');
	assert_int_equal(rig_destroy(s->rig, s->hwpt[1]), -EBUSY);
	detach(s, 1, 1);
	assert_int_equal(rig_destroy(s->rig, s->hwpt[0]), 0);
	detach(s, 0, 1);
	assert_int_equal(rig_destroy(s->rig, s->hwpt[1]), 0);
}

/* Beside PASIDs the device itself is attached to what was made for them. */
static void test_rid(void **state)
{
	struct scene *s = *state;

	assert_int_equal(rid(s, 0, s->plain), 0);
	assert_int_equal(attach(s, 0, 1, s->hwpt[0]), -EINVAL);
	iommufd_device_detach(s->rig->idev[0]);
	assert_int_equal(attach(s, 0, 1, s->hwpt[0]), 0);
	assert_int_equal(rid(s, 0, s->plain), -EINVAL);
	assert_int_equal(rid(s, 0, s->ioas[0]), -EINVAL);
	assert_int_equal(reads(s, 0, 0), 0);
	assert_int_equal(rid(s, 0, s->hwpt[1]), 0);
	assert_int_equal(reads(s, 0, 0), 'b');
	assert_int_equal(reads(s, 0, 1), 'a');
	assert_int_equal(rid(s, 0, s->plain), -EINVAL);
	assert_int_equal(rid(s, 0, s->hwpt[0]), 0);
	assert_int_equal(replace(s, 0, 1, s->hwpt[1]), 0);
	assert_int_equal(reads(s, 0, 0), 'a');
	assert_int_equal(reads(s, 0, 1), 'b');
	/* The device leaves and comes back; its PASIDs stay. */
	iommufd_device_detach(s->rig->idev[0]);
	assert_int_equal(reads(s, 0, 0), 0);
	assert_int_equal(reads(s, 0, 1), 'b');
	assert_int_equal(rid(s, 0, s->hwpt[0]), 0);
	detach(s, 0, 1);
	assert_int_equal(rid(s, 0, s->plain), 0);
	assert_int_equal(reads(s, 0, 0), 'a');
}

/* Reserved regions are of requests without a PASID. */
static void test_reserved(void **state)
{
	struct scene *s = *state;
	const uint64_t msi = 0xfee00000;

	assert_int_equal(attach(s, 0, 1, s->hwpt[0]), 0);
	assert_int_equal(rig_map_at(s->rig, s->ioas[0], 0, PAGE, msi), 0);
	assert_int_equal(rid(s, 0, s->hwpt[0]), -EADDRINUSE);
	assert_int_equal(rid(s, 0, s->hwpt[1]), 0);
	assert_int_equal(rig_map_at(s->rig, s->ioas[1], 0, PAGE, msi), -EINVAL);
}

/* What is mapped later is there for all, what is unmapped for nobody. */
static void test_map(void **state)
{
	struct scene *s = *state;

	assert_int_equal(attach(s, 0, 1, s->hwpt[0]), 0);
	assert_int_equal(attach(s, 0, 2, s->hwpt[0]), 0);
	assert_int_equal(attach(s, 1, 3, s->hwpt[0]), 0);
	assert_int_equal(reads(s, 0, 1) + reads(s, 0, 2) + reads(s, 1, 3),
			 3 * 'a');
	assert_int_equal(rig_unmap(s->rig, s->ioas[0], IOVA, PAGE), PAGE);
	assert_int_equal(reads(s, 0, 1) + reads(s, 0, 2) + reads(s, 1, 3), 0);
	assert_int_equal(rig_map_at(s->rig, s->ioas[0], PAGE, PAGE, IOVA), 0);
	assert_int_equal(reads(s, 0, 1) + reads(s, 0, 2) + reads(s, 1, 3),
			 3 * 'b');
}

/* Unbinding leaves nothing attached. */
static void test_unbind(void **state)
{
	struct scene *s = *state;
	ioasid_t pasid;

	assert_int_equal(rid(s, 0, s->hwpt[0]), 0);
	for (pasid = 1; pasid != 50; pasid++)
		assert_int_equal(attach(s, 0, pasid, s->hwpt[pasid % 2]), 0);
	rig_unbind(s->rig, 0);
	for (pasid = 0; pasid != 50; pasid++)
		assert_int_equal(reads(s, 0, pasid), 0);
	assert_int_equal(rig_destroy(s->rig, s->hwpt[0]), 0);
	assert_int_equal(rig_destroy(s->rig, s->hwpt[1]), 0);
	rig_bind(s->rig, 0);
	assert_int_equal(alloc(s->rig, 0, s->ioas[0], IOMMU_HWPT_ALLOC_PASID,
			       &s->hwpt[0]),
			 0);
	assert_int_equal(attach(s, 0, 1, s->hwpt[0]), 0);
}

/* ---- Failures and races -------------------------------------------- */

static void test_each_failure(void **state)
{
	struct scene *s = *state;
	struct rig_snapshot before;
	unsigned int n;
	int rc;

	rig_snapshot(s->rig, &before);
	for (n = 1;; n++) {
		rig_fail_nth(n);
		rc = attach(s, 0, 9, s->hwpt[0]);
		if (rig_failed() == RIG_FAIL_NONE)
			break;
		rig_fail_nth(0);
		assert_int_equal(rc, -ENOMEM);
		assert_int_equal(reads(s, 0, 9), 0);
		assert_false(iommufd_device_has_pasid(s->rig->idev[0], 9));
		rig_same(s->rig, &before);
	}
	rig_fail_nth(0);
	assert_int_equal(rc, 0);
	/* Two of the engine's, the driver's, the hardware's. */
	assert_int_equal(n, 5);
	rig_fail_nth(1);
	assert_int_equal(replace(s, 0, 9, s->hwpt[1]), 0);
	rig_fail_nth(0);
	detach(s, 0, 9);
	rig_same(s->rig, &before);
}

/**
 * struct race - threads that change the same and other PASIDs
 * @first: PASID that it begins with
 * @stop: enough
 */
struct race {
	struct scene *s;
	ioasid_t first;
	bool *stop;
};

static void *change(void *arg)
{
	struct race *race = arg;
	struct scene *s = race->s;
	ioasid_t pasid;
	unsigned int i;

	for (i = 0; !__atomic_load_n(race->stop, __ATOMIC_ACQUIRE); i++) {
		pasid = race->first + i % 3;
		attach(s, 0, pasid, s->hwpt[i % 2]);
		replace(s, 0, pasid, s->hwpt[(i + 1) % 2]);
		rid(s, 0, s->hwpt[i % 2]);
		reads(s, 0, pasid);
		detach(s, 0, pasid);
	}
	return NULL;
}

static void test_race(void **state)
{
	bool stop = false;
	struct race race[2] = { { *state, 1, &stop }, { *state, 2, &stop } };
	struct scene *s = *state;
	pthread_t thread[2];
	unsigned int i;

	for (i = 0; i != 2; i++)
		pthread_create(&thread[i], NULL, change, &race[i]);
	for (i = 0; i != 200; i++) {
		assert_int_equal(rig_map_at(s->rig, s->ioas[0], 4 * PAGE, PAGE,
					    2 * IOVA),
				 0);
		assert_int_equal(rig_unmap(s->rig, s->ioas[0], 2 * IOVA, PAGE),
				 PAGE);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (i = 0; i != 2; i++)
		pthread_join(thread[i], NULL);
	iommufd_device_detach(s->rig->idev[0]);
	for (i = 1; i != 5; i++)
		detach(s, 0, i);
	assert_int_equal(rig_destroy(s->rig, s->hwpt[0]), 0);
	assert_int_equal(rig_destroy(s->rig, s->hwpt[1]), 0);
}

/* ---- Hardware information ------------------------------------------ */

static void test_hw_info(void **state)
{
	static const struct soft_device_caps all = { 20, true, true, true,
						     true };
	struct scene *s = *state;
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.dev_id = s->rig->idev_id[0],
	};

	assert_int_equal(rig_ioctl(s->rig, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(cmd.out_max_pasid_log2, 16);
	assert_int_equal(cmd.out_capabilities,
			 IOMMU_HW_CAP_DIRTY_TRACKING |
				 IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
	soft_driver_set_caps(s->rig->dev[0], &all);
	assert_int_equal(rig_ioctl(s->rig, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(cmd.out_max_pasid_log2, 20);
	assert_int_equal(cmd.out_capabilities,
			 IOMMU_HW_CAP_DIRTY_TRACKING |
				 IOMMU_HW_CAP_PCI_PASID_EXEC |
				 IOMMU_HW_CAP_PCI_PASID_PRIV);
	/* A struct of older programs ends before these. */
	cmd.size = 32;
	cmd.out_capabilities = 0;
	assert_int_equal(rig_ioctl(s->rig, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(cmd.out_capabilities, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_alloc),   TEST(test_attach),       TEST(test_replace),
		TEST(test_rid),     TEST(test_reserved),     TEST(test_map),
		TEST(test_unbind),  TEST(test_each_failure), TEST(test_race),
		TEST(test_hw_info),
	};

	return cmocka_run_group_tests_name("pasid", tests, NULL, NULL);
}
