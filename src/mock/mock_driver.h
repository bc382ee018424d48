/* SPDX-License-Identifier: MIT */
/**
 * DOC: Inside the mock driver
 *
 * Locks: mock_device.lock protects what a device is attached to, as hardware would
 * know it, and its cache; mock_nested.lock the IOTLB; mock_viommu.lock the queues. An
 * iommu_viommu.lock may be held when a device's is taken, no other two at a time.
 */
#ifndef MOCK_DRIVER_H
#define MOCK_DRIVER_H

#include <uiommu/iommu_viommu.h>
#include <uiommu/iommufd_test.h>
#include <uiommu/pt/iommu.h>

#include "mock/mock.h"

/**
 * struct mock_iommu - one mock IOMMU
 * @runtime: where page tables come from
 * @memory_limit: what the client last asked for; atomic
 * @device_memory: bytes of device memory given out; atomic
 */
struct mock_iommu {
	const struct pt_runtime *runtime;
	uint32_t memory_limit;
	uint64_t device_memory;
};

/**
 * struct mock_device - a device behind it
 * @dev: the core's part
 * @group: a group of its own
 * @mock: its IOMMU
 * @flags: IOMMU_TEST_DEV_*
 * @lock: protects all below
 * @cache: for a guest to invalidate
 * @viommu: of the nested domain that its requests are translated by, or NULL
 * @virt_id: its id there, as it was when it was attached
 * @pasid_armed: the next domain for IOMMU_TEST_PASID_FAILS is refused
 */
struct mock_device {
	struct iommu_dev dev;
	struct iommu_group group;
	struct mock_iommu *mock;
	uint32_t flags;
	struct port_lock lock;
	uint32_t cache[IOMMU_TEST_CACHE_SLOTS];
	struct iommu_viommu *viommu;
	uint64_t virt_id;
	bool pasid_armed;
};

/**
 * struct mock_domain - a page table
 * @domain: the domain
 * @pt: the table
 * @tracking: it is
 */
struct mock_domain {
	union {
		struct iommu_domain domain;
		struct pt_iommu_amdv1_mock pt;
	};
	bool tracking;
};

/**
 * struct mock_nested - a guest's table, which does not exist: only its IOTLB does
 * @domain: the domain
 * @viommu: the virtual IOMMU that it belongs to, or NULL
 * @lock: protects @iotlb
 * @iotlb: for a guest to invalidate
 */
struct mock_nested {
	struct iommu_domain domain;
	struct iommu_viommu *viommu;
	struct port_lock lock;
	uint32_t iotlb[IOMMU_TEST_IOTLB_SLOTS];
};

static inline struct mock_device *to_mock_device(struct iommu_dev *dev)
{
	return (struct mock_device *)((char *)dev -
				      offsetof(struct mock_device, dev));
}

static inline struct mock_domain *to_mock_domain(struct iommu_domain *domain)
{
	return (struct mock_domain *)domain;
}

static inline struct mock_nested *to_mock_nested(struct iommu_domain *domain)
{
	return (struct mock_nested *)((char *)domain -
				      offsetof(struct mock_nested, domain));
}

/**
 * mock_set_pasid() - what all domains do with a PASID: nothing, but see
 * IOMMU_TEST_PASID_FAILS
 *
 * Return: 0 or -ENOMEM.
 */
int mock_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
		   ioasid_t pasid, struct iommu_domain *old);

/** mock_device_enter() - requests are translated by a table of @viommu, or none. */
void mock_device_enter(struct mock_device *mdev, struct iommu_viommu *viommu,
		       uint64_t virt_id);

/* Operations of struct iommu_ops. */
int mock_domain_alloc(struct iommu_dev *dev, unsigned int flags,
		      struct iommu_domain **domain);
int mock_domain_alloc_user(struct iommu_dev *dev, unsigned int flags,
			   struct iommu_domain *parent,
			   const struct iommu_user_data *data,
			   struct iommu_domain **domain);

/**
 * mock_nested_alloc() - a nested domain
 * @viommu: whose, or NULL
 *
 * Return: 0; -EOPNOTSUPP: @data is of another type; -EINVAL; -EFAULT; -ENOMEM.
 */
int mock_nested_alloc(struct iommu_viommu *viommu,
		      const struct iommu_user_data *data,
		      struct iommu_domain **domain);

/* The kinds of virtual IOMMU: one. */
extern const struct iommu_viommu_kind mock_viommu_kinds[];

#endif
