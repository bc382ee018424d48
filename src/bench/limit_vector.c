/* SPDX-License-Identifier: MIT */
/*
 * The limits with vectors of each width. Which of them the processor has is asked for
 * when the program runs.
 */
#include "bench/limit_forms.h"

#if defined(__x86_64__) || defined(__aarch64__)
#define LIMIT_TARGET
#define LIMIT_LANES 2

#define LIMIT_NAME  vector16_by_1
#define LIMIT_STEPS 1
#include "bench/limit_template.h"
#define LIMIT_NAME  vector16_by_4
#define LIMIT_STEPS 4
#include "bench/limit_template.h"
#define LIMIT_NAME  vector16_by_8
#define LIMIT_STEPS 8
#include "bench/limit_template.h"

static struct bench_form *add_16(struct bench_form *form)
{
	form = bench_forms_add(form, vector16_by_1_forms);
	form = bench_forms_add(form, vector16_by_4_forms);
	return bench_forms_add(form, vector16_by_8_forms);
}
#endif

#ifdef __x86_64__
#undef LIMIT_TARGET
#undef LIMIT_LANES
#define LIMIT_TARGET __attribute__((target("avx2")))
#define LIMIT_LANES  4

#define LIMIT_NAME  vector32_by_1
#define LIMIT_STEPS 1
#include "bench/limit_template.h"
#define LIMIT_NAME  vector32_by_4
#define LIMIT_STEPS 4
#include "bench/limit_template.h"
#define LIMIT_NAME  vector32_by_8
#define LIMIT_STEPS 8
#include "bench/limit_template.h"

static struct bench_form *add_32(struct bench_form *form)
{
	form = bench_forms_add(form, vector32_by_1_forms);
	form = bench_forms_add(form, vector32_by_4_forms);
	return bench_forms_add(form, vector32_by_8_forms);
}

#undef LIMIT_TARGET
#undef LIMIT_LANES
#define LIMIT_TARGET __attribute__((target("avx512f")))
#define LIMIT_LANES  8

#define LIMIT_NAME  vector64_by_1
#define LIMIT_STEPS 1
#include "bench/limit_template.h"
#define LIMIT_NAME  vector64_by_4
#define LIMIT_STEPS 4
#include "bench/limit_template.h"
#define LIMIT_NAME  vector64_by_8
#define LIMIT_STEPS 8
#include "bench/limit_template.h"

static struct bench_form *add_64(struct bench_form *form)
{
	form = bench_forms_add(form, vector64_by_1_forms);
	form = bench_forms_add(form, vector64_by_4_forms);
	return bench_forms_add(form, vector64_by_8_forms);
}
#endif

size_t bench_limit_vector(struct bench_form *form)
{
	struct bench_form *end = form;

#if defined(__x86_64__) || defined(__aarch64__)
	end = add_16(end);
#endif
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		end = add_32(end);
	if (__builtin_cpu_supports("avx512f"))
		end = add_64(end);
#endif
	return (size_t)(end - form);
}
