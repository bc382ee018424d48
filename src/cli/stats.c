/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <uiommu/iommufd.h>
#include <uiommu/vfio.h>

#include "cli/decode.h"
#include "cli/stats.h"

static const char *name_of(const struct run_seen *seen)
{
	const struct cli_request *request;

	switch (seen->op) {
	case RUN_OP_IOCTL:
		request = cli_request_find(seen->kind, seen->cmd);
		return request ? request->name : "unknown ioctl";
	case RUN_OP_OPEN:
		return "open";
	case RUN_OP_READ:
		return "read";
	case RUN_OP_WRITE:
		return "write";
	case RUN_OP_MMAP:
		return "mmap";
	case RUN_OP_CLOSE:
		break;
	}
	return NULL;
}

static struct cli_stats_call *call_of(struct cli_stats *stats, const char *name)
{
	unsigned int i;

	for (i = 0; i < stats->nr; i++)
		if (!strcmp(stats->call[i].name, name))
			return &stats->call[i];
	if (stats->nr == CLI_STATS_CALLS)
		return NULL;
	stats->call[stats->nr].name = name;
	return &stats->call[stats->nr++];
}

/* A request whose structure says how many bytes it maps or has unmapped. */
static const struct {
	unsigned int cmd;
	bool container;
	bool unmaps;
	size_t offset;
} sizes[] = {
	{ IOMMU_IOAS_MAP, false, false,
	  offsetof(struct iommu_ioas_map, length) },
	{ IOMMU_IOAS_MAP_FILE, false, false,
	  offsetof(struct iommu_ioas_map_file, length) },
	{ IOMMU_IOAS_COPY, false, false,
	  offsetof(struct iommu_ioas_copy, length) },
	{ IOMMU_IOAS_UNMAP, false, true,
	  offsetof(struct iommu_ioas_unmap, length) },
	{ VFIO_IOMMU_MAP_DMA, true, false,
	  offsetof(struct vfio_iommu_type1_dma_map, size) },
	{ VFIO_IOMMU_UNMAP_DMA, true, true,
	  offsetof(struct vfio_iommu_type1_dma_unmap, size) },
};

static void add_size(struct cli_stats *stats, const struct run_seen *seen)
{
	bool iommufd = seen->kind && !strcmp(seen->kind, "iommufd");
	bool container = seen->kind && strstr(seen->kind, "container");
	uint64_t bytes;

	if (seen->op != RUN_OP_IOCTL || seen->result < 0)
		return;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (sizes[i].cmd != seen->cmd ||
		    !(iommufd || (container && sizes[i].container)) ||
		    run_seen_read(seen, &bytes, seen->arg + sizes[i].offset,
				  sizeof(bytes)))
			continue;
		if (sizes[i].unmaps)
			stats->unmapped += bytes;
		else
			stats->mapped += bytes;
	}
}

void cli_stats_end(struct cli_stats *stats, const struct run_seen *seen)
{
	const char *name = name_of(seen);
	struct cli_stats_call *call;

	if (!stats->on || !name)
		return;
	pthread_mutex_lock(&stats->lock);
	call = call_of(stats, name);
	if (call) {
		call->calls++;
		call->errors += seen->result < 0;
		call->ns += seen->end_ns - seen->begin_ns;
	}
	add_size(stats, seen);
	pthread_mutex_unlock(&stats->lock);
}

void cli_stats_dma(struct cli_stats *stats, const struct soft_dma *dma)
{
	if (!stats->on)
		return;
	pthread_mutex_lock(&stats->lock);
	if (dma->access & SOFT_WRITE) {
		stats->writes++;
		stats->write_bytes += dma->done;
	} else {
		stats->reads++;
		stats->read_bytes += dma->done;
	}
	stats->hits += dma->hits;
	stats->misses += dma->misses;
	pthread_mutex_unlock(&stats->lock);
}

void cli_stats_fault(struct cli_stats *stats)
{
	if (!stats->on)
		return;
	pthread_mutex_lock(&stats->lock);
	stats->faults++;
	pthread_mutex_unlock(&stats->lock);
}

void cli_stats_suspect(struct cli_stats *stats)
{
	if (!stats->on)
		return;
	pthread_mutex_lock(&stats->lock);
	stats->suspects++;
	pthread_mutex_unlock(&stats->lock);
}

/* ---- the summary ---- */

static int by_time(const void *a, const void *b)
{
	const struct cli_stats_call *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void print_calls(const struct cli_stats *stats, FILE *out)
{
	struct cli_stats_call sum = { .name = "total" };

	for (unsigned int i = 0; i < stats->nr; i++) {
		sum.calls += stats->call[i].calls;
		sum.errors += stats->call[i].errors;
		sum.ns += stats->call[i].ns;
	}
	fprintf(out, "%6s %11s %10s %8s %8s  %s\n", "% time", "seconds",
		"us/call", "calls", "errors", "call");
	for (unsigned int i = 0; i <= stats->nr; i++) {
		const struct cli_stats_call *c = i < stats->nr ? &stats->call[i]
							       : &sum;

		fprintf(out,
			"%6.2f %11.6f %10.1f %8" PRIu64 " %8" PRIu64 "  %s\n",
			sum.ns ? 100 * (double)c->ns / (double)sum.ns : 0,
			(double)c->ns / 1e9,
			c->calls ? (double)c->ns / 1e3 / (double)c->calls : 0,
			c->calls, c->errors, c->name);
	}
}

static void print_text(const struct cli_stats *stats, FILE *out)
{
	print_calls(stats, out);
	fprintf(out,
		"mapped:    %" PRIu64 " bytes\n"
		"unmapped:  %" PRIu64 " bytes\n"
		"DMA read:  %" PRIu64 " bytes in %" PRIu64 " requests\n"
		"DMA write: %" PRIu64 " bytes in %" PRIu64 " requests\n"
		"faults:    %" PRIu64 ", missing invalidations: %" PRIu64 "\n"
		"IOTLB:     %" PRIu64 " hits, %" PRIu64 " misses\n",
		stats->mapped, stats->unmapped, stats->read_bytes, stats->reads,
		stats->write_bytes, stats->writes, stats->faults,
		stats->suspects, stats->hits, stats->misses);
}

static void print_json(const struct cli_stats *stats, FILE *out)
{
	fprintf(out, "{\"calls\": [");
	for (unsigned int i = 0; i < stats->nr; i++)
		fprintf(out,
			"%s{\"call\": \"%s\", \"calls\": %" PRIu64
			", \"errors\": %" PRIu64 ", \"seconds\": %.6f}",
			i ? ", " : "", stats->call[i].name,
			stats->call[i].calls, stats->call[i].errors,
			(double)stats->call[i].ns / 1e9);
	fprintf(out,
		"], \"mapped_bytes\": %" PRIu64 ", \"unmapped_bytes\": %" PRIu64
		", \"dma_reads\": %" PRIu64 ", \"dma_read_bytes\": %" PRIu64
		", \"dma_writes\": %" PRIu64 ", \"dma_write_bytes\": %" PRIu64
		", \"faults\": %" PRIu64 ", \"missing_invalidations\": %" PRIu64
		", \"iotlb_hits\": %" PRIu64 ", \"iotlb_misses\": %" PRIu64
		"}\n",
		stats->mapped, stats->unmapped, stats->reads, stats->read_bytes,
		stats->writes, stats->write_bytes, stats->faults,
		stats->suspects, stats->hits, stats->misses);
}

void cli_stats_print(struct cli_stats *stats, FILE *out, bool json)
{
	qsort(stats->call, stats->nr, sizeof(stats->call[0]), by_time);
	if (json)
		print_json(stats, out);
	else
		print_text(stats, out);
}
