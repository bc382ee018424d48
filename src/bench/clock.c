/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <time.h>

#include "bench/clock.h"

#define READINGS 2001

static uint64_t system_now(void *arg)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The mean of a reading, or of a fence: of the fastest of some groups. */
static double mean_of(const struct bench_clock *clock, bool fence)
{
	double least = 0;

	for (int group = 0; group < 9; group++) {
		uint64_t start = bench_clock_now(clock), last = start;
		double mean;

		for (int i = 0; i < READINGS; i++) {
			if (fence)
				bench_fence();
			else
				last = bench_clock_now(clock);
		}
		if (fence)
			last = bench_clock_now(clock);
		mean = (double)(last - start) / READINGS;
		if (!group || mean < least)
			least = mean;
	}
	return least;
}

void bench_clock_init(struct bench_clock *clock)
{
	*clock = (struct bench_clock){ .now = system_now };
	clock->overhead = mean_of(clock, false);
	clock->fence = mean_of(clock, true);
}
