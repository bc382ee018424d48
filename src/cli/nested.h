/* SPDX-License-Identifier: MIT */
/**
 * DOC: Tables that a second stage translates
 *
 * The tables of a guest lie at guest-physical addresses, which the second stage
 * translates as it does what they map. A nested bus takes such addresses and reads
 * what stands there; so a decoder of the first stage needs to know nothing of it.
 */
#ifndef CLI_NESTED_H
#define CLI_NESTED_H

#include "soft/soft.h"

struct cli_nested;

/**
 * cli_nested_new() - a bus of what @root translates
 * @bus: reads the tables of @root, and what they map; outlives the new one
 * @root: passes soft_root_check(); is copied
 *
 * Return: the bus; NULL without memory.
 */
struct cli_nested *cli_nested_new(struct soft_bus *bus,
				  const struct soft_root *root);

/** cli_nested_free() - NULL is fine. */
void cli_nested_free(struct cli_nested *nested);

/** cli_nested_bus() - it has load and read. One thread at a time. */
struct soft_bus *cli_nested_bus(struct cli_nested *nested);

/** cli_nested_walk() - how @ipa is translated; as soft_walk(). */
enum soft_reason cli_nested_walk(struct cli_nested *nested, uint64_t ipa,
				 unsigned int access, struct soft_walk *walk);

/** cli_nested_root() - the second stage. */
const struct soft_root *cli_nested_root(const struct cli_nested *nested);

/** cli_nested_outer() - the bus that reads its tables. */
struct soft_bus *cli_nested_outer(const struct cli_nested *nested);

#endif
