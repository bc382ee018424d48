/* SPDX-License-Identifier: MIT */
/*
 * Page tables of the mock IOMMU. The calls from here into amdv1_mock are direct.
 */
#include <stdlib.h>

#include "mock_driver.h"

PT_IOMMU_CHECK_DOMAIN(struct mock_domain, pt.iommu, domain);

/* The width of a table whose top is at this level: 2 KiB times 512 per level. */
#define TOP_LEVEL 2
#define VA_BITS   38
#define OA_BITS   51

#define HUGE_SIZES (4096UL | IOMMU_TEST_HUGE_PAGE_SIZE)

static int domain_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	struct mock_device *mdev = to_mock_device(dev);

	if (domain->dirty_ops && mdev->flags & IOMMU_TEST_DEV_NO_DIRTY)
		return -EINVAL;
	mock_device_enter(mdev, NULL, 0);
	return 0;
}

/* Nobody has an IOTLB of it. */
static void domain_sync(struct iommu_domain *domain,
			struct iommu_iotlb_gather *gather)
{
}

static void domain_sync_all(struct iommu_domain *domain)
{
}

static void domain_free(struct iommu_domain *domain)
{
	struct mock_domain *md = to_mock_domain(domain);

	pt_iommu_amdv1_mock_deinit(&md->pt);
	free(md);
}

static const struct iommu_domain_ops domain_ops = {
	IOMMU_PT_DOMAIN_OPS(amdv1_mock),    .attach_dev = domain_attach,
	.set_dev_pasid = mock_set_pasid,    .iotlb_sync = domain_sync,
	.flush_iotlb_all = domain_sync_all, .free = domain_free,
};

static int set_dirty_tracking(struct iommu_domain *domain, bool enabled)
{
	__atomic_store_n(&to_mock_domain(domain)->tracking, enabled,
			 __ATOMIC_RELAXED);
	return 0;
}

static const struct iommu_dirty_ops dirty_ops = {
	IOMMU_PT_DIRTY_OPS(amdv1_mock),
	.set_dirty_tracking = set_dirty_tracking,
};

bool mock_domain_tracks(struct iommu_domain *domain)
{
	return domain->ops == &domain_ops && domain->dirty_ops &&
	       __atomic_load_n(&to_mock_domain(domain)->tracking,
			       __ATOMIC_RELAXED);
}

/* A table that reaches as far as its user needs it, at least. */
static int init_table(struct mock_domain *md, struct mock_iommu *mock,
		      bool huge)
{
	const struct pt_iommu_amdv1_mock_cfg cfg = {
		.common.runtime = mock->runtime,
		.common.hw_max_vasz_lg2 = VA_BITS,
		.common.hw_max_oasz_lg2 = OA_BITS,
		.starting_level = TOP_LEVEL,
	};
	int rc;

	rc = pt_iommu_amdv1_mock_init(&md->pt, &cfg, GFP_KERNEL);
	if (rc)
		return rc;
	if (huge) {
		md->domain.pgsize_bitmap &= HUGE_SIZES;
	} else {
		md->domain.geometry.aperture_start = IOMMU_TEST_APERTURE_START;
		md->domain.geometry.aperture_end = IOMMU_TEST_APERTURE_LAST;
	}
	return 0;
}

static bool can_have(struct iommu_dev *dev, unsigned int flags)
{
	return !(flags & IOMMU_ALLOC_DIRTY_TRACKING) ||
	       !(to_mock_device(dev)->flags & IOMMU_TEST_DEV_NO_DIRTY);
}

static int domain_new(struct iommu_dev *dev, unsigned int flags, bool huge,
		      struct iommu_domain **out)
{
	struct mock_device *mdev = to_mock_device(dev);
	struct mock_domain *md;
	int rc;

	if (!can_have(dev, flags))
		return -EOPNOTSUPP;
	md = calloc(1, sizeof(*md));
	if (!md)
		return -ENOMEM;
	md->domain.ops = &domain_ops;
	if (flags & IOMMU_ALLOC_DIRTY_TRACKING)
		md->domain.dirty_ops = &dirty_ops;
	rc = init_table(md, mdev->mock, huge);
	if (rc) {
		domain_free(&md->domain);
		return rc;
	}
	*out = &md->domain;
	return 0;
}

int mock_domain_alloc(struct iommu_dev *dev, unsigned int flags,
		      struct iommu_domain **domain)
{
	return domain_new(dev, flags, false, domain);
}

static int paging_from_user(struct iommu_dev *dev, unsigned int flags,
			    const struct iommu_user_data *data,
			    struct iommu_domain **domain)
{
	struct iommu_test_hwpt hwpt;
	int rc;

	if (data->type != IOMMU_TEST_HWPT_TYPE || !can_have(dev, flags))
		return -EOPNOTSUPP;
	rc = iommu_user_data_read(data, &hwpt, sizeof(hwpt.iotlb),
				  sizeof(hwpt));
	if (rc)
		return rc;
	if (hwpt.pagetable > IOMMU_TEST_PAGETABLE_HUGE)
		return -EOPNOTSUPP;
	return domain_new(dev, flags,
			  hwpt.pagetable == IOMMU_TEST_PAGETABLE_HUGE, domain);
}

int mock_domain_alloc_user(struct iommu_dev *dev, unsigned int flags,
			   struct iommu_domain *parent,
			   const struct iommu_user_data *data,
			   struct iommu_domain **domain)
{
	if (parent)
		return mock_nested_alloc(NULL, data, domain);
	return paging_from_user(dev, flags, data, domain);
}
