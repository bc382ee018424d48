/* SPDX-License-Identifier: MIT */
/*
 * uiommu check: what is wrong with a table, or wasteful in it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "cli/cmd.h"
#include "cli/mapping_print.h"

static const char help[] =
	"usage: uiommu check --format FMT --root ADDR [OPTION]... IMAGE\n"
	"\n"
	"Find what is wrong with a page table in a memory image, one line "
	"each:\n"
	"  error    hardware faults on it: reserved bits, misaligned "
	"addresses, "
	"addresses\n"
	"           beyond the output width, loops, broken runs, tables that "
	"are missing\n"
	"  warning  most likely not meant: shared tables, entries that nothing "
	"reaches\n"
	"  note     wasteful: empty tables, small pages that could be large\n"
	"IMAGE is a file of plain memory, an ELF core, or pid:PID for the "
	"memory of a\n"
	"process. Of two stages the first is looked at, through the second.\n"
	"\n"
	"%s"
	"\n"
	"  --severity LEAST    report nothing less severe: note (default), "
	"warning, error\n"
	"  --max-entries N     give up after so many entries\n"
	"  --json              for programs\n"
	"  --help              this text\n"
	"\n"
	"The exit status is 0 if nothing is reported, 1 for a note, 2 for a "
	"warning, 3 for\n"
	"an error, 125 if uiommu failed.\n"
	"\n"
	"  uiommu check --format x86_64 --features supervisor --root 0x1000 "
	"guest.core\n"
	"  uiommu check --format vtdss --levels 3 --root 0x3f000 --severity "
	"error mem.bin\n";

/**
 * struct command - one run of the command
 * @worst: severity of the worst finding that was reported
 */
struct command {
	struct cli_source source;
	struct cli_check check;
	struct cli_out *out;
	struct cli_json json;
	enum cli_severity worst;
	bool as_json;
};

enum {
	OPT_SEVERITY = CLI_OPT_OWN,
	OPT_MAX,
	OPT_JSON
};

static const struct option long_options[] = {
	CLI_SOURCE_OPTIONS,
	{ "severity", required_argument, NULL, OPT_SEVERITY },
	{ "max-entries", required_argument, NULL, OPT_MAX },
	{ "json", no_argument, NULL, OPT_JSON },
	{ 0 },
};

static int set_severity(struct command *c, const char *name)
{
	for (enum cli_severity s = CLI_NOTE; s <= CLI_ERROR; s++) {
		if (strcmp(name, cli_severity_name(s)))
			continue;
		c->check.least = s;
		return 0;
	}
	return cli_complain(
		"--severity: '%s' is none of note, warning and error", name);
}

static int own_option(void *arg, int option)
{
	struct command *c = arg;

	switch (option) {
	case OPT_SEVERITY:
		return set_severity(c, optarg);
	case OPT_MAX:
		return cli_parse_count("max-entries", optarg,
				       &c->check.max_entries);
	default:
		c->as_json = true;
		return 0;
	}
}

static void print_line(struct command *c, const struct cli_finding *f)
{
	struct cli_line line = { .len = 0 };

	cli_add(&line, "%s: VA 0x%" PRIx64 "-0x%" PRIx64 ": %s",
		cli_severity_name(f->severity), f->entry.va, f->last,
		f->what.text);
	cli_add(&line, " (level %u, index %" PRIu64, f->entry.level,
		f->entry.index);
	if (f->count > 1)
		cli_add(&line, " and %" PRIu64 " more", f->count - 1);
	cli_add(&line, " of table 0x%" PRIx64, f->entry.table_pa);
	if (f->entry.raw)
		cli_add(&line, ": 0x%" PRIx64, f->entry.raw);
	cli_add(&line, ")\n");
	cli_out_long(c->out, line.text, line.len);
}

static void print_json(struct command *c, const struct cli_finding *f)
{
	struct cli_json *json = &c->json;

	cli_json_object(json, NULL);
	cli_json_text(json, "severity", cli_severity_name(f->severity));
	cli_json_text(json, "kind", f->kind);
	cli_json_hex(json, "va", f->entry.va);
	cli_json_hex(json, "last", f->last);
	cli_json_number(json, "level", f->entry.level);
	cli_json_hex(json, "table", f->entry.table_pa);
	cli_json_number(json, "index", f->entry.index);
	cli_json_number(json, "entries", f->count);
	cli_json_hex(json, "raw", f->entry.raw);
	cli_json_text(json, "what", f->what.text);
	cli_json_end(json);
}

static void found(void *arg, const struct cli_finding *finding)
{
	struct command *c = arg;

	if (finding->severity > c->worst)
		c->worst = finding->severity;
	if (c->as_json)
		print_json(c, finding);
	else
		print_line(c, finding);
}

static int check_json(struct command *c)
{
	int rc;

	cli_json_object(&c->json, NULL);
	cli_source_json(&c->json, &c->source);
	cli_json_array(&c->json, "findings", true);
	rc = cli_check_table(&c->check);
	cli_json_end(&c->json);
	cli_json_number(&c->json, "tables", c->check.tables);
	cli_json_number(&c->json, "entries", c->check.entries);
	cli_json_number(&c->json, "errors", c->check.number[CLI_ERROR]);
	cli_json_number(&c->json, "warnings", c->check.number[CLI_WARNING]);
	cli_json_number(&c->json, "notes", c->check.number[CLI_NOTE]);
	cli_json_bool(&c->json, "complete", rc == 0);
	cli_json_end(&c->json);
	return rc;
}

static void add_number(struct cli_line *line, uint64_t n, const char *what)
{
	cli_add(line, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

static int check_text(struct command *c)
{
	struct cli_line line = { .len = 0 };
	int rc = cli_check_table(&c->check);

	add_number(&line, c->check.number[CLI_ERROR], "error");
	cli_add(&line, ", ");
	add_number(&line, c->check.number[CLI_WARNING], "warning");
	cli_add(&line, ", ");
	add_number(&line, c->check.number[CLI_NOTE], "note");
	cli_add(&line, " in ");
	add_number(&line, c->check.tables, "table");
	cli_add(&line, "\n");
	cli_out_long(c->out, line.text, line.len);
	return rc;
}

static int check(struct command *c)
{
	struct cli_out *out = malloc(sizeof(*out));
	int rc, status;

	if (!out)
		return cli_complain("no memory");
	cli_out_init(out, stdout);
	c->out = c->json.out = out;
	c->check.source = &c->source;
	c->check.found = found;
	c->check.arg = c;
	rc = c->as_json ? check_json(c) : check_text(c);
	status = cli_out_finish(out);
	free(out);
	if (!status && rc)
		status = cli_complain(
			"given up: no honest table in this image has so many "
			"entries; --max-entries N raises the limit");
	return status ? status : (int)c->worst;
}

int cmd_check(int argc, char **argv)
{
	struct command c = { .check.least = CLI_NOTE };
	int status;

	status = cli_source_parse(&c.source, argc, argv, long_options, help,
				  own_option, &c);
	if (!status && argc - optind != 1)
		status = cli_complain("one image is needed, not %d; see "
				      "'uiommu check --help'",
				      argc - optind);
	if (!status)
		status = cli_source_open(&c.source, argv[optind]);
	if (!status)
		status = check(&c);
	cli_source_close(&c.source);
	return status < 0 ? 0 : status;
}
