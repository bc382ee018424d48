/* SPDX-License-Identifier: MIT */
/*
 * QEMU's virt machine: console, exit, the second hart, exceptions.
 */
#include "riscv64.h"

const uint64_t machine_data = RAM + (128ul << 20), machine_data_size = 64 << 20;

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
uint64_t identity_satp(void)
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

_Noreturn void machine_first(uint64_t marchid);
_Noreturn void machine_unexpected(uint64_t cause, uint64_t epc, uint64_t tval);

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
void probe_report(struct cpu_result *result, const struct probe *probe)
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
		result->fault = CPU_OTHER;
}

bool riscv64_old;

void machine_first(uint64_t marchid)
{
	csr_write("satp", identity_satp());
	riscv64_old = marchid >> 16 < 8;
	machine_main();
	tap_done();
}
