/* SPDX-License-Identifier: MIT */
#include "bench/limit_forms.h"

size_t bench_forms(enum bench_column column, struct bench_form *form)
{
	if (column == BENCH_SCALAR) {
		bench_limit_scalar_scalar(form);
		return BENCH_KIND_FORMS;
	}
	bench_limit_scalar_vector(form);
	return BENCH_KIND_FORMS + bench_limit_vector(form + BENCH_KIND_FORMS);
}
