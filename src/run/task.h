/* SPDX-License-Identifier: MIT */
/**
 * DOC: The client's threads, as /proc shows them
 *
 * A thread is known by its number, which the system may use again. Everything is
 * reached through directories of /proc that were opened for one thread and fail
 * with ESRCH or ENOENT once it is gone, never showing another one.
 */
#ifndef RUN_TASK_H
#define RUN_TASK_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct run_tasks;

struct run_tasks *run_tasks_new(void);
void run_tasks_free(struct run_tasks *tasks);

/**
 * run_task_fstat() - what the descriptor @fd of thread @tid refers to
 *
 * Return: 0; -EBADF if it is not open.
 */
int run_task_fstat(struct run_tasks *tasks, pid_t tid, int fd, struct stat *st);

/**
 * run_task_fstat_fast() - the same by a short-lived duplicate of the descriptor
 *
 * A third faster, but the duplicate's close flushes the file: only for descriptors
 * that are most likely ours.
 */
int run_task_fstat_fast(struct run_tasks *tasks, pid_t tid, int fd,
			struct stat *st);

/**
 * run_task_reopen() - open the file behind @fd of @tid anew
 *
 * The new description has its own offset and does not keep the client's open. Only
 * for files that can be opened by name again (not sockets, not eventfds). @st
 * must be what run_task_fstat() said, and is checked.
 *
 * Return: a descriptor, close-on-exec; or -errno.
 */
int run_task_reopen(struct run_tasks *tasks, pid_t tid, int fd, int flags,
		    const struct stat *st);

/**
 * run_task_fd_path() - the text of the link /proc/<tid>/fd/<fd>
 *
 * Return: its length, less than @size, with a 0 behind; or -errno.
 */
int run_task_fd_path(struct run_tasks *tasks, pid_t tid, int fd, char *buf,
		     size_t size);

/**
 * run_task_fd_flags() - how the descriptor @fd of @tid was opened
 *
 * Return: the flags of open(2); -errno if that cannot be known.
 */
int run_task_fd_flags(struct run_tasks *tasks, pid_t tid, int fd);

/**
 * run_task_open() - open a file of the directory /proc/<tid>
 *
 * Return: a descriptor, close-on-exec; or -errno (-ESRCH: no such thread).
 */
int run_task_open(struct run_tasks *tasks, pid_t tid, const char *name,
		  int flags);

/** run_task_readlink() - the same for links (cwd, root); as run_task_fd_path. */
int run_task_readlink(struct run_tasks *tasks, pid_t tid, const char *name,
		      char *buf, size_t size);

/** run_task_process() - the process (thread group) of @tid; -ESRCH. */
pid_t run_task_process(struct run_tasks *tasks, pid_t tid);

/**
 * run_task_getfd() - a duplicate of the descriptor @fd of @tid
 *
 * Keeps the client's open file open: for eventfds, not for modelled files.
 *
 * Return: a descriptor, close-on-exec; -EBADF, or why pidfd_getfd() is refused.
 */
int run_task_getfd(struct run_tasks *tasks, pid_t tid, int fd);

/**
 * run_task_find_file() - a descriptor of @tid that is the file (@dev, @ino)
 *
 * Return: its number, or -ENOENT.
 */
int run_task_find_file(struct run_tasks *tasks, pid_t tid, dev_t dev,
		       ino_t ino);

/**
 * run_task_same_memory() - do two processes have one address space?
 *
 * False also where kcmp() is refused.
 */
bool run_task_same_memory(pid_t a, pid_t b);

/** run_task_locked() - pages that @tid has locked itself (VmLck); 0: unknown. */
int64_t run_task_locked(struct run_tasks *tasks, pid_t tid);

/**
 * run_task_birth() - when @tid began, in the kernel's ticks; 0 if it is gone
 *
 * With it a number means the same thread for ever.
 */
uint64_t run_task_birth(struct run_tasks *tasks, pid_t tid);

/** run_task_capable() - has @tid the capability number @cap in effect? */
bool run_task_capable(struct run_tasks *tasks, pid_t tid, unsigned int cap);

/**
 * run_task_below() - is process @pid a descendant of the process @ancestor?
 *
 * All clients are descendants of ours, and nobody else is.
 */
bool run_task_below(pid_t pid, pid_t ancestor);

/** run_task_alone() - is @tid the only thread of its process? */
bool run_task_alone(struct run_tasks *tasks, pid_t tid);

#endif
