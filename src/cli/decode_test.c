/* SPDX-License-Identifier: MIT */
/*
 * IOMMU_TEST_CMD, by which tests drive the mock driver: one structure with an
 * operation and a union. The header of it is not part of the user API.
 */
#include "cli/decode_tables.h"

/* The envelope: what every operation has, and 48 bytes of its own. */
struct test_command {
	uint32_t size, op, id, reserved;
	uint8_t args[48];
	uint32_t last;
};

/* What stands at an offset of the whole structure. */
#define AT(label, where, bytes, how, which)                             \
	{                                                               \
		.name = (label), .offset = (where)-16, .size = (bytes), \
		.show = (how), .way = (which)                           \
	}
#define OPERATION(var, ...)                                             \
	static const struct cli_field var##_fields[] = { __VA_ARGS__ }; \
	static const struct cli_struct var = {                          \
		.name = #var,                                           \
		.size = 48,                                             \
		.nr = sizeof(var##_fields) / sizeof(var##_fields[0]),   \
		.field = var##_fields,                                  \
	}

OPERATION(add_reserved, AT("start", 16, 8, CLI_HEX, CLI_IN),
	  AT("length", 24, 8, CLI_HEX, CLI_IN));
OPERATION(mock_domain, AT("out_stdev_id", 16, 4, CLI_DEC, CLI_OUT),
	  AT("out_hwpt_id", 20, 4, CLI_DEC, CLI_OUT),
	  AT("out_idev_id", 24, 4, CLI_DEC, CLI_OUT));
OPERATION(check_map, AT("iova", 16, 8, CLI_HEX, CLI_IN),
	  AT("length", 24, 8, CLI_HEX, CLI_IN),
	  AT("uptr", 32, 8, CLI_HEX, CLI_IN));
OPERATION(check_refs, AT("length", 16, 8, CLI_HEX, CLI_IN),
	  AT("uptr", 24, 8, CLI_HEX, CLI_IN),
	  AT("refs", 32, 4, CLI_DEC, CLI_IN));
OPERATION(create_access, AT("flags", 20, 4, CLI_HEX, CLI_IN),
	  AT("out_access_fd", 16, 4, CLI_SIGNED, CLI_OUT));
OPERATION(destroy_access_pages, AT("access_pages_id", 16, 4, CLI_DEC, CLI_IN));
OPERATION(access_pages, AT("flags", 16, 4, CLI_HEX, CLI_IN),
	  AT("iova", 24, 8, CLI_HEX, CLI_IN),
	  AT("length", 32, 8, CLI_HEX, CLI_IN),
	  AT("uptr", 40, 8, CLI_HEX, CLI_IN),
	  AT("out_access_pages_id", 20, 4, CLI_DEC, CLI_OUT));
OPERATION(access_rw, AT("iova", 16, 8, CLI_HEX, CLI_IN),
	  AT("length", 24, 8, CLI_HEX, CLI_IN),
	  AT("uptr", 32, 8, CLI_HEX, CLI_IN),
	  AT("flags", 40, 4, CLI_HEX, CLI_IN));
OPERATION(memory_limit, AT("limit", 16, 4, CLI_DEC, CLI_IN));
OPERATION(mock_replace, AT("pt_id", 16, 4, CLI_DEC, CLI_INOUT));
OPERATION(access_replace, AT("ioas_id", 16, 4, CLI_DEC, CLI_IN));
OPERATION(mock_domain_flags, AT("dev_flags", 28, 4, CLI_HEX, CLI_IN),
	  AT("out_stdev_id", 16, 4, CLI_DEC, CLI_OUT),
	  AT("out_hwpt_id", 20, 4, CLI_DEC, CLI_OUT),
	  AT("out_idev_id", 24, 4, CLI_DEC, CLI_OUT));
OPERATION(set_dirty, AT("flags", 16, 4, CLI_HEX, CLI_IN),
	  AT("iova", 24, 8, CLI_HEX, CLI_IN),
	  AT("length", 32, 8, CLI_HEX, CLI_IN),
	  AT("page_size", 40, 8, CLI_HEX, CLI_IN),
	  AT("uptr", 48, 8, CLI_HEX, CLI_IN),
	  AT("out_nr_dirty", 56, 8, CLI_DEC, CLI_OUT));
OPERATION(check_iotlb, AT("slot", 16, 4, CLI_DEC, CLI_IN),
	  AT("iotlb", 20, 4, CLI_HEX, CLI_IN));
OPERATION(trigger_iopf, AT("dev_id", 16, 4, CLI_DEC, CLI_IN),
	  AT("pasid", 20, 4, CLI_DEC, CLI_IN),
	  AT("grpid", 24, 4, CLI_DEC, CLI_IN),
	  AT("perm", 28, 4, CLI_HEX, CLI_IN),
	  AT("addr", 32, 8, CLI_HEX, CLI_IN));
OPERATION(check_cache, AT("slot", 16, 4, CLI_DEC, CLI_IN),
	  AT("cache", 20, 4, CLI_HEX, CLI_IN));
OPERATION(trigger_vevent, AT("dev_id", 16, 4, CLI_DEC, CLI_IN));
OPERATION(pasid_attach, AT("pasid", 16, 4, CLI_DEC, CLI_IN),
	  AT("pt_id", 20, 4, CLI_DEC, CLI_INOUT));
OPERATION(pasid_detach, AT("pasid", 16, 4, CLI_DEC, CLI_IN));
OPERATION(pasid_check, AT("pasid", 16, 4, CLI_DEC, CLI_IN),
	  AT("hwpt_id", 20, 4, CLI_DEC, CLI_IN));
OPERATION(dmabuf_get, AT("length", 16, 4, CLI_HEX, CLI_IN),
	  AT("open_flags", 20, 4, CLI_HEX, CLI_IN));
OPERATION(dmabuf_revoke, AT("fd", 16, 4, CLI_SIGNED, CLI_IN),
	  AT("revoked", 20, 4, CLI_DEC, CLI_IN));

#define OP(number, layout)                    \
	{                                     \
		UINT64_MAX, number, &(layout) \
	}
static const struct cli_kind operations[] = {
	OP(1, add_reserved),    OP(2, mock_domain),
	OP(3, check_map),       OP(4, check_refs),
	OP(5, create_access),   OP(6, destroy_access_pages),
	OP(7, access_pages),    OP(8, access_rw),
	OP(9, memory_limit),    OP(10, mock_replace),
	OP(11, access_replace), OP(12, mock_domain_flags),
	OP(13, set_dirty),      OP(14, check_iotlb),
	OP(15, trigger_iopf),   OP(16, check_cache),
	OP(17, trigger_vevent), OP(18, pasid_attach),
	OP(19, pasid_attach),   OP(20, pasid_detach),
	OP(21, pasid_check),    OP(22, dmabuf_get),
	OP(23, dmabuf_revoke),  { 0 },
};

static const struct cli_name operation_names[] = {
	{ 1, "ADD_RESERVED" },
	{ 2, "MOCK_DOMAIN" },
	{ 3, "MD_CHECK_MAP" },
	{ 4, "MD_CHECK_REFS" },
	{ 5, "CREATE_ACCESS" },
	{ 6, "DESTROY_ACCESS_PAGES" },
	{ 7, "ACCESS_PAGES" },
	{ 8, "ACCESS_RW" },
	{ 9, "SET_TEMP_MEMORY_LIMIT" },
	{ 10, "MOCK_DOMAIN_REPLACE" },
	{ 11, "ACCESS_REPLACE_IOAS" },
	{ 12, "MOCK_DOMAIN_FLAGS" },
	{ 13, "DIRTY" },
	{ 14, "MD_CHECK_IOTLB" },
	{ 15, "TRIGGER_IOPF" },
	{ 16, "DEV_CHECK_CACHE" },
	{ 17, "TRIGGER_VEVENT" },
	{ 18, "PASID_ATTACH" },
	{ 19, "PASID_REPLACE" },
	{ 20, "PASID_DETACH" },
	{ 21, "PASID_CHECK_HWPT" },
	{ 22, "DMABUF_GET" },
	{ 23, "DMABUF_REVOKE" },
	{ 0 },
};

#define S struct test_command
static const struct cli_more own = {
	.kind = operations,
	.selector = PLACE(op),
};
static const struct cli_field command_fields[] = {
	IN(size, CLI_DEC), IN_ENUM(op, operation_names),     IN(id, CLI_DEC),
	ZERO(reserved),    FOLLOWING(args, CLI_INOUT, &own),
};
const struct cli_struct cli_test_command =
	STRUCT(S, "iommu_test_cmd", command_fields);
#undef S
