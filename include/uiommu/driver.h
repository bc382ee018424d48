/* SPDX-License-Identifier: MIT */
/**
 * DOC: What the drivers of real IOMMUs share
 *
 * Freestanding. A driver (src/drivers/) reaches registers and memory through the
 * operations of a struct iommu_hw, which the embedder writes: a kernel or a
 * firmware with plain accesses, a test program that drives an emulated machine
 * with whatever gets there. All drivers offer the same:
 *
 *	<drv>_probe()		what the hardware can do, without touching it
 *	<drv>_init()		make it translate, with every device blocked
 *	<drv>_fini()		stop it; every device is blocked or, if the
 *				hardware cannot block when it is off, passes
 *	<drv>_dev_init()	a device behind it, for iommu_dev_add()
 *	<drv>_dev_fini()
 *	<drv>_domain_init()	a PAGING domain of a given format and size;
 *				iommu_domain_alloc_paging() picks them itself
 *	<drv>_next_fault()	the oldest fault record in the common form
 *	<drv>_next_request()	the oldest page request, for
 *				iommu_report_page_request(); the answer comes
 *				back through the core
 *
 * All else is the core's (<uiommu/iommu.h>): groups, attach, map and unmap.
 */
#ifndef UIOMMU_DRIVER_H
#define UIOMMU_DRIVER_H

#include <uiommu/iommu.h>
#include <uiommu/port.h>

#ifdef __cplusplus
extern "C" {
#endif

struct iommu_hw;

/**
 * struct iommu_hw_ops - how a driver reaches its hardware
 * @read32: read the register at byte offset @reg
 * @read64: the same with 8 bytes; one access where the bus can
 * @write32: write it
 * @write64: the same with 8 bytes
 * @store64: store @value to @p, in memory that the hardware may be reading: it
 *	sees the old or the new value, and everything stored before. NULL = a
 *	plain atomic store
 * @store128: the same for 16 bytes, aligned; @p[0] is @lo. NULL = this machine
 *	cannot. More changes are hitless with it
 * @relax: called over and over while the driver waits for the hardware; @spins
 *	counts from 0. Return: false when it has taken too long. NULL = wait for
 *	IOMMU_HW_SPINS turns
 * @broken: the hardware did not do what it must: @what, with the error that
 *	callers get from now on. May be NULL
 *
 * Registers are accessed in the order of the calls, and after the stores that
 * came before. Any context; a driver serialises what it does to one IOMMU.
 */
struct iommu_hw_ops {
	uint32_t (*read32)(struct iommu_hw *hw, uint32_t reg);
	uint64_t (*read64)(struct iommu_hw *hw, uint32_t reg);
	void (*write32)(struct iommu_hw *hw, uint32_t reg, uint32_t value);
	void (*write64)(struct iommu_hw *hw, uint32_t reg, uint64_t value);
	void (*store64)(struct iommu_hw *hw, uint64_t *p, uint64_t value);
	void (*store128)(struct iommu_hw *hw, uint64_t *p, uint64_t lo,
			 uint64_t hi);
	bool (*relax)(struct iommu_hw *hw, unsigned int spins);
	void (*broken)(struct iommu_hw *hw, int error, const char *what);
};

/** IOMMU_HW_SPINS - how often a driver looks before it gives up. */
#define IOMMU_HW_SPINS 10000000U

/**
 * struct iommu_hw - one IOMMU as its embedder sees it; embedded there
 * @ops: how to reach it
 * @runtime: memory for tables and queues, and for page tables; its flush is
 *	used if the hardware does not snoop. NULL = port_default_runtime()
 */
struct iommu_hw {
	const struct iommu_hw_ops *ops;
	const struct pt_runtime *runtime;
};

/**
 * struct iommu_hw_caps - what an IOMMU can do; filled by <drv>_probe()
 * @oa_bits: width of the addresses it puts out
 * @stage2_bits: widest input address of its second (or only) stage; 0 = none
 * @stage1_bits: widest input address of its first stage, sign included; 0 = none
 * @stage2_levels: bit n: second-stage tables of n levels
 * @stage1_levels: bit n: first-stage tables of n levels
 * @page_sizes: bit n: pages of 2^n bytes, in the larger of the stages
 * @granules: bit n: page tables with a granule of 2^n bytes
 * @pasid_bits: width of a PASID; 0 = none
 * @nesting: first stage over second stage
 * @dirty: it sets dirty bits in the second stage
 * @coherent_walk: it snoops: tables need no cache flush
 * @snoop_control: a mapping can force requests to snoop
 * @ats: it answers translation requests of devices
 * @pri: it takes page requests
 * @caches_not_present: what is not present may be cached, too: a map has to be
 *	followed by an invalidation
 */
struct iommu_hw_caps {
	uint8_t oa_bits;
	uint8_t stage2_bits;
	uint8_t stage1_bits;
	uint8_t stage2_levels;
	uint8_t stage1_levels;
	uint8_t pasid_bits;
	uint64_t page_sizes;
	uint64_t granules;
	bool nesting;
	bool dirty;
	bool coherent_walk;
	bool snoop_control;
	bool ats;
	bool pri;
	bool caches_not_present;
};

/* ---- What a domain and a device consist of; internal to the drivers -------- */

/**
 * struct iommu_hw_target - something that requests are translated by
 * @owner: the driver's IOMMU
 * @id: what tags its translations in the caches
 * @users: who is translated by it
 * @nested: what is nested on it: a change of this is one of those, too
 * @parent: what it is nested on, or NULL
 * @sibling: the parent's next
 */
struct iommu_hw_target {
	void *owner;
	uint32_t id;
	struct iommu_hw_user *users;
	struct iommu_hw_target *nested;
	struct iommu_hw_target *parent;
	struct iommu_hw_target *sibling;
};

/**
 * struct iommu_hw_user - a (device, PASID)
 * @next: of the target's
 * @sibling: of the device's
 * @target: what translates it
 * @dev: the driver's device
 * @pasid: IOMMU_NO_PASID or its PASID
 */
struct iommu_hw_user {
	struct iommu_hw_user *next;
	struct iommu_hw_user *sibling;
	struct iommu_hw_target *target;
	void *dev;
	ioasid_t pasid;
};

/**
 * struct iommu_hw_users - all of a device
 * @rid: requests without a PASID
 * @pasids: those PASIDs that are not blocked
 * @blocked: what the others are translated by
 */
struct iommu_hw_users {
	struct iommu_hw_user rid;
	struct iommu_hw_user *pasids;
	struct iommu_hw_target *blocked;
};

struct iommu_hw_queue_ops;

/**
 * struct iommu_hw_queue - the ring of commands
 * @ops: how this IOMMU's is worked
 * @ring: a page
 * @entry_lg2: log2 of the bytes of an entry
 * @tail: number of the next free entry, with a bit above the index that tells the
 *	rounds apart
 * @error: sticky: the ring does not work any more
 */
struct iommu_hw_queue {
	const struct iommu_hw_queue_ops *ops;
	uint64_t *ring;
	unsigned int entry_lg2;
	uint32_t tail;
	int error;
};

#define IOMMU_HW_JOURNAL 64 /* stores of the longest change */

/**
 * struct iommu_hw_journal - what stood where a change has stored, to go back
 * @on: a change is under way
 * @nr: how many stores
 * @store: where, and what @qwords (1 or 2) stood there
 */
struct iommu_hw_journal {
	bool on;
	unsigned int nr;
	struct {
		uint64_t *p;
		uint64_t was[2];
		unsigned int qwords;
	} store[IOMMU_HW_JOURNAL];
};

/** struct iommu_hw_ids - a set of numbers to tag translations with. */
struct iommu_hw_ids {
	uint64_t *map;
	unsigned int size_lg2;
	uint32_t count;
};

/** enum iommu_hw_reason - why a request was blocked. */
enum iommu_hw_reason {
	IOMMU_HW_BLOCKED, /* the device, or the PASID, is attached to nothing */
	IOMMU_HW_RANGE, /* the address is beyond what is translated */
	IOMMU_HW_NOT_PRESENT, /* nothing is mapped there */
	IOMMU_HW_PERMISSION, /* it may not be done there */
	IOMMU_HW_NOT_MAPPED_OR_ALLOWED, /* one of both: hardware does not say */
	IOMMU_HW_BAD_TABLE, /* a page table breaks the format's rules */
	IOMMU_HW_BAD_CONFIG, /* the device's table entry does */
	IOMMU_HW_BUS, /* no memory answered */
	IOMMU_HW_OTHER, /* see the hardware's own code */
};

/**
 * struct iommu_hw_fault - a blocked request, the same for all hardware
 * @rid: the device
 * @pasid: IOMMU_NO_PASID if the request had none
 * @iova: the address, as precise as the hardware records it
 * @access: enum iommu_page_perm: what it wanted
 * @reason: why
 * @stage2: nested: the second stage stopped it
 * @gpa: nested, with @stage2: the address between the stages, if known, else 0
 * @code: the hardware's own number of the reason
 */
struct iommu_hw_fault {
	uint32_t rid;
	ioasid_t pasid;
	uint64_t iova;
	unsigned int access;
	enum iommu_hw_reason reason;
	bool stage2;
	uint64_t gpa;
	uint32_t code;
};

#ifdef __cplusplus
}
#endif
#endif
