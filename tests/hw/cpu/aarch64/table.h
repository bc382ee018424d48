/* SPDX-License-Identifier: MIT */
/**
 * DOC: A table of any of the six formats, as a domain that processors are translated by
 */
#ifndef TESTS_HW_CPU_AARCH64_TABLE_H
#define TESTS_HW_CPU_AARCH64_TABLE_H

#include <uiommu/pt/iommu.h>

#include "regime.h"

struct arm_format;

/** struct arm_table - the table, and how a processor comes to use it. */
struct arm_table {
	union {
		struct iommu_domain domain;
		struct pt_iommu_armv8_s1_4k s1_4k;
		struct pt_iommu_armv8_s1_16k s1_16k;
		struct pt_iommu_armv8_s1_64k s1_64k;
		struct pt_iommu_armv8_s2_4k s2_4k;
		struct pt_iommu_armv8_s2_16k s2_16k;
		struct pt_iommu_armv8_s2_64k s2_64k;
	};
	struct regime regime;
	const struct arm_format *format;
};

/** struct arm_format - what a format's unit gives. */
struct arm_format {
	bool stage2;
	unsigned int granule_lg2;
	int (*init)(struct arm_table *table, const struct pt_iommu_cfg *cfg);
	void (*deinit)(struct arm_table *table);
};

extern const struct arm_format arm_s1_4k, arm_s1_16k, arm_s1_64k;
extern const struct arm_format arm_s2_4k, arm_s2_16k, arm_s2_64k;

#endif
