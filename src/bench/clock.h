/* SPDX-License-Identifier: MIT */
/**
 * DOC: The benchmark's clock
 *
 * Every reading is a call through a pointer, so that tests bring a clock of their
 * own. What a reading costs is measured once and taken off each span.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>

/**
 * bench_fence() - what follows begins after all before it is done
 *
 * Processors work on several short operations at once where these do not wait for each
 * other. A fence between them makes each take what it takes alone.
 */
static inline void bench_fence(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("lfence" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
#elif defined(__riscv)
	__asm__ volatile("fence rw, rw" ::: "memory");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/**
 * struct bench_clock - what time it is
 * @now: nanoseconds since some moment
 * @arg: for @now
 * @overhead: nanoseconds that a span of nothing takes
 * @fence: nanoseconds that a fence takes where there is nothing to wait for
 */
struct bench_clock {
	uint64_t (*now)(void *arg);
	void *arg;
	double overhead;
	double fence;
};

/** bench_clock_init() - the system's monotonic clock, with the overheads. */
void bench_clock_init(struct bench_clock *clock);

/** bench_clock_now() - nanoseconds. */
static inline uint64_t bench_clock_now(const struct bench_clock *clock)
{
	return clock->now(clock->arg);
}

#endif
