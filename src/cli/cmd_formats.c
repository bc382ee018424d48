/* SPDX-License-Identifier: MIT */
/*
 * uiommu formats: what page tables there are.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <uiommu/pt/iommu.h>

#include "cli/cmd.h"
#include "cli/json.h"
#include "cli/source.h"
#include "cli/text.h"
#include "run/run.h"

#define MAX_OWN 5

/* By number: enum pt_features, then those of a format's own. */
static const char *const common_features[PT_FEAT_FMT_START] = {
	[PT_FEAT_FULL_VA] = "full-va",
	[PT_FEAT_DYNAMIC_TOP] = "dynamic-top",
	[PT_FEAT_SIGN_EXTEND] = "sign-extend",
	[PT_FEAT_FLUSH_RANGE] = "flush-range",
	[PT_FEAT_FLUSH_RANGE_NO_GAPS] = "flush-range-no-gaps",
	[PT_FEAT_DETAILED_GATHER] = "detailed-gather",
	[PT_FEAT_DMA_INCOHERENT] = "dma-incoherent",
	[PT_FEAT_UPPER_RANGE] = "upper-range",
};

#define OWN(feature) [(feature)-PT_FEAT_FMT_START]

static const char *const no_features[MAX_OWN] = { NULL };

static const char *const amdv1_features[MAX_OWN] = {
	OWN(PT_FEAT_AMDV1_ENCRYPT_TABLES) = "encrypt-tables",
	OWN(PT_FEAT_AMDV1_FORCE_COHERENCE) = "force-coherence",
};

static const char *const vtdss_features[MAX_OWN] = {
	OWN(PT_FEAT_VTDSS_FORCE_COHERENCE) = "force-coherence",
	OWN(PT_FEAT_VTDSS_FORCE_WRITEABLE) = "force-writeable",
};

static const char *const x86_64_features[MAX_OWN] = {
	OWN(PT_FEAT_X86_64_AMD_ENCRYPT_TABLES) = "encrypt-tables",
};

static const char *const riscv_features[MAX_OWN] = {
	OWN(PT_FEAT_RISCV_HW_AD) = "hw-ad",
	OWN(PT_FEAT_RISCV_SVNAPOT_64K) = "svnapot-64k",
	OWN(PT_FEAT_RISCV_SVPBMT) = "svpbmt",
	OWN(PT_FEAT_RISCV_SVRSW60T59B) = "svrsw60t59b",
};

static const char *const armv8_features[MAX_OWN] = {
	OWN(PT_FEAT_ARMV8_DBM) = "dbm",     OWN(PT_FEAT_ARMV8_LPA2) = "lpa2",
	OWN(PT_FEAT_ARMV8_S2FWB) = "s2fwb", OWN(PT_FEAT_ARMV8_BBML1) = "bbml1",
	OWN(PT_FEAT_ARMV8_BBML2) = "bbml2",
};

static const char *const ept_features[MAX_OWN] = {
	OWN(PT_FEAT_EPT_AD) = "ad",
	OWN(PT_FEAT_EPT_IGNORE_PAT) = "ignore-pat",
	OWN(PT_FEAT_EPT_MODE_BASED_EXEC) = "mode-based-exec",
};

static const struct {
	void (*describe)(struct pt_iommu_description *what);
	const char *const *features; /* its own */
} formats[] = {
	{ pt_iommu_amdv1_describe, amdv1_features },
	{ pt_iommu_amdv1_mock_describe, no_features },
	{ pt_iommu_vtdss_describe, vtdss_features },
	{ pt_iommu_x86_64_describe, x86_64_features },
	{ pt_iommu_riscv32_describe, riscv_features },
	{ pt_iommu_riscv32_x4_describe, riscv_features },
	{ pt_iommu_riscv64_describe, riscv_features },
	{ pt_iommu_riscv64_x4_describe, riscv_features },
	{ pt_iommu_armv8_s1_4k_describe, armv8_features },
	{ pt_iommu_armv8_s1_16k_describe, armv8_features },
	{ pt_iommu_armv8_s1_64k_describe, armv8_features },
	{ pt_iommu_armv8_s2_4k_describe, armv8_features },
	{ pt_iommu_armv8_s2_16k_describe, armv8_features },
	{ pt_iommu_armv8_s2_64k_describe, armv8_features },
	{ pt_iommu_lpae_s1_describe, no_features },
	{ pt_iommu_lpae_s2_describe, no_features },
	{ pt_iommu_v7s_describe, no_features },
	{ pt_iommu_ept_describe, ept_features },
	{ pt_iommu_dart_describe, no_features },
	{ pt_iommu_dart2_describe, no_features },
};

#define NR_FORMATS (sizeof(formats) / sizeof(formats[0]))

static const char help[] = "usage: uiommu formats [--json]\n"
			   "\n"
			   "Lists the formats of page tables: bits of the VA "
			   "and of the OA, levels, bytes of\n"
			   "an entry, page sizes, whether dirty pages can be "
			   "tracked, and features.\n"
			   "\n"
			   "  --json   for programs\n"
			   "  --help   this text\n";

static const char *feature_name(const char *const *own, unsigned int nr)
{
	return nr < PT_FEAT_FMT_START ? common_features[nr]
				      : own[nr - PT_FEAT_FMT_START];
}

static void add_features(struct cli_line *line, unsigned int features,
			 const char *const *own)
{
	const char *space = "";
	unsigned int nr;

	for (nr = 0; features >> nr; nr++) {
		if (!(features & BIT(nr)))
			continue;
		cli_add(line, "%s%s", space, feature_name(own, nr));
		space = " ";
	}
}

/* All sizes; three and more, each twice the last, as first and last. */
static void add_sizes(struct cli_line *line, uint64_t sizes)
{
	const char *space = "";

	while (sizes) {
		uint64_t first = sizes & -sizes;
		uint64_t last = first;

		while (sizes & last << 1 && last << 1)
			last <<= 1;
		if (last < first << 2)
			last = first;
		cli_add(line, "%s", space);
		cli_add_size(line, first);
		if (last != first) {
			cli_add(line, "..");
			cli_add_size(line, last);
		}
		sizes &= ~((last - first) | last);
		space = " ";
	}
}

static void add_levels(struct cli_line *line,
		       const struct pt_iommu_description *what)
{
	if (what->min_levels == what->max_levels)
		cli_add(line, "%u", what->max_levels);
	else
		cli_add(line, "%u-%u", what->min_levels, what->max_levels);
}

static void print_table(void)
{
	size_t i;

	printf("%-12s %3s %3s  %-6s %5s  %-5s  %-30s %s\n", "FORMAT", "VA",
	       "OA", "LEVELS", "ENTRY", "DIRTY", "PAGES", "FEATURES");
	for (i = 0; i < NR_FORMATS; i++) {
		struct cli_line levels = { .len = 0 };
		struct cli_line sizes = { .len = 0 };
		struct cli_line features = { .len = 0 };
		struct pt_iommu_description what;

		formats[i].describe(&what);
		add_levels(&levels, &what);
		add_sizes(&sizes, what.pgsize_bitmap);
		add_features(&features, what.features, formats[i].features);
		printf("%-12s %3u %3u  %-6s %5u  %-5s  %-30s %s\n", what.name,
		       what.max_vasz_lg2, what.max_oasz_lg2, levels.text,
		       what.item_size, what.dirty ? "yes" : "no", sizes.text,
		       features.text);
	}
}

static void sizes_json(struct cli_json *json, uint64_t sizes)
{
	cli_json_array(json, "page_sizes", false);
	for (; sizes; sizes &= sizes - 1)
		cli_json_number(json, NULL, sizes & -sizes);
	cli_json_end(json);
}

static void features_json(struct cli_json *json, unsigned int features,
			  const char *const *own)
{
	unsigned int nr;

	cli_json_array(json, "features", false);
	for (nr = 0; features >> nr; nr++)
		if (features & BIT(nr))
			cli_json_text(json, NULL, feature_name(own, nr));
	cli_json_end(json);
}

static void format_json(struct cli_json *json,
			const struct pt_iommu_description *what,
			const char *const *own)
{
	cli_json_object(json, NULL);
	cli_json_text(json, "name", what->name);
	cli_json_number(json, "va_bits", what->max_vasz_lg2);
	cli_json_number(json, "oa_bits", what->max_oasz_lg2);
	cli_json_number(json, "min_levels", what->min_levels);
	cli_json_number(json, "max_levels", what->max_levels);
	cli_json_number(json, "entry_bytes", what->item_size);
	cli_json_bool(json, "dirty", what->dirty);
	sizes_json(json, what->pgsize_bitmap);
	features_json(json, what->features, own);
	cli_json_end(json);
}

static int print_json(void)
{
	struct cli_out *out = malloc(sizeof(*out));
	struct cli_json json = { .out = out };
	int status;
	size_t i;

	if (!out)
		return cli_complain("no memory");
	cli_out_init(out, stdout);
	cli_json_array(&json, NULL, true);
	for (i = 0; i < NR_FORMATS; i++) {
		struct pt_iommu_description what;

		formats[i].describe(&what);
		format_json(&json, &what, formats[i].features);
	}
	cli_json_end(&json);
	status = cli_out_finish(out);
	free(out);
	return status;
}

static int complain(const char *what, const char *which)
{
	fprintf(stderr, "uiommu: %s '%s'; see 'uiommu formats --help'\n", what,
		which);
	return RUN_EXIT_FAILED;
}

int cmd_formats(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool json = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "hj", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return 0;
		case 'j':
			json = true;
			break;
		default:
			return complain("no option", argv[optind - 1]);
		}
	}
	if (optind < argc)
		return complain("no argument is taken:", argv[optind]);
	if (json)
		return print_json();
	print_table();
	return cli_finish_stdout();
}
