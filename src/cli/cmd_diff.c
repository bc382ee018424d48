/* SPDX-License-Identifier: MIT */
/*
 * uiommu diff: what changed between two tables.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/mapping.h"
#include "cli/mapping_print.h"

static const char help[] =
	"usage: uiommu diff --format FMT --root ADDR [OPTION]... A [B]\n"
	"\n"
	"Print what changed between a page table in the memory image A and "
	"one in B: runs\n"
	"with - are only in A, or different there; runs with + only in B, or "
	"different\n"
	"there. Without B the second table is in A too, and --root-b says "
	"where. An image\n"
	"is a file of plain memory, an ELF core, or pid:PID for the memory of "
	"a process.\n"
	"\n"
	"%s"
	"\n"
	"  --format-b, --root-b, --levels-b, --va-bits-b, --oa-bits-b, "
	"--c-bit-b,\n"
	"  --features-b, --stage2-b, --base-b\n"
	"                      the same for B, where it differs from A\n"
	"  --va RANGE          only what translates these addresses\n"
	"  --ignore WHAT       do not compare: size, attributes, or both with "
	"a "
	"comma\n"
	"  --accessed-dirty    compare accessed and dirty bits, too\n"
	"  --max-entries N     give up after so many entries of a table\n"
	"  --json              for programs\n"
	"  --help              this text\n"
	"\n"
	"The exit status is 0 if both are the same, 1 if not, 125 if uiommu "
	"failed.\n"
	"\n"
	"  uiommu diff --format vtdss --root 0x3f000 before.core after.core\n"
	"  uiommu diff --format x86_64 --root 0x1000 --root-b 0x8000 "
	"guest.core\n";

/* Runs that are read ahead of one table. */
#define BATCH 1024u

/**
 * struct piece - a run, or what is left of it
 * @broken: copies within it that differ
 */
struct piece {
	struct cli_mapping mapping;
	uint64_t broken;
};

/**
 * struct side - one of the two tables, run after run
 * @piece: runs that were read ahead
 * @number: how many
 * @at: the next one
 * @next: from where to read on
 * @ended: there is nothing more to read
 * @rc: why
 */
struct side {
	struct cli_source source;
	struct cli_scan scan;
	struct cli_mapping_style style;
	struct piece *piece;
	size_t number, at;
	uint64_t next;
	bool ended;
	int rc;
};

/**
 * struct diff - one run of the command
 * @a: the first table
 * @b: the second
 * @other: options of the second, in the order in which they came
 * @changes: how many were printed
 */
struct diff {
	struct side a, b;
	struct {
		int option;
		const char *value;
	} other[32];
	unsigned int others;
	bool ignore_size, ignore_attributes, as_json;
	struct cli_out *out;
	struct cli_json json;
	uint64_t changes;
};

enum {
	OPT_OTHER = CLI_OPT_OWN, /* and after it those of CLI_OPT_FORMAT on */
	OPT_VA = CLI_OPT_OWN + 0x100,
	OPT_IGNORE,
	OPT_AD,
	OPT_MAX,
	OPT_JSON
};

#define OTHER(option) (OPT_OTHER + (option)-CLI_OPT_FORMAT)

static const struct option long_options[] = {
	CLI_SOURCE_OPTIONS,
	{ "format-b", required_argument, NULL, OTHER(CLI_OPT_FORMAT) },
	{ "root-b", required_argument, NULL, OTHER(CLI_OPT_ROOT) },
	{ "levels-b", required_argument, NULL, OTHER(CLI_OPT_LEVELS) },
	{ "va-bits-b", required_argument, NULL, OTHER(CLI_OPT_VA_BITS) },
	{ "oa-bits-b", required_argument, NULL, OTHER(CLI_OPT_OA_BITS) },
	{ "c-bit-b", required_argument, NULL, OTHER(CLI_OPT_C_BIT) },
	{ "features-b", required_argument, NULL, OTHER(CLI_OPT_FEATURES) },
	{ "stage2-b", required_argument, NULL, OTHER(CLI_OPT_STAGE2) },
	{ "base-b", required_argument, NULL, OTHER(CLI_OPT_BASE) },
	{ "va", required_argument, NULL, OPT_VA },
	{ "ignore", required_argument, NULL, OPT_IGNORE },
	{ "accessed-dirty", no_argument, NULL, OPT_AD },
	{ "max-entries", required_argument, NULL, OPT_MAX },
	{ "json", no_argument, NULL, OPT_JSON },
	{ 0 },
};

/* ------------------------------------------------ options */

static int set_ignore(struct diff *d, const char *list)
{
	size_t length;

	for (;; list += length + 1) {
		length = strcspn(list, ",");
		if (length == 4 && !strncmp(list, "size", length))
			d->ignore_size = true;
		else if (length == 10 && !strncmp(list, "attributes", length))
			d->ignore_attributes = true;
		else
			return cli_complain("--ignore: '%.*s' is neither size "
					    "nor attributes",
					    (int)length, list);
		if (!list[length])
			return 0;
	}
}

/* Options of B wait until all is known of A. */
static int keep(struct diff *d, int option, const char *value)
{
	if (d->others == sizeof(d->other) / sizeof(d->other[0]))
		return cli_complain("too many options for the second table");
	d->other[d->others].option = option - OPT_OTHER + CLI_OPT_FORMAT;
	d->other[d->others++].value = value;
	return 0;
}

static int own_option(void *arg, int option)
{
	struct diff *d = arg;

	switch (option) {
	case OPT_VA:
		return cli_filter_range(&d->a.scan.filter.va, "va", optarg);
	case OPT_IGNORE:
		return set_ignore(d, optarg);
	case OPT_AD:
		d->a.scan.separate_ad = true;
		return 0;
	case OPT_MAX:
		return cli_parse_count("max-entries", optarg,
				       &d->a.scan.max_entries);
	case OPT_JSON:
		d->as_json = true;
		return 0;
	default:
		return keep(d, option, optarg);
	}
}

/* B is like A, but for its own options. */
static int complete(struct diff *d)
{
	const struct soft_format *format = d->a.source.table.root.format;
	int status = 0;

	d->b.source = d->a.source;
	d->b.scan = d->a.scan;
	for (unsigned int i = 0; i < d->others && !status; i++)
		status = cli_source_option(&d->b.source, d->other[i].option,
					   d->other[i].value);
	/* What was said of A's format says nothing of another. */
	if (d->b.source.table.root.format != format &&
	    d->b.source.features == d->a.source.features)
		d->b.source.features = NULL;
	return status;
}

/* ------------------------------------------------ one side */

/* Cut off what @piece has before @va. */
static void begin_at(struct piece *piece, uint64_t va)
{
	struct cli_mapping *m = &piece->mapping;

	m->oa += va - m->va;
	m->ipa += va - m->va;
	m->va = va;
}

/*
 * Copies that differ come after the run that they belong to; and a run can claim
 * addresses of entries before it, which are such copies then.
 */
static int store(void *arg, const struct cli_mapping *m)
{
	struct side *side = arg;
	struct piece *piece = &side->piece[side->number];

	if (m->last < side->next) {
		if (side->number)
			piece[-1].broken += m->count;
		return 0;
	}
	*piece = (struct piece){ .mapping = *m };
	if (m->va < side->next) {
		/* At the edge of --va that is as it should be. */
		piece->broken = side->number ? 1 : 0;
		begin_at(piece, side->next);
	}
	side->number++;
	side->next = m->last + 1;
	/* After the last address there is nothing. */
	if (!side->next)
		side->ended = true;
	return side->number == BATCH || side->ended;
}

static void fill(struct side *side)
{
	side->number = side->at = 0;
	side->scan.filter.va.first = side->next;
	if (side->next > side->scan.filter.va.last)
		side->ended = true;
	if (side->ended)
		return;
	side->rc = cli_scan_table(&side->scan, store, side);
	if (side->rc != 1)
		side->ended = true;
}

/* The next run of the table, or NULL after the last. */
static struct piece *peek(struct side *side)
{
	if (side->at == side->number)
		fill(side);
	return side->at < side->number ? &side->piece[side->at] : NULL;
}

/* All up to @last has been compared; nothing may be left of the run. */
static void advance(struct side *side, uint64_t last)
{
	struct piece *piece = &side->piece[side->at];

	if (last == piece->mapping.last)
		side->at++;
	else
		begin_at(piece, last + 1);
}

/* The part of @piece up to @last. */
static struct cli_mapping part(const struct piece *piece, uint64_t last)
{
	struct cli_mapping m = piece->mapping;
	uint64_t pages = ((last - m.va) >> m.size_lg2) + 1;

	m.last = last;
	if (m.kind != CLI_MAPPED || m.count <= pages)
		return m;
	/* Which of the pages were touched is not known of a part. */
	m.accessed = m.accessed == m.count ? pages
		     : m.accessed < pages  ? m.accessed
					   : pages;
	m.dirty = m.dirty == m.count ? pages
		  : m.dirty < pages  ? m.dirty
				     : pages;
	m.count = pages;
	return m;
}

/* ------------------------------------------------ both */

static bool same(const struct diff *d, const struct piece *x,
		 const struct piece *y)
{
	const struct cli_mapping *a = &x->mapping, *b = &y->mapping;

	if (a->kind != b->kind || x->broken != y->broken)
		return false;
	if (a->kind != CLI_MAPPED)
		return !strcmp(a->why, b->why);
	if (a->oa != b->oa || a->prot != b->prot)
		return false;
	if (!d->ignore_size && a->size_lg2 != b->size_lg2)
		return false;
	if (d->a.scan.separate_ad &&
	    ((a->accessed != 0) != (b->accessed != 0) ||
	     (a->dirty != 0) != (b->dirty != 0)))
		return false;
	return d->ignore_attributes ||
	       d->a.style.root->format != d->b.style.root->format ||
	       a->attributes == b->attributes;
}

static void print_side(struct diff *d, char sign, const struct side *side,
		       const struct cli_mapping *m)
{
	cli_out_char(d->out, sign);
	cli_out_char(d->out, ' ');
	cli_mapping_line(d->out, &side->style, m);
}

/* Either may be NULL. */
static void print_change(struct diff *d, const struct cli_mapping *a,
			 const struct cli_mapping *b)
{
	d->changes++;
	if (d->as_json) {
		cli_json_object(&d->json, NULL);
		cli_json_text(&d->json, "change",
			      a && b ? "changed"
			      : a    ? "removed"
				     : "added");
		if (a)
			cli_mapping_json(&d->json, &d->a.style, "a", a);
		if (b)
			cli_mapping_json(&d->json, &d->b.style, "b", b);
		cli_json_end(&d->json);
		return;
	}
	if (a)
		print_side(d, '-', &d->a, a);
	if (b)
		print_side(d, '+', &d->b, b);
}

/* @side has @piece where the other has nothing until @end. */
static void only(struct diff *d, struct side *side, const struct piece *piece,
		 uint64_t end)
{
	uint64_t last = piece->mapping.last < end ? piece->mapping.last : end;
	struct cli_mapping m = part(piece, last);

	print_change(d, side == &d->a ? &m : NULL, side == &d->b ? &m : NULL);
	advance(side, last);
}

static void both(struct diff *d, struct piece *a, struct piece *b)
{
	uint64_t last = a->mapping.last < b->mapping.last ? a->mapping.last
							  : b->mapping.last;
	struct cli_mapping x, y;

	if (!same(d, a, b)) {
		x = part(a, last);
		y = part(b, last);
		print_change(d, &x, &y);
	}
	advance(&d->a, last);
	advance(&d->b, last);
}

static void compare(struct diff *d)
{
	struct piece *a, *b;

	while (!d->out->failed) {
		a = peek(&d->a);
		b = peek(&d->b);
		if (!a && !b)
			break;
		if (!b || (a && a->mapping.va < b->mapping.va))
			only(d, &d->a, a, b ? b->mapping.va - 1 : UINT64_MAX);
		else if (!a || b->mapping.va < a->mapping.va)
			only(d, &d->b, b, a ? a->mapping.va - 1 : UINT64_MAX);
		else
			both(d, a, b);
	}
}

static int begin(struct side *side)
{
	side->piece = calloc(BATCH, sizeof(*side->piece));
	if (!side->piece)
		return cli_complain("no memory");
	side->scan.source = &side->source;
	side->scan.repeat_tables = true;
	side->next = side->scan.filter.va.first;
	cli_mapping_style_init(&side->style, &side->source);
	return 0;
}

static void compare_json(struct diff *d)
{
	d->json.out = d->out;
	cli_json_object(&d->json, NULL);
	cli_json_object(&d->json, "a");
	cli_source_json(&d->json, &d->a.source);
	cli_json_end(&d->json);
	cli_json_object(&d->json, "b");
	cli_source_json(&d->json, &d->b.source);
	cli_json_end(&d->json);
	cli_json_array(&d->json, "changes", true);
	compare(d);
	cli_json_end(&d->json);
	cli_json_bool(&d->json, "same", !d->changes);
	cli_json_bool(&d->json, "complete", d->a.rc >= 0 && d->b.rc >= 0);
	cli_json_end(&d->json);
}

static int diff(struct diff *d)
{
	struct cli_out *out;
	int status = begin(&d->a);

	if (!status)
		status = begin(&d->b);
	if (status)
		return status;
	out = malloc(sizeof(*out));
	if (!out)
		return cli_complain("no memory");
	cli_out_init(out, stdout);
	d->out = out;
	if (d->as_json)
		compare_json(d);
	else
		compare(d);
	status = cli_out_finish(out);
	free(out);
	if (!status && (d->a.rc == -E2BIG || d->b.rc == -E2BIG))
		return cli_complain("given up: no honest table in this image "
				    "has so many entries (see 'uiommu check'; "
				    "--max-entries N raises the limit)");
	return status ? status : d->changes != 0;
}

/* One image and a second root, or two images. */
static int open_both(struct diff *d, char **argv, int left)
{
	int status;

	if (left != 1 && left != 2)
		return cli_complain("one or two images are needed, not %d; see "
				    "'uiommu diff --help'",
				    left);
	if (left == 1 && !d->others)
		return cli_complain("a second image is missing, or --root-b");
	status = complete(d);
	if (!status)
		status = cli_source_open(&d->a.source, argv[0]);
	if (!status)
		status = cli_source_open(&d->b.source, argv[left - 1]);
	return status;
}

int cmd_diff(int argc, char **argv)
{
	struct diff *d = calloc(1, sizeof(*d));
	int status;

	if (!d)
		return cli_complain("no memory");
	cli_filter_init(&d->a.scan.filter);
	status = cli_source_parse(&d->a.source, argc, argv, long_options, help,
				  own_option, d);
	if (!status)
		status = open_both(d, argv + optind, argc - optind);
	if (!status)
		status = diff(d);
	cli_source_close(&d->a.source);
	cli_source_close(&d->b.source);
	free(d->a.piece);
	free(d->b.piece);
	free(d);
	return status < 0 ? 0 : status;
}
