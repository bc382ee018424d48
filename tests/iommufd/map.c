/* SPDX-License-Identifier: MIT */
/*
 * Mapping, copying and unmapping, as devices see it.
 */
#include "rig.h"

#define IOVA 0x10000000ULL

/* One IOAS with device 0 attached; returns the IOAS. */
static uint32_t attached(struct rig *rig)
{
	uint32_t ioas = rig_ioas(rig), pt = ioas;

	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	return ioas;
}

static void test_dma(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = attached(rig);

	rig_check_blocked(rig, 0, IOVA, 4 * PAGE);
	assert_int_equal(rig_map_at(rig, ioas, 8 * PAGE, 4 * PAGE, IOVA), 0);
	rig_check(rig, 0, IOVA, 8 * PAGE, 4 * PAGE);
	rig_check_blocked(rig, 0, IOVA - PAGE, PAGE);
	rig_check_blocked(rig, 0, IOVA + 4 * PAGE, PAGE);
	assert_int_equal(rig->mem.pinned, 4);
	assert_int_equal(rig->mem.charged, 4);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, 4 * PAGE), 4 * PAGE);
	rig_check_blocked(rig, 0, IOVA, 4 * PAGE);
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(rig->mem.charged, 0);
}

static void test_permissions(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = attached(rig);
	uint64_t iova = IOVA;
	uint32_t word = 0;

	assert_int_equal(rig_map(rig, ioas,
				 IOMMU_IOAS_MAP_READABLE |
					 IOMMU_IOAS_MAP_FIXED_IOVA,
				 0, PAGE, &iova),
			 0);
	assert_int_equal(rig_dma(rig, 0, IOVA, &word, 4, SOFT_READ), SOFT_OK);
	assert_int_equal(rig_dma(rig, 0, IOVA, &word, 4, SOFT_WRITE),
			 SOFT_FAULT_PERMISSION);
	/* A copy may not do more than its source. */
	assert_int_equal(rig_copy(rig, ioas, IOVA + PAGE, ioas, IOVA, PAGE),
			 -EPERM);
}

/* Not pinned before somebody needs it, and not after. */
static void test_lazy(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = rig_ioas(rig), pt;

	rig_bind(rig, 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(rig->mem.charged, 0);
	pt = ioas;
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(rig->mem.pinned, 4);
	rig_check(rig, 0, IOVA, 0, 4 * PAGE);
	iommufd_device_detach(rig->idev[0]);
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(rig->mem.charged, 0);
	rig_check_blocked(rig, 0, IOVA, 4 * PAGE);
	pt = ioas;
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	rig_check(rig, 0, IOVA, 0, 4 * PAGE);
}

/* Two page tables, one set of pins. */
static void test_two_tables(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = attached(rig), hwpt, id;

	rig_bind(rig, 1);
	assert_int_equal(rig_map_at(rig, ioas, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(rig_hwpt(rig, 1, ioas, &hwpt), 0);
	id = hwpt;
	assert_int_equal(rig_attach(rig, 1, &id), 0);
	assert_int_equal(id, hwpt);
	assert_int_equal(
		rig_map_at(rig, ioas, 4 * PAGE, 4 * PAGE, IOVA + 4 * PAGE), 0);
	assert_int_equal(rig->mem.pinned, 8);
	assert_int_equal(rig->mem.charged, 8);
	rig_check(rig, 0, IOVA, 0, 8 * PAGE);
	rig_check(rig, 1, IOVA, 0, 8 * PAGE);
	/* The first one goes, the other keeps the pins. */
	iommufd_device_detach(rig->idev[0]);
	rig_check_blocked(rig, 0, IOVA, 8 * PAGE);
	rig_check(rig, 1, IOVA, 0, 8 * PAGE);
	assert_int_equal(rig->mem.pinned, 8);
	assert_int_equal(rig_unmap_all(rig, ioas), 8 * PAGE);
	rig_check_blocked(rig, 1, IOVA, 8 * PAGE);
	assert_int_equal(rig->mem.pinned, 0);
	iommufd_device_detach(rig->idev[1]);
	assert_int_equal(rig_destroy(rig, hwpt), 0);
}

/* A copy of part of an area shares its pins, and outlives it. */
static void test_copy(void **state)
{
	struct rig *rig = *state;
	uint32_t src = attached(rig), dst = rig_ioas(rig), pt = dst;

	rig_bind(rig, 1);
	assert_int_equal(rig_attach(rig, 1, &pt), 0);
	assert_int_equal(rig_map_at(rig, src, 0, 8 * PAGE, IOVA), 0);
	assert_int_equal(rig_copy(rig, dst, IOVA * 2, src, IOVA + 2 * PAGE,
				  3 * PAGE),
			 0);
	assert_int_equal(rig->mem.pinned, 8);
	assert_int_equal(rig->mem.charged, 8);
	rig_check(rig, 0, IOVA, 0, 8 * PAGE);
	rig_check(rig, 1, IOVA * 2, 2 * PAGE, 3 * PAGE);
	rig_check_blocked(rig, 1, IOVA * 2 + 3 * PAGE, PAGE);
	assert_int_equal(rig_unmap(rig, src, IOVA, 8 * PAGE), 8 * PAGE);
	assert_int_equal(rig->mem.pinned, 3);
	assert_int_equal(rig->mem.charged, 3);
	rig_check(rig, 1, IOVA * 2, 2 * PAGE, 3 * PAGE);
	assert_int_equal(rig_unmap_all(rig, dst), 3 * PAGE);
	assert_int_equal(rig->mem.pinned, 0);
}

/* Copies that overlap each other in the pages they share. */
static void test_copies(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = attached(rig);
	uint64_t i, j;

	rig->mem.flip = true;
	assert_int_equal(rig_map_at(rig, ioas, 0, 8 * PAGE, IOVA), 0);
	for (i = 0; i != 8; i++)
		for (j = i + 1; j <= 8; j++)
			assert_int_equal(
				rig_copy(rig, ioas,
					 2 * IOVA + (i * 16 + j) * 16 * PAGE,
					 ioas, IOVA + i * PAGE, (j - i) * PAGE),
				0);
	assert_int_equal(rig->mem.pinned, 8);
	assert_int_equal(rig_unmap(rig, ioas, IOVA, 8 * PAGE), 8 * PAGE);
	assert_int_equal(rig->mem.pinned, 8);
	for (i = 0; i != 8; i++)
		for (j = i + 1; j <= 8; j++)
			rig_check(rig, 0, 2 * IOVA + (i * 16 + j) * 16 * PAGE,
				  i * PAGE, (j - i) * PAGE);
	/* The longest ones go first: pages 0 and 7 have one user left each. */
	for (i = 0; i != 8; i++)
		for (j = 8; j > i; j--)
			assert_int_equal(
				rig_unmap(rig, ioas,
					  2 * IOVA + (i * 16 + j) * 16 * PAGE,
					  (j - i) * PAGE),
				(j - i) * PAGE);
	assert_int_equal(rig->mem.pinned, 0);
}

/* A copy of two neighbours at once gives two areas again. */
static void test_copy_across(void **state)
{
	struct rig *rig = *state;
	uint32_t src = attached(rig), dst = rig_ioas(rig), pt = dst;

	rig_bind(rig, 1);
	assert_int_equal(rig_attach(rig, 1, &pt), 0);
	assert_int_equal(rig_map_at(rig, src, 0, 2 * PAGE, IOVA), 0);
	assert_int_equal(
		rig_map_at(rig, src, 32 * PAGE, 2 * PAGE, IOVA + 2 * PAGE), 0);
	assert_int_equal(
		rig_copy(rig, dst, 2 * IOVA, src, IOVA + PAGE, 2 * PAGE), 0);
	rig_check(rig, 1, 2 * IOVA, PAGE, PAGE);
	rig_check(rig, 1, 2 * IOVA + PAGE, 32 * PAGE, PAGE);
	assert_int_equal(rig_copy(rig, dst, 4 * IOVA, src, IOVA + 3 * PAGE,
				  2 * PAGE),
			 -ENOENT);
	assert_int_equal(rig_unmap(rig, dst, 2 * IOVA, PAGE), PAGE);
	assert_int_equal(rig_unmap(rig, dst, 2 * IOVA, 2 * PAGE), PAGE);
}

static void test_file(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = attached(rig);
	uint32_t word = 0x12345678;

	assert_int_equal(
		rig_map_file(rig, ioas, RIG_FILE_FD, 2 * PAGE, PAGE, IOVA), 0);
	assert_int_equal(rig->file.pinned, 1);
	assert_int_equal(rig_dma(rig, 0, IOVA + 8, &word, 4, SOFT_WRITE),
			 SOFT_OK);
	assert_memory_equal(rig->file.va + 2 * PAGE + 8, &word, 4);
	assert_int_equal(rig_unmap_all(rig, ioas), PAGE);
	assert_int_equal(rig->file.refs, 1);
}

/* 64 GiB of contiguous memory: one pin, one call of the page table, few tables. */
static void test_huge(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = attached(rig);
	const uint64_t size = 64ULL << 30;
	uint64_t tables = port_arena_tables(rig->arena);

	assert_int_equal(
		rig_map_file(rig, ioas, RIG_HUGE_FD, 0, size, 64ULL << 30), 0);
	assert_int_equal(rig->huge.pin_calls, 1);
	assert_int_equal(rig->huge.pinned, size / PAGE);
	assert_true(port_arena_tables(rig->arena) - tables <= 2);
	assert_int_equal(rig_unmap(rig, ioas, 64ULL << 30, size), size);
	assert_int_equal(rig->huge.pinned, 0);
	/* The same in pieces of one page each is the page table's work alone. */
	rig->huge.max_runs = 1;
	rig->huge.flip = true;
	assert_int_equal(rig_map_file(rig, ioas, RIG_HUGE_FD, 0, 4 << 20,
				      64ULL << 30),
			 0);
	assert_int_equal(rig->huge.pinned, (4 << 20) / PAGE);
}

/* With huge pages off every page has an entry of its own. */
static void test_small_pages(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = attached(rig);
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.object_id = ioas,
	};
	const uint64_t at = 2 << 20, size = 2 << 20;
	struct soft_walk walk;
	struct soft_dte dte;

	assert_int_equal(rig_map_at(rig, ioas, 0, size, at), 0);
	assert_true(soft_iommu_get(rig->hw, RIG_RID(0), 0, &dte));
	assert_int_equal(soft_walk(&rig->bus, &dte.root, at, SOFT_READ, &walk),
			 SOFT_OK);
	assert_int_equal(walk.size_lg2, 21);
	/* What is mapped large would stay so. */
	assert_int_equal(rig_ioctl(rig, IOMMU_OPTION, &cmd), -EINVAL);
	assert_int_equal(rig_unmap_all(rig, ioas), size);
	assert_int_equal(rig_ioctl(rig, IOMMU_OPTION, &cmd), 0);
	assert_int_equal(rig_map_at(rig, ioas, 0, size, at), 0);
	assert_int_equal(soft_walk(&rig->bus, &dte.root, at, SOFT_READ, &walk),
			 SOFT_OK);
	assert_int_equal(walk.size_lg2, 12);
	rig_check(rig, 0, at, 0, size);
	assert_int_equal(rig_map_at(rig, ioas, PAGE / 2, PAGE, PAGE), -EINVAL);
	/* Off again, on again: small ones can become large at any time. */
	assert_int_equal(rig_ioctl(rig, IOMMU_OPTION, &cmd), 0);
	cmd.val64 = 1;
	assert_int_equal(rig_ioctl(rig, IOMMU_OPTION, &cmd), 0);
}

/* The mock's pages are of 2 KiB: memory may begin in the middle of a page. */
static void test_half_pages(void **state)
{
	struct rig *rig = rig_new("amdv1_mock");
	uint32_t ioas = attached(rig);
	uint64_t iova = 0;

	assert_int_equal(rig_map_at(rig, ioas, PAGE / 2, 3 * PAGE, IOVA), 0);
	assert_int_equal(rig->mem.pinned, 4);
	rig_check(rig, 0, IOVA, PAGE / 2, 3 * PAGE);
	rig_check_blocked(rig, 0, IOVA + 3 * PAGE, PAGE / 2);
	assert_int_equal(rig_map(rig, ioas, RIG_RW, PAGE / 2, PAGE / 2, &iova),
			 0);
	assert_int_equal(iova, PAGE + PAGE / 2);
	assert_int_equal(rig->mem.pinned, 5);
	assert_int_equal(rig_map_at(rig, ioas, PAGE / 4, PAGE, 2 * IOVA),
			 -EINVAL);
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE / 4, 2 * IOVA), -EINVAL);
	rig_free(rig);
}

/* Whatever the page table, whatever the order of pages in memory. */
static void test_formats(void **state)
{
	static const char *const format[] = { "vtdss", "amdv1", "amdv1_mock",
					      "x86_64" };
	struct rig *rig;
	uint32_t ioas;
	unsigned int i;

	for (i = 0; i != sizeof(format) / sizeof(format[0]); i++) {
		rig = rig_new(format[i]);
		rig->mem.flip = i % 2;
		rig->mem.max_runs = 3;
		ioas = attached(rig);
		assert_int_equal(rig_map_at(rig, ioas, 0, 1000 * PAGE, IOVA),
				 0);
		rig_check(rig, 0, IOVA, 0, 1000 * PAGE);
		assert_int_equal(rig_unmap_all(rig, ioas), 1000 * PAGE);
		rig_check_blocked(rig, 0, IOVA, 1000 * PAGE);
		rig_free(rig);
	}
}

/* AMD's table grows while a device uses it. */
static void test_growing_top(void **state)
{
	struct rig *rig = rig_new("amdv1");
	uint32_t ioas = attached(rig);
	unsigned int bit;

	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, IOVA), 0);
	for (bit = 36; bit != 64; bit++) {
		assert_int_equal(rig_map_at(rig, ioas, bit * PAGE, PAGE,
					    (1ULL << bit) + IOVA),
				 0);
		rig_check(rig, 0, (1ULL << bit) + IOVA, bit * PAGE, PAGE);
		rig_check(rig, 0, IOVA, 0, PAGE);
	}
	assert_int_equal(rig_map_at(rig, ioas, 0, PAGE, UINT64_MAX - PAGE + 1),
			 0);
	rig_check(rig, 0, UINT64_MAX - PAGE + 1, 0, PAGE);
	rig_free(rig);
}

/* Closing with everything alive; rig_free() looks for what is left. */
static void test_close(void **state)
{
	struct rig *rig = *state;
	uint32_t ioas = attached(rig), other = rig_ioas(rig), hwpt;

	rig_bind(rig, 1);
	assert_int_equal(rig_map_at(rig, ioas, 0, 8 * PAGE, IOVA), 0);
	assert_int_equal(rig_copy(rig, other, IOVA, ioas, IOVA, 2 * PAGE), 0);
	assert_int_equal(
		rig_map_file(rig, other, RIG_FILE_FD, 0, PAGE, 2 * IOVA), 0);
	assert_int_equal(rig_hwpt(rig, 1, other, &hwpt), 0);
	assert_int_equal(rig_hwpt(rig, 1, ioas, &hwpt), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_dma, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_permissions, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_lazy, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_two_tables, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_copy, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_copies, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_copy_across, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_file, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_huge, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_small_pages, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_close, rig_setup,
						rig_teardown),
		cmocka_unit_test(test_half_pages),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_growing_top),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
