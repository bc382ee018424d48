/* SPDX-License-Identifier: MIT */
/**
 * DOC: Tables that were met before
 *
 * A hostile table shares its lower tables so often that it has more entries than
 * anybody can wait for, in a few pages of memory.
 */
#ifndef CLI_SEEN_H
#define CLI_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct cli_seen - a set of tables, each with a value. Starts zeroed. */
struct cli_seen {
	struct cli_seen_slot *slot;
	size_t size;
	size_t used;
};

/**
 * cli_seen_before() - was @key met before? If not, it is now, with @value
 * @key: not UINT64_MAX
 * @value: if it was, becomes the value of that time
 *
 * Without memory it forgets.
 */
bool cli_seen_before(struct cli_seen *seen, uint64_t key, uint64_t *value);

/** cli_seen_free() - forget all. */
void cli_seen_free(struct cli_seen *seen);

#endif
