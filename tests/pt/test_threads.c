/* SPDX-License-Identifier: MIT */
/*
 * Threads on disjoint ranges that share tables, with no lock but the one that the
 * top grows under: racing table installation, racing growth, translation and dirty
 * bits beside maps of neighbours. The result is what one thread makes.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include <uiommu/iommu_gather.h>
#include <uiommu/pt/iommu.h>

#include "port/port.h"

#define THREADS 4
#define PAGES   64 /* of each thread, in each region */
#define REGIONS 24
#define ROUNDS  12
#define PAGE    0x1000UL
#define RW      (IOMMU_READ | IOMMU_WRITE)

struct table {
	union {
		struct iommu_domain domain;
		struct pt_iommu_amdv1 amdv1;
		struct pt_iommu_vtdss vtdss;
	};
	struct port_arena *arena;
	struct port_lock lock;
	unsigned int tops;
	pthread_barrier_t barrier;
};

struct worker {
	struct table *table;
	unsigned int nr;
	const char *error;
};

static struct port_lock *get_top_lock(struct pt_iommu *iommu)
{
	return &((struct table *)iommu)->lock;
}

static void change_top(struct pt_iommu *iommu, phys_addr_t top_pa,
		       unsigned int top_level)
{
	((struct table *)iommu)->tops++;
}

static const struct pt_iommu_driver_ops driver_ops = {
	.get_top_lock = get_top_lock,
	.change_top = change_top,
};

static const struct iommu_domain_ops amdv1_ops = { IOMMU_PT_DOMAIN_OPS(amdv1) };
static const struct iommu_dirty_ops amdv1_dirty = { IOMMU_PT_DIRTY_OPS(amdv1) };
static const struct iommu_domain_ops vtdss_ops = { IOMMU_PT_DOMAIN_OPS(vtdss) };
static const struct iommu_dirty_ops vtdss_dirty = { IOMMU_PT_DIRTY_OPS(vtdss) };

/* Regions are spread so that they need different tables of all levels. */
static dma_addr_t region(unsigned int r)
{
	return (dma_addr_t)(r % 4) << 21 | (dma_addr_t)(r / 4) << 39;
}

/* Pages of the threads alternate; an OA is never congruent. */
static dma_addr_t page_va(unsigned int r, unsigned int page, unsigned int nr)
{
	return region(r) + (page * THREADS + nr) * PAGE;
}

static phys_addr_t page_oa(dma_addr_t va)
{
	return (va ^ 0x5000) + 0x100000;
}

static void clean(void *arg, dma_addr_t iova, size_t len)
{
	*(size_t *)arg += len;
}

/* Map, check, dirty, read, unmap: one page among the neighbours' pages. */
static const char *work_page(struct iommu_domain *domain, dma_addr_t va)
{
	struct iommu_iotlb_gather gather;
	size_t mapped = 0, dirty = 0;
	struct iommu_dirty_bitmap bitmap = { .record = clean,
					     .arg = &dirty,
					     .gather = &gather };

	if (domain->ops->iova_to_phys(domain, va) != PHYS_ADDR_MAX)
		return "mapped before it was mapped";
	if (domain->ops->map_range(domain, va, page_oa(va), PAGE, RW,
				   GFP_KERNEL, &mapped))
		return "map failed";
	if (domain->ops->iova_to_phys(domain, va + 5) != page_oa(va) + 5)
		return "translates wrongly";
	iommu_iotlb_gather_init(&gather);
	if (domain->dirty_ops->set_dirty(domain, va) ||
	    domain->dirty_ops->read_and_clear_dirty(domain, va, PAGE, 0,
						    &bitmap) ||
	    dirty != PAGE)
		return "dirty bit lost";
	return NULL;
}

static const char *unmap_page(struct iommu_domain *domain, dma_addr_t va)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	if (domain->ops->unmap_range(domain, va, PAGE, &gather) != PAGE)
		return "unmap failed";
	if (gather.freelist.head)
		return "a table that neighbours use was removed";
	return NULL;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct iommu_domain *domain = &w->table->domain;
	unsigned int r, page;

	pthread_barrier_wait(&w->table->barrier);
	for (r = 0; r < REGIONS && !w->error; r++)
		for (page = 0; page < PAGES && !w->error; page++)
			w->error = work_page(domain, page_va(r, page, w->nr));
	/* Every second one goes, while others still map. */
	for (r = 0; r < REGIONS && !w->error; r++)
		for (page = 0; page < PAGES && !w->error; page += 2)
			w->error = unmap_page(domain, page_va(r, page, w->nr));
	return NULL;
}

static void check_result(struct iommu_domain *domain)
{
	unsigned int r, page, nr;

	for (r = 0; r < REGIONS; r++)
		for (page = 0; page < PAGES; page++)
			for (nr = 0; nr < THREADS; nr++) {
				dma_addr_t va = page_va(r, page, nr);

				assert_int_equal(
					domain->ops->iova_to_phys(domain, va),
					page & 1 ? page_oa(va) : PHYS_ADDR_MAX);
			}
}

static void run(struct table *table)
{
	struct worker worker[THREADS];
	pthread_t thread[THREADS];
	unsigned int i;

	assert_int_equal(pthread_barrier_init(&table->barrier, NULL, THREADS),
			 0);
	for (i = 0; i < THREADS; i++) {
		worker[i] = (struct worker){ .table = table, .nr = i };
		assert_int_equal(
			pthread_create(&thread[i], NULL, work, &worker[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < THREADS; i++)
		if (worker[i].error)
			fail_msg("thread %u: %s", i, worker[i].error);
	pthread_barrier_destroy(&table->barrier);
	check_result(&table->domain);
}

static struct table *table_new(void)
{
	const struct port_arena_config config = { .base_pa = 1ULL << 32,
						  .size = 1ULL << 30 };
	struct table *table = calloc(1, sizeof(*table));

	assert_non_null(table);
	assert_int_equal(port_arena_new(&config, &table->arena), 0);
	return table;
}

/* What is left is what was needed: the losers' tables were freed. */
static void table_free(struct table *table, uint64_t *tables)
{
	if (!*tables)
		*tables = port_arena_tables(table->arena);
	assert_int_equal(port_arena_tables(table->arena), *tables);
}

static void table_gone(struct table *table)
{
	assert_int_equal(port_arena_tables(table->arena), 0);
	port_arena_free(table->arena);
	free(table);
}

static void test_dynamic_top(void **state)
{
	uint64_t tables = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct table *table = table_new();
		const struct pt_iommu_amdv1_cfg cfg = {
			.common.runtime = port_arena_runtime(table->arena),
			.common.features = BIT(PT_FEAT_DYNAMIC_TOP),
			.common.hw_max_vasz_lg2 = 64,
			.common.hw_max_oasz_lg2 = 52,
			.starting_level = 1,
		};

		table->domain.ops = &amdv1_ops;
		table->domain.dirty_ops = &amdv1_dirty;
		table->amdv1.iommu.driver_ops = &driver_ops;
		assert_int_equal(pt_iommu_amdv1_init(&table->amdv1, &cfg,
						     GFP_KERNEL),
				 0);
		run(table);
		assert_int_equal(table->tops, 1);
		table_free(table, &tables);
		pt_iommu_amdv1_deinit(&table->amdv1);
		table_gone(table);
	}
}

static void test_static_top(void **state)
{
	uint64_t tables = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct table *table = table_new();
		const struct pt_iommu_vtdss_cfg cfg = {
			.common.runtime = port_arena_runtime(table->arena),
			.common.hw_max_vasz_lg2 = 48,
			.common.hw_max_oasz_lg2 = 52,
			.top_level = 3,
		};

		table->domain.ops = &vtdss_ops;
		table->domain.dirty_ops = &vtdss_dirty;
		assert_int_equal(pt_iommu_vtdss_init(&table->vtdss, &cfg,
						     GFP_KERNEL),
				 0);
		run(table);
		table_free(table, &tables);
		pt_iommu_vtdss_deinit(&table->vtdss);
		table_gone(table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dynamic_top),
		cmocka_unit_test(test_static_top),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
