/* SPDX-License-Identifier: MIT */
/*
 * A device with no IOMMU: its requests pass through untranslated, whatever it is
 * attached to. Its domains only have to exist, so that memory is pinned for them;
 * where it is pinned is for the client to ask and to tell the device.
 */
#include <stdlib.h>

#include "soft_domain.h"

static int none_attach(struct iommu_domain *domain, struct iommu_dev *dev,
		       struct iommu_domain *old)
{
	return 0;
}

static int none_map(struct iommu_domain *domain, dma_addr_t iova,
		    phys_addr_t paddr, dma_addr_t len, unsigned int prot,
		    gfp_t gfp, size_t *mapped)
{
	*mapped += len;
	return 0;
}

static size_t none_unmap(struct iommu_domain *domain, dma_addr_t iova,
			 dma_addr_t len, struct iommu_iotlb_gather *gather)
{
	return len;
}

static phys_addr_t none_iova_to_phys(struct iommu_domain *domain,
				     dma_addr_t iova)
{
	return PHYS_ADDR_MAX;
}

static int none_cut(struct iommu_domain *domain, dma_addr_t iova, gfp_t gfp,
		    struct iommu_iotlb_gather *gather)
{
	return 0;
}

static void none_iotlb_sync(struct iommu_domain *domain,
			    struct iommu_iotlb_gather *gather)
{
}

static void none_flush(struct iommu_domain *domain)
{
}

static void none_free(struct iommu_domain *domain)
{
	free(domain);
}

static const struct iommu_domain_ops none_domain_ops = {
	.attach_dev = none_attach,
	.map_range = none_map,
	.unmap_range = none_unmap,
	.iova_to_phys = none_iova_to_phys,
	.cut = none_cut,
	.iotlb_sync = none_iotlb_sync,
	.flush_iotlb_all = none_flush,
	.free = none_free,
};

/* What a device does that has no IOMMU cannot be blocked either. */
static const struct iommu_domain none_blocked_domain = {
	.type = IOMMU_DOMAIN_BLOCKED,
	.ops = &none_domain_ops,
};

static int none_alloc_paging(struct iommu_dev *dev, unsigned int flags,
			     struct iommu_domain **out)
{
	struct iommu_domain *domain;

	if (flags)
		return -EOPNOTSUPP;
	domain = calloc(1, sizeof(*domain));
	if (!domain)
		return -ENOMEM;
	domain->type = IOMMU_DOMAIN_PAGING;
	domain->ops = &none_domain_ops;
	domain->geometry.aperture_end = ~(dma_addr_t)0;
	/* Memory is pinned in pages; no run of them is too long. */
	domain->pgsize_bitmap = ~(uint64_t)0xfff;
	*out = domain;
	return 0;
}

static bool none_capable(struct iommu_dev *dev, enum iommu_cap cap)
{
	return cap == IOMMU_CAP_CACHE_COHERENCY;
}

const struct iommu_ops soft_none_iommu_ops = {
	.no_iommu = true,
	.capable = none_capable,
	.domain_alloc_paging = none_alloc_paging,
	.blocked_domain = (struct iommu_domain *)&none_blocked_domain,
};
