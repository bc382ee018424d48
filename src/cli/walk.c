/* SPDX-License-Identifier: MIT */
/* One translation, step by step. */
#include "cli/print.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

/* The next row of text stands under the first, right of the level. */
static const char margin[] = "           ";

static bool is_filler(const struct soft_field *field)
{
	return !strcmp(field->name, "ignored") ||
	       !strcmp(field->name, "reserved");
}

static void add_field(struct cli_line *line, const struct soft_field *field)
{
	if (field->hi == field->lo && !is_filler(field))
		cli_add(line, " %s=%" PRIu64, field->name, field->value);
	else if (field->hi == field->lo)
		cli_add(line, " %s[%u]=%" PRIu64, field->name, field->hi,
			field->value);
	else
		cli_add(line, " %s[%u:%u]=0x%" PRIx64, field->name, field->hi,
			field->lo, field->value);
}

/* Bits without a name are worth a word only if they are set. */
static void print_fields(FILE *out, const struct soft_root *root,
			 const struct soft_entry *step)
{
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int n = soft_fields(root, step, field);
	struct cli_line line = { 0 };

	for (unsigned int i = 0; i < n; i++)
		if (!is_filler(&field[i]) || field[i].value)
			add_field(&line, &field[i]);
	fprintf(out, "%s%s\n", margin, line.text + 1);
}

static void add_meaning(struct cli_line *line, const struct soft_entry *step)
{
	switch (step->kind) {
	case SOFT_EMPTY:
		cli_add(line, "empty: nothing is mapped here");
		break;
	case SOFT_TABLE:
		cli_add(line, "table %s 0x%" PRIx64 ", level %u, ",
			cli_glyphs()->arrow, step->oa, step->next_level);
		cli_add_prot(line, step->prot);
		if (step->why)
			cli_add(line, "; %s", step->why);
		break;
	case SOFT_LEAF:
		cli_add(line, "leaf %s 0x%" PRIx64 ", ", cli_glyphs()->arrow,
			step->oa);
		cli_add_size(line, UINT64_C(1) << step->size_lg2);
		cli_add(line, ", ");
		cli_add_prot(line, step->prot);
		if (step->run_lg2)
			cli_add(line, ", one of a run of %u",
				1u << step->run_lg2);
		break;
	case SOFT_BAD:
		cli_add(line, "bad: %s", step->why);
		break;
	}
}

static void print_step(FILE *out, const struct soft_root *root,
		       const struct soft_walk *walk,
		       const struct soft_entry *step)
{
	struct cli_line line = { 0 };
	unsigned int hi, lo;

	soft_level_bits(root, step->level, &hi, &lo);
	fprintf(out,
		"  level %u  table 0x%" PRIx64 ", index %" PRIu64
		" (VA bits %u:%u)",
		step->level, step->table_pa, step->index, hi > 63 ? 63 : hi,
		lo);
	/* Of what could not be read there is nothing to show. */
	if (walk->reason == SOFT_FAULT_BUS && step->kind == SOFT_BAD) {
		fprintf(out, "\n");
	} else {
		fprintf(out, ": 0x%0*" PRIx64 "\n",
			(int)soft_format_entry_size(root->format) * 2,
			step->raw);
		print_fields(out, root, step);
	}
	add_meaning(&line, step);
	fprintf(out, "%s%s\n", margin, line.text);
}

static void print_result(FILE *out, const struct soft_root *root,
			 const struct soft_walk *walk, unsigned int access)
{
	struct cli_line line = { 0 };

	cli_add(&line, "VA 0x%" PRIx64, walk->va);
	if (walk->reason == SOFT_OK) {
		cli_add(&line, " %s OA 0x%" PRIx64 ", ", cli_glyphs()->arrow,
			walk->oa);
		cli_add_prot(&line, walk->prot);
		cli_add(&line, ", in a page of ");
		cli_add_size(&line, UINT64_C(1) << walk->size_lg2);
	} else if (walk->reason == SOFT_FAULT_BAD_ROOT) {
		cli_add(&line, " stops: %s", soft_root_check(root));
	} else {
		cli_add(&line, " stops: ");
		cli_add_stop(&line, walk, access);
	}
	fprintf(out, "%s\n", line.text);
}

enum soft_reason cli_print_walk(FILE *out, struct soft_bus *bus,
				const struct soft_root *root, uint64_t va,
				unsigned int access)
{
	struct cli_line line = { 0 };
	struct soft_walk walk;

	soft_walk(bus, root, va, access, &walk);
	cli_add_root(&line, root);
	fprintf(out, "%s\n", line.text);
	for (unsigned int i = 0; i < walk.steps; i++)
		print_step(out, root, &walk, &walk.step[i]);
	print_result(out, root, &walk, access);
	return walk.reason;
}
