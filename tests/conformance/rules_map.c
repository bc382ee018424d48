/* SPDX-License-Identifier: MIT */
/*
 * Mapping: memory, files, and what is mapped already.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"

#define BUSY 0x20000000ULL /* where a page is mapped already */

/* ---- What is wrong with one request -------------------------------- */

struct map_case {
	uint32_t flags;
	uint64_t va; /* below 2^40: relative to the memory */
	uint64_t length;
	uint64_t iova;
	long want;
};

static void map_case(struct client *c, const void *arg)
{
	const struct map_case *m = arg;
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = m->flags,
		.ioas_id = new_ioas(c),
		.user_va = m->va,
		.length = m->length,
		.iova = m->iova,
	};
	uint64_t all = UINT64_MAX;

	if (cmd.user_va < 1ULL << 40)
		cmd.user_va += (uintptr_t)c->mem;
	is(c, map_at(c, cmd.ioas_id, 0, PAGE, BUSY), 0);
	is(c, call(c, IOMMU_IOAS_MAP, &cmd), m->want);
	/* Whatever it was, it has left nothing. */
	is(c, unmap(c, cmd.ioas_id, 0, &all), 0);
	is(c, all, PAGE + (m->want ? 0 : m->length));
}

#define MAP(...) (&(const struct map_case){ __VA_ARGS__ })

static void map_reserved_field(struct client *c, const void *arg)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = FIXED,
		.ioas_id = new_ioas(c),
		.__reserved = 1,
		.user_va = (uintptr_t)c->mem,
		.length = PAGE,
		.iova = IOVA,
	};

	is(c, call(c, IOMMU_IOAS_MAP, &cmd), -EOPNOTSUPP);
}

static void map_missing(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c), pt = ioas;

	bind_device(c);
	holds(c, !mprotect(c->mem + PAGE, PAGE, PROT_NONE));
	is(c, map_at(c, ioas, 0, 2 * PAGE, IOVA), 0);
	is(c, attach(c, &pt), -EFAULT);
	is(c, unmapped(c, ioas, IOVA, 2 * PAGE), 2 * PAGE);
	pt = ioas;
	is(c, attach(c, &pt), 0);
	is(c, map_at(c, ioas, 0, 2 * PAGE, IOVA), -EFAULT);
	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
}

static void map_read_only(struct client *c, const void *arg)
{
	uint32_t ioas = attached_ioas(c);
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = ioas,
		.user_va = (uintptr_t)c->mem,
		.length = PAGE,
		.iova = IOVA,
	};

	holds(c, !mprotect(c->mem, PAGE, PROT_READ));
	is(c, map_at(c, ioas, 0, PAGE, IOVA), -EFAULT);
	is(c, call(c, IOMMU_IOAS_MAP, &cmd), 0);
}

static void map_unaligned(struct client *c, const void *arg)
{
	uint32_t ioas = attached_ioas(c);

	is(c, map_at(c, ioas, 0, PAGE - 1, IOVA), -EINVAL);
	is(c, map_at(c, ioas, 0, PAGE, IOVA + 1), -EINVAL);
	is(c, map_at(c, ioas, 1, PAGE, IOVA), -EINVAL);
	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
}

static void map_full(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	uint64_t i;

	for (i = 0; i != 64; i++)
		is(c, map_at(c, ioas, 0, PAGE, IOVA + i * PAGE), 0);
	for (i = 0; i != 64; i++)
		is(c, map_at(c, ioas, 0, PAGE, IOVA + i * PAGE), -EEXIST);
}

/* ---- Automatic IOVAs ----------------------------------------------- */

static void lowest_fit(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	uint64_t iova = 0;

	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	is(c, iova, PAGE); /* never 0 */
	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	is(c, iova, 2 * PAGE);
	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	is(c, iova, 3 * PAGE);
	is(c, unmapped(c, ioas, 2 * PAGE, PAGE), PAGE);
	is(c, map_any(c, ioas, PAGE, 2 * PAGE, &iova), 0);
	is(c, iova, 4 * PAGE);
	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	is(c, iova, 2 * PAGE);
}

static void ignored_iova(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	uint64_t iova = BUSY;

	is(c, map_any(c, ioas, PAGE, PAGE, &iova), 0);
	is(c, iova, PAGE);
}

static void same_offset(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	uint64_t iova = 0;

	is(c, map_any(c, ioas, PAGE + 0x128, 8, &iova), 0);
	is(c, iova % PAGE, 0x128);
}

struct align_case {
	uint64_t offset;
	uint64_t length;
	uint64_t align;
};

static void aligned(struct client *c, const void *arg)
{
	const struct align_case *a = arg;
	uint32_t ioas = new_ioas(c);
	uint64_t iova = 0, second = 0;

	is(c, map_any(c, ioas, a->offset, a->length, &iova), 0);
	is(c, iova % a->align, 0);
	is(c, map_any(c, ioas, a->offset, a->length, &second), 0);
	is(c, second % a->align, 0);
	/* ... and to no more than that. */
	is(c, second, (iova + a->length + a->align - 1) / a->align * a->align);
}

#define ALIGN(...) (&(const struct align_case){ __VA_ARGS__ })

/* ---- Files --------------------------------------------------------- */

static long map_file(struct client *c, uint32_t ioas, int fd, uint64_t start,
		     uint64_t length, uint64_t iova, uint32_t flags)
{
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.ioas_id = ioas,
		.fd = fd,
		.start = start,
		.length = length,
		.iova = iova,
	};

	return call(c, IOMMU_IOAS_MAP_FILE, &cmd);
}

/* A descriptor of the C library's; the checks close it themselves. */
static int new_file(struct client *c, uint64_t size)
{
	int fd = memfd_create("conformance", MFD_CLOEXEC);

	holds(c, fd >= 0 && !ftruncate(fd, (off_t)size));
	return fd;
}

static void file_maps(struct client *c, const void *arg)
{
	int fd = new_file(c, 4 * PAGE);
	uint32_t ioas = attached_ioas(c);
	long first = map_file(c, ioas, fd, 0, 4 * PAGE, IOVA, FIXED);
	long second = map_file(c, ioas, fd, PAGE, PAGE, BUSY, FIXED);

	close(fd);
	is(c, first, 0);
	is(c, second, 0);
	is(c, unmapped(c, ioas, IOVA, 4 * PAGE), 4 * PAGE);
	is(c, unmapped(c, ioas, BUSY, PAGE), PAGE);
}

static void file_bad_fd(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);

	is(c, map_file(c, ioas, -1, 0, PAGE, IOVA, FIXED), -EBADF);
	is(c, map_file(c, ioas, 1 << 20, 0, PAGE, IOVA, FIXED), -EBADF);
}

/* How long a file is turns out when it must be pinned. */
static void file_beyond(struct client *c, const void *arg)
{
	int fd = new_file(c, 4 * PAGE);
	uint32_t ioas = new_ioas(c), pt = ioas;
	long over = map_file(c, ioas, fd, PAGE, 4 * PAGE, IOVA, FIXED);
	long behind = map_file(c, ioas, fd, 4 * PAGE, PAGE, BUSY, FIXED);
	long pinned, all;

	close(fd);
	is(c, over, 0);
	is(c, behind, 0);
	bind_device(c);
	is(c, attach(c, &pt), -EINVAL);
	is(c, unmapped(c, ioas, IOVA, 4 * PAGE), 4 * PAGE);
	is(c, attach(c, &pt), -EINVAL);
	is(c, unmapped(c, ioas, BUSY, PAGE), PAGE);
	is(c, attach(c, &pt), 0);
	fd = new_file(c, 4 * PAGE);
	pinned = map_file(c, ioas, fd, PAGE, 4 * PAGE, IOVA, FIXED);
	all = map_file(c, ioas, fd, 0, 4 * PAGE, IOVA, FIXED);
	close(fd);
	is(c, pinned, -EINVAL);
	is(c, all, 0);
}

/* A file of a page or more that is not in memory only. */
static int disk_file(struct client *c)
{
	static const char *const path[] = { "/proc/self/exe", "/bin/sh",
					    "/lib64/ld-linux-x86-64.so.2" };
	struct stat st;
	unsigned int i;
	int fd;

	for (i = 0; i != sizeof(path) / sizeof(path[0]); i++) {
		fd = open(path[i], O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && !fstat(fd, &st) && st.st_size >= (off_t)PAGE &&
		    fcntl(fd, F_GET_SEALS) < 0)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	skip(c, "needs a file on a disk");
}

/* Whether a file can be pinned turns out when it must be. */
static void file_of_disk(struct client *c, const void *arg)
{
	int fd = disk_file(c);
	uint32_t ioas = new_ioas(c), pt = ioas;
	long rc = map_file(c, ioas, fd, 0, PAGE, IOVA,
			   IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_FIXED_IOVA);

	close(fd);
	is(c, rc, 0);
	bind_device(c);
	is(c, attach(c, &pt), -EINVAL);
}

/* A dma-buf that is made of @fd; negative: this machine makes none. */
static int make_dmabuf(int fd)
{
	const struct {
		uint32_t memfd;
		uint32_t flags;
		uint64_t offset;
		uint64_t size;
	} create = { .memfd = (uint32_t)fd, .size = PAGE };
	int driver = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int dmabuf = -1;

	if (driver < 0)
		return -1;
	if (!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK))
		dmabuf = ioctl(driver, _IOW('u', 0x42, create), &create);
	close(driver);
	return dmabuf;
}

static void file_dmabuf(struct client *c, const void *arg)
{
	int fd = memfd_create("conformance", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint32_t ioas = new_ioas(c);
	int dmabuf;
	long rc = -EOPNOTSUPP;

	holds(c, fd >= 0 && !ftruncate(fd, (off_t)PAGE));
	dmabuf = make_dmabuf(fd);
	if (dmabuf >= 0)
		rc = map_file(c, ioas, dmabuf, 0, PAGE, IOVA, FIXED);
	close(dmabuf);
	close(fd);
	is(c, rc, -EOPNOTSUPP);
}

static void file_flags(struct client *c, const void *arg)
{
	int fd = new_file(c, PAGE);
	uint32_t ioas = new_ioas(c);
	long unknown = map_file(c, ioas, fd, 0, PAGE, IOVA, FIXED | 8);
	long none =
		map_file(c, ioas, fd, 0, PAGE, IOVA, IOMMU_IOAS_MAP_FIXED_IOVA);
	long empty = map_file(c, ioas, fd, 0, 0, IOVA, FIXED);
	long wrap = map_file(c, ioas, fd, 0, PAGE, UINT64_MAX, FIXED);
	long id = map_file(c, 99, fd, 0, PAGE, IOVA, FIXED);

	close(fd);
	is(c, unknown, -EOPNOTSUPP);
	is(c, none, -EINVAL);
	is(c, empty, -EINVAL);
	is(c, wrap, -EOVERFLOW);
	is(c, id, -ENOENT);
}

/* ---- Copies -------------------------------------------------------- */

static long copy(struct client *c, uint32_t flags, uint32_t dst,
		 uint64_t dst_iova, uint32_t src, uint64_t src_iova,
		 uint64_t length)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dst_ioas_id = dst,
		.src_ioas_id = src,
		.length = length,
		.dst_iova = dst_iova,
		.src_iova = src_iova,
	};

	return call(c, IOMMU_IOAS_COPY, &cmd);
}

static void copies(struct client *c, const void *arg)
{
	uint32_t a = new_ioas(c), b = new_ioas(c);

	is(c, map_at(c, a, 0, 8 * PAGE, IOVA), 0);
	is(c, copy(c, FIXED, b, BUSY, a, IOVA, 8 * PAGE), 0);
	is(c, copy(c, FIXED, a, BUSY, a, IOVA + 2 * PAGE, 3 * PAGE), 0);
	is(c, unmapped(c, a, IOVA, 8 * PAGE), 8 * PAGE);
	is(c, destroy(c, a), 0);
	is(c, unmapped(c, b, BUSY, 8 * PAGE), 8 * PAGE);
}

static void copy_several(struct client *c, const void *arg)
{
	uint32_t a = new_ioas(c), b = new_ioas(c);

	is(c, map_at(c, a, 0, 2 * PAGE, IOVA), 0);
	is(c, map_at(c, a, 4 * PAGE, 2 * PAGE, IOVA + 2 * PAGE), 0);
	is(c, copy(c, FIXED, b, BUSY, a, IOVA + PAGE, 2 * PAGE), 0);
	is(c, unmapped(c, b, 0, UINT64_MAX), 2 * PAGE);
}

static void copy_hole(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, 2 * PAGE, IOVA), 0);
	is(c, map_at(c, ioas, 0, 2 * PAGE, IOVA + 3 * PAGE), 0);
	is(c, copy(c, FIXED, ioas, BUSY, ioas, IOVA, 5 * PAGE), -ENOENT);
	is(c, copy(c, FIXED, ioas, BUSY, ioas, IOVA + 5 * PAGE, PAGE), -ENOENT);
	is(c, copy(c, FIXED, ioas, BUSY, ioas, IOVA - PAGE, PAGE), -ENOENT);
}

struct copy_case {
	uint32_t flags;
	uint64_t length;
	uint64_t dst_iova;
	uint64_t src_iova;
	long want;
};

static void copy_case(struct client *c, const void *arg)
{
	const struct copy_case *k = arg;
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, 4 * PAGE, IOVA), 0);
	is(c, map_at(c, ioas, 0, PAGE, BUSY), 0);
	is(c,
	   copy(c, k->flags, ioas, k->dst_iova, ioas, k->src_iova, k->length),
	   k->want);
}

#define COPY(...) (&(const struct copy_case){ __VA_ARGS__ })

static void copy_ids(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
	is(c, copy(c, FIXED, 99, BUSY, ioas, IOVA, PAGE), -ENOENT);
	is(c, copy(c, FIXED, ioas, BUSY, 99, IOVA, PAGE), -ENOENT);
	bind_device(c);
	is(c, copy(c, FIXED, c->devid, BUSY, ioas, IOVA, PAGE), -ENOENT);
	is(c, copy(c, FIXED, ioas, BUSY, c->devid, IOVA, PAGE), -ENOENT);
}

static void copy_anywhere(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd),
		.flags = RW,
		.dst_ioas_id = ioas,
		.src_ioas_id = ioas,
		.length = PAGE,
		.dst_iova = BUSY,
		.src_iova = IOVA,
	};

	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
	is(c, call(c, IOMMU_IOAS_COPY, &cmd), 0);
	is(c, cmd.dst_iova, PAGE);
}

static const struct rule rules[] = {
	{ "MAP: works", map_case, MAP(FIXED, 0, PAGE, IOVA, 0) },
	{ "MAP: IOVA 0 can be asked for", map_case, MAP(FIXED, 0, PAGE, 0, 0) },
	{ "MAP: an unknown flag is EOPNOTSUPP", map_case,
	  MAP(FIXED | 8, 0, PAGE, IOVA, -EOPNOTSUPP) },
	{ "MAP: reserved bits that are set are EOPNOTSUPP", map_reserved_field,
	  NULL },
	{ "MAP: neither READABLE nor WRITEABLE is EINVAL", map_case,
	  MAP(IOMMU_IOAS_MAP_FIXED_IOVA, 0, PAGE, IOVA, -EINVAL) },
	{ "MAP: READABLE alone works", map_case,
	  MAP(IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE, 0, PAGE,
	      IOVA, 0) },
	{ "MAP: WRITEABLE alone works", map_case,
	  MAP(IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE, 0, PAGE,
	      IOVA, 0) },
	{ "MAP: length 0 is EINVAL", map_case,
	  MAP(FIXED, 0, 0, IOVA, -EINVAL) },
	{ "MAP: a length of 2^64-1 is EOVERFLOW", map_case,
	  MAP(FIXED, 0, UINT64_MAX, IOVA, -EOVERFLOW) },
	{ "MAP: a length of 2^63 is EOVERFLOW where the IOVA is automatic",
	  map_case, MAP(RW, 0, 1ULL << 63, 0, -EOVERFLOW) },
	{ "MAP: a length of 2^63 is like any other at a fixed IOVA", map_case,
	  MAP(FIXED, 0, 1ULL << 63, 1ULL << 62, 0) },
	{ "MAP: an IOVA of 2^64-1 is EOVERFLOW", map_case,
	  MAP(FIXED, 0, PAGE, UINT64_MAX, -EOVERFLOW) },
	{ "MAP: IOVAs that wrap are EOVERFLOW", map_case,
	  MAP(FIXED, 0, 2 * PAGE, 0 - PAGE, -EOVERFLOW) },
	{ "MAP: addresses that wrap are EOVERFLOW", map_case,
	  MAP(FIXED, 0 - PAGE, 2 * PAGE, IOVA, -EOVERFLOW) },
	{ "MAP: a fixed IOVA that is occupied is EEXIST", map_case,
	  MAP(FIXED, 0, PAGE, BUSY, -EEXIST) },
	{ "MAP: a fixed range that runs into another is EEXIST", map_case,
	  MAP(FIXED, 0, 2 * PAGE, BUSY - PAGE, -EEXIST) },
	{ "MAP: a fixed range that covers another is EEXIST", map_case,
	  MAP(FIXED, 0, 16 * PAGE, BUSY - 8 * PAGE, -EEXIST) },
	{ "MAP: ranges may touch", map_case,
	  MAP(FIXED, 0, PAGE, BUSY + PAGE, 0) },
	{ "MAP: memory that is not there is mapped, as long as nobody needs it",
	  map_case, MAP(FIXED, 1ULL << 40, PAGE, IOVA, 0) },
	{ "MAP: memory that is not there is EFAULT when a device needs it",
	  map_missing, NULL },
	{ "MAP: WRITEABLE of memory that is not is EFAULT when a device needs "
	  "it",
	  map_read_only, NULL },
	{ "MAP: what is not aligned to the IOAS's alignment is EINVAL",
	  map_unaligned, NULL },
	{ "MAP: many areas in one IOAS", map_full, NULL },
	{ "MAP: an automatic IOVA is the lowest that fits, from 4096",
	  lowest_fit, NULL },
	{ "MAP: without FIXED_IOVA, iova is output only", ignored_iova, NULL },
	{ "MAP: an automatic IOVA has the offset in the page of the address",
	  same_offset, NULL },
	{ "MAP: an automatic IOVA is aligned to the length", aligned,
	  ALIGN(2 * MEGA, 4 * PAGE, 4 * PAGE) },
	{ "MAP: ... rounded up to a power of two", aligned,
	  ALIGN(2 * MEGA, 3 * PAGE, 4 * PAGE) },
	{ "MAP: ... but to no more than the address is", aligned,
	  ALIGN(2 * PAGE, 16 * PAGE, 2 * PAGE) },
	{ "MAP: ... and to no more than 2 MiB", aligned,
	  ALIGN(0, 4 * MEGA, 2 * MEGA) },
	{ "MAP_FILE: maps a memfd, which may be closed", file_maps, NULL },
	{ "MAP_FILE: a bad descriptor is EBADF", file_bad_fd, NULL },
	{ "MAP_FILE: a range beyond the file is EINVAL when a device needs it",
	  file_beyond, NULL },
	{ "MAP_FILE: a file that cannot be pinned is EINVAL when a device "
	  "needs "
	  "it",
	  file_of_disk, NULL },
	{ "MAP_FILE: a dma-buf that no device for IOMMUFD has made is "
	  "EOPNOTSUPP",
	  file_dmabuf, NULL },
	{ "MAP_FILE: the errors are those of MAP", file_flags, NULL },
	{ "COPY: shares pages, which outlive their source", copies, NULL },
	{ "COPY: of parts of several areas", copy_several, NULL },
	{ "COPY: of a range with a hole is ENOENT", copy_hole, NULL },
	{ "COPY: an unknown flag is EOPNOTSUPP", copy_case,
	  COPY(FIXED | 8, PAGE, IOVA + MEGA, IOVA, -EOPNOTSUPP) },
	{ "COPY: neither READABLE nor WRITEABLE is EINVAL", copy_case,
	  COPY(IOMMU_IOAS_MAP_FIXED_IOVA, PAGE, IOVA + MEGA, IOVA, -EINVAL) },
	{ "COPY: length 0 is EINVAL", copy_case,
	  COPY(FIXED, 0, IOVA + MEGA, IOVA, -EINVAL) },
	{ "COPY: a length of 2^64-1 is EOVERFLOW", copy_case,
	  COPY(FIXED, UINT64_MAX, IOVA + MEGA, IOVA, -EOVERFLOW) },
	{ "COPY: a target of 2^64-1 is EOVERFLOW", copy_case,
	  COPY(FIXED, PAGE, UINT64_MAX, IOVA, -EOVERFLOW) },
	{ "COPY: a target that is occupied is EEXIST", copy_case,
	  COPY(FIXED, PAGE, BUSY, IOVA, -EEXIST) },
	{ "COPY: onto itself is EEXIST", copy_case,
	  COPY(FIXED, PAGE, IOVA, IOVA, -EEXIST) },
	{ "COPY: unknown ids, and those of other kinds, are ENOENT", copy_ids,
	  NULL },
	{ "COPY: an automatic IOVA is chosen as for MAP", copy_anywhere, NULL },
};

const struct rules map_rules = RULES(rules);
