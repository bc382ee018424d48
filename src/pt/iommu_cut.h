/* SPDX-License-Identifier: MIT */
/**
 * DOC: Splitting entries: at an address, or down to a size
 */
#ifndef PT_IOMMU_CUT_H
#define PT_IOMMU_CUT_H

#include "iommu_live.h"

static int pt_cut_check(struct pt_live *live, const struct pt_entry *entry)
{
	struct pt_oas oas = pt_live_same(entry);

	return pt_live_check(live, entry, &oas);
}

static int pt_cut_entry(struct pt_live *live, const struct pt_entry *entry)
{
	struct pt_oas oas = pt_live_same(entry);

	if (pt_live_fits(live, entry, &oas))
		return 0;
	return pt_live_split(live, entry, &oas);
}

/* Split entries in [@va, @last] until they are as they have to be. */
static int pt_cut_all(struct pt_live *live, dma_addr_t va, dma_addr_t last)
{
	struct pt_common *common = &pt_from_domain(live->domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	int ret;

	if (!pt_clip_range(common, top, va, &last))
		return 0;
	ret = pt_live_each(live, top, va, last, pt_cut_check);
	if (ret)
		return ret;
	return pt_live_each(live, top, va, last, pt_cut_entry);
}

PT_EXPORT int PT_FN(cut)(struct iommu_domain *domain, dma_addr_t iova,
			 gfp_t gfp, struct iommu_iotlb_gather *gather)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_live live = {
		.domain = domain,
		.gather = gather,
		.gfp = gfp,
		.sizes = domain->pgsize_bitmap,
		.border = iova,
	};

	if (va_lg2_mod(iova, oa_lg2_align(live.sizes)))
		return -EINVAL;
	if (!iova || !pt_va_valid(common, iova, iova))
		return 0;
	return pt_cut_all(&live, iova, iova);
}

PT_EXPORT int PT_FN(shrink_pages)(struct iommu_domain *domain, dma_addr_t iova,
				  dma_addr_t len, uint64_t max_size, gfp_t gfp,
				  struct iommu_iotlb_gather *gather)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_live live = {
		.domain = domain,
		.gather = gather,
		.gfp = gfp,
	};
	dma_addr_t last;
	int ret;

	ret = pt_make_range(common, iova, len, &last);
	if (ret)
		return ret;
	if (max_size)
		live.sizes = domain->pgsize_bitmap &
			     oa_lg2_mask(oa_lg2_floor(max_size) + 1);
	if (!live.sizes)
		return -EINVAL;
	return pt_cut_all(&live, iova, last);
}

#endif
