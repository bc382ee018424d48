/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_GET_HW_INFO.
 */
#include "iommufd/device.h"
#include "iommufd/request.h"

/* More than any vendor's struct. */
#define MAX_INFO 256

struct hw_info {
	uint8_t data[MAX_INFO];
	size_t len;
	uint32_t type;
};

/* What the driver says, if it is of the type @wanted. */
static int query(struct iommu_dev *dev, uint32_t wanted, struct hw_info *info)
{
	int rc;

	info->type = IOMMU_HW_INFO_TYPE_NONE;
	info->len = 0;
	if (dev->ops->hw_info) {
		info->len = sizeof(info->data);
		rc = dev->ops->hw_info(dev, info->data, &info->len,
				       &info->type);
		if (rc)
			return rc;
	}
	if (wanted != IOMMU_HW_INFO_TYPE_DEFAULT && wanted != info->type)
		return -EOPNOTSUPP;
	return 0;
}

/* As much as the client has room for; zeroes in the rest of its room. */
static int copy_data(struct uiommu_user *user, const struct hw_info *info,
		     const struct iommu_hw_info *cmd)
{
	size_t len = info->len < cmd->data_len ? info->len : cmd->data_len;
	int rc = 0;

	if (len)
		rc = user->ops->copy_out(user, cmd->data_uptr, info->data, len);
	if (!rc)
		rc = iommufd_zero_user(user, cmd->data_uptr + len,
				       cmd->data_len - len);
	return rc;
}

static uint64_t capabilities(struct iommu_dev *dev)
{
	uint64_t caps = 0;

	if (iommu_dev_capable(dev, IOMMU_CAP_DIRTY_TRACKING))
		caps |= IOMMU_HW_CAP_DIRTY_TRACKING;
	if (dev->pasid_bits && iommu_dev_capable(dev, IOMMU_CAP_PASID_EXEC))
		caps |= IOMMU_HW_CAP_PCI_PASID_EXEC;
	if (dev->pasid_bits && iommu_dev_capable(dev, IOMMU_CAP_PASID_PRIV))
		caps |= IOMMU_HW_CAP_PCI_PASID_PRIV;
	if (!iommu_dev_capable(dev, IOMMU_CAP_PCI_ATS))
		caps |= IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED;
	return caps;
}

static int hw_info(struct iommufd_request *req, struct iommu_dev *dev)
{
	struct iommu_hw_info *cmd = &req->cmd.hw_info;
	uint32_t wanted = IOMMU_HW_INFO_TYPE_DEFAULT;
	struct hw_info info;
	int rc;

	if (cmd->flags & IOMMU_HW_INFO_FLAG_INPUT_TYPE)
		wanted = cmd->in_data_type;
	rc = query(dev, wanted, &info);
	if (!rc)
		rc = copy_data(req->user, &info, cmd);
	if (rc)
		return rc;
	cmd->data_len = (uint32_t)info.len;
	cmd->out_data_type = info.type;
	cmd->out_max_pasid_log2 = (uint8_t)dev->pasid_bits;
	cmd->out_capabilities = capabilities(dev);
	return iommufd_respond(req);
}

int iommufd_hw_info_ioctl(struct iommufd_request *req)
{
	const struct iommu_hw_info *cmd = &req->cmd.hw_info;
	struct iommufd_device *idev;
	int rc;

	if ((cmd->flags & ~(uint32_t)IOMMU_HW_INFO_FLAG_INPUT_TYPE) ||
	    cmd->__reserved[0] || cmd->__reserved[1] || cmd->__reserved[2])
		return -EOPNOTSUPP;
	idev = iommufd_device_get(req->ctx, cmd->dev_id);
	if (!idev)
		return -ENOENT;
	rc = hw_info(req, idev->dev);
	iommufd_object_put(&idev->obj);
	return rc;
}
