/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_HWPT_INVALIDATE: a guest's invalidations, for a nested HWPT or a VIOMMU. How
 * many were carried out is told also when one of them was refused.
 */
#include <string.h>

#include "iommufd/request.h"
#include "iommufd/viommu.h"

#define MAX_ENTRIES (1U << 19)
#define MAX_ENTRY   4096U

/**
 * struct invalidation - one request
 * @array: the client's array, as the driver sees it
 * @user: whose it is
 * @addr: where it is
 * @limit: how many entries there are
 * @first: index of the first entry in @buf
 * @nr: how many are in @buf
 * @buf: entries that have been copied ahead: a copy is a system call
 */
struct invalidation {
	struct iommu_user_array array;
	struct uiommu_user *user;
	uint64_t addr;
	uint32_t limit;
	uint32_t first;
	uint32_t nr;
	uint8_t buf[MAX_ENTRY];
};

/* Fill the buffer from @index on, with one entry at least. */
static int load(struct invalidation *inv, uint32_t index)
{
	const struct uiommu_user_ops *ops = inv->user->ops;
	uint32_t len = inv->array.entry_len;
	uint32_t nr = MAX_ENTRY / len;
	uint64_t src = inv->addr + (uint64_t)index * len;

	if (nr > inv->limit - index)
		nr = inv->limit - index;
	inv->first = index;
	inv->nr = nr;
	if (!ops->copy_in(inv->user, inv->buf, src, nr * len))
		return 0;
	/* The first ones may be all right. */
	inv->nr = 0;
	if (ops->copy_in(inv->user, inv->buf, src, len))
		return -EFAULT;
	inv->nr = 1;
	return 0;
}

static int entry_read(struct iommu_user_array *array, uint32_t index,
		      size_t offset, void *dst, size_t n)
{
	struct invalidation *inv =
		iommufd_container(array, struct invalidation, array);
	int rc;

	if (index < inv->first || index - inv->first >= inv->nr) {
		rc = load(inv, index);
		if (rc)
			return rc;
	}
	memcpy(dst, inv->buf + (index - inv->first) * array->entry_len + offset,
	       n);
	return 0;
}

static int invalidate_nested(struct iommufd_hwpt *hwpt,
			     struct iommu_user_array *array)
{
	if (!hwpt->domain->ops->invalidate) {
		array->entry_num = 0;
		return -EOPNOTSUPP;
	}
	return hwpt->domain->ops->invalidate(hwpt->domain, array);
}

static int invalidate_viommu(struct iommufd_viommu *viommu,
			     struct iommu_user_array *array)
{
	if (!viommu->viommu->ops->invalidate) {
		array->entry_num = 0;
		return -EOPNOTSUPP;
	}
	return viommu->viommu->ops->invalidate(viommu->viommu, array);
}

static int invalidate(struct iommufd_object *pt, struct iommu_user_array *array)
{
	switch (pt->kind) {
	case IOMMUFD_HWPT_NESTED:
		return invalidate_nested(iommufd_hwpt_of(pt), array);
	case IOMMUFD_VIOMMU:
		return invalidate_viommu(iommufd_viommu_of(pt), array);
	default:
		array->entry_num = 0;
		return -EINVAL;
	}
}

static int check(const struct iommu_hwpt_invalidate *cmd)
{
	if (cmd->__reserved)
		return -EOPNOTSUPP;
	if (cmd->entry_num &&
	    (!cmd->data_uptr || !cmd->entry_len || cmd->entry_len > MAX_ENTRY ||
	     cmd->entry_num > MAX_ENTRIES))
		return -EINVAL;
	return 0;
}

/* *@done: how many were carried out. */
static int carry_out(struct iommufd_request *req, uint32_t *done)
{
	const struct iommu_hwpt_invalidate *cmd = &req->cmd.invalidate;
	struct invalidation inv = {
		.array.type = cmd->data_type,
		.array.entry_len = cmd->entry_len,
		.array.entry_num = cmd->entry_num,
		.array.read = entry_read,
		.user = req->user,
		.addr = cmd->data_uptr,
		.limit = cmd->entry_num,
	};
	struct iommufd_object *pt;
	int rc;

	rc = check(cmd);
	if (rc)
		return rc;
	pt = iommufd_object_get(req->ctx, cmd->hwpt_id, IOMMUFD_ANY);
	if (!pt)
		return -ENOENT;
	rc = invalidate(pt, &inv.array);
	iommufd_object_put(pt);
	*done = inv.array.entry_num;
	return rc;
}

int iommufd_hwpt_invalidate_ioctl(struct iommufd_request *req)
{
	uint32_t done = 0;
	int rc, error;

	rc = carry_out(req, &done);
	req->cmd.invalidate.entry_num = done;
	error = iommufd_respond(req);
	return error ? error : rc;
}
