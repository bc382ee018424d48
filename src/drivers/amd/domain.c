/* SPDX-License-Identifier: MIT */
/*
 * Domains. Every kind has its own ops, and a direct call into its page table.
 */
#include "drivers/amd/amd.h"

#define HOST_LEVELS 3

/* ---- What all kinds do --------------------------------------------------- */

static int set_entry(struct amd_target *target, struct iommu_dev *dev,
		     ioasid_t pasid, const struct amd_entry *entry)
{
	struct amd_dev *adev = to_amd_dev(dev);

	if (adev->iommu != amd_of(target))
		return -EINVAL;
	return amd_entry_write(adev, pasid, target, entry);
}

static struct amd_domain *to_amd(struct iommu_domain *domain)
{
	return (struct amd_domain *)domain;
}

static struct iommu_hw_ids *ids_of(const struct amd_target *target)
{
	return &amd_of(target)->ids;
}

static void flush_domain(struct amd_domain *domain,
			 const struct iommu_iotlb_gather *gather)
{
	if (gather)
		amd_flush_range(&domain->target, gather->start, gather->last,
				iommu_iotlb_gather_leaf_only(gather));
	else
		amd_flush_target(&domain->target);
}

static int static_set(struct amd_static *is, struct iommu_dev *dev,
		      ioasid_t pasid)
{
	static const struct amd_entry untranslated = { 0 };

	/* A PASID is either translated or blocked. */
	if (pasid != IOMMU_NO_PASID && is->target.stage == AMD_IDENTITY)
		return -EOPNOTSUPP;
	return set_entry(&is->target, dev, pasid, &untranslated);
}

#define HW(part)   amd_##part
#define HW_OP(op)  amd_##op
#define HW_LINKAGE static
#define HW_IOMMU   struct amd_iommu
#include "drivers/domain_template.h"

/* NpCache: what was not present may be cached. */
static int amd_sync_map(struct iommu_domain *domain, dma_addr_t iova,
			size_t size)
{
	struct amd_target *target = &to_amd(domain)->target;
	struct amd_iommu *iommu = amd_of(target);

	if (iommu->caps.caches_not_present)
		amd_flush_range(target, iova, iova + (size - 1), false);
	return iommu->queue.error;
}

/* ---- Host tables ----------------------------------------------------------- */

/* The top must not grow between reading it and programming it. */
static int host_attach(struct iommu_domain *domain, struct iommu_dev *dev,
		       struct iommu_domain *old)
{
	struct amd_domain *ad = to_amd(domain);
	struct pt_iommu_amdv1_hw_info info;
	struct amd_entry entry = { 0 };
	int rc;

	port_lock(&ad->top_lock);
	pt_iommu_amdv1_hw_info(&ad->amdv1, &info);
	entry.host = info.host_pt_root | AMD_DTE_MODE(info.mode);
	rc = set_entry(&ad->target, dev, IOMMU_NO_PASID, &entry);
	port_unlock(&ad->top_lock);
	return rc;
}

static struct port_lock *host_top_lock(struct pt_iommu *iommu)
{
	return &to_amd(&iommu->domain)->top_lock;
}

static void host_change_top(struct pt_iommu *iommu, phys_addr_t top_pa,
			    unsigned int top_level)
{
	struct amd_domain *ad = to_amd(&iommu->domain);
	const struct amd_entry entry = {
		.host = top_pa | AMD_DTE_MODE(top_level + 1),
	};

	amd_entry_root(&ad->target, &entry);
}

static const struct pt_iommu_driver_ops host_driver_ops = {
	.get_top_lock = host_top_lock,
	.change_top = host_change_top,
};

/* 2.2.3, FC: in leaf entries, so that none may be there yet. */
static bool host_enforce(struct iommu_domain *domain)
{
	struct amd_domain *ad = to_amd(domain);
	struct hw_mem mem = amd_mem(amd_of(&ad->target));
	struct pt_iommu_amdv1_hw_info info;
	bool empty;

	port_lock(&ad->top_lock);
	pt_iommu_amdv1_hw_info(&ad->amdv1, &info);
	empty = hw_table_empty(&mem, info.host_pt_root);
	if (empty)
		ad->amdv1.pt.common.features |=
			BIT(PT_FEAT_AMDV1_FORCE_COHERENCE);
	port_unlock(&ad->top_lock);
	return empty;
}

static int host_set_dirty(struct iommu_domain *domain, bool enabled)
{
	return amd_entry_track(&to_amd(domain)->target, enabled);
}

static const struct iommu_dirty_ops host_dirty_ops = {
	IOMMU_PT_DIRTY_OPS(amdv1),
	.set_dirty_tracking = host_set_dirty,
};

static const struct iommu_domain_ops host_ops = {
	.enforce_cache_coherency = host_enforce,
	IOMMU_PT_DOMAIN_OPS(amdv1),
	.attach_dev = host_attach,
	.iotlb_sync = amd_sync,
	.iotlb_sync_map = amd_sync_map,
	.flush_iotlb_all = amd_sync_all,
	.free = amd_free,
};

/* ---- Guest tables ------------------------------------------------------------ */

static int guest_set(struct iommu_domain *domain, struct iommu_dev *dev,
		     ioasid_t pasid)
{
	struct amd_domain *ad = to_amd(domain);
	struct pt_iommu_x86_64_hw_info info;
	struct amd_entry entry = { 0 };

	pt_iommu_x86_64_hw_info(&ad->x86_64, &info);
	entry.guest = info.gcr3_pt | AMD_GCR3_V;
	entry.five = info.levels == 5;
	return set_entry(&ad->target, dev, pasid, &entry);
}

static int guest_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			struct iommu_domain *old)
{
	return guest_set(domain, dev, IOMMU_NO_PASID);
}

static int guest_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
			   ioasid_t pasid, struct iommu_domain *old)
{
	return guest_set(domain, dev, pasid);
}

static const struct iommu_domain_ops guest_ops = {
	IOMMU_PT_DOMAIN_OPS(x86_64),
	.attach_dev = guest_attach,
	.set_dev_pasid = guest_set_pasid,
	.iotlb_sync = amd_sync,
	.iotlb_sync_map = amd_sync_map,
	.flush_iotlb_all = amd_sync_all,
	.free = amd_free,
};

/* ---- Making them --------------------------------------------------------------- */

static int host_init(struct amd_domain *domain, struct amd_iommu *iommu,
		     const struct amd_domain_config *config)
{
	const struct iommu_hw_caps *caps = &iommu->caps;
	unsigned int levels = config->levels ? config->levels : HOST_LEVELS;
	struct pt_iommu_amdv1_cfg cfg = {
		.common = { .runtime = iommu->runtime,
			    .features = config->fixed
						? 0
						: BIT(PT_FEAT_DYNAMIC_TOP),
			    .hw_max_vasz_lg2 = caps->stage2_bits,
			    .hw_max_oasz_lg2 = caps->oa_bits },
		.starting_level = levels - 1,
	};

	if (levels > 7 || !(caps->stage2_levels & 1U << levels) ||
	    (config->dirty && !caps->dirty))
		return -EOPNOTSUPP;
	domain->domain.ops = &host_ops;
	if (config->dirty)
		domain->domain.dirty_ops = &host_dirty_ops;
	domain->amdv1.iommu.driver_ops = &host_driver_ops;
	return pt_iommu_amdv1_init(&domain->amdv1, &cfg, GFP_KERNEL);
}

/* Without GIOV's sign: requests without a PASID have unsigned addresses. */
static int guest_init(struct amd_domain *domain, struct amd_iommu *iommu,
		      const struct amd_domain_config *config)
{
	const struct iommu_hw_caps *caps = &iommu->caps;
	unsigned int levels = config->levels ? config->levels : 4;
	struct pt_iommu_x86_64_cfg cfg = {
		.common = { .runtime = iommu->runtime,
			    .hw_max_vasz_lg2 = levels == 5 ? 57 : 48,
			    .hw_max_oasz_lg2 = caps->oa_bits },
		.top_level = levels - 1,
	};

	/* The bits of this format are set from the start: nothing to track by. */
	if (levels > 7 || !(caps->stage1_levels & 1U << levels) ||
	    config->dirty)
		return -EOPNOTSUPP;
	domain->domain.ops = &guest_ops;
	return pt_iommu_x86_64_init(&domain->x86_64, &cfg, GFP_KERNEL);
}

static void table_fini(struct amd_domain *domain)
{
	if (domain->target.stage == AMD_GUEST)
		pt_iommu_x86_64_deinit(&domain->x86_64);
	else
		pt_iommu_amdv1_deinit(&domain->amdv1);
}

int amd_domain_init(struct amd_domain *domain, struct amd_iommu *iommu,
		    const struct amd_domain_config *config)
{
	int rc;

	domain->target = (struct amd_target){ .hw.owner = iommu,
					      .stage = config->stage };
	switch (config->stage) {
	case AMD_HOST:
		rc = host_init(domain, iommu, config);
		break;
	case AMD_GUEST:
		rc = guest_init(domain, iommu, config);
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (!rc)
		rc = id_get(&domain->target);
	if (rc)
		table_fini(domain);
	else
		domain->domain.iommu = &iommu->ops;
	return rc;
}

void amd_domain_fini(struct amd_domain *domain)
{
	id_put(&domain->target);
	table_fini(domain);
}

/* A parent keeps its levels: the entries of nested domains repeat its root. */
static int domain_alloc(struct iommu_dev *dev, unsigned int flags,
			struct iommu_domain **out)
{
	struct amd_iommu *iommu = to_amd_dev(dev)->iommu;
	bool parent = flags & IOMMU_ALLOC_NEST_PARENT;
	struct amd_domain_config config = {
		.stage = flags & IOMMU_ALLOC_PASID ? AMD_GUEST : AMD_HOST,
		.levels = parent ? 4 : 0,
		.fixed = parent,
		.dirty = flags & IOMMU_ALLOC_DIRTY_TRACKING,
	};

	if (parent && !iommu->caps.nesting)
		return -EOPNOTSUPP;
	if (config.stage == AMD_GUEST && !dev->pasid_bits)
		return -EOPNOTSUPP;
	return domain_new(iommu, &config, out);
}

/* ---- Nested ----------------------------------------------------------------------- */

static int nested_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	struct amd_nested *nested = (struct amd_nested *)domain;
	struct pt_iommu_amdv1_hw_info info;
	struct amd_entry entry = {
		.gcr3 = nested->gcr3,
		.glx = nested->glx,
		.giov = nested->giov,
		.five = nested->levels == 5,
	};

	pt_iommu_amdv1_hw_info(&nested->parent->amdv1, &info);
	entry.host = info.host_pt_root | AMD_DTE_MODE(info.mode);
	return set_entry(&nested->target, dev, IOMMU_NO_PASID, &entry);
}

static const struct iommu_domain_ops nested_ops = {
	.attach_dev = nested_attach,
};

int amd_nested_init(struct amd_nested *nested, struct amd_domain *parent,
		    const struct amd_nested_config *config)
{
	struct amd_iommu *iommu = amd_of(&parent->target);
	struct pt_iommu_info info;
	int rc;

	if (!iommu->caps.nesting)
		return -EOPNOTSUPP;
	if (parent->target.stage != AMD_HOST || config->glx > 2 ||
	    config->levels > 7 || config->gcr3 & ~AMD_ADDR ||
	    !(iommu->caps.stage1_levels & 1U << config->levels))
		return -EINVAL;
	pt_iommu_amdv1_get_info(&parent->amdv1, &info);
	if (info.features & BIT(PT_FEAT_DYNAMIC_TOP))
		return -EINVAL;
	*nested = (struct amd_nested){
		.domain = { .type = IOMMU_DOMAIN_NESTED,
			    .ops = &nested_ops,
			    .iommu = &iommu->ops },
		.target = { .hw.owner = iommu, .stage = AMD_NESTED },
		.parent = parent,
		.gcr3 = config->gcr3,
		.glx = config->glx,
		.giov = config->giov,
		.levels = config->levels,
	};
	rc = id_get(&nested->target);
	if (rc)
		return rc;
	nest(nested);
	return 0;
}

void amd_nested_fini(struct amd_nested *nested)
{
	unnest(nested);
	id_put(&nested->target);
}

void amd_nested_invalidate(struct amd_nested *nested, ioasid_t pasid,
			   uint64_t iova, uint64_t last, bool leaf_only)
{
	amd_flush_guest(&nested->target, pasid, iova, last, leaf_only);
}

/* ---- The kind of IOMMU ------------------------------------------------------------- */

static bool capable(struct iommu_dev *dev, enum iommu_cap cap)
{
	const struct amd_dev *adev = to_amd_dev(dev);

	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return true;
	case IOMMU_CAP_ENFORCE_CACHE_COHERENCY:
		return adev->iommu->caps.snoop_control;
	case IOMMU_CAP_DIRTY_TRACKING:
		return adev->iommu->caps.dirty;
	case IOMMU_CAP_PCI_ATS:
		return adev->ats_depth;
	case IOMMU_CAP_PAGE_REQUESTS:
		return adev->pri;
	default:
		return false;
	}
}

/*
 * Stores to the first are interrupts; 2.1.4 "Special Address Ranges" has the second,
 * HyperTransport's.
 */
static bool resv_region(struct iommu_dev *dev, unsigned int index,
			struct iommu_resv_region *region)
{
	static const struct iommu_resv_region regions[] = {
		{ 0xfee00000, 0xfeefffff, IOMMU_RESV_MSI },
#if UINTPTR_MAX > 0xffffffff
		{ 0xfd00000000, 0xffffffffff, IOMMU_RESV_RESERVED },
#endif
	};

	if (index >= sizeof(regions) / sizeof(regions[0]))
		return false;
	*region = regions[index];
	return true;
}

/* 2.4.7 COMPLETE_PPR_REQUEST */
static void page_response(struct iommu_dev *dev, ioasid_t pasid, uint32_t grpid,
			  enum iommu_page_code code)
{
	struct amd_dev *adev = to_amd_dev(dev);
	struct amd_iommu *iommu = adev->iommu;
	struct hw_cmd cmd = { {
		AMD_CMD(AMD_CMD_PPR) | adev->rid | (uint64_t)pasid << 32,
		(uint64_t)grpid << 32 | (uint64_t)code << 44,
	} };

	if (pasid != IOMMU_NO_PASID)
		cmd.qw[1] |= AMD_INV_GN;
	port_lock(&iommu->lock);
	amd_submit(iommu, &cmd, 1);
	port_unlock(&iommu->lock);
}

void amd_domains_init(struct amd_iommu *iommu)
{
	static_init(&iommu->blocked, iommu, IOMMU_DOMAIN_BLOCKED, AMD_BLOCKED);
	static_init(&iommu->identity, iommu, IOMMU_DOMAIN_IDENTITY,
		    AMD_IDENTITY);
	PORT_WARN_ON(id_get(&iommu->blocked.target));
	PORT_WARN_ON(id_get(&iommu->identity.target));
	iommu->ops = (struct iommu_ops){
		.capable = capable,
		.domain_alloc_paging = domain_alloc,
		.page_response = iommu->caps.pri ? page_response : NULL,
		.resv_region = resv_region,
		.blocked_domain = &iommu->blocked.domain,
		.identity_domain = &iommu->identity.domain,
	};
}
