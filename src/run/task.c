/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/kcmp.h>

#include <uiommu/user.h>

#include "task.h"

#define NR_SLOTS 64
#define NR_FDS   3 /* per slot */

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

/*
 * struct task - one thread whose directories are open
 * @tid: its number; 0 = free
 * @process: its thread group; 0 = not asked yet
 * @dir: /proc/<tid>
 * @fds: /proc/<tid>/fd
 * @pidfd: of exactly this thread, or -1 where the kernel cannot (Linux 6.9)
 */
struct task {
	pid_t tid;
	pid_t process;
	int dir;
	int fds;
	int pidfd;
};

/*
 * A small cache: a slot serves the thread that asked last.
 * @nr: slots in use, so that most descriptors remain for other things
 */
struct run_tasks {
	unsigned int nr;
	struct task slot[NR_SLOTS];
};

struct run_tasks *run_tasks_new(void)
{
	struct run_tasks *tasks = calloc(1, sizeof(*tasks));
	struct rlimit limit;
	rlim_t nr = NR_SLOTS;

	if (!tasks)
		return NULL;
	if (!getrlimit(RLIMIT_NOFILE, &limit) &&
	    limit.rlim_max / (4 * NR_FDS) < nr)
		nr = limit.rlim_max / (4 * NR_FDS);
	tasks->nr = nr ? (unsigned int)nr : 1;
	return tasks;
}

static void forget(struct task *t)
{
	if (!t->tid)
		return;
	if (t->pidfd >= 0)
		close(t->pidfd);
	close(t->fds);
	close(t->dir);
	t->tid = 0;
}

void run_tasks_free(struct run_tasks *tasks)
{
	unsigned int i;

	if (!tasks)
		return;
	for (i = 0; i < NR_SLOTS; i++)
		forget(&tasks->slot[i]);
	free(tasks);
}

static struct task *slot_of(struct run_tasks *tasks, pid_t tid)
{
	return &tasks->slot[(unsigned int)tid % tasks->nr];
}

static int fill(struct task *t, pid_t tid)
{
	char path[32];
	int error;

	snprintf(path, sizeof(path), "/proc/%d", tid);
	t->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	t->fds = openat(t->dir, "fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->fds < 0) {
		error = -errno;
		close(t->dir);
		return error;
	}
	/* Without PIDFD_THREAD the first thread of a process has one still. */
	t->pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
	if (t->pidfd < 0)
		t->pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
	t->tid = tid;
	t->process = 0;
	return 0;
}

/* @fresh: what the cached directories said was a failure; they may be stale. */
static int lookup(struct run_tasks *tasks, pid_t tid, bool fresh,
		  struct task **out)
{
	struct task *t = slot_of(tasks, tid);

	*out = t;
	if (t->tid == tid && !fresh)
		return 0;
	forget(t);
	return fill(t, tid);
}

static bool stale(int error)
{
	return error == ENOENT || error == ESRCH;
}

int run_task_fstat(struct run_tasks *tasks, pid_t tid, int fd, struct stat *st)
{
	struct task *t;
	char name[16];
	int tries, error;

	if (fd < 0)
		return -EBADF;
	snprintf(name, sizeof(name), "%d", fd);
	for (tries = 0; tries < 2; tries++) {
		error = lookup(tasks, tid, tries > 0, &t);
		if (error)
			return error;
		if (!fstatat(t->fds, name, st, 0))
			return 0;
		if (!stale(errno))
			return -errno;
	}
	return -EBADF;
}

int run_task_fstat_fast(struct run_tasks *tasks, pid_t tid, int fd,
			struct stat *st)
{
	struct task *t;
	int error, copy;

	error = lookup(tasks, tid, false, &t);
	if (error)
		return error;
	copy = (int)syscall(SYS_pidfd_getfd, t->pidfd, fd, 0);
	if (copy < 0)
		return run_task_fstat(tasks, tid, fd, st);
	error = fstat(copy, st) ? -errno : 0;
	close(copy);
	return error;
}

int run_task_reopen(struct run_tasks *tasks, pid_t tid, int fd, int flags,
		    const struct stat *st)
{
	struct stat now;
	char name[32];
	int new, error;

	snprintf(name, sizeof(name), "fd/%d", fd);
	new = run_task_open(tasks, tid, name, flags);
	if (new < 0)
		return new;
	error = fstat(new, &now) ? -errno : 0;
	if (!error && now.st_dev == st->st_dev && now.st_ino == st->st_ino)
		return new;
	close(new);
	return error ? error : -EBADF;
}

int run_task_open(struct run_tasks *tasks, pid_t tid, const char *name,
		  int flags)
{
	struct task *t;
	int tries, error, fd;

	for (tries = 0; tries < 2; tries++) {
		error = lookup(tasks, tid, tries > 0, &t);
		if (error)
			return error;
		fd = openat(t->dir, name,
			    flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd >= 0)
			return fd;
		if (!stale(errno))
			return -errno;
	}
	return -errno;
}

int run_task_readlink(struct run_tasks *tasks, pid_t tid, const char *name,
		      char *buf, size_t size)
{
	struct task *t;
	int tries, error;
	ssize_t n;

	for (tries = 0; tries < 2; tries++) {
		error = lookup(tasks, tid, tries > 0, &t);
		if (error)
			return error;
		n = readlinkat(t->dir, name, buf, size - 1);
		if (n >= 0) {
			buf[n] = '\0';
			return (int)n;
		}
		if (!stale(errno))
			return -errno;
	}
	return -errno;
}

int run_task_fd_path(struct run_tasks *tasks, pid_t tid, int fd, char *buf,
		     size_t size)
{
	char name[32];

	snprintf(name, sizeof(name), "fd/%d", fd);
	return run_task_readlink(tasks, tid, name, buf, size);
}

/*
 * Return: the value behind "@key:\t" of the file @name of /proc/<tid> in @base, or
 * @none.
 */
static unsigned long long value(struct run_tasks *tasks, pid_t tid,
				const char *name, const char *key, int base,
				unsigned long long none)
{
	char buf[4096];
	size_t len = strlen(key);
	const char *line;
	ssize_t n;
	int fd = run_task_open(tasks, tid, name, O_RDONLY);

	if (fd < 0)
		return none;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return none;
	buf[n] = '\0';
	for (line = buf; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len) && line[len] == ':')
			return strtoull(line + len + 1, NULL, base);
	}
	return none;
}

static unsigned long long status(struct run_tasks *tasks, pid_t tid,
				 const char *key, int base,
				 unsigned long long none)
{
	return value(tasks, tid, "status", key, base, none);
}

int run_task_fd_flags(struct run_tasks *tasks, pid_t tid, int fd)
{
	const unsigned long long none = ~0ull;
	unsigned long long flags;
	char name[32];

	snprintf(name, sizeof(name), "fdinfo/%d", fd);
	flags = value(tasks, tid, name, "flags", 8, none);
	return flags == none ? -ESRCH : (int)flags;
}

pid_t run_task_process(struct run_tasks *tasks, pid_t tid)
{
	struct task *t = slot_of(tasks, tid);
	pid_t process;

	/* A stale entry is one whose directory has become empty. */
	if (t->tid == tid && t->process && !faccessat(t->dir, "fd", F_OK, 0))
		return t->process;
	process = (pid_t)status(tasks, tid, "Tgid", 10, 0);
	if (!process)
		return -ESRCH;
	if (t->tid == tid)
		t->process = process;
	return process;
}

int run_task_getfd(struct run_tasks *tasks, pid_t tid, int fd)
{
	long pidfd, new;
	pid_t process;

	if (fd < 0)
		return -EBADF;
	/* Threads may have descriptor tables of their own. */
	pidfd = syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
	if (pidfd < 0) {
		process = run_task_process(tasks, tid);
		if (process < 0)
			return process;
		pidfd = syscall(SYS_pidfd_open, process, 0);
	}
	if (pidfd < 0)
		return -errno;
	new = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (new < 0)
		new = -errno;
	close((int)pidfd);
	return (int)new;
}

int run_task_find_file(struct run_tasks *tasks, pid_t tid, dev_t dev, ino_t ino)
{
	struct dirent *entry;
	struct stat st;
	int fd, found = -ENOENT;
	DIR *dir;

	fd = run_task_open(tasks, tid, "fd", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return -ENOENT;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOENT;
	}
	while (found < 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    fstatat(fd, entry->d_name, &st, 0) || st.st_dev != dev ||
		    st.st_ino != ino)
			continue;
		found = atoi(entry->d_name);
	}
	closedir(dir);
	return found;
}

bool run_task_same_memory(pid_t a, pid_t b)
{
	return !syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);
}

/* capget(2) takes a third of a microsecond, reading the text some twenty. */
bool run_task_capable(struct run_tasks *tasks, pid_t tid, unsigned int cap)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
		.pid = tid,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return status(tasks, tid, "CapEff", 16, 0) >> cap & 1;
	return data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

int64_t run_task_locked(struct run_tasks *tasks, pid_t tid)
{
	return (int64_t)(status(tasks, tid, "VmLck", 10, 0) * 1024 /
			 UIOMMU_PAGE_SIZE);
}

bool run_task_alone(struct run_tasks *tasks, pid_t tid)
{
	return status(tasks, tid, "Threads", 10, 0) == 1;
}

/* Field 4 of /proc/<pid>/stat; the name before it may hold anything. */
static pid_t parent_of(pid_t pid)
{
	char path[32], buf[256];
	const char *end;
	int fd, parent;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	end = strrchr(buf, ')');
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

bool run_task_below(pid_t pid, pid_t ancestor)
{
	while (pid > 0) {
		pid = parent_of(pid);
		if (pid == ancestor)
			return true;
	}
	return false;
}

/* proc(5): field 22 of stat; the second one, in parentheses, may have spaces. */
uint64_t run_task_birth(struct run_tasks *tasks, pid_t tid)
{
	int fd = run_task_open(tasks, tid, "stat", O_RDONLY);
	unsigned long long birth = 0;
	char text[1024], *p;
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	p = strrchr(text, ')');
	if (p)
		sscanf(p + 1,
		       "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		       "%*s %*s %*s %*s %*s %*s %llu",
		       &birth);
	return birth;
}
