/* SPDX-License-Identifier: MIT */
/*
 * Lists of runs, and changes of what is mapped: thin calls of what the domain's page
 * table can do.
 */
#include <uiommu/iommu.h>

int iommu_map_list(struct iommu_domain *domain, dma_addr_t iova,
		   const struct iommu_run *runs, size_t nr, unsigned int prot,
		   gfp_t gfp)
{
	size_t mapped = 0;
	int rc;

	if (!domain->ops->map_list)
		return -EOPNOTSUPP;
	rc = domain->ops->map_list(domain, iova, runs, nr, prot, gfp, &mapped);
	if (!rc)
		rc = iommu_sync_map(domain, iova, mapped);
	if (rc && mapped) {
		iommu_unmap_sync(domain, iova, mapped);
		iommu_unmapped(domain, iova, iova + mapped - 1);
	}
	return rc;
}

size_t iommu_unmap_list(struct iommu_domain *domain, dma_addr_t iova,
			dma_addr_t len, struct iommu_iotlb_gather *gather,
			struct iommu_run_list *list)
{
	if (!domain->ops->unmap_list)
		return 0;
	return domain->ops->unmap_list(domain, iova, len, gather, list);
}

size_t iommu_translate_range(struct iommu_domain *domain, dma_addr_t iova,
			     dma_addr_t len, struct iommu_run_list *list)
{
	if (!domain->ops->translate_range)
		return 0;
	return domain->ops->translate_range(domain, iova, len, list);
}

int iommu_cut(struct iommu_domain *domain, dma_addr_t iova, gfp_t gfp,
	      struct iommu_iotlb_gather *gather)
{
	if (!domain->ops->cut)
		return -EOPNOTSUPP;
	return domain->ops->cut(domain, iova, gfp, gather);
}

int iommu_shrink_pages(struct iommu_domain *domain, dma_addr_t iova,
		       dma_addr_t len, uint64_t max_size, gfp_t gfp,
		       struct iommu_iotlb_gather *gather)
{
	if (!domain->ops->shrink_pages)
		return -EOPNOTSUPP;
	return domain->ops->shrink_pages(domain, iova, len, max_size, gfp,
					 gather);
}

int iommu_grow_pages(struct iommu_domain *domain, dma_addr_t iova,
		     dma_addr_t len, struct iommu_iotlb_gather *gather)
{
	if (!domain->ops->grow_pages)
		return -EOPNOTSUPP;
	return domain->ops->grow_pages(domain, iova, len, gather);
}

int iommu_set_prot(struct iommu_domain *domain, dma_addr_t iova, dma_addr_t len,
		   unsigned int prot, struct iommu_iotlb_gather *gather)
{
	if (!domain->ops->set_prot)
		return -EOPNOTSUPP;
	return domain->ops->set_prot(domain, iova, len, prot, gather);
}

int iommu_replace_list(struct iommu_domain *domain, dma_addr_t iova,
		       const struct iommu_run *runs, size_t nr, gfp_t gfp,
		       struct iommu_iotlb_gather *gather, size_t *replaced)
{
	if (!domain->ops->replace_list)
		return -EOPNOTSUPP;
	return domain->ops->replace_list(domain, iova, runs, nr, gfp, gather,
					 replaced);
}
