/* SPDX-License-Identifier: MIT */
/**
 * DOC: Where pinned pages come from: address spaces and files
 */
#ifndef RUN_SOURCE_H
#define RUN_SOURCE_H

#include <pthread.h>

#include "memory.h"
#include "phys.h"
#include "vma.h"

struct run_file;

/**
 * struct run_account - locked pages of one user
 */
struct run_account {
	struct run_account *next;
	uid_t uid;
	int64_t pages;
};

/**
 * struct run_memory - all client memory of a run
 * @r: the run
 * @lock: over everything below
 * @phys: output addresses
 * @spaces: address spaces that are or were pinned from
 * @files: files with pins or references
 * @accounts: who has locked how much
 * @nr_views: parts of address spaces through which files are reached
 * @nr_exec: address spaces that wait for the outcome of an execve()
 * @epoch: counts these
 * @table_base, @table_size: left to the engine for page tables
 */
struct run_memory {
	struct run *r;
	pthread_mutex_t lock;
	struct run_phys *phys;
	struct run_space *spaces;
	struct run_file *files;
	struct run_account *accounts;
	unsigned int nr_views;
	unsigned int nr_exec;
	uint64_t epoch;
	phys_addr_t table_base;
	uint64_t table_size;
};

/**
 * struct run_space - one address space; a source whose offsets are its addresses
 * @mem: what the engine holds
 * @account: the same, as the one who pays for pins
 * @source: its private pages
 * @next: in run_memory
 * @m: the owner
 * @refs: of the engine and of views
 * @process: whose it is
 * @uid: the user who pays
 * @pinned: pages that it pays for (VmPin)
 * @locked: those that count against what it may lock (VmLck)
 * @mem_fd: /proc/<pid>/mem: bound to this address space, not to the number
 * @maps_fd: /proc/<pid>/maps: the same
 * @exec: an execve() was under way; its pages are saved with this epoch; 0 = no
 */
struct run_space {
	struct uiommu_mem mem;
	struct uiommu_account account;
	struct run_source source;
	struct run_space *next;
	struct run_memory *m;
	unsigned int refs;
	pid_t process;
	uid_t uid;
	int64_t pinned;
	int64_t locked;
	int mem_fd;
	int maps_fd;
	uint64_t exec;
};

/** run_space_get() - the space of @tid, made if need be, or NULL. Locked. */
struct run_space *run_space_get(struct run_memory *m, pid_t tid);

/** run_space_find() - the same, but only if it is there already. Locked. */
struct run_space *run_space_find(struct run_memory *m, pid_t tid);

/**
 * run_space_shared() - the same for a process that was made with CLONE_VM: the
 * space that it has in common with another. Locked.
 */
struct run_space *run_space_shared(struct run_memory *m, pid_t tid);

/** run_space_alive() - does the address space still exist? */
bool run_space_alive(const struct run_space *space);

/** run_space_read() - @len bytes at @addr, whatever the protection; -EFAULT. */
int run_space_read(const struct run_space *space, uint64_t addr, void *buf,
		   size_t len);

/** run_space_write() - the other way. */
int run_space_write(const struct run_space *space, uint64_t addr,
		    const void *buf, size_t len);

/** run_space_sweep() - free what is dead and unused. Locked. */
void run_space_sweep(struct run_memory *m);

/** run_memory_copy() - read or write pinned memory; -EFAULT. Not locked. */
int run_memory_copy(struct run_memory *m, phys_addr_t pa, void *buf, size_t len,
		    bool write);

/**
 * run_memory_pins() - how often is the page at @pa pinned? Not locked.
 *
 * Return: -EOPNOTSUPP: its pages are larger than that.
 */
int64_t run_memory_pins(struct run_memory *m, phys_addr_t pa);

/**
 * run_file_of_mapping() - the file that @vma of @space maps
 *
 * Return: NULL without memory. Locked. Given back by run_file_release().
 */
struct run_file *run_file_of_mapping(struct run_space *space,
				     const struct run_vma *vma);

/** run_file_of_descriptor() - the file behind a descriptor; 0 or -errno. */
int run_file_of_descriptor(struct run_memory *m, pid_t tid, int fd,
			   struct run_file **out);

/** run_file_release() - forget it if nothing is pinned and nobody holds it. */
void run_file_release(struct run_file *file);

/** run_file_hold() - one holder more, or less. */
void run_file_hold(struct run_file *file, int by);

/** run_file_source() - its pages; the offsets are the file's. */
struct run_source *run_file_source(struct run_file *file);

/** run_file_of_source() - the other way; NULL if @source is an address space. */
struct run_file *run_file_of_source(struct run_source *source);

/** run_file_size() - its size now. */
uint64_t run_file_size(const struct run_file *file);

/** run_file_large() - are its pages larger than those of others (hugetlbfs)? */
bool run_file_large(const struct run_file *file);

/** run_file_pinnable() - of a kind that MAP_FILE accepts? */
bool run_file_pinnable(const struct run_file *file);

/**
 * run_file_prepare() - make [@off, @off + *@len) present and reachable
 * @len: in: wanted; out: how much of it from the start there is
 * @write: for writing too
 * @space, @vma: the mapping it is asked for, or NULL
 *
 * Return: 0; -EFAULT: not even the first page; -ENOMEM.
 */
int run_file_prepare(struct run_file *file, uint64_t off, uint64_t *len,
		     bool write, struct run_space *space,
		     const struct run_vma *vma);

/** run_file_find() - the file @key (dev, ino, sysv) if it is known, or NULL. */
struct run_file *run_file_find(struct run_memory *m, const struct run_vma *key);

/** run_file_punched() - a client is about to take pages of [@start, @end) away. */
void run_file_punched(struct run_file *file, uint64_t start, uint64_t end);

/**
 * run_file_lose() - [@start, @last] of @space goes away: look for other ways to the
 * pinned pages that were reached through it, or save them
 */
void run_file_lose(struct run_file *file, struct run_space *space,
		   uint64_t start, uint64_t last, uint64_t epoch);

/** run_file_next() - for walking through run_memory's files. */
struct run_file *run_file_next(struct run_file *file);

#endif
