/* SPDX-License-Identifier: MIT */
/**
 * DOC: Arm's long descriptors: stage 1
 *
 * DDI 0487, D8.3 "VMSAv8-64 Block descriptor and Page descriptor formats", stage
 * 1; D8.4 "Memory access control"; D8.5 "Memory region attributes".
 */
#ifndef PT_FMT_ARMV8_S1_BITS_H
#define PT_FMT_ARMV8_S1_BITS_H

#include "armv8_bits.h"

#define ARM_S1_ATTRINDX    PT_MASK(4, 2) /* byte of MAIR */
#define ARM_S1_AP_UNPRIV   PT_MASK(6, 6) /* AP[1]: unprivileged access */
#define ARM_S1_AP_READONLY PT_MASK(7, 7) /* AP[2] */
#define ARM_S1_NG          PT_MASK(11, 11) /* not global: tagged by ASID */
#define ARM_S1_XN          PT_MASK(54, 53) /* UXN and PXN */
#define ARM_S1_UXN         PT_MASK(54, 54) /* VMSAv8-32: XN */

/*
 * MAIR as it has to be programmed: byte 0 is Normal Non-cacheable, 1 Normal
 * Write-Back read- and write-allocate, 2 Device-nGnRE, 3 Normal inner Non-cacheable
 * and outer Write-Back.
 */
#define ARM_S1_MAIR    0xf404ff44ULL
#define ARM_S1_IDX_NC  (0ULL << 2)
#define ARM_S1_IDX_WB  (1ULL << 2)
#define ARM_S1_IDX_DEV (2ULL << 2)

/* The shareability that leaves have no bits for with LPA2 stands in TCR.SHx. */
static inline uint64_t arm_s1_sh(const struct pt_common *common, uint64_t sh)
{
	return arm_feature(common, PT_FEAT_ARMV8_LPA2) ? 0 : sh;
}

static inline void arm_s1_attr_from_entry(const struct pt_state *pts,
					  struct pt_attrs *attrs)
{
	attrs->bits = pts->entry &
		      (ARM_S1_ATTRINDX | ARM_S1_AP_UNPRIV | ARM_S1_AP_READONLY |
		       arm_s1_sh(pts->common, ARM_SH) | ARM_AF | ARM_S1_NG |
		       ARM_DBM | ARM_S1_XN);
}
#define pt_attr_from_entry arm_s1_attr_from_entry

/* The rest is memory type. */
#define ARM_S1_PERMISSIONS \
	(ARM_S1_AP_UNPRIV | ARM_S1_AP_READONLY | ARM_DBM | ARM_S1_XN)

static inline bool arm_s1_live_attrs(const struct pt_state *pts,
				     const struct pt_attrs *attrs)
{
	struct pt_attrs old;

	arm_s1_attr_from_entry(pts, &old);
	return !((old.bits ^ attrs->bits) & ~ARM_S1_PERMISSIONS);
}
#define pt_live_attrs arm_s1_live_attrs

/*
 * D8.4: AArch64 fetches instructions where it may not read, so that AP[1] alone does
 * not keep unprivileged code out; VMSAv8-32 does not (G5.7).
 */
static inline uint64_t arm_s1_execution(unsigned int prot)
{
	if (prot & IOMMU_NOEXEC)
		return ARM_S1_XN;
#ifndef ARM_LPAE
	if (prot & IOMMU_PRIV)
		return ARM_S1_UXN;
#endif
	return 0;
}

/* D8.4: there is no way to forbid reading, so that write alone gives both. */
static inline int arm_s1_set_prot(const struct pt_common *common,
				  struct pt_attrs *attrs, unsigned int prot)
{
	if (!(prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	attrs->bits = ARM_AF | ARM_S1_NG;
	if (!(prot & IOMMU_WRITE))
		attrs->bits |= ARM_S1_AP_READONLY;
	else if (arm_feature(common, PT_FEAT_ARMV8_DBM))
		attrs->bits |= ARM_S1_AP_READONLY | ARM_DBM;
	if (!(prot & IOMMU_PRIV))
		attrs->bits |= ARM_S1_AP_UNPRIV;
	attrs->bits |= arm_s1_execution(prot);
	if (prot & IOMMU_MMIO)
		attrs->bits |= ARM_S1_IDX_DEV | arm_s1_sh(common, ARM_SH_OUTER);
	else if (prot & IOMMU_CACHE)
		attrs->bits |= ARM_S1_IDX_WB | arm_s1_sh(common, ARM_SH_INNER);
	else
		attrs->bits |= ARM_S1_IDX_NC | arm_s1_sh(common, ARM_SH_OUTER);
	return 0;
}
#define pt_iommu_set_prot arm_s1_set_prot

#ifndef ARM_LPAE
/* D8.4.6 "Hardware management of dirty state": writable-clean is read-only. */
pt_inline bool arm_s1_is_dirty(const struct pt_state *pts, uint64_t item)
{
	return item & ARM_SW_DIRTY ||
	       (item & (ARM_DBM | ARM_S1_AP_READONLY)) == ARM_DBM;
}
#define pt_item_is_dirty arm_s1_is_dirty

pt_inline void arm_s1_make_clean(struct pt_state *pts, uint64_t *item)
{
	pt_item_or(item, ARM_S1_AP_READONLY);
	if (pt_item_load_relaxed(item) & ARM_SW_DIRTY)
		pt_item_and(item, ~ARM_SW_DIRTY);
}
#define pt_item_make_clean arm_s1_make_clean

pt_inline uint64_t arm_s1_dirtied(const struct pt_state *pts, uint64_t item)
{
	return item & ARM_DBM ? item & ~ARM_S1_AP_READONLY : item;
}
#define pt_item_dirtied arm_s1_dirtied

pt_inline uint64_t arm_s1_keep_dirty(const struct pt_state *pts, uint64_t item)
{
	return item & ARM_DBM ? item & ~ARM_S1_AP_READONLY
			      : item | ARM_SW_DIRTY;
}
#define pt_item_keep_dirty arm_s1_keep_dirty

pt_inline struct pt_run_dirty arm_s1_dirty_how(const struct pt_state *pts)
{
	return (struct pt_run_dirty){
		.mask = ARM_DBM | ARM_S1_AP_READONLY,
		.value = ARM_DBM,
		.kept = ARM_SW_DIRTY,
		.settled_mask = ARM_VALID | ARM_AF | ARM_DBM | ARM_CONTIG |
				ARM_S1_AP_READONLY | ARM_SW_DIRTY,
		.settled_value = ARM_VALID | ARM_AF | ARM_DBM,
		.flip = ARM_S1_AP_READONLY,
	};
}
#define pt_dirty_how arm_s1_dirty_how
#endif

static int arm_s1_fmt_init(struct PT_IOMMU_TABLE *table,
			   const struct PT_IOMMU_CFG *cfg,
			   unsigned int *top_level)
{
	return arm_geometry(&table->pt.common, &table->pt, false, top_level);
}
#define pt_iommu_fmt_init arm_s1_fmt_init

/* TCR_EL1: TG0 and TG1 encode the same granules differently. */
static inline uint8_t arm_s1_tg(bool upper)
{
	switch (PT_GRANULE_LG2SZ) {
	case 12:
		return upper ? 2 : 0;
	case 14:
		return upper ? 1 : 2;
	default:
		return upper ? 3 : 1;
	}
}

/* TCR_EL1, TTBRn_EL1, MAIR_EL1; SMMUv3, IHI 0070, 5.4 "Context Descriptor" */
static void arm_s1_fmt_hw_info(const struct PT_IOMMU_TABLE *table,
			       phys_addr_t top_pa, unsigned int top_level,
			       struct PT_IOMMU_HW_INFO *info)
{
	const struct pt_common *common = &table->pt.common;
	bool upper = arm_feature(common, PT_FEAT_UPPER_RANGE);

	*info = (struct PT_IOMMU_HW_INFO){
		.ttb = top_pa,
		.mair = ARM_S1_MAIR,
		.tsz = (uint8_t)(ARM_VA_WIDTH - common->max_vasz_lg2),
		.tg = arm_s1_tg(upper),
		.ips = arm_oasz_code(common),
		.irgn = arm_walk_cacheability(common),
		.orgn = arm_walk_cacheability(common),
		.sh = arm_walk_shareability(common),
		.ds = arm_feature(common, PT_FEAT_ARMV8_LPA2),
		.upper = upper,
	};
}
#define pt_iommu_fmt_hw_info arm_s1_fmt_hw_info

#endif
