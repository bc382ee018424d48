/* SPDX-License-Identifier: MIT */
/**
 * DOC: AMD I/O page tables for host translations
 *
 * AMD I/O Virtualization Technology (IOMMU) Specification, publication 48882,
 * "I/O Page Tables for Host Translations". The specification's level n is level
 * n - 1 here.
 *
 * Shared by amdv1 and amdv1_mock, which differ in what AMDV1_GRANULE_LG2SZ,
 * AMDV1_MAX_LEAF_LEVEL and the constants of pt_common.h say. The address field
 * counts granules, from bit 12 on, whatever their size.
 */
#ifndef PT_FMT_AMDV1_BITS_H
#define PT_FMT_AMDV1_BITS_H

#include "../pt_item.h"

/* "Page Translation Entry Format", the same at all levels */
#define AMDV1_PR   PT_MASK(0, 0) /* present */
#define AMDV1_A    PT_MASK(5, 5) /* accessed */
#define AMDV1_D    PT_MASK(6, 6) /* dirty, in leaves */
#define AMDV1_NL   PT_MASK(11, 9) /* next level */
#define AMDV1_ADDR PT_MASK(51, 12)
#define AMDV1_FC   PT_MASK(60, 60) /* force coherent, in leaves */
#define AMDV1_IR   PT_MASK(61, 61) /* read permission */
#define AMDV1_IW   PT_MASK(62, 62) /* write permission */

#define AMDV1_ADDR_LG2   12 /* lowest bit of AMDV1_ADDR */
#define AMDV1_NL_LG2     9
#define AMDV1_NL_DEFAULT 0ULL /* leaf of the size of one item */
#define AMDV1_NL_SIZED   7ULL /* leaf whose address encodes its size */

/* 2^39 bytes are excluded for an erratum: hardware may not take this size. */
#define AMDV1_BAD_SIZE PT_MASK(39, 39)

pt_inline const struct PT_TABLE *amdv1_table(const struct pt_common *common)
{
	return pt_container_of(common, const struct PT_TABLE, common);
}

pt_inline uint64_t amdv1_encrypt_mask(const struct pt_common *common)
{
	return amdv1_table(common)->encrypt_mask;
}

pt_inline unsigned int amdv1_num_items_lg2(const struct pt_state *pts)
{
	/* Level 6 indexes VA[63:57], the rest of the 64 bits. */
	return pts->level == 5 ? 7 : 9;
}
#define pt_num_items_lg2 amdv1_num_items_lg2

pt_inline bool amdv1_can_have_leaf(const struct pt_state *pts)
{
	return pts->level <= AMDV1_MAX_LEAF_LEVEL;
}
#define pt_can_have_leaf amdv1_can_have_leaf

pt_inline unsigned int amdv1_item_lg2sz(const struct pt_state *pts)
{
	return PT_GRANULE_LG2SZ + 9 * pts->level;
}
#define pt_table_item_lg2sz amdv1_item_lg2sz

static inline uint64_t amdv1_possible_sizes(const struct pt_state *pts)
{
	unsigned int item_lg2 = amdv1_item_lg2sz(pts);

	/* Any run that does not fill the table: that is the next level's leaf. */
	if (!amdv1_can_have_leaf(pts))
		return 0;
	return (oa_lg2_mask(9) << item_lg2) & ~AMDV1_BAD_SIZE;
}
#define pt_possible_sizes amdv1_possible_sizes

pt_inline enum pt_entry_type amdv1_load_entry_raw(struct pt_state *pts)
{
	pts->entry = pt_item_load(&pts->table[pts->index]);
	if (!(pts->entry & AMDV1_PR))
		return PT_ENTRY_EMPTY;
	/* NL is 0 or 7 in leaves: 0 or 1, if one more is counted modulo 8. */
	if (!pts->level || !((pts->entry + (1ULL << AMDV1_NL_LG2)) & AMDV1_NL &
			     ~(1ULL << AMDV1_NL_LG2)))
		return PT_ENTRY_LEAF;
	return PT_ENTRY_TABLE;
}
#define pt_load_entry_raw amdv1_load_entry_raw

/* The address field of @pts->entry as an address. */
pt_inline phys_addr_t amdv1_entry_addr(const struct pt_state *pts)
{
	uint64_t field = pts->entry & pts->common->address_mask;

	if (PT_GRANULE_LG2SZ == AMDV1_ADDR_LG2)
		return field;
	return field >> AMDV1_ADDR_LG2 << PT_GRANULE_LG2SZ;
}

/* The inverse, for an address. */
pt_inline uint64_t amdv1_addr(uint64_t addr)
{
	return addr >> PT_GRANULE_LG2SZ << AMDV1_ADDR_LG2;
}

/*
 * Our tables say the level below in NL, so that few bits decide. It is 0 in a leaf of
 * the size of one item, and in what is not present, of which all bits are.
 */
pt_inline bool amdv1_plain_table(const struct pt_state *pts)
{
	uint64_t low = 3ULL << AMDV1_NL_LG2, high = 4ULL << AMDV1_NL_LG2;

	if (pts->level > 3) { /* 4 and 5 */
		if (!(pts->entry & high))
			return false;
		pt_apart();
		return !(pts->entry & 2ULL << AMDV1_NL_LG2);
	}
	if (pts->entry & high) /* 1 to 3 */
		return false;
	pt_apart();
	return pts->entry & low;
}
#define pt_plain_table amdv1_plain_table

pt_inline bool amdv1_plain_leaf(const struct pt_state *pts)
{
	if (!(pts->entry & AMDV1_PR))
		return false;
	pt_apart();
	return !(pts->entry & AMDV1_NL);
}
#define pt_plain_leaf amdv1_plain_leaf
#define pt_plain_addr amdv1_entry_addr

#if PT_GRANULE_LG2SZ == 12
pt_inline uint64_t amdv1_plain_kind(const struct pt_state *pts)
{
	return AMDV1_PR | AMDV1_NL;
}
#define pt_plain_kind amdv1_plain_kind

pt_inline uint64_t amdv1_plain_value(const struct pt_state *pts)
{
	return AMDV1_PR | (uint64_t)pts->level << AMDV1_NL_LG2;
}
#define pt_plain_value amdv1_plain_value
#endif

pt_inline phys_addr_t amdv1_table_pa(const struct pt_state *pts)
{
	return amdv1_entry_addr(pts);
}
#define pt_table_pa amdv1_table_pa

/*
 * "Page size encodings": with NL = 7 the lowest zero bit of the address field
 * tells the size: at its lowest bit two granules, one bit up four, and so on.
 */
pt_inline unsigned int amdv1_oasz_lg2(const struct pt_state *pts)
{
	if ((pts->entry & AMDV1_NL) >> AMDV1_NL_LG2 != AMDV1_NL_SIZED)
		return amdv1_item_lg2sz(pts);
	return 1 + oa_lg2_align(~oa_lg2_fill(amdv1_entry_addr(pts),
					     PT_GRANULE_LG2SZ));
}

pt_inline unsigned int amdv1_num_contig_lg2(const struct pt_state *pts)
{
	return amdv1_oasz_lg2(pts) - amdv1_item_lg2sz(pts);
}
#define pt_entry_num_contig_lg2 amdv1_num_contig_lg2

/* An address encodes a size below its own bits, which are zero without one. */
pt_inline uint64_t amdv1_leaf_kind(const struct pt_state *pts)
{
	uint64_t size = amdv1_addr(oa_lg2_mask(amdv1_oasz_lg2(pts)));

	return AMDV1_PR | AMDV1_NL | size;
}
#define pt_leaf_kind amdv1_leaf_kind

pt_inline phys_addr_t amdv1_entry_oa(const struct pt_state *pts)
{
	return amdv1_entry_addr(pts) & ~oa_lg2_mask(amdv1_oasz_lg2(pts));
}
#define pt_entry_oa amdv1_entry_oa

pt_inline uint64_t amdv1_leaf_value(const struct pt_state *pts, phys_addr_t oa,
				    unsigned int oasz_lg2,
				    const struct pt_attrs *attrs)
{
	uint64_t value = attrs->bits | amdv1_addr(oa);

	if (oasz_lg2 == amdv1_item_lg2sz(pts))
		return value | AMDV1_NL_DEFAULT << AMDV1_NL_LG2;
	return value | AMDV1_NL_SIZED << AMDV1_NL_LG2 |
	       amdv1_addr(oa_lg2_mask(oasz_lg2 - 1));
}
#define pt_leaf_value amdv1_leaf_value

pt_inline uint64_t amdv1_leaf_step(const struct pt_state *pts,
				   unsigned int oasz_lg2)
{
	return amdv1_addr(1ULL << oasz_lg2);
}
#define pt_leaf_step amdv1_leaf_step

/* Hardware may read any one item of a run: all are equal. */
pt_inline void amdv1_install_leaf_entry(struct pt_state *pts, phys_addr_t oa,
					unsigned int oasz_lg2,
					const struct pt_attrs *attrs)
{
	uint64_t value = amdv1_leaf_value(pts, oa, oasz_lg2, attrs);
	unsigned int items = 1U << (oasz_lg2 - amdv1_item_lg2sz(pts));
	uint64_t *item = &pts->table[pts->index];

	for (; items; items--, item++)
		pt_item_store(item, value);
}
#define pt_install_leaf_entry amdv1_install_leaf_entry

/*
 * "I/O Page Tables for Host Translations": there is no rule that a present entry
 * has to be removed before it changes; it is to be invalidated afterwards. The item
 * that a request indexes says all that its translation needs, so that items of a
 * run that is being rewritten, of which some say the old size and some the new,
 * translate alike. Until the invalidation hardware may use either.
 */
static inline bool amdv1_live(const struct pt_common *common)
{
	return true;
}
#define pt_live_table amdv1_live
#define pt_live_run   amdv1_live
#define pt_live_oa    amdv1_live

/* Permissions are ANDed on the way down; they are decided in the leaf. */
pt_inline bool amdv1_install_table(struct pt_state *pts, phys_addr_t table_pa)
{
	uint64_t value = AMDV1_PR | AMDV1_IR | AMDV1_IW |
			 (uint64_t)pts->level << AMDV1_NL_LG2 |
			 amdv1_addr(table_pa) |
			 amdv1_encrypt_mask(pts->common) | pts->mark;

	return pt_install_item(pts, value);
}
#define pt_install_table amdv1_install_table

static inline void amdv1_attr_from_entry(const struct pt_state *pts,
					 struct pt_attrs *attrs)
{
	attrs->bits = pts->entry & (AMDV1_PR | AMDV1_FC | AMDV1_IR | AMDV1_IW |
				    amdv1_encrypt_mask(pts->common));
}
#define pt_attr_from_entry amdv1_attr_from_entry

pt_inline uint64_t amdv1_dirty_mask(const struct pt_state *pts)
{
	return AMDV1_D;
}
#define pt_dirty_mask amdv1_dirty_mask

/* "Device Table Entry Format", HAD: where D is set, A is, too. */
pt_inline uint64_t amdv1_accessed_mask(const struct pt_state *pts)
{
	return AMDV1_A;
}
#define pt_accessed_mask amdv1_accessed_mask

pt_inline struct pt_run_dirty amdv1_dirty_how(const struct pt_state *pts)
{
	return (struct pt_run_dirty){
		.mask = AMDV1_D,
		.value = AMDV1_D,
		.settled_mask = AMDV1_PR | AMDV1_A | AMDV1_D | AMDV1_NL,
		.settled_value = AMDV1_PR | AMDV1_A | AMDV1_D |
				 AMDV1_NL_DEFAULT << AMDV1_NL_LG2,
		.flip = AMDV1_D,
	};
}
#define pt_dirty_how amdv1_dirty_how

/* Bits that hardware ignores in all present entries. */
static const uint8_t amdv1_sw_bits[] = { 1, 2, 3, 4, 7, 8, 63 };

static inline int amdv1_max_sw_bit(const struct pt_common *common)
{
	return sizeof(amdv1_sw_bits) - 1;
}
#define pt_max_sw_bit amdv1_max_sw_bit

static inline uint64_t amdv1_sw_bit(const struct pt_common *common,
				    unsigned int nr)
{
	return 1ULL << amdv1_sw_bits[nr];
}
#define pt_sw_bit amdv1_sw_bit

/*
 * Every combination of read and write is a leaf, that of none of them, too.
 * Whether instructions may be fetched cannot be said.
 */
static inline int amdv1_set_prot(const struct pt_common *common,
				 struct pt_attrs *attrs, unsigned int prot)
{
	attrs->bits = AMDV1_PR;
	if (prot & IOMMU_READ)
		attrs->bits |= AMDV1_IR;
	if (prot & IOMMU_WRITE)
		attrs->bits |= AMDV1_IW;
#ifdef AMDV1_FORCE_COHERENCE
	if (common->features & BIT(AMDV1_FORCE_COHERENCE))
		attrs->bits |= AMDV1_FC;
#endif
	/* RAM is encrypted, device memory never is. */
	if (!(prot & IOMMU_MMIO))
		attrs->bits |= amdv1_encrypt_mask(common);
	return 0;
}
#define pt_iommu_set_prot amdv1_set_prot

#endif
