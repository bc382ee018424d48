/* SPDX-License-Identifier: MIT */
/*
 * Map and unmap single pages, where the tables are there already: each begins when the
 * one before it is done, in the operation as in the limit.
 */
#include <stdio.h>

#include "bench/case.h"

#define NR 64u

struct singles {
	struct bench_world world;
	struct bench_single s;
	dma_addr_t len;
	dma_addr_t va[NR];
	uint64_t *slot[NR];
	uint64_t value[NR];
};

static void op(void *arg, struct bench_lap *lap)
{
	struct singles *p = arg;
	struct iommu_domain *domain = &p->world.table.domain;
	const struct iommu_domain_ops *ops = domain->ops;
	struct iommu_iotlb_gather gather;
	size_t mapped = 0, unmapped = 0;
	int ret = 0;

	bench_begin(lap);
	for (unsigned int i = 0; i < NR; i++) {
		ret |= ops->map_range(domain, p->va[i], p->va[i] + BENCH_AWAY,
				      p->len, BENCH_PROT, GFP_KERNEL, &mapped);
		bench_fence();
	}
	bench_end_fenced(lap, 0, NR);
	iommu_iotlb_gather_init(&gather);
	bench_begin(lap);
	for (unsigned int i = 0; i < NR; i++) {
		unmapped += ops->unmap_range(domain, p->va[i], p->len, &gather);
		bench_fence();
	}
	bench_end_fenced(lap, 1, NR);
	bench_expect(&p->world, !ret && mapped == NR * p->len,
		     "map_range did not map all");
	bench_expect(&p->world,
		     unmapped == NR * p->len && !gather.freelist.head,
		     "unmap_range did not leave the tables");
}

static void limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct singles *p = arg;

	bench_begin(lap);
	p->world.format->map_single(p->world.root, &p->s, form);
	bench_end_fenced(lap, 0, NR);
	bench_begin(lap);
	p->world.format->unmap_single(p->world.root, &p->s, form);
	bench_end_fenced(lap, 1, NR);
}

/* Make the tables, and see what stands in them when the pages are mapped. */
static void look(struct singles *p)
{
	struct bench_world *world = &p->world;

	for (unsigned int i = 0; i < NR; i++) {
		p->va[i] = BENCH_VA + 2 * i * p->len;
		bench_map(world, p->va[i], p->va[i] + BENCH_AWAY, p->len);
		p->slot[i] =
			world->format->slot(world->root, p->va[i], p->s.level);
		p->value[i] = p->slot[i][0];
		if (p->s.items > 1)
			p->s.step = p->slot[i][1] - p->slot[i][0];
	}
	for (unsigned int i = 0; i < NR; i++) {
		bench_expect(world, p->slot[i][0] == p->value[i] && p->value[i],
			     "items are not where a walk leads to");
		bench_unmap(world, p->va[i], p->len);
		bench_expect(world, !p->slot[i][0],
			     "items are not where a walk leads to");
	}
}

int bench_case_single(struct bench_context *ctx, const struct bench_case *c,
		      struct bench_measured *out)
{
	struct singles p = {
		.s.nr = NR,
		.s.level = c->level,
		.s.items = 1U << (c->lg2 - BENCH_ITEM_LG2(c->level)),
		.len = (dma_addr_t)1 << c->lg2,
	};
	const struct bench_trial trial = {
		.parts = 2,
		.forms = BENCH_WALK_FORMS,
		.op = op,
		.limit = limit,
		.arg = &p,
	};
	int ret = bench_world_open(&p.world, ctx);

	if (ret)
		return ret;
	p.s.va = p.va;
	p.s.value = p.value;
	if (!(p.world.table.domain.pgsize_bitmap >> c->lg2 & 1)) {
		snprintf(ctx->note, sizeof(ctx->note), "no such page");
		return bench_world_close(&p.world, ctx, -ENODATA);
	}
	look(&p);
	if (!p.world.wrong)
		ret = bench_measure(&trial, &ctx->plan, out);
	for (unsigned int i = 0; i < trial.parts; i++)
		ctx->form_name[i] = bench_walk_form_name[out[i].form];
	return bench_world_close(&p.world, ctx, ret);
}
