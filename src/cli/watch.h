/* SPDX-License-Identifier: MIT */
/**
 * DOC: Who wants to know what happens under `uiommu run`
 *
 * The supervisor tells of everything once; this tells those who asked: the lines
 * on stderr, the trace, the sums and the copy of the tables.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli/report.h"
#include "cli/snapshot.h"
#include "cli/stats.h"
#include "cli/trace.h"
#include "run/run.h"

/** struct cli_watch - all of them. */
struct cli_watch {
	struct cli_report report;
	struct cli_trace trace;
	struct cli_stats stats;
	struct cli_snapshot snapshot;
};

/** cli_watch_connect() - have @config call whoever is wanted in @watch. */
void cli_watch_connect(struct cli_watch *watch, struct run_config *config);

#endif
