/* SPDX-License-Identifier: MIT */
/*
 * Worked examples of EPT, Arm's short descriptors and DART.
 */
#include "example.h"

EXAMPLE_FMT(ept, 8)
EXAMPLE_FMT(v7s, 4)
EXAMPLE_FMT(dart, 8)
EXAMPLE_FMT(dart2, 8)

static void test_ept(void **state)
{
	static const struct example e1 = {
		"E1 4 KiB RWX WB, 4-level",
		0x123456000,
		0x789abc000,
		0x1000,
		EXAMPLE_RW,
		{ { 0x80001000, 0, 1, 0x0000000080002007, 0 },
		  { 0x80002000, 4, 1, 0x0000000080003007, 0 },
		  { 0x80003000, 282, 1, 0x0000000080004007, 0 },
		  { 0x80004000, 86, 1, 0x0000000789abc037, 0 } }
	};
	static const struct example e2 = {
		"E2 2 MiB R-- UC, 4-level",
		0x40a00000,
		0xfe000000,
		0x200000,
		IOMMU_READ | IOMMU_MMIO | IOMMU_NOEXEC,
		{ { 0x80001000, 0, 1, 0x0000000080002007, 0 },
		  { 0x80002000, 1, 1, 0x0000000080003007, 0 },
		  { 0x80003000, 5, 1, 0x00000000fe000081, 0 } }
	};
	struct pt_iommu_ept_cfg cfg = {
		.common.features = BIT(PT_FEAT_EPT_AD),
		.common.hw_max_vasz_lg2 = 48,
		.common.hw_max_oasz_lg2 = 52,
		.top_level = 3,
		.ram_type = 6,
	};
	struct pt_iommu_ept_hw_info info;

	if (!ept_example(cfg, &e1, &info))
		return;
	if (!ept_example(cfg, &e2, &info))
		return;
	assert_int_equal(info.eptp, 0x8000105e);
}

static void test_ept_wt(void **state)
{
	static const struct example e3 = {
		"E3 1 GiB RW- WT, 5-level",
		0xa1b2c340000000,
		0x940000000,
		0x40000000,
		EXAMPLE_RW | IOMMU_NOEXEC,
		{ { 0x80001000, 161, 1, 0x0000000080002007, 0 },
		  { 0x80002000, 357, 1, 0x0000000080003007, 0 },
		  { 0x80003000, 269, 1, 0x00000009400000a3, 0 } }
	};
	struct pt_iommu_ept_cfg cfg = {
		.common.hw_max_vasz_lg2 = 57,
		.common.hw_max_oasz_lg2 = 52,
		.top_level = 4,
		.ram_type = 4,
	};
	struct pt_iommu_ept_hw_info info;

	if (!ept_example(cfg, &e3, &info))
		return;
	assert_int_equal(info.eptp, 0x80001026);
}

/* IPAT, execution by mode, and memory types that there are not. */
static void test_ept_bits(void **state)
{
	static const struct example user = {
		"4 KiB RWX in both modes, IPAT",
		0,
		0,
		0x1000,
		EXAMPLE_RW,
		{ { 0x80001000, 0, 1, 0x80002407, 0 },
		  { 0x80002000, 0, 1, 0x80003407, 0 },
		  { 0x80003000, 0, 1, 0x80004407, 0 },
		  { 0x80004000, 0, 1, 0x477, 0 } }
	};
	static const struct example priv = {
		"1 GiB write, X in supervisor mode only, IPAT",
		0,
		0,
		0x40000000,
		IOMMU_WRITE | IOMMU_PRIV,
		{ { 0x80001000, 0, 1, 0x80002407, 0 },
		  { 0x80002000, 0, 1, 0xf7, 0 } }
	};
	struct pt_iommu_ept_cfg cfg = {
		.common.features = BIT(PT_FEAT_EPT_IGNORE_PAT) |
				   BIT(PT_FEAT_EPT_MODE_BASED_EXEC),
		.common.hw_max_vasz_lg2 = sizeof(dma_addr_t) == 4 ? 32 : 48,
		.common.hw_max_oasz_lg2 = 52,
		.top_level = 3,
		.ram_type = 6,
	};
	struct pt_iommu_ept table = { .iommu.driver_ops = NULL };
	struct pt_iommu_ept_hw_info info;
	unsigned int type;

	assert_true(ept_example(cfg, &user, &info));
	assert_true(ept_example(cfg, &priv, &info));
	assert_int_equal(info.eptp, 0x8000101e);
	for (type = 0; type <= 8; type++) {
		bool valid = type != 2 && type != 3 && type < 7;
		struct example_memory mem;

		cfg.ram_type = type;
		cfg.common.runtime = example_begin(&mem, &user);
		assert_int_equal(pt_iommu_ept_init(&table, &cfg, GFP_KERNEL),
				 valid ? 0 : -EINVAL);
		pt_iommu_ept_deinit(&table);
	}
}

static void test_v7s(void **state)
{
	static const struct example p1 = {
		"P1 4 KiB RW cached",
		0x12345000,
		0x89abc000,
		0x1000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80004000, 291, 1, 0x80008001, 0 },
		  { 0x80008000, 69, 1, 0x89abcc7e, 0 } }
	};
	static const struct example p2 = {
		"P2 64 KiB RO cached no-exec (16 copies)",
		0x12350000,
		0x456d0000,
		0x10000,
		IOMMU_READ | IOMMU_CACHE | IOMMU_NOEXEC,
		{ { 0x80004000, 291, 1, 0x80008001, 0 },
		  { 0x80008000, 80, 16, 0x456d9e3d, 0 } }
	};
	static const struct example p3 = { "P3 1 MiB RW Device",
					   0x40100000,
					   0xfe000000,
					   0x100000,
					   EXAMPLE_RW | IOMMU_MMIO,
					   { { 0x80004000, 1025, 1, 0xfe030c06,
					       0 } } };
	static const struct example p4 = {
		"P4 16 MiB RW cached supersection (16 copies)",
		0x51000000,
		0x93000000,
		0x1000000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80004000, 1296, 16, 0x93071c0e, 0 } }
	};
	struct pt_iommu_v7s_cfg cfg = {
		.common.hw_max_vasz_lg2 = 32,
		.common.hw_max_oasz_lg2 = 32,
	};
	struct pt_iommu_v7s_hw_info info;

	if (!v7s_example(cfg, &p1, &info))
		return;
	if (!v7s_example(cfg, &p2, &info))
		return;
	if (!v7s_example(cfg, &p3, &info))
		return;
	if (!v7s_example(cfg, &p4, &info))
		return;
	assert_int_equal(info.ttbr, 0x8000406a);
	assert_int_equal(info.ttbcr, 0);
}

/* The same attributes in all four leaves, whose layouts differ. */
static void test_v7s_layouts(void **state)
{
	static const struct example small = {
		"4 KiB RO, privileged, not cacheable, no execute",
		0x12345000,
		0x89abc000,
		0x1000,
		IOMMU_READ | IOMMU_NOEXEC | IOMMU_PRIV,
		{ { 0x80004000, 291, 1, 0x80008001, 0 },
		  { 0x80008000, 69, 1, 0x89abce53, 0 } }
	};
	static const struct example large = {
		"64 KiB the same",
		0x12350000,
		0x456d0000,
		0x10000,
		IOMMU_READ | IOMMU_NOEXEC | IOMMU_PRIV,
		{ { 0x80004000, 291, 1, 0x80008001, 0 },
		  { 0x80008000, 80, 16, 0x456d9e11, 0 } }
	};
	static const struct example section = {
		"1 MiB the same",
		0x40100000,
		0xfe000000,
		0x100000,
		IOMMU_READ | IOMMU_NOEXEC | IOMMU_PRIV,
		{ { 0x80004000, 1025, 1, 0xfe039412, 0 } }
	};
	static const struct example super = {
		"16 MiB the same",
		0xff000000,
		0xff000000,
		0x1000000,
		IOMMU_READ | IOMMU_NOEXEC | IOMMU_PRIV,
		{ { 0x80004000, 4080, 16, 0xff079412, 0 } }
	};
	struct pt_iommu_v7s_cfg cfg = {
		.common.hw_max_vasz_lg2 = 32,
		.common.hw_max_oasz_lg2 = 32,
	};
	struct pt_iommu_v7s_hw_info info;

	assert_true(v7s_example(cfg, &small, &info));
	assert_true(v7s_example(cfg, &large, &info));
	assert_true(v7s_example(cfg, &section, &info));
	assert_true(v7s_example(cfg, &super, &info));
}

static void test_dart(void **state)
{
	static const struct example d1 = {
		"D1 DART1 16 KiB RW",
		0x12344000,
		0x9abcd4000,
		0x4000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80004000, 9, 1, 0x0000000080008001, 0 },
		  { 0x80008000, 209, 1, 0x000fff09abcd4003, 0 } }
	};
	static const struct example d3 = {
		"D3 DART1 16 KiB RO",
		0x56788000,
		0x812344000,
		0x4000,
		IOMMU_READ | IOMMU_CACHE,
		{ { 0x80004000, 43, 1, 0x0000000080008001, 0 },
		  { 0x80008000, 482, 1, 0x000fff0812344083, 0 } }
	};
	struct pt_iommu_dart_cfg cfg = {
		.common.hw_max_vasz_lg2 = 32,
		.common.hw_max_oasz_lg2 = 36,
	};
	struct pt_iommu_dart_hw_info info;

	if (!dart_example(cfg, &d1, &info))
		return;
	if (!dart_example(cfg, &d3, &info))
		return;
	assert_int_equal(info.ttbr, 0x80080004);
}

static void test_dart2(void **state)
{
	static const struct example d2 = {
		"D2 DART2 16 KiB RO cached",
		0x12344000,
		0x109abcd4000,
		0x4000,
		IOMMU_READ | IOMMU_CACHE,
		{ { 0x80004000, 9, 1, 0x0000000008000801, 0 },
		  { 0x80008000, 209, 1, 0x000fff109abcd405, 0 } }
	};
	struct pt_iommu_dart2_cfg cfg = {
		.common.hw_max_vasz_lg2 = 32,
		.common.hw_max_oasz_lg2 = 42,
		.top_level = 1,
	};
	struct pt_iommu_dart2_hw_info info;

	if (!dart2_example(cfg, &d2, &info))
		return;
	assert_int_equal(info.ttbr_t8020, 0x80080004);
	assert_int_equal(info.ttbr_t8110, 0x80005);
	assert_int_equal(info.four_level, false);
}

/* Three tables, write only, not cached. */
static void test_dart2_wide(void **state)
{
	static const struct example ex = {
		"16 KiB -W not cached, three tables",
		0x7ffffffff000 & ~0x3fffULL,
		0x3ffffffc000,
		0x4000,
		IOMMU_WRITE,
		{ { 0x80004000, 2047, 1, 0x08000801, 0 },
		  { 0x80008000, 2047, 1, 0x08000c01, 0 },
		  { 0x8000c000, 2047, 1, 0x000fff3ffffffc0b, 0 } }
	};
	struct pt_iommu_dart2_cfg cfg = {
		.common.hw_max_vasz_lg2 = 47,
		.common.hw_max_oasz_lg2 = 42,
		.top_level = 2,
	};
	struct pt_iommu_dart2_hw_info info;

	if (!dart2_example(cfg, &ex, &info))
		return;
	assert_true(info.four_level);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ept),
		cmocka_unit_test(test_ept_wt),
		cmocka_unit_test(test_ept_bits),
		cmocka_unit_test(test_v7s),
		cmocka_unit_test(test_v7s_layouts),
		cmocka_unit_test(test_dart),
		cmocka_unit_test(test_dart2),
		cmocka_unit_test(test_dart2_wide),
	};

	return cmocka_run_group_tests_name("worked examples of the rest", tests,
					   NULL, NULL);
}
