/* SPDX-License-Identifier: MIT */
/*
 * Dirty pages by the container interface. It promises less than a page table that
 * keeps dirty bits: every page that a device could have written is reported.
 */
#include <string.h>

#include "iommufd/vfio_compat.h"

/* Bytes of a bitmap at a time: 128 MiB of addresses. */
#define CHUNK 4096U

static uint64_t pages_of(uint64_t start, uint64_t last)
{
	return (last - start) / UIOMMU_PAGE_SIZE + 1;
}

int iommufd_vfio_check_bitmap(uint64_t iova, uint64_t size,
			      const struct vfio_bitmap *bitmap)
{
	uint64_t last, need;

	if (!size || (iova | size) % UIOMMU_PAGE_SIZE ||
	    __builtin_add_overflow(iova, size - 1, &last) ||
	    bitmap->pgsize != UIOMMU_PAGE_SIZE ||
	    bitmap->size > IOMMUFD_VFIO_MAX_BITMAP)
		return -EINVAL;
	/* Bitmaps are arrays of u64. */
	need = (pages_of(iova, last) + 63) / 64 * 8;
	return bitmap->size < need ? -EINVAL : 0;
}

/* Set @nr bits from @first on. */
static void set_bits(uint8_t *map, uint64_t first, uint64_t nr)
{
	for (; nr && first % 8; first++, nr--)
		map[first / 8] |= (uint8_t)(1U << first % 8);
	memset(map + first / 8, 0xff, nr / 8);
	for (first += nr / 8 * 8, nr %= 8; nr; first++, nr--)
		map[first / 8] |= (uint8_t)(1U << first % 8);
}

/*
 * The pages of [@start, @last] that devices may have written, bit 0 being the one at
 * @start. Return: is there any?
 */
static bool find_dirty(struct iommufd_ioas *ioas, uint64_t start, uint64_t last,
		       uint8_t *map)
{
	const struct iommufd_area *area;
	struct iommufd_range *r;
	uint64_t from, to;
	bool any = false;

	pthread_mutex_lock(&ioas->lock);
	for (r = iommufd_range_first(&ioas->areas, start, last); r;
	     r = iommufd_range_next(r, start, last)) {
		area = iommufd_area_of(r);
		if (!area->pinned || !(area->prot & IOMMU_WRITE))
			continue;
		from = r->start > start ? r->start : start;
		to = r->last < last ? r->last : last;
		set_bits(map, (from - start) / UIOMMU_PAGE_SIZE,
			 pages_of(from, to));
		any = true;
	}
	pthread_mutex_unlock(&ioas->lock);
	return any;
}

/* Bits that the caller has set stay. */
static int merge(struct uiommu_user *user, uint64_t addr, const uint8_t *map,
		 size_t len)
{
	uint8_t old[CHUNK];
	size_t i;
	int rc;

	rc = user->ops->copy_in(user, old, addr, len);
	if (rc)
		return rc;
	for (i = 0; i != len; i++)
		old[i] |= map[i];
	return user->ops->copy_out(user, addr, old, len);
}

int iommufd_vfio_report(struct iommufd_ioas *ioas, struct uiommu_user *user,
			uint64_t iova, uint64_t size,
			const struct vfio_bitmap *bitmap)
{
	uint64_t data = (uintptr_t)bitmap->data, at = 0, n;
	uint8_t map[CHUNK];
	int rc = 0;

	for (; at != size && !rc; at += n) {
		n = (uint64_t)CHUNK * 8 * UIOMMU_PAGE_SIZE;
		if (n > size - at)
			n = size - at;
		memset(map, 0, sizeof(map));
		if (find_dirty(ioas, iova + at, iova + at + n - 1, map))
			rc = merge(user, data + at / UIOMMU_PAGE_SIZE / 8, map,
				   (size_t)(n / UIOMMU_PAGE_SIZE + 7) / 8);
	}
	return rc;
}

bool iommufd_vfio_logs(struct iommufd_ctx *ctx)
{
	bool logs;

	pthread_mutex_lock(&ctx->lock);
	logs = ctx->logs_dirty;
	pthread_mutex_unlock(&ctx->lock);
	return logs;
}

static int set_logging(struct iommufd_ctx *ctx, bool on)
{
	pthread_mutex_lock(&ctx->lock);
	ctx->logs_dirty = on;
	pthread_mutex_unlock(&ctx->lock);
	return 0;
}

static int get_bitmap(struct iommufd_ctx *ctx, struct uiommu_user *user,
		      uint64_t arg, uint32_t argsz, struct iommufd_ioas *ioas)
{
	struct vfio_iommu_type1_dirty_bitmap_get get;
	int rc;

	if (!iommufd_vfio_logs(ctx))
		return -EINVAL;
	if (argsz < sizeof(struct vfio_iommu_type1_dirty_bitmap) + sizeof(get))
		return -EINVAL;
	rc = user->ops->copy_in(
		user, &get, arg + sizeof(struct vfio_iommu_type1_dirty_bitmap),
		sizeof(get));
	if (!rc)
		rc = iommufd_vfio_check_bitmap(get.iova, get.size, &get.bitmap);
	if (rc)
		return rc;
	return iommufd_vfio_report(ioas, user, get.iova, get.size, &get.bitmap);
}

int iommufd_vfio_dirty_pages(struct iommufd_ctx *ctx, struct uiommu_user *user,
			     uint64_t arg)
{
	struct vfio_iommu_type1_dirty_bitmap cmd;
	struct iommufd_ioas *ioas;
	int rc;

	rc = user->ops->copy_in(user, &cmd, arg, sizeof(cmd));
	if (rc)
		return rc;
	if (cmd.argsz < sizeof(cmd))
		return -EINVAL;
	ioas = iommufd_vfio_ioas_get(ctx);
	if (!ioas)
		return -ENODEV;
	switch (cmd.flags) {
	case VFIO_IOMMU_DIRTY_PAGES_FLAG_START:
		rc = set_logging(ctx, true);
		break;
	case VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP:
		rc = set_logging(ctx, false);
		break;
	case VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP:
		rc = get_bitmap(ctx, user, arg, cmd.argsz, ioas);
		break;
	default:
		rc = -EINVAL;
	}
	iommufd_object_put(&ioas->obj);
	return rc;
}
