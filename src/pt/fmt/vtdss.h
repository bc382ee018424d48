/* SPDX-License-Identifier: MIT */
/**
 * DOC: vtdss: Intel VT-d second-stage tables
 *
 * Intel Virtualization Technology for Directed I/O, Architecture Specification,
 * "Second-Stage Translation" and "Second-Stage Paging Entries". SS-PTE is level
 * 0, SS-PML5E level 4.
 */
#ifndef PT_FMT_VTDSS_H
#define PT_FMT_VTDSS_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   57
#define PT_MAX_OASZ_LG2   52
#define PT_MIN_TOP_LEVEL  2
#define PT_MAX_TOP_LEVEL  4

#include "../pt_item.h"

/* "Second-Stage Paging Entries" */
#define VTDSS_R    PT_MASK(0, 0)
#define VTDSS_W    PT_MASK(1, 1)
#define VTDSS_PS   PT_MASK(7, 7) /* leaf, at levels 1 and 2 */
#define VTDSS_A    PT_MASK(8, 8) /* accessed */
#define VTDSS_D    PT_MASK(9, 9) /* dirty, in leaves */
#define VTDSS_SNP  PT_MASK(11, 11) /* snoop, in leaves */
#define VTDSS_ADDR PT_MASK(51, 12)

#define VTDSS_MAX_LEAF_LEVEL 2
pt_inline unsigned int vtdss_num_items_lg2(const struct pt_state *pts)
{
	return 9;
}
#define pt_num_items_lg2 vtdss_num_items_lg2

pt_inline bool vtdss_can_have_leaf(const struct pt_state *pts)
{
	return pts->level <= VTDSS_MAX_LEAF_LEVEL;
}
#define pt_can_have_leaf vtdss_can_have_leaf

/* There is no present bit: an entry that allows nothing is not present. */
pt_inline enum pt_entry_type vtdss_load_entry_raw(struct pt_state *pts)
{
	pts->entry = pt_item_load(&pts->table[pts->index]);
	if (!(pts->entry & (VTDSS_R | VTDSS_W)))
		return PT_ENTRY_EMPTY;
	if (!pts->level || pts->entry & VTDSS_PS)
		return PT_ENTRY_LEAF;
	return PT_ENTRY_TABLE;
}
#define pt_load_entry_raw vtdss_load_entry_raw

pt_inline uint64_t vtdss_leaf_kind(const struct pt_state *pts)
{
	return VTDSS_R | VTDSS_W | (pts->level ? VTDSS_PS : 0);
}
#define pt_leaf_kind vtdss_leaf_kind

pt_inline phys_addr_t vtdss_addr(const struct pt_state *pts)
{
	return pts->entry & pts->common->address_mask;
}
#define pt_table_pa vtdss_addr
#define pt_entry_oa vtdss_addr

/* PS is the sign of the low byte, which is 0 in what is not present. */
pt_inline bool vtdss_plain_table(const struct pt_state *pts)
{
	return (int8_t)pts->entry > 0;
}
#define pt_plain_table vtdss_plain_table

pt_inline bool vtdss_plain_leaf(const struct pt_state *pts)
{
	return pts->entry & (VTDSS_R | VTDSS_W);
}
#define pt_plain_leaf vtdss_plain_leaf
#define pt_plain_addr vtdss_addr

/* Few leaves can be written and not read. */
pt_inline uint64_t vtdss_plain_kind(const struct pt_state *pts)
{
	return pts->level ? VTDSS_R | VTDSS_W | VTDSS_PS : VTDSS_R;
}
#define pt_plain_kind vtdss_plain_kind

pt_inline uint64_t vtdss_plain_value(const struct pt_state *pts)
{
	return pts->level ? VTDSS_R | VTDSS_W : VTDSS_R;
}
#define pt_plain_value vtdss_plain_value

pt_inline uint64_t vtdss_leaf_value(const struct pt_state *pts, phys_addr_t oa,
				    unsigned int oasz_lg2,
				    const struct pt_attrs *attrs)
{
	return oa | attrs->bits | (pts->level ? VTDSS_PS : 0);
}
#define pt_leaf_value vtdss_leaf_value

pt_inline uint64_t vtdss_leaf_step(const struct pt_state *pts,
				   unsigned int oasz_lg2)
{
	return 1ULL << oasz_lg2;
}
#define pt_leaf_step vtdss_leaf_step

pt_inline void vtdss_install_leaf_entry(struct pt_state *pts, phys_addr_t oa,
					unsigned int oasz_lg2,
					const struct pt_attrs *attrs)
{
	pt_item_store(&pts->table[pts->index],
		      vtdss_leaf_value(pts, oa, oasz_lg2, attrs));
}
#define pt_install_leaf_entry vtdss_install_leaf_entry

/*
 * VT-d, "Invalidation of Translation Caches": present entries may be changed and
 * are to be invalidated afterwards; until then the old or the new one is used.
 */
static inline bool vtdss_live(const struct pt_common *common)
{
	return true;
}
#define pt_live_table vtdss_live
#define pt_live_oa    vtdss_live

/* Permissions are ANDed on the way down; they are decided in the leaf. */
pt_inline bool vtdss_install_table(struct pt_state *pts, phys_addr_t table_pa)
{
	return pt_install_item(pts, table_pa | VTDSS_R | VTDSS_W | pts->mark);
}
#define pt_install_table vtdss_install_table

static inline void vtdss_attr_from_entry(const struct pt_state *pts,
					 struct pt_attrs *attrs)
{
	attrs->bits = pts->entry & (VTDSS_R | VTDSS_W | VTDSS_SNP);
}
#define pt_attr_from_entry vtdss_attr_from_entry

pt_inline uint64_t vtdss_dirty_mask(const struct pt_state *pts)
{
	return VTDSS_D;
}
#define pt_dirty_mask vtdss_dirty_mask

/* "Accessed and Dirty Flags": SSADE is for both. */
pt_inline uint64_t vtdss_accessed_mask(const struct pt_state *pts)
{
	return VTDSS_A;
}
#define pt_accessed_mask vtdss_accessed_mask

pt_inline struct pt_run_dirty vtdss_dirty_how(const struct pt_state *pts)
{
	return (struct pt_run_dirty){
		.mask = VTDSS_D,
		.value = VTDSS_D,
		.settled_mask = VTDSS_A | VTDSS_D,
		.settled_value = VTDSS_A | VTDSS_D,
		.flip = VTDSS_D,
	};
}
#define pt_dirty_how vtdss_dirty_how

/* Bits that hardware ignores in all entries: 10, 60:52, 63. */
static inline int vtdss_max_sw_bit(const struct pt_common *common)
{
	return 10;
}
#define pt_max_sw_bit vtdss_max_sw_bit

static inline uint64_t vtdss_sw_bit(const struct pt_common *common,
				    unsigned int nr)
{
	if (nr == 0)
		return PT_MASK(10, 10);
	return nr == 10 ? PT_MASK(63, 63) : PT_MASK(52, 52) << (nr - 1);
}
#define pt_sw_bit vtdss_sw_bit

static inline int vtdss_set_prot(const struct pt_common *common,
				 struct pt_attrs *attrs, unsigned int prot)
{
	attrs->bits = 0;
	if (prot & IOMMU_READ)
		attrs->bits |= VTDSS_R;
	if (prot & IOMMU_WRITE)
		attrs->bits |= VTDSS_W;
	if (!attrs->bits)
		return -EINVAL;
	if (common->features & BIT(PT_FEAT_VTDSS_FORCE_WRITEABLE) &&
	    !(prot & IOMMU_WRITE))
		return -EOPNOTSUPP;
	if (common->features & BIT(PT_FEAT_VTDSS_FORCE_COHERENCE))
		attrs->bits |= VTDSS_SNP;
	return 0;
}
#define pt_iommu_set_prot vtdss_set_prot

static int vtdss_fmt_init(struct pt_iommu_vtdss *table,
			  const struct pt_iommu_vtdss_cfg *cfg,
			  unsigned int *top_level)
{
	struct pt_common *common = &table->pt.common;
	unsigned int vasz = PT_GRANULE_LG2SZ + 9 * (cfg->top_level + 1);

	if (cfg->top_level < PT_MIN_TOP_LEVEL ||
	    cfg->top_level > PT_MAX_TOP_LEVEL)
		return -EINVAL;
	if (common->max_vasz_lg2 > vasz)
		common->max_vasz_lg2 = (uint8_t)vasz;
	common->address_mask = VTDSS_ADDR;
	*top_level = cfg->top_level;
	return 0;
}
#define pt_iommu_fmt_init vtdss_fmt_init

/*
 * "Context Entry" (AW, SSPTPTR) and "Scalable-Mode PASID Table Entry": AW is 1
 * for 3 levels.
 */
static void vtdss_fmt_hw_info(const struct pt_iommu_vtdss *table,
			      phys_addr_t top_pa, unsigned int top_level,
			      struct pt_iommu_vtdss_hw_info *info)
{
	info->ssptptr = top_pa;
	info->aw = (uint8_t)(top_level - 1);
}
#define pt_iommu_fmt_hw_info vtdss_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_vtdss_cfg vtdss_test_cfgs[] = {
	{ .common.hw_max_vasz_lg2 = 39,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 2 },
	{ .common.features = BIT(PT_FEAT_VTDSS_FORCE_COHERENCE) |
			     BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 46,
	  .top_level = 3 },
	{ .common.hw_max_vasz_lg2 = 57,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 4 },
	{ .common.features = BIT(PT_FEAT_VTDSS_FORCE_WRITEABLE),
	  .common.hw_max_vasz_lg2 = 57,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 4 },
	/* Hardware that walks more levels than the VA needs */
	{ .common.hw_max_vasz_lg2 = 39,
	  .common.hw_max_oasz_lg2 = 39,
	  .top_level = 3 },
	{ .common.hw_max_vasz_lg2 = 42,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 4 },
};
#define pt_test_cfgs vtdss_test_cfgs
#endif

#endif
