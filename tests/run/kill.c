/* SPDX-License-Identifier: MIT */
/*
 * kill SECONDS SEED - clients are killed at random moments, between and inside of
 * their calls; after each the device must be free at once and work.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "edu.h"

#define LEN  (64 * PAGE)
#define IOVA 0x10000000ul

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *churn(void *arg)
{
	const struct edu *e = arg;
	char *p;

	for (;;) {
		p = anonymous(LEN, MAP_PRIVATE);
		edu_map(e, p, LEN, IOVA + 2 * LEN);
		munmap(p, LEN);
		edu_unmap(e, IOVA + 2 * LEN, LEN);
		edu_ioas(e->iommu);
	}
	return NULL;
}

static void __attribute__((noreturn)) victim(void)
{
	char *p = anonymous(LEN, MAP_PRIVATE);
	int fd = memfd_create("victim", 0);
	pthread_t thread;
	struct edu e;
	char *s;

	edu_open(&e, true);
	check(!ftruncate(fd, LEN));
	s = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(!pthread_create(&thread, NULL, churn, &e));
	for (;;) {
		edu_map(&e, p, LEN, IOVA);
		edu_map(&e, s, LEN, IOVA + LEN);
		edu_fill(&e, IOVA + LEN - PAGE, 2 * PAGE, 1);
		close(open("/dev/iommu", O_RDWR));
		edu_unmap(&e, 0, UINT64_MAX);
	}
}

/* What the next client does at once. */
static void check_free(void)
{
	char *p = anonymous(PAGE, MAP_PRIVATE);
	struct edu e;

	edu_open(&e, true);
	check(edu_ioas(e.iommu) > 1);
	check(!edu_map(&e, p, PAGE, IOVA));
	edu_fill(&e, IOVA, PAGE, 5);
	check(all(p, PAGE, 5));
	close(e.dev);
	close(e.iommu);
	munmap(p, PAGE);
}

int main(int argc, char **argv)
{
	double end = now() + (argc > 1 ? atof(argv[1]) : 1);
	unsigned int seed = argc > 2 ? (unsigned int)atoi(argv[2]) : 1;
	int status, rounds = 0;
	pid_t pid;

	for (; now() < end; rounds++) {
		pid = fork();
		if (!pid)
			victim();
		usleep((unsigned int)rand_r(&seed) % 15000);
		kill(pid, SIGKILL);
		check(waitpid(pid, &status, 0) == pid);
		check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		check_free();
	}
	printf("%d clients killed\n", rounds);
	return 0;
}
