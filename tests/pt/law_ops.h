/* SPDX-License-Identifier: MIT */
/**
 * DOC: Laws about init, map and unmap
 */
#ifndef TESTS_PT_LAW_OPS_H
#define TESTS_PT_LAW_OPS_H

#include "laws.h"

/* ---- What a table says about itself ------------------------------- */

/* Every advertised size exists, fits, and the smallest page is among them. */
static void law_page_sizes(void **state)
{
	struct law *law = *state;
	struct pt_common *common = law_common(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	struct pt_state pts = { .common = common };
	struct pt_iommu_info info;
	uint64_t possible = 0;

	for (; pts.level <= law_max_level(law); pts.level++)
		possible |= pt_possible_sizes(&pts);
	assert_int_equal(sizes & ~possible, 0);
	assert_int_equal(sizes & ~oa_lg2_mask(common->max_vasz_lg2), 0);
	assert_int_equal(sizes & ~oa_lg2_mask(common->max_oasz_lg2), 0);
	assert_int_equal(oa_lg2_align(sizes), PT_GRANULE_LG2SZ);

	PT_FN(get_info)(&law->table, &info);
	assert_int_equal(info.pgsize_bitmap, sizes);
	assert_int_equal(info.vasz_lg2, common->max_vasz_lg2);
	assert_int_equal(info.oasz_lg2, common->max_oasz_lg2);
	assert_int_equal(info.features,
			 law->cfg.common.features | PT_FORCED_FEATURES);
	assert_int_equal(info.top_level, pt_top_read(common).level);
	assert_int_equal(info.top_pa,
			 port_arena_pa(law->arena, pt_top_read(common).table));
}

/* The aperture is inclusive; what lies behind it is refused. */
static void law_geometry(void **state)
{
	struct law *law = *state;
	struct pt_common *common = law_common(law);
	struct iommu_domain *domain = law_domain(law);
	unsigned int width = common->max_vasz_lg2;

	if (pt_feature(common, PT_FEAT_SIGN_EXTEND))
		width--;
	assert_int_equal(domain->type, IOMMU_DOMAIN_PAGING);
	assert_ptr_equal(domain->ops, &law_domain_ops);
	assert_ptr_equal(law->table.iommu.driver_ops, &law_driver_ops);
	if (pt_feature(common, PT_FEAT_UPPER_RANGE)) {
		assert_int_equal(domain->geometry.aperture_start,
				 ~va_lg2_mask(width));
		assert_int_equal(domain->geometry.aperture_end, ~0ULL);
	} else {
		assert_int_equal(domain->geometry.aperture_start, 0);
		assert_int_equal(domain->geometry.aperture_end,
				 va_lg2_mask(width));
	}
	assert_true(domain->geometry.force_aperture);
	assert_true(width <= law->cfg.common.hw_max_vasz_lg2);
	if (width == va_width)
		return;
	assert_int_equal(law_map(law, law_last(law) + 1, 0, law_page(law)),
			 -ERANGE);
	assert_int_equal(law_map(law, law_last(law) + 1 - law_page(law), 0,
				 2 * law_page(law)),
			 law_base(law) ? -EOVERFLOW : -ERANGE);
	assert_int_equal(law_unmap(law, law_last(law) + 1, law_page(law)), 0);
	assert_int_equal(law_phys(law, law_last(law) + 1), PHYS_ADDR_MAX);
	assert_int_equal(law_entries(law), 0);
}

/* No bytes are none, also where the last address is the last there can be. */
static void law_unmap_nothing(struct law *law)
{
	uint64_t sizes = law_domain(law)->pgsize_bitmap;

	for (; sizes; sizes &= sizes - 1) {
		uint64_t size = sizes & -sizes;

		if ((size_t)size != size)
			break;
		assert_int_equal(law_map(law, 0, 0, (dma_addr_t)size), 0);
		assert_int_equal(law_unmap(law, 0, 0), 0);
		assert_int_equal(law_entries(law), 1);
		assert_int_equal(law_unmap(law, 0, (dma_addr_t)size), size);
	}
}

/* What map does not take, with the right error and no trace. */
static void law_refuses(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	phys_addr_t oa_end = law_last_oa(law) + 1;
	uint64_t tables = port_arena_tables(law->arena);
	size_t mapped = 0;

	assert_int_equal(law_map(law, 0, 0, 0), -EINVAL);
	assert_int_equal(law_map(law, page / 2, 0, page), -EINVAL);
	assert_int_equal(law_map(law, 0, page / 2, page), -EINVAL);
	assert_int_equal(law_map(law, 0, 0, page + page / 2), -EINVAL);
	assert_int_equal(law_map(law, 0 - page, 0, 2 * page),
			 law_base(law) ? -ERANGE : -EOVERFLOW);
	assert_int_equal(law_map(law, 0, ~0ULL - page + 1, 2 * page),
			 -EOVERFLOW);
	assert_int_equal(law_map(law, 0, oa_end, page), -ERANGE);
	assert_int_equal(law_map(law, 0, oa_end - page, 2 * page), -ERANGE);
	assert_int_equal(PT_FN(map_range)(law_domain(law), law_base(law), 0,
					  page, 0, GFP_KERNEL, &mapped),
			 pt_iommu_set_prot(law_common(law),
					   &(struct pt_attrs){ 0 }, 0));
	if (mapped)
		assert_int_equal(law_unmap(law, 0, page), page);
	else
		assert_int_equal(port_arena_tables(law->arena), tables);

	law_unmap_nothing(law);
	assert_int_equal(law_unmap(law, 0, 0), 0);
	assert_int_equal(law_unmap(law, 0, page), 0);
	assert_int_equal(law_unmap(law, 0 - page, 2 * page), 0);
	assert_int_equal(law_phys(law, 0), PHYS_ADDR_MAX);
	assert_int_equal(law_entries(law), 0);
}

/* The same where tables are there already, and where only the last of them is not. */
static void law_refuses_warm(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t page = law_page(law);
	/* A single level may have more items than a word can address. */
	dma_addr_t next = pt_top_read(pts.common).level
				  ? va_lg2_mul(1, pt_table_span_lg2(&pts))
				  : 2 * page;
	phys_addr_t oa_end = law_last_oa(law) + 1;

	assert_int_equal(law_map(law, 0, 0, page), 0);
	assert_int_equal(law_map(law, page, oa_end, page), -ERANGE);
	assert_int_equal(law_map(law, page, oa_end - page, 2 * page), -ERANGE);
	assert_int_equal(law_map(law, page, ~0ULL - page + 1, 2 * page),
			 -EOVERFLOW);
	assert_int_equal(law_map(law, page, page / 2, page), -EINVAL);
	assert_int_equal(law_map(law, page, 0, page / 2), -EINVAL);
	assert_int_equal(law_map(law, next, oa_end, page), -ERANGE);
	assert_int_equal(law_map(law, next, oa_end - page, 2 * page), -ERANGE);
	assert_int_equal(law_entries(law), 1);
	assert_int_equal(law_unmap(law, 0, page), page);
}

static int law_init_with(struct law *law, const struct PT_IOMMU_CFG *cfg,
			 const struct pt_iommu_driver_ops *ops)
{
	struct PT_IOMMU_TABLE table = {
		.iommu.domain.ops = &law_domain_ops,
		.iommu.driver_ops = ops,
	};
	uint64_t tables = port_arena_tables(law->arena);
	int ret = PT_FN(init)(&table, cfg, GFP_KERNEL);

	assert_ptr_equal(table.iommu.domain.ops, &law_domain_ops);
	assert_ptr_equal(table.iommu.driver_ops, ops);
	PT_FN(deinit)(&table);
	assert_int_equal(port_arena_tables(law->arena), tables);
	return ret;
}

/* Each thing that init refuses, and that deinit is fine afterwards. */
static void law_init_refuses(void **state)
{
	struct law *law = *state;
	struct PT_IOMMU_CFG cfg = law->cfg;
	unsigned int feature;

	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), 0);
	for (feature = 0; feature < 32; feature++) {
		bool compiled = (PT_SUPPORTED_FEATURES | PT_FORCED_FEATURES) &
				BIT(feature);

		if (compiled)
			continue;
		cfg.common.features = (unsigned int)BIT(feature);
		assert_int_equal(law_init_with(law, &cfg, &law_driver_ops),
				 -EOPNOTSUPP);
	}
	cfg = law->cfg;
	cfg.common.hw_max_vasz_lg2 = 0;
	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), -EINVAL);
	cfg.common.hw_max_vasz_lg2 = PT_MAX_VASZ_LG2 + 1;
	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), -EINVAL);
	cfg.common.hw_max_vasz_lg2 = PT_GRANULE_LG2SZ;
	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), -EINVAL);
	cfg = law->cfg;
	cfg.common.hw_max_oasz_lg2 = 0;
	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), -EINVAL);
	cfg.common.hw_max_oasz_lg2 = PT_MAX_OASZ_LG2 + 1;
	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), -EINVAL);
	cfg.common.hw_max_oasz_lg2 = PT_GRANULE_LG2SZ;
	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), -EINVAL);
	if (!pt_feature(law_common(law), PT_FEAT_DYNAMIC_TOP))
		return;
	cfg = law->cfg;
	assert_int_equal(law_init_with(law, &cfg, NULL), -EINVAL);
	assert_int_equal(law_init_with(law, &cfg,
				       &(struct pt_iommu_driver_ops){
					       .change_top = law_change_top }),
			 -EINVAL);
	assert_int_equal(
		law_init_with(law, &cfg,
			      &(struct pt_iommu_driver_ops){
				      .get_top_lock = law_get_top_lock }),
		-EINVAL);
}

/* Table memory that entries cannot point at is not used. */
static void law_runtime_refuses(void **state)
{
	struct law *law = *state;
	struct pt_runtime far = *law->cfg.common.runtime;
	struct PT_IOMMU_CFG cfg = law->cfg;

	cfg.common.runtime = &far;
	far.pa_offset += 1ULL << law_common(law)->max_oasz_lg2;
	assert_int_equal(law_init_with(law, &cfg, &law_driver_ops), -EOVERFLOW);

	/* It runs out below the top. */
	if (!law_max_level(law))
		return;
	law_common(law)->pa_offset = far.pa_offset;
	assert_int_equal(law_map(law, 0, 0, law_page(law)), -EOVERFLOW);
	assert_int_equal(law_entries(law), 0);
	law_common(law)->pa_offset = law->cfg.common.runtime->pa_offset;
}

/* deinit on a zeroed table, twice, with mappings of all kinds left, and again. */
static void law_lifetime(void **state)
{
	struct law *law = *state;
	struct PT_IOMMU_TABLE zero = { .iommu.driver_ops = NULL };
	int i;

	PT_FN(deinit)(&zero);
	for (i = 0; i < 3; i++) {
		assert_int_equal(law_map(law, 0, 0, law_page(law)), 0);
		assert_int_equal(law_map(law, law_last(law) + 1 - law_page(law),
					 law_page(law), law_page(law)),
				 0);
		assert_int_equal(law_map(law, law_last(law) / 2 + 1, 0,
					 law_page(law) * 1000),
				 0);
		PT_FN(deinit)(&law->table);
		assert_int_equal(port_arena_tables(law->arena), 0);
		PT_FN(deinit)(&law->table);
		law_init(law);
	}
	assert_int_equal(law_entries(law), 0);
	PT_FN(deinit)(&law->table);
	law->cfg.common.runtime = NULL;
	law_init(law);
	assert_ptr_equal(law_common(law)->runtime, port_default_runtime());
	assert_int_equal(law_map(law, 0, 0, law_page(law)), 0);
	assert_int_equal(law_phys(law, 0), 0);
}

/* ---- Map and unmap ------------------------------------------------ */

struct law_single {
	dma_addr_t va;
	phys_addr_t oa;
	unsigned int size_lg2;
	unsigned int seen;
};

static void law_check_single(void *arg, struct pt_state *pts, dma_addr_t va)
{
	struct law_single *want = arg;

	assert_int_equal(va, want->va);
	assert_int_equal(pt_entry_oa(pts), want->oa);
	assert_int_equal(pt_entry_lg2sz(pts), want->size_lg2);
	/* It is one of the sizes of its table: no run fills a whole one. */
	assert_true(pt_possible_sizes(pts) & 1ULL << want->size_lg2);
	want->seen++;
}

/* One page at @va is one entry; it goes as it came. */
static void law_one_page(struct law *law, dma_addr_t va, phys_addr_t oa,
			 unsigned int size_lg2)
{
	struct law_single want = { va, oa, size_lg2, 0 };
	dma_addr_t bytes = (dma_addr_t)1 << size_lg2;
	dma_addr_t last = va + (bytes - 1);

	assert_int_equal(law_map(law, va, oa, bytes), 0);
	law_visit(law, law_check_single, &want);
	assert_int_equal(want.seen, 1);
	assert_int_equal(law_phys(law, va), oa);
	assert_int_equal(law_phys(law, va + bytes / 2), oa + bytes / 2);
	assert_int_equal(law_phys(law, last), oa + (bytes - 1));
	if (va)
		assert_int_equal(law_phys(law, va - 1), PHYS_ADDR_MAX);
	assert_int_equal(law_phys(law, last + 1), PHYS_ADDR_MAX);
	assert_int_equal(law_map(law, va, oa, bytes), -EADDRINUSE);
	assert_int_equal(law_map(law, last + 1 - law_page(law), 0,
				 law_page(law)),
			 -EADDRINUSE);
	assert_int_equal(law_unmap(law, va, bytes), bytes);
	assert_int_equal(law_phys(law, va), PHYS_ADDR_MAX);
	assert_int_equal(law_entries(law), 0);
}

/* Every advertised size, at the first, the last and some middle place. */
static void law_every_size(void **state)
{
	struct law *law = *state;
	uint64_t sizes = law_domain(law)->pgsize_bitmap;

	for (; sizes; sizes &= sizes - 1) {
		unsigned int size_lg2 = oa_lg2_align(sizes);
		uint64_t below = oa_lg2_mask(size_lg2);
		dma_addr_t last = law_last(law) & ~(dma_addr_t)below;
		dma_addr_t mid = (law_last(law) / 3) & ~(dma_addr_t)below;
		unsigned int i;

		/* The first in a new table, whose top may have to grow for it */
		PT_FN(deinit)(&law->table);
		law_init(law);
		law_one_page(law, 0, law_last_oa(law) & ~below, size_lg2);
		law_one_page(law, last, 0, size_lg2);
		for (i = 0; i < 8; i++)
			law_one_page(law,
				     mid + ((dma_addr_t)i << size_lg2) < last
					     ? mid + ((dma_addr_t)i << size_lg2)
					     : mid,
				     law_oa(law, size_lg2, i), size_lg2);
	}
}

/* One of @sizes in bytes. */
static uint64_t law_any_size(struct test_rng *rng, uint64_t sizes)
{
	uint64_t size;

	do
		size = 1ULL << test_below(rng, 64);
	while (!(size & sizes));
	return size;
}

/* In a new table, so that it is known what the tables are. */
static void law_best_range(struct law *law, dma_addr_t va, phys_addr_t oa,
			   dma_addr_t len)
{
	struct ref_map ref = { 0 };
	size_t i;

	PT_FN(deinit)(&law->table);
	law_init(law);
	assert_int_equal(law_map(law, va, oa, len), 0);
	ref_map_range(&ref, law_domain(law)->pgsize_bitmap, va, oa, len,
		      LAW_RW);
	for (i = 0; i < ref.nr; i++)
		ref.entry[i].dirty = law_born_dirty(law, LAW_RW);
	law_compare(law, &ref);
	ref_release(&ref);
}

/*
 * The pages that map chooses are those that trying all sizes finds, wherever the
 * range begins and ends. VA and OA are the same below a random bit.
 */
static void law_best_size(void **state)
{
	struct law *law = *state;
	struct test_rng rng = { .state = test_seed() };
	int i;

	for (i = 0; i < 500; i++) {
		uint64_t unit =
			law_any_size(&rng, law_domain(law)->pgsize_bitmap);
		uint64_t same =
			oa_lg2_mask((unsigned int)test_below(&rng, oa_width));
		uint64_t most = 1ULL << test_below(&rng, 11);
		uint64_t len = unit * (1 + test_below(&rng, most));
		dma_addr_t va = test_random(&rng) & law_last(law);
		phys_addr_t oa = (test_random(&rng) & ~same) | (va & same);

		va &= ~(unit - 1);
		oa &= law_last_oa(law) & ~(unit - 1);
		if (len - 1 <= law_last(law) - va &&
		    len - 1 <= law_last_oa(law) - oa && (size_t)len == len)
			law_best_range(law, va, oa, (dma_addr_t)len);
	}
}

/* The very last page of the range, alone and as the end of a long range. */
static void law_last_byte(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	dma_addr_t va = law_last(law) + 1 - page;
	phys_addr_t oa = law_last_oa(law) + 1 - page;

	assert_int_equal(law_map(law, va, oa, page), 0);
	assert_int_equal(law_phys(law, law_last(law)), law_last_oa(law));
	assert_int_equal(law_unmap(law, va, page), page);
	va -= 1000 * page;
	oa -= 1000 * page;
	assert_int_equal(law_map(law, va, oa, 1001 * page), 0);
	assert_int_equal(law_phys(law, va), oa);
	assert_int_equal(law_phys(law, law_last(law)), law_last_oa(law));
	/* To the end and not around it */
	assert_int_equal(law_map(law, 0, 0, page), 0);
	assert_int_equal(law_unmap(law, va, 1001 * page), 1001 * page);
	assert_int_equal(law_phys(law, 0), 0);
	assert_int_equal(law_entries(law), 1);
}

/* Signed VAs have an upper range, which ends with the last address. */
static void law_upper_half(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	dma_addr_t first = ~law_last(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;

	if (!pt_feature(law_common(law), PT_FEAT_SIGN_EXTEND)) {
		if (law_last(law) != ~(dma_addr_t)0)
			assert_int_equal(law_map(law, 0 - page, 0, page),
					 -ERANGE);
		return;
	}
	for (; sizes; sizes &= sizes - 1) {
		unsigned int size_lg2 = oa_lg2_align(sizes);
		dma_addr_t last = ~(dma_addr_t)0 << size_lg2;

		law_one_page(law, first, 0, size_lg2);
		assert_int_equal(
			law_map(law, last, 0, (dma_addr_t)1 << size_lg2), 0);
		assert_int_equal(law_phys(law, ~(dma_addr_t)0),
				 oa_lg2_mask(size_lg2));
		assert_int_equal(law_phys(law, 0), PHYS_ADDR_MAX);
		assert_int_equal(law_unmap(law, last,
					   (dma_addr_t)1 << size_lg2),
				 (size_t)1 << size_lg2);
	}
	/* The same bits below the sign are another address. */
	assert_int_equal(law_map(law, first, page, page), 0);
	assert_int_equal(law_map(law, 0, 0, page), 0);
	assert_int_equal(law_phys(law, first), page);
	assert_int_equal(law_phys(law, 0), 0);
	assert_int_equal(law_unmap(law, first, page), page);
	assert_int_equal(law_phys(law, 0), 0);
}

/* No range goes through the hole between the halves. */
static void law_half_boundary(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	dma_addr_t first = ~law_last(law);

	if (!pt_feature(law_common(law), PT_FEAT_SIGN_EXTEND))
		return;
	assert_int_equal(law_map(law, first - page, 0, page), -ERANGE);
	assert_int_equal(law_map(law, first - page, 0, 2 * page), -ERANGE);
	assert_int_equal(law_map(law, law_last(law) + 1 - page, 0,
				 first - law_last(law) - 1 + 2 * page),
			 -ERANGE);
	assert_int_equal(law_map(law, 0 - page, 0, 2 * page), -EOVERFLOW);
	assert_int_equal(law_phys(law, first - 1), PHYS_ADDR_MAX);
	assert_int_equal(law_entries(law), 0);
}

/* From every level to every higher one; what was mapped stays mapped. */
static void law_growth(void **state)
{
#ifdef pt_test_cfg_level
	struct law *law = *state;
	struct pt_common *common = law_common(law);
	dma_addr_t page = law_page(law);
	unsigned int from, to;

	if (!pt_feature(common, PT_FEAT_DYNAMIC_TOP))
		return;
	for (from = law->cfg.pt_test_cfg_level; from <= PT_MAX_TOP_LEVEL;
	     from++) {
		for (to = from; to <= PT_MAX_TOP_LEVEL; to++) {
			struct PT_IOMMU_HW_INFO info;
			dma_addr_t va = pt_top_last(common, to);

			PT_FN(deinit)(&law->table);
			law->cfg.pt_test_cfg_level = from;
			law_init(law);
			law->tops = 0;
			if (va > law_last(law) ||
			    (to && va == pt_top_last(common, to - 1)))
				break;
			va -= page - 1;
			assert_int_equal(law_map(law, page, 0, page), 0);
			/* Looking beyond the top neither grows nor fails. */
			assert_int_equal(law_phys(law, va), PHYS_ADDR_MAX);
			assert_int_equal(law_unmap(law, va, page), 0);
			assert_int_equal(law->tops, 0);
			assert_int_equal(law_map(law, va, page, page), 0);
			assert_int_equal(pt_top_read(common).level, to);
			assert_int_equal(law->tops, to > from);
			PT_FN(hw_info)(&law->table, &info);
			if (to > from) {
				assert_int_equal(law->hw_top_level, to);
				assert_int_equal(
					law->hw_top_pa,
					port_arena_pa(
						law->arena,
						pt_top_read(common).table));
			}
			assert_int_equal(law_phys(law, page), 0);
			assert_int_equal(law_phys(law, va), page);
			assert_int_equal(law_unmap(law, page, page), page);
			assert_int_equal(law_unmap(law, va, page), page);
			assert_int_equal(law_entries(law), 0);
		}
	}
#endif
}

/* Ranges over the border of tables of every level. */
static void law_crossing(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t page = law_page(law);

	for (; pts.level < law_max_level(law); pts.level++) {
		struct ref_map ref = { .nr = 0 };
		dma_addr_t border = va_lg2_mul(1, pt_table_span_lg2(&pts));
		dma_addr_t va = border - 5 * page;
		size_t i;

		if (!border || border + 4 * page > law_last(law))
			break;
		/* An OA that is not congruent: only the smallest pages fit. */
		assert_int_equal(law_map(law, va, 2 * page, 9 * page), 0);
		ref_map_range(&ref, law_domain(law)->pgsize_bitmap, va,
			      2 * page, 9 * page, LAW_RW);
		for (i = 0; i < ref.nr; i++)
			ref.entry[i].dirty = law_born_dirty(law, LAW_RW);
		law_compare(law, &ref);
		/* A hole on this side of the border stops unmap before it. */
		assert_int_equal(law_unmap(law, border - page, page), page);
		assert_int_equal(law_unmap(law, va, 9 * page), 4 * page);
		assert_int_equal(law_unmap(law, border, 4 * page), 4 * page);
		ref_release(&ref);
		assert_int_equal(law_entries(law), 0);
	}
}

/* Unmap inside a large entry, up to its inside, and up to a hole. */
static void law_unmap_partial(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;

	for (sizes &= sizes - 1; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);
		dma_addr_t va = bytes;

		if (va + 2 * bytes - 1 > law_last(law) ||
		    2 * bytes - 1 > law_last_oa(law))
			break;
		assert_int_equal(law_map(law, va, bytes, bytes), 0);
		assert_int_equal(law_unmap(law, va + page, page), 0);
		assert_int_equal(law_unmap(law, va + bytes - page, page), 0);
		assert_int_equal(law_unmap(law, va - page, 2 * page), 0);
		assert_int_equal(law_phys(law, va), bytes);
		/* The whole entry, which is more than was asked for */
		assert_int_equal(law_unmap(law, va, page), bytes);
		assert_int_equal(law_entries(law), 0);

		/* A small page, then a large one of which a part is named */
		assert_int_equal(law_map(law, va - page, 0, page), 0);
		assert_int_equal(law_map(law, va, bytes, bytes), 0);
		assert_int_equal(law_unmap(law, va - page, 2 * page),
				 page + bytes);
		assert_int_equal(law->last_sync.pgsize, page);
		assert_int_equal(law_entries(law), 0);
	}
}

/* A covered table is gone after unmap, one that is not is not. */
static void law_unmap_tables(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t page = law_page(law);
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));
	dma_addr_t va = span;
	uint64_t tables;

	if (!law_max_level(law) || 3 * span - 1 > law_last(law))
		return;
	/* Page by page, so that a table full of the smallest comes about. */
	assert_int_equal(law_map(law, va, page, span), 0);
	assert_int_equal(law_map(law, va + span, page, span), 0);
	tables = port_arena_tables(law->arena);
	assert_int_equal(law_unmap(law, va, span - page), span - page);
	assert_int_equal(port_arena_tables(law->arena), tables);
	assert_int_equal(law_unmap(law, va + span - page, page), page);
	assert_int_equal(port_arena_tables(law->arena), tables);
	assert_int_equal(law_map(law, va, page, span), 0);
	assert_int_equal(law_unmap(law, va, 2 * span), 2 * span);
	assert_int_equal(port_arena_tables(law->arena), tables - 2);
	/* Named to the inside of its last entry it is not covered. */
	if (law_domain(law)->pgsize_bitmap & 2 * page) {
		assert_int_equal(law_map(law, va, 3 * page, span - 2 * page),
				 0);
		assert_int_equal(
			law_map(law, va + span - 2 * page, 0, 2 * page), 0);
		tables = port_arena_tables(law->arena);
		assert_int_equal(law_unmap(law, va, span - page), span);
		assert_int_equal(port_arena_tables(law->arena), tables);
		/* Nor does it help that the table before it was. */
		assert_int_equal(law_map(law, va - span, 3 * page, span), 0);
		assert_int_equal(law_map(law, va, 3 * page, span - 2 * page),
				 0);
		assert_int_equal(
			law_map(law, va + span - 2 * page, 0, 2 * page), 0);
		tables = port_arena_tables(law->arena);
		assert_int_equal(law_unmap(law, va - span, 2 * span - page),
				 2 * span);
		assert_int_equal(port_arena_tables(law->arena), tables - 1);
	}
	/* A hole in the table: what is before it goes, the table stays. */
	assert_int_equal(law_map(law, va, page, span), 0);
	assert_int_equal(law_unmap(law, va + 7 * page, page), page);
	tables = port_arena_tables(law->arena);
	assert_int_equal(law_unmap(law, va, span), 7 * page);
	assert_int_equal(port_arena_tables(law->arena), tables);
	assert_int_equal(law_phys(law, va), PHYS_ADDR_MAX);
	assert_int_equal(law_phys(law, va + 6 * page), PHYS_ADDR_MAX);
	assert_int_equal(law_phys(law, va + 8 * page), 9 * page);
	assert_int_equal(law_unmap(law, va + 8 * page, span - 8 * page),
			 span - 8 * page);
	assert_int_equal(law_entries(law), 0);
}

/* Tables that are empty all the way down give way to a large leaf. */
static void law_replace_tables(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t page = law_page(law);
	uint64_t sizes = law_domain(law)->pgsize_bitmap;

	for (; sizes; sizes &= sizes - 1) {
		dma_addr_t bytes = sizes & (0 - sizes);
		dma_addr_t first = bytes;
		uint64_t tables;

		if (bytes <= va_lg2_mask(pt_table_span_lg2(&pts)))
			continue;
		if (2 * bytes - 1 > law_last(law))
			first = 0;
		PT_FN(deinit)(&law->table);
		law_init(law);
		law->syncs = 0;
		assert_int_equal(law_map(law, first, bytes, bytes), 0);
		tables = port_arena_tables(law->arena);
		assert_int_equal(law_unmap(law, first, bytes), bytes);
		/* Something at both ends and in the middle, and away again */
		assert_int_equal(law_map(law, first, 0, page), 0);
		assert_int_equal(law_map(law, first + bytes / 2, 0, page), 0);
		assert_int_equal(law_map(law, first + bytes - page, 0, page),
				 0);
		assert_int_equal(law_map(law, first, bytes, bytes),
				 -EADDRINUSE);
		assert_int_equal(law_entries(law), 3);
		assert_int_equal(law_unmap(law, first, page), page);
		assert_int_equal(law_unmap(law, first + bytes - page, page),
				 page);
		assert_int_equal(law_map(law, first, bytes, bytes),
				 -EADDRINUSE);
		assert_int_equal(law_unmap(law, first + bytes / 2, page), page);
		assert_true(port_arena_tables(law->arena) > tables);
		assert_int_equal(law->syncs, 0);
		assert_int_equal(law_map(law, first, bytes, bytes), 0);
		assert_int_equal(law->syncs, 1);
		assert_int_equal(law->last_sync.start, first);
		assert_int_equal(law->last_sync.last, first + (bytes - 1));
		assert_non_null(law->last_sync.freelist.head);
		assert_int_equal(port_arena_tables(law->arena), tables);
		assert_int_equal(law_entries(law), 1);
		assert_int_equal(law_phys(law, first + bytes - 1),
				 bytes + (bytes - 1));
	}
}

/* A refused map has changed nothing, wherever in its range the obstacle is. */
static void law_in_the_way(void **state)
{
	struct law *law = *state;
	struct test_rng rng = { .state = test_seed() };
	dma_addr_t page = law_page(law);
	dma_addr_t va = 100 * page;
	struct ref_map ref = { .nr = 0 };
	int i;

	for (i = 0; i < 200; i++) {
		dma_addr_t len = page * (1 + test_below(&rng, 2000));
		dma_addr_t at = va + page * test_below(&rng, len / page);
		phys_addr_t oa = va + (i & 1 ? 0 : page);

		assert_int_equal(law_map(law, at, 0, page), 0);
		ref_map_range(&ref, law_domain(law)->pgsize_bitmap, at, 0, page,
			      LAW_RW);
		ref.entry[0].dirty = law_born_dirty(law, LAW_RW);
		assert_int_equal(law_map(law, va, oa, len), -EADDRINUSE);
		law_compare(law, &ref);
		assert_int_equal(law_unmap(law, at, page), page);
		ref_release(&ref);
		assert_int_equal(law_map(law, va, oa, len), 0);
		assert_int_equal(law_unmap(law, va, len), len);
	}
}

/* A driver may hide page sizes after init. */
static void law_hidden_sizes(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	uint64_t all = law_domain(law)->pgsize_bitmap;
	dma_addr_t bytes = va_lg2_mul(1, pt_table_span_lg2(&pts));
	uint64_t sizes = all;

	if (!bytes || 2 * bytes - 1 > law_last(law))
		return;
	while (sizes) {
		uint64_t largest = 1ULL << oa_lg2_floor(sizes);

		law_domain(law)->pgsize_bitmap = sizes;
		assert_int_equal(law_map(law, bytes, bytes, bytes), 0);
		assert_int_equal(law_entries(law),
				 largest < bytes ? bytes / largest : 1);
		assert_int_equal(law_unmap(law, bytes, bytes), bytes);
		sizes &= ~largest;
	}
	law_domain(law)->pgsize_bitmap = all;
}

#endif
