/* SPDX-License-Identifier: MIT */
/**
 * DOC: Laws about flushing: what is gathered, and walkers that see no caches
 *
 * The runtime of law_incoherent has a second copy of all table memory, the *shadow*,
 * which changes only where it is told to flush, and is full of rubbish where a table
 * is new. The decoder reads the shadow: after each operation it finds there what is
 * to be found, and at each flush in the middle of an operation what was mapped before
 * and stays.
 */
#ifndef TESTS_PT_LAW_FLUSH_H
#define TESTS_PT_LAW_FLUSH_H

#include "laws.h"

#include <sys/mman.h>

/* The same table with other features. */
static void law_with(struct law *law, unsigned int features)
{
	PT_FN(deinit)(&law->table);
	law->cfg.common.features |= features;
	law_init(law);
}

static bool law_supports(unsigned int feature)
{
	return PT_SUPPORTED_FEATURES & BIT(feature);
}

/* ---- What is gathered --------------------------------------------- */

/* Two pages with a gap between them, unmapped into one gather. */
static unsigned int law_gap(struct law *law, struct iommu_iotlb_gather *gather)
{
	dma_addr_t page = law_page(law);

	assert_int_equal(law_map(law, page, 0, page), 0);
	assert_int_equal(law_map(law, 5 * page, 0, page), 0);
	iommu_iotlb_gather_init(gather);
	law->syncs = 0;
	assert_int_equal(PT_FN(unmap_range)(law_domain(law),
					    law_base(law) + page, page, gather),
			 page);
	assert_int_equal(law->syncs, 0);
	assert_int_equal(PT_FN(unmap_range)(law_domain(law),
					    law_base(law) + 5 * page, page,
					    gather),
			 page);
	law_rebase(law, gather);
	assert_int_equal(gather->last, 6 * page - 1);
	return law->syncs;
}

static void law_gather_gaps(void **state)
{
	struct law *law = *state;
	struct iommu_iotlb_gather gather;
	dma_addr_t page = law_page(law);

	if (!law_supports(PT_FEAT_FLUSH_RANGE_NO_GAPS))
		return;
	assert_int_equal(law_gap(law, &gather), 0);
	assert_int_equal(gather.start, page);
	law_with(law, BIT(PT_FEAT_FLUSH_RANGE_NO_GAPS));
	assert_int_equal(law_gap(law, &gather), 1);
	assert_int_equal(law->last_sync.start, page);
	assert_int_equal(law->last_sync.last, 2 * page - 1);
	assert_int_equal(gather.start, 5 * page);
	/* Neighbours are one range. */
	assert_int_equal(law_map(law, 0, page, 8 * page), 0);
	law->syncs = 0;
	assert_int_equal(law_unmap(law, 0, 8 * page), 8 * page);
	assert_int_equal(law->syncs, 0);
}

static void law_gather_sizes(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t page = law_page(law);
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));
	unsigned int i;

	if (!law_supports(PT_FEAT_DETAILED_GATHER) || !law_max_level(law) ||
	    2 * span - 1 > law_last(law))
		return;
	for (i = 0; i < 2; i++) {
		struct ref_map ref = { .nr = 0 };
		uint64_t sizes = 0;

		/* Pages of several sizes, and a table that goes with them */
		assert_int_equal(law_map(law, span, 3 * page, span), 0);
		ref_map_range(&ref, law_domain(law)->pgsize_bitmap, span,
			      3 * page, span, LAW_RW);
		while (ref.nr)
			sizes |= 1ULL << ref.entry[--ref.nr].size_lg2;
		ref_release(&ref);
		assert_int_equal(law_unmap(law, span, span), span);
		assert_int_equal(law->last_sync.sizes, i ? sizes : 0);
		assert_int_equal(law->last_sync.tables, BIT(1));
		assert_int_equal(law_map(law, span, 3 * page, page), 0);
		assert_int_equal(law_unmap(law, span, page), page);
		assert_int_equal(law->last_sync.sizes, i ? page : 0);
		assert_int_equal(law->last_sync.tables, 0);
		law_with(law, BIT(PT_FEAT_DETAILED_GATHER));
	}
}

/* ---- Walkers that see no caches ----------------------------------- */

/**
 * struct law_shadow - memory as such a walker sees it
 * @runtime: fills it
 * @law: the table
 * @size: of the arena
 */
struct law_shadow {
	struct pt_runtime runtime;
	struct law *law;
	size_t size;
};

static char *law_shadow_of(const struct law_shadow *shadow, const void *ptr)
{
	uint64_t pa = port_arena_pa(shadow->law->arena, ptr);

	return shadow->law->shadow + (pa - LAW_BASE_PA);
}

static void *law_shadow_alloc(const struct pt_runtime *rt,
			      unsigned int size_lg2, gfp_t gfp)
{
	const struct law_shadow *shadow = rt->arg;
	const struct pt_runtime *arena = port_arena_runtime(shadow->law->arena);
	void *table = arena->alloc(arena, size_lg2, gfp);

	if (table)
		memset(law_shadow_of(shadow, table), 0xa7,
		       (size_t)1 << size_lg2);
	return table;
}

static void law_shadow_free(const struct pt_runtime *rt, void *table,
			    unsigned int size_lg2)
{
	const struct law_shadow *shadow = rt->arg;
	const struct pt_runtime *arena = port_arena_runtime(shadow->law->arena);

	memset(law_shadow_of(shadow, table), 0xa7, (size_t)1 << size_lg2);
	arena->free(arena, table, size_lg2);
}

static void law_shadow_flush(const struct pt_runtime *rt, const void *start,
			     size_t len)
{
	const struct law_shadow *shadow = rt->arg;

	memcpy(law_shadow_of(shadow, start), start, len);
	law_watched(shadow->law);
}

static void law_incoherent(void **state)
{
	static struct law_shadow shadow; /* outlives a test that fails */
	struct law *law = *state;
	struct pt_iommu_cfg *cfg = &law->cfg.common;

	if (!law_supports(PT_FEAT_DMA_INCOHERENT) || !law_decodable())
		return;
	shadow = (struct law_shadow){
		.runtime = *port_arena_runtime(law->arena),
		.law = law,
		.size = sizeof(size_t) == 8 ? 1UL << 30 : 1UL << 26,
	};
	cfg->features |= (unsigned int)BIT(PT_FEAT_DMA_INCOHERENT);
	assert_int_equal(law_init_with(law, &law->cfg, &law_driver_ops),
			 -EINVAL);
	law->shadow = mmap(NULL, shadow.size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(law->shadow != MAP_FAILED);
	shadow.runtime.alloc = law_shadow_alloc;
	shadow.runtime.alloc_filled = NULL;
	shadow.runtime.alloc_many = NULL;
	shadow.runtime.free = law_shadow_free;
	shadow.runtime.free_zero = NULL;
	shadow.runtime.flush = law_shadow_flush;
	shadow.runtime.arg = &shadow;
	cfg->runtime = &shadow.runtime;
	law_with(law, 0);
#ifdef pt_item_is_dirty
	assert_int_equal(law_set_dirty(law, 0), -EOPNOTSUPP);
#endif
	law_random_steps(law, LAW_MIN_STEPS);
	PT_FN(deinit)(&law->table);
	munmap(law->shadow, shadow.size);
	law->shadow = NULL;
}

#endif
