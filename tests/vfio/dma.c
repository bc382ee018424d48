/* SPDX-License-Identifier: MIT */
/*
 * End to end: a client's memory, an IOAS, and a device that does DMA, with the
 * page tables of every format.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

#define CONFIG VFIO_PCI_CONFIG_REGION_INDEX
#define PAGE   UIOMMU_PAGE_SIZE
#define IOVA   0x10000000UL

/* Client memory, filled with something. */
static uint8_t *new_pages(size_t n)
{
	uint8_t *p = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	assert_ptr_not_equal(p, MAP_FAILED);
	for (i = 0; i < n * PAGE; i++)
		p[i] = (uint8_t)(i * 13 + i / 256);
	return p;
}

static void to_device(struct rig *rig, uint64_t iova, size_t offset, size_t len)
{
	rig_dma(rig, iova, EDU_BUFFER + offset, len, EDU_DMA_START);
}

static void to_memory(struct rig *rig, uint64_t iova, size_t offset, size_t len)
{
	rig_dma(rig, EDU_BUFFER + offset, iova, len,
		EDU_DMA_START | EDU_DMA_TO_MEMORY);
}

/* The story of a client, from open to close. */
static void story(struct rig *rig)
{
	uint8_t buf[EDU_BUFFER_SIZE], *p = new_pages(2);
	const int fd = rig_eventfd();
	struct uiommu_fault info;

	rig_attach(rig);
	rig_trigger(rig, VFIO_PCI_MSI_IRQ_INDEX, fd);
	rig_map(rig, p, IOVA, 2 * PAGE);

	/* Into the device, across a page boundary, and back elsewhere. */
	rig_dma(rig, IOVA + PAGE - 100, EDU_BUFFER, 200,
		EDU_DMA_START | EDU_DMA_IRQ);
	assert_int_equal(rig_fired(fd), 1);
	assert_int_equal(rig_get(rig, 0, EDU_IRQ_STATUS, 4), EDU_IRQ_DMA);
	rig_set(rig, 0, EDU_IRQ_ACK, 4, EDU_IRQ_DMA);
	assert_int_equal(rig_pread(rig, 0, EDU_BUFFER, buf, 200), 200);
	assert_memory_equal(buf, p + PAGE - 100, 200);
	rig_dma(rig, EDU_BUFFER, IOVA + 8, 200,
		EDU_DMA_START | EDU_DMA_TO_MEMORY | EDU_DMA_IRQ);
	assert_int_equal(rig_fired(fd), 1);
	assert_memory_equal(p + 8, p + PAGE - 100, 200);
	/* Without the request there is no interrupt. */
	to_memory(rig, IOVA, 0, 8);
	assert_int_equal(rig_fired(fd), 0);
	assert_int_equal(rig->faults, 0);

	/* Unmapped: the next DMA is blocked, and reported. */
	assert_int_equal(rig_unmap(rig, IOVA, 2 * PAGE), 0);
	memset(p, 0xcc, 2 * PAGE);
	memset(buf, 0xcc, sizeof(buf));
	to_memory(rig, IOVA + 16, 0, 200);
	assert_memory_equal(p, buf, PAGE);
	assert_int_equal(rig->faults, 1);
	assert_int_equal(rig->fault.va, IOVA + 16);
	assert_int_equal(rig->fault.access, SOFT_WRITE);
	assert_int_equal(rig->fault.rid, 1 << 3);
	assert_int_equal(rig->fault.walk.reason, SOFT_FAULT_NOT_PRESENT);
	uiommu_fault_info(&rig->fault, &info);
	assert_int_equal(info.rid, 1 << 3);
	assert_int_equal(info.iova, IOVA + 16);
	assert_true(info.write);
	assert_string_equal(info.why, "nothing is mapped there");
	close(fd);
	munmap(p, 2 * PAGE);
}

static void all_formats(void **state)
{
	static const char *const formats[] = { "vtdss", "amdv1", "amdv1_mock",
					       "x86_64" };
	struct rig rig;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		rig_init(&rig, formats[i]);
		story(&rig);
		rig_fini(&rig);
	}
}

/* Off after open, and after reset; on, off and on by the client. */
static void bus_master(void **state)
{
	struct rig *rig = *state;
	uint8_t *p = new_pages(1);

	rig_map(rig, p, IOVA, PAGE);
	rig_bus_master(rig, false);
	to_device(rig, IOVA, 0, 8);
	assert_int_equal(rig_get(rig, 0, EDU_BUFFER, 8), 0);
	rig_bus_master(rig, true);
	to_device(rig, IOVA, 0, 8);
	assert_int_not_equal(rig_get(rig, 0, EDU_BUFFER, 8), 0);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_RESET, NULL), 0);
	to_device(rig, IOVA, 0, 8);
	assert_int_equal(rig_get(rig, 0, EDU_BUFFER, 8), 0);
	/* Nothing left the device, so nothing was blocked. */
	assert_int_equal(rig->faults, 0);
	munmap(p, PAGE);
}

/* Blocked DMA has an end, too: the interrupt comes if it was asked for. */
static void blocked_irq(void **state)
{
	struct rig *rig = *state;
	const int fd = rig_eventfd();

	rig_trigger(rig, VFIO_PCI_MSI_IRQ_INDEX, fd);
	rig_dma(rig, IOVA, EDU_BUFFER, 8, EDU_DMA_START | EDU_DMA_IRQ);
	assert_int_equal(rig->faults, 1);
	assert_int_equal(rig_fired(fd), 1);
	/* With Bus Master off the message does not get out; the status does. */
	rig_set(rig, 0, EDU_IRQ_ACK, 4, EDU_IRQ_DMA);
	rig_bus_master(rig, false);
	rig_dma(rig, IOVA, EDU_BUFFER, 8, EDU_DMA_START | EDU_DMA_IRQ);
	assert_int_equal(rig->faults, 1);
	assert_int_equal(rig_fired(fd), 0);
	assert_int_equal(rig_get(rig, 0, EDU_IRQ_STATUS, 4), EDU_IRQ_DMA);
	close(fd);
}

/* A transfer that runs into a hole keeps what came before it. */
static void partial(void **state)
{
	uint8_t want[EDU_BUFFER_SIZE], got[EDU_BUFFER_SIZE];
	struct rig *rig = *state;
	uint8_t *p = new_pages(1);

	rig_map(rig, p, IOVA, PAGE);
	memset(want, 0x77, sizeof(want));
	assert_int_equal(rig_pwrite(rig, 0, EDU_BUFFER, want, sizeof(want)),
			 sizeof(want));
	to_device(rig, IOVA + PAGE - 64, 0, 128);
	assert_int_equal(rig->faults, 1);
	assert_int_equal(rig->fault.va, IOVA + PAGE);
	memcpy(want, p + PAGE - 64, 64);
	assert_int_equal(rig_pread(rig, 0, EDU_BUFFER, got, sizeof(got)),
			 sizeof(got));
	assert_memory_equal(got, want, sizeof(want));

	to_memory(rig, IOVA + PAGE - 32, 0, 128);
	assert_int_equal(rig->faults, 2);
	assert_memory_equal(p + PAGE - 32, want, 32);
	munmap(p, PAGE);
}

/* A refused request shows in the status register until it is cleared. */
static void master_abort(void **state)
{
	struct rig *rig = *state;
	uint8_t *p = new_pages(1);

	rig_map(rig, p, IOVA, PAGE);
	to_device(rig, IOVA, 0, 8);
	assert_int_equal(rig_get(rig, CONFIG, DEV_PCI_STATUS, 2),
			 DEV_PCI_STATUS_CAPABILITIES);
	to_device(rig, IOVA + PAGE, 0, 8);
	to_device(rig, IOVA, 0, 8);
	assert_int_equal(rig_get(rig, CONFIG, DEV_PCI_STATUS, 2),
			 DEV_PCI_STATUS_CAPABILITIES |
				 DEV_PCI_STATUS_MASTER_ABORT);
	rig_set(rig, CONFIG, DEV_PCI_STATUS, 2, 0);
	rig_set(rig, CONFIG, DEV_PCI_STATUS, 2,
		~(uint64_t)DEV_PCI_STATUS_MASTER_ABORT);
	assert_true(rig_get(rig, CONFIG, DEV_PCI_STATUS, 2) &
		    DEV_PCI_STATUS_MASTER_ABORT);
	rig_set(rig, CONFIG, DEV_PCI_STATUS, 2, DEV_PCI_STATUS_MASTER_ABORT);
	assert_int_equal(rig_get(rig, CONFIG, DEV_PCI_STATUS, 2),
			 DEV_PCI_STATUS_CAPABILITIES);
	munmap(p, PAGE);
}

static void touch_registers(struct rig *rig)
{
	assert_true(rig_get(rig, 0, EDU_DMA_COMMAND, 4) & EDU_DMA_START);
	rig_set(rig, 0, EDU_DMA_COUNT, 8, 1);
	rig_set(rig, 0, EDU_DMA_COMMAND, 4, EDU_DMA_START);
	rig_set(rig, 0, EDU_LIVENESS, 4, 7);
}

/* While a transfer runs, its registers are its own; all others work. */
static void busy(void **state)
{
	struct rig *rig = *state;

	rig->on_fault = touch_registers;
	to_device(rig, IOVA, 0, 64);
	assert_int_equal(rig->faults, 1);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_COUNT, 8), 64);
	assert_int_equal(rig_get(rig, 0, EDU_LIVENESS, 4), (uint32_t)~7);
	rig->on_fault = NULL;
}

/* What is not wholly inside the buffer does nothing, however wild it is. */
static void bad_ranges(void **state)
{
	static const struct {
		uint64_t device, count;
	} bad[] = {
		{ EDU_BUFFER, EDU_BUFFER_SIZE + 1 },
		{ EDU_BUFFER + 1, EDU_BUFFER_SIZE },
		{ EDU_BUFFER + EDU_BUFFER_SIZE, 1 },
		{ EDU_BUFFER - 1, 2 },
		{ EDU_BUFFER, UINT64_MAX },
		{ EDU_BUFFER + 8, UINT64_MAX - 4 },
		{ 0, 8 },
		{ UINT64_MAX, 8 },
		{ UINT64_MAX, UINT64_MAX },
		{ EDU_BUFFER, 0 },
	};
	uint8_t *p = new_pages(2), *copy = new_pages(2);
	struct rig *rig = *state;
	unsigned int i;

	rig_map(rig, p, IOVA, 2 * PAGE);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rig_dma(rig, bad[i].device, IOVA, bad[i].count,
			EDU_DMA_START | EDU_DMA_TO_MEMORY);
		rig_dma(rig, IOVA, bad[i].device, bad[i].count, EDU_DMA_START);
	}
	assert_int_equal(rig->faults, 0);
	assert_memory_equal(p, copy, 2 * PAGE);
	assert_int_equal(rig_get(rig, 0, EDU_BUFFER, 8), 0);
	/* All of it, exactly, is fine. */
	to_device(rig, IOVA, 0, EDU_BUFFER_SIZE);
	to_memory(rig, IOVA + PAGE, 0, EDU_BUFFER_SIZE);
	assert_memory_equal(p + PAGE, p, PAGE);
	munmap(p, 2 * PAGE);
	munmap(copy, 2 * PAGE);
}

/* Every bit of an address reaches the IOMMU. */
static void wide_addresses(void **state)
{
	static const uint64_t iova[] = { 1ULL << 40, 1ULL << 52, 1ULL << 63,
					 UINT64_MAX - 7 };
	struct rig *rig = *state;
	unsigned int i;

	for (i = 0; i < sizeof(iova) / sizeof(iova[0]); i++) {
		to_device(rig, iova[i], 0, 8);
		assert_int_equal(rig->faults, i + 1);
		assert_int_equal(rig->fault.va, iova[i]);
	}
	to_memory(rig, UINT64_MAX, 0, 16);
	assert_int_equal(rig->fault.va, UINT64_MAX);
}

/* Detached, and blocked. */
static void detached(void **state)
{
	struct vfio_device_detach_iommufd_pt detach = {
		.argsz = sizeof(detach),
	};
	struct rig *rig = *state;
	uint8_t *p = new_pages(1);

	rig_map(rig, p, IOVA, PAGE);
	to_device(rig, IOVA, 0, 8);
	assert_int_equal(rig->faults, 0);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_DETACH_IOMMUFD_PT,
				   &detach),
			 0);
	to_device(rig, IOVA, 8, 8);
	assert_int_equal(rig->faults, 1);
	assert_int_equal(rig->fault.walk.reason, SOFT_FAULT_BLOCKED);
	assert_int_equal(rig_get(rig, 0, EDU_BUFFER + 8, 8), 0);
	munmap(p, PAGE);
}

/* The client unmaps pages of its own that a device may still reach. */
static void vanished_memory(void **state)
{
	struct rig *rig = *state;
	uint8_t *p = new_pages(1);

	rig_map(rig, p, IOVA, PAGE);
	munmap(p, PAGE);
	to_memory(rig, IOVA, 0, 8);
	assert_int_equal(rig->faults, 1);
	assert_int_equal(rig->fault.walk.reason, SOFT_FAULT_BUS);
}

/* The buffer's own file goes away under the device. */
static void truncated_backing(void **state)
{
	uint8_t *p = new_pages(1), *copy = new_pages(1);
	struct rig *rig = *state;

	rig_map(rig, p, IOVA, PAGE);
	assert_int_equal(ftruncate(rig->backing, 0), 0);
	assert_int_equal(fcntl(rig->backing, F_ADD_SEALS, F_SEAL_GROW), 0);
	to_memory(rig, IOVA, 0, 64);
	assert_memory_equal(p, copy, PAGE);
	to_device(rig, IOVA, 0, 64);
	assert_int_equal(rig->faults, 0);
	munmap(p, PAGE);
	munmap(copy, PAGE);
}

/* A client's mapping of the buffer sees DMA at once, and feeds it. */
static void mapped_buffer(void **state)
{
	struct rig *rig = *state;
	uint8_t *p = new_pages(1), *map;

	map = mmap(NULL, EDU_BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		   rig->backing, (off_t)(VFIO_REGION_OFFSET(0) + EDU_BUFFER));
	assert_ptr_not_equal(map, MAP_FAILED);
	rig_map(rig, p, IOVA, PAGE);
	to_device(rig, IOVA, 0, EDU_BUFFER_SIZE);
	assert_memory_equal(map, p, PAGE);
	memset(map, 0x3c, EDU_BUFFER_SIZE);
	to_memory(rig, IOVA, 0, EDU_BUFFER_SIZE);
	assert_memory_equal(map, p, PAGE);
	munmap(map, EDU_BUFFER_SIZE);
	munmap(p, PAGE);
}

/* DMA by one thread, while others read, reset, and switch Bus Master. */
struct storm {
	struct rig *rig;
	bool stop;
};

static bool storm_over(struct storm *s)
{
	return __atomic_load_n(&s->stop, __ATOMIC_ACQUIRE);
}

static void *storm_reset(void *arg)
{
	struct storm *s = arg;

	while (!storm_over(s)) {
		rig_ioctl(s->rig, RIG_CDEV, VFIO_DEVICE_RESET, NULL);
		uiommu_device_info(s->rig->dev,
				   &(struct uiommu_device_info){ 0 });
	}
	return NULL;
}

static void *storm_dma(void *arg)
{
	const uint64_t one = EDU_DMA_START | EDU_DMA_IRQ;
	struct storm *s = arg;
	uint64_t reg[3] = { IOVA, EDU_BUFFER, 64 };
	uint32_t command = DEV_PCI_COMMAND_MEMORY | DEV_PCI_COMMAND_MASTER;

	while (!storm_over(s)) {
		rig_pwrite(s->rig, CONFIG, DEV_PCI_COMMAND, &command, 2);
		rig_pwrite(s->rig, 0, EDU_DMA_SOURCE, reg, sizeof(reg));
		rig_pwrite(s->rig, 0, EDU_DMA_COMMAND, &one, 4);
	}
	return NULL;
}

static void storm(void **state)
{
	struct rig *rig = *state;
	struct storm s = { .rig = rig };
	uint8_t *p = new_pages(1);
	pthread_t thread[3];
	unsigned int i;

	rig_map(rig, p, IOVA, PAGE);
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&thread[i], NULL,
						i ? storm_dma : storm_reset,
						&s),
				 0);
	usleep(100000);
	__atomic_store_n(&s.stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	/* A reset may have come between two registers: then it was address 0. */
	if (rig->faults)
		assert_int_equal(rig->fault.va, 0);
	/* It still works. */
	rig_bus_master(rig, true);
	to_device(rig, IOVA, 0, 8);
	assert_int_not_equal(rig_get(rig, 0, EDU_BUFFER, 8), 0);
	munmap(p, PAGE);
}

#define ATTACHED(f) \
	cmocka_unit_test_setup_teardown(f, rig_setup_attached, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_formats),
		ATTACHED(bus_master),
		ATTACHED(blocked_irq),
		ATTACHED(partial),
		ATTACHED(bad_ranges),
		ATTACHED(master_abort),
		ATTACHED(busy),
		ATTACHED(wide_addresses),
		ATTACHED(detached),
		ATTACHED(vanished_memory),
		ATTACHED(truncated_backing),
		ATTACHED(mapped_buffer),
		ATTACHED(storm),
	};

	return cmocka_run_group_tests_name("dma", tests, NULL, NULL);
}
