/* SPDX-License-Identifier: MIT */
/**
 * DOC: /proc/<pid>/fail-nth
 *
 * Written to: which of the thread's next things that could fail is to fail. Read: how
 * many are left until then, 0 when it has. Only with a mock IOMMU: see inject.h.
 */
#ifndef RUN_FAILNTH_H
#define RUN_FAILNTH_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor.h"

/**
 * run_failnth_open() - answer the caller's open(2) if it is of such a file
 * @dirfd, @name: what it opens, as for openat(2)
 *
 * Return: true if the call has been answered.
 */
bool run_failnth_open(struct run *r, int dirfd, uint64_t name);

#endif
