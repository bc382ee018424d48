/* SPDX-License-Identifier: MIT */
/**
 * DOC: RISC-V page tables
 *
 * The RISC-V Instruction Set Manual volume II, Privileged Architecture: "Sv32",
 * "Sv39", "Sv48", "Sv57" (supervisor), "Two-Stage Address Translation"
 * (hypervisor, the x4 forms), "Svnapot", "Svpbmt"; RISC-V IOMMU Architecture
 * Specification for use by an IOMMU. Levels are numbered here as there.
 *
 * Shared by riscv32, riscv64 and their x4 forms, whose top table has four times
 * as many items (RISCV_X4).
 */
#ifndef PT_FMT_RISCV_BITS_H
#define PT_FMT_RISCV_BITS_H

#include "../pt_item.h"

/* "Sv39 page table entry"; Sv32's is the same up to the PPN */
#define RISCV_V   ((pt_item_t)PT_MASK(0, 0))
#define RISCV_R   ((pt_item_t)PT_MASK(1, 1))
#define RISCV_W   ((pt_item_t)PT_MASK(2, 2))
#define RISCV_X   ((pt_item_t)PT_MASK(3, 3))
#define RISCV_U   ((pt_item_t)PT_MASK(4, 4))
#define RISCV_A   ((pt_item_t)PT_MASK(6, 6))
#define RISCV_D   ((pt_item_t)PT_MASK(7, 7))
#define RISCV_RSW ((pt_item_t)PT_MASK(9, 8)) /* for software */
#if PT_ITEM_WORD_SIZE == 8
#define RISCV_PPN     PT_MASK(53, 10)
#define RISCV_ADDR    PT_MASK(55, 12) /* what the PPN stands for */
#define RISCV_RSW2    PT_MASK(60, 59) /* for software, with Svrsw60t59b */
#define RISCV_PBMT    PT_MASK(62, 61) /* "Svpbmt", in leaves */
#define RISCV_PBMT_NC (1ULL << 61)
#define RISCV_PBMT_IO (2ULL << 61)
#define RISCV_N       PT_MASK(63, 63) /* "Svnapot", in leaves */
#else
#define RISCV_PPN     ((pt_item_t)PT_MASK(31, 10))
#define RISCV_PBMT    0U
#define RISCV_PBMT_NC 0U
#define RISCV_PBMT_IO 0U
#define RISCV_N       0U
#endif

#define RISCV_PPN_LG2   10
#define RISCV_ITEMS_LG2 (PT_TABLEMEM_LG2SZ - PT_ITEM_LG2SZ)
#define RISCV_NAPOT_LG2 4 /* 16 pages are the only run there is */
#define RISCV_64K_LG2   16 /* their size */

static inline bool riscv_feature(const struct pt_common *common,
				 unsigned int feature)
{
	return PT_SUPPORTED_FEATURES & BIT(feature) & common->features;
}

#ifdef RISCV_X4
/* "Guest physical addresses are two bits wider" */
pt_inline unsigned int riscv_num_items_lg2(const struct pt_state *pts)
{
	return pts->level == pt_container_of(pts->common, const struct PT_TABLE,
					     common)
				       ->top_level
		       ? RISCV_ITEMS_LG2 + 2
		       : RISCV_ITEMS_LG2;
}

static inline unsigned int riscv_top_memsize_lg2(const struct pt_common *common,
						 unsigned int level)
{
	return PT_TABLEMEM_LG2SZ + 2;
}
#define pt_top_memsize_lg2 riscv_top_memsize_lg2
#else
pt_inline unsigned int riscv_num_items_lg2(const struct pt_state *pts)
{
	return RISCV_ITEMS_LG2;
}
#endif
#define pt_num_items_lg2 riscv_num_items_lg2

pt_inline bool riscv_can_have_leaf(const struct pt_state *pts)
{
	return true;
}
#define pt_can_have_leaf riscv_can_have_leaf

pt_inline unsigned int riscv_item_lg2sz(const struct pt_state *pts)
{
	return PT_GRANULE_LG2SZ + RISCV_ITEMS_LG2 * pts->level;
}
#define pt_table_item_lg2sz riscv_item_lg2sz

static inline uint64_t riscv_possible_sizes(const struct pt_state *pts)
{
	uint64_t sizes = 1ULL << riscv_item_lg2sz(pts);

	if (!pts->level &&
	    riscv_feature(pts->common, PT_FEAT_RISCV_SVNAPOT_64K))
		sizes |= 1ULL << RISCV_64K_LG2;
	return sizes;
}
#define pt_possible_sizes riscv_possible_sizes

/* R, W and X are all zero in a pointer to the next level. */
pt_inline enum pt_entry_type riscv_load_entry_raw(struct pt_state *pts)
{
	pts->entry = pt_item_load(&pts->table[pts->index]);
	if (!(pts->entry & RISCV_V))
		return PT_ENTRY_EMPTY;
	if (!pts->level || pts->entry & (RISCV_R | RISCV_W | RISCV_X))
		return PT_ENTRY_LEAF;
	return PT_ENTRY_TABLE;
}
#define pt_load_entry_raw riscv_load_entry_raw

/*
 * A table has none of R, W and X, and a leaf has R or X: W alone is reserved. There is
 * one size of runs, so that PPN[3:0] need not be looked at; N is for level 0.
 */
pt_inline pt_item_t riscv_leaf_kind(const struct pt_state *pts)
{
	return RISCV_V | (pts->entry & RISCV_R ? RISCV_R : RISCV_X) |
	       (pts->level ? 0 : RISCV_N);
}
#define pt_leaf_kind riscv_leaf_kind

pt_inline pt_item_t riscv_ppn(phys_addr_t pa)
{
	return (pt_item_t)(pa >> PT_GRANULE_LG2SZ << RISCV_PPN_LG2);
}

pt_inline phys_addr_t riscv_table_pa(const struct pt_state *pts)
{
	return (phys_addr_t)((pts->entry & RISCV_PPN) >> RISCV_PPN_LG2)
	       << PT_GRANULE_LG2SZ;
}
#define pt_table_pa riscv_table_pa

#if PT_ITEM_WORD_SIZE == 8
#define RISCV_SHIFT (PT_GRANULE_LG2SZ - RISCV_PPN_LG2)

pt_inline phys_addr_t riscv_addr(const struct pt_state *pts)
{
	return pts->entry << RISCV_SHIFT & pts->common->address_mask;
}
#define pt_plain_addr riscv_addr

/* In the low byte, a pointer to a table has nothing but V. */
pt_inline bool riscv_plain_table(const struct pt_state *pts)
{
	return (uint8_t)pts->entry == RISCV_V;
}
#define pt_plain_table riscv_plain_table

/* N is the sign of the item, which is 0 if it is not valid. */
pt_inline bool riscv_plain_leaf(const struct pt_state *pts)
{
	return (int64_t)pts->entry > 0;
}
#define pt_plain_leaf riscv_plain_leaf

pt_inline uint64_t riscv_plain_kind(const struct pt_state *pts)
{
	return RISCV_V | (pts->level ? RISCV_R | RISCV_W | RISCV_X : RISCV_N);
}
#define pt_plain_kind riscv_plain_kind

pt_inline uint64_t riscv_plain_value(const struct pt_state *pts)
{
	return RISCV_V;
}
#define pt_plain_value riscv_plain_value

pt_inline unsigned int riscv_plain_shift(const struct pt_state *pts)
{
	return RISCV_SHIFT;
}
#define pt_plain_shift riscv_plain_shift
#endif

/* "Svnapot": with N the low PPN bits encode the size, 1000b for 64 KiB. */
pt_inline phys_addr_t riscv_entry_oa(const struct pt_state *pts)
{
	phys_addr_t oa = riscv_table_pa(pts);

	return pts->entry & RISCV_N ? oa & ~oa_lg2_mask(RISCV_64K_LG2) : oa;
}
#define pt_entry_oa riscv_entry_oa

pt_inline unsigned int riscv_num_contig_lg2(const struct pt_state *pts)
{
	return pts->entry & RISCV_N ? RISCV_NAPOT_LG2 : 0;
}
#define pt_entry_num_contig_lg2 riscv_num_contig_lg2

pt_inline pt_item_t riscv_leaf_value(const struct pt_state *pts, phys_addr_t oa,
				     unsigned int oasz_lg2,
				     const struct pt_attrs *attrs)
{
	if (oasz_lg2 != riscv_item_lg2sz(pts))
		return riscv_ppn(oa | 1ULL << (oasz_lg2 - 1)) | attrs->bits |
		       RISCV_N;
	return riscv_ppn(oa) | attrs->bits;
}
#define pt_leaf_value riscv_leaf_value

pt_inline pt_item_t riscv_leaf_step(const struct pt_state *pts,
				    unsigned int oasz_lg2)
{
	return riscv_ppn(1ULL << oasz_lg2);
}
#define pt_leaf_step riscv_leaf_step

/* All items of a run are equal: hardware may read any of them. */
pt_inline void riscv_install_leaf_entry(struct pt_state *pts, phys_addr_t oa,
					unsigned int oasz_lg2,
					const struct pt_attrs *attrs)
{
	pt_item_t value = riscv_leaf_value(pts, oa, oasz_lg2, attrs);
	unsigned int items = 1U << (oasz_lg2 - riscv_item_lg2sz(pts));
	pt_item_t *item = &pts->table[pts->index];

	for (; items; items--, item++)
		pt_item_store(item, value);
}
#define pt_install_leaf_entry riscv_install_leaf_entry

/*
 * IOMMU specification, "Software guidelines": a page may become larger or smaller
 * while it is valid, as long as its PPNs, permissions and type stay. Other changes
 * clear V first; permissions alone are one store, of which hardware uses the old or
 * the new value until it has been invalidated. "Svnapot": a run is invalidated
 * before it changes.
 */
static inline bool riscv_live_table(const struct pt_common *common)
{
	return true;
}
#define pt_live_table riscv_live_table

static inline bool riscv_live_attrs(const struct pt_state *pts,
				    const struct pt_attrs *attrs)
{
	return !riscv_num_contig_lg2(pts) &&
	       !((pts->entry ^ attrs->bits) & RISCV_PBMT);
}
#define pt_live_attrs riscv_live_attrs

/* A, D, U and the memory type are reserved in pointers. */
pt_inline bool riscv_install_table(struct pt_state *pts, phys_addr_t table_pa)
{
	return pt_install_item(pts, riscv_ppn(table_pa) | RISCV_V | pts->mark);
}
#define pt_install_table riscv_install_table

/* D belongs to the attributes of a leaf that was made with it. */
static inline void riscv_attr_from_entry(const struct pt_state *pts,
					 struct pt_attrs *attrs)
{
	attrs->bits = pts->entry & (RISCV_V | RISCV_R | RISCV_W | RISCV_X |
				    RISCV_U | RISCV_A | RISCV_D | RISCV_PBMT);
}
#define pt_attr_from_entry riscv_attr_from_entry

pt_inline pt_item_t riscv_dirty_mask(const struct pt_state *pts)
{
	return RISCV_D;
}
#define pt_dirty_mask riscv_dirty_mask

pt_inline struct pt_run_dirty riscv_dirty_how(const struct pt_state *pts)
{
	return (struct pt_run_dirty){
		.mask = RISCV_D,
		.value = RISCV_D,
		.settled_mask = RISCV_V | RISCV_A | RISCV_D | RISCV_N,
		.settled_value = RISCV_V | RISCV_A | RISCV_D,
		.flip = RISCV_D,
	};
}
#define pt_dirty_how riscv_dirty_how

static inline int riscv_max_sw_bit(const struct pt_common *common)
{
	return riscv_feature(common, PT_FEAT_RISCV_SVRSW60T59B) ? 3 : 1;
}
#define pt_max_sw_bit riscv_max_sw_bit

static inline pt_item_t riscv_sw_bit(const struct pt_common *common,
				     unsigned int nr)
{
#ifdef RISCV_RSW2
	if (nr > 1)
		return (RISCV_RSW2 & -RISCV_RSW2) << (nr - 2);
#endif
	return (RISCV_RSW & -RISCV_RSW) << nr;
}
#define pt_sw_bit riscv_sw_bit

/*
 * Writable and not readable is reserved, so that write alone gives both. DMA is a
 * user access, and second-stage leaves have U=1, always; a first stage gives its
 * privileged mappings U=0. Where hardware does not set A and D it faults when
 * they are missing. Svpbmt's PMA, 0, is what is cacheable.
 */
static inline int riscv_set_prot(const struct pt_common *common,
				 struct pt_attrs *attrs, unsigned int prot)
{
	if (!(prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	attrs->bits = RISCV_V | RISCV_R | RISCV_A | RISCV_U;
#ifndef RISCV_X4
	if (prot & IOMMU_PRIV)
		attrs->bits &= ~RISCV_U;
#endif
	if (prot & IOMMU_WRITE)
		attrs->bits |= RISCV_W;
	if (prot & IOMMU_WRITE && !riscv_feature(common, PT_FEAT_RISCV_HW_AD))
		attrs->bits |= RISCV_D;
	if (!(prot & IOMMU_NOEXEC))
		attrs->bits |= RISCV_X;
	if (!riscv_feature(common, PT_FEAT_RISCV_SVPBMT))
		return 0;
	if (prot & IOMMU_MMIO)
		attrs->bits |= RISCV_PBMT_IO;
	else if (!(prot & IOMMU_CACHE))
		attrs->bits |= RISCV_PBMT_NC;
	return 0;
}
#define pt_iommu_set_prot riscv_set_prot

#endif
