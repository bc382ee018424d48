/* SPDX-License-Identifier: MIT */
/*
 * Every copy, pin, charge, allocation, descriptor and page table of every request
 * fails once; see inject.h.
 */
#include "inject.h"

#define IOVA INJECT_IOVA
#define NR   INJECT_PAGES

static const struct inject_list *const lists[] = {
	&inject_ioas,
	&inject_access,
	&inject_container,
	&inject_device,
};

void inject_destroy(struct scene *s)
{
	assert_int_equal(rig_destroy(s->rig, s->id), 0);
}

void inject_nothing(struct scene *s)
{
}

static long usual(enum rig_fail fail)
{
	switch (fail) {
	case RIG_FAIL_COPY:
	case RIG_FAIL_PIN:
		return -EFAULT;
	case RIG_FAIL_FD:
		return -EMFILE;
	default:
		return -ENOMEM;
	}
}

static void check_same(struct scene *s, const struct inject_action *action,
		       struct rig_snapshot *before)
{
	struct rig_snapshot now;

	rig_snapshot(s->rig, &now);
	if (action->tables_stay)
		before->tables = now.tables;
	if (action->keeps &&
	    now.allocations <= before->allocations + action->keeps)
		before->allocations = now.allocations;
	rig_same(s->rig, before);
}

/* Return: how many failures there were until it succeeded. */
static unsigned int fail_each(struct scene *s,
			      const struct inject_action *action)
{
	struct rig_snapshot before;
	enum rig_fail what;
	unsigned int n;
	long rc;

	/* Once without: what is allocated once and kept is there then. */
	assert_int_equal(action->run(s), 0);
	action->undo(s);
	for (n = 1;; n++) {
		rig_snapshot(s->rig, &before);
		rig_fail_nth(n);
		rc = action->run(s);
		what = rig_failed();
		rig_fail_nth(0);
		if (what == RIG_FAIL_NONE)
			break;
		assert_int_equal(rc, action->expected ? action->expected(what)
						      : usual(what));
		check_same(s, action, &before);
		rig_check(s->rig, 0, IOVA, 0, NR * PAGE);
		assert_int_equal(action->run(s), 0);
		action->undo(s);
		check_same(s, action, &before);
	}
	assert_int_equal(rc, 0);
	action->undo(s);
	return n - 1;
}

static void scene_init(struct scene *s, const char *format)
{
	struct rig *rig = rig_new(format);
	uint32_t pt, hwpt;

	*s = (struct scene){ .rig = rig };
	s->fresh = (1ULL << 39) + (2 << 20) - NR / 2 * PAGE;
	rig->mem.flip = true;
	rig->mem.max_runs = 3;
	rig->file.flip = true;
	rig_bind(rig, 0);
	rig_bind(rig, 1);
	s->ioas = pt = rig_ioas(rig);
	s->plain = rig_ioas(rig);
	assert_int_equal(rig_attach(rig, 0, &pt), 0);
	assert_int_equal(rig_map_at(rig, s->ioas, 0, NR * PAGE, IOVA), 0);
	assert_int_equal(rig_map_at(rig, s->plain, 0, NR * PAGE, IOVA), 0);
	/* A second page table, that nobody is attached to, is filled as well. */
	assert_int_equal(rig_hwpt(rig, 1, s->ioas, &hwpt), 0);
	/* Some pages of the other area are pinned already. */
	assert_int_equal(rig_copy(rig, s->ioas, 2 * IOVA, s->plain,
				  IOVA + 4 * PAGE, 4 * PAGE),
			 0);
}

static void fail_list(const struct inject_list *list, const char *format)
{
	struct scene s;
	unsigned int n;
	size_t i;

	scene_init(&s, format);
	if (list->setup)
		list->setup(&s);
	for (i = 0; i != list->nr; i++) {
		n = fail_each(&s, &list->action[i]);
		assert_true(n >= 1);
		print_message("# %s, %s: %s: %u failures\n", format, list->name,
			      list->action[i].name, n);
	}
	if (list->teardown)
		list->teardown(&s);
	rig_free(s.rig);
}

static void fail_all(const char *format)
{
	size_t i;

	for (i = 0; i != sizeof(lists) / sizeof(lists[0]); i++)
		fail_list(lists[i], format);
}

static void test_vtdss(void **state)
{
	fail_all("vtdss");
}

static void test_amdv1(void **state)
{
	fail_all("amdv1");
}

/* Any one page of a map may be the one that cannot be pinned. */
static void test_each_page(void **state)
{
	struct rig_snapshot before;
	struct scene s;
	int64_t page;
	uint32_t id;

	scene_init(&s, "vtdss");
	assert_int_equal(rig_unmap(s.rig, s.ioas, 2 * IOVA, 4 * PAGE),
			 4 * PAGE);
	for (page = 0; page != NR; page++) {
		s.rig->mem.bad = 64 + page;
		s.rig->mem.max_runs = 1 + (size_t)page % 4;
		rig_snapshot(s.rig, &before);
		assert_int_equal(rig_map_at(s.rig, s.ioas, 64 * PAGE, NR * PAGE,
					    1ULL << 40),
				 -EFAULT);
		rig_same(s.rig, &before);
		s.rig->mem.bad = page;
		assert_int_equal(rig_hwpt(s.rig, 0, s.plain, &id), -EFAULT);
		rig_same(s.rig, &before);
		s.rig->mem.bad = -1;
		assert_int_equal(rig_map_at(s.rig, s.ioas, 64 * PAGE, NR * PAGE,
					    1ULL << 40),
				 0);
		assert_int_equal(rig_unmap(s.rig, s.ioas, 1ULL << 40,
					   NR * PAGE),
				 NR * PAGE);
	}
	rig_free(s.rig);
}

/*
 * An unmap has happened when the answer cannot be written: the areas are gone, and
 * nothing else is.
 */
static void test_unmap(void **state)
{
	struct rig_snapshot before;
	struct scene s;

	scene_init(&s, "vtdss");
	assert_int_equal(rig_map_at(s.rig, s.ioas, 0, NR * PAGE, 1ULL << 40),
			 0);
	assert_int_equal(rig_unmap(s.rig, s.ioas, 1ULL << 40, NR * PAGE),
			 NR * PAGE);
	rig_snapshot(s.rig, &before);
	assert_int_equal(rig_map_at(s.rig, s.ioas, 0, NR * PAGE, 1ULL << 40),
			 0);
	rig_fail_nth(2);
	assert_int_equal(rig_unmap(s.rig, s.ioas, 1ULL << 40, NR * PAGE),
			 -EFAULT);
	assert_int_equal(rig_failed(), RIG_FAIL_COPY);
	rig_fail_nth(0);
	rig_same(s.rig, &before);
	assert_int_equal(rig_unmap(s.rig, s.ioas, 1ULL << 40, NR * PAGE),
			 -ENOENT);
	rig_free(s.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vtdss),
		cmocka_unit_test(test_amdv1),
		cmocka_unit_test(test_each_page),
		cmocka_unit_test(test_unmap),
	};

	return cmocka_run_group_tests_name("inject", tests, NULL, NULL);
}
