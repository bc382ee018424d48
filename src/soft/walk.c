/* SPDX-License-Identifier: MIT */
/* One translation: from the top table down to a leaf, or to what is in the way.
 */
#include "soft/soft_format.h"

#include <string.h>

bool soft_read_entry(struct soft_bus *bus, const struct soft_root *root,
		     uint64_t table_pa, unsigned int level, uint64_t va,
		     struct soft_entry *entry)
{
	const struct soft_format *format = root->format;
	unsigned int item_lg2 = format->item_lg2(root, level);

	memset(entry, 0, sizeof(*entry));
	entry->level = level;
	entry->table_pa = table_pa;
	entry->index = (va >> item_lg2) &
		       soft_mask(format->index_lg2(root, level));
	entry->pa = table_pa + entry->index * format->entry_size;
	entry->va = va & ~soft_mask(item_lg2);
	entry->size_lg2 = item_lg2;
	if (bus->load(bus, entry->pa, format->entry_size, &entry->raw)) {
		entry->raw = 0;
		entry->kind = SOFT_BAD;
		entry->why = "no memory answers at this address";
		return false;
	}
	format->decode(root, entry);
	return true;
}

/*
 * A table item may name a table more than one level down; then the index fields
 * in between select nothing and must be zero (AMDv1, "level skipping").
 */
static bool skipped_bits_are_zero(const struct soft_root *root,
				  const struct soft_entry *entry, uint64_t va)
{
	uint64_t inside = va &
			  soft_mask(root->format->item_lg2(root, entry->level));

	return (inside & ~soft_mask(soft_table_lg2(root, entry->next_level))) ==
	       0;
}

static enum soft_reason finish(struct soft_walk *walk, enum soft_reason reason)
{
	walk->reason = reason;
	return reason;
}

static enum soft_reason leaf(struct soft_walk *walk,
			     const struct soft_entry *entry,
			     unsigned int access)
{
	walk->size_lg2 = entry->size_lg2;
	walk->oa = entry->oa | (walk->va & soft_mask(entry->size_lg2));
	if (access & ~walk->prot)
		return finish(walk, SOFT_FAULT_PERMISSION);
	return finish(walk, SOFT_OK);
}

enum soft_reason soft_walk_from(struct soft_bus *bus,
				const struct soft_root *root, uint64_t table_pa,
				unsigned int level, unsigned int access,
				struct soft_walk *walk)
{
	/* Each step goes down at least one level: no more steps than levels. */
	for (;;) {
		struct soft_entry *entry = &walk->step[walk->steps++];

		if (!soft_read_entry(bus, root, table_pa, level, walk->va,
				     entry))
			return finish(walk, SOFT_FAULT_BUS);
		if (entry->kind == SOFT_EMPTY)
			return finish(walk, SOFT_FAULT_NOT_PRESENT);
		if (entry->kind == SOFT_BAD)
			return finish(walk, SOFT_FAULT_BAD_ENTRY);
		walk->prot &= entry->prot;
		if (entry->kind == SOFT_LEAF)
			return leaf(walk, entry, access);
		if (!skipped_bits_are_zero(root, entry, walk->va)) {
			entry->why = "address bits of skipped levels are set";
			return finish(walk, SOFT_FAULT_NOT_PRESENT);
		}
		table_pa = entry->oa;
		level = entry->next_level;
	}
}

enum soft_reason soft_walk(struct soft_bus *bus, const struct soft_root *root,
			   uint64_t va, unsigned int access,
			   struct soft_walk *walk)
{
	memset(walk, 0, sizeof(*walk));
	walk->va = va;
	if (soft_root_check(root))
		return finish(walk, SOFT_FAULT_BAD_ROOT);
	if (!soft_in_input(root, va))
		return finish(walk, SOFT_FAULT_RANGE);
	walk->prot = SOFT_READ | SOFT_WRITE | SOFT_EXEC;
	return soft_walk_from(bus, root, root->pa, root->levels - 1, access,
			      walk);
}
