/* SPDX-License-Identifier: MIT */
/**
 * DOC: IOMMU_TEST_CMD, the request that drives the mock IOMMU
 *
 * A mock IOMMU has devices that do no DMA of their own: everything that a device, a
 * guest or hardware would do to IOMMUFD is asked for by this one request on
 * /dev/iommu. `uiommu run --mock` and &uiommu_config.mock enable it. Layout and numbers
 * are those that programs for Linux's mock IOMMU use, so that they run here.
 *
 * Page tables of the mock have a granule of 2 KiB, so that a client that takes its
 * own page size for the IOMMU's is found out.
 */
#ifndef UIOMMU_IOMMUFD_TEST_H
#define UIOMMU_IOMMUFD_TEST_H

#include <linux/ioctl.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Behind all other requests: their type (59), number 0xa0. */
#define IOMMU_TEST_CMD _IO(0x3b, 0xa0)

/** enum iommu_test_op - &iommu_test_cmd.op; what @id is stands in parentheses. */
enum iommu_test_op {
	IOMMU_TEST_OP_ADD_RESERVED = 1, /* (IOAS) reserve a range of IOVAs */
	IOMMU_TEST_OP_MOCK_DOMAIN, /* (IOAS, HWPT) make a device, attach it */
	IOMMU_TEST_OP_MD_CHECK_MAP, /* (HWPT) does an IOVA reach an address? */
	IOMMU_TEST_OP_MD_CHECK_REFS, /* how often are pages pinned? */
	IOMMU_TEST_OP_CREATE_ACCESS, /* (IOAS) make an access: a descriptor */
	IOMMU_TEST_OP_DESTROY_ACCESS_PAGES, /* (access) unpin an item */
	IOMMU_TEST_OP_ACCESS_PAGES, /* (access) pin pages as an item */
	IOMMU_TEST_OP_ACCESS_RW, /* (access) read or write by IOVA */
	IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT, /* accepted, no effect */
	IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, /* (device) attach it to another */
	IOMMU_TEST_OP_ACCESS_REPLACE_IOAS, /* (access) move it */
	IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS, /* as MOCK_DOMAIN, with @dev_flags */
	IOMMU_TEST_OP_DIRTY, /* (HWPT) make pages dirty */
	IOMMU_TEST_OP_MD_CHECK_IOTLB, /* (nested HWPT) what is in a slot? */
	IOMMU_TEST_OP_TRIGGER_IOPF, /* a device sends a page request */
	IOMMU_TEST_OP_DEV_CHECK_CACHE, /* (idev) what is in a slot? */
	IOMMU_TEST_OP_TRIGGER_VEVENT, /* hardware has an event for a guest */
	IOMMU_TEST_OP_PASID_ATTACH, /* (device) */
	IOMMU_TEST_OP_PASID_REPLACE, /* (device) */
	IOMMU_TEST_OP_PASID_DETACH, /* (device) */
	IOMMU_TEST_OP_PASID_CHECK_HWPT, /* (device) what is attached? */
	IOMMU_TEST_OP_DMABUF_GET, /* returns a new descriptor */
	IOMMU_TEST_OP_DMABUF_REVOKE, /* take its memory away, or back */
};

/* &iommu_test_cmd.access_flags of CREATE_ACCESS. */
#define IOMMU_TEST_ACCESS_NEEDS_PIN (1U << 0)

/* Flags of ACCESS_PAGES and ACCESS_RW. */
#define IOMMU_TEST_ACCESS_WRITE (1U << 0)
#define IOMMU_TEST_ACCESS_SLOW  (1U << 2) /* RW only: copy page by page */
#define IOMMU_TEST_ACCESS_SYZ   (1U << 16) /* IOVA: struct iommu_test_syz_iova */

/* Flags of MOCK_DOMAIN_FLAGS: what the new device lacks or has. */
#define IOMMU_TEST_DEV_NO_DIRTY (1U << 0)
#define IOMMU_TEST_DEV_PASID    (1U << 2)

/* What the mock calls its own, where requests name a type. */
#define IOMMU_TEST_HW_INFO_TYPE           0xfeedbeefU
#define IOMMU_TEST_HW_INFO_REG            0xdeadbeefU
#define IOMMU_TEST_HWPT_TYPE              0xdeadU
#define IOMMU_TEST_HWPT_INVALIDATE_TYPE   0xdeadbeefU
#define IOMMU_TEST_VIOMMU_TYPE            0xdeadbeefU
#define IOMMU_TEST_VIOMMU_INVALIDATE_TYPE 0xdeadbeefU
#define IOMMU_TEST_VEVENTQ_TYPE           0xbeefbeefU
#define IOMMU_TEST_HW_QUEUE_TYPE          0xdeadbeefU

/* Slots of the IOTLB of a nested HWPT and of the cache of a device. */
#define IOMMU_TEST_IOTLB_SLOTS   4
#define IOMMU_TEST_CACHE_SLOTS   4
#define IOMMU_TEST_CACHE_DEFAULT 0xbaddadU

/* Queues of a virtual IOMMU. */
#define IOMMU_TEST_HW_QUEUES 2

/* A PASID that can be attached, but not replaced. */
#define IOMMU_TEST_PASID_FAILS 1024U

/* The default page table translates these addresses, both included. */
#define IOMMU_TEST_APERTURE_START 0x01000000UL
#define IOMMU_TEST_APERTURE_LAST  0x7fffffffUL
#define IOMMU_TEST_PAGE_SIZE      2048UL
#define IOMMU_TEST_HUGE_PAGE_SIZE (512 * IOMMU_TEST_PAGE_SIZE)

/** struct iommu_test_syz_iova - an IOVA by area, for fuzzers: it always hits one */
struct iommu_test_syz_iova {
	__u32 area;
	__u32 offset;
};

/**
 * struct iommu_test_cmd - IOMMU_TEST_CMD
 * @size: at least up to @last, inclusive
 * @op: enum iommu_test_op
 * @id: see there
 *
 * The member of the union that @op uses is named after it. Members that only the
 * kernel writes are named out_*, those that it writes back in_out_*.
 */
struct iommu_test_cmd {
	__u32 size;
	__u32 op;
	__u32 id;
	__u32 __reserved;
	union {
		struct {
			__aligned_u64 start;
			__aligned_u64 length;
		} add_reserved;
		struct {
			__u32 out_stdev_id;
			__u32 out_hwpt_id;
			__u32 out_idev_id;
			__u32 dev_flags; /* MOCK_DOMAIN_FLAGS */
		} mock_domain;
		struct {
			__u32 in_out_pt_id;
		} replace;
		struct {
			__aligned_u64 iova;
			__aligned_u64 length;
			__aligned_u64 uptr;
		} check_map;
		struct {
			__aligned_u64 length;
			__aligned_u64 uptr;
			__u32 refs;
		} check_refs;
		struct {
			__u32 out_fd;
			__u32 flags;
		} create_access;
		struct {
			__u32 pages_id;
		} unpin;
		struct {
			__u32 flags;
			__u32 out_pages_id;
			__aligned_u64 iova;
			__aligned_u64 length;
			__aligned_u64 uptr;
		} pin;
		struct {
			__aligned_u64 iova;
			__aligned_u64 length;
			__aligned_u64 uptr;
			__u32 flags;
		} rw;
		struct {
			__u32 limit;
		} memory_limit;
		struct {
			__u32 ioas_id;
		} replace_ioas;
		struct {
			__u32 flags;
			__aligned_u64 iova;
			__aligned_u64 length;
			__aligned_u64 page_size;
			__aligned_u64 uptr;
			__aligned_u64 out_nr_dirty;
		} dirty;
		struct {
			__u32 slot;
			__u32 value;
		} check_slot; /* MD_CHECK_IOTLB, DEV_CHECK_CACHE */
		struct {
			__u32 dev_id;
			__u32 pasid;
			__u32 grpid;
			__u32 perm;
			__aligned_u64 addr;
		} iopf;
		struct {
			__u32 dev_id;
		} vevent;
		struct {
			__u32 pasid;
			__u32 in_out_pt_id; /* CHECK_HWPT: in only */
		} pasid;
		struct {
			__u32 length;
			__u32 open_flags;
		} dmabuf_get;
		struct {
			__s32 fd;
			__u32 revoked;
		} dmabuf_revoke;
	};
	__u32 last;
};

/**
 * struct iommu_test_hw_info - IOMMU_GET_HW_INFO of a mock device
 * @flags: 0
 * @test_reg: IOMMU_TEST_HW_INFO_REG
 */
struct iommu_test_hw_info {
	__u32 flags;
	__u32 test_reg;
};

/**
 * struct iommu_test_hwpt - data of IOMMU_HWPT_ALLOC
 * @iotlb: nested: what all slots of its IOTLB hold at first
 * @pagetable: on an IOAS: IOMMU_TEST_PAGETABLE_*
 */
struct iommu_test_hwpt {
	__u32 iotlb;
	__u32 pagetable;
};

#define IOMMU_TEST_PAGETABLE_DEFAULT 0 /* the aperture above */
#define IOMMU_TEST_PAGETABLE_HUGE    1 /* no aperture, 4 KiB and huge pages */

/* Clear all slots; without it, only the one that is named. */
#define IOMMU_TEST_INVALIDATE_ALL (1U << 0)

/** struct iommu_test_hwpt_invalidate - IOMMU_HWPT_INVALIDATE of a nested HWPT */
struct iommu_test_hwpt_invalidate {
	__u32 flags;
	__u32 iotlb_id;
};

/** struct iommu_test_viommu_invalidate - IOMMU_HWPT_INVALIDATE of a VIOMMU */
struct iommu_test_viommu_invalidate {
	__u32 flags;
	__u32 vdev_id;
	__u32 cache_id;
};

/**
 * struct iommu_test_viommu - data of IOMMU_VIOMMU_ALLOC
 * @in_data: anything
 * @out_data: @in_data
 * @out_mmap_offset: of the file, for mmap(2)
 * @out_mmap_length: what can be mapped there, which begins with @in_data
 */
struct iommu_test_viommu {
	__u32 in_data;
	__u32 out_data;
	__aligned_u64 out_mmap_offset;
	__aligned_u64 out_mmap_length;
};

/** struct iommu_test_vevent - an event, behind struct iommufd_vevent_header */
struct iommu_test_vevent {
	__u32 virt_id;
};

#ifdef __cplusplus
}
#endif
#endif
