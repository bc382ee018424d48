/* SPDX-License-Identifier: MIT */
/**
 * DOC: What every page table has, whatever its format and use
 *
 * VA is an input address (an IOVA), OA an output address (a physical one).
 * Level 0 is the table that has only leaves; the root's level is the top level.
 */
#ifndef UIOMMU_PT_COMMON_H
#define UIOMMU_PT_COMMON_H

#include <uiommu/iommu_types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pt_runtime;

/**
 * enum pt_features - what a table can be asked to do; bits of
 * pt_iommu_cfg.features as BIT(PT_FEAT_*)
 *
 * A format's unit is compiled with the features it supports; init refuses
 * others with -EOPNOTSUPP.
 */
enum pt_features {
	/**
	 * @PT_FEAT_FULL_VA: VAs may use every bit of the word: the last byte of
	 * the address space can be mapped. Always on in formats that have it.
	 */
	PT_FEAT_FULL_VA,
	/**
	 * @PT_FEAT_DYNAMIC_TOP: levels are added on top while the table is in
	 * use, as VAs need them. The driver provides pt_iommu_driver_ops.
	 */
	PT_FEAT_DYNAMIC_TOP,
	/**
	 * @PT_FEAT_SIGN_EXTEND: the VA is signed: there is a lower range that
	 * starts at 0 and an upper range that ends with the last address.
	 */
	PT_FEAT_SIGN_EXTEND,
	/**
	 * @PT_FEAT_FLUSH_RANGE: the driver's iotlb_sync flushes the one range
	 * of the gather, whatever lies in between.
	 */
	PT_FEAT_FLUSH_RANGE,
	/**
	 * @PT_FEAT_FLUSH_RANGE_NO_GAPS: as above, but a gap in the range is
	 * worth a flush of its own.
	 */
	PT_FEAT_FLUSH_RANGE_NO_GAPS,
	/**
	 * @PT_FEAT_DETAILED_GATHER: the driver wants to know which levels and
	 * sizes changed.
	 */
	PT_FEAT_DETAILED_GATHER,
	/**
	 * @PT_FEAT_DMA_INCOHERENT: the hardware walker does not snoop the CPU's
	 * caches.
	 */
	PT_FEAT_DMA_INCOHERENT,
	/** @PT_FEAT_FMT_START: the first feature of a format's own. */
	PT_FEAT_FMT_START,
};

/** enum pt_amdv1_features - features of amdv1. */
enum pt_amdv1_features {
	/**
	 * @PT_FEAT_AMDV1_ENCRYPT_TABLES: tables and RAM are encrypted: the
	 * C-bit is set in pointers to them.
	 */
	PT_FEAT_AMDV1_ENCRYPT_TABLES = PT_FEAT_FMT_START,
	/**
	 * @PT_FEAT_AMDV1_FORCE_COHERENCE: DMA snoops, whatever the transaction
	 * says (FC).
	 */
	PT_FEAT_AMDV1_FORCE_COHERENCE,
};

/** enum pt_vtdss_features - features of vtdss. */
enum pt_vtdss_features {
	/**
	 * @PT_FEAT_VTDSS_FORCE_COHERENCE: DMA snoops, whatever the transaction
	 * says (SNP).
	 */
	PT_FEAT_VTDSS_FORCE_COHERENCE = PT_FEAT_FMT_START,
	/**
	 * @PT_FEAT_VTDSS_FORCE_WRITEABLE: refuse read-only mappings (some
	 * hardware cannot nest on them).
	 */
	PT_FEAT_VTDSS_FORCE_WRITEABLE,
};

/** enum pt_x86_64_features - features of x86_64. */
enum pt_x86_64_features {
	/**
	 * @PT_FEAT_X86_64_AMD_ENCRYPT_TABLES: as PT_FEAT_AMDV1_ENCRYPT_TABLES.
	 */
	PT_FEAT_X86_64_AMD_ENCRYPT_TABLES = PT_FEAT_FMT_START,
};

/** PT_TOP_LEVEL_MASK - the bits of top_of_table that hold the top level. */
#define PT_TOP_LEVEL_MASK ((uintptr_t)7)

/**
 * struct pt_common - one page table; begins every struct pt_<fmt>
 * @top_of_table: the top table's CPU address, with its level in the low bits, so
 *	that one load gives a pair that belongs together; 0 = no table. Written
 *	under the driver's top lock
 * @pa_offset: pt_runtime.pa_offset
 * @runtime: where tables come from
 * @features: BIT(PT_FEAT_*), constant after init
 * @max_vasz_lg2: the VA is that many bits wide, sign included
 * @max_oasz_lg2: the OA is that many bits wide
 *
 * Read it through pt_iommu_<fmt>_get_info() and pt_iommu_<fmt>_hw_info().
 */
struct pt_common {
	uintptr_t top_of_table;
	uint64_t pa_offset;
	const struct pt_runtime *runtime;
	unsigned int features;
	uint8_t max_vasz_lg2;
	uint8_t max_oasz_lg2;
};

/**
 * struct pt_amdv1 - an AMD I/O page table for host translations
 * @common: what every table has
 * @encrypt_mask: the C-bit; 0 = tables are not encrypted
 */
struct pt_amdv1 {
	struct pt_common common;
	uint64_t encrypt_mask;
};

/**
 * struct pt_amdv1_mock - amdv1 with a granule of 2 KiB, for tests
 * @common: what every table has
 * @encrypt_mask: 0
 */
struct pt_amdv1_mock {
	struct pt_common common;
	uint64_t encrypt_mask;
};

/**
 * struct pt_vtdss - an Intel VT-d second-stage table
 * @common: what every table has
 */
struct pt_vtdss {
	struct pt_common common;
};

/**
 * struct pt_x86_64 - an x86-64 table: CPUs, AMD v2 guest, VT-d first stage
 * @common: what every table has
 * @encrypt_mask: the C-bit; 0 = tables are not encrypted
 */
struct pt_x86_64 {
	struct pt_common common;
	uint64_t encrypt_mask;
};

#ifdef __cplusplus
}
#endif
#endif
