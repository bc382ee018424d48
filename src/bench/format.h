/* SPDX-License-Identifier: MIT */
/**
 * DOC: The formats that are measured, each in each column
 *
 * A unit format_<fmt>.c is compiled once for each column, with the flags of that, and
 * against the page table that is: as shipped; compiled with general registers only; or
 * counting every access to an item. All have tables of 4 KiB in four levels, with
 * items of 8 bytes, which the limits of walks rely on.
 */
#ifndef BENCH_FORMAT_H
#define BENCH_FORMAT_H

#include <uiommu/iommu_gather.h>
#include <uiommu/pt/iommu.h>

#include "bench/limit.h"

/** BENCH_TOP_LEVEL - level of the top table. */
#define BENCH_TOP_LEVEL 3

/** BENCH_ITEMS - of a table. */
#define BENCH_ITEMS 512u

/** Log2 of what an item of @level translates, and of what its table does. */
#define BENCH_ITEM_LG2(level)  (12 + 9 * (level))
#define BENCH_TABLE_LG2(level) BENCH_ITEM_LG2((level) + 1)

/** struct bench_table - a page table of any of the formats. */
struct bench_table {
	union {
		struct iommu_domain domain;
		struct pt_iommu iommu;
		struct pt_iommu_amdv1 amdv1;
		struct pt_iommu_vtdss vtdss;
		struct pt_iommu_x86_64 x86_64;
		struct pt_iommu_armv8_s1_4k armv8_s1_4k;
		struct pt_iommu_armv8_s2_4k armv8_s2_4k;
		struct pt_iommu_riscv64 riscv64;
	};
};

/**
 * struct bench_root - what a bare walk knows
 * @top: the top table
 * @pa_offset: pt_runtime.pa_offset
 */
struct bench_root {
	const uint64_t *top;
	uint64_t pa_offset;
};

/**
 * struct bench_batch - where many addresses go, found with vectors
 * @name: for people
 * @batch: look up @n addresses, a multiple of 256; @oa_mask and @oa_shift of the format
 */
struct bench_batch {
	const char *name;
	void (*batch)(struct bench_root root, uint64_t oa_mask,
		      unsigned int oa_shift, const dma_addr_t *va,
		      phys_addr_t *oa, size_t n);
};

/** BENCH_MAX_BATCHES - more there are not. */
#define BENCH_MAX_BATCHES 6

/** bench_vector_batches() - those that this processor can run. Return: how many. */
unsigned int bench_vector_batches(struct bench_batch *batch);

/**
 * struct bench_single - single pages, one after the other
 * @nr: how many
 * @level: of their leaves
 * @items: of each
 * @va: where
 * @value: what is stored in its first item
 * @step: what is added from one item of a page to the next
 *
 * A fence follows each: a lap takes as long as that many operations, one after the
 * other, and not as long as a processor takes that works on several of them at once.
 */
struct bench_single {
	unsigned int nr;
	unsigned int level;
	unsigned int items;
	const dma_addr_t *va;
	const uint64_t *value;
	uint64_t step;
};

/** Forms of the limits that walk. */
enum bench_walk_form {
	BENCH_WALK_LOOP, /* a loop over the levels */
	BENCH_WALK_STRAIGHT, /* its body four times */
	BENCH_WALK_BY_4, /* four walks in a loop's body; together, where they can be */
	BENCH_WALK_BY_8,
	BENCH_WALK_FORMS,
	/* where addresses are known beforehand, also */
	BENCH_WALK_BY_16 = BENCH_WALK_FORMS,
	BENCH_WALK_BY_32,
	BENCH_WALK_BY_64,
	BENCH_WALK_AHEAD_32, /* together; level 0 is fetched a step ahead */
	BENCH_WALK_AHEAD_64,
	BENCH_WALK_PIPE_4, /* each level so many addresses behind the last */
	BENCH_WALK_PIPE_8,
	BENCH_WALK_PIPE_16,
	BENCH_WALK_SOME_4, /* so many together to level 0, which is fetched */
	BENCH_WALK_SOME_8, /* 256 addresses ahead */
	BENCH_BATCH_FORMS
	/* and forms of bench_vector_batches() */
};

/** bench_walk_form_name - for people. */
extern const char *const bench_walk_form_name[BENCH_BATCH_FORMS];

/**
 * bench_scatter() - the @k-th of 2^@bits pages, in no order
 *
 * Each comes once before the first comes again.
 */
static inline dma_addr_t bench_scatter(uint64_t k, unsigned int bits)
{
	return (dma_addr_t)((uint32_t)k * UINT32_C(0x9e3779b1) >> (32 - bits))
	       << 12;
}

/**
 * struct bench_format - a format in a column
 * @name: the format's
 * @init: make an empty table of 48 bits of VA (x86_64 and riscv64: 47), with dirty
 *	bits. 0 or an error
 * @deinit: free it
 * @root: of it
 * @slot: the item of @va in its table of @level, found by a bare walk
 * @oa_shift: an OA stands in an item shifted to the right by this much
 * @oa_mask: bits of an item that are an OA, where they stand
 * @map_single: the limit: walk to each slot and store its value, @items times
 * @unmap_single: the same with 0
 * @unlink: the limit: walk to the table that translates each of @n addresses (with
 *	@each, else only to the first; the others' items follow), take it out of the
 *	tree and put it on a list through its first item. Return: the list
 * @chain: look up @n pages, the first at @va, each where the one before it leads to,
 *	counted from @base. Return: the last
 * @lookups: look up the next @n pages of bench_scatter(@from, @bits) from @va on.
 *	Return: the sum of their OAs
 * @batch: look up @n addresses
 */
struct bench_format {
	const char *name;
	const struct iommu_domain_ops *ops;
	const struct iommu_dirty_ops *dirty_ops;
	int (*init)(struct bench_table *table, const struct pt_runtime *rt);
	void (*deinit)(struct bench_table *table);
	struct bench_root (*root)(struct bench_table *table);
	uint64_t *(*slot)(struct bench_root root, dma_addr_t va,
			  unsigned int level);
	unsigned int oa_shift;
	uint64_t oa_mask;
	void (*map_single)(struct bench_root root, const struct bench_single *s,
			   enum bench_walk_form form);
	void (*unmap_single)(struct bench_root root,
			     const struct bench_single *s,
			     enum bench_walk_form form);
	uint64_t *(*unlink)(struct bench_root root, dma_addr_t va, size_t n,
			    bool each, enum bench_walk_form form);
	dma_addr_t (*chain)(struct bench_root root, dma_addr_t va,
			    phys_addr_t base, size_t n,
			    enum bench_walk_form form);
	uint64_t (*lookups)(struct bench_root root, dma_addr_t va,
			    uint64_t from, unsigned int bits, size_t n,
			    enum bench_walk_form form);
	void (*batch)(struct bench_root root, const dma_addr_t *va,
		      phys_addr_t *oa, size_t n, enum bench_walk_form form);
};

/** BENCH_FORMATS() - X(name) of each. */
#define BENCH_FORMATS(X) \
	X(amdv1)         \
	X(vtdss)         \
	X(x86_64)        \
	X(armv8_s1_4k)   \
	X(armv8_s2_4k)   \
	X(riscv64)

#define BENCH_NR_FORMATS 6

/** bench_format() - the @nr-th, in @column. */
const struct bench_format *bench_format(enum bench_column column,
					unsigned int nr);

/** bench_format_counted() - the same in the build that counts. */
const struct bench_format *bench_format_counted(unsigned int nr);

#endif
