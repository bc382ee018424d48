/* SPDX-License-Identifier: MIT */
/*
 * Which vector code this processor runs.
 */
#include "run.h"

#include <string.h>

#if defined(__x86_64__)
static bool has_sse2(void)
{
	return true;
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

/*
 * Not where vectors of 512 bits slow the clock down: processors that have VBMI2 are
 * younger than that.
 */
static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vbmi2");
}
#elif defined(__aarch64__)
static bool has_neon(void)
{
	return true;
}
#endif

static const struct port_run variants[] = {
#if defined(__x86_64__)
	{ "avx512", &port_run_avx512, has_avx512 },
	{ "avx2", &port_run_avx2, has_avx2 },
	{ "sse2", &port_run_sse2, has_sse2 },
#elif defined(__aarch64__)
	{ "neon", &port_run_neon, has_neon },
#endif
	{ NULL, NULL, NULL },
};

const struct port_run *port_run_list(void)
{
	return variants;
}

const struct pt_run_ops *port_run_named(const char *name)
{
	const struct port_run *run;

	for (run = variants; run->name; run++)
		if (!strcmp(run->name, name))
			return run->present() ? run->ops : NULL;
	return NULL;
}

#if defined(__SANITIZE_THREAD__)
#define NO_VECTORS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NO_VECTORS 1
#endif
#endif

const struct pt_run_ops *port_run_ops(void)
{
#ifndef NO_VECTORS
	const struct port_run *run;

	for (run = variants; run->name; run++)
		if (run->present())
			return run->ops;
#endif
	return NULL;
}
