/* SPDX-License-Identifier: MIT */
/*
 * /dev/iommu in the place of /dev/vfio/vfio: the type1 container interface on an
 * IOAS that the context keeps for it, and IOMMU_VFIO_IOAS, which says which one.
 */
#include <stdlib.h>

#include <uiommu/vfio.h>

#include "iommufd/account.h"
#include "iommufd/hwpt.h"
#include "iommufd/iommufd_device.h"
#include "iommufd/request.h"
#include "iommufd/vfio_compat.h"

/* ---- The IOAS ------------------------------------------------------ */

struct iommufd_ioas *iommufd_vfio_ioas_get(struct iommufd_ctx *ctx)
{
	struct iommufd_object *obj = iommufd_object_get_vfio(ctx);

	return obj ? iommufd_ioas_of(obj) : NULL;
}

int iommufd_vfio_ioas_id(struct uiommu_file *file, uint32_t *id)
{
	struct iommufd_object *obj =
		iommufd_object_get_vfio(iommufd_ctx_of(file));

	if (!obj)
		return -ENODEV;
	*id = iommufd_object_id(obj);
	iommufd_object_put(obj);
	return 0;
}

int iommufd_vfio_make_ioas(struct uiommu_file *file)
{
	struct iommufd_ctx *ctx = iommufd_ctx_of(file);
	struct iommufd_ioas *ioas;
	uint32_t id;
	int rc;

	if (!iommufd_vfio_ioas_id(file, &id))
		return 0;
	rc = iommufd_ioas_new(ctx, &ioas);
	if (rc)
		return rc;
	/* Somebody may have been faster. */
	if (!iommufd_object_publish_vfio(&ioas->obj))
		iommufd_object_abort(&ioas->obj);
	return 0;
}

static int set_ioas(struct iommufd_request *req)
{
	struct iommufd_ioas *ioas;

	ioas = iommufd_ioas_get(req->ctx, req->cmd.vfio_ioas.ioas_id);
	if (!ioas)
		return -ENOENT;
	iommufd_object_set_vfio(req->ctx, &ioas->obj);
	iommufd_object_put(&ioas->obj);
	return 0;
}

int iommufd_vfio_ioas_ioctl(struct iommufd_request *req)
{
	struct iommu_vfio_ioas *cmd = &req->cmd.vfio_ioas;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	switch (cmd->op) {
	case IOMMU_VFIO_IOAS_GET:
		rc = iommufd_vfio_ioas_id(&req->ctx->file, &cmd->ioas_id);
		return rc ? rc : iommufd_respond(req);
	case IOMMU_VFIO_IOAS_SET:
		return set_ioas(req);
	case IOMMU_VFIO_IOAS_CLEAR:
		iommufd_object_set_vfio(req->ctx, NULL);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/* ---- What it can do ------------------------------------------------ */

/* Do all page tables overrule requests that bypass the CPU's caches? */
static int keeps_coherent(struct iommufd_ctx *ctx)
{
	struct iommufd_ioas *ioas = iommufd_vfio_ioas_get(ctx);
	const struct iommufd_hwpt *hwpt;
	int all = 1;

	if (!ioas)
		return -ENODEV;
	pthread_mutex_lock(&ioas->lock);
	for (hwpt = ioas->hwpts; hwpt; hwpt = hwpt->next)
		all = all && hwpt->enforces_coherency;
	pthread_mutex_unlock(&ioas->lock);
	iommufd_object_put(&ioas->obj);
	return all;
}

static int check_extension(struct iommufd_ctx *ctx, uint64_t extension)
{
	switch (extension) {
	case VFIO_TYPE1_IOMMU:
	case VFIO_TYPE1v2_IOMMU:
	case VFIO_UNMAP_ALL:
		return 1;
	case VFIO_DMA_CC_IOMMU:
		return keeps_coherent(ctx);
	default:
		return 0;
	}
}

/*
 * The first version of type1 lets an unmap take any part of a mapping. Large
 * entries would stand in the way, so there are none.
 */
static int set_iommu(struct iommufd_ctx *ctx, uint64_t type)
{
	struct iommufd_ioas *ioas;
	int rc = 0;

	if (type != VFIO_TYPE1_IOMMU && type != VFIO_TYPE1v2_IOMMU)
		return -EINVAL;
	ioas = iommufd_vfio_ioas_get(ctx);
	if (!ioas)
		return -ENODEV;
	if (type == VFIO_TYPE1_IOMMU) {
		pthread_mutex_lock(&ioas->lock);
		rc = iommufd_ioas_set_huge_pages(ioas, 0);
		pthread_mutex_unlock(&ioas->lock);
	}
	iommufd_object_put(&ioas->obj);
	return rc;
}

/* ---- Map and unmap ------------------------------------------------- */

static unsigned int to_prot(uint32_t flags)
{
	unsigned int prot = IOMMU_CACHE;

	if (flags & VFIO_DMA_MAP_FLAG_READ)
		prot |= IOMMU_READ;
	if (flags & VFIO_DMA_MAP_FLAG_WRITE)
		prot |= IOMMU_WRITE;
	return prot;
}

/* The memory of a map request. */
static int check_map(const struct vfio_iommu_type1_dma_map *cmd)
{
	uint64_t end;

	if (!cmd->size)
		return -EINVAL;
	return __builtin_add_overflow(cmd->vaddr, cmd->size, &end) ? -EOVERFLOW
								   : 0;
}

static int map(struct iommufd_ioas *ioas, struct uiommu_user *user,
	       const struct vfio_iommu_type1_dma_map *cmd)
{
	struct iommufd_map map = {
		.ioas = ioas,
		.length = cmd->size,
		.fixed = true,
		.iova = cmd->iova,
	};
	struct iommufd_pages *pages;
	struct uiommu_mem *mem;
	int rc;

	rc = check_map(cmd);
	if (rc)
		return rc;
	mem = user->ops->mem(user);
	if (!mem)
		return -ENOMEM;
	pages = iommufd_pages_of_user(ioas->obj.ctx, user, mem, cmd->vaddr,
				      cmd->size,
				      cmd->flags & VFIO_DMA_MAP_FLAG_WRITE,
				      false);
	if (!pages)
		return -ENOMEM;
	map.areas = iommufd_area_new(pages, pages->start, cmd->size,
				     to_prot(cmd->flags));
	if (!map.areas)
		return -ENOMEM;
	rc = iommufd_map_begin(&map);
	if (rc)
		iommufd_area_free_list(map.areas);
	else
		iommufd_map_commit(&map);
	return rc;
}

static int map_dma(struct iommufd_ctx *ctx, struct uiommu_user *user,
		   uint64_t arg)
{
	const uint32_t known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
	struct vfio_iommu_type1_dma_map cmd;
	struct iommufd_ioas *ioas;
	int rc;

	rc = user->ops->copy_in(user, &cmd, arg, sizeof(cmd));
	if (rc)
		return rc;
	if (cmd.argsz < sizeof(cmd) || cmd.flags & ~known)
		return -EINVAL;
	ioas = iommufd_vfio_ioas_get(ctx);
	if (!ioas)
		return -ENODEV;
	rc = map(ioas, user, &cmd);
	iommufd_object_put(&ioas->obj);
	return rc;
}

/*
 * With small pages only, any part of a mapping can go, as the first version of
 * type1 has it.
 */
static int cut(struct iommufd_ioas *ioas, uint64_t start, uint64_t last)
{
	bool any_part;

	pthread_mutex_lock(&ioas->lock);
	any_part = ioas->small_pages;
	pthread_mutex_unlock(&ioas->lock);
	return any_part ? iommufd_ioas_cut(ioas, start, last) : 0;
}

static int unmap(struct iommufd_ioas *ioas,
		 const struct vfio_iommu_type1_dma_unmap *cmd,
		 uint64_t *unmapped)
{
	uint64_t last;
	int rc;

	if (cmd->flags & VFIO_DMA_UNMAP_FLAG_ALL)
		return iommufd_ioas_unmap(ioas, 0, UINT64_MAX, unmapped);
	if (!cmd->size)
		return -EINVAL;
	if (__builtin_add_overflow(cmd->iova, cmd->size - 1, &last))
		return -EOVERFLOW;
	rc = cut(ioas, cmd->iova, last);
	return rc ? rc : iommufd_ioas_unmap(ioas, cmd->iova, last, unmapped);
}

/* The bitmap that the caller wants of the range before it goes. */
static int copy_bitmap(struct iommufd_ctx *ctx, struct uiommu_user *user,
		       uint64_t arg,
		       const struct vfio_iommu_type1_dma_unmap *cmd,
		       struct vfio_bitmap *bitmap)
{
	int rc;

	if (!ctx->is_container || !iommufd_vfio_logs(ctx) ||
	    cmd->flags & VFIO_DMA_UNMAP_FLAG_ALL ||
	    cmd->argsz < sizeof(*cmd) + sizeof(*bitmap))
		return -EINVAL;
	rc = user->ops->copy_in(user, bitmap, arg + sizeof(*cmd),
				sizeof(*bitmap));
	return rc ? rc
		  : iommufd_vfio_check_bitmap(cmd->iova, cmd->size, bitmap);
}

static int unmap_dma(struct iommufd_ctx *ctx, struct uiommu_user *user,
		     uint64_t arg)
{
	const uint32_t get = VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP;
	const uint32_t all = VFIO_DMA_UNMAP_FLAG_ALL;
	struct vfio_iommu_type1_dma_unmap cmd;
	struct vfio_bitmap bitmap;
	struct iommufd_ioas *ioas;
	uint64_t unmapped = 0;
	int rc, error;

	rc = user->ops->copy_in(user, &cmd, arg, sizeof(cmd));
	if (rc)
		return rc;
	if (cmd.argsz < sizeof(cmd) || cmd.flags & ~(get | all))
		return -EINVAL;
	if (cmd.flags & get) {
		rc = copy_bitmap(ctx, user, arg, &cmd, &bitmap);
		if (rc)
			return rc;
	}
	ioas = iommufd_vfio_ioas_get(ctx);
	if (!ioas)
		return -ENODEV;
	if (cmd.flags & all && (cmd.iova || cmd.size)) {
		iommufd_object_put(&ioas->obj);
		return -EINVAL;
	}
	if (cmd.flags & get)
		rc = iommufd_vfio_report(ioas, user, cmd.iova, cmd.size,
					 &bitmap);
	if (!rc)
		rc = unmap(ioas, &cmd, &unmapped);
	iommufd_object_put(&ioas->obj);
	/* How much it was is told also when there should have been more. */
	cmd.size = unmapped;
	error = user->ops->copy_out(user, arg, &cmd, sizeof(cmd));
	return error ? error : rc;
}

long iommufd_vfio_ioctl(struct iommufd_ctx *ctx, struct uiommu_user *user,
			unsigned int cmd, uint64_t arg)
{
	switch (cmd) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return check_extension(ctx, arg);
	case VFIO_SET_IOMMU:
		return set_iommu(ctx, arg);
	case VFIO_IOMMU_GET_INFO:
		return iommufd_vfio_get_info(ctx, user, arg);
	case VFIO_IOMMU_MAP_DMA:
		return map_dma(ctx, user, arg);
	case VFIO_IOMMU_UNMAP_DMA:
		return unmap_dma(ctx, user, arg);
	case VFIO_IOMMU_DIRTY_PAGES:
		return ctx->is_container
			       ? iommufd_vfio_dirty_pages(ctx, user, arg)
			       : -ENOTTY;
	default:
		return -ENOTTY;
	}
}
