/* SPDX-License-Identifier: MIT */
/**
 * DOC: What a decoder provides
 *
 * Internal to src/soft. One struct soft_format per format, in src/soft/fmt/;
 * the walker, the visitor and the IOMMU know entries only through it. Decoders
 * are written from the specifications, with explicit bit positions.
 */
#ifndef SOFT_FORMAT_H
#define SOFT_FORMAT_H

#include <string.h>

#include "soft/soft.h"

/**
 * struct soft_layout - where a field stands
 * @name: as the specification calls it, or "reserved" or "ignored"
 */
struct soft_layout {
	const char *name;
	unsigned int hi, lo;
};

/**
 * struct soft_format - one page-table format
 * @name: identifier
 * @entry_size: bytes of an entry, 4 or 8
 * @min_levels: fewest levels a root may have
 * @max_levels: most levels
 * @va_bits: widest input address
 * @oa_bits: widest output address
 * @table_align_lg2: log2 of the alignment of tables
 * @features: the SOFT_FEAT_* that mean something here
 * @sign_extended: there is a lower and an upper range
 * @accessed: the accessed bit, as a mask; 0 = none
 * @table_accessed: table entries have it too
 * @dirty: the dirty bit of leaves, as a mask; 0 = none
 * @item_lg2: log2 of the bytes that one item of a table at @level translates
 * @index_lg2: log2 of the number of items of a table at @level
 * @decode: read entry->raw; level, table_pa, index, pa, raw, va and size_lg2
 *	(of the item) are set, all else is zero. Sets the rest, and widens va and
 *	size_lg2 to the run
 * @layout: the fields of entry->raw, the highest first; returns how many. Needs
 *	only level and raw of @entry
 * @c_bit: roots may have a C-bit
 * @page_sizes: the sizes of leaves in tables like @root, ORed. Optional: else one
 *	for each level that has leaves, which are all
 * @narrow_oa_bits: widest output address without SOFT_FEAT_52BIT; 0 = @oa_bits
 * @variant: what the format adds to a family's common code, if it has one
 * @check: what else is wrong with a root that has a legal number of levels, or
 *	NULL; optional
 * @run_key: what all items of a run have in common, of one that was read.
 *	Optional: else it is all of raw but accessed and dirty bits
 * @touch: raw as the walker leaves it after @access. Optional: else it sets
 *	@accessed and @dirty
 */
struct soft_format {
	const char *name;
	unsigned int entry_size;
	unsigned int min_levels, max_levels;
	unsigned int va_bits;
	unsigned int oa_bits;
	unsigned int table_align_lg2;
	uint64_t features;
	bool sign_extended;
	uint64_t accessed;
	bool table_accessed;
	uint64_t dirty;
	unsigned int (*item_lg2)(const struct soft_root *root,
				 unsigned int level);
	unsigned int (*index_lg2)(const struct soft_root *root,
				  unsigned int level);
	void (*decode)(const struct soft_root *root, struct soft_entry *entry);
	unsigned int (*layout)(const struct soft_root *root,
			       const struct soft_entry *entry,
			       struct soft_layout layout[SOFT_MAX_FIELDS]);
	bool c_bit;
	uint64_t (*page_sizes)(const struct soft_root *root);
	unsigned int narrow_oa_bits;
	const void *variant;
	const char *(*check)(const struct soft_root *root);
	uint64_t (*run_key)(const struct soft_root *root,
			    const struct soft_entry *entry);
	uint64_t (*touch)(const struct soft_root *root,
			  const struct soft_entry *entry, unsigned int access);
};

extern const struct soft_format soft_amdv1;
extern const struct soft_format soft_amdv1_mock;
extern const struct soft_format soft_armv8_s1_4k;
extern const struct soft_format soft_armv8_s1_16k;
extern const struct soft_format soft_armv8_s1_64k;
extern const struct soft_format soft_armv8_s2_4k;
extern const struct soft_format soft_armv8_s2_16k;
extern const struct soft_format soft_armv8_s2_64k;
extern const struct soft_format soft_dart;
extern const struct soft_format soft_dart2;
extern const struct soft_format soft_ept;
extern const struct soft_format soft_lpae_s1;
extern const struct soft_format soft_lpae_s2;
extern const struct soft_format soft_riscv32;
extern const struct soft_format soft_riscv32_x4;
extern const struct soft_format soft_riscv64;
extern const struct soft_format soft_riscv64_x4;
extern const struct soft_format soft_v7s;
extern const struct soft_format soft_vtdss;
extern const struct soft_format soft_x86_64;

/** soft_bits() - bits [@hi:@lo] of @value, shifted down. */
static inline uint64_t soft_bits(uint64_t value, unsigned int hi,
				 unsigned int lo)
{
	value >>= lo;
	if (hi - lo == 63)
		return value;
	return value & ((UINT64_C(1) << (hi - lo + 1)) - 1);
}

/** soft_bit() - one bit of @value. */
static inline bool soft_bit(uint64_t value, unsigned int bit)
{
	return (value >> bit) & 1;
}

/** soft_mask() - the low @lg2 bits; all of them for 64. */
static inline uint64_t soft_mask(unsigned int lg2)
{
	return lg2 >= 64 ? UINT64_MAX : (UINT64_C(1) << lg2) - 1;
}

/** soft_plain() - @raw without the C-bit of @root: its addresses are plain. */
static inline uint64_t soft_plain(const struct soft_root *root, uint64_t raw)
{
	return root->c_bit ? raw & ~(UINT64_C(1) << root->c_bit) : raw;
}

/** soft_encrypted() - does @raw have the C-bit of @root? */
static inline bool soft_encrypted(const struct soft_root *root, uint64_t raw)
{
	return raw != soft_plain(root, raw);
}

/**
 * soft_copy_layout() - answer of a layout hook: the array @from
 * @bytes: its size
 *
 * Return: how many fields it has.
 */
static inline unsigned int soft_copy_layout(struct soft_layout *to,
					    const struct soft_layout *from,
					    size_t bytes)
{
	memcpy(to, from, bytes);
	return (unsigned int)(bytes / sizeof(*from));
}

/**
 * struct soft_builder - a layout in the making, from the highest bit down
 * @layout: the answer of a layout hook
 * @n: fields so far
 * @next: the lowest bit that has a name; begins as the number of bits
 */
struct soft_builder {
	struct soft_layout *layout;
	unsigned int n;
	unsigned int next;
};

/** soft_name() - the unnamed bits down to bit @lo are @name. None is fine. */
static inline void soft_name(struct soft_builder *b, const char *name,
			     unsigned int lo)
{
	if (lo >= b->next)
		return;
	b->layout[b->n++] = (struct soft_layout){ name, b->next - 1, lo };
	b->next = lo;
}

/**
 * soft_reserved() - is a bit set that the layout of @entry calls reserved?
 *
 * For formats whose reserved bits depend on much else: the layout says it once.
 */
bool soft_reserved(const struct soft_root *root,
		   const struct soft_entry *entry);

/** soft_oa_bits() - the output width that holds for @root. */
unsigned int soft_oa_bits(const struct soft_root *root);

/** soft_table_lg2() - log2 of the bytes that a whole table at @level
 * translates. */
unsigned int soft_table_lg2(const struct soft_root *root, unsigned int level);

/** soft_in_input() - can @root translate @va at all? */
bool soft_in_input(const struct soft_root *root, uint64_t va);

/**
 * soft_read_entry() - read and decode the entry for @va of one table
 *
 * An entry without memory is SOFT_BAD.
 *
 * Return: false if no memory answered.
 */
bool soft_read_entry(struct soft_bus *bus, const struct soft_root *root,
		     uint64_t table_pa, unsigned int level, uint64_t va,
		     struct soft_entry *entry);

/**
 * soft_walk_from() - go on with a walk at a table in the middle
 * @table_pa: that table
 * @level: its level
 * @walk: va set, prot what the path has granted so far, steps 0
 *
 * The VA is within the input range.
 */
enum soft_reason soft_walk_from(struct soft_bus *bus,
				const struct soft_root *root, uint64_t table_pa,
				unsigned int level, unsigned int access,
				struct soft_walk *walk);

#endif
