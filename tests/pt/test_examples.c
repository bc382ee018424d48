/* SPDX-License-Identifier: MIT */
/*
 * Worked examples of the formats: one mapping each, and every entry that it
 * makes, bit by bit, computed by hand from the specifications.
 *
 * The arena begins at 0x80000000 and its first page is taken, so that the top
 * table stands at 0x80001000 and those below it follow.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include <uiommu/iommu_gather.h>
#include <uiommu/pt/iommu.h>

#include "port/port.h"

#define MAX_STEPS 5

/* @count items from @index on of the table at @table hold @value. */
struct example_step {
	phys_addr_t table;
	unsigned int index;
	unsigned int count;
	uint64_t value;
};

struct example {
	const char *name;
	unsigned int features;
	unsigned int level; /* of the top */
	dma_addr_t va;
	phys_addr_t oa;
	size_t len;
	unsigned int prot;
	struct example_step step[MAX_STEPS];
};

static struct port_arena *example_arena(void)
{
	const struct port_arena_config config = { .base_pa = 0x80000000,
						  .size = 1 << 20 };
	const struct pt_runtime *rt;
	struct port_arena *arena;

	assert_int_equal(port_arena_new(&config, &arena), 0);
	rt = port_arena_runtime(arena);
	assert_non_null(rt->alloc(rt, 12, GFP_KERNEL));
	return arena;
}

/* The items of the steps and no others are in use. */
static void example_check_steps(struct port_arena *arena,
				const struct example *ex)
{
	unsigned int i, n;

	for (n = 0; n < MAX_STEPS && ex->step[n].count; n++) {
		const struct example_step *step = &ex->step[n];
		const uint64_t *item = port_arena_ptr(arena, step->table, 4096);

		assert_non_null(item);
		for (i = 0; i < 512; i++) {
			bool used = i >= step->index &&
				    i < step->index + step->count;

			assert_int_equal(item[i], used ? step->value : 0);
		}
	}
	assert_int_equal(port_arena_tables(arena), n + 1);
}

static void example_check_domain(const struct example *ex,
				 struct iommu_domain *domain,
				 struct port_arena *arena)
{
	struct iommu_iotlb_gather gather;
	size_t mapped = 0;

	assert_int_equal(domain->ops->map_range(domain, ex->va, ex->oa, ex->len,
						ex->prot, GFP_KERNEL, &mapped),
			 0);
	assert_int_equal(mapped, ex->len);
	example_check_steps(arena, ex);
	assert_int_equal(domain->ops->iova_to_phys(domain, ex->va), ex->oa);
	assert_int_equal(domain->ops->iova_to_phys(domain,
						   ex->va + ex->len - 1),
			 ex->oa + ex->len - 1);
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(domain->ops->unmap_range(domain, ex->va, ex->len,
						  &gather),
			 ex->len);
	iommu_pages_list_put(&gather.freelist);
}

/* The driver's part that the formats need in common. */
#define EXAMPLE_OPS(fmt)                                                    \
	static const struct iommu_domain_ops fmt##_ops = {                  \
		IOMMU_PT_DOMAIN_OPS(fmt),                                   \
	};                                                                  \
	static struct port_arena *fmt##_begin(                              \
		struct pt_iommu_##fmt *table,                               \
		struct pt_iommu_##fmt##_cfg *cfg, const struct example *ex) \
	{                                                                   \
		struct port_arena *arena = example_arena();                 \
                                                                            \
		cfg->common.features = ex->features;                        \
		cfg->common.runtime = port_arena_runtime(arena);            \
		*table = (struct pt_iommu_##fmt){ .iommu.domain.ops =       \
							  &fmt##_ops };     \
		assert_int_equal(                                           \
			pt_iommu_##fmt##_init(table, cfg, GFP_KERNEL), 0);  \
		return arena;                                               \
	}                                                                   \
	static void fmt##_end(struct pt_iommu_##fmt *table,                 \
			      struct port_arena *arena)                     \
	{                                                                   \
		pt_iommu_##fmt##_deinit(table);                             \
		assert_int_equal(port_arena_tables(arena), 1);              \
		port_arena_free(arena);                                     \
	}

EXAMPLE_OPS(amdv1)
EXAMPLE_OPS(amdv1_mock)
EXAMPLE_OPS(vtdss)
EXAMPLE_OPS(x86_64)

#define RW (IOMMU_READ | IOMMU_WRITE)
#define FC BIT(PT_FEAT_AMDV1_FORCE_COHERENCE)

static void test_amdv1(void **state)
{
	static const struct example examples[] = {
		{ "A1",
		  FC,
		  2,
		  0x123456000,
		  0x789abc000,
		  0x1000,
		  RW,
		  { { 0x80001000, 4, 1, 0x6000000080002401 },
		    { 0x80002000, 282, 1, 0x6000000080003201 },
		    { 0x80003000, 86, 1, 0x7000000789abc001 } } },
		{ "A2",
		  FC,
		  3,
		  0x7f40000000,
		  0x240000000,
		  0x200000,
		  IOMMU_READ,
		  { { 0x80001000, 0, 1, 0x6000000080002601 },
		    { 0x80002000, 509, 1, 0x6000000080003401 },
		    { 0x80003000, 0, 1, 0x3000000240000001 } } },
		{ "A3",
		  FC,
		  2,
		  0x40030000,
		  0x13570000,
		  0x10000,
		  RW,
		  { { 0x80001000, 1, 1, 0x6000000080002401 },
		    { 0x80002000, 0, 1, 0x6000000080003201 },
		    { 0x80003000, 48, 16, 0x7000000013577e01 } } },
		{ "A4",
		  0,
		  2,
		  0x41000000,
		  0x1c3000000,
		  0x1000000,
		  RW,
		  { { 0x80001000, 1, 1, 0x6000000080002401 },
		    { 0x80002000, 8, 8, 0x60000001c37ffe01 } } },
	};
	struct pt_iommu_amdv1_hw_info info;
	struct pt_iommu_amdv1 table;
	size_t i;

	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *ex = &examples[i];
		struct pt_iommu_amdv1_cfg cfg = {
			.common.hw_max_vasz_lg2 = 64,
			.common.hw_max_oasz_lg2 = 52,
			.starting_level = ex->level,
		};
		struct port_arena *arena = amdv1_begin(&table, &cfg, ex);

		pt_iommu_amdv1_hw_info(&table, &info);
		assert_int_equal(info.host_pt_root, 0x80001000);
		assert_int_equal(info.mode, ex->level + 1);
		example_check_domain(ex, &table.iommu.domain, arena);
		amdv1_end(&table, arena);
	}
}

static void test_amdv1_mock(void **state)
{
	static const struct example examples[] = {
		{ "M1",
		  0,
		  4,
		  0x12345800,
		  0x9a800,
		  0x800,
		  RW,
		  { { 0x80001000, 0, 1, 0x6000000100004801 },
		    { 0x80002000, 0, 1, 0x6000000100006601 },
		    { 0x80003000, 0, 1, 0x6000000100008401 },
		    { 0x80004000, 291, 1, 0x600000010000a201 },
		    { 0x80005000, 139, 1, 0x6000000000135001 } } },
		{ "M2",
		  0,
		  4,
		  0x20006000,
		  0x7c3f2000,
		  0x2000,
		  IOMMU_READ,
		  { { 0x80001000, 0, 1, 0x6000000100004801 },
		    { 0x80002000, 0, 1, 0x6000000100006601 },
		    { 0x80003000, 1, 1, 0x6000000100008401 },
		    { 0x80004000, 0, 1, 0x600000010000a201 },
		    { 0x80005000, 12, 4, 0x20000000f87e5e01 } } },
		{ "M3",
		  0,
		  4,
		  0x180000000,
		  0x640000000,
		  0x40000000,
		  RW,
		  { { 0x80001000, 0, 1, 0x6000000100004801 },
		    { 0x80002000, 0, 1, 0x6000000100006601 },
		    { 0x80003000, 12, 2, 0x6000000cbffffe01 } } },
	};
	struct pt_iommu_amdv1_mock_hw_info info;
	struct pt_iommu_amdv1_mock table;
	size_t i;

	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *ex = &examples[i];
		struct pt_iommu_amdv1_mock_cfg cfg = {
			.common.hw_max_vasz_lg2 = 56,
			.common.hw_max_oasz_lg2 = 51,
			.starting_level = ex->level,
		};
		struct port_arena *arena = amdv1_mock_begin(&table, &cfg, ex);

		pt_iommu_amdv1_mock_hw_info(&table, &info);
		assert_int_equal(info.host_pt_root, 0x80001000);
		assert_int_equal(info.mode, 5);
		example_check_domain(ex, &table.iommu.domain, arena);
		amdv1_mock_end(&table, arena);
	}
}

static void test_vtdss(void **state)
{
	static const struct example examples[] = {
		{ "V1",
		  0,
		  3,
		  0x7fde12345000,
		  0x1a2b3c000,
		  0x1000,
		  RW,
		  { { 0x80001000, 255, 1, 0x0000000080002003 },
		    { 0x80002000, 376, 1, 0x0000000080003003 },
		    { 0x80003000, 145, 1, 0x0000000080004003 },
		    { 0x80004000, 325, 1, 0x00000001a2b3c003 } } },
		{ "V2",
		  BIT(PT_FEAT_VTDSS_FORCE_COHERENCE),
		  2,
		  0x4b21200000,
		  0x80600000,
		  0x200000,
		  IOMMU_READ,
		  { { 0x80001000, 300, 1, 0x0000000080002003 },
		    { 0x80002000, 265, 1, 0x0000000080600881 } } },
		{ "V3",
		  0,
		  4,
		  0x123456780000000,
		  0x2b40000000,
		  0x40000000,
		  RW,
		  { { 0x80001000, 291, 1, 0x0000000080002003 },
		    { 0x80002000, 138, 1, 0x0000000080003003 },
		    { 0x80003000, 414, 1, 0x0000002b40000083 } } },
	};
	struct pt_iommu_vtdss_hw_info info;
	struct pt_iommu_vtdss table;
	size_t i;

	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *ex = &examples[i];
		struct pt_iommu_vtdss_cfg cfg = {
			.common.hw_max_vasz_lg2 = 57,
			.common.hw_max_oasz_lg2 = 52,
			.top_level = ex->level,
		};
		struct port_arena *arena = vtdss_begin(&table, &cfg, ex);

		pt_iommu_vtdss_hw_info(&table, &info);
		assert_int_equal(info.ssptptr, 0x80001000);
		assert_int_equal(info.aw, ex->level - 1);
		example_check_domain(ex, &table.iommu.domain, arena);
		vtdss_end(&table, arena);
	}
}

static void test_x86_64(void **state)
{
	static const struct example examples[] = {
		{ "X1",
		  BIT(PT_FEAT_SIGN_EXTEND),
		  3,
		  0x7f1234567000,
		  0x3fedcb000,
		  0x1000,
		  RW,
		  { { 0x80001000, 254, 1, 0x0000000080002027 },
		    { 0x80002000, 72, 1, 0x0000000080003027 },
		    { 0x80003000, 418, 1, 0x0000000080004027 },
		    { 0x80004000, 359, 1, 0x00000003fedcb067 } } },
		{ "X2",
		  BIT(PT_FEAT_SIGN_EXTEND),
		  3,
		  0xffff923456600000,
		  0x1122200000,
		  0x200000,
		  IOMMU_READ | IOMMU_NOEXEC,
		  { { 0x80001000, 292, 1, 0x0000000080002027 },
		    { 0x80002000, 209, 1, 0x0000000080003027 },
		    { 0x80003000, 179, 1, 0x80000011222000a5 } } },
		{ "X3",
		  0,
		  4,
		  0xa1b2c340000000,
		  0x940000000,
		  0x40000000,
		  RW,
		  { { 0x80001000, 161, 1, 0x0000000080002027 },
		    { 0x80002000, 357, 1, 0x0000000080003027 },
		    { 0x80003000, 269, 1, 0x00000009400000e7 } } },
	};
	struct pt_iommu_x86_64_hw_info info;
	struct pt_iommu_x86_64 table;
	size_t i;

	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *ex = &examples[i];
		struct pt_iommu_x86_64_cfg cfg = {
			.common.hw_max_vasz_lg2 = 57,
			.common.hw_max_oasz_lg2 = 52,
			.top_level = ex->level,
		};
		struct port_arena *arena = x86_64_begin(&table, &cfg, ex);

		pt_iommu_x86_64_hw_info(&table, &info);
		assert_int_equal(info.gcr3_pt, 0x80001000);
		assert_int_equal(info.levels, ex->level + 1);
		example_check_domain(ex, &table.iommu.domain, arena);
		x86_64_end(&table, arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amdv1),
		cmocka_unit_test(test_amdv1_mock),
		cmocka_unit_test(test_vtdss),
		cmocka_unit_test(test_x86_64),
	};

	return cmocka_run_group_tests_name("worked examples", tests, NULL,
					   NULL);
}
