/* SPDX-License-Identifier: MIT */
/*
 * Dirty tracking by one CPU: hardware sets accessed and dirty bits in our entries,
 * software reads and clears them.
 */
#include "walker.h"

#define RW (IOMMU_READ | IOMMU_WRITE)

#define MAX_PARTS 64

/*
 * The window that a test looks at: [@va, @va + @parts * @part) goes to @pa and what is
 * behind it.
 */
struct window {
	struct walker *w;
	uint64_t va, pa, part;
	unsigned int parts;
	bool dirty[MAX_PARTS]; /* as it was recorded */
	bool outside; /* something else was */
};

static void record(void *arg, dma_addr_t iova, size_t length)
{
	struct window *win = arg;
	uint64_t first = iova - win->va, end = win->parts * win->part;

	if (first >= end || length > end - first) {
		win->outside = true;
		return;
	}
	end = (first + length - 1) / win->part;
	for (uint64_t i = first / win->part; i <= end; i++)
		win->dirty[i] = true;
}

/* Read [@first, @first + @n) of the parts, and sync if @sync says so. */
static void read_dirty(struct window *win, unsigned int first, unsigned int n,
		       unsigned int flags, bool sync)
{
	struct iommu_domain *domain = win->w->domain;
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap bitmap = { .record = record,
					     .arg = win,
					     .gather = &gather };
	int rc;

	iommu_iotlb_gather_init(&gather);
	for (unsigned int i = 0; i < MAX_PARTS; i++)
		win->dirty[i] = false;
	win->outside = false;
	rc = domain->dirty_ops->read_and_clear_dirty(
		domain, win->va + first * win->part, n * win->part, flags,
		&bitmap);
	if (rc || win->outside)
		check(false, "read_and_clear_dirty: %d, in the range: %s", rc,
		      win->outside ? "not all" : "yes");
	if (sync)
		w_end(win->w, &gather);
}

/* What was recorded is what is expected, bit @i for part i. */
static void exactly(const struct window *win, uint64_t want)
{
	uint64_t got = 0;

	for (unsigned int i = 0; i < win->parts; i++)
		got |= (uint64_t)win->dirty[i] << i;
	check(got == want, "of %u pages expected dirty: %lx; dirty: %lx",
	      win->parts, want, got);
}

/* Read all of the window, and sync. */
static void expect(struct window *win, unsigned int flags, uint64_t want)
{
	read_dirty(win, 0, win->parts, flags, true);
	exactly(win, want);
}

/* A write to part @i by the CPU, where there is memory. */
static void write_part(struct window *win, unsigned int i)
{
	uint64_t va = win->va + i * win->part + 8 * (i % 8);
	struct cpu_result got = win->w->access(win->w, CPU_WRITE, va, i);

	if (got.fault)
		check(false, "write at %lx: fault %lx", va, got.code);
}

/* Map the window and have it clean. */
static void map_clean(struct window *win)
{
	w_map(win->w, win->va, win->pa, win->parts * win->part, RW);
	read_dirty(win, 0, win->parts, 0, true);
}

static void unmap_all(struct window *win)
{
	w_unmap(win->w, win->va, win->parts * win->part);
}

/* Pages that cannot become larger ones: their VA and OA do not fit. */
static struct window small_pages(struct walker *w, uint64_t va,
				 unsigned int pages)
{
	return (struct window){ .w = w,
				.va = va,
				.pa = data(walker_page(w)),
				.part = walker_page(w),
				.parts = pages };
}

/* ---- Bits ------------------------------------------------------------------------ */

/* The accessed bit, which tables set in advance: taken away, hardware sets it. */
static void accessed_bit(struct walker *w)
{
	uint64_t va = w->base[0], *item;
	struct iommu_iotlb_gather gather;

	w_map(w, va, data(0), walker_page(w), RW);
	item = w->item(w, va);
	if (!check(item, "the entry can be found in memory"))
		return;
	__atomic_fetch_and(item, ~w->accessed, __ATOMIC_SEQ_CST);
	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add(&gather, va, va + walker_page(w) - 1,
			       walker_page(w));
	w_end(w, &gather);
	check(!(*item & w->accessed), "accessed bit cleared: entry %lx", *item);
	w->access(w, CPU_READ, va, 0);
	check(*item & w->accessed, "read: expected it set; entry %lx", *item);
	w_unmap(w, va, walker_page(w));
}

/* A write makes an entry dirty, a read does not; no more than one bit changes. */
static void dirty_bit(struct walker *w)
{
	struct window win = small_pages(w, w->base[0], 1);
	uint64_t *item, clean;

	map_clean(&win);
	item = w->item(w, win.va);
	if (!check(item, "the entry can be found in memory"))
		return;
	clean = *item;
	expect(&win, 0, 0);
	w->access(w, CPU_READ, win.va, 0);
	check(*item == clean, "read: expected entry %lx; it is %lx", clean,
	      *item);
	expect(&win, 0, 0);
	write_part(&win, 0);
	check(*item != clean && !((*item ^ clean) & ((*item ^ clean) - 1)),
	      "write: expected one other bit in %lx; it is %lx", clean, *item);
	expect(&win, 0, 1);
	check(*item == clean, "cleared: expected entry %lx; it is %lx", clean,
	      *item);
	if (w->user) {
		w->access(w, CPU_WRITE | CPU_USER, win.va, 0);
		expect(&win, 0, 1);
	}
	unmap_all(&win);
}

/* ---- Ranges ------------------------------------------------------------------------ */

static void what_was_written(struct walker *w)
{
	uint64_t seed = 6, page = walker_page(w);

	for (unsigned int i = 0; i < WALKER_BASES && w->base[i]; i++) {
		/* From the last pages of one table to those of the next */
		struct window win = small_pages(w, w->base[i] - 32 * page, 64);
		uint64_t want = 0;

		map_clean(&win);
		for (unsigned int n = 0; n < 20; n++) {
			unsigned int part =
				(unsigned int)(guest_random(&seed) % 64);

			write_part(&win, part);
			want |= 1ull << part;
			w->access(w, CPU_READ,
				  win.va + guest_random(&seed) % 64 * page, 0);
		}
		check(true, "read and not cleared, twice; then cleared");
		expect(&win, IOMMU_DIRTY_NO_CLEAR, want);
		expect(&win, IOMMU_DIRTY_NO_CLEAR, want);
		expect(&win, 0, want);
		expect(&win, 0, 0);
		write_part(&win, 17);
		expect(&win, 0, 1ull << 17);
		unmap_all(&win);
	}
}

/* What is read of a part is recorded and cleared there, and nowhere else. */
static void some_of_it(struct walker *w)
{
	struct window win = small_pages(w, w->base[0], 16);

	map_clean(&win);
	for (unsigned int i = 0; i < 16; i++)
		write_part(&win, i);
	read_dirty(&win, 4, 4, 0, true);
	exactly(&win, 0x00f0);
	expect(&win, 0, 0xff0f);
	unmap_all(&win);
}

/* A write makes all of a large page dirty; asked for a half, it stays dirty. */
static void one_large_page(struct walker *w, uint64_t size)
{
	struct window win = { .w = w,
			      .va = w->base[0] & ~(size - 1),
			      .pa = data(0) & ~(size - 1),
			      .part = size / 2,
			      .parts = 2 };
	uint64_t at = win.va + (data(0) - win.pa);

	check(true, "a page of %lx", size);
	map_clean(&win);
	w->access(w, CPU_WRITE, at, 0);
	read_dirty(&win, 0, 1, 0, true);
	exactly(&win, 1);
	expect(&win, 0, 3);
	expect(&win, 0, 0);
	w->access(w, CPU_READ, at, 0);
	expect(&win, 0, 0);
	/* The same address, of which the CPU might remember that it was dirty */
	w->access(w, CPU_WRITE, at, 0);
	expect(&win, 0, 3);
	w->access(w, CPU_WRITE, at + walker_page(w), 0);
	expect(&win, 0, 3);
	unmap_all(&win);
}

static void large_pages(struct walker *w)
{
	for (unsigned int lg2 = 0; lg2 < 64; lg2++) {
		uint64_t size = 1ull << lg2;

		if (w->domain->pgsize_bitmap & size && size > walker_page(w) &&
		    w->base[0] & ~(size - 1))
			one_large_page(w, size);
	}
}

/* ---- Flushes and changes ------------------------------------------------------------- */

/*
 * Until the gather is flushed the CPU may write without noting it, and does: so the
 * other tests would notice a missing flush. Afterwards each write counts again.
 */
static void not_synced(struct walker *w)
{
	struct window win = small_pages(w, w->base[0], 4);

	map_clean(&win);
	write_part(&win, 2);
	read_dirty(&win, 0, 4, 0, false);
	exactly(&win, 1 << 2);
	write_part(&win, 2);
	check(true, "cleared, not synced, and written: the CPU notes nothing");
	expect(&win, 0, 0);
	w->domain->ops->flush_iotlb_all(w->domain);
	write_part(&win, 2);
	check(true, "synced, and written");
	expect(&win, 0, 1 << 2);
	unmap_all(&win);
}

/* Cut, merged, protected, moved: what was dirty stays so, what was not does not. */
static void kept(struct walker *w)
{
	uint64_t size = walker_divisible(w), page = walker_page(w);
	struct window win = { .w = w,
			      .va = w->base[0] & ~(size - 1),
			      .pa = data(size),
			      .part = size / 2,
			      .parts = 2 };
	struct iommu_iotlb_gather gather;

	if (size > machine_data_size / 4)
		return;
	iommu_iotlb_gather_init(&gather);
	map_clean(&win);
	w->access(w, CPU_WRITE, win.va + page, 0);
	if (!iommu_shrink_pages(w->domain, win.va, size, size / 2, GFP_KERNEL,
				&gather)) {
		w_end(w, &gather);
		check(true, "a dirty page was split");
		expect(&win, 0, 3);
		w->access(w, CPU_WRITE, win.va + size / 2, 0);
		expect(&win, 0, 2);
		w->access(w, CPU_WRITE, win.va, 0);
		iommu_grow_pages(w->domain, win.va, size, &gather);
		w_end(w, &gather);
		check(true, "pages of which one was dirty were merged");
		expect(&win, 0, 3);
	}
	unmap_all(&win);
}

void battery_dirty(struct walker *w)
{
	if (w->accessed)
		walker_case(w, "hardware sets the accessed bit", accessed_bit);
	walker_case(w, "hardware sets the dirty bit", dirty_bit);
	walker_case(w, "dirty is what was written", what_was_written);
	walker_case(w, "dirty pages in some of a range", some_of_it);
	walker_case(w, "dirty pages of every size", large_pages);
	if (!w->forgets)
		walker_case(w, "dirty bits count again once they are synced",
			    not_synced);
	walker_case(w, "dirty pages are split and merged", kept);
}
