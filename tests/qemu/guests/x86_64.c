/* SPDX-License-Identifier: MIT */
/*
 * A guest that builds page tables, turns them on, and uses them: x86-64 with four
 * levels, or five with -DLEVELS=5. Starts in 32-bit mode by the PVH entry, where this
 * is compiled for; x86_64.S goes on in 64-bit mode.
 */
typedef unsigned long long u64;
typedef unsigned int u32;

#ifndef LEVELS
#define LEVELS 4
#endif

/* Intel SDM volume 3, tables 4-15 to 4-20. */
#define P  (1ull << 0)
#define W  (1ull << 1)
#define U  (1ull << 2)
#define PS (1ull << 7)
#define NX (1ull << 63)

#define MAX_TABLES 24

u64 tables[MAX_TABLES][512] __attribute__((aligned(4096)));
static u32 used;

static u64 *new_table(void)
{
	return tables[used++];
}

static u64 *table_of(u64 entry)
{
	return (u64 *)(u32)(entry & 0xfffff000u);
}

/* A page at @level (0 is 4K); tables above it are for everybody. */
static void map(u64 *top, u64 va, u64 pa, int level, u64 bits)
{
	int l, index;

	for (l = LEVELS - 1; l > level; l--) {
		index = (int)(va >> (12 + 9 * l) & 511);
		if (!(top[index] & P))
			top[index] = (u32)new_table() | P | W | U;
		top = table_of(top[index]);
	}
	index = (int)(va >> (12 + 9 * level) & 511);
	top[index] = pa | P | bits | (level ? PS : 0);
}

/* What the 64-bit part uses must be where it is: 1 MiB to 3 MiB one to one. */
u32 build(void)
{
	u64 *top = new_table();
	u64 i;

	for (i = 0x100000; i < 0x180000; i += 0x1000)
		map(top, i, i, 0, W);
	/* Alone, read-only, not executable, for users. */
	map(top, 0x1000, 0x300000, 0, 0);
	map(top, 0x3000, 0x301000, 0, W | NX);
	map(top, 0x4000, 0x302000, 0, W | U);
	/* Not continuous in memory. */
	for (i = 0; i < 16; i++)
		map(top, 0xffff800000000000ull + i * 0x1000,
		    0x310000 + (i * 7 % 16) * 0x1000, 0, W | NX);
	for (i = 0; i < 4; i++)
		map(top, 0x40000000 + i * 0x200000, i * 0x200000, 1, W | U);
	map(top, 0x80e00000, 0x200000, 1, NX);
	map(top, 0x8000000000ull, 0, 2, W);
	if (LEVELS == 5)
		map(top, 0x12345600000000ull, 0x320000, 0, W | U | NX);
	return (u32)top;
}
