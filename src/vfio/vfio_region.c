/* SPDX-License-Identifier: MIT */
/*
 * Regions: what they are, and access to them by read, write and mmap.
 */
#include <sys/mman.h>

#include "vfio/vfio_file.h"

/* The sparse-mmap capability stands right behind the structure. */
#define VFIO_SPARSE_OFFSET sizeof(struct vfio_region_info)

/* Client memory is copied in pieces of this many bytes. */
#define VFIO_BLOCK 512

/*
 * Areas can be mapped if the transport gave this open memory that it can map.
 * Without, nothing is said of them.
 */
static unsigned int vfio_nr_areas(struct vfio_file *f, unsigned int index)
{
	return f->file.backing < 0 ? 0 : f->dev->region[index].nr_areas;
}

/* Returns the size of the capability in bytes. */
static size_t vfio_sparse_header(struct vfio_region_info_cap_sparse_mmap *cap,
				 unsigned int nr_areas)
{
	*cap = (struct vfio_region_info_cap_sparse_mmap){
		.header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP,
		.header.version = 1,
		.nr_areas = nr_areas,
	};
	return sizeof(*cap) +
	       nr_areas * sizeof(struct vfio_region_sparse_mmap_area);
}

static int vfio_copy_areas(struct uiommu_user *user, uint64_t uaddr,
			   const struct vfio_region_desc *region)
{
	unsigned int i;
	int ret;

	for (i = 0; i < region->nr_areas; i++) {
		struct vfio_region_sparse_mmap_area area = {
			.offset = region->areas[i].offset,
			.size = region->areas[i].size,
		};

		ret = user->ops->copy_out(user, uaddr + i * sizeof(area), &area,
					  sizeof(area));
		if (ret)
			return ret;
	}
	return 0;
}

/* Adds the capability to @info, and to the caller's memory if there is room. */
static int vfio_add_sparse(struct uiommu_user *user, uint64_t arg,
			   const struct vfio_region_desc *region,
			   struct vfio_region_info *info)
{
	struct vfio_region_info_cap_sparse_mmap cap;
	size_t size = vfio_sparse_header(&cap, region->nr_areas);
	int ret;

	info->flags |= VFIO_REGION_INFO_FLAG_MMAP | VFIO_REGION_INFO_FLAG_CAPS;
	if (info->argsz < VFIO_SPARSE_OFFSET + size) {
		info->argsz = (uint32_t)(VFIO_SPARSE_OFFSET + size);
		return 0;
	}
	ret = user->ops->copy_out(user, arg + VFIO_SPARSE_OFFSET, &cap,
				  sizeof(cap));
	if (!ret)
		ret = vfio_copy_areas(
			user, arg + VFIO_SPARSE_OFFSET + sizeof(cap), region);
	if (!ret)
		info->cap_offset = VFIO_SPARSE_OFFSET;
	return ret;
}

long vfio_get_region_info(struct vfio_file *f, struct uiommu_user *user,
			  uint64_t arg)
{
	const struct vfio_region_desc *region;
	struct vfio_region_info info;
	int ret;

	ret = vfio_copy_args(user, arg, &info, sizeof(info));
	if (ret)
		return ret;
	/* Legacy VGA ranges are a region of VGA devices only. */
	if (info.index >= VFIO_PCI_NUM_REGIONS ||
	    (info.index == VFIO_PCI_VGA_REGION_INDEX &&
	     !f->dev->region[info.index].size))
		return -EINVAL;

	region = &f->dev->region[info.index];
	info.flags = region->size ? region->flags : 0;
	info.cap_offset = 0;
	info.size = region->size;
	info.offset = VFIO_REGION_OFFSET(info.index);
	if (vfio_nr_areas(f, info.index)) {
		ret = vfio_add_sparse(user, arg, region, &info);
		if (ret)
			return ret;
	}
	return user->ops->copy_out(user, arg, &info, sizeof(info));
}

/* One access: which region, and where in it. */
struct vfio_access {
	unsigned int index;
	uint64_t offset;
	uint64_t count;
};

/*
 * Configuration space refuses what is not inside it as a whole; a BAR cuts what
 * reaches over its end.
 */
static int vfio_access_init(struct vfio_file *f, struct vfio_access *acc,
			    uint64_t offset, size_t count, uint32_t flag)
{
	const struct vfio_region_desc *region;
	uint64_t index = offset / VFIO_REGION_OFFSET(0);

	if (!vfio_is_bound(f) || !index || index > VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	acc->index = (unsigned int)index - 1;
	acc->offset = offset - VFIO_REGION_OFFSET(acc->index);
	acc->count = count;
	if (!count)
		return 0;

	region = &f->dev->region[acc->index];
	if (acc->index == VFIO_PCI_CONFIG_REGION_INDEX &&
	    (acc->offset >= region->size ||
	     acc->count > region->size - acc->offset))
		return -EFAULT;
	if (acc->offset >= region->size || !(region->flags & flag))
		return -EINVAL;
	if (acc->count > region->size - acc->offset)
		acc->count = region->size - acc->offset;
	return 0;
}

/*
 * The next @left bytes at @offset are accessed in this size: as wide as a bus
 * would, naturally aligned. Memory (a mappable area) takes any size.
 */
static size_t vfio_access_width(const struct vfio_device *dev,
				const struct vfio_access *acc, size_t left)
{
	const struct vfio_region_desc *region = &dev->region[acc->index];
	size_t width = acc->index == VFIO_PCI_CONFIG_REGION_INDEX ? 4 : 8;
	unsigned int i;

	for (i = 0; i < region->nr_areas; i++) {
		uint64_t in = acc->offset - region->areas[i].offset;
		uint64_t size = region->areas[i].size;

		if (in < size)
			return left < size - in ? left : (size_t)(size - in);
	}
	while (width > left || acc->offset % width)
		width /= 2;
	return width;
}

/* One access of the bus, and whatever it starts. */
static int vfio_access_one(struct vfio_file *f, const struct vfio_access *acc,
			   void *buf, size_t width, bool write)
{
	struct vfio_device *dev = f->dev;
	bool started = false;
	int ret = -EINVAL;

	vfio_device_lock(dev);
	if (f->bound && write) {
		bool was_running = dev->running;

		ret = dev->ops->write(dev, acc->index, acc->offset, buf, width);
		started = dev->running && !was_running;
	} else if (f->bound) {
		ret = dev->ops->read(dev, acc->index, acc->offset, buf, width);
	}
	vfio_device_unlock(dev);

	if (started)
		dev->ops->run(dev);
	return ret;
}

static int vfio_access_block(struct vfio_file *f, struct vfio_access *acc,
			     uint8_t *buf, size_t len, bool write)
{
	size_t done, width;
	int ret;

	for (done = 0; done < len; done += width) {
		width = vfio_access_width(f->dev, acc, len - done);
		ret = vfio_access_one(f, acc, buf + done, width, write);
		if (ret)
			return ret;
		acc->offset += width;
	}
	return 0;
}

int64_t vfio_region_read(struct uiommu_file *file, struct uiommu_user *user,
			 uint64_t uaddr, size_t count, uint64_t offset)
{
	struct vfio_file *f = (struct vfio_file *)file;
	uint8_t buf[VFIO_BLOCK] __attribute__((aligned(8)));
	struct vfio_access acc;
	uint64_t done;
	size_t len;
	int ret;

	ret = vfio_access_init(f, &acc, offset, count,
			       VFIO_REGION_INFO_FLAG_READ);
	if (ret)
		return ret;
	for (done = 0; done < acc.count; done += len) {
		len = acc.count - done < sizeof(buf)
			      ? (size_t)(acc.count - done)
			      : sizeof(buf);
		ret = vfio_access_block(f, &acc, buf, len, false);
		if (!ret)
			ret = user->ops->copy_out(user, uaddr + done, buf, len);
		if (ret)
			return ret;
	}
	return (int64_t)done;
}

int64_t vfio_region_write(struct uiommu_file *file, struct uiommu_user *user,
			  uint64_t uaddr, size_t count, uint64_t offset)
{
	struct vfio_file *f = (struct vfio_file *)file;
	uint8_t buf[VFIO_BLOCK] __attribute__((aligned(8)));
	struct vfio_access acc;
	uint64_t done;
	size_t len;
	int ret;

	ret = vfio_access_init(f, &acc, offset, count,
			       VFIO_REGION_INFO_FLAG_WRITE);
	if (ret)
		return ret;
	for (done = 0; done < acc.count; done += len) {
		len = acc.count - done < sizeof(buf)
			      ? (size_t)(acc.count - done)
			      : sizeof(buf);
		ret = user->ops->copy_in(user, buf, uaddr + done, len);
		if (!ret)
			ret = vfio_access_block(f, &acc, buf, len, true);
		if (ret)
			return ret;
	}
	return (int64_t)done;
}

int vfio_region_mmap(struct uiommu_file *file, uint64_t offset, uint64_t len,
		     int prot, int flags)
{
	struct vfio_file *f = (struct vfio_file *)file;
	const struct vfio_region_desc *region;
	uint64_t index = offset / VFIO_REGION_OFFSET(0);
	unsigned int i;

	/* MAP_SHARED_VALIDATE has the bit of MAP_SHARED, MAP_PRIVATE has not. */
	if (!vfio_is_bound(f) || !index || index > VFIO_PCI_NUM_REGIONS ||
	    !(flags & MAP_SHARED) || !len)
		return -EINVAL;

	region = &f->dev->region[index - 1];
	offset -= VFIO_REGION_OFFSET(index - 1);
	for (i = 0; i < vfio_nr_areas(f, (unsigned int)index - 1); i++) {
		uint64_t in = offset - region->areas[i].offset;

		if (in < region->areas[i].size &&
		    len <= region->areas[i].size - in)
			return 0;
	}
	return -EINVAL;
}
