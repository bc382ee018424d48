/* SPDX-License-Identifier: MIT */
/**
 * DOC: Devices bound to a context
 *
 * The devices of one group are attached alike, so what they are attached to is
 * kept per group. A group belongs to the context that binds its first device.
 */
#ifndef IOMMUFD_DEVICE_OBJECT_H
#define IOMMUFD_DEVICE_OBJECT_H

#include "iommufd/hwpt.h"
#include "iommufd/iommufd_device.h"

/**
 * struct iommufd_pasid_user - a device that is attached with a PASID
 * @idev: the device
 * @next: the next one of the same PASID
 */
struct iommufd_pasid_user {
	struct iommufd_device *idev;
	struct iommufd_pasid_user *next;
};

/**
 * struct iommufd_pasid - a PASID that devices of a group are attached with
 * @slot: the core's; slot.pasid is the PASID
 * @hwpt: to what; each of @users is a user of it
 * @users: the devices; as long as there are some it is in the group's list
 * @next: the next one of the group
 */
struct iommufd_pasid {
	struct iommu_slot slot;
	struct iommufd_hwpt *hwpt;
	struct iommufd_pasid_user *users;
	struct iommufd_pasid *next;
};

/**
 * struct iommufd_group - a group with devices bound to one context
 * @group: the group
 * @binds: devices bound; under iommufd_ctx.lock
 * @next: the next group of the context; under iommufd_ctx.lock
 * @lock: protects all below
 * @hwpt: what all attached devices are attached to, or NULL
 * @attached: the attached devices
 * @pasids: the same for requests with a PASID
 */
struct iommufd_group {
	struct iommu_group *group;
	unsigned int binds;
	struct iommufd_group *next;
	pthread_mutex_t lock;
	struct iommufd_hwpt *hwpt;
	struct iommufd_device *attached;
	struct iommufd_pasid *pasids;
};

/**
 * struct iommufd_device - a device bound to a context
 * @obj: its object; the driver that bound it is a user
 * @dev: the device
 * @group: its group
 * @is_attached: it is on the list of attached devices
 * @reserved: its reserved regions, in the IOAS of the group's HWPT
 * @spare: the same for the IOAS that it is about to move to
 * @next: the next attached device of @group
 * @vdevice: its VDEVICE or NULL; under iommufd_ctx.lock
 */
struct iommufd_device {
	struct iommufd_object obj;
	struct iommu_dev *dev;
	struct iommufd_group *group;
	bool is_attached;
	struct iommufd_reserved *reserved;
	struct iommufd_reserved *spare;
	struct iommufd_device *next;
	struct iommufd_vdevice *vdevice;
};

static inline struct iommufd_device *
iommufd_device_of(struct iommufd_object *obj)
{
	return iommufd_container(obj, struct iommufd_device, obj);
}

/** iommufd_device_get() - find the device @id and become its reader, or NULL. */
static inline struct iommufd_device *iommufd_device_get(struct iommufd_ctx *ctx,
							uint32_t id)
{
	struct iommufd_object *obj =
		iommufd_object_get(ctx, id, IOMMUFD_DEVICE);

	return obj ? iommufd_device_of(obj) : NULL;
}

/** iommufd_device_attached() - without a PASID, that is; to anything. */
bool iommufd_device_attached(struct iommufd_device *idev);

/**
 * iommufd_device_leave() - @users attachments to @hwpt have ended; an automatic one
 * goes with the last
 *
 * Context: no lock held.
 */
void iommufd_device_leave(struct iommufd_hwpt *hwpt, unsigned int users);

/**
 * iommufd_device_detach_pasids() - detach @idev's PASIDs, all of them
 *
 * Context: no lock held.
 */
void iommufd_device_detach_pasids(struct iommufd_device *idev);

/**
 * iommufd_device_bind_own() - iommufd_device_bind() for a device that goes with @ctx:
 * it keeps no reference on the file. Undone by iommufd_device_unbind_own()
 */
int iommufd_device_bind_own(struct iommufd_ctx *ctx, struct iommu_dev *dev,
			    uint32_t *id, struct iommufd_device **out);
void iommufd_device_unbind_own(struct iommufd_device *idev);

#endif
