/* SPDX-License-Identifier: MIT */
/*
 * Nested paging: the second stage of a virtual machine has the format of ordinary
 * tables. AMD64 Architecture Programmer's Manual volume 2, chapter 15, "Secure Virtual
 * Machine", and appendix B, "VMCB Layout".
 *
 * The virtual machine runs one instruction in 64-bit mode, under tables of its own that
 * translate each address to itself. It ends with an exit: by VMMCALL, or by what the
 * second stage refuses. No stage's address is wider than a physical one.
 */
#include "x86.h"

/* The VMCB in words of 64 bits: the control area, and the state from 0x400 on */
#define INTERCEPTS  (0x008 / 8) /* exceptions, and some more above */
#define INTERCEPTS2 (0x010 / 8)
#define ASID        (0x058 / 8) /* and TLB_CONTROL above */
#define EXITCODE    (0x070 / 8)
#define EXITINFO1   (0x078 / 8)
#define EXITINFO2   (0x080 / 8)
#define NESTED_CTL  (0x090 / 8)
#define NESTED_CR3  (0x0b0 / 8)
#define CS          (0x410 / 8)
#define SS          (0x420 / 8)
#define DS          (0x430 / 8)
#define EFER        (0x4d0 / 8)
#define CR4         (0x548 / 8)
#define CR3         (0x550 / 8)
#define CR0         (0x558 / 8)
#define DR7         (0x560 / 8)
#define DR6         (0x568 / 8)
#define RFLAGS      (0x570 / 8)
#define RIP         (0x578 / 8)
#define RAX         (0x5f8 / 8)
#define PAT         (0x668 / 8)

#define EXIT_VMMCALL 0x81
#define EXIT_NPF     0x400

#define MSR_EFER     0xc0000080
#define MSR_HSAVE_PA 0xc0010117

/* Runs the VMCB's guest with @rcx in its register, and returns that. */
uint64_t nested_run(uint64_t vmcb, uint64_t rcx);

extern char nested_read[], nested_write[], nested_exec[];

static uint64_t vmcb[512] __attribute__((aligned(4096)));
static uint64_t host_save[512] __attribute__((aligned(4096)));

static uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (uint64_t)high << 32;
}

static void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value),
			   "d"((uint32_t)(value >> 32))
			 : "memory");
}

/* CPUID 0x80000001 ECX[2] and 0x8000000a EDX[0] */
static bool is_there(void)
{
	uint32_t eax = 0x80000001, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (!(ecx & 1 << 2))
		return false;
	eax = 0x8000000a;
	ecx = 0;
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return edx & 1;
}

/* ---- The guest's own tables: pages of 1 GiB that go to themselves ----------------- */

#define GUEST_PARTS 3

static uint64_t guest_top[512] __attribute__((aligned(4096)));
static uint64_t guest_low[GUEST_PARTS][512] __attribute__((aligned(4096)));

/* P, RW, US, A, D, and PS in leaves */
static void guest_reaches(uint64_t va)
{
	static unsigned int used;
	uint64_t index = va >> 39 & 511;

	if (guest_top[index])
		return;
	for (uint64_t i = 0; i < 512; i++)
		guest_low[used][i] = (index << 39 | i << 30) + 0xe7;
	guest_top[index] = (uint64_t)guest_low[used++] + 0x27;
}

/* ---- The walker -------------------------------------------------------------------- */

static struct pt_iommu_x86_64 table;

/* A second stage has no privileged mappings: all that a guest does is a user's access. */
static int map_for_all(struct iommu_domain *domain, dma_addr_t iova,
		       phys_addr_t paddr, dma_addr_t len, unsigned int prot,
		       gfp_t gfp, size_t *mapped)
{
	return pt_iommu_x86_64_map_range(domain, iova, paddr, len,
					 prot & ~(unsigned int)IOMMU_PRIV, gfp,
					 mapped);
}

static struct iommu_domain *nested_init(struct walker *w)
{
	static const struct iommu_dirty_ops dirty_ops = { IOMMU_PT_DIRTY_OPS(
		x86_64) };
	static struct iommu_domain_ops ops = {
		IOMMU_PT_DOMAIN_OPS(x86_64),
		.iotlb_sync = walker_sync,
		.flush_iotlb_all = walker_sync_all,
	};
	const struct pt_iommu_x86_64_cfg cfg = {
		.common.runtime = guest_runtime(),
		.common.hw_max_vasz_lg2 = physical_bits(),
		.common.hw_max_oasz_lg2 = physical_bits(),
		.top_level = 3,
	};

	ops.map_range = map_for_all;
	table = (struct pt_iommu_x86_64){
		.iommu.domain.ops = &ops,
		.iommu.domain.dirty_ops = &dirty_ops,
	};
	if (pt_iommu_x86_64_init(&table, &cfg, GFP_KERNEL))
		return NULL;
	return &table.iommu.domain;
}

static void nested_fini(struct walker *w)
{
	pt_iommu_x86_64_deinit(&table);
}

/* The guest's code and tables */
static int nested_anchor(struct walker *w)
{
	return iommu_map(w->domain, 0, 0, RAM, IOMMU_READ | IOMMU_WRITE,
			 GFP_KERNEL);
}

static uint64_t nested_root(void)
{
	struct pt_iommu_x86_64_hw_info info;

	pt_iommu_x86_64_hw_info(&table, &info);
	return info.gcr3_pt;
}

/* A guest in 64-bit mode, of which every exception is an exit */
static void nested_use(struct walker *w, bool on)
{
	if (!on)
		return;
	vmcb[INTERCEPTS] = 0xffffffff | 1ull << 63;
	vmcb[INTERCEPTS2] = 3;
	vmcb[ASID] = 1 | 1ull << 32;
	vmcb[NESTED_CTL] = 1;
	vmcb[NESTED_CR3] = nested_root();
	vmcb[CS] = 0x10 | 0x29bull << 16 | 0xffffffffull << 32;
	vmcb[SS] = vmcb[DS] = 0x18 | 0xc93ull << 16 | 0xffffffffull << 32;
	vmcb[EFER] = rdmsr(MSR_EFER);
	vmcb[CR4] = 0x20;
	vmcb[CR3] = (uint64_t)guest_top;
	vmcb[CR0] = 0x80010033;
	vmcb[DR6] = 0xffff0ff0;
	vmcb[DR7] = 0x400;
	vmcb[PAT] = 0x0007040600070406;
	guest_reaches(0);
}

/* 15.25.6, "Nested versus Guest Page Faults": EXITINFO1 is as a page fault's code */
static struct cpu_result nested_access(struct walker *w, unsigned int access,
				       uint64_t va, uint64_t value)
{
	static char *const code[] = { nested_read, nested_write, nested_exec };
	struct cpu_result result = { .access = access };

	guest_reaches(va);
	vmcb[RIP] = (uint64_t)code[access];
	vmcb[RAX] = va;
	vmcb[RFLAGS] = 2;
	result.value = nested_run((uint64_t)vmcb, value);
	if (vmcb[EXITCODE] == EXIT_VMMCALL)
		return result;
	result.code = vmcb[EXITCODE] << 48 | vmcb[EXITINFO1];
	result.va = vmcb[EXITINFO2];
	if (vmcb[EXITCODE] == EXIT_NPF)
		x86_code(&result, vmcb[EXITINFO1]);
	else
		result.fault = CPU_OTHER;
	return result;
}

/* TLB_CONTROL of the next VMRUN is "flush all", always. */
static void nested_flush(struct walker *w, uint64_t start, uint64_t last,
			 bool tables)
{
}

static uint64_t *nested_item(struct walker *w, uint64_t va)
{
	return x86_find(nested_root(), va);
}

void nested_battery(void)
{
	struct walker w = {
		.name = "x86-64, second stage, 4 levels",
		.exec = true,
		.dirty = true,
		.forgets = true,
		.accessed = 1 << 5,
		.exec_insn = { 0xd9010f }, /* vmmcall */
		.init = nested_init,
		.fini = nested_fini,
		.anchor = nested_anchor,
		.use = nested_use,
		.access = nested_access,
		.flush = nested_flush,
		.item = nested_item,
	};

	uint64_t end = 1ull << physical_bits();

	if (!is_there()) {
		tap_skip(w.name, "all", "this processor has no nested paging");
		return;
	}
	/* Low, in the middle, and at the end of what a guest has physical addresses for */
	w.base[0] = 1ull << 38;
	w.base[1] = end / 3 & ~0x1fffffull;
	w.base[2] = end - (1ull << 31);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | 1 << 12); /* SVME */
	wrmsr(MSR_HSAVE_PA, (uint64_t)host_save);
	walker_battery(&w);
}
