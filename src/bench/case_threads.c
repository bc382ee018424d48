/* SPDX-License-Identifier: MIT */
/*
 * Two threads that map and unmap 256 pages again and again, in tables of their own that
 * are there already, under interior tables that they share.
 */
#include "bench/case.h"

#define RUNS   8u /* of a thread */
#define PAGES  256u
#define LEN    ((dma_addr_t)PAGES << 12)
#define REPEAT 16u

struct threads {
	struct bench_world world;
	struct bench_context *ctx;
	struct bench_pair pair;
	const struct bench_form *form;
	uint64_t *item[2][RUNS];
	uint64_t first[2][RUNS];
	uint64_t step;
	bool good[2];
};

/* Halves are as far apart as the table above their leaf tables reaches. */
static dma_addr_t run_va(unsigned int half, unsigned int run)
{
	return BENCH_VA + ((dma_addr_t)half << BENCH_TABLE_LG2(1)) + run * LEN;
}

static phys_addr_t run_oa(unsigned int half, unsigned int run)
{
	return run_va(half, run) + BENCH_AWAY + 4096;
}

static void op_half(void *arg, unsigned int half)
{
	struct threads *t = arg;
	struct iommu_domain *domain = &t->world.table.domain;
	const struct iommu_domain_ops *ops = domain->ops;
	struct iommu_iotlb_gather gather;
	size_t mapped = 0, unmapped = 0;
	int ret = 0;

	iommu_iotlb_gather_init(&gather);
	for (unsigned int i = 0; i < REPEAT; i++) {
		for (unsigned int r = 0; r < RUNS; r++)
			ret |= ops->map_range(domain, run_va(half, r),
					      run_oa(half, r), LEN, BENCH_PROT,
					      GFP_KERNEL, &mapped);
		for (unsigned int r = 0; r < RUNS; r++)
			unmapped += ops->unmap_range(domain, run_va(half, r),
						     LEN, &gather);
	}
	t->good[half] = !ret && mapped == unmapped &&
			mapped == REPEAT * RUNS * LEN;
}

static void limit_half(void *arg, unsigned int half)
{
	struct threads *t = arg;
	bool good = true;

	for (unsigned int i = 0; i < REPEAT; i++) {
		for (unsigned int r = 0; r < RUNS; r++)
			good &= t->form->map(t->item[half][r], PAGES,
					     t->first[half][r], t->step);
		for (unsigned int r = 0; r < RUNS; r++)
			good &= t->form->unmap(t->item[half][r], PAGES);
	}
	t->good[half] = good;
}

/* The first part is what one thread takes for both halves. */
static void lap_of(struct threads *t, struct bench_lap *lap,
		   void (*half)(void *arg, unsigned int half))
{
	bench_begin(lap);
	half(t, 0);
	half(t, 1);
	bench_end(lap, 0, 2 * REPEAT * RUNS);
	bench_begin(lap);
	bench_pair_run(&t->pair, half, t);
	bench_end(lap, 1, 2 * REPEAT * RUNS);
	bench_expect(&t->world, t->good[0] && t->good[1],
		     "map_range or unmap_range did not do all");
}

static void op(void *arg, struct bench_lap *lap)
{
	lap_of(arg, lap, op_half);
}

static void limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct threads *t = arg;

	t->form = &t->ctx->form[form];
	lap_of(t, lap, limit_half);
}

/* Make the tables, and see what stands in them when the pages are mapped. */
static void look(struct threads *t)
{
	for (unsigned int half = 0; half < 2; half++)
		for (unsigned int r = 0; r < RUNS; r++) {
			uint64_t *item;

			bench_map(&t->world, run_va(half, r), run_oa(half, r),
				  LEN);
			item = t->world.format->slot(t->world.root,
						     run_va(half, r), 0);
			t->item[half][r] = item;
			t->first[half][r] = item[0];
			t->step = item[1] - item[0];
		}
	for (unsigned int half = 0; half < 2; half++)
		for (unsigned int r = 0; r < RUNS; r++)
			bench_unmap(&t->world, run_va(half, r), LEN);
}

int bench_case_threads(struct bench_context *ctx, const struct bench_case *c,
		       struct bench_measured *out)
{
	struct threads t = { .ctx = ctx };
	const struct bench_trial trial = {
		.parts = 2,
		.forms = ctx->forms,
		.op = op,
		.limit = limit,
		.arg = &t,
	};
	int ret = bench_world_open(&t.world, ctx);

	if (ret)
		return ret;
	ret = bench_pair_start(&t.pair, ctx);
	if (!ret) {
		look(&t);
		if (!t.world.wrong)
			ret = bench_measure(&trial, &ctx->plan, out);
		ctx->form_name[0] = ctx->form[out[1].form].name;
		bench_pair_stop(&t.pair);
		bench_pair_judge(ctx, out);
	}
	return bench_world_close(&t.world, ctx, ret);
}
