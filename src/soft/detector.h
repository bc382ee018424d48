/* SPDX-License-Identifier: MIT */
/**
 * DOC: The detector of missing invalidations
 *
 * Each use of a cached translation is compared with a walk of the table as it
 * is. A difference alone is no error: between the change of an entry and the
 * end of its invalidation hardware may use either. It makes the cached entry
 * suspect. The error is certain once the invalidation that was owed is over
 * ("due") and the entry is still there, different and used.
 */
#ifndef SOFT_DETECTOR_H
#define SOFT_DETECTOR_H

#include "soft/iommu.h"

/**
 * struct soft_use - one use of a cache entry
 * @cache: where it stood
 * @entry: a copy of it
 * @rid: who used it
 * @va: for what
 * @oa: what came out; UINT64_MAX = nothing
 * @now: a walk of the whole table, made after the entry was read
 */
struct soft_use {
	struct soft_cache *cache;
	const struct soft_cache_entry *entry;
	uint32_t rid;
	uint64_t va;
	uint64_t oa;
	const struct soft_walk *now;
};

/** struct soft_report - a suspect with the memory of its history. */
struct soft_report {
	struct soft_suspect suspect;
	char history[1024];
};

/**
 * soft_detector_used() - a translation from a cache was used
 *
 * The lock is not held. Return: true if @report is to be delivered.
 */
bool soft_detector_used(struct soft_iommu *iommu, const struct soft_use *use,
			struct soft_report *report);

/**
 * soft_detector_settle() - no invalidation of the range is owed any more to @cache
 *
 * The lock is not held; reports what is already certain.
 */
void soft_detector_settle(struct soft_iommu *iommu, struct soft_cache *cache,
			  uint32_t domain_id, uint64_t va, uint64_t last);

/** soft_detector_log() - remember an event. The lock is held. */
void soft_detector_log(struct soft_iommu *iommu, enum soft_event_kind kind,
		       uint32_t domain_id, uint64_t va, uint64_t last);

/** soft_detector_deliver() - call the configured callback. The lock is not held. */
void soft_detector_deliver(struct soft_iommu *iommu,
			   const struct soft_report *report);

#endif
