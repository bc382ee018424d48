/* SPDX-License-Identifier: MIT */
/**
 * DOC: What a modelled device offers to VFIO
 *
 * src/vfio owns the user API (cdev files, regions, interrupts, capability
 * chains); src/devices owns behaviour. A device embeds struct vfio_device, fills
 * its description and registers it with the host context.
 */
#ifndef VFIO_VFIO_DEVICE_H
#define VFIO_VFIO_DEVICE_H

#include <uiommu/user.h>
#include <uiommu/vfio.h>

struct vfio_device;
struct iommu_dev;
struct soft_iommu;

/**
 * struct vfio_mmap_area - part of a region that clients may map
 * @offset: in the region, page aligned
 * @size: bytes, page aligned
 */
struct vfio_mmap_area {
	uint64_t offset;
	uint64_t size;
};

/**
 * struct vfio_region_desc - one region
 * @size: bytes; 0 = absent
 * @flags: VFIO_REGION_INFO_FLAG_READ and _WRITE (MMAP and CAPS follow from @areas)
 * @areas: mappable parts, or NULL
 * @nr_areas: how many
 */
struct vfio_region_desc {
	uint64_t size;
	uint32_t flags;
	const struct vfio_mmap_area *areas;
	unsigned int nr_areas;
};

/**
 * struct vfio_irq_desc - one interrupt index
 * @count: vectors; 0 = absent
 * @flags: VFIO_IRQ_INFO_*
 */
struct vfio_irq_desc {
	uint32_t count;
	uint32_t flags;
};

/**
 * struct vfio_device_ops - behaviour
 * @open: a client bound the device: back to its state after reset, Bus Master off
 * @close: the client is gone: stop all DMA
 * @reset: function level reset
 * @read: read @len bytes at @offset of region @region; never beyond its size.
 *	Returns 0 or -errno
 * @write: the same for writes; DMA that it starts has completed on return or
 *	completes later, as the device likes
 * @attach_memory: from now on the mappable areas of all regions live in @fd at
 *	(region + 1) << 40 plus the offset in the region; -1 = in private memory
 *	again. Contents move along
 *
 * All are called under the device's lock, which src/vfio holds.
 */
struct vfio_device_ops {
	int (*open)(struct vfio_device *dev);
	void (*close)(struct vfio_device *dev);
	void (*reset)(struct vfio_device *dev);
	int (*read)(struct vfio_device *dev, unsigned int region,
		    uint64_t offset, void *buf, size_t len);
	int (*write)(struct vfio_device *dev, unsigned int region,
		     uint64_t offset, const void *buf, size_t len);
	int (*attach_memory)(struct vfio_device *dev, int fd);
};

/** VFIO_REGION_OFFSET - where region @index starts on the device descriptor. */
#define VFIO_REGION_OFFSET(index) (((uint64_t)(index) + 1) << 40)

#endif
