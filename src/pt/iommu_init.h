/* SPDX-License-Identifier: MIT */
/**
 * DOC: The life of a table: init, deinit and what it tells about itself
 */
#ifndef PT_IOMMU_INIT_H
#define PT_IOMMU_INIT_H

#include "iommu_pt.h"

/*
 * The page sizes of a table whose top is at most @level. A leaf fits the VA and
 * the OA. Runs stop at a quarter of the VA: hardware would take one that covers
 * half of a top table, but no other software makes such runs.
 */
static uint64_t pt_iommu_sizes(struct pt_common *common, unsigned int level)
{
	unsigned int oasz = common->max_oasz_lg2;
	unsigned int vasz = common->max_vasz_lg2;
	struct pt_state pts = { .common = common };
	uint64_t sizes = 0;

	for (pts.level = 0; pts.level <= level; pts.level++) {
		uint64_t all = pt_possible_sizes(&pts);
		uint64_t single = 0;

		if (pt_table_item_lg2sz(&pts) < oa_width)
			single = all & (1ULL << pt_table_item_lg2sz(&pts));
		sizes |= single & oa_lg2_mask(vasz);
		sizes |= (all ^ single) & oa_lg2_mask(vasz - 1);
	}
	return sizes & oa_lg2_mask(oasz);
}

static int pt_iommu_init_domain(struct pt_common *common,
				struct iommu_domain *domain, unsigned int level)
{
	bool sign = pt_feature(common, PT_FEAT_SIGN_EXTEND);
	bool upper = pt_feature(common, PT_FEAT_UPPER_RANGE);
	unsigned int width = common->max_vasz_lg2;
	dma_addr_t last;

	/* Where the hardware's VAs have 64 bits, so must have ours. */
	if (width > va_width || ((sign || upper) && va_width < 64))
		return -EOVERFLOW;
	if (sign)
		width--;
	domain->pgsize_bitmap = pt_iommu_sizes(common, level);
	if (!(domain->pgsize_bitmap & (1ULL << PT_GRANULE_LG2SZ)))
		return -EINVAL;
	domain->type = IOMMU_DOMAIN_PAGING;
	last = va_lg2_mask(width);
	domain->geometry.aperture_start = upper ? ~last : 0;
	domain->geometry.aperture_end = upper ? ~(dma_addr_t)0 : last;
	domain->geometry.force_aperture = true;
	common->va_last = last;
	common->va_upper = ~last;
	common->slow_oas = pt_feature(common, PT_FEAT_DMA_INCOHERENT)
				   ? ~0ULL
				   : ~oa_lg2_mask(common->max_oasz_lg2);
	return 0;
}

static int pt_iommu_init_common(struct pt_common *common,
				const struct pt_iommu_cfg *cfg,
				const struct pt_iommu_driver_ops *ops)
{
	*common = (struct pt_common){
		.runtime = cfg->runtime,
		.features = cfg->features | PT_FORCED_FEATURES,
		.max_vasz_lg2 = cfg->hw_max_vasz_lg2,
		.max_oasz_lg2 = cfg->hw_max_oasz_lg2,
	};
	if (cfg->features &
	    ~(unsigned int)(PT_SUPPORTED_FEATURES | PT_FORCED_FEATURES))
		return -EOPNOTSUPP;
	if (!cfg->hw_max_vasz_lg2 || cfg->hw_max_vasz_lg2 > PT_MAX_VASZ_LG2 ||
	    !cfg->hw_max_oasz_lg2 || cfg->hw_max_oasz_lg2 > PT_MAX_OASZ_LG2)
		return -EINVAL;
	if (pt_feature(common, PT_FEAT_DYNAMIC_TOP) &&
	    (!ops || !ops->get_top_lock || !ops->change_top))
		return -EINVAL;
	if (!common->runtime)
		common->runtime = port_default_runtime();
	if (!common->runtime)
		return -ENOMEM;
	if (pt_feature(common, PT_FEAT_DMA_INCOHERENT) &&
	    !common->runtime->flush)
		return -EINVAL;
	common->pa_offset = common->runtime->pa_offset;
	return 0;
}

PT_EXPORT int PT_FN(init)(struct PT_IOMMU_TABLE *table,
			  const struct PT_IOMMU_CFG *cfg, gfp_t gfp)
{
	struct pt_common *common = &table->pt.common;
	unsigned int top_level;
	pt_item_t *top;
	int ret;

	ret = pt_iommu_init_common(common, &cfg->common,
				   table->iommu.driver_ops);
	if (!ret)
		ret = pt_iommu_fmt_init(table, cfg, &top_level);
	if (ret)
		return ret;
	ret = pt_iommu_init_domain(common, &table->iommu.domain,
				   pt_feature(common, PT_FEAT_DYNAMIC_TOP)
					   ? PT_MAX_TOP_LEVEL
					   : top_level);
	if (ret)
		return ret;
	ret = pt_iommu_alloc(common, top_level,
			     pt_top_memsize_lg2(common, top_level), gfp, &top);
	if (ret)
		return ret;
	__atomic_store_n(&common->top_of_table, pt_top_pack(top, top_level),
			 __ATOMIC_RELEASE);
	return 0;
}

PT_EXPORT void PT_FN(deinit)(struct PT_IOMMU_TABLE *table)
{
	struct pt_common *common = &table->pt.common;
	struct iommu_pages_list list = { .head = NULL };
	struct pt_top top = pt_top_read(common);

	if (!top.table)
		return;
	common->top_of_table = 0;
	pt_iommu_collect(common, top.table, top.level, &list);
	iommu_pages_list_put(&list);
	pt_iommu_free(common, top.level, top.table,
		      pt_top_memsize_lg2(common, top.level), PT_CONTENT_ANY);
}

/* A top that grows has the size of other tables: it becomes one. */
static void pt_iommu_memory(const struct pt_common *common, struct pt_top top,
			    struct pt_iommu_memory *memory)
{
	size_t nr = 0;
	unsigned int level;

	for (level = 0; level < PT_MAX_LEVELS; level++) {
		memory->tables[level] = __atomic_load_n(&common->tables[level],
							__ATOMIC_RELAXED);
		nr += memory->tables[level];
	}
	memory->bytes = nr << PT_TABLEMEM_LG2SZ;
	if (!top.table)
		return;
	memory->bytes -= (size_t)1 << PT_TABLEMEM_LG2SZ;
	memory->bytes += (size_t)1 << pt_top_memsize_lg2(common, top.level);
}

PT_EXPORT void PT_FN(get_info)(struct PT_IOMMU_TABLE *table,
			       struct pt_iommu_info *info)
{
	struct pt_common *common = &table->pt.common;
	struct pt_top top = pt_top_read(common);

	*info = (struct pt_iommu_info){
		.pgsize_bitmap = table->iommu.domain.pgsize_bitmap,
		.top_pa = pt_table_to_pa(common, top.table),
		.top_level = top.level,
		.features = common->features,
		.vasz_lg2 = common->max_vasz_lg2,
		.oasz_lg2 = common->max_oasz_lg2,
	};
	pt_iommu_memory(common, top, &info->memory);
}

PT_EXPORT void PT_FN(describe)(struct pt_iommu_description *what)
{
	struct PT_TABLE table = {
		.common.features = PT_SUPPORTED_FEATURES | PT_FORCED_FEATURES,
		.common.max_vasz_lg2 = PT_MAX_VASZ_LG2,
		.common.max_oasz_lg2 = PT_MAX_OASZ_LG2,
	};

	*what = (struct pt_iommu_description){
		.name = PT_STRING(PT_FMT),
		.pgsize_bitmap =
			pt_iommu_sizes(&table.common, PT_MAX_TOP_LEVEL),
		.features = PT_SUPPORTED_FEATURES | PT_FORCED_FEATURES,
		.forced_features = PT_FORCED_FEATURES,
		.max_vasz_lg2 = PT_MAX_VASZ_LG2,
		.max_oasz_lg2 = PT_MAX_OASZ_LG2,
		.min_levels = PT_MIN_TOP_LEVEL + 1,
		.max_levels = PT_MAX_TOP_LEVEL + 1,
		.item_size = PT_ITEM_WORD_SIZE,
#ifdef pt_item_is_dirty
		.dirty = true,
#endif
	};
}

PT_EXPORT void PT_FN(hw_info)(struct PT_IOMMU_TABLE *table,
			      struct PT_IOMMU_HW_INFO *info)
{
	struct pt_common *common = &table->pt.common;
	struct pt_top top = pt_top_read(common);

	pt_iommu_fmt_hw_info(table, pt_table_to_pa(common, top.table),
			     top.level, info);
}

#endif
