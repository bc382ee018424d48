/* SPDX-License-Identifier: MIT */
/*
 * Page requests: from the driver to whoever handles those of the domain that the
 * device is attached to, and the answers back.
 */
#include <uiommu/iommu.h>

void iommu_dev_set_user(struct iommu_dev *dev, void *user)
{
	struct iommu_group *group = dev->group;

	port_lock(&group->lock);
	dev->user = user;
	port_unlock(&group->lock);
}

/* What @pasid is translated by; NULL = it is blocked. Locked. */
static struct iommu_domain *domain_of(const struct iommu_group *group,
				      ioasid_t pasid)
{
	const struct iommu_slot *slot;

	if (pasid == IOMMU_NO_PASID)
		return group->rid.domain;
	for (slot = group->pasids; slot; slot = slot->next)
		if (slot->pasid == pasid)
			return slot->domain;
	return NULL;
}

void iommu_report_page_request(struct iommu_dev *dev,
			       const struct iommu_page_request *req)
{
	struct iommu_group *group = dev->group;
	struct iommu_domain *domain;
	int rc = -ENODEV;

	port_lock(&group->lock);
	domain = domain_of(group, req->pasid);
	if (domain && domain->fault_ops)
		rc = domain->fault_ops->report(domain, dev, req);
	port_unlock(&group->lock);
	if (rc && req->last)
		iommu_page_response(dev, req->pasid, req->grpid,
				    IOMMU_PAGE_INVALID);
}

void iommu_page_response(struct iommu_dev *dev, ioasid_t pasid, uint32_t grpid,
			 enum iommu_page_code code)
{
	if (dev->ops->page_response)
		dev->ops->page_response(dev, pasid, grpid, code);
}
