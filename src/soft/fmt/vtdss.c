/* SPDX-License-Identifier: MIT */
/*
 * Intel VT-d second stage: VT-d specification, "Second-Stage Translation" and
 * "Second-Stage Paging Entries" (SS-PTE, SS-PDE, SS-PDPTE, SS-PML4E, SS-PML5E
 * are our levels 0 to 4).
 */
#include "soft/soft_format.h"

static void bad(struct soft_entry *entry, const char *why)
{
	entry->kind = SOFT_BAD;
	entry->why = why;
}

static unsigned int vtdss_item_lg2(const struct soft_root *root,
				   unsigned int level)
{
	return 12 + 9 * level;
}

static unsigned int vtdss_index_lg2(const struct soft_root *root,
				    unsigned int level)
{
	return 9;
}

/* There is no present bit: an entry that allows nothing is not present. */
static bool vtdss_present(const struct soft_root *root, uint64_t raw)
{
	return soft_bit(raw, 0) || soft_bit(raw, 1) ||
	       (soft_bit(raw, 2) && (root->features & SOFT_FEAT_EXEC));
}

static bool vtdss_is_leaf(unsigned int level, uint64_t raw)
{
	if (level == 0)
		return true;
	return (level == 1 || level == 2) && soft_bit(raw, 7);
}

static uint64_t vtdss_page_sizes(const struct soft_root *root)
{
	return UINT64_C(1) << 12 | UINT64_C(1) << 21 | UINT64_C(1) << 30;
}

static void decode_leaf(const struct soft_root *root, struct soft_entry *entry)
{
	uint64_t oa = soft_bits(entry->raw, 51, 12) << 12;

	if (soft_bit(entry->raw, 11) && !(root->features & SOFT_FEAT_SNOOP))
		return bad(entry, "bit 11 (SNP) is set without snoop control");
	if (oa & soft_mask(entry->size_lg2))
		return bad(entry, "output address is not aligned to its size");
	if (oa >> soft_oa_bits(root))
		return bad(entry, "output address is beyond the output width");
	entry->kind = SOFT_LEAF;
	entry->oa = oa;
	entry->accessed = soft_bit(entry->raw, 8);
	entry->dirty = soft_bit(entry->raw, 9);
}

static void decode_table(const struct soft_root *root, struct soft_entry *entry)
{
	uint64_t pa = soft_bits(entry->raw, 51, 12) << 12;

	if (soft_bit(entry->raw, 7))
		return bad(entry, "bit 7 (PS) is reserved at this level");
	if (pa >> soft_oa_bits(root))
		return bad(entry, "table address is beyond the output width");
	entry->kind = SOFT_TABLE;
	entry->oa = pa;
	entry->accessed = soft_bit(entry->raw, 8);
	entry->next_level = entry->level - 1;
}

static void vtdss_decode(const struct soft_root *root, struct soft_entry *entry)
{
	if (!vtdss_present(root, entry->raw)) {
		entry->kind = SOFT_EMPTY;
		return;
	}
	/* Bit 62 was TM once; bit 61 is ignored by old revisions only. */
	if (soft_bits(entry->raw, 62, 61))
		return bad(entry, "reserved bits 62:61 are set");
	if (soft_bit(entry->raw, 0))
		entry->prot |= SOFT_READ;
	if (soft_bit(entry->raw, 1))
		entry->prot |= SOFT_WRITE;
	if (soft_bit(entry->raw, 2) && (root->features & SOFT_FEAT_EXEC))
		entry->prot |= SOFT_EXEC;
	if (vtdss_is_leaf(entry->level, entry->raw))
		decode_leaf(root, entry);
	else
		decode_table(root, entry);
}

static const struct soft_layout empty_layout[] = {
	{ "ignored", 63, 3 },
	{ "X", 2, 2 },
	{ "W", 1, 1 },
	{ "R", 0, 0 },
};

static const struct soft_layout table_layout[] = {
	{ "ignored", 63, 63 }, { "reserved", 62, 61 }, { "ignored", 60, 52 },
	{ "ADDR", 51, 12 },    { "ignored", 11, 9 },   { "A", 8, 8 },
	{ "PS", 7, 7 },        { "ignored", 6, 3 },    { "X", 2, 2 },
	{ "W", 1, 1 },         { "R", 0, 0 },
};

static const struct soft_layout leaf_layout[] = {
	{ "ignored", 63, 63 }, { "reserved", 62, 61 }, { "ignored", 60, 52 },
	{ "ADDR", 51, 12 },    { "SNP", 11, 11 },      { "ignored", 10, 10 },
	{ "D", 9, 9 },         { "A", 8, 8 },          { "PS", 7, 7 },
	{ "IPAT", 6, 6 },      { "EMT", 5, 3 },        { "X", 2, 2 },
	{ "W", 1, 1 },         { "R", 0, 0 },
};

/* The lowest level has no PS. */
static const struct soft_layout pte_layout[] = {
	{ "ignored", 63, 63 }, { "reserved", 62, 61 }, { "ignored", 60, 52 },
	{ "ADDR", 51, 12 },    { "SNP", 11, 11 },      { "ignored", 10, 10 },
	{ "D", 9, 9 },         { "A", 8, 8 },          { "ignored", 7, 7 },
	{ "IPAT", 6, 6 },      { "EMT", 5, 3 },        { "X", 2, 2 },
	{ "W", 1, 1 },         { "R", 0, 0 },
};

static unsigned int vtdss_layout(const struct soft_root *root,
				 const struct soft_entry *entry,
				 struct soft_layout layout[SOFT_MAX_FIELDS])
{
	if (!vtdss_present(root, entry->raw))
		return soft_copy_layout(layout, empty_layout,
					sizeof(empty_layout));
	if (entry->level == 0)
		return soft_copy_layout(layout, pte_layout, sizeof(pte_layout));
	if (vtdss_is_leaf(entry->level, entry->raw))
		return soft_copy_layout(layout, leaf_layout,
					sizeof(leaf_layout));
	return soft_copy_layout(layout, table_layout, sizeof(table_layout));
}

const struct soft_format soft_vtdss = {
	.name = "vtdss",
	.entry_size = 8,
	.min_levels = 3,
	.max_levels = 5,
	.va_bits = 57,
	.oa_bits = 52,
	.table_align_lg2 = 12,
	.features = SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY |
		    SOFT_FEAT_SNOOP | SOFT_FEAT_EXEC,
	.accessed = UINT64_C(1) << 8,
	.table_accessed = true,
	.dirty = UINT64_C(1) << 9,
	.item_lg2 = vtdss_item_lg2,
	.index_lg2 = vtdss_index_lg2,
	.decode = vtdss_decode,
	.page_sizes = vtdss_page_sizes,
	.layout = vtdss_layout,
};
