/* SPDX-License-Identifier: MIT */
/**
 * DOC: x86_64: the tables of x86-64 processors
 *
 * Intel 64 and IA-32 Architectures Software Developer's Manual volume 3,
 * "4-Level Paging and 5-Level Paging"; AMD64 Architecture Programmer's Manual
 * volume 2, "Long-Mode Page Translation". Also AMD's guest (v2) tables and
 * VT-d's first stage. The PTE is level 0, the PML5E level 4.
 */
#ifndef PT_FMT_X86_64_H
#define PT_FMT_X86_64_H

#define PT_ITEM_WORD_SIZE 8
#define PT_GRANULE_LG2SZ  12
#define PT_TABLEMEM_LG2SZ 12
#define PT_MAX_VASZ_LG2   57
#define PT_MAX_OASZ_LG2   52
#define PT_MIN_TOP_LEVEL  3
#define PT_MAX_TOP_LEVEL  4

#include "../pt_item.h"
#include "amd_encrypt.h"

/* SDM volume 3, "Format of a Page-Table Entry" and those above it */
#define X86_64_P    PT_MASK(0, 0)
#define X86_64_RW   PT_MASK(1, 1)
#define X86_64_US   PT_MASK(2, 2)
#define X86_64_A    PT_MASK(5, 5)
#define X86_64_D    PT_MASK(6, 6) /* in leaves */
#define X86_64_PS   PT_MASK(7, 7) /* leaf, at levels 1 and 2 */
#define X86_64_ADDR PT_MASK(51, 12)
#define X86_64_XD   PT_MASK(63, 63)

#define X86_64_MAX_LEAF_LEVEL 2
pt_inline const struct pt_x86_64 *x86_64_table(const struct pt_common *common)
{
	return pt_container_of(common, const struct pt_x86_64, common);
}

pt_inline uint64_t x86_64_encrypt_mask(const struct pt_common *common)
{
	return x86_64_table(common)->encrypt_mask;
}

pt_inline unsigned int x86_64_num_items_lg2(const struct pt_state *pts)
{
	return 9;
}
#define pt_num_items_lg2 x86_64_num_items_lg2

pt_inline bool x86_64_can_have_leaf(const struct pt_state *pts)
{
	return pts->level <= X86_64_MAX_LEAF_LEVEL;
}
#define pt_can_have_leaf x86_64_can_have_leaf

pt_inline enum pt_entry_type x86_64_load_entry_raw(struct pt_state *pts)
{
	pts->entry = pt_item_load(&pts->table[pts->index]);
	if (!(pts->entry & X86_64_P))
		return PT_ENTRY_EMPTY;
	if (!pts->level || pts->entry & X86_64_PS)
		return PT_ENTRY_LEAF;
	return PT_ENTRY_TABLE;
}
#define pt_load_entry_raw x86_64_load_entry_raw

pt_inline uint64_t x86_64_leaf_kind(const struct pt_state *pts)
{
	return X86_64_P | (pts->level ? X86_64_PS : 0);
}
#define pt_leaf_kind x86_64_leaf_kind

/* Bit 12 of a large leaf is PAT, which stays 0 here. */
pt_inline phys_addr_t x86_64_addr(const struct pt_state *pts)
{
	return pts->entry & pts->common->address_mask;
}
#define pt_table_pa x86_64_addr
#define pt_entry_oa x86_64_addr

/* PS is the sign of the low byte, which is 0 in what is not present. */
pt_inline bool x86_64_plain_table(const struct pt_state *pts)
{
	return (int8_t)pts->entry > 0;
}
#define pt_plain_table x86_64_plain_table

pt_inline bool x86_64_plain_leaf(const struct pt_state *pts)
{
	return pts->entry & X86_64_P;
}
#define pt_plain_leaf x86_64_plain_leaf
#define pt_plain_addr x86_64_addr

pt_inline uint64_t x86_64_plain_kind(const struct pt_state *pts)
{
	return pts->level ? X86_64_P | X86_64_PS : X86_64_P;
}
#define pt_plain_kind x86_64_plain_kind

pt_inline uint64_t x86_64_plain_value(const struct pt_state *pts)
{
	return X86_64_P;
}
#define pt_plain_value x86_64_plain_value

pt_inline uint64_t x86_64_leaf_value(const struct pt_state *pts, phys_addr_t oa,
				     unsigned int oasz_lg2,
				     const struct pt_attrs *attrs)
{
	return oa | attrs->bits | (pts->level ? X86_64_PS : 0);
}
#define pt_leaf_value x86_64_leaf_value

pt_inline uint64_t x86_64_leaf_step(const struct pt_state *pts,
				    unsigned int oasz_lg2)
{
	return 1ULL << oasz_lg2;
}
#define pt_leaf_step x86_64_leaf_step

pt_inline void x86_64_install_leaf_entry(struct pt_state *pts, phys_addr_t oa,
					 unsigned int oasz_lg2,
					 const struct pt_attrs *attrs)
{
	pt_item_store(&pts->table[pts->index],
		      x86_64_leaf_value(pts, oa, oasz_lg2, attrs));
}
#define pt_install_leaf_entry x86_64_install_leaf_entry

/*
 * SDM volume 3, "Recommended Invalidation" and "Details of TLB Use": present
 * entries may be changed and are to be invalidated afterwards; until then the old
 * or the new one is used, a page's or a larger one's. VT-d, "Invalidation of
 * Translation Caches", and AMD's guest tables have the same rules.
 */
static inline bool x86_64_live(const struct pt_common *common)
{
	return true;
}
#define pt_live_table x86_64_live
#define pt_live_oa    x86_64_live

/*
 * DMA is a user access: U/S is set all the way down. Permissions are decided in
 * the leaf.
 */
pt_inline bool x86_64_install_table(struct pt_state *pts, phys_addr_t table_pa)
{
	return pt_install_item(
		pts, table_pa | X86_64_P | X86_64_RW | X86_64_US | X86_64_A |
			     x86_64_encrypt_mask(pts->common) | pts->mark);
}
#define pt_install_table x86_64_install_table

/* D belongs to the attributes of a leaf that was made with it. */
static inline void x86_64_attr_from_entry(const struct pt_state *pts,
					  struct pt_attrs *attrs)
{
	attrs->bits = pts->entry &
		      (X86_64_P | X86_64_RW | X86_64_US | X86_64_A | X86_64_D |
		       X86_64_XD | x86_64_encrypt_mask(pts->common));
}
#define pt_attr_from_entry x86_64_attr_from_entry

pt_inline uint64_t x86_64_dirty_mask(const struct pt_state *pts)
{
	return X86_64_D;
}
#define pt_dirty_mask x86_64_dirty_mask

/*
 * Of VT-d's extended access flag (PASID entry, EAFE) this knows nothing: a driver that
 * turns it on may lose one with the dirty bit.
 */
pt_inline struct pt_run_dirty x86_64_dirty_how(const struct pt_state *pts)
{
	return (struct pt_run_dirty){
		.mask = X86_64_D,
		.value = X86_64_D,
		.settled_mask = X86_64_P | X86_64_A | X86_64_D,
		.settled_value = X86_64_P | X86_64_A | X86_64_D,
		.flip = X86_64_D,
	};
}
#define pt_dirty_how x86_64_dirty_how

/*
 * Bits that hardware ignores in all entries: 9, 11, 58:52. 62:59 are protection
 * keys for CPUs, and 10 is taken by VT-d's extended access flag.
 */
static inline int x86_64_max_sw_bit(const struct pt_common *common)
{
	return 8;
}
#define pt_max_sw_bit x86_64_max_sw_bit

static inline uint64_t x86_64_sw_bit(const struct pt_common *common,
				     unsigned int nr)
{
	return nr < 2 ? PT_MASK(9, 9) << 2 * nr : PT_MASK(52, 52) << (nr - 2);
}
#define pt_sw_bit x86_64_sw_bit

/*
 * Reading cannot be forbidden, so that write alone gives both. A and D are set
 * in advance: pinned memory needs no update by hardware. A driver that tracks
 * dirty pages begins with read_and_clear_dirty. XD is reserved unless the
 * hardware has been told of it (AMD: EFR.NXSup; VT-d: NXE): the driver passes
 * IOMMU_NOEXEC on only then.
 */
static inline int x86_64_set_prot(const struct pt_common *common,
				  struct pt_attrs *attrs, unsigned int prot)
{
	if (!(prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	attrs->bits = X86_64_P | X86_64_A;
	if (!(prot & IOMMU_PRIV))
		attrs->bits |= X86_64_US;
	if (prot & IOMMU_WRITE)
		attrs->bits |= X86_64_RW | X86_64_D;
	if (prot & IOMMU_NOEXEC)
		attrs->bits |= X86_64_XD;
	/* RAM is encrypted, device memory never is. */
	if (!(prot & IOMMU_MMIO))
		attrs->bits |= x86_64_encrypt_mask(common);
	return 0;
}
#define pt_iommu_set_prot x86_64_set_prot

/*
 * The sign is the highest bit that the levels index: 47 or 56. Without sign
 * extension that bit is never set, as AMD demands for requests without PASID.
 */
static int x86_64_fmt_init(struct pt_iommu_x86_64 *table,
			   const struct pt_iommu_x86_64_cfg *cfg,
			   unsigned int *top_level)
{
	struct pt_common *common = &table->pt.common;
	unsigned int vasz = PT_GRANULE_LG2SZ + 9 * (cfg->top_level + 1);

	int ret = 0;

	table->pt.encrypt_mask = 0;
	if (cfg->top_level < PT_MIN_TOP_LEVEL ||
	    cfg->top_level > PT_MAX_TOP_LEVEL)
		return -EINVAL;
	if (!(common->features & BIT(PT_FEAT_SIGN_EXTEND)))
		vasz--;
	if (common->max_vasz_lg2 > vasz)
		common->max_vasz_lg2 = (uint8_t)vasz;
	*top_level = cfg->top_level;
	if (common->features & BIT(PT_FEAT_X86_64_AMD_ENCRYPT_TABLES))
		ret = amd_encrypt_init(common, cfg->encrypt_bit,
				       &table->pt.encrypt_mask);
	common->address_mask = X86_64_ADDR & ~table->pt.encrypt_mask;
	return ret;
}
#define pt_iommu_fmt_init x86_64_fmt_init

static void x86_64_fmt_hw_info(const struct pt_iommu_x86_64 *table,
			       phys_addr_t top_pa, unsigned int top_level,
			       struct pt_iommu_x86_64_hw_info *info)
{
	info->gcr3_pt = top_pa | table->pt.encrypt_mask;
	info->levels = (uint8_t)(top_level + 1);
}
#define pt_iommu_fmt_hw_info x86_64_fmt_hw_info

#ifdef PT_TEST
static const struct pt_iommu_x86_64_cfg x86_64_test_cfgs[] = {
	{ .common.features = BIT(PT_FEAT_SIGN_EXTEND),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 3 },
	{ .common.features = BIT(PT_FEAT_SIGN_EXTEND) |
			     BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 57,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 4 },
	/* Lower half only, as AMD's requests without PASID */
	{ .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 3 },
	{ .common.features = BIT(PT_FEAT_FLUSH_RANGE),
	  .common.hw_max_vasz_lg2 = 57,
	  .common.hw_max_oasz_lg2 = 48,
	  .top_level = 4 },
	/* Apertures narrower than the levels */
	{ .common.hw_max_vasz_lg2 = 39,
	  .common.hw_max_oasz_lg2 = 39,
	  .top_level = 3 },
	{ .common.features = BIT(PT_FEAT_SIGN_EXTEND),
	  .common.hw_max_vasz_lg2 = 45,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 3 },
	{ .common.features = BIT(PT_FEAT_SIGN_EXTEND) |
			     BIT(PT_FEAT_X86_64_AMD_ENCRYPT_TABLES),
	  .common.hw_max_vasz_lg2 = 48,
	  .common.hw_max_oasz_lg2 = 52,
	  .top_level = 3,
	  .encrypt_bit = 47 },
};
#define pt_test_cfgs x86_64_test_cfgs
#endif

#endif
