/* SPDX-License-Identifier: MIT */
/*
 * Dirty tracking.
 */
#include "client.h"

static long track(struct client *c, uint32_t hwpt, uint32_t flags)
{
	struct iommu_hwpt_set_dirty_tracking cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.hwpt_id = hwpt,
	};

	return call(c, IOMMU_HWPT_SET_DIRTY_TRACKING, &cmd);
}

static struct iommu_hwpt_get_dirty_bitmap query(uint32_t hwpt, uint64_t *data)
{
	return (struct iommu_hwpt_get_dirty_bitmap){
		.size = sizeof(struct iommu_hwpt_get_dirty_bitmap),
		.hwpt_id = hwpt,
		.iova = IOVA,
		.length = 64 * PAGE,
		.page_size = PAGE,
		.data = (uintptr_t)data,
	};
}

/* A HWPT that can, with 64 pages mapped at IOVA, and the device attached. */
static uint32_t tracking(struct client *c)
{
	uint32_t ioas = new_ioas(c), hwpt, pt;

	bind_device(c);
	if (!(hw_info(c).out_capabilities & IOMMU_HW_CAP_DIRTY_TRACKING))
		skip(c, "the IOMMU tracks no dirty pages");
	is(c, new_hwpt(c, ioas, IOMMU_HWPT_ALLOC_DIRTY_TRACKING, &hwpt), 0);
	is(c, map_at(c, ioas, 0, 64 * PAGE, IOVA), 0);
	pt = hwpt;
	is(c, attach(c, &pt), 0);
	return hwpt;
}

static void on_and_off(struct client *c, const void *arg)
{
	uint32_t hwpt = tracking(c);

	is(c, track(c, hwpt, IOMMU_HWPT_DIRTY_TRACKING_ENABLE), 0);
	is(c, track(c, hwpt, IOMMU_HWPT_DIRTY_TRACKING_ENABLE), 0);
	is(c, track(c, hwpt, 0), 0);
	is(c, track(c, hwpt, 0), 0);
}

static void cannot(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), hwpt;

	bind_device(c);
	is(c, new_hwpt(c, ioas, 0, &hwpt), 0);
	is(c, track(c, hwpt, IOMMU_HWPT_DIRTY_TRACKING_ENABLE), -EOPNOTSUPP);
}

static void set_flags(struct client *c, const void *arg)
{
	struct iommu_hwpt_set_dirty_tracking cmd = { .size = sizeof(cmd),
						     .__reserved = 1 };

	cmd.hwpt_id = tracking(c);
	is(c, track(c, cmd.hwpt_id, 2), -EOPNOTSUPP);
	/* Nobody looks at what is reserved. */
	is(c, call(c, IOMMU_HWPT_SET_DIRTY_TRACKING, &cmd), 0);
}

static void get_flags(struct client *c, const void *arg)
{
	uint64_t data = 0;
	struct iommu_hwpt_get_dirty_bitmap cmd = query(tracking(c), &data);

	cmd.flags = 2;
	is(c, call(c, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd), -EOPNOTSUPP);
	cmd.flags = 0;
	cmd.__reserved = 1;
	is(c, call(c, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd), -EOPNOTSUPP);
}

static void get_id(struct client *c, const void *arg)
{
	uint64_t data = 0;
	struct iommu_hwpt_get_dirty_bitmap cmd = query(99, &data);

	is(c, call(c, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd), -ENOENT);
	cmd.hwpt_id = new_ioas(c);
	is(c, call(c, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd), -ENOENT);
}

struct bitmap_case {
	uint64_t iova;
	uint64_t length;
	uint64_t page_size;
};

static void get_wrong(struct client *c, const void *arg)
{
	const struct bitmap_case *b = arg;
	uint64_t data[8] = { 0 };
	uint32_t hwpt = tracking(c);
	struct iommu_hwpt_get_dirty_bitmap cmd = query(hwpt, data);

	is(c, track(c, hwpt, IOMMU_HWPT_DIRTY_TRACKING_ENABLE), 0);
	cmd.iova = b->iova;
	cmd.length = b->length;
	cmd.page_size = b->page_size;
	is(c, call(c, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd), -EINVAL);
}

#define BITMAP(...) (&(const struct bitmap_case){ __VA_ARGS__ })

static void clean(struct client *c, const void *arg)
{
	uint32_t hwpt = tracking(c);
	uint64_t data[2] = { 5, 0 };
	struct iommu_hwpt_get_dirty_bitmap cmd = query(hwpt, data);

	is(c, track(c, hwpt, IOMMU_HWPT_DIRTY_TRACKING_ENABLE), 0);
	is(c, call(c, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd), 0);
	is(c, data[0], 5);
	is(c, data[1], 0);
	cmd.flags = IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR;
	is(c, call(c, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd), 0);
	is(c, data[0], 5);
}

static const struct rule rules[] = {
	{ "SET_DIRTY_TRACKING: on, off, and again", on_and_off, NULL },
	{ "SET_DIRTY_TRACKING: of a HWPT without it is EOPNOTSUPP", cannot,
	  NULL },
	{ "SET_DIRTY_TRACKING: unknown flags are EOPNOTSUPP", set_flags, NULL },
	{ "GET_DIRTY_BITMAP: unknown flags and reserved bits are EOPNOTSUPP",
	  get_flags, NULL },
	{ "GET_DIRTY_BITMAP: an id that is no HWPT's is ENOENT", get_id, NULL },
	{ "GET_DIRTY_BITMAP: page size 0 is EINVAL", get_wrong,
	  BITMAP(IOVA, 64 * PAGE, 0) },
	{ "GET_DIRTY_BITMAP: an IOVA that is not page size aligned is EINVAL",
	  get_wrong, BITMAP(IOVA + PAGE, 64 * PAGE, 2 * PAGE) },
	{ "GET_DIRTY_BITMAP: an end that is not page size aligned is EINVAL",
	  get_wrong, BITMAP(IOVA, 63 * PAGE, 2 * PAGE) },
	{ "GET_DIRTY_BITMAP: an IOVA that is not aligned to the IOAS is EINVAL",
	  get_wrong, BITMAP(IOVA + 1, 64, 1) },
	{ "GET_DIRTY_BITMAP: bits are ORed in; memory nobody wrote has none",
	  clean, NULL },
};

const struct rules dirty_rules = RULES(rules);
