/* SPDX-License-Identifier: MIT */
/*
 * Page requests in the core: they meet the domain that the device and its PASID are
 * attached to, now, and every group is answered once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <uiommu/iommu.h>

/**
 * struct handled - a domain whose requests are handled
 * @rc: what the handler answers
 * @nr: how many it got
 * @dev, @req: the last
 */
struct handled {
	struct iommu_domain domain;
	int rc;
	unsigned int nr;
	struct iommu_dev *dev;
	void *user;
	struct iommu_page_request req;
};

/**
 * struct asker - a device
 * @nr: answers it got
 * @pasid, @grpid, @code: the last
 */
struct asker {
	struct iommu_dev dev;
	unsigned int nr;
	ioasid_t pasid;
	uint32_t grpid;
	enum iommu_page_code code;
};

static int set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
		     ioasid_t pasid, struct iommu_domain *old)
{
	return 0;
}

static int attach_dev(struct iommu_domain *domain, struct iommu_dev *dev,
		      struct iommu_domain *old)
{
	return 0;
}

static const struct iommu_domain_ops domain_ops = {
	.attach_dev = attach_dev,
	.set_dev_pasid = set_pasid,
};

static void page_response(struct iommu_dev *dev, ioasid_t pasid, uint32_t grpid,
			  enum iommu_page_code code)
{
	struct asker *asker = (struct asker *)dev;

	asker->nr++;
	asker->pasid = pasid;
	asker->grpid = grpid;
	asker->code = code;
}

static struct iommu_domain blocked = { .type = IOMMU_DOMAIN_BLOCKED,
				       .ops = &domain_ops };

static const struct iommu_ops ops = {
	.page_response = page_response,
	.blocked_domain = &blocked,
};

/* A kind of IOMMU without page requests. */
static const struct iommu_ops mute_ops = {
	.blocked_domain = &blocked,
};

static int report(struct iommu_domain *domain, struct iommu_dev *dev,
		  const struct iommu_page_request *req)
{
	struct handled *h = (struct handled *)domain;

	h->nr++;
	h->dev = dev;
	h->user = dev->user;
	h->req = *req;
	return h->rc;
}

static const struct iommu_fault_ops fault_ops = { .report = report };

struct world {
	struct iommu_group group;
	struct asker one, two;
	struct handled a, b;
	struct iommu_domain silent;
};

static void init_domain(struct iommu_domain *domain)
{
	*domain = (struct iommu_domain){
		.type = IOMMU_DOMAIN_PAGING,
		.ops = &domain_ops,
		.iommu = &ops,
	};
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	iommu_group_init(&w->group);
	w->one.dev.ops = w->two.dev.ops = &ops;
	w->one.dev.pasid_bits = w->two.dev.pasid_bits = 4;
	assert_int_equal(iommu_dev_add(&w->one.dev, &w->group), 0);
	assert_int_equal(iommu_dev_add(&w->two.dev, &w->group), 0);
	assert_int_equal(iommu_group_claim(&w->group, w), 0);
	init_domain(&w->a.domain);
	init_domain(&w->b.domain);
	init_domain(&w->silent);
	w->a.domain.fault_ops = w->b.domain.fault_ops = &fault_ops;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	iommu_group_release(&w->group);
	iommu_dev_remove(&w->one.dev);
	iommu_dev_remove(&w->two.dev);
	free(w);
	return 0;
}

static void ask(struct asker *asker, ioasid_t pasid, uint32_t grpid, bool last)
{
	const struct iommu_page_request req = {
		.pasid = pasid,
		.grpid = grpid,
		.perm = IOMMU_PAGE_WRITE,
		.last = last,
		.addr = 0x1000,
	};

	iommu_report_page_request(&asker->dev, &req);
}

static void check_refused(struct asker *asker, unsigned int nr, ioasid_t pasid,
			  uint32_t grpid)
{
	assert_int_equal(asker->nr, nr);
	assert_int_equal(asker->pasid, pasid);
	assert_int_equal(asker->grpid, grpid);
	assert_int_equal(asker->code, IOMMU_PAGE_INVALID);
}

static void test_reaches(void **state)
{
	struct world *w = *state;
	struct iommu_slot slot;
	int user;

	assert_int_equal(iommu_attach(&w->group, &w->a.domain), 0);
	assert_int_equal(iommu_attach_pasid(&w->group, &slot, 3, &w->b.domain),
			 0);
	iommu_dev_set_user(&w->two.dev, &user);
	ask(&w->one, 0, 5, true);
	assert_int_equal(w->a.nr, 1);
	assert_ptr_equal(w->a.dev, &w->one.dev);
	assert_null(w->a.user);
	assert_int_equal(w->a.req.grpid, 5);
	assert_int_equal(w->a.req.perm, IOMMU_PAGE_WRITE);
	assert_int_equal(w->a.req.addr, 0x1000);
	ask(&w->two, 3, 6, false);
	assert_int_equal(w->b.nr, 1);
	assert_ptr_equal(w->b.dev, &w->two.dev);
	assert_ptr_equal(w->b.user, &user);
	assert_false(w->b.req.last);
	assert_int_equal(w->b.req.pasid, 3);
	/* Who handles it answers when he likes. */
	assert_int_equal(w->one.nr + w->two.nr, 0);
	iommu_page_response(&w->two.dev, 3, 6, IOMMU_PAGE_SUCCESS);
	assert_int_equal(w->two.nr, 1);
	assert_int_equal(w->two.code, IOMMU_PAGE_SUCCESS);
	assert_int_equal(w->two.pasid, 3);
	assert_int_equal(w->two.grpid, 6);
	iommu_detach_pasid(&w->group, &slot);
}

/* What it meets is what is attached now; a change leaves no request behind. */
static void test_follows(void **state)
{
	struct world *w = *state;
	struct iommu_slot slot;

	assert_int_equal(iommu_attach(&w->group, &w->a.domain), 0);
	assert_int_equal(iommu_attach_pasid(&w->group, &slot, 3, &w->a.domain),
			 0);
	assert_int_equal(iommu_attach(&w->group, &w->b.domain), 0);
	ask(&w->one, 0, 1, true);
	assert_int_equal(w->a.nr, 0);
	assert_int_equal(w->b.nr, 1);
	ask(&w->one, 3, 1, true);
	assert_int_equal(w->a.nr, 1);
	assert_int_equal(iommu_replace_pasid(&w->group, &slot, &w->b.domain),
			 0);
	ask(&w->one, 3, 1, true);
	assert_int_equal(w->a.nr, 1);
	assert_int_equal(w->b.nr, 2);
	iommu_detach_pasid(&w->group, &slot);
	ask(&w->one, 3, 9, true);
	check_refused(&w->one, 1, 3, 9);
	iommu_detach(&w->group);
	ask(&w->one, 0, 10, true);
	check_refused(&w->one, 2, 0, 10);
	assert_int_equal(w->b.nr, 2);
}

/* Nobody there, or nobody who wants it: the last request's group is answered. */
static void test_refused(void **state)
{
	struct world *w = *state;

	ask(&w->one, 0, 1, false);
	assert_int_equal(w->one.nr, 0);
	ask(&w->one, 0, 1, true);
	check_refused(&w->one, 1, 0, 1);
	ask(&w->one, 7, 2, true);
	check_refused(&w->one, 2, 7, 2);
	assert_int_equal(iommu_attach(&w->group, &w->silent), 0);
	ask(&w->one, 0, 3, true);
	check_refused(&w->one, 3, 0, 3);
	assert_int_equal(iommu_attach(&w->group, &w->a.domain), 0);
	w->a.rc = -ENOMEM;
	ask(&w->one, 0, 4, false);
	assert_int_equal(w->one.nr, 3);
	ask(&w->one, 0, 4, true);
	check_refused(&w->one, 4, 0, 4);
	assert_int_equal(w->a.nr, 2);
	assert_int_equal(w->two.nr, 0);
}

static void test_mute(void **state)
{
	struct iommu_group group;
	struct asker asker = { .dev.ops = &mute_ops };

	iommu_group_init(&group);
	assert_int_equal(iommu_dev_add(&asker.dev, &group), 0);
	ask(&asker, 0, 1, true);
	assert_int_equal(asker.nr, 0);
	iommu_dev_remove(&asker.dev);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_reaches),
		TEST(test_follows),
		TEST(test_refused),
		cmocka_unit_test(test_mute),
	};

	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
