/* SPDX-License-Identifier: MIT */
/*
 * The MMU of x86-64: format x86_64 with four levels, or five where the CPU has been
 * given them (LA57). Intel SDM volume 3, "4-Level Paging and 5-Level Paging".
 */
#include "x86.h"

/* ---- The machine ----------------------------------------------------------------- */

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

void machine_putc(char c)
{
	outb(0x3f8, (uint8_t)c);
}

/* isa-debug-exit: the emulator's exit status is 2 * value + 1 */
void machine_exit(bool failed)
{
	outb(0xf4, failed ? 1 : 0);
	while (true)
		__asm__ volatile("cli; hlt");
}

void machine_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

const uint64_t machine_data = 64 << 20, machine_data_size = 64 << 20;

static uint64_t read_cr3(void)
{
	uint64_t cr3;

	__asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
	return cr3;
}

static void write_cr3(uint64_t cr3)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(cr3) : "memory");
}

static uint64_t read_cr4(void)
{
	uint64_t cr4;

	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	return cr4;
}

bool five_levels(void)
{
	return read_cr4() & 1 << 12;
}

extern uint64_t boot_top4[], boot_top5[];

/* The tables of the start, which translate all below 4 GiB to itself. */
static uint64_t boot_cr3(void)
{
	return (uint64_t)(five_levels() ? boot_top5 : boot_top4);
}

uint8_t physical_bits(void)
{
	uint32_t eax = 0x80000008, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return (uint8_t)eax;
}

/* ---- Exceptions ------------------------------------------------------------------ */

/* struct probe - what boot.S tries, and what came of it; it knows the offsets. */
struct probe {
	uint64_t va;
	uint64_t value;
	uint64_t vector; /* 0: it was done */
	uint64_t error;
	uint64_t cr2;
	uint64_t stack;
};

void probe_read(struct probe *probe);
void probe_write(struct probe *probe);
void probe_exec(struct probe *probe);
void probe_user(struct probe *probe, uint64_t code);
void trap_page(void);
void trap_general(void);
void trap_other(void);
void trap_user(void);
_Noreturn void machine_first(void);
_Noreturn void machine_unexpected(uint64_t vector, uint64_t error, uint64_t rip,
				  uint64_t cr2);

extern uint64_t idt[512], gdt_tss[2];
extern char user_code[], user_read[], user_write[], user_exec[];
extern char trap_stack_end[], trampoline[], trampoline_end[];

static struct {
	uint32_t reserved;
	uint32_t rsp0[2];
	uint32_t rest[23];
} __attribute__((packed)) tss;

/* An interrupt gate; @dpl 3 lets user code get there. */
static void set_gate(unsigned int vector, void (*handler)(void),
		     unsigned int dpl)
{
	uint64_t at = (uint64_t)handler;

	idt[2 * vector] = (at & 0xffff) | 0x10 << 16 |
			  (0x8e00ull | dpl << 13) << 32 | (at >> 16) << 48;
	idt[2 * vector + 1] = at >> 32;
}

static void set_traps(void)
{
	uint64_t at = (uint64_t)&tss, stack = (uint64_t)trap_stack_end;

	for (unsigned int i = 0; i < 32; i++)
		set_gate(i, trap_other, 0);
	set_gate(13, trap_general, 0);
	set_gate(14, trap_page, 0);
	set_gate(0x80, trap_user, 3);
	tss.rsp0[0] = (uint32_t)stack;
	tss.rsp0[1] = (uint32_t)(stack >> 32);
	gdt_tss[0] = (sizeof(tss) - 1) | (at & 0xffffff) << 16 | 0x89ull << 40 |
		     (at >> 24 & 0xff) << 56;
	gdt_tss[1] = at >> 32;
	__asm__ volatile("ltr %w0" : : "r"(0x30));
}

void machine_unexpected(uint64_t vector, uint64_t error, uint64_t rip,
			uint64_t cr2)
{
	say("# unexpected exception %lu, error %lx at %lx, address %lx\n",
	    vector, error, rip, cr2);
	say("Bail out!\n");
	machine_exit(true);
}

/* ---- The walker ------------------------------------------------------------------ */

/* Where user code is for users: next to the anchor. */
#define USER_CODE RAM

static struct pt_iommu_x86_64 table;

WALKER_OPS(x86_64);

static struct iommu_domain *x86_init(struct walker *w)
{
	struct pt_iommu_x86_64_cfg cfg = {
		.common.runtime = guest_runtime(),
		.common.features = BIT(PT_FEAT_SIGN_EXTEND),
		.common.hw_max_vasz_lg2 = five_levels() ? 57 : 48,
		.common.hw_max_oasz_lg2 = physical_bits(),
		.top_level = five_levels() ? 4 : 3,
	};

	table = (struct pt_iommu_x86_64){
		.iommu.domain.ops = &x86_64_ops,
		.iommu.domain.dirty_ops = &x86_64_dirty_ops,
	};
	if (pt_iommu_x86_64_init(&table, &cfg, GFP_KERNEL))
		return NULL;
	return &table.iommu.domain;
}

static void x86_fini(struct walker *w)
{
	pt_iommu_x86_64_deinit(&table);
}

static int x86_anchor(struct walker *w)
{
	int rc = iommu_map(w->domain, 0, 0, RAM,
			   IOMMU_READ | IOMMU_WRITE | IOMMU_PRIV, GFP_KERNEL);

	return rc ? rc
		  : iommu_map(w->domain, USER_CODE, (uint64_t)user_code, 4096,
			      IOMMU_READ, GFP_KERNEL);
}

/* CR3 has no flags here; loading it forgets all, because nothing is global. */
static void x86_use(struct walker *w, bool on)
{
	struct pt_iommu_x86_64_hw_info info;

	pt_iommu_x86_64_hw_info(&table, &info);
	if (on)
		write_cr3(info.gcr3_pt);
	else
		write_cr3(boot_cr3());
}

/* SDM volume 3, "Page-Fault Exceptions": P, W/R, U/S, RSVD, I/D */
void x86_code(struct cpu_result *result, uint64_t error)
{
	result->access = error & 0x10 ? CPU_EXEC
			 : error & 2  ? CPU_WRITE
				      : CPU_READ;
	result->fault = error & 8 ? 8 : error & 1 ? CPU_DENIED : CPU_ABSENT;
}

static void x86_report(struct cpu_result *result, const struct probe *probe)
{
	result->code = probe->vector << 32 | probe->error;
	result->va = probe->cr2;
	if (probe->vector == 13) {
		/* Not canonical; there is no address in the report. */
		result->fault = CPU_RANGE;
		result->va = probe->va;
		return;
	}
	x86_code(result, probe->error);
}

static struct cpu_result x86_access(struct walker *w, unsigned int access,
				    uint64_t va, uint64_t value)
{
	struct probe probe = { .va = va, .value = value };
	struct cpu_result result = { .access = access & ~4u };
	const char *user[] = { user_read, user_write, user_exec };

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
	if (probe.vector)
		x86_report(&result, &probe);
	return result;
}

/* SDM volume 3, "Invalidation of TLBs and Paging-Structure Caches" */
static void x86_flush(struct walker *w, uint64_t start, uint64_t last,
		      bool tables)
{
	if (last - start >= 64 * 4096) {
		write_cr3(read_cr3());
		return;
	}
	for (start &= ~4095ull; start <= last; start += 4096) {
		__asm__ volatile("invlpg (%0)" : : "r"(start) : "memory");
		if (start > ~4096ull)
			break;
	}
}

uint64_t *x86_find(uint64_t root, uint64_t va)
{
	uint64_t at = root;

	for (int level = five_levels() ? 4 : 3; level >= 0; level--) {
		uint64_t *item = (uint64_t *)(at & 0xffffffffff000) +
				 (va >> (12 + 9 * level) & 511);

		if (!(*item & 1))
			return NULL;
		if (!level || *item & 1 << 7)
			return item;
		at = *item;
	}
	return NULL;
}

static uint64_t *x86_item(struct walker *w, uint64_t va)
{
	return x86_find(read_cr3(), va);
}

static const struct walker x86_walker = {
	.user = true,
	.exec = true,
	.dirty = true,
	.migrate = true,
	.accessed = 1 << 5,
	.exec_insn = { 0xc3, 0x80cd }, /* ret; int $0x80 */
	.init = x86_init,
	.fini = x86_fini,
	.anchor = x86_anchor,
	.use = x86_use,
	.access = x86_access,
	.flush = x86_flush,
	.item = x86_item,
};

/* ---- Start ----------------------------------------------------------------------- */

/* INIT, SIPI: SDM volume 3, "MP Initialization Protocol Algorithm" */
void machine_start_second(void)
{
	volatile uint32_t *icr = (volatile uint32_t *)0xfee00300ul;
	volatile uint32_t *spurious = (volatile uint32_t *)0xfee000f0ul;
	char *to = (char *)0x8000ul;
	uint64_t cr3 = read_cr3();

	write_cr3(boot_cr3());
	for (char *from = trampoline; from < trampoline_end;)
		*to++ = *from++;
	*spurious = 0x1ff;
	*icr = 0xc4500; /* all but this one: INIT */
	while (*icr & 1 << 12)
		machine_relax();
	*icr = 0xc4608; /* ... and start at 0x8000 */
	write_cr3(cr3);
}

void machine_first(void)
{
	set_traps();
	machine_main();
	tap_done();
}

void machine_main(void)
{
	struct walker w = x86_walker;
	unsigned int bits = five_levels() ? 56 : 47;

	w.name = five_levels() ? "x86-64, 5 levels" : "x86-64, 4 levels";
	/* Low, in the middle, and at the ends of both halves */
	w.base[0] = 1ull << 38;
	w.base[1] = (1ull << bits) / 3 & ~0x1fffffull;
	w.base[2] = (1ull << bits) - (1ull << 31);
	w.base[3] = 0 - (1ull << bits) + (1ull << 30);
	w.base[4] = 0 - (1ull << 31);
	w.outside = 1ull << bits;
	walker_battery(&w);
	if (!five_levels() && !walker_torn)
		nested_battery();
}
