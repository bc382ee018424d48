/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "run/run.h"

#ifndef UIOMMU_VERSION
#error "the build says which version this is"
#endif

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "bench", cmd_bench }, { "check", cmd_check },
	{ "diff", cmd_diff },   { "draw", cmd_draw },
	{ "dump", cmd_dump },   { "formats", cmd_formats },
	{ "run", cmd_run },     { "walk", cmd_walk },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char help[] =
	"usage: uiommu COMMAND [ARGUMENT]...\n"
	"       uiommu --help | --version\n"
	"\n"
	"  bench     measure how fast page tables are\n"
	"  check     find what is wrong with a page table in a memory image\n"
	"  diff      print what changed between two page tables\n"
	"  draw      draw a page table in a memory image\n"
	"  dump      print what a page table in a memory image maps\n"
	"  formats   list the formats of page tables\n"
	"  run       run a program that uses IOMMUFD and VFIO where there is "
	"no IOMMU\n"
	"  walk      print one translation, level by level\n"
	"\n"
	"'uiommu COMMAND --help' says more about each.\n";

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	for (size_t i = 0; argc > 1 && i < NR_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].main(argc - 1, argv + 1);
	if (argc > 1 &&
	    (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(help, stdout);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("uiommu " UIOMMU_VERSION);
		return 0;
	}
	if (argc > 1)
		fprintf(stderr,
			"uiommu: no command '%s'; see 'uiommu --help'\n",
			argv[1]);
	else
		fputs("uiommu: no command given; see 'uiommu --help'\n",
		      stderr);
	return RUN_EXIT_FAILED;
}
