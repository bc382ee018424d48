/* SPDX-License-Identifier: MIT */
/**
 * DOC: What is mapped at an address of another process
 *
 * Asked of an open /proc/<pid>/maps, which belongs to one address space for ever.
 */
#ifndef RUN_VMA_H
#define RUN_VMA_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct run_vma - one mapping
 * @start, @end: its addresses
 * @offset: of @start in the file
 * @dev, @ino: the file; 0 for private anonymous memory
 * @read, @write, @shared: its permissions
 * @sysv: a System V segment, whose inode numbers are a space of their own
 * @heap: the heap of brk(2)
 */
struct run_vma {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
	dev_t dev;
	ino_t ino;
	bool read;
	bool write;
	bool shared;
	bool sysv;
	bool heap;
};

/**
 * run_vma_find() - the mapping at @addr, or the first one above it
 * @maps: /proc/<pid>/maps, open for reading
 *
 * Return: 0; -ENOENT: there is none; -ESRCH: the address space is gone.
 */
int run_vma_find(int maps, uint64_t addr, struct run_vma *vma);

/**
 * run_vma_find_file() - a shared mapping of page @off of the file
 * @like: gives dev, ino and sysv
 */
int run_vma_find_file(int maps, const struct run_vma *like, uint64_t off,
		      struct run_vma *vma);

#endif
