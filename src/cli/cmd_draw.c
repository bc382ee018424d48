/* SPDX-License-Identifier: MIT */
/*
 * uiommu draw: a table as a picture.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/draw.h"
#include "cli/mapping.h"
#include "cli/source.h"

static const char help[] =
	"usage: uiommu draw --format FMT --root ADDR [OPTION]... IMAGE "
	"[-o FILE]\n"
	"\n"
	"Draw a page table in a memory image as SVG: levels as rows, page "
	"sizes as colours,\n"
	"permissions as patterns. What is too small for its place is drawn "
	"together.\n"
	"\n"
	"%s"
	"\n"
	"  -o, --output FILE   where to (default: standard output)\n"
	"  --map               the address space instead of the tree: "
	"fragmentation, holes\n"
	"  --va RANGE          only what translates these addresses\n"
	"  --max-entries N     give up after so many entries (default: 64M)\n"
	"  --json              the numbers behind the picture instead of it\n"
	"  --help              this text\n"
	"\n"
	"A RANGE is FIRST-LAST, FIRST+SIZE or one number. The exit status is "
	"0, or 125 if\n"
	"uiommu failed.\n"
	"\n"
	"  uiommu draw --format vtdss --root 0x4000000000000 tables.core -o "
	"tree.svg\n"
	"  uiommu draw --map --format x86_64 --root 0x1000 --base 0 ram.bin "
	"> map.svg\n"
	"  uiommu draw --format riscv64 --levels 3 --root 0x80200000 \\\n"
	"      --va 0x80000000+16M guest.core -o part.svg\n";

enum {
	OPT_OUTPUT = CLI_OPT_OWN,
	OPT_MAP,
	OPT_VA,
	OPT_MAX,
	OPT_JSON,
};

static const struct option long_options[] = {
	CLI_SOURCE_OPTIONS,
	{ "output", required_argument, NULL, OPT_OUTPUT },
	{ "map", no_argument, NULL, OPT_MAP },
	{ "va", required_argument, NULL, OPT_VA },
	{ "max-entries", required_argument, NULL, OPT_MAX },
	{ "json", no_argument, NULL, OPT_JSON },
	{ 0 },
};

struct options {
	struct cli_source source;
	const char *image, *output;
	struct cli_range va;
	uint64_t max;
	bool map, json;
};

static int own_option(void *arg, int option)
{
	struct options *o = arg;

	switch (option) {
	case OPT_OUTPUT:
		o->output = optarg;
		return 0;
	case OPT_MAP:
		o->map = true;
		return 0;
	case OPT_VA:
		return cli_filter_range(&o->va, "va", optarg);
	case OPT_MAX:
		return cli_parse_count("max-entries", optarg, &o->max);
	case OPT_JSON:
		o->json = true;
		return 0;
	}
	return -1;
}

static int take_image(struct options *o, int argc, char **argv)
{
	if (optind == argc)
		return cli_complain("no image is named; see 'uiommu draw "
				    "--help'");
	if (optind + 1 < argc)
		return cli_complain("one image can be drawn, not also '%s'",
				    argv[optind + 1]);
	o->image = argv[optind];
	return 0;
}

/* Without its top there is nothing of a table. */
static int check_top(struct options *o)
{
	struct cli_line line = { 0 };
	uint64_t top = o->source.table.root.pa;

	if (cli_source_has(&o->source, top))
		return 0;
	cli_source_add_missing(&line, &o->source, top);
	return cli_complain("the top table is not there: %s", line.text);
}

static int draw_to(FILE *out, const struct options *o,
		   const struct cli_draw *draw)
{
	if (o->json)
		return cli_draw_json(out, draw);
	return o->map ? cli_draw_map(out, draw) : cli_draw_tree(out, draw);
}

/* The picture is whole before a file is touched: a failure leaves what was there. */
static int make(const struct options *o, const struct cli_draw *draw,
		char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);
	int rc;

	if (!out)
		return -errno;
	rc = draw_to(out, o, draw);
	if (fclose(out) && !rc)
		rc = -ENOMEM;
	return rc;
}

static int write_out(const struct options *o, const char *text, size_t size)
{
	FILE *file = o->output ? fopen(o->output, "we") : NULL;
	const char *name = o->output ? o->output : "standard output";
	bool good;

	if (o->output && !file)
		return cli_complain("cannot write '%s': %s", name,
				    strerror(errno));
	errno = 0;
	good = fwrite(text, 1, size, file ? file : stdout) == size;
	good &= !(file ? fclose(file) : fflush(stdout));
	if (!good)
		return cli_complain("cannot write '%s': %s", name,
				    errno ? strerror(errno)
					  : "not all of it was written");
	return 0;
}

static int draw(struct options *o)
{
	struct cli_survey survey = { 0 };
	struct cli_draw what = {
		.scope = {
			.bus = o->source.bus,
			.root = &o->source.table.root,
			.va = o->va.first,
			.last = o->va.last,
			.max = o->max,
		},
		.root = &o->source.table.root,
		.name = o->image,
		.survey = &survey,
	};
	char *text = NULL;
	size_t size = 0;
	int rc = cli_survey(&survey, &what.scope);

	if (!rc)
		rc = make(o, &what, &text, &size);
	if (rc)
		rc = cli_complain("cannot draw: %s", strerror(-rc));
	else
		rc = write_out(o, text, size);
	free(text);
	cli_survey_free(&survey);
	return rc;
}

int cmd_draw(int argc, char **argv)
{
	struct options o = {
		.va.last = UINT64_MAX,
		.max = CLI_MAX_ENTRIES,
	};
	int status;

	status = cli_source_parse(&o.source, argc, argv, long_options, help,
				  own_option, &o);
	if (!status)
		status = take_image(&o, argc, argv);
	if (!status)
		status = cli_source_open(&o.source, o.image);
	if (!status)
		status = check_top(&o);
	if (!status)
		status = draw(&o);
	cli_source_close(&o.source);
	return status < 0 ? 0 : status;
}
