/* SPDX-License-Identifier: MIT */
/**
 * DOC: The IOMMUFD user API
 *
 * Requests on /dev/iommu, in the layout and with the names of Linux's
 * <linux/iommufd.h>, so that a program compiles against either. Written from
 * the facts of the binary interface; include one of the two, not both.
 *
 * Every request carries its own size in its first member. A size above what the
 * engine knows is fine as long as the bytes beyond are zero (-E2BIG); a size
 * below leaves the missing members zero, down to a minimum (-EINVAL). Members
 * named
 * __reserved and unknown flags must be zero (-EOPNOTSUPP). Members named out_*
 * are written back; all others stay as the caller set them, unless their
 * description says otherwise. Ids name objects of this open file only and are
 * never 0.
 */
#ifndef UIOMMU_IOMMUFD_H
#define UIOMMU_IOMMUFD_H

#include <linux/ioctl.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IOMMUFD_TYPE (';')

/* Request numbers. They say nothing of size or direction: _IO() throughout. */
enum {
	IOMMUFD_CMD_BASE = 0x80,
	IOMMUFD_CMD_DESTROY = IOMMUFD_CMD_BASE,
	IOMMUFD_CMD_IOAS_ALLOC = 0x81,
	IOMMUFD_CMD_IOAS_ALLOW_IOVAS = 0x82,
	IOMMUFD_CMD_IOAS_COPY = 0x83,
	IOMMUFD_CMD_IOAS_IOVA_RANGES = 0x84,
	IOMMUFD_CMD_IOAS_MAP = 0x85,
	IOMMUFD_CMD_IOAS_UNMAP = 0x86,
	IOMMUFD_CMD_OPTION = 0x87,
	IOMMUFD_CMD_VFIO_IOAS = 0x88,
	IOMMUFD_CMD_HWPT_ALLOC = 0x89,
	IOMMUFD_CMD_GET_HW_INFO = 0x8a,
	IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING = 0x8b,
	IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP = 0x8c,
	IOMMUFD_CMD_HWPT_INVALIDATE = 0x8d,
	IOMMUFD_CMD_FAULT_QUEUE_ALLOC = 0x8e,
	IOMMUFD_CMD_IOAS_MAP_FILE = 0x8f,
	IOMMUFD_CMD_VIOMMU_ALLOC = 0x90,
	IOMMUFD_CMD_VDEVICE_ALLOC = 0x91,
	IOMMUFD_CMD_IOAS_CHANGE_PROCESS = 0x92,
	IOMMUFD_CMD_VEVENTQ_ALLOC = 0x93,
	IOMMUFD_CMD_HW_QUEUE_ALLOC = 0x94,
	IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA = 0x95,
};

/**
 * struct iommu_destroy - IOMMU_DESTROY: destroy an object
 * @size: sizeof(struct iommu_destroy)
 * @id: any object that the caller may destroy; -EBUSY while something uses it
 */
struct iommu_destroy {
	__u32 size;
	__u32 id;
};
#define IOMMU_DESTROY _IO(IOMMUFD_TYPE, IOMMUFD_CMD_DESTROY)

/**
 * struct iommu_ioas_alloc - IOMMU_IOAS_ALLOC: make an empty I/O address space
 * @size: sizeof(struct iommu_ioas_alloc)
 * @flags: 0
 * @out_ioas_id: its id
 */
struct iommu_ioas_alloc {
	__u32 size;
	__u32 flags;
	__u32 out_ioas_id;
};
#define IOMMU_IOAS_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_ALLOC)

/**
 * struct iommu_iova_range - a range of I/O addresses
 * @start: first address
 * @last: last address (inclusive)
 */
struct iommu_iova_range {
	__aligned_u64 start;
	__aligned_u64 last;
};

/**
 * struct iommu_ioas_iova_ranges - IOMMU_IOAS_IOVA_RANGES: what can be mapped
 * @size: sizeof(struct iommu_ioas_iova_ranges)
 * @ioas_id: the IOAS
 * @num_iovas: in: room at @allowed_iovas; out: how many ranges there are
 * @__reserved: 0
 * @allowed_iovas: pointer to an array of struct iommu_iova_range
 * @out_iova_alignment: what IOVAs and lengths must be a multiple of
 *
 * -EMSGSIZE if there is not room for all; those that fit are written. Attaching
 * a device or a table can shrink the ranges.
 */
struct iommu_ioas_iova_ranges {
	__u32 size;
	__u32 ioas_id;
	__u32 num_iovas;
	__u32 __reserved;
	__aligned_u64 allowed_iovas;
	__aligned_u64 out_iova_alignment;
};
#define IOMMU_IOAS_IOVA_RANGES _IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_IOVA_RANGES)

/**
 * struct iommu_ioas_allow_iovas - IOMMU_IOAS_ALLOW_IOVAS: confine automatic
 * IOVAs
 * @size: sizeof(struct iommu_ioas_allow_iovas)
 * @ioas_id: the IOAS
 * @num_iovas: number of ranges; 0 lifts every restriction
 * @__reserved: 0
 * @allowed_iovas: pointer to an array of struct iommu_iova_range
 *
 * Replaces the former list. No device that would reserve an address of a listed
 * range can be attached afterwards.
 */
struct iommu_ioas_allow_iovas {
	__u32 size;
	__u32 ioas_id;
	__u32 num_iovas;
	__u32 __reserved;
	__aligned_u64 allowed_iovas;
};
#define IOMMU_IOAS_ALLOW_IOVAS _IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_ALLOW_IOVAS)

/**
 * enum iommufd_ioas_map_flags - flags of map, map file and copy
 * @IOMMU_IOAS_MAP_FIXED_IOVA: the caller chooses the IOVA; else it is allocated
 * @IOMMU_IOAS_MAP_WRITEABLE: DMA may write
 * @IOMMU_IOAS_MAP_READABLE: DMA may read
 */
enum iommufd_ioas_map_flags {
	IOMMU_IOAS_MAP_FIXED_IOVA = 1 << 0,
	IOMMU_IOAS_MAP_WRITEABLE = 1 << 1,
	IOMMU_IOAS_MAP_READABLE = 1 << 2,
};

/**
 * struct iommu_ioas_map - IOMMU_IOAS_MAP: map the caller's memory
 * @size: sizeof(struct iommu_ioas_map)
 * @flags: enum iommufd_ioas_map_flags; at least one of the permissions
 * @ioas_id: the IOAS
 * @__reserved: 0
 * @user_va: where the memory starts in the caller's address space
 * @length: bytes
 * @iova: where it appears; out, unless IOMMU_IOAS_MAP_FIXED_IOVA
 */
struct iommu_ioas_map {
	__u32 size;
	__u32 flags;
	__u32 ioas_id;
	__u32 __reserved;
	__aligned_u64 user_va;
	__aligned_u64 length;
	__aligned_u64 iova;
};
#define IOMMU_IOAS_MAP _IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_MAP)

/**
 * struct iommu_ioas_noiommu_get_pa - IOMMU_IOAS_NOIOMMU_GET_PA: where an IOVA
 * of an IOAS without an IOMMU lies in physical memory
 * @size: sizeof(struct iommu_ioas_noiommu_get_pa)
 * @flags: 0
 * @ioas_id: the IOAS
 * @__reserved: 0
 * @iova: the address
 * @length: in: how many bytes matter, not 0; out: how many of them are contiguous
 * @out_phys: the physical address
 */
struct iommu_ioas_noiommu_get_pa {
	__u32 size;
	__u32 flags;
	__u32 ioas_id;
	__u32 __reserved;
	__aligned_u64 iova;
	__aligned_u64 length;
	__aligned_u64 out_phys;
};
#define IOMMU_IOAS_NOIOMMU_GET_PA \
	_IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA)

/**
 * struct iommu_ioas_map_file - IOMMU_IOAS_MAP_FILE: map a file's memory
 * @size: sizeof(struct iommu_ioas_map_file)
 * @flags: enum iommufd_ioas_map_flags
 * @ioas_id: the IOAS
 * @fd: the file, a memfd for instance
 * @start: first byte in the file
 * @length: bytes
 * @iova: where it appears; out, unless IOMMU_IOAS_MAP_FIXED_IOVA
 */
struct iommu_ioas_map_file {
	__u32 size;
	__u32 flags;
	__u32 ioas_id;
	__s32 fd;
	__aligned_u64 start;
	__aligned_u64 length;
	__aligned_u64 iova;
};
#define IOMMU_IOAS_MAP_FILE _IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_MAP_FILE)

/**
 * struct iommu_ioas_copy - IOMMU_IOAS_COPY: map what another range maps
 * @size: sizeof(struct iommu_ioas_copy)
 * @flags: enum iommufd_ioas_map_flags
 * @dst_ioas_id: the IOAS to map in
 * @src_ioas_id: the IOAS to copy from; may be the same
 * @length: bytes
 * @dst_iova: where it appears; out, unless IOMMU_IOAS_MAP_FIXED_IOVA
 * @src_iova: what to copy; no holes
 *
 * The pages are shared, not pinned or accounted a second time.
 */
struct iommu_ioas_copy {
	__u32 size;
	__u32 flags;
	__u32 dst_ioas_id;
	__u32 src_ioas_id;
	__aligned_u64 length;
	__aligned_u64 dst_iova;
	__aligned_u64 src_iova;
};
#define IOMMU_IOAS_COPY _IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_COPY)

/**
 * struct iommu_ioas_unmap - IOMMU_IOAS_UNMAP: remove mappings
 * @size: sizeof(struct iommu_ioas_unmap)
 * @ioas_id: the IOAS
 * @iova: first address
 * @length: in: bytes; out: bytes that were mapped
 *
 * Mappings go as they came, whole. @iova 0 with @length 2^64 - 1 removes all.
 */
struct iommu_ioas_unmap {
	__u32 size;
	__u32 ioas_id;
	__aligned_u64 iova;
	__aligned_u64 length;
};
#define IOMMU_IOAS_UNMAP _IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_UNMAP)

/**
 * enum iommufd_option - what IOMMU_OPTION sets
 * @IOMMU_OPTION_RLIMIT_MODE: of the file: 0 = pages count against the user,
 *	1 = against the process. Needs privilege and a file without objects
 * @IOMMU_OPTION_HUGE_PAGES: of an IOAS: 0 = tables are filled with the smallest
 *	page size, so that any page can be unmapped alone; 1 = as large as fits
 */
enum iommufd_option {
	IOMMU_OPTION_RLIMIT_MODE = 0,
	IOMMU_OPTION_HUGE_PAGES = 1,
};

/** enum iommufd_option_ops - direction of IOMMU_OPTION */
enum iommufd_option_ops {
	IOMMU_OPTION_OP_SET = 0,
	IOMMU_OPTION_OP_GET = 1,
};

/**
 * struct iommu_option - IOMMU_OPTION: read or change an option
 * @size: sizeof(struct iommu_option)
 * @option_id: enum iommufd_option
 * @op: enum iommufd_option_ops
 * @__reserved: 0
 * @object_id: the object that has the option; 0 = the file itself
 * @val64: the value
 */
struct iommu_option {
	__u32 size;
	__u32 option_id;
	__u16 op;
	__u16 __reserved;
	__u32 object_id;
	__aligned_u64 val64;
};
#define IOMMU_OPTION _IO(IOMMUFD_TYPE, IOMMUFD_CMD_OPTION)

/** enum iommufd_vfio_ioas_op - what IOMMU_VFIO_IOAS does */
enum iommufd_vfio_ioas_op {
	IOMMU_VFIO_IOAS_GET = 0,
	IOMMU_VFIO_IOAS_SET = 1,
	IOMMU_VFIO_IOAS_CLEAR = 2,
};

/**
 * struct iommu_vfio_ioas - IOMMU_VFIO_IOAS: the IOAS of VFIO container requests
 * @size: sizeof(struct iommu_vfio_ioas)
 * @ioas_id: in for SET, out for GET
 * @op: enum iommufd_vfio_ioas_op
 * @__reserved: 0
 */
struct iommu_vfio_ioas {
	__u32 size;
	__u32 ioas_id;
	__u16 op;
	__u16 __reserved;
};
#define IOMMU_VFIO_IOAS _IO(IOMMUFD_TYPE, IOMMUFD_CMD_VFIO_IOAS)

/**
 * enum iommufd_hwpt_alloc_flags - flags of IOMMU_HWPT_ALLOC
 * @IOMMU_HWPT_ALLOC_NEST_PARENT: nested tables can stand on it
 * @IOMMU_HWPT_ALLOC_DIRTY_TRACKING: only for devices with dirty tracking
 * @IOMMU_HWPT_FAULT_ID_VALID: @fault_id names a fault queue
 * @IOMMU_HWPT_ALLOC_PASID: can be attached to a PASID
 */
enum iommufd_hwpt_alloc_flags {
	IOMMU_HWPT_ALLOC_NEST_PARENT = 1 << 0,
	IOMMU_HWPT_ALLOC_DIRTY_TRACKING = 1 << 1,
	IOMMU_HWPT_FAULT_ID_VALID = 1 << 2,
	IOMMU_HWPT_ALLOC_PASID = 1 << 3,
};

/**
 * enum iommu_hwpt_vtd_s1_flags - VT-d PASID entry bits of a guest's first stage
 * @IOMMU_VTD_S1_SRE: supervisor requests
 * @IOMMU_VTD_S1_EAFE: extended accessed flag
 * @IOMMU_VTD_S1_WPE: write protect
 */
enum iommu_hwpt_vtd_s1_flags {
	IOMMU_VTD_S1_SRE = 1 << 0,
	IOMMU_VTD_S1_EAFE = 1 << 1,
	IOMMU_VTD_S1_WPE = 1 << 2,
};

/**
 * struct iommu_hwpt_vtd_s1 - a guest's first-stage table for VT-d
 * @flags: enum iommu_hwpt_vtd_s1_flags
 * @pgtbl_addr: guest physical address of its top table
 * @addr_width: its input address width in bits
 * @__reserved: 0
 */
struct iommu_hwpt_vtd_s1 {
	__aligned_u64 flags;
	__aligned_u64 pgtbl_addr;
	__u32 addr_width;
	__u32 __reserved;
};

/**
 * struct iommu_hwpt_arm_smmuv3 - a guest's stream table entry for SMMUv3
 * @ste: its first two words
 */
struct iommu_hwpt_arm_smmuv3 {
	__le64 ste[2];
};

/**
 * struct iommu_hwpt_amd_guest - a guest's device table entry for AMD
 * @dte: the entry
 */
struct iommu_hwpt_amd_guest {
	__aligned_u64 dte[4];
};

/**
 * enum iommu_hwpt_data_type - what IOMMU_HWPT_ALLOC's data is
 * @IOMMU_HWPT_DATA_NONE: nothing
 * @IOMMU_HWPT_DATA_VTD_S1: struct iommu_hwpt_vtd_s1
 * @IOMMU_HWPT_DATA_ARM_SMMUV3: struct iommu_hwpt_arm_smmuv3
 * @IOMMU_HWPT_DATA_AMD_GUEST: struct iommu_hwpt_amd_guest
 */
enum iommu_hwpt_data_type {
	IOMMU_HWPT_DATA_NONE = 0,
	IOMMU_HWPT_DATA_VTD_S1 = 1,
	IOMMU_HWPT_DATA_ARM_SMMUV3 = 2,
	IOMMU_HWPT_DATA_AMD_GUEST = 3,
};

/**
 * struct iommu_hwpt_alloc - IOMMU_HWPT_ALLOC: make a page table for a device
 * @size: sizeof(struct iommu_hwpt_alloc)
 * @flags: enum iommufd_hwpt_alloc_flags
 * @dev_id: the device it must fit
 * @pt_id: an IOAS: translate its mappings; a nesting parent or a VIOMMU: stand
 *	on it
 * @out_hwpt_id: its id
 * @__reserved: 0
 * @data_type: enum iommu_hwpt_data_type
 * @data_len: bytes at @data_uptr
 * @data_uptr: what only this kind of IOMMU understands
 * @fault_id: fault queue, with IOMMU_HWPT_FAULT_ID_VALID
 * @__reserved2: 0
 */
struct iommu_hwpt_alloc {
	__u32 size;
	__u32 flags;
	__u32 dev_id;
	__u32 pt_id;
	__u32 out_hwpt_id;
	__u32 __reserved;
	__u32 data_type;
	__u32 data_len;
	__aligned_u64 data_uptr;
	__u32 fault_id;
	__u32 __reserved2;
};
#define IOMMU_HWPT_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_HWPT_ALLOC)

/**
 * enum iommu_hw_info_vtd_flags - errata of a VT-d IOMMU
 * @IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17: a nesting parent must have no
 *	read-only mapping
 */
enum iommu_hw_info_vtd_flags {
	IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17 = 1 << 0,
};

/**
 * struct iommu_hw_info_vtd - hardware information of VT-d
 * @flags: enum iommu_hw_info_vtd_flags
 * @__reserved: 0
 * @cap_reg: capability register
 * @ecap_reg: extended capability register
 */
struct iommu_hw_info_vtd {
	__u32 flags;
	__u32 __reserved;
	__aligned_u64 cap_reg;
	__aligned_u64 ecap_reg;
};

/** enum iommu_hw_info_arm_smmuv3_flags - errata of an SMMUv3 */
enum iommu_hw_info_arm_smmuv3_flags {
	IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI = 1 << 0,
};

/**
 * struct iommu_hw_info_arm_smmuv3 - hardware information of SMMUv3
 * @flags: enum iommu_hw_info_arm_smmuv3_flags
 * @__reserved: 0
 * @idr: registers IDR0 to IDR5
 * @iidr: register IIDR
 * @aidr: register AIDR
 */
struct iommu_hw_info_arm_smmuv3 {
	__u32 flags;
	__u32 __reserved;
	__u32 idr[6];
	__u32 iidr;
	__u32 aidr;
};

/**
 * struct iommu_hw_info_tegra241_cmdqv - hardware information of Tegra241 CMDQV
 * @flags: 0
 * @version: version of the unit
 * @log2vcmdqs: log2 of the queues a VM can have
 * @log2vsids: log2 of the stream ids a VM can have
 * @__reserved: 0
 */
struct iommu_hw_info_tegra241_cmdqv {
	__u32 flags;
	__u8 version;
	__u8 log2vcmdqs;
	__u8 log2vsids;
	__u8 __reserved;
};

/**
 * struct iommu_hw_info_amd - hardware information of AMD-Vi
 * @efr: extended feature register
 * @efr2: extended feature register 2
 */
struct iommu_hw_info_amd {
	__aligned_u64 efr;
	__aligned_u64 efr2;
};

/**
 * enum iommu_hw_info_type - what IOMMU_GET_HW_INFO's data is
 * @IOMMU_HW_INFO_TYPE_NONE: the IOMMU reports nothing (out)
 * @IOMMU_HW_INFO_TYPE_DEFAULT: whatever it has (in)
 * @IOMMU_HW_INFO_TYPE_INTEL_VTD: struct iommu_hw_info_vtd
 * @IOMMU_HW_INFO_TYPE_ARM_SMMUV3: struct iommu_hw_info_arm_smmuv3
 * @IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV: struct iommu_hw_info_tegra241_cmdqv
 * @IOMMU_HW_INFO_TYPE_AMD: struct iommu_hw_info_amd
 */
enum iommu_hw_info_type {
	IOMMU_HW_INFO_TYPE_NONE = 0,
	IOMMU_HW_INFO_TYPE_DEFAULT = 0,
	IOMMU_HW_INFO_TYPE_INTEL_VTD = 1,
	IOMMU_HW_INFO_TYPE_ARM_SMMUV3 = 2,
	IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV = 3,
	IOMMU_HW_INFO_TYPE_AMD = 4,
};

/**
 * enum iommufd_hw_capabilities - what every kind of IOMMU may be able to do
 * @IOMMU_HW_CAP_DIRTY_TRACKING: tables can record written pages
 * @IOMMU_HW_CAP_PCI_PASID_EXEC: the device's PASIDs can request execution
 * @IOMMU_HW_CAP_PCI_PASID_PRIV: the device's PASIDs can be privileged
 * @IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED: the device cannot use ATS here
 */
enum iommufd_hw_capabilities {
	IOMMU_HW_CAP_DIRTY_TRACKING = 1 << 0,
	IOMMU_HW_CAP_PCI_PASID_EXEC = 1 << 1,
	IOMMU_HW_CAP_PCI_PASID_PRIV = 1 << 2,
	IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED = 1 << 3,
};

/**
 * enum iommufd_hw_info_flags - flags of IOMMU_GET_HW_INFO
 * @IOMMU_HW_INFO_FLAG_INPUT_TYPE: @in_data_type says what is wanted
 */
enum iommufd_hw_info_flags {
	IOMMU_HW_INFO_FLAG_INPUT_TYPE = 1 << 0,
};

/**
 * struct iommu_hw_info - IOMMU_GET_HW_INFO: what the IOMMU of a device can do
 * @size: sizeof(struct iommu_hw_info)
 * @flags: enum iommufd_hw_info_flags
 * @dev_id: the device
 * @data_len: in: room at @data_uptr; out: bytes that the IOMMU has
 * @data_uptr: where the data goes; what is not filled is zeroed
 * @in_data_type: wanted type, with IOMMU_HW_INFO_FLAG_INPUT_TYPE
 * @out_data_type: enum iommu_hw_info_type
 * @out_max_pasid_log2: width of the device's PASIDs in bits; 0 = none
 * @__reserved: 0
 * @out_capabilities: enum iommufd_hw_capabilities
 */
struct iommu_hw_info {
	__u32 size;
	__u32 flags;
	__u32 dev_id;
	__u32 data_len;
	__aligned_u64 data_uptr;
	union {
		__u32 in_data_type;
		__u32 out_data_type;
	};
	__u8 out_max_pasid_log2;
	__u8 __reserved[3];
	__aligned_u64 out_capabilities;
};
#define IOMMU_GET_HW_INFO _IO(IOMMUFD_TYPE, IOMMUFD_CMD_GET_HW_INFO)

/** enum iommufd_hwpt_set_dirty_tracking_flags - on, or off without it */
enum iommufd_hwpt_set_dirty_tracking_flags {
	IOMMU_HWPT_DIRTY_TRACKING_ENABLE = 1,
};

/**
 * struct iommu_hwpt_set_dirty_tracking - IOMMU_HWPT_SET_DIRTY_TRACKING: start
 * or stop recording written pages
 * @size: sizeof(struct iommu_hwpt_set_dirty_tracking)
 * @flags: enum iommufd_hwpt_set_dirty_tracking_flags
 * @hwpt_id: the page table
 * @__reserved: 0
 */
struct iommu_hwpt_set_dirty_tracking {
	__u32 size;
	__u32 flags;
	__u32 hwpt_id;
	__u32 __reserved;
};
#define IOMMU_HWPT_SET_DIRTY_TRACKING \
	_IO(IOMMUFD_TYPE, IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING)

/** enum iommufd_hwpt_get_dirty_bitmap_flags - only look, do not clear */
enum iommufd_hwpt_get_dirty_bitmap_flags {
	IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR = 1,
};

/**
 * struct iommu_hwpt_get_dirty_bitmap - IOMMU_HWPT_GET_DIRTY_BITMAP: which pages
 * have been written
 * @size: sizeof(struct iommu_hwpt_get_dirty_bitmap)
 * @hwpt_id: the page table
 * @flags: enum iommufd_hwpt_get_dirty_bitmap_flags
 * @__reserved: 0
 * @iova: first address
 * @length: bytes
 * @page_size: bytes that one bit stands for, a power of two
 * @data: pointer to the bitmap, in 64-bit words; bits are set, never cleared
 */
struct iommu_hwpt_get_dirty_bitmap {
	__u32 size;
	__u32 hwpt_id;
	__u32 flags;
	__u32 __reserved;
	__aligned_u64 iova;
	__aligned_u64 length;
	__aligned_u64 page_size;
	__aligned_u64 data;
};
#define IOMMU_HWPT_GET_DIRTY_BITMAP \
	_IO(IOMMUFD_TYPE, IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP)

/** enum iommu_hwpt_invalidate_data_type - what the entries of a request are */
enum iommu_hwpt_invalidate_data_type {
	IOMMU_HWPT_INVALIDATE_DATA_VTD_S1 = 0,
	IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 = 1,
};

/** enum iommu_hwpt_vtd_s1_invalidate_flags - leaf entries only */
enum iommu_hwpt_vtd_s1_invalidate_flags {
	IOMMU_VTD_INV_FLAGS_LEAF = 1 << 0,
};

/**
 * struct iommu_hwpt_vtd_s1_invalidate - one invalidation of a guest's VT-d table
 * @addr: first address
 * @npages: number of 4 KiB pages; all ones with @addr 0: everything
 * @flags: enum iommu_hwpt_vtd_s1_invalidate_flags
 * @__reserved: 0
 */
struct iommu_hwpt_vtd_s1_invalidate {
	__aligned_u64 addr;
	__aligned_u64 npages;
	__u32 flags;
	__u32 __reserved;
};

/**
 * struct iommu_viommu_arm_smmuv3_invalidate - one command of a guest's SMMUv3
 * @cmd: the command
 */
struct iommu_viommu_arm_smmuv3_invalidate {
	__le64 cmd[2];
};

/**
 * struct iommu_hwpt_invalidate - IOMMU_HWPT_INVALIDATE: invalidate for a guest
 * @size: sizeof(struct iommu_hwpt_invalidate)
 * @hwpt_id: a nested page table, or a VIOMMU
 * @data_uptr: pointer to the entries
 * @data_type: enum iommu_hwpt_invalidate_data_type
 * @entry_len: bytes of one entry
 * @entry_num: in: number of entries; out: how many were carried out
 * @__reserved: 0
 */
struct iommu_hwpt_invalidate {
	__u32 size;
	__u32 hwpt_id;
	__aligned_u64 data_uptr;
	__u32 data_type;
	__u32 entry_len;
	__u32 entry_num;
	__u32 __reserved;
};
#define IOMMU_HWPT_INVALIDATE _IO(IOMMUFD_TYPE, IOMMUFD_CMD_HWPT_INVALIDATE)

/**
 * enum iommu_hwpt_pgfault_flags - flags of a page request
 * @IOMMU_PGFAULT_FLAGS_PASID_VALID: @pasid counts
 * @IOMMU_PGFAULT_FLAGS_LAST_PAGE: the last request of its group
 */
enum iommu_hwpt_pgfault_flags {
	IOMMU_PGFAULT_FLAGS_PASID_VALID = 1 << 0,
	IOMMU_PGFAULT_FLAGS_LAST_PAGE = 1 << 1,
};

/** enum iommu_hwpt_pgfault_perm - what a page request asks for */
enum iommu_hwpt_pgfault_perm {
	IOMMU_PGFAULT_PERM_READ = 1 << 0,
	IOMMU_PGFAULT_PERM_WRITE = 1 << 1,
	IOMMU_PGFAULT_PERM_EXEC = 1 << 2,
	IOMMU_PGFAULT_PERM_PRIV = 1 << 3,
};

/**
 * struct iommu_hwpt_pgfault - a page request, as read from a fault queue
 * @flags: enum iommu_hwpt_pgfault_flags
 * @dev_id: the device that asks
 * @pasid: in which address space
 * @grpid: number of its group
 * @perm: enum iommu_hwpt_pgfault_perm
 * @__reserved: 0
 * @addr: the address
 * @length: bytes, a hint; 0 = not known
 * @cookie: names the group in the response
 */
struct iommu_hwpt_pgfault {
	__u32 flags;
	__u32 dev_id;
	__u32 pasid;
	__u32 grpid;
	__u32 perm;
	__u32 __reserved;
	__aligned_u64 addr;
	__u32 length;
	__u32 cookie;
};

/**
 * enum iommufd_page_response_code - how a page request ends
 * @IOMMUFD_PAGE_RESP_SUCCESS: the page is there, try again
 * @IOMMUFD_PAGE_RESP_INVALID: there is no such page
 */
enum iommufd_page_response_code {
	IOMMUFD_PAGE_RESP_SUCCESS = 0,
	IOMMUFD_PAGE_RESP_INVALID = 1,
};

/**
 * struct iommu_hwpt_page_response - what is written to a fault queue
 * @cookie: the group that is answered
 * @code: enum iommufd_page_response_code
 */
struct iommu_hwpt_page_response {
	__u32 cookie;
	__u32 code;
};

/**
 * struct iommu_fault_alloc - IOMMU_FAULT_QUEUE_ALLOC: make a fault queue
 * @size: sizeof(struct iommu_fault_alloc)
 * @flags: 0
 * @out_fault_id: its id
 * @out_fault_fd: descriptor to read requests from and write responses to
 */
struct iommu_fault_alloc {
	__u32 size;
	__u32 flags;
	__u32 out_fault_id;
	__u32 out_fault_fd;
};
#define IOMMU_FAULT_QUEUE_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_FAULT_QUEUE_ALLOC)

/**
 * enum iommu_viommu_type - kinds of virtual IOMMU
 * @IOMMU_VIOMMU_TYPE_DEFAULT: none
 * @IOMMU_VIOMMU_TYPE_ARM_SMMUV3: SMMUv3
 * @IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV: SMMUv3 with Tegra241 CMDQV
 */
enum iommu_viommu_type {
	IOMMU_VIOMMU_TYPE_DEFAULT = 0,
	IOMMU_VIOMMU_TYPE_ARM_SMMUV3 = 1,
	IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV = 2,
};

/**
 * struct iommu_viommu_tegra241_cmdqv - data of a Tegra241 virtual IOMMU
 * @out_vintf_mmap_offset: where to mmap its interface page
 * @out_vintf_mmap_length: bytes to mmap
 */
struct iommu_viommu_tegra241_cmdqv {
	__aligned_u64 out_vintf_mmap_offset;
	__aligned_u64 out_vintf_mmap_length;
};

/**
 * struct iommu_viommu_alloc - IOMMU_VIOMMU_ALLOC: give a VM a slice of an IOMMU
 * @size: sizeof(struct iommu_viommu_alloc)
 * @flags: 0
 * @type: enum iommu_viommu_type
 * @dev_id: a device behind that IOMMU
 * @hwpt_id: the nesting parent that the VM's tables stand on
 * @out_viommu_id: its id
 * @data_len: bytes at @data_uptr
 * @__reserved: 0
 * @data_uptr: what only this kind understands
 */
struct iommu_viommu_alloc {
	__u32 size;
	__u32 flags;
	__u32 type;
	__u32 dev_id;
	__u32 hwpt_id;
	__u32 out_viommu_id;
	__u32 data_len;
	__u32 __reserved;
	__aligned_u64 data_uptr;
};
#define IOMMU_VIOMMU_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_VIOMMU_ALLOC)

/**
 * struct iommu_vdevice_alloc - IOMMU_VDEVICE_ALLOC: name a device as a VM does
 * @size: sizeof(struct iommu_vdevice_alloc)
 * @viommu_id: the VM's IOMMU
 * @dev_id: the device
 * @out_vdevice_id: its id
 * @virt_id: its number in the VM: a stream id, a requester id
 */
struct iommu_vdevice_alloc {
	__u32 size;
	__u32 viommu_id;
	__u32 dev_id;
	__u32 out_vdevice_id;
	__aligned_u64 virt_id;
};
#define IOMMU_VDEVICE_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_VDEVICE_ALLOC)

/**
 * struct iommu_ioas_change_process - IOMMU_IOAS_CHANGE_PROCESS: account every
 * mapping to the caller from now on
 * @size: sizeof(struct iommu_ioas_change_process)
 * @__reserved: 0
 */
struct iommu_ioas_change_process {
	__u32 size;
	__u32 __reserved;
};
#define IOMMU_IOAS_CHANGE_PROCESS \
	_IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_CHANGE_PROCESS)

/** enum iommu_veventq_flag - events were lost before this one */
enum iommu_veventq_flag {
	IOMMU_VEVENTQ_FLAG_LOST_EVENTS = 1U << 0,
};

/**
 * struct iommufd_vevent_header - stands before every event of a queue
 * @flags: enum iommu_veventq_flag
 * @sequence: counts events, lost ones too
 */
struct iommufd_vevent_header {
	__u32 flags;
	__u32 sequence;
};

/** enum iommu_veventq_type - kinds of event queue */
enum iommu_veventq_type {
	IOMMU_VEVENTQ_TYPE_DEFAULT = 0,
	IOMMU_VEVENTQ_TYPE_ARM_SMMUV3 = 1,
	IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV = 2,
};

/**
 * struct iommu_vevent_arm_smmuv3 - an event record of SMMUv3
 * @evt: the record, with the VM's stream id
 */
struct iommu_vevent_arm_smmuv3 {
	__le64 evt[4];
};

/**
 * struct iommu_vevent_tegra241_cmdqv - an event of Tegra241 CMDQV
 * @lvcmdq_err_map: bit n: logical queue n is in error
 */
struct iommu_vevent_tegra241_cmdqv {
	__le64 lvcmdq_err_map[2];
};

/**
 * struct iommu_veventq_alloc - IOMMU_VEVENTQ_ALLOC: make an event queue
 * @size: sizeof(struct iommu_veventq_alloc)
 * @flags: 0
 * @viommu_id: whose events
 * @type: enum iommu_veventq_type
 * @veventq_depth: events that it holds before it loses some
 * @out_veventq_id: its id
 * @out_veventq_fd: descriptor to read from
 * @__reserved: 0
 */
struct iommu_veventq_alloc {
	__u32 size;
	__u32 flags;
	__u32 viommu_id;
	__u32 type;
	__u32 veventq_depth;
	__u32 out_veventq_id;
	__u32 out_veventq_fd;
	__u32 __reserved;
};
#define IOMMU_VEVENTQ_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_VEVENTQ_ALLOC)

/** enum iommu_hw_queue_type - kinds of hardware queue */
enum iommu_hw_queue_type {
	IOMMU_HW_QUEUE_TYPE_DEFAULT = 0,
	IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV = 1,
};

/**
 * struct iommu_hw_queue_alloc - IOMMU_HW_QUEUE_ALLOC: let hardware read a queue
 * in the VM's memory
 * @size: sizeof(struct iommu_hw_queue_alloc)
 * @flags: 0
 * @viommu_id: the VM's IOMMU
 * @type: enum iommu_hw_queue_type
 * @index: which queue
 * @out_hw_queue_id: its id
 * @nesting_parent_iova: where it starts, in the nesting parent
 * @length: bytes
 */
struct iommu_hw_queue_alloc {
	__u32 size;
	__u32 flags;
	__u32 viommu_id;
	__u32 type;
	__u32 index;
	__u32 out_hw_queue_id;
	__aligned_u64 nesting_parent_iova;
	__aligned_u64 length;
};
#define IOMMU_HW_QUEUE_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_HW_QUEUE_ALLOC)

#ifdef __cplusplus
}
#endif
#endif
