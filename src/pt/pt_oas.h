/* SPDX-License-Identifier: MIT */
/**
 * DOC: Output addresses in the order of the VAs that go there
 *
 * Those of a call: one range, or a list of runs, whose neighbours are taken
 * together where one continues the other.
 */
#ifndef PT_OAS_H
#define PT_OAS_H

#include "pt_iter.h"

/**
 * struct pt_oas - a position among them
 * @oa: the next
 * @left: how many bytes from there on belong together; 0 = that was all
 * @run: what comes behind them
 * @nr: how many runs that is
 */
struct pt_oas {
	phys_addr_t oa;
	dma_addr_t left;
	const struct iommu_run *run;
	size_t nr;
};

/* Add runs as long as they continue what there is. */
pt_inline void pt_oas_fill(struct pt_oas *oas)
{
	while (oas->nr && (!oas->left || oas->run->oa == oas->oa + oas->left)) {
		if (!oas->left)
			oas->oa = oas->run->oa;
		oas->left += oas->run->len;
		oas->run++;
		oas->nr--;
	}
}

/** pt_oas_start() - the first of a list that pt_oas_check() has looked at */
static inline struct pt_oas pt_oas_start(const struct iommu_run *run, size_t nr)
{
	struct pt_oas oas = { .run = run, .nr = nr };

	pt_oas_fill(&oas);
	return oas;
}

/** pt_oas_skip() - go on by @bytes, which belong together */
pt_inline void pt_oas_skip(struct pt_oas *oas, dma_addr_t bytes)
{
	oas->oa += bytes;
	oas->left -= bytes;
	if (!oas->left && oas->nr)
		pt_oas_fill(oas);
}

/* Is [@oa, @oa + @len) what @len bytes at @va can be mapped to? */
static int pt_map_check(const struct pt_common *common, uint64_t sizes,
			dma_addr_t va, phys_addr_t oa, dma_addr_t len)
{
	phys_addr_t last = oa + (len - 1);

	if (!sizes || oa_lg2_mod(va | oa | len, oa_lg2_align(sizes)))
		return -EINVAL;
	if (last < oa)
		return -EOVERFLOW;
	return last <= oa_lg2_mask(common->max_oasz_lg2) ? 0 : -ERANGE;
}

/*
 * As pt_oas_check(), for a list with nothing wrong in it, which is what to expect: all
 * runs are looked at together.
 *
 * Return: false: something is wrong, or may be.
 */
static bool pt_oas_good(const struct pt_common *common, uint64_t sizes,
			dma_addr_t va, const struct iommu_run *run, size_t nr,
			dma_addr_t *total)
{
	uint64_t small = (sizes & -sizes) - 1;
	uint64_t odd = va, high = 0, lens = 1;
	dma_addr_t sum = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		uint64_t oa = run[i].oa;
		uint64_t more = (uint64_t)run[i].len - 1; /* -1: no length */

		odd |= oa | run[i].len;
		high |= oa | (oa + more);
		lens |= more;
		sum += run[i].len;
	}
	*total = sum;
	/* Neither an OA nor the sum can have wrapped. */
	return sizes && !(odd & small) &&
	       (high | lens) <= oa_lg2_mask(common->max_oasz_lg2) &&
	       nr <= oa_lg2_div(va_lg2_mask(va_width - 1),
				oa_lg2_floor(lens) + 1);
}

/**
 * pt_oas_check() - can a list be mapped at @va?
 * @total: gets its length in bytes
 *
 * Return: 0; -EINVAL: a run is empty, or something is not aligned to the smallest of
 * @sizes; -EOVERFLOW: an OA or the length wraps; -ERANGE: an OA is too high.
 */
static int pt_oas_check(const struct pt_common *common, uint64_t sizes,
			dma_addr_t va, const struct iommu_run *run, size_t nr,
			dma_addr_t *total)
{
	if (pt_oas_good(common, sizes, va, run, nr, total))
		return 0;
	*total = 0;
	for (; nr; nr--, run++) {
		int ret = run->len ? pt_map_check(common, sizes, va, run->oa,
						  run->len)
				   : -EINVAL;

		if (ret)
			return ret;
		*total += run->len;
		if (*total < run->len)
			return -EOVERFLOW;
	}
	return 0;
}

/**
 * pt_run_list_add() - append a run to what a caller gets, or to its last one
 *
 * Return: false if there is no room.
 */
static inline bool pt_run_list_add(struct iommu_run_list *list, phys_addr_t oa,
				   dma_addr_t len)
{
	struct iommu_run *last = list->nr ? &list->run[list->nr - 1] : NULL;

	if (last && last->oa + last->len == oa) {
		last->len += len;
	} else {
		if (list->nr >= list->max)
			return false;
		list->run[list->nr++] =
			(struct iommu_run){ .oa = oa, .len = len };
	}
	list->done += len;
	return true;
}

#endif
