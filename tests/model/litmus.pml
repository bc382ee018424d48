/* SPDX-License-Identifier: MIT */
/*
 * The memory of weak.pml itself: is it as weak as it should be, and no weaker?
 *
 * Message passing: thread 0 writes DATA, then FLAG; thread 1 reads FLAG, then
 * DATA. Store buffering: both write theirs and read the other's. Coherence: two
 * reads of one cell by thread 1 see it in the order of its stores.
 */
#define THREADS 2
#define CELLS   2
#define DATA    0
#define FLAG    1
#define EARLY(t, c) true
#include "weak.pml"

hidden byte message_passes, one_sees_the_other, coherent;
byte flag, data, again, saw0, saw1;
byte finished;

proctype sender()
{
	store(0, DATA, 1);
	store(0, DATA, 2);
#ifdef NO_SENDER_RELEASE
	store(0, FLAG, 1);
#else
	store_release(0, FLAG, 1);
#endif
}

proctype receiver()
{
#ifdef NO_RECEIVER_ACQUIRE
	load(1, FLAG, flag);
#else
	load_acquire(1, FLAG, flag);
#endif
	load(1, DATA, data);
	load(1, DATA, again);
	demand(message_passes, !flag || data == 2);
	demand(coherent, again >= data);
}

proctype first()
{
	store(0, DATA, 1);
#ifndef NO_FENCE
	fence(0);
#endif
	load(0, FLAG, saw0);
	finished++
}

proctype second()
{
	store(1, FLAG, 1);
#ifndef NO_FENCE
	fence(1);
#endif
	load(1, DATA, saw1);
	finished++
}

init {
	atomic {
		run memory(0);
		run memory(1);
		if
		:: run sender(); run receiver()
		:: run first(); run second()
		fi
	};
end:	finished == 2;
	demand(one_sees_the_other, saw0 || saw1)
}
