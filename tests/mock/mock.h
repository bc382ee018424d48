/* SPDX-License-Identifier: MIT */
/**
 * DOC: A client of the mock IOMMU
 *
 * Requests in short. All return what ioctl(2) does, or the negative error number, and
 * work on the descriptor @t.fd.
 */
#ifndef TESTS_MOCK_MOCK_H
#define TESTS_MOCK_MOCK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <cmocka.h>

#include <uiommu/iommufd.h>
#include <uiommu/iommufd_test.h>

#include "sys.h"

#define PAGE     4096UL
#define NR_PAGES 64UL
#define START    IOMMU_TEST_APERTURE_START

/**
 * struct test - what a test has
 * @fd: /dev/iommu
 * @buf: NR_PAGES pages of memory
 */
struct test {
	int fd;
	uint8_t *buf;
};

extern struct test t;

/** struct mock_dev - a mock device: ids of what MOCK_DOMAIN makes. */
struct mock_dev {
	uint32_t stdev;
	uint32_t hwpt;
	uint32_t idev;
};

/* cmocka fixtures: a descriptor and a buffer. */
int test_setup(void **state);
int test_teardown(void **state);

/** mock_cmd() - IOMMU_TEST_CMD; fills in size and op. */
long mock_cmd(uint32_t op, struct iommu_test_cmd *cmd);

/** mock_ioas() - a new IOAS. */
uint32_t mock_ioas(void);

/** mock_device() - a device attached to @pt, with IOMMU_TEST_DEV_* flags. */
long mock_device(uint32_t pt, uint32_t flags, struct mock_dev *dev);

/** mock_new_device() - the same, which succeeds. */
struct mock_dev mock_new_device(uint32_t pt, uint32_t flags);

long mock_destroy(uint32_t id);
long mock_map(uint32_t ioas, void *va, uint64_t length, uint64_t iova);
long mock_unmap(uint32_t ioas, uint64_t iova, uint64_t length);
long mock_replace(uint32_t stdev, uint32_t *pt);

/** mock_hwpt() - IOMMU_HWPT_ALLOC; *@id is not touched on failure. */
long mock_hwpt(uint32_t idev, uint32_t pt, uint32_t flags, uint32_t *id);

/** mock_hwpt_data() - the same with data. */
long mock_hwpt_data(uint32_t idev, uint32_t pt, uint32_t flags, uint32_t type,
		    const void *data, uint32_t len, uint32_t *id);

/** mock_check_map() - MD_CHECK_MAP. */
long mock_check_map(uint32_t hwpt, uint64_t iova, const void *va,
		    uint64_t length);

/** mock_check_refs() - MD_CHECK_REFS; 0 where pins cannot be counted. */
long mock_check_refs(const void *va, uint64_t length, uint32_t refs);

#endif
