/* SPDX-License-Identifier: MIT */
/**
 * DOC: Client memory that devices may reach
 *
 * The engine's view (struct uiommu_mem, struct uiommu_phys_ops) of the address
 * spaces and files of clients. One lock over it all; device threads only take it
 * for their accesses.
 */
#ifndef RUN_MEMORY_H
#define RUN_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <uiommu/uiommu.h>

#include "supervisor.h"

struct run_memory;
struct run_space;

/** run_memory_new() - for the format of @r->config. 0 or -errno. */
int run_memory_new(struct run *r, struct run_memory **out);

/**
 * run_memory_check() - number of pins and references that are still held
 *
 * 0 once all clients are gone; NULL is fine.
 */
unsigned int run_memory_check(struct run_memory *m);
void run_memory_free(struct run_memory *m);

/** run_memory_describe() - fill in the parts of @config that are about memory. */
void run_memory_describe(struct run_memory *m, struct uiommu_config *config);

/**
 * run_memory_of_task() - the address space of thread @tid, with a reference
 *
 * Never NULL: of a process that is gone nothing can be pinned.
 */
struct uiommu_mem *run_memory_of_task(struct run_memory *m, pid_t tid);

/** run_memory_account() - the same, as the one who pays for what it pins. */
struct uiommu_account *run_memory_account(struct run_memory *m, pid_t tid);

/**
 * run_memory_of_file() - the file behind descriptor @fd of @tid
 *
 * Return: 0, with a reference; -EBADF; -ENOMEM.
 */
int run_memory_of_file(struct run_memory *m, pid_t tid, int fd,
		       struct uiommu_mem **mem, uint64_t *size);

/**
 * run_memory_space() - the address space of @tid if any page of it could vanish
 *
 * Return: NULL (quickly, in the common case) if nothing of it is pinned.
 */
struct run_space *run_memory_space(struct run_memory *m, pid_t tid);

/**
 * run_memory_space_shared() - the same, also if it is another process's too
 *
 * For calls that change it, not for those that leave it.
 */
struct run_space *run_memory_space_shared(struct run_memory *m, pid_t tid);

/**
 * run_memory_lose() - the pages of [@start, @last] are about to vanish
 * @private_only: pages of shared files stay where they are
 *
 * Pinned ones are saved.
 */
void run_memory_lose(struct run_memory *m, struct run_space *space,
		     uint64_t start, uint64_t last, bool private_only);

/**
 * run_memory_lose_all() - the whole address space is about to vanish
 * @exec: by an execve() that may still fail: the next request of the process that
 *	finds the address space alive takes everything back
 */
void run_memory_lose_all(struct run_memory *m, struct run_space *space,
			 bool exec);

/** run_memory_settle_exec() - see there; before each request is served. */
void run_memory_settle_exec(struct run_memory *m, pid_t tid);

/**
 * run_memory_punch() - a part of the file behind @fd of @tid is about to be lost
 * @end: UINT64_MAX: it is cut off at @start; does nothing if that makes it longer
 */
void run_memory_punch(struct run_memory *m, pid_t tid, int fd, uint64_t start,
		      uint64_t end);

/** run_memory_remove() - the same for all that @tid maps in [@start, @last]. */
void run_memory_remove(struct run_memory *m, pid_t tid, uint64_t start,
		       uint64_t last);

/**
 * struct run_pinned - what one process pays for
 * @pinned: pages that it has pinned
 * @locked: those that count as locked by it
 */
struct run_pinned {
	int64_t pinned;
	int64_t locked;
};

/** run_memory_any_pinned() - does any client pay for any page? Fast. */
bool run_memory_any_pinned(struct run_memory *m);

/** run_memory_of() - what the process of @tid pays for; false: nothing. */
bool run_memory_of(struct run_memory *m, pid_t tid, struct run_pinned *out);

/** run_memory_pinned() - is a private page of [@start, @last] pinned? */
bool run_memory_pinned(struct run_memory *m, struct run_space *space,
		       uint64_t start, uint64_t last);

/** run_space_maps() - its /proc/<pid>/maps, for run_vma_find(). */
int run_space_maps(const struct run_space *space);

#endif
