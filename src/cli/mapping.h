/* SPDX-License-Identifier: MIT */
/**
 * DOC: What a table maps, run by run
 *
 * The leaves of a table in the order of their addresses; neighbours that go on where
 * the one before ends, with all else equal, are one run. Of a table with a second
 * stage, what the second maps of what the first does.
 */
#ifndef CLI_MAPPING_H
#define CLI_MAPPING_H

#include "cli/source.h"

/** enum cli_mapping_kind - what a run is. */
enum cli_mapping_kind {
	CLI_MAPPED, /* leaves */
	CLI_BAD, /* entries that hardware refuses, or that are not in the image */
	CLI_BAD_STAGE2, /* leaves of stage 1 that stage 2 does not translate */
	CLI_SEEN, /* a table that is shown elsewhere already */
};

/**
 * struct cli_mapping - one run
 * @kind: what it is
 * @va: first address
 * @last: last address
 * @oa: CLI_MAPPED: where @va goes; CLI_SEEN: the table
 * @ipa: where stage 1 takes @va, if there are two
 * @prot: permissions of the whole path, of both stages
 * @size_lg2: log2 of the size of a page, of the smaller of both stages
 * @count: CLI_MAPPED: pages of that size; else entries
 * @accessed: of @count, how many have been accessed
 * @dirty: of @count, how many are dirty
 * @entry: the first entry of the first stage
 * @attributes: its bits that are attributes
 * @why: CLI_BAD, CLI_BAD_STAGE2: what is wrong
 * @first_va: CLI_SEEN: the address where the table is shown
 */
struct cli_mapping {
	enum cli_mapping_kind kind;
	uint64_t va, last;
	uint64_t oa, ipa;
	unsigned int prot;
	unsigned int size_lg2;
	uint64_t count, accessed, dirty;
	struct soft_entry entry;
	uint64_t attributes;
	const char *why;
	uint64_t first_va;
};

/** struct cli_range - [@first, @last]. */
struct cli_range {
	uint64_t first, last;
};

/**
 * struct cli_filter - which leaves count
 * @va: those that touch these addresses
 * @oa: those that go there
 * @levels: those at these levels
 * @with: those that permit all of this (SOFT_READ, ...)
 * @without: and nothing of this
 *
 * What is bad, or not there, is shown anyway. cli_filter_init() lets all pass.
 */
struct cli_filter {
	struct cli_range va, oa, levels;
	unsigned int with, without;
};

/** cli_filter_init() - a filter that lets all pass. */
void cli_filter_init(struct cli_filter *filter);

/**
 * cli_filter_access() - "rw", "r!w", "!x": letters, with ! before unwanted ones
 *
 * Return: 0 or an exit status after a line on stderr.
 */
int cli_filter_access(struct cli_filter *filter, const char *text);

/**
 * cli_filter_range() - the value of --va, --oa or --level, called @option
 *
 * Return: 0 or an exit status after a line on stderr.
 */
int cli_filter_range(struct cli_range *range, const char *option,
		     const char *text);

/**
 * struct cli_scan - how to go through a table
 * @source: the table
 * @filter: which leaves
 * @separate_ad: pages that differ in accessed and dirty bits are runs of their own
 * @repeat_tables: show tables that were shown before again, with all they map
 * @max_entries: stop after reading so many entries; 0 = cli_default_entries()
 * @entries: how many were read: is counted up
 */
struct cli_scan {
	const struct cli_source *source;
	struct cli_filter filter;
	bool separate_ad;
	bool repeat_tables;
	uint64_t max_entries;
	uint64_t entries;
};

/**
 * cli_default_entries() - more entries than an honest table in this image has
 *
 * Sixteen times what its memory has room for; and never more than 2^30.
 */
uint64_t cli_default_entries(const struct cli_source *source);

/**
 * cli_scan_table() - call @found for each run, in the order of addresses
 * @found: returns 0 to go on, else what cli_scan_table() shall return
 *
 * Return: 0; what @found returned; -E2BIG after @max_entries.
 */
int cli_scan_table(struct cli_scan *scan,
		   int (*found)(void *arg, const struct cli_mapping *mapping),
		   void *arg);

#endif
