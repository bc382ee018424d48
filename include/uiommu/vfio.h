/* SPDX-License-Identifier: MIT */
/**
 * DOC: The VFIO user API
 *
 * Requests on VFIO files, in the layout and with the names of Linux's
 * <linux/vfio.h>, so that a program compiles against either. Written from the
 * facts of the binary interface; include one of the two, not both.
 *
 * A request's structure starts with argsz, the bytes that the caller provides;
 * fewer than the request needs give -EINVAL. Where the answer may be longer
 * (chains of capabilities), argsz is set to what the whole answer needs. The
 * same request number means different things on different kinds of file.
 */
#ifndef UIOMMU_VFIO_H
#define UIOMMU_VFIO_H

#include <linux/ioctl.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VFIO_API_VERSION 0

/* IOMMU types and extensions, for VFIO_CHECK_EXTENSION and VFIO_SET_IOMMU. */
#define VFIO_TYPE1_IOMMU                    1
#define VFIO_SPAPR_TCE_IOMMU                2
#define VFIO_TYPE1v2_IOMMU                  3
#define VFIO_DMA_CC_IOMMU                   4
#define VFIO_EEH                            5
#define __VFIO_RESERVED_TYPE1_NESTING_IOMMU 6
#define VFIO_SPAPR_TCE_v2_IOMMU             7
#define VFIO_NOIOMMU_IOMMU                  8
#define VFIO_UNMAP_ALL                      9
#define VFIO_UPDATE_VADDR                   10

/* Request numbers. They say nothing of size or direction: _IO() throughout. */
#define VFIO_TYPE (';')
#define VFIO_BASE 100

/**
 * struct vfio_info_cap_header - the start of each link of a capability chain
 * @id: what it is; the meaning depends on the request
 * @version: of its layout
 * @next: where the next one starts, counted from the start of the request's
 *	structure; 0 = the last
 */
struct vfio_info_cap_header {
	__u16 id;
	__u16 version;
	__u32 next;
};

/* Container: /dev/vfio/vfio, or an iommufd in its place. */

#define VFIO_GET_API_VERSION _IO(VFIO_TYPE, VFIO_BASE + 0)
#define VFIO_CHECK_EXTENSION _IO(VFIO_TYPE, VFIO_BASE + 1)
#define VFIO_SET_IOMMU       _IO(VFIO_TYPE, VFIO_BASE + 2)

/* Group: /dev/vfio/N. */

/**
 * struct vfio_group_status - VFIO_GROUP_GET_STATUS
 * @argsz: bytes provided
 * @flags: out: VFIO_GROUP_FLAGS_*
 */
struct vfio_group_status {
	__u32 argsz;
	__u32 flags;
#define VFIO_GROUP_FLAGS_VIABLE        (1 << 0)
#define VFIO_GROUP_FLAGS_CONTAINER_SET (1 << 1)
};
#define VFIO_GROUP_GET_STATUS _IO(VFIO_TYPE, VFIO_BASE + 3)

#define VFIO_GROUP_SET_CONTAINER   _IO(VFIO_TYPE, VFIO_BASE + 4)
#define VFIO_GROUP_UNSET_CONTAINER _IO(VFIO_TYPE, VFIO_BASE + 5)
#define VFIO_GROUP_GET_DEVICE_FD   _IO(VFIO_TYPE, VFIO_BASE + 6)

/* Device: /dev/vfio/devices/vfioN, or what VFIO_GROUP_GET_DEVICE_FD returns. */

/**
 * struct vfio_device_info - VFIO_DEVICE_GET_INFO
 * @argsz: bytes provided; out: bytes needed
 * @flags: out: VFIO_DEVICE_FLAGS_*
 * @num_regions: out: regions have the indexes below this
 * @num_irqs: out: interrupts have the indexes below this
 * @cap_offset: out: the first capability; 0 = none, or no room
 * @pad: 0
 */
struct vfio_device_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_DEVICE_FLAGS_RESET    (1 << 0)
#define VFIO_DEVICE_FLAGS_PCI      (1 << 1)
#define VFIO_DEVICE_FLAGS_PLATFORM (1 << 2)
#define VFIO_DEVICE_FLAGS_AMBA     (1 << 3)
#define VFIO_DEVICE_FLAGS_CCW      (1 << 4)
#define VFIO_DEVICE_FLAGS_AP       (1 << 5)
#define VFIO_DEVICE_FLAGS_FSL_MC   (1 << 6)
#define VFIO_DEVICE_FLAGS_CAPS     (1 << 7)
#define VFIO_DEVICE_FLAGS_CDX      (1 << 8)
	__u32 num_regions;
	__u32 num_irqs;
	__u32 cap_offset;
	__u32 pad;
};
#define VFIO_DEVICE_GET_INFO _IO(VFIO_TYPE, VFIO_BASE + 7)

/* What the device_api attribute of a mediated device reads as. */
#define VFIO_DEVICE_API_PCI_STRING      "vfio-pci"
#define VFIO_DEVICE_API_PLATFORM_STRING "vfio-platform"
#define VFIO_DEVICE_API_AMBA_STRING     "vfio-amba"
#define VFIO_DEVICE_API_CCW_STRING      "vfio-ccw"
#define VFIO_DEVICE_API_AP_STRING       "vfio-ap"

/* Capabilities of VFIO_DEVICE_GET_INFO. */
#define VFIO_DEVICE_INFO_CAP_ZPCI_BASE       1
#define VFIO_DEVICE_INFO_CAP_ZPCI_GROUP      2
#define VFIO_DEVICE_INFO_CAP_ZPCI_UTIL       3
#define VFIO_DEVICE_INFO_CAP_ZPCI_PFIP       4
#define VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP 5

/**
 * struct vfio_device_info_cap_pci_atomic_comp - atomic operations that the root
 * port completes
 * @header: VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP
 * @flags: VFIO_PCI_ATOMIC_COMP*
 * @reserved: 0
 */
struct vfio_device_info_cap_pci_atomic_comp {
	struct vfio_info_cap_header header;
	__u32 flags;
#define VFIO_PCI_ATOMIC_COMP32  (1 << 0)
#define VFIO_PCI_ATOMIC_COMP64  (1 << 1)
#define VFIO_PCI_ATOMIC_COMP128 (1 << 2)
	__u32 reserved;
};

/**
 * struct vfio_region_info - VFIO_DEVICE_GET_REGION_INFO
 * @argsz: bytes provided; out: bytes needed
 * @flags: out: VFIO_REGION_INFO_FLAG_*
 * @index: which region
 * @cap_offset: out: the first capability; 0 = none, or no room
 * @size: out: bytes; 0 = the region is absent
 * @offset: out: where it starts on the device's descriptor
 */
struct vfio_region_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_REGION_INFO_FLAG_READ  (1 << 0)
#define VFIO_REGION_INFO_FLAG_WRITE (1 << 1)
#define VFIO_REGION_INFO_FLAG_MMAP  (1 << 2)
#define VFIO_REGION_INFO_FLAG_CAPS  (1 << 3)
	__u32 index;
	__u32 cap_offset;
	__aligned_u64 size;
	__aligned_u64 offset;
};
#define VFIO_DEVICE_GET_REGION_INFO _IO(VFIO_TYPE, VFIO_BASE + 8)

/* Capabilities of VFIO_DEVICE_GET_REGION_INFO. */
#define VFIO_REGION_INFO_CAP_SPARSE_MMAP    1
#define VFIO_REGION_INFO_CAP_TYPE           2
#define VFIO_REGION_INFO_CAP_MSIX_MAPPABLE  3
#define VFIO_REGION_INFO_CAP_NVLINK2_SSATGT 4
#define VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD 5

/**
 * struct vfio_region_sparse_mmap_area - a part of a region that can be mapped
 * @offset: in the region, in bytes
 * @size: in bytes
 */
struct vfio_region_sparse_mmap_area {
	__aligned_u64 offset;
	__aligned_u64 size;
};

/**
 * struct vfio_region_info_cap_sparse_mmap - only parts of a region can be mapped
 * @header: VFIO_REGION_INFO_CAP_SPARSE_MMAP, version 1
 * @nr_areas: how many
 * @reserved: 0
 * @areas: where they are
 */
struct vfio_region_info_cap_sparse_mmap {
	struct vfio_info_cap_header header;
	__u32 nr_areas;
	__u32 reserved;
	struct vfio_region_sparse_mmap_area areas[];
};

/**
 * struct vfio_region_info_cap_type - what a region beyond the fixed ones is
 * @header: VFIO_REGION_INFO_CAP_TYPE
 * @type: VFIO_REGION_TYPE_*
 * @subtype: VFIO_REGION_SUBTYPE_* of that type
 */
struct vfio_region_info_cap_type {
	struct vfio_info_cap_header header;
	__u32 type;
	__u32 subtype;
};

#define VFIO_REGION_TYPE_PCI_VENDOR_TYPE      (1 << 31)
#define VFIO_REGION_TYPE_PCI_VENDOR_MASK      (0xffff)
#define VFIO_REGION_TYPE_GFX                  (1)
#define VFIO_REGION_TYPE_CCW                  (2)
#define VFIO_REGION_TYPE_MIGRATION_DEPRECATED (3)

/* Subtypes of vendor 8086, 10de and 1014. */
#define VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION (1)
#define VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG (2)
#define VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG  (3)
#define VFIO_REGION_SUBTYPE_NVIDIA_NVLINK2_RAM (1)
#define VFIO_REGION_SUBTYPE_IBM_NVLINK2_ATSD   (1)

/* Subtypes of VFIO_REGION_TYPE_GFX. */
#define VFIO_REGION_SUBTYPE_GFX_EDID (1)

/**
 * struct vfio_region_gfx_edid - the start of a region that sets a display's EDID
 * @edid_offset: where the data is in the region
 * @edid_max_size: its largest size in bytes
 * @edid_size: its size now
 * @max_xres: largest width in pixels
 * @max_yres: largest height in pixels
 * @link_state: VFIO_DEVICE_GFX_LINK_STATE_*
 */
struct vfio_region_gfx_edid {
	__u32 edid_offset;
	__u32 edid_max_size;
	__u32 edid_size;
	__u32 max_xres;
	__u32 max_yres;
	__u32 link_state;
#define VFIO_DEVICE_GFX_LINK_STATE_UP   1
#define VFIO_DEVICE_GFX_LINK_STATE_DOWN 2
};

/* Subtypes of VFIO_REGION_TYPE_CCW. */
#define VFIO_REGION_SUBTYPE_CCW_ASYNC_CMD (1)
#define VFIO_REGION_SUBTYPE_CCW_SCHIB     (2)
#define VFIO_REGION_SUBTYPE_CCW_CRW       (3)

/* Subtypes of VFIO_REGION_TYPE_MIGRATION_DEPRECATED. */
#define VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED (1)

/**
 * struct vfio_device_migration_info - migration by a region; superseded by
 * VFIO_DEVICE_FEATURE_MIGRATION
 * @device_state: VFIO_DEVICE_STATE_V1_*
 * @reserved: 0
 * @pending_bytes: data yet to be saved
 * @data_offset: where the data is in the region
 * @data_size: how much is there
 */
struct vfio_device_migration_info {
	__u32 device_state;
#define VFIO_DEVICE_STATE_V1_STOP     (0)
#define VFIO_DEVICE_STATE_V1_RUNNING  (1 << 0)
#define VFIO_DEVICE_STATE_V1_SAVING   (1 << 1)
#define VFIO_DEVICE_STATE_V1_RESUMING (1 << 2)
#define VFIO_DEVICE_STATE_MASK                                        \
	(VFIO_DEVICE_STATE_V1_RUNNING | VFIO_DEVICE_STATE_V1_SAVING | \
	 VFIO_DEVICE_STATE_V1_RESUMING)
	__u32 reserved;
	__aligned_u64 pending_bytes;
	__aligned_u64 data_offset;
	__aligned_u64 data_size;
};

/**
 * struct vfio_region_info_cap_nvlink2_ssatgt - where an NVLink peer sees memory
 * @header: VFIO_REGION_INFO_CAP_NVLINK2_SSATGT
 * @tgt: its address there
 */
struct vfio_region_info_cap_nvlink2_ssatgt {
	struct vfio_info_cap_header header;
	__aligned_u64 tgt;
};

/**
 * struct vfio_region_info_cap_nvlink2_lnkspd - speed of an NVLink
 * @header: VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD
 * @link_speed: as the link's register has it
 * @__pad: 0
 */
struct vfio_region_info_cap_nvlink2_lnkspd {
	struct vfio_info_cap_header header;
	__u32 link_speed;
	__u32 __pad;
};

/**
 * struct vfio_irq_info - VFIO_DEVICE_GET_IRQ_INFO
 * @argsz: bytes provided
 * @flags: out: VFIO_IRQ_INFO_*
 * @index: which interrupt index
 * @count: out: vectors of that index; 0 = absent
 */
struct vfio_irq_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_IRQ_INFO_EVENTFD    (1 << 0)
#define VFIO_IRQ_INFO_MASKABLE   (1 << 1)
#define VFIO_IRQ_INFO_AUTOMASKED (1 << 2)
#define VFIO_IRQ_INFO_NORESIZE   (1 << 3)
	__u32 index;
	__u32 count;
};
#define VFIO_DEVICE_GET_IRQ_INFO _IO(VFIO_TYPE, VFIO_BASE + 9)

/**
 * struct vfio_irq_set - VFIO_DEVICE_SET_IRQS
 * @argsz: bytes provided, with @data
 * @flags: one VFIO_IRQ_SET_DATA_* and one VFIO_IRQ_SET_ACTION_*
 * @index: which interrupt index
 * @start: first vector
 * @count: number of vectors; 0 with DATA_NONE and ACTION_TRIGGER switches the
 *	whole index off
 * @data: DATA_NONE: nothing; DATA_BOOL: one byte for each vector; DATA_EVENTFD:
 *	one s32 for each vector, -1 = take the eventfd away
 */
struct vfio_irq_set {
	__u32 argsz;
	__u32 flags;
#define VFIO_IRQ_SET_DATA_NONE      (1 << 0)
#define VFIO_IRQ_SET_DATA_BOOL      (1 << 1)
#define VFIO_IRQ_SET_DATA_EVENTFD   (1 << 2)
#define VFIO_IRQ_SET_ACTION_MASK    (1 << 3)
#define VFIO_IRQ_SET_ACTION_UNMASK  (1 << 4)
#define VFIO_IRQ_SET_ACTION_TRIGGER (1 << 5)
	__u32 index;
	__u32 start;
	__u32 count;
	__u8 data[];
};
#define VFIO_DEVICE_SET_IRQS _IO(VFIO_TYPE, VFIO_BASE + 10)

#define VFIO_IRQ_SET_DATA_TYPE_MASK                        \
	(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_DATA_BOOL | \
	 VFIO_IRQ_SET_DATA_EVENTFD)
#define VFIO_IRQ_SET_ACTION_TYPE_MASK                            \
	(VFIO_IRQ_SET_ACTION_MASK | VFIO_IRQ_SET_ACTION_UNMASK | \
	 VFIO_IRQ_SET_ACTION_TRIGGER)

#define VFIO_DEVICE_RESET _IO(VFIO_TYPE, VFIO_BASE + 11)

/* Regions of a PCI device. */
enum {
	VFIO_PCI_BAR0_REGION_INDEX,
	VFIO_PCI_BAR1_REGION_INDEX,
	VFIO_PCI_BAR2_REGION_INDEX,
	VFIO_PCI_BAR3_REGION_INDEX,
	VFIO_PCI_BAR4_REGION_INDEX,
	VFIO_PCI_BAR5_REGION_INDEX,
	VFIO_PCI_ROM_REGION_INDEX,
	VFIO_PCI_CONFIG_REGION_INDEX,
	VFIO_PCI_VGA_REGION_INDEX,
	VFIO_PCI_NUM_REGIONS = 9
};

/* Interrupt indexes of a PCI device. */
enum {
	VFIO_PCI_INTX_IRQ_INDEX,
	VFIO_PCI_MSI_IRQ_INDEX,
	VFIO_PCI_MSIX_IRQ_INDEX,
	VFIO_PCI_ERR_IRQ_INDEX,
	VFIO_PCI_REQ_IRQ_INDEX,
	VFIO_PCI_NUM_IRQS
};

/* Regions and interrupt indexes of channel subsystem and crypto devices. */
enum {
	VFIO_CCW_CONFIG_REGION_INDEX,
	VFIO_CCW_NUM_REGIONS
};

enum {
	VFIO_CCW_IO_IRQ_INDEX,
	VFIO_CCW_CRW_IRQ_INDEX,
	VFIO_CCW_REQ_IRQ_INDEX,
	VFIO_CCW_NUM_IRQS
};

enum {
	VFIO_AP_REQ_IRQ_INDEX,
	VFIO_AP_CFG_CHG_IRQ_INDEX,
	VFIO_AP_NUM_IRQS
};

/**
 * struct vfio_pci_dependent_device - a device that a hot reset takes along
 * @group_id: its group, without VFIO_PCI_HOT_RESET_FLAG_DEV_ID
 * @devid: its object id in the caller's context, with that flag, or
 *	VFIO_PCI_DEVID_OWNED or VFIO_PCI_DEVID_NOT_OWNED
 * @segment: PCI segment
 * @bus: bus
 * @devfn: device and function
 */
struct vfio_pci_dependent_device {
	union {
		__u32 group_id;
		__u32 devid;
#define VFIO_PCI_DEVID_OWNED     0
#define VFIO_PCI_DEVID_NOT_OWNED -1
	};
	__u16 segment;
	__u8 bus;
	__u8 devfn;
};

/**
 * struct vfio_pci_hot_reset_info - VFIO_DEVICE_GET_PCI_HOT_RESET_INFO
 * @argsz: bytes provided
 * @flags: out: VFIO_PCI_HOT_RESET_FLAG_*
 * @count: out: number of devices
 * @devices: out: the devices
 */
struct vfio_pci_hot_reset_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_PCI_HOT_RESET_FLAG_DEV_ID       (1 << 0)
#define VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED (1 << 1)
	__u32 count;
	struct vfio_pci_dependent_device devices[];
};
#define VFIO_DEVICE_GET_PCI_HOT_RESET_INFO _IO(VFIO_TYPE, VFIO_BASE + 12)

/**
 * struct vfio_pci_hot_reset - VFIO_DEVICE_PCI_HOT_RESET
 * @argsz: bytes provided
 * @flags: 0
 * @count: number of descriptors
 * @group_fds: open groups that together own all devices
 */
struct vfio_pci_hot_reset {
	__u32 argsz;
	__u32 flags;
	__u32 count;
	__s32 group_fds[];
};
#define VFIO_DEVICE_PCI_HOT_RESET _IO(VFIO_TYPE, VFIO_BASE + 13)

/**
 * struct vfio_device_gfx_plane_info - VFIO_DEVICE_QUERY_GFX_PLANE
 * @argsz: bytes provided
 * @flags: VFIO_GFX_PLANE_TYPE_*
 * @drm_plane_type: which plane
 * @drm_format: out: fourcc
 * @drm_format_mod: out: its modifier
 * @width: out: pixels
 * @height: out: pixels
 * @stride: out: bytes of a line
 * @size: out: bytes of the plane
 * @x_pos: out: horizontal position of a cursor
 * @y_pos: out: vertical position
 * @x_hot: out: hot spot of a cursor
 * @y_hot: out: the same
 * @region_index: out, for VFIO_GFX_PLANE_TYPE_REGION
 * @dmabuf_id: out, for VFIO_GFX_PLANE_TYPE_DMABUF
 * @reserved: 0
 */
struct vfio_device_gfx_plane_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_GFX_PLANE_TYPE_PROBE  (1 << 0)
#define VFIO_GFX_PLANE_TYPE_DMABUF (1 << 1)
#define VFIO_GFX_PLANE_TYPE_REGION (1 << 2)
	__u32 drm_plane_type;
	__u32 drm_format;
	__aligned_u64 drm_format_mod;
	__u32 width;
	__u32 height;
	__u32 stride;
	__u32 size;
	__u32 x_pos;
	__u32 y_pos;
	__u32 x_hot;
	__u32 y_hot;
	union {
		__u32 region_index;
		__u32 dmabuf_id;
	};
	__u32 reserved;
};
#define VFIO_DEVICE_QUERY_GFX_PLANE _IO(VFIO_TYPE, VFIO_BASE + 14)
#define VFIO_DEVICE_GET_GFX_DMABUF  _IO(VFIO_TYPE, VFIO_BASE + 15)

/**
 * struct vfio_device_ioeventfd - VFIO_DEVICE_IOEVENTFD: an eventfd that writes
 * to a region
 * @argsz: bytes provided
 * @flags: one VFIO_DEVICE_IOEVENTFD_* (the width in bits)
 * @offset: where, on the device's descriptor
 * @data: what
 * @fd: the eventfd; -1 = take it away
 * @reserved: 0
 */
struct vfio_device_ioeventfd {
	__u32 argsz;
	__u32 flags;
#define VFIO_DEVICE_IOEVENTFD_8         (1 << 0)
#define VFIO_DEVICE_IOEVENTFD_16        (1 << 1)
#define VFIO_DEVICE_IOEVENTFD_32        (1 << 2)
#define VFIO_DEVICE_IOEVENTFD_64        (1 << 3)
#define VFIO_DEVICE_IOEVENTFD_SIZE_MASK (0xf)
	__aligned_u64 offset;
	__aligned_u64 data;
	__s32 fd;
	__u32 reserved;
};
#define VFIO_DEVICE_IOEVENTFD _IO(VFIO_TYPE, VFIO_BASE + 16)

/**
 * struct vfio_device_feature - VFIO_DEVICE_FEATURE
 * @argsz: bytes provided, with @data
 * @flags: VFIO_DEVICE_FEATURE_GET, _SET or _PROBE (which may be combined with
 *	what it asks about) and the feature's number
 * @data: the feature's own structure
 */
struct vfio_device_feature {
	__u32 argsz;
	__u32 flags;
#define VFIO_DEVICE_FEATURE_MASK  (0xffff)
#define VFIO_DEVICE_FEATURE_GET   (1 << 16)
#define VFIO_DEVICE_FEATURE_SET   (1 << 17)
#define VFIO_DEVICE_FEATURE_PROBE (1 << 18)
	__u8 data[];
};
#define VFIO_DEVICE_FEATURE _IO(VFIO_TYPE, VFIO_BASE + 17)

/**
 * struct vfio_device_bind_iommufd - VFIO_DEVICE_BIND_IOMMUFD
 * @argsz: bytes provided
 * @flags: VFIO_DEVICE_BIND_FLAG_TOKEN: @token_uuid_ptr is set
 * @iommufd: the context that the device becomes part of
 * @out_devid: its object id there
 * @token_uuid_ptr: 16 bytes: the token of the device's physical function
 */
struct vfio_device_bind_iommufd {
	__u32 argsz;
	__u32 flags;
#define VFIO_DEVICE_BIND_FLAG_TOKEN (1 << 0)
	__s32 iommufd;
	__u32 out_devid;
	__aligned_u64 token_uuid_ptr;
};
#define VFIO_DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)

/**
 * struct vfio_device_attach_iommufd_pt - VFIO_DEVICE_ATTACH_IOMMUFD_PT
 * @argsz: bytes provided
 * @flags: VFIO_DEVICE_ATTACH_PASID: @pasid is set
 * @pt_id: an IOAS or a page table; out: the page table that is attached
 * @pasid: attach this PASID alone
 */
struct vfio_device_attach_iommufd_pt {
	__u32 argsz;
	__u32 flags;
#define VFIO_DEVICE_ATTACH_PASID (1 << 0)
	__u32 pt_id;
	__u32 pasid;
};
#define VFIO_DEVICE_ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)

/**
 * struct vfio_device_detach_iommufd_pt - VFIO_DEVICE_DETACH_IOMMUFD_PT
 * @argsz: bytes provided
 * @flags: VFIO_DEVICE_DETACH_PASID: @pasid is set
 * @pasid: detach this PASID alone
 */
struct vfio_device_detach_iommufd_pt {
	__u32 argsz;
	__u32 flags;
#define VFIO_DEVICE_DETACH_PASID (1 << 0)
	__u32 pasid;
};
#define VFIO_DEVICE_DETACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 20)

/* Features of VFIO_DEVICE_FEATURE. */

/* SET: 16 bytes, the token that opens the virtual functions of a device. */
#define VFIO_DEVICE_FEATURE_PCI_VF_TOKEN (0)

/**
 * struct vfio_device_feature_migration - GET: how a device migrates
 * @flags: VFIO_MIGRATION_*
 */
struct vfio_device_feature_migration {
	__aligned_u64 flags;
#define VFIO_MIGRATION_STOP_COPY (1 << 0)
#define VFIO_MIGRATION_P2P       (1 << 1)
#define VFIO_MIGRATION_PRE_COPY  (1 << 2)
};
#define VFIO_DEVICE_FEATURE_MIGRATION 1

/**
 * struct vfio_device_feature_mig_state - GET, SET: the state of a migration
 * @device_state: enum vfio_device_mig_state
 * @data_fd: out: where the data comes from or goes to, or -1
 */
struct vfio_device_feature_mig_state {
	__u32 device_state;
	__s32 data_fd;
};
#define VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE 2

/** enum vfio_device_mig_state - the states of a device in migration. */
enum vfio_device_mig_state {
	VFIO_DEVICE_STATE_ERROR = 0,
	VFIO_DEVICE_STATE_STOP = 1,
	VFIO_DEVICE_STATE_RUNNING = 2,
	VFIO_DEVICE_STATE_STOP_COPY = 3,
	VFIO_DEVICE_STATE_RESUMING = 4,
	VFIO_DEVICE_STATE_RUNNING_P2P = 5,
	VFIO_DEVICE_STATE_PRE_COPY = 6,
	VFIO_DEVICE_STATE_PRE_COPY_P2P = 7,
	VFIO_DEVICE_STATE_NR
};

/**
 * struct vfio_precopy_info - VFIO_MIG_GET_PRECOPY_INFO, on the data descriptor
 * @argsz: bytes provided
 * @flags: out: VFIO_PRECOPY_INFO_*
 * @initial_bytes: out: data to be read first
 * @dirty_bytes: out: data changed since
 */
struct vfio_precopy_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_PRECOPY_INFO_REINIT (1 << 0)
	__aligned_u64 initial_bytes;
	__aligned_u64 dirty_bytes;
};
#define VFIO_MIG_GET_PRECOPY_INFO _IO(VFIO_TYPE, VFIO_BASE + 21)

#define VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY 3

/**
 * struct vfio_device_low_power_entry_with_wakeup - SET: low power until an event
 * @wakeup_eventfd: signalled when the device wakes up
 * @reserved: 0
 */
struct vfio_device_low_power_entry_with_wakeup {
	__s32 wakeup_eventfd;
	__u32 reserved;
};
#define VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP 4

#define VFIO_DEVICE_FEATURE_LOW_POWER_EXIT 5

/**
 * struct vfio_device_feature_dma_logging_control - SET: record what DMA writes
 * @page_size: granule in bytes
 * @num_ranges: how many
 * @__reserved: 0
 * @ranges: pointer to struct vfio_device_feature_dma_logging_range
 */
struct vfio_device_feature_dma_logging_control {
	__aligned_u64 page_size;
	__u32 num_ranges;
	__u32 __reserved;
	__aligned_u64 ranges;
};

/**
 * struct vfio_device_feature_dma_logging_range - where DMA is recorded
 * @iova: first address
 * @length: bytes
 */
struct vfio_device_feature_dma_logging_range {
	__aligned_u64 iova;
	__aligned_u64 length;
};
#define VFIO_DEVICE_FEATURE_DMA_LOGGING_START 6
#define VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP  7

/**
 * struct vfio_device_feature_dma_logging_report - GET: what DMA has written
 * @iova: first address
 * @length: bytes
 * @page_size: bytes of one bit
 * @bitmap: pointer to u64; bits are set, never cleared
 */
struct vfio_device_feature_dma_logging_report {
	__aligned_u64 iova;
	__aligned_u64 length;
	__aligned_u64 page_size;
	__aligned_u64 bitmap;
};
#define VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT 8

/**
 * struct vfio_device_feature_mig_data_size - GET: how much a migration moves
 * @stop_copy_length: bytes, an estimate
 */
struct vfio_device_feature_mig_data_size {
	__aligned_u64 stop_copy_length;
};
#define VFIO_DEVICE_FEATURE_MIG_DATA_SIZE 9

/**
 * struct vfio_device_feature_bus_master - SET: let a device do DMA, or not
 * @op: VFIO_DEVICE_FEATURE_SET_MASTER or VFIO_DEVICE_FEATURE_CLEAR_MASTER
 */
struct vfio_device_feature_bus_master {
	__u32 op;
#define VFIO_DEVICE_FEATURE_CLEAR_MASTER 0
#define VFIO_DEVICE_FEATURE_SET_MASTER   1
};
#define VFIO_DEVICE_FEATURE_BUS_MASTER 10

/**
 * struct vfio_region_dma_range - a part of a region, for a dma-buf
 * @offset: in the region
 * @length: bytes
 */
struct vfio_region_dma_range {
	__aligned_u64 offset;
	__aligned_u64 length;
};

/**
 * struct vfio_device_feature_dma_buf - GET: parts of a region as a dma-buf
 * @region_index: which region
 * @open_flags: of the new descriptor (O_CLOEXEC, ...)
 * @flags: 0
 * @nr_ranges: how many
 * @dma_ranges: the parts
 */
struct vfio_device_feature_dma_buf {
	__u32 region_index;
	__u32 open_flags;
	__u32 flags;
	__u32 nr_ranges;
	struct vfio_region_dma_range dma_ranges[];
};
#define VFIO_DEVICE_FEATURE_DMA_BUF 11

#define VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2 12

/**
 * struct vfio_device_feature_zpci_err - GET: an error of an s390 PCI device
 * @data: what the platform reported
 */
struct vfio_device_feature_zpci_err {
	__aligned_u64 data;
};
#define VFIO_DEVICE_FEATURE_ZPCI_ERROR 13

/* Container with VFIO_TYPE1_IOMMU or VFIO_TYPE1v2_IOMMU. */

/**
 * struct vfio_iommu_type1_info - VFIO_IOMMU_GET_INFO
 * @argsz: bytes provided; out: bytes needed
 * @flags: out: VFIO_IOMMU_INFO_*
 * @iova_pgsizes: out: page sizes, one bit each
 * @cap_offset: out: the first capability; 0 = none, or no room
 * @pad: 0
 */
struct vfio_iommu_type1_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_IOMMU_INFO_PGSIZES (1 << 0)
#define VFIO_IOMMU_INFO_CAPS    (1 << 1)
	__aligned_u64 iova_pgsizes;
	__u32 cap_offset;
	__u32 pad;
};
#define VFIO_IOMMU_GET_INFO _IO(VFIO_TYPE, VFIO_BASE + 12)

/* Capabilities of VFIO_IOMMU_GET_INFO. */
#define VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE 1
#define VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION  2
#define VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL      3

/**
 * struct vfio_iova_range - a range of I/O addresses
 * @start: first address
 * @end: last address (inclusive)
 */
struct vfio_iova_range {
	__aligned_u64 start;
	__aligned_u64 end;
};

/**
 * struct vfio_iommu_type1_info_cap_iova_range - addresses that can be mapped
 * @header: VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE
 * @nr_iovas: how many
 * @reserved: 0
 * @iova_ranges: the ranges
 */
struct vfio_iommu_type1_info_cap_iova_range {
	struct vfio_info_cap_header header;
	__u32 nr_iovas;
	__u32 reserved;
	struct vfio_iova_range iova_ranges[];
};

/**
 * struct vfio_iommu_type1_info_cap_migration - dirty tracking
 * @header: VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION
 * @flags: 0
 * @pgsize_bitmap: granules that a bitmap may have
 * @max_dirty_bitmap_size: bytes
 */
struct vfio_iommu_type1_info_cap_migration {
	struct vfio_info_cap_header header;
	__u32 flags;
	__aligned_u64 pgsize_bitmap;
	__aligned_u64 max_dirty_bitmap_size;
};

/**
 * struct vfio_iommu_type1_info_dma_avail - how many mappings are left
 * @header: VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL
 * @avail: number of mappings
 */
struct vfio_iommu_type1_info_dma_avail {
	struct vfio_info_cap_header header;
	__u32 avail;
};

/**
 * struct vfio_iommu_type1_dma_map - VFIO_IOMMU_MAP_DMA
 * @argsz: bytes provided
 * @flags: VFIO_DMA_MAP_FLAG_*
 * @vaddr: address in the caller
 * @iova: address for the device
 * @size: bytes
 */
struct vfio_iommu_type1_dma_map {
	__u32 argsz;
	__u32 flags;
#define VFIO_DMA_MAP_FLAG_READ  (1 << 0)
#define VFIO_DMA_MAP_FLAG_WRITE (1 << 1)
#define VFIO_DMA_MAP_FLAG_VADDR (1 << 2)
	__aligned_u64 vaddr;
	__aligned_u64 iova;
	__aligned_u64 size;
};
#define VFIO_IOMMU_MAP_DMA _IO(VFIO_TYPE, VFIO_BASE + 13)

/**
 * struct vfio_bitmap - a bitmap in the caller's memory
 * @pgsize: bytes of one bit
 * @size: bytes of the bitmap
 * @data: the bitmap
 */
struct vfio_bitmap {
	__aligned_u64 pgsize;
	__aligned_u64 size;
	__u64 *data;
};

/**
 * struct vfio_iommu_type1_dma_unmap - VFIO_IOMMU_UNMAP_DMA
 * @argsz: bytes provided
 * @flags: VFIO_DMA_UNMAP_FLAG_*
 * @iova: first address
 * @size: bytes; out: bytes unmapped
 * @data: struct vfio_bitmap with VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP
 */
struct vfio_iommu_type1_dma_unmap {
	__u32 argsz;
	__u32 flags;
#define VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP (1 << 0)
#define VFIO_DMA_UNMAP_FLAG_ALL              (1 << 1)
#define VFIO_DMA_UNMAP_FLAG_VADDR            (1 << 2)
	__aligned_u64 iova;
	__aligned_u64 size;
	__u8 data[];
};
#define VFIO_IOMMU_UNMAP_DMA _IO(VFIO_TYPE, VFIO_BASE + 14)

/* sPAPR only. */
#define VFIO_IOMMU_ENABLE  _IO(VFIO_TYPE, VFIO_BASE + 15)
#define VFIO_IOMMU_DISABLE _IO(VFIO_TYPE, VFIO_BASE + 16)

/**
 * struct vfio_iommu_type1_dirty_bitmap - VFIO_IOMMU_DIRTY_PAGES
 * @argsz: bytes provided
 * @flags: one VFIO_IOMMU_DIRTY_PAGES_FLAG_*
 * @data: struct vfio_iommu_type1_dirty_bitmap_get to get the bitmap
 */
struct vfio_iommu_type1_dirty_bitmap {
	__u32 argsz;
	__u32 flags;
#define VFIO_IOMMU_DIRTY_PAGES_FLAG_START      (1 << 0)
#define VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP       (1 << 1)
#define VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP (1 << 2)
	__u8 data[];
};

/**
 * struct vfio_iommu_type1_dirty_bitmap_get - what VFIO_IOMMU_DIRTY_PAGES gets
 * @iova: first address
 * @size: bytes
 * @bitmap: where to
 */
struct vfio_iommu_type1_dirty_bitmap_get {
	__aligned_u64 iova;
	__aligned_u64 size;
	struct vfio_bitmap bitmap;
};
#define VFIO_IOMMU_DIRTY_PAGES _IO(VFIO_TYPE, VFIO_BASE + 17)

/* Container with VFIO_SPAPR_TCE_IOMMU or VFIO_SPAPR_TCE_v2_IOMMU. */

/**
 * struct vfio_iommu_spapr_tce_ddw_info - dynamic DMA windows
 * @pgsizes: page sizes, one bit each
 * @max_dynamic_windows_supported: how many windows
 * @levels: of their tables
 */
struct vfio_iommu_spapr_tce_ddw_info {
	__aligned_u64 pgsizes;
	__u32 max_dynamic_windows_supported;
	__u32 levels;
};

/**
 * struct vfio_iommu_spapr_tce_info - VFIO_IOMMU_SPAPR_TCE_GET_INFO
 * @argsz: bytes provided
 * @flags: out: VFIO_IOMMU_SPAPR_INFO_*
 * @dma32_window_start: out: the 32-bit window
 * @dma32_window_size: out: its bytes
 * @ddw: out: dynamic windows
 */
struct vfio_iommu_spapr_tce_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_IOMMU_SPAPR_INFO_DDW (1 << 0)
	__u32 dma32_window_start;
	__u32 dma32_window_size;
	struct vfio_iommu_spapr_tce_ddw_info ddw;
};
#define VFIO_IOMMU_SPAPR_TCE_GET_INFO _IO(VFIO_TYPE, VFIO_BASE + 12)

/**
 * struct vfio_eeh_pe_err - an error to inject
 * @type: 32 or 64 bits
 * @func: which error
 * @addr: address
 * @mask: of the address
 */
struct vfio_eeh_pe_err {
	__u32 type;
	__u32 func;
	__aligned_u64 addr;
	__aligned_u64 mask;
};

/**
 * struct vfio_eeh_pe_op - VFIO_EEH_PE_OP: error handling of a partition
 * @argsz: bytes provided
 * @flags: 0
 * @op: VFIO_EEH_PE_*
 * @err: for VFIO_EEH_PE_INJECT_ERR
 */
struct vfio_eeh_pe_op {
	__u32 argsz;
	__u32 flags;
	__u32 op;
	union {
		struct vfio_eeh_pe_err err;
	};
};
#define VFIO_EEH_PE_DISABLE           0
#define VFIO_EEH_PE_ENABLE            1
#define VFIO_EEH_PE_UNFREEZE_IO       2
#define VFIO_EEH_PE_UNFREEZE_DMA      3
#define VFIO_EEH_PE_GET_STATE         4
#define VFIO_EEH_PE_STATE_NORMAL      0
#define VFIO_EEH_PE_STATE_RESET       1
#define VFIO_EEH_PE_STATE_STOPPED     2
#define VFIO_EEH_PE_STATE_STOPPED_DMA 4
#define VFIO_EEH_PE_STATE_UNAVAIL     5
#define VFIO_EEH_PE_RESET_DEACTIVATE  5
#define VFIO_EEH_PE_RESET_HOT         6
#define VFIO_EEH_PE_RESET_FUNDAMENTAL 7
#define VFIO_EEH_PE_CONFIGURE         8
#define VFIO_EEH_PE_INJECT_ERR        9
#define VFIO_EEH_PE_OP                _IO(VFIO_TYPE, VFIO_BASE + 21)

/**
 * struct vfio_iommu_spapr_register_memory - VFIO_IOMMU_SPAPR_REGISTER_MEMORY
 * and VFIO_IOMMU_SPAPR_UNREGISTER_MEMORY
 * @argsz: bytes provided
 * @flags: 0
 * @vaddr: address in the caller
 * @size: bytes
 */
struct vfio_iommu_spapr_register_memory {
	__u32 argsz;
	__u32 flags;
	__aligned_u64 vaddr;
	__aligned_u64 size;
};
#define VFIO_IOMMU_SPAPR_REGISTER_MEMORY   _IO(VFIO_TYPE, VFIO_BASE + 17)
#define VFIO_IOMMU_SPAPR_UNREGISTER_MEMORY _IO(VFIO_TYPE, VFIO_BASE + 18)

/**
 * struct vfio_iommu_spapr_tce_create - VFIO_IOMMU_SPAPR_TCE_CREATE
 * @argsz: bytes provided
 * @flags: 0
 * @page_shift: log2 of the page size
 * @__resv1: 0
 * @window_size: bytes
 * @levels: of the table
 * @__resv2: 0
 * @start_addr: out: where the window starts
 */
struct vfio_iommu_spapr_tce_create {
	__u32 argsz;
	__u32 flags;
	__u32 page_shift;
	__u32 __resv1;
	__aligned_u64 window_size;
	__u32 levels;
	__u32 __resv2;
	__aligned_u64 start_addr;
};
#define VFIO_IOMMU_SPAPR_TCE_CREATE _IO(VFIO_TYPE, VFIO_BASE + 19)

/**
 * struct vfio_iommu_spapr_tce_remove - VFIO_IOMMU_SPAPR_TCE_REMOVE
 * @argsz: bytes provided
 * @flags: 0
 * @start_addr: where the window starts
 */
struct vfio_iommu_spapr_tce_remove {
	__u32 argsz;
	__u32 flags;
	__aligned_u64 start_addr;
};
#define VFIO_IOMMU_SPAPR_TCE_REMOVE _IO(VFIO_TYPE, VFIO_BASE + 20)

#ifdef __cplusplus
}
#endif
#endif
