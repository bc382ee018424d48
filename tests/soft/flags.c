/* SPDX-License-Identifier: MIT */
/* Accessed and dirty bits: who sets them, where, when, and in what race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "examples.h"
#include "rig.h"

/**
 * struct bits - a worked example under a device that reads and then writes
 * @table_a: accessed bit of table entries; 0 = none
 */
struct bits {
	const char *example;
	uint64_t table_a, a, d;
};

static const struct bits bits[] = {
	{ "A1", 0, 1 << 5, 1 << 6 },      { "A4", 0, 1 << 5, 1 << 6 },
	{ "M1", 0, 1 << 5, 1 << 6 },      { "V1", 1 << 8, 1 << 8, 1 << 9 },
	{ "V3", 1 << 8, 1 << 8, 1 << 9 }, { "X1", 1 << 5, 1 << 5, 1 << 6 },
	{ "X3", 1 << 5, 1 << 5, 1 << 6 }, { "R1", 0, 1 << 6, 1 << 7 },
	{ "R4", 0, 1 << 6, 1 << 7 },      { "R5", 0, 1 << 6, 1 << 7 },
	{ "E1", 1 << 8, 1 << 8, 1 << 9 },
};

/* Of tables the accessed bit only: what is an address there must stay. */
static uint64_t clean_value(const struct example *ex, const struct bits *b,
			    unsigned int i)
{
	if (i + 1 < ex->nr_entries)
		return ex->entry[i].value & ~b->table_a;
	return ex->entry[i].value & ~(b->a | b->d);
}

/* Like the example, but with no accessed or dirty bit set yet. */
static void store_clean(struct rig *rig, const struct example *ex,
			const struct bits *b, uint64_t features)
{
	struct soft_dte dte = {
		.mode = SOFT_MODE_TRANSLATE,
		.domain_id = 1,
		.root = example_root(ex),
	};

	for (unsigned int i = 0; i < ex->nr_entries; i++)
		for (unsigned int j = 0; j < ex->entry[i].copies; j++)
			example_put(&rig->mem, ex, i, j, clean_value(ex, b, i));
	mem_page(&rig->mem, ex->oa);
	dte.root.features |= features;
	soft_iommu_set(rig->iommu, RIG_RID, 0, &dte);
}

/* Do the entries of the path have just these bits? */
static void check_bits(struct rig *rig, const struct example *ex,
		       const struct bits *b, uint64_t table, uint64_t leaf)
{
	unsigned int last = ex->nr_entries - 1;
	uint64_t clean = clean_value(ex, b, last);

	for (unsigned int i = 0; i < last; i++)
		assert_int_equal(example_get(&rig->mem, ex, i, 0),
				 clean_value(ex, b, i) | table);
	assert_int_equal(example_get(&rig->mem, ex, last, 0), clean | leaf);
	/* Of a run only the copy that was walked. */
	for (unsigned int j = 1; j < ex->entry[last].copies; j++)
		assert_int_equal(example_get(&rig->mem, ex, last, j), clean);
}

static void test_read_then_write(void **state)
{
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		const struct bits *b = &bits[i];
		const struct example *ex = example_find(b->example);
		struct rig rig;
		uint64_t word;

		rig_init(&rig);
		store_clean(&rig, ex, b, SOFT_FEAT_HW_DIRTY);
		assert_int_equal(rig_read(&rig, ex->va, &word, 8), SOFT_OK);
		check_bits(&rig, ex, b, b->table_a, b->a);
		/* The IOTLB has it, and still the first write must be seen. */
		assert_int_equal(rig_write(&rig, ex->va, &word, 8), SOFT_OK);
		check_bits(&rig, ex, b, b->table_a, b->a | b->d);
		rig_fini(&rig);
	}
}

static void test_accessed_only(void **state)
{
	const struct example *ex = example_find("A1");
	struct rig rig;
	uint64_t word = 0;

	rig_init(&rig);
	store_clean(&rig, ex, &bits[0], SOFT_FEAT_HW_ACCESSED);
	assert_int_equal(rig_write(&rig, ex->va, &word, 8), SOFT_OK);
	check_bits(&rig, ex, &bits[0], 0, bits[0].a);
	rig_fini(&rig);
}

static void test_off(void **state)
{
	const struct example *ex = example_find("V1");
	struct rig rig;
	uint64_t word = 0;

	/* Not enabled. */
	rig_init(&rig);
	store_clean(&rig, ex, &bits[3], 0);
	assert_int_equal(rig_write(&rig, ex->va, &word, 8), SOFT_OK);
	check_bits(&rig, ex, &bits[3], 0, 0);
	rig_fini(&rig);
	/* Memory without compare and swap. */
	rig_init(&rig);
	rig.mem.bus.cas = NULL;
	store_clean(&rig, ex, &bits[3], SOFT_FEAT_HW_DIRTY);
	assert_int_equal(rig_write(&rig, ex->va, &word, 8), SOFT_OK);
	assert_int_equal(rig_write(&rig, ex->va, &word, 8), SOFT_OK);
	check_bits(&rig, ex, &bits[3], 0, 0);
	rig_fini(&rig);
}

/* A blocked request leaves no trace. */
static void test_not_on_fault(void **state)
{
	const struct example *ex = example_find("A2");
	struct rig rig;
	uint64_t word = 0;

	rig_init(&rig);
	store_clean(&rig, ex, &bits[0], SOFT_FEAT_HW_DIRTY);
	assert_int_equal(rig_write(&rig, ex->va, &word, 8),
			 SOFT_FAULT_PERMISSION);
	check_bits(&rig, ex, &bits[0], 0, 0);
	rig_fini(&rig);
}

/* Cleared without an invalidation, the bit is not set again: as in hardware. */
static void test_clear_needs_invalidation(void **state)
{
	const struct example *ex = example_find("V1");
	uint64_t leaf = example_pa(ex, 3);
	struct rig rig;
	uint64_t word = 0;

	rig_init(&rig);
	store_clean(&rig, ex, &bits[3], SOFT_FEAT_HW_DIRTY);
	rig_write(&rig, ex->va, &word, 8);
	mem_put(&rig.mem, leaf, mem_get(&rig.mem, leaf) & ~bits[3].d);
	rig_write(&rig, ex->va, &word, 8);
	check_bits(&rig, ex, &bits[3], bits[3].a, bits[3].a);
	soft_iommu_invalidate(rig.iommu, 1, ex->va, ex->va, true);
	rig_write(&rig, ex->va, &word, 8);
	check_bits(&rig, ex, &bits[3], bits[3].a, bits[3].a | bits[3].d);
	rig_fini(&rig);
}

/* ------------------------------------------------ entries change under us */

static unsigned int swaps;

/* Before the first swap of the leaf, the page moves. */
static void move_page(struct mem *mem, uint64_t pa)
{
	if (pa == example_pa(example_find("V1"), 3) && swaps++ == 0)
		mem_put(mem, pa, 0x55555003);
}

static void test_race(void **state)
{
	const struct example *ex = example_find("V1");
	struct rig rig;
	uint64_t word = 0x1234;

	swaps = 0;
	rig_init(&rig);
	store_clean(&rig, ex, &bits[3], SOFT_FEAT_HW_DIRTY);
	mem_page(&rig.mem, 0x55555000);
	rig.mem.swap = move_page;
	assert_int_equal(rig_write(&rig, ex->va, &word, 8), SOFT_OK);
	/* Written where the bit was set, and nowhere else. */
	assert_int_equal(mem_get(&rig.mem, 0x55555000), word);
	assert_int_equal(mem_get(&rig.mem, ex->oa), 0);
	assert_int_equal(mem_get(&rig.mem, example_pa(ex, 3)),
			 0x55555003 | bits[3].a | bits[3].d);
	rig_fini(&rig);
}

/* Before the first swap of the leaf, it is unmapped. */
static void unmap_page(struct mem *mem, uint64_t pa)
{
	if (pa == example_pa(example_find("V1"), 3))
		mem_put(mem, pa, 0);
}

static void test_race_with_unmap(void **state)
{
	const struct example *ex = example_find("V1");
	struct rig rig;
	uint64_t word = 0x1234;

	rig_init(&rig);
	store_clean(&rig, ex, &bits[3], SOFT_FEAT_HW_DIRTY);
	rig.mem.swap = unmap_page;
	assert_int_equal(rig_write(&rig, ex->va, &word, 8),
			 SOFT_FAULT_NOT_PRESENT);
	assert_int_equal(mem_get(&rig.mem, example_pa(ex, 3)), 0);
	assert_int_equal(mem_get(&rig.mem, ex->oa), 0);
	rig_fini(&rig);
}

/* An entry that never holds still does not hold the walker for ever. */
static void fidget(struct mem *mem, uint64_t pa)
{
	mem_put(mem, pa, mem_get(mem, pa) ^ UINT64_C(1) << 10);
}

static void test_livelock(void **state)
{
	const struct example *ex = example_find("V1");
	struct rig rig;
	uint64_t word = 0;

	rig_init(&rig);
	store_clean(&rig, ex, &bits[3], SOFT_FEAT_HW_DIRTY);
	rig.mem.swap = fidget;
	assert_int_equal(rig_write(&rig, ex->va, &word, 8), SOFT_FAULT_BUS);
	rig_fini(&rig);
}

/* The memory of the table goes away between load and swap. */
static void vanish(struct mem *mem, uint64_t pa)
{
	mem_remove(mem, pa);
}

static void test_no_memory(void **state)
{
	const struct example *ex = example_find("V1");
	struct rig rig;
	uint64_t word = 0;

	rig_init(&rig);
	store_clean(&rig, ex, &bits[3], SOFT_FEAT_HW_DIRTY);
	rig.mem.swap = vanish;
	assert_int_equal(rig_write(&rig, ex->va, &word, 8), SOFT_FAULT_BUS);
	rig_fini(&rig);
}

static unsigned int refusals;

static int refuse(struct soft_bus *bus, uint64_t pa, unsigned int size,
		  uint64_t *old, uint64_t value)
{
	refusals++;
	return -EFAULT;
}

/* A bus that does not take it is asked once. */
static void test_refused(void **state)
{
	const struct example *ex = example_find("V1");
	struct rig rig;
	uint64_t word = 0;

	refusals = 0;
	rig_init(&rig);
	store_clean(&rig, ex, &bits[3], SOFT_FEAT_HW_DIRTY);
	rig.mem.bus.cas = refuse;
	assert_int_equal(rig_write(&rig, ex->va, &word, 8), SOFT_FAULT_BUS);
	assert_int_equal(refusals, 1);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_then_write),
		cmocka_unit_test(test_accessed_only),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_not_on_fault),
		cmocka_unit_test(test_clear_needs_invalidation),
		cmocka_unit_test(test_race),
		cmocka_unit_test(test_race_with_unmap),
		cmocka_unit_test(test_livelock),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
