/* SPDX-License-Identifier: MIT */
/*
 * The reference map, and random numbers.
 */
#include "ref.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

size_t ref_find(const struct ref_map *map, dma_addr_t va)
{
	size_t i;

	for (i = 0; i < map->nr; i++)
		if (ref_last(&map->entry[i]) >= va)
			break;
	return i;
}

bool ref_range_free(const struct ref_map *map, dma_addr_t va, dma_addr_t last)
{
	size_t i = ref_find(map, va);

	return i == map->nr || map->entry[i].va > last;
}

unsigned int ref_best_size(uint64_t sizes, dma_addr_t va, phys_addr_t oa,
			   dma_addr_t len)
{
	unsigned int best = 0;
	unsigned int lg2;

	for (lg2 = 0; lg2 < 64; lg2++) {
		uint64_t size = 1ULL << lg2;

		if (sizes & size && va % size == 0 && oa % size == 0 &&
		    len >= size)
			best = lg2;
	}
	return best;
}

static void ref_insert(struct ref_map *map, size_t at, struct ref_entry entry)
{
	if (map->nr == map->max) {
		map->max = map->max ? 2 * map->max : 64;
		map->entry =
			realloc(map->entry, map->max * sizeof(map->entry[0]));
		if (!map->entry)
			abort();
	}
	memmove(&map->entry[at + 1], &map->entry[at],
		(map->nr - at) * sizeof(map->entry[0]));
	map->entry[at] = entry;
	map->nr++;
}

void ref_map_range(struct ref_map *map, uint64_t sizes, dma_addr_t va,
		   phys_addr_t oa, dma_addr_t len, unsigned int prot)
{
	size_t at = ref_find(map, va);

	while (len) {
		struct ref_entry entry = {
			.va = va,
			.oa = oa,
			.size_lg2 = ref_best_size(sizes, va, oa, len),
			.prot = prot & (IOMMU_READ | IOMMU_WRITE),
		};
		dma_addr_t bytes = (dma_addr_t)1 << entry.size_lg2;

		ref_insert(map, at++, entry);
		va += bytes;
		oa += bytes;
		len -= bytes;
	}
}

dma_addr_t ref_unmap_range(struct ref_map *map, dma_addr_t va, dma_addr_t len)
{
	size_t first = ref_find(map, va);
	dma_addr_t done = 0;
	size_t i = first;

	while (done < len && i < map->nr && map->entry[i].va == va + done) {
		done += (dma_addr_t)1 << map->entry[i].size_lg2;
		i++;
	}
	if (done)
		memmove(&map->entry[first], &map->entry[i],
			(map->nr - i) * sizeof(map->entry[0]));
	map->nr -= i - first;
	return done;
}

size_t ref_split(struct ref_map *map, size_t i, uint64_t sizes, dma_addr_t at)
{
	struct ref_entry old = map->entry[i];
	dma_addr_t before = at - old.va;
	size_t nr = map->nr;
	size_t k;

	map->nr--;
	memmove(&map->entry[i], &map->entry[i + 1],
		(map->nr - i) * sizeof(map->entry[0]));
	ref_map_range(map, sizes, old.va, old.oa, before, old.prot);
	ref_map_range(map, sizes, at, old.oa + before,
		      ((dma_addr_t)1 << old.size_lg2) - before, old.prot);
	nr = map->nr - (nr - 1);
	for (k = i; k < i + nr; k++)
		map->entry[k].dirty = old.dirty;
	return nr;
}

void ref_merge(struct ref_map *map, size_t i, size_t nr, unsigned int size_lg2)
{
	size_t k;

	for (k = i + 1; k < i + nr; k++)
		map->entry[i].dirty |= map->entry[k].dirty;
	map->entry[i].size_lg2 = size_lg2;
	memmove(&map->entry[i + 1], &map->entry[i + nr],
		(map->nr - i - nr) * sizeof(map->entry[0]));
	map->nr -= nr - 1;
}

void ref_release(struct ref_map *map)
{
	free(map->entry);
	*map = (struct ref_map){ .nr = 0 };
}

uint64_t test_seed(void)
{
	const char *env = getenv("PT_TEST_SEED");
	struct timespec now;
	uint64_t seed;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 20;
	if (env)
		seed = strtoull(env, NULL, 0);
	printf("# PT_TEST_SEED=%#llx\n", (unsigned long long)seed);
	return seed;
}

/* splitmix64 */
uint64_t test_random(struct test_rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t test_below(struct test_rng *rng, uint64_t n)
{
	return test_random(rng) % n;
}
