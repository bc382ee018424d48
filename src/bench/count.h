/* SPDX-License-Identifier: MIT */
/*
 * Included before everything else in the build of the page table that counts: each
 * access to an item, whatever for, is one call.
 */
#ifndef BENCH_COUNT_H
#define BENCH_COUNT_H

#include <stdint.h>

/** bench_counted - accesses to items that this thread has made in that build. */
extern _Thread_local uint64_t bench_counted;

static inline __attribute__((always_inline)) void
bench_count(__attribute__((unused)) const void *item)
{
	bench_counted++;
}

#define PT_ITEM_ACCESS(item) bench_count(item)

#endif
