/* SPDX-License-Identifier: MIT */
/* A set-associative cache of translations of any size. */
#include "soft/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int soft_cache_init(struct soft_cache *cache, unsigned int lg2)
{
	memset(cache, 0, sizeof(*cache));
	cache->ways_lg2 = lg2 < 2 ? lg2 : 2;
	cache->sets_lg2 = lg2 - cache->ways_lg2;
	cache->entry = calloc((size_t)1 << lg2, sizeof(*cache->entry));
	return cache->entry ? 0 : -ENOMEM;
}

void soft_cache_fini(struct soft_cache *cache)
{
	free(cache->entry);
	cache->entry = NULL;
}

static struct soft_cache_entry *cache_set(struct soft_cache *cache,
					  uint32_t domain_id, uint64_t va,
					  unsigned int size_lg2)
{
	uint64_t hash = (va >> size_lg2) * 64 + size_lg2;

	hash = (hash ^ ((uint64_t)domain_id << 40)) *
	       UINT64_C(0x9e3779b97f4a7c15);
	hash = cache->sets_lg2 ? hash >> (64 - cache->sets_lg2) : 0;
	return &cache->entry[hash << cache->ways_lg2];
}

struct soft_cache_entry *soft_cache_get(struct soft_cache *cache,
					uint32_t domain_id, uint64_t va,
					unsigned int size_lg2)
{
	struct soft_cache_entry *set =
		cache_set(cache, domain_id, va, size_lg2);

	for (unsigned int way = 0; way < 1u << cache->ways_lg2; way++)
		if (set[way].valid && set[way].domain_id == domain_id &&
		    set[way].size_lg2 == size_lg2 &&
		    set[way].va == va >> size_lg2 << size_lg2)
			return &set[way];
	return NULL;
}

struct soft_cache_entry *soft_cache_find(struct soft_cache *cache,
					 uint32_t domain_id, uint64_t va)
{
	struct soft_cache_entry *entry;

	for (uint64_t sizes = cache->sizes; sizes; sizes &= sizes - 1) {
		entry = soft_cache_get(cache, domain_id, va,
				       (unsigned int)__builtin_ctzll(sizes));
		if (entry) {
			entry->used = ++cache->clock;
			return entry;
		}
	}
	return NULL;
}

void soft_cache_drop(struct soft_cache *cache, struct soft_cache_entry *entry)
{
	entry->valid = false;
	if (--cache->count[entry->size_lg2] == 0)
		cache->sizes &= ~(UINT64_C(1) << entry->size_lg2);
}

static struct soft_cache_entry *cache_victim(struct soft_cache *cache,
					     struct soft_cache_entry *set)
{
	struct soft_cache_entry *victim = set;

	for (unsigned int way = 0; way < 1u << cache->ways_lg2; way++) {
		if (!set[way].valid)
			return &set[way];
		if (set[way].used < victim->used)
			victim = &set[way];
	}
	return victim;
}

struct soft_cache_entry *soft_cache_insert(struct soft_cache *cache,
					   uint32_t domain_id, uint64_t va,
					   unsigned int size_lg2)
{
	struct soft_cache_entry *entry =
		soft_cache_get(cache, domain_id, va, size_lg2);

	if (!entry)
		entry = cache_victim(cache,
				     cache_set(cache, domain_id, va, size_lg2));
	if (entry->valid)
		soft_cache_drop(cache, entry);
	memset(entry, 0, sizeof(*entry));
	entry->valid = true;
	entry->domain_id = domain_id;
	entry->va = va >> size_lg2 << size_lg2;
	entry->size_lg2 = size_lg2;
	entry->used = ++cache->clock;
	cache->count[size_lg2]++;
	cache->sizes |= UINT64_C(1) << size_lg2;
	return entry;
}

struct soft_cache_entry *soft_cache_next(struct soft_cache *cache,
					 uint32_t domain_id, uint64_t va,
					 uint64_t last, size_t *cursor)
{
	size_t n = (size_t)1 << (cache->sets_lg2 + cache->ways_lg2);

	if (!cache->sizes)
		return NULL;
	while (*cursor < n) {
		struct soft_cache_entry *entry = &cache->entry[(*cursor)++];

		if (entry->valid && entry->domain_id == domain_id &&
		    entry->va <= last && soft_cache_last(entry) >= va)
			return entry;
	}
	return NULL;
}

/* Is it less work to ask for each page of the range than to look at each entry?
 */
static bool cache_range_is_small(const struct soft_cache *cache, uint64_t va,
				 uint64_t last)
{
	uint64_t probes = 0;

	for (uint64_t sizes = cache->sizes; sizes; sizes &= sizes - 1) {
		unsigned int lg2 = (unsigned int)__builtin_ctzll(sizes);
		uint64_t pages = (last >> lg2) - (va >> lg2);

		if (pages >= UINT64_C(1) << cache->sets_lg2)
			return false;
		probes += pages + 1;
	}
	return probes <= UINT64_C(1) << cache->sets_lg2;
}

static void cache_purge_pages(struct soft_cache *cache, uint32_t domain_id,
			      uint64_t va, uint64_t last)
{
	struct soft_cache_entry *entry;

	for (uint64_t sizes = cache->sizes; sizes; sizes &= sizes - 1) {
		unsigned int lg2 = (unsigned int)__builtin_ctzll(sizes);

		for (uint64_t page = va >> lg2; page <= last >> lg2; page++) {
			entry = soft_cache_get(cache, domain_id, page << lg2,
					       lg2);
			if (entry)
				soft_cache_drop(cache, entry);
		}
	}
}

void soft_cache_purge(struct soft_cache *cache, uint32_t domain_id, uint64_t va,
		      uint64_t last)
{
	struct soft_cache_entry *entry;
	size_t cursor = 0;

	if (cache_range_is_small(cache, va, last)) {
		cache_purge_pages(cache, domain_id, va, last);
		return;
	}
	while ((entry = soft_cache_next(cache, domain_id, va, last, &cursor)))
		soft_cache_drop(cache, entry);
}
