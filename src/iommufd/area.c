/* SPDX-License-Identifier: MIT */
/*
 * Areas: where they go, and how they come and go.
 */
#include <stdlib.h>

#include "iommufd/hwpt.h"
#include "iommufd/ioas.h"

/* Alignment beyond this has no use: a larger page table entry is rare. */
#define MAX_AUTO_ALIGNMENT (2ULL << 20)

/* Lengths from here on have no alignment. */
#define MAX_LENGTH (1ULL << 63)

struct iommufd_area *iommufd_area_new(struct iommufd_pages *pages,
				      uint64_t offset, uint64_t length,
				      unsigned int prot)
{
	struct iommufd_area *area = calloc(1, sizeof(*area));

	if (!area) {
		iommufd_pages_put(pages);
		return NULL;
	}
	area->pages = pages;
	area->offset = offset;
	area->prot = prot;
	area->iova.last = length - 1;
	return area;
}

void iommufd_area_free_list(struct iommufd_area *areas)
{
	struct iommufd_area *next;

	for (; areas; areas = next) {
		next = areas->next;
		iommufd_pages_put(areas->pages);
		free(areas);
	}
}

/* ---- Finding a place ----------------------------------------------- */

/* The place in the lowest gap of [@fit->from, @fit->limit] that has one. */
static bool find_place(const struct iommufd_ioas *ioas, struct iommufd_fit fit,
		       uint64_t *iova)
{
	const struct iommufd_range *r;
	uint64_t gap;

	while (iommufd_range_gap(&ioas->areas, &fit, &gap, iova)) {
		r = iommufd_range_first(&ioas->reserved, gap,
					*iova + (fit.length - 1));
		if (!r)
			return true;
		if (r->last == UINT64_MAX)
			break;
		fit.from = r->last + 1;
	}
	return false;
}

static uint64_t lowest_bit(uint64_t value)
{
	return value & (0 - value);
}

/* The power of two that is at least @value, but no more than is of use. */
static uint64_t round_up_pow2(uint64_t value)
{
	if (value >= MAX_AUTO_ALIGNMENT)
		return MAX_AUTO_ALIGNMENT;
	return value < 2 ? 1 : 1ULL << (64 - __builtin_clzll(value - 1));
}

/* The same where ALLOW_IOVAS lets addresses be chosen; neighbours count as one. */
static bool find_allowed(const struct iommufd_ioas *ioas,
			 struct iommufd_fit fit, uint64_t *iova)
{
	const struct iommufd_range_tree *allowed = &ioas->allowed;
	struct iommufd_range *r = iommufd_range_first(allowed, 0, UINT64_MAX);

	while (r) {
		fit.from = r->start > UIOMMU_PAGE_SIZE ? r->start
						       : UIOMMU_PAGE_SIZE;
		do {
			fit.limit = r->last;
			r = iommufd_range_next(r, 0, UINT64_MAX);
		} while (r && r->start == fit.limit + 1);
		if (find_place(ioas, fit, iova))
			return true;
	}
	return false;
}

/*
 * An address that is as aligned as the memory is, so that large pages fit, and has
 * the bits of its offset in the page.
 */
static int choose_iova(struct iommufd_map *map)
{
	const struct iommufd_area *area = map->areas;
	uint64_t addr = area->pages->base + area->offset;
	uint64_t alignment = round_up_pow2(map->length);
	struct iommufd_ioas *ioas = map->ioas;
	struct iommufd_fit fit = {
		.from = UIOMMU_PAGE_SIZE,
		.limit = UINT64_MAX,
		.length = map->length,
		.bits = addr % UIOMMU_PAGE_SIZE,
	};
	bool found;

	if (map->length >= MAX_LENGTH)
		return -EOVERFLOW;
	if (addr && alignment > lowest_bit(addr))
		alignment = lowest_bit(addr);
	if (alignment < ioas->alignment)
		return -EINVAL;
	fit.modulus = alignment;
	found = ioas->allowed.root ? find_allowed(ioas, fit, &map->iova)
				   : find_place(ioas, fit, &map->iova);
	return found ? 0 : -ENOSPC;
}

static int check_fixed(const struct iommufd_map *map)
{
	uint64_t last;

	if ((map->iova | map->length) & (map->ioas->alignment - 1))
		return -EINVAL;
	if (__builtin_add_overflow(map->iova, map->length - 1, &last))
		return -EOVERFLOW;
	if (iommufd_range_first(&map->ioas->reserved, map->iova, last))
		return -EINVAL;
	if (iommufd_range_first(&map->ioas->areas, map->iova, last))
		return -EEXIST;
	return 0;
}

/* Are all borders of @map's areas where page tables can have them? */
static bool map_aligned(const struct iommufd_map *map)
{
	const struct iommufd_area *area;
	uint64_t bits = 0;

	for (area = map->areas; area; area = area->next)
		bits |= (area->iova.last + 1) | area->offset % UIOMMU_PAGE_SIZE;
	return !(bits & (map->ioas->alignment - 1));
}

/* Memory that was mapped to be read only stays so in copies. */
static bool may_write(const struct iommufd_map *map)
{
	const struct iommufd_area *area;

	for (area = map->areas; area; area = area->next)
		if ((area->prot & IOMMU_WRITE) && !area->pages->writable)
			return false;
	return true;
}

/* Where there is room: can it be what is asked for? */
static int check_areas(const struct iommufd_map *map)
{
	if (!may_write(map))
		return -EPERM;
	return map_aligned(map) ? 0 : -EINVAL;
}

/* Give the areas their IOVAs and put them into the IOAS. Locked. */
static int place(struct iommufd_map *map)
{
	struct iommufd_area *area;
	uint64_t iova;
	int rc;

	rc = map->fixed ? check_fixed(map) : choose_iova(map);
	if (!rc)
		rc = check_areas(map);
	if (rc)
		return rc;
	iova = map->iova;
	for (area = map->areas; area; area = area->next) {
		area->iova.start = iova;
		area->iova.last += iova;
		area->state = IOMMUFD_AREA_NEW;
		iova = area->iova.last + 1;
		iommufd_range_insert(&map->ioas->areas, &area->iova);
	}
	return 0;
}

/* ---- Mapping ------------------------------------------------------- */

static int pin_all(struct iommufd_map *map)
{
	struct iommufd_area *area;
	int rc;

	for (area = map->areas; area; area = area->next) {
		rc = iommufd_pages_pin(area->pages, area->offset,
				       iommufd_area_length(area));
		if (rc)
			return rc;
		area->pinned = true;
	}
	return 0;
}

static void unpin_all(struct iommufd_map *map)
{
	struct iommufd_area *area;

	for (area = map->areas; area; area = area->next) {
		if (area->pinned)
			iommufd_pages_unpin(area->pages, area->offset,
					    iommufd_area_length(area));
		area->pinned = false;
	}
}

/* The areas leave the IOAS as they came. */
static void withdraw(struct iommufd_map *map)
{
	struct iommufd_area *area;

	pthread_mutex_lock(&map->ioas->lock);
	for (area = map->areas; area; area = area->next) {
		iommufd_range_erase(&map->ioas->areas, &area->iova);
		area->iova.last -= area->iova.start;
		area->busy = false;
	}
	pthread_cond_broadcast(&map->ioas->changed);
	pthread_mutex_unlock(&map->ioas->lock);
}

/* Undo up to @stop_hwpt, in it up to @stop. @tables is held. */
static void unmap_all(struct iommufd_map *map,
		      const struct iommufd_hwpt *stop_hwpt,
		      const struct iommufd_area *stop)
{
	const struct iommufd_hwpt *hwpt = map->ioas->hwpts;
	const struct iommufd_area *area;

	for (; hwpt; hwpt = hwpt->next) {
		for (area = map->areas; area; area = area->next) {
			if (hwpt == stop_hwpt && area == stop)
				return;
			iommufd_area_unmap(area, hwpt->domain);
		}
	}
}

/* Map into every page table. @tables is held. */
static int map_all(struct iommufd_map *map, bool small_pages)
{
	const struct iommufd_hwpt *hwpt = map->ioas->hwpts;
	struct iommufd_area *area;
	int rc;

	for (; hwpt; hwpt = hwpt->next) {
		for (area = map->areas; area; area = area->next) {
			area->large |= !small_pages;
			rc = iommufd_area_map(area, small_pages, hwpt->domain);
			if (rc) {
				unmap_all(map, hwpt, area);
				return rc;
			}
		}
	}
	return 0;
}

static void make_live(struct iommufd_map *map)
{
	struct iommufd_area *area;

	pthread_mutex_lock(&map->ioas->lock);
	for (area = map->areas; area; area = area->next) {
		area->state = IOMMUFD_AREA_LIVE;
		area->busy = true;
	}
	pthread_mutex_unlock(&map->ioas->lock);
}

/*
 * With @tables held for reading: are the areas pinned as the page tables need it?
 */
static bool pinned_enough(struct iommufd_map *map, bool *small_pages)
{
	bool needed;

	pthread_mutex_lock(&map->ioas->lock);
	needed = map->ioas->pinners;
	*small_pages = map->ioas->small_pages;
	pthread_mutex_unlock(&map->ioas->lock);
	return !needed || map->areas->pinned;
}

int iommufd_map_begin(struct iommufd_map *map)
{
	struct iommufd_ioas *ioas = map->ioas;
	bool small_pages, pin;
	int rc;

	pthread_mutex_lock(&ioas->lock);
	rc = place(map);
	pin = ioas->pinners;
	pthread_mutex_unlock(&ioas->lock);
	if (rc)
		return rc;
	if (pin) {
		rc = pin_all(map);
		if (rc)
			goto err_withdraw;
	}
	pthread_rwlock_rdlock(&ioas->tables);
	while (!pinned_enough(map, &small_pages)) {
		pthread_rwlock_unlock(&ioas->tables);
		rc = pin_all(map);
		if (rc)
			goto err_withdraw;
		pthread_rwlock_rdlock(&ioas->tables);
	}
	rc = map_all(map, small_pages);
	if (!rc)
		make_live(map);
	pthread_rwlock_unlock(&ioas->tables);
	if (!rc)
		return 0;

err_withdraw:
	unpin_all(map);
	withdraw(map);
	return rc;
}

void iommufd_map_commit(struct iommufd_map *map)
{
	struct iommufd_area *area, *next;

	pthread_mutex_lock(&map->ioas->lock);
	for (area = map->areas; area; area = next) {
		/* Nothing holds on to an area that is not busy. */
		next = area->next;
		area->next = NULL;
		iommufd_area_release(map->ioas, area);
	}
	pthread_mutex_unlock(&map->ioas->lock);
}

void iommufd_map_abort(struct iommufd_map *map)
{
	struct iommufd_area *area;

	pthread_mutex_lock(&map->ioas->lock);
	for (area = map->areas; area; area = area->next)
		area->state = IOMMUFD_AREA_DYING;
	pthread_mutex_unlock(&map->ioas->lock);
	pthread_rwlock_rdlock(&map->ioas->tables);
	unmap_all(map, NULL, NULL);
	pthread_rwlock_unlock(&map->ioas->tables);
	unpin_all(map);
	withdraw(map);
}

/* ---- Unmapping ----------------------------------------------------- */

static bool within(const struct iommufd_area *area, uint64_t start,
		   uint64_t last)
{
	return area->iova.start >= start && area->iova.last <= last;
}

/* @area is LIVE and not busy. Locked, but not while working. */
static void kill_area(struct iommufd_ioas *ioas, struct iommufd_area *area)
{
	const struct iommufd_hwpt *hwpt;

	area->state = IOMMUFD_AREA_DYING;
	iommufd_ioas_reclaim(ioas, area->iova.start, area->iova.last);
	pthread_mutex_unlock(&ioas->lock);
	pthread_rwlock_rdlock(&ioas->tables);
	for (hwpt = ioas->hwpts; hwpt; hwpt = hwpt->next)
		iommufd_area_unmap(area, hwpt->domain);
	pthread_rwlock_unlock(&ioas->tables);
	if (area->pinned)
		iommufd_pages_unpin(area->pages, area->offset,
				    iommufd_area_length(area));
	pthread_mutex_lock(&ioas->lock);
	iommufd_range_erase(&ioas->areas, &area->iova);
	pthread_cond_broadcast(&ioas->changed);
	pthread_mutex_unlock(&ioas->lock);
	iommufd_area_free_list(area);
	pthread_mutex_lock(&ioas->lock);
}

/* May @area go, as part of [@start, @last]? Locked. */
static int may_kill(const struct iommufd_ioas *ioas,
		    const struct iommufd_area *area, uint64_t start,
		    uint64_t last)
{
	if (!within(area, start, last))
		return -ENOENT;
	return iommufd_ioas_locked(ioas, area->iova.start, area->iova.last)
		       ? -EBUSY
		       : 0;
}

/*
 * One area after the other, as far as they may go. Those that are not mapped yet are
 * left alone. Locked.
 */
static int kill_range(struct iommufd_ioas *ioas, uint64_t start, uint64_t last,
		      uint64_t *killed)
{
	uint64_t at = start, end;
	struct iommufd_area *area;
	struct iommufd_range *r;
	int rc;

	while ((r = iommufd_range_first(&ioas->areas, at, last))) {
		area = iommufd_area_of(r);
		end = area->iova.last;
		if (area->state == IOMMUFD_AREA_LIVE) {
			rc = may_kill(ioas, area, start, last);
			if (rc)
				return rc;
		}
		if (area->state != IOMMUFD_AREA_NEW &&
		    within(area, start, last)) {
			/* Gone means gone: wait for others who unmap, too. */
			if (area->busy || area->state != IOMMUFD_AREA_LIVE) {
				pthread_cond_wait(&ioas->changed, &ioas->lock);
				continue;
			}
			*killed += iommufd_area_length(area);
			kill_area(ioas, area);
		}
		if (end >= last)
			break;
		at = end + 1;
	}
	return 0;
}

int iommufd_ioas_unmap(struct iommufd_ioas *ioas, uint64_t start, uint64_t last,
		       uint64_t *unmapped)
{
	int rc;

	*unmapped = 0;
	pthread_mutex_lock(&ioas->lock);
	rc = kill_range(ioas, start, last, unmapped);
	pthread_mutex_unlock(&ioas->lock);
	return rc;
}

/* ---- Copying ------------------------------------------------------- */

/**
 * struct seek - what somebody looks for in an IOAS
 * @prot: permissions of the copies
 * @need: permissions that areas must have
 * @idle: areas that are busy are not good enough
 * @whole: the range begins a page of memory, and so do areas behind the first
 */
struct seek {
	unsigned int prot;
	unsigned int need;
	bool idle;
	bool whole;
};

/* May @area be found? Locked. */
static int may_find(const struct iommufd_area *area, const struct seek *seek)
{
	if (!area || area->state != IOMMUFD_AREA_LIVE)
		return -ENOENT;
	return area->busy && seek->idle ? -EAGAIN : 0;
}

/* Where [@iova, @last] leads, in @area: is it made of pages of the CPU's memory? */
static bool is_whole(const struct iommufd_area *area, uint64_t iova,
		     uint64_t last)
{
	uint64_t shift = area->offset - area->iova.start;

	if (area->pages->revoked || (iova + shift) % UIOMMU_PAGE_SIZE)
		return false;
	return area->iova.last >= last ||
	       !((area->iova.last + 1 + shift) % UIOMMU_PAGE_SIZE);
}

/* A new area for the part of @area in [@iova, @last]. Locked. */
static int copy_part(const struct iommufd_area *area, uint64_t iova,
		     uint64_t last, unsigned int prot,
		     struct iommufd_area **out)
{
	uint64_t offset = area->offset + (iova - area->iova.start);

	if (last > area->iova.last)
		last = area->iova.last;
	iommufd_pages_get(area->pages);
	*out = iommufd_area_new(area->pages, offset, last - iova + 1, prot);
	return *out ? 0 : -ENOMEM;
}

/* Locked. */
static int find_all(struct iommufd_ioas *ioas, uint64_t iova, uint64_t last,
		    const struct seek *seek, struct iommufd_area **areas)
{
	struct iommufd_area **tail = areas, *area;
	struct iommufd_range *r;
	uint64_t end;
	int rc;

	*areas = NULL;
	for (;;) {
		r = iommufd_range_first(&ioas->areas, iova, iova);
		area = r ? iommufd_area_of(r) : NULL;
		rc = may_find(area, seek);
		if (!rc && seek->whole && !is_whole(area, iova, last))
			rc = -EINVAL;
		if (!rc && (seek->need & ~area->prot))
			rc = -EPERM;
		if (rc)
			break;
		end = area->iova.last;
		rc = copy_part(area, iova, last, seek->prot, tail);
		if (rc || end >= last)
			break;
		tail = &(*tail)->next;
		iova = end + 1;
	}
	if (rc) {
		iommufd_area_free_list(*areas);
		*areas = NULL;
	}
	return rc;
}

int iommufd_ioas_find(struct iommufd_ioas *ioas, uint64_t iova, uint64_t last,
		      unsigned int prot, struct iommufd_area **areas)
{
	const struct seek seek = { .prot = prot };
	int rc;

	pthread_mutex_lock(&ioas->lock);
	rc = find_all(ioas, iova, last, &seek, areas);
	pthread_mutex_unlock(&ioas->lock);
	return rc;
}

int iommufd_ioas_parts(struct iommufd_ioas *ioas, uint64_t iova, uint64_t last,
		       unsigned int need, bool whole,
		       struct iommufd_area **areas)
{
	const struct seek seek = { .need = need, .idle = true, .whole = whole };
	int rc;

	while ((rc = find_all(ioas, iova, last, &seek, areas)) == -EAGAIN)
		pthread_cond_wait(&ioas->changed, &ioas->lock);
	return rc;
}
