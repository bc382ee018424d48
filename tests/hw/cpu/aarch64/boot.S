/* SPDX-License-Identifier: MIT */
/*
 * Where the processors start, at EL2, and what brings them to EL1 and back. DDI 0487,
 * D1.3 "Exceptions"; AAPCS64 for what a function may change.
 *
 * TPIDR_EL2 is the struct cpu of a processor, whose first members this file knows.
 */
#define CPU_STACK 0  /* EL2's, to begin with and while it is at EL1 or EL0 */
#define CPU_FRAME 8  /* struct el_frame of who is there; 0: nobody */
#define FRAME_X0  0  /* x0 to x3 */
#define FRAME_PC  32 /* pc, pstate */
#define FRAME_ESR 48 /* esr_el2, far_el2, hpfar_el2, esr_el1, far_el1 */

	.section .text.start, "ax"
	.globl start
start:
	adrp	x0, cpus
	add	x0, x0, :lo12:cpus
	adrp	x1, boot_main
	add	x1, x1, :lo12:boot_main
	b	enter

/* PSCI brings the second one here; x0 is what it was given, the struct cpu. */
	.globl start_second
start_second:
	adrp	x1, guest_second
	add	x1, x1, :lo12:guest_second

enter:
	msr	tpidr_el2, x0
	ldr	x2, [x0, #CPU_STACK]
	mov	sp, x2
	adrp	x2, vectors
	add	x2, x2, :lo12:vectors
	msr	vbar_el2, x2
	isb
	stp	x0, x1, [sp, #-16]!
	bl	cpu_translate_itself
	ldp	x0, x1, [sp], #16
	blr	x1
	b	.

/*
 * void el_enter(struct cpu *cpu, struct el_frame *frame): run what the frame says until
 * it comes back by an exception; x0 to x3 are all that it may change.
 */
	.text
	.globl el_enter
el_enter:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x1, [x0, #CPU_FRAME]
	ldp	x2, x3, [x1, #FRAME_PC]
	msr	elr_el2, x2
	msr	spsr_el2, x3
	ldp	x2, x3, [x1, #FRAME_X0 + 16]
	ldp	x0, x1, [x1, #FRAME_X0]
	eret

/* Back from there. */
leave:
	stp	x2, x3, [sp, #-16]!
	mrs	x3, tpidr_el2
	ldr	x2, [x3, #CPU_FRAME]
	str	xzr, [x3, #CPU_FRAME]
	stp	x0, x1, [x2, #FRAME_X0]
	ldp	x0, x1, [sp], #16
	stp	x0, x1, [x2, #FRAME_X0 + 16]
	mrs	x0, elr_el2
	mrs	x1, spsr_el2
	stp	x0, x1, [x2, #FRAME_PC]
	mrs	x0, esr_el2
	mrs	x1, far_el2
	stp	x0, x1, [x2, #FRAME_ESR]
	mrs	x0, hpfar_el2
	mrs	x1, esr_el1
	stp	x0, x1, [x2, #FRAME_ESR + 16]
	mrs	x0, far_el1
	str	x0, [x2, #FRAME_ESR + 32]
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

	.macro	vector	handler
	.balign	128
	b	\handler
	.endm

	.balign	2048
vectors:
	.rept	8 /* nothing goes wrong at EL2 */
	vector	broken
	.endr
	vector	leave
	.rept	7 /* interrupts are masked, and EL1 has words of 64 bits */
	vector	broken
	.endr

broken:
	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	mrs	x3, tpidr_el2
	ldr	x3, [x3, #CPU_STACK]
	mov	sp, x3
	bl	cpu_broken
	b	.
