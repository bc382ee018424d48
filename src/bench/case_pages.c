/* SPDX-License-Identifier: MIT */
/*
 * Map and unmap 256 pages of a size, where the tables are there already.
 *
 * A lap does it in each half of eight tables, which fit a first-level cache. The OAs
 * are a page away from where larger pages could be used.
 */
#include "bench/case.h"

#define RUNS  16u
#define PAGES 256u

/**
 * struct pages - some runs
 * @walk: the limit goes to each run's items from the top, too
 * @item: else it knows where they are
 */
struct pages {
	struct bench_world world;
	struct bench_context *ctx;
	bool walk;
	unsigned int level;
	dma_addr_t len; /* of a run */
	uint64_t page;
	uint64_t *item[RUNS];
	uint64_t first[RUNS];
	uint64_t step;
};

static dma_addr_t run_va(const struct pages *p, unsigned int run)
{
	return BENCH_VA + run * p->len;
}

static phys_addr_t run_oa(const struct pages *p, unsigned int run)
{
	return run_va(p, run) + BENCH_AWAY + p->page;
}

static void op(void *arg, struct bench_lap *lap)
{
	struct pages *p = arg;
	struct iommu_domain *domain = &p->world.table.domain;
	const struct iommu_domain_ops *ops = domain->ops;
	struct iommu_iotlb_gather gather;
	size_t mapped = 0, unmapped = 0;
	int ret = 0;

	bench_begin(lap);
	for (unsigned int r = 0; r < RUNS; r++)
		ret |= ops->map_range(domain, run_va(p, r), run_oa(p, r),
				      p->len, BENCH_PROT, GFP_KERNEL, &mapped);
	bench_end(lap, 0, RUNS);
	iommu_iotlb_gather_init(&gather);
	bench_begin(lap);
	for (unsigned int r = 0; r < RUNS; r++)
		unmapped +=
			ops->unmap_range(domain, run_va(p, r), p->len, &gather);
	bench_end(lap, 1, RUNS);
	bench_expect(&p->world, !ret && mapped == RUNS * p->len,
		     "map_range did not map all");
	bench_expect(&p->world,
		     unmapped == RUNS * p->len && !gather.freelist.head,
		     "unmap_range did not leave the tables");
}

static uint64_t *run_item(const struct pages *p, unsigned int run)
{
	return p->walk ? p->world.format->slot(p->world.root, run_va(p, run),
					       p->level)
		       : p->item[run];
}

static void limit(void *arg, unsigned int nr, struct bench_lap *lap)
{
	struct pages *p = arg;
	const struct bench_form *form = &p->ctx->form[nr];
	bool good = true;

	bench_begin(lap);
	for (unsigned int r = 0; r < RUNS; r++)
		good &= form->map(run_item(p, r), PAGES, p->first[r], p->step);
	bench_end(lap, 0, RUNS);
	bench_begin(lap);
	for (unsigned int r = 0; r < RUNS; r++)
		good &= form->unmap(run_item(p, r), PAGES);
	bench_end(lap, 1, RUNS);
	bench_expect(&p->world, good, "items are not as the limit expects");
}

/* Make the tables, and see what stands in them when the pages are mapped. */
static void look(struct pages *p, unsigned int level)
{
	for (unsigned int r = 0; r < RUNS; r++)
		bench_map(&p->world, run_va(p, r), run_oa(p, r), p->len);
	for (unsigned int r = 0; r < RUNS; r++) {
		uint64_t *item = p->world.format->slot(p->world.root,
						       run_va(p, r), level);

		p->item[r] = item;
		p->first[r] = item[0];
		p->step = item[1] - item[0];
		for (unsigned int i = 0; i < PAGES; i++)
			bench_expect(&p->world,
				     item[i] == item[0] + i * p->step,
				     "items are not a series");
	}
	for (unsigned int r = 0; r < RUNS; r++)
		bench_unmap(&p->world, run_va(p, r), p->len);
}

int bench_case_pages(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out)
{
	struct pages p = {
		.ctx = ctx,
		.walk = c->more,
		.level = c->level,
		.page = UINT64_C(1) << BENCH_ITEM_LG2(c->level),
	};
	const struct bench_trial trial = {
		.parts = 2,
		.forms = ctx->forms,
		.op = op,
		.limit = limit,
		.arg = &p,
	};
	int ret = bench_world_open(&p.world, ctx);

	if (ret)
		return ret;
	p.len = (dma_addr_t)(PAGES * p.page);
	look(&p, c->level);
	if (!p.world.wrong)
		ret = bench_measure(&trial, &ctx->plan, out);
	for (unsigned int i = 0; i < trial.parts; i++)
		ctx->form_name[i] = ctx->form[out[i].form].name;
	return bench_world_close(&p.world, ctx, ret);
}
