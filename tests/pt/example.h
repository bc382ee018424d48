/* SPDX-License-Identifier: MIT */
/**
 * DOC: Worked examples
 *
 * One mapping each, and every item that it makes, bit by bit, computed by hand
 * from the specifications. The tables are allocated where the example says they
 * stand: the top first, those below it in order.
 */
#ifndef TESTS_PT_EXAMPLE_H
#define TESTS_PT_EXAMPLE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <uiommu/iommu_gather.h>
#include <uiommu/port.h>
#include <uiommu/pt/iommu.h>

#define EXAMPLE_STEPS  5
#define EXAMPLE_BASE   0x80000000ULL
#define EXAMPLE_MEMORY (1UL << 20)

#define EXAMPLE_RW (IOMMU_READ | IOMMU_WRITE)

/**
 * struct example_step - @count items from @index on of the table at @table
 * @value: the first of them
 * @add: what each is more than the one before
 */
struct example_step {
	phys_addr_t table;
	unsigned int index;
	unsigned int count;
	uint64_t value;
	uint64_t add;
};

/** struct example - a mapping, and the tables that it makes. */
struct example {
	const char *name;
	uint64_t va;
	phys_addr_t oa;
	uint64_t len;
	unsigned int prot;
	struct example_step step[EXAMPLE_STEPS];
};

/**
 * struct example_memory - table memory whose tables stand where they should
 * @runtime: as the page table sees it
 * @ex: says where
 * @nr: tables handed out
 * @size_lg2: their sizes
 */
struct example_memory {
	struct pt_runtime runtime;
	const struct example *ex;
	unsigned int nr;
	unsigned int size_lg2[EXAMPLE_STEPS];
};

static _Alignas(EXAMPLE_MEMORY) unsigned char example_bytes[EXAMPLE_MEMORY];

static void *example_ptr(phys_addr_t pa)
{
	assert_true(pa - EXAMPLE_BASE < EXAMPLE_MEMORY);
	return &example_bytes[pa - EXAMPLE_BASE];
}

static void *example_alloc(const struct pt_runtime *rt, unsigned int size_lg2,
			   gfp_t gfp)
{
	struct example_memory *mem = rt->arg;
	phys_addr_t pa;

	assert_true(mem->nr < EXAMPLE_STEPS);
	pa = mem->ex->step[mem->nr].table;
	assert_int_equal(pa & ((1ULL << size_lg2) - 1), 0);
	mem->size_lg2[mem->nr++] = size_lg2;
	return example_ptr(pa);
}

static void example_free(const struct pt_runtime *rt, void *table,
			 unsigned int size_lg2)
{
	memset(table, 0, (size_t)1 << size_lg2);
}

/* Table memory for @ex. */
static const struct pt_runtime *example_begin(struct example_memory *mem,
					      const struct example *ex)
{
	memset(example_bytes, 0, sizeof(example_bytes));
	*mem = (struct example_memory){
		.runtime.alloc = example_alloc,
		.runtime.free = example_free,
		.runtime.pa_offset = EXAMPLE_BASE - (uintptr_t)example_bytes,
		.runtime.arg = mem,
		.ex = ex,
	};
	return &mem->runtime;
}

static uint64_t example_item(phys_addr_t table, size_t i, unsigned int word)
{
	return word == 8 ? ((uint64_t *)example_ptr(table))[i]
			 : ((uint32_t *)example_ptr(table))[i];
}

/* The items of the steps and no others are in use. */
static void example_check_steps(const struct example_memory *mem,
				unsigned int word)
{
	const struct example_step *step = mem->ex->step;
	unsigned int n;
	size_t i;

	for (n = 0; n < EXAMPLE_STEPS && step[n].count; n++) {
		for (i = 0; i < (size_t)1 << mem->size_lg2[n]; i += word) {
			uint64_t nr = i / word - step[n].index;
			uint64_t want = 0;

			if (nr < step[n].count)
				want = step[n].value + nr * step[n].add;
			assert_int_equal(example_item(step[n].table, i / word,
						      word),
					 want);
		}
	}
	assert_int_equal(mem->nr, n);
}

/* Map, look, translate, unmap. */
static void example_check(const struct example_memory *mem,
			  struct iommu_domain *domain, unsigned int word)
{
	const struct example *ex = mem->ex;
	dma_addr_t va = (dma_addr_t)ex->va;
	size_t len = (size_t)ex->len;
	struct iommu_iotlb_gather gather;
	size_t mapped = 0;

	assert_int_equal(domain->ops->map_range(domain, va, ex->oa, len,
						ex->prot, GFP_KERNEL, &mapped),
			 0);
	assert_int_equal(mapped, len);
	example_check_steps(mem, word);
	assert_int_equal(domain->ops->iova_to_phys(domain, va), ex->oa);
	assert_int_equal(domain->ops->iova_to_phys(domain, va + len - 1),
			 ex->oa + len - 1);
	iommu_iotlb_gather_init(&gather);
	assert_int_equal(domain->ops->unmap_range(domain, va, len, &gather),
			 len);
	iommu_pages_list_put(&gather.freelist);
	assert_int_equal(domain->ops->iova_to_phys(domain, va), PHYS_ADDR_MAX);
}

/**
 * EXAMPLE_FMT() - define <fmt>_example(cfg, ex, info): check one example
 *
 * @info gets what hardware is to be told. Return: false if the VA is wider than a
 * word of this machine.
 */
#define EXAMPLE_FMT(fmt, word)                                           \
	static bool fmt##_example(struct pt_iommu_##fmt##_cfg cfg,       \
				  const struct example *ex,              \
				  struct pt_iommu_##fmt##_hw_info *info) \
	{                                                                \
		static const struct iommu_domain_ops ops = {             \
			IOMMU_PT_DOMAIN_OPS(fmt),                        \
		};                                                       \
		struct pt_iommu_##fmt table = {                          \
			.iommu.domain.ops = &ops,                        \
		};                                                       \
		struct example_memory mem;                               \
		int ret;                                                 \
                                                                         \
		cfg.common.runtime = example_begin(&mem, ex);            \
		ret = pt_iommu_##fmt##_init(&table, &cfg, GFP_KERNEL);   \
		if (ret == -EOVERFLOW && sizeof(dma_addr_t) == 4 &&      \
		    (ex->va + (ex->len - 1)) >> 32)                      \
			return false;                                    \
		assert_int_equal(ret, 0);                                \
		pt_iommu_##fmt##_hw_info(&table, info);                  \
		example_check(&mem, &table.iommu.domain, word);          \
		pt_iommu_##fmt##_deinit(&table);                         \
		return true;                                             \
	}

#endif
