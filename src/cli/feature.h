/* SPDX-License-Identifier: MIT */
/**
 * DOC: The optional parts of formats, by name
 */
#ifndef CLI_FEATURE_H
#define CLI_FEATURE_H

#include "cli/text.h"
#include "soft/soft.h"

/**
 * cli_feature_default() - those that a table is read with if nobody says
 *
 * What is likely to be on in the hardware of today, and what lets more of a table be
 * read: bits that mean something are better shown than called reserved.
 */
uint64_t cli_feature_default(const struct soft_format *format);

/**
 * cli_feature_parse() - "NAME,no-NAME,none,..."
 * @features: changed by each word in turn
 * @error: on failure: what is wrong, without a newline
 *
 * Return: 0 or -1.
 */
int cli_feature_parse(const struct soft_format *format, const char *list,
		      uint64_t *features, struct cli_line *error);

/** cli_feature_add() - the names of @features, with ", " between them. */
void cli_feature_add(struct cli_line *line, uint64_t features);

/** cli_feature_name() - the name of the @i-th feature, or NULL after the last. */
const char *cli_feature_name(unsigned int i, uint64_t *feature);

#endif
