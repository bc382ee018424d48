/* SPDX-License-Identifier: MIT */
/*
 * The device "test" and VFIO around it: configuration space, registers, its
 * operations, waiting for pages, and what ends the wait.
 */
#include "rig.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devices/dev_test.h"

#define BAR    VFIO_PCI_BAR0_REGION_INDEX
#define CONFIG VFIO_PCI_CONFIG_REGION_INDEX
#define IOVA   0x10000000ULL
#define PAGE   UIOMMU_PAGE_SIZE

/**
 * struct world - a rig with a page table that handles faults
 * @memory: 64 pages of the client's
 * @fd: the fault queue's descriptor
 * @hwpt: the page table
 */
struct world {
	struct rig rig;
	uint8_t *memory;
	int fd;
	uint32_t hwpt;
	uint32_t fault;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct iommu_fault_alloc fault = { .size = sizeof(fault) };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = 12 };
	struct iommu_hwpt_alloc hwpt = {
		.size = sizeof(hwpt),
		.flags = IOMMU_HWPT_ALLOC_PASID | IOMMU_HWPT_FAULT_ID_VALID,
	};

	rig_init_model(&w->rig, NULL, "test");
	rig_bind(&w->rig);
	w->memory = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(w->memory != MAP_FAILED);
	assert_int_equal(rig_ioctl(&w->rig, RIG_IOMMUFD,
				   IOMMU_FAULT_QUEUE_ALLOC, &fault),
			 0);
	w->fd = (int)fault.out_fault_fd;
	w->fault = fault.out_fault_id;
	hwpt.dev_id = 1;
	hwpt.pt_id = w->rig.ioas;
	hwpt.fault_id = w->fault;
	assert_int_equal(
		rig_ioctl(&w->rig, RIG_IOMMUFD, IOMMU_HWPT_ALLOC, &hwpt), 0);
	w->hwpt = attach.pt_id = hwpt.out_hwpt_id;
	assert_int_equal(rig_ioctl(&w->rig, RIG_CDEV,
				   VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach),
			 0);
	rig_bus_master(&w->rig, true);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	rig_fini(&w->rig);
	munmap(w->memory, 64 * PAGE);
	free(w);
	return 0;
}

static uint32_t get(struct world *w, uint32_t reg)
{
	return (uint32_t)rig_get(&w->rig, BAR, reg, 4);
}

static void set(struct world *w, uint32_t reg, uint32_t value)
{
	rig_set(&w->rig, BAR, reg, 4, value);
}

static uint32_t channel(struct world *w, unsigned int n, uint32_t reg)
{
	return get(w, TEST_CHANNEL(n) + reg);
}

static void run(struct world *w, unsigned int n, uint64_t iova, uint32_t length,
		uint32_t command)
{
	uint32_t ch = TEST_CHANNEL(n);

	rig_set(&w->rig, BAR, ch + TEST_ADDRESS, 8, iova);
	set(w, ch + TEST_LENGTH, length);
	set(w, ch + TEST_COMMAND, command);
}

static int64_t read_fault(struct world *w, struct iommu_hwpt_pgfault *f,
			  unsigned int nr)
{
	return uiommu_read(w->rig.file[w->fd], &w->rig.self.user, (uintptr_t)f,
			   nr * sizeof(*f), 0);
}

static void answer(struct world *w, uint32_t cookie, uint32_t code)
{
	const struct iommu_hwpt_page_response r = { cookie, code };

	assert_int_equal(uiommu_write(w->rig.file[w->fd], &w->rig.self.user,
				      (uintptr_t)&r, sizeof(r), 0),
			 sizeof(r));
}

/* ---- Configuration space ------------------------------------------- */

static uint32_t config(struct world *w, unsigned int offset)
{
	return (uint32_t)rig_get(&w->rig, CONFIG, offset, 4);
}

/* The offset of an extended capability, or 0. */
static unsigned int extended(struct world *w, uint16_t id)
{
	unsigned int at = 0x100, guard;
	uint32_t header;

	for (guard = 0; at && guard != 100; guard++) {
		assert_int_equal(at % 4, 0);
		header = config(w, at);
		assert_int_equal(header >> 16 & 0xf, 1);
		if ((header & 0xffff) == id)
			return at;
		at = header >> 20;
	}
	return 0;
}

static void test_config(void **state)
{
	struct vfio_region_info info = { .argsz = sizeof(info),
					 .index = CONFIG };
	struct world *w = *state;
	unsigned int at, seen = 0;
	uint32_t before;

	assert_int_equal(rig_ioctl(&w->rig, RIG_CDEV,
				   VFIO_DEVICE_GET_REGION_INFO, &info),
			 0);
	assert_int_equal(info.size, 4096);
	assert_int_equal(config(w, 0), 0x74651234);
	for (at = config(w, 0x34) & 0xff; at; at = config(w, at) >> 8 & 0xff)
		seen |= 1U << (config(w, at) & 0xff);
	assert_int_equal(seen, 1U << 0x05 | 1U << 0x10);
	/* ATS and PRI are enabled, and stay so. */
	at = extended(w, 0x0f);
	assert_true(at && config(w, at + 4) >> 31);
	at = extended(w, 0x13);
	assert_int_equal(config(w, at + 4) & 3, 1);
	assert_int_equal(config(w, at + 8), 64);
	assert_int_equal(config(w, at + 12), 64);
	at = extended(w, 0x1b);
	before = config(w, at + 4);
	assert_int_equal(before >> 8 & 0x1f, 20);
	assert_int_equal(before >> 16, 7);
	rig_set(&w->rig, CONFIG, at + 4, 4, 0);
	assert_int_equal(config(w, at + 4), before);
	assert_int_equal(extended(w, 0x10), 0);
	assert_int_equal(config(w, 0xffc), 0);
}

static void test_hw_info(void **state)
{
	struct world *w = *state;
	struct iommu_hw_info cmd = { .size = sizeof(cmd), .dev_id = 1 };

	assert_int_equal(
		rig_ioctl(&w->rig, RIG_IOMMUFD, IOMMU_GET_HW_INFO, &cmd), 0);
	assert_int_equal(cmd.out_max_pasid_log2, 20);
	assert_int_equal(cmd.out_capabilities,
			 IOMMU_HW_CAP_DIRTY_TRACKING |
				 IOMMU_HW_CAP_PCI_PASID_EXEC |
				 IOMMU_HW_CAP_PCI_PASID_PRIV);
}

/* ---- Registers ----------------------------------------------------- */

static void test_registers(void **state)
{
	struct world *w = *state;
	uint8_t bytes[64], byte;
	unsigned int i;

	assert_int_equal(get(w, TEST_ID), 0x74736501);
	assert_int_equal(get(w, TEST_LIMITS), 4 | 20 << 8 | 16 << 16);
	for (i = 0; i != 4; i++) {
		assert_int_equal(channel(w, i, TEST_STATUS), TEST_IDLE);
		set(w, TEST_CHANNEL(i) + TEST_PASID, UINT32_MAX);
		assert_int_equal(channel(w, i, TEST_PASID), 0xfffff);
		rig_set(&w->rig, BAR, TEST_CHANNEL(i), 8, 0x1122334455667788);
		set(w, TEST_CHANNEL(i) + 4, i);
		assert_true(rig_get(&w->rig, BAR, TEST_CHANNEL(i), 8) ==
			    ((uint64_t)i << 32 | 0x55667788));
		set(w, TEST_CHANNEL(i) + TEST_STATUS, 3);
		set(w, TEST_CHANNEL(i) + TEST_DONE_BYTES, 3);
		assert_int_equal(channel(w, i, TEST_STATUS), TEST_IDLE);
		assert_int_equal(channel(w, i, TEST_DONE_BYTES), 0);
	}
	/* Nothing answers elsewhere, or at other sizes. */
	assert_int_equal(get(w, 0x10), UINT32_MAX);
	assert_int_equal(get(w, TEST_CHANNEL(4)), UINT32_MAX);
	assert_int_equal(channel(w, 0, 0x28), UINT32_MAX);
	assert_int_equal(rig_get(&w->rig, BAR, TEST_ID, 2), 0xffff);
	assert_true(rig_get(&w->rig, BAR, TEST_CHANNEL(0) + 8, 8) ==
		    UINT64_MAX);
	rig_set(&w->rig, BAR, 0x10, 4, 7);
	rig_set(&w->rig, BAR, TEST_CHANNEL(0) + TEST_LENGTH, 2, 7);
	assert_int_equal(channel(w, 0, TEST_LENGTH), 0);
	/* Memory takes everything, up to the end of the BAR. */
	for (i = 0; i != 64; i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(rig_pwrite(&w->rig, BAR, TEST_MEMORY + 3, bytes, 61),
			 61);
	assert_int_equal(rig_pread(&w->rig, BAR, TEST_MEMORY + 13, &byte, 1),
			 1);
	assert_int_equal(byte, 10);
	assert_int_equal(rig_pread(&w->rig, BAR, TEST_BAR_SIZE - 1, bytes, 64),
			 1);
}

static void test_nonsense(void **state)
{
	static const uint32_t commands[] = { 6, 15, 0x100, 0x10000 };
	struct world *w = *state;
	unsigned int i;

	for (i = 0; i != 4; i++) {
		run(w, 0, IOVA, 8, commands[i]);
		assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NONSENSE);
	}
	run(w, 0, IOVA, 0, TEST_OP_FILL);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NONSENSE);
	run(w, 0, IOVA, (16 << 20) + 1, TEST_OP_FILL);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NONSENSE);
	run(w, 0, UINT64_MAX, 2, TEST_OP_FILL);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NONSENSE);
	set(w, TEST_CHANNEL(0) + TEST_PLACE, 0xffff);
	run(w, 0, IOVA, 2, TEST_OP_READ);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NONSENSE);
	set(w, TEST_CHANNEL(0) + TEST_PLACE, UINT32_MAX);
	run(w, 0, IOVA, 2, TEST_OP_WRITE);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NONSENSE);
	assert_int_equal(w->rig.faults, 0);
	/* The last address is one. */
	run(w, 0, UINT64_MAX, 1, TEST_OP_FILL);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_REFUSED);
	set(w, TEST_CHANNEL(0) + TEST_COMMAND, 0);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_IDLE);
}

/* ---- Operations ---------------------------------------------------- */

static void test_transfer(void **state)
{
	struct world *w = *state;
	uint8_t back[300];
	unsigned int i;

	rig_map(&w->rig, w->memory, IOVA, 4 * PAGE);
	for (i = 0; i != 4 * PAGE; i++)
		w->memory[i] = (uint8_t)(i / 3);
	set(w, TEST_CHANNEL(1) + TEST_PLACE, 100);
	run(w, 1, IOVA + 10, 3 * PAGE, TEST_OP_READ);
	assert_int_equal(channel(w, 1, TEST_STATUS), TEST_OK);
	assert_int_equal(channel(w, 1, TEST_DONE_BYTES), 3 * PAGE);
	rig_pread(&w->rig, BAR, TEST_MEMORY + 100 + 2 * PAGE, back, 300);
	assert_memory_equal(back, w->memory + 10 + 2 * PAGE, 300);
	memset(w->memory, 0, 4 * PAGE);
	run(w, 1, IOVA + 1, 2 * PAGE, TEST_OP_WRITE);
	assert_int_equal(w->memory[0], 0);
	assert_int_equal(w->memory[1], 10 / 3);
	assert_int_equal(w->memory[2 * PAGE], (uint8_t)((2 * PAGE + 9) / 3));
	assert_int_equal(w->memory[2 * PAGE + 1], 0);
	set(w, TEST_CHANNEL(1) + TEST_FILL, 0x44332211);
	run(w, 1, IOVA + 2, 7, TEST_OP_FILL);
	assert_memory_equal(w->memory + 2, "\x11\x22\x33\x44\x11\x22\x33", 7);
	/* Up to the end of what is mapped. */
	run(w, 1, IOVA + 3 * PAGE, 2 * PAGE, TEST_OP_FILL);
	assert_int_equal(channel(w, 1, TEST_STATUS), TEST_REFUSED);
	assert_int_equal(channel(w, 1, TEST_DONE_BYTES), PAGE);
	assert_int_equal(w->rig.faults, 1);
	assert_true(rig_get(&w->rig, CONFIG, 6, 2) & 0x2000);
	assert_int_equal(channel(w, 1, TEST_NR_REQUESTS), 0);
}

static void test_probe(void **state)
{
	struct world *w = *state;
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.ioas_id = w->rig.ioas,
		.user_va = (uintptr_t)w->memory,
		.length = 2 * PAGE,
		.iova = IOVA,
	};

	assert_int_equal(rig_ioctl(&w->rig, RIG_IOMMUFD, IOMMU_IOAS_MAP, &map),
			 0);
	run(w, 0, IOVA, 2 * PAGE, TEST_OP_PROBE);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_OK);
	assert_int_equal(channel(w, 0, TEST_DONE_BYTES), 2 * PAGE);
	run(w, 0, IOVA + PAGE, 2 * PAGE, TEST_OP_PROBE);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_REFUSED);
	assert_int_equal(channel(w, 0, TEST_DONE_BYTES), PAGE);
	run(w, 0, IOVA, PAGE, TEST_OP_PROBE | TEST_FOR_WRITE);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_REFUSED);
	/* Asking leaves no trace. */
	assert_int_equal(w->rig.faults, 0);
}

static void test_bus_master(void **state)
{
	struct world *w = *state;

	rig_map(&w->rig, w->memory, IOVA, PAGE);
	rig_bus_master(&w->rig, false);
	run(w, 0, IOVA, PAGE, TEST_OP_FILL);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_REFUSED);
	run(w, 0, IOVA, PAGE, TEST_OP_ASK);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_REFUSED);
	run(w, 0, IOVA, PAGE, TEST_OP_PROBE);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_REFUSED);
	assert_int_equal(w->rig.faults, 0);
	/* Without memory decoding it does not answer at all. */
	rig_set(&w->rig, CONFIG, 4, 2, 0);
	assert_int_equal(rig_pread(&w->rig, BAR, 0, &(uint32_t){ 0 }, 4), -EIO);
	assert_int_equal(rig_pwrite(&w->rig, BAR, 0, &(uint32_t){ 0 }, 4),
			 -EIO);
}

static void test_interrupts(void **state)
{
	struct world *w = *state;
	struct iommu_hwpt_pgfault f;
	int fd = rig_eventfd();

	rig_map(&w->rig, w->memory, IOVA, PAGE);
	rig_trigger(&w->rig, VFIO_PCI_MSI_IRQ_INDEX, fd);
	run(w, 2, IOVA, 4, TEST_OP_FILL);
	assert_int_equal(rig_fired(fd), 0);
	assert_int_equal(get(w, TEST_IRQ_STATUS), 4);
	/* Enabling it is late, but not too late. */
	set(w, TEST_IRQ_ENABLE, UINT32_MAX);
	assert_int_equal(get(w, TEST_IRQ_ENABLE), 15);
	assert_int_equal(rig_fired(fd), 1);
	run(w, 0, IOVA, 4, TEST_OP_FILL);
	run(w, 1, IOVA, 0, TEST_OP_FILL);
	assert_int_equal(rig_fired(fd), 2);
	assert_int_equal(get(w, TEST_IRQ_STATUS), 7);
	set(w, TEST_IRQ_STATUS, 5);
	assert_int_equal(get(w, TEST_IRQ_STATUS), 2);
	/* It comes when the operation ends, not when it waits. */
	run(w, 3, IOVA + PAGE, 4, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(rig_fired(fd), 0);
	assert_int_equal(read_fault(w, &f, 1), sizeof(f));
	answer(w, f.cookie, IOMMUFD_PAGE_RESP_INVALID);
	assert_int_equal(rig_fired(fd), 1);
	assert_int_equal(get(w, TEST_IRQ_STATUS), 2 | 8);
	assert_int_equal(rig_set_irqs(&w->rig,
				      VFIO_IRQ_SET_DATA_NONE |
					      VFIO_IRQ_SET_ACTION_TRIGGER,
				      VFIO_PCI_MSI_IRQ_INDEX, 0, 0, NULL, 0),
			 0);
	/* The line goes with the last bit. */
	rig_trigger(&w->rig, VFIO_PCI_INTX_IRQ_INDEX, fd);
	assert_int_equal(rig_fired(fd), 1);
	assert_true(rig_get(&w->rig, CONFIG, 6, 2) & 8);
	set(w, TEST_IRQ_STATUS, UINT32_MAX);
	assert_false(rig_get(&w->rig, CONFIG, 6, 2) & 8);
	close(fd);
}

/* ---- Pages --------------------------------------------------------- */

static void test_groups(void **state)
{
	struct world *w = *state;
	struct iommu_hwpt_pgfault f[64];
	unsigned int i;

	/* Only what is missing, 16 pages at most, from the middle of a page. */
	rig_map(&w->rig, w->memory + 3 * PAGE, IOVA + 3 * PAGE, PAGE);
	run(w, 0, IOVA + 5, 30 * PAGE, TEST_OP_READ | TEST_PAGES);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NONSENSE);
	run(w, 0, IOVA + 5, 15 * PAGE, TEST_OP_READ | TEST_PAGES);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_WAITS);
	assert_int_equal(read_fault(w, f, 64), 3 * sizeof(f[0]));
	for (i = 0; i != 3; i++) {
		assert_int_equal(f[i].addr, IOVA + i * PAGE);
		assert_int_equal(f[i].perm, IOMMU_PGFAULT_PERM_READ);
	}
	rig_map(&w->rig, w->memory, IOVA, 3 * PAGE);
	answer(w, 1, 0);
	assert_int_equal(channel(w, 0, TEST_DONE_BYTES), 4 * PAGE - 5);
	assert_int_equal(read_fault(w, f, 64), 12 * sizeof(f[0]));
	assert_int_equal(f[0].addr, IOVA + 4 * PAGE);
	assert_int_equal(f[11].addr, IOVA + 15 * PAGE);
	assert_int_equal(f[11].flags, IOMMU_PGFAULT_FLAGS_LAST_PAGE);
	rig_map(&w->rig, w->memory + 4 * PAGE, IOVA + 4 * PAGE, 12 * PAGE);
	answer(w, 1, 0);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_OK);
	assert_int_equal(channel(w, 0, TEST_DONE_BYTES), 15 * PAGE);
	assert_int_equal(channel(w, 0, TEST_NR_REQUESTS), 2);
	assert_int_equal(w->rig.faults, 0);
}

static void test_ask(void **state)
{
	struct world *w = *state;
	struct iommu_hwpt_pgfault f[64];

	rig_map(&w->rig, w->memory, IOVA, PAGE);
	run(w, 0, IOVA + 1, 20 * PAGE,
	    TEST_OP_ASK | TEST_FOR_WRITE | TEST_EXEC | TEST_PRIV);
	assert_int_equal(read_fault(w, f, 64), 16 * sizeof(f[0]));
	assert_int_equal(f[0].addr, IOVA);
	assert_int_equal(f[0].perm, IOMMU_PGFAULT_PERM_WRITE |
					    IOMMU_PGFAULT_PERM_EXEC |
					    IOMMU_PGFAULT_PERM_PRIV);
	answer(w, f[0].cookie, 0);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_WAITS);
	assert_int_equal(channel(w, 0, TEST_DONE_BYTES), 16 * PAGE - 1);
	assert_int_equal(read_fault(w, f, 64), 5 * sizeof(f[0]));
	answer(w, f[0].cookie, 0);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_OK);
	assert_int_equal(channel(w, 0, TEST_DONE_BYTES), 20 * PAGE);
	run(w, 0, IOVA, 1, TEST_OP_ASK);
	assert_int_equal(read_fault(w, f, 64), sizeof(f[0]));
	assert_int_equal(f[0].perm, IOMMU_PGFAULT_PERM_READ);
	answer(w, f[0].cookie, 1);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NO_PAGE);
}

/* The client says that the pages are there, again and again, and they are not. */
static void test_given_up(void **state)
{
	struct world *w = *state;
	struct iommu_hwpt_pgfault f;
	unsigned int i;

	run(w, 0, IOVA, PAGE, TEST_OP_FILL | TEST_PAGES);
	for (i = 0; channel(w, 0, TEST_STATUS) == TEST_WAITS; i++) {
		assert_int_equal(read_fault(w, &f, 1), sizeof(f));
		answer(w, f.cookie, 0);
	}
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_GIVEN_UP);
	assert_int_equal(i, TEST_MAX_TRIES);
	assert_int_equal(channel(w, 0, TEST_NR_REQUESTS), TEST_MAX_TRIES);
}

/* Pages that come one by one are progress. */
static void test_one_by_one(void **state)
{
	struct world *w = *state;
	struct iommu_hwpt_pgfault f[16];
	unsigned int i;

	run(w, 0, IOVA, 20 * PAGE, TEST_OP_FILL | TEST_PAGES);
	for (i = 0; channel(w, 0, TEST_STATUS) == TEST_WAITS; i++) {
		assert_true(read_fault(w, f, 16) > 0);
		assert_int_equal(f[0].addr, IOVA + i * PAGE);
		rig_map(&w->rig, w->memory + i * PAGE, IOVA + i * PAGE, PAGE);
		answer(w, f[0].cookie, 0);
	}
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_OK);
	assert_int_equal(i, 20);
}

/* A page that is there, but not for writing, is asked for. */
static void test_permission(void **state)
{
	struct world *w = *state;
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.ioas_id = w->rig.ioas,
		.user_va = (uintptr_t)w->memory,
		.length = PAGE,
		.iova = IOVA,
	};
	struct iommu_hwpt_pgfault f;

	assert_int_equal(rig_ioctl(&w->rig, RIG_IOMMUFD, IOMMU_IOAS_MAP, &map),
			 0);
	run(w, 0, IOVA, 4, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(read_fault(w, &f, 1), sizeof(f));
	assert_int_equal(f.perm, IOMMU_PGFAULT_PERM_WRITE);
	assert_int_equal(rig_unmap(&w->rig, IOVA, PAGE), 0);
	rig_map(&w->rig, w->memory, IOVA, PAGE);
	answer(w, f.cookie, 0);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_OK);
}

/* While it waits its registers are its own; it can be given up, though. */
static void test_waits(void **state)
{
	struct world *w = *state;
	struct iommu_hwpt_pgfault f[4];
	unsigned int n;

	for (n = 0; n != 4; n++)
		run(w, n, IOVA + n * PAGE, 8, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(read_fault(w, f, 4), sizeof(f));
	run(w, 0, 0, 0, TEST_OP_READ);
	assert_true(rig_get(&w->rig, BAR, TEST_CHANNEL(0), 8) == IOVA);
	assert_int_equal(channel(w, 0, TEST_LENGTH), 8);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_WAITS);
	set(w, TEST_CHANNEL(0) + TEST_COMMAND, 0);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_IDLE);
	/* A new operation is not answered by what the old one asked for. */
	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	answer(w, f[0].cookie, 1);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_WAITS);
	for (n = 1; n != 4; n++)
		assert_int_equal(channel(w, n, TEST_STATUS), TEST_WAITS);
	rig_map(&w->rig, w->memory, IOVA, 4 * PAGE);
	answer(w, f[3].cookie, 0);
	assert_int_equal(channel(w, 3, TEST_STATUS), TEST_OK);
	assert_int_equal(channel(w, 2, TEST_STATUS), TEST_WAITS);
}

static void test_reset(void **state)
{
	struct world *w = *state;
	struct iommu_hwpt_pgfault f[2];

	set(w, TEST_IRQ_ENABLE, 15);
	set(w, TEST_MEMORY, 7);
	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	run(w, 1, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(read_fault(w, f, 1), sizeof(f[0]));
	assert_int_equal(rig_ioctl(&w->rig, RIG_CDEV, VFIO_DEVICE_RESET, NULL),
			 0);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_IDLE);
	assert_int_equal(get(w, TEST_MEMORY), 0);
	assert_int_equal(get(w, TEST_IRQ_ENABLE), 0);
	rig_bus_master(&w->rig, true);
	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	answer(w, f[0].cookie, 1);
	assert_int_equal(read_fault(w, f, 2), sizeof(f));
	answer(w, f[0].cookie, 1);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_WAITS);
	answer(w, f[1].cookie, 1);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NO_PAGE);
}

/* Each of these ends the wait: detach, closing the queue; closing the device. */
static void test_ends(void **state)
{
	struct world *w = *state;
	struct vfio_device_detach_iommufd_pt detach = { .argsz = 8 };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = 12,
							.pt_id = w->hwpt };

	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_WAITS);
	assert_int_equal(rig_ioctl(&w->rig, RIG_CDEV,
				   VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach),
			 0);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NO_PAGE);
	/* Detached, it asks for nothing. */
	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_REFUSED);
	assert_int_equal(rig_ioctl(&w->rig, RIG_CDEV,
				   VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach),
			 0);
	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	rig_close(&w->rig, w->fd);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_NO_PAGE);
	/* Nobody would answer: refused at once. */
	run(w, 1, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(channel(w, 1, TEST_STATUS), TEST_NO_PAGE);
}

static void test_close(void **state)
{
	struct world *w = *state;
	struct iommu_hwpt_pgfault f[2];

	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	run(w, 1, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(read_fault(w, f, 1), sizeof(f[0]));
	rig_close(&w->rig, RIG_CDEV);
	assert_int_equal(read_fault(w, f, 2), 0);
	assert_int_equal(uiommu_poll(w->rig.file[w->fd]), POLLOUT);
	/* The next client finds it fresh. */
	rig_open_cdev(&w->rig, RIG_CDEV);
	rig_bind(&w->rig);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_IDLE);
}

/* Requests that the IOMMU cannot even pass on: PRI stops until reset. */
static void test_failure(void **state)
{
	struct world *w = *state;
	struct soft_iommu *soft = uiommu_soft(w->rig.u);

	soft_iommu_on_page_request(soft, NULL, NULL);
	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_FAILED);
	assert_int_equal(channel(w, 0, TEST_NR_REQUESTS), 1);
	assert_int_equal(config(w, extended(w, 0x13) + 4) >> 16, 1);
	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_FAILED);
	assert_int_equal(channel(w, 0, TEST_NR_REQUESTS), 0);
	/* DMA itself goes on. */
	rig_map(&w->rig, w->memory, IOVA, PAGE);
	run(w, 0, IOVA, 8, TEST_OP_FILL | TEST_PAGES);
	assert_int_equal(channel(w, 0, TEST_STATUS), TEST_OK);
	assert_int_equal(rig_ioctl(&w->rig, RIG_CDEV, VFIO_DEVICE_RESET, NULL),
			 0);
	assert_int_equal(config(w, extended(w, 0x13) + 4) >> 16, 0);
}

/* ---- Threads ------------------------------------------------------- */

/**
 * struct race - a client whose threads drive the device, serve its page requests,
 * and take away what it works with
 * @stop: enough
 */
struct race {
	struct world *w;
	bool stop;
};

static bool stopped(const struct race *race)
{
	return __atomic_load_n(&race->stop, __ATOMIC_ACQUIRE);
}

static void *serve(void *arg)
{
	struct race *race = arg;
	struct world *w = race->w;
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = w->rig.ioas,
		.user_va = (uintptr_t)w->memory,
		.length = PAGE,
	};
	struct iommu_hwpt_page_response r = { 0 };
	struct iommu_hwpt_pgfault f;

	while (!stopped(race)) {
		if (read_fault(w, &f, 1) != sizeof(f)) {
			sched_yield();
			continue;
		}
		map.iova = f.addr;
		rig_ioctl(&w->rig, RIG_IOMMUFD, IOMMU_IOAS_MAP, &map);
		r.cookie = f.cookie;
		/* Somebody may have cancelled it. */
		uiommu_write(w->rig.file[w->fd], &w->rig.self.user,
			     (uintptr_t)&r, sizeof(r), 0);
		rig_unmap(&w->rig, f.addr, PAGE);
	}
	return NULL;
}

static void *disturb(void *arg)
{
	struct race *race = arg;
	struct world *w = race->w;
	struct vfio_device_detach_iommufd_pt detach = { .argsz = 8 };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = 12 };
	unsigned int i;

	for (i = 0; !stopped(race); i++) {
		attach.pt_id = w->hwpt;
		if (i % 3)
			rig_ioctl(&w->rig, RIG_CDEV, VFIO_DEVICE_RESET, NULL);
		else
			rig_ioctl(&w->rig, RIG_CDEV,
				  VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach);
		rig_ioctl(&w->rig, RIG_CDEV, VFIO_DEVICE_ATTACH_IOMMUFD_PT,
			  &attach);
		rig_bus_master(&w->rig, true);
		sched_yield();
	}
	return NULL;
}

/* Every operation ends, in some way, and nothing is left waiting. */
static void test_race(void **state)
{
	struct race race = { .w = *state };
	pthread_t thread[3];
	unsigned int i, n;
	uint32_t status;

	pthread_create(&thread[0], NULL, serve, &race);
	pthread_create(&thread[1], NULL, serve, &race);
	pthread_create(&thread[2], NULL, disturb, &race);
	for (i = 0; i != 400; i++) {
		n = i % TEST_NR_CHANNELS;
		do {
			status = channel(race.w, n, TEST_STATUS);
			sched_yield();
		} while (status == TEST_BUSY || status == TEST_WAITS);
		run(race.w, n, IOVA + n * PAGE, 64, TEST_OP_FILL | TEST_PAGES);
	}
	__atomic_store_n(&race.stop, true, __ATOMIC_RELEASE);
	for (i = 0; i != 3; i++)
		pthread_join(thread[i], NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_config),     TEST(test_hw_info),
		TEST(test_registers),  TEST(test_nonsense),
		TEST(test_transfer),   TEST(test_probe),
		TEST(test_bus_master), TEST(test_interrupts),
		TEST(test_groups),     TEST(test_ask),
		TEST(test_given_up),   TEST(test_one_by_one),
		TEST(test_permission), TEST(test_waits),
		TEST(test_reset),      TEST(test_ends),
		TEST(test_close),      TEST(test_failure),
		TEST(test_race),
	};

	return cmocka_run_group_tests_name("test", tests, NULL, NULL);
}
