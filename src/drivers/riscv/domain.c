/* SPDX-License-Identifier: MIT */
/*
 * Domains. Both formats have their own ops, and a direct call into the page table.
 */
#include "drivers/riscv/riscv.h"

static struct riscv_iommu_domain *to_rv(struct iommu_domain *domain)
{
	return (struct riscv_iommu_domain *)domain;
}

static int set_context(struct riscv_iommu_target *target, struct iommu_dev *dev,
		       ioasid_t pasid, const struct rv_entry *entry)
{
	struct riscv_iommu_dev *rdev = to_rv_dev(dev);

	if (rdev->iommu != rv_of(target))
		return -EINVAL;
	return rv_context_write(rdev, pasid, target, entry);
}

static struct iommu_hw_ids *ids_of(const struct riscv_iommu_target *target)
{
	struct riscv_iommu *iommu = rv_of(target);

	return target->stage == RISCV_IOMMU_FIRST ? &iommu->pscids
						  : &iommu->gscids;
}

static void flush_domain(struct riscv_iommu_domain *domain,
			 const struct iommu_iotlb_gather *gather)
{
	if (gather)
		rv_flush_range(&domain->target, gather->start, gather->last,
			       iommu_iotlb_gather_leaf_only(gather));
	else
		rv_flush_target(&domain->target);
}

static int static_set(struct riscv_iommu_static *is, struct iommu_dev *dev,
		      ioasid_t pasid)
{
	static const struct rv_entry none = { 0 };

	/* A PASID is either translated or blocked. */
	if (pasid != IOMMU_NO_PASID && is->target.stage == RISCV_IOMMU_BARE)
		return -EOPNOTSUPP;
	return set_context(&is->target, dev, pasid, &none);
}

#define HW(part)   riscv_iommu_##part
#define HW_OP(op)  rv_##op
#define HW_LINKAGE static
#define HW_IOMMU   struct riscv_iommu
#include "drivers/domain_template.h"

/* ---- First stage ------------------------------------------------------------------ */

static int first_set(struct iommu_domain *domain, struct iommu_dev *dev,
		     ioasid_t pasid)
{
	struct riscv_iommu_domain *rd = to_rv(domain);
	struct pt_iommu_riscv64_hw_info info;
	struct rv_entry entry = { .ta = RV_TA_PSCID(rd->target.hw.id) };

	pt_iommu_riscv64_hw_info(&rd->first, &info);
	entry.fsc = RV_MODE(info.mode) | RV_PPN44(info.ppn);
	return set_context(&rd->target, dev, pasid, &entry);
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

static const struct iommu_domain_ops first_ops = {
	IOMMU_PT_DOMAIN_OPS(riscv64),     .attach_dev = first_attach,
	.set_dev_pasid = first_set_pasid, .iotlb_sync = rv_sync,
	.flush_iotlb_all = rv_sync_all,   .free = rv_free,
};

/* The bits are hardware's as long as the domain lives; see features(). */
static int set_dirty(struct iommu_domain *domain, bool enabled)
{
	return 0;
}

static const struct iommu_dirty_ops first_dirty_ops = {
	IOMMU_PT_DIRTY_OPS(riscv64),
	.set_dirty_tracking = set_dirty,
};

/* ---- Second stage -------------------------------------------------------------------- */

static uint64_t second_iohgatp(struct riscv_iommu_domain *rd)
{
	struct pt_iommu_riscv64_x4_hw_info info;

	pt_iommu_riscv64_x4_hw_info(&rd->second, &info);
	return RV_MODE(info.mode) | RV_GSCID(rd->target.hw.id) |
	       RV_PPN44(info.ppn);
}

static int second_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	struct riscv_iommu_domain *rd = to_rv(domain);
	const struct rv_entry entry = { .iohgatp = second_iohgatp(rd) };

	return set_context(&rd->target, dev, IOMMU_NO_PASID, &entry);
}

static const struct iommu_domain_ops second_ops = {
	IOMMU_PT_DOMAIN_OPS(riscv64_x4),
	.attach_dev = second_attach,
	.iotlb_sync = rv_sync,
	.flush_iotlb_all = rv_sync_all,
	.free = rv_free,
};

static const struct iommu_dirty_ops second_dirty_ops = {
	IOMMU_PT_DIRTY_OPS(riscv64_x4),
	.set_dirty_tracking = set_dirty,
};

/* ---- Making and freeing ------------------------------------------------------------------ */

static unsigned int pick_levels(unsigned int there, unsigned int wanted)
{
	if (!there || wanted > 7)
		return 0;
	if (!wanted)
		return 31U - (unsigned int)__builtin_clz(there);
	return there & 1U << wanted ? wanted : 0;
}

/*
 * Bits that hardware does not set are set from the start; else it sets them as soon as
 * it can (SADE, GADE), for a page that is clean must not be written without.
 */
static unsigned int features(const struct riscv_iommu *iommu, bool dirty)
{
	unsigned int bits = 0;

	if (!iommu->caps.coherent_walk && iommu->runtime->flush)
		bits |= BIT(PT_FEAT_DMA_INCOHERENT);
	if (iommu->capabilities & RV_CAP_SVPBMT)
		bits |= BIT(PT_FEAT_RISCV_SVPBMT);
	if (dirty)
		bits |= BIT(PT_FEAT_RISCV_HW_AD);
	return bits;
}

/* A signed input address: both halves. */
static int first_init(struct riscv_iommu_domain *domain,
		      struct riscv_iommu *iommu, unsigned int levels,
		      bool dirty)
{
	const struct pt_iommu_riscv64_cfg cfg = {
		.common = { .runtime = iommu->runtime,
			    .features = features(iommu, dirty) |
					BIT(PT_FEAT_SIGN_EXTEND),
			    .hw_max_vasz_lg2 = (uint8_t)(12 + 9 * levels),
			    .hw_max_oasz_lg2 = iommu->caps.oa_bits },
		.top_level = levels - 1,
	};

	domain->domain.ops = &first_ops;
	if (dirty)
		domain->domain.dirty_ops = &first_dirty_ops;
	return pt_iommu_riscv64_init(&domain->first, &cfg, GFP_KERNEL);
}

static int second_init(struct riscv_iommu_domain *domain,
		       struct riscv_iommu *iommu, unsigned int levels,
		       bool dirty)
{
	const struct pt_iommu_riscv64_x4_cfg cfg = {
		.common = { .runtime = iommu->runtime,
			    .features = features(iommu, dirty),
			    .hw_max_vasz_lg2 = (uint8_t)(14 + 9 * levels),
			    .hw_max_oasz_lg2 = iommu->caps.oa_bits },
		.top_level = levels - 1,
	};

	domain->domain.ops = &second_ops;
	if (dirty)
		domain->domain.dirty_ops = &second_dirty_ops;
	return pt_iommu_riscv64_x4_init(&domain->second, &cfg, GFP_KERNEL);
}

static void table_fini(struct riscv_iommu_domain *domain)
{
	if (domain->target.stage == RISCV_IOMMU_FIRST)
		pt_iommu_riscv64_deinit(&domain->first);
	else
		pt_iommu_riscv64_x4_deinit(&domain->second);
}

int riscv_iommu_domain_init(struct riscv_iommu_domain *domain,
			    struct riscv_iommu *iommu,
			    const struct riscv_iommu_domain_config *config)
{
	bool first = config->stage == RISCV_IOMMU_FIRST;
	unsigned int levels = pick_levels(first ? iommu->caps.stage1_levels
						: iommu->caps.stage2_levels,
					  config->levels);
	int rc;

	if (!levels || (!first && config->stage != RISCV_IOMMU_SECOND) ||
	    (config->dirty && !iommu->caps.dirty))
		return -EOPNOTSUPP;
	domain->target = (struct riscv_iommu_target){ .hw.owner = iommu,
						      .stage = config->stage };
	rc = first ? first_init(domain, iommu, levels, config->dirty)
		   : second_init(domain, iommu, levels, config->dirty);
	if (!rc)
		rc = id_get(&domain->target);
	if (rc)
		table_fini(domain);
	else
		domain->domain.iommu = &iommu->ops;
	return rc;
}

void riscv_iommu_domain_fini(struct riscv_iommu_domain *domain)
{
	id_put(&domain->target);
	table_fini(domain);
}

static int domain_alloc(struct iommu_dev *dev, unsigned int flags,
			struct iommu_domain **out)
{
	struct riscv_iommu *iommu = to_rv_dev(dev)->iommu;
	bool parent = flags & IOMMU_ALLOC_NEST_PARENT;
	const struct riscv_iommu_domain_config config = {
		.stage = parent || !iommu->caps.stage1_levels
				 ? RISCV_IOMMU_SECOND
				 : RISCV_IOMMU_FIRST,
		.dirty = flags & IOMMU_ALLOC_DIRTY_TRACKING,
	};

	if (parent && !iommu->caps.nesting)
		return -EOPNOTSUPP;
	if ((flags & IOMMU_ALLOC_PASID) &&
	    (!dev->pasid_bits || config.stage != RISCV_IOMMU_FIRST))
		return -EOPNOTSUPP;
	return domain_new(iommu, &config, out);
}

/* ---- Nested ------------------------------------------------------------------------------- */

static int nested_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	struct riscv_iommu_nested *nested = (struct riscv_iommu_nested *)domain;
	const struct rv_entry entry = {
		.iohgatp = second_iohgatp(nested->parent),
		.ta = RV_TA_PSCID(nested->pscid),
		.fsc = nested->fsc,
	};

	return set_context(&nested->target, dev, IOMMU_NO_PASID, &entry);
}

static const struct iommu_domain_ops nested_ops = {
	.attach_dev = nested_attach,
};

int riscv_iommu_nested_init(struct riscv_iommu_nested *nested,
			    struct riscv_iommu_domain *parent,
			    unsigned int levels, uint64_t root, uint32_t pscid)
{
	struct riscv_iommu *iommu = rv_of(&parent->target);

	if (!iommu->caps.nesting)
		return -EOPNOTSUPP;
	if (parent->target.stage != RISCV_IOMMU_SECOND || levels > 7 ||
	    !(iommu->caps.stage1_levels & 1U << levels) || root & 0xfff ||
	    root >> 56 || pscid >> 20)
		return -EINVAL;
	*nested = (struct riscv_iommu_nested){
		.domain = { .type = IOMMU_DOMAIN_NESTED,
			    .ops = &nested_ops,
			    .iommu = &iommu->ops },
		.target = { .hw = { .owner = iommu,
				    .id = parent->target.hw.id },
			    .stage = RISCV_IOMMU_NESTED },
		.parent = parent,
		.fsc = RV_MODE(levels + 5) | root >> 12,
		.pscid = pscid,
	};
	nest(nested);
	return 0;
}

void riscv_iommu_nested_fini(struct riscv_iommu_nested *nested)
{
	unnest(nested);
}

void riscv_iommu_nested_invalidate(struct riscv_iommu_nested *nested)
{
	rv_flush_target(&nested->target);
}

/* ---- The kind of IOMMU -------------------------------------------------------------------------- */

static bool capable(struct iommu_dev *dev, enum iommu_cap cap)
{
	const struct riscv_iommu_dev *rdev = to_rv_dev(dev);

	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return true;
	case IOMMU_CAP_DIRTY_TRACKING:
		return rdev->iommu->caps.dirty;
	case IOMMU_CAP_PCI_ATS:
		return rdev->ats;
	case IOMMU_CAP_PAGE_REQUESTS:
		return rdev->pri;
	default:
		return false;
	}
}

/* 3.1.4 ATS.PRGR */
static void page_response(struct iommu_dev *dev, ioasid_t pasid, uint32_t grpid,
			  enum iommu_page_code code)
{
	struct riscv_iommu_dev *rdev = to_rv_dev(dev);
	struct riscv_iommu *iommu = rdev->iommu;
	struct hw_cmd cmd = {
		{ RV_CMD_PRGR | RV_ATS_DSV | RV_ATS_RID(rdev->id) |
			  RV_ATS_SEGMENT(rdev->id),
		  (uint64_t)grpid << 32 | (uint64_t)code << 44 }
	};

	if (pasid != IOMMU_NO_PASID)
		cmd.qw[0] |= RV_ATS_PV | RV_DIR_PID(pasid);
	port_lock(&iommu->lock);
	rv_submit(iommu, &cmd, 1);
	port_unlock(&iommu->lock);
}

void rv_domains_init(struct riscv_iommu *iommu)
{
	static_init(&iommu->blocked, iommu, IOMMU_DOMAIN_BLOCKED,
		    RISCV_IOMMU_BLOCKED);
	static_init(&iommu->bare, iommu, IOMMU_DOMAIN_IDENTITY,
		    RISCV_IOMMU_BARE);
	iommu->ops = (struct iommu_ops){
		.capable = capable,
		.domain_alloc_paging = domain_alloc,
		.page_response = iommu->caps.pri ? page_response : NULL,
		.blocked_domain = &iommu->blocked.domain,
		.identity_domain = &iommu->bare.domain,
	};
}
