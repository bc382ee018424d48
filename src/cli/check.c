/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a table, or wasteful in it. Three looks: at each entry of each
 * table once; at the items of the top table that no address reaches; and at the runs
 * of pages, for such that could be larger.
 */
#include "cli/check.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/seen.h"

/* To read a table costs as much as to read its entries. */
#define TABLE_COST 512u

#define ALL (SOFT_READ | SOFT_WRITE | SOFT_EXEC)

/**
 * struct open_table - a table on the path
 * @entry: that points at it; of the top table its kind is SOFT_EMPTY
 * @prot: permissions of the path down to it
 * @used: it has an entry
 */
struct open_table {
	struct soft_entry entry;
	unsigned int level;
	unsigned int prot;
	bool used;
};

/**
 * struct look - one call of cli_check_table()
 * @last: the finding that is being put together; its count is 0 if there is none
 * @seen: tables by address; the value is the VA of the first use, and the level
 * @open: the path
 * @left: entries that may still be read
 */
struct look {
	struct cli_check *check;
	struct cli_finding last;
	struct cli_seen seen;
	struct open_table open[SOFT_MAX_LEVELS];
	unsigned int depth;
	uint64_t left;
};

const char *cli_severity_name(enum cli_severity severity)
{
	static const char *const name[] = { "nothing", "note", "warning",
					    "error" };

	return name[severity];
}

static uint64_t last_of(const struct soft_entry *entry)
{
	return entry->va + ((UINT64_C(1) << entry->size_lg2) - 1);
}

/* ------------------------------------------------ findings */

static void report(struct look *look)
{
	struct cli_finding *f = &look->last;

	if (f->count && f->severity >= look->check->least)
		look->check->found(look->check->arg, f);
	if (f->count)
		look->check->number[f->severity]++;
	f->count = 0;
}

/* Is it the same again, of the next entry of the table? */
static bool goes_on(const struct cli_finding *a, const struct cli_finding *b)
{
	return a->count && a->kind == b->kind &&
	       a->entry.table_pa == b->entry.table_pa &&
	       a->entry.level == b->entry.level && b->entry.va == a->last + 1 &&
	       !strcmp(a->what.text, b->what.text);
}

static void find(struct look *look, const struct cli_finding *finding)
{
	if (goes_on(&look->last, finding)) {
		look->last.last = finding->last;
		look->last.count += finding->count;
		return;
	}
	report(look);
	look->last = *finding;
}

static void find_entry(struct look *look, enum cli_severity severity,
		       const char *kind, const struct soft_entry *entry,
		       const char *what)
{
	struct cli_finding finding = {
		.severity = severity,
		.kind = kind,
		.entry = *entry,
		.last = last_of(entry),
		.count = 1,
	};

	cli_add(&finding.what, "%s", what);
	find(look, &finding);
}

/* ------------------------------------------------ each entry */

/* A word for what a decoder, or the visitor, says is wrong. */
static const char *kind_of(const char *why)
{
	static const struct {
		const char *part;
		const char *kind;
	} kinds[] = {
		{ "no memory answers", "missing" },
		{ "own path", "loop" },
		{ "output width", "beyond-output-width" },
		{ "not aligned", "misaligned" },
		{ "copies of its run", "broken-run" },
		{ "out of step", "broken-run" },
		{ "run does not fit", "broken-run" },
		{ "no run of", "broken-run" },
		{ "reserved", "reserved-bits" },
		{ "meaning is not known", "reserved-bits" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strstr(why, kinds[i].part))
			return kinds[i].kind;
	return "bad-entry";
}

/* Leave the tables that @level is above of; what never had an entry is empty. */
static void leave(struct look *look, unsigned int level)
{
	while (look->depth > 1 && look->open[look->depth - 1].level != level) {
		struct open_table *table = &look->open[--look->depth];

		if (!table->used)
			find_entry(look, CLI_NOTE, "empty-table", &table->entry,
				   "points at an empty table");
	}
}

static void find_shared(struct look *look, const struct soft_entry *entry,
			uint64_t first)
{
	struct cli_finding finding = {
		.severity = CLI_WARNING,
		.kind = "shared-table",
		.entry = *entry,
		.last = last_of(entry),
		.count = 1,
	};
	/* VAs of tables are multiples of 1024 at least. */
	unsigned int level = first & 7;

	cli_add(&finding.what,
		"table 0x%" PRIx64 " is also used at VA 0x%" PRIx64, entry->oa,
		first & ~UINT64_C(7));
	if (level != entry->next_level) {
		finding.severity = CLI_ERROR;
		cli_add(&finding.what, ", as a table of level %u", level);
	}
	find(look, &finding);
}

/* Return: 0 to go down, 1 not to. */
static int look_at_table(struct look *look, const struct soft_entry *entry)
{
	struct open_table *above = &look->open[look->depth - 1];
	uint64_t first = entry->va | entry->next_level;
	unsigned int prot = above->prot & entry->prot;

	if (above->prot && !prot)
		find_entry(look, CLI_WARNING, "unreachable", entry,
			   "nothing below can be reached: no permission is "
			   "left");
	if (cli_seen_before(&look->seen, entry->oa, &first)) {
		find_shared(look, entry, first);
		return 1;
	}
	look->check->tables++;
	look->open[look->depth++] = (struct open_table){
		.entry = *entry,
		.level = entry->next_level,
		.prot = prot,
	};
	return 0;
}

static int visit(void *arg, const struct soft_entry *entry)
{
	struct look *look = arg;
	uint64_t cost = entry->kind == SOFT_TABLE ? TABLE_COST : 1;

	if (look->left < cost)
		return -E2BIG;
	look->left -= cost;
	leave(look, entry->level);
	look->open[look->depth - 1].used = true;
	look->check->entries++;
	if (entry->kind == SOFT_TABLE)
		return look_at_table(look, entry);
	if (entry->kind == SOFT_BAD)
		find_entry(look, CLI_ERROR, kind_of(entry->why), entry,
			   entry->why);
	return 0;
}

static int look_at_entries(struct look *look)
{
	const struct cli_source *source = look->check->source;
	const struct soft_root *root = &source->table.root;
	uint64_t top = root->levels - 1;
	int rc;

	look->open[0].level = root->levels - 1;
	look->open[0].prot = ALL;
	look->depth = 1;
	look->check->tables = 1;
	cli_seen_before(&look->seen, root->pa, &top);
	rc = soft_visit(source->bus, root, 0, UINT64_MAX, visit, look);
	if (!rc)
		leave(look, root->levels - 1);
	report(look);
	return rc;
}

/* ------------------------------------------------ beyond the input width */

/** struct beyond - the ranges that are not beyond it. */
struct beyond {
	struct look *look;
	struct soft_range input[2];
	unsigned int n;
};

static int visit_beyond(void *arg, const struct soft_entry *entry)
{
	struct beyond *beyond = arg;

	for (unsigned int i = 0; i < beyond->n; i++)
		if (entry->va <= beyond->input[i].last &&
		    last_of(entry) >= beyond->input[i].va)
			return 1;
	find_entry(beyond->look, CLI_WARNING, "unreachable", entry,
		   "no address of the input width reaches this entry");
	return 1;
}

/* All of the top table, if it is no smaller because of the width. */
static void look_beyond(struct look *look)
{
	const struct cli_source *source = look->check->source;
	const struct soft_root *root = &source->table.root;
	struct soft_root whole = *root;
	struct beyond beyond = { .look = look };
	unsigned int hi, whole_hi, lo;

	whole.va_bits = 0;
	if (!root->va_bits || soft_root_check(&whole))
		return;
	soft_level_bits(root, root->levels - 1, &hi, &lo);
	soft_level_bits(&whole, root->levels - 1, &whole_hi, &lo);
	if (hi != whole_hi)
		return;
	beyond.n = soft_input(root, beyond.input);
	soft_visit(source->bus, &whole, 0, UINT64_MAX, visit_beyond, &beyond);
	report(look);
}

/* ------------------------------------------------ runs of pages */

/* The size of which most fit into the run, whole and aligned; 0 = none. */
static uint64_t larger(const struct cli_mapping *m, uint64_t sizes,
		       uint64_t *number)
{
	uint64_t size, first;

	for (unsigned int lg2 = 63; lg2 > m->size_lg2; lg2--) {
		size = sizes & UINT64_C(1) << lg2;
		if (!size || ((m->va ^ m->ipa) & (size - 1)))
			continue;
		first = (m->va + size - 1) & ~(size - 1);
		if (first < m->va || first > m->last ||
		    m->last - first < size - 1)
			continue;
		*number = (m->last - first + 1) / size;
		return size;
	}
	return 0;
}

static int look_at_run(void *arg, const struct cli_mapping *m)
{
	struct look *look = arg;
	const struct soft_root *root = &look->check->source->table.root;
	struct cli_finding finding = {
		.severity = CLI_NOTE,
		.kind = "small-pages",
		.entry = m->entry,
		.last = m->last,
		.count = m->count,
	};
	uint64_t size, number = 0;

	if (m->kind != CLI_MAPPED)
		return 0;
	size = larger(m, soft_page_sizes(root), &number);
	if (!size)
		return 0;
	cli_add(&finding.what, "%" PRIu64 " pages of ",
		number << (unsigned int)__builtin_ctzll(size) >> m->size_lg2);
	cli_add_size(&finding.what, UINT64_C(1) << m->size_lg2);
	cli_add(&finding.what, " could be %" PRIu64 " of ", number);
	cli_add_size(&finding.what, size);
	report(look);
	look->last = finding;
	return 0;
}

/* What stage 1 says of itself, also if it is nested. */
static int look_at_runs(struct look *look)
{
	struct cli_source alone = *look->check->source;
	struct cli_scan scan = {
		.source = &alone,
		.max_entries = look->check->max_entries,
	};
	int rc;

	alone.nested = NULL;
	cli_filter_init(&scan.filter);
	rc = cli_scan_table(&scan, look_at_run, look);
	report(look);
	return rc;
}

int cli_check_table(struct cli_check *check)
{
	struct look look = {
		.check = check,
		.left = check->max_entries ? check->max_entries
					   : cli_default_entries(check->source),
	};
	int rc;

	rc = look_at_entries(&look);
	look_beyond(&look);
	if (!rc)
		rc = look_at_runs(&look);
	cli_seen_free(&look.seen);
	return rc;
}
