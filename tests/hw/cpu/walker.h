/* SPDX-License-Identifier: MIT */
/**
 * DOC: A CPU's MMU as a walker of our tables
 *
 * An architecture describes each way in which its CPU can translate (a format, a
 * number of levels, a stage) by a struct walker, and calls walker_battery() for it.
 * The battery (battery.c, random.c, dirty.c, migrate.c) knows no architecture.
 *
 * While a walker is open its table is what the CPU translates by. Where that goes
 * for the guest's own code as well, open maps all that the guest uses one to one,
 * privileged, with the table's own map: it is called the anchor, and no test comes
 * near it.
 */
#ifndef TESTS_HW_CPU_WALKER_H
#define TESTS_HW_CPU_WALKER_H

#include "guest.h"

#define WALKER_BASES 5

/** enum cpu_access - what is tried at an address; CPU_USER is or-ed. */
enum cpu_access {
	CPU_READ,
	CPU_WRITE,
	CPU_EXEC,
	CPU_USER = 4, /* by unprivileged code */
};

/** enum cpu_fault - why hardware refuses, as far as it tells */
enum cpu_fault {
	CPU_ABSENT = 1 << 0, /* nothing is mapped there */
	CPU_DENIED = 1 << 1, /* what is mapped does not permit it */
	CPU_RANGE = 1 << 2, /* no table can translate that address */
	CPU_OTHER = 1 << 3, /* what no test expects */
};

/**
 * struct cpu_result - what hardware did
 * @fault: 0: it was done. Else the enum cpu_fault that its report stands for, all
 *	of them where it does not tell one from the other
 * @access: what was tried, according to the report: CPU_READ, ...; without CPU_USER
 * @va: the address in the report
 * @code: the report itself, for people
 * @value: what was read
 */
struct cpu_result {
	unsigned int fault;
	unsigned int access;
	uint64_t va;
	uint64_t code;
	uint64_t value;
};

/**
 * struct walker - one way of translating
 * @name: of it, for the test's lines
 * @base: where to test: addresses that are far from each other, from the anchor and
 *	from the ends of the aperture, aligned to 2 MiB at least. Unused ones are 0
 * @outside: an address behind the aperture, or 0
 * @user: there are accesses by unprivileged code (CPU_USER), and mappings that only
 *	privileged code may use (IOMMU_PRIV)
 * @exec: IOMMU_NOEXEC is in the table
 * @dirty: hardware keeps dirty state in the table
 * @forgets: each access begins with nothing remembered, so that a missing sync cannot
 *	be seen
 * @migrate: it is one of those that two CPUs use at once, which takes a while
 * @accessed: the item's bit that hardware sets when it uses it; 0: it does not
 * @broadcast: one CPU's flush is every CPU's
 * @exec_insn: code that CPU_EXEC can run, by privileged and by unprivileged code
 * @init: make the table: domain and its ops; called by walker_open()
 * @fini: free it, while nothing uses it
 * @use: the calling CPU translates by it from now on, or does not any more, and
 *	remembers nothing of before. Maps nothing
 * @anchor: map what the guest needs while @use is on; may be NULL
 * @access: try @access (enum cpu_access) at @va, of 8 bytes; @value is to be written
 * @flush: this CPU (every one with @broadcast) forgets [@start, @last]; @tables:
 *	and tables that it came by. It returns when that is done
 * @item: the leaf item that translates @va, found in memory by the architecture's
 *	own reading of the table; NULL if there is none
 * @domain: the open table, of which @owner of the domain is this walker
 */
struct walker {
	const char *name;
	uint64_t base[WALKER_BASES];
	uint64_t outside;
	bool user;
	bool exec;
	bool dirty;
	bool forgets;
	bool migrate;
	uint64_t accessed;
	bool broadcast;
	uint64_t exec_insn[2];
	struct iommu_domain *(*init)(struct walker *w);
	void (*fini)(struct walker *w);
	int (*anchor)(struct walker *w);
	void (*use)(struct walker *w, bool on);
	struct cpu_result (*access)(struct walker *w, unsigned int access,
				    uint64_t va, uint64_t value);
	void (*flush)(struct walker *w, uint64_t start, uint64_t last,
		      bool tables);
	uint64_t *(*item)(struct walker *w, uint64_t va);
	struct iommu_domain *domain;
};

/** walker_battery() - all checks that @w can do, each a TAP case. */
void walker_battery(struct walker *w);

/* ---- For the ops of the architecture's domains ------------------------------ */

/** walker_sync() - iotlb_sync: all CPUs that use the domain forget the gather. */
void walker_sync(struct iommu_domain *domain,
		 struct iommu_iotlb_gather *gather);

/** walker_sync_all() - flush_iotlb_all */
void walker_sync_all(struct iommu_domain *domain);

/* The table's ops and dirty_ops of a format: static, named <fmt>_ops. */
#define WALKER_OPS(fmt)                                         \
	static const struct iommu_domain_ops fmt##_ops = {      \
		IOMMU_PT_DOMAIN_OPS(fmt),                       \
		.iotlb_sync = walker_sync,                      \
		.flush_iotlb_all = walker_sync_all,             \
	};                                                      \
	static const struct iommu_dirty_ops fmt##_dirty_ops = { \
		IOMMU_PT_DIRTY_OPS(fmt),                        \
	}

/* ---- For the battery --------------------------------------------------------- */

/** walker_open() - make the table and use it; walker_close() checks for leaks. */
bool walker_open(struct walker *w);
void walker_close(struct walker *w);

/** walker_poll() - on the second CPU, again and again: flushes that are wanted. */
void walker_poll(struct walker *w);

/**
 * walker_second() - the second CPU uses @w from now on, or does not any more
 *
 * Called by itself, while the first changes nothing that has to be flushed.
 */
void walker_second(struct walker *w, bool on);

/** walker_page() - bytes of the smallest page, and of the next size. */
uint64_t walker_page(const struct walker *w);
uint64_t walker_large(const struct walker *w);

/**
 * walker_divisible() - bytes of the smallest page that hardware bears to be cut while it
 * is in use; else, and where the data has no room for two, of walker_large()
 */
uint64_t walker_divisible(struct walker *w);

/** data() - an OA in the memory for data, @offset bytes in. */
uint64_t data(uint64_t offset);

/** w_map() - map; it must succeed. */
bool w_map(struct walker *w, uint64_t va, uint64_t pa, uint64_t len,
	   unsigned int prot);

/** w_unmap() - unmap, flush, free; all of it was mapped. */
void w_unmap(struct walker *w, uint64_t va, uint64_t len);

/** w_end() - flush a gather and free what is on it. */
void w_end(struct walker *w, struct iommu_iotlb_gather *gather);

/** reads_as(), writes_as() - the CPU gets to @pa at @va; @user: CPU_USER or 0. */
bool reads_as(struct walker *w, unsigned int user, uint64_t va, uint64_t pa);
bool writes_as(struct walker *w, unsigned int user, uint64_t va, uint64_t pa);

/** reads(), writes() - privileged, and unprivileged if there is such code. */
bool reads(struct walker *w, uint64_t va, uint64_t pa);
bool writes(struct walker *w, uint64_t va, uint64_t pa);

/** reaches() - both of them. */
bool reaches(struct walker *w, uint64_t va, uint64_t pa);

/** refuses() - @access at @va faults: @fault, at that address. */
bool refuses(struct walker *w, unsigned int access, uint64_t va,
	     unsigned int fault);

/** runs() - code at @va in @pa is run; @user: CPU_USER or 0 */
bool runs(struct walker *w, unsigned int user, uint64_t va, uint64_t pa);

/** walker_case() - @test as a TAP case, with @w open. */
void walker_case(struct walker *w, const char *name,
		 void (*test)(struct walker *w));

/* The parts of the battery; the last two are not for every walker. */
void battery_random(struct walker *w);
void battery_dirty(struct walker *w);
void battery_migrate(struct walker *w);

/** walker_torn - this guest is built wrongly on purpose (torn.h) ... */
extern bool walker_torn;

/** walker_gap() - what comes between its accesses. */
void walker_gap(void);

/** battery_torn() - ... and does nothing but show that the tests notice. */
void battery_torn(struct walker *w);

#endif
