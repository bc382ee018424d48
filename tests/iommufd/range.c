/* SPDX-License-Identifier: MIT */
/*
 * The tree of ranges, against a plain array.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "iommufd/range.h"

#define NR 300

struct model {
	struct iommufd_range_tree tree;
	struct iommufd_range node[NR];
	bool in[NR];
	unsigned int seed;
};

static unsigned int draw(struct model *m, unsigned int n)
{
	m->seed = m->seed * 1103515245 + 12345;
	return (m->seed >> 8) % n;
}

static int log2_up(unsigned int n)
{
	return n < 2 ? 0 : 32 - __builtin_clz(n - 1);
}

/* What every node says of its subtree; returns its size. */
static unsigned int check_node(const struct iommufd_range *node)
{
	const struct iommufd_range *left, *right;
	int lh, rh;

	if (!node)
		return 0;
	left = node->child[0];
	right = node->child[1];
	lh = left ? left->height : 0;
	rh = right ? right->height : 0;
	assert_true(lh - rh <= 1 && rh - lh <= 1);
	assert_int_equal(node->height, 1 + (lh > rh ? lh : rh));
	if (left) {
		assert_ptr_equal(left->parent, node);
		assert_true(left->start <= node->start);
	}
	if (right) {
		assert_ptr_equal(right->parent, node);
		assert_true(right->start >= node->start);
	}
	return 1 + check_node(left) + check_node(right);
}

static void check_tree(const struct model *m)
{
	unsigned int i, count = 0;

	for (i = 0; i != NR; i++)
		count += m->in[i];
	if (m->tree.root)
		assert_null(m->tree.root->parent);
	assert_int_equal(check_node(m->tree.root), count);
	if (count)
		assert_true(m->tree.root->height <=
			    3 * log2_up(count + 1) / 2 + 1);
}

static bool overlaps(const struct iommufd_range *r, uint64_t start,
		     uint64_t last)
{
	return r->start <= last && r->last >= start;
}

/* first and next give exactly the overlapping ones, by ascending start. */
static void check_query(struct model *m, uint64_t start, uint64_t last)
{
	const struct iommufd_range *final;
	unsigned int i, expected = 0, found = 0;
	struct iommufd_range *r;
	uint64_t at = 0, top = 0;

	for (i = 0; i != NR; i++) {
		expected += m->in[i] && overlaps(&m->node[i], start, last);
		if (m->in[i] && m->node[i].start > top)
			top = m->node[i].start;
	}
	for (r = iommufd_range_first(&m->tree, start, last); r;
	     r = iommufd_range_next(r, start, last)) {
		assert_true(overlaps(r, start, last));
		assert_true(r->start >= at);
		at = r->start;
		found++;
	}
	assert_int_equal(found, expected);
	final = iommufd_range_final(&m->tree);
	assert_int_equal(final ? final->start : 0, top);
}

static void test_overlapping(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	unsigned int step, i;
	uint64_t start;

	m->seed = 1;
	for (step = 0; step != 20000; step++) {
		i = draw(m, NR);
		if (m->in[i]) {
			iommufd_range_erase(&m->tree, &m->node[i]);
		} else {
			m->node[i].start = draw(m, 1000);
			m->node[i].last = m->node[i].start + draw(m, 50);
			iommufd_range_insert(&m->tree, &m->node[i]);
		}
		m->in[i] = !m->in[i];
		if (step % 16)
			continue;
		check_tree(m);
		start = draw(m, 1050);
		check_query(m, start, start + draw(m, 30));
		check_query(m, 0, UINT64_MAX);
	}
	free(m);
}

static bool is_free(const struct model *m, uint64_t start, uint64_t last)
{
	unsigned int i;

	for (i = 0; i != NR; i++)
		if (m->in[i] && overlaps(&m->node[i], start, last))
			return false;
	return true;
}

static bool slow_gap(const struct model *m, const struct iommufd_fit *fit,
		     uint64_t *out)
{
	uint64_t at, place;

	for (at = fit->from; at <= fit->limit; at++) {
		if (at != fit->from && is_free(m, at - 1, at - 1))
			continue;
		place = (at + fit->modulus - 1) / fit->modulus * fit->modulus;
		place |= fit->bits;
		if (place + fit->length - 1 <= fit->limit &&
		    is_free(m, at, place + fit->length - 1)) {
			*out = place;
			return true;
		}
	}
	return false;
}

static void check_gap(struct model *m)
{
	struct iommufd_fit fit;
	uint64_t fast = 0, slow = 0;
	bool found;

	fit.from = draw(m, 900);
	fit.limit = fit.from + draw(m, 600);
	fit.length = 1 + draw(m, 20);
	fit.modulus = UINT64_C(1) << draw(m, 6);
	fit.bits = draw(m, 2) ? draw(m, 64) : 0;
	found = slow_gap(m, &fit, &slow);
	assert_int_equal(iommufd_range_gap(&m->tree, &fit, NULL, &fast), found);
	if (found)
		assert_int_equal(fast, slow);
}

static void test_gaps(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	unsigned int step, i;
	uint64_t last;

	m->seed = 2;
	for (step = 0; step != 20000; step++) {
		i = draw(m, NR);
		if (m->in[i]) {
			iommufd_range_erase(&m->tree, &m->node[i]);
			m->in[i] = false;
		} else {
			m->node[i].start = draw(m, 1000);
			last = m->node[i].start + draw(m, 8);
			if (is_free(m, m->node[i].start, last)) {
				m->node[i].last = last;
				iommufd_range_insert(&m->tree, &m->node[i]);
				m->in[i] = true;
			}
		}
		check_gap(m);
		/* Shorten one: a gap opens in the middle of the tree. */
		i = draw(m, NR);
		if (m->in[i])
			iommufd_range_set_last(&m->node[i], m->node[i].start);
	}
	free(m);
}

static void test_gap_limits(void **state)
{
	struct iommufd_range low = { .start = 0, .last = 4095 };
	struct iommufd_range high = { .start = UINT64_MAX - 4095,
				      .last = UINT64_MAX };
	struct iommufd_range_tree tree = { 0 };
	struct iommufd_fit fit = { .limit = UINT64_MAX,
				   .length = UINT64_MAX,
				   .modulus = 1 };
	uint64_t at;

	assert_true(iommufd_range_gap(&tree, &fit, NULL, &at));
	assert_int_equal(at, 0);
	iommufd_range_insert(&tree, &low);
	iommufd_range_insert(&tree, &high);
	assert_false(iommufd_range_gap(&tree, &fit, NULL, &at));
	fit.length = UINT64_MAX - 8191;
	assert_true(iommufd_range_gap(&tree, &fit, NULL, &at));
	assert_int_equal(at, 4096);
	fit.length++;
	assert_false(iommufd_range_gap(&tree, &fit, NULL, &at));
	fit.length = 1;
	fit.from = UINT64_MAX - 4000;
	assert_false(iommufd_range_gap(&tree, &fit, NULL, &at));
	/* Rounding up must not wrap. */
	iommufd_range_erase(&tree, &high);
	fit.modulus = UINT64_C(1) << 63;
	fit.from = (UINT64_C(1) << 63) + 1;
	assert_false(iommufd_range_gap(&tree, &fit, NULL, &at));
	fit.from = 1;
	assert_true(iommufd_range_gap(&tree, &fit, NULL, &at));
	assert_int_equal(at, UINT64_C(1) << 63);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlapping),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_gap_limits),
	};

	return cmocka_run_group_tests_name("range", tests, NULL, NULL);
}
