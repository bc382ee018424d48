/* SPDX-License-Identifier: MIT */
/**
 * DOC: What `uiommu run` says while the client runs
 *
 * A line on stderr per blocked DMA and per missing invalidation, and, if asked
 * for, tables and walks. A device that faults without end must not bury the
 * client's own output: repeated and too many lines are counted instead.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "soft/soft.h"

struct uiommu;

/**
 * struct cli_report - what to say, where, and what was said
 * @show_unmap: the table before an unmap
 * @show_fault: the walk of a blocked request
 * @show: where these two go
 * @lock: faults may come from threads of devices
 * @last: the last fault that was printed, without its walk
 * @any: there was one
 * @repeats: identical ones since
 * @second: the second that @lines belongs to
 * @lines: printed in it
 * @dropped: faults not printed because of that
 */
struct cli_report {
	bool show_unmap;
	bool show_fault;
	FILE *show;
	pthread_mutex_t lock;
	struct soft_fault last;
	bool any;
	uint64_t repeats;
	time_t second;
	unsigned int lines;
	uint64_t dropped;
};

/** cli_report_bdf() - "0000:00:01.0" of the device with requester id @rid. */
void cli_report_bdf(struct uiommu *u, uint32_t rid, char bdf[16]);

/* For struct run_config; @arg is the struct cli_report. */
void cli_report_fault(void *arg, struct uiommu *u, const struct soft_fault *f);
void cli_report_suspect(void *arg, struct uiommu *u,
			const struct soft_suspect *s);
void cli_report_unmap(void *arg, struct uiommu *u, uint64_t iova,
		      uint64_t length);

/** cli_report_flush() - say how many lines were held back. */
void cli_report_flush(void *arg);

/** cli_report_wait() - milliseconds until that should happen; -1 = never. */
int cli_report_wait(void *arg);

#endif
