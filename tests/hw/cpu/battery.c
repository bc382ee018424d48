/* SPDX-License-Identifier: MIT */
/*
 * What a CPU must do with our tables, whatever the format: reach what is mapped, fault
 * where it is not allowed, and see a change as soon as its sync has returned.
 */
#include "walker.h"

#define RW (IOMMU_READ | IOMMU_WRITE)

#define for_each_base(w, i)                             \
	for (unsigned int i = 0; i < WALKER_BASES; i++) \
		if ((w)->base[i])

/* Where a page of @size at the base is: aligned down, and away from the anchor. */
static uint64_t va_of(uint64_t base, uint64_t size)
{
	return base & ~(size - 1);
}

/* ---- Every size -------------------------------------------------------------- */

/*
 * A page of any size goes to the data, or to what is around it, so that some of it
 * has memory behind it: where the data begins, and all of it if it is small.
 */
static void one_size(struct walker *w, uint64_t base, uint64_t size)
{
	uint64_t pa = data(0) & ~(size - 1);
	uint64_t va = va_of(base, size);
	uint64_t first = data(0) - pa;

	check(true, "a page of %lx", size);
	if (!w_map(w, va, pa, size, RW))
		return;
	reaches(w, va + first, data(0));
	reaches(w, va + first + walker_page(w) - 8, data(walker_page(w) - 8));
	if (size <= machine_data_size)
		reaches(w, va + size - 8, pa + size - 8);
	w_unmap(w, va, size);
	refuses(w, CPU_READ, va + first, CPU_ABSENT);
	refuses(w, CPU_WRITE, va + first, CPU_ABSENT);
	refuses(w, CPU_READ, va + size - 8, CPU_ABSENT);
}

static void every_size(struct walker *w)
{
	for_each_base(w, i) for (unsigned int lg2 = 0; lg2 < 64;
				 lg2++) if (w->domain->pgsize_bitmap &
						    1ull << lg2 &&
					    va_of(w->base[i], 1ull << lg2))
		one_size(w, w->base[i], 1ull << lg2);
}

/* ---- Runs ------------------------------------------------------------------------ */

/* Each page of a run, and all that one access can straddle. */
static void look_at_run(struct walker *w, uint64_t va, uint64_t pa,
			uint64_t len)
{
	uint64_t page = walker_page(w);

	for (uint64_t at = 0; at < len; at += page) {
		if (!reaches(w, va + at, pa + at) ||
		    !reaches(w, va + at + page - 8, pa + at + page - 8))
			return;
		/* The last bytes of one page and the first of the next. */
		if (at && !reaches(w, va + at - 4, pa + at - 4))
			return;
	}
	refuses(w, CPU_READ, va - 8, CPU_ABSENT);
	refuses(w, CPU_WRITE, va + len, CPU_ABSENT);
}

/*
 * Small pages up to a large one, that, and small ones behind it; the first small ones
 * are in another table than the last.
 */
static void crossing(struct walker *w)
{
	uint64_t page = walker_page(w), large = walker_large(w);

	for_each_base(w, i)
	{
		uint64_t va = va_of(w->base[i], 2 * large) - 3 * page;
		uint64_t pa = data(large) - 3 * page;
		uint64_t len = large + 6 * page;

		if (large > machine_data_size / 4)
			continue;
		tap_quiet();
		if (!w_map(w, va, pa, len, RW))
			return;
		look_at_run(w, va, pa, len);
		w_unmap(w, va, len);
		for (uint64_t at = 0; at < len; at += page)
			refuses(w, CPU_READ, va + at, CPU_ABSENT);
	}
}

/* Two neighbouring pages go to places far apart: an access to both is split. */
static void straddling(struct walker *w)
{
	uint64_t page = walker_page(w);

	for_each_base(w, i)
	{
		uint64_t va = va_of(w->base[i], walker_large(w));
		uint64_t last = data(8 * page) + page - 4, first = data(0);
		struct cpu_result got;

		w_map(w, va - page, data(8 * page), page, RW);
		w_map(w, va, data(0), page, RW);
		*(volatile uint32_t *)guest_at(last) = 0x11223344;
		*(volatile uint32_t *)guest_at(first) = 0x55667788;
		got = w->access(w, CPU_READ, va - 4, 0);
		check(!got.fault && got.value == 0x5566778811223344,
		      "read at %lx, in two pages: the CPU read %lx", va - 4,
		      got.value);
		got = w->access(w, CPU_WRITE, va - 4, 0x0123456789abcdef);
		check(!got.fault &&
			      *(volatile uint32_t *)guest_at(last) ==
				      0x89abcdef &&
			      *(volatile uint32_t *)guest_at(first) ==
				      0x01234567,
		      "write at %lx, in two pages", va - 4);
		w_unmap(w, va - page, 2 * page);
	}
}

/* ---- Refusals ---------------------------------------------------------------------- */

static void refused(struct walker *w)
{
	uint64_t page = walker_page(w);

	for_each_base(w, i)
	{
		uint64_t va = w->base[i] + 16 * page;

		w_map(w, va, data(0), page, IOMMU_READ);
		reads(w, va, data(0));
		refuses(w, CPU_WRITE, va, CPU_DENIED);
		refuses(w, CPU_WRITE, va + page - 8, CPU_DENIED);
		if (w->user)
			refuses(w, CPU_WRITE | CPU_USER, va, CPU_DENIED);
		refuses(w, CPU_READ, va + page, CPU_ABSENT);
		refuses(w, CPU_READ, va - 8, CPU_ABSENT);
		refuses(w, CPU_WRITE, va - page, CPU_ABSENT);
		if (w->user)
			refuses(w, CPU_READ | CPU_USER, va + page, CPU_ABSENT);
		if (w->exec)
			refuses(w, CPU_EXEC, va + page, CPU_ABSENT);
		w_unmap(w, va, page);
	}
	if (!w->outside)
		return;
	refuses(w, CPU_READ, w->outside, CPU_RANGE);
	refuses(w, CPU_WRITE, w->outside, CPU_RANGE);
}

/* Mappings for privileged code only, and for all. */
static void privileged(struct walker *w)
{
	uint64_t page = walker_page(w), va = w->base[0];

	w_map(w, va, data(0), page, RW | IOMMU_PRIV);
	reads_as(w, 0, va, data(0));
	writes_as(w, 0, va, data(0));
	refuses(w, CPU_READ | CPU_USER, va, CPU_DENIED);
	refuses(w, CPU_WRITE | CPU_USER, va, CPU_DENIED);
	w_unmap(w, va, page);
	w_map(w, va, data(0), page, RW);
	reaches(w, va, data(0));
	w_unmap(w, va, page);
}

/* Code runs where the table permits it. */
static void executable(struct walker *w)
{
	uint64_t page = walker_page(w), va = w->base[0];

	w_map(w, va, data(0), page, IOMMU_READ | IOMMU_PRIV);
	runs(w, 0, va, data(0));
	if (w->user)
		refuses(w, CPU_EXEC | CPU_USER, va, CPU_DENIED);
	w_unmap(w, va, page);
	w_map(w, va, data(0), page, IOMMU_READ | IOMMU_NOEXEC | IOMMU_PRIV);
	refuses(w, CPU_EXEC, va, CPU_DENIED);
	reads_as(w, 0, va, data(0));
	w_unmap(w, va, page);
	if (!w->user)
		return;
	w_map(w, va, data(0), page, IOMMU_READ);
	runs(w, CPU_USER, va, data(0));
	w_unmap(w, va, page);
	w_map(w, va, data(0), page, IOMMU_READ | IOMMU_NOEXEC);
	refuses(w, CPU_EXEC | CPU_USER, va, CPU_DENIED);
	w_unmap(w, va, page);
}

/* ---- Changes ------------------------------------------------------------------------ */

/*
 * The sync is what makes a change true. Left out, with the translation cached, the CPU
 * goes on as before: which also shows that the other tests would notice.
 */
static void stale(struct walker *w)
{
	/* Not where the guest's own pages are in a small TLB */
	uint64_t page = walker_page(w), va = w->base[0] + 85 * page;
	struct iommu_run other = { data(page), page };
	struct iommu_iotlb_gather gather;
	size_t replaced = 0;

	iommu_iotlb_gather_init(&gather);
	w_map(w, va, data(0), page, RW);
	reaches(w, va, data(0));
	check(true, "unmapped, not synced: the CPU still goes there");
	iommu_unmap(w->domain, va, page, &gather);
	reaches(w, va, data(0));
	w_end(w, &gather);
	check(true, "synced");
	refuses(w, CPU_READ, va, CPU_ABSENT);
	refuses(w, CPU_WRITE, va, CPU_ABSENT);

	w_map(w, va, data(0), page, RW);
	reaches(w, va, data(0));
	if (iommu_replace_list(w->domain, va, &other, 1, GFP_KERNEL, &gather,
			       &replaced) != -EOPNOTSUPP) {
		check(true, "replaced, not synced: it still goes there");
		reaches(w, va, data(0));
		w_end(w, &gather);
		check(true, "synced");
		reaches(w, va, data(page));
	}
	if (!iommu_set_prot(w->domain, va, page, IOMMU_READ, &gather)) {
		check(true, "made read-only, not synced: it still writes");
		writes(w, va, iommu_iova_to_phys(w->domain, va));
		w_end(w, &gather);
		check(true, "synced");
		refuses(w, CPU_WRITE, va, CPU_DENIED);
	}
	w_unmap(w, va, page);
}

/* What hardware bears of live entries is the format's business: then nothing changes. */
static bool born(int rc, const char *what)
{
	return check(!rc || rc == -EOPNOTSUPP, "%s: %d", what, rc) && !rc;
}

/* One page of @size under data(0): split, a hole in it, merged. */
static void cut_one(struct walker *w, uint64_t va, uint64_t pa, uint64_t size)
{
	uint64_t page = walker_page(w), at = va + (data(0) - pa);
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	reaches(w, at, data(0));
	if (!born(iommu_cut(w->domain, at + page, GFP_KERNEL, &gather), "cut"))
		return;
	w_end(w, &gather);
	reaches(w, at, data(0));
	reaches(w, at + page, data(page));
	born(iommu_cut(w->domain, at + 2 * page, GFP_KERNEL, &gather), "cut");
	w_unmap(w, at + page, page);
	reaches(w, at + page - 8, data(page - 8));
	refuses(w, CPU_WRITE, at + page, CPU_ABSENT);
	refuses(w, CPU_READ, at + 2 * page - 8, CPU_ABSENT);
	if (size > 2 * page)
		reaches(w, at + 2 * page, data(2 * page));
	w_map(w, at + page, data(page), page, RW);
	reaches(w, at + page, data(page));
	born(iommu_grow_pages(w->domain, va, size, &gather), "grow_pages");
	w_end(w, &gather);
	reaches(w, at + page, data(page));
	reaches(w, at + page - 4, data(page - 4));
}

/* Of pages beyond, not all of the tables have room in the guest. */
#define SHRINK_MAX (1ul << 30)

/* The page at @at becomes an entry by itself. */
static bool alone(struct walker *w, uint64_t at, uint64_t size,
		  struct iommu_iotlb_gather *gather)
{
	uint64_t page = walker_page(w);

	if (size <= SHRINK_MAX)
		return born(iommu_shrink_pages(w->domain, at, page, page,
					       GFP_KERNEL, gather),
			    "shrink_pages");
	return born(iommu_cut(w->domain, at, GFP_KERNEL, gather), "cut") &&
	       born(iommu_cut(w->domain, at + page, GFP_KERNEL, gather), "cut");
}

/* A page in the middle goes elsewhere, and comes back; what may be done changes. */
static void change_one(struct walker *w, uint64_t va, uint64_t pa,
		       uint64_t size)
{
	uint64_t page = walker_page(w), at = va + (data(0) - pa) + page;
	uint64_t far = machine_data_size - page;
	struct iommu_run there = { data(far), page };
	struct iommu_run back = { data(page), page };
	struct iommu_iotlb_gather gather;
	size_t done = 0;

	iommu_iotlb_gather_init(&gather);
	if (born(iommu_set_prot(w->domain, va, size, IOMMU_READ, &gather),
		 "set_prot: read only")) {
		w_end(w, &gather);
		reads(w, at, data(page));
		refuses(w, CPU_WRITE, at, CPU_DENIED);
	}
	if (born(iommu_set_prot(w->domain, va, size, RW, &gather),
		 "set_prot: read and write")) {
		w_end(w, &gather);
		reaches(w, at, data(page));
	}
	if (!alone(w, at, size, &gather))
		return;
	w_end(w, &gather);
	reaches(w, at, data(page));
	if (!born(iommu_replace_list(w->domain, at, &there, 1, GFP_KERNEL,
				     &gather, &done),
		  "replace_list"))
		return;
	w_end(w, &gather);
	reaches(w, at, data(far));
	reaches(w, at - 8, data(page - 8));
	if (size > 2 * page)
		reaches(w, at + page, data(2 * page));
	iommu_replace_list(w->domain, at, &back, 1, GFP_KERNEL, &gather, &done);
	w_end(w, &gather);
	reaches(w, at, data(page));
}

static void live(struct walker *w)
{
	for (unsigned int lg2 = 0; lg2 < 64; lg2++) {
		uint64_t size = 1ull << lg2, pa = data(0) & ~(size - 1);
		uint64_t va = va_of(w->base[0], size);

		if (!(w->domain->pgsize_bitmap & size) || !va ||
		    size == walker_page(w))
			continue;
		check(true, "a page of %lx", size);
		w_map(w, va, pa, size, RW);
		cut_one(w, va, pa, size);
		w_unmap(w, va, size);
		w_map(w, va, pa, size, RW);
		change_one(w, va, pa, size);
		w_unmap(w, va, size);
	}
}

/* Small pages have gone, and a large one takes the place of their table. */
static void table_to_leaf(struct walker *w)
{
	uint64_t page = walker_page(w), large = walker_large(w);
	uint64_t va = va_of(w->base[0], large);

	if (large > machine_data_size / 4)
		return;
	w_map(w, va, data(large), page, RW);
	w_map(w, va + large - page, data(0), page, RW);
	reaches(w, va, data(large));
	reaches(w, va + large - page, data(0));
	w_unmap(w, va, page);
	w_unmap(w, va + large - page, page);
	w_map(w, va, data(0), large, RW);
	reaches(w, va, data(0));
	reaches(w, va + large - page, data(large - page));
	w_unmap(w, va, large);
	w_map(w, va + page, data(0), page, RW);
	reaches(w, va + page, data(0));
	refuses(w, CPU_READ, va, CPU_ABSENT);
	w_unmap(w, va + page, page);
}

/* ---- All of it ----------------------------------------------------------------------- */

void walker_case(struct walker *w, const char *name,
		 void (*test)(struct walker *w))
{
	tap_begin(w->name, name);
	if (walker_open(w)) {
		test(w);
		walker_close(w);
	}
	tap_end();
}

void walker_battery(struct walker *w)
{
	if (walker_torn) {
		if (w->migrate)
			battery_torn(w);
		return;
	}
	walker_case(w, "pages of every size, from end to end", every_size);
	walker_case(w, "runs over sizes and tables", crossing);
	walker_case(w, "accesses to two pages at once", straddling);
	walker_case(w, "unmapped, read-only and out of range", refused);
	if (w->user)
		walker_case(w, "privileged mappings", privileged);
	if (w->exec)
		walker_case(w, "executable and not", executable);
	if (!w->forgets)
		walker_case(w,
			    "a change counts once it is synced, and not before",
			    stale);
	walker_case(w, "live pages are cut, merged, moved, made read-only",
		    live);
	walker_case(w, "a large page in the place of a table", table_to_leaf);
	battery_random(w);
	if (!w->dirty)
		return;
	battery_dirty(w);
	if (w->migrate)
		battery_migrate(w);
}
