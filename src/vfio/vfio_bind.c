/* SPDX-License-Identifier: MIT */
/*
 * How a device gets into a client's IOMMUFD context and out of it.
 */
#include "iommufd/iommufd_device.h"
#include "vfio/vfio_file.h"

/* The bytes beyond what this version of a structure knows must be zero. */
static int vfio_check_zero(struct uiommu_user *user, uint64_t uaddr,
			   uint64_t len)
{
	uint8_t buf[4096];
	size_t i, n;
	int ret;

	for (; len; uaddr += n, len -= n) {
		n = len < sizeof(buf) ? (size_t)len : sizeof(buf);
		ret = user->ops->copy_in(user, buf, uaddr, n);
		if (ret)
			return ret;
		for (i = 0; i < n; i++)
			if (buf[i])
				return -E2BIG;
	}
	return 0;
}

static int vfio_bind_copy(struct uiommu_user *user, uint64_t arg,
			  struct vfio_device_bind_iommufd *bind)
{
	size_t len;
	int ret;

	*bind = (struct vfio_device_bind_iommufd){ 0 };
	ret = user->ops->copy_in(user, &bind->argsz, arg, sizeof(bind->argsz));
	if (ret)
		return ret;
	if (bind->argsz <
	    offsetof(struct vfio_device_bind_iommufd, token_uuid_ptr))
		return -EINVAL;
	len = bind->argsz < sizeof(*bind) ? bind->argsz : sizeof(*bind);
	if (bind->argsz > len) {
		ret = vfio_check_zero(user, arg + len, bind->argsz - len);
		if (ret)
			return ret;
	}
	return user->ops->copy_in(user, bind, arg, len);
}

/*
 * A token proves that its bearer may use the virtual functions of a device.
 * Modelled devices have none, so whoever brings one is mistaken.
 */
static int vfio_check_token(struct uiommu_user *user,
			    const struct vfio_device_bind_iommufd *bind)
{
	uint8_t uuid[16];
	int ret;

	if (!(bind->flags & VFIO_DEVICE_BIND_FLAG_TOKEN))
		return 0;
	ret = user->ops->copy_in(user, uuid, bind->token_uuid_ptr,
				 sizeof(uuid));
	return ret ? ret : -EINVAL;
}

/* Under the bind lock, in which only this function sets the owner. */
static int vfio_bind_device(struct vfio_file *f, struct uiommu_file *iommufd,
			    uint32_t *id)
{
	struct vfio_device *dev = f->dev;
	struct iommufd_device *idev;
	int ret;

	if (dev->owner)
		return -EINVAL;
	ret = iommufd_device_bind(iommufd, dev->iommu, id, &idev);
	if (ret)
		return ret;

	vfio_device_lock(dev);
	ret = dev->ops->attach_memory(dev, f->file.backing);
	if (!ret) {
		ret = dev->ops->open(dev);
		if (ret)
			dev->ops->attach_memory(dev, -1);
	}
	if (!ret) {
		dev->owner = f;
		dev->idev = idev;
		f->bound = true;
	}
	vfio_device_unlock(dev);

	if (ret)
		iommufd_device_unbind(idev);
	return ret;
}

void vfio_unbind(struct vfio_file *f)
{
	struct vfio_device *dev = f->dev;

	pthread_mutex_lock(&dev->bind_lock);
	if (dev->owner != f)
		goto out;

	vfio_device_lock(dev);
	f->bound = false; /* nothing new starts */
	vfio_wait_idle(dev);
	dev->ops->close(dev);
	vfio_irqs_disable(dev);
	dev->ops->attach_memory(dev, -1);
	dev->owner = NULL;
	vfio_device_unlock(dev);

	iommufd_device_unbind(dev->idev);
	dev->idev = NULL;
out:
	pthread_mutex_unlock(&dev->bind_lock);
}

long vfio_bind(struct vfio_file *f, struct uiommu_user *user, uint64_t arg)
{
	struct vfio_device_bind_iommufd bind;
	struct uiommu_file *iommufd;
	int ret;

	ret = vfio_bind_copy(user, arg, &bind);
	if (ret)
		return ret;
	if (bind.flags & ~(uint32_t)VFIO_DEVICE_BIND_FLAG_TOKEN ||
	    bind.iommufd < 0 || vfio_is_bound(f))
		return -EINVAL;

	ret = user->ops->file(user, bind.iommufd, &iommufd);
	if (ret)
		return ret;
	ret = iommufd_is(iommufd) ? vfio_check_token(user, &bind) : -EBADFD;
	if (!ret) {
		pthread_mutex_lock(&f->dev->bind_lock);
		ret = vfio_bind_device(f, iommufd, &bind.out_devid);
		pthread_mutex_unlock(&f->dev->bind_lock);
	}
	uiommu_file_put(iommufd); /* the binding holds its own */
	if (ret)
		return ret;

	ret = user->ops->copy_out(
		user,
		arg + offsetof(struct vfio_device_bind_iommufd, out_devid),
		&bind.out_devid, sizeof(bind.out_devid));
	if (ret)
		vfio_unbind(f);
	return ret;
}

static int vfio_attach_pt(struct vfio_file *f, uint32_t *pt_id)
{
	struct vfio_device *dev = f->dev;
	int ret = -EINVAL;

	pthread_mutex_lock(&dev->bind_lock);
	if (dev->owner == f)
		ret = iommufd_device_attach(dev->idev, pt_id);
	pthread_mutex_unlock(&dev->bind_lock);
	return ret;
}

static int vfio_detach_pt(struct vfio_file *f)
{
	struct vfio_device *dev = f->dev;
	int ret = -EINVAL;

	pthread_mutex_lock(&dev->bind_lock);
	if (dev->owner == f) {
		iommufd_device_detach(dev->idev);
		ret = 0;
	}
	pthread_mutex_unlock(&dev->bind_lock);
	return ret;
}

long vfio_attach(struct vfio_file *f, struct uiommu_user *user, uint64_t arg)
{
	struct vfio_device_attach_iommufd_pt at;
	int ret;

	ret = vfio_copy_args(user, arg, &at,
			     offsetof(struct vfio_device_attach_iommufd_pt,
				      pasid));
	if (ret)
		return ret;
	if (at.flags & ~(uint32_t)VFIO_DEVICE_ATTACH_PASID)
		return -EINVAL;
	if (at.flags & VFIO_DEVICE_ATTACH_PASID) {
		/* Modelled devices send no PASIDs. */
		ret = vfio_copy_args(user, arg, &at, sizeof(at));
		return ret ? ret : -EOPNOTSUPP;
	}

	ret = vfio_attach_pt(f, &at.pt_id);
	if (ret)
		return ret;
	ret = user->ops->copy_out(
		user,
		arg + offsetof(struct vfio_device_attach_iommufd_pt, pt_id),
		&at.pt_id, sizeof(at.pt_id));
	if (ret)
		vfio_detach_pt(f);
	return ret;
}

long vfio_detach(struct vfio_file *f, struct uiommu_user *user, uint64_t arg)
{
	struct vfio_device_detach_iommufd_pt det;
	int ret;

	ret = vfio_copy_args(user, arg, &det,
			     offsetof(struct vfio_device_detach_iommufd_pt,
				      pasid));
	if (ret)
		return ret;
	if (det.flags & ~(uint32_t)VFIO_DEVICE_DETACH_PASID)
		return -EINVAL;
	if (det.flags & VFIO_DEVICE_DETACH_PASID) {
		ret = vfio_copy_args(user, arg, &det, sizeof(det));
		return ret ? ret : -EOPNOTSUPP;
	}
	return vfio_detach_pt(f);
}
