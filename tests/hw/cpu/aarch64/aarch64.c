/* SPDX-License-Identifier: MIT */
/*
 * AArch64: stage 1 of EL1 and EL0, and stage 2, with all granules.
 */
#include "../walker.h"
#include "mmu.h"
#include "table.h"
#include "walk.h"

/**
 * struct arm_walker - a table, and what it is to be
 * @format: of the table
 * @bits: of its input addresses; of its output addresses if that is more than 48
 * @features: what it is made with, beside what the processor has
 */
struct arm_walker {
	struct walker walker;
	const struct arm_format *format;
	unsigned int bits;
	unsigned int features;
	struct arm_table table;
};

static struct arm_walker *to_arm(struct walker *w)
{
	return (struct arm_walker *)((char *)w -
				     offsetof(struct arm_walker, walker));
}

/* ---- What the processor has -------------------------------------------------- */

/* ID_AA64MMFR0_EL1: TGran4, TGran16 and the same for stage 2, where they differ */
static bool has_lpa2(const struct arm_format *format)
{
	uint64_t mmfr0 = read_reg("id_aa64mmfr0_el1");

	if (format->granule_lg2 == 12)
		return format->stage2 ? (mmfr0 >> 40 & 15) == 3
				      : (mmfr0 >> 28 & 15) == 1;
	return format->stage2 ? (mmfr0 >> 32 & 15) == 3
			      : (mmfr0 >> 20 & 15) == 2;
}

/* ---- The walker ---------------------------------------------------------------- */

static struct iommu_domain *init(struct walker *w)
{
	struct arm_walker *aw = to_arm(w);
	const struct pt_iommu_cfg cfg = {
		.runtime = guest_runtime(),
		.features = aw->features | mmu_features(aw->format->stage2),
		.hw_max_vasz_lg2 = (uint8_t)aw->bits,
		.hw_max_oasz_lg2 = aw->bits > 48 ? 52 : 48,
	};
	struct iommu_domain *domain = &aw->table.domain;

	aw->table = (struct arm_table){ .format = aw->format };
	domain->owner = w;
	aw->table.regime.granule_lg2 = aw->format->granule_lg2;
	aw->table.regime.id = 5;
	return aw->format->init(&aw->table, &cfg) ? NULL : domain;
}

static void fini(struct walker *w)
{
	struct arm_walker *aw = to_arm(w);

	aw->format->deinit(&aw->table);
}

static int anchor(struct walker *w)
{
	return mmu_anchor(&to_arm(w)->table.regime, w->domain);
}

static void use(struct walker *w, bool on)
{
	mmu_use(&to_arm(w)->table.regime, on);
}

static struct cpu_result try(struct walker *w, unsigned int access, uint64_t va,
			     uint64_t value)
{
	return mmu_access(&to_arm(w)->table.regime, access, va, value);
}

static void flush(struct walker *w, uint64_t start, uint64_t last, bool tables)
{
	mmu_flush(&to_arm(w)->table.regime, start, last, tables);
}

static uint64_t *item(struct walker *w, uint64_t va)
{
	return arm_walk(&to_arm(w)->table.regime, va);
}

/* ---- All of them ------------------------------------------------------------------ */

#define UPPER BIT(PT_FEAT_UPPER_RANGE)
#define LPA2  BIT(PT_FEAT_ARMV8_LPA2)

static const struct {
	const char *name;
	const struct arm_format *format;
	unsigned int bits;
	unsigned int features;
} tables[] = {
	{ "stage 1, 4K, 48 bits", &arm_s1_4k, 48, 0 },
	{ "stage 1, 4K, 39 bits", &arm_s1_4k, 39, 0 },
	{ "stage 1, 4K, 30 bits", &arm_s1_4k, 30, 0 },
	{ "stage 1, 4K, 48 bits, upper", &arm_s1_4k, 48, UPPER },
	{ "stage 1, 4K, 52 bits", &arm_s1_4k, 52, LPA2 },
	{ "stage 1, 16K, 48 bits", &arm_s1_16k, 48, 0 },
	{ "stage 1, 16K, 47 bits, upper", &arm_s1_16k, 47, UPPER },
	{ "stage 1, 16K, 36 bits", &arm_s1_16k, 36, 0 },
	{ "stage 1, 16K, 52 bits", &arm_s1_16k, 52, LPA2 },
	{ "stage 1, 64K, 48 bits", &arm_s1_64k, 48, 0 },
	{ "stage 1, 64K, 42 bits", &arm_s1_64k, 42, 0 },
	{ "stage 1, 64K, 52 bits, upper", &arm_s1_64k, 52, UPPER },
	{ "stage 1, 64K, 52 bits", &arm_s1_64k, 52, 0 },
	{ "stage 2, 4K, 48 bits", &arm_s2_4k, 48, 0 },
	{ "stage 2, 4K, 43 bits, 16 tables on top", &arm_s2_4k, 43, 0 },
	{ "stage 2, 4K, 40 bits, 2 tables on top", &arm_s2_4k, 40, 0 },
	{ "stage 2, 4K, 34 bits, 16 tables on top", &arm_s2_4k, 34, 0 },
	{ "stage 2, 4K, 52 bits, 16 tables on top", &arm_s2_4k, 52, LPA2 },
	{ "stage 2, 16K, 48 bits, 2 tables on top", &arm_s2_16k, 48, 0 },
	{ "stage 2, 16K, 40 bits, 16 tables on top", &arm_s2_16k, 40, 0 },
	{ "stage 2, 16K, 52 bits", &arm_s2_16k, 52, LPA2 },
	{ "stage 2, 64K, 48 bits", &arm_s2_64k, 48, 0 },
	{ "stage 2, 64K, 46 bits, 16 tables on top", &arm_s2_64k, 46, 0 },
	{ "stage 2, 64K, 52 bits", &arm_s2_64k, 52, 0 },
};

/* All over the address space; not the ends, of which the last has el1_page. */
static void set_bases(struct arm_walker *aw)
{
	bool upper = aw->features & UPPER;
	uint64_t size = 1ull << aw->bits;
	uint64_t start = upper ? 0 - size : 0;

	for (unsigned int i = 0; i < WALKER_BASES; i++)
		aw->walker.base[i] =
			start + (size / 6 * (i + 1) & ~(size / 64 - 1));
	aw->walker.outside = upper ? start - 0x200000 : size;
}

/*
 * QEMU 7.2 says that it has LPA2 for stage 2 with 16 KiB, and stops its walks at the
 * first table. ID_AA64ISAR2_EL1.MOPS tells the versions that came after.
 */
static bool works(const struct arm_walker *aw)
{
	const char *why = NULL;

	if (!(aw->features & LPA2))
		return true;
	if (!has_lpa2(aw->format))
		why = "the processor has no such";
	else if (aw->format == &arm_s2_16k &&
		 !(read_reg("id_aa64isar2_el1") >> 16 & 15))
		why = "this QEMU claims it and cannot do it";
	if (why)
		tap_skip(aw->walker.name, "all of it", why);
	return !why;
}

static void battery(unsigned int n)
{
	bool stage2 = tables[n].format->stage2;
	static struct arm_walker aw;

	aw = (struct arm_walker){
		.walker = {
			.name = tables[n].name,
			.user = !stage2,
			.exec = true,
			/* The first of each format */
			.migrate = !n || tables[n].format !=
						 tables[n - 1].format,
			.dirty = mmu_features(stage2) & BIT(PT_FEAT_ARMV8_DBM),
			.accessed = 1 << 10,
			.broadcast = true,
			.exec_insn = { 0xd4000002, 0xd4000001 },
			.init = init,
			.fini = fini,
			.anchor = stage2 ? anchor : NULL,
			.use = use,
			.access = try,
			.flush = flush,
			.item = item,
		},
		.format = tables[n].format,
		.bits = tables[n].bits,
		.features = tables[n].features,
	};
	set_bases(&aw);
	if (works(&aw))
		walker_battery(&aw.walker);
}

void machine_main(void)
{
	for (unsigned int n = 0; n < sizeof(tables) / sizeof(tables[0]); n++)
		battery(n);
}
