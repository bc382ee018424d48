/* SPDX-License-Identifier: MIT */
/*
 * Arm's short descriptors: ARMv7 Architecture Reference Manual, "Short-descriptor
 * translation table format", with the access flag enabled (SCTLR.AFE=1) and one
 * table for the whole address space (TTBCR.N=0). The specification's first level is
 * our level 1. Not here: the extension of some MediaTek parts, whose addresses
 * have up to three bits more.
 */
#include "soft/soft_format.h"

enum {
	RUN_LG2 = 4 /* 16 copies make a large page or a supersection */
};

/* What an entry is, by its bits 1:0 and, in the first level, 18. */
enum v7s_type {
	V7S_FAULT,
	V7S_TABLE,
	V7S_SECTION, /* 1M */
	V7S_SUPERSECTION, /* 16M */
	V7S_LARGE, /* 64K */
	V7S_SMALL, /* 4K */
};

static enum v7s_type type_of(unsigned int level, uint64_t raw)
{
	unsigned int low = (unsigned int)soft_bits(raw, 1, 0);

	if (low == 0)
		return V7S_FAULT;
	if (level == 0)
		return low == 1 ? V7S_LARGE : V7S_SMALL;
	if (low == 1)
		return V7S_TABLE;
	return soft_bit(raw, 18) ? V7S_SUPERSECTION : V7S_SECTION;
}

static void bad(struct soft_entry *entry, const char *why)
{
	entry->kind = SOFT_BAD;
	entry->why = why;
}

static unsigned int v7s_item_lg2(const struct soft_root *root,
				 unsigned int level)
{
	return level == 0 ? 12 : 20;
}

/* Small and large pages, sections and supersections. */
static uint64_t v7s_page_sizes(const struct soft_root *root)
{
	return UINT64_C(1) << 12 | UINT64_C(1) << 16 | UINT64_C(1) << 20 |
	       UINT64_C(1) << 24;
}

static unsigned int v7s_index_lg2(const struct soft_root *root,
				  unsigned int level)
{
	return level == 0 ? 8 : 12;
}

/**
 * struct v7s_leaf - what a leaf says, wherever its bits stand
 * @user: AP[1], unprivileged access
 * @read_only: AP[2]
 * @access: AP[0], the access flag
 */
struct v7s_leaf {
	uint64_t oa;
	bool user, read_only, access;
	bool xn, pxn;
};

static struct v7s_leaf read_section(uint64_t raw)
{
	struct v7s_leaf leaf = {
		.oa = soft_bits(raw, 31, 20) << 20,
		.read_only = soft_bit(raw, 15),
		.user = soft_bit(raw, 11),
		.access = soft_bit(raw, 10),
		.xn = soft_bit(raw, 4),
		.pxn = soft_bit(raw, 0),
	};

	return leaf;
}

/* A section but for the address: two fields of it took the place of others. */
static struct v7s_leaf read_supersection(uint64_t raw)
{
	struct v7s_leaf leaf = read_section(raw);

	leaf.oa = soft_bits(raw, 31, 24) << 24 | soft_bits(raw, 23, 20) << 32 |
		  soft_bits(raw, 8, 5) << 36;
	return leaf;
}

static struct v7s_leaf read_large(uint64_t raw)
{
	struct v7s_leaf leaf = {
		.oa = soft_bits(raw, 31, 16) << 16,
		.read_only = soft_bit(raw, 9),
		.user = soft_bit(raw, 5),
		.access = soft_bit(raw, 4),
		.xn = soft_bit(raw, 15),
	};

	return leaf;
}

static struct v7s_leaf read_small(uint64_t raw)
{
	struct v7s_leaf leaf = {
		.oa = soft_bits(raw, 31, 12) << 12,
		.read_only = soft_bit(raw, 9),
		.user = soft_bit(raw, 5),
		.access = soft_bit(raw, 4),
		.xn = soft_bit(raw, 0),
	};

	return leaf;
}

/* What cannot be read is not executed. */
static unsigned int leaf_prot(const struct soft_root *root,
			      const struct v7s_leaf *leaf)
{
	bool privileged = root->features & SOFT_FEAT_SUPERVISOR;
	unsigned int prot = SOFT_READ;

	if (!leaf->user && !privileged)
		return 0;
	if (!leaf->read_only)
		prot |= SOFT_WRITE;
	if (!leaf->xn && !(privileged && leaf->pxn))
		prot |= SOFT_EXEC;
	return prot;
}

static void set_leaf(const struct soft_root *root, struct soft_entry *entry,
		     const struct v7s_leaf *leaf)
{
	if (!leaf->access)
		return bad(entry, "AF (AP[0]) is clear, a fault");
	if (leaf->oa >> soft_oa_bits(root))
		return bad(entry, "output address is beyond the output width");
	entry->kind = SOFT_LEAF;
	entry->oa = leaf->oa;
	entry->prot = leaf_prot(root, leaf);
	entry->accessed = true;
}

/* 16 equal copies, aligned to 16. */
static void set_run(const struct soft_root *root, struct soft_entry *entry,
		    const struct v7s_leaf *leaf)
{
	entry->run_lg2 = RUN_LG2;
	entry->size_lg2 += RUN_LG2;
	entry->va &= ~soft_mask(entry->size_lg2);
	set_leaf(root, entry, leaf);
}

/* PXN of a table holds for all its pages. */
static void decode_table(const struct soft_root *root, struct soft_entry *entry)
{
	uint64_t pa = soft_bits(entry->raw, 31, 10) << 10;

	if (soft_bit(entry->raw, 4))
		return bad(entry, "reserved bit 4 is set");
	if (pa >> soft_oa_bits(root))
		return bad(entry, "table address is beyond the output width");
	entry->kind = SOFT_TABLE;
	entry->oa = pa;
	entry->prot = SOFT_READ | SOFT_WRITE | SOFT_EXEC;
	if (soft_bit(entry->raw, 2) && (root->features & SOFT_FEAT_SUPERVISOR))
		entry->prot &= ~SOFT_EXEC;
	entry->next_level = 0;
}

static void v7s_decode(const struct soft_root *root, struct soft_entry *entry)
{
	struct v7s_leaf leaf;

	switch (type_of(entry->level, entry->raw)) {
	case V7S_FAULT:
		entry->kind = SOFT_EMPTY;
		return;
	case V7S_TABLE:
		decode_table(root, entry);
		return;
	case V7S_SECTION:
		leaf = read_section(entry->raw);
		set_leaf(root, entry, &leaf);
		return;
	case V7S_SUPERSECTION:
		leaf = read_supersection(entry->raw);
		set_run(root, entry, &leaf);
		return;
	case V7S_LARGE:
		leaf = read_large(entry->raw);
		if (soft_bits(entry->raw, 8, 6))
			bad(entry, "reserved bits 8:6 are set");
		else
			set_run(root, entry, &leaf);
		return;
	case V7S_SMALL:
		leaf = read_small(entry->raw);
		set_leaf(root, entry, &leaf);
		return;
	}
}

static const struct soft_layout fault_layout[] = {
	{ "ignored", 31, 2 },
	{ "type", 1, 0 },
};

static const struct soft_layout table_layout[] = {
	{ "ADDR", 31, 10 },   { "IMP", 9, 9 }, { "domain", 8, 5 },
	{ "reserved", 4, 4 }, { "NS", 3, 3 },  { "PXN", 2, 2 },
	{ "type", 1, 0 },
};

static const struct soft_layout section_layout[] = {
	{ "ADDR", 31, 20 }, { "NS", 19, 19 },    { "supersection", 18, 18 },
	{ "nG", 17, 17 },   { "S", 16, 16 },     { "AP[2]", 15, 15 },
	{ "TEX", 14, 12 },  { "AP[1]", 11, 11 }, { "AF", 10, 10 },
	{ "IMP", 9, 9 },    { "domain", 8, 5 },  { "XN", 4, 4 },
	{ "C", 3, 3 },      { "B", 2, 2 },       { "type", 1, 1 },
	{ "PXN", 0, 0 },
};

static const struct soft_layout supersection_layout[] = {
	{ "ADDR", 31, 24 },  { "ADDR[35:32]", 23, 20 },
	{ "NS", 19, 19 },    { "supersection", 18, 18 },
	{ "nG", 17, 17 },    { "S", 16, 16 },
	{ "AP[2]", 15, 15 }, { "TEX", 14, 12 },
	{ "AP[1]", 11, 11 }, { "AF", 10, 10 },
	{ "IMP", 9, 9 },     { "ADDR[39:36]", 8, 5 },
	{ "XN", 4, 4 },      { "C", 3, 3 },
	{ "B", 2, 2 },       { "type", 1, 1 },
	{ "PXN", 0, 0 },
};

static const struct soft_layout large_layout[] = {
	{ "ADDR", 31, 16 },   { "XN", 15, 15 },  { "TEX", 14, 12 },
	{ "nG", 11, 11 },     { "S", 10, 10 },   { "AP[2]", 9, 9 },
	{ "reserved", 8, 6 }, { "AP[1]", 5, 5 }, { "AF", 4, 4 },
	{ "C", 3, 3 },        { "B", 2, 2 },     { "type", 1, 0 },
};

static const struct soft_layout small_layout[] = {
	{ "ADDR", 31, 12 }, { "nG", 11, 11 }, { "S", 10, 10 },
	{ "AP[2]", 9, 9 },  { "TEX", 8, 6 },  { "AP[1]", 5, 5 },
	{ "AF", 4, 4 },     { "C", 3, 3 },    { "B", 2, 2 },
	{ "type", 1, 1 },   { "XN", 0, 0 },
};

static unsigned int v7s_layout(const struct soft_root *root,
			       const struct soft_entry *entry,
			       struct soft_layout layout[SOFT_MAX_FIELDS])
{
	switch (type_of(entry->level, entry->raw)) {
	case V7S_FAULT:
		break;
	case V7S_TABLE:
		return soft_copy_layout(layout, table_layout,
					sizeof(table_layout));
	case V7S_SECTION:
		return soft_copy_layout(layout, section_layout,
					sizeof(section_layout));
	case V7S_SUPERSECTION:
		return soft_copy_layout(layout, supersection_layout,
					sizeof(supersection_layout));
	case V7S_LARGE:
		return soft_copy_layout(layout, large_layout,
					sizeof(large_layout));
	case V7S_SMALL:
		return soft_copy_layout(layout, small_layout,
					sizeof(small_layout));
	}
	return soft_copy_layout(layout, fault_layout, sizeof(fault_layout));
}

/* Tables of the second level are of 1 KiB; the top's size aligns itself. */
const struct soft_format soft_v7s = {
	.name = "v7s",
	.entry_size = 4,
	.min_levels = 2,
	.max_levels = 2,
	.va_bits = 32,
	.oa_bits = 40,
	.table_align_lg2 = 10,
	.features = SOFT_FEAT_SUPERVISOR,
	.item_lg2 = v7s_item_lg2,
	.index_lg2 = v7s_index_lg2,
	.decode = v7s_decode,
	.page_sizes = v7s_page_sizes,
	.layout = v7s_layout,
};
