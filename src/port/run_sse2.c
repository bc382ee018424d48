/* SPDX-License-Identifier: MIT */
/*
 * Runs with SSE2, which every x86-64 has.
 */
#include "run.h"

#ifdef __x86_64__
#include <emmintrin.h>

#define RUN_NAME   port_run_sse2
#define RUN_TARGET target("sse2")
#define RUN_LANES  2U

typedef uint64_t run_vector_t __attribute__((vector_size(16), may_alias));

/* There is no comparison of 64 bits: both halves have to be the same. */
__attribute__((RUN_TARGET, always_inline)) static inline unsigned int
run_equal(run_vector_t a, run_vector_t b)
{
	__m128i half = _mm_cmpeq_epi32((__m128i)a, (__m128i)b);

	half = _mm_and_si128(half, _mm_shuffle_epi32(half, 0xb1));
	return (unsigned int)_mm_movemask_pd((__m128d)half);
}

__attribute__((RUN_TARGET, always_inline)) static inline void
run_store_lanes(uint64_t *p, run_vector_t v, unsigned int lanes)
{
	if (lanes & 1)
		__atomic_store_n(p, v[0], __ATOMIC_RELAXED);
	else
		__atomic_store_n(p + 1, v[1], __ATOMIC_RELAXED);
}

#include "run_template.h"
#endif
