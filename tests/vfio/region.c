/* SPDX-License-Identifier: MIT */
/*
 * Regions: what is said of them, access in every size and alignment, ranges,
 * configuration space, and what may be mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

#define CONFIG  VFIO_PCI_CONFIG_REGION_INDEX
#define BAD_PTR ((void *)8)

static void get_info(struct rig *rig, uint32_t index, uint32_t argsz,
		     struct vfio_region_info *info)
{
	memset(info, 0xaa, sizeof(*info));
	info->argsz = argsz;
	info->index = index;
	assert_int_equal(
		rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_REGION_INFO, info), 0);
	assert_int_equal(info->index, index);
	assert_int_equal(info->offset, VFIO_REGION_OFFSET(index));
}

static void info(void **state)
{
	struct rig *rig = *state;
	struct vfio_region_info info;
	uint32_t index;

	get_info(rig, CONFIG, sizeof(info), &info);
	assert_int_equal(info.size, 256);
	assert_int_equal(info.flags, VFIO_REGION_INFO_FLAG_READ |
					     VFIO_REGION_INFO_FLAG_WRITE);
	assert_int_equal(info.cap_offset, 0);
	assert_int_equal(info.argsz, sizeof(info));

	for (index = VFIO_PCI_BAR1_REGION_INDEX;
	     index <= VFIO_PCI_ROM_REGION_INDEX; index++) {
		get_info(rig, index, sizeof(info), &info);
		assert_int_equal(info.size, 0);
		assert_int_equal(info.flags, 0);
		assert_int_equal(info.cap_offset, 0);
	}
}

static void info_errors(void **state)
{
	struct rig *rig = *state;
	struct vfio_region_info info = { .argsz = sizeof(info) - 1 };

	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_REGION_INFO,
				   &info),
			 -EINVAL);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_REGION_INFO,
				   BAD_PTR),
			 -EFAULT);
	info.argsz = sizeof(info);
	info.index = VFIO_PCI_VGA_REGION_INDEX;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_REGION_INFO,
				   &info),
			 -EINVAL);
	info.index = VFIO_PCI_NUM_REGIONS;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_REGION_INFO,
				   &info),
			 -EINVAL);
	info.index = UINT32_MAX;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_REGION_INFO,
				   &info),
			 -EINVAL);
}

/* What vfio_get_region_info writes for BAR 0 of edu, in this order. */
struct sparse_info {
	struct vfio_region_info info;
	struct vfio_info_cap_header header;
	uint32_t nr_areas, reserved;
	struct vfio_region_sparse_mmap_area area;
};

static void check_sparse(const struct sparse_info *arg)
{
	assert_int_equal(arg->info.cap_offset, sizeof(arg->info));
	assert_int_equal(arg->header.id, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	assert_int_equal(arg->header.version, 1);
	assert_int_equal(arg->header.next, 0);
	assert_int_equal(arg->nr_areas, 1);
	assert_int_equal(arg->reserved, 0);
	assert_int_equal(arg->area.offset, EDU_BUFFER);
	assert_int_equal(arg->area.size, EDU_BUFFER_SIZE);
}

/* BAR 0 of edu with its capability, and every size of buffer for it. */
static void info_sparse(void **state)
{
	const size_t fixed = sizeof(struct vfio_region_info);
	struct rig *rig = *state;
	struct sparse_info arg, before;
	uint32_t argsz;

	memset(&before, 0x55, sizeof(before));
	for (argsz = (uint32_t)fixed; argsz <= 2 * sizeof(arg); argsz++) {
		arg = before;
		get_info(rig, 0, argsz, &arg.info);
		assert_int_equal(arg.info.size, EDU_BAR_SIZE);
		assert_int_equal(arg.info.flags,
				 VFIO_REGION_INFO_FLAG_READ |
					 VFIO_REGION_INFO_FLAG_WRITE |
					 VFIO_REGION_INFO_FLAG_MMAP |
					 VFIO_REGION_INFO_FLAG_CAPS);
		if (argsz >= sizeof(arg)) {
			assert_int_equal(arg.info.argsz, argsz);
			check_sparse(&arg);
			continue;
		}
		assert_int_equal(arg.info.argsz, sizeof(arg));
		assert_int_equal(arg.info.cap_offset, 0);
		assert_memory_equal((uint8_t *)&arg + fixed,
				    (uint8_t *)&before + fixed,
				    sizeof(arg) - fixed);
	}
}

static void info_edge(void **state)
{
	struct rig *rig = *state;
	uint8_t *p = mmap(NULL, 2 * UIOMMU_PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vfio_region_info *info;
	size_t room;

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(munmap(p + UIOMMU_PAGE_SIZE, UIOMMU_PAGE_SIZE), 0);
	/* argsz promises more than there is. */
	for (room = 32; room < 64; room += 16) {
		info = (void *)(p + UIOMMU_PAGE_SIZE - room);
		info->argsz = 4096;
		info->index = 0;
		assert_int_equal(rig_ioctl(rig, RIG_CDEV,
					   VFIO_DEVICE_GET_REGION_INFO, info),
				 -EFAULT);
	}
	munmap(p, UIOMMU_PAGE_SIZE);
}

/* Without memory to map there is nothing that could be mapped. */
static void info_no_backing(void **state)
{
	struct rig *rig = *state;
	struct vfio_region_info info;

	rig_close(rig, RIG_CDEV);
	close(rig->backing);
	rig->backing = -1;
	rig_open_cdev(rig, RIG_CDEV);
	rig_bind(rig);
	get_info(rig, 0, sizeof(info), &info);
	assert_int_equal(info.flags, VFIO_REGION_INFO_FLAG_READ |
					     VFIO_REGION_INFO_FLAG_WRITE);
	assert_int_equal(info.cap_offset, 0);
	assert_int_equal(uiommu_mmap(rig->file[RIG_CDEV],
				     VFIO_REGION_OFFSET(0) + EDU_BUFFER,
				     EDU_BUFFER_SIZE, PROT_READ, MAP_SHARED),
			 -EINVAL);
	/* The buffer itself works all the same. */
	rig_set(rig, 0, EDU_BUFFER + 8, 8, 0x0123456789abcdef);
	assert_int_equal(rig_get(rig, 0, EDU_BUFFER + 8, 8),
			 0x0123456789abcdef);
}

static void ranges(void **state)
{
	struct rig *rig = *state;
	uint8_t buf[64];

	/* Configuration space: inside as a whole, or not at all. */
	assert_int_equal(rig_pread(rig, CONFIG, 192, buf, 64), 64);
	assert_int_equal(rig_pread(rig, CONFIG, 193, buf, 64), -EFAULT);
	assert_int_equal(rig_pread(rig, CONFIG, 256, buf, 1), -EFAULT);
	assert_int_equal(rig_pwrite(rig, CONFIG, 253, buf, 4), -EFAULT);
	assert_int_equal(rig_pread(rig, CONFIG, 0, buf, SIZE_MAX), -EFAULT);
	assert_int_equal(rig_pread(rig, CONFIG, UINT32_MAX, buf, 4), -EFAULT);

	/* BARs: cut at the end. */
	assert_int_equal(rig_pread(rig, 0, EDU_BAR_SIZE - 4, buf, 64), 4);
	assert_int_equal(rig_pwrite(rig, 0, EDU_BAR_SIZE - 4, buf, 64), 4);
	assert_int_equal(rig_pread(rig, 0, EDU_BAR_SIZE, buf, 4), -EINVAL);
	assert_int_equal(rig_pread(rig, 0, ~0ULL >> 25, buf, 4), -EINVAL);

	/* Absent regions, and offsets that are in none. */
	assert_int_equal(rig_pread(rig, 1, 0, buf, 4), -EINVAL);
	assert_int_equal(rig_pread(rig, VFIO_PCI_ROM_REGION_INDEX, 0, buf, 4),
			 -EINVAL);
	assert_int_equal(rig_pread(rig, VFIO_PCI_VGA_REGION_INDEX, 0, buf, 4),
			 -EINVAL);
	assert_int_equal(rig_pread(rig, VFIO_PCI_NUM_REGIONS, 0, buf, 4),
			 -EINVAL);
	assert_int_equal(uiommu_read(rig->file[RIG_CDEV], &rig->self.user,
				     (uintptr_t)buf, 4, 0),
			 -EINVAL);
	assert_int_equal(uiommu_read(rig->file[RIG_CDEV], &rig->self.user,
				     (uintptr_t)buf, 4, UINT64_MAX),
			 -EINVAL);
	assert_int_equal(uiommu_write(rig->file[RIG_CDEV], &rig->self.user,
				      (uintptr_t)buf, 4, (1ULL << 40) - 2),
			 -EINVAL);

	/* Nothing is always fine in a region that exists at all. */
	assert_int_equal(rig_pread(rig, CONFIG, 256, BAD_PTR, 0), 0);
	assert_int_equal(rig_pwrite(rig, 0, 0, BAD_PTR, 0), 0);
}

static void bad_memory(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(rig_pread(rig, CONFIG, 0, BAD_PTR, 4), -EFAULT);
	assert_int_equal(rig_pwrite(rig, CONFIG, 4, BAD_PTR, 2), -EFAULT);
	assert_int_equal(rig_pread(rig, 0, EDU_BUFFER, BAD_PTR, 4096), -EFAULT);
	assert_int_equal(rig_pwrite(rig, 0, EDU_BUFFER, BAD_PTR, 4096),
			 -EFAULT);
	assert_int_equal(rig_pread(rig, 0, 0, (void *)UINTPTR_MAX, 4), -EFAULT);
}

static void config_identity(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(rig_get(rig, CONFIG, DEV_PCI_VENDOR, 4), 0x11e81234);
	assert_int_equal(rig_get(rig, CONFIG, DEV_PCI_REVISION, 4), 0x00ff0010);
	assert_int_equal(rig_get(rig, CONFIG, DEV_PCI_INTERRUPT_PIN, 1), 1);
	assert_int_equal(rig_get(rig, CONFIG, 0x0e, 1), 0);
	/* The list of capabilities: MSI, and no other. */
	assert_true(rig_get(rig, CONFIG, DEV_PCI_STATUS, 2) &
		    DEV_PCI_STATUS_CAPABILITIES);
	assert_int_equal(rig_get(rig, CONFIG, DEV_PCI_CAPABILITIES, 1), 0x40);
	assert_int_equal(rig_get(rig, CONFIG, 0x40, 2), DEV_PCI_CAP_MSI);
	assert_int_equal(rig_get(rig, CONFIG, 0x42, 2), DEV_PCI_MSI_64BIT);
}

/* What all-ones and all-zeroes leave in each register. */
static void config_masks(void **state)
{
	static const struct {
		unsigned int offset, len;
		uint64_t ones, zeroes;
	} reg[] = {
		{ DEV_PCI_VENDOR, 4, 0x11e81234, 0x11e81234 },
		{ DEV_PCI_COMMAND, 2, 0x0546, 0 },
		{ DEV_PCI_STATUS, 2, 0x0010, 0x0010 },
		{ DEV_PCI_REVISION, 4, 0x00ff0010, 0x00ff0010 },
		{ DEV_PCI_CACHE_LINE, 4, 0x0000ffff, 0 },
		{ DEV_PCI_BAR0, 4, 0xfff00000, 0 },
		{ DEV_PCI_BAR0 + 4, 4, 0, 0 },
		{ DEV_PCI_BAR0 + 20, 4, 0, 0 },
		{ 0x28, 4, 0, 0 },
		{ DEV_PCI_SUBSYSTEM_VENDOR, 4, 0x11001af4, 0x11001af4 },
		{ 0x30, 4, 0, 0 },
		{ DEV_PCI_CAPABILITIES, 4, 0x40, 0x40 },
		{ DEV_PCI_INTERRUPT_LINE, 4, 0x01ff, 0x0100 },
		{ 0x40, 4, 0x00800005, 0x00800005 },
		{ 0x44, 4, 0xfffffffc, 0 },
		{ 0x48, 4, 0xffffffff, 0 },
		{ 0x4c, 4, 0x0000ffff, 0 },
		{ 0x50, 4, 0, 0 },
		{ 0xfc, 4, 0, 0 },
	};
	struct rig *rig = *state;
	unsigned int i;

	for (i = 0; i < sizeof(reg) / sizeof(reg[0]); i++) {
		rig_set(rig, CONFIG, reg[i].offset, reg[i].len, UINT64_MAX);
		assert_int_equal(rig_get(rig, CONFIG, reg[i].offset,
					 reg[i].len),
				 reg[i].ones);
		rig_set(rig, CONFIG, reg[i].offset, reg[i].len, 0);
		assert_int_equal(rig_get(rig, CONFIG, reg[i].offset,
					 reg[i].len),
				 reg[i].zeroes);
	}
}

/* Any size at any alignment gives the same bytes. */
static void config_sizes(void **state)
{
	struct rig *rig = *state;
	uint8_t all[256], some[256];
	size_t offset, len;

	assert_int_equal(rig_pread(rig, CONFIG, 0, all, sizeof(all)), 256);
	for (offset = 0; offset < 64; offset++) {
		for (len = 1; len <= 32; len++) {
			assert_int_equal(
				rig_pread(rig, CONFIG, offset, some, len), len);
			assert_memory_equal(some, all + offset, len);
		}
	}
	/* A BAR written byte by byte. */
	rig_set(rig, CONFIG, DEV_PCI_BAR0 + 3, 1, 0xab);
	rig_set(rig, CONFIG, DEV_PCI_BAR0 + 1, 2, 0xcdef);
	assert_int_equal(rig_get(rig, CONFIG, DEV_PCI_BAR0, 4), 0xabc00000);
}

/* Memory decoding gates the BAR, and comes back with the value it had. */
static void config_memory_enable(void **state)
{
	struct rig *rig = *state;
	uint32_t value;

	rig_set(rig, 0, EDU_LIVENESS, 4, 5);
	rig_set(rig, CONFIG, DEV_PCI_COMMAND, 2, 0);
	assert_int_equal(rig_pread(rig, 0, 0, &value, 4), -EIO);
	assert_int_equal(rig_pwrite(rig, 0, EDU_BUFFER, &value, 4), -EIO);
	rig_set(rig, CONFIG, DEV_PCI_COMMAND, 2, DEV_PCI_COMMAND_MEMORY);
	assert_int_equal(rig_get(rig, 0, EDU_LIVENESS, 4), (uint32_t)~5);
}

static void registers(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(rig_get(rig, 0, EDU_ID, 4), 0x010000ed);
	rig_set(rig, 0, EDU_ID, 4, 0);
	assert_int_equal(rig_get(rig, 0, EDU_ID, 4), 0x010000ed);
	rig_set(rig, 0, EDU_LIVENESS, 4, 0x12345678);
	assert_int_equal(rig_get(rig, 0, EDU_LIVENESS, 4), 0xedcba987);
	rig_set(rig, 0, EDU_STATUS, 4, UINT32_MAX);
	assert_int_equal(rig_get(rig, 0, EDU_STATUS, 4), EDU_STATUS_IRQ);
	/* Write-only, and absent. */
	assert_int_equal(rig_get(rig, 0, EDU_IRQ_RAISE, 4), UINT32_MAX);
	assert_int_equal(rig_get(rig, 0, 0x10, 4), UINT32_MAX);
	assert_int_equal(rig_get(rig, 0, 0x80000, 8), UINT64_MAX);
	rig_set(rig, 0, 0x80000, 8, 0);
}

static void factorial(void **state)
{
	struct rig *rig = *state;
	uint32_t n, want = 1;

	for (n = 0; n < 40; n++) {
		want *= n ? n : 1;
		rig_set(rig, 0, EDU_FACTORIAL, 4, n);
		assert_int_equal(rig_get(rig, 0, EDU_STATUS, 4), 0);
		assert_int_equal(rig_get(rig, 0, EDU_FACTORIAL, 4), want);
	}
	/* The largest must not take long. */
	rig_set(rig, 0, EDU_FACTORIAL, 4, UINT32_MAX);
	assert_int_equal(rig_get(rig, 0, EDU_FACTORIAL, 4), 0);
}

/* Below 0x80 only 4 bytes are an access of a register. */
static void register_sizes(void **state)
{
	struct rig *rig = *state;
	uint32_t two[2] = { 1, 2 };

	rig_set(rig, 0, EDU_LIVENESS, 4, 0);
	rig_set(rig, 0, EDU_LIVENESS, 1, 0xff);
	rig_set(rig, 0, EDU_LIVENESS, 2, 0xffff);
	assert_int_equal(rig_get(rig, 0, EDU_LIVENESS, 4), UINT32_MAX);
	assert_int_equal(rig_get(rig, 0, EDU_ID, 1), 0xff);
	assert_int_equal(rig_get(rig, 0, EDU_ID, 2), 0xffff);
	/* Eight bytes at 0 are one access of eight; at 4, two of four. */
	assert_int_equal(rig_get(rig, 0, EDU_ID, 8), UINT64_MAX);
	assert_int_equal(rig_pwrite(rig, 0, EDU_LIVENESS, two, 8), 8);
	assert_int_equal(rig_get(rig, 0, EDU_LIVENESS, 4), ~1U);
	assert_int_equal(rig_get(rig, 0, EDU_FACTORIAL, 4), 2);
}

static void dma_register_sizes(void **state)
{
	struct rig *rig = *state;

	rig_set(rig, 0, EDU_DMA_SOURCE, 8, 0x1122334455667788);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_SOURCE, 8),
			 0x1122334455667788);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_SOURCE, 4), 0x55667788);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_SOURCE + 4, 4), 0x11223344);
	/* The lower half alone is the whole value; the upper comes second. */
	rig_set(rig, 0, EDU_DMA_SOURCE, 4, 0x99aabbcc);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_SOURCE, 8), 0x99aabbcc);
	rig_set(rig, 0, EDU_DMA_SOURCE + 4, 4, 0xddeeff00);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_SOURCE, 8),
			 0xddeeff0099aabbcc);
	/* Bytes are no access. */
	rig_set(rig, 0, EDU_DMA_SOURCE, 2, 0);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_SOURCE, 8),
			 0xddeeff0099aabbcc);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_SOURCE, 1), 0xff);
	/* Bits that mean nothing are not stored. */
	rig_set(rig, 0, EDU_DMA_COMMAND, 8, UINT64_MAX & ~1ULL);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_COMMAND, 8), 6);
	rig_set(rig, 0, EDU_DMA_COMMAND + 4, 4, UINT32_MAX);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_COMMAND, 8), 6);
}

/* The buffer is memory: any size, any alignment, and the client's mapping. */
static void buffer(void **state)
{
	struct rig *rig = *state;
	uint8_t want[EDU_BUFFER_SIZE], got[EDU_BUFFER_SIZE];
	uint8_t *map;
	size_t i;

	for (i = 0; i < sizeof(want); i++)
		want[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(rig_pwrite(rig, 0, EDU_BUFFER, want, sizeof(want)),
			 sizeof(want));
	for (i = 0; i < 24; i++) {
		assert_int_equal(rig_pread(rig, 0, EDU_BUFFER + i, got, 33),
				 33);
		assert_memory_equal(got, want + i, 33);
	}
	assert_int_equal(rig_pread(rig, 0, EDU_BUFFER, got, sizeof(got)),
			 sizeof(got));
	assert_memory_equal(got, want, sizeof(got));

	map = mmap(NULL, EDU_BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		   rig->backing, (off_t)(VFIO_REGION_OFFSET(0) + EDU_BUFFER));
	assert_ptr_not_equal(map, MAP_FAILED);
	assert_memory_equal(map, want, sizeof(want));
	map[100] = 0xee;
	assert_int_equal(rig_get(rig, 0, EDU_BUFFER + 100, 1), 0xee);
	munmap(map, EDU_BUFFER_SIZE);

	/* Reads that begin before it and end behind it. */
	memset(got, 0, sizeof(got));
	assert_int_equal(rig_pread(rig, 0, EDU_BUFFER - 5, got, 16), 16);
	assert_int_equal(got[0], 0xff);
	assert_int_equal(got[4], 0xff);
	assert_memory_equal(got + 5, want, 11);
	assert_int_equal(
		rig_pread(rig, 0, EDU_BUFFER + EDU_BUFFER_SIZE - 3, got, 8), 8);
	assert_memory_equal(got, want + EDU_BUFFER_SIZE - 3, 3);
	assert_int_equal(got[3], 0xff);
}

/* A client that truncates the backing loses its buffer, and nobody else. */
static void buffer_truncated(void **state)
{
	struct rig *rig = *state;
	uint64_t value;

	rig_set(rig, 0, EDU_BUFFER, 8, 0x55);
	assert_int_equal(ftruncate(rig->backing, 0), 0);
	assert_int_equal(rig_pread(rig, 0, EDU_BUFFER, &value, 8), -EIO);
	assert_int_equal(fcntl(rig->backing, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_int_equal(rig_pwrite(rig, 0, EDU_BUFFER, &value, 8), -EIO);
	assert_int_equal(rig_get(rig, 0, EDU_ID, 4), 0x010000ed);
}

static int can_map(struct rig *rig, uint64_t offset, uint64_t len, int flags)
{
	return uiommu_mmap(rig->file[RIG_CDEV], offset, len,
			   PROT_READ | PROT_WRITE, flags);
}

static void mmap_check(void **state)
{
	const uint64_t buf = VFIO_REGION_OFFSET(0) + EDU_BUFFER;
	struct rig *rig = *state;

	assert_int_equal(can_map(rig, buf, 4096, MAP_SHARED), 0);
	assert_int_equal(can_map(rig, buf, 4096, MAP_SHARED_VALIDATE), 0);
	assert_int_equal(can_map(rig, buf, 1, MAP_SHARED), 0);
	assert_int_equal(can_map(rig, buf, 4096, MAP_PRIVATE), -EINVAL);
	assert_int_equal(can_map(rig, buf, 0, MAP_SHARED), -EINVAL);
	assert_int_equal(can_map(rig, buf, 8192, MAP_SHARED), -EINVAL);
	assert_int_equal(can_map(rig, buf - 4096, 8192, MAP_SHARED), -EINVAL);
	assert_int_equal(can_map(rig, buf + 4096, 4096, MAP_SHARED), -EINVAL);
	assert_int_equal(can_map(rig, buf, UINT64_MAX, MAP_SHARED), -EINVAL);
	/* Registers, configuration space, absent regions, and nowhere. */
	assert_int_equal(can_map(rig, VFIO_REGION_OFFSET(0), 4096, MAP_SHARED),
			 -EINVAL);
	assert_int_equal(can_map(rig, VFIO_REGION_OFFSET(0), EDU_BAR_SIZE,
				 MAP_SHARED),
			 -EINVAL);
	assert_int_equal(can_map(rig, VFIO_REGION_OFFSET(CONFIG), 4096,
				 MAP_SHARED),
			 -EINVAL);
	assert_int_equal(can_map(rig, VFIO_REGION_OFFSET(1) + EDU_BUFFER, 4096,
				 MAP_SHARED),
			 -EINVAL);
	assert_int_equal(can_map(rig, EDU_BUFFER, 4096, MAP_SHARED), -EINVAL);
	assert_int_equal(can_map(rig, UINT64_MAX - 4095, 4096, MAP_SHARED),
			 -EINVAL);
}

#define BOUND(f) \
	cmocka_unit_test_setup_teardown(f, rig_setup_bound, rig_teardown)
#define FRESH(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOUND(info),
		BOUND(info_errors),
		BOUND(info_sparse),
		BOUND(info_edge),
		FRESH(info_no_backing),
		BOUND(ranges),
		BOUND(bad_memory),
		BOUND(config_identity),
		BOUND(config_masks),
		BOUND(config_sizes),
		BOUND(config_memory_enable),
		BOUND(registers),
		BOUND(factorial),
		BOUND(register_sizes),
		BOUND(dma_register_sizes),
		BOUND(buffer),
		BOUND(buffer_truncated),
		BOUND(mmap_check),
	};

	return cmocka_run_group_tests_name("region", tests, NULL, NULL);
}
