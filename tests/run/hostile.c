/* SPDX-License-Identifier: MIT */
/*
 * Arguments that no sane client passes: each gives an error, and the device works
 * afterwards as before.
 */
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "edu.h"

#define IOVA 0x10000000ul

static struct edu e;
static char *p;
/* No compiler knows what it points at. */
static void *volatile bad = (void *)8;

static long raw(int fd, unsigned long cmd, unsigned long arg)
{
	return syscall(SYS_ioctl, fd, cmd, arg) < 0 ? errno : 0;
}

static void wild_pointers(void)
{
	static const unsigned long wild[] = { 0,         8,    0x7ffffffff000,
					      1ul << 63, ~0ul, ~0ul - 4095 };
	unsigned long cmd;
	size_t i;

	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		for (cmd = 0x3b80; cmd <= 0x3b95; cmd++)
			check(raw(e.iommu, cmd, wild[i]) == EFAULT);
		for (cmd = 0x3b64; cmd <= 0x3b79; cmd++) {
			if (cmd != VFIO_DEVICE_RESET)
				check(raw(e.dev, cmd, wild[i]));
		}
	}
	check(raw(e.iommu, 0x3bff, 0) == ENOTTY);
	check(raw(e.iommu, 0x1234, 0) == ENOTTY);
}

/* The structure ends where the page does, or one byte behind it. */
static void page_end(void)
{
	char *two = anonymous(2 * PAGE, MAP_PRIVATE);
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	check(!munmap(two + PAGE, PAGE));
	memcpy(two + PAGE - sizeof(alloc), &alloc, sizeof(alloc));
	check(!raw(e.iommu, IOMMU_IOAS_ALLOC,
		   (uintptr_t)two + PAGE - sizeof(alloc)));
	memmove(two + PAGE - sizeof(alloc) + 4, &alloc, sizeof(alloc) - 4);
	check(raw(e.iommu, IOMMU_IOAS_ALLOC,
		  (uintptr_t)two + PAGE - sizeof(alloc) + 4) == EFAULT);
	/* It can be read but not written: no object stays behind. */
	memcpy(two, &alloc, sizeof(alloc));
	check(!mprotect(two, PAGE, PROT_READ));
	check(raw(e.iommu, IOMMU_IOAS_ALLOC, (uintptr_t)two) == EFAULT);
}

/* There is no position; else read() would go where nobody answers. */
static void no_position(void)
{
	check(lseek(e.dev, (off_t)e.bar, SEEK_SET) < 0 && errno == ESPIPE);
}

static void wild_ranges(void)
{
	static const uint64_t edges[] = {
		0, 1, 4095, 4096, 1ull << 47, 1ull << 63, ~0ull - 4095, ~0ull
	};
	size_t i, j, k;

	for (i = 0; i < 8; i++) {
		for (j = 0; j < 8; j++) {
			for (k = 0; k < 8; k++) {
				struct iommu_ioas_map map = {
					.size = sizeof(map),
					.flags = RW | IOMMU_IOAS_MAP_FIXED_IOVA,
					.ioas_id = e.ioas,
					.user_va = edges[i],
					.length = edges[j],
					.iova = edges[k],
				};

				check(raw(e.iommu, IOMMU_IOAS_MAP,
					  (uintptr_t)&map));
			}
		}
	}
}

static void wild_files(void)
{
	int32_t fds[] = { -1, 999, 0, e.iommu, e.dev, INT32_MIN };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		/* A negative one takes an eventfd away, also where there is none. */
		if (edu_msi(&e, fds[i]))
			check(fds[i] >= 0);
		else
			check(fds[i] < 0);
		check(edu_map_file(&e, fds[i], 0, PAGE, IOVA));
	}
}

static void wild_binds(void)
{
	int device = open("/dev/vfio/devices/vfio0", O_RDWR);
	int fds[] = { -1, 999, e.dev, device };
	size_t i;

	check(device >= 0);
	for (i = 0; i < 4; i++) {
		struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind),
							 .iommufd = fds[i] };

		check(raw(device, VFIO_DEVICE_BIND_IOMMUFD, (uintptr_t)&bind));
	}
	close(device);
}

static void wild_offsets(void)
{
	static const off_t off[] = { 1ll << 62, INT64_MAX, 9ll << 40,
				     (1ll << 40) + (1 << 20), -1 };
	struct iovec vec[2] = { { p, 4 }, { bad, 4 } }, *many = vec;
	size_t i;

	for (i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		check(pread(e.dev, p, 4, off[i]) <= 0);
		check(pwrite(e.dev, p, 4, off[i]) <= 0);
		check(pread(e.iommu, p, 4, off[i]) <= 0);
	}
	check(pread(e.dev, bad, 4, (off_t)e.bar) < 0);
	check(pwrite(e.dev, bad, 4, (off_t)e.bar) < 0);
	check(preadv(e.dev, vec, 1, (off_t)e.bar) == 4);
	check(preadv(e.dev, vec, 2, (off_t)e.bar) == 4);
	check(preadv(e.dev, bad, 1, (off_t)e.bar) < 0);
	__asm__ volatile("" : "+r"(many));
	check(preadv(e.dev, many, 100000, (off_t)e.bar) < 0);
}

/* Only the buffer of the BAR may be mapped, and only shared. */
static void wild_mappings(void)
{
	char *buffer;

	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, e.dev, (off_t)e.bar) ==
	      MAP_FAILED);
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, e.dev, 0) == MAP_FAILED);
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, e.iommu, 0) ==
	      MAP_FAILED);
	check(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, e.dev,
		   (off_t)(e.bar + EDU_BUFFER)) == MAP_FAILED);
	buffer = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, e.dev,
		      (off_t)(e.bar + EDU_BUFFER));
	check(buffer != MAP_FAILED);
	edu_write(&e, IOVA, "hello", 6);
	check(!strcmp(buffer, "hello") && !strcmp(p, "hello"));
	memcpy(buffer, "there", 6);
	edu_run(&e, EDU_BUFFER, IOVA, 6, 2);
	check(!strcmp(p, "there"));
	/* Memory of a device is not memory for another's DMA. */
	check(edu_map(&e, buffer, PAGE, IOVA + PAGE));
	munmap(buffer, PAGE);
	/* The client cannot hurt what stands behind the descriptor. */
	check(ftruncate(e.dev, 0));
	check(fcntl(e.dev, F_ADD_SEALS, F_SEAL_WRITE));
}

static void wild_paths(void)
{
	char long_path[8192];

	memset(long_path, 'a', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	check(open(bad, O_RDONLY) < 0 && errno == EFAULT);
	check(open(long_path, O_RDONLY) < 0 && errno == ENAMETOOLONG);
	check(open("", O_RDONLY) < 0 && errno == ENOENT);
	check(open("/dev/iommu/x", O_RDONLY) < 0 && errno == ENOTDIR);
	check(open("/dev/iommu/", O_RDWR) < 0 && errno == ENOTDIR);
	check(open("/dev/iommu/.", O_RDWR) < 0 && errno == ENOTDIR);
	check(open("/dev/iommu/..", O_RDONLY) < 0 && errno == ENOTDIR);
	check(open("/dev/vfio/x", O_RDONLY) < 0 && errno == ENOENT);
	check(open("/dev/iommu", O_RDONLY | O_DIRECTORY) < 0 &&
	      errno == ENOTDIR);
	check(open("/dev/iommu", O_CREAT | O_EXCL, 0600) < 0 &&
	      errno == EEXIST);
	check(open("/dev/vfio/", O_RDWR) < 0 && errno == EISDIR);
	check(access(bad, R_OK) && errno == EFAULT);
	check(stat("/dev/iommu", bad) && errno == EFAULT);
	check(syscall(SYS_readlink, "/sys/class/vfio-dev/vfio0", 8, 64) < 0 &&
	      errno == EFAULT);
	check(openat(999, "x", O_RDONLY) < 0 && errno == EBADF);
}

int main(void)
{
	p = anonymous(PAGE, MAP_PRIVATE);
	edu_open(&e, true);
	wild_pointers();
	close(e.dev);
	close(e.iommu);
	/* One of the calls above was a reset or a detach, as it should be. */
	edu_open(&e, true);
	page_end();
	wild_ranges();
	wild_files();
	wild_binds();
	wild_offsets();
	no_position();
	wild_paths();
	check(!edu_map(&e, p, PAGE, IOVA));
	wild_mappings();
	edu_fill(&e, IOVA, PAGE, 3);
	check(all(p, PAGE, 3));
	return 0;
}
