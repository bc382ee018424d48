/* SPDX-License-Identifier: MIT */
/* Runs as lines of text, and as JSON. */
#include "cli/mapping_print.h"

#include "cli/attr.h"
#include "cli/feature.h"

/* "4096 × 1023K = 1023G" is as long as it gets, but for odd sizes. */
#define SIZE_COLUMNS 20

const char *cli_access(unsigned int prot)
{
	static const char *const name[] = {
		"--", "R-", "-W", "RW", "--X", "R-X", "-WX", "RWX",
	};

	return name[prot & 7];
}

void cli_mapping_style_init(struct cli_mapping_style *style,
			    const struct cli_source *source)
{
	const struct soft_root *root = &source->table.root;
	struct soft_range range[2];
	unsigned int n = soft_input(root, range);

	style->root = root;
	style->nested = source->nested;
	/* FIRST-LAST, each with 0x. */
	style->range_width = 2 * cli_hex_digits(range[n - 1].last) + 5;
	style->glyphs = cli_glyphs();
}

/* ------------------------------------------------ text */

void cli_mapping_head(struct cli_out *out,
		      const struct cli_mapping_style *style)
{
	cli_out_text(out, "VA range");
	cli_out_spaces(out, style->range_width - 8 + SIZE_COLUMNS - 2);
	cli_out_text(out, "size  access, ");
	cli_out_text(out, style->nested ? "IPA and OA\n" : "OA\n");
}

/* Bytes in the largest unit that divides them: how many, and which. */
static uint64_t in_units(uint64_t bytes, char *unit)
{
	unsigned int i = bytes ? (unsigned int)__builtin_ctzll(bytes) / 10 : 0;

	*unit = "BKMGTPE"[i];
	return bytes >> (i * 10);
}

static int decimal_digits(uint64_t value)
{
	int n = 1;

	for (; value >= 10; value /= 10)
		n++;
	return n;
}

/* A run of 2^64 bytes has no size that fits. */
static uint64_t bytes_of(const struct cli_mapping *m)
{
	return m->last - m->va + 1;
}

/* "16M", or "8 × 2M = 16M", right-aligned. */
static void size_cell(struct cli_out *out,
		      const struct cli_mapping_style *style,
		      const struct cli_mapping *m)
{
	char unit, page_unit;
	uint64_t n = in_units(bytes_of(m), &unit);
	uint64_t page = in_units(UINT64_C(1) << m->size_lg2, &page_unit);
	bool several = m->kind == CLI_MAPPED && m->count > 1;
	int width = decimal_digits(n) + 1;

	if (several)
		width += decimal_digits(m->count) + decimal_digits(page) + 7;
	cli_out_spaces(out, SIZE_COLUMNS - width);
	if (several) {
		cli_out_decimal(out, m->count);
		cli_out_char(out, ' ');
		cli_out_text(out, style->glyphs->times);
		cli_out_char(out, ' ');
		cli_out_decimal(out, page);
		cli_out_char(out, page_unit);
		cli_out_text(out, " = ");
	}
	cli_out_decimal(out, n);
	cli_out_char(out, unit);
}

static void attribute_words(struct cli_out *out,
			    const struct cli_mapping_style *style,
			    const struct cli_mapping *m)
{
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int n;

	if (!m->attributes)
		return;
	n = cli_attributes(style->root, &m->entry, field);
	for (unsigned int i = 0; i < n; i++) {
		cli_out_text(out, i ? " " : "  ");
		cli_out_text(out, field[i].name);
		if (field[i].hi == field[i].lo)
			continue;
		cli_out_char(out, '=');
		cli_out_decimal(out, field[i].value);
	}
}

/* " A" if all pages are, " A 3/16" if some are. */
static void count_words(struct cli_out *out, const char *name, uint64_t n,
			uint64_t count)
{
	if (!n)
		return;
	cli_out_text(out, name);
	if (n == count)
		return;
	cli_out_char(out, ' ');
	cli_out_decimal(out, n);
	cli_out_char(out, '/');
	cli_out_decimal(out, count);
}

static void arrow(struct cli_out *out, const struct cli_mapping_style *style,
		  uint64_t address)
{
	cli_out_text(out, style->glyphs->arrow);
	cli_out_char(out, ' ');
	cli_out_hex(out, address);
}

static void mapped_words(struct cli_out *out,
			 const struct cli_mapping_style *style,
			 const struct cli_mapping *m)
{
	const char *access = cli_access(m->prot);

	cli_out_text(out, access);
	cli_out_spaces(out, access[2] ? 1 : 2);
	if (style->nested) {
		arrow(out, style, m->ipa);
		cli_out_char(out, ' ');
	}
	arrow(out, style, m->oa);
	attribute_words(out, style, m);
	count_words(out, "  A", m->accessed, m->count);
	count_words(out, "  D", m->dirty, m->count);
}

static void bad_words(struct cli_out *out,
		      const struct cli_mapping_style *style,
		      const struct cli_mapping *m)
{
	if (m->kind == CLI_BAD_STAGE2) {
		arrow(out, style, m->ipa);
		cli_out_text(out, " ");
	}
	cli_out_text(out, "bad: ");
	cli_out_text(out, m->why);
	cli_out_text(out, " (level ");
	cli_out_decimal(out, m->entry.level);
	cli_out_text(out, ", index ");
	cli_out_decimal(out, m->entry.index);
	if (m->kind == CLI_BAD && m->count > 1) {
		cli_out_text(out, " and ");
		cli_out_decimal(out, m->count - 1);
		cli_out_text(out, " more");
	}
	cli_out_text(out, " of table ");
	cli_out_hex(out, m->entry.table_pa);
	if (m->entry.raw) {
		cli_out_text(out, ": ");
		cli_out_hex(out, m->entry.raw);
	}
	cli_out_char(out, ')');
}

static void seen_words(struct cli_out *out, const struct cli_mapping *m)
{
	cli_out_text(out, cli_access(m->prot));
	cli_out_text(out, "  table ");
	cli_out_hex(out, m->oa);
	cli_out_text(out, " again, as at VA ");
	cli_out_hex(out, m->first_va);
}

void cli_mapping_line(struct cli_out *out,
		      const struct cli_mapping_style *style,
		      const struct cli_mapping *m)
{
	int width = cli_out_hex(out, m->va);

	cli_out_char(out, '-');
	width += cli_out_hex(out, m->last) + 1;
	cli_out_spaces(out, style->range_width - width);
	size_cell(out, style, m);
	cli_out_spaces(out, 2);
	switch (m->kind) {
	case CLI_MAPPED:
		mapped_words(out, style, m);
		break;
	case CLI_BAD:
	case CLI_BAD_STAGE2:
		bad_words(out, style, m);
		break;
	case CLI_SEEN:
		seen_words(out, m);
		break;
	}
	cli_out_char(out, '\n');
}

/* ------------------------------------------------ JSON */

static void attributes_json(struct cli_json *json,
			    const struct cli_mapping_style *style,
			    const struct cli_mapping *m)
{
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int n = 0;

	if (m->attributes)
		n = cli_attributes(style->root, &m->entry, field);
	cli_json_object(json, "attributes");
	for (unsigned int i = 0; i < n; i++)
		cli_json_number(json, field[i].name, field[i].value);
	cli_json_end(json);
}

static void mapped_json(struct cli_json *json,
			const struct cli_mapping_style *style,
			const struct cli_mapping *m)
{
	cli_json_number(json, "page_bytes", UINT64_C(1) << m->size_lg2);
	cli_json_number(json, "pages", m->count);
	cli_json_text(json, "access", cli_access(m->prot));
	if (style->nested)
		cli_json_hex(json, "ipa", m->ipa);
	cli_json_hex(json, "oa", m->oa);
	cli_json_number(json, "level", m->entry.level);
	attributes_json(json, style, m);
	cli_json_number(json, "accessed", m->accessed);
	cli_json_number(json, "dirty", m->dirty);
}

static void bad_json(struct cli_json *json, const struct cli_mapping *m)
{
	if (m->kind == CLI_BAD_STAGE2)
		cli_json_hex(json, "ipa", m->ipa);
	cli_json_text(json, "bad", m->why);
	cli_json_number(json, "level", m->entry.level);
	cli_json_hex(json, "table", m->entry.table_pa);
	cli_json_number(json, "index", m->entry.index);
	cli_json_number(json, "entries", m->count);
	cli_json_hex(json, "raw", m->entry.raw);
}

void cli_mapping_json(struct cli_json *json,
		      const struct cli_mapping_style *style, const char *key,
		      const struct cli_mapping *m)
{
	cli_json_object(json, key);
	cli_json_hex(json, "va", m->va);
	cli_json_hex(json, "last", m->last);
	switch (m->kind) {
	case CLI_MAPPED:
		mapped_json(json, style, m);
		break;
	case CLI_BAD:
	case CLI_BAD_STAGE2:
		bad_json(json, m);
		break;
	case CLI_SEEN:
		cli_json_text(json, "access", cli_access(m->prot));
		cli_json_hex(json, "table", m->oa);
		cli_json_number(json, "level", m->entry.next_level);
		cli_json_hex(json, "same_as", m->first_va);
		break;
	}
	cli_json_end(json);
}

static void features_json(struct cli_json *json, uint64_t features)
{
	const char *name;
	uint64_t feature;

	cli_json_array(json, "features", false);
	for (unsigned int i = 0; (name = cli_feature_name(i, &feature)); i++)
		if (features & feature)
			cli_json_text(json, NULL, name);
	cli_json_end(json);
}

static void root_json(struct cli_json *json, const struct soft_root *root)
{
	cli_json_text(json, "format", soft_format_name(root->format));
	cli_json_number(json, "levels", root->levels);
	cli_json_hex(json, "root", root->pa);
	features_json(json, root->features);
}

void cli_source_json(struct cli_json *json, const struct cli_source *source)
{
	root_json(json, &source->table.root);
	if (!source->nested)
		return;
	cli_json_object(json, "stage2");
	root_json(json, &source->stage2.root);
	cli_json_end(json);
}
