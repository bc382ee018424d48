/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uiommu/user.h>

#include "event.h"
#include "failnth.h"
#include "inject.h"
#include "notify.h"
#include "path.h"
#include "task.h"

/*
 * struct failnth - an open file
 * @r: the run
 * @tid: the thread that it is about
 */
struct failnth {
	struct uiommu_file file;
	struct run *r;
	pid_t tid;
};

static struct failnth *of_file(struct uiommu_file *file)
{
	return (struct failnth *)file;
}

static int64_t failnth_read(struct uiommu_file *file, struct uiommu_user *user,
			    uint64_t uaddr, size_t count, uint64_t offset)
{
	struct failnth *f = of_file(file);
	char text[16];
	size_t len;
	int rc;

	len = (size_t)snprintf(text, sizeof(text), "%u\n",
			       run_inject_get(f->r, f->tid));
	if (offset >= len)
		return 0;
	if (count > len - offset)
		count = len - offset;
	rc = user->ops->copy_out(user, uaddr, text + offset, count);
	return rc ? rc : (int64_t)count;
}

/* A number in any base that C knows, and perhaps the end of a line. */
static int parse(char *text, uint32_t *nth)
{
	size_t len = strlen(text);
	char *end;
	unsigned long long value;

	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 0);
	if (*end)
		return -EINVAL;
	if (errno || value > UINT32_MAX)
		return -ERANGE;
	*nth = (uint32_t)value;
	return 0;
}

static int64_t failnth_write(struct uiommu_file *file, struct uiommu_user *user,
			     uint64_t uaddr, size_t count, uint64_t offset)
{
	struct failnth *f = of_file(file);
	char text[32] = { 0 };
	uint32_t nth = 0;
	int rc;

	if (count >= sizeof(text))
		return -EINVAL;
	rc = user->ops->copy_in(user, text, uaddr, count);
	if (!rc)
		rc = parse(text, &nth);
	if (!rc)
		rc = run_inject_set(f->r, f->tid, nth);
	return rc ? rc : (int64_t)count;
}

static void failnth_release(struct uiommu_file *file)
{
	free(of_file(file));
}

static const struct uiommu_file_ops failnth_ops = {
	.kind = "fail-nth",
	.has_position = true,
	.read = failnth_read,
	.write = failnth_write,
	.release = failnth_release,
};

static pid_t whose(const struct run *r, const char *who)
{
	if (!strcmp(who, "self"))
		return run_task_process(r->tasks, (pid_t)r->req->pid);
	if (!strcmp(who, "thread-self"))
		return (pid_t)r->req->pid;
	return (pid_t)atoi(who);
}

/* The thread that @path is about; 0: another file. */
static pid_t thread_of(const struct run *r, const char *path)
{
	char who[32], task[32];
	int end = 0;

	if (sscanf(path, "/proc/%31[^/]/fail-nth%n", who, &end) == 1 && end &&
	    !path[end])
		return whose(r, who);
	end = 0;
	if (sscanf(path, "/proc/%31[^/]/task/%31[^/]/fail-nth%n", who, task,
		   &end) == 2 &&
	    end && !path[end])
		return whose(r, task);
	return 0;
}

/* Return: the caller's descriptor, or -errno. */
static int install(struct run *r, pid_t tid)
{
	struct failnth *f = calloc(1, sizeof(*f));
	int fd, rc;

	if (!f)
		return -ENOMEM;
	f->file.ops = &failnth_ops;
	f->file.refs = 1;
	f->file.backing = -1;
	f->r = r;
	f->tid = tid;
	fd = run_event_new_fd(r);
	rc = fd < 0 ? fd : run_event_install(r, fd, &f->file);
	uiommu_file_put(&f->file);
	return rc ? rc : fd;
}

bool run_failnth_open(struct run *r, int dirfd, uint64_t name)
{
	char path[PATH_MAX];
	pid_t tid;

	if (!r->config->mock || run_path_text(r, dirfd, name, path))
		return false;
	tid = thread_of(r, path);
	if (tid <= 0)
		return false;
	if (!run_task_birth(r->tasks, tid))
		run_reply(r, -ENOENT);
	else
		run_reply(r, install(r, tid));
	return true;
}
