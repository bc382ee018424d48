/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/report.h"
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
	"  --device MODEL         plug in a device: edu; may be repeated "
	"(default: one edu)\n"
	"  --show[=EVENT,...]     print what happens: 'unmap', the table "
	"before "
	"an unmap;\n"
	"                         'fault', the walk of a blocked DMA; both if "
	"none is named\n"
	"  --show-to FILE         print that to FILE, not to stderr\n"
	"  --help                 print this\n"
	"\n"
	"The exit status is COMMAND's, 128 + N if signal N killed it, 125 if "
	"uiommu\n"
	"failed, 126 if COMMAND cannot be run, 127 if it is not found.\n"
	"\n"
	"  uiommu run -- ./my-tests\n"
	"  uiommu run --iommu amdv1 --device edu --device edu -- ./my-tests\n";

struct options {
	struct run_config config;
	const char *device[MAX_DEVICES];
	struct cli_report report;
	const char *show_to;
};

enum {
	OPT_IOMMU = 256,
	OPT_DEVICE,
	OPT_SHOW,
	OPT_SHOW_TO,
	OPT_HELP
};

static const struct option long_options[] = {
	{ "iommu", required_argument, NULL, OPT_IOMMU },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "show", optional_argument, NULL, OPT_SHOW },
	{ "show-to", required_argument, NULL, OPT_SHOW_TO },
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
	case OPT_SHOW:
		return parse_show(&o->report, optarg);
	case OPT_SHOW_TO:
		o->show_to = optarg;
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

static int open_show(struct options *o)
{
	o->report.show = stderr;
	if (!o->show_to)
		return 0;
	o->report.show = fopen(o->show_to, "we");
	if (o->report.show)
		return 0;
	fprintf(stderr, "uiommu: cannot write '%s': %s\n", o->show_to,
		strerror(errno));
	return RUN_EXIT_FAILED;
}

int cmd_run(int argc, char **argv)
{
	struct options o = { .report.lock = PTHREAD_MUTEX_INITIALIZER };
	int status = parse(&o, argc, argv);

	if (status)
		return status < 0 ? EXIT_SUCCESS : status;
	if (open_show(&o))
		return RUN_EXIT_FAILED;
	if (!o.config.nr_devices)
		add_device(&o, "edu");
	o.config.device = o.device;
	o.config.fault = cli_report_fault;
	o.config.suspect = cli_report_suspect;
	o.config.before_unmap = o.report.show_unmap ? cli_report_unmap : NULL;
	o.config.idle = cli_report_flush;
	o.config.idle_ms = cli_report_wait;
	o.config.arg = &o.report;
	status = run_command(&o.config);
	cli_report_flush(&o.report);
	if (o.report.show != stderr)
		fclose(o.report.show);
	return status;
}
