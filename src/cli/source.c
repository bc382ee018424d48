/* SPDX-License-Identifier: MIT */
/* A table in an image, as the command line names it. */
#include "cli/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/feature.h"
#include "cli/nested.h"
#include "cli/number.h"
#include "run/run.h"

static const char source_help[] =
	"  --format FMT        format of the table; 'uiommu formats' lists "
	"them\n"
	"  --root ADDR         address of the top table\n"
	"  --levels N          number of levels (default: as many as 48 bits "
	"take)\n"
	"  --va-bits N         width of the input address; of Arm, 64 - TxSZ\n"
	"  --oa-bits N         width of the output address (default: the "
	"widest)\n"
	"  --c-bit N           amdv1, x86_64: position of the C-bit\n"
	"  --features LIST     optional parts of the format: NAME, no-NAME, "
	"none\n"
	"  --stage2 FMT,ADDR[,OPTION=VALUE]...\n"
	"                      the second stage, which translates the first's "
	"addresses;\n"
	"                      OPTIONs: levels, va-bits, oa-bits, c-bit, "
	"features\n"
	"                      (there, '+' separates features)\n"
	"  --base ADDR         address of the first byte of plain memory\n"
	"  --raw               the image is plain memory, whatever it looks "
	"like\n"
	"  --addresses KIND    of an ELF core: physical or virtual\n";

int cli_finish_stdout(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	return cli_complain("cannot write the output: %s", strerror(errno));
}

int cli_complain(const char *format, ...)
{
	char text[sizeof(((struct cli_line *)NULL)->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "uiommu: %s\n", text);
	return RUN_EXIT_FAILED;
}

/* ------------------------------------------------ formats */

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Characters to insert, remove or replace until @a is @b (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t row[32], n = strlen(b), corner, above;

	if (n >= 32)
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (; *a; a++) {
		corner = row[0]++;
		for (size_t j = 1; j <= n; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
				      corner + (*a != b[j - 1]));
			corner = above;
		}
	}
	return row[n];
}

static int unknown_format(const char *name)
{
	const struct soft_format *format, *closest = NULL;
	size_t least = 4; /* further away it is no slip of the finger */

	for (unsigned int i = 0; (format = soft_format_at(i)); i++) {
		size_t d = distance(name, soft_format_name(format));

		if (d < least) {
			least = d;
			closest = format;
		}
	}
	if (closest)
		return cli_complain("there is no format '%s'; is it '%s'? "
				    "'uiommu formats' lists them",
				    name, soft_format_name(closest));
	return cli_complain(
		"there is no format '%s'; 'uiommu formats' lists them", name);
}

static int set_format(struct cli_table *table, const char *name)
{
	table->root.format = soft_format_find(name);
	return table->root.format ? 0 : unknown_format(name);
}

/* ------------------------------------------------ options */

int cli_parse_address(const char *what, const char *text, uint64_t *value)
{
	switch (cli_parse_number(text, value)) {
	case 0:
		return 0;
	case -ERANGE:
		return cli_complain("%s: '%s' does not fit into 64 bits", what,
				    text);
	default:
		return cli_complain("%s: '%s' is no address; write it like "
				    "0x80001000, 4096 or 2G",
				    what, text);
	}
}

static int set_count(const char *option, const char *text, unsigned int most,
		     unsigned int *value)
{
	uint64_t number;

	if (cli_parse_number(text, &number) || !number || number > most)
		return cli_complain("--%s: '%s' is no number from 1 to %u",
				    option, text, most);
	*value = (unsigned int)number;
	return 0;
}

/* The numbers that describe a root; -1: it is none of them. */
static int set_number(struct cli_table *table, const char *option,
		      const char *text)
{
	if (!strcmp(option, "levels"))
		return set_count(option, text, SOFT_MAX_LEVELS,
				 &table->root.levels);
	if (!strcmp(option, "va-bits"))
		return set_count(option, text, 64, &table->root.va_bits);
	if (!strcmp(option, "oa-bits"))
		return set_count(option, text, 64, &table->root.oa_bits);
	if (!strcmp(option, "c-bit"))
		return set_count(option, text, 63, &table->root.c_bit);
	return -1;
}

/* @separator stands between the names. */
static int set_features(struct cli_table *table, const char *list,
			char separator)
{
	struct cli_line error = { .len = 0 };
	char *copy;
	int rc;

	if (!table->has_features)
		table->root.features = cli_feature_default(table->root.format);
	table->has_features = true;
	copy = strdup(list);
	if (!copy)
		return cli_complain("no memory");
	for (char *c = copy; *c; c++)
		if (*c == separator)
			*c = ',';
	rc = cli_feature_parse(table->root.format, copy, &table->root.features,
			       &error);
	free(copy);
	return rc ? cli_complain("--features: %s", error.text) : 0;
}

/* One OPTION=VALUE of --stage2. */
static int set_stage2_option(struct cli_table *table, char *word)
{
	char *value = strchr(word, '=');
	int status = -1;

	if (value) {
		*value++ = '\0';
		status = !strcmp(word, "features")
				 ? set_features(table, value, '+')
				 : set_number(table, word, value);
	}
	if (status < 0)
		return cli_complain(
			"--stage2: no option '%s'; there are levels=, "
			"va-bits=, oa-bits=, c-bit= and features=",
			word);
	return status;
}

static int parse_stage2(struct cli_table *table, char *list)
{
	char *save = NULL, *word = strtok_r(list, ",", &save);
	int status;

	if (!word)
		return cli_complain("--stage2: write FORMAT,ADDRESS");
	status = set_format(table, word);
	if (status)
		return status;
	word = strtok_r(NULL, ",", &save);
	if (!word)
		return cli_complain("--stage2: the address of the top table is "
				    "missing; write FORMAT,ADDRESS");
	status = cli_parse_address("--stage2", word, &table->root.pa);
	table->has_root = true;
	while (!status && (word = strtok_r(NULL, ",", &save)))
		status = set_stage2_option(table, word);
	return status;
}

static int set_stage2(struct cli_table *table, const char *value)
{
	char *list = strdup(value);
	int status = list ? parse_stage2(table, list)
			  : cli_complain("no memory");

	free(list);
	return status;
}

static int set_addresses(struct cli_image_config *config, const char *value)
{
	if (!strcmp(value, "physical"))
		config->addresses = CLI_ADDRESSES_PHYSICAL;
	else if (!strcmp(value, "virtual"))
		config->addresses = CLI_ADDRESSES_VIRTUAL;
	else
		return cli_complain(
			"--addresses: '%s' is neither physical nor virtual",
			value);
	return 0;
}

int cli_source_option(struct cli_source *source, int option, const char *value)
{
	struct cli_table *table = &source->table;

	switch (option) {
	case CLI_OPT_FORMAT:
		return set_format(table, value);
	case CLI_OPT_ROOT:
		table->has_root = true;
		return cli_parse_address("--root", value, &table->root.pa);
	case CLI_OPT_LEVELS:
		return set_number(table, "levels", value);
	case CLI_OPT_VA_BITS:
		return set_number(table, "va-bits", value);
	case CLI_OPT_OA_BITS:
		return set_number(table, "oa-bits", value);
	case CLI_OPT_C_BIT:
		return set_number(table, "c-bit", value);
	case CLI_OPT_FEATURES:
		source->features = value;
		return 0;
	case CLI_OPT_STAGE2:
		return set_stage2(&source->stage2, value);
	case CLI_OPT_BASE:
		source->image_config.has_base = true;
		return cli_parse_address("--base", value,
					 &source->image_config.base);
	case CLI_OPT_RAW:
		source->image_config.raw = true;
		return 0;
	case CLI_OPT_ADDRESSES:
		return set_addresses(&source->image_config, value);
	default:
		return -1;
	}
}

int cli_parse_count(const char *option, const char *text, uint64_t *value)
{
	if (cli_parse_number(text, value) || !*value)
		return cli_complain("--%s: '%s' is no number above 0", option,
				    text);
	return 0;
}

/* As getopt_long() left it: @word is the last that it looked at. */
static int bad_option(int option, const char *word, const char *command)
{
	if (option == ':')
		return cli_complain("a value is missing for '%s'; see 'uiommu "
				    "%s --help'",
				    word, command);
	return cli_complain("no option '%s'; see 'uiommu %s --help'", word,
			    command);
}

static void print_help(const char *help)
{
	const char *place = strstr(help, "%s");

	if (place)
		printf("%.*s%s%s", (int)(place - help), help, source_help,
		       place + 2);
	else
		fputs(help, stdout);
}

/* -o is short for --output, where there is one. Return: its value, or 0. */
static int value_of_output(const struct option *options)
{
	for (; options->name; options++)
		if (!strcmp(options->name, "output"))
			return options->val;
	return 0;
}

int cli_source_parse(struct cli_source *source, int argc, char **argv,
		     const struct option *options, const char *help,
		     int (*own)(void *arg, int option), void *arg)
{
	int output = value_of_output(options), option, status = 0;

	opterr = 0;
	optind = 1;
	while (!status &&
	       (option = getopt_long(argc, argv, output ? ":o:" : ":", options,
				     NULL)) != -1) {
		if (option == 'o')
			option = output;
		if (option == CLI_OPT_HELP) {
			print_help(help);
			return -1;
		}
		if (option == ':' || option == '?')
			return bad_option(option, argv[optind - 1], argv[0]);
		status = option < CLI_OPT_OWN
				 ? cli_source_option(source, option, optarg)
				 : own(arg, option);
	}
	return status;
}

/* ------------------------------------------------ opening */

/* How many bits a table of so many levels can translate; 0 = there is none such. */
static unsigned int reach(const struct soft_root *root, unsigned int levels)
{
	struct soft_root trial = *root;
	unsigned int hi, lo;

	trial.levels = levels;
	trial.pa = 0;
	if (soft_root_check(&trial))
		return 0;
	soft_level_bits(&trial, levels - 1, &hi, &lo);
	return hi + 1;
}

/* A number that all formats have which refuse a width, for what they say of it. */
#define ANY_LEVELS 2u

/*
 * The fewest levels that translate the width that was asked for, or 48 bits; if no
 * table is so wide, the most that there are.
 */
static void choose_levels(struct soft_root *root)
{
	unsigned int wanted = root->va_bits ? root->va_bits : 48;
	unsigned int best = 0, bits;

	for (unsigned int levels = 1; levels <= SOFT_MAX_LEVELS; levels++) {
		bits = reach(root, levels);
		if (bits)
			best = levels;
		if (bits >= wanted)
			break;
	}
	root->levels = best ? best : ANY_LEVELS;
}

static int complete(struct cli_table *table, const char *option)
{
	struct soft_root *root = &table->root;
	const char *why;

	if (!root->format)
		return cli_complain("--format is missing; 'uiommu formats' "
				    "lists the formats");
	if (!table->has_root)
		return cli_complain(
			"--root is missing: the address of the top table");
	if (!table->has_features)
		root->features = cli_feature_default(root->format);
	if (!root->levels)
		choose_levels(root);
	why = soft_root_check(root);
	if (!why)
		return 0;
	return cli_complain("--%s: no %s table can be like this (%u levels, "
			    "at 0x%" PRIx64 "): %s",
			    option, soft_format_name(root->format),
			    root->levels, root->pa, why);
}

static int open_nested(struct cli_source *source)
{
	source->bus = cli_image_bus(source->image);
	if (!source->stage2.root.format)
		return 0;
	source->nested = cli_nested_new(source->bus, &source->stage2.root);
	if (!source->nested)
		return cli_complain("no memory");
	source->bus = cli_nested_bus(source->nested);
	return 0;
}

int cli_source_open(struct cli_source *source, const char *name)
{
	struct cli_line error = { .len = 0 };
	int status = 0;

	if (source->features && source->table.root.format)
		status = set_features(&source->table, source->features, ',');
	if (!status)
		status = complete(&source->table, "root");
	if (!status && source->stage2.root.format)
		status = complete(&source->stage2, "stage2");
	if (status)
		return status;
	source->image_config.name = name;
	source->image = cli_image_open(&source->image_config, &error);
	if (!source->image)
		return cli_complain("%s", error.text);
	return open_nested(source);
}

bool cli_source_has(struct cli_source *source, uint64_t address)
{
	uint8_t byte;

	return !source->bus->read(source->bus, address, &byte, 1);
}

void cli_source_add_missing(struct cli_line *line, struct cli_source *source,
			    uint64_t address)
{
	struct soft_walk walk;

	if (!source->nested) {
		cli_image_add_missing(line, source->image, address);
		return;
	}
	if (cli_nested_walk(source->nested, address, SOFT_READ, &walk) ==
	    SOFT_OK) {
		cli_add(line, "guest address 0x%" PRIx64 ": ", address);
		cli_image_add_missing(line, source->image, walk.oa);
		return;
	}
	cli_add(line, "stage 2 does not translate 0x%" PRIx64 ": ", address);
	cli_add_stop(line, &walk, SOFT_READ);
}

void cli_source_close(struct cli_source *source)
{
	cli_nested_free(source->nested);
	cli_image_close(source->image);
	source->nested = NULL;
	source->image = NULL;
	source->bus = NULL;
}
