/* SPDX-License-Identifier: MIT */
/*
 * QEMU's q35 machine: console, exit, exceptions, the second processor.
 */
#include "x86.h"

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

uint64_t boot_cr3(void)
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

void trap_page(void);
void trap_general(void);
void trap_other(void);
void trap_user(void);
_Noreturn void machine_first(void);
_Noreturn void machine_unexpected(uint64_t vector, uint64_t error, uint64_t rip,
				  uint64_t cr2);

extern uint64_t idt[512], gdt_tss[2];
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
