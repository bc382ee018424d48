/* SPDX-License-Identifier: MIT */
/**
 * DOC: The device table: (requester id, PASID) to device table entry
 *
 * Not locked: the IOMMU's lock is held.
 */
#ifndef SOFT_DEVTAB_H
#define SOFT_DEVTAB_H

#include "soft/soft.h"

struct devtab_node;

/**
 * struct devtab - a hash table with chains
 * @bucket: 1 << @lg2 of them
 * @count: number of entries
 */
struct devtab {
	struct devtab_node **bucket;
	unsigned int lg2;
	size_t count;
};

/** devtab_init() - 0 or -ENOMEM. */
int devtab_init(struct devtab *tab);
void devtab_fini(struct devtab *tab);

/** devtab_find() - NULL if there is none. */
struct soft_dte *devtab_find(const struct devtab *tab, uint32_t rid,
			     uint32_t pasid);

/** devtab_set() - add or replace; 0 or -ENOMEM (never for a replacement). */
int devtab_set(struct devtab *tab, uint32_t rid, uint32_t pasid,
	       const struct soft_dte *dte);

/** devtab_remove() - fine if there is none. */
void devtab_remove(struct devtab *tab, uint32_t rid, uint32_t pasid);

/** devtab_find_domain() - any entry that translates through @domain_id, or
 * NULL. */
struct soft_dte *devtab_find_domain(const struct devtab *tab,
				    uint32_t domain_id);

#endif
