/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/survey.h"

/* A bad entry takes as much room as a small page, at most what it stands for. */
#define BAD_MASK UINT64_C(0x3ff)

/* ---- the permissions of paths ---- */

struct path {
	int (*visit)(void *arg, const struct soft_entry *entry,
		     unsigned int prot);
	void *arg;
	unsigned int prot[SOFT_MAX_LEVELS + 1];
	uint64_t work, max;
	bool given_up;
};

static uint64_t last_of(const struct soft_entry *entry)
{
	return entry->va |
	       (entry->size_lg2 < 64 ? (UINT64_C(1) << entry->size_lg2) - 1
				     : UINT64_MAX);
}

static int visit_path(void *arg, const struct soft_entry *entry)
{
	struct path *path = arg;
	unsigned int prot;

	if (path->work++ == path->max) {
		path->given_up = true;
		return -1;
	}
	prot = entry->prot & path->prot[entry->level];
	if (entry->kind == SOFT_TABLE)
		for (unsigned int l = 0; l <= entry->next_level; l++)
			path->prot[l] = prot;
	return path->visit(path->arg, entry, prot);
}

int cli_visit(const struct cli_scope *scope,
	      int (*visit)(void *arg, const struct soft_entry *entry,
			   unsigned int prot),
	      void *arg)
{
	struct path path = { .visit = visit, .arg = arg, .max = scope->max };
	int rc;

	for (unsigned int l = 0; l <= SOFT_MAX_LEVELS; l++)
		path.prot[l] = SOFT_READ | SOFT_WRITE | SOFT_EXEC;
	rc = soft_visit(scope->bus, scope->root, scope->va, scope->last,
			visit_path, &path);
	return path.given_up ? 1 : rc;
}

/* ---- used ranges ---- */

/* Where the smallest holes are, there is one range from now on. */
static void merge_smallest(struct cli_survey *s)
{
	uint64_t least = UINT64_MAX;
	size_t kept = 0;

	assert(s->used); /* from the start of the survey to its end */
	for (size_t i = 1; i < s->nr_used; i++) {
		uint64_t hole = s->used[i].va - s->used[i - 1].last;

		if (hole < least)
			least = hole;
	}
	least = least > UINT64_MAX / 2 ? UINT64_MAX : 2 * least;
	for (size_t i = 1; i < s->nr_used; i++) {
		struct cli_used *to = &s->used[kept], *from = &s->used[i];

		if (from->va - to->last <= least) {
			to->last = from->last;
			to->bytes += from->bytes;
			to->pieces += from->pieces;
		} else {
			s->used[++kept] = *from;
		}
	}
	s->nr_used = kept + 1;
}

static void add_used(struct cli_survey *s, uint64_t va, uint64_t last,
		     uint64_t bytes)
{
	struct cli_used *end = s->nr_used ? &s->used[s->nr_used - 1] : NULL;

	if (end && va <= end->last) {
		/* Entries come in order; only a bad one may lie in another. */
		if (last > end->last)
			end->last = last;
		end->bytes += bytes;
		return;
	}
	if (end && va == end->last + 1) {
		end->last = last;
		end->bytes += bytes;
		return;
	}
	assert(s->used);
	while (s->nr_used == CLI_SURVEY_RANGES)
		merge_smallest(s);
	s->used[s->nr_used++] = (struct cli_used){ va, last, bytes, 1 };
}

/* ---- the survey ---- */

/*
 * @at: the table entry whose table has shown nothing yet
 * @end: address behind the last leaf; @oa_end likewise
 */
struct state {
	struct cli_survey *s;
	uint64_t end, oa_end;
	bool any;
	bool pending;
	unsigned int pending_level;
};

static unsigned int lg2(uint64_t value)
{
	return value ? 63 - (unsigned int)__builtin_clzll(value) : 0;
}

static void add_hole(struct state *state, uint64_t va)
{
	uint64_t hole = va - state->end;

	if (!state->any || va <= state->end)
		return;
	state->s->hole_count[lg2(hole)]++;
	state->s->hole_bytes[lg2(hole)] += hole;
}

static void add_leaf(struct state *state, const struct soft_entry *entry,
		     unsigned int prot)
{
	unsigned int size_lg2 = entry->size_lg2 < 63 ? entry->size_lg2 : 63;
	uint64_t size = UINT64_C(1) << size_lg2;
	struct cli_survey *s = state->s;

	add_hole(state, entry->va);
	if (!state->any || entry->va != state->end ||
	    entry->oa != state->oa_end)
		s->extents++;
	state->any = true;
	state->end = last_of(entry) + 1;
	state->oa_end = entry->oa + size;
	s->level[entry->level].leaves++;
	s->size_count[size_lg2]++;
	s->size_bytes[size_lg2] += size;
	s->prot_bytes[prot & 7] += size;
	s->bytes = s->bytes > UINT64_MAX - size ? UINT64_MAX : s->bytes + size;
	add_used(s, entry->va, last_of(entry), size);
}

static int visit(void *arg, const struct soft_entry *entry, unsigned int prot)
{
	struct state *state = arg;
	struct cli_survey *s = state->s;

	s->entries++;
	/* The table before had something if this is of it. */
	if (state->pending && entry->level != state->pending_level)
		s->level[state->pending_level].empty++;
	state->pending = false;
	switch (entry->kind) {
	case SOFT_TABLE:
		s->level[entry->level].pointers++;
		s->level[entry->next_level].tables++;
		state->pending = true;
		state->pending_level = entry->next_level;
		break;
	case SOFT_LEAF:
		add_leaf(state, entry, prot);
		break;
	case SOFT_BAD:
		s->level[entry->level].bad++;
		s->bad++;
		/* A place to show it; how far it would reach says nothing. */
		add_used(s, entry->va, entry->va | BAD_MASK, 0);
		break;
	case SOFT_EMPTY:
		break;
	}
	return 0;
}

int cli_survey(struct cli_survey *survey, const struct cli_scope *scope)
{
	struct state state = { .s = survey };

	memset(survey, 0, sizeof(*survey));
	survey->used = calloc(CLI_SURVEY_RANGES, sizeof(*survey->used));
	if (!survey->used)
		return -ENOMEM;
	survey->level[scope->root->levels - 1].tables = 1;
	if (cli_visit(scope, visit, &state) == 1)
		survey->incomplete = true;
	if (state.pending)
		survey->level[state.pending_level].empty++;
	return 0;
}

void cli_survey_free(struct cli_survey *survey)
{
	free(survey->used);
	survey->used = NULL;
}
