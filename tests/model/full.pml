/* SPDX-License-Identifier: MIT */
/*
 * The mark of a full table: two threads unmap parts of it at the same time, and once
 * both have let go of their ranges a third unmaps the whole table. It looks at nothing
 * but the mark. Hardware sets an accessed bit in the item meanwhile.
 */
#define THREADS 2
#define CELLS   3
#define ITEM    0 /* points at the table */
#define PAGE(t) (1 + (t)) /* the table's items, one for each thread */
#define EARLY(t, c) ((c) == ITEM)
hidden byte bits_kept, no_false_mark;
#include "weak.pml"

/* The bits of the item */
#define POINTER  1
#define FULL     2
#define ACCESSED 4

#define EMPTY 0
#define LEAF  1

byte unlocked; /* how many have released their ranges */
bit accessed, finished;

/* pt_clear_full(), and then the leaf goes: pt_unmap_down(), pt_unmap_leaves() */
proctype part(byte t)
{
	byte item;

	load(t, ITEM, item);
	if
	:: item & FULL ->
#ifndef NO_CLEAR
#ifdef NO_ATOMIC_CLEAR
		store(t, ITEM, item & ~FULL);
#else
		clear_bits(t, ITEM, FULL);
#endif
#endif
		skip
	:: else
	fi;
	item = 0;
	store(t, PAGE(t), EMPTY);
	/* The range is released. */
#ifndef NO_RANGE_LOCK
	fence(t);
#endif
	unlocked++
}

/* pt_unmap_full(), by somebody who holds all of the range */
proctype whole()
{
	atomic {
		unlocked == 2;
		demand(no_false_mark, !(mem[ITEM] & FULL) ||
				      (mem[PAGE(0)] == LEAF &&
				       mem[PAGE(1)] == LEAF));
		finished = 1
	}
}

/* Hardware's walk, at any time */
proctype walker()
{
	atomic { mem[ITEM] = mem[ITEM] | ACCESSED; accessed = 1 }
}

init {
	atomic {
		mem[ITEM] = POINTER | FULL;
		mem[PAGE(0)] = LEAF;
		mem[PAGE(1)] = LEAF;
		run memory(0);
		run memory(1);
		run part(0);
		run part(1);
		run whole();
		run walker()
	};
	atomic {
		finished && accessed && used[0] == 0 && used[1] == 0;
		demand(bits_kept, mem[ITEM] == (POINTER | ACCESSED))
	}
}
