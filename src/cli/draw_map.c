/* SPDX-License-Identifier: MIT */
/*
 * The address space: rows of cells of one size, in the order of addresses; rows in
 * which nothing is mapped are one line. Beside it, what it is made of: bytes by page
 * size, and holes by size.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/draw.h"
#include "cli/svg.h"

#define CELLS_LG2  6
#define CELLS      (1u << CELLS_LG2)
#define MAX_ROWS   40u
#define CELL       9.0
#define ROW        15.0
#define CELL_TALL  13.0
#define MAP_LEFT   156.0
#define PANEL_LEFT (MAP_LEFT + CELLS * CELL + 44)
#define PANEL_BAR  200.0
#define PANEL_NAME 52.0
#define SMALL      10.5

/**
 * struct cell - a piece of the address space
 * @size_bytes: mapped in it, by log2 of the page size
 * @prot_bytes: the same by permissions
 * @breaks: places where the output address does not go on
 * @bad: there is a bad entry
 */
struct cell {
	uint64_t size_bytes[64];
	uint64_t prot_bytes[8];
	uint64_t breaks;
	bool bad;
};

/*
 * @cell_lg2: log2 of the bytes of a cell
 * @row: numbers of the rows that are shown: address >> row_lg2
 * @end: address behind the last leaf, @oa_end likewise
 */
struct map {
	const struct cli_draw *draw;
	unsigned int cell_lg2;
	uint64_t row[MAX_ROWS + 1];
	size_t nr_rows;
	struct cell *cell;
	uint64_t end, oa_end;
	bool any;
};

static unsigned int row_lg2(const struct map *map)
{
	return map->cell_lg2 + CELLS_LG2;
}

/* The rows with something in them. Return: false if they are too many. */
static bool list_rows(struct map *map)
{
	const struct cli_survey *s = map->draw->survey;

	map->nr_rows = 0;
	for (size_t i = 0; i < s->nr_used; i++) {
		uint64_t first = s->used[i].va >> row_lg2(map);
		uint64_t last = s->used[i].last >> row_lg2(map);

		if (map->nr_rows && map->row[map->nr_rows - 1] >= first)
			first = map->row[map->nr_rows - 1] + 1;
		if (first > last)
			continue;
		if (last - first >= MAX_ROWS - map->nr_rows)
			return false;
		for (; first <= last; first++)
			map->row[map->nr_rows++] = first;
	}
	return true;
}

static void choose_cells(struct map *map)
{
	unsigned int lg2 = 0;

	while (lg2 < 57 && !map->draw->survey->size_count[lg2])
		lg2++;
	map->cell_lg2 = lg2;
	while (map->cell_lg2 < 57 && !list_rows(map))
		map->cell_lg2++;
	list_rows(map);
}

/* The first shown row that is @number or more. */
static size_t row_from(const struct map *map, uint64_t number)
{
	size_t lo = 0, hi = map->nr_rows;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (map->row[mid] < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void fill_cell(struct cell *cell, const struct soft_entry *entry,
		      unsigned int size_lg2, unsigned int prot, uint64_t bytes)
{
	if (entry->kind == SOFT_BAD) {
		cell->bad = true;
		return;
	}
	cell->size_bytes[size_lg2] += bytes;
	cell->prot_bytes[prot & 7] += bytes;
}

/* What of [@va, @last] lies in row number @i of those shown. */
static void fill_row(struct map *map, size_t i, const struct soft_entry *entry,
		     unsigned int prot, uint64_t va, uint64_t last)
{
	unsigned int size_lg2 = entry->size_lg2 < 63 ? entry->size_lg2 : 63;
	uint64_t base = map->row[i] << row_lg2(map);
	uint64_t end = base | ((UINT64_C(1) << row_lg2(map)) - 1);
	uint64_t cell_size = UINT64_C(1) << map->cell_lg2;

	if (va < base)
		va = base;
	if (last > end)
		last = end;
	for (;;) {
		uint64_t cell_last = va | (cell_size - 1);
		uint64_t stop = last < cell_last ? last : cell_last;

		fill_cell(
			&map->cell[i * CELLS + ((va - base) >> map->cell_lg2)],
			entry, size_lg2, prot, stop - va + 1);
		if (stop == last)
			return;
		va = stop + 1;
	}
}

static void note_break(struct map *map, const struct soft_entry *entry)
{
	unsigned int size_lg2 = entry->size_lg2 < 63 ? entry->size_lg2 : 63;
	uint64_t base;
	size_t i;

	if (map->any && entry->va == map->end && entry->oa != map->oa_end) {
		i = row_from(map, entry->va >> row_lg2(map));
		base = map->row[i] << row_lg2(map);
		map->cell[i * CELLS + ((entry->va - base) >> map->cell_lg2)]
			.breaks++;
	}
	map->any = true;
	map->end = entry->va + (UINT64_C(1) << size_lg2);
	map->oa_end = entry->oa + (UINT64_C(1) << size_lg2);
}

static int visit(void *arg, const struct soft_entry *entry, unsigned int prot)
{
	struct map *map = arg;
	uint64_t last = entry->va |
			(entry->size_lg2 < 64
				 ? (UINT64_C(1) << entry->size_lg2) - 1
				 : UINT64_MAX);
	size_t i;

	/* One cell is enough to show it. */
	if (entry->kind == SOFT_BAD)
		last = entry->va;

	if (entry->kind != SOFT_LEAF && entry->kind != SOFT_BAD)
		return 0;
	for (i = row_from(map, entry->va >> row_lg2(map));
	     i < map->nr_rows && map->row[i] <= last >> row_lg2(map); i++)
		fill_row(map, i, entry, prot, entry->va, last);
	if (entry->kind == SOFT_LEAF)
		note_break(map, entry);
	return 0;
}

/* ---- drawing ---- */

static unsigned int most(const uint64_t *bytes, unsigned int nr, uint64_t *sum)
{
	unsigned int best = 0;

	*sum = 0;
	for (unsigned int i = 0; i < nr; i++) {
		*sum += bytes[i];
		if (bytes[i] > bytes[best])
			best = i;
	}
	return best;
}

/* The height of the colour is the part that is mapped. */
static void draw_cell(FILE *out, const struct map *map, const struct cell *cell,
		      double x, double y)
{
	uint64_t bytes, again;
	unsigned int size_lg2 = most(cell->size_bytes, 64, &bytes);
	unsigned int prot = most(cell->prot_bytes, 8, &again);
	double part = (double)bytes / (double)(UINT64_C(1) << map->cell_lg2);
	double tall = CELL_TALL * (part > 1 ? 1 : part < 0.12 ? 0.12 : part);

	if (bytes) {
		double top = y + CELL_TALL - tall;

		cli_svg_page(out, x, top, CELL - 1, tall, size_lg2);
		cli_svg_prot(out, x, top, CELL - 1, tall, prot);
	}
	if (cell->bad)
		cli_svg_box(out, x + 1, y + 3, CELL - 3, CELL_TALL - 6, "bad");
	if (cell->breaks)
		cli_svg_box(out, x - 1, y, 1, CELL_TALL, "break");
}

static void draw_row(FILE *out, const struct map *map, size_t i, double y)
{
	struct cli_line label = { 0 };

	cli_add(&label, "0x%" PRIx64, map->row[i] << row_lg2(map));
	cli_svg_text(out, MAP_LEFT - 10, y + 10.5, SMALL, CLI_INK_DIM,
		     CLI_RIGHT, label.text);
	cli_svg_box(out, MAP_LEFT, y, CELLS * CELL - 1, CELL_TALL, "hole");
	for (unsigned int c = 0; c < CELLS; c++)
		draw_cell(out, map, &map->cell[i * CELLS + c],
			  MAP_LEFT + c * CELL, y);
}

/* Rows that are left out between the @i-th and the one before it. */
static uint64_t left_out(const struct map *map, size_t i)
{
	return i ? map->row[i] - map->row[i - 1] - 1 : 0;
}

static double draw_rows(FILE *out, const struct map *map, double y)
{
	for (size_t i = 0; i < map->nr_rows; i++) {
		uint64_t rows = left_out(map, i);

		if (rows && out) {
			struct cli_line text = { 0 };
			uint64_t bytes = rows >> (63 - row_lg2(map))
						 ? UINT64_MAX
						 : rows << row_lg2(map);

			cli_add_about(&text, bytes);
			cli_add(&text, " without a mapping");
			cli_svg_text(out, MAP_LEFT + CELLS * CELL / 2, y + 10.5,
				     SMALL, CLI_INK_DIM, CLI_CENTRE, text.text);
		}
		if (rows)
			y += ROW;
		if (out)
			draw_row(out, map, i, y);
		y += ROW;
	}
	return y;
}

/** struct panel - the bars beside the map; @out may be NULL. */
struct panel {
	FILE *out;
	double y;
};

static void panel_title(struct panel *panel, const char *text)
{
	if (panel->out)
		cli_svg_text(panel->out, PANEL_LEFT, panel->y + 12, 12.5,
			     CLI_INK_TEXT, CLI_LEFT, text);
	panel->y += 22;
}

static void panel_bar(struct panel *panel, unsigned int lg2, double part,
		      bool page, const char *text)
{
	struct cli_line name = { 0 };
	double width = PANEL_BAR * part;

	if (width < 1)
		width = 1;
	cli_add_size(&name, UINT64_C(1) << lg2);
	if (panel->out) {
		cli_svg_text(panel->out, PANEL_LEFT + PANEL_NAME - 8,
			     panel->y + 10.5, SMALL, CLI_INK_DIM, CLI_RIGHT,
			     name.text);
		if (page)
			cli_svg_page(panel->out, PANEL_LEFT + PANEL_NAME,
				     panel->y, width, CELL_TALL, lg2);
		else
			cli_svg_box(panel->out, PANEL_LEFT + PANEL_NAME,
				    panel->y, width, CELL_TALL, "bar");
		cli_svg_text(panel->out, PANEL_LEFT + PANEL_NAME + width + 6,
			     panel->y + 10.5, SMALL, CLI_INK_DIM, CLI_LEFT,
			     text);
	}
	panel->y += 17;
}

static void panel_sizes(struct panel *panel, const struct cli_survey *s)
{
	panel_title(panel, "Mapped bytes by page size");
	for (unsigned int lg2 = 0; lg2 < 64; lg2++) {
		struct cli_line text = { 0 };
		double part;

		if (!s->size_count[lg2])
			continue;
		part = (double)s->size_bytes[lg2] / (double)s->bytes;
		cli_add_about(&text, s->size_bytes[lg2]);
		cli_add(&text, ", %.*f%%", part < 0.01 ? 2 : 0, part * 100);
		panel_bar(panel, lg2, part, true, text.text);
	}
	panel->y += 14;
}

static void panel_holes(struct panel *panel, const struct cli_survey *s)
{
	uint64_t largest = 0;

	for (unsigned int lg2 = 0; lg2 < 65; lg2++)
		if (s->hole_count[lg2] > largest)
			largest = s->hole_count[lg2];
	panel_title(panel, largest ? "Holes by size, from" : "No holes");
	for (unsigned int lg2 = 0; lg2 < 64; lg2++) {
		struct cli_line text = { 0 };

		if (!s->hole_count[lg2])
			continue;
		cli_add_count(&text, s->hole_count[lg2], "hole");
		cli_add(&text, ", ");
		cli_add_about(&text, s->hole_bytes[lg2]);
		panel_bar(panel, lg2,
			  (double)s->hole_count[lg2] / (double)largest, false,
			  text.text);
	}
	panel->y += 14;
}

static void panel_line(struct panel *panel, const char *text)
{
	if (panel->out)
		cli_svg_text(panel->out, PANEL_LEFT, panel->y + 10.5, 11,
			     CLI_INK_DIM, CLI_LEFT, text);
	panel->y += 17;
}

/* An extent goes on in both addresses: what one entry could map, if it were aligned. */
static void panel_extents(struct panel *panel, const struct cli_survey *s)
{
	struct cli_line count = { 0 }, average = { 0 };

	panel_title(panel, "Fragmentation");
	cli_add_count(&count, s->extents, "extent");
	cli_add(&count, ": VA and OA both go on");
	panel_line(panel, count.text);
	if (s->extents) {
		cli_add(&average, "of ");
		cli_add_about(&average, s->bytes / s->extents);
		cli_add(&average, "%s",
			s->extents > 1 ? " each, on average" : "");
		panel_line(panel, average.text);
	}
}

static double draw_panel(FILE *out, const struct map *map, double y)
{
	struct panel panel = { out, y };

	panel_sizes(&panel, map->draw->survey);
	panel_holes(&panel, map->draw->survey);
	panel_extents(&panel, map->draw->survey);
	return panel.y;
}

static void draw_scale(FILE *out, const struct map *map, double y)
{
	struct cli_line text = { 0 };

	cli_add(&text, "each cell ");
	cli_add_size(&text, UINT64_C(1) << map->cell_lg2);
	cli_add(&text, ", each row ");
	cli_add_size(&text, UINT64_C(1) << row_lg2(map));
	cli_add(&text, "; a cell is as full as it is mapped");
	cli_svg_text(out, MAP_LEFT, y, SMALL, CLI_INK_DIM, CLI_LEFT, text.text);
}

static void draw_all(FILE *out, const struct map *map)
{
	double top = CLI_DRAW_CAPTION +
		     cli_draw_legend_height(map->draw, false) + 34;
	double map_end = draw_rows(NULL, map, top);
	double panel_end = draw_panel(NULL, map, top);
	struct cli_line title = { 0 };
	bool empty = !map->nr_rows;
	double height = (map_end > panel_end ? map_end : panel_end) + 16;

	if (empty)
		height = top + 40;
	cli_add(&title, "Address space of ");
	cli_add_root(&title, map->draw->root);
	cli_svg_begin(out, CLI_DRAW_WIDTH, height, title.text);
	cli_draw_caption(out, map->draw, "The address space");
	cli_draw_legend(out, map->draw, CLI_DRAW_CAPTION, false);
	if (empty) {
		cli_svg_text(out, CLI_DRAW_WIDTH / 2, top + 6, 13, CLI_INK_TEXT,
			     CLI_CENTRE, "nothing is mapped");
	} else {
		draw_scale(out, map, top - 10);
		draw_rows(out, map, top);
		draw_panel(out, map, top);
	}
	cli_svg_end(out);
}

int cli_draw_map(FILE *out, const struct cli_draw *draw)
{
	struct map map = { .draw = draw };

	choose_cells(&map);
	map.cell = calloc((map.nr_rows + 1) * CELLS, sizeof(*map.cell));
	if (!map.cell)
		return -ENOMEM;
	if (map.nr_rows)
		cli_visit(&draw->scope, visit, &map);
	draw_all(out, &map);
	free(map.cell);
	return 0;
}
