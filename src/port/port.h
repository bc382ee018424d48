/* SPDX-License-Identifier: MIT */
/**
 * DOC: The hosted port: table memory and locks of an ordinary process
 *
 * A table arena is a stretch of address space from which page tables are cut.
 * It is contiguous, so that one offset turns pointers into physical addresses
 * and back, and a software IOMMU can tell whether an address is a table's.
 * Arenas are independent of each other; only port_default_runtime() keeps one
 * for the whole process, made when it is first asked for.
 */
#ifndef PORT_PORT_H
#define PORT_PORT_H

#include <uiommu/port.h>

struct port_arena;

/**
 * struct port_arena_config - how to make an arena
 * @base_pa: physical address of its first byte; a multiple of 1 MiB
 * @size: bytes of address space; a multiple of 1 MiB. Memory is used only as
 *	tables are made, so be generous
 * @memory: use this memory, which the caller keeps as long as the arena lives: zero,
 *	and aligned to 1 MiB. NULL = memory of its own
 */
struct port_arena_config {
	phys_addr_t base_pa;
	uint64_t size;
	void *memory;
};

/**
 * port_arena_new() - reserve an arena
 *
 * Return: 0; -EINVAL: size is zero, or base, size or memory are not aligned, or it
 * wraps (the base may be zero); -ENOMEM.
 */
int port_arena_new(const struct port_arena_config *config,
		   struct port_arena **out);

/**
 * port_arena_free() - give the arena back, with all tables in it
 *
 * Nobody uses them any more. NULL is fine.
 */
void port_arena_free(struct port_arena *arena);

/**
 * port_arena_runtime() - the arena as table memory; lives as long as @arena
 *
 * Runs of items are worked on by the processor's vectors, see run.h.
 */
const struct pt_runtime *port_arena_runtime(struct port_arena *arena);

/**
 * port_arena_set_run() - for tests and benchmarks: have runs worked on by @run
 *
 * NULL = by scalar code. While no table uses the arena.
 */
void port_arena_set_run(struct port_arena *arena, const struct pt_run_ops *run);

/**
 * port_arena_contains() - is any of [@pa, @pa + @len) in the arena?
 *
 * Of its reserved address space, that is, whether memory stands behind it or
 * not. Any context.
 */
bool port_arena_contains(const struct port_arena *arena, phys_addr_t pa,
			 uint64_t len);

/**
 * port_arena_ptr() - the memory at [@pa, @pa + @len)
 *
 * Tables that were freed stay readable until the arena is freed (a stale walk
 * must not crash). Any context.
 *
 * Return: NULL if not all of it has ever been handed out.
 */
void *port_arena_ptr(const struct port_arena *arena, phys_addr_t pa,
		     size_t len);

/** port_arena_pa() - the physical address of @ptr, which is in the arena. */
phys_addr_t port_arena_pa(const struct port_arena *arena, const void *ptr);

/** port_arena_tables() - how many tables are allocated now. */
uint64_t port_arena_tables(const struct port_arena *arena);

/** port_arena_bytes() - how many bytes of tables are allocated now. */
uint64_t port_arena_bytes(const struct port_arena *arena);

/**
 * port_arena_fail_nth() - for tests: make the @nth allocation from now on fail
 * @nth: 1 = the next one; 0 = none
 *
 * One allocation fails, those after it succeed.
 *
 * Return: how many allocations were left until the failure; 0 = it happened, or
 * none was asked for.
 */
uint64_t port_arena_fail_nth(struct port_arena *arena, uint64_t nth);

#endif
