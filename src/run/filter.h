/* SPDX-License-Identifier: MIT */
/**
 * DOC: The seccomp filter that selects what the supervisor sees
 */
#ifndef RUN_FILTER_H
#define RUN_FILTER_H

#include <stdbool.h>
#include <linux/filter.h>

#define RUN_FILTER_MAX 512

/**
 * struct run_filter - a filter program
 * @code: its instructions
 * @prog: for seccomp(2); points at @code
 * @event, @last_event: event descriptors
 */
struct run_filter {
	struct sock_filter code[RUN_FILTER_MAX];
	struct sock_fprog prog;
	unsigned int event, last_event;
};

/**
 * run_filter_build() - write the filter for run_calls
 * @eventfd: trap the making of eventfds too
 * @event: first number of event descriptors, of which there can be @nr_events
 *
 * Programs of another ABI (32-bit, x32) are not filtered: they run natively and
 * see no modelled device.
 */
void run_filter_build(struct run_filter *filter, bool eventfd,
		      unsigned int event, unsigned int nr_events);

#endif
