/* SPDX-License-Identifier: MIT */
/**
 * DOC: JSON as it comes
 *
 * The libraries that Debian has build a document in memory before they print it, or
 * format numbers by printf(): neither does for a dump of millions of entries. This
 * writes each value where it stands, and knows only where commas and brackets go.
 *
 * Addresses and raw entries are strings, "0x...": many readers of JSON keep numbers
 * in 53 bits. All other numbers are numbers.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "cli/out.h"

/** More objects and arrays than this are never inside each other. */
#define CLI_JSON_DEPTH 40

/**
 * struct cli_json - a document in the making
 * @depth: objects and arrays that are open
 * @some: the open one has something in it
 * @lines: its elements stand on lines of their own
 * @close: how it ends
 */
struct cli_json {
	struct cli_out *out;
	unsigned int depth;
	bool some[CLI_JSON_DEPTH];
	bool lines[CLI_JSON_DEPTH];
	char close[CLI_JSON_DEPTH];
};

/*
 * @key is the name of the member, NULL in an array and for the document itself. The
 * caller keeps to it: members in objects, elements in arrays.
 */

/** cli_json_object() - begin an object. */
void cli_json_object(struct cli_json *json, const char *key);

/** cli_json_array() - begin an array; @lines: a line for each element. */
void cli_json_array(struct cli_json *json, const char *key, bool lines);

/** cli_json_end() - end what was begun last; after all, a newline. */
void cli_json_end(struct cli_json *json);

/** cli_json_text() - a string, or null for NULL. */
void cli_json_text(struct cli_json *json, const char *key, const char *value);

/** cli_json_number() - a number. */
void cli_json_number(struct cli_json *json, const char *key, uint64_t value);

/** cli_json_real() - a number with a fraction; null if JSON has none like it. */
void cli_json_real(struct cli_json *json, const char *key, double value);

/** cli_json_hex() - an address or a raw entry. */
void cli_json_hex(struct cli_json *json, const char *key, uint64_t value);

/** cli_json_bool() - true or false. */
void cli_json_bool(struct cli_json *json, const char *key, bool value);

#endif
