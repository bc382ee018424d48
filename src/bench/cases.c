/* SPDX-License-Identifier: MIT */
/* The rows, and their targets: of the vector build, and of the scalar one. */
#include "bench/case.h"

/* What two threads gain, to what those of the limit gain. */
#define TWO (1 / 0.9)

#define PAGES(l, what)                                                         \
	{                                                                      \
		.measure = bench_case_pages, .level = l, .parts = 2,           \
		.part = {                                                      \
			{ .name = "map 256 x " what, .target = { 1.5, 1.2 } }, \
			{ .name = "unmap 256 x " what,                         \
			  .target = { 1.7, 1.5 } },                            \
		},                                                             \
	}

/* The same, where the limit has to find the table, too. */
#define PAGES_WALK(l, what)                                              \
	{                                                                \
		.measure = bench_case_pages, .level = l, .more = true,   \
		.parts = 2,                                              \
		.part = {                                                \
			{ .name = "map 256 x " what ", beside a walk",   \
			  .target = { 1.5, 1.2 } },                      \
			{ .name = "unmap 256 x " what ", beside a walk", \
			  .target = { 1.7, 1.5 } },                      \
		},                                                       \
	}

#define SINGLE(l, size, what)                                              \
	{                                                                  \
		.measure = bench_case_single, .level = l, .lg2 = size,     \
		.parts = 2,                                                \
		.part = {                                                  \
			{ .name = "map " what, .target = { 2.5, 2.5 } },   \
			{ .name = "unmap " what, .target = { 2.5, 2.5 } }, \
		},                                                         \
	}

#define LATENCY(size, what)                                           \
	{                                                             \
		.measure = bench_case_chain, .lg2 = size, .parts = 1, \
		.part = { { .name = "iova_to_phys latency " what,     \
			    .target = { 1.1, 1.1 } } },               \
	}

#define LOOKUPS(size, what)                                             \
	{                                                               \
		.measure = bench_case_lookups, .lg2 = size, .parts = 1, \
		.part = { { .name = "iova_to_phys throughput " what,    \
			    .target = { 1.5, 1.5 } } },                 \
	}

#define BATCH(size, what)                                             \
	{                                                             \
		.measure = bench_case_batch, .lg2 = size, .parts = 1, \
		.part = { { .name = "iova_to_phys_list " what,        \
			    .target = { 1.2, 1.2 } } },               \
	}

#define DIRTY(what, how)                                             \
	{                                                            \
		.measure = bench_case_dirty, .lg2 = 36, .more = how, \
		.parts = 1,                                          \
		.part = { { .name = "dirty " what,                   \
			    .target = { 1.15, 1.5 },                 \
			    .unit = BENCH_NS_PAGE } },               \
	}

#define DIRTY_TWO(what, how)                                     \
	{                                                        \
		.measure = bench_case_dirty, .lg2 = 36,          \
		.more = (how) | BENCH_TWO_THREADS, .parts = 1,   \
		.part = { { .name = "dirty " what ", 2 threads", \
			    .target = { TWO, TWO },              \
			    .unit = BENCH_NS_PAGE,               \
			    .may_beat = true } },                \
	}

#define COUNT(what)                                           \
	{                                                     \
		.name = "entries: " what, .target = { 1, 1 }, \
		.unit = BENCH_ENTRIES, .may_beat = true       \
	}

const struct bench_case bench_cases[] = {
	PAGES(0, "4K"),
	PAGES(1, "2M"),
	PAGES(2, "1G"),
	PAGES_WALK(0, "4K"),
	SINGLE(0, 12, "4K"),
	SINGLE(0, 16, "64K"),
	SINGLE(1, 21, "2M"),
	SINGLE(2, 30, "1G"),
	{ .measure = bench_case_unmap_tables,
	  .more = true,
	  .parts = 1,
	  .part = { { .name = "unmap a whole table",
		      .target = { 2.5, 2.5 } } } },
	{ .measure = bench_case_unmap_tables,
	  .parts = 1,
	  .part = { { .name = "unmap 64 whole tables",
		      .target = { 2.5, 2.5 },
		      .unit = BENCH_NS_TABLE } } },
	{ .measure = bench_case_fill,
	  .lg2 = 34,
	  .parts = 1,
	  .part = { { .name = "map 16 GiB as 4K",
		      .target = { 1.1, 1.2 },
		      .unit = BENCH_NS_PAGE } } },
	{ .measure = bench_case_list,
	  .parts = 1,
	  .part = { { .name = "map_list 256 x 4K",
		      .target = { 2, 2 },
		      .unit = BENCH_NS_PAGE,
		      .max_ns = 2 } } },
	{ .measure = bench_case_cold,
	  .parts = 1,
	  .part = { { .name = "map 4K, cold", .target = { 1.15, 1.15 } } } },
	{ .measure = bench_case_cold,
	  .more = true,
	  .parts = 1,
	  .part = { { .name = "map 4K, cold, zero table",
		      .target = { 0.5, 0.5 },
		      .may_beat = true } } },
	LATENCY(30, "1 GiB"),
	LOOKUPS(30, "1 GiB"),
	BATCH(30, "1 GiB"),
	LATENCY(36, "64 GiB"),
	LOOKUPS(36, "64 GiB"),
	BATCH(36, "64 GiB"),
	DIRTY("0 %", BENCH_CLEAR | 0),
	DIRTY("1 %", BENCH_CLEAR | 1),
	DIRTY("100 %", BENCH_CLEAR | 100),
	DIRTY("100 %, no clear", 100),
	DIRTY_TWO("0 %", BENCH_CLEAR | 0),
	DIRTY_TWO("1 %", BENCH_CLEAR | 1),
	DIRTY_TWO("100 %", BENCH_CLEAR | 100),
	{ .measure = bench_case_threads,
	  .parts = 1,
	  .part = { { .name = "map, unmap 256 x 4K, 2 threads",
		      .target = { TWO, TWO },
		      .may_beat = true } } },
	{ .measure = bench_case_count,
	  .parts = 8,
	  .part = { COUNT("map 4K"), COUNT("iova_to_phys"), COUNT("unmap 4K"),
		    COUNT("map 256 x 4K"), COUNT("dirty 256 x 4K"),
		    COUNT("unmap 256 x 4K"), COUNT("map a table"),
		    COUNT("unmap a table") } },
	{ 0 },
};
