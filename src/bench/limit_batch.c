/* SPDX-License-Identifier: MIT */
/*
 * The limits of lookups with vectors of each width: all addresses of a level together,
 * and nothing is looked at but where items lead.
 */
#include "bench/format.h"

#if defined(__x86_64__) || defined(__aarch64__)
#define BATCH_NAME  batch16
#define BATCH_LANES 2
#define BATCH_TARGET
#define BATCH_GATHER(at)           \
	(batch16_lanes_t)          \
	{                          \
		*(at)[0], *(at)[1] \
	}
#include "bench/limit_batch_template.h"
#endif

#ifdef __x86_64__
#include "port/run_avx.h"

#define BATCH_NAME       batch32
#define BATCH_LANES      4
#define BATCH_TARGET     __attribute__((target("avx2")))
#define BATCH_GATHER(at) (batch32_lanes_t) port_gather_avx(at)
#include "bench/limit_batch_template.h"

#define BATCH_NAME       batch64
#define BATCH_LANES      8
#define BATCH_TARGET     __attribute__((target("avx512f")))
#define BATCH_GATHER(at) (batch64_lanes_t) port_gather_avx512(at)
#include "bench/limit_batch_template.h"
#endif

unsigned int bench_vector_batches(struct bench_batch *batch)
{
	unsigned int nr = 0;

#if defined(__x86_64__) || defined(__aarch64__)
	batch[nr++] =
		(struct bench_batch){ "vector16, 64 together", batch16_64 };
	batch[nr++] =
		(struct bench_batch){ "vector16, 256 together", batch16_256 };
#endif
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		batch[nr++] = (struct bench_batch){ "vector32, 64 together",
						    batch32_64 };
		batch[nr++] = (struct bench_batch){ "vector32, 256 together",
						    batch32_256 };
	}
	if (__builtin_cpu_supports("avx512f")) {
		batch[nr++] = (struct bench_batch){ "vector64, 64 together",
						    batch64_64 };
		batch[nr++] = (struct bench_batch){ "vector64, 256 together",
						    batch64_256 };
	}
#endif
	return nr;
}
