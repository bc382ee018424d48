/* SPDX-License-Identifier: MIT */
/**
 * DOC: The inside of src/vfio: one open cdev, and its requests
 */
#ifndef VFIO_VFIO_FILE_H
#define VFIO_VFIO_FILE_H

#include "vfio/vfio_device.h"

/**
 * struct vfio_file - an open device: of its cdev, or from its group
 * @file: what the transport sees
 * @dev: the device
 * @bound: BIND has succeeded; never goes back. Read and written under the device
 *	lock
 * @group: the open group that gave it out, with a reference, or NULL
 */
struct vfio_file {
	struct uiommu_file file;
	struct vfio_device *dev;
	bool bound;
	struct uiommu_file *group;
};

/**
 * vfio_copy_args() - read the fixed part of a request
 * @args: where to; its first member is u32 argsz
 * @size: bytes of the fixed part
 *
 * Return: 0; -EFAULT; -EINVAL: argsz is below @size.
 */
int vfio_copy_args(struct uiommu_user *user, uint64_t uaddr, void *args,
		   size_t size);

/* The requests of a bound device; @arg is the request's structure. */
long vfio_get_region_info(struct vfio_file *f, struct uiommu_user *user,
			  uint64_t arg);
long vfio_get_irq_info(struct vfio_file *f, struct uiommu_user *user,
		       uint64_t arg);
long vfio_set_irqs(struct vfio_file *f, struct uiommu_user *user, uint64_t arg);
long vfio_feature(struct vfio_file *f, struct uiommu_user *user, uint64_t arg);
long vfio_bind(struct vfio_file *f, struct uiommu_user *user, uint64_t arg);
long vfio_attach(struct vfio_file *f, struct uiommu_user *user, uint64_t arg);
long vfio_detach(struct vfio_file *f, struct uiommu_user *user, uint64_t arg);

/**
 * vfio_group_bind() - open @dev for the open group @group, or find it open
 * @container: the context; @dev is attached to its IOAS for container requests
 * @out: the file, with a reference
 * @made: it is new: vfio_group_leave() will be called
 *
 * Return: 0; -EBUSY; -ENODEV: that IOAS is gone; why it cannot be attached; -ENOMEM.
 */
int vfio_group_bind(struct vfio_device *dev, struct uiommu_file *group,
		    struct uiommu_file *container, struct uiommu_user *user,
		    struct uiommu_file **out, bool *made);

/** vfio_group_leave() - a device that @group gave out is closed. */
void vfio_group_leave(struct uiommu_file *group);

/** vfio_unbind() - undo vfio_bind(), if it succeeded; for the last close. */
void vfio_unbind(struct vfio_file *f);

/* struct uiommu_file_ops. */
int64_t vfio_region_read(struct uiommu_file *file, struct uiommu_user *user,
			 uint64_t uaddr, size_t count, uint64_t offset);
int64_t vfio_region_write(struct uiommu_file *file, struct uiommu_user *user,
			  uint64_t uaddr, size_t count, uint64_t offset);
int vfio_region_mmap(struct uiommu_file *file, uint64_t offset, uint64_t len,
		     int prot, int flags);

/** vfio_irqs_init() - nothing is set up. */
void vfio_irqs_init(struct vfio_irqs *irqs);

/** vfio_irqs_disable() - forget and close everything. Under the device lock. */
void vfio_irqs_disable(struct vfio_device *dev);

/** vfio_intx_unmask() - and signal if the line is still asserted. Under the
 * device lock. */
void vfio_intx_unmask(struct vfio_device *dev);

/** vfio_unmask_init() - no eventfd, no thread. */
void vfio_unmask_init(struct vfio_unmask *un);

/** vfio_unmask_fini() - end the thread; the eventfd is gone already. */
void vfio_unmask_fini(struct vfio_unmask *un);

/**
 * vfio_unmask_set() - unmask INTx whenever @fd is written
 * @fd: the device's on success
 *
 * Under the device lock. Return: 0; -EBUSY: there is one; what the system says
 * that has no thread or descriptor left.
 */
int vfio_unmask_set(struct vfio_device *dev, int fd);

/** vfio_unmask_clear() - forget the eventfd, if any. Under the device lock. */
void vfio_unmask_clear(struct vfio_device *dev);

/** vfio_file_new() - an open @dev that nothing is bound to yet, or NULL. */
struct vfio_file *vfio_file_new(struct vfio_device *dev, int backing);

/** vfio_is_bound() - did @f bind its device? Takes the device lock. */
bool vfio_is_bound(struct vfio_file *f);

/** vfio_wait_idle() - wait until ops->run is over. Under the device lock. */
void vfio_wait_idle(struct vfio_device *dev);

#endif
