/* SPDX-License-Identifier: MIT */
/* Measuring, by a clock of our own; judging; and the limits, which do what they say. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench/bench.h"
#include "bench/clock.h"
#include "bench/measure.h"
#include "cli/bench_json.h"
#include "cli/bench_table.h"

/* ---- a machine whose speed is known ---- */

/**
 * struct machine - time passes as the trial says
 * @now: the time
 * @laps: laps of the operation
 * @disturbed: every so many laps take ten times as long; 0 = none
 * @op: nanoseconds of an operation of each part
 * @form: the same for each form of the limit
 */
struct machine {
	uint64_t now;
	unsigned int laps;
	unsigned int disturbed;
	unsigned int op[2];
	unsigned int form[3][2];
};

#define READING 20 /* what a look at the clock takes */
#define UNITS   50

static uint64_t machine_now(void *arg)
{
	struct machine *m = arg;

	m->now += READING;
	return m->now;
}

static void pass(struct machine *m, struct bench_lap *lap,
		 const unsigned int *cost)
{
	unsigned int slow = m->disturbed && ++m->laps % m->disturbed == 0 ? 10
									  : 1;

	for (unsigned int part = 0; part < 2; part++) {
		bench_begin(lap);
		m->now += UNITS * cost[part] * slow;
		bench_end(lap, part, UNITS);
		m->now += 12345; /* what is not measured */
	}
}

static void machine_op(void *arg, struct bench_lap *lap)
{
	struct machine *m = arg;

	pass(m, lap, m->op);
}

static void machine_limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct machine *m = arg;

	pass(m, lap, m->form[form]);
}

/* There is no more memory. */
static bool no_memory;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	return no_memory ? NULL : __real_calloc(n, size);
}

static int run_some(struct machine *m, struct bench_measured *out)
{
	const struct bench_clock clock = {
		.now = machine_now,
		.arg = m,
		.overhead = READING,
	};
	const struct bench_trial trial = {
		.parts = 2,
		.forms = 3,
		.op = machine_op,
		.limit = machine_limit,
		.arg = m,
	};
	const struct bench_plan plan = {
		.clock = &clock,
		.sample_ns = 20000,
		.min_ns = 1e6,
		.min_samples = 15,
	};

	return bench_measure(&trial, &plan, out);
}

static void run(struct machine *m, struct bench_measured *out)
{
	assert_int_equal(run_some(m, out), 0);
}

static void memory(void **state)
{
	struct bench_measured out[2];
	struct machine m = { .op = { 30, 70 } };
	int ret;

	no_memory = true;
	ret = run_some(&m, out);
	no_memory = false;
	assert_int_equal(ret, -ENOMEM);
}

static void fastest_form(void **state)
{
	struct machine m = {
		.op = { 30, 70 },
		.form = { { 25, 90 }, { 20, 50 }, { 24, 40 } },
	};
	struct bench_measured out[2];

	run(&m, out);
	assert_int_equal(out[0].form, 1);
	assert_int_equal(out[1].form, 2);
	assert_true(out[0].op.median == 30 && out[0].op.min == 30);
	assert_true(out[1].op.median == 70);
	assert_true(out[0].limit.median == 20 && out[1].limit.median == 40);
	assert_true(out[0].op.spread == 0);
	assert_in_range(out[0].op.samples, 15, BENCH_SAMPLES);
	assert_true(out[0].op.units >= out[0].op.samples * (20000 / 30));
}

static void disturbed(void **state)
{
	struct machine m = {
		.disturbed = 2003,
		.op = { 3, 7 },
		.form = { { 2, 9 }, { 4, 5 }, { 3, 4 } },
	};
	struct bench_measured out[2];

	run(&m, out);
	assert_true(out[0].op.min == 3);
	assert_true(out[0].op.median >= 3 && out[0].op.median < 4);
	assert_int_equal(out[0].form, 0);
	assert_int_equal(out[1].form, 2);
}

static void order_of_samples(void **state)
{
	double odd[] = { 5, 1, 9, 2, 3 };
	double even[] = { 4, 1, 2, 3 };
	struct bench_time t = bench_time_of(odd, 5);

	assert_true(t.median == 3 && t.min == 1);
	assert_true(t.spread > 0.49 && t.spread < 0.51); /* 2 to 5 */
	t = bench_time_of(even, 4);
	assert_true(t.median == 2.5 && t.min == 1);
}

static void system_clock(void **state)
{
	struct bench_clock clock;

	bench_clock_init(&clock);
	assert_true(bench_clock_now(&clock) <= bench_clock_now(&clock));
	assert_true(clock.overhead > 0 && clock.overhead < 1e6);
	assert_true(clock.fence >= 0 && clock.fence < 1e6);
}

/* ---- judging ---- */

static struct bench_time time_of(double median, double min, double spread)
{
	return (struct bench_time){
		.median = median, .min = min, .spread = spread, .samples = 15
	};
}

static enum bench_verdict verdict(struct bench_time op, double target,
				  bool may_beat)
{
	struct bench_time limit = time_of(10, 9.5, 0.01);

	return bench_judge(&op, &limit, target, may_beat).verdict;
}

static void verdicts(void **state)
{
	assert_int_equal(verdict(time_of(14, 13, 0.01), 1.5, false),
			 BENCH_PASS);
	assert_int_equal(verdict(time_of(15, 14, 0.01), 1.5, false),
			 BENCH_PASS);
	assert_int_equal(verdict(time_of(16, 15, 0.01), 1.5, false),
			 BENCH_MISS);
	/* Within the noise, and the minima say the other thing. */
	assert_int_equal(verdict(time_of(16, 14, 0.2), 1.5, false),
			 BENCH_NOISY);
	/* Within the noise, but both say the same. */
	assert_int_equal(verdict(time_of(16, 15, 0.2), 1.5, false), BENCH_MISS);
}

static void beaten_limits(void **state)
{
	struct bench_time less = time_of(8.5, 8, 0.01);

	assert_int_equal(verdict(less, 1.5, false), BENCH_BEATS_LIMIT);
	assert_int_equal(verdict(less, 1.5, true), BENCH_PASS);
	/* By less than the margin. */
	assert_int_equal(verdict(time_of(9.5, 9, 0.01), 1.5, false),
			 BENCH_PASS);
	/* Only the median does, or the noise is larger. */
	assert_int_equal(verdict(time_of(8.5, 9.4, 0.01), 1.5, false),
			 BENCH_PASS);
	assert_int_equal(verdict(time_of(8.5, 8, 0.3), 1.5, false), BENCH_PASS);
}

/* What becomes of a machine that is faster than its limit. */
static void beaten_to_the_end(void **state)
{
	struct machine m = {
		.op = { 15, 70 },
		.form = { { 25, 90 }, { 20, 50 }, { 24, 40 } },
	};
	struct bench_result row[2] = { { .name = "quick/one", .target = 2 },
				       { .name = "slow/one", .target = 2 } };
	struct bench_measured out[2];

	run(&m, out);
	for (unsigned int i = 0; i < 2; i++) {
		row[i].op = out[i].op;
		row[i].limit = out[i].limit;
		row[i].judgement = bench_judge(&out[i].op, &out[i].limit,
					       row[i].target, false);
	}
	assert_int_equal(row[0].judgement.verdict, BENCH_BEATS_LIMIT);
	assert_int_equal(row[1].judgement.verdict, BENCH_PASS);
	assert_int_equal(cli_bench_complain(row, 2), 1);
	assert_int_equal(cli_bench_complain(row + 1, 1), 0);
}

/* ---- limits ---- */

#define ITEMS 512u
#define FIRST UINT64_C(0x123456789003)
#define STEP  UINT64_C(0x1000)

static _Alignas(64) uint64_t item[ITEMS];

/* Only the first @n are touched. */
static void check_series(const char *name, size_t n)
{
	for (size_t i = 0; i < ITEMS; i++)
		if (item[i] != (i < n ? FIRST + i * STEP : 0))
			fail_msg("%s: item %zu is %#llx", name, i,
				 (unsigned long long)item[i]);
}

static void check_map(const struct bench_form *f)
{
	memset(item, 0, sizeof(item));
	assert_true(f->map(item, ITEMS / 2, FIRST, STEP));
	check_series(f->name, ITEMS / 2);
	/* Something is there, the last item alone. */
	for (size_t at = 0; at < 64; at++) {
		memset(item, 0, sizeof(item));
		item[at] = UINT64_C(1) << at;
		assert_false(f->map(item, 64, FIRST, STEP));
	}
	memset(item, 0, sizeof(item));
	f->fill(item, ITEMS / 2, FIRST, STEP);
	check_series(f->name, ITEMS / 2);
}

static void check_unmap(const struct bench_form *f)
{
	f->fill(item, ITEMS, FIRST, STEP);
	assert_true(f->unmap(item, ITEMS / 2));
	for (size_t i = 0; i < ITEMS; i++)
		assert_true(!item[i] == (i < ITEMS / 2));
	f->fill(item, ITEMS, FIRST, STEP);
	memset(item, 0, ITEMS * sizeof(*item) / 2);
	assert_false(f->unmap(item, ITEMS / 2));
}

static void check_scan(const struct bench_form *f)
{
	const uint64_t *const ahead[] = { NULL, item };

	for (unsigned int i = 0; i < 2; i++) {
		memset(item, 0, sizeof(item));
		assert_false(f->scan(item, ahead[i], ITEMS, 1));
		item[ITEMS - 1] = 4;
		assert_true(f->scan(item, ahead[i], ITEMS, 4));
		assert_false(f->scan(item, ahead[i], ITEMS, 3));
		assert_false(f->scan(item, ahead[i], ITEMS - 64, 4));
	}
}

/* Dirty items are those with bit 6 as in @value. One in @nth is. */
static void check_clean(const struct bench_form *f, uint64_t value, size_t nth)
{
	const struct bench_dirty how = { .mask = 64, .value = value };
	uint64_t clean = FIRST ^ (FIRST & 64) ^ (value ^ 64);

	f->fill(item, ITEMS, clean, STEP);
	for (size_t i = nth - 1; i < ITEMS; i += nth)
		item[i] ^= 64;
	assert_int_equal(f->clean(item, nth % 2 ? item : NULL, ITEMS, &how),
			 nth <= ITEMS);
	for (size_t i = 0; i < ITEMS; i++)
		if (item[i] != clean + i * STEP)
			fail_msg("%s: item %zu is not clean", f->name, i);
}

/* The third of each kind is for items that are all dirty, and says whether they are. */
static void check_cleans(const struct bench_form *f, bool all)
{
	for (uint64_t value = 0; value <= 64; value += 64) {
		check_clean(f, value, 1);
		for (size_t nth = 2; !all && nth <= 2 * ITEMS; nth += nth / 2)
			check_clean(f, value, nth);
	}
}

static void check_list(const struct bench_form *f)
{
	static _Alignas(64) struct iommu_run list[64];

	for (unsigned int i = 0; i < 64; i++)
		list[i] = (struct iommu_run){ .oa = (i * 7 % 64 + 1) << 12,
					      .len = 4096 };
	for (unsigned int shift = 0; shift <= 2; shift += 2) {
		memset(item, 0, sizeof(item));
		f->list(item, list, 64, 3, shift);
		for (unsigned int i = 0; i < 64; i++)
			assert_true(item[i] == (list[i].oa >> shift | 3));
		assert_true(!item[64]);
	}
}

static void limits(void **state)
{
	struct bench_form form[BENCH_MAX_FORMS];

	for (enum bench_column c = 0; c < BENCH_COLUMNS; c++) {
		size_t n = bench_forms(c, form);

		assert_in_range(n, 4, BENCH_MAX_FORMS);
		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(form[i].name,
							form[k].name);
			check_map(&form[i]);
			check_unmap(&form[i]);
			check_scan(&form[i]);
			check_cleans(&form[i], i % BENCH_VARIANTS == 2);
			check_list(&form[i]);
		}
	}
}

/* ---- the rows as text ---- */

static void json_of_all_verdicts(void **state)
{
	struct bench_result row[BENCH_ABSENT + 1];
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (enum bench_verdict v = 0; v <= BENCH_ABSENT; v++)
		row[v] = (struct bench_result){
			.name = "a/b/vector",
			.operation = "a",
			.format = "b",
			.op = time_of(12, 11, 0.1),
			.limit = time_of(10, 9, 0.1),
			.form = "a \"form\"",
			.judgement = { 1.2, 1.25, 0.1, v },
			.target = 1.5,
			.note = "a note",
		};
	assert_int_equal(cli_bench_json(out, row, BENCH_ABSENT + 1, "a model"),
			 0);
	fclose(out);
	assert_non_null(strstr(text, "\"cpu_model\": \"a model\""));
	assert_non_null(strstr(text, "faster than its limit"));
	assert_non_null(strstr(text, "\"error_message\": \"a note\""));
	assert_non_null(strstr(text, "\"limit_ns\": 10,"));
	assert_non_null(strstr(text, "\"ratio\": 1.2,"));
	assert_non_null(strstr(text, "\"target\": 1.5"));
	assert_non_null(strstr(text, "a \\\"form\\\""));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fastest_form),
		cmocka_unit_test(memory),
		cmocka_unit_test(disturbed),
		cmocka_unit_test(order_of_samples),
		cmocka_unit_test(system_clock),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(beaten_limits),
		cmocka_unit_test(beaten_to_the_end),
		cmocka_unit_test(limits),
		cmocka_unit_test(json_of_all_verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
