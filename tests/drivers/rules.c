/* SPDX-License-Identifier: MIT */
/*
 * The ten attach rules, each for every driver: what hardware makes of its entries is
 * looked at after every single store and register write. Where it may read the
 * quadwords of an entry in any order, every mixture of what they were since it was
 * last told to forget is looked at, too.
 *
 * tests/hw checks the same on emulated hardware, as far as that goes: no emulation has
 * a device with PASIDs.
 */
#include <stdio.h>

#include "kind.h"

#define MAX_SINCE 12
#define MAX_WATCH 2
#define PASID     0x1234
#define OTHER     7

/* What one (device, PASID) may be while something changes. */
struct watch {
	ioasid_t pasid;
	struct seen allowed[3];
	unsigned int nr;
};

/**
 * struct run - one rule on one kind
 * @since: what stood where has been stored since the last command to forget
 * @watch: looked at after every step
 * @steps: how many there were
 * @strict: mixtures also while hardware cannot be told to forget any more
 */
struct run {
	const struct kind *kind;
	void *test;
	struct fake *fake;
	struct iommu_group *group;
	const struct iommu_ops *ops;
	struct {
		uint64_t *p;
		uint64_t was[2];
		unsigned int qwords;
	} since[MAX_SINCE];
	unsigned int nr_since;
	unsigned int nr_seen; /* of the machine's commands */
	struct watch watch[MAX_WATCH];
	unsigned int nr_watch;
	unsigned int steps;
	bool strict;
};

static const struct seen blocked = { .what = SEEN_BLOCKED };
static const struct seen identity = { .what = SEEN_IDENTITY };

static bool same(const struct seen *a, const struct seen *b)
{
	return a->what == b->what && a->root == b->root && a->tag == b->tag;
}

/* ---- Looking ------------------------------------------------------------------ */

static void look(struct run *run)
{
	for (unsigned int i = 0; i < run->nr_watch; i++) {
		const struct watch *w = &run->watch[i];
		struct seen now = run->kind->sees(run->test, w->pasid);
		bool fine = false;

		for (unsigned int k = 0; k < w->nr; k++)
			fine |= same(&now, &w->allowed[k]);
		if (!fine)
			fail_msg("step %u: PASID 0x%x: %u, root 0x%lx, tag "
				 "0x%lx",
				 run->steps, w->pasid, now.what,
				 (unsigned long)now.root,
				 (unsigned long)now.tag);
	}
}

static void swap(struct run *run, unsigned int i)
{
	for (unsigned int q = 0; q < run->since[i].qwords; q++) {
		uint64_t now = run->since[i].p[q];

		run->since[i].p[q] = run->since[i].was[q];
		run->since[i].was[q] = now;
	}
}

/* Every mixture of old and new quadwords */
static void look_torn(struct run *run)
{
	unsigned int n = run->fake->dead && !run->strict ? 0 : run->nr_since;

	for (unsigned int mix = 0; mix < 1u << n; mix++) {
		for (unsigned int i = n; i--;)
			if (mix & 1u << i)
				swap(run, i);
		look(run);
		for (unsigned int i = 0; i < n; i++)
			if (mix & 1u << i)
				swap(run, i);
	}
}

static void storing(struct fake *fake, uint64_t *p, unsigned int qwords)
{
	struct run *run = fake->user;

	if (!run->kind->any_order)
		return;
	assert_true(run->nr_since < MAX_SINCE);
	run->since[run->nr_since].p = p;
	run->since[run->nr_since].was[0] = p[0];
	run->since[run->nr_since].was[1] = qwords == 2 ? p[1] : 0;
	run->since[run->nr_since++].qwords = qwords;
}

static void stepped(struct fake *fake)
{
	struct run *run = fake->user;

	run->steps++;
	for (; run->nr_seen < fake->nr; run->nr_seen++)
		if (run->kind->forgets(fake->command[run->nr_seen]))
			run->nr_since = 0;
	look_torn(run);
}

/* From now on @pasid is one of these. */
static void watch(struct run *run, ioasid_t pasid, struct seen a, struct seen b,
		  struct seen c)
{
	assert_true(run->nr_watch < MAX_WATCH);
	run->watch[run->nr_watch++] = (struct watch){ pasid, { a, b, c }, 3 };
	run->nr_since = 0;
	run->nr_seen = run->fake->nr;
	run->steps = 0;
	run->fake->storing = storing;
	run->fake->stepped = stepped;
}

static void unwatch(struct run *run)
{
	run->fake->storing = NULL;
	run->fake->stepped = NULL;
	run->nr_watch = 0;
	fake_forget(run->fake);
	run->nr_seen = 0;
}

static void is(struct run *run, ioasid_t pasid, struct seen expected)
{
	struct seen now = run->kind->sees(run->test, pasid);

	assert_int_equal(now.what, expected.what);
	assert_int_equal(now.root, expected.root);
	assert_int_equal(now.tag, expected.tag);
}

/* ---- Attaching ------------------------------------------------------------------ */

static struct iommu_domain *domain_of(struct run *run, unsigned int flags)
{
	struct iommu_domain *domain = NULL;

	assert_int_equal(iommu_domain_alloc_paging(run->kind->dev(run->test),
						   flags, &domain),
			 0);
	return domain;
}

static struct seen means(struct run *run, struct iommu_domain *domain)
{
	return run->kind->means(run->test, domain);
}

/* Attach while @pasid is watched: it goes from @from to @to, @gap: or blocked. */
static int change(struct run *run, struct iommu_domain *domain,
		  struct seen from, struct seen to, bool gap)
{
	int rc;

	watch(run, IOMMU_NO_PASID, from, to, gap ? blocked : to);
	rc = iommu_attach(run->group, domain);
	print_message("# %u steps\n", run->steps);
	unwatch(run);
	is(run, IOMMU_NO_PASID, rc ? from : to);
	return rc;
}

static void detach(struct run *run, struct seen from)
{
	watch(run, IOMMU_NO_PASID, from, blocked, blocked);
	iommu_detach(run->group);
	unwatch(run);
	is(run, IOMMU_NO_PASID, blocked);
}

/* ---- The rules -------------------------------------------------------------------- */

/* No memory for them, and hardware that has stopped answering */
static void static_cannot_fail(struct run *run)
{
	struct iommu_domain *domain = domain_of(run, 0);

	for (int i = 0; i < 3; i++) {
		port_arena_fail_nth(run->fake->arena, 1);
		assert_int_equal(
			iommu_attach(run->group, run->ops->identity_domain), 0);
		is(run, IOMMU_NO_PASID, identity);
		iommu_detach(run->group);
		is(run, IOMMU_NO_PASID, blocked);
		port_arena_fail_nth(run->fake->arena, 0);
	}
	assert_int_equal(iommu_attach(run->group, domain), 0);
	run->fake->dead = true;
	iommu_detach(run->group);
	is(run, IOMMU_NO_PASID, blocked);
	assert_int_equal(run->fake->complaints, 1);
	/* Nobody has the domain any more, not even to flush it. */
	iommu_domain_free(domain);
}

static void mapped_before_attach(struct run *run)
{
	struct iommu_domain *domain = domain_of(run, 0);

	assert_int_equal(iommu_map(domain, 0x5000, 0x1000, 0x1000,
				   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL),
			 0);
	assert_int_equal(iommu_iova_to_phys(domain, 0x5000), 0x1000);
	assert_int_equal(change(run, domain, blocked, means(run, domain), true),
			 0);
	assert_int_equal(iommu_iova_to_phys(domain, 0x5000), 0x1000);
	detach(run, means(run, domain));
	iommu_domain_free(domain);
}

/* The hardware stops answering after the @nth step of a change. */
static bool dies_after(struct run *run, unsigned int nth,
		       struct iommu_domain *from, struct iommu_domain *to)
{
	bool failed;

	assert_int_equal(iommu_attach(run->group, from), 0);
	watch(run, IOMMU_NO_PASID, means(run, from), means(run, to), blocked);
	run->fake->dies = nth;
	failed = iommu_attach(run->group, to) != 0;
	run->fake->dies = 0;
	unwatch(run);
	is(run, IOMMU_NO_PASID, failed ? means(run, from) : means(run, to));
	run->fake->dead = true;
	iommu_detach(run->group);
	is(run, IOMMU_NO_PASID, blocked);
	return failed;
}

static void restart(struct run *run);

static void failed_changes_nothing(struct run *run)
{
	struct iommu_ops other = *run->ops;
	struct iommu_domain *a = domain_of(run, 0), *b = domain_of(run, 0);
	const struct iommu_ops *was = a->iommu;
	bool failed = true;

	/* Of another IOMMU */
	assert_int_equal(change(run, a, blocked, means(run, a), true), 0);
	b->iommu = &other;
	assert_int_equal(change(run, b, means(run, a), means(run, b), false),
			 -EINVAL);
	b->iommu = was;
	detach(run, means(run, a));
	for (unsigned int nth = 1; failed; nth++) {
		failed = dies_after(run, nth, a, b);
		iommu_domain_free(a);
		iommu_domain_free(b);
		restart(run);
		a = domain_of(run, 0);
		b = domain_of(run, 0);
		assert_true(nth < 64);
	}
	iommu_domain_free(a);
	iommu_domain_free(b);
}

static void identity_and_back(struct run *run, unsigned int flags,
			      unsigned int hitless)
{
	struct iommu_domain *domain = domain_of(run, flags);
	bool gap = !(hitless & HITLESS_IDENTITY);

	assert_int_equal(change(run, run->ops->identity_domain, blocked,
				identity, true),
			 0);
	assert_int_equal(change(run, domain, identity, means(run, domain), gap),
			 0);
	assert_int_equal(change(run, run->ops->identity_domain,
				means(run, domain), identity, gap),
			 0);
	detach(run, identity);
	iommu_domain_free(domain);
}

static void identity_unnoticed(struct run *run)
{
	assert_true(run->kind->hitless & HITLESS_IDENTITY);
	identity_and_back(run, 0, HITLESS_IDENTITY);
}

static void blocked_not_identity(struct run *run)
{
	struct iommu_domain *domain = domain_of(run, 0);
	struct seen table = means(run, domain);
	bool failed = true;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(change(run, domain, blocked, table, true), 0);
		detach(run, table);
	}
	/* Nor when the hardware stops answering on the way */
	run->strict = true;
	for (unsigned int nth = 1; failed; nth++) {
		watch(run, IOMMU_NO_PASID, blocked, table, blocked);
		run->fake->dies = nth;
		failed = iommu_attach(run->group, domain) != 0;
		run->fake->dies = 0;
		iommu_detach(run->group);
		unwatch(run);
		is(run, IOMMU_NO_PASID, blocked);
		iommu_domain_free(domain);
		restart(run);
		domain = domain_of(run, 0);
		table = means(run, domain);
		assert_true(nth < 64);
	}
	iommu_domain_free(domain);
}

/* Without PASIDs there is nothing but a clear refusal. */
static bool no_pasids(struct run *run)
{
	struct iommu_domain *domain;
	struct iommu_slot slot;

	if (run->kind->pasid_bits)
		return false;
	domain = domain_of(run, 0);
	assert_int_equal(iommu_attach_pasid(run->group, &slot, PASID, domain),
			 -EINVAL);
	is(run, IOMMU_NO_PASID, blocked);
	iommu_domain_free(domain);
	print_message("# no PASIDs: refused\n");
	return true;
}

static void pasid_tables(struct run *run)
{
	struct iommu_domain *a, *b;
	struct iommu_slot slot;
	bool gap = !(run->kind->hitless & HITLESS_PASID);

	if (no_pasids(run))
		return;
	a = domain_of(run, IOMMU_ALLOC_PASID);
	b = domain_of(run, IOMMU_ALLOC_PASID);
	assert_int_equal(iommu_attach_pasid(run->group, &slot, PASID, a), 0);
	is(run, PASID, means(run, a));
	watch(run, PASID, means(run, a), means(run, b),
	      gap ? blocked : means(run, b));
	assert_int_equal(iommu_replace_pasid(run->group, &slot, b), 0);
	unwatch(run);
	is(run, PASID, means(run, b));
	is(run, OTHER, blocked);
	is(run, IOMMU_NO_PASID, blocked);
	watch(run, PASID, means(run, b), blocked, blocked);
	iommu_detach_pasid(run->group, &slot);
	unwatch(run);
	is(run, PASID, blocked);
	iommu_domain_free(a);
	iommu_domain_free(b);
}

/* PASIDs go on, step by step, whatever requests without one are translated by. */
static void rid_beside_pasids(struct run *run)
{
	struct iommu_domain *a, *b, *c;
	struct iommu_slot slot, second;
	struct seen pasid;

	if (no_pasids(run))
		return;
	a = domain_of(run, IOMMU_ALLOC_PASID);
	b = domain_of(run, IOMMU_ALLOC_PASID);
	c = domain_of(run, IOMMU_ALLOC_PASID);
	/* The first PASID, with each kind of RID */
	assert_int_equal(iommu_attach(run->group, b), 0);
	watch(run, IOMMU_NO_PASID, means(run, b), means(run, b),
	      run->kind->any_order ? blocked : means(run, b));
	assert_int_equal(iommu_attach_pasid(run->group, &slot, PASID, a), 0);
	unwatch(run);
	pasid = means(run, a);
	is(run, PASID, pasid);
	is(run, IOMMU_NO_PASID, means(run, b));
	watch(run, PASID, pasid, pasid, pasid);
	assert_int_equal(change(run, c, means(run, b), means(run, c), true), 0);
	watch(run, PASID, pasid, pasid, pasid);
	assert_int_equal(change(run, run->ops->identity_domain, means(run, c),
				identity, true),
			 0);
	watch(run, PASID, pasid, pasid, pasid);
	assert_int_equal(change(run, b, identity, means(run, b), true), 0);
	/* Another PASID comes and goes. */
	watch(run, PASID, pasid, pasid, pasid);
	assert_int_equal(iommu_attach_pasid(run->group, &second, OTHER, b), 0);
	is(run, OTHER, means(run, b));
	iommu_detach_pasid(run->group, &second);
	unwatch(run);
	is(run, OTHER, blocked);
	watch(run, PASID, pasid, pasid, pasid);
	detach(run, means(run, b));
	is(run, PASID, pasid);
	iommu_detach_pasid(run->group, &slot);
	iommu_domain_free(a);
	iommu_domain_free(b);
	iommu_domain_free(c);
}

/*
 * One address space for several PASIDs and for requests without one: each is
 * translated by the very table, and a change is forgotten for each.
 */
static void shared_tables(struct run *run)
{
	struct iommu_domain *domain;
	struct iommu_slot one, two;
	unsigned int before, after;

	if (no_pasids(run))
		return;
	domain = domain_of(run, IOMMU_ALLOC_PASID);
	assert_int_equal(iommu_map(domain, 0x5000, 0x1000, 0x1000, IOMMU_READ,
				   GFP_KERNEL),
			 0);
	assert_int_equal(iommu_attach_pasid(run->group, &one, PASID, domain),
			 0);
	fake_forget(run->fake);
	domain->ops->flush_iotlb_all(domain);
	before = run->fake->nr;
	assert_int_equal(iommu_attach_pasid(run->group, &two, OTHER, domain),
			 0);
	assert_int_equal(iommu_attach(run->group, domain), 0);
	is(run, PASID, means(run, domain));
	is(run, OTHER, means(run, domain));
	is(run, IOMMU_NO_PASID, means(run, domain));
	/* Each has a cache of its own in the device, at the least. */
	fake_forget(run->fake);
	domain->ops->flush_iotlb_all(domain);
	after = run->fake->nr;
	assert_true(after >= before + 2);
	iommu_detach_pasid(run->group, &one);
	is(run, OTHER, means(run, domain));
	is(run, IOMMU_NO_PASID, means(run, domain));
	iommu_detach_pasid(run->group, &two);
	iommu_detach(run->group);
	iommu_domain_free(domain);
}

/* By whatever way a domain is reached, hardware is told the same of it. */
static void one_path(struct run *run)
{
	struct iommu_domain *a = domain_of(run, 0), *b = domain_of(run, 0);
	struct iommu_domain *const from[] = { run->ops->blocked_domain,
					      run->ops->identity_domain, b };
	struct iommu_slot slot;
	struct seen seen;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(iommu_attach(run->group, from[i]), 0);
		assert_int_equal(iommu_attach(run->group, a), 0);
		is(run, IOMMU_NO_PASID, means(run, a));
	}
	iommu_detach(run->group);
	iommu_domain_free(a);
	iommu_domain_free(b);
	if (no_pasids(run))
		return;
	a = domain_of(run, IOMMU_ALLOC_PASID);
	assert_int_equal(iommu_attach(run->group, a), 0);
	assert_int_equal(iommu_attach_pasid(run->group, &slot, PASID, a), 0);
	seen = run->kind->sees(run->test, IOMMU_NO_PASID);
	is(run, PASID, seen);
	iommu_detach_pasid(run->group, &slot);
	is(run, IOMMU_NO_PASID, seen);
	iommu_detach(run->group);
	iommu_domain_free(a);
}

static void move(struct run *run, unsigned int flags, unsigned int hitless)
{
	struct iommu_domain *a = domain_of(run, flags);
	struct iommu_domain *b = domain_of(run, flags);
	bool gap = !(hitless & HITLESS_MOVE);

	assert_int_equal(iommu_attach(run->group, a), 0);
	assert_int_equal(change(run, b, means(run, a), means(run, b), gap), 0);
	assert_int_equal(change(run, a, means(run, b), means(run, a), gap), 0);
	iommu_detach(run->group);
	iommu_domain_free(a);
	iommu_domain_free(b);
}

/* With the stores that the processor has: of 16 bytes, or of 8. */
static void hitless_where_possible(struct run *run)
{
	move(run, 0, run->kind->hitless);
	if (run->kind->pasid_bits) {
		identity_and_back(run, IOMMU_ALLOC_NEST_PARENT,
				  run->kind->hitless_parent);
		move(run, IOMMU_ALLOC_NEST_PARENT, run->kind->hitless_parent);
	}
	run->fake->hw.ops = &fake_ops;
	move(run, 0, 0);
	identity_and_back(run, 0, 0);
}

/* ---- All of them for each --------------------------------------------------------- */

static const struct rule {
	const char *words;
	void (*check)(struct run *run);
} rules[] = {
	{ "static BLOCKED and IDENTITY domains cannot fail",
	  static_cannot_fail },
	{ "PAGING domains can be mapped before the first attach",
	  mapped_before_attach },
	{ "a failed attach changes nothing in the hardware",
	  failed_changes_nothing },
	{ "IDENTITY to PAGING and back without a DMA noticing",
	  identity_unnoticed },
	{ "PAGING to BLOCKED to PAGING never passes through IDENTITY",
	  blocked_not_identity },
	{ "PAGING domains on a PASID", pasid_tables },
	{ "RID changes while PASIDs are in use", rid_beside_pasids },
	{ "shared-address domains on a PASID", shared_tables },
	{ "one path for them all", one_path },
	{ "a hitless change wherever the update rules allow it",
	  hitless_where_possible },
};

static const struct kind *const kinds[] = {
	&kind_amd, &kind_vtd_legacy, &kind_vtd, &kind_riscv, &kind_smmuv3,
};

#define NR_RULES (sizeof(rules) / sizeof(rules[0]))
#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct cell {
	const struct rule *rule;
	const struct kind *kind;
	char name[128];
};

static void begin(struct run *run)
{
	run->test = run->kind->start();
	run->fake = run->kind->fake(run->test);
	run->fake->hw.ops = &fake_ops_128;
	run->fake->user = run;
	run->group = &run->fake->group;
	run->ops = run->kind->dev(run->test)->ops;
}

static void end(struct run *run)
{
	run->fake->dead = false;
	run->kind->stop(run->test);
}

static void restart(struct run *run)
{
	end(run);
	begin(run);
}

static void test_rule(void **state)
{
	const struct cell *cell = *state;
	struct run run = { .kind = cell->kind };

	begin(&run);
	cell->rule->check(&run);
	end(&run);
}

int main(void)
{
	static struct cell cells[NR_RULES * NR_KINDS];
	static struct CMUnitTest tests[NR_RULES * NR_KINDS];
	size_t n = 0;

	for (size_t r = 0; r < NR_RULES; r++)
		for (size_t k = 0; k < NR_KINDS; k++, n++) {
			cells[n].rule = &rules[r];
			cells[n].kind = kinds[k];
			snprintf(cells[n].name, sizeof(cells[n].name),
				 "rule %zu: %s: %s", r + 1, rules[r].words,
				 kinds[k]->name);
			tests[n] = (struct CMUnitTest){
				.name = cells[n].name,
				.test_func = test_rule,
				.initial_state = &cells[n],
			};
		}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
