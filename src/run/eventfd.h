/* SPDX-License-Identifier: MIT */
/**
 * DOC: The client's eventfds
 *
 * They are duplicated by pidfd_getfd(). Where that is refused (the usual profile
 * of a container), eventfd2() is trapped instead: the supervisor makes the eventfd,
 * keeps a duplicate and knows it again by the number that /proc shows.
 */
#ifndef RUN_EVENTFD_H
#define RUN_EVENTFD_H

#include <stdbool.h>

#include "supervisor.h"

/** run_eventfd_needs_trap() - is pidfd_getfd() refused here? */
bool run_eventfd_needs_trap(void);

/**
 * run_eventfd_get() - a duplicate of the caller's eventfd @fd
 *
 * Return: a descriptor; -EBADF; -EINVAL: not an eventfd.
 */
int run_eventfd_get(struct run *r, int fd);

/** run_eventfds_fini() - close the duplicates that were kept. */
void run_eventfds_fini(struct run *r);

#endif
