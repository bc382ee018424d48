/* SPDX-License-Identifier: MIT */
/**
 * DOC: Failures that a client asks for
 *
 * With `uiommu run --mock`, a thread that writes N to its fail-nth file makes the Nth
 * thing of its requests fail that could: an allocation, a copy from or to its memory,
 * a pin, a charge, a page table (Linux, "Fault injection capabilities
 * infrastructure", /proc/<pid>/fail-nth).
 *
 * Allocations are found by the linker: it gives all of the program's malloc(),
 * calloc() and realloc() to this file, which lets them through but while a request
 * of such a thread is carried out by the engine.
 */
#ifndef RUN_INJECT_H
#define RUN_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor.h"

/** run_inject_begin() - a request of the current caller is carried out from here... */
void run_inject_begin(struct run *r);

/** run_inject_end() - ... to here. */
void run_inject_end(struct run *r);

/** run_inject_now() - has the next thing that could fail to do so? */
bool run_inject_now(void);

/**
 * run_inject_pause() - nothing fails until run_inject_resume()
 *
 * For what must not fail, but may need memory.
 */
struct run_inject *run_inject_pause(void);
void run_inject_resume(struct run_inject *inject);

/** run_inject_set() - let the @nth thing of thread @tid fail; 0 = none. 0, -ENOMEM */
int run_inject_set(struct run *r, pid_t tid, uint32_t nth);

/** run_inject_get() - how many are left; 0: it has failed, or none was to. */
uint32_t run_inject_get(struct run *r, pid_t tid);

/** run_inject_fini() - forget all. */
void run_inject_fini(struct run *r);

#endif
