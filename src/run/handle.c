/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <uiommu/uiommu.h>

#include "handle.h"
#include "notify.h"
#include "observe.h"
#include "task.h"
#include "tree.h"

#define NR_BUCKETS 256

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

/*
 * struct run_handle - one open modelled file
 * @next: in its bucket
 * @dev, @ino: the memfd
 * @fd: our own description of it, in which mappable regions live
 * @watch: inotify's name for it
 * @opens: descriptions that clients hold
 * @node: what was opened
 * @file: the engine's side
 */
struct run_handle {
	struct run_handle *next;
	dev_t dev;
	ino_t ino;
	int fd;
	int watch;
	unsigned int opens;
	const struct run_node *node;
	struct uiommu_file *file;
};

/*
 * @inotify: tells of their closes
 * @count: how many there are
 * @most: how many there may be
 */
struct run_handles {
	int inotify;
	unsigned int count;
	unsigned int most;
	struct run_handle *bucket[NR_BUCKETS];
};

/*
 * A client that ends closes all it has at once. Each close must find room in the
 * queue: one that is lost would leave its device bound for good.
 */
static unsigned int most_handles(void)
{
	unsigned int queue = 0, most;
	struct rlimit limit;
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "re");

	if (f && fscanf(f, "%u", &queue) != 1)
		queue = 0;
	if (f)
		fclose(f);
	most = (queue ? queue : 16384) / 2;
	/* Each is a descriptor of ours, and other things need some too. */
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_max / 2 < most)
		most = (unsigned int)(limit.rlim_max / 2);
	return most;
}

int run_handles_init(struct run *r)
{
	r->handles = calloc(1, sizeof(*r->handles));
	if (!r->handles)
		return -ENOMEM;
	r->handles->most = most_handles();
	r->handles->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return r->handles->inotify < 0 ? -errno : 0;
}

int run_handles_fd(const struct run *r)
{
	return r->handles->inotify;
}

unsigned int run_handles_count(const struct run *r)
{
	return r->handles->count;
}

static struct run_handle **bucket_of(struct run_handles *handles, ino_t ino)
{
	return &handles->bucket[ino % NR_BUCKETS];
}

static void unlink_handle(struct run_handles *handles, struct run_handle *h)
{
	struct run_handle **p = bucket_of(handles, h->ino);

	while (*p != h)
		p = &(*p)->next;
	*p = h->next;
	handles->count--;
}

/* @h is in no bucket any more. */
static void release(struct run_handles *handles, struct run_handle *h)
{
	if (h->watch >= 0)
		inotify_rm_watch(handles->inotify, h->watch);
	if (h->file)
		uiommu_file_put(h->file);
	close(h->fd);
	free(h);
}

unsigned int run_handles_fini(struct run *r)
{
	unsigned int i, left = 0;
	struct run_handle *h;

	if (!r->handles)
		return 0;
	for (i = 0; i < NR_BUCKETS; i++) {
		while ((h = r->handles->bucket[i])) {
			unlink_handle(r->handles, h);
			run_observe_close(r, h);
			release(r->handles, h);
			left++;
		}
	}
	close(r->handles->inotify);
	free(r->handles);
	r->handles = NULL;
	return left;
}

static struct run_handle *find_watch(struct run_handles *handles, int watch)
{
	struct run_handle *h;
	unsigned int i;

	for (i = 0; i < NR_BUCKETS; i++) {
		for (h = handles->bucket[i]; h; h = h->next) {
			if (h->watch == watch)
				return h;
		}
	}
	return NULL;
}

static void event(struct run *r, const struct inotify_event *e)
{
	struct run_handle *h = find_watch(r->handles, e->wd);

	if (!h)
		return;
	if (e->mask & IN_OPEN)
		h->opens++;
	if ((e->mask & IN_CLOSE) && !--h->opens) {
		unlink_handle(r->handles, h);
		run_observe_close(r, h);
		release(r->handles, h);
	}
}

void run_handles_drain(struct run *r)
{
	union {
		char bytes[4096];
		struct inotify_event align;
	} buf;
	const struct inotify_event *e;
	ssize_t n;
	char *p;

	for (;;) {
		n = read(r->handles->inotify, &buf, sizeof(buf));
		if (n <= 0)
			return;
		for (p = buf.bytes; p < buf.bytes + n;
		     p += sizeof(*e) + e->len) {
			e = (const struct inotify_event *)p;
			event(r, e);
		}
	}
}

struct run_handle *run_handle_by_file(struct run *r, const struct stat *st)
{
	struct run_handle *h;

	for (h = *bucket_of(r->handles, st->st_ino); h; h = h->next) {
		if (h->ino == st->st_ino && h->dev == st->st_dev)
			return h;
	}
	return NULL;
}

const struct run_node *run_handle_node(struct run *r, const struct stat *st)
{
	struct run_handle *h = run_handle_by_file(r, st);

	return h ? h->node : NULL;
}

int run_handle_find(struct run *r, pid_t tid, int fd, struct run_handle **out)
{
	struct stat st;
	int error;

	*out = NULL;
	error = run_task_fstat_fast(r->tasks, tid, fd, &st);
	if (error)
		return -EBADF;
	*out = run_handle_by_file(r, &st);
	return 0;
}

struct uiommu_file *run_handle_file(const struct run_handle *h)
{
	return h->file;
}

const char *run_handle_path(const struct run_handle *h)
{
	return h->node->path;
}

/* Regions lie at (index + 1) << 40; the file must reach behind the last one. */
static int make_backing(struct run_handle *h)
{
	const char *name = strrchr(h->node->path, '/') + 1;
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	struct stat st;

	h->fd = memfd_create(name,
			     MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (h->fd < 0 && errno == EINVAL)
		h->fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (h->fd < 0)
		return -errno;
	if ((h->node->device && ftruncate(h->fd, (off_t)1 << 44)) ||
	    fcntl(h->fd, F_ADD_SEALS, seals) || fstat(h->fd, &st))
		return -errno;
	h->dev = st.st_dev;
	h->ino = st.st_ino;
	return 0;
}

/*
 * The client's description is one of its own: ours, which stays open, must not
 * count. The watch comes after it, so that it sees the client's close only.
 */
static int open_for_client(struct run *r, struct run_handle *h, int flags)
{
	const int keep = O_ACCMODE | O_NONBLOCK;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", h->fd);
	fd = open(path, (flags & keep) | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	h->watch = inotify_add_watch(r->handles->inotify, path,
				     IN_OPEN | IN_CLOSE);
	if (h->watch < 0) {
		close(fd);
		return -ENFILE;
	}
	h->opens = 1;
	return fd;
}

static int open_engine(struct run *r, struct run_handle *h)
{
	if (h->node->device)
		return uiommu_open_device(h->node->device, h->fd, &h->file);
	return uiommu_open_iommufd(r->u, &h->file);
}

static struct run_handle *new_handle(struct run *r, const struct run_node *node,
				     int flags, int *fd)
{
	struct run_handle *h = calloc(1, sizeof(*h));
	int error;

	if (!h) {
		*fd = -ENOMEM;
		return NULL;
	}
	*h = (struct run_handle){ .fd = -1, .watch = -1, .node = node };
	error = make_backing(h);
	if (!error)
		error = open_engine(r, h);
	*fd = error ? error : open_for_client(r, h, flags);
	if (*fd >= 0)
		return h;
	release(r->handles, h);
	return NULL;
}

static void open_observed(struct run *r, const struct run_node *node, int flags,
			  struct run_seen *seen)
{
	struct run_handle *h, **bucket;
	int fd, number;

	run_handles_drain(r);
	h = NULL;
	fd = -ENFILE;
	if (r->handles->count < r->handles->most)
		h = new_handle(r, node, flags, &fd);
	if (!h) {
		run_observe_end(seen, fd);
		run_reply(r, fd);
		return;
	}
	bucket = bucket_of(r->handles, h->ino);
	h->next = *bucket;
	*bucket = h;
	r->handles->count++;
	number = run_reply_fd(r, fd, flags & O_CLOEXEC);
	run_observe_end(seen, number);
	/* If the client did not get it, this is the last close. */
	close(fd);
}

void run_handle_open(struct run *r, const struct run_node *node, int flags)
{
	struct run_seen seen;

	run_observe_begin(r, &seen, RUN_OP_OPEN, NULL);
	seen.path = node->path;
	seen.flags = flags;
	run_observe_ready(&seen);
	open_observed(r, node, flags, &seen);
}
