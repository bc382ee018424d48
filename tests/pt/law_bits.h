/* SPDX-License-Identifier: MIT */
/**
 * DOC: Laws about the hooks of a format
 *
 * They use a table of their own, which is not connected to anything: @pts stands
 * for a table of any level.
 */
#ifndef TESTS_PT_LAW_BITS_H
#define TESTS_PT_LAW_BITS_H

#include "laws.h"

#define LAW_MAX_ITEMS  (1U << 16)
#define LAW_MAX_PLACES 256U /* of a table are tried */

static pt_item_t law_items[LAW_MAX_ITEMS]
	__attribute__((aligned(1 << IOMMU_PAGES_ALIGN_LG2)));

/* An empty table of @level. */
static struct pt_state law_state(struct law *law, unsigned int level)
{
	struct pt_state pts = { .common = law_common(law),
				.table = law_items,
				.level = level };

	assert_true(1U << pt_num_items_lg2(&pts) <= LAW_MAX_ITEMS);
	memset(law_items, 0, sizeof(law_items));
	return pts;
}

/*
 * The next item to try in a table of @items: all of them in small tables, and the
 * first, the last and ones of all remainders in between in large ones.
 */
static unsigned int law_next_place(unsigned int index, unsigned int items,
				   unsigned int step)
{
	unsigned int stride = items / step / LAW_MAX_PLACES | 1;

	index += stride * step;
	if (index >= items && index - stride * step != items - step)
		return items - step;
	return index;
}

static unsigned int law_max_level(struct law *law)
{
	return pt_feature(law_common(law), PT_FEAT_DYNAMIC_TOP)
		       ? PT_MAX_TOP_LEVEL
		       : pt_top_read(law_common(law)).level;
}

/* Only items [@first, @first + @count) are in use. */
static void law_check_untouched(const struct pt_state *pts, unsigned int first,
				unsigned int count)
{
	unsigned int items = 1U << pt_num_items_lg2(pts);
	pt_item_t other = 0;
	unsigned int i;

	for (i = 0; i < items; i++)
		if (i < first || i >= first + count)
			other |= pts->table[i];
	assert_int_equal(other, 0);
}

/* An OA of @size_lg2 alignment with many different bits. */
static phys_addr_t law_oa(struct law *law, unsigned int size_lg2,
			  unsigned int nr)
{
	struct test_rng rng = { .state = nr };
	phys_addr_t oa = test_random(&rng) & law_last_oa(law);

	if (nr == 0)
		oa = 0;
	if (nr == 1)
		oa = law_last_oa(law);
	return oa & ~oa_lg2_mask(size_lg2);
}

/* Each bit of the VA above the page is decoded once, by one level. */
static void law_radix(void **state)
{
	struct law *law = *state;
	struct pt_state pts = law_state(law, 0);
	dma_addr_t seen = law_page(law) - 1;
	unsigned int level, bit;

	for (level = 0; level <= law_max_level(law); level++) {
		dma_addr_t mask;

		pts.level = level;
		mask = va_lg2_mul(va_lg2_mask(pt_num_items_lg2(&pts)),
				  pt_table_item_lg2sz(&pts));
		assert_int_equal(seen & mask, 0);
		seen |= mask;
		for (bit = 0; bit < va_width; bit++) {
			dma_addr_t va = (dma_addr_t)1 << bit;
			unsigned int index = pt_va_index(&pts, va);

			assert_int_equal(!!index, !!(mask & va));
			assert_true(index >> pt_num_items_lg2(&pts) == 0);
		}
	}
	/* No gaps, and all of the VA that is not the sign's copies. */
	assert_int_equal(seen & (seen + 1), 0);
	assert_true(seen >= va_lg2_mask(law_common(law)->max_vasz_lg2));
}

static void law_table_round_trip(void **state)
{
	struct law *law = *state;
	unsigned int level, nr;

	for (level = 1; level <= law_max_level(law); level++) {
		struct pt_state pts = law_state(law, level);
		unsigned int items = 1U << pt_num_items_lg2(&pts);
		unsigned int table_lg2 = PT_TABLEMEM_LG2SZ;

		for (pts.index = nr = 0; pts.index < items;
		     nr++, pts.index = law_next_place(pts.index, items, 1)) {
			phys_addr_t pa = law_oa(law, table_lg2, nr);

			assert_int_equal(pt_load_entry_raw(&pts),
					 PT_ENTRY_EMPTY);
			assert_true(pt_install_table(&pts, pa));
			/* Not twice: the item is not what it was. */
			assert_false(pt_install_table(&pts, pa));
			assert_int_equal(pt_load_entry_raw(&pts),
					 PT_ENTRY_TABLE);
			assert_int_equal(pt_table_pa(&pts), pa);
			law_check_untouched(&pts, pts.index, 1);
			law_items[pts.index] = 0;
		}
	}
}

static void law_check_entry(struct pt_state pts, phys_addr_t oa,
			    unsigned int size_lg2, const struct pt_attrs *attrs)
{
	unsigned int count = 1U << (size_lg2 - pt_table_item_lg2sz(&pts));
	struct pt_attrs back;

	law_check_untouched(&pts, pts.index, count);
	for (; count; count--, pts.index++) {
		assert_int_equal(pt_load_entry_raw(&pts), PT_ENTRY_LEAF);
		assert_int_equal(pt_entry_oa(&pts), oa);
		assert_int_equal(pt_entry_lg2sz(&pts), size_lg2);
		pt_attr_from_entry(&pts, &back);
		assert_int_equal(back.bits, attrs->bits);
	}
}

/* Every size of every level, at every index where it can stand. */
static void law_leaf_round_trip(void **state)
{
	struct law *law = *state;
	unsigned int level, size_lg2, nr = 0;
	struct pt_attrs attrs;

	assert_int_equal(pt_iommu_set_prot(law_common(law), &attrs, LAW_RW), 0);
	for (level = 0; level <= law_max_level(law); level++) {
		struct pt_state pts = law_state(law, level);
		unsigned int items = 1U << pt_num_items_lg2(&pts);
		uint64_t sizes = pt_possible_sizes(&pts) &
				 law_domain(law)->pgsize_bitmap;

		assert_int_equal(!!pt_possible_sizes(&pts),
				 pt_can_have_leaf(&pts));
		for (; sizes; sizes &= sizes - 1) {
			unsigned int step;

			size_lg2 = oa_lg2_align(sizes);
			step = 1U << (size_lg2 - pt_table_item_lg2sz(&pts));
			for (pts.index = 0; pts.index < items;
			     pts.index =
				     law_next_place(pts.index, items, step)) {
				phys_addr_t oa = law_oa(law, size_lg2, nr++);

				pt_install_leaf_entry(&pts, oa, size_lg2,
						      &attrs);
				law_check_entry(pts, oa, size_lg2, &attrs);
				memset(&law_items[pts.index], 0,
				       step * sizeof(law_items[0]));
			}
		}
	}
}

/* A run of entries is what its entries are, one by one. */
static void law_leaf_runs(void **state)
{
	static pt_item_t single[LAW_MAX_ITEMS];
	struct law *law = *state;
	struct test_rng rng = { .state = 1 };
	struct pt_attrs attrs;
	unsigned int level, i;

	assert_int_equal(pt_iommu_set_prot(law_common(law), &attrs, LAW_RW), 0);
	for (level = 0; level <= law_max_level(law); level++) {
		struct pt_state pts = law_state(law, level);
		unsigned int items = 1U << pt_num_items_lg2(&pts);
		uint64_t sizes = pt_possible_sizes(&pts) &
				 law_domain(law)->pgsize_bitmap;

		for (; sizes; sizes &= sizes - 1) {
			unsigned int size_lg2 = oa_lg2_align(sizes);
			unsigned int step =
				1U << (size_lg2 - pt_table_item_lg2sz(&pts));
			unsigned int first =
				(unsigned int)test_below(&rng, items / step);
			unsigned int count =
				1 + (unsigned int)test_below(
					    &rng, items / step - first);
			phys_addr_t oa = law_oa(law, size_lg2, first);

			while ((uint64_t)count - 1 > (law_last_oa(law) - oa) >>
			       size_lg2)
				count /= 2;
			memset(law_items, 0, sizeof(law_items));
			for (i = 0; i < count; i++) {
				pts.index = (first + i) * step;
				pt_install_leaf_entry(
					&pts, oa + ((uint64_t)i << size_lg2),
					size_lg2, &attrs);
			}
			memcpy(single, law_items, sizeof(single));
			memset(law_items, 0, sizeof(law_items));
			pts.index = first * step;
			pt_install_leaf_run(&pts, oa, size_lg2, count, &attrs);
			assert_memory_equal(single, law_items, sizeof(single));
		}
	}
}

/* All that a caller can ask for is refused, or survives in the entry. */
static void law_attributes(void **state)
{
	struct law *law = *state;
	struct pt_attrs attrs;
	unsigned int prot, level;

	for (prot = 0; prot < IOMMU_PRIV << 1; prot++) {
		int ret = pt_iommu_set_prot(law_common(law), &attrs, prot);

		if (ret) {
			assert_true(ret == -EINVAL || ret == -EOPNOTSUPP);
			assert_true((prot & LAW_RW) != LAW_RW);
			continue;
		}
		for (level = 0; level <= law_max_level(law); level++) {
			struct pt_state pts = law_state(law, level);
			uint64_t sizes = pt_possible_sizes(&pts) &
					 law_domain(law)->pgsize_bitmap;

			for (; sizes; sizes &= sizes - 1) {
				unsigned int size_lg2 = oa_lg2_align(sizes);
				phys_addr_t oa = law_oa(law, size_lg2, prot);

				memset(law_items, 0, sizeof(law_items));
				pt_install_leaf_entry(&pts, oa, size_lg2,
						      &attrs);
				law_check_entry(pts, oa, size_lg2, &attrs);
			}
		}
	}
}

/* No software bit means anything to the hooks. */
static void law_sw_bits(void **state)
{
	struct law *law = *state;
	struct pt_attrs attrs, back;
	unsigned int level;
	pt_item_t seen = 0;
	int nr;

	assert_int_equal(pt_iommu_set_prot(law_common(law), &attrs, LAW_RW), 0);
	for (nr = 0; nr <= pt_max_sw_bit(law_common(law)); nr++) {
		pt_item_t bit = pt_sw_bit(law_common(law), (unsigned int)nr);

		assert_true(bit && !(bit & (bit - 1)) && !(bit & seen));
		seen |= bit;
		for (level = 0; level <= law_max_level(law); level++) {
			struct pt_state pts = law_state(law, level);
			unsigned int item_lg2 = pt_table_item_lg2sz(&pts);
			phys_addr_t pa = law_oa(law, PT_TABLEMEM_LG2SZ, 1);
			phys_addr_t oa = law_oa(law, item_lg2, 1);

			if (pt_possible_sizes(&pts) &
			    law_domain(law)->pgsize_bitmap & 1ULL << item_lg2) {
				pt_install_leaf_entry(&pts, oa, item_lg2,
						      &attrs);
				law_items[0] |= bit;
				assert_int_equal(pt_load_entry_raw(&pts),
						 PT_ENTRY_LEAF);
				assert_int_equal(pt_entry_oa(&pts), oa);
				assert_int_equal(pt_entry_lg2sz(&pts),
						 item_lg2);
				pt_attr_from_entry(&pts, &back);
				assert_int_equal(back.bits, attrs.bits);
			}
			if (!level)
				continue;
			law_items[0] = pts.entry = 0;
			assert_true(pt_install_table(&pts, pa));
			law_items[0] |= bit;
			assert_int_equal(pt_load_entry_raw(&pts),
					 PT_ENTRY_TABLE);
			assert_int_equal(pt_table_pa(&pts), pa);
		}
	}
}

/*
 * The link in a freed table is not present for the hardware that may still walk
 * it, wherever the next table is, the kernel's half of the address space included.
 */
static void law_freed_tables(void **state)
{
	struct law *law = *state;
	unsigned int width = sizeof(uintptr_t) * 8;
	unsigned int level, bit, item;

	for (level = 0; level <= law_max_level(law); level++) {
		struct pt_state pts = law_state(law, level);

		for (bit = 10; bit <= width + 1; bit++) {
			uintptr_t next = bit < width    ? (uintptr_t)1 << bit
					 : bit == width ? ~(uintptr_t)0x3ff
							: 0;

			law_items[0] = law_items[1] = (pt_item_t)-1;
			iommu_pages_link_set(law_items, (void *)next,
					     bit & IOMMU_PAGES_MAX_NOTE);
			assert_int_equal(iommu_pages_link_note(law_items),
					 bit & IOMMU_PAGES_MAX_NOTE);
			assert_ptr_equal(iommu_pages_link_next(law_items),
					 (void *)next);
			for (item = 0; item < 8 / PT_ITEM_WORD_SIZE; item++) {
				pts.index = item;
				assert_int_equal(pt_load_entry_raw(&pts),
						 PT_ENTRY_EMPTY);
			}
		}
	}
}

#endif
