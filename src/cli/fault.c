/* SPDX-License-Identifier: MIT */
/* One line for each thing that went wrong between a device and its table. */
#include "cli/print.h"
#include "cli/text.h"

#include <inttypes.h>

void cli_print_fault(FILE *out, const struct soft_fault *fault, const char *bdf)
{
	struct cli_line line = { 0 };

	cli_add(&line, "fault: %s ", bdf);
	if (fault->pasid)
		cli_add(&line, "pasid %" PRIu32 " ", fault->pasid);
	cli_add(&line, "%s at IOVA 0x%" PRIx64 " blocked: ",
		fault->access & SOFT_WRITE ? "write" : "read", fault->va);
	cli_add_stop(&line, &fault->walk, fault->access);
	cli_add(&line, "\n");
	fputs(line.text, out);
}

static void add_oa(struct cli_line *line, uint64_t oa)
{
	if (oa == UINT64_MAX)
		cli_add(line, "nothing");
	else
		cli_add(line, "0x%" PRIx64, oa);
}

void cli_print_suspect(FILE *out, const struct soft_suspect *suspect,
		       const char *bdf)
{
	struct cli_line line = { 0 };

	cli_add(&line, "stale: %s used IOVA 0x%" PRIx64 " as ", bdf,
		suspect->va);
	add_oa(&line, suspect->cached_oa);
	cli_add(&line, ", but the table says ");
	add_oa(&line, suspect->walked_oa);
	cli_add(&line, " and no invalidation covered it: %s\n",
		suspect->history);
	fputs(line.text, out);
}
