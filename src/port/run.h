/* SPDX-License-Identifier: MIT */
/**
 * DOC: Vector code for runs of items
 *
 * One struct pt_run_ops per instruction set, all made from run_template.h. Which of
 * them the processor has is asked once, when port_run_ops() is first called.
 *
 * Is it allowed? A hardware walker may read any item at any time and must see its
 * old or its new value, never half of each. Manuals promise that for aligned
 * accesses of 8 bytes, and not for the 8-byte lanes of a wider store; some promise
 * 16 bytes. Yet every processor that has these instructions moves an aligned vector,
 * which is within one cache line, by accesses of 8 bytes or of multiples of them,
 * and nothing is known to tear a lane. Who can live with what all processors do
 * gets the speed: programs on an ordinary system, whose "hardware" is software.
 * Kernels and firmware keep pt_runtime.run NULL, and with it the scalar code, in
 * which each item is one access.
 *
 * So that the rest is beyond doubt: vectors that are stored, or that are loaded
 * where hardware may write, are aligned to their size; an item outside of the run,
 * or one that @dirty is to leave alone, is not written, not even with its own value.
 *
 * Thread sanitizer does not know any of this. In its build port_run_ops() is NULL.
 */
#ifndef PORT_RUN_H
#define PORT_RUN_H

#include <uiommu/port.h>

/**
 * struct port_run - one variant
 * @name: "sse2", "avx2", "avx512", "neon"
 * @ops: its functions
 * @present: does this processor, and system, have it?
 */
struct port_run {
	const char *name;
	const struct pt_run_ops *ops;
	bool (*present)(void);
};

/** port_run_ops() - the fastest that there is here; NULL = none. Any context. */
const struct pt_run_ops *port_run_ops(void);

/**
 * port_run_named() - a variant for tests and benchmarks
 *
 * Return: NULL: the processor does not have it, or there is none of this name.
 */
const struct pt_run_ops *port_run_named(const char *name);

/** port_run_list() - all variants of this architecture, best first; @name NULL ends. */
const struct port_run *port_run_list(void);

extern const struct pt_run_ops port_run_sse2;
extern const struct pt_run_ops port_run_avx2;
extern const struct pt_run_ops port_run_avx512;
extern const struct pt_run_ops port_run_neon;

#endif
