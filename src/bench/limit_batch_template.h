/* SPDX-License-Identifier: MIT */
/*
 * Where many addresses go, with vectors. Included with
 *
 *	BATCH_NAME	what names begin with
 *	BATCH_LANES	items in a vector: 2, 4 or 8
 *	BATCH_TARGET	attribute of functions with such vectors
 *	BATCH_GATHER(at)	the items that the addresses at[0], at[1], ... point at
 */
#define BATCH_PASTE_(a, b) a##_##b
#define BATCH_PASTE(a, b)  BATCH_PASTE_(a, b)
#define BATCH_FN(name)     BATCH_PASTE(BATCH_NAME, name)
#define BATCH_INLINE       BATCH_TARGET __attribute__((always_inline)) static inline
#define lanes_t            BATCH_FN(lanes_t)

typedef uint64_t lanes_t
	__attribute__((vector_size(BATCH_LANES * 8), may_alias));
typedef uint64_t BATCH_FN(any_t)
	__attribute__((vector_size(BATCH_LANES * 8), may_alias, aligned(8)));

/* From the items that @at points at to those of @level. */
BATCH_INLINE void BATCH_FN(step)(const uint64_t **at, struct bench_root root,
				 uint64_t oa_mask, unsigned int oa_shift,
				 const dma_addr_t *va, size_t n,
				 unsigned int level)
{
#pragma GCC unroll 2
	for (size_t i = 0; i < n; i += BATCH_LANES) {
		lanes_t iova = *(const BATCH_FN(any_t) *)(va + i);
		lanes_t item = BATCH_GATHER(at + i);

		*(lanes_t *)(at + i) = ((item & oa_mask) << oa_shift) -
				       root.pa_offset +
				       (iova >> (BENCH_ITEM_LG2(level) - 3) &
					(BENCH_ITEMS - 1) * UINT64_C(8));
	}
}

/* @n of them, @by together. */
BATCH_INLINE void BATCH_FN(lookup)(struct bench_root root, uint64_t oa_mask,
				   unsigned int oa_shift, const dma_addr_t *va,
				   phys_addr_t *oa, size_t n, unsigned int by)
{
	const uint64_t *at[256] __attribute__((aligned(64)));

	for (; n; n -= by, va += by, oa += by) {
#pragma GCC unroll 2
		for (size_t i = 0; i < by; i += BATCH_LANES) {
			lanes_t iova = *(const BATCH_FN(any_t) *)(va + i);

			*(lanes_t *)(at + i) =
				(iova >> (BENCH_ITEM_LG2(BENCH_TOP_LEVEL) - 3) &
				 (BENCH_ITEMS - 1) * UINT64_C(8)) +
				(uintptr_t)root.top;
		}
		for (unsigned int level = BENCH_TOP_LEVEL; level--;)
			BATCH_FN(step)
		(at, root, oa_mask, oa_shift, va, by, level);
#pragma GCC unroll 2
		for (size_t i = 0; i < by; i += BATCH_LANES) {
			lanes_t iova = *(const BATCH_FN(any_t) *)(va + i);
			lanes_t item = BATCH_GATHER(at + i);

			*(BATCH_FN(any_t) *)(oa + i) =
				((item & oa_mask) << oa_shift) | (iova & 4095);
		}
	}
}

#define BATCH_OF(by)                                                    \
	BATCH_TARGET static void BATCH_FN(                              \
		by)(struct bench_root root, uint64_t oa_mask,           \
		    unsigned int oa_shift, const dma_addr_t *va,        \
		    phys_addr_t *oa, size_t n)                          \
	{                                                               \
		if (oa_shift)                                           \
			BATCH_FN(lookup)                                \
		(root, oa_mask, oa_shift, va, oa, n, by);               \
		else BATCH_FN(lookup)(root, oa_mask, 0, va, oa, n, by); \
	}
BATCH_OF(64)
BATCH_OF(256)

#undef BATCH_NAME
#undef BATCH_LANES
#undef BATCH_TARGET
#undef BATCH_GATHER
#undef BATCH_PASTE_
#undef BATCH_PASTE
#undef BATCH_FN
#undef BATCH_INLINE
#undef BATCH_OF
#undef lanes_t
