/* SPDX-License-Identifier: MIT */
/**
 * DOC: The VFIO container interface of a context
 *
 * The requests of /dev/vfio/vfio name no IOAS; a context keeps one for them.
 */
#ifndef IOMMUFD_VFIO_COMPAT_H
#define IOMMUFD_VFIO_COMPAT_H

#include <uiommu/vfio.h>

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

/* ---- Dirty pages; only of a context that was opened as /dev/vfio/vfio */

/* Bytes of the largest bitmap: 8 TiB of addresses. */
#define IOMMUFD_VFIO_MAX_BITMAP (256ULL << 20)

/** iommufd_vfio_dirty_pages() - VFIO_IOMMU_DIRTY_PAGES; 0 or the uAPI's error. */
int iommufd_vfio_dirty_pages(struct iommufd_ctx *ctx, struct uiommu_user *user,
			     uint64_t arg);

/** iommufd_vfio_logs() - has the client asked for dirty pages? */
bool iommufd_vfio_logs(struct iommufd_ctx *ctx);

/** iommufd_vfio_check_bitmap() - can @bitmap take that range? 0 or -EINVAL. */
int iommufd_vfio_check_bitmap(uint64_t iova, uint64_t size,
			      const struct vfio_bitmap *bitmap);

/**
 * iommufd_vfio_report() - set the bits of dirty pages in the caller's @bitmap
 *
 * Context: no lock held; the bitmap has been checked. Return: 0 or -EFAULT.
 */
int iommufd_vfio_report(struct iommufd_ioas *ioas, struct uiommu_user *user,
			uint64_t iova, uint64_t size,
			const struct vfio_bitmap *bitmap);

#endif
