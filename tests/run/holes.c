/* SPDX-License-Identifier: MIT */
/* What cannot be pinned is the uAPI's error and leaves nothing behind. */
#include "edu.h"

#define LEN  (16 * PAGE)
#define IOVA 0x10000000ul

static char *with(int prot, size_t page)
{
	char *p = anonymous(LEN, MAP_PRIVATE);

	memset(p, 1, LEN);
	if (prot < 0)
		check(!munmap(p + page * PAGE, PAGE));
	else
		check(!mprotect(p + page * PAGE, PAGE, prot));
	return p;
}

/* The range fails as a whole; the part before the bad page works afterwards. */
static void bad_page(const struct edu *e, char *p, size_t page)
{
	check(edu_map(e, p, LEN, IOVA) == EFAULT);
	if (page)
		check(!edu_map(e, p, page * PAGE, IOVA));
	if (page)
		check(!edu_unmap(e, IOVA, page * PAGE));
	check(edu_unmap(e, IOVA, LEN) == ENOENT);
}

static void file_end(const struct edu *e, int flags)
{
	int fd = memfd_create("short", 0);
	char *p;

	check(fd >= 0 && !ftruncate(fd, 3 * PAGE));
	p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, flags, fd, 0);
	check(p != MAP_FAILED);
	check(edu_map(e, p, LEN, IOVA) == EFAULT);
	check(!edu_map(e, p, 3 * PAGE, IOVA));
	check(!edu_unmap(e, IOVA, 3 * PAGE));
	check(edu_map_file(e, fd, 0, LEN, IOVA));
	check(edu_map_file(e, fd, 8 * PAGE, PAGE, IOVA));
	munmap(p, LEN);
	close(fd);
}

/* A hole of a sparse file is not a hole: the page comes into being. */
static void sparse(const struct edu *e)
{
	int fd = memfd_create("sparse", 0);
	char *p;

	check(fd >= 0 && !ftruncate(fd, LEN));
	p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(p != MAP_FAILED);
	p[5 * PAGE] = 1;
	check(!edu_map(e, p, LEN, IOVA));
	check(edu_sees(e, IOVA, 5 * PAGE, 0));
	edu_fill(e, IOVA, LEN, 9);
	check(all(p, LEN, 9));
	check(!edu_unmap(e, IOVA, LEN));
}

static void read_only(const struct edu *e)
{
	char *p = anonymous(LEN, MAP_PRIVATE);

	memset(p, 7, LEN);
	check(!mprotect(p, LEN, PROT_READ));
	check(edu_map(e, p, LEN, IOVA) == EFAULT);
	check(!edu_map_prot(e, p, LEN, IOVA, IOMMU_IOAS_MAP_READABLE));
	check(edu_sees(e, IOVA, LEN, 7));
	edu_fill(e, IOVA, PAGE, 8);
	check(all(p, LEN, 7));
	check(!edu_unmap(e, IOVA, LEN));
}

static void not_a_memory_file(const struct edu *e)
{
	int fds[2], file = open("/proc/self/exe", O_RDONLY);

	check(!pipe(fds));
	check(edu_map_file(e, fds[0], 0, PAGE, IOVA) == EINVAL);
	check(edu_map_file(e, file, 0, PAGE, IOVA) == EINVAL);
	check(edu_map_file(e, 999, 0, PAGE, IOVA) == EBADF);
	check(edu_map_file(e, -1, 0, PAGE, IOVA) == EBADF);
}

int main(void)
{
	struct edu e;

	edu_open(&e, true);
	bad_page(&e, with(-1, 0), 0);
	bad_page(&e, with(-1, 7), 7);
	bad_page(&e, with(-1, 15), 15);
	bad_page(&e, with(PROT_NONE, 3), 3);
	bad_page(&e, with(PROT_READ, 3), 3);
	file_end(&e, MAP_SHARED);
	file_end(&e, MAP_PRIVATE);
	sparse(&e);
	read_only(&e);
	not_a_memory_file(&e);
	check(edu_map(&e, (void *)0x7ffffffff000, PAGE, IOVA) == EFAULT);
	check(edu_map(&e, NULL, PAGE, IOVA) == EFAULT);
	check(edu_map(&e, (void *)-4096, PAGE, IOVA));
	/* Nothing has stayed behind. */
	check(edu_unmap(&e, 0, UINT64_MAX) == 0);
	return 0;
}
