/* SPDX-License-Identifier: MIT */
/*
 * The container interface on /dev/iommu.
 */
#include <string.h>

#include "client.h"

static long by_value(struct client *c, unsigned int cmd, uint64_t arg)
{
	return sys_ioctl(c->fd, cmd, arg);
}

/* An IOAS for container requests. */
static uint32_t container(struct client *c)
{
	struct iommu_vfio_ioas cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_VFIO_IOAS_SET,
		.ioas_id = new_ioas(c),
	};

	is(c, call(c, IOMMU_VFIO_IOAS, &cmd), 0);
	return cmd.ioas_id;
}

static long map_dma(struct client *c, uint32_t flags, uint64_t offset,
		    uint64_t size, uint64_t iova)
{
	struct vfio_iommu_type1_dma_map cmd = {
		.argsz = sizeof(cmd),
		.flags = flags,
		.vaddr = (uintptr_t)c->mem + offset,
		.iova = iova,
		.size = size,
	};

	return call(c, VFIO_IOMMU_MAP_DMA, &cmd);
}

#define DMA_RW (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

/* Return: bytes or an error. */
static long long unmap_dma(struct client *c, uint32_t flags, uint64_t iova,
			   uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap cmd = {
		.argsz = sizeof(cmd),
		.flags = flags,
		.iova = iova,
		.size = size,
	};
	long rc = call(c, VFIO_IOMMU_UNMAP_DMA, &cmd);

	return rc ? rc : (long long)cmd.size;
}

static void api_version(struct client *c, const void *arg)
{
	is(c, by_value(c, VFIO_GET_API_VERSION, 0), VFIO_API_VERSION);
}

static void extensions(struct client *c, const void *arg)
{
	unsigned int i;

	for (i = 0; i != 20; i++) {
		if (i == VFIO_DMA_CC_IOMMU || i == VFIO_NOIOMMU_IOMMU)
			continue;
		is(c, by_value(c, VFIO_CHECK_EXTENSION, i),
		   i == VFIO_TYPE1_IOMMU || i == VFIO_TYPE1v2_IOMMU ||
			   i == VFIO_UNMAP_ALL);
	}
}

static void extension_cc(struct client *c, const void *arg)
{
	uint32_t pt = container(c);
	long rc;

	bind_device(c);
	is(c, attach(c, &pt), 0);
	rc = by_value(c, VFIO_CHECK_EXTENSION, VFIO_DMA_CC_IOMMU);
	holds(c, rc == 0 || rc == 1);
}

static void set_without(struct client *c, const void *arg)
{
	is(c, by_value(c, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), -ENODEV);
	is(c, by_value(c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), -ENODEV);
}

static void set_types(struct client *c, const void *arg)
{
	unsigned int i;

	container(c);
	is(c, by_value(c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	is(c, by_value(c, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	for (i = 0; i != 12; i++)
		if (i != VFIO_TYPE1_IOMMU && i != VFIO_TYPE1v2_IOMMU &&
		    i != VFIO_NOIOMMU_IOMMU)
			is(c, by_value(c, VFIO_SET_IOMMU, i), -EINVAL);
}

static void set_type1(struct client *c, const void *arg)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_GET,
		.object_id = container(c),
	};

	is(c, by_value(c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	is(c, call(c, IOMMU_OPTION, &cmd), 0);
	is(c, cmd.val64, 1);
	is(c, by_value(c, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	is(c, call(c, IOMMU_OPTION, &cmd), 0);
	is(c, cmd.val64, 0);
}

/* ---- GET_INFO ------------------------------------------------------ */

struct answer {
	struct vfio_iommu_type1_info info;
	struct vfio_iommu_type1_info_dma_avail avail;
	uint32_t pad;
	struct {
		struct vfio_info_cap_header header;
		uint32_t nr_iovas;
		uint32_t reserved;
	} ranges;
	struct vfio_iova_range range[1];
};

static void info_whole(struct client *c, const void *arg)
{
	struct answer a = { .info.argsz = sizeof(a) };

	container(c);
	is(c, call(c, VFIO_IOMMU_GET_INFO, &a), 0);
	is(c, a.info.argsz, sizeof(a));
	is(c, a.info.flags, VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS);
	is(c, a.info.iova_pgsizes & PAGE, PAGE);
	is(c, a.info.cap_offset, 24);
	is(c, a.avail.header.id, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL);
	is(c, a.avail.header.next, 40);
	is(c, a.avail.avail, UINT32_MAX);
	is(c, a.ranges.header.id, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
	is(c, a.ranges.header.next, 0);
	is(c, a.ranges.nr_iovas, 1);
	is(c, a.range[0].start, 0);
	is(c, a.range[0].end, UINT64_MAX);
}

static void info_part(struct client *c, const void *arg)
{
	struct answer a;

	container(c);
	memset(&a, 0, sizeof(a));
	a.info.argsz = 40;
	is(c, call(c, VFIO_IOMMU_GET_INFO, &a), 0);
	is(c, a.info.argsz, sizeof(a));
	is(c, a.info.cap_offset, 0);
	is(c, a.avail.header.id, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL);
	is(c, a.ranges.header.id, 0);
}

static void info_none(struct client *c, const void *arg)
{
	struct answer a;

	container(c);
	memset(&a, 0xee, sizeof(a));
	a.info.argsz = 16;
	is(c, call(c, VFIO_IOMMU_GET_INFO, &a), 0);
	is(c, a.info.argsz, sizeof(a));
	is(c, a.info.cap_offset, 0xeeeeeeee);
	a.info.argsz = 15;
	is(c, call(c, VFIO_IOMMU_GET_INFO, &a), -EINVAL);
	is(c, sys_ioctl(c->fd, VFIO_IOMMU_GET_INFO, NOWHERE), -EFAULT);
}

static void info_without(struct client *c, const void *arg)
{
	struct answer a = { .info.argsz = sizeof(a) };

	is(c, call(c, VFIO_IOMMU_GET_INFO, &a), -ENODEV);
}

/* ---- MAP_DMA ------------------------------------------------------- */

struct dma_case {
	uint32_t flags;
	uint64_t offset;
	uint64_t size;
	uint64_t iova;
	long want;
};

/* A page is mapped at IOVA. */
static void map_case(struct client *c, const void *arg)
{
	const struct dma_case *d = arg;

	container(c);
	is(c, map_dma(c, DMA_RW, 0, PAGE, IOVA), 0);
	is(c, map_dma(c, d->flags, d->offset, d->size, d->iova), d->want);
}

#define DMA(...) (&(const struct dma_case){ __VA_ARGS__ })

static void map_size(struct client *c, const void *arg)
{
	struct vfio_iommu_type1_dma_map cmd = { .argsz = sizeof(cmd) - 1,
						.flags = DMA_RW,
						.vaddr = (uintptr_t)c->mem,
						.iova = IOVA,
						.size = PAGE };

	container(c);
	is(c, call(c, VFIO_IOMMU_MAP_DMA, &cmd), -EINVAL);
	is(c, sys_ioctl(c->fd, VFIO_IOMMU_MAP_DMA, NOWHERE), -EFAULT);
	cmd.argsz = sizeof(cmd) + 8;
	is(c, call(c, VFIO_IOMMU_MAP_DMA, &cmd), 0);
}

static void map_without(struct client *c, const void *arg)
{
	is(c, map_dma(c, DMA_RW, 0, PAGE, IOVA), -ENODEV);
	is(c, unmap_dma(c, 0, IOVA, PAGE), -ENODEV);
}

static void same_ioas(struct client *c, const void *arg)
{
	uint32_t ioas = container(c);

	is(c, map_dma(c, DMA_RW, 0, PAGE, IOVA), 0);
	is(c, unmapped(c, ioas, IOVA, PAGE), PAGE);
	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
	is(c, unmap_dma(c, 0, IOVA, PAGE), PAGE);
}

/* ---- UNMAP_DMA ----------------------------------------------------- */

struct undma_case {
	uint32_t flags;
	uint64_t iova;
	uint64_t size;
	long want;
};

/* Four pages are mapped at IOVA, and stay. */
static void unmap_case(struct client *c, const void *arg)
{
	const struct undma_case *u = arg;

	container(c);
	is(c, by_value(c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	is(c, map_dma(c, DMA_RW, 0, 4 * PAGE, IOVA), 0);
	is(c, unmap_dma(c, u->flags, u->iova, u->size), u->want);
	is(c, unmap_dma(c, 0, IOVA, 4 * PAGE), 4 * PAGE);
}

#define UNDMA(...) (&(const struct undma_case){ __VA_ARGS__ })

static void unmap_size(struct client *c, const void *arg)
{
	struct vfio_iommu_type1_dma_unmap cmd = { .argsz = sizeof(cmd) - 1,
						  .iova = IOVA,
						  .size = PAGE };

	container(c);
	is(c, call(c, VFIO_IOMMU_UNMAP_DMA, &cmd), -EINVAL);
	is(c, sys_ioctl(c->fd, VFIO_IOMMU_UNMAP_DMA, NOWHERE), -EFAULT);
}

static void unmap_all(struct client *c, const void *arg)
{
	container(c);
	is(c, unmap_dma(c, VFIO_DMA_UNMAP_FLAG_ALL, 0, 0), 0);
	is(c, map_dma(c, DMA_RW, 0, PAGE, 0), 0);
	is(c, map_dma(c, DMA_RW, 0, 4 * PAGE, IOVA), 0);
	is(c, unmap_dma(c, VFIO_DMA_UNMAP_FLAG_ALL, 0, 0), 5 * PAGE);
}

static void unmap_several(struct client *c, const void *arg)
{
	container(c);
	is(c, map_dma(c, DMA_RW, 0, PAGE, IOVA), 0);
	is(c, map_dma(c, DMA_RW, 0, PAGE, IOVA + 4 * PAGE), 0);
	is(c, unmap_dma(c, 0, IOVA - PAGE, 16 * PAGE), 2 * PAGE);
}

static void unmap_v1(struct client *c, const void *arg)
{
	uint32_t pt = container(c);

	is(c, by_value(c, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	if (c->device->cdev[0]) {
		bind_device(c);
		is(c, attach(c, &pt), 0);
	}
	is(c, map_dma(c, DMA_RW, 0, 4 * MEGA, IOVA), 0);
	is(c, unmap_dma(c, 0, IOVA + PAGE, PAGE), PAGE);
	is(c, unmap_dma(c, 0, IOVA, PAGE), PAGE);
	is(c, unmap_dma(c, 0, IOVA + 3 * MEGA, 2 * MEGA), MEGA);
	is(c, map_dma(c, DMA_RW, 0, PAGE, IOVA + PAGE), 0);
	is(c, map_dma(c, DMA_RW, 0, PAGE, IOVA + 2 * PAGE), -EEXIST);
	is(c, unmap_dma(c, VFIO_DMA_UNMAP_FLAG_ALL, 0, 0), 3 * MEGA - PAGE);
}

static void not_there(struct client *c, const void *arg)
{
	uint64_t args[8] = { 64 };

	container(c);
	is(c, call(c, VFIO_IOMMU_DIRTY_PAGES, args), -ENOTTY);
	is(c, call(c, VFIO_IOMMU_ENABLE, args), -ENOTTY);
	is(c, call(c, VFIO_IOMMU_DISABLE, args), -ENOTTY);
	is(c, call(c, VFIO_GROUP_GET_STATUS, args), -ENOTTY);
}

static const struct rule rules[] = {
	{ "container: the API version is 0", api_version, NULL },
	{ "container: TYPE1, TYPE1v2 and UNMAP_ALL are extensions", extensions,
	  NULL },
	{ "container: DMA_CC is an extension if the page tables have it",
	  extension_cc, NULL },
	{ "container: SET_IOMMU without an IOAS is ENODEV", set_without, NULL },
	{ "container: SET_IOMMU of other types than type1 is EINVAL", set_types,
	  NULL },
	{ "container: type1 version 1 switches large pages off", set_type1,
	  NULL },
	{ "container: GET_INFO has DMA_AVAIL and IOVA_RANGE, in this order",
	  info_whole, NULL },
	{ "container: GET_INFO writes the capabilities that fit, and says how "
	  "much all need",
	  info_part, NULL },
	{ "container: GET_INFO for callers that know no capabilities",
	  info_none, NULL },
	{ "container: GET_INFO without an IOAS is ENODEV", info_without, NULL },
	{ "container: MAP_DMA works", map_case,
	  DMA(DMA_RW, PAGE, PAGE, IOVA + PAGE, 0) },
	{ "container: MAP_DMA of an unknown flag is EINVAL", map_case,
	  DMA(DMA_RW | 8, PAGE, PAGE, IOVA + PAGE, -EINVAL) },
	{ "container: MAP_DMA of VADDR is EINVAL", map_case,
	  DMA(DMA_RW | VFIO_DMA_MAP_FLAG_VADDR, PAGE, PAGE, IOVA + PAGE,
	      -EINVAL) },
	{ "container: MAP_DMA of nothing is EINVAL", map_case,
	  DMA(DMA_RW, PAGE, 0, IOVA + PAGE, -EINVAL) },
	{ "container: MAP_DMA of what is mapped is EEXIST", map_case,
	  DMA(DMA_RW, PAGE, PAGE, IOVA, -EEXIST) },
	{ "container: MAP_DMA across what is mapped is EEXIST", map_case,
	  DMA(DMA_RW, PAGE, 3 * PAGE, IOVA - PAGE, -EEXIST) },
	{ "container: MAP_DMA looks at argsz", map_size, NULL },
	{ "container: MAP_DMA and UNMAP_DMA without an IOAS are ENODEV",
	  map_without, NULL },
	{ "container: maps are those of the IOAS", same_ioas, NULL },
	{ "container: UNMAP_DMA where nothing is gives size 0", unmap_case,
	  UNDMA(0, IOVA + MEGA, PAGE, 0) },
	{ "container: UNMAP_DMA of a part is ENOENT in version 2", unmap_case,
	  UNDMA(0, IOVA + PAGE, PAGE, -ENOENT) },
	{ "container: UNMAP_DMA of the beginning is ENOENT in version 2",
	  unmap_case, UNDMA(0, IOVA, PAGE, -ENOENT) },
	{ "container: UNMAP_DMA of an unknown flag is EINVAL", unmap_case,
	  UNDMA(8, IOVA, 4 * PAGE, -EINVAL) },
	{ "container: UNMAP_DMA of VADDR is EINVAL", unmap_case,
	  UNDMA(VFIO_DMA_UNMAP_FLAG_VADDR, IOVA, 4 * PAGE, -EINVAL) },
	{ "container: UNMAP_DMA with a dirty bitmap is EINVAL", unmap_case,
	  UNDMA(VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP, IOVA, 4 * PAGE,
		-EINVAL) },
	{ "container: UNMAP_DMA of ALL with an iova is EINVAL", unmap_case,
	  UNDMA(VFIO_DMA_UNMAP_FLAG_ALL, IOVA, 0, -EINVAL) },
	{ "container: UNMAP_DMA of ALL with a size is EINVAL", unmap_case,
	  UNDMA(VFIO_DMA_UNMAP_FLAG_ALL, 0, PAGE, -EINVAL) },
	{ "container: UNMAP_DMA of ALL is everything", unmap_all, NULL },
	{ "container: UNMAP_DMA of several mappings", unmap_several, NULL },
	{ "container: UNMAP_DMA looks at argsz", unmap_size, NULL },
	{ "container: UNMAP_DMA takes any part in version 1", unmap_v1, NULL },
	{ "container: what only other containers have is ENOTTY", not_there,
	  NULL },
};

const struct rules container_rules = RULES(rules);
