/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "vma.h"

/*
 * PROCMAP_QUERY, Linux 6.11, proc(5): the headers of older systems do not have it.
 * Under a microsecond, where the text takes 10 to 20.
 */
struct query {
	uint64_t size;
	uint64_t flags;
	uint64_t addr;
	uint64_t start;
	uint64_t end;
	uint64_t vma_flags;
	uint64_t page_size;
	uint64_t offset;
	uint64_t inode;
	uint32_t major;
	uint32_t minor;
	uint32_t name_size;
	uint32_t build_id_size;
	uint64_t name_addr;
	uint64_t build_id_addr;
};

#define QUERY        _IOWR('f', 17, struct query)
#define QUERY_READ   0x01
#define QUERY_WRITE  0x02
#define QUERY_SHARED 0x08
#define QUERY_NEXT   0x10

static void name_it(struct run_vma *vma, const char *name)
{
	vma->sysv = vma->shared && !strncmp(name, "/SYSV", 5);
	vma->heap = !strcmp(name, "[heap]");
}

static int ask(int maps, uint64_t addr, char *name, uint32_t size,
	       struct run_vma *vma)
{
	struct query q = {
		.size = sizeof(q),
		.flags = QUERY_NEXT,
		.addr = addr,
		.name_addr = (uintptr_t)name,
		.name_size = size,
	};

	if (ioctl(maps, QUERY, &q))
		return -errno;
	*vma = (struct run_vma){
		.start = q.start,
		.end = q.end,
		.offset = q.offset,
		.dev = makedev(q.major, q.minor),
		.ino = q.inode,
		.read = q.vma_flags & QUERY_READ,
		.write = q.vma_flags & QUERY_WRITE,
		.shared = q.vma_flags & QUERY_SHARED,
	};
	return 0;
}

static int find_by_query(int maps, uint64_t addr, struct run_vma *vma)
{
	char name[PATH_MAX] = "";
	int error;

	error = ask(maps, addr, NULL, 0, vma);
	/* Making the name takes longer than all the rest; few need it. */
	if (error || (!vma->shared && vma->ino))
		return error;
	error = ask(maps, addr, name, sizeof(name), vma);
	name_it(vma, name);
	return error;
}

static bool parse(const char *line, struct run_vma *vma)
{
	unsigned long long start, end, offset, ino;
	unsigned int dev_major, dev_minor;
	char perms[5];
	int name = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end,
		   perms, &offset, &dev_major, &dev_minor, &ino, &name) < 7)
		return false;
	*vma = (struct run_vma){
		.start = start,
		.end = end,
		.offset = offset,
		.dev = makedev(dev_major, dev_minor),
		.ino = (ino_t)ino,
		.read = perms[0] == 'r',
		.write = perms[1] == 'w',
		.shared = perms[3] == 's',
	};
	name_it(vma, line + name);
	return true;
}

static bool matches(const struct run_vma *vma, const struct run_vma *like,
		    uint64_t off)
{
	return vma->shared && vma->dev == like->dev && vma->ino == like->ino &&
	       vma->sysv == like->sysv && off >= vma->offset &&
	       off - vma->offset < vma->end - vma->start;
}

/* By address if @like is NULL, else by file. */
static int find_by_text(int maps, uint64_t where, const struct run_vma *like,
			struct run_vma *vma)
{
	int error = -ENOENT, fd = dup(maps);
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *f;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) || !(f = fdopen(fd, "r"))) {
		if (fd >= 0)
			close(fd);
		return -ESRCH;
	}
	while (error && (len = getline(&line, &size, f)) > 0) {
		line[len - 1] = '\0';
		if (parse(line, vma) &&
		    (like ? matches(vma, like, where) : vma->end > where))
			error = 0;
	}
	free(line);
	fclose(f);
	return error;
}

int run_vma_find(int maps, uint64_t addr, struct run_vma *vma)
{
	int error = find_by_query(maps, addr, vma);

	if (!error || error == -ENOENT || error == -ESRCH)
		return error;
	return find_by_text(maps, addr, NULL, vma);
}

int run_vma_find_file(int maps, const struct run_vma *like, uint64_t off,
		      struct run_vma *vma)
{
	return find_by_text(maps, off, like, vma);
}
