/* SPDX-License-Identifier: MIT */
/*
 * Growing the top: two threads map VAs that the top does not reach. Each stacks a
 * table on the old top, and one of them becomes the top; then both map in it. A
 * third thread translates an address that was mapped all the time, and a walker
 * translates that or one of the new ones.
 */
#define THREADS 3
#define CELLS   8
#define TOP     0 /* pt_common.top_of_table */
#define ROOT    1 /* what the hardware's root register or device table says */
#define ITEM(table, i) (2 + 3 * (table) + (i))
#define READER  2
/* Whoever goes through the top could have read the new top's items before it. */
#define EARLY(t, c) \
	((t) < READER -> (c) == ITEM(1 - (t), 1 + (t)) : \
			 (c) == ITEM(0, 0) || (c) == ITEM(1, 0))
#include "weak.pml"

/* A top is a word: the table, and with it its level. */
#define OLD_TOP 0 /* reaches the old address only */
#define NEW_TOP(table) (1 + (table)) /* one level higher */
#define TABLE(top)     ((top) - 1)

#define EMPTY   0
#define POINTER 1 /* to the old top */
#define LEAF(i) (2 + (i))
#define JUNK    9

bit freed[2];
byte live[2];
byte maps;

/* pt_grow_top(), then a map through the new top */
proctype mapper(byte i)
{
	byte top, value, same;

	/* pt_top_read() */
	load_acquire(i, TOP, top);
	if
	:: top == OLD_TOP ->
		/* pt_stack_tops() */
		store(i, ITEM(i, 0), POINTER);
		store(i, ITEM(i, 2 - i), EMPTY); /* the other's */
		/* pt_publish_top() */
#ifndef NO_TOP_LOCK
		lock(i);
#endif
#ifdef NO_TOP_COMPARE
		same = true;
#else
		load(i, TOP, value);
		same = (value == OLD_TOP);
#endif
		if
		:: same ->
#ifdef NO_ROOT_FIRST
			store_release(i, TOP, NEW_TOP(i));
#endif
			/* change_top(): the driver orders table before root. */
#ifdef NO_ROOT_RELEASE
			store(i, ROOT, NEW_TOP(i));
#else
			store_release(i, ROOT, NEW_TOP(i));
#endif
#ifndef NO_ROOT_FIRST
#ifdef NO_TOP_RELEASE
			store(i, TOP, NEW_TOP(i));
#else
			store_release(i, TOP, NEW_TOP(i));
#endif
#endif
		:: else
		fi;
#ifndef NO_TOP_LOCK
		unlock(i);
#endif
		/* pt_free_tops() */
		if :: !same -> freed[i] = 1 :: else fi;
		same = 0
	:: else
	fi;
	/* pt_top_read() again, in map_range */
#ifdef NO_TOP_ACQUIRE
	load(i, TOP, top);
#else
	load_acquire(i, TOP, top);
#endif
	demand(no_use_after_free, !freed[TABLE(top)]);
	load(i, ITEM(TABLE(top), 1 + i), value);
	demand(no_junk, value == EMPTY);
	store(i, ITEM(TABLE(top), 1 + i), LEAF(i));
	value = 0;
	/* The map returns; the caller starts the device. */
#ifndef NO_DOORBELL_FENCE
	fence(i);
#endif
	live[i] = 1;
	maps++
}

/* iova_to_phys() of an address that was mapped before */
proctype reader()
{
	byte top, level, value;

#ifdef NO_ONE_LOAD
	load_acquire(READER, TOP, level);
	load_acquire(READER, TOP, top);
#else
#ifdef NO_TOP_ACQUIRE
	load(READER, TOP, top);
#else
	load_acquire(READER, TOP, top);
#endif
	level = top;
#endif
	if
	:: top == OLD_TOP && level == OLD_TOP -> value = POINTER
	:: top != OLD_TOP && level != OLD_TOP ->
		demand(no_use_after_free, !freed[TABLE(top)]);
		load(READER, ITEM(TABLE(top), 0), value)
#ifdef NO_ONE_LOAD
	:: else -> value = JUNK /* what one table has, read as the other */
#endif
	fi;
	demand(always_translates, value == POINTER)
}

/* The old address is page 2; those of the mappers are 0 and 1. */
proctype walker()
{
	byte i, root, value, was_live;

	atomic {
		if :: i = 0 :: i = 1 :: i = 2 fi;
		if :: i == 2 -> was_live = 1 :: else -> was_live = live[i] fi;
	};
	root = mem[ROOT];
	atomic {
		if
		:: root == OLD_TOP -> value = (i == 2 -> POINTER : EMPTY)
		:: else ->
			demand(no_use_after_free, !freed[TABLE(root)]);
			value = mem[ITEM(TABLE(root), (i + 1) % 3)]
		fi;
		demand(no_junk, value != JUNK);
		demand(always_translates,
		       !was_live || value == (i == 2 -> POINTER : LEAF(i)))
	}
}

init {
	atomic {
		mem[ITEM(0, 0)] = JUNK;
		mem[ITEM(0, 2)] = JUNK;
		mem[ITEM(1, 0)] = JUNK;
		mem[ITEM(1, 1)] = JUNK;
		run memory(0);
		run memory(1);
		run mapper(0);
		run mapper(1);
		if
		:: run reader(); run memory(READER)
		:: run walker()
		fi
	};
	atomic {
		maps == 2 && !used[0] && !used[1];
		demand(no_lost_update,
		       mem[TOP] == mem[ROOT] && mem[TOP] != OLD_TOP &&
		       mem[ITEM(TABLE(mem[TOP]), 1)] == LEAF(0) &&
		       mem[ITEM(TABLE(mem[TOP]), 2)] == LEAF(1))
	}
}
