/* SPDX-License-Identifier: MIT */
/* The numbers behind the pictures. */
#include <errno.h>
#include <stdlib.h>

#include "cli/draw.h"
#include "cli/json.h"

static void levels(struct cli_json *json, const struct cli_draw *draw)
{
	cli_json_array(json, "levels", true);
	for (unsigned int i = draw->root->levels; i-- > 0;) {
		const struct cli_level *l = &draw->survey->level[i];

		cli_json_object(json, NULL);
		cli_json_number(json, "level", i);
		cli_json_number(json, "tables", l->tables);
		cli_json_number(json, "empty_tables", l->empty);
		cli_json_number(json, "pointers", l->pointers);
		cli_json_number(json, "pages", l->leaves);
		cli_json_number(json, "bad", l->bad);
		cli_json_end(json);
	}
	cli_json_end(json);
}

static void by_size(struct cli_json *json, const char *key, const char *what,
		    const uint64_t *count, const uint64_t *bytes)
{
	cli_json_array(json, key, true);
	for (unsigned int lg2 = 0; lg2 < 64; lg2++) {
		if (!count[lg2])
			continue;
		cli_json_object(json, NULL);
		cli_json_number(json, "size", UINT64_C(1) << lg2);
		cli_json_number(json, what, count[lg2]);
		cli_json_number(json, "bytes", bytes[lg2]);
		cli_json_end(json);
	}
	cli_json_end(json);
}

static void permissions(struct cli_json *json, const struct cli_survey *s)
{
	cli_json_array(json, "permissions", true);
	for (unsigned int prot = 0; prot < 8; prot++) {
		struct cli_line text = { 0 };

		if (!s->prot_bytes[prot])
			continue;
		cli_add_prot(&text, prot);
		cli_json_object(json, NULL);
		cli_json_text(json, "access", text.text);
		cli_json_number(json, "bytes", s->prot_bytes[prot]);
		cli_json_end(json);
	}
	cli_json_end(json);
}

static void ranges(struct cli_json *json, const struct cli_survey *s)
{
	cli_json_array(json, "ranges", true);
	for (size_t i = 0; i < s->nr_used; i++) {
		cli_json_object(json, NULL);
		cli_json_hex(json, "first", s->used[i].va);
		cli_json_hex(json, "last", s->used[i].last);
		cli_json_number(json, "bytes", s->used[i].bytes);
		cli_json_number(json, "pieces", s->used[i].pieces);
		cli_json_end(json);
	}
	cli_json_end(json);
}

int cli_draw_json(FILE *out, const struct cli_draw *draw)
{
	const struct cli_survey *s = draw->survey;
	struct cli_out *buffer = malloc(sizeof(*buffer));
	struct cli_json json = { .out = buffer };

	if (!buffer)
		return -ENOMEM;
	cli_out_init(buffer, out);
	cli_json_object(&json, NULL);
	cli_json_text(&json, "format", soft_format_name(draw->root->format));
	cli_json_number(&json, "table_levels", draw->root->levels);
	cli_json_hex(&json, "root", draw->root->pa);
	cli_json_number(&json, "mapped_bytes", s->bytes);
	cli_json_number(&json, "extents", s->extents);
	cli_json_number(&json, "bad", s->bad);
	cli_json_bool(&json, "complete", !s->incomplete);
	levels(&json, draw);
	by_size(&json, "page_sizes", "pages", s->size_count, s->size_bytes);
	permissions(&json, s);
	by_size(&json, "holes", "holes", s->hole_count, s->hole_bytes);
	ranges(&json, s);
	cli_json_end(&json);
	cli_out_flush(buffer);
	free(buffer);
	return 0;
}
