/* SPDX-License-Identifier: MIT */
/*
 * AArch64: stage 1 of EL1 and EL0, and stage 2, with all granules.
 */
#include "../walker.h"
#include "table.h"
#include "walk.h"

const uint64_t machine_data = 0x48000000, machine_data_size = 64ul << 20;

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

/* D17.2: ID_AA64MMFR1_EL1.HAFDBS, ID_AA64MMFR2_EL1.BBM and FWB */
static unsigned int has(bool stage2)
{
	uint64_t mmfr1 = read_reg("id_aa64mmfr1_el1");
	uint64_t mmfr2 = read_reg("id_aa64mmfr2_el1");
	unsigned int bits = 0;

	if ((mmfr1 & 15) >= 2)
		bits |= BIT(PT_FEAT_ARMV8_DBM);
	if ((mmfr2 >> 52 & 15) >= 2)
		bits |= BIT(PT_FEAT_ARMV8_BBML2);
	else if ((mmfr2 >> 52 & 15) >= 1)
		bits |= BIT(PT_FEAT_ARMV8_BBML1);
	if (stage2 && (mmfr2 >> 40 & 15))
		bits |= BIT(PT_FEAT_ARMV8_S2FWB);
	return bits;
}

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
		.features = aw->features | has(aw->format->stage2),
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

extern const char el1_page[];

/* What runs at EL1 is translated by a second stage like all else there. */
static int anchor(struct walker *w)
{
	struct arm_walker *aw = to_arm(w);
	uint64_t end = w->domain->geometry.aperture_end;

	aw->table.regime.page = end - 0xffff;
	return iommu_map(w->domain, end - 0xffff, (uintptr_t)el1_page, 0x10000,
			 IOMMU_READ | IOMMU_CACHE, GFP_KERNEL);
}

static void use(struct walker *w, bool on)
{
	static const struct regime off = { .hcr = 1ull << 31 };

	regime_use(on ? &to_arm(w)->table.regime : &off);
}

static const unsigned int faults[] = {
	[EL_NONE] = 0,
	[EL_RANGE] = CPU_RANGE,
	[EL_TRANSLATION] = CPU_ABSENT,
	[EL_ACCESS_FLAG] = CPU_DENIED,
	[EL_PERMISSION] = CPU_DENIED,
	[EL_EXTERNAL] = 0x80,
	[EL_OTHER] = 0x80,
};

/*
 * D8.2: a VA that is too wide is a translation fault, too, at level 0; so is one
 * whose first table has no entry, if that is of level 0 or above.
 */
static unsigned int fault_of(const struct arm_walker *aw,
			     const struct el_result *result)
{
	unsigned int fault = faults[result->reason];

	if (!fault)
		return 0;
	if (result->stage2 != aw->format->stage2 && fault != CPU_RANGE)
		return 0x80;
	if (fault == CPU_ABSENT && result->level <= 0)
		fault |= CPU_RANGE;
	return fault;
}

static struct cpu_result try(struct walker *w, unsigned int access, uint64_t va,
			     uint64_t value)
{
	static const enum el_kind kinds[] = {
		[CPU_READ] = EL1_READ,
		[CPU_WRITE] = EL1_WRITE,
		[CPU_EXEC] = EL1_JUMP,
		[CPU_READ | CPU_USER] = EL0_READ,
		[CPU_WRITE | CPU_USER] = EL0_WRITE,
		[CPU_EXEC | CPU_USER] = EL0_JUMP,
	};
	const struct arm_walker *aw = to_arm(w);
	struct el_result result =
		el_access(&aw->table.regime, kinds[access], va, &value);
	struct cpu_result seen = {
		.fault = fault_of(aw, &result),
		.access = result.fetch   ? CPU_EXEC
			  : result.write ? CPU_WRITE
					 : CPU_READ,
		.va = result.va,
		.code = result.esr,
		.value = value,
	};

	/* Two registers have it; they must not differ. */
	if (result.stage2 && result.ipa != (result.va & ~0xfffull))
		seen.va = result.ipa;
	return seen;
}

static void flush(struct walker *w, uint64_t start, uint64_t last, bool tables)
{
	const struct regime *regime = &to_arm(w)->table.regime;

	if (!start && last == ~0ull)
		regime_flush_all(regime);
	else
		regime_flush(regime, start, last, !tables);
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
			.dirty = has(stage2) & BIT(PT_FEAT_ARMV8_DBM),
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
