/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_IOAS_NOIOMMU_GET_PA: physical addresses for a device with no IOMMU.
 */
#include "rig.h"

#define IOVA 0x100000ULL

/**
 * struct bare - a device without an IOMMU, bound and attached
 */
struct bare {
	struct rig *rig;
	struct iommu_dev *dev;
	struct iommufd_device *idev;
	uint32_t id;
	uint32_t ioas;
};

static void bare_init(struct bare *b, struct rig *rig)
{
	uint32_t pt;

	b->rig = rig;
	assert_int_equal(soft_driver_add_untranslated(rig->drv, 0x100, &b->dev),
			 0);
	assert_int_equal(iommufd_device_bind(rig->fd, b->dev, &b->id, &b->idev),
			 0);
	b->ioas = pt = rig_ioas(rig);
	assert_int_equal(iommufd_device_attach(b->idev, &pt), 0);
	assert_int_not_equal(pt, b->ioas);
}

static void bare_fini(struct bare *b)
{
	iommufd_device_unbind(b->idev);
	soft_driver_remove_device(b->dev);
}

static long get_pa(struct rig *rig, uint32_t ioas, uint64_t iova,
		   uint64_t *length, uint64_t *pa)
{
	struct iommu_ioas_noiommu_get_pa cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = *length,
	};
	long rc = rig_ioctl(rig, IOMMU_IOAS_NOIOMMU_GET_PA, &cmd);

	if (!rc) {
		*length = cmd.length;
		*pa = cmd.out_phys;
	}
	return rc;
}

static void expect(struct bare *b, uint64_t iova, uint64_t length, uint64_t pa,
		   uint64_t found)
{
	uint64_t out = 0;

	assert_int_equal(get_pa(b->rig, b->ioas, iova, &length, &out), 0);
	assert_int_equal(out, pa);
	assert_int_equal(length, found);
}

static void test_runs(void **state)
{
	struct rig *rig = *state;
	uint64_t len = 1, pa;
	struct bare b;

	bare_init(&b, rig);
	/* Two areas whose memory follows one another, and one whose does not. */
	assert_int_equal(rig_map_at(rig, b.ioas, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(rig, b.ioas, 4 * PAGE, 4 * PAGE,
				    IOVA + 4 * PAGE),
			 0);
	assert_int_equal(
		rig_map_at(rig, b.ioas, 16 * PAGE, PAGE, IOVA + 8 * PAGE), 0);
	assert_int_equal(rig->mem.pinned, 9);
	expect(&b, IOVA, UINT64_MAX - IOVA, RIG_MEM_PA, 8 * PAGE);
	expect(&b, IOVA + 5, 10, RIG_MEM_PA + 5, 10);
	expect(&b, IOVA + 3 * PAGE + 1, 2 * PAGE, RIG_MEM_PA + 3 * PAGE + 1,
	       2 * PAGE);
	expect(&b, IOVA + 8 * PAGE, 2 * PAGE, RIG_MEM_PA + 16 * PAGE, PAGE);
	assert_int_equal(get_pa(rig, b.ioas, IOVA + 9 * PAGE, &len, &pa),
			 -ENOENT);
	assert_int_equal(rig_unmap_all(rig, b.ioas), 9 * PAGE);
	/* Pages that are neighbours to the client only. */
	rig->mem.flip = true;
	assert_int_equal(rig_map_at(rig, b.ioas, 0, 4 * PAGE, IOVA), 0);
	expect(&b, IOVA, 4 * PAGE, RIG_MEM_PA + PAGE, PAGE);
	expect(&b, IOVA + PAGE, 4 * PAGE, RIG_MEM_PA, PAGE);
	bare_fini(&b);
}

/* What the device sends is not translated, whatever it is attached to. */
static void test_dma(void **state)
{
	struct rig *rig = *state;
	uint8_t byte = 7;
	struct bare b;

	bare_init(&b, rig);
	assert_int_equal(rig_map_at(rig, b.ioas, 0, PAGE, IOVA), 0);
	assert_int_equal(soft_iommu_dma(rig->hw, 0x100, 0, RIG_MEM_PA + 3,
					&byte, 1, SOFT_WRITE, NULL),
			 SOFT_OK);
	assert_int_equal(rig->mem.va[3], 7);
	iommufd_device_detach(b.idev);
	assert_int_equal(rig->mem.pinned, 0);
	bare_fini(&b);
}

static void test_errors(void **state)
{
	struct rig *rig = *state;
	struct iommu_ioas_noiommu_get_pa cmd = { .size = sizeof(cmd) };
	uint32_t other = rig_ioas(rig), pt = other, id;
	uint64_t len, pa;
	struct bare b;

	bare_init(&b, rig);
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(rig_map_at(rig, other, 0, PAGE, IOVA), 0);
	len = 1;
	assert_int_equal(get_pa(rig, other, IOVA, &len, &pa), -EOPNOTSUPP);
	assert_int_equal(get_pa(rig, b.id, IOVA, &len, &pa), -ENOENT);
	assert_int_equal(get_pa(rig, b.ioas, IOVA, &len, &pa), -ENOENT);
	len = 0;
	assert_int_equal(get_pa(rig, b.ioas, IOVA, &len, &pa), -EINVAL);
	len = UINT64_MAX;
	assert_int_equal(get_pa(rig, b.ioas, 2, &len, &pa), -ENOENT);
	len = 1;
	assert_int_equal(get_pa(rig, b.ioas, UINT64_MAX, &len, &pa),
			 -EOVERFLOW);
	cmd.ioas_id = b.ioas;
	cmd.length = 1;
	cmd.flags = 1;
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_NOIOMMU_GET_PA, &cmd),
			 -EOPNOTSUPP);
	cmd.flags = 0;
	cmd.__reserved = 1;
	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_NOIOMMU_GET_PA, &cmd),
			 -EOPNOTSUPP);
	/* Its page tables are none that could do more, or be another device's. */
	rig->idev_id[1] = b.id;
	assert_int_equal(rig_hwpt(rig, 1, pt, &id), -EOPNOTSUPP);
	assert_int_equal(iommufd_device_attach(b.idev, &pt), -EINVAL);
	bare_fini(&b);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_runs),
		TEST(test_dma),
		TEST(test_errors),
	};

	return cmocka_run_group_tests_name("noiommu", tests, NULL, NULL);
}
