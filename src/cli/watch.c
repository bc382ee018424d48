/* SPDX-License-Identifier: MIT */
#include "cli/watch.h"

static void on_fault(void *arg, struct uiommu *u, const struct soft_fault *f)
{
	struct cli_watch *watch = arg;
	char bdf[16];

	cli_report_bdf(u, f->rid, bdf);
	cli_stats_fault(&watch->stats);
	cli_trace_fault(&watch->trace, f, bdf);
	cli_report_fault(&watch->report, u, f);
}

static void on_suspect(void *arg, struct uiommu *u,
		       const struct soft_suspect *s)
{
	struct cli_watch *watch = arg;
	char bdf[16];

	cli_report_bdf(u, s->rid, bdf);
	cli_stats_suspect(&watch->stats);
	cli_trace_suspect(&watch->trace, s, bdf);
	cli_report_suspect(&watch->report, u, s);
}

static void on_dma(void *arg, struct uiommu *u, const struct soft_dma *d)
{
	struct cli_watch *watch = arg;
	char bdf[16];

	cli_report_bdf(u, d->rid, bdf);
	cli_stats_dma(&watch->stats, d);
	cli_trace_dma(&watch->trace, d, bdf);
}

static void on_begin(void *arg, struct uiommu *u, struct run_seen *seen)
{
	struct cli_watch *watch = arg;

	cli_trace_begin(&watch->trace, seen);
	cli_snapshot_begin(&watch->snapshot, u, seen);
}

static void on_end(void *arg, struct uiommu *u, struct run_seen *seen)
{
	struct cli_watch *watch = arg;

	cli_snapshot_end(&watch->snapshot, seen);
	cli_stats_end(&watch->stats, seen);
	cli_trace_end(&watch->trace, seen);
}

static void on_closing(void *arg, struct uiommu *u,
		       struct uiommu_device *device)
{
	cli_snapshot_closing(&((struct cli_watch *)arg)->snapshot, u, device);
}

static void on_unmap(void *arg, struct uiommu *u, uint64_t iova,
		     uint64_t length)
{
	cli_report_unmap(&((struct cli_watch *)arg)->report, u, iova, length);
}

static void on_idle(void *arg)
{
	cli_report_flush(&((struct cli_watch *)arg)->report);
}

static int idle_ms(void *arg)
{
	return cli_report_wait(&((struct cli_watch *)arg)->report);
}

/* What nobody wants is not even looked at by the supervisor. */
void cli_watch_connect(struct cli_watch *watch, struct run_config *config)
{
	bool counts = watch->trace.out || watch->stats.on;

	config->fault = on_fault;
	config->suspect = on_suspect;
	config->dma = counts ? on_dma : NULL;
	if (counts || watch->snapshot.dir) {
		config->begin = on_begin;
		config->end = on_end;
	}
	config->closing = watch->snapshot.dir ? on_closing : NULL;
	config->before_unmap = watch->report.show_unmap ? on_unmap : NULL;
	config->idle = on_idle;
	config->idle_ms = idle_ms;
	config->arg = watch;
}
