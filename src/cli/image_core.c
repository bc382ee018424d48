/* SPDX-License-Identifier: MIT */
/*
 * ELF cores: System V ABI, "ELF Header" and "Program Header"; elf(5) for the
 * number of program headers that does not fit (PN_XNUM). Nothing in the file is
 * believed: what a header promises and the file does not have is not there.
 */
#include "cli/image_segment.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A core has a segment per mapping, or per range of memory: some thousands. */
#define MAX_HEADERS 262144u

/**
 * struct core - a core that is being opened
 * @header: its ELF header, of either class, as if of 64 bits
 * @wide: it is of 64 bits
 * @count: number of program headers
 */
struct core {
	struct cli_image *image;
	struct cli_line *error;
	Elf64_Ehdr header;
	bool wide;
	uint64_t count;
};

static int refuse(struct core *core, const char *why)
{
	cli_add(core->error, "%s", why);
	return -1;
}

static bool read_exactly(struct core *core, uint64_t offset, void *buf,
			 size_t len)
{
	return image_read_at(core->image->fd, offset, buf, len) == len;
}

static void widen_header(Elf64_Ehdr *to, const Elf32_Ehdr *from)
{
	to->e_type = from->e_type;
	to->e_phoff = from->e_phoff;
	to->e_shoff = from->e_shoff;
	to->e_phentsize = from->e_phentsize;
	to->e_phnum = from->e_phnum;
	to->e_shentsize = from->e_shentsize;
}

static int read_header(struct core *core)
{
	unsigned char ident[EI_NIDENT];
	Elf32_Ehdr narrow;

	if (!read_exactly(core, 0, ident, sizeof(ident)))
		return refuse(core, "the ELF header is cut off");
	if (ident[EI_DATA] != ELFDATA2LSB)
		return refuse(core, "a big-endian ELF file: only images of "
				    "little-endian machines can be read");
	core->wide = ident[EI_CLASS] == ELFCLASS64;
	if (!core->wide && ident[EI_CLASS] != ELFCLASS32)
		return refuse(core, "an ELF file of no known class");
	if (core->wide) {
		if (!read_exactly(core, 0, &core->header, sizeof(core->header)))
			return refuse(core, "the ELF header is cut off");
	} else {
		if (!read_exactly(core, 0, &narrow, sizeof(narrow)))
			return refuse(core, "the ELF header is cut off");
		widen_header(&core->header, &narrow);
	}
	if (core->header.e_type != ET_CORE)
		return refuse(core,
			      "an ELF file, but no core (use --raw if it is "
			      "plain memory that begins with an ELF file)");
	if (core->header.e_phentsize !=
	    (core->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
		return refuse(core, "an ELF core whose program headers have "
				    "an impossible size");
	return 0;
}

/* More than 65534 of them: the first section header has the number. */
static int count_headers(struct core *core)
{
	Elf64_Shdr wide;
	Elf32_Shdr narrow;

	core->count = core->header.e_phnum;
	if (core->count != PN_XNUM)
		return 0;
	if (core->wide) {
		if (!read_exactly(core, core->header.e_shoff, &wide,
				  sizeof(wide)))
			return refuse(core, "an ELF core whose section header "
					    "is cut off");
		core->count = wide.sh_info;
		return 0;
	}
	if (!read_exactly(core, core->header.e_shoff, &narrow, sizeof(narrow)))
		return refuse(core,
			      "an ELF core whose section header is cut off");
	core->count = narrow.sh_info;
	return 0;
}

static bool read_program_header(struct core *core, uint64_t i, Elf64_Phdr *to)
{
	uint64_t offset = core->header.e_phoff + i * core->header.e_phentsize;
	Elf32_Phdr from;

	if (core->wide)
		return read_exactly(core, offset, to, sizeof(*to));
	if (!read_exactly(core, offset, &from, sizeof(from)))
		return false;
	*to = (Elf64_Phdr){
		.p_type = from.p_type,
		.p_offset = from.p_offset,
		.p_vaddr = from.p_vaddr,
		.p_paddr = from.p_paddr,
		.p_filesz = from.p_filesz,
	};
	return true;
}

/* A process has no physical addresses: they are all 0. */
static bool by_virtual(const struct cli_image_config *config,
		       const Elf64_Phdr *header, size_t count)
{
	bool has_virtual = false;

	if (config->addresses != CLI_ADDRESSES_AUTO)
		return config->addresses == CLI_ADDRESSES_VIRTUAL;
	for (size_t i = 0; i < count; i++) {
		if (header[i].p_paddr)
			return false;
		has_virtual = has_virtual || header[i].p_vaddr;
	}
	return has_virtual;
}

static int compare(const void *a, const void *b)
{
	const struct image_segment *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->last < y->last ? 1 : x->last > y->last ? -1 : 0;
}

/* What two headers have in common belongs to the one that begins first. */
static void trim(struct cli_image *image)
{
	struct image_segment *s = image->segment;
	size_t n = 0;

	qsort(s, image->nr_segments, sizeof(*s), compare);
	for (size_t i = 0; i < image->nr_segments; i++) {
		if (n && s[i].last <= s[n - 1].last)
			continue;
		if (n && s[i].pa <= s[n - 1].last) {
			s[i].offset += s[n - 1].last + 1 - s[i].pa;
			s[i].pa = s[n - 1].last + 1;
		}
		s[n++] = s[i];
	}
	image->nr_segments = n;
}

static void add_segment(struct core *core, const Elf64_Phdr *header,
			uint64_t address)
{
	struct image_segment *s =
		&core->image->segment[core->image->nr_segments];
	uint64_t most = UINT64_MAX - address;

	if (header->p_filesz == 0 || header->p_offset > INT64_MAX)
		return;
	/* No file is larger; and an offset must not wrap. */
	if (most > INT64_MAX - header->p_offset)
		most = INT64_MAX - header->p_offset;
	s->pa = address;
	s->last = address +
		  (header->p_filesz - 1 < most ? header->p_filesz - 1 : most);
	s->offset = header->p_offset;
	core->image->nr_segments++;
}

static int read_headers(struct core *core,
			const struct cli_image_config *config,
			Elf64_Phdr *header)
{
	size_t count = 0;
	bool virtual;

	for (uint64_t i = 0; i < core->count; i++) {
		if (!read_program_header(core, i, &header[count]))
			return refuse(core, "an ELF core whose program "
					    "headers are cut off");
		count += header[count].p_type == PT_LOAD;
	}
	virtual = by_virtual(config, header, count);
	core->image->kind = virtual ? IMAGE_CORE_VIRTUAL : IMAGE_CORE_PHYSICAL;
	for (size_t i = 0; i < count; i++)
		add_segment(core, &header[i],
			    virtual ? header[i].p_vaddr : header[i].p_paddr);
	trim(core->image);
	if (!core->image->nr_segments)
		return refuse(core, "an ELF core without any memory in it");
	return 0;
}

int image_open_core(struct cli_image *image,
		    const struct cli_image_config *config,
		    struct cli_line *error)
{
	struct core core = { .image = image, .error = error };
	Elf64_Phdr *header;
	int rc;

	if (read_header(&core) || count_headers(&core))
		return -1;
	if (core.count > MAX_HEADERS) {
		cli_add(error, "an ELF core that claims %" PRIu64 " segments",
			core.count);
		return -1;
	}
	header = calloc(core.count + 1, sizeof(*header));
	image->segment = calloc(core.count + 1, sizeof(*image->segment));
	rc = header && image->segment
		     ? read_headers(&core, config, header)
		     : refuse(&core, "no memory for the headers of the core");
	free(header);
	return rc;
}
