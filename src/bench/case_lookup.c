/* SPDX-License-Identifier: MIT */
/*
 * iova_to_phys of random pages of 4 KiB.
 *
 * Each page of the range goes to another page of it, moved, so that all are one ring:
 * a chain of lookups is random, and none can begin before the one before it is done.
 * For throughput the addresses are known beforehand.
 */
#include <stdlib.h>

#include "bench/case.h"

#define CHUNK 512u
#define LAP   4096u
#define BATCH 256u

struct lookup {
	struct bench_world world;
	unsigned int bits; /* of the number of a page */
	dma_addr_t va; /* where the chain is */
	uint64_t from; /* of the scattered ones */
	uint64_t sum;
	struct bench_batch vector[BENCH_MAX_BATCHES];
	unsigned int vectors;
	dma_addr_t iova[LAP];
	phys_addr_t oa[LAP];
};

/* Moves bits of a number; done twice it changes nothing. */
static uint64_t mix(const struct lookup *p, uint64_t page)
{
	return page ^ page >> (p->bits + 1) / 2;
}

/*
 * The page behind @page. The middle step, a linear congruence, goes through all
 * numbers before it comes back (Hull and Dobell: a - 1 is a multiple of 4, c is odd).
 */
static uint64_t next_page(const struct lookup *p, uint64_t page)
{
	uint64_t mask = (UINT64_C(1) << p->bits) - 1;

	return mix(p, (mix(p, page) * UINT64_C(0x2c9277b5) + 12345) & mask);
}

static void map_all(struct lookup *p)
{
	struct iommu_domain *domain = &p->world.table.domain;
	struct iommu_run run[CHUNK];
	uint64_t page = 0;

	domain->pgsize_bitmap = 4096;
	while (page < UINT64_C(1) << p->bits) {
		dma_addr_t va = BENCH_VA + (dma_addr_t)(page << 12);
		size_t mapped = 0;

		for (unsigned int i = 0; i < CHUNK; i++, page++)
			run[i] = (struct iommu_run){
				.oa = BENCH_VA + BENCH_AWAY +
				      (next_page(p, page) << 12),
				.len = 4096,
			};
		if (domain->ops->map_list(domain, va, run, CHUNK, BENCH_PROT,
					  GFP_KERNEL, &mapped)) {
			bench_expect(&p->world, false, "map_list failed");
			return;
		}
	}
}

/* ---- one after the other ---- */

static void chain(void *arg, struct bench_lap *lap)
{
	struct lookup *p = arg;
	struct iommu_domain *domain = &p->world.table.domain;
	dma_addr_t va = p->va;

	bench_begin(lap);
	for (unsigned int i = 0; i < LAP; i++)
		va = (dma_addr_t)(domain->ops->iova_to_phys(domain, va) -
				  BENCH_AWAY);
	bench_end(lap, 0, LAP);
	p->va = va;
}

static void chain_limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct lookup *p = arg;

	bench_begin(lap);
	p->va = p->world.format->chain(p->world.root, p->va, BENCH_AWAY, LAP,
				       form);
	bench_end(lap, 0, LAP);
}

/* ---- independent of each other ---- */

static void lookups(void *arg, struct bench_lap *lap)
{
	struct lookup *p = arg;
	struct iommu_domain *domain = &p->world.table.domain;
	/* As in the limit: not read again after each call. */
	const unsigned int bits = p->bits;
	const uint64_t from = p->from;
	uint64_t sum = 0;

	bench_begin(lap);
	for (unsigned int i = 0; i < LAP; i++)
		sum += domain->ops->iova_to_phys(
			domain, BENCH_VA + bench_scatter(from + i, bits));
	bench_end(lap, 0, LAP);
	p->from += LAP;
	p->sum += sum;
}

static void lookups_limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct lookup *p = arg;

	bench_begin(lap);
	p->sum += p->world.format->lookups(p->world.root, BENCH_VA, p->from,
					   p->bits, LAP, form);
	bench_end(lap, 0, LAP);
	p->from += LAP;
}

/* ---- many at once ---- */

/* The addresses are a caller's: they are there before the clock starts. */
static void choose(struct lookup *p)
{
	for (unsigned int i = 0; i < LAP; i++)
		p->iova[i] = BENCH_VA + bench_scatter(p->from + i, p->bits);
	p->from += LAP;
}

static void batch(void *arg, struct bench_lap *lap)
{
	struct lookup *p = arg;
	struct iommu_domain *domain = &p->world.table.domain;

	choose(p);
	bench_begin(lap);
	for (unsigned int i = 0; i < LAP; i += BATCH)
		domain->ops->iova_to_phys_list(domain, p->iova + i, p->oa + i,
					       BATCH);
	bench_end(lap, 0, LAP);
}

static void batch_vector(struct lookup *p, const struct bench_batch *vector,
			 struct bench_lap *lap)
{
	const struct bench_format *format = p->world.format;

	bench_begin(lap);
	for (unsigned int i = 0; i < LAP; i += BATCH)
		vector->batch(p->world.root, format->oa_mask, format->oa_shift,
			      p->iova + i, p->oa + i, BATCH);
	bench_end(lap, 0, LAP);
}

static void batch_limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct lookup *p = arg;

	choose(p);
	if (form >= BENCH_BATCH_FORMS) {
		batch_vector(p, &p->vector[form - BENCH_BATCH_FORMS], lap);
		return;
	}
	bench_begin(lap);
	for (unsigned int i = 0; i < LAP; i += BATCH)
		p->world.format->batch(p->world.root, p->iova + i, p->oa + i,
				       BATCH, form);
	bench_end(lap, 0, LAP);
}

static uint64_t sum_of(const struct lookup *p)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < LAP; i++)
		sum += p->oa[i];
	return sum;
}

/* All ways lead to the same. */
static void compare(struct lookup *p)
{
	struct bench_lap lap = { 0 };
	struct bench_clock clock;
	dma_addr_t va;
	uint64_t sum;

	bench_clock_init(&clock);
	lap.clock = &clock;
	p->va = BENCH_VA;
	chain(p, &lap);
	va = p->va;
	lookups(p, &lap);
	sum = p->sum;
	p->from = 0;
	batch(p, &lap);
	bench_expect(&p->world, sum_of(p) == sum,
		     "iova_to_phys_list and iova_to_phys do not agree");
	for (unsigned int form = 0; form < BENCH_BATCH_FORMS + p->vectors;
	     form++) {
		if (form < BENCH_BATCH_FORMS) {
			p->va = BENCH_VA;
			chain_limit(p, form, &lap);
			p->from = p->sum = 0;
			lookups_limit(p, form, &lap);
		}
		p->from = 0;
		batch_limit(p, form, &lap);
		bench_expect(&p->world,
			     p->va == va && p->sum == sum && sum_of(p) == sum,
			     "limit and iova_to_phys do not agree");
	}
}

static int measure(struct bench_context *ctx, const struct bench_case *c,
		   struct bench_measured *out, struct bench_trial trial)
{
	struct lookup *p = calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return -ENOMEM;
	ret = bench_world_open(&p->world, ctx);
	if (!ret) {
		p->bits = c->lg2 - 12;
		if (ctx->column == BENCH_VECTOR)
			p->vectors = bench_vector_batches(p->vector);
		if (trial.limit == batch_limit)
			trial.forms += p->vectors;
		trial.arg = p;
		map_all(p);
		if (!p->world.wrong)
			compare(p);
		if (!p->world.wrong)
			ret = bench_measure(&trial, &ctx->plan, out);
		ctx->form_name[0] =
			out->form < BENCH_BATCH_FORMS
				? bench_walk_form_name[out->form]
				: p->vector[out->form - BENCH_BATCH_FORMS].name;
		ret = bench_world_close(&p->world, ctx, ret);
	}
	free(p);
	return ret;
}

int bench_case_chain(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out)
{
	return measure(ctx, c, out,
		       (struct bench_trial){ .parts = 1,
					     .forms = BENCH_WALK_FORMS,
					     .op = chain,
					     .limit = chain_limit });
}

int bench_case_lookups(struct bench_context *ctx, const struct bench_case *c,
		       struct bench_measured *out)
{
	return measure(ctx, c, out,
		       (struct bench_trial){ .parts = 1,
					     .forms = BENCH_WALK_FORMS,
					     .op = lookups,
					     .limit = lookups_limit });
}

int bench_case_batch(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out)
{
	return measure(ctx, c, out,
		       (struct bench_trial){ .parts = 1,
					     .forms = BENCH_BATCH_FORMS,
					     .op = batch,
					     .limit = batch_limit });
}
