/* SPDX-License-Identifier: MIT */
/*
 * The radix tree: a row for each level, the top's first; what stands above each
 * other translates the same addresses. Holes between used ranges are cut out; within
 * a range everything is to scale, and ranges are wider the longer they are, by the
 * logarithm, so that a page is still seen beside a terabyte. Reading a walk is going down until a coloured
 * area is met.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/draw.h"
#include "cli/svg.h"

/* Where things are. */
#define GUTTER     CLI_DRAW_MARGIN
#define PLOT_LEFT  200.0
#define PLOT_WIDTH (CLI_DRAW_WIDTH - PLOT_LEFT - CLI_DRAW_MARGIN)
#define AXIS       40.0
#define ROW        64.0
#define HEAD       19.0
#define BETWEEN    20.0
#define SMALL      10.5
#define LIST_LINE  17.0

/* Ranges with a place of their own, the room between them, what they would like. */
#define MAX_COLUMNS   20u
#define CUT           14.0
#define SMALL_HOLE    8.0
#define BASE_WIDTH    150.0
#define WIDTH_PER_LG2 45.0

/* What is narrower than this is drawn together with its neighbours. */
#define THIN    1.6
#define BLENDED 3.0

/** struct column - a used range and its place. */
struct column {
	uint64_t va, last;
	uint64_t bytes;
	uint64_t pieces;
	double x, width;
};

enum span_kind {
	SPAN_POINTER,
	SPAN_LEAF,
	SPAN_BAD,
	SPAN_TABLE, /* the frame around what a table holds */
};

/**
 * struct span - something in a row
 * @va: first address, @last the last one
 * @count: how many entries or tables it is
 * @table: the table that it stands in; of a SPAN_TABLE its own address
 * @index: of its first entry
 * @oa: where its first page goes
 * @bytes: mapped
 * @other: bytes in pages of another size than @size_lg2, or with other permissions
 * @blended: several that are too small to tell apart
 * @to_level: SPAN_TABLE: no meaning; SPAN_POINTER: level of the table below
 */
struct span {
	enum span_kind kind;
	double x0, x1;
	uint64_t va, last;
	uint64_t count;
	uint64_t table, index, oa, bytes, other;
	unsigned int size_lg2, prot;
	bool blended;
	unsigned int to_level;
};

/** struct row - what stands in a row, from left to right. */
struct row {
	struct span *span;
	size_t nr, room;
};

struct tree {
	const struct cli_draw *draw;
	struct column column[CLI_SURVEY_RANGES];
	size_t nr_columns;
	struct row frames[SOFT_MAX_LEVELS];
	struct row items[SOFT_MAX_LEVELS];
	bool no_memory;
};

/* ---- columns ---- */

static double length(const struct column *c)
{
	return (double)(c->last - c->va) + 1;
}

/* Column @i takes in what follows it. */
static void join(struct tree *tree, size_t i)
{
	struct column *c = &tree->column[i];

	c->last = c[1].last;
	c->bytes += c[1].bytes;
	c->pieces += c[1].pieces;
	tree->nr_columns--;
	memmove(c + 1, c + 2, (tree->nr_columns - i - 1) * sizeof(*c));
}

/* The column with the smallest hole behind it, and that hole. */
static size_t smallest_hole(const struct tree *tree, double *hole)
{
	size_t least = 0;

	*hole = -1;
	for (size_t i = 0; i + 1 < tree->nr_columns; i++) {
		double h =
			(double)(tree->column[i + 1].va - tree->column[i].last);

		if (*hole < 0 || h < *hole) {
			*hole = h;
			least = i;
		}
	}
	return least;
}

/* A hole that is small beside what is on both sides of it is drawn as it is. */
static void choose_columns(struct tree *tree)
{
	const struct column *c;
	double hole;
	size_t i;

	tree->nr_columns = tree->draw->survey->nr_used;
	for (i = 0; i < tree->nr_columns; i++) {
		const struct cli_used *used = &tree->draw->survey->used[i];

		tree->column[i] = (struct column){
			.va = used->va,
			.last = used->last,
			.bytes = used->bytes,
			.pieces = used->pieces,
		};
	}
	while (tree->nr_columns > MAX_COLUMNS) {
		i = smallest_hole(tree, &hole);
		join(tree, i);
	}
	for (i = 0; i + 1 < tree->nr_columns;) {
		c = &tree->column[i];
		hole = (double)(c[1].va - c->last);
		if (hole * SMALL_HOLE > length(c) ||
		    hole * SMALL_HOLE > length(c + 1))
			i++;
		else
			join(tree, i);
	}
}

/* What a range would like to have: twice the bytes are a little wider. */
static double wish(const struct column *c)
{
	unsigned int doublings = 0;

	while ((c->last - c->va) >> doublings >= 4096)
		doublings++;
	return BASE_WIDTH + WIDTH_PER_LG2 * doublings;
}

static void place_columns(struct tree *tree)
{
	double room = PLOT_WIDTH - CUT * (double)(tree->nr_columns - 1);
	double total = 0, x = PLOT_LEFT;
	size_t i;

	for (i = 0; i < tree->nr_columns; i++)
		total += wish(&tree->column[i]);
	for (i = 0; i < tree->nr_columns; i++) {
		struct column *c = &tree->column[i];

		c->width = wish(c) * (total > room ? room / total : 1);
		c->x = x;
		x += c->width + CUT;
	}
}

/* The first column that ends at @va or behind; nr_columns if there is none. */
static size_t column_from(const struct tree *tree, uint64_t va)
{
	size_t lo = 0, hi = tree->nr_columns;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (tree->column[mid].last < va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Where [@va, @last] is. Return: false if nothing of it is in a column. */
static bool extent(const struct tree *tree, uint64_t va, uint64_t last,
		   double *x0, double *x1)
{
	size_t first = column_from(tree, va), end = column_from(tree, last);
	const struct column *c;

	if (first == tree->nr_columns || tree->column[first].va > last)
		return false;
	c = &tree->column[first];
	*x0 = c->x;
	if (va > c->va)
		*x0 += c->width * ((double)(va - c->va) / length(c));
	if (end == tree->nr_columns || tree->column[end].va > last)
		end--;
	c = &tree->column[end];
	*x1 = c->x + c->width;
	if (last < c->last)
		*x1 = c->x +
		      c->width * (((double)(last - c->va) + 1) / length(c));
	return true;
}

/* ---- spans ---- */

static bool same_kind_of_page(const struct span *a, const struct span *b)
{
	return a->size_lg2 == b->size_lg2 && a->prot == b->prot;
}

/* @b goes on where @a ends, in the same table, alike. */
static bool continues(const struct span *a, const struct span *b)
{
	return a->kind == b->kind && a->kind == SPAN_LEAF && !a->blended &&
	       a->table == b->table && a->last + 1 == b->va &&
	       same_kind_of_page(a, b);
}

/*
 * @b is too thin to stand alone beside @a. Of tables one area says enough; of pages it
 * is to be seen where they are dense.
 */
static bool blends(const struct span *a, const struct span *b)
{
	if (a->kind != b->kind || b->x1 - b->x0 >= THIN ||
	    b->x0 - a->x1 >= THIN)
		return false;
	if (a->kind == SPAN_LEAF || a->kind == SPAN_BAD)
		return b->x1 - a->x0 <= BLENDED;
	return a->blended || a->x1 - a->x0 < THIN;
}

static void take_in(struct span *a, const struct span *b)
{
	a->x1 = b->x1 > a->x1 ? b->x1 : a->x1;
	a->last = b->last;
	a->count += b->count;
	a->bytes += b->bytes;
	if (!same_kind_of_page(a, b))
		a->other += b->bytes;
	/* What there is more of gives the colour. */
	if (a->other > a->bytes / 2) {
		a->size_lg2 = b->size_lg2;
		a->prot = b->prot;
		a->other = a->bytes - a->other;
	}
}

static void add(struct tree *tree, struct row *row, const struct span *span)
{
	struct span *end = row->nr ? &row->span[row->nr - 1] : NULL;
	size_t room = row->room ? 2 * row->room : 64;

	if (end && continues(end, span)) {
		take_in(end, span);
		return;
	}
	if (end && blends(end, span)) {
		take_in(end, span);
		end->blended = true;
		return;
	}
	if (row->nr == row->room) {
		end = realloc(row->span, room * sizeof(*end));
		if (!end) {
			tree->no_memory = true;
			return;
		}
		row->span = end;
		row->room = room;
	}
	assert(row->span); /* there is room in it */
	row->span[row->nr++] = *span;
}

static int visit(void *arg, const struct soft_entry *entry, unsigned int prot)
{
	struct tree *tree = arg;
	unsigned int size_lg2 = entry->size_lg2 < 63 ? entry->size_lg2 : 63;
	uint64_t size = UINT64_C(1) << size_lg2;
	struct span span = {
		.kind = entry->kind == SOFT_TABLE  ? SPAN_POINTER
			: entry->kind == SOFT_LEAF ? SPAN_LEAF
						   : SPAN_BAD,
		.va = entry->va,
		.last = entry->va + (size - 1),
		.count = 1,
		.table = entry->table_pa,
		.index = entry->index,
		.oa = entry->oa,
		.bytes = entry->kind == SOFT_LEAF ? size : 0,
		.size_lg2 = size_lg2,
		.prot = prot & 7,
		.to_level = entry->next_level,
	};

	if (!extent(tree, span.va, span.last, &span.x0, &span.x1))
		return tree->no_memory ? -1 : 0;
	add(tree, &tree->items[entry->level], &span);
	if (entry->kind == SOFT_TABLE) {
		span.kind = SPAN_TABLE;
		span.table = entry->oa;
		add(tree, &tree->frames[entry->next_level], &span);
	}
	return tree->no_memory ? -1 : 0;
}

/* ---- drawing ---- */

static double row_y(const struct tree *tree, double top, unsigned int level)
{
	return top + (ROW + BETWEEN) * (tree->draw->root->levels - 1 - level);
}

/* A letter for each column: A to T. */
static void column_name(size_t i, char name[2])
{
	name[0] = (char)('A' + i);
	name[1] = '\0';
}

static void draw_axis(FILE *out, const struct tree *tree, double y)
{
	double free_from = PLOT_LEFT - CUT;
	char name[2];

	for (size_t i = 0; i < tree->nr_columns; i++) {
		const struct column *c = &tree->column[i];
		struct cli_line text = { 0 };
		double width;

		column_name(i, name);
		cli_svg_line(out, c->x, y + AXIS - 6, c->x + c->width,
			     y + AXIS - 6);
		cli_svg_line(out, c->x, y + AXIS - 10, c->x, y + AXIS - 2);
		cli_svg_line(out, c->x + c->width, y + AXIS - 10,
			     c->x + c->width, y + AXIS - 2);
		cli_svg_text(out, c->x + c->width / 2, y + AXIS - 10, 12,
			     CLI_INK_TEXT, CLI_CENTRE, name);
		cli_add(&text, "0x%" PRIx64, c->va);
		width = cli_svg_text_width((unsigned int)text.len, SMALL);
		if (c->x < free_from ||
		    c->x + width > CLI_DRAW_WIDTH - CLI_DRAW_MARGIN)
			continue;
		cli_svg_text(out, c->x, y + AXIS - 26, SMALL, CLI_INK_DIM,
			     CLI_LEFT, text.text);
		free_from = c->x + width + 8;
	}
}

static void draw_gutter(FILE *out, const struct tree *tree, unsigned int level,
			double y)
{
	const struct cli_level *l = &tree->draw->survey->level[level];
	struct cli_line name = { 0 }, each = { 0 }, holds = { 0 };
	unsigned int hi, lo;

	soft_level_bits(tree->draw->root, level, &hi, &lo);
	cli_add(&name, "level %u", level);
	cli_add_size(&each, UINT64_C(1) << lo);
	cli_add(&each, " each, ");
	cli_add_count(&each, l->tables, "table");
	if (l->leaves)
		cli_add_count(&holds, l->leaves, "page");
	else if (l->empty)
		cli_add(&holds, "%" PRIu64 " empty", l->empty);
	if (l->bad)
		cli_add(&holds, "%s%" PRIu64 " bad", holds.len ? ", " : "",
			l->bad);
	cli_svg_text(out, GUTTER, y + 17, 13, CLI_INK_TEXT, CLI_LEFT,
		     name.text);
	cli_svg_text(out, GUTTER, y + 35, SMALL, CLI_INK_DIM, CLI_LEFT,
		     each.text);
	cli_svg_text(out, GUTTER, y + 51, SMALL,
		     l->bad ? CLI_INK_BAD : CLI_INK_DIM, CLI_LEFT, holds.text);
}

/* From a pointer down to the table that it leads to, behind the rows between. */
static void draw_bands(FILE *out, const struct tree *tree, double top)
{
	for (unsigned int level = 0; level < tree->draw->root->levels;
	     level++) {
		const struct row *row = &tree->items[level];

		for (size_t i = 0; i < row->nr; i++) {
			const struct span *s = &row->span[i];
			double from = row_y(tree, top, level) + ROW;

			if (s->kind != SPAN_POINTER)
				continue;
			cli_svg_box(out, s->x0, from, s->x1 - s->x0,
				    row_y(tree, top, s->to_level) - from,
				    "band");
		}
	}
}

/* The longest of @text that fits, or NULL. */
static const char *fitting(const struct span *s, double size,
			   const char *const *text)
{
	double room = s->x1 - s->x0 - 4;

	while (*text && cli_svg_text_width(cli_svg_columns(*text), size) > room)
		text++;
	return *text;
}

static void label(FILE *out, const struct span *s, double y, double size,
		  enum cli_ink ink, const char *const *text)
{
	const char *fits = fitting(s, size, text);

	if (fits)
		cli_svg_text(out, (s->x0 + s->x1) / 2, y, size, ink, CLI_CENTRE,
			     fits);
}

/* The same on a leaf, whose pattern must not run through the text. */
static void leaf_label(FILE *out, const struct span *s, double y,
		       const char *const *text)
{
	const char *fits = fitting(s, SMALL, text);
	double width;

	if (!fits)
		return;
	width = cli_svg_text_width(cli_svg_columns(fits), SMALL) + 4;
	if (s->prot != (SOFT_READ | SOFT_WRITE))
		cli_svg_page(out, (s->x0 + s->x1 - width) / 2, y - 10.5, width,
			     14, s->size_lg2);
	label(out, s, y, SMALL, CLI_INK_FILL, text);
}

/* Stripes behind a text would make it hard to read. */
static void plain_ground(FILE *out, const struct span *s, double y,
			 size_t chars)
{
	double width = cli_svg_text_width((unsigned int)chars, SMALL) + 10;

	if (width + 4 < s->x1 - s->x0)
		cli_svg_box(out, (s->x0 + s->x1 - width) / 2, y + 2, width,
			    HEAD - 4, "paper");
}

static void draw_frame(FILE *out, const struct span *s, double y)
{
	struct cli_line full = { 0 }, only = { 0 };
	const char *text[3] = { 0 };

	if (s->blended)
		cli_add_count(&full, s->count, "table");
	else
		cli_add(&full, "table 0x%" PRIx64, s->table);
	if (s->blended)
		cli_add(&only, "%" PRIu64, s->count);
	else
		cli_add(&only, "0x%" PRIx64, s->table);
	cli_svg_group(out, full.text);
	cli_svg_box(out, s->x0 + 0.5, y + 0.5,
		    s->x1 - s->x0 > 2 ? s->x1 - s->x0 - 1 : s->x1 - s->x0,
		    ROW - 1, s->blended ? "many" : "frame");
	text[0] = full.text;
	text[1] = only.text;
	if (s->blended)
		plain_ground(out, s, y, full.len);
	label(out, s, y + 13, SMALL, CLI_INK_DIM, text);
	cli_svg_group_end(out);
}

static void add_tip(struct cli_line *tip, const struct span *s,
		    unsigned int level)
{
	cli_add(tip, "level %u, index %" PRIu64 ": 0x%" PRIx64 "-0x%" PRIx64,
		level, s->index, s->va, s->last);
	switch (s->kind) {
	case SPAN_LEAF:
		cli_add(tip, ", ");
		cli_add_count(tip, s->count, "page");
		if (!s->blended) {
			cli_add(tip, " of ");
			cli_add_size(tip, UINT64_C(1) << s->size_lg2);
			cli_add(tip, ", ");
			cli_add_prot(tip, s->prot);
			cli_add(tip, ", from OA 0x%" PRIx64, s->oa);
		}
		break;
	case SPAN_POINTER:
		cli_add(tip, ", ");
		cli_add_count(tip, s->count, "table");
		break;
	case SPAN_BAD:
		cli_add(tip, ", bad");
		break;
	case SPAN_TABLE:
		break;
	}
}

/* Of a blended span the height says how much of it is mapped. */
static void draw_leaf(FILE *out, const struct span *s, double y, double height)
{
	double covered = (double)s->bytes / ((double)(s->last - s->va) + 1);
	struct cli_line each = { 0 }, sum = { 0 }, size = { 0 };
	const char *upper[3] = { 0 }, *lower[3] = { 0 };
	double width = s->x1 - s->x0;

	if (s->blended && covered < 0.98) {
		double full = height;

		cli_svg_box(out, s->x0, y, width, full, "hole");
		height = full * (covered > 0.08 ? covered : 0.08);
		y += full - height;
	}
	cli_svg_page(out, s->x0, y, width, height, s->size_lg2);
	cli_svg_prot(out, s->x0, y, width, height, s->prot);
	if (s->blended)
		return;
	if (width > 4)
		cli_svg_box(out, s->x0 + 0.3, y, width - 0.6, height, "edge");
	cli_add_size(&size, UINT64_C(1) << s->size_lg2);
	if (s->count > 1)
		cli_add(&each, "%" PRIu64 " × ", s->count);
	cli_add(&each, "%s", size.text);
	cli_add_about(&sum, s->bytes);
	cli_add(&sum, " ");
	cli_add_prot(&sum, s->prot);
	upper[0] = each.text;
	upper[1] = size.text;
	lower[0] = s->count > 1 ? sum.text
				: sum.text + strcspn(sum.text, " ") + 1;
	lower[1] = sum.text + strcspn(sum.text, " ") + 1;
	leaf_label(out, s, y + 17, upper);
	leaf_label(out, s, y + 32, lower);
}

static void draw_pointer(FILE *out, const struct span *s, double y,
			 double height)
{
	struct cli_line index = { 0 };
	const char *text[3] = { index.text };

	cli_svg_box(out, s->x0 + 0.5, y,
		    s->x1 - s->x0 - 1 > 0.4 ? s->x1 - s->x0 - 1 : 0.4, height,
		    s->blended ? "many" : "pointer");
	if (s->blended)
		return;
	cli_add(&index, "[%" PRIu64 "]", s->index);
	label(out, s, y + height / 2 + 4, SMALL, CLI_INK_TEXT, text);
}

static void draw_item(FILE *out, const struct span *s, unsigned int level,
		      double y)
{
	static const char *const bad[] = { "bad", "!", NULL };
	double height = ROW - HEAD - 1;
	struct cli_line tip = { 0 };

	y += HEAD;
	add_tip(&tip, s, level);
	cli_svg_group(out, tip.text);
	if (s->kind == SPAN_LEAF)
		draw_leaf(out, s, y, height);
	else if (s->kind == SPAN_POINTER)
		draw_pointer(out, s, y, height);
	else {
		cli_svg_box(out, s->x0, y, s->x1 - s->x0, height, "bad");
		label(out, s, y + height / 2 + 4, SMALL, CLI_INK_LIGHT, bad);
	}
	cli_svg_group_end(out);
}

static void draw_rows(FILE *out, const struct tree *tree, double top)
{
	for (unsigned int level = tree->draw->root->levels; level-- > 0;) {
		double y = row_y(tree, top, level);

		draw_gutter(out, tree, level, y);
		for (size_t i = 0; i < tree->frames[level].nr; i++)
			draw_frame(out, &tree->frames[level].span[i], y);
		for (size_t i = 0; i < tree->items[level].nr; i++)
			draw_item(out, &tree->items[level].span[i], level, y);
	}
}

static size_t list_lines(const struct tree *tree)
{
	return (tree->nr_columns + 1) / 2;
}

static void draw_list(FILE *out, const struct tree *tree, double y)
{
	size_t half = list_lines(tree);
	char name[2];

	for (size_t i = 0; i < tree->nr_columns; i++) {
		const struct column *c = &tree->column[i];
		double x = i < half ? GUTTER : CLI_DRAW_WIDTH / 2 + 8;
		double line = y + LIST_LINE * (double)(i < half ? i : i - half);
		struct cli_line text = { 0 };

		column_name(i, name);
		cli_svg_text(out, x, line, 11.5, CLI_INK_TEXT, CLI_LEFT, name);
		cli_add(&text, "0x%" PRIx64, c->va);
		if (c->bytes) {
			cli_add(&text, "-0x%" PRIx64 "  ", c->last);
			cli_add_about(&text, c->bytes);
			cli_add(&text, " mapped");
		} else {
			cli_add(&text, "  bad");
		}
		if (c->pieces > 1)
			cli_add(&text, " in %" PRIu64 " pieces", c->pieces);
		cli_svg_text(out, x + 20, line, 11, CLI_INK_DIM, CLI_LEFT,
			     text.text);
	}
}

/* The frame of the top table takes all there is. */
static void add_top(struct tree *tree)
{
	const struct column *end = &tree->column[tree->nr_columns - 1];
	struct span top = {
		.kind = SPAN_TABLE,
		.x0 = tree->column[0].x,
		.x1 = end->x + end->width,
		.count = 1,
		.table = tree->draw->root->pa,
	};

	add(tree, &tree->frames[tree->draw->root->levels - 1], &top);
}

/* A table in which nothing is: its top, and a word. */
static void make_empty(struct tree *tree)
{
	tree->nr_columns = 1;
	tree->column[0] = (struct column){ .last = 0 };
}

static void draw_all(FILE *out, const struct tree *tree)
{
	double legend = cli_draw_legend_height(tree->draw, true);
	double top = CLI_DRAW_CAPTION + legend + 26 + AXIS, bottom;
	bool empty = !tree->draw->survey->nr_used;
	struct cli_line title = { 0 };
	double height;

	bottom = row_y(tree, top, 0) + ROW + 30;
	height =
		bottom + (empty ? 0 : LIST_LINE * (double)list_lines(tree)) + 6;
	cli_add(&title, "Page table: ");
	cli_add_root(&title, tree->draw->root);
	cli_svg_begin(out, CLI_DRAW_WIDTH, height, title.text);
	cli_draw_caption(out, tree->draw, "The tree");
	cli_draw_legend(out, tree->draw, CLI_DRAW_CAPTION, true);
	if (!empty)
		draw_axis(out, tree, top - AXIS - 8);
	draw_bands(out, tree, top);
	draw_rows(out, tree, top);
	if (empty)
		cli_svg_text(out, PLOT_LEFT + PLOT_WIDTH / 2,
			     row_y(tree, top, tree->draw->root->levels - 1) +
				     HEAD + 24,
			     13, CLI_INK_TEXT, CLI_CENTRE, "nothing is mapped");
	else
		draw_list(out, tree, bottom);
	cli_svg_end(out);
}

static int make(struct tree *tree)
{
	const struct cli_draw *draw = tree->draw;

	if (draw->survey->nr_used)
		choose_columns(tree);
	else
		make_empty(tree);
	place_columns(tree);
	add_top(tree);
	if (draw->survey->nr_used)
		cli_visit(&draw->scope, visit, tree);
	return tree->no_memory ? -ENOMEM : 0;
}

int cli_draw_tree(FILE *out, const struct cli_draw *draw)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	int rc = -ENOMEM;

	if (!tree)
		return rc;
	tree->draw = draw;
	rc = make(tree);
	if (!rc)
		draw_all(out, tree);
	for (unsigned int i = 0; i < SOFT_MAX_LEVELS; i++) {
		free(tree->frames[i].span);
		free(tree->items[i].span);
	}
	free(tree);
	return rc;
}
