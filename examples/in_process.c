/* SPDX-License-Identifier: MIT */
/*
 * For authors of VMMs and user-space drivers: test code that speaks IOMMUFD and
 * VFIO inside one process, with no kernel support, no privilege and no second
 * process.
 *
 * The code under test reaches the system through a few functions that a program
 * can exchange (struct sys below); most programs have such a seam already. In
 * production they are ioctl(2), pread(2) and pwrite(2). In a test they are calls
 * of the engine, with the test's own memory as the client's.
 *
 *	cc in_process.c $(pkg-config --cflags --libs uiommu)
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <uiommu/iommufd.h>
#include <uiommu/uiommu.h>
#include <uiommu/vfio.h>

/* ---- The seam --------------------------------------------------------- */

struct sys {
	long (*ioctl)(struct sys *sys, int fd, unsigned int cmd, void *arg);
	int64_t (*pread)(struct sys *sys, int fd, void *buf, size_t len,
			 uint64_t offset);
	int64_t (*pwrite)(struct sys *sys, int fd, const void *buf, size_t len,
			  uint64_t offset);
};

/* ---- The code under test: a driver that copies by DMA ------------------- */

#define IOVA 0x100000

struct driver {
	struct sys *sys;
	int iommufd;
	int device;
	uint32_t ioas;
	uint64_t bar;
	uint64_t config;
};

static int driver_attach(struct driver *d)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = d->iommufd,
	};
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach),
	};
	struct sys *sys = d->sys;

	if (sys->ioctl(sys, d->device, VFIO_DEVICE_BIND_IOMMUFD, &bind) ||
	    sys->ioctl(sys, d->iommufd, IOMMU_IOAS_ALLOC, &alloc))
		return -1;
	d->ioas = attach.pt_id = alloc.out_ioas_id;
	return sys->ioctl(sys, d->device, VFIO_DEVICE_ATTACH_IOMMUFD_PT,
			  &attach)
		       ? -1
		       : 0;
}

static int driver_find_regions(struct driver *d)
{
	struct vfio_region_info bar = {
		.argsz = sizeof(bar),
		.index = VFIO_PCI_BAR0_REGION_INDEX,
	};
	struct vfio_region_info config = {
		.argsz = sizeof(config),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	struct sys *sys = d->sys;

	if (sys->ioctl(sys, d->device, VFIO_DEVICE_GET_REGION_INFO, &bar) ||
	    sys->ioctl(sys, d->device, VFIO_DEVICE_GET_REGION_INFO, &config))
		return -1;
	d->bar = bar.offset;
	d->config = config.offset;
	return 0;
}

/* Memory and Bus Master Enable in the command register. */
static int driver_enable(struct driver *d)
{
	const uint16_t command = 0x0006;

	return d->sys->pwrite(d->sys, d->device, &command, sizeof(command),
			      d->config + 4) == sizeof(command)
		       ? 0
		       : -1;
}

static int driver_set_irq(struct driver *d, int eventfd)
{
	_Alignas(struct vfio_irq_set)
		uint8_t buf[sizeof(struct vfio_irq_set) + sizeof(int32_t)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(buf),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD |
			 VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSI_IRQ_INDEX,
		.count = 1,
	};
	memcpy(set->data, &(int32_t){ eventfd }, sizeof(int32_t));
	return d->sys->ioctl(d->sys, d->device, VFIO_DEVICE_SET_IRQS, set) ? -1
									   : 0;
}

static int driver_map(struct driver *d, void *memory, size_t len)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = d->ioas,
		.user_va = (uintptr_t)memory,
		.length = len,
		.iova = IOVA,
	};

	return d->sys->ioctl(d->sys, d->iommufd, IOMMU_IOAS_MAP, &map) ? -1 : 0;
}

static int driver_unmap(struct driver *d, size_t len)
{
	struct iommu_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.ioas_id = d->ioas,
		.iova = IOVA,
		.length = len,
	};

	return d->sys->ioctl(d->sys, d->iommufd, IOMMU_IOAS_UNMAP, &unmap) ? -1
									   : 0;
}

/* edu's DMA registers: source, destination, count, command. */
static void driver_dma(struct driver *d, uint64_t source, uint64_t dest,
		       uint64_t count, uint64_t command)
{
	const uint64_t regs[4] = { source, dest, count, command };

	d->sys->pwrite(d->sys, d->device, regs, sizeof(regs), d->bar + 0x80);
}

/* ---- The test: the seam leads to the engine ----------------------------- */

enum {
	FD_IOMMUFD,
	FD_DEVICE,
	NR_FDS
};

struct test_sys {
	struct sys sys;
	struct uiommu_self self;
	struct uiommu_file *file[NR_FDS];
};

static long test_ioctl(struct sys *sys, int fd, unsigned int cmd, void *arg)
{
	struct test_sys *t = (struct test_sys *)sys;

	return uiommu_ioctl(t->file[fd], &t->self.user, cmd, (uintptr_t)arg);
}

static int64_t test_pread(struct sys *sys, int fd, void *buf, size_t len,
			  uint64_t offset)
{
	struct test_sys *t = (struct test_sys *)sys;

	return uiommu_read(t->file[fd], &t->self.user, (uintptr_t)buf, len,
			   offset);
}

static int64_t test_pwrite(struct sys *sys, int fd, const void *buf, size_t len,
			   uint64_t offset)
{
	struct test_sys *t = (struct test_sys *)sys;

	return uiommu_write(t->file[fd], &t->self.user, (uintptr_t)buf, len,
			    offset);
}

static unsigned int faults;

static void on_fault(void *arg, const struct soft_fault *fault)
{
	struct uiommu_fault info;

	uiommu_fault_info(fault, &info);
	printf("blocked: %s of 0x%llx: %s\n", info.write ? "write" : "read",
	       (unsigned long long)info.iova, info.why);
	faults++;
}

static void check(int ok, const char *what)
{
	if (ok)
		return;
	printf("failed: %s\n", what);
	exit(1);
}

static void test_driver(struct driver *d)
{
	char *memory = aligned_alloc(UIOMMU_PAGE_SIZE, UIOMMU_PAGE_SIZE);
	int irq = eventfd(0, EFD_CLOEXEC);
	uint64_t count = 0;

	check(memory && irq >= 0, "memory and eventfd");
	strcpy(memory, "through the device");
	check(!driver_attach(d), "attach");
	check(!driver_find_regions(d), "regions");
	check(!driver_set_irq(d, irq), "interrupt");
	check(!driver_enable(d), "Bus Master");
	check(!driver_map(d, memory, UIOMMU_PAGE_SIZE), "map");

	/* Into the device's buffer, and back to another place. */
	driver_dma(d, IOVA, 0x40000, 32, 1);
	driver_dma(d, 0x40000, IOVA + 64, 32, 7);
	check(read(irq, &count, 8) == 8 && count == 1, "one interrupt");
	check(!strcmp(memory + 64, "through the device"), "DMA");
	check(!faults, "no fault");

	/* What is unmapped is out of reach. */
	check(!driver_unmap(d, UIOMMU_PAGE_SIZE), "unmap");
	memset(memory, 0, UIOMMU_PAGE_SIZE);
	driver_dma(d, 0x40000, IOVA, 32, 3);
	check(!memory[0] && faults == 1, "DMA after unmap is blocked");
	close(irq);
	free(memory);
}

int main(void)
{
	struct uiommu_config config = { .iommu = "vtdss", .fault = on_fault };
	struct test_sys t = { .sys = { test_ioctl, test_pread, test_pwrite } };
	struct driver d = {
		.sys = &t.sys,
		.iommufd = FD_IOMMUFD,
		.device = FD_DEVICE,
	};
	struct uiommu_device *edu;
	struct uiommu *u;

	check(!uiommu_new(&config, &u), "a run");
	check(!uiommu_add_device(u, "edu", &edu), "a device");
	check(!uiommu_self_init(&t.self), "a client");
	check(!uiommu_open_iommufd(u, &t.file[FD_IOMMUFD]), "/dev/iommu");
	check(!uiommu_open_device(edu, -1, &t.file[FD_DEVICE]), "the device");
	t.self.file = t.file;
	t.self.nr_files = NR_FDS;

	test_driver(&d);

	uiommu_file_put(t.file[FD_DEVICE]);
	uiommu_file_put(t.file[FD_IOMMUFD]);
	uiommu_self_fini(&t.self);
	uiommu_free(u);
	printf("ok\n");
	return 0;
}
