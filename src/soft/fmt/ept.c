/* SPDX-License-Identifier: MIT */
/*
 * Intel EPT: SDM volume 3, "EPT Translation Mechanism", "EPT Misconfigurations".
 * PTE, PDE, PDPTE, PML4E, PML5E are our levels 0 to 4. What bits 57 to 61 mean to
 * guests does not concern translation: they are named and otherwise ignored, as
 * the processor does while their VM-execution controls are off.
 */
#include "soft/soft_format.h"

static void bad(struct soft_entry *entry, const char *why)
{
	entry->kind = SOFT_BAD;
	entry->why = why;
}

static unsigned int ept_item_lg2(const struct soft_root *root,
				 unsigned int level)
{
	return 12 + 9 * level;
}

static unsigned int ept_index_lg2(const struct soft_root *root,
				  unsigned int level)
{
	return 9;
}

/* There is no present bit: an entry that allows nothing is not present. */
static bool ept_present(const struct soft_root *root, uint64_t raw)
{
	return soft_bits(raw, 2, 0) ||
	       (soft_bit(raw, 10) && (root->features & SOFT_FEAT_MBEC));
}

static bool ept_is_leaf(unsigned int level, uint64_t raw)
{
	if (level == 0)
		return true;
	return (level == 1 || level == 2) && soft_bit(raw, 7);
}

/* With mode-based control X is for supervisor pages, bit 10 for user pages. */
static bool may_execute(const struct soft_root *root, uint64_t raw)
{
	if ((root->features & SOFT_FEAT_MBEC) &&
	    !(root->features & SOFT_FEAT_SUPERVISOR))
		return soft_bit(raw, 10);
	return soft_bit(raw, 2);
}

static unsigned int ept_prot(const struct soft_root *root, uint64_t raw)
{
	unsigned int prot = 0;

	if (soft_bit(raw, 0))
		prot |= SOFT_READ;
	if (soft_bit(raw, 1))
		prot |= SOFT_WRITE;
	if (may_execute(root, raw))
		prot |= SOFT_EXEC;
	return prot;
}

/* "EPT Misconfigurations" that any entry can have; NULL = none of them. */
static const char *misconfigured(const struct soft_root *root, uint64_t raw)
{
	if (soft_bit(raw, 0))
		return NULL;
	if (soft_bit(raw, 1))
		return "W is set without R";
	if (!(root->features & SOFT_FEAT_EXEC_ONLY))
		return "execute-only is not supported";
	return NULL;
}

/* UC, WC, WT, WP and WB; 2, 3 and 7 are reserved. */
static bool is_memory_type(uint64_t type)
{
	return type == 0 || type == 1 || type == 4 || type == 5 || type == 6;
}

static uint64_t ept_page_sizes(const struct soft_root *root)
{
	return UINT64_C(1) << 12 | UINT64_C(1) << 21 | UINT64_C(1) << 30;
}

static void decode_leaf(const struct soft_root *root, struct soft_entry *entry)
{
	uint64_t oa = soft_bits(entry->raw, 51, 12) << 12;

	if (!is_memory_type(soft_bits(entry->raw, 5, 3)))
		return bad(entry, "memory type (bits 5:3) is 2, 3 or 7");
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

	if (soft_bits(entry->raw, 7, 3))
		return bad(entry, "reserved bits 7:3 are set");
	if (pa >> soft_oa_bits(root))
		return bad(entry, "table address is beyond the output width");
	entry->kind = SOFT_TABLE;
	entry->oa = pa;
	entry->accessed = soft_bit(entry->raw, 8);
	entry->next_level = entry->level - 1;
}

static void ept_decode(const struct soft_root *root, struct soft_entry *entry)
{
	const char *why;

	if (!ept_present(root, entry->raw)) {
		entry->kind = SOFT_EMPTY;
		return;
	}
	why = misconfigured(root, entry->raw);
	if (why)
		return bad(entry, why);
	entry->prot = ept_prot(root, entry->raw);
	if (ept_is_leaf(entry->level, entry->raw))
		decode_leaf(root, entry);
	else
		decode_table(root, entry);
}

static const struct soft_layout empty_layout[] = {
	{ "SVE", 63, 63 },   { "ignored", 62, 11 }, { "XU", 10, 10 },
	{ "ignored", 9, 3 }, { "X", 2, 2 },         { "W", 1, 1 },
	{ "R", 0, 0 },
};

static const struct soft_layout table_layout[] = {
	{ "ignored", 63, 52 }, { "ADDR", 51, 12 },   { "ignored", 11, 11 },
	{ "XU", 10, 10 },      { "ignored", 9, 9 },  { "A", 8, 8 },
	{ "PS", 7, 7 },        { "reserved", 6, 3 }, { "X", 2, 2 },
	{ "W", 1, 1 },         { "R", 0, 0 },
};

static void name_high(struct soft_builder *b)
{
	soft_name(b, "SVE", 63);
	soft_name(b, "ignored", 62);
	soft_name(b, "SPP", 61);
	soft_name(b, "SSS", 60);
	soft_name(b, "ignored", 59);
	soft_name(b, "PW", 58);
	soft_name(b, "VGP", 57);
	soft_name(b, "ignored", 52);
}

static void name_low(struct soft_builder *b, const char *bit7)
{
	soft_name(b, "ignored", 11);
	soft_name(b, "XU", 10);
	soft_name(b, "D", 9);
	soft_name(b, "A", 8);
	soft_name(b, bit7, 7);
	soft_name(b, "IPAT", 6);
	soft_name(b, "EMT", 3);
	soft_name(b, "X", 2);
	soft_name(b, "W", 1);
	soft_name(b, "R", 0);
}

static unsigned int ept_layout(const struct soft_root *root,
			       const struct soft_entry *entry,
			       struct soft_layout layout[SOFT_MAX_FIELDS])
{
	struct soft_builder b = { .layout = layout, .next = 64 };

	if (!ept_present(root, entry->raw))
		return soft_copy_layout(layout, empty_layout,
					sizeof(empty_layout));
	if (!ept_is_leaf(entry->level, entry->raw))
		return soft_copy_layout(layout, table_layout,
					sizeof(table_layout));
	name_high(&b);
	soft_name(&b, "ADDR", ept_item_lg2(root, entry->level));
	soft_name(&b, "reserved", 12);
	name_low(&b, entry->level ? "PS" : "ignored");
	return b.n;
}

const struct soft_format soft_ept = {
	.name = "ept",
	.entry_size = 8,
	.min_levels = 4,
	.max_levels = 5,
	.va_bits = 57,
	.oa_bits = 52,
	.table_align_lg2 = 12,
	.features = SOFT_FEAT_HW_DIRTY | SOFT_FEAT_SUPERVISOR |
		    SOFT_FEAT_EXEC_ONLY | SOFT_FEAT_MBEC,
	.accessed = UINT64_C(1) << 8,
	.table_accessed = true,
	.dirty = UINT64_C(1) << 9,
	.item_lg2 = ept_item_lg2,
	.index_lg2 = ept_index_lg2,
	.decode = ept_decode,
	.page_sizes = ept_page_sizes,
	.layout = ept_layout,
};
