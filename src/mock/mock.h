/* SPDX-License-Identifier: MIT */
/**
 * DOC: The driver of the mock IOMMU
 *
 * A driver without hardware: its domains are real page tables (amdv1_mock), but
 * nobody walks them. What hardware, a device or a guest would do is done by the
 * functions of this header, on behalf of IOMMU_TEST_CMD. What clients see of it,
 * numbers and layouts, stands in <uiommu/iommufd_test.h>.
 */
#ifndef MOCK_H
#define MOCK_H

#include <uiommu/iommu.h>

struct mock_iommu;
struct pt_runtime;

/**
 * mock_iommu_new() - a mock IOMMU without devices
 * @runtime: where page tables come from; outlives it
 *
 * Return: 0 or -ENOMEM.
 */
int mock_iommu_new(const struct pt_runtime *runtime, struct mock_iommu **out);

/** mock_iommu_free() - it has no devices and domains any more. NULL is fine. */
void mock_iommu_free(struct mock_iommu *mock);

/**
 * mock_iommu_device_memory() - output addresses that are a device's own memory
 * @len: whole pages
 *
 * Nothing stands behind them, and they are given out once.
 */
phys_addr_t mock_iommu_device_memory(struct mock_iommu *mock, uint64_t len);

/** mock_iommu_set_memory_limit() - how much scratch memory a client would allow. */
void mock_iommu_set_memory_limit(struct mock_iommu *mock, uint32_t limit);

/** mock_iommu_memory_limit() - the same, back. */
uint32_t mock_iommu_memory_limit(struct mock_iommu *mock);

/**
 * mock_device_new() - a device in a group of its own
 * @flags: IOMMU_TEST_DEV_*
 *
 * Return: 0 or -ENOMEM.
 */
int mock_device_new(struct mock_iommu *mock, uint32_t flags,
		    struct iommu_dev **out);

/** mock_device_free() - its group has no owner any more. */
void mock_device_free(struct iommu_dev *dev);

/** mock_device_is() - is @dev a mock device? */
bool mock_device_is(const struct iommu_dev *dev);

/**
 * mock_device_cache() - what is in a slot of the device's cache
 *
 * Return: false: there is no such slot.
 */
bool mock_device_cache(struct iommu_dev *dev, uint32_t slot, uint32_t *value);

/**
 * mock_device_event() - the IOMMU tells the device's guest of something
 *
 * Return: 0; -ENOENT: it is not attached to a table of a guest's virtual IOMMU, or has
 * no virtual id there; -EOPNOTSUPP: the guest does not listen.
 */
int mock_device_event(struct iommu_dev *dev);

/**
 * mock_domain_tracks() - does hardware set dirty bits in @domain?
 *
 * Return: false also for domains of other drivers.
 */
bool mock_domain_tracks(struct iommu_domain *domain);

/**
 * mock_nested_iotlb() - what is in a slot of the IOTLB of a nested domain
 *
 * Return: false: no such slot, or the domain is not a nested one of the mock.
 */
bool mock_nested_iotlb(struct iommu_domain *domain, uint32_t slot,
		       uint32_t *value);

#endif
