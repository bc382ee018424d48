/* SPDX-License-Identifier: MIT */
/**
 * DOC: The worked examples of the page-table formats, as raw values
 *
 * Each is one mapping with all the entries of its path. They were made by hand from
 * the specifications and are nobody's output here.
 */
#ifndef TESTS_SOFT_EXAMPLES_H
#define TESTS_SOFT_EXAMPLES_H

#include "mem.h"

#define EXAMPLE_TOP         UINT64_C(0x80001000)
#define EXAMPLE_MAX_ENTRIES 5

/**
 * struct example_entry - one entry of the path, the top's first
 * @index: of the first copy
 * @copies: how many equal items
 * @step: added from one copy to the next
 * @table: the table that it stands in; 0 = EXAMPLE_TOP and the pages after it
 */
struct example_entry {
	unsigned int index;
	unsigned int copies;
	uint64_t value;
	uint64_t step;
	uint64_t table;
};

/**
 * struct example - one mapping
 * @va_bits: as in struct soft_root
 */
struct example {
	const char *name;
	const char *format;
	unsigned int levels;
	unsigned int va_bits;
	uint64_t features;
	uint64_t va, oa, size;
	unsigned int prot;
	unsigned int nr_entries;
	struct example_entry entry[EXAMPLE_MAX_ENTRIES];
};

enum {
	EX_R = SOFT_READ,
	EX_RW = SOFT_READ | SOFT_WRITE,
	EX_RX = SOFT_READ | SOFT_EXEC,
	EX_RWX = SOFT_READ | SOFT_WRITE | SOFT_EXEC,
};

/* clang-format off */
static const struct example examples[] = {
	{ "A1", "amdv1", 3, 0, 0, 0x123456000, 0x789abc000, 0x1000, EX_RW, 3, {
		{ 4, 1, 0x6000000080002401, 0, 0 },
		{ 282, 1, 0x6000000080003201, 0, 0 },
		{ 86, 1, 0x7000000789abc001, 0, 0 } } },
	{ "A2", "amdv1", 4, 0, 0, 0x7f40000000, 0x240000000, 0x200000, EX_R, 3, {
		{ 0, 1, 0x6000000080002601, 0, 0 },
		{ 509, 1, 0x6000000080003401, 0, 0 },
		{ 0, 1, 0x3000000240000001, 0, 0 } } },
	{ "A3", "amdv1", 3, 0, 0, 0x40030000, 0x13570000, 0x10000, EX_RW, 3, {
		{ 1, 1, 0x6000000080002401, 0, 0 },
		{ 0, 1, 0x6000000080003201, 0, 0 },
		{ 48, 16, 0x7000000013577e01, 0, 0 } } },
	{ "A4", "amdv1", 3, 0, 0, 0x41000000, 0x1c3000000, 0x1000000, EX_RW, 2, {
		{ 1, 1, 0x6000000080002401, 0, 0 },
		{ 8, 8, 0x60000001c37ffe01, 0, 0 } } },
	{ "M1", "amdv1_mock", 5, 0, 0, 0x12345800, 0x9a800, 0x800, EX_RW, 5, {
		{ 0, 1, 0x6000000100004801, 0, 0 },
		{ 0, 1, 0x6000000100006601, 0, 0 },
		{ 0, 1, 0x6000000100008401, 0, 0 },
		{ 291, 1, 0x600000010000a201, 0, 0 },
		{ 139, 1, 0x6000000000135001, 0, 0 } } },
	{ "M2", "amdv1_mock", 5, 0, 0, 0x20006000, 0x7c3f2000, 0x2000, EX_R, 5, {
		{ 0, 1, 0x6000000100004801, 0, 0 },
		{ 0, 1, 0x6000000100006601, 0, 0 },
		{ 1, 1, 0x6000000100008401, 0, 0 },
		{ 0, 1, 0x600000010000a201, 0, 0 },
		{ 12, 4, 0x20000000f87e5e01, 0, 0 } } },
	{ "M3", "amdv1_mock", 5, 0, 0, 0x180000000, 0x640000000, 0x40000000,
	  EX_RW, 3, {
		{ 0, 1, 0x6000000100004801, 0, 0 },
		{ 0, 1, 0x6000000100006601, 0, 0 },
		{ 12, 2, 0x6000000cbffffe01, 0, 0 } } },
	{ "V1", "vtdss", 4, 0, 0, 0x7fde12345000, 0x1a2b3c000, 0x1000, EX_RW, 4, {
		{ 255, 1, 0x0000000080002003, 0, 0 },
		{ 376, 1, 0x0000000080003003, 0, 0 },
		{ 145, 1, 0x0000000080004003, 0, 0 },
		{ 325, 1, 0x00000001a2b3c003, 0, 0 } } },
	{ "V2", "vtdss", 3, 0, SOFT_FEAT_SNOOP, 0x4b21200000, 0x80600000, 0x200000,
	  EX_R, 2, {
		{ 300, 1, 0x0000000080002003, 0, 0 },
		{ 265, 1, 0x0000000080600881, 0, 0 } } },
	{ "V3", "vtdss", 5, 0, 0, 0x123456780000000, 0x2b40000000, 0x40000000,
	  EX_RW, 3, {
		{ 291, 1, 0x0000000080002003, 0, 0 },
		{ 138, 1, 0x0000000080003003, 0, 0 },
		{ 414, 1, 0x0000002b40000083, 0, 0 } } },
	{ "X1", "x86_64", 4, 0, 0, 0x7f1234567000, 0x3fedcb000, 0x1000, EX_RWX, 4, {
		{ 254, 1, 0x0000000080002027, 0, 0 },
		{ 72, 1, 0x0000000080003027, 0, 0 },
		{ 418, 1, 0x0000000080004027, 0, 0 },
		{ 359, 1, 0x00000003fedcb067, 0, 0 } } },
	{ "X2", "x86_64", 4, 0, SOFT_FEAT_NXE, 0xffff923456600000, 0x1122200000,
	  0x200000, EX_R, 3, {
		{ 292, 1, 0x0000000080002027, 0, 0 },
		{ 209, 1, 0x0000000080003027, 0, 0 },
		{ 179, 1, 0x80000011222000a5, 0, 0 } } },
	{ "X3", "x86_64", 5, 0, 0, 0xa1b2c340000000, 0x940000000, 0x40000000,
	  EX_RWX, 3, {
		{ 161, 1, 0x0000000080002027, 0, 0 },
		{ 357, 1, 0x0000000080003027, 0, 0 },
		{ 269, 1, 0x00000009400000e7, 0, 0 } } },
	{ "R1", "riscv64", 3, 0, 0, 0x2b12345000, 0x81abc000, 0x1000, EX_RW, 3, {
		{ 172, 1, 0x0000000020000801, 0, 0 },
		{ 145, 1, 0x0000000020000c01, 0, 0 },
		{ 325, 1, 0x00000000206af0d7, 0, 0 } } },
	{ "R2", "riscv64", 4, 0, SOFT_FEAT_SVNAPOT, 0x5a5a5a5a0000, 0x3c4d50000,
	  0x10000, EX_R, 4, {
		{ 180, 1, 0x0000000020000801, 0, 0 },
		{ 361, 1, 0x0000000020000c01, 0, 0 },
		{ 210, 1, 0x0000000020001001, 0, 0 },
		{ 416, 16, 0x80000000f1356053, 0, 0 } } },
	{ "R3", "riscv64", 5, 0, SOFT_FEAT_SVPBMT, 0xa1b2c3d4e00000, 0x40000000,
	  0x200000, EX_RW, 4, {
		{ 161, 1, 0x0000000020000801, 0, 0 },
		{ 357, 1, 0x0000000020000c01, 0, 0 },
		{ 271, 1, 0x0000000020001001, 0, 0 },
		{ 167, 1, 0x40000000100000d7, 0, 0 } } },
	{ "R4", "riscv64_x4", 3, 0, 0, 0x1c9c0000000, 0x240000000, 0x40000000,
	  EX_RWX, 1, {
		{ 1831, 1, 0x00000000900000df, 0, 0x80004000 } } },
	{ "R5", "riscv32", 2, 0, 0, 0x89abc000, 0x312345000, 0x1000, EX_RW, 2, {
		{ 550, 1, 0x20000801, 0, 0 },
		{ 700, 1, 0xc48d14d7, 0, 0 } } },
	{ "R6", "riscv32", 2, 0, 0, 0x40c00000, 0x240400000, 0x400000, EX_R, 1, {
		{ 259, 1, 0x90100053, 0, 0 } } },
	{ "E1", "ept", 4, 0, 0, 0x123456000, 0x789abc000, 0x1000, EX_RWX, 4, {
		{ 0, 1, 0x0000000080002007, 0, 0 },
		{ 4, 1, 0x0000000080003007, 0, 0 },
		{ 282, 1, 0x0000000080004007, 0, 0 },
		{ 86, 1, 0x0000000789abc037, 0, 0 } } },
	{ "E2", "ept", 4, 0, 0, 0x40a00000, 0xfe000000, 0x200000, EX_R, 3, {
		{ 0, 1, 0x0000000080002007, 0, 0 },
		{ 1, 1, 0x0000000080003007, 0, 0 },
		{ 5, 1, 0x00000000fe000081, 0, 0 } } },
	{ "E3", "ept", 5, 0, 0, 0xa1b2c340000000, 0x940000000, 0x40000000,
	  EX_RW, 3, {
		{ 161, 1, 0x0000000080002007, 0, 0 },
		{ 357, 1, 0x0000000080003007, 0, 0 },
		{ 269, 1, 0x00000009400000a3, 0, 0 } } },
	{ "S1a", "armv8_s1_4k", 4, 48, 0, 0x7f1234567000, 0x89abcd000, 0x1000,
	  EX_RWX, 4, {
		{ 254, 1, 0x0000000080002003, 0, 0 },
		{ 72, 1, 0x0000000080003003, 0, 0 },
		{ 418, 1, 0x0000000080004003, 0, 0 },
		{ 359, 1, 0x000000089abcdf47, 0, 0 } } },
	{ "S1b", "armv8_s1_4k", 3, 39, 0, 0x2b12200000, 0x1122200000, 0x200000,
	  EX_R, 2, {
		{ 172, 1, 0x0000000080002003, 0, 0 },
		{ 145, 1, 0x0060001122200fc5, 0, 0 } } },
	{ "S1c", "armv8_s1_4k", 4, 48, 0, 0x5a5a5a5a0000, 0x3c4d50000, 0x10000,
	  EX_RWX, 4, {
		{ 180, 1, 0x0000000080002003, 0, 0 },
		{ 361, 1, 0x0000000080003003, 0, 0 },
		{ 210, 1, 0x0000000080004003, 0, 0 },
		{ 416, 16, 0x00100003c4d50f47, 0x1000, 0 } } },
	{ "S1d", "armv8_s1_16k", 3, 47, 0, 0x123456000000, 0x2a6000000,
	  0x2000000, EX_RX, 2, {
		{ 291, 1, 0x0000000080008003, 0, 0x80004000 },
		{ 555, 1, 0x00080002a6000fc5, 0, 0x80008000 } } },
	{ "S1e", "armv8_s1_64k", 3, 48, SOFT_FEAT_52BIT, 0x7f1234560000,
	  0xa123489ab0000, 0x10000, EX_RWX, 3, {
		{ 31, 1, 0x0000000080020003, 0, 0x80010000 },
		{ 6289, 1, 0x0000000080030003, 0, 0x80020000 },
		{ 5206, 1, 0x0000123489abaf47, 0, 0x80030000 } } },
	{ "S1f", "armv8_s1_4k", 5, 52, SOFT_FEAT_52BIT, 0x9876543215000,
	  0xedcba98765000, 0x1000, EX_RWX, 5, {
		{ 9, 1, 0x0000000080002003, 0, 0 },
		{ 270, 1, 0x0000000080003003, 0, 0 },
		{ 405, 1, 0x0000000080004003, 0, 0 },
		{ 25, 1, 0x0000000080005003, 0, 0 },
		{ 21, 1, 0x0002dcba98765f47, 0, 0 } } },
	{ "S2a", "armv8_s2_4k", 3, 40, 0, 0xa512345000, 0x89abcd000, 0x1000,
	  EX_RWX, 3, {
		{ 660, 1, 0x0000000080004003, 0, 0x80002000 },
		{ 145, 1, 0x0000000080005003, 0, 0x80004000 },
		{ 325, 1, 0x000000089abcd7ff, 0, 0x80005000 } } },
	{ "S2b", "armv8_s2_4k", 4, 48, 0, 0x123456600000, 0xfe200000, 0x200000,
	  EX_R, 3, {
		{ 36, 1, 0x0000000080002003, 0, 0 },
		{ 209, 1, 0x0000000080003003, 0, 0 },
		{ 179, 1, 0x00400000fe200645, 0, 0 } } },
	{ "LP1", "lpae_s1", 3, 32, 0, 0xc5600000, 0x9987600000, 0x200000,
	  EX_RWX, 2, {
		{ 3, 1, 0x0000000080002003, 0, 0 },
		{ 43, 1, 0x0000009987600f45, 0, 0 } } },
	{ "LP2", "lpae_s1", 3, 32, 0, 0xc5678000, 0x7012345000, 0x1000,
	  EX_R, 3, {
		{ 3, 1, 0x0000000080002003, 0, 0 },
		{ 43, 1, 0x0000000080003003, 0, 0 },
		{ 120, 1, 0x0060007012345fc7, 0, 0 } } },
	{ "LP3", "lpae_s2", 3, 40, 0, 0x9912345000, 0x7012345000, 0x1000,
	  EX_RWX, 3, {
		{ 612, 1, 0x0000000080004003, 0, 0x80002000 },
		{ 145, 1, 0x0000000080005003, 0, 0x80004000 },
		{ 325, 1, 0x00000070123457ff, 0, 0x80005000 } } },
	{ "P1", "v7s", 2, 0, 0, 0x12345000, 0x89abc000, 0x1000, EX_RWX, 2, {
		{ 291, 1, 0x80008001, 0, 0x80004000 },
		{ 69, 1, 0x89abcc7e, 0, 0x80008000 } } },
	{ "P2", "v7s", 2, 0, 0, 0x12350000, 0x456d0000, 0x10000, EX_R, 2, {
		{ 291, 1, 0x80008001, 0, 0x80004000 },
		{ 80, 16, 0x456d9e3d, 0, 0x80008000 } } },
	{ "P3", "v7s", 2, 0, 0, 0x40100000, 0xfe000000, 0x100000, EX_RWX, 1, {
		{ 1025, 1, 0xfe030c06, 0, 0x80004000 } } },
	{ "P4", "v7s", 2, 0, 0, 0x51000000, 0x93000000, 0x1000000, EX_RWX, 1, {
		{ 1296, 16, 0x93071c0e, 0, 0x80004000 } } },
	{ "D1", "dart", 2, 0, 0, 0x12344000, 0x9abcd4000, 0x4000, EX_RW, 2, {
		{ 9, 1, 0x0000000080008001, 0, 0x80004000 },
		{ 209, 1, 0x000fff09abcd4003, 0, 0x80008000 } } },
	{ "D2", "dart2", 2, 0, 0, 0x12344000, 0x109abcd4000, 0x4000, EX_R, 2, {
		{ 9, 1, 0x0000000008000801, 0, 0x80004000 },
		{ 209, 1, 0x000fff109abcd405, 0, 0x80008000 } } },
	{ "D3", "dart", 2, 0, 0, 0x56788000, 0x812344000, 0x4000, EX_R, 2, {
		{ 43, 1, 0x0000000080008001, 0, 0x80004000 },
		{ 482, 1, 0x000fff0812344083, 0, 0x80008000 } } },
};
/* clang-format on */

#define NR_EXAMPLES (sizeof(examples) / sizeof(examples[0]))

/** example_find() - by name. */
static inline const struct example *example_find(const char *name)
{
	for (size_t i = 0; i < NR_EXAMPLES; i++)
		if (!strcmp(examples[i].name, name))
			return &examples[i];
	abort();
}

/** example_table() - address of the table of its @i-th entry. */
static inline uint64_t example_table(const struct example *ex, unsigned int i)
{
	return ex->entry[i].table ? ex->entry[i].table
				  : EXAMPLE_TOP + i * MEM_PAGE;
}

/** example_root() - how a device table entry would name its table. */
static inline struct soft_root example_root(const struct example *ex)
{
	return (struct soft_root){
		.format = soft_format_find(ex->format),
		.pa = example_table(ex, 0),
		.levels = ex->levels,
		.va_bits = ex->va_bits,
		.features = ex->features,
	};
}

/** example_entry_size() - bytes of an entry. */
static inline unsigned int example_entry_size(const struct example *ex)
{
	return soft_format_entry_size(soft_format_find(ex->format));
}

/** example_pa() - address of the first copy of its @i-th entry. */
static inline uint64_t example_pa(const struct example *ex, unsigned int i)
{
	return example_table(ex, i) +
	       ex->entry[i].index * example_entry_size(ex);
}

/** example_put() - store @value as the @i-th entry's copy @j. */
static inline void example_put(struct mem *mem, const struct example *ex,
			       unsigned int i, unsigned int j, uint64_t value)
{
	unsigned int size = example_entry_size(ex);

	if (size == 8)
		mem_put(mem, example_pa(ex, i) + j * size, value);
	else
		mem_put32(mem, example_pa(ex, i) + j * size, (uint32_t)value);
}

/** example_get() - the value of the @i-th entry's copy @j. */
static inline uint64_t example_get(struct mem *mem, const struct example *ex,
				   unsigned int i, unsigned int j)
{
	unsigned int size = example_entry_size(ex);
	uint64_t pa = example_pa(ex, i) + j * size;

	return size == 8 ? mem_get(mem, pa) : mem_get32(mem, pa);
}

/** example_page_tables() - memory for all of each table of the path. */
static inline void example_page_tables(struct mem *mem,
				       const struct example *ex)
{
	struct soft_root root = example_root(ex);
	unsigned int hi, lo;

	for (unsigned int i = 0; i < ex->nr_entries; i++) {
		uint64_t pa = example_table(ex, i);
		uint64_t end;

		soft_level_bits(&root, ex->levels - 1 - i, &hi, &lo);
		end = pa + ((uint64_t)example_entry_size(ex) << (hi - lo + 1));
		for (; pa < end; pa += MEM_PAGE)
			mem_page(mem, pa);
	}
}

/** example_store() - write its tables into @mem. */
static inline void example_store(struct mem *mem, const struct example *ex)
{
	example_page_tables(mem, ex);
	for (unsigned int i = 0; i < ex->nr_entries; i++)
		for (unsigned int j = 0; j < ex->entry[i].copies; j++)
			example_put(mem, ex, i, j,
				    ex->entry[i].value + j * ex->entry[i].step);
}

#endif
