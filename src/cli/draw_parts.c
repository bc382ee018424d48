/* SPDX-License-Identifier: MIT */
/* Caption and legend. */
#include <inttypes.h>
#include <string.h>

#include "cli/draw.h"
#include "cli/svg.h"

#define LINE   20.0
#define SWATCH 16.0
#define SMALL  11.0

void cli_add_about(struct cli_line *line, uint64_t bytes)
{
	static const char unit[] = "BKMGTPE";
	unsigned int i = 0;
	double value = (double)bytes;

	if (bytes == UINT64_MAX) {
		cli_add(line, "16E");
		return;
	}
	while (value >= 1024 && unit[i + 1]) {
		value /= 1024;
		i++;
	}
	if (value == (double)(uint64_t)value)
		cli_add(line, "%.0f%c", value, unit[i]);
	else
		cli_add(line, "%.*f%c", value < 100 ? 1 : 0, value, unit[i]);
}

void cli_add_count(struct cli_line *line, uint64_t n, const char *what)
{
	cli_add(line, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

/* The end of a name says more than its beginning. */
static void add_name(struct cli_line *line, const char *name)
{
	size_t len = strlen(name);

	if (len <= 60) {
		cli_add(line, "%s", name);
		return;
	}
	name += len - 57;
	while ((*name & 0xc0) == 0x80)
		name++;
	cli_add(line, "...%s", name);
}

static uint64_t pages(const struct cli_survey *survey)
{
	uint64_t n = 0;

	for (unsigned int l = 0; l < SOFT_MAX_LEVELS; l++)
		n += survey->level[l].leaves;
	return n;
}

static uint64_t tables(const struct cli_survey *survey)
{
	uint64_t n = 0;

	for (unsigned int l = 0; l < SOFT_MAX_LEVELS; l++)
		n += survey->level[l].tables;
	return n;
}

double cli_draw_caption(FILE *out, const struct cli_draw *draw,
			const char *what)
{
	const struct cli_survey *s = draw->survey;
	struct cli_line title = { 0 }, sums = { 0 };

	cli_add(&title, "%s of ", what);
	cli_add_root(&title, draw->root);
	cli_add_about(&sums, s->bytes);
	cli_add(&sums, " mapped by ");
	cli_add_count(&sums, pages(s), "page");
	cli_add(&sums, " in ");
	cli_add_count(&sums, s->extents, "extent");
	cli_add(&sums, "; ");
	cli_add_count(&sums, tables(s), "table");
	cli_add(&sums, "; image ");
	add_name(&sums, draw->name);
	cli_svg_text(out, CLI_DRAW_MARGIN, 34, 17, CLI_INK_TEXT, CLI_LEFT,
		     title.text);
	cli_svg_text(out, CLI_DRAW_MARGIN, 55, 11.5, CLI_INK_DIM, CLI_LEFT,
		     sums.text);
	if (s->incomplete || s->bad) {
		struct cli_line wrong = { 0 };

		if (s->incomplete)
			cli_add(&wrong,
				"given up after %" PRIu64
				" entries: this is not all. ",
				s->entries);
		if (s->bad) {
			cli_add(&wrong, "%" PRIu64 " bad %s; see uiommu check",
				s->bad, s->bad == 1 ? "entry" : "entries");
		}
		cli_svg_text(out, CLI_DRAW_MARGIN, 73, 11.5, CLI_INK_BAD,
			     CLI_LEFT, wrong.text);
	}
	return CLI_DRAW_CAPTION;
}

/** struct pen - where the next piece of the legend goes; @out may be NULL. */
struct pen {
	FILE *out;
	double x, y;
};

static void make_room(struct pen *pen, const char *text, double *width)
{
	*width = SWATCH + 6 + cli_svg_text_width(cli_svg_columns(text), SMALL) +
		 22;
	if (pen->x + *width > CLI_DRAW_WIDTH - CLI_DRAW_MARGIN + 22) {
		pen->x = CLI_DRAW_MARGIN;
		pen->y += LINE;
	}
}

static void label(struct pen *pen, const char *text, double width)
{
	if (pen->out)
		cli_svg_text(pen->out, pen->x + SWATCH + 6, pen->y + 12, SMALL,
			     CLI_INK_TEXT, CLI_LEFT, text);
	pen->x += width;
}

static void new_line(struct pen *pen)
{
	if (pen->x > CLI_DRAW_MARGIN) {
		pen->x = CLI_DRAW_MARGIN;
		pen->y += LINE;
	}
}

static void page_sizes(struct pen *pen, const struct cli_survey *s)
{
	double width;

	for (unsigned int lg2 = 0; lg2 < 64; lg2++) {
		struct cli_line text = { 0 };

		if (!s->size_count[lg2])
			continue;
		cli_add_size(&text, UINT64_C(1) << lg2);
		cli_add(&text, ": ");
		cli_add_count(&text, s->size_count[lg2], "page");
		if (s->size_count[lg2] > 1) {
			cli_add(&text, ", ");
			cli_add_about(&text, s->size_bytes[lg2]);
		}
		make_room(pen, text.text, &width);
		if (pen->out) {
			cli_svg_page(pen->out, pen->x, pen->y, SWATCH, SWATCH,
				     lg2);
			cli_svg_box(pen->out, pen->x, pen->y, SWATCH, SWATCH,
				    "edge");
		}
		label(pen, text.text, width);
	}
	new_line(pen);
}

static const char *prot_word(unsigned int prot)
{
	static const char *const words[8] = {
		[0] = "no access",
		[SOFT_READ] = "read only",
		[SOFT_WRITE] = "write only",
		[SOFT_READ | SOFT_WRITE] = "read, write",
		[SOFT_EXEC] = "execute only",
		[SOFT_READ | SOFT_EXEC] = "read, execute",
		[SOFT_WRITE | SOFT_EXEC] = "write, execute",
		[SOFT_READ | SOFT_WRITE | SOFT_EXEC] = "read, write, execute",
	};

	return words[prot & 7];
}

static void permissions(struct pen *pen, const struct cli_survey *s)
{
	double width;

	for (unsigned int i = 0; i < 8; i++) {
		/* The most usual ones first. */
		static const unsigned int order[] = { 3, 1, 2, 7, 5, 6, 4, 0 };
		unsigned int prot = order[i];
		struct cli_line text = { 0 };

		if (!s->prot_bytes[prot])
			continue;
		cli_add(&text, "%s: ", prot_word(prot));
		cli_add_about(&text, s->prot_bytes[prot]);
		make_room(pen, text.text, &width);
		if (pen->out) {
			cli_svg_page(pen->out, pen->x, pen->y, SWATCH, SWATCH,
				     0);
			cli_svg_prot(pen->out, pen->x, pen->y, SWATCH, SWATCH,
				     prot);
			cli_svg_box(pen->out, pen->x, pen->y, SWATCH, SWATCH,
				    "edge");
		}
		label(pen, text.text, width);
	}
}

static void symbol(struct pen *pen, const char *class, const char *text)
{
	double width;

	make_room(pen, text, &width);
	if (pen->out)
		cli_svg_box(pen->out, pen->x, pen->y, SWATCH, SWATCH, class);
	label(pen, text, width);
}

static void symbols(struct pen *pen, const struct cli_survey *s, bool tree)
{
	if (tree) {
		symbol(pen, "frame", "table, with its address");
		symbol(pen, "pointer", "[index] of a table below");
		symbol(pen, "many", "tables too small to tell apart");
	} else {
		symbol(pen, "hole", "nothing mapped");
		symbol(pen, "break", "left edge: the output address jumps");
	}
	if (s->bad)
		symbol(pen, "bad", "bad entry");
	new_line(pen);
}

static double legend(struct pen *pen, const struct cli_draw *draw, bool tree)
{
	page_sizes(pen, draw->survey);
	permissions(pen, draw->survey);
	symbols(pen, draw->survey, tree);
	return pen->y;
}

double cli_draw_legend(FILE *out, const struct cli_draw *draw, double y,
		       bool tree)
{
	struct pen pen = { out, CLI_DRAW_MARGIN, y };

	return legend(&pen, draw, tree);
}

double cli_draw_legend_height(const struct cli_draw *draw, bool tree)
{
	struct pen pen = { NULL, CLI_DRAW_MARGIN, 0 };

	return legend(&pen, draw, tree);
}
