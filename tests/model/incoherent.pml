/* SPDX-License-Identifier: MIT */
/*
 * A walker that does not see the CPU's caches (PT_FEAT_DMA_INCOHERENT): as
 * install.pml, with memory behind the caches. What is flushed is there; what is
 * not may get there at any time. One thread installs a table; the other finds it
 * and maps in it, and its device starts while the first is still at work.
 */
#define THREADS 2
#define CELLS   3
#define PARENT  0
#define ITEM(i) (1 + (i)) /* of the table */
#define EARLY(t, c) false /* orders between CPUs are install.pml's matter */
#include "weak.pml"

#define EMPTY   0
#define POINTER 1
#define LEAF(i) (2 + (i))
#define JUNK    9

byte dram[CELLS]; /* what the walker sees */
byte live[2];

/* pt_flush(): the runtime's flush waits until memory has it. */
inline flush(t, c)
{
	atomic { !PENDING(t, c); dram[c] = mem[c] }
}

/* A cache writes back when it likes. */
proctype eviction()
{
end:	do
	:: atomic { dram[0] != mem[0] -> dram[0] = mem[0] }
	:: atomic { dram[1] != mem[1] -> dram[1] = mem[1] }
	:: atomic { dram[2] != mem[2] -> dram[2] = mem[2] }
	od
}

/* pt_map_write(): the flush is all that the caller's doorbell needs. */
inline map_leaf(t)
{
	store(t, ITEM(t), LEAF(t));
#ifndef NO_FLUSH_LEAF
	flush(t, ITEM(t));
#endif
	live[t] = 1
}

/* Finds no table: pt_map_new_table() */
proctype installer()
{
	byte ok;

	/* pt_iommu_alloc() */
	store(0, ITEM(0), EMPTY);
	store(0, ITEM(1), EMPTY);
#ifndef NO_FLUSH_TABLE
	flush(0, ITEM(0));
	flush(0, ITEM(1));
#endif
	cas_relaxed(0, PARENT, EMPTY, POINTER, ok);
	/* It finds its table when it loads the item again. */
#ifndef NO_FLUSH_ITEM
	flush(0, PARENT);
#endif
	map_leaf(0)
}

/* Finds the other's table: pt_map_descend() */
proctype finder()
{
	byte entry;

	do
	:: entry == POINTER -> break
	:: else -> load(1, PARENT, entry)
	od;
	/* The installer may not have flushed it yet. */
#ifndef NO_FLUSH_FOUND
	flush(1, PARENT);
#endif
	map_leaf(1)
}

proctype walker()
{
	byte i, entry, value, was_live;

	atomic {
		if :: i = 0 :: i = 1 fi;
		was_live = live[i]
	};
	entry = dram[PARENT];
	atomic {
		if
		:: entry == EMPTY -> value = EMPTY
		:: else -> value = dram[ITEM(i)]
		fi;
		demand(no_junk, value == EMPTY || value == LEAF(i));
		demand(always_translates, !was_live || value == LEAF(i))
	}
}

init {
	atomic {
		mem[ITEM(0)] = JUNK;
		mem[ITEM(1)] = JUNK;
		dram[ITEM(0)] = JUNK;
		dram[ITEM(1)] = JUNK;
		run memory(0);
		run memory(1);
		run eviction();
		run installer();
		run finder();
		run walker()
	}
}
