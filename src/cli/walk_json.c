/* SPDX-License-Identifier: MIT */
/* One translation in JSON. */
#include "cli/walk_json.h"

#include "cli/mapping_print.h"
#include "cli/nested.h"

static const char *reason_word(enum soft_reason reason)
{
	switch (reason) {
	case SOFT_OK:
		return "translated";
	case SOFT_FAULT_BLOCKED:
		return "blocked";
	case SOFT_FAULT_RANGE:
		return "out of range";
	case SOFT_FAULT_NOT_PRESENT:
		return "not present";
	case SOFT_FAULT_PERMISSION:
		return "no permission";
	case SOFT_FAULT_BAD_ENTRY:
		return "bad entry";
	case SOFT_FAULT_BUS:
		return "no memory";
	case SOFT_FAULT_BAD_ROOT:
		return "bad root";
	}
	return "unknown";
}

static void fields_json(struct cli_json *json, const struct soft_root *root,
			const struct soft_entry *step)
{
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int n = soft_fields(root, step, field);

	cli_json_array(json, "fields", false);
	for (unsigned int i = 0; i < n; i++) {
		cli_json_object(json, NULL);
		cli_json_text(json, "name", field[i].name);
		cli_json_number(json, "hi", field[i].hi);
		cli_json_number(json, "lo", field[i].lo);
		cli_json_hex(json, "value", field[i].value);
		cli_json_end(json);
	}
	cli_json_end(json);
}

static void meaning_json(struct cli_json *json, const struct soft_entry *step)
{
	static const char *const kind[] = {
		[SOFT_EMPTY] = "empty",
		[SOFT_TABLE] = "table",
		[SOFT_LEAF] = "leaf",
		[SOFT_BAD] = "bad",
	};

	cli_json_text(json, "kind", kind[step->kind]);
	if (step->kind == SOFT_TABLE || step->kind == SOFT_LEAF) {
		cli_json_text(json, "access", cli_access(step->prot));
		cli_json_hex(json, "oa", step->oa);
	}
	if (step->kind == SOFT_LEAF) {
		cli_json_number(json, "bytes", UINT64_C(1) << step->size_lg2);
		cli_json_number(json, "items", UINT64_C(1) << step->run_lg2);
	}
	if (step->why)
		cli_json_text(json, "why", step->why);
}

static void step_json(struct cli_json *json, const struct soft_root *root,
		      const struct soft_walk *walk,
		      const struct soft_entry *step)
{
	unsigned int hi, lo;

	soft_level_bits(root, step->level, &hi, &lo);
	cli_json_number(json, "level", step->level);
	cli_json_hex(json, "table", step->table_pa);
	cli_json_number(json, "index", step->index);
	cli_json_number(json, "va_hi", hi > 63 ? 63 : hi);
	cli_json_number(json, "va_lo", lo);
	/* Of what could not be read there is nothing to show. */
	if (walk->reason != SOFT_FAULT_BUS || step->kind != SOFT_BAD) {
		cli_json_hex(json, "raw", step->raw);
		fields_json(json, root, step);
	}
	meaning_json(json, step);
}

static void result_json(struct cli_json *json, const struct soft_root *root,
			const struct soft_walk *walk, unsigned int access)
{
	struct cli_line line = { .len = 0 };

	cli_json_text(json, "result", reason_word(walk->reason));
	if (walk->reason == SOFT_OK || walk->reason == SOFT_FAULT_PERMISSION) {
		cli_json_text(json, "access", cli_access(walk->prot));
		cli_json_hex(json, "oa", walk->oa);
		cli_json_number(json, "page_bytes",
				UINT64_C(1) << walk->size_lg2);
	}
	if (walk->reason == SOFT_OK)
		return;
	if (walk->reason == SOFT_FAULT_BAD_ROOT)
		cli_add(&line, "%s", soft_root_check(root));
	else
		cli_add_stop(&line, walk, access);
	cli_json_text(json, "why", line.text);
}

static enum soft_reason stage2_json(struct cli_json *json,
				    struct cli_nested *nested, uint64_t ipa,
				    unsigned int access, struct soft_walk *walk)
{
	const struct soft_root *root = cli_nested_root(nested);

	cli_nested_walk(nested, ipa, access, walk);
	cli_json_object(json, "stage2");
	cli_json_hex(json, "ipa", ipa);
	cli_json_array(json, "steps", true);
	for (unsigned int i = 0; i < walk->steps; i++) {
		cli_json_object(json, NULL);
		step_json(json, root, walk, &walk->step[i]);
		cli_json_end(json);
	}
	cli_json_end(json);
	result_json(json, root, walk, access);
	cli_json_end(json);
	return walk->reason;
}

static void steps_json(struct cli_json *json, const struct cli_source *source,
		       const struct soft_walk *walk)
{
	struct soft_walk walk2;

	cli_json_array(json, "steps", true);
	for (unsigned int i = 0; i < walk->steps; i++) {
		const struct soft_entry *step = &walk->step[i];

		cli_json_object(json, NULL);
		if (source->nested)
			stage2_json(json, source->nested, step->pa, SOFT_READ,
				    &walk2);
		step_json(json, &source->table.root, walk, step);
		cli_json_end(json);
	}
	cli_json_end(json);
}

/* What both stages yield together: in the place of what stage 1 does. */
static enum soft_reason nested_result(struct cli_json *json,
				      struct cli_nested *nested,
				      struct soft_walk *walk,
				      unsigned int access)
{
	struct soft_walk walk2;

	cli_json_hex(json, "ipa", walk->oa);
	stage2_json(json, nested, walk->oa, access, &walk2);
	walk2.prot &= walk->prot;
	if (walk->size_lg2 < walk2.size_lg2)
		walk2.size_lg2 = walk->size_lg2;
	result_json(json, cli_nested_root(nested), &walk2, access);
	return walk2.reason;
}

enum soft_reason cli_walk_json(struct cli_json *json,
			       const struct cli_source *source, uint64_t va,
			       unsigned int access)
{
	const struct soft_root *root = &source->table.root;
	enum soft_reason reason;
	struct soft_walk walk;

	reason = soft_walk(source->bus, root, va, access, &walk);
	cli_json_object(json, NULL);
	cli_source_json(json, source);
	cli_json_hex(json, "va", va);
	cli_json_text(json, "wanted", access ? cli_access(access) : NULL);
	steps_json(json, source, &walk);
	if (source->nested && reason == SOFT_OK)
		reason = nested_result(json, source->nested, &walk, access);
	else
		result_json(json, root, &walk, access);
	cli_json_end(json);
	return reason;
}
