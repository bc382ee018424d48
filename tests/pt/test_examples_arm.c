/* SPDX-License-Identifier: MIT */
/*
 * Worked examples of Arm's long descriptors.
 */
#include "example.h"

EXAMPLE_FMT(armv8_s1_4k, 8)
EXAMPLE_FMT(armv8_s1_16k, 8)
EXAMPLE_FMT(armv8_s1_64k, 8)
EXAMPLE_FMT(armv8_s2_4k, 8)
EXAMPLE_FMT(lpae_s1, 8)
EXAMPLE_FMT(lpae_s2, 8)

static void test_s1_4k(void **state)
{
	static const struct example ex = {
		"S1a 4 KiB RW cached, 4K granule, T0SZ=16",
		0x7f1234567000,
		0x89abcd000,
		0x1000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80001000, 254, 1, 0x0000000080002003, 0 },
		  { 0x80002000, 72, 1, 0x0000000080003003, 0 },
		  { 0x80003000, 418, 1, 0x0000000080004003, 0 },
		  { 0x80004000, 359, 1, 0x000000089abcdf47, 0 } }
	};
	struct pt_iommu_armv8_s1_4k_cfg cfg = {
		.common.hw_max_vasz_lg2 = 48,
		.common.hw_max_oasz_lg2 = 48,
	};
	struct pt_iommu_armv8_s1_4k_hw_info info;

	if (!armv8_s1_4k_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.ttb, 0x80001000);
	assert_int_equal(info.mair, 0xf404ff44);
	assert_int_equal(info.tsz, 16);
	assert_int_equal(info.tg, 0);
	assert_int_equal(info.ips, 5);
	assert_int_equal(info.irgn, 1);
	assert_int_equal(info.orgn, 1);
	assert_int_equal(info.sh, 3);
	assert_int_equal(info.ds, false);
	assert_int_equal(info.upper, false);
}

static void test_s1_2m(void **state)
{
	static const struct example ex = {
		"S1b 2 MiB RO no-exec, 4K granule, T0SZ=25 (39-bit)",
		0x2b12200000,
		0x1122200000,
		0x200000,
		IOMMU_READ | IOMMU_CACHE | IOMMU_NOEXEC,
		{ { 0x80001000, 172, 1, 0x0000000080002003, 0 },
		  { 0x80002000, 145, 1, 0x0060001122200fc5, 0 } }
	};
	struct pt_iommu_armv8_s1_4k_cfg cfg = {
		.common.hw_max_vasz_lg2 = 39,
		.common.hw_max_oasz_lg2 = 40,
	};
	struct pt_iommu_armv8_s1_4k_hw_info info;

	if (!armv8_s1_4k_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.tsz, 25);
	assert_int_equal(info.ips, 2);
}

static void test_s1_contig(void **state)
{
	static const struct example ex = {
		"S1c 64 KiB RW contiguous hint (16 entries), 4K, T0SZ=16",
		0x5a5a5a5a0000,
		0x3c4d50000,
		0x10000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80001000, 180, 1, 0x0000000080002003, 0 },
		  { 0x80002000, 361, 1, 0x0000000080003003, 0 },
		  { 0x80003000, 210, 1, 0x0000000080004003, 0 },
		  { 0x80004000, 416, 16, 0x00100003c4d50f47, 0x1000 } }
	};
	struct pt_iommu_armv8_s1_4k_cfg cfg = {
		.common.hw_max_vasz_lg2 = 48,
		.common.hw_max_oasz_lg2 = 48,
	};
	struct pt_iommu_armv8_s1_4k_hw_info info;

	if (!armv8_s1_4k_example(cfg, &ex, &info))
		return;
}

static void test_s1_clean(void **state)
{
	static const struct example ex = {
		"S1d 32 MiB RW writable-clean (DBM=1, AP[2]=1), 16K granule, "
		"T0SZ=17",
		0x123456000000,
		0x2a6000000,
		0x2000000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80004000, 291, 1, 0x0000000080008003, 0 },
		  { 0x80008000, 555, 1, 0x00080002a6000fc5, 0 } }
	};
	struct pt_iommu_armv8_s1_16k_cfg cfg = {
		.common.features = BIT(PT_FEAT_ARMV8_DBM),
		.common.hw_max_vasz_lg2 = 47,
		.common.hw_max_oasz_lg2 = 48,
	};
	struct pt_iommu_armv8_s1_16k_hw_info info;

	if (!armv8_s1_16k_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.tsz, 17);
	assert_int_equal(info.tg, 2);
}

static void test_s1_64k(void **state)
{
	static const struct example ex = {
		"S1e 64 KiB RW, 64K granule, T0SZ=16, 52-bit OA",
		0x7f1234560000,
		0xa123489ab0000,
		0x10000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80010000, 31, 1, 0x0000000080020003, 0 },
		  { 0x80020000, 6289, 1, 0x0000000080030003, 0 },
		  { 0x80030000, 5206, 1, 0x0000123489abaf47, 0 } }
	};
	struct pt_iommu_armv8_s1_64k_cfg cfg = {
		.common.hw_max_vasz_lg2 = 48,
		.common.hw_max_oasz_lg2 = 52,
	};
	struct pt_iommu_armv8_s1_64k_hw_info info;

	if (!armv8_s1_64k_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.ttb, 0x80010000);
	assert_int_equal(info.tg, 1);
	assert_int_equal(info.ips, 6);
	assert_int_equal(info.ds, false);
}

static void test_s1_lpa2(void **state)
{
	static const struct example ex = {
		"S1f 4 KiB RW, 4K granule LPA2 (DS=1), T0SZ=12",
		0x9876543215000,
		0xedcba98765000,
		0x1000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80001000, 9, 1, 0x0000000080002003, 0 },
		  { 0x80002000, 270, 1, 0x0000000080003003, 0 },
		  { 0x80003000, 405, 1, 0x0000000080004003, 0 },
		  { 0x80004000, 25, 1, 0x0000000080005003, 0 },
		  { 0x80005000, 21, 1, 0x0002dcba98765f47, 0 } }
	};
	struct pt_iommu_armv8_s1_4k_cfg cfg = {
		.common.features = BIT(PT_FEAT_ARMV8_LPA2),
		.common.hw_max_vasz_lg2 = 52,
		.common.hw_max_oasz_lg2 = 52,
	};
	struct pt_iommu_armv8_s1_4k_hw_info info;

	if (!armv8_s1_4k_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.tsz, 12);
	assert_int_equal(info.ips, 6);
	assert_int_equal(info.ds, true);
}

static void test_s2_concatenated(void **state)
{
	static const struct example ex = {
		"S2a 4 KiB RW WB, 4K granule, 40-bit IPA, SL0=1, 2 "
		"concatenated vendor-level-1 tables",
		0xa512345000,
		0x89abcd000,
		0x1000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80002000, 660, 1, 0x0000000080004003, 0 },
		  { 0x80004000, 145, 1, 0x0000000080005003, 0 },
		  { 0x80005000, 325, 1, 0x000000089abcd7ff, 0 } }
	};
	struct pt_iommu_armv8_s2_4k_cfg cfg = {
		.common.hw_max_vasz_lg2 = 40,
		.common.hw_max_oasz_lg2 = 40,
	};
	struct pt_iommu_armv8_s2_4k_hw_info info;

	if (!armv8_s2_4k_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.vttb, 0x80002000);
	assert_int_equal(info.t0sz, 24);
	assert_int_equal(info.sl0, 1);
	assert_int_equal(info.tg, 0);
	assert_int_equal(info.ps, 2);
	assert_int_equal(info.irgn, 1);
	assert_int_equal(info.orgn, 1);
	assert_int_equal(info.sh, 3);
	assert_int_equal(info.ds, false);
	assert_int_equal(info.fwb, false);
}

static void test_s2_device(void **state)
{
	static const struct example ex = {
		"S2b 2 MiB RO Device-nGnRE exec-never, 4K granule, 48-bit IPA, "
		"SL0=2",
		0x123456600000,
		0xfe200000,
		0x200000,
		IOMMU_READ | IOMMU_MMIO | IOMMU_NOEXEC,
		{ { 0x80001000, 36, 1, 0x0000000080002003, 0 },
		  { 0x80002000, 209, 1, 0x0000000080003003, 0 },
		  { 0x80003000, 179, 1, 0x00400000fe200645, 0 } }
	};
	struct pt_iommu_armv8_s2_4k_cfg cfg = {
		.common.hw_max_vasz_lg2 = 48,
		.common.hw_max_oasz_lg2 = 48,
	};
	struct pt_iommu_armv8_s2_4k_hw_info info;

	if (!armv8_s2_4k_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.t0sz, 16);
	assert_int_equal(info.sl0, 2);
}

static void test_lpae_s1_2m(void **state)
{
	static const struct example ex = {
		"LP1 LPAE32 S1 2 MiB RW, T0SZ=0 (32-bit)",
		0xc5600000,
		0x9987600000,
		0x200000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80001000, 3, 1, 0x0000000080002003, 0 },
		  { 0x80002000, 43, 1, 0x0000009987600f45, 0 } }
	};
	struct pt_iommu_lpae_s1_cfg cfg = {
		.common.hw_max_vasz_lg2 = 32,
		.common.hw_max_oasz_lg2 = 40,
	};
	struct pt_iommu_lpae_s1_hw_info info;

	if (!lpae_s1_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.ttb, 0x80001000);
	assert_int_equal(info.tsz, 0);
}

static void test_lpae_s1_4k(void **state)
{
	static const struct example ex = {
		"LP2 LPAE32 S1 4 KiB RO no-exec, T0SZ=0",
		0xc5678000,
		0x7012345000,
		0x1000,
		IOMMU_READ | IOMMU_CACHE | IOMMU_NOEXEC,
		{ { 0x80001000, 3, 1, 0x0000000080002003, 0 },
		  { 0x80002000, 43, 1, 0x0000000080003003, 0 },
		  { 0x80003000, 120, 1, 0x0060007012345fc7, 0 } }
	};
	struct pt_iommu_lpae_s1_cfg cfg = {
		.common.hw_max_vasz_lg2 = 32,
		.common.hw_max_oasz_lg2 = 40,
	};
	struct pt_iommu_lpae_s1_hw_info info;

	if (!lpae_s1_example(cfg, &ex, &info))
		return;
}

static void test_lpae_s2(void **state)
{
	static const struct example ex = {
		"LP3 LPAE32 S2 4 KiB RW WB, 40-bit IPA, 2 concatenated "
		"vendor-level-1 tables",
		0x9912345000,
		0x7012345000,
		0x1000,
		EXAMPLE_RW | IOMMU_CACHE,
		{ { 0x80002000, 612, 1, 0x0000000080004003, 0 },
		  { 0x80004000, 145, 1, 0x0000000080005003, 0 },
		  { 0x80005000, 325, 1, 0x00000070123457ff, 0 } }
	};
	struct pt_iommu_lpae_s2_cfg cfg = {
		.common.hw_max_vasz_lg2 = 40,
		.common.hw_max_oasz_lg2 = 40,
	};
	struct pt_iommu_lpae_s2_hw_info info;

	if (!lpae_s2_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.vttb, 0x80002000);
	assert_int_equal(info.t0sz, 0x18);
	assert_int_equal(info.sl0, 1);
}

/* The end of the address space, by a top table of its own. */
static void test_upper(void **state)
{
	static const struct example ex = {
		"2 MiB RW at the very end, TTBR1, T1SZ=25",
		0xffffffffffe00000,
		0x1122200000,
		0x200000,
		EXAMPLE_RW | IOMMU_PRIV,
		{ { 0x80001000, 511, 1, 0x0000000080002003, 0 },
		  { 0x80002000, 511, 1, 0x0040001122200e01, 0 } }
	};
	struct pt_iommu_armv8_s1_4k_cfg cfg = {
		.common.features = BIT(PT_FEAT_UPPER_RANGE),
		.common.hw_max_vasz_lg2 = 39,
		.common.hw_max_oasz_lg2 = 40,
	};
	struct pt_iommu_armv8_s1_4k_hw_info info;

	if (!armv8_s1_4k_example(cfg, &ex, &info))
		return;
	assert_int_equal(info.tsz, 25);
	assert_int_equal(info.tg, 2);
	assert_true(info.upper);
}

/* An address field in two parts does not carry from one to the other. */
static void test_carry(void **state)
{
	static const struct example wide = {
		"4 pages of 64 KiB over 2^48",
		0x10000,
		0xfffffffe0000,
		0x40000,
		IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE,
		{ { 0x80010000, 0, 1, 0x0000000080020003, 0 },
		  { 0x80020000, 0, 1, 0x0000000080030003, 0 },
		  { 0x80030000, 1, 4, 0, 0 } }
	};
	static const uint64_t want[] = { 0x0000fffffffe0f47, 0x0000ffffffff0f47,
					 0x0000000000001f47,
					 0x0000000000011f47 };
	static const struct iommu_domain_ops ops = {
		IOMMU_PT_DOMAIN_OPS(armv8_s1_64k),
	};
	struct pt_iommu_armv8_s1_64k table = { .iommu.domain.ops = &ops };
	struct example_memory mem;
	struct pt_iommu_armv8_s1_64k_cfg cfg = {
		.common.runtime = example_begin(&mem, &wide),
		.common.hw_max_vasz_lg2 = 48,
		.common.hw_max_oasz_lg2 = 52,
	};
	size_t mapped = 0;
	unsigned int i;

	if (sizeof(dma_addr_t) == 4)
		return;
	assert_int_equal(pt_iommu_armv8_s1_64k_init(&table, &cfg, GFP_KERNEL),
			 0);
	assert_int_equal(pt_iommu_armv8_s1_64k_map_range(
				 &table.iommu.domain, (dma_addr_t)wide.va,
				 wide.oa, (dma_addr_t)wide.len, wide.prot,
				 GFP_KERNEL, &mapped),
			 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(example_item(0x80030000, 1 + i, 8), want[i]);
	pt_iommu_armv8_s1_64k_deinit(&table);
}

/* Every width: where it starts, and how many tables stand side by side. */
struct start {
	unsigned int vasz_lg2;
	unsigned int features;
	unsigned int t0sz;
	unsigned int sl0;
	unsigned int top_bytes_lg2;
};

static void *start_alloc(const struct pt_runtime *rt, unsigned int size_lg2,
			 gfp_t gfp)
{
	*(unsigned int *)rt->arg = size_lg2;
	return example_bytes;
}

static void start_free(const struct pt_runtime *rt, void *table,
		       unsigned int size_lg2)
{
}

#define CHECK_STARTS(fmt, starts)                                             \
	static void test_starts_##fmt(void **state)                           \
	{                                                                     \
		unsigned int size_lg2;                                        \
		const struct pt_runtime runtime = {                           \
			.alloc = start_alloc,                                 \
			.free = start_free,                                   \
			.pa_offset = EXAMPLE_BASE - (uintptr_t)example_bytes, \
			.arg = &size_lg2,                                     \
		};                                                            \
		struct pt_iommu_##fmt table = { .iommu.driver_ops = NULL };   \
		struct pt_iommu_##fmt##_hw_info info;                         \
		size_t i;                                                     \
                                                                              \
		for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {    \
			const struct start *want = &starts[i];                \
			const struct pt_iommu_##fmt##_cfg cfg = {             \
				.common.runtime = &runtime,                   \
				.common.features = want->features,            \
				.common.hw_max_vasz_lg2 =                     \
					(uint8_t)want->vasz_lg2,              \
				.common.hw_max_oasz_lg2 = 40,                 \
			};                                                    \
			int ret = pt_iommu_##fmt##_init(&table, &cfg,         \
							GFP_KERNEL);          \
                                                                              \
			if (sizeof(dma_addr_t) == 4 && want->vasz_lg2 > 32)   \
				continue;                                     \
			assert_int_equal(ret, 0);                             \
			pt_iommu_##fmt##_hw_info(&table, &info);              \
			assert_int_equal(info.t0sz, want->t0sz);              \
			assert_int_equal(info.sl0, want->sl0);                \
			assert_int_equal(size_lg2, want->top_bytes_lg2);      \
			pt_iommu_##fmt##_deinit(&table);                      \
		}                                                             \
	}

#define DS BIT(PT_FEAT_ARMV8_LPA2)

static const struct start starts_4k[] = {
	{ 48, 0, 16, 2, 12 },  { 44, 0, 20, 2, 8 },  { 43, 0, 21, 1, 16 },
	{ 42, 0, 22, 1, 15 },  { 41, 0, 23, 1, 14 }, { 40, 0, 24, 1, 13 },
	{ 39, 0, 25, 1, 12 },  { 35, 0, 29, 1, 8 },  { 34, 0, 30, 0, 16 },
	{ 31, 0, 33, 0, 13 },  { 30, 0, 34, 0, 12 }, { 25, 0, 39, 0, 7 },
	{ 52, DS, 12, 2, 16 }, { 49, DS, 15, 2, 13 }
};
CHECK_STARTS(armv8_s2_4k, starts_4k)

static const struct start starts_16k[] = {
	{ 48, 0, 16, 2, 15 }, { 47, 0, 17, 2, 14 },  { 41, 0, 23, 2, 8 },
	{ 40, 0, 24, 1, 18 }, { 37, 0, 27, 1, 15 },  { 36, 0, 28, 1, 14 },
	{ 29, 0, 35, 0, 18 }, { 26, 0, 38, 0, 15 },  { 25, 0, 39, 0, 14 },
	{ 52, DS, 12, 3, 8 }, { 51, DS, 13, 2, 18 }, { 49, DS, 15, 2, 16 },
};
CHECK_STARTS(armv8_s2_16k, starts_16k)

static const struct start starts_64k[] = {
	{ 52, 0, 12, 2, 13 }, { 48, 0, 16, 2, 9 },  { 47, 0, 17, 2, 8 },
	{ 46, 0, 18, 1, 20 }, { 43, 0, 21, 1, 17 }, { 42, 0, 22, 1, 16 },
	{ 33, 0, 31, 0, 20 }, { 30, 0, 34, 0, 17 }, { 29, 0, 35, 0, 16 },
	{ 25, 0, 39, 0, 12 },
};
CHECK_STARTS(armv8_s2_64k, starts_64k)

static const struct start starts_lpae[] = {
	{ 40, 0, 0x18, 1, 13 }, { 39, 0, 0x19, 1, 12 }, { 35, 0, 0x1d, 1, 8 },
	{ 34, 0, 0x1e, 0, 16 }, { 32, 0, 0, 0, 14 },    { 30, 0, 2, 0, 12 },
	{ 25, 0, 7, 0, 7 },
};
CHECK_STARTS(lpae_s2, starts_lpae)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s1_4k),
		cmocka_unit_test(test_s1_2m),
		cmocka_unit_test(test_s1_contig),
		cmocka_unit_test(test_s1_clean),
		cmocka_unit_test(test_s1_64k),
		cmocka_unit_test(test_s1_lpa2),
		cmocka_unit_test(test_s2_concatenated),
		cmocka_unit_test(test_s2_device),
		cmocka_unit_test(test_lpae_s1_2m),
		cmocka_unit_test(test_lpae_s1_4k),
		cmocka_unit_test(test_lpae_s2),
		cmocka_unit_test(test_upper),
		cmocka_unit_test(test_carry),
		cmocka_unit_test(test_starts_armv8_s2_4k),
		cmocka_unit_test(test_starts_armv8_s2_16k),
		cmocka_unit_test(test_starts_armv8_s2_64k),
		cmocka_unit_test(test_starts_lpae_s2),
	};

	return cmocka_run_group_tests_name("worked examples of Arm", tests,
					   NULL, NULL);
}
