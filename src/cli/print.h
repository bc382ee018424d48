/* SPDX-License-Identifier: MIT */
/**
 * DOC: Page tables, translations and faults as text
 *
 * All of it goes to a stream. Where the locale's character set is UTF-8 (the program
 * has called setlocale()), lines and arrows are drawn with its characters, else
 * with ASCII. The printers see tables through the decoders of src/soft only.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "cli/nested.h"
#include "soft/soft.h"

/**
 * cli_print_tree() - the part of a table that translates [@va, @last], as a tree
 *
 * One line per entry: level and index, VA range, size, permissions, and where it
 * points. Neighbours that continue each other are one line with a count, and so
 * are tables full of such. Of what is left in a large table the rest is summed up
 * in a line, so that the tree stays readable whatever the table holds.
 */
void cli_print_tree(FILE *out, struct soft_bus *bus,
		    const struct soft_root *root, uint64_t va, uint64_t last);

/**
 * cli_print_walk() - one translation, step by step
 * @access: SOFT_READ and SOFT_WRITE wanted; 0 = only look
 *
 * Return: where it ended.
 */
enum soft_reason cli_print_walk(FILE *out, struct soft_bus *bus,
				const struct soft_root *root, uint64_t va,
				unsigned int access);

/**
 * cli_print_nested_walk() - the same through two stages
 * @nested: stage 2: each entry of stage 1 is read, and what stage 1 yields is
 *	accessed, through it
 * @root: stage 1
 */
enum soft_reason cli_print_nested_walk(FILE *out, struct cli_nested *nested,
				       const struct soft_root *root,
				       uint64_t va, unsigned int access);

/**
 * cli_print_fault() - one line about a blocked request
 * @bdf: PCI address of the device, "0000:00:01.0"
 *
 * The line is written in one piece: lines of several threads do not mix.
 */
void cli_print_fault(FILE *out, const struct soft_fault *fault,
		     const char *bdf);

/** cli_print_suspect() - one line about a missing invalidation. */
void cli_print_suspect(FILE *out, const struct soft_suspect *suspect,
		       const char *bdf);

#endif
