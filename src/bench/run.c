/* SPDX-License-Identifier: MIT */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "bench/case.h"

/* Nanoseconds of a sample, and how many. */
#define SAMPLE_NS   50000.0
#define MIN_SAMPLES 15
#define WARM_UP_NS  500000000u
#define QUICK_NS    5000.0
#define QUICK       5
#define QUICK_SIZES 7

const char *bench_column_name(enum bench_column column)
{
	return column == BENCH_VECTOR ? "vector" : "scalar";
}

/* Names of rows have no blanks: people type them. */
static void set_name(struct bench_result *result)
{
	snprintf(result->name, sizeof(result->name), "%s/%s/%s",
		 result->operation, result->format,
		 bench_column_name(result->column));
	for (char *c = result->name; *c; c++)
		if (*c == ' ')
			*c = '_';
}

static struct bench_result make_row(const struct bench_context *ctx,
				    const struct bench_part *part)
{
	struct bench_result result = {
		.operation = part->name,
		.format = ctx->format->name,
		.column = ctx->column,
		.unit = part->unit,
		.target = part->target[ctx->column],
	};

	set_name(&result);
	return result;
}

static bool wanted(const struct bench_options *o,
		   const struct bench_result *result)
{
	return !o->filter || !regexec(o->filter, result->name, 0, NULL, 0);
}

static bool any_wanted(const struct bench_options *o,
		       const struct bench_context *ctx,
		       const struct bench_case *c)
{
	for (unsigned int p = 0; p < c->parts; p++) {
		struct bench_result result = make_row(ctx, &c->part[p]);

		if (wanted(o, &result))
			return true;
	}
	return false;
}

/* What was measured of a part becomes a row. */
static void fill_row(struct bench_result *result,
		     const struct bench_context *ctx,
		     const struct bench_part *part,
		     const struct bench_measured *m, unsigned int p)
{
	result->op = m->op;
	result->limit = m->limit;
	result->form = ctx->form_name[p];
	result->judgement =
		bench_judge(&m->op, &m->limit, result->target, part->may_beat);
	snprintf(result->note, sizeof(result->note), "%s", ctx->note);
	if (part->max_ns > 0 && m->op.median > part->max_ns &&
	    result->judgement.verdict == BENCH_PASS) {
		result->judgement.verdict = BENCH_MISS;
		snprintf(result->note, sizeof(result->note), "more than %g ns",
			 part->max_ns);
	}
}

/** struct cell - a case in a column. */
struct cell {
	struct bench_context ctx;
	struct bench_measured measured[BENCH_PARTS];
	int ret;
};

static void report_part(const struct bench_options *o, const struct cell *cell,
			const struct bench_case *c, unsigned int p,
			bench_report *report, void *arg)
{
	struct bench_result result = make_row(&cell->ctx, &c->part[p]);

	if (!wanted(o, &result))
		return;
	if (cell->ret) {
		result.judgement.verdict = BENCH_ABSENT;
		snprintf(result.note, sizeof(result.note), "%s",
			 cell->ctx.note);
	} else if (!o->list) {
		fill_row(&result, &cell->ctx, &c->part[p], &cell->measured[p],
			 p);
	}
	report(arg, &result);
}

/* Both columns of a case, and then its rows. */
static int run_case(const struct bench_options *o, struct cell *cell,
		    const struct bench_case *c, bench_report *report, void *arg)
{
	int ret = 0;

	for (unsigned int i = 0; i < BENCH_COLUMNS; i++) {
		struct bench_context *ctx = &cell[i].ctx;

		ctx->note[0] = '\0';
		cell[i].ret = 0;
		if (!o->list && any_wanted(o, ctx, c))
			cell[i].ret = c->measure(ctx, c, cell[i].measured);
		if (cell[i].ret && cell[i].ret != -ENODATA)
			ret = cell[i].ret;
	}
	for (unsigned int p = 0; p < c->parts; p++)
		for (unsigned int i = 0; i < BENCH_COLUMNS; i++)
			report_part(o, &cell[i], c, p, report, arg);
	return ret;
}

static void make_context(struct bench_context *ctx,
			 const struct bench_options *o, unsigned int column,
			 unsigned int nr, const struct bench_clock *clock,
			 const cpu_set_t *processors)
{
	*ctx = (struct bench_context){
		.column = column,
		.nr = nr,
		.format = bench_format(column, nr),
		.quick = o->quick,
		.processors = *processors,
		.plan.clock = clock,
		.plan.sample_ns = o->quick ? QUICK_NS : SAMPLE_NS,
		.plan.min_ns = o->quick ? 0 : o->min_time * 1e9,
		.plan.min_samples = o->quick ? QUICK : MIN_SAMPLES,
	};
	ctx->forms = (unsigned int)bench_forms(column, ctx->form);
}

static int run_format(const struct bench_options *o, unsigned int nr,
		      const struct bench_clock *clock,
		      const cpu_set_t *processors, bench_report *report,
		      void *arg)
{
	struct cell cell[BENCH_COLUMNS] = { 0 };
	int ret = 0;

	for (unsigned int i = 0; i < BENCH_COLUMNS; i++)
		make_context(&cell[i].ctx, o, i, nr, clock, processors);
	for (const struct bench_case *c = bench_cases; !ret && c->parts; c++)
		ret = run_case(o, cell, c, report, arg);
	return ret;
}

/* Where it is, the thread stays. Return: where it may be otherwise. */
static cpu_set_t pin(void)
{
	cpu_set_t before, here;

	CPU_ZERO(&before);
	sched_getaffinity(0, sizeof(before), &before);
	CPU_ZERO(&here);
	CPU_SET((unsigned int)sched_getcpu(), &here);
	sched_setaffinity(0, sizeof(here), &here);
	return before;
}

/* Processors take a moment until they run as fast as they will. */
static void warm_up(const struct bench_clock *clock)
{
	uint64_t start = bench_clock_now(clock);

	while (bench_clock_now(clock) - start < WARM_UP_NS)
		;
}

int bench_run(const struct bench_options *o, bench_report *report, void *arg)
{
	struct bench_clock clock;
	cpu_set_t before = pin();
	int ret = 0;

	bench_clock_init(&clock);
	if (!o->quick && !o->list)
		warm_up(&clock);
	for (unsigned int nr = 0; !ret && nr < BENCH_NR_FORMATS; nr++)
		ret = run_format(o, nr, &clock, &before, report, arg);
	sched_setaffinity(0, sizeof(before), &before);
	return ret;
}

/* Number of a format; BENCH_NR_FORMATS = there is none of that name. */
static unsigned int format_nr(const char *name)
{
	unsigned int nr = 0;

	while (nr < BENCH_NR_FORMATS &&
	       strcmp(bench_format(BENCH_VECTOR, nr)->name, name) != 0)
		nr++;
	return nr;
}

int bench_sizes(const struct bench_options *o, const char *format,
		struct bench_size size[BENCH_COLUMNS][BENCH_SIZES])
{
	unsigned int sizes = o->quick ? QUICK_SIZES : BENCH_SIZES;
	unsigned int nr = format_nr(format);
	struct bench_clock clock;
	cpu_set_t before;
	int ret = 0;

	if (nr == BENCH_NR_FORMATS)
		return -EINVAL;
	before = pin();
	bench_clock_init(&clock);
	memset(size, 0, BENCH_COLUMNS * sizeof(*size));
	for (unsigned int i = 0; i < BENCH_COLUMNS * sizes && !ret; i++) {
		struct bench_size *s = &size[i / sizes][i % sizes];
		struct bench_case c = { .lg2 = BENCH_MIN_SIZE_LG2 +
					       2 * (i % sizes) };
		struct bench_measured m[BENCH_PARTS] = { 0 };
		struct bench_context ctx;

		make_context(&ctx, o, i / sizes, nr, &clock, &before);
		ret = bench_case_size(&ctx, &c, m);
		*s = (struct bench_size){ c.lg2, m[0], m[1] };
	}
	sched_setaffinity(0, sizeof(before), &before);
	return ret;
}
