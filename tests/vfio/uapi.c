/* SPDX-License-Identifier: MIT */
/*
 * The binary interface of <uiommu/vfio.h>: every constant, every size and every
 * offset. Compiling is the test. It is compiled as C and as C++, and once more
 * with UAPI_SYSTEM against the system's <linux/vfio.h>, so that the facts
 * themselves are checked: there, names that an older header (Linux 6.1) lacks
 * are left out.
 */
#include <stddef.h>
#ifdef UAPI_SYSTEM
#include <linux/vfio.h>
#else
#include <uiommu/vfio.h>
#endif

#ifdef __cplusplus
#define CHECK(e) static_assert(e, #e)
#else
#define CHECK(e) _Static_assert(e, #e)
#endif
#define VALUE(name, value) CHECK((name) == (value))
#define TEXT(name, value)  CHECK(__builtin_strcmp(name, value) == 0)
#define SIZE(s, bytes)     CHECK(sizeof(struct s) == (bytes))
#define FIELD(s, f, off, bytes)                 \
	CHECK(offsetof(struct s, f) == (off) && \
	      sizeof(((struct s *)0)->f) == (bytes))
#define ARRAY(s, f, off) CHECK(offsetof(struct s, f) == (off))

VALUE(VFIO_API_VERSION, 0x0);
VALUE(VFIO_TYPE1_IOMMU, 0x1);
VALUE(VFIO_SPAPR_TCE_IOMMU, 0x2);
VALUE(VFIO_TYPE1v2_IOMMU, 0x3);
VALUE(VFIO_DMA_CC_IOMMU, 0x4);
VALUE(VFIO_EEH, 0x5);
#if !defined(UAPI_SYSTEM) || defined(__VFIO_RESERVED_TYPE1_NESTING_IOMMU)
VALUE(__VFIO_RESERVED_TYPE1_NESTING_IOMMU, 0x6);
#endif
VALUE(VFIO_SPAPR_TCE_v2_IOMMU, 0x7);
VALUE(VFIO_NOIOMMU_IOMMU, 0x8);
VALUE(VFIO_UNMAP_ALL, 0x9);
VALUE(VFIO_UPDATE_VADDR, 0xa);
VALUE(VFIO_TYPE, 0x3b);
VALUE(VFIO_BASE, 0x64);
VALUE(VFIO_GET_API_VERSION, 0x3b64);
VALUE(VFIO_CHECK_EXTENSION, 0x3b65);
VALUE(VFIO_SET_IOMMU, 0x3b66);
VALUE(VFIO_GROUP_FLAGS_VIABLE, 0x1);
VALUE(VFIO_GROUP_FLAGS_CONTAINER_SET, 0x2);
VALUE(VFIO_GROUP_GET_STATUS, 0x3b67);
VALUE(VFIO_GROUP_SET_CONTAINER, 0x3b68);
VALUE(VFIO_GROUP_UNSET_CONTAINER, 0x3b69);
VALUE(VFIO_GROUP_GET_DEVICE_FD, 0x3b6a);
VALUE(VFIO_DEVICE_FLAGS_RESET, 0x1);
VALUE(VFIO_DEVICE_FLAGS_PCI, 0x2);
VALUE(VFIO_DEVICE_FLAGS_PLATFORM, 0x4);
VALUE(VFIO_DEVICE_FLAGS_AMBA, 0x8);
VALUE(VFIO_DEVICE_FLAGS_CCW, 0x10);
VALUE(VFIO_DEVICE_FLAGS_AP, 0x20);
VALUE(VFIO_DEVICE_FLAGS_FSL_MC, 0x40);
VALUE(VFIO_DEVICE_FLAGS_CAPS, 0x80);
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FLAGS_CDX)
VALUE(VFIO_DEVICE_FLAGS_CDX, 0x100);
#endif
VALUE(VFIO_DEVICE_GET_INFO, 0x3b6b);
TEXT(VFIO_DEVICE_API_PCI_STRING, "vfio-pci");
TEXT(VFIO_DEVICE_API_PLATFORM_STRING, "vfio-platform");
TEXT(VFIO_DEVICE_API_AMBA_STRING, "vfio-amba");
TEXT(VFIO_DEVICE_API_CCW_STRING, "vfio-ccw");
TEXT(VFIO_DEVICE_API_AP_STRING, "vfio-ap");
VALUE(VFIO_DEVICE_INFO_CAP_ZPCI_BASE, 0x1);
VALUE(VFIO_DEVICE_INFO_CAP_ZPCI_GROUP, 0x2);
VALUE(VFIO_DEVICE_INFO_CAP_ZPCI_UTIL, 0x3);
VALUE(VFIO_DEVICE_INFO_CAP_ZPCI_PFIP, 0x4);
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP)
VALUE(VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP, 0x5);
VALUE(VFIO_PCI_ATOMIC_COMP32, 0x1);
VALUE(VFIO_PCI_ATOMIC_COMP64, 0x2);
VALUE(VFIO_PCI_ATOMIC_COMP128, 0x4);
#endif
VALUE(VFIO_REGION_INFO_FLAG_READ, 0x1);
VALUE(VFIO_REGION_INFO_FLAG_WRITE, 0x2);
VALUE(VFIO_REGION_INFO_FLAG_MMAP, 0x4);
VALUE(VFIO_REGION_INFO_FLAG_CAPS, 0x8);
VALUE(VFIO_DEVICE_GET_REGION_INFO, 0x3b6c);
VALUE(VFIO_REGION_INFO_CAP_SPARSE_MMAP, 0x1);
VALUE(VFIO_REGION_INFO_CAP_TYPE, 0x2);
VALUE(VFIO_REGION_TYPE_PCI_VENDOR_TYPE, -2147483647 - 1);
VALUE(VFIO_REGION_TYPE_PCI_VENDOR_MASK, 0xffff);
VALUE(VFIO_REGION_TYPE_GFX, 0x1);
VALUE(VFIO_REGION_TYPE_CCW, 0x2);
VALUE(VFIO_REGION_TYPE_MIGRATION_DEPRECATED, 0x3);
VALUE(VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION, 0x1);
VALUE(VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG, 0x2);
VALUE(VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG, 0x3);
VALUE(VFIO_REGION_SUBTYPE_NVIDIA_NVLINK2_RAM, 0x1);
VALUE(VFIO_REGION_SUBTYPE_IBM_NVLINK2_ATSD, 0x1);
VALUE(VFIO_REGION_SUBTYPE_GFX_EDID, 0x1);
VALUE(VFIO_DEVICE_GFX_LINK_STATE_UP, 0x1);
VALUE(VFIO_DEVICE_GFX_LINK_STATE_DOWN, 0x2);
VALUE(VFIO_REGION_SUBTYPE_CCW_ASYNC_CMD, 0x1);
VALUE(VFIO_REGION_SUBTYPE_CCW_SCHIB, 0x2);
VALUE(VFIO_REGION_SUBTYPE_CCW_CRW, 0x3);
VALUE(VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED, 0x1);
VALUE(VFIO_DEVICE_STATE_V1_STOP, 0x0);
VALUE(VFIO_DEVICE_STATE_V1_RUNNING, 0x1);
VALUE(VFIO_DEVICE_STATE_V1_SAVING, 0x2);
VALUE(VFIO_DEVICE_STATE_V1_RESUMING, 0x4);
VALUE(VFIO_DEVICE_STATE_MASK, 0x7);
VALUE(VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, 0x3);
VALUE(VFIO_REGION_INFO_CAP_NVLINK2_SSATGT, 0x4);
VALUE(VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD, 0x5);
VALUE(VFIO_IRQ_INFO_EVENTFD, 0x1);
VALUE(VFIO_IRQ_INFO_MASKABLE, 0x2);
VALUE(VFIO_IRQ_INFO_AUTOMASKED, 0x4);
VALUE(VFIO_IRQ_INFO_NORESIZE, 0x8);
VALUE(VFIO_DEVICE_GET_IRQ_INFO, 0x3b6d);
VALUE(VFIO_IRQ_SET_DATA_NONE, 0x1);
VALUE(VFIO_IRQ_SET_DATA_BOOL, 0x2);
VALUE(VFIO_IRQ_SET_DATA_EVENTFD, 0x4);
VALUE(VFIO_IRQ_SET_ACTION_MASK, 0x8);
VALUE(VFIO_IRQ_SET_ACTION_UNMASK, 0x10);
VALUE(VFIO_IRQ_SET_ACTION_TRIGGER, 0x20);
VALUE(VFIO_DEVICE_SET_IRQS, 0x3b6e);
VALUE(VFIO_IRQ_SET_DATA_TYPE_MASK, 0x7);
VALUE(VFIO_IRQ_SET_ACTION_TYPE_MASK, 0x38);
VALUE(VFIO_DEVICE_RESET, 0x3b6f);
VALUE(VFIO_PCI_BAR0_REGION_INDEX, 0x0);
VALUE(VFIO_PCI_BAR1_REGION_INDEX, 0x1);
VALUE(VFIO_PCI_BAR2_REGION_INDEX, 0x2);
VALUE(VFIO_PCI_BAR3_REGION_INDEX, 0x3);
VALUE(VFIO_PCI_BAR4_REGION_INDEX, 0x4);
VALUE(VFIO_PCI_BAR5_REGION_INDEX, 0x5);
VALUE(VFIO_PCI_ROM_REGION_INDEX, 0x6);
VALUE(VFIO_PCI_CONFIG_REGION_INDEX, 0x7);
VALUE(VFIO_PCI_VGA_REGION_INDEX, 0x8);
VALUE(VFIO_PCI_NUM_REGIONS, 0x9);
VALUE(VFIO_PCI_INTX_IRQ_INDEX, 0x0);
VALUE(VFIO_PCI_MSI_IRQ_INDEX, 0x1);
VALUE(VFIO_PCI_MSIX_IRQ_INDEX, 0x2);
VALUE(VFIO_PCI_ERR_IRQ_INDEX, 0x3);
VALUE(VFIO_PCI_REQ_IRQ_INDEX, 0x4);
VALUE(VFIO_PCI_NUM_IRQS, 0x5);
VALUE(VFIO_CCW_CONFIG_REGION_INDEX, 0x0);
VALUE(VFIO_CCW_NUM_REGIONS, 0x1);
VALUE(VFIO_CCW_IO_IRQ_INDEX, 0x0);
VALUE(VFIO_CCW_CRW_IRQ_INDEX, 0x1);
VALUE(VFIO_CCW_REQ_IRQ_INDEX, 0x2);
VALUE(VFIO_CCW_NUM_IRQS, 0x3);
#ifndef UAPI_SYSTEM
VALUE(VFIO_AP_REQ_IRQ_INDEX, 0x0);
VALUE(VFIO_AP_CFG_CHG_IRQ_INDEX, 0x1);
VALUE(VFIO_AP_NUM_IRQS, 0x2);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_PCI_DEVID_OWNED)
VALUE(VFIO_PCI_DEVID_OWNED, 0x0);
VALUE(VFIO_PCI_DEVID_NOT_OWNED, -1);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_PCI_HOT_RESET_FLAG_DEV_ID)
VALUE(VFIO_PCI_HOT_RESET_FLAG_DEV_ID, 0x1);
VALUE(VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED, 0x2);
#endif
VALUE(VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, 0x3b70);
VALUE(VFIO_DEVICE_PCI_HOT_RESET, 0x3b71);
VALUE(VFIO_GFX_PLANE_TYPE_PROBE, 0x1);
VALUE(VFIO_GFX_PLANE_TYPE_DMABUF, 0x2);
VALUE(VFIO_GFX_PLANE_TYPE_REGION, 0x4);
VALUE(VFIO_DEVICE_QUERY_GFX_PLANE, 0x3b72);
VALUE(VFIO_DEVICE_GET_GFX_DMABUF, 0x3b73);
VALUE(VFIO_DEVICE_IOEVENTFD_8, 0x1);
VALUE(VFIO_DEVICE_IOEVENTFD_16, 0x2);
VALUE(VFIO_DEVICE_IOEVENTFD_32, 0x4);
VALUE(VFIO_DEVICE_IOEVENTFD_64, 0x8);
VALUE(VFIO_DEVICE_IOEVENTFD_SIZE_MASK, 0xf);
VALUE(VFIO_DEVICE_IOEVENTFD, 0x3b74);
VALUE(VFIO_DEVICE_FEATURE_MASK, 0xffff);
VALUE(VFIO_DEVICE_FEATURE_GET, 0x10000);
VALUE(VFIO_DEVICE_FEATURE_SET, 0x20000);
VALUE(VFIO_DEVICE_FEATURE_PROBE, 0x40000);
VALUE(VFIO_DEVICE_FEATURE, 0x3b75);
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_BIND_FLAG_TOKEN)
VALUE(VFIO_DEVICE_BIND_FLAG_TOKEN, 0x1);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_BIND_IOMMUFD)
VALUE(VFIO_DEVICE_BIND_IOMMUFD, 0x3b76);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_ATTACH_PASID)
VALUE(VFIO_DEVICE_ATTACH_PASID, 0x1);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_ATTACH_IOMMUFD_PT)
VALUE(VFIO_DEVICE_ATTACH_IOMMUFD_PT, 0x3b77);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_DETACH_PASID)
VALUE(VFIO_DEVICE_DETACH_PASID, 0x1);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_DETACH_IOMMUFD_PT)
VALUE(VFIO_DEVICE_DETACH_IOMMUFD_PT, 0x3b78);
#endif
VALUE(VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, 0x0);
VALUE(VFIO_MIGRATION_STOP_COPY, 0x1);
VALUE(VFIO_MIGRATION_P2P, 0x2);
#if !defined(UAPI_SYSTEM) || defined(VFIO_MIGRATION_PRE_COPY)
VALUE(VFIO_MIGRATION_PRE_COPY, 0x4);
#endif
VALUE(VFIO_DEVICE_FEATURE_MIGRATION, 0x1);
VALUE(VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, 0x2);
VALUE(VFIO_DEVICE_STATE_ERROR, 0x0);
VALUE(VFIO_DEVICE_STATE_STOP, 0x1);
VALUE(VFIO_DEVICE_STATE_RUNNING, 0x2);
VALUE(VFIO_DEVICE_STATE_STOP_COPY, 0x3);
VALUE(VFIO_DEVICE_STATE_RESUMING, 0x4);
VALUE(VFIO_DEVICE_STATE_RUNNING_P2P, 0x5);
#if !defined(UAPI_SYSTEM) || defined(VFIO_MIGRATION_PRE_COPY)
VALUE(VFIO_DEVICE_STATE_PRE_COPY, 0x6);
VALUE(VFIO_DEVICE_STATE_PRE_COPY_P2P, 0x7);
#endif
#ifndef UAPI_SYSTEM
VALUE(VFIO_DEVICE_STATE_NR, 0x8);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_MIG_GET_PRECOPY_INFO)
VALUE(VFIO_PRECOPY_INFO_REINIT, 0x1);
VALUE(VFIO_MIG_GET_PRECOPY_INFO, 0x3b79);
#endif
VALUE(VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY, 0x3);
VALUE(VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP, 0x4);
VALUE(VFIO_DEVICE_FEATURE_LOW_POWER_EXIT, 0x5);
VALUE(VFIO_DEVICE_FEATURE_DMA_LOGGING_START, 0x6);
VALUE(VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP, 0x7);
VALUE(VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT, 0x8);
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_MIG_DATA_SIZE)
VALUE(VFIO_DEVICE_FEATURE_MIG_DATA_SIZE, 0x9);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_BUS_MASTER)
VALUE(VFIO_DEVICE_FEATURE_CLEAR_MASTER, 0x0);
VALUE(VFIO_DEVICE_FEATURE_SET_MASTER, 0x1);
VALUE(VFIO_DEVICE_FEATURE_BUS_MASTER, 0xa);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_DMA_BUF)
VALUE(VFIO_DEVICE_FEATURE_DMA_BUF, 0xb);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2)
VALUE(VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2, 0xc);
#endif
#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_ZPCI_ERROR)
VALUE(VFIO_DEVICE_FEATURE_ZPCI_ERROR, 0xd);
#endif
VALUE(VFIO_IOMMU_INFO_PGSIZES, 0x1);
VALUE(VFIO_IOMMU_INFO_CAPS, 0x2);
VALUE(VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 0x1);
VALUE(VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, 0x2);
VALUE(VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, 0x3);
VALUE(VFIO_IOMMU_GET_INFO, 0x3b70);
VALUE(VFIO_DMA_MAP_FLAG_READ, 0x1);
VALUE(VFIO_DMA_MAP_FLAG_WRITE, 0x2);
VALUE(VFIO_DMA_MAP_FLAG_VADDR, 0x4);
VALUE(VFIO_IOMMU_MAP_DMA, 0x3b71);
VALUE(VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP, 0x1);
VALUE(VFIO_DMA_UNMAP_FLAG_ALL, 0x2);
VALUE(VFIO_DMA_UNMAP_FLAG_VADDR, 0x4);
VALUE(VFIO_IOMMU_UNMAP_DMA, 0x3b72);
VALUE(VFIO_IOMMU_ENABLE, 0x3b73);
VALUE(VFIO_IOMMU_DISABLE, 0x3b74);
VALUE(VFIO_IOMMU_DIRTY_PAGES_FLAG_START, 0x1);
VALUE(VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP, 0x2);
VALUE(VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP, 0x4);
VALUE(VFIO_IOMMU_DIRTY_PAGES, 0x3b75);
VALUE(VFIO_IOMMU_SPAPR_INFO_DDW, 0x1);
VALUE(VFIO_IOMMU_SPAPR_TCE_GET_INFO, 0x3b70);
VALUE(VFIO_EEH_PE_DISABLE, 0x0);
VALUE(VFIO_EEH_PE_ENABLE, 0x1);
VALUE(VFIO_EEH_PE_UNFREEZE_IO, 0x2);
VALUE(VFIO_EEH_PE_UNFREEZE_DMA, 0x3);
VALUE(VFIO_EEH_PE_GET_STATE, 0x4);
VALUE(VFIO_EEH_PE_STATE_NORMAL, 0x0);
VALUE(VFIO_EEH_PE_STATE_RESET, 0x1);
VALUE(VFIO_EEH_PE_STATE_STOPPED, 0x2);
VALUE(VFIO_EEH_PE_STATE_STOPPED_DMA, 0x4);
VALUE(VFIO_EEH_PE_STATE_UNAVAIL, 0x5);
VALUE(VFIO_EEH_PE_RESET_DEACTIVATE, 0x5);
VALUE(VFIO_EEH_PE_RESET_HOT, 0x6);
VALUE(VFIO_EEH_PE_RESET_FUNDAMENTAL, 0x7);
VALUE(VFIO_EEH_PE_CONFIGURE, 0x8);
VALUE(VFIO_EEH_PE_INJECT_ERR, 0x9);
VALUE(VFIO_EEH_PE_OP, 0x3b79);
VALUE(VFIO_IOMMU_SPAPR_REGISTER_MEMORY, 0x3b75);
VALUE(VFIO_IOMMU_SPAPR_UNREGISTER_MEMORY, 0x3b76);
VALUE(VFIO_IOMMU_SPAPR_TCE_CREATE, 0x3b77);
VALUE(VFIO_IOMMU_SPAPR_TCE_REMOVE, 0x3b78);

SIZE(vfio_info_cap_header, 8);
FIELD(vfio_info_cap_header, id, 0, 2);
FIELD(vfio_info_cap_header, version, 2, 2);
FIELD(vfio_info_cap_header, next, 4, 4);

SIZE(vfio_group_status, 8);
FIELD(vfio_group_status, argsz, 0, 4);
FIELD(vfio_group_status, flags, 4, 4);

#ifndef UAPI_SYSTEM
SIZE(vfio_device_info, 24);
#endif
FIELD(vfio_device_info, argsz, 0, 4);
FIELD(vfio_device_info, flags, 4, 4);
FIELD(vfio_device_info, num_regions, 8, 4);
FIELD(vfio_device_info, num_irqs, 12, 4);
FIELD(vfio_device_info, cap_offset, 16, 4);
#ifndef UAPI_SYSTEM
FIELD(vfio_device_info, pad, 20, 4);
#endif

#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP)
SIZE(vfio_device_info_cap_pci_atomic_comp, 16);
FIELD(vfio_device_info_cap_pci_atomic_comp, header, 0, 8);
FIELD(vfio_device_info_cap_pci_atomic_comp, flags, 8, 4);
FIELD(vfio_device_info_cap_pci_atomic_comp, reserved, 12, 4);
#endif

SIZE(vfio_region_info, 32);
FIELD(vfio_region_info, argsz, 0, 4);
FIELD(vfio_region_info, flags, 4, 4);
FIELD(vfio_region_info, index, 8, 4);
FIELD(vfio_region_info, cap_offset, 12, 4);
FIELD(vfio_region_info, size, 16, 8);
FIELD(vfio_region_info, offset, 24, 8);

SIZE(vfio_region_sparse_mmap_area, 16);
FIELD(vfio_region_sparse_mmap_area, offset, 0, 8);
FIELD(vfio_region_sparse_mmap_area, size, 8, 8);

SIZE(vfio_region_info_cap_sparse_mmap, 16);
FIELD(vfio_region_info_cap_sparse_mmap, header, 0, 8);
FIELD(vfio_region_info_cap_sparse_mmap, nr_areas, 8, 4);
FIELD(vfio_region_info_cap_sparse_mmap, reserved, 12, 4);
ARRAY(vfio_region_info_cap_sparse_mmap, areas, 16);

SIZE(vfio_region_info_cap_type, 16);
FIELD(vfio_region_info_cap_type, header, 0, 8);
FIELD(vfio_region_info_cap_type, type, 8, 4);
FIELD(vfio_region_info_cap_type, subtype, 12, 4);

SIZE(vfio_region_gfx_edid, 24);
FIELD(vfio_region_gfx_edid, edid_offset, 0, 4);
FIELD(vfio_region_gfx_edid, edid_max_size, 4, 4);
FIELD(vfio_region_gfx_edid, edid_size, 8, 4);
FIELD(vfio_region_gfx_edid, max_xres, 12, 4);
FIELD(vfio_region_gfx_edid, max_yres, 16, 4);
FIELD(vfio_region_gfx_edid, link_state, 20, 4);

SIZE(vfio_device_migration_info, 32);
FIELD(vfio_device_migration_info, device_state, 0, 4);
FIELD(vfio_device_migration_info, reserved, 4, 4);
FIELD(vfio_device_migration_info, pending_bytes, 8, 8);
FIELD(vfio_device_migration_info, data_offset, 16, 8);
FIELD(vfio_device_migration_info, data_size, 24, 8);

SIZE(vfio_region_info_cap_nvlink2_ssatgt, 16);
FIELD(vfio_region_info_cap_nvlink2_ssatgt, header, 0, 8);
FIELD(vfio_region_info_cap_nvlink2_ssatgt, tgt, 8, 8);

SIZE(vfio_region_info_cap_nvlink2_lnkspd, 16);
FIELD(vfio_region_info_cap_nvlink2_lnkspd, header, 0, 8);
FIELD(vfio_region_info_cap_nvlink2_lnkspd, link_speed, 8, 4);
FIELD(vfio_region_info_cap_nvlink2_lnkspd, __pad, 12, 4);

SIZE(vfio_irq_info, 16);
FIELD(vfio_irq_info, argsz, 0, 4);
FIELD(vfio_irq_info, flags, 4, 4);
FIELD(vfio_irq_info, index, 8, 4);
FIELD(vfio_irq_info, count, 12, 4);

SIZE(vfio_irq_set, 20);
FIELD(vfio_irq_set, argsz, 0, 4);
FIELD(vfio_irq_set, flags, 4, 4);
FIELD(vfio_irq_set, index, 8, 4);
FIELD(vfio_irq_set, start, 12, 4);
FIELD(vfio_irq_set, count, 16, 4);
ARRAY(vfio_irq_set, data, 20);

SIZE(vfio_pci_dependent_device, 8);
FIELD(vfio_pci_dependent_device, group_id, 0, 4);
#ifndef UAPI_SYSTEM
FIELD(vfio_pci_dependent_device, devid, 0, 4);
#endif
FIELD(vfio_pci_dependent_device, segment, 4, 2);
FIELD(vfio_pci_dependent_device, bus, 6, 1);
FIELD(vfio_pci_dependent_device, devfn, 7, 1);

SIZE(vfio_pci_hot_reset_info, 12);
FIELD(vfio_pci_hot_reset_info, argsz, 0, 4);
FIELD(vfio_pci_hot_reset_info, flags, 4, 4);
FIELD(vfio_pci_hot_reset_info, count, 8, 4);
ARRAY(vfio_pci_hot_reset_info, devices, 12);

SIZE(vfio_pci_hot_reset, 12);
FIELD(vfio_pci_hot_reset, argsz, 0, 4);
FIELD(vfio_pci_hot_reset, flags, 4, 4);
FIELD(vfio_pci_hot_reset, count, 8, 4);
ARRAY(vfio_pci_hot_reset, group_fds, 12);

SIZE(vfio_device_gfx_plane_info, 64);
FIELD(vfio_device_gfx_plane_info, argsz, 0, 4);
FIELD(vfio_device_gfx_plane_info, flags, 4, 4);
FIELD(vfio_device_gfx_plane_info, drm_plane_type, 8, 4);
FIELD(vfio_device_gfx_plane_info, drm_format, 12, 4);
FIELD(vfio_device_gfx_plane_info, drm_format_mod, 16, 8);
FIELD(vfio_device_gfx_plane_info, width, 24, 4);
FIELD(vfio_device_gfx_plane_info, height, 28, 4);
FIELD(vfio_device_gfx_plane_info, stride, 32, 4);
FIELD(vfio_device_gfx_plane_info, size, 36, 4);
FIELD(vfio_device_gfx_plane_info, x_pos, 40, 4);
FIELD(vfio_device_gfx_plane_info, y_pos, 44, 4);
FIELD(vfio_device_gfx_plane_info, x_hot, 48, 4);
FIELD(vfio_device_gfx_plane_info, y_hot, 52, 4);
FIELD(vfio_device_gfx_plane_info, region_index, 56, 4);
FIELD(vfio_device_gfx_plane_info, dmabuf_id, 56, 4);
#ifndef UAPI_SYSTEM
FIELD(vfio_device_gfx_plane_info, reserved, 60, 4);
#endif

SIZE(vfio_device_ioeventfd, 32);
FIELD(vfio_device_ioeventfd, argsz, 0, 4);
FIELD(vfio_device_ioeventfd, flags, 4, 4);
FIELD(vfio_device_ioeventfd, offset, 8, 8);
FIELD(vfio_device_ioeventfd, data, 16, 8);
FIELD(vfio_device_ioeventfd, fd, 24, 4);
#ifndef UAPI_SYSTEM
FIELD(vfio_device_ioeventfd, reserved, 28, 4);
#endif

SIZE(vfio_device_feature, 8);
FIELD(vfio_device_feature, argsz, 0, 4);
FIELD(vfio_device_feature, flags, 4, 4);
ARRAY(vfio_device_feature, data, 8);

#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_BIND_FLAG_TOKEN)
SIZE(vfio_device_bind_iommufd, 24);
FIELD(vfio_device_bind_iommufd, argsz, 0, 4);
FIELD(vfio_device_bind_iommufd, flags, 4, 4);
FIELD(vfio_device_bind_iommufd, iommufd, 8, 4);
FIELD(vfio_device_bind_iommufd, out_devid, 12, 4);
FIELD(vfio_device_bind_iommufd, token_uuid_ptr, 16, 8);
#endif

#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_ATTACH_PASID)
SIZE(vfio_device_attach_iommufd_pt, 16);
FIELD(vfio_device_attach_iommufd_pt, argsz, 0, 4);
FIELD(vfio_device_attach_iommufd_pt, flags, 4, 4);
FIELD(vfio_device_attach_iommufd_pt, pt_id, 8, 4);
FIELD(vfio_device_attach_iommufd_pt, pasid, 12, 4);
#endif

#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_DETACH_PASID)
SIZE(vfio_device_detach_iommufd_pt, 12);
FIELD(vfio_device_detach_iommufd_pt, argsz, 0, 4);
FIELD(vfio_device_detach_iommufd_pt, flags, 4, 4);
FIELD(vfio_device_detach_iommufd_pt, pasid, 8, 4);
#endif

SIZE(vfio_device_feature_migration, 8);
FIELD(vfio_device_feature_migration, flags, 0, 8);

SIZE(vfio_device_feature_mig_state, 8);
FIELD(vfio_device_feature_mig_state, device_state, 0, 4);
FIELD(vfio_device_feature_mig_state, data_fd, 4, 4);

#if !defined(UAPI_SYSTEM) || defined(VFIO_MIG_GET_PRECOPY_INFO)
SIZE(vfio_precopy_info, 24);
FIELD(vfio_precopy_info, argsz, 0, 4);
FIELD(vfio_precopy_info, flags, 4, 4);
FIELD(vfio_precopy_info, initial_bytes, 8, 8);
FIELD(vfio_precopy_info, dirty_bytes, 16, 8);
#endif

SIZE(vfio_device_low_power_entry_with_wakeup, 8);
FIELD(vfio_device_low_power_entry_with_wakeup, wakeup_eventfd, 0, 4);
FIELD(vfio_device_low_power_entry_with_wakeup, reserved, 4, 4);

SIZE(vfio_device_feature_dma_logging_control, 24);
FIELD(vfio_device_feature_dma_logging_control, page_size, 0, 8);
FIELD(vfio_device_feature_dma_logging_control, num_ranges, 8, 4);
FIELD(vfio_device_feature_dma_logging_control, __reserved, 12, 4);
FIELD(vfio_device_feature_dma_logging_control, ranges, 16, 8);

SIZE(vfio_device_feature_dma_logging_range, 16);
FIELD(vfio_device_feature_dma_logging_range, iova, 0, 8);
FIELD(vfio_device_feature_dma_logging_range, length, 8, 8);

SIZE(vfio_device_feature_dma_logging_report, 32);
FIELD(vfio_device_feature_dma_logging_report, iova, 0, 8);
FIELD(vfio_device_feature_dma_logging_report, length, 8, 8);
FIELD(vfio_device_feature_dma_logging_report, page_size, 16, 8);
FIELD(vfio_device_feature_dma_logging_report, bitmap, 24, 8);

#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_MIG_DATA_SIZE)
SIZE(vfio_device_feature_mig_data_size, 8);
FIELD(vfio_device_feature_mig_data_size, stop_copy_length, 0, 8);
#endif

#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_BUS_MASTER)
SIZE(vfio_device_feature_bus_master, 4);
FIELD(vfio_device_feature_bus_master, op, 0, 4);
#endif

#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_DMA_BUF)
SIZE(vfio_region_dma_range, 16);
FIELD(vfio_region_dma_range, offset, 0, 8);
FIELD(vfio_region_dma_range, length, 8, 8);
#endif

#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_DMA_BUF)
SIZE(vfio_device_feature_dma_buf, 16);
FIELD(vfio_device_feature_dma_buf, region_index, 0, 4);
FIELD(vfio_device_feature_dma_buf, open_flags, 4, 4);
FIELD(vfio_device_feature_dma_buf, flags, 8, 4);
FIELD(vfio_device_feature_dma_buf, nr_ranges, 12, 4);
ARRAY(vfio_device_feature_dma_buf, dma_ranges, 16);
#endif

#if !defined(UAPI_SYSTEM) || defined(VFIO_DEVICE_FEATURE_ZPCI_ERROR)
SIZE(vfio_device_feature_zpci_err, 8);
FIELD(vfio_device_feature_zpci_err, data, 0, 8);
#endif

SIZE(vfio_iommu_type1_info, 24);
FIELD(vfio_iommu_type1_info, argsz, 0, 4);
FIELD(vfio_iommu_type1_info, flags, 4, 4);
FIELD(vfio_iommu_type1_info, iova_pgsizes, 8, 8);
FIELD(vfio_iommu_type1_info, cap_offset, 16, 4);
#ifndef UAPI_SYSTEM
FIELD(vfio_iommu_type1_info, pad, 20, 4);
#endif

SIZE(vfio_iova_range, 16);
FIELD(vfio_iova_range, start, 0, 8);
FIELD(vfio_iova_range, end, 8, 8);

SIZE(vfio_iommu_type1_info_cap_iova_range, 16);
FIELD(vfio_iommu_type1_info_cap_iova_range, header, 0, 8);
FIELD(vfio_iommu_type1_info_cap_iova_range, nr_iovas, 8, 4);
FIELD(vfio_iommu_type1_info_cap_iova_range, reserved, 12, 4);
ARRAY(vfio_iommu_type1_info_cap_iova_range, iova_ranges, 16);

SIZE(vfio_iommu_type1_info_cap_migration, 32);
FIELD(vfio_iommu_type1_info_cap_migration, header, 0, 8);
FIELD(vfio_iommu_type1_info_cap_migration, flags, 8, 4);
FIELD(vfio_iommu_type1_info_cap_migration, pgsize_bitmap, 16, 8);
FIELD(vfio_iommu_type1_info_cap_migration, max_dirty_bitmap_size, 24, 8);

SIZE(vfio_iommu_type1_info_dma_avail, 12);
FIELD(vfio_iommu_type1_info_dma_avail, header, 0, 8);
FIELD(vfio_iommu_type1_info_dma_avail, avail, 8, 4);

SIZE(vfio_iommu_type1_dma_map, 32);
FIELD(vfio_iommu_type1_dma_map, argsz, 0, 4);
FIELD(vfio_iommu_type1_dma_map, flags, 4, 4);
FIELD(vfio_iommu_type1_dma_map, vaddr, 8, 8);
FIELD(vfio_iommu_type1_dma_map, iova, 16, 8);
FIELD(vfio_iommu_type1_dma_map, size, 24, 8);

SIZE(vfio_bitmap, 24);
FIELD(vfio_bitmap, pgsize, 0, 8);
FIELD(vfio_bitmap, size, 8, 8);
FIELD(vfio_bitmap, data, 16, 8);

SIZE(vfio_iommu_type1_dma_unmap, 24);
FIELD(vfio_iommu_type1_dma_unmap, argsz, 0, 4);
FIELD(vfio_iommu_type1_dma_unmap, flags, 4, 4);
FIELD(vfio_iommu_type1_dma_unmap, iova, 8, 8);
FIELD(vfio_iommu_type1_dma_unmap, size, 16, 8);
ARRAY(vfio_iommu_type1_dma_unmap, data, 24);

SIZE(vfio_iommu_type1_dirty_bitmap, 8);
FIELD(vfio_iommu_type1_dirty_bitmap, argsz, 0, 4);
FIELD(vfio_iommu_type1_dirty_bitmap, flags, 4, 4);
ARRAY(vfio_iommu_type1_dirty_bitmap, data, 8);

SIZE(vfio_iommu_type1_dirty_bitmap_get, 40);
FIELD(vfio_iommu_type1_dirty_bitmap_get, iova, 0, 8);
FIELD(vfio_iommu_type1_dirty_bitmap_get, size, 8, 8);
FIELD(vfio_iommu_type1_dirty_bitmap_get, bitmap, 16, 24);

SIZE(vfio_iommu_spapr_tce_ddw_info, 16);
FIELD(vfio_iommu_spapr_tce_ddw_info, pgsizes, 0, 8);
FIELD(vfio_iommu_spapr_tce_ddw_info, max_dynamic_windows_supported, 8, 4);
FIELD(vfio_iommu_spapr_tce_ddw_info, levels, 12, 4);

SIZE(vfio_iommu_spapr_tce_info, 32);
FIELD(vfio_iommu_spapr_tce_info, argsz, 0, 4);
FIELD(vfio_iommu_spapr_tce_info, flags, 4, 4);
FIELD(vfio_iommu_spapr_tce_info, dma32_window_start, 8, 4);
FIELD(vfio_iommu_spapr_tce_info, dma32_window_size, 12, 4);
FIELD(vfio_iommu_spapr_tce_info, ddw, 16, 16);

SIZE(vfio_eeh_pe_err, 24);
FIELD(vfio_eeh_pe_err, type, 0, 4);
FIELD(vfio_eeh_pe_err, func, 4, 4);
FIELD(vfio_eeh_pe_err, addr, 8, 8);
FIELD(vfio_eeh_pe_err, mask, 16, 8);

SIZE(vfio_eeh_pe_op, 40);
FIELD(vfio_eeh_pe_op, argsz, 0, 4);
FIELD(vfio_eeh_pe_op, flags, 4, 4);
FIELD(vfio_eeh_pe_op, op, 8, 4);
FIELD(vfio_eeh_pe_op, err, 16, 24);

SIZE(vfio_iommu_spapr_register_memory, 24);
FIELD(vfio_iommu_spapr_register_memory, argsz, 0, 4);
FIELD(vfio_iommu_spapr_register_memory, flags, 4, 4);
FIELD(vfio_iommu_spapr_register_memory, vaddr, 8, 8);
FIELD(vfio_iommu_spapr_register_memory, size, 16, 8);

SIZE(vfio_iommu_spapr_tce_create, 40);
FIELD(vfio_iommu_spapr_tce_create, argsz, 0, 4);
FIELD(vfio_iommu_spapr_tce_create, flags, 4, 4);
FIELD(vfio_iommu_spapr_tce_create, page_shift, 8, 4);
FIELD(vfio_iommu_spapr_tce_create, __resv1, 12, 4);
FIELD(vfio_iommu_spapr_tce_create, window_size, 16, 8);
FIELD(vfio_iommu_spapr_tce_create, levels, 24, 4);
FIELD(vfio_iommu_spapr_tce_create, __resv2, 28, 4);
FIELD(vfio_iommu_spapr_tce_create, start_addr, 32, 8);

SIZE(vfio_iommu_spapr_tce_remove, 16);
FIELD(vfio_iommu_spapr_tce_remove, argsz, 0, 4);
FIELD(vfio_iommu_spapr_tce_remove, flags, 4, 4);
FIELD(vfio_iommu_spapr_tce_remove, start_addr, 8, 8);

int main(void)
{
	return 0;
}
