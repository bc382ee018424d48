/* SPDX-License-Identifier: MIT */
/*
 * What one page costs does not depend on how large the file around it is: neither
 * to map it, nor DMA to it. Times are compared with each other only, the best of
 * several, so that a busy machine does not matter.
 */
#include <time.h>

#include "edu.h"

#define IOVA   0x10000000ul
#define LARGE  (128ul << 20)
#define ROUNDS 5
#define REPEAT 50

static struct edu e;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void map_and_unmap(int fd)
{
	check(!edu_map_file(&e, fd, 0, PAGE, IOVA));
	check(!edu_unmap(&e, IOVA, PAGE));
}

static void dma(int fd)
{
	edu_write(&e, IOVA, &fd, sizeof(fd));
}

static double best(void (*what)(int fd), int fd)
{
	double least = 1e9, start, took;
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		start = now();
		for (j = 0; j < REPEAT; j++)
			what(fd);
		took = now() - start;
		if (took < least)
			least = took;
	}
	return least;
}

static void measure(size_t size, double *mapping, double *access)
{
	int fd = memfd_create("scale", MFD_CLOEXEC);
	char *p;

	check(fd >= 0 && !ftruncate(fd, (off_t)size));
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		 fd, 0);
	check(p != MAP_FAILED);
	*mapping = best(map_and_unmap, fd);
	check(!edu_map_file(&e, fd, 0, PAGE, IOVA));
	*access = best(dma, fd);
	check(!edu_unmap(&e, IOVA, PAGE));
	check(!munmap(p, size));
	close(fd);
}

int main(void)
{
	double map_small, map_large, dma_small, dma_large;

	edu_open(&e, true);
	measure(PAGE, &map_small, &dma_small);
	measure(LARGE, &map_large, &dma_large);
	if (map_large > 5 * map_small || dma_large > 5 * dma_small) {
		fprintf(stderr, "map: %g and %g s, DMA: %g and %g s\n",
			map_small, map_large, dma_small, dma_large);
		return 1;
	}
	return 0;
}
