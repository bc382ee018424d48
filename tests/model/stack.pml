/* SPDX-License-Identifier: MIT */
/*
 * Free tables on a stack: a thread takes one while another takes both at once, gives the
 * first back, and takes again. The stack's word changes by compare-and-swap; it has the first
 * table and a count of changes.
 */
#define THREADS 2
#define CELLS   5
#define STACK   0
#define LINK(table) (1 + (table)) /* beside the table: what comes behind it */
#define DATA(table) (3 + (table)) /* in it */
#define EARLY(t, c) ((c) == LINK(0) || (c) == LINK(1))
#include "weak.pml"

#define NONE 0
#define FIRST(word) ((word) % 3) /* one more than the table */
#ifdef NO_COUNT
#define WORD(old, first) (first)
#else
#define WORD(old, first) ((old) - FIRST(old) + 3 + (first))
#endif

bit owned[2];
byte ended;

inline own(t, word)
{
	atomic {
		demand(no_use_after_free, !owned[FIRST(word) - 1]);
		owned[FIRST(word) - 1] = 1
	}
	/* It is somebody's: what they store is there, whoever had it before. */
	store(t, DATA(FIRST(word) - 1), 10 + t);
	load(t, DATA(FIRST(word) - 1), value);
	demand(no_lost_update, value == 10 + t)
}

/* arena_pop_many(), of one; the table is FIRST(word) */
inline pop(t, word)
{
	do
	::
#ifdef NO_POP_ACQUIRE
		load(t, STACK, word);
#else
		load_acquire(t, STACK, word);
#endif
		if
		:: FIRST(word) == NONE -> break
		:: else
		fi;
		load(t, LINK(FIRST(word) - 1), next);
		cas_relaxed(t, STACK, word, WORD(word, next), ok);
		if
		:: ok -> own(t, word); break
		:: !ok
		fi
	od
}

/* arena_pop_many(), of both or what there is; the tables are FIRST(word) and @second */
inline pop_both(t, word, second)
{
	do
	::
#ifdef NO_POP_ACQUIRE
		load(t, STACK, word);
#else
		load_acquire(t, STACK, word);
#endif
		second = NONE;
		if
		:: FIRST(word) == NONE -> break
		:: else
		fi;
		load(t, LINK(FIRST(word) - 1), next);
		if
		:: next != NONE ->
			second = next;
			load(t, LINK(second - 1), next)
		:: else
		fi;
		cas_relaxed(t, STACK, word, WORD(word, next), ok);
		if
		:: ok ->
			own(t, word);
			if
			:: second != NONE -> own(t, second)
			:: else
			fi;
			break
		:: !ok
		fi
	od
}

/* arena_push() */
inline push(t, first)
{
	owned[first - 1] = 0;
	do
	::	load(t, STACK, word);
		store(t, LINK(first - 1), FIRST(word));
#ifdef NO_PUSH_RELEASE
		cas_relaxed(t, STACK, word, WORD(word, first), ok);
#else
		cas_release(t, STACK, word, WORD(word, first), ok);
#endif
		if
		:: ok -> break
		:: !ok
		fi
	od
}

/* It takes one, and keeps it. */
proctype one()
{
	byte word, next, ok, value;

	pop(0, word);
	ended++
}

/* It takes what there is, gives the first back, and takes again. */
proctype many()
{
	byte word, next, ok, value, first, second;

	pop_both(1, word, second);
	first = FIRST(word);
	push(1, first);
	pop(1, word);
	word = 0;
	ended++
}

init {
	byte free;

	atomic {
		mem[STACK] = 1;
		mem[LINK(0)] = 2;
		run memory(0);
		run memory(1);
		run one();
		run many()
	};
	atomic {
		ended == 2 && used[0] == 0 && used[1] == 0;
		/* What nobody has is on the stack, and nothing else. */
		free = FIRST(mem[STACK]);
		demand(no_lost_update,
		       (free == NONE || !owned[free - 1]) &&
		       (free != NONE || (owned[0] && owned[1])))
	}
}
