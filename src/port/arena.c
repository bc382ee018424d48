/* SPDX-License-Identifier: MIT */
/*
 * Table arenas of the hosted port.
 *
 * Address space is reserved at once, made accessible in chunks as it is needed, and
 * cut into slabs, each of tables of one size. What is free of a size is on three
 * stacks: tables that are zero; those that hold something; and those that nobody has
 * had yet, which are zero, too, but touching memory for the first time costs more than
 * to zero a table.
 *
 * The links of a stack stand beside the tables: whoever takes one does not wait for
 * its memory, and zero stays zero. A stack is a word that is compared and swapped, and
 * its upper half changes each time, so that what looks like before is as before. The
 * lock is for new slabs only.
 */
#include "port.h"
#include "run.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_ALIGN  (1UL << 20)
#define CHUNK_SIZE   (1UL << 21) /* what one mprotect makes accessible */
#define SLAB_LG2     16
#define SLAB_SIZE    (1UL << SLAB_LG2)
#define LINK_LG2     3
#define ZERO_FROM    8 /* of a table that was zero when it was freed */
#define MIN_SIZE_LG2 6
#define MAX_SIZE_LG2 20
#define NR_SIZES     (MAX_SIZE_LG2 - MIN_SIZE_LG2 + 1)

#define DEFAULT_BASE (1ULL << 30)
#define DEFAULT_SIZE (sizeof(size_t) == 8 ? 1ULL << 36 : 1ULL << 28)

/* Taking a table is one piece of code: stores wait for its atomic operation. */
#define arena_inline static inline __attribute__((always_inline))

/** enum table_kind - the stacks */
enum table_kind {
	TABLE_ZERO, /* all of it */
	TABLE_ANY,
	TABLE_FRESH, /* zero, and nobody has had it */
	NR_KINDS
};

/**
 * struct size_class - one size of tables
 * @stack: what is free, by enum table_kind. The lower half of the word is one more
 *	than the number of the first table, or 0; the upper half counts changes
 * @cut: how many tables there are, free or not
 *
 * All of it is atomic. A table's number is its distance from the arena's start, in
 * tables.
 */
struct size_class {
	uint64_t stack[NR_KINDS];
	uint64_t cut;
};

/**
 * struct region - address space, of which more and more has memory behind it
 * @start: aligned to ARENA_ALIGN
 * @next: what is before it is in use; atomic: read without the lock
 * @accessible: so far there may be memory
 * @end: so far the region
 * @map: all that has been reserved for it, @map_len bytes; NULL = it is somebody's
 * @map_len: see @map
 */
struct region {
	uintptr_t start;
	uintptr_t next;
	uintptr_t accessible;
	uintptr_t end;
	void *map;
	size_t map_len;
};

/*
 * @links: for each slab its tables' links, by which they are on a stack: the lower half
 * is one more than the number of the next table, or 0; the upper half says how many
 * there are from this one on. Atomic, because whoever comes too late reads one that is
 * being written; the compare-and-swap then fails.
 */
struct port_arena {
	struct pt_runtime runtime;
	struct port_lock lock;
	void (*clear)(uint64_t *items, size_t count);
	struct region tables;
	struct region beside; /* what @links points at */
	uint64_t **links;
	uint64_t fail_in; /* atomic: allocations until one fails; 0 = never */
	struct size_class size[NR_SIZES];
};

/* ---- Stacks ------------------------------------------------------- */

static uint64_t *arena_link(const struct port_arena *arena,
			    unsigned int size_lg2, uint32_t nr)
{
	uint64_t offset = (uint64_t)nr << size_lg2;

	return &arena->links[offset >> SLAB_LG2]
			    [(offset & (SLAB_SIZE - 1)) >> size_lg2];
}

/* The link of the first table of a stack that is @word; 0 if it is empty. */
static uint64_t arena_first(const struct port_arena *arena,
			    unsigned int size_lg2, uint64_t word)
{
	if (!(uint32_t)word)
		return 0;
	return __atomic_load_n(arena_link(arena, size_lg2, (uint32_t)word - 1),
			       __ATOMIC_ACQUIRE);
}

/* Change a stack that is *@old, which is loaded again if that has changed already. */
static bool arena_swap(uint64_t *stack, uint64_t *old, uint32_t first)
{
	uint64_t word = ((*old >> 32) + 1) << 32 | first;

	return __atomic_compare_exchange_n(stack, old, word, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/*
 * Put @count tables, from the number @nr on, on a stack. Links are stored with release:
 * whoever takes several reads those behind the first, of tables that may be somebody's
 * again by then, and wants to find the links of what they lead to.
 */
static void arena_push(struct port_arena *arena, unsigned int size_lg2,
		       enum table_kind kind, uint32_t nr, uint32_t count)
{
	uint64_t *stack = &arena->size[size_lg2 - MIN_SIZE_LG2].stack[kind];
	uint64_t old = __atomic_load_n(stack, __ATOMIC_ACQUIRE);
	uint32_t first, i;

	do {
		uint64_t depth = arena_first(arena, size_lg2, old) >> 32;

		first = (uint32_t)old;
		for (i = count; i--; first = nr + i + 1)
			__atomic_store_n(arena_link(arena, size_lg2, nr + i),
					 ++depth << 32 | first,
					 __ATOMIC_RELEASE);
	} while (!arena_swap(stack, &old, first));
}

static void *arena_table(const struct port_arena *arena, unsigned int size_lg2,
			 uint64_t nr)
{
	return (void *)(arena->tables.start + ((uintptr_t)nr << size_lg2));
}

/*
 * Take up to @nr tables from a stack, by one change of it. What is read of links
 * belongs together if nobody has changed the stack meanwhile, and does no harm else.
 *
 * Whoever takes tables that are not zero is going to write to all of them, and the next
 * one is likely to be wanted soon.
 *
 * Return: how many.
 */
arena_inline size_t arena_pop_many(struct port_arena *arena,
				   unsigned int size_lg2, enum table_kind kind,
				   void **table, size_t nr)
{
	uint64_t *stack = &arena->size[size_lg2 - MIN_SIZE_LG2].stack[kind];
	uint64_t old = __atomic_load_n(stack, __ATOMIC_ACQUIRE);
	uint32_t next;
	size_t i;

	do {
		next = (uint32_t)old;
		for (i = 0; i < nr && next; i++) {
			table[i] = arena_table(arena, size_lg2, next - 1);
			next = (uint32_t)arena_first(arena, size_lg2, next);
		}
		if (!i)
			return 0;
	} while (!arena_swap(stack, &old, next));
	if (kind == TABLE_ANY && next)
		__builtin_prefetch(arena_table(arena, size_lg2, next - 1), 1);
	return i;
}

/* The first table of a stack, or NULL. */
arena_inline void *arena_pop(struct port_arena *arena, unsigned int size_lg2,
			     enum table_kind kind)
{
	void *table;

	return arena_pop_many(arena, size_lg2, kind, &table, 1) ? table : NULL;
}

static uint64_t arena_depth(const struct port_arena *arena,
			    unsigned int size_lg2, enum table_kind kind)
{
	const uint64_t *stack =
		&arena->size[size_lg2 - MIN_SIZE_LG2].stack[kind];
	uint64_t word, first;

	do {
		word = __atomic_load_n(stack, __ATOMIC_ACQUIRE);
		first = arena_first(arena, size_lg2, word);
	} while (__atomic_load_n(stack, __ATOMIC_RELAXED) != word);
	return first >> 32;
}

/* ---- New slabs ---------------------------------------------------- */

/* Make memory accessible up to @end. */
static bool region_extend(struct region *region, uintptr_t end)
{
	uintptr_t old = region->accessible;
	uintptr_t new = (end + CHUNK_SIZE - 1) & ~(CHUNK_SIZE - 1);

	if (end <= old)
		return true;
	if (new > region->end)
		new = region->end;
	if (mprotect((void *)old, new - old, PROT_READ | PROT_WRITE))
		return false;
	region->accessible = new;
	return true;
}

/* The next @len bytes; 0 = there are no more. */
static uintptr_t region_take(struct region *region, size_t len, size_t align)
{
	uintptr_t start = (region->next + align - 1) & ~(align - 1);

	if (start < region->next || start > region->end ||
	    len > region->end - start || !region_extend(region, start + len))
		return 0;
	__atomic_store_n(&region->next, start + len, __ATOMIC_RELEASE);
	return start;
}

/*
 * A slab of @count tables; the lock is held.
 *
 * Return: the number of the first, or -1.
 */
static int64_t arena_new_slab(struct port_arena *arena, unsigned int size_lg2,
			      size_t count)
{
	size_t len = count << size_lg2;
	uintptr_t links, start;
	uint64_t nr;

	links = region_take(&arena->beside, count * sizeof(**arena->links),
			    sizeof(**arena->links));
	start = links ? region_take(&arena->tables, len, len) : 0;
	if (!start)
		return -1;
	nr = (start - arena->tables.start) >> size_lg2;
	if (nr + count > UINT32_MAX)
		return -1;
	arena->links[(start - arena->tables.start) >> SLAB_LG2] =
		(uint64_t *)links;
	return (int64_t)nr;
}

/* One that has been used before, of @first kind if there is one. */
arena_inline void *arena_find(struct port_arena *arena, unsigned int size_lg2,
			      enum table_kind first, enum table_kind *kind)
{
	void *table = arena_pop(arena, size_lg2, *kind = first);

	if (!table) {
		*kind = first == TABLE_ZERO ? TABLE_ANY : TABLE_ZERO;
		table = arena_pop(arena, size_lg2, *kind);
	}
	return table;
}

/* There was none. */
static __attribute__((noinline)) void *arena_cut(struct port_arena *arena,
						 unsigned int size_lg2,
						 enum table_kind *kind)
{
	uint32_t count = size_lg2 < SLAB_LG2 ? 1U << (SLAB_LG2 - size_lg2) : 1;
	void *table = arena_pop(arena, size_lg2, *kind = TABLE_FRESH);
	int64_t nr;

	if (table)
		return table;
	port_lock(&arena->lock);
	/* There may be one now. */
	table = arena_find(arena, size_lg2, TABLE_ZERO, kind);
	if (!table)
		table = arena_pop(arena, size_lg2, *kind = TABLE_FRESH);
	nr = table ? -1 : arena_new_slab(arena, size_lg2, count);
	if (nr >= 0) {
		table = arena_table(arena, size_lg2, (uint64_t)nr);
		__atomic_fetch_add(&arena->size[size_lg2 - MIN_SIZE_LG2].cut,
				   count, __ATOMIC_RELAXED);
		if (count > 1)
			arena_push(arena, size_lg2, TABLE_FRESH,
				   (uint32_t)nr + 1, count - 1);
	}
	port_unlock(&arena->lock);
	return table;
}

/* ---- The runtime -------------------------------------------------- */

/* Is this allocation to fail? */
static __attribute__((noinline)) bool arena_fails(struct port_arena *arena)
{
	uint64_t left = __atomic_load_n(&arena->fail_in, __ATOMIC_RELAXED);

	while (left && !__atomic_compare_exchange_n(
			       &arena->fail_in, &left, left - 1, false,
			       __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return left == 1;
}

/* A table, and what it holds. */
arena_inline void *arena_get(struct port_arena *arena, unsigned int size_lg2,
			     enum table_kind first, enum table_kind *kind)
{
	enum table_kind new_kind;
	void *table;

	if (PORT_WARN_ON(size_lg2 < MIN_SIZE_LG2 || size_lg2 > MAX_SIZE_LG2))
		return NULL;
	if (__atomic_load_n(&arena->fail_in, __ATOMIC_RELAXED) &&
	    arena_fails(arena))
		return NULL;
	table = arena_find(arena, size_lg2, first, kind);
	if (table)
		return table;
	table = arena_cut(arena, size_lg2, &new_kind);
	*kind = new_kind;
	return table;
}

static void *arena_alloc(const struct pt_runtime *rt, unsigned int size_lg2,
			 gfp_t gfp)
{
	struct port_arena *arena = rt->arg;
	enum table_kind kind;
	uint64_t *table = arena_get(arena, size_lg2, TABLE_ZERO, &kind);

	if (table && kind == TABLE_ANY)
		arena->clear(table, ((size_t)1 << size_lg2) / sizeof(*table));
	return table;
}

/* Who fills half of it has little use for zeroes, so that others shall have them. */
static void *arena_alloc_filled(const struct pt_runtime *rt,
				unsigned int size_lg2, gfp_t gfp, size_t from,
				size_t end)
{
	struct port_arena *arena = rt->arg;
	size_t all = ((size_t)1 << size_lg2) / sizeof(uint64_t);
	enum table_kind kind;
	uint64_t *table;

	/* In words; half of one may be zeroed with what is filled. */
	from = (from + sizeof(*table) - 1) / sizeof(*table);
	end /= sizeof(*table);
	if (end < from + all / 2)
		return arena_alloc(rt, size_lg2, gfp);
	table = arena_get(arena, size_lg2, TABLE_ANY, &kind);
	if (table && kind == TABLE_ANY) {
		if (from)
			arena->clear(table, from);
		if (end < all)
			arena->clear(table + end, all - end);
	}
	return table;
}

static size_t arena_alloc_many(const struct pt_runtime *rt,
			       unsigned int size_lg2, gfp_t gfp, void **table,
			       size_t nr)
{
	static const enum table_kind kinds[] = { TABLE_ANY, TABLE_ZERO,
						 TABLE_FRESH };
	struct port_arena *arena = rt->arg;
	size_t got = 0;
	unsigned int i;

	/* Where one has to fail they are taken one by one, and counted. */
	if (!__atomic_load_n(&arena->fail_in, __ATOMIC_RELAXED) &&
	    size_lg2 >= MIN_SIZE_LG2 && size_lg2 <= MAX_SIZE_LG2)
		for (i = 0; i < NR_KINDS && !got; i++)
			got = arena_pop_many(arena, size_lg2, kinds[i], table,
					     nr);
	if (got)
		return got;
	*table =
		arena_alloc_filled(rt, size_lg2, gfp, 0, (size_t)1 << size_lg2);
	return !!*table;
}

static void arena_put(struct port_arena *arena, unsigned int size_lg2,
		      void *table, enum table_kind kind)
{
	uintptr_t nr = ((uintptr_t)table - arena->tables.start) >> size_lg2;

	arena_push(arena, size_lg2, kind, (uint32_t)nr, 1);
}

static void arena_free(const struct pt_runtime *rt, void *table,
		       unsigned int size_lg2)
{
	arena_put(rt->arg, size_lg2, table, TABLE_ANY);
}

static void arena_free_zero(const struct pt_runtime *rt, void *table,
			    unsigned int size_lg2)
{
	memset(table, 0, ZERO_FROM);
	arena_put(rt->arg, size_lg2, table, TABLE_ZERO);
}

/* ---- Arenas ------------------------------------------------------- */

static void arena_memset(uint64_t *items, size_t count)
{
	memset(items, 0, count * sizeof(*items));
}

/* Address space with nothing behind it yet. */
static int region_reserve(struct region *region, size_t size)
{
	region->map_len = size + ARENA_ALIGN;
	region->map = mmap(NULL, region->map_len, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (region->map == MAP_FAILED) {
		region->map = NULL;
		return -ENOMEM;
	}
	region->start = ((uintptr_t)region->map + ARENA_ALIGN - 1) &
			~(ARENA_ALIGN - 1);
	region->next = region->start;
	region->accessible = region->start;
	region->end = region->start + size;
	return 0;
}

static void region_release(struct region *region)
{
	if (region->map)
		munmap(region->map, region->map_len);
}

/* Memory for @config; an arena that is given up afterwards is freed. */
static int arena_reserve(struct port_arena *arena,
			 const struct port_arena_config *config)
{
	size_t size = (size_t)config->size;
	uintptr_t memory = (uintptr_t)config->memory;

	if (memory)
		arena->tables = (struct region){ .start = memory,
						 .next = memory,
						 .accessible = memory + size,
						 .end = memory + size };
	else if (region_reserve(&arena->tables, size))
		return -ENOMEM;
	/* As many as there are if all tables are of the smallest size. */
	if (region_reserve(&arena->beside, size >> MIN_SIZE_LG2 << LINK_LG2))
		return -ENOMEM;
	arena->links = calloc(size >> SLAB_LG2, sizeof(*arena->links));
	return arena->links ? 0 : -ENOMEM;
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
	if (arena_reserve(arena, config)) {
		port_arena_free(arena);
		return -ENOMEM;
	}
	arena->clear = port_run_ops() ? port_run_ops()->clear : arena_memset;
	arena->runtime = (struct pt_runtime){
		.alloc = arena_alloc,
		.alloc_filled = arena_alloc_filled,
		.alloc_many = arena_alloc_many,
		.free = arena_free,
		.free_zero = arena_free_zero,
		.pa_offset = config->base_pa - arena->tables.start,
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
	region_release(&arena->tables);
	region_release(&arena->beside);
	free(arena->links);
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
	phys_addr_t base = port_arena_pa(arena, (void *)arena->tables.start);
	phys_addr_t last = base + (arena->tables.end - arena->tables.start) - 1;

	return len && pa <= last && (pa >= base || base - pa < len);
}

void *port_arena_ptr(const struct port_arena *arena, phys_addr_t pa, size_t len)
{
	uint64_t offset =
		pa - port_arena_pa(arena, (void *)arena->tables.start);
	uint64_t used = __atomic_load_n(&arena->tables.next, __ATOMIC_ACQUIRE) -
			arena->tables.start;

	if (offset >= used || len > used - offset)
		return NULL;
	return (void *)(arena->tables.start + (uintptr_t)offset);
}

/* How many tables of a size somebody has. */
static uint64_t arena_used(const struct port_arena *arena,
			   unsigned int size_lg2)
{
	uint64_t cut = __atomic_load_n(
		&arena->size[size_lg2 - MIN_SIZE_LG2].cut, __ATOMIC_RELAXED);
	unsigned int kind;

	for (kind = 0; kind < NR_KINDS; kind++)
		cut -= arena_depth(arena, size_lg2, kind);
	return cut;
}

uint64_t port_arena_tables(const struct port_arena *arena)
{
	unsigned int size_lg2;
	uint64_t tables = 0;

	for (size_lg2 = MIN_SIZE_LG2; size_lg2 <= MAX_SIZE_LG2; size_lg2++)
		tables += arena_used(arena, size_lg2);
	return tables;
}

uint64_t port_arena_bytes(const struct port_arena *arena)
{
	unsigned int size_lg2;
	uint64_t bytes = 0;

	for (size_lg2 = MIN_SIZE_LG2; size_lg2 <= MAX_SIZE_LG2; size_lg2++)
		bytes += arena_used(arena, size_lg2) << size_lg2;
	return bytes;
}

uint64_t port_arena_fail_nth(struct port_arena *arena, uint64_t nth)
{
	return __atomic_exchange_n(&arena->fail_in, nth, __ATOMIC_RELAXED);
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
