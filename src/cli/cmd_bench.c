/* SPDX-License-Identifier: MIT */
/*
 * uiommu bench: how fast the page tables are, and how fast they could be.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	"  --help           this text\n";

enum {
	OPT_FILTER = 1,
	OPT_LIST,
	OPT_QUICK,
	OPT_MIN_TIME,
	OPT_HELP,
};

struct options {
	struct bench_options bench;
	regex_t filter;
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

static void list_row(void *arg, const struct bench_result *result)
{
	puts(result->name);
}

static void table_row(void *arg, const struct bench_result *result)
{
	cli_bench_table_add(arg, result);
}

static int run(const struct options *o)
{
	struct cli_bench_table table = { .out = stdout };
	int ret;

	if (o->bench.list)
		ret = bench_run(&o->bench, list_row, NULL);
	else
		ret = bench_run(&o->bench, table_row, &table);
	cli_bench_table_end(&table);
	if (ret)
		return cli_complain("cannot measure: %s", strerror(-ret));
	return cli_finish_stdout();
}

int cmd_bench(int argc, char **argv)
{
	struct options o = { .bench.min_time = 0.05 };
	int status = parse(&o, argc, argv);

	if (!status)
		status = run(&o);
	if (o.bench.filter)
		regfree(&o.filter);
	return status < 0 ? 0 : status;
}
