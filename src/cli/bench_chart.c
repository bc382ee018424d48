/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "cli/bench_chart.h"
#include "cli/svg.h"
#include "cli/text.h"

#define MARGIN 24.0
#define SMALL  11.0
#define TITLE  17.0
#define TOP    74.0 /* below the title */

/**
 * struct scale - from figures to places
 * @low: the least figure
 * @high: the greatest
 * @from: place of @low
 * @to: place of @high
 *
 * Figures are in logarithms.
 */
struct scale {
	double low, high, from, to;
};

static double place(const struct scale *s, double value)
{
	double part = (log2(value) - s->low) / (s->high - s->low);

	if (part < 0)
		part = 0;
	if (part > 1)
		part = 1;
	return s->from + part * (s->to - s->from);
}

static void caption(FILE *out, const char *title, const char *more)
{
	cli_svg_text(out, MARGIN, 34, TITLE, CLI_INK_TEXT, CLI_LEFT, title);
	cli_svg_text(out, MARGIN, 54, SMALL, CLI_INK_DIM, CLI_LEFT, more);
}

/* 0.05, 0.5, 5, 50, 500: three digits are enough. */
static const char *figure(struct cli_line *line, double value)
{
	line->len = 0;
	cli_add(line, "%.3g", value);
	return line->text;
}

/* ---- cost against size ---- */

#define CHART_WIDTH  1000.0
#define CHART_HEIGHT 500.0
#define PANEL_WIDTH  430.0
#define PANEL_TOP    106.0
#define PANEL_END    420.0
#define AXIS         52.0 /* before a panel */

/** struct curve - a line of a panel. */
struct curve {
	const struct bench_size *size;
	bool unmap, limit;
	unsigned int series;
};

static double ns_of(const struct curve *c, unsigned int i)
{
	const struct bench_measured *m = c->unmap ? &c->size[i].unmap
						  : &c->size[i].map;

	return c->limit ? m->limit.median : m->op.median;
}

/* Times that are taken off can leave nothing. */
#define LEAST_NS 0.001

static void widen(struct scale *y, const struct curve *c)
{
	for (unsigned int i = 0; i < BENCH_SIZES && c->size[i].lg2; i++) {
		double ns = ns_of(c, i);

		if (ns < LEAST_NS)
			continue;
		if (log2(ns) < y->low)
			y->low = log2(ns);
		if (log2(ns) > y->high)
			y->high = log2(ns);
	}
}

static void draw_curve(FILE *out, const struct scale *x, const struct scale *y,
		       const struct curve *c)
{
	struct cli_point point[BENCH_SIZES];
	size_t n = 0;

	for (; n < BENCH_SIZES && c->size[n].lg2; n++)
		point[n] = (struct cli_point){
			place(x, exp2(c->size[n].lg2)),
			place(y, fmax(ns_of(c, (unsigned int)n), LEAST_NS)),
		};
	cli_svg_curve(out, point, n, c->series, c->limit);
	for (size_t i = 0; i < n; i++) {
		struct cli_line tip = { 0 };

		cli_add_size(&tip, UINT64_C(1) << c->size[i].lg2);
		cli_add(&tip, ": %.3g ns a page", ns_of(c, (unsigned int)i));
		cli_svg_group(out, tip.text);
		if (!c->limit)
			cli_svg_dot(out, point[i].x, point[i].y, c->series);
		cli_svg_group_end(out);
	}
}

static void size_axes(FILE *out, const struct scale *x, const struct scale *y,
		      const char *name)
{
	struct cli_line line = { 0 };

	cli_svg_text(out, x->from, PANEL_TOP - 14, 13, CLI_INK_TEXT, CLI_LEFT,
		     name);
	for (int e = -3; e < 6; e++) {
		double at = place(y, pow(10, e));

		if (log2(pow(10, e)) < y->low || log2(pow(10, e)) > y->high)
			continue;
		cli_svg_box(out, x->from, at - 0.5, x->to - x->from, 1, "band");
		cli_svg_text(out, x->from - 8, at + 4, SMALL, CLI_INK_DIM,
			     CLI_RIGHT, figure(&line, pow(10, e)));
	}
	for (unsigned int lg2 = BENCH_MIN_SIZE_LG2; lg2 <= BENCH_MAX_SIZE_LG2;
	     lg2 += 4) {
		struct cli_line size = { 0 };

		cli_add_size(&size, UINT64_C(1) << lg2);
		cli_svg_box(out, place(x, exp2(lg2)) - 0.5, PANEL_END, 1, 5,
			    "break");
		cli_svg_text(out, place(x, exp2(lg2)), PANEL_END + 20, SMALL,
			     CLI_INK_DIM, CLI_CENTRE, size.text);
	}
	cli_svg_line(out, x->from, PANEL_END, x->to, PANEL_END);
}

static void size_legend(FILE *out)
{
	static const char *const name[] = { "vector build",
					    "limit of the vector build",
					    "scalar build",
					    "limit of the scalar build" };
	double x = MARGIN + AXIS;

	for (unsigned int i = 0; i < 4; i++) {
		const struct cli_point line[] = {
			{ x, CHART_HEIGHT - 28 }, { x + 30, CHART_HEIGHT - 28 }
		};

		cli_svg_curve(out, line, 2, i / 2, i % 2);
		if (i % 2 == 0)
			cli_svg_dot(out, x + 15, CHART_HEIGHT - 28, i / 2);
		cli_svg_text(out, x + 38, CHART_HEIGHT - 24, SMALL,
			     CLI_INK_TEXT, CLI_LEFT, name[i]);
		x += 62 +
		     cli_svg_text_width((unsigned int)strlen(name[i]), SMALL);
	}
}

void cli_bench_chart_size(FILE *out,
			  struct bench_size size[BENCH_COLUMNS][BENCH_SIZES],
			  const char *format, const char *model)
{
	struct scale y = { 1e9, -1e9, PANEL_END, PANEL_TOP };
	struct curve curve[2][4];
	struct cli_line more = { 0 };

	for (unsigned int i = 0; i < 8; i++) {
		struct curve *c = &curve[i / 4][i % 4];

		*c = (struct curve){ .size = size[i % 4 / 2],
				     .unmap = i / 4,
				     .limit = i % 2,
				     .series = i % 4 / 2 };
		widen(&y, c);
	}
	y.low -= 0.3;
	y.high += 0.3;
	cli_svg_begin(out, CHART_WIDTH, CHART_HEIGHT, "Cost per page");
	cli_svg_series(out);
	cli_add(&more, "%s, pages of 4 KiB, nanoseconds per page (median), %s",
		format, model);
	caption(out, "Cost per page of map and unmap, by the size of the range",
		more.text);
	for (unsigned int p = 0; p < 2; p++) {
		struct scale x = { BENCH_MIN_SIZE_LG2, BENCH_MAX_SIZE_LG2,
				   MARGIN + AXIS + p * (PANEL_WIDTH + AXIS),
				   0 };

		x.to = x.from + PANEL_WIDTH - 12;
		size_axes(out, &x, &y, p ? "unmap" : "map");
		/* Limits first: what was measured stands over them. */
		for (unsigned int i = 0; i < 4; i++)
			draw_curve(out, &x, &y, &curve[p][(i * 2 + 1) % 5]);
	}
	size_legend(out);
	cli_svg_end(out);
}

/* ---- operations against their limits ---- */

#define LIMIT_WIDTH 1100.0
#define LABEL_WIDTH 270.0
#define ROW         24.0
#define SPREAD      2.4
#define LOW_RATIO   0.5
#define HIGH_RATIO  64.0
#define MAX_ROWS    64

/** struct chart - operations and formats, in the order in which they were measured. */
struct chart {
	const struct bench_result *result;
	size_t n;
	const char *operation[MAX_ROWS];
	unsigned int operations;
	const char *format[CLI_SVG_SERIES];
	unsigned int formats;
};

/* Where @name is in @list, to whose end it is added if it is not; @max = no room. */
static unsigned int find(const char **list, unsigned int *n, unsigned int max,
			 const char *name)
{
	unsigned int i = 0;

	while (i < *n && strcmp(list[i], name) != 0)
		i++;
	if (i == *n && i < max)
		list[(*n)++] = name;
	return i;
}

/* Counts are no times, and say nothing in a chart of these. */
static bool drawn(const struct bench_result *r)
{
	return r->unit != BENCH_ENTRIES && r->judgement.verdict != BENCH_ABSENT;
}

static struct scale panel(unsigned int column)
{
	double width = (LIMIT_WIDTH - 2 * MARGIN - LABEL_WIDTH) / 2;

	return (struct scale){
		.low = log2(LOW_RATIO),
		.high = log2(HIGH_RATIO),
		.from = MARGIN + LABEL_WIDTH + column * width + 14,
		.to = MARGIN + LABEL_WIDTH + (column + 1) * width - 14,
	};
}

static double row_y(unsigned int row)
{
	return TOP + 34 + row * ROW;
}

static void limit_axes(FILE *out, const struct chart *chart,
		       unsigned int column)
{
	static const double tick[] = { 0.5, 1, 2, 4, 8, 16, 32, 64 };
	struct scale x = panel(column);
	double end = row_y(chart->operations);

	cli_svg_text(out, x.from, TOP + 4, 13, CLI_INK_TEXT, CLI_LEFT,
		     column ? "scalar build" : "vector build");
	for (size_t i = 0; i < sizeof(tick) / sizeof(tick[0]); i++) {
		struct cli_line line = { 0 };
		bool limit = tick[i] < 1.5 && tick[i] > 0.7;

		cli_add(&line, "%g", tick[i]);
		cli_svg_box(out, place(&x, tick[i]) - 0.5, TOP + 28,
			    limit ? 1.6 : 1, end - TOP - 28,
			    limit ? "bar" : "band");
		cli_svg_text(out, place(&x, tick[i]), TOP + 22, SMALL,
			     CLI_INK_DIM, CLI_CENTRE, line.text);
	}
}

/* What is allowed ends at a mark. */
static void draw_target(FILE *out, unsigned int row, unsigned int column,
			double target)
{
	struct scale x = panel(column);

	cli_svg_box(out, x.from, row_y(row) + 2, place(&x, target) - x.from,
		    ROW - 4, "hole");
	cli_svg_box(out, place(&x, target) - 1, row_y(row) + 2, 2, ROW - 4,
		    "break");
}

/* Formats of a row stand a little above or below each other. */
static void draw_result(FILE *out, const struct bench_result *r,
			unsigned int row, unsigned int format)
{
	struct scale x = panel(r->column);
	struct cli_line tip = { 0 };

	cli_add(&tip, "%s, %s: %.2f of %.2f allowed (%.3g ns, limit %.3g ns)",
		r->operation, r->format, r->judgement.ratio, r->target,
		r->op.median, r->limit.median);
	cli_svg_group(out, tip.text);
	cli_svg_dot(out, place(&x, r->judgement.ratio),
		    row_y(row) + ROW / 2 + (format - 2.5) * SPREAD, format);
	cli_svg_group_end(out);
}

static void limit_legend(FILE *out, const struct chart *chart)
{
	double x = MARGIN, y = row_y(chart->operations) + 30;

	for (unsigned int i = 0; i < chart->formats; i++) {
		cli_svg_dot(out, x + 5, y - 4, i);
		cli_svg_text(out, x + 16, y, SMALL, CLI_INK_TEXT, CLI_LEFT,
			     chart->format[i]);
		x += 40 +
		     cli_svg_text_width((unsigned int)strlen(chart->format[i]),
					SMALL);
	}
	cli_svg_box(out, x + 6, y - 12, 2, 15, "break");
	cli_svg_text(out, x + 16, y, SMALL, CLI_INK_TEXT, CLI_LEFT,
		     "allowed up to here");
}

/* Where a result is drawn. Return: false: nowhere. */
static bool where(struct chart *chart, const struct bench_result *r,
		  unsigned int *row, unsigned int *format)
{
	if (!drawn(r))
		return false;
	*row = find(chart->operation, &chart->operations, MAX_ROWS,
		    r->operation);
	*format =
		find(chart->format, &chart->formats, CLI_SVG_SERIES, r->format);
	return *row < MAX_ROWS && *format < CLI_SVG_SERIES;
}

static void draw_rows(FILE *out, struct chart *chart)
{
	bool target[MAX_ROWS][BENCH_COLUMNS] = { 0 };
	unsigned int row, format;

	for (size_t i = 0; i < chart->n; i++) {
		const struct bench_result *r = &chart->result[i];

		if (!where(chart, r, &row, &format) || target[row][r->column])
			continue;
		draw_target(out, row, r->column, r->target);
		target[row][r->column] = true;
	}
	for (size_t i = 0; i < chart->n; i++)
		if (where(chart, &chart->result[i], &row, &format))
			draw_result(out, &chart->result[i], row, format);
}

void cli_bench_chart_limits(FILE *out, const struct bench_result *result,
			    size_t n, const char *model)
{
	struct chart chart = { .result = result, .n = n };
	unsigned int row, format;
	struct cli_line more = { 0 };

	for (size_t i = 0; i < n; i++)
		where(&chart, &result[i], &row, &format);
	cli_svg_begin(out, LIMIT_WIDTH, row_y(chart.operations) + 52,
		      "Operations against their limits");
	cli_svg_series(out);
	cli_add(&more,
		"ratio of what was measured to the limit (medians), %s; 1 is "
		"the limit, further left is better",
		model);
	caption(out, "Each operation against its limit", more.text);
	for (unsigned int column = 0; column < BENCH_COLUMNS; column++)
		limit_axes(out, &chart, column);
	for (unsigned int row = 0; row < chart.operations; row++)
		cli_svg_text(out, MARGIN + LABEL_WIDTH - 4,
			     row_y(row) + ROW / 2 + 4, SMALL, CLI_INK_TEXT,
			     CLI_RIGHT, chart.operation[row]);
	draw_rows(out, &chart);
	limit_legend(out, &chart);
	cli_svg_end(out);
}
