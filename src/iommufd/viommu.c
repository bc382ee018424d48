/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_VIOMMU_ALLOC.
 */
#include <stdlib.h>

#include "iommufd/mmap.h"
#include "iommufd/request.h"
#include "iommufd/user_data.h"
#include "iommufd/viommu.h"

static void viommu_destroy(struct iommufd_object *obj)
{
	struct iommufd_viommu *viommu = iommufd_viommu_of(obj);

	iommu_viommu_free(viommu->viommu);
	iommufd_mmap_free(obj);
	iommufd_object_unuse(&viommu->hwpt->obj);
	pthread_mutex_destroy(&viommu->lock);
	free(viommu);
}

static int host_map(struct iommu_viommu *viommu, size_t len, void **ptr,
		    uint64_t *offset)
{
	struct iommufd_viommu *owner = viommu->owner;

	return iommufd_mmap_new(&owner->obj, len, ptr, offset);
}

static const struct iommu_viommu_host host = {
	.event = iommufd_veventq_event,
	.map = host_map,
	.depend = iommufd_hw_queue_depend,
};

static int new_viommu(struct iommufd_request *req, struct iommufd_device *idev,
		      struct iommufd_hwpt *parent, struct iommufd_viommu **out)
{
	const struct iommu_viommu_alloc *cmd = &req->cmd.viommu_alloc;
	struct iommufd_viommu *viommu = calloc(1, sizeof(*viommu));
	struct iommufd_user_data data;
	int rc;

	if (!viommu)
		return -ENOMEM;
	rc = iommufd_object_init(req->ctx, &viommu->obj, IOMMUFD_VIOMMU,
				 viommu_destroy);
	if (rc)
		goto err_free;
	viommu->hwpt = parent;
	pthread_mutex_init(&viommu->lock, NULL);
	iommufd_user_data_init(&data, req->user, cmd->type, cmd->data_len,
			       cmd->data_uptr);
	rc = iommu_viommu_alloc(idev->dev, cmd->type, parent->domain, &host,
				viommu, cmd->data_len ? &data.data : NULL,
				&viommu->viommu);
	if (rc)
		goto err_object;
	iommufd_object_use(&parent->obj);
	*out = viommu;
	return 0;

err_object:
	iommufd_mmap_free(&viommu->obj);
	pthread_mutex_destroy(&viommu->lock);
	iommufd_object_drop(&viommu->obj);
err_free:
	free(viommu);
	return rc;
}

static int alloc_on(struct iommufd_request *req, struct iommufd_device *idev,
		    struct iommufd_hwpt *parent)
{
	struct iommufd_viommu *viommu;
	int rc;

	if (!(parent->flags & IOMMU_ALLOC_NEST_PARENT))
		return -EINVAL;
	rc = new_viommu(req, idev, parent, &viommu);
	if (rc)
		return rc;
	req->cmd.viommu_alloc.out_viommu_id = iommufd_object_id(&viommu->obj);
	rc = iommufd_respond(req);
	if (rc)
		iommufd_object_abort(&viommu->obj);
	else
		iommufd_object_publish(&viommu->obj);
	return rc;
}

static int alloc_for(struct iommufd_request *req, struct iommufd_device *idev)
{
	const struct iommu_viommu_alloc *cmd = &req->cmd.viommu_alloc;
	struct iommufd_object *hwpt;
	int rc;

	if (!iommu_viommu_supported(idev->dev, cmd->type))
		return -EOPNOTSUPP;
	hwpt = iommufd_object_get(req->ctx, cmd->hwpt_id, IOMMUFD_HWPT_PAGING);
	if (!hwpt)
		return -ENOENT;
	rc = alloc_on(req, idev, iommufd_hwpt_of(hwpt));
	iommufd_object_put(hwpt);
	return rc;
}

int iommufd_viommu_alloc_ioctl(struct iommufd_request *req)
{
	const struct iommu_viommu_alloc *cmd = &req->cmd.viommu_alloc;
	struct iommufd_device *idev;
	int rc;

	/* Linux does not look at __reserved. */
	if (cmd->flags || cmd->type == IOMMU_VIOMMU_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	idev = iommufd_device_get(req->ctx, cmd->dev_id);
	if (!idev)
		return -ENOENT;
	rc = alloc_for(req, idev);
	iommufd_object_put(&idev->obj);
	return rc;
}
