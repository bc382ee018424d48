/* SPDX-License-Identifier: MIT */
/*
 * AMDv1 with a granule of 2 KiB: a format for tests only, whose page size is
 * not the CPU's. Entries are AMDv1's, except that the address field holds the
 * address shifted left by one and that no leaf is forced coherent.
 */
#include "soft/fmt/amdv1_family.h"

static const struct amdv1_variant mock = {
	.granule_lg2 = 11,
	.addr_shift = 1,
	.top_leaf = 3,
	.max_size_lg2 = 46,
	.force_coherent = false,
};

static unsigned int mock_item_lg2(const struct soft_root *root,
				  unsigned int level)
{
	return 11 + 9 * level;
}

static unsigned int mock_index_lg2(const struct soft_root *root,
				   unsigned int level)
{
	return 9;
}

static void mock_decode(const struct soft_root *root, struct soft_entry *entry)
{
	soft_amdv1_decode(&mock, root, entry);
}

static uint64_t mock_page_sizes(const struct soft_root *root)
{
	return soft_amdv1_page_sizes(&mock, root);
}

static const struct soft_layout empty_layout[] = {
	{ "ignored", 63, 1 },
	{ "PR", 0, 0 },
};

static const struct soft_layout table_layout[] = {
	{ "ignored", 63, 63 },  { "IW", 62, 62 },       { "IR", 61, 61 },
	{ "reserved", 60, 52 }, { "ADDR>>11", 51, 12 }, { "NL", 11, 9 },
	{ "ignored", 8, 1 },    { "PR", 0, 0 },
};

static const struct soft_layout leaf_layout[] = {
	{ "ignored", 63, 63 },  { "IW", 62, 62 }, { "IR", 61, 61 },
	{ "reserved", 60, 60 }, { "U", 59, 59 },  { "reserved", 58, 52 },
	{ "ADDR>>11", 51, 12 }, { "NL", 11, 9 },  { "ignored", 8, 7 },
	{ "D", 6, 6 },          { "A", 5, 5 },    { "ignored", 4, 1 },
	{ "PR", 0, 0 },
};

static unsigned int mock_layout(const struct soft_root *root,
				const struct soft_entry *entry,
				struct soft_layout layout[SOFT_MAX_FIELDS])
{
	uint64_t next = soft_bits(entry->raw, 11, 9);

	if (!soft_bit(entry->raw, 0))
		return soft_copy_layout(layout, empty_layout,
					sizeof(empty_layout));
	if (next == 0 || next == 7)
		return soft_copy_layout(layout, leaf_layout,
					sizeof(leaf_layout));
	return soft_copy_layout(layout, table_layout, sizeof(table_layout));
}

const struct soft_format soft_amdv1_mock = {
	.name = "amdv1_mock",
	.entry_size = 8,
	.min_levels = 1,
	.max_levels = 5,
	.va_bits = 56,
	.oa_bits = 51,
	.table_align_lg2 = 12,
	.features = SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY,
	.accessed = UINT64_C(1) << 5,
	.dirty = UINT64_C(1) << 6,
	.item_lg2 = mock_item_lg2,
	.index_lg2 = mock_index_lg2,
	.decode = mock_decode,
	.page_sizes = mock_page_sizes,
	.layout = mock_layout,
};
