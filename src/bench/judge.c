/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "bench/judge.h"

/* An operation beats its limit only if medians and minima say so, noise or not. */
static bool beats(const struct bench_judgement *j)
{
	double margin = BENCH_MARGIN > j->noise ? BENCH_MARGIN : j->noise;

	return j->ratio < 1 - margin && j->min_ratio < 1 - BENCH_MARGIN;
}

struct bench_judgement bench_judge(const struct bench_time *op,
				   const struct bench_time *limit,
				   double target, bool may_beat)
{
	struct bench_judgement j = {
		.ratio = op->median / limit->median,
		.min_ratio = op->min / limit->min,
		.noise = op->spread + limit->spread,
	};

	j.verdict = j.ratio <= target ? BENCH_PASS : BENCH_MISS;
	if (fabs(j.ratio - target) <= j.noise * j.ratio &&
	    (j.min_ratio <= target) != (j.ratio <= target))
		j.verdict = BENCH_NOISY;
	if (!may_beat && beats(&j))
		j.verdict = BENCH_BEATS_LIMIT;
	return j;
}

const char *bench_verdict_name(enum bench_verdict verdict)
{
	static const char *const name[] = {
		[BENCH_PASS] = "pass",
		[BENCH_MISS] = "miss",
		[BENCH_NOISY] = "noisy",
		[BENCH_BEATS_LIMIT] = "beats its limit",
		[BENCH_ABSENT] = "absent",
	};

	return name[verdict];
}
