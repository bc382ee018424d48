/* SPDX-License-Identifier: MIT */
/**
 * DOC: What the parts of the supervisor share
 */
#ifndef RUN_SUPERVISOR_H
#define RUN_SUPERVISOR_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/seccomp.h>

#include "run.h"

struct uiommu;
struct run_eventfds;
struct run_events;
struct run_handles;
struct run_inject;
struct run_memory;
struct run_tasks;
struct run_tree;

/**
 * struct run - one run
 * @config: the caller's wishes
 * @u: the IOMMU and its devices
 * @tree: the modelled part of /dev and /sys
 * @handles: open modelled files
 * @tasks: what is known of the client's threads
 * @eventfds: eventfds made for clients, if @no_getfd
 * @events: open event descriptors
 * @memory: client memory that devices may reach
 * @injects: failures that threads have asked for
 * @listener: where notifications arrive
 * @signals: signalfd
 * @rootfd: the root directory of the client at start (O_PATH)
 * @roots_differ: some client has changed its root directory
 * @no_getfd: pidfd_getfd() is refused here: eventfds are made for the client
 * @alive_at: when the caller was last seen to be there, in ticks of the coarse
 *	clock; -1 = not yet
 * @req: the notification being served
 * @resp: room for its answer
 * @req_size: bytes of @req as the kernel has it
 * @resp_size: bytes of @resp
 * @mask: the signal mask at start, which the client gets
 * @on_pipe, @on_fsize: what SIGPIPE and SIGXFSZ did at start, the same
 * @first: the command's process
 * @status: its exit status, once @first_done
 * @first_done: it has ended
 */
struct run {
	const struct run_config *config;
	struct uiommu *u;
	struct run_tree *tree;
	struct run_handles *handles;
	struct run_tasks *tasks;
	struct run_eventfds *eventfds;
	struct run_events *events;
	struct run_memory *memory;
	struct run_inject *injects;
	int listener;
	int signals;
	int rootfd;
	bool roots_differ;
	bool no_getfd;
	int64_t alive_at;
	struct seccomp_notif *req;
	struct seccomp_notif_resp *resp;
	size_t req_size;
	size_t resp_size;
	sigset_t mask;
	void (*on_pipe)(int sig);
	void (*on_fsize)(int sig);
	pid_t first;
	int status;
	bool first_done;
};

/** run_warn() - one line to stderr, "uiommu: " in front. */
void run_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
