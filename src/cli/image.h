/* SPDX-License-Identifier: MIT */
/**
 * DOC: Memory images
 *
 * Memory that was saved, or that a process has now, as a struct soft_bus that the
 * decoders of src/soft read. Nothing of it is believed: a load outside of what
 * the image holds is an error of that load. It is read block by block into a small
 * cache, so that the size of the image does not matter.
 *
 * What an image may be:
 *
 * - a file of plain memory: `pmemsave` of QEMU, /dev/mem, ...;
 * - an ELF core: `dump-guest-memory` of QEMU, a kernel's vmcore (by physical
 *   address), the core of a process (by virtual address);
 * - "pid:NUMBER" or "pid:NUMBER@ADDRESS": what a process has in its memory now.
 */
#ifndef CLI_IMAGE_H
#define CLI_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/text.h"
#include "soft/soft.h"

struct cli_image;

/** enum cli_image_addresses - which addresses of an ELF core count. */
enum cli_image_addresses {
	CLI_ADDRESSES_AUTO, /* virtual ones if no physical one is set */
	CLI_ADDRESSES_PHYSICAL,
	CLI_ADDRESSES_VIRTUAL,
};

/**
 * struct cli_image_config - what to open
 * @name: a file, or "pid:..."
 * @base: address of the first byte of plain memory
 * @has_base: @base was given; else it is 0, and a core is looked for
 * @raw: it is plain memory, whatever it begins with
 * @addresses: of a core
 */
struct cli_image_config {
	const char *name;
	uint64_t base;
	bool has_base;
	bool raw;
	enum cli_image_addresses addresses;
};

/**
 * cli_image_open() - open an image
 * @error: on failure: what is wrong and what to do, without a newline
 *
 * Return: the image, or NULL.
 */
struct cli_image *cli_image_open(const struct cli_image_config *config,
				 struct cli_line *error);

/** cli_image_close() - NULL is fine. */
void cli_image_close(struct cli_image *image);

/**
 * cli_image_bus() - how decoders read it; lives as long as @image
 *
 * It has load and read and changes nothing. One thread at a time.
 */
struct soft_bus *cli_image_bus(struct cli_image *image);

/** cli_image_bytes() - how many it holds at most; INT64_MAX if nobody knows. */
uint64_t cli_image_bytes(const struct cli_image *image);

/** cli_image_has() - does it hold the byte at @pa? Reads it to find out. */
bool cli_image_has(struct cli_image *image, uint64_t pa);

/** cli_image_add_missing() - why there is nothing at @pa, for a person. */
void cli_image_add_missing(struct cli_line *line, struct cli_image *image,
			   uint64_t pa);

/** cli_image_add_kind() - what it is: "ELF core, 3 ranges by physical address" */
void cli_image_add_kind(struct cli_line *line, const struct cli_image *image);

#endif
