/* SPDX-License-Identifier: MIT */
/**
 * DOC: What an image is made of
 *
 * For the readers only: each fills in the segments of its kind of image.
 */
#ifndef CLI_IMAGE_SEGMENT_H
#define CLI_IMAGE_SEGMENT_H

#include "cli/image.h"

#include <stddef.h>

/** Bytes that are read at a time. */
#define IMAGE_BLOCK UINT64_C(4096)

/** How many of them are kept; a power of two. */
#define IMAGE_BLOCKS 1024u

/**
 * struct image_segment - addresses that follow each other in the file
 * @pa: first address
 * @last: last address
 * @offset: of @pa in the file
 */
struct image_segment {
	uint64_t pa;
	uint64_t last;
	uint64_t offset;
};

/**
 * struct image_block - part of the file
 * @number: which: its offset divided by IMAGE_BLOCK
 * @length: bytes read; 0 = it has none, or none could be read
 * @used: @number and @length hold
 */
struct image_block {
	uint64_t number;
	uint32_t length;
	bool used;
	uint8_t byte[IMAGE_BLOCK];
};

/** enum image_kind - what was opened. */
enum image_kind {
	IMAGE_PLAIN,
	IMAGE_CORE_PHYSICAL,
	IMAGE_CORE_VIRTUAL,
	IMAGE_PROCESS,
};

/**
 * struct cli_image - an open image
 * @size: bytes of the file; INT64_MAX if only reading tells
 * @segment: what it holds, ascending, without overlap
 * @hit: the segment that the last load found
 * @near: the first address of the block that the last load found
 * @near_length: how many bytes follow it there
 * @near_byte: the bytes; for the many loads in a row that read one table
 * @block: cache, by number
 * @error: of the last read that failed, a positive errno; 0 = the file just ends
 */
struct cli_image {
	struct soft_bus bus;
	enum image_kind kind;
	int fd;
	uint64_t size;
	struct image_segment *segment;
	size_t nr_segments;
	size_t hit;
	uint64_t near;
	uint64_t near_length;
	const uint8_t *near_byte;
	struct image_block *block;
	int error;
};

/**
 * image_read_at() - read from the file itself, as far as it goes
 *
 * Return: bytes read.
 */
size_t image_read_at(int fd, uint64_t offset, void *buf, size_t len);

/** image_init_bus() - how loads reach the segments. */
void image_init_bus(struct cli_image *image);

/**
 * image_open_core() - fill in the segments of an ELF core
 *
 * Return: 0, or -1 and @error.
 */
int image_open_core(struct cli_image *image,
		    const struct cli_image_config *config,
		    struct cli_line *error);

#endif
