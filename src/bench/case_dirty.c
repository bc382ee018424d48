/* SPDX-License-Identifier: MIT */
/*
 * read_and_clear_dirty of much memory in pages of 4 KiB, into a bitmap.
 *
 * The limit reads the same tables and looks at every item. Where dirty pages become clean
 * it stores those items, as every implementation has to; what the operation takes in
 * terms of a scan that only reads is noted beside it. Some of the forms ask for the next
 * table while they look at this one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/case.h"

/** The part of bench_case.more that is the percentage; and whether to clear. */
#define PERCENT      0xffu
#define LEAST_LG2    30u /* no less memory than this is measured */
#define WORDS(pages) ((pages) / 64)

/**
 * struct dirty - a range, in two halves for two threads
 * @lg2: bytes of it
 * @tables: leaf tables
 * @table: where they are
 * @first: what their first items are when clean
 * @flip: what differs in a dirty item
 * @percent: how many pages are dirty
 * @clear: they become clean
 * @bits: of the pages
 * @pair: for two threads
 * @form: the limit's, for both
 */
struct dirty {
	struct bench_world world;
	struct bench_context *ctx;
	unsigned int lg2;
	size_t tables;
	uint64_t **table;
	uint64_t *first;
	uint64_t step, flip;
	unsigned int percent;
	bool clear;
	uint64_t *bits;
	struct bench_pair pair;
	unsigned int form;
	bool seen[2];
	int ret[2];
};

static uint64_t pages(const struct dirty *d)
{
	return UINT64_C(1) << (d->lg2 - 12);
}

static uint64_t dirty_pages(const struct dirty *d)
{
	return d->percent == 100 ? pages(d) : pages(d) * d->percent / 100;
}

/* ---- dirty as asked for ---- */

/* All are dirty, or some that are scattered; the others are clean. */
static void make_dirty(struct dirty *d)
{
	const struct bench_form *form = &d->ctx->form[d->ctx->forms - 1];
	uint64_t flip = d->percent == 100 ? d->flip : 0;

	for (size_t i = 0; i < d->tables; i++)
		form->fill(d->table[i], BENCH_ITEMS, d->first[i] ^ flip,
			   d->step);
	if (d->percent == 100)
		return;
	for (uint64_t k = 0; k < dirty_pages(d); k++) {
		uint64_t page = bench_scatter(k, d->lg2 - 12) >> 12;

		d->table[page / BENCH_ITEMS][page % BENCH_ITEMS] ^= d->flip;
	}
}

/*
 * Before each lap, of the operation or of its limit: caches are full of what was
 * written, and whoever comes next waits until that has gone to memory.
 */
static void prepare(struct dirty *d)
{
	if (d->clear && d->percent)
		make_dirty(d);
	memset(d->bits, 0, WORDS(pages(d)) * 8);
}

static void set_bits(uint64_t *bits, uint64_t page, uint64_t count)
{
	for (; count && page % 64; count--, page++)
		bits[page / 64] |= UINT64_C(1) << page % 64;
	memset(bits + page / 64, 0xff, count / 64 * 8);
	page += count & ~UINT64_C(63);
	if (count % 64)
		bits[page / 64] |= (UINT64_C(1) << count % 64) - 1;
}

static void record(void *arg, dma_addr_t iova, size_t length)
{
	struct dirty *d = arg;
	uint64_t page = (iova - BENCH_VA) >> 12;

	/* Most records are of a page. */
	if (length == 4096)
		d->bits[page / 64] |= UINT64_C(1) << page % 64;
	else
		set_bits(d->bits, page, length >> 12);
}

/*
 * Each word of @bits belongs into two of the bitmap, if it begins within one. As many more
 * are likely to come next, and the bitmap has gone from near caches meanwhile.
 */
static void record_bits(void *arg, dma_addr_t iova, unsigned int page_lg2,
			const uint64_t *bits, unsigned int count)
{
	struct dirty *d = arg;
	uint64_t page = (iova - BENCH_VA) >> 12;
	uint64_t *to = d->bits + page / 64;
	unsigned int shift = page % 64;

	bench_expect(&d->world, page_lg2 == 12, "pages are not of 4 KiB");
	for (unsigned int i = 0; i < count; i += 512)
		__builtin_prefetch(to + (count + i) / 64, 1);
	if (!shift) {
		for (unsigned int i = 0; i < (count + 63) / 64; i++)
			to[i] |= bits[i];
		return;
	}
	for (unsigned int i = 0; i < (count + 63) / 64; i++) {
		to[i] |= bits[i] << shift;
		if (bits[i] >> (64 - shift))
			to[i + 1] |= bits[i] >> (64 - shift);
	}
}

/* What was found is what is dirty. */
static void check(struct dirty *d)
{
	uint64_t found = 0;

	for (uint64_t i = 0; i < WORDS(pages(d)); i++)
		found += (uint64_t)__builtin_popcountll(d->bits[i]);
	bench_expect(&d->world, found == dirty_pages(d),
		     "read_and_clear_dirty did not find what is dirty");
	bench_expect(&d->world, !d->ret[0] && !d->ret[1],
		     "read_and_clear_dirty failed");
}

/* ---- the operation, and its limit ---- */

static void read_part(struct dirty *d, unsigned int half, dma_addr_t va,
		      dma_addr_t len)
{
	struct iommu_domain *domain = &d->world.table.domain;
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap bitmap = { .record = record,
					     .record_bits = record_bits,
					     .arg = d,
					     .gather = &gather };

	iommu_iotlb_gather_init(&gather);
	d->ret[half] = domain->dirty_ops->read_and_clear_dirty(
		domain, va, len, d->clear ? 0 : IOMMU_DIRTY_NO_CLEAR, &bitmap);
}

static void read_half(void *arg, unsigned int half)
{
	struct dirty *d = arg;
	dma_addr_t len = (dma_addr_t)1 << (d->lg2 - 1);

	read_part(d, half, BENCH_VA + half * len, len);
}

static void op(void *arg, struct bench_lap *lap)
{
	struct dirty *d = arg;

	prepare(d);
	bench_begin(lap);
	read_part(d, 0, BENCH_VA, (dma_addr_t)1 << d->lg2);
	bench_end(lap, 0, pages(d));
	check(d);
}

/* Does the limit have something to store? */
static bool cleans(const struct dirty *d)
{
	return d->clear && d->percent;
}

/* Kinds of words, of each of which there are forms with three numbers of steps. */
static unsigned int kinds(const struct bench_context *ctx)
{
	return ctx->forms / (3 * BENCH_VARIANTS);
}

/* Forms of scans, without prefetch. */
static unsigned int scans(const struct bench_context *ctx)
{
	return 3 * kinds(ctx);
}

/* Forms of what the limit does, without prefetch. */
static unsigned int forms(const struct dirty *d)
{
	return cleans(d) && d->percent != 100 ? 4 * kinds(d->ctx)
					      : scans(d->ctx);
}

static const struct bench_form *scan_form(const struct dirty *d,
					  unsigned int nr)
{
	return &d->ctx->form[bench_one_pass(nr % scans(d->ctx))];
}

/* That with two passes is the same whatever the number of steps. */
static const struct bench_form *clean_form(const struct dirty *d,
					   unsigned int nr)
{
	unsigned int first = BENCH_VARIANTS * 3 * (nr % forms(d) / 4);

	if (d->percent == 100)
		return scan_form(d, nr) + 2;
	if (nr % 4 == 3)
		return &d->ctx->form[first + 1];
	return &d->ctx->form[first + BENCH_VARIANTS * (nr % 4)];
}

/* The next table is not asked for; all of it at once; or line by line. */
enum ask {
	ASK_NOT,
	ASK_ALL,
	ASK_LINES,
	ASKS
};

/* Return: what is to be asked for line by line. */
static const uint64_t *ask(const struct dirty *d, enum ask how, size_t i,
			   size_t end)
{
	const uint64_t *next = d->table[i + 1 < end ? i + 1 : i];

	if (how == ASK_ALL)
		for (unsigned int k = 0; k < BENCH_ITEMS; k += 8)
			__builtin_prefetch(next + k);
	return how == ASK_LINES ? next : NULL;
}

static bool scan(const struct dirty *d, size_t from, size_t end)
{
	const struct bench_form *form = scan_form(d, d->form);
	enum ask how = d->form / scans(d->ctx);
	bool seen = false;

	for (size_t i = from; i < end; i++)
		seen |= form->scan(d->table[i], ask(d, how, i, end),
				   BENCH_ITEMS, d->flip);
	return seen;
}

static bool clean(const struct dirty *d, size_t from, size_t end)
{
	const struct bench_form *form = clean_form(d, d->form);
	const struct bench_dirty how = {
		.mask = d->flip,
		.value = (d->first[0] ^ d->flip) & d->flip,
	};
	enum ask asks = d->form < forms(d) ? ASK_NOT : ASK_LINES;
	bool seen = false;

	for (size_t i = from; i < end; i++)
		seen |= form->clean(d->table[i], ask(d, asks, i, end),
				    BENCH_ITEMS, &how);
	return seen;
}

static bool work(const struct dirty *d, size_t from, size_t end)
{
	return cleans(d) ? clean(d, from, end) : scan(d, from, end);
}

static void work_half(void *arg, unsigned int half)
{
	struct dirty *d = arg;
	size_t middle = d->tables / 2;

	d->seen[half] = half ? work(d, middle, d->tables) : work(d, 0, middle);
}

static void limit(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct dirty *d = arg;

	d->form = form;
	prepare(d);
	bench_begin(lap);
	d->seen[0] = work(d, 0, d->tables);
	bench_end(lap, 0, pages(d));
	bench_expect(&d->world, d->seen[0] || !cleans(d),
		     "the limit did not find what is dirty");
}

/* ---- beside a scan that only reads ---- */

static void op_beside(void *arg, struct bench_lap *lap)
{
	double before = lap->ns[0];

	op(arg, lap);
	lap->ns[1] += lap->ns[0] - before;
	lap->units[1] = lap->units[0];
}

static void limit_beside(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct dirty *d = arg;

	limit(arg, form, lap);
	bench_begin(lap);
	d->form = form % (ASKS * scans(d->ctx));
	d->seen[1] = scan(d, 0, d->tables);
	bench_end(lap, 1, pages(d));
}

static void note_beside(struct bench_context *ctx,
			const struct bench_measured *out)
{
	size_t used = strlen(ctx->note);

	snprintf(ctx->note + used, sizeof(ctx->note) - used,
		 "%s%.2f of a scan that only reads", used ? "; " : "",
		 out[1].op.median / out[1].limit.median);
}

/* ---- with two threads ---- */

static void op_pair(void *arg, struct bench_lap *lap)
{
	struct dirty *d = arg;

	op(arg, lap);
	prepare(d);
	bench_begin(lap);
	bench_pair_run(&d->pair, read_half, d);
	bench_end(lap, 1, pages(d));
	check(d);
}

static void limit_pair(void *arg, unsigned int form, struct bench_lap *lap)
{
	struct dirty *d = arg;

	limit(arg, form, lap);
	prepare(d);
	bench_begin(lap);
	bench_pair_run(&d->pair, work_half, d);
	bench_end(lap, 1, pages(d));
}

/* ---- the case ---- */

/* As much as memory allows; its tables take 1/512, twice while they are made. */
static unsigned int choose_size(struct bench_context *ctx, unsigned int lg2)
{
	uint64_t free = (uint64_t)sysconf(_SC_AVPHYS_PAGES) *
			(uint64_t)sysconf(_SC_PAGESIZE);
	unsigned int wanted = ctx->quick ? LEAST_LG2 : lg2;

	while (wanted > LEAST_LG2 && free >> (wanted - 7) == 0)
		wanted--;
	if (wanted != lg2)
		snprintf(ctx->note, sizeof(ctx->note), "%u GiB",
			 1U << (wanted - 30));
	return wanted;
}

static void look(struct dirty *d)
{
	struct iommu_domain *domain = &d->world.table.domain;
	bool clear = d->clear;
	uint64_t *item;
	int ret;

	bench_map(&d->world, BENCH_VA, BENCH_VA + BENCH_AWAY + 4096,
		  (dma_addr_t)1 << d->lg2);
	if (d->world.wrong)
		return;
	/* Some formats map pages that are dirty already. */
	d->clear = true;
	read_part(d, 0, BENCH_VA, (dma_addr_t)1 << d->lg2);
	d->clear = clear;
	for (size_t i = 0; i < d->tables; i++) {
		d->table[i] = d->world.format->slot(d->world.root,
						    BENCH_VA + (i << 21), 0);
		d->first[i] = d->table[i][0];
	}
	item = d->table[0];
	d->step = item[1] - item[0];
	ret = domain->dirty_ops->set_dirty(domain, BENCH_VA);
	d->flip = item[0] ^ d->first[0];
	bench_expect(&d->world, !ret && d->flip, "set_dirty failed");
	make_dirty(d);
}

static const char *form_name(const struct dirty *d, unsigned int nr)
{
	return cleans(d) ? clean_form(d, nr)->name : scan_form(d, nr)->name;
}

static int start(struct dirty *d, bool two)
{
	d->tables = (size_t)1 << (d->lg2 - 21);
	d->table = calloc(d->tables, sizeof(*d->table));
	d->first = calloc(d->tables, sizeof(*d->first));
	d->bits = calloc(WORDS(pages(d)), 8);
	if (!d->table || !d->first || !d->bits)
		return -ENOMEM;
	return two ? bench_pair_start(&d->pair, d->ctx) : 0;
}

int bench_case_dirty(struct bench_context *ctx, const struct bench_case *c,
		     struct bench_measured *out)
{
	bool two = c->more & BENCH_TWO_THREADS;
	struct dirty d = {
		.ctx = ctx,
		.lg2 = choose_size(ctx, c->lg2),
		.percent = c->more & PERCENT,
		.clear = c->more & BENCH_CLEAR,
	};
	bool beside = cleans(&d) && !two;
	const struct bench_trial trial = {
		.parts = two || beside ? 2 : 1,
		.forms = (cleans(&d) ? 2 : ASKS) * forms(&d),
		.op = two      ? op_pair
		      : beside ? op_beside
			       : op,
		.limit = two      ? limit_pair
			 : beside ? limit_beside
				  : limit,
		.arg = &d,
	};
	int ret = bench_world_open(&d.world, ctx);

	if (ret)
		return ret;
	ret = start(&d, two);
	if (!ret) {
		look(&d);
		if (!d.world.wrong)
			ret = bench_measure(&trial, &ctx->plan, out);
		ctx->form_name[0] = form_name(&d, out[two].form);
		if (beside)
			note_beside(ctx, out);
		if (two) {
			bench_pair_stop(&d.pair);
			bench_pair_judge(ctx, out);
		}
	}
	free(d.table);
	free(d.first);
	free(d.bits);
	return bench_world_close(&d.world, ctx, ret);
}
