/* SPDX-License-Identifier: MIT */
/**
 * DOC: A table in an image, as the command line names it
 *
 * The options that dump, walk, check, diff and draw have in common: the format, the
 * root and what the hardware would know of it, the second stage, the image.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/image.h"
#include "soft/soft.h"

/** Values of struct option; those of a command itself begin after them. */
enum cli_source_option {
	CLI_OPT_FORMAT = 0x100,
	CLI_OPT_ROOT,
	CLI_OPT_LEVELS,
	CLI_OPT_VA_BITS,
	CLI_OPT_OA_BITS,
	CLI_OPT_C_BIT,
	CLI_OPT_FEATURES,
	CLI_OPT_STAGE2,
	CLI_OPT_BASE,
	CLI_OPT_RAW,
	CLI_OPT_ADDRESSES,
	CLI_OPT_HELP,
	CLI_OPT_OWN, /* the first of the command */
};

/** For the array of options of getopt_long(). */
/* clang-format off */
#define CLI_SOURCE_OPTIONS                                          \
	{ "format", required_argument, NULL, CLI_OPT_FORMAT },      \
	{ "root", required_argument, NULL, CLI_OPT_ROOT },          \
	{ "levels", required_argument, NULL, CLI_OPT_LEVELS },      \
	{ "va-bits", required_argument, NULL, CLI_OPT_VA_BITS },    \
	{ "oa-bits", required_argument, NULL, CLI_OPT_OA_BITS },    \
	{ "c-bit", required_argument, NULL, CLI_OPT_C_BIT },        \
	{ "features", required_argument, NULL, CLI_OPT_FEATURES },  \
	{ "stage2", required_argument, NULL, CLI_OPT_STAGE2 },      \
	{ "base", required_argument, NULL, CLI_OPT_BASE },          \
	{ "raw", no_argument, NULL, CLI_OPT_RAW },                  \
	{ "addresses", required_argument, NULL, CLI_OPT_ADDRESSES }, \
	{ "help", no_argument, NULL, CLI_OPT_HELP }
/* clang-format on */

/**
 * struct cli_table - what the options say of one table
 * @root: as far as they say; levels and va_bits are 0 until cli_source_open()
 * @has_root: the address of the top table was given
 * @has_features: the features are those that were asked for
 */
struct cli_table {
	struct soft_root root;
	bool has_root;
	bool has_features;
};

/**
 * struct cli_source - a table in an image
 * @image_config: of the image; its name is set by cli_source_open()
 * @table: stage 1, or the only one
 * @stage2: of a nested walk: translates the addresses of the tables of stage 1 and
 *	what they map; its format is NULL if there is none
 * @image: the image, when open
 * @bus: reads the tables of @table.root: through stage 2, if there is one
 * @nested: that stage 2, or NULL
 * @features: value of --features, which may stand before --format
 *
 * Starts zeroed. Each function that fails has said why on stderr, in one line.
 */
struct cli_source {
	struct cli_image_config image_config;
	struct cli_table table;
	struct cli_table stage2;
	struct cli_image *image;
	struct soft_bus *bus;
	struct cli_nested *nested;
	const char *features;
};

/**
 * cli_complain() - one line on stderr: what was wrong, and what to do
 *
 * Return: the exit status of a command that failed.
 */
int cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * cli_source_option() - take the option @option with its value (optarg)
 *
 * Return: 0; -1 if it is none of these options; else an exit status.
 */
int cli_source_option(struct cli_source *source, int option, const char *value);

/**
 * cli_finish_stdout() - all that was printed has been written
 *
 * Return: 0 or an exit status after a line on stderr.
 */
int cli_finish_stdout(void);

/** cli_parse_address() - @what is how an error calls it. As cli_source_option(). */
int cli_parse_address(const char *what, const char *text, uint64_t *value);

/** cli_parse_count() - value of an option: a number, not 0. As cli_source_option(). */
int cli_parse_count(const char *option, const char *text, uint64_t *value);

/**
 * cli_source_parse() - the loop over all options of a command
 * @options: begins with CLI_SOURCE_OPTIONS
 * @help: printed for --help; has one %s, for these options
 * @own: takes an option of the command itself, with optarg; 0 or an exit status
 *
 * After it, optind is the first argument that is no option.
 *
 * Return: 0; -1 if help was printed; else an exit status.
 */
int cli_source_parse(struct cli_source *source, int argc, char **argv,
		     const struct option *options, const char *help,
		     int (*own)(void *arg, int option), void *arg);

/**
 * cli_source_open() - complete the roots and open the image
 * @name: of the image
 *
 * Number of levels and features that were not given become those that most tables
 * of the format have. A root that hardware would not accept is an error.
 *
 * Return: 0 or an exit status.
 */
int cli_source_open(struct cli_source *source, const char *name);

/** cli_source_has() - is there memory at @address of the tables of stage 1? */
bool cli_source_has(struct cli_source *source, uint64_t address);

/** cli_source_add_missing() - why there is none, for a person. */
void cli_source_add_missing(struct cli_line *line, struct cli_source *source,
			    uint64_t address);

/** cli_source_close() - also after a failed open, and twice. */
void cli_source_close(struct cli_source *source);

#endif
