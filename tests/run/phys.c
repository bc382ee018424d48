/* SPDX-License-Identifier: MIT */
/* Output addresses and pins, against a plain model of one record per page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "run/phys.h"

#define PAGE    UIOMMU_PAGE_SIZE
#define GRANULE (1ull << 21)
#define BASE    (8 * GRANULE)
#define END     (4096 * GRANULE)
#define PAGES   2048u

/* A source of PAGES pages; a page that is not there cannot be read. */
struct source {
	struct run_source base;
	uint8_t *data;
	bool there[PAGES];
};

static struct source *of(struct run_source *source)
{
	return (struct source *)source;
}

static int read_source(struct run_source *source, uint64_t off, void *buf,
		       size_t len)
{
	uint64_t at;

	for (at = off / PAGE; at <= (off + len - 1) / PAGE; at++) {
		if (!of(source)->there[at])
			return -EFAULT;
	}
	memcpy(buf, of(source)->data + off, len);
	return 0;
}

static int write_source(struct run_source *source, uint64_t off,
			const void *buf, size_t len)
{
	memcpy(of(source)->data + off, buf, len);
	return 0;
}

static const struct run_source_ops ops = { read_source, write_source };

struct rig {
	struct run_phys *phys;
	struct source a, b;
};

static void init_source(struct source *s, uint8_t seed)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->base.ops = &ops;
	s->data = malloc(PAGES * PAGE);
	for (i = 0; i < PAGES; i++) {
		memset(s->data + i * PAGE, seed + (int)i, PAGE);
		s->there[i] = true;
	}
}

static int setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	rig->phys = run_phys_new(BASE, END, 21);
	init_source(&rig->a, 1);
	init_source(&rig->b, 100);
	*state = rig;
	return !rig->phys;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	run_phys_drop(rig->phys, &rig->a.base);
	run_phys_drop(rig->phys, &rig->b.base);
	run_phys_free(rig->phys);
	free(rig->a.data);
	free(rig->b.data);
	free(rig);
	return 0;
}

static void visit(void *arg, struct run_source *source)
{
	if (arg)
		*(struct run_source **)arg = source;
}

static phys_addr_t pin(struct rig *rig, struct source *s, uint64_t page,
		       uint64_t nr)
{
	struct uiommu_run run;

	assert_int_equal(run_phys_pin(rig->phys, &s->base, page * PAGE,
				      nr * PAGE, PAGES * PAGE, &run, 1),
			 1);
	assert_int_equal(run.len, nr * PAGE);
	return run.pa;
}

static void unpin(struct rig *rig, phys_addr_t pa, uint64_t nr)
{
	struct run_source *seen = NULL;

	run_phys_unpin(rig->phys, pa, nr * PAGE, visit, &seen);
	assert_non_null(seen);
}

static int first_byte(struct rig *rig, phys_addr_t pa)
{
	uint8_t c;

	return run_phys_read(rig->phys, pa, &c, 1) ? -1 : c;
}

static void contiguous(void **state)
{
	struct rig *rig = *state;
	phys_addr_t pa = pin(rig, &rig->a, 0, PAGES), other;

	/* Congruent to the offset, so that large pages fit. */
	assert_int_equal(pa % GRANULE, 0);
	assert_int_equal(pin(rig, &rig->a, 700, 1), pa + 700 * PAGE);
	other = pin(rig, &rig->b, 513, 600);
	assert_int_equal(other % GRANULE, 513 * PAGE % GRANULE);
	assert_int_equal(rig->a.base.pinned, PAGES);
	assert_int_equal(rig->b.base.pinned, 600);
	unpin(rig, pa, PAGES);
	assert_int_equal(rig->a.base.pinned, 1);
	assert_int_equal(first_byte(rig, pa), -1);
	assert_int_equal(first_byte(rig, pa + 700 * PAGE), (1 + 700) & 0xff);
	unpin(rig, pa + 700 * PAGE, 1);
	unpin(rig, other, 600);
	assert_int_equal(rig->a.base.pinned + rig->b.base.pinned, 0);
}

static void nested(void **state)
{
	struct rig *rig = *state;
	phys_addr_t pa = pin(rig, &rig->a, 10, 4);
	int i;

	for (i = 0; i < 100; i++)
		assert_int_equal(pin(rig, &rig->a, 11, 2), pa + PAGE);
	unpin(rig, pa, 4);
	assert_int_equal(first_byte(rig, pa), -1);
	for (i = 0; i < 100; i++) {
		assert_int_equal(first_byte(rig, pa + PAGE), 1 + 11);
		unpin(rig, pa + PAGE, 2);
	}
	assert_int_equal(first_byte(rig, pa + PAGE), -1);
}

/* Pins of all that a window has, among pins of parts. */
static void whole(void **state)
{
	struct rig *rig = *state;
	phys_addr_t pa = pin(rig, &rig->a, 0, PAGES);
	unsigned int i;

	assert_int_equal(pin(rig, &rig->a, 0, PAGES), pa);
	assert_int_equal(rig->a.base.pinned, PAGES);
	assert_true(run_phys_any_pinned(&rig->a.base, 5 * PAGE, 6 * PAGE - 1));
	unpin(rig, pa, PAGES);
	assert_int_equal(rig->a.base.pinned, PAGES);
	/* A part on top, and what was whole goes piece by piece. */
	assert_int_equal(pin(rig, &rig->a, 600, 3), pa + 600 * PAGE);
	for (i = 0; i < PAGES; i += 100)
		unpin(rig, pa + i * PAGE, PAGES - i < 100 ? PAGES - i : 100);
	assert_int_equal(rig->a.base.pinned, 3);
	assert_int_equal(first_byte(rig, pa + 599 * PAGE), -1);
	assert_int_equal(first_byte(rig, pa + 602 * PAGE), (1 + 602) & 0xff);
	/* Whole on top of a part, in pieces, then as one. */
	assert_int_equal(pin(rig, &rig->a, 0, PAGES), pa);
	unpin(rig, pa + 600 * PAGE, 3);
	assert_int_equal(rig->a.base.pinned, PAGES);
	unpin(rig, pa, PAGES);
	assert_int_equal(rig->a.base.pinned, 0);
	assert_false(run_phys_any_pinned(&rig->a.base, 0, PAGES * PAGE - 1));
	/* A page is saved under it. */
	assert_int_equal(pin(rig, &rig->a, 0, PAGES), pa);
	run_phys_save(rig->phys, &rig->a.base, 7 * PAGE, 8 * PAGE - 1, 0);
	rig->a.there[7] = false;
	assert_int_equal(first_byte(rig, pa + 7 * PAGE), 1 + 7);
	assert_int_equal(first_byte(rig, pa + 8 * PAGE), 1 + 8);
	unpin(rig, pa, PAGES);
	assert_int_equal(rig->a.base.pinned, 0);
	assert_int_equal(pin(rig, &rig->a, 0, PAGES), pa);
	unpin(rig, pa, PAGES);
}

static void saved(void **state)
{
	struct rig *rig = *state;
	phys_addr_t pa = pin(rig, &rig->a, 0, PAGES), again;
	uint8_t c = 0x77;

	run_phys_save(rig->phys, &rig->a.base, 5 * PAGE, 6 * PAGE - 1, 0);
	memset(rig->a.data + 5 * PAGE, 0x55, PAGE);
	assert_int_equal(first_byte(rig, pa + 5 * PAGE), 1 + 5);
	assert_int_equal(run_phys_write(rig->phys, pa + 5 * PAGE, &c, 1), 0);
	assert_int_equal(first_byte(rig, pa + 5 * PAGE), 0x77);
	assert_int_equal(rig->a.data[5 * PAGE], 0x55);
	/* In its place is another page with another address. */
	again = pin(rig, &rig->a, 5, 1);
	assert_int_not_equal(again, pa + 5 * PAGE);
	assert_int_equal(again % GRANULE, 5 * PAGE);
	assert_int_equal(first_byte(rig, again), 0x55);
	/* The old address does not come back while the new one is pinned. */
	unpin(rig, pa + 5 * PAGE, 1);
	assert_int_equal(pin(rig, &rig->a, 5, 1), again);
	unpin(rig, again, 2 - 1);
	unpin(rig, again, 1);
	unpin(rig, pa, 5);
	unpin(rig, pa + 6 * PAGE, PAGES - 6);
	assert_int_equal(rig->a.base.pinned, 0);
}

static void lost(void **state)
{
	struct rig *rig = *state;
	phys_addr_t pa = pin(rig, &rig->a, 0, 3);

	rig->a.there[1] = false;
	run_phys_save(rig->phys, &rig->a.base, 0, UINT64_MAX, 0);
	assert_int_equal(first_byte(rig, pa), 1);
	assert_int_equal(first_byte(rig, pa + PAGE), -1);
	assert_int_equal(first_byte(rig, pa + 2 * PAGE), 3);
	unpin(rig, pa, 3);
}

static void restored(void **state)
{
	struct rig *rig = *state;
	phys_addr_t pa = pin(rig, &rig->a, 0, 2);
	uint8_t c = 0x66;

	run_phys_save(rig->phys, &rig->a.base, 0, PAGE - 1, 7);
	run_phys_save(rig->phys, &rig->a.base, PAGE, 2 * PAGE - 1, 8);
	run_phys_restore(rig->phys, &rig->a.base, 9);
	run_phys_write(rig->phys, pa + PAGE, &c, 1);
	run_phys_restore(rig->phys, &rig->a.base, 8);
	assert_int_equal(rig->a.data[PAGE], 0x66);
	rig->a.data[0] = 0x11;
	rig->a.data[PAGE] = 0x22;
	assert_int_equal(first_byte(rig, pa), 1);
	assert_int_equal(first_byte(rig, pa + PAGE), 0x22);
	unpin(rig, pa, 2);
}

/* What the device did not write has not changed for the client either. */
static void restored_unwritten(void **state)
{
	struct rig *rig = *state;
	phys_addr_t pa = pin(rig, &rig->a, 0, 1);

	run_phys_save(rig->phys, &rig->a.base, 0, PAGE - 1, 7);
	rig->a.data[0] = 0x11;
	run_phys_restore(rig->phys, &rig->a.base, 7);
	assert_int_equal(rig->a.data[0], 0x11);
	assert_int_equal(first_byte(rig, pa), 0x11);
	unpin(rig, pa, 1);
}

static void exhausted(void **state)
{
	struct rig *rig = *state;
	struct run_phys *small = run_phys_new(BASE, BASE + 2 * GRANULE, 21);
	struct uiommu_run run[4];
	int n;

	/* The hint does not fit, what is asked for does. */
	n = run_phys_pin(small, &rig->a.base, 0, PAGE, PAGES * PAGE, run, 4);
	assert_int_equal(n, 1);
	n = run_phys_pin(small, &rig->a.base, 512 * PAGE, PAGE, 0, run + 1, 3);
	assert_int_equal(n, 1);
	n = run_phys_pin(small, &rig->a.base, 1024 * PAGE, PAGE, 0, run + 2, 2);
	assert_int_equal(n, -ENOMEM);
	run_phys_unpin(small, run[0].pa, PAGE, visit, NULL);
	run_phys_unpin(small, run[1].pa, PAGE, visit, NULL);
	run_phys_drop(small, &rig->a.base);
	run_phys_free(small);
}

/* Nothing is at addresses that were never given out. */
static void nowhere(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(first_byte(rig, 0), -1);
	assert_int_equal(first_byte(rig, BASE), -1);
	assert_int_equal(first_byte(rig, END), -1);
	assert_int_equal(first_byte(rig, UINT64_MAX), -1);
	run_phys_unpin(rig->phys, 0, PAGE, visit, NULL);
}

/* What the model knows of one pinned range. */
struct record {
	phys_addr_t pa;
	unsigned int nr;
	uint8_t value[64]; /* first byte of each page, once saved */
	unsigned int page;
	bool live;
	bool saved[64];
};

static uint8_t expected(struct rig *rig, const struct record *r, unsigned int i)
{
	return r->saved[i] ? r->value[i] : rig->a.data[(r->page + i) * PAGE];
}

static void check_record(struct rig *rig, const struct record *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++)
		assert_int_equal(first_byte(rig, r->pa + i * PAGE),
				 expected(rig, r, i));
}

static void save_page(struct rig *rig, struct record *rec, unsigned int nr,
		      unsigned int page)
{
	unsigned int i, k;

	run_phys_save(rig->phys, &rig->a.base, page * PAGE,
		      (page + 1) * PAGE - 1, 0);
	for (i = 0; i < nr; i++) {
		k = page - rec[i].page;
		if (!rec[i].live || page < rec[i].page || k >= rec[i].nr ||
		    rec[i].saved[k])
			continue;
		rec[i].saved[k] = true;
		rec[i].value[k] = rig->a.data[page * PAGE];
	}
	rig->a.data[page * PAGE]++;
}

static void try_pin(struct rig *rig, struct record *r, unsigned int page,
		    unsigned int nr)
{
	struct uiommu_run run;

	/* A range with a past may come in pieces: take the first. */
	assert_int_equal(run_phys_pin(rig->phys, &rig->a.base, page * PAGE,
				      nr * PAGE, 0, &run, 1),
			 1);
	*r = (struct record){ .pa = run.pa,
			      .nr = (unsigned int)(run.len / PAGE),
			      .page = page,
			      .live = true };
}

static void random_model(void **state)
{
	struct rig *rig = *state;
	static struct record rec[64];
	unsigned int seed = 1, step, i;

	memset(rec, 0, sizeof(rec));
	for (step = 0; step < 20000; step++) {
		i = (unsigned int)rand_r(&seed) % 64;
		if (rand_r(&seed) % 8 == 0) {
			save_page(rig, rec, 64,
				  500 + (unsigned int)rand_r(&seed) % 80);
		} else if (rec[i].live) {
			check_record(rig, &rec[i]);
			unpin(rig, rec[i].pa, rec[i].nr);
			rec[i].live = false;
		} else {
			try_pin(rig, &rec[i],
				500 + (unsigned int)rand_r(&seed) % 64,
				1 + (unsigned int)rand_r(&seed) % 16);
			check_record(rig, &rec[i]);
		}
	}
	for (i = 0; i < 64; i++) {
		if (rec[i].live)
			unpin(rig, rec[i].pa, rec[i].nr);
	}
	assert_int_equal(rig->a.base.pinned, 0);
}

/* No page is followed by its neighbour; what is there is the same as ever. */
static void scattered(void **state)
{
	struct rig *rig = *state;
	struct uiommu_run run[8];
	uint8_t byte;
	int i;

	run_phys_scatter(rig->phys);
	assert_int_equal(run_phys_pin(rig->phys, &rig->a.base, PAGE, 6 * PAGE,
				      PAGES * PAGE, run, 8),
			 6);
	for (i = 0; i < 6; i++) {
		assert_int_equal(run[i].len, PAGE);
		if (i)
			assert_int_not_equal(run[i].pa, run[i - 1].pa + PAGE);
		assert_int_equal(
			run_phys_read(rig->phys, run[i].pa + 5, &byte, 1), 0);
		assert_int_equal(byte, 1 + 1 + i);
		byte = (uint8_t)(200 + i);
		assert_int_equal(
			run_phys_write(rig->phys, run[i].pa + 5, &byte, 1), 0);
		assert_int_equal(rig->a.data[(size_t)(1 + i) * PAGE + 5],
				 200 + i);
	}
	for (i = 0; i < 6; i++)
		run_phys_unpin(rig->phys, run[i].pa, PAGE, visit, NULL);
	assert_int_equal(rig->a.base.pinned, 0);
	rig->b.base.large = true;
	assert_int_equal(run_phys_pin(rig->phys, &rig->b.base, PAGE, 6 * PAGE,
				      PAGES * PAGE, run, 8),
			 1);
	run_phys_unpin(rig->phys, run[0].pa, 6 * PAGE, visit, NULL);
	assert_int_equal(rig->b.base.pinned, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(contiguous),
		T(nested),
		T(whole),
		T(saved),
		T(lost),
		T(restored),
		T(restored_unwritten),
		T(exhausted),
		T(nowhere),
		T(random_model),
		T(scattered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
