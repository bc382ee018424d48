/* SPDX-License-Identifier: MIT */
/**
 * DOC: `uiommu run --trace`: what clients ask for and what devices do, as lines
 *
 * One line for each call, written when it is over, as strace(1) writes them; DMA
 * and faults that a call causes stand before it. With JSON each line is an object.
 */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "run/run.h"
#include "soft/soft.h"

/* What is traced. */
#define CLI_TRACE_OPEN   (1u << 0) /* opens, last closes */
#define CLI_TRACE_IOCTL  (1u << 1)
#define CLI_TRACE_EVENT  (1u << 2) /* events read, responses written */
#define CLI_TRACE_REGION (1u << 3) /* accesses to regions of devices */
#define CLI_TRACE_MMAP   (1u << 4)
#define CLI_TRACE_DMA    (1u << 5)
#define CLI_TRACE_FAULT  (1u << 6) /* blocked DMA, missing invalidations */

/** CLI_TRACE_USUAL - all but the accesses to regions, which are many. */
#define CLI_TRACE_USUAL 0x77u

/**
 * struct cli_trace - where and what
 * @out: the stream; NULL = nothing is traced
 * @json: objects, not text
 * @what: CLI_TRACE_*
 * @start_ns: time 0 of the lines
 * @lock: devices may have threads of their own
 */
struct cli_trace {
	FILE *out;
	bool json;
	unsigned int what;
	uint64_t start_ns;
	pthread_mutex_t lock;
};

/**
 * cli_trace_event() - the CLI_TRACE_* of a word of --trace-events
 *
 * Return: 0 if there is no such word; "all" is one.
 */
unsigned int cli_trace_event(const char *word, size_t len);

/** CLI_TRACE_WORDS - the words, for messages. */
#define CLI_TRACE_WORDS "open, ioctl, event, region, mmap, dma, fault, all"

/** cli_trace_start() - time begins now. */
void cli_trace_start(struct cli_trace *trace);

/** cli_trace_begin() - a call has arrived: remember what it said. */
void cli_trace_begin(struct cli_trace *trace, struct run_seen *seen);

/** cli_trace_end() - print it. */
void cli_trace_end(struct cli_trace *trace, const struct run_seen *seen);

/** cli_trace_dma() - a request of the device @bdf. */
void cli_trace_dma(struct cli_trace *trace, const struct soft_dma *dma,
		   const char *bdf);

/** cli_trace_fault() - one that was blocked. */
void cli_trace_fault(struct cli_trace *trace, const struct soft_fault *fault,
		     const char *bdf);

/** cli_trace_suspect() - a missing invalidation. */
void cli_trace_suspect(struct cli_trace *trace,
		       const struct soft_suspect *suspect, const char *bdf);

#endif
