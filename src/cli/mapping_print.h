/* SPDX-License-Identifier: MIT */
/**
 * DOC: Runs as lines of text, and as JSON
 */
#ifndef CLI_MAPPING_PRINT_H
#define CLI_MAPPING_PRINT_H

#include "cli/json.h"
#include "cli/mapping.h"
#include "cli/out.h"

/**
 * struct cli_mapping_style - what lines of one table have in common
 * @root: the table
 * @nested: it has a second stage
 * @range_width: columns of the widest range of addresses
 * @glyphs: how arrows look
 */
struct cli_mapping_style {
	const struct soft_root *root;
	bool nested;
	int range_width;
	const struct cli_glyphs *glyphs;
};

/** cli_mapping_style_init() - for the table of @source. */
void cli_mapping_style_init(struct cli_mapping_style *style,
			    const struct cli_source *source);

/** cli_mapping_head() - the names of the columns. */
void cli_mapping_head(struct cli_out *out,
		      const struct cli_mapping_style *style);

/** cli_mapping_line() - one run, with a newline. */
void cli_mapping_line(struct cli_out *out,
		      const struct cli_mapping_style *style,
		      const struct cli_mapping *mapping);

/** cli_mapping_json() - one run, as an object. */
void cli_mapping_json(struct cli_json *json,
		      const struct cli_mapping_style *style, const char *key,
		      const struct cli_mapping *mapping);

/** cli_source_json() - members that say what table it is. */
void cli_source_json(struct cli_json *json, const struct cli_source *source);

/** cli_access() - "RW", "R-X", ... */
const char *cli_access(unsigned int prot);

#endif
