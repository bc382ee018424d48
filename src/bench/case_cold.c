/* SPDX-License-Identifier: MIT */
/*
 * Cold map: a page whose leaf table has to be made.
 *
 * Tables were used before: with their old content they have to be zeroed, and that is
 * what the limit does with a page that it takes from a list, under a lock as every
 * allocator has, or what the arena's own allocator does. Where the arena knows that a
 * table is zero, the same limit stands, and the operation may stay below it.
 */
#include <string.h>

#include "bench/case.h"

#define TABLES    32u
#define TABLE_LEN ((dma_addr_t)1 << 21)

/** Forms of the limit before those that zero by a loop of limit.h. */
enum {
	FORM_ARENA, /* the arena's allocator */
	FORM_MEMSET, /* a list, and memset() */
	FORM_STRING, /* a list, and the processor's string store */
	OWN_FORMS
};

/**
 * struct cold - some tables
 * @zero: they are known to be
 * @taken: pages of the limit's own list, before it begins
 * @list: the first of it, linked through their first words
 */
struct cold {
	struct bench_world world;
	struct bench_context *ctx;
	bool zero;
	void *page[TABLES];
	void *list;
	struct port_lock lock;
};

static dma_addr_t table_va(unsigned int i)
{
	return BENCH_VA + i * TABLE_LEN;
}

/* In other lines of a cache than the first items of tables, which are all in one set. */
static dma_addr_t page_va(unsigned int i)
{
	return table_va(i) + ((dma_addr_t)(i + 1) * 8 << 12);
}

/* Free tables: with what one call has mapped still in them, or empty. */
static void prepare(struct cold *c)
{
	for (unsigned int i = 0; i < TABLES; i++) {
		if (c->zero)
			bench_map(&c->world, table_va(i),
				  table_va(i) + BENCH_AWAY, 4096);
		else
			bench_map(&c->world, table_va(i),
				  table_va(i) + BENCH_AWAY + 4096, TABLE_LEN);
	}
	for (unsigned int i = 0; i < TABLES; i++) {
		struct iommu_domain *domain = &c->world.table.domain;
		struct iommu_iotlb_gather gather;

		iommu_iotlb_gather_init(&gather);
		domain->ops->unmap_range(domain, table_va(i), TABLE_LEN,
					 &gather);
		bench_expect(&c->world, gather.freelist.head,
			     "unmap_range freed no table");
		iommu_pages_list_put(&gather.freelist);
	}
}

static void op(void *arg, struct bench_lap *lap)
{
	struct cold *c = arg;
	struct iommu_domain *domain = &c->world.table.domain;
	const struct iommu_domain_ops *ops = domain->ops;
	size_t mapped = 0;
	int ret = 0;

	prepare(c);
	bench_begin(lap);
	for (unsigned int i = 0; i < TABLES; i++)
		ret |= ops->map_range(domain, page_va(i),
				      page_va(i) + BENCH_AWAY, 4096, BENCH_PROT,
				      GFP_KERNEL, &mapped);
	bench_end(lap, 0, TABLES);
	bench_expect(&c->world, !ret && mapped == TABLES * 4096,
		     "map_range did not map all");
	for (unsigned int i = 0; i < TABLES; i++)
		bench_unmap(&c->world, page_va(i), 4096);
}

/* ---- the limit ---- */

static void arena_lap(struct cold *c, struct bench_lap *lap)
{
	const struct pt_runtime *rt = &c->world.rt;

	for (unsigned int i = 0; i < TABLES; i++) {
		memset(c->page[i], 0x55, 4096);
		rt->free(rt, c->page[i], 12);
	}
	bench_begin(lap);
	for (unsigned int i = 0; i < TABLES; i++)
		c->page[i] = rt->alloc(rt, 12, GFP_KERNEL);
	bench_end(lap, 0, TABLES);
}

static void *take(struct cold *c)
{
	void *page;

	port_lock(&c->lock);
	page = c->list;
	memcpy(&c->list, page, sizeof(c->list));
	port_unlock(&c->lock);
	return page;
}

static void zero_by_string(void *page)
{
#if defined(__x86_64__)
	size_t n = 4096;

	__asm__ volatile("rep stosb" : "+D"(page), "+c"(n) : "a"(0) : "memory");
#else
	memset(page, 0, 4096);
#endif
}

static void list_lap(struct cold *c, unsigned int form, struct bench_lap *lap)
{
	void (*fill)(uint64_t * item, size_t n, uint64_t first, uint64_t step) =
		form < OWN_FORMS
			? NULL
			: c->ctx->form[bench_fills(form - OWN_FORMS)].fill;

	c->list = NULL;
	for (unsigned int i = 0; i < TABLES; i++) {
		memset(c->page[i], 0x55, 4096);
		memcpy(c->page[i], &c->list, sizeof(c->list));
		c->list = c->page[i];
	}
	bench_begin(lap);
	if (form == FORM_MEMSET)
		for (unsigned int i = 0; i < TABLES; i++)
			memset(take(c), 0, 4096);
	else if (form == FORM_STRING)
		for (unsigned int i = 0; i < TABLES; i++)
			zero_by_string(take(c));
	else
		for (unsigned int i = 0; i < TABLES; i++)
			fill(take(c), BENCH_ITEMS, 0, 0);
	bench_end(lap, 0, TABLES);
}

static void limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct cold *c = arg;

	/* What the operation left free is the limit's memory. */
	prepare(c);
	for (unsigned int i = 0; i < TABLES; i++)
		c->page[i] = c->world.rt.alloc(&c->world.rt, 12, GFP_KERNEL);
	if (form == FORM_ARENA)
		arena_lap(c, lap);
	else
		list_lap(c, form, lap);
	for (unsigned int i = 0; i < TABLES; i++)
		c->world.rt.free(&c->world.rt, c->page[i], 12);
}

int bench_case_cold(struct bench_context *ctx, const struct bench_case *c,
		    struct bench_measured *out)
{
	static const char *const own[] = {
		[FORM_ARENA] = "arena",
		[FORM_MEMSET] = "list, memset",
		[FORM_STRING] = "list, string store",
	};
	struct cold cold = { .ctx = ctx, .zero = c->more };
	const struct bench_trial trial = {
		.parts = 1,
		.forms = 2 * ctx->forms / BENCH_VARIANTS + OWN_FORMS,
		.op = op,
		.limit = limit,
		.arg = &cold,
	};
	int ret = bench_world_open(&cold.world, ctx);

	if (ret)
		return ret;
	/* Tables above the leaf tables stay. */
	bench_map(&cold.world, table_va(TABLES), table_va(TABLES) + BENCH_AWAY,
		  4096);
	ret = bench_measure(&trial, &ctx->plan, out);
	ctx->form_name[0] =
		out->form < OWN_FORMS
			? own[out->form]
			: ctx->form[bench_fills(out->form - OWN_FORMS)].name;
	return bench_world_close(&cold.world, ctx, ret);
}
