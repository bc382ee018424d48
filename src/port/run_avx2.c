/* SPDX-License-Identifier: MIT */
/*
 * Runs with AVX2.
 */
#include "run.h"

#ifdef __x86_64__
#include "run_avx.h"

#define RUN_NAME   port_run_avx2
#define RUN_TARGET target("avx2")
#define RUN_LANES  4U

typedef uint64_t run_vector_t __attribute__((vector_size(32), may_alias));

__attribute__((RUN_TARGET, always_inline)) static inline unsigned int
run_equal(run_vector_t a, run_vector_t b)
{
	__m256i same = _mm256_cmpeq_epi64((__m256i)a, (__m256i)b);

	return (unsigned int)_mm256_movemask_pd((__m256d)same);
}

/* One by one: the masked store is slow on some processors. */
__attribute__((RUN_TARGET, always_inline)) static inline void
run_store_lanes(uint64_t *p, run_vector_t v, unsigned int lanes)
{
	if (lanes & 1)
		__atomic_store_n(p, v[0], __ATOMIC_RELAXED);
	if (lanes & 2)
		__atomic_store_n(p + 1, v[1], __ATOMIC_RELAXED);
	if (lanes & 4)
		__atomic_store_n(p + 2, v[2], __ATOMIC_RELAXED);
	if (lanes & 8)
		__atomic_store_n(p + 3, v[3], __ATOMIC_RELAXED);
}

__attribute__((RUN_TARGET, always_inline)) static inline run_vector_t
run_gather(const uint64_t *const *at)
{
	return (run_vector_t)port_gather_avx(at);
}
#define RUN_LOOKUP

#include "run_template.h"
#endif
