/* SPDX-License-Identifier: MIT */
/*
 * Included before a format's unit, this makes its compare-and-swap two accesses with
 * time between them: what hardware sets meanwhile is lost. The guest that is built with
 * it shows that the others' tests would notice.
 */
#ifndef TESTS_HW_CPU_TORN_H
#define TESTS_HW_CPU_TORN_H

#include <stdbool.h>
#include <stdint.h>

/* The other CPU writes meanwhile (migrate.c). */
void walker_gap(void);

static inline bool torn_cas(volatile uint64_t *p, uint64_t *old, uint64_t value)
{
	uint64_t now = *p;

	if (now != *old) {
		*old = now;
		return false;
	}
	walker_gap();
	*p = value;
	return true;
}

#define __atomic_compare_exchange_n(p, old, value, weak, success, failure) \
	torn_cas(p, old, value)

#endif
