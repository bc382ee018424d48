/* SPDX-License-Identifier: MIT */
/*
 * A page table of the library, as an image.
 *
 *	make-image FORMAT FILE
 *
 * Builds a table of FORMAT with the same kinds of mappings in all formats and writes
 * its memory to FILE. Prints a line of JSON: the options that name the table, and
 * what was mapped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uiommu/iommu_gather.h>
#include <uiommu/pt/iommu.h>

#include "port/port.h"

#define BASE UINT64_C(0x80000000)
#define SIZE (UINT64_C(1) << 20)
#define OA   UINT64_C(0x10000000)

/**
 * struct maker - a format
 * @va_bits: width of the VA that is asked for
 * @features: of struct pt_iommu_cfg
 * @make: an empty table, and how to name it
 */
struct maker {
	const char *name;
	uint8_t va_bits;
	unsigned int features;
	struct iommu_domain *(*make)(const struct maker *maker,
				     struct pt_iommu_cfg *common,
				     struct pt_iommu_info *info);
};

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "make-image: %s\n", what);
	exit(1);
}

/* EXTRA sets what the configuration of the format has beside the common part. */
#define MAKER(fmt, EXTRA)                                                   \
	static struct iommu_domain *make_##fmt(const struct maker *maker,   \
					       struct pt_iommu_cfg *common, \
					       struct pt_iommu_info *info)  \
	{                                                                   \
		static const struct iommu_domain_ops ops = {                \
			IOMMU_PT_DOMAIN_OPS(fmt)                            \
		};                                                          \
		static struct pt_iommu_##fmt table;                         \
		struct pt_iommu_description what;                           \
		struct pt_iommu_##fmt##_cfg cfg = { .common = *common };    \
                                                                            \
		pt_iommu_##fmt##_describe(&what);                           \
		cfg.common.hw_max_oasz_lg2 = what.max_oasz_lg2;             \
		if (cfg.common.hw_max_oasz_lg2 > 40)                        \
			cfg.common.hw_max_oasz_lg2 = 40;                    \
		EXTRA;                                                      \
		table.iommu.domain.ops = &ops;                              \
		if (pt_iommu_##fmt##_init(&table, &cfg, GFP_KERNEL))        \
			die("no table of " #fmt);                           \
		pt_iommu_##fmt##_get_info(&table, info);                    \
		return &table.iommu.domain;                                 \
	}

MAKER(amdv1, cfg.starting_level = 2)
MAKER(amdv1_mock, cfg.starting_level = 2)
MAKER(vtdss, cfg.top_level = 3)
MAKER(x86_64, cfg.top_level = 3)
MAKER(ept, (cfg.top_level = 3, cfg.ram_type = 6))
MAKER(riscv64, cfg.top_level = 2)
MAKER(riscv64_x4, cfg.top_level = 2)
MAKER(riscv32, )
MAKER(riscv32_x4, )
MAKER(armv8_s1_4k, )
MAKER(armv8_s1_16k, )
MAKER(armv8_s1_64k, )
MAKER(armv8_s2_4k, )
MAKER(armv8_s2_16k, )
MAKER(armv8_s2_64k, )
MAKER(lpae_s1, )
MAKER(lpae_s2, )
MAKER(v7s, )
MAKER(dart, )
MAKER(dart2, cfg.top_level = 1)

#define SIGNED BIT(PT_FEAT_SIGN_EXTEND)

static const struct maker makers[] = {
	{ "amdv1", 39, 0, make_amdv1 },
	{ "amdv1_mock", 38, 0, make_amdv1_mock },
	{ "vtdss", 48, 0, make_vtdss },
	{ "x86_64", 48, SIGNED, make_x86_64 },
	{ "ept", 48, 0, make_ept },
	{ "riscv64", 39, SIGNED | BIT(PT_FEAT_RISCV_SVNAPOT_64K),
	  make_riscv64 },
	{ "riscv64_x4", 41, 0, make_riscv64_x4 },
	{ "riscv32", 32, 0, make_riscv32 },
	{ "riscv32_x4", 34, 0, make_riscv32_x4 },
	{ "armv8_s1_4k", 39, 0, make_armv8_s1_4k },
	{ "armv8_s1_16k", 47, 0, make_armv8_s1_16k },
	{ "armv8_s1_64k", 48, 0, make_armv8_s1_64k },
	{ "armv8_s2_4k", 40, 0, make_armv8_s2_4k },
	{ "armv8_s2_16k", 40, 0, make_armv8_s2_16k },
	{ "armv8_s2_64k", 40, 0, make_armv8_s2_64k },
	{ "lpae_s1", 32, 0, make_lpae_s1 },
	{ "lpae_s2", 40, 0, make_lpae_s2 },
	{ "v7s", 32, 0, make_v7s },
	{ "dart", 36, 0, make_dart },
	{ "dart2", 36, 0, make_dart2 },
};

static const struct maker *find_maker(const char *name)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (!strcmp(makers[i].name, name))
			return &makers[i];
	die("no such format");
}

static void map(struct iommu_domain *domain, uint64_t va, uint64_t oa,
		uint64_t bytes, bool writable)
{
	static const char *comma = "";
	unsigned int prot = writable ? IOMMU_READ | IOMMU_WRITE : IOMMU_READ;
	size_t mapped = 0;

	if (domain->ops->map_range(domain, (dma_addr_t)va, oa, (size_t)bytes,
				   prot, GFP_KERNEL, &mapped))
		die("cannot map");
	printf("%s{\"va\": \"0x%llx\", \"bytes\": %llu, \"oa\": \"0x%llx\", "
	       "\"access\": \"%s\"}",
	       comma, (unsigned long long)va, (unsigned long long)bytes,
	       (unsigned long long)oa, writable ? "RW" : "R-");
	comma = ", ";
}

/* A buffer, a page to read beside it, a large page, pages here and there. */
static void map_all(struct iommu_domain *domain, const struct maker *maker,
		    uint64_t sizes)
{
	uint64_t page = sizes & -sizes, large = page;

	for (uint64_t size = page; size && size <= (32 << 20); size <<= 1)
		if (sizes & size)
			large = size;
	map(domain, 0x400000, OA, 5 * page, true);
	map(domain, 0x400000 + 5 * page, OA + 5 * page, page, false);
	map(domain, 0x400000 + 6 * page, OA + 16 * page, page, true);
	map(domain, 0x4000000, OA + 0x4000000, 2 * large, true);
	for (uint64_t i = 0; i < 4; i++)
		map(domain, 0x10000000 + 2 * i * page, OA + i * page, page,
		    true);
	if (maker->features & SIGNED)
		map(domain, -page, OA, page, true);
}

static void write_file(const char *name, const void *memory)
{
	FILE *file = fopen(name, "w");

	if (!file || fwrite(memory, 1, SIZE, file) != SIZE || fclose(file))
		die(name);
}

int main(int argc, char **argv)
{
	struct port_arena_config config = { .base_pa = BASE, .size = SIZE };
	struct pt_iommu_cfg common = { .features = 0 };
	const struct maker *maker;
	struct pt_iommu_info info;
	struct iommu_domain *domain;
	struct port_arena *arena;

	if (argc != 3)
		die("usage: make-image FORMAT FILE");
	maker = find_maker(argv[1]);
	config.memory = aligned_alloc(SIZE, SIZE);
	if (!config.memory)
		die("no memory");
	memset(config.memory, 0, SIZE);
	if (port_arena_new(&config, &arena))
		die("no arena");
	common.runtime = port_arena_runtime(arena);
	common.features = maker->features;
	common.hw_max_vasz_lg2 = maker->va_bits;
	domain = maker->make(maker, &common, &info);
	printf("{\"options\": [\"--format\", \"%s\", \"--levels\", \"%u\", "
	       "\"--va-bits\", \"%u\", \"--oa-bits\", \"%u\", "
	       "\"--root\", \"0x%llx\", \"--base\", \"0x%llx\"], \"maps\": [",
	       maker->name, info.top_level + 1, maker->va_bits, info.oasz_lg2,
	       (unsigned long long)info.top_pa, (unsigned long long)BASE);
	map_all(domain, maker, info.pgsize_bitmap);
	printf("]}\n");
	write_file(argv[2], config.memory);
	port_arena_free(arena);
	free(config.memory);
	return 0;
}
