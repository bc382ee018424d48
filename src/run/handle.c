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

struct uiommu_device *run_handle_device(const struct run_handle *h)
{
	return h->node->device;
}

const char *run_handle_path(const struct run_handle *h)
{
	return h->node->path;
}

int run_handle_backing(const char *name, uint64_t size)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	int fd, error;

	fd = memfd_create(name,
			  MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	if ((!size || !ftruncate(fd, (off_t)size)) &&
	    !fcntl(fd, F_ADD_SEALS, seals))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* Remember which file the descriptor @fd, or an error, is. */
static int identify(struct run_handle *h, int fd)
{
	struct stat st;

	if (fd < 0)
		return fd;
	h->fd = fd;
	if (fstat(fd, &st))
		return -errno;
	h->dev = st.st_dev;
	h->ino = st.st_ino;
	return 0;
}

/*
 * Regions of a device lie at (index + 1) << 40, areas of virtual IOMMUs anywhere up to
 * there; the file must reach behind the last one.
 */
static int make_backing(struct run_handle *h)
{
	bool mappable = h->node->kind == RUN_CDEV || h->node->kind == RUN_IOMMU;

	return identify(h, run_handle_backing(strrchr(h->node->path, '/') + 1,
					      mappable ? 1ULL << 44 : 0));
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
	if (h->watch >= 0) /* which sees this open, too */
		return fd;
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
	switch (h->node->kind) {
	case RUN_IOMMU:
		return uiommu_open_iommufd_at(r->u, h->fd, &h->file);
	case RUN_CONTAINER:
		return uiommu_open_container(r->u, &h->file);
	case RUN_GROUP:
		return uiommu_open_group(r->u, h->node->group, &h->file);
	case RUN_CDEV:
		return uiommu_open_device(h->node->device, h->fd, &h->file);
	case RUN_ANONYMOUS:
		break;
	}
	return -ENXIO;
}

static void link_handle(struct run_handles *handles, struct run_handle *h)
{
	struct run_handle **bucket = bucket_of(handles, h->ino);

	h->next = *bucket;
	*bucket = h;
	handles->count++;
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
	struct run_handle *h;
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
	link_handle(r->handles, h);
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

/* ---- files that requests give out ---- */

static const struct run_node anonymous_device = {
	.path = "anon_inode:[vfio-device]",
	.kind = RUN_ANONYMOUS,
};

static struct run_handle *find_file(struct run_handles *handles,
				    const struct uiommu_file *file)
{
	struct run_handle *h;
	unsigned int i;

	for (i = 0; i < NR_BUCKETS; i++) {
		for (h = handles->bucket[i]; h; h = h->next) {
			if (h->file == file)
				return h;
		}
	}
	return NULL;
}

static int wrap_file(struct run *r, struct uiommu_file *file,
		     struct run_handle **out)
{
	struct run_handle *h;
	int error;

	if (r->handles->count >= r->handles->most)
		return -ENFILE;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	*h = (struct run_handle){
		.fd = -1,
		.watch = -1,
		.node = &anonymous_device,
	};
	error = identify(h, fcntl(file->backing, F_DUPFD_CLOEXEC, 0));
	if (error) {
		release(r->handles, h);
		return error;
	}
	uiommu_file_get(file);
	h->file = file;
	link_handle(r->handles, h);
	*out = h;
	return 0;
}

int run_handle_install(struct run *r, int fd, struct uiommu_file *file)
{
	struct run_handle *h;
	int ours, error = 0;

	run_handles_drain(r);
	h = find_file(r->handles, file);
	if (!h)
		error = wrap_file(r, file, &h);
	if (error)
		return error;
	ours = open_for_client(r, h, O_RDWR);
	if (ours < 0 && !h->opens) {
		unlink_handle(r->handles, h);
		release(r->handles, h);
	}
	if (ours < 0)
		return ours;
	error = run_replace_fd(r, ours, fd);
	/* If the client did not get it, this is the last close. */
	close(ours);
	return error;
}
