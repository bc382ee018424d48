/* SPDX-License-Identifier: MIT */
/**
 * DOC: Measuring an operation beside its limit
 *
 * A *trial* can do the operation and each *form* of its limit, on the same memory. A
 * *lap* does one of them once, over as much as the memory of the trial takes. Laps
 * are repeated until a *sample* is long enough for the clock, and samples of the
 * operation and of all forms take turns, so that whatever slows the machine slows all
 * of them.
 *
 * A trial may time several things in one lap, its *parts*: what maps has to unmap
 * again, and both are worth knowing.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/clock.h"

#define BENCH_PARTS   8
#define BENCH_FORMS   48
#define BENCH_SAMPLES 101

/**
 * struct bench_lap - times of a lap
 * @clock: the clock
 * @from: when the span under way began
 * @ns: how long the spans of each part took
 * @units: how many operations they did
 */
struct bench_lap {
	const struct bench_clock *clock;
	uint64_t from;
	double ns[BENCH_PARTS];
	uint64_t units[BENCH_PARTS];
};

/** bench_begin() - a span begins. */
static inline void bench_begin(struct bench_lap *lap)
{
	__asm__ volatile("" ::: "memory");
	lap->from = bench_clock_now(lap->clock);
	__asm__ volatile("" ::: "memory");
}

/** bench_end() - it ends; @units operations of @part were done in it. */
static inline void bench_end(struct bench_lap *lap, unsigned int part,
			     uint64_t units)
{
	uint64_t now;

	__asm__ volatile("" ::: "memory");
	now = bench_clock_now(lap->clock);
	__asm__ volatile("" ::: "memory");
	lap->ns[part] += (double)(now - lap->from) - lap->clock->overhead;
	lap->units[part] += units;
}

/** bench_end_fenced() - the same where a fence follows each operation. */
static inline void bench_end_fenced(struct bench_lap *lap, unsigned int part,
				    uint64_t units)
{
	bench_end(lap, part, units);
	lap->ns[part] -= (double)units * lap->clock->fence;
}

/**
 * struct bench_trial - what can be measured together
 * @parts: how many things a lap times
 * @forms: how many forms the limit has
 * @op: a lap of the operation
 * @limit: a lap of the limit's @form
 * @arg: for both
 */
struct bench_trial {
	unsigned int parts;
	unsigned int forms;
	void (*op)(void *arg, struct bench_lap *lap);
	void (*limit)(void *arg, unsigned int form, struct bench_lap *lap);
	void *arg;
};

/**
 * struct bench_plan - how thoroughly
 * @clock: the clock
 * @sample_ns: a sample takes at least as long
 * @min_ns: samples are taken at least as long
 * @min_samples: and at least as many; at most BENCH_SAMPLES are
 */
struct bench_plan {
	const struct bench_clock *clock;
	double sample_ns;
	double min_ns;
	unsigned int min_samples;
};

/**
 * struct bench_time - nanoseconds of one operation
 * @median: of the samples
 * @min: their least
 * @spread: half of what the middle half of them spans, as a part of the median
 * @samples: how many
 * @units: operations in all of them
 */
struct bench_time {
	double median;
	double min;
	double spread;
	unsigned int samples;
	uint64_t units;
};

/**
 * struct bench_measured - a part of a trial
 * @op: the operation
 * @limit: the fastest form of the limit, by the median
 * @form: which that is
 */
struct bench_measured {
	struct bench_time op;
	struct bench_time limit;
	unsigned int form;
};

/** bench_measure() - measure the parts of @trial. Return: 0 or -ENOMEM. */
int bench_measure(const struct bench_trial *trial,
		  const struct bench_plan *plan, struct bench_measured *out);

/** bench_time_of() - median and so on of @n samples, which are sorted. */
struct bench_time bench_time_of(double *sample, unsigned int n);

#endif
