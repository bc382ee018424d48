/* SPDX-License-Identifier: MIT */
/**
 * DOC: New permissions, and new OAs, for what is mapped
 *
 * The range begins and ends with entries, and there are no holes in it. That is
 * looked at first, with whatever else could stop the change.
 */
#ifndef PT_IOMMU_REPLACE_H
#define PT_IOMMU_REPLACE_H

#include "iommu_live.h"

/* Does the entry follow on the one before? */
static int pt_follows(const struct pt_live *live, const struct pt_entry *entry)
{
	if (entry->va > live->next)
		return -ENOENT;
	if (entry->va < live->next || entry->last > live->walk.last)
		return -EINVAL;
	return 0;
}

/*
 * Call @check for all entries in [@va, @last], and if it has no objection @change.
 */
pt_inline int pt_live_change(
	struct pt_live *live, dma_addr_t va, dma_addr_t last,
	int (*check)(struct pt_live *live, const struct pt_entry *entry),
	int (*change)(struct pt_live *live, const struct pt_entry *entry))
{
	struct pt_common *common = &pt_from_domain(live->domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	struct pt_oas oas = live->oas;
	dma_addr_t reach = last;
	int ret;

	if (!pt_clip_range(common, top, va, &reach) || reach != last)
		return -ENOENT;
	live->next = va;
	ret = pt_live_each(live, top, va, last, check);
	live->done = 0;
	if (ret)
		return ret;
	if (live->next - 1 != last)
		return -ENOENT;
	live->oas = oas;
	return pt_live_each(live, top, va, last, change);
}

/* ---- Permissions -------------------------------------------------- */

/* Does the loaded leaf have the attributes already, dirty or not? */
static inline bool pt_prot_same(const struct pt_live *live)
{
	const struct pt_state *pts = &live->walk.pts;
	struct pt_attrs old;

	pt_attr_from_entry(pts, &old);
	return pt_plain_attrs(pts, &old) == pt_plain_attrs(pts, &live->attrs);
}

static int pt_prot_check(struct pt_live *live, const struct pt_entry *entry)
{
	int ret = pt_follows(live, entry);

	if (ret)
		return ret;
	live->next = entry->last + 1;
	if (pt_prot_same(live) || pt_live_attrs(&live->walk.pts, &live->attrs))
		return 0;
	return -EOPNOTSUPP;
}

static int pt_prot_entry(struct pt_live *live, const struct pt_entry *entry)
{
	if (pt_prot_same(live))
		return 0;
	pt_rewrite(&live->walk.pts, entry->items, entry->oa, entry->size_lg2,
		   &live->attrs, false);
	pt_gather_add(live->domain, live->gather, entry->va, entry->last,
		      oa_lg2_mul(1, entry->size_lg2));
	return 0;
}

PT_EXPORT int PT_FN(set_prot)(struct iommu_domain *domain, dma_addr_t iova,
			      dma_addr_t len, unsigned int prot,
			      struct iommu_iotlb_gather *gather)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_live live = { .domain = domain, .gather = gather };
	dma_addr_t last;
	int ret;

	ret = pt_make_range(common, iova, len, &last);
	if (!ret)
		ret = pt_iommu_set_prot(common, &live.attrs, prot);
	if (ret)
		return ret;
	return pt_live_change(&live, iova, last, pt_prot_check, pt_prot_entry);
}

/* ---- Output addresses --------------------------------------------- */

/* Go on behind the entry, which OAs of different runs may be for. */
static void pt_replace_next(struct pt_live *live, const struct pt_entry *entry)
{
	dma_addr_t left = entry->last - entry->va + 1;

	live->next = entry->last + 1;
	live->done += left;
	while (left) {
		dma_addr_t bytes = left;

		if (bytes > live->oas.left)
			bytes = live->oas.left;
		pt_oas_skip(&live->oas, bytes);
		left -= bytes;
	}
}

static int pt_replace_check(struct pt_live *live, const struct pt_entry *entry)
{
	bool same = live->oas.oa == entry->oa &&
		    pt_live_fits(live, entry, &live->oas);
	int ret;

	ret = pt_follows(live, entry);
	if (!ret && !same && !pt_live_oa(live->walk.pts.common))
		ret = -EOPNOTSUPP;
	if (!ret)
		ret = pt_live_check(live, entry, &live->oas);
	if (!ret)
		pt_replace_next(live, entry);
	return ret;
}

static int pt_replace_entry(struct pt_live *live, const struct pt_entry *entry)
{
	struct pt_attrs attrs;
	int ret;

	if (!pt_live_fits(live, entry, &live->oas)) {
		ret = pt_live_split(live, entry, &live->oas);
		if (ret)
			return ret;
	} else if (live->oas.oa != entry->oa) {
		pt_attr_from_entry(&live->walk.pts, &attrs);
		pt_rewrite(&live->walk.pts, entry->items, live->oas.oa,
			   entry->size_lg2, &attrs, false);
		pt_gather_add(live->domain, live->gather, entry->va,
			      entry->last, oa_lg2_mul(1, entry->size_lg2));
	}
	pt_replace_next(live, entry);
	return 0;
}

PT_EXPORT int PT_FN(replace_list)(struct iommu_domain *domain, dma_addr_t iova,
				  const struct iommu_run *runs, size_t nr,
				  gfp_t gfp, struct iommu_iotlb_gather *gather,
				  size_t *replaced)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_live live = {
		.domain = domain,
		.gather = gather,
		.gfp = gfp,
		.sizes = domain->pgsize_bitmap,
	};
	dma_addr_t len, last;
	int ret;

	ret = pt_oas_check(common, live.sizes, iova, runs, nr, &len);
	if (!ret)
		ret = pt_make_range(common, iova, len, &last);
	if (ret)
		return ret;
	live.oas = pt_oas_start(runs, nr);
	ret = pt_live_change(&live, iova, last, pt_replace_check,
			     pt_replace_entry);
	*replaced += live.done;
	return ret;
}

#endif
