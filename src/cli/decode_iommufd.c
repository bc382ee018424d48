/* SPDX-License-Identifier: MIT */
/* The structures of <uiommu/iommufd.h>. */
#include <uiommu/iommufd.h>

#include "cli/decode_tables.h"

/* ---- objects ---- */

#define S struct iommu_destroy
static const struct cli_field destroy_fields[] = {
	IN(size, CLI_DEC),
	IN(id, CLI_DEC),
};
static const struct cli_struct destroy =
	STRUCT(S, "iommu_destroy", destroy_fields);
#undef S

#define S struct iommu_ioas_alloc
static const struct cli_field ioas_alloc_fields[] = {
	IN(size, CLI_DEC),
	IN(flags, CLI_HEX),
	OUT(out_ioas_id, CLI_DEC),
};
static const struct cli_struct ioas_alloc =
	STRUCT(S, "iommu_ioas_alloc", ioas_alloc_fields);
#undef S

/* ---- ranges ---- */

#define S struct iommu_iova_range
static const struct cli_field iova_range_fields[] = {
	IN(start, CLI_HEX),
	IN(last, CLI_HEX),
};
static const struct cli_struct iova_range =
	STRUCT(S, "iommu_iova_range", iova_range_fields);
#undef S

static const struct cli_kind iova_range_kind[] = {
	{ .what = &iova_range },
	{ 0 },
};

#define S struct iommu_ioas_iova_ranges
static const struct cli_more iova_ranges_more = {
	.kind = iova_range_kind,
	.count = PLACE(num_iovas),
};
static const struct cli_field iova_ranges_fields[] = {
	IN(size, CLI_DEC),
	IN(ioas_id, CLI_DEC),
	INOUT(num_iovas, CLI_DEC),
	ZERO(__reserved),
	OUT_MORE(allowed_iovas, &iova_ranges_more),
	OUT(out_iova_alignment, CLI_HEX),
};
static const struct cli_struct iova_ranges =
	STRUCT(S, "iommu_ioas_iova_ranges", iova_ranges_fields);
#undef S

#define S struct iommu_ioas_allow_iovas
static const struct cli_more allow_iovas_more = {
	.kind = iova_range_kind,
	.count = PLACE(num_iovas),
};
static const struct cli_field allow_iovas_fields[] = {
	IN(size, CLI_DEC),
	IN(ioas_id, CLI_DEC),
	IN(num_iovas, CLI_DEC),
	ZERO(__reserved),
	IN_MORE(allowed_iovas, &allow_iovas_more),
};
static const struct cli_struct allow_iovas =
	STRUCT(S, "iommu_ioas_allow_iovas", allow_iovas_fields);
#undef S

/* ---- mappings ---- */

static const struct cli_name map_flags[] = {
	NAME(IOMMU_IOAS_MAP_FIXED_IOVA),
	NAME(IOMMU_IOAS_MAP_WRITEABLE),
	NAME(IOMMU_IOAS_MAP_READABLE),
	{ 0 },
};

#define S struct iommu_ioas_map
static const struct cli_field map_fields[] = {
	IN(size, CLI_DEC),    IN_FLAGS(flags, map_flags), IN(ioas_id, CLI_DEC),
	ZERO(__reserved),     IN(user_va, CLI_HEX),       IN(length, CLI_HEX),
	INOUT(iova, CLI_HEX),
};
static const struct cli_struct map = STRUCT(S, "iommu_ioas_map", map_fields);
#undef S

#define S struct iommu_ioas_map_file
static const struct cli_field map_file_fields[] = {
	IN(size, CLI_DEC),    IN_FLAGS(flags, map_flags), IN(ioas_id, CLI_DEC),
	IN(fd, CLI_SIGNED),   IN(start, CLI_HEX),         IN(length, CLI_HEX),
	INOUT(iova, CLI_HEX),
};
static const struct cli_struct map_file =
	STRUCT(S, "iommu_ioas_map_file", map_file_fields);
#undef S

#define S struct iommu_ioas_copy
static const struct cli_field copy_fields[] = {
	IN(size, CLI_DEC),        IN_FLAGS(flags, map_flags),
	IN(dst_ioas_id, CLI_DEC), IN(src_ioas_id, CLI_DEC),
	IN(length, CLI_HEX),      INOUT(dst_iova, CLI_HEX),
	IN(src_iova, CLI_HEX),
};
static const struct cli_struct copy = STRUCT(S, "iommu_ioas_copy", copy_fields);
#undef S

#define S struct iommu_ioas_unmap
static const struct cli_field unmap_fields[] = {
	IN(size, CLI_DEC),
	IN(ioas_id, CLI_DEC),
	IN(iova, CLI_HEX),
	INOUT(length, CLI_HEX),
};
static const struct cli_struct unmap =
	STRUCT(S, "iommu_ioas_unmap", unmap_fields);
#undef S

#define S struct iommu_ioas_noiommu_get_pa
static const struct cli_field get_pa_fields[] = {
	IN(size, CLI_DEC),      IN(flags, CLI_HEX), IN(ioas_id, CLI_DEC),
	ZERO(__reserved),       IN(iova, CLI_HEX),  INOUT(length, CLI_HEX),
	OUT(out_phys, CLI_HEX),
};
static const struct cli_struct get_pa =
	STRUCT(S, "iommu_ioas_noiommu_get_pa", get_pa_fields);
#undef S

#define S struct iommu_ioas_change_process
static const struct cli_field change_process_fields[] = {
	IN(size, CLI_DEC),
	ZERO(__reserved),
};
static const struct cli_struct change_process =
	STRUCT(S, "iommu_ioas_change_process", change_process_fields);
#undef S

/* ---- options ---- */

static const struct cli_name options[] = {
	NAME(IOMMU_OPTION_RLIMIT_MODE),
	NAME(IOMMU_OPTION_HUGE_PAGES),
	{ 0 },
};

static const struct cli_name option_ops[] = {
	NAME(IOMMU_OPTION_OP_SET),
	NAME(IOMMU_OPTION_OP_GET),
	{ 0 },
};

#define S struct iommu_option
static const struct cli_field option_fields[] = {
	IN(size, CLI_DEC), IN_ENUM(option_id, options), IN_ENUM(op, option_ops),
	ZERO(__reserved),  IN(object_id, CLI_DEC),      INOUT(val64, CLI_DEC),
};
static const struct cli_struct option =
	STRUCT(S, "iommu_option", option_fields);
#undef S

static const struct cli_name vfio_ioas_ops[] = {
	NAME(IOMMU_VFIO_IOAS_GET),
	NAME(IOMMU_VFIO_IOAS_SET),
	NAME(IOMMU_VFIO_IOAS_CLEAR),
	{ 0 },
};

#define S struct iommu_vfio_ioas
static const struct cli_field vfio_ioas_fields[] = {
	IN(size, CLI_DEC),
	INOUT(ioas_id, CLI_DEC),
	IN_ENUM(op, vfio_ioas_ops),
	ZERO(__reserved),
};
static const struct cli_struct vfio_ioas =
	STRUCT(S, "iommu_vfio_ioas", vfio_ioas_fields);
#undef S

/* ---- page tables ---- */

static const struct cli_name vtd_s1_flags[] = {
	NAME(IOMMU_VTD_S1_SRE),
	NAME(IOMMU_VTD_S1_EAFE),
	NAME(IOMMU_VTD_S1_WPE),
	{ 0 },
};

#define S struct iommu_hwpt_vtd_s1
static const struct cli_field vtd_s1_fields[] = {
	IN_FLAGS(flags, vtd_s1_flags),
	IN(pgtbl_addr, CLI_HEX),
	IN(addr_width, CLI_DEC),
	ZERO(__reserved),
};
static const struct cli_struct vtd_s1 =
	STRUCT(S, "iommu_hwpt_vtd_s1", vtd_s1_fields);
#undef S

#define S struct iommu_hwpt_arm_smmuv3
static const struct cli_field hwpt_smmuv3_fields[] = {
	IN(ste[0], CLI_HEX),
	IN(ste[1], CLI_HEX),
};
static const struct cli_struct hwpt_smmuv3 =
	STRUCT(S, "iommu_hwpt_arm_smmuv3", hwpt_smmuv3_fields);
#undef S

#define S struct iommu_hwpt_amd_guest
static const struct cli_field amd_guest_fields[] = {
	IN(dte[0], CLI_HEX),
	IN(dte[1], CLI_HEX),
	IN(dte[2], CLI_HEX),
	IN(dte[3], CLI_HEX),
};
static const struct cli_struct amd_guest =
	STRUCT(S, "iommu_hwpt_amd_guest", amd_guest_fields);
#undef S

/* Of the mock driver: struct { iotlb, pagetable_type }. */
struct mock_hwpt {
	__u32 iotlb;
	__u32 pagetable_type;
};

#define S struct mock_hwpt
static const struct cli_field mock_hwpt_fields[] = {
	IN(iotlb, CLI_HEX),
	IN(pagetable_type, CLI_DEC),
};
static const struct cli_struct mock_hwpt =
	STRUCT(S, "iommu_hwpt_selftest", mock_hwpt_fields);
#undef S

#define MOCK_HWPT_DATA  0xdead
#define MOCK_HW_INFO    0xfeedbeef
#define MOCK_VIOMMU     0xdeadbeef
#define MOCK_INVALIDATE 0xdeadbeef
#define MOCK_VEVENTQ    0xbeefbeef
#define ALL_BITS        UINT64_MAX

static const struct cli_name hwpt_flags[] = {
	NAME(IOMMU_HWPT_ALLOC_NEST_PARENT),
	NAME(IOMMU_HWPT_ALLOC_DIRTY_TRACKING),
	NAME(IOMMU_HWPT_FAULT_ID_VALID),
	NAME(IOMMU_HWPT_ALLOC_PASID),
	{ 0 },
};

static const struct cli_name hwpt_data_types[] = {
	NAME(IOMMU_HWPT_DATA_NONE),
	NAME(IOMMU_HWPT_DATA_VTD_S1),
	NAME(IOMMU_HWPT_DATA_ARM_SMMUV3),
	NAME(IOMMU_HWPT_DATA_AMD_GUEST),
	{ MOCK_HWPT_DATA, "IOMMU_HWPT_DATA_SELFTEST" },
	{ 0 },
};

static const struct cli_kind hwpt_kinds[] = {
	{ ALL_BITS, IOMMU_HWPT_DATA_VTD_S1, &vtd_s1 },
	{ ALL_BITS, IOMMU_HWPT_DATA_ARM_SMMUV3, &hwpt_smmuv3 },
	{ ALL_BITS, IOMMU_HWPT_DATA_AMD_GUEST, &amd_guest },
	{ ALL_BITS, MOCK_HWPT_DATA, &mock_hwpt },
	{ 0 },
};

#define S struct iommu_hwpt_alloc
static const struct cli_more hwpt_more = {
	.kind = hwpt_kinds,
	.selector = PLACE(data_type),
	.total = PLACE(data_len),
};
static const struct cli_field hwpt_alloc_fields[] = {
	IN(size, CLI_DEC),         IN_FLAGS(flags, hwpt_flags),
	IN(dev_id, CLI_DEC),       IN(pt_id, CLI_DEC),
	ZERO(__reserved),          IN_ENUM(data_type, hwpt_data_types),
	IN(data_len, CLI_DEC),     IN_MORE(data_uptr, &hwpt_more),
	IN(fault_id, CLI_DEC),     ZERO(__reserved2),
	OUT(out_hwpt_id, CLI_DEC),
};
static const struct cli_struct hwpt_alloc =
	STRUCT(S, "iommu_hwpt_alloc", hwpt_alloc_fields);
#undef S

/* ---- dirty pages ---- */

static const struct cli_name set_dirty_flags[] = {
	NAME(IOMMU_HWPT_DIRTY_TRACKING_ENABLE),
	{ 0 },
};

#define S struct iommu_hwpt_set_dirty_tracking
static const struct cli_field set_dirty_fields[] = {
	IN(size, CLI_DEC),
	IN_FLAGS(flags, set_dirty_flags),
	IN(hwpt_id, CLI_DEC),
	ZERO(__reserved),
};
static const struct cli_struct set_dirty =
	STRUCT(S, "iommu_hwpt_set_dirty_tracking", set_dirty_fields);
#undef S

static const struct cli_name get_dirty_flags[] = {
	NAME(IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR),
	{ 0 },
};

#define S struct iommu_hwpt_get_dirty_bitmap
static const struct cli_field get_dirty_fields[] = {
	IN(size, CLI_DEC),
	IN(hwpt_id, CLI_DEC),
	IN_FLAGS(flags, get_dirty_flags),
	ZERO(__reserved),
	IN(iova, CLI_HEX),
	IN(length, CLI_HEX),
	IN(page_size, CLI_HEX),
	IN(data, CLI_HEX),
};
static const struct cli_struct get_dirty =
	STRUCT(S, "iommu_hwpt_get_dirty_bitmap", get_dirty_fields);
#undef S

/* ---- hardware information ---- */

static const struct cli_name hw_info_vtd_flags[] = {
	NAME(IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17),
	{ 0 },
};

#define S struct iommu_hw_info_vtd
static const struct cli_field hw_info_vtd_fields[] = {
	OUT_FLAGS(flags, hw_info_vtd_flags),
	ZERO(__reserved),
	OUT(cap_reg, CLI_HEX),
	OUT(ecap_reg, CLI_HEX),
};
static const struct cli_struct hw_info_vtd =
	STRUCT(S, "iommu_hw_info_vtd", hw_info_vtd_fields);
#undef S

static const struct cli_name hw_info_smmuv3_flags[] = {
	NAME(IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI),
	{ 0 },
};

#define S struct iommu_hw_info_arm_smmuv3
static const struct cli_field hw_info_smmuv3_fields[] = {
	OUT_FLAGS(flags, hw_info_smmuv3_flags),
	ZERO(__reserved),
	OUT(idr[0], CLI_HEX),
	OUT(idr[1], CLI_HEX),
	OUT(idr[2], CLI_HEX),
	OUT(idr[3], CLI_HEX),
	OUT(idr[4], CLI_HEX),
	OUT(idr[5], CLI_HEX),
	OUT(iidr, CLI_HEX),
	OUT(aidr, CLI_HEX),
};
static const struct cli_struct hw_info_smmuv3 =
	STRUCT(S, "iommu_hw_info_arm_smmuv3", hw_info_smmuv3_fields);
#undef S

#define S struct iommu_hw_info_tegra241_cmdqv
static const struct cli_field hw_info_cmdqv_fields[] = {
	OUT(flags, CLI_HEX),      OUT(version, CLI_DEC),
	OUT(log2vcmdqs, CLI_DEC), OUT(log2vsids, CLI_DEC),
	ZERO(__reserved),
};
static const struct cli_struct hw_info_cmdqv =
	STRUCT(S, "iommu_hw_info_tegra241_cmdqv", hw_info_cmdqv_fields);
#undef S

#define S struct iommu_hw_info_amd
static const struct cli_field hw_info_amd_fields[] = {
	OUT(efr, CLI_HEX),
	OUT(efr2, CLI_HEX),
};
static const struct cli_struct hw_info_amd =
	STRUCT(S, "iommu_hw_info_amd", hw_info_amd_fields);
#undef S

struct mock_hw_info {
	__u32 flags;
	__u32 test_reg;
};

#define S struct mock_hw_info
static const struct cli_field mock_hw_info_fields[] = {
	OUT(flags, CLI_HEX),
	OUT(test_reg, CLI_HEX),
};
static const struct cli_struct mock_hw_info =
	STRUCT(S, "iommu_test_hw_info", mock_hw_info_fields);
#undef S

static const struct cli_name hw_info_flags[] = {
	NAME(IOMMU_HW_INFO_FLAG_INPUT_TYPE),
	{ 0 },
};

static const struct cli_name hw_info_types[] = {
	NAME(IOMMU_HW_INFO_TYPE_NONE),
	NAME(IOMMU_HW_INFO_TYPE_INTEL_VTD),
	NAME(IOMMU_HW_INFO_TYPE_ARM_SMMUV3),
	NAME(IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV),
	NAME(IOMMU_HW_INFO_TYPE_AMD),
	{ MOCK_HW_INFO, "IOMMU_HW_INFO_TYPE_SELFTEST" },
	{ 0 },
};

static const struct cli_name hw_capabilities[] = {
	NAME(IOMMU_HW_CAP_DIRTY_TRACKING),
	NAME(IOMMU_HW_CAP_PCI_PASID_EXEC),
	NAME(IOMMU_HW_CAP_PCI_PASID_PRIV),
	NAME(IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED),
	{ 0 },
};

static const struct cli_kind hw_info_kinds[] = {
	{ ALL_BITS, IOMMU_HW_INFO_TYPE_INTEL_VTD, &hw_info_vtd },
	{ ALL_BITS, IOMMU_HW_INFO_TYPE_ARM_SMMUV3, &hw_info_smmuv3 },
	{ ALL_BITS, IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV, &hw_info_cmdqv },
	{ ALL_BITS, IOMMU_HW_INFO_TYPE_AMD, &hw_info_amd },
	{ ALL_BITS, MOCK_HW_INFO, &mock_hw_info },
	{ 0 },
};

#define S struct iommu_hw_info
static const struct cli_more hw_info_more = {
	.kind = hw_info_kinds,
	.selector = PLACE(out_data_type),
	.total = PLACE(data_len),
};
static const struct cli_field hw_info_fields[] = {
	IN(size, CLI_DEC),
	IN_FLAGS(flags, hw_info_flags),
	IN(dev_id, CLI_DEC),
	INOUT(data_len, CLI_DEC),
	IN_ENUM(in_data_type, hw_info_types),
	ZERO(__reserved),
	OUT_ENUM(out_data_type, hw_info_types),
	OUT_MORE(data_uptr, &hw_info_more),
	OUT(out_max_pasid_log2, CLI_DEC),
	OUT_FLAGS(out_capabilities, hw_capabilities),
};
static const struct cli_struct hw_info =
	STRUCT(S, "iommu_hw_info", hw_info_fields);
#undef S

/* ---- invalidation ---- */

static const struct cli_name vtd_inv_flags[] = {
	NAME(IOMMU_VTD_INV_FLAGS_LEAF),
	{ 0 },
};

#define S struct iommu_hwpt_vtd_s1_invalidate
static const struct cli_field vtd_invalidate_fields[] = {
	IN(addr, CLI_HEX),
	IN(npages, CLI_HEX),
	IN_FLAGS(flags, vtd_inv_flags),
	ZERO(__reserved),
};
static const struct cli_struct vtd_invalidate =
	STRUCT(S, "iommu_hwpt_vtd_s1_invalidate", vtd_invalidate_fields);
#undef S

#define S struct iommu_viommu_arm_smmuv3_invalidate
static const struct cli_field smmuv3_invalidate_fields[] = {
	IN(cmd[0], CLI_HEX),
	IN(cmd[1], CLI_HEX),
};
static const struct cli_struct smmuv3_invalidate = STRUCT(
	S, "iommu_viommu_arm_smmuv3_invalidate", smmuv3_invalidate_fields);
#undef S

/* Of the mock driver: a table's entry has two words, a VIOMMU's has three. */
struct mock_invalidate {
	__u32 flags;
	__u32 id;
	__u32 cache_id;
};

#define S struct mock_invalidate
static const struct cli_field mock_invalidate_fields[] = {
	IN(flags, CLI_HEX),
	IN(id, CLI_DEC),
	IN(cache_id, CLI_DEC),
};
static const struct cli_struct mock_invalidate =
	STRUCT(S, "selftest_invalidate", mock_invalidate_fields);
#undef S

static const struct cli_name invalidate_types[] = {
	NAME(IOMMU_HWPT_INVALIDATE_DATA_VTD_S1),
	NAME(IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3),
	{ MOCK_INVALIDATE, "IOMMU_HWPT_INVALIDATE_DATA_SELFTEST" },
	{ 0 },
};

static const struct cli_kind invalidate_kinds[] = {
	{ ALL_BITS, IOMMU_HWPT_INVALIDATE_DATA_VTD_S1, &vtd_invalidate },
	{ ALL_BITS, IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
	  &smmuv3_invalidate },
	{ ALL_BITS, MOCK_INVALIDATE, &mock_invalidate },
	{ 0 },
};

#define S struct iommu_hwpt_invalidate
static const struct cli_more invalidate_more = {
	.kind = invalidate_kinds,
	.selector = PLACE(data_type),
	.count = PLACE(entry_num),
	.bytes = PLACE(entry_len),
};
static const struct cli_field invalidate_fields[] = {
	IN(size, CLI_DEC),
	IN(hwpt_id, CLI_DEC),
	IN_MORE(data_uptr, &invalidate_more),
	IN_ENUM(data_type, invalidate_types),
	IN(entry_len, CLI_DEC),
	INOUT(entry_num, CLI_DEC),
	ZERO(__reserved),
};
static const struct cli_struct invalidate =
	STRUCT(S, "iommu_hwpt_invalidate", invalidate_fields);
#undef S

/* ---- queues ---- */

static const struct cli_name pgfault_flags[] = {
	NAME(IOMMU_PGFAULT_FLAGS_PASID_VALID),
	NAME(IOMMU_PGFAULT_FLAGS_LAST_PAGE),
	{ 0 },
};

static const struct cli_name pgfault_perms[] = {
	NAME(IOMMU_PGFAULT_PERM_READ),
	NAME(IOMMU_PGFAULT_PERM_WRITE),
	NAME(IOMMU_PGFAULT_PERM_EXEC),
	NAME(IOMMU_PGFAULT_PERM_PRIV),
	{ 0 },
};

#define S struct iommu_hwpt_pgfault
static const struct cli_field pgfault_fields[] = {
	OUT_FLAGS(flags, pgfault_flags),
	OUT(dev_id, CLI_DEC),
	OUT(pasid, CLI_DEC),
	OUT(grpid, CLI_DEC),
	OUT_FLAGS(perm, pgfault_perms),
	OUT(addr, CLI_HEX),
	OUT(length, CLI_DEC),
	OUT(cookie, CLI_DEC),
};
const struct cli_struct cli_pgfault =
	STRUCT(S, "iommu_hwpt_pgfault", pgfault_fields);
#undef S

static const struct cli_name page_response_codes[] = {
	NAME(IOMMUFD_PAGE_RESP_SUCCESS),
	NAME(IOMMUFD_PAGE_RESP_INVALID),
	{ 0 },
};

#define S struct iommu_hwpt_page_response
static const struct cli_field page_response_fields[] = {
	IN(cookie, CLI_DEC),
	IN_ENUM(code, page_response_codes),
};
const struct cli_struct cli_page_response =
	STRUCT(S, "iommu_hwpt_page_response", page_response_fields);
#undef S

#define S struct iommu_fault_alloc
static const struct cli_field fault_alloc_fields[] = {
	IN(size, CLI_DEC),
	IN(flags, CLI_HEX),
	OUT(out_fault_id, CLI_DEC),
	OUT(out_fault_fd, CLI_SIGNED),
};
static const struct cli_struct fault_alloc =
	STRUCT(S, "iommu_fault_alloc", fault_alloc_fields);
#undef S

static const struct cli_name vevent_flags[] = {
	NAME(IOMMU_VEVENTQ_FLAG_LOST_EVENTS),
	{ 0 },
};

#define S struct iommufd_vevent_header
static const struct cli_field vevent_header_fields[] = {
	OUT_FLAGS(flags, vevent_flags),
	OUT(sequence, CLI_DEC),
};
const struct cli_struct cli_vevent_header =
	STRUCT(S, "iommufd_vevent_header", vevent_header_fields);
#undef S

static const struct cli_name veventq_types[] = {
	NAME(IOMMU_VEVENTQ_TYPE_DEFAULT),
	NAME(IOMMU_VEVENTQ_TYPE_ARM_SMMUV3),
	NAME(IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV),
	{ MOCK_VEVENTQ, "IOMMU_VEVENTQ_TYPE_SELFTEST" },
	{ 0 },
};

#define S struct iommu_veventq_alloc
static const struct cli_field veventq_alloc_fields[] = {
	IN(size, CLI_DEC),
	IN(flags, CLI_HEX),
	IN(viommu_id, CLI_DEC),
	IN_ENUM(type, veventq_types),
	IN(veventq_depth, CLI_DEC),
	ZERO(__reserved),
	OUT(out_veventq_id, CLI_DEC),
	OUT(out_veventq_fd, CLI_SIGNED),
};
static const struct cli_struct veventq_alloc =
	STRUCT(S, "iommu_veventq_alloc", veventq_alloc_fields);
#undef S

static const struct cli_name hw_queue_types[] = {
	NAME(IOMMU_HW_QUEUE_TYPE_DEFAULT),
	NAME(IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV),
	{ MOCK_VIOMMU, "IOMMU_HW_QUEUE_TYPE_SELFTEST" },
	{ 0 },
};

#define S struct iommu_hw_queue_alloc
static const struct cli_field hw_queue_alloc_fields[] = {
	IN(size, CLI_DEC),      IN(flags, CLI_HEX),
	IN(viommu_id, CLI_DEC), IN_ENUM(type, hw_queue_types),
	IN(index, CLI_DEC),     IN(nesting_parent_iova, CLI_HEX),
	IN(length, CLI_HEX),    OUT(out_hw_queue_id, CLI_DEC),
};
static const struct cli_struct hw_queue_alloc =
	STRUCT(S, "iommu_hw_queue_alloc", hw_queue_alloc_fields);
#undef S

/* ---- virtual IOMMUs ---- */

#define S struct iommu_viommu_tegra241_cmdqv
static const struct cli_field viommu_cmdqv_fields[] = {
	OUT(out_vintf_mmap_offset, CLI_HEX),
	OUT(out_vintf_mmap_length, CLI_HEX),
};
static const struct cli_struct viommu_cmdqv =
	STRUCT(S, "iommu_viommu_tegra241_cmdqv", viommu_cmdqv_fields);
#undef S

struct mock_viommu {
	__u32 in_data;
	__u32 out_data;
	__u64 out_mmap_offset;
	__u64 out_mmap_length;
};

#define S struct mock_viommu
static const struct cli_field mock_viommu_fields[] = {
	OUT(in_data, CLI_HEX),
	OUT(out_data, CLI_HEX),
	OUT(out_mmap_offset, CLI_HEX),
	OUT(out_mmap_length, CLI_HEX),
};
static const struct cli_struct mock_viommu =
	STRUCT(S, "iommu_viommu_selftest", mock_viommu_fields);
#undef S

static const struct cli_name viommu_types[] = {
	NAME(IOMMU_VIOMMU_TYPE_DEFAULT),
	NAME(IOMMU_VIOMMU_TYPE_ARM_SMMUV3),
	NAME(IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV),
	{ MOCK_VIOMMU, "IOMMU_VIOMMU_TYPE_SELFTEST" },
	{ 0 },
};

static const struct cli_kind viommu_kinds[] = {
	{ ALL_BITS, IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV, &viommu_cmdqv },
	{ ALL_BITS, MOCK_VIOMMU, &mock_viommu },
	{ 0 },
};

#define S struct iommu_viommu_alloc
static const struct cli_more viommu_more = {
	.kind = viommu_kinds,
	.selector = PLACE(type),
	.total = PLACE(data_len),
};
static const struct cli_field viommu_alloc_fields[] = {
	IN(size, CLI_DEC),
	IN(flags, CLI_HEX),
	IN_ENUM(type, viommu_types),
	IN(dev_id, CLI_DEC),
	IN(hwpt_id, CLI_DEC),
	IN(data_len, CLI_DEC),
	ZERO(__reserved),
	OUT(out_viommu_id, CLI_DEC),
	OUT_MORE(data_uptr, &viommu_more),
};
static const struct cli_struct viommu_alloc =
	STRUCT(S, "iommu_viommu_alloc", viommu_alloc_fields);
#undef S

#define S struct iommu_vdevice_alloc
static const struct cli_field vdevice_alloc_fields[] = {
	IN(size, CLI_DEC),    IN(viommu_id, CLI_DEC),       IN(dev_id, CLI_DEC),
	IN(virt_id, CLI_HEX), OUT(out_vdevice_id, CLI_DEC),
};
static const struct cli_struct vdevice_alloc =
	STRUCT(S, "iommu_vdevice_alloc", vdevice_alloc_fields);
#undef S

const struct cli_request cli_iommufd_requests[] = {
	REQUEST(IOMMU_DESTROY, &destroy),
	REQUEST(IOMMU_IOAS_ALLOC, &ioas_alloc),
	REQUEST(IOMMU_IOAS_ALLOW_IOVAS, &allow_iovas),
	REQUEST(IOMMU_IOAS_COPY, &copy),
	REQUEST(IOMMU_IOAS_IOVA_RANGES, &iova_ranges),
	REQUEST(IOMMU_IOAS_MAP, &map),
	REQUEST(IOMMU_IOAS_UNMAP, &unmap),
	REQUEST(IOMMU_OPTION, &option),
	REQUEST(IOMMU_VFIO_IOAS, &vfio_ioas),
	REQUEST(IOMMU_HWPT_ALLOC, &hwpt_alloc),
	REQUEST(IOMMU_GET_HW_INFO, &hw_info),
	REQUEST(IOMMU_HWPT_SET_DIRTY_TRACKING, &set_dirty),
	REQUEST(IOMMU_HWPT_GET_DIRTY_BITMAP, &get_dirty),
	REQUEST(IOMMU_HWPT_INVALIDATE, &invalidate),
	REQUEST(IOMMU_FAULT_QUEUE_ALLOC, &fault_alloc),
	REQUEST(IOMMU_IOAS_MAP_FILE, &map_file),
	REQUEST(IOMMU_VIOMMU_ALLOC, &viommu_alloc),
	REQUEST(IOMMU_VDEVICE_ALLOC, &vdevice_alloc),
	REQUEST(IOMMU_IOAS_CHANGE_PROCESS, &change_process),
	REQUEST(IOMMU_VEVENTQ_ALLOC, &veventq_alloc),
	REQUEST(IOMMU_HW_QUEUE_ALLOC, &hw_queue_alloc),
	REQUEST(IOMMU_IOAS_NOIOMMU_GET_PA, &get_pa),
	{ .cmd = CLI_TEST_CMD,
	  .name = "IOMMU_TEST_CMD",
	  .arg = &cli_test_command },
};

const size_t cli_iommufd_nr_requests =
	sizeof(cli_iommufd_requests) / sizeof(cli_iommufd_requests[0]);
