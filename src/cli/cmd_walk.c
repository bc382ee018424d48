/* SPDX-License-Identifier: MIT */
/*
 * uiommu walk: one translation, level by level.
 */
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/mapping.h"
#include "cli/print.h"
#include "cli/walk_json.h"

static const char help[] =
	"usage: uiommu walk --format FMT --root ADDR [OPTION]... IMAGE VA\n"
	"\n"
	"Translate VA by a page table in a memory image and print each step: "
	"the table,\n"
	"the index, the entry with all its fields, and where and why it stops. "
	"IMAGE is a\n"
	"file of plain memory, an ELF core, or pid:PID for the memory of a "
	"process.\n"
	"\n"
	"%s"
	"\n"
	"  --access WHAT       what is wanted: r, w, rw, x (default: only "
	"look)\n"
	"  --json              for programs\n"
	"  --help              this text\n"
	"\n"
	"Numbers are decimal, or hexadecimal after 0x, and may end in K, M, G, "
	"T.\n"
	"The exit status is 0 if VA is translated, 1 if not, 125 if uiommu "
	"failed.\n"
	"\n"
	"  uiommu walk --format x86_64 --root 0x1000 guest.core "
	"0x7f1234567000\n"
	"  uiommu walk --format amdv1 --levels 3 --root 0x3f000 --access w "
	"mem.bin 0x10000\n"
	"  uiommu walk --format riscv64 --root 0x80201000 \\\n"
	"      --stage2 riscv64_x4,0x90000000,levels=3 guest.core 0x10000\n";

/** struct walk - one run of the command; @want: what is to be permitted. */
struct walk {
	struct cli_source source;
	struct cli_filter want;
	bool as_json;
};

enum {
	OPT_ACCESS = CLI_OPT_OWN,
	OPT_JSON
};

static const struct option long_options[] = {
	CLI_SOURCE_OPTIONS,
	{ "access", required_argument, NULL, OPT_ACCESS },
	{ "json", no_argument, NULL, OPT_JSON },
	{ 0 },
};

static int own_option(void *arg, int option)
{
	struct walk *w = arg;
	int status = 0;

	if (option == OPT_JSON)
		w->as_json = true;
	else
		status = cli_filter_access(&w->want, optarg);
	if (!status && w->want.without)
		return cli_complain("--access: what is wanted is made of r, w "
				    "and x, not '%s'",
				    optarg);
	return status;
}

static enum soft_reason print_json(struct walk *w, uint64_t va, int *status)
{
	struct cli_out *out = malloc(sizeof(*out));
	struct cli_json json = { .out = out };
	enum soft_reason reason;

	if (!out) {
		*status = cli_complain("no memory");
		return SOFT_OK;
	}
	cli_out_init(out, stdout);
	reason = cli_walk_json(&json, &w->source, va, w->want.with);
	*status = cli_out_finish(out);
	free(out);
	return reason;
}

static enum soft_reason print_text(struct walk *w, uint64_t va)
{
	if (w->source.nested)
		return cli_print_nested_walk(stdout, w->source.nested,
					     &w->source.table.root, va,
					     w->want.with);
	return cli_print_walk(stdout, w->source.bus, &w->source.table.root, va,
			      w->want.with);
}

/* Why the entry that the walk stopped at is not there. */
static void explain(struct walk *w, uint64_t va)
{
	struct cli_line line = { .len = 0 };
	struct soft_walk walk;

	if (soft_walk(w->source.bus, &w->source.table.root, va, w->want.with,
		      &walk) != SOFT_FAULT_BUS)
		return;
	cli_source_add_missing(&line, &w->source, walk.step[walk.steps - 1].pa);
	cli_complain("a part of the table is missing: %s", line.text);
}

static int walk(struct walk *w, uint64_t va)
{
	enum soft_reason reason;
	int status = 0;

	reason = w->as_json ? print_json(w, va, &status) : print_text(w, va);
	if (!status)
		status = cli_finish_stdout();
	if (status)
		return status;
	if (reason == SOFT_FAULT_BUS)
		explain(w, va);
	return reason != SOFT_OK;
}

int cmd_walk(int argc, char **argv)
{
	struct walk w = { .as_json = false };
	uint64_t va = 0;
	int status;

	status = cli_source_parse(&w.source, argc, argv, long_options, help,
				  own_option, &w);
	if (!status && argc - optind != 2)
		status = cli_complain("an image and a VA are needed, not %d "
				      "arguments; see 'uiommu walk --help'",
				      argc - optind);
	if (!status)
		status = cli_parse_address("VA", argv[optind + 1], &va);
	if (!status)
		status = cli_source_open(&w.source, argv[optind]);
	if (!status)
		status = walk(&w, va);
	cli_source_close(&w.source);
	return status < 0 ? 0 : status;
}
