/* SPDX-License-Identifier: MIT */
/*
 * VFIO_IOMMU_GET_INFO: what a container says of its IOMMU.
 */
#include <stdlib.h>

#include <uiommu/vfio.h>

#include "iommufd/hwpt.h"
#include "iommufd/vfio_compat.h"

/* There is no limit; a program that counts down gets nowhere with this. */
#define DMA_AVAIL UINT32_MAX

/*
 * struct info - an answer in the making
 * @user: the caller
 * @arg: the caller's struct
 * @room: bytes there
 * @need: bytes of all that there is to say
 * @link: where the last capability says where the next one is; 0 = it was not written
 */
struct info {
	struct uiommu_user *user;
	uint64_t arg;
	uint32_t room;
	uint32_t need;
	uint64_t link;
};

/* Append a capability if there is room for it; count it in any case. */
static int append(struct info *info, const void *cap, size_t size)
{
	uint32_t at = info->need;
	int rc = 0;

	/* Also if there is no room for it: the struct says so, as on Linux. */
	if (info->link)
		rc = info->user->ops->copy_out(info->user, info->link, &at,
					       sizeof(at));
	info->link = 0;
	info->need += (uint32_t)((size + 7) & ~(size_t)7);
	if (rc || info->need > info->room)
		return rc;
	info->link =
		info->arg + at + offsetof(struct vfio_info_cap_header, next);
	return info->user->ops->copy_out(info->user, info->arg + at, cap, size);
}

static int append_avail(struct info *info)
{
	const struct vfio_iommu_type1_info_dma_avail cap = {
		.header = { .id = VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL,
			    .version = 1 },
		.avail = DMA_AVAIL,
	};

	return append(info, &cap, sizeof(cap));
}

static int append_migration(struct info *info)
{
	const struct vfio_iommu_type1_info_cap_migration cap = {
		.header = { .id = VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION,
			    .version = 1 },
		.pgsize_bitmap = UIOMMU_PAGE_SIZE,
		.max_dirty_bitmap_size = IOMMUFD_VFIO_MAX_BITMAP,
	};

	return append(info, &cap, sizeof(cap));
}

static int append_ranges(struct info *info, struct iommufd_ioas *ioas)
{
	struct vfio_iommu_type1_info_cap_iova_range *cap;
	struct iommu_iova_range *range;
	uint32_t nr, i;
	size_t size;
	int rc;

	rc = iommufd_ioas_usable(ioas, &range, &nr);
	if (rc)
		return rc;
	size = sizeof(*cap) + nr * sizeof(cap->iova_ranges[0]);
	cap = calloc(1, size);
	if (cap) {
		cap->header.id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE;
		cap->header.version = 1;
		cap->nr_iovas = nr;
		for (i = 0; i != nr; i++) {
			cap->iova_ranges[i].start = range[i].start;
			cap->iova_ranges[i].end = range[i].last;
		}
	}
	rc = cap ? append(info, cap, size) : -ENOMEM;
	free(cap);
	free(range);
	return rc;
}

/*
 * What every page table has; sizes below a page, which memory cannot be pinned
 * in, count as a page.
 */
static uint64_t page_sizes(struct iommufd_ioas *ioas)
{
	const struct iommufd_hwpt *hwpt;
	uint64_t sizes = UINT64_MAX;

	pthread_mutex_lock(&ioas->lock);
	for (hwpt = ioas->hwpts; hwpt; hwpt = hwpt->next)
		sizes &= hwpt->domain->pgsize_bitmap;
	pthread_mutex_unlock(&ioas->lock);
	if (sizes & (UIOMMU_PAGE_SIZE - 1))
		sizes = (sizes & ~(UIOMMU_PAGE_SIZE - 1)) | UIOMMU_PAGE_SIZE;
	return sizes;
}

static int answer(struct iommufd_ioas *ioas, bool migration,
		  struct uiommu_user *user, uint64_t arg,
		  struct vfio_iommu_type1_info *out)
{
	struct info info = {
		.user = user,
		.arg = arg,
		.room = out->argsz,
		.need = sizeof(*out),
	};
	size_t len = out->argsz < sizeof(*out) ? out->argsz : sizeof(*out);
	int rc;

	rc = append_avail(&info);
	if (!rc)
		rc = append_ranges(&info, ioas);
	if (!rc && migration)
		rc = append_migration(&info);
	if (rc)
		return rc;
	out->flags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS;
	out->iova_pgsizes = page_sizes(ioas);
	out->cap_offset = info.need <= info.room ? sizeof(*out) : 0;
	out->argsz = info.need;
	return user->ops->copy_out(user, arg, out, len);
}

int iommufd_vfio_get_info(struct iommufd_ctx *ctx, struct uiommu_user *user,
			  uint64_t arg)
{
	struct vfio_iommu_type1_info info = { 0 };
	struct iommufd_ioas *ioas;
	int rc;

	rc = user->ops->copy_in(user, &info, arg,
				offsetof(struct vfio_iommu_type1_info,
					 cap_offset));
	if (rc)
		return rc;
	if (info.argsz < offsetof(struct vfio_iommu_type1_info, cap_offset))
		return -EINVAL;
	ioas = iommufd_vfio_ioas_get(ctx);
	if (!ioas)
		return -ENODEV;
	rc = answer(ioas, ctx->is_container, user, arg, &info);
	iommufd_object_put(&ioas->obj);
	return rc;
}
