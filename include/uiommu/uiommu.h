/* SPDX-License-Identifier: MIT */
/**
 * DOC: The host API: one run of the whole system
 *
 * A struct uiommu is an IOMMU, its page tables and its modelled devices.
 * Everything that belongs to a run hangs off it; there is no global state. The
 * supervisor (`uiommu run`) is one user of this header; a test or a VMM that
 * calls the engine in its own process is another.
 */
#ifndef UIOMMU_UIOMMU_H
#define UIOMMU_UIOMMU_H

#include <uiommu/user.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uiommu;
struct uiommu_device;
struct soft_fault;
struct soft_suspect;
struct soft_dma;
struct soft_iommu;
struct soft_bus;

/**
 * struct uiommu_phys_ops - the memory behind the OAs that struct uiommu_mem_ops
 * hands out
 * @read: device reads; -EFAULT: no memory there (any more)
 * @write: device writes; -EFAULT
 *
 * Only ever called for ranges that are pinned at the time of translation; a pin
 * that goes away meanwhile must give -EFAULT, not a crash. Thread-safe.
 */
struct uiommu_phys_ops {
	int (*read)(void *arg, phys_addr_t pa, void *buf, size_t len);
	int (*write)(void *arg, phys_addr_t pa, const void *buf, size_t len);
};

/**
 * struct uiommu_config - how to make a run
 * @iommu: page-table format of the IOMMU ("vtdss"); NULL = vtdss
 * @phys: client memory; NULL = this process's own memory with PA = address
 * @phys_arg: for @phys
 * @table_base: PA of the first page table; tables occupy [@table_base,
 *	@table_base + @table_size), which @phys must not hand out. A multiple
 *	of 1 MiB; 0 without @phys: beyond all addresses of a process
 * @table_size: bytes of address space for tables, a multiple of 1 MiB; 0 =
 *	64 GiB. Memory is used only as tables are made
 * @mock: have a mock IOMMU beside it: /dev/iommu knows IOMMU_TEST_CMD, see
 *	<uiommu/iommufd_test.h>
 * @table_fails: has the page table that is about to be allocated to fail? For those who
 *	test; NULL = never
 * @fault: a device's request was blocked. Called with no lock held
 * @suspect: a device used a translation that should have been invalidated
 * @dma: a device's request is over, done or blocked; for those who count or
 *	trace. Called with no lock held
 * @arg: for @fault, @suspect and @dma
 */
struct uiommu_config {
	const char *iommu;
	const struct uiommu_phys_ops *phys;
	void *phys_arg;
	phys_addr_t table_base;
	uint64_t table_size;
	bool mock;
	bool (*table_fails)(void *arg);
	void (*fault)(void *arg, const struct soft_fault *fault);
	void (*suspect)(void *arg, const struct soft_suspect *suspect);
	void (*dma)(void *arg, const struct soft_dma *dma);
	void *arg;
};

/**
 * uiommu_new() - make a run
 *
 * Return: 0; -EINVAL: no such format, or a bad place for tables; -ENOMEM.
 */
int uiommu_new(const struct uiommu_config *config, struct uiommu **out);

/** uiommu_free() - all files must be closed before. NULL is fine. */
void uiommu_free(struct uiommu *u);

/**
 * struct uiommu_device_info - what sysfs shows of a device
 * @bdf: PCI address, "0000:00:01.0"
 * @rid: its requester id
 * @index: N of vfio-dev/vfioN and /dev/vfio/devices/vfioN
 * @group: number of its IOMMU group
 * @no_iommu: it has no IOMMU, and no group that could be opened
 * @config: its configuration space as it is now (first 256 bytes)
 * @bar_size: size of each BAR in bytes, 0 = absent
 */
struct uiommu_device_info {
	char bdf[16];
	uint32_t rid;
	unsigned int index;
	unsigned int group;
	bool no_iommu;
	uint8_t config[256];
	uint64_t bar_size[6];
};

/**
 * uiommu_format_name() - what &uiommu_config.iommu may be
 * @index: from 0
 *
 * Return: a static string; NULL behind the last.
 */
const char *uiommu_format_name(unsigned int index);

/** uiommu_model_name() - the same for the model of uiommu_add_device(). */
const char *uiommu_model_name(unsigned int index);

/**
 * uiommu_add_device() - plug in a modelled device
 * @model: one of uiommu_model_name()
 * @out: the device, which lives as long as the run; may be NULL
 *
 * Return: 0; -EINVAL: no such model; -ENOMEM; -ENOSPC: no slot left (a
 * bus has 32, and the first is the host bridge's).
 */
int uiommu_add_device(struct uiommu *u, const char *model,
		      struct uiommu_device **out);

/**
 * uiommu_add_device_without_iommu() - the same for a device that no IOMMU translates
 *
 * It sends physical addresses, and whoever binds it needs CAP_SYS_RAWIO. What it can
 * reach is not limited to what is mapped for it.
 */
int uiommu_add_device_without_iommu(struct uiommu *u, const char *model,
				    struct uiommu_device **out);

/** uiommu_nr_devices() - how many there are. */
unsigned int uiommu_nr_devices(struct uiommu *u);

/** uiommu_device() - the @index-th. */
struct uiommu_device *uiommu_device(struct uiommu *u, unsigned int index);

void uiommu_device_info(struct uiommu_device *dev,
			struct uiommu_device_info *info);

/**
 * uiommu_open_iommufd() - open /dev/iommu
 *
 * The caller holds the only reference and closes with uiommu_file_put().
 */
int uiommu_open_iommufd(struct uiommu *u, struct uiommu_file **out);

/**
 * uiommu_open_iommufd_at() - the same, and the client can map areas of virtual IOMMUs
 * @backing: descriptor in which they live, of 16 TiB, or -1: it cannot. Stays the
 *	caller's; must outlive the file
 */
int uiommu_open_iommufd_at(struct uiommu *u, int backing,
			   struct uiommu_file **out);

/**
 * uiommu_open_container() - open /dev/vfio/vfio
 *
 * A context as well, for programs that know IOMMUs by the type1 interface only.
 */
int uiommu_open_container(struct uiommu *u, struct uiommu_file **out);

/**
 * uiommu_open_group() - open /dev/vfio/N
 * @number: N: &uiommu_device_info.group of a device
 *
 * Return: 0; -ENOENT: no such group; -EBUSY: it is open, or a device of it is in
 * use by its cdev; -ENOMEM.
 */
int uiommu_open_group(struct uiommu *u, unsigned int number,
		      struct uiommu_file **out);

/**
 * uiommu_open_device() - open /dev/vfio/devices/vfioN
 * @backing: descriptor in which the mappable areas of the device live while this
 *	file is bound, or -1. Stays the caller's; must outlive the file
 */
int uiommu_open_device(struct uiommu_device *dev, int backing,
		       struct uiommu_file **out);

/**
 * struct uiommu_fault - a blocked request, for those who only want to know
 * @rid: who sent it
 * @iova: the address that faulted
 * @write: the device wanted to write
 * @why: a few words, constant
 */
struct uiommu_fault {
	uint32_t rid;
	uint64_t iova;
	bool write;
	const char *why;
};

/** uiommu_fault_info() - what the fault callback of struct uiommu_config got. */
void uiommu_fault_info(const struct soft_fault *fault,
		       struct uiommu_fault *info);

/** uiommu_soft() - the software IOMMU, for those who print its tables. */
struct soft_iommu *uiommu_soft(struct uiommu *u);

/** uiommu_bus() - the bus that the software IOMMU walks through. */
struct soft_bus *uiommu_bus(struct uiommu *u);

/* Dispatch to a file; see struct uiommu_file_ops. */
long uiommu_ioctl(struct uiommu_file *file, struct uiommu_user *user,
		  unsigned int cmd, uint64_t arg);
int64_t uiommu_read(struct uiommu_file *file, struct uiommu_user *user,
		    uint64_t uaddr, size_t count, uint64_t offset);
int64_t uiommu_write(struct uiommu_file *file, struct uiommu_user *user,
		     uint64_t uaddr, size_t count, uint64_t offset);
int uiommu_mmap(struct uiommu_file *file, uint64_t offset, uint64_t len,
		int prot, int flags);
/* Files without @poll are always ready, and never call anybody. */
short uiommu_poll(struct uiommu_file *file);
void uiommu_watch(struct uiommu_file *file, struct uiommu_wake *wake);

/**
 * struct uiommu_self - the calling process as a user of the engine
 *
 * Pages are not really pinned: the caller keeps them mapped while a device may
 * reach them. Descriptors are indexes into @file. New ones (a fault queue's) take
 * the first that is NULL; the caller puts their reference and the NULL back to
 * close them.
 */
struct uiommu_self {
	struct uiommu_user user;
	struct uiommu_mem *mem;
	struct uiommu_file **file;
	unsigned int nr_files;
};

/** uiommu_self_init() - 0 or -ENOMEM; undone by uiommu_self_fini(). */
int uiommu_self_init(struct uiommu_self *self);
void uiommu_self_fini(struct uiommu_self *self);

#ifdef __cplusplus
}
#endif
#endif
