/* SPDX-License-Identifier: MIT */
/**
 * DOC: Event descriptors: files of the engine that clients read and poll
 *
 * The client holds an end of a pipe, made for one file. Bytes in the pipe make it
 * readable, so that poll, select and epoll need nobody but the kernel; they mean
 * nothing else. read and write on it are trapped and reach the engine's file. When
 * the client's last descriptor has been closed, in whatever process, the kernel says
 * so at our end; an eventfd or a memfd would not tell.
 *
 * Calls are trapped by descriptor number: event descriptors lie in a range that is
 * chosen at start, below what select() can take and above what most programs ever
 * use. Duplicates are put into the range, too. What a process receives over a socket
 * gets any number: it can be polled, closed and used by its sender, but not read.
 */
#ifndef RUN_EVENT_H
#define RUN_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor.h"

struct uiommu_file;
struct uiommu_user;

/** RUN_EVENT_MOST - so many numbers has the range. */
#define RUN_EVENT_MOST 1024

/** run_event_first() - the first number, for clients with our present limits. */
unsigned int run_event_first(void);

/** run_events_init() - 0 or -errno. */
int run_events_init(struct run *r);

/** run_events_fini() - release what is still open. Return: how many files. */
unsigned int run_events_fini(struct run *r);

/** run_events_fd() - readable when a close waits for run_events_drain(). */
int run_events_fd(const struct run *r);

/** run_events_drain() - release every file whose last close has happened. */
void run_events_drain(struct run *r);

/** run_events_count() - number of open files. */
unsigned int run_events_count(const struct run *r);

/**
 * run_event_new_fd() - a free number of the caller's in the range
 *
 * Return: the number; -EMFILE.
 */
int run_event_new_fd(struct run *r);

/**
 * run_event_install() - make @file the caller's descriptor @fd
 *
 * Takes a reference. Return: 0; -EMFILE, -ENFILE or -ENOMEM.
 */
int run_event_install(struct run *r, int fd, struct uiommu_file *file);

/** typedef run_access_fn - uiommu_read() or uiommu_write(). */
typedef int64_t (*run_access_fn)(struct uiommu_file *file,
				 struct uiommu_user *user, uint64_t uaddr,
				 size_t count, uint64_t offset);

/**
 * run_event_transfer_at() - answer pread(2) or pwrite(2)
 *
 * Return: false: it is of no event descriptor and has not been answered.
 */
bool run_event_transfer_at(struct run *r, run_access_fn access);

#endif
