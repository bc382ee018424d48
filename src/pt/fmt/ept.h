/* SPDX-License-Identifier: MIT */
/**
 * DOC: ept: Intel extended page tables
 *
 * Intel 64 and IA-32 Architectures Software Developer's Manual volume 3, "The
 * Extended Page Table Mechanism (EPT)". The EPT PTE is level 0, the PML5E level 4.
 */
#ifndef PT_FMT_EPT_H
#define PT_FMT_EPT_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   57
#define PT_MAX_OASZ_LG2   52
#define PT_MIN_TOP_LEVEL  3
#define PT_MAX_TOP_LEVEL  4

#include "../pt_item.h"

/* "Format of an EPT Page-Table Entry that Maps a 4-KByte Page" and those above */
#define EPT_R       PT_MASK(0, 0)
#define EPT_W       PT_MASK(1, 1)
#define EPT_X       PT_MASK(2, 2)
#define EPT_MEMTYPE PT_MASK(5, 3) /* in leaves */
#define EPT_IPAT    PT_MASK(6, 6) /* ignore PAT, in leaves */
#define EPT_PS      PT_MASK(7, 7) /* leaf, at levels 1 and 2 */
#define EPT_A       PT_MASK(8, 8) /* accessed */
#define EPT_D       PT_MASK(9, 9) /* dirty, in leaves */
#define EPT_XU      PT_MASK(10, 10) /* execute in user mode */
#define EPT_ADDR    PT_MASK(51, 12)

#define EPT_MEMTYPE_LG2 3

/* "EPT and Memory Typing" */
#define EPT_UC 0
#define EPT_WC 1
#define EPT_WT 4
#define EPT_WP 5
#define EPT_WB 6

#define EPT_MAX_LEAF_LEVEL 2
pt_inline unsigned int ept_num_items_lg2(const struct pt_state *pts)
{
	return 9;
}
#define pt_num_items_lg2 ept_num_items_lg2

pt_inline bool ept_can_have_leaf(const struct pt_state *pts)
{
	return pts->level <= EPT_MAX_LEAF_LEVEL;
}
#define pt_can_have_leaf ept_can_have_leaf

/* There is no present bit: an entry that allows nothing is not present. */
pt_inline enum pt_entry_type ept_load_entry_raw(struct pt_state *pts)
{
	pts->entry = pt_item_load(&pts->table[pts->index]);
	if (!(pts->entry & (EPT_R | EPT_W | EPT_X)))
		return PT_ENTRY_EMPTY;
	if (!pts->level || pts->entry & EPT_PS)
		return PT_ENTRY_LEAF;
	return PT_ENTRY_TABLE;
}
#define pt_load_entry_raw ept_load_entry_raw

pt_inline uint64_t ept_leaf_kind(const struct pt_state *pts)
{
	return EPT_R | EPT_W | EPT_X | (pts->level ? EPT_PS : 0);
}
#define pt_leaf_kind ept_leaf_kind

pt_inline phys_addr_t ept_addr(const struct pt_state *pts)
{
	return pts->entry & pts->common->address_mask;
}
#define pt_table_pa ept_addr
#define pt_entry_oa ept_addr

/* PS is the sign of the low byte, which is 0 in what is not present. */
pt_inline bool ept_plain_table(const struct pt_state *pts)
{
	return (int8_t)pts->entry > 0;
}
#define pt_plain_table ept_plain_table

pt_inline bool ept_plain_leaf(const struct pt_state *pts)
{
	return pts->entry & (EPT_R | EPT_W | EPT_X);
}
#define pt_plain_leaf ept_plain_leaf
#define pt_plain_addr ept_addr

/* Few leaves cannot be read. */
pt_inline uint64_t ept_plain_kind(const struct pt_state *pts)
{
	return pts->level ? EPT_R | EPT_W | EPT_X | EPT_PS : EPT_R;
}
#define pt_plain_kind ept_plain_kind

pt_inline uint64_t ept_plain_value(const struct pt_state *pts)
{
	return pts->level ? EPT_R | EPT_W | EPT_X : EPT_R;
}
#define pt_plain_value ept_plain_value

pt_inline uint64_t ept_leaf_value(const struct pt_state *pts, phys_addr_t oa,
				  unsigned int oasz_lg2,
				  const struct pt_attrs *attrs)
{
	return oa | attrs->bits | (pts->level ? EPT_PS : 0);
}
#define pt_leaf_value ept_leaf_value

pt_inline uint64_t ept_leaf_step(const struct pt_state *pts,
				 unsigned int oasz_lg2)
{
	return 1ULL << oasz_lg2;
}
#define pt_leaf_step ept_leaf_step

pt_inline void ept_install_leaf_entry(struct pt_state *pts, phys_addr_t oa,
				      unsigned int oasz_lg2,
				      const struct pt_attrs *attrs)
{
	pt_item_store(&pts->table[pts->index],
		      ept_leaf_value(pts, oa, oasz_lg2, attrs));
}
#define pt_install_leaf_entry ept_install_leaf_entry

/*
 * SDM volume 3, "Guidelines for Use of the INVEPT Instruction": present entries may
 * be changed and are to be invalidated afterwards; until then the old or the new
 * one is used.
 */
static inline bool ept_live(const struct pt_common *common)
{
	return true;
}
#define pt_live_table ept_live
#define pt_live_oa    ept_live

/* Permissions are ANDed on the way down; they are decided in the leaf. */
pt_inline bool ept_install_table(struct pt_state *pts, phys_addr_t table_pa)
{
	uint64_t xu = pts->common->features & BIT(PT_FEAT_EPT_MODE_BASED_EXEC)
			      ? EPT_XU
			      : 0;

	return pt_install_item(pts, table_pa | EPT_R | EPT_W | EPT_X | xu |
					    pts->mark);
}
#define pt_install_table ept_install_table

static inline void ept_attr_from_entry(const struct pt_state *pts,
				       struct pt_attrs *attrs)
{
	attrs->bits = pts->entry &
		      (EPT_R | EPT_W | EPT_X | EPT_XU | EPT_MEMTYPE | EPT_IPAT);
}
#define pt_attr_from_entry ept_attr_from_entry

/* "Accessed and Dirty Flags for EPT" */
pt_inline uint64_t ept_dirty_mask(const struct pt_state *pts)
{
	return EPT_D;
}
#define pt_dirty_mask ept_dirty_mask

pt_inline uint64_t ept_accessed_mask(const struct pt_state *pts)
{
	return EPT_A;
}
#define pt_accessed_mask ept_accessed_mask

pt_inline struct pt_run_dirty ept_dirty_how(const struct pt_state *pts)
{
	return (struct pt_run_dirty){
		.mask = EPT_D,
		.value = EPT_D,
		.settled_mask = EPT_A | EPT_D,
		.settled_value = EPT_A | EPT_D,
		.flip = EPT_D,
	};
}
#define pt_dirty_how ept_dirty_how

static inline bool ept_can_track_dirty(const struct pt_common *common)
{
	return common->features & BIT(PT_FEAT_EPT_AD);
}
#define pt_can_track_dirty ept_can_track_dirty

/* Bits that hardware ignores in all entries: 11, 56:52, 59, 62. */
static const uint8_t ept_sw_bits[] = { 11, 52, 53, 54, 55, 56, 59, 62 };

static inline int ept_max_sw_bit(const struct pt_common *common)
{
	return sizeof(ept_sw_bits) - 1;
}
#define pt_max_sw_bit ept_max_sw_bit

static inline uint64_t ept_sw_bit(const struct pt_common *common,
				  unsigned int nr)
{
	return 1ULL << ept_sw_bits[nr];
}
#define pt_sw_bit ept_sw_bit

/*
 * "EPT Misconfigurations": writable and not readable is none, so that write alone
 * gives both. IOMMU_PRIV keeps execution to supervisor mode, where that has a bit
 * of its own.
 */
static inline int ept_set_prot(const struct pt_common *common,
			       struct pt_attrs *attrs, unsigned int prot)
{
	uint64_t type =
		pt_container_of(common, const struct pt_ept, common)->ram_type;

	if (!(prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	attrs->bits = EPT_R;
	if (prot & IOMMU_WRITE)
		attrs->bits |= EPT_W;
	if (!(prot & IOMMU_NOEXEC)) {
		attrs->bits |= EPT_X;
		if (common->features & BIT(PT_FEAT_EPT_MODE_BASED_EXEC) &&
		    !(prot & IOMMU_PRIV))
			attrs->bits |= EPT_XU;
	}
	attrs->bits |= (prot & IOMMU_MMIO ? EPT_UC : type) << EPT_MEMTYPE_LG2;
	if (common->features & BIT(PT_FEAT_EPT_IGNORE_PAT))
		attrs->bits |= EPT_IPAT;
	return 0;
}
#define pt_iommu_set_prot ept_set_prot

static inline bool ept_is_memtype(unsigned int type)
{
	return type == EPT_UC || type == EPT_WC || type == EPT_WT ||
	       type == EPT_WP || type == EPT_WB;
}

static int ept_fmt_init(struct pt_iommu_ept *table,
			const struct pt_iommu_ept_cfg *cfg,
			unsigned int *top_level)
{
	struct pt_common *common = &table->pt.common;
	unsigned int vasz = PT_GRANULE_LG2SZ + 9 * (cfg->top_level + 1);

	if (cfg->top_level < PT_MIN_TOP_LEVEL ||
	    cfg->top_level > PT_MAX_TOP_LEVEL || !ept_is_memtype(cfg->ram_type))
		return -EINVAL;
	if (common->max_vasz_lg2 > vasz)
		common->max_vasz_lg2 = (uint8_t)vasz;
	table->pt.ram_type = (uint8_t)cfg->ram_type;
	common->address_mask = EPT_ADDR;
	*top_level = cfg->top_level;
	return 0;
}
#define pt_iommu_fmt_init ept_fmt_init

/* "Format of Extended-Page-Table Pointer" */
#define EPT_EPTP_WB         (uint64_t) EPT_WB
#define EPT_EPTP_LEVELS_LG2 3 /* levels less one */
#define EPT_EPTP_AD         PT_MASK(6, 6)

static void ept_fmt_hw_info(const struct pt_iommu_ept *table,
			    phys_addr_t top_pa, unsigned int top_level,
			    struct pt_iommu_ept_hw_info *info)
{
	const struct pt_common *common = &table->pt.common;

	info->eptp = top_pa | (uint64_t)top_level << EPT_EPTP_LEVELS_LG2;
	/* Memory type 0 is uncacheable. */
	if (common->features & BIT(PT_FEAT_DMA_INCOHERENT))
		return;
	info->eptp |= EPT_EPTP_WB;
	if (ept_can_track_dirty(common))
		info->eptp |= EPT_EPTP_AD;
}
#define pt_iommu_fmt_hw_info ept_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_ept_cfg ept_test_cfgs[] = {
	{ .common.features = BIT(PT_FEAT_EPT_AD),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 3,
	  .ram_type = EPT_WB },
	{ .common.features = BIT(PT_FEAT_EPT_AD) | BIT(PT_FEAT_FLUSH_RANGE) |
			     BIT(PT_FEAT_EPT_IGNORE_PAT) |
			     BIT(PT_FEAT_EPT_MODE_BASED_EXEC),
	  .common.hw_max_vasz_lg2 = 57,
	  .common.hw_max_oasz_lg2 = 46,
	  .top_level = 4,
	  .ram_type = EPT_WT },
	/* Without dirty state, and an aperture narrower than the levels */
	{ .common.hw_max_vasz_lg2 = 39,
	  .common.hw_max_oasz_lg2 = 39,
	  .top_level = 3,
	  .ram_type = EPT_WB },
};
#define pt_test_cfgs ept_test_cfgs
#endif

#endif
