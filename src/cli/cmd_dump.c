/* SPDX-License-Identifier: MIT */
/*
 * uiommu dump: what a table in an image maps.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/mapping.h"
#include "cli/mapping_print.h"
#include "cli/number.h"
#include "cli/print.h"
#include "cli/tree_json.h"

static const char help[] =
	"usage: uiommu dump --format FMT --root ADDR [OPTION]... IMAGE\n"
	"\n"
	"Print what a page table in a memory image maps, as runs of pages that "
	"continue\n"
	"each other. IMAGE is a file of plain memory, an ELF core, or pid:PID "
	"for the\n"
	"memory of a process.\n"
	"\n"
	"%s"
	"\n"
	"  --tree              print the entries as a tree instead\n"
	"  --va RANGE          only what translates these addresses\n"
	"  --oa RANGE          only what goes to these addresses\n"
	"  --access WHAT       only what permits: rw = reads and writes; r!w = "
	"read-only\n"
	"  --level RANGE       only leaves at these levels\n"
	"  --accessed-dirty    runs end where accessed or dirty bits change\n"
	"  --repeat-tables     show shared tables as often as they are used\n"
	"  --max-entries N     give up after so many entries\n"
	"  --json              for programs\n"
	"  --help              this text\n"
	"\n"
	"A RANGE is FIRST-LAST, FIRST+SIZE or one number. Numbers are decimal, "
	"or\n"
	"hexadecimal after 0x, and may end in K, M, G, T.\n"
	"The exit status is 0, 1 if something in the table is bad or missing, "
	"125 if\n"
	"uiommu failed.\n"
	"\n"
	"  uiommu dump --format x86_64 --features supervisor --root 0x1000 "
	"guest.core\n"
	"  uiommu dump --format vtdss --levels 3 --root 0x3f000 --base 2G "
	"--access w mem.bin\n"
	"  uiommu dump --format riscv64 --root 0x80201000 \\\n"
	"      --stage2 riscv64_x4,0x90000000,levels=3 guest.core\n";

/**
 * struct dump - one run of the command
 * @bad: runs that are bad
 * @missing: address of the first entry that the image does not hold
 * @has_missing: there is one
 */
struct dump {
	struct cli_source source;
	struct cli_scan scan;
	struct cli_mapping_style style;
	struct cli_out *out;
	struct cli_json json;
	const char *narrowing;
	bool tree, as_json;
	uint64_t bad;
	uint64_t missing;
	bool has_missing;
};

enum {
	OPT_TREE = CLI_OPT_OWN,
	OPT_VA,
	OPT_OA,
	OPT_ACCESS,
	OPT_LEVEL,
	OPT_AD,
	OPT_REPEAT,
	OPT_MAX,
	OPT_JSON
};

static const struct option long_options[] = {
	CLI_SOURCE_OPTIONS,
	{ "tree", no_argument, NULL, OPT_TREE },
	{ "va", required_argument, NULL, OPT_VA },
	{ "oa", required_argument, NULL, OPT_OA },
	{ "access", required_argument, NULL, OPT_ACCESS },
	{ "level", required_argument, NULL, OPT_LEVEL },
	{ "accessed-dirty", no_argument, NULL, OPT_AD },
	{ "repeat-tables", no_argument, NULL, OPT_REPEAT },
	{ "max-entries", required_argument, NULL, OPT_MAX },
	{ "json", no_argument, NULL, OPT_JSON },
	{ 0 },
};

static int own_option(void *arg, int option)
{
	struct dump *d = arg;
	struct cli_filter *filter = &d->scan.filter;

	switch (option) {
	case OPT_TREE:
		d->tree = true;
		return 0;
	case OPT_VA:
		return cli_filter_range(&filter->va, "va", optarg);
	case OPT_OA:
		d->narrowing = "--oa";
		return cli_filter_range(&filter->oa, "oa", optarg);
	case OPT_ACCESS:
		d->narrowing = "--access";
		return cli_filter_access(filter, optarg);
	case OPT_LEVEL:
		d->narrowing = "--level";
		return cli_filter_range(&filter->levels, "level", optarg);
	case OPT_AD:
		d->scan.separate_ad = true;
		return 0;
	case OPT_REPEAT:
		d->scan.repeat_tables = true;
		return 0;
	case OPT_MAX:
		return cli_parse_count("max-entries", optarg,
				       &d->scan.max_entries);
	default:
		d->as_json = true;
		return 0;
	}
}

/* What was found, whatever it looks like. */
static void note(struct dump *d, const struct cli_mapping *m)
{
	if (m->kind != CLI_BAD && m->kind != CLI_BAD_STAGE2)
		return;
	d->bad++;
	if (d->has_missing || m->kind != CLI_BAD ||
	    cli_source_has(&d->source, m->entry.pa))
		return;
	d->has_missing = true;
	d->missing = m->entry.pa;
}

static int print_run(void *arg, const struct cli_mapping *m)
{
	struct dump *d = arg;

	note(d, m);
	cli_mapping_line(d->out, &d->style, m);
	return d->out->failed ? -EIO : 0;
}

static int print_json_run(void *arg, const struct cli_mapping *m)
{
	struct dump *d = arg;

	note(d, m);
	cli_mapping_json(&d->json, &d->style, NULL, m);
	return d->out->failed ? -EIO : 0;
}

static void print_root(struct dump *d)
{
	struct cli_line line = { .len = 0 };

	cli_add_root(&line, &d->source.table.root);
	if (d->source.nested) {
		cli_add(&line, "\nstage 2: ");
		cli_add_root(&line, &d->source.stage2.root);
	}
	cli_out_text(d->out, line.text);
	cli_out_char(d->out, '\n');
}

static int dump_text(struct dump *d)
{
	print_root(d);
	cli_mapping_head(d->out, &d->style);
	return cli_scan_table(&d->scan, print_run, d);
}

static int dump_tree(struct dump *d)
{
	cli_print_tree(d->out->file, d->source.bus, &d->source.table.root,
		       d->scan.filter.va.first, d->scan.filter.va.last);
	return 0;
}

static int dump_json(struct dump *d)
{
	int rc;

	d->json.out = d->out;
	cli_json_object(&d->json, NULL);
	cli_source_json(&d->json, &d->source);
	if (d->tree) {
		rc = cli_tree_json(&d->json, &d->source, &d->scan.filter.va,
				   d->scan.max_entries);
	} else {
		cli_json_array(&d->json, "runs", true);
		rc = cli_scan_table(&d->scan, print_json_run, d);
		cli_json_end(&d->json);
	}
	cli_json_bool(&d->json, "complete", rc == 0);
	cli_json_end(&d->json);
	return rc;
}

/* What the lines above do not say: why they are not all. */
static int explain(struct dump *d, int rc)
{
	struct cli_line line = { .len = 0 };

	if (rc == -E2BIG)
		cli_complain("given up: no honest table in this image has so "
			     "many entries (see 'uiommu check'; "
			     "--max-entries N raises the limit)");
	if (d->has_missing) {
		cli_source_add_missing(&line, &d->source, d->missing);
		cli_complain("a part of the table is missing: %s", line.text);
	}
	return rc || d->bad;
}

static int dump(struct dump *d)
{
	struct cli_out *out = malloc(sizeof(*out));
	int rc, status;

	if (!out)
		return cli_complain("no memory");
	cli_out_init(out, stdout);
	d->out = out;
	d->scan.source = &d->source;
	cli_mapping_style_init(&d->style, &d->source);
	rc = d->as_json ? dump_json(d) : d->tree ? dump_tree(d) : dump_text(d);
	status = cli_out_finish(out);
	free(out);
	return status ? status : explain(d, rc);
}

/* The options fit each other, and there is one image. */
static int check(struct dump *d, int left)
{
	if (left != 1)
		return cli_complain("one image is needed, not %d; see "
				    "'uiommu dump --help'",
				    left);
	if (d->tree && d->narrowing)
		return cli_complain("--tree shows a part of the table by --va, "
				    "not by %s",
				    d->narrowing);
	return 0;
}

int cmd_dump(int argc, char **argv)
{
	struct dump d = { .tree = false };
	int status;

	cli_filter_init(&d.scan.filter);
	status = cli_source_parse(&d.source, argc, argv, long_options, help,
				  own_option, &d);
	if (!status)
		status = check(&d, argc - optind);
	if (!status)
		status = cli_source_open(&d.source, argv[optind]);
	if (!status)
		status = dump(&d);
	cli_source_close(&d.source);
	return status < 0 ? 0 : status;
}
