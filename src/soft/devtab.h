/* SPDX-License-Identifier: MIT */
/**
 * DOC: The device table: (requester id, PASID) to device table entry
 *
 * Not locked: the IOMMU's lock is held.
 */
#ifndef SOFT_DEVTAB_H
#define SOFT_DEVTAB_H

#include "soft/soft.h"

struct soft_devtab_node;

/**
 * struct soft_devtab - a hash table with chains
 * @bucket: 1 << @lg2 of them
 * @count: number of entries
 */
struct soft_devtab {
	struct soft_devtab_node **bucket;
	unsigned int lg2;
	size_t count;
};

/** soft_devtab_init() - 0 or -ENOMEM. */
int soft_devtab_init(struct soft_devtab *tab);
void soft_devtab_fini(struct soft_devtab *tab);

/** soft_devtab_find() - NULL if there is none. */
struct soft_dte *soft_devtab_find(const struct soft_devtab *tab, uint32_t rid,
				  uint32_t pasid);

/** soft_devtab_set() - add or replace; 0 or -ENOMEM (never for a replacement). */
int soft_devtab_set(struct soft_devtab *tab, uint32_t rid, uint32_t pasid,
		    const struct soft_dte *dte);

/** soft_devtab_remove() - fine if there is none. */
void soft_devtab_remove(struct soft_devtab *tab, uint32_t rid, uint32_t pasid);

/** struct soft_devtab_entry - what soft_devtab_copy() gives. */
struct soft_devtab_entry {
	uint32_t rid, pasid;
	struct soft_dte dte;
};

/** soft_devtab_copy() - all @tab->count entries to @out, ordered by rid and PASID. */
void soft_devtab_copy(const struct soft_devtab *tab,
		      struct soft_devtab_entry *out);

/** soft_devtab_find_domain() - any entry that translates through @domain_id, or
 * NULL. */
struct soft_dte *soft_devtab_find_domain(const struct soft_devtab *tab,
					 uint32_t domain_id);

#endif
