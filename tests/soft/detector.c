/* SPDX-License-Identifier: MIT */
/* Missing invalidations: reported when they are certain, once, and never else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

#define VA UINT64_C(0x10000)
#define OA UINT64_C(0x10000000)

enum {
	A = 0xaaaa,
	B = 0xbbbb
};

/* VA is mapped to A, and the IOTLB knows it. */
static void start(struct rig *rig)
{
	rig_init(rig);
	rig_map(rig, VA, OA, SS_RW);
	rig_label(rig, OA, A);
	rig_label(rig, OA + 0x1000, B);
	assert_int_equal(rig_peek(rig, VA), A);
}

static void unmapped(struct rig *rig, uint64_t va, uint64_t last)
{
	soft_iommu_unmapped(rig->iommu, RIG_DOMAIN, va, last);
}

/* Between the change and its invalidation hardware may use either. */
static void test_window(void **state)
{
	struct rig rig;

	start(&rig);
	rig_clear(&rig, VA, 0);
	assert_int_equal(rig_peek(&rig, VA), A);
	assert_int_equal(rig_peek(&rig, VA), A);
	rig_invalidate(&rig, VA, VA + 0xfff);
	unmapped(&rig, VA, VA + 0xfff);
	assert_int_equal(rig_peek(&rig, VA), SOFT_FAULT_NOT_PRESENT);
	assert_int_equal(rig.suspects, 0);
	rig_fini(&rig);
}

/* Nobody used it in the window: reported when somebody does. */
static void test_hit_after_unmap(void **state)
{
	struct rig rig;

	start(&rig);
	rig_clear(&rig, VA, 0);
	unmapped(&rig, VA, VA + 0xfff);
	assert_int_equal(rig.suspects, 0);
	assert_int_equal(rig_peek(&rig, VA + 8), 0); /* of page A */
	assert_int_equal(rig.suspects, 1);
	assert_int_equal(rig.suspect.rid, RIG_RID);
	assert_int_equal(rig.suspect.domain_id, RIG_DOMAIN);
	assert_int_equal(rig.suspect.va, VA + 8);
	assert_int_equal(rig.suspect.cached_oa, OA + 8);
	assert_int_equal(rig.suspect.walked_oa, UINT64_MAX);
	/* Once is enough. */
	rig_peek(&rig, VA);
	unmapped(&rig, VA, VA + 0xfff);
	assert_int_equal(rig.suspects, 1);
	rig_fini(&rig);
}

/* Used in the window: certain as soon as the client is told. */
static void test_hit_before_unmap(void **state)
{
	struct rig rig;

	start(&rig);
	rig_clear(&rig, VA, 0);
	rig_peek(&rig, VA + 16);
	assert_int_equal(rig.suspects, 0);
	/* The invalidation is one page off. */
	rig_invalidate(&rig, VA + 0x1000, VA + 0x1fff);
	assert_int_equal(rig.suspects, 0);
	unmapped(&rig, VA, VA + 0xfff);
	assert_int_equal(rig.suspects, 1);
	assert_int_equal(rig.suspect.va, VA + 16);
	assert_int_equal(rig.suspect.cached_oa, OA + 16);
	rig_peek(&rig, VA + 16);
	assert_int_equal(rig.suspects, 1);
	rig_fini(&rig);
}

static void test_history(void **state)
{
	struct rig rig;

	start(&rig);
	/* What came before it was filled is not its history. */
	rig_invalidate(&rig, 0x555000, 0x555fff);
	rig_invalidate(&rig, VA, VA);
	assert_int_equal(rig_peek(&rig, VA), A);
	rig_clear(&rig, VA, 0);
	rig_invalidate(&rig, 0x777000, 0x777fff);
	soft_iommu_invalidate(rig.iommu, RIG_DOMAIN, 0x888000, 0x888fff, true);
	soft_iommu_invalidate(rig.iommu, 99, 0x999000, 0x999fff, false);
	unmapped(&rig, VA, VA + 0xfff);
	rig_peek(&rig, VA);
	assert_int_equal(rig.suspects, 1);
	/* What filled it, what happened since, what is there now. */
	assert_non_null(strstr(rig.history, "cached 0x10000-0x10fff"));
	assert_non_null(strstr(rig.history, "00:01.0"));
	assert_non_null(strstr(rig.history, "0x0000000010000003"));
	assert_non_null(strstr(rig.history, "invalidated 0x777000-0x777fff"));
	assert_non_null(strstr(rig.history,
			       "invalidated (leaves only) 0x888000-0x888fff"));
	assert_non_null(strstr(rig.history, "unmapped 0x10000-0x10fff"));
	assert_non_null(strstr(rig.history, "now 0x0000000000000000 stands"));
	assert_null(strstr(rig.history, "0x999000"));
	assert_null(strstr(rig.history, "0x555000"));
	rig_fini(&rig);
}

/* More events than are remembered: the oldest fall out, nothing else. */
static void test_long_history(void **state)
{
	struct rig rig;

	start(&rig);
	rig_clear(&rig, VA, 0);
	for (uint64_t i = 0; i < 100; i++)
		rig_invalidate(&rig, 0x1000000 + i * 0x1000,
			       0x1000fff + i * 0x1000);
	unmapped(&rig, VA, VA + 0xfff);
	rig_peek(&rig, VA);
	assert_int_equal(rig.suspects, 1);
	assert_null(strstr(rig.history, "0x1000000-"));
	assert_non_null(strstr(rig.history, "; ...; #"));
	assert_true(strlen(rig.history) < sizeof(rig.history));
	rig_fini(&rig);
}

/* Not gone, but somewhere else. */
static void test_replaced(void **state)
{
	struct rig rig;

	start(&rig);
	rig_map(&rig, VA, OA + 0x1000, SS_RW);
	unmapped(&rig, VA, VA + 0xfff);
	rig_peek(&rig, VA);
	assert_int_equal(rig.suspects, 1);
	assert_int_equal(rig.suspect.walked_oa, OA + 0x1000);
	rig_fini(&rig);
}

static void put_large(struct rig *rig, uint64_t oa)
{
	mem_put(&rig->mem, rig_entry(rig, 0x200000, 1), oa | SS_RW | SS_PS);
}

static void put_small(struct rig *rig, uint64_t oa)
{
	mem_put(&rig->mem, rig_entry(rig, 0x200000, 1), 0);
	for (uint64_t i = 0; i < 512; i++)
		mem_put(&rig->mem, rig_entry(rig, 0x200000 + i * 0x1000, 0),
			(oa + i * 0x1000) | SS_RW);
}

/* Split and merged tables translate alike: there is nothing to report. */
static void test_split_and_merge(void **state)
{
	struct rig rig;

	start(&rig);
	for (uint64_t i = 0; i < 512; i++)
		rig_label(&rig, 0x40000000 + i * 0x1000, i);
	put_large(&rig, 0x40000000);
	assert_int_equal(rig_peek(&rig, 0x212000), 0x12);
	put_small(&rig, 0x40000000);
	assert_int_equal(rig_peek(&rig, 0x234000), 0x34);
	unmapped(&rig, 0x200000, 0x3fffff);
	assert_int_equal(rig_peek(&rig, 0x256000), 0x56);
	rig_invalidate(&rig, 0x200000, 0x3fffff);
	for (uint64_t i = 0; i < 512; i++)
		assert_int_equal(rig_peek(&rig, 0x200000 + i * 0x1000), i);
	put_large(&rig, 0x40000000);
	unmapped(&rig, 0x200000, 0x3fffff);
	for (uint64_t i = 0; i < 512; i++)
		assert_int_equal(rig_peek(&rig, 0x200000 + i * 0x1000), i);
	assert_int_equal(rig.suspects, 0);
	rig_fini(&rig);
}

static void test_permissions(void **state)
{
	uint8_t byte = 0;
	struct rig rig;

	/* More than before is no harm. */
	rig_init(&rig);
	rig_map(&rig, VA, OA, SS_R);
	rig_read(&rig, VA, &byte, 1);
	rig_map(&rig, VA, OA, SS_RW);
	unmapped(&rig, VA, VA + 0xfff);
	rig_read(&rig, VA, &byte, 1);
	assert_int_equal(rig.suspects, 0);
	/* Less is. */
	rig_write(&rig, VA, &byte, 1);
	rig_map(&rig, VA, OA, SS_R);
	rig_read(&rig, VA, &byte, 1);
	assert_int_equal(rig.suspects, 0);
	unmapped(&rig, VA, VA + 0xfff);
	assert_int_equal(rig.suspects, 1);
	assert_int_equal(rig.suspect.cached_oa, OA);
	assert_int_equal(rig.suspect.walked_oa, OA);
	rig_fini(&rig);
}

/* Mapped again to the same place: the old entry is right again. */
static void test_mapped_again(void **state)
{
	struct rig rig;

	start(&rig);
	rig_clear(&rig, VA, 0);
	unmapped(&rig, VA, VA + 0xfff);
	rig_map(&rig, VA, OA, SS_RW);
	assert_int_equal(rig_peek(&rig, VA), A);
	/* The next change has an invalidation of its own to come. */
	rig_clear(&rig, VA, 0);
	assert_int_equal(rig_peek(&rig, VA), A);
	assert_int_equal(rig.suspects, 0);
	unmapped(&rig, VA, VA + 0xfff);
	assert_int_equal(rig.suspects, 1);
	rig_fini(&rig);
}

/* Told gone before it was ever cached, or while it is still as the table says. */
static void test_nothing_stale(void **state)
{
	struct rig rig;

	start(&rig);
	unmapped(&rig, VA, VA + 0xfff);
	unmapped(&rig, 0, UINT64_MAX);
	rig_clear(&rig, VA, 0);
	assert_int_equal(rig_peek(&rig, VA), A);
	assert_int_equal(rig.suspects, 0);
	rig_fini(&rig);
}

/* Of a large page only the part is certain for which the client was told. */
static void test_part_of_large_page(void **state)
{
	struct rig rig;

	start(&rig);
	for (uint64_t i = 0; i < 512; i++)
		rig_label(&rig, 0x40000000 + i * 0x1000, i);
	put_large(&rig, 0x40000000);
	assert_int_equal(rig_peek(&rig, 0x200000), 0);
	put_small(&rig, 0x40000000);
	rig_clear(&rig, 0x210000, 0);
	rig_clear(&rig, 0x220000, 0);
	rig_clear(&rig, 0x208000, 0);
	/* These have their invalidations still to come, before and after. */
	rig_peek(&rig, 0x220000);
	unmapped(&rig, 0x210000, 0x210fff);
	assert_int_equal(rig.suspects, 0);
	rig_peek(&rig, 0x220000);
	rig_peek(&rig, 0x208000);
	rig_peek(&rig, 0x230000); /* unchanged */
	assert_int_equal(rig.suspects, 0);
	rig_peek(&rig, 0x210000);
	assert_int_equal(rig.suspects, 1);
	assert_int_equal(rig.suspect.va, 0x210000);
	rig_fini(&rig);
}

static void test_other_device(void **state)
{
	struct rig rig;
	uint64_t word;

	start(&rig);
	rig_set(&rig, 0x10, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN);
	rig_clear(&rig, VA, 0);
	unmapped(&rig, VA, VA + 0xfff);
	soft_iommu_dma(rig.iommu, 0x10, 0, VA, &word, 8, SOFT_READ, NULL);
	assert_int_equal(rig.suspects, 1);
	assert_int_equal(rig.suspect.rid, 0x10);
	assert_non_null(strstr(rig.history, "for 00:01.0")); /* who filled it */
	rig_fini(&rig);
}

/* Devices of other domains, with tables of their own, are no witnesses. */
static void test_other_domain(void **state)
{
	struct rig rig;
	struct soft_root root;

	start(&rig);
	root = rig.root;
	rig.root.pa = rig.next_table; /* an empty table */
	mem_page(&rig.mem, rig.root.pa);
	for (uint32_t i = 1; i < 40; i++)
		rig_set(&rig, 0x100 + i, 0, SOFT_MODE_TRANSLATE,
			RIG_DOMAIN + i);
	rig.root = root;
	unmapped(&rig, VA, VA + 0xfff); /* nothing has changed */
	rig_clear(&rig, VA, 0);
	assert_int_equal(rig_peek(&rig, VA), A);
	assert_int_equal(rig.suspects, 0);
	unmapped(&rig, VA, VA + 0xfff);
	assert_int_equal(rig.suspects, 1);
	rig_fini(&rig);
}

/* A domain that no device uses any more. */
static void test_no_user(void **state)
{
	struct rig rig;

	start(&rig);
	rig_clear(&rig, VA, 0);
	rig_peek(&rig, VA);
	soft_iommu_set(rig.iommu, RIG_RID, 0, NULL);
	unmapped(&rig, VA, VA + 0xfff);
	assert_int_equal(rig.suspects, 0);
	rig_fini(&rig);
}

/* ------------------------------------------------ the walk cache */

/* The table for VA is replaced by another, in which VA and VA + 4K are B. */
static void replace_table(struct rig *rig)
{
	uint64_t other = rig->next_table;

	rig->next_table += MEM_PAGE;
	mem_put(&rig->mem, other + (VA >> 12) * 8, (OA + 0x1000) | SS_RW);
	mem_put(&rig->mem, other + (VA >> 12) * 8 + 8, (OA + 0x1000) | SS_RW);
	mem_put(&rig->mem, rig_entry(rig, VA, 1), other | SS_RW);
}

/* IH=1 where a table entry had changed: certain with that very invalidation. */
static void test_wrong_leaf_only(void **state)
{
	struct rig rig;

	start(&rig);
	rig_map(&rig, VA + 0x1000, OA, SS_RW);
	replace_table(&rig);
	soft_iommu_invalidate(rig.iommu, RIG_DOMAIN, VA, VA + 0x1fff, true);
	assert_int_equal(rig.suspects, 0);
	assert_int_equal(rig_peek(&rig, VA + 0x1000), A);
	assert_int_equal(rig.suspects, 1);
	assert_int_equal(rig.suspect.va, VA + 0x1000);
	assert_int_equal(rig.suspect.cached_oa, OA);
	assert_int_equal(rig.suspect.walked_oa, OA + 0x1000);
	rig_fini(&rig);
}

/* The table is the same, but the path to it no longer lets write. */
static void test_wrong_leaf_only_prot(void **state)
{
	uint8_t byte = 0;
	struct rig rig;
	uint64_t pa;

	start(&rig);
	rig_map(&rig, VA + 0x1000, OA, SS_RW);
	pa = rig_entry(&rig, VA, 1);
	mem_put(&rig.mem, pa, mem_get(&rig.mem, pa) & ~SS_W);
	soft_iommu_invalidate(rig.iommu, RIG_DOMAIN, VA, VA + 0x1fff, true);
	assert_int_equal(rig_write(&rig, VA + 0x1000, &byte, 1), SOFT_OK);
	assert_int_equal(rig.suspects, 1);
	rig_fini(&rig);
}

/* The stale table was used in the window already. */
static void test_wrong_leaf_only_used(void **state)
{
	struct rig rig;

	start(&rig);
	rig_map(&rig, VA + 0x1000, OA, SS_RW);
	replace_table(&rig);
	assert_int_equal(rig_peek(&rig, VA + 0x1000), A);
	assert_int_equal(rig.suspects, 0);
	soft_iommu_invalidate(rig.iommu, RIG_DOMAIN, VA, VA + 0x1fff, true);
	assert_int_equal(rig.suspects, 1);
	rig_fini(&rig);
}

/* A cached table that is gone, where unmap forgot it altogether. */
static void test_freed_table(void **state)
{
	struct rig rig;

	start(&rig);
	rig_clear(&rig, VA, 1);
	soft_iommu_invalidate(rig.iommu, RIG_DOMAIN, VA, VA + 0xfff, true);
	assert_int_equal(rig_peek(&rig, VA), A); /* through the freed table */
	assert_int_equal(rig.suspects, 1);
	assert_int_equal(rig.suspect.walked_oa, UINT64_MAX);
	rig_fini(&rig);
}

/* Leaves changed, tables did not: leaf_only is right, and the cache is used. */
static void test_right_leaf_only(void **state)
{
	struct rig rig;

	start(&rig);
	for (unsigned int i = 0; i < 10; i++) {
		rig_map(&rig, VA, OA + (i & 1) * 0x1000, SS_RW);
		soft_iommu_invalidate(rig.iommu, RIG_DOMAIN, VA, VA + 0xfff,
				      true);
		unmapped(&rig, VA, VA + 0xfff);
		assert_int_equal(rig_peek(&rig, VA), i & 1 ? B : A);
	}
	assert_int_equal(rig.suspects, 0);
	rig_fini(&rig);
}

/* A stale table whose content translates like the new one is no error. */
static void test_equal_table(void **state)
{
	struct rig rig;

	start(&rig);
	replace_table(&rig);
	mem_put(&rig.mem, rig_entry(&rig, VA, 0), OA | SS_RW);
	soft_iommu_invalidate(rig.iommu, RIG_DOMAIN, VA, VA + 0xfff, true);
	assert_int_equal(rig_peek(&rig, VA), A);
	unmapped(&rig, VA, VA + 0xfff);
	assert_int_equal(rig_peek(&rig, VA), A);
	assert_int_equal(rig.suspects, 0);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_hit_after_unmap),
		cmocka_unit_test(test_hit_before_unmap),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_long_history),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_split_and_merge),
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_mapped_again),
		cmocka_unit_test(test_nothing_stale),
		cmocka_unit_test(test_part_of_large_page),
		cmocka_unit_test(test_other_device),
		cmocka_unit_test(test_other_domain),
		cmocka_unit_test(test_no_user),
		cmocka_unit_test(test_wrong_leaf_only),
		cmocka_unit_test(test_wrong_leaf_only_prot),
		cmocka_unit_test(test_wrong_leaf_only_used),
		cmocka_unit_test(test_freed_table),
		cmocka_unit_test(test_right_leaf_only),
		cmocka_unit_test(test_equal_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
