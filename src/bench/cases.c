/* SPDX-License-Identifier: MIT */
/* The rows, and their targets: of the vector build, and of the scalar one. */
#include "bench/case.h"

/* What two threads gain, to what those of the limit gain. */
#define TWO (1 / 0.9)

/* clang-format off */
#define PAGES(l, name)                                              \
	{                                                           \
		.measure = bench_case_pages, .level = l, .parts = 2, \
		.part = {                                           \
			{ "map 256 x " name, { 1.5, 1.2 } },        \
			{ "unmap 256 x " name, { 1.7, 1.5 } },      \
		},                                                  \
	}

#define SINGLE(l, size, name)                                       \
	{                                                           \
		.measure = bench_case_single, .level = l, .lg2 = size, \
		.parts = 2,                                         \
		.part = {                                           \
			{ "map " name, { 2.5, 2.5 } },              \
			{ "unmap " name, { 2.5, 2.5 } },            \
		},                                                  \
	}

#define LATENCY(size, name)                                         \
	{                                                           \
		.measure = bench_case_chain, .lg2 = size, .parts = 1, \
		.part = { { "iova_to_phys latency " name, { 1.1, 1.1 } } }, \
	}

#define LOOKUPS(size, name)                                         \
	{                                                           \
		.measure = bench_case_lookups, .lg2 = size, .parts = 1, \
		.part = { { "iova_to_phys throughput " name, { 1.5, 1.5 } } }, \
	}

#define BATCH(size, name)                                           \
	{                                                           \
		.measure = bench_case_batch, .lg2 = size, .parts = 1, \
		.part = { { "iova_to_phys_list " name, { 1.2, 1.2 } } }, \
	}

#define DIRTY(name, how)                                            \
	{                                                           \
		.measure = bench_case_dirty, .lg2 = 36, .more = how, \
		.parts = 1,                                         \
		.part = { { "dirty " name, { 1.15, 1.5 }, BENCH_NS_PAGE } }, \
	}

#define DIRTY_TWO(name, how)                                        \
	{                                                           \
		.measure = bench_case_dirty, .lg2 = 36,             \
		.more = (how) | BENCH_TWO_THREADS, .parts = 1,      \
		.part = { { "dirty " name ", 2 threads", { TWO, TWO }, \
			    BENCH_NS_PAGE, .may_beat = true } },    \
	}

#define COUNT(name)                                                 \
	{ "entries: " name, { 1, 1 }, BENCH_ENTRIES, .may_beat = true }
/* clang-format on */

const struct bench_case bench_cases[] = {
	PAGES(0, "4K"),
	PAGES(1, "2M"),
	PAGES(2, "1G"),
	SINGLE(0, 12, "4K"),
	SINGLE(0, 16, "64K"),
	SINGLE(1, 21, "2M"),
	SINGLE(2, 30, "1G"),
	{ .measure = bench_case_unmap_tables,
	  .more = true,
	  .parts = 1,
	  .part = { { "unmap a whole table", { 2.5, 2.5 } } } },
	{ .measure = bench_case_unmap_tables,
	  .parts = 1,
	  .part = { { "unmap 64 whole tables",
		      { 2.5, 2.5 },
		      BENCH_NS_TABLE } } },
	{ .measure = bench_case_fill,
	  .lg2 = 34,
	  .parts = 1,
	  .part = { { "map 16 GiB as 4K", { 1.1, 1.2 }, BENCH_NS_PAGE } } },
	{ .measure = bench_case_list,
	  .parts = 1,
	  .part = { { "map_list 256 x 4K", { 2, 2 }, BENCH_NS_PAGE, 2 } } },
	{ .measure = bench_case_cold,
	  .parts = 1,
	  .part = { { "map 4K, cold", { 1.15, 1.15 } } } },
	{ .measure = bench_case_cold,
	  .more = true,
	  .parts = 1,
	  .part = { { "map 4K, cold, zero table",
		      { 0.5, 0.5 },
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
	  .part = { { "map, unmap 256 x 4K, 2 threads",
		      { TWO, TWO },
		      .may_beat = true } } },
	{ .measure = bench_case_count,
	  .parts = 8,
	  .part = { COUNT("map 4K"), COUNT("iova_to_phys"), COUNT("unmap 4K"),
		    COUNT("map 256 x 4K"), COUNT("dirty 256 x 4K"),
		    COUNT("unmap 256 x 4K"), COUNT("map a table"),
		    COUNT("unmap a table") } },
	{ 0 },
};
