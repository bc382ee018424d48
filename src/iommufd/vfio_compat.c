/* SPDX-License-Identifier: MIT */
/*
 * /dev/iommu in the place of /dev/vfio/vfio. A context has no IOAS for container
 * requests, so it knows the interface and can do nothing with it.
 */
#include <uiommu/iommu_types.h>
#include <uiommu/vfio.h>

#include "iommufd/request.h"

long iommufd_vfio_ioctl(struct iommufd_ctx *ctx, struct uiommu_user *user,
			unsigned int cmd, uint64_t arg)
{
	switch (cmd) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return 0;
	case VFIO_SET_IOMMU:
		if (arg != VFIO_TYPE1_IOMMU && arg != VFIO_TYPE1v2_IOMMU)
			return -EINVAL;
		return -ENODEV;
	case VFIO_IOMMU_GET_INFO:
	case VFIO_IOMMU_MAP_DMA:
	case VFIO_IOMMU_UNMAP_DMA:
		return -ENODEV;
	default:
		return -ENOTTY;
	}
}
