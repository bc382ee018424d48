/* SPDX-License-Identifier: MIT */
/**
 * DOC: Open modelled files
 *
 * What a client holds is a descriptor of a sealed memfd, made for one open. The
 * inode says which open it is, however the descriptor was passed on, and inotify
 * says when the last one has been closed.
 */
#ifndef RUN_HANDLE_H
#define RUN_HANDLE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "supervisor.h"

struct run_handle;
struct run_node;
struct uiommu_file;

/** run_handles_init() - 0 or -errno. */
int run_handles_init(struct run *r);

/**
 * run_handles_fini() - release whatever is still open
 *
 * Return: how many there were: 0 after all clients are gone.
 */
unsigned int run_handles_fini(struct run *r);

/** run_handles_fd() - readable when a close waits for run_handles_drain(). */
int run_handles_fd(const struct run *r);

/** run_handles_drain() - release every file whose last close has happened. */
void run_handles_drain(struct run *r);

/** run_handles_count() - number of open files. */
unsigned int run_handles_count(const struct run *r);

/**
 * run_handle_open() - open a modelled device for the caller and answer the call
 * @flags: of open(2)
 */
void run_handle_open(struct run *r, const struct run_node *node, int flags);

/**
 * run_handle_backing() - memory for a file that clients can map
 * @name: for whoever looks at it
 *
 * Return: a descriptor, whose size is fixed, or -errno.
 */
int run_handle_backing(const char *name, uint64_t size);

/**
 * run_handle_install() - make @file, which has a backing, the descriptor @fd of the
 * caller in the place of what that is now
 *
 * Takes a reference of its own. Return: 0 or -errno.
 */
int run_handle_install(struct run *r, int fd, struct uiommu_file *file);

/**
 * run_handle_find() - the modelled file behind a descriptor
 * @out: NULL if the descriptor is something else
 *
 * Return: 0 or -EBADF.
 */
int run_handle_find(struct run *r, pid_t tid, int fd, struct run_handle **out);

/** run_handle_by_file() - the same, from what fstat() said; NULL. */
struct run_handle *run_handle_by_file(struct run *r, const struct stat *st);

/** run_handle_node() - the device whose open made the file @st, or NULL. */
const struct run_node *run_handle_node(struct run *r, const struct stat *st);

/** run_handle_file() - the engine's side; the reference stays the handle's. */
struct uiommu_file *run_handle_file(const struct run_handle *handle);

/** run_handle_device() - the device that it is an open of, or NULL. */
struct uiommu_device *run_handle_device(const struct run_handle *handle);

/** run_handle_path() - where the client found it, "/dev/iommu", or its name. */
const char *run_handle_path(const struct run_handle *handle);

#endif
