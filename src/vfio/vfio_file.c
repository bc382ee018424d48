/* SPDX-License-Identifier: MIT */
/*
 * One open of /dev/vfio/devices/vfioN, or what a group gave out: dispatch of its requests, and the ones
 * that ask about the device as a whole.
 */
#include <stdlib.h>
#include <unistd.h>

#include "vfio/vfio_file.h"

int vfio_copy_args(struct uiommu_user *user, uint64_t uaddr, void *args,
		   size_t size)
{
	int ret = user->ops->copy_in(user, args, uaddr, size);

	if (ret)
		return ret;
	return *(uint32_t *)args < size ? -EINVAL : 0;
}

bool vfio_is_bound(struct vfio_file *f)
{
	bool bound;

	vfio_device_lock(f->dev);
	bound = f->bound;
	vfio_device_unlock(f->dev);
	return bound;
}

static long vfio_get_info(struct vfio_file *f, struct uiommu_user *user,
			  uint64_t arg)
{
	struct vfio_device_info info = { 0 };
	size_t len;
	int ret;

	ret = vfio_copy_args(user, arg, &info,
			     offsetof(struct vfio_device_info, cap_offset));
	if (ret)
		return ret;
	len = info.argsz < sizeof(info) ? info.argsz : sizeof(info);

	info.flags = f->dev->flags;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return user->ops->copy_out(user, arg, &info, len);
}

static long vfio_reset(struct vfio_file *f)
{
	struct vfio_device *dev = f->dev;

	if (!(dev->flags & VFIO_DEVICE_FLAGS_RESET))
		return -EINVAL;
	vfio_device_lock(dev);
	vfio_wait_idle(dev);
	dev->ops->reset(dev);
	vfio_device_unlock(dev);
	return 0;
}

/*
 * A hot reset needs a slot or a bus that can be reset. Modelled devices sit on
 * the root bus, which has neither.
 */
static long vfio_hot_reset_info(struct uiommu_user *user, uint64_t arg)
{
	struct vfio_pci_hot_reset_info info;
	int ret = vfio_copy_args(user, arg, &info, sizeof(info));

	return ret ? ret : -ENODEV;
}

static long vfio_hot_reset(struct uiommu_user *user, uint64_t arg)
{
	struct vfio_pci_hot_reset hdr;
	int ret = vfio_copy_args(user, arg, &hdr, sizeof(hdr));

	if (ret)
		return ret;
	return hdr.flags ? -EINVAL : -ENODEV;
}

static long vfio_ioctl(struct uiommu_file *file, struct uiommu_user *user,
		       unsigned int cmd, uint64_t arg)
{
	struct vfio_file *f = (struct vfio_file *)file;

	if (cmd == VFIO_DEVICE_BIND_IOMMUFD)
		return vfio_bind(f, user, arg);
	if (!vfio_is_bound(f))
		return -EINVAL;

	switch (cmd) {
	case VFIO_DEVICE_ATTACH_IOMMUFD_PT:
		return f->group ? -ENOTTY : vfio_attach(f, user, arg);
	case VFIO_DEVICE_DETACH_IOMMUFD_PT:
		return f->group ? -ENOTTY : vfio_detach(f, user, arg);
	case VFIO_DEVICE_GET_INFO:
		return vfio_get_info(f, user, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return vfio_get_region_info(f, user, arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return vfio_get_irq_info(f, user, arg);
	case VFIO_DEVICE_SET_IRQS:
		return vfio_set_irqs(f, user, arg);
	case VFIO_DEVICE_RESET:
		return vfio_reset(f);
	case VFIO_DEVICE_FEATURE:
		return vfio_feature(f, user, arg);
	case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
		return vfio_hot_reset_info(user, arg);
	case VFIO_DEVICE_PCI_HOT_RESET:
		return vfio_hot_reset(user, arg);
	default:
		return -ENOTTY;
	}
}

static void vfio_release(struct uiommu_file *file)
{
	struct vfio_file *f = (struct vfio_file *)file;

	vfio_unbind(f);
	if (f->group) {
		vfio_group_leave(f->group);
		if (file->backing >= 0)
			close(file->backing);
	}
	free(f);
}

static const struct uiommu_file_ops vfio_file_ops = {
	.kind = "vfio-cdev",
	.ioctl = vfio_ioctl,
	.read = vfio_region_read,
	.write = vfio_region_write,
	.mmap = vfio_region_mmap,
	.release = vfio_release,
};

struct vfio_file *vfio_file_new(struct vfio_device *dev, int backing)
{
	struct vfio_file *f = calloc(1, sizeof(*f));

	if (f) {
		f->file.ops = &vfio_file_ops;
		f->file.refs = 1;
		f->file.backing = backing;
		f->dev = dev;
	}
	return f;
}

int vfio_cdev_open(struct vfio_device *dev, int backing,
		   struct uiommu_file **out)
{
	struct vfio_file *f = vfio_file_new(dev, backing);

	if (!f)
		return -ENOMEM;
	*out = &f->file;
	return 0;
}
