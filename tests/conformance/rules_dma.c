/* SPDX-License-Identifier: MIT */
/*
 * What a device reaches. Needs one that is easily told to do DMA: an edu, as QEMU has
 * it, or uiommu's test device.
 */
#include <string.h>
#include <time.h>

#include "client.h"

/* An edu has no more than 28 bits of addresses. */
#define LOW  0x1000000ULL
#define LEN  256U
#define BYTE 0x5a

/* What the devices are called in configuration space. */
#define EDU  0x11e81234
#define TEST 0x74651234

/* Registers of an edu. */
#define EDU_SOURCE  0x80
#define EDU_DEST    0x88
#define EDU_COUNT   0x90
#define EDU_COMMAND 0x98
#define EDU_BUFFER  0x40000

/* Registers of channel 0 of a test device. */
#define TEST_ADDRESS 0x100
#define TEST_LENGTH  0x108
#define TEST_COMMAND 0x118
#define TEST_STATUS  0x11c

static uint64_t region(struct client *c, uint32_t index)
{
	struct vfio_region_info info = { .argsz = sizeof(info),
					 .index = index };

	is(c, sys_ioctl(c->cdev, VFIO_DEVICE_GET_REGION_INFO, (uintptr_t)&info),
	   0);
	return info.offset;
}

static void put(struct client *c, uint32_t index, uint64_t offset, size_t size,
		uint64_t value)
{
	is(c, sys_pwrite(c->cdev, &value, size, region(c, index) + offset),
	   (long)size);
}

static uint32_t get(struct client *c, uint32_t index, uint64_t offset)
{
	uint32_t value = 0;

	is(c, sys_pread(c->cdev, &value, 4, region(c, index) + offset), 4);
	return value;
}

/* Some devices take a while. */
static void wait_while(struct client *c, uint64_t offset, uint32_t busy)
{
	const struct timespec nap = { .tv_nsec = 5000000 };
	unsigned int i;

	for (i = 0; i != 400 && get(c, 0, offset) & busy; i++)
		nanosleep(&nap, NULL);
	is(c, get(c, 0, offset) & busy, 0);
}

/* The device's memory and LEN bytes at @iova, one way or the other. */
static void transfer(struct client *c, uint64_t iova, bool to_memory)
{
	if (get(c, VFIO_PCI_CONFIG_REGION_INDEX, 0) == EDU) {
		put(c, 0, EDU_SOURCE, 8, to_memory ? EDU_BUFFER : iova);
		put(c, 0, EDU_DEST, 8, to_memory ? iova : EDU_BUFFER);
		put(c, 0, EDU_COUNT, 8, LEN);
		put(c, 0, EDU_COMMAND, 8, to_memory ? 3 : 1);
		wait_while(c, EDU_COMMAND, 1);
	} else {
		put(c, 0, TEST_ADDRESS, 8, iova);
		put(c, 0, TEST_LENGTH, 4, LEN);
		put(c, 0, TEST_COMMAND, 4, to_memory ? 2 : 1);
	}
}

/* A device that can; @c->mem has BYTE in its first page. */
static void begin(struct client *c)
{
	uint32_t name;

	bind_device(c);
	name = get(c, VFIO_PCI_CONFIG_REGION_INDEX, 0);
	if (name != EDU && name != TEST)
		skip(c, "needs an edu");
	put(c, VFIO_PCI_CONFIG_REGION_INDEX, 4, 2, 6);
	memset(c->mem, BYTE, PAGE);
}

/* Load the device from @from and store to @to. */
static void move(struct client *c, uint64_t from, uint64_t to)
{
	transfer(c, from, false);
	transfer(c, to, true);
}

/* Has @page of the memory been written to, and as far as it should be? */
static bool arrived(struct client *c, uint64_t page)
{
	const uint8_t *p = c->mem + page * PAGE;

	if (!memcmp(p, c->mem, LEN) && !p[LEN])
		return true;
	holds(c, !p[0] && !memcmp(p, p + 1, PAGE - 1));
	return false;
}

static long map_readable(struct client *c, uint32_t ioas, uint64_t offset,
			 uint64_t iova)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = ioas,
		.user_va = (uintptr_t)c->mem + offset,
		.length = PAGE,
		.iova = iova,
	};

	return call(c, IOMMU_IOAS_MAP, &cmd);
}

static void reaches(struct client *c, const void *arg)
{
	uint32_t ioas;

	begin(c);
	ioas = attached_ioas(c);
	is(c, map_at(c, ioas, 0, 4 * PAGE, LOW), 0);
	move(c, LOW, LOW + 2 * PAGE);
	holds(c, arrived(c, 2));
	holds(c, !arrived(c, 1));
}

static void mapped_before(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), pt = ioas;

	begin(c);
	is(c, map_at(c, ioas, 0, 4 * PAGE, LOW), 0);
	is(c, attach(c, &pt), 0);
	move(c, LOW, LOW + 2 * PAGE);
	holds(c, arrived(c, 2));
}

static void not_writable(struct client *c, const void *arg)
{
	uint32_t ioas;

	begin(c);
	ioas = attached_ioas(c);
	is(c, map_at(c, ioas, 0, PAGE, LOW), 0);
	is(c, map_readable(c, ioas, PAGE, LOW + PAGE), 0);
	move(c, LOW, LOW + PAGE);
	holds(c, !arrived(c, 1));
}

static void not_after_unmap(struct client *c, const void *arg)
{
	uint32_t ioas;

	begin(c);
	ioas = attached_ioas(c);
	is(c, map_at(c, ioas, 0, PAGE, LOW), 0);
	is(c, map_at(c, ioas, PAGE, PAGE, LOW + PAGE), 0);
	move(c, LOW, LOW + PAGE);
	holds(c, arrived(c, 1));
	memset(c->mem + PAGE, 0, PAGE);
	is(c, unmapped(c, ioas, LOW + PAGE, PAGE), PAGE);
	transfer(c, LOW + PAGE, true);
	holds(c, !arrived(c, 1));
	/* The address can lead elsewhere then. */
	is(c, map_at(c, ioas, 2 * PAGE, PAGE, LOW + PAGE), 0);
	move(c, LOW, LOW + PAGE);
	holds(c, !arrived(c, 1));
	holds(c, arrived(c, 2));
}

static void not_after_detach(struct client *c, const void *arg)
{
	uint32_t ioas;

	begin(c);
	ioas = attached_ioas(c);
	is(c, map_at(c, ioas, 0, 2 * PAGE, LOW), 0);
	transfer(c, LOW, false);
	is(c, detach(c), 0);
	transfer(c, LOW + PAGE, true);
	holds(c, !arrived(c, 1));
}

static void by_copy(struct client *c, const void *arg)
{
	struct iommu_ioas_copy copy = {
		.size = sizeof(copy),
		.flags = FIXED,
		.length = PAGE,
		.dst_iova = LOW + 8 * PAGE,
		.src_iova = LOW + PAGE,
	};

	begin(c);
	copy.src_ioas_id = new_ioas(c);
	copy.dst_ioas_id = attached_ioas(c);
	is(c, map_at(c, copy.src_ioas_id, 0, 2 * PAGE, LOW), 0);
	is(c, map_at(c, copy.dst_ioas_id, 0, PAGE, LOW), 0);
	is(c, call(c, IOMMU_IOAS_COPY, &copy), 0);
	is(c, unmapped(c, copy.src_ioas_id, LOW, 2 * PAGE), 2 * PAGE);
	move(c, LOW, LOW + 8 * PAGE);
	holds(c, arrived(c, 1));
}

static void replaced(struct client *c, const void *arg)
{
	uint32_t first, second = new_ioas(c), pt = second;

	begin(c);
	first = attached_ioas(c);
	is(c, map_at(c, first, 0, 2 * PAGE, LOW), 0);
	is(c, map_at(c, second, 0, PAGE, LOW), 0);
	is(c, map_at(c, second, 2 * PAGE, PAGE, LOW + PAGE), 0);
	is(c, attach(c, &pt), 0);
	move(c, LOW, LOW + PAGE);
	holds(c, !arrived(c, 1));
	holds(c, arrived(c, 2));
}

static void any_part(struct client *c, const void *arg)
{
	struct iommu_vfio_ioas vfio = {
		.size = sizeof(vfio),
		.op = IOMMU_VFIO_IOAS_SET,
		.ioas_id = new_ioas(c),
	};
	struct vfio_iommu_type1_dma_unmap cmd = {
		.argsz = sizeof(cmd),
		.iova = LOW + PAGE,
		.size = PAGE,
	};
	uint32_t pt = vfio.ioas_id;

	begin(c);
	is(c, call(c, IOMMU_VFIO_IOAS, &vfio), 0);
	is(c, sys_ioctl(c->fd, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	is(c, attach(c, &pt), 0);
	is(c, map_at(c, vfio.ioas_id, 0, 4 * PAGE, LOW), 0);
	is(c, call(c, VFIO_IOMMU_UNMAP_DMA, &cmd), 0);
	move(c, LOW, LOW + PAGE);
	holds(c, !arrived(c, 1));
	move(c, LOW, LOW + 2 * PAGE);
	holds(c, arrived(c, 2));
}

/* ---- Dirty pages --------------------------------------------------- */

static uint64_t dirty(struct client *c, uint32_t hwpt, uint32_t flags,
		      uint64_t page_size)
{
	uint64_t bits = 0;
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = hwpt,
		.flags = flags,
		.iova = LOW,
		.length = 64 * PAGE,
		.page_size = page_size,
		.data = (uintptr_t)&bits,
	};

	is(c, call(c, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd), 0);
	return bits;
}

static void tracked(struct client *c, const void *arg)
{
	struct iommu_hwpt_set_dirty_tracking track = {
		.size = sizeof(track),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
	};
	const uint32_t keep_bits = IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR;
	uint32_t ioas = new_ioas(c), hwpt, pt;

	begin(c);
	if (!(hw_info(c).out_capabilities & IOMMU_HW_CAP_DIRTY_TRACKING))
		skip(c, "the IOMMU tracks no dirty pages");
	is(c, new_hwpt(c, ioas, IOMMU_HWPT_ALLOC_DIRTY_TRACKING, &hwpt), 0);
	pt = track.hwpt_id = hwpt;
	is(c, attach(c, &pt), 0);
	/* Alone, so that no larger entry has the page that will be dirty. */
	is(c, map_at(c, ioas, 0, 5 * PAGE, LOW), 0);
	is(c, map_at(c, ioas, 5 * PAGE, PAGE, LOW + 5 * PAGE), 0);
	is(c, map_at(c, ioas, 6 * PAGE, 58 * PAGE, LOW + 6 * PAGE), 0);
	move(c, LOW, LOW + 5 * PAGE);
	/* What was written before does not count. */
	is(c, call(c, IOMMU_HWPT_SET_DIRTY_TRACKING, &track), 0);
	is(c, dirty(c, hwpt, 0, PAGE), 0);
	move(c, LOW, LOW + 5 * PAGE);
	is(c, dirty(c, hwpt, keep_bits, PAGE), 1 << 5);
	is(c, dirty(c, hwpt, keep_bits, 2 * PAGE), 1 << 2);
	is(c, dirty(c, hwpt, 0, PAGE), 1 << 5);
	is(c, dirty(c, hwpt, 0, PAGE), 0);
}

static const struct rule rules[] = {
	{ "DMA: reads and writes what is mapped, and no more", reaches, NULL },
	{ "DMA: reaches what was mapped before the device was attached",
	  mapped_before, NULL },
	{ "DMA: does not write what is only READABLE", not_writable, NULL },
	{ "DMA: does not reach what was unmapped", not_after_unmap, NULL },
	{ "DMA: reaches nothing when the device is detached", not_after_detach,
	  NULL },
	{ "DMA: reaches what was copied, also when its source is gone", by_copy,
	  NULL },
	{ "DMA: goes where the replacement leads", replaced, NULL },
	{ "DMA: reaches what a version 1 unmap has left, and no more", any_part,
	  NULL },
	{ "GET_DIRTY_BITMAP: has what devices wrote since tracking began, or "
	  "since it was read",
	  tracked, NULL },
};

const struct rules dma_rules = RULES(rules);
