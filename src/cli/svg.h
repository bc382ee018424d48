/* SPDX-License-Identifier: MIT */
/**
 * DOC: Pictures, as SVG
 *
 * Plain SVG 1.1 with presentation attributes, so that viewers without style sheets
 * show dark on white; those that have them change the colours on dark pages
 * (prefers-color-scheme). All text is in one monospaced font, whose advance is
 * known, so that what is written fits where it stands.
 */
#ifndef CLI_SVG_H
#define CLI_SVG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Of the font, in parts of its size. */
#define CLI_SVG_ADVANCE 0.605

/** enum cli_ink - what text and lines look like. */
enum cli_ink {
	CLI_INK_TEXT, /* on the page */
	CLI_INK_DIM, /* on the page, less important */
	CLI_INK_FILL, /* on coloured areas */
	CLI_INK_LIGHT, /* on areas that are dark everywhere */
	CLI_INK_BAD, /* what is wrong */
};

/** enum cli_anchor - which point of a text is given. */
enum cli_anchor {
	CLI_LEFT,
	CLI_CENTRE,
	CLI_RIGHT,
};

/** cli_svg_begin() - a picture of that size, with style and patterns. */
void cli_svg_begin(FILE *out, double width, double height, const char *title);

/** cli_svg_end() - the end of it. */
void cli_svg_end(FILE *out);

/** cli_svg_text_width() - of @chars characters. */
double cli_svg_text_width(unsigned int chars, double size);

/**
 * cli_svg_text() - text with its base line at @y; not escaped yet
 *
 * Characters that XML does not have become '?'.
 */
void cli_svg_text(FILE *out, double x, double y, double size, enum cli_ink ink,
		  enum cli_anchor anchor, const char *text);

/** cli_svg_columns() - characters of a UTF-8 text. */
unsigned int cli_svg_columns(const char *text);

/** cli_svg_page() - an area of the colour of pages of 2^@size_lg2 bytes */
void cli_svg_page(FILE *out, double x, double y, double width, double height,
		  unsigned int size_lg2);

/** cli_svg_prot() - the pattern of permissions over an area; RW has none. */
void cli_svg_prot(FILE *out, double x, double y, double width, double height,
		  unsigned int prot);

/** cli_svg_box() - an area of a class of the style: frame, pointer, hole, ... */
void cli_svg_box(FILE *out, double x, double y, double width, double height,
		 const char *class);

/** cli_svg_line() - a line. */
void cli_svg_line(FILE *out, double x1, double y1, double x2, double y2);

/** CLI_SVG_SERIES - colours of series in charts. */
#define CLI_SVG_SERIES 6

/** cli_svg_series() - before the first series: how they look. */
void cli_svg_series(FILE *out);

/** struct cli_point - of a series. */
struct cli_point {
	double x, y;
};

/** cli_svg_curve() - a line through @n points, in the colour of a series. */
void cli_svg_curve(FILE *out, const struct cli_point *point, size_t n,
		   unsigned int series, bool dashed);

/** cli_svg_dot() - a point of a series. */
void cli_svg_dot(FILE *out, double x, double y, unsigned int series);

/** cli_svg_group() - what belongs together; @tip is shown where the mouse rests. */
void cli_svg_group(FILE *out, const char *tip);
void cli_svg_group_end(FILE *out);

#endif
