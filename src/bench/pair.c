/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "bench/case.h"
#include "bench/pair.h"

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static void *other(void *arg)
{
	struct bench_pair *pair = arg;
	unsigned int seen = 0, round;

	while (true) {
		while ((round = __atomic_load_n(&pair->round,
						__ATOMIC_ACQUIRE)) == seen)
			relax();
		if (pair->stop)
			return NULL;
		seen = round;
		pair->work(pair->arg, 1);
		__atomic_store_n(&pair->done, seen, __ATOMIC_RELEASE);
	}
}

/* A processor of @all other than the caller's; -1 = there is none. */
static int other_processor(const cpu_set_t *all)
{
	int here = sched_getcpu();

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (cpu != here && CPU_ISSET((unsigned int)cpu, all))
			return cpu;
	return -1;
}

int bench_pair_start(struct bench_pair *pair, struct bench_context *ctx)
{
	int cpu = other_processor(&ctx->processors);
	cpu_set_t there;
	int ret;

	if (cpu < 0) {
		snprintf(ctx->note, sizeof(ctx->note), "one processor only");
		return -ENODATA;
	}
	*pair = (struct bench_pair){ 0 };
	ret = pthread_create(&pair->thread, NULL, other, pair);
	if (ret)
		return -ret;
	CPU_ZERO(&there);
	CPU_SET((unsigned int)cpu, &there);
	pthread_setaffinity_np(pair->thread, sizeof(there), &there);
	return 0;
}

void bench_pair_run(struct bench_pair *pair,
		    void (*work)(void *arg, unsigned int half), void *arg)
{
	unsigned int round = pair->round + 1;

	pair->work = work;
	pair->arg = arg;
	__atomic_store_n(&pair->round, round, __ATOMIC_RELEASE);
	work(arg, 0);
	while (__atomic_load_n(&pair->done, __ATOMIC_ACQUIRE) != round)
		relax();
}

void bench_pair_stop(struct bench_pair *pair)
{
	pair->stop = true;
	__atomic_store_n(&pair->round, pair->round + 1, __ATOMIC_RELEASE);
	pthread_join(pair->thread, NULL);
}

void bench_pair_judge(struct bench_context *ctx, struct bench_measured *out)
{
	double limit = out[0].limit.median / out[1].limit.median;
	double op = out[0].op.median / out[1].op.median;
	size_t used = strlen(ctx->note);

	snprintf(ctx->note + used, sizeof(ctx->note) - used,
		 "%stwo threads: %.2f times as fast, limit %.2f",
		 used ? ", " : "", op, limit);
	out[0].limit.spread += out[0].op.spread + out[1].limit.spread;
	out[0].limit.median = out[0].op.median / limit;
	out[0].limit.min =
		out[0].op.min / (out[0].limit.min / out[1].limit.min);
	out[0].op = out[1].op;
}
