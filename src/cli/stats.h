/* SPDX-License-Identifier: MIT */
/**
 * DOC: `uiommu run --stats`: what was asked for and what devices did, in numbers
 */
#ifndef CLI_STATS_H
#define CLI_STATS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "run/run.h"
#include "soft/soft.h"

/** struct cli_stats_call - one kind of call. */
struct cli_stats_call {
	const char *name;
	uint64_t calls, errors, ns;
};

/* More kinds than there are requests, with room for unknown ones as one. */
#define CLI_STATS_CALLS 128

/**
 * struct cli_stats - the sums of a run; starts zeroed
 * @on: somebody wants them
 * @lock: devices may have threads of their own
 * @call: by kind, @nr of them
 * @mapped: bytes that successful requests mapped; @unmapped likewise
 * @reads: DMA out of memory, requests; @read_bytes moved
 * @writes: the other way
 * @faults: requests that were blocked
 * @suspects: missing invalidations found
 * @hits: translations that the IOTLB knew; @misses that took a walk
 */
struct cli_stats {
	bool on;
	pthread_mutex_t lock;
	struct cli_stats_call call[CLI_STATS_CALLS];
	unsigned int nr;
	uint64_t mapped, unmapped;
	uint64_t reads, read_bytes, writes, write_bytes;
	uint64_t faults, suspects, hits, misses;
};

/** cli_stats_end() - a call is over; as cli_trace_end(). */
void cli_stats_end(struct cli_stats *stats, const struct run_seen *seen);

/** cli_stats_dma() - a request of a device is over. */
void cli_stats_dma(struct cli_stats *stats, const struct soft_dma *dma);

/** cli_stats_fault() - a fault was recorded. */
void cli_stats_fault(struct cli_stats *stats);

/** cli_stats_suspect() - a missing invalidation was found. */
void cli_stats_suspect(struct cli_stats *stats);

/** cli_stats_print() - the most time first; as JSON, one object. */
void cli_stats_print(struct cli_stats *stats, FILE *out, bool json);

#endif
