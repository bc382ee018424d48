/* SPDX-License-Identifier: MIT */
/*
 * shrink HOW - the client takes pages of a mapped file away under running DMA: DMA
 * there is blocked, all else goes on.
 */
#include <linux/falloc.h>

#include "edu.h"

#define LEN  (8 * PAGE)
#define HUGE (2ul << 20)
#define IOVA 0x10000000ul

static struct edu e;
static char *p;
static int fd;

/* [@from, @to) of the file is gone for the device. */
static void gone(size_t from, size_t to, size_t len)
{
	unsigned char buf[64];

	check(edu_sees(&e, IOVA, from, 0x42));
	for (; from < to; from += PAGE) {
		edu_read(&e, IOVA + from, buf, sizeof(buf));
		check(all(buf, sizeof(buf), 0xee));
		edu_fill(&e, IOVA + from, 64, 0x99);
	}
	check(edu_sees(&e, IOVA + to, len - to, 0x42));
	/* The rest can still be written. */
	edu_fill(&e, IOVA, 64, 0x43);
	check(all(p, 64, 0x43));
	memset(p, 0x42, 64);
}

static void open_memfd(unsigned int flags, size_t len)
{
	fd = memfd_create("shrink", flags | MFD_ALLOW_SEALING);
	if (fd < 0 && flags & MFD_HUGETLB)
		skip("no hugetlbfs");
	check(fd >= 0 && !ftruncate(fd, (off_t)len));
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED && flags & MFD_HUGETLB)
		skip("no huge pages (vm.nr_hugepages)");
	check(p != MAP_FAILED);
	memset(p, 0x42, len);
	check(!edu_map(&e, p, len, IOVA));
	check(edu_sees(&e, IOVA, 2 * PAGE, 0x42));
}

static void punch(size_t from, size_t len)
{
	check(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			 (off_t)from, (off_t)len));
}

static void by_truncate(void)
{
	open_memfd(0, LEN);
	check(!ftruncate(fd, 3 * PAGE));
	gone(3 * PAGE, LEN, LEN);
	/* Growing the file again does not bring the pages back. */
	check(!ftruncate(fd, LEN));
	gone(3 * PAGE, LEN, LEN);
}

/* Of a file on disk only its end is known; the store itself finds nothing. */
static void by_disk_truncate(void)
{
	char name[] = "/var/tmp/uiommu-test-XXXXXX";

	fd = mkstemp(name);
	check(fd >= 0 && !unlink(name) && !ftruncate(fd, LEN));
	p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(p != MAP_FAILED);
	memset(p, 0x42, LEN);
	check(!edu_map(&e, p, LEN, IOVA));
	check(edu_sees(&e, IOVA, LEN, 0x42));
	check(!ftruncate(fd, 3 * PAGE));
	gone(3 * PAGE, LEN, LEN);
}

static void by_punch(void)
{
	open_memfd(0, LEN);
	punch(2 * PAGE, 2 * PAGE);
	gone(2 * PAGE, 4 * PAGE, LEN);
	/* Blocked DMA has not made the pages come back. */
	check(lseek(fd, 2 * PAGE, SEEK_DATA) == 4 * PAGE);
}

static void by_remove(void)
{
	open_memfd(0, LEN);
	check(!madvise(p + 2 * PAGE, PAGE, MADV_REMOVE));
	gone(2 * PAGE, 3 * PAGE, LEN);
}

/* A pinned file cannot be sealed against writing: as on Linux. */
static void by_seal(void)
{
	open_memfd(0, LEN);
	check(!munmap(p, LEN));
	check(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) && errno == EBUSY);
	check(!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
	edu_fill(&e, IOVA, LEN, 0x55);
	check(edu_sees(&e, IOVA, LEN, 0x55));
	check(!edu_unmap(&e, IOVA, LEN));
	check(!fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

static void by_sealed_before(void)
{
	open_memfd(0, LEN);
	check(!edu_unmap(&e, IOVA, LEN));
	check(!munmap(p, LEN));
	check(!fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	p = mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		p = mmap(NULL, LEN, PROT_READ, MAP_PRIVATE, fd, 0);
	check(p != MAP_FAILED);
	check(edu_map(&e, p, LEN, IOVA) == EFAULT);
	check(!edu_map_prot(&e, p, LEN, IOVA, IOMMU_IOAS_MAP_READABLE));
	check(edu_sees(&e, IOVA, LEN, 0x42));
}

static void by_huge_truncate(void)
{
	open_memfd(MFD_HUGETLB, 2 * HUGE);
	check(!ftruncate(fd, HUGE));
	gone(HUGE, HUGE + 2 * PAGE, HUGE + 2 * PAGE);
}

/* There are pages to fill the hole with, but they would be others. */
static void by_huge_punch(void)
{
	open_memfd(MFD_HUGETLB, 2 * HUGE);
	punch(HUGE, HUGE);
	gone(HUGE, HUGE + 2 * PAGE, HUGE + 2 * PAGE);
}

/* The hole could not be filled again: the pool is empty. */
static void by_huge_exhaustion(void)
{
	char *other;

	open_memfd(MFD_HUGETLB, 2 * HUGE);
	punch(HUGE, HUGE);
	do {
		other = mmap(NULL, HUGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
		if (other != MAP_FAILED)
			*other = 1;
	} while (other != MAP_FAILED);
	gone(HUGE, HUGE + 2 * PAGE, HUGE + 2 * PAGE);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *how;
		void (*run)(void);
	} ways[] = {
		{ "truncate", by_truncate },
		{ "disk-truncate", by_disk_truncate },
		{ "punch", by_punch },
		{ "remove", by_remove },
		{ "seal", by_seal },
		{ "sealed-before", by_sealed_before },
		{ "huge-truncate", by_huge_truncate },
		{ "huge-punch", by_huge_punch },
		{ "huge-exhaustion", by_huge_exhaustion },
	};
	size_t i;

	check(argc == 2);
	edu_open(&e, true);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!strcmp(argv[1], ways[i].how)) {
			ways[i].run();
			return 0;
		}
	}
	fprintf(stderr, "shrink: no way '%s'\n", argv[1]);
	return 1;
}
