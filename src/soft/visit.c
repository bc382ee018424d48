/* SPDX-License-Identifier: MIT */
/* Every entry of a range, in a table that may be anything at all. */
#include "soft/soft_format.h"

#include <errno.h>

/**
 * struct visit - one call of soft_visit()
 * @path: the tables from the top to the one being read
 * @depth: how many they are
 */
struct visit {
	struct soft_bus *bus;
	const struct soft_root *root;
	int (*visit)(void *arg, const struct soft_entry *entry);
	void *arg;
	uint64_t path[SOFT_MAX_LEVELS];
	unsigned int depth;
};

static int visit_table(struct visit *v, uint64_t table_pa, unsigned int level,
		       uint64_t va, uint64_t last);

static bool on_path(const struct visit *v, uint64_t table_pa)
{
	for (unsigned int i = 0; i < v->depth; i++)
		if (v->path[i] == table_pa)
			return true;
	return false;
}

static int visit_child(struct visit *v, struct soft_entry *entry, uint64_t va,
		       uint64_t last)
{
	uint64_t child_last = entry->va | soft_mask(entry->size_lg2);
	int rc;

	if (on_path(v, entry->oa)) {
		entry->kind = SOFT_BAD;
		entry->why = "points at a table of its own path";
		return v->visit(v->arg, entry);
	}
	rc = v->visit(v->arg, entry);
	if (rc)
		return rc < 0 ? rc : 0;
	/* A table behind skipped levels fills only the start of its item. */
	if (va < entry->va)
		va = entry->va;
	if (last > child_last)
		last = child_last;
	if (va > last)
		return 0;
	return visit_table(v, entry->oa, entry->next_level, va, last);
}

/* What the copies of a run share: all but bits that hardware sets in one. */
static uint64_t run_key(const struct visit *v, const struct soft_entry *entry)
{
	const struct soft_format *format = v->root->format;

	if (format->run_key)
		return format->run_key(v->root, entry);
	return entry->raw & ~(format->accessed | format->dirty);
}

static int visit_broken_copy(struct visit *v, struct soft_entry *copy,
			     uint64_t va)
{
	copy->kind = SOFT_BAD;
	copy->why = "differs from the other copies of its run";
	copy->va = va;
	copy->size_lg2 = v->root->format->item_lg2(v->root, copy->level);
	copy->run_lg2 = 0;
	return v->visit(v->arg, copy);
}

/*
 * @entry is the first copy that the range reaches. Its twins are read for their
 * accessed and dirty bits; the odd ones come after the run.
 */
static int visit_run(struct visit *v, struct soft_entry *entry)
{
	uint64_t item =
		soft_mask(v->root->format->item_lg2(v->root, entry->level)) + 1;
	uint64_t copies = UINT64_C(1) << entry->run_lg2;
	uint64_t key = run_key(v, entry);
	struct soft_entry copy;
	int rc;

	for (uint64_t i = 0; i < copies; i++) {
		if (!soft_read_entry(v->bus, v->root, entry->table_pa,
				     entry->level, entry->va + i * item,
				     &copy) ||
		    run_key(v, &copy) != key)
			continue;
		if (i == 0)
			entry->raw = copy.raw;
		entry->accessed |= copy.accessed;
		entry->dirty |= copy.dirty;
	}
	entry->index &= ~(copies - 1);
	entry->pa =
		entry->table_pa + entry->index * v->root->format->entry_size;
	rc = v->visit(v->arg, entry);
	for (uint64_t i = 0; i < copies && rc >= 0; i++) {
		soft_read_entry(v->bus, v->root, entry->table_pa, entry->level,
				entry->va + i * item, &copy);
		if (run_key(v, &copy) != key)
			rc = visit_broken_copy(v, &copy, entry->va + i * item);
	}
	return rc;
}

static int visit_entry(struct visit *v, struct soft_entry *entry, uint64_t va,
		       uint64_t last)
{
	if (entry->kind == SOFT_EMPTY)
		return 0;
	if (entry->kind == SOFT_TABLE)
		return visit_child(v, entry, va, last);
	if (entry->kind == SOFT_LEAF && entry->run_lg2)
		return visit_run(v, entry);
	return v->visit(v->arg, entry);
}

/**
 * struct table - what all items of a table have in common
 * @blank: an entry that was not read yet
 * @index_mask: of VA >> @blank.size_lg2
 * @size: bytes of an item
 */
struct table {
	struct soft_entry blank;
	uint64_t index_mask;
	unsigned int size;
};

/*
 * As soft_read_entry(), with all that is the same for a whole table done once: most
 * of the time a large dump takes is spent here. No format has a present entry that
 * is 0.
 */
static bool read_item(const struct visit *v, const struct table *table,
		      uint64_t va, struct soft_entry *entry)
{
	struct soft_bus *bus = v->bus;

	*entry = table->blank;
	entry->index = (va >> entry->size_lg2) & table->index_mask;
	entry->pa = entry->table_pa + entry->index * table->size;
	if (bus->load(bus, entry->pa, table->size, &entry->raw))
		return soft_read_entry(bus, v->root, entry->table_pa,
				       entry->level, va, entry);
	if (!entry->raw)
		return true;
	entry->va = va & ~soft_mask(entry->size_lg2);
	v->root->format->decode(v->root, entry);
	return true;
}

/* [@va, @last] lies within what the table translates. */
static int visit_table(struct visit *v, uint64_t table_pa, unsigned int level,
		       uint64_t va, uint64_t last)
{
	const struct soft_format *format = v->root->format;
	unsigned int item_lg2 = format->item_lg2(v->root, level);
	struct table table = {
		.blank.kind = SOFT_EMPTY,
		.blank.level = level,
		.blank.table_pa = table_pa,
		.blank.size_lg2 = item_lg2,
		.index_mask = soft_mask(format->index_lg2(v->root, level)),
		.size = format->entry_size,
	};
	bool answered = true, answers;
	struct soft_entry entry;
	uint64_t item_last;
	int rc = 0;

	v->path[v->depth++] = table_pa;
	for (;; va = item_last + 1) {
		answers = read_item(v, &table, va, &entry);
		/* Of a stretch without memory only the start is news. */
		if (answers || answered)
			rc = visit_entry(v, &entry, va, last);
		answered = answers;
		item_last = va | soft_mask(item_lg2);
		if (entry.kind == SOFT_LEAF)
			item_last = entry.va | soft_mask(entry.size_lg2);
		if (rc < 0 || item_last >= last)
			break;
	}
	v->depth--;
	return rc < 0 ? rc : 0;
}

int soft_visit(struct soft_bus *bus, const struct soft_root *root, uint64_t va,
	       uint64_t last,
	       int (*visit)(void *arg, const struct soft_entry *entry),
	       void *arg)
{
	struct visit v = {
		.bus = bus,
		.root = root,
		.visit = visit,
		.arg = arg,
	};
	struct soft_range range[2];
	unsigned int n;
	int rc;

	if (soft_root_check(root))
		return -EINVAL;
	n = soft_input(root, range);
	for (unsigned int i = 0; i < n; i++) {
		if (range[i].va < va)
			range[i].va = va;
		if (range[i].last > last)
			range[i].last = last;
		if (range[i].va > range[i].last)
			continue;
		rc = visit_table(&v, root->pa, root->levels - 1, range[i].va,
				 range[i].last);
		if (rc)
			return rc;
	}
	return 0;
}
