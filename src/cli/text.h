/* SPDX-License-Identifier: MIT */
/**
 * DOC: The small pieces of text that the printers share
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "soft/soft.h"

/**
 * struct cli_glyphs - how lines are drawn
 * @branch: before a child that has siblings after it
 * @end: before the last child
 * @through: beside the children of a child that has siblings after it
 * @blank: beside the children of the last child
 * @arrow: between an address and where it goes
 * @times: between a count and a size
 * @more: instead of what is left out
 *
 * The first four are three columns wide.
 */
struct cli_glyphs {
	const char *branch, *end, *through, *blank;
	const char *arrow, *times, *more;
};

/** cli_glyphs() - those of the locale. */
const struct cli_glyphs *cli_glyphs(void);

/** struct cli_line - text of bounded length; more is cut off. */
struct cli_line {
	char text[1536];
	size_t len;
};

/** cli_add() - append to @line (which starts zeroed). */
void cli_add(struct cli_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** cli_add_size() - 4K, 2M, 1G, ...: @bytes in the largest unit that divides it. */
void cli_add_size(struct cli_line *line, uint64_t bytes);

/** cli_add_prot() - RW, R-, -W, --, with an X if execution is allowed. */
void cli_add_prot(struct cli_line *line, unsigned int prot);

/** cli_add_stop() - why @walk for @access stopped, and where; it did not succeed. */
void cli_add_stop(struct cli_line *line, const struct soft_walk *walk,
		  unsigned int access);

/** cli_add_root() - what kind of table it is and where. */
void cli_add_root(struct cli_line *line, const struct soft_root *root);

#endif
