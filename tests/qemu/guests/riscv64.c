/* SPDX-License-Identifier: MIT */
/*
 * A guest that builds page tables, turns them on, and uses them: RISC-V with Sv39,
 * or with -DLEVELS=4 Sv48. riscv64.S calls build() in machine mode, then check() in
 * supervisor mode under the new tables.
 */
typedef unsigned long u64;

#ifndef LEVELS
#define LEVELS 3
#endif

/* Privileged Architecture, section "Sv32": V R W X U G A D. */
#define V  (1ul << 0)
#define R  (1ul << 1)
#define W  (1ul << 2)
#define X  (1ul << 3)
#define U  (1ul << 4)
#define A  (1ul << 6)
#define D  (1ul << 7)
#define AD (A | D)

#define BASE       0x80000000ul
#define UART       0x10000000ul
#define MAX_TABLES 24

u64 tables[MAX_TABLES][512] __attribute__((aligned(4096)));
u64 root;
static u64 used;

static u64 *new_table(void)
{
	return tables[used++];
}

static void map(u64 *top, u64 va, u64 pa, int level, u64 bits)
{
	int l, index;

	for (l = LEVELS - 1; l > level; l--) {
		index = (int)(va >> (12 + 9 * l) & 511);
		if (!(top[index] & V))
			top[index] = (u64)new_table() >> 2 | V;
		top = (u64 *)((top[index] >> 10) << 12);
	}
	index = (int)(va >> (12 + 9 * level) & 511);
	top[index] = pa >> 2 | V | bits;
}

/* The value of satp. */
u64 build(void)
{
	u64 *top = new_table();
	u64 i;

	root = (u64)top;
	for (i = BASE; i < BASE + 0x40000; i += 0x1000)
		map(top, i, i, 0, R | W | X | AD);
	map(top, UART, UART, 0, R | W | AD);
	map(top, 0x1000, BASE + 0x100000, 0, R | AD);
	map(top, 0x3000, BASE + 0x101000, 0, R | W | U | AD);
	map(top, 0x4000, BASE + 0x102000, 0, X | A);
	/* Not continuous in memory. */
	for (i = 0; i < 16; i++)
		map(top, 0xffffffd000000000ul + i * 0x1000,
		    BASE + 0x110000 + (i * 7 % 16) * 0x1000, 0, R | W | AD);
	for (i = 0; i < 3; i++)
		map(top, 0x40000000 + i * 0x200000, BASE + i * 0x200000, 1,
		    R | W | AD);
	map(top, 0x1000000000ul, BASE, 2, R | A);
	if (LEVELS > 3)
		map(top, 0x123456000000ul, BASE + 0x120000, 0, R | W | AD);
	return (u64)(LEVELS + 5) << 60 | root >> 12;
}

static volatile u64 *at(u64 va)
{
	return (volatile u64 *)va;
}

/* Stores through one address are seen through another. */
void check(void)
{
	volatile char *uart = (volatile char *)UART;
	int good;

	*at(0xffffffd00000b008ul) = 0x1122334455667788;
	good = *at(0x4011d008) == 0x1122334455667788;
	*at(0x40100010) = 77;
	good &= *at(0x1010) == 77 && *at(0x1000100010ul) == 77;
	if (LEVELS > 3)
		*at(0x123456000000ul) = 1;
	*uart = good ? 'k' : '!';
	for (;;)
		__asm__ volatile("wfi");
}
