/* SPDX-License-Identifier: MIT */
/*
 * The attach rules of the core, with a driver that records every change and refuses
 * whichever it is told to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <uiommu/iommu.h>

#define DEVICES 3
#define PASIDS  8
#define MAX_LOG 64
#define PAGE    4096UL

/**
 * struct test_dev - a device and what its hardware does
 * @rid: what translates requests without a PASID
 * @pasid: and with one
 */
struct test_dev {
	struct iommu_dev dev;
	struct iommu_domain *rid;
	struct iommu_domain *pasid[PASIDS];
};

/** struct change - one change of the hardware */
struct change {
	struct test_dev *dev;
	ioasid_t pasid;
	struct iommu_domain *to;
};

static struct change changes[MAX_LOG];
static unsigned int nr_changes;
static unsigned int refuse_in; /* changes until one is refused; 0 = never */

static int test_set_pasid(struct iommu_domain *domain, struct iommu_dev *dev,
			  ioasid_t pasid, struct iommu_domain *old)
{
	struct test_dev *tdev = (struct test_dev *)dev;
	struct iommu_domain **now;

	now = pasid ? &tdev->pasid[pasid] : &tdev->rid;
	/* The core knows what it changes. */
	assert_ptr_equal(*now, old);
	if (domain->type == IOMMU_DOMAIN_PAGING && refuse_in && !--refuse_in)
		return -EIO;
	*now = domain;
	changes[nr_changes++ % MAX_LOG] =
		(struct change){ tdev, pasid, domain };
	return 0;
}

static int test_attach(struct iommu_domain *domain, struct iommu_dev *dev,
		       struct iommu_domain *old)
{
	return test_set_pasid(domain, dev, IOMMU_NO_PASID, old);
}

static const struct iommu_domain_ops attach_only = {
	.attach_dev = test_attach,
};

static const struct iommu_domain_ops all_ops = {
	.attach_dev = test_attach,
	.set_dev_pasid = test_set_pasid,
};

static struct iommu_domain blocked = { .type = IOMMU_DOMAIN_BLOCKED,
				       .ops = &all_ops };
static struct iommu_domain identity = { .type = IOMMU_DOMAIN_IDENTITY,
					.ops = &attach_only };

static const struct iommu_ops test_ops = {
	.blocked_domain = &blocked,
	.identity_domain = &identity,
};
static const struct iommu_ops other_ops = {
	.blocked_domain = &blocked,
};

static struct iommu_domain a = { .type = IOMMU_DOMAIN_PAGING,
				 .ops = &all_ops,
				 .iommu = &test_ops };
static struct iommu_domain b = { .type = IOMMU_DOMAIN_PAGING,
				 .ops = &all_ops,
				 .iommu = &test_ops };
static struct iommu_domain foreign = { .type = IOMMU_DOMAIN_PAGING,
				       .ops = &all_ops,
				       .iommu = &other_ops };
static struct iommu_domain no_pasid = { .type = IOMMU_DOMAIN_PAGING,
					.ops = &attach_only,
					.iommu = &test_ops };

struct world {
	struct iommu_group group;
	struct test_dev dev[DEVICES];
};

static void init_dev(struct test_dev *tdev)
{
	unsigned int i;

	*tdev = (struct test_dev){ .rid = &blocked };
	for (i = 0; i != PASIDS; i++)
		tdev->pasid[i] = &blocked;
	tdev->dev.ops = &test_ops;
	tdev->dev.pasid_bits = 3;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	unsigned int i;

	iommu_group_init(&w->group);
	for (i = 0; i != DEVICES; i++) {
		init_dev(&w->dev[i]);
		assert_int_equal(iommu_dev_add(&w->dev[i].dev, &w->group), 0);
	}
	assert_int_equal(iommu_group_claim(&w->group, w), 0);
	nr_changes = 0;
	refuse_in = 0;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	unsigned int i;

	iommu_group_release(&w->group);
	for (i = 0; i != DEVICES; i++) {
		assert_ptr_equal(w->dev[i].rid, &blocked);
		iommu_dev_remove(&w->dev[i].dev);
	}
	free(w);
	return 0;
}

static void all_are(struct world *w, ioasid_t pasid,
		    const struct iommu_domain *domain)
{
	unsigned int i;

	for (i = 0; i != DEVICES; i++)
		assert_ptr_equal(pasid ? w->dev[i].pasid[pasid] : w->dev[i].rid,
				 domain);
}

/* No change since @from went to @domain. */
static void never_was(unsigned int from, const struct iommu_domain *domain)
{
	for (; from != nr_changes; from++)
		assert_ptr_not_equal(changes[from].to, domain);
}

static void test_direct(void **state)
{
	struct iommu_domain *order[] = { &a, &b,        &blocked, &b, &identity,
					 &a, &identity, &blocked, &a, &blocked };
	struct world *w = *state;
	unsigned int i;

	all_are(w, 0, &blocked);
	for (i = 0; i != sizeof(order) / sizeof(order[0]); i++) {
		nr_changes = 0;
		assert_int_equal(iommu_attach(&w->group, order[i]), 0);
		assert_ptr_equal(iommu_attached(&w->group), order[i]);
		all_are(w, 0, order[i]);
		/* One change per device: no third state. */
		assert_int_equal(nr_changes, DEVICES);
		assert_int_equal(iommu_attach(&w->group, order[i]), 0);
		assert_int_equal(nr_changes, DEVICES);
	}
}

/* Whichever device refuses, all are as before, and none was passed through. */
static void test_refused(void **state)
{
	struct iommu_domain *old[] = { &blocked, &identity, &a };
	struct world *w = *state;
	unsigned int i, n;

	for (i = 0; i != 3; i++) {
		assert_int_equal(iommu_attach(&w->group, old[i]), 0);
		for (n = 1; n <= DEVICES; n++) {
			nr_changes = 0;
			refuse_in = n;
			assert_int_equal(iommu_attach(&w->group, &b), -EIO);
			all_are(w, 0, old[i]);
			assert_ptr_equal(iommu_attached(&w->group), old[i]);
			assert_int_equal(nr_changes, 2 * (n - 1));
			if (old[i] != &identity)
				never_was(0, &identity);
		}
	}
	iommu_detach(&w->group);
	all_are(w, 0, &blocked);
}

static void test_misfits(void **state)
{
	struct world *w = *state;
	struct test_dev stranger;
	struct iommu_slot slot;

	assert_int_equal(iommu_attach(&w->group, &foreign), -EINVAL);
	assert_int_equal(iommu_attach_pasid(&w->group, &slot, 1, &foreign),
			 -EINVAL);
	assert_int_equal(iommu_attach_pasid(&w->group, &slot, 1, &no_pasid),
			 -EINVAL);
	assert_int_equal(iommu_attach_pasid(&w->group, &slot, 1, &identity),
			 -EINVAL);
	assert_int_equal(iommu_attach_pasid(&w->group, &slot, 0, &a), -EINVAL);
	assert_int_equal(iommu_attach_pasid(&w->group, &slot, 8, &a), -EINVAL);
	assert_int_equal(nr_changes, 0);
	init_dev(&stranger);
	stranger.dev.ops = &other_ops;
	assert_int_equal(iommu_dev_add(&stranger.dev, &w->group), -EINVAL);
}

static void test_owner(void **state)
{
	struct world *w = *state;

	assert_int_equal(iommu_group_claim(&w->group, state), -EBUSY);
	assert_int_equal(iommu_attach(&w->group, &a), 0);
	assert_int_equal(iommu_group_claim(&w->group, w), 0);
	all_are(w, 0, &a);
	iommu_group_release(&w->group);
	all_are(w, 0, &a);
	iommu_group_release(&w->group);
	all_are(w, 0, &blocked);
	assert_int_equal(iommu_group_claim(&w->group, state), 0);
	assert_int_equal(iommu_group_claim(&w->group, w), -EBUSY);
	iommu_group_release(&w->group);
	assert_int_equal(iommu_group_claim(&w->group, w), 0);
}

static void test_pasid(void **state)
{
	struct world *w = *state;
	struct iommu_slot one, two, three;
	unsigned int n;

	assert_int_equal(iommu_attach_pasid(&w->group, &one, 1, &a), 0);
	assert_int_equal(iommu_attach_pasid(&w->group, &two, 7, &b), 0);
	assert_int_equal(iommu_attach_pasid(&w->group, &three, 1, &b), -EBUSY);
	all_are(w, 1, &a);
	all_are(w, 7, &b);
	all_are(w, 0, &blocked);
	/* The RID may change, and fail to, while PASIDs are in use. */
	assert_int_equal(iommu_attach(&w->group, &b), 0);
	refuse_in = 2;
	assert_int_equal(iommu_attach(&w->group, &a), -EIO);
	assert_int_equal(iommu_attach(&w->group, &identity), 0);
	all_are(w, 1, &a);
	all_are(w, 7, &b);
	for (n = 1; n <= DEVICES; n++) {
		refuse_in = n;
		assert_int_equal(iommu_replace_pasid(&w->group, &one, &b),
				 -EIO);
		all_are(w, 1, &a);
		refuse_in = n;
		assert_int_equal(iommu_attach_pasid(&w->group, &three, 3, &a),
				 -EIO);
		all_are(w, 3, &blocked);
	}
	nr_changes = 0;
	assert_int_equal(iommu_replace_pasid(&w->group, &one, &b), 0);
	assert_int_equal(nr_changes, DEVICES);
	assert_int_equal(iommu_replace_pasid(&w->group, &one, &b), 0);
	assert_int_equal(nr_changes, DEVICES);
	assert_int_equal(iommu_replace_pasid(&w->group, &one, &foreign),
			 -EINVAL);
	all_are(w, 1, &b);
	iommu_detach_pasid(&w->group, &one);
	all_are(w, 1, &blocked);
	all_are(w, 7, &b);
	assert_int_equal(iommu_attach_pasid(&w->group, &one, 1, &a), 0);
	iommu_detach_pasid(&w->group, &two);
	iommu_detach_pasid(&w->group, &one);
	all_are(w, 0, &identity);
}

/* A device that comes later is attached like the others, or not at all. */
static void test_hotplug(void **state)
{
	struct world *w = *state;
	struct iommu_slot one, two;
	struct test_dev late;
	unsigned int n;

	assert_int_equal(iommu_attach(&w->group, &a), 0);
	assert_int_equal(iommu_attach_pasid(&w->group, &one, 1, &b), 0);
	assert_int_equal(iommu_attach_pasid(&w->group, &two, 5, &a), 0);
	for (n = 1; n <= 3; n++) {
		init_dev(&late);
		refuse_in = n;
		assert_int_equal(iommu_dev_add(&late.dev, &w->group), -EIO);
		assert_ptr_equal(late.rid, &blocked);
		assert_ptr_equal(late.pasid[1], &blocked);
		assert_ptr_equal(late.pasid[5], &blocked);
	}
	late.dev.pasid_bits = 2;
	assert_int_equal(iommu_dev_add(&late.dev, &w->group), -EINVAL);
	late.dev.pasid_bits = 3;
	assert_int_equal(iommu_dev_add(&late.dev, &w->group), 0);
	assert_ptr_equal(late.rid, &a);
	assert_ptr_equal(late.pasid[1], &b);
	assert_ptr_equal(late.pasid[5], &a);
	iommu_dev_remove(&late.dev);
	assert_ptr_equal(late.rid, &blocked);
	assert_ptr_equal(late.pasid[1], &blocked);
	assert_null(late.dev.group);
	iommu_detach_pasid(&w->group, &one);
	iommu_detach_pasid(&w->group, &two);
}

/* What an owner has attached outlives the devices, and waits for the next one. */
static void test_empty(void **state)
{
	struct world *w = *state;
	struct test_dev stranger;
	unsigned int i;

	assert_int_equal(iommu_attach(&w->group, &a), 0);
	for (i = 0; i != DEVICES; i++)
		iommu_dev_remove(&w->dev[i].dev);
	all_are(w, 0, &blocked);
	init_dev(&stranger);
	stranger.dev.ops = &other_ops;
	assert_int_equal(iommu_dev_add(&stranger.dev, &w->group), -EINVAL);
	assert_int_equal(iommu_dev_add(&w->dev[0].dev, &w->group), 0);
	assert_ptr_equal(w->dev[0].rid, &a);
	iommu_dev_remove(&w->dev[0].dev);
	/* Without an owner and a device it is like new. */
	iommu_group_release(&w->group);
	assert_int_equal(iommu_dev_add(&stranger.dev, &w->group), 0);
	assert_ptr_equal(stranger.rid, &blocked);
	iommu_dev_remove(&stranger.dev);
	for (i = 0; i != DEVICES; i++)
		assert_int_equal(iommu_dev_add(&w->dev[i].dev, &w->group), 0);
	all_are(w, 0, &blocked);
	assert_int_equal(iommu_group_claim(&w->group, w), 0);
}

/* ---- Gathers and lists ----------------------------------------------- */

static void test_gather(void **state)
{
	struct iommu_iotlb_gather g;

	iommu_iotlb_gather_init(&g);
	assert_true(iommu_iotlb_gather_empty(&g));
	assert_false(iommu_iotlb_gather_disjoint(&g, 0, 0));
	iommu_iotlb_gather_add(&g, 8 * PAGE, 9 * PAGE - 1, PAGE);
	assert_false(iommu_iotlb_gather_empty(&g));
	assert_int_equal(g.pgsize, PAGE);
	assert_false(iommu_iotlb_gather_disjoint(&g, 9 * PAGE, 10 * PAGE));
	assert_true(iommu_iotlb_gather_disjoint(&g, 9 * PAGE + 1, 10 * PAGE));
	assert_false(iommu_iotlb_gather_disjoint(&g, 0, 8 * PAGE - 1));
	assert_true(iommu_iotlb_gather_disjoint(&g, 0, 8 * PAGE - 2));
	iommu_iotlb_gather_add(&g, 0, 2 * PAGE - 1, 2 * PAGE);
	assert_int_equal(g.start, 0);
	assert_int_equal(g.last, 9 * PAGE - 1);
	assert_int_equal(g.pgsize, PAGE);
	iommu_iotlb_gather_add(&g, ~0UL, ~0UL, 0);
	assert_int_equal(g.last, ~0UL);
	assert_int_equal(g.pgsize, 0);
	iommu_iotlb_gather_init(&g);
	iommu_iotlb_gather_add(&g, 0, 0, 1);
	assert_false(iommu_iotlb_gather_empty(&g));
}

static unsigned int nr_put;

static void put_tables(struct iommu_pages_list *list)
{
	while (iommu_pages_list_pop(list))
		nr_put++;
}

static void test_pages_list(void **state)
{
	struct iommu_pages_list list = { 0 };
	uint64_t *table[4], link;
	unsigned int i, bit;

	iommu_pages_list_put(&list);
	for (i = 0; i != 4; i++) {
		table[i] = aligned_alloc(PAGE, PAGE);
		memset(table[i], 0xff, PAGE);
		iommu_pages_list_add(&list, table[i], 0, put_tables, NULL);
		/* Not present, as 8-byte and as 4-byte entries. */
		assert_int_equal(table[i][0] & 0x700000007, 0);
		assert_int_equal(table[i][1], UINT64_MAX);
	}
	for (i = 4; i--;)
		assert_ptr_equal(i ? iommu_pages_link_next(table[i])
				   : iommu_pages_link_next(table[0]),
				 i ? (void *)table[i - 1] : NULL);
	nr_put = 0;
	iommu_pages_list_put(&list);
	assert_int_equal(nr_put, 4);
	assert_true(iommu_pages_list_empty(&list));
	for (bit = IOMMU_PAGES_ALIGN_LG2; bit != 64; bit++) {
		iommu_pages_link_set(&link, (void *)(1UL << bit), 0);
		assert_int_equal(link & 0x700000007, 0);
		assert_ptr_equal(iommu_pages_link_next(&link),
				 (void *)(1UL << bit));
	}
	for (i = 0; i != 4; i++)
		free(table[i]);
}

/* ---- Mapping ---------------------------------------------------------- */

/**
 * struct map_domain - a domain that maps @limit bytes and then fails
 */
struct map_domain {
	struct iommu_domain domain;
	size_t limit;
	dma_addr_t unmap_iova;
	size_t unmap_len;
	unsigned int syncs, reports;
	int sync_map_rc;
};

static int part_map(struct iommu_domain *domain, dma_addr_t iova,
		    phys_addr_t paddr, dma_addr_t len, unsigned int prot,
		    gfp_t gfp, size_t *mapped)
{
	struct map_domain *md = (struct map_domain *)domain;
	size_t n = len < md->limit ? len : md->limit;

	*mapped += n;
	return n == len ? 0 : -ENOMEM;
}

static size_t part_unmap(struct iommu_domain *domain, dma_addr_t iova,
			 dma_addr_t len, struct iommu_iotlb_gather *gather)
{
	struct map_domain *md = (struct map_domain *)domain;

	md->unmap_iova = iova;
	md->unmap_len = len;
	iommu_iotlb_gather_add(gather, iova, iova + len - 1, PAGE);
	return len;
}

static void part_sync(struct iommu_domain *domain,
		      struct iommu_iotlb_gather *gather)
{
	((struct map_domain *)domain)->syncs++;
}

static int part_sync_map(struct iommu_domain *domain, dma_addr_t iova,
			 size_t size)
{
	return ((struct map_domain *)domain)->sync_map_rc;
}

static void part_unmapped(struct iommu_domain *domain, dma_addr_t iova,
			  dma_addr_t last)
{
	((struct map_domain *)domain)->reports++;
}

static phys_addr_t part_iova_to_phys(struct iommu_domain *domain,
				     dma_addr_t iova)
{
	return iova + PAGE;
}

static const struct iommu_domain_ops part_ops = {
	.map_range = part_map,
	.unmap_range = part_unmap,
	.iova_to_phys = part_iova_to_phys,
	.iotlb_sync = part_sync,
	.iotlb_sync_map = part_sync_map,
	.unmapped = part_unmapped,
};

static void test_map(void **state)
{
	struct map_domain md = {
		.domain = { .type = IOMMU_DOMAIN_PAGING,
			    .ops = &part_ops,
			    .geometry = { 16 * PAGE, 64 * PAGE - 1, true },
			    .pgsize_bitmap = PAGE | 512 * PAGE },
		.limit = SIZE_MAX,
	};
	struct iommu_domain *d = &md.domain;
	const dma_addr_t iova = 16 * PAGE;

	assert_int_equal(iommu_map(d, iova, 0, 0, 3, 0), -EINVAL);
	assert_int_equal(iommu_map(d, iova + 1, 0, PAGE, 3, 0), -EINVAL);
	assert_int_equal(iommu_map(d, iova, 1, PAGE, 3, 0), -EINVAL);
	assert_int_equal(iommu_map(d, iova, 0, PAGE + 1, 3, 0), -EINVAL);
	assert_int_equal(iommu_map(d, iova - PAGE, 0, PAGE, 3, 0), -ERANGE);
	assert_int_equal(iommu_map(d, iova, 0, 49 * PAGE, 3, 0), -ERANGE);
	assert_int_equal(iommu_map(d, 64 * PAGE, 0, PAGE, 3, 0), -ERANGE);
	assert_int_equal(iommu_map(d, iova, 0, -PAGE, 3, 0), -ERANGE);
	assert_int_equal(iommu_map(d, iova, 0, 48 * PAGE, 3, 0), 0);
	assert_int_equal(md.syncs + md.reports, 0);
	/* What was mapped before the failure is taken back. */
	md.limit = 5 * PAGE;
	assert_int_equal(iommu_map(d, iova, 0, 8 * PAGE, 3, 0), -ENOMEM);
	assert_int_equal(md.unmap_iova, iova);
	assert_int_equal(md.unmap_len, 5 * PAGE);
	assert_int_equal(md.syncs, 1);
	assert_int_equal(md.reports, 1);
	md.limit = 0;
	assert_int_equal(iommu_map(d, iova, 0, 8 * PAGE, 3, 0), -ENOMEM);
	assert_int_equal(md.syncs, 1);
	md.limit = SIZE_MAX;
	md.sync_map_rc = -EIO;
	assert_int_equal(iommu_map(d, iova, 0, 8 * PAGE, 3, 0), -EIO);
	assert_int_equal(md.unmap_len, 8 * PAGE);
	assert_int_equal(md.syncs, 2);
	assert_int_equal(iommu_unmap_sync(d, iova, 48 * PAGE), 48 * PAGE);
	assert_int_equal(iommu_unmap_sync(d, iova, 49 * PAGE), 0);
	assert_int_equal(iommu_iova_to_phys(d, iova), iova + PAGE);
	assert_true(iommu_iova_to_phys(d, iova - 1) == PHYS_ADDR_MAX);
	assert_true(iommu_iova_to_phys(d, 64 * PAGE) == PHYS_ADDR_MAX);
}

static void part_iova_to_phys_list(struct iommu_domain *domain,
				   const dma_addr_t *iova, phys_addr_t *oa,
				   size_t nr)
{
	((struct map_domain *)domain)->syncs++;
	while (nr--)
		*oa++ = *iova++ + 2 * PAGE;
}

/* Many lookups at once, by one call of the domain if it has that. */
static void test_lookups(void **state)
{
	struct iommu_domain_ops ops = part_ops;
	struct map_domain md = {
		.domain = { .type = IOMMU_DOMAIN_PAGING,
			    .ops = &ops,
			    .geometry = { 16 * PAGE, 64 * PAGE - 1, true } },
	};
	const dma_addr_t iova[] = { 17 * PAGE, 16 * PAGE - 1, 16 * PAGE,
				    64 * PAGE - 1, 64 * PAGE };
	phys_addr_t oa[6] = { [5] = 1 };

	iommu_iova_to_phys_list(&md.domain, iova, oa, 5);
	assert_int_equal(oa[0], 18 * PAGE);
	assert_true(oa[1] == PHYS_ADDR_MAX);
	assert_int_equal(oa[2], 17 * PAGE);
	assert_int_equal(oa[3], 65 * PAGE - 1);
	assert_true(oa[4] == PHYS_ADDR_MAX);
	ops.iova_to_phys_list = part_iova_to_phys_list;
	iommu_iova_to_phys_list(&md.domain, iova, oa, 5);
	assert_int_equal(md.syncs, 1);
	assert_int_equal(oa[0], 19 * PAGE);
	assert_true(oa[1] == PHYS_ADDR_MAX);
	assert_int_equal(oa[2], 18 * PAGE);
	assert_int_equal(oa[3], 66 * PAGE - 1);
	assert_true(oa[4] == PHYS_ADDR_MAX);
	iommu_iova_to_phys_list(&md.domain, iova, oa, 0);
	assert_int_equal(oa[5], 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_direct),
		TEST(test_refused),
		TEST(test_misfits),
		TEST(test_lookups),
		TEST(test_owner),
		TEST(test_pasid),
		TEST(test_hotplug),
		TEST(test_empty),
		cmocka_unit_test(test_gather),
		cmocka_unit_test(test_pages_list),
		cmocka_unit_test(test_map),
	};

	return cmocka_run_group_tests_name("attach", tests, NULL, NULL);
}
