/* SPDX-License-Identifier: MIT */
/*
 * Probe, start and stop: VT-d specification, chapter 11 "Register Descriptions" and
 * 6.2.3 on changing the root table.
 */
#include "drivers/intel/vtd.h"

#define PAGE_LG2   12
#define STATUS_LG2 6

/* ---- What there is --------------------------------------------------- */

/* SAGAW: bit 1 means 3 levels, bit 2 means 4, bit 3 means 5. */
static uint8_t stage2_levels(uint64_t cap)
{
	return (uint8_t)((VTD_CAP_SAGAW(cap) & 0xe) << 2);
}

static unsigned int widest(uint8_t levels)
{
	return levels ? 12 + 9 * (31U - (unsigned int)__builtin_clz(levels))
		      : 0;
}

static void probe_scalable(uint64_t cap, uint64_t ecap,
			   struct iommu_hw_caps *caps)
{
	if (!(ecap & VTD_ECAP_SSTS))
		caps->stage2_levels = 0;
	if (ecap & VTD_ECAP_FSTS)
		caps->stage1_levels = 1 << 4 |
				      (cap & VTD_CAP_FS5L ? 1 << 5 : 0);
	caps->pasid_bits = ecap & VTD_ECAP_PASID ? (uint8_t)VTD_ECAP_PSS(ecap)
						 : 0;
	caps->nesting = (ecap & VTD_ECAP_NEST) && caps->stage1_levels &&
			caps->stage2_levels;
	caps->coherent_walk = ecap & VTD_ECAP_SMPWCS;
	/* 3.6.2, 7.2.3: walks that set bits have to snoop. */
	caps->dirty = (ecap & VTD_ECAP_SSADS) && caps->coherent_walk;
	caps->pri = ecap & VTD_ECAP_PRS;
}

int vtd_probe(struct iommu_hw *hw, const struct vtd_config *config,
	      struct iommu_hw_caps *caps)
{
	uint64_t cap = hw->ops->read64(hw, VTD_CAP);
	uint64_t ecap = hw->ops->read64(hw, VTD_ECAP);

	*caps = (struct iommu_hw_caps){ .stage2_levels = stage2_levels(cap) };
	if (!(ecap & VTD_ECAP_QI))
		return -ENODEV;
	caps->coherent_walk = ecap & VTD_ECAP_C;
	if (config->scalable) {
		if (!(ecap & VTD_ECAP_SMTS))
			return -ENODEV;
		probe_scalable(cap, ecap, caps);
	}
	caps->stage1_bits = (uint8_t)widest(caps->stage1_levels);
	caps->stage2_bits = (uint8_t)widest(caps->stage2_levels);
	if (caps->stage2_bits > VTD_CAP_MGAW(cap))
		caps->stage2_bits = (uint8_t)VTD_CAP_MGAW(cap);
	caps->oa_bits = config->oa_bits ? config->oa_bits
					: (uint8_t)VTD_CAP_MGAW(cap);
	if (caps->oa_bits > 52)
		caps->oa_bits = 52;
	caps->granules = 1ULL << 12;
	caps->page_sizes = 1ULL << 12;
	if ((cap & VTD_CAP_2M) || caps->stage1_levels)
		caps->page_sizes |= 1ULL << 21;
	if ((cap & VTD_CAP_1G) || (caps->stage1_levels && (cap & VTD_CAP_FS1G)))
		caps->page_sizes |= 1ULL << 30;
	caps->snoop_control = ecap & VTD_ECAP_SC;
	caps->ats = ecap & VTD_ECAP_DT;
	caps->caches_not_present = cap & VTD_CAP_CM;
	return 0;
}

/* ---- Registers -------------------------------------------------------- */

/* 11.4.4: one command at a time, with all that is to stay as it is. */
int vtd_command(struct vtd_iommu *iommu, uint32_t bit, bool set)
{
	struct iommu_hw *hw = iommu->hw;
	uint32_t lasting = hw->ops->read32(hw, VTD_GSTS) & VTD_LASTING;

	hw->ops->write32(hw, VTD_GCMD, set ? lasting | bit : lasting & ~bit);
	return hw_wait32(hw, VTD_GSTS, bit, set ? bit : 0);
}

void vtd_write_buffer(struct vtd_iommu *iommu)
{
	struct iommu_hw *hw = iommu->hw;
	uint32_t lasting;

	if (!(iommu->cap & VTD_CAP_RWBF))
		return;
	lasting = hw->ops->read32(hw, VTD_GSTS) & VTD_LASTING;
	hw->ops->write32(hw, VTD_GCMD, lasting | VTD_WBF);
	PORT_WARN_ON(hw_wait32(hw, VTD_GSTS, VTD_WBF, 0));
}

/* 11.4.9.1 to 11.4.9.4 and their like for page requests, 12 bytes further on. */
static void event_init(struct iommu_hw *hw, uint32_t control, uint64_t addr,
		       uint32_t data)
{
	if (!addr && !data)
		return;
	hw->ops->write32(hw, control + 4, data);
	hw->ops->write32(hw, control + 8, (uint32_t)addr);
	hw->ops->write32(hw, control + 12, (uint32_t)(addr >> 32));
	hw->ops->write32(hw, control, 0);
}

static void event_fini(struct iommu_hw *hw, uint32_t control)
{
	hw->ops->write32(hw, control, VTD_EVENT_MASKED);
}

/* ---- Starting and stopping -------------------------------------------- */

static int alloc_tables(struct vtd_iommu *iommu)
{
	unsigned int bits = VTD_CAP_DOMAIN_BITS(iommu->cap);
	struct hw_mem mem = vtd_mem(iommu);

	iommu->root = hw_alloc(&mem, PAGE_LG2);
	iommu->status = hw_alloc(&mem, STATUS_LG2);
	if (iommu->caps.pri)
		iommu->requests = hw_alloc(&mem, PAGE_LG2);
	if (!iommu->root || !iommu->status ||
	    (iommu->caps.pri && !iommu->requests) ||
	    hw_queue_init(&mem, &iommu->queue, &vtd_queue_ops,
			  iommu->scalable ? 5 : 4))
		return -ENOMEM;
	return hw_ids_init(&mem, &iommu->dids, 1U << (bits < 16 ? bits : 16));
}

static void free_contexts(struct vtd_iommu *iommu)
{
	struct hw_mem mem = vtd_mem(iommu);
	unsigned int i;

	if (!iommu->root)
		return;
	for (i = 0; i < 512; i++)
		if (iommu->root[i] & VTD_P)
			hw_free(&mem, hw_va(&mem, iommu->root[i] & VTD_ADDR),
				PAGE_LG2);
}

static void free_tables(struct vtd_iommu *iommu)
{
	struct hw_mem mem = vtd_mem(iommu);

	free_contexts(iommu);
	hw_free(&mem, iommu->root, PAGE_LG2);
	hw_queue_fini(&mem, &iommu->queue);
	hw_free(&mem, iommu->status, STATUS_LG2);
	hw_ids_fini(&mem, &iommu->dids);
	hw_free(&mem, iommu->requests, PAGE_LG2);
	iommu->root = iommu->status = NULL;
	iommu->requests = NULL;
}

/* Whoever was here before may have left it running. */
static int stop(struct vtd_iommu *iommu)
{
	struct iommu_hw *hw = iommu->hw;
	int rc = 0;

	if (hw->ops->read32(hw, VTD_GSTS) & VTD_TE)
		rc = vtd_command(iommu, VTD_TE, false);
	if (!rc && (hw->ops->read32(hw, VTD_GSTS) & VTD_QIE))
		rc = vtd_command(iommu, VTD_QIE, false);
	return rc;
}

static int start_queue(struct vtd_iommu *iommu)
{
	struct hw_mem mem = vtd_mem(iommu);
	struct iommu_hw *hw = iommu->hw;

	hw->ops->write64(hw, VTD_IQT, 0);
	hw->ops->write64(hw, VTD_IQA,
			 hw_pa(&mem, iommu->queue.ring) |
				 (iommu->scalable ? VTD_IQA_DW : 0));
	return vtd_command(iommu, VTD_QIE, true);
}

/* An empty root table blocks everything; only then translation is turned on. */
static int start(struct vtd_iommu *iommu, const struct vtd_config *config)
{
	struct hw_mem mem = vtd_mem(iommu);
	struct iommu_hw *hw = iommu->hw;
	int rc = start_queue(iommu);

	if (rc)
		return rc;
	hw->ops->write64(hw, VTD_RTADDR,
			 hw_pa(&mem, iommu->root) |
				 (iommu->scalable ? VTD_TTM_SCALABLE : 0));
	rc = vtd_command(iommu, VTD_SRTP, true);
	if (!rc)
		rc = vtd_flush_global(iommu);
	if (rc)
		return rc;
	event_init(hw, VTD_FECTL, config->fault_addr, config->fault_data);
	if (iommu->requests) {
		hw->ops->write64(hw, VTD_PQH, 0);
		hw->ops->write64(hw, VTD_PQT, 0);
		hw->ops->write64(hw, VTD_PQA, hw_pa(&mem, iommu->requests));
		event_init(hw, VTD_PECTL, config->request_addr,
			   config->request_data);
	}
	return vtd_command(iommu, VTD_TE, true);
}

int vtd_init(struct vtd_iommu *iommu, struct iommu_hw *hw,
	     const struct vtd_config *config)
{
	int rc;

	*iommu = (struct vtd_iommu){
		.hw = hw,
		.runtime = hw->runtime ? hw->runtime : port_default_runtime(),
		.scalable = config->scalable,
	};
	if (!iommu->runtime)
		return -ENOMEM;
	rc = vtd_probe(hw, config, &iommu->caps);
	if (rc)
		return rc;
	iommu->cap = hw->ops->read64(hw, VTD_CAP);
	iommu->ecap = hw->ops->read64(hw, VTD_ECAP);
	rc = stop(iommu);
	if (!rc)
		rc = alloc_tables(iommu);
	if (rc)
		goto err_free;
	vtd_domains_init(iommu);
	rc = start(iommu, config);
	if (rc)
		goto err_stop;
	return 0;

err_stop:
	stop(iommu);
err_free:
	free_tables(iommu);
	return rc;
}

void vtd_fini(struct vtd_iommu *iommu)
{
	event_fini(iommu->hw, VTD_FECTL);
	if (iommu->requests)
		event_fini(iommu->hw, VTD_PECTL);
	stop(iommu);
	free_tables(iommu);
}

int vtd_dev_init(struct vtd_dev *vdev, struct vtd_iommu *iommu, uint16_t rid,
		 unsigned int pasid_bits)
{
	if (pasid_bits > iommu->caps.pasid_bits)
		return -EOPNOTSUPP;
	vdev->dev.ops = &iommu->ops;
	vdev->dev.pasid_bits = pasid_bits;
	vdev->iommu = iommu;
	vdev->rid = rid;
	return vtd_entry_init(vdev);
}

void vtd_dev_fini(struct vtd_dev *vdev)
{
	vtd_entry_fini(vdev);
}
