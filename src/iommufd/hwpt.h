/* SPDX-License-Identifier: MIT */
/**
 * DOC: Page tables of an IOAS, as objects
 */
#ifndef IOMMUFD_HWPT_H
#define IOMMUFD_HWPT_H

#include "iommufd/ioas.h"

struct iommufd_device;
struct iommufd_fault;
struct iommufd_request;
struct iommufd_viommu;

/**
 * struct iommufd_hwpt - HWPT_PAGING: a page table that maps an IOAS; HWPT_NESTED: a
 * client's own, whose addresses a nesting parent translates
 * @obj: its object; attached devices are its users
 * @ioas: the IOAS, of which it is a user; nested: the parent's, by way of @parent
 * @parent: HWPT_NESTED: the nesting parent, of which it is a user; else NULL
 * @viommu: HWPT_NESTED: its VIOMMU, of which it is a user instead, or NULL
 * @fault: where page requests go, of which it is a user; NULL = it handles none
 * @domain: the page table; domain->owner is this HWPT
 * @automatic: made by attaching a device to an IOAS; goes with its last device
 * @flags: IOMMU_HWPT_ALLOC_*
 * @enforces_coherency: requests cannot bypass the CPU's caches
 * @reserved: what lies below and above the aperture
 * @outside: those of @reserved that are not empty, as a list
 * @next: the next one of @ioas
 *
 * From @automatic on, HWPT_PAGING only.
 */
struct iommufd_hwpt {
	struct iommufd_object obj;
	struct iommufd_ioas *ioas;
	struct iommufd_hwpt *parent;
	struct iommufd_viommu *viommu;
	struct iommufd_fault *fault;
	struct iommu_domain *domain;
	bool automatic;
	uint32_t flags;
	bool enforces_coherency;
	struct iommufd_reserved reserved[2];
	struct iommufd_reserved *outside;
	struct iommufd_hwpt *next;
};

static inline struct iommufd_hwpt *iommufd_hwpt_of(struct iommufd_object *obj)
{
	return iommufd_container(obj, struct iommufd_hwpt, obj);
}

/** iommufd_hwpt_has_pasids() - was it made to be attached with PASIDs, too? */
static inline bool iommufd_hwpt_has_pasids(const struct iommufd_hwpt *hwpt)
{
	return hwpt->flags & IOMMU_ALLOC_PASID;
}

/**
 * iommufd_hwpt_new() - make a page table for @ioas and devices like @dev
 * @flags: IOMMU_ALLOC_*
 * @data: what the client has to say to the driver, or NULL
 *
 * Everything in @ioas is pinned and mapped. The object is not published.
 *
 * Context: no lock held; the caller is a reader of @ioas. Return: 0 or the uAPI's
 * error.
 */
int iommufd_hwpt_new(struct iommufd_ioas *ioas, struct iommu_dev *dev,
		     uint32_t flags, const struct iommu_user_data *data,
		     bool automatic, struct iommufd_hwpt **out);

/**
 * iommufd_hwpt_nested_alloc() - IOMMU_HWPT_ALLOC on a nesting parent or a VIOMMU
 * @parent: the nesting parent, or what might be one
 * @viommu: the VIOMMU, or NULL
 *
 * Context: no lock held; the caller is a reader of all of them. Return: 0 or the
 * uAPI's error.
 */
int iommufd_hwpt_nested_alloc(struct iommufd_request *req,
			      struct iommufd_device *idev,
			      struct iommufd_hwpt *parent,
			      struct iommufd_viommu *viommu);

#endif
