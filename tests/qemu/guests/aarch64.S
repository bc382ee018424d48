/* SPDX-License-Identifier: MIT */
	.section .text.start, "ax"
	.globl start
start:
	ldr x0, =stack_end
	mov sp, x0
	/* The compiler may use the vector registers. */
	mov x0, #(3 << 20)
	msr cpacr_el1, x0
	ldr x0, =trap
	msr vbar_el1, x0
	bl build
	ldr x0, =root0
	ldr x0, [x0]
	msr ttbr0_el1, x0
	ldr x0, =root1
	ldr x0, [x0]
	msr ttbr1_el1, x0
	/* Attribute 0: write-back memory; 1: device nGnRE. */
	ldr x0, =0x04ff
	msr mair_el1, x0
	/* T0SZ = T1SZ = 16, inner shareable write-back, 4K both, 48 bits out. */
	ldr x0, =0x5b5103510
	msr tcr_el1, x0
	isb
	mrs x0, sctlr_el1
	orr x0, x0, #1
	msr sctlr_el1, x0
	isb
	bl check
	.align 11
trap:	b trap

	.bss
	.align 4
	.space 4096
stack_end:
