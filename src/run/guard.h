/* SPDX-License-Identifier: MIT */
/**
 * DOC: Copies that survive a file that has shrunk
 *
 * A load or store through a mapping raises SIGBUS where the file has no page (any
 * more). These copies turn it into an error.
 */
#ifndef RUN_GUARD_H
#define RUN_GUARD_H

#include <stddef.h>

/** run_guard_install() - take over SIGBUS of the process. 0 or -errno. */
int run_guard_install(void);

/** run_guard_copy() - memcpy(); -EFAULT if a page is missing. Thread-safe. */
int run_guard_copy(void *dst, const void *src, size_t len);

#endif
