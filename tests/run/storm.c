/* SPDX-License-Identifier: MIT */
/*
 * storm [N] - signals arrive all the time; each allocation makes one object.
 * storm faults - a device that is blocked again and again.
 */
#include <signal.h>
#include <sys/time.h>

#include "edu.h"

static volatile sig_atomic_t signals;

static void on_alarm(int sig)
{
	signals++;
}

/* Object ids are the lowest that are free: a repeated call would leave a gap. */
static void allocations(uint32_t n)
{
	struct itimerval often = { { 0, 50 }, { 0, 50 } }, never = { 0 };
	struct sigaction action = { .sa_handler = on_alarm };
	int iommu = open("/dev/iommu", O_RDWR);
	uint32_t i;

	check(iommu >= 0);
	check(!sigaction(SIGALRM, &action, NULL));
	check(!setitimer(ITIMER_REAL, &often, NULL));
	for (i = 1; i <= n; i++) {
		struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

		while (ioctl(iommu, IOMMU_IOAS_ALLOC, &alloc))
			check(errno == EINTR);
		check(alloc.out_ioas_id == i);
	}
	check(!setitimer(ITIMER_REAL, &never, NULL));
	check(signals > (int)n / 200);
}

static void faults(void)
{
	struct edu e;
	uint64_t i;

	edu_open(&e, true);
	for (i = 0; i < 200; i++)
		edu_run(&e, EDU_BUFFER, 0x10000000, 64, 2);
	for (i = 0; i < 200; i++)
		edu_run(&e, EDU_BUFFER, 0x20000000 + i * PAGE, 64, 2);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "faults"))
		faults();
	else
		allocations(argc > 1 ? (uint32_t)atoi(argv[1]) : 20000);
	return 0;
}
