/* SPDX-License-Identifier: MIT */
/**
 * DOC: The caller of an ioctl, as the engine sees it
 *
 * The engine (src/iommufd, src/vfio) has no idea how a request arrived. Whoever
 * carries requests (the supervisor, a test, a fuzzer) describes the caller by a
 * struct uiommu_user: its memory and its descriptors. Pages that devices may
 * reach come from a struct uiommu_mem, which outlives the request.
 */
#ifndef UIOMMU_USER_H
#define UIOMMU_USER_H

#include <uiommu/iommu_types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uiommu_account;
struct uiommu_file;
struct uiommu_mem;
struct uiommu_user;

/**
 * UIOMMU_PAGE_SIZE - the granule of pinning, in bytes. Fixed: it is the page
 * size that clients see (sysconf(_SC_PAGESIZE) on the hosts that run clients).
 */
#define UIOMMU_PAGE_SIZE 4096UL

/**
 * struct uiommu_run - physically contiguous pinned memory
 * @pa: output address of the first byte, page aligned
 * @len: bytes, a multiple of the page size
 */
struct uiommu_run {
	phys_addr_t pa;
	uint64_t len;
};

/**
 * struct uiommu_mem_ops - a source of pages: a process's memory, or a file
 * @get: take a reference
 * @put: drop one; pins keep working after the last reference is gone
 * @pin: pin the pages of [@addr, @addr + @len), both page aligned. Fills at most
 *	@max runs in the order of addresses and returns how many (at least 1);
 *	they may cover a prefix only, the caller goes on behind it. If the first
 *	page cannot be pinned: -EFAULT (nothing there, or not writable and @write
 *	is set), -ENOMEM, for a file -EINVAL (beyond its end, or of a kind that
 *	cannot be pinned). Pins nest: a page pinned twice is unpinned twice, and
 *	has the same @pa both times
 * @unpin: undo @pin for [@pa, @pa + @len), which may cut runs into pieces
 * @copy: read @len bytes at @pa into @buf, or write them from there; all of it is
 *	pinned. -EFAULT: the memory is gone; -EINVAL: the CPU cannot touch it
 * @pins: how often is the page at @pa pinned, by anybody; -EOPNOTSUPP: it is part of
 *	a larger page, or nobody counts. NULL = nobody counts
 *
 * All are thread-safe and are called with no lock of the engine's that a request
 * of another thread could need.
 */
struct uiommu_mem_ops {
	void (*get)(struct uiommu_mem *mem);
	void (*put)(struct uiommu_mem *mem);
	int (*pin)(struct uiommu_mem *mem, uint64_t addr, uint64_t len,
		   bool write, struct uiommu_run *runs, size_t max);
	void (*unpin)(struct uiommu_mem *mem, phys_addr_t pa, uint64_t len);
	int (*copy)(struct uiommu_mem *mem, phys_addr_t pa, void *buf,
		    size_t len, bool write);
	int64_t (*pins)(struct uiommu_mem *mem, phys_addr_t pa);
};

/** struct uiommu_mem - embedded by the implementation. */
struct uiommu_mem {
	const struct uiommu_mem_ops *ops;
};

/** enum uiommu_charge - which limit pinned pages count against. */
enum uiommu_charge {
	UIOMMU_CHARGE_NONE, /* none; they are counted all the same */
	UIOMMU_CHARGE_USER, /* what the user may lock, in all processes */
	UIOMMU_CHARGE_PROCESS, /* what the process may lock */
};

/**
 * struct uiommu_account_ops - a process that pays for pinned pages
 * @get: take a reference
 * @put: drop one; charges outlive it
 * @charge: @pages more pages are pinned for the process (negative: fewer), and
 *	locked as @mode says; -ENOMEM: more than its limit (RLIMIT_MEMLOCK). Giving
 *	back, with the mode of the charge, cannot fail
 *
 * All are thread-safe. They may be called with locks of the engine held and touch
 * no memory of a client.
 */
struct uiommu_account_ops {
	void (*get)(struct uiommu_account *account);
	void (*put)(struct uiommu_account *account);
	int (*charge)(struct uiommu_account *account, enum uiommu_charge mode,
		      int64_t pages);
};

/** struct uiommu_account - embedded by the implementation; one for a process. */
struct uiommu_account {
	const struct uiommu_account_ops *ops;
};

/** enum uiommu_privilege - what a caller may be asked to have. */
enum uiommu_privilege {
	UIOMMU_CAP_SYS_RESOURCE,
	UIOMMU_CAP_IPC_LOCK,
	UIOMMU_CAP_SYS_RAWIO,
};

/**
 * struct uiommu_user_ops - the caller of one request
 * @copy_in: read @len bytes of the caller's memory at @src; -EFAULT, with @dst
 *	undefined, if not all can be read
 * @copy_out: write; -EFAULT if not all could be written (a prefix may have been)
 * @mem: the caller's address space, with a reference for the engine
 * @account: who pays for what the caller has pinned, with a reference; the same one
 *	as long as the caller has the same address space. NULL without memory
 * @memory_file: the pages of the caller's descriptor @fd, with a reference, and
 *	the file's size in *@size; -EBADF if @fd is not open, -EINVAL if nothing of
 *	it can be pinned, -EOPNOTSUPP if it is a device's memory
 * @file: the engine's file behind the caller's descriptor @fd, with a reference
 *	(uiommu_file_put); -EBADF if not open, -EBADFD if open but none of ours
 * @eventfd: a descriptor of this process that signals the caller's eventfd @fd
 *	(8-byte writes); the engine owns and closes it. -EBADF, or -EINVAL if not
 *	an eventfd
 * @capable: does the caller have the privilege?
 * @new_fd: a number that is free among the caller's descriptors, for @install; it
 *	may be told to the caller before. -EMFILE; NULL = the caller can be given
 *	none
 * @new_event_fd: the same for a file that is polled; NULL = as @new_fd
 * @install: make @file the caller's descriptor @fd, which one of these returned in this
 *	request; it is closed on exec. Takes a reference of its own. A file that is
 *	installed again gets another descriptor. 0, -EMFILE, -ENFILE or -ENOMEM
 * @backing: a new file of this process with @size bytes, to be the @backing of a
 *	file that will be installed; the engine owns and closes it. @name is for
 *	whoever looks at it. An error number if there is none to be had; NULL = such
 *	files cannot be mapped by the caller
 * @mapped: does any process still map part of [@offset, @offset + @len) of @file,
 *	whose mmap operation has allowed that? NULL = no
 *
 * Valid for the duration of the request only.
 */
struct uiommu_user_ops {
	int (*copy_in)(struct uiommu_user *user, void *dst, uint64_t src,
		       size_t len);
	int (*copy_out)(struct uiommu_user *user, uint64_t dst, const void *src,
			size_t len);
	struct uiommu_mem *(*mem)(struct uiommu_user *user);
	struct uiommu_account *(*account)(struct uiommu_user *user);
	int (*memory_file)(struct uiommu_user *user, int fd,
			   struct uiommu_mem **mem, uint64_t *size);
	int (*file)(struct uiommu_user *user, int fd,
		    struct uiommu_file **file);
	int (*eventfd)(struct uiommu_user *user, int fd);
	bool (*capable)(struct uiommu_user *user, enum uiommu_privilege cap);
	int (*new_fd)(struct uiommu_user *user);
	int (*new_event_fd)(struct uiommu_user *user);
	int (*install)(struct uiommu_user *user, int fd,
		       struct uiommu_file *file);
	int (*backing)(struct uiommu_user *user, const char *name,
		       uint64_t size);
	bool (*mapped)(struct uiommu_user *user, struct uiommu_file *file,
		       uint64_t offset, uint64_t len);
};

/** struct uiommu_user - embedded by the transport. */
struct uiommu_user {
	const struct uiommu_user_ops *ops;
};

/**
 * struct uiommu_wake - who waits for a file to become readable
 * @wake: what poll(2) says of the file may have changed, to @events (POLLIN, ...);
 *	@added: because there is something more to read, also if there was before.
 *	Called from any thread, one call at a time; must not call into the engine
 */
struct uiommu_wake {
	void (*wake)(struct uiommu_wake *wake, short events, bool added);
};

/**
 * struct uiommu_file_ops - one kind of open file (/dev/iommu, a VFIO cdev, ...)
 * @kind: a name for messages and traces
 * @has_position: a read without an offset goes on where the last one ended. Else it is
 *	at offset 0; of a file that is an event descriptor it is the only one there is
 * @ioctl: returns >= 0 or a negative error number, exactly the uAPI's
 * @read: as pread(2): copy out at most @count bytes at @offset of the file
 * @write: as pwrite(2)
 * @mmap: may [@offset, @offset + @len) of the file be mapped with @prot (PROT_*)
 *	and @flags (MAP_*)? 0 or a negative error number. The memory itself stands
 *	at the same offset of the file's backing descriptor
 * @poll: what poll(2) says of the file now (POLLIN, ...)
 * @watch: call @wake from now on; NULL = nobody. At once calls it with the present
 *	state. On return the former one is not called any more
 * @release: the last reference is gone
 *
 * NULL operations answer as Linux does for a file without them (-ENOTTY, -EINVAL,
 * -ENODEV). All are thread-safe.
 */
struct uiommu_file_ops {
	const char *kind;
	bool has_position;
	long (*ioctl)(struct uiommu_file *file, struct uiommu_user *user,
		      unsigned int cmd, uint64_t arg);
	int64_t (*read)(struct uiommu_file *file, struct uiommu_user *user,
			uint64_t uaddr, size_t count, uint64_t offset);
	int64_t (*write)(struct uiommu_file *file, struct uiommu_user *user,
			 uint64_t uaddr, size_t count, uint64_t offset);
	int (*mmap)(struct uiommu_file *file, uint64_t offset, uint64_t len,
		    int prot, int flags);
	short (*poll)(struct uiommu_file *file);
	void (*watch)(struct uiommu_file *file, struct uiommu_wake *wake);
	void (*release)(struct uiommu_file *file);
};

/**
 * struct uiommu_file - embedded by the engine's kinds of file
 * @ops: its kind
 * @refs: references; the creator holds the first
 * @backing: a descriptor of this process whose pages are what mmap of the file
 *	shows (a memfd), or -1. Owned by whoever opened the file, which keeps it
 *	open until after release
 */
struct uiommu_file {
	const struct uiommu_file_ops *ops;
	uint32_t refs;
	int backing;
};

/** uiommu_file_get() - take a reference on @file. Any context. */
void uiommu_file_get(struct uiommu_file *file);

/** uiommu_file_put() - drop a reference; the last one releases @file. */
void uiommu_file_put(struct uiommu_file *file);

#ifdef __cplusplus
}
#endif
#endif
