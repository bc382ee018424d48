/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <uiommu/user.h>

#include "memory.h"
#include "notify.h"
#include "path.h"
#include "status.h"
#include "task.h"

#define MAX_STATUS 8192 /* the text has less than 2000 bytes */

static pid_t whose(const struct run *r, const char *who)
{
	if (!strcmp(who, "self") || !strcmp(who, "thread-self"))
		return (pid_t)r->req->pid;
	return (pid_t)atoi(who);
}

/* The thread whose status @path is; 0: another file. */
static pid_t status_of(const struct run *r, const char *path)
{
	char who[32], task[32];
	int end = 0;

	if (sscanf(path, "/proc/%31[^/]/status%n", who, &end) == 1 && end &&
	    !path[end])
		return whose(r, who);
	end = 0;
	if (sscanf(path, "/proc/%31[^/]/task/%31[^/]/status%n", who, task,
		   &end) == 2 &&
	    end && !path[end])
		return whose(r, task);
	return 0;
}

static size_t read_status(struct run *r, pid_t tid, char text[MAX_STATUS])
{
	int fd = run_task_open(r->tasks, tid, "status", O_RDONLY);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return 0;
	while ((n = read(fd, text + len, MAX_STATUS - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	text[len] = '\0';
	return len;
}

/* "VmPin:\t       0 kB": as wide as the kernel prints it, or wider. */
static void print_line(FILE *out, const char *line, size_t len,
		       const struct run_pinned *pinned)
{
	const char *colon = memchr(line, ':', len);
	int64_t pages = 0;

	if (!strncmp(line, "VmPin:", 6))
		pages = pinned->pinned;
	else if (!strncmp(line, "VmLck:", 6))
		pages = pinned->locked;
	if (!pages)
		fwrite(line, 1, len, out);
	else
		fprintf(out, "%.*s:\t%8lld kB\n", (int)(colon - line), line,
			atoll(colon + 1) +
				pages * (long long)UIOMMU_PAGE_SIZE / 1024);
}

static void print_status(FILE *out, const char *text,
			 const struct run_pinned *pinned)
{
	size_t len;

	for (; *text; text += len) {
		len = strcspn(text, "\n");
		len += text[len] == '\n';
		print_line(out, text, len, pinned);
	}
}

/* A file of its own with the text; a descriptor that only reads, or -errno. */
static int make_file(const char *text, const struct run_pinned *pinned)
{
	int fd = memfd_create("status", MFD_CLOEXEC), copy, reader;
	char path[32];
	FILE *out;

	copy = fd < 0 ? -1 : dup(fd);
	out = copy < 0 ? NULL : fdopen(copy, "w");
	if (!out) {
		if (copy >= 0)
			close(copy);
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	print_status(out, text, pinned);
	fclose(out);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	return reader < 0 ? -errno : reader;
}

bool run_status_open(struct run *r, int dirfd, uint64_t name, int flags)
{
	char path[PATH_MAX], text[MAX_STATUS];
	struct run_pinned pinned;
	pid_t tid;
	int fd;

	if (!run_memory_any_pinned(r->memory) || flags & (O_PATH | O_CREAT) ||
	    (flags & O_ACCMODE) != O_RDONLY ||
	    run_path_text(r, dirfd, name, path))
		return false;
	tid = status_of(r, path);
	if (tid <= 0 || !run_memory_of(r->memory, tid, &pinned) ||
	    !read_status(r, tid, text))
		return false;
	fd = make_file(text, &pinned);
	if (fd < 0)
		return false;
	run_reply_fd(r, fd, flags & O_CLOEXEC);
	close(fd);
	return true;
}
