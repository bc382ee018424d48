/* SPDX-License-Identifier: MIT */
/*
 * Installing a table that its map fills: whoever holds all that the item translates
 * makes it, and a store publishes it, because nobody else can install one there. A
 * lookup in software and a walker look at any time.
 */
#define THREADS 2
#define CELLS   3
#define PARENT  0
#define ITEM(i) (1 + (i))
/* What a table holds may be read before the pointer to it, if nothing forbids. */
#define EARLY(t, c) ((t) == 1 && (c) != PARENT)
#include "weak.pml"

#define EMPTY   0
#define POINTER 1
#define LEAF(i) (2 + (i))
#define JUNK    9 /* what the memory held before */

bit live; /* the map has returned, and the device has been told to start */

/* pt_map_new_tables() */
proctype mapper()
{
	store(0, ITEM(0), LEAF(0));
	store(0, ITEM(1), LEAF(1));
	/* pt_install_table() */
#ifdef NO_STORE_RELEASE
	store(0, PARENT, POINTER);
#else
	store_release(0, PARENT, POINTER);
#endif
	/* The map returns; the caller starts the device. */
#ifndef NO_DOORBELL_FENCE
	fence(0);
#endif
	live = 1
}

/* iova_to_phys, by somebody who does not wait for the map */
proctype lookup(byte i)
{
	byte entry, value;

#ifdef NO_LOAD_ACQUIRE
	load(1, PARENT, entry);
#else
	load_acquire(1, PARENT, entry);
#endif
	if
	:: entry == EMPTY -> value = LEAF(i)
	:: else -> load(1, ITEM(i), value)
	fi;
	demand(no_junk, value == LEAF(i))
}

/* The hardware's walk for page @i: its second load needs the first's result. */
proctype walker(byte i)
{
	byte entry, value, was_live;

	atomic {
		was_live = live;
#ifdef NO_WALKER_ORDER
		/* The lower table's item before the pointer */
		value = mem[ITEM(i)]
#endif
	};
	entry = mem[PARENT];
	atomic {
		if
		:: entry == EMPTY -> value = EMPTY
		:: else ->
#ifndef NO_WALKER_ORDER
			value = mem[ITEM(i)]
#endif
			skip
		fi;
		demand(no_junk, value == EMPTY || value == LEAF(i));
		demand(always_translates, !was_live || value == LEAF(i))
	}
}

init {
	byte i;

	atomic {
		mem[ITEM(0)] = JUNK;
		mem[ITEM(1)] = JUNK;
		if :: i = 0 :: i = 1 fi;
		run memory(0);
		run memory(1);
		run mapper();
		run lookup(i);
		run walker(i)
	};
	atomic {
		live && used[0] == 0;
		demand(no_lost_update, mem[PARENT] == POINTER)
	}
}
