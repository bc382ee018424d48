/* SPDX-License-Identifier: MIT */
/*
 * x86-64 paging with 4 and 5 levels: Intel SDM volume 3, "4-Level Paging and
 * 5-Level Paging"; used by VT-d first stage ("First-Stage Paging Entries") and
 * AMD guest tables as well. PTE, PDE, PDPTE, PML4E, PML5E are our levels 0 to 4.
 */
#include "soft/soft_format.h"

static void bad(struct soft_entry *entry, const char *why)
{
	entry->kind = SOFT_BAD;
	entry->why = why;
}

static unsigned int x86_item_lg2(const struct soft_root *root,
				 unsigned int level)
{
	return 12 + 9 * level;
}

static unsigned int x86_index_lg2(const struct soft_root *root,
				  unsigned int level)
{
	return 9;
}

static bool x86_is_leaf(unsigned int level, uint64_t raw)
{
	if (level == 0)
		return true;
	return (level == 1 || level == 2) && soft_bit(raw, 7);
}

static unsigned int x86_prot(const struct soft_root *root, uint64_t raw)
{
	unsigned int prot = SOFT_READ; /* P alone lets read */

	/* Requests have user privilege: U=0 hides the page from them. */
	if (!soft_bit(raw, 2) && !(root->features & SOFT_FEAT_SUPERVISOR))
		return 0;
	if (soft_bit(raw, 1))
		prot |= SOFT_WRITE;
	if (!soft_bit(raw, 63))
		prot |= SOFT_EXEC;
	return prot;
}

static uint64_t x86_page_sizes(const struct soft_root *root)
{
	return UINT64_C(1) << 12 | UINT64_C(1) << 21 | UINT64_C(1) << 30;
}

static void decode_leaf(const struct soft_root *root, struct soft_entry *entry)
{
	uint64_t raw = soft_plain(root, entry->raw);
	uint64_t oa = soft_bits(raw, 51, 12) << 12;

	/* Bit 12 of a large page is PAT; from 13 up it must be aligned. */
	if (entry->level > 0)
		oa = soft_bits(raw, 51, 13) << 13;
	if (oa & soft_mask(entry->size_lg2))
		return bad(entry, "output address is not aligned to its size");
	if (oa >> soft_oa_bits(root))
		return bad(entry, "output address is beyond the output width");
	entry->kind = SOFT_LEAF;
	entry->oa = oa;
	entry->dirty = soft_bit(entry->raw, 6);
}

static void decode_table(const struct soft_root *root, struct soft_entry *entry)
{
	uint64_t pa = soft_bits(soft_plain(root, entry->raw), 51, 12) << 12;

	if (soft_bit(entry->raw, 7))
		return bad(entry, "bit 7 (PS) is reserved at this level");
	if (pa >> soft_oa_bits(root))
		return bad(entry, "table address is beyond the output width");
	entry->kind = SOFT_TABLE;
	entry->oa = pa;
	entry->next_level = entry->level - 1;
}

static void x86_decode(const struct soft_root *root, struct soft_entry *entry)
{
	if (!soft_bit(entry->raw, 0)) {
		entry->kind = SOFT_EMPTY;
		return;
	}
	if (soft_bit(entry->raw, 63) && !(root->features & SOFT_FEAT_NXE))
		return bad(entry, "bit 63 (XD) is set while NXE is off");
	entry->prot = x86_prot(root, entry->raw);
	entry->accessed = soft_bit(entry->raw, 5);
	entry->encrypted = soft_encrypted(root, entry->raw);
	if (x86_is_leaf(entry->level, entry->raw))
		decode_leaf(root, entry);
	else
		decode_table(root, entry);
}

static const struct soft_layout empty_layout[] = {
	{ "ignored", 63, 1 },
	{ "P", 0, 0 },
};

static const struct soft_layout table_layout[] = {
	{ "XD", 63, 63 },     { "ignored", 62, 52 }, { "ADDR", 51, 12 },
	{ "ignored", 11, 8 }, { "PS", 7, 7 },        { "ignored", 6, 6 },
	{ "A", 5, 5 },        { "PCD", 4, 4 },       { "PWT", 3, 3 },
	{ "U/S", 2, 2 },      { "R/W", 1, 1 },       { "P", 0, 0 },
};

static const struct soft_layout pte_layout[] = {
	{ "XD", 63, 63 },     { "ignored", 62, 52 }, { "ADDR", 51, 12 },
	{ "ignored", 11, 9 }, { "G", 8, 8 },         { "PAT", 7, 7 },
	{ "D", 6, 6 },        { "A", 5, 5 },         { "PCD", 4, 4 },
	{ "PWT", 3, 3 },      { "U/S", 2, 2 },       { "R/W", 1, 1 },
	{ "P", 0, 0 },
};

static const struct soft_layout pde_layout[] = {
	{ "XD", 63, 63 },       { "ignored", 62, 52 }, { "ADDR", 51, 21 },
	{ "reserved", 20, 13 }, { "PAT", 12, 12 },     { "ignored", 11, 9 },
	{ "G", 8, 8 },          { "PS", 7, 7 },        { "D", 6, 6 },
	{ "A", 5, 5 },          { "PCD", 4, 4 },       { "PWT", 3, 3 },
	{ "U/S", 2, 2 },        { "R/W", 1, 1 },       { "P", 0, 0 },
};

static const struct soft_layout pdpte_layout[] = {
	{ "XD", 63, 63 },       { "ignored", 62, 52 }, { "ADDR", 51, 30 },
	{ "reserved", 29, 13 }, { "PAT", 12, 12 },     { "ignored", 11, 9 },
	{ "G", 8, 8 },          { "PS", 7, 7 },        { "D", 6, 6 },
	{ "A", 5, 5 },          { "PCD", 4, 4 },       { "PWT", 3, 3 },
	{ "U/S", 2, 2 },        { "R/W", 1, 1 },       { "P", 0, 0 },
};

static unsigned int x86_layout(const struct soft_root *root,
			       const struct soft_entry *entry,
			       struct soft_layout layout[SOFT_MAX_FIELDS])
{
	if (!soft_bit(entry->raw, 0))
		return soft_copy_layout(layout, empty_layout,
					sizeof(empty_layout));
	if (!x86_is_leaf(entry->level, entry->raw))
		return soft_copy_layout(layout, table_layout,
					sizeof(table_layout));
	if (entry->level == 0)
		return soft_copy_layout(layout, pte_layout, sizeof(pte_layout));
	if (entry->level == 1)
		return soft_copy_layout(layout, pde_layout, sizeof(pde_layout));
	return soft_copy_layout(layout, pdpte_layout, sizeof(pdpte_layout));
}

const struct soft_format soft_x86_64 = {
	.name = "x86_64",
	.entry_size = 8,
	.min_levels = 4,
	.max_levels = 5,
	.va_bits = 57,
	.oa_bits = 52,
	.table_align_lg2 = 12,
	.features = SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY | SOFT_FEAT_NXE |
		    SOFT_FEAT_SUPERVISOR | SOFT_FEAT_UNSIGNED,
	.sign_extended = true,
	.c_bit = true,
	.accessed = UINT64_C(1) << 5,
	.table_accessed = true,
	.dirty = UINT64_C(1) << 6,
	.item_lg2 = x86_item_lg2,
	.index_lg2 = x86_index_lg2,
	.decode = x86_decode,
	.page_sizes = x86_page_sizes,
	.layout = x86_layout,
};
