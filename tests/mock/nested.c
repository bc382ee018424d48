/* SPDX-License-Identifier: MIT */
/*
 * Tables from a client's data, nested tables, and their invalidation.
 */
#include <sys/mman.h>

#include "mock.h"

#define IOTLB 0xbadbeefU

/**
 * struct scene - what a test has
 * @ioas: an IOAS
 * @dev: a device attached to it
 * @parent: a nesting parent for it
 */
struct scene {
	uint32_t ioas;
	struct mock_dev dev;
	uint32_t parent;
};

static struct scene scene(void)
{
	struct scene s = { .ioas = mock_ioas() };

	s.dev = mock_new_device(s.ioas, 0);
	assert_int_equal(mock_hwpt(s.dev.idev, s.ioas,
				   IOMMU_HWPT_ALLOC_NEST_PARENT, &s.parent),
			 0);
	return s;
}

static long nested(const struct scene *s, uint32_t pt, uint32_t *id)
{
	const struct iommu_test_hwpt data = { .iotlb = IOTLB };

	return mock_hwpt_data(s->dev.idev, pt, 0, IOMMU_TEST_HWPT_TYPE, &data,
			      sizeof(data), id);
}

static long check_iotlb(uint32_t hwpt, uint32_t slot, uint32_t value)
{
	struct iommu_test_cmd cmd = {
		.id = hwpt,
		.check_slot.slot = slot,
		.check_slot.value = value,
	};

	return mock_cmd(IOMMU_TEST_OP_MD_CHECK_IOTLB, &cmd);
}

/* ---- Making -------------------------------------------------------- */

/* Lengths and types of the data, which are the same wherever it is used. */
static void check_data(const struct scene *s, uint32_t pt)
{
	struct {
		struct iommu_test_hwpt hwpt;
		uint32_t more;
	} data = { .hwpt.iotlb = IOTLB };
	const uint32_t idev = s->dev.idev, type = IOMMU_TEST_HWPT_TYPE;
	uint32_t id;

	assert_int_equal(mock_hwpt_data(idev, pt, 0, type, &data, 4, &id), 0);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(mock_hwpt_data(idev, pt, 0, type, &data, 8, &id), 0);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(mock_hwpt_data(idev, pt, 0, type, &data, 3, &id),
			 -EINVAL);
	assert_int_equal(mock_hwpt_data(idev, pt, 0, type, &data, 12, &id),
			 -EINVAL);
	assert_int_equal(mock_hwpt_data(idev, pt, 0, type, NULL, 8, &id),
			 -EFAULT);
	assert_int_equal(mock_hwpt_data(idev, pt, 0, type, &data, 0, &id),
			 -EINVAL);
	assert_int_equal(mock_hwpt_data(idev, pt, 0, 0, &data, 8, &id),
			 -EINVAL);
	assert_int_equal(mock_hwpt_data(idev, pt, 0, IOMMU_HWPT_DATA_VTD_S1,
					&data, 8, &id),
			 -EOPNOTSUPP);
}

static void test_data(void **state)
{
	struct iommu_test_hwpt data = { .pagetable = 2 };
	struct scene s = scene();
	uint32_t id;

	check_data(&s, s.ioas);
	check_data(&s, s.parent);
	assert_int_equal(mock_hwpt_data(s.dev.idev, s.ioas, 0,
					IOMMU_TEST_HWPT_TYPE, &data,
					sizeof(data), &id),
			 -EOPNOTSUPP);
	/* A nested table has no such choice. */
	assert_int_equal(mock_hwpt_data(s.dev.idev, s.parent, 0,
					IOMMU_TEST_HWPT_TYPE, &data,
					sizeof(data), &id),
			 0);
}

static void test_alloc(void **state)
{
	const struct iommu_test_hwpt data = { .iotlb = IOTLB };
	const uint32_t type = IOMMU_TEST_HWPT_TYPE;
	struct scene s = scene();
	uint32_t one, two, id;

	assert_int_equal(nested(&s, s.parent, &one), 0);
	assert_int_equal(nested(&s, s.parent, &two), 0);
	assert_int_equal(nested(&s, one, &id), -EINVAL);
	assert_int_equal(nested(&s, s.dev.hwpt, &id), -EINVAL);
	assert_int_equal(nested(&s, 0xffff, &id), -EINVAL);
	assert_int_equal(mock_hwpt(s.dev.idev, s.parent, 0, &id), -EOPNOTSUPP);
	assert_int_equal(mock_hwpt_data(s.dev.idev, s.parent,
					IOMMU_HWPT_ALLOC_NEST_PARENT, type,
					&data, sizeof(data), &id),
			 -EOPNOTSUPP);
	assert_int_equal(mock_hwpt_data(s.dev.idev, s.parent,
					IOMMU_HWPT_ALLOC_DIRTY_TRACKING, type,
					&data, sizeof(data), &id),
			 -EOPNOTSUPP);
	assert_int_equal(mock_hwpt_data(s.dev.idev, s.parent,
					IOMMU_HWPT_ALLOC_PASID, type, &data,
					sizeof(data), &id),
			 0);
	assert_int_equal(mock_destroy(id), 0);
	assert_int_equal(mock_hwpt_data(s.dev.idev, s.parent,
					IOMMU_HWPT_FAULT_ID_VALID, type, &data,
					sizeof(data), &id),
			 -ENOENT);
	assert_int_equal(mock_destroy(s.parent), -EBUSY);
	assert_int_equal(mock_destroy(one), 0);
	assert_int_equal(mock_destroy(s.parent), -EBUSY);
	assert_int_equal(mock_destroy(two), 0);
	assert_int_equal(mock_destroy(s.parent), 0);
}

static void test_attach(void **state)
{
	struct scene s = scene();
	struct mock_dev dev;
	uint32_t one, two, id;

	assert_int_equal(nested(&s, s.parent, &one), 0);
	assert_int_equal(nested(&s, s.parent, &two), 0);
	id = one;
	assert_int_equal(mock_replace(s.dev.stdev, &id), 0);
	assert_int_equal(id, one);
	assert_int_equal(mock_destroy(one), -EBUSY);
	id = two;
	assert_int_equal(mock_replace(s.dev.stdev, &id), 0);
	assert_int_equal(mock_destroy(one), 0);
	id = s.parent;
	assert_int_equal(mock_replace(s.dev.stdev, &id), 0);
	/* A device can begin with one, too. */
	dev = mock_new_device(two, 0);
	assert_int_equal(dev.hwpt, two);
	assert_int_equal(mock_destroy(two), -EBUSY);
	assert_int_equal(mock_destroy(dev.stdev), 0);
	assert_int_equal(mock_destroy(two), 0);
}

/* ---- Invalidating -------------------------------------------------- */

/* *@nr: in: entries, out: those that were carried out. */
static long invalidate(uint32_t hwpt, uint32_t type, const void *data,
		       uint32_t len, uint32_t *nr)
{
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = hwpt,
		.data_uptr = (uintptr_t)data,
		.data_type = type,
		.entry_len = len,
		.entry_num = *nr,
	};
	long rc = sys_ioctl(t.fd, IOMMU_HWPT_INVALIDATE, &cmd);

	*nr = cmd.entry_num;
	return rc;
}

#define INV_TYPE IOMMU_TEST_HWPT_INVALIDATE_TYPE
#define INV_LEN  sizeof(struct iommu_test_hwpt_invalidate)

static void check_invalidate(uint32_t hwpt, uint32_t type, const void *data,
			     uint32_t len, uint32_t nr, long wanted,
			     uint32_t done)
{
	assert_int_equal(invalidate(hwpt, type, data, len, &nr), wanted);
	assert_int_equal(nr, done);
}

static void check_slots(uint32_t hwpt, uint32_t a, uint32_t b, uint32_t c,
			uint32_t d)
{
	assert_int_equal(check_iotlb(hwpt, 0, a), 0);
	assert_int_equal(check_iotlb(hwpt, 1, b), 0);
	assert_int_equal(check_iotlb(hwpt, 2, c), 0);
	assert_int_equal(check_iotlb(hwpt, 3, d), 0);
}

static void test_iotlb(void **state)
{
	struct scene s = scene();
	uint32_t hwpt;

	assert_int_equal(nested(&s, s.parent, &hwpt), 0);
	check_slots(hwpt, IOTLB, IOTLB, IOTLB, IOTLB);
	assert_int_equal(check_iotlb(hwpt, 0, IOTLB + 1), -EINVAL);
	assert_int_equal(check_iotlb(hwpt, 4, IOTLB), -EINVAL);
	assert_int_equal(check_iotlb(hwpt, UINT32_MAX, IOTLB), -EINVAL);
	assert_int_equal(check_iotlb(s.parent, 0, IOTLB), -ENOENT);
}

static void test_invalidate(void **state)
{
	struct iommu_test_hwpt_invalidate inv[4] = { { .iotlb_id = 1 },
						     { .iotlb_id = 3 } };
	struct scene s = scene();
	uint32_t hwpt;

	assert_int_equal(nested(&s, s.parent, &hwpt), 0);
	check_invalidate(hwpt, INV_TYPE, inv, INV_LEN, 2, 0, 2);
	check_slots(hwpt, IOTLB, 0, IOTLB, 0);
	/* The first one that is refused ends it; those before it are done. */
	inv[0].iotlb_id = 0;
	inv[1].flags = 1U << 1;
	check_invalidate(hwpt, INV_TYPE, inv, INV_LEN, 2, -EOPNOTSUPP, 1);
	check_slots(hwpt, 0, 0, IOTLB, 0);
	inv[1].flags = 0;
	inv[1].iotlb_id = IOMMU_TEST_IOTLB_SLOTS;
	check_invalidate(hwpt, INV_TYPE, inv, INV_LEN, 2, -EINVAL, 1);
	inv[0].flags = IOMMU_TEST_INVALIDATE_ALL;
	check_invalidate(hwpt, INV_TYPE, inv, INV_LEN, 1, 0, 1);
	check_slots(hwpt, 0, 0, 0, 0);
}

static void test_invalidate_bounds(void **state)
{
	struct iommu_test_hwpt_invalidate inv[4] = { 0 };
	struct scene s = scene();
	uint32_t hwpt;

	assert_int_equal(nested(&s, s.parent, &hwpt), 0);
	/* Nothing to do is fine, for who knows the type. */
	check_invalidate(hwpt, INV_TYPE, NULL, 0, 0, 0, 0);
	check_invalidate(hwpt, 0xdadbeef, NULL, 0, 0, -EINVAL, 0);
	check_invalidate(hwpt, 0xdadbeef, inv, INV_LEN, 1, -EINVAL, 0);
	check_invalidate(hwpt, INV_TYPE, NULL, INV_LEN, 1, -EINVAL, 0);
	check_invalidate(hwpt, INV_TYPE, inv, 0, 1, -EINVAL, 0);
	check_invalidate(hwpt, INV_TYPE, inv, INV_LEN - 1, 1, -EINVAL, 0);
	check_invalidate(hwpt, INV_TYPE, inv, INV_LEN + 8, 1, -EINVAL, 0);
	check_invalidate(hwpt, INV_TYPE, inv, PAGE + 1, 1, -EINVAL, 0);
	check_invalidate(hwpt, INV_TYPE, inv, INV_LEN, (1U << 19) + 1, -EINVAL,
			 0);
	check_invalidate(s.parent, INV_TYPE, inv, INV_LEN, 1, -EINVAL, 0);
	check_invalidate(s.ioas, INV_TYPE, inv, INV_LEN, 1, -EINVAL, 0);
	check_invalidate(0xffff, INV_TYPE, inv, INV_LEN, 1, -ENOENT, 0);
}

/* As many as there may be; and an array that ends where memory does. */
static void test_invalidate_many(void **state)
{
	const uint32_t nr = 1U << 19;
	struct iommu_test_hwpt_invalidate *inv;
	struct scene s = scene();
	uint32_t hwpt, left;
	uint8_t *map;

	inv = calloc(nr, sizeof(*inv));
	assert_non_null(inv);
	assert_int_equal(nested(&s, s.parent, &hwpt), 0);
	inv[nr - 1].iotlb_id = 2;
	check_invalidate(hwpt, INV_TYPE, inv, INV_LEN, nr, 0, nr);
	check_slots(hwpt, 0, IOTLB, 0, IOTLB);
	free(inv);
	map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	munmap(map + PAGE, PAGE);
	for (left = 0; left != 5; left++)
		check_invalidate(hwpt, INV_TYPE, map + PAGE - left * INV_LEN,
				 INV_LEN, 5, -EFAULT, left);
	munmap(map, PAGE);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_data),
		TEST(test_alloc),
		TEST(test_attach),
		TEST(test_iotlb),
		TEST(test_invalidate),
		TEST(test_invalidate_bounds),
		TEST(test_invalidate_many),
	};

	return cmocka_run_group_tests_name("mock-nested", tests, NULL, NULL);
}
