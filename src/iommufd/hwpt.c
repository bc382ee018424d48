/* SPDX-License-Identifier: MIT */
/*
 * Page tables as objects, and IOMMU_HWPT_ALLOC.
 */
#include <stdlib.h>

#include "iommufd/device.h"
#include "iommufd/fault.h"
#include "iommufd/hwpt.h"
#include "iommufd/request.h"
#include "iommufd/user_data.h"
#include "iommufd/viommu.h"

#define HWPT_FLAGS                                                        \
	(IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_DIRTY_TRACKING | \
	 IOMMU_HWPT_FAULT_ID_VALID | IOMMU_HWPT_ALLOC_PASID)

static void hwpt_destroy(struct iommufd_object *obj)
{
	struct iommufd_hwpt *hwpt = iommufd_hwpt_of(obj);

	iommufd_ioas_remove_hwpt(hwpt->ioas, hwpt);
	iommufd_fault_disconnect(hwpt);
	iommufd_object_unuse(&hwpt->ioas->obj);
	free(hwpt);
}

int iommufd_hwpt_new(struct iommufd_ioas *ioas, struct iommu_dev *dev,
		     uint32_t flags, const struct iommu_user_data *data,
		     bool automatic, struct iommufd_hwpt **out)
{
	struct iommufd_hwpt *hwpt = calloc(1, sizeof(*hwpt));
	int rc;

	if (!hwpt)
		return -ENOMEM;
	hwpt->ioas = ioas;
	hwpt->automatic = automatic;
	hwpt->flags = flags;
	hwpt->enforces_coherency =
		iommu_dev_capable(dev, IOMMU_CAP_ENFORCE_CACHE_COHERENCY);
	if (data)
		rc = iommu_domain_alloc_user(dev, flags, NULL, data,
					     &hwpt->domain);
	else
		rc = iommu_domain_alloc_paging(dev, flags, &hwpt->domain);
	if (rc)
		goto err_free;
	rc = iommufd_object_init(ioas->obj.ctx, &hwpt->obj, IOMMUFD_HWPT_PAGING,
				 hwpt_destroy);
	if (rc)
		goto err_domain;
	hwpt->domain->owner = hwpt;
	iommufd_object_use(&ioas->obj);
	rc = iommufd_ioas_add_hwpt(ioas, hwpt);
	if (rc)
		goto err_object;
	*out = hwpt;
	return 0;

err_object:
	iommufd_object_unuse(&ioas->obj);
	iommufd_object_drop(&hwpt->obj);
err_domain:
	iommu_domain_free(hwpt->domain);
err_free:
	free(hwpt);
	return rc;
}

static uint32_t to_alloc_flags(uint32_t flags)
{
	uint32_t to = 0;

	if (flags & IOMMU_HWPT_ALLOC_NEST_PARENT)
		to |= IOMMU_ALLOC_NEST_PARENT;
	if (flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING)
		to |= IOMMU_ALLOC_DIRTY_TRACKING;
	if (flags & IOMMU_HWPT_ALLOC_PASID)
		to |= IOMMU_ALLOC_PASID;
	return to;
}

/* A page table for an IOAS. */
static int alloc_paging(struct iommufd_request *req,
			struct iommufd_device *idev, struct iommufd_ioas *ioas)
{
	struct iommu_hwpt_alloc *cmd = &req->cmd.hwpt_alloc;
	struct iommufd_user_data data;
	struct iommufd_hwpt *hwpt;
	int rc;

	if (cmd->flags & ~(uint32_t)HWPT_FLAGS)
		return -EOPNOTSUPP;
	/* A nesting parent is below the table whose pages are asked for. */
	if ((cmd->flags & IOMMU_HWPT_FAULT_ID_VALID) &&
	    (cmd->flags & IOMMU_HWPT_ALLOC_NEST_PARENT))
		return -EOPNOTSUPP;
	iommufd_user_data_init(&data, req->user, cmd->data_type, cmd->data_len,
			       cmd->data_uptr);
	rc = iommufd_hwpt_new(ioas, idev->dev, to_alloc_flags(cmd->flags),
			      cmd->data_len ? &data.data : NULL, false, &hwpt);
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

static int alloc_on(struct iommufd_request *req, struct iommufd_device *idev)
{
	struct iommufd_object *pt;
	int rc;

	pt = iommufd_object_get(req->ctx, req->cmd.hwpt_alloc.pt_id,
				IOMMUFD_ANY);
	if (!pt)
		return -EINVAL;
	switch (pt->kind) {
	case IOMMUFD_IOAS:
		rc = alloc_paging(req, idev, iommufd_ioas_of(pt));
		break;
	case IOMMUFD_HWPT_PAGING:
		rc = iommufd_hwpt_nested_alloc(req, idev, iommufd_hwpt_of(pt),
					       NULL);
		break;
	case IOMMUFD_VIOMMU:
		rc = iommufd_hwpt_nested_alloc(req, idev,
					       iommufd_viommu_of(pt)->hwpt,
					       iommufd_viommu_of(pt));
		break;
	default:
		rc = -EINVAL;
	}
	iommufd_object_put(pt);
	return rc;
}

int iommufd_hwpt_alloc_ioctl(struct iommufd_request *req)
{
	const struct iommu_hwpt_alloc *cmd = &req->cmd.hwpt_alloc;
	struct iommufd_device *idev;
	int rc;

	/* Linux does not look at __reserved2. */
	if (cmd->__reserved)
		return -EOPNOTSUPP;
	if ((cmd->data_type == IOMMU_HWPT_DATA_NONE) != !cmd->data_len)
		return -EINVAL;
	idev = iommufd_device_get(req->ctx, cmd->dev_id);
	if (!idev)
		return -ENOENT;
	rc = alloc_on(req, idev);
	iommufd_object_put(&idev->obj);
	return rc;
}
