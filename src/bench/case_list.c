/* SPDX-License-Identifier: MIT */
/*
 * map_list of 256 pages of 4 KiB that go to scattered OAs, where the tables are there
 * already.
 */
#include "bench/case.h"

#define RUNS  16u
#define PAGES 256u
#define LEN   ((dma_addr_t)PAGES << 12)

struct list {
	struct bench_world world;
	struct bench_context *ctx;
	_Alignas(64) struct iommu_run run[RUNS][PAGES]; /* as vectors are */
	uint64_t *item[RUNS];
	uint64_t bits;
};

static dma_addr_t run_va(unsigned int run)
{
	return BENCH_VA + run * LEN;
}

static void unmap_all(struct list *l)
{
	for (unsigned int r = 0; r < RUNS; r++)
		bench_unmap(&l->world, run_va(r), LEN);
}

static void op(void *arg, struct bench_lap *lap)
{
	struct list *l = arg;
	struct iommu_domain *domain = &l->world.table.domain;
	const struct iommu_domain_ops *ops = domain->ops;
	size_t mapped = 0;
	int ret = 0;

	bench_begin(lap);
	for (unsigned int r = 0; r < RUNS; r++)
		ret |= ops->map_list(domain, run_va(r), l->run[r], PAGES,
				     BENCH_PROT, GFP_KERNEL, &mapped);
	bench_end(lap, 0, RUNS * PAGES);
	bench_expect(&l->world, !ret && mapped == RUNS * LEN,
		     "map_list did not map all");
	unmap_all(l);
}

static void limit(void *arg, unsigned int nr, struct bench_lap *lap)
{
	struct list *l = arg;
	const struct bench_form *form = &l->ctx->form[bench_one_pass(nr)];

	bench_begin(lap);
	for (unsigned int r = 0; r < RUNS; r++)
		form->list(l->item[r], l->run[r], PAGES, l->bits,
			   l->world.format->oa_shift);
	bench_end(lap, 0, RUNS * PAGES);
	unmap_all(l);
}

/* Map, and see what stands in the tables. */
static void look(struct list *l)
{
	struct iommu_domain *domain = &l->world.table.domain;
	unsigned int shift = l->world.format->oa_shift;
	size_t mapped = 0;

	for (unsigned int r = 0; r < RUNS; r++) {
		for (unsigned int i = 0; i < PAGES; i++)
			l->run[r][i] = (struct iommu_run){
				.oa = BENCH_AWAY +
				      bench_scatter(r * PAGES + i, 24),
				.len = 4096,
			};
		domain->ops->map_list(domain, run_va(r), l->run[r], PAGES,
				      BENCH_PROT, GFP_KERNEL, &mapped);
		l->item[r] = l->world.format->slot(l->world.root, run_va(r), 0);
	}
	if (!bench_expect(&l->world, mapped == RUNS * LEN,
			  "map_list did not map all"))
		return;
	l->bits = l->item[0][0] ^ l->run[0][0].oa >> shift;
	for (unsigned int r = 0; r < RUNS; r++)
		for (unsigned int i = 0; i < PAGES; i++)
			bench_expect(&l->world,
				     l->item[r][i] ==
					     (l->run[r][i].oa >> shift |
					      l->bits),
				     "items are not as the limit stores them");
	unmap_all(l);
}

int bench_case_list(struct bench_context *ctx, const struct bench_case *c,
		    struct bench_measured *out)
{
	struct list l = { .ctx = ctx };
	const struct bench_trial trial = {
		.parts = 1,
		.forms = ctx->forms / BENCH_VARIANTS,
		.op = op,
		.limit = limit,
		.arg = &l,
	};
	int ret = bench_world_open(&l.world, ctx);

	if (ret)
		return ret;
	look(&l);
	if (!l.world.wrong)
		ret = bench_measure(&trial, &ctx->plan, out);
	ctx->form_name[0] = ctx->form[bench_one_pass(out->form)].name;
	return bench_world_close(&l.world, ctx, ret);
}
