/* SPDX-License-Identifier: MIT */
/* The detector of missing invalidations. */
#include "soft/detector.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void soft_detector_log(struct soft_iommu *iommu, enum soft_event_kind kind,
		       uint32_t domain_id, uint64_t va, uint64_t last)
{
	iommu->event[iommu->events++ % SOFT_MAX_EVENTS] = (struct soft_event){
		.serial = ++iommu->serial,
		.kind = kind,
		.domain_id = domain_id,
		.va = va,
		.last = last,
	};
}

void soft_detector_deliver(struct soft_iommu *iommu,
			   const struct soft_report *report)
{
	struct soft_suspect suspect = report->suspect;

	suspect.history = report->history;
	if (iommu->config.suspect)
		iommu->config.suspect(iommu->config.arg, &suspect);
}

/** struct text - a string that grows in a buffer of fixed size. */
struct text {
	char *buf;
	size_t size;
	size_t len;
};

static void __attribute__((format(printf, 2, 3)))
add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->buf + text->len, text->size - text->len, format,
		      args);
	va_end(args);
	if (n > 0)
		text->len += (size_t)n;
	if (text->len >= text->size)
		text->len = text->size - 1;
}

static void add_events(struct soft_iommu *iommu, struct text *text,
		       const struct soft_cache_entry *entry)
{
	static const char *const what[] = {
		[SOFT_EVENT_INVALIDATE] = "invalidated",
		[SOFT_EVENT_INVALIDATE_LEAF] = "invalidated (leaves only)",
		[SOFT_EVENT_UNMAPPED] = "unmapped",
	};
	uint64_t first = iommu->events > SOFT_MAX_EVENTS
				 ? iommu->events - SOFT_MAX_EVENTS
				 : 0;

	if (first &&
	    iommu->event[first % SOFT_MAX_EVENTS].serial > entry->serial)
		add(text, "; ...");
	for (uint64_t i = first; i < iommu->events; i++) {
		const struct soft_event *event =
			&iommu->event[i % SOFT_MAX_EVENTS];

		if (event->serial < entry->serial ||
		    event->domain_id != entry->domain_id)
			continue;
		add(text, "; #%" PRIu64 " %s 0x%" PRIx64 "-0x%" PRIx64,
		    event->serial, what[event->kind], event->va, event->last);
	}
}

static void add_now(struct text *text, const struct soft_walk *now)
{
	const struct soft_entry *step;

	if (now->steps == 0) {
		add(text, "; now no table translates it");
		return;
	}
	step = &now->step[now->steps - 1];
	add(text, "; now 0x%016" PRIx64 " stands at 0x%" PRIx64 " (level %u)",
	    step->raw, step->pa, step->level);
}

/* The lock is held. */
static void write_history(struct soft_iommu *iommu,
			  const struct soft_cache_entry *entry,
			  const struct soft_walk *now, char *buf, size_t size)
{
	struct text text = { buf, size, 0 };

	add(&text,
	    "#%" PRIu64 " cached 0x%" PRIx64 "-0x%" PRIx64
	    " for %02x:%02x.%x from 0x%016" PRIx64 " at 0x%" PRIx64,
	    entry->serial, entry->va, soft_cache_last(entry),
	    (entry->filler >> 8) & 0xff, (entry->filler >> 3) & 0x1f,
	    entry->filler & 7, entry->filled_raw, entry->filled_pa);
	add_events(iommu, &text, entry);
	add_now(&text, now);
}

static uint64_t walked_oa(const struct soft_walk *now)
{
	return now->reason == SOFT_OK ? now->oa : UINT64_MAX;
}

/* Does the walk pass through the table that a walk-cache entry points at? */
static bool passes(const struct soft_walk *now,
		   const struct soft_cache_entry *entry)
{
	unsigned int prot = SOFT_READ | SOFT_WRITE | SOFT_EXEC;

	for (unsigned int i = 0; i < now->steps; i++) {
		const struct soft_entry *step = &now->step[i];

		prot &= step->prot;
		if (step->kind == SOFT_TABLE &&
		    step->next_level == entry->level)
			return step->oa == entry->oa && !(entry->prot & ~prot);
	}
	return false;
}

/* Is @entry something else than what the table says of @now->va? */
static bool is_stale(struct soft_iommu *iommu, const struct soft_cache *cache,
		     const struct soft_cache_entry *entry,
		     const struct soft_walk *now)
{
	if (cache == &iommu->tables)
		return !passes(now, entry);
	return entry->oa + (now->va - entry->va) != walked_oa(now) ||
	       (entry->prot & ~now->prot);
}

static void fill_report(struct soft_iommu *iommu,
			const struct soft_cache_entry *entry,
			const struct soft_walk *now, struct soft_report *report)
{
	report->suspect.rid = entry->suspect_rid;
	report->suspect.domain_id = entry->domain_id;
	report->suspect.va = entry->suspect_va;
	report->suspect.cached_oa = entry->suspect_oa;
	report->suspect.walked_oa = walked_oa(now);
	write_history(iommu, entry, now, report->history,
		      sizeof(report->history));
}

/* The lock is held; @entry is the real one. */
static bool note_use(struct soft_iommu *iommu, const struct soft_use *use,
		     struct soft_cache_entry *entry, struct soft_report *report)
{
	bool due = entry->due && use->va >= entry->due_va &&
		   use->va <= entry->due_last;
	bool differs = use->oa != walked_oa(use->now) ||
		       (entry->prot & ~use->now->prot);

	if (!is_stale(iommu, use->cache, entry, use->now)) {
		/* The table is again what it was: nothing was missed here. */
		if (due)
			entry->due = false;
		return false;
	}
	if (!differs || entry->reported)
		return false;
	entry->suspect = true;
	entry->suspect_rid = use->rid;
	entry->suspect_va = use->va;
	entry->suspect_oa = use->oa;
	if (!due)
		return false;
	entry->reported = true;
	fill_report(iommu, entry, use->now, report);
	return true;
}

bool soft_detector_used(struct soft_iommu *iommu, const struct soft_use *use,
			struct soft_report *report)
{
	struct soft_cache_entry *entry;
	bool certain = false;

	pthread_mutex_lock(&iommu->lock);
	entry = soft_cache_get(use->cache, use->entry->domain_id,
			       use->entry->va, use->entry->size_lg2);
	if (entry && entry->serial == use->entry->serial)
		certain = note_use(iommu, use, entry, report);
	pthread_mutex_unlock(&iommu->lock);
	return certain;
}

static bool within(uint64_t at, uint64_t va, uint64_t last)
{
	return at >= va && at <= last;
}

/**
 * settle_entry() - one entry that an invalidation should have covered
 * @copy: of the entry
 *
 * Walks without the lock, then takes it to mark the entry, if it is still there.
 *
 * Return: true if @report is to be delivered.
 */
static bool settle_entry(struct soft_iommu *iommu, struct soft_cache *cache,
			 const struct soft_root *root,
			 const struct soft_cache_entry *copy, uint64_t va,
			 uint64_t last, struct soft_report *report)
{
	struct soft_cache_entry *entry;
	struct soft_walk now;
	bool certain = false;
	uint64_t at;

	if (va < copy->va)
		va = copy->va;
	if (last > soft_cache_last(copy))
		last = soft_cache_last(copy);
	at = copy->suspect && within(copy->suspect_va, va, last)
		     ? copy->suspect_va
		     : va;
	soft_walk(iommu->config.bus, root, at, 0, &now);
	if (!is_stale(iommu, cache, copy, &now))
		return false;

	pthread_mutex_lock(&iommu->lock);
	entry = soft_cache_get(cache, copy->domain_id, copy->va,
			       copy->size_lg2);
	if (entry && entry->serial == copy->serial) {
		entry->due = true;
		entry->due_va = va;
		entry->due_last = last;
		certain = entry->suspect && !entry->reported &&
			  entry->suspect_va == at;
		if (certain) {
			entry->reported = true;
			fill_report(iommu, entry, &now, report);
		}
	}
	pthread_mutex_unlock(&iommu->lock);
	return certain;
}

void soft_detector_settle(struct soft_iommu *iommu, struct soft_cache *cache,
			  uint32_t domain_id, uint64_t va, uint64_t last)
{
	struct soft_report report;
	struct soft_cache_entry *entry, copy;
	struct soft_root root;
	struct soft_dte *dte;
	size_t cursor = 0;

	for (;;) {
		pthread_mutex_lock(&iommu->lock);
		/* With no user of the domain left nothing can hit it. */
		dte = soft_devtab_find_domain(&iommu->devtab, domain_id);
		entry = dte ? soft_cache_next(cache, domain_id, va, last,
					      &cursor)
			    : NULL;
		if (entry) {
			copy = *entry;
			root = dte->root;
		}
		pthread_mutex_unlock(&iommu->lock);
		if (!entry)
			return;
		if (settle_entry(iommu, cache, &root, &copy, va, last, &report))
			soft_detector_deliver(iommu, &report);
	}
}
