/* SPDX-License-Identifier: MIT */
/*
 * Page storage by itself: memory whose pages are somewhere else each time that they
 * are pinned anew, as a client's are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "iommufd/pages.h"

#define PAGE UIOMMU_PAGE_SIZE
#define NR   64U

/**
 * struct moving - memory that moves
 * @generation: how often a page has been pinned for the first time
 * @pa: where each page is, if it is pinned
 * @pins: how often
 */
struct moving {
	struct uiommu_mem mem;
	struct uiommu_account account;
	unsigned int refs;
	uint64_t generation;
	uint64_t pa[NR];
	unsigned int pins[NR];
	int64_t charged;
};

static void moving_get(struct uiommu_mem *mem)
{
	((struct moving *)mem)->refs++;
}

static void moving_put(struct uiommu_mem *mem)
{
	((struct moving *)mem)->refs--;
}

/* Each call gives one run, in new memory. */
static int moving_pin(struct uiommu_mem *mem, uint64_t addr, uint64_t len,
		      bool write, struct uiommu_run *runs, size_t max)
{
	struct moving *m = (struct moving *)mem;
	uint64_t first = addr / PAGE, i;

	runs->pa = ++m->generation << 32;
	runs->len = len;
	for (i = 0; i != len / PAGE; i++) {
		assert_int_equal(m->pins[first + i]++, 0);
		m->pa[first + i] = runs->pa + i * PAGE;
	}
	return 1;
}

static void moving_unpin(struct uiommu_mem *mem, phys_addr_t pa, uint64_t len)
{
	struct moving *m = (struct moving *)mem;
	unsigned int i;

	for (; len; len -= PAGE, pa += PAGE) {
		for (i = 0; i != NR; i++)
			if (m->pins[i] && m->pa[i] == pa)
				break;
		assert_int_not_equal(i, NR);
		m->pins[i]--;
	}
}

static struct moving *of_account(struct uiommu_account *account)
{
	return (struct moving *)((char *)account -
				 offsetof(struct moving, account));
}

static void account_get(struct uiommu_account *account)
{
	of_account(account)->refs++;
}

static void account_put(struct uiommu_account *account)
{
	of_account(account)->refs--;
}

static int account_charge(struct uiommu_account *account,
			  enum uiommu_charge mode, int64_t pages)
{
	of_account(account)->charged += pages;
	return 0;
}

static const struct uiommu_account_ops account_ops = {
	.get = account_get,
	.put = account_put,
	.charge = account_charge,
};

static const struct uiommu_mem_ops moving_ops = {
	.get = moving_get,
	.put = moving_put,
	.pin = moving_pin,
	.unpin = moving_unpin,
};

/* The cursor finds every byte where it is, in as few pieces as there are runs. */
static void check(struct moving *m, struct iommufd_pages *pages,
		  uint64_t offset, uint64_t length)
{
	struct iommufd_cursor cursor;
	uint64_t at = offset, len, i;
	phys_addr_t pa;

	iommufd_cursor_init(&cursor, pages, offset, length);
	while (iommufd_cursor_next(&cursor, &pa, &len)) {
		assert_true(len > 0 && at + len <= offset + length);
		for (i = at / PAGE; i <= (at + len - 1) / PAGE; i++)
			assert_int_equal(m->pa[i], pa + i * PAGE - at);
		at += len;
	}
	iommufd_cursor_fini(&cursor);
	assert_int_equal(at, offset + length);
}

struct part {
	uint64_t offset;
	uint64_t length;
	bool pinned;
};

static unsigned int draw(unsigned int *seed, unsigned int n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 8) % n;
}

/* Parts of the storage are pinned and unpinned in any order. */
static void test_parts(void **state)
{
	struct moving m = { .mem.ops = &moving_ops,
			    .account.ops = &account_ops,
			    .refs = 2 };
	struct iommufd_pages *pages;
	struct part part[16] = { 0 };
	unsigned int seed = 3, step, i, j, pinned;

	pages = iommufd_pages_new(&m.mem, &m.account, 100, NR * PAGE - 200,
				  true);
	assert_int_equal(pages->start, 100);
	assert_int_equal(pages->base, 0);
	for (step = 0; step != 20000; step++) {
		i = draw(&seed, 16);
		if (part[i].pinned) {
			iommufd_pages_unpin(pages, part[i].offset,
					    part[i].length);
		} else {
			part[i].offset = 100 + draw(&seed, NR * PAGE / 2);
			part[i].length = 1 + draw(&seed, NR * PAGE / 2 - 200);
			assert_int_equal(iommufd_pages_pin(pages,
							   part[i].offset,
							   part[i].length),
					 0);
		}
		part[i].pinned = !part[i].pinned;
		pinned = 0;
		for (i = 0; i != NR; i++)
			pinned += m.pins[i];
		assert_int_equal(m.charged, pinned);
		for (j = 0; j != 16; j++)
			if (part[j].pinned)
				check(&m, pages, part[j].offset,
				      part[j].length);
	}
	for (j = 0; j != 16; j++)
		if (part[j].pinned)
			iommufd_pages_unpin(pages, part[j].offset,
					    part[j].length);
	assert_int_equal(m.charged, 0);
	iommufd_pages_put(pages);
	assert_int_equal(m.refs, 0);
}

/* What was cut off, let go and pinned again is not where it was. */
static void test_moved(void **state)
{
	struct moving m = { .mem.ops = &moving_ops,
			    .account.ops = &account_ops,
			    .refs = 2 };
	struct iommufd_pages *pages;

	pages = iommufd_pages_new(&m.mem, &m.account, 0, NR * PAGE, true);
	assert_int_equal(iommufd_pages_pin(pages, 0, 8 * PAGE), 0);
	assert_int_equal(iommufd_pages_pin(pages, 0, 4 * PAGE), 0);
	iommufd_pages_unpin(pages, 0, 8 * PAGE);
	assert_int_equal(iommufd_pages_pin(pages, 0, 8 * PAGE), 0);
	assert_int_equal(m.generation, 2);
	assert_int_not_equal(m.pa[4], m.pa[3] + PAGE);
	check(&m, pages, 0, 8 * PAGE);
	check(&m, pages, 3 * PAGE + 5, 2 * PAGE);
	iommufd_pages_unpin(pages, 0, 8 * PAGE);
	iommufd_pages_unpin(pages, 0, 4 * PAGE);
	assert_int_equal(m.charged, 0);
	iommufd_pages_put(pages);
}

/* A cursor that is left in the middle gives back what it holds. */
static void test_left(void **state)
{
	struct moving m = { .mem.ops = &moving_ops,
			    .account.ops = &account_ops,
			    .refs = 2 };
	struct iommufd_cursor cursor;
	struct iommufd_pages *pages;
	phys_addr_t pa;
	uint64_t len;

	pages = iommufd_pages_new(&m.mem, &m.account, 0, NR * PAGE, false);
	assert_int_equal(iommufd_pages_pin(pages, 0, 2 * PAGE), 0);
	assert_int_equal(iommufd_pages_pin(pages, 2 * PAGE, 2 * PAGE), 0);
	iommufd_cursor_init(&cursor, pages, 0, 4 * PAGE);
	iommufd_cursor_fini(&cursor);
	iommufd_cursor_init(&cursor, pages, PAGE + 1, 3 * PAGE - 1);
	assert_true(iommufd_cursor_next(&cursor, &pa, &len));
	assert_int_equal(len, PAGE - 1);
	iommufd_cursor_fini(&cursor);
	iommufd_pages_unpin(pages, 0, 2 * PAGE);
	iommufd_pages_unpin(pages, 2 * PAGE, 2 * PAGE);
	iommufd_pages_put(pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_left),
	};

	return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
