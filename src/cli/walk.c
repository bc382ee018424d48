/* SPDX-License-Identifier: MIT */
/* One translation, step by step. */
#include "cli/print.h"
#include "cli/attr.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

/**
 * struct view - how a walk is printed
 * @margin: before each line
 * @input: what its input address is called
 */
struct view {
	FILE *out;
	const struct soft_root *root;
	const char *margin;
	const char *input;
};

/* The next row of text stands under the first, right of the level. */
static const char under[] = "           ";

static void add_field(struct cli_line *line, const struct soft_field *field)
{
	if (field->hi == field->lo && !cli_is_filler(field))
		cli_add(line, " %s=%" PRIu64, field->name, field->value);
	else if (field->hi == field->lo)
		cli_add(line, " %s[%u]=%" PRIu64, field->name, field->hi,
			field->value);
	else
		cli_add(line, " %s[%u:%u]=0x%" PRIx64, field->name, field->hi,
			field->lo, field->value);
}

/* Bits without a name are worth a word only if they are set. */
static void print_fields(const struct view *view, const struct soft_entry *step)
{
	const struct soft_root *root = view->root;
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int n = soft_fields(root, step, field);
	struct cli_line line = { 0 };

	for (unsigned int i = 0; i < n; i++)
		if (!cli_is_filler(&field[i]) || field[i].value)
			add_field(&line, &field[i]);
	fprintf(view->out, "%s%s%s\n", view->margin, under, line.text + 1);
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

static void print_step(const struct view *view, const struct soft_walk *walk,
		       const struct soft_entry *step)
{
	const struct soft_root *root = view->root;
	FILE *out = view->out;
	struct cli_line line = { 0 };
	unsigned int hi, lo;

	soft_level_bits(root, step->level, &hi, &lo);
	fprintf(out,
		"%s  level %u  table 0x%" PRIx64 ", index %" PRIu64
		" (%s bits %u:%u)",
		view->margin, step->level, step->table_pa, step->index,
		view->input, hi > 63 ? 63 : hi, lo);
	/* Of what could not be read there is nothing to show. */
	if (walk->reason == SOFT_FAULT_BUS && step->kind == SOFT_BAD) {
		fprintf(out, "\n");
	} else {
		fprintf(out, ": 0x%0*" PRIx64 "\n",
			(int)soft_format_entry_size(root->format) * 2,
			step->raw);
		print_fields(view, step);
	}
	add_meaning(&line, step);
	fprintf(out, "%s%s%s\n", view->margin, under, line.text);
}

static void add_page(struct cli_line *line, unsigned int prot,
		     unsigned int size_lg2)
{
	cli_add(line, ", ");
	cli_add_prot(line, prot);
	cli_add(line, ", in a page of ");
	cli_add_size(line, UINT64_C(1) << size_lg2);
}

static void print_result(const struct view *view, const struct soft_walk *walk,
			 unsigned int access)
{
	struct cli_line line = { 0 };

	cli_add(&line, "%s 0x%" PRIx64, view->input, walk->va);
	if (walk->reason == SOFT_OK) {
		cli_add(&line, " %s OA 0x%" PRIx64, cli_glyphs()->arrow,
			walk->oa);
		add_page(&line, walk->prot, walk->size_lg2);
	} else if (walk->reason == SOFT_FAULT_BAD_ROOT) {
		cli_add(&line, " stops: %s", soft_root_check(view->root));
	} else {
		cli_add(&line, " stops: ");
		cli_add_stop(&line, walk, access);
	}
	fprintf(view->out, "%s%s\n", view->margin, line.text);
}

static void print_root(const struct view *view, const char *prefix)
{
	struct cli_line line = { 0 };

	cli_add_root(&line, view->root);
	fprintf(view->out, "%s%s\n", prefix, line.text);
}

enum soft_reason cli_print_walk(FILE *out, struct soft_bus *bus,
				const struct soft_root *root, uint64_t va,
				unsigned int access)
{
	struct view view = { out, root, "", "VA" };
	struct soft_walk walk;

	soft_walk(bus, root, va, access, &walk);
	print_root(&view, "");
	for (unsigned int i = 0; i < walk.steps; i++)
		print_step(&view, &walk, &walk.step[i]);
	print_result(&view, &walk, access);
	return walk.reason;
}

/* ------------------------------------------------ two stages */

static enum soft_reason print_stage2(FILE *out, struct cli_nested *nested,
				     uint64_t ipa, unsigned int access,
				     struct soft_walk *walk)
{
	struct view view = { out, cli_nested_root(nested), "      ", "IPA" };

	cli_nested_walk(nested, ipa, access, walk);
	for (unsigned int i = 0; i < walk->steps; i++)
		print_step(&view, walk, &walk->step[i]);
	print_result(&view, walk, access);
	return walk->reason;
}

/* Each entry of stage 1 is read from where stage 2 has it. */
static void print_both(FILE *out, struct cli_nested *nested,
		       const struct view *view, const struct soft_walk *walk)
{
	struct soft_walk walk2;

	for (unsigned int i = 0; i < walk->steps; i++) {
		fprintf(out, "    stage 2 of the entry at 0x%" PRIx64 ":\n",
			walk->step[i].pa);
		print_stage2(out, nested, walk->step[i].pa, SOFT_READ, &walk2);
		print_step(view, walk, &walk->step[i]);
	}
}

enum soft_reason cli_print_nested_walk(FILE *out, struct cli_nested *nested,
				       const struct soft_root *root,
				       uint64_t va, unsigned int access)
{
	struct view view = { out, root, "", "VA" };
	struct view outer = { out, cli_nested_root(nested), "", "IPA" };
	struct cli_line line = { 0 };
	struct soft_walk walk, walk2;

	soft_walk(cli_nested_bus(nested), root, va, access, &walk);
	print_root(&view, "");
	print_root(&outer, "stage 2: ");
	print_both(out, nested, &view, &walk);
	if (walk.reason != SOFT_OK) {
		print_result(&view, &walk, access);
		return walk.reason;
	}
	fprintf(out, "    stage 2 of 0x%" PRIx64 ":\n", walk.oa);
	if (print_stage2(out, nested, walk.oa, access, &walk2) != SOFT_OK) {
		fprintf(out,
			"VA 0x%" PRIx64 " %s IPA 0x%" PRIx64
			" stops in stage 2\n",
			va, cli_glyphs()->arrow, walk.oa);
		return walk2.reason;
	}
	cli_add(&line, "VA 0x%" PRIx64 " %s IPA 0x%" PRIx64 " %s OA 0x%" PRIx64,
		va, cli_glyphs()->arrow, walk.oa, cli_glyphs()->arrow,
		walk2.oa);
	add_page(&line, walk.prot & walk2.prot,
		 walk.size_lg2 < walk2.size_lg2 ? walk.size_lg2
						: walk2.size_lg2);
	fprintf(out, "%s\n", line.text);
	return SOFT_OK;
}
