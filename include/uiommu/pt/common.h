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
	 * worth a flush of its own: before something is gathered that does not
	 * touch what is there already, iotlb_sync is called for that, its tables
	 * are freed, and the gather begins anew.
	 */
	PT_FEAT_FLUSH_RANGE_NO_GAPS,
	/**
	 * @PT_FEAT_DETAILED_GATHER: the driver wants to know which sizes
	 * changed: iommu_iotlb_gather.sizes. (Levels of tables that have gone
	 * are always in iommu_iotlb_gather.tables.)
	 */
	PT_FEAT_DETAILED_GATHER,
	/**
	 * @PT_FEAT_DMA_INCOHERENT: the hardware walker does not snoop the CPU's
	 * caches. All that is stored in tables is shown to it by the runtime's
	 * flush, a table's content before the item that points at it; hw_info
	 * says how it has to walk, where that is in it. There is no dirty state
	 * then, which hardware could not keep.
	 */
	PT_FEAT_DMA_INCOHERENT,
	/**
	 * @PT_FEAT_UPPER_RANGE: the table translates the end of the 64-bit
	 * address space and nothing else: VAs whose bits above its width are
	 * all ones (Arm's TTBR1).
	 */
	PT_FEAT_UPPER_RANGE,
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

/** enum pt_riscv_features - features of riscv64, riscv64_x4 and the 32s. */
enum pt_riscv_features {
	/**
	 * @PT_FEAT_RISCV_HW_AD: hardware sets A and D (tc.SADE, tc.GADE, or
	 * Svadu), so that new mappings are clean. Without, they begin accessed
	 * and dirty, because hardware faults on the others.
	 */
	PT_FEAT_RISCV_HW_AD = PT_FEAT_FMT_START,
	/** @PT_FEAT_RISCV_SVNAPOT_64K: pages of 64 KiB. 64-bit formats only. */
	PT_FEAT_RISCV_SVNAPOT_64K,
	/**
	 * @PT_FEAT_RISCV_SVPBMT: memory types: IO with IOMMU_MMIO, NC without
	 * IOMMU_CACHE. 64-bit formats only.
	 */
	PT_FEAT_RISCV_SVPBMT,
	/**
	 * @PT_FEAT_RISCV_SVRSW60T59B: bits 60 and 59 belong to software, too.
	 * 64-bit formats only.
	 */
	PT_FEAT_RISCV_SVRSW60T59B,
};

/** enum pt_armv8_features - features of the armv8 formats. */
enum pt_armv8_features {
	/**
	 * @PT_FEAT_ARMV8_DBM: hardware manages dirty state (HA and HD): writable
	 * mappings begin writable-clean. Without, there is no dirty state.
	 */
	PT_FEAT_ARMV8_DBM = PT_FEAT_FMT_START,
	/**
	 * @PT_FEAT_ARMV8_LPA2: descriptors of 52 bits (DS), with granules of 4
	 * and 16 KiB. With 64 KiB widths over 48 bits need no feature.
	 */
	PT_FEAT_ARMV8_LPA2,
	/** @PT_FEAT_ARMV8_S2FWB: stage 2 forces memory types (S2FWB). */
	PT_FEAT_ARMV8_S2FWB,
	/**
	 * @PT_FEAT_ARMV8_BBML1: the contiguous bit may change in valid
	 * descriptors (FEAT_BBM or SMMU_IDR3.BBML, level 1).
	 */
	PT_FEAT_ARMV8_BBML1,
	/**
	 * @PT_FEAT_ARMV8_BBML2: so may sizes: blocks and tables change places
	 * (level 2, which includes level 1).
	 */
	PT_FEAT_ARMV8_BBML2,
};

/** enum pt_ept_features - features of ept. */
enum pt_ept_features {
	/**
	 * @PT_FEAT_EPT_AD: hardware sets accessed and dirty bits (EPTP bit 6).
	 * Without, there is no dirty state.
	 */
	PT_FEAT_EPT_AD = PT_FEAT_FMT_START,
	/** @PT_FEAT_EPT_IGNORE_PAT: the guest's PAT does not count (IPAT). */
	PT_FEAT_EPT_IGNORE_PAT,
	/**
	 * @PT_FEAT_EPT_MODE_BASED_EXEC: execution in user mode has a bit of its
	 * own.
	 */
	PT_FEAT_EPT_MODE_BASED_EXEC,
};

/** PT_TOP_LEVEL_MASK - the bits of top_of_table that hold the top level. */
#define PT_TOP_LEVEL_MASK ((uintptr_t)7)

/** PT_MAX_LEVELS - most levels of any format; a level fits PT_TOP_LEVEL_MASK. */
#define PT_MAX_LEVELS 7

/**
 * struct pt_iommu_memory - the memory of a page table's tables
 * @bytes: what it has from its runtime
 * @tables: the tables that this is, by their level
 *
 * A table counts from when the runtime has given it until the runtime gets it
 * back, because that is how long it takes memory. So these are the tables of the
 * tree, those that wait on a gather's freelist for iommu_pages_list_put(), and
 * those that an operation under way has not linked yet. Failed operations leave it
 * as exact as others. Each number of @tables is exact at any time; while operations
 * are under way, several of them belong to different moments.
 */
struct pt_iommu_memory {
	size_t bytes;
	size_t tables[PT_MAX_LEVELS];
};

/**
 * struct pt_common - one page table; begins every struct pt_<fmt>
 * @top_of_table: the top table's CPU address, with its level in the low bits, so
 *	that one load gives a pair that belongs together; 0 = no table. Written
 *	under the driver's top lock
 * @pa_offset: pt_runtime.pa_offset
 * @address_mask: the bits of an entry that are its address, where a format has
 *	such a mask
 * @slow_oas: an OA with one of these bits is for the general way: it is too wide; or
 *	that is where the table's stores are shown to a walker that is not coherent, so
 *	that these are all bits
 * @va_last: the last VA of the lower range
 * @va_upper: the first VA of the upper range, where there is one
 * @runtime: where tables come from
 * @features: BIT(PT_FEAT_*), constant after init; but a driver may add
 *	PT_FEAT_*_FORCE_COHERENCE as long as nothing is mapped
 * @max_vasz_lg2: the VA is that many bits wide, sign included
 * @max_oasz_lg2: the OA is that many bits wide
 * @tables: pt_iommu_memory.tables; each number is atomic
 *
 * Read it through pt_iommu_<fmt>_get_info() and pt_iommu_<fmt>_hw_info().
 */
struct pt_common {
	uintptr_t top_of_table;
	uint64_t pa_offset;
	uint64_t address_mask;
	uint64_t slow_oas;
	dma_addr_t va_last;
	dma_addr_t va_upper;
	const struct pt_runtime *runtime;
	unsigned int features;
	uint8_t max_vasz_lg2;
	uint8_t max_oasz_lg2;
	size_t tables[PT_MAX_LEVELS];
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

/**
 * struct pt_riscv64 - a RISC-V Sv39, Sv48 or Sv57 table
 * @common: what every table has
 */
struct pt_riscv64 {
	struct pt_common common;
};

/**
 * struct pt_riscv64_x4 - a RISC-V Sv39x4, Sv48x4 or Sv57x4 second-stage table
 * @common: what every table has
 * @top_level: level of the top table, which has four times as many items
 */
struct pt_riscv64_x4 {
	struct pt_common common;
	uint8_t top_level;
};

/**
 * struct pt_riscv32 - a RISC-V Sv32 table
 * @common: what every table has
 */
struct pt_riscv32 {
	struct pt_common common;
};

/**
 * struct pt_riscv32_x4 - a RISC-V Sv32x4 second-stage table
 * @common: what every table has
 * @top_level: 1
 */
struct pt_riscv32_x4 {
	struct pt_common common;
	uint8_t top_level;
};

/**
 * PT_ARM_DECLARE() - struct pt_<fmt> of the formats with Arm's long descriptors
 *
 * common: what every table has. top_level: level of the top table.
 * top_items_lg2: its items, those of concatenated tables counted together.
 */
#define PT_ARM_DECLARE(fmt)              \
	struct pt_##fmt {                \
		struct pt_common common; \
		uint8_t top_level;       \
		uint8_t top_items_lg2;   \
	}

PT_ARM_DECLARE(armv8_s1_4k);
PT_ARM_DECLARE(armv8_s1_16k);
PT_ARM_DECLARE(armv8_s1_64k);
PT_ARM_DECLARE(armv8_s2_4k);
PT_ARM_DECLARE(armv8_s2_16k);
PT_ARM_DECLARE(armv8_s2_64k);
PT_ARM_DECLARE(lpae_s1);
PT_ARM_DECLARE(lpae_s2);

/**
 * struct pt_v7s - an Arm short-descriptor table
 * @common: what every table has
 */
struct pt_v7s {
	struct pt_common common;
};

/**
 * struct pt_ept - an Intel extended page table
 * @common: what every table has
 * @ram_type: memory type of what is not IOMMU_MMIO
 */
struct pt_ept {
	struct pt_common common;
	uint8_t ram_type;
};

/**
 * struct pt_dart - an Apple DART table, first generation
 * @common: what every table has
 */
struct pt_dart {
	struct pt_common common;
};

/**
 * struct pt_dart2 - an Apple DART table, second generation
 * @common: what every table has
 */
struct pt_dart2 {
	struct pt_common common;
};

#ifdef __cplusplus
}
#endif
#endif
