/* SPDX-License-Identifier: MIT */
/**
 * DOC: Lookups: where many addresses go
 *
 * They go down together, level by level, so that their walks wait for memory together.
 * A group of them takes for granted that all it meets is plain, and looks once a level
 * whether that was so, before it goes where the items lead. A group that meets anything
 * else goes again, with a look at each item.
 */
#ifndef PT_IOMMU_LOOKUP_LIST_H
#define PT_IOMMU_LOOKUP_LIST_H

#include "iommu_lookup.h"

/* Can @va be looked up from @top? */
pt_inline bool pt_lanes_valid(struct pt_common *common, struct pt_top top,
			      dma_addr_t va)
{
	dma_addr_t last = va;

	return pt_va_valid(common, va, va) &&
	       pt_clip_range(common, top, va, &last);
}

/* Lookups that are under way at the same time. */
#define PT_LANES 32U

/**
 * struct pt_lanes - lookups that go down a table together, level by level
 * @common: the table
 * @iova: what is looked up
 * @oa: where it goes
 * @nr: how many
 * @item: the item that each has come to
 */
struct pt_lanes {
	struct pt_common *common;
	const dma_addr_t *iova;
	phys_addr_t *oa;
	unsigned int nr;
	const pt_item_t *item[PT_LANES];
};

/* The item of @level for the lane, in @table; it is not waited for. */
pt_inline void pt_lanes_enter(struct pt_lanes *lanes, unsigned int lane,
			      pt_item_t *table, unsigned int level)
{
	const struct pt_state pts = { .common = lanes->common, .level = level };

	lanes->item[lane] = table + pt_va_index(&pts, lanes->iova[lane]);
	__builtin_prefetch(lanes->item[lane]);
}

/* Where lanes are that have come to an end: it is empty. */
static const pt_item_t pt_lanes_over;

/* Where the leaf @entry of @level, above 0, translates @va to; not the common case. */
__attribute__((noinline)) static phys_addr_t
pt_lanes_large(struct pt_common *common, unsigned int level, pt_item_t entry,
	       dma_addr_t va)
{
	const struct pt_state pts = { .common = common,
				      .level = level,
				      .entry = entry };

	return pt_lookup_oa(&pts, va);
}

/* What the lane finds at its item, which is of @level, a constant. */
pt_inline void pt_lanes_step(struct pt_lanes *lanes, unsigned int lane,
			     const pt_item_t *item, unsigned int level)
{
	struct pt_state pts = { .common = lanes->common,
				.table = (pt_item_t *)item,
				.level = level };
	dma_addr_t va = lanes->iova[lane];

	switch (pt_load_entry_raw(&pts)) {
	case PT_ENTRY_TABLE:
		pt_lanes_enter(lanes, lane, pt_table_ptr(&pts), level - 1);
		return;
	case PT_ENTRY_LEAF:
		lanes->oa[lane] = level ? pt_lanes_large(lanes->common, level,
							 pts.entry, va)
					: pt_lookup_oa(&pts, va);
		break;
	case PT_ENTRY_EMPTY:
		if (item != &pt_lanes_over)
			lanes->oa[lane] = PHYS_ADDR_MAX;
		break;
	}
	if (level)
		lanes->item[lane] = &pt_lanes_over;
}

/* The first step: all lanes begin in @top, which is of @level, a constant. */
pt_inline void pt_lanes_begin(struct pt_lanes *lanes, struct pt_top top,
			      unsigned int level)
{
	const struct pt_state pts = { .common = lanes->common, .level = level };
	unsigned int i;

	for (i = 0; i < lanes->nr; i++) {
		dma_addr_t va = lanes->iova[i];

		if (pt_lanes_valid(lanes->common, top, va)) {
			pt_lanes_step(lanes, i,
				      (pt_item_t *)top.table +
					      pt_va_index(&pts, va),
				      level);
		} else {
			lanes->oa[i] = PHYS_ADDR_MAX;
			lanes->item[i] = &pt_lanes_over;
		}
	}
}

/* All lanes at @level, a constant; those of the top begin. */
pt_inline void pt_lanes_level(struct pt_lanes *lanes, struct pt_top top,
			      unsigned int level)
{
	unsigned int i;

	if (level + 1 > PT_MIN_TOP_LEVEL && level == top.level) {
		pt_lanes_begin(lanes, top, level);
		return;
	}
	for (i = 0; i < lanes->nr; i++)
		pt_lanes_step(lanes, i, lanes->item[i], level);
}

/* Any lookups, together. */
static __attribute__((noinline)) void
pt_lookup_lanes(struct pt_common *common, struct pt_top top,
		const dma_addr_t *iova, phys_addr_t *oa, size_t nr)
{
	struct pt_lanes lanes;

	lanes.common = common;
	for (; nr; nr -= lanes.nr, iova += lanes.nr, oa += lanes.nr) {
		lanes.iova = iova;
		lanes.oa = oa;
		lanes.nr = nr < PT_LANES ? (unsigned int)nr : PT_LANES;
#define PT_STEP(level) pt_lanes_level(&lanes, top, level)
		PT_EACH_LEVEL(top, PT_STEP);
#undef PT_STEP
	}
}

#ifdef pt_plain_kind
/* Lookups of a group, and how many are written out in each round of its loops. */
#define PT_GROUP      64U
#define PT_GROUP_STEP 8U

/**
 * struct pt_group - lookups that go down a table together, all through plain items
 * @common: the table
 * @va: what is looked up
 * @nr: how many, a multiple of PT_GROUP_STEP
 * @at: the table that each has come to; or its item, at level 0
 */
struct pt_group {
	struct pt_common *common;
	const dma_addr_t *va;
	unsigned int nr;
	const pt_item_t *at[PT_GROUP];
};

/**
 * struct pt_plain - what makes a plain table's item its address, at a level
 * @mask: bits of pt_plain_word() that are the address, or tell the kind
 * @base: what to take off
 */
struct pt_plain {
	uint64_t mask;
	uint64_t base;
};

pt_inline struct pt_plain pt_plain_at(const struct pt_state *pts)
{
	const struct pt_common *common = pts->common;

	return (struct pt_plain){
		.mask = common->address_mask | pt_plain_kind(pts),
		.base = common->pa_offset + pt_plain_value(pts),
	};
}

/*
 * Go from the loaded item into the table below. If the item is not a plain table, there
 * are bits in *@odd below the size of a table.
 */
pt_inline void pt_group_enter(struct pt_group *group, unsigned int lane,
			      const struct pt_state *pts, struct pt_plain plain,
			      dma_addr_t va, uint64_t *odd)
{
	uint64_t table = (pt_plain_word(pts) & plain.mask) - plain.base;
	const pt_item_t *at = (const pt_item_t *)(uintptr_t)table;

	*odd |= table;
	pt_in_turn(*odd);
	if (pts->level == 1) {
		at += pt_lookup_index(va, 0);
		__builtin_prefetch(at);
	}
	group->at[lane] = at;
}

#define PT_GROUP_EACH(group, i, k)                       \
	for (i = 0; i < (group)->nr; i += PT_GROUP_STEP) \
	_Pragma("GCC unroll 8") for (k = i; k < i + PT_GROUP_STEP; k++)

pt_inline bool pt_group_odd(uint64_t odd)
{
	return odd & oa_lg2_mask(PT_TABLEMEM_LG2SZ);
}

/* All through @top. Return: were all items plain, and the VAs in its range? */
pt_inline bool pt_group_begin(struct pt_group *group, struct pt_top top)
{
	struct pt_state pts = { .common = group->common,
				.table = top.table,
				.level = top.level };
	const struct pt_plain plain = pt_plain_at(&pts);
	unsigned int size_lg2 = pt_table_item_lg2sz(&pts);
	unsigned int mask = pt_va_index(&pts, ~(dma_addr_t)0);
	dma_addr_t all = 0;
	uint64_t odd = 0;
	unsigned int i, k;

	/* The top of some formats reaches further than addresses of 32 bits. */
	if (va_width < 64 && size_lg2 >= va_width)
		return false;
	PT_GROUP_EACH(group, i, k)
	{
		dma_addr_t va = group->va[k];

		all |= va;
		pt_in_turn(all);
		pts.index = (unsigned int)(va >> size_lg2) & mask;
		pts.entry = pt_item_load(&pts.table[pts.index]);
		pt_group_enter(group, k, &pts, plain, va, &odd);
	}
	return !pt_group_odd(odd) && all <= group->common->va_last &&
	       all >> size_lg2 <= mask;
}

/* All through the tables of @level, a constant. Return: were all items plain? */
pt_inline bool pt_group_step(struct pt_group *group, unsigned int level)
{
	struct pt_state pts = { .common = group->common, .level = level };
	const struct pt_plain plain = pt_plain_at(&pts);
	uint64_t odd = 0;
	unsigned int i, k;

	PT_GROUP_EACH(group, i, k)
	{
		dma_addr_t va = group->va[k];
		const pt_item_t *table = group->at[k];

		pts.entry = pt_item_load(&table[pt_lookup_index(va, level)]);
		pt_group_enter(group, k, &pts, plain, va, &odd);
	}
	return !pt_group_odd(odd);
}

/* The end, at level 0. Return: were all items plain? */
pt_inline bool pt_group_end(struct pt_group *group, phys_addr_t *oa)
{
	struct pt_state pts = { .common = group->common };
	unsigned int i, k;

	PT_GROUP_EACH(group, i, k)
	{
		pts.entry = pt_item_load(group->at[k]);
		if (!pt_likely(pt_plain_leaf(&pts)))
			return false;
		oa[k] = pt_lookup_leaf(&pts, group->va[k], true);
	}
	return true;
}

/* Can groups be tried? */
pt_inline bool pt_group_can(const struct pt_common *common, struct pt_top top)
{
	return top.level && pt_plain(common) &&
	       !pt_feature(common, PT_FEAT_UPPER_RANGE) &&
	       !pt_group_odd(common->pa_offset);
}

/* Look up @nr addresses. Return: false: at least one of them goes otherwise. */
static __attribute__((noinline)) bool
pt_lookup_group(struct pt_common *common, struct pt_top top,
		const dma_addr_t *iova, phys_addr_t *oa, unsigned int nr)
{
	struct pt_group group;

	group.common = common;
	group.va = iova;
	group.nr = nr;
	if (!pt_group_begin(&group, top))
		return false;
#define PT_STEP(at)                                                \
	do {                                                       \
		if (PT_MAX_TOP_LEVEL > (at) && top.level > (at) && \
		    !pt_group_step(&group, at))                    \
			return false;                              \
	} while (0)
	PT_STEP(5);
	PT_STEP(4);
	PT_STEP(3);
	PT_STEP(2);
	PT_STEP(1);
#undef PT_STEP
	return pt_group_end(&group, oa);
}

/* As many of the first addresses as groups can. Return: how many. */
static size_t pt_lookup_groups(struct pt_common *common, struct pt_top top,
			       const dma_addr_t *iova, phys_addr_t *oa,
			       size_t nr)
{
	size_t done = 0;

	if (!pt_group_can(common, top))
		return 0;
	while (nr - done >= PT_GROUP_STEP) {
		size_t left = nr - done;
		unsigned int some = left < PT_GROUP
					    ? (unsigned int)left &
						      ~(PT_GROUP_STEP - 1)
					    : PT_GROUP;

		if (!pt_lookup_group(common, top, iova + done, oa + done, some))
			break;
		done += some;
	}
	return done;
}
#else
static size_t pt_lookup_groups(struct pt_common *common, struct pt_top top,
			       const dma_addr_t *iova, phys_addr_t *oa,
			       size_t nr)
{
	return 0;
}
#endif

PT_EXPORT void PT_FN(iova_to_phys_list)(struct iommu_domain *domain,
					const dma_addr_t *iova, phys_addr_t *oa,
					size_t nr)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	size_t done = pt_lookup_groups(common, top, iova, oa, nr);

	/* Where one group meets something else, the others will, too. */
	if (done < nr)
		pt_lookup_lanes(common, top, iova + done, oa + done, nr - done);
}

#endif
