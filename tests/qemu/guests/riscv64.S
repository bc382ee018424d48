/* SPDX-License-Identifier: MIT */
	.section .text.start, "ax"
	.globl start
start:
	la sp, stack_end
	/* All of memory is supervisor mode's. */
	li t0, -1
	csrw pmpaddr0, t0
	li t0, 0x1f
	csrw pmpcfg0, t0
	call build
	csrw satp, a0
	sfence.vma
	li t0, 0x1800		/* mstatus.MPP */
	csrc mstatus, t0
	li t0, 0x800		/* to supervisor mode */
	csrs mstatus, t0
	la t0, check
	csrw mepc, t0
	la t0, trap
	csrw mtvec, t0
	mret
	.align 2
trap:	j trap

	.bss
	.align 4
	.space 4096
stack_end:
