/* SPDX-License-Identifier: MIT */
/**
 * DOC: Lookups: where one address goes
 *
 * What is usual is written out straight, from the top down to a page: level by level
 * an item is loaded, is seen to be a plain table, as the format says in
 * pt_plain_table(), and is gone into. All that is unusual, be it a hole, a large leaf
 * or an encoded size, is left to one loop that knows everything.
 *
 * How many lookups a processor works on at once is limited by how many registers they
 * write. That is why tests are made in flags, one bit or two at a time, and masks come
 * from memory.
 */
#ifndef PT_IOMMU_LOOKUP_H
#define PT_IOMMU_LOOKUP_H

#include "iommu_pt.h"

/* Where the leaf translates @va to. */
pt_inline phys_addr_t pt_lookup_oa(const struct pt_state *pts, dma_addr_t va)
{
	return pt_entry_oa(pts) | va_lg2_mod(va, pt_entry_lg2sz(pts));
}

/* Any lookup, from @entry on, which was loaded at @level. */
static __attribute__((noinline)) phys_addr_t
pt_lookup_rest(struct iommu_domain *domain, dma_addr_t va, pt_item_t entry,
	       unsigned int level)
{
	struct pt_state pts = {
		.common = &pt_from_domain(domain)->pt.common,
		.table = &entry,
		.level = level,
	};
	enum pt_entry_type type;

	while ((type = pt_load_entry_raw(&pts)) == PT_ENTRY_TABLE) {
		pts.table = pt_table_ptr(&pts);
		pts.level--;
		pts.index = pt_va_index(&pts, va);
	}
	return type == PT_ENTRY_LEAF ? pt_lookup_oa(&pts, va) : PHYS_ADDR_MAX;
}

#define PT_HAS_SIGN    (PT_SUPPORTED_FEATURES & BIT(PT_FEAT_SIGN_EXTEND))
#define PT_HAS_DYNAMIC (PT_SUPPORTED_FEATURES & BIT(PT_FEAT_DYNAMIC_TOP))

/*
 * Is @va, of a plain table, in its range? Where pt_lookup_beyond() is asked, too, that
 * is enough: nothing is mapped between the range's end and the top table's.
 */
pt_inline bool pt_lookup_valid(const struct pt_common *common, dma_addr_t va)
{
	if (PT_HAS_DYNAMIC || pt_likely(va <= common->va_last))
		return true;
	pt_not_before();
	return PT_HAS_SIGN && pt_feature(common, PT_FEAT_SIGN_EXTEND) &&
	       va >= common->va_upper;
}

/*
 * The item of @va, which is valid, in the top table. Nothing is above the bits that say
 * it, but the sign of a signed VA, and what is above an upper range.
 */
pt_inline unsigned int pt_lookup_top_index(const struct pt_state *pts,
					   dma_addr_t va, bool plain)
{
	if (PT_HAS_SIGN || !plain)
		return pt_va_index(pts, va);
	return (unsigned int)va_lg2_div(va, pt_table_item_lg2sz(pts));
}

/* Does the top table, of @level, end before @va? */
pt_inline bool pt_lookup_beyond(const struct pt_common *common, dma_addr_t va,
				unsigned int level)
{
	const struct pt_state pts = { .common = (struct pt_common *)common,
				      .level = level };

	return PT_HAS_DYNAMIC && va_lg2_div(va, pt_table_item_lg2sz(&pts)) >
					 va_lg2_mask(pt_num_items_lg2(&pts));
}

/* The item of @va in a table below the top, of @level. */
pt_inline unsigned int pt_lookup_index(dma_addr_t va, unsigned int level)
{
	const struct pt_state pts = { .level = level };

	return (unsigned int)va_lg2_mod(va_lg2_div(va,
						   pt_table_item_lg2sz(&pts)),
					PT_TABLEMEM_LG2SZ - PT_ITEM_LG2SZ);
}

/* Load the item; is it what is usual at its level? */
pt_inline bool pt_lookup_load(struct pt_state *pts, bool plain)
{
	enum pt_entry_type type;

#ifdef pt_plain_table
	if (plain) {
		pts->entry = pt_item_load(&pts->table[pts->index]);
		return pts->level ? pt_plain_table(pts) : pt_plain_leaf(pts);
	}
#endif
	type = pt_load_entry_raw(pts);
	return type == (pts->level ? PT_ENTRY_TABLE : PT_ENTRY_LEAF);
}

/* The table that the loaded item, a usual one, points at. */
pt_inline pt_item_t *pt_lookup_down(const struct pt_state *pts, bool plain)
{
#ifdef pt_plain_table
	if (plain)
		return (pt_item_t *)(uintptr_t)(pt_plain_addr(pts) -
						pts->common->pa_offset);
#endif
	return pt_table_ptr(pts);
}

/* Where the loaded item of level 0, a usual leaf, translates @va to. */
pt_inline phys_addr_t pt_lookup_leaf(const struct pt_state *pts, dma_addr_t va,
				     bool plain)
{
#ifdef pt_plain_table
	if (plain)
		return pt_plain_addr(pts) | va_lg2_mod(va, PT_GRANULE_LG2SZ);
#endif
	return pt_lookup_oa(pts, va);
}

/* Load the item of @va in the top table, @top, of @level. */
pt_inline bool pt_lookup_begin(struct pt_state *pts, uintptr_t top,
			       dma_addr_t va, unsigned int level, bool plain)
{
	pts->level = level;
	pts->table = (pt_item_t *)(top - level);
	pts->index = pt_lookup_top_index(pts, va, plain);
	return pt_likely(pt_lookup_load(pts, plain));
}

/* Go down from the loaded item, a table, and load the item of @va there. */
pt_inline bool pt_lookup_step(struct pt_state *pts, dma_addr_t va,
			      unsigned int level, bool plain)
{
	pts->table = pt_lookup_down(pts, plain);
	pts->level = level;
	pts->index = pt_lookup_index(va, level);
	return pt_likely(pt_lookup_load(pts, plain));
}

/*
 * PT_TOP_BIT() - has the top level, the low bits of @word, the bit that is set in @from
 * and higher ones, of those that are left?
 *
 * Asked bit by bit, and not at all where a format has no choice.
 */
#define PT_TOP_BIT(word, bit, from)    \
	(PT_MIN_TOP_LEVEL >= (from) || \
	 (PT_MAX_TOP_LEVEL >= (from) && (word) & (bit)))

#define PT_BEGIN(at)                                                      \
	do {                                                              \
		if (pt_lookup_beyond(pts.common, va, at))                 \
			return PHYS_ADDR_MAX;                             \
		if (!pt_lookup_begin(&pts, top, va, at, plain))           \
			return pt_lookup_rest(domain, va, pts.entry, at); \
	} while (0)
#define PT_STEP(at)                                                       \
	do {                                                              \
		if (!pt_lookup_step(&pts, va, at, plain))                 \
			return pt_lookup_rest(domain, va, pts.entry, at); \
	} while (0)

/* Look up @va, which is valid. The compiler knows each level. */
pt_inline phys_addr_t pt_lookup(struct iommu_domain *domain, dma_addr_t va,
				uintptr_t top, bool plain)
{
	struct pt_state pts = { .common = &pt_from_domain(domain)->pt.common };

	if (PT_TOP_BIT(top, 4, 4) || PT_TOP_BIT(top, 2, 2)) {
		if (PT_TOP_BIT(top, 4, 4) || PT_TOP_BIT(top, 1, 3)) {
			if (!PT_TOP_BIT(top, 4, 4)) {
				PT_BEGIN(3);
			} else {
				if (PT_TOP_BIT(top, 2, 6)) {
					PT_BEGIN(6);
					PT_STEP(5);
					PT_STEP(4);
				} else if (PT_TOP_BIT(top, 1, 5)) {
					PT_BEGIN(5);
					PT_STEP(4);
				} else {
					PT_BEGIN(4);
				}
				PT_STEP(3);
			}
			PT_STEP(2);
		} else {
			PT_BEGIN(2);
		}
		PT_STEP(1);
	} else if (PT_TOP_BIT(top, 1, 1)) {
		PT_BEGIN(1);
	} else {
		PT_BEGIN(0);
		return pt_lookup_leaf(&pts, va, plain);
	}
	PT_STEP(0);
	return pt_lookup_leaf(&pts, va, plain);
}
#undef PT_TOP_BIT
#undef PT_STEP
#undef PT_BEGIN

/* A lookup in a table that is not plain. */
static __attribute__((noinline, unused)) phys_addr_t
pt_lookup_other(struct iommu_domain *domain, dma_addr_t va, uintptr_t top)
{
	const struct pt_common *common = &pt_from_domain(domain)->pt.common;

	if (!pt_va_valid(common, va, va))
		return PHYS_ADDR_MAX;
	return pt_lookup(domain, va, top, false);
}

/* There is nothing on the stack. */
PT_EXPORT phys_addr_t PT_FN(iova_to_phys)(struct iommu_domain *domain,
					  dma_addr_t iova)
{
	const struct pt_common *common = &pt_from_domain(domain)->pt.common;
	uintptr_t top =
		__atomic_load_n(&common->top_of_table, __ATOMIC_ACQUIRE);

	if (!pt_plain(common) || pt_feature(common, PT_FEAT_UPPER_RANGE))
		return pt_lookup_other(domain, iova, top);
	if (!pt_lookup_valid(common, iova))
		return PHYS_ADDR_MAX;
	return pt_lookup(domain, iova, top, true);
}

#endif
