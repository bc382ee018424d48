/* SPDX-License-Identifier: MIT */
/**
 * DOC: What a table holds, in numbers that do not grow with it
 *
 * Pictures need to know what there is before they can give it room. A survey visits
 * each entry once and keeps sums and a bounded number of used ranges: when there are
 * too many, those with the smallest holes between them become one.
 */
#ifndef CLI_SURVEY_H
#define CLI_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "soft/soft.h"

/** CLI_SURVEY_RANGES - used ranges that are kept apart. */
#define CLI_SURVEY_RANGES 4096u

/**
 * struct cli_used - a used range
 * @va: first address
 * @last: last address
 * @bytes: mapped in it
 * @runs: pieces that it was made of: less than the range if there are holes
 */
struct cli_used {
	uint64_t va, last;
	uint64_t bytes;
	uint64_t pieces;
};

/** struct cli_level - what the tables of one level hold. */
struct cli_level {
	uint64_t tables, empty, pointers, leaves, bad;
};

/**
 * struct cli_survey - what was found
 * @used: ascending, apart; @nr_used of them
 * @level: by level
 * @size_count: leaves by log2 of their size
 * @size_bytes: what they map
 * @prot_bytes: bytes by SOFT_READ, SOFT_WRITE and SOFT_EXEC of the whole path
 * @hole_count: holes between mapped addresses, by log2 of their size
 * @hole_bytes: what they cover
 * @extents: pieces in which both addresses go on; what an invalidation or a copy by
 *	ranges would need
 * @bytes: mapped in all; UINT64_MAX = that or more
 * @bad: entries that violate the format
 * @entries: visited
 * @incomplete: given up: the table has too many entries
 */
struct cli_survey {
	struct cli_used *used;
	size_t nr_used;
	struct cli_level level[SOFT_MAX_LEVELS];
	uint64_t size_count[64], size_bytes[64];
	uint64_t prot_bytes[8];
	uint64_t hole_count[65], hole_bytes[65];
	uint64_t extents;
	uint64_t bytes;
	uint64_t bad;
	uint64_t entries;
	bool incomplete;
};

/**
 * struct cli_scope - what is looked at
 * @bus: reads the table
 * @root: passes soft_root_check()
 * @va: first address of interest
 * @last: the last one
 * @max: entries that are visited at most; a hostile table has no end
 */
struct cli_scope {
	struct soft_bus *bus;
	const struct soft_root *root;
	uint64_t va, last;
	uint64_t max;
};

/** CLI_MAX_ENTRIES - visited if nobody says: some seconds, 256 GiB of small pages. */
#define CLI_MAX_ENTRIES (UINT64_C(1) << 26)

/**
 * cli_survey() - look at what is in @scope
 *
 * Return: 0 or -ENOMEM. cli_survey_free() either way.
 */
int cli_survey(struct cli_survey *survey, const struct cli_scope *scope);

void cli_survey_free(struct cli_survey *survey);

/**
 * cli_visit() - soft_visit() with the permissions of the whole path
 * @visit: as there; @prot is what the path to @entry allows with it
 *
 * Return: 0; 1 if it was given up after @scope->max entries; what @visit returned to
 * stop.
 */
int cli_visit(const struct cli_scope *scope,
	      int (*visit)(void *arg, const struct soft_entry *entry,
			   unsigned int prot),
	      void *arg);

#endif
