/* SPDX-License-Identifier: MIT */
/*
 * Lists and live changes through the core, with a real page table behind it, and
 * with a domain that can do none of it.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include <uiommu/iommu.h>
#include <uiommu/pt/iommu.h>

#include "port/port.h"

#define PAGE 0x1000UL
#define MB2  0x200000UL
#define GB   0x40000000UL
#define RW   (IOMMU_READ | IOMMU_WRITE)

struct rig {
	union {
		struct iommu_domain domain;
		struct pt_iommu_vtdss pt;
	};
	struct port_arena *arena;
	int map_error;
};

static void sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
}

static int sync_map(struct iommu_domain *domain, dma_addr_t iova, size_t size)
{
	return ((struct rig *)domain)->map_error;
}

static const struct iommu_domain_ops ops = {
	IOMMU_PT_DOMAIN_OPS(vtdss),
	.iotlb_sync = sync,
	.iotlb_sync_map = sync_map,
};

static int setup(void **state)
{
	static struct rig rig;
	const struct port_arena_config config = { .base_pa = 1 << 30,
						  .size = 1 << 24 };
	struct pt_iommu_vtdss_cfg cfg = {
		.common.hw_max_vasz_lg2 = 39,
		.common.hw_max_oasz_lg2 = 46,
		.top_level = 2,
	};

	rig = (struct rig){ .domain.ops = &ops };
	if (port_arena_new(&config, &rig.arena))
		return -1;
	cfg.common.runtime = port_arena_runtime(rig.arena);
	*state = &rig;
	return pt_iommu_vtdss_init(&rig.pt, &cfg, GFP_KERNEL);
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	pt_iommu_vtdss_deinit(&rig->pt);
	port_arena_free(rig->arena);
	return 0;
}

/* Two runs become one large page; they come back as runs. */
static void test_lists(void **state)
{
	struct rig *rig = *state;
	struct iommu_domain *domain = &rig->domain;
	const struct iommu_run in[] = { { MB2, MB2 / 2 },
					{ MB2 + MB2 / 2, MB2 / 2 },
					{ PAGE, PAGE } };
	struct iommu_run out[1];
	struct iommu_run_list list = { .run = out, .max = 1 };
	struct iommu_iotlb_gather gather;

	assert_int_equal(iommu_map_list(domain, MB2, in, 3, RW, GFP_KERNEL), 0);
	assert_int_equal(iommu_map_list(domain, MB2, in, 3, RW, GFP_KERNEL),
			 -EADDRINUSE);
	assert_int_equal(iommu_translate_range(domain, MB2, MB2 + PAGE, &list),
			 MB2);
	assert_int_equal(out[0].oa, MB2);
	assert_int_equal(out[0].len, MB2);
	list.nr = 0;
	assert_int_equal(iommu_translate_range(domain, MB2, MB2 + PAGE, &list),
			 PAGE);
	assert_int_equal(out[0].oa, PAGE);

	list.nr = list.done = 0;
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(
		iommu_unmap_list(domain, MB2, MB2 + PAGE, &gather, &list), MB2);
	iommu_iotlb_sync(domain, &gather);
	list.nr = 0;
	assert_int_equal(iommu_unmap_list(domain, MB2, MB2 + PAGE, &gather,
					  &list),
			 PAGE);
	iommu_iotlb_sync(domain, &gather);
	assert_int_equal(list.done, MB2 + PAGE);
	assert_int_equal(
		iommu_unmap_list(domain, MB2, MB2 + PAGE, &gather, &list), 0);
}

/* What hardware could not be told of is not mapped. */
static void test_map_fails(void **state)
{
	struct rig *rig = *state;
	const struct iommu_run run = { 0, MB2 };

	rig->map_error = -EIO;
	assert_int_equal(
		iommu_map_list(&rig->domain, 0, &run, 1, RW, GFP_KERNEL), -EIO);
	assert_int_equal(iommu_iova_to_phys(&rig->domain, 0), PHYS_ADDR_MAX);
	rig->map_error = 0;
	/* Where a table is missing */
	port_arena_fail_nth(rig->arena, 1);
	assert_int_equal(iommu_map_list(&rig->domain, GB, &run, 1, RW,
					GFP_KERNEL),
			 -ENOMEM);
	assert_int_equal(iommu_iova_to_phys(&rig->domain, GB), PHYS_ADDR_MAX);
}

static void test_changes(void **state)
{
	struct rig *rig = *state;
	struct iommu_domain *domain = &rig->domain;
	const struct iommu_run run = { 3 * MB2, PAGE };
	struct iommu_iotlb_gather gather;
	size_t replaced = 0;

	assert_int_equal(
		iommu_map(domain, MB2, MB2, MB2, IOMMU_READ, GFP_KERNEL), 0);
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(iommu_cut(domain, MB2 + PAGE, GFP_KERNEL, &gather), 0);
	assert_int_equal(gather.start, MB2);
	assert_int_equal(gather.last, 2 * MB2 - 1);
	assert_int_equal(iommu_set_prot(domain, MB2, PAGE, RW, &gather), 0);
	assert_int_equal(iommu_replace_list(domain, MB2, &run, 1, GFP_KERNEL,
					    &gather, &replaced),
			 0);
	assert_int_equal(replaced, PAGE);
	assert_int_equal(iommu_iova_to_phys(domain, MB2 + 1), 3 * MB2 + 1);
	assert_int_equal(iommu_iova_to_phys(domain, MB2 + PAGE), MB2 + PAGE);
	iommu_iotlb_sync(domain, &gather);

	assert_int_equal(
		iommu_map(domain, 0, 4 * MB2, MB2, IOMMU_READ, GFP_KERNEL), 0);
	assert_int_equal(iommu_shrink_pages(domain, 0, MB2, PAGE, GFP_KERNEL,
					    &gather),
			 0);
	assert_int_equal(port_arena_tables(rig->arena), 4);
	assert_int_equal(iommu_grow_pages(domain, 0, MB2, &gather), 0);
	assert_int_equal(port_arena_tables(rig->arena), 3);
	iommu_iotlb_sync(domain, &gather);
}

static void test_cannot(void **state)
{
	static const struct iommu_domain_ops none;
	struct iommu_domain domain = { .ops = &none };
	const struct iommu_run run = { 0, PAGE };
	struct iommu_iotlb_gather gather;
	struct iommu_run_list list = { .run = NULL };
	size_t replaced = 0;

	iommu_iotlb_gather_init(&gather);
	assert_int_equal(iommu_map_list(&domain, 0, &run, 1, RW, GFP_KERNEL),
			 -EOPNOTSUPP);
	assert_int_equal(iommu_unmap_list(&domain, 0, PAGE, &gather, &list), 0);
	assert_int_equal(iommu_translate_range(&domain, 0, PAGE, &list), 0);
	assert_int_equal(iommu_cut(&domain, PAGE, GFP_KERNEL, &gather),
			 -EOPNOTSUPP);
	assert_int_equal(iommu_shrink_pages(&domain, 0, PAGE, PAGE, GFP_KERNEL,
					    &gather),
			 -EOPNOTSUPP);
	assert_int_equal(iommu_grow_pages(&domain, 0, PAGE, &gather),
			 -EOPNOTSUPP);
	assert_int_equal(iommu_set_prot(&domain, 0, PAGE, RW, &gather),
			 -EOPNOTSUPP);
	assert_int_equal(iommu_replace_list(&domain, 0, &run, 1, GFP_KERNEL,
					    &gather, &replaced),
			 -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_fails, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
		cmocka_unit_test(test_cannot),
	};

	return cmocka_run_group_tests_name("change", tests, NULL, NULL);
}
