/* SPDX-License-Identifier: MIT */
/**
 * DOC: Virtual IOMMUs, as objects, and what belongs to them
 *
 * Each of these objects is a user of its VIOMMU, and that of its nesting parent:
 * nothing can be destroyed before what needs it. A VDEVICE does not keep its device:
 * when that goes, the VDEVICE goes too, but its id stays taken, so that the client,
 * who does not know yet, cannot hit another object by it.
 *
 * Locks: iommufd_viommu.lock is taken under the locks of drivers, and the lock of an
 * event queue under it. Which VDEVICE a device has, and which areas can be mapped,
 * is under iommufd_ctx.lock.
 */
#ifndef IOMMUFD_VIOMMU_H
#define IOMMUFD_VIOMMU_H

#include <uiommu/iommu_viommu.h>

#include "iommufd/device.h"
#include "iommufd/hwpt.h"

struct iommufd_access_pin;
struct iommufd_veventq;

/**
 * struct iommufd_viommu - VIOMMU
 * @obj: its object
 * @hwpt: the nesting parent, of which it is a user
 * @viommu: the driver's
 * @lock: protects @veventqs
 * @veventqs: its event queues, one of a type
 */
struct iommufd_viommu {
	struct iommufd_object obj;
	struct iommufd_hwpt *hwpt;
	struct iommu_viommu *viommu;
	pthread_mutex_t lock;
	struct iommufd_veventq *veventqs;
};

/**
 * struct iommufd_vdevice - VDEVICE
 * @obj: its object
 * @vdev: the core's part
 * @viommu: of which it is a user
 * @idev: the device; NULL when it is gone
 */
struct iommufd_vdevice {
	struct iommufd_object obj;
	struct iommu_vdevice vdev;
	struct iommufd_viommu *viommu;
	struct iommufd_device *idev;
};

/**
 * struct iommufd_hw_queue - HW_QUEUE
 * @obj: its object
 * @queue: the core's part
 * @viommu: of which it is a user
 * @before: the queue that it depends on, of which it is a user, or NULL
 * @access: how it reaches its memory
 * @pin: its memory, which cannot be unmapped
 */
struct iommufd_hw_queue {
	struct iommufd_object obj;
	struct iommu_hw_queue queue;
	struct iommufd_viommu *viommu;
	struct iommufd_hw_queue *before;
	struct iommufd_access *access;
	struct iommufd_access_pin *pin;
};

static inline struct iommufd_viommu *
iommufd_viommu_of(struct iommufd_object *obj)
{
	return iommufd_container(obj, struct iommufd_viommu, obj);
}

/** iommufd_viommu_get() - find the VIOMMU @id and become its reader, or NULL. */
static inline struct iommufd_viommu *iommufd_viommu_get(struct iommufd_ctx *ctx,
							uint32_t id)
{
	struct iommufd_object *obj =
		iommufd_object_get(ctx, id, IOMMUFD_VIOMMU);

	return obj ? iommufd_viommu_of(obj) : NULL;
}

/**
 * iommufd_vdevice_device_gone() - nobody finds @idev any more, its VDEVICE goes
 *
 * Context: no lock held.
 */
void iommufd_vdevice_device_gone(struct iommufd_device *idev);

/* For struct iommu_viommu_host. */
int iommufd_veventq_event(struct iommu_viommu *viommu, uint32_t type,
			  const void *data, size_t len);
int iommufd_hw_queue_depend(struct iommu_hw_queue *queue,
			    struct iommu_hw_queue *on);

#endif
