/* SPDX-License-Identifier: MIT */
/*
 * Reading and clearing dirty bits: a device writes to a page, another one reads it,
 * while software reads the dirty bit, clears it, has the IOTLB flushed and copies
 * the page, again and again. Once the device has stopped and the last round is over,
 * the copy is what the page holds.
 */
#define TRACKER 0 /* read_and_clear_dirty() and the copy */
#define SETTER  1 /* set_dirty(), for an emulated device */

#define THREADS 2
#define CELLS   2
#define ENTRY   0
#define PAGE    1
#define EARLY(t, c) ((t) == TRACKER)
hidden byte bits_kept;
#include "weak.pml"

/* The entry's bits */
#define PRESENT  1
#define ACCESSED 2
#define DIRTY    4

#define WRITES 2
#define ROUNDS 2 /* beside the last one */

bit invalidate;
bit iotlb_dirty; /* the device's IOTLB knows the entry as dirty */
bit writing; /* a write has been translated and has not arrived */
bit stopped, read_once, set_once;
byte copy;

inline mark(bits)
{
	/* Hardware changes an entry only if it is present, and at once. */
	demand(always_translates, mem[ENTRY] & PRESENT);
	mem[ENTRY] = mem[ENTRY] | (bits)
}

/* A device that writes. */
proctype writer()
{
	byte n, seen;

	do
	:: n < WRITES ->
		n++;
		atomic {
#ifndef NO_WRITE_DRAIN
			writing = 1;
#endif
			if
			:: iotlb_dirty
			:: else -> mark(DIRTY); iotlb_dirty = 1
			fi
		};
		atomic {
			mem[PAGE] = n;
			writing = 0
		}
	:: else -> break
	od;
	stopped = 1
}

/* A device that reads: its accessed bit stands beside the dirty bit. */
proctype reader()
{
	atomic { mark(ACCESSED); read_once = 1 }
}

/* set_dirty(): as the writer, by compare and swap */
proctype setter()
{
	byte entry, ok;

	do
	:: ok -> break
	:: else ->
		load_acquire(SETTER, ENTRY, entry);
#ifdef NO_SET_CAS
		store(SETTER, ENTRY, entry | DIRTY);
		ok = true
#else
		cas_relaxed(SETTER, ENTRY, entry, entry | DIRTY, ok)
#endif
	od;
	set_once = 1
}

proctype invalidation()
{
end:	do
	:: atomic {
		invalidate && !writing -> iotlb_dirty = 0; invalidate = 0
	}
	od
}

/* pt_dirty_items() and what the caller does with the result */
inline round()
{
	load(TRACKER, ENTRY, entry);
#ifdef NO_SEEN_DIRTY
	clear_bits(TRACKER, ENTRY, DIRTY);
#endif
	if
	:: entry & DIRTY ->
#ifndef NO_SEEN_DIRTY
		if
		:: entry & ACCESSED ->
			/* Settled: there is nothing left that hardware sets. */
			store(TRACKER, ENTRY, entry & ~DIRTY)
		:: else ->
			/* pt_item_make_clean() */
#ifdef NO_ATOMIC_CLEAR
			store(TRACKER, ENTRY, entry & ~DIRTY)
#else
			clear_bits(TRACKER, ENTRY, DIRTY)
#endif
		fi;
#endif
		/* The caller's iotlb_sync() */
#ifndef NO_SYNC
#ifndef NO_SYNC_FENCE
		fence(TRACKER);
#endif
		invalidate = 1;
#ifndef NO_SYNC_WAIT
		!invalidate;
#endif
#ifndef NO_SYNC_ACQUIRE
		acquire(TRACKER);
#endif
#endif
		load(TRACKER, PAGE, copy)
	:: else
	fi;
	entry = 0
}

proctype tracker()
{
	byte entry, n;

	do
	:: n <= ROUNDS ->
		if
		:: n < ROUNDS
		:: else ->
			/* The device has stopped, and whoever says so has seen it. */
			stopped && read_once && set_once;
#ifndef NO_STOP_ACQUIRE
			acquire(TRACKER)
#endif
		fi;
		round();
		n++
	:: else -> break
	od;
	demand(no_lost_update, copy == mem[PAGE]);
	demand(bits_kept, mem[ENTRY] & ACCESSED)
}

init {
	atomic {
		mem[ENTRY] = PRESENT;
		run memory(TRACKER);
		run memory(SETTER);
		run writer();
		run reader();
		run setter();
		run invalidation();
		run tracker()
	}
}
