/* SPDX-License-Identifier: MIT */
/**
 * DOC: Items, and how they are read and written
 *
 * Needs PT_ITEM_WORD_SIZE of the format. Every access to an item is one access
 * of its width, because a hardware walker may read it at any time. Order: an
 * item that points at a table is stored with release and read with acquire, so
 * that nobody sees a table before its content. Where neighbours may store one, too,
 * it is compared and swapped, and whoever fails reads it again. Nothing else is ordered here: what hardware has to see, or to have
 * forgotten, before something else happens is ordered by the caller's doorbell and
 * by the driver's iotlb_sync. tests/model shows that this is enough, and that no
 * less is.
 */
#ifndef PT_ITEM_H
#define PT_ITEM_H

#include "pt_defs.h"

#if PT_ITEM_WORD_SIZE == 8
typedef uint64_t pt_item_t;
#elif PT_ITEM_WORD_SIZE == 4
typedef uint32_t pt_item_t;
#else
#error "the format does not define PT_ITEM_WORD_SIZE as 4 or 8"
#endif

#define PT_ITEM_LG2SZ (PT_ITEM_WORD_SIZE == 8 ? 3U : 2U)

/*
 * A build that looks at accesses defines this; each access below says which item it is
 * for.
 */
#ifndef PT_ITEM_ACCESS
#define PT_ITEM_ACCESS(item) ((void)0)
#endif

/**
 * pt_apart() - between two tests of bits of an item: do not make one of them
 *
 * Two tests of flags take no register, where one that compares takes one.
 */
#define pt_apart() __asm__ volatile("")

/**
 * pt_not_before() - what follows is seldom needed: do not load it before
 *
 * Compilers would, if there is room for it.
 */
#define pt_not_before() __asm__ volatile("" ::: "memory")

/**
 * pt_in_turn() - have the sum @value now, not all that goes into it together later
 *
 * Compilers would keep the parts, which are more than there are registers.
 */
#if __SIZEOF_LONG__ >= 8
#define pt_in_turn(value) __asm__("" : "+r"(value))
#else
#define pt_in_turn(value) ((void)0)
#endif

/**
 * struct pt_attrs - the bits of a leaf that are not its OA
 * @bits: as they stand in the item; where that depends on level and size, as they
 *	stand in one that the format chooses
 */
struct pt_attrs {
	pt_item_t bits;
};

/**
 * struct pt_state - a position in a table
 * @common: the page table
 * @table: the table
 * @level: its level
 * @index: the item
 * @entry: what pt_load_entry_raw() found there
 * @mark: software bits that pt_install_table() sets
 * @sole: nobody else can install a table here: the caller holds all that the item
 *	translates
 *
 * Lives in registers: it is only ever passed to functions that are inlined.
 */
struct pt_state {
	struct pt_common *common;
	pt_item_t *table;
	unsigned int level;
	unsigned int index;
	pt_item_t entry;
	pt_item_t mark;
	bool sole;
};

#if PT_ITEM_WORD_SIZE == 4 || __GCC_ATOMIC_LLONG_LOCK_FREE == 2
pt_inline pt_item_t pt_item_load(const pt_item_t *item)
{
	PT_ITEM_ACCESS(item);
	return __atomic_load_n(item, __ATOMIC_ACQUIRE);
}

pt_inline pt_item_t pt_item_load_relaxed(const pt_item_t *item)
{
	PT_ITEM_ACCESS(item);
	return __atomic_load_n(item, __ATOMIC_RELAXED);
}

pt_inline void pt_item_store(pt_item_t *item, pt_item_t value)
{
	PT_ITEM_ACCESS(item);
	__atomic_store_n(item, value, __ATOMIC_RELAXED);
}

/** pt_item_store_release() - the same, after all stores before it */
pt_inline void pt_item_store_release(pt_item_t *item, pt_item_t value)
{
	PT_ITEM_ACCESS(item);
	__atomic_store_n(item, value, __ATOMIC_RELEASE);
}

pt_inline void pt_item_and(pt_item_t *item, pt_item_t mask)
{
	PT_ITEM_ACCESS(item);
	__atomic_fetch_and(item, mask, __ATOMIC_RELAXED);
}

pt_inline void pt_item_or(pt_item_t *item, pt_item_t mask)
{
	PT_ITEM_ACCESS(item);
	__atomic_fetch_or(item, mask, __ATOMIC_RELAXED);
}

pt_inline bool pt_item_cas(pt_item_t *item, pt_item_t *old, pt_item_t value)
{
	PT_ITEM_ACCESS(item);
	return __atomic_compare_exchange_n(item, old, value, false,
					   __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}
#else
pt_inline pt_item_t pt_item_load(const pt_item_t *item)
{
	return port_load64(item);
}

pt_inline pt_item_t pt_item_load_relaxed(const pt_item_t *item)
{
	return port_load64(item);
}

pt_inline void pt_item_store(pt_item_t *item, pt_item_t value)
{
	port_store64(item, value);
}

pt_inline void pt_item_store_release(pt_item_t *item, pt_item_t value)
{
	port_store64(item, value);
}

pt_inline void pt_item_and(pt_item_t *item, pt_item_t mask)
{
	port_and64(item, mask);
}

pt_inline bool pt_item_cas(pt_item_t *item, pt_item_t *old, pt_item_t value)
{
	return port_cas64(item, old, value);
}

pt_inline void pt_item_or(pt_item_t *item, pt_item_t mask)
{
	pt_item_t old = port_load64(item);

	while (!port_cas64(item, &old, old | mask))
		;
}
#endif

/**
 * pt_install_item() - replace @pts->entry, which points at nothing, by @value, which
 * points at a table
 *
 * Return: false if the item was not @pts->entry any more, which then is what it is.
 */
pt_inline bool pt_install_item(struct pt_state *pts, pt_item_t value)
{
	pt_item_t *item = &pts->table[pts->index];
	pt_item_t old = pts->entry; /* so that @pts can live in registers */
	bool same;

	if (pts->sole) {
		pt_item_store_release(item, value);
		return true;
	}
	same = pt_item_cas(item, &old, value);
	pts->entry = old;
	return same;
}

#endif
