/* SPDX-License-Identifier: MIT */
/*
 * Installing a table: two threads map neighbouring pages that need the same lower
 * table, which neither finds. Each makes one; one compare-and-swap wins, and the
 * loser's memory goes to somebody else. A walker looks at a page at any time.
 */
#define THREADS 2
#define CELLS   5
#define PARENT  0
#define ITEM(table, i) (1 + 2 * (table) + (i))
/* What a table holds may be read before the pointer to it, if nothing forbids. */
#define EARLY(t, c) ((c) == ITEM(0, t) || (c) == ITEM(1, t))
#include "weak.pml"

#define EMPTY 0
#define POINTER(table) (1 + (table))
#define TABLE(entry)   ((entry) - 1)
#define LEAF(i)        (5 + (i))
#define HALF(i)        (7 + (i)) /* of a leaf that is not written at once */
#define JUNK           9 /* what the memory held before */
#define OTHER          10 /* what it holds when it has been freed and used again */

bit freed[2]; /* the loser's table went back to the runtime */
byte live[2]; /* the map has returned, and the device has been told to start */
byte maps;

/* pt_map_descend(), pt_map_new_run(), pt_map_store() */
proctype mapper(byte i)
{
	byte entry, ok, value;

	do
	::	/* pt_walk_load() */
#ifdef NO_LOAD_ACQUIRE
		load(i, PARENT, entry);
#else
		load_acquire(i, PARENT, entry);
#endif
		if
		:: entry != EMPTY -> break
		:: entry == EMPTY
		fi;
		/* The runtime's alloc_filled, and the leaf, that nobody sees yet */
		store(i, ITEM(i, i), LEAF(i));
		store(i, ITEM(i, 1 - i), EMPTY);
		/* pt_install_table() */
#ifdef NO_CAS
		store_release(i, PARENT, POINTER(i));
		ok = true;
#else
#ifdef NO_INSTALL_RELEASE
		cas_relaxed(i, PARENT, EMPTY, POINTER(i), ok);
#else
		cas_release(i, PARENT, EMPTY, POINTER(i), ok);
#endif
#endif
		/* The loser's free: the runtime's lock orders it. */
		if
		:: !ok ->
#ifndef NO_FREE_RELEASE
			fence(i);
#endif
			atomic {
				freed[i] = 1;
				mem[ITEM(i, 1)] = OTHER
			}
		:: ok -> goto mapped
		fi
	od;
	/* The item is to be empty, or the map is refused. */
	demand(no_use_after_free, !freed[TABLE(entry)]);
	load(i, ITEM(TABLE(entry), i), value);
	demand(no_junk, value == EMPTY);
#ifdef NO_WHOLE_STORE
	store(i, ITEM(TABLE(entry), i), HALF(i));
#endif
	store(i, ITEM(TABLE(entry), i), LEAF(i));
mapped:
	value = 0;
	/* The map returns; the caller starts the device. */
#ifndef NO_DOORBELL_FENCE
	fence(i);
#endif
	live[i] = 1;
	maps++
}

/* The hardware's walk for page @i: its second load needs the first's result. */
proctype walker()
{
	byte i, entry, value, was_live;

	atomic {
		if :: i = 0 :: i = 1 fi;
		was_live = live[i];
#ifdef NO_WALKER_ORDER
		/* The lower table's item before the pointer */
		if :: value = mem[ITEM(0, i)] :: value = mem[ITEM(1, i)] fi
#endif
	};
	entry = mem[PARENT];
	atomic {
		if
		:: entry == EMPTY -> value = EMPTY
		:: else ->
			demand(no_use_after_free, !freed[TABLE(entry)]);
#ifndef NO_WALKER_ORDER
			value = mem[ITEM(TABLE(entry), i)]
#endif
		fi;
		demand(no_junk, value == EMPTY || value == LEAF(i));
		demand(always_translates, !was_live || value == LEAF(i))
	}
}

init {
	atomic {
		mem[ITEM(0, 0)] = JUNK;
		mem[ITEM(0, 1)] = JUNK;
		mem[ITEM(1, 0)] = JUNK;
		mem[ITEM(1, 1)] = JUNK;
		run memory(0);
		run memory(1);
		run mapper(0);
		run mapper(1);
		run walker()
	};
	atomic {
		maps == 2 && used[0] == 0 && used[1] == 0;
		/* Both maps are in the table that won. */
		demand(no_lost_update,
		       mem[PARENT] != EMPTY &&
		       mem[ITEM(TABLE(mem[PARENT]), 0)] == LEAF(0) &&
		       mem[ITEM(TABLE(mem[PARENT]), 1)] == LEAF(1));
		/* And nobody wrote to memory that they had given back. */
		demand(no_lost_update, !freed[0] || mem[ITEM(0, 1)] == OTHER);
		demand(no_lost_update, !freed[1] || mem[ITEM(1, 1)] == OTHER)
	}
}
