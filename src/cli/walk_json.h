/* SPDX-License-Identifier: MIT */
/**
 * DOC: One translation in JSON
 */
#ifndef CLI_WALK_JSON_H
#define CLI_WALK_JSON_H

#include "cli/json.h"
#include "cli/source.h"

/**
 * cli_walk_json() - one translation, as a document
 * @access: SOFT_READ, SOFT_WRITE and SOFT_EXEC wanted; 0 = only look
 *
 * Return: where it ended.
 */
enum soft_reason cli_walk_json(struct cli_json *json,
			       const struct cli_source *source, uint64_t va,
			       unsigned int access);

#endif
