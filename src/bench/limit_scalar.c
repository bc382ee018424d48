/* SPDX-License-Identifier: MIT */
/*
 * The limits with 8 bytes at a time. This unit is compiled for each column, with the
 * flags of that.
 */
#include "bench/limit_forms.h"

#define LIMIT_TARGET
#define LIMIT_LANES 1

#define LIMIT_NAME  scalar_by_1
#define LIMIT_STEPS 1
#include "bench/limit_template.h"
#define LIMIT_NAME  scalar_by_4
#define LIMIT_STEPS 4
#include "bench/limit_template.h"
#define LIMIT_NAME  scalar_by_8
#define LIMIT_STEPS 8
#include "bench/limit_template.h"

void BENCH_LIMIT_SCALAR(struct bench_form *form)
{
	form = bench_forms_add(form, scalar_by_1_forms);
	form = bench_forms_add(form, scalar_by_4_forms);
	bench_forms_add(form, scalar_by_8_forms);
}
