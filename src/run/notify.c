/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "notify.h"

/* Linux 6.6; the headers of older systems do not have them. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

static size_t at_least(size_t size, size_t minimum)
{
	return size < minimum ? minimum : size;
}

int run_notify_init(struct run *r)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes))
		return -errno;
	r->req_size = at_least(sizes.seccomp_notif, sizeof(*r->req));
	r->resp_size = at_least(sizes.seccomp_notif_resp, sizeof(*r->resp));
	r->req = calloc(1, r->req_size);
	r->resp = calloc(1, r->resp_size);
	return r->req && r->resp ? 0 : -ENOMEM;
}

void run_notify_fini(struct run *r)
{
	free(r->req);
	free(r->resp);
	r->req = NULL;
	r->resp = NULL;
}

void run_notify_listen(struct run *r, int listener)
{
	r->listener = listener;
	/* Only faster; without it everything works. */
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

int run_notify_receive(struct run *r)
{
	/* The kernel insists on zeros. */
	memset(r->req, 0, r->req_size);
	r->alive_at = -1;
	if (ioctl(r->listener, SECCOMP_IOCTL_NOTIF_RECV, r->req))
		return -errno;
	return 0;
}

static int64_t tick(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

bool run_notify_alive(struct run *r)
{
	int64_t now = tick();

	if (now == r->alive_at)
		return true;
	if (ioctl(r->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &r->req->id))
		return false;
	r->alive_at = now;
	return true;
}

static void send_response(struct run *r, int64_t val, int32_t error,
			  uint32_t flags)
{
	r->resp->id = r->req->id;
	r->resp->val = val;
	r->resp->error = error;
	r->resp->flags = flags;
	/* ENOENT: the caller was killed meanwhile, nobody waits. */
	(void)ioctl(r->listener, SECCOMP_IOCTL_NOTIF_SEND, r->resp);
}

void run_reply(struct run *r, int64_t value)
{
	if (value < 0)
		send_response(r, 0, (int32_t)value, 0);
	else
		send_response(r, value, 0, 0);
}

void run_continue(struct run *r)
{
	send_response(r, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

int run_reply_fd(struct run *r, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = {
		.id = r->req->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = cloexec ? O_CLOEXEC : 0,
	};
	int number = ioctl(r->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	if (number >= 0)
		return number;
	number = -errno;
	if (number != -ENOENT)
		run_reply(r, number);
	return number;
}

static int add_fd(struct run *r, int fd, uint32_t flags, int at, bool cloexec)
{
	struct seccomp_notif_addfd add = {
		.id = r->req->id,
		.flags = flags,
		.srcfd = (uint32_t)fd,
		.newfd = (uint32_t)at,
		.newfd_flags = cloexec ? O_CLOEXEC : 0,
	};
	int number = ioctl(r->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	return number < 0 ? -errno : number;
}

int run_reserve_fd(struct run *r)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), number;

	if (null < 0)
		return -errno;
	number = add_fd(r, null, 0, 0, true);
	close(null);
	return number;
}

int run_put_fd(struct run *r, int fd, int at, bool cloexec)
{
	int number = add_fd(r, fd, SECCOMP_ADDFD_FLAG_SETFD, at, cloexec);

	return number < 0 ? number : 0;
}

int run_replace_fd(struct run *r, int fd, int at)
{
	return run_put_fd(r, fd, at, true);
}
