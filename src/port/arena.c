/* SPDX-License-Identifier: MIT */
/*
 * Table arenas of the hosted port.
 *
 * Address space is reserved at once and made accessible in chunks as it is
 * needed. Each size has two lists of free tables, linked through their first word:
 * those that are zero otherwise, and those that hold something; and a slab from
 * which new ones are cut, so that allocating and freeing cost the same however many
 * tables there are. Memory that was never handed out is zero already, but touching
 * it for the first time costs more than to zero a table.
 */
#include "port.h"
#include "run.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_ALIGN  (1UL << 20)
#define CHUNK_SIZE   (1UL << 21) /* what one mprotect makes accessible */
#define SLAB_SIZE    (1UL << 16)
#define ZERO_FROM    8 /* of a table that was zero when it was freed */
#define MIN_SIZE_LG2 6
#define MAX_SIZE_LG2 20
#define NR_SIZES     (MAX_SIZE_LG2 - MIN_SIZE_LG2 + 1)

#define DEFAULT_BASE (1ULL << 30)
#define DEFAULT_SIZE (sizeof(size_t) == 8 ? 1ULL << 36 : 1ULL << 28)

struct free_table {
	struct free_table *next;
};

/*
 * One size of tables. [cut, end) is the part of the slab not handed out yet. @free
 * hold anything, @zero are zero behind the first 8 bytes.
 */
struct size_class {
	struct free_table *free;
	struct free_table *zero;
	uintptr_t cut;
	uintptr_t end;
};

struct port_arena {
	struct pt_runtime runtime;
	struct port_lock lock;
	uintptr_t start; /* aligned to ARENA_ALIGN */
	uintptr_t end;
	uintptr_t next_slab; /* atomic: read without the lock */
	uintptr_t accessible; /* end of what has memory behind it */
	void *map;
	size_t map_len;
	uint64_t tables;
	uint64_t bytes;
	uint64_t fail_in; /* allocations until one fails; 0 = never */
	struct size_class size[NR_SIZES];
};

/* Make memory accessible up to @end. */
static bool arena_extend(struct port_arena *arena, uintptr_t end)
{
	uintptr_t old = arena->accessible;
	uintptr_t new = (end + CHUNK_SIZE - 1) & ~(CHUNK_SIZE - 1);

	if (end <= old)
		return true;
	if (new > arena->end)
		new = arena->end;
	if (mprotect((void *)old, new - old, PROT_READ | PROT_WRITE))
		return false;
	arena->accessible = new;
	return true;
}

/* Give @size a slab of its own; what is left of the old one is none. */
static bool arena_new_slab(struct port_arena *arena, struct size_class *size,
			   size_t bytes)
{
	size_t len = bytes > SLAB_SIZE ? bytes : SLAB_SIZE;
	uintptr_t start = (arena->next_slab + len - 1) & ~(len - 1);

	if (start < arena->next_slab || start > arena->end ||
	    len > arena->end - start)
		return false;
	if (!arena_extend(arena, start + len))
		return false;
	__atomic_store_n(&arena->next_slab, start + len, __ATOMIC_RELEASE);
	size->cut = start;
	size->end = start + len;
	return true;
}

/* Take the first of a list; the next one is likely to be wanted soon. */
static void *arena_pop(struct free_table **list)
{
	struct free_table *table = *list;

	*list = table->next;
	__builtin_prefetch(table->next, 1);
	return table;
}

/*
 * A table, and whether it is zero. @filled: the caller has little use for zeroes,
 * so that others shall have them.
 */
static void *arena_take(struct port_arena *arena, unsigned int size_lg2,
			bool filled, bool *zero)
{
	struct size_class *size = &arena->size[size_lg2 - MIN_SIZE_LG2];
	size_t bytes = (size_t)1 << size_lg2;
	struct free_table *table;

	*zero = size->zero && !(filled && size->free);
	if (*zero) {
		table = arena_pop(&size->zero);
		memset(table, 0, ZERO_FROM);
	} else if (size->free) {
		table = arena_pop(&size->free);
	} else {
		if (size->cut == size->end &&
		    !arena_new_slab(arena, size, bytes))
			return NULL;
		table = (struct free_table *)size->cut;
		size->cut += bytes;
		*zero = true;
	}
	arena->tables++;
	arena->bytes += bytes;
	return table;
}

static void *arena_get(struct port_arena *arena, unsigned int size_lg2,
		       bool filled, bool *zero)
{
	void *table = NULL;

	*zero = true;
	if (PORT_WARN_ON(size_lg2 < MIN_SIZE_LG2 || size_lg2 > MAX_SIZE_LG2))
		return NULL;
	port_lock(&arena->lock);
	if (!arena->fail_in || --arena->fail_in)
		table = arena_take(arena, size_lg2, filled, zero);
	port_unlock(&arena->lock);
	return table;
}

static void *arena_alloc(const struct pt_runtime *rt, unsigned int size_lg2,
			 gfp_t gfp)
{
	bool zero;
	void *table = arena_get(rt->arg, size_lg2, false, &zero);

	if (table && !zero)
		memset(table, 0, (size_t)1 << size_lg2);
	return table;
}

static void *arena_alloc_filled(const struct pt_runtime *rt,
				unsigned int size_lg2, gfp_t gfp, size_t from,
				size_t end)
{
	size_t bytes = (size_t)1 << size_lg2;
	bool zero;
	char *table =
		arena_get(rt->arg, size_lg2, end - from > bytes / 2, &zero);

	if (table && !zero) {
		memset(table, 0, from);
		memset(table + end, 0, bytes - end);
	}
	return table;
}

static void arena_put(struct port_arena *arena, unsigned int size_lg2,
		      void *table, bool zero)
{
	struct size_class *size = &arena->size[size_lg2 - MIN_SIZE_LG2];
	struct free_table *free = table;
	struct free_table **list = zero ? &size->zero : &size->free;

	port_lock(&arena->lock);
	free->next = *list;
	*list = free;
	arena->tables--;
	arena->bytes -= (uint64_t)1 << size_lg2;
	port_unlock(&arena->lock);
}

static void arena_free(const struct pt_runtime *rt, void *table,
		       unsigned int size_lg2)
{
	arena_put(rt->arg, size_lg2, table, false);
}

static void arena_free_zero(const struct pt_runtime *rt, void *table,
			    unsigned int size_lg2)
{
	arena_put(rt->arg, size_lg2, table, true);
}

/* Address space with nothing behind it yet. */
static int arena_reserve(struct port_arena *arena, size_t size)
{
	arena->map_len = size + ARENA_ALIGN;
	arena->map = mmap(NULL, arena->map_len, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena->map == MAP_FAILED)
		return -ENOMEM;
	arena->start = ((uintptr_t)arena->map + ARENA_ALIGN - 1) &
		       ~(ARENA_ALIGN - 1);
	arena->accessible = arena->start;
	return 0;
}

int port_arena_new(const struct port_arena_config *config,
		   struct port_arena **out)
{
	struct port_arena *arena;

	if (!config->size || (config->size | config->base_pa) % ARENA_ALIGN ||
	    config->base_pa + config->size - 1 < config->base_pa ||
	    config->size > SIZE_MAX - ARENA_ALIGN ||
	    (uintptr_t)config->memory % ARENA_ALIGN)
		return -EINVAL;
	arena = calloc(1, sizeof(*arena));
	if (!arena)
		return -ENOMEM;
	if (config->memory) {
		arena->start = (uintptr_t)config->memory;
		arena->accessible = arena->start + (size_t)config->size;
	} else if (arena_reserve(arena, (size_t)config->size)) {
		free(arena);
		return -ENOMEM;
	}
	arena->end = arena->start + (size_t)config->size;
	arena->next_slab = arena->start;
	arena->runtime = (struct pt_runtime){
		.alloc = arena_alloc,
		.alloc_filled = arena_alloc_filled,
		.free = arena_free,
		.free_zero = arena_free_zero,
		.pa_offset = config->base_pa - arena->start,
		.run = port_run_ops(),
		.arg = arena,
	};
	*out = arena;
	return 0;
}

void port_arena_free(struct port_arena *arena)
{
	if (!arena)
		return;
	if (arena->map)
		munmap(arena->map, arena->map_len);
	free(arena);
}

const struct pt_runtime *port_arena_runtime(struct port_arena *arena)
{
	return &arena->runtime;
}

void port_arena_set_run(struct port_arena *arena, const struct pt_run_ops *run)
{
	arena->runtime.run = run;
}

phys_addr_t port_arena_pa(const struct port_arena *arena, const void *ptr)
{
	return (uintptr_t)ptr + arena->runtime.pa_offset;
}

bool port_arena_contains(const struct port_arena *arena, phys_addr_t pa,
			 uint64_t len)
{
	phys_addr_t base = port_arena_pa(arena, (void *)arena->start);
	phys_addr_t last = base + (arena->end - arena->start) - 1;

	return len && pa <= last && (pa >= base || base - pa < len);
}

void *port_arena_ptr(const struct port_arena *arena, phys_addr_t pa, size_t len)
{
	uint64_t offset = pa - port_arena_pa(arena, (void *)arena->start);
	uint64_t used = __atomic_load_n(&arena->next_slab, __ATOMIC_ACQUIRE) -
			arena->start;

	if (offset >= used || len > used - offset)
		return NULL;
	return (void *)(arena->start + (uintptr_t)offset);
}

uint64_t port_arena_tables(const struct port_arena *arena)
{
	struct port_arena *a = (struct port_arena *)arena;
	uint64_t tables;

	port_lock(&a->lock);
	tables = a->tables;
	port_unlock(&a->lock);
	return tables;
}

uint64_t port_arena_bytes(const struct port_arena *arena)
{
	struct port_arena *a = (struct port_arena *)arena;
	uint64_t bytes;

	port_lock(&a->lock);
	bytes = a->bytes;
	port_unlock(&a->lock);
	return bytes;
}

uint64_t port_arena_fail_nth(struct port_arena *arena, uint64_t nth)
{
	uint64_t left;

	port_lock(&arena->lock);
	left = arena->fail_in;
	arena->fail_in = nth;
	port_unlock(&arena->lock);
	return left;
}

static struct port_arena *default_arena;

static void default_arena_make(void)
{
	const struct port_arena_config config = {
		.base_pa = DEFAULT_BASE,
		.size = DEFAULT_SIZE,
	};

	if (port_arena_new(&config, &default_arena))
		default_arena = NULL;
}

const struct pt_runtime *port_default_runtime(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, default_arena_make);
	return default_arena ? &default_arena->runtime : NULL;
}
