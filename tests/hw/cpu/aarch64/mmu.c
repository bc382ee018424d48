/* SPDX-License-Identifier: MIT */
#include "mmu.h"

const uint64_t machine_data = 0x48000000, machine_data_size = 64ul << 20;

extern const char el1_page[];

/* D17.2: ID_AA64MMFR1_EL1.HAFDBS, ID_AA64MMFR2_EL1.BBM and FWB */
unsigned int mmu_features(bool stage2)
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

/* What runs at EL1 is translated by a second stage like all else there. */
int mmu_anchor(struct regime *regime, struct iommu_domain *domain)
{
	regime->page = domain->geometry.aperture_end + 1 - EL1_PAGE_SIZE;
	return iommu_map(domain, regime->page, (uintptr_t)el1_page,
			 EL1_PAGE_SIZE, IOMMU_READ | IOMMU_CACHE, GFP_KERNEL);
}

void mmu_use(const struct regime *regime, bool on)
{
	static const struct regime off = { .hcr = 1ull << 31 };

	regime_use(on ? regime : &off);
}

#define STRANGE 0x80 /* a fault that nobody expects */

/*
 * D8.2: a VA that is too wide is a translation fault, too, at level 0; so is one
 * whose first table has no entry, if that is of level 0 or above.
 */
static unsigned int fault_of(const struct regime *regime,
			     const struct el_result *result)
{
	static const unsigned int faults[] = {
		[EL_NONE] = 0,
		[EL_RANGE] = CPU_RANGE,
		[EL_TRANSLATION] = CPU_ABSENT,
		[EL_ACCESS_FLAG] = CPU_DENIED,
		[EL_PERMISSION] = CPU_DENIED,
		[EL_EXTERNAL] = STRANGE,
		[EL_OTHER] = STRANGE,
	};
	unsigned int fault = faults[result->reason];

	if (!fault || fault == CPU_RANGE)
		return fault;
	if (result->stage2 != regime->stage2 || result->walk)
		return STRANGE;
	if (fault == CPU_ABSENT && result->level <= 0)
		fault |= CPU_RANGE;
	return fault;
}

struct cpu_result mmu_access(const struct regime *regime, unsigned int access,
			     uint64_t va, uint64_t value)
{
	static const enum el_kind kinds[] = {
		[CPU_READ] = EL1_READ,
		[CPU_WRITE] = EL1_WRITE,
		[CPU_EXEC] = EL1_JUMP,
		[CPU_READ | CPU_USER] = EL0_READ,
		[CPU_WRITE | CPU_USER] = EL0_WRITE,
		[CPU_EXEC | CPU_USER] = EL0_JUMP,
	};
	struct el_result result = el_access(regime, kinds[access], va, &value);
	struct cpu_result seen = {
		.fault = fault_of(regime, &result),
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

void mmu_flush(const struct regime *regime, uint64_t start, uint64_t last,
	       bool tables)
{
	if (!start && last == ~0ull)
		regime_flush_all(regime);
	else
		regime_flush(regime, start, last, !tables);
}
