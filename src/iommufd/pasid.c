/* SPDX-License-Identifier: MIT */
/*
 * Devices attached with a PASID. The reserved regions of a device are for requests
 * without one: a PASID's address space is whole.
 */
#include <stdlib.h>

#include "iommufd/device.h"
#include "iommufd/fault.h"

/* Where the link to @pasid is, or to NULL. Locked. */
static struct iommufd_pasid **find_pasid(struct iommufd_group *igroup,
					 ioasid_t pasid)
{
	struct iommufd_pasid **link = &igroup->pasids;

	while (*link && (*link)->slot.pasid != pasid)
		link = &(*link)->next;
	return link;
}

/* The same for a device of @p. Locked. */
static struct iommufd_pasid_user **find_user(struct iommufd_pasid *p,
					     const struct iommufd_device *idev)
{
	struct iommufd_pasid_user **link = &p->users;

	while (*link && (*link)->idev != idev)
		link = &(*link)->next;
	return link;
}

/* Is @idev attached with the PASID @p, which may be NULL? Locked. */
static bool is_user(struct iommufd_pasid *p, const struct iommufd_device *idev)
{
	return p && *find_user(p, idev);
}

/* PASIDs, and a device beside them, are attached to what was made for them. */
static int check_hwpt(const struct iommufd_device *idev,
		      const struct iommufd_hwpt *hwpt)
{
	const struct iommufd_hwpt *rid = idev->group->hwpt;

	if (!iommufd_hwpt_has_pasids(hwpt) ||
	    (rid && !iommufd_hwpt_has_pasids(rid)))
		return -EINVAL;
	return iommufd_fault_check(hwpt, idev->dev);
}

/* The group's first device with @pasid. Locked. */
static int attach_first(struct iommufd_group *igroup, ioasid_t pasid,
			struct iommufd_hwpt *hwpt,
			struct iommufd_pasid_user *user)
{
	struct iommufd_pasid *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return -ENOMEM;
	rc = iommu_attach_pasid(igroup->group, &p->slot, pasid, hwpt->domain);
	if (rc) {
		free(p);
		return rc;
	}
	p->hwpt = hwpt;
	p->users = user;
	p->next = igroup->pasids;
	igroup->pasids = p;
	return 0;
}

/* One more beside others, which are attached alike. Locked. */
static int attach_more(struct iommufd_pasid *p, struct iommufd_hwpt *hwpt,
		       struct iommufd_pasid_user *user)
{
	if (p->hwpt != hwpt)
		return -EINVAL;
	user->next = p->users;
	p->users = user;
	return 0;
}

/* Locked. */
static int attach_locked(struct iommufd_device *idev, ioasid_t pasid,
			 struct iommufd_hwpt *hwpt)
{
	struct iommufd_pasid *p = *find_pasid(idev->group, pasid);
	struct iommufd_pasid_user *user;
	int rc;

	rc = check_hwpt(idev, hwpt);
	if (rc)
		return rc;
	if (is_user(p, idev))
		return -EBUSY;
	user = calloc(1, sizeof(*user));
	if (!user)
		return -ENOMEM;
	user->idev = idev;
	rc = p ? attach_more(p, hwpt, user)
	       : attach_first(idev->group, pasid, hwpt, user);
	if (rc)
		free(user);
	else
		iommufd_object_use(&hwpt->obj);
	return rc;
}

static int attach_hwpt(struct iommufd_device *idev, ioasid_t pasid,
		       struct iommufd_hwpt *hwpt)
{
	int rc;

	pthread_mutex_lock(&idev->group->lock);
	rc = attach_locked(idev, pasid, hwpt);
	pthread_mutex_unlock(&idev->group->lock);
	return rc;
}

/* All devices of the PASID move; *@moved is how many. Locked. */
static int replace_locked(struct iommufd_device *idev, ioasid_t pasid,
			  struct iommufd_hwpt *hwpt, unsigned int *moved,
			  struct iommufd_fault_list *answers)
{
	struct iommufd_group *igroup = idev->group;
	struct iommufd_pasid *p = *find_pasid(igroup, pasid);
	struct iommufd_hwpt *old;
	struct iommufd_pasid_user *user;
	int rc;

	rc = check_hwpt(idev, hwpt);
	if (rc)
		return rc;
	if (!is_user(p, idev))
		return -EINVAL;
	old = p->hwpt;
	if (old == hwpt)
		return 0;
	rc = iommu_replace_pasid(igroup->group, &p->slot, hwpt->domain);
	if (rc)
		return rc;
	p->hwpt = hwpt;
	for (user = p->users; user; user = user->next) {
		iommufd_object_use(&hwpt->obj);
		++*moved;
		iommufd_fault_cancel(old, user->idev, pasid, answers);
	}
	return 0;
}

static int replace_hwpt(struct iommufd_device *idev, ioasid_t pasid,
			struct iommufd_hwpt *hwpt)
{
	struct iommufd_fault_list answers = { 0 };
	struct iommufd_hwpt *old = NULL;
	struct iommufd_pasid *p;
	unsigned int moved = 0;
	int rc;

	pthread_mutex_lock(&idev->group->lock);
	p = *find_pasid(idev->group, pasid);
	if (p)
		old = p->hwpt;
	rc = replace_locked(idev, pasid, hwpt, &moved, &answers);
	pthread_mutex_unlock(&idev->group->lock);
	iommufd_fault_answer(&answers);
	iommufd_device_leave(old, moved);
	return rc;
}

/*
 * Find what @pt_id is and @change the PASID to it. An IOAS stands for its automatic
 * HWPT, which is not made for PASIDs.
 */
static int with_hwpt(struct iommufd_device *idev, ioasid_t pasid,
		     uint32_t pt_id,
		     int (*change)(struct iommufd_device *idev, ioasid_t pasid,
				   struct iommufd_hwpt *hwpt))
{
	struct iommufd_object *pt;
	int rc = -EINVAL;

	pt = iommufd_object_get(idev->obj.ctx, pt_id, IOMMUFD_ANY);
	if (!pt)
		return -ENOENT;
	if (pasid != IOMMU_NO_PASID && (pt->kind == IOMMUFD_HWPT_PAGING ||
					pt->kind == IOMMUFD_HWPT_NESTED))
		rc = change(idev, pasid, iommufd_hwpt_of(pt));
	iommufd_object_put(pt);
	return rc;
}

int iommufd_device_attach_pasid(struct iommufd_device *idev, ioasid_t pasid,
				uint32_t *pt_id)
{
	return with_hwpt(idev, pasid, *pt_id, attach_hwpt);
}

int iommufd_device_replace_pasid(struct iommufd_device *idev, ioasid_t pasid,
				 uint32_t *pt_id)
{
	return with_hwpt(idev, pasid, *pt_id, replace_hwpt);
}

bool iommufd_device_has_pasid(struct iommufd_device *idev, ioasid_t pasid)
{
	bool has;

	pthread_mutex_lock(&idev->group->lock);
	has = is_user(*find_pasid(idev->group, pasid), idev);
	pthread_mutex_unlock(&idev->group->lock);
	return has;
}

/*
 * Detach @idev from the PASID at *@link, which goes with its last device. Locked.
 * Return: the HWPT that it was attached to, or NULL.
 */
static struct iommufd_hwpt *detach_locked(struct iommufd_pasid **link,
					  struct iommufd_device *idev,
					  struct iommufd_fault_list *answers)
{
	struct iommufd_pasid_user **ulink, *user;
	struct iommufd_pasid *p = *link;
	struct iommufd_hwpt *hwpt;

	if (!is_user(p, idev))
		return NULL;
	ulink = find_user(p, idev);
	user = *ulink;
	*ulink = user->next;
	free(user);
	hwpt = p->hwpt;
	if (!p->users)
		iommu_detach_pasid(idev->group->group, &p->slot);
	iommufd_fault_cancel(hwpt, idev, p->slot.pasid, answers);
	if (!p->users) {
		*link = p->next;
		free(p);
	}
	return hwpt;
}

void iommufd_device_detach_pasid(struct iommufd_device *idev, ioasid_t pasid)
{
	struct iommufd_fault_list answers = { 0 };
	struct iommufd_hwpt *hwpt;

	pthread_mutex_lock(&idev->group->lock);
	hwpt = detach_locked(find_pasid(idev->group, pasid), idev, &answers);
	pthread_mutex_unlock(&idev->group->lock);
	iommufd_fault_answer(&answers);
	if (hwpt)
		iommufd_device_leave(hwpt, 1);
}

void iommufd_device_detach_pasids(struct iommufd_device *idev)
{
	struct iommufd_pasid *p;
	ioasid_t pasid;

	for (;;) {
		pthread_mutex_lock(&idev->group->lock);
		for (p = idev->group->pasids; p; p = p->next)
			if (is_user(p, idev))
				break;
		pasid = p ? p->slot.pasid : IOMMU_NO_PASID;
		pthread_mutex_unlock(&idev->group->lock);
		if (!p)
			return;
		iommufd_device_detach_pasid(idev, pasid);
	}
}
