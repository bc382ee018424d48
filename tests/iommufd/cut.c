/* SPDX-License-Identifier: MIT */
/*
 * Areas become smaller, and neither DMA nor pins notice.
 */
#include <uiommu/access.h>

#include "iommufd/ioas.h"
#include "rig.h"

#define IOVA 0x200000ULL
#define NR   16UL

static int cut(struct rig *rig, uint32_t id, uint64_t start, uint64_t last)
{
	struct iommufd_ioas *ioas =
		iommufd_ioas_get(iommufd_ctx_of(rig->fd), id);
	int rc;

	assert_non_null(ioas);
	rc = iommufd_ioas_cut(ioas, start, last);
	iommufd_object_put(&ioas->obj);
	return rc;
}

static void set_huge_pages(struct rig *rig, uint32_t ioas, uint64_t value)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_SET,
		.object_id = ioas,
		.val64 = value,
	};

	assert_int_equal(rig_ioctl(rig, IOMMU_OPTION, &cmd), 0);
}

static long unmap_pages(struct rig *rig, uint32_t ioas, uint64_t first,
			uint64_t nr)
{
	return rig_unmap(rig, ioas, IOVA + first * PAGE, nr * PAGE);
}

/* Every part [first, last] of an area of eight pages. */
static void test_all_parts(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;
	uint64_t a, b, i;

	rig_bind(rig, 0);
	set_huge_pages(rig, ioas, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	for (a = 0; a != 8; a++) {
		for (b = a; b != 8; b++) {
			rig->mem.flip = (a + b) % 2;
			assert_int_equal(
				rig_map_at(rig, ioas, 0, 8 * PAGE, IOVA), 0);
			assert_int_equal(cut(rig, ioas, IOVA + a * PAGE,
					     IOVA + (b + 1) * PAGE - 1),
					 0);
			rig_check(rig, 0, IOVA, 0, 8 * PAGE);
			assert_int_equal(rig->mem.charged, 8);
			assert_int_equal(unmap_pages(rig, ioas, a, b - a + 1),
					 (b - a + 1) * PAGE);
			assert_int_equal(rig->mem.charged, 8 - (b - a + 1));
			for (i = 0; i != 8; i++)
				assert_int_equal(rig->mem.pins[i],
						 i < a || i > b);
			rig_check(rig, 0, IOVA, 0, a * PAGE);
			rig_check_blocked(rig, 0, IOVA + a * PAGE,
					  (b - a + 1) * PAGE);
			rig_check(rig, 0, IOVA + (b + 1) * PAGE, (b + 1) * PAGE,
				  (7 - b) * PAGE);
			if (a || b != 7)
				assert_int_equal(rig_unmap_all(rig, ioas),
						 (8 - (b - a + 1)) * PAGE);
		}
	}
}

/* Borders in two areas, and where there is none. */
static void test_two_areas(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);

	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(
		rig_map_at(rig, ioas, 8 * PAGE, 4 * PAGE, IOVA + 4 * PAGE), 0);
	assert_int_equal(cut(rig, ioas, 0, IOVA - 1), 0);
	assert_int_equal(cut(rig, ioas, 0, UINT64_MAX), 0);
	assert_int_equal(cut(rig, ioas, IOVA, IOVA + 8 * PAGE - 1), 0);
	assert_int_equal(unmap_pages(rig, ioas, 2, 4), -ENOENT);
	assert_int_equal(cut(rig, ioas, IOVA + 2 * PAGE, IOVA + 6 * PAGE - 1),
			 0);
	assert_int_equal(unmap_pages(rig, ioas, 2, 4), 4 * PAGE);
	assert_int_equal(unmap_pages(rig, ioas, 0, 2), 2 * PAGE);
	assert_int_equal(unmap_pages(rig, ioas, 6, 2), 2 * PAGE);
}

/* A copy of a part, with pins of its own, and an access stay as they are. */
static void test_others(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), other = rig_ioas(rig);
	uint32_t pt = ioas, id;
	static const struct iommufd_access_ops ops = {
		.needs_pin_pages = true,
	};
	struct iommufd_access_pin *pin;
	struct iommufd_access *access;

	rig_bind(rig, 0);
	rig_bind(rig, 1);
	set_huge_pages(rig, ioas, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	pt = other;
	assert_int_equal(rig_attach(rig, 1, &pt), 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, NR * PAGE, IOVA), 0);
	assert_int_equal(
		rig_copy(rig, other, 0, ioas, IOVA + 2 * PAGE, 8 * PAGE), 0);
	assert_int_equal(
		iommufd_access_create(rig->fd, &ops, NULL, &id, &access), 0);
	assert_int_equal(iommufd_access_attach(access, ioas), 0);
	assert_int_equal(iommufd_access_pin_pages(access, IOVA + 3 * PAGE,
						  4 * PAGE, NULL, 0, &pin),
			 0);
	assert_int_equal(cut(rig, ioas, IOVA + 5 * PAGE, IOVA + 6 * PAGE - 1),
			 0);
	assert_int_equal(rig->mem.charged, NR);
	iommufd_access_unpin_pages(pin);
	assert_int_equal(unmap_pages(rig, ioas, 5, 1), PAGE);
	rig_check(rig, 1, 0, 2 * PAGE, 8 * PAGE);
	assert_int_equal(rig->mem.charged, NR);
	assert_int_equal(rig_unmap_all(rig, other), 8 * PAGE);
	assert_int_equal(rig->mem.charged, NR - 1);
	iommufd_access_destroy(access);
}

/* Areas whose pages and IOVAs do not agree have no page borders. */
static void test_unaligned(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig);

	assert_int_equal(rig_map_at(rig, ioas, 0, NR * PAGE, IOVA), 0);
	assert_int_equal(cut(rig, ioas, IOVA + 1, UINT64_MAX), -EINVAL);
	assert_int_equal(cut(rig, ioas, 0, IOVA + PAGE), -EINVAL);
	assert_int_equal(cut(rig, ioas, IOVA + PAGE, IOVA + 2 * PAGE), -EINVAL);
	assert_int_equal(unmap_pages(rig, ioas, 0, 1), -ENOENT);
	assert_int_equal(rig_unmap_all(rig, ioas), NR * PAGE);
	assert_int_equal(rig_map_at(rig, ioas, 8, NR * PAGE, IOVA), 0);
	assert_int_equal(cut(rig, ioas, IOVA + PAGE, UINT64_MAX), -EINVAL);
	assert_int_equal(rig_unmap_all(rig, ioas), NR * PAGE);
}

/* Large entries need a domain that can split them. */
static void test_large(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;
	uint64_t size = 2 << 20;
	int rc;

	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, size, IOVA), 0);
	rc = cut(rig, ioas, IOVA + PAGE, UINT64_MAX);
	rig_check(rig, 0, IOVA, 0, size);
	if (!rc) {
		assert_int_equal(rig_unmap(rig, ioas, IOVA, PAGE), PAGE);
		rig_check_blocked(rig, 0, IOVA, PAGE);
		rig_check(rig, 0, IOVA + PAGE, PAGE, size - PAGE);
		return;
	}
	assert_int_equal(rc, -EOPNOTSUPP);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, size), size);
}

/* Whatever fails, no area has changed, and it succeeds when it is repeated. */
static void test_failures(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt = ioas;
	unsigned int n;
	int rc;

	rig_bind(rig, 0);
	set_huge_pages(rig, ioas, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	for (n = 1;; n++) {
		assert_int_equal(rig_map_at(rig, ioas, 0, NR * PAGE, IOVA), 0);
		rig_fail_nth(n);
		rc = cut(rig, ioas, IOVA + 2 * PAGE, IOVA + 6 * PAGE - 1);
		if (rig_failed() == RIG_FAIL_NONE)
			break;
		rig_fail_nth(0);
		assert_int_equal(rc, -ENOMEM);
		assert_int_equal(unmap_pages(rig, ioas, 0, 2), -ENOENT);
		assert_int_equal(unmap_pages(rig, ioas, 6, NR - 6), -ENOENT);
		rig_check(rig, 0, IOVA, 0, NR * PAGE);
		assert_int_equal(cut(rig, ioas, IOVA + 2 * PAGE,
				     IOVA + 6 * PAGE - 1),
				 0);
		rig_check(rig, 0, IOVA, 0, NR * PAGE);
		assert_int_equal(rig_unmap_all(rig, ioas), NR * PAGE);
	}
	rig_fail_nth(0);
	assert_int_equal(rc, 0);
	assert_true(n >= 4);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_parts), TEST(test_two_areas), TEST(test_others),
		TEST(test_unaligned), TEST(test_large),     TEST(test_failures),
	};

	return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
