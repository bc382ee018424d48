/* SPDX-License-Identifier: MIT */
/**
 * DOC: The memory that a table says it takes
 *
 * Counted again by whoever can: the hooks, walking all tables; the arena; and, in
 * law_random.h, the decoder.
 */
#ifndef TESTS_PT_LAW_ACCOUNT_H
#define TESTS_PT_LAW_ACCOUNT_H

#include "laws.h"

static struct pt_iommu_memory law_memory(struct law *law)
{
	struct pt_iommu_info info;

	PT_FN(get_info)(&law->table, &info);
	return info.memory;
}

/* Add those from @pts->table down. */
static void law_count_tables(struct pt_state pts, size_t *tables)
{
	unsigned int items = 1U << pt_num_items_lg2(&pts);

	tables[pts.level]++;
	for (pts.index = 0; pts.level && pts.index < items; pts.index++) {
		struct pt_state child = pts;

		if (pt_load_entry_raw(&child) != PT_ENTRY_TABLE)
			continue;
		child.table = pt_table_ptr(&child);
		child.level--;
		law_count_tables(child, tables);
	}
}

/*
 * Nothing is under way: the tables of the tree, and those of @list, which are memory
 * until they are freed, are all there are.
 */
static void law_account_waiting(struct law *law,
				const struct iommu_pages_list *list)
{
	struct pt_top top = pt_top_read(law_common(law));
	struct pt_state pts = { .common = law_common(law),
				.table = top.table,
				.level = top.level };
	struct pt_iommu_memory memory = law_memory(law);
	size_t tables[PT_MAX_LEVELS] = { 0 };
	size_t sum = 0;
	unsigned int level;
	void *table;

	law_count_tables(pts, tables);
	for (table = list->head; table; table = iommu_pages_link_next(table))
		tables[iommu_pages_link_note(table) & PT_NOTE_LEVEL]++;
	assert_memory_equal(memory.tables, tables, sizeof(tables));
	assert_int_equal(memory.bytes, port_arena_bytes(law->arena));
	for (level = 0; level < PT_MAX_LEVELS; level++)
		sum += tables[level];
	assert_int_equal(sum, port_arena_tables(law->arena));
}

/* The same, and nothing waits for a flush. */
static void law_account(struct law *law)
{
	const struct iommu_pages_list none = { .head = NULL };

	law_account_waiting(law, &none);
}

/* After deinit there is nothing. */
static void law_account_gone(struct law *law)
{
	const struct pt_iommu_memory none = { .bytes = 0 };
	struct pt_iommu_memory memory = law_memory(law);

	assert_memory_equal(&memory, &none, sizeof(none));
}

/* A gather waits: its tables count until they are freed, and no longer. */
static void law_memory_waits(void **state)
{
	struct law *law = *state;
	struct pt_state pts = { .common = law_common(law) };
	dma_addr_t span = va_lg2_mul(1, pt_table_span_lg2(&pts));
	struct pt_iommu_memory before, waits, after;
	struct iommu_iotlb_gather gather;
	bool single = !pt_top_read(pts.common).level; /* the top stays */

	/* That may have more items than a word can address. */
	if (single)
		span = law_page(law);
	assert_int_equal(law_map(law, 0, law_page(law), span), 0);
	before = law_memory(law);
	assert_int_equal(before.tables[0], 1);
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(PT_FN(unmap_range)(law_domain(law), law_base(law),
					    span, &gather),
			 span);
	waits = law_memory(law);
	assert_int_equal(!gather.freelist.head, single);
	assert_memory_equal(&waits, &before, sizeof(waits));
	law_account_waiting(law, &gather.freelist);
	iommu_pages_list_put(&gather.freelist);
	after = law_memory(law);
	assert_int_equal(after.tables[0], single);
	assert_true(single || after.bytes < before.bytes);
	law_account(law);
}

#endif
