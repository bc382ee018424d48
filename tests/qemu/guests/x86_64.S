/* SPDX-License-Identifier: MIT */
#ifndef LEVELS
#define LEVELS 4
#endif

/* The PVH entry point: note 18 of "Xen". */
	.section .note.pvh, "a", @note
	.long 4, 4, 18
	.asciz "Xen"
	.long start

	.text
	.code32
	.globl start
start:
	movl $stack_end, %esp
	call build
	movl %eax, root
	movl %eax, %cr3
	movl $0x20, %eax	/* CR4.PAE */
#if LEVELS == 5
	orl $0x1000, %eax	/* CR4.LA57 */
#endif
	movl %eax, %cr4
	movl $0xc0000080, %ecx	/* EFER: LME, NXE */
	rdmsr
	orl $0x900, %eax
	wrmsr
	movl %cr0, %eax
	orl $0x80010001, %eax	/* PG, WP, PE */
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $8, $long_mode

	.code64
long_mode:
	movl $16, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	/* The page that stands third in memory is the eleventh by address. */
	movabsq $0xffff80000000b008, %rbx
	movabsq $0x1122334455667788, %rax
	movq %rax, (%rbx)
	movabsq $0x4031d008, %rbx
	cmpq %rax, (%rbx)
	jne fail
	/* A store through the large page, seen by the gigabyte. */
	notq %rax
	movq %rax, 0x40302010
	movabsq $0x8000302010, %rbx
	cmpq %rax, (%rbx)
	jne fail
	cmpq %rax, 0x4010
	jne fail
	movq 0x1000, %rax
#if LEVELS == 5
	movabsq $0x12345600000000, %rbx
	movq %rax, (%rbx)
#endif
	movb $'k', %al
	jmp say
fail:
	movb $'!', %al
say:
	movw $0x3f8, %dx
	outb %al, %dx
	movb $'\n', %al
	outb %al, %dx
1:	cli
	hlt
	jmp 1b

	.data
	.align 16
	/* Code and data of 64-bit mode. */
gdt:	.quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
	.word . - gdt - 1
	.long gdt
	.globl root
root:	.long 0

	.bss
	.align 16
	.space 4096
stack_end:
	.section .note.GNU-stack, "", @progbits
