/* SPDX-License-Identifier: MIT */
/*
 * Objects: their ids, and how long they live.
 */
#include "client.h"

static void lowest_id(struct client *c, const void *arg)
{
	is(c, new_ioas(c), 1);
	is(c, new_ioas(c), 2);
	is(c, new_ioas(c), 3);
	is(c, destroy(c, 2), 0);
	is(c, new_ioas(c), 2);
	is(c, new_ioas(c), 4);
}

static void unknown_id(struct client *c, const void *arg)
{
	uint32_t id = new_ioas(c);

	is(c, destroy(c, 0), -ENOENT);
	is(c, destroy(c, id + 1), -ENOENT);
	is(c, destroy(c, UINT32_MAX), -ENOENT);
	is(c, destroy(c, id), 0);
	is(c, destroy(c, id), -ENOENT);
}

static void own_ids(struct client *c, const void *arg)
{
	int other = open_context(c), mine = c->fd;
	uint32_t id = new_ioas(c);

	new_ioas(c);
	c->fd = other;
	is(c, destroy(c, id), -ENOENT);
	is(c, new_ioas(c), 1);
	is(c, destroy(c, 2), -ENOENT);
	c->fd = mine;
	is(c, destroy(c, 2), 0);
}

static void device_id(struct client *c, const void *arg)
{
	bind_device(c);
	is(c, destroy(c, c->devid), -EBUSY);
	shut(c, c->cdev);
	is(c, destroy(c, c->devid), -ENOENT);
}

static void ioas_in_use(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), hwpt;

	bind_device(c);
	is(c, new_hwpt(c, ioas, 0, &hwpt), 0);
	is(c, destroy(c, ioas), -EBUSY);
	is(c, destroy(c, hwpt), 0);
	is(c, destroy(c, ioas), 0);
}

static void hwpt_in_use(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), hwpt, pt;

	bind_device(c);
	is(c, new_hwpt(c, ioas, 0, &hwpt), 0);
	pt = hwpt;
	is(c, attach(c, &pt), 0);
	is(c, destroy(c, hwpt), -EBUSY);
	is(c, detach(c), 0);
	is(c, destroy(c, hwpt), 0);
}

static void automatic_hwpt(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), pt = ioas;

	bind_device(c);
	is(c, attach(c, &pt), 0);
	holds(c, pt != ioas);
	is(c, destroy(c, pt), -EBUSY);
	is(c, destroy(c, ioas), -EBUSY);
	is(c, detach(c), 0);
	is(c, destroy(c, pt), -ENOENT);
	is(c, destroy(c, ioas), 0);
}

static void closed_with_all(struct client *c, const void *arg)
{
	uint32_t ioas = attached_ioas(c);
	uint64_t iova = 0;

	is(c, map_any(c, ioas, 0, MEGA, &iova), 0);
	shut(c, c->cdev);
	sys_close(c->fd);
	/* All is gone: the device can be bound anew. */
	c->fd = sys_open("/dev/iommu");
	holds(c, c->fd >= 0);
	bind_device(c);
	is(c, c->devid, 1);
}

/* ---- An id of the wrong kind is no id ------------------------------ */

struct kind {
	unsigned int cmd;
	unsigned int at; /* offset of the id */
	uint32_t size;
};

/* A request with @id in its place, and nothing else that could be wrong. */
static long with_id(struct client *c, const struct kind *k, uint32_t id)
{
	union {
		uint32_t word[16];
		struct iommu_ioas_map map;
		struct iommu_ioas_unmap unmap;
		struct iommu_option option;
		struct iommu_vfio_ioas vfio;
		struct iommu_hwpt_alloc hwpt;
	} cmd = { .word = { k->size } };

	if (k->cmd == IOMMU_IOAS_MAP) {
		cmd.map.flags = FIXED;
		cmd.map.user_va = (uintptr_t)c->mem;
		cmd.map.length = PAGE;
		cmd.map.iova = IOVA;
	} else if (k->cmd == IOMMU_IOAS_UNMAP) {
		cmd.unmap.length = PAGE;
	} else if (k->cmd == IOMMU_OPTION) {
		cmd.option.option_id = IOMMU_OPTION_HUGE_PAGES;
		cmd.option.op = IOMMU_OPTION_OP_GET;
	} else if (k->cmd == IOMMU_VFIO_IOAS) {
		cmd.vfio.op = IOMMU_VFIO_IOAS_SET;
	} else if (k->cmd == IOMMU_HWPT_ALLOC) {
		cmd.hwpt.pt_id = 1;
	}
	cmd.word[k->at / 4] = id;
	return call(c, k->cmd, &cmd);
}

static void no_such_id(struct client *c, const void *arg)
{
	is(c, new_ioas(c), 1);
	is(c, with_id(c, arg, 0), -ENOENT);
	is(c, with_id(c, arg, 2), -ENOENT);
	is(c, with_id(c, arg, UINT32_MAX), -ENOENT);
}

static void no_ioas(struct client *c, const void *arg)
{
	bind_device(c);
	is(c, with_id(c, arg, c->devid), -ENOENT);
}

static void no_device(struct client *c, const void *arg)
{
	is(c, with_id(c, arg, new_ioas(c)), -ENOENT);
}

#define KIND(name, type, field)                                            \
	(&(const struct kind){ IOMMU_##name, offsetof(struct type, field), \
			       sizeof(struct type) })
#define WANTS(what, name, type, field)                                   \
	{ #name ": an unknown id is ENOENT", no_such_id,                 \
	  KIND(name, type, field) },                                     \
	{                                                                \
#name ": the id of an object of another kind is ENOENT", \
			no_##what, KIND(name, type, field)               \
	}

static const struct rule rules[] = {
	{ "an object has the lowest free id, from 1", lowest_id, NULL },
	{ "DESTROY: an unknown id, or 0, is ENOENT", unknown_id, NULL },
	{ "objects belong to one context", own_ids, NULL },
	{ "a bound device cannot be destroyed, and goes with its descriptor",
	  device_id, NULL },
	{ "DESTROY: an IOAS with a HWPT is EBUSY", ioas_in_use, NULL },
	{ "DESTROY: a HWPT with a device is EBUSY", hwpt_in_use, NULL },
	{ "an automatic HWPT goes with its last device", automatic_hwpt, NULL },
	{ "a closed context leaves nothing behind", closed_with_all, NULL },
	WANTS(ioas, IOAS_ALLOW_IOVAS, iommu_ioas_allow_iovas, ioas_id),
	WANTS(ioas, IOAS_IOVA_RANGES, iommu_ioas_iova_ranges, ioas_id),
	WANTS(ioas, IOAS_MAP, iommu_ioas_map, ioas_id),
	WANTS(ioas, IOAS_UNMAP, iommu_ioas_unmap, ioas_id),
	WANTS(ioas, OPTION, iommu_option, object_id),
	WANTS(ioas, VFIO_IOAS, iommu_vfio_ioas, ioas_id),
	WANTS(device, GET_HW_INFO, iommu_hw_info, dev_id),
	WANTS(device, HWPT_ALLOC, iommu_hwpt_alloc, dev_id),
	WANTS(device, HWPT_SET_DIRTY_TRACKING, iommu_hwpt_set_dirty_tracking,
	      hwpt_id),
};

const struct rules object_rules = RULES(rules);
