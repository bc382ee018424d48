/* SPDX-License-Identifier: MIT */
/*
 * Arm's 64-bit descriptors: VMSAv8-64 (Arm ARM DDI 0487, chapter D8; a SMMUv3
 * walks the same, IHI 0070) with three granules, in stage 1 and stage 2; and their
 * older form in VMSAv8-32 ("long descriptor", LPAE). The specification counts
 * lookup levels from the top, -1 or 0, to 3, which is our level 0.
 */
#include "soft/soft_format.h"

/**
 * struct arm_variant - in what the members of the family differ
 * @granule_lg2: log2 of the page, and of a whole table
 * @stage: 1 or 2
 * @lpae: addresses of 40 bits, no hardware A/D
 */
struct arm_variant {
	unsigned int granule_lg2;
	unsigned int stage;
	bool lpae;
};

enum {
	MAX_CONCATENATED_LG2 = 4 /* tables side by side at the top of stage 2 */
};

static void bad(struct soft_entry *entry, const char *why)
{
	entry->kind = SOFT_BAD;
	entry->why = why;
}

static const struct arm_variant *variant_of(const struct soft_root *root)
{
	return root->format->variant;
}

/* ------------------------------------------------ geometry */

static unsigned int arm_item_lg2(const struct soft_root *root,
				 unsigned int level)
{
	unsigned int granule_lg2 = variant_of(root)->granule_lg2;

	return granule_lg2 + (granule_lg2 - 3) * level;
}

static unsigned int max_va_bits(const struct soft_root *root)
{
	const struct arm_variant *v = variant_of(root);

	if (v->lpae)
		return v->stage == 1 ? 32 : 40;
	return root->features & SOFT_FEAT_52BIT ? 52 : 48;
}

/* TxSZ is at most 39, or 48 with small tables, which we allow. */
static unsigned int min_va_bits(const struct soft_root *root)
{
	return variant_of(root)->lpae ? 25 : 16;
}

/* 64 - TxSZ; if the root does not say: what one full top table translates. */
static unsigned int input_width(const struct soft_root *root)
{
	/* Where the items of the next level up would begin. */
	unsigned int width = arm_item_lg2(root, root->levels);

	if (root->va_bits)
		return root->va_bits;
	return width < max_va_bits(root) ? width : max_va_bits(root);
}

/* The top table indexes with what is left of the input address. */
static unsigned int arm_index_lg2(const struct soft_root *root,
				  unsigned int level)
{
	if (level < root->levels - 1)
		return variant_of(root)->granule_lg2 - 3;
	return input_width(root) - arm_item_lg2(root, level);
}

/*
 * Do the level at which the walk starts and TxSZ fit each other? ("Initial lookup
 * level", "Concatenated translation tables".) Stage 1 takes as many levels as the
 * address needs; stage 2 may leave one out by putting tables side by side.
 */
static const char *arm_check(const struct soft_root *root)
{
	const struct arm_variant *v = variant_of(root);
	unsigned int item_lg2 = arm_item_lg2(root, root->levels - 1);
	unsigned int width = input_width(root);
	unsigned int most = v->granule_lg2 - 3;

	if (width > max_va_bits(root))
		return "the input address is too wide for the format";
	if (width < min_va_bits(root))
		return "the input address is too narrow for the format";
	if (width <= item_lg2)
		return "so many levels are too many for the input address";
	if (v->stage == 2)
		most += MAX_CONCATENATED_LG2;
	if (width - item_lg2 > most)
		return "so few levels are too few for the input address";
	if (v->stage == 2 && v->granule_lg2 == 14 && root->levels == 4 &&
	    !(root->features & SOFT_FEAT_52BIT))
		return "stage 2 with 16K starts at level 0 only with DS=1";
	return NULL;
}

/* "Block descriptor": where, per granule. Those of 512G, 64G, 4T need 52 bits. */
static bool block_allowed(const struct soft_root *root, unsigned int level)
{
	unsigned int highest = variant_of(root)->granule_lg2 == 12 ? 2 : 1;

	if (root->features & SOFT_FEAT_52BIT)
		highest++;
	return level >= 1 && level <= highest;
}

/* "The Contiguous bit": log2 of the items of a run; 0 = the bit is reserved. */
static unsigned int run_lg2(const struct soft_root *root, unsigned int level)
{
	switch (variant_of(root)->granule_lg2) {
	case 12: /* 64K of 4K, 32M of 2M, 16G of 1G */
		return level <= 2 ? 4 : 0;
	case 14: /* 2M of 16K, 1G of 32M */
		return level == 0 ? 7 : level == 1 ? 5 : 0;
	default: /* 2M of 64K, 16G of 512M */
		return level <= 1 ? 5 : 0;
	}
}

static uint64_t arm_page_sizes(const struct soft_root *root)
{
	uint64_t sizes = 0;

	for (unsigned int level = 0; level < root->levels; level++) {
		unsigned int lg2 = arm_item_lg2(root, level);

		if (level > 0 && !block_allowed(root, level))
			continue;
		sizes |= UINT64_C(1) << lg2;
		if (arm_index_lg2(root, level) >= run_lg2(root, level))
			sizes |= UINT64_C(1) << (lg2 + run_lg2(root, level));
	}
	return sizes;
}

/* ------------------------------------------------ the names of the bits */

static bool has(const struct soft_root *root, uint64_t feature)
{
	return root->features & feature;
}

/* Which of the two places hold OA[51:48] in a format of 52 bits? */
static bool ds_address(const struct soft_root *root)
{
	return has(root, SOFT_FEAT_52BIT) &&
	       variant_of(root)->granule_lg2 != 16;
}

static bool lpa_address(const struct soft_root *root)
{
	return has(root, SOFT_FEAT_52BIT) &&
	       variant_of(root)->granule_lg2 == 16;
}

/* From where the attributes end (bit 50 or 40) down to bit 12. */
static void name_address(struct soft_builder *b, const struct soft_root *root,
			 unsigned int align_lg2, bool block)
{
	if (variant_of(root)->lpae)
		soft_name(b, "reserved", 40);
	else if (!ds_address(root))
		soft_name(b, "reserved", 48);
	soft_name(b, "ADDR", align_lg2);
	if (block) {
		soft_name(b, "reserved", 17);
		soft_name(b, has(root, SOFT_FEAT_NT) ? "nT" : "reserved", 16);
	}
	soft_name(b, lpa_address(root) ? "ADDR[51:48]" : "reserved", 12);
}

/* Stage 1 table: attributes that hold for all below ("hierarchical"). */
static void name_table_attributes(struct soft_builder *b,
				  const struct soft_root *root)
{
	if (variant_of(root)->stage == 2) {
		soft_name(b, "reserved", 59);
		return;
	}
	soft_name(b, "NSTable", 63);
	if (has(root, SOFT_FEAT_HPD)) {
		soft_name(b, "ignored", 59);
		return;
	}
	soft_name(b, "APTable", 61);
	soft_name(b, variant_of(root)->lpae ? "XNTable" : "UXNTable", 60);
	soft_name(b, "PXNTable", 59);
}

static void name_table(struct soft_builder *b, const struct soft_root *root)
{
	name_table_attributes(b, root);
	soft_name(b, "ignored", variant_of(root)->lpae ? 52 : 51);
	if (!variant_of(root)->lpae)
		soft_name(b, "reserved", 50);
	name_address(b, root, variant_of(root)->granule_lg2, false);
	if (ds_address(root)) {
		soft_name(b, "ignored", 10);
		soft_name(b, "ADDR[51:50]", 8);
	}
	soft_name(b, "ignored", 2);
}

/* Stage 1, bits 63 to 50. */
static void name_s1_high(struct soft_builder *b, const struct soft_root *root,
			 const char *contiguous)
{
	soft_name(b, "ignored", 63);
	soft_name(b, "PBHA", 59);
	soft_name(b, "ignored", 55);
	soft_name(b, variant_of(root)->lpae ? "XN" : "UXN", 54);
	soft_name(b, "PXN", 53);
	soft_name(b, contiguous, 52);
	if (variant_of(root)->lpae)
		return;
	soft_name(b, "DBM", 51);
	soft_name(b, "GP", 50);
}

/* Stage 2, bits 63 to 50. */
static void name_s2_high(struct soft_builder *b, const struct soft_root *root,
			 const char *contiguous)
{
	soft_name(b, "reserved", 59);
	soft_name(b, "ignored", 55);
	if (has(root, SOFT_FEAT_XNX))
		soft_name(b, "XN", 53);
	soft_name(b, "XN", 54);
	soft_name(b, "reserved", 53);
	soft_name(b, contiguous, 52);
	if (variant_of(root)->lpae)
		return;
	soft_name(b, "DBM", 51);
	soft_name(b, "reserved", 50);
}

/* Stage 2, bits 7 to 2. With FWB the memory type has three bits. */
static void name_s2_low(struct soft_builder *b, const struct soft_root *root)
{
	soft_name(b, "S2AP", 6);
	if (has(root, SOFT_FEAT_S2FWB))
		soft_name(b, "reserved", 5);
	soft_name(b, "MemAttr", 2);
}

static void name_leaf(struct soft_builder *b, const struct soft_root *root,
		      unsigned int level)
{
	const char *contiguous = run_lg2(root, level) ? "Contiguous"
						      : "reserved";
	bool first = variant_of(root)->stage == 1;

	if (first)
		name_s1_high(b, root, contiguous);
	else
		name_s2_high(b, root, contiguous);
	name_address(b, root, arm_item_lg2(root, level), level > 0);
	soft_name(b, first ? "nG" : "XS", 11);
	soft_name(b, "AF", 10);
	soft_name(b, ds_address(root) ? "ADDR[51:50]" : "SH", 8);
	if (!first) {
		name_s2_low(b, root);
		return;
	}
	soft_name(b, "AP", 6);
	soft_name(b, "NS", 5);
	soft_name(b, "AttrIndx", 2);
}

/* "Descriptor types": 11 is a page at the lowest level and a table elsewhere. */
static bool is_table(const struct soft_entry *entry)
{
	return entry->level > 0 && soft_bit(entry->raw, 1);
}

static unsigned int arm_layout(const struct soft_root *root,
			       const struct soft_entry *entry,
			       struct soft_layout layout[SOFT_MAX_FIELDS])
{
	struct soft_builder b = { .layout = layout, .next = 64 };

	if (!soft_bit(entry->raw, 0))
		soft_name(&b, "ignored", 1);
	else if (is_table(entry))
		name_table(&b, root);
	else
		name_leaf(&b, root, entry->level);
	soft_name(&b, "type", 1);
	soft_name(&b, "valid", 0);
	return b.n;
}

/* ------------------------------------------------ decoding */

/* The address of a descriptor, with its upper bits brought home. */
static uint64_t address(const struct soft_root *root,
			const struct soft_entry *entry)
{
	const struct arm_variant *v = variant_of(root);
	uint64_t raw = entry->raw;
	uint64_t pa = soft_bits(raw, v->lpae ? 39 : 47, v->granule_lg2)
		      << v->granule_lg2;

	if (ds_address(root))
		pa |= soft_bits(raw, 49, 48) << 48 | soft_bits(raw, 9, 8) << 50;
	if (lpa_address(root))
		pa |= soft_bits(raw, 15, 12) << 48;
	return pa;
}

/* "Hierarchical control of permissions": tables only take away. */
static unsigned int table_prot(const struct soft_root *root, uint64_t raw)
{
	bool privileged = has(root, SOFT_FEAT_SUPERVISOR);
	unsigned int prot = SOFT_READ | SOFT_WRITE | SOFT_EXEC;
	bool xn = soft_bit(raw, 60);

	if (variant_of(root)->stage == 2 || has(root, SOFT_FEAT_HPD))
		return prot;
	if (privileged)
		xn = soft_bit(raw, 59) || (variant_of(root)->lpae && xn);
	if (soft_bit(raw, 62)) /* APTable[1]: no writes */
		prot &= ~SOFT_WRITE;
	if (soft_bit(raw, 61) && !privileged) { /* APTable[0]: not for EL0 */
		prot &= ~(SOFT_READ | SOFT_WRITE);
		xn = xn || variant_of(root)->lpae;
	}
	if (xn)
		prot &= ~SOFT_EXEC;
	return prot;
}

static void decode_table(const struct soft_root *root, struct soft_entry *entry)
{
	uint64_t pa = address(root, entry);

	if (soft_reserved(root, entry))
		return bad(entry, "a reserved bit is set");
	if (pa >> soft_oa_bits(root))
		return bad(entry, "table address is beyond the output width");
	entry->kind = SOFT_TABLE;
	entry->oa = pa;
	entry->prot = table_prot(root, entry->raw);
	entry->next_level = entry->level - 1;
}

/* DBM=1 makes a clean page writable where hardware keeps the dirty state. */
static bool hardware_may_write(const struct soft_root *root, uint64_t raw)
{
	return has(root, SOFT_FEAT_HW_DIRTY) && soft_bit(raw, 51);
}

/*
 * AP[2]=1 forbids writes, AP[1]=0 keeps EL0 out. AArch64 executes without read
 * permission, but EL1 never what EL0 can write; in LPAE it is the other way round.
 */
static unsigned int s1_prot(const struct soft_root *root, uint64_t raw)
{
	bool privileged = has(root, SOFT_FEAT_SUPERVISOR);
	bool lpae = variant_of(root)->lpae;
	bool user = soft_bit(raw, 6);
	bool writable = !soft_bit(raw, 7) || hardware_may_write(root, raw);
	bool xn = soft_bit(raw, 54);
	unsigned int prot = 0;

	if (privileged)
		xn = soft_bit(raw, 53) || (lpae && xn) ||
		     (!lpae && user && writable);
	if (user || privileged)
		prot |= writable ? SOFT_READ | SOFT_WRITE : SOFT_READ;
	if (!xn && (prot || !lpae))
		prot |= SOFT_EXEC;
	return prot;
}

/* XN[1:0]: 00 all execute, 01 EL0 only, 10 none, 11 EL1 only. */
static bool s2_executes(const struct soft_root *root, uint64_t raw)
{
	if (!has(root, SOFT_FEAT_XNX))
		return !soft_bit(raw, 54);
	switch (soft_bits(raw, 54, 53)) {
	case 0:
		return true;
	case 1:
		return !has(root, SOFT_FEAT_SUPERVISOR);
	case 2:
		return false;
	default:
		return has(root, SOFT_FEAT_SUPERVISOR);
	}
}

/* S2AP[0] reads, S2AP[1] writes; what cannot be read is not executed either. */
static unsigned int s2_prot(const struct soft_root *root, uint64_t raw)
{
	unsigned int prot = 0;

	if (soft_bit(raw, 6))
		prot |= SOFT_READ;
	if (soft_bit(raw, 7) || hardware_may_write(root, raw))
		prot |= SOFT_WRITE;
	if (soft_bit(raw, 6) && s2_executes(root, raw))
		prot |= SOFT_EXEC;
	return prot;
}

/* "Dirty state": AP[2]=0 in stage 1, S2AP[1]=1 in stage 2; LPAE has none. */
static bool is_dirty(const struct soft_root *root, uint64_t raw)
{
	if (variant_of(root)->lpae)
		return false;
	return soft_bit(raw, 7) == (variant_of(root)->stage == 2);
}

/* The bits of the index that count within a run, in place in the address. */
static uint64_t place_in_run(const struct soft_root *root,
			     const struct soft_entry *entry)
{
	return (entry->index & soft_mask(run_lg2(root, entry->level)))
	       << arm_item_lg2(root, entry->level);
}

/*
 * The items of a run have consecutive addresses of their own, from one that is
 * aligned to the whole run.
 */
static bool widen_to_run(const struct soft_root *root, struct soft_entry *entry)
{
	unsigned int lg2 = run_lg2(root, entry->level);
	uint64_t inside = soft_mask(lg2) << entry->size_lg2;

	if (arm_index_lg2(root, entry->level) < lg2) {
		bad(entry, "a contiguous run does not fit into this table");
		return false;
	}
	if ((entry->oa & inside) != place_in_run(root, entry)) {
		bad(entry, "output address is out of step with its run");
		return false;
	}
	entry->run_lg2 = lg2;
	entry->size_lg2 += lg2;
	entry->va &= ~soft_mask(entry->size_lg2);
	entry->oa &= ~soft_mask(entry->size_lg2);
	return true;
}

/* What is wrong with a leaf by itself, or NULL. */
static const char *leaf_faults(const struct soft_root *root,
			       const struct soft_entry *entry)
{
	if (entry->level == 0 && !soft_bit(entry->raw, 1))
		return "type 01 is reserved at the lowest level";
	if (entry->level > 0 && !block_allowed(root, entry->level))
		return "no block is allowed at this level";
	if (entry->oa & soft_mask(entry->size_lg2))
		return "output address is not aligned to its size";
	if (soft_reserved(root, entry))
		return "a reserved bit is set";
	if (entry->oa >> soft_oa_bits(root))
		return "output address is beyond the output width";
	if (!soft_bit(entry->raw, 10) &&
	    !has(root,
		 SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY | SOFT_FEAT_AFFD))
		return "AF is clear, and hardware does not set it";
	return NULL;
}

static void decode_leaf(const struct soft_root *root, struct soft_entry *entry)
{
	const char *why;

	entry->oa = address(root, entry);
	if (entry->level > 0 && has(root, SOFT_FEAT_NT))
		entry->oa &= ~(UINT64_C(1) << 16);
	why = leaf_faults(root, entry);
	if (why)
		return bad(entry, why);
	if (soft_bit(entry->raw, 52) && !widen_to_run(root, entry))
		return;
	entry->kind = SOFT_LEAF;
	entry->prot = variant_of(root)->stage == 1 ? s1_prot(root, entry->raw)
						   : s2_prot(root, entry->raw);
	entry->accessed = soft_bit(entry->raw, 10);
	entry->dirty = is_dirty(root, entry->raw);
}

static void arm_decode(const struct soft_root *root, struct soft_entry *entry)
{
	if (!soft_bit(entry->raw, 0))
		entry->kind = SOFT_EMPTY;
	else if (is_table(entry))
		decode_table(root, entry);
	else
		decode_leaf(root, entry);
}

/*
 * All but the place in the run, AF, the dirty state where DBM says it is one, and bits
 * 58:55, which are software's (D8.3) and of which hardware knows nothing.
 */
static uint64_t arm_run_key(const struct soft_root *root,
			    const struct soft_entry *entry)
{
	uint64_t key = entry->raw ^ place_in_run(root, entry);

	key &= ~(UINT64_C(1) << 10 | UINT64_C(15) << 55);
	if (soft_bit(entry->raw, 51))
		key &= ~(UINT64_C(1) << 7);
	return key;
}

/* "Hardware management of the Access flag and dirty state": leaves only. */
static uint64_t arm_touch(const struct soft_root *root,
			  const struct soft_entry *entry, unsigned int access)
{
	uint64_t raw = entry->raw;

	if (entry->kind != SOFT_LEAF)
		return raw;
	raw |= UINT64_C(1) << 10;
	if (!(access & SOFT_WRITE) || !hardware_may_write(root, raw))
		return raw;
	if (variant_of(root)->stage == 1)
		return raw & ~(UINT64_C(1) << 7);
	return raw | UINT64_C(1) << 7;
}

/* ------------------------------------------------ the formats */

enum {
	FEATURES = SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY |
		   SOFT_FEAT_SUPERVISOR | SOFT_FEAT_52BIT | SOFT_FEAT_NT |
		   SOFT_FEAT_AFFD,
	FEATURES_1 = FEATURES | SOFT_FEAT_UPPER | SOFT_FEAT_HPD,
	FEATURES_2 = FEATURES | SOFT_FEAT_S2FWB | SOFT_FEAT_XNX
};

#define ARMV8(S, K, LG2, LEVELS)                              \
	const struct soft_format soft_armv8_s##S##_##K##k = { \
		.name = "armv8_s" #S "_" #K "k",              \
		.entry_size = 8,                              \
		.min_levels = 1,                              \
		.max_levels = (LEVELS),                       \
		.va_bits = 52,                                \
		.oa_bits = 52,                                \
		.narrow_oa_bits = 48,                         \
		.table_align_lg2 = 6,                         \
		.features = FEATURES_##S,                     \
		.accessed = UINT64_C(1) << 10,                \
		.dirty = UINT64_C(1) << 7,                    \
		.variant =                                    \
			&(const struct arm_variant){          \
				.granule_lg2 = (LG2),         \
				.stage = (S),                 \
			},                                    \
		.item_lg2 = arm_item_lg2,                     \
		.index_lg2 = arm_index_lg2,                   \
		.decode = arm_decode,                         \
		.page_sizes = arm_page_sizes,                 \
		.layout = arm_layout,                         \
		.check = arm_check,                           \
		.run_key = arm_run_key,                       \
		.touch = arm_touch,                           \
	}

ARMV8(1, 4, 12, 5);
ARMV8(1, 16, 14, 4);
ARMV8(1, 64, 16, 3);
ARMV8(2, 4, 12, 5);
ARMV8(2, 16, 14, 4);
ARMV8(2, 64, 16, 3);

/* Not even 64 bytes: the top table of 32 bits has four entries. */
const struct soft_format soft_lpae_s1 = {
	.name = "lpae_s1",
	.entry_size = 8,
	.min_levels = 2,
	.max_levels = 3,
	.va_bits = 32,
	.oa_bits = 40,
	.table_align_lg2 = 4,
	.features = SOFT_FEAT_SUPERVISOR | SOFT_FEAT_HPD,
	.variant =
		&(const struct arm_variant){
			.granule_lg2 = 12,
			.stage = 1,
			.lpae = true,
		},
	.item_lg2 = arm_item_lg2,
	.index_lg2 = arm_index_lg2,
	.decode = arm_decode,
	.page_sizes = arm_page_sizes,
	.layout = arm_layout,
	.check = arm_check,
	.run_key = arm_run_key,
};

const struct soft_format soft_lpae_s2 = {
	.name = "lpae_s2",
	.entry_size = 8,
	.min_levels = 2,
	.max_levels = 3,
	.va_bits = 40,
	.oa_bits = 40,
	.table_align_lg2 = 4,
	.variant =
		&(const struct arm_variant){
			.granule_lg2 = 12,
			.stage = 2,
			.lpae = true,
		},
	.item_lg2 = arm_item_lg2,
	.index_lg2 = arm_index_lg2,
	.decode = arm_decode,
	.page_sizes = arm_page_sizes,
	.layout = arm_layout,
	.check = arm_check,
	.run_key = arm_run_key,
};
