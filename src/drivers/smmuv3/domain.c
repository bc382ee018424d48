/* SPDX-License-Identifier: MIT */
/*
 * Domains: making and freeing them, and the static ones.
 */
#include "drivers/smmuv3/domain.h"

static const struct smmu_format *const formats[] = {
	&smmu_s1_4k, &smmu_s1_16k, &smmu_s1_64k,
	&smmu_s2_4k, &smmu_s2_16k, &smmu_s2_64k,
};

static const struct smmu_format *find_format(enum smmuv3_stage stage,
					     unsigned int granule_lg2)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i]->stage == stage &&
		    formats[i]->granule_lg2 == granule_lg2)
			return formats[i];
	return NULL;
}

int smmu_domain_set(struct smmuv3_target *target, struct iommu_dev *dev,
		    ioasid_t pasid, const struct smmu_entry *entry)
{
	struct smmuv3_dev *sdev = to_smmu_dev(dev);

	if (sdev->smmu != smmu_of(target))
		return -EINVAL;
	return smmu_stream_write(sdev, pasid, target, entry);
}

static struct iommu_hw_ids *ids_of(const struct smmuv3_target *target)
{
	struct smmuv3 *smmu = smmu_of(target);

	return target->stage == SMMUV3_STAGE1 ? &smmu->asids : &smmu->vmids;
}

/* The SMMU first, then who shares the table. */
static void flush_domain(struct smmuv3_domain *sd,
			 const struct iommu_iotlb_gather *gather)
{
	if (gather)
		smmu_flush_range(&sd->target, sd->granule_lg2, gather->start,
				 gather->last,
				 iommu_iotlb_gather_leaf_only(gather));
	else
		smmu_flush_target(&sd->target);
	if (sd->share)
		sd->share->sync(sd->share, sd, gather);
}

static int static_set(struct smmuv3_static *is, struct iommu_dev *dev,
		      ioasid_t pasid)
{
	static const struct smmu_entry none = { .cd = NULL };

	/* A PASID is either translated or blocked. */
	if (pasid != IOMMU_NO_PASID && is->target.stage == SMMUV3_BYPASS)
		return -EOPNOTSUPP;
	return smmu_domain_set(&is->target, dev, pasid, &none);
}

#define HW(part)  smmuv3_##part
#define HW_OP(op) smmu_domain_##op
#define HW_LINKAGE
#define HW_IOMMU struct smmuv3
#include "drivers/domain_template.h"

/*
 * Dirty state is hardware's as long as the domain lives (HA and HD of its descriptor
 * or entry): without, a write to a page that is clean is a fault.
 */
int smmu_domain_set_dirty(struct iommu_domain *domain, bool enabled)
{
	return 0;
}

/* ---- Making and freeing ------------------------------------------------------ */

/* What all bear that walk the table: of the levels, the higher includes the lower. */
static unsigned int shared_features(unsigned int bits,
				    const struct smmuv3_share *share)
{
	const unsigned int either = BIT(PT_FEAT_ARMV8_BBML2) |
				    BIT(PT_FEAT_ARMV8_BBML1);
	const unsigned int both = either | BIT(PT_FEAT_ARMV8_S2FWB);
	unsigned int common = bits & (share->features | ~both);

	if ((bits & either) && (share->features & either) && !(common & either))
		common |= BIT(PT_FEAT_ARMV8_BBML1);
	return common;
}

static unsigned int features(const struct smmuv3 *smmu,
			     const struct smmuv3_domain_config *config)
{
	unsigned int bits = 0;

	if (!smmu->caps.coherent_walk && smmu->runtime->flush)
		bits |= BIT(PT_FEAT_DMA_INCOHERENT);
	if (SMMU_IDR3_BBML(smmu->idr3) == 1)
		bits |= BIT(PT_FEAT_ARMV8_BBML1);
	if (SMMU_IDR3_BBML(smmu->idr3) == 2)
		bits |= BIT(PT_FEAT_ARMV8_BBML2);
	if (config->dirty)
		bits |= BIT(PT_FEAT_ARMV8_DBM);
	if (config->stage == SMMUV3_STAGE2 && (smmu->idr3 & SMMU_IDR3_FWB))
		bits |= BIT(PT_FEAT_ARMV8_S2FWB);
	return config->share ? shared_features(bits, config->share) : bits;
}

/* Widths beyond 48 bits are for 64 KiB granules. */
static unsigned int cut(unsigned int bits, unsigned int granule_lg2)
{
	return bits > 48 && granule_lg2 != 16 ? 48 : bits;
}

/* Whose dirty state it is; a share has to have it, for a clean page is read-only. */
static bool config_works(const struct smmuv3 *smmu,
			 const struct smmuv3_domain_config *config)
{
	const struct smmuv3_share *share = config->share;

	if (!share)
		return !config->dirty || smmu->caps.dirty;
	if (config->stage != SMMUV3_STAGE2)
		return false;
	return !config->dirty || (share->features & BIT(PT_FEAT_ARMV8_DBM));
}

static int pick(const struct smmuv3 *smmu,
		const struct smmuv3_domain_config *config,
		unsigned int granule_lg2, struct pt_iommu_cfg *cfg)
{
	const struct iommu_hw_caps *caps = &smmu->caps;
	unsigned int widest = config->stage == SMMUV3_STAGE1
				      ? caps->stage1_bits
				      : caps->stage2_bits;

	widest = cut(widest, granule_lg2);
	if (!widest || !(caps->granules & 1ULL << granule_lg2) ||
	    config->va_bits > widest || !config_works(smmu, config))
		return -EOPNOTSUPP;
	*cfg = (struct pt_iommu_cfg){
		.runtime = smmu->runtime,
		.features = features(smmu, config),
		.hw_max_vasz_lg2 =
			(uint8_t)(config->va_bits ? config->va_bits : widest),
		.hw_max_oasz_lg2 = (uint8_t)cut(caps->oa_bits, granule_lg2),
	};
	return 0;
}

static int cd_alloc(struct smmuv3_domain *domain, struct smmuv3 *smmu)
{
	struct hw_mem mem = smmu_mem(smmu);

	if (domain->target.stage != SMMUV3_STAGE1)
		return 0;
	domain->cd = hw_alloc(&mem, 6);
	return domain->cd ? 0 : -ENOMEM;
}

static void cd_free(struct smmuv3_domain *domain, struct smmuv3 *smmu)
{
	struct hw_mem mem = smmu_mem(smmu);

	hw_free(&mem, domain->cd, 6);
	domain->cd = NULL;
}

int smmuv3_domain_init(struct smmuv3_domain *domain, struct smmuv3 *smmu,
		       const struct smmuv3_domain_config *config)
{
	unsigned int granule_lg2 = config->granule_lg2;
	const struct smmu_format *format;
	struct pt_iommu_cfg cfg;
	int rc;

	if (!granule_lg2)
		granule_lg2 = hw_lowest(smmu->caps.granules);
	format = find_format(config->stage, granule_lg2);
	if (!format || granule_lg2 > 16)
		return -EOPNOTSUPP;
	rc = pick(smmu, config, granule_lg2, &cfg);
	if (rc)
		return rc;
	domain->granule_lg2 = granule_lg2;
	domain->format = format;
	domain->share = config->share;
	domain->target = (struct smmuv3_target){ .hw.owner = smmu,
						 .stage = config->stage };
	rc = cd_alloc(domain, smmu);
	if (!rc)
		rc = format->init(domain, &cfg);
	if (!rc)
		rc = id_get(&domain->target);
	if (!rc) {
		domain->domain.iommu = &smmu->ops;
		return 0;
	}
	format->deinit(domain);
	cd_free(domain, smmu);
	return rc;
}

void smmuv3_domain_fini(struct smmuv3_domain *domain)
{
	id_put(&domain->target);
	domain->format->deinit(domain);
	cd_free(domain, smmu_of(&domain->target));
}

void smmuv3_domain_processor(struct smmuv3_domain *domain,
			     struct smmuv3_processor *out)
{
	const struct smmuv3 *smmu = smmu_of(&domain->target);

	domain->format->processor(domain, out);
	out->vttbr |= (uint64_t)domain->target.hw.id << CPU_VTTBR_VMID;
	if (smmu->idr0 & SMMU_IDR0_VMID16)
		out->vtcr |= CPU_VTCR_VS;
}

static int domain_alloc(struct iommu_dev *dev, unsigned int flags,
			struct iommu_domain **out)
{
	struct smmuv3 *smmu = to_smmu_dev(dev)->smmu;
	bool parent = flags & IOMMU_ALLOC_NEST_PARENT;
	struct smmuv3_domain_config config = {
		.stage = parent || !smmu->caps.stage1_bits ? SMMUV3_STAGE2
							   : SMMUV3_STAGE1,
		.dirty = flags & IOMMU_ALLOC_DIRTY_TRACKING,
	};

	if (parent && !smmu->caps.nesting)
		return -EOPNOTSUPP;
	if ((flags & IOMMU_ALLOC_PASID) &&
	    (!dev->pasid_bits || config.stage != SMMUV3_STAGE1))
		return -EOPNOTSUPP;
	return domain_new(smmu, &config, out);
}

/* ---- Nested ---------------------------------------------------------------------- */

#define GUEST_QW0                                                            \
	(SMMU_STE_V | SMMU_STE_CONFIG(7) | SMMU_STE_S1FMT | SMMU_STE_S1CTX | \
	 SMMU_STE_S1CDMAX)
#define GUEST_QW1 \
	(SMMU_STE_S1DSS | SMMU_STE_S1C | SMMU_STE_S1STALLD | SMMU_STE_EATS)

static int nested_attach(struct iommu_domain *domain, struct iommu_dev *dev,
			 struct iommu_domain *old)
{
	struct smmuv3_nested *nested = (struct smmuv3_nested *)domain;
	struct smmuv3_domain *parent = nested->parent;
	struct smmu_entry entry = { .cd = NULL };

	parent->format->ste(parent, entry.ste);
	entry.ste[0] = nested->ste[0] | SMMU_STE_CONFIG(SMMU_CONFIG_NESTED);
	entry.ste[1] |= nested->ste[1];
	return smmu_domain_set(&nested->target, dev, IOMMU_NO_PASID, &entry);
}

static const struct iommu_domain_ops nested_ops = {
	.attach_dev = nested_attach,
};

int smmuv3_nested_init(struct smmuv3_nested *nested,
		       struct smmuv3_domain *parent, const uint64_t ste[2])
{
	struct smmuv3 *smmu = smmu_of(&parent->target);

	if (!smmu->caps.nesting)
		return -EOPNOTSUPP;
	if (parent->target.stage != SMMUV3_STAGE2 || (ste[0] & ~GUEST_QW0) ||
	    (ste[1] & ~GUEST_QW1) || !(ste[0] & SMMU_STE_V) ||
	    SMMU_STE_CONFIG_OF(ste[0]) != SMMU_CONFIG_S1)
		return -EINVAL;
	*nested = (struct smmuv3_nested){
		.domain = { .type = IOMMU_DOMAIN_NESTED,
			    .ops = &nested_ops,
			    .iommu = &smmu->ops },
		.target = { .hw = { .owner = smmu, .id = parent->target.hw.id },
			    .stage = SMMUV3_NESTED },
		.parent = parent,
		.ste = { ste[0], ste[1] },
	};
	nest(nested);
	return 0;
}

void smmuv3_nested_fini(struct smmuv3_nested *nested)
{
	unnest(nested);
}

/* The context descriptors first: 4.3.3, then what was made through them. */
void smmuv3_nested_invalidate(struct smmuv3_nested *nested)
{
	struct smmuv3 *smmu = smmu_of(&nested->target);
	const struct iommu_hw_user *user;
	struct hw_cmd cmd;
	int rc = 0;

	port_lock(&smmu->lock);
	for (user = nested->target.hw.users; user && !rc; user = user->next) {
		const struct smmuv3_dev *sdev = user->dev;

		cmd = (struct hw_cmd){
			{ SMMU_CFGI_CD_ALL | SMMU_CMD_SID(sdev->sid), 0 }
		};
		rc = smmu_submit(smmu, &cmd, 1);
	}
	port_unlock(&smmu->lock);
	if (!rc)
		smmu_flush_target(&nested->target);
}

/* ---- The kind of IOMMU -------------------------------------------------------------- */

static bool capable(struct iommu_dev *dev, enum iommu_cap cap)
{
	const struct smmuv3_dev *sdev = to_smmu_dev(dev);

	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return sdev->smmu->caps.coherent_walk;
	case IOMMU_CAP_DIRTY_TRACKING:
		return sdev->smmu->caps.dirty;
	case IOMMU_CAP_PCI_ATS:
		return sdev->ats;
	case IOMMU_CAP_PAGE_REQUESTS:
		return sdev->smmu->caps.pri && sdev->ats;
	default:
		return false;
	}
}

/* 4.6.2 CMD_PRI_RESP */
static void page_response(struct iommu_dev *dev, ioasid_t pasid, uint32_t grpid,
			  enum iommu_page_code code)
{
	struct smmuv3_dev *sdev = to_smmu_dev(dev);
	struct smmuv3 *smmu = sdev->smmu;
	uint64_t resp = code == IOMMU_PAGE_SUCCESS   ? 2
			: code == IOMMU_PAGE_INVALID ? 1
						     : 0;
	struct hw_cmd cmd = { { SMMU_PRI_RESP | SMMU_CMD_SID(sdev->sid),
				grpid | resp << 12 } };

	if (pasid != IOMMU_NO_PASID)
		cmd.qw[0] |= SMMU_CMD_SSV | SMMU_CMD_SSID(pasid);
	port_lock(&smmu->lock);
	smmu_submit(smmu, &cmd, 1);
	port_unlock(&smmu->lock);
}

void smmu_domains_init(struct smmuv3 *smmu)
{
	static_init(&smmu->blocked, smmu, IOMMU_DOMAIN_BLOCKED, SMMUV3_BLOCKED);
	static_init(&smmu->bypass, smmu, IOMMU_DOMAIN_IDENTITY, SMMUV3_BYPASS);
	smmu->ops = (struct iommu_ops){
		.capable = capable,
		.domain_alloc_paging = domain_alloc,
		.page_response = smmu->caps.pri ? page_response : NULL,
		.blocked_domain = &smmu->blocked.domain,
		.identity_domain = &smmu->bypass.domain,
	};
}
