/* SPDX-License-Identifier: MIT */
/*
 * A format in a column. Included by format_<fmt>.c, which defines
 *
 *	BENCH_FMT	the format
 *	BENCH_CFG	initializer of its configuration, but for the runtime
 *	BENCH_OA_SHIFT	an OA stands in an item shifted to the right by this much
 *	BENCH_OA_MASK	bits of the OA of a page or table in an item, where they stand
 *
 * The build defines BENCH_BUILD: vector, scalar or counted. In all but the first it
 * also gives the functions of the page table names of their own.
 */
#include "bench/clock.h"
#include "bench/format.h"

#define BENCH_PASTE_(a, b, c) a##b##c
#define BENCH_PASTE(a, b, c)  BENCH_PASTE_(a, b, c)
#define BENCH_STRING_(a)      #a
#define BENCH_STRING(a)       BENCH_STRING_(a)
#define BENCH_PT(op)          BENCH_PASTE(pt_iommu_, BENCH_FMT, _##op)
#define BENCH_SYMBOL \
	BENCH_PASTE(BENCH_PASTE(bench_, BENCH_BUILD, _), BENCH_FMT, )

#define bench_inline static inline __attribute__((always_inline))

/* ---- the table ---- */

static int bench_init(struct bench_table *table, const struct pt_runtime *rt)
{
	struct BENCH_PASTE(pt_iommu_, BENCH_FMT, _cfg) cfg = BENCH_CFG;

	cfg.common.runtime = rt;
	return BENCH_PT(init)(&table->BENCH_FMT, &cfg, GFP_KERNEL);
}

static void bench_deinit(struct bench_table *table)
{
	BENCH_PT(deinit)(&table->BENCH_FMT);
}

static struct bench_root bench_root(struct bench_table *table)
{
	const struct pt_common *common = &table->BENCH_FMT.pt.common;

	return (struct bench_root){
		.top = (const uint64_t *)(common->top_of_table &
					  ~PT_TOP_LEVEL_MASK),
		.pa_offset = common->pa_offset,
	};
}

/* ---- walks that look at nothing but where they go ---- */

bench_inline uint64_t bench_oa(uint64_t item)
{
	return (item & BENCH_OA_MASK) << BENCH_OA_SHIFT;
}

bench_inline const uint64_t *bench_item(const uint64_t *table, dma_addr_t va,
					unsigned int level)
{
	return table + (va >> BENCH_ITEM_LG2(level) & (BENCH_ITEMS - 1));
}

bench_inline const uint64_t *bench_down(struct bench_root root,
					const uint64_t *table, dma_addr_t va,
					unsigned int level)
{
	uint64_t item = table[va >> BENCH_ITEM_LG2(level) & (BENCH_ITEMS - 1)];

	return (const uint64_t *)(uintptr_t)(bench_oa(item) - root.pa_offset);
}

bench_inline uint64_t *bench_walk(struct bench_root root, dma_addr_t va,
				  unsigned int level, bool straight)
{
	const uint64_t *table = root.top;

	if (straight) {
		if (level < 3)
			table = bench_down(root, table, va, 3);
		if (level < 2)
			table = bench_down(root, table, va, 2);
		if (level < 1)
			table = bench_down(root, table, va, 1);
	} else {
#pragma GCC unroll 1
		for (unsigned int l = BENCH_TOP_LEVEL; l > level; l--)
			table = bench_down(root, table, va, l);
	}
	return (uint64_t *)table +
	       (va >> BENCH_ITEM_LG2(level) & (BENCH_ITEMS - 1));
}

static uint64_t *bench_slot(struct bench_root root, dma_addr_t va,
			    unsigned int level)
{
	return bench_walk(root, va, level, true);
}

/* Where a page of 4 KiB goes. */
bench_inline uint64_t bench_lookup(struct bench_root root, dma_addr_t va,
				   bool straight)
{
	return bench_oa(*bench_walk(root, va, 0, straight)) | (va & 4095);
}

/* ---- single pages ---- */

bench_inline void bench_store(uint64_t *item, uint64_t value)
{
	__atomic_store_n(item, value, __ATOMIC_RELAXED);
}

bench_inline void bench_put(struct bench_root root,
			    const struct bench_single *s, unsigned int i,
			    bool clear, unsigned int level, bool straight)
{
	uint64_t *slot = bench_walk(root, s->va[i], level, straight);
	uint64_t value = clear ? 0 : s->value[i];
	uint64_t step = clear ? 0 : s->step;

	bench_store(slot, value);
	for (unsigned int k = 1; k < s->items; k++)
		bench_store(slot + k, value + k * step);
	bench_fence();
}

bench_inline void bench_put_all(struct bench_root root,
				const struct bench_single *s, bool clear,
				unsigned int level, enum bench_walk_form form)
{
	unsigned int by = form == BENCH_WALK_BY_8   ? 8
			  : form == BENCH_WALK_BY_4 ? 4
						    : 1;

	for (unsigned int i = 0; i + by <= s->nr; i += by)
#pragma GCC unroll 8
		for (unsigned int k = 0; k < by; k++)
			bench_put(root, s, i + k, clear, level,
				  form != BENCH_WALK_LOOP);
}

/* The level is known where the loop is compiled. */
bench_inline void bench_put_level(struct bench_root root,
				  const struct bench_single *s, bool clear,
				  enum bench_walk_form form)
{
	if (s->level == 0)
		bench_put_all(root, s, clear, 0, form);
	else if (s->level == 1)
		bench_put_all(root, s, clear, 1, form);
	else
		bench_put_all(root, s, clear, 2, form);
}

#define BENCH_EACH_FORM(call)              \
	switch (form) {                    \
	case BENCH_WALK_LOOP:              \
		call(BENCH_WALK_LOOP);     \
		break;                     \
	case BENCH_WALK_STRAIGHT:          \
		call(BENCH_WALK_STRAIGHT); \
		break;                     \
	case BENCH_WALK_BY_4:              \
		call(BENCH_WALK_BY_4);     \
		break;                     \
	default:                           \
		call(BENCH_WALK_BY_8);     \
		break;                     \
	}

static void bench_map_single(struct bench_root root,
			     const struct bench_single *s,
			     enum bench_walk_form form)
{
#define BENCH_CALL(form) bench_put_level(root, s, false, form)
	BENCH_EACH_FORM(BENCH_CALL)
#undef BENCH_CALL
}

static void bench_unmap_single(struct bench_root root,
			       const struct bench_single *s,
			       enum bench_walk_form form){
#define BENCH_CALL(form) bench_put_level(root, s, true, form)
	BENCH_EACH_FORM(BENCH_CALL)
#undef BENCH_CALL
}

/* ---- whole tables ---- */

bench_inline uint64_t *bench_child(struct bench_root root, const uint64_t *slot)
{
	return (uint64_t *)(uintptr_t)(bench_oa(*slot) - root.pa_offset);
}

/* The list goes through the tables themselves. */
bench_inline uint64_t *bench_take(struct bench_root root, uint64_t *slot,
				  uint64_t *list)
{
	uint64_t *table = bench_child(root, slot);

	bench_store(slot, 0);
	bench_store(table, (uint64_t)(uintptr_t)list);
	return table;
}

/*
 * The first items of all tables fall into the same few sets of a cache. More stores to
 * them at once than a set has ways slow each other down on some processors, so some
 * forms wait after each, or after a few.
 */
bench_inline uint64_t *bench_unlink_all(struct bench_root root, uint64_t *slot,
					size_t n, enum bench_walk_form form)
{
	unsigned int by = form == BENCH_WALK_BY_8       ? 8
			  : form == BENCH_WALK_BY_4     ? 4
			  : form == BENCH_WALK_STRAIGHT ? 1
							: 0;
	uint64_t *list = NULL;

	for (size_t i = 0; i < n; i++) {
		list = bench_take(root, slot + i, list);
		if (by && i % by == by - 1)
			bench_fence();
	}
	return list;
}

bench_inline uint64_t *bench_unlink_form(struct bench_root root, dma_addr_t va,
					 size_t n, bool each,
					 enum bench_walk_form form)
{
	unsigned int by = form == BENCH_WALK_BY_8   ? 8
			  : form == BENCH_WALK_BY_4 ? 4
						    : 1;
	bool straight = form != BENCH_WALK_LOOP;
	uint64_t *list = NULL;

	if (!each)
		return bench_unlink_all(root, bench_walk(root, va, 1, straight),
					n, form);
	for (size_t i = 0; i + by <= n; i += by)
#pragma GCC unroll 8
		for (unsigned int k = 0; k < by; k++) {
			list = bench_take(root,
					  bench_walk(root, va + ((i + k) << 21),
						     1, straight),
					  list);
			bench_fence();
		}
	return list;
}

static uint64_t *bench_unlink(struct bench_root root, dma_addr_t va, size_t n,
			      bool each, enum bench_walk_form form)
{
	uint64_t *list = NULL;

#define BENCH_CALL(form) list = bench_unlink_form(root, va, n, each, form)
	BENCH_EACH_FORM(BENCH_CALL)
#undef BENCH_CALL
	return list;
}

/* ---- lookups ---- */

bench_inline dma_addr_t bench_chain_form(struct bench_root root, dma_addr_t va,
					 phys_addr_t base, size_t n,
					 enum bench_walk_form form)
{
	unsigned int by = form == BENCH_WALK_BY_8   ? 8
			  : form == BENCH_WALK_BY_4 ? 4
						    : 1;

	for (size_t i = 0; i + by <= n; i += by)
#pragma GCC unroll 8
		for (unsigned int k = 0; k < by; k++)
			va = (dma_addr_t)(bench_lookup(root, va,
						       form != BENCH_WALK_LOOP) -
					  base);
	return va;
}

static dma_addr_t bench_chain(struct bench_root root, dma_addr_t va,
			      phys_addr_t base, size_t n,
			      enum bench_walk_form form)
{
#define BENCH_CALL(form) va = bench_chain_form(root, va, base, n, form)
	BENCH_EACH_FORM(BENCH_CALL)
#undef BENCH_CALL
	return va;
}

/* @by walks at once, level by level. */
bench_inline void bench_lookup_some(struct bench_root root,
				    const dma_addr_t *va, phys_addr_t *oa,
				    unsigned int by)
{
	const uint64_t *table[64];

#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++)
		table[k] = bench_down(root, root.top, va[k], 3);
#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++)
		table[k] = bench_down(root, table[k], va[k], 2);
#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++)
		table[k] = bench_down(root, table[k], va[k], 1);
#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++)
		oa[k] = bench_oa(table[k][va[k] >> 12 & (BENCH_ITEMS - 1)]) |
			(va[k] & 4095);
}

bench_inline uint64_t bench_lookups_form(struct bench_root root, dma_addr_t va,
					 uint64_t from, unsigned int bits,
					 size_t n, enum bench_walk_form form)
{
	unsigned int by = form == BENCH_WALK_BY_8   ? 8
			  : form == BENCH_WALK_BY_4 ? 4
						    : 1;
	uint64_t sum = 0;
	size_t i = 0;

	for (; by > 1 && i + by <= n; i += by) {
		dma_addr_t at[8];
		phys_addr_t oa[8];

#pragma GCC unroll 8
		for (unsigned int k = 0; k < by; k++)
			at[k] = va + bench_scatter(from + i + k, bits);
		bench_lookup_some(root, at, oa, by);
#pragma GCC unroll 8
		for (unsigned int k = 0; k < by; k++)
			sum += oa[k];
	}
	for (; i < n; i++)
		sum += bench_lookup(root, va + bench_scatter(from + i, bits),
				    form != BENCH_WALK_LOOP);
	return sum;
}

static uint64_t bench_lookups(struct bench_root root, dma_addr_t va,
			      uint64_t from, unsigned int bits, size_t n,
			      enum bench_walk_form form)
{
	uint64_t sum = 0;

#define BENCH_CALL(form) sum = bench_lookups_form(root, va, from, bits, n, form)
	BENCH_EACH_FORM(BENCH_CALL)
#undef BENCH_CALL
	return sum;
}

/* The same; the items of level 0 are on their way before any is looked at. */
bench_inline void bench_lookup_ahead(struct bench_root root,
				     const dma_addr_t *va, phys_addr_t *oa,
				     unsigned int by)
{
	const uint64_t *at[64];

#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++)
		at[k] = bench_down(root, root.top, va[k], 3);
#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++)
		at[k] = bench_down(root, at[k], va[k], 2);
#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++) {
		const uint64_t *table = bench_down(root, at[k], va[k], 1);

		at[k] = bench_item(table, va[k], 0);
		__builtin_prefetch(at[k]);
	}
#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++)
		oa[k] = bench_oa(*at[k]) | (va[k] & 4095);
}

/* @by at once, in registers; where they lead to is kept where the OAs will be. */
bench_inline void bench_lookup_near(struct bench_root root,
				    const dma_addr_t *va, phys_addr_t *oa,
				    unsigned int by)
{
	const uint64_t *table[8];

#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++)
		table[k] = bench_down(root, root.top, va[k], 3);
#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++)
		table[k] = bench_down(root, table[k], va[k], 2);
#pragma GCC unroll 8
	for (unsigned int k = 0; k < by; k++) {
		const uint64_t *item = bench_item(
			bench_down(root, table[k], va[k], 1), va[k], 0);

		__builtin_prefetch(item);
		oa[k] = (uintptr_t)item;
	}
}

/* At most 256. */
bench_inline void bench_lookup_far(struct bench_root root, const dma_addr_t *va,
				   phys_addr_t *oa, size_t n, unsigned int by)
{
	for (size_t i = 0; i < n; i += by)
		bench_lookup_near(root, va + i, oa + i, by);
#pragma GCC unroll 8
	for (size_t i = 0; i < n; i++)
		oa[i] = bench_oa(*(const uint64_t *)(uintptr_t)oa[i]) |
			(va[i] & 4095);
}

#define BENCH_PIPE 64 /* more than three times the longest distance */

/* Each step does one level of four walks, @apart from each other. */
bench_inline void bench_pipe(struct bench_root root, const dma_addr_t *va,
			     phys_addr_t *oa, size_t n, size_t apart)
{
	const uint64_t *at[BENCH_PIPE];

	for (size_t i = 0; i < n + 3 * apart; i++) {
		size_t k = i;

		if (k < n)
			at[k % BENCH_PIPE] = bench_item(
				bench_down(root, root.top, va[k], 3), va[k], 2);
		k = i - apart;
		if (k < n) {
			const uint64_t *item = at[k % BENCH_PIPE];

			item = bench_item(bench_child(root, item), va[k], 1);
			__builtin_prefetch(item);
			at[k % BENCH_PIPE] = item;
		}
		k -= apart;
		if (k < n) {
			const uint64_t *item = at[k % BENCH_PIPE];

			item = bench_item(bench_child(root, item), va[k], 0);
			__builtin_prefetch(item);
			at[k % BENCH_PIPE] = item;
		}
		k -= apart;
		if (k < n)
			oa[k] = bench_oa(*at[k % BENCH_PIPE]) | (va[k] & 4095);
	}
}

bench_inline void bench_batch_form(struct bench_root root, const dma_addr_t *va,
				   phys_addr_t *oa, size_t n,
				   enum bench_walk_form form)
{
	size_t i = 0;

	if (form >= BENCH_WALK_PIPE_4 && form <= BENCH_WALK_PIPE_16) {
		bench_pipe(root, va, oa, n,
			   (size_t)4 << (form - BENCH_WALK_PIPE_4));
		return;
	}
	if (form == BENCH_WALK_SOME_4)
		for (; i + 256 <= n; i += 256)
			bench_lookup_far(root, va + i, oa + i, 256, 4);
	if (form == BENCH_WALK_SOME_8)
		for (; i + 256 <= n; i += 256)
			bench_lookup_far(root, va + i, oa + i, 256, 8);
	if (form == BENCH_WALK_AHEAD_64)
		for (; i + 64 <= n; i += 64)
			bench_lookup_ahead(root, va + i, oa + i, 64);
	if (form == BENCH_WALK_AHEAD_32)
		for (; i + 32 <= n; i += 32)
			bench_lookup_ahead(root, va + i, oa + i, 32);
	if (form == BENCH_WALK_BY_64)
		for (; i + 64 <= n; i += 64)
			bench_lookup_some(root, va + i, oa + i, 64);
	if (form == BENCH_WALK_BY_32)
		for (; i + 32 <= n; i += 32)
			bench_lookup_some(root, va + i, oa + i, 32);
	if (form == BENCH_WALK_BY_16)
		for (; i + 16 <= n; i += 16)
			bench_lookup_some(root, va + i, oa + i, 16);
	if (form == BENCH_WALK_BY_8)
		for (; i + 8 <= n; i += 8)
			bench_lookup_some(root, va + i, oa + i, 8);
	if (form == BENCH_WALK_BY_4)
		for (; i + 4 <= n; i += 4)
			bench_lookup_some(root, va + i, oa + i, 4);
	for (; i < n; i++)
		oa[i] = bench_lookup(root, va[i], form != BENCH_WALK_LOOP);
}

static void bench_batch(struct bench_root root, const dma_addr_t *va,
			phys_addr_t *oa, size_t n, enum bench_walk_form form)
{
#define BENCH_CALL(form) bench_batch_form(root, va, oa, n, form)
	if (form == BENCH_WALK_BY_16)
		BENCH_CALL(BENCH_WALK_BY_16);
	else if (form == BENCH_WALK_BY_32)
		BENCH_CALL(BENCH_WALK_BY_32);
	else if (form == BENCH_WALK_AHEAD_32)
		BENCH_CALL(BENCH_WALK_AHEAD_32);
	else if (form == BENCH_WALK_AHEAD_64)
		BENCH_CALL(BENCH_WALK_AHEAD_64);
	else if (form == BENCH_WALK_PIPE_4)
		BENCH_CALL(BENCH_WALK_PIPE_4);
	else if (form == BENCH_WALK_PIPE_8)
		BENCH_CALL(BENCH_WALK_PIPE_8);
	else if (form == BENCH_WALK_PIPE_16)
		BENCH_CALL(BENCH_WALK_PIPE_16);
	else if (form == BENCH_WALK_SOME_4)
		BENCH_CALL(BENCH_WALK_SOME_4);
	else if (form == BENCH_WALK_SOME_8)
		BENCH_CALL(BENCH_WALK_SOME_8);
	else if (form == BENCH_WALK_BY_64)
		BENCH_CALL(BENCH_WALK_BY_64);
	else
		BENCH_EACH_FORM(BENCH_CALL)
#undef BENCH_CALL
}

/* ---- the whole ---- */

/* Once more, for the format's name to be put in. */
#define BENCH_DOMAIN_OPS(fmt) IOMMU_PT_DOMAIN_OPS(fmt)
#define BENCH_DIRTY_OPS(fmt)  IOMMU_PT_DIRTY_OPS(fmt)

static const struct iommu_domain_ops bench_ops = {
	BENCH_DOMAIN_OPS(BENCH_FMT),
};

static const struct iommu_dirty_ops bench_dirty_ops = {
	BENCH_DIRTY_OPS(BENCH_FMT),
};

extern const struct bench_format BENCH_SYMBOL;
const struct bench_format BENCH_SYMBOL = {
	.name = BENCH_STRING(BENCH_FMT),
	.ops = &bench_ops,
	.dirty_ops = &bench_dirty_ops,
	.init = bench_init,
	.deinit = bench_deinit,
	.root = bench_root,
	.slot = bench_slot,
	.oa_shift = BENCH_OA_SHIFT,
	.oa_mask = BENCH_OA_MASK,
	.map_single = bench_map_single,
	.unmap_single = bench_unmap_single,
	.unlink = bench_unlink,
	.chain = bench_chain,
	.lookups = bench_lookups,
	.batch = bench_batch,
};
