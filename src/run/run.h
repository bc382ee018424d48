/* SPDX-License-Identifier: MIT */
/**
 * DOC: The supervisor: a program runs as if the machine had an IOMMU
 *
 * Starts a command under a seccomp filter with user notifications and plays the
 * kernel's part for /dev/iommu, /dev/vfio/ and the sysfs files that VFIO programs
 * read. One thread, one event loop; everything of a run hangs off struct run.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct run;
struct soft_dma;
struct soft_fault;
struct soft_suspect;
struct uiommu;
struct uiommu_device;

/** Exit statuses of our own, those of env(1) and timeout(1). */
#define RUN_EXIT_FAILED   125 /* the supervisor itself failed */
#define RUN_EXIT_NOEXEC   126 /* the command was found but cannot be run */
#define RUN_EXIT_NOTFOUND 127 /* the command was not found */

/** enum run_op - what a client does with a modelled file. */
enum run_op {
	RUN_OP_OPEN,
	RUN_OP_IOCTL,
	RUN_OP_READ,
	RUN_OP_WRITE,
	RUN_OP_MMAP,
	RUN_OP_CLOSE, /* the last descriptor of an open is gone; nobody's call */
};

/** RUN_SEEN_NOTE - bytes that an observer may keep with a call. */
#define RUN_SEEN_NOTE 256

/**
 * struct run_seen - one call of a client, for those who watch
 * @r: the run
 * @op: what it is
 * @pid: process of the caller; 0 with RUN_OP_CLOSE
 * @tid: its thread
 * @fd: the descriptor; of RUN_OP_OPEN it is @result
 * @path: the modelled file, "/dev/iommu"
 * @kind: the kind of file as the engine names it, "iommufd"; NULL = not open
 * @cmd: RUN_OP_IOCTL: the request
 * @arg: RUN_OP_IOCTL: its argument
 * @addr: RUN_OP_READ, RUN_OP_WRITE: the caller's buffer (of the first vector)
 * @len: bytes; RUN_OP_MMAP: of the mapping
 * @offset: on the file
 * @prot: RUN_OP_MMAP: PROT_*
 * @flags: RUN_OP_MMAP: MAP_*; RUN_OP_OPEN: O_*
 * @result: at the end: what the call returns, -errno. A mapping that is allowed is
 *	made by the kernel, and 0 here
 * @files: at the end: modelled files that are open now
 * @begin_ns: when it arrived (CLOCK_MONOTONIC)
 * @end_ns: when it was over; set at the end
 * @note: the observer's
 * @note_len: bytes of it, the observer's too
 */
struct run_seen {
	struct run *r;
	enum run_op op;
	pid_t pid, tid;
	int fd;
	const char *path;
	const char *kind;
	unsigned int cmd;
	uint64_t arg;
	uint64_t addr, len, offset;
	int prot, flags;
	int64_t result;
	unsigned int files;
	uint64_t begin_ns, end_ns;
	uint8_t note[RUN_SEEN_NOTE];
	size_t note_len;
};

/**
 * run_seen_read() - copy from the memory of the call's caller, at begin or end
 *
 * Return: 0; -EFAULT.
 */
int run_seen_read(const struct run_seen *seen, void *dst, uint64_t src,
		  size_t len);

/**
 * struct run_config - what to run and how
 * @iommu: page-table format of the IOMMU, NULL = the default
 * @device: models to plug in
 * @nr_devices: how many
 * @mock: have a mock IOMMU, too, which IOMMU_TEST_CMD drives
 * @argv: the command and its arguments, NULL terminated
 * @fault: a request of a device was blocked; may be NULL. No lock is held; may be
 *	called from a thread of the engine
 * @suspect: the IOTLB's detector has something to say; may be NULL
 * @dma: a request of a device is over; may be NULL. As for @fault
 * @begin: a client's call on a modelled file has arrived; may be NULL
 * @end: it is over; but for RUN_OP_OPEN the caller does not know yet; may be NULL
 * @closing: a modelled file is about to be closed for good, all it holds is still
 *	there; @device is what it is of, NULL = an IOMMUFD context or another file
 *	that is no device's. May be NULL
 * @before_unmap: the client is about to unmap [@iova, @iova + @length); NULL if
 *	nobody wants to look
 * @idle: called when nothing has happened for the milliseconds that the last call
 *	of @idle_ms returned; NULL with @idle_ms
 * @idle_ms: how long to wait for @idle, -1 = for ever
 * @arg: for all of them
 */
struct run_config {
	const char *iommu;
	const char *const *device;
	unsigned int nr_devices;
	bool mock;
	char *const *argv;
	void (*fault)(void *arg, struct uiommu *u, const struct soft_fault *f);
	void (*suspect)(void *arg, struct uiommu *u,
			const struct soft_suspect *s);
	void (*dma)(void *arg, struct uiommu *u, const struct soft_dma *d);
	void (*begin)(void *arg, struct uiommu *u, struct run_seen *seen);
	void (*end)(void *arg, struct uiommu *u, struct run_seen *seen);
	void (*closing)(void *arg, struct uiommu *u,
			struct uiommu_device *device);
	void (*before_unmap)(void *arg, struct uiommu *u, uint64_t iova,
			     uint64_t length);
	void (*idle)(void *arg);
	int (*idle_ms)(void *arg);
	void *arg;
};

/**
 * run_command() - run a command to its end and that of all its descendants
 *
 * Prints one line to stderr for whatever is wrong. Takes over SIGCHLD, SIGINT,
 * SIGTERM, SIGHUP, SIGQUIT, SIGBUS and SIGPIPE of the process, which must have one thread.
 *
 * Return: the exit status for the shell: the first process's, 128 + its signal,
 * or one of RUN_EXIT_*.
 */
int run_command(const struct run_config *config);

#endif
