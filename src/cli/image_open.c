/* SPDX-License-Identifier: MIT */
/* What kind of image is it? */
#include "cli/image_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <elf.h>
#include <linux/magic.h>

#include "cli/number.h"

/**
 * struct stranger - a kind of file that holds memory in a form that we do not read
 * @magic: how it begins
 * @what: what it is
 * @remedy: what to do
 */
struct stranger {
	const char *magic;
	const char *what;
	const char *remedy;
};

static const struct stranger strangers[] = {
	{ "KDUMP   ", "a compressed kdump",
	  "dump without -z, -l and -s, or convert it to an ELF core" },
	{ "DISKDUMP", "a compressed diskdump", "convert it to an ELF core" },
	{ "makedumpfile", "a flattened kdump",
	  "rearrange it and convert it to an ELF core" },
	{ "PAGEDU64", "a Windows crash dump", "dump without -w" },
	{ "PAGEDUMP", "a Windows crash dump", "dump without -w" },
	{ "QEVM", "a saved state of QEMU",
	  "use pmemsave or dump-guest-memory instead" },
	{ "QFI\xfb", "a disk in QEMU's qcow2",
	  "use pmemsave or dump-guest-memory instead" },
	{ "EMiL", "a LiME dump in LiME's own format",
	  "dump with format=padded" },
	{ "\x1f\x8b", "compressed by gzip", "unpack it first" },
	{ "BZh", "compressed by bzip2", "unpack it first" },
	{ "\xfd"
	  "7zXZ",
	  "compressed by xz", "unpack it first" },
	{ "\x28\xb5\x2f\xfd", "compressed by zstd", "unpack it first" },
};

/** struct head - how a file begins. */
struct head {
	char byte[16];
	size_t length;
};

static bool begins(const struct head *head, const char *magic)
{
	size_t length = strlen(magic);

	return head->length >= length && !memcmp(head->byte, magic, length);
}

/* One segment; the file may hold less of it than its size says. */
static int open_plain(struct cli_image *image, uint64_t base, uint64_t offset,
		      uint64_t bytes)
{
	image->segment = calloc(1, sizeof(*image->segment));
	if (!image->segment)
		return -1;
	image->nr_segments = 1;
	image->segment->pa = base;
	image->segment->offset = offset;
	image->segment->last = bytes - 1 < UINT64_MAX - base ? base + bytes - 1
							     : UINT64_MAX;
	return 0;
}

static int refuse_stranger(const struct head *head, struct cli_line *error)
{
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		if (!begins(head, strangers[i].magic))
			continue;
		cli_add(error,
			"%s, which is not read: %s (or use --raw if it is "
			"plain memory after all)",
			strangers[i].what, strangers[i].remedy);
		return -1;
	}
	return 0;
}

static int open_contents(struct cli_image *image,
			 const struct cli_image_config *config,
			 struct cli_line *error)
{
	struct head head;

	head.length = config->raw ? 0
				  : image_read_at(image->fd, 0, head.byte,
						  sizeof(head.byte));
	if (begins(&head, ELFMAG)) {
		if (!config->has_base)
			return image_open_core(image, config, error);
		cli_add(error, "an ELF file, which has addresses of its own: "
			       "leave out --base, or add --raw");
		return -1;
	}
	if (refuse_stranger(&head, error))
		return -1;
	image->kind = IMAGE_PLAIN;
	if (!open_plain(image, config->base, 0, image->size))
		return 0;
	cli_add(error, "no memory");
	return -1;
}

/* Devices and the files of /proc do not say how large they are. */
static int find_size(struct cli_image *image, struct cli_line *error)
{
	struct statfs fs;
	struct stat st;
	off_t end;

	if (fstat(image->fd, &st)) {
		cli_add(error, "%s", strerror(errno));
		return -1;
	}
	if (S_ISREG(st.st_mode)) {
		image->size = (uint64_t)st.st_size;
		if (!image->size && !fstatfs(image->fd, &fs) &&
		    fs.f_type == PROC_SUPER_MAGIC)
			image->size = INT64_MAX;
	} else if (S_ISBLK(st.st_mode)) {
		end = lseek(image->fd, 0, SEEK_END);
		image->size = end > 0 ? (uint64_t)end : 0;
	} else if (S_ISCHR(st.st_mode)) {
		image->size = INT64_MAX;
	} else {
		cli_add(error, "neither a file nor a device");
		return -1;
	}
	if (image->size)
		return 0;
	cli_add(error, "an empty file");
	return -1;
}

static int open_file(struct cli_image *image,
		     const struct cli_image_config *config,
		     struct cli_line *error)
{
	/* Without O_NONBLOCK a FIFO would wait for somebody to write. */
	image->fd = open(config->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (image->fd < 0) {
		cli_add(error, "%s", strerror(errno));
		return -1;
	}
	if (find_size(image, error))
		return -1;
	return open_contents(image, config, error);
}

static int bad_process(struct cli_line *error)
{
	cli_add(error, "write pid:NUMBER, or pid:NUMBER@ADDRESS for memory "
		       "that begins at ADDRESS of the process");
	return -1;
}

/* "pid:NUMBER[@ADDRESS]": --base is the address of what stands at ADDRESS. */
static int open_process(struct cli_image *image,
			const struct cli_image_config *config,
			struct cli_line *error)
{
	char path[64], number[32];
	uint64_t pid, at = 0;
	const char *sign = strchr(config->name, '@');
	size_t length;

	length = sign ? (size_t)(sign - config->name) - 4
		      : strlen(config->name) - 4;
	if (length >= sizeof(number))
		return bad_process(error);
	memcpy(number, config->name + 4, length);
	number[length] = '\0';
	if (cli_parse_number(number, &pid) || !pid || pid > INT32_MAX)
		return bad_process(error);
	if (sign && (cli_parse_number(sign + 1, &at) || at >= INT64_MAX))
		return bad_process(error);
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/mem", pid);
	image->kind = IMAGE_PROCESS;
	image->size = INT64_MAX;
	image->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (image->fd >= 0)
		return open_plain(image, config->base, at, INT64_MAX - at);
	if (errno == ENOENT)
		cli_add(error, "there is no such process");
	else
		cli_add(error,
			"%s: its memory can be read by those who may debug it",
			strerror(errno));
	return -1;
}

struct cli_image *cli_image_open(const struct cli_image_config *config,
				 struct cli_line *error)
{
	struct cli_image *image = calloc(1, sizeof(*image));
	struct cli_line why = { .len = 0 };
	int rc;

	if (!image) {
		cli_add(error, "no memory");
		return NULL;
	}
	image->fd = -1;
	image_init_bus(image);
	image->block = calloc(IMAGE_BLOCKS, sizeof(*image->block));
	if (!image->block) {
		cli_add(&why, "no memory");
		rc = -1;
	} else if (!strncmp(config->name, "pid:", 4)) {
		rc = open_process(image, config, &why);
	} else {
		rc = open_file(image, config, &why);
	}
	if (!rc)
		return image;
	cli_add(error, "'%s': %s", config->name, why.text);
	cli_image_close(image);
	return NULL;
}

void cli_image_close(struct cli_image *image)
{
	if (!image)
		return;
	if (image->fd >= 0)
		close(image->fd);
	free(image->segment);
	free(image->block);
	free(image);
}
