/* SPDX-License-Identifier: MIT */
/**
 * DOC: A table as a tree in JSON
 */
#ifndef CLI_TREE_JSON_H
#define CLI_TREE_JSON_H

#include "cli/json.h"
#include "cli/mapping.h"

/**
 * cli_tree_json() - the member "entries" of a document: all entries of the table,
 * each table with its own "entries"; one that was shown before has "same_as" instead
 * @va: only what translates some of this
 * @max_entries: as in struct cli_scan
 *
 * Return: 0 or -E2BIG.
 */
int cli_tree_json(struct cli_json *json, const struct cli_source *source,
		  const struct cli_range *va, uint64_t max_entries);

#endif
