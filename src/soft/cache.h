/* SPDX-License-Identifier: MIT */
/**
 * DOC: A set-associative cache of translations
 *
 * Used twice: as the IOTLB (leaves) and as the walk cache (pointers to tables).
 * Entries are tagged with a domain id and cover a naturally aligned power of
 * two of addresses, each entry its own. Not locked: the IOMMU's lock is held.
 */
#ifndef SOFT_CACHE_H
#define SOFT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct soft_cache_entry - one translation
 * @valid: in use
 * @domain_id: tag
 * @va: first address
 * @size_lg2: log2 of the bytes
 * @oa: where @va goes; in the walk cache the table's address
 * @prot: SOFT_READ, ... of the whole path
 * @level: of the leaf; in the walk cache the table's
 * @dirty: the walker need not set the dirty bit any more
 * @used: when it was used last
 * @serial: when it was filled; unlike any other entry's
 * @filler: requester id that caused it
 * @filled_pa: the entry it was made from
 * @filled_raw: its value then
 * @suspect: a hit found the table different, at @suspect_va
 * @due: the invalidation of [@due_va, @due_last] is over and missed it
 * @reported: said once
 */
struct soft_cache_entry {
	bool valid;
	uint32_t domain_id;
	uint64_t va;
	unsigned int size_lg2;
	uint64_t oa;
	unsigned int prot;
	unsigned int level;
	bool dirty;
	uint64_t used;

	uint64_t serial;
	uint32_t filler;
	uint64_t filled_pa;
	uint64_t filled_raw;
	bool suspect, due, reported;
	uint32_t suspect_rid;
	uint64_t suspect_va;
	uint64_t suspect_oa;
	uint64_t due_va, due_last;
};

/**
 * struct soft_cache - all entries
 * @entry: 1 << (@sets_lg2 + @ways_lg2) of them, set by set
 * @count: valid entries of each size
 * @sizes: which of @count are not zero
 * @clock: for soft_cache_entry.used
 */
struct soft_cache {
	struct soft_cache_entry *entry;
	unsigned int sets_lg2;
	unsigned int ways_lg2;
	size_t count[64];
	uint64_t sizes;
	uint64_t clock;
};

/** soft_cache_init() - 1 << @lg2 entries; 0 or -ENOMEM. */
int soft_cache_init(struct soft_cache *cache, unsigned int lg2);
void soft_cache_fini(struct soft_cache *cache);

/** soft_cache_find() - the smallest entry that covers @va, or NULL. */
struct soft_cache_entry *soft_cache_find(struct soft_cache *cache,
					 uint32_t domain_id, uint64_t va);

/** soft_cache_get() - the entry of that size at @va, or NULL. */
struct soft_cache_entry *soft_cache_get(struct soft_cache *cache,
					uint32_t domain_id, uint64_t va,
					unsigned int size_lg2);

/**
 * soft_cache_insert() - an entry for 2^@size_lg2 bytes (at most 2^63) around @va
 *
 * Replaces the entry of the same place and size, else the one of its set that
 * was not used for longest. Return: the entry; all but tag, place and size is
 * zero.
 */
struct soft_cache_entry *soft_cache_insert(struct soft_cache *cache,
					   uint32_t domain_id, uint64_t va,
					   unsigned int size_lg2);

/** soft_cache_drop() - forget @entry. */
void soft_cache_drop(struct soft_cache *cache, struct soft_cache_entry *entry);

/** soft_cache_purge() - forget what touches [@va, @last] of @domain_id. */
void soft_cache_purge(struct soft_cache *cache, uint32_t domain_id, uint64_t va,
		      uint64_t last);

/**
 * soft_cache_next() - what touches [@va, @last] of @domain_id, one after the other
 * @cursor: 0 before the first; survives changes of the cache
 *
 * Return: NULL after the last.
 */
struct soft_cache_entry *soft_cache_next(struct soft_cache *cache,
					 uint32_t domain_id, uint64_t va,
					 uint64_t last, size_t *cursor);

/** soft_cache_last() - last address that @entry covers. */
static inline uint64_t soft_cache_last(const struct soft_cache_entry *entry)
{
	return entry->va + ((UINT64_C(1) << entry->size_lg2) - 1);
}

#endif
