/* SPDX-License-Identifier: MIT */
/*
 * AArch64: stage 1 of EL1 and EL0, and stage 2, with all granules.
 */
#include "../walker.h"
#include "mmu.h"
#include "more.h"
#include "table.h"
#include "walk.h"

/**
 * struct kind - a table to be tried
 * @name: of the walker
 * @format: of the table
 * @bits: of its input addresses; the output addresses have 52 if that is more than 48
 * @features: what it is made with, beside what the processor has
 * @less: ... and without
 * @below: a second stage that translates what a first one puts out, or NULL
 */
struct kind {
	const char *name;
	const struct arm_format *format;
	unsigned int bits;
	unsigned int features;
	unsigned int less;
	const struct arm_format *below;
};

/** struct arm_walker - a table of that kind */
struct arm_walker {
	struct walker walker;
	const struct kind *kind;
	struct arm_table table;
	struct arm_table below;
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

static uint8_t oa_bits(const struct kind *kind)
{
	return kind->bits > 48 ? 52 : 48;
}

/* ---- The walker ---------------------------------------------------------------- */

static int make(struct arm_table *table, const struct arm_format *format,
		const struct pt_iommu_cfg *cfg, uint64_t id)
{
	*table = (struct arm_table){ .format = format };
	table->regime.granule_lg2 = format->granule_lg2;
	table->regime.id = id;
	return format->init(table, cfg);
}

/* What the guest has of RAM is where it is, with all that a first stage's walks do. */
static int make_below(struct arm_walker *aw)
{
	const struct pt_iommu_cfg cfg = {
		.runtime = guest_runtime(),
		.features = mmu_features(true),
		.hw_max_vasz_lg2 = 40,
		.hw_max_oasz_lg2 = 48,
	};
	struct regime *regime = &aw->table.regime;
	int rc = make(&aw->below, aw->kind->below, &cfg, 9);

	if (rc)
		return rc;
	regime->vtcr = aw->below.regime.vtcr;
	regime->vttbr = aw->below.regime.vttbr;
	regime->hcr |= aw->below.regime.hcr & ~REGIME_HCR_DC;
	aw->below.domain.owner = &aw->walker;
	return iommu_map(&aw->below.domain, RAM, RAM, RAM_SIZE,
			 IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE, GFP_KERNEL);
}

static struct iommu_domain *init(struct walker *w)
{
	struct arm_walker *aw = to_arm(w);
	const struct kind *kind = aw->kind;
	const struct pt_iommu_cfg cfg = {
		.runtime = guest_runtime(),
		.features = kind->features |
			    (mmu_features(kind->format->stage2) & ~kind->less),
		.hw_max_vasz_lg2 = (uint8_t)kind->bits,
		.hw_max_oasz_lg2 = oa_bits(kind),
	};

	if (make(&aw->table, kind->format, &cfg, 5))
		return NULL;
	if (kind->below && make_below(aw))
		return NULL;
	return &aw->table.domain;
}

static void fini(struct walker *w)
{
	struct arm_walker *aw = to_arm(w);

	aw->kind->format->deinit(&aw->table);
	if (aw->kind->below)
		aw->kind->below->deinit(&aw->below);
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
#define BBML1 BIT(PT_FEAT_ARMV8_BBML1)
#define BBML2 BIT(PT_FEAT_ARMV8_BBML2)
#define DBM   BIT(PT_FEAT_ARMV8_DBM)
#define FWB   BIT(PT_FEAT_ARMV8_S2FWB)

/* The first of each format is what two processors are tried with. */
static const struct kind kinds[] = {
	{ "stage 1, 4K, 48 bits", &arm_s1_4k, 48, 0, 0, NULL },
	{ "stage 1, 4K, 39 bits", &arm_s1_4k, 39, 0, 0, NULL },
	{ "stage 1, 4K, 30 bits", &arm_s1_4k, 30, 0, 0, NULL },
	{ "stage 1, 4K, 25 bits", &arm_s1_4k, 25, 0, 0, NULL },
	{ "stage 1, 4K, 48 bits, upper", &arm_s1_4k, 48, UPPER, 0, NULL },
	{ "stage 1, 4K, 52 bits", &arm_s1_4k, 52, LPA2, 0, NULL },
	{ "stage 1, 4K, BBM level 1", &arm_s1_4k, 48, BBML1, BBML2, NULL },
	{ "stage 1, 4K, nothing optional", &arm_s1_4k, 48, 0, BBML2 | DBM,
	  NULL },
	{ "stage 1, 16K, 48 bits", &arm_s1_16k, 48, 0, 0, NULL },
	{ "stage 1, 16K, 47 bits, upper", &arm_s1_16k, 47, UPPER, 0, NULL },
	{ "stage 1, 16K, 36 bits", &arm_s1_16k, 36, 0, 0, NULL },
	{ "stage 1, 16K, 52 bits", &arm_s1_16k, 52, LPA2, 0, NULL },
	{ "stage 1, 64K, 48 bits", &arm_s1_64k, 48, 0, 0, NULL },
	{ "stage 1, 64K, 42 bits", &arm_s1_64k, 42, 0, 0, NULL },
	{ "stage 1, 64K, 52 bits", &arm_s1_64k, 52, 0, 0, NULL },
	{ "stage 1, 64K, 52 bits, upper", &arm_s1_64k, 52, UPPER, 0, NULL },
	{ "stage 2, 4K, 48 bits", &arm_s2_4k, 48, 0, 0, NULL },
	{ "stage 2, 4K, 43 bits, 16 tables on top", &arm_s2_4k, 43, 0, 0,
	  NULL },
	{ "stage 2, 4K, 40 bits, 2 tables on top", &arm_s2_4k, 40, 0, 0, NULL },
	{ "stage 2, 4K, 34 bits, 16 tables on top", &arm_s2_4k, 34, 0, 0,
	  NULL },
	{ "stage 2, 4K, 52 bits, 16 tables on top", &arm_s2_4k, 52, LPA2, 0,
	  NULL },
	{ "stage 2, 4K, nothing optional", &arm_s2_4k, 48, 0, BBML2 | DBM | FWB,
	  NULL },
	{ "stage 2, 16K, 48 bits, 2 tables on top", &arm_s2_16k, 48, 0, 0,
	  NULL },
	{ "stage 2, 16K, 40 bits, 16 tables on top", &arm_s2_16k, 40, 0, 0,
	  NULL },
	{ "stage 2, 16K, 52 bits", &arm_s2_16k, 52, LPA2, 0, NULL },
	{ "stage 2, 64K, 48 bits", &arm_s2_64k, 48, 0, 0, NULL },
	{ "stage 2, 64K, 46 bits, 16 tables on top", &arm_s2_64k, 46, 0, 0,
	  NULL },
	{ "stage 2, 64K, 52 bits", &arm_s2_64k, 52, 0, 0, NULL },
	{ "stage 1, 4K, over stage 2, 4K", &arm_s1_4k, 48, 0, 0, &arm_s2_4k },
	{ "stage 1, 16K, over stage 2, 64K", &arm_s1_16k, 48, 0, 0,
	  &arm_s2_64k },
	{ "stage 1, 64K, over stage 2, 16K", &arm_s1_64k, 48, 0, 0,
	  &arm_s2_16k },
};

/* All over the address space; not the ends, of which the last has el1_page. */
static void set_bases(struct arm_walker *aw)
{
	bool upper = aw->kind->features & UPPER;
	uint64_t size = 1ull << aw->kind->bits;
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
static bool works(const struct kind *kind)
{
	const char *why = NULL;

	if (!(kind->features & LPA2))
		return true;
	if (!has_lpa2(kind->format))
		why = "the processor has no such";
	else if (kind->format == &arm_s2_16k &&
		 !(read_reg("id_aa64isar2_el1") >> 16 & 15))
		why = "this QEMU claims it and cannot do it";
	if (why)
		tap_skip(kind->name, "all of it", why);
	return !why;
}

static void levels(struct walker *w)
{
	more_levels(w, &to_arm(w)->table.regime);
}

static void addresses(struct walker *w)
{
	const struct arm_walker *aw = to_arm(w);

	more_addresses(w, &aw->table.regime, oa_bits(aw->kind));
}

static void battery(const struct kind *kind, bool migrate)
{
	bool stage2 = kind->format->stage2;
	static struct arm_walker aw;

	aw = (struct arm_walker){
		.walker = {
			.name = kind->name,
			.user = !stage2,
			.exec = true,
			.migrate = migrate,
			.dirty = mmu_features(stage2) & DBM & ~kind->less,
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
		.kind = kind,
	};
	set_bases(&aw);
	if (!works(kind))
		return;
	walker_battery(&aw.walker);
	if (walker_torn)
		return;
	walker_case(&aw.walker, "faults tell the level", levels);
	if (!kind->below)
		walker_case(&aw.walker, "output addresses of all widths",
			    addresses);
}

void machine_main(void)
{
	const size_t count = sizeof(kinds) / sizeof(kinds[0]);

	for (size_t i = 0; i < count; i++)
		battery(&kinds[i],
			!kinds[i].below &&
				(!i || kinds[i].format != kinds[i - 1].format));
}
