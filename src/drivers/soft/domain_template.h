/* SPDX-License-Identifier: MIT */
/*
 * Domains of one format. A unit defines SOFT_FMT, soft_cfg(), soft_root() and
 * soft_resv_region, and includes this file; the calls from here into the page
 * table are direct.
 */
#ifndef SOFT_FMT
#error "SOFT_FMT is not defined"
#endif

#include <stdlib.h>

#define CAT_(a, b) a##b
#define CAT(a, b)  CAT_(a, b)
#define PT(op)     CAT(CAT(pt_iommu_, SOFT_FMT), CAT(_, op))
#define PT_STRUCT  CAT(pt_iommu_, SOFT_FMT)
#define OPS(fmt)   IOMMU_PT_DOMAIN_OPS(fmt)
#define DIRTY(fmt) IOMMU_PT_DIRTY_OPS(fmt)
#define IOMMU_OPS  CAT(CAT(soft_, SOFT_FMT), _iommu_ops)

struct soft_domain {
	union {
		struct iommu_domain domain;
		struct PT_STRUCT pt;
	};
	struct soft_table table;
};
PT_IOMMU_CHECK_DOMAIN(struct soft_domain, pt.iommu, domain);

/* In a container, or in the container of one: both are at its start. */
static inline struct soft_domain *to_soft_domain(struct iommu_domain *domain)
{
	return (struct soft_domain *)domain;
}

/* What the hardware is to be told now. @sd->table.lock is held. */
static void root_of(struct soft_domain *sd, struct soft_root *root)
{
	soft_root(sd, root);
	if (sd->table.dirty)
		root->features |= SOFT_FEAT_HW_DIRTY;
}

static int domain_set(struct iommu_domain *domain, struct iommu_dev *dev,
		      ioasid_t pasid)
{
	struct soft_domain *sd = to_soft_domain(domain);
	struct soft_device *sdev = to_soft_device(dev);
	struct soft_table *old;
	struct soft_user *user;
	struct soft_root root;
	int rc;

	if (sd->table.drv != sdev->drv)
		return -EINVAL;
	rc = soft_user_get(sdev, pasid, &user);
	if (rc)
		return rc;
	old = soft_user_leave(user);
	port_lock(&sd->table.lock);
	root_of(sd, &root);
	soft_user_enter(user, &sd->table, &root);
	port_unlock(&sd->table.lock);
	if (old)
		soft_table_sync_all(old);
	return 0;
}

static int domain_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	return domain_set(domain, dev, IOMMU_NO_PASID);
}

static int domain_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
			    ioasid_t pasid, struct iommu_domain *old)
{
	return domain_set(domain, dev, pasid);
}

static void domain_sync(struct iommu_domain *domain,
			struct iommu_iotlb_gather *gather)
{
	soft_table_sync(&to_soft_domain(domain)->table, gather);
}

static void domain_sync_all(struct iommu_domain *domain)
{
	soft_table_sync_all(&to_soft_domain(domain)->table);
}

static void domain_unmapped(struct iommu_domain *domain, dma_addr_t iova,
			    dma_addr_t last)
{
	soft_table_unmapped(&to_soft_domain(domain)->table, iova, last);
}

static void domain_free(struct iommu_domain *domain)
{
	struct soft_domain *sd = to_soft_domain(domain);

	soft_table_fini(&sd->table);
	PT(deinit)(&sd->pt);
	free(sd);
}

static const struct iommu_domain_ops domain_ops = {
	OPS(SOFT_FMT),
	.attach_dev = domain_attach,
	.set_dev_pasid = domain_set_pasid,
	.iotlb_sync = domain_sync,
	.flush_iotlb_all = domain_sync_all,
	.unmapped = domain_unmapped,
	.free = domain_free,
};

/* Translations that the IOTLB takes for dirty already are forgotten, too. */
static int domain_set_dirty(struct iommu_domain *domain, bool enabled)
{
	struct soft_domain *sd = to_soft_domain(domain);
	struct soft_root root;

	port_lock(&sd->table.lock);
	sd->table.dirty = enabled;
	root_of(sd, &root);
	soft_table_set_root(&sd->table, &root);
	port_unlock(&sd->table.lock);
	return 0;
}

static const struct iommu_dirty_ops dirty_ops = {
	DIRTY(SOFT_FMT),
	.set_dirty_tracking = domain_set_dirty,
};

#ifdef SOFT_DYNAMIC_TOP
static struct port_lock *top_lock(struct pt_iommu *iommu)
{
	return &to_soft_domain(&iommu->domain)->table.lock;
}

static void change_top(struct pt_iommu *iommu, phys_addr_t top_pa,
		       unsigned int top_level)
{
	struct soft_domain *sd = to_soft_domain(&iommu->domain);
	struct soft_root root;

	root_of(sd, &root);
	root.pa = top_pa;
	root.levels = top_level + 1;
	soft_table_set_root(&sd->table, &root);
}

static const struct pt_iommu_driver_ops driver_ops = {
	.get_top_lock = top_lock,
	.change_top = change_top,
};
#endif

static int domain_alloc(struct iommu_dev *dev, unsigned int flags,
			struct iommu_domain **out)
{
	struct soft_driver *drv = to_soft_device(dev)->drv;
	struct CAT(PT_STRUCT, _cfg) cfg = {
		.common.runtime = drv->runtime,
	};
	struct soft_domain *sd;
	int rc;

	if (flags & ~(IOMMU_ALLOC_PASID | IOMMU_ALLOC_DIRTY_TRACKING))
		return -EOPNOTSUPP;
	if ((flags & IOMMU_ALLOC_PASID) && !dev->pasid_bits)
		return -EOPNOTSUPP;
	sd = calloc(1, sizeof(*sd));
	if (!sd)
		return -ENOMEM;
	rc = soft_table_init(&sd->table, drv);
	if (rc)
		goto err_free;
	sd->domain.ops = &domain_ops;
	if (flags & IOMMU_ALLOC_DIRTY_TRACKING)
		sd->domain.dirty_ops = &dirty_ops;
#ifdef SOFT_DYNAMIC_TOP
	sd->pt.iommu.driver_ops = &driver_ops;
#endif
	soft_cfg(&cfg);
	rc = PT(init)(&sd->pt, &cfg, GFP_KERNEL);
	if (rc)
		goto err_table;
	*out = &sd->domain;
	return 0;

err_table:
	PT(deinit)(&sd->pt);
	soft_table_fini(&sd->table);
err_free:
	free(sd);
	return rc;
}

const struct iommu_ops IOMMU_OPS = {
	.capable = soft_capable,
	.domain_alloc_paging = domain_alloc,
	.page_response = soft_page_response,
	.resv_region = soft_resv_region,
	.blocked_domain = (struct iommu_domain *)&soft_blocked_domain,
	.identity_domain = (struct iommu_domain *)&soft_identity_domain,
};
