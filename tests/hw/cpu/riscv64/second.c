/* SPDX-License-Identifier: MIT */
/*
 * Sv39x4, Sv48x4 and Sv57x4, and a first stage over them: "Hypervisor Extension". They are
 * used by the instructions that access memory as a guest would (HLV, HSV), and by fetches
 * in VS mode: they translate nothing else.
 */
#include "riscv64.h"

WALKER_OPS(riscv64_x4);

/* ---- Second stage ------------------------------------------------------------------------ */

static struct iommu_domain *second_make(struct rv_walker *rv)
{
	const struct pt_iommu_riscv64_x4_cfg cfg = {
		.common.runtime = guest_runtime(),
		.common.features = RV_FEATURES,
		.common.hw_max_vasz_lg2 = (uint8_t)(23 + 9 * rv->top_level),
		.common.hw_max_oasz_lg2 = 56,
		.top_level = rv->top_level,
	};

	rv->second = (struct pt_iommu_riscv64_x4){
		.iommu.domain.ops = &riscv64_x4_ops,
		.iommu.domain.dirty_ops = &riscv64_x4_dirty_ops,
	};
	if (pt_iommu_riscv64_x4_init(&rv->second, &cfg, GFP_KERNEL))
		return NULL;
	return &rv->second.iommu.domain;
}

static struct iommu_domain *second_init(struct walker *w)
{
	return second_make(to_rv(w));
}

static void second_fini(struct walker *w)
{
	pt_iommu_riscv64_x4_deinit(&to_rv(w)->second);
}

static uint64_t second_atp(struct rv_walker *rv)
{
	struct pt_iommu_riscv64_x4_hw_info info;

	pt_iommu_riscv64_x4_hw_info(&rv->second, &info);
	return info.ppn | (uint64_t)info.mode << 60;
}

/* "Hypervisor Memory-Management Fence Instructions" */
static void forget_guest(void)
{
	__asm__ volatile(".option push; .option arch, +h\n"
			 "hfence.gvma; hfence.vvma\n"
			 ".option pop"
			 :
			 :
			 : "memory");
}

/*
 * hstatus.SPVP: HLV and HSV are accesses of the guest's supervisor; vsstatus.SUM: it may
 * use what is its users'.
 */
static void guest_use(uint64_t vsatp, uint64_t hgatp)
{
	csr_write("satp", identity_satp());
	__asm__ volatile("csrs hstatus, %0" : : "r"(1ul << 8));
	csr_write("vsstatus", 1ul << 18);
	csr_write("vsatp", vsatp);
	csr_write("hgatp", hgatp);
	forget_guest();
}

static void second_use(struct walker *w, bool on)
{
	guest_use(0, on ? second_atp(to_rv(w)) : 0);
}

static struct cpu_result guest_access(struct walker *w, unsigned int access,
				      uint64_t va, uint64_t value)
{
	struct probe probe = { .va = va, .value = value };
	struct cpu_result result = { .access = access };

	if (access == CPU_READ)
		probe_guest_read(&probe);
	else if (access == CPU_WRITE)
		probe_guest_write(&probe);
	else
		probe_guest_exec(&probe);
	result.value = probe.value;
	if (!probe.cause)
		return result;
	probe_report(&result, &probe);
	/* A guest-page fault also has the guest physical address, >> 2. */
	if (probe.cause >= 20 && probe.htval != va >> 2)
		result.va = probe.htval << 2;
	return result;
}

/* HFENCE.GVMA takes a guest physical address >> 2. */
static void fence_physical(uint64_t va)
{
	__asm__ volatile(".option push; .option arch, +h\n"
			 "hfence.gvma %0\n"
			 ".option pop"
			 :
			 : "r"(va >> 2)
			 : "memory");
}

static void second_flush(struct walker *w, uint64_t start, uint64_t last,
			 bool tables)
{
	rv_flush(start, last, tables, forget_guest, fence_physical);
}

static uint64_t *second_item(struct walker *w, uint64_t va)
{
	struct rv_walker *rv = to_rv(w);

	return rv_find(second_atp(rv) << 12, 0, rv->top_level, 11, va);
}

/* ---- Both stages ------------------------------------------------------------------------- */

/*
 * The table under test is a guest's: the guest sees its memory for tables so much
 * further up, and what it maps to where it is.
 */
#define GUEST_TABLES 0x1000000000ul

static struct pt_runtime guest_view;

static struct iommu_domain *both_init(struct walker *w)
{
	struct rv_walker *rv = to_rv(w);
	const unsigned int prot = IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE;
	struct iommu_domain *second = second_make(rv);

	if (!second)
		return NULL;
	guest_view = *guest_runtime();
	guest_view.pa_offset = GUEST_TABLES;
	if (iommu_map(second, 0, 0, 1ul << 36, prot, GFP_KERNEL) ||
	    iommu_map(second, GUEST_TABLES + RAM, RAM, RAM_SIZE, prot,
		      GFP_KERNEL))
		return NULL;
	return first_make(rv, &guest_view);
}

static void both_fini(struct walker *w)
{
	first_fini(w);
	second_fini(w);
}

static void both_use(struct walker *w, bool on)
{
	struct rv_walker *rv = to_rv(w);

	guest_use(on ? first_atp(rv) : 0, on ? second_atp(rv) : 0);
}

static void fence_virtual(uint64_t va)
{
	__asm__ volatile(".option push; .option arch, +h\n"
			 "hfence.vvma %0\n"
			 ".option pop"
			 :
			 : "r"(va)
			 : "memory");
}

static void both_flush(struct walker *w, uint64_t start, uint64_t last,
		       bool tables)
{
	rv_flush(start, last, tables, forget_guest, fence_virtual);
}

static uint64_t *both_item(struct walker *w, uint64_t va)
{
	struct rv_walker *rv = to_rv(w);

	return rv_find(first_atp(rv) << 12, GUEST_TABLES, rv->top_level, 9, va);
}

const struct walker second_stage = {
	.exec = true,
	.dirty = true,
	.accessed = 1 << 6,
	.exec_insn = { 0x73, 0x73 }, /* ecall */
	.init = second_init,
	.fini = second_fini,
	.use = second_use,
	.access = guest_access,
	.flush = second_flush,
	.item = second_item,
};

const struct walker both_stages = {
	.exec = true,
	.dirty = true,
	.accessed = 1 << 6,
	.exec_insn = { 0x73, 0x73 }, /* ecall */
	.init = both_init,
	.fini = both_fini,
	.use = both_use,
	.access = guest_access,
	.flush = both_flush,
	.item = both_item,
};
