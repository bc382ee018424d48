/* SPDX-License-Identifier: MIT */
/**
 * DOC: Everything the freestanding layers need from their surroundings
 *
 * The page table, the IOMMU core and the drivers call nothing but what this
 * header declares, and memset, memcpy, memmove and memcmp, which compilers emit
 * on their own. A program on an ordinary system links the default in src/port;
 * a kernel, a firmware or a simulator writes these few functions itself.
 *
 *	port_default_runtime	memory for page tables
 *	port_lock, port_unlock	mutual exclusion
 *	port_warn		an internal contradiction was found
 *	port_load64, ...	only where the compiler has no 64-bit atomics
 *
 * Entries are little-endian in memory; the machine must be, too.
 */
#ifndef UIOMMU_PORT_H
#define UIOMMU_PORT_H

#include <uiommu/iommu_types.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "uiommu runs on little-endian machines only"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct pt_run_dirty - which items are dirty, and how they become clean
 * @mask: an item is dirty if (item & @mask) == @value, or if it has a bit of @kept
 * @value: see @mask
 * @kept: see @mask; 0 = there is no such bit
 * @settled_mask: a dirty item is *settled* if (item & @settled_mask) ==
 *	@settled_value: it is an entry of its own, and all that hardware ever sets in
 *	it is set. Nobody but the caller can change it any more, so that a plain
 *	store of the item as it was read, without its dirty state, loses nothing
 * @settled_value: see @settled_mask
 * @flip: bits to invert in settled items, which become clean; 0: they stay as they
 *	are
 * @ahead: the run that will be read next, or NULL; to be fetched
 */
struct pt_run_dirty {
	uint64_t mask;
	uint64_t value;
	uint64_t kept;
	uint64_t settled_mask;
	uint64_t settled_value;
	uint64_t flip;
	const void *ahead;
};

/**
 * struct pt_run_list - runs of one page each, and the items that they become
 * @len: all are of so many bytes, a power of two
 * @wrong: no OA has a bit of it
 * @bits: in all items
 * @shift: with the OA, shifted to the right by so much
 * @pairs: no run of an even item - one whose address is a multiple of two items - may,
 *	together with the one behind it, be 2 * @len bytes that are aligned to as many
 */
struct pt_run_list {
	uint64_t len;
	uint64_t wrong;
	uint64_t bits;
	unsigned int shift;
	bool pairs;
};

/**
 * struct pt_run_lookup - a table in which addresses are looked up
 * @top: its top table
 * @level: of that; at least 1
 * @last: the last address that @top translates, 2^n - 1
 * @size_lg2: of the smallest page
 * @items_lg2: of tables below the top
 * @shift: an item << @shift has the address of what it points at in place
 * @mask: the bits that are the address
 * @offset: pt_runtime.pa_offset
 * @kind: of an item of each level, up to @level: bits that tell whether it is plain, a
 *	pointer to a table of the level below or, at level 0, a page
 * @value: what they are if it is
 */
struct pt_run_lookup {
	const void *top;
	unsigned int level;
	uint64_t last;
	unsigned int size_lg2;
	unsigned int items_lg2;
	unsigned int shift;
	uint64_t mask;
	uint64_t offset;
	uint64_t kind[7];
	uint64_t value[7];
};

/** PT_RUN_LOOKUPS - @lookup may leave fewer than so many to others. */
#define PT_RUN_LOOKUPS 8

/** PT_RUN_DIRTY_MAX - the longest run that is searched for dirty items. */
#define PT_RUN_DIRTY_MAX 512

/**
 * enum pt_run_found - what a search for dirty items has found
 * @PT_RUN_NONE: none
 * @PT_RUN_SETTLED: some, which are all settled
 * @PT_RUN_OTHERS: some that are not settled, and maybe others that are
 */
enum pt_run_found {
	PT_RUN_NONE,
	PT_RUN_SETTLED,
	PT_RUN_OTHERS
};

/**
 * struct pt_run_ops - work on many entries of one table at once
 * @differ: the bits in which any of @count items differs from @value: the OR of
 *	all item ^ @value. With a @value of 0 it says whether they are empty
 * @fill: store @count items: 2^@repeat_lg2 times @first, as often @first +
 *	@step, and so on. @count is a multiple of 2^@repeat_lg2, and @items is
 *	aligned to so many
 * @fill_empty: the same if all items are zero, else nothing. Return: were they?
 * @clear: zero @count items
 * @clear_alike: the same if no item differs from @value in a bit of @mask, else
 *	nothing. Return: were they alike?
 * @dirty: look for dirty items in @nr runs, of @count items each, PT_RUN_DIRTY_MAX at
 *	most; more than one run only if that is a multiple of 64, and all of them
 *	begin where a line of 64 bytes does. Bit n % 64 of @settled[n / 64] says that
 *	item n of the first run is dirty and settled, and has been cleaned if @how says
 *	so; of @others, that it is dirty and not settled, and as it was. The words of
 *	the other runs follow; all bits of (@count + 63) / 64 words for each run are
 *	written. Return: what there is in any of them
 * @list: store an item for each of @nr runs if all these items are zero and all runs
 *	as @how says, else nothing. Return: were they?
 * @lookup: where each of @nr addresses goes. Return: of how many, from the first on, that
 *	was stored; of others anything may have been. Either less than PT_RUN_LOOKUPS are
 *	left, or of those that are one of the next 256 is beyond the last or leads to an item
 *	that is not plain. Nothing is read from where such an item points
 *
 * Vector code lives behind these. They are called once per run of items, of which there
 * is one at least, or for several, with @items naturally aligned and inside one table.
 * No 8-byte lane may be torn: a
 * hardware walker may read any item at any time and has to see its old or its
 * new value. Nothing else writes to the items meanwhile, but: hardware may set
 * accessed and dirty bits while @differ and @dirty read, the latter stores to no item
 * that is not dirty and settled in the very load that its store is made from; and
 * while @differ reads the first or the last item, another thread may install a table
 * there or take one out. @lookup goes through tables that others work on, so it reads
 * each item once, and nothing of what an item points at before the item. Tables with
 * 4-byte entries do not use them. A member that is NULL stands for the scalar code of the
 * algorithm.
 */
struct pt_run_ops {
	uint64_t (*differ)(const uint64_t *items, size_t count, uint64_t value);
	void (*fill)(uint64_t *items, size_t count, uint64_t first,
		     uint64_t step, unsigned int repeat_lg2);
	bool (*fill_empty)(uint64_t *items, size_t count, uint64_t first,
			   uint64_t step, unsigned int repeat_lg2);
	void (*clear)(uint64_t *items, size_t count);
	bool (*clear_alike)(uint64_t *items, size_t count, uint64_t value,
			    uint64_t mask);
	enum pt_run_found (*dirty)(uint64_t *const *runs, size_t nr,
				   size_t count, const struct pt_run_dirty *how,
				   uint64_t *settled, uint64_t *others);
	bool (*list)(uint64_t *items, const struct iommu_run *runs, size_t nr,
		     const struct pt_run_list *how);
	size_t (*lookup)(const struct pt_run_lookup *how, const dma_addr_t *va,
			 phys_addr_t *oa, size_t nr);
};

/**
 * struct pt_runtime - how a page table sees memory
 * @alloc: 2^@size_lg2 bytes of zeroed memory, aligned to their size (and at
 *	least to 64 bytes), or NULL. @size_lg2 is 6 to 20. @gfp is what the
 *	caller of the page table passed
 * @alloc_filled: as @alloc, for a caller who stores to all of [@from, @end)
 *	of it before anybody else sees it: those bytes may hold anything. NULL =
 *	@alloc does
 * @alloc_many: up to @nr tables at @tables for a caller who stores to all of each
 *	before anybody else sees it: they may hold anything. Return: how many; 0 = there
 *	is no memory. NULL = @alloc_filled for each
 * @free: give back what any of these returned, with any content
 * @free_zero: the same for a table that is zero but for its first 8 bytes, so that
 *	it need not be zeroed again. NULL = @free does
 * @flush: write [@start, @start + @len) back to where walkers that are not
 *	coherent with the CPU's caches see it, after all stores before the call,
 *	and before it returns; may be NULL if no table has PT_FEAT_DMA_INCOHERENT
 * @pa_offset: what to add to a CPU address of table memory for the address that
 *	hardware uses, modulo 2^64
 * @run: work on runs of items; NULL = scalar code
 * @arg: for the implementation
 *
 * Not changed as long as a table uses it. All functions are called from any
 * thread at any time; @alloc may sleep only if @gfp is GFP_KERNEL.
 */
struct pt_runtime {
	void *(*alloc)(const struct pt_runtime *rt, unsigned int size_lg2,
		       gfp_t gfp);
	void *(*alloc_filled)(const struct pt_runtime *rt,
			      unsigned int size_lg2, gfp_t gfp, size_t from,
			      size_t end);
	size_t (*alloc_many)(const struct pt_runtime *rt, unsigned int size_lg2,
			     gfp_t gfp, void **tables, size_t nr);
	void (*free)(const struct pt_runtime *rt, void *table,
		     unsigned int size_lg2);
	void (*free_zero)(const struct pt_runtime *rt, void *table,
			  unsigned int size_lg2);
	void (*flush)(const struct pt_runtime *rt, const void *start,
		      size_t len);
	uint64_t pa_offset;
	const struct pt_run_ops *run;
	void *arg;
};

/**
 * port_default_runtime() - table memory for those who name no runtime
 *
 * Any context in which the caller may sleep. Return: the same for every call,
 * or NULL if there is none.
 */
const struct pt_runtime *port_default_runtime(void);

/**
 * struct port_lock - a mutual exclusion lock
 * @word: belongs to the implementation
 *
 * All zero is a free lock: no initialisation, no destruction.
 */
struct port_lock {
	uintptr_t word[2];
};

/** port_lock() - take @lock, waiting as long as needed; it does not nest. */
void port_lock(struct port_lock *lock);

/** port_unlock() - release @lock, which the caller holds. */
void port_unlock(struct port_lock *lock);

/**
 * port_warn() - an internal contradiction was found; the caller goes on
 * @what: the condition that should not be
 * @file: where, in the source
 * @line: where
 *
 * Never called for anything that a user of the system can cause.
 */
void port_warn(const char *what, const char *file, int line);

/**
 * PORT_WARN_ON() - report @cond if it is true
 *
 * Return: @cond.
 */
#define PORT_WARN_ON(cond) port_warn_on(!!(cond), #cond, __FILE__, __LINE__)

static inline bool port_warn_on(bool cond, const char *what, const char *file,
				int line)
{
	if (__builtin_expect(cond, 0))
		port_warn(what, file, line);
	return cond;
}

#if __GCC_ATOMIC_LLONG_LOCK_FREE != 2
/*
 * 64-bit entries on a machine whose compiler cannot access them at once. All of
 * them are sequentially consistent, and single accesses as hardware sees them.
 */
uint64_t port_load64(const uint64_t *p);
void port_store64(uint64_t *p, uint64_t value);
uint64_t port_and64(uint64_t *p, uint64_t mask);
bool port_cas64(uint64_t *p, uint64_t *old, uint64_t value);
#endif

#ifdef __cplusplus
}
#endif
#endif
