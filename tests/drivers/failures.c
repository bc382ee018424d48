/* SPDX-License-Identifier: MIT */
/*
 * Hardware that fails, and memory that is not there, the same for every driver.
 */
#include <stdio.h>

#include "kind.h"

static const struct kind *const kinds[] = {
	&kind_amd, &kind_vtd_legacy, &kind_vtd, &kind_riscv, &kind_smmuv3,
};

/* Every allocation fails once; nothing is left behind. */
static void test_nomem(void **state)
{
	const struct kind *kind = *state;
	struct fake *fake = kind->machine();
	uint64_t nth = 0;
	int rc;

	do {
		port_arena_fail_nth(fake->arena, ++nth);
		rc = kind->boot(fake);
		assert_int_equal(port_arena_bytes(fake->arena), 0);
	} while (rc == -ENOMEM);
	assert_int_equal(rc, 0);
	assert_true(nth > 3);
	print_message("# %u allocations failed, one after the other\n",
		      (unsigned int)nth - 1);
	fake_free(fake);
}

/* So does every one of an attach, of a device and of a PASID. */
static void attach_nomem(const struct kind *kind, unsigned int flags)
{
	void *test = kind->start();
	struct fake *fake = kind->fake(test);
	struct iommu_domain *domain;
	struct iommu_slot slot;
	uint64_t nth = 0;
	int rc;

	assert_int_equal(
		iommu_domain_alloc_paging(kind->dev(test), flags, &domain), 0);
	do {
		port_arena_fail_nth(fake->arena, ++nth);
		if (flags & IOMMU_ALLOC_PASID)
			rc = iommu_attach_pasid(&fake->group, &slot, 0x1234,
						domain);
		else
			rc = iommu_attach(&fake->group, domain);
		if (rc) {
			assert_int_equal(rc, -ENOMEM);
			assert_int_equal(kind->sees(test, 0).what,
					 SEEN_BLOCKED);
		}
	} while (rc);
	port_arena_fail_nth(fake->arena, 0);
	if (flags & IOMMU_ALLOC_PASID)
		iommu_detach_pasid(&fake->group, &slot);
	else
		iommu_detach(&fake->group);
	iommu_domain_free(domain);
	kind->stop(test);
}

static void test_attach_nomem(void **state)
{
	const struct kind *kind = *state;

	attach_nomem(kind, 0);
	if (kind->pasid_bits)
		attach_nomem(kind, IOMMU_ALLOC_PASID);
}

/*
 * Hardware that does not answer, or says that its queue does not work: it is said
 * once, waits have a bound, and nothing waits again.
 */
static void broken(const struct kind *kind, uint32_t reg, uint32_t value,
		   int error)
{
	void *test = kind->start();
	struct fake *fake = kind->fake(test);
	struct iommu_domain *domain, *more;

	assert_int_equal(iommu_domain_alloc_paging(kind->dev(test), 0, &domain),
			 0);
	assert_int_equal(iommu_domain_alloc_paging(kind->dev(test), 0, &more),
			 0);
	assert_int_equal(iommu_attach(&fake->group, domain), 0);
	fake->dead = true;
	if (value)
		fake_set32(fake, reg, value);
	domain->ops->flush_iotlb_all(domain);
	assert_int_equal(fake->error, error);
	print_message("# register 0x%x is 0x%x: error %d\n", reg, value,
		      fake->error);
	assert_int_equal(iommu_attach(&fake->group, more), error);
	assert_int_equal(iommu_attach(&fake->group, more), error);
	assert_ptr_equal(iommu_attached(&fake->group), domain);
	assert_int_equal(fake->complaints, 1);
	iommu_detach(&fake->group);
	assert_int_equal(kind->sees(test, 0).what, SEEN_BLOCKED);
	iommu_domain_free(domain);
	iommu_domain_free(more);
	fake->dead = false;
	kind->stop(test);
}

static void test_broken(void **state)
{
	const struct kind *kind = *state;

	broken(kind, 0, 0, -ETIMEDOUT);
	for (int i = 0; i < KIND_ERRORS; i++)
		if (kind->error[i].value)
			broken(kind, kind->error[i].reg, kind->error[i].value,
			       -EIO);
}

/* From the first register write on there is no answer: start says so, and stops. */
static void test_dead_from_the_start(void **state)
{
	const struct kind *kind = *state;
	struct fake *fake = kind->machine();
	int rc;

	fake->dead = true;
	rc = kind->boot(fake);
	print_message("# init: %d\n", rc);
	assert_int_equal(rc, -ETIMEDOUT);
	assert_int_equal(port_arena_bytes(fake->arena), 0);
	fake_free(fake);
}

static const struct {
	const char *name;
	void (*func)(void **state);
} checks[] = {
	{ "no memory to start with", test_nomem },
	{ "no memory for an attach", test_attach_nomem },
	{ "a queue that does not work", test_broken },
	{ "dead from the start", test_dead_from_the_start },
};

#define NR_CHECKS (sizeof(checks) / sizeof(checks[0]))
#define NR_KINDS  (sizeof(kinds) / sizeof(kinds[0]))

int main(void)
{
	static struct CMUnitTest tests[NR_CHECKS * NR_KINDS];
	static char names[NR_CHECKS * NR_KINDS][80];
	size_t n = 0;

	for (size_t c = 0; c < NR_CHECKS; c++)
		for (size_t k = 0; k < NR_KINDS; k++, n++) {
			snprintf(names[n], sizeof(names[n]), "%s: %s",
				 checks[c].name, kinds[k]->name);
			tests[n] = (struct CMUnitTest){
				.name = names[n],
				.test_func = checks[c].func,
				.initial_state = (void *)(uintptr_t)kinds[k],
			};
		}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
