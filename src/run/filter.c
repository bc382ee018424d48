/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include <linux/audit.h>
#include <linux/falloc.h>
#include <linux/seccomp.h>

#include "calls.h"
#include "filter.h"

#if defined(__x86_64__)
#define RUN_ARCH AUDIT_ARCH_X86_64
#define RUN_X32  0x40000000u /* __X32_SYSCALL_BIT */
#elif defined(__aarch64__)
#define RUN_ARCH AUDIT_ARCH_AARCH64
#else
#error "no seccomp architecture known for this machine"
#endif

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24 /* Linux 5.18 */
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13 */
#endif

/* Both machines are little endian: the low word comes first. */
#define ARG_LOW(n)  (offsetof(struct seccomp_data, args) + 8 * (n))
#define ARG_HIGH(n) (ARG_LOW(n) + 4)

static void emit(struct run_filter *f, unsigned int code, unsigned int jt,
		 unsigned int jf, unsigned int k)
{
	assert(f->prog.len < RUN_FILTER_MAX);
	f->code[f->prog.len++] = (struct sock_filter){ (uint16_t)code,
						       (uint8_t)jt, (uint8_t)jf,
						       k };
}

static void load(struct run_filter *f, size_t offset)
{
	emit(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (unsigned int)offset);
}

static void answer(struct run_filter *f, unsigned int action)
{
	emit(f, BPF_RET | BPF_K, 0, 0, action);
}

/* Notify if the accumulator equals (or not) @k; fall through otherwise. */
static void notify_if(struct run_filter *f, unsigned int k, bool equal)
{
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, equal ? 0 : 1, equal ? 1 : 0, k);
	answer(f, SECCOMP_RET_USER_NOTIF);
}

static void mask(struct run_filter *f, unsigned int k)
{
	emit(f, BPF_ALU | BPF_AND | BPF_K, 0, 0, k);
}

/* Argument 0 is in the range of event descriptors. */
static void notify_if_event(struct run_filter *f)
{
	load(f, ARG_LOW(0));
	emit(f, BPF_JMP | BPF_JGE | BPF_K, 0, 2, f->event);
	emit(f, BPF_JMP | BPF_JGT | BPF_K, 1, 0, f->last_event);
	answer(f, SECCOMP_RET_USER_NOTIF);
}

static void condition(struct run_filter *f, enum run_when when)
{
	switch (when) {
	case RUN_TYPE:
		load(f, ARG_LOW(1));
		mask(f, 0xff00);
		notify_if(f, ';' << 8, true);
		break;
	case RUN_HIGH_OFFSET:
		load(f, ARG_HIGH(3));
		notify_if(f, 0, false);
		break;
	case RUN_OFFSET:
		load(f, ARG_HIGH(3));
		notify_if(f, 0, false);
		notify_if_event(f);
		break;
	case RUN_SEEK:
		load(f, ARG_HIGH(1));
		notify_if(f, 0, false);
		break;
	case RUN_MMAP:
		load(f, ARG_LOW(3));
		mask(f, MAP_FIXED | MAP_ANONYMOUS);
		notify_if(f, MAP_ANONYMOUS, false);
		break;
	case RUN_MADVISE:
		load(f, ARG_LOW(2));
		notify_if(f, MADV_DONTNEED, true);
		notify_if(f, MADV_FREE, true);
		notify_if(f, MADV_REMOVE, true);
		notify_if(f, MADV_DONTNEED_LOCKED, true);
		notify_if(f, MADV_GUARD_INSTALL, true);
		break;
	case RUN_SHMAT:
		load(f, ARG_LOW(2));
		mask(f, SHM_REMAP);
		notify_if(f, 0, false);
		break;
	case RUN_PUNCH:
		load(f, ARG_LOW(1));
		mask(f, ~(unsigned int)FALLOC_FL_KEEP_SIZE);
		notify_if(f, 0, false);
		break;
	case RUN_EVENT:
		notify_if_event(f);
		break;
	case RUN_ALWAYS:
	case RUN_EVENTFD:
		answer(f, SECCOMP_RET_USER_NOTIF);
		return;
	}
	answer(f, SECCOMP_RET_ALLOW);
}

/* If the call is @call: its condition, which always ends in an answer. */
static void block(struct run_filter *f, const struct run_call *call)
{
	unsigned short jump = f->prog.len;

	emit(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, (unsigned int)call->nr);
	condition(f, call->when);
	f->code[jump].jf = (uint8_t)(f->prog.len - jump - 1);
}

void run_filter_build(struct run_filter *f, bool eventfd, unsigned int event,
		      unsigned int nr_events)
{
	size_t i;

	f->prog = (struct sock_fprog){ .filter = f->code };
	f->event = event;
	f->last_event = event + nr_events - 1;
	load(f, offsetof(struct seccomp_data, arch));
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, RUN_ARCH);
	answer(f, SECCOMP_RET_ALLOW);
	load(f, offsetof(struct seccomp_data, nr));
#ifdef RUN_X32
	emit(f, BPF_JMP | BPF_JGE | BPF_K, 0, 1, RUN_X32);
	answer(f, SECCOMP_RET_ALLOW);
#endif
	for (i = 0; i < run_nr_calls; i++) {
		if (run_calls[i].when != RUN_EVENTFD || eventfd)
			block(f, &run_calls[i]);
	}
	answer(f, SECCOMP_RET_ALLOW);
}
