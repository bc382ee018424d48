/* SPDX-License-Identifier: MIT */
#include "cpu.h"
#include "../guest.h"

/* ---- EL2's own translation -------------------------------------------------- */

/* MAIR_EL2: device nGnRE, and write-back memory */
#define MAIR   0xff04
#define DEVICE 0ull
#define MEMORY 1ull

/* D8.3: a block of 1 GiB, accessed, inner shareable, AP[1] as this regime wants it */
#define BLOCK(n, attr) ((n) << 30 | 1 << 10 | 3 << 8 | 1 << 6 | (attr) << 2 | 1)

/* 39 bits: devices, RAM, and PCIe's configuration space high up. */
static const uint64_t itself[512] __attribute__((aligned(4096))) = {
	[0] = BLOCK(0ull, DEVICE),     [1] = BLOCK(1ull, MEMORY),
	[2] = BLOCK(2ull, MEMORY),     [3] = BLOCK(3ull, MEMORY),
	[4] = BLOCK(4ull, MEMORY),     [5] = BLOCK(5ull, MEMORY),
	[256] = BLOCK(256ull, DEVICE),
};

/* TCR_EL2: T0SZ, granule of 4 KiB; walks are write-back, inner shareable; PS */
enum {
	TCR_39_BITS = 25,
	TCR_WALKS = 1 << 8 | 1 << 10 | 3 << 12,
	TCR_40_BITS_OUT = 2 << 16,
};
#define TCR_RES1   (1ull << 31 | 1ull << 23)
#define SCTLR_RES1 0x30c50830ull
#define SCTLR_MCI  (1ull << 0 | 1ull << 2 | 1ull << 12)

void cpu_translate_itself(void)
{
	write_reg("mair_el2", MAIR);
	write_reg("tcr_el2",
		  TCR_39_BITS | TCR_WALKS | TCR_40_BITS_OUT | TCR_RES1);
	write_reg("ttbr0_el2", (uintptr_t)itself);
	write_reg("hcr_el2", 1ull << 31);
	isb();
	__asm__ volatile("tlbi alle2\n\tdsb ish" ::: "memory");
	write_reg("sctlr_el2", SCTLR_RES1 | SCTLR_MCI);
	isb();
}

/* ---- Both processors --------------------------------------------------------- */

#define STACK_SIZE 65536

static uint8_t stacks[MAX_CPUS][STACK_SIZE] __attribute__((aligned(16)));

struct cpu cpus[MAX_CPUS] = {
	{ .stack = stacks[0] + STACK_SIZE },
	{ .stack = stacks[1] + STACK_SIZE },
};

/* boot.S */
void start_second(void);
_Noreturn void boot_main(void);

/* Arm Power State Coordination Interface, DEN 0022: CPU_ON */
#define PSCI_CPU_ON 0xc4000003ull

static int64_t psci(uint64_t what, uint64_t cpu, uint64_t entry, uint64_t arg)
{
	register uint64_t x0 __asm__("x0") = what;
	register uint64_t x1 __asm__("x1") = cpu;
	register uint64_t x2 __asm__("x2") = entry;
	register uint64_t x3 __asm__("x3") = arg;

	__asm__ volatile("smc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory");
	return (int64_t)x0;
}

/* A machine with one is fine for those who do not want the second. */
void boot_main(void)
{
	psci(PSCI_CPU_ON, 1, (uintptr_t)start_second, (uintptr_t)&cpus[1]);
	machine_main();
	tap_done();
}

void machine_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

/* ---- The world outside ------------------------------------------------------ */

/* PL011, DDI 0183: data and flags */
#define UART      0x09000000ul
#define UART_FR   (UART + 0x18)
#define UART_FULL (1u << 5)

void machine_putc(char c)
{
	while (*(volatile uint32_t *)UART_FR & UART_FULL)
		;
	*(volatile uint32_t *)UART = (uint8_t)c;
}

/* Semihosting for AArch32 and AArch64: SYS_EXIT, ADP_Stopped_ApplicationExit */
_Noreturn void machine_exit(bool failed)
{
	const uint64_t block[2] = { 0x20026, failed };
	register uint64_t x0 __asm__("x0") = 0x18;
	register const uint64_t *x1 __asm__("x1") = block;

	for (;;)
		__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

void cpu_broken(uint64_t esr, uint64_t pc, uint64_t far)
{
	say("\nBail out! an exception at EL2: ESR 0x%lx, PC 0x%lx, FAR 0x%lx\n",
	    esr, pc, far);
	machine_exit(true);
}
