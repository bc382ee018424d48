/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/watch.h"
#include "run/run.h"

#define MAX_DEVICES 32u

static const char help[] =
	"usage: uiommu run [OPTION]... [--] COMMAND [ARGUMENT]...\n"
	"\n"
	"Run COMMAND with a working /dev/iommu and modelled VFIO devices.\n"
	"\n"
	"  --iommu FORMAT         page-table format: vtdss (default), amdv1, "
	"x86_64,\n"
	"                         amdv1_mock\n"
	"  --device MODEL[,no-iommu]  plug in a device: edu, test; may be "
	"repeated\n"
	"                         (default: one edu). no-iommu: nothing "
	"translates it\n"
	"  --mock                 have a mock IOMMU, too, which "
	"IOMMU_TEST_CMD drives\n"
	"  --show[=EVENT,...]     print what happens: 'unmap', the table "
	"before "
	"an unmap;\n"
	"                         'fault', the walk of a blocked DMA; both if "
	"none is named\n"
	"  --show-to FILE         print that to FILE, not to stderr\n"
	"  --trace[=FILE]         print each ioctl, event, DMA and fault as "
	"it happens, to\n"
	"                         stderr or FILE\n"
	"  --trace-events EVENT,...  only these: open, ioctl, event, region, "
	"mmap, dma,\n"
	"                         fault, all (default: all but region)\n"
	"  --stats[=FILE]         print sums at the end: calls, errors, time, "
	"bytes, IOTLB\n"
	"  --json                 trace and sums as JSON, one object per "
	"line\n"
	"  --dump-on-exit DIR     leave the page tables in DIR, as they were "
	"when the devices\n"
	"                         were closed, for 'uiommu dump', 'walk' and "
	"'draw'\n"
	"  --help                 print this\n"
	"\n"
	"The exit status is COMMAND's, 128 + N if signal N killed it, 125 if "
	"uiommu\n"
	"failed, 126 if COMMAND cannot be run, 127 if it is not found.\n"
	"\n"
	"  uiommu run -- ./my-tests\n"
	"  uiommu run --iommu amdv1 --device edu --device edu -- ./my-tests\n"
	"  uiommu run --trace=trace.txt --stats -- ./my-tests\n"
	"  uiommu run --trace-events dma,fault -- ./my-tests\n"
	"  uiommu run --dump-on-exit tables -- ./crashes && cat "
	"tables/tables.txt\n";

struct options {
	struct run_config config;
	const char *device[MAX_DEVICES];
	struct cli_watch watch;
	bool trace;
	bool stats;
	bool json;
	const char *show_to, *trace_to, *stats_to;
	FILE *stats_out;
};

enum {
	OPT_IOMMU = 256,
	OPT_DEVICE,
	OPT_MOCK,
	OPT_SHOW,
	OPT_SHOW_TO,
	OPT_TRACE,
	OPT_TRACE_EVENTS,
	OPT_STATS,
	OPT_JSON,
	OPT_DUMP,
	OPT_HELP
};

static const struct option long_options[] = {
	{ "iommu", required_argument, NULL, OPT_IOMMU },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "mock", no_argument, NULL, OPT_MOCK },
	{ "show", optional_argument, NULL, OPT_SHOW },
	{ "show-to", required_argument, NULL, OPT_SHOW_TO },
	{ "trace", optional_argument, NULL, OPT_TRACE },
	{ "trace-events", required_argument, NULL, OPT_TRACE_EVENTS },
	{ "stats", optional_argument, NULL, OPT_STATS },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "dump-on-exit", required_argument, NULL, OPT_DUMP },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static int complain(const char *what, const char *which)
{
	fprintf(stderr, "uiommu: %s '%s'; see 'uiommu run --help'\n", what,
		which);
	return RUN_EXIT_FAILED;
}

/* Is it a list of events and nothing else? */
static bool is_event_list(const char *word)
{
	size_t len;

	for (;; word += len + 1) {
		len = strcspn(word, ",");
		if (!(len == 5 && !strncmp(word, "unmap", len)) &&
		    !(len == 5 && !strncmp(word, "fault", len)))
			return false;
		if (!word[len])
			return true;
	}
}

/* The events of --show stand behind a '='; what follows it is the command. */
static bool misplaced_events(char **argv, int command)
{
	return command > 1 && !strcmp(argv[command - 1], "--show") &&
	       is_event_list(argv[command]);
}

static int parse_show(struct cli_report *report, const char *events)
{
	char list[64], *event, *save = NULL;

	if (!events)
		events = "unmap,fault";
	snprintf(list, sizeof(list), "%s", events);
	for (event = strtok_r(list, ",", &save); event;
	     event = strtok_r(NULL, ",", &save)) {
		if (!strcmp(event, "unmap"))
			report->show_unmap = true;
		else if (!strcmp(event, "fault"))
			report->show_fault = true;
		else
			return complain("--show knows no event", event);
	}
	return 0;
}

static int parse_events(struct options *o, const char *list)
{
	struct cli_trace *trace = &o->watch.trace;
	unsigned int what;
	size_t len;

	o->trace = true;
	trace->what = 0;
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		what = cli_trace_event(list, len);
		if (!what) {
			fprintf(stderr,
				"uiommu: --trace-events knows no event '%.*s'; "
				"there are: " CLI_TRACE_WORDS "\n",
				(int)len, list);
			return RUN_EXIT_FAILED;
		}
		trace->what |= what;
		if (!list[len])
			return 0;
	}
}

static int add_device(struct options *o, const char *model)
{
	if (o->config.nr_devices == MAX_DEVICES)
		return complain("no slot is left for the device", model);
	o->device[o->config.nr_devices++] = model;
	return 0;
}

/* Return: 0 to go on, an exit status, or -1 to end with success. */
static int parse_option(struct options *o, int option, char **argv)
{
	switch (option) {
	case OPT_IOMMU:
		o->config.iommu = optarg;
		return 0;
	case OPT_DEVICE:
		return add_device(o, optarg);
	case OPT_MOCK:
		o->config.mock = true;
		return 0;
	case OPT_SHOW:
		return parse_show(&o->watch.report, optarg);
	case OPT_SHOW_TO:
		o->show_to = optarg;
		return 0;
	case OPT_TRACE:
		o->trace = true;
		o->trace_to = optarg;
		return 0;
	case OPT_TRACE_EVENTS:
		return parse_events(o, optarg);
	case OPT_STATS:
		o->stats = true;
		o->stats_to = optarg;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_DUMP:
		o->watch.snapshot.dir = optarg;
		return 0;
	case OPT_HELP:
		fputs(help, stdout);
		return -1;
	case ':':
		return complain("a value is missing for", argv[optind - 1]);
	default:
		return complain("no option", argv[optind - 1]);
	}
}

static int parse(struct options *o, int argc, char **argv)
{
	int option, status;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", long_options, NULL)) !=
	       -1) {
		status = parse_option(o, option, argv);
		if (status)
			return status;
	}
	if (optind == argc) {
		fputs("uiommu: no command to run; see 'uiommu run --help'\n",
		      stderr);
		return RUN_EXIT_FAILED;
	}
	if (misplaced_events(argv, optind)) {
		fprintf(stderr,
			"uiommu: '%s' is taken for the command; write "
			"--show=%s\n",
			argv[optind], argv[optind]);
		return RUN_EXIT_FAILED;
	}
	o->config.argv = argv + optind;
	return 0;
}

/* @name may be NULL: stderr. Return: 0 or an exit status. */
static int open_output(const char *name, FILE **out)
{
	*out = name ? fopen(name, "we") : stderr;
	if (*out)
		return 0;
	fprintf(stderr, "uiommu: cannot write '%s': %s\n", name,
		strerror(errno));
	return RUN_EXIT_FAILED;
}

static int open_outputs(struct options *o)
{
	int status = open_output(o->show_to, &o->watch.report.show);

	if (!status && o->trace)
		status = open_output(o->trace_to, &o->watch.trace.out);
	if (!status && o->stats)
		status = open_output(o->stats_to, &o->stats_out);
	if (!status && cli_snapshot_prepare(&o->watch.snapshot))
		status = RUN_EXIT_FAILED;
	o->watch.trace.json = o->json;
	o->watch.stats.on = o->stats;
	return status;
}

/* Return: false if not everything has arrived, after a line. */
static bool close_output(FILE *out, const char *name)
{
	bool failed;

	if (!out || out == stderr)
		return true;
	failed = ferror(out);
	errno = 0;
	if (fclose(out) || failed) {
		fprintf(stderr, "uiommu: cannot write '%s': %s\n", name,
			errno ? strerror(errno) : "not all of it was written");
		return false;
	}
	return true;
}

/* What was asked for and is not there must not look like success. */
static int close_outputs(struct options *o, int status)
{
	bool good = true;

	if (o->stats_out)
		cli_stats_print(&o->watch.stats, o->stats_out, o->json);
	good &= close_output(o->watch.report.show, o->show_to);
	good &= close_output(o->watch.trace.out, o->trace_to);
	good &= close_output(o->stats_out, o->stats_to);
	if (cli_snapshot_write(&o->watch.snapshot))
		good = false;
	return good || status ? status : RUN_EXIT_FAILED;
}

int cmd_run(int argc, char **argv)
{
	struct options o = {
		.watch.report.lock = PTHREAD_MUTEX_INITIALIZER,
		.watch.trace.lock = PTHREAD_MUTEX_INITIALIZER,
		.watch.trace.what = CLI_TRACE_USUAL,
		.watch.stats.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	int status = parse(&o, argc, argv);

	if (status)
		return status < 0 ? EXIT_SUCCESS : status;
	if (open_outputs(&o))
		return RUN_EXIT_FAILED;
	if (!o.config.nr_devices)
		add_device(&o, "edu");
	o.config.device = o.device;
	cli_watch_connect(&o.watch, &o.config);
	cli_trace_start(&o.watch.trace);
	status = run_command(&o.config);
	cli_report_flush(&o.watch.report);
	return close_outputs(&o, status);
}
