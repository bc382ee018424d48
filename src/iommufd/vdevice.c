/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_VDEVICE_ALLOC, and what is left of a VDEVICE when its device is gone.
 */
#include <stdlib.h>

#include "iommufd/request.h"
#include "iommufd/viommu.h"

static struct iommufd_vdevice *to_vdevice(struct iommufd_object *obj)
{
	return iommufd_container(obj, struct iommufd_vdevice, obj);
}

/* Behind @viommu it is not any more. */
static void leave_viommu(struct iommufd_vdevice *vdev)
{
	iommu_vdevice_remove(&vdev->vdev);
	iommufd_object_unuse(&vdev->viommu->obj);
}

/* Whoever waits for the device to be rid of its VDEVICE may go on. */
static void leave_device(struct iommufd_vdevice *vdev)
{
	struct iommufd_ctx *ctx = vdev->obj.ctx;

	pthread_mutex_lock(&ctx->lock);
	vdev->idev->vdevice = NULL;
	pthread_cond_broadcast(&ctx->changed);
	pthread_mutex_unlock(&ctx->lock);
}

static void vdevice_destroy(struct iommufd_object *obj)
{
	struct iommufd_vdevice *vdev = to_vdevice(obj);

	leave_viommu(vdev);
	leave_device(vdev);
	free(vdev);
}

/* A tombstone: the id is all there is. */
static void tombstone_destroy(struct iommufd_object *obj)
{
	free(to_vdevice(obj));
}

/*
 * Make a tombstone of @idev's VDEVICE, or wait until whoever destroys it has done so.
 * One that is being made has a reader of @idev behind it, so there is none.
 */
static struct iommufd_vdevice *bury(struct iommufd_device *idev)
{
	struct iommufd_ctx *ctx = idev->obj.ctx;
	struct iommufd_vdevice *vdev;

	pthread_mutex_lock(&ctx->lock);
	while ((vdev = idev->vdevice) && !vdev->obj.visible)
		pthread_cond_wait(&ctx->changed, &ctx->lock);
	if (vdev) {
		vdev->obj.visible = false;
		vdev->obj.destroy = tombstone_destroy;
		/* Until it has left the VIOMMU, which needs it. */
		vdev->obj.users++;
		vdev->idev = NULL;
		idev->vdevice = NULL;
	}
	pthread_mutex_unlock(&ctx->lock);
	return vdev;
}

void iommufd_vdevice_device_gone(struct iommufd_device *idev)
{
	struct iommufd_vdevice *vdev = bury(idev);

	if (!vdev)
		return;
	leave_viommu(vdev);
	iommufd_object_unuse(&vdev->obj);
}

/* One VDEVICE per device, in whatever VIOMMU. */
static int join_device(struct iommufd_vdevice *vdev,
		       struct iommufd_device *idev)
{
	struct iommufd_ctx *ctx = idev->obj.ctx;
	int rc = 0;

	pthread_mutex_lock(&ctx->lock);
	if (idev->vdevice)
		rc = -EEXIST;
	else
		idev->vdevice = vdev;
	pthread_mutex_unlock(&ctx->lock);
	vdev->idev = idev;
	return rc;
}

static int new_vdevice(struct iommufd_viommu *viommu,
		       struct iommufd_device *idev, uint64_t virt_id,
		       struct iommufd_vdevice **out)
{
	struct iommufd_vdevice *vdev = calloc(1, sizeof(*vdev));
	int rc;

	if (!vdev)
		return -ENOMEM;
	rc = iommufd_object_init(idev->obj.ctx, &vdev->obj, IOMMUFD_VDEVICE,
				 vdevice_destroy);
	if (rc)
		goto err_free;
	rc = join_device(vdev, idev);
	if (rc)
		goto err_object;
	vdev->viommu = viommu;
	vdev->vdev.dev = idev->dev;
	vdev->vdev.virt_id = virt_id;
	rc = iommu_vdevice_add(viommu->viommu, &vdev->vdev);
	if (rc)
		goto err_device;
	iommufd_object_use(&viommu->obj);
	*out = vdev;
	return 0;

err_device:
	leave_device(vdev);
err_object:
	iommufd_object_drop(&vdev->obj);
err_free:
	free(vdev);
	return rc;
}

static int alloc_for(struct iommufd_request *req, struct iommufd_viommu *viommu)
{
	struct iommu_vdevice_alloc *cmd = &req->cmd.vdevice_alloc;
	struct iommufd_vdevice *vdev = NULL;
	struct iommufd_device *idev;
	int rc;

	idev = iommufd_device_get(req->ctx, cmd->dev_id);
	if (!idev)
		return -ENOENT;
	rc = new_vdevice(viommu, idev, cmd->virt_id, &vdev);
	if (rc)
		goto out;
	cmd->out_vdevice_id = iommufd_object_id(&vdev->obj);
	rc = iommufd_respond(req);
	if (rc)
		iommufd_object_abort(&vdev->obj);
	else
		iommufd_object_publish(&vdev->obj);
out:
	iommufd_object_put(&idev->obj);
	return rc;
}

int iommufd_vdevice_alloc_ioctl(struct iommufd_request *req)
{
	struct iommufd_viommu *viommu;
	int rc;

	viommu = iommufd_viommu_get(req->ctx, req->cmd.vdevice_alloc.viommu_id);
	if (!viommu)
		return -ENOENT;
	rc = alloc_for(req, viommu);
	iommufd_object_put(&viommu->obj);
	return rc;
}
