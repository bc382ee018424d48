/* SPDX-License-Identifier: MIT */
/* The rows, and their targets: of the vector build, and of the scalar one. */
#include "bench/case.h"

#define PAGES(l, name)                                               \
	{                                                            \
		.measure = bench_case_pages, .level = l, .parts = 2, \
		.part = {                                            \
			{ "map 256 x " name, { 1.5, 1.2 } },         \
			{ "unmap 256 x " name, { 1.7, 1.5 } },       \
		},                                                   \
	}

#define SINGLE(l, size, name)                                          \
	{                                                              \
		.measure = bench_case_single, .level = l, .lg2 = size, \
		.parts = 2,                                            \
		.part = {                                              \
			{ "map " name, { 2.5, 2.5 } },                 \
			{ "unmap " name, { 2.5, 2.5 } },               \
		},                                                     \
	}

#define LOOKUP(size, name)                                                     \
	{                                                                      \
		.measure = bench_case_chain,                                   \
		.lg2 = size,                                                   \
		.parts = 1,                                                    \
		.part = { { "iova_to_phys latency " name, { 1.1, 1.1 } } },    \
	},                                                                     \
	{                                                                      \
		.measure = bench_case_lookups, .lg2 = size, .parts = 1,        \
		.part = { { "iova_to_phys throughput " name, { 1.5, 1.5 } } }, \
	}

const struct bench_case bench_cases[] = {
	PAGES(0, "4K"),       PAGES(1, "2M"),
	PAGES(2, "1G"),       SINGLE(0, 12, "4K"),
	SINGLE(0, 16, "64K"), SINGLE(1, 21, "2M"),
	SINGLE(2, 30, "1G"),  LOOKUP(30, "1 GiB"),
	LOOKUP(36, "64 GiB"), { 0 },
};
