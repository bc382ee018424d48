/* SPDX-License-Identifier: MIT */
/*
 * Apple DART. There is no public specification; what is here is what one driver
 * is known to do, and this is what is not certain:
 *
 * - Bits that no known table sets are taken to be reserved.
 * - Leaves may confine access to a window within the page (SP_START, SP_END), in
 *   units that are not known. A window other than the whole page is refused, unless
 *   SP_DIS, of the first kind of entries, turns it off.
 * - Whether hardware caches what is not valid, or has accessed or dirty bits that
 *   nobody uses: taken to be no.
 *
 * A root is one TTBR register; which of up to four is used, by VA bits above what
 * two levels translate, is not a matter of the table.
 */
#include "soft/soft_format.h"

/**
 * struct dart_variant - in what the two kinds of entries differ
 * @addr_hi: highest bit of the address field
 * @addr_lo: its lowest bit, which holds bit 14 of the address
 * @addr_name: its name
 * @no_read: bit that denies reads
 * @no_write: bit that denies writes
 * @sp_dis: bit 1 turns the window off; else it says not to cache
 */
struct dart_variant {
	unsigned int addr_hi, addr_lo;
	const char *addr_name;
	unsigned int no_read, no_write;
	bool sp_dis;
};

static void bad(struct soft_entry *entry, const char *why)
{
	entry->kind = SOFT_BAD;
	entry->why = why;
}

static const struct dart_variant *variant_of(const struct soft_root *root)
{
	return root->format->variant;
}

static unsigned int dart_item_lg2(const struct soft_root *root,
				  unsigned int level)
{
	return 14 + 11 * level;
}

static uint64_t dart_page_sizes(const struct soft_root *root)
{
	return UINT64_C(1) << 14;
}

static unsigned int dart_index_lg2(const struct soft_root *root,
				   unsigned int level)
{
	return 11;
}

static void name_table(struct soft_builder *b, const struct dart_variant *v)
{
	soft_name(b, "reserved", v->addr_hi + 1);
	soft_name(b, v->addr_name, v->addr_lo);
	soft_name(b, "reserved", 1);
}

static void name_leaf(struct soft_builder *b, const struct dart_variant *v)
{
	soft_name(b, "SP_START", 52);
	soft_name(b, "SP_END", 40);
	soft_name(b, "reserved", v->addr_hi + 1);
	soft_name(b, v->addr_name, v->addr_lo);
	soft_name(b, "reserved", v->no_read + 1);
	soft_name(b, "NO_READ", v->no_read);
	soft_name(b, "NO_WRITE", v->no_write);
	soft_name(b, "reserved", 2);
	soft_name(b, v->sp_dis ? "SP_DIS" : "NO_CACHE", 1);
}

static unsigned int dart_layout(const struct soft_root *root,
				const struct soft_entry *entry,
				struct soft_layout layout[SOFT_MAX_FIELDS])
{
	struct soft_builder b = { .layout = layout, .next = 64 };

	if (!soft_bit(entry->raw, 0))
		soft_name(&b, "ignored", 1);
	else if (entry->level > 0)
		name_table(&b, variant_of(root));
	else
		name_leaf(&b, variant_of(root));
	soft_name(&b, "valid", 0);
	return b.n;
}

/* From 0 to 0xfff: all of the page. */
static bool window_is_open(const struct dart_variant *v, uint64_t raw)
{
	if (v->sp_dis && soft_bit(raw, 1))
		return true;
	return soft_bits(raw, 63, 52) == 0 && soft_bits(raw, 51, 40) == 0xfff;
}

/* Permissions are denials. */
static unsigned int leaf_prot(const struct dart_variant *v, uint64_t raw)
{
	unsigned int prot = 0;

	if (!soft_bit(raw, v->no_read))
		prot |= SOFT_READ;
	if (!soft_bit(raw, v->no_write))
		prot |= SOFT_WRITE;
	return prot;
}

static void dart_decode(const struct soft_root *root, struct soft_entry *entry)
{
	const struct dart_variant *v = variant_of(root);

	if (!soft_bit(entry->raw, 0)) {
		entry->kind = SOFT_EMPTY;
		return;
	}
	if (soft_reserved(root, entry))
		return bad(entry, "a bit is set whose meaning is not known");
	if (entry->level == 0 && !window_is_open(v, entry->raw))
		return bad(entry, "the sub-page window is not the whole page");
	entry->oa = soft_bits(entry->raw, v->addr_hi, v->addr_lo) << 14;
	if (entry->oa >> soft_oa_bits(root))
		return bad(entry, "address is beyond the output width");
	if (entry->level > 0) {
		entry->kind = SOFT_TABLE;
		entry->next_level = entry->level - 1;
		entry->prot = SOFT_READ | SOFT_WRITE;
		return;
	}
	entry->kind = SOFT_LEAF;
	entry->prot = leaf_prot(v, entry->raw);
}

/* T8103. */
const struct soft_format soft_dart = {
	.name = "dart",
	.entry_size = 8,
	.min_levels = 2,
	.max_levels = 2,
	.va_bits = 36,
	.oa_bits = 36,
	.table_align_lg2 = 14,
	.variant =
		&(const struct dart_variant){
			.addr_hi = 35,
			.addr_lo = 14,
			.addr_name = "ADDR",
			.no_read = 8,
			.no_write = 7,
			.sp_dis = true,
		},
	.item_lg2 = dart_item_lg2,
	.index_lg2 = dart_index_lg2,
	.decode = dart_decode,
	.page_sizes = dart_page_sizes,
	.layout = dart_layout,
};

/* T6000, T8110: the address stands four bits right of its place. */
const struct soft_format soft_dart2 = {
	.name = "dart2",
	.entry_size = 8,
	.min_levels = 2,
	.max_levels = 3,
	.va_bits = 47,
	.oa_bits = 42,
	.table_align_lg2 = 14,
	.variant =
		&(const struct dart_variant){
			.addr_hi = 37,
			.addr_lo = 10,
			.addr_name = "ADDR>>4",
			.no_read = 3,
			.no_write = 2,
		},
	.item_lg2 = dart_item_lg2,
	.index_lg2 = dart_index_lg2,
	.decode = dart_decode,
	.page_sizes = dart_page_sizes,
	.layout = dart_layout,
};
