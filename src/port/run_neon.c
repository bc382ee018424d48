/* SPDX-License-Identifier: MIT */
/*
 * Runs with Advanced SIMD, which every AArch64 of an ordinary system has.
 */
#include "run.h"

#ifdef __aarch64__
#include <arm_neon.h>

#define RUN_NAME   port_run_neon
#define RUN_TARGET unused
#define RUN_LANES  2U

typedef uint64_t run_vector_t __attribute__((vector_size(16), may_alias));

__attribute__((always_inline)) static inline unsigned int
run_equal(run_vector_t a, run_vector_t b)
{
	const uint64x2_t bit = { 1, 2 };
	uint64x2_t same = vceqq_u64((uint64x2_t)a, (uint64x2_t)b);

	return (unsigned int)vaddvq_u64(vandq_u64(same, bit));
}

__attribute__((always_inline)) static inline void
run_store_lanes(uint64_t *p, run_vector_t v, unsigned int lanes)
{
	if (lanes & 1)
		__atomic_store_n(p, v[0], __ATOMIC_RELAXED);
	else
		__atomic_store_n(p + 1, v[1], __ATOMIC_RELAXED);
}

#include "run_template.h"
#endif
