/* SPDX-License-Identifier: MIT */
/**
 * DOC: Laws about many lookups at once
 *
 * Groups of them take for granted that all they meet is plain. These have one that is
 * not, at each place of a list.
 */
#ifndef TESTS_PT_LAW_LOOKUP_H
#define TESTS_PT_LAW_LOOKUP_H

#include "law_full.h"

#define LAW_LIST 590 /* two groups and a bit */

/**
 * struct law_list - what is looked up
 * @va: the addresses; from the table's base on
 * @oa: where they go
 */
struct law_list {
	dma_addr_t va[LAW_LIST];
	phys_addr_t oa[LAW_LIST];
};

/* The first @nr, from arrays that may begin anywhere. */
static void law_look(struct law *law, const struct law_list *list, size_t nr)
{
	dma_addr_t iovas[LAW_LIST + 2] = { 0 }, *iova = iovas + nr % 3;
	phys_addr_t oas[LAW_LIST + 3], *oa = oas + nr % 2 + 1;
	size_t i;

	for (i = 0; i < nr; i++)
		iova[i] = law_base(law) + list->va[i];
	memset(oas, 0x5a, sizeof(oas));
	PT_FN(iova_to_phys_list)(law_domain(law), iova, oa, nr);
	for (i = 0; i < nr; i++) {
		assert_int_equal(oa[i], list->oa[i]);
		assert_int_equal(law_phys(law, list->va[i]), list->oa[i]);
	}
	assert_int_equal(oa[-1], 0x5a5a5a5a5a5a5a5a);
	assert_int_equal(oa[nr], 0x5a5a5a5a5a5a5a5a);
}

/* Smallest pages, scattered. */
static void law_plain_list(struct law *law, struct law_list *list)
{
	dma_addr_t page = law_page(law);
	dma_addr_t from = law_last(law) / 2 + 1;
	size_t i;

	for (i = 0; i < LAW_LIST; i++) {
		dma_addr_t at = (dma_addr_t)i * 3 * page;

		list->va[i] = from + at;
		/* Smaller spaces than this have only pages in a row. */
		if (law_last(law) - from < at + 2 * page)
			list->va[i] = from;
		list->oa[i] = (law_last_oa(law) / 2 & ~(page - 1)) +
			      (i + 1) * 2 * page;
		if (!i || list->va[i] != from)
			assert_int_equal(law_map(law, list->va[i], list->oa[i],
						 page),
					 0);
		else
			list->oa[i] = list->oa[0];
		list->va[i] += i * 7 % page;
		list->oa[i] += i * 7 % page;
	}
}

/* A list of any length. */
static void law_lookup_plain(void **state)
{
	struct law *law = *state;
	struct law_list list;
	size_t nr;

	law_plain_list(law, &list);
	for (nr = 0; nr <= LAW_LIST; nr++)
		law_look(law, &list, nr);
}

/* One that leads elsewhere, at any place: @va, where @oa is mapped or nothing is. */
static void law_one_odd(struct law *law, const struct law_list *plain,
			dma_addr_t va, phys_addr_t oa)
{
	struct law_list list;
	size_t i;

	for (i = 0; i < LAW_LIST; i += 37) {
		list = *plain;
		list.va[i] = va;
		list.oa[i] = oa;
		law_look(law, &list, LAW_LIST);
	}
}

static void law_lookup_odd(void **state)
{
	struct law *law = *state;
	uint64_t sizes = law_domain(law)->pgsize_bitmap;
	dma_addr_t last = law_last(law);
	struct law_list list;
	size_t mapped = 0;

	law_plain_list(law, &list);
	/* Next to a page, and far from all, where there are not even tables */
	law_one_odd(law, &list, list.va[0] + law_page(law), PHYS_ADDR_MAX);
	law_one_odd(law, &list, 0, PHYS_ADDR_MAX);
	law_one_odd(law, &list, last, PHYS_ADDR_MAX);
	/* Behind the end, and in front of the beginning */
	if ((dma_addr_t)(law_base(law) + last + 1) &&
	    !law_va_valid(law, last + 1, 1))
		law_one_odd(law, &list, last + 1, PHYS_ADDR_MAX);
	if (law_base(law))
		law_one_odd(law, &list, -law_base(law), PHYS_ADDR_MAX);
	/* Leaves of all sizes */
	for (; sizes; sizes &= sizes - 1) {
		uint64_t size = sizes & -sizes;
		phys_addr_t oa = size > law_last_oa(law) / 2 ? 0 : size;

		if (size > last / 4)
			break;
		assert_int_equal(law_map(law, 0, oa, (dma_addr_t)size), 0);
		law_one_odd(law, &list, (dma_addr_t)(size - 1), oa + size - 1);
		assert_int_equal(law_unmap(law, 0, (dma_addr_t)size), size);
	}
	/* A page that can only be read */
	if (!PT_FN(map_range)(law_domain(law), law_base(law), 0, law_page(law),
			      IOMMU_READ, GFP_KERNEL, &mapped))
		law_one_odd(law, &list, 5, 5);
}

/* Where the top can grow, it ends before the VAs do. */
static void law_lookup_low(void **state)
{
	struct law *law = *state;
	dma_addr_t page = law_page(law), end = law_last(law) - page + 1;
	struct law_list list;
	size_t i;

	assert_int_equal(law_map(law, 0, page, page), 0);
	for (i = 0; i < LAW_LIST; i++) {
		list.va[i] = i % page;
		list.oa[i] = page + i % page;
	}
	law_look(law, &list, LAW_LIST);
	law_one_odd(law, &list, end, PHYS_ADDR_MAX);
	law_one_odd(law, &list, law_last(law) / 2 + 1, PHYS_ADDR_MAX);
	assert_int_equal(law_map(law, end, 0, page), 0);
	law_one_odd(law, &list, end + 3, 3);
}

/* Through pointers that say that their tables are full. */
static void law_lookup_full(void **state)
{
	struct law *law = *state;
	struct law_full full;
	struct law_list list;
	size_t i;

	if (!law_can_be_full(law))
		return;
	full = law_make_full(law);
	assert_true(law_marked(&full));
	for (i = 0; i < LAW_LIST; i++) {
		dma_addr_t at = i * 7 * (law_page(law) + 1) % full.bytes;

		list.va[i] = full.va + at;
		list.oa[i] = full.va + law_page(law) + at;
	}
	law_look(law, &list, LAW_LIST);
	assert_int_equal(law_unmap(law, full.va, law_page(law)), law_page(law));
	for (i = 0; i < LAW_LIST; i++)
		if (list.va[i] - full.va < law_page(law))
			list.oa[i] = PHYS_ADDR_MAX;
	law_look(law, &list, LAW_LIST);
}

#define LAW_PAGES 64U

/* Of @law's pages, number @i: all that can be had in the second half. */
static phys_addr_t law_some_page(struct law *law, dma_addr_t va, unsigned int i)
{
	static const unsigned int prots[] = { IOMMU_READ | IOMMU_WRITE,
					      IOMMU_READ, IOMMU_WRITE, 0 };
	unsigned int prot = prots[i < LAW_PAGES / 2 ? 0 : i % 4];
	phys_addr_t oa = 2 * i * law_page(law);
	size_t mapped = 0;

	if (!prot || PT_FN(map_range)(law_domain(law), law_base(law) + va, oa,
				      law_page(law), prot, GFP_KERNEL, &mapped))
		return PHYS_ADDR_MAX;
	return oa;
}

/* Some or many of pages and holes, in any order. */
static void law_lookup_mixed(void **state)
{
	struct law *law = *state;
	struct test_rng rng = { .state = test_seed() };
	dma_addr_t page = law_page(law);
	dma_addr_t from = law_last(law) - LAW_PAGES * page + 1;
	phys_addr_t oa[LAW_PAGES];
	struct law_list list;
	unsigned int i, round;

	for (i = 0; i < LAW_PAGES; i++)
		oa[i] = law_some_page(law, from + i * page, i);
	for (round = 0; round < LAW_PAGES; round++) {
		for (i = 0; i < LAW_LIST; i++) {
			size_t at = test_below(&rng, round + 1);
			size_t in = test_below(&rng, page);

			list.va[i] = from + at * page + in;
			list.oa[i] = oa[at] == PHYS_ADDR_MAX ? oa[at]
							     : oa[at] + in;
		}
		law_look(law, &list, test_below(&rng, LAW_LIST + 1));
	}
}

#endif
