/* SPDX-License-Identifier: MIT */
/* Each allocation of the software IOMMU and of the tree printer fails in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/print.h"
#include "rig.h"

/* Linked with --wrap: these stand before those of libc. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);

static unsigned int countdown; /* the how many-th to fail; 0 = none */

static bool fails(void)
{
	return countdown && --countdown == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

static void test_new(void **state)
{
	struct mem mem;
	struct soft_iommu_config config = { .bus = &mem.bus, .iotlb_lg2 = 4 };
	struct soft_iommu *iommu = NULL;
	unsigned int nth;

	mem_init(&mem);
	for (nth = 1; !iommu; nth++) {
		countdown = nth;
		iommu = soft_iommu_new(&config);
	}
	/* The IOMMU, its device table and two caches. */
	assert_int_equal(nth, 6);
	assert_int_equal(countdown, 1);
	countdown = 0;
	soft_iommu_free(iommu);
}

static void test_set(void **state)
{
	struct soft_dte dte;
	struct rig rig;

	rig_init(&rig);
	countdown = 1;
	assert_int_equal(rig_set(&rig, 0x99, 0, SOFT_MODE_IDENTITY, 0),
			 -ENOMEM);
	assert_false(soft_iommu_get(rig.iommu, 0x99, 0, &dte));
	/* What exists is replaced and removed without memory. */
	countdown = 1;
	assert_int_equal(rig_set(&rig, RIG_RID, 0, SOFT_MODE_IDENTITY, 0), 0);
	assert_int_equal(soft_iommu_set(rig.iommu, RIG_RID, 0, NULL), 0);
	countdown = 0;
	rig_fini(&rig);
}

/* A device table that cannot grow is slower, not wrong. */
static void test_grow(void **state)
{
	struct soft_dte dte;
	struct rig rig;

	rig_init(&rig);
	for (uint32_t i = 0; i < 500; i++) {
		countdown = 2; /* the node is there, the buckets are not */
		assert_int_equal(rig_set(&rig, i, 3, SOFT_MODE_IDENTITY, i), 0);
	}
	countdown = 0;
	for (uint32_t i = 0; i < 500; i++) {
		assert_true(soft_iommu_get(rig.iommu, i, 3, &dte));
		assert_int_equal(dte.domain_id, i);
	}
	rig_fini(&rig);
}

static void test_tree(void **state)
{
	char text[256] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct rig rig;

	rig_init(&rig);
	setvbuf(out, NULL, _IONBF, 0);
	countdown = 1;
	cli_print_tree(out, &rig.mem.bus, &rig.root, 0, UINT64_MAX);
	countdown = 0;
	fclose(out);
	assert_non_null(strstr(text, "no memory for the tree"));
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
