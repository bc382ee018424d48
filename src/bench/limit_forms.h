/* SPDX-License-Identifier: MIT */
/*
 * How the units of the limits give their forms to limit.c.
 */
#ifndef BENCH_LIMIT_FORMS_H
#define BENCH_LIMIT_FORMS_H

#include "bench/limit.h"

/** Forms of one kind of word, of three numbers of steps. */
#define BENCH_KIND_FORMS (3 * BENCH_VARIANTS)

static inline struct bench_form *bench_forms_add(struct bench_form *to,
						 const struct bench_form *forms)
{
	for (unsigned int i = 0; i < BENCH_VARIANTS; i++)
		to[i] = forms[i];
	return to + BENCH_VARIANTS;
}

/* Each stores BENCH_KIND_FORMS forms. */
void bench_limit_scalar_vector(struct bench_form *form);
void bench_limit_scalar_scalar(struct bench_form *form);

/** bench_limit_vector() - forms with vectors that this machine has. Return: how many. */
size_t bench_limit_vector(struct bench_form *form);

#endif
