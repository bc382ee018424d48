/* SPDX-License-Identifier: MIT */
/**
 * DOC: Arithmetic with powers of two
 *
 * Page tables are arithmetic with powers of two, on words as wide as the
 * address itself. Shifting by the width of the word is undefined in C; these
 * helpers give it its mathematical meaning, so that a table that spans the
 * whole word needs no special case. They are made for each word: va_ (input
 * addresses), oa_ (output addresses), and by the tests for small words that can
 * be tried exhaustively.
 */
#ifndef PT_LOG2_H
#define PT_LOG2_H

#include <uiommu/iommu_types.h>

#define pt_inline static inline __attribute__((always_inline))

/* @cond is true nearly always: the code for that stands first. */
#define pt_likely(cond) __builtin_expect(!!(cond), 1)

/*
 * Count zeros of a 64-bit word that is not 0. Where words are narrower, compilers
 * call a library for that.
 */
pt_inline unsigned int pt_clz64(uint64_t v)
{
#if __SIZEOF_LONG__ >= 8
	return (unsigned int)__builtin_clzl(v);
#else
	uint32_t high = (uint32_t)(v >> 32);

	return (unsigned int)(high ? __builtin_clz(high)
				   : 32 + __builtin_clz((uint32_t)v));
#endif
}

pt_inline unsigned int pt_ctz64(uint64_t v)
{
#if __SIZEOF_LONG__ >= 8
	return (unsigned int)__builtin_ctzl(v);
#else
	uint32_t low = (uint32_t)v;

	return (unsigned int)(low ? __builtin_ctz(low)
				  : 32 + __builtin_ctz((uint32_t)(v >> 32)));
#endif
}

/**
 * PT_LOG2_HELPERS() - define the helpers of the unsigned word @type
 *
 * With W its width:
 *
 * p_lg2_mask(n): 2^n - 1, n in 0..W
 * p_lg2_mod(v, n): v modulo 2^n, n in 0..W
 * p_lg2_div(v, n): v / 2^n, n in 0..W
 * p_lg2_mul(v, n): v * 2^n modulo 2^W, n in 0..W
 * p_lg2_fill(v, n): v with its low n bits set: the last address of the naturally
 *	aligned block of 2^n bytes around v, n in 0..W
 * p_lg2_floor(v): largest n with 2^n <= v, v not 0
 * p_lg2_align(v): largest n such that 2^n divides v; W for v = 0
 */
#define PT_LOG2_HELPERS(p, type)                            \
	enum {                                              \
		p##_width = sizeof(type) * 8                \
	};                                                  \
                                                            \
	pt_inline type p##_lg2_mask(unsigned int n)         \
	{                                                   \
		if (n >= p##_width)                         \
			return (type) ~(type)0;             \
		return (type)(((type)1 << n) - 1);          \
	}                                                   \
                                                            \
	pt_inline type p##_lg2_mod(type v, unsigned int n)  \
	{                                                   \
		return (type)(v & p##_lg2_mask(n));         \
	}                                                   \
                                                            \
	pt_inline type p##_lg2_div(type v, unsigned int n)  \
	{                                                   \
		return (type)(n >= p##_width ? 0 : v >> n); \
	}                                                   \
                                                            \
	pt_inline type p##_lg2_mul(type v, unsigned int n)  \
	{                                                   \
		return (type)(n >= p##_width ? 0 : v << n); \
	}                                                   \
                                                            \
	pt_inline type p##_lg2_fill(type v, unsigned int n) \
	{                                                   \
		return (type)(v | p##_lg2_mask(n));         \
	}                                                   \
                                                            \
	pt_inline unsigned int p##_lg2_floor(type v)        \
	{                                                   \
		return 63U - pt_clz64(v);                   \
	}                                                   \
                                                            \
	pt_inline unsigned int p##_lg2_align(type v)        \
	{                                                   \
		if (!v)                                     \
			return p##_width;                   \
		return pt_ctz64(v);                         \
	}                                                   \
                                                            \
	_Static_assert(sizeof(type) <= 8, "the word is at most 64 bits wide")

PT_LOG2_HELPERS(va, dma_addr_t);
PT_LOG2_HELPERS(oa, uint64_t);

/** pt_mask() - a 64-bit word with the bits @hi to @lo set. */
#define PT_MASK(hi, lo) ((~0ULL >> (63 - (hi))) & (~0ULL << (lo)))

#endif
