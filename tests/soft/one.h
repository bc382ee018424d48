/* SPDX-License-Identifier: MIT */
/**
 * DOC: One entry of a format, decoded where it would stand
 */
#ifndef TESTS_SOFT_ONE_H
#define TESTS_SOFT_ONE_H

#include <string.h>

#include "soft/soft_format.h"

#define ONE_TABLE UINT64_C(0x80000000)

/** struct one - memory where every entry is the same. */
struct one {
	struct soft_bus bus;
	uint64_t raw;
};

static inline int one_load(struct soft_bus *bus, uint64_t pa, unsigned int size,
			   uint64_t *value)
{
	*value = ((struct one *)bus)->raw;
	return 0;
}

/** one_decode() - what @raw means as the entry for @va in a table at @level. */
static inline struct soft_entry one_decode(const struct soft_root *root,
					   unsigned int level, uint64_t va,
					   uint64_t raw)
{
	struct one one = { .bus = { .load = one_load }, .raw = raw };
	struct soft_entry entry;

	soft_read_entry(&one.bus, root, ONE_TABLE, level, va, &entry);
	return entry;
}

/** one_bad() - is it bad, for a reason that says @why? */
static inline bool one_bad(const struct soft_root *root, unsigned int level,
			   uint64_t va, uint64_t raw, const char *why)
{
	struct soft_entry entry = one_decode(root, level, va, raw);

	return entry.kind == SOFT_BAD && strstr(entry.why, why);
}

/** one_leaf() - is it a leaf of 2^@size_lg2 bytes at @oa that allows @prot? */
static inline bool one_leaf(const struct soft_root *root, unsigned int level,
			    uint64_t va, uint64_t raw, uint64_t oa,
			    unsigned int size_lg2, unsigned int prot)
{
	struct soft_entry entry = one_decode(root, level, va, raw);

	return entry.kind == SOFT_LEAF && entry.oa == oa &&
	       entry.size_lg2 == size_lg2 && entry.prot == prot &&
	       entry.va == (va & ~soft_mask(size_lg2)) && !entry.why;
}

/** one_table() - does it point at the table @pa, one level down? */
static inline bool one_table(const struct soft_root *root, unsigned int level,
			     uint64_t raw, uint64_t pa, unsigned int prot)
{
	struct soft_entry entry = one_decode(root, level, 0, raw);

	return entry.kind == SOFT_TABLE && entry.oa == pa &&
	       entry.next_level == level - 1 && entry.prot == prot;
}

/** one_field() - the value of a named field of @raw; 0 and a failure without it. */
static inline uint64_t one_field(const struct soft_root *root,
				 unsigned int level, uint64_t raw,
				 const char *name)
{
	struct soft_entry entry = { .level = level, .raw = raw };
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int n = soft_fields(root, &entry, field);

	for (unsigned int i = 0; i < n; i++)
		if (!strcmp(field[i].name, name))
			return field[i].value;
	fail_msg("no field %s", name);
	return 0;
}

#endif
