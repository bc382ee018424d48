/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <uiommu/uiommu.h>

#include "cli/print.h"
#include "cli/report.h"

#define LINES_PER_SECOND 20u

void cli_report_bdf(struct uiommu *u, uint32_t rid, char bdf[16])
{
	struct uiommu_device_info info;
	unsigned int i;

	snprintf(bdf, 16, "rid 0x%04" PRIx32, rid);
	for (i = 0; i < uiommu_nr_devices(u); i++) {
		uiommu_device_info(uiommu_device(u, i), &info);
		if (info.rid == rid)
			memcpy(bdf, info.bdf, sizeof(info.bdf));
	}
}

static bool same(const struct soft_fault *a, const struct soft_fault *b)
{
	return a->rid == b->rid && a->pasid == b->pasid && a->va == b->va &&
	       a->access == b->access && a->walk.reason == b->walk.reason;
}

static void flush(struct cli_report *report)
{
	if (report->repeats)
		fprintf(stderr,
			"uiommu: the last fault repeated %" PRIu64 " times\n",
			report->repeats);
	if (report->dropped)
		fprintf(stderr, "uiommu: %" PRIu64 " more faults\n",
			report->dropped);
	report->repeats = 0;
	report->dropped = 0;
}

/* Is it time for another line? If not it has been counted. */
static bool admit(struct cli_report *report, const struct soft_fault *f)
{
	time_t now = time(NULL);

	if (report->any && same(&report->last, f)) {
		report->repeats++;
		return false;
	}
	if (now != report->second) {
		flush(report);
		report->second = now;
		report->lines = 0;
	}
	if (++report->lines > LINES_PER_SECOND) {
		report->dropped++;
		return false;
	}
	if (report->repeats)
		flush(report);
	report->last = *f;
	report->any = true;
	return true;
}

static void print_fault(const struct soft_fault *f, const char *bdf)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	/* In one piece: the client writes to the same terminal. */
	if (!out)
		return;
	fputs("uiommu: ", out);
	cli_print_fault(out, f, bdf);
	fclose(out);
	fputs(text, stderr);
	free(text);
}

static void show_fault(struct cli_report *report, struct uiommu *u,
		       const struct soft_fault *f)
{
	struct soft_dte dte;

	if (!soft_iommu_get(uiommu_soft(u), f->rid, f->pasid, &dte) ||
	    dte.mode != SOFT_MODE_TRANSLATE)
		return;
	fputc('\n', report->show);
	cli_print_walk(report->show, uiommu_bus(u), &dte.root, f->va,
		       f->access);
	fputc('\n', report->show);
	fflush(report->show);
}

void cli_report_fault(void *arg, struct uiommu *u, const struct soft_fault *f)
{
	struct cli_report *report = arg;
	char bdf[16];

	cli_report_bdf(u, f->rid, bdf);
	pthread_mutex_lock(&report->lock);
	if (admit(report, f)) {
		print_fault(f, bdf);
		if (report->show_fault)
			show_fault(report, u, f);
	}
	pthread_mutex_unlock(&report->lock);
}

void cli_report_suspect(void *arg, struct uiommu *u,
			const struct soft_suspect *s)
{
	struct cli_report *report = arg;
	char bdf[16];

	cli_report_bdf(u, s->rid, bdf);
	pthread_mutex_lock(&report->lock);
	fputs("uiommu: ", stderr);
	cli_print_suspect(stderr, s, bdf);
	pthread_mutex_unlock(&report->lock);
}

static int first_leaf(void *arg, const struct soft_entry *entry)
{
	*(struct soft_entry *)arg = *entry;
	return entry->kind == SOFT_LEAF ? -1 : 0;
}

static void show_table(struct cli_report *report, struct uiommu *u,
		       const struct soft_root *root, uint64_t iova,
		       uint64_t last)
{
	struct soft_bus *bus = uiommu_bus(u);
	struct soft_entry entry = { .kind = SOFT_EMPTY };

	soft_visit(bus, root, iova, last, first_leaf, &entry);
	if (entry.kind != SOFT_LEAF)
		return;
	fputc('\n', report->show);
	cli_print_tree(report->show, bus, root, 0, UINT64_MAX);
	fputc('\n', report->show);
	cli_print_walk(report->show, bus, root,
		       entry.va > iova ? entry.va : iova, 0);
	fputc('\n', report->show);
	fflush(report->show);
}

void cli_report_unmap(void *arg, struct uiommu *u, uint64_t iova,
		      uint64_t length)
{
	struct cli_report *report = arg;
	uint64_t last = iova + (length - 1), shown = UINT64_MAX;
	struct uiommu_device_info info;
	struct soft_dte dte;
	unsigned int i;

	if (last < iova)
		last = UINT64_MAX;
	for (i = 0; i < uiommu_nr_devices(u); i++) {
		uiommu_device_info(uiommu_device(u, i), &info);
		if (!soft_iommu_get(uiommu_soft(u), info.rid, 0, &dte) ||
		    dte.mode != SOFT_MODE_TRANSLATE || dte.root.pa == shown)
			continue;
		/* Devices of one domain have one table. */
		shown = dte.root.pa;
		show_table(report, u, &dte.root, iova, last);
	}
}

void cli_report_flush(void *arg)
{
	struct cli_report *report = arg;

	pthread_mutex_lock(&report->lock);
	flush(report);
	pthread_mutex_unlock(&report->lock);
}

int cli_report_wait(void *arg)
{
	struct cli_report *report = arg;

	return report->repeats || report->dropped ? 1000 : -1;
}
