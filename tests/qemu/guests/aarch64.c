/* SPDX-License-Identifier: MIT */
/*
 * A guest that builds page tables, turns them on, and asks the processor what they
 * say: AArch64 stage 1, 4K granule, 48 bits, both halves. QEMU does not show these
 * tables; the answers of its AT instructions are left in memory instead.
 */
typedef unsigned long u64;

#define LEVELS 4

/* Arm ARM, D8.3: attributes of stage-1 descriptors. */
#define VALID      (1ul << 0)
#define TABLE      (1ul << 1) /* also: page */
#define NORMAL     (0ul << 2) /* AttrIndx 0 */
#define DEVICE     (1ul << 2)
#define EL0        (1ul << 6)
#define READ_ONLY  (1ul << 7)
#define INNER      (3ul << 8)
#define AF         (1ul << 10)
#define CONTIGUOUS (1ul << 52)
#define PXN        (1ul << 53)
#define UXN        (1ul << 54)

#define RAM        0x40000000ul
#define UART       0x9000000ul
#define MAX_TABLES 24
#define MAX_ASKED  24

u64 tables[MAX_TABLES][512] __attribute__((aligned(4096)));
u64 root0, root1;
static u64 used;

/* What was asked: VA, and PAR_EL1 for a read and for a write. */
struct {
	u64 va, read, write;
} asked[MAX_ASKED];

static u64 *new_table(void)
{
	return tables[used++];
}

static void map(u64 *top, u64 va, u64 pa, int level, u64 bits)
{
	int l, index;

	for (l = LEVELS - 1; l > level; l--) {
		index = (int)(va >> (12 + 9 * l) & 511);
		if (!(top[index] & VALID))
			top[index] = (u64)new_table() | VALID | TABLE;
		top = (u64 *)(top[index] & 0xfffffffff000ul);
	}
	index = (int)(va >> (12 + 9 * level) & 511);
	top[index] = pa | VALID | bits | (level ? 0 : TABLE) | AF | INNER;
}

void build(void)
{
	u64 *low = new_table(), *high = new_table();
	u64 i;

	root0 = (u64)low;
	root1 = (u64)high;
	for (i = RAM + 0x400000; i < RAM + 0x440000; i += 0x1000)
		map(low, i, i, 0, NORMAL | UXN);
	map(low, UART, UART, 0, DEVICE | PXN | UXN);
	map(low, 0x1000, RAM + 0x500000, 0, READ_ONLY | UXN | PXN);
	map(low, 0x3000, RAM + 0x501000, 0, EL0 | PXN);
	for (i = 0; i < 16; i++)
		map(low, 0x10000 + i * 0x1000, RAM + 0x510000 + i * 0x1000, 0,
		    CONTIGUOUS | UXN | PXN);
	for (i = 0; i < 3; i++)
		map(low, 0x80000000 + i * 0x200000, RAM + i * 0x200000, 1,
		    UXN | PXN);
	map(low, 0x8000000000, RAM, 2, READ_ONLY | UXN | PXN);
	for (i = 0; i < 16; i++)
		map(high, 0xffff000012340000ul + i * 0x1000,
		    RAM + 0x520000 + (i * 7 % 16) * 0x1000, 0, UXN | PXN);
}

static u64 par(void)
{
	u64 value;

	__asm__ volatile("isb\n\tmrs %0, par_el1" : "=r"(value));
	return value;
}

static void ask(int i, u64 va)
{
	asked[i].va = va;
	__asm__ volatile("at s1e1r, %0" ::"r"(va));
	asked[i].read = par();
	__asm__ volatile("at s1e1w, %0" ::"r"(va));
	asked[i].write = par();
}

void check(void)
{
	static const u64 vas[] = {
		0x1000,
		0x2000,
		0x3abc,
		0x10000,
		0x1f123,
		0x20000,
		0x9000000,
		0x40400000,
		0x80000000,
		0x80512345,
		0x80600000,
		0x8000000000,
		0x8012345678,
		0x8040000000,
		0xffff000012340000,
		0xffff00001234b008,
		0xffff000012350000,
		0xffff000000000000,
	};
	volatile char *uart = (volatile char *)UART;
	volatile u64 *store = (volatile u64 *)0xffff00001234b008ul;
	volatile u64 *see = (volatile u64 *)0x8052d008ul;
	int i;

	for (i = 0; i < (int)(sizeof(vas) / sizeof(vas[0])); i++)
		ask(i, vas[i]);
	*store = 0x1122334455667788;
	*uart = *see == 0x1122334455667788 ? 'k' : '!';
	for (;;)
		__asm__ volatile("wfi");
}
