/* SPDX-License-Identifier: MIT */
/* The structures of <uiommu/vfio.h>. */
#include <uiommu/vfio.h>

#include "cli/decode_tables.h"

#define LOW16 UINT64_C(0xffff)

/* An array of numbers is one of structures with a member that has no name. */
static const struct cli_field s32_field[] = {
	{ .size = 4, .show = CLI_SIGNED, .way = CLI_INOUT },
};
static const struct cli_struct s32 = {
	.name = "s32",
	.size = 4,
	.nr = 1,
	.field = s32_field,
};
static const struct cli_field u8_field[] = {
	{ .size = 1, .show = CLI_DEC, .way = CLI_INOUT },
};
static const struct cli_struct u8 = {
	.name = "u8",
	.size = 1,
	.nr = 1,
	.field = u8_field,
};

/* ---- groups ---- */

static const struct cli_name group_flags[] = {
	NAME(VFIO_GROUP_FLAGS_VIABLE),
	NAME(VFIO_GROUP_FLAGS_CONTAINER_SET),
	{ 0 },
};

#define S struct vfio_group_status
static const struct cli_field group_status_fields[] = {
	IN(argsz, CLI_DEC),
	OUT_FLAGS(flags, group_flags),
};
static const struct cli_struct group_status =
	STRUCT(S, "vfio_group_status", group_status_fields);
#undef S

/* ---- devices: information ---- */

static const struct cli_name device_flags[] = {
	NAME(VFIO_DEVICE_FLAGS_RESET),    NAME(VFIO_DEVICE_FLAGS_PCI),
	NAME(VFIO_DEVICE_FLAGS_PLATFORM), NAME(VFIO_DEVICE_FLAGS_AMBA),
	NAME(VFIO_DEVICE_FLAGS_CCW),      NAME(VFIO_DEVICE_FLAGS_AP),
	NAME(VFIO_DEVICE_FLAGS_FSL_MC),   NAME(VFIO_DEVICE_FLAGS_CAPS),
	NAME(VFIO_DEVICE_FLAGS_CDX),      { 0 },
};

static const struct cli_name atomic_flags[] = {
	NAME(VFIO_PCI_ATOMIC_COMP32),
	NAME(VFIO_PCI_ATOMIC_COMP64),
	NAME(VFIO_PCI_ATOMIC_COMP128),
	{ 0 },
};

#define S struct vfio_device_info_cap_pci_atomic_comp
static const struct cli_field atomic_fields[] = {
	OUT_FLAGS(flags, atomic_flags),
};
static const struct cli_struct atomic =
	STRUCT(S, "VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP", atomic_fields);
#undef S

static const struct cli_kind device_caps[] = {
	{ LOW16, VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP, &atomic },
	{ 0 },
};
static const struct cli_more device_chain = { .kind = device_caps };

#define S struct vfio_device_info
static const struct cli_field device_info_fields[] = {
	INOUT(argsz, CLI_DEC),
	OUT_FLAGS(flags, device_flags),
	OUT(num_regions, CLI_DEC),
	OUT(num_irqs, CLI_DEC),
	CHAIN(cap_offset, &device_chain),
};
static const struct cli_struct device_info =
	STRUCT(S, "vfio_device_info", device_info_fields);
#undef S

/* ---- devices: regions ---- */

static const struct cli_name region_indexes[] = {
	NAME(VFIO_PCI_BAR0_REGION_INDEX), NAME(VFIO_PCI_BAR1_REGION_INDEX),
	NAME(VFIO_PCI_BAR2_REGION_INDEX), NAME(VFIO_PCI_BAR3_REGION_INDEX),
	NAME(VFIO_PCI_BAR4_REGION_INDEX), NAME(VFIO_PCI_BAR5_REGION_INDEX),
	NAME(VFIO_PCI_ROM_REGION_INDEX),  NAME(VFIO_PCI_CONFIG_REGION_INDEX),
	NAME(VFIO_PCI_VGA_REGION_INDEX),  { 0 },
};

static const struct cli_name region_flags[] = {
	NAME(VFIO_REGION_INFO_FLAG_READ),
	NAME(VFIO_REGION_INFO_FLAG_WRITE),
	NAME(VFIO_REGION_INFO_FLAG_MMAP),
	NAME(VFIO_REGION_INFO_FLAG_CAPS),
	{ 0 },
};

#define S struct vfio_region_sparse_mmap_area
static const struct cli_field sparse_area_fields[] = {
	OUT(offset, CLI_HEX),
	OUT(size, CLI_HEX),
};
static const struct cli_struct sparse_area =
	STRUCT(S, "vfio_region_sparse_mmap_area", sparse_area_fields);
#undef S

static const struct cli_kind sparse_area_kind[] = {
	{ .what = &sparse_area },
	{ 0 },
};

#define S struct vfio_region_info_cap_sparse_mmap
static const struct cli_more sparse_areas = {
	.kind = sparse_area_kind,
	.count = PLACE(nr_areas),
};
static const struct cli_field sparse_fields[] = {
	OUT(nr_areas, CLI_DEC),
	FOLLOWING(areas, CLI_OUT, &sparse_areas),
};
static const struct cli_struct sparse =
	STRUCT(S, "VFIO_REGION_INFO_CAP_SPARSE_MMAP", sparse_fields);
#undef S

#define S struct vfio_region_info_cap_type
static const struct cli_field region_type_fields[] = {
	OUT(type, CLI_HEX),
	OUT(subtype, CLI_HEX),
};
static const struct cli_struct region_type =
	STRUCT(S, "VFIO_REGION_INFO_CAP_TYPE", region_type_fields);
#undef S

/* Only that it is there. */
static const struct cli_struct msix_mappable = {
	.name = "VFIO_REGION_INFO_CAP_MSIX_MAPPABLE",
	.size = 8,
};

#define S struct vfio_region_info_cap_nvlink2_ssatgt
static const struct cli_field ssatgt_fields[] = { OUT(tgt, CLI_HEX) };
static const struct cli_struct ssatgt =
	STRUCT(S, "VFIO_REGION_INFO_CAP_NVLINK2_SSATGT", ssatgt_fields);
#undef S

#define S struct vfio_region_info_cap_nvlink2_lnkspd
static const struct cli_field lnkspd_fields[] = { OUT(link_speed, CLI_HEX) };
static const struct cli_struct lnkspd =
	STRUCT(S, "VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD", lnkspd_fields);
#undef S

static const struct cli_kind region_caps[] = {
	{ LOW16, VFIO_REGION_INFO_CAP_SPARSE_MMAP, &sparse },
	{ LOW16, VFIO_REGION_INFO_CAP_TYPE, &region_type },
	{ LOW16, VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, &msix_mappable },
	{ LOW16, VFIO_REGION_INFO_CAP_NVLINK2_SSATGT, &ssatgt },
	{ LOW16, VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD, &lnkspd },
	{ 0 },
};
static const struct cli_more region_chain = { .kind = region_caps };

#define S struct vfio_region_info
static const struct cli_field region_info_fields[] = {
	INOUT(argsz, CLI_DEC),          IN_ENUM(index, region_indexes),
	OUT_FLAGS(flags, region_flags), OUT(size, CLI_HEX),
	OUT(offset, CLI_HEX),           CHAIN(cap_offset, &region_chain),
};
static const struct cli_struct region_info =
	STRUCT(S, "vfio_region_info", region_info_fields);
#undef S

/* ---- devices: interrupts ---- */

static const struct cli_name irq_indexes[] = {
	NAME(VFIO_PCI_INTX_IRQ_INDEX), NAME(VFIO_PCI_MSI_IRQ_INDEX),
	NAME(VFIO_PCI_MSIX_IRQ_INDEX), NAME(VFIO_PCI_ERR_IRQ_INDEX),
	NAME(VFIO_PCI_REQ_IRQ_INDEX),  { 0 },
};

static const struct cli_name irq_info_flags[] = {
	NAME(VFIO_IRQ_INFO_EVENTFD),
	NAME(VFIO_IRQ_INFO_MASKABLE),
	NAME(VFIO_IRQ_INFO_AUTOMASKED),
	NAME(VFIO_IRQ_INFO_NORESIZE),
	{ 0 },
};

#define S struct vfio_irq_info
static const struct cli_field irq_info_fields[] = {
	IN(argsz, CLI_DEC),
	IN_ENUM(index, irq_indexes),
	OUT_FLAGS(flags, irq_info_flags),
	OUT(count, CLI_DEC),
};
static const struct cli_struct irq_info =
	STRUCT(S, "vfio_irq_info", irq_info_fields);
#undef S

static const struct cli_name irq_set_flags[] = {
	NAME(VFIO_IRQ_SET_DATA_NONE),
	NAME(VFIO_IRQ_SET_DATA_BOOL),
	NAME(VFIO_IRQ_SET_DATA_EVENTFD),
	NAME(VFIO_IRQ_SET_ACTION_MASK),
	NAME(VFIO_IRQ_SET_ACTION_UNMASK),
	NAME(VFIO_IRQ_SET_ACTION_TRIGGER),
	{ 0 },
};

static const struct cli_kind irq_data[] = {
	{ VFIO_IRQ_SET_DATA_EVENTFD, VFIO_IRQ_SET_DATA_EVENTFD, &s32 },
	{ VFIO_IRQ_SET_DATA_BOOL, VFIO_IRQ_SET_DATA_BOOL, &u8 },
	{ 0 },
};

#define S struct vfio_irq_set
static const struct cli_more irq_set_data = {
	.kind = irq_data,
	.selector = PLACE(flags),
	.count = PLACE(count),
};
static const struct cli_field irq_set_fields[] = {
	IN(argsz, CLI_DEC),          IN_FLAGS(flags, irq_set_flags),
	IN_ENUM(index, irq_indexes), IN(start, CLI_DEC),
	IN(count, CLI_DEC),          FOLLOWING(data, CLI_IN, &irq_set_data),
};
static const struct cli_struct irq_set =
	STRUCT(S, "vfio_irq_set", irq_set_fields);
#undef S

/* ---- devices: reset ---- */

static const struct cli_name hot_reset_flags[] = {
	NAME(VFIO_PCI_HOT_RESET_FLAG_DEV_ID),
	NAME(VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED),
	{ 0 },
};

#define S struct vfio_pci_dependent_device
static const struct cli_field dependent_fields[] = {
	OUT(devid, CLI_SIGNED),
	OUT(segment, CLI_HEX),
	OUT(bus, CLI_HEX),
	OUT(devfn, CLI_HEX),
};
static const struct cli_struct dependent =
	STRUCT(S, "vfio_pci_dependent_device", dependent_fields);
#undef S

static const struct cli_kind dependent_kind[] = { { .what = &dependent },
						  { 0 } };

#define S struct vfio_pci_hot_reset_info
static const struct cli_more hot_reset_devices = {
	.kind = dependent_kind,
	.count = PLACE(count),
};
static const struct cli_field hot_reset_info_fields[] = {
	IN(argsz, CLI_DEC),
	OUT_FLAGS(flags, hot_reset_flags),
	OUT(count, CLI_DEC),
	FOLLOWING(devices, CLI_OUT, &hot_reset_devices),
};
static const struct cli_struct hot_reset_info =
	STRUCT(S, "vfio_pci_hot_reset_info", hot_reset_info_fields);
#undef S

static const struct cli_kind s32_kind[] = { { .what = &s32 }, { 0 } };

#define S struct vfio_pci_hot_reset
static const struct cli_more hot_reset_fds = {
	.kind = s32_kind,
	.count = PLACE(count),
};
static const struct cli_field hot_reset_fields[] = {
	IN(argsz, CLI_DEC),
	IN(flags, CLI_HEX),
	IN(count, CLI_DEC),
	FOLLOWING(group_fds, CLI_IN, &hot_reset_fds),
};
static const struct cli_struct hot_reset =
	STRUCT(S, "vfio_pci_hot_reset", hot_reset_fields);
#undef S

/* ---- devices: displays, eventfds that write ---- */

static const struct cli_name gfx_flags[] = {
	NAME(VFIO_GFX_PLANE_TYPE_PROBE),
	NAME(VFIO_GFX_PLANE_TYPE_DMABUF),
	NAME(VFIO_GFX_PLANE_TYPE_REGION),
	{ 0 },
};

#define S struct vfio_device_gfx_plane_info
static const struct cli_field gfx_fields[] = {
	IN(argsz, CLI_DEC),
	IN_FLAGS(flags, gfx_flags),
	IN(drm_plane_type, CLI_DEC),
	OUT(drm_format, CLI_HEX),
	OUT(drm_format_mod, CLI_HEX),
	OUT(width, CLI_DEC),
	OUT(height, CLI_DEC),
	OUT(stride, CLI_DEC),
	OUT(size, CLI_DEC),
	OUT(x_pos, CLI_DEC),
	OUT(y_pos, CLI_DEC),
	OUT(x_hot, CLI_DEC),
	OUT(y_hot, CLI_DEC),
	OUT(region_index, CLI_DEC),
	ZERO(reserved),
};
static const struct cli_struct gfx =
	STRUCT(S, "vfio_device_gfx_plane_info", gfx_fields);
#undef S

static const struct cli_name ioeventfd_flags[] = {
	NAME(VFIO_DEVICE_IOEVENTFD_8),
	NAME(VFIO_DEVICE_IOEVENTFD_16),
	NAME(VFIO_DEVICE_IOEVENTFD_32),
	NAME(VFIO_DEVICE_IOEVENTFD_64),
	{ 0 },
};

#define S struct vfio_device_ioeventfd
static const struct cli_field ioeventfd_fields[] = {
	IN(argsz, CLI_DEC),  IN_FLAGS(flags, ioeventfd_flags),
	IN(offset, CLI_HEX), IN(data, CLI_HEX),
	IN(fd, CLI_SIGNED),  ZERO(reserved),
};
static const struct cli_struct ioeventfd =
	STRUCT(S, "vfio_device_ioeventfd", ioeventfd_fields);
#undef S

/* ---- devices: IOMMUFD ---- */

static const struct cli_name bind_flags[] = {
	NAME(VFIO_DEVICE_BIND_FLAG_TOKEN),
	{ 0 },
};

#define S struct vfio_device_bind_iommufd
static const struct cli_field bind_fields[] = {
	IN(argsz, CLI_DEC),      IN_FLAGS(flags, bind_flags),
	IN(iommufd, CLI_SIGNED), IN(token_uuid_ptr, CLI_HEX),
	OUT(out_devid, CLI_DEC),
};
static const struct cli_struct bind =
	STRUCT(S, "vfio_device_bind_iommufd", bind_fields);
#undef S

static const struct cli_name attach_flags[] = {
	NAME(VFIO_DEVICE_ATTACH_PASID),
	{ 0 },
};

#define S struct vfio_device_attach_iommufd_pt
static const struct cli_field attach_fields[] = {
	IN(argsz, CLI_DEC),
	IN_FLAGS(flags, attach_flags),
	INOUT(pt_id, CLI_DEC),
	IN(pasid, CLI_DEC),
};
static const struct cli_struct attach =
	STRUCT(S, "vfio_device_attach_iommufd_pt", attach_fields);
#undef S

static const struct cli_name detach_flags[] = {
	NAME(VFIO_DEVICE_DETACH_PASID),
	{ 0 },
};

#define S struct vfio_device_detach_iommufd_pt
static const struct cli_field detach_fields[] = {
	IN(argsz, CLI_DEC),
	IN_FLAGS(flags, detach_flags),
	IN(pasid, CLI_DEC),
};
static const struct cli_struct detach =
	STRUCT(S, "vfio_device_detach_iommufd_pt", detach_fields);
#undef S

/* ---- devices: features ---- */

static const struct cli_name migration_flags[] = {
	NAME(VFIO_MIGRATION_STOP_COPY),
	NAME(VFIO_MIGRATION_P2P),
	NAME(VFIO_MIGRATION_PRE_COPY),
	{ 0 },
};

#define S struct vfio_device_feature_migration
static const struct cli_field migration_fields[] = {
	OUT_FLAGS(flags, migration_flags),
};
static const struct cli_struct migration =
	STRUCT(S, "vfio_device_feature_migration", migration_fields);
#undef S

static const struct cli_name mig_states[] = {
	NAME(VFIO_DEVICE_STATE_ERROR),
	NAME(VFIO_DEVICE_STATE_STOP),
	NAME(VFIO_DEVICE_STATE_RUNNING),
	NAME(VFIO_DEVICE_STATE_STOP_COPY),
	NAME(VFIO_DEVICE_STATE_RESUMING),
	NAME(VFIO_DEVICE_STATE_RUNNING_P2P),
	NAME(VFIO_DEVICE_STATE_PRE_COPY),
	NAME(VFIO_DEVICE_STATE_PRE_COPY_P2P),
	{ 0 },
};

#define S struct vfio_device_feature_mig_state
static const struct cli_field mig_state_fields[] = {
	OUT_ENUM(device_state, mig_states),
	OUT(data_fd, CLI_SIGNED),
};
static const struct cli_struct mig_state =
	STRUCT(S, "vfio_device_feature_mig_state", mig_state_fields);
#undef S

#define S struct vfio_device_low_power_entry_with_wakeup
static const struct cli_field low_power_fields[] = {
	IN(wakeup_eventfd, CLI_SIGNED),
};
static const struct cli_struct low_power =
	STRUCT(S, "vfio_device_low_power_entry_with_wakeup", low_power_fields);
#undef S

#define S struct vfio_device_feature_dma_logging_range
static const struct cli_field logging_range_fields[] = {
	IN(iova, CLI_HEX),
	IN(length, CLI_HEX),
};
static const struct cli_struct logging_range = STRUCT(
	S, "vfio_device_feature_dma_logging_range", logging_range_fields);
#undef S

static const struct cli_kind logging_range_kind[] = {
	{ .what = &logging_range },
	{ 0 },
};

#define S struct vfio_device_feature_dma_logging_control
static const struct cli_more logging_ranges = {
	.kind = logging_range_kind,
	.count = PLACE(num_ranges),
};
static const struct cli_field logging_control_fields[] = {
	IN(page_size, CLI_HEX),
	IN(num_ranges, CLI_DEC),
	ZERO(__reserved),
	IN_MORE(ranges, &logging_ranges),
};
static const struct cli_struct logging_control = STRUCT(
	S, "vfio_device_feature_dma_logging_control", logging_control_fields);
#undef S

#define S struct vfio_device_feature_dma_logging_report
static const struct cli_field logging_report_fields[] = {
	IN(iova, CLI_HEX),
	IN(length, CLI_HEX),
	IN(page_size, CLI_HEX),
	IN(bitmap, CLI_HEX),
};
static const struct cli_struct logging_report = STRUCT(
	S, "vfio_device_feature_dma_logging_report", logging_report_fields);
#undef S

#define S struct vfio_device_feature_mig_data_size
static const struct cli_field mig_data_size_fields[] = {
	OUT(stop_copy_length, CLI_DEC),
};
static const struct cli_struct mig_data_size =
	STRUCT(S, "vfio_device_feature_mig_data_size", mig_data_size_fields);
#undef S

static const struct cli_name bus_master_ops[] = {
	NAME(VFIO_DEVICE_FEATURE_CLEAR_MASTER),
	NAME(VFIO_DEVICE_FEATURE_SET_MASTER),
	{ 0 },
};

#define S struct vfio_device_feature_bus_master
static const struct cli_field bus_master_fields[] = {
	IN_ENUM(op, bus_master_ops),
};
static const struct cli_struct bus_master =
	STRUCT(S, "vfio_device_feature_bus_master", bus_master_fields);
#undef S

#define S struct vfio_region_dma_range
static const struct cli_field dma_range_fields[] = {
	IN(offset, CLI_HEX),
	IN(length, CLI_HEX),
};
static const struct cli_struct dma_range =
	STRUCT(S, "vfio_region_dma_range", dma_range_fields);
#undef S

static const struct cli_kind dma_range_kind[] = { { .what = &dma_range },
						  { 0 } };

#define S struct vfio_device_feature_dma_buf
static const struct cli_more dma_ranges = {
	.kind = dma_range_kind,
	.count = PLACE(nr_ranges),
};
static const struct cli_field dma_buf_fields[] = {
	IN_ENUM(region_index, region_indexes),
	IN(open_flags, CLI_HEX),
	IN(flags, CLI_HEX),
	IN(nr_ranges, CLI_DEC),
	FOLLOWING(dma_ranges, CLI_IN, &dma_ranges),
};
static const struct cli_struct dma_buf =
	STRUCT(S, "vfio_device_feature_dma_buf", dma_buf_fields);
#undef S

#define S struct vfio_device_feature_zpci_err
static const struct cli_field zpci_err_fields[] = { OUT(data, CLI_HEX) };
static const struct cli_struct zpci_err =
	STRUCT(S, "vfio_device_feature_zpci_err", zpci_err_fields);
#undef S

static const struct cli_field token_field[] = {
	{ .name = "token", .size = 16, .show = CLI_BYTES, .way = CLI_INOUT },
};
static const struct cli_struct token = {
	.name = "token",
	.size = 16,
	.nr = 1,
	.field = token_field,
};

static const struct cli_name features[] = {
	NAME(VFIO_DEVICE_FEATURE_PCI_VF_TOKEN),
	NAME(VFIO_DEVICE_FEATURE_MIGRATION),
	NAME(VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE),
	NAME(VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY),
	NAME(VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP),
	NAME(VFIO_DEVICE_FEATURE_LOW_POWER_EXIT),
	NAME(VFIO_DEVICE_FEATURE_DMA_LOGGING_START),
	NAME(VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP),
	NAME(VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT),
	NAME(VFIO_DEVICE_FEATURE_MIG_DATA_SIZE),
	NAME(VFIO_DEVICE_FEATURE_BUS_MASTER),
	NAME(VFIO_DEVICE_FEATURE_DMA_BUF),
	NAME(VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2),
	NAME(VFIO_DEVICE_FEATURE_ZPCI_ERROR),
	NAME(VFIO_DEVICE_FEATURE_GET),
	NAME(VFIO_DEVICE_FEATURE_SET),
	NAME(VFIO_DEVICE_FEATURE_PROBE),
	{ 0 },
};

/* A probe has no data, or data that mean nothing. */
#define FEATURE_MASK (LOW16 | VFIO_DEVICE_FEATURE_PROBE)
#define SETS(feature, what)                                         \
	{                                                           \
		FEATURE_MASK | VFIO_DEVICE_FEATURE_SET,             \
			(feature) | VFIO_DEVICE_FEATURE_SET, (what) \
	}
#define GETS(feature, what)                                         \
	{                                                           \
		FEATURE_MASK | VFIO_DEVICE_FEATURE_GET,             \
			(feature) | VFIO_DEVICE_FEATURE_GET, (what) \
	}

static const struct cli_kind features_set[] = {
	SETS(VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, &token),
	SETS(VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, &mig_state),
	SETS(VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP, &low_power),
	SETS(VFIO_DEVICE_FEATURE_DMA_LOGGING_START, &logging_control),
	GETS(VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT, &logging_report),
	SETS(VFIO_DEVICE_FEATURE_BUS_MASTER, &bus_master),
	GETS(VFIO_DEVICE_FEATURE_DMA_BUF, &dma_buf),
	{ 0 },
};
static const struct cli_kind features_got[] = {
	GETS(VFIO_DEVICE_FEATURE_MIGRATION, &migration),
	GETS(VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, &mig_state),
	GETS(VFIO_DEVICE_FEATURE_MIG_DATA_SIZE, &mig_data_size),
	GETS(VFIO_DEVICE_FEATURE_ZPCI_ERROR, &zpci_err),
	{ 0 },
};

#define S struct vfio_device_feature
static const struct cli_more feature_set = {
	.kind = features_set,
	.selector = PLACE(flags),
};
static const struct cli_more feature_got = {
	.kind = features_got,
	.selector = PLACE(flags),
};
static const struct cli_field feature_fields[] = {
	IN(argsz, CLI_DEC),
	FIELD(flags, CLI_LOW, CLI_IN, features, NULL),
	FOLLOWING(data, CLI_IN, &feature_set),
	FOLLOWING(data, CLI_OUT, &feature_got),
};
static const struct cli_struct feature =
	STRUCT(S, "vfio_device_feature", feature_fields);
#undef S

static const struct cli_name precopy_flags[] = {
	NAME(VFIO_PRECOPY_INFO_REINIT),
	{ 0 },
};

#define S struct vfio_precopy_info
static const struct cli_field precopy_fields[] = {
	IN(argsz, CLI_DEC),
	OUT_FLAGS(flags, precopy_flags),
	OUT(initial_bytes, CLI_DEC),
	OUT(dirty_bytes, CLI_DEC),
};
static const struct cli_struct precopy =
	STRUCT(S, "vfio_precopy_info", precopy_fields);
#undef S

/* ---- containers ---- */

static const struct cli_name extensions[] = {
	NAME(VFIO_TYPE1_IOMMU),
	NAME(VFIO_SPAPR_TCE_IOMMU),
	NAME(VFIO_TYPE1v2_IOMMU),
	NAME(VFIO_DMA_CC_IOMMU),
	NAME(VFIO_EEH),
	NAME(__VFIO_RESERVED_TYPE1_NESTING_IOMMU),
	NAME(VFIO_SPAPR_TCE_v2_IOMMU),
	NAME(VFIO_NOIOMMU_IOMMU),
	NAME(VFIO_UNMAP_ALL),
	NAME(VFIO_UPDATE_VADDR),
	{ 0 },
};

static const struct cli_name info_flags[] = {
	NAME(VFIO_IOMMU_INFO_PGSIZES),
	NAME(VFIO_IOMMU_INFO_CAPS),
	{ 0 },
};

#define S struct vfio_iova_range
static const struct cli_field vfio_range_fields[] = {
	OUT(start, CLI_HEX),
	OUT(end, CLI_HEX),
};
static const struct cli_struct vfio_range =
	STRUCT(S, "vfio_iova_range", vfio_range_fields);
#undef S

static const struct cli_kind vfio_range_kind[] = { { .what = &vfio_range },
						   { 0 } };

#define S struct vfio_iommu_type1_info_cap_iova_range
static const struct cli_more cap_ranges = {
	.kind = vfio_range_kind,
	.count = PLACE(nr_iovas),
};
static const struct cli_field cap_iova_fields[] = {
	OUT(nr_iovas, CLI_DEC),
	FOLLOWING(iova_ranges, CLI_OUT, &cap_ranges),
};
static const struct cli_struct cap_iova =
	STRUCT(S, "VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE", cap_iova_fields);
#undef S

#define S struct vfio_iommu_type1_info_cap_migration
static const struct cli_field cap_migration_fields[] = {
	OUT(flags, CLI_HEX),
	OUT(pgsize_bitmap, CLI_HEX),
	OUT(max_dirty_bitmap_size, CLI_DEC),
};
static const struct cli_struct cap_migration =
	STRUCT(S, "VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION", cap_migration_fields);
#undef S

#define S struct vfio_iommu_type1_info_dma_avail
static const struct cli_field cap_avail_fields[] = { OUT(avail, CLI_DEC) };
static const struct cli_struct cap_avail =
	STRUCT(S, "VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL", cap_avail_fields);
#undef S

static const struct cli_kind type1_caps[] = {
	{ LOW16, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, &cap_iova },
	{ LOW16, VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, &cap_migration },
	{ LOW16, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, &cap_avail },
	{ 0 },
};
static const struct cli_more type1_chain = { .kind = type1_caps };

#define S struct vfio_iommu_type1_info
static const struct cli_field type1_info_fields[] = {
	INOUT(argsz, CLI_DEC),
	OUT_FLAGS(flags, info_flags),
	OUT(iova_pgsizes, CLI_HEX),
	CHAIN(cap_offset, &type1_chain),
};
static const struct cli_struct type1_info =
	STRUCT(S, "vfio_iommu_type1_info", type1_info_fields);
#undef S

static const struct cli_name dma_map_flags[] = {
	NAME(VFIO_DMA_MAP_FLAG_READ),
	NAME(VFIO_DMA_MAP_FLAG_WRITE),
	NAME(VFIO_DMA_MAP_FLAG_VADDR),
	{ 0 },
};

#define S struct vfio_iommu_type1_dma_map
static const struct cli_field dma_map_fields[] = {
	IN(argsz, CLI_DEC), IN_FLAGS(flags, dma_map_flags),
	IN(vaddr, CLI_HEX), IN(iova, CLI_HEX),
	IN(size, CLI_HEX),
};
static const struct cli_struct dma_map =
	STRUCT(S, "vfio_iommu_type1_dma_map", dma_map_fields);
#undef S

static const struct cli_name dma_unmap_flags[] = {
	NAME(VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP),
	NAME(VFIO_DMA_UNMAP_FLAG_ALL),
	NAME(VFIO_DMA_UNMAP_FLAG_VADDR),
	{ 0 },
};

#define S struct vfio_bitmap
static const struct cli_field bitmap_fields[] = {
	IN(pgsize, CLI_HEX),
	IN(size, CLI_DEC),
	IN(data, CLI_HEX),
};
static const struct cli_struct bitmap = STRUCT(S, "vfio_bitmap", bitmap_fields);
#undef S

static const struct cli_kind unmap_data[] = {
	{ VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP,
	  VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP, &bitmap },
	{ 0 },
};

#define S struct vfio_iommu_type1_dma_unmap
static const struct cli_more unmap_bitmap = {
	.kind = unmap_data,
	.selector = PLACE(flags),
};
static const struct cli_field dma_unmap_fields[] = {
	IN(argsz, CLI_DEC),
	IN_FLAGS(flags, dma_unmap_flags),
	IN(iova, CLI_HEX),
	INOUT(size, CLI_HEX),
	FOLLOWING(data, CLI_IN, &unmap_bitmap),
};
static const struct cli_struct dma_unmap =
	STRUCT(S, "vfio_iommu_type1_dma_unmap", dma_unmap_fields);
#undef S

static const struct cli_name dirty_flags[] = {
	NAME(VFIO_IOMMU_DIRTY_PAGES_FLAG_START),
	NAME(VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP),
	NAME(VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP),
	{ 0 },
};

#define S struct vfio_iommu_type1_dirty_bitmap_get
static const struct cli_field dirty_get_fields[] = {
	IN(iova, CLI_HEX),          IN(size, CLI_HEX),
	IN(bitmap.pgsize, CLI_HEX), IN(bitmap.size, CLI_DEC),
	IN(bitmap.data, CLI_HEX),
};
static const struct cli_struct dirty_get =
	STRUCT(S, "vfio_iommu_type1_dirty_bitmap_get", dirty_get_fields);
#undef S

static const struct cli_kind dirty_data[] = {
	{ VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP,
	  VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP, &dirty_get },
	{ 0 },
};

#define S struct vfio_iommu_type1_dirty_bitmap
static const struct cli_more dirty_more = {
	.kind = dirty_data,
	.selector = PLACE(flags),
};
static const struct cli_field dirty_fields[] = {
	IN(argsz, CLI_DEC),
	IN_FLAGS(flags, dirty_flags),
	FOLLOWING(data, CLI_IN, &dirty_more),
};
static const struct cli_struct dirty =
	STRUCT(S, "vfio_iommu_type1_dirty_bitmap", dirty_fields);
#undef S

/* ---- sPAPR ---- */

#define S struct vfio_iommu_spapr_tce_create
static const struct cli_field tce_create_fields[] = {
	IN(argsz, CLI_DEC),       IN(flags, CLI_HEX),  IN(page_shift, CLI_DEC),
	IN(window_size, CLI_HEX), IN(levels, CLI_DEC), OUT(start_addr, CLI_HEX),
};
static const struct cli_struct tce_create =
	STRUCT(S, "vfio_iommu_spapr_tce_create", tce_create_fields);
#undef S

#define S struct vfio_iommu_spapr_tce_remove
static const struct cli_field tce_remove_fields[] = {
	IN(argsz, CLI_DEC),
	IN(flags, CLI_HEX),
	IN(start_addr, CLI_HEX),
};
static const struct cli_struct tce_remove =
	STRUCT(S, "vfio_iommu_spapr_tce_remove", tce_remove_fields);
#undef S

#define S struct vfio_iommu_spapr_register_memory
static const struct cli_field tce_memory_fields[] = {
	IN(argsz, CLI_DEC),
	IN(flags, CLI_HEX),
	IN(vaddr, CLI_HEX),
	IN(size, CLI_HEX),
};
static const struct cli_struct tce_memory =
	STRUCT(S, "vfio_iommu_spapr_register_memory", tce_memory_fields);
#undef S

static const struct cli_name eeh_ops[] = {
	NAME(VFIO_EEH_PE_DISABLE),
	NAME(VFIO_EEH_PE_ENABLE),
	NAME(VFIO_EEH_PE_UNFREEZE_IO),
	NAME(VFIO_EEH_PE_UNFREEZE_DMA),
	NAME(VFIO_EEH_PE_GET_STATE),
	NAME(VFIO_EEH_PE_RESET_DEACTIVATE),
	NAME(VFIO_EEH_PE_RESET_HOT),
	NAME(VFIO_EEH_PE_RESET_FUNDAMENTAL),
	NAME(VFIO_EEH_PE_CONFIGURE),
	NAME(VFIO_EEH_PE_INJECT_ERR),
	{ 0 },
};

#define S struct vfio_eeh_pe_op
static const struct cli_field eeh_fields[] = {
	IN(argsz, CLI_DEC),
	IN(flags, CLI_HEX),
	IN_ENUM(op, eeh_ops),
};
static const struct cli_struct eeh = STRUCT(S, "vfio_eeh_pe_op", eeh_fields);
#undef S

/* ---- which file has which ---- */

const struct cli_request cli_vfio_device_requests[] = {
	PLAIN(VFIO_GET_API_VERSION, CLI_ZERO, NULL),
	REQUEST(VFIO_GROUP_GET_STATUS, &group_status),
	/* A pointer to a number, and one to a string: shown as addresses. */
	PLAIN(VFIO_GROUP_SET_CONTAINER, CLI_HEX, NULL),
	PLAIN(VFIO_GROUP_UNSET_CONTAINER, CLI_ZERO, NULL),
	PLAIN(VFIO_GROUP_GET_DEVICE_FD, CLI_HEX, NULL),
	REQUEST(VFIO_DEVICE_GET_INFO, &device_info),
	REQUEST(VFIO_DEVICE_GET_REGION_INFO, &region_info),
	REQUEST(VFIO_DEVICE_GET_IRQ_INFO, &irq_info),
	REQUEST(VFIO_DEVICE_SET_IRQS, &irq_set),
	PLAIN(VFIO_DEVICE_RESET, CLI_ZERO, NULL),
	REQUEST(VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &hot_reset_info),
	REQUEST(VFIO_DEVICE_PCI_HOT_RESET, &hot_reset),
	REQUEST(VFIO_DEVICE_QUERY_GFX_PLANE, &gfx),
	PLAIN(VFIO_DEVICE_GET_GFX_DMABUF, CLI_HEX, NULL),
	REQUEST(VFIO_DEVICE_IOEVENTFD, &ioeventfd),
	REQUEST(VFIO_DEVICE_FEATURE, &feature),
	REQUEST(VFIO_DEVICE_BIND_IOMMUFD, &bind),
	REQUEST(VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach),
	REQUEST(VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach),
	REQUEST(VFIO_MIG_GET_PRECOPY_INFO, &precopy),
};

const size_t cli_vfio_device_nr_requests =
	sizeof(cli_vfio_device_requests) / sizeof(cli_vfio_device_requests[0]);

/* Of two requests with one number, that of x86 and Arm has the name. */
const struct cli_request cli_vfio_container_requests[] = {
	PLAIN(VFIO_GET_API_VERSION, CLI_ZERO, NULL),
	PLAIN(VFIO_CHECK_EXTENSION, CLI_ENUM, extensions),
	PLAIN(VFIO_SET_IOMMU, CLI_ENUM, extensions),
	REQUEST(VFIO_IOMMU_GET_INFO, &type1_info),
	REQUEST(VFIO_IOMMU_MAP_DMA, &dma_map),
	REQUEST(VFIO_IOMMU_UNMAP_DMA, &dma_unmap),
	PLAIN(VFIO_IOMMU_ENABLE, CLI_ZERO, NULL),
	PLAIN(VFIO_IOMMU_DISABLE, CLI_ZERO, NULL),
	REQUEST(VFIO_IOMMU_DIRTY_PAGES, &dirty),
	REQUEST(VFIO_IOMMU_SPAPR_UNREGISTER_MEMORY, &tce_memory),
	REQUEST(VFIO_IOMMU_SPAPR_TCE_CREATE, &tce_create),
	REQUEST(VFIO_IOMMU_SPAPR_TCE_REMOVE, &tce_remove),
	REQUEST(VFIO_EEH_PE_OP, &eeh),
};

const size_t cli_vfio_container_nr_requests =
	sizeof(cli_vfio_container_requests) /
	sizeof(cli_vfio_container_requests[0]);
