/* SPDX-License-Identifier: MIT */
/*
 * What each format promises: page sizes per number of levels, the width of the
 * VA, what the hardware is told, and what init and set_prot refuse.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include <uiommu/iommu_gather.h>
#include <uiommu/pt/iommu.h>

#include "port/port.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define RW            (IOMMU_READ | IOMMU_WRITE)

static struct port_arena *arena;
static struct port_lock top_lock;

static struct port_lock *get_top_lock(struct pt_iommu *iommu)
{
	return &top_lock;
}

static void change_top(struct pt_iommu *iommu, phys_addr_t top_pa,
		       unsigned int top_level)
{
}

static const struct pt_iommu_driver_ops driver_ops = {
	.get_top_lock = get_top_lock,
	.change_top = change_top,
};

/* An arena that nothing was allocated from: its tables stand one by one. */
static int setup(void **state)
{
	const struct port_arena_config config = { .base_pa = 1ULL << 24,
						  .size = 1 << 24 };

	return port_arena_new(&config, &arena);
}

static int teardown(void **state)
{
	assert_int_equal(port_arena_tables(arena), 0);
	port_arena_free(arena);
	return 0;
}

/* init, with what every configuration here has in common. */
#define INIT(fmt, table, cfg)                                              \
	({                                                                 \
		(cfg)->common.runtime = port_arena_runtime(arena);         \
		*(table) = (struct pt_iommu_##fmt){ .iommu.driver_ops =    \
							    &driver_ops }; \
		pt_iommu_##fmt##_init(table, cfg, GFP_KERNEL);             \
	})

/* One page at 0 with @prot; the raw entry is *@item, below the top. */
#define MAP_ONE(fmt, table, prot)                                        \
	({                                                               \
		size_t mapped_ = 0;                                      \
		pt_iommu_##fmt##_map_range(&(table)->iommu.domain, 0, 0, \
					   0x1000, prot, GFP_KERNEL,     \
					   &mapped_);                    \
	})

/* The first item of the lowest table, which was made last. */
static uint64_t first_leaf(void)
{
	uint64_t n = port_arena_tables(arena);
	const uint64_t *item =
		port_arena_ptr(arena, (1ULL << 24) + (n - 1) * 4096, 8);

	return *item;
}

struct shape {
	unsigned int features;
	unsigned int vasz;
	unsigned int oasz;
	unsigned int level;
	uint64_t sizes;
	dma_addr_t last;
	unsigned int code; /* mode, aw or levels */
};

#define CHECK_SHAPES(fmt, shapes, level_member, root_member, code_member)  \
	do {                                                               \
		struct pt_iommu_##fmt table;                               \
		struct pt_iommu_##fmt##_hw_info hw;                        \
		struct pt_iommu_info info;                                 \
		size_t i;                                                  \
                                                                           \
		for (i = 0; i < ARRAY_SIZE(shapes); i++) {                 \
			struct pt_iommu_##fmt##_cfg cfg = {                \
				.common.features = shapes[i].features,     \
				.common.hw_max_vasz_lg2 =                  \
					(uint8_t)shapes[i].vasz,           \
				.common.hw_max_oasz_lg2 =                  \
					(uint8_t)shapes[i].oasz,           \
				.level_member = shapes[i].level,           \
			};                                                 \
			assert_int_equal(INIT(fmt, &table, &cfg), 0);      \
			assert_int_equal(table.iommu.domain.pgsize_bitmap, \
					 shapes[i].sizes);                 \
			assert_int_equal(                                  \
				table.iommu.domain.geometry.aperture_end,  \
				shapes[i].last);                           \
			pt_iommu_##fmt##_hw_info(&table, &hw);             \
			pt_iommu_##fmt##_get_info(&table, &info);          \
			assert_int_equal(hw.root_member, info.top_pa);     \
			assert_int_equal(hw.code_member, shapes[i].code);  \
			assert_int_equal(info.top_level, shapes[i].level); \
			pt_iommu_##fmt##_deinit(&table);                   \
		}                                                          \
	} while (0)

static void test_amdv1_shapes(void **state)
{
	const unsigned int dynamic = BIT(PT_FEAT_DYNAMIC_TOP);
	const struct shape shapes[] = {
		/* 2^39 is never there, and a run never half a top table. */
		{ 0, 64, 52, 5, 0x000fff7ffffff000, ~0UL, 6 },
		{ 0, 64, 52, 4, 0x000fff7ffffff000, (1UL << 57) - 1, 5 },
		{ 0, 64, 52, 3, 0x7f7ffffff000, (1UL << 48) - 1, 4 },
		{ 0, 64, 52, 2, 0x3ffffff000, (1UL << 39) - 1, 3 },
		{ 0, 64, 52, 1, 0x1ffff000, (1UL << 30) - 1, 2 },
		{ dynamic, 64, 52, 1, 0x000fff7ffffff000, ~0UL, 2 },
		{ dynamic, 64, 52, 5, 0x000fff7ffffff000, ~0UL, 6 },
		{ dynamic, 48, 52, 2, 0x7f7ffffff000, (1UL << 48) - 1, 3 },
		/* Narrow outputs */
		{ 0, 64, 40, 5, 0x7ffffff000, ~0UL, 6 },
		{ 0, 64, 32, 3, 0xfffff000, (1UL << 48) - 1, 4 },
		/* More levels than the VA needs */
		{ 0, 39, 52, 5, 0x3ffffff000, (1UL << 39) - 1, 6 },
	};

	CHECK_SHAPES(amdv1, shapes, starting_level, host_pt_root, mode);
}

static void test_amdv1_mock_shapes(void **state)
{
	const struct shape shapes[] = {
		{ 0, 56, 51, 4, 0x00007f7ffffff800, (1UL << 56) - 1, 5 },
		{ 0, 56, 51, 3, 0x3f7ffffff800, (1UL << 47) - 1, 4 },
		{ 0, 56, 51, 2, 0x1ffffff800, (1UL << 38) - 1, 3 },
		{ 0, 56, 51, 1, 0xffff800, (1UL << 29) - 1, 2 },
	};

	CHECK_SHAPES(amdv1_mock, shapes, starting_level, host_pt_root, mode);
}

static void test_vtdss_shapes(void **state)
{
	const struct shape shapes[] = {
		{ 0, 39, 52, 2, 0x40201000, (1UL << 39) - 1, 1 },
		{ 0, 48, 52, 3, 0x40201000, (1UL << 48) - 1, 2 },
		{ 0, 57, 52, 4, 0x40201000, (1UL << 57) - 1, 3 },
		{ 0, 57, 52, 3, 0x40201000, (1UL << 48) - 1, 2 },
		{ 0, 39, 52, 3, 0x40201000, (1UL << 39) - 1, 2 },
		{ 0, 39, 52, 4, 0x40201000, (1UL << 39) - 1, 3 },
		{ 0, 31, 52, 2, 0x40201000, (1UL << 31) - 1, 1 },
		{ 0, 30, 52, 2, 0x201000, (1UL << 30) - 1, 1 },
		{ 0, 48, 30, 3, 0x201000, (1UL << 48) - 1, 2 },
	};

	CHECK_SHAPES(vtdss, shapes, top_level, ssptptr, aw);
}

static void test_x86_64_shapes(void **state)
{
	const unsigned int sign = BIT(PT_FEAT_SIGN_EXTEND);
	const struct shape shapes[] = {
		{ sign, 48, 52, 3, 0x40201000, (1UL << 47) - 1, 4 },
		{ sign, 57, 52, 4, 0x40201000, (1UL << 56) - 1, 5 },
		{ sign, 57, 52, 3, 0x40201000, (1UL << 47) - 1, 4 },
		{ sign, 48, 52, 4, 0x40201000, (1UL << 47) - 1, 5 },
		/* Without the sign: what hardware would not call canonical */
		{ 0, 48, 52, 3, 0x40201000, (1UL << 47) - 1, 4 },
		{ 0, 47, 52, 3, 0x40201000, (1UL << 47) - 1, 4 },
		{ 0, 57, 52, 4, 0x40201000, (1UL << 56) - 1, 5 },
		{ 0, 48, 52, 4, 0x40201000, (1UL << 48) - 1, 5 },
		{ 0, 39, 39, 3, 0x40201000, (1UL << 39) - 1, 4 },
	};

	CHECK_SHAPES(x86_64, shapes, top_level, gcr3_pt, levels);
}

#define CHECK_INIT(fmt, level_member, level, bit_member, bit, feats, want) \
	do {                                                               \
		struct pt_iommu_##fmt##_cfg cfg = {                        \
			.common.features = feats,                          \
			.common.hw_max_vasz_lg2 = 48,                      \
			.common.hw_max_oasz_lg2 = 51,                      \
			.level_member = level,                             \
			bit_member = bit,                                  \
		};                                                         \
		struct pt_iommu_##fmt table;                               \
                                                                           \
		assert_int_equal(INIT(fmt, &table, &cfg), want);           \
		pt_iommu_##fmt##_deinit(&table);                           \
		assert_int_equal(port_arena_tables(arena), 0);             \
	} while (0)

/* Levels that a format does not have, C-bits that are none. */
static void test_init(void **state)
{
	const unsigned int amd = BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES);
	const unsigned int x86 = BIT(PT_FEAT_X86_64_AMD_ENCRYPT_TABLES);
	unsigned int level, bit;

	for (level = 0; level < 9; level++) {
		CHECK_INIT(amdv1, starting_level, level, .encrypt_bit, 0, 0,
			   level >= 1 && level <= 5 ? 0 : -EINVAL);
		CHECK_INIT(amdv1_mock, starting_level, level, .common.runtime,
			   NULL, 0, level >= 1 && level <= 4 ? 0 : -EINVAL);
		CHECK_INIT(vtdss, top_level, level, .common.runtime, NULL, 0,
			   level >= 2 && level <= 4 ? 0 : -EINVAL);
		CHECK_INIT(x86_64, top_level, level, .encrypt_bit, 0, 0,
			   level >= 3 && level <= 4 ? 0 : -EINVAL);
	}
	for (bit = 0; bit < 70; bit++) {
		CHECK_INIT(amdv1, starting_level, 3, .encrypt_bit, bit, amd,
			   bit >= 32 && bit <= 51 ? 0 : -EINVAL);
		CHECK_INIT(x86_64, top_level, 3, .encrypt_bit, bit, x86,
			   bit >= 32 && bit <= 51 ? 0 : -EINVAL);
	}
}

/* The C-bit stands in the root, in tables and in RAM, not in device memory. */
static void test_encryption(void **state)
{
	const uint64_t c_bit = 1ULL << 47;
	struct pt_iommu_amdv1_cfg cfg = {
		.common.features = BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES),
		.common.hw_max_vasz_lg2 = 48,
		.common.hw_max_oasz_lg2 = 52,
		.starting_level = 1,
		.encrypt_bit = 47,
	};
	struct pt_iommu_amdv1_hw_info hw;
	struct pt_iommu_info info;
	struct pt_iommu_amdv1 table;
	const uint64_t *top;

	assert_int_equal(setup(NULL), 0);
	assert_int_equal(INIT(amdv1, &table, &cfg), 0);
	pt_iommu_amdv1_hw_info(&table, &hw);
	pt_iommu_amdv1_get_info(&table, &info);
	assert_int_equal(hw.host_pt_root, info.top_pa | c_bit);
	assert_int_equal(info.oasz_lg2, 47);
	assert_int_equal(MAP_ONE(amdv1, &table, RW), 0);
	top = port_arena_ptr(arena, info.top_pa, 8);
	assert_int_equal(*top & c_bit, c_bit);
	assert_int_equal(first_leaf(), 0x6000000000000001 | c_bit);
	pt_iommu_amdv1_deinit(&table);
	assert_int_equal(teardown(NULL), 0);

	assert_int_equal(setup(NULL), 0);
	assert_int_equal(INIT(amdv1, &table, &cfg), 0);
	assert_int_equal(MAP_ONE(amdv1, &table, RW | IOMMU_MMIO), 0);
	assert_int_equal(first_leaf(), 0x6000000000000001);
	pt_iommu_amdv1_deinit(&table);
	assert_int_equal(teardown(NULL), 0);
}

struct prot_case {
	unsigned int features;
	unsigned int prot;
	int ret;
	uint64_t item;
};

#define CHECK_PROTS(fmt, level_member, level, cases)                           \
	do {                                                                   \
		struct pt_iommu_##fmt table;                                   \
		size_t i;                                                      \
                                                                               \
		for (i = 0; i < ARRAY_SIZE(cases); i++) {                      \
			struct pt_iommu_##fmt##_cfg cfg = {                    \
				.common.features = cases[i].features,          \
				.common.hw_max_vasz_lg2 = 48,                  \
				.common.hw_max_oasz_lg2 = 48,                  \
				.level_member = level,                         \
			};                                                     \
			assert_int_equal(setup(NULL), 0);                      \
			assert_int_equal(INIT(fmt, &table, &cfg), 0);          \
			assert_int_equal(MAP_ONE(fmt, &table, cases[i].prot),  \
					 cases[i].ret);                        \
			if (!cases[i].ret)                                     \
				assert_int_equal(first_leaf(), cases[i].item); \
			pt_iommu_##fmt##_deinit(&table);                       \
			assert_int_equal(teardown(NULL), 0);                   \
		}                                                              \
	} while (0)

static void test_prots(void **state)
{
	static const struct prot_case amdv1[] = {
		{ 0, 0, 0, 0x0000000000000001 },
		{ 0, IOMMU_READ, 0, 0x2000000000000001 },
		{ 0, IOMMU_WRITE, 0, 0x4000000000000001 },
		{ 0, RW | IOMMU_CACHE, 0, 0x6000000000000001 },
		{ BIT(PT_FEAT_AMDV1_FORCE_COHERENCE), RW, 0,
		  0x7000000000000001 },
	};
	static const struct prot_case vtdss[] = {
		{ 0, 0, -EINVAL, 0 },
		{ 0, IOMMU_CACHE, -EINVAL, 0 },
		{ 0, IOMMU_READ, 0, 1 },
		{ 0, IOMMU_WRITE, 0, 2 },
		{ 0, RW | IOMMU_CACHE | IOMMU_MMIO, 0, 3 },
		{ BIT(PT_FEAT_VTDSS_FORCE_COHERENCE), RW, 0, 0x803 },
		{ BIT(PT_FEAT_VTDSS_FORCE_WRITEABLE), IOMMU_READ, -EOPNOTSUPP,
		  0 },
		{ BIT(PT_FEAT_VTDSS_FORCE_WRITEABLE), 0, -EINVAL, 0 },
		{ BIT(PT_FEAT_VTDSS_FORCE_WRITEABLE), IOMMU_WRITE, 0, 2 },
	};
	static const struct prot_case x86_64[] = {
		{ 0, 0, -EINVAL, 0 },
		{ 0, IOMMU_READ, 0, 0x25 },
		{ 0, IOMMU_WRITE, 0, 0x67 },
		{ 0, RW, 0, 0x67 },
		{ 0, RW | IOMMU_NOEXEC, 0, 0x8000000000000067 },
		{ 0, IOMMU_READ | IOMMU_PRIV, 0, 0x21 },
	};

	CHECK_PROTS(amdv1, starting_level, 2, amdv1);
	CHECK_PROTS(vtdss, top_level, 3, vtdss);
	CHECK_PROTS(x86_64, top_level, 3, x86_64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_amdv1_shapes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_amdv1_mock_shapes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_vtdss_shapes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_x86_64_shapes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_init, setup, teardown),
		cmocka_unit_test(test_encryption),
		cmocka_unit_test(test_prots),
	};

	return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
