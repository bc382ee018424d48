/* SPDX-License-Identifier: MIT */
/*
 * What a dump costs.
 *
 *	build/bench/bench_dump build/uiommu [ROUNDS]
 *
 * A VT-d table of 16 million pages, none of which continues the one before: a line
 * for each. `uiommu dump` of it into a file, against a loop over the same mappings in
 * memory, which formats them with the dump's own function and writes them to a
 * file as well; and against one that formats with fprintf(). Processor time, user and
 * system, in seconds: the least of the rounds, which alternate. Then how much memory
 * the dump took.
 */
#include <fcntl.h>
#include <locale.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/mapping_print.h"

#define LEAVES (UINT64_C(16) << 20)
#define ITEMS  512u
#define PAGE   UINT64_C(4096)
#define RW     3u

static void __attribute__((noreturn)) die(const char *what)
{
	perror(what);
	exit(1);
}

/* Where page @i goes: never where the page before it would lead. */
static uint64_t oa_of(uint64_t i)
{
	return (i * 7 % LEAVES) * PAGE | UINT64_C(1) << 40;
}

static void write_table(FILE *file, const uint64_t *item)
{
	if (fwrite(item, sizeof(*item), ITEMS, file) != ITEMS)
		die("image");
}

/* @count tables that point at the pages from @base on. */
static void write_tables(FILE *file, uint64_t base, uint64_t count)
{
	uint64_t item[ITEMS] = { 0 };

	for (uint64_t i = 0; i < count; i++) {
		item[i % ITEMS] = (base + i) * PAGE | RW;
		if (i % ITEMS == ITEMS - 1 || i == count - 1)
			write_table(file, item);
	}
}

/* The top table at 0, one of level 2, then all of level 1, then all of level 0. */
static void write_image(const char *name)
{
	uint64_t lowest = LEAVES / ITEMS, middle = lowest / ITEMS;
	uint64_t item[ITEMS];
	FILE *file = fopen(name, "w");

	if (!file)
		die(name);
	write_tables(file, 1, 1);
	write_tables(file, 2, middle);
	write_tables(file, 2 + middle, lowest);
	for (uint64_t i = 0; i < LEAVES; i++) {
		item[i % ITEMS] = oa_of(i) | RW;
		if (i % ITEMS == ITEMS - 1)
			write_table(file, item);
	}
	if (fclose(file))
		die(name);
}

/* ---- the sides ---- */

/** struct page - a mapping in memory. */
struct page {
	uint64_t va, raw;
};

/* All that both ways to format need is there before the clock starts. */
static struct page *make_pages(void)
{
	struct page *page = malloc(LEAVES * sizeof(*page));

	if (!page)
		die("malloc");
	for (uint64_t i = 0; i < LEAVES; i++)
		page[i] = (struct page){ i * PAGE, oa_of(i) | RW };
	return page;
}

static void format_own(FILE *file, const struct page *page)
{
	static struct cli_out out;
	struct cli_source source = {
		.table.root.format = soft_format_find("vtdss"),
		.table.root.levels = 4,
	};
	struct cli_mapping m = { .kind = CLI_MAPPED, .size_lg2 = 12 };
	struct cli_mapping_style style;

	cli_mapping_style_init(&style, &source);
	cli_out_init(&out, file);
	for (uint64_t i = 0; i < LEAVES; i++) {
		m.va = page[i].va;
		m.last = m.va + PAGE - 1;
		m.oa = page[i].raw & ~(PAGE - 1);
		m.prot = (unsigned int)page[i].raw & RW;
		m.count = 1;
		cli_mapping_line(&out, &style, &m);
	}
	if (cli_out_finish(&out))
		exit(1);
}

static void format_printf(FILE *file, const struct page *page)
{
	char range[40];

	for (uint64_t i = 0; i < LEAVES; i++) {
		snprintf(range, sizeof(range), "0x%llx-0x%llx",
			 (unsigned long long)page[i].va,
			 (unsigned long long)(page[i].va + PAGE - 1));
		fprintf(file, "%-29s%20s  %c%c  -> 0x%llx\n", range, "4K",
			page[i].raw & 1 ? 'R' : '-',
			page[i].raw & 2 ? 'W' : '-',
			(unsigned long long)(page[i].raw & ~(PAGE - 1)));
	}
}

/**
 * struct side - what is measured
 * @format: in this process; NULL = the command
 */
struct side {
	const char *name;
	void (*format)(FILE *file, const struct page *page);
	double least;
	long memory;
	off_t bytes;
};

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static double used(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
}

static double run_here(struct side *side, const char *name,
		       const struct page *page)
{
	FILE *file = fopen(name, "w");
	double start;

	if (!file)
		die(name);
	start = used(RUSAGE_SELF);
	side->format(file, page);
	if (fclose(file))
		die(name);
	return used(RUSAGE_SELF) - start;
}

static double run_command(struct side *side, const char *name,
			  const char *uiommu, const char *image)
{
	const char *const args[] = { uiommu,     "dump", "--format", "vtdss",
				     "--levels", "4",    "--root",   "0",
				     image,      NULL };
	posix_spawn_file_actions_t output;
	struct rusage usage;
	int status;
	pid_t pid;

	if (posix_spawn_file_actions_init(&output) ||
	    posix_spawn_file_actions_addopen(
		    &output, 1, name, O_WRONLY | O_CREAT | O_TRUNC, 0600) ||
	    posix_spawn(&pid, uiommu, &output, NULL, (char **)args, environ))
		die(uiommu);
	posix_spawn_file_actions_destroy(&output);
	if (wait4(pid, &status, 0, &usage) != pid || status) {
		fprintf(stderr, "bench_dump: the dump failed\n");
		exit(1);
	}
	side->memory = usage.ru_maxrss;
	return seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
}

static off_t size_of(const char *name)
{
	FILE *file = fopen(name, "r");
	off_t bytes;

	if (!file || fseeko(file, 0, SEEK_END))
		die(name);
	bytes = ftello(file);
	fclose(file);
	return bytes;
}

int main(int argc, char **argv)
{
	char directory[] = "/tmp/uiommu-bench-XXXXXX";
	char image[64], output[64];
	int rounds = argc > 2 ? atoi(argv[2]) : 3;
	struct side side[] = {
		{ .name = "uiommu dump" },
		{ .name = "the same from memory", .format = format_own },
		{ .name = "by fprintf() from memory", .format = format_printf },
	};
	struct page *page;
	long memory;

	setlocale(LC_CTYPE, "");
	if (argc < 2 || rounds < 1) {
		fprintf(stderr, "usage: bench_dump UIOMMU [ROUNDS]\n");
		return 1;
	}
	if (!mkdtemp(directory))
		die(directory);
	snprintf(image, sizeof(image), "%s/image", directory);
	snprintf(output, sizeof(output), "%s/output", directory);
	write_image(image);
	/* Before this process is large: the memory of one is counted to its child. */
	run_command(&side[0], output, argv[1], image);
	memory = side[0].memory;
	page = make_pages();
	for (int i = 0; i < rounds; i++) {
		for (unsigned int s = 0; s < 3; s++) {
			double t = s ? run_here(&side[s], output, page)
				     : run_command(&side[s], output, argv[1],
						   image);

			side[s].bytes = size_of(output);
			if (!i || t < side[s].least)
				side[s].least = t;
		}
	}
	printf("%-26s %8s %8s %10s\n", "16777216 leaves", "seconds", "ratio",
	       "bytes");
	for (unsigned int s = 0; s < 3; s++)
		printf("%-26s %8.2f %8.2f %10lld%s\n", side[s].name,
		       side[s].least, side[0].least / side[s].least,
		       (long long)side[s].bytes, s == 1 ? "  (limit 1.5)" : "");
	printf("memory of the dump: %.1f MiB  (limit 64)\n",
	       (double)memory / 1024);
	free(page);
	unlink(image);
	unlink(output);
	rmdir(directory);
	return 0;
}
