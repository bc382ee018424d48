/* SPDX-License-Identifier: MIT */
/**
 * DOC: What a measurement says
 */
#ifndef BENCH_JUDGE_H
#define BENCH_JUDGE_H

#include <stdbool.h>

#include "bench/measure.h"

/** enum bench_verdict - what a measurement says of the operation. */
enum bench_verdict {
	BENCH_PASS, /* within its target */
	BENCH_MISS, /* not */
	BENCH_NOISY, /* nobody can tell: the noise reaches over the target */
	BENCH_BEATS_LIMIT, /* the limit is wrong */
	BENCH_ABSENT, /* it could not be measured here; a note says why */
};

/**
 * struct bench_judgement - a verdict and what it stands on
 * @ratio: of the medians, measured to limit; lower is better
 * @min_ratio: of the minima
 * @noise: what the ratio may be wrong by, as a part of it
 */
struct bench_judgement {
	double ratio;
	double min_ratio;
	double noise;
	enum bench_verdict verdict;
};

/**
 * BENCH_MARGIN - an operation this much faster than its limit beats it
 *
 * A loop's speed depends on where the linker puts it and its data by a few percent,
 * and an operation whose inner loop is the limit's may have the better place.
 */
#define BENCH_MARGIN 0.08

/**
 * bench_judge() - compare
 * @target: the ratio allowed
 * @may_beat: the operation need not do what the limit does
 */
struct bench_judgement bench_judge(const struct bench_time *op,
				   const struct bench_time *limit,
				   double target, bool may_beat);

/** bench_verdict_name() - a word for it. */
const char *bench_verdict_name(enum bench_verdict verdict);

#endif
