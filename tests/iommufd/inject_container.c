/* SPDX-License-Identifier: MIT */
/*
 * Actions by the container interface.
 */
#include <uiommu/vfio.h>

#include "inject.h"
#include "iommufd/object.h"

#define IOVA INJECT_IOVA
#define NR   INJECT_PAGES
#define HIGH (1ULL << 40)

static long vfio_ioas(struct scene *s, uint16_t op, uint32_t *id)
{
	struct iommu_vfio_ioas cmd = { .size = sizeof(cmd),
				       .ioas_id = *id,
				       .op = op };
	long rc = rig_ioctl(s->rig, IOMMU_VFIO_IOAS, &cmd);

	*id = cmd.ioas_id;
	return rc;
}

/* The scene's IOAS is that of the container, which logs dirty pages. */
static void setup(struct scene *s)
{
	struct vfio_iommu_type1_dirty_bitmap cmd = {
		.argsz = sizeof(cmd),
		.flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_START,
	};

	iommufd_ctx_of(s->rig->fd)->is_container = true;
	assert_int_equal(vfio_ioas(s, IOMMU_VFIO_IOAS_SET, &s->ioas), 0);
	assert_int_equal(rig_ioctl(s->rig, VFIO_IOMMU_DIRTY_PAGES, &cmd), 0);
}

static long run_get(struct scene *s)
{
	uint32_t id = 0;

	return vfio_ioas(s, IOMMU_VFIO_IOAS_GET, &id);
}

static long run_set(struct scene *s)
{
	return vfio_ioas(s, IOMMU_VFIO_IOAS_SET, &s->ioas);
}

/* What setting a container does. */
static long run_make(struct scene *s)
{
	struct iommufd_ctx *ctx = iommufd_ctx_of(s->rig->fd);
	struct iommufd_object *old = ctx->vfio_ioas;
	long rc;

	iommufd_object_set_vfio(ctx, NULL);
	rc = iommufd_vfio_make_ioas(s->rig->fd);
	if (!rc)
		assert_int_equal(iommufd_vfio_ioas_id(s->rig->fd, &s->id), 0);
	iommufd_object_set_vfio(ctx, old);
	return rc;
}

static long run_info(struct scene *s)
{
	struct {
		struct vfio_iommu_type1_info info;
		uint64_t room[64];
	} cmd = { .info.argsz = sizeof(cmd) };

	return rig_ioctl(s->rig, VFIO_IOMMU_GET_INFO, &cmd);
}

static long run_map(struct scene *s)
{
	struct vfio_iommu_type1_dma_map cmd = {
		.argsz = sizeof(cmd),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)s->rig->mem.va + 64 * PAGE,
		.iova = HIGH,
		.size = NR * PAGE,
	};

	return rig_ioctl(s->rig, VFIO_IOMMU_MAP_DMA, &cmd);
}

static void undo_map(struct scene *s)
{
	assert_int_equal(rig_unmap(s->rig, s->ioas, HIGH, NR * PAGE),
			 NR * PAGE);
}

static long run_dirty(struct scene *s)
{
	uint64_t bits = 0;
	struct {
		struct {
			uint32_t argsz;
			uint32_t flags;
		} cmd;
		struct vfio_iommu_type1_dirty_bitmap_get get;
	} cmd = {
		.cmd = { .argsz = sizeof(cmd),
			 .flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP },
		.get = { .iova = IOVA,
			 .size = NR * PAGE,
			 .bitmap = { .pgsize = PAGE,
				     .size = sizeof(bits),
				     .data = (void *)&bits } },
	};
	long rc = rig_ioctl(s->rig, VFIO_IOMMU_DIRTY_PAGES, &cmd);

	if (!rc)
		assert_int_equal(bits, 0xffff);
	return rc;
}

static const struct inject_action actions[] = {
	{ .name = "get the IOAS", .run = run_get, .undo = inject_nothing },
	{ .name = "set the IOAS", .run = run_set, .undo = inject_nothing },
	{ .name = "make an IOAS", .run = run_make, .undo = inject_destroy },
	{ .name = "information", .run = run_info, .undo = inject_nothing },
	{ .name = "map", .run = run_map, .undo = undo_map, .tables_stay = true },
	{ .name = "dirty pages", .run = run_dirty, .undo = inject_nothing },
};

const struct inject_list inject_container = {
	.name = "container",
	INJECT_LIST(actions),
	.setup = setup,
};
