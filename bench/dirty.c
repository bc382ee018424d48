/* SPDX-License-Identifier: MIT */
/*
 * What the dirty bitmap costs.
 *
 *	build/bench/bench_dirty
 *
 * IOMMU_HWPT_GET_DIRTY_BITMAP of an IOAS of 64 GiB in entries of 4 KiB, against
 * the page table's own scan of the same range that only counts what it finds: with
 * nothing dirty, with every 16th page, and with every page; without clearing, and
 * with. The engine's part is within 1.5 times of the scan. Rounds of the one and of
 * the other alternate; times are the minimum of processor time in milliseconds.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <uiommu/iommufd.h>
#include <uiommu/uiommu.h>
#include <uiommu/vfio.h>

#include "host/host.h"
#include "uiommu/iommu.h"

#define PAGE   UIOMMU_PAGE_SIZE
#define SIZE   (64ULL << 30)
#define IOVA   (1ULL << 40)
#define ROUNDS 5

enum {
	FD_IOMMU,
	FD_DEVICE,
	NR_FDS
};

/**
 * struct bench - a run in this process
 * @file: descriptors of the caller
 * @hwpt: a page table with dirty tracking, and its domain
 * @domain: that
 * @bits: the caller's bitmap
 */
struct bench {
	struct uiommu *u;
	struct uiommu_self self;
	struct uiommu_file *file[NR_FDS];
	struct uiommu_device *device;
	uint32_t hwpt;
	struct iommu_domain *domain;
	uint64_t *bits;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(const char *what, long rc)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench_dirty: %s: %s\n", what, strerror((int)-rc));
	exit(1);
}

static void call(struct bench *b, const char *what, int fd, unsigned int cmd,
		 void *arg)
{
	must(what,
	     uiommu_ioctl(b->file[fd], &b->self.user, cmd, (uintptr_t)arg));
}

/* ---- The IOAS ------------------------------------------------------ */

static uint32_t new_ioas(struct bench *b)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_option small = { .size = sizeof(small),
				      .option_id = IOMMU_OPTION_HUGE_PAGES,
				      .op = IOMMU_OPTION_OP_SET };

	call(b, "IOAS_ALLOC", FD_IOMMU, IOMMU_IOAS_ALLOC, &alloc);
	small.object_id = alloc.out_ioas_id;
	call(b, "OPTION", FD_IOMMU, IOMMU_OPTION, &small);
	return alloc.out_ioas_id;
}

static void attach(struct bench *b, uint32_t ioas)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind),
						 .iommufd = FD_IOMMU };
	struct vfio_device_attach_iommufd_pt at = { .argsz = sizeof(at) };
	struct iommu_hwpt_alloc hwpt = {
		.size = sizeof(hwpt),
		.flags = IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
		.pt_id = ioas,
	};

	call(b, "BIND", FD_DEVICE, VFIO_DEVICE_BIND_IOMMUFD, &bind);
	hwpt.dev_id = bind.out_devid;
	call(b, "HWPT_ALLOC", FD_IOMMU, IOMMU_HWPT_ALLOC, &hwpt);
	b->hwpt = at.pt_id = hwpt.out_hwpt_id;
	call(b, "ATTACH", FD_DEVICE, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &at);
	b->domain = iommu_attached(b->device->iommu->group);
}

static void map(struct bench *b, uint32_t ioas)
{
	struct iommu_ioas_map_file map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.length = SIZE,
		.iova = IOVA,
	};
	int fd = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, (off_t)SIZE)) {
		perror("bench_dirty: memfd");
		exit(1);
	}
	map.fd = fd;
	call(b, "MAP_FILE", FD_IOMMU, IOMMU_IOAS_MAP_FILE, &map);
	close(fd);
}

static void start(struct bench *b)
{
	const struct uiommu_config config = { 0 };
	struct iommu_hwpt_set_dirty_tracking on = {
		.size = sizeof(on),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
	};
	uint32_t ioas;

	must("uiommu_new", uiommu_new(&config, &b->u));
	must("edu", uiommu_add_device(b->u, "edu", &b->device));
	must("self", uiommu_self_init(&b->self));
	b->self.file = b->file;
	b->self.nr_files = NR_FDS;
	must("open", uiommu_open_iommufd(b->u, &b->file[FD_IOMMU]));
	must("open", uiommu_open_device(b->device, -1, &b->file[FD_DEVICE]));
	b->bits = calloc(SIZE / PAGE / 8, 1);
	if (!b->bits)
		must("calloc", -ENOMEM);
	ioas = new_ioas(b);
	attach(b, ioas);
	map(b, ioas);
	on.hwpt_id = b->hwpt;
	call(b, "SET_DIRTY", FD_IOMMU, IOMMU_HWPT_SET_DIRTY_TRACKING, &on);
}

static void stop(struct bench *b)
{
	uiommu_file_put(b->file[FD_DEVICE]);
	uiommu_file_put(b->file[FD_IOMMU]);
	uiommu_self_fini(&b->self);
	uiommu_free(b->u);
	free(b->bits);
}

/* ---- What is measured ---------------------------------------------- */

static void make_dirty(struct bench *b, uint64_t every)
{
	uint64_t i;

	for (i = 0; every && i < SIZE / PAGE; i += every)
		must("set_dirty", b->domain->dirty_ops->set_dirty(
					  b->domain, IOVA + i * PAGE));
}

static void count(void *arg, dma_addr_t iova, size_t length)
{
	*(uint64_t *)arg += length / PAGE;
}

/* The page table alone. */
static double scan(struct bench *b, bool clear, uint64_t expected)
{
	struct iommu_iotlb_gather gather;
	uint64_t found = 0;
	struct iommu_dirty_bitmap dirty = { .record = count,
					    .arg = &found,
					    .gather = &gather };
	double from = now();

	iommu_iotlb_gather_init(&gather);
	must("scan", b->domain->dirty_ops->read_and_clear_dirty(
			     b->domain, IOVA, SIZE,
			     clear ? 0 : IOMMU_DIRTY_NO_CLEAR, &dirty));
	iommu_iotlb_sync(b->domain, &gather);
	from = now() - from;
	if (found != expected)
		must("scan: wrong count", -EIO);
	return from;
}

static uint64_t set_bits(const struct bench *b)
{
	uint64_t n = 0, i;

	for (i = 0; i != SIZE / PAGE / 64; i++)
		n += (uint64_t)__builtin_popcountll(b->bits[i]);
	return n;
}

/* The request. */
static double request(struct bench *b, bool clear, uint64_t expected)
{
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = b->hwpt,
		.flags = clear ? 0 : IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR,
		.iova = IOVA,
		.length = SIZE,
		.page_size = PAGE,
		.data = (uintptr_t)b->bits,
	};
	double from;

	memset(b->bits, 0, SIZE / PAGE / 8);
	from = now();
	call(b, "GET_DIRTY_BITMAP", FD_IOMMU, IOMMU_HWPT_GET_DIRTY_BITMAP,
	     &cmd);
	from = now() - from;
	if (set_bits(b) != expected)
		must("request: wrong count", -EIO);
	return from;
}

static double less(double a, double b)
{
	return a > 0 && a < b ? a : b;
}

static void compare(struct bench *b, const char *what, uint64_t every,
		    bool clear)
{
	uint64_t expected = every ? SIZE / PAGE / every : 0;
	double alone = 0, whole = 0;
	int i;

	make_dirty(b, every);
	for (i = 0; i != ROUNDS; i++) {
		alone = less(alone, scan(b, clear, expected));
		if (clear)
			make_dirty(b, every);
		whole = less(whole, request(b, clear, expected));
		if (clear)
			make_dirty(b, every);
	}
	scan(b, true, expected);
	printf("%-16s %-9s %8.1f ms scan %8.1f ms request %6.2f times\n", what,
	       clear ? "clear" : "no clear", alone, whole, whole / alone);
}

int main(void)
{
	struct bench b = { 0 };

	start(&b);
	printf("dirty bitmap of 64 GiB in entries of 4 KiB\n");
	compare(&b, "nothing dirty", 0, false);
	compare(&b, "every 16th page", 16, false);
	compare(&b, "every page", 1, false);
	compare(&b, "every 16th page", 16, true);
	compare(&b, "every page", 1, true);
	stop(&b);
	return 0;
}
