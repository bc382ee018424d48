/* SPDX-License-Identifier: MIT */
/* Requests of devices: translate, move the data, record what is blocked. */
#include "soft/iommu.h"
#include "soft/detector.h"

#include <errno.h>
#include <string.h>

/* How often an entry may change under an A/D update before the walker gives up.
 */
enum {
	MAX_RETRIES = 1000
};

/**
 * struct request - one piece of a device's request, within one translation
 * @dte: device table entry, as it was when the request began
 * @leaf: copy of the IOTLB entry that it hit
 * @table: copy of the walk-cache entry to start at, if there is no @leaf
 * @has_leaf: @leaf is valid
 * @has_table: @table is valid
 * @phase: in which it counts as under way
 * @generation: of the caches when they were asked
 * @oa: where @va goes
 * @last: last VA of the same translation
 * @walk: of the table as it is; for the fault record and the detector
 * @certain: @report is to be delivered
 * @hits: pieces of the request so far that the IOTLB knew
 * @misses: pieces that took a walk
 */
struct request {
	struct soft_iommu *iommu;
	uint32_t rid;
	uint32_t pasid;
	uint64_t va;
	unsigned int access;
	struct soft_dte dte;
	struct soft_cache_entry leaf, table;
	bool has_leaf, has_table;
	unsigned int phase;
	uint64_t generation;
	uint64_t oa;
	uint64_t last;
	struct soft_walk walk;
	bool certain;
	struct soft_report report;
	uint64_t hits, misses;
};

/* Can the request be served from @leaf alone? Else the walker must look. */
static bool leaf_suffices(const struct request *req,
			  const struct soft_cache_entry *leaf)
{
	if (req->access & ~leaf->prot)
		return false;
	return leaf->dirty || !(req->access & SOFT_WRITE) ||
	       !soft_updates_dirty(req->iommu->config.bus, &req->dte.root);
}

static void look_up(struct request *req)
{
	struct soft_iommu *iommu = req->iommu;
	struct soft_cache_entry *entry;

	entry = soft_cache_find(&iommu->iotlb, req->dte.domain_id, req->va);
	req->has_leaf = entry && leaf_suffices(req, entry);
	if (req->has_leaf) {
		req->leaf = *entry;
		return;
	}
	entry = soft_cache_find(&iommu->tables, req->dte.domain_id, req->va);
	req->has_table = entry != NULL;
	if (entry)
		req->table = *entry;
}

/* From here on until leave() an invalidation waits for us. */
static void enter(struct request *req)
{
	struct soft_iommu *iommu = req->iommu;
	struct soft_dte *dte;

	req->has_leaf = req->has_table = req->certain = false;
	memset(&req->walk, 0, sizeof(req->walk));
	req->walk.va = req->va;
	pthread_mutex_lock(&iommu->lock);
	req->phase = iommu->phase;
	iommu->active[req->phase]++;
	req->generation = iommu->generation;
	dte = soft_devtab_find(&iommu->devtab, req->rid, req->pasid);
	if (dte)
		req->dte = *dte;
	else
		req->dte.mode = SOFT_MODE_BLOCKED;
	if (req->dte.mode == SOFT_MODE_TRANSLATE)
		look_up(req);
	pthread_mutex_unlock(&iommu->lock);
}

static void leave(struct request *req)
{
	struct soft_iommu *iommu = req->iommu;

	pthread_mutex_lock(&iommu->lock);
	if (--iommu->active[req->phase] == 0 && req->phase != iommu->phase)
		pthread_cond_broadcast(&iommu->drained);
	pthread_mutex_unlock(&iommu->lock);
}

static void was_used(struct request *req, struct soft_cache *cache,
		     const struct soft_cache_entry *entry,
		     const struct soft_walk *now, uint64_t oa)
{
	struct soft_use use = {
		.cache = cache,
		.entry = entry,
		.rid = req->rid,
		.va = req->va,
		.oa = oa,
		.now = now,
	};

	req->certain = soft_detector_used(req->iommu, &use, &req->report);
}

/* The IOTLB knows; the walk is only the detector's and the fault record's. */
static enum soft_reason translate_hit(struct request *req)
{
	req->oa = req->leaf.oa + (req->va - req->leaf.va);
	req->last = soft_cache_last(&req->leaf);
	soft_walk(req->iommu->config.bus, &req->dte.root, req->va, 0,
		  &req->walk);
	was_used(req, &req->iommu->iotlb, &req->leaf, &req->walk, req->oa);
	return SOFT_OK;
}

static enum soft_reason walk_once(struct request *req)
{
	if (!req->has_table)
		return soft_walk(req->iommu->config.bus, &req->dte.root,
				 req->va, req->access, &req->walk);
	memset(&req->walk, 0, sizeof(req->walk));
	req->walk.va = req->va;
	req->walk.prot = req->table.prot;
	return soft_walk_from(req->iommu->config.bus, &req->dte.root,
			      req->table.oa, req->table.level, req->access,
			      &req->walk);
}

/* Walk, and set accessed and dirty bits; both again if an entry changed
 * between. */
static enum soft_reason walk_and_update(struct request *req)
{
	for (unsigned int i = 0; i < MAX_RETRIES; i++) {
		enum soft_reason reason = walk_once(req);
		int rc;

		if (reason != SOFT_OK)
			return reason;
		rc = soft_update_flags(req->iommu->config.bus, &req->dte.root,
				       req->access, &req->walk);
		if (!rc)
			return SOFT_OK;
		if (rc != -EAGAIN)
			break;
	}
	return SOFT_FAULT_BUS;
}

static void filled(struct request *req, struct soft_cache_entry *entry,
		   const struct soft_entry *from)
{
	entry->serial = ++req->iommu->serial;
	entry->filler = req->rid;
	entry->filled_pa = from->pa;
	entry->filled_raw = from->raw;
}

static void fill_table(struct request *req, const struct soft_entry *step,
		       unsigned int prot)
{
	struct soft_cache_entry *entry;

	entry = soft_cache_insert(&req->iommu->tables, req->dte.domain_id,
				  step->va, step->size_lg2);
	entry->oa = step->oa;
	entry->level = step->next_level;
	entry->prot = prot;
	filled(req, entry, step);
}

static void fill_leaf(struct request *req, const struct soft_entry *step)
{
	struct soft_cache_entry *entry;

	entry = soft_cache_insert(&req->iommu->iotlb, req->dte.domain_id,
				  step->va, step->size_lg2);
	entry->oa = step->oa;
	entry->level = step->level;
	entry->prot = req->walk.prot;
	entry->dirty = step->dirty;
	filled(req, entry, step);
}

/* Unless somebody invalidated meanwhile: what was read may be older than that. */
static void fill(struct request *req)
{
	struct soft_iommu *iommu = req->iommu;
	unsigned int prot = req->has_table ? req->table.prot
					   : SOFT_READ | SOFT_WRITE | SOFT_EXEC;

	pthread_mutex_lock(&iommu->lock);
	if (req->generation == iommu->generation) {
		for (unsigned int i = 0; i < req->walk.steps; i++) {
			const struct soft_entry *step = &req->walk.step[i];

			prot &= step->prot;
			if (step->kind == SOFT_TABLE)
				fill_table(req, step, prot);
			else
				fill_leaf(req, step);
		}
	}
	pthread_mutex_unlock(&iommu->lock);
}

static enum soft_reason translate_miss(struct request *req)
{
	enum soft_reason reason = walk_and_update(req);
	struct soft_walk now;

	if (req->has_table) {
		soft_walk(req->iommu->config.bus, &req->dte.root, req->va, 0,
			  &now);
		was_used(req, &req->iommu->tables, &req->table, &now,
			 reason == SOFT_OK ? req->walk.oa : UINT64_MAX);
	}
	req->walk.reason = reason;
	if (reason != SOFT_OK)
		return reason;
	fill(req);
	req->oa = req->walk.oa;
	req->last = req->va | soft_mask(req->walk.size_lg2);
	return SOFT_OK;
}

static enum soft_reason translate(struct request *req)
{
	if (req->dte.mode == SOFT_MODE_BLOCKED)
		return SOFT_FAULT_BLOCKED;
	if (req->dte.mode == SOFT_MODE_IDENTITY) {
		req->oa = req->va;
		req->last = UINT64_MAX;
		return SOFT_OK;
	}
	if (soft_root_check(&req->dte.root))
		return SOFT_FAULT_BAD_ROOT;
	if (!soft_in_input(&req->dte.root, req->va))
		return SOFT_FAULT_RANGE;
	if (req->has_leaf) {
		req->hits++;
		return translate_hit(req);
	}
	req->misses++;
	return translate_miss(req);
}

static enum soft_reason transfer(struct request *req, void *buf, size_t len)
{
	struct soft_bus *bus = req->iommu->config.bus;
	int rc = req->access & SOFT_WRITE ? bus->write(bus, req->oa, buf, len)
					  : bus->read(bus, req->oa, buf, len);

	if (!rc)
		return SOFT_OK;
	/* With stale caches this is not what the table says. */
	req->walk.oa = req->oa;
	req->walk.reason = SOFT_FAULT_BUS;
	return SOFT_FAULT_BUS;
}

/*
 * A walk that began at a cached table knows the end of its path only. For the
 * record take the whole path, unless it leads elsewhere than the cache did.
 */
static void complete_record(struct request *req, enum soft_reason reason)
{
	struct soft_walk whole;
	bool agrees;

	soft_walk(req->iommu->config.bus, &req->dte.root, req->va, req->access,
		  &whole);
	agrees = whole.reason == reason ||
		 (reason == SOFT_FAULT_BUS && whole.reason == SOFT_OK &&
		  whole.oa == req->oa);
	if (!agrees)
		return;
	req->walk = whole;
}

static void deliver_fault(struct request *req, enum soft_reason reason)
{
	struct soft_fault fault = {
		.rid = req->rid,
		.pasid = req->pasid,
		.va = req->va,
		.access = req->access,
		.walk = req->walk,
	};

	fault.walk.reason = reason;
	if (req->iommu->config.fault)
		req->iommu->config.fault(req->iommu->config.arg, &fault);
}

/* As much of @len as one translation covers; says how much in @len. */
static enum soft_reason dma_piece(struct request *req, void *buf, size_t *len)
{
	enum soft_reason reason;

	enter(req);
	reason = translate(req);
	if (reason == SOFT_OK) {
		if (*len - 1 > req->last - req->va)
			*len = (size_t)(req->last - req->va) + 1;
		reason = transfer(req, buf, *len);
	}
	if (reason != SOFT_OK && req->has_table)
		complete_record(req, reason);
	leave(req);
	if (req->certain)
		soft_detector_deliver(req->iommu, &req->report);
	if (reason != SOFT_OK)
		deliver_fault(req, reason);
	return reason;
}

static void deliver_dma(const struct request *req, uint64_t va, size_t len,
			size_t done, enum soft_reason reason)
{
	struct soft_dma dma = {
		.rid = req->rid,
		.pasid = req->pasid,
		.va = va,
		.len = len,
		.done = done,
		.access = req->access,
		.reason = reason,
		.hits = req->hits,
		.misses = req->misses,
	};

	if (req->iommu->config.dma)
		req->iommu->config.dma(req->iommu->config.arg, &dma);
}

enum soft_reason soft_iommu_dma(struct soft_iommu *iommu, uint32_t rid,
				uint32_t pasid, uint64_t va, void *buf,
				size_t len, unsigned int access, size_t *done)
{
	struct request req = {
		.iommu = iommu,
		.rid = rid,
		.pasid = pasid,
		.access = access,
	};
	enum soft_reason reason = SOFT_OK;
	size_t moved = 0, piece;

	while (moved < len && reason == SOFT_OK) {
		req.va = va + moved;
		if (req.va < va) {
			/* Addresses do not wrap around. */
			memset(&req.walk, 0, sizeof(req.walk));
			reason = SOFT_FAULT_RANGE;
			deliver_fault(&req, reason);
			break;
		}
		piece = len - moved;
		reason = dma_piece(&req, (char *)buf + moved, &piece);
		if (reason == SOFT_OK)
			moved += piece;
	}
	deliver_dma(&req, va, len, moved, reason);
	if (done)
		*done = moved;
	return reason;
}

static enum soft_reason look(const struct request *req, uint64_t *last)
{
	struct soft_walk walk;
	enum soft_reason reason;

	if (req->dte.mode == SOFT_MODE_BLOCKED)
		return SOFT_FAULT_BLOCKED;
	*last = UINT64_MAX;
	if (req->dte.mode == SOFT_MODE_IDENTITY)
		return SOFT_OK;
	reason = soft_walk(req->iommu->config.bus, &req->dte.root, req->va,
			   req->access, &walk);
	if (reason == SOFT_OK)
		*last = req->va | soft_mask(walk.size_lg2);
	return reason;
}

enum soft_reason soft_iommu_ats(struct soft_iommu *iommu, uint32_t rid,
				uint32_t pasid, uint64_t va,
				unsigned int access, uint64_t *last)
{
	struct request req = {
		.iommu = iommu,
		.rid = rid,
		.pasid = pasid,
		.va = va,
		.access = access,
	};
	enum soft_reason reason;

	enter(&req);
	reason = look(&req, last);
	leave(&req);
	return reason;
}
