/* SPDX-License-Identifier: MIT */
/*
 * Mapping a large file with nothing in it takes no memory, and pages come into being
 * one by one as the device reaches them; but not where the client has made a hole.
 */
#include <linux/falloc.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "edu.h"

#define IOVA (1ul << 40)
#define FAR  (len - 5 * PAGE)

static struct edu e;
static int fd;
static uint64_t len = 64ul << 30;

/* How many pages the file has. */
static uint64_t pages(void)
{
	struct stat st;

	check(!fstat(fd, &st));
	return (uint64_t)st.st_blocks * 512 / PAGE;
}

static void make(void)
{
	fd = memfd_create("sparse", MFD_CLOEXEC);
	check(fd >= 0 && !ftruncate(fd, (off_t)len));
}

static bool blocked(uint64_t at)
{
	unsigned char buf[16];
	uint64_t before = pages();

	edu_fill(&e, IOVA + at, sizeof(buf), 0x99);
	edu_read(&e, IOVA + at, buf, sizeof(buf));
	return all(buf, sizeof(buf), 0xee) && pages() == before;
}

static void reaches(uint64_t at, int c)
{
	unsigned char buf[16];

	edu_fill(&e, IOVA + at, sizeof(buf), c);
	check(edu_sees(&e, IOVA + at, sizeof(buf), c));
	check(pread(fd, buf, sizeof(buf), (off_t)at) == sizeof(buf));
	check(all(buf, sizeof(buf), c));
}

static void punch(uint64_t from, uint64_t nr)
{
	check(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			 (off_t)from, (off_t)nr));
}

static void touches_nothing(void)
{
	check(pages() == 0);
	check(edu_sees(&e, IOVA + 7 * PAGE, 64, 0));
	check(pages() <= 1);
	reaches(0, 1);
	reaches(FAR, 2);
	check(pages() <= 3);
}

static void client_holes(void)
{
	punch(0, 2 * PAGE);
	check(blocked(0) && blocked(PAGE));
	reaches(2 * PAGE, 3);
	/* The client has put a page there, which is the page from now on. */
	check(pwrite(fd, &e, sizeof(e), PAGE) == sizeof(e));
	reaches(PAGE, 4);
	check(blocked(0));
	/* A part of a page is no hole, nor is what was not punched after all. */
	reaches(10 * PAGE, 5);
	punch(10 * PAGE, 64);
	reaches(10 * PAGE, 6);
	check(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 20 * PAGE, PAGE));
	reaches(10 * PAGE, 7);
}

static void cut_off(void)
{
	check(!ftruncate(fd, (off_t)len / 2));
	check(blocked(FAR));
	check(!ftruncate(fd, (off_t)len));
	check(blocked(FAR) && blocked(len / 2));
	reaches(len / 2 - PAGE, 8);
	/* To make it longer takes nothing away. */
	check(!ftruncate(fd, (off_t)(len + PAGE)));
	check(!edu_map_file(&e, fd, len, PAGE, IOVA + len));
	reaches(len, 9);
}

static void mapped(const char *p)
{
	check(!edu_map(&e, p, len, IOVA));
	touches_nothing();
	check(!madvise((char *)p + 4 * PAGE, PAGE, MADV_REMOVE));
	check(blocked(4 * PAGE));
	reaches(5 * PAGE, 10);
	/* Who maps again gets a page there. */
	check(!edu_unmap(&e, IOVA, len));
	check(!edu_map(&e, p, len, IOVA));
	reaches(4 * PAGE, 11);
	check(!edu_unmap(&e, IOVA, len));
}

/* Without privilege no more can be mapped than may be locked. */
static void stay_within_limit(void)
{
	struct rlimit limit;

	check(!getrlimit(RLIMIT_MEMLOCK, &limit));
	while (geteuid() && len + PAGE > limit.rlim_cur)
		len /= 2;
	if (len < 64 * PAGE)
		skip("RLIMIT_MEMLOCK is too low");
}

int main(void)
{
	void *p;

	stay_within_limit();
	edu_open(&e, true);
	make();
	check(!edu_map_file(&e, fd, 0, len, IOVA));
	touches_nothing();
	client_holes();
	cut_off();
	check(!edu_unmap(&e, 0, UINT64_MAX));
	close(fd);
	make();
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		 fd, 0);
	check(p != MAP_FAILED);
	mapped(p);
	return 0;
}
