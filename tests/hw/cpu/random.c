/* SPDX-License-Identifier: MIT */
/*
 * Operations at random, against a model of what each page is; the CPU looks at all of
 * them again and again.
 */
#include "walker.h"

#define RW (IOMMU_READ | IOMMU_WRITE)

#define RANDOM_PAGES 48
#define RANDOM_STEPS 300

/* What is expected of each page: where it goes, and whether it may be written. */
struct random_page {
	uint64_t pa; /* 0: nowhere */
	bool writable;
};

static void random_look(struct walker *w, const struct random_page *page,
			uint64_t va)
{
	for (unsigned int i = 0; i < RANDOM_PAGES; i++) {
		uint64_t at = va + i * walker_page(w) + 8 * i;
		uint64_t pa = page[i].pa + 8 * i;

		if (!page[i].pa)
			refuses(w, CPU_READ, at, CPU_ABSENT);
		else if (page[i].writable)
			reaches(w, at, pa);
		else if (reads(w, at, pa))
			refuses(w, CPU_WRITE, at, CPU_DENIED);
	}
}

/* What a step does, and to which pages. */
struct random_step {
	struct walker *w;
	struct random_page *page;
	uint64_t va;
	unsigned int what;
	bool writable;
	uint64_t pa;
};

/* ... with [@first, @first + @n), all of which is mapped. */
static void random_change(const struct random_step *step, unsigned int first,
			  unsigned int n)
{
	struct walker *w = step->w;
	uint64_t size = walker_page(w), va = step->va + first * size;
	struct iommu_run run = { step->pa + first * size, n * size };
	struct iommu_iotlb_gather gather;
	size_t done = 0;
	int rc = 0;

	iommu_iotlb_gather_init(&gather);
	if (step->what == 1)
		w_unmap(w, va, n * size);
	else if (step->what == 2)
		rc = iommu_set_prot(w->domain, va, n * size,
				    step->writable ? RW : IOMMU_READ, &gather);
	else
		rc = iommu_replace_list(w->domain, va, &run, 1, GFP_KERNEL,
					&gather, &done);
	w_end(w, &gather);
	if (rc && rc != -EOPNOTSUPP)
		check(false, "step %u at %lx: %d", step->what, va, rc);
	for (unsigned int i = first; !rc && i < first + n; i++) {
		if (step->what == 1)
			step->page[i].pa = 0;
		else if (step->what == 2)
			step->page[i].writable = step->writable;
		else
			step->page[i].pa = run.oa + (i - first) * size;
	}
}

static bool random_cut(struct walker *w, uint64_t va)
{
	struct iommu_iotlb_gather gather;
	int rc;

	iommu_iotlb_gather_init(&gather);
	rc = iommu_cut(w->domain, va, GFP_KERNEL, &gather);
	w_end(w, &gather);
	if (rc && rc != -EOPNOTSUPP)
		check(false, "cut at %lx: %d", va, rc);
	return !rc;
}

static void random_map(const struct random_step *step, unsigned int first,
		       unsigned int n)
{
	uint64_t size = walker_page(step->w);

	if (!w_map(step->w, step->va + first * size, step->pa + first * size,
		   n * size, step->writable ? RW : IOMMU_READ))
		return;
	for (unsigned int i = first; i < first + n; i++) {
		step->page[i].pa = step->pa + i * size;
		step->page[i].writable = step->writable;
	}
}

/* Do @step to what is mapped of [@first, @end), or map what is not. */
static void random_do(const struct random_step *step, unsigned int first,
		      unsigned int end)
{
	struct random_page *page = step->page;

	while (first < end) {
		unsigned int n = 1;

		while (first + n < end &&
		       !page[first].pa == !page[first + n].pa)
			n++;
		if (!page[first].pa && !step->what)
			random_map(step, first, n);
		else if (page[first].pa && step->what)
			random_change(step, first, n);
		first += n;
	}
}

static void at_random(struct walker *w)
{
	struct random_page page[RANDOM_PAGES] = { 0 };
	uint64_t seed = 2026, size = walker_page(w);
	struct random_step step = { .w = w, .page = page, .va = w->base[0] };

	tap_quiet();
	for (unsigned int i = 0; i < RANDOM_STEPS; i++) {
		unsigned int first =
			(unsigned int)(guest_random(&seed) % RANDOM_PAGES);
		unsigned int end = first + 1 +
				   (unsigned int)(guest_random(&seed) %
						  (RANDOM_PAGES - first));

		step.what = (unsigned int)(guest_random(&seed) % 4);
		step.writable = guest_random(&seed) % 4;
		step.pa = data(guest_random(&seed) % 8 * 64 * size);
		/* Where hardware bears no cut, the entries stay as they are. */
		if (!random_cut(w, step.va + first * size) ||
		    !random_cut(w, step.va + end * size))
			continue;
		random_do(&step, first, end);
		if (i % 8 == 0)
			random_look(w, page, step.va);
	}
	random_look(w, page, step.va);
	step.what = 1;
	random_do(&step, 0, RANDOM_PAGES);
}

void battery_random(struct walker *w)
{
	walker_case(w, "operations at random", at_random);
}
