/* SPDX-License-Identifier: MIT */
/**
 * DOC: A fuzzer without libFuzzer
 *
 * LLVMFuzzerTestOneInput() is run on each file of a corpus, and then on a fixed number
 * of mutations of them, which are the same each time:
 *
 *	test-... CORPUS-DIR [RUNS [SEED]]
 *
 * For `make fuzz` the same source is compiled with UIOMMU_LIBFUZZER, and libFuzzer has
 * main() and mutations of its own. Included by one file of a program.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <dirent.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef UIOMMU_LIBFUZZER

#define FUZZ_MAX_FILES 128u
#define FUZZ_MAX_SIZE  65536u

/** struct fuzz_input - bytes, with room to grow. */
struct fuzz_input {
	uint8_t byte[FUZZ_MAX_SIZE];
	size_t size;
};

static struct fuzz_input fuzz_corpus[FUZZ_MAX_FILES];
static size_t fuzz_files;

static uint64_t fuzz_state;

/** fuzz_draw() - a number below @below; xorshift64*, the same on all machines. */
static uint64_t fuzz_draw(uint64_t below)
{
	fuzz_state ^= fuzz_state >> 12;
	fuzz_state ^= fuzz_state << 25;
	fuzz_state ^= fuzz_state >> 27;
	return (fuzz_state * UINT64_C(0x2545f4914f6cdd1d) >> 11) % below;
}

static int fuzz_by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void fuzz_load(const char *directory)
{
	struct dirent **entry;
	int n = scandir(directory, &entry, NULL, fuzz_by_name);

	for (int i = 0; i < n; i++) {
		char path[4096];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", directory,
			 entry[i]->d_name);
		if (entry[i]->d_name[0] != '.' && fuzz_files < FUZZ_MAX_FILES &&
		    (file = fopen(path, "r"))) {
			struct fuzz_input *in = &fuzz_corpus[fuzz_files++];

			in->size = fread(in->byte, 1, FUZZ_MAX_SIZE, file);
			fclose(file);
		}
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
}

/**
 * fuzz_main() - main() of a fuzzer
 * @runs: how many mutations, unless the arguments say otherwise
 * @mutate: change a copy of a file, whose size is not zero
 */
static int fuzz_main(int argc, char **argv, uint64_t runs,
		     void (*mutate)(struct fuzz_input *in))
{
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
	static struct fuzz_input in;

	if (argc < 2) {
		fprintf(stderr, "usage: %s CORPUS [RUNS [SEED]]\n", argv[0]);
		return 1;
	}
	if (argc > 2)
		runs = strtoull(argv[2], NULL, 0);
	fuzz_load(argv[1]);
	printf("1..2\n# %zu files, %" PRIu64 " runs, seed %" PRIu64 "\n",
	       fuzz_files, runs, seed);
	for (size_t i = 0; i < fuzz_files; i++)
		LLVMFuzzerTestOneInput(fuzz_corpus[i].byte,
				       fuzz_corpus[i].size);
	printf("%s 1 - each file of the corpus\n",
	       fuzz_files ? "ok" : "not ok");
	fuzz_state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	for (uint64_t run = 0; fuzz_files && run < runs; run++) {
		in = fuzz_corpus[run % fuzz_files];
		for (uint64_t n = 1 + fuzz_draw(8); n > 0 && in.size; n--)
			mutate(&in);
		LLVMFuzzerTestOneInput(in.byte, in.size);
	}
	printf("ok 2 - mutations of them\n");
	return fuzz_files == 0;
}

#endif
#endif
