/* SPDX-License-Identifier: MIT */
/* Requests: what reaches memory, what is blocked, what the record says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "examples.h"
#include "rig.h"

#define OA UINT64_C(0x10000000)

static void fill(uint8_t *buf, size_t len, unsigned int seed)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(i * 7 + seed + i / 251);
}

/* Pages that follow each other in VA only. */
static void test_crosses_pages(void **state)
{
	static uint8_t out[3 * 4096], in[sizeof(out)];
	struct rig rig;
	size_t done;

	rig_init(&rig);
	rig_map(&rig, 0x10000, OA + 0x5000, SS_RW);
	rig_map(&rig, 0x11000, OA + 0x1000, SS_RW);
	rig_map(&rig, 0x12000, OA + 0x9000, SS_RW);
	rig_map(&rig, 0x13000, OA, SS_RW);
	fill(out, sizeof(out), 1);
	for (unsigned int round = 0; round < 2; round++) { /* cold and warm */
		memset(in, 0, sizeof(in));
		assert_int_equal(rig_write(&rig, 0x10123, out, sizeof(out)),
				 SOFT_OK);
		assert_int_equal(soft_iommu_dma(rig.iommu, RIG_RID, 0, 0x10123,
						in, sizeof(in), SOFT_READ,
						&done),
				 SOFT_OK);
		assert_int_equal(done, sizeof(in));
		assert_memory_equal(in, out, sizeof(in));
	}
	/* Where the pieces are. */
	mem_dma_read(&rig.mem.bus, OA + 0x5123, in, 1);
	assert_int_equal(in[0], out[0]);
	mem_dma_read(&rig.mem.bus, OA + 0x1000, in, 1);
	assert_int_equal(in[0], out[0x1000 - 0x123]);
	mem_dma_read(&rig.mem.bus, OA + 0x122, in, 1);
	assert_int_equal(in[0], out[sizeof(out) - 1]);
	assert_int_equal(rig.faults, 0);
	rig_fini(&rig);
}

static void test_partial(void **state)
{
	uint8_t buf[0x2000];
	struct rig rig;
	size_t done = 99;

	rig_init(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	rig_map(&rig, 0x11000, OA + 0x1000, SS_R);
	assert_int_equal(soft_iommu_dma(rig.iommu, RIG_RID, 0, 0x10800, buf,
					sizeof(buf), SOFT_WRITE, &done),
			 SOFT_FAULT_PERMISSION);
	assert_int_equal(done, 0x800);
	assert_int_equal(rig.faults, 1);
	assert_int_equal(rig.fault.va, 0x11000);
	assert_int_equal(rig.fault.access, SOFT_WRITE);
	assert_int_equal(soft_iommu_dma(rig.iommu, RIG_RID, 0, 0x10800, buf,
					sizeof(buf), SOFT_READ, &done),
			 SOFT_FAULT_NOT_PRESENT);
	assert_int_equal(done, 0x1800);
	assert_int_equal(rig.fault.va, 0x12000);
	assert_int_equal(soft_iommu_dma(rig.iommu, RIG_RID, 0, 0x20000, buf, 0,
					SOFT_READ, &done),
			 SOFT_OK);
	assert_int_equal(done, 0);
	assert_int_equal(rig.faults, 2);
	rig_fini(&rig);
}

static void check_fault(struct rig *rig, uint64_t va, unsigned int access,
			enum soft_reason reason, unsigned int steps)
{
	unsigned int before = rig->faults;
	uint8_t byte = 0;

	assert_int_equal(soft_iommu_dma(rig->iommu, RIG_RID, 0, va, &byte, 1,
					access, NULL),
			 reason);
	assert_int_equal(rig->faults, before + 1);
	assert_int_equal(rig->fault.rid, RIG_RID);
	assert_int_equal(rig->fault.pasid, 0);
	assert_int_equal(rig->fault.va, va);
	assert_int_equal(rig->fault.access, access);
	assert_int_equal(rig->fault.walk.va, va);
	assert_int_equal(rig->fault.walk.reason, reason);
	assert_int_equal(rig->fault.walk.steps, steps);
}

static void test_reasons(void **state)
{
	const struct soft_entry *last;
	struct rig rig;

	rig_init(&rig);
	check_fault(&rig, 0x10000, SOFT_WRITE, SOFT_FAULT_NOT_PRESENT, 1);
	rig_map(&rig, 0x10000, OA, SS_R);
	check_fault(&rig, 0x20008, SOFT_READ, SOFT_FAULT_NOT_PRESENT, 3);
	last = &rig.fault.walk.step[2];
	assert_int_equal(last->kind, SOFT_EMPTY);
	assert_int_equal(last->index, 0x20);
	assert_int_equal(last->table_pa, RIG_TABLES + 2 * MEM_PAGE);
	check_fault(&rig, 0x10008, SOFT_WRITE, SOFT_FAULT_PERMISSION, 3);
	check_fault(&rig, UINT64_C(1) << 39, SOFT_READ, SOFT_FAULT_RANGE, 0);

	rig_map(&rig, 0x11000, OA, SS_RW | UINT64_C(1) << 62);
	check_fault(&rig, 0x11000, SOFT_READ, SOFT_FAULT_BAD_ENTRY, 3);
	assert_int_equal(rig.fault.walk.step[2].kind, SOFT_BAD);

	/* No memory for the data, for a table. */
	rig_map(&rig, 0x12000, OA + 0x4000, SS_RW);
	mem_remove(&rig.mem, OA + 0x4000);
	check_fault(&rig, 0x12004, SOFT_WRITE, SOFT_FAULT_BUS, 3);
	assert_int_equal(rig.fault.walk.oa, OA + 0x4004);
	check_fault(&rig, 0x12004, SOFT_WRITE, SOFT_FAULT_BUS, 3); /* a hit */
	assert_int_equal(rig.fault.walk.oa, OA + 0x4004);
	rig_invalidate(&rig, 0, UINT64_MAX);
	mem_remove(&rig.mem, RIG_TABLES + 2 * MEM_PAGE);
	check_fault(&rig, 0x10000, SOFT_READ, SOFT_FAULT_BUS, 3);
	assert_int_equal(rig.fault.walk.step[2].kind, SOFT_BAD);

	rig.root.levels = 7;
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN);
	check_fault(&rig, 0x10000, SOFT_READ, SOFT_FAULT_BAD_ROOT, 0);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_BLOCKED, 0);
	check_fault(&rig, 0x10000, SOFT_READ, SOFT_FAULT_BLOCKED, 0);
	soft_iommu_set(rig.iommu, RIG_RID, 0, NULL);
	check_fault(&rig, 0x10000, SOFT_READ, SOFT_FAULT_BLOCKED, 0);
	rig_fini(&rig);
}

/* The record has the whole path, though the walk began at a cached table. */
static void test_record_of_warm_walk(void **state)
{
	uint64_t other;
	struct rig rig;
	uint8_t byte;

	rig_init(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	rig_map(&rig, 0x11000, OA, SS_R);
	rig_map(&rig, 0x12000, OA + 0x4000, SS_RW);
	mem_remove(&rig.mem, OA + 0x4000);
	assert_int_equal(rig_read(&rig, 0x10000, &byte, 1), SOFT_OK);
	check_fault(&rig, 0x20008, SOFT_READ, SOFT_FAULT_NOT_PRESENT, 3);
	check_fault(&rig, 0x11008, SOFT_WRITE, SOFT_FAULT_PERMISSION, 3);
	check_fault(&rig, 0x12008, SOFT_WRITE, SOFT_FAULT_BUS, 3);
	assert_int_equal(rig.fault.walk.oa, OA + 0x4008);
	/* Only if the cache is right: else the record shows what was used. */
	other = rig.next_table;
	mem_put(&rig.mem, other + 0x20 * 8, OA | SS_RW);
	mem_put(&rig.mem, rig_entry(&rig, 0x20000, 1), other | SS_RW);
	check_fault(&rig, 0x20008, SOFT_READ, SOFT_FAULT_NOT_PRESENT, 1);
	assert_int_equal(rig.fault.walk.step[0].table_pa,
			 RIG_TABLES + 2 * MEM_PAGE);
	rig_fini(&rig);
}

static void test_identity(void **state)
{
	uint64_t word = 0x1122334455667788, back = 0;
	struct rig rig;

	rig_init(&rig);
	mem_page(&rig.mem, OA);
	mem_page(&rig.mem, OA + 0x1000);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_IDENTITY, 0);
	assert_int_equal(rig_write(&rig, OA + 0xffc, &word, 8), SOFT_OK);
	assert_int_equal(rig_read(&rig, OA + 0xffc, &back, 8), SOFT_OK);
	assert_int_equal(back, word);
	check_fault(&rig, OA + 0x2000, SOFT_WRITE, SOFT_FAULT_BUS, 0);
	assert_int_equal(rig.fault.walk.oa, OA + 0x2000);
	rig_fini(&rig);
}

/* A request that would wrap around stops at the end of the address space. */
static void test_no_wrap(void **state)
{
	uint8_t buf[16] = { 0 };
	struct rig rig;
	size_t done;

	rig_init(&rig);
	mem_page(&rig.mem, UINT64_MAX);
	mem_page(&rig.mem, 0);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_IDENTITY, 0);
	assert_int_equal(soft_iommu_dma(rig.iommu, RIG_RID, 0, UINT64_MAX - 7,
					buf, 16, SOFT_WRITE, &done),
			 SOFT_FAULT_RANGE);
	assert_int_equal(done, 8);
	assert_int_equal(rig.faults, 1);
	assert_int_equal(rig.fault.va, 0);
	assert_int_equal(rig.fault.walk.reason, SOFT_FAULT_RANGE);
	rig_fini(&rig);
}

static void test_device_table(void **state)
{
	struct soft_dte dte;
	struct rig rig;
	uint8_t byte;

	rig_init(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	assert_true(soft_iommu_get(rig.iommu, RIG_RID, 0, &dte));
	assert_int_equal(dte.domain_id, RIG_DOMAIN);
	assert_int_equal(dte.root.pa, rig.root.pa);
	assert_false(soft_iommu_get(rig.iommu, RIG_RID, 1, &dte));
	assert_false(soft_iommu_get(rig.iommu, RIG_RID + 1, 0, &dte));

	/* A PASID is a device of its own. */
	assert_int_equal(soft_iommu_dma(rig.iommu, RIG_RID, 7, 0x10000, &byte,
					1, SOFT_READ, NULL),
			 SOFT_FAULT_BLOCKED);
	assert_int_equal(rig.fault.pasid, 7);
	rig_set(&rig, RIG_RID, 7, SOFT_MODE_TRANSLATE, RIG_DOMAIN);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_BLOCKED, 0);
	assert_int_equal(soft_iommu_dma(rig.iommu, RIG_RID, 7, 0x10000, &byte,
					1, SOFT_READ, NULL),
			 SOFT_OK);
	assert_int_equal(rig_read(&rig, 0x10000, &byte, 1), SOFT_FAULT_BLOCKED);
	soft_iommu_set(rig.iommu, 0x1234, 0, NULL); /* there is none: fine */
	rig_fini(&rig);
}

static void count_entry(void *arg, uint32_t rid, uint32_t pasid,
			const struct soft_dte *dte)
{
	uint32_t *n = arg;

	/* In order, and complete but for those that were removed. */
	while (*n % 3 == 0)
		++*n;
	assert_int_equal(rid, *n / 4);
	assert_int_equal(pasid, *n % 4);
	assert_int_equal(dte->domain_id, *n);
	++*n;
}

static void test_many_devices(void **state)
{
	struct soft_dte dte;
	uint32_t count;
	struct rig rig;

	rig_init(&rig);
	for (uint32_t i = 0; i < 2000; i++)
		assert_int_equal(
			rig_set(&rig, i / 4, i % 4, SOFT_MODE_TRANSLATE, i), 0);
	for (uint32_t i = 0; i < 2000; i += 3)
		soft_iommu_set(rig.iommu, i / 4, i % 4, NULL);
	for (uint32_t i = 0; i < 2000; i++) {
		assert_int_equal(soft_iommu_get(rig.iommu, i / 4, i % 4, &dte),
				 i % 3 != 0);
		if (i % 3)
			assert_int_equal(dte.domain_id, i);
	}
	count = 0;
	soft_iommu_set(rig.iommu, RIG_RID, 0, NULL);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_TRANSLATE, RIG_RID * 4);
	assert_int_equal(soft_iommu_each(rig.iommu, count_entry, &count), 0);
	assert_int_equal(count, 2000);
	rig_fini(&rig);
}

/* Each worked example, through a device. */
static void test_examples(void **state)
{
	for (size_t i = 0; i < NR_EXAMPLES; i++) {
		const struct example *ex = &examples[i];
		struct soft_dte dte = {
			.mode = SOFT_MODE_TRANSLATE,
			.domain_id = 1,
			.root = example_root(ex),
		};
		uint64_t off[] = { 0, ex->size / 2 + 24, ex->size - 8 };
		struct rig rig;

		rig_init(&rig);
		example_store(&rig.mem, ex);
		soft_iommu_set(rig.iommu, RIG_RID, 0, &dte);
		for (unsigned int j = 0; j < 3; j++) {
			mem_put(&rig.mem, ex->oa + off[j], 100 + j);
			assert_int_equal(rig_peek(&rig, ex->va + off[j]),
					 100 + j);
			assert_int_equal(
				rig_write(&rig, ex->va + off[j], "abc", 3),
				ex->prot & SOFT_WRITE ? SOFT_OK
						      : SOFT_FAULT_PERMISSION);
		}
		assert_int_equal(rig_peek(&rig, ex->va - 8),
				 SOFT_FAULT_NOT_PRESENT);
		assert_int_equal(rig_peek(&rig, ex->va + ex->size),
				 SOFT_FAULT_NOT_PRESENT);
		assert_int_equal(rig.suspects, 0);
		rig_fini(&rig);
	}
}

/* Each request is told once, with what it moved and what the IOTLB knew. */
static void test_told(void **state)
{
	uint8_t buf[0x3000] = { 0 };
	struct rig rig;

	rig_init(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	rig_map(&rig, 0x11000, OA + 0x5000, SS_R);
	assert_int_equal(rig_read(&rig, 0x10800, buf, 0x1000), SOFT_OK);
	assert_int_equal(rig.dmas, 1);
	assert_int_equal(rig.dma.rid, RIG_RID);
	assert_int_equal(rig.dma.va, 0x10800);
	assert_int_equal(rig.dma.len, 0x1000);
	assert_int_equal(rig.dma.done, 0x1000);
	assert_int_equal(rig.dma.access, SOFT_READ);
	assert_int_equal(rig.dma.reason, SOFT_OK);
	assert_int_equal(rig.dma.hits, 0);
	assert_int_equal(rig.dma.misses, 2);
	/* The second page is read-only: asked the IOTLB, then walked and blocked. */
	assert_int_equal(rig_write(&rig, 0x10000, buf, sizeof(buf)),
			 SOFT_FAULT_PERMISSION);
	assert_int_equal(rig.dmas, 2);
	assert_int_equal(rig.dma.done, 0x1000);
	assert_int_equal(rig.dma.len, sizeof(buf));
	assert_int_equal(rig.dma.reason, SOFT_FAULT_PERMISSION);
	assert_int_equal(rig.dma.hits, 1);
	assert_int_equal(rig.dma.misses, 1);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_IDENTITY, 0);
	assert_int_equal(rig_read(&rig, OA, buf, 8), SOFT_OK);
	assert_int_equal(rig.dmas, 3);
	assert_int_equal(rig.dma.hits + rig.dma.misses, 0);
	rig_fini(&rig);
}

/* A configuration without callbacks. */
static void test_no_callbacks(void **state)
{
	struct mem mem;
	struct soft_iommu_config config = { .bus = &mem.bus };
	struct soft_iommu *iommu = soft_iommu_new(&config);
	uint8_t byte;

	mem_init(&mem);
	assert_non_null(iommu);
	assert_int_equal(soft_iommu_dma(iommu, 1, 0, 0, &byte, 1, SOFT_READ,
					NULL),
			 SOFT_FAULT_BLOCKED);
	soft_iommu_free(iommu);
	soft_iommu_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crosses_pages),
		cmocka_unit_test(test_partial),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_record_of_warm_walk),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_no_wrap),
		cmocka_unit_test(test_device_table),
		cmocka_unit_test(test_many_devices),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_no_callbacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
