/* SPDX-License-Identifier: MIT */
/**
 * DOC: The software IOMMU
 *
 * Plays the hardware: it walks page tables that somebody else wrote, through a
 * bus, bit by bit as each format's specification says. It shares no code and no
 * header with src/pt, so that each checks the other. Three users stand on it:
 * the DMA of modelled devices, the second opinion in the tests, and the
 * commands that print tables.
 */
#ifndef SOFT_SOFT_H
#define SOFT_SOFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct soft_bus - physical memory as the hardware reaches it
 * @load: read one entry of @size bytes (4 or 8), naturally aligned, in one
 *	access
 * @cas: compare and swap one entry (accessed and dirty bits); *@old is what was
 *	there. NULL: hardware A/D updates are off
 * @read: DMA out of memory
 * @write: DMA into memory
 *
 * All return 0 or -EFAULT where there is no memory (any more): the access is
 * then a bus abort. Thread-safe.
 */
struct soft_bus {
	int (*load)(struct soft_bus *bus, uint64_t pa, unsigned int size,
		    uint64_t *value);
	int (*cas)(struct soft_bus *bus, uint64_t pa, unsigned int size,
		   uint64_t *old, uint64_t value);
	int (*read)(struct soft_bus *bus, uint64_t pa, void *buf, size_t len);
	int (*write)(struct soft_bus *bus, uint64_t pa, const void *buf,
		     size_t len);
};

/** enum soft_kind - what an entry turned out to be. */
enum soft_kind {
	SOFT_EMPTY, /* not present */
	SOFT_TABLE, /* points at a lower table */
	SOFT_LEAF, /* maps memory */
	SOFT_BAD, /* present, but violates the format (reserved bits, ...) */
};

#define SOFT_READ  (1u << 0)
#define SOFT_WRITE (1u << 1)
#define SOFT_EXEC  (1u << 2)

/*
 * What the device table entry and the capabilities of the IOMMU say about the
 * optional parts of a format. A bit whose feature is off is reserved or
 * ignored, as the format's specification has it.
 */
/** SOFT_FEAT_HW_ACCESSED - the walker sets accessed bits (AMD HAD=1). */
#define SOFT_FEAT_HW_ACCESSED (1u << 0)
/**
 * SOFT_FEAT_HW_DIRTY - it sets accessed and dirty bits (HAD=3, SSADE, SADE, GADE,
 * HA with HD, EPTP bit 6). Without it RISC-V faults where a bit would be set.
 */
#define SOFT_FEAT_HW_DIRTY (1u << 1)
/** SOFT_FEAT_SNOOP - vtdss: ECAP.SC, leaves may carry SNP. */
#define SOFT_FEAT_SNOOP (1u << 2)
/** SOFT_FEAT_EXEC - vtdss: second-stage execute is enabled, X counts. */
#define SOFT_FEAT_EXEC (1u << 3)
/** SOFT_FEAT_NXE - x86_64: bit 63 is XD; without it the bit is reserved. */
#define SOFT_FEAT_NXE (1u << 4)
/** SOFT_FEAT_SUPERVISOR - requests are privileged: U=0 (AP[1]=0) is no obstacle. */
#define SOFT_FEAT_SUPERVISOR (1u << 5)
/** SOFT_FEAT_UNSIGNED - x86_64: no upper half (AMD guest tables under GIOV). */
#define SOFT_FEAT_UNSIGNED (1u << 6)
/** SOFT_FEAT_UPPER - armv8_s1: TTBR1, VAs whose bits above @va_bits are ones. */
#define SOFT_FEAT_UPPER (1u << 7)
/**
 * SOFT_FEAT_52BIT - armv8: addresses of 52 bits: DS=1 (LPA2) with granules of
 * 4K and 16K, LPA and LVA with 64K.
 */
#define SOFT_FEAT_52BIT (1u << 8)
/** SOFT_FEAT_S2FWB - armv8_s2: MemAttr forces write-back, it has three bits. */
#define SOFT_FEAT_S2FWB (1u << 9)
/** SOFT_FEAT_XNX - armv8_s2: XN has two bits, for EL1 and EL0. */
#define SOFT_FEAT_XNX (1u << 10)
/** SOFT_FEAT_HPD - armv8_s1, lpae_s1: permissions of table entries are ignored. */
#define SOFT_FEAT_HPD (1u << 11)
/** SOFT_FEAT_NT - armv8: blocks may carry nT (BBM level 1). */
#define SOFT_FEAT_NT (1u << 12)
/** SOFT_FEAT_SVNAPOT - riscv64: leaves may carry N. */
#define SOFT_FEAT_SVNAPOT (1u << 13)
/** SOFT_FEAT_SVPBMT - riscv64: leaves may carry a memory type. */
#define SOFT_FEAT_SVPBMT (1u << 14)
/** SOFT_FEAT_SVRSW - riscv64: bits 60:59 are for software (Svrsw60t59b). */
#define SOFT_FEAT_SVRSW (1u << 15)
/** SOFT_FEAT_EXEC_ONLY - ept: X without R is legal. */
#define SOFT_FEAT_EXEC_ONLY (1u << 16)
/** SOFT_FEAT_MBEC - ept: mode-based execute control, bit 10 is user execute. */
#define SOFT_FEAT_MBEC (1u << 17)
/** SOFT_FEAT_AFFD - armv8: AF=0 is no fault (access flag fault disable). */
#define SOFT_FEAT_AFFD (1u << 18)

struct soft_format;

/**
 * struct soft_root - what a device table entry says about a page table
 * @format: how to read it
 * @pa: physical address of the top table
 * @levels: number of levels, as the format counts (mode, 3 for 39 bits, ...)
 * @va_bits: width of the input address; 0, or more than the levels give = what
 *	the levels give. Of a signed format it counts the sign bit. Of Arm's
 *	64-bit descriptors it is 64 - TxSZ and decides how large the top table is
 *	(smaller than others, or concatenated); it must fit the levels there
 * @oa_bits: width of the output address; 0, or more than the format's widest =
 *	the format's widest
 * @features: SOFT_FEAT_* of the format (which optional bits mean something)
 * @c_bit: amdv1, x86_64: position of the bit in the addresses of entries that says
 *	that memory is encrypted (AMD64 Architecture Programmer's Manual volume 2,
 *	"Secure Memory Encryption"), 32 to 51; the output width ends below it. 0 =
 *	none. @pa is without it
 */
struct soft_root {
	const struct soft_format *format;
	uint64_t pa;
	unsigned int levels;
	unsigned int va_bits;
	unsigned int oa_bits;
	uint64_t features;
	unsigned int c_bit;
};

/**
 * struct soft_entry - one entry, decoded
 * @kind: what it is
 * @level: 0 for the lowest table
 * @table_pa: the table it stands in
 * @index: its index there
 * @pa: its own physical address
 * @raw: its value
 * @va: first VA that it translates, and all entries of its run
 * @size_lg2: log2 of the bytes that it (with its run) translates
 * @oa: SOFT_LEAF: where @va goes; SOFT_TABLE: the lower table
 * @prot: SOFT_LEAF and SOFT_TABLE: permissions of this entry alone
 * @accessed: the accessed bit, where the format has one
 * @dirty: the dirty bit of this copy, where the format has one
 * @encrypted: SOFT_LEAF and SOFT_TABLE: the root has a C-bit and it is set
 * @next_level: SOFT_TABLE: level of the lower table
 * @run_lg2: log2 of the number of items in its contiguous run; 0 = single
 * @why: SOFT_BAD: what is wrong, in a few words; in a walk also for the
 *	SOFT_TABLE that does not lead to the address asked for; else NULL
 */
struct soft_entry {
	enum soft_kind kind;
	unsigned int level;
	uint64_t table_pa;
	uint64_t index;
	uint64_t pa;
	uint64_t raw;
	uint64_t va;
	unsigned int size_lg2;
	uint64_t oa;
	unsigned int prot;
	bool accessed;
	bool dirty;
	bool encrypted;
	unsigned int next_level;
	unsigned int run_lg2;
	const char *why;
};

/** enum soft_reason - why a request was blocked. */
enum soft_reason {
	SOFT_OK,
	SOFT_FAULT_BLOCKED, /* the device is attached to nothing */
	SOFT_FAULT_RANGE, /* the address is outside the input range */
	SOFT_FAULT_NOT_PRESENT,
	SOFT_FAULT_PERMISSION,
	SOFT_FAULT_BAD_ENTRY,
	SOFT_FAULT_BUS, /* no memory answered, for an entry or for the data */
	SOFT_FAULT_BAD_ROOT, /* the device table entry itself is illegal */
};

#define SOFT_MAX_LEVELS 7

/**
 * soft_root_check() - is it a root that the hardware accepts?
 *
 * Return: NULL, or what is wrong with it in a few words.
 */
const char *soft_root_check(const struct soft_root *root);

/** struct soft_range - [@va, @last] of input addresses. */
struct soft_range {
	uint64_t va;
	uint64_t last;
};

/**
 * soft_input() - the input addresses that @root can translate at all
 *
 * Return: the number of ranges, ascending: 1, or 2 for signed formats. @root
 * passes soft_root_check().
 */
unsigned int soft_input(const struct soft_root *root,
			struct soft_range range[2]);

/**
 * soft_level_bits() - which bits of the VA index the tables of @level
 * @hi: highest bit
 * @lo: lowest bit; one item translates 2^@lo bytes
 */
void soft_level_bits(const struct soft_root *root, unsigned int level,
		     unsigned int *hi, unsigned int *lo);

/**
 * soft_page_sizes() - which sizes leaves, alone or in runs, can have
 *
 * Return: the sizes, ORed. @root passes soft_root_check().
 */
uint64_t soft_page_sizes(const struct soft_root *root);

/**
 * struct soft_walk - one translation, step by step
 * @va: what was asked
 * @prot: permissions of the whole path, ANDed
 * @oa: where @va goes, if @reason is SOFT_OK
 * @size_lg2: log2 of the translation's size, if @reason is SOFT_OK
 * @reason: why it stopped; SOFT_FAULT_PERMISSION leaves @oa and @size_lg2 valid
 * @steps: number of entries read
 * @step: the entries, the top's first
 */
struct soft_walk {
	uint64_t va;
	unsigned int prot;
	uint64_t oa;
	unsigned int size_lg2;
	enum soft_reason reason;
	unsigned int steps;
	struct soft_entry step[SOFT_MAX_LEVELS];
};

/** soft_format_find() - the format of that name (amdv1, vtdss, ...) or NULL. */
const struct soft_format *soft_format_find(const char *name);

/** soft_format_at() - the @i-th of all formats, by name, or NULL. */
const struct soft_format *soft_format_at(unsigned int i);

/** soft_format_features() - the SOFT_FEAT_* that mean something to it. */
uint64_t soft_format_features(const struct soft_format *format);

/** soft_format_name() - its name. */
const char *soft_format_name(const struct soft_format *format);

/** soft_format_entry_size() - bytes of an entry: 4 or 8. */
unsigned int soft_format_entry_size(const struct soft_format *format);

/**
 * soft_walk() - translate @va with no cache and no side effect
 * @access: SOFT_READ and SOFT_WRITE wanted; 0 = only look
 *
 * Return: @walk->reason.
 */
enum soft_reason soft_walk(struct soft_bus *bus, const struct soft_root *root,
			   uint64_t va, unsigned int access,
			   struct soft_walk *walk);

/**
 * struct soft_field - one named bit range of an entry
 * @name: as the format's specification calls it
 * @hi: highest bit
 * @lo: lowest bit
 * @value: its value, shifted down
 */
struct soft_field {
	const char *name;
	unsigned int hi, lo;
	uint64_t value;
};

#define SOFT_MAX_FIELDS 24

/**
 * soft_fields() - name every bit of @entry, the highest first
 *
 * Needs nothing of @entry but its level and its raw value. Bits without a name
 * in the specification are "reserved" (must be zero) or "ignored".
 *
 * Return: the number of fields; together they cover each bit once.
 */
unsigned int soft_fields(const struct soft_root *root,
			 const struct soft_entry *entry,
			 struct soft_field field[SOFT_MAX_FIELDS]);

/**
 * soft_visit() - every present entry of [@va, @last], tables before their
 * content
 * @visit: returns 0 to go on, > 0 to skip what is below a table entry, < 0 to
 *	stop. A run of items is visited once, with the accessed and dirty bits
 *	of all its copies; a copy that differs otherwise is visited as SOFT_BAD
 *
 * Safe on any memory: the depth is at most the root's levels, an entry that
 * points at a table of its own path is visited as SOFT_BAD and not followed,
 * and a table (or a stretch of one) without memory is visited as one SOFT_BAD
 * entry. How many entries there are is up to the table; @visit may stop at any
 * of them.
 *
 * Return: 0, what @visit returned to stop, or -EINVAL for an illegal root.
 */
int soft_visit(struct soft_bus *bus, const struct soft_root *root, uint64_t va,
	       uint64_t last,
	       int (*visit)(void *arg, const struct soft_entry *entry),
	       void *arg);

/* ------------------------------------------------------------------ */

struct soft_iommu;

/** enum soft_mode - what the device table says about a (device, PASID). */
enum soft_mode {
	SOFT_MODE_BLOCKED,
	SOFT_MODE_IDENTITY,
	SOFT_MODE_TRANSLATE,
};

/**
 * struct soft_dte - the device table entry of one (device, PASID)
 * @mode: what to do
 * @domain_id: tags IOTLB entries; the same for all users of one table
 * @root: SOFT_MODE_TRANSLATE: the table
 */
struct soft_dte {
	enum soft_mode mode;
	uint32_t domain_id;
	struct soft_root root;
};

/**
 * struct soft_fault - one blocked request
 * @rid: requester id (bus:dev.fn)
 * @pasid: 0 = none
 * @va: the address that faulted
 * @access: SOFT_READ or SOFT_WRITE
 * @walk: how far the walk came (walk.reason says why it stopped)
 */
struct soft_fault {
	uint32_t rid;
	uint32_t pasid;
	uint64_t va;
	unsigned int access;
	struct soft_walk walk;
};

/**
 * struct soft_suspect - a stale IOTLB entry that no invalidation covered
 * @rid: the device that hit it
 * @domain_id: its tag
 * @va: the address
 * @cached_oa: what the IOTLB (or a walk from a cached table) said; UINT64_MAX =
 *	nothing
 * @walked_oa: what the table says now; UINT64_MAX = nothing
 * @history: what filled it, what was invalidated since and what the table holds
 *	now, for a person; valid during the call
 */
struct soft_suspect {
	uint32_t rid;
	uint32_t domain_id;
	uint64_t va;
	uint64_t cached_oa;
	uint64_t walked_oa;
	const char *history;
};

/**
 * struct soft_dma - one request of a device, done or blocked
 * @rid: requester id
 * @pasid: 0 = none
 * @va: its first address
 * @len: bytes asked for
 * @done: bytes moved
 * @access: SOFT_READ or SOFT_WRITE
 * @reason: SOFT_OK, or why it stopped after @done bytes
 * @hits: translations that the IOTLB knew
 * @misses: translations that took a walk; neither counts where nothing is
 *	translated (identity, blocked, an illegal root or address)
 */
struct soft_dma {
	uint32_t rid;
	uint32_t pasid;
	uint64_t va;
	uint64_t len;
	uint64_t done;
	unsigned int access;
	enum soft_reason reason;
	uint64_t hits, misses;
};

/**
 * struct soft_iommu_config - how to make one
 * @bus: what it is connected to
 * @iotlb_lg2: log2 of the number of IOTLB entries
 * @fault: called for each blocked request, outside any lock; may be NULL
 * @suspect: called for each missing invalidation found; may be NULL
 * @dma: called at the end of each request, after its faults, outside any lock;
 *	may be NULL
 * @arg: for all of them
 */
struct soft_iommu_config {
	struct soft_bus *bus;
	unsigned int iotlb_lg2;
	void (*fault)(void *arg, const struct soft_fault *fault);
	void (*suspect)(void *arg, const struct soft_suspect *suspect);
	void (*dma)(void *arg, const struct soft_dma *dma);
	void *arg;
};

/** soft_iommu_new() - NULL without memory. @config is copied. */
struct soft_iommu *soft_iommu_new(const struct soft_iommu_config *config);

/** soft_iommu_free() - no request may be under way. NULL is fine. */
void soft_iommu_free(struct soft_iommu *iommu);

/*
 * Context of all that follows: any thread at any time, concurrently. No lock of
 * the IOMMU is held while the bus or a callback of the configuration runs. A
 * callback may call back into the IOMMU; an operation of the bus may not,
 * because it runs inside a request, and some calls wait for those.
 */

/**
 * soft_iommu_set() - replace the device table entry of (@rid, @pasid) at once
 *
 * NULL removes it (requests are blocked). The IOTLB keeps what it knows until
 * it is invalidated, as in hardware; the device table entry itself is not
 * cached: on return no request under way uses the former one.
 *
 * Return: 0 or -ENOMEM; replacing an entry that exists cannot fail, nor can
 * NULL.
 */
int soft_iommu_set(struct soft_iommu *iommu, uint32_t rid, uint32_t pasid,
		   const struct soft_dte *dte);

/** soft_iommu_get() - read it back; false if there is none. */
bool soft_iommu_get(struct soft_iommu *iommu, uint32_t rid, uint32_t pasid,
		    struct soft_dte *dte);

/**
 * soft_iommu_each() - every device table entry, as they are at one moment
 * @each: no lock is held while it runs
 *
 * Return: 0 or -ENOMEM.
 */
int soft_iommu_each(struct soft_iommu *iommu,
		    void (*each)(void *arg, uint32_t rid, uint32_t pasid,
				 const struct soft_dte *dte),
		    void *arg);

/**
 * soft_iommu_invalidate() - forget translations of @domain_id in [@va, @last]
 * @leaf_only: walk caches (table entries) need not be forgotten
 *
 * Forgets each translation that touches the range. On return no request uses a
 * forgotten translation any more: requests that were under way have finished.
 *
 * With @leaf_only, a cached table entry of the range that no longer is what the
 * table holds was owed this invalidation: its use is reported from now on.
 */
void soft_iommu_invalidate(struct soft_iommu *iommu, uint32_t domain_id,
			   uint64_t va, uint64_t last, bool leaf_only);

/**
 * soft_iommu_unmapped() - tell the detector that no invalidation is owed any
 * more for [@va, @last] of @domain_id
 *
 * To be called when an unmap (or another change) of the range and its sync are
 * done, before the client is told and before the range can be changed again.
 * What the caches then hold of the range and the table does not was forgotten
 * to be invalidated: if a request has hit it since the change it is reported at
 * once, else when one does.
 */
void soft_iommu_unmapped(struct soft_iommu *iommu, uint32_t domain_id,
			 uint64_t va, uint64_t last);

/**
 * soft_iommu_dma() - one request of a device
 * @access: SOFT_READ (memory to @buf) or SOFT_WRITE (@buf to memory)
 * @done: if not NULL, the bytes that were transferred before a fault
 *
 * Translated page by page; a fault ends it and is recorded.
 *
 * Return: SOFT_OK or the reason.
 */
enum soft_reason soft_iommu_dma(struct soft_iommu *iommu, uint32_t rid,
				uint32_t pasid, uint64_t va, void *buf,
				size_t len, unsigned int access, size_t *done);

/* ---- Address translation and page requests (PCIe 10) -------------- */

/**
 * soft_iommu_ats() - a translation request of a device (PCIe 10.2)
 * @access: SOFT_READ, SOFT_WRITE, SOFT_EXEC: what the device is about to do
 * @last: if SOFT_OK, the last address of the same translation
 *
 * Looks only: no fault is recorded, no accessed or dirty bit set, nothing cached.
 *
 * Return: SOFT_OK or the reason.
 */
enum soft_reason soft_iommu_ats(struct soft_iommu *iommu, uint32_t rid,
				uint32_t pasid, uint64_t va,
				unsigned int access, uint64_t *last);

/**
 * struct soft_page_request - a page request message (PCIe 10.4.1)
 * @rid: who asks
 * @pasid: with which PASID; 0 = none
 * @va: the page
 * @access: SOFT_READ, SOFT_WRITE, SOFT_EXEC
 * @privileged: Privileged Mode Requested
 * @group: Page Request Group Index
 * @last: the last one of the group
 */
struct soft_page_request {
	uint32_t rid;
	uint32_t pasid;
	uint64_t va;
	unsigned int access;
	bool privileged;
	uint32_t group;
	bool last;
};

/** enum soft_page_code - the answer to a group (PCIe 10.4.2.2). */
enum soft_page_code {
	SOFT_PAGE_SUCCESS,
	SOFT_PAGE_INVALID,
	SOFT_PAGE_FAILURE,
};

/**
 * struct soft_endpoint - where the answers to a device's page requests go
 * @rid: the device
 * @response: the group @group of @pasid is answered. Any thread, no lock held
 * @next: for the IOMMU
 */
struct soft_endpoint {
	uint32_t rid;
	void (*response)(struct soft_endpoint *ep, uint32_t pasid,
			 uint32_t group, enum soft_page_code code);
	struct soft_endpoint *next;
};

/** soft_iommu_connect() - @ep gets its answers until soft_iommu_disconnect(). */
void soft_iommu_connect(struct soft_iommu *iommu, struct soft_endpoint *ep);

/** soft_iommu_disconnect() - no request of @ep is waiting for its answer. */
void soft_iommu_disconnect(struct soft_iommu *iommu, struct soft_endpoint *ep);

/**
 * soft_iommu_on_page_request() - who reads the page request queue
 * @request: called once for each request, by the thread that sends it, no lock
 *	held; NULL = nobody: requests are answered SOFT_PAGE_FAILURE
 */
void soft_iommu_on_page_request(
	struct soft_iommu *iommu,
	void (*request)(void *arg, const struct soft_page_request *req),
	void *arg);

/**
 * soft_iommu_page_request() - a device asks for a page
 *
 * The answer may come before this returns.
 */
void soft_iommu_page_request(struct soft_iommu *iommu,
			     const struct soft_page_request *req);

/** soft_iommu_page_response() - software answers a group of @rid. */
void soft_iommu_page_response(struct soft_iommu *iommu, uint32_t rid,
			      uint32_t pasid, uint32_t group,
			      enum soft_page_code code);

#endif
