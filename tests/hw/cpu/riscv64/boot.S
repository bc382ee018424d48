/* SPDX-License-Identifier: MIT */
/*
 * From machine mode to C in supervisor mode, on both harts; exceptions; and the accesses
 * that may fault.
 *
 * A probe is one instruction at a label, on behalf of the struct probe in a0. If it
 * faults the handler notes that in the probe and goes on behind it. Privileged
 * Architecture, "Supervisor-Level ISA" and "Hypervisor Extension".
 */
	.option norvc
	.option arch, +zicsr, +h

/* struct probe of riscv64.h */
#define PROBE_VALUE 8
#define PROBE_CAUSE 16
#define PROBE_TVAL  24
#define PROBE_HTVAL 32

#define MIE_MSIE    (1 << 3)
#define MSTATUS_MPP 0x1800
#define MSTATUS_S   0x0800
#define SSTATUS_SPP 0x100
#define SSTATUS_SUM 0x40000
#define USER_ECALL  8
#define GUEST_ECALL 10
#define HSTATUS_SPV 0x80
#define FETCH_FAULT 12

	.section .text.start, "ax"
	.globl start
start:
	csrr a0, mhartid
	li t0, -1			/* all of memory is supervisor mode's */
	csrw pmpaddr0, t0
	li t0, 0x1f
	csrw pmpcfg0, t0
	li t0, 0xb1f7ff			/* faults go there, too, and ecall of users */
	csrw medeleg, t0
	/* Hardware sets A and D (ADUE), memory types are in use (PBMTE). */
	li t0, 3 << 61
	csrs 0x30a, t0			/* menvcfg */
	csrs 0x60a, t0			/* henvcfg */
	csrr a1, marchid
	li t0, MSTATUS_MPP
	csrc mstatus, t0
	li t0, MSTATUS_S
	csrs mstatus, t0
	la t0, supervisor
	csrw mepc, t0
	la sp, stack_end
	beqz a0, 1f
	/* The second waits until it is wanted (a software interrupt). */
	la sp, stack2_end
	csrwi mie, MIE_MSIE
0:	wfi
	csrr t0, mip
	andi t0, t0, MIE_MSIE
	beqz t0, 0b
	csrwi mie, 0
1:	mret

supervisor:
	la t0, trap
	csrw stvec, t0
	li t0, SSTATUS_SUM
	csrs sstatus, t0
	bnez a0, 1f
	mv a0, a1
	call machine_first
1:	call guest_second

/* ---- Probes: void probe_*(struct probe *) ---------------------------------- */

	.globl probe_read, probe_write, probe_exec
probe_read:
	ld t0, (a0)
probe_read_at:
	ld t0, (t0)
	sd t0, PROBE_VALUE(a0)
probe_done:
	ret
probe_write:
	ld t0, (a0)
	ld t1, PROBE_VALUE(a0)
probe_write_at:
	sd t1, (t0)
	ret
probe_exec:
	ld t0, (a0)
	mv t1, ra
	jalr t0
	jr t1

/* The same by a guest's privileges: both stages translate. */
	.globl probe_guest_read, probe_guest_write, probe_guest_exec
probe_guest_read:
	ld t0, (a0)
probe_guest_read_at:
	hlv.d t0, (t0)
	sd t0, PROBE_VALUE(a0)
	ret
probe_guest_write:
	ld t0, (a0)
	ld t1, PROBE_VALUE(a0)
probe_guest_write_at:
	hsv.d t1, (t0)
	ret

/* A guest's own fetch, from VS. What it runs is an ecall. */
probe_guest_exec:
	ld t0, (a0)
	csrw sepc, t0
	li t0, HSTATUS_SPV
	csrs hstatus, t0
	li t0, SSTATUS_SPP
	csrs sstatus, t0
	sret

/* Unprivileged: a1 is where the code is for users. It keeps all but t registers. */
	.globl probe_user
probe_user:
	ld t0, (a0)
	ld t1, PROBE_VALUE(a0)
	csrw sepc, a1
	li t2, SSTATUS_SPP
	csrc sstatus, t2
	sret

	.balign 4096
	.globl user_code, user_read, user_write, user_exec
user_code:
user_read:
	ld t1, (t0)
	ecall
user_write:
	sd t1, (t0)
	ecall
user_exec:
	jr t0
	.balign 4096

/* ---- Exceptions ------------------------------------------------------------------ */

	.balign 4
trap:
	csrr t3, scause
	csrr t4, hstatus
	andi t4, t4, HSTATUS_SPV
	bnez t4, guest
	li t4, USER_ECALL
	beq t3, t4, user_done
	csrr t4, sstatus
	andi t4, t4, SSTATUS_SPP
	beqz t4, note
	csrr t4, sepc
	la t5, probe_read_at
	beq t4, t5, note
	la t5, probe_write_at
	beq t4, t5, note
	la t5, probe_guest_read_at
	beq t4, t5, note
	la t5, probe_guest_write_at
	beq t4, t5, note
	li t5, FETCH_FAULT
	beq t3, t5, fetch
	mv a0, t3
	mv a1, t4
	csrr a2, stval
	call machine_unexpected
guest:
	csrc hstatus, t4
	li t4, GUEST_ECALL
	beq t3, t4, back
	j note
fetch:
	mv ra, t1
note:
	sd t3, PROBE_CAUSE(a0)
	csrr t4, stval
	sd t4, PROBE_TVAL(a0)
	csrr t4, htval
	sd t4, PROBE_HTVAL(a0)
	j back
user_done:
	sd t1, PROBE_VALUE(a0)
back:
	la t4, probe_done
	csrw sepc, t4
	li t4, SSTATUS_SPP
	csrs sstatus, t4
	sret

	.bss
	.balign 16
	.space 32768
stack_end:
	.space 32768
stack2_end:
	.section .note.GNU-stack, "", @progbits
