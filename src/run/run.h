/* SPDX-License-Identifier: MIT */
/**
 * DOC: The supervisor: a program runs as if the machine had an IOMMU
 *
 * Starts a command under a seccomp filter with user notifications and plays the
 * kernel's part for /dev/iommu, /dev/vfio/ and the sysfs files that VFIO programs
 * read. One thread, one event loop; everything of a run hangs off struct run.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdint.h>

struct soft_fault;
struct soft_suspect;
struct uiommu;

/** Exit statuses of our own, those of env(1) and timeout(1). */
#define RUN_EXIT_FAILED   125 /* the supervisor itself failed */
#define RUN_EXIT_NOEXEC   126 /* the command was found but cannot be run */
#define RUN_EXIT_NOTFOUND 127 /* the command was not found */

/**
 * struct run_config - what to run and how
 * @iommu: page-table format of the IOMMU, NULL = the default
 * @device: models to plug in
 * @nr_devices: how many
 * @argv: the command and its arguments, NULL terminated
 * @fault: a request of a device was blocked; may be NULL. No lock is held; may be
 *	called from a thread of the engine
 * @suspect: the IOTLB's detector has something to say; may be NULL
 * @before_unmap: the client is about to unmap [@iova, @iova + @length); NULL if
 *	nobody wants to look
 * @idle: called when nothing has happened for the milliseconds that the last call
 *	of @idle_ms returned; NULL with @idle_ms
 * @idle_ms: how long to wait for @idle, -1 = for ever
 * @arg: for all of them
 */
struct run_config {
	const char *iommu;
	const char *const *device;
	unsigned int nr_devices;
	char *const *argv;
	void (*fault)(void *arg, struct uiommu *u, const struct soft_fault *f);
	void (*suspect)(void *arg, struct uiommu *u,
			const struct soft_suspect *s);
	void (*before_unmap)(void *arg, struct uiommu *u, uint64_t iova,
			     uint64_t length);
	void (*idle)(void *arg);
	int (*idle_ms)(void *arg);
	void *arg;
};

/**
 * run_command() - run a command to its end and that of all its descendants
 *
 * Prints one line to stderr for whatever is wrong. Takes over SIGCHLD, SIGINT,
 * SIGTERM, SIGHUP, SIGQUIT, SIGBUS and SIGPIPE of the process, which must have one thread.
 *
 * Return: the exit status for the shell: the first process's, 128 + its signal,
 * or one of RUN_EXIT_*.
 */
int run_command(const struct run_config *config);

#endif
