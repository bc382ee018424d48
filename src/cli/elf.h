/* SPDX-License-Identifier: MIT */
/**
 * DOC: Writing memory as an ELF core file
 *
 * A core file says of each piece of memory where it stands, so that a few pages
 * far apart make a small file.
 */
#ifndef CLI_ELF_H
#define CLI_ELF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** struct cli_block - @len bytes of memory at physical address @pa. */
struct cli_block {
	uint64_t pa;
	size_t len;
	uint8_t *data;
};

/**
 * cli_elf_write() - write @nr blocks, ascending and apart, as a 64-bit core file
 *
 * Blocks that touch become one segment.
 *
 * Return: 0 or -errno. @out is flushed, not closed.
 */
int cli_elf_write(FILE *out, const struct cli_block *block, size_t nr);

#endif
