/* SPDX-License-Identifier: MIT */
/**
 * DOC: Inside the driver of the software IOMMU
 *
 * What all formats share: which (device, PASID) uses which table, and tags of
 * tables in the IOTLB. Nothing here knows a page table; a format's unit
 * (domain_template.h) computes the device table entry and calls down.
 *
 * Locks. The core orders attaches of one group. soft_table.lock is the table's top
 * lock: it protects @users, and is held from reading the root until the
 * hardware has it, so that a growing top and an attach do not miss each other.
 * soft_driver.lock protects the tags. Both are leaves: no other lock is taken
 * under them but those inside the hardware.
 */
#ifndef SOFT_DOMAIN_H
#define SOFT_DOMAIN_H

#include <uiommu/iommu.h>
#include <uiommu/port.h>

#include "drivers/soft/soft_driver.h"
#include "soft/soft.h"

/**
 * struct soft_driver - one software IOMMU with its devices
 * @hw: the hardware
 * @ops: the format's
 * @format: the format, as the hardware calls it
 * @runtime: where page tables come from
 * @lock: protects @tags and @devices
 * @tags: bit n: n is the tag of a table; tag 0 is never used
 * @nr_tag_words: words at @tags
 * @devices: its devices
 */
struct soft_driver {
	struct soft_iommu *hw;
	const struct iommu_ops *ops;
	const struct soft_format *format;
	const struct pt_runtime *runtime;
	struct port_lock lock;
	uint64_t *tags;
	uint32_t nr_tag_words;
	struct soft_device *devices;
};

/**
 * struct soft_user - a (device, PASID) and the table that translates it
 * @dev: the device
 * @pasid: its PASID
 * @table: the table; NULL = blocked or passed through
 * @next_of_table: the next user of @table
 * @next_of_dev: the next PASID of @dev
 */
struct soft_user {
	struct soft_device *dev;
	ioasid_t pasid;
	struct soft_table *table;
	struct soft_user *next_of_table;
	struct soft_user *next_of_dev;
};

/**
 * struct soft_device - a device behind a software IOMMU
 * @dev: the core's part
 * @group: a group of its own
 * @drv: its IOMMU
 * @rid: its requester id
 * @user: what requests without a PASID use; heads the list of PASIDs
 * @caps: what else it can do
 * @next: the next one of @drv
 */
struct soft_device {
	struct iommu_dev dev;
	struct iommu_group group;
	struct soft_driver *drv;
	uint32_t rid;
	struct soft_user user;
	struct soft_device_caps caps;
	struct soft_device *next;
};

/**
 * struct soft_table - what a domain of any format has beside its page table
 * @drv: the IOMMU that it is for
 * @lock: the top lock
 * @users: who is translated by it
 * @tag: marks its translations in the IOTLB
 * @dirty: the hardware sets dirty bits; under @lock
 */
struct soft_table {
	struct soft_driver *drv;
	struct port_lock lock;
	struct soft_user *users;
	uint32_t tag;
	bool dirty;
};

static inline struct soft_device *to_soft_device(struct iommu_dev *dev)
{
	return (struct soft_device *)((char *)dev -
				      offsetof(struct soft_device, dev));
}

/** soft_table_init() - get a tag. Return: 0 or -ENOMEM. */
int soft_table_init(struct soft_table *table, struct soft_driver *drv);

/**
 * soft_table_fini() - the tag is free again; the hardware forgot @table when its
 * last user left
 */
void soft_table_fini(struct soft_table *table);

/**
 * soft_table_sync() - the hardware forgets what was gathered
 */
void soft_table_sync(struct soft_table *table,
		     const struct iommu_iotlb_gather *gather);

/** soft_table_sync_all() - the hardware forgets everything of @table. */
void soft_table_sync_all(struct soft_table *table);

/** soft_table_unmapped() - tell the hardware's detector. */
void soft_table_unmapped(struct soft_table *table, dma_addr_t iova,
			 dma_addr_t last);

/**
 * soft_table_set_root() - the top has changed; the caller holds @table->lock
 */
void soft_table_set_root(struct soft_table *table,
			 const struct soft_root *root);

/**
 * soft_user_get() - the user for (@dev, @pasid), whose device table entry exists
 * from now on, so that changing it cannot fail
 *
 * Return: 0 or -ENOMEM.
 */
int soft_user_get(struct soft_device *dev, ioasid_t pasid,
		  struct soft_user **out);

/**
 * soft_user_leave() - @user is going to be programmed anew
 *
 * Return: the table that it used, or NULL, for soft_table_sync_all() when the
 * hardware has changed.
 */
struct soft_table *soft_user_leave(struct soft_user *user);

/**
 * soft_user_enter() - program the hardware: @user is translated by @table, whose
 * root is @root; the caller holds @table->lock
 */
void soft_user_enter(struct soft_user *user, struct soft_table *table,
		     const struct soft_root *root);

/**
 * soft_resv_x86() - reserved region @index of x86 machines: interrupts
 */
bool soft_resv_x86(struct iommu_dev *dev, unsigned int index,
		   struct iommu_resv_region *region);

/** soft_capable() - what the software IOMMU can do; all formats have dirty bits. */
bool soft_capable(struct iommu_dev *dev, enum iommu_cap cap);

/** soft_page_response() - &iommu_ops.page_response of all formats. */
void soft_page_response(struct iommu_dev *dev, ioasid_t pasid, uint32_t grpid,
			enum iommu_page_code code);

/* Static domains; they know nothing of formats. */
extern const struct iommu_domain soft_blocked_domain;
extern const struct iommu_domain soft_identity_domain;

/* No IOMMU at all. */
extern const struct iommu_ops soft_none_iommu_ops;

/* The formats. */
extern const struct iommu_ops soft_amdv1_iommu_ops;
extern const struct iommu_ops soft_amdv1_mock_iommu_ops;
extern const struct iommu_ops soft_vtdss_iommu_ops;
extern const struct iommu_ops soft_x86_64_iommu_ops;

#endif
