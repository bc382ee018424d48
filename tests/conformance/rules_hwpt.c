/* SPDX-License-Identifier: MIT */
/*
 * Page tables, and what is known of the IOMMU.
 */
#include <string.h>

#include "client.h"

static void allocates(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), a = 0, b = 0;

	bind_device(c);
	is(c, new_hwpt(c, ioas, 0, &a), 0);
	is(c, new_hwpt(c, ioas, 0, &b), 0);
	holds(c, a && b && a != b && a != ioas && b != ioas);
	is(c, map_at(c, ioas, 0, 4 * PAGE, IOVA), 0);
	is(c, destroy(c, a), 0);
	is(c, unmapped(c, ioas, IOVA, 4 * PAGE), 4 * PAGE);
	is(c, destroy(c, b), 0);
}

static void unknown_flags(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), id;

	bind_device(c);
	is(c, new_hwpt(c, ioas, 1 << 4, &id), -EOPNOTSUPP);
	is(c, new_hwpt(c, ioas, 1U << 31, &id), -EOPNOTSUPP);
}

static struct iommu_hwpt_alloc request(struct client *c)
{
	uint32_t ioas = new_ioas(c);

	bind_device(c);
	return (struct iommu_hwpt_alloc){
		.size = sizeof(struct iommu_hwpt_alloc),
		.dev_id = c->devid,
		.pt_id = ioas,
	};
}

static void reserved(struct client *c, const void *arg)
{
	struct iommu_hwpt_alloc cmd = request(c);

	cmd.__reserved = 1;
	is(c, call(c, IOMMU_HWPT_ALLOC, &cmd), -EOPNOTSUPP);
}

static void ignored(struct client *c, const void *arg)
{
	struct iommu_hwpt_alloc cmd = request(c);

	cmd.__reserved2 = 1;
	is(c, call(c, IOMMU_HWPT_ALLOC, &cmd), 0);
}

static void missing_pt(struct client *c, const void *arg)
{
	struct iommu_hwpt_alloc cmd = request(c);

	cmd.pt_id = 99;
	is(c, call(c, IOMMU_HWPT_ALLOC, &cmd), -EINVAL);
}

static void wrong_pt(struct client *c, const void *arg)
{
	struct iommu_hwpt_alloc cmd = request(c);

	cmd.pt_id = c->devid;
	is(c, call(c, IOMMU_HWPT_ALLOC, &cmd), -EINVAL);
}

static void unknown_data(struct client *c, const void *arg)
{
	struct iommu_hwpt_alloc cmd = request(c);
	uint64_t data[32] = { 0 };

	cmd.data_type = 0x7fff;
	cmd.data_len = sizeof(data);
	cmd.data_uptr = (uintptr_t)data;
	is(c, call(c, IOMMU_HWPT_ALLOC, &cmd), -EOPNOTSUPP);
}

static void missing_fault(struct client *c, const void *arg)
{
	struct iommu_hwpt_alloc cmd = request(c);

	cmd.flags = IOMMU_HWPT_FAULT_ID_VALID;
	cmd.fault_id = 99;
	is(c, call(c, IOMMU_HWPT_ALLOC, &cmd), -ENOENT);
	cmd.fault_id = cmd.pt_id;
	is(c, call(c, IOMMU_HWPT_ALLOC, &cmd), -ENOENT);
}

static void needs_dirty(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), id;
	bool can;

	bind_device(c);
	can = hw_info(c).out_capabilities & IOMMU_HW_CAP_DIRTY_TRACKING;
	is(c, new_hwpt(c, ioas, IOMMU_HWPT_ALLOC_DIRTY_TRACKING, &id),
	   can ? 0 : -EOPNOTSUPP);
}

static void all_mapped(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), hwpt, pt;

	bind_device(c);
	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
	is(c, map_at(c, ioas, PAGE, PAGE, IOVA + PAGE), 0);
	is(c, new_hwpt(c, ioas, 0, &hwpt), 0);
	pt = hwpt;
	is(c, attach(c, &pt), 0);
	is(c, pt, hwpt);
	is(c, map_at(c, ioas, 0, PAGE, IOVA + PAGE), -EEXIST);
	is(c, unmapped(c, ioas, IOVA, 2 * PAGE), 2 * PAGE);
}

static void unaligned_areas(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), id;
	uint64_t iova = 0;

	bind_device(c);
	is(c, map_any(c, ioas, PAGE + 16, 32, &iova), 0);
	is(c, new_hwpt(c, ioas, 0, &id), -EADDRINUSE);
	is(c, unmapped(c, ioas, iova, 32), 32);
	is(c, new_hwpt(c, ioas, 0, &id), 0);
}

/* ---- GET_HW_INFO --------------------------------------------------- */

static void info_flags(struct client *c, const void *arg)
{
	struct iommu_hw_info cmd = { .size = sizeof(cmd), .flags = 2 };

	bind_device(c);
	cmd.dev_id = c->devid;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), -EOPNOTSUPP);
	cmd.flags = 0;
	cmd.__reserved[0] = 1;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), -EOPNOTSUPP);
	cmd.__reserved[0] = 0;
	cmd.__reserved[2] = 1;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), -EOPNOTSUPP);
}

static void info_no_room(struct client *c, const void *arg)
{
	struct iommu_hw_info cmd = { .size = sizeof(cmd),
				     .data_uptr = NOWHERE };

	bind_device(c);
	cmd.dev_id = c->devid;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), 0);
	holds(c, !cmd.out_data_type == !cmd.data_len);
}

static void info_zeroes(struct client *c, const void *arg)
{
	struct iommu_hw_info cmd = { .size = sizeof(cmd) };
	uint8_t data[512];
	uint32_t i;

	bind_device(c);
	memset(data, 0xee, sizeof(data));
	cmd.dev_id = c->devid;
	cmd.data_len = sizeof(data) - 8;
	cmd.data_uptr = (uintptr_t)data;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), 0);
	holds(c, cmd.data_len < 256);
	for (i = cmd.data_len; i != sizeof(data) - 8; i++)
		is(c, data[i], 0);
	is(c, data[sizeof(data) - 8], 0xee);
}

static void info_prefix(struct client *c, const void *arg)
{
	struct iommu_hw_info cmd = { .size = sizeof(cmd) };
	uint8_t data[16];
	uint32_t whole;

	bind_device(c);
	cmd.dev_id = c->devid;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), 0);
	whole = cmd.data_len;
	memset(data, 0xee, sizeof(data));
	cmd.data_len = 4;
	cmd.data_uptr = (uintptr_t)data;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), 0);
	is(c, cmd.data_len, whole);
	is(c, data[4], 0xee);
}

static void info_unwritable(struct client *c, const void *arg)
{
	struct iommu_hw_info cmd = { .size = sizeof(cmd),
				     .data_len = 64,
				     .data_uptr = NOWHERE };

	bind_device(c);
	cmd.dev_id = c->devid;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), -EFAULT);
}

static void info_type(struct client *c, const void *arg)
{
	struct iommu_hw_info cmd = { .size = sizeof(cmd),
				     .flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE };
	uint32_t type;

	bind_device(c);
	cmd.dev_id = c->devid;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), 0);
	type = cmd.out_data_type;
	cmd.data_len = 0;
	cmd.in_data_type = 0x7fff;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), -EOPNOTSUPP);
	if (!type)
		return;
	cmd.in_data_type = type;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), 0);
	is(c, cmd.out_data_type, type);
}

static void info_old(struct client *c, const void *arg)
{
	struct iommu_hw_info cmd = { .size = 32, .out_capabilities = 77 };

	bind_device(c);
	cmd.dev_id = c->devid;
	is(c, call(c, IOMMU_GET_HW_INFO, &cmd), 0);
	is(c, cmd.out_capabilities, 77);
}

static void info_pasid(struct client *c, const void *arg)
{
	struct iommu_hw_info info;

	bind_device(c);
	info = hw_info(c);
	holds(c, info.out_max_pasid_log2 <= 20);
	holds(c, !(info.out_capabilities & ~0xfULL));
	if (!info.out_max_pasid_log2)
		is(c,
		   info.out_capabilities & (IOMMU_HW_CAP_PCI_PASID_EXEC |
					    IOMMU_HW_CAP_PCI_PASID_PRIV),
		   0);
}

static const struct rule rules[] = {
	{ "HWPT_ALLOC: an IOAS can have several HWPTs", allocates, NULL },
	{ "HWPT_ALLOC: an unknown flag is EOPNOTSUPP", unknown_flags, NULL },
	{ "HWPT_ALLOC: reserved bits that are set are EOPNOTSUPP", reserved,
	  NULL },
	{ "HWPT_ALLOC: nobody looks at __reserved2", ignored, NULL },
	{ "HWPT_ALLOC: a pt_id that does not exist is EINVAL", missing_pt,
	  NULL },
	{ "HWPT_ALLOC: a pt_id of an object that is no page table is EINVAL",
	  wrong_pt, NULL },
	{ "HWPT_ALLOC: data of a type nobody knows is EOPNOTSUPP", unknown_data,
	  NULL },
	{ "HWPT_ALLOC: a fault_id that is no fault queue is ENOENT",
	  missing_fault, NULL },
	{ "HWPT_ALLOC: DIRTY_TRACKING works if GET_HW_INFO says so, else it is "
	  "EOPNOTSUPP",
	  needs_dirty, NULL },
	{ "HWPT_ALLOC: has what the IOAS has mapped", all_mapped, NULL },
	{ "HWPT_ALLOC: areas that are less aligned than pages are EADDRINUSE",
	  unaligned_areas, NULL },
	{ "GET_HW_INFO: unknown flags and reserved bits are EOPNOTSUPP",
	  info_flags, NULL },
	{ "GET_HW_INFO: without room it says the type and the length",
	  info_no_room, NULL },
	{ "GET_HW_INFO: room that is not needed is filled with zeroes",
	  info_zeroes, NULL },
	{ "GET_HW_INFO: too little room gets the beginning", info_prefix,
	  NULL },
	{ "GET_HW_INFO: room that cannot be written is EFAULT", info_unwritable,
	  NULL },
	{ "GET_HW_INFO: a wanted type that the hardware is not of is "
	  "EOPNOTSUPP",
	  info_type, NULL },
	{ "GET_HW_INFO: a caller without out_capabilities gets none", info_old,
	  NULL },
	{ "GET_HW_INFO: what it says of PASIDs agrees", info_pasid, NULL },
};

const struct rules hwpt_rules = RULES(rules);
