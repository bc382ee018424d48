/* SPDX-License-Identifier: MIT */
/*
 * AMDv1, the host page table of AMD-Vi: AMD 48882, "I/O Page Tables for Host
 * Translations". The specification counts levels from 1; ours are one less.
 */
#include "soft/fmt/amdv1_family.h"

/* Next level (bits 11:9): 0 and 7 are leaves, all else names a table's level. */
enum {
	NL_LEAF = 0,
	NL_LEAF_SIZED = 7
};

static void bad(struct soft_entry *entry, const char *why)
{
	entry->kind = SOFT_BAD;
	entry->why = why;
}

/* Bits 51:12 but the C-bit, moved to where they belong. */
static uint64_t address(const struct amdv1_variant *variant,
			const struct soft_root *root, uint64_t raw)
{
	return (soft_bits(soft_plain(root, raw), 51, 12) << 12) >>
	       variant->addr_shift;
}

/* "I/O Page Directory Entry": NL is below this level, bits 60:52 reserved. */
static void decode_table(const struct amdv1_variant *variant,
			 const struct soft_root *root, struct soft_entry *entry)
{
	unsigned int next = (unsigned int)soft_bits(entry->raw, 11, 9);
	uint64_t pa = address(variant, root, entry->raw);

	if (soft_bits(entry->raw, 60, 52))
		return bad(entry, "reserved bits 60:52 are set");
	/* This level is entry->level + 1 in the specification's count. */
	if (next >= entry->level + 1)
		return bad(entry, "next level is not below this one");
	if (pa & 0xfff)
		return bad(entry, "table address is not aligned");
	if (pa >> soft_oa_bits(root))
		return bad(entry, "table address is beyond the output width");
	entry->kind = SOFT_TABLE;
	entry->oa = pa;
	entry->next_level = next - 1;
	entry->size_lg2 = soft_table_lg2(root, entry->next_level);
}

/*
 * "Page size encoding": NL = 7 puts the size into the low address bits, as ones
 * from bit 12 up to the first zero, which stands at half of the page's size.
 */
static bool decode_size(const struct amdv1_variant *variant,
			const struct soft_root *root, struct soft_entry *entry,
			uint64_t *oa)
{
	uint64_t raw = soft_plain(root, entry->raw);
	unsigned int item_lg2 = entry->size_lg2;
	unsigned int bit = 12, size_lg2;

	while (bit < 52 && soft_bit(raw, bit))
		bit++;
	size_lg2 = bit + 1 - variant->addr_shift;
	/* What fills a whole table belongs one level up, with NL = 0. */
	if (size_lg2 <= item_lg2 || size_lg2 >= item_lg2 + 9 ||
	    size_lg2 > variant->max_size_lg2) {
		bad(entry, "encoded page size does not belong at this level");
		return false;
	}
	*oa &= ~soft_mask(size_lg2);
	entry->size_lg2 = size_lg2;
	entry->run_lg2 = size_lg2 - item_lg2;
	entry->va &= ~soft_mask(size_lg2);
	return true;
}

/* "I/O Page Translation Entry": bits 58:52 reserved. */
static void decode_leaf(const struct amdv1_variant *variant,
			const struct soft_root *root, struct soft_entry *entry)
{
	uint64_t oa = address(variant, root, entry->raw);

	if (soft_bits(entry->raw, 58, 52))
		return bad(entry, "reserved bits 58:52 are set");
	if (soft_bit(entry->raw, 60) && !variant->force_coherent)
		return bad(entry, "reserved bit 60 is set");
	if (entry->level > variant->top_leaf)
		return bad(entry, "no leaf is allowed at this level");
	if (soft_bits(entry->raw, 11, 9) == NL_LEAF_SIZED) {
		if (!decode_size(variant, root, entry, &oa))
			return;
	} else if (oa & soft_mask(entry->size_lg2)) {
		return bad(entry, "output address is not aligned to its size");
	}
	if (oa >> soft_oa_bits(root) || entry->size_lg2 > soft_oa_bits(root))
		return bad(entry, "output address is beyond the output width");
	entry->kind = SOFT_LEAF;
	entry->oa = oa;
	entry->accessed = soft_bit(entry->raw, 5);
	entry->dirty = soft_bit(entry->raw, 6);
}

/* Of each level the item's own, and what NL = 7 makes of it. */
uint64_t soft_amdv1_page_sizes(const struct amdv1_variant *variant,
			       const struct soft_root *root)
{
	unsigned int levels = root->levels - 1 < variant->top_leaf
				      ? root->levels
				      : variant->top_leaf + 1;
	unsigned int end = variant->granule_lg2 + 9 * levels;

	if (end > variant->max_size_lg2 + 1)
		end = variant->max_size_lg2 + 1;
	return soft_mask(end) & ~soft_mask(variant->granule_lg2);
}

void soft_amdv1_decode(const struct amdv1_variant *variant,
		       const struct soft_root *root, struct soft_entry *entry)
{
	uint64_t next = soft_bits(entry->raw, 11, 9);

	if (!soft_bit(entry->raw, 0)) {
		entry->kind = SOFT_EMPTY;
		return;
	}
	if (soft_bit(entry->raw, 61))
		entry->prot |= SOFT_READ;
	if (soft_bit(entry->raw, 62))
		entry->prot |= SOFT_WRITE;
	entry->encrypted = soft_encrypted(root, entry->raw);
	if (next == NL_LEAF || next == NL_LEAF_SIZED)
		decode_leaf(variant, root, entry);
	else
		decode_table(variant, root, entry);
}

static const struct amdv1_variant amdv1 = {
	.granule_lg2 = 12,
	.addr_shift = 0,
	.top_leaf = 4,
	.max_size_lg2 = 51,
	.force_coherent = true,
};

static unsigned int amdv1_item_lg2(const struct soft_root *root,
				   unsigned int level)
{
	return 12 + 9 * level;
}

/* Level 6 of the specification indexes with VA[63:57] only. */
static unsigned int amdv1_index_lg2(const struct soft_root *root,
				    unsigned int level)
{
	return level == 5 ? 7 : 9;
}

static void amdv1_decode(const struct soft_root *root, struct soft_entry *entry)
{
	soft_amdv1_decode(&amdv1, root, entry);
}

static uint64_t amdv1_page_sizes(const struct soft_root *root)
{
	return soft_amdv1_page_sizes(&amdv1, root);
}

static const struct soft_layout empty_layout[] = {
	{ "ignored", 63, 1 },
	{ "PR", 0, 0 },
};

static const struct soft_layout table_layout[] = {
	{ "ignored", 63, 63 },  { "IW", 62, 62 },   { "IR", 61, 61 },
	{ "reserved", 60, 52 }, { "ADDR", 51, 12 }, { "NL", 11, 9 },
	{ "ignored", 8, 1 },    { "PR", 0, 0 },
};

static const struct soft_layout leaf_layout[] = {
	{ "ignored", 63, 63 }, { "IW", 62, 62 }, { "IR", 61, 61 },
	{ "FC", 60, 60 },      { "U", 59, 59 },  { "reserved", 58, 52 },
	{ "ADDR", 51, 12 },    { "NL", 11, 9 },  { "ignored", 8, 7 },
	{ "D", 6, 6 },         { "A", 5, 5 },    { "ignored", 4, 1 },
	{ "PR", 0, 0 },
};

static unsigned int amdv1_layout(const struct soft_root *root,
				 const struct soft_entry *entry,
				 struct soft_layout layout[SOFT_MAX_FIELDS])
{
	uint64_t next = soft_bits(entry->raw, 11, 9);

	if (!soft_bit(entry->raw, 0))
		return soft_copy_layout(layout, empty_layout,
					sizeof(empty_layout));
	if (next == NL_LEAF || next == NL_LEAF_SIZED)
		return soft_copy_layout(layout, leaf_layout,
					sizeof(leaf_layout));
	return soft_copy_layout(layout, table_layout, sizeof(table_layout));
}

const struct soft_format soft_amdv1 = {
	.name = "amdv1",
	.entry_size = 8,
	.min_levels = 1,
	.max_levels = 6,
	.va_bits = 64,
	.oa_bits = 52,
	.table_align_lg2 = 12,
	.features = SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY,
	.c_bit = true,
	.accessed = UINT64_C(1) << 5,
	.dirty = UINT64_C(1) << 6,
	.item_lg2 = amdv1_item_lg2,
	.index_lg2 = amdv1_index_lg2,
	.decode = amdv1_decode,
	.page_sizes = amdv1_page_sizes,
	.layout = amdv1_layout,
};
