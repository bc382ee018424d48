/* SPDX-License-Identifier: MIT */
/**
 * DOC: Inside the software IOMMU
 *
 * One lock guards the device table, both caches, the event log and the count of
 * requests under way. It is never held while the bus or a callback runs: a
 * request copies what it needs under the lock, walks and moves data without it,
 * and counts as under way in between. An invalidation forgets under the lock
 * and then waits for the requests that began before; those that begin meanwhile
 * find the caches as they are now and need not be waited for.
 */
#ifndef SOFT_IOMMU_H
#define SOFT_IOMMU_H

#include <pthread.h>

#include "soft/cache.h"
#include "soft/devtab.h"
#include "soft/soft_format.h"

/** enum soft_event_kind - what the detector remembers. */
enum soft_event_kind {
	SOFT_EVENT_INVALIDATE,
	SOFT_EVENT_INVALIDATE_LEAF,
	SOFT_EVENT_UNMAPPED,
};

/** struct soft_event - one thing that software did to @domain_id. */
struct soft_event {
	uint64_t serial;
	enum soft_event_kind kind;
	uint32_t domain_id;
	uint64_t va, last;
};

#define SOFT_MAX_EVENTS 32

/**
 * struct soft_iommu - one IOMMU
 * @lock: for all that follows
 * @drained: an active count reached zero, or a drain is over
 * @active: requests under way, by the phase in which they began
 * @phase: which of @active new requests count in
 * @draining: somebody waits for the other phase
 * @generation: changes with each invalidation; a walk that began in an earlier
 *	one must not fill the caches
 * @serial: numbers cache entries and events
 * @event: the last events, @event[n % SOFT_MAX_EVENTS]
 * @events: how many there were
 * @endpoints: who gets answers to page requests
 * @page_request: who reads page requests
 * @page_arg: for @page_request
 */
struct soft_iommu {
	struct soft_iommu_config config;
	pthread_mutex_t lock;
	pthread_cond_t drained;
	uint64_t active[2];
	unsigned int phase;
	bool draining;
	struct soft_devtab devtab;
	struct soft_cache iotlb;
	struct soft_cache tables;
	uint64_t generation;
	uint64_t serial;
	struct soft_event event[SOFT_MAX_EVENTS];
	uint64_t events;
	struct soft_endpoint *endpoints;
	void (*page_request)(void *arg, const struct soft_page_request *req);
	void *page_arg;
};

/** soft_update_flags() - set the accessed and dirty bits that @access calls for
 *
 * @walk ended in SOFT_OK. Return: 0; -EAGAIN: an entry changed meanwhile, walk
 * again; -EFAULT: no memory answered.
 */
int soft_update_flags(struct soft_bus *bus, const struct soft_root *root,
		      unsigned int access, struct soft_walk *walk);

/** soft_updates_dirty() - does the walker set dirty bits for @root? */
bool soft_updates_dirty(const struct soft_bus *bus,
			const struct soft_root *root);

#endif
