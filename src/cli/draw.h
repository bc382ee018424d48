/* SPDX-License-Identifier: MIT */
/**
 * DOC: Pictures of tables
 *
 * Both show what a survey has found and visit the table once more. What is too small
 * for its place is drawn together with its neighbours, so that the size of a picture
 * has a bound whatever the table holds.
 */
#ifndef CLI_DRAW_H
#define CLI_DRAW_H

#include <stdio.h>

#include "cli/survey.h"
#include "cli/text.h"
#include "soft/soft.h"

/**
 * struct cli_draw - what is drawn
 * @scope: of the table
 * @root: that of @scope
 * @name: of the image, for the caption
 * @survey: of the same
 */
struct cli_draw {
	struct cli_scope scope;
	const struct soft_root *root;
	const char *name;
	const struct cli_survey *survey;
};

/**
 * cli_draw_tree() - the radix tree: levels as rows, addresses from left to right
 *
 * Return: 0 or -ENOMEM.
 */
int cli_draw_tree(FILE *out, const struct cli_draw *draw);

/**
 * cli_draw_map() - the address space, row by row, and what it is made of
 *
 * Return: 0 or -ENOMEM.
 */
int cli_draw_map(FILE *out, const struct cli_draw *draw);

/**
 * cli_draw_json() - the numbers behind both
 *
 * Return: 0 or -ENOMEM.
 */
int cli_draw_json(FILE *out, const struct cli_draw *draw);

/* What the two have in common (draw_parts.c). Widths are of the whole picture. */
#define CLI_DRAW_WIDTH  1200.0
#define CLI_DRAW_MARGIN 24.0

/** cli_add_about() - bytes in four digits or less, with a unit. */
void cli_add_about(struct cli_line *line, uint64_t bytes);

/** cli_add_count() - "1 page", "2 pages". */
void cli_add_count(struct cli_line *line, uint64_t n, const char *what);

/** cli_draw_caption() - title and sums. Return: y below it. */
double cli_draw_caption(FILE *out, const struct cli_draw *draw,
			const char *what);

/** cli_draw_legend() - page sizes, permissions, symbols. Return: y below it. */
double cli_draw_legend(FILE *out, const struct cli_draw *draw, double y,
		       bool tree);

/** cli_draw_legend_height() - of it. */
double cli_draw_legend_height(const struct cli_draw *draw, bool tree);

/** CLI_DRAW_CAPTION - height of the caption. */
#define CLI_DRAW_CAPTION 84.0

#endif
