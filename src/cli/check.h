/* SPDX-License-Identifier: MIT */
/**
 * DOC: What is wrong with a table, or wasteful in it
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/mapping.h"

/** enum cli_severity - how bad it is; also the exit status. */
enum cli_severity {
	CLI_NOTHING,
	CLI_NOTE, /* wasteful */
	CLI_WARNING, /* legal, and most likely not meant */
	CLI_ERROR, /* hardware faults on it, or it is not there */
};

/**
 * struct cli_finding - one thing that was found
 * @severity: how bad it is
 * @kind: what it is, as a word for programs
 * @entry: the entry, the first of @count; its level is above all others if it is no
 *	entry but a run of them
 * @last: last VA that it is about; entry.va is the first
 * @count: entries of which this is true, one after the other
 * @what: the same for a person
 */
struct cli_finding {
	enum cli_severity severity;
	const char *kind;
	struct soft_entry entry;
	uint64_t last;
	uint64_t count;
	struct cli_line what;
};

/**
 * struct cli_check - one look at a table
 * @source: the table
 * @least: findings that are less severe are not reported
 * @max_entries: as in struct cli_scan
 * @found: called for each finding
 * @arg: for it
 * @tables: how many tables there are: is set
 * @entries: how many entries are present: is set
 * @number: findings of each severity, reported or not: is set
 */
struct cli_check {
	struct cli_source *source;
	enum cli_severity least;
	uint64_t max_entries;
	void (*found)(void *arg, const struct cli_finding *finding);
	void *arg;
	uint64_t tables, entries;
	uint64_t number[CLI_ERROR + 1];
};

/**
 * cli_check_table() - look at all of it
 *
 * Return: 0; -E2BIG after @max_entries.
 */
int cli_check_table(struct cli_check *check);

/** cli_severity_name() - "note", "warning", "error". */
const char *cli_severity_name(enum cli_severity severity);

#endif
