/* SPDX-License-Identifier: MIT */
#include "walk.h"

/**
 * struct geometry - what registers say of the table under test
 * @top: its start
 * @bits: of the address
 * @granule_lg2: of the tables
 * @start: the start level, as Arm counts
 * @ds: descriptors of 52 bits (LPA2)
 */
struct geometry {
	uint64_t top;
	unsigned int bits;
	unsigned int granule_lg2;
	int start;
	bool ds;
};

/* TCR_EL1: as many levels as the address needs. */
static void of_stage1(const struct regime *regime, struct geometry *g)
{
	uint64_t half = regime->upper ? regime->tcr >> 16 : regime->tcr;
	unsigned int stride = g->granule_lg2 - 3;

	g->bits = 64 - (half & 63);
	g->ds = regime->tcr >> 59 & 1;
	g->top = (regime->upper ? regime->ttbr1 : regime->ttbr0) &
		 0xffffffffffc0;
	g->start = 4 - (int)((g->bits - g->granule_lg2 + stride - 1) / stride);
}

/* VTCR_EL2.SL0: with 4 KiB it counts from level 2, else from level 3. */
static void of_stage2(const struct regime *regime, struct geometry *g)
{
	int sl0 = (int)(regime->vtcr >> 6 & 3);

	g->bits = 64 - (regime->vtcr & 63);
	g->ds = regime->vtcr >> 32 & 1;
	g->top = regime->vttbr & 0xffffffffffc0;
	g->start = (g->granule_lg2 == 12 ? 2 : 3) - sl0;
}

static uint64_t table_at(const struct geometry *g, uint64_t descriptor)
{
	uint64_t low = (1ull << g->granule_lg2) - 1;

	if (g->granule_lg2 == 16)
		return (descriptor & 0xffffffff0000) | (descriptor & 0xf000)
							       << 36;
	if (g->ds)
		return (descriptor & 0x3fffffffff000 & ~low) |
		       (descriptor & 0x300) << 42;
	return descriptor & 0xfffffffff000 & ~low;
}

uint64_t *arm_walk(const struct regime *regime, uint64_t va)
{
	struct geometry g = { .granule_lg2 = regime->granule_lg2 };
	unsigned int stride = regime->granule_lg2 - 3;
	uint64_t *item, table;

	if (regime->stage2)
		of_stage2(regime, &g);
	else
		of_stage1(regime, &g);
	if (g.bits < 64)
		va &= (1ull << g.bits) - 1;
	table = g.top;
	for (int level = g.start;; level++) {
		unsigned int shift =
			g.granule_lg2 + stride * (unsigned int)(3 - level);
		uint64_t index = va >> shift;

		/* The first is as long as the address is; the others are not. */
		if (level != g.start)
			index &= (1ull << stride) - 1;
		item = (uint64_t *)(uintptr_t)table + index;
		if (!(*item & 1))
			return NULL;
		if (level == 3 || !(*item & 2))
			return item;
		table = table_at(&g, *item);
	}
}
