/* SPDX-License-Identifier: MIT */
/* What the IOTLB and the walk cache remember, and what makes them forget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

#define OA UINT64_C(0x10000000)

/* Pages A and B are told apart by what they hold. */
enum {
	A = 0xaaaa,
	B = 0xbbbb
};

static void two_pages(struct rig *rig)
{
	rig_label(rig, OA, A);
	rig_label(rig, OA + 0x1000, B);
}

static void test_stale_until_invalidated(void **state)
{
	struct rig rig;

	rig_init(&rig);
	two_pages(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	assert_int_equal(rig_peek(&rig, 0x10000), A);
	rig_map(&rig, 0x10000, OA + 0x1000, SS_RW);
	assert_int_equal(rig_peek(&rig, 0x10000), A);
	rig_clear(&rig, 0x10000, 0);
	assert_int_equal(rig_peek(&rig, 0x10000), A);
	rig_invalidate(&rig, 0x10fff, 0x10fff); /* touches is enough */
	assert_int_equal(rig_peek(&rig, 0x10000), SOFT_FAULT_NOT_PRESENT);
	/* What is not there is not remembered. */
	rig_map(&rig, 0x10000, OA + 0x1000, SS_RW);
	assert_int_equal(rig_peek(&rig, 0x10000), B);
	assert_int_equal(rig.suspects, 0);
	rig_fini(&rig);
}

/* Only the range, only the domain. */
static void test_range(void **state)
{
	struct rig rig;

	rig_init(&rig);
	two_pages(&rig);
	for (uint64_t va = 0x10000; va < 0x20000; va += 0x1000) {
		rig_map(&rig, va, OA, SS_RW);
		assert_int_equal(rig_peek(&rig, va), A);
		rig_map(&rig, va, OA + 0x1000, SS_RW);
	}
	rig_invalidate(&rig, 0, 0xffff);
	rig_invalidate(&rig, 0x20000, UINT64_MAX);
	soft_iommu_invalidate(rig.iommu, RIG_DOMAIN + 1, 0, UINT64_MAX, false);
	for (uint64_t va = 0x10000; va < 0x20000; va += 0x1000)
		assert_int_equal(rig_peek(&rig, va), A);
	rig_invalidate(&rig, 0x14000, 0x15fff);
	for (uint64_t va = 0x10000; va < 0x20000; va += 0x1000)
		assert_int_equal(rig_peek(&rig, va),
				 va == 0x14000 || va == 0x15000 ? B : A);
	rig_invalidate(&rig, 0, UINT64_MAX);
	for (uint64_t va = 0x10000; va < 0x20000; va += 0x1000)
		assert_int_equal(rig_peek(&rig, va), B);
	rig_fini(&rig);
}

/* A large page goes when any part of it is invalidated. */
static void test_large_page(void **state)
{
	struct rig rig;

	rig_init(&rig);
	rig_label(&rig, 0x40000000, A);
	rig_label(&rig, 0x401ff000, A);
	rig_label(&rig, 0x60000000, B);
	mem_put(&rig.mem, rig_entry(&rig, 0x200000, 1),
		0x40000000 | SS_RW | SS_PS);
	assert_int_equal(rig_peek(&rig, 0x200000), A);
	mem_put(&rig.mem, rig_entry(&rig, 0x200000, 1),
		0x60000000 | SS_RW | SS_PS);
	assert_int_equal(rig_peek(&rig, 0x3ff000), A); /* one entry for all */
	rig_invalidate(&rig, 0x234000, 0x234fff);
	assert_int_equal(rig_peek(&rig, 0x200000), B);
	rig_fini(&rig);
}

/* Move a whole table: the leaf may go while the pointer to the table stays. */
static void test_leaf_only(void **state)
{
	struct rig rig;
	uint64_t other;

	rig_init(&rig);
	two_pages(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	assert_int_equal(rig_peek(&rig, 0x10000), A);
	other = rig.next_table;
	mem_put(&rig.mem, other + 0x10 * 8, (OA + 0x1000) | SS_RW);
	mem_put(&rig.mem, rig_entry(&rig, 0x10000, 1), other | SS_RW);
	soft_iommu_invalidate(rig.iommu, RIG_DOMAIN, 0x10000, 0x10fff, true);
	assert_int_equal(rig_peek(&rig, 0x10000), A);
	rig_invalidate(&rig, 0x10000, 0x10fff);
	assert_int_equal(rig_peek(&rig, 0x10000), B);
	rig_fini(&rig);
}

/* A walk that starts at a cached table keeps the permissions of its path. */
static void test_walk_cache_prot(void **state)
{
	uint8_t byte = 0;
	struct rig rig;
	uint64_t pa;

	rig_init(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	rig_map(&rig, 0x11000, OA, SS_RW);
	pa = rig_entry(&rig, 0x10000, 1);
	mem_put(&rig.mem, pa, mem_get(&rig.mem, pa) & ~SS_W);
	assert_int_equal(rig_read(&rig, 0x10000, &byte, 1), SOFT_OK);
	assert_int_equal(rig_write(&rig, 0x11000, &byte, 1),
			 SOFT_FAULT_PERMISSION);
	rig_fini(&rig);
}

static void test_shared_domain(void **state)
{
	uint64_t word = 0;
	struct rig rig;

	rig_init(&rig);
	two_pages(&rig);
	rig_set(&rig, 0x10, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN);
	rig_set(&rig, 0x18, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN + 1);
	rig_map(&rig, 0x10000, OA, SS_RW);
	assert_int_equal(rig_peek(&rig, 0x10000), A);
	rig_map(&rig, 0x10000, OA + 0x1000, SS_RW);
	/* The other device of the domain finds what the first one brought. */
	soft_iommu_dma(rig.iommu, 0x10, 0, 0x10000, &word, 8, SOFT_READ, NULL);
	assert_int_equal(word, A);
	/* Not so one of another domain, though it has the same table. */
	soft_iommu_dma(rig.iommu, 0x18, 0, 0x10000, &word, 8, SOFT_READ, NULL);
	assert_int_equal(word, B);
	rig_invalidate(&rig, 0, UINT64_MAX);
	soft_iommu_dma(rig.iommu, 0x10, 0, 0x10000, &word, 8, SOFT_READ, NULL);
	assert_int_equal(word, B);
	rig_fini(&rig);
}

/* A change of the device table acts at once; the IOTLB stays as it is. */
static void test_device_table_change(void **state)
{
	struct rig rig;

	rig_init(&rig);
	two_pages(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	assert_int_equal(rig_peek(&rig, 0x10000), A);
	rig_map(&rig, 0x10000, OA + 0x1000, SS_RW);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_BLOCKED, 0);
	assert_int_equal(rig_peek(&rig, 0x10000), SOFT_FAULT_BLOCKED);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN);
	assert_int_equal(rig_peek(&rig, 0x10000), A);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN + 9);
	assert_int_equal(rig_peek(&rig, 0x10000), B);
	rig_fini(&rig);
}

/* More permission than is cached is looked up; less is not noticed. */
static void test_permissions(void **state)
{
	uint8_t byte = 1;
	struct rig rig;

	rig_init(&rig);
	rig_map(&rig, 0x10000, OA, SS_R);
	assert_int_equal(rig_read(&rig, 0x10000, &byte, 1), SOFT_OK);
	assert_int_equal(rig_write(&rig, 0x10000, &byte, 1),
			 SOFT_FAULT_PERMISSION);
	rig_map(&rig, 0x10000, OA, SS_RW);
	assert_int_equal(rig_write(&rig, 0x10000, &byte, 1), SOFT_OK);
	rig_map(&rig, 0x10000, OA, SS_R);
	assert_int_equal(rig_write(&rig, 0x10000, &byte, 1), SOFT_OK);
	rig_invalidate(&rig, 0x10000, 0x10fff);
	assert_int_equal(rig_write(&rig, 0x10000, &byte, 1),
			 SOFT_FAULT_PERMISSION);
	rig_fini(&rig);
}

/* With any number of entries everything works; only what is remembered differs. */
static void test_small_iotlbs(void **state)
{
	for (unsigned int lg2 = 0; lg2 < 8; lg2++) {
		struct rig rig;

		rig_init_lg2(&rig, lg2);
		for (uint64_t i = 0; i < 40; i++) {
			rig_map(&rig, i * 0x3000, OA + i * 0x1000, SS_RW);
			rig_label(&rig, OA + i * 0x1000, 1000 + i);
		}
		for (unsigned int round = 0; round < 3; round++)
			for (uint64_t i = 0; i < 40; i++)
				assert_int_equal(rig_peek(&rig, i * 0x3000),
						 1000 + i);
		for (uint64_t i = 0; i < 40; i++)
			rig_clear(&rig, i * 0x3000, 0);
		rig_invalidate(&rig, 0, 20 * 0x3000 - 1);
		for (uint64_t i = 0; i < 20; i++)
			assert_int_equal(rig_peek(&rig, i * 0x3000),
					 SOFT_FAULT_NOT_PRESENT);
		rig_invalidate(&rig, 0, UINT64_MAX);
		for (uint64_t i = 20; i < 40; i++)
			assert_int_equal(rig_peek(&rig, i * 0x3000),
					 SOFT_FAULT_NOT_PRESENT);
		rig_fini(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stale_until_invalidated),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_large_page),
		cmocka_unit_test(test_leaf_only),
		cmocka_unit_test(test_walk_cache_prot),
		cmocka_unit_test(test_shared_domain),
		cmocka_unit_test(test_device_table_change),
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_small_iotlbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
