/* SPDX-License-Identifier: MIT */
/*
 * Map and unmap a range of any size in pages of 4 KiB.
 *
 * Up to a MiB, leaf tables are there already; each of the few pages of the smallest
 * sizes begins when the one before it is done. From 4 MiB on, leaf tables come and go
 * with the range: the limit stores all entries, and takes the tables out of the tree.
 */
#include <stdlib.h>

#include "bench/case.h"

#define PLACES    16u
#define FEW_LG2   16 /* up to here few pages */
#define TABLE_LG2 21

/**
 * struct size - a range, at some places
 * @lg2: of its bytes
 * @places: how many there are
 * @tables: leaf tables of one, where it has tables of its own
 * @item: its first item, at each place or in each table
 * @first: what stands there
 * @link: the item that points at each table
 * @s: for the limit of few pages
 */
struct size {
	struct bench_world world;
	struct bench_context *ctx;
	unsigned int lg2;
	unsigned int places;
	size_t tables;
	uint64_t **item;
	uint64_t *first;
	uint64_t *link;
	uint64_t step;
	dma_addr_t va[PLACES];
	struct bench_single s;
};

static dma_addr_t len(const struct size *z)
{
	return (dma_addr_t)1 << z->lg2;
}

/* Not where a larger page could be used. */
static phys_addr_t oa_of(dma_addr_t va)
{
	return va + BENCH_AWAY + 4096;
}

static bool few(const struct size *z)
{
	return z->lg2 <= FEW_LG2;
}

static void end(const struct size *z, struct bench_lap *lap, unsigned int part)
{
	uint64_t pages = z->places * (len(z) >> 12);

	bench_end(lap, part, pages);
	if (few(z))
		lap->ns[part] -= z->places * lap->clock->fence;
}

static void op(void *arg, struct bench_lap *lap)
{
	struct size *z = arg;
	struct iommu_domain *domain = &z->world.table.domain;
	const struct iommu_domain_ops *ops = domain->ops;
	struct iommu_iotlb_gather gather;
	size_t mapped = 0, unmapped = 0;
	int ret = 0;

	bench_begin(lap);
	for (unsigned int i = 0; i < z->places; i++) {
		ret |= ops->map_range(domain, z->va[i], oa_of(z->va[i]), len(z),
				      BENCH_PROT, GFP_KERNEL, &mapped);
		if (few(z))
			bench_fence();
	}
	end(z, lap, 0);
	iommu_iotlb_gather_init(&gather);
	bench_begin(lap);
	for (unsigned int i = 0; i < z->places; i++) {
		unmapped += ops->unmap_range(domain, z->va[i], len(z), &gather);
		if (few(z))
			bench_fence();
	}
	end(z, lap, 1);
	iommu_pages_list_put(&gather.freelist);
	bench_expect(&z->world,
		     !ret && mapped == unmapped && mapped == z->places * len(z),
		     "map_range or unmap_range did not do all");
}

/* ---- limits ---- */

static void few_limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct size *z = arg;

	bench_begin(lap);
	z->world.format->map_single(z->world.root, &z->s, form);
	end(z, lap, 0);
	bench_begin(lap);
	z->world.format->unmap_single(z->world.root, &z->s, form);
	end(z, lap, 1);
}

static void warm_limit(void *arg, unsigned int nr, struct bench_lap *lap)
{
	struct size *z = arg;
	const struct bench_form *form = &z->ctx->form[nr];
	bool good = true;

	bench_begin(lap);
	for (unsigned int i = 0; i < z->places; i++)
		good &= form->map(z->item[i], len(z) >> 12, z->first[i],
				  z->step);
	end(z, lap, 0);
	bench_begin(lap);
	for (unsigned int i = 0; i < z->places; i++)
		good &= form->unmap(z->item[i], len(z) >> 12);
	end(z, lap, 1);
	bench_expect(&z->world, good, "items are not as the limit expects");
}

/* Where the leaf tables are, and what stands in them. */
static void look_at_tables(struct size *z)
{
	const struct bench_format *format = z->world.format;

	for (size_t i = 0; i < z->tables; i++) {
		dma_addr_t va = z->va[0] + (i << TABLE_LG2);

		z->item[i] = format->slot(z->world.root, va, 0);
		z->first[i] = z->item[i][0];
		z->link[i] = *format->slot(z->world.root, va, 1);
	}
	z->step = z->item[0][1] - z->item[0][0];
}

/* What the limit has taken out is put back, and unmapped as it should be. */
static void restore(struct size *z)
{
	for (size_t i = 0; i < z->tables; i++) {
		z->item[i][0] = z->first[i];
		*z->world.format->slot(z->world.root,
				       z->va[0] + (i << TABLE_LG2),
				       1) = z->link[i];
	}
	bench_unmap(&z->world, z->va[0], len(z));
}

static void table_limit(void *arg, unsigned int nr, struct bench_lap *lap)
{
	struct size *z = arg;
	const struct bench_form *form = &z->ctx->form[bench_fills(nr)];
	const struct bench_format *format = z->world.format;
	size_t at_once = z->tables < BENCH_ITEMS ? z->tables : BENCH_ITEMS;
	uint64_t *list = NULL;

	bench_map(&z->world, z->va[0], oa_of(z->va[0]), len(z));
	if (z->world.wrong)
		return;
	look_at_tables(z);
	bench_begin(lap);
	for (size_t i = 0; i < z->tables; i++)
		form->fill(z->item[i], BENCH_ITEMS, z->first[i], z->step);
	end(z, lap, 0);
	bench_begin(lap);
	for (size_t i = 0; i < z->tables; i += at_once)
		list = format->unlink(z->world.root,
				      z->va[0] + (i << TABLE_LG2), at_once,
				      false, nr % BENCH_WALK_FORMS);
	end(z, lap, 1);
	bench_expect(&z->world, list, "the limit took no table");
	restore(z);
}

/* ---- the case ---- */

/* Make the tables, and see what stands in them when the pages are mapped. */
static void look(struct size *z)
{
	struct bench_world *world = &z->world;

	for (unsigned int i = 0; i < z->places; i++) {
		z->va[i] = BENCH_VA + 2 * i * len(z);
		bench_map(world, z->va[i], oa_of(z->va[i]), len(z));
		z->item[i] = world->format->slot(world->root, z->va[i], 0);
		z->first[i] = z->item[i][0];
		z->step = 0;
		if (z->lg2 > 12)
			z->step = z->item[i][1] - z->item[i][0];
	}
	z->s = (struct bench_single){
		.nr = z->places,
		.items = 1U << (few(z) ? z->lg2 - 12 : 0),
		.va = z->va,
		.value = z->first,
		.step = z->step,
	};
	for (unsigned int i = 0; i < z->places; i++)
		bench_unmap(world, z->va[i], len(z));
}

static int start(struct size *z, unsigned int lg2)
{
	size_t n;

	z->lg2 = lg2;
	z->places = lg2 < TABLE_LG2 ? PLACES : 1;
	z->tables = lg2 < TABLE_LG2 ? 0 : (size_t)1 << (lg2 - TABLE_LG2);
	n = z->tables > PLACES ? z->tables : PLACES;
	z->item = calloc(n, sizeof(*z->item));
	z->first = calloc(n, sizeof(*z->first));
	z->link = calloc(n, sizeof(*z->link));
	z->world.table.domain.pgsize_bitmap = 4096;
	return z->item && z->first && z->link ? 0 : -ENOMEM;
}

int bench_case_size(struct bench_context *ctx, const struct bench_case *c,
		    struct bench_measured *out)
{
	struct size z = { .ctx = ctx };
	struct bench_trial trial = {
		.parts = 2,
		.forms = ctx->forms,
		.op = op,
		.limit = warm_limit,
		.arg = &z,
	};
	int ret = bench_world_open(&z.world, ctx);

	if (ret)
		return ret;
	ret = start(&z, c->lg2);
	if (!ret)
		look(&z);
	if (few(&z)) {
		trial.forms = BENCH_WALK_FORMS;
		trial.limit = few_limit;
	} else if (z.tables) {
		trial.forms = 2 * ctx->forms / BENCH_VARIANTS;
		trial.limit = table_limit;
	}
	if (!ret && !z.world.wrong)
		ret = bench_measure(&trial, &ctx->plan, out);
	free(z.item);
	free(z.first);
	free(z.link);
	return bench_world_close(&z.world, ctx, ret);
}
