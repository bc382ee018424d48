/* SPDX-License-Identifier: MIT */
/*
 * Domains. Every kind has its own ops, and a direct call into its page table.
 */
#include "drivers/intel/vtd.h"

/* ---- What all kinds do -------------------------------------------------- */

static struct vtd_domain *to_vtd(struct iommu_domain *domain)
{
	return (struct vtd_domain *)domain;
}

/* A change that fits one IOMMU and another is none: a domain belongs to one. */
static int set_entry(struct vtd_target *target, struct iommu_dev *dev,
		     ioasid_t pasid, const struct vtd_entry *entry)
{
	struct vtd_dev *vdev = to_vtd_dev(dev);

	if (vdev->iommu != vtd_of(target))
		return -EINVAL;
	if (pasid != IOMMU_NO_PASID && !vdev->iommu->scalable)
		return -EOPNOTSUPP;
	return vtd_entry_write(vdev, pasid, target, entry);
}

/* Tables are walked coherently, or they have been flushed by their runtime. */
static uint64_t snoop_bits(const struct vtd_iommu *iommu)
{
	return iommu->caps.coherent_walk ? VTD_PE_PWSNP : 0;
}

/* 6.2.2.1: with caching mode 0 tags what is not present; it is never given. */
static struct iommu_hw_ids *ids_of(const struct vtd_target *target)
{
	return &vtd_of(target)->dids;
}

static void flush_domain(struct vtd_domain *domain,
			 const struct iommu_iotlb_gather *gather)
{
	if (gather)
		vtd_flush_range(&domain->target, gather->start, gather->last,
				iommu_iotlb_gather_leaf_only(gather));
	else
		vtd_flush_target(&domain->target);
}

static int static_set(struct vtd_static *is, struct iommu_dev *dev,
		      ioasid_t pasid)
{
	struct vtd_target *target = &is->target;
	const struct vtd_iommu *iommu = vtd_of(target);
	struct vtd_entry entry = { { 0 } };
	unsigned int aw = 31U - (unsigned int)__builtin_clz(
					VTD_CAP_SAGAW(iommu->cap) | 1);

	/* 9.3: AW is the largest that the hardware has. */
	if (iommu->scalable) {
		entry.qw[0] = VTD_P | VTD_PE_AW(aw) |
			      VTD_PE_PGTT(VTD_PGTT_PASS);
		entry.qw[1] = target->hw.id | snoop_bits(iommu);
	} else {
		entry.qw[0] = VTD_P | VTD_CTX_TT(VTD_TT_PASS);
		entry.qw[1] = aw | VTD_CTX_DID(target->hw.id);
	}
	return set_entry(target, dev, pasid, &entry);
}

#define HW(part)   vtd_##part
#define HW_OP(op)  vtd_##op
#define HW_LINKAGE static
#define HW_IOMMU   struct vtd_iommu
#include "drivers/domain_template.h"

/* 6.1: what was not present may be cached with caching mode, or still buffered. */
static int vtd_sync_map(struct iommu_domain *domain, dma_addr_t iova,
			size_t size)
{
	struct vtd_target *target = &to_vtd(domain)->target;
	struct vtd_iommu *iommu = vtd_of(target);
	int rc;

	if (iommu->cap & VTD_CAP_CM)
		vtd_flush_range(target, iova, iova + (size - 1), false);
	/* 11.4.4: one command at a time */
	port_lock(&iommu->lock);
	vtd_write_buffer(iommu);
	rc = iommu->queue.error;
	port_unlock(&iommu->lock);
	return rc;
}

/* ---- Second stage --------------------------------------------------------- */

/* With ATS the context entry lets translated requests pass. */
static void second_entry(struct vtd_domain *domain, const struct vtd_dev *vdev,
			 struct vtd_entry *entry)
{
	const struct vtd_iommu *iommu = domain->target.hw.owner;
	struct pt_iommu_vtdss_hw_info info;
	uint64_t did = domain->target.hw.id;

	pt_iommu_vtdss_hw_info(&domain->vtdss, &info);
	if (iommu->scalable) {
		entry->qw[0] = VTD_P | VTD_PE_AW(info.aw) |
			       VTD_PE_PGTT(VTD_PGTT_SECOND) | info.ssptptr;
		entry->qw[1] = did | snoop_bits(iommu);
	} else {
		entry->qw[0] = VTD_P | info.ssptptr |
			       VTD_CTX_TT(vdev->ats_depth ? VTD_TT_SECOND_ATS
							  : VTD_TT_SECOND);
		entry->qw[1] = info.aw | VTD_CTX_DID(did);
	}
}

static int second_set(struct iommu_domain *domain, struct iommu_dev *dev,
		      ioasid_t pasid)
{
	struct vtd_domain *vd = to_vtd(domain);
	struct vtd_entry entry = { { 0 } };

	second_entry(vd, to_vtd_dev(dev), &entry);
	return set_entry(&vd->target, dev, pasid, &entry);
}

static int second_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	return second_set(domain, dev, IOMMU_NO_PASID);
}

static int second_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
			    ioasid_t pasid, struct iommu_domain *old)
{
	return second_set(domain, dev, pasid);
}

/* 9.8, SNP: in leaf entries, so that none may be there yet. */
static bool second_enforce(struct iommu_domain *domain)
{
	struct vtd_domain *vd = to_vtd(domain);
	struct vtd_iommu *iommu = vtd_of(&vd->target);
	struct hw_mem mem = vtd_mem(iommu);
	struct pt_iommu_vtdss_hw_info info;

	pt_iommu_vtdss_hw_info(&vd->vtdss, &info);
	if (!iommu->caps.snoop_control || !hw_table_empty(&mem, info.ssptptr))
		return false;
	vd->vtdss.pt.common.features |= BIT(PT_FEAT_VTDSS_FORCE_COHERENCE);
	return true;
}

static int second_set_dirty(struct iommu_domain *domain, bool enabled)
{
	return vtd_entry_update(&to_vtd(domain)->target, enabled, false);
}

static const struct iommu_dirty_ops second_dirty_ops = {
	IOMMU_PT_DIRTY_OPS(vtdss),
	.set_dirty_tracking = second_set_dirty,
};

static const struct iommu_domain_ops second_ops = {
	IOMMU_PT_DOMAIN_OPS(vtdss),
	.enforce_cache_coherency = second_enforce,
	.attach_dev = second_attach,
	.set_dev_pasid = second_set_pasid,
	.iotlb_sync = vtd_sync,
	.iotlb_sync_map = vtd_sync_map,
	.flush_iotlb_all = vtd_sync_all,
	.free = vtd_free,
};

/* ---- First stage ------------------------------------------------------------ */

static void first_entry(struct vtd_domain *domain, struct vtd_entry *entry)
{
	const struct vtd_iommu *iommu = domain->target.hw.owner;
	struct pt_iommu_x86_64_hw_info info;

	pt_iommu_x86_64_hw_info(&domain->x86_64, &info);
	/* AW is the second stage's, but QEMU takes this one's width from it. */
	entry->qw[0] = VTD_P | VTD_PE_PGTT(VTD_PGTT_FIRST) |
		       VTD_PE_AW(info.levels - 2U);
	entry->qw[1] = domain->target.hw.id | snoop_bits(iommu);
	entry->qw[2] = info.gcr3_pt | (info.levels == 5 ? VTD_PE_FSPM_5 : 0);
}

static int first_set(struct iommu_domain *domain, struct iommu_dev *dev,
		     ioasid_t pasid)
{
	struct vtd_domain *vd = to_vtd(domain);
	struct vtd_entry entry = { { 0 } };

	first_entry(vd, &entry);
	return set_entry(&vd->target, dev, pasid, &entry);
}

static int first_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			struct iommu_domain *old)
{
	return first_set(domain, dev, IOMMU_NO_PASID);
}

static int first_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
			   ioasid_t pasid, struct iommu_domain *old)
{
	return first_set(domain, dev, pasid);
}

/* 9.6, PGSNP: of the PASID table entry, whatever is mapped. */
static bool first_enforce(struct iommu_domain *domain)
{
	struct vtd_target *target = &to_vtd(domain)->target;

	return vtd_of(target)->caps.snoop_control &&
	       !vtd_entry_update(target, false, true);
}

static const struct iommu_domain_ops first_ops = {
	IOMMU_PT_DOMAIN_OPS(x86_64),
	.enforce_cache_coherency = first_enforce,
	.attach_dev = first_attach,
	.set_dev_pasid = first_set_pasid,
	.iotlb_sync = vtd_sync,
	.iotlb_sync_map = vtd_sync_map,
	.flush_iotlb_all = vtd_sync_all,
	.free = vtd_free,
};

/* ---- Making them ------------------------------------------------------------ */

static unsigned int most_levels(unsigned int levels)
{
	return levels ? 31U - (unsigned int)__builtin_clz(levels) : 0;
}

static struct pt_iommu_cfg common_cfg(const struct vtd_iommu *iommu,
				      unsigned int widest,
				      const struct vtd_domain_config *config)
{
	bool flush = !iommu->caps.coherent_walk && iommu->runtime->flush;

	return (struct pt_iommu_cfg){
		.runtime = iommu->runtime,
		.features = flush ? BIT(PT_FEAT_DMA_INCOHERENT) : 0,
		.hw_max_vasz_lg2 =
			(uint8_t)(config->va_bits ? config->va_bits : widest),
		.hw_max_oasz_lg2 = iommu->caps.oa_bits,
	};
}

static int second_init(struct vtd_domain *domain, struct vtd_iommu *iommu,
		       const struct vtd_domain_config *config)
{
	const struct iommu_hw_caps *caps = &iommu->caps;
	unsigned int levels = config->levels ? config->levels
					     : most_levels(caps->stage2_levels);
	struct pt_iommu_vtdss_cfg cfg = {
		.common = common_cfg(iommu, caps->stage2_bits, config),
		.top_level = levels - 1,
	};
	int rc;

	if (levels > 7 || !(caps->stage2_levels & 1U << levels) ||
	    config->va_bits > caps->stage2_bits ||
	    (config->dirty && !caps->dirty))
		return -EOPNOTSUPP;
	domain->domain.ops = &second_ops;
	if (config->dirty)
		domain->domain.dirty_ops = &second_dirty_ops;
	rc = pt_iommu_vtdss_init(&domain->vtdss, &cfg, GFP_KERNEL);
	if (rc)
		return rc;
	if (!(iommu->cap & VTD_CAP_2M))
		domain->domain.pgsize_bitmap &= ~(1ULL << 21);
	if (!(iommu->cap & VTD_CAP_1G))
		domain->domain.pgsize_bitmap &= ~(1ULL << 30);
	return 0;
}

/* The bits of this format are set from the start: nothing to track by. */
static int first_init(struct vtd_domain *domain, struct vtd_iommu *iommu,
		      const struct vtd_domain_config *config)
{
	const struct iommu_hw_caps *caps = &iommu->caps;
	unsigned int levels = config->levels ? config->levels
					     : most_levels(caps->stage1_levels);
	struct pt_iommu_x86_64_cfg cfg = {
		.common = common_cfg(iommu, caps->stage1_bits, config),
		.top_level = levels - 1,
	};
	int rc;

	if (levels > 7 || !(caps->stage1_levels & 1U << levels) ||
	    config->va_bits > caps->stage1_bits || config->dirty)
		return -EOPNOTSUPP;
	cfg.common.features |= BIT(PT_FEAT_SIGN_EXTEND);
	domain->domain.ops = &first_ops;
	rc = pt_iommu_x86_64_init(&domain->x86_64, &cfg, GFP_KERNEL);
	if (rc)
		return rc;
	if (!(iommu->cap & VTD_CAP_FS1G))
		domain->domain.pgsize_bitmap &= ~(1ULL << 30);
	return 0;
}

static void table_fini(struct vtd_domain *domain)
{
	if (domain->target.stage == VTD_FIRST_STAGE)
		pt_iommu_x86_64_deinit(&domain->x86_64);
	else
		pt_iommu_vtdss_deinit(&domain->vtdss);
}

int vtd_domain_init(struct vtd_domain *domain, struct vtd_iommu *iommu,
		    const struct vtd_domain_config *config)
{
	int rc;

	domain->target = (struct vtd_target){ .hw.owner = iommu,
					      .stage = config->stage };
	switch (config->stage) {
	case VTD_SECOND_STAGE:
		rc = second_init(domain, iommu, config);
		break;
	case VTD_FIRST_STAGE:
		rc = first_init(domain, iommu, config);
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

void vtd_domain_fini(struct vtd_domain *domain)
{
	id_put(&domain->target);
	table_fini(domain);
}

static int domain_alloc(struct iommu_dev *dev, unsigned int flags,
			struct iommu_domain **out)
{
	struct vtd_iommu *iommu = to_vtd_dev(dev)->iommu;
	struct vtd_domain_config config = {
		.stage = iommu->caps.stage2_levels ? VTD_SECOND_STAGE
						   : VTD_FIRST_STAGE,
		.dirty = flags & IOMMU_ALLOC_DIRTY_TRACKING,
	};

	if ((flags & IOMMU_ALLOC_NEST_PARENT) && !iommu->caps.nesting)
		return -EOPNOTSUPP;
	if ((flags & IOMMU_ALLOC_PASID) && !dev->pasid_bits)
		return -EOPNOTSUPP;
	return domain_new(iommu, &config, out);
}

/* ---- Nested ------------------------------------------------------------------ */

static struct vtd_nested *to_nested(struct iommu_domain *domain)
{
	return (struct vtd_nested *)domain;
}

/* 9.6, PGTT = 3: the second stage is the parent's, the tag is of the pair. */
static int nested_set(struct iommu_domain *domain, struct iommu_dev *dev,
		      ioasid_t pasid)
{
	struct vtd_nested *nested = to_nested(domain);
	struct vtd_entry entry = { { 0 } };

	second_entry(nested->parent, to_vtd_dev(dev), &entry);
	entry.qw[0] &= ~VTD_PE_PGTT(7);
	entry.qw[0] |= VTD_PE_PGTT(VTD_PGTT_NESTED);
	entry.qw[1] = nested->target.hw.id |
		      snoop_bits(vtd_of(&nested->target));
	entry.qw[2] = nested->root | (nested->levels == 5 ? VTD_PE_FSPM_5 : 0);
	return set_entry(&nested->target, dev, pasid, &entry);
}

static int nested_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	return nested_set(domain, dev, IOMMU_NO_PASID);
}

static int nested_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
			    ioasid_t pasid, struct iommu_domain *old)
{
	return nested_set(domain, dev, pasid);
}

static const struct iommu_domain_ops nested_ops = {
	.attach_dev = nested_attach,
	.set_dev_pasid = nested_set_pasid,
};

int vtd_nested_init(struct vtd_nested *nested, struct vtd_domain *parent,
		    uint64_t root, unsigned int levels)
{
	struct vtd_iommu *iommu = parent->target.hw.owner;
	int rc;

	if (!iommu->caps.nesting)
		return -EOPNOTSUPP;
	if (parent->target.stage != VTD_SECOND_STAGE || levels > 7 ||
	    !(iommu->caps.stage1_levels & 1U << levels) || root & ~VTD_ADDR)
		return -EINVAL;
	*nested = (struct vtd_nested){
		.domain = { .type = IOMMU_DOMAIN_NESTED,
			    .ops = &nested_ops,
			    .iommu = &iommu->ops },
		.target = { .hw.owner = iommu, .stage = VTD_NESTED },
		.parent = parent,
		.root = root,
		.levels = levels,
	};
	rc = id_get(&nested->target);
	if (rc)
		return rc;
	nest(nested);
	return 0;
}

void vtd_nested_fini(struct vtd_nested *nested)
{
	unnest(nested);
	id_put(&nested->target);
}

void vtd_nested_invalidate(struct vtd_nested *nested, uint64_t iova,
			   uint64_t last, bool leaf_only)
{
	vtd_flush_range(&nested->target, iova, last, leaf_only);
}

/* ---- The kind of IOMMU --------------------------------------------------------- */

static bool capable(struct iommu_dev *dev, enum iommu_cap cap)
{
	const struct vtd_dev *vdev = to_vtd_dev(dev);
	const struct iommu_hw_caps *caps = &vdev->iommu->caps;

	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return true;
	case IOMMU_CAP_ENFORCE_CACHE_COHERENCY:
		return caps->snoop_control;
	case IOMMU_CAP_DIRTY_TRACKING:
		return caps->stage2_levels && caps->dirty;
	case IOMMU_CAP_PCI_ATS:
		return vdev->ats_depth;
	case IOMMU_CAP_PAGE_REQUESTS:
		return vdev->pri;
	default:
		return false;
	}
}

/* 7.8 "Interrupt requests": stores to it are messages, and are not translated. */
static bool resv_region(struct iommu_dev *dev, unsigned int index,
			struct iommu_resv_region *region)
{
	if (index)
		return false;
	*region = (struct iommu_resv_region){ 0xfee00000, 0xfeefffff,
					      IOMMU_RESV_MSI };
	return true;
}

static void page_response(struct iommu_dev *dev, ioasid_t pasid, uint32_t grpid,
			  enum iommu_page_code code)
{
	struct vtd_dev *vdev = to_vtd_dev(dev);
	struct vtd_iommu *iommu = vdev->iommu;
	struct hw_cmd desc;

	/* 6.5.2.9 "Page Group Response Descriptor" */
	desc.qw[0] = VTD_QI_RESPONSE | (uint64_t)code << 12 |
		     (uint64_t)vdev->rid << 16;
	if (pasid != IOMMU_NO_PASID)
		desc.qw[0] |= 1 << 4 | VTD_QI_PASID32(pasid);
	desc.qw[1] = (uint64_t)grpid << 3;
	port_lock(&iommu->lock);
	vtd_submit(iommu, &desc, 1);
	port_unlock(&iommu->lock);
}

void vtd_domains_init(struct vtd_iommu *iommu)
{
	static_init(&iommu->blocked, iommu, IOMMU_DOMAIN_BLOCKED, VTD_BLOCKED);
	static_init(&iommu->identity, iommu, IOMMU_DOMAIN_IDENTITY,
		    VTD_PASS_THROUGH);
	PORT_WARN_ON(id_get(&iommu->identity.target));
	iommu->ops = (struct iommu_ops){
		.capable = capable,
		.domain_alloc_paging = domain_alloc,
		.page_response = iommu->caps.pri ? page_response : NULL,
		.resv_region = resv_region,
		.blocked_domain = &iommu->blocked.domain,
		.identity_domain = iommu->ecap & VTD_ECAP_PT
					   ? &iommu->identity.domain
					   : NULL,
	};
}
