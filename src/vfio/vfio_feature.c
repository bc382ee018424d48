/* SPDX-License-Identifier: MIT */
/*
 * VFIO_DEVICE_FEATURE: small things that some devices can do.
 */
#include "vfio/vfio_file.h"

/*
 * The rules that all features share.
 *
 * Return: 1: go on; 0: it was a probe, and its answer is yes; -EINVAL.
 */
static int vfio_check_feature(const struct vfio_device_feature *hdr,
			      uint32_t supported, size_t size)
{
	uint32_t ops = hdr->flags &
		       (VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET);

	if (ops & ~supported)
		return -EINVAL;
	if (hdr->flags & VFIO_DEVICE_FEATURE_PROBE)
		return 0;
	if (!ops || hdr->argsz - sizeof(*hdr) < size)
		return -EINVAL;
	return 1;
}

static long vfio_feature_bus_master(struct vfio_file *f,
				    struct uiommu_user *user, uint64_t arg,
				    const struct vfio_device_feature *hdr)
{
	struct vfio_device_feature_bus_master bm;
	int ret;

	ret = vfio_check_feature(hdr, VFIO_DEVICE_FEATURE_SET, sizeof(bm));
	if (ret != 1)
		return ret;
	ret = user->ops->copy_in(user, &bm, arg + sizeof(*hdr), sizeof(bm));
	if (ret)
		return ret;
	if (bm.op != VFIO_DEVICE_FEATURE_SET_MASTER &&
	    bm.op != VFIO_DEVICE_FEATURE_CLEAR_MASTER)
		return -EINVAL;

	vfio_device_lock(f->dev);
	f->dev->ops->set_bus_master(f->dev,
				    bm.op == VFIO_DEVICE_FEATURE_SET_MASTER);
	vfio_device_unlock(f->dev);
	return 0;
}

long vfio_feature(struct vfio_file *f, struct uiommu_user *user, uint64_t arg)
{
	const uint32_t ops = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET;
	struct vfio_device_feature hdr;
	int ret;

	ret = vfio_copy_args(user, arg, &hdr, sizeof(hdr));
	if (ret)
		return ret;
	if (hdr.flags &
	    ~(ops | VFIO_DEVICE_FEATURE_MASK | VFIO_DEVICE_FEATURE_PROBE))
		return -EINVAL;
	/* Both at once can be asked about, but not done. */
	if (!(hdr.flags & VFIO_DEVICE_FEATURE_PROBE) &&
	    (hdr.flags & ops) == ops)
		return -EINVAL;

	switch (hdr.flags & VFIO_DEVICE_FEATURE_MASK) {
	case VFIO_DEVICE_FEATURE_BUS_MASTER:
		return vfio_feature_bus_master(f, user, arg, &hdr);
	default:
		return -ENOTTY;
	}
}
