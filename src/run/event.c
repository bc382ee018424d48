/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <uiommu/uiommu.h>

#include "calls.h"
#include "client.h"
#include "event.h"
#include "notify.h"
#include "observe.h"
#include "task.h"

/* select() takes descriptors below this. */
#define SELECT_MOST 1024

/* So many of them are left to event descriptors. */
#define SELECT_EVENTS 64

/* Bytes in a pipe: each says that something was added, more say no more. */
#define MOST_BYTES 256

/*
 * struct run_event - one file and its pipe
 * @wake: called by the engine
 * @next: in the list
 * @file: the engine's file
 * @dev, @ino: the pipe
 * @position: what has been read, of a file that has one
 * @fd: our end, for writing
 * @flags: how clients open theirs: both ways if they may poll for writing
 */
struct run_event {
	struct uiommu_wake wake;
	struct run_event *next;
	struct uiommu_file *file;
	dev_t dev;
	ino_t ino;
	uint64_t position;
	int fd;
	int flags;
};

/*
 * @epoll: has all @fd; tells of those whose readers are gone
 * @first: of the range of numbers
 * @count: how many there are
 */
struct run_events {
	int epoll;
	unsigned int first;
	unsigned int count;
	struct run_event *list;
};

unsigned int run_event_first(void)
{
	struct rlimit limit;
	rlim_t most = SELECT_MOST;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < most)
		most = limit.rlim_cur;
	if (most > 2 * SELECT_EVENTS)
		return (unsigned int)most - SELECT_EVENTS;
	return (unsigned int)most / 2;
}

int run_events_init(struct run *r)
{
	r->events = calloc(1, sizeof(*r->events));
	if (!r->events)
		return -ENOMEM;
	r->events->first = run_event_first();
	r->events->epoll = epoll_create1(EPOLL_CLOEXEC);
	return r->events->epoll < 0 ? -errno : 0;
}

int run_events_fd(const struct run *r)
{
	return r->events->epoll;
}

unsigned int run_events_count(const struct run *r)
{
	return r->events->count;
}

/* ---- Readiness ----------------------------------------------------- */

/* A new description of the pipe of @event; a duplicate of the client's would count. */
static int reopen(const struct run_event *event, int flags)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", event->fd);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void empty(const struct run_event *event)
{
	char bytes[MOST_BYTES];
	int fd = reopen(event, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	close(fd);
}

/* Who polls with edges is woken by every byte. */
static void on_wake(struct uiommu_wake *wake, short events, bool added)
{
	struct run_event *event = (struct run_event *)wake;
	int bytes = 0;
	ssize_t n = 1;

	ioctl(event->fd, FIONREAD, &bytes);
	if (!(events & POLLIN)) {
		if (bytes)
			empty(event);
	} else if (!bytes || (added && bytes < MOST_BYTES)) {
		n = write(event->fd, "", 1);
	}
	/* Without readers nobody waits for it. */
	(void)n;
}

/* ---- Opening and closing ------------------------------------------- */

/* The end of @event: it is in no list any more. */
static void release(struct run_event *event)
{
	uiommu_watch(event->file, NULL);
	uiommu_file_put(event->file);
	close(event->fd);
	free(event);
}

static void unlink_event(struct run_events *events, struct run_event *event)
{
	struct run_event **link = &events->list;

	while (*link != event)
		link = &(*link)->next;
	*link = event->next;
	events->count--;
}

void run_events_drain(struct run *r)
{
	struct epoll_event ready;

	while (epoll_wait(r->events->epoll, &ready, 1, 0) == 1) {
		unlink_event(r->events, ready.data.ptr);
		release(ready.data.ptr);
	}
}

unsigned int run_events_fini(struct run *r)
{
	struct run_event *event;
	unsigned int left = 0;

	if (!r->events)
		return 0;
	while ((event = r->events->list)) {
		unlink_event(r->events, event);
		release(event);
		left++;
	}
	close(r->events->epoll);
	free(r->events);
	r->events = NULL;
	return left;
}

/* @event has a pipe; Return: the client's end, or -errno. */
static int make_pipe(struct run_event *event)
{
	struct stat st;
	int fd[2], theirs;

	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	event->fd = fd[1];
	theirs = fstat(fd[1], &st) ? -errno : reopen(event, event->flags);
	event->dev = st.st_dev;
	event->ino = st.st_ino;
	close(fd[0]);
	if (theirs < 0)
		close(fd[1]);
	return theirs;
}

static struct run_event *new_event(struct run *r, struct uiommu_file *file,
				   int *theirs)
{
	struct run_event *event = calloc(1, sizeof(*event));
	/* Only that its readers are gone, which is told unasked. */
	struct epoll_event want = { .data.ptr = event };

	*theirs = -ENOMEM;
	if (!event)
		return NULL;
	event->wake.wake = on_wake;
	event->flags = uiommu_poll(file) & POLLOUT ? O_RDWR : O_RDONLY;
	*theirs = make_pipe(event);
	if (*theirs < 0)
		goto err_free;
	if (epoll_ctl(r->events->epoll, EPOLL_CTL_ADD, event->fd, &want))
		goto err_pipe;
	event->file = file;
	uiommu_file_get(file);
	uiommu_watch(file, &event->wake);
	event->next = r->events->list;
	r->events->list = event;
	r->events->count++;
	return event;

err_pipe:
	close(*theirs);
	close(event->fd);
	*theirs = -ENOMEM;
err_free:
	free(event);
	return NULL;
}

int run_event_install(struct run *r, int fd, struct uiommu_file *file)
{
	int theirs, error;

	if (!new_event(r, file, &theirs))
		return theirs;
	error = run_replace_fd(r, theirs, fd);
	/* If the client did not get it, this is the last close. */
	close(theirs);
	if (error)
		run_events_drain(r);
	return error == -EBADF ? -EMFILE : error;
}

/* ---- Numbers ------------------------------------------------------- */

static bool in_range(const struct run *r, unsigned int fd)
{
	return fd >= r->events->first && fd - r->events->first < RUN_EVENT_MOST;
}

/* Are there so many descriptors for the caller? */
static bool within_limit(struct run *r, unsigned int fd)
{
	struct rlimit limit;

	return prlimit((pid_t)r->req->pid, RLIMIT_NOFILE, NULL, &limit) ||
	       fd < limit.rlim_cur;
}

/* The first free number from @from on; all before @from are as good as taken. */
static int free_number(struct run *r, unsigned int from)
{
	char name[16], link[8];
	unsigned int fd;
	int len;

	if (from < r->events->first)
		from = r->events->first;
	for (fd = from; in_range(r, fd) && within_limit(r, fd); fd++) {
		snprintf(name, sizeof(name), "fd/%u", fd);
		len = run_task_readlink(r->tasks, (pid_t)r->req->pid, name,
					link, sizeof(link));
		if (len == -ENOENT)
			return (int)fd;
	}
	return -EMFILE;
}

int run_event_new_fd(struct run *r)
{
	return free_number(r, 0);
}

/* ---- Calls --------------------------------------------------------- */

/* The event behind argument 0, or NULL. */
static struct run_event *target(struct run *r)
{
	struct run_event *event;
	struct stat st;

	if (!r->events->list || run_task_fstat(r->tasks, (pid_t)r->req->pid,
					       (int)r->req->data.args[0], &st))
		return NULL;
	for (event = r->events->list; event; event = event->next)
		if (event->ino == st.st_ino && event->dev == st.st_dev)
			break;
	return event;
}

static enum run_op op_of(run_access_fn access)
{
	return access == uiommu_read ? RUN_OP_READ : RUN_OP_WRITE;
}

static void transfer(struct run *r, run_access_fn access)
{
	const __u64 *arg = r->req->data.args;
	struct run_event *event = target(r);
	struct run_seen seen;
	struct run_user user;
	int64_t n;

	if (!event) {
		run_continue(r);
		return;
	}
	run_observe_event(r, &seen, op_of(access), event->file);
	run_user_init(&user, r);
	n = access(event->file, &user.user, arg[1], arg[2],
		   event->file->ops->has_position ? event->position : 0);
	if (n > 0 && access == uiommu_read)
		event->position += (uint64_t)n;
	run_observe_end(&seen, n);
	run_reply(r, n);
}

bool run_event_transfer_at(struct run *r, run_access_fn access)
{
	const __u64 *arg = r->req->data.args;
	struct run_event *event = target(r);
	struct run_user user;

	if (!event)
		return false;
	/* Linux has no position on an event queue, so none to read at either. */
	if (!event->file->ops->has_position) {
		run_reply(r, -ESPIPE);
		return true;
	}
	run_user_init(&user, r);
	run_reply(r, (int64_t)arg[3] < 0 ? -EINVAL
					 : access(event->file, &user.user,
						  arg[1], arg[2], arg[3]));
	return true;
}

void run_call_read(struct run *r)
{
	transfer(r, uiommu_read);
}

void run_call_write(struct run *r)
{
	transfer(r, uiommu_write);
}

/* One vector after the other, until one is short, as the kernel does. */
static int64_t each(struct run *r, struct run_event *event,
		    run_access_fn access, const struct iovec *vec, size_t nr)
{
	struct run_user user;
	int64_t done = 0, n;
	size_t i;

	run_user_init(&user, r);
	for (i = 0; i != nr; i++) {
		n = access(event->file, &user.user, (uintptr_t)vec[i].iov_base,
			   vec[i].iov_len, 0);
		if (n < 0)
			return done ? done : n;
		done += n;
		if ((size_t)n < vec[i].iov_len)
			break;
	}
	return done;
}

static void transfer_vector(struct run *r, run_access_fn access)
{
	const __u64 *arg = r->req->data.args;
	struct run_event *event = target(r);
	struct iovec vec[IOV_MAX];
	struct run_seen seen;
	int64_t n;

	if (!event) {
		run_continue(r);
		return;
	}
	if (arg[2] > IOV_MAX) {
		run_reply(r, -EINVAL);
		return;
	}
	if (run_client_read(r, vec, arg[1], arg[2] * sizeof(vec[0]))) {
		run_reply(r, -EFAULT);
		return;
	}
	run_observe_event(r, &seen, op_of(access), event->file);
	seen.addr = arg[2] ? (uintptr_t)vec[0].iov_base : 0;
	n = each(r, event, access, vec, arg[2]);
	run_observe_end(&seen, n);
	run_reply(r, n);
}

void run_call_readv(struct run *r)
{
	transfer_vector(r, uiommu_read);
}

void run_call_writev(struct run *r)
{
	transfer_vector(r, uiommu_write);
}

/* Answer with a duplicate: the first free number from @from on, or @at. */
static void duplicate(struct run *r, const struct run_event *event, int at,
		      bool cloexec)
{
	int fd, error;

	fd = at < 0 ? at : reopen(event, event->flags);
	if (fd < 0) {
		run_reply(r, fd);
		return;
	}
	error = run_put_fd(r, fd, at, cloexec);
	close(fd);
	run_reply(r, error ? error : at);
}

void run_call_dup(struct run *r)
{
	struct run_event *event = target(r);

	if (event)
		duplicate(r, event, free_number(r, 0), false);
	else
		run_continue(r);
}

/* A number outside of the range would be no event descriptor. */
static void duplicate_to(struct run *r, struct run_event *event, uint64_t to,
			 bool cloexec)
{
	if (!in_range(r, (unsigned int)to) ||
	    !within_limit(r, (unsigned int)to)) {
		run_warn("dup2: event descriptors are numbered from %u to %u "
			 "here, not %u",
			 r->events->first,
			 r->events->first + RUN_EVENT_MOST - 1,
			 (unsigned int)to);
		run_reply(r, -EBADF);
		return;
	}
	duplicate(r, event, (int)to, cloexec);
}

void run_call_dup2(struct run *r)
{
	const __u64 *arg = r->req->data.args;
	struct run_event *event = target(r);

	if (event && (int)arg[0] != (int)arg[1])
		duplicate_to(r, event, arg[1], false);
	else
		run_continue(r);
}

void run_call_dup3(struct run *r)
{
	const __u64 *arg = r->req->data.args;
	struct run_event *event = target(r);

	/* The kernel knows what is wrong with it. */
	if (!event || (int)arg[0] == (int)arg[1] || ((int)arg[2] & ~O_CLOEXEC))
		run_continue(r);
	else
		duplicate_to(r, event, arg[1], arg[2] & O_CLOEXEC);
}

void run_call_fcntl(struct run *r)
{
	const __u64 *arg = r->req->data.args;
	int cmd = (int)arg[1];
	struct run_event *event = NULL;

	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		event = target(r);
	if (!event || (int)arg[2] < 0)
		run_continue(r);
	else
		duplicate(r, event, free_number(r, (unsigned int)arg[2]),
			  cmd == F_DUPFD_CLOEXEC);
}
