/* SPDX-License-Identifier: MIT */
/*
 * Whole tables: unmap what one call has mapped, and map much that was not there.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/case.h"

/* ---- unmap ---- */

#define CALLS     4u
#define AT_ONCE   64u
#define TABLES    (CALLS * AT_ONCE)
#define TABLE_LEN ((dma_addr_t)1 << 21)

/**
 * struct unmap - some tables
 * @each: a call for each of them, else one for all
 * @first: their first item
 * @step: from one item to the next
 */
struct unmap {
	struct bench_world world;
	bool each;
	uint64_t first, step;
};

static void map_tables(struct unmap *u)
{
	bench_map(&u->world, BENCH_VA, BENCH_VA + BENCH_AWAY + 4096,
		  TABLES * TABLE_LEN);
}

static void unmap_op(void *arg, struct bench_lap *lap)
{
	struct unmap *u = arg;
	struct iommu_domain *domain = &u->world.table.domain;
	const struct iommu_domain_ops *ops = domain->ops;
	struct iommu_iotlb_gather gather;
	size_t unmapped = 0;

	map_tables(u);
	iommu_iotlb_gather_init(&gather);
	if (u->each) {
		bench_begin(lap);
		for (unsigned int i = 0; i < TABLES; i++) {
			unmapped += ops->unmap_range(domain,
						     BENCH_VA + i * TABLE_LEN,
						     TABLE_LEN, &gather);
			bench_fence();
		}
		bench_end_fenced(lap, 0, TABLES);
	} else {
		bench_begin(lap);
		for (unsigned int i = 0; i < TABLES; i += AT_ONCE)
			unmapped += ops->unmap_range(domain,
						     BENCH_VA + i * TABLE_LEN,
						     AT_ONCE * TABLE_LEN,
						     &gather);
		bench_end(lap, 0, TABLES);
	}
	bench_expect(&u->world, gather.freelist.head,
		     "unmap_range freed no table");
	iommu_pages_list_put(&gather.freelist);
	bench_expect(&u->world, unmapped == TABLES * TABLE_LEN,
		     "unmap_range did not unmap all");
}

/*
 * What the limit destroys is put back, and unmapped as it should be. The tables are not
 * looked at before: the operation does not find them in a cache, either.
 */
static void unmap_limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct unmap *u = arg;
	const struct bench_format *format = u->world.format;
	uint64_t item[TABLES], *slot, *list[CALLS];

	map_tables(u);
	slot = format->slot(u->world.root, BENCH_VA, 1);
	memcpy(item, slot, sizeof(item));
	bench_begin(lap);
	for (unsigned int i = 0; i < TABLES; i += AT_ONCE)
		list[i / AT_ONCE] = format->unlink(u->world.root,
						   BENCH_VA + i * TABLE_LEN,
						   AT_ONCE, u->each, form);
	if (u->each)
		bench_end_fenced(lap, 0, TABLES);
	else
		bench_end(lap, 0, TABLES);
	memcpy(slot, item, sizeof(item));
	for (unsigned int i = TABLES; i--;) {
		uint64_t *table = format->slot(u->world.root,
					       BENCH_VA + i * TABLE_LEN, 0);

		bench_expect(&u->world, list[i / AT_ONCE] == table,
			     "the limit took another table");
		list[i / AT_ONCE] = (uint64_t *)(uintptr_t)*table;
		*table = u->first + i * BENCH_ITEMS * u->step;
	}
	bench_unmap(&u->world, BENCH_VA, TABLES * TABLE_LEN);
}

/* What stands in the tables. */
static void look_at_items(struct unmap *u)
{
	uint64_t *item;

	map_tables(u);
	item = u->world.format->slot(u->world.root, BENCH_VA, 0);
	u->first = item[0];
	u->step = item[1] - item[0];
	bench_unmap(&u->world, BENCH_VA, TABLES * TABLE_LEN);
}

int bench_case_unmap_tables(struct bench_context *ctx,
			    const struct bench_case *c,
			    struct bench_measured *out)
{
	struct unmap u = { .each = c->more };
	const struct bench_trial trial = {
		.parts = 1,
		.forms = BENCH_WALK_FORMS,
		.op = unmap_op,
		.limit = unmap_limit,
		.arg = &u,
	};
	int ret = bench_world_open(&u.world, ctx);

	if (ret)
		return ret;
	look_at_items(&u);
	if (!u.world.wrong)
		ret = bench_measure(&trial, &ctx->plan, out);
	ctx->form_name[0] = bench_walk_form_name[out->form];
	return bench_world_close(&u.world, ctx, ret);
}

/* ---- map ---- */

/**
 * struct fill - much memory
 * @mapped: it is, at the moment
 * @tables: how many leaf tables it needs
 * @table: where they are, in the order of addresses
 * @first: their first items
 */
struct fill {
	struct bench_world world;
	struct bench_context *ctx;
	dma_addr_t len;
	bool mapped;
	size_t tables;
	uint64_t **table;
	uint64_t *first;
	uint64_t step;
};

/* The OA is a page away from where larger pages could be used. */
static void fill_op(void *arg, struct bench_lap *lap)
{
	struct fill *f = arg;
	struct iommu_domain *domain = &f->world.table.domain;
	size_t mapped = 0;
	int ret;

	if (f->mapped)
		bench_unmap(&f->world, BENCH_VA, f->len);
	bench_begin(lap);
	ret = domain->ops->map_range(domain, BENCH_VA,
				     BENCH_VA + BENCH_AWAY + 4096, f->len,
				     BENCH_PROT, GFP_KERNEL, &mapped);
	bench_end(lap, 0, f->len >> 12);
	f->mapped = bench_expect(&f->world, !ret && mapped == f->len,
				 "map_range did not map all");
	for (size_t i = 0; f->mapped && i < f->tables; i++) {
		f->table[i] = f->world.format->slot(f->world.root,
						    BENCH_VA + (i << 21), 0);
		f->first[i] = f->table[i][0];
	}
	f->step = f->table[0][1] - f->table[0][0];
}

/* It stores what is there already: the tables stay as they are. */
static void fill_limit(void *arg, unsigned int nr, struct bench_lap *lap)
{
	struct fill *f = arg;
	const struct bench_form *form = &f->ctx->form[bench_fills(nr)];

	bench_begin(lap);
	for (size_t i = 0; i < f->tables; i++)
		form->fill(f->table[i], BENCH_ITEMS, f->first[i], f->step);
	bench_end(lap, 0, f->len >> 12);
}

int bench_case_fill(struct bench_context *ctx, const struct bench_case *c,
		    struct bench_measured *out)
{
	unsigned int lg2 = ctx->quick && c->lg2 > 28 ? 28 : c->lg2;
	struct fill f = {
		.ctx = ctx,
		.len = (dma_addr_t)1 << lg2,
		.tables = (size_t)1 << (lg2 - 21),
	};
	const struct bench_trial trial = {
		.parts = 1,
		.forms = 2 * ctx->forms / BENCH_VARIANTS,
		.op = fill_op,
		.limit = fill_limit,
		.arg = &f,
	};
	int ret = bench_world_open(&f.world, ctx);

	if (ret)
		return ret;
	f.table = calloc(f.tables, sizeof(*f.table));
	f.first = calloc(f.tables, sizeof(*f.first));
	ret = f.table && f.first ? 0 : -ENOMEM;
	if (!ret)
		ret = bench_measure(&trial, &ctx->plan, out);
	ctx->form_name[0] = ctx->form[bench_fills(out->form)].name;
	free(f.table);
	free(f.first);
	return bench_world_close(&f.world, ctx, ret);
}
