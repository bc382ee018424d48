/* SPDX-License-Identifier: MIT */
/* An open image: where an address stands in the file, and the blocks of it. */
#include "cli/image_segment.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

size_t image_read_at(int fd, uint64_t offset, void *buf, size_t len)
{
	size_t done = 0;
	ssize_t n;

	errno = 0;
	while (done < len && offset + done <= INT64_MAX) {
		n = pread(fd, (char *)buf + done, len - done,
			  (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

static struct image_block *get_block(struct cli_image *image, uint64_t number)
{
	/* Tables lie in pages: the low bits of their numbers differ. */
	struct image_block *block = &image->block[number % IMAGE_BLOCKS];

	if (block->used && block->number == number)
		return block;
	image->near_length = 0; /* it may be this very block */
	block->number = number;
	block->length = (uint32_t)image_read_at(image->fd, number * IMAGE_BLOCK,
						block->byte, IMAGE_BLOCK);
	if (block->length < IMAGE_BLOCK)
		image->error = errno;
	block->used = true;
	return block;
}

/* The segment of @pa, or NULL: the one that begins last of those before it. */
static const struct image_segment *find_segment(struct cli_image *image,
						uint64_t pa)
{
	const struct image_segment *segment = &image->segment[image->hit];
	size_t low = 0, high = image->nr_segments;

	if (pa >= segment->pa && pa <= segment->last)
		return segment;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (image->segment[middle].pa <= pa)
			low = middle;
		else
			high = middle;
	}
	segment = &image->segment[low];
	if (pa < segment->pa || pa > segment->last)
		return NULL;
	image->hit = low;
	return segment;
}

/*
 * Remember what of the block at @pa, which is @at bytes into @block, belongs to the
 * segment. It holds until another block is read.
 */
static void stay_near(struct cli_image *image,
		      const struct image_segment *segment,
		      const struct image_block *block, uint64_t pa, uint64_t at)
{
	uint64_t before = at, after = block->length - at;

	if (before > pa - segment->pa)
		before = pa - segment->pa;
	if (after - 1 > segment->last - pa)
		after = segment->last - pa + 1;
	image->near = pa - before;
	image->near_length = before + after;
	image->near_byte = block->byte + (at - before);
}

/* The bytes at @pa, as many of @len as stand in one block; 0 = none. */
static size_t copy_some(struct cli_image *image, uint64_t pa, void *buf,
			size_t len)
{
	const struct image_segment *segment = find_segment(image, pa);
	const struct image_block *block;
	uint64_t offset, at;

	if (!segment)
		return 0;
	if (len - 1 > segment->last - pa)
		len = (size_t)(segment->last - pa) + 1;
	offset = segment->offset + (pa - segment->pa);
	at = offset % IMAGE_BLOCK;
	block = get_block(image, offset / IMAGE_BLOCK);
	if (at >= block->length)
		return 0;
	if (len > block->length - at)
		len = (size_t)(block->length - at);
	memcpy(buf, block->byte + at, len);
	stay_near(image, segment, block, pa, at);
	return len;
}

static int image_read(struct soft_bus *bus, uint64_t pa, void *buf, size_t len)
{
	struct cli_image *image = (struct cli_image *)bus;
	size_t done = 0, n;

	while (done < len) {
		n = copy_some(image, pa + done, (char *)buf + done, len - done);
		if (!n)
			return -EFAULT;
		done += n;
	}
	return 0;
}

/* Entries are little-endian, as the machines are that this program runs on. */
static int image_load(struct soft_bus *bus, uint64_t pa, unsigned int size,
		      uint64_t *value)
{
	const struct cli_image *image = (const struct cli_image *)bus;
	uint64_t at = pa - image->near;

	*value = 0;
	if (pa < image->near || at >= image->near_length ||
	    size > image->near_length - at)
		return image_read(bus, pa, value, size);
	if (size == 8)
		memcpy(value, image->near_byte + at, 8);
	else
		memcpy(value, image->near_byte + at, size);
	return 0;
}

void image_init_bus(struct cli_image *image)
{
	image->bus.load = image_load;
	image->bus.read = image_read;
}

struct soft_bus *cli_image_bus(struct cli_image *image)
{
	return &image->bus;
}

uint64_t cli_image_bytes(const struct cli_image *image)
{
	return image->size;
}

bool cli_image_has(struct cli_image *image, uint64_t pa)
{
	uint8_t byte;

	return copy_some(image, pa, &byte, 1) == 1;
}

/* ------------------------------------------------ for a person */

static void add_range(struct cli_line *line, const struct image_segment *s)
{
	cli_add(line, "0x%" PRIx64 "-0x%" PRIx64, s->pa, s->last);
}

static void add_ranges(struct cli_line *line, const struct cli_image *image)
{
	enum {
		MOST = 4
	};

	for (size_t i = 0; i < image->nr_segments && i < MOST; i++) {
		cli_add(line, i ? ", " : "");
		add_range(line, &image->segment[i]);
	}
	if (image->nr_segments > MOST)
		cli_add(line, " and %zu more ranges",
			image->nr_segments - MOST);
}

static void add_cut_off(struct cli_line *line, const struct cli_image *image,
			const struct image_segment *segment, uint64_t pa)
{
	uint64_t offset = segment->offset + (pa - segment->pa);

	if (image->kind == IMAGE_PROCESS)
		cli_add(line, "the process has no memory at 0x%" PRIx64,
			offset);
	else if (offset >= image->size)
		cli_add(line,
			"0x%" PRIx64 " is cut off: it would stand at byte "
			"%" PRIu64 " of the file, which has %" PRIu64,
			pa, offset, image->size);
	else
		cli_add(line, "0x%" PRIx64 " cannot be read: %s", pa,
			image->error ? strerror(image->error)
				     : "the file ends before it");
}

void cli_image_add_missing(struct cli_line *line, struct cli_image *image,
			   uint64_t pa)
{
	const struct image_segment *segment = find_segment(image, pa);

	if (segment) {
		cli_image_has(image, pa); /* for the error of this very read */
		add_cut_off(line, image, segment, pa);
		return;
	}
	cli_add(line, "0x%" PRIx64 " is not in the image, which holds ", pa);
	add_ranges(line, image);
}

void cli_image_add_kind(struct cli_line *line, const struct cli_image *image)
{
	static const char *const kind[] = {
		[IMAGE_PLAIN] = "plain memory, ",
		[IMAGE_CORE_PHYSICAL] = "ELF core by physical address, ",
		[IMAGE_CORE_VIRTUAL] = "ELF core by virtual address, ",
		[IMAGE_PROCESS] = "memory of a process, ",
	};

	cli_add(line, "%s", kind[image->kind]);
	add_ranges(line, image);
}
