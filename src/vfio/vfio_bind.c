/* SPDX-License-Identifier: MIT */
/*
 * How a device gets into a client's IOMMUFD context and out of it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "iommufd/iommufd_device.h"
#include "vfio/vfio_file.h"
#include "vfio/vfio_group.h"

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

/*
 * Make @f, which has no competitor, the owner. Under the bind lock, in which only
 * this function does that.
 */
static int vfio_bind_device(struct vfio_file *f, struct uiommu_file *iommufd,
			    uint32_t *id)
{
	struct vfio_device *dev = f->dev;
	struct iommufd_device *idev;
	int ret;

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

/* The same for a cdev: as long as it is bound, its group cannot be opened. */
static int vfio_bind_cdev(struct vfio_file *f, struct uiommu_file *iommufd,
			  uint32_t *id)
{
	int ret = vfio_group_block(f->dev->group);

	if (ret)
		return ret;
	ret = f->dev->owner ? -EINVAL : vfio_bind_device(f, iommufd, id);
	if (ret)
		vfio_group_unblock(f->dev->group);
	return ret;
}

/* Under the bind lock. */
static void vfio_unbind_device(struct vfio_file *f)
{
	struct vfio_device *dev = f->dev;

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
	if (!f->group)
		vfio_group_unblock(dev->group);
}

void vfio_unbind(struct vfio_file *f)
{
	pthread_mutex_lock(&f->dev->bind_lock);
	if (f->dev->owner == f)
		vfio_unbind_device(f);
	pthread_mutex_unlock(&f->dev->bind_lock);
}

/* ---- By a group ---------------------------------------------------- */

/* A reference on @f, unless its last one is gone. */
static bool vfio_file_revive(struct vfio_file *f)
{
	uint32_t refs = __atomic_load_n(&f->file.refs, __ATOMIC_RELAXED);

	while (refs && !__atomic_compare_exchange_n(
			       &f->file.refs, &refs, refs + 1, true,
			       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		;
	return refs;
}

/* Under the bind lock; nobody owns the device. */
static int vfio_group_bind_new(struct vfio_file *f,
			       struct uiommu_file *container)
{
	uint32_t id, pt;
	int ret;

	ret = iommufd_vfio_ioas_id(container, &pt);
	if (!ret)
		ret = vfio_bind_device(f, container, &id);
	if (ret)
		return ret;
	ret = iommufd_device_attach(f->dev->idev, &pt);
	if (ret)
		vfio_unbind_device(f);
	return ret;
}

/* The same with a file of its own. */
static int vfio_group_open_new(struct vfio_device *dev,
			       struct uiommu_file *group,
			       struct uiommu_file *container,
			       struct uiommu_user *user,
			       struct uiommu_file **out)
{
	struct vfio_file *f;
	int backing = -1, ret;

	if (user->ops->backing) {
		backing = user->ops->backing(user, dev->name, VFIO_FILE_SIZE);
		if (backing < 0)
			return backing;
	}
	f = vfio_file_new(dev, backing);
	if (!f) {
		if (backing >= 0)
			close(backing);
		return -ENOMEM;
	}
	f->group = group;
	ret = vfio_group_bind_new(f, container);
	if (!ret) {
		uiommu_file_get(group);
		*out = &f->file;
		return 0;
	}
	if (backing >= 0)
		close(backing);
	free(f);
	return ret;
}

int vfio_group_bind(struct vfio_device *dev, struct uiommu_file *group,
		    struct uiommu_file *container, struct uiommu_user *user,
		    struct uiommu_file **out, bool *made)
{
	struct vfio_file *owner;
	int ret = 0;

	*made = false;
	pthread_mutex_lock(&dev->bind_lock);
	owner = dev->owner;
	if (owner && vfio_file_revive(owner)) {
		*out = &owner->file;
		goto out;
	}
	/* It is on its way out, and waits for the lock to do just this. */
	if (owner)
		vfio_unbind_device(owner);
	ret = vfio_group_open_new(dev, group, container, user, out);
	*made = !ret;
out:
	pthread_mutex_unlock(&dev->bind_lock);
	return ret;
}

/* ---- BIND ---------------------------------------------------------- */

long vfio_bind(struct vfio_file *f, struct uiommu_user *user, uint64_t arg)
{
	struct vfio_device_bind_iommufd bind;
	struct uiommu_file *iommufd;
	int ret;

	ret = vfio_bind_copy(user, arg, &bind);
	if (ret)
		return ret;
	if (bind.flags & ~(uint32_t)VFIO_DEVICE_BIND_FLAG_TOKEN ||
	    bind.iommufd < 0 || f->group || vfio_is_bound(f))
		return -EINVAL;

	ret = user->ops->file(user, bind.iommufd, &iommufd);
	if (ret)
		return ret;
	ret = iommufd_is(iommufd) ? vfio_check_token(user, &bind) : -EBADFD;
	/* It can reach all memory: only for those who can anyway. */
	if (!ret && f->dev->iommu->ops->no_iommu &&
	    !user->ops->capable(user, UIOMMU_CAP_SYS_RAWIO))
		ret = -EPERM;
	if (!ret) {
		pthread_mutex_lock(&f->dev->bind_lock);
		ret = vfio_bind_cdev(f, iommufd, &bind.out_devid);
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

/* A PASID that is attached already moves. */
static int vfio_attach_pasid_pt(struct vfio_file *f, uint32_t pasid,
				uint32_t *pt_id)
{
	struct vfio_device *dev = f->dev;
	int ret = -EINVAL;

	pthread_mutex_lock(&dev->bind_lock);
	if (dev->owner == f && iommufd_device_has_pasid(dev->idev, pasid))
		ret = iommufd_device_replace_pasid(dev->idev, pasid, pt_id);
	else if (dev->owner == f)
		ret = iommufd_device_attach_pasid(dev->idev, pasid, pt_id);
	pthread_mutex_unlock(&dev->bind_lock);
	return ret;
}

static int vfio_detach_pasid_pt(struct vfio_file *f, uint32_t pasid)
{
	struct vfio_device *dev = f->dev;
	int ret = -EINVAL;

	pthread_mutex_lock(&dev->bind_lock);
	if (dev->owner == f) {
		iommufd_device_detach_pasid(dev->idev, pasid);
		ret = 0;
	}
	pthread_mutex_unlock(&dev->bind_lock);
	return ret;
}

/* What is attached to is told back; the id of an HWPT is as it was. */
static long vfio_attach_pasid(struct vfio_file *f, struct uiommu_user *user,
			      uint64_t arg)
{
	struct vfio_device_attach_iommufd_pt at;
	int ret;

	ret = vfio_copy_args(user, arg, &at, sizeof(at));
	if (ret)
		return ret;
	/* Without the client's memory for the answer nothing is changed. */
	ret = user->ops->copy_out(
		user,
		arg + offsetof(struct vfio_device_attach_iommufd_pt, pt_id),
		&at.pt_id, sizeof(at.pt_id));
	return ret ? ret : vfio_attach_pasid_pt(f, at.pasid, &at.pt_id);
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
	if (at.flags & VFIO_DEVICE_ATTACH_PASID)
		return vfio_attach_pasid(f, user, arg);

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
		return ret ? ret : vfio_detach_pasid_pt(f, det.pasid);
	}
	return vfio_detach_pt(f);
}
