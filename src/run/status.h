/* SPDX-License-Identifier: MIT */
/**
 * DOC: /proc/<pid>/status of a process that has pages pinned
 *
 * The kernel knows nothing of these pins. What a client reads is its text with VmPin
 * and VmLck as Linux would have them.
 */
#ifndef RUN_STATUS_H
#define RUN_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor.h"

/**
 * run_status_open() - answer the caller's open(2) if it is of such a file
 * @dirfd, @name: what it opens, as for openat(2)
 * @flags: of open(2)
 *
 * What is read through the descriptor stays what it was at the open.
 *
 * Return: true if the call has been answered.
 */
bool run_status_open(struct run *r, int dirfd, uint64_t name, int flags);

#endif
