/* SPDX-License-Identifier: MIT */
/**
 * DOC: A page table as a sorted list
 *
 * The plainest thing that keeps the promises of map and unmap: every entry with
 * its size, in order. Slow, and simple enough to be believed.
 */
#ifndef TESTS_PT_REF_H
#define TESTS_PT_REF_H

#include <uiommu/iommu_types.h>

/**
 * struct ref_entry - one mapped page
 * @va: its first address
 * @oa: where that goes
 * @size_lg2: its size
 * @prot: IOMMU_READ and IOMMU_WRITE
 * @dirty: hardware has written through it
 */
struct ref_entry {
	dma_addr_t va;
	phys_addr_t oa;
	unsigned int size_lg2;
	unsigned int prot;
	bool dirty;
};

/** struct ref_map - all pages, in the order of their VA. */
struct ref_map {
	struct ref_entry *entry;
	size_t nr;
	size_t max;
};

/** ref_last() - last address of the entry. */
static inline dma_addr_t ref_last(const struct ref_entry *entry)
{
	return entry->va + (((dma_addr_t)1 << entry->size_lg2) - 1);
}

/** ref_find() - index of the first entry that ends at @va or behind it. */
size_t ref_find(const struct ref_map *map, dma_addr_t va);

/** ref_free() - is nothing mapped in [@va, @last]? */
bool ref_range_free(const struct ref_map *map, dma_addr_t va, dma_addr_t last);

/**
 * ref_best_size() - the largest of @sizes that fits alignment and length, found by
 * trying them all
 */
unsigned int ref_best_size(uint64_t sizes, dma_addr_t va, phys_addr_t oa,
			   dma_addr_t len);

/** ref_map() - map a free range, always with the largest page that fits. */
void ref_map_range(struct ref_map *map, uint64_t sizes, dma_addr_t va,
		   phys_addr_t oa, dma_addr_t len, unsigned int prot);

/** ref_unmap() - whole entries from @va on, up to a hole; the bytes removed. */
dma_addr_t ref_unmap_range(struct ref_map *map, dma_addr_t va, dma_addr_t len);

/**
 * ref_split() - entry @i becomes as few as there can be, of @sizes
 * @at: one of them begins there; the entry's first address = no matter
 *
 * Return: how many they are.
 */
size_t ref_split(struct ref_map *map, size_t i, uint64_t sizes, dma_addr_t at);

/** ref_merge() - @nr entries from @i on become one of 2^@size_lg2 bytes. */
void ref_merge(struct ref_map *map, size_t i, size_t nr, unsigned int size_lg2);

/** ref_release() - forget everything. */
void ref_release(struct ref_map *map);

/**
 * struct test_rng - random numbers that can be repeated
 * @state: the seed
 */
struct test_rng {
	uint64_t state;
};

/** test_seed() - from PT_TEST_SEED in the environment, or the clock; printed. */
uint64_t test_seed(void);

/** test_random() - 64 random bits. */
uint64_t test_random(struct test_rng *rng);

/** test_below() - a random number below @n. */
uint64_t test_below(struct test_rng *rng, uint64_t n);

#endif
