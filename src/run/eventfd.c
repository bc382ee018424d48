/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"
#include "eventfd.h"
#include "handle.h"
#include "notify.h"
#include "task.h"

/*
 * Nothing tells when a client closes an eventfd, so the oldest duplicates give
 * way. A client that makes that many before it uses one gets -EINVAL.
 */
#define MAX_KEPT 1024

/*
 * struct run_eventfds - eventfds that were made for clients
 * @fd: our duplicates, a ring
 * @id: the numbers that the kernel gave them
 * @next: where the next one goes
 */
struct run_eventfds {
	int fd[MAX_KEPT];
	int id[MAX_KEPT];
	unsigned int next;
};

bool run_eventfd_needs_trap(void)
{
	long pidfd = syscall(SYS_pidfd_open, getpid(), 0), copy;

	if (pidfd < 0)
		return true;
	copy = syscall(SYS_pidfd_getfd, pidfd, (int)pidfd, 0);
	if (copy >= 0)
		close((int)copy);
	close((int)pidfd);
	return copy < 0;
}

/* Return: the number of the eventfd whose fdinfo @fd shows, or -1. Closes @fd. */
static int read_id(int fd)
{
	char buf[512];
	const char *p;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	p = strstr(buf, "eventfd-id:");
	return p ? atoi(p + strlen("eventfd-id:")) : -1;
}

static void keep(struct run *r, int fd)
{
	struct run_eventfds *e = r->eventfds;
	char path[40];
	unsigned int i;

	if (!e) {
		e = malloc(sizeof(*e));
		if (!e) {
			close(fd);
			return;
		}
		for (i = 0; i < MAX_KEPT; i++)
			e->fd[i] = -1;
		e->next = 0;
		r->eventfds = e;
	}
	i = e->next++ % MAX_KEPT;
	if (e->fd[i] >= 0)
		close(e->fd[i]);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	e->fd[i] = fd;
	e->id[i] = read_id(open(path, O_RDONLY | O_CLOEXEC));
}

void run_call_eventfd(struct run *r)
{
	int flags = 0, fd;

	if (r->req->data.nr == SYS_eventfd2)
		flags = (int)r->req->data.args[1];
	fd = eventfd((unsigned int)r->req->data.args[0], flags | EFD_CLOEXEC);
	if (fd < 0) {
		run_reply(r, -errno);
		return;
	}
	run_reply_fd(r, fd, flags & EFD_CLOEXEC);
	keep(r, fd);
}

static int find_kept(struct run *r, int fd)
{
	char name[32], link[64];
	int id, copy;
	unsigned int i;

	if (run_task_fd_path(r->tasks, (pid_t)r->req->pid, fd, link,
			     sizeof(link)) < 0)
		return -EBADF;
	snprintf(name, sizeof(name), "fdinfo/%d", fd);
	id = read_id(
		run_task_open(r->tasks, (pid_t)r->req->pid, name, O_RDONLY));
	for (i = 0; id >= 0 && r->eventfds && i < MAX_KEPT; i++) {
		if (r->eventfds->fd[i] >= 0 && r->eventfds->id[i] == id) {
			copy = fcntl(r->eventfds->fd[i], F_DUPFD_CLOEXEC, 0);
			return copy < 0 ? -errno : copy;
		}
	}
	return -EINVAL;
}

static bool is_eventfd(int fd)
{
	char path[32], link[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	return !strcmp(link, "anon_inode:[eventfd]");
}

int run_eventfd_get(struct run *r, int fd)
{
	int copy;

	if (r->no_getfd)
		return find_kept(r, fd);
	copy = run_task_getfd(r->tasks, (pid_t)r->req->pid, fd);
	if (copy >= 0 && !is_eventfd(copy)) {
		close(copy);
		return -EINVAL;
	}
	return copy;
}

void run_eventfds_fini(struct run *r)
{
	unsigned int i;

	for (i = 0; r->eventfds && i < MAX_KEPT; i++) {
		if (r->eventfds->fd[i] >= 0)
			close(r->eventfds->fd[i]);
	}
	free(r->eventfds);
	r->eventfds = NULL;
}
