/* SPDX-License-Identifier: MIT */
/*
 * From power-on to C in 64-bit mode, on both CPUs; exceptions; and the accesses that
 * may fault.
 *
 * A probe is one instruction at a label, on behalf of the struct probe in %rdi. If it
 * faults the handler notes that in the probe and goes on behind it.
 */
#define CODE32 0x08
#define CODE64 0x10
#define DATA   0x18
#define UCODE  0x23
#define UDATA  0x2b

/* struct probe of x86.h */
#define PROBE_VALUE  8
#define PROBE_VECTOR 16
#define PROBE_ERROR  24
#define PROBE_CR2    32
#define PROBE_STACK  40

#define TRAMPOLINE 0x8000

/* The PVH entry point: note 18 of "Xen". */
	.section .note.pvh, "a", @note
	.long 4, 4, 18
	.asciz "Xen"
	.long start

	.section .text.start, "ax"
	.code32
	.globl start
start:
	cli
	lgdt gdt_pointer
	ljmp $CODE32, $1f
1:	movl $DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $stack_end, %esp
	xorl %ebp, %ebp			/* which CPU */
common:
	/* Five levels if the CPU has them: CPUID.7.ECX[16]. */
	movl $7, %eax
	xorl %ecx, %ecx
	cpuid
	movl $0x20, %eax		/* CR4.PAE */
	movl $boot_top4, %edx
	btl $16, %ecx
	jnc 1f
	orl $0x1000, %eax		/* CR4.LA57 */
	movl $boot_top5, %edx
1:	movl %eax, %cr4
	movl %edx, %cr3
	movl $0xc0000080, %ecx		/* EFER: LME, NXE */
	rdmsr
	orl $0x900, %eax
	wrmsr
	movl %cr0, %eax
	orl $0x80010001, %eax		/* PG, WP, PE */
	movl %eax, %cr0
	ljmp $CODE64, $long_mode

	.code64
long_mode:
	movl $DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	lidt idt_pointer(%rip)
	testl %ebp, %ebp
	jnz second
	call machine_first
second:
	call guest_second

/* What the second CPU starts with, copied to where 16-bit code can be. */
	.code16
	.globl trampoline, trampoline_end
trampoline:
	cli
	xorw %ax, %ax
	movw %ax, %ds
	lgdtl TRAMPOLINE + trampoline_gdt - trampoline
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl $CODE32, $second32
trampoline_gdt:
	.word gdt_end - gdt - 1
	.long gdt
trampoline_end:

	.code32
second32:
	movl $DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $stack2_end, %esp
	movl $1, %ebp
	jmp common

	.code64
/* ---- Probes: void probe_*(struct probe *) ------------------------------- */

	.globl probe_read, probe_write, probe_exec
probe_read:
	movq (%rdi), %rax
probe_read_at:
	movq (%rax), %rax
	movq %rax, PROBE_VALUE(%rdi)
probe_done:
	ret
probe_write:
	movq (%rdi), %rax
	movq PROBE_VALUE(%rdi), %rcx
probe_write_at:
	movq %rcx, (%rax)
	ret
/* A fault of the first instruction there leaves our return address on the stack. */
probe_exec:
	movq (%rdi), %rax
probe_exec_at:
	call *%rax
	ret

/* The same unprivileged: %rsi is where the page at user_code is for users. */
	.globl probe_user
probe_user:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, PROBE_STACK(%rdi)
	movq (%rdi), %rax
	movq PROBE_VALUE(%rdi), %rcx
	pushq $UDATA
	pushq $0
	pushq $2			/* RFLAGS */
	pushq $UCODE
	pushq %rsi
	iretq
probe_user_done:
	movq PROBE_STACK(%rdi), %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret

	.balign 4096
	.globl user_code, user_read, user_write, user_exec
user_code:
user_read:
	movq (%rax), %rcx
	int $0x80
user_write:
	movq %rcx, (%rax)
	int $0x80
user_exec:
	jmp *%rax
	.balign 4096

/* ---- A guest's accesses (nested.c) -------------------------------------------- */

	.globl nested_run, nested_read, nested_write, nested_exec
nested_run:
	movq %rdi, %rax
	movq %rsi, %rcx
	vmrun
	movq %rcx, %rax
	ret
nested_read:
	movq (%rax), %rcx
	vmmcall
nested_write:
	movq %rcx, (%rax)
	vmmcall
nested_exec:
	jmp *%rax

/* ---- Exceptions ------------------------------------------------------------- */

/* int $0x80: the unprivileged access has been done. */
	.globl trap_user
trap_user:
	movq %rcx, PROBE_VALUE(%rdi)
	jmp probe_user_done

/* Page faults and general protection have an error code. */
	.globl trap_page, trap_general, trap_other
trap_page:
	pushq $14
	jmp trap
trap_general:
	pushq $13
	jmp trap
trap_other:
	pushq $0
	pushq $255
/* The stack: vector, error code, RIP, CS, ... */
trap:
	testb $3, 24(%rsp)
	jnz trap_probe
	movq 16(%rsp), %rax
	leaq probe_read_at(%rip), %rcx
	cmpq %rcx, %rax
	je trap_probe
	leaq probe_write_at(%rip), %rcx
	cmpq %rcx, %rax
	je trap_probe
	leaq probe_exec_at(%rip), %rcx
	cmpq %rcx, %rax
	je trap_probe
	testb $0x10, 8(%rsp)		/* a fetch: only probes go astray */
	jnz trap_probe
	movq (%rsp), %rdi
	movq 8(%rsp), %rsi
	movq 16(%rsp), %rdx
	movq %cr2, %rcx
	subq $8, %rsp
	call machine_unexpected
trap_probe:
	movq (%rsp), %rax
	movq %rax, PROBE_VECTOR(%rdi)
	movq 8(%rsp), %rax
	movq %rax, PROBE_ERROR(%rdi)
	movq %cr2, %rax
	movq %rax, PROBE_CR2(%rdi)
	testb $3, 24(%rsp)
	jnz probe_user_done
	leaq probe_done(%rip), %rax
	movq %rax, 16(%rsp)
	addq $16, %rsp
	iretq

/* ---- Data -------------------------------------------------------------------- */

	.data
	.align 16
gdt:	.quad 0
	.quad 0x00cf9a000000ffff	/* CODE32 */
	.quad 0x00af9a000000ffff	/* CODE64 */
	.quad 0x00cf92000000ffff	/* DATA */
	.quad 0x00affa000000ffff	/* UCODE */
	.quad 0x00cff2000000ffff	/* UDATA */
	.globl gdt_tss
gdt_tss:
	.quad 0, 0			/* TSS */
gdt_end:
gdt_pointer:
	.word gdt_end - gdt - 1
	.quad gdt
idt_pointer:
	.word 256 * 16 - 1
	.quad idt

/* Until there are tables of ours: 4 GiB one to one. */
	.balign 4096
boot_top5:
	.quad boot_top4 + 3
	.balign 4096
boot_top4:
	.quad boot_low + 3
	.balign 4096
boot_low:
	.quad 0x83, 0x40000083, 0x80000083, 0xc0000083
	.balign 4096
	.globl boot_top4, boot_top5

	.bss
	.balign 16
	.space 32768
stack_end:
	.space 32768
stack2_end:
	.space 16384
	.globl trap_stack_end
trap_stack_end:
	.globl idt
	.balign 16
idt:	.space 256 * 16
	.section .note.GNU-stack, "", @progbits
