/* SPDX-License-Identifier: MIT */
/*
 * HWPT_NESTED: a guest's own page table, whose addresses a nesting parent translates.
 */
#include <stdlib.h>

#include "iommufd/fault.h"
#include "iommufd/request.h"
#include "iommufd/user_data.h"
#include "iommufd/viommu.h"

/* What a nested table can be, of IOMMU_HWPT_ALLOC's flags. */
#define NESTED_FLAGS (IOMMU_HWPT_FAULT_ID_VALID | IOMMU_HWPT_ALLOC_PASID)

static void nested_destroy(struct iommufd_object *obj)
{
	struct iommufd_hwpt *hwpt = iommufd_hwpt_of(obj);

	iommu_domain_free(hwpt->domain);
	iommufd_fault_disconnect(hwpt);
	iommufd_object_unuse(hwpt->viommu ? &hwpt->viommu->obj
					  : &hwpt->parent->obj);
	free(hwpt);
}

static int new_domain(struct iommufd_request *req, struct iommufd_device *idev,
		      struct iommufd_hwpt *hwpt)
{
	const struct iommu_hwpt_alloc *cmd = &req->cmd.hwpt_alloc;
	struct iommufd_user_data data;

	iommufd_user_data_init(&data, req->user, cmd->data_type, cmd->data_len,
			       cmd->data_uptr);
	if (hwpt->viommu)
		return iommu_viommu_alloc_nested(hwpt->viommu->viommu,
						 idev->dev, hwpt->flags,
						 &data.data, &hwpt->domain);
	return iommu_domain_alloc_user(idev->dev, hwpt->flags,
				       hwpt->parent->domain, &data.data,
				       &hwpt->domain);
}

static int new_nested(struct iommufd_request *req, struct iommufd_device *idev,
		      struct iommufd_hwpt *parent,
		      struct iommufd_viommu *viommu, struct iommufd_hwpt **out)
{
	struct iommufd_hwpt *hwpt = calloc(1, sizeof(*hwpt));
	int rc;

	if (!hwpt)
		return -ENOMEM;
	hwpt->ioas = parent->ioas;
	hwpt->parent = parent;
	hwpt->viommu = viommu;
	if (req->cmd.hwpt_alloc.flags & IOMMU_HWPT_ALLOC_PASID)
		hwpt->flags = IOMMU_ALLOC_PASID;
	rc = new_domain(req, idev, hwpt);
	if (rc)
		goto err_free;
	hwpt->domain->owner = hwpt;
	rc = iommufd_object_init(req->ctx, &hwpt->obj, IOMMUFD_HWPT_NESTED,
				 nested_destroy);
	if (rc)
		goto err_domain;
	iommufd_object_use(viommu ? &viommu->obj : &parent->obj);
	*out = hwpt;
	return 0;

err_domain:
	iommu_domain_free(hwpt->domain);
err_free:
	free(hwpt);
	return rc;
}

int iommufd_hwpt_nested_alloc(struct iommufd_request *req,
			      struct iommufd_device *idev,
			      struct iommufd_hwpt *parent,
			      struct iommufd_viommu *viommu)
{
	struct iommu_hwpt_alloc *cmd = &req->cmd.hwpt_alloc;
	struct iommufd_hwpt *hwpt;
	int rc;

	if ((cmd->flags & ~(uint32_t)NESTED_FLAGS) || !cmd->data_len)
		return -EOPNOTSUPP;
	if (!(parent->flags & IOMMU_ALLOC_NEST_PARENT))
		return -EINVAL;
	rc = new_nested(req, idev, parent, viommu, &hwpt);
	if (rc)
		return rc;
	if (cmd->flags & IOMMU_HWPT_FAULT_ID_VALID)
		rc = iommufd_fault_connect(hwpt, cmd->fault_id);
	cmd->out_hwpt_id = iommufd_object_id(&hwpt->obj);
	if (!rc)
		rc = iommufd_respond(req);
	if (rc)
		iommufd_object_abort(&hwpt->obj);
	else
		iommufd_object_publish(&hwpt->obj);
	return rc;
}
