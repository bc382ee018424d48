/* SPDX-License-Identifier: MIT */
/* What the printers say of entries of four bytes and of runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/print.h"
#include "examples.h"

static char text[8192];

static void print_walk(const char *example, uint64_t va)
{
	const struct example *ex = example_find(example);
	struct soft_root root = example_root(ex);
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct mem mem;

	assert_non_null(out);
	mem_init(&mem);
	example_store(&mem, ex);
	cli_print_walk(out, &mem.bus, &root, va, SOFT_READ);
	fclose(out);
	mem_fini(&mem);
}

static void test_small_entries(void **state)
{
	print_walk("R5", 0x89abc123);
	assert_string_equal(
		text, "riscv32, 2 levels, top table 0x80001000\n"
		      "  level 1  table 0x80001000, index 550 (VA bits 31:22): "
		      "0x20000801\n"
		      "           PPN[31:10]=0x80002 RSW[9:8]=0x0 D=0 A=0 G=0 "
		      "U=0 X=0 "
		      "W=0 R=0 V=1\n"
		      "           table -> 0x80002000, level 0, RWX\n"
		      "  level 0  table 0x80002000, index 700 (VA bits 21:12): "
		      "0xc48d14d7\n"
		      "           PPN[31:10]=0x312345 RSW[9:8]=0x0 D=1 A=1 G=0 "
		      "U=1 X=0 "
		      "W=1 R=1 V=1\n"
		      "           leaf -> 0x312345000, 4K, RW\n"
		      "VA 0x89abc123 -> OA 0x312345123, RW, in a page of 4K\n");
}

/* In a concatenated top table the index has more bits than in others. */
static void test_wide_top(void **state)
{
	print_walk("S2a", 0xa512345000);
	assert_non_null(strstr(text, "index 660 (VA bits 39:30): "
				     "0x0000000080004003\n"));
}

/* Of a run each entry has its own address; the line is about all of it. */
static void test_runs(void **state)
{
	print_walk("S1c", 0x5a5a5a5a7000);
	assert_non_null(strstr(text, "0x00100003c4d57f47\n"));
	assert_non_null(strstr(text, "leaf -> 0x3c4d50000, 64K, RWX, "
				     "one of a run of 16\n"));
	assert_non_null(strstr(text, "OA 0x3c4d57000, RWX, in a page of 64K"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_entries),
		cmocka_unit_test(test_wide_top),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
