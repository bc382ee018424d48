/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cli/elf.h"

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define HOST_DATA ELFDATA2LSB
#else
#define HOST_DATA ELFDATA2MSB
#endif

static bool continues(const struct cli_block *block, size_t i)
{
	return i && block[i - 1].pa + block[i - 1].len == block[i].pa;
}

static uint64_t count_segments(const struct cli_block *block, size_t nr)
{
	uint64_t n = 0;

	for (size_t i = 0; i < nr; i++)
		n += !continues(block, i);
	return n;
}

/*
 * More segments than e_phnum can say are counted in section header 0, as the ELF
 * specification has it for PN_XNUM.
 */
static void write_header(FILE *out, uint64_t segments)
{
	bool many = segments >= PN_XNUM;
	Elf64_Ehdr head = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     HOST_DATA, EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_NONE,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(head) + (many ? sizeof(Elf64_Shdr) : 0),
		.e_shoff = many ? sizeof(head) : 0,
		.e_ehsize = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)(many ? PN_XNUM : segments),
		.e_shentsize = many ? sizeof(Elf64_Shdr) : 0,
		.e_shnum = many,
	};
	Elf64_Shdr count = { .sh_info = (Elf64_Word)segments };

	fwrite(&head, sizeof(head), 1, out);
	if (many)
		fwrite(&count, sizeof(count), 1, out);
}

static void write_segments(FILE *out, const struct cli_block *block, size_t nr,
			   uint64_t at)
{
	Elf64_Phdr seg = { .p_type = PT_LOAD, .p_flags = PF_R };

	for (size_t i = 0; i < nr; i++) {
		if (!continues(block, i)) {
			seg.p_offset = at;
			seg.p_vaddr = seg.p_paddr = block[i].pa;
			seg.p_filesz = 0;
		}
		seg.p_filesz += block[i].len;
		seg.p_memsz = seg.p_filesz;
		at += block[i].len;
		if (i + 1 == nr || !continues(block, i + 1))
			fwrite(&seg, sizeof(seg), 1, out);
	}
}

int cli_elf_write(FILE *out, const struct cli_block *block, size_t nr)
{
	uint64_t segments = count_segments(block, nr);

	write_header(out, segments);
	write_segments(out, block, nr,
		       sizeof(Elf64_Ehdr) +
			       (segments >= PN_XNUM ? sizeof(Elf64_Shdr) : 0) +
			       segments * sizeof(Elf64_Phdr));
	for (size_t i = 0; i < nr; i++)
		fwrite(block[i].data, 1, block[i].len, out);
	errno = 0;
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
