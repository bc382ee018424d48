/* SPDX-License-Identifier: MIT */
/*
 * The MMU of RISC-V: Sv39, Sv48 and Sv57, the hypervisor's second stage, and both of them
 * together. Privileged Architecture, "Supervisor-Level ISA", "Hypervisor Extension".
 *
 * The guest runs in supervisor mode (HS). A second stage is used by the instructions
 * that access memory as a guest would (HLV, HSV): it translates nothing else.
 */
#include "../walker.h"

/* ---- The machine ------------------------------------------------------------------ */

#define UART     0x10000000ul
#define TEST     0x100000ul
#define ACLINT   0x2000000ul
#define RAM      0x80000000ul
#define RAM_SIZE (256ul << 20)

const uint64_t machine_data = RAM + (128ul << 20), machine_data_size = 64 << 20;

#define csr_write(csr, value) \
	__asm__ volatile("csrw " csr ", %0" : : "r"(value) : "memory")

#define csr_read(csr)                                             \
	({                                                        \
		uint64_t value_;                                  \
		__asm__ volatile("csrr %0, " csr : "=r"(value_)); \
		value_;                                           \
	})

void machine_putc(char c)
{
	*(volatile char *)UART = c;
}

/* SiFive's test device: pass, or fail with a status of 1. */
void machine_exit(bool failed)
{
	*(volatile uint32_t *)TEST = failed ? 0x13333 : 0x5555;
	while (true)
		;
}

void machine_relax(void)
{
	__asm__ volatile("" : : : "memory");
}

/*
 * Where no other table is in use, one that translates the first 4 GiB to themselves.
 * (Some QEMU takes a page fault of a guest for an access fault if satp is Bare.)
 */
static uint64_t identity_satp(void)
{
	static uint64_t identity[512] __attribute__((aligned(4096)));

	/* D A X W R V: a privileged page of 1 GiB each */
	for (uint64_t i = 0; i < 4; i++)
		identity[i] = i << 28 | 0xcf;
	return (uint64_t)identity >> 12 | 8ul << 60;
}

/* The second hart sleeps until its software interrupt (ACLINT, MSWI). */
void machine_start_second(void)
{
	uint64_t satp = csr_read("satp");

	csr_write("satp", 0);
	*(volatile uint32_t *)(ACLINT + 4) = 1;
	csr_write("satp", satp);
}

/* ---- Exceptions --------------------------------------------------------------------- */

/* struct probe - what boot.S tries, and what came of it; it knows the offsets. */
struct probe {
	uint64_t va;
	uint64_t value;
	uint64_t cause; /* 0: it was done */
	uint64_t tval;
	uint64_t htval;
};

void probe_read(struct probe *probe);
void probe_write(struct probe *probe);
void probe_exec(struct probe *probe);
void probe_guest_read(struct probe *probe);
void probe_guest_write(struct probe *probe);
void probe_guest_exec(struct probe *probe);
void probe_user(struct probe *probe, uint64_t code);
_Noreturn void machine_first(uint64_t marchid);
_Noreturn void machine_unexpected(uint64_t cause, uint64_t epc, uint64_t tval);

extern char user_code[], user_read[], user_write[], user_exec[];

void machine_unexpected(uint64_t cause, uint64_t epc, uint64_t tval)
{
	csr_write("satp", 0);
	say("# unexpected exception %lu at %lx, address %lx\n", cause, epc,
	    tval);
	say("Bail out!\n");
	machine_exit(true);
}

/*
 * "Supervisor cause (scause) register values after trap". A page fault does not say
 * whether an entry was missing or did not permit the access, nor whether the address
 * was one that no table translates.
 */
static void report(struct cpu_result *result, const struct probe *probe)
{
	static const uint8_t accesses[] = {
		[12] = CPU_EXEC, [13] = CPU_READ, [15] = CPU_WRITE,
		[20] = CPU_EXEC, [21] = CPU_READ, [23] = CPU_WRITE,
	};

	result->code = probe->cause;
	result->va = probe->tval;
	result->fault = CPU_ABSENT | CPU_DENIED | CPU_RANGE;
	if (probe->cause < sizeof(accesses) && probe->cause >= 12)
		result->access = accesses[probe->cause];
	else
		result->fault = 0x80;
}

/* ---- First stage --------------------------------------------------------------------- */

/* Where user code is for users, away from the anchor. */
#define USER_CODE 0x70000000ul

#define FEATURES                                                     \
	(BIT(PT_FEAT_RISCV_HW_AD) | BIT(PT_FEAT_RISCV_SVNAPOT_64K) | \
	 BIT(PT_FEAT_RISCV_SVPBMT))

/**
 * struct rv_walker - one of the CPU's ways to translate
 * @top_level: of the table under test
 * @first, @second: the tables; of two stages, @first is under test
 */
struct rv_walker {
	struct walker walker;
	unsigned int top_level;
	struct pt_iommu_riscv64 first;
	struct pt_iommu_riscv64_x4 second;
};

WALKER_OPS(riscv64);
WALKER_OPS(riscv64_x4);

static struct rv_walker *to_rv(struct walker *w)
{
	return (struct rv_walker *)((char *)w -
				    offsetof(struct rv_walker, walker));
}

static struct iommu_domain *first_make(struct rv_walker *rv,
				       const struct pt_runtime *runtime)
{
	const struct pt_iommu_riscv64_cfg cfg = {
		.common.runtime = runtime,
		.common.features = BIT(PT_FEAT_SIGN_EXTEND) | FEATURES,
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

static void first_fini(struct walker *w)
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
static uint64_t first_atp(struct rv_walker *rv)
{
	struct pt_iommu_riscv64_hw_info info;

	pt_iommu_riscv64_hw_info(&rv->first, &info);
	return info.ppn | (uint64_t)info.mode << 60;
}

static void first_use(struct walker *w, bool on)
{
	csr_write("satp", on ? first_atp(to_rv(w)) : identity_satp());
	__asm__ volatile("sfence.vma" : : : "memory");
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
		report(&result, &probe);
	return result;
}

/* "Supervisor Memory-Management Fence Instruction": by address it is for leaves. */
static void first_flush(struct walker *w, uint64_t start, uint64_t last,
			bool tables)
{
	if (tables || last - start >= 64 * 4096) {
		__asm__ volatile("sfence.vma" : : : "memory");
		return;
	}
	for (uint64_t n = (last >> 12) - (start >> 12) + 1; n--; start += 4096)
		__asm__ volatile("sfence.vma %0" : : "r"(start) : "memory");
}

/*
 * "Virtual Address Translation Process". @offset: how much further up than it is the
 * table is seen; @top_lg2: index bits of the top table
 */
static uint64_t *find(uint64_t root, uint64_t offset, unsigned int level,
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

	return find(first_atp(rv) << 12, 0, rv->top_level, 9, va);
}

/* ---- Second stage ------------------------------------------------------------------------ */

static struct iommu_domain *second_make(struct rv_walker *rv)
{
	const struct pt_iommu_riscv64_x4_cfg cfg = {
		.common.runtime = guest_runtime(),
		.common.features = FEATURES,
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
	__asm__ volatile("csrs 0x600, %0" : : "r"(1ul << 8)); /* hstatus */
	csr_write("0x200", 1ul << 18); /* vsstatus */
	csr_write("0x280", vsatp);
	csr_write("0x680", hgatp);
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
	report(&result, &probe);
	/* A guest-page fault also has the guest physical address, >> 2. */
	if (probe.cause >= 20 && probe.htval != va >> 2)
		result.va = probe.htval << 2;
	return result;
}

/* "Hypervisor Memory-Management Fence Instructions": HFENCE.GVMA takes GPA >> 2. */
static void second_flush(struct walker *w, uint64_t start, uint64_t last,
			 bool tables)
{
	if (tables || last - start >= 64 * 4096) {
		forget_guest();
		return;
	}
	for (uint64_t n = (last >> 12) - (start >> 12) + 1; n--; start += 4096)
		__asm__ volatile(".option push; .option arch, +h\n"
				 "hfence.gvma %0\n"
				 ".option pop"
				 :
				 : "r"(start >> 2)
				 : "memory");
}

static uint64_t *second_item(struct walker *w, uint64_t va)
{
	struct rv_walker *rv = to_rv(w);

	return find(second_atp(rv) << 12, 0, rv->top_level, 11, va);
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

static void both_flush(struct walker *w, uint64_t start, uint64_t last,
		       bool tables)
{
	if (tables || last - start >= 64 * 4096) {
		forget_guest();
		return;
	}
	for (uint64_t n = (last >> 12) - (start >> 12) + 1; n--; start += 4096)
		__asm__ volatile(".option push; .option arch, +h\n"
				 "hfence.vvma %0\n"
				 ".option pop"
				 :
				 : "r"(start)
				 : "memory");
}

static uint64_t *both_item(struct walker *w, uint64_t va)
{
	struct rv_walker *rv = to_rv(w);

	return find(first_atp(rv) << 12, GUEST_TABLES, rv->top_level, 9, va);
}

/* ---- All of them --------------------------------------------------------------------------- */

static const struct walker first_stage = {
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

static const struct walker second_stage = {
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
static void unsigned_bases(struct walker *w, unsigned int bits, bool old)
{
	w->base[0] = 1ul << 33;
	w->base[1] = (1ul << bits) / 3 & ~0x1ffffful;
	w->base[2] = (1ul << (bits - 1)) - (1ul << 31);
	if (!old) {
		w->base[3] = (1ul << (bits - 1)) + (1ul << 30);
		w->base[4] = (1ul << bits) - (1ul << 31);
	}
	w->outside = 1ul << bits;
}

static bool old_emulator;

static void test(unsigned int kind, unsigned int level)
{
	static struct rv_walker rv;

	rv = (struct rv_walker){ .top_level = level };
	if (kind == 1) {
		rv.walker = second_stage;
		unsigned_bases(&rv.walker, 23 + 9 * level, old_emulator);
	} else {
		rv.walker = first_stage;
		signed_bases(&rv.walker, 20 + 9 * level);
	}
	if (kind == 2) {
		rv.walker.user = false;
		rv.walker.exec_insn[0] = 0x73; /* ecall */
		rv.walker.init = both_init;
		rv.walker.fini = both_fini;
		rv.walker.anchor = NULL;
		rv.walker.use = both_use;
		rv.walker.access = guest_access;
		rv.walker.flush = both_flush;
		rv.walker.item = both_item;
	}
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

void machine_first(uint64_t marchid)
{
	csr_write("satp", identity_satp());
	old_emulator = marchid >> 16 < 8;
	machine_main();
	tap_done();
}
