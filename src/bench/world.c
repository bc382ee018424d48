/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "bench/case.h"

int bench_world_open(struct bench_world *world, const struct bench_context *ctx)
{
	const struct port_arena_config config = {
		.base_pa = UINT64_C(1) << 32,
		.size = UINT64_C(1) << 36,
	};
	int ret;

	*world = (struct bench_world){ .format = ctx->format };
	ret = port_arena_new(&config, &world->arena);
	if (ret)
		return ret;
	world->rt = *port_arena_runtime(world->arena);
	if (ctx->column == BENCH_SCALAR)
		world->rt.run = NULL;
	world->table.domain.ops = ctx->format->ops;
	world->table.domain.dirty_ops = ctx->format->dirty_ops;
	ret = ctx->format->init(&world->table, &world->rt);
	if (ret) {
		port_arena_free(world->arena);
		return ret;
	}
	world->root = ctx->format->root(&world->table);
	return 0;
}

int bench_world_close(struct bench_world *world, struct bench_context *ctx,
		      int ret)
{
	world->format->deinit(&world->table);
	port_arena_free(world->arena);
	if (ret || !world->wrong)
		return ret;
	snprintf(ctx->note, sizeof(ctx->note), "%s", world->wrong);
	return -EIO;
}

void bench_map(struct bench_world *world, dma_addr_t va, phys_addr_t oa,
	       dma_addr_t len)
{
	struct iommu_domain *domain = &world->table.domain;
	size_t mapped = 0;
	int ret = domain->ops->map_range(domain, va, oa, len, BENCH_PROT,
					 GFP_KERNEL, &mapped);

	bench_expect(world, !ret && mapped == len, "map_range failed");
}

void bench_unmap(struct bench_world *world, dma_addr_t va, dma_addr_t len)
{
	struct iommu_domain *domain = &world->table.domain;
	struct iommu_iotlb_gather gather;
	size_t unmapped;

	iommu_iotlb_gather_init(&gather);
	unmapped = domain->ops->unmap_range(domain, va, len, &gather);
	iommu_pages_list_put(&gather.freelist);
	bench_expect(world, unmapped == len, "unmap_range failed");
}
