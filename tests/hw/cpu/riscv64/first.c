/* SPDX-License-Identifier: MIT */
/*
 * Sv39, Sv48 and Sv57: "Supervisor-Level ISA". The guest itself runs under them.
 */
#include "riscv64.h"

/* Where user code is for users, away from the anchor. */
#define USER_CODE 0x70000000ul

WALKER_OPS(riscv64);

struct iommu_domain *first_make(struct rv_walker *rv,
				const struct pt_runtime *runtime)
{
	const struct pt_iommu_riscv64_cfg cfg = {
		.common.runtime = runtime,
		.common.features = BIT(PT_FEAT_SIGN_EXTEND) | RV_FEATURES,
		.common.hw_max_vasz_lg2 = (uint8_t)(21 + 9 * rv->top_level),
		.common.hw_max_oasz_lg2 = 56,
		.top_level = rv->top_level,
	};

	rv->first = (struct pt_iommu_riscv64){
		.iommu.domain.ops = &riscv64_ops,
		.iommu.domain.dirty_ops = &riscv64_dirty_ops,
	};
	if (pt_iommu_riscv64_init(&rv->first, &cfg, GFP_KERNEL))
		return NULL;
	return &rv->first.iommu.domain;
}

static struct iommu_domain *first_init(struct walker *w)
{
	return first_make(to_rv(w), guest_runtime());
}

void first_fini(struct walker *w)
{
	pt_iommu_riscv64_deinit(&to_rv(w)->first);
}

static int first_anchor(struct walker *w)
{
	const unsigned int prot = IOMMU_READ | IOMMU_WRITE | IOMMU_PRIV;
	int rc;

	rc = iommu_map(w->domain, RAM, RAM, RAM_SIZE, prot | IOMMU_CACHE,
		       GFP_KERNEL);
	if (!rc)
		rc = iommu_map(w->domain, UART, UART, 4096, prot | IOMMU_MMIO,
			       GFP_KERNEL);
	if (!rc)
		rc = iommu_map(w->domain, TEST, TEST, 4096, prot | IOMMU_MMIO,
			       GFP_KERNEL);
	if (!rc)
		rc = iommu_map(w->domain, USER_CODE, (uint64_t)user_code, 4096,
			       IOMMU_READ | IOMMU_CACHE, GFP_KERNEL);
	return rc;
}

/* satp, vsatp: the same as fsc of an IOMMU */
uint64_t first_atp(struct rv_walker *rv)
{
	struct pt_iommu_riscv64_hw_info info;

	pt_iommu_riscv64_hw_info(&rv->first, &info);
	return info.ppn | (uint64_t)info.mode << 60;
}

static void fence(void)
{
	__asm__ volatile("sfence.vma" : : : "memory");
}

static void first_use(struct walker *w, bool on)
{
	csr_write("satp", on ? first_atp(to_rv(w)) : identity_satp());
	fence();
}

static struct cpu_result first_access(struct walker *w, unsigned int access,
				      uint64_t va, uint64_t value)
{
	static char *const user[] = { user_read, user_write, user_exec };
	struct probe probe = { .va = va, .value = value };
	struct cpu_result result = { .access = access &
					       ~(unsigned int)CPU_USER };

	if (access & CPU_USER)
		probe_user(&probe, USER_CODE + (uint64_t)(user[result.access] -
							  user_code));
	else if (access == CPU_READ)
		probe_read(&probe);
	else if (access == CPU_WRITE)
		probe_write(&probe);
	else
		probe_exec(&probe);
	result.value = probe.value;
	if (probe.cause)
		probe_report(&result, &probe);
	return result;
}

void rv_flush(uint64_t start, uint64_t last, bool tables, void (*all)(void),
	      void (*page)(uint64_t va))
{
	if (tables || last - start >= 64 * 4096) {
		all();
		return;
	}
	for (uint64_t n = (last >> 12) - (start >> 12) + 1; n--; start += 4096)
		page(start);
}

static void fence_page(uint64_t va)
{
	__asm__ volatile("sfence.vma %0" : : "r"(va) : "memory");
}

static void first_flush(struct walker *w, uint64_t start, uint64_t last,
			bool tables)
{
	rv_flush(start, last, tables, fence, fence_page);
}

/* "Virtual Address Translation Process" */
uint64_t *rv_find(uint64_t root, uint64_t offset, unsigned int level,
		  unsigned int top_lg2, uint64_t va)
{
	unsigned int lg2 = top_lg2;

	while (true) {
		uint64_t *item = (uint64_t *)(root - offset) +
				 (va >> (12 + 9 * level) & ((1u << lg2) - 1));

		if (!(*item & 1))
			return NULL;
		if (*item & 0xe)
			return item;
		if (!level--)
			return NULL;
		root = (*item << 2) & 0xfffffffffff000;
		lg2 = 9;
	}
}

static uint64_t *first_item(struct walker *w, uint64_t va)
{
	struct rv_walker *rv = to_rv(w);

	return rv_find(first_atp(rv) << 12, 0, rv->top_level, 9, va);
}

const struct walker first_stage = {
	.user = true,
	.exec = true,
	.dirty = true,
	.accessed = 1 << 6,
	.exec_insn = { 0x8082, 0x73 }, /* ret; ecall */
	.init = first_init,
	.fini = first_fini,
	.anchor = first_anchor,
	.use = first_use,
	.access = first_access,
	.flush = first_flush,
	.item = first_item,
};
