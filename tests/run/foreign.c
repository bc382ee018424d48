/* SPDX-License-Identifier: MIT */
/*
 * A process that is not a client has mapped the same file as one that is. It may
 * unmap it whenever it likes, and nobody is told: the device must not reach the
 * file through it.
 *
 * foreign UIOMMU	the process that is not a client; runs the other
 * foreign client FILE TO FROM
 */
#include <sys/wait.h>

#include "edu.h"

#define IOVA 0x10000000ul

static char *map_file(const char *name)
{
	int fd = open(name, O_RDWR);
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	check(fd >= 0 && p != MAP_FAILED);
	close(fd);
	return p;
}

static void client(const char *name, int to, int from)
{
	char *p = map_file(name), c = 0;
	struct edu e;

	edu_open(&e, true);
	memset(p, 0x42, PAGE);
	check(!edu_map(&e, p, PAGE, IOVA));
	check(!munmap(p, PAGE));
	check(write(to, &c, 1) == 1 && read(from, &c, 1) == 1);
	edu_fill(&e, IOVA, PAGE, 0x43);
	check(edu_sees(&e, IOVA, PAGE, 0x43));
}

int main(int argc, char **argv)
{
	char name[] = "/tmp/uiommu-test-XXXXXX", to[16], from[16], c, *p;
	int fd = -1, up[2], down[2], status;
	pid_t pid;

	if (argc == 5) {
		client(argv[2], atoi(argv[3]), atoi(argv[4]));
		return 0;
	}
	check(argc == 2 && (fd = mkstemp(name)) >= 0);
	check(!ftruncate(fd, (off_t)PAGE) && !pipe(up) && !pipe(down));
	close(fd);
	p = map_file(name);
	snprintf(to, sizeof(to), "%d", up[1]);
	snprintf(from, sizeof(from), "%d", down[0]);
	pid = fork();
	if (!pid) {
		execl(argv[1], argv[1], "run", "--", argv[0], "client", name,
		      to, from, NULL);
		_exit(127);
	}
	close(up[1]);
	status = read(up[0], &c, 1) != 1;
	unlink(name);
	/* Now something else is at the place. */
	check(mmap(p, PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
	check(!status && write(down[1], &c, 1) == 1);
	check(waitpid(pid, &status, 0) == pid && !status);
	check(all(p, PAGE, 0));
	return 0;
}
