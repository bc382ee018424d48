/* SPDX-License-Identifier: MIT */
/*
 * Nested domains: an IOTLB of four slots that its owner invalidates.
 */
#include <stdlib.h>

#include "mock_driver.h"

/* A virtual IOMMU must know the device by a name of the guest's. */
static int enter_viommu(struct mock_device *mdev, struct iommu_viommu *viommu)
{
	struct iommu_vdevice *vdev;

	port_lock(&viommu->lock);
	vdev = iommu_vdevice_of(viommu, &mdev->dev);
	if (vdev)
		mock_device_enter(mdev, viommu, vdev->virt_id);
	port_unlock(&viommu->lock);
	return vdev ? 0 : -ENOENT;
}

static int nested_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	struct mock_nested *nested = to_mock_nested(domain);
	struct mock_device *mdev = to_mock_device(dev);

	if (nested->viommu)
		return enter_viommu(mdev, nested->viommu);
	mock_device_enter(mdev, NULL, 0);
	return 0;
}

static void invalidate(struct mock_nested *nested, uint32_t first, uint32_t nr)
{
	uint32_t i;

	port_lock(&nested->lock);
	for (i = first; i != first + nr; i++)
		nested->iotlb[i] = 0;
	port_unlock(&nested->lock);
}

static int invalidate_one(struct mock_nested *nested,
			  struct iommu_user_array *array, uint32_t index)
{
	struct iommu_test_hwpt_invalidate inv;
	int rc;

	rc = iommu_user_array_read(array, index, &inv, sizeof(inv),
				   sizeof(inv));
	if (rc)
		return rc;
	if (inv.flags & ~IOMMU_TEST_INVALIDATE_ALL)
		return -EOPNOTSUPP;
	if (inv.iotlb_id >= IOMMU_TEST_IOTLB_SLOTS)
		return -EINVAL;
	if (inv.flags & IOMMU_TEST_INVALIDATE_ALL)
		invalidate(nested, 0, IOMMU_TEST_IOTLB_SLOTS);
	else
		invalidate(nested, inv.iotlb_id, 1);
	return 0;
}

static int nested_invalidate(struct iommu_domain *domain,
			     struct iommu_user_array *array)
{
	uint32_t i, nr = array->entry_num;
	int rc = 0;

	array->entry_num = 0;
	if (array->type != IOMMU_TEST_HWPT_INVALIDATE_TYPE)
		return -EINVAL;
	/* Nothing shorter, and nothing longer either, whatever is in it. */
	if (nr && array->entry_len != sizeof(struct iommu_test_hwpt_invalidate))
		return -EINVAL;
	for (i = 0; i != nr && !rc; i++) {
		rc = invalidate_one(to_mock_nested(domain), array, i);
		if (!rc)
			array->entry_num++;
	}
	return rc;
}

static void nested_free(struct iommu_domain *domain)
{
	free(to_mock_nested(domain));
}

static const struct iommu_domain_ops nested_ops = {
	.attach_dev = nested_attach,
	.set_dev_pasid = mock_set_pasid,
	.invalidate = nested_invalidate,
	.free = nested_free,
};

int mock_nested_alloc(struct iommu_viommu *viommu,
		      const struct iommu_user_data *data,
		      struct iommu_domain **domain)
{
	struct iommu_test_hwpt hwpt;
	struct mock_nested *nested;
	unsigned int i;
	int rc;

	if (data->type != IOMMU_TEST_HWPT_TYPE)
		return -EOPNOTSUPP;
	rc = iommu_user_data_read(data, &hwpt, sizeof(hwpt.iotlb),
				  sizeof(hwpt));
	if (rc)
		return rc;
	nested = calloc(1, sizeof(*nested));
	if (!nested)
		return -ENOMEM;
	nested->domain.type = IOMMU_DOMAIN_NESTED;
	nested->domain.ops = &nested_ops;
	nested->viommu = viommu;
	for (i = 0; i != IOMMU_TEST_IOTLB_SLOTS; i++)
		nested->iotlb[i] = hwpt.iotlb;
	*domain = &nested->domain;
	return 0;
}

bool mock_nested_iotlb(struct iommu_domain *domain, uint32_t slot,
		       uint32_t *value)
{
	struct mock_nested *nested = to_mock_nested(domain);

	if (domain->ops != &nested_ops || slot >= IOMMU_TEST_IOTLB_SLOTS)
		return false;
	port_lock(&nested->lock);
	*value = nested->iotlb[slot];
	port_unlock(&nested->lock);
	return true;
}
