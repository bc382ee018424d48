/* SPDX-License-Identifier: MIT */
/* What a table maps, run by run. */
#include "cli/mapping.h"

#include <errno.h>
#include <string.h>

#include "cli/attr.h"
#include "cli/nested.h"
#include "cli/seen.h"

/* To read a table costs as much as to read its entries. */
#define TABLE_COST 512u

#define ALL (SOFT_READ | SOFT_WRITE | SOFT_EXEC)

/**
 * struct path - the permissions down to a table, by its level
 */
struct path {
	unsigned int prot[SOFT_MAX_LEVELS];
};

/**
 * struct going - one call of cli_scan_table()
 * @run: is being put together
 * @any: there is one
 * @piece: of stage 1, while stage 2 is asked for what it maps
 * @next: where stage 2 has come to within @piece, as a guest-physical address
 * @mask: attribute bits of leaves by level, and by whether they are of a run
 * @has_mask: which of them are known
 * @seen: tables above the lowest level
 * @limit: entries that may be read
 * @rc: why it was stopped
 */
struct going {
	struct cli_scan *scan;
	int (*found)(void *arg, const struct cli_mapping *mapping);
	void *arg;
	struct cli_mapping run;
	bool any;
	struct path path, path2;
	const struct cli_mapping *piece;
	uint64_t next;
	uint64_t mask[SOFT_MAX_LEVELS][2];
	bool has_mask[SOFT_MAX_LEVELS][2];
	struct cli_seen seen;
	uint64_t limit;
	int rc;
};

uint64_t cli_default_entries(const struct cli_source *source)
{
	uint64_t most = UINT64_C(1) << 30;
	uint64_t bytes = cli_image_bytes(source->image);

	return bytes < most / 4 ? bytes * 4 + (1 << 20) : most;
}

static uint64_t last_of(const struct soft_entry *entry)
{
	return entry->va + ((UINT64_C(1) << entry->size_lg2) - 1);
}

/* ------------------------------------------------ runs */

static bool goes_on(const struct going *g, const struct cli_mapping *next)
{
	const struct cli_mapping *run = &g->run;

	if (next->va != run->last + 1 || next->kind != run->kind ||
	    next->entry.level != run->entry.level)
		return false;
	if (run->kind == CLI_BAD)
		return next->entry.table_pa == run->entry.table_pa &&
		       !strcmp(next->why, run->why);
	if (run->kind == CLI_SEEN ||
	    next->ipa != run->ipa + (next->va - run->va))
		return false;
	if (run->kind == CLI_MAPPED &&
	    (next->oa != run->oa + (next->va - run->va) ||
	     next->size_lg2 != run->size_lg2))
		return false;
	if (g->scan->separate_ad &&
	    ((run->accessed != 0) != (next->accessed != 0) ||
	     (run->dirty != 0) != (next->dirty != 0)))
		return false;
	return next->prot == run->prot && next->attributes == run->attributes;
}

static int flush(struct going *g)
{
	if (g->any)
		g->rc = g->found(g->arg, &g->run);
	g->any = false;
	return g->rc ? -1 : 0;
}

/* Return: 0, or -1 to stop. */
static int add(struct going *g, const struct cli_mapping *piece)
{
	if (g->any && goes_on(g, piece)) {
		g->run.last = piece->last;
		g->run.count += piece->count;
		g->run.accessed += piece->accessed;
		g->run.dirty += piece->dirty;
		return 0;
	}
	if (flush(g))
		return -1;
	g->run = *piece;
	g->any = true;
	return 0;
}

static int spend(struct going *g, const struct soft_entry *entry)
{
	g->scan->entries += entry->kind == SOFT_TABLE ? TABLE_COST : 1;
	if (g->scan->entries <= g->limit)
		return 0;
	g->rc = -E2BIG;
	return -1;
}

/* ------------------------------------------------ stage 2 */

static bool wanted_oa(const struct going *g, uint64_t oa, uint64_t size)
{
	const struct cli_range *want = &g->scan->filter.oa;

	return oa <= want->last && oa + (size - 1) >= want->first;
}

static bool wanted_access(const struct going *g, unsigned int prot)
{
	const struct cli_filter *filter = &g->scan->filter;

	return !(filter->with & ~prot) && !(filter->without & prot);
}

/* Do the filters ask for something that only what is mapped has? */
static bool is_filtered(const struct going *g)
{
	const struct cli_filter *f = &g->scan->filter;

	return f->with || f->without || f->oa.first ||
	       f->oa.last != UINT64_MAX || f->levels.first ||
	       f->levels.last != UINT64_MAX;
}

/* [@ipa, @last] of the piece, which stage 2 does not translate. */
static int add_hole(struct going *g, uint64_t ipa, uint64_t last,
		    const char *why)
{
	struct cli_mapping hole = *g->piece;

	if (is_filtered(g))
		return 0;
	hole.kind = CLI_BAD_STAGE2;
	hole.ipa = ipa;
	hole.va += ipa - g->piece->ipa;
	hole.last = hole.va + (last - ipa);
	hole.why = why;
	return add(g, &hole);
}

/* What both stages together make of @entry of the second. */
static int add_both(struct going *g, const struct soft_entry *entry,
		    uint64_t first, uint64_t last)
{
	struct cli_mapping both = *g->piece;
	unsigned int level = entry->level;

	both.ipa = first;
	both.va += first - g->piece->ipa;
	both.last = both.va + (last - first);
	both.oa = entry->oa + (first - entry->va);
	both.prot &= g->path2.prot[level] & entry->prot;
	if (entry->size_lg2 < both.size_lg2)
		both.size_lg2 = entry->size_lg2;
	both.count = ((last - first) >> both.size_lg2) + 1;
	both.accessed = both.accessed ? both.count : 0;
	both.dirty = both.dirty ? both.count : 0;
	if (!wanted_access(g, both.prot) ||
	    !wanted_oa(g, both.oa, last - first + 1))
		return 0;
	return add(g, &both);
}

static int visit_stage2(void *arg, const struct soft_entry *entry)
{
	struct going *g = arg;
	uint64_t piece_last = g->piece->ipa + (g->piece->last - g->piece->va);
	uint64_t first = entry->va, last = last_of(entry);
	int rc = 0;

	if (spend(g, entry))
		return -1;
	if (entry->kind == SOFT_TABLE) {
		g->path2.prot[entry->next_level] = g->path2.prot[entry->level] &
						   entry->prot;
		return 0;
	}
	/* A copy that differs from its run comes after the run. */
	if (first < g->next)
		first = g->next;
	if (last > piece_last)
		last = piece_last;
	if (first > last)
		return 0;
	if (first > g->next)
		rc = add_hole(g, g->next, first - 1, "stage 2 does not map it");
	if (!rc && entry->kind == SOFT_BAD)
		rc = add_hole(g, first, last, entry->why);
	else if (!rc)
		rc = add_both(g, entry, first, last);
	g->next = last + 1;
	return rc;
}

static int add_nested(struct going *g, const struct cli_mapping *piece)
{
	struct cli_nested *nested = g->scan->source->nested;
	const struct soft_root *root = cli_nested_root(nested);
	uint64_t last = piece->ipa + (piece->last - piece->va);

	g->piece = piece;
	g->next = piece->ipa;
	g->path2.prot[root->levels - 1] = ALL;
	if (soft_visit(cli_nested_outer(nested), root, piece->ipa, last,
		       visit_stage2, g) < 0)
		return -1;
	/* All of the piece was translated, up to the last address there is. */
	if (g->next == last + 1)
		return 0;
	return add_hole(g, g->next, last, "stage 2 does not map it");
}

/* ------------------------------------------------ stage 1, or the only one */

static uint64_t attributes_of(struct going *g, const struct soft_entry *entry)
{
	bool run = entry->run_lg2 != 0;

	if (!g->has_mask[entry->level][run]) {
		g->mask[entry->level][run] =
			cli_attribute_mask(&g->scan->source->table.root, entry);
		g->has_mask[entry->level][run] = true;
	}
	return entry->raw & g->mask[entry->level][run];
}

/*
 * @piece is overwritten in place, word by word: dumps of millions of runs come
 * through here, and to copy a structure that was just written in other pieces makes
 * the processor wait for all of them.
 */
static void fill(struct cli_mapping *piece, const struct soft_entry *entry,
		 unsigned int prot, uint64_t attributes)
{
	piece->kind = CLI_MAPPED;
	piece->va = entry->va;
	piece->last = last_of(entry);
	piece->oa = piece->ipa = entry->oa;
	piece->prot = prot;
	piece->size_lg2 = entry->size_lg2;
	piece->count = 1;
	piece->accessed = entry->accessed;
	piece->dirty = entry->dirty;
	piece->entry.kind = SOFT_LEAF;
	piece->entry.level = entry->level;
	piece->entry.table_pa = entry->table_pa;
	piece->entry.index = entry->index;
	piece->entry.pa = entry->pa;
	piece->entry.raw = entry->raw;
	piece->entry.va = entry->va;
	piece->entry.size_lg2 = entry->size_lg2;
	piece->entry.oa = entry->oa;
	piece->entry.prot = entry->prot;
	piece->entry.accessed = entry->accessed;
	piece->entry.dirty = entry->dirty;
	piece->entry.encrypted = entry->encrypted;
	piece->entry.run_lg2 = entry->run_lg2;
	piece->attributes = attributes;
	piece->why = NULL;
	piece->first_va = 0;
}

/* Does @entry go on where the run ends? As goes_on(), before there is a piece. */
static bool leaf_goes_on(const struct going *g, const struct soft_entry *entry,
			 unsigned int prot, uint64_t attributes)
{
	const struct cli_mapping *run = &g->run;

	if (!g->any || run->kind != CLI_MAPPED || entry->va != run->last + 1 ||
	    entry->oa != run->oa + (entry->va - run->va) ||
	    entry->size_lg2 != run->size_lg2 ||
	    entry->level != run->entry.level || prot != run->prot ||
	    attributes != run->attributes)
		return false;
	return !g->scan->separate_ad ||
	       (entry->accessed == (run->accessed != 0) &&
		entry->dirty == (run->dirty != 0));
}

static int add_leaf(struct going *g, const struct soft_entry *entry,
		    unsigned int prot, uint64_t attributes)
{
	if (leaf_goes_on(g, entry, prot, attributes)) {
		g->run.last = last_of(entry);
		g->run.count++;
		g->run.accessed += entry->accessed;
		g->run.dirty += entry->dirty;
		return 0;
	}
	if (flush(g))
		return -1;
	fill(&g->run, entry, prot, attributes);
	g->any = true;
	return 0;
}

static int visit_leaf(struct going *g, const struct soft_entry *entry)
{
	const struct cli_range *levels = &g->scan->filter.levels;
	unsigned int prot = g->path.prot[entry->level] & entry->prot;
	uint64_t attributes;
	struct cli_mapping piece;

	if (entry->level < levels->first || entry->level > levels->last)
		return 0;
	attributes = attributes_of(g, entry);
	if (g->scan->source->nested) {
		fill(&piece, entry, prot, attributes);
		return add_nested(g, &piece);
	}
	if (!wanted_access(g, prot) ||
	    !wanted_oa(g, entry->oa, UINT64_C(1) << entry->size_lg2))
		return 0;
	return add_leaf(g, entry, prot, attributes);
}

static int visit_bad(struct going *g, const struct soft_entry *entry)
{
	struct cli_mapping piece = {
		.kind = CLI_BAD,
		.va = entry->va,
		.last = last_of(entry),
		.size_lg2 = entry->size_lg2,
		.count = 1,
		.entry = *entry,
		.why = entry->why,
	};

	/* Nobody knows what would pass the filters if it were not bad. */
	return add(g, &piece);
}

/* All that it maps is within the addresses that were asked for. */
static bool is_whole(const struct going *g, const struct soft_entry *entry)
{
	const struct cli_range *va = &g->scan->filter.va;

	return entry->va >= va->first && last_of(entry) <= va->last;
}

/* Return: 0 to go down, 1 not to, -1 to stop. */
static int visit_table(struct going *g, const struct soft_entry *entry)
{
	unsigned int prot = g->path.prot[entry->level] & entry->prot;
	struct cli_mapping piece;
	uint64_t first_va = entry->va;

	g->path.prot[entry->next_level] = prot;
	if (g->scan->repeat_tables || is_filtered(g) || !entry->next_level ||
	    !is_whole(g, entry))
		return 0;
	/* No table is aligned to less than 64 bytes. */
	if (!cli_seen_before(&g->seen,
			     entry->oa | entry->next_level << 3 | prot,
			     &first_va))
		return 0;
	piece = (struct cli_mapping){
		.kind = CLI_SEEN,
		.va = entry->va,
		.last = last_of(entry),
		.oa = entry->oa,
		.prot = prot,
		.size_lg2 = entry->size_lg2,
		.count = 1,
		.entry = *entry,
		.first_va = first_va,
	};
	return add(g, &piece) ? -1 : 1;
}

static int visit(void *arg, const struct soft_entry *entry)
{
	struct going *g = arg;

	if (spend(g, entry))
		return -1;
	switch (entry->kind) {
	case SOFT_TABLE:
		return visit_table(g, entry);
	case SOFT_LEAF:
		return visit_leaf(g, entry);
	case SOFT_BAD:
		return visit_bad(g, entry);
	case SOFT_EMPTY:
		break;
	}
	return 0;
}

int cli_scan_table(struct cli_scan *scan,
		   int (*found)(void *arg, const struct cli_mapping *mapping),
		   void *arg)
{
	const struct soft_root *root = &scan->source->table.root;
	struct going g = {
		.scan = scan,
		.found = found,
		.arg = arg,
		.limit = scan->max_entries ? scan->max_entries
					   : cli_default_entries(scan->source),
	};

	g.path.prot[root->levels - 1] = ALL;
	soft_visit(scan->source->bus, root, scan->filter.va.first,
		   scan->filter.va.last, visit, &g);
	cli_seen_free(&g.seen);
	/* Of what was read before the limit all is true. */
	if ((!g.rc || g.rc == -E2BIG) && g.any) {
		int rc = g.found(g.arg, &g.run);

		g.rc = g.rc ? g.rc : rc;
	}
	return g.rc;
}
