/* SPDX-License-Identifier: MIT */
/*
 * Devices: binding them to a context, and attaching them to page tables.
 */
#include <stdlib.h>

#include "iommufd/device.h"
#include "iommufd/fault.h"
#include "iommufd/object.h"
#include "iommufd/viommu.h"

/* ---- Groups -------------------------------------------------------- */

static struct iommufd_group *group_new(struct iommu_group *group)
{
	struct iommufd_group *igroup = calloc(1, sizeof(*igroup));

	if (!igroup)
		return NULL;
	igroup->group = group;
	pthread_mutex_init(&igroup->lock, NULL);
	return igroup;
}

static void group_free(struct iommufd_group *igroup)
{
	pthread_mutex_destroy(&igroup->lock);
	free(igroup);
}

/* Count one more device of @group; NULL without memory. */
static struct iommufd_group *group_get(struct iommufd_ctx *ctx,
				       struct iommu_group *group)
{
	struct iommufd_group *igroup;

	pthread_mutex_lock(&ctx->lock);
	for (igroup = ctx->groups; igroup; igroup = igroup->next)
		if (igroup->group == group)
			break;
	if (!igroup) {
		igroup = group_new(group);
		if (igroup) {
			igroup->next = ctx->groups;
			ctx->groups = igroup;
		}
	}
	if (igroup)
		igroup->binds++;
	pthread_mutex_unlock(&ctx->lock);
	return igroup;
}

static void group_put(struct iommufd_ctx *ctx, struct iommufd_group *igroup)
{
	struct iommufd_group **link;
	bool last;

	pthread_mutex_lock(&ctx->lock);
	last = !--igroup->binds;
	if (last) {
		for (link = &ctx->groups; *link != igroup;
		     link = &(*link)->next)
			;
		*link = igroup->next;
	}
	pthread_mutex_unlock(&ctx->lock);
	if (last)
		group_free(igroup);
}

/* ---- Binding ------------------------------------------------------- */

static void device_destroy(struct iommufd_object *obj)
{
	struct iommufd_device *idev = iommufd_device_of(obj);

	iommufd_vdevice_device_gone(idev);
	iommu_group_release(idev->group->group);
	group_put(obj->ctx, idev->group);
	free(idev);
}

int iommufd_device_bind_own(struct iommufd_ctx *ctx, struct iommu_dev *dev,
			    uint32_t *id, struct iommufd_device **out)
{
	struct iommufd_device *idev;
	int rc;

	/* The engine maps memory as cached, and nothing flushes caches. */
	if (!iommu_dev_capable(dev, IOMMU_CAP_CACHE_COHERENCY))
		return -EINVAL;
	idev = calloc(1, sizeof(*idev));
	if (!idev)
		return -ENOMEM;
	idev->dev = dev;
	rc = -ENOMEM;
	idev->group = group_get(ctx, dev->group);
	if (!idev->group)
		goto err_free;
	rc = iommu_group_claim(dev->group, ctx);
	if (rc)
		goto err_group;
	rc = iommufd_object_init(ctx, &idev->obj, IOMMUFD_DEVICE,
				 device_destroy);
	if (rc)
		goto err_claim;
	*id = iommufd_object_id(&idev->obj);
	*out = idev;
	iommu_dev_set_user(dev, idev);
	iommufd_object_use(&idev->obj);
	iommufd_object_publish(&idev->obj);
	return 0;

err_claim:
	iommu_group_release(dev->group);
err_group:
	group_put(ctx, idev->group);
err_free:
	free(idev);
	return rc;
}

int iommufd_device_bind(struct uiommu_file *file, struct iommu_dev *dev,
			uint32_t *id, struct iommufd_device **out)
{
	int rc;

	rc = iommufd_device_bind_own(iommufd_ctx_of(file), dev, id, out);
	if (!rc)
		uiommu_file_get(file);
	return rc;
}

/*
 * A device of a group that stays attached could go on sending page requests: they
 * meet nobody any more, and what it has sent is answered.
 */
static void stop_faults(struct iommufd_device *idev)
{
	struct iommufd_group *igroup = idev->group;
	struct iommufd_fault_list answers = { 0 };
	struct iommufd_pasid *pasid;

	iommu_dev_set_user(idev->dev, NULL);
	pthread_mutex_lock(&igroup->lock);
	if (igroup->hwpt)
		iommufd_fault_cancel(igroup->hwpt, idev, IOMMU_NO_PASID,
				     &answers);
	for (pasid = igroup->pasids; pasid; pasid = pasid->next)
		iommufd_fault_cancel(pasid->hwpt, idev, pasid->slot.pasid,
				     &answers);
	pthread_mutex_unlock(&igroup->lock);
	iommufd_fault_answer(&answers);
}

void iommufd_device_unbind_own(struct iommufd_device *idev)
{
	iommufd_device_detach_pasids(idev);
	iommufd_device_detach(idev);
	stop_faults(idev);
	iommufd_object_unuse_last(&idev->obj);
}

void iommufd_device_unbind(struct iommufd_device *idev)
{
	struct uiommu_file *file = &idev->obj.ctx->file;

	iommufd_device_unbind_own(idev);
	uiommu_file_put(file);
}

/* ---- Reserved regions ---------------------------------------------- */

static void free_regions(struct iommufd_reserved *list)
{
	struct iommufd_reserved *next;

	for (; list; list = next) {
		next = list->next;
		free(list);
	}
}

/* What @dev's hardware reserves, as a list. */
static int list_regions(struct iommu_dev *dev, struct iommufd_reserved **list)
{
	struct iommu_resv_region region;
	struct iommufd_reserved *r;
	unsigned int i;

	*list = NULL;
	if (!dev->ops->resv_region)
		return 0;
	for (i = 0; dev->ops->resv_region(dev, i, &region); i++) {
		r = calloc(1, sizeof(*r));
		if (!r) {
			free_regions(*list);
			*list = NULL;
			return -ENOMEM;
		}
		r->iova.start = region.start;
		r->iova.last = region.last;
		r->next = *list;
		*list = r;
	}
	return 0;
}

/* Keep @dev's regions free in @ioas. */
static int reserve_regions(struct iommufd_ioas *ioas, struct iommu_dev *dev,
			   struct iommufd_reserved **list)
{
	int rc;

	rc = list_regions(dev, list);
	if (rc)
		return rc;
	pthread_mutex_lock(&ioas->lock);
	rc = iommufd_ioas_reserve(ioas, *list);
	pthread_mutex_unlock(&ioas->lock);
	if (rc) {
		free_regions(*list);
		*list = NULL;
	}
	return rc;
}

static void release_regions(struct iommufd_ioas *ioas,
			    struct iommufd_reserved **list)
{
	pthread_mutex_lock(&ioas->lock);
	iommufd_ioas_unreserve(ioas, *list);
	pthread_mutex_unlock(&ioas->lock);
	free_regions(*list);
	*list = NULL;
}

/* ---- Attaching to an HWPT ------------------------------------------ */

/* @idev is attached now; the group's lock is held. */
static void enlist(struct iommufd_device *idev)
{
	idev->is_attached = true;
	idev->next = idev->group->attached;
	idev->group->attached = idev;
	iommufd_object_use(&idev->group->hwpt->obj);
}

/* The first device of the group, or one more beside others. */
static int attach_more(struct iommufd_device *idev, struct iommufd_hwpt *hwpt)
{
	struct iommufd_group *igroup = idev->group;
	int rc;

	rc = reserve_regions(hwpt->ioas, idev->dev, &idev->reserved);
	if (rc)
		return rc;
	rc = iommu_attach(igroup->group, hwpt->domain);
	if (rc) {
		release_regions(hwpt->ioas, &idev->reserved);
		return rc;
	}
	igroup->hwpt = hwpt;
	enlist(idev);
	return 0;
}

/* Undo reserve_spare() up to @stop. */
static void release_spare(struct iommufd_group *igroup,
			  struct iommufd_ioas *ioas,
			  const struct iommufd_device *stop)
{
	struct iommufd_device *idev;

	for (idev = igroup->attached; idev != stop; idev = idev->next)
		release_regions(ioas, &idev->spare);
}

/* All devices of the group will need their regions in @ioas. */
static int reserve_spare(struct iommufd_group *igroup,
			 struct iommufd_ioas *ioas)
{
	struct iommufd_device *idev;
	int rc;

	for (idev = igroup->attached; idev; idev = idev->next) {
		rc = reserve_regions(ioas, idev->dev, &idev->spare);
		if (rc) {
			release_spare(igroup, ioas, idev);
			return rc;
		}
	}
	return 0;
}

/*
 * Move all attached devices of the group to @hwpt. *@moved is how many: the old HWPT
 * has as many users that are none any more. @answers are those to the page requests
 * that it leaves behind.
 */
static int replace(struct iommufd_group *igroup, struct iommufd_hwpt *hwpt,
		   unsigned int *moved, struct iommufd_fault_list *answers)
{
	struct iommufd_hwpt *old = igroup->hwpt;
	struct iommufd_ioas *from = igroup->hwpt->ioas, *to = hwpt->ioas;
	struct iommufd_device *idev;
	int rc = 0;

	if (from != to)
		rc = reserve_spare(igroup, to);
	if (rc)
		return rc;
	rc = iommu_attach(igroup->group, hwpt->domain);
	if (rc) {
		if (from != to)
			release_spare(igroup, to, NULL);
		return rc;
	}
	igroup->hwpt = hwpt;
	for (idev = igroup->attached; idev; idev = idev->next) {
		iommufd_object_use(&hwpt->obj);
		++*moved;
		iommufd_fault_cancel(old, idev, IOMMU_NO_PASID, answers);
		if (from == to)
			continue;
		release_regions(from, &idev->reserved);
		idev->reserved = idev->spare;
		idev->spare = NULL;
	}
	return 0;
}

void iommufd_device_leave(struct iommufd_hwpt *hwpt, unsigned int users)
{
	for (; users; users--) {
		if (!hwpt->automatic)
			iommufd_object_unuse(&hwpt->obj);
		else if (iommufd_object_unuse_last(&hwpt->obj))
			return;
	}
}

/*
 * May the group be attached to @hwpt? Beside PASIDs only to one that was made for
 * them. Locked.
 */
static int check_hwpt(const struct iommufd_device *idev,
		      const struct iommufd_hwpt *hwpt)
{
	const struct iommufd_group *igroup = idev->group;

	if (igroup->pasids && !iommufd_hwpt_has_pasids(hwpt))
		return -EINVAL;
	if (!idev->is_attached && igroup->hwpt && igroup->hwpt != hwpt)
		return -EINVAL;
	return iommufd_fault_check(hwpt, idev->dev);
}

/* The caller is a reader of @hwpt, or has just made it. */
static int attach_hwpt(struct iommufd_device *idev, struct iommufd_hwpt *hwpt)
{
	struct iommufd_group *igroup = idev->group;
	struct iommufd_fault_list answers = { 0 };
	struct iommufd_hwpt *old;
	unsigned int moved = 0;
	int rc;

	pthread_mutex_lock(&igroup->lock);
	old = igroup->hwpt;
	rc = check_hwpt(idev, hwpt);
	if (!rc && !idev->is_attached)
		rc = attach_more(idev, hwpt);
	else if (!rc && old != hwpt)
		rc = replace(igroup, hwpt, &moved, &answers);
	pthread_mutex_unlock(&igroup->lock);
	iommufd_fault_answer(&answers);
	iommufd_device_leave(old, moved);
	return rc;
}

bool iommufd_device_attached(struct iommufd_device *idev)
{
	bool attached;

	pthread_mutex_lock(&idev->group->lock);
	attached = idev->is_attached;
	pthread_mutex_unlock(&idev->group->lock);
	return attached;
}

void iommufd_device_detach(struct iommufd_device *idev)
{
	struct iommufd_group *igroup = idev->group;
	struct iommufd_fault_list answers = { 0 };
	struct iommufd_device **link;
	struct iommufd_hwpt *hwpt;

	pthread_mutex_lock(&igroup->lock);
	if (!idev->is_attached) {
		pthread_mutex_unlock(&igroup->lock);
		return;
	}
	hwpt = igroup->hwpt;
	for (link = &igroup->attached; *link != idev; link = &(*link)->next)
		;
	*link = idev->next;
	idev->is_attached = false;
	if (!igroup->attached) {
		iommu_detach(igroup->group);
		igroup->hwpt = NULL;
	}
	iommufd_fault_cancel(hwpt, idev, IOMMU_NO_PASID, &answers);
	release_regions(hwpt->ioas, &idev->reserved);
	pthread_mutex_unlock(&igroup->lock);
	iommufd_fault_answer(&answers);
	iommufd_device_leave(hwpt, 1);
}

/* ---- Attaching to an IOAS ------------------------------------------ */

/*
 * The next automatic HWPT of @ioas behind @last, with the caller as its reader. A
 * reader's HWPT stays on the list. One that is being destroyed may have lost its id
 * to another already, so it is not looked up by that.
 */
static struct iommufd_hwpt *next_automatic(struct iommufd_ioas *ioas,
					   struct iommufd_hwpt *last)
{
	struct iommufd_hwpt *hwpt;

	pthread_mutex_lock(&ioas->lock);
	for (hwpt = last ? last->next : ioas->hwpts; hwpt; hwpt = hwpt->next)
		if (hwpt->automatic && iommufd_object_try_get(&hwpt->obj))
			break;
	pthread_mutex_unlock(&ioas->lock);
	if (last)
		iommufd_object_put(&last->obj);
	return hwpt;
}

static int attach_existing(struct iommufd_device *idev,
			   struct iommufd_ioas *ioas, uint32_t *id)
{
	struct iommufd_hwpt *hwpt = NULL;
	int rc;

	while ((hwpt = next_automatic(ioas, hwpt))) {
		rc = attach_hwpt(idev, hwpt);
		/* Not for this kind of device? Perhaps the next one is. */
		if (rc == -EINVAL)
			continue;
		*id = iommufd_object_id(&hwpt->obj);
		iommufd_object_put(&hwpt->obj);
		return rc;
	}
	return -EINVAL;
}

static int attach_new(struct iommufd_device *idev, struct iommufd_ioas *ioas,
		      uint32_t *id)
{
	struct iommufd_hwpt *hwpt;
	int rc;

	rc = iommufd_hwpt_new(ioas, idev->dev, 0, NULL, true, &hwpt);
	if (rc)
		return rc;
	rc = attach_hwpt(idev, hwpt);
	if (rc) {
		iommufd_object_abort(&hwpt->obj);
		return rc;
	}
	*id = iommufd_object_id(&hwpt->obj);
	iommufd_object_publish(&hwpt->obj);
	return 0;
}

/*
 * One device at a time looks for the automatic HWPT of an IOAS, so that the second
 * one finds what the first one makes.
 */
static int attach_ioas(struct iommufd_device *idev, struct iommufd_ioas *ioas,
		       uint32_t *id)
{
	int rc;

	pthread_mutex_lock(&ioas->lock);
	while (ioas->attaching)
		pthread_cond_wait(&ioas->changed, &ioas->lock);
	ioas->attaching = true;
	pthread_mutex_unlock(&ioas->lock);
	rc = attach_existing(idev, ioas, id);
	if (rc == -EINVAL)
		rc = attach_new(idev, ioas, id);
	pthread_mutex_lock(&ioas->lock);
	ioas->attaching = false;
	pthread_cond_broadcast(&ioas->changed);
	pthread_mutex_unlock(&ioas->lock);
	return rc;
}

int iommufd_device_attach(struct iommufd_device *idev, uint32_t *pt_id)
{
	struct iommufd_object *pt;
	int rc;

	pt = iommufd_object_get(idev->obj.ctx, *pt_id, IOMMUFD_ANY);
	if (!pt)
		return -ENOENT;
	switch (pt->kind) {
	case IOMMUFD_IOAS:
		rc = attach_ioas(idev, iommufd_ioas_of(pt), pt_id);
		break;
	case IOMMUFD_HWPT_PAGING:
	case IOMMUFD_HWPT_NESTED:
		rc = attach_hwpt(idev, iommufd_hwpt_of(pt));
		break;
	default:
		rc = -EINVAL;
	}
	iommufd_object_put(pt);
	return rc;
}
