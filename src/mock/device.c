/* SPDX-License-Identifier: MIT */
/*
 * The mock IOMMU and its devices.
 */
#include <stdlib.h>
#include <string.h>

#include "mock_driver.h"

#define PASID_BITS 20

/* Above all memory and all page tables, and within reach of the mock's tables. */
#define DEVICE_MEMORY (3ULL << 49)

int mock_iommu_new(const struct pt_runtime *runtime, struct mock_iommu **out)
{
	struct mock_iommu *mock = calloc(1, sizeof(*mock));

	if (!mock)
		return -ENOMEM;
	mock->runtime = runtime;
	*out = mock;
	return 0;
}

void mock_iommu_free(struct mock_iommu *mock)
{
	free(mock);
}

phys_addr_t mock_iommu_device_memory(struct mock_iommu *mock, uint64_t len)
{
	return DEVICE_MEMORY +
	       __atomic_fetch_add(&mock->device_memory, len, __ATOMIC_RELAXED);
}

void mock_iommu_set_memory_limit(struct mock_iommu *mock, uint32_t limit)
{
	__atomic_store_n(&mock->memory_limit, limit, __ATOMIC_RELAXED);
}

uint32_t mock_iommu_memory_limit(struct mock_iommu *mock)
{
	return __atomic_load_n(&mock->memory_limit, __ATOMIC_RELAXED);
}

/* ---- What a device is attached to ---------------------------------- */

void mock_device_enter(struct mock_device *mdev, struct iommu_viommu *viommu,
		       uint64_t virt_id)
{
	port_lock(&mdev->lock);
	mdev->viommu = viommu;
	mdev->virt_id = virt_id;
	port_unlock(&mdev->lock);
}

int mock_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
		   ioasid_t pasid, struct iommu_domain *old)
{
	struct mock_device *mdev = to_mock_device(dev);
	int rc = 0;

	if (pasid != IOMMU_TEST_PASID_FAILS)
		return 0;
	port_lock(&mdev->lock);
	if (domain->type == IOMMU_DOMAIN_BLOCKED) {
		mdev->pasid_armed = false;
	} else {
		rc = mdev->pasid_armed ? -ENOMEM : 0;
		mdev->pasid_armed = !mdev->pasid_armed;
	}
	port_unlock(&mdev->lock);
	return rc;
}

static int blocked_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			  struct iommu_domain *old)
{
	mock_device_enter(to_mock_device(dev), NULL, 0);
	return 0;
}

static const struct iommu_domain_ops blocked_ops = {
	.attach_dev = blocked_attach,
	.set_dev_pasid = mock_set_pasid,
};

/* There is nothing in a static domain that could change. */
static const struct iommu_domain mock_blocked_domain = {
	.type = IOMMU_DOMAIN_BLOCKED,
	.ops = &blocked_ops,
};

/* ---- Devices ------------------------------------------------------- */

static bool mock_capable(struct iommu_dev *dev, enum iommu_cap cap)
{
	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
	case IOMMU_CAP_PAGE_REQUESTS:
		return true;
	case IOMMU_CAP_DIRTY_TRACKING:
		return !(to_mock_device(dev)->flags & IOMMU_TEST_DEV_NO_DIRTY);
	default:
		return false;
	}
}

static int mock_hw_info(struct iommu_dev *dev, void *buf, size_t *len,
			uint32_t *type)
{
	const struct iommu_test_hw_info info = {
		.test_reg = IOMMU_TEST_HW_INFO_REG,
	};

	memcpy(buf, &info, *len < sizeof(info) ? *len : sizeof(info));
	*len = sizeof(info);
	*type = IOMMU_TEST_HW_INFO_TYPE;
	return 0;
}

static const struct iommu_ops mock_iommu_ops = {
	.capable = mock_capable,
	.hw_info = mock_hw_info,
	.domain_alloc_paging = mock_domain_alloc,
	.domain_alloc_user = mock_domain_alloc_user,
	.viommu_kinds = mock_viommu_kinds,
	.blocked_domain = (struct iommu_domain *)&mock_blocked_domain,
};

int mock_device_new(struct mock_iommu *mock, uint32_t flags,
		    struct iommu_dev **out)
{
	struct mock_device *mdev = calloc(1, sizeof(*mdev));
	unsigned int i;
	int rc;

	if (!mdev)
		return -ENOMEM;
	mdev->dev.ops = &mock_iommu_ops;
	if (flags & IOMMU_TEST_DEV_PASID)
		mdev->dev.pasid_bits = PASID_BITS;
	mdev->mock = mock;
	mdev->flags = flags;
	for (i = 0; i != IOMMU_TEST_CACHE_SLOTS; i++)
		mdev->cache[i] = IOMMU_TEST_CACHE_DEFAULT;
	iommu_group_init(&mdev->group);
	rc = iommu_dev_add(&mdev->dev, &mdev->group);
	if (rc) {
		free(mdev);
		return rc;
	}
	*out = &mdev->dev;
	return 0;
}

void mock_device_free(struct iommu_dev *dev)
{
	iommu_dev_remove(dev);
	free(to_mock_device(dev));
}

bool mock_device_is(const struct iommu_dev *dev)
{
	return dev->ops == &mock_iommu_ops;
}

bool mock_device_cache(struct iommu_dev *dev, uint32_t slot, uint32_t *value)
{
	struct mock_device *mdev = to_mock_device(dev);

	if (!mock_device_is(dev) || slot >= IOMMU_TEST_CACHE_SLOTS)
		return false;
	port_lock(&mdev->lock);
	*value = mdev->cache[slot];
	port_unlock(&mdev->lock);
	return true;
}

/* The lock keeps the nested domain attached, and that the virtual IOMMU. */
int mock_device_event(struct iommu_dev *dev)
{
	struct mock_device *mdev = to_mock_device(dev);
	struct iommu_test_vevent event;
	int rc = -ENOENT;

	if (!mock_device_is(dev))
		return -ENOENT;
	port_lock(&mdev->lock);
	if (mdev->viommu && mdev->virt_id) {
		event.virt_id = (uint32_t)mdev->virt_id;
		rc = mdev->viommu->host->event(mdev->viommu,
					       IOMMU_TEST_VEVENTQ_TYPE, &event,
					       sizeof(event));
	}
	port_unlock(&mdev->lock);
	return rc;
}
