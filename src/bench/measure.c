/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"

/* A form that is that much slower than the best after a few samples is out. */
#define HOPELESS   1.3
#define QUALIFYING 3

/* A lap that takes so long is measured less often. */
#define LONG_NS      1e6
#define LONG_SAMPLES 7

/**
 * struct runner - the operation or a form of its limit
 * @form: of the limit; -1 = the operation
 * @rounds: laps of a sample
 * @out: it has no chance
 * @sample: nanoseconds of one operation, of each part
 */
struct runner {
	int form;
	unsigned int rounds;
	bool out;
	double sample[BENCH_PARTS][BENCH_SAMPLES];
	uint64_t units[BENCH_PARTS];
};

static void run_laps(const struct bench_trial *trial, struct runner *runner,
		     struct bench_lap *lap)
{
	for (unsigned int i = 0; i < runner->rounds; i++) {
		if (runner->form < 0)
			trial->op(trial->arg, lap);
		else
			trial->limit(trial->arg, (unsigned int)runner->form,
				     lap);
	}
}

/* @lap is sample @nr. */
static void note(const struct bench_trial *trial, struct runner *runner,
		 const struct bench_lap *lap, unsigned int nr)
{
	for (unsigned int p = 0; p < trial->parts; p++)
		runner->sample[p][nr] = lap->ns[p] / (double)lap->units[p];
}

/*
 * Double the laps until the shortest part is long enough; this is also the warm-up.
 *
 * Return: nanoseconds of that part.
 */
static double calibrate(const struct bench_trial *trial,
			const struct bench_plan *plan, struct runner *runner)
{
	runner->rounds = 1;
	while (true) {
		struct bench_lap lap = { .clock = plan->clock };
		double least;

		run_laps(trial, runner, &lap);
		note(trial, runner, &lap, 0);
		least = lap.ns[0];
		for (unsigned int p = 1; p < trial->parts; p++)
			if (lap.ns[p] < least)
				least = lap.ns[p];
		if (least >= plan->sample_ns || runner->rounds >= 1U << 20)
			return least;
		runner->rounds *= 2;
	}
}

static void take_sample(const struct bench_trial *trial,
			const struct bench_plan *plan, struct runner *runner,
			unsigned int nr)
{
	struct bench_lap lap = { .clock = plan->clock };

	run_laps(trial, runner, &lap);
	note(trial, runner, &lap, nr);
	for (unsigned int p = 0; p < trial->parts; p++)
		runner->units[p] += lap.units[p];
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct bench_time bench_time_of(double *sample, unsigned int n)
{
	struct bench_time time = { .samples = n };

	qsort(sample, n, sizeof(*sample), compare);
	time.min = sample[0];
	time.median = (sample[(n - 1) / 2] + sample[n / 2]) / 2;
	if (time.median > 0)
		time.spread = (sample[n - 1 - n / 4] - sample[n / 4]) / 2 /
			      time.median;
	return time;
}

/* The least of @n samples. */
static double least_of(const double *sample, unsigned int n)
{
	double least = sample[0];

	for (unsigned int i = 1; i < n; i++)
		if (sample[i] < least)
			least = sample[i];
	return least;
}

/* Forms that are slow in every part take time that the others can use. */
static void disqualify(const struct bench_trial *trial, struct runner *form,
		       unsigned int n)
{
	bool good[BENCH_FORMS] = { false };

	for (unsigned int p = 0; p < trial->parts; p++) {
		double best = least_of(form[0].sample[p], n);

		for (unsigned int f = 1; f < trial->forms; f++) {
			double least = least_of(form[f].sample[p], n);

			if (least < best)
				best = least;
		}
		for (unsigned int f = 0; f < trial->forms; f++)
			if (least_of(form[f].sample[p], n) <= best * HOPELESS)
				good[f] = true;
	}
	for (unsigned int f = 0; f < trial->forms; f++)
		form[f].out = !good[f];
}

static void evaluate(const struct bench_trial *trial, struct runner *op,
		     struct runner *form, unsigned int n,
		     struct bench_measured *out)
{
	for (unsigned int p = 0; p < trial->parts; p++) {
		out[p].op = bench_time_of(op->sample[p], n);
		out[p].op.units = op->units[p];
		out[p].limit.samples = 0;
		for (unsigned int f = 0; f < trial->forms; f++) {
			struct bench_time time;

			if (form[f].out)
				continue;
			time = bench_time_of(form[f].sample[p], n);
			if (out[p].limit.samples &&
			    time.median >= out[p].limit.median)
				continue;
			out[p].limit = time;
			out[p].limit.units = form[f].units[p];
			out[p].form = f;
		}
	}
}

int bench_measure(const struct bench_trial *trial,
		  const struct bench_plan *plan, struct bench_measured *out)
{
	struct runner *runner = calloc(trial->forms + 1, sizeof(*runner));
	struct runner *form;
	unsigned int n, least = plan->min_samples;
	double longest;
	uint64_t start;

	memset(out, 0, trial->parts * sizeof(*out));
	if (!runner)
		return -ENOMEM;
	form = runner + 1;
	runner->form = -1;
	longest = calibrate(trial, plan, runner);
	for (unsigned int f = 0; f < trial->forms; f++) {
		form[f].form = (int)f;
		calibrate(trial, plan, &form[f]);
	}
	if (longest >= LONG_NS) {
		disqualify(trial, form, 1);
		least = least < LONG_SAMPLES ? least : LONG_SAMPLES;
	}
	start = bench_clock_now(plan->clock);
	for (n = 0; n < BENCH_SAMPLES; n++) {
		if (n >= least && (double)(bench_clock_now(plan->clock) -
					   start) >= plan->min_ns)
			break;
		if (n == QUALIFYING && longest < LONG_NS)
			disqualify(trial, form, n);
		take_sample(trial, plan, runner, n);
		for (unsigned int f = 0; f < trial->forms; f++)
			if (!form[f].out)
				take_sample(trial, plan, &form[f], n);
	}
	evaluate(trial, runner, form, n, out);
	free(runner);
	return 0;
}
