/* SPDX-License-Identifier: MIT */
/* Accessed and dirty bits, as the walker sets them in memory. */
#include "soft/iommu.h"

#include <errno.h>

bool soft_updates_dirty(const struct soft_bus *bus,
			const struct soft_root *root)
{
	return bus->cas && root->format->dirty &&
	       (root->features & SOFT_FEAT_HW_DIRTY);
}

/* The bits that one entry of the path should have. */
static uint64_t wanted(const struct soft_root *root,
		       const struct soft_entry *entry, unsigned int access)
{
	uint64_t bits = 0;

	if (entry->kind == SOFT_LEAF || root->format->table_accessed)
		bits |= root->format->accessed;
	if (entry->kind == SOFT_LEAF && (access & SOFT_WRITE) &&
	    (root->features & SOFT_FEAT_HW_DIRTY))
		bits |= root->format->dirty;
	return bits;
}

/* The entry of the path as it should be. */
static uint64_t touched(const struct soft_root *root,
			const struct soft_entry *entry, unsigned int access)
{
	if (root->format->touch)
		return root->format->touch(root, entry, access);
	return entry->raw | wanted(root, entry, access);
}

static int store(struct soft_bus *bus, const struct soft_root *root,
		 struct soft_entry *entry, uint64_t value)
{
	uint64_t old = entry->raw;

	if (value == entry->raw)
		return 0;
	if (bus->cas(bus, entry->pa, root->format->entry_size, &old, value))
		return -EFAULT;
	if (old != entry->raw)
		return -EAGAIN;
	entry->accessed = true;
	entry->dirty = entry->dirty ||
		       ((value ^ entry->raw) & root->format->dirty);
	entry->raw = value;
	return 0;
}

int soft_update_flags(struct soft_bus *bus, const struct soft_root *root,
		      unsigned int access, struct soft_walk *walk)
{
	if (!bus->cas ||
	    !(root->features & (SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY)))
		return 0;
	for (unsigned int i = 0; i < walk->steps; i++) {
		struct soft_entry *entry = &walk->step[i];
		int rc = store(bus, root, entry, touched(root, entry, access));

		if (rc)
			return rc;
	}
	return 0;
}
