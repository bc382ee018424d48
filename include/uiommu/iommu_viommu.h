/* SPDX-License-Identifier: MIT */
/**
 * DOC: What a guest owns of an IOMMU
 *
 * Freestanding, part of the IOMMU core. A virtual machine's IOMMU may be backed by
 * the real one: its page tables become NESTED domains over a PAGING parent, its
 * invalidation commands go to the hardware, and the hardware's events come back to
 * it. A driver offers kinds of this by a table of struct iommu_viommu_kind. What
 * such a kind needs to know stands in data of its own layout, which the user of
 * the core (IOMMUFD) carries from the client to the driver unseen.
 *
 * Client memory is reached by the functions of struct iommu_user_data and struct
 * iommu_user_array; a driver holds no lock when it calls them.
 */
#ifndef UIOMMU_IOMMU_VIOMMU_H
#define UIOMMU_IOMMU_VIOMMU_H

#include <uiommu/iommu.h>

#ifdef __cplusplus
extern "C" {
#endif

struct iommu_hw_queue;
struct iommu_viommu;

/* ---- Data of a client ---------------------------------------------- */

/**
 * iommu_user_data_read() - copy a struct that the driver knows
 * @dst: @size bytes; what the client does not have of it becomes zero
 * @min: what the client must have
 *
 * Return: 0; -EINVAL: the client has less than @min or more than @size; -EFAULT.
 */
int iommu_user_data_read(const struct iommu_user_data *data, void *dst,
			 size_t min, size_t size);

/**
 * iommu_user_data_write() - give a struct back, as much as the client has of it
 *
 * Return: 0 or -EFAULT.
 */
int iommu_user_data_write(const struct iommu_user_data *data, const void *src,
			  size_t size);

/**
 * struct iommu_user_array - commands of a client
 * @type: what the client says they are
 * @entry_len: bytes of each
 * @entry_num: in: how many; out: how many have been carried out whole
 * @read: copy @n bytes at @offset of entry @index, all inside it; 0 or -EFAULT
 */
struct iommu_user_array {
	uint32_t type;
	uint32_t entry_len;
	uint32_t entry_num;
	int (*read)(struct iommu_user_array *array, uint32_t index,
		    size_t offset, void *dst, size_t n);
};

/**
 * iommu_user_array_read() - copy entry @index as a struct that the driver knows
 * @dst: @size bytes; what the client does not have of it becomes zero
 * @min: what the client must have
 *
 * Return: 0; -EINVAL: entries are shorter than @min; -E2BIG: the client has more
 * than @size, and not all of the rest is zero; -EFAULT.
 */
int iommu_user_array_read(struct iommu_user_array *array, uint32_t index,
			  void *dst, size_t min, size_t size);

/* ---- Virtual IOMMUs ------------------------------------------------ */

/**
 * struct iommu_vdevice - a device as the guest knows it; embedded by the user of the
 * core
 * @viommu: the virtual IOMMU that it is behind
 * @dev: the device
 * @virt_id: what the guest calls it
 * @priv: for the driver
 * @next: the next one of @viommu
 */
struct iommu_vdevice {
	struct iommu_viommu *viommu;
	struct iommu_dev *dev;
	uint64_t virt_id;
	void *priv;
	struct iommu_vdevice *next;
};

/**
 * struct iommu_hw_queue - a command queue in guest memory that hardware reads;
 * embedded by the user of the core
 * @viommu: whose
 * @type: of which kind
 * @index: which one
 * @iova: where it is in the parent's address space
 * @pa: the same in physical memory, contiguous and pinned
 * @length: its bytes
 * @priv: for the driver
 */
struct iommu_hw_queue {
	struct iommu_viommu *viommu;
	uint32_t type;
	uint32_t index;
	uint64_t iova;
	phys_addr_t pa;
	uint64_t length;
	void *priv;
};

/**
 * struct iommu_viommu_host - what the user of the core does for a virtual IOMMU
 * @event: the hardware has something to tell the guest: @len bytes of @type.
 *	Any context, also under locks of the driver. Return: 0; -EOPNOTSUPP:
 *	nobody has asked for events of @type. An event that finds no room is lost,
 *	and the guest learns that
 * @map: make @len bytes, whole pages, that the client can map: at *@ptr here, at
 *	*@offset for the client. They go with the virtual IOMMU. Return: 0;
 *	-ENOMEM; -ENOSPC
 * @depend: @queue needs @on, which cannot be destroyed before it. Only from
 *	hw_queue_init, once at most. Return: 0; -ENOENT: @on is being destroyed
 */
struct iommu_viommu_host {
	int (*event)(struct iommu_viommu *viommu, uint32_t type,
		     const void *data, size_t len);
	int (*map)(struct iommu_viommu *viommu, size_t len, void **ptr,
		   uint64_t *offset);
	int (*depend)(struct iommu_hw_queue *queue, struct iommu_hw_queue *on);
};

/**
 * struct iommu_viommu_ops - one kind of virtual IOMMU; what is NULL it cannot do
 * @alloc_nested: make a NESTED domain over the parent; -EOPNOTSUPP: of no known
 *	type
 * @invalidate: carry out the guest's invalidations, in order, and set
 *	@array->entry_num, also on failure; -EINVAL: of no known type, also if
 *	there are none
 * @vdevice_init: @vdev is complete and nobody finds it yet
 * @vdevice_fini: nobody finds it any more
 * @has_events: can there be events of @type?
 * @hw_queue_type: are there queues of @type?
 * @hw_queue_init: the hardware reads @queue from now on. -EINVAL: no such index;
 *	-EEXIST: it is in use; -EIO: it is not its turn
 * @hw_queue_fini: the hardware has stopped when it returns
 * @free: nothing of it is left
 */
struct iommu_viommu_ops {
	int (*alloc_nested)(struct iommu_viommu *viommu, struct iommu_dev *dev,
			    unsigned int flags,
			    const struct iommu_user_data *data,
			    struct iommu_domain **domain);
	int (*invalidate)(struct iommu_viommu *viommu,
			  struct iommu_user_array *array);
	int (*vdevice_init)(struct iommu_vdevice *vdev);
	void (*vdevice_fini)(struct iommu_vdevice *vdev);
	bool (*has_events)(struct iommu_viommu *viommu, uint32_t type);
	bool (*hw_queue_type)(struct iommu_viommu *viommu, uint32_t type);
	int (*hw_queue_init)(struct iommu_hw_queue *queue);
	void (*hw_queue_fini)(struct iommu_hw_queue *queue);
	void (*free)(struct iommu_viommu *viommu);
};

/**
 * struct iommu_viommu - a virtual IOMMU; embedded by the driver
 * @ops: its kind
 * @iommu: the kind of the real one
 * @parent: what guest-physical addresses are translated by
 * @host: see there
 * @owner: for the user of the core
 * @lock: protects @vdevices
 * @vdevices: the devices behind it
 */
struct iommu_viommu {
	const struct iommu_viommu_ops *ops;
	const struct iommu_ops *iommu;
	struct iommu_domain *parent;
	const struct iommu_viommu_host *host;
	void *owner;
	struct port_lock lock;
	struct iommu_vdevice *vdevices;
};

/**
 * struct iommu_viommu_kind - a row in a driver's table of kinds
 * @type: its number in the user API; 0 ends the table
 * @alloc: make one for devices like @dev. @viommu's @iommu, @parent, @host and
 *	@owner are filled in by iommu_viommu_alloc() as soon as the driver calls
 *	iommu_viommu_init(). @data is NULL if the client has none
 */
struct iommu_viommu_kind {
	uint32_t type;
	int (*alloc)(struct iommu_dev *dev, const struct iommu_viommu *like,
		     const struct iommu_user_data *data,
		     struct iommu_viommu **viommu);
};

/** iommu_viommu_supported() - does @dev's driver know the kind @type? */
bool iommu_viommu_supported(const struct iommu_dev *dev, uint32_t type);

/**
 * iommu_viommu_alloc() - make a virtual IOMMU
 * @type: its kind
 * @parent: a PAGING domain allocated with IOMMU_ALLOC_NEST_PARENT for devices like
 *	@dev, which outlives it
 * @data: what the client has to say to the driver, or NULL
 *
 * Return: 0; -EOPNOTSUPP: no such kind; -EINVAL: @parent is for another kind of
 * IOMMU; what the driver returned.
 */
int iommu_viommu_alloc(struct iommu_dev *dev, uint32_t type,
		       struct iommu_domain *parent,
		       const struct iommu_viommu_host *host, void *owner,
		       const struct iommu_user_data *data,
		       struct iommu_viommu **viommu);

/** iommu_viommu_init() - for drivers: begin @viommu, the rest as in @like. */
void iommu_viommu_init(struct iommu_viommu *viommu,
		       const struct iommu_viommu *like,
		       const struct iommu_viommu_ops *ops);

/** iommu_viommu_free() - it has no devices, queues or domains any more. */
void iommu_viommu_free(struct iommu_viommu *viommu);

/**
 * iommu_vdevice_add() - @vdev, with @dev and @virt_id filled in, is behind @viommu
 *
 * Return: 0; -EEXIST: @virt_id is taken, or @dev is there already; -EINVAL: @dev is
 * behind another kind of IOMMU; what the driver returned.
 */
int iommu_vdevice_add(struct iommu_viommu *viommu, struct iommu_vdevice *vdev);

/** iommu_vdevice_remove() - undo. */
void iommu_vdevice_remove(struct iommu_vdevice *vdev);

/** iommu_vdevice_find() - by virtual id; NULL. @viommu->lock is held. */
struct iommu_vdevice *iommu_vdevice_find(struct iommu_viommu *viommu,
					 uint64_t virt_id);

/** iommu_vdevice_of() - by device; NULL. @viommu->lock is held. */
struct iommu_vdevice *iommu_vdevice_of(struct iommu_viommu *viommu,
				       const struct iommu_dev *dev);

/**
 * iommu_viommu_alloc_nested() - a guest's table behind @viommu
 *
 * Return: as iommu_domain_alloc_user().
 */
int iommu_viommu_alloc_nested(struct iommu_viommu *viommu,
			      struct iommu_dev *dev, unsigned int flags,
			      const struct iommu_user_data *data,
			      struct iommu_domain **domain);

#ifdef __cplusplus
}
#endif
#endif
