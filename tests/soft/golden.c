/* SPDX-License-Identifier: MIT */
/*
 * The printers against approved text. With UPDATE_GOLDEN=1 in the environment the
 * files are written instead of compared; look at what changed before committing it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <cmocka.h>

#include "cli/print.h"
#include "examples.h"
#include "rig.h"

#define OA UINT64_C(0x200000000)

static const char *golden_dir;

/** struct paper - what is printed, in memory. */
struct paper {
	char *text;
	size_t size;
	FILE *out;
};

static void paper_init(struct paper *paper)
{
	paper->out = open_memstream(&paper->text, &paper->size);
	assert_non_null(paper->out);
}

static FILE *golden_open(const char *name, const char *mode)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.txt", golden_dir, name);
	file = fopen(path, mode);
	assert_non_null(file);
	return file;
}

/* Compare with the approved text of that name, and throw the paper away. */
static void check(struct paper *paper, const char *name)
{
	static char approved[65536];
	FILE *file;

	fclose(paper->out);
	if (getenv("UPDATE_GOLDEN")) {
		file = golden_open(name, "w");
		fputs(paper->text, file);
		fclose(file);
	}
	file = golden_open(name, "r");
	approved[fread(approved, 1, sizeof(approved) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(paper->text, approved);
	free(paper->text);
}

static void print_tree(struct rig *rig, struct paper *paper)
{
	cli_print_tree(paper->out, &rig->mem.bus, &rig->root, 0, UINT64_MAX);
}

/* ------------------------------------------------ trees */

/* What a first client maps: a buffer, a page to read, a page somewhere else. */
static void map_buffer(struct rig *rig)
{
	for (uint64_t i = 0; i < 16; i++)
		mem_put(&rig->mem, rig_entry(rig, 0x10000 + i * 0x1000, 0),
			(OA + i * 0x1000) | SS_RW);
	mem_put(&rig->mem, rig_entry(rig, 0x20000, 0), (OA + 0x10000) | SS_R);
	mem_put(&rig->mem, rig_entry(rig, 0x22000, 0), (OA + 0x50000) | SS_RW);
	for (uint64_t i = 0; i < 3; i++)
		mem_put(&rig->mem, rig_entry(rig, 0x600000 + i * 0x200000, 1),
			(OA + 0x40000000 + i * 0x200000) | SS_RW | SS_PS);
}

static void test_tree(void **state)
{
	struct paper paper;
	struct rig rig;

	rig_init(&rig);
	map_buffer(&rig);
	paper_init(&paper);
	print_tree(&rig, &paper);
	check(&paper, "tree");
	setlocale(LC_ALL, "C");
	paper_init(&paper);
	print_tree(&rig, &paper);
	check(&paper, "tree-ascii");
	setlocale(LC_ALL, "C.UTF-8");
	/* A part: the entries that it touches. */
	paper_init(&paper);
	cli_print_tree(paper.out, &rig.mem.bus, &rig.root, 0x1f000, 0x20fff);
	check(&paper, "tree-part");
	rig_fini(&rig);
}

static void test_tree_of_nothing(void **state)
{
	struct paper paper;
	struct rig rig;

	rig_init(&rig);
	paper_init(&paper);
	print_tree(&rig, &paper);
	rig.root.levels = 2;
	print_tree(&rig, &paper);
	check(&paper, "tree-nothing");
	rig_fini(&rig);
}

/* One run through four tables; only two of them it fills. */
static void test_tree_of_edges(void **state)
{
	struct paper paper;
	struct rig rig;

	rig_init(&rig);
	for (uint64_t i = 256; i < 1800; i++)
		mem_put(&rig.mem, rig_entry(&rig, i * 0x1000, 0),
			(OA + i * 0x1000) | SS_RW);
	paper_init(&paper);
	print_tree(&rig, &paper);
	check(&paper, "tree-edges");
	rig_fini(&rig);
}

/* 64 MiB of small pages in one piece, then as much in pieces, and odd pages. */
static void test_tree_of_much(void **state)
{
	struct paper paper;
	struct rig rig;

	rig_init(&rig);
	for (uint64_t i = 0; i < 16384; i++) {
		mem_put(&rig.mem, rig_entry(&rig, i * 0x1000, 0),
			(OA + i * 0x1000) | SS_RW);
		mem_put(&rig.mem, rig_entry(&rig, 0x40000000 + i * 0x1000, 0),
			(OA + i * 0x3000) | SS_RW);
	}
	mem_put(&rig.mem, rig_entry(&rig, 0x4300f000, 0), OA | SS_PS);
	mem_put(&rig.mem, rig_entry(&rig, 0x43020000, 0),
		UINT64_C(1) << 62 | SS_R);
	paper_init(&paper);
	print_tree(&rig, &paper);
	check(&paper, "tree-much");
	rig_fini(&rig);
}

/* Every line would be shown, were it not for their number. */
static void test_tree_of_too_much(void **state)
{
	struct paper paper;
	struct rig rig;
	size_t lines = 0;

	rig_init(&rig);
	for (unsigned int t = 0; t < 3; t++)
		for (uint64_t i = 0; i < 512; i++)
			mem_put(&rig.mem, RIG_TABLES + t * MEM_PAGE + i * 8,
				(RIG_TABLES + (t + 1) * MEM_PAGE) | SS_RW);
	/* Scattered leaves, so that nothing merges. */
	for (uint64_t i = 0; i < 512; i++)
		mem_put(&rig.mem, RIG_TABLES + 2 * MEM_PAGE + i * 8,
			(OA + (i * 7 % 512) * 0x1000) | SS_RW);
	paper_init(&paper);
	print_tree(&rig, &paper);
	fclose(paper.out);
	for (const char *c = paper.text; *c; c++)
		lines += *c == '\n';
	assert_in_range(lines, 50, 220);
	assert_non_null(strstr(paper.text, "more entries"));
	assert_non_null(strstr(paper.text, "given up after"));
	free(paper.text);
	rig_fini(&rig);
}

static void test_tree_of_harm(void **state)
{
	struct paper paper;
	struct rig rig;

	rig_init(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	for (unsigned int i = 0x20; i < 0x24; i++)
		mem_put(&rig.mem, rig_entry(&rig, i * 0x1000, 0),
			UINT64_C(3) << 61 | SS_R);
	mem_put(&rig.mem, rig_entry(&rig, 0x600000, 1), 0x66666000 | SS_RW);
	mem_put(&rig.mem, rig_entry(&rig, 0x800000, 1), RIG_TABLES | SS_RW);
	mem_put(&rig.mem, rig_entry(&rig, 0xa00000, 1),
		0x12345000 | SS_RW | SS_PS);
	paper_init(&paper);
	print_tree(&rig, &paper);
	check(&paper, "tree-harm");
	rig_fini(&rig);
}

/* Each worked example, and what a dirty page looks like. */
static void test_tree_of_examples(void **state)
{
	struct paper paper;

	paper_init(&paper);
	for (size_t i = 0; i < NR_EXAMPLES; i++) {
		struct soft_root root = example_root(&examples[i]);
		struct mem mem;

		mem_init(&mem);
		example_store(&mem, &examples[i]);
		if (!strcmp(examples[i].name, "A3")) {
			root.features |= SOFT_FEAT_HW_DIRTY;
			mem_put(&mem, example_pa(&examples[i], 2) + 8,
				examples[i].entry[2].value | 1 << 6);
		}
		fprintf(paper.out, "%s: ", examples[i].name);
		cli_print_tree(paper.out, &mem.bus, &root, 0, UINT64_MAX);
		mem_fini(&mem);
	}
	check(&paper, "tree-examples");
}

/* ------------------------------------------------ walks */

static void test_walk_of_examples(void **state)
{
	struct paper paper;

	paper_init(&paper);
	for (size_t i = 0; i < NR_EXAMPLES; i++) {
		struct soft_root root = example_root(&examples[i]);
		struct mem mem;

		mem_init(&mem);
		example_store(&mem, &examples[i]);
		fprintf(paper.out, "%s: ", examples[i].name);
		assert_int_equal(cli_print_walk(paper.out, &mem.bus, &root,
						examples[i].va + 0x123, 0),
				 SOFT_OK);
		mem_fini(&mem);
	}
	check(&paper, "walk-examples");
}

static void walk_at(struct rig *rig, struct paper *paper, uint64_t va,
		    unsigned int access, enum soft_reason reason)
{
	assert_int_equal(cli_print_walk(paper->out, &rig->mem.bus, &rig->root,
					va, access),
			 reason);
}

static void test_walk_that_stops(void **state)
{
	struct paper paper;
	struct rig rig;

	rig_init(&rig);
	map_buffer(&rig);
	mem_put(&rig.mem, rig_entry(&rig, 0x30000, 0),
		UINT64_C(0xb61) << 52 | OA | SS_R);
	mem_put(&rig.mem, rig_entry(&rig, 0x40000000, 1), 0x66666000 | SS_RW);
	paper_init(&paper);
	walk_at(&rig, &paper, 0x25678, 0, SOFT_FAULT_NOT_PRESENT);
	walk_at(&rig, &paper, 0x20010, SOFT_WRITE, SOFT_FAULT_PERMISSION);
	walk_at(&rig, &paper, 0x30000, 0, SOFT_FAULT_BAD_ENTRY);
	walk_at(&rig, &paper, 0x40001000, 0, SOFT_FAULT_BUS);
	walk_at(&rig, &paper, UINT64_C(1) << 40, 0, SOFT_FAULT_RANGE);
	rig.root.pa += 4;
	walk_at(&rig, &paper, 0x10000, 0, SOFT_FAULT_BAD_ROOT);
	/* A table two levels down, and an address beside it. */
	rig.root = (struct soft_root){
		.format = soft_format_find("amdv1"),
		.pa = rig.next_table,
		.levels = 3,
	};
	mem_put(&rig.mem, rig.next_table, 0x6000000080002201);
	walk_at(&rig, &paper, 0x200000, 0, SOFT_FAULT_NOT_PRESENT);
	check(&paper, "walk-stops");
	rig_fini(&rig);
}

/* ------------------------------------------------ one line */

static void fault_at(struct rig *rig, struct paper *paper, uint64_t va,
		     unsigned int access)
{
	uint8_t byte = 0;

	soft_iommu_dma(rig->iommu, RIG_RID, 0, va, &byte, 1, access, NULL);
	cli_print_fault(paper->out, &rig->fault, "0000:00:01.0");
}

static void test_faults(void **state)
{
	struct paper paper;
	struct rig rig;
	uint8_t byte = 0;

	rig_init(&rig);
	map_buffer(&rig);
	mem_put(&rig.mem, rig_entry(&rig, 0x30000, 0),
		UINT64_C(1) << 62 | SS_R);
	mem_put(&rig.mem, rig_entry(&rig, 0x40000000, 1), 0x66666000 | SS_RW);
	paper_init(&paper);
	fault_at(&rig, &paper, 0x80000, SOFT_WRITE);
	fault_at(&rig, &paper, 0x20000, SOFT_WRITE);
	fault_at(&rig, &paper, 0x30000, SOFT_READ);
	fault_at(&rig, &paper, UINT64_C(1) << 39, SOFT_READ);
	fault_at(&rig, &paper, 0x10008, SOFT_READ);
	fault_at(&rig, &paper, 0x40000000, SOFT_READ);
	soft_iommu_dma(rig.iommu, RIG_RID, 9, 0x1000, &byte, 1, SOFT_READ,
		       NULL);
	cli_print_fault(paper.out, &rig.fault, "0000:00:01.0");
	rig.root.levels = 9;
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_TRANSLATE, RIG_DOMAIN);
	fault_at(&rig, &paper, 0x10000, SOFT_WRITE);
	rig_set(&rig, RIG_RID, 0, SOFT_MODE_IDENTITY, 0);
	fault_at(&rig, &paper, 0x5000, SOFT_WRITE);
	check(&paper, "faults");
	rig_fini(&rig);
}

static void test_suspects(void **state)
{
	struct paper paper;
	struct rig rig;

	rig_init(&rig);
	rig_map(&rig, 0x10000, OA, SS_RW);
	rig_peek(&rig, 0x10000);
	rig_clear(&rig, 0x10000, 0);
	rig_invalidate(&rig, 0x11000, 0x11fff);
	soft_iommu_unmapped(rig.iommu, RIG_DOMAIN, 0x10000, 0x10fff);
	rig_peek(&rig, 0x10020);
	assert_int_equal(rig.suspects, 1);
	rig.suspect.history = rig.history;
	paper_init(&paper);
	cli_print_suspect(paper.out, &rig.suspect, "0000:00:01.0");
	check(&paper, "suspects");
	rig_fini(&rig);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_tree_of_nothing),
		cmocka_unit_test(test_tree_of_edges),
		cmocka_unit_test(test_tree_of_much),
		cmocka_unit_test(test_tree_of_too_much),
		cmocka_unit_test(test_tree_of_harm),
		cmocka_unit_test(test_tree_of_examples),
		cmocka_unit_test(test_walk_of_examples),
		cmocka_unit_test(test_walk_that_stops),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_suspects),
	};

	if (argc != 2 || !setlocale(LC_ALL, "C.UTF-8")) {
		fprintf(stderr, "usage: %s GOLDEN-DIR (needs C.UTF-8)\n",
			argv[0]);
		return 1;
	}
	golden_dir = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
