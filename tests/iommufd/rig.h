/* SPDX-License-Identifier: MIT */
/**
 * DOC: A client, a software IOMMU and its driver around the engine
 *
 * The client is this process: pointers are its addresses. Its memory that can be
 * mapped is a buffer of RIG_PAGES pages at @rig->mem.va, whose pages can be made to
 * vanish; descriptors 3 and 4 are files. Whatever the engine asks for (copies,
 * pins, accounting, page tables, and every malloc) can be made to fail.
 */
#ifndef TESTS_IOMMUFD_RIG_H
#define TESTS_IOMMUFD_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <uiommu/iommufd.h>
#include <uiommu/port.h>

#include "mock/mock.h"
#include "drivers/soft/soft_driver.h"
#include "iommufd/iommufd_device.h"
#include "port/port.h"
#include "soft/soft.h"

#define PAGE          UIOMMU_PAGE_SIZE
#define RIG_PAGES     2048UL
#define RIG_FILE_FD   3
#define RIG_HUGE_FD   4
#define RIG_NOPIN_FD  5
#define RIG_HUGE_SIZE (1ULL << 40)
#define RIG_DEVICES   3

/* Descriptors that the engine gives out. */
#define RIG_NEW_FD 100
#define RIG_NR_FDS 8

#define RIG_MEM_PA  0x40000000ULL
#define RIG_FILE_PA 0x80000000ULL
#define RIG_HUGE_PA (1ULL << 41)

/**
 * struct rig_mem - memory that can be pinned
 * @refs: references
 * @va: address of the first page (a file: of its content; addresses are offsets)
 * @base: what the engine calls the first page
 * @nr: pages
 * @pa: where the first one is
 * @flip: neighbouring pages are swapped in physical memory: no two are contiguous
 * @max_runs: how many runs a pin gives at most
 * @bad: page that cannot be pinned, or -1
 * @bad_rc: with which error
 * @pins: of each page; NULL = only counted
 * @pinned: pages pinned, all together
 * @pin_calls: calls of pin
 * @charged: pages that are locked by whoever accounts here
 * @limit: how many may be
 */
struct rig_mem {
	struct uiommu_mem mem;
	struct rig *rig;
	uint32_t refs;
	uint8_t *va;
	uint64_t base;
	uint64_t nr;
	phys_addr_t pa;
	bool flip;
	size_t max_runs;
	int64_t bad;
	int bad_rc;
	uint32_t *pins;
	int64_t pinned;
	uint64_t pin_calls;
	int64_t charged;
	int64_t limit;
};

/**
 * struct rig_account - a process that pays for pins
 * @mem: where charges are counted against a limit: the first process in &rig.mem, the
 *	second one in &rig.file
 * @refs: references
 * @mode: pages by enum uiommu_charge
 */
struct rig_account {
	struct uiommu_account account;
	struct rig_mem *mem;
	uint32_t refs;
	int64_t mode[3];
};

/**
 * struct rig - all of it
 * @user: the client
 * @mem: its memory
 * @file: descriptor RIG_FILE_FD
 * @huge: descriptor RIG_HUGE_FD; nothing is behind it
 * @nopin: descriptor RIG_NOPIN_FD: no page of it can be pinned
 * @bad_start, @bad_last: client addresses that fault
 * @only_mem: so do all that are not in @mem
 * @account: two processes that can be the caller
 * @process: which of them is
 * @privileged: capable() says yes
 * @may_lock: it says so of CAP_IPC_LOCK
 * @bus: of the hardware
 * @arena, @runtime: page tables
 * @hw, @drv, @dev: hardware, driver, devices with the requester ids 8, 16, ...
 * @mock: a mock IOMMU, or NULL
 * @fd: the context
 * @idev, @idev_id: the devices, bound to it
 * @files: descriptors from RIG_NEW_FD on
 * @faults, @suspects: what the hardware reported
 * @may_suspect: stale translations are expected
 */
struct rig {
	struct uiommu_user user;
	struct rig_mem mem;
	struct rig_mem file;
	struct rig_mem huge;
	struct rig_mem nopin;
	uint64_t bad_start, bad_last;
	bool only_mem;
	struct rig_account account[2];
	unsigned int process;
	bool privileged;
	bool may_lock;
	struct soft_bus bus;
	struct port_arena *arena;
	struct pt_runtime runtime;
	struct soft_iommu *hw;
	struct soft_driver *drv;
	struct mock_iommu *mock;
	struct iommu_dev *dev[RIG_DEVICES];
	struct uiommu_file *fd;
	struct iommufd_device *idev[RIG_DEVICES];
	uint32_t idev_id[RIG_DEVICES];
	struct uiommu_file *files[RIG_NR_FDS];
	unsigned int faults;
	unsigned int suspects;
};

#define RIG_RID(n) (8U * ((n) + 1))

/** rig_new() - everything, with page tables of @format. */
struct rig *rig_new(const char *format);

/** rig_new_mock() - the same with vtdss, and IOMMU_TEST_CMD drives @rig->mock. */
struct rig *rig_new_mock(void);

/** rig_free() - and check that nothing is left: pins, charges, references. */
void rig_free(struct rig *rig);

/** rig_setup(), rig_teardown() - cmocka fixtures; vtdss. */
int rig_setup(void **state);
int rig_teardown(void **state);

/** rig_bind() - bind device @n; rig_free() unbinds. */
void rig_bind(struct rig *rig, unsigned int n);
void rig_unbind(struct rig *rig, unsigned int n);

/* ---- Requests ------------------------------------------------------ */

long rig_ioctl(struct rig *rig, unsigned int cmd, void *arg);

/** rig_ioas() - a new IOAS. */
uint32_t rig_ioas(struct rig *rig);

#define RIG_RW    (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)
#define RIG_FIXED (RIG_RW | IOMMU_IOAS_MAP_FIXED_IOVA)

/** rig_map() - map @length bytes of the buffer from byte @offset on. */
long rig_map(struct rig *rig, uint32_t ioas, uint32_t flags, uint64_t offset,
	     uint64_t length, uint64_t *iova);

/** rig_map_at() - the same at @iova. */
long rig_map_at(struct rig *rig, uint32_t ioas, uint64_t offset,
		uint64_t length, uint64_t iova);

long rig_map_file(struct rig *rig, uint32_t ioas, int fd, uint64_t start,
		  uint64_t length, uint64_t iova);
long rig_copy(struct rig *rig, uint32_t dst, uint64_t dst_iova, uint32_t src,
	      uint64_t src_iova, uint64_t length);
long rig_unmap(struct rig *rig, uint32_t ioas, uint64_t iova, uint64_t length);
long rig_unmap_all(struct rig *rig, uint32_t ioas);
long rig_destroy(struct rig *rig, uint32_t id);

/** rig_hwpt() - a page table for device @n; *@id is not touched on failure. */
long rig_hwpt(struct rig *rig, unsigned int n, uint32_t pt, uint32_t *id);

/** rig_attach() - attach device @n; *@pt as iommufd_device_attach(). */
int rig_attach(struct rig *rig, unsigned int n, uint32_t *pt);

/** rig_file() - the file behind a descriptor that the engine gave out. */
struct uiommu_file *rig_file(struct rig *rig, uint32_t fd);

/** rig_read(), rig_write() - of such a descriptor. */
int64_t rig_read(struct rig *rig, uint32_t fd, void *buf, size_t count);
int64_t rig_write(struct rig *rig, uint32_t fd, const void *buf, size_t count);

/** rig_close() - close it; rig_free() closes what is left. */
void rig_close(struct rig *rig, uint32_t fd);

/* ---- DMA ----------------------------------------------------------- */

/** rig_dma() - device @n accesses @len bytes at @iova. */
enum soft_reason rig_dma(struct rig *rig, unsigned int n, uint64_t iova,
			 void *buf, size_t len, unsigned int access);

/**
 * rig_check() - device @n reads and writes the buffer from byte @offset on at
 * [@iova, @iova + @length)
 */
void rig_check(struct rig *rig, unsigned int n, uint64_t iova, uint64_t offset,
	       uint64_t length);

/** rig_check_blocked() - device @n reaches no page of [@iova, @iova + @length). */
void rig_check_blocked(struct rig *rig, unsigned int n, uint64_t iova,
		       uint64_t length);

/* ---- Failures ------------------------------------------------------ */

/** enum rig_fail - what has failed. */
enum rig_fail {
	RIG_FAIL_NONE,
	RIG_FAIL_ALLOC,
	RIG_FAIL_TABLE,
	RIG_FAIL_COPY,
	RIG_FAIL_PIN,
	RIG_FAIL_CHARGE,
	RIG_FAIL_FD,
};

/** rig_fail_nth() - the @nth chance from now on to fail is taken; 0 = none. */
void rig_fail_nth(uint64_t nth);

/** rig_failed() - what has failed since then. */
enum rig_fail rig_failed(void);

/** struct rig_snapshot - what must be as before after a failure. */
struct rig_snapshot {
	int64_t pinned;
	int64_t charged;
	uint64_t tables;
	int64_t allocations;
	uint32_t refs;
};

void rig_snapshot(struct rig *rig, struct rig_snapshot *snapshot);
void rig_same(struct rig *rig, const struct rig_snapshot *snapshot);

#endif
