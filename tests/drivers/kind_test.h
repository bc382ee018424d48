/* SPDX-License-Identifier: MIT */
/*
 * What all kinds do alike with their struct test. The driver's machine comes before.
 */
#ifndef TESTS_DRIVERS_KIND_TEST_H
#define TESTS_DRIVERS_KIND_TEST_H

#include "kind.h"

static struct test *kind_test(void)
{
	struct test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	return t;
}

static void kind_stop(void *test)
{
	stop(test);
	free(test);
}

static struct fake *kind_fake(void *test)
{
	return ((struct test *)test)->fake;
}

static struct iommu_dev *kind_dev(void *test)
{
	return &((struct test *)test)->dev.dev;
}

#endif
