/* SPDX-License-Identifier: MIT */
/*
 * Runs with AVX-512: the foundation, and products of 64 bits.
 */
#include "run.h"

#ifdef __x86_64__
#include "run_avx.h"

#define RUN_NAME   port_run_avx512
#define RUN_TARGET target("avx512f,avx512dq")
#define RUN_LANES  8U

typedef uint64_t run_vector_t __attribute__((vector_size(64), may_alias));

__attribute__((RUN_TARGET, always_inline)) static inline unsigned int
run_equal(run_vector_t a, run_vector_t b)
{
	__mmask8 equal = _mm512_cmpeq_epi64_mask((__m512i)a, (__m512i)b);
	unsigned int lanes;

	/*
	 * gcc 12 may store the mask as one byte and load it as the word that it is
	 * made to be (at -O1, with sanitizers): so it sees no mask.
	 */
	__asm__("kmovw %1, %0" : "=r"(lanes) : "k"(equal));
	return lanes;
}

/*
 * Lanes that are masked out are not written: SDM volume 1, "Opmask Register
 * Encoding and Memory Faults". Compilers turn conditional stores of threads into
 * this, and so rely on it, too.
 */
__attribute__((RUN_TARGET, always_inline)) static inline void
run_store_lanes(uint64_t *p, run_vector_t v, unsigned int lanes)
{
	_mm512_mask_store_epi64(p, (__mmask8)lanes, (__m512i)v);
}

#define RUN_PRODUCT(lane, step) ((lane)*run_splat(step))

/*
 * Who fills a whole table fills a new one, and many of those are in no cache near by.
 * There, stores of half a line are faster than those of a whole one: map of 16 GiB as 4K
 * takes 1.05 of its limit instead of 1.6 on an EPYC of family 26. In a cache it is the
 * other way round, by less.
 */
#define RUN_FILL_TABLE port_run_avx2.fill

__attribute__((RUN_TARGET, always_inline)) static inline run_vector_t
run_gather(const uint64_t *const *at)
{
	return (run_vector_t)port_gather_avx512(at);
}
#define RUN_LOOKUP

#include "run_template.h"
#endif
