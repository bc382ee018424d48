/* SPDX-License-Identifier: MIT */
/**
 * DOC: Groups as VFIO programs know them: /dev/vfio/N
 *
 * A group is opened by one client at a time, put into a container, and then gives
 * out descriptors of its devices. The container is a context of IOMMUFD; its
 * devices are attached to the IOAS that the context keeps for container requests.
 * A device is reached through its group or through its cdev, not through both at
 * a time.
 *
 * The group's lock is a leaf, taken under a device's bind lock. Nothing is pinned
 * or copied while it is held.
 */
#ifndef VFIO_VFIO_GROUP_H
#define VFIO_VFIO_GROUP_H

#include <pthread.h>
#include <uiommu/user.h>

struct vfio_device;

/**
 * struct vfio_group - one IOMMU group
 * @devices: those in it, linked by &vfio_device.group_next; constant once the
 *	group can be opened
 * @lock: protects all below
 * @opened: /dev/vfio/N is open
 * @cdevs: devices that are bound through their cdev
 * @container: the context that the group is in, with a reference, or NULL
 * @users: devices that the group has given out, or is about to
 */
struct vfio_group {
	struct vfio_device *devices;
	pthread_mutex_t lock;
	bool opened;
	unsigned int cdevs;
	struct uiommu_file *container;
	unsigned int users;
};

/** vfio_group_init() - an empty group. Cannot fail. */
void vfio_group_init(struct vfio_group *group);

/** vfio_group_fini() - undo; no file of it is open any more. */
void vfio_group_fini(struct vfio_group *group);

/** vfio_group_add() - @dev, whose name is set, is in @group. */
void vfio_group_add(struct vfio_group *group, struct vfio_device *dev);

/**
 * vfio_group_open() - open /dev/vfio/N
 *
 * Return: 0; -EBUSY: it is open, or a device of it is bound through its cdev;
 * -ENOMEM. The caller holds the file's only reference.
 */
int vfio_group_open(struct vfio_group *group, struct uiommu_file **out);

/**
 * vfio_group_block() - a device of @group is about to be bound through its cdev
 *
 * Return: 0; -EBUSY: the group is open.
 */
int vfio_group_block(struct vfio_group *group);

/** vfio_group_unblock() - and is not any more. */
void vfio_group_unblock(struct vfio_group *group);

#endif
