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
 * struct iommufd_group - a group with devices bound to one context
 * @group: the group
 * @binds: devices bound; under iommufd_ctx.lock
 * @next: the next group of the context; under iommufd_ctx.lock
 * @lock: protects all below
 * @hwpt: what all attached devices are attached to, or NULL
 * @attached: the attached devices
 */
struct iommufd_group {
	struct iommu_group *group;
	unsigned int binds;
	struct iommufd_group *next;
	pthread_mutex_t lock;
	struct iommufd_hwpt *hwpt;
	struct iommufd_device *attached;
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
 */
struct iommufd_device {
	struct iommufd_object obj;
	struct iommu_dev *dev;
	struct iommufd_group *group;
	bool is_attached;
	struct iommufd_reserved *reserved;
	struct iommufd_reserved *spare;
	struct iommufd_device *next;
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

#endif
