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
 */
struct example_entry {
	unsigned int index;
	unsigned int copies;
	uint64_t value;
};

/** struct example - one mapping. Tables stand at 0x80001000, 0x80002000, ... */
struct example {
	const char *name;
	const char *format;
	unsigned int levels;
	uint64_t features;
	uint64_t va, oa, size;
	unsigned int prot;
	unsigned int nr_entries;
	struct example_entry entry[EXAMPLE_MAX_ENTRIES];
};

enum {
	EX_R = SOFT_READ,
	EX_RW = SOFT_READ | SOFT_WRITE,
	EX_RWX = SOFT_READ | SOFT_WRITE | SOFT_EXEC,
};

/* clang-format off */
static const struct example examples[] = {
	{ "A1", "amdv1", 3, 0, 0x123456000, 0x789abc000, 0x1000, EX_RW, 3, {
		{ 4, 1, 0x6000000080002401 },
		{ 282, 1, 0x6000000080003201 },
		{ 86, 1, 0x7000000789abc001 } } },
	{ "A2", "amdv1", 4, 0, 0x7f40000000, 0x240000000, 0x200000, EX_R, 3, {
		{ 0, 1, 0x6000000080002601 },
		{ 509, 1, 0x6000000080003401 },
		{ 0, 1, 0x3000000240000001 } } },
	{ "A3", "amdv1", 3, 0, 0x40030000, 0x13570000, 0x10000, EX_RW, 3, {
		{ 1, 1, 0x6000000080002401 },
		{ 0, 1, 0x6000000080003201 },
		{ 48, 16, 0x7000000013577e01 } } },
	{ "A4", "amdv1", 3, 0, 0x41000000, 0x1c3000000, 0x1000000, EX_RW, 2, {
		{ 1, 1, 0x6000000080002401 },
		{ 8, 8, 0x60000001c37ffe01 } } },
	{ "M1", "amdv1_mock", 5, 0, 0x12345800, 0x9a800, 0x800, EX_RW, 5, {
		{ 0, 1, 0x6000000100004801 },
		{ 0, 1, 0x6000000100006601 },
		{ 0, 1, 0x6000000100008401 },
		{ 291, 1, 0x600000010000a201 },
		{ 139, 1, 0x6000000000135001 } } },
	{ "M2", "amdv1_mock", 5, 0, 0x20006000, 0x7c3f2000, 0x2000, EX_R, 5, {
		{ 0, 1, 0x6000000100004801 },
		{ 0, 1, 0x6000000100006601 },
		{ 1, 1, 0x6000000100008401 },
		{ 0, 1, 0x600000010000a201 },
		{ 12, 4, 0x20000000f87e5e01 } } },
	{ "M3", "amdv1_mock", 5, 0, 0x180000000, 0x640000000, 0x40000000,
	  EX_RW, 3, {
		{ 0, 1, 0x6000000100004801 },
		{ 0, 1, 0x6000000100006601 },
		{ 12, 2, 0x6000000cbffffe01 } } },
	{ "V1", "vtdss", 4, 0, 0x7fde12345000, 0x1a2b3c000, 0x1000, EX_RW, 4, {
		{ 255, 1, 0x0000000080002003 },
		{ 376, 1, 0x0000000080003003 },
		{ 145, 1, 0x0000000080004003 },
		{ 325, 1, 0x00000001a2b3c003 } } },
	{ "V2", "vtdss", 3, SOFT_FEAT_SNOOP, 0x4b21200000, 0x80600000, 0x200000,
	  EX_R, 2, {
		{ 300, 1, 0x0000000080002003 },
		{ 265, 1, 0x0000000080600881 } } },
	{ "V3", "vtdss", 5, 0, 0x123456780000000, 0x2b40000000, 0x40000000,
	  EX_RW, 3, {
		{ 291, 1, 0x0000000080002003 },
		{ 138, 1, 0x0000000080003003 },
		{ 414, 1, 0x0000002b40000083 } } },
	{ "X1", "x86_64", 4, 0, 0x7f1234567000, 0x3fedcb000, 0x1000, EX_RWX, 4, {
		{ 254, 1, 0x0000000080002027 },
		{ 72, 1, 0x0000000080003027 },
		{ 418, 1, 0x0000000080004027 },
		{ 359, 1, 0x00000003fedcb067 } } },
	{ "X2", "x86_64", 4, SOFT_FEAT_NXE, 0xffff923456600000, 0x1122200000,
	  0x200000, EX_R, 3, {
		{ 292, 1, 0x0000000080002027 },
		{ 209, 1, 0x0000000080003027 },
		{ 179, 1, 0x80000011222000a5 } } },
	{ "X3", "x86_64", 5, 0, 0xa1b2c340000000, 0x940000000, 0x40000000,
	  EX_RWX, 3, {
		{ 161, 1, 0x0000000080002027 },
		{ 357, 1, 0x0000000080003027 },
		{ 269, 1, 0x00000009400000e7 } } },
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

/** example_root() - how a device table entry would name its table. */
static inline struct soft_root example_root(const struct example *ex)
{
	return (struct soft_root){
		.format = soft_format_find(ex->format),
		.pa = EXAMPLE_TOP,
		.levels = ex->levels,
		.features = ex->features,
	};
}

/** example_pa() - address of the first copy of its @i-th entry. */
static inline uint64_t example_pa(const struct example *ex, unsigned int i)
{
	return EXAMPLE_TOP + i * MEM_PAGE + ex->entry[i].index * 8;
}

/** example_store() - write its tables into @mem. */
static inline void example_store(struct mem *mem, const struct example *ex)
{
	for (unsigned int i = 0; i < ex->nr_entries; i++)
		for (unsigned int j = 0; j < ex->entry[i].copies; j++)
			mem_put(mem, example_pa(ex, i) + j * 8,
				ex->entry[i].value);
}

#endif
