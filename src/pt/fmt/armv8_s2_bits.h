/* SPDX-License-Identifier: MIT */
/**
 * DOC: Arm's long descriptors: stage 2
 *
 * DDI 0487, D8.3 "VMSAv8-64 Block descriptor and Page descriptor formats", stage
 * 2; D8.4 "Memory access control"; D8.6 "Stage 2 memory region attributes".
 */
#ifndef PT_FMT_ARMV8_S2_BITS_H
#define PT_FMT_ARMV8_S2_BITS_H

#include "armv8_bits.h"

#define ARM_S2_MEMATTR  PT_MASK(5, 2)
#define ARM_S2_AP_READ  PT_MASK(6, 6) /* S2AP[0] */
#define ARM_S2_AP_WRITE PT_MASK(7, 7) /* S2AP[1] */
#define ARM_S2_XN       PT_MASK(54, 54)

/* D8.6: MemAttr[3:0], and with S2FWB MemAttr[2:0] */
#define ARM_S2_DEV    (1ULL << 2) /* Device-nGnRE */
#define ARM_S2_NC     (5ULL << 2)
#define ARM_S2_WB     (15ULL << 2)
#define ARM_S2_FWB_WB (6ULL << 2)

/* The shareability that leaves have no bits for with LPA2 stands in VTCR.SH0. */
static inline uint64_t arm_s2_sh(const struct pt_common *common, uint64_t sh)
{
	return arm_feature(common, PT_FEAT_ARMV8_LPA2) ? 0 : sh;
}

static inline void arm_s2_attr_from_entry(const struct pt_state *pts,
					  struct pt_attrs *attrs)
{
	attrs->bits =
		pts->entry &
		(ARM_S2_MEMATTR | ARM_S2_AP_READ | ARM_S2_AP_WRITE |
		 arm_s2_sh(pts->common, ARM_SH) | ARM_AF | ARM_DBM | ARM_S2_XN);
}
#define pt_attr_from_entry arm_s2_attr_from_entry

/* The rest is memory type. */
#define ARM_S2_PERMISSIONS \
	(ARM_S2_AP_READ | ARM_S2_AP_WRITE | ARM_DBM | ARM_S2_XN)

static inline bool arm_s2_live_attrs(const struct pt_state *pts,
				     const struct pt_attrs *attrs)
{
	struct pt_attrs old;

	arm_s2_attr_from_entry(pts, &old);
	return !((old.bits ^ attrs->bits) & ~ARM_S2_PERMISSIONS);
}
#define pt_live_attrs arm_s2_live_attrs

/* D8.4: read and write are independent; privilege is stage 1's business. */
static inline int arm_s2_set_prot(const struct pt_common *common,
				  struct pt_attrs *attrs, unsigned int prot)
{
	if (!(prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	attrs->bits = ARM_AF;
	if (prot & IOMMU_READ)
		attrs->bits |= ARM_S2_AP_READ;
	if (prot & IOMMU_WRITE)
		attrs->bits |= arm_feature(common, PT_FEAT_ARMV8_DBM)
				       ? ARM_DBM
				       : ARM_S2_AP_WRITE;
	if (prot & IOMMU_NOEXEC)
		attrs->bits |= ARM_S2_XN;
	if (prot & IOMMU_MMIO)
		attrs->bits |= ARM_S2_DEV | arm_s2_sh(common, ARM_SH_OUTER);
	else if (!(prot & IOMMU_CACHE))
		attrs->bits |= ARM_S2_NC | arm_s2_sh(common, ARM_SH_OUTER);
	else if (arm_feature(common, PT_FEAT_ARMV8_S2FWB))
		attrs->bits |= ARM_S2_FWB_WB | arm_s2_sh(common, ARM_SH_INNER);
	else
		attrs->bits |= ARM_S2_WB | arm_s2_sh(common, ARM_SH_INNER);
	return 0;
}
#define pt_iommu_set_prot arm_s2_set_prot

#ifndef ARM_LPAE
/* D8.4.6 "Hardware management of dirty state": writable-clean is not writable. */
pt_inline bool arm_s2_is_dirty(const struct pt_state *pts, uint64_t item)
{
	return item & ARM_SW_DIRTY || (item & (ARM_DBM | ARM_S2_AP_WRITE)) ==
					      (ARM_DBM | ARM_S2_AP_WRITE);
}
#define pt_item_is_dirty arm_s2_is_dirty

pt_inline void arm_s2_make_clean(struct pt_state *pts, uint64_t *item)
{
	pt_item_and(item, ~(ARM_S2_AP_WRITE | ARM_SW_DIRTY));
}
#define pt_item_make_clean arm_s2_make_clean

pt_inline uint64_t arm_s2_dirtied(const struct pt_state *pts, uint64_t item)
{
	return item & ARM_DBM ? item | ARM_S2_AP_WRITE : item;
}
#define pt_item_dirtied arm_s2_dirtied

pt_inline uint64_t arm_s2_keep_dirty(const struct pt_state *pts, uint64_t item)
{
	return item & ARM_DBM ? item | ARM_S2_AP_WRITE : item | ARM_SW_DIRTY;
}
#define pt_item_keep_dirty arm_s2_keep_dirty

pt_inline struct pt_run_dirty arm_s2_dirty_how(const struct pt_state *pts)
{
	return (struct pt_run_dirty){
		.mask = ARM_DBM | ARM_S2_AP_WRITE,
		.value = ARM_DBM | ARM_S2_AP_WRITE,
		.kept = ARM_SW_DIRTY,
		.settled_mask = ARM_VALID | ARM_AF | ARM_DBM | ARM_CONTIG |
				ARM_S2_AP_WRITE | ARM_SW_DIRTY,
		.settled_value = ARM_VALID | ARM_AF | ARM_DBM | ARM_S2_AP_WRITE,
		.flip = ARM_S2_AP_WRITE,
	};
}
#define pt_dirty_how arm_s2_dirty_how
#endif

static int arm_s2_fmt_init(struct PT_IOMMU_TABLE *table,
			   const struct PT_IOMMU_CFG *cfg,
			   unsigned int *top_level)
{
	return arm_geometry(&table->pt.common, &table->pt, true, top_level);
}
#define pt_iommu_fmt_init arm_s2_fmt_init

/* VTCR_EL2.SL0: counts from level 1 up with 4 KiB, else from level 0. */
static inline uint8_t arm_s2_sl0(unsigned int top_level)
{
	return (uint8_t)(PT_GRANULE_LG2SZ == 12 ? top_level - 1 : top_level);
}

/* VTCR_EL2, VTTBR_EL2; SMMUv3, IHI 0070, 5.2 "Stream Table Entry" */
static void arm_s2_fmt_hw_info(const struct PT_IOMMU_TABLE *table,
			       phys_addr_t top_pa, unsigned int top_level,
			       struct PT_IOMMU_HW_INFO *info)
{
	const struct pt_common *common = &table->pt.common;

	*info = (struct PT_IOMMU_HW_INFO){
		.vttb = top_pa,
		.t0sz = ARM_S2_T0SZ(common->max_vasz_lg2),
		.sl0 = arm_s2_sl0(top_level),
		.tg = PT_GRANULE_LG2SZ == 12   ? 0
		      : PT_GRANULE_LG2SZ == 14 ? 2
					       : 1,
		.ps = arm_oasz_code(common),
		.irgn = arm_walk_cacheability(common),
		.orgn = arm_walk_cacheability(common),
		.sh = arm_walk_shareability(common),
		.ds = arm_feature(common, PT_FEAT_ARMV8_LPA2),
		.fwb = arm_feature(common, PT_FEAT_ARMV8_S2FWB),
	};
}
#define pt_iommu_fmt_hw_info arm_s2_fmt_hw_info

#endif
