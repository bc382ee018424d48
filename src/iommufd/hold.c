/* SPDX-License-Identifier: MIT */
/*
 * What accesses hold of an IOAS, and how an unmap gets it back.
 */
#include <time.h>

#include "iommufd/access.h"
#include "iommufd/ioas.h"

/* How long after one word to the owners of accesses the next one comes. */
#define PATIENCE_NS 10000000

static struct iommufd_hold *to_hold(struct iommufd_range *iova)
{
	return iommufd_container(iova, struct iommufd_hold, iova);
}

int iommufd_ioas_hold(struct iommufd_ioas *ioas, struct iommufd_hold *hold,
		      unsigned int need, bool whole)
{
	int rc;

	hold->ioas = ioas;
	pthread_mutex_lock(&ioas->lock);
	rc = iommufd_ioas_parts(ioas, hold->iova.start, hold->iova.last, need,
				whole, &hold->parts);
	if (!rc && hold->access->leaving) {
		iommufd_area_free_list(hold->parts);
		rc = -ENOENT;
	}
	if (!rc) {
		hold->access->nr_holds++;
		iommufd_range_insert(&ioas->holds, &hold->iova);
	}
	pthread_mutex_unlock(&ioas->lock);
	return rc;
}

int iommufd_hold_pinned(struct iommufd_hold *hold)
{
	int rc = 0;

	pthread_mutex_lock(&hold->ioas->lock);
	if (hold->doomed || hold->access->leaving)
		rc = -ENOENT;
	else
		hold->pinned = true;
	pthread_mutex_unlock(&hold->ioas->lock);
	return rc;
}

void iommufd_hold_release(struct iommufd_hold *hold)
{
	struct iommufd_ioas *ioas = hold->ioas;

	/* The list is nobody else's; freeing it may take a while. */
	iommufd_area_free_list(hold->parts);
	pthread_mutex_lock(&ioas->lock);
	iommufd_range_erase(&ioas->holds, &hold->iova);
	hold->access->nr_holds--;
	pthread_cond_broadcast(&ioas->changed);
	pthread_mutex_unlock(&ioas->lock);
}

bool iommufd_ioas_locked(const struct iommufd_ioas *ioas, uint64_t start,
			 uint64_t last)
{
	struct iommufd_range *r =
		iommufd_range_first(&ioas->holds, start, last);

	for (; r; r = iommufd_range_next(r, start, last))
		if (to_hold(r)->locked)
			return true;
	return false;
}

/* ---- Getting it back ---------------------------------------------- */

/* Tell every access. It stays on the list while it is told. Locked. */
static void tell(struct iommufd_ioas *ioas, uint64_t start, uint64_t last)
{
	struct iommufd_access *access, *next;

	for (access = ioas->accesses; access; access = next) {
		access->told++;
		pthread_mutex_unlock(&ioas->lock);
		if (access->ops->unmap)
			access->ops->unmap(access->data, start,
					   last - start + 1);
		pthread_mutex_lock(&ioas->lock);
		next = access->next;
		access->told--;
	}
	pthread_cond_broadcast(&ioas->changed);
}

void iommufd_ioas_pause(struct iommufd_ioas *ioas)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += PATIENCE_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&ioas->changed, &ioas->lock, &until);
}

/* Doom what is not pinned yet. Return: is something pinned? Locked. */
static bool doom(struct iommufd_ioas *ioas, uint64_t start, uint64_t last)
{
	struct iommufd_range *r =
		iommufd_range_first(&ioas->holds, start, last);
	bool pinned = false;

	for (; r; r = iommufd_range_next(r, start, last)) {
		if (to_hold(r)->pinned)
			pinned = true;
		else
			to_hold(r)->doomed = true;
	}
	return pinned;
}

/*
 * An owner may learn of its own pin only after it has been told that it has to go, so
 * it is told again.
 */
void iommufd_ioas_reclaim(struct iommufd_ioas *ioas, uint64_t start,
			  uint64_t last)
{
	while (iommufd_range_first(&ioas->holds, start, last)) {
		if (!doom(ioas, start, last)) {
			pthread_cond_wait(&ioas->changed, &ioas->lock);
			continue;
		}
		tell(ioas, start, last);
		if (iommufd_range_first(&ioas->holds, start, last))
			iommufd_ioas_pause(ioas);
	}
}
