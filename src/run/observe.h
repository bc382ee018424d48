/* SPDX-License-Identifier: MIT */
/**
 * DOC: Telling an observer of the clients' calls
 *
 * Costs one test of a pointer where nobody watches.
 */
#ifndef RUN_OBSERVE_H
#define RUN_OBSERVE_H

#include "run.h"

struct run_handle;
struct uiommu_file;

/**
 * run_observe_begin() - the current request works on @h; fills in @seen
 * @h: NULL = none yet (RUN_OP_OPEN)
 *
 * What @op has beside the common part comes from the request's arguments, which are
 * those of ioctl(2), pread(2) and mmap(2); @seen may be changed before
 * run_observe_ready().
 */
void run_observe_begin(struct run *r, struct run_seen *seen, enum run_op op,
		       const struct run_handle *h);

/**
 * run_observe_event() - the current request reads or writes an event descriptor of
 * @file, with the arguments of read(2); tells, too
 */
void run_observe_event(struct run *r, struct run_seen *seen, enum run_op op,
		       const struct uiommu_file *file);

/** run_observe_ready() - @seen is complete: tell. */
void run_observe_ready(struct run_seen *seen);

/** run_observe_end() - the call is over and will return @result. */
void run_observe_end(struct run_seen *seen, int64_t result);

/** run_observe_close() - @h is about to be released. */
void run_observe_close(struct run *r, const struct run_handle *h);

#endif
