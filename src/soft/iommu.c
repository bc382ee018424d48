/* SPDX-License-Identifier: MIT */
/* The IOMMU as its driver sees it: device table and invalidation. */
#include "soft/iommu.h"
#include "soft/detector.h"

#include <errno.h>
#include <stdlib.h>

static int init_tables(struct soft_iommu *iommu)
{
	unsigned int lg2 = iommu->config.iotlb_lg2;

	if (soft_devtab_init(&iommu->devtab))
		return -1;
	if (soft_cache_init(&iommu->iotlb, lg2))
		goto err_devtab;
	if (soft_cache_init(&iommu->tables, lg2))
		goto err_iotlb;
	return 0;

err_iotlb:
	soft_cache_fini(&iommu->iotlb);
err_devtab:
	soft_devtab_fini(&iommu->devtab);
	return -1;
}

struct soft_iommu *soft_iommu_new(const struct soft_iommu_config *config)
{
	struct soft_iommu *iommu = calloc(1, sizeof(*iommu));

	if (!iommu)
		return NULL;
	iommu->config = *config;
	if (init_tables(iommu)) {
		free(iommu);
		return NULL;
	}
	pthread_mutex_init(&iommu->lock, NULL);
	pthread_cond_init(&iommu->drained, NULL);
	return iommu;
}

void soft_iommu_free(struct soft_iommu *iommu)
{
	if (!iommu)
		return;
	pthread_cond_destroy(&iommu->drained);
	pthread_mutex_destroy(&iommu->lock);
	soft_cache_fini(&iommu->tables);
	soft_cache_fini(&iommu->iotlb);
	soft_devtab_fini(&iommu->devtab);
	free(iommu);
}

/*
 * Wait for the requests that are under way now. The lock is held; it is
 * released while waiting. Requests that begin meanwhile count in the other
 * phase, so this ends however busy the devices are. The next to drain waits its
 * turn: there are two phases only.
 */
static void drain(struct soft_iommu *iommu)
{
	unsigned int old;

	while (iommu->draining)
		pthread_cond_wait(&iommu->drained, &iommu->lock);
	old = iommu->phase;
	if (iommu->active[old] == 0)
		return;
	iommu->draining = true;
	iommu->phase = !old;
	while (iommu->active[old])
		pthread_cond_wait(&iommu->drained, &iommu->lock);
	iommu->draining = false;
	pthread_cond_broadcast(&iommu->drained);
}

int soft_iommu_set(struct soft_iommu *iommu, uint32_t rid, uint32_t pasid,
		   const struct soft_dte *dte)
{
	int rc = 0;

	pthread_mutex_lock(&iommu->lock);
	if (dte)
		rc = soft_devtab_set(&iommu->devtab, rid, pasid, dte);
	else
		soft_devtab_remove(&iommu->devtab, rid, pasid);
	if (!rc)
		drain(iommu);
	pthread_mutex_unlock(&iommu->lock);
	return rc;
}

bool soft_iommu_get(struct soft_iommu *iommu, uint32_t rid, uint32_t pasid,
		    struct soft_dte *dte)
{
	struct soft_dte *found;

	pthread_mutex_lock(&iommu->lock);
	found = soft_devtab_find(&iommu->devtab, rid, pasid);
	if (found)
		*dte = *found;
	pthread_mutex_unlock(&iommu->lock);
	return found != NULL;
}

int soft_iommu_each(struct soft_iommu *iommu,
		    void (*each)(void *arg, uint32_t rid, uint32_t pasid,
				 const struct soft_dte *dte),
		    void *arg)
{
	struct soft_devtab_entry *copy;
	size_t count;

	pthread_mutex_lock(&iommu->lock);
	count = iommu->devtab.count;
	copy = malloc((count + 1) * sizeof(*copy));
	if (copy)
		soft_devtab_copy(&iommu->devtab, copy);
	pthread_mutex_unlock(&iommu->lock);
	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		each(arg, copy[i].rid, copy[i].pasid, &copy[i].dte);
	free(copy);
	return 0;
}

void soft_iommu_invalidate(struct soft_iommu *iommu, uint32_t domain_id,
			   uint64_t va, uint64_t last, bool leaf_only)
{
	pthread_mutex_lock(&iommu->lock);
	soft_detector_log(iommu,
			  leaf_only ? SOFT_EVENT_INVALIDATE_LEAF
				    : SOFT_EVENT_INVALIDATE,
			  domain_id, va, last);
	iommu->generation++;
	soft_cache_purge(&iommu->iotlb, domain_id, va, last);
	if (!leaf_only)
		soft_cache_purge(&iommu->tables, domain_id, va, last);
	drain(iommu);
	pthread_mutex_unlock(&iommu->lock);
	if (leaf_only)
		soft_detector_settle(iommu, &iommu->tables, domain_id, va,
				     last);
}

void soft_iommu_unmapped(struct soft_iommu *iommu, uint32_t domain_id,
			 uint64_t va, uint64_t last)
{
	pthread_mutex_lock(&iommu->lock);
	soft_detector_log(iommu, SOFT_EVENT_UNMAPPED, domain_id, va, last);
	pthread_mutex_unlock(&iommu->lock);
	soft_detector_settle(iommu, &iommu->iotlb, domain_id, va, last);
	soft_detector_settle(iommu, &iommu->tables, domain_id, va, last);
}
