/* SPDX-License-Identifier: MIT */
#include "bench/format.h"

const char *const bench_walk_form_name[BENCH_BATCH_FORMS] = {
	[BENCH_WALK_LOOP] = "loop over levels",
	[BENCH_WALK_STRAIGHT] = "straight",
	[BENCH_WALK_BY_4] = "straight by 4",
	[BENCH_WALK_BY_8] = "straight by 8",
	[BENCH_WALK_BY_16] = "16 together",
	[BENCH_WALK_BY_32] = "32 together",
	[BENCH_WALK_BY_64] = "64 together",
	[BENCH_WALK_AHEAD_32] = "32 together, fetched ahead",
	[BENCH_WALK_AHEAD_64] = "64 together, fetched ahead",
	[BENCH_WALK_PIPE_4] = "pipeline, 4 apart",
	[BENCH_WALK_PIPE_8] = "pipeline, 8 apart",
	[BENCH_WALK_PIPE_16] = "pipeline, 16 apart",
	[BENCH_WALK_SOME_4] = "4 together, 256 fetched ahead",
	[BENCH_WALK_SOME_8] = "8 together, 256 fetched ahead",
};

#define DECLARE(fmt)                                         \
	extern const struct bench_format bench_vector_##fmt; \
	extern const struct bench_format bench_scalar_##fmt; \
	extern const struct bench_format bench_counted_##fmt;
BENCH_FORMATS(DECLARE)

const struct bench_format *bench_format(enum bench_column column,
					unsigned int nr)
{
#define VECTOR(fmt) &bench_vector_##fmt,
#define SCALAR(fmt) &bench_scalar_##fmt,
	static const struct bench_format *const formats[2][BENCH_NR_FORMATS] = {
		[BENCH_VECTOR] = { BENCH_FORMATS(VECTOR) },
		[BENCH_SCALAR] = { BENCH_FORMATS(SCALAR) },
	};

	return formats[column][nr];
}

const struct bench_format *bench_format_counted(unsigned int nr)
{
#define COUNTED(fmt) &bench_counted_##fmt,
	static const struct bench_format *const formats[BENCH_NR_FORMATS] = {
		BENCH_FORMATS(COUNTED)
	};

	return formats[nr];
}
