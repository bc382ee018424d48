/* SPDX-License-Identifier: MIT */
/*
 * Virtual IOMMUs, the devices behind them, and nested domains.
 */
#include <uiommu/iommu_viommu.h>

static const struct iommu_viommu_kind *find_type(const struct iommu_dev *dev,
						 uint32_t type)
{
	const struct iommu_viommu_kind *t = dev->ops->viommu_kinds;

	for (; t && t->type; t++)
		if (t->type == type)
			return t;
	return NULL;
}

bool iommu_viommu_supported(const struct iommu_dev *dev, uint32_t type)
{
	return find_type(dev, type);
}

int iommu_viommu_alloc(struct iommu_dev *dev, uint32_t type,
		       struct iommu_domain *parent,
		       const struct iommu_viommu_host *host, void *owner,
		       const struct iommu_user_data *data,
		       struct iommu_viommu **viommu)
{
	const struct iommu_viommu_kind *t = find_type(dev, type);
	const struct iommu_viommu like = {
		.iommu = dev->ops,
		.parent = parent,
		.host = host,
		.owner = owner,
	};

	if (!t)
		return -EOPNOTSUPP;
	if (parent->iommu != dev->ops)
		return -EINVAL;
	return t->alloc(dev, &like, data, viommu);
}

void iommu_viommu_init(struct iommu_viommu *viommu,
		       const struct iommu_viommu *like,
		       const struct iommu_viommu_ops *ops)
{
	*viommu = *like;
	viommu->ops = ops;
}

void iommu_viommu_free(struct iommu_viommu *viommu)
{
	PORT_WARN_ON(viommu->vdevices);
	viommu->ops->free(viommu);
}

/* ---- Devices ------------------------------------------------------- */

struct iommu_vdevice *iommu_vdevice_find(struct iommu_viommu *viommu,
					 uint64_t virt_id)
{
	struct iommu_vdevice *vdev;

	for (vdev = viommu->vdevices; vdev; vdev = vdev->next)
		if (vdev->virt_id == virt_id)
			break;
	return vdev;
}

struct iommu_vdevice *iommu_vdevice_of(struct iommu_viommu *viommu,
				       const struct iommu_dev *dev)
{
	struct iommu_vdevice *vdev;

	for (vdev = viommu->vdevices; vdev; vdev = vdev->next)
		if (vdev->dev == dev)
			break;
	return vdev;
}

static void unlink_vdevice(struct iommu_vdevice *vdev)
{
	struct iommu_viommu *viommu = vdev->viommu;
	struct iommu_vdevice **link;

	port_lock(&viommu->lock);
	for (link = &viommu->vdevices; *link != vdev; link = &(*link)->next)
		;
	*link = vdev->next;
	port_unlock(&viommu->lock);
}

int iommu_vdevice_add(struct iommu_viommu *viommu, struct iommu_vdevice *vdev)
{
	int rc = 0;

	if (vdev->dev->ops != viommu->iommu)
		return -EINVAL;
	vdev->viommu = viommu;
	if (viommu->ops->vdevice_init)
		rc = viommu->ops->vdevice_init(vdev);
	if (rc)
		return rc;
	port_lock(&viommu->lock);
	if (iommu_vdevice_find(viommu, vdev->virt_id) ||
	    iommu_vdevice_of(viommu, vdev->dev)) {
		rc = -EEXIST;
	} else {
		vdev->next = viommu->vdevices;
		viommu->vdevices = vdev;
	}
	port_unlock(&viommu->lock);
	if (rc && viommu->ops->vdevice_fini)
		viommu->ops->vdevice_fini(vdev);
	return rc;
}

void iommu_vdevice_remove(struct iommu_vdevice *vdev)
{
	unlink_vdevice(vdev);
	if (vdev->viommu->ops->vdevice_fini)
		vdev->viommu->ops->vdevice_fini(vdev);
}

int iommu_viommu_alloc_nested(struct iommu_viommu *viommu,
			      struct iommu_dev *dev, unsigned int flags,
			      const struct iommu_user_data *data,
			      struct iommu_domain **domain)
{
	int rc;

	if (!viommu->ops->alloc_nested)
		return -EOPNOTSUPP;
	if (dev->ops != viommu->iommu)
		return -EINVAL;
	rc = viommu->ops->alloc_nested(viommu, dev, flags, data, domain);
	if (!rc)
		(*domain)->iommu = dev->ops;
	return rc;
}
