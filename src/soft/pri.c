/* SPDX-License-Identifier: MIT */
/* Page requests of devices, and the answers to them (PCIe 10.4). */
#include "soft/iommu.h"

void soft_iommu_connect(struct soft_iommu *iommu, struct soft_endpoint *ep)
{
	pthread_mutex_lock(&iommu->lock);
	ep->next = iommu->endpoints;
	iommu->endpoints = ep;
	pthread_mutex_unlock(&iommu->lock);
}

void soft_iommu_disconnect(struct soft_iommu *iommu, struct soft_endpoint *ep)
{
	struct soft_endpoint **link;

	pthread_mutex_lock(&iommu->lock);
	for (link = &iommu->endpoints; *link != ep; link = &(*link)->next)
		;
	*link = ep->next;
	pthread_mutex_unlock(&iommu->lock);
}

void soft_iommu_on_page_request(
	struct soft_iommu *iommu,
	void (*request)(void *arg, const struct soft_page_request *req),
	void *arg)
{
	pthread_mutex_lock(&iommu->lock);
	iommu->page_request = request;
	iommu->page_arg = arg;
	pthread_mutex_unlock(&iommu->lock);
}

void soft_iommu_page_request(struct soft_iommu *iommu,
			     const struct soft_page_request *req)
{
	void (*request)(void *arg, const struct soft_page_request *req);
	void *arg;

	pthread_mutex_lock(&iommu->lock);
	request = iommu->page_request;
	arg = iommu->page_arg;
	pthread_mutex_unlock(&iommu->lock);
	if (request)
		request(arg, req);
	else if (req->last)
		soft_iommu_page_response(iommu, req->rid, req->pasid,
					 req->group, SOFT_PAGE_FAILURE);
}

void soft_iommu_page_response(struct soft_iommu *iommu, uint32_t rid,
			      uint32_t pasid, uint32_t group,
			      enum soft_page_code code)
{
	struct soft_endpoint *ep;

	pthread_mutex_lock(&iommu->lock);
	for (ep = iommu->endpoints; ep; ep = ep->next)
		if (ep->rid == rid)
			break;
	pthread_mutex_unlock(&iommu->lock);
	if (ep)
		ep->response(ep, pasid, group, code);
}
