/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/openat2.h>

#include "calls.h"
#include "client.h"
#include "failnth.h"
#include "handle.h"
#include "notify.h"
#include "path.h"
#include "status.h"
#include "task.h"
#include "tree.h"

static uint64_t arg(const struct run *r, unsigned int n)
{
	return r->req->data.args[n];
}

/* The system's own directory @path, or the tree's file. */
static int base_of(struct run *r, const struct run_path *path)
{
	return path->native ? r->rootfd : run_tree_fd(r->tree);
}

static const char *name_of(const struct run_path *path)
{
	if (path->node && path->node->kind == RUN_ANONYMOUS)
		return ".";
	return path->text[0] ? path->text + 1 : ".";
}

/* ---- open ---- */

/*
 * A file or directory of the tree: what is there can be read, no more. The kernel
 * hands out no descriptor that is only a path, so that one can be read too.
 */
static void open_plain(struct run *r, const struct run_path *path, int flags)
{
	const bool writable = run_tree_writable(path->text);
	const int keep = O_DIRECTORY | O_NONBLOCK | O_NOFOLLOW |
			 (writable ? O_ACCMODE | O_TRUNC | O_APPEND : 0);
	struct stat st;
	int fd;

	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
		run_reply(r, -EEXIST);
		return;
	}
	if ((flags & O_ACCMODE) != O_RDONLY && !(flags & O_PATH) && !writable) {
		fd = fstatat(base_of(r, path), name_of(path), &st, 0);
		run_reply(r, !fd && S_ISDIR(st.st_mode) ? -EISDIR : -EACCES);
		return;
	}
	run_tree_refresh(r->tree, path->text);
	fd = openat(base_of(r, path), name_of(path),
		    (flags & keep) | O_CLOEXEC);
	if (fd < 0) {
		run_reply(r, -errno);
		return;
	}
	run_reply_fd(r, fd, flags & O_CLOEXEC);
	close(fd);
}

static void open_path(struct run *r, const struct run_path *path, int flags)
{
	if (!path->node)
		open_plain(r, path, flags);
	else if (flags & O_DIRECTORY)
		run_reply(r, -ENOTDIR);
	else if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		run_reply(r, -EEXIST);
	else
		run_handle_open(r, path->node, flags);
}

static void do_open(struct run *r, int dirfd, uint64_t name, int flags)
{
	struct run_path path;
	int found =
		run_path_lookup(r, dirfd, name, !(flags & O_NOFOLLOW), &path);

	if (found < 0)
		run_reply(r, found);
	else if (found)
		open_path(r, &path, flags);
	else if (!run_failnth_open(r, dirfd, name) &&
		 !run_status_open(r, dirfd, name, flags))
		run_continue(r);
}

void run_call_open(struct run *r)
{
	do_open(r, AT_FDCWD, arg(r, 0), (int)arg(r, 1));
}

void run_call_creat(struct run *r)
{
	do_open(r, AT_FDCWD, arg(r, 0), O_CREAT | O_WRONLY | O_TRUNC);
}

void run_call_openat(struct run *r)
{
	do_open(r, (int)arg(r, 0), arg(r, 1), (int)arg(r, 2));
}

void run_call_openat2(struct run *r)
{
	struct open_how how;

	if (arg(r, 3) < sizeof(how) ||
	    run_client_read(r, &how, arg(r, 2), sizeof(how)))
		run_continue(r);
	else
		do_open(r, (int)arg(r, 0), arg(r, 1), (int)how.flags);
}

/* ---- stat ---- */

/* Linux has a file of no type where no path leads. */
static uint16_t mode_of(const struct run_node *node)
{
	return node->kind == RUN_ANONYMOUS ? 0600 : S_IFCHR | 0666;
}

/* The place holder of a character device becomes what it stands for. */
static void dress(const struct run_node *node, struct stat *st)
{
	st->st_mode = mode_of(node);
	st->st_rdev = node->rdev;
	st->st_size = 0;
	st->st_blocks = 0;
}

static void dress_statx(const struct run_node *node, struct statx *stx)
{
	stx->stx_mode = mode_of(node);
	stx->stx_rdev_major = major(node->rdev);
	stx->stx_rdev_minor = minor(node->rdev);
	stx->stx_size = 0;
	stx->stx_blocks = 0;
}

static void reply_out(struct run *r, uint64_t dst, const void *src, size_t len)
{
	run_reply(r, run_client_write(r, dst, src, len) ? -EFAULT : 0);
}

/* The C library's structure is the kernel's on 64-bit machines. */
static void reply_stat(struct run *r, const struct run_path *path, uint64_t out)
{
	struct stat st;

	if (fstatat(base_of(r, path), name_of(path), &st,
		    AT_SYMLINK_NOFOLLOW)) {
		run_reply(r, -errno);
		return;
	}
	if (path->node)
		dress(path->node, &st);
	reply_out(r, out, &st, sizeof(st));
}

static void do_stat(struct run *r, int dirfd, uint64_t name, uint64_t out,
		    bool follow)
{
	struct run_path path;
	int found = run_path_lookup(r, dirfd, name, follow, &path);

	if (!found)
		run_continue(r);
	else if (found < 0)
		run_reply(r, found);
	else
		reply_stat(r, &path, out);
}

/* The modelled device behind a descriptor; false: somebody else's file. */
static bool descriptor_path(struct run *r, int fd, struct run_path *path)
{
	struct stat st;

	if (run_task_fstat(r->tasks, (pid_t)r->req->pid, fd, &st))
		return false;
	path->native = false;
	path->node = run_handle_node(r, &st);
	if (!path->node)
		path->node = run_tree_node_by_file(r->tree, &st);
	if (path->node)
		strcpy(path->text, path->node->path);
	return path->node;
}

static void do_fstat(struct run *r, int fd, uint64_t out)
{
	struct run_path path;

	if (descriptor_path(r, fd, &path))
		reply_stat(r, &path, out);
	else
		run_continue(r);
}

void run_call_stat(struct run *r)
{
	do_stat(r, AT_FDCWD, arg(r, 0), arg(r, 1), true);
}

void run_call_lstat(struct run *r)
{
	do_stat(r, AT_FDCWD, arg(r, 0), arg(r, 1), false);
}

void run_call_fstat(struct run *r)
{
	do_fstat(r, (int)arg(r, 0), arg(r, 1));
}

/* Does the call name a descriptor and no path? */
static bool by_descriptor(struct run *r, uint64_t flags)
{
	return flags & AT_EMPTY_PATH && (int)arg(r, 0) != AT_FDCWD &&
	       run_path_is_empty(r, arg(r, 1));
}

void run_call_newfstatat(struct run *r)
{
	uint64_t flags = arg(r, 3);

	if (by_descriptor(r, flags))
		do_fstat(r, (int)arg(r, 0), arg(r, 2));
	else
		do_stat(r, (int)arg(r, 0), arg(r, 1), arg(r, 2),
			!(flags & AT_SYMLINK_NOFOLLOW));
}

void run_call_statx(struct run *r)
{
	uint64_t flags = arg(r, 2);
	struct run_path path;
	struct statx stx;
	int found;

	if (by_descriptor(r, flags))
		found = descriptor_path(r, (int)arg(r, 0), &path);
	else
		found = run_path_lookup(r, (int)arg(r, 0), arg(r, 1),
					!(flags & AT_SYMLINK_NOFOLLOW), &path);
	if (!found) {
		run_continue(r);
		return;
	}
	if (found > 0 &&
	    statx(base_of(r, &path), name_of(&path), AT_SYMLINK_NOFOLLOW,
		  (unsigned int)arg(r, 3), &stx))
		found = -errno;
	if (found < 0) {
		run_reply(r, found);
		return;
	}
	if (path.node)
		dress_statx(path.node, &stx);
	reply_out(r, arg(r, 4), &stx, sizeof(stx));
}

/* ---- access, readlink, attributes ---- */

static int may(struct run *r, const struct run_path *path, int mode)
{
	struct stat st;

	if (fstatat(base_of(r, path), name_of(path), &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (path->node)
		return mode & X_OK ? -EACCES : 0;
	if (mode & W_OK || (mode & X_OK && !S_ISDIR(st.st_mode)))
		return -EACCES;
	return 0;
}

static void do_access(struct run *r, int dirfd, uint64_t name, int mode,
		      uint64_t flags)
{
	struct run_path path;
	int found = run_path_lookup(r, dirfd, name,
				    !(flags & AT_SYMLINK_NOFOLLOW), &path);

	if (!found)
		run_continue(r);
	else
		run_reply(r, found < 0 ? found : may(r, &path, mode));
}

void run_call_access(struct run *r)
{
	do_access(r, AT_FDCWD, arg(r, 0), (int)arg(r, 1), 0);
}

void run_call_faccessat(struct run *r)
{
	do_access(r, (int)arg(r, 0), arg(r, 1), (int)arg(r, 2), 0);
}

void run_call_faccessat2(struct run *r)
{
	do_access(r, (int)arg(r, 0), arg(r, 1), (int)arg(r, 2), arg(r, 3));
}

static void reply_text(struct run *r, const char *text, uint64_t out,
		       uint64_t size)
{
	size_t len = strlen(text);

	if ((int)size <= 0) {
		run_reply(r, -EINVAL);
		return;
	}
	if (len > size)
		len = size;
	if (run_client_write(r, out, text, len))
		run_reply(r, -EFAULT);
	else
		run_reply(r, (int64_t)len);
}

/* /proc/<pid>/fd/<n> of a modelled file says the path that was opened. */
static bool readlink_descriptor(struct run *r, uint64_t name, uint64_t out,
				uint64_t size)
{
	char text[PATH_MAX];
	const char *dir = run_tree_dir(r->tree);
	struct run_path path;
	size_t len = strlen(dir);
	pid_t tid;
	int fd;

	if (!run_path_descriptor(r, name, &tid, &fd) ||
	    tid != (pid_t)r->req->pid)
		return false;
	if (descriptor_path(r, fd, &path)) {
		reply_text(r, path.text, out, size);
		return true;
	}
	if (run_task_fd_path(r->tasks, tid, fd, text, sizeof(text)) < 0 ||
	    strncmp(text, dir, len) != 0 || text[len] != '/')
		return false;
	reply_text(r, text + len, out, size);
	return true;
}

static void do_readlink(struct run *r, int dirfd, uint64_t name, uint64_t out,
			uint64_t size)
{
	char text[PATH_MAX];
	struct run_path path;
	int found = run_path_lookup(r, dirfd, name, false, &path);
	ssize_t n;

	if (!found) {
		if (!readlink_descriptor(r, name, out, size))
			run_continue(r);
		return;
	}
	if (found < 0) {
		run_reply(r, found);
		return;
	}
	n = readlinkat(base_of(r, &path), name_of(&path), text,
		       sizeof(text) - 1);
	if (n < 0) {
		run_reply(r, -errno);
		return;
	}
	text[n] = '\0';
	reply_text(r, text, out, size);
}

void run_call_readlink(struct run *r)
{
	do_readlink(r, AT_FDCWD, arg(r, 0), arg(r, 1), arg(r, 2));
}

void run_call_readlinkat(struct run *r)
{
	do_readlink(r, (int)arg(r, 0), arg(r, 1), arg(r, 2), arg(r, 3));
}

/* Listing programs ask for access lists; the tree has none. */
static void do_xattr(struct run *r, bool follow)
{
	struct run_path path;
	int found = run_path_lookup(r, AT_FDCWD, arg(r, 0), follow, &path);

	if (!found)
		run_continue(r);
	else
		run_reply(r, found < 0 ? found : -EOPNOTSUPP);
}

void run_call_xattr(struct run *r)
{
	do_xattr(r, true);
}

void run_call_lxattr(struct run *r)
{
	do_xattr(r, false);
}

/* From now on a client's root directory must be looked up each time. */
void run_call_chroot(struct run *r)
{
	r->roots_differ = true;
	run_continue(r);
}
