/* SPDX-License-Identifier: MIT */
/**
 * DOC: What runs with AVX2 and AVX-512 have in common
 */
#ifndef PORT_RUN_AVX_H
#define PORT_RUN_AVX_H

#include <immintrin.h>
#include <stdint.h>

/*
 * Two items. In assembler, because compilers may read a second time what they have read
 * before, and another item may be there then.
 */
__attribute__((target("avx2"), always_inline)) static inline __m256i
port_gather_two(const uint64_t *const *at)
{
	__m128d two;

	__asm__("vmovsd %1, %0" : "=x"(two) : "m"(*at[0]));
	__asm__("vmovhpd %1, %0, %0" : "+x"(two) : "m"(*at[1]));
	return _mm256_castsi128_si256(_mm_castpd_si128(two));
}

/** port_gather_avx() - the items at four addresses */
__attribute__((target("avx2"), always_inline)) static inline __m256i
port_gather_avx(const uint64_t *const *at)
{
	__m128i high = _mm256_castsi256_si128(port_gather_two(at + 2));

	return _mm256_inserti128_si256(port_gather_two(at), high, 1);
}

/** port_gather_avx512() - at eight; the processor's own gather takes twice as long */
__attribute__((target("avx512f"), always_inline)) static inline __m512i
port_gather_avx512(const uint64_t *const *at)
{
	__m512i low = _mm512_castsi256_si512(port_gather_avx(at));

	return _mm512_inserti64x4(low, port_gather_avx(at + 4), 1);
}

#endif
