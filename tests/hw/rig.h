/* SPDX-License-Identifier: MIT */
/**
 * DOC: What every IOMMU's test has in common
 *
 * An emulated machine, an edu behind its IOMMU, the driver that all of this is about,
 * and checks that do not care which one it is. A check prints what it expects and what
 * the hardware did. RAM: tables from 16 MiB on, data from 64 MiB on.
 */
#ifndef TESTS_HW_RIG_H
#define TESTS_HW_RIG_H

#include <uiommu/driver.h>

#include "edu.h"
#include "port/port.h"

#define RIG_RAM_SIZE   (256ul << 20)
#define RIG_TABLES     (16ul << 20) /* from the start of RAM */
#define RIG_TABLE_SIZE (32ul << 20)
#define RIG_DATA       (64ul << 20)

struct rig_change;

/**
 * struct rig - one machine under test
 * @hw: for the driver: registers at @regs of the machine, stores in its RAM
 * @next_fault: <drv>_next_fault()
 * @driver: for @next_fault
 * @logs_faults: this emulation records faults
 * @bus_bits: ... of addresses up to that width; what is beyond never gets to the
 *	IOMMU. 0 = all
 * @low_bits: pages are mapped below 2^@low_bits; 0 = anywhere
 * @mute: the hardware does not get register writes: it seems to be stuck
 * @step: called after every store to a live structure and every register write
 * @change: for @step
 * @steps: how many there were
 */
struct rig {
	struct qtest q;
	struct edu edu;
	struct port_arena *arena;
	struct iommu_hw hw;
	uint64_t regs;
	struct iommu_group group;
	bool (*next_fault)(void *driver, struct iommu_hw_fault *fault,
			   bool *lost);
	void *driver;
	bool logs_faults;
	unsigned int bus_bits;
	unsigned int low_bits;
	bool mute;
	void (*step)(struct rig *rig);
	const struct rig_change *change;
	unsigned int steps;
};

/** rig_start() - the machine; @regs is where the IOMMU's registers are. */
void rig_start(struct rig *rig, const char *binary, const char *const *args,
	       uint64_t ram_base, uint64_t regs);

/** rig_stop() - everything that was allocated in its RAM must be free again. */
void rig_stop(struct rig *rig);

/** rig_add() - put the device behind the IOMMU. */
void rig_add(struct rig *rig, struct iommu_dev *dev);

/** rig_remove() - the inverse. */
void rig_remove(struct rig *rig, struct iommu_dev *dev);

/** rig_data() - an address in RAM for data, @offset bytes in. */
uint64_t rig_data(struct rig *rig, uint64_t offset);

/** rig_reaches() - DMA of @len bytes at @iova reads and writes @pa, both. */
void rig_reaches(struct rig *rig, uint64_t iova, uint64_t pa, size_t len);

/**
 * rig_blocked() - a DMA at @iova is stopped, and the fault record says so
 * @access: IOMMU_PAGE_READ or IOMMU_PAGE_WRITE
 * @pa: what it must not reach
 * @reasons: bit n: enum iommu_hw_reason n is a right one; 0 = of this there is no
 *	record, the data tell
 */
void rig_blocked(struct rig *rig, uint64_t iova, uint64_t pa,
		 unsigned int access, unsigned int reasons);

/** rig_map() - map, and do what a map owes. */
void rig_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa,
	     uint64_t len, unsigned int prot);

/** rig_unmap() - unmap and flush; all of it was mapped. */
void rig_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t len);

/* ---- Nesting ---------------------------------------------------------------- */

#define RIG_GUEST 0x100000000ul /* what guest physical addresses add to ours */

/**
 * rig_guest_runtime() - table memory as a guest sees it: RIG_GUEST further up
 *
 * For a guest's stage 1, made in the machine's own table memory.
 */
struct pt_runtime rig_guest_runtime(struct rig *rig);

/** rig_guest_memory() - map all of RAM in @parent where the guest sees it. */
void rig_guest_memory(struct rig *rig, struct iommu_domain *parent);

/**
 * rig_nested() - @guest, attached over @parent, translates twice
 * @forget: the guest has changed its table
 */
void rig_nested(struct rig *rig, struct iommu_domain *parent,
		struct iommu_domain *guest, void (*forget)(void *arg),
		void *arg);

/**
 * rig_offered() - every table that the emulation offers is tested
 * @what: the stage, and whatever else there is to say
 * @offered: bit n: tables of n levels
 * @tested: the same
 */
void rig_offered(const char *what, unsigned int offered, unsigned int tested);

/* ---- The battery: what a PAGING domain attached to the edu must do ---------- */

/**
 * rig_battery() - all of this, with @domain attached and detached again
 * @reasons: as rig_blocked() has them, of a device that is attached to nothing
 */
void rig_battery(struct rig *rig, struct iommu_domain *domain,
		 unsigned int reasons);

/** rig_every_size() - every page size, in both directions, from end to end. */
void rig_every_size(struct rig *rig, struct iommu_domain *domain);

/** rig_crossing() - one DMA over pages of different sizes and several tables. */
void rig_crossing(struct rig *rig, struct iommu_domain *domain);

/** rig_refused() - unmapped, read-only and out of range. */
void rig_refused(struct rig *rig, struct iommu_domain *domain);

/**
 * rig_live() - live entries are cut, go elsewhere and change what they permit
 *
 * Where the format's hardware does not bear that, nothing changes.
 */
void rig_live(struct rig *rig, struct iommu_domain *domain);

/** rig_stale() - after a sync the old translation is gone, without one it is not. */
void rig_stale(struct rig *rig, struct iommu_domain *domain);

/* ---- What is seen while one domain takes the place of another ---------------- */

#define RIG_DOMAINS 3

#define RIG_IDENTITY_HITLESS \
	(1u << 0) /* from IDENTITY to a PAGING domain and back */
#define RIG_MOVE_HITLESS (1u << 1) /* from one PAGING domain to another */

/**
 * rig_transitions() - a DMA after every single store and register write of attaches
 * @identity: the static domain
 * @domain: PAGING domains, empty before and after
 * @hitless: RIG_*_HITLESS: where no DMA may be lost
 *
 * From IDENTITY to a PAGING domain with the same translation and back; from one
 * place to another; to BLOCKED and back. A DMA goes to the old or to the new place,
 * is blocked where that is allowed, and never ends up elsewhere.
 */
void rig_transitions(struct rig *rig, struct iommu_domain *identity,
		     struct iommu_domain *const domain[RIG_DOMAINS],
		     unsigned int hitless);

/**
 * rig_rules() - the attach rules that a machine without PASIDs can show
 * @identity, @domain, @hitless: as rig_transitions() has them
 *
 * The last of them leaves the IOMMU broken: nothing but rig_stop() comes after.
 */
void rig_rules(struct rig *rig, struct iommu_domain *identity,
	       struct iommu_domain *const domain[RIG_DOMAINS],
	       unsigned int hitless);

/**
 * rig_growth() - the same while the top of @domain, which is attached, grows by
 * mapping at @high
 */
void rig_growth(struct rig *rig, struct iommu_domain *domain, uint64_t high);

#endif
