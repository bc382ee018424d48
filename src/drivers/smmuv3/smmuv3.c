/* SPDX-License-Identifier: MIT */
/*
 * Probe, start and stop: IHI 0070, 6.3 "Register formats" and 6.3.9.6 on CR0.
 */
#include "drivers/smmuv3/smmuv3.h"

#define MAX_STREAMS    16
#define LINEAR_STREAMS 14 /* a table of 1 MiB */

/* ---- What there is ------------------------------------------------------- */

static unsigned int oa_bits(uint32_t idr5)
{
	static const uint8_t width[] = { 32, 36, 40, 42, 44, 48, 52 };
	unsigned int code = SMMU_IDR5_OAS(idr5);

	return code < sizeof(width) ? width[code] : 48;
}

static void probe_sizes(uint32_t idr5, struct iommu_hw_caps *caps)
{
	if (idr5 & SMMU_IDR5_4K) {
		caps->granules |= 1ULL << 12;
		caps->page_sizes |= 1ULL << 12 | 1ULL << 21 | 1ULL << 30;
	}
	if (idr5 & SMMU_IDR5_16K) {
		caps->granules |= 1ULL << 14;
		caps->page_sizes |= 1ULL << 14 | 1ULL << 25;
	}
	if (idr5 & SMMU_IDR5_64K) {
		caps->granules |= 1ULL << 16;
		caps->page_sizes |= 1ULL << 16 | 1ULL << 29;
	}
}

int smmuv3_probe(struct iommu_hw *hw, struct iommu_hw_caps *caps)
{
	uint32_t idr0 = hw->ops->read32(hw, SMMU_IDR0);
	uint32_t idr1 = hw->ops->read32(hw, SMMU_IDR1);
	uint32_t idr5 = hw->ops->read32(hw, SMMU_IDR5);

	*caps = (struct iommu_hw_caps){ .oa_bits = (uint8_t)oa_bits(idr5) };
	probe_sizes(idr5, caps);
	if (!(idr0 & SMMU_IDR0_TTF64) || !caps->granules ||
	    (idr1 & SMMU_IDR1_PRESET) ||
	    SMMU_IDR0_ENDIAN(idr0) == SMMU_ENDIAN_BIG)
		return -ENODEV;
	if (idr0 & SMMU_IDR0_S1P) {
		caps->stage1_bits = SMMU_IDR5_VAX(idr5) == 1 ? 52 : 48;
		caps->stage1_levels = 1 << 2 | 1 << 3 | 1 << 4;
		caps->pasid_bits = (uint8_t)SMMU_IDR1_SSID(idr1);
		if (caps->pasid_bits > 20)
			caps->pasid_bits = 20;
		/* Without two levels, as many as one table has room for. */
		if (!(idr0 & SMMU_IDR0_CD2L) && caps->pasid_bits > 10)
			caps->pasid_bits = 10;
	}
	if (idr0 & SMMU_IDR0_S2P) {
		caps->stage2_bits = caps->oa_bits;
		caps->stage2_levels = 1 << 2 | 1 << 3 | 1 << 4;
	}
	caps->nesting = caps->stage1_bits && caps->stage2_bits;
	caps->dirty = SMMU_IDR0_HTTU(idr0) >= 2;
	caps->coherent_walk = idr0 & SMMU_IDR0_COHACC;
	caps->ats = idr0 & SMMU_IDR0_ATS;
	caps->pri = idr0 & SMMU_IDR0_PRI;
	return 0;
}

/* ---- Registers -------------------------------------------------------------- */

static int set_cr0(struct smmuv3 *smmu, uint32_t value)
{
	smmu->hw->ops->write32(smmu->hw, SMMU_CR0, value);
	return hw_wait32(smmu->hw, SMMU_CR0ACK, ~0U, value);
}

/* 6.3.15: what is done with requests while the SMMU is off: they are aborted. */
static int abort_all(struct smmuv3 *smmu)
{
	struct iommu_hw *hw = smmu->hw;
	int rc = hw_wait32(hw, SMMU_GBPA, SMMU_GBPA_UPDATE, 0);

	if (rc)
		return rc;
	hw->ops->write32(hw, SMMU_GBPA, SMMU_GBPA_UPDATE | SMMU_GBPA_ABORT);
	return hw_wait32(hw, SMMU_GBPA, SMMU_GBPA_UPDATE, 0);
}

static void set_queue(struct smmuv3 *smmu, uint32_t base, uint32_t prod,
		      const uint64_t *queue, unsigned int lg2)
{
	struct hw_mem mem = smmu_mem(smmu);
	struct iommu_hw *hw = smmu->hw;

	hw->ops->write64(hw, base, hw_pa(&mem, queue) | lg2 | SMMU_BASE_RA);
	hw->ops->write32(hw, prod, 0);
	hw->ops->write32(hw, prod + 4, 0);
}

static void set_streams(struct smmuv3 *smmu)
{
	struct hw_mem mem = smmu_mem(smmu);
	struct iommu_hw *hw = smmu->hw;
	uint32_t cfg = smmu->stream_bits;

	if (smmu->two_level)
		cfg |= SMMU_CFG_2L | SMMU_CFG_SPLIT(SMMU_SPLIT);
	hw->ops->write64(hw, SMMU_STRTAB_BASE,
			 hw_pa(&mem, smmu->streams) | SMMU_BASE_RA);
	hw->ops->write32(hw, SMMU_STRTAB_CFG, cfg);
}

/* ---- Starting and stopping ----------------------------------------------------- */

/* Bytes of the stream table or its first level, at least 64: log2 */
static unsigned int streams_lg2(const struct smmuv3 *smmu)
{
	unsigned int lg2;

	if (!smmu->two_level)
		return smmu->stream_bits + 6;
	lg2 = smmu->stream_bits - SMMU_SPLIT + 3;
	return lg2 < 6 ? 6 : lg2;
}

static int pick_streams(struct smmuv3 *smmu, unsigned int wanted)
{
	unsigned int there = SMMU_IDR1_SID(smmu->idr1);

	if (wanted > there)
		return -EINVAL;
	if (!wanted)
		wanted = there > MAX_STREAMS ? MAX_STREAMS : there;
	smmu->two_level = (smmu->idr0 & SMMU_IDR0_ST_2L) && wanted > SMMU_SPLIT;
	if (!smmu->two_level && wanted > LINEAR_STREAMS)
		wanted = LINEAR_STREAMS;
	smmu->stream_bits = wanted;
	return 0;
}

static int alloc_tables(struct smmuv3 *smmu)
{
	struct hw_mem mem = smmu_mem(smmu);
	int rc;

	smmu->streams = hw_alloc(&mem, streams_lg2(smmu));
	smmu->events = hw_alloc(&mem, SMMU_QUEUE_LG2);
	if (smmu->caps.pri)
		smmu->requests = hw_alloc(&mem, SMMU_QUEUE_LG2);
	if (!smmu->streams || !smmu->events ||
	    (smmu->caps.pri && !smmu->requests) ||
	    hw_queue_init(&mem, &smmu->queue, &smmu_queue_ops, 4))
		return -ENOMEM;
	rc = hw_ids_init(&mem, &smmu->asids,
			 smmu->idr0 & SMMU_IDR0_ASID16 ? 65536 : 256);
	if (!rc)
		rc = hw_ids_init(&mem, &smmu->vmids,
				 smmu->idr0 & SMMU_IDR0_VMID16 ? 65536 : 256);
	return rc;
}

static void free_streams(struct smmuv3 *smmu)
{
	struct hw_mem mem = smmu_mem(smmu);
	size_t i, count = 0;

	if (!smmu->streams)
		return;
	if (smmu->two_level)
		count = 1UL << (smmu->stream_bits - SMMU_SPLIT);
	for (i = 0; i < count; i++)
		if (smmu->streams[i])
			hw_free(&mem,
				hw_va(&mem,
				      smmu->streams[i] & SMMU_BITS(55, 6)),
				SMMU_SPLIT + 6);
	hw_free(&mem, smmu->streams, streams_lg2(smmu));
	smmu->streams = NULL;
}

static void free_tables(struct smmuv3 *smmu)
{
	struct hw_mem mem = smmu_mem(smmu);

	free_streams(smmu);
	hw_queue_fini(&mem, &smmu->queue);
	hw_free(&mem, smmu->events, SMMU_QUEUE_LG2);
	hw_free(&mem, smmu->requests, SMMU_QUEUE_LG2);
	smmu->events = smmu->requests = NULL;
	hw_ids_fini(&mem, &smmu->asids);
	hw_ids_fini(&mem, &smmu->vmids);
}

/* The queues one after the other, each when what it needs runs; the SMMU last. */
static int start(struct smmuv3 *smmu)
{
	struct iommu_hw *hw = smmu->hw;
	uint32_t cr0 = SMMU_CMDQEN;
	int rc;

	hw->ops->write32(hw, SMMU_CR1, SMMU_CR1_WB);
	hw->ops->write32(hw, SMMU_CR2, SMMU_PTM | SMMU_RECINVSID);
	set_streams(smmu);
	set_queue(smmu, SMMU_CMDQ_BASE, SMMU_CMDQ_PROD, smmu->queue.ring,
		  SMMU_CMDQ_LG2);
	rc = set_cr0(smmu, cr0);
	if (!rc)
		rc = smmu_flush_all(smmu);
	if (rc)
		return rc;
	set_queue(smmu, SMMU_EVTQ_BASE, SMMU_EVTQ_PROD, smmu->events,
		  SMMU_EVTQ_LG2);
	rc = set_cr0(smmu, cr0 |= SMMU_EVTQEN);
	if (!rc && smmu->requests) {
		set_queue(smmu, SMMU_PRIQ_BASE, SMMU_PRIQ_PROD, smmu->requests,
			  SMMU_PRIQ_LG2);
		rc = set_cr0(smmu, cr0 |= SMMU_PRIQEN);
	}
	if (!rc && smmu->caps.ats)
		rc = set_cr0(smmu, cr0 |= SMMU_ATSCHK);
	return rc ? rc : set_cr0(smmu, cr0 | SMMU_EN);
}

int smmuv3_init(struct smmuv3 *smmu, struct iommu_hw *hw,
		const struct smmuv3_config *config)
{
	int rc;

	*smmu = (struct smmuv3){
		.hw = hw,
		.runtime = hw->runtime ? hw->runtime : port_default_runtime(),
		.idr0 = hw->ops->read32(hw, SMMU_IDR0),
		.idr1 = hw->ops->read32(hw, SMMU_IDR1),
		.idr3 = hw->ops->read32(hw, SMMU_IDR3),
		.idr5 = hw->ops->read32(hw, SMMU_IDR5),
	};
	if (!smmu->runtime)
		return -ENOMEM;
	rc = smmuv3_probe(hw, &smmu->caps);
	if (!rc)
		rc = pick_streams(smmu, config->stream_bits);
	if (rc)
		return rc;
	rc = abort_all(smmu);
	if (!rc)
		rc = set_cr0(smmu, 0);
	if (!rc)
		rc = alloc_tables(smmu);
	if (rc)
		goto err_free;
	smmu_domains_init(smmu);
	rc = start(smmu);
	if (rc)
		goto err_stop;
	return 0;

err_stop:
	set_cr0(smmu, 0);
err_free:
	free_tables(smmu);
	return rc;
}

void smmuv3_fini(struct smmuv3 *smmu)
{
	set_cr0(smmu, 0);
	free_tables(smmu);
}

int smmuv3_dev_init(struct smmuv3_dev *sdev, struct smmuv3 *smmu, uint32_t sid,
		    unsigned int pasid_bits)
{
	if (pasid_bits > smmu->caps.pasid_bits)
		return -EOPNOTSUPP;
	if (sid >> smmu->stream_bits)
		return -ERANGE;
	sdev->dev.ops = &smmu->ops;
	sdev->dev.pasid_bits = pasid_bits;
	sdev->smmu = smmu;
	sdev->sid = sid;
	return smmu_stream_init(sdev);
}

void smmuv3_dev_fini(struct smmuv3_dev *sdev)
{
	smmu_stream_fini(sdev);
}
