/* SPDX-License-Identifier: MIT */
/**
 * DOC: All drivers as one, for tests that do not care which one it is
 *
 * A kind plays its hardware: it reads from memory, as the specification says, what a
 * (device, PASID) is translated by.
 */
#ifndef TESTS_DRIVERS_KIND_H
#define TESTS_DRIVERS_KIND_H

#include "fake.h"

/** enum seen_what - what hardware makes of an entry. */
enum seen_what {
	SEEN_BLOCKED,
	SEEN_IDENTITY,
	SEEN_TABLE,
	SEEN_NONSENSE,
};

/**
 * struct seen - the same, with
 * @root: the page table's address
 * @tag: what its translations are cached under
 */
struct seen {
	enum seen_what what;
	uint64_t root;
	uint64_t tag;
};

#define KIND_ERRORS 3

/* What the hardware's update rules make possible without a gap */
#define HITLESS_IDENTITY (1u << 0) /* from IDENTITY to a table and back */
#define HITLESS_MOVE     (1u << 1) /* from one table to another */
#define HITLESS_PASID    (1u << 2) /* the same on a PASID */

/**
 * struct kind - one driver, with one way to run its hardware
 * @pasid_bits: that its device has; 0 = no PASIDs
 * @hitless: HITLESS_*, with stores of 16 bytes
 * @hitless_parent: the same of domains that others can be nested on
 * @any_order: hardware may read the quadwords of an entry in any order, and keep
 *	them until it is told to forget
 * @start: driver and device on a new machine; their memory
 * @machine: a new machine without a driver
 * @boot: start the driver on it and stop it; what init returned
 * @sees: what @pasid of the device is translated by
 * @means: what it is when @domain, a table, translates it
 * @forgets: is this a command to forget entries?
 * @error: registers in which hardware reports that its queue does not work
 */
struct kind {
	const char *name;
	unsigned int pasid_bits;
	unsigned int hitless;
	unsigned int hitless_parent;
	bool any_order;
	void *(*start)(void);
	void (*stop)(void *test);
	struct fake *(*fake)(void *test);
	struct iommu_dev *(*dev)(void *test);
	int (*boot)(struct fake *fake);
	struct fake *(*machine)(void);
	struct seen (*sees)(void *test, ioasid_t pasid);
	struct seen (*means)(void *test, struct iommu_domain *domain);
	bool (*forgets)(const uint64_t qw[2]);
	struct {
		uint32_t reg;
		uint32_t value;
	} error[KIND_ERRORS];
};

extern const struct kind kind_amd, kind_vtd_legacy, kind_vtd, kind_riscv,
	kind_smmuv3;

#endif
