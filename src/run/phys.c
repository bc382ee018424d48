/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "phys.h"

#define PAGE       UIOMMU_PAGE_SIZE
#define GROUP      512u /* pages */
#define GROUP_SIZE (GROUP * PAGE)
#define MAX_WINDOW (1ull << 40)

/*
 * struct saved - a page that outlived its place
 * @epoch: when it was saved
 * @written: since then
 * @data: its content
 */
struct saved {
	uint64_t epoch;
	bool written;
	uint8_t data[PAGE];
};

/* Stands for a page that could not be saved. */
static struct saved lost;

/*
 * struct leaf - the pages of one group, where they differ
 * @pins: how often each is pinned
 * @saved: NULL, or for each page NULL, its copy or &lost
 * @nr_pinned: pages with pins
 */
struct leaf {
	uint32_t pins[GROUP];
	struct saved **saved;
	unsigned int nr_pinned;
};

/*
 * struct group - GROUP pages: @uniform pins each, unless there is a @leaf
 */
struct group {
	uint32_t uniform;
	struct leaf *leaf;
};

/*
 * struct run_window - [@off, @off + @len) of @source is at @oa
 * @swap: neighbouring pages have each other's addresses
 * @all: pins of every page, as long as no group has any: a large file that is pinned
 *	as a whole costs no more than a small one
 * @nr_groups: groups that have pins of their own
 * @nr_saved: copies in it; their offsets may be in another window again
 */
struct run_window {
	struct run_window *next;
	struct run_source *source;
	uint64_t off;
	uint64_t len;
	phys_addr_t oa;
	bool swap;
	uint32_t all;
	uint64_t nr_groups;
	uint64_t nr_saved;
	struct group group[];
};

struct run_phys {
	phys_addr_t base;
	unsigned int granule_lg2;
	bool scatter;
	uint64_t nr_slots;
	uint64_t cursor;
	struct run_window *slot[];
};

static uint64_t align_down(uint64_t x, uint64_t to)
{
	return x & ~(to - 1);
}

static uint64_t align_up(uint64_t x, uint64_t to)
{
	return align_down(x + to - 1, to);
}

static uint64_t min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t granule(const struct run_phys *phys)
{
	return 1ull << phys->granule_lg2;
}

struct run_phys *run_phys_new(phys_addr_t base, phys_addr_t end,
			      unsigned int granule_lg2)
{
	uint64_t first = align_up(base, 1ull << granule_lg2);
	uint64_t nr = (end - first) >> granule_lg2;
	struct run_phys *phys;

	phys = calloc(1, sizeof(*phys) + nr * sizeof(phys->slot[0]));
	if (!phys)
		return NULL;
	phys->base = first;
	phys->granule_lg2 = granule_lg2;
	phys->nr_slots = nr;
	return phys;
}

void run_phys_free(struct run_phys *phys)
{
	free(phys);
}

void run_phys_scatter(struct run_phys *phys)
{
	phys->scatter = true;
}

/* ---- windows ---- */

static phys_addr_t pa_of(const struct run_window *w, uint64_t off)
{
	return w->oa + ((off - w->off) ^ (w->swap ? PAGE : 0));
}

static uint64_t off_of(const struct run_window *w, phys_addr_t pa)
{
	return w->off + ((pa - w->oa) ^ (w->swap ? PAGE : 0));
}

/* The part of @len bytes from @at on that is one piece in both. */
static uint64_t piece(const struct run_window *w, uint64_t at, uint64_t len)
{
	return w->swap ? min64(len, PAGE - at % PAGE) : len;
}

static struct run_window *window_at(const struct run_phys *phys, phys_addr_t pa)
{
	uint64_t slot = (pa - phys->base) >> phys->granule_lg2;

	return pa >= phys->base && slot < phys->nr_slots ? phys->slot[slot]
							 : NULL;
}

static bool covers(const struct run_window *w, uint64_t off)
{
	return off >= w->off && off - w->off < w->len;
}

/*
 * Find @nr free slots in a row. The search goes on where the last one ended, so
 * that an address is not used again soon: a stale translation then hits nothing.
 */
static int64_t find_slots(struct run_phys *phys, uint64_t nr)
{
	uint64_t seen, at = phys->cursor, row = 0;

	for (seen = 0; seen < phys->nr_slots + nr; seen++, at++) {
		if (at >= phys->nr_slots) {
			at = 0;
			row = 0;
		}
		row = phys->slot[at] ? 0 : row + 1;
		if (row == nr)
			return (int64_t)(at + 1 - nr);
	}
	return -1;
}

static struct run_window *place_window(struct run_phys *phys,
				       struct run_source *source, uint64_t off,
				       uint64_t len)
{
	uint64_t nr = len >> phys->granule_lg2, i;
	int64_t slot = find_slots(phys, nr);
	struct run_window *w;

	if (slot < 0)
		return NULL;
	w = calloc(1, sizeof(*w) + len / GROUP_SIZE * sizeof(w->group[0]));
	if (!w)
		return NULL;
	w->source = source;
	w->off = off;
	w->len = len;
	w->swap = phys->scatter && !source->large;
	w->oa = phys->base + ((uint64_t)slot << phys->granule_lg2);
	w->next = source->windows;
	source->windows = w;
	for (i = 0; i < nr; i++)
		phys->slot[(uint64_t)slot + i] = w;
	phys->cursor = (uint64_t)slot + nr;
	return w;
}

/* A window for @off that reaches to @end if nothing is in the way. */
static struct run_window *new_window(struct run_phys *phys,
				     struct run_source *source, uint64_t off,
				     uint64_t end)
{
	uint64_t start = align_down(off, granule(phys));
	uint64_t stop = align_up(end, granule(phys));
	const struct run_window *other;
	struct run_window *w;

	stop = min64(stop, start + MAX_WINDOW);
	for (other = source->windows; other; other = other->next) {
		if (covers(other, off))
			stop = start + granule(phys);
		else if (other->off > start)
			stop = min64(stop, other->off);
	}
	w = place_window(phys, source, start, stop - start);
	if (!w && stop - start > granule(phys))
		w = place_window(phys, source, start, granule(phys));
	return w;
}

/* ---- pages ---- */

static struct group *group_of(struct run_window *w, uint64_t off)
{
	return &w->group[(off - w->off) / GROUP_SIZE];
}

static unsigned int index_of(uint64_t off)
{
	return (unsigned int)(off / PAGE % GROUP);
}

static uint32_t pins_of(struct run_window *w, uint64_t off)
{
	const struct group *g = group_of(w, off);

	if (w->all)
		return w->all;
	return g->leaf ? g->leaf->pins[index_of(off)] : g->uniform;
}

static struct saved *saved_of(struct run_window *w, uint64_t off)
{
	const struct group *g = group_of(w, off);

	if (!g->leaf || !g->leaf->saved)
		return NULL;
	return g->leaf->saved[index_of(off)];
}

static bool make_leaf(struct group *g)
{
	unsigned int i;

	if (g->leaf)
		return true;
	g->leaf = calloc(1, sizeof(*g->leaf));
	if (!g->leaf)
		return false;
	for (i = 0; i < GROUP; i++)
		g->leaf->pins[i] = g->uniform;
	g->leaf->nr_pinned = g->uniform ? GROUP : 0;
	return true;
}

static void free_leaf(struct group *g)
{
	free(g->leaf->saved);
	free(g->leaf);
	g->leaf = NULL;
	g->uniform = 0;
}

static void forget_saved(struct run_window *w, struct leaf *leaf,
			 unsigned int i)
{
	if (!leaf->saved || !leaf->saved[i])
		return;
	if (leaf->saved[i] != &lost)
		free(leaf->saved[i]);
	leaf->saved[i] = NULL;
	w->nr_saved--;
}

/* Pages [@from, @to) of one group: one pin more or less. */
static bool count_group(struct run_window *w, struct group *g,
			unsigned int from, unsigned int to, int by)
{
	struct leaf *leaf;
	unsigned int i;

	if (!g->leaf && from == 0 && to == GROUP) {
		if (by > 0 && !g->uniform)
			w->source->pinned += GROUP;
		g->uniform += (uint32_t)by;
		if (by < 0 && !g->uniform)
			w->source->pinned -= GROUP;
		return true;
	}
	if (!make_leaf(g))
		return false;
	leaf = g->leaf;
	for (i = from; i < to; i++) {
		if (by > 0 && !leaf->pins[i]) {
			leaf->nr_pinned++;
			w->source->pinned++;
		}
		leaf->pins[i] += (uint32_t)by;
		if (by < 0 && !leaf->pins[i]) {
			leaf->nr_pinned--;
			w->source->pinned--;
			forget_saved(w, leaf, i);
		}
	}
	if (!leaf->nr_pinned)
		free_leaf(g);
	return true;
}

/* What every page has, each group has from now on. */
static void spread(struct run_window *w)
{
	uint64_t i;

	if (!w->all)
		return;
	for (i = 0; i < w->len / GROUP_SIZE; i++)
		w->group[i].uniform = w->all;
	w->nr_groups = w->len / GROUP_SIZE;
	w->all = 0;
}

/* The same as count(), for all of @w at once; false: it does not apply. */
static bool count_all(struct run_window *w, int by)
{
	if (w->nr_groups || (by < 0 && !w->all))
		return false;
	if (by > 0 && !w->all)
		w->source->pinned += w->len / PAGE;
	w->all += (uint32_t)by;
	if (by < 0 && !w->all)
		w->source->pinned -= w->len / PAGE;
	return true;
}

static bool has_pins(const struct group *g)
{
	return g->leaf || g->uniform;
}

static bool count_part(struct run_window *w, struct group *g, unsigned int from,
		       unsigned int to, int by)
{
	bool before = has_pins(g), counted = count_group(w, g, from, to, by);

	w->nr_groups += (uint64_t)has_pins(g);
	w->nr_groups -= (uint64_t)before;
	return counted;
}

/* Return: the bytes counted, from the start; less than @len without memory. */
static uint64_t count(struct run_window *w, uint64_t off, uint64_t len, int by)
{
	uint64_t at = off, end = off + len, stop;

	if (off == w->off && len == w->len && count_all(w, by))
		return len;
	spread(w);
	while (at < end) {
		stop = min64(end, align_down(at, GROUP_SIZE) + GROUP_SIZE);
		if (!count_part(w, group_of(w, at), index_of(at),
				index_of(at) +
					(unsigned int)((stop - at) / PAGE),
				by))
			break;
		at = stop;
	}
	return at - off;
}

/* ---- pinning ---- */

/*
 * The window in which the page at @off lives or can live: the one where it is
 * pinned, else one where no saved page of the past is in its place.
 */
static struct run_window *choose(struct run_source *source, uint64_t off,
				 unsigned int *nr_covering)
{
	struct run_window *w, *free_one = NULL;

	*nr_covering = 0;
	for (w = source->windows; w; w = w->next) {
		if (!covers(w, off))
			continue;
		++*nr_covering;
		if (saved_of(w, off))
			continue;
		if (pins_of(w, off))
			return w;
		free_one = w;
	}
	return free_one;
}

/* How far from @off on the choice of @w holds without looking again. */
static uint64_t room(struct run_source *source, struct run_window *w,
		     uint64_t off, unsigned int nr_covering)
{
	uint64_t end = w->off + w->len;
	const struct run_window *other;

	if (nr_covering > 1 || w->nr_saved)
		return PAGE;
	for (other = source->windows; other; other = other->next) {
		if (other->off > off)
			end = min64(end, other->off);
	}
	return end - off;
}

static size_t add_run(struct uiommu_run *runs, size_t n, phys_addr_t pa,
		      uint64_t len)
{
	if (n && runs[n - 1].pa + runs[n - 1].len == pa) {
		runs[n - 1].len += len;
		return n;
	}
	runs[n].pa = pa;
	runs[n].len = len;
	return n + 1;
}

int run_phys_pin(struct run_phys *phys, struct run_source *source, uint64_t off,
		 uint64_t len, uint64_t hint, struct uiommu_run *runs,
		 size_t max)
{
	uint64_t end = off + len, chunk, done;
	unsigned int nr_covering;
	struct run_window *w;
	size_t n = 0;

	while (off < end && n < max) {
		w = choose(source, off, &nr_covering);
		if (!w)
			w = new_window(phys, source, off,
				       hint > end ? hint : end);
		if (!w)
			break;
		chunk = min64(end - off, room(source, w, off, nr_covering));
		chunk = piece(w, off, chunk);
		done = count(w, off, chunk, 1);
		if (done)
			n = add_run(runs, n, pa_of(w, off), done);
		off += done;
		if (done < chunk)
			break;
	}
	return n ? (int)n : -ENOMEM;
}

void run_phys_unpin(struct run_phys *phys, phys_addr_t pa, uint64_t len,
		    void (*visit)(void *arg, struct run_source *source),
		    void *arg)
{
	struct run_source *source;
	struct run_window *w;
	uint64_t chunk;

	while (len) {
		w = window_at(phys, pa);
		if (!w)
			return;
		chunk = piece(w, pa, min64(len, w->oa + w->len - pa));
		/* Making a leaf may fail; the pin then stays, which is safe. */
		count(w, off_of(w, pa), chunk, -1);
		source = w->source;
		visit(arg, source);
		pa += chunk;
		len -= chunk;
	}
}

uint32_t run_phys_pins(struct run_phys *phys, phys_addr_t pa,
		       struct run_source **source)
{
	struct run_window *w = window_at(phys, pa);

	*source = w ? w->source : NULL;
	return w ? pins_of(w, off_of(w, pa)) : 0;
}

void run_phys_drop(struct run_phys *phys, struct run_source *source)
{
	struct run_window *w;
	uint64_t slot, i;

	while ((w = source->windows)) {
		source->windows = w->next;
		slot = (w->oa - phys->base) >> phys->granule_lg2;
		for (i = 0; i < w->len >> phys->granule_lg2; i++)
			phys->slot[slot + i] = NULL;
		for (i = 0; i < w->len / GROUP_SIZE; i++) {
			if (w->group[i].leaf)
				free_leaf(&w->group[i]);
		}
		free(w);
	}
}

/* ---- saving ---- */

static void save_page(struct run_window *w, uint64_t off, uint64_t epoch)
{
	struct leaf *leaf = group_of(w, off)->leaf;
	unsigned int i = index_of(off);
	struct saved *s;

	if (!leaf->pins[i] || leaf->saved[i])
		return;
	s = malloc(sizeof(*s));
	if (s && w->source->ops->read(w->source, off, s->data, PAGE)) {
		free(s);
		s = NULL;
	}
	if (s) {
		s->epoch = epoch;
		s->written = false;
	}
	leaf->saved[i] = s ? s : &lost;
	w->nr_saved++;
}

static void save_group(struct run_window *w, uint64_t from, uint64_t end,
		       uint64_t epoch)
{
	struct group *g = group_of(w, from);
	uint64_t off;

	spread(w);
	if (!g->leaf && !g->uniform)
		return;
	/* Without memory the pages go on following their place: as documented
	 * for a process that is killed. */
	if (!make_leaf(g))
		return;
	if (!g->leaf->saved)
		g->leaf->saved = calloc(GROUP, sizeof(g->leaf->saved[0]));
	if (!g->leaf->saved)
		return;
	for (off = from; off < end; off += PAGE)
		save_page(w, off, epoch);
}

void run_phys_save(struct run_phys *phys, struct run_source *source,
		   uint64_t off, uint64_t last, uint64_t epoch)
{
	uint64_t at, end, stop;
	struct run_window *w;

	for (w = source->windows; w; w = w->next) {
		if (last < w->off || off >= w->off + w->len)
			continue;
		at = off > w->off ? align_down(off, PAGE) : w->off;
		end = last < w->off + w->len - 1 ? align_up(last + 1, PAGE)
						 : w->off + w->len;
		for (; at < end; at = stop) {
			stop = min64(end,
				     align_down(at, GROUP_SIZE) + GROUP_SIZE);
			save_group(w, at, stop, epoch);
		}
	}
}

static void restore_group(struct run_window *w, struct group *g, uint64_t off,
			  uint64_t epoch)
{
	struct saved *s;
	unsigned int i;

	if (!g->leaf || !g->leaf->saved)
		return;
	for (i = 0; i < GROUP; i++) {
		s = g->leaf->saved[i];
		if (!s || s == &lost || s->epoch != epoch)
			continue;
		/* Other threads of the client may have written to the page. */
		if (s->written)
			w->source->ops->write(w->source, off + i * PAGE,
					      s->data, PAGE);
		forget_saved(w, g->leaf, i);
	}
}

void run_phys_restore(struct run_phys *phys, struct run_source *source,
		      uint64_t epoch)
{
	struct run_window *w;
	uint64_t i;

	for (w = source->windows; w; w = w->next) {
		for (i = 0; w->nr_saved && i < w->len / GROUP_SIZE; i++)
			restore_group(w, &w->group[i], w->off + i * GROUP_SIZE,
				      epoch);
	}
}

/* Is a page of [@at, @end), which is in one group, pinned and at its place? */
static bool any_in_group(struct run_window *w, uint64_t at, uint64_t end)
{
	const struct group *g = group_of(w, at);

	if (!g->leaf)
		return g->uniform || w->all;
	for (; at < end; at += PAGE) {
		if (pins_of(w, at) && !saved_of(w, at))
			return true;
	}
	return false;
}

bool run_phys_any_pinned(struct run_source *source, uint64_t off, uint64_t last)
{
	struct run_window *w;
	uint64_t at, end, stop;

	for (w = source->windows; w; w = w->next) {
		if (last < w->off || off >= w->off + w->len)
			continue;
		at = off > w->off ? align_down(off, PAGE) : w->off;
		end = min64(last, w->off + w->len - 1) + 1;
		for (; at < end; at = stop) {
			stop = min64(end,
				     align_down(at, GROUP_SIZE) + GROUP_SIZE);
			if (any_in_group(w, at, stop))
				return true;
		}
	}
	return false;
}

/* ---- access ---- */

/*
 * The part of [@pa, @pa + @len) that can be accessed in one go: one saved page, or
 * pinned pages of the source in a row. NULL: no pinned memory.
 */
static struct run_window *locate(struct run_phys *phys, phys_addr_t pa,
				 size_t len, size_t *chunk,
				 struct saved **saved)
{
	struct run_window *w = window_at(phys, pa);
	uint64_t off, end, next;

	if (!w)
		return NULL;
	off = off_of(w, pa);
	if (!pins_of(w, off))
		return NULL;
	*saved = saved_of(w, off);
	end = min64(off + piece(w, off, len), w->off + w->len);
	next = align_down(off, PAGE) + PAGE;
	while (!*saved && next < end && pins_of(w, next) && !saved_of(w, next))
		next += PAGE;
	*chunk = (size_t)(min64(end, next) - off);
	return w;
}

int run_phys_read(struct run_phys *phys, phys_addr_t pa, void *buf, size_t len)
{
	struct run_window *w;
	struct saved *saved;
	size_t chunk;
	int error;

	for (; len; len -= chunk, pa += chunk, buf = (char *)buf + chunk) {
		w = locate(phys, pa, len, &chunk, &saved);
		if (!w || saved == &lost)
			return -EFAULT;
		if (saved) {
			memcpy(buf, saved->data + pa % PAGE, chunk);
			continue;
		}
		error = w->source->ops->read(w->source, off_of(w, pa), buf,
					     chunk);
		if (error)
			return error;
	}
	return 0;
}

int run_phys_write(struct run_phys *phys, phys_addr_t pa, const void *buf,
		   size_t len)
{
	struct run_window *w;
	struct saved *saved;
	size_t chunk;
	int error;

	for (; len;
	     len -= chunk, pa += chunk, buf = (const char *)buf + chunk) {
		w = locate(phys, pa, len, &chunk, &saved);
		if (!w || saved == &lost)
			return -EFAULT;
		if (saved) {
			memcpy(saved->data + pa % PAGE, buf, chunk);
			saved->written = true;
			continue;
		}
		error = w->source->ops->write(w->source, off_of(w, pa), buf,
					      chunk);
		if (error)
			return error;
	}
	return 0;
}
