/* SPDX-License-Identifier: MIT */
/**
 * DOC: Apple's Device Address Resolution Table
 *
 * There is no public specification; these are facts collected by watching hardware.
 * 16 KiB pages and tables, leaves at level 0 only. Permissions are negative: a set
 * bit forbids. Shared by dart and dart2, which differ in DART_NO_READ,
 * DART_NO_WRITE, DART_LEAF, DART_TYPES and dart_addr().
 */
#ifndef PT_FMT_DART_BITS_H
#define PT_FMT_DART_BITS_H

#include "../pt_item.h"

#define DART_VALID PT_MASK(0, 0)

/* The sub-page window: the whole page, from unit 0 to unit 0xfff */
#define DART_SUBPAGE_END PT_MASK(51, 40)

#define DART_ITEMS_LG2 11

pt_inline unsigned int dart_num_items_lg2(const struct pt_state *pts)
{
	return DART_ITEMS_LG2;
}
#define pt_num_items_lg2 dart_num_items_lg2

pt_inline bool dart_can_have_leaf(const struct pt_state *pts)
{
	return !pts->level;
}
#define pt_can_have_leaf dart_can_have_leaf

pt_inline enum pt_entry_type dart_load_entry_raw(struct pt_state *pts)
{
	pts->entry = pt_item_load(&pts->table[pts->index]);
	if (!(pts->entry & DART_VALID))
		return PT_ENTRY_EMPTY;
	return pts->level ? PT_ENTRY_TABLE : PT_ENTRY_LEAF;
}
#define pt_load_entry_raw dart_load_entry_raw

pt_inline uint64_t dart_leaf_kind(const struct pt_state *pts)
{
	return DART_VALID;
}
#define pt_leaf_kind dart_leaf_kind

pt_inline phys_addr_t dart_entry_pa(const struct pt_state *pts)
{
	return dart_pa(pts->entry);
}
#define pt_table_pa dart_entry_pa
#define pt_entry_oa dart_entry_pa

pt_inline uint64_t dart_leaf_value(const struct pt_state *pts, phys_addr_t oa,
				   unsigned int oasz_lg2,
				   const struct pt_attrs *attrs)
{
	return dart_addr(oa) | attrs->bits;
}
#define pt_leaf_value dart_leaf_value

pt_inline uint64_t dart_leaf_step(const struct pt_state *pts,
				  unsigned int oasz_lg2)
{
	return dart_addr(1ULL << oasz_lg2);
}
#define pt_leaf_step dart_leaf_step

pt_inline void dart_install_leaf_entry(struct pt_state *pts, phys_addr_t oa,
				       unsigned int oasz_lg2,
				       const struct pt_attrs *attrs)
{
	pt_item_store(&pts->table[pts->index],
		      dart_leaf_value(pts, oa, oasz_lg2, attrs));
}
#define pt_install_leaf_entry dart_install_leaf_entry

pt_inline bool dart_install_table(struct pt_state *pts, phys_addr_t table_pa)
{
	return pt_install_item(pts, dart_addr(table_pa) | DART_VALID);
}
#define pt_install_table dart_install_table

static inline void dart_attr_from_entry(const struct pt_state *pts,
					struct pt_attrs *attrs)
{
	attrs->bits = pts->entry & (DART_LEAF | DART_NO_READ | DART_NO_WRITE |
				    DART_NO_CACHE);
}
#define pt_attr_from_entry dart_attr_from_entry

/*
 * What hardware makes of other changes to an entry that it uses is not known: it is
 * taken to need an entry that is not valid, and a flush, in between.
 */
static inline bool dart_live_attrs(const struct pt_state *pts,
				   const struct pt_attrs *attrs)
{
	struct pt_attrs old;

	dart_attr_from_entry(pts, &old);
	return !((old.bits ^ attrs->bits) & ~(DART_NO_READ | DART_NO_WRITE));
}
#define pt_live_attrs dart_live_attrs

/* Whether instructions may be fetched cannot be said. */
static inline int dart_set_prot(const struct pt_common *common,
				struct pt_attrs *attrs, unsigned int prot)
{
	if (!(prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	attrs->bits = DART_LEAF;
	if (!(prot & IOMMU_READ))
		attrs->bits |= DART_NO_READ;
	if (!(prot & IOMMU_WRITE))
		attrs->bits |= DART_NO_WRITE;
	if (prot & IOMMU_MMIO || !(prot & IOMMU_CACHE))
		attrs->bits |= DART_NO_CACHE;
	return 0;
}
#define pt_iommu_set_prot dart_set_prot

#endif
