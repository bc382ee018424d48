/* SPDX-License-Identifier: MIT */
/**
 * DOC: What a format gets for hooks that it does not define
 */
#ifndef PT_FMT_DEFAULTS_H
#define PT_FMT_DEFAULTS_H

#include "pt_common.h"
#include "pt_run.h"

#ifndef pt_num_items_lg2
#error "the format defines no pt_num_items_lg2"
#endif
#ifndef pt_can_have_leaf
#error "the format defines no pt_can_have_leaf"
#endif
#ifndef pt_load_entry_raw
#error "the format defines no pt_load_entry_raw"
#endif
#ifndef pt_table_pa
#error "the format defines no pt_table_pa"
#endif
#ifndef pt_entry_oa
#error "the format defines no pt_entry_oa"
#endif
#ifndef pt_install_leaf_entry
#error "the format defines no pt_install_leaf_entry"
#endif
#ifndef pt_install_table
#error "the format defines no pt_install_table"
#endif
#ifndef pt_attr_from_entry
#error "the format defines no pt_attr_from_entry"
#endif
#ifndef pt_iommu_set_prot
#error "the format defines no pt_iommu_set_prot"
#endif
#ifndef pt_iommu_fmt_init
#error "the format defines no pt_iommu_fmt_init"
#endif
#ifndef pt_iommu_fmt_hw_info
#error "the format defines no pt_iommu_fmt_hw_info"
#endif
#ifndef PT_MIN_TOP_LEVEL
#define PT_MIN_TOP_LEVEL PT_MAX_TOP_LEVEL
#endif
#ifndef PT_FORCED_FEATURES
#define PT_FORCED_FEATURES 0
#endif

#ifndef pt_max_table_lg2
static inline unsigned int pt_max_table_lg2(const struct pt_common *common)
{
	return common->max_oasz_lg2;
}
#endif

#ifndef pt_table_item_lg2sz
pt_inline unsigned int pt_table_item_lg2sz(const struct pt_state *pts)
{
	return PT_GRANULE_LG2SZ +
	       (PT_TABLEMEM_LG2SZ - PT_ITEM_LG2SZ) * pts->level;
}
#endif

#ifndef pt_top_memsize_lg2
static inline unsigned int pt_top_memsize_lg2(const struct pt_common *common,
					      unsigned int level)
{
	return PT_TABLEMEM_LG2SZ;
}
#endif

#ifndef pt_possible_sizes
static inline uint64_t pt_possible_sizes(const struct pt_state *pts)
{
	if (!pt_can_have_leaf(pts))
		return 0;
	return 1ULL << pt_table_item_lg2sz(pts);
}
#endif

#ifndef pt_entry_num_contig_lg2
pt_inline unsigned int pt_entry_num_contig_lg2(const struct pt_state *pts)
{
	return 0;
}
#endif

#ifndef pt_leaf_kind
pt_inline pt_item_t pt_leaf_kind(const struct pt_state *pts)
{
	return (pt_item_t) ~(pt_item_t)0;
}
#endif

#if defined(pt_plain_kind) && !defined(pt_plain_shift)
pt_inline unsigned int pt_plain_shift(const struct pt_state *pts)
{
	return 0;
}
#endif

#ifndef pt_plain
static inline bool pt_plain(const struct pt_common *common)
{
	return true;
}
#endif

#ifndef pt_install_leaf_run
pt_inline void pt_install_leaf_run(struct pt_state *pts, phys_addr_t oa,
				   unsigned int oasz_lg2, unsigned int count,
				   const struct pt_attrs *attrs)
{
	unsigned int contig_lg2 = oasz_lg2 - pt_table_item_lg2sz(pts);
#ifdef pt_leaf_value
	pt_run_fill(pts->common, pts->table + pts->index, count << contig_lg2,
		    pt_leaf_value(pts, oa, oasz_lg2, attrs),
		    pt_leaf_step(pts, oasz_lg2), contig_lg2);
#else
	for (; count; count--) {
		pt_install_leaf_entry(pts, oa, oasz_lg2, attrs);
		pts->index += 1U << contig_lg2;
		oa += 1ULL << oasz_lg2;
	}
#endif
}
#endif

#ifndef pt_install_empty_run
pt_inline bool pt_install_empty_run(struct pt_state *pts, phys_addr_t oa,
				    unsigned int oasz_lg2, unsigned int count,
				    const struct pt_attrs *attrs)
{
	unsigned int contig_lg2 = oasz_lg2 - pt_table_item_lg2sz(pts);
#ifdef pt_leaf_value
	return pt_run_fill_empty(pts->common, pts->table + pts->index,
				 count << contig_lg2,
				 pt_leaf_value(pts, oa, oasz_lg2, attrs),
				 pt_leaf_step(pts, oasz_lg2), contig_lg2);
#else
	if (!pt_run_empty(pts->common, pts->table + pts->index,
			  count << contig_lg2))
		return false;
	pt_install_leaf_run(pts, oa, oasz_lg2, count, attrs);
	return true;
#endif
}
#endif

#ifndef pt_leaf_item
#ifndef pt_leaf_value
#error "the format defines neither pt_leaf_value nor pt_leaf_item"
#endif
pt_inline pt_item_t pt_leaf_item(const struct pt_state *pts, phys_addr_t oa,
				 unsigned int oasz_lg2, unsigned int nth,
				 const struct pt_attrs *attrs)
{
	return pt_leaf_value(pts, oa, oasz_lg2, attrs);
}
#endif

#ifndef pt_leaf_flat_lg2
static inline unsigned int pt_leaf_flat_lg2(const struct pt_common *common)
{
#ifdef pt_leaf_value
	return 64;
#else
	return 0;
#endif
}
#endif

#ifndef pt_live_table
static inline bool pt_live_table(const struct pt_common *common)
{
	return false;
}
#endif

#ifndef pt_live_run
static inline bool pt_live_run(const struct pt_common *common)
{
	return false;
}
#endif

#ifndef pt_live_oa
static inline bool pt_live_oa(const struct pt_common *common)
{
	return false;
}
#endif

#ifndef pt_live_attrs
static inline bool pt_live_attrs(const struct pt_state *pts,
				 const struct pt_attrs *attrs)
{
	return true;
}
#endif

#if defined(pt_dirty_mask) && !defined(pt_accessed_mask)
pt_inline pt_item_t pt_accessed_mask(const struct pt_state *pts)
{
	return 0;
}
#endif

#if defined(pt_dirty_mask) && !defined(pt_dirty_how)
pt_inline struct pt_run_dirty pt_dirty_how(const struct pt_state *pts)
{
	return (struct pt_run_dirty){ .mask = pt_dirty_mask(pts),
				      .value = pt_dirty_mask(pts),
				      .settled_value = 1 };
}
#define pt_dirty_how pt_dirty_how
#endif

#if defined(pt_dirty_mask) && !defined(pt_item_is_dirty)
pt_inline bool pt_item_is_dirty(const struct pt_state *pts, pt_item_t item)
{
	return (item & pt_dirty_mask(pts)) == pt_dirty_mask(pts);
}

pt_inline void pt_item_make_clean(struct pt_state *pts, pt_item_t *item)
{
	pt_item_and(item, (pt_item_t)~pt_dirty_mask(pts));
}

pt_inline pt_item_t pt_item_dirtied(const struct pt_state *pts, pt_item_t item)
{
	return item | pt_dirty_mask(pts) | pt_accessed_mask(pts);
}
#define pt_item_is_dirty   pt_item_is_dirty
#define pt_item_make_clean pt_item_make_clean
#define pt_item_dirtied    pt_item_dirtied
#endif

#if defined(pt_item_is_dirty) && !defined(pt_can_track_dirty)
static inline bool pt_can_track_dirty(const struct pt_common *common)
{
	return true;
}
#endif

#if defined(pt_item_is_dirty) && !defined(pt_item_keep_dirty)
pt_inline pt_item_t pt_item_keep_dirty(const struct pt_state *pts,
				       pt_item_t item)
{
	return pt_item_dirtied(pts, item);
}
#endif

#ifndef pt_max_sw_bit
static inline int pt_max_sw_bit(const struct pt_common *common)
{
	return -1;
}

static inline pt_item_t pt_sw_bit(const struct pt_common *common,
				  unsigned int nr)
{
	return 0;
}
#endif

#endif
