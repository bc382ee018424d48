/* SPDX-License-Identifier: MIT */
/**
 * DOC: Lookups: where many addresses go
 *
 * They go down together, so that their walks wait for memory together. A group of them
 * has only one way to go, from plain item to plain item: some at a time, all in
 * registers, down to the items of level 0, which are waited for when the last is on its
 * way; or, with vectors, level by level, with one look at all items of a level before
 * anybody goes where they lead. A list that meets anything else goes on with lookups
 * that know everything.
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

/*
 * The last VA of the lower range that can be looked up from @top. Nothing in that has a
 * bit above its highest.
 */
pt_inline dma_addr_t pt_group_last(struct pt_common *common, struct pt_top top)
{
	dma_addr_t last = common->va_last;

	pt_clip_range(common, top, 0, &last);
	return last;
}

#ifdef pt_plain_table
/* Most lookups of a group, and how many of them go down at the same time. */
#define PT_GROUP      256U
#define PT_GROUP_STEP 4U

/**
 * struct pt_group - what lookups of a group begin with
 * @common: the table
 * @addr: of that, what an address is made by
 * @top: where they begin
 * @last: the last VA that can be looked up from there
 *
 * Lives in registers.
 */
struct pt_group {
	struct pt_common *common;
	struct pt_common *addr;
	struct pt_top top;
	dma_addr_t last;
};

#define PT_GROUP_EACH(k) \
	_Pragma("GCC unroll 4") for (k = 0; k < PT_GROUP_STEP; k++)

/* Some through the top table. Return: are their VAs in range, and the items plain? */
pt_inline bool pt_group_begin(const struct pt_group *group,
			      const dma_addr_t *va, pt_item_t *entry)
{
	struct pt_state pts = { .common = group->common,
				.level = group->top.level };
	unsigned int size_lg2 = pt_table_item_lg2sz(&pts), k;
	const pt_item_t *top = group->top.table;

	PT_GROUP_EACH(k)
	{
		if (!pt_likely(va[k] <= group->last))
			return false;
		pts.entry = pt_item_load(top + (size_t)(va[k] >> size_lg2));
		if (!pt_likely(pt_plain_table(&pts)))
			return false;
		entry[k] = pts.entry;
	}
	return true;
}

/* From their items through the tables of @level, a constant. Return: as above */
pt_inline bool pt_group_step(const struct pt_group *group, const dma_addr_t *va,
			     pt_item_t *entry, unsigned int level)
{
	unsigned int k;

	PT_GROUP_EACH(k)
	{
		struct pt_state pts = { .common = group->addr,
					.entry = entry[k] };

		if (!pt_lookup_step(&pts, va[k], level, true))
			return false;
		entry[k] = pts.entry;
	}
	return true;
}

/*
 * Where that leads: to items of level 0, which are fetched. Until those are looked at,
 * their addresses are kept where the OAs will be.
 */
pt_inline void pt_group_fetch(const struct pt_group *group,
			      const dma_addr_t *va, const pt_item_t *entry,
			      phys_addr_t *oa)
{
	unsigned int k;

	PT_GROUP_EACH(k)
	{
		const struct pt_state pts = { .common = group->addr,
					      .level = 1,
					      .entry = entry[k] };
		const pt_item_t *item =
			pt_lookup_down(&pts, true) + pt_lookup_index(va[k], 0);

		__builtin_prefetch(item);
		oa[k] = (uintptr_t)item;
	}
}

/* Is the top level above @level? Not asked where a format has no choice. */
#define PT_TOP_ABOVE(top, at)       \
	(PT_MAX_TOP_LEVEL > (at) && \
	 (PT_MIN_TOP_LEVEL > (at) || (top).level > (at)))

/* Some lookups, as far as that. */
pt_inline bool pt_group_some(const struct pt_group *group, const dma_addr_t *va,
			     phys_addr_t *oa)
{
	pt_item_t entry[PT_GROUP_STEP];

	if (!pt_group_begin(group, va, entry))
		return false;
#define PT_STEP(at)                                       \
	do {                                              \
		if (PT_TOP_ABOVE(group->top, at) &&       \
		    !pt_group_step(group, va, entry, at)) \
			return false;                     \
	} while (0)
	if (PT_TOP_ABOVE(group->top, 3)) {
		PT_STEP(5);
		PT_STEP(4);
		PT_STEP(3);
	}
	PT_STEP(2);
	PT_STEP(1);
#undef PT_STEP
	pt_group_fetch(group, va, entry, oa);
	return true;
}

/* The end of them, at level 0. Return: are the items plain? */
pt_inline bool pt_group_end(const struct pt_group *group, const dma_addr_t *va,
			    phys_addr_t *oa)
{
	struct pt_state pts = { .common = group->addr };
	unsigned int k;

	PT_GROUP_EACH(k)
	{
		pts.entry = pt_item_load((const pt_item_t *)(uintptr_t)oa[k]);
		if (!pt_likely(pt_plain_leaf(&pts)))
			return false;
		oa[k] = pt_lookup_leaf(&pts, va[k], true);
	}
	return true;
}

/*
 * Look @nr up, a multiple of PT_GROUP_STEP. Return: how many were, before some of which
 * one goes otherwise.
 */
pt_inline size_t pt_group_look(struct pt_common *common, struct pt_top top,
			       dma_addr_t last, const dma_addr_t *va,
			       phys_addr_t *oa, size_t nr)
{
	/* In registers: from memory, all of it would be read for each item. */
	struct pt_common addr = { .address_mask = common->address_mask,
				  .pa_offset = common->pa_offset };
	const struct pt_group group = {
		.common = common, .addr = &addr, .top = top, .last = last
	};
	size_t i, some;

	for (some = 0; some < nr; some += PT_GROUP_STEP)
		if (!pt_group_some(&group, va + some, oa + some))
			break;
	for (i = 0; i < some; i += PT_GROUP_STEP)
		if (!pt_group_end(&group, va + i, oa + i))
			break;
	return i;
}

/* The same; what is usual has code in which the top level is a constant. */
static __attribute__((noinline)) size_t
pt_lookup_group(struct pt_common *common, struct pt_top top, dma_addr_t last,
		const dma_addr_t *va, phys_addr_t *oa, size_t nr)
{
	if (PT_MIN_TOP_LEVEL <= 3 && PT_MAX_TOP_LEVEL >= 3 && top.level == 3) {
		top.level = 3;
		return pt_group_look(common, top, last, va, oa, nr);
	}
	return pt_group_look(common, top, last, va, oa, nr);
}

/* As many of the first addresses as groups can. Return: how many. */
static size_t pt_lookup_groups(struct pt_common *common, struct pt_top top,
			       const dma_addr_t *iova, phys_addr_t *oa,
			       size_t nr)
{
	dma_addr_t last = pt_group_last(common, top);
	size_t done = 0, some, were;

	for (; nr - done >= PT_GROUP_STEP; done += some) {
		some = nr - done < PT_GROUP
			       ? (nr - done) & ~(size_t)(PT_GROUP_STEP - 1)
			       : PT_GROUP;
		were = pt_lookup_group(common, top, last, iova + done,
				       oa + done, some);
		if (were < some)
			return done + were;
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

#if defined(pt_plain_kind) && defined(pt_run_op) && __SIZEOF_LONG__ >= 8
/*
 * Shorter lists are not worth it. Those that are longer than the second begin with a look
 * at the first few, before all are tried in vain.
 */
#define PT_VECTORS_MIN   32U
#define PT_VECTORS_BLIND 64U

/* The same with vectors, as long as these do. */
static __attribute__((noinline)) size_t
pt_lookup_vectors(struct pt_common *common, struct pt_top top,
		  const dma_addr_t *iova, phys_addr_t *oa, size_t nr)
{
	struct pt_run_lookup how = {
		.top = top.table,
		.level = top.level,
		.last = pt_group_last(common, top),
		.size_lg2 = PT_GRANULE_LG2SZ,
		.items_lg2 = PT_TABLEMEM_LG2SZ - PT_ITEM_LG2SZ,
		.mask = common->address_mask,
		.offset = common->pa_offset,
	};
	struct pt_state pts = { .common = common };

	if (nr > PT_VECTORS_BLIND &&
	    !pt_lookup_group(common, top, how.last, iova, oa, PT_GROUP_STEP))
		return 0;
	how.shift = pt_plain_shift(&pts);
	for (; pts.level <= top.level; pts.level++) {
		how.kind[pts.level] = pt_plain_kind(&pts);
		how.value[pts.level] = pt_plain_value(&pts);
	}
	return pt_run_call(common, lookup, &how, iova, oa, nr);
}

pt_inline size_t pt_lookup_plain(struct pt_common *common, struct pt_top top,
				 const dma_addr_t *iova, phys_addr_t *oa,
				 size_t nr)
{
	size_t done = 0;

	if (nr >= PT_VECTORS_MIN && pt_run_op(common, lookup, nr))
		done = pt_lookup_vectors(common, top, iova, oa, nr);
	return done +
	       pt_lookup_groups(common, top, iova + done, oa + done, nr - done);
}
#else
#define pt_lookup_plain pt_lookup_groups
#endif

/*
 * A list of which one of the first goes otherwise, as long as that is the exception.
 * Return: how many were looked up.
 */
static __attribute__((noinline)) size_t
pt_lookup_mixed(struct pt_common *common, struct pt_top top,
		const dma_addr_t *iova, phys_addr_t *oa, size_t nr)
{
	size_t done = 0, some = PT_LANES;

	while (done < nr && some >= PT_LANES) {
		some = nr - done < PT_LANES ? nr - done : PT_LANES;
		pt_lookup_lanes(common, top, iova + done, oa + done, some);
		done += some;
		some = pt_lookup_groups(common, top, iova + done, oa + done,
					nr - done);
		done += some;
	}
	return done;
}

/* Can groups be tried? */
pt_inline bool pt_group_can(const struct pt_common *common, struct pt_top top)
{
	const struct pt_state pts = { .common = (struct pt_common *)common,
				      .level = top.level };

	/* The top of some formats reaches further than addresses of 32 bits. */
	if (va_width < 64 && pt_table_item_lg2sz(&pts) >= va_width)
		return false;
	return top.level && pt_plain(common) &&
	       !pt_feature(common, PT_FEAT_UPPER_RANGE);
}

PT_EXPORT void PT_FN(iova_to_phys_list)(struct iommu_domain *domain,
					const dma_addr_t *iova, phys_addr_t *oa,
					size_t nr)
{
	struct pt_common *common = &pt_from_domain(domain)->pt.common;
	struct pt_top top = pt_top_read(common);
	size_t done = 0;

	if (pt_group_can(common, top)) {
		done = pt_lookup_plain(common, top, iova, oa, nr);
		if (done < nr)
			done += pt_lookup_mixed(common, top, iova + done,
						oa + done, nr - done);
	}
	if (done < nr)
		pt_lookup_lanes(common, top, iova + done, oa + done, nr - done);
}

#endif
