/* SPDX-License-Identifier: MIT */
/*
 * Making areas smaller: one becomes two. Everything that can fail is done for all
 * borders before the first area changes, and none of it can be seen from outside: page
 * tables that have been split translate as before, and so do pins.
 */
#include <stdlib.h>

#include "iommufd/hwpt.h"
#include "iommufd/ioas.h"

/**
 * struct cut - one border that is to be made
 * @at: first IOVA behind it
 * @area: the area that crosses it, which we are busy with, or NULL
 * @tail: what will begin there
 * @done: it does
 */
struct cut {
	uint64_t at;
	struct iommufd_area *area;
	struct iommufd_area *tail;
	bool done;
};

/* The LIVE area that crosses @at, or NULL. Locked. */
static struct iommufd_area *crossing(const struct iommufd_ioas *ioas,
				     uint64_t at)
{
	struct iommufd_range *r = iommufd_range_first(&ioas->areas, at, at);

	if (!r || r->start == at ||
	    iommufd_area_of(r)->state != IOMMUFD_AREA_LIVE)
		return NULL;
	return iommufd_area_of(r);
}

static bool can_cut(const struct iommufd_area *area, uint64_t at)
{
	uint64_t offset = area->offset + (at - area->iova.start);

	return !(offset % UIOMMU_PAGE_SIZE) && !(at % UIOMMU_PAGE_SIZE);
}

/* Become busy with the area that crosses @cut, or is @ours already. Locked. */
static int claim(struct iommufd_ioas *ioas, struct cut *cut,
		 const struct iommufd_area *ours)
{
	struct iommufd_area *area;

	while ((area = crossing(ioas, cut->at)) && area->busy && area != ours)
		pthread_cond_wait(&ioas->changed, &ioas->lock);
	if (!area)
		return 0;
	if (!can_cut(area, cut->at))
		return -EINVAL;
	area->busy = true;
	cut->area = area;
	return 0;
}

/* Also on failure what has been split is flushed. */
static int cut_domain(struct iommu_domain *domain, uint64_t at)
{
	struct iommu_iotlb_gather gather;
	int rc;

	iommu_iotlb_gather_init(&gather);
	rc = iommu_cut(domain, at, GFP_KERNEL, &gather);
	iommu_iotlb_sync(domain, &gather);
	return rc;
}

/* No entry that maps @area crosses @at. @tables is held. */
static int cut_tables(const struct iommufd_ioas *ioas,
		      const struct iommufd_area *area, uint64_t at)
{
	const struct iommufd_hwpt *hwpt;
	int rc = 0;

	if (!area->large)
		return 0;
	for (hwpt = ioas->hwpts; hwpt && !rc; hwpt = hwpt->next)
		rc = cut_domain(hwpt->domain, at);
	return rc;
}

/* All that can fail. @tables is held for reading. */
static int prepare(struct iommufd_ioas *ioas, struct cut *cut)
{
	const struct iommufd_area *area = cut->area;
	int rc = 0;

	if (!area)
		return 0;
	iommufd_pages_get(area->pages);
	cut->tail = iommufd_area_new(area->pages, 0, 1, area->prot);
	if (!cut->tail)
		return -ENOMEM;
	if (area->pinned)
		rc = iommufd_pages_cut(area->pages,
				       area->offset +
					       (cut->at - area->iova.start));
	return rc ? rc : cut_tables(ioas, area, cut->at);
}

/* Locked, with @tables held for reading. */
static void commit(struct iommufd_ioas *ioas, struct cut *cut)
{
	struct iommufd_area *tail = cut->tail, *area;

	if (!tail)
		return;
	/* If both borders cross one area, this is the tail of the first. */
	area = crossing(ioas, cut->at);
	if (PORT_WARN_ON(!area))
		return;
	tail->iova.start = cut->at;
	tail->iova.last = area->iova.last;
	tail->offset = area->offset + (cut->at - area->iova.start);
	tail->state = area->state;
	tail->pinned = area->pinned;
	tail->large = area->large;
	iommufd_range_set_last(&area->iova, cut->at - 1);
	iommufd_range_insert(&ioas->areas, &tail->iova);
	tail->busy = true;
	cut->done = true;
}

/* Locked, but not while unpinning what nobody needs pinned any more. */
static void finish(struct iommufd_ioas *ioas, const struct cut *cut)
{
	if (cut->area)
		iommufd_area_release(ioas, cut->area);
	if (cut->done)
		iommufd_area_release(ioas, cut->tail);
}

int iommufd_ioas_cut(struct iommufd_ioas *ioas, uint64_t start, uint64_t last)
{
	struct cut cut[2] = { { .at = start }, { .at = last + 1 } };
	int rc, i;

	pthread_mutex_lock(&ioas->lock);
	rc = claim(ioas, &cut[0], NULL);
	if (!rc && last != UINT64_MAX)
		rc = claim(ioas, &cut[1], cut[0].area);
	pthread_mutex_unlock(&ioas->lock);
	pthread_rwlock_rdlock(&ioas->tables);
	for (i = 0; i != 2 && !rc; i++)
		rc = prepare(ioas, &cut[i]);
	pthread_mutex_lock(&ioas->lock);
	for (i = 0; i != 2 && !rc; i++)
		commit(ioas, &cut[i]);
	pthread_rwlock_unlock(&ioas->tables);
	if (cut[1].area == cut[0].area)
		cut[1].area = NULL;
	for (i = 0; i != 2; i++)
		finish(ioas, &cut[i]);
	pthread_mutex_unlock(&ioas->lock);
	for (i = 0; i != 2; i++)
		if (!cut[i].done)
			iommufd_area_free_list(cut[i].tail);
	return rc;
}
