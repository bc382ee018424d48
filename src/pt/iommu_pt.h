/* SPDX-License-Identifier: MIT */
/**
 * DOC: The algorithm: a radix tree of any format as a domain of an IOMMU
 *
 * Locking: the caller of an operation holds a lock on the range of VAs it
 * operates on. Whatever lies in that range changes by nobody else; a table that
 * reaches beyond it may get new items at any time. Tables are installed by
 * compare-and-swap, or by a store where the caller holds the whole range they
 * translate; only then are they removed.
 */
#ifndef PT_IOMMU_PT_H
#define PT_IOMMU_PT_H

#include "iommu_pages.h"

/**
 * pt_iommu_fmt_init() - required hook: set up what is the format's own
 * @top_level: to be set to the level of the first top table
 *
 * @table's common part has the features, and the widths of @cfg, which have
 * been checked against the format's; the hook lowers them to what it can do.
 *
 * Return: 0 or -EINVAL.
 */
static int pt_iommu_fmt_init(struct PT_IOMMU_TABLE *table,
			     const struct PT_IOMMU_CFG *cfg,
			     unsigned int *top_level);

/** pt_iommu_fmt_hw_info() - required hook: what the hardware must be told. */
static void pt_iommu_fmt_hw_info(const struct PT_IOMMU_TABLE *table,
				 phys_addr_t top_pa, unsigned int top_level,
				 struct PT_IOMMU_HW_INFO *info);

/** pt_from_domain() - the page table that @domain is. */
pt_inline struct PT_IOMMU_TABLE *pt_from_domain(struct iommu_domain *domain)
{
	return pt_container_of(domain, struct PT_IOMMU_TABLE, iommu.domain);
}

/**
 * pt_make_range() - check a range of VAs
 *
 * Return: 0, with its last address in *@last; -EINVAL: it is empty; -EOVERFLOW:
 * it wraps; -ERANGE: it is not all in the table's range.
 */
static inline int pt_make_range(const struct pt_common *common, dma_addr_t va,
				dma_addr_t len, dma_addr_t *last)
{
	if (!len)
		return -EINVAL;
	*last = va + (len - 1);
	if (*last < va)
		return -EOVERFLOW;
	return pt_va_valid(common, va, *last) ? 0 : -ERANGE;
}

/** pt_clip_range() - does @top reach @va? Then *@last is cut to what it
 * reaches. */
static inline bool pt_clip_range(struct pt_common *common, struct pt_top top,
				 dma_addr_t va, dma_addr_t *last)
{
	dma_addr_t top_last;

	if (!pt_feature(common, PT_FEAT_DYNAMIC_TOP))
		return true;
	top_last = pt_top_last(common, top.level);
	if (*last > top_last)
		*last = top_last;
	return va <= top_last;
}

/** pt_gather_sync() - have hardware forget what is gathered, and begin anew. */
static void pt_gather_sync(struct iommu_domain *domain,
			   struct iommu_iotlb_gather *gather)
{
	if (domain->ops && domain->ops->iotlb_sync)
		domain->ops->iotlb_sync(domain, gather);
	iommu_pages_list_put(&gather->freelist);
	iommu_iotlb_gather_init(gather);
}

/**
 * pt_gather_add() - entries of [@va, @last] have gone or changed
 * @sizes: bit n: there were ones of 2^n bytes
 */
static inline void pt_gather_add(struct iommu_domain *domain,
				 struct iommu_iotlb_gather *gather,
				 dma_addr_t va, dma_addr_t last, uint64_t sizes)
{
	const struct pt_common *common = &pt_from_domain(domain)->pt.common;

	if (pt_feature(common, PT_FEAT_FLUSH_RANGE_NO_GAPS) &&
	    iommu_iotlb_gather_disjoint(gather, va, last))
		pt_gather_sync(domain, gather);
	iommu_iotlb_gather_add(gather, va, last, (size_t)(sizes & -sizes));
	if (pt_feature(common, PT_FEAT_DETAILED_GATHER))
		gather->sizes |= sizes;
}

#include "iommu_init.h"
#include "iommu_map.h"
#include "iommu_unmap.h"
#include "iommu_walk.h"
#include "iommu_live.h"
#include "iommu_cut.h"
#include "iommu_grow.h"
#include "iommu_replace.h"
#ifdef pt_item_is_dirty
#include "iommu_dirty.h"
#endif

#endif
