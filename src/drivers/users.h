/* SPDX-License-Identifier: MIT */
/**
 * DOC: Who is translated by what, for all drivers
 *
 * The caller holds the lock of its IOMMU.
 */
#ifndef DRIVERS_USERS_H
#define DRIVERS_USERS_H

#include "drivers/hw.h"

/** hw_users_init() - a device all of whose requests are blocked. */
void hw_users_init(struct iommu_hw_users *users, void *dev,
		   struct iommu_hw_target *blocked);

/** hw_users_fini() - all its PASIDs are blocked. */
void hw_users_fini(struct iommu_hw_users *users);

/** hw_user_find() - the user with @pasid; NULL: it is blocked. */
struct iommu_hw_user *hw_user_find(struct iommu_hw_users *users,
				   ioasid_t pasid);

/** hw_user_get() - the same, made if there is none; NULL: no memory. */
struct iommu_hw_user *hw_user_get(const struct hw_mem *mem,
				  struct iommu_hw_users *users, ioasid_t pasid);

/** hw_user_put() - a PASID that is blocked needs no memory. */
void hw_user_put(const struct hw_mem *mem, struct iommu_hw_users *users,
		 struct iommu_hw_user *user);

/** hw_user_move() - it is translated by @target from now on. */
void hw_user_move(struct iommu_hw_user *user, struct iommu_hw_target *target);

/** hw_begin() - note what changes from now on. */
void hw_begin(const struct hw_mem *mem);

/** hw_end() - no more; @rc: it has failed, and all goes back. */
void hw_end(const struct hw_mem *mem, int rc);

/**
 * struct hw_change - how a driver changes what a (device, PASID) is translated by
 * @write: to the new target, with hw_user_move(), and forget the old one
 * @block: have the entry block and nothing else, in one store
 */
struct hw_change {
	int (*write)(const struct hw_change *change);
	void (*block)(const struct hw_change *change);
};

/**
 * hw_change() - to @target, or not at all
 * @queue: of the IOMMU
 *
 * If it fails, because it cannot be done or because the IOMMU breaks meanwhile,
 * entries and users are what they were. To block cannot fail: with an IOMMU that is
 * broken the entry is stored all the same, and nobody is left with the old target.
 *
 * Return: 0, or what @write or the queue returned.
 */
int hw_change(const struct hw_mem *mem, const struct iommu_hw_queue *queue,
	      struct iommu_hw_users *users, ioasid_t pasid,
	      struct iommu_hw_target *target, const struct hw_change *change);

/** hw_target_nest() - @target is nested on @parent. */
void hw_target_nest(struct iommu_hw_target *target,
		    struct iommu_hw_target *parent);

/** hw_target_unnest() - and is not any more; nobody is translated by it. */
void hw_target_unnest(struct iommu_hw_target *target);

/** hw_ids_init() - numbers from 0 to @count - 1; -ENOMEM. */
int hw_ids_init(const struct hw_mem *mem, struct iommu_hw_ids *ids,
		uint32_t count);

void hw_ids_fini(const struct hw_mem *mem, struct iommu_hw_ids *ids);

/** hw_id_get() - the lowest free one from @first on; -ENOSPC. */
int hw_id_get(struct iommu_hw_ids *ids, uint32_t first, uint32_t *id);

void hw_id_put(struct iommu_hw_ids *ids, uint32_t id);

#endif
