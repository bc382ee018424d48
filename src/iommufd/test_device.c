/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_TEST_CMD: mock devices, what they are attached to, and what they would do.
 */
#include <stdlib.h>

#include "mock/mock.h"
#include "iommufd/device.h"
#include "iommufd/test.h"

#define DEVICE_FLAGS (IOMMU_TEST_DEV_NO_DIRTY | IOMMU_TEST_DEV_PASID)

/**
 * struct test_device - a mock device, as an object
 * @obj: its object
 * @dev: the device; this is its driver, as VFIO is of others
 * @idev: the device, bound
 */
struct test_device {
	struct iommufd_object obj;
	struct iommu_dev *dev;
	struct iommufd_device *idev;
};

static struct test_device *to_test_device(struct iommufd_object *obj)
{
	return iommufd_container(obj, struct test_device, obj);
}

static struct test_device *get_test_device(struct iommufd_request *req)
{
	struct iommufd_object *obj;

	obj = iommufd_object_get(req->ctx, req->cmd.test.id, IOMMUFD_SELFTEST);
	return obj ? to_test_device(obj) : NULL;
}

static void test_device_destroy(struct iommufd_object *obj)
{
	struct test_device *tdev = to_test_device(obj);

	iommufd_device_unbind_own(tdev->idev);
	mock_device_free(tdev->dev);
	free(tdev);
}

/* ---- Making one ---------------------------------------------------- */

static int new_test_device(struct iommufd_ctx *ctx, uint32_t flags,
			   uint32_t *idev_id, struct test_device **out)
{
	struct test_device *tdev = calloc(1, sizeof(*tdev));
	int rc;

	if (!tdev)
		return -ENOMEM;
	rc = iommufd_object_init(ctx, &tdev->obj, IOMMUFD_SELFTEST,
				 test_device_destroy);
	if (rc)
		goto err_free;
	rc = mock_device_new(ctx->mock, flags, &tdev->dev);
	if (rc)
		goto err_object;
	rc = iommufd_device_bind_own(ctx, tdev->dev, idev_id, &tdev->idev);
	if (rc)
		goto err_device;
	*out = tdev;
	return 0;

err_device:
	mock_device_free(tdev->dev);
err_object:
	iommufd_object_drop(&tdev->obj);
err_free:
	free(tdev);
	return rc;
}

int iommufd_test_mock_domain(struct iommufd_request *req, uint32_t flags)
{
	struct iommu_test_cmd *cmd = &req->cmd.test;
	struct test_device *tdev = NULL;
	uint32_t pt_id = cmd->id;
	int rc;

	if (flags & ~DEVICE_FLAGS)
		return -EINVAL;
	rc = new_test_device(req->ctx, flags, &cmd->mock_domain.out_idev_id,
			     &tdev);
	if (rc)
		return rc;
	rc = iommufd_device_attach(tdev->idev, &pt_id);
	if (rc)
		goto err_abort;
	cmd->mock_domain.out_stdev_id = iommufd_object_id(&tdev->obj);
	cmd->mock_domain.out_hwpt_id = pt_id;
	rc = iommufd_respond(req);
	if (rc)
		goto err_abort;
	iommufd_object_publish(&tdev->obj);
	return 0;

err_abort:
	iommufd_object_abort(&tdev->obj);
	return rc;
}

/* ---- Attaching ----------------------------------------------------- */

/* Attach @idev, which is @attached or not: else it is @error. */
static int attach_if(struct iommufd_device *idev, bool attached, int error,
		     uint32_t *pt_id)
{
	struct iommufd_object *pt =
		iommufd_object_get(idev->obj.ctx, *pt_id, IOMMUFD_ANY);
	bool table;

	if (!pt)
		return -ENOENT;
	table = pt->kind == IOMMUFD_IOAS || pt->kind == IOMMUFD_HWPT_PAGING ||
		pt->kind == IOMMUFD_HWPT_NESTED;
	iommufd_object_put(pt);
	if (!table)
		return -EINVAL;
	if (iommufd_device_attached(idev) != attached)
		return error;
	return iommufd_device_attach(idev, pt_id);
}

static int attach(struct iommufd_device *idev, uint32_t *pt_id)
{
	return attach_if(idev, false, -EBUSY, pt_id);
}

static int replace(struct iommufd_device *idev, uint32_t *pt_id)
{
	return attach_if(idev, true, -EINVAL, pt_id);
}

int iommufd_test_replace(struct iommufd_request *req)
{
	struct test_device *tdev = get_test_device(req);
	__u32 *pt_id = &req->cmd.test.replace.in_out_pt_id;
	int rc;

	if (!tdev)
		return -ENOENT;
	rc = replace(tdev->idev, pt_id);
	if (!rc)
		rc = iommufd_respond(req);
	iommufd_object_put(&tdev->obj);
	return rc;
}

typedef int (*change_pasid)(struct iommufd_device *idev, ioasid_t pasid,
			    uint32_t *pt_id);

static int pasid(struct iommufd_request *req, change_pasid change)
{
	struct test_device *tdev = get_test_device(req);
	struct iommu_test_cmd *cmd = &req->cmd.test;
	int rc;

	if (!tdev)
		return -ENOENT;
	rc = change(tdev->idev, cmd->pasid.pasid, &cmd->pasid.in_out_pt_id);
	if (!rc)
		rc = iommufd_respond(req);
	iommufd_object_put(&tdev->obj);
	return rc;
}

/* PASID 0 is none: requests of the device itself. */
static int attach_pasid(struct iommufd_device *idev, ioasid_t pasid,
			uint32_t *pt_id)
{
	return pasid == IOMMU_NO_PASID
		       ? attach(idev, pt_id)
		       : iommufd_device_attach_pasid(idev, pasid, pt_id);
}

static int replace_pasid(struct iommufd_device *idev, ioasid_t pasid,
			 uint32_t *pt_id)
{
	return pasid == IOMMU_NO_PASID
		       ? replace(idev, pt_id)
		       : iommufd_device_replace_pasid(idev, pasid, pt_id);
}

int iommufd_test_pasid_attach(struct iommufd_request *req)
{
	return pasid(req, attach_pasid);
}

int iommufd_test_pasid_replace(struct iommufd_request *req)
{
	return pasid(req, replace_pasid);
}

int iommufd_test_pasid_detach(struct iommufd_request *req)
{
	struct test_device *tdev = get_test_device(req);

	if (!tdev)
		return -ENOENT;
	if (req->cmd.test.pasid.pasid == IOMMU_NO_PASID)
		iommufd_device_detach(tdev->idev);
	else
		iommufd_device_detach_pasid(tdev->idev,
					    req->cmd.test.pasid.pasid);
	iommufd_object_put(&tdev->obj);
	return 0;
}

/* The id of what @id of @idev is attached to; 0: nothing. */
static uint32_t attached_id(struct iommufd_device *idev, ioasid_t id)
{
	struct iommufd_group *igroup = idev->group;
	const struct iommufd_hwpt *hwpt = NULL;
	const struct iommufd_pasid *p;
	uint32_t hwpt_id;

	pthread_mutex_lock(&igroup->lock);
	if (id == IOMMU_NO_PASID)
		hwpt = igroup->hwpt;
	for (p = igroup->pasids; p; p = p->next)
		if (p->slot.pasid == id)
			hwpt = p->hwpt;
	hwpt_id = hwpt ? iommufd_object_id(&hwpt->obj) : 0;
	pthread_mutex_unlock(&igroup->lock);
	return hwpt_id;
}

/* Is there anything of that id? */
static bool exists(struct iommufd_ctx *ctx, uint32_t id)
{
	struct iommufd_object *obj = iommufd_object_get(ctx, id, IOMMUFD_ANY);

	if (obj)
		iommufd_object_put(obj);
	return obj;
}

int iommufd_test_pasid_check_hwpt(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	struct test_device *tdev = get_test_device(req);
	const uint32_t wanted = cmd->pasid.in_out_pt_id;
	int rc;

	if (!tdev)
		return -ENOENT;
	if (wanted && !exists(req->ctx, wanted))
		rc = -ENOENT;
	else
		rc = attached_id(tdev->idev, cmd->pasid.pasid) == wanted
			     ? 0
			     : -EINVAL;
	iommufd_object_put(&tdev->obj);
	return rc;
}

/* ---- Doing --------------------------------------------------------- */

int iommufd_test_trigger_iopf(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	const struct iommu_page_request request = {
		.pasid = cmd->iopf.pasid,
		.grpid = cmd->iopf.grpid,
		.perm = cmd->iopf.perm,
		.last = true,
		.addr = cmd->iopf.addr,
	};
	struct iommufd_device *idev;

	idev = iommufd_device_get(req->ctx, cmd->iopf.dev_id);
	if (!idev)
		return -ENOENT;
	/* Where nobody handles it, it is as if it had not been. */
	iommu_report_page_request(idev->dev, &request);
	iommufd_object_put(&idev->obj);
	return 0;
}

int iommufd_test_trigger_vevent(struct iommufd_request *req)
{
	struct iommufd_device *idev;
	int rc;

	idev = iommufd_device_get(req->ctx, req->cmd.test.vevent.dev_id);
	if (!idev)
		return -ENOENT;
	rc = mock_device_event(idev->dev);
	iommufd_object_put(&idev->obj);
	return rc;
}

int iommufd_test_check_cache(struct iommufd_request *req)
{
	const struct iommu_test_cmd *cmd = &req->cmd.test;
	struct iommufd_device *idev;
	uint32_t value;
	bool same;

	idev = iommufd_device_get(req->ctx, cmd->id);
	if (!idev)
		return -ENOENT;
	same = mock_device_cache(idev->dev, cmd->check_slot.slot, &value) &&
	       value == cmd->check_slot.value;
	iommufd_object_put(&idev->obj);
	return same ? 0 : -EINVAL;
}
