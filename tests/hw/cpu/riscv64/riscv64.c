/* SPDX-License-Identifier: MIT */
/*
 * The MMU of RISC-V: first stage, second stage and both, with three to five levels.
 */
#include "riscv64.h"

static const char *const names[3][3] = {
	{ "Sv39", "Sv48", "Sv57" },
	{ "Sv39x4", "Sv48x4", "Sv57x4" },
	{ "Sv39 over Sv39x4", "Sv48 over Sv48x4", "Sv57 over Sv57x4" },
};

/* Low, in the middle, and at the ends of both halves */
static void signed_bases(struct walker *w, unsigned int bits)
{
	w->base[0] = 1ul << 33;
	w->base[1] = (1ul << bits) / 3 & ~0x1ffffful;
	w->base[2] = (1ul << bits) - (1ul << 31);
	w->base[3] = 0 - (1ul << bits) + (1ul << 30);
	w->base[4] = 0 - (1ul << 31);
	w->outside = 1ul << bits;
}

/*
 * The same without a sign. QEMU before 8 takes guest physical addresses for signed ones,
 * where the first stage is off: there the upper half is left out.
 */
static void unsigned_bases(struct walker *w, unsigned int bits)
{
	w->base[0] = 1ul << 33;
	w->base[1] = (1ul << bits) / 3 & ~0x1ffffful;
	w->base[2] = (1ul << (bits - 1)) - (1ul << 31);
	if (!riscv64_old) {
		w->base[3] = (1ul << (bits - 1)) + (1ul << 30);
		w->base[4] = (1ul << bits) - (1ul << 31);
	}
	w->outside = 1ul << bits;
}

static void test(unsigned int kind, unsigned int level)
{
	static struct rv_walker rv;

	rv = (struct rv_walker){ .top_level = level };
	if (kind == 0)
		rv.walker = first_stage;
	else
		rv.walker = kind == 1 ? second_stage : both_stages;
	if (kind == 1)
		unsigned_bases(&rv.walker, 23 + 9 * level);
	else
		signed_bases(&rv.walker, 20 + 9 * level);
	rv.walker.name = names[kind][level - 2];
	rv.walker.migrate = level == 2;
	walker_battery(&rv.walker);
}

void machine_main(void)
{
	for (unsigned int kind = 0; kind < 3; kind++)
		for (unsigned int level = 2; level < 5; level++)
			test(kind, level);
}
