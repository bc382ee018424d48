/* SPDX-License-Identifier: MIT */
/*
 * When a close has returned and the next open is answered, everything of the closed
 * context is gone: its pins, which another context may then make, and its devices,
 * which it may then bind.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/capability.h>

#include "edu.h"

#define IOVA   0x10000000ul
#define NR     16ul
#define LEN    (NR * PAGE)
#define ROUNDS 50

static char *memory;

/* Nobody may pin more than one context does. */
static void limit(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	struct rlimit most = { LEN, LEN };

	check(!syscall(SYS_capget, &header, data));
	data[0].effective &= ~(1u << CAP_IPC_LOCK);
	check(!syscall(SYS_capset, &header, data));
	check(!setrlimit(RLIMIT_MEMLOCK, &most));
}

static unsigned long pinned(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long kb = 0;
	char line[256];

	check(f);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "VmPin: %lu kB", &kb);
	fclose(f);
	return kb / 4;
}

/* A context that has everything, and all that may be pinned. */
static void full(struct edu *e)
{
	edu_open(e, true);
	check(!edu_map(e, memory, LEN, IOVA));
	check(edu_map(e, memory, PAGE, 0) == ENOMEM);
	check(pinned() == NR);
}

static void both_ways(void)
{
	struct edu e;
	int i, last, fd;

	for (i = 0; i < ROUNDS; i++) {
		full(&e);
		check(!close(i % 2 ? e.dev : e.iommu));
		/* The device needs the context, and its memory pinned. */
		check(pinned() == (i % 2 ? 0 : NR));
		last = i % 2 ? e.iommu : e.dev;
		check(!close(last));
		fd = open("/dev/iommu", O_RDWR);
		check(fd >= 0 && pinned() == 0);
		close(fd);
	}
}

/* The last of several descriptors. */
static void duplicates(void)
{
	struct edu e;
	int copy[2];

	full(&e);
	copy[0] = dup(e.iommu);
	copy[1] = dup(e.dev);
	close(e.iommu);
	close(e.dev);
	check(pinned() == NR && copy[0] >= 0 && copy[1] >= 0);
	close(copy[0]);
	check(dup2(0, copy[1]) == copy[1]);
	full(&e);
	close(e.iommu);
	close(e.dev);
}

/* The death of a process closes, too. */
static void deaths(void)
{
	struct edu e;
	pid_t pid;
	int i;
	char c;
	int up[2];

	for (i = 0; i < 8; i++) {
		check(!pipe(up));
		pid = fork();
		check(pid >= 0);
		if (!pid) {
			full(&e);
			check(write(up[1], "", 1) == 1);
			if (i % 2)
				_exit(0);
			pause();
		}
		check(read(up[0], &c, 1) == 1);
		check(i % 2 || !kill(pid, SIGKILL));
		check(waitpid(pid, NULL, 0) == pid);
		close(up[0]);
		close(up[1]);
		full(&e);
		close(e.dev);
		close(e.iommu);
	}
}

/* A descriptor that is on its way in a socket is open until the socket goes. */
static void in_flight(void)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char c = 0;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	struct edu e;
	int sock[2];

	full(&e);
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, sock));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &e.iommu, sizeof(int));
	check(sendmsg(sock[0], &msg, 0) == 1);
	close(e.iommu);
	check(pinned() == NR);
	close(sock[0]);
	close(sock[1]);
	close(e.dev);
	full(&e);
	close(e.iommu);
	close(e.dev);
}

int main(void)
{
	memory = anonymous(LEN, MAP_PRIVATE);
	limit();
	both_ways();
	duplicates();
	deaths();
	in_flight();
	return 0;
}
