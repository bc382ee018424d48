/* SPDX-License-Identifier: MIT */
/*
 * A memory that is weakly ordered, for the models to include.
 *
 * The model defines THREADS (those that store), CELLS and EARLY(t, c): may thread
 * t read cell c early? It runs memory() beside its own processes.
 *
 * Stores go through a store buffer per thread, of SLOTS stores. They leave it in
 * any order, but for two to the same cell. A release store leaves it after
 * everything that stood before it. Loads see the own buffer first. They may be
 * satisfied early, at any time before they are reached, unless an acquire or a
 * fence stands in between; for two loads of the same cell order is kept.
 *
 * A read-modify-write acts on memory at once. Hardware that the model describes
 * (walkers, devices) reads mem[] itself.
 */
#define SLOTS 3

/* What is to be proven; the name is what pan prints. A model adds its own. */
#define demand(property, condition) \
	atomic { property = (condition); assert(property); property = true }

hidden byte no_lost_update, no_use_after_free, no_junk, always_translates;

byte mem[CELLS];

/* Store buffers: slot 0 is the oldest. */
byte used[THREADS];
byte slot_cell[THREADS * SLOTS];
byte slot_value[THREADS * SLOTS];
byte slot_kind[THREADS * SLOTS];
#define STORE   0
#define RELEASE 1
#define CLEAR   2 /* clear the bits of the value, atomically */

/* What has been read early: one bit per cell, and the values. */
byte early_has[THREADS];
byte early_value[THREADS * CELLS];

#define SLOT(t, s) ((t) * SLOTS + (s))

/* Does slot @s of @t hold a store to @c? */
#define HOLDS(t, s, c) (used[t] > (s) && slot_cell[SLOT(t, s)] == (c))
#define PENDING(t, c)  (HOLDS(t, 0, c) || HOLDS(t, 1, c) || HOLDS(t, 2, c))
#define OLDER(t, s) \
	((s) > 0 && HOLDS(t, 0, slot_cell[SLOT(t, s)]) || \
	 (s) > 1 && HOLDS(t, 1, slot_cell[SLOT(t, s)]))
#define DRAINABLE(t, s) \
	(used[t] > (s) && !OLDER(t, s) && \
	 ((s) == 0 || slot_kind[SLOT(t, s)] != RELEASE))

#define HAS_EARLY(t, c) (early_has[t] >> (c) & 1)
#define FORGET(t, c)    early_has[t] = early_has[t] & ~(1 << (c))

/* Take slot @s out; those behind move up, and what is free is zero. */
#define MOVE_UP(t, s) \
	slot_cell[SLOT(t, s)] = slot_cell[SLOT(t, (s) + 1)]; \
	slot_value[SLOT(t, s)] = slot_value[SLOT(t, (s) + 1)]; \
	slot_kind[SLOT(t, s)] = slot_kind[SLOT(t, (s) + 1)]
#define WIPE(t, s) \
	slot_cell[SLOT(t, s)] = 0; slot_value[SLOT(t, s)] = 0; \
	slot_kind[SLOT(t, s)] = 0

inline drain(t, s)
{
	d_step {
		if
		:: slot_kind[SLOT(t, s)] == CLEAR ->
			mem[slot_cell[SLOT(t, s)]] =
				mem[slot_cell[SLOT(t, s)]] &
				~slot_value[SLOT(t, s)]
		:: else ->
			mem[slot_cell[SLOT(t, s)]] = slot_value[SLOT(t, s)]
		fi;
		if :: (s) < 1 -> MOVE_UP(t, 0) :: else fi;
		if :: (s) < 2 -> MOVE_UP(t, 1) :: else fi;
		WIPE(t, 2);
		used[t] = used[t] - 1
	}
}

/* Reading cell @c early. */
#define READ_EARLY(t, c) \
	:: atomic { \
		(c) < CELLS && EARLY(t, c) && !PENDING(t, c) && \
			(!HAS_EARLY(t, c) || \
			 early_value[t * CELLS + (c)] != mem[c]) -> \
		early_has[t] = early_has[t] | (1 << (c)); \
		early_value[t * CELLS + (c)] = mem[c] \
	}

/* What happens to the stores and loads of thread @t, whenever it likes. */
proctype memory(byte t)
{
end:
	do
	:: atomic { DRAINABLE(t, 0) -> drain(t, 0) }
	:: atomic { DRAINABLE(t, 1) -> drain(t, 1) }
	:: atomic { DRAINABLE(t, 2) -> drain(t, 2) }
	READ_EARLY(t, 0)
	READ_EARLY(t, 1)
	READ_EARLY(t, 2)
	READ_EARLY(t, 3)
	READ_EARLY(t, 4)
	READ_EARLY(t, 5)
	READ_EARLY(t, 6)
	READ_EARLY(t, 7)
	od
}

inline put(t, c, v, kind)
{
	atomic {
		used[t] < SLOTS;
		slot_cell[SLOT(t, used[t])] = c;
		slot_value[SLOT(t, used[t])] = v;
		slot_kind[SLOT(t, used[t])] = kind;
		used[t] = used[t] + 1;
		FORGET(t, c)
	}
}

#define store(t, c, v)         put(t, c, v, STORE)
#define store_release(t, c, v) put(t, c, v, RELEASE)

/* A read-modify-write whose result nobody wants: it may be late, as a store. */
#define clear_bits(t, c, v) put(t, c, v, CLEAR)

inline load(t, c, v)
{
	atomic {
		!PENDING(t, c) || !(HOLDS(t, 0, c) &&
				    slot_kind[SLOT(t, 0)] == CLEAR);
		if
		:: HOLDS(t, 2, c) -> v = slot_value[SLOT(t, 2)]
		:: !HOLDS(t, 2, c) && HOLDS(t, 1, c) ->
			v = slot_value[SLOT(t, 1)]
		:: !HOLDS(t, 2, c) && !HOLDS(t, 1, c) && HOLDS(t, 0, c) ->
			v = slot_value[SLOT(t, 0)]
		:: !PENDING(t, c) && HAS_EARLY(t, c) ->
			v = early_value[(t) * CELLS + (c)]
		:: !PENDING(t, c) -> v = mem[c]; FORGET(t, c)
		fi
	}
}

/* Nothing behind it has been read before it. */
#define acquire(t) early_has[t] = 0

inline load_acquire(t, c, v)
{
	atomic { load(t, c, v); acquire(t) }
}

/* Everything before it is done before anything behind it. */
inline fence(t)
{
	atomic { used[t] == 0; acquire(t) }
}

/* Compare and swap: @ok says whether. Only a success orders anything. */
inline cas_relaxed(t, c, old, new, ok)
{
	atomic {
		!PENDING(t, c);
		ok = (mem[c] == old);
		FORGET(t, c);
		if :: ok -> mem[c] = new :: else fi
	}
}

inline cas_release(t, c, old, new, ok)
{
	atomic {
		(used[t] == 0) || (mem[c] != old && !PENDING(t, c));
		ok = (mem[c] == old);
		FORGET(t, c);
		if :: ok -> mem[c] = new :: else fi
	}
}

/* A lock of the port: it orders what is done under it. */
bit locked;
inline lock(t)
{
	atomic {
		!locked;
		locked = 1;
#ifndef NO_LOCK_ORDER
		acquire(t)
#endif
	}
}

inline unlock(t)
{
	atomic {
#ifndef NO_LOCK_ORDER
		used[t] == 0;
#endif
		locked = 0
	}
}
