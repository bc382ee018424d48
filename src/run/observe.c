/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include <uiommu/user.h>

#include "client.h"
#include "handle.h"
#include "observe.h"
#include "supervisor.h"
#include "task.h"
#include "tree.h"

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static bool watched(const struct run *r)
{
	return r->config->begin || r->config->end;
}

/* The caller's part of what is seen. */
static void add_caller(struct run *r, struct run_seen *seen)
{
	pid_t process = run_task_process(r->tasks, (pid_t)r->req->pid);

	seen->tid = (pid_t)r->req->pid;
	seen->pid = process > 0 ? process : seen->tid;
}

static void add_handle(struct run_seen *seen, const struct run_handle *h)
{
	const struct uiommu_file *file = run_handle_file(h);

	seen->path = run_handle_path(h);
	seen->kind = file ? file->ops->kind : NULL;
}

static void add_arguments(struct run_seen *seen, const __u64 *arg)
{
	switch (seen->op) {
	case RUN_OP_IOCTL:
		seen->fd = (int)arg[0];
		seen->cmd = (unsigned int)arg[1];
		seen->arg = arg[2];
		break;
	case RUN_OP_READ:
	case RUN_OP_WRITE:
		seen->fd = (int)arg[0];
		seen->addr = arg[1];
		seen->len = arg[2];
		seen->offset = arg[3];
		break;
	case RUN_OP_MMAP:
		seen->addr = arg[0];
		seen->len = arg[1];
		seen->prot = (int)arg[2];
		seen->flags = (int)arg[3];
		seen->fd = (int)arg[4];
		seen->offset = arg[5];
		break;
	case RUN_OP_OPEN:
	case RUN_OP_CLOSE:
		break;
	}
}

void run_observe_begin(struct run *r, struct run_seen *seen, enum run_op op,
		       const struct run_handle *h)
{
	if (!watched(r)) {
		seen->r = NULL; /* Nobody watches. */
		return;
	}
	memset(seen, 0, sizeof(*seen));
	seen->r = r;
	seen->op = op;
	seen->fd = -1;
	seen->begin_ns = now_ns();
	add_caller(r, seen);
	if (h)
		add_handle(seen, h);
	add_arguments(seen, r->req->data.args);
}

void run_observe_event(struct run *r, struct run_seen *seen, enum run_op op,
		       const struct uiommu_file *file)
{
	run_observe_begin(r, seen, op, NULL);
	if (!seen->r)
		return;
	seen->path = seen->kind = file->ops->kind;
	seen->offset = 0;
	run_observe_ready(seen);
}

void run_observe_ready(struct run_seen *seen)
{
	if (seen->r && seen->r->config->begin)
		seen->r->config->begin(seen->r->config->arg, seen->r->u, seen);
}

void run_observe_end(struct run_seen *seen, int64_t result)
{
	if (!seen->r)
		return;
	seen->end_ns = now_ns();
	seen->result = result;
	seen->files = run_handles_count(seen->r);
	if (seen->r->config->end)
		seen->r->config->end(seen->r->config->arg, seen->r->u, seen);
}

void run_observe_close(struct run *r, const struct run_handle *h)
{
	struct run_seen seen;

	if (r->config->closing)
		r->config->closing(r->config->arg, r->u, run_handle_device(h));
	if (!watched(r))
		return;
	memset(&seen, 0, sizeof(seen));
	seen.r = r;
	seen.op = RUN_OP_CLOSE;
	seen.fd = -1;
	seen.begin_ns = now_ns();
	add_handle(&seen, h);
	run_observe_ready(&seen);
	run_observe_end(&seen, 0);
}

int run_seen_read(const struct run_seen *seen, void *dst, uint64_t src,
		  size_t len)
{
	return run_client_read(seen->r, dst, src, len) ? -EFAULT : 0;
}
