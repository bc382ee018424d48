/* SPDX-License-Identifier: MIT */
/**
 * DOC: The system calls that are trapped, and who answers each
 */
#ifndef RUN_CALLS_H
#define RUN_CALLS_H

#include <stddef.h>

struct run;

/** enum run_when - when a call is trapped; all else runs at native speed. */
enum run_when {
	RUN_ALWAYS,
	RUN_TYPE, /* ioctl: the command's type byte is ';' */
	RUN_HIGH_OFFSET, /* argument 3, a file offset, has a high word */
	RUN_OFFSET, /* the same, or argument 0 may be an event descriptor */
	RUN_SEEK, /* the same for argument 1 */
	RUN_MMAP, /* maps a file, or replaces what is there */
	RUN_MADVISE, /* the advice drops pages */
	RUN_SHMAT, /* SHM_REMAP */
	RUN_PUNCH, /* fallocate that takes pages away */
	RUN_EVENT, /* argument 0 may be an event descriptor */
	RUN_EVENTFD, /* only where pidfd_getfd() is refused */
};

/**
 * struct run_call - one trapped system call
 * @nr: its number on this machine
 * @when: when it is trapped
 * @handle: answers @r->req exactly once
 */
struct run_call {
	int nr;
	enum run_when when;
	void (*handle)(struct run *r);
};

extern const struct run_call run_calls[];
extern const size_t run_nr_calls;

/** run_dispatch() - answer the notification in @r->req. */
void run_dispatch(struct run *r);

/* Answers for open modelled files (handle_calls.c). */
void run_call_ioctl(struct run *r);
void run_call_pread(struct run *r);
void run_call_pwrite(struct run *r);
void run_call_preadv(struct run *r);
void run_call_pwritev(struct run *r);
void run_call_lseek(struct run *r);
void run_call_eventfd(struct run *r);

/* Answers for event descriptors (event.c). */
void run_call_read(struct run *r);
void run_call_write(struct run *r);
void run_call_readv(struct run *r);
void run_call_writev(struct run *r);
void run_call_dup(struct run *r);
void run_call_dup2(struct run *r);
void run_call_dup3(struct run *r);
void run_call_fcntl(struct run *r);

/* Answers for paths (path_calls.c). */
void run_call_open(struct run *r);
void run_call_creat(struct run *r);
void run_call_openat(struct run *r);
void run_call_openat2(struct run *r);
void run_call_stat(struct run *r);
void run_call_lstat(struct run *r);
void run_call_fstat(struct run *r);
void run_call_newfstatat(struct run *r);
void run_call_statx(struct run *r);
void run_call_access(struct run *r);
void run_call_faccessat(struct run *r);
void run_call_faccessat2(struct run *r);
void run_call_readlink(struct run *r);
void run_call_readlinkat(struct run *r);
void run_call_xattr(struct run *r);
void run_call_lxattr(struct run *r);
void run_call_chroot(struct run *r);

/* Calls that may take pinned pages away (memory_calls.c). */
void run_call_mmap(struct run *r);
void run_call_munmap(struct run *r);
void run_call_mremap(struct run *r);
void run_call_madvise(struct run *r);
void run_call_process_madvise(struct run *r);
void run_call_fallocate(struct run *r);
void run_call_ftruncate(struct run *r);
void run_call_brk(struct run *r);
void run_call_shmat(struct run *r);
void run_call_shmdt(struct run *r);
void run_call_exec(struct run *r);
void run_call_exit(struct run *r);
void run_call_exit_group(struct run *r);

#endif
