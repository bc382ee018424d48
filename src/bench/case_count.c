/* SPDX-License-Identifier: MIT */
/*
 * How many entries an operation touches: counted, in an aperture of 16 TiB in which
 * nothing else is mapped, and in one with a page in each 256 MiB of it.
 *
 * The second count is taken at several places. It is not a time: nothing is measured,
 * and what comes out is exact.
 */
#include <stdio.h>

#include "bench/case.h"
#include "bench/count.h"

#define APERTURE_LG2 44
#define SPARSE_LG2   28
#define QUICK_LG2    34
#define PLACES       4u
#define PAGES        256u

_Thread_local uint64_t bench_counted;

/** Operations, in the order in which they are done at a place. */
enum {
	MAP_PAGE,
	LOOKUP,
	UNMAP_PAGE,
	MAP_RUN,
	DIRTY_RUN,
	UNMAP_RUN,
	MAP_TABLE,
	UNMAP_TABLE,
	OPERATIONS
};

/** struct count - entries touched by each operation. */
struct count {
	uint64_t n[OPERATIONS];
};

static uint64_t since(uint64_t *before)
{
	uint64_t n = bench_counted - *before;

	*before = bench_counted;
	return n;
}

static void ignore(void *arg, dma_addr_t iova, size_t length)
{
}

static void read_dirty(struct bench_world *world, dma_addr_t va, dma_addr_t len)
{
	struct iommu_domain *domain = &world->table.domain;
	struct iommu_dirty_bitmap bitmap = { .record = ignore };

	bench_expect(world,
		     !domain->dirty_ops->read_and_clear_dirty(
			     domain, va, len, IOMMU_DIRTY_NO_CLEAR, &bitmap),
		     "read_and_clear_dirty failed");
}

/* Where there is nothing: make the tables, and count. */
static struct count count_at(struct bench_world *world, dma_addr_t va)
{
	struct iommu_domain *domain = &world->table.domain;
	dma_addr_t neighbour = va + ((dma_addr_t)1 << 21) - 4096;
	dma_addr_t table = va + ((dma_addr_t)1 << 21);
	dma_addr_t run = (dma_addr_t)PAGES << 12;
	struct count c;
	uint64_t at;

	bench_map(world, neighbour, BENCH_AWAY, 4096);
	at = bench_counted;
	bench_map(world, va, BENCH_AWAY, 4096);
	c.n[MAP_PAGE] = since(&at);
	bench_expect(world, domain->ops->iova_to_phys(domain, va) == BENCH_AWAY,
		     "iova_to_phys does not find the page");
	c.n[LOOKUP] = since(&at);
	bench_unmap(world, va, 4096);
	c.n[UNMAP_PAGE] = since(&at);
	bench_map(world, va, BENCH_AWAY + 4096, run);
	c.n[MAP_RUN] = since(&at);
	read_dirty(world, va, run);
	c.n[DIRTY_RUN] = since(&at);
	bench_unmap(world, va, run);
	c.n[UNMAP_RUN] = since(&at);
	bench_map(world, table, BENCH_AWAY + 4096, (dma_addr_t)1 << 21);
	c.n[MAP_TABLE] = since(&at);
	bench_unmap(world, table, (dma_addr_t)1 << 21);
	c.n[UNMAP_TABLE] = since(&at);
	bench_unmap(world, neighbour, 4096);
	return c;
}

static dma_addr_t place(unsigned int i)
{
	return ((dma_addr_t)i << (APERTURE_LG2 - 2)) + ((dma_addr_t)37 << 21);
}

/* A page at the beginning of each part of the aperture. */
static void fill_sparsely(struct bench_world *world, unsigned int lg2)
{
	for (dma_addr_t i = 0; i < (dma_addr_t)1 << (APERTURE_LG2 - lg2); i++)
		bench_map(world, i << lg2, BENCH_AWAY + (i << 12), 4096);
}

static void exact(struct bench_time *time, uint64_t n)
{
	*time = (struct bench_time){
		.median = (double)n,
		.min = (double)n,
		.samples = 1,
		.units = 1,
	};
}

int bench_case_count(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out)
{
	struct bench_context counted = *ctx;
	struct count empty, full[PLACES];
	struct bench_world world;
	int ret;

	if (ctx->column != BENCH_SCALAR) {
		snprintf(ctx->note, sizeof(ctx->note),
			 "counted in the scalar build");
		return -ENODATA;
	}
	counted.format = bench_format_counted(ctx->nr);
	ret = bench_world_open(&world, &counted);
	if (ret)
		return ret;
	empty = count_at(&world, place(1));
	fill_sparsely(&world, ctx->quick ? QUICK_LG2 : SPARSE_LG2);
	for (unsigned int i = 0; i < PLACES; i++)
		full[i] = count_at(&world, place(i));
	for (unsigned int op = 0; op < OPERATIONS; op++) {
		uint64_t most = 0;

		for (unsigned int i = 0; i < PLACES; i++)
			if (full[i].n[op] > most)
				most = full[i].n[op];
		exact(&out[op].op, most);
		exact(&out[op].limit, empty.n[op]);
		ctx->form_name[op] = "nothing else mapped";
	}
	return bench_world_close(&world, ctx, 0);
}
