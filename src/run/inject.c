/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "inject.h"
#include "task.h"

/*
 * struct run_inject - what a thread has asked for
 * @tid: the thread
 * @birth: when it began: its number may be another's by now
 * @left: things until one fails; 0 = none will
 */
struct run_inject {
	struct run_inject *next;
	pid_t tid;
	uint64_t birth;
	uint32_t left;
};

/* malloc() has no argument that could say for whom it is called. */
static _Thread_local struct run_inject *active;

bool run_inject_now(void)
{
	return active && active->left && !--active->left;
}

struct run_inject *run_inject_pause(void)
{
	struct run_inject *was = active;

	active = NULL;
	return was;
}

void run_inject_resume(struct run_inject *inject)
{
	active = inject;
}

/* ---- Allocations --------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

void *__wrap_malloc(size_t size)
{
	return run_inject_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return run_inject_now() ? NULL : __real_calloc(nr, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
	return run_inject_now() ? NULL : __real_realloc(ptr, size);
}

/* ---- Threads ------------------------------------------------------- */

static struct run_inject **find(struct run *r, pid_t tid)
{
	struct run_inject **link = &r->injects;

	while (*link && (*link)->tid != tid)
		link = &(*link)->next;
	return link;
}

static void forget(struct run_inject **link)
{
	struct run_inject *inject = *link;

	*link = inject->next;
	free(inject);
}

int run_inject_set(struct run *r, pid_t tid, uint32_t nth)
{
	struct run_inject **link = find(r, tid), *inject;

	if (*link)
		forget(link);
	if (!nth)
		return 0;
	inject = malloc(sizeof(*inject));
	if (!inject)
		return -ENOMEM;
	*inject = (struct run_inject){
		.next = r->injects,
		.tid = tid,
		.birth = run_task_birth(r->tasks, tid),
		.left = nth,
	};
	r->injects = inject;
	return 0;
}

/* What thread @tid has asked for, if it is still the same thread; NULL. */
static struct run_inject *look(struct run *r, pid_t tid)
{
	struct run_inject **link = find(r, tid);
	struct run_inject *inject = *link;

	if (inject &&
	    (inject->birth != run_task_birth(r->tasks, tid) || !inject->left)) {
		forget(link);
		return NULL;
	}
	return inject;
}

uint32_t run_inject_get(struct run *r, pid_t tid)
{
	struct run_inject *inject = look(r, tid);

	return inject ? inject->left : 0;
}

void run_inject_begin(struct run *r)
{
	if (r->injects)
		active = look(r, (pid_t)r->req->pid);
}

void run_inject_end(struct run *r)
{
	active = NULL;
}

void run_inject_fini(struct run *r)
{
	while (r->injects)
		forget(&r->injects);
}
