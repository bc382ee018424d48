/* SPDX-License-Identifier: MIT */
/**
 * DOC: The VFIO container interface of a context
 *
 * The requests of /dev/vfio/vfio name no IOAS; a context keeps one for them.
 */
#ifndef IOMMUFD_VFIO_COMPAT_H
#define IOMMUFD_VFIO_COMPAT_H

#include "iommufd/ioas.h"

/**
 * iommufd_vfio_ioas_get() - become a reader of the IOAS for container requests
 *
 * Return: NULL if there is none.
 */
struct iommufd_ioas *iommufd_vfio_ioas_get(struct iommufd_ctx *ctx);

/**
 * iommufd_vfio_get_info() - VFIO_IOMMU_GET_INFO
 * @arg: the caller's struct vfio_iommu_type1_info
 *
 * Return: 0; -EFAULT; -EINVAL: argsz is too small; -ENODEV: no IOAS; -ENOMEM.
 */
int iommufd_vfio_get_info(struct iommufd_ctx *ctx, struct uiommu_user *user,
			  uint64_t arg);

#endif
