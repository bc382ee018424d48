/* SPDX-License-Identifier: MIT */
/*
 * The image readers, and the decoders on what they read, with input that nobody
 * meant. An input is a head of HEAD bytes, which says how the table is named, and the
 * image. See fuzz.h for how it is run.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/feature.h"
#include "cli/mapping_print.h"
#include "cli/nested.h"
#include "cli/print.h"
#include "cli/tree_json.h"
#include "cli/walk_json.h"

#include "../fuzz.h"

#define HEAD        16u
#define MAX_ENTRIES (UINT64_C(1) << 13)

/* Not all tables can be: the fuzzer makes many that cannot. */
static bool set_root(struct cli_table *table, const uint8_t *head)
{
	struct soft_root *root = &table->root;
	unsigned int formats = 0;
	uint64_t features;

	while (soft_format_at(formats))
		formats++;
	root->format = soft_format_at(head[0] % formats);
	root->levels = head[1] % (SOFT_MAX_LEVELS + 1);
	root->va_bits = head[2] % 65;
	root->oa_bits = head[3] % 65;
	root->pa = (uint64_t)(head[4] | (unsigned int)head[5] << 8) << 10;
	features = head[6] | (uint64_t)head[7] << 8 | (uint64_t)head[8] << 16;
	root->features = features & soft_format_features(root->format);
	if (head[9] & 4)
		root->features = cli_feature_default(root->format);
	return !soft_root_check(root);
}

/* In what the commands print nothing is to be seen, but all is computed. */
static void print_all(struct cli_source *source, FILE *out)
{
	static const uint64_t va[] = { 0, 0x1000, 0x12345678, UINT64_MAX };
	static struct cli_out buffer;
	struct cli_json json = { .out = &buffer };

	cli_out_init(&buffer, out);
	for (size_t i = 0; i < sizeof(va) / sizeof(va[0]); i++) {
		cli_print_walk(out, source->bus, &source->table.root, va[i],
			       SOFT_WRITE);
		if (source->nested)
			cli_print_nested_walk(out, source->nested,
					      &source->table.root, va[i], 0);
		cli_walk_json(&json, source, va[i], SOFT_READ);
	}
	cli_out_flush(&buffer);
}

/** struct sink - where runs go. */
struct sink {
	struct cli_mapping_style style;
	struct cli_out *out;
	struct cli_json json;
};

static int print_run(void *arg, const struct cli_mapping *m)
{
	struct sink *sink = arg;

	if (m->last < m->va || !m->count)
		abort();
	cli_mapping_line(sink->out, &sink->style, m);
	return 0;
}

static void scan(struct cli_source *source, uint8_t flags, FILE *out)
{
	static struct cli_out buffer;
	struct sink sink = { .out = &buffer };
	struct cli_scan s = {
		.source = source,
		.separate_ad = flags & 16,
		.repeat_tables = flags & 32,
		.max_entries = MAX_ENTRIES,
	};

	cli_out_init(&buffer, out);
	cli_filter_init(&s.filter);
	if (flags & 64)
		s.filter.with = SOFT_WRITE;
	cli_mapping_style_init(&sink.style, source);
	cli_scan_table(&s, print_run, &sink);
	sink.json.out = &buffer;
	cli_json_object(&sink.json, NULL);
	cli_tree_json(&sink.json, source, &s.filter.va, MAX_ENTRIES);
	cli_json_end(&sink.json);
	cli_out_flush(&buffer);
}

static void count_finding(void *arg, const struct cli_finding *finding)
{
	uint64_t *worst = arg;

	if (finding->last < finding->entry.va || !finding->count)
		abort();
	*worst |= finding->severity;
}

static void look(struct cli_source *source)
{
	uint64_t worst = 0;
	struct cli_check check = {
		.source = source,
		.least = CLI_NOTE,
		.max_entries = MAX_ENTRIES,
		.found = count_finding,
		.arg = &worst,
	};

	cli_check_table(&check);
}

static void use(struct cli_source *source, const uint8_t *head)
{
	struct cli_line line = { .len = 0 };
	FILE *out = fopen("/dev/null", "w");

	if (!out)
		abort();
	source->bus = cli_image_bus(source->image);
	if ((head[9] & 8) && set_root(&source->stage2, head + 5)) {
		source->nested =
			cli_nested_new(source->bus, &source->stage2.root);
		source->bus = cli_nested_bus(source->nested);
	}
	print_all(source, out);
	scan(source, head[9], out);
	look(source);
	cli_image_add_kind(&line, source->image);
	cli_source_add_missing(&line, source, head[10] * UINT64_C(0x1001));
	fclose(out);
}

/* The name of a file that has these bytes. */
static int make_file(const uint8_t *data, size_t size, char name[32])
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(name, 32, "/proc/self/fd/%d", fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cli_source source = { .image = NULL };
	struct cli_line error = { .len = 0 };
	char name[32];
	int fd;

	if (size < HEAD)
		return 0;
	fd = make_file(data + HEAD, size - HEAD, name);
	source.image_config.name = name;
	source.image_config.raw = data[9] & 1;
	source.image_config.has_base = data[9] & 2;
	source.image_config.base =
		source.image_config.has_base ? (uint64_t)data[11] << 56 : 0;
	source.image_config.addresses = data[12] % 3;
	source.image = cli_image_open(&source.image_config, &error);
	if (!source.image && !error.len)
		abort();
	if (source.image && set_root(&source.table, data))
		use(&source, data);
	cli_source_close(&source);
	close(fd);
	return 0;
}

#ifndef UIOMMU_LIBFUZZER

/* Words that tables and headers have, and those that overflow. */
static uint64_t interesting(void)
{
	static const uint64_t word[] = {
		0,
		1,
		3,
		0x27,
		0x67,
		0xe7,
		0x1003,
		0x2003,
		0x1027,
		0x401,
		0x801,
		0xfff,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		UINT64_C(1) << 52,
		UINT64_C(1) << 63,
		UINT64_MAX - 4095,
		UINT64_MAX,
	};

	return word[fuzz_draw(sizeof(word) / sizeof(word[0]))];
}

static void mutate(struct fuzz_input *in)
{
	size_t at = fuzz_draw(in->size);
	uint64_t word = interesting();

	switch (fuzz_draw(8)) {
	case 0: /* a bit */
		in->byte[at] ^= (uint8_t)(1u << fuzz_draw(8));
		break;
	case 1: /* a byte */
		in->byte[at] = (uint8_t)fuzz_draw(256);
		break;
	case 2: /* the head */
		in->byte[fuzz_draw(HEAD)] = (uint8_t)fuzz_draw(256);
		break;
	case 3: /* a word, aligned as in a table or a header */
	case 4:
		at = HEAD + (at & ~(size_t)7);
		if (at + 8 <= in->size)
			memcpy(&in->byte[at], &word, 8);
		break;
	case 5: /* a piece of another place */
		word = fuzz_draw(in->size);
		memmove(&in->byte[at], &in->byte[word],
			fuzz_draw(in->size - (at > word ? at : word)) % 512);
		break;
	case 6: /* cut off */
		if (at >= HEAD && !fuzz_draw(4))
			in->size = at;
		break;
	default: /* the headers of a core */
		at = HEAD + fuzz_draw(64 + 4 * 56);
		if (at < in->size)
			in->byte[at] = (uint8_t)fuzz_draw(256);
	}
}

int main(int argc, char **argv)
{
	return fuzz_main(argc, argv, 3000, mutate);
}

#endif
