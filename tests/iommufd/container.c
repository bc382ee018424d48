/* SPDX-License-Identifier: MIT */
/*
 * The VFIO container interface of a context: which IOAS it works on, what it says of
 * itself, and how it maps and unmaps.
 */
#include <uiommu/vfio.h>

#include "rig.h"

#define IOVA 0x10000000ULL
#define BAD  ((void *)8)

static long vfio(struct rig *rig, unsigned int cmd, const void *arg)
{
	return rig->fd->ops->ioctl(rig->fd, &rig->user, cmd, (uintptr_t)arg);
}

static long by_value(struct rig *rig, unsigned int cmd, uint64_t arg)
{
	return rig->fd->ops->ioctl(rig->fd, &rig->user, cmd, arg);
}

static long vfio_ioas(struct rig *rig, uint16_t op, uint32_t *id)
{
	struct iommu_vfio_ioas cmd = { .size = sizeof(cmd),
				       .op = op,
				       .ioas_id = *id };
	long rc = rig_ioctl(rig, IOMMU_VFIO_IOAS, &cmd);

	*id = cmd.ioas_id;
	return rc;
}

/* An IOAS for the container requests. */
static uint32_t container(struct rig *rig)
{
	uint32_t ioas = rig_ioas(rig);

	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_SET, &ioas), 0);
	return ioas;
}

/* ... with device 0 attached. */
static uint32_t attached(struct rig *rig)
{
	uint32_t ioas = container(rig), pt = ioas;

	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	return ioas;
}

static long map_flags(struct rig *rig, uint64_t offset, uint64_t size,
		      uint64_t iova, uint32_t flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.vaddr = (uintptr_t)rig->mem.va + offset,
		.iova = iova,
		.size = size,
	};

	return vfio(rig, VFIO_IOMMU_MAP_DMA, &map);
}

static long map(struct rig *rig, uint64_t offset, uint64_t size, uint64_t iova)
{
	return map_flags(rig, offset, size, iova,
			 VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE);
}

/* Return: bytes unmapped, or an error. */
static long unmap(struct rig *rig, uint64_t iova, uint64_t size, uint32_t flags)
{
	struct vfio_iommu_type1_dma_unmap cmd = {
		.argsz = sizeof(cmd),
		.flags = flags,
		.iova = iova,
		.size = size,
	};
	long rc = vfio(rig, VFIO_IOMMU_UNMAP_DMA, &cmd);

	return rc ? rc : (long)cmd.size;
}

/* ---- The IOAS ------------------------------------------------------ */

static void test_ioas(void **state)
{
	struct rig *rig = *state;
	struct iommu_vfio_ioas cmd = { .size = sizeof(cmd), .__reserved = 1 };
	uint32_t a = rig_ioas(rig), b = rig_ioas(rig), id = 0;

	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_GET, &id), -ENODEV);
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_CLEAR, &id), 0);
	assert_int_equal(vfio_ioas(rig, 3, &id), -EOPNOTSUPP);
	assert_int_equal(rig_ioctl(rig, IOMMU_VFIO_IOAS, &cmd), -EOPNOTSUPP);
	id = 12345;
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_SET, &id), -ENOENT);
	rig_bind(rig, 0);
	id = rig->idev_id[0];
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_SET, &id), -ENOENT);
	id = a;
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_SET, &id), 0);
	id = b;
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_SET, &id), 0);
	id = 0;
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_GET, &id), 0);
	assert_int_equal(id, b);
	/* Being chosen is no use that keeps it: it can go, and is forgotten. */
	assert_int_equal(rig_destroy(rig, b), 0);
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_GET, &id), -ENODEV);
	id = a;
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_SET, &id), 0);
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_CLEAR, &id), 0);
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_GET, &id), -ENODEV);
	assert_int_equal(rig_destroy(rig, a), 0);
}

/* What setting a container makes, once. */
static void test_made(void **state)
{
	struct rig *rig = *state;
	uint32_t id = 0, again = 0;

	assert_int_equal(iommufd_vfio_ioas_id(rig->fd, &id), -ENODEV);
	assert_int_equal(iommufd_vfio_make_ioas(rig->fd), 0);
	assert_int_equal(iommufd_vfio_ioas_id(rig->fd, &id), 0);
	assert_int_equal(iommufd_vfio_make_ioas(rig->fd), 0);
	assert_int_equal(vfio_ioas(rig, IOMMU_VFIO_IOAS_GET, &again), 0);
	assert_int_equal(again, id);
	assert_int_equal(map(rig, 0, PAGE, IOVA), 0);
	assert_int_equal(rig_unmap(rig, id, IOVA, PAGE), PAGE);
	assert_int_equal(rig_destroy(rig, id), 0);
}

/* ---- What it says -------------------------------------------------- */

static void test_without(void **state)
{
	struct vfio_iommu_type1_info info = { .argsz = sizeof(info) };
	struct rig *rig = *state;

	assert_int_equal(by_value(rig, VFIO_GET_API_VERSION, 0),
			 VFIO_API_VERSION);
	assert_int_equal(by_value(rig, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU),
			 -ENODEV);
	assert_int_equal(by_value(rig, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU),
			 -ENODEV);
	assert_int_equal(by_value(rig, VFIO_CHECK_EXTENSION, VFIO_DMA_CC_IOMMU),
			 -ENODEV);
	assert_int_equal(vfio(rig, VFIO_IOMMU_GET_INFO, &info), -ENODEV);
	assert_int_equal(map(rig, 0, PAGE, IOVA), -ENODEV);
	assert_int_equal(unmap(rig, IOVA, PAGE, 0), -ENODEV);
}

static void test_extensions(void **state)
{
	static const uint64_t yes[] = { VFIO_TYPE1_IOMMU, VFIO_TYPE1v2_IOMMU,
					VFIO_UNMAP_ALL };
	struct rig *rig = *state;
	uint64_t i, want;

	for (i = 0; i != 20; i++) {
		want = i == yes[0] || i == yes[1] || i == yes[2];
		if (i != VFIO_DMA_CC_IOMMU)
			assert_int_equal(by_value(rig, VFIO_CHECK_EXTENSION, i),
					 want);
	}
	assert_int_equal(by_value(rig, VFIO_CHECK_EXTENSION, UINT64_MAX), 0);
	assert_int_equal(by_value(rig, VFIO_CHECK_EXTENSION,
				  (1ULL << 32) | VFIO_TYPE1_IOMMU),
			 0);
	attached(rig);
	assert_int_equal(by_value(rig, VFIO_CHECK_EXTENSION, VFIO_DMA_CC_IOMMU),
			 1);
}

static void test_set_iommu(void **state)
{
	struct rig *rig = *state;
	struct iommu_option option = {
		.size = sizeof(option),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_GET,
		.object_id = container(rig),
	};
	unsigned int i;

	for (i = 0; i != 12; i++)
		if (i != VFIO_TYPE1_IOMMU && i != VFIO_TYPE1v2_IOMMU)
			assert_int_equal(by_value(rig, VFIO_SET_IOMMU, i),
					 -EINVAL);
	assert_int_equal(by_value(rig, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	assert_int_equal(rig_ioctl(rig, IOMMU_OPTION, &option), 0);
	assert_int_equal(option.val64, 1);
	assert_int_equal(by_value(rig, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	assert_int_equal(rig_ioctl(rig, IOMMU_OPTION, &option), 0);
	assert_int_equal(option.val64, 0);
}

struct answer {
	struct vfio_iommu_type1_info info;
	struct vfio_iommu_type1_info_dma_avail avail;
	uint32_t pad;
	struct {
		struct vfio_info_cap_header header;
		uint32_t nr_iovas;
		uint32_t reserved;
	} ranges;
	struct vfio_iova_range range[8];
};

static void get_info(struct rig *rig, struct answer *answer, uint32_t argsz)
{
	memset(answer, 0xaa, sizeof(*answer));
	answer->info.argsz = argsz;
	assert_int_equal(vfio(rig, VFIO_IOMMU_GET_INFO, answer), 0);
	assert_int_equal(answer->info.flags,
			 VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS);
}

static void check_avail(const struct answer *answer, uint32_t next)
{
	assert_int_equal(answer->avail.header.id,
			 VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL);
	assert_int_equal(answer->avail.header.version, 1);
	assert_int_equal(answer->avail.header.next, next);
	assert_int_equal(answer->avail.avail, UINT32_MAX);
}

static void test_info(void **state)
{
	struct rig *rig = *state;
	struct answer answer;
	uint32_t need = offsetof(struct answer, range[1]), pt = container(rig);

	get_info(rig, &answer, sizeof(answer));
	assert_int_equal(answer.info.argsz, need);
	assert_int_equal(answer.info.iova_pgsizes, ~(PAGE - 1));
	assert_int_equal(answer.info.cap_offset, sizeof(answer.info));
	check_avail(&answer, offsetof(struct answer, ranges));
	assert_int_equal(answer.ranges.header.id,
			 VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
	assert_int_equal(answer.ranges.header.version, 1);
	assert_int_equal(answer.ranges.header.next, 0);
	assert_int_equal(answer.ranges.nr_iovas, 1);
	assert_int_equal(answer.range[0].start, 0);
	assert_int_equal(answer.range[0].end, UINT64_MAX);
	assert_int_equal(answer.range[1].start, 0xaaaaaaaaaaaaaaaa);

	/* A device has its page sizes, its aperture and its MSI window. */
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	get_info(rig, &answer, sizeof(answer));
	assert_int_equal(answer.info.argsz, need + 16);
	assert_int_equal(answer.info.iova_pgsizes, 0x40201000);
	assert_int_equal(answer.ranges.nr_iovas, 2);
	assert_int_equal(answer.range[0].end, 0xfedfffff);
	assert_int_equal(answer.range[1].start, 0xfef00000);
	assert_int_equal(answer.range[1].end & 0xfff, 0xfff);
}

/* Whatever fits is written, and how much there is. */
static void test_info_room(void **state)
{
	struct rig *rig = *state;
	uint32_t need = offsetof(struct answer, range[1]), room;
	struct answer answer;

	container(rig);
	for (room = 16; room <= need + 8; room++) {
		get_info(rig, &answer, room);
		assert_int_equal(answer.info.argsz, need);
		if (room >= 24)
			assert_int_equal(answer.info.cap_offset,
					 room < need ? 0 : 24);
		if (room >= 40)
			check_avail(&answer, 40);
		else
			assert_int_equal(answer.avail.avail, 0xaaaaaaaa);
		if (room < need)
			assert_int_equal(answer.ranges.nr_iovas, 0xaaaaaaaa);
	}
	assert_int_equal(vfio(rig, VFIO_IOMMU_GET_INFO, BAD), -EFAULT);
	answer.info.argsz = 15;
	assert_int_equal(vfio(rig, VFIO_IOMMU_GET_INFO, &answer), -EINVAL);
	/* Room that is not there. */
	answer.info.argsz = sizeof(answer);
	rig->bad_start = (uintptr_t)&answer.avail;
	rig->bad_last = rig->bad_start;
	assert_int_equal(vfio(rig, VFIO_IOMMU_GET_INFO, &answer), -EFAULT);
	rig->bad_start = (uintptr_t)&answer.ranges;
	rig->bad_last = rig->bad_start;
	assert_int_equal(vfio(rig, VFIO_IOMMU_GET_INFO, &answer), -EFAULT);
	rig->bad_start = UINT64_MAX;
}

/* ---- Map and unmap ------------------------------------------------- */

static void test_dma(void **state)
{
	struct rig *rig = *state;
	uint32_t word = 0;

	attached(rig);
	assert_int_equal(map(rig, 8 * PAGE, 4 * PAGE, IOVA), 0);
	rig_check(rig, 0, IOVA, 8 * PAGE, 4 * PAGE);
	assert_int_equal(map(rig, 0, PAGE, IOVA + 3 * PAGE), -EEXIST);
	assert_int_equal(map_flags(rig, 0, PAGE, IOVA + 4 * PAGE,
				   VFIO_DMA_MAP_FLAG_READ),
			 0);
	assert_int_equal(rig_dma(rig, 0, IOVA + 4 * PAGE, &word, 4, SOFT_READ),
			 SOFT_OK);
	assert_int_equal(rig_dma(rig, 0, IOVA + 4 * PAGE, &word, 4, SOFT_WRITE),
			 SOFT_FAULT_PERMISSION);
	assert_int_equal(unmap(rig, IOVA, 4 * PAGE, 0), 4 * PAGE);
	rig_check_blocked(rig, 0, IOVA, 4 * PAGE);
	assert_int_equal(unmap(rig, IOVA, 4 * PAGE, 0), 0);
	assert_int_equal(rig->mem.pinned, 1);
}

static void test_map_errors(void **state)
{
	const uint32_t rw = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
	struct vfio_iommu_type1_dma_map cmd = { .argsz = sizeof(cmd) - 1,
						.flags = rw };
	struct rig *rig = *state;

	attached(rig);
	assert_int_equal(vfio(rig, VFIO_IOMMU_MAP_DMA, &cmd), -EINVAL);
	assert_int_equal(vfio(rig, VFIO_IOMMU_MAP_DMA, BAD), -EFAULT);
	assert_int_equal(map_flags(rig, 0, PAGE, IOVA, 0), -EINVAL);
	assert_int_equal(map_flags(rig, 0, PAGE, IOVA,
				   rw | VFIO_DMA_MAP_FLAG_VADDR),
			 -EINVAL);
	assert_int_equal(map_flags(rig, 0, PAGE, IOVA, rw | 8), -EINVAL);
	assert_int_equal(map(rig, 0, 0, IOVA), -EINVAL);
	assert_int_equal(map(rig, 0, PAGE / 2, IOVA), -EINVAL);
	assert_int_equal(map(rig, 1, PAGE, IOVA), -EINVAL);
	assert_int_equal(map(rig, 0, PAGE, IOVA + 1), -EINVAL);
	assert_int_equal(map(rig, 0, PAGE, 0xfee00000), -EINVAL);
	assert_int_equal(map(rig, 0, 2 * PAGE, 0 - PAGE), -EOVERFLOW);
	assert_int_equal(map(rig, 0, 0 - PAGE, IOVA), -EOVERFLOW);
	assert_int_equal(map(rig, 0 - (uintptr_t)rig->mem.va - PAGE, 2 * PAGE,
			     IOVA),
			 -EOVERFLOW);
	rig->mem.bad = 3;
	rig->mem.bad_rc = -EFAULT;
	assert_int_equal(map(rig, 0, 8 * PAGE, IOVA), -EFAULT);
	rig->mem.bad = -1;
	rig->mem.limit = 2;
	assert_int_equal(map(rig, 0, 8 * PAGE, IOVA), -ENOMEM);
	rig->mem.limit = INT64_MAX;
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(map(rig, 0, 8 * PAGE, IOVA), 0);
}

/* What nobody may reach can be mapped as long as nobody could. */
static void test_map_no_access(void **state)
{
	struct rig *rig = *state;
	uint32_t pt = container(rig);

	assert_int_equal(map_flags(rig, 0, PAGE, IOVA, 0), 0);
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), -EINVAL);
	assert_int_equal(unmap(rig, IOVA, PAGE, 0), PAGE);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(map_flags(rig, 0, PAGE, IOVA, 0), -EINVAL);
	assert_int_equal(rig->mem.pinned, 0);
}

static void test_unmap_errors(void **state)
{
	const uint32_t all = VFIO_DMA_UNMAP_FLAG_ALL;
	struct vfio_iommu_type1_dma_unmap cmd = { .argsz = sizeof(cmd) - 1 };
	struct rig *rig = *state;

	attached(rig);
	assert_int_equal(map(rig, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(vfio(rig, VFIO_IOMMU_UNMAP_DMA, &cmd), -EINVAL);
	assert_int_equal(vfio(rig, VFIO_IOMMU_UNMAP_DMA, BAD), -EFAULT);
	assert_int_equal(unmap(rig, IOVA, 0, 0), -EINVAL);
	assert_int_equal(unmap(rig, IOVA, 4 * PAGE, 8), -EINVAL);
	assert_int_equal(unmap(rig, IOVA, 4 * PAGE, VFIO_DMA_UNMAP_FLAG_VADDR),
			 -EINVAL);
	assert_int_equal(unmap(rig, IOVA, 4 * PAGE,
			       VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP),
			 -EINVAL);
	assert_int_equal(unmap(rig, IOVA, 0, all), -EINVAL);
	assert_int_equal(unmap(rig, 0, 4 * PAGE, all), -EINVAL);
	assert_int_equal(unmap(rig, 0 - PAGE, 2 * PAGE, 0), -EOVERFLOW);
	rig_check(rig, 0, IOVA, 0, 4 * PAGE);
}

/* The second version: mappings go as they came. */
static void test_v2(void **state)
{
	struct rig *rig = *state;

	attached(rig);
	assert_int_equal(by_value(rig, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	assert_int_equal(map(rig, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(map(rig, 4 * PAGE, 2 * PAGE, IOVA + 8 * PAGE), 0);
	assert_int_equal(unmap(rig, IOVA, PAGE, 0), -ENOENT);
	assert_int_equal(unmap(rig, IOVA + 3 * PAGE, PAGE, 0), -ENOENT);
	assert_int_equal(unmap(rig, IOVA + PAGE, 2 * PAGE, 0), -ENOENT);
	rig_check(rig, 0, IOVA, 0, 4 * PAGE);
	assert_int_equal(unmap(rig, IOVA, 9 * PAGE, 0), -ENOENT);
	/* What came before the one that stays is gone. */
	assert_int_equal(unmap(rig, IOVA - PAGE, 12 * PAGE, 0), 2 * PAGE);
	assert_int_equal(map(rig, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(map(rig, 0, PAGE, 0), 0);
	assert_int_equal(unmap(rig, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL), 5 * PAGE);
	assert_int_equal(unmap(rig, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL), 0);
	assert_int_equal(rig->mem.pinned, 0);
}

/* The first version: any part goes. */
static void test_v1(void **state)
{
	const uint64_t size = RIG_PAGES * PAGE;
	struct rig *rig = *state;
	uint32_t pt = container(rig);

	assert_int_equal(by_value(rig, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	rig_bind(rig, 0);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(map(rig, 0, size, IOVA), 0);
	assert_int_equal(unmap(rig, IOVA + 3 * PAGE, 2 * PAGE, 0), 2 * PAGE);
	rig_check(rig, 0, IOVA, 0, 3 * PAGE);
	rig_check_blocked(rig, 0, IOVA + 3 * PAGE, 2 * PAGE);
	rig_check(rig, 0, IOVA + 5 * PAGE, 5 * PAGE, 16 * PAGE);
	assert_int_equal(rig->mem.pinned, RIG_PAGES - 2);
	assert_int_equal(rig->mem.charged, RIG_PAGES - 2);
	/* Into the hole, and at both ends of a range that has more than one. */
	assert_int_equal(map(rig, 0, 2 * PAGE, IOVA + 3 * PAGE), 0);
	assert_int_equal(unmap(rig, IOVA + 2 * PAGE, 4 * PAGE, 0), 4 * PAGE);
	assert_int_equal(unmap(rig, IOVA - PAGE, 2 * PAGE, 0), PAGE);
	assert_int_equal(unmap(rig, IOVA + size - PAGE, 2 * PAGE, 0), PAGE);
	rig_check(rig, 0, IOVA + PAGE, PAGE, PAGE);
	rig_check_blocked(rig, 0, IOVA + 2 * PAGE, 4 * PAGE);
	assert_int_equal(rig->mem.pinned, RIG_PAGES - 6);
	assert_int_equal(unmap(rig, IOVA + 1, PAGE, 0), -EINVAL);
	assert_int_equal(unmap(rig, IOVA + PAGE, PAGE - 1, 0), -EINVAL);
	assert_int_equal(unmap(rig, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL),
			 size - 6 * PAGE);
	assert_int_equal(rig->mem.pinned, 0);
	assert_int_equal(rig->mem.charged, 0);
}

/* Requests of other IOMMUs, and those that only the kernel's own type1 has. */
static void test_unknown(void **state)
{
	struct rig *rig = *state;
	struct vfio_iommu_type1_dirty_bitmap dirty = {
		.argsz = sizeof(dirty),
		.flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_START,
	};

	container(rig);
	assert_int_equal(vfio(rig, VFIO_IOMMU_DIRTY_PAGES, &dirty), -ENOTTY);
	assert_int_equal(vfio(rig, VFIO_IOMMU_ENABLE, NULL), -ENOTTY);
	assert_int_equal(vfio(rig, VFIO_IOMMU_DISABLE, NULL), -ENOTTY);
	assert_int_equal(vfio(rig, VFIO_GROUP_GET_STATUS, NULL), -ENOTTY);
}

/* ---- Dirty pages --------------------------------------------------- */

/* /dev/vfio/vfio in the place of /dev/iommu. */
static int setup_container(void **state)
{
	struct rig *rig;

	rig_setup(state);
	rig = *state;
	uiommu_file_put(rig->fd);
	return iommufd_vfio_open(&rig->fd);
}

static long dirty(struct rig *rig, uint32_t flags)
{
	struct vfio_iommu_type1_dirty_bitmap cmd = { .argsz = sizeof(cmd),
						     .flags = flags };

	return vfio(rig, VFIO_IOMMU_DIRTY_PAGES, &cmd);
}

struct get {
	struct {
		uint32_t argsz;
		uint32_t flags;
	} cmd;
	struct vfio_iommu_type1_dirty_bitmap_get get;
};

static struct get get_of(uint64_t iova, uint64_t size, uint64_t *data,
			 uint64_t bytes)
{
	return (struct get){
		.cmd = { .argsz = sizeof(struct get),
			 .flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP },
		.get = { .iova = iova,
			 .size = size,
			 .bitmap = { .pgsize = PAGE,
				     .size = bytes,
				     .data = (void *)data } },
	};
}

static long get_dirty(struct rig *rig, uint64_t iova, uint64_t size,
		      uint64_t *data, uint64_t bytes)
{
	struct get get = get_of(iova, size, data, bytes);

	return vfio(rig, VFIO_IOMMU_DIRTY_PAGES, &get);
}

static void test_dirty(void **state)
{
	struct rig *rig = *state;
	uint64_t map64[2] = { 0 };

	attached(rig);
	assert_int_equal(map(rig, 0, 3 * PAGE, IOVA + PAGE), 0);
	assert_int_equal(map_flags(rig, 8 * PAGE, PAGE, IOVA + 4 * PAGE,
				   VFIO_DMA_MAP_FLAG_READ),
			 0);
	assert_int_equal(map(rig, 0, 20 * PAGE, IOVA + 60 * PAGE), 0);
	assert_int_equal(get_dirty(rig, IOVA, 64 * PAGE, map64, 8), -EINVAL);
	assert_int_equal(dirty(rig, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	assert_int_equal(dirty(rig, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	map64[0] = 1;
	assert_int_equal(get_dirty(rig, IOVA, 128 * PAGE, map64, 16), 0);
	assert_int_equal(map64[0], 0xf00000000000000f);
	assert_int_equal(map64[1], 0xffff);
	/* It may have been written again. */
	map64[0] = map64[1] = 0;
	assert_int_equal(get_dirty(rig, IOVA + 2 * PAGE, PAGE, map64, 8), 0);
	assert_int_equal(map64[0], 1);
	assert_int_equal(dirty(rig, VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP), 0);
	assert_int_equal(get_dirty(rig, IOVA, 64 * PAGE, map64, 8), -EINVAL);
}

static void test_dirty_errors(void **state)
{
	uint64_t data[2] = { 0 };
	struct rig *rig = *state;
	struct get get;

	assert_int_equal(dirty(rig, VFIO_IOMMU_DIRTY_PAGES_FLAG_START),
			 -ENODEV);
	attached(rig);
	assert_int_equal(map(rig, 0, PAGE, IOVA), 0);
	assert_int_equal(dirty(rig, 0), -EINVAL);
	assert_int_equal(dirty(rig, 3), -EINVAL);
	assert_int_equal(dirty(rig, 8), -EINVAL);
	assert_int_equal(vfio(rig, VFIO_IOMMU_DIRTY_PAGES, BAD), -EFAULT);
	assert_int_equal(dirty(rig, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	get = get_of(IOVA, PAGE, data, 8);
	get.cmd.argsz = 7;
	assert_int_equal(vfio(rig, VFIO_IOMMU_DIRTY_PAGES, &get), -EINVAL);
	get.cmd.argsz = sizeof(get) - 1;
	assert_int_equal(vfio(rig, VFIO_IOMMU_DIRTY_PAGES, &get), -EINVAL);
	get.cmd.argsz = sizeof(get);
	get.get.bitmap.pgsize = 2 * PAGE;
	assert_int_equal(vfio(rig, VFIO_IOMMU_DIRTY_PAGES, &get), -EINVAL);
	get.get.bitmap.pgsize = PAGE;
	get.get.bitmap.data = BAD;
	assert_int_equal(vfio(rig, VFIO_IOMMU_DIRTY_PAGES, &get), -EFAULT);
	assert_int_equal(get_dirty(rig, IOVA, 0, data, 8), -EINVAL);
	assert_int_equal(get_dirty(rig, IOVA + 1, PAGE, data, 8), -EINVAL);
	assert_int_equal(get_dirty(rig, IOVA, PAGE + 1, data, 8), -EINVAL);
	assert_int_equal(get_dirty(rig, 0 - PAGE, 2 * PAGE, data, 8), -EINVAL);
	assert_int_equal(get_dirty(rig, IOVA, PAGE, data, 7), -EINVAL);
	assert_int_equal(get_dirty(rig, IOVA, 65 * PAGE, data, 15), -EINVAL);
	assert_int_equal(get_dirty(rig, IOVA, PAGE, data, (256 << 20) + 1),
			 -EINVAL);
	assert_int_equal(data[0] | data[1], 0);
	assert_int_equal(get_dirty(rig, IOVA, 65 * PAGE, data, 16), 0);
	assert_int_equal(data[0], 1);
}

/* What an unmap reports, and that it unmaps. */
static void test_dirty_unmap(void **state)
{
	struct {
		struct {
			uint32_t argsz;
			uint32_t flags;
			uint64_t iova;
			uint64_t size;
		} cmd;
		struct vfio_bitmap bitmap;
	} unmap_get = {
		.cmd = { .argsz = sizeof(unmap_get),
			 .flags = VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP,
			 .iova = IOVA,
			 .size = 4 * PAGE },
		.bitmap = { .pgsize = PAGE, .size = 8 },
	};
	uint64_t data = 0;
	struct rig *rig = *state;

	attached(rig);
	unmap_get.bitmap.data = (void *)&data;
	assert_int_equal(map(rig, 0, 4 * PAGE, IOVA), 0);
	assert_int_equal(vfio(rig, VFIO_IOMMU_UNMAP_DMA, &unmap_get), -EINVAL);
	assert_int_equal(dirty(rig, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	unmap_get.cmd.argsz--;
	assert_int_equal(vfio(rig, VFIO_IOMMU_UNMAP_DMA, &unmap_get), -EINVAL);
	unmap_get.cmd.argsz++;
	unmap_get.cmd.flags |= VFIO_DMA_UNMAP_FLAG_ALL;
	assert_int_equal(vfio(rig, VFIO_IOMMU_UNMAP_DMA, &unmap_get), -EINVAL);
	unmap_get.cmd.flags &= ~(uint32_t)VFIO_DMA_UNMAP_FLAG_ALL;
	unmap_get.bitmap.pgsize = 1;
	assert_int_equal(vfio(rig, VFIO_IOMMU_UNMAP_DMA, &unmap_get), -EINVAL);
	unmap_get.bitmap.pgsize = PAGE;
	rig_check(rig, 0, IOVA, 0, 4 * PAGE);
	assert_int_equal(vfio(rig, VFIO_IOMMU_UNMAP_DMA, &unmap_get), 0);
	assert_int_equal(unmap_get.cmd.size, 4 * PAGE);
	assert_int_equal(data, 0xf);
	assert_int_equal(rig->mem.pinned, 0);
}

/* The capability stands behind the two others. */
static void test_dirty_info(void **state)
{
	struct {
		struct vfio_iommu_type1_info info;
		struct vfio_iommu_type1_info_dma_avail avail;
		uint32_t pad;
		struct {
			struct vfio_info_cap_header header;
			uint32_t nr_iovas;
			uint32_t reserved;
		} ranges;
		struct vfio_iova_range range;
		struct vfio_iommu_type1_info_cap_migration migration;
	} answer = { .info.argsz = sizeof(answer) };
	struct rig *rig = *state;

	container(rig);
	assert_int_equal(vfio(rig, VFIO_IOMMU_GET_INFO, &answer), 0);
	assert_int_equal(answer.info.argsz, sizeof(answer));
	assert_int_equal(answer.ranges.header.next,
			 (char *)&answer.migration - (char *)&answer);
	assert_int_equal(answer.migration.header.id,
			 VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION);
	assert_int_equal(answer.migration.header.next, 0);
	assert_int_equal(answer.migration.flags, 0);
	assert_int_equal(answer.migration.pgsize_bitmap, PAGE);
	assert_int_equal(answer.migration.max_dirty_bitmap_size, 256 << 20);
}

/* Many mappings, and a range that takes several bitmaps of our own. */
static void test_dirty_large(void **state)
{
	const uint64_t size = 1ULL << 30, bytes = size / PAGE / 8;
	uint8_t *data = calloc(1, bytes);
	struct rig *rig = *state;
	uint64_t i;

	attached(rig);
	for (i = 0; i != size; i += 64 << 20)
		assert_int_equal(map(rig, 0, PAGE, IOVA + i + 9 * PAGE), 0);
	assert_int_equal(dirty(rig, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	assert_int_equal(get_dirty(rig, IOVA, size, (uint64_t *)data, bytes),
			 0);
	for (i = 0; i != bytes; i++)
		assert_int_equal(data[i], i % 2048 == 1 ? 2 : 0);
	free(data);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

#define CONTAINER(name) \
	cmocka_unit_test_setup_teardown(name, setup_container, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ioas),
		TEST(test_made),
		TEST(test_without),
		TEST(test_extensions),
		TEST(test_set_iommu),
		TEST(test_info),
		TEST(test_info_room),
		TEST(test_dma),
		TEST(test_map_errors),
		TEST(test_map_no_access),
		TEST(test_unmap_errors),
		TEST(test_v2),
		TEST(test_v1),
		TEST(test_unknown),
		CONTAINER(test_dirty),
		CONTAINER(test_dirty_errors),
		CONTAINER(test_dirty_unmap),
		CONTAINER(test_dirty_info),
		CONTAINER(test_dirty_large),
	};

	return cmocka_run_group_tests_name("the container interface", tests,
					   NULL, NULL);
}
