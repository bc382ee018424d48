/* SPDX-License-Identifier: MIT */
/*
 * uiommu bench: how fast the page tables are, and how fast they could be.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench_chart.h"
#include "cli/bench_json.h"
#include "cli/bench_table.h"
#include "cli/cmd.h"
#include "cli/source.h"

static const char help[] =
	"usage: uiommu bench [OPTION]...\n"
	"\n"
	"Measures operations of the page tables, each beside its limit: the "
	"least work that any\n"
	"implementation has to do, on the same memory.\n"
	"\n"
	"  --filter REGEX   only rows whose names match\n"
	"  --list           names of the rows\n"
	"  --quick          less exact, and fast\n"
	"  --min-time S     measure each row for S seconds at least "
	"(default: 0.05)\n"
	"  --json FILE      write the rows in google-benchmark's schema, too; "
	"- "
	"is standard\n"
	"                   output, instead of the table\n"
	"  --svg DIR        draw bench-limits.svg and bench-size.svg in a "
	"directory\n"
	"  --help           this text\n"
	"\n"
	"The exit status is 0, 1 if an operation beats its limit (the limit is "
	"wrong), or 125\n"
	"if something could not be measured or written.\n"
	"\n"
	"  uiommu bench --filter '^(un)?map_4K/amdv1/'\n"
	"  uiommu bench --json bench.json --svg .\n";

enum {
	OPT_FILTER = 1,
	OPT_LIST,
	OPT_QUICK,
	OPT_MIN_TIME,
	OPT_JSON,
	OPT_SVG,
	OPT_HELP,
};

/**
 * struct options - the command line
 * @json: a file to write, or "-"
 * @svg: a directory to write into
 */
struct options {
	struct bench_options bench;
	regex_t filter;
	const char *json, *svg;
};

static int take_filter(struct options *o, const char *text)
{
	char why[128];
	int rc;

	if (o->bench.filter)
		return cli_complain("--filter can be given once");
	rc = regcomp(&o->filter, text, REG_EXTENDED | REG_NOSUB);
	if (rc) {
		regerror(rc, &o->filter, why, sizeof(why));
		return cli_complain("--filter '%s' is no regular expression: "
				    "%s",
				    text, why);
	}
	o->bench.filter = &o->filter;
	return 0;
}

static int take_min_time(struct options *o, const char *text)
{
	char *end;

	o->bench.min_time = strtod(text, &end);
	if (end == text || *end || !(o->bench.min_time >= 0) ||
	    o->bench.min_time > 3600)
		return cli_complain("--min-time takes seconds, up to 3600, not "
				    "'%s'",
				    text);
	return 0;
}

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "filter", required_argument, NULL, OPT_FILTER },
		{ "list", no_argument, NULL, OPT_LIST },
		{ "quick", no_argument, NULL, OPT_QUICK },
		{ "min-time", required_argument, NULL, OPT_MIN_TIME },
		{ "json", required_argument, NULL, OPT_JSON },
		{ "svg", required_argument, NULL, OPT_SVG },
		{ "help", no_argument, NULL, OPT_HELP },
		{ 0 },
	};
	int option, status = 0;

	opterr = 0;
	while (!status &&
	       (option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (option) {
		case OPT_FILTER:
			status = take_filter(o, optarg);
			break;
		case OPT_LIST:
			o->bench.list = true;
			break;
		case OPT_QUICK:
			o->bench.quick = true;
			break;
		case OPT_MIN_TIME:
			status = take_min_time(o, optarg);
			break;
		case OPT_JSON:
			o->json = optarg;
			break;
		case OPT_SVG:
			o->svg = optarg;
			break;
		case OPT_HELP:
			fputs(help, stdout);
			return -1;
		case ':':
			status = cli_complain("%s needs a value",
					      argv[optind - 1]);
			break;
		default:
			status = cli_complain("no option '%s'; see 'uiommu "
					      "bench --help'",
					      argv[optind - 1]);
			break;
		}
	}
	if (!status && optind < argc)
		status = cli_complain("no argument is taken: '%s'",
				      argv[optind]);
	return status;
}

/**
 * struct rows - what has been measured
 * @table: where it is printed; its out is NULL if it is not
 * @row: all of them
 * @n: how many
 * @lost: there was no memory for one
 */
struct rows {
	struct cli_bench_table table;
	struct bench_result *row;
	size_t n;
	bool lost;
};

static void list_row(void *arg, const struct bench_result *result)
{
	puts(result->name);
}

static void add_row(void *arg, const struct bench_result *result)
{
	struct rows *rows = arg;
	struct bench_result *more =
		realloc(rows->row, (rows->n + 1) * sizeof(*more));

	if (rows->table.out)
		cli_bench_table_add(&rows->table, result);
	if (!more) {
		rows->lost = true;
		return;
	}
	rows->row = more;
	rows->row[rows->n++] = *result;
}

static int list(const struct options *o)
{
	bench_run(&o->bench, list_row, NULL);
	return cli_finish_stdout();
}

/* ---- files ---- */

static int open_file(const char *name, FILE **file)
{
	*file = fopen(name, "we");
	return *file ? 0
		     : cli_complain("cannot write '%s': %s", name,
				    strerror(errno));
}

static int close_file(const char *name, FILE *file)
{
	bool bad = ferror(file);

	if (!fclose(file) && !bad)
		return 0;
	return cli_complain("cannot write '%s': %s", name, strerror(errno));
}

/** struct files - all are open before minutes are spent on measuring. */
struct files {
	FILE *json, *limits, *size;
	char limits_name[4096], size_name[4096];
};

static int open_files(struct files *f, const struct options *o)
{
	int status = 0;

	if (o->svg) {
		snprintf(f->limits_name, sizeof(f->limits_name),
			 "%s/bench-limits.svg", o->svg);
		snprintf(f->size_name, sizeof(f->size_name),
			 "%s/bench-size.svg", o->svg);
		status = open_file(f->limits_name, &f->limits);
		if (!status)
			status = open_file(f->size_name, &f->size);
	}
	if (o->json && !strcmp(o->json, "-"))
		f->json = stdout;
	else if (o->json && !status)
		status = open_file(o->json, &f->json);
	return status;
}

static int close_files(struct files *f, const struct options *o, int status)
{
	int closed = 0;

	if (f->json && f->json != stdout)
		closed |= close_file(o->json, f->json);
	if (f->limits)
		closed |= close_file(f->limits_name, f->limits);
	if (f->size)
		closed |= close_file(f->size_name, f->size);
	return status ? status : closed;
}

static int draw(struct files *f, const struct options *o,
		const struct rows *rows, const char *model)
{
	struct bench_size(*size)[BENCH_SIZES] =
		calloc(BENCH_COLUMNS, sizeof(*size));
	int ret = size ? bench_sizes(&o->bench, rows->row[0].format, size)
		       : -ENOMEM;

	if (!ret) {
		cli_bench_chart_limits(f->limits, rows->row, rows->n, model);
		cli_bench_chart_size(f->size, size, rows->row[0].format, model);
	}
	free(size);
	return ret ? cli_complain("cannot measure: %s", strerror(-ret)) : 0;
}

/* ---- what it comes to ---- */

static int write_all(struct files *f, const struct options *o,
		     const struct rows *rows)
{
	char model[128];
	int status = 0;

	cli_bench_model(model, sizeof(model));
	if (f->json)
		status = cli_bench_json(f->json, rows->row, rows->n, model);
	if (o->svg && !status)
		status = draw(f, o, rows, model);
	return status;
}

static int measure(const struct options *o, struct files *f)
{
	struct rows rows = { .table.out = f->json == stdout ? NULL : stdout };
	int ret = bench_run(&o->bench, add_row, &rows);
	int status = 0;

	if (rows.table.out) {
		cli_bench_table_end(&rows.table);
		cli_bench_sum_up(rows.table.out, rows.row, rows.n);
	}
	if (ret || rows.lost)
		status = cli_complain("cannot measure%s%s: %s",
				      rows.n ? " " : "",
				      rows.n ? rows.row[rows.n - 1].name : "",
				      strerror(rows.lost ? ENOMEM : -ret));
	else if (!rows.n)
		status = cli_complain("no row has such a name; see 'uiommu "
				      "bench --list'");
	else
		status = write_all(f, o, &rows);
	if (!status)
		status = cli_bench_complain(rows.row, rows.n);
	free(rows.row);
	return status;
}

static int run(const struct options *o)
{
	struct files f = { 0 };
	int status = open_files(&f, o);

	if (!status)
		status = measure(o, &f);
	status = close_files(&f, o, status);
	return status ? status : cli_finish_stdout();
}

int cmd_bench(int argc, char **argv)
{
	struct options o = { .bench.min_time = 0.05 };
	int status = parse(&o, argc, argv);

	if (!status)
		status = o.bench.list ? list(&o) : run(&o);
	if (o.bench.filter)
		regfree(&o.filter);
	return status < 0 ? 0 : status;
}
