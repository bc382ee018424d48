/* SPDX-License-Identifier: MIT */
/*
 * The page tables of an IOAS: filling them with areas, adding and removing them.
 */
#include "iommufd/hwpt.h"
#include "iommufd/ioas.h"

/* ---- One area in one page table ------------------------------------ */

/*
 * Map one contiguous piece. With small pages, each page by itself, so that the page
 * table finds no reason to use a larger one. *@done counts what is mapped.
 */
static int map_piece(struct iommu_domain *domain, uint64_t iova, phys_addr_t pa,
		     uint64_t len, unsigned int prot, bool small_pages,
		     uint64_t *done)
{
	uint64_t n = len;
	int rc;

	for (; len; len -= n, iova += n, pa += n) {
		if (small_pages)
			n = UIOMMU_PAGE_SIZE - pa % UIOMMU_PAGE_SIZE;
		if (n > len)
			n = len;
		rc = iommu_map_nosync(domain, iova, pa, n, prot, GFP_KERNEL);
		if (rc)
			return rc;
		*done += n;
	}
	return 0;
}

static void unmap_range(struct iommu_domain *domain, uint64_t iova,
			uint64_t len)
{
	if (!len)
		return;
	iommu_unmap_sync(domain, iova, len);
	iommu_unmapped(domain, iova, iova + len - 1);
}

int iommufd_area_map(const struct iommufd_area *area, bool small_pages,
		     struct iommu_domain *domain)
{
	uint64_t length = iommufd_area_length(area);
	struct iommufd_cursor cursor;
	uint64_t len, done = 0;
	phys_addr_t pa;
	int rc = 0;

	if (area->pages->revoked &&
	    __atomic_load_n(area->pages->revoked, __ATOMIC_ACQUIRE))
		return 0;
	/* A container can map what nobody may reach, as long as nobody could. */
	if (!(area->prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	iommufd_cursor_init(&cursor, area->pages, area->offset, length);
	while (!rc && iommufd_cursor_next(&cursor, &pa, &len))
		rc = map_piece(domain, area->iova.start + done, pa, len,
			       area->prot, small_pages, &done);
	iommufd_cursor_fini(&cursor);
	if (!rc)
		rc = iommu_sync_map(domain, area->iova.start, length);
	if (rc)
		unmap_range(domain, area->iova.start, done);
	return rc;
}

void iommufd_area_unmap(const struct iommufd_area *area,
			struct iommu_domain *domain)
{
	unmap_range(domain, area->iova.start, iommufd_area_length(area));
}

/* ---- Pinning for page tables --------------------------------------- */

void iommufd_area_release(struct iommufd_ioas *ioas, struct iommufd_area *area)
{
	while (area->pinned && !ioas->pinners) {
		area->pinned = false;
		pthread_mutex_unlock(&ioas->lock);
		iommufd_pages_unpin(area->pages, area->offset,
				    iommufd_area_length(area));
		pthread_mutex_lock(&ioas->lock);
	}
	area->busy = false;
	pthread_cond_broadcast(&ioas->changed);
}

/* Pin @area, which is LIVE and not busy. Locked, but not while pinning. */
static int pin_area(struct iommufd_ioas *ioas, struct iommufd_area *area)
{
	int rc;

	area->busy = true;
	pthread_mutex_unlock(&ioas->lock);
	rc = iommufd_pages_pin(area->pages, area->offset,
			       iommufd_area_length(area));
	pthread_mutex_lock(&ioas->lock);
	area->pinned = !rc;
	iommufd_area_release(ioas, area);
	return rc;
}

/* The first area that ends at @at or behind, or NULL. Locked. */
static struct iommufd_area *area_from(const struct iommufd_ioas *ioas,
				      uint64_t at)
{
	struct iommufd_range *r;

	r = iommufd_range_first(&ioas->areas, at, UINT64_MAX);
	return r ? iommufd_area_of(r) : NULL;
}

/* Pin every LIVE area. Locked, but not while pinning. */
static int pin_areas(struct iommufd_ioas *ioas)
{
	struct iommufd_area *area;
	uint64_t at = 0, last;
	int rc;

	while ((area = area_from(ioas, at))) {
		if (area->state == IOMMUFD_AREA_LIVE && area->busy) {
			pthread_cond_wait(&ioas->changed, &ioas->lock);
			continue;
		}
		last = area->iova.last;
		if (area->state == IOMMUFD_AREA_LIVE && !area->pinned) {
			rc = pin_area(ioas, area);
			if (rc)
				return rc;
		}
		if (last == UINT64_MAX)
			break;
		at = last + 1;
	}
	return 0;
}

/* Unpin what nobody needs pinned. Locked, but not while unpinning. */
static void unpin_areas(struct iommufd_ioas *ioas)
{
	struct iommufd_area *area;
	uint64_t at = 0, last;

	while (!ioas->pinners && (area = area_from(ioas, at))) {
		last = area->iova.last;
		if (area->state == IOMMUFD_AREA_LIVE && !area->busy) {
			area->busy = true;
			iommufd_area_release(ioas, area);
		}
		if (last == UINT64_MAX)
			break;
		at = last + 1;
	}
}

/* ---- Adding and removing ------------------------------------------- */

static void link_hwpt(struct iommufd_hwpt **list, struct iommufd_hwpt *hwpt)
{
	hwpt->next = *list;
	*list = hwpt;
}

static void unlink_hwpt(struct iommufd_hwpt **list, struct iommufd_hwpt *hwpt)
{
	while (*list != hwpt)
		list = &(*list)->next;
	*list = hwpt->next;
	hwpt->next = NULL;
}

static void reserve_outside(struct iommufd_hwpt *hwpt,
			    struct iommufd_reserved *r, uint64_t start,
			    uint64_t last)
{
	r->iova.start = start;
	r->iova.last = last;
	r->next = hwpt->outside;
	hwpt->outside = r;
}

/* What lies outside the aperture is as good as reserved. */
static void find_outside(struct iommufd_hwpt *hwpt)
{
	const struct iommu_domain_geometry *geo = &hwpt->domain->geometry;

	if (geo->aperture_start)
		reserve_outside(hwpt, &hwpt->reserved[0], 0,
				geo->aperture_start - 1);
	if (geo->aperture_end != UINT64_MAX)
		reserve_outside(hwpt, &hwpt->reserved[1], geo->aperture_end + 1,
				UINT64_MAX);
}

/* From now on areas fit @hwpt and are pinned for it. Locked. */
static int announce(struct iommufd_ioas *ioas, struct iommufd_hwpt *hwpt)
{
	int rc;

	find_outside(hwpt);
	rc = iommufd_ioas_reserve(ioas, hwpt->outside);
	if (rc)
		return rc;
	link_hwpt(&ioas->joining, hwpt);
	rc = iommufd_ioas_realign(ioas);
	if (rc) {
		unlink_hwpt(&ioas->joining, hwpt);
		iommufd_ioas_unreserve(ioas, hwpt->outside);
		return rc;
	}
	ioas->pinners++;
	return 0;
}

/* Locked. */
static void unreserve(struct iommufd_ioas *ioas, struct iommufd_hwpt *hwpt)
{
	iommufd_ioas_unreserve(ioas, hwpt->outside);
	/* An alignment that becomes smaller is in nobody's way. */
	PORT_WARN_ON(iommufd_ioas_realign(ioas));
}

/* Is every LIVE area pinned? Locked. */
static bool all_pinned(const struct iommufd_ioas *ioas)
{
	struct iommufd_range *r;

	for (r = iommufd_range_first(&ioas->areas, 0, UINT64_MAX); r;
	     r = iommufd_range_next(r, 0, UINT64_MAX))
		if (iommufd_area_of(r)->state == IOMMUFD_AREA_LIVE &&
		    !iommufd_area_of(r)->pinned)
			return false;
	return true;
}

/* Map every LIVE area in @hwpt. @tables is held for writing; locked. */
static int fill_hwpt(struct iommufd_ioas *ioas, struct iommufd_hwpt *hwpt)
{
	struct iommufd_area *area;
	struct iommufd_range *r;
	int rc;

	for (r = iommufd_range_first(&ioas->areas, 0, UINT64_MAX); r;
	     r = iommufd_range_next(r, 0, UINT64_MAX)) {
		area = iommufd_area_of(r);
		if (area->state != IOMMUFD_AREA_LIVE)
			continue;
		area->large |= !ioas->small_pages;
		rc = iommufd_area_map(area, ioas->small_pages, hwpt->domain);
		if (rc)
			return rc;
	}
	return 0;
}

/*
 * One try to pin everything and then map it. *@again: an area came in between that
 * is not pinned. Locked on entry and return.
 */
static int join(struct iommufd_ioas *ioas, struct iommufd_hwpt *hwpt,
		bool *again)
{
	int rc;

	*again = false;
	rc = pin_areas(ioas);
	if (rc)
		return rc;
	pthread_mutex_unlock(&ioas->lock);
	pthread_rwlock_wrlock(&ioas->tables);
	pthread_mutex_lock(&ioas->lock);
	if (!all_pinned(ioas))
		*again = true;
	else
		rc = fill_hwpt(ioas, hwpt);
	if (!*again && !rc) {
		unlink_hwpt(&ioas->joining, hwpt);
		link_hwpt(&ioas->hwpts, hwpt);
	}
	pthread_rwlock_unlock(&ioas->tables);
	return rc;
}

int iommufd_ioas_add_hwpt(struct iommufd_ioas *ioas, struct iommufd_hwpt *hwpt)
{
	bool again;
	int rc;

	pthread_mutex_lock(&ioas->lock);
	rc = announce(ioas, hwpt);
	if (rc)
		goto out;
	do {
		rc = join(ioas, hwpt, &again);
	} while (again);
	if (rc) {
		unlink_hwpt(&ioas->joining, hwpt);
		unreserve(ioas, hwpt);
		ioas->pinners--;
		unpin_areas(ioas);
	}
out:
	pthread_mutex_unlock(&ioas->lock);
	return rc;
}

void iommufd_ioas_remove_hwpt(struct iommufd_ioas *ioas,
			      struct iommufd_hwpt *hwpt)
{
	pthread_rwlock_wrlock(&ioas->tables);
	pthread_mutex_lock(&ioas->lock);
	unlink_hwpt(&ioas->hwpts, hwpt);
	unreserve(ioas, hwpt);
	pthread_mutex_unlock(&ioas->lock);
	pthread_rwlock_unlock(&ioas->tables);
	iommu_domain_free(hwpt->domain);
	pthread_mutex_lock(&ioas->lock);
	ioas->pinners--;
	unpin_areas(ioas);
	pthread_mutex_unlock(&ioas->lock);
}
