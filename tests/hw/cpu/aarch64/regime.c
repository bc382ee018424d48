/* SPDX-License-Identifier: MIT */
#include "regime.h"

extern const char el1_page[], el1_read[], el1_write[], el1_jump[];
extern const char el0_read[], el0_write[];

#define EL1_PAGE_LG2 16

/* HCR_EL2: AArch64 below; the second stage */
#define HCR_RW (1ull << 31)
#define HCR_VM (1ull << 0)

/* SCTLR_EL1: what is always one, and translation with caches */
#define SCTLR_RES1 0x30d00800ull
#define SCTLR_MCI  (1ull << 0 | 1ull << 2 | 1ull << 12)

/* ---- el1_page for a first stage ---------------------------------------------- */

/* 39 bits, 4 KiB: three tables, and as many pages as el1_page has. */
#define CODE_PAGES (1 << (EL1_PAGE_LG2 - 12))
#define CODE_UPPER 0xffffff8000000000ull
#define CODE_LOWER 0ull

/* Read-only and executable for both levels; shareability would be in TCR with DS. */
#define CODE_PAGE  (1 << 10 | 1 << 7 | 1 << 6 | 3)
#define CODE_TABLE 3

static uint64_t code_tables[3][512] __attribute__((aligned(4096)));

static void code_tables_make(void)
{
	code_tables[0][0] = (uintptr_t)code_tables[1] | CODE_TABLE;
	code_tables[1][0] = (uintptr_t)code_tables[2] | CODE_TABLE;
	for (int i = 0; i < CODE_PAGES; i++)
		code_tables[2][i] =
			((uintptr_t)el1_page + ((uint64_t)i << 12)) | CODE_PAGE;
}

/* TCR_EL1: the half that the code is in: write-back, inner shareable, 4 KiB */
#define TCR_HALF(tsz) ((tsz) | 1ull << 8 | 1ull << 10 | 3ull << 12)
#define TCR_TG1_4K    (2ull << 30)

void regime_stage1(struct regime *regime, bool upper)
{
	code_tables_make();
	regime->stage2 = false;
	regime->upper = upper;
	regime->hcr = HCR_RW;
	regime->sctlr = SCTLR_RES1 | SCTLR_MCI;
	if (upper) {
		regime->page = CODE_LOWER;
		regime->tcr |= TCR_HALF(25ull);
		regime->ttbr0 = (uintptr_t)code_tables[0];
	} else {
		regime->page = CODE_UPPER;
		regime->tcr |= TCR_HALF(25ull) << 16 | TCR_TG1_4K;
		regime->ttbr1 = (uintptr_t)code_tables[0];
	}
	/* The ASID is that of TTBR0 (TCR_EL1.A1 = 0). */
	regime->ttbr0 |= regime->id << 48;
}

void regime_stage2(struct regime *regime)
{
	regime->stage2 = true;
	regime->hcr |= HCR_RW | HCR_VM | REGIME_HCR_DC;
	regime->sctlr = SCTLR_RES1;
	regime->vttbr |= regime->id << 48;
}

void regime_use(const struct regime *regime)
{
	write_reg("hcr_el2", regime->hcr);
	write_reg("vtcr_el2", regime->vtcr);
	write_reg("vttbr_el2", regime->vttbr);
	write_reg("mair_el1", regime->mair);
	write_reg("tcr_el1", regime->tcr);
	write_reg("ttbr0_el1", regime->ttbr0);
	write_reg("ttbr1_el1", regime->ttbr1);
	write_reg("sctlr_el1", regime->sctlr);
	write_reg("vbar_el1", regime->page);
	isb();
	__asm__ volatile("dsb ishst\n\ttlbi alle1is\n\tdsb ish\n\tisb" ::
				 : "memory");
}

/* ---- Forgetting ------------------------------------------------------------------ */

/* D8.13 "TLB maintenance": by so many addresses, beyond that everything */
#define FLUSH_MAX 512

/* The address in units of 4 KiB whatever the granule; bits 43:0, and 47:44 are TTL. */
#define TLBI_ADDRESS(va) ((va) >> 12 & ((1ull << 44) - 1))

static void flush_stage1(const struct regime *regime, uint64_t first,
			 uint64_t last, bool leaf_only)
{
	uint64_t step = 1ull << regime->granule_lg2;

	for (uint64_t va = first & ~(step - 1);; va += step) {
		uint64_t arg = TLBI_ADDRESS(va) | regime->id << 48;

		if (leaf_only)
			__asm__ volatile("tlbi vale1is, %0" ::"r"(arg));
		else
			__asm__ volatile("tlbi vae1is, %0" ::"r"(arg));
		if (last - va < step)
			break;
	}
}

/* What both stages made together is not found by an intermediate address. */
static void flush_stage2(const struct regime *regime, uint64_t first,
			 uint64_t last, bool leaf_only)
{
	uint64_t step = 1ull << regime->granule_lg2;

	for (uint64_t ipa = first & ~(step - 1);; ipa += step) {
		uint64_t arg = ipa >> 12;

		if (leaf_only)
			__asm__ volatile("tlbi ipas2le1is, %0" ::"r"(arg));
		else
			__asm__ volatile("tlbi ipas2e1is, %0" ::"r"(arg));
		if (last - ipa < step)
			break;
	}
	__asm__ volatile("dsb ish\n\ttlbi vmalle1is" ::: "memory");
}

void regime_flush(const struct regime *regime, uint64_t first, uint64_t last,
		  bool leaf_only)
{
	if ((last - first) >> regime->granule_lg2 >= FLUSH_MAX) {
		regime_flush_all(regime);
		return;
	}
	dsb_ishst();
	if (regime->stage2)
		flush_stage2(regime, first, last, leaf_only);
	else
		flush_stage1(regime, first, last, leaf_only);
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

void regime_flush_all(const struct regime *regime)
{
	dsb_ishst();
	if (regime->stage2)
		__asm__ volatile("tlbi vmalls12e1is" ::: "memory");
	else
		__asm__ volatile("tlbi aside1is, %0" ::"r"(regime->id << 48)
				 : "memory");
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

/* ---- Accesses ------------------------------------------------------------------ */

/* SPSR_EL2: all interrupts masked; EL1 with its own stack pointer, EL0 */
#define PSTATE_EL1 0x3c5ull
#define PSTATE_EL0 0x3c0ull

/* ESR_ELx: exception classes */
enum {
	EC_SVC = 0x15,
	EC_HVC = 0x16,
	EC_FETCH = 0x20, /* from below */
	EC_FETCH_SAME = 0x21,
	EC_DATA = 0x24,
	EC_DATA_SAME = 0x25,
};

static unsigned int ec(uint64_t esr)
{
	return (unsigned int)(esr >> 26 & 0x3f);
}

/* D17.2.40: fault status codes with a level in the low bits, or level -1 */
static void decode_status(struct el_result *result)
{
	unsigned int fsc = result->esr & 0x3f;

	result->level = (int)(fsc & 3);
	switch (fsc >> 2) {
	case 0:
		result->reason = EL_RANGE;
		return;
	case 1:
		result->reason = EL_TRANSLATION;
		return;
	case 2:
		result->reason = EL_ACCESS_FLAG;
		return;
	case 3:
		result->reason = EL_PERMISSION;
		return;
	}
	result->reason = fsc == 0x29   ? EL_RANGE
			 : fsc == 0x2b ? EL_TRANSLATION
			 : fsc == 0x10 ? EL_EXTERNAL
				       : EL_OTHER;
	result->level = -1;
}

static void decode(struct el_result *result, uint64_t esr, uint64_t far)
{
	unsigned int class = ec(esr);
	bool data = class == EC_DATA || class == EC_DATA_SAME;

	result->esr = esr;
	result->va = far;
	result->fetch = class == EC_FETCH || class == EC_FETCH_SAME;
	result->walk = esr >> 7 & 1;
	result->write = data && (esr >> 6 & 1);
	if (data || result->fetch)
		decode_status(result);
	else
		result->reason = EL_OTHER;
}

static struct el_result visit(const struct regime *regime, const char *code,
			      uint64_t pstate, struct el_frame *frame)
{
	struct cpu *cpu = (struct cpu *)read_reg("tpidr_el2");
	struct el_result result = { .reason = EL_NONE };

	frame->pc = regime->page + (uint64_t)(code - el1_page);
	frame->pstate = pstate;
	el_enter(cpu, frame);
	if (ec(frame->esr_el2) != EC_HVC) {
		decode(&result, frame->esr_el2, frame->far_el2);
		result.stage2 = true;
		/* HPFAR_EL2.FIPA: bits 51:12 stand in 43:4 */
		result.ipa = (frame->hpfar_el2 & ((1ull << 44) - 16)) << 8;
	} else if ((frame->esr_el2 & 1) && ec(frame->esr_el1) != EC_SVC) {
		decode(&result, frame->esr_el1, frame->far_el1);
	}
	return result;
}

struct el_result el_access(const struct regime *regime, enum el_kind kind,
			   uint64_t va, uint64_t *value)
{
	static const struct {
		const char *code;
		uint64_t pstate;
	} how[] = {
		[EL1_READ] = { el1_read, PSTATE_EL1 },
		[EL1_WRITE] = { el1_write, PSTATE_EL1 },
		[EL1_JUMP] = { el1_jump, PSTATE_EL1 },
		[EL0_READ] = { el0_read, PSTATE_EL0 },
		[EL0_WRITE] = { el0_write, PSTATE_EL0 },
		[EL0_JUMP] = { el1_jump, PSTATE_EL0 },
	};
	struct el_frame frame = { .x = { *value, va } };
	struct el_result result;

	result = visit(regime, how[kind].code, how[kind].pstate, &frame);
	*value = frame.x[0];
	return result;
}

/* PAR_EL1: F, and PA[51:12] in place */
uint64_t el_translate(const struct regime *regime, uint64_t va)
{
	uint64_t par;

	if (regime->stage2)
		__asm__ volatile("at s12e1r, %0" ::"r"(va) : "memory");
	else
		__asm__ volatile("at s1e1r, %0" ::"r"(va) : "memory");
	isb();
	par = read_reg("par_el1");
	if (par & 1)
		return EL_NOWHERE;
	return (par & (((1ull << 52) - 1) & ~0xfffull)) | (va & 0xfff);
}
