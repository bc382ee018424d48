/* SPDX-License-Identifier: MIT */
/**
 * DOC: What a modelled device offers to VFIO
 *
 * src/vfio owns the user API (cdev files, regions, interrupts, capability
 * chains); src/devices owns behaviour. A device embeds struct vfio_device, fills
 * its description and is opened by vfio_cdev_open().
 *
 * Two locks. The *bind lock* makes BIND, ATTACH, DETACH and the final close of
 * one device follow each other; it is held while IOMMUFD pins memory. The
 * *device lock*, always inside, guards the state of the device and of its
 * interrupts, and is held for single register accesses only: never while client
 * memory is copied or reached by DMA.
 */
#ifndef VFIO_VFIO_DEVICE_H
#define VFIO_VFIO_DEVICE_H

#include <pthread.h>
#include <uiommu/user.h>
#include <uiommu/vfio.h>

struct vfio_device;
struct vfio_file;
struct iommu_dev;
struct iommufd_device;
struct vfio_group;

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
 * @count: vectors, at most VFIO_MAX_VECTORS; 0 = absent
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
 * @read: read @len bytes at @offset of region @region; @len is 1, 2, 4 or 8 and
 *	@offset a multiple of it; never beyond the region's size. Returns 0 or
 *	-errno
 * @write: the same for writes. What takes longer than a register access (DMA) is
 *	left to @run: see vfio_device_start()
 * @run: the work that @write started; NULL if it never starts any. Called with no
 *	lock held, by the thread that wrote; neither @reset, @close nor a second
 *	@run happens meanwhile. Completes what it changes under the device lock
 * @set_bus_master: the same as writing the Bus Master Enable bit
 * @irq_mode: the client switched @index on (@enable) or off; NULL if of no
 *	interest
 * @attach_memory: from now on the mappable areas of all regions live in @fd at
 *	VFIO_REGION_OFFSET(region) plus the offset in the region; -1 = in private
 *	memory again. Contents move along. Returns 0 or -errno, and then nothing
 *	has changed; -1 cannot fail
 *
 * All but @run are called under the device lock.
 */
struct vfio_device_ops {
	int (*open)(struct vfio_device *dev);
	void (*close)(struct vfio_device *dev);
	void (*reset)(struct vfio_device *dev);
	int (*read)(struct vfio_device *dev, unsigned int region,
		    uint64_t offset, void *buf, size_t len);
	int (*write)(struct vfio_device *dev, unsigned int region,
		     uint64_t offset, const void *buf, size_t len);
	void (*run)(struct vfio_device *dev);
	void (*set_bus_master)(struct vfio_device *dev, bool on);
	void (*irq_mode)(struct vfio_device *dev, unsigned int index,
			 bool enable);
	int (*attach_memory)(struct vfio_device *dev, int fd);
};

/** VFIO_REGION_OFFSET - where region @index starts on the device descriptor. */
#define VFIO_REGION_OFFSET(index) (((uint64_t)(index) + 1) << 40)

/** VFIO_FILE_SIZE - behind the last region of a device descriptor. */
#define VFIO_FILE_SIZE VFIO_REGION_OFFSET(VFIO_PCI_NUM_REGIONS)

/** VFIO_MAX_VECTORS - the most vectors that one interrupt index can have. */
#define VFIO_MAX_VECTORS 32

/** VFIO_IRQ_NONE - neither INTx nor MSI nor MSI-X is switched on. */
#define VFIO_IRQ_NONE (~0U)

/**
 * struct vfio_irqs - interrupts as the client has set them up
 * @mode: VFIO_PCI_INTX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX or
 *	VFIO_PCI_MSIX_IRQ_INDEX, whichever is on; only one can be
 * @trigger: eventfds of the vectors of @mode, -1 = none. Owned
 * @request: the eventfd of VFIO_PCI_REQ_IRQ_INDEX or -1. Owned
 * @level: the device asserts its interrupt line
 * @masked: INTx is masked, by the client or because it has been signalled
 */
struct vfio_irqs {
	unsigned int mode;
	int trigger[VFIO_MAX_VECTORS];
	int request;
	bool level;
	bool masked;
};

/**
 * struct vfio_unmask - an eventfd by which the client unmasks INTx
 * @fd: the eventfd or -1. Owned
 * @generation: counts the eventfds there have been, so that a late event of one
 *	is not taken for one of its successor
 * @started: @thread runs, which it does from the first eventfd until
 *	vfio_device_fini()
 * @thread: waits for @fd to be written
 * @epoll: what it waits on
 * @wake: ends it
 */
struct vfio_unmask {
	int fd;
	uint64_t generation;
	bool started;
	pthread_t thread;
	int epoll;
	int wake;
};

/**
 * struct vfio_device - embedded by a modelled device
 * @ops: behaviour
 * @flags: VFIO_DEVICE_FLAGS_*
 * @region: description of the regions
 * @irq: description of the interrupt indexes
 * @iommu: the device as the IOMMU core knows it
 * @name: as its bus calls it ("0000:00:01.0")
 * @group: its group
 * @group_next: the next device of @group
 * @lock: the device lock
 * @idle: signalled when @running becomes false
 * @running: @ops->run is about to run or running
 * @irqs: interrupts of the bound client
 * @unmask: the other way: the end of one
 * @bind_lock: the bind lock
 * @owner: the file that bound the device, or NULL. Written under both locks
 * @idev: the device in the client's context; under the bind lock
 *
 * What stands before @lock is set before the first open and constant then.
 */
struct vfio_device {
	const struct vfio_device_ops *ops;
	uint32_t flags;
	struct vfio_region_desc region[VFIO_PCI_NUM_REGIONS];
	struct vfio_irq_desc irq[VFIO_PCI_NUM_IRQS];
	struct iommu_dev *iommu;
	char name[16];
	struct vfio_group *group;
	struct vfio_device *group_next;

	pthread_mutex_t lock;
	pthread_cond_t idle;
	bool running;
	struct vfio_irqs irqs;
	struct vfio_unmask unmask;

	pthread_mutex_t bind_lock;
	struct vfio_file *owner;
	struct iommufd_device *idev;
};

/**
 * vfio_device_init() - make @dev ready to be opened
 *
 * @dev's description is filled in by the caller, before or after; everything else
 * is set here. Cannot fail.
 */
void vfio_device_init(struct vfio_device *dev,
		      const struct vfio_device_ops *ops);

/** vfio_device_fini() - undo; no file of @dev is open any more. */
void vfio_device_fini(struct vfio_device *dev);

/** vfio_device_lock() - take the device lock, for users outside src/vfio. */
void vfio_device_lock(struct vfio_device *dev);
void vfio_device_unlock(struct vfio_device *dev);

/**
 * vfio_cdev_open() - open /dev/vfio/devices/vfioN
 * @backing: see uiommu_open_device()
 *
 * Return: 0 or -ENOMEM; the caller holds the file's only reference.
 */
int vfio_cdev_open(struct vfio_device *dev, int backing,
		   struct uiommu_file **out);

/**
 * vfio_device_start() - have @ops->run called after the present register access
 *
 * From ops->write, while dev->running is false; or under the device lock by somebody
 * who calls @ops->run himself, when he has dropped it.
 */
void vfio_device_start(struct vfio_device *dev);

/**
 * vfio_device_done() - what vfio_device_start() announced has ended
 *
 * The last thing that @ops->run does, under the device lock that it takes to
 * complete the work.
 */
void vfio_device_done(struct vfio_device *dev);

/**
 * vfio_intx() - drive the interrupt line
 * @level: asserted or not
 *
 * The client's eventfd is signalled once for an asserted line; the interrupt is
 * then masked until the client unmasks it, and signalled again if the line is
 * still asserted. Under the device lock.
 */
void vfio_intx(struct vfio_device *dev, bool level);

/** vfio_msi() - one MSI or MSI-X message of @vector. Under the device lock. */
void vfio_msi(struct vfio_device *dev, unsigned int vector);

#endif
