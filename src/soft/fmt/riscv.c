/* SPDX-License-Identifier: MIT */
/*
 * RISC-V page tables: Privileged ISA, "Supervisor-Level ISA" (Sv32, Sv39, Sv48,
 * Sv57), "Two-Stage Address Translation" (their x4 forms), Svnapot and Svpbmt; how
 * devices use them: RISC-V IOMMU Architecture, "Process to translate an IOVA".
 * Levels are the specification's.
 */
#include "soft/soft_format.h"

enum {
	NAPOT_64K_LG2 = 4 /* items of the only run that there is */
};

static void bad(struct soft_entry *entry, const char *why)
{
	entry->kind = SOFT_BAD;
	entry->why = why;
}

/* ------------------------------------------------ Sv39, Sv48, Sv57 */

static unsigned int sv64_item_lg2(const struct soft_root *root,
				  unsigned int level)
{
	return 12 + 9 * level;
}

static unsigned int sv64_index_lg2(const struct soft_root *root,
				   unsigned int level)
{
	return 9;
}

/* The top table of a second stage is four times as large. */
static unsigned int sv64_x4_index_lg2(const struct soft_root *root,
				      unsigned int level)
{
	return level == root->levels - 1 ? 11 : 9;
}

/* What is reserved in every valid entry of 64 bits; NULL = nothing is wrong. */
static const char *sv64_reserved(const struct soft_root *root, uint64_t raw)
{
	if (soft_bits(raw, 58, 54))
		return "reserved bits 58:54 are set";
	if (soft_bits(raw, 60, 59) && !(root->features & SOFT_FEAT_SVRSW))
		return "reserved bits 60:59 are set";
	if (soft_bits(raw, 62, 61) && !(root->features & SOFT_FEAT_SVPBMT))
		return "PBMT (bits 62:61) is set without Svpbmt";
	if (soft_bits(raw, 62, 61) == 3)
		return "PBMT is 3, which is reserved";
	if (soft_bit(raw, 63) && !(root->features & SOFT_FEAT_SVNAPOT))
		return "N (bit 63) is set without Svnapot";
	return NULL;
}

static uint64_t sv64_page_sizes(const struct soft_root *root)
{
	uint64_t sizes = 0;

	for (unsigned int level = 0; level < root->levels; level++)
		sizes |= UINT64_C(1) << sv64_item_lg2(root, level);
	if (root->features & SOFT_FEAT_SVNAPOT)
		sizes |= UINT64_C(1) << (12 + NAPOT_64K_LG2);
	return sizes;
}

/* ------------------------------------------------ both widths */

/* What is wrong with the permission and A/D bits of a leaf, or NULL. */
static const char *leaf_flags(const struct soft_root *root, bool second_stage,
			      uint64_t raw)
{
	if (soft_bit(raw, 2) && !soft_bit(raw, 1))
		return "W is set without R, which is reserved";
	if (second_stage && !soft_bit(raw, 4))
		return "U is clear in a leaf of the second stage";
	if (!soft_bit(raw, 6) && !(root->features & SOFT_FEAT_HW_DIRTY))
		return "A is clear, and hardware does not set it";
	return NULL;
}

/*
 * A store to a page with D=0 faults unless hardware sets D: then W alone is no
 * permission. Supervisors are taken to have SUM=1; what users may execute they
 * never may.
 */
static unsigned int leaf_prot(const struct soft_root *root, uint64_t raw)
{
	bool supervisor = root->features & SOFT_FEAT_SUPERVISOR;
	bool user = soft_bit(raw, 4);
	unsigned int prot = 0;

	if (!user && !supervisor)
		return 0;
	if (soft_bit(raw, 1))
		prot |= SOFT_READ;
	if (soft_bit(raw, 2) &&
	    (soft_bit(raw, 7) || (root->features & SOFT_FEAT_HW_DIRTY)))
		prot |= SOFT_WRITE;
	if (soft_bit(raw, 3) && user != supervisor)
		prot |= SOFT_EXEC;
	return prot;
}

static void decode_leaf(const struct soft_root *root, bool second_stage,
			struct soft_entry *entry, uint64_t oa)
{
	const char *why = leaf_flags(root, second_stage, entry->raw);

	if (why)
		return bad(entry, why);
	if (oa & soft_mask(entry->size_lg2))
		return bad(entry, "output address is not aligned to its size");
	if (oa >> soft_oa_bits(root))
		return bad(entry, "output address is beyond the output width");
	entry->kind = SOFT_LEAF;
	entry->oa = oa;
	entry->prot = leaf_prot(root, entry->raw);
	entry->accessed = soft_bit(entry->raw, 6);
	entry->dirty = soft_bit(entry->raw, 7);
}

/* A pointer to a table: neither R nor W nor X; A, D and U are reserved. */
static void decode_table(const struct soft_root *root, struct soft_entry *entry,
			 uint64_t pa)
{
	if (entry->level == 0)
		return bad(entry, "pointer to a table at the lowest level");
	if (soft_bits(entry->raw, 7, 6) || soft_bit(entry->raw, 4))
		return bad(entry, "D, A or U is set in a pointer to a table");
	if (pa >> soft_oa_bits(root))
		return bad(entry, "table address is beyond the output width");
	entry->kind = SOFT_TABLE;
	entry->oa = pa;
	entry->prot = SOFT_READ | SOFT_WRITE | SOFT_EXEC;
	entry->next_level = entry->level - 1;
}

/* R, W and X */
static bool is_leaf(uint64_t raw)
{
	return soft_bits(raw, 3, 1) != 0;
}

/* "NAPOT": PPN[3:0] = 1000b is a run of 64 KiB; the other codes are reserved. */
static bool decode_napot(struct soft_entry *entry, uint64_t *oa)
{
	if (entry->level != 0 || soft_bits(entry->raw, 13, 10) != 8) {
		bad(entry, "N is set, but this is no run of 64K");
		return false;
	}
	entry->size_lg2 += NAPOT_64K_LG2;
	entry->run_lg2 = NAPOT_64K_LG2;
	entry->va &= ~soft_mask(entry->size_lg2);
	*oa &= ~soft_mask(entry->size_lg2);
	return true;
}

static void sv64_decode(const struct soft_root *root, bool second_stage,
			struct soft_entry *entry)
{
	uint64_t oa = soft_bits(entry->raw, 53, 10) << 12;
	const char *why;

	if (!soft_bit(entry->raw, 0)) {
		entry->kind = SOFT_EMPTY;
		return;
	}
	why = sv64_reserved(root, entry->raw);
	if (why)
		return bad(entry, why);
	if (!is_leaf(entry->raw)) {
		if (soft_bits(entry->raw, 63, 61))
			return bad(entry,
				   "N or PBMT is set in a pointer to a table");
		return decode_table(root, entry, oa);
	}
	if (soft_bit(entry->raw, 63) && !decode_napot(entry, &oa))
		return;
	decode_leaf(root, second_stage, entry, oa);
}

static void sv64_decode_first(const struct soft_root *root,
			      struct soft_entry *entry)
{
	sv64_decode(root, false, entry);
}

static void sv64_decode_second(const struct soft_root *root,
			       struct soft_entry *entry)
{
	sv64_decode(root, true, entry);
}

static const struct soft_layout empty64_layout[] = {
	{ "ignored", 63, 1 },
	{ "V", 0, 0 },
};

static const struct soft_layout valid64_layout[] = {
	{ "N", 63, 63 },        { "PBMT", 62, 61 }, { "reserved", 60, 59 },
	{ "reserved", 58, 54 }, { "PPN", 53, 10 },  { "RSW", 9, 8 },
	{ "D", 7, 7 },          { "A", 6, 6 },      { "G", 5, 5 },
	{ "U", 4, 4 },          { "X", 3, 3 },      { "W", 2, 2 },
	{ "R", 1, 1 },          { "V", 0, 0 },
};

static unsigned int sv64_layout(const struct soft_root *root,
				const struct soft_entry *entry,
				struct soft_layout layout[SOFT_MAX_FIELDS])
{
	unsigned int n;

	if (!soft_bit(entry->raw, 0))
		return soft_copy_layout(layout, empty64_layout,
					sizeof(empty64_layout));
	n = soft_copy_layout(layout, valid64_layout, sizeof(valid64_layout));
	if (root->features & SOFT_FEAT_SVRSW)
		layout[2].name = "RSW60:59";
	return n;
}

/* ------------------------------------------------ Sv32 */

static unsigned int sv32_item_lg2(const struct soft_root *root,
				  unsigned int level)
{
	return 12 + 10 * level;
}

static unsigned int sv32_index_lg2(const struct soft_root *root,
				   unsigned int level)
{
	return 10;
}

static unsigned int sv32_x4_index_lg2(const struct soft_root *root,
				      unsigned int level)
{
	return level == 1 ? 12 : 10;
}

static void sv32_decode(const struct soft_root *root, bool second_stage,
			struct soft_entry *entry)
{
	uint64_t oa = soft_bits(entry->raw, 31, 10) << 12;

	if (!soft_bit(entry->raw, 0))
		entry->kind = SOFT_EMPTY;
	else if (is_leaf(entry->raw))
		decode_leaf(root, second_stage, entry, oa);
	else
		decode_table(root, entry, oa);
}

static void sv32_decode_first(const struct soft_root *root,
			      struct soft_entry *entry)
{
	sv32_decode(root, false, entry);
}

static void sv32_decode_second(const struct soft_root *root,
			       struct soft_entry *entry)
{
	sv32_decode(root, true, entry);
}

static const struct soft_layout empty32_layout[] = {
	{ "ignored", 31, 1 },
	{ "V", 0, 0 },
};

static const struct soft_layout valid32_layout[] = {
	{ "PPN", 31, 10 }, { "RSW", 9, 8 }, { "D", 7, 7 }, { "A", 6, 6 },
	{ "G", 5, 5 },     { "U", 4, 4 },   { "X", 3, 3 }, { "W", 2, 2 },
	{ "R", 1, 1 },     { "V", 0, 0 },
};

static unsigned int sv32_layout(const struct soft_root *root,
				const struct soft_entry *entry,
				struct soft_layout layout[SOFT_MAX_FIELDS])
{
	if (!soft_bit(entry->raw, 0))
		return soft_copy_layout(layout, empty32_layout,
					sizeof(empty32_layout));
	return soft_copy_layout(layout, valid32_layout, sizeof(valid32_layout));
}

/* ------------------------------------------------ the formats */

/* First stage: the VA is signed. */
const struct soft_format soft_riscv64 = {
	.name = "riscv64",
	.entry_size = 8,
	.min_levels = 3,
	.max_levels = 5,
	.va_bits = 57,
	.oa_bits = 56,
	.table_align_lg2 = 12,
	.features = SOFT_FEAT_HW_DIRTY | SOFT_FEAT_SUPERVISOR |
		    SOFT_FEAT_SVNAPOT | SOFT_FEAT_SVPBMT | SOFT_FEAT_SVRSW,
	.sign_extended = true,
	.accessed = UINT64_C(1) << 6,
	.dirty = UINT64_C(1) << 7,
	.item_lg2 = sv64_item_lg2,
	.index_lg2 = sv64_index_lg2,
	.decode = sv64_decode_first,
	.page_sizes = sv64_page_sizes,
	.layout = sv64_layout,
};

/* Second stage: two bits more, unsigned. */
const struct soft_format soft_riscv64_x4 = {
	.name = "riscv64_x4",
	.entry_size = 8,
	.min_levels = 3,
	.max_levels = 5,
	.va_bits = 59,
	.oa_bits = 56,
	.table_align_lg2 = 12,
	.features = SOFT_FEAT_HW_DIRTY | SOFT_FEAT_SVNAPOT | SOFT_FEAT_SVPBMT |
		    SOFT_FEAT_SVRSW,
	.accessed = UINT64_C(1) << 6,
	.dirty = UINT64_C(1) << 7,
	.item_lg2 = sv64_item_lg2,
	.index_lg2 = sv64_x4_index_lg2,
	.decode = sv64_decode_second,
	.page_sizes = sv64_page_sizes,
	.layout = sv64_layout,
};

/* All 32 bits of the VA are indices: there is nothing to extend. */
const struct soft_format soft_riscv32 = {
	.name = "riscv32",
	.entry_size = 4,
	.min_levels = 2,
	.max_levels = 2,
	.va_bits = 32,
	.oa_bits = 34,
	.table_align_lg2 = 12,
	.features = SOFT_FEAT_HW_DIRTY | SOFT_FEAT_SUPERVISOR,
	.accessed = UINT64_C(1) << 6,
	.dirty = UINT64_C(1) << 7,
	.item_lg2 = sv32_item_lg2,
	.index_lg2 = sv32_index_lg2,
	.decode = sv32_decode_first,
	.layout = sv32_layout,
};

const struct soft_format soft_riscv32_x4 = {
	.name = "riscv32_x4",
	.entry_size = 4,
	.min_levels = 2,
	.max_levels = 2,
	.va_bits = 34,
	.oa_bits = 34,
	.table_align_lg2 = 12,
	.features = SOFT_FEAT_HW_DIRTY,
	.accessed = UINT64_C(1) << 6,
	.dirty = UINT64_C(1) << 7,
	.item_lg2 = sv32_item_lg2,
	.index_lg2 = sv32_x4_index_lg2,
	.decode = sv32_decode_second,
	.layout = sv32_layout,
};
