/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "guard.h"
#include "ranges.h"
#include "source.h"
#include "task.h"

#define PAGE      UIOMMU_PAGE_SIZE
#define MAP_GRAIN (1ull << 30)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

/**
 * enum kind - how a lost page is told from one that is there.
 *
 * Pages of which none has been yet come into being when they are first reached, so a
 * pin touches none of them: that would take as long as the file is large. Huge pages
 * come from a pool that may be empty, which a pin must find out.
 */
enum kind {
	SHMEM, /* where clients made holes, by lseek(SEEK_DATA), page by page */
	HUGETLB, /* pages by mincore() of our own mapping */
	OTHER, /* a hole reads as zeros; only the end matters */
};

/*
 * struct alias - our own mapping of a part of the file
 */
struct alias {
	struct alias *next;
	uint64_t off;
	uint64_t len;
	char *ptr;
	bool write;
};

/*
 * struct view - a client's mapping, where no descriptor can be had
 */
struct view {
	struct view *next;
	struct run_space *space;
	uint64_t va;
	uint64_t off;
	uint64_t len;
};

/*
 * struct run_file - a file whose pages are pinned
 * @key: dev, ino and sysv say which file it is
 * @fd: a description of our own, or -1: only @views lead to it
 * @block: size of its pages in bytes
 * @holes: where clients have made holes since it was pinned (SHMEM)
 * @no_memory: there was none for @holes: they may be anywhere
 */
struct run_file {
	struct run_source source;
	struct run_file *next;
	struct run_memory *m;
	unsigned int refs;
	struct run_vma key;
	enum kind kind;
	int fd;
	bool fd_write;
	uint64_t block;
	struct run_ranges holes;
	bool no_memory;
	struct alias *aliases;
	struct view *views;
};

/* ---- our own mapping ---- */

uint64_t run_file_size(const struct run_file *file)
{
	struct stat st;

	if (file->fd < 0 || fstat(file->fd, &st))
		return 0;
	return (uint64_t)st.st_size;
}

static uint64_t round_up(uint64_t x, uint64_t to)
{
	return (x + to - 1) & ~(to - 1);
}

static struct alias *find_alias(const struct run_file *file, uint64_t off)
{
	struct alias *a;

	for (a = file->aliases; a; a = a->next) {
		if (off >= a->off && off - a->off < a->len)
			return a;
	}
	return NULL;
}

/*
 * Map from @off on. Never beyond the end of the file: hugetlbfs would make the
 * file longer. No reservation: the pages are the client's.
 */
static struct alias *new_alias(struct run_file *file, uint64_t off,
			       uint64_t end)
{
	uint64_t eof = round_up(run_file_size(file), file->block);
	const int prot = PROT_READ | PROT_WRITE;
	struct alias *a;

	off &= ~(file->block - 1);
	end = round_up(end, MAP_GRAIN);
	if (end > eof)
		end = eof;
	if (off >= end)
		return NULL;
	a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->off = off;
	a->len = end - off;
	a->write = file->fd_write;
	a->ptr = MAP_FAILED;
	if (a->write)
		a->ptr = mmap(NULL, a->len, prot, MAP_SHARED | MAP_NORESERVE,
			      file->fd, (off_t)off);
	if (a->ptr == MAP_FAILED) {
		/* Sealed against writing, or not ours to write. */
		a->write = false;
		a->ptr = mmap(NULL, a->len, PROT_READ,
			      MAP_SHARED | MAP_NORESERVE, file->fd, (off_t)off);
	}
	if (a->ptr == MAP_FAILED) {
		free(a);
		return NULL;
	}
	a->next = file->aliases;
	file->aliases = a;
	return a;
}

/* Is every page of the part of @a there? */
static bool resident(const struct alias *a, uint64_t off, size_t len)
{
	unsigned char vec[64];
	uint64_t at = off & ~(PAGE - 1), end = off + len, n, i;

	for (; at < end; at += n * PAGE) {
		n = (end - at + PAGE - 1) / PAGE;
		if (n > sizeof(vec))
			n = sizeof(vec);
		if (mincore(a->ptr + (at - a->off), n * PAGE, vec))
			return false;
		for (i = 0; i < n; i++) {
			if (!(vec[i] & 1))
				return false;
		}
	}
	return true;
}

/*
 * Never with SEEK_HOLE: to find the end of the data the kernel looks at every page of
 * the file that is there.
 */
static bool has_hole(const struct run_file *file, uint64_t off, size_t len)
{
	uint64_t end = off + len;

	for (off &= ~(PAGE - 1); off < end; off += PAGE) {
		if (lseek(file->fd, (off_t)off, SEEK_DATA) != (off_t)off)
			return true;
	}
	return false;
}

/*
 * A page that was punched out or cut off since it was pinned must not come back
 * into being by our touching it.
 */
static bool present(const struct run_file *file, const struct alias *a,
		    uint64_t off, size_t len)
{
	switch (file->kind) {
	case SHMEM:
		if (!file->no_memory &&
		    !run_ranges_overlap(&file->holes, off, off + len))
			return true;
		return !has_hole(file, off, len);
	case HUGETLB:
		return resident(a, off, len);
	case OTHER:
		break;
	}
	return true;
}

/* ---- other people's mappings ---- */

static void drop_view(struct run_file *file, struct view *v)
{
	struct view **p = &file->views;

	while (*p && *p != v)
		p = &(*p)->next;
	*p = v->next;
	v->space->refs--;
	file->m->nr_views--;
	free(v);
}

static int add_view(struct run_file *file, struct run_space *space,
		    const struct run_vma *vma)
{
	struct view *v;

	for (v = file->views; v; v = v->next) {
		if (v->space == space && v->va == vma->start &&
		    v->off == vma->offset && v->len == vma->end - vma->start)
			return 0;
	}
	v = malloc(sizeof(*v));
	if (!v)
		return -ENOMEM;
	*v = (struct view){ file->views, space, vma->start, vma->offset,
			    vma->end - vma->start };
	file->views = v;
	space->refs++;
	file->m->nr_views++;
	return 0;
}

static struct view *find_view(struct run_file *file, uint64_t off)
{
	struct view *v;

	for (v = file->views; v; v = v->next) {
		if (off >= v->off && off - v->off < v->len)
			return v;
	}
	return NULL;
}

/* Does process @pid map the page, other than at [@start, @last] of @not_in? */
static bool look_into(struct run_file *file, pid_t pid, uint64_t off,
		      const struct run_space *not_in, uint64_t start,
		      uint64_t last)
{
	struct run_space *space;
	struct run_vma vma;
	int maps;

	maps = run_task_open(file->m->r->tasks, pid, "maps", O_RDONLY);
	if (maps < 0)
		return false;
	if (run_vma_find_file(maps, &file->key, off, &vma)) {
		close(maps);
		return false;
	}
	close(maps);
	/* Nobody tells when a process that is no client unmaps something. */
	if (!run_task_below(pid, getpid()))
		return false;
	space = run_space_get(file->m, pid);
	if (!space || (space == not_in && vma.end > start && vma.start <= last))
		return false;
	return !add_view(file, space, &vma);
}

/* Any client that maps the page will do. */
static bool find_other_view(struct run_file *file, uint64_t off,
			    const struct run_space *not_in, uint64_t start,
			    uint64_t last)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (proc && !found && (entry = readdir(proc))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    atoi(entry->d_name) == getpid())
			continue;
		found = look_into(file, (pid_t)atoi(entry->d_name), off, not_in,
				  start, last);
	}
	if (proc)
		closedir(proc);
	return found;
}

static size_t clip(const struct view *v, uint64_t off, size_t len)
{
	uint64_t most = v->len - (off - v->off);

	return len < most ? len : (size_t)most;
}

/* Through @v; a process that has died takes its views along. */
static int through_view(struct run_file *file, uint64_t off, void *in,
			const void *out, size_t len)
{
	struct view *v;
	uint64_t va;
	int error;

	for (;;) {
		v = find_view(file, off);
		if (!v && !find_other_view(file, off, NULL, 0, 0))
			return -EFAULT;
		v = find_view(file, off);
		va = v->va + (off - v->off);
		error = in ? run_space_read(v->space, va, in, len)
			   : run_space_write(v->space, va, out, len);
		if (!error || run_space_alive(v->space))
			return error;
		drop_view(file, v);
	}
}

/* ---- access ---- */

static struct run_file *of_source(struct run_source *source)
{
	return (struct run_file *)((char *)source -
				   offsetof(struct run_file, source));
}

/* One piece; *@len: how much of it. Exactly one of @in and @out is set. */
static int access_piece(struct run_file *file, uint64_t off, void *in,
			const void *out, size_t *len)
{
	const struct alias *a = find_alias(file, off);
	const struct view *v = find_view(file, off);

	if (a && (in || a->write)) {
		if (*len > a->len - (off - a->off))
			*len = (size_t)(a->len - (off - a->off));
		if (!present(file, a, off, *len))
			return -EFAULT;
		if (in)
			return run_guard_copy(in, a->ptr + (off - a->off),
					      *len);
		return run_guard_copy(a->ptr + (off - a->off), out, *len);
	}
	if (v)
		*len = clip(v, off, *len);
	else if (*len > PAGE - off % PAGE)
		*len = PAGE - off % PAGE;
	return through_view(file, off, in, out, *len);
}

static int source_read(struct run_source *source, uint64_t off, void *buf,
		       size_t len)
{
	size_t chunk;
	int error;

	for (; len; len -= chunk, off += chunk, buf = (char *)buf + chunk) {
		chunk = len;
		error = access_piece(of_source(source), off, buf, NULL, &chunk);
		if (error)
			return error;
	}
	return 0;
}

static int source_write(struct run_source *source, uint64_t off,
			const void *buf, size_t len)
{
	size_t chunk;
	int error;

	for (; len;
	     len -= chunk, off += chunk, buf = (const char *)buf + chunk) {
		chunk = len;
		error = access_piece(of_source(source), off, NULL, buf, &chunk);
		if (error)
			return error;
	}
	return 0;
}

static const struct run_source_ops file_source_ops = {
	.read = source_read,
	.write = source_write,
};

/* ---- making pages present ---- */

/* Touch [@off, @end) of the alias; false where there is no page to be had. */
static bool populate(struct alias *a, uint64_t off, uint64_t end)
{
	char *ptr = a->ptr + (off - a->off);
	char c;

	if (!madvise(ptr, end - off,
		     a->write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ))
		return true;
	if (errno != EINVAL)
		return false;
	for (; off < end; off += PAGE, ptr += PAGE) {
		if (run_guard_copy(&c, ptr, 1))
			return false;
	}
	return true;
}

/* Have what only a pin can have; see enum kind. */
static bool fill(struct run_file *file, struct alias *a, uint64_t off,
		 uint64_t end)
{
	if (file->kind != HUGETLB)
		return true;
	return populate(a, off & ~(file->block - 1),
			round_up(end, file->block));
}

/* By our own mapping: return the bytes that are ready. */
static uint64_t prepare_alias(struct run_file *file, uint64_t off, uint64_t len)
{
	uint64_t end = off + len, at = off, stop;
	uint64_t eof = round_up(run_file_size(file), file->block);
	struct alias *a;

	if (end > eof)
		end = eof;
	while (at < end) {
		a = find_alias(file, at);
		if (!a)
			a = new_alias(file, at, end);
		if (!a)
			break;
		stop = a->off + a->len < end ? a->off + a->len : end;
		if (!fill(file, a, at, stop))
			break;
		at = stop;
	}
	/* Page by page up to the one that is missing. */
	if (at < end && len > PAGE && at >= off) {
		a = find_alias(file, at);
		while (a && at < end && at - a->off < a->len &&
		       fill(file, a, at, at + PAGE))
			at += PAGE;
	}
	return at > off ? at - off : 0;
}

/* By the client's mapping. */
static uint64_t prepare_view(struct run_file *file, uint64_t len,
			     struct run_space *space, const struct run_vma *vma,
			     uint64_t off)
{
	uint64_t va = vma->start + (off - vma->offset), at;
	char c;

	if (add_view(file, space, vma))
		return 0;
	for (at = 0; at < len; at += PAGE) {
		if (run_space_read(space, va + at, &c, 1))
			break;
	}
	return at;
}

int run_file_prepare(struct run_file *file, uint64_t off, uint64_t *len,
		     bool write, struct run_space *space,
		     const struct run_vma *vma)
{
	uint64_t ready = 0;
	const struct alias *a;

	if (file->fd >= 0)
		ready = prepare_alias(file, off, *len);
	a = find_alias(file, off);
	if (!a || (write && !a->write))
		ready = vma ? prepare_view(file, *len, space, vma, off) : 0;
	/* What is a hole now comes into being, as any that has always been one. */
	if (ready && !run_ranges_remove(&file->holes, off, off + ready))
		return -ENOMEM;
	*len = ready;
	return ready ? 0 : -EFAULT;
}

void run_file_punched(struct run_file *file, uint64_t start, uint64_t end)
{
	start = round_up(start, PAGE);
	end &= ~(PAGE - 1);
	if (file->kind == SHMEM && file->source.pinned &&
	    !run_ranges_add(&file->holes, start, end))
		file->no_memory = true;
}

/* ---- life ---- */

static void classify(struct run_file *file)
{
	struct statfs fs;

	file->kind = OTHER;
	file->block = PAGE;
	if (file->fd < 0 || fstatfs(file->fd, &fs))
		return;
	if ((unsigned long)fs.f_type == TMPFS_MAGIC)
		file->kind = SHMEM;
	if ((unsigned long)fs.f_type == HUGETLBFS_MAGIC) {
		file->kind = HUGETLB;
		file->source.large = true;
		file->block = (uint64_t)fs.f_bsize;
	}
}

bool run_file_large(const struct run_file *file)
{
	return file->kind == HUGETLB;
}

bool run_file_pinnable(const struct run_file *file)
{
	return file->kind != OTHER;
}

struct run_file *run_file_find(struct run_memory *m, const struct run_vma *key)
{
	struct run_file *file;

	for (file = m->files; file; file = file->next) {
		if (file->key.dev == key->dev && file->key.ino == key->ino &&
		    file->key.sysv == key->sysv)
			return file;
	}
	return NULL;
}

static struct run_file *lookup(struct run_memory *m, const struct run_vma *key)
{
	struct run_file *file = run_file_find(m, key);

	if (file)
		return file;
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->source.ops = &file_source_ops;
	file->m = m;
	file->key.dev = key->dev;
	file->key.ino = key->ino;
	file->key.sysv = key->sysv;
	file->fd = -1;
	classify(file);
	file->next = m->files;
	m->files = file;
	return file;
}

static void set_fd(struct run_file *file, int fd, bool write)
{
	file->fd = fd;
	file->fd_write = write;
	classify(file);
}

static bool is_key(int fd, const struct run_vma *key)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	       st.st_dev == key->dev && st.st_ino == key->ino;
}

/* Open it for reading and writing, or only for reading. */
static void try_open(struct run_file *file, pid_t process, const char *name)
{
	struct run_tasks *tasks = file->m->r->tasks;
	bool write = true;
	int fd = run_task_open(tasks, process, name, O_RDWR);

	if (fd < 0) {
		write = false;
		fd = run_task_open(tasks, process, name, O_RDONLY);
	}
	if (fd < 0)
		return;
	if (is_key(fd, &file->key))
		set_fd(file, fd, write);
	else
		close(fd);
}

struct run_file *run_file_of_mapping(struct run_space *space,
				     const struct run_vma *vma)
{
	struct run_file *file = lookup(space->m, vma);
	char name[64];
	int fd;

	if (!file || file->fd >= 0)
		return file;
	/* Any descriptor of the client that is the same file. */
	if (!vma->sysv) {
		fd = run_task_find_file(space->m->r->tasks, space->process,
					vma->dev, vma->ino);
		snprintf(name, sizeof(name), "fd/%d", fd);
		if (fd >= 0)
			try_open(file, space->process, name);
	}
	/* Only the privileged may open a mapping. */
	if (file->fd < 0) {
		snprintf(name, sizeof(name), "map_files/%llx-%llx",
			 (unsigned long long)vma->start,
			 (unsigned long long)vma->end);
		try_open(file, space->process, name);
	}
	return file;
}

int run_file_of_descriptor(struct run_memory *m, pid_t tid, int fd,
			   struct run_file **out)
{
	struct run_vma key = { 0 };
	struct run_file *file;
	struct stat st;
	char name[32];
	int error;

	error = run_task_fstat(m->r->tasks, tid, fd, &st);
	if (error)
		return -EBADF;
	key.dev = st.st_dev;
	key.ino = st.st_ino;
	file = lookup(m, &key);
	if (!file)
		return -ENOMEM;
	snprintf(name, sizeof(name), "fd/%d", fd);
	if (file->fd < 0 && S_ISREG(st.st_mode))
		try_open(file, tid, name);
	*out = file;
	return 0;
}

void run_file_hold(struct run_file *file, int by)
{
	file->refs += (unsigned int)by;
}

void run_file_release(struct run_file *file)
{
	struct run_file **p = &file->m->files;
	struct alias *a;

	if (file->refs || file->source.pinned)
		return;
	while (*p != file)
		p = &(*p)->next;
	*p = file->next;
	run_phys_drop(file->m->phys, &file->source);
	while (file->views)
		drop_view(file, file->views);
	run_ranges_free(&file->holes);
	while ((a = file->aliases)) {
		file->aliases = a->next;
		munmap(a->ptr, a->len);
		free(a);
	}
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

struct run_source *run_file_source(struct run_file *file)
{
	return &file->source;
}

struct run_file *run_file_of_source(struct run_source *source)
{
	return source->ops == &file_source_ops ? of_source(source) : NULL;
}

struct run_file *run_file_next(struct run_file *file)
{
	return file->next;
}

/* ---- losing a way to it ---- */

/* The parts of a view that stay when [@start, @last] goes. */
static void cut_view(struct run_file *file, struct view *v, uint64_t start,
		     uint64_t last)
{
	struct run_vma rest;

	if (v->va < start) {
		rest = (struct run_vma){ .start = v->va,
					 .end = start,
					 .offset = v->off };
		add_view(file, v->space, &rest);
	}
	if (v->va + v->len - 1 > last) {
		rest = (struct run_vma){ .start = last + 1,
					 .end = v->va + v->len,
					 .offset =
						 v->off + (last + 1 - v->va) };
		add_view(file, v->space, &rest);
	}
	drop_view(file, v);
}

static void lose_view(struct run_file *file, struct view *v, uint64_t start,
		      uint64_t last, uint64_t epoch)
{
	uint64_t from = start > v->va ? start : v->va;
	uint64_t to = last < v->va + v->len - 1 ? last : v->va + v->len - 1;
	uint64_t off = v->off + (from - v->va);
	const struct alias *a = find_alias(file, off);

	if (!(a && a->write) &&
	    !find_other_view(file, off, v->space, start, last))
		run_phys_save(file->m->phys, &file->source, off,
			      off + (to - from), epoch);
	cut_view(file, v, start, last);
}

void run_file_lose(struct run_file *file, struct run_space *space,
		   uint64_t start, uint64_t last, uint64_t epoch)
{
	struct view *v, *next;

	for (v = file->views; v; v = next) {
		next = v->next;
		if (v->space == space && v->va <= last &&
		    v->va + v->len > start)
			lose_view(file, v, start, last, epoch);
	}
}
