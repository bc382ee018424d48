/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

#include "client.h"
#include "handle.h"
#include "path.h"
#include "task.h"
#include "tree.h"

#define MAX_LINKS 40 /* as the kernel */

/*
 * struct walk - a resolution in progress
 * @r: the run, whose current request it is for
 * @follow: follow a link in the last component
 * @done: resolved so far, "" = the root
 * @rest: what remains
 * @links: links followed
 * @inside: was in the tree on the way
 * @out: the result
 */
struct walk {
	struct run *r;
	bool follow;
	char done[PATH_MAX];
	char rest[PATH_MAX];
	unsigned int links;
	bool inside;
	struct run_path *out;
};

/* The client's root directory: ours, unless somebody has called chroot(). */
static int open_root(struct run *r)
{
	if (!r->roots_differ)
		return r->rootfd;
	return run_task_open(r->tasks, (pid_t)r->req->pid, "root",
			     O_PATH | O_DIRECTORY);
}

static void close_root(struct run *r, int fd)
{
	if (fd != r->rootfd && fd >= 0)
		close(fd);
}

/* A path below the tree's own directory is the modelled one. */
static void unprefix(const struct run_tree *tree, char *path)
{
	const char *dir = run_tree_dir(tree);
	size_t len = strlen(dir);

	if (!strncmp(path, dir, len) && (!path[len] || path[len] == '/'))
		memmove(path, path + len, strlen(path + len) + 1);
}

/* Put the directory that a relative path starts from in front of it. */
static int make_absolute(struct run *r, int dirfd, char path[PATH_MAX])
{
	char base[PATH_MAX];
	size_t len;
	int n;

	if (path[0] == '/')
		return 0;
	if (dirfd == AT_FDCWD)
		n = run_task_readlink(r->tasks, (pid_t)r->req->pid, "cwd", base,
				      sizeof(base));
	else
		n = run_task_fd_path(r->tasks, (pid_t)r->req->pid, dirfd, base,
				     sizeof(base));
	if (n < 0)
		return n;
	if (base[0] != '/')
		return -ENOTDIR;
	unprefix(r->tree, base);
	len = strlen(base);
	if (len + 1 + strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	memmove(path + len + 1, path, strlen(path) + 1);
	memcpy(path, base, len);
	path[len] = '/';
	return 0;
}

/* Take the first component off @rest; false at the end. */
static bool next_component(char *rest, char name[NAME_MAX + 1])
{
	size_t skip = strspn(rest, "/"), len = strcspn(rest + skip, "/");

	if (!len)
		return false;
	if (len > NAME_MAX) {
		name[0] = '\0'; /* no file has such a name */
		return false;
	}
	memcpy(name, rest + skip, len);
	name[len] = '\0';
	memmove(rest, rest + skip + len, strlen(rest + skip + len) + 1);
	return true;
}

static void chop(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

/* True for "." and "..", which are dealt with. */
static bool dots(char *done, const char *name)
{
	if (!strcmp(name, ".."))
		chop(done);
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static bool append(char *done, const char *name)
{
	size_t len = strlen(done), more = strlen(name);

	if (len + 1 + more >= PATH_MAX)
		return false;
	done[len] = '/';
	memcpy(done + len + 1, name, more + 1);
	return true;
}

/* Would the path, if none of its components were a link, meet the tree? */
static enum run_place lexical_place(const struct run_tree *tree,
				    const char *path, char done[PATH_MAX])
{
	enum run_place place = RUN_OUTSIDE;
	char rest[PATH_MAX], name[NAME_MAX + 1];

	strcpy(rest, path);
	done[0] = '\0';
	while (next_component(rest, name)) {
		if (dots(done, name))
			continue;
		if (!append(done, name))
			return RUN_OUTSIDE;
		if (run_tree_place(tree, done) == RUN_INSIDE)
			return RUN_INSIDE;
	}
	place = run_tree_place(tree, done);
	return place;
}

/*
 * One question to the kernel settles most paths: has it any link in it? If not,
 * it leads where it says, which is not into the tree.
 */
static bool plain(struct run *r, const char *path, bool follow, bool *exists)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | (follow ? 0u : O_NOFOLLOW),
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	int root = open_root(r);
	long fd;

	*exists = false;
	if (root < 0)
		return true;
	path += strspn(path, "/");
	fd = syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
	if (fd >= 0) {
		close((int)fd);
		*exists = true;
	}
	close_root(r, root);
	return fd >= 0 || errno == ENOENT || errno == ENOTDIR ||
	       errno == EACCES || errno == ENAMETOOLONG;
}

/* Go on at @target instead of @w->done, whose last component is a link. */
static int follow_link(struct walk *w, const char *target)
{
	size_t len = strlen(target);

	if (++w->links > MAX_LINKS)
		return -ELOOP;
	if (len + 1 + strlen(w->rest) >= PATH_MAX)
		return -ENAMETOOLONG;
	memmove(w->rest + len + 1, w->rest, strlen(w->rest) + 1);
	memcpy(w->rest, target, len);
	w->rest[len] = '/';
	if (!w->rest[len + 1])
		w->rest[len] = '\0';
	if (target[0] == '/')
		w->done[0] = '\0';
	else
		chop(w->done);
	return 0;
}

static bool at_end(const struct walk *w)
{
	return !w->rest[strspn(w->rest, "/")];
}

/* @w->done is in the tree. */
static int step_inside(struct walk *w)
{
	int tree = run_tree_fd(w->r->tree);
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	w->inside = true;
	if (fstatat(tree, w->done + 1, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return S_ISDIR(st.st_mode) || !w->rest[0] ? 0 : -ENOTDIR;
	/* "link/" means the directory, also for calls that do not follow. */
	if (at_end(w) && !w->follow && !w->rest[0])
		return 0;
	n = readlinkat(tree, w->done + 1, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	return follow_link(w, target);
}

/* /proc/<pid>/fd/<n>: the number and whose. */
static bool parse_descriptor(const char *path, pid_t self, pid_t *tid, int *fd)
{
	char who[32], end;

	if (sscanf(path, "/proc/%31[^/]/fd/%d%c", who, fd, &end) != 2)
		return false;
	if (!strcmp(who, "self") || !strcmp(who, "thread-self"))
		*tid = self;
	else
		*tid = (pid_t)atoi(who);
	return *tid > 0;
}

/* A descriptor's link in /proc says only a name; look at what is behind it. */
static bool step_descriptor(struct walk *w)
{
	char path[PATH_MAX];
	struct stat st;
	pid_t tid;
	int fd;

	if (!at_end(w) || !w->follow ||
	    !parse_descriptor(w->done, (pid_t)w->r->req->pid, &tid, &fd) ||
	    run_task_fstat(w->r->tasks, tid, fd, &st))
		return false;
	w->out->node = run_handle_node(w->r, &st);
	if (!w->out->node)
		w->out->node = run_tree_node_by_file(w->r->tree, &st);
	if (w->out->node) {
		strcpy(w->done, w->out->node->path);
		return true;
	}
	if (run_task_fd_path(w->r->tasks, tid, fd, path, sizeof(path)) < 0)
		return false;
	unprefix(w->r->tree, path);
	if (run_tree_place(w->r->tree, path) != RUN_INSIDE)
		return false;
	strcpy(w->done, path);
	return true;
}

/* @w->done is the system's: 1 = leave it to the kernel. */
static int step_outside(struct walk *w)
{
	char target[PATH_MAX];
	ssize_t n;
	int root;

	if (!strcmp(w->done, "/proc/self") ||
	    !strcmp(w->done, "/proc/thread-self")) {
		snprintf(target, sizeof(target), "%u", w->r->req->pid);
		return follow_link(w, target);
	}
	if (step_descriptor(w))
		return 0;
	root = open_root(w->r);
	if (root < 0)
		return 1;
	n = readlinkat(root, w->done + 1, target, sizeof(target) - 1);
	close_root(w->r, root);
	if (n < 0)
		return errno == EINVAL ? 0 : 1;
	if (at_end(w) && !w->follow && !w->rest[0])
		return 0;
	target[n] = '\0';
	return follow_link(w, target) ? 1 : 0;
}

static bool exists_natively(struct run *r, const char *path)
{
	int root = open_root(r);
	struct stat st;
	bool yes;

	yes = root >= 0 && !fstatat(root, path[0] ? path + 1 : ".", &st, 0);
	close_root(r, root);
	return yes;
}

/* The walk has ended at @w->done: whose is it? */
static int arrive(struct walk *w)
{
	struct run *r = w->r;
	struct stat st;

	strcpy(w->out->text, w->done);
	switch (run_tree_place(r->tree, w->done)) {
	case RUN_INSIDE:
		w->out->node = run_tree_node(r->tree, w->done);
		return 1;
	case RUN_ABOVE:
		if (exists_natively(r, w->done)) {
			w->out->native = true;
			return w->inside;
		}
		return !fstatat(run_tree_fd(r->tree), w->done + 1, &st, 0);
	case RUN_OUTSIDE:
		break;
	}
	return 0;
}

static int walk(struct walk *w)
{
	char name[NAME_MAX + 1];
	int error;

	while (next_component(w->rest, name)) {
		if (dots(w->done, name))
			continue;
		if (!append(w->done, name))
			return 0;
		switch (run_tree_place(w->r->tree, w->done)) {
		case RUN_INSIDE:
			error = step_inside(w);
			if (error)
				return error;
			break;
		case RUN_ABOVE: /* /dev, /sys and so on: directories */
			break;
		case RUN_OUTSIDE:
			error = step_outside(w);
			if (error)
				return 0;
			break;
		}
	}
	return arrive(w);
}

static int resolve(struct run *r, const char *path, bool follow,
		   struct run_path *out)
{
	struct walk w = { .r = r, .follow = follow, .out = out };
	enum run_place place;
	bool exists;

	place = lexical_place(r->tree, path, w.done);
	if (place != RUN_INSIDE && plain(r, path, follow, &exists) &&
	    (exists || place == RUN_OUTSIDE))
		return 0;
	w.done[0] = '\0';
	strcpy(w.rest, path);
	return walk(&w);
}

int run_path_text(struct run *r, int dirfd, uint64_t uaddr, char path[PATH_MAX])
{
	if (run_client_string(r, path, uaddr, PATH_MAX) <= 0 ||
	    make_absolute(r, dirfd, path))
		return -1;
	return 0;
}

int run_path_lookup(struct run *r, int dirfd, uint64_t uaddr, bool follow,
		    struct run_path *out)
{
	char path[PATH_MAX];

	out->node = NULL;
	out->native = false;
	if (run_path_text(r, dirfd, uaddr, path))
		return 0;
	return resolve(r, path, follow, out);
}

bool run_path_is_empty(struct run *r, uint64_t uaddr)
{
	char c = 0;

	return !uaddr || run_client_read(r, &c, uaddr, 1) || !c;
}

bool run_path_descriptor(struct run *r, uint64_t uaddr, pid_t *tid, int *fd)
{
	char path[64];

	return run_client_string(r, path, uaddr, sizeof(path)) > 0 &&
	       parse_descriptor(path, (pid_t)r->req->pid, tid, fd);
}
