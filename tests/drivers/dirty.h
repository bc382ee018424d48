/* SPDX-License-Identifier: MIT */
/**
 * DOC: What is dirty, for any driver's domains
 */
#ifndef TESTS_DRIVERS_DIRTY_H
#define TESTS_DRIVERS_DIRTY_H

#include <uiommu/iommu_gather.h>

#include "fake.h"

static inline void count_dirty(void *arg, dma_addr_t iova, size_t length)
{
	*(size_t *)arg += length;
}

/* Bytes that are dirty at @iova, which then are not any more */
static inline size_t read_dirty(struct iommu_domain *domain, dma_addr_t iova,
				size_t size)
{
	struct iommu_iotlb_gather gather;
	size_t dirty = 0;
	struct iommu_dirty_bitmap bitmap = { .record = count_dirty,
					     .arg = &dirty,
					     .gather = &gather };

	iommu_iotlb_gather_init(&gather);
	assert_int_equal(domain->dirty_ops->read_and_clear_dirty(
				 domain, iova, size, 0, &bitmap),
			 0);
	iommu_iotlb_sync(domain, &gather);
	return dirty;
}

/*
 * What hardware wrote to is dirty once; a page that is not has no bit set from the
 * start.
 */
static inline void check_dirty(struct iommu_domain *domain)
{
	assert_non_null(domain->dirty_ops);
	assert_non_null(domain->dirty_ops->set_dirty_tracking);
	assert_int_equal(iommu_map(domain, 0x11000, 0x21000, 0x2000,
				   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL),
			 0);
	assert_int_equal(read_dirty(domain, 0x11000, 0x2000), 0);
	assert_int_equal(domain->dirty_ops->set_dirty(domain, 0x12000), 0);
	assert_int_equal(read_dirty(domain, 0x11000, 0x2000), 0x1000);
	assert_int_equal(read_dirty(domain, 0x11000, 0x2000), 0);
	assert_int_equal(iommu_unmap_sync(domain, 0x11000, 0x2000), 0x2000);
}

#endif
