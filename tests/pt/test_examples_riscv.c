/* SPDX-License-Identifier: MIT */
/*
 * Worked examples of the RISC-V formats.
 */
#include "example.h"

EXAMPLE_FMT(riscv64, 8)
EXAMPLE_FMT(riscv64_x4, 8)
EXAMPLE_FMT(riscv32, 4)
EXAMPLE_FMT(riscv32_x4, 4)

#define NOEXEC IOMMU_NOEXEC

static void test_sv39(void **state)
{
	static const struct example r1 = {
		"R1: 4 KiB RW, Sv39",
		0x2b12345000,
		0x81abc000,
		0x1000,
		EXAMPLE_RW | NOEXEC,
		{ { 0x80001000, 172, 1, 0x0000000020000801, 0 },
		  { 0x80002000, 145, 1, 0x0000000020000c01, 0 },
		  { 0x80003000, 325, 1, 0x00000000206af0d7, 0 } }
	};
	struct pt_iommu_riscv64_cfg cfg = {
		.common.features = BIT(PT_FEAT_SIGN_EXTEND),
		.common.hw_max_vasz_lg2 = 39,
		.common.hw_max_oasz_lg2 = 56,
		.top_level = 2,
	};
	struct pt_iommu_riscv64_hw_info info;

	if (!riscv64_example(cfg, &r1, &info))
		return;
	assert_int_equal(info.ppn, 0x80001);
	assert_int_equal(info.mode, 8);
}

static void test_sv48_napot(void **state)
{
	static const struct example r2 = {
		"R2: 64 KiB RO, 16 copies, Sv48",
		0x5a5a5a5a0000,
		0x3c4d50000,
		0x10000,
		IOMMU_READ | NOEXEC,
		{ { 0x80001000, 180, 1, 0x0000000020000801, 0 },
		  { 0x80002000, 361, 1, 0x0000000020000c01, 0 },
		  { 0x80003000, 210, 1, 0x0000000020001001, 0 },
		  { 0x80004000, 416, 16, 0x80000000f1356053, 0 } }
	};
	struct pt_iommu_riscv64_cfg cfg = {
		.common.features = BIT(PT_FEAT_SIGN_EXTEND) |
				   BIT(PT_FEAT_RISCV_SVNAPOT_64K),
		.common.hw_max_vasz_lg2 = 48,
		.common.hw_max_oasz_lg2 = 56,
		.top_level = 3,
	};
	struct pt_iommu_riscv64_hw_info info;

	if (!riscv64_example(cfg, &r2, &info))
		return;
	assert_int_equal(info.mode, 9);
}

static void test_sv57_io(void **state)
{
	static const struct example r3 = {
		"R3: 2 MiB RW IO, Sv57",
		0xa1b2c3d4e00000,
		0x40000000,
		0x200000,
		EXAMPLE_RW | IOMMU_MMIO | NOEXEC,
		{ { 0x80001000, 161, 1, 0x0000000020000801, 0 },
		  { 0x80002000, 357, 1, 0x0000000020000c01, 0 },
		  { 0x80003000, 271, 1, 0x0000000020001001, 0 },
		  { 0x80004000, 167, 1, 0x40000000100000d7, 0 } }
	};
	struct pt_iommu_riscv64_cfg cfg = {
		.common.features = BIT(PT_FEAT_SIGN_EXTEND) |
				   BIT(PT_FEAT_RISCV_SVPBMT),
		.common.hw_max_vasz_lg2 = 57,
		.common.hw_max_oasz_lg2 = 56,
		.top_level = 4,
	};
	struct pt_iommu_riscv64_hw_info info;

	if (!riscv64_example(cfg, &r3, &info))
		return;
	assert_int_equal(info.mode, 10);
}

/* Not cacheable RAM, and a privileged mapping that hardware makes dirty. */
static void test_attributes(void **state)
{
	static const struct example nc = {
		"4 KiB RO NC, 512 GiB RW priv",
		0x1000,
		0x2000,
		0x1000,
		IOMMU_READ,
		{ { 0x80001000, 0, 1, 0x20000801, 0 },
		  { 0x80002000, 0, 1, 0x20000c01, 0 },
		  { 0x80003000, 1, 1, 0x200000000000085b, 0 } }
	};
	static const struct example priv = {
		"1 GiB RW priv, Sv39, hardware A/D",
		0xffffffc000000000,
		0x80000000000000,
		0x40000000,
		EXAMPLE_RW | IOMMU_PRIV | IOMMU_CACHE,
		{ { 0x80001000, 256, 1, 0x002000000000004f, 0 } }
	};
	struct pt_iommu_riscv64_cfg cfg = {
		.common.features = BIT(PT_FEAT_SIGN_EXTEND) |
				   BIT(PT_FEAT_RISCV_HW_AD) |
				   BIT(PT_FEAT_RISCV_SVPBMT),
		.common.hw_max_vasz_lg2 = 39,
		.common.hw_max_oasz_lg2 = 56,
		.top_level = 2,
	};
	struct pt_iommu_riscv64_hw_info info;

	riscv64_example(cfg, &nc, &info);
	riscv64_example(cfg, &priv, &info);
}

static void test_sv39x4(void **state)
{
	static const struct example r4 = { "R4: 1 GiB RWX, Sv39x4",
					   0x1c9c0000000,
					   0x240000000,
					   0x40000000,
					   EXAMPLE_RW,
					   { { 0x80004000, 1831, 1,
					       0x00000000900000df, 0 } } };
	struct pt_iommu_riscv64_x4_cfg cfg = {
		.common.hw_max_vasz_lg2 = 41,
		.common.hw_max_oasz_lg2 = 56,
		.top_level = 2,
	};
	struct pt_iommu_riscv64_x4_hw_info info;

	if (!riscv64_x4_example(cfg, &r4, &info))
		return;
	assert_int_equal(info.ppn, 0x80004);
	assert_int_equal(info.mode, 8);
}

static void test_sv32(void **state)
{
	static const struct example r5 = {
		"R5: 4 KiB RW, Sv32",
		0x89abc000,
		0x312345000,
		0x1000,
		EXAMPLE_RW | NOEXEC,
		{ { 0x80001000, 550, 1, 0x20000801, 0 },
		  { 0x80002000, 700, 1, 0xc48d14d7, 0 } }
	};
	static const struct example r6 = {
		"R6: 4 MiB RO, Sv32", 0x40c00000,
		0x240400000,          0x400000,
		IOMMU_READ | NOEXEC,  { { 0x80001000, 259, 1, 0x90100053, 0 } }
	};
	struct pt_iommu_riscv32_cfg cfg = {
		.common.hw_max_vasz_lg2 = 32,
		.common.hw_max_oasz_lg2 = 34,
	};
	struct pt_iommu_riscv32_hw_info info;

	riscv32_example(cfg, &r5, &info);
	if (!riscv32_example(cfg, &r6, &info))
		return;
	assert_int_equal(info.ppn, 0x80001);
	assert_int_equal(info.mode, 8);
}

static void test_sv32x4(void **state)
{
	static const struct example ex = {
		"4 MiB RWX in the third quarter of 34 bits, Sv32x4",
		0x240400000,
		0x3ffc00000,
		0x400000,
		EXAMPLE_RW | IOMMU_PRIV,
		{ { 0x80004000, 0x901, 1, 0xfff000df, 0 } }
	};
	struct pt_iommu_riscv32_x4_cfg cfg = {
		.common.hw_max_vasz_lg2 = 34,
		.common.hw_max_oasz_lg2 = 34,
	};
	struct pt_iommu_riscv32_x4_hw_info info;

	if (!riscv32_x4_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.ppn, 0x80004);
	assert_int_equal(info.mode, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sv39),
		cmocka_unit_test(test_sv48_napot),
		cmocka_unit_test(test_sv57_io),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_sv39x4),
		cmocka_unit_test(test_sv32),
		cmocka_unit_test(test_sv32x4),
	};

	return cmocka_run_group_tests_name("worked examples of RISC-V", tests,
					   NULL, NULL);
}
