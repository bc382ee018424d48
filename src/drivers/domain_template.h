/* SPDX-License-Identifier: MIT */
/*
 * What domains of all drivers do alike; each includes it in the unit that makes its
 * domains. It defines before:
 *
 *	HW(part)	the type's name: struct HW(domain), HW(static), HW(target)
 *	HW_OP(op)	the name of a function that its formats' ops need
 *	HW_LINKAGE	"static", or nothing if they are in other units
 *	HW_IOMMU	the type of an IOMMU
 *	static void flush_domain(struct HW(domain) *domain,
 *				 const struct iommu_iotlb_gather *gather)
 *		forget what @gather says; NULL: everything
 *	static struct iommu_hw_ids *ids_of(const struct HW(target) *target)
 *		the numbers that tag its translations
 *	static int static_set(struct HW(static) *is, struct iommu_dev *dev,
 *			      ioasid_t pasid)
 *		attach BLOCKED or IDENTITY
 *	void HW(domain_fini)(struct HW(domain) *domain)
 */
#include <uiommu/iommu_gather.h>

#include "drivers/users.h"

#define HW_DOMAIN_LG2 9 /* log2 of the bytes of a domain made by the driver */

_Static_assert(sizeof(struct HW(domain)) <= 1 << HW_DOMAIN_LG2,
	       "a domain does not fit");

HW_LINKAGE void HW_OP(sync)(struct iommu_domain *domain,
			    struct iommu_iotlb_gather *gather)
{
	struct HW(domain) *own = (struct HW(domain) *)domain;

	if (!iommu_iotlb_gather_empty(gather))
		flush_domain(own, gather);
	else if (!iommu_iotlb_gather_leaf_only(gather))
		flush_domain(own, NULL);
}

HW_LINKAGE void HW_OP(sync_all)(struct iommu_domain *domain)
{
	flush_domain((struct HW(domain) *)domain, NULL);
}

HW_LINKAGE void HW_OP(free)(struct iommu_domain *domain)
{
	struct HW(domain) *own = (struct HW(domain) *)domain;
	const HW_IOMMU *iommu = own->target.hw.owner;
	const struct pt_runtime *runtime = iommu->runtime;

	HW(domain_fini)(own);
	runtime->free(runtime, own, HW_DOMAIN_LG2);
}

/* Memory for a domain, made as @config says. */
static int domain_new(HW_IOMMU *iommu, const struct HW(domain_config) * config,
		      struct iommu_domain **out)
{
	const struct pt_runtime *runtime = iommu->runtime;
	struct HW(domain) * domain;
	int rc;

	domain = runtime->alloc(runtime, HW_DOMAIN_LG2, GFP_KERNEL);
	if (!domain)
		return -ENOMEM;
	rc = HW(domain_init)(domain, iommu, config);
	if (rc)
		runtime->free(runtime, domain, HW_DOMAIN_LG2);
	else
		*out = &domain->domain;
	return rc;
}

/* ---- What tags translations ------------------------------------------------- */

/* Never 0, which hardware gives a meaning of its own. */
static int id_get(struct HW(target) * target)
{
	HW_IOMMU *iommu = target->hw.owner;
	int rc;

	port_lock(&iommu->lock);
	rc = hw_id_get(ids_of(target), 1, &target->hw.id);
	port_unlock(&iommu->lock);
	return rc;
}

static void id_put(struct HW(target) * target)
{
	HW_IOMMU *iommu = target->hw.owner;

	port_lock(&iommu->lock);
	hw_id_put(ids_of(target), target->hw.id);
	port_unlock(&iommu->lock);
}

/* ---- The static domains ------------------------------------------------------ */

static int static_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	return static_set((struct HW(static) *)domain, dev, IOMMU_NO_PASID);
}

static int static_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
			    ioasid_t pasid, struct iommu_domain *old)
{
	return static_set((struct HW(static) *)domain, dev, pasid);
}

static const struct iommu_domain_ops static_ops = {
	.attach_dev = static_attach,
	.set_dev_pasid = static_set_pasid,
};

/* @stage is BLOCKED, or what passes through. */
static void static_init(struct HW(static) * is, HW_IOMMU *iommu,
			enum iommu_domain_type type, enum HW(stage) stage)
{
	is->domain = (struct iommu_domain){ .type = type, .ops = &static_ops };
	is->target = (struct HW(target)){ .hw.owner = iommu, .stage = stage };
}

/* ---- Nested ones -------------------------------------------------------------- */

static void nest(struct HW(nested) * nested)
{
	HW_IOMMU *iommu = nested->target.hw.owner;

	port_lock(&iommu->lock);
	hw_target_nest(&nested->target.hw, &nested->parent->target.hw);
	port_unlock(&iommu->lock);
}

static void unnest(struct HW(nested) * nested)
{
	HW_IOMMU *iommu = nested->target.hw.owner;

	port_lock(&iommu->lock);
	hw_target_unnest(&nested->target.hw);
	port_unlock(&iommu->lock);
}
