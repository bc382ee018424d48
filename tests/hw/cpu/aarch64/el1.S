/* SPDX-License-Identifier: MIT */
/*
 * What runs below EL2: one access and back. A page of its own, of the largest
 * granule, wherever it is mapped. x1 is the address, x0 the value.
 */
	.section .el1, "ax"
	.balign	65536
	.globl el1_page
el1_page:
	/* VBAR_EL1: whatever happens at EL1 or EL0 is told to EL2. */
	.rept	16
	.balign	128
	hvc	#1
	.endr

	.globl el1_read
el1_read:
	ldr	x0, [x1]
	hvc	#0

	.globl el1_write
el1_write:
	str	x0, [x1]
	hvc	#0

	/* What is there brings itself back. */
	.globl el1_jump
el1_jump:
	br	x1

	.globl el0_read
el0_read:
	ldr	x0, [x1]
	svc	#0

	.globl el0_write
el0_write:
	str	x0, [x1]
	svc	#0

	.balign	65536
