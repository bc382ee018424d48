/* SPDX-License-Identifier: MIT */
/**
 * DOC: v7s: Arm's short descriptors
 *
 * Arm Architecture Reference Manual, DDI 0406 (ARMv7-A), B3.5 "Short-descriptor
 * translation table format". Entries of 4 bytes; a first-level table of 16 KiB,
 * level 1 here, with sections of 1 MiB and supersections of 16; second-level tables
 * of 1 KiB with pages of 4 and 64 KiB. VA and OA of 32 bits.
 *
 * The access flag is enabled (SCTLR.AFE = 1): AP[0] is it.
 */
#ifndef PT_FMT_V7S_H
#define PT_FMT_V7S_H

#define PT_ITEM_WORD_SIZE 4
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 10
#define PT_MAX_VASZ_LG2   32
#define PT_MAX_OASZ_LG2   32
#define PT_MAX_TOP_LEVEL  1

#include "../pt_item.h"

#define V7S_MASK(hi, lo) ((uint32_t)PT_MASK(hi, lo))

/* "Short-descriptor translation table first-level descriptor formats" */
#define V7S_TYPE1          V7S_MASK(1, 0)
#define V7S_TABLE          1U
#define V7S_SECTION        2U
#define V7S_SUPERSECTION   V7S_MASK(18, 18)
#define V7S_TABLE_ADDR     V7S_MASK(31, 10)
#define V7S_SECTION_ADDR   V7S_MASK(31, 20)
#define V7S_SUPERSECT_ADDR V7S_MASK(31, 24)

/* "... second-level descriptor formats" */
#define V7S_TYPE0      V7S_MASK(1, 0)
#define V7S_LARGE      1U
#define V7S_SMALL      2U /* bit 0 is XN */
#define V7S_SMALL_ADDR V7S_MASK(31, 12)
#define V7S_LARGE_ADDR V7S_MASK(31, 16)

/*
 * The attributes, as they stand in a section. The other leaves have the same from
 * AP on in the same order, six bits lower, but XN, and TEX of large pages.
 */
#define V7S_CB       V7S_MASK(3, 2) /* cacheable and bufferable; in place */
#define V7S_B        V7S_MASK(2, 2)
#define V7S_XN       V7S_MASK(4, 4)
#define V7S_AP_AF    V7S_MASK(10, 10) /* AP[0]: access flag */
#define V7S_AP_USER  V7S_MASK(11, 11) /* AP[1]: unprivileged access */
#define V7S_TEX      V7S_MASK(14, 12)
#define V7S_TEX_1    V7S_MASK(12, 12)
#define V7S_AP_RO    V7S_MASK(15, 15) /* AP[2]: read-only */
#define V7S_S        V7S_MASK(16, 16) /* shareable */
#define V7S_NG       V7S_MASK(17, 17) /* not global: tagged by ASID */
#define V7S_BLOCK    V7S_MASK(17, 10) /* what moves together */
#define V7S_SHIFT    6 /* by that much */
#define V7S_SMALL_XN V7S_MASK(0, 0)
#define V7S_LARGE_XN V7S_MASK(15, 15)

#define V7S_CONTIG_LG2 4 /* 16 equal items, of large pages and supersections */

pt_inline unsigned int v7s_num_items_lg2(const struct pt_state *pts)
{
	return pts->level ? 12 : 8;
}
#define pt_num_items_lg2 v7s_num_items_lg2

static inline unsigned int v7s_top_memsize_lg2(const struct pt_common *common,
					       unsigned int level)
{
	return 14;
}
#define pt_top_memsize_lg2 v7s_top_memsize_lg2

pt_inline bool v7s_can_have_leaf(const struct pt_state *pts)
{
	return true;
}
#define pt_can_have_leaf v7s_can_have_leaf

pt_inline unsigned int v7s_item_lg2sz(const struct pt_state *pts)
{
	return pts->level ? 20 : 12;
}
#define pt_table_item_lg2sz v7s_item_lg2sz

static inline uint64_t v7s_possible_sizes(const struct pt_state *pts)
{
	uint64_t item = 1ULL << v7s_item_lg2sz(pts);

	return item | item << V7S_CONTIG_LG2;
}
#define pt_possible_sizes v7s_possible_sizes

pt_inline enum pt_entry_type v7s_load_entry_raw(struct pt_state *pts)
{
	pts->entry = pt_item_load(&pts->table[pts->index]);
	if (!(pts->entry & V7S_TYPE1))
		return PT_ENTRY_EMPTY;
	if (pts->level && (pts->entry & V7S_TYPE1) == V7S_TABLE)
		return PT_ENTRY_TABLE;
	return PT_ENTRY_LEAF;
}
#define pt_load_entry_raw v7s_load_entry_raw

pt_inline uint32_t v7s_leaf_kind(const struct pt_state *pts)
{
	return V7S_TYPE1 | (pts->level ? V7S_SUPERSECTION : 0);
}
#define pt_leaf_kind v7s_leaf_kind

pt_inline phys_addr_t v7s_table_pa(const struct pt_state *pts)
{
	return pts->entry & V7S_TABLE_ADDR;
}
#define pt_table_pa v7s_table_pa

/* Is the leaf one of 16 equal items? */
pt_inline bool v7s_is_contig(const struct pt_state *pts)
{
	if (pts->level)
		return pts->entry & V7S_SUPERSECTION;
	return (pts->entry & V7S_TYPE0) == V7S_LARGE;
}

pt_inline unsigned int v7s_num_contig_lg2(const struct pt_state *pts)
{
	return v7s_is_contig(pts) ? V7S_CONTIG_LG2 : 0;
}
#define pt_entry_num_contig_lg2 v7s_num_contig_lg2

pt_inline phys_addr_t v7s_entry_oa(const struct pt_state *pts)
{
	if (pts->level)
		return pts->entry & (v7s_is_contig(pts) ? V7S_SUPERSECT_ADDR
							: V7S_SECTION_ADDR);
	return pts->entry &
	       (v7s_is_contig(pts) ? V7S_LARGE_ADDR : V7S_SMALL_ADDR);
}
#define pt_entry_oa v7s_entry_oa

pt_inline uint32_t v7s_small_value(uint32_t bits)
{
	return V7S_SMALL | (bits & V7S_CB) | (bits & V7S_BLOCK) >> V7S_SHIFT |
	       (bits & V7S_XN ? V7S_SMALL_XN : 0);
}

pt_inline uint32_t v7s_large_value(uint32_t bits)
{
	return V7S_LARGE | (bits & V7S_CB) | (bits & V7S_TEX) |
	       (bits & V7S_BLOCK & ~V7S_TEX) >> V7S_SHIFT |
	       (bits & V7S_XN ? V7S_LARGE_XN : 0);
}

pt_inline uint32_t v7s_leaf_value(const struct pt_state *pts, phys_addr_t oa,
				  unsigned int oasz_lg2,
				  const struct pt_attrs *attrs)
{
	bool contig = oasz_lg2 != v7s_item_lg2sz(pts);
	uint32_t bits = attrs->bits;

	if (pts->level)
		bits |= V7S_SECTION | (contig ? V7S_SUPERSECTION : 0);
	else
		bits = contig ? v7s_large_value(bits) : v7s_small_value(bits);
	return (uint32_t)oa | bits;
}
#define pt_leaf_value v7s_leaf_value

pt_inline uint32_t v7s_leaf_step(const struct pt_state *pts,
				 unsigned int oasz_lg2)
{
	return 1U << oasz_lg2;
}
#define pt_leaf_step v7s_leaf_step

pt_inline void v7s_install_leaf_entry(struct pt_state *pts, phys_addr_t oa,
				      unsigned int oasz_lg2,
				      const struct pt_attrs *attrs)
{
	uint32_t value = v7s_leaf_value(pts, oa, oasz_lg2, attrs);
	unsigned int items = 1U << (oasz_lg2 - v7s_item_lg2sz(pts));
	uint32_t *item = &pts->table[pts->index];

	for (; items; items--, item++)
		pt_item_store(item, value);
}
#define pt_install_leaf_entry v7s_install_leaf_entry

/* Domain 0, secure as the walk. */
pt_inline bool v7s_install_table(struct pt_state *pts, phys_addr_t table_pa)
{
	return pt_install_item(pts, (uint32_t)table_pa | V7S_TABLE);
}
#define pt_install_table v7s_install_table

static inline void v7s_attr_from_entry(const struct pt_state *pts,
				       struct pt_attrs *attrs)
{
	uint32_t entry = pts->entry;

	if (pts->level) {
		attrs->bits = entry & (V7S_BLOCK | V7S_CB | V7S_XN);
	} else if (v7s_is_contig(pts)) {
		attrs->bits = (entry & (V7S_CB | V7S_TEX)) |
			      (entry << V7S_SHIFT & V7S_BLOCK & ~V7S_TEX) |
			      (entry & V7S_LARGE_XN ? V7S_XN : 0);
	} else {
		attrs->bits = (entry & V7S_CB) |
			      (entry << V7S_SHIFT & V7S_BLOCK) |
			      (entry & V7S_SMALL_XN ? V7S_XN : 0);
	}
}
#define pt_attr_from_entry v7s_attr_from_entry

/*
 * DDI 0406, B3.10.1 "General TLB maintenance requirements": permissions may change
 * in place. Sizes, OAs and memory types have to be broken before they are made.
 */
#define V7S_PERMISSIONS (V7S_XN | V7S_AP_USER | V7S_AP_RO)

static inline bool v7s_live_attrs(const struct pt_state *pts,
				  const struct pt_attrs *attrs)
{
	struct pt_attrs old;

	v7s_attr_from_entry(pts, &old);
	return !((old.bits ^ attrs->bits) & ~V7S_PERMISSIONS);
}
#define pt_live_attrs v7s_live_attrs

/*
 * "Access permissions": there is no way to forbid reading, so that write alone
 * gives both. "Short-descriptor format memory region attributes, without TEX
 * remap": TEX, C and B.
 */
static inline int v7s_set_prot(const struct pt_common *common,
			       struct pt_attrs *attrs, unsigned int prot)
{
	if (!(prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	attrs->bits = V7S_AP_AF | V7S_S | V7S_NG;
	if (!(prot & IOMMU_WRITE))
		attrs->bits |= V7S_AP_RO;
	if (!(prot & IOMMU_PRIV))
		attrs->bits |= V7S_AP_USER;
	if (prot & IOMMU_NOEXEC)
		attrs->bits |= V7S_XN;
	if (prot & IOMMU_MMIO)
		attrs->bits |= V7S_B; /* shareable device */
	else if (prot & IOMMU_CACHE)
		attrs->bits |= V7S_TEX_1 | V7S_CB; /* write-back, allocating */
	else
		attrs->bits |= V7S_TEX_1; /* normal, not cacheable */
	return 0;
}
#define pt_iommu_set_prot v7s_set_prot

static int v7s_fmt_init(struct pt_iommu_v7s *table,
			const struct pt_iommu_v7s_cfg *cfg,
			unsigned int *top_level)
{
	*top_level = PT_MAX_TOP_LEVEL;
	return 0;
}
#define pt_iommu_fmt_init v7s_fmt_init

/* "TTBR0, Translation Table Base Register 0", with the multiprocessing extensions */
#define V7S_TTBR_S       V7S_MASK(1, 1) /* shareable */
#define V7S_TTBR_RGN_WB  V7S_MASK(3, 3) /* outer write-back, write-allocate */
#define V7S_TTBR_NOS     V7S_MASK(5, 5) /* inner shareable */
#define V7S_TTBR_IRGN_WB V7S_MASK(6, 6) /* inner write-back, write-allocate */

static void v7s_fmt_hw_info(const struct pt_iommu_v7s *table,
			    phys_addr_t top_pa, unsigned int top_level,
			    struct pt_iommu_v7s_hw_info *info)
{
	info->ttbr = (uint32_t)top_pa;
	/* Walks that do not look into caches are not cacheable: all zero. */
	if (!(table->pt.common.features & BIT(PT_FEAT_DMA_INCOHERENT)))
		info->ttbr |= V7S_TTBR_S | V7S_TTBR_RGN_WB | V7S_TTBR_NOS |
			      V7S_TTBR_IRGN_WB;
	info->ttbcr = 0;
}
#define pt_iommu_fmt_hw_info v7s_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_v7s_cfg v7s_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 32, .common.hw_max_oasz_lg2 = 32 },
	/* An aperture narrower than the levels */
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 28,
	  .common.hw_max_oasz_lg2 = 32 },
};
#define pt_test_cfgs v7s_test_cfgs
#endif

#endif
