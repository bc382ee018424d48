/* SPDX-License-Identifier: MIT */
/*
 * What an IOAS costs.
 *
 *	build/bench/bench_ioas build/uiommu
 *
 * First IOMMU_IOAS_MAP and IOMMU_IOAS_UNMAP of one page, with 1 to 1,000,000 areas
 * in the IOAS: without a page table, with one, and with 100,000 other objects in the
 * context. Then IOMMU_IOAS_MAP_FILE of a sparse file of 64 GiB, against filling the
 * same page table by itself, with large entries and with small ones; and the same
 * call from a program under `uiommu run`. A page table of large entries is filled in
 * no time, so there the call for one page of the file is what to compare with. Times
 * are the minimum of some rounds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <uiommu/iommufd.h>
#include <uiommu/uiommu.h>
#include <uiommu/vfio.h>

#include "host/host.h"
#include "uiommu/iommu.h"

#define PAGE   UIOMMU_PAGE_SIZE
#define GIB    (1ULL << 30)
#define BIG    (64 * GIB)
#define BIG_AT (1ULL << 40)
#define SAMPLE 2000
#define ROUNDS 5
#define OTHERS 100000
#define RW     (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)
#define FIXED  (RW | IOMMU_IOAS_MAP_FIXED_IOVA)

/**
 * struct bench - a run in this process
 * @fd: /dev/iommu
 * @file: descriptors of the caller: 0 is @fd
 * @ioas: what is measured
 */
struct bench {
	struct uiommu *u;
	struct uiommu_self self;
	struct uiommu_file *fd;
	struct uiommu_file *dev;
	struct uiommu_file *file[1];
	struct uiommu_device *device;
	uint32_t ioas;
	char *page;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void __attribute__((noreturn)) die(const char *what, long rc)
{
	fprintf(stderr, "bench_ioas: %s: %s\n", what, strerror((int)-rc));
	exit(1);
}

static void must(const char *what, long rc)
{
	if (rc)
		die(what, rc);
}

static long call(struct bench *b, unsigned int cmd, void *arg)
{
	return uiommu_ioctl(b->fd, &b->self.user, cmd, (uintptr_t)arg);
}

/* ---- A run ---------------------------------------------------------- */

static uint32_t new_ioas(struct bench *b)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	must("IOAS_ALLOC", call(b, IOMMU_IOAS_ALLOC, &cmd));
	return cmd.out_ioas_id;
}

static void attach(struct bench *b)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	struct vfio_device_attach_iommufd_pt pt = { .argsz = sizeof(pt),
						    .pt_id = b->ioas };

	must("open", uiommu_open_device(b->device, -1, &b->dev));
	must("BIND", uiommu_ioctl(b->dev, &b->self.user,
				  VFIO_DEVICE_BIND_IOMMUFD, (uintptr_t)&bind));
	must("ATTACH",
	     uiommu_ioctl(b->dev, &b->self.user, VFIO_DEVICE_ATTACH_IOMMUFD_PT,
			  (uintptr_t)&pt));
}

static void set_huge_pages(struct bench *b, uint64_t value)
{
	struct iommu_option cmd = { .size = sizeof(cmd),
				    .option_id = IOMMU_OPTION_HUGE_PAGES,
				    .op = IOMMU_OPTION_OP_SET,
				    .object_id = b->ioas,
				    .val64 = value };

	must("OPTION", call(b, IOMMU_OPTION, &cmd));
}

static void start(struct bench *b, bool attached, bool large)
{
	struct uiommu_config config = { 0 };

	memset(b, 0, sizeof(*b));
	must("uiommu_new", uiommu_new(&config, &b->u));
	must("edu", uiommu_add_device(b->u, "edu", &b->device));
	must("self", uiommu_self_init(&b->self));
	must("open", uiommu_open_iommufd(b->u, &b->fd));
	b->file[0] = b->fd;
	b->self.file = b->file;
	b->self.nr_files = 1;
	b->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	b->ioas = new_ioas(b);
	if (!large)
		set_huge_pages(b, 0);
	if (attached)
		attach(b);
}

static void stop(struct bench *b)
{
	if (b->dev)
		uiommu_file_put(b->dev);
	uiommu_file_put(b->fd);
	uiommu_self_fini(&b->self);
	uiommu_free(b->u);
	munmap(b->page, PAGE);
}

/* ---- Areas ----------------------------------------------------------- */

/* Every other page, so that there are as many gaps as areas; clear of the MSI's. */
static uint64_t place(uint64_t n)
{
	return 8 * GIB + n * 2 * PAGE;
}

static void map_at(struct bench *b, uint64_t iova)
{
	struct iommu_ioas_map cmd = { .size = sizeof(cmd),
				      .flags = FIXED,
				      .ioas_id = b->ioas,
				      .user_va = (uintptr_t)b->page,
				      .length = PAGE,
				      .iova = iova };

	must("MAP", call(b, IOMMU_IOAS_MAP, &cmd));
}

static void unmap_at(struct bench *b, uint64_t iova)
{
	struct iommu_ioas_unmap cmd = { .size = sizeof(cmd),
					.ioas_id = b->ioas,
					.iova = iova,
					.length = PAGE };

	must("UNMAP", call(b, IOMMU_IOAS_UNMAP, &cmd));
}

/* Pseudo-random, the same in each round; below @n. */
static uint64_t pick(uint64_t i, uint64_t n)
{
	return (i + 1) * 0x9e3779b97f4a7c15ULL % n;
}

/* Unmap and map again single areas of the @n that are there, in random order. */
static void sample(struct bench *b, uint64_t n, double *map, double *unmap)
{
	double t0, t1, t2, m, u;
	uint64_t i, iova;
	int round;

	*map = *unmap = 1e9;
	for (round = 0; round != ROUNDS; round++) {
		for (m = u = 0, i = 0; i != SAMPLE; i++) {
			iova = place(pick(i, n));
			t0 = now();
			unmap_at(b, iova);
			t1 = now();
			map_at(b, iova);
			t2 = now();
			u += t1 - t0;
			m += t2 - t1;
		}
		*map = m < *map ? m : *map;
		*unmap = u < *unmap ? u : *unmap;
	}
	*map /= SAMPLE;
	*unmap /= SAMPLE;
}

static void areas(const char *name, bool attached, unsigned int others)
{
	double map, unmap;
	struct bench b;
	uint64_t n, have = 0;

	start(&b, attached, true);
	while (others--)
		new_ioas(&b);
	for (n = 1; n <= 1000000; n *= 10) {
		for (; have != n; have++)
			map_at(&b, place(have));
		sample(&b, n, &map, &unmap);
		printf("%-32s %9llu %9.2f %9.2f\n", name, (unsigned long long)n,
		       map, unmap);
	}
	stop(&b);
}

/* ---- 64 GiB ----------------------------------------------------------- */

static int big_file(void)
{
	int fd = memfd_create("big", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)BIG))
		die("memfd", -1);
	return fd;
}

static void map_big(struct bench *b, int fd, uint64_t len)
{
	struct iommu_ioas_map_file cmd = { .size = sizeof(cmd),
					   .flags = FIXED,
					   .ioas_id = b->ioas,
					   .fd = fd,
					   .length = len,
					   .iova = BIG_AT };

	must("MAP_FILE", call(b, IOMMU_IOAS_MAP_FILE, &cmd));
}

static void unmap_big(struct bench *b, uint64_t len)
{
	struct iommu_ioas_unmap cmd = { .size = sizeof(cmd),
					.ioas_id = b->ioas,
					.iova = BIG_AT,
					.length = len };

	must("UNMAP", call(b, IOMMU_IOAS_UNMAP, &cmd));
}

static double engine_big(bool large, int fd, uint64_t len)
{
	double t, best = 1e12;
	struct bench b;
	int round;

	start(&b, true, large);
	for (round = 0; round != (large ? 20 : 2); round++) {
		t = now();
		map_big(&b, fd, len);
		t = now() - t;
		best = t < best ? t : best;
		unmap_big(&b, len);
	}
	stop(&b);
	return best;
}

/* The same table, with nothing around it. */
static double bare_big(bool large)
{
	uint64_t pa = 64 * GIB, at, step = large ? BIG : PAGE;
	struct iommu_domain *domain;
	double t, best = 1e12;
	struct bench b;
	int round;

	start(&b, false, large);
	must("domain", iommu_domain_alloc_paging(b.device->iommu, 0, &domain));
	for (round = 0; round != (large ? 20 : 2); round++) {
		t = now();
		for (at = 0; at != BIG; at += step)
			must("map", iommu_map_nosync(domain, BIG_AT + at,
						     pa + at, step,
						     IOMMU_READ | IOMMU_WRITE |
							     IOMMU_CACHE,
						     GFP_KERNEL));
		must("sync", iommu_sync_map(domain, BIG_AT, BIG));
		t = now() - t;
		best = t < best ? t : best;
		iommu_unmap_sync(domain, BIG_AT, BIG);
		iommu_unmapped(domain, BIG_AT, BIG_AT + BIG - 1);
	}
	iommu_domain_free(domain);
	stop(&b);
	return best;
}

struct client {
	int fd;
	struct iommu_ioas_map_file map;
	struct iommu_ioas_unmap unmap;
};

static void client_open(struct client *c)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	struct vfio_device_attach_iommufd_pt pt = { .argsz = sizeof(pt) };
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	int dev = open("/dev/vfio/devices/vfio0", O_RDWR);

	c->fd = bind.iommufd = open("/dev/iommu", O_RDWR);
	if (c->fd < 0 || dev < 0 ||
	    ioctl(dev, VFIO_DEVICE_BIND_IOMMUFD, &bind) ||
	    ioctl(c->fd, IOMMU_IOAS_ALLOC, &alloc))
		die("client", -errno);
	pt.pt_id = alloc.out_ioas_id;
	if (ioctl(dev, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &pt))
		die("client", -errno);
	c->map = (struct iommu_ioas_map_file){ .size = sizeof(c->map),
					       .flags = FIXED,
					       .ioas_id = alloc.out_ioas_id,
					       .fd = big_file(),
					       .iova = BIG_AT };
	c->unmap = (struct iommu_ioas_unmap){ .size = sizeof(c->unmap),
					      .ioas_id = alloc.out_ioas_id,
					      .iova = BIG_AT };
}

static void client_map(struct client *c, const char *name, uint64_t len)
{
	double t, best = 1e12;
	int i;

	c->map.length = len;
	for (i = 0; i != 20; i++) {
		t = now();
		if (ioctl(c->fd, IOMMU_IOAS_MAP_FILE, &c->map)) {
			printf("%-32s %m\n", name);
			return;
		}
		t = now() - t;
		best = t < best ? t : best;
		c->unmap.length = len;
		if (ioctl(c->fd, IOMMU_IOAS_UNMAP, &c->unmap))
			die("UNMAP", -errno);
	}
	printf("%-32s %9.1f\n", name, best);
}

/* A client under `uiommu run`. */
static int client(void)
{
	struct client c;

	client_open(&c);
	client_map(&c, "  under uiommu run", BIG);
	client_map(&c, "  one page under uiommu run", PAGE);
	return 0;
}

static void compare_big(const char *name, bool large, int fd)
{
	double engine = engine_big(large, fd, BIG), bare = bare_big(large);

	printf("%-32s %9.1f\n%-32s %9.1f  ratio %.2f\n", name, bare,
	       "  MAP_FILE", engine, engine / bare);
	if (large)
		printf("%-32s %9.1f\n", "  MAP_FILE of one page",
		       engine_big(large, fd, PAGE));
}

static void big(const char *uiommu, const char *self)
{
	int fd = big_file();

	printf("\n%-32s %9s\n", "64 GiB of a file", "us");
	compare_big("page table, large entries", true, fd);
	fflush(stdout);
	if (!fork()) {
		execl(uiommu, uiommu, "run", "--", self, "--client", NULL);
		_exit(1);
	}
	wait(NULL);
	compare_big("page table, 4 KiB entries", false, fd);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: bench_ioas UIOMMU\n");
		return 1;
	}
	if (!strcmp(argv[1], "--client"))
		return client();
	printf("%-32s %9s %9s %9s\n", "us per call, one page", "areas", "map",
	       "unmap");
	areas("no page table", false, 0);
	areas("one page table", true, 0);
	areas("one, and 100000 other objects", true, OTHERS);
	big(argv[1], argv[0]);
	return 0;
}
