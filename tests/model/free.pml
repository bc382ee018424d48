/* SPDX-License-Identifier: MIT */
/*
 * Freeing a table: one thread takes a table out of the tree, has the IOTLB flushed
 * and frees it, and maps a large page in its place. Another thread is given the
 * memory and makes a table of its own range of it. The walker keeps table items in
 * a walk cache and leaves in an IOTLB, and a walk under way takes its time.
 */
hidden byte no_stale_translation;
#define THREADS 2
#define CELLS   3
#define ITEM    0 /* of the parent: where the table hangs */
#define OTHER   1 /* of the parent: where its next owner hangs it */
#define TABLE   2 /* the one item of the table that both map something in */
#define EARLY(t, c) false /* neither reads what the other has written */
#include "weak.pml"

#define REMOVER 0
#define OWNER   1

#define EMPTY   0
#define POINTER 1 /* to the table */
#define LEAF    2 /* of the table's first life */
#define LARGE   3 /* stands where the table hung */
#define NEW     4 /* leaf of the table's second life */
#define LINK    5 /* of the gather's list, not present for hardware */
#define JUNK    6 /* whatever hardware takes for an entry */

mtype = { in_tree, waiting, freed, used_again };
mtype table = in_tree;

byte live[2]; /* what ITEM and OTHER lead to has been mapped: the leaf */
bit invalidate; /* the invalidation command, until it is complete */
bit walking;
byte walk_cache[2]; /* of ITEM and OTHER */
byte iotlb[2];
bit finished[2];

/* pt_iommu_discard() writes the link into the table. */
#ifdef NO_LINK_SHAPE
#define LINKED JUNK
#else
#define LINKED LINK
#endif

/* The flush waits for walks that are under way. */
#ifdef NO_WALK_DRAIN
#define DRAINED true
#else
#define DRAINED (!walking)
#endif

/* The driver's iotlb_sync */
inline iotlb_sync(t)
{
#ifdef NO_SYNC
	skip
#else
#ifndef NO_SYNC_FENCE
	fence(t);
#endif
	invalidate = 1;
#ifndef NO_SYNC_WAIT
	!invalidate
#endif
#endif
}

/* unmap_range or pt_map_make_room(), and then a map of a large page there */
proctype remover()
{
	/* From here on the device may be refused. */
	live[ITEM] = EMPTY;
#ifdef NO_UNLINK_FIRST
	iotlb_sync(REMOVER);
#endif
	/* pt_unmap_table(): the item, then the link */
	store(REMOVER, ITEM, EMPTY);
	table = waiting;
	store(REMOVER, TABLE, LINKED);
#ifndef NO_UNLINK_FIRST
	iotlb_sync(REMOVER);
#endif
	/* iommu_pages_list_put(); what is free is the runtime's to write to */
	lock(REMOVER);
	table = freed;
	store(REMOVER, TABLE, JUNK);
	unlock(REMOVER);
	/* pt_install_leaf_run(), and the doorbell of install.pml */
	store(REMOVER, ITEM, LARGE);
#ifndef NO_DOORBELL_FENCE
	fence(REMOVER);
#endif
	live[ITEM] = LARGE;
	finished[0] = 1
}

/* pt_map_new_table() and a map in the new table */
proctype next_owner()
{
	byte ok;

	table == freed;
	lock(OWNER);
	table = used_again;
	unlock(OWNER);
	store(OWNER, TABLE, EMPTY);
#ifdef NO_INSTALL_RELEASE
	cas_relaxed(OWNER, OTHER, EMPTY, POINTER, ok);
#else
	cas_release(OWNER, OTHER, EMPTY, POINTER, ok);
#endif
	store(OWNER, TABLE, NEW);
#ifndef NO_DOORBELL_FENCE
	fence(OWNER);
#endif
	live[OTHER] = NEW;
	finished[1] = 1
}

/* The hardware's side of an invalidation: when no walk is under way. */
proctype invalidation()
{
end:	do
	:: atomic {
		invalidate && DRAINED ->
		walk_cache[0] = 0;
		walk_cache[1] = 0;
		iotlb[0] = 0;
		iotlb[1] = 0;
		invalidate = 0
	}
	od
}

/* Walks, each for one of the two; every step may take long. */
proctype walker()
{
	byte i, entry, value, was_live;

end:	do
	:: atomic {
		if :: i = ITEM :: i = OTHER fi;
		was_live = live[i];
		walking = 1;
		value = iotlb[i];
		entry = EMPTY
	   }
	   if
	   :: value != EMPTY
	   :: else ->
		atomic {
			entry = walk_cache[i];
			if :: entry == EMPTY -> entry = mem[i] :: else fi;
			if :: entry == POINTER -> walk_cache[i] = entry :: else fi
		};
		atomic {
			if
			:: entry == POINTER ->
				demand(no_use_after_free, table != freed);
				demand(no_use_after_free,
				       i == OTHER || table != used_again);
				value = mem[TABLE]
			:: else -> value = entry
			fi;
			if :: value == LINK -> value = EMPTY :: else fi;
			iotlb[i] = value
		}
	   fi;
	   atomic {
		demand(no_junk, value == EMPTY ||
				(i == OTHER && value == NEW) ||
				(i == ITEM && (value == LEAF ||
					       value == LARGE)));
		/* Unless it is being unmapped meanwhile */
		demand(always_translates, was_live == EMPTY ||
					  live[i] != was_live ||
					  value == was_live);
		/* The translation that is gone stays so. */
		demand(no_stale_translation, value != LEAF || table == in_tree || table == waiting);
		walking = 0;
		i = 0;
		entry = 0;
		value = 0;
		was_live = 0
	   }
	od
}

init {
	atomic {
		mem[ITEM] = POINTER;
		mem[TABLE] = LEAF;
		live[ITEM] = LEAF;
		run memory(REMOVER);
		run memory(OWNER);
		run remover();
		run next_owner();
		run invalidation();
		run walker()
	};
	atomic {
		finished[0] && finished[1] && !used[0] && !used[1];
		demand(no_lost_update, mem[ITEM] == LARGE &&
				       mem[OTHER] == POINTER &&
				       mem[TABLE] == NEW)
	}
}
