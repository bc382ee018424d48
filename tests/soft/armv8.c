/* SPDX-License-Identifier: MIT */
/* Arm's own rules: where walks start, 52 bits, runs, AF and dirty state, XN. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "examples.h"
#include "one.h"
#include "rig.h"

#define TOP UINT64_C(0x80000000)

/* Bits of a descriptor. */
#define PAGE  UINT64_C(3)
#define BLOCK UINT64_C(1)
#define TABLE UINT64_C(3)
#define AP1   (UINT64_C(1) << 6)
#define AP2   (UINT64_C(1) << 7)
#define AF    (UINT64_C(1) << 10)
#define NT    (UINT64_C(1) << 16)
#define DBM   (UINT64_C(1) << 51)
#define CONT  (UINT64_C(1) << 52)
#define PXN   (UINT64_C(1) << 53)
#define UXN   (UINT64_C(1) << 54)
#define S1_RW (PAGE | AF | AP1 | UXN)
#define S2_R  (UINT64_C(1) << 6)
#define S2_W  (UINT64_C(1) << 7)
#define S2_XN (UINT64_C(1) << 54)
#define S2_RW (PAGE | AF | S2_R | S2_W | S2_XN)

static struct soft_root root_of(const char *format, unsigned int levels,
				unsigned int va_bits, uint64_t features)
{
	return (struct soft_root){
		.format = soft_format_find(format),
		.pa = TOP,
		.levels = levels,
		.va_bits = va_bits,
		.features = features,
	};
}

/* ------------------------------------------------ where the walk starts */

/**
 * struct start - one row of the tables of initial lookup levels
 * @levels: of a walk from that level
 * @narrow: least VA bits, 64 - the greatest TxSZ
 * @wide: most VA bits without 52-bit addresses
 * @wide52: most VA bits with them
 */
struct start {
	const char *format;
	unsigned int levels, narrow, wide, wide52;
};

static const struct start starts[] = {
	{ "armv8_s1_4k", 5, 49, 0, 52 },
	{ "armv8_s1_4k", 4, 40, 48, 48 },
	{ "armv8_s1_4k", 3, 31, 39, 39 },
	{ "armv8_s1_4k", 2, 22, 30, 30 },
	{ "armv8_s1_4k", 1, 16, 21, 21 },
	{ "armv8_s1_16k", 4, 48, 48, 52 },
	{ "armv8_s1_16k", 3, 37, 47, 47 },
	{ "armv8_s1_16k", 2, 26, 36, 36 },
	{ "armv8_s1_16k", 1, 16, 25, 25 },
	{ "armv8_s1_64k", 3, 43, 48, 52 },
	{ "armv8_s1_64k", 2, 30, 42, 42 },
	{ "armv8_s1_64k", 1, 17, 29, 29 },
	/* With up to 16 tables side by side. */
	{ "armv8_s2_4k", 5, 49, 0, 52 },
	{ "armv8_s2_4k", 4, 40, 48, 52 },
	{ "armv8_s2_4k", 3, 31, 43, 43 },
	{ "armv8_s2_4k", 2, 22, 34, 34 },
	{ "armv8_s2_16k", 4, 48, 0, 52 },
	{ "armv8_s2_16k", 3, 37, 48, 51 },
	{ "armv8_s2_16k", 2, 26, 40, 40 },
	{ "armv8_s2_16k", 1, 16, 29, 29 },
	{ "armv8_s2_64k", 3, 43, 48, 52 },
	{ "armv8_s2_64k", 2, 30, 46, 46 },
	{ "armv8_s2_64k", 1, 17, 33, 33 },
	{ "lpae_s1", 3, 31, 32, 0 },
	{ "lpae_s1", 2, 25, 30, 0 },
	{ "lpae_s2", 3, 31, 40, 0 },
	{ "lpae_s2", 2, 25, 34, 0 },
};

static void check_start(const struct start *s, uint64_t features,
			unsigned int wide)
{
	for (unsigned int bits = 1; bits < 64; bits++) {
		struct soft_root root =
			root_of(s->format, s->levels, bits, features);
		bool fits = bits >= s->narrow && bits <= wide;
		unsigned int hi, lo;

		if (fits != !soft_root_check(&root))
			fail_msg("%s, %u levels, %u bits", s->format, s->levels,
				 bits);
		if (!fits)
			continue;
		soft_level_bits(&root, s->levels - 1, &hi, &lo);
		assert_int_equal(hi, bits - 1);
		assert_true(soft_in_input(&root, soft_mask(bits)));
		assert_false(soft_in_input(&root, soft_mask(bits) + 1));
		assert_false(soft_in_input(&root, UINT64_MAX));
	}
}

static void test_starts(void **state)
{
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		check_start(&starts[i], 0, starts[i].wide);
		if (starts[i].wide52)
			check_start(&starts[i], SOFT_FEAT_52BIT,
				    starts[i].wide52);
	}
}

static void check_indices(const char *format, unsigned int level,
			  unsigned int hi, unsigned int lo)
{
	struct soft_root root = root_of(format, level + 2, 0, SOFT_FEAT_52BIT);
	unsigned int is_hi, is_lo;

	soft_level_bits(&root, level, &is_hi, &is_lo);
	assert_int_equal(is_hi, hi);
	assert_int_equal(is_lo, lo);
}

static void test_geometry(void **state)
{
	check_indices("armv8_s1_4k", 0, 20, 12);
	check_indices("armv8_s1_4k", 1, 29, 21);
	check_indices("armv8_s1_4k", 2, 38, 30);
	check_indices("armv8_s1_4k", 3, 47, 39);
	check_indices("armv8_s2_16k", 0, 24, 14);
	check_indices("armv8_s2_16k", 1, 35, 25);
	check_indices("armv8_s2_16k", 2, 46, 36);
	check_indices("armv8_s2_64k", 0, 28, 16);
	check_indices("armv8_s2_64k", 1, 41, 29);
}

/* Without a width it is what one full top table gives. */
static void check_default(const char *format, unsigned int levels,
			  uint64_t features, unsigned int bits)
{
	struct soft_root root = root_of(format, levels, 0, features);

	assert_null(soft_root_check(&root));
	assert_true(soft_in_input(&root, soft_mask(bits)));
	assert_false(soft_in_input(&root, soft_mask(bits) + 1));
}

static void test_default_widths(void **state)
{
	check_default("armv8_s1_4k", 4, 0, 48);
	check_default("armv8_s2_4k", 3, 0, 39);
	check_default("armv8_s1_4k", 5, SOFT_FEAT_52BIT, 52);
	check_default("armv8_s1_16k", 3, 0, 47);
	check_default("armv8_s1_16k", 4, 0, 48);
	check_default("armv8_s1_16k", 4, SOFT_FEAT_52BIT, 52);
	check_default("armv8_s1_64k", 3, 0, 48);
	check_default("armv8_s1_64k", 2, 0, 42);
	check_default("lpae_s1", 3, 0, 32);
	check_default("lpae_s1", 2, 0, 30);
	check_default("lpae_s2", 3, 0, 39);
}

/* A top table is aligned to its size, but to 64 bytes at least (LPAE: less). */
static void check_top(const char *format, unsigned int levels,
		      unsigned int bits, uint64_t align)
{
	struct soft_root root = root_of(format, levels, bits, 0);

	root.pa = TOP + align;
	assert_null(soft_root_check(&root));
	root.pa = TOP + align / 2;
	assert_non_null(strstr(soft_root_check(&root), "aligned"));
}

static void test_top_alignment(void **state)
{
	check_top("armv8_s1_4k", 4, 48, 4096);
	check_top("armv8_s1_4k", 4, 44, 256);
	check_top("armv8_s1_4k", 4, 40, 64); /* two entries */
	check_top("armv8_s1_64k", 3, 48, 512);
	check_top("armv8_s2_4k", 3, 40, 8192); /* two tables */
	check_top("armv8_s2_4k", 3, 43, 65536); /* sixteen */
	check_top("armv8_s2_16k", 2, 40, 262144);
	check_top("lpae_s1", 3, 32, 32);
	check_top("lpae_s1", 3, 31, 16);
	check_top("lpae_s2", 3, 40, 8192);
}

/* TTBR1: addresses whose upper bits are all ones, by a table of its own. */
static void test_upper_half(void **state)
{
	struct soft_root root = root_of("armv8_s1_4k", 3, 39, SOFT_FEAT_UPPER);
	struct soft_range range[2];
	struct soft_walk w;
	struct mem mem;

	assert_null(soft_root_check(&root));
	assert_int_equal(soft_input(&root, range), 1);
	assert_int_equal(range[0].va, UINT64_C(0xffffff8000000000));
	assert_int_equal(range[0].last, UINT64_MAX);
	mem_init(&mem);
	mem_put(&mem, TOP + 511 * 8, 0x80001000 | TABLE);
	mem_put(&mem, 0x80001000 + 511 * 8, 0x80002000 | TABLE);
	mem_put(&mem, 0x80002000 + 511 * 8, 0x5000 | S1_RW);
	soft_walk(&mem.bus, &root, UINT64_MAX, 0, &w);
	assert_int_equal(w.reason, SOFT_OK);
	assert_int_equal(w.oa, 0x5fff);
	assert_int_equal(w.step[2].va, UINT64_MAX - 0xfff);
	soft_walk(&mem.bus, &root, 0x7fffffffff, 0, &w);
	assert_int_equal(w.reason, SOFT_FAULT_RANGE);
	soft_walk(&mem.bus, &root, 0xffffff7fffffffff, 0, &w);
	assert_int_equal(w.reason, SOFT_FAULT_RANGE);
	mem_fini(&mem);
	root = root_of("armv8_s2_4k", 3, 39, SOFT_FEAT_UPPER);
	assert_non_null(strstr(soft_root_check(&root), "feature"));
}

/* ------------------------------------------------ addresses */

/* Where blocks are, with addresses of 48 and of 52 bits. */
static void check_blocks(const char *format, uint64_t features,
			 unsigned int levels, unsigned int highest)
{
	struct soft_root root = root_of(format, levels, 0, features);
	bool first = strstr(format, "s1") != NULL;
	uint64_t raw = (first ? S1_RW : S2_RW) & ~UINT64_C(2);

	assert_true(one_bad(&root, 0, 0, raw, "lowest level"));
	for (unsigned int level = 1; level < levels; level++) {
		unsigned int hi, lo;

		soft_level_bits(&root, level, &hi, &lo);
		if (level <= highest)
			assert_true(one_leaf(&root, level, 0,
					     raw | UINT64_C(1) << lo,
					     UINT64_C(1) << lo, lo, EX_RW));
		else
			assert_true(one_bad(&root, level, 0, raw, "no block"));
		if (level <= highest && lo - 1 != 16)
			assert_true(one_bad(&root, level, 0,
					    raw | UINT64_C(1) << (lo - 1),
					    "aligned"));
	}
}

static void test_blocks(void **state)
{
	static const char *const stage[] = { "1", "2" };
	char name[32];

	for (unsigned int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "armv8_s%s_4k", stage[i]);
		check_blocks(name, 0, 4, 2);
		check_blocks(name, SOFT_FEAT_52BIT, 5, 3);
		snprintf(name, sizeof(name), "armv8_s%s_16k", stage[i]);
		check_blocks(name, 0, 3, 1);
		check_blocks(name, SOFT_FEAT_52BIT, 4, 2);
		snprintf(name, sizeof(name), "armv8_s%s_64k", stage[i]);
		check_blocks(name, 0, 3, 1);
		check_blocks(name, SOFT_FEAT_52BIT, 3, 2);
		snprintf(name, sizeof(name), "lpae_s%s", stage[i]);
		check_blocks(name, 0, 3, 2);
	}
}

/* Each bit of an address of 52 bits, from where it stands. */
static void check_52_bits(const char *format, unsigned int granule_lg2)
{
	struct soft_root root = root_of(format, 3, 0, SOFT_FEAT_52BIT);
	uint64_t leaf = strstr(format, "s1") ? S1_RW : S2_RW;

	for (unsigned int bit = granule_lg2; bit < 52; bit++) {
		unsigned int at = bit;
		uint64_t oa = UINT64_C(1) << bit;

		if (granule_lg2 == 16 && bit >= 48)
			at = bit - 48 + 12;
		else if (bit >= 50)
			at = bit - 50 + 8;
		assert_true(one_leaf(&root, 0, 0, leaf | UINT64_C(1) << at, oa,
				     granule_lg2, EX_RW));
		assert_true(one_table(&root, 1, TABLE | UINT64_C(1) << at, oa,
				      EX_RWX));
	}
	/* Without the feature the upper bits are reserved, or SH and ignored. */
	root.features = 0;
	for (unsigned int bit = 48; bit < 50; bit++)
		assert_true(one_bad(&root, 0, 0, leaf | UINT64_C(1) << bit,
				    "reserved"));
	if (granule_lg2 > 12) {
		assert_true(one_bad(&root, 0, 0, leaf | 1 << 13, "reserved"));
		assert_true(one_bad(&root, 1, 0, TABLE | 1 << 12, "reserved"));
	}
	assert_true(
		one_leaf(&root, 0, 0, leaf | 3 << 8, 0, granule_lg2, EX_RW));
	assert_true(one_table(&root, 1, TABLE | 3 << 8, 0, EX_RWX));
	assert_int_equal(one_field(&root, 0, leaf | 2 << 8, "SH"), 2);
}

static void test_52_bits(void **state)
{
	check_52_bits("armv8_s1_4k", 12);
	check_52_bits("armv8_s1_16k", 14);
	check_52_bits("armv8_s1_64k", 16);
	check_52_bits("armv8_s2_4k", 12);
	check_52_bits("armv8_s2_16k", 14);
	check_52_bits("armv8_s2_64k", 16);
}

static void test_output_width(void **state)
{
	struct soft_root root = root_of("armv8_s1_64k", 3, 0, SOFT_FEAT_52BIT);

	/* OA[51:48] stand in bits 15:12 whatever the width; IPS forbids them. */
	root.oa_bits = 48;
	assert_true(one_bad(&root, 0, 0, S1_RW | 1 << 12, "output width"));
	assert_true(one_bad(&root, 1, 0, TABLE | 1 << 12, "output width"));
	root.pa = UINT64_C(1) << 48;
	assert_non_null(strstr(soft_root_check(&root), "output width"));
	root.oa_bits = 52;
	assert_null(soft_root_check(&root));
	root.features = 0; /* 48 is the most */
	assert_non_null(strstr(soft_root_check(&root), "output width"));
	root = root_of("armv8_s2_4k", 3, 0, 0);
	root.oa_bits = 40;
	assert_true(one_leaf(&root, 0, 0, S2_RW | UINT64_C(1) << 39,
			     UINT64_C(1) << 39, 12, EX_RW));
	assert_true(one_bad(&root, 0, 0, S2_RW | UINT64_C(1) << 40,
			    "output width"));
}

/* nT is a bit of blocks where BBM level 1 is; else it must be zero. */
static void check_nt(const char *format, unsigned int block_lg2)
{
	struct soft_root root = root_of(format, 3, 0, SOFT_FEAT_NT);
	uint64_t raw = (S1_RW & ~UINT64_C(2)) | NT;

	assert_true(one_leaf(&root, 1, 0, raw, 0, block_lg2, EX_RW));
	assert_int_equal(one_field(&root, 1, raw, "nT"), 1);
	root.features = 0;
	assert_int_equal(one_decode(&root, 1, 0, raw).kind, SOFT_BAD);
}

static void test_nt(void **state)
{
	check_nt("armv8_s1_4k", 21);
	check_nt("armv8_s1_16k", 25);
	check_nt("armv8_s1_64k", 29);
}

/* ------------------------------------------------ permissions */

static unsigned int s1_prot(uint64_t features, uint64_t raw)
{
	struct soft_root root = root_of("armv8_s1_4k", 3, 0, features);
	struct soft_entry entry = one_decode(&root, 0, 0, PAGE | AF | raw);

	assert_int_equal(entry.kind, SOFT_LEAF);
	return entry.prot;
}

static void test_s1_permissions(void **state)
{
	const uint64_t el1 = SOFT_FEAT_SUPERVISOR;

	/* AP[2:1]: 00, 01, 10, 11 for EL0. */
	assert_int_equal(s1_prot(0, UXN), 0);
	assert_int_equal(s1_prot(0, UXN | AP1), EX_RW);
	assert_int_equal(s1_prot(0, UXN | AP2), 0);
	assert_int_equal(s1_prot(0, UXN | AP2 | AP1), EX_R);
	/* And for EL1. */
	assert_int_equal(s1_prot(el1, PXN), EX_RW);
	assert_int_equal(s1_prot(el1, PXN | AP1), EX_RW);
	assert_int_equal(s1_prot(el1, PXN | AP2), EX_R);
	assert_int_equal(s1_prot(el1, PXN | AP2 | AP1), EX_R);
	/* Each has an execute-never bit of its own. */
	assert_int_equal(s1_prot(0, PXN | AP1), EX_RWX);
	assert_int_equal(s1_prot(el1, UXN), EX_RWX);
	assert_int_equal(s1_prot(0, 0), SOFT_EXEC);
	/* EL1 does not execute what EL0 can write. */
	assert_int_equal(s1_prot(el1, AP1), EX_RW);
	assert_int_equal(s1_prot(el1, AP2 | AP1), EX_RX);
	assert_int_equal(s1_prot(el1 | SOFT_FEAT_HW_DIRTY, DBM | AP2 | AP1),
			 EX_RW);
}

static unsigned int table_prot(const char *format, uint64_t features,
			       unsigned int bit)
{
	struct soft_root root = root_of(format, 3, 0, features);
	struct soft_entry entry =
		one_decode(&root, 1, 0, TABLE | UINT64_C(1) << bit);

	assert_int_equal(entry.kind, SOFT_TABLE);
	return entry.prot;
}

static void test_hierarchical(void **state)
{
	static const char *const format[] = { "armv8_s1_4k", "lpae_s1" };
	const uint64_t el1 = SOFT_FEAT_SUPERVISOR;

	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(table_prot(format[i], 0, 63), EX_RWX);
		assert_int_equal(table_prot(format[i], 0, 62), EX_RX);
		assert_int_equal(table_prot(format[i], 0, 61),
				 i ? 0 : SOFT_EXEC);
		assert_int_equal(table_prot(format[i], 0, 60), EX_RW);
		assert_int_equal(table_prot(format[i], 0, 59), EX_RWX);
		assert_int_equal(table_prot(format[i], el1, 62), EX_RX);
		assert_int_equal(table_prot(format[i], el1, 61), EX_RWX);
		assert_int_equal(table_prot(format[i], el1, 59), EX_RW);
		for (unsigned int bit = 59; bit < 63; bit++)
			assert_int_equal(table_prot(format[i], SOFT_FEAT_HPD,
						    bit),
					 EX_RWX);
	}
	/* One XN for both privileges in LPAE. */
	assert_int_equal(table_prot("armv8_s1_4k", el1, 60), EX_RWX);
	assert_int_equal(table_prot("lpae_s1", el1, 60), EX_RW);
}

static void test_lpae_execution(void **state)
{
	struct soft_root root = root_of("lpae_s1", 3, 0, SOFT_FEAT_SUPERVISOR);
	const uint64_t raw = PAGE | AF | AP1;

	assert_true(one_leaf(&root, 0, 0, raw, 0, 12, EX_RWX));
	assert_true(one_leaf(&root, 0, 0, raw | PXN, 0, 12, EX_RW));
	assert_true(one_leaf(&root, 0, 0, raw | UXN, 0, 12, EX_RW));
	assert_true(one_leaf(&root, 0, 0, raw & ~AP1, 0, 12, EX_RWX));
	root.features = 0;
	assert_true(one_leaf(&root, 0, 0, raw | PXN, 0, 12, EX_RWX));
	/* What cannot be read is not executed. */
	assert_true(one_leaf(&root, 0, 0, raw & ~AP1, 0, 12, 0));
}

static unsigned int s2_prot(uint64_t features, uint64_t raw)
{
	struct soft_root root = root_of("armv8_s2_4k", 3, 0, features);
	struct soft_entry entry = one_decode(&root, 0, 0, PAGE | AF | raw);

	assert_int_equal(entry.kind, SOFT_LEAF);
	return entry.prot;
}

static void test_s2_permissions(void **state)
{
	const uint64_t xnx = SOFT_FEAT_XNX;
	const uint64_t el1 = SOFT_FEAT_XNX | SOFT_FEAT_SUPERVISOR;
	const uint64_t xn0 = UINT64_C(1) << 53;
	struct soft_root root = root_of("armv8_s2_4k", 3, 0, 0);

	assert_int_equal(s2_prot(0, S2_XN), 0);
	assert_int_equal(s2_prot(0, S2_XN | S2_R), EX_R);
	assert_int_equal(s2_prot(0, S2_XN | S2_W), SOFT_WRITE);
	assert_int_equal(s2_prot(0, S2_XN | S2_R | S2_W), EX_RW);
	assert_int_equal(s2_prot(0, S2_R), EX_RX);
	assert_int_equal(s2_prot(0, S2_W), SOFT_WRITE);
	/* XN[1:0] */
	assert_int_equal(s2_prot(xnx, S2_R), EX_RX);
	assert_int_equal(s2_prot(xnx, S2_R | xn0), EX_RX);
	assert_int_equal(s2_prot(xnx, S2_R | S2_XN), EX_R);
	assert_int_equal(s2_prot(xnx, S2_R | S2_XN | xn0), EX_R);
	assert_int_equal(s2_prot(el1, S2_R), EX_RX);
	assert_int_equal(s2_prot(el1, S2_R | xn0), EX_R);
	assert_int_equal(s2_prot(el1, S2_R | S2_XN), EX_R);
	assert_int_equal(s2_prot(el1, S2_R | S2_XN | xn0), EX_RX);
	assert_true(one_bad(&root, 0, 0, S2_RW | xn0, "reserved"));
}

static void test_fwb(void **state)
{
	struct soft_root root = root_of("armv8_s2_4k", 3, 0, 0);
	const uint64_t raw = S2_RW | 0xf << 2;

	assert_int_equal(one_field(&root, 0, raw, "MemAttr"), 15);
	assert_true(one_leaf(&root, 0, 0, raw, 0, 12, EX_RW));
	root.features = SOFT_FEAT_S2FWB;
	assert_int_equal(one_field(&root, 0, S2_RW | 6 << 2, "MemAttr"), 6);
	assert_true(one_leaf(&root, 0, 0, S2_RW | 6 << 2, 0, 12, EX_RW));
	assert_true(one_bad(&root, 0, 0, raw, "reserved"));
	root = root_of("armv8_s1_4k", 3, 0, 0);
	assert_int_equal(one_field(&root, 0, S1_RW | 5 << 2, "AttrIndx"), 5);
	assert_int_equal(one_field(&root, 0, S1_RW, "AP"), 1);
}

/* ------------------------------------------------ AF and dirty state */

static void test_access_flag(void **state)
{
	struct soft_root root = root_of("armv8_s1_4k", 3, 0, 0);

	assert_true(one_bad(&root, 0, 0, S1_RW & ~AF, "AF is clear"));
	root.features = SOFT_FEAT_HW_ACCESSED;
	assert_true(one_leaf(&root, 0, 0, S1_RW & ~AF, 0, 12, EX_RW));
	assert_false(one_decode(&root, 0, 0, S1_RW & ~AF).accessed);
	assert_true(one_decode(&root, 0, 0, S1_RW).accessed);
	root.features = SOFT_FEAT_HW_DIRTY;
	assert_true(one_leaf(&root, 0, 0, S1_RW & ~AF, 0, 12, EX_RW));
	root.features = SOFT_FEAT_AFFD;
	assert_true(one_leaf(&root, 0, 0, S1_RW & ~AF, 0, 12, EX_RW));
	root = root_of("lpae_s2", 3, 0, 0);
	assert_true(one_bad(&root, 0, 0, S2_RW & ~AF, "AF is clear"));
	root.features = SOFT_FEAT_HW_ACCESSED;
	assert_non_null(strstr(soft_root_check(&root), "feature"));
}

/* The three states of both stages, with and without hardware that keeps them. */
static void test_dirty_states(void **state)
{
	struct soft_root s1 = root_of("armv8_s1_4k", 3, 0, 0);
	struct soft_root s2 = root_of("armv8_s2_4k", 3, 0, 0);
	const uint64_t s1_clean = S1_RW | DBM | AP2;
	const uint64_t s2_clean = (S2_RW | DBM) & ~S2_W;

	for (unsigned int hd = 0; hd < 2; hd++) {
		unsigned int prot = hd ? EX_RW : EX_R;

		s1.features = s2.features = hd ? SOFT_FEAT_HW_DIRTY : 0;
		assert_true(one_leaf(&s1, 0, 0, S1_RW | AP2, 0, 12, EX_R));
		assert_true(one_leaf(&s1, 0, 0, s1_clean, 0, 12, prot));
		assert_true(one_leaf(&s1, 0, 0, S1_RW | DBM, 0, 12, EX_RW));
		assert_true(one_leaf(&s2, 0, 0, S2_RW & ~S2_W, 0, 12, EX_R));
		assert_true(one_leaf(&s2, 0, 0, s2_clean, 0, 12, prot));
		assert_true(one_leaf(&s2, 0, 0, S2_RW | DBM, 0, 12, EX_RW));
	}
	assert_false(one_decode(&s1, 0, 0, s1_clean).dirty);
	assert_true(one_decode(&s1, 0, 0, S1_RW | DBM).dirty);
	assert_false(one_decode(&s1, 0, 0, S1_RW | AP2).dirty);
	assert_false(one_decode(&s2, 0, 0, s2_clean).dirty);
	assert_true(one_decode(&s2, 0, 0, S2_RW | DBM).dirty);
}

/* A device reads and then writes through @clean; @dirty is left. */
static void check_hardware(const char *example, uint64_t features,
			   uint64_t clean, uint64_t read, uint64_t written)
{
	const struct example *ex = example_find(example);
	unsigned int leaf = ex->nr_entries - 1;
	struct soft_dte dte = {
		.mode = SOFT_MODE_TRANSLATE,
		.domain_id = 1,
		.root = example_root(ex),
	};
	struct rig rig;
	uint64_t word = 0;

	dte.root.features |= features;
	rig_init(&rig);
	example_store(&rig.mem, ex);
	example_put(&rig.mem, ex, leaf, 0, clean);
	mem_page(&rig.mem, ex->oa);
	soft_iommu_set(rig.iommu, RIG_RID, 0, &dte);
	assert_int_equal(rig_read(&rig, ex->va, &word, 8), SOFT_OK);
	assert_int_equal(example_get(&rig.mem, ex, leaf, 0), read);
	assert_int_equal(rig_write(&rig, ex->va, &word, 8),
			 written == clean ? SOFT_FAULT_PERMISSION : SOFT_OK);
	if (written != clean)
		assert_int_equal(example_get(&rig.mem, ex, leaf, 0), written);
	for (unsigned int i = 0; i < leaf; i++)
		assert_int_equal(example_get(&rig.mem, ex, i, 0),
				 ex->entry[i].value);
	rig_fini(&rig);
}

static void test_hardware_updates(void **state)
{
	const uint64_t s1 = 0x000000089abcdf47, s2 = 0x000000089abcd7ff;
	const uint64_t hd = SOFT_FEAT_HW_DIRTY;

	/* AF, then AP[2] off; AF, then S2AP[1] on; DBM stays. */
	check_hardware("S1a", hd, (s1 | DBM | AP2) & ~AF, s1 | DBM | AP2,
		       s1 | DBM);
	check_hardware("S2a", hd, (s2 | DBM) & ~(S2_W | AF), (s2 | DBM) & ~S2_W,
		       s2 | DBM);
	/* Without DBM a read-only page stays one. */
	check_hardware("S1a", hd, s1 | AP2, s1 | AP2, s1 | AP2);
	check_hardware("S2a", hd, s2 & ~S2_W, s2 & ~S2_W, s2 & ~S2_W);
	/* HA without HD: AF only, and DBM means nothing. */
	check_hardware("S1a", SOFT_FEAT_HW_ACCESSED, s1 & ~AF, s1, s1);
	check_hardware("S1a", SOFT_FEAT_HW_ACCESSED, s1 | DBM | AP2,
		       s1 | DBM | AP2, s1 | DBM | AP2);
	/* Off. */
	check_hardware("S1a", SOFT_FEAT_AFFD, (s1 | AP2) & ~AF,
		       (s1 | AP2) & ~AF, (s1 | AP2) & ~AF);
	check_hardware("S1a", 0, s1 | DBM | AP2, s1 | DBM | AP2,
		       s1 | DBM | AP2);
}

/* ------------------------------------------------ contiguous runs */

/**
 * struct run - the runs of one granule and level
 * @lg2: log2 of the items; 0 = the bit is reserved there
 */
struct run {
	const char *format;
	unsigned int level;
	unsigned int lg2;
};

static const struct run runs[] = {
	{ "armv8_s1_4k", 0, 4 },  { "armv8_s1_4k", 1, 4 },
	{ "armv8_s1_4k", 2, 4 },  { "armv8_s1_4k", 3, 0 },
	{ "armv8_s1_16k", 0, 7 }, { "armv8_s1_16k", 1, 5 },
	{ "armv8_s1_16k", 2, 0 }, { "armv8_s1_64k", 0, 5 },
	{ "armv8_s1_64k", 1, 5 }, { "armv8_s1_64k", 2, 0 },
	{ "armv8_s2_4k", 0, 4 },  { "armv8_s2_16k", 0, 7 },
	{ "armv8_s2_64k", 1, 5 }, { "lpae_s2", 2, 4 },
};

/* Whatever member is read, it is the whole run; out of step it is bad. */
static void check_run(const struct run *run)
{
	uint64_t features = strstr(run->format, "lpae") ? 0 : SOFT_FEAT_52BIT;
	struct soft_root root =
		root_of(run->format, run->level + 1, 0, features);
	uint64_t raw = strstr(run->format, "s1") ? S1_RW : S2_RW;
	unsigned int hi, lo;

	root.levels += run->level < 2;
	if (run->level)
		raw &= ~UINT64_C(2);
	soft_level_bits(&root, run->level, &hi, &lo);
	if (!run->lg2) {
		assert_true(
			one_bad(&root, run->level, 0, raw | CONT, "reserved"));
		return;
	}
	for (uint64_t i = 0; i < UINT64_C(1) << run->lg2; i++) {
		struct soft_entry entry = one_decode(
			&root, run->level, i << lo | 5, raw | CONT | i << lo);

		assert_int_equal(entry.kind, SOFT_LEAF);
		assert_int_equal(entry.run_lg2, run->lg2);
		assert_int_equal(entry.size_lg2, lo + run->lg2);
		assert_int_equal(entry.va, 0);
		assert_int_equal(entry.oa, 0);
		assert_int_equal(entry.index, i);
		assert_true(one_bad(&root, run->level, i << lo,
				    raw | CONT | (i ^ 1) << lo, "out of step"));
	}
}

static void test_runs(void **state)
{
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		check_run(&runs[i]);
}

/* 16 blocks of 1G do not fit into the 4 GiB of LPAE's stage 1. */
static void test_run_larger_than_table(void **state)
{
	struct soft_root root = root_of("lpae_s1", 3, 32, 0);
	const uint64_t raw = (S1_RW & ~UINT64_C(2)) | CONT;

	assert_true(one_bad(&root, 2, 0, raw, "does not fit"));
	assert_int_equal(one_decode(&root, 1, 0, raw).run_lg2, 4);
	root = root_of("armv8_s2_4k", 3, 33, 0);
	assert_true(one_bad(&root, 2, 0, (S2_RW & ~UINT64_C(2)) | CONT,
			    "does not fit"));
	root.va_bits = 34;
	assert_int_equal(
		one_decode(&root, 2, 0, (S2_RW & ~UINT64_C(2)) | CONT).run_lg2,
		4);
}

struct seen {
	struct soft_entry entry[32];
	unsigned int n;
};

static int see(void *arg, const struct soft_entry *entry)
{
	struct seen *seen = arg;

	if (entry->kind == SOFT_TABLE)
		return 0;
	if (seen->n < 32)
		seen->entry[seen->n] = *entry;
	seen->n++;
	return 0;
}

/* S1c with @change XORed into its copy @copy. */
static void visit_changed(struct seen *seen, unsigned int copy, uint64_t change,
			  uint64_t features)
{
	const struct example *ex = example_find("S1c");
	struct soft_root root = example_root(ex);
	uint64_t value = ex->entry[3].value + copy * ex->entry[3].step;
	struct mem mem;

	root.features |= features;
	seen->n = 0;
	mem_init(&mem);
	example_store(&mem, ex);
	example_put(&mem, ex, 3, copy, value ^ change);
	soft_visit(&mem.bus, &root, 0, UINT64_MAX, see, seen);
	mem_fini(&mem);
}

/* Copies that disagree on anything but their place, AF, dirty state, software's bits. */
static void test_copies_that_differ(void **state)
{
	static struct seen seen;

	visit_changed(&seen, 9, 0, 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.entry[0].size_lg2, 16);
	assert_int_equal(seen.entry[0].raw, 0x00100003c4d50f47);
	for (unsigned int bit = 0; bit < 64; bit++) {
		visit_changed(&seen, 9, UINT64_C(1) << bit,
			      SOFT_FEAT_HW_ACCESSED);
		if (bit == 10) { /* AF */
			assert_int_equal(seen.n, 1);
			assert_true(seen.entry[0].accessed);
			continue;
		}
		if (bit >= 55 && bit <= 58) { /* software's */
			assert_int_equal(seen.n, 1);
			continue;
		}
		assert_int_equal(seen.n, 2);
		assert_int_equal(seen.entry[0].kind, SOFT_LEAF);
		assert_int_equal(seen.entry[1].kind, SOFT_BAD);
		assert_int_equal(seen.entry[1].index, 416 + 9);
		assert_non_null(strstr(seen.entry[1].why, "copies"));
	}
}

/* Hardware may set AF, or change the dirty state, in any one of them. */
static void test_flags_of_runs(void **state)
{
	const struct example *ex = example_find("S1c");
	struct soft_root root = example_root(ex);
	const uint64_t clean = (ex->entry[3].value | DBM | AP2) & ~AF;
	static struct seen seen;
	struct mem mem;

	root.features = SOFT_FEAT_HW_DIRTY;
	mem_init(&mem);
	example_store(&mem, ex);
	for (unsigned int i = 0; i < 16; i++)
		example_put(&mem, ex, 3, i, clean + i * 0x1000);
	seen.n = 0;
	soft_visit(&mem.bus, &root, 0, UINT64_MAX, see, &seen);
	assert_int_equal(seen.n, 1);
	assert_false(seen.entry[0].accessed);
	assert_false(seen.entry[0].dirty);
	example_put(&mem, ex, 3, 15, (clean + 15 * 0x1000) & ~AP2);
	example_put(&mem, ex, 3, 2, (clean + 2 * 0x1000) | AF);
	seen.n = 0;
	soft_visit(&mem.bus, &root, 0, UINT64_MAX, see, &seen);
	assert_int_equal(seen.n, 1);
	assert_true(seen.entry[0].accessed);
	assert_true(seen.entry[0].dirty);
	mem_fini(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_geometry),
		cmocka_unit_test(test_default_widths),
		cmocka_unit_test(test_top_alignment),
		cmocka_unit_test(test_upper_half),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_52_bits),
		cmocka_unit_test(test_output_width),
		cmocka_unit_test(test_nt),
		cmocka_unit_test(test_s1_permissions),
		cmocka_unit_test(test_hierarchical),
		cmocka_unit_test(test_lpae_execution),
		cmocka_unit_test(test_s2_permissions),
		cmocka_unit_test(test_fwb),
		cmocka_unit_test(test_access_flag),
		cmocka_unit_test(test_dirty_states),
		cmocka_unit_test(test_hardware_updates),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_run_larger_than_table),
		cmocka_unit_test(test_copies_that_differ),
		cmocka_unit_test(test_flags_of_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
