/* SPDX-License-Identifier: MIT */
/*
 * Domains: mapping with undo, unmapping with one flush for all.
 */
#include <uiommu/iommu.h>

int iommu_domain_alloc_paging(struct iommu_dev *dev, unsigned int flags,
			      struct iommu_domain **domain)
{
	int rc;

	if (!dev->ops->domain_alloc_paging)
		return -EOPNOTSUPP;
	rc = dev->ops->domain_alloc_paging(dev, flags, domain);
	if (!rc)
		(*domain)->iommu = dev->ops;
	return rc;
}

int iommu_domain_alloc_user(struct iommu_dev *dev, unsigned int flags,
			    struct iommu_domain *parent,
			    const struct iommu_user_data *data,
			    struct iommu_domain **domain)
{
	int rc;

	if (!dev->ops->domain_alloc_user)
		return -EOPNOTSUPP;
	if (parent && parent->iommu != dev->ops)
		return -EINVAL;
	rc = dev->ops->domain_alloc_user(dev, flags, parent, data, domain);
	if (!rc)
		(*domain)->iommu = dev->ops;
	return rc;
}

void iommu_domain_free(struct iommu_domain *domain)
{
	if (domain)
		domain->ops->free(domain);
}

static int check_range(const struct iommu_domain *domain, dma_addr_t iova,
		       size_t len)
{
	const struct iommu_domain_geometry *geo = &domain->geometry;

	if (!len || ((iova | len) & (iommu_domain_min_pgsize(domain) - 1)))
		return -EINVAL;
	if (iova < geo->aperture_start || iova > geo->aperture_end ||
	    len - 1 > geo->aperture_end - iova)
		return -ERANGE;
	return 0;
}

int iommu_map_nosync(struct iommu_domain *domain, dma_addr_t iova,
		     phys_addr_t paddr, size_t len, unsigned int prot,
		     gfp_t gfp)
{
	size_t mapped = 0;
	int rc;

	rc = check_range(domain, iova, len);
	if (rc)
		return rc;
	if (paddr & (iommu_domain_min_pgsize(domain) - 1))
		return -EINVAL;
	rc = domain->ops->map_range(domain, iova, paddr, len, prot, gfp,
				    &mapped);
	if (rc && mapped) {
		iommu_unmap_sync(domain, iova, mapped);
		iommu_unmapped(domain, iova, iova + mapped - 1);
	}
	return rc;
}

int iommu_sync_map(struct iommu_domain *domain, dma_addr_t iova, size_t len)
{
	if (!domain->ops->iotlb_sync_map)
		return 0;
	return domain->ops->iotlb_sync_map(domain, iova, len);
}

int iommu_map(struct iommu_domain *domain, dma_addr_t iova, phys_addr_t paddr,
	      size_t len, unsigned int prot, gfp_t gfp)
{
	int rc;

	rc = iommu_map_nosync(domain, iova, paddr, len, prot, gfp);
	if (rc)
		return rc;
	rc = iommu_sync_map(domain, iova, len);
	if (rc) {
		iommu_unmap_sync(domain, iova, len);
		iommu_unmapped(domain, iova, iova + len - 1);
	}
	return rc;
}

size_t iommu_unmap(struct iommu_domain *domain, dma_addr_t iova, size_t len,
		   struct iommu_iotlb_gather *gather)
{
	if (check_range(domain, iova, len))
		return 0;
	return domain->ops->unmap_range(domain, iova, len, gather);
}

void iommu_iotlb_sync(struct iommu_domain *domain,
		      struct iommu_iotlb_gather *gather)
{
	if (!iommu_iotlb_gather_empty(gather) ||
	    !iommu_pages_list_empty(&gather->freelist))
		domain->ops->iotlb_sync(domain, gather);
	iommu_pages_list_put(&gather->freelist);
	iommu_iotlb_gather_init(gather);
}

size_t iommu_unmap_sync(struct iommu_domain *domain, dma_addr_t iova,
			size_t len)
{
	struct iommu_iotlb_gather gather;
	size_t removed;

	iommu_iotlb_gather_init(&gather);
	removed = iommu_unmap(domain, iova, len, &gather);
	iommu_iotlb_sync(domain, &gather);
	return removed;
}

void iommu_unmapped(struct iommu_domain *domain, dma_addr_t iova,
		    dma_addr_t last)
{
	if (domain->ops->unmapped)
		domain->ops->unmapped(domain, iova, last);
}

static bool in_aperture(const struct iommu_domain *domain, dma_addr_t iova)
{
	return iova >= domain->geometry.aperture_start &&
	       iova <= domain->geometry.aperture_end;
}

phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	if (!in_aperture(domain, iova))
		return PHYS_ADDR_MAX;
	return domain->ops->iova_to_phys(domain, iova);
}

void iommu_iova_to_phys_list(struct iommu_domain *domain,
			     const dma_addr_t *iova, phys_addr_t *oa, size_t nr)
{
	size_t i;

	if (!domain->ops->iova_to_phys_list) {
		for (i = 0; i < nr; i++)
			oa[i] = iommu_iova_to_phys(domain, iova[i]);
		return;
	}
	domain->ops->iova_to_phys_list(domain, iova, oa, nr);
	for (i = 0; i < nr; i++)
		if (!in_aperture(domain, iova[i]))
			oa[i] = PHYS_ADDR_MAX;
}
