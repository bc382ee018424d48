/* SPDX-License-Identifier: MIT */
#include <sys/syscall.h>

#include "calls.h"
#include "notify.h"

/*
 * x86-64 has calls that younger architectures only have in their "at" form. The
 * numbers themselves come from the system's headers.
 */
const struct run_call run_calls[] = {
	/* The most frequent ones come first: the filter goes through all. */
	{ SYS_read, RUN_EVENT, run_call_read },
	{ SYS_write, RUN_EVENT, run_call_write },
	{ SYS_readv, RUN_EVENT, run_call_readv },
	{ SYS_writev, RUN_EVENT, run_call_writev },
	{ SYS_fcntl, RUN_EVENT, run_call_fcntl },
	{ SYS_dup, RUN_EVENT, run_call_dup },
	{ SYS_dup3, RUN_EVENT, run_call_dup3 },
	{ SYS_ioctl, RUN_TYPE, run_call_ioctl },
	{ SYS_pread64, RUN_OFFSET, run_call_pread },
	{ SYS_pwrite64, RUN_OFFSET, run_call_pwrite },
	{ SYS_preadv, RUN_HIGH_OFFSET, run_call_preadv },
	{ SYS_pwritev, RUN_HIGH_OFFSET, run_call_pwritev },
	{ SYS_preadv2, RUN_HIGH_OFFSET, run_call_preadv },
	{ SYS_pwritev2, RUN_HIGH_OFFSET, run_call_pwritev },
	{ SYS_lseek, RUN_SEEK, run_call_lseek },
	{ SYS_eventfd2, RUN_EVENTFD, run_call_eventfd },
	{ SYS_openat, RUN_ALWAYS, run_call_openat },
	{ SYS_openat2, RUN_ALWAYS, run_call_openat2 },
	{ SYS_fstat, RUN_ALWAYS, run_call_fstat },
	{ SYS_newfstatat, RUN_ALWAYS, run_call_newfstatat },
	{ SYS_statx, RUN_ALWAYS, run_call_statx },
	{ SYS_faccessat, RUN_ALWAYS, run_call_faccessat },
	{ SYS_faccessat2, RUN_ALWAYS, run_call_faccessat2 },
	{ SYS_readlinkat, RUN_ALWAYS, run_call_readlinkat },
	{ SYS_getxattr, RUN_ALWAYS, run_call_xattr },
	{ SYS_lgetxattr, RUN_ALWAYS, run_call_lxattr },
	{ SYS_listxattr, RUN_ALWAYS, run_call_xattr },
	{ SYS_llistxattr, RUN_ALWAYS, run_call_lxattr },
	{ SYS_chroot, RUN_ALWAYS, run_call_chroot },
	{ SYS_pivot_root, RUN_ALWAYS, run_call_chroot },
	{ SYS_mmap, RUN_MMAP, run_call_mmap },
	{ SYS_munmap, RUN_ALWAYS, run_call_munmap },
	{ SYS_mremap, RUN_ALWAYS, run_call_mremap },
	{ SYS_madvise, RUN_MADVISE, run_call_madvise },
	{ SYS_process_madvise, RUN_ALWAYS, run_call_process_madvise },
	{ SYS_fallocate, RUN_PUNCH, run_call_fallocate },
	{ SYS_ftruncate, RUN_ALWAYS, run_call_ftruncate },
	{ SYS_brk, RUN_ALWAYS, run_call_brk },
	{ SYS_shmat, RUN_SHMAT, run_call_shmat },
	{ SYS_shmdt, RUN_ALWAYS, run_call_shmdt },
	{ SYS_execve, RUN_ALWAYS, run_call_exec },
	{ SYS_execveat, RUN_ALWAYS, run_call_exec },
	{ SYS_exit, RUN_ALWAYS, run_call_exit },
	{ SYS_exit_group, RUN_ALWAYS, run_call_exit_group },
#ifdef __x86_64__
	{ SYS_dup2, RUN_EVENT, run_call_dup2 },
	{ SYS_eventfd, RUN_EVENTFD, run_call_eventfd },
	{ SYS_open, RUN_ALWAYS, run_call_open },
	{ SYS_creat, RUN_ALWAYS, run_call_creat },
	{ SYS_stat, RUN_ALWAYS, run_call_stat },
	{ SYS_lstat, RUN_ALWAYS, run_call_lstat },
	{ SYS_access, RUN_ALWAYS, run_call_access },
	{ SYS_readlink, RUN_ALWAYS, run_call_readlink },
#endif
};

const size_t run_nr_calls = sizeof(run_calls) / sizeof(run_calls[0]);

void run_dispatch(struct run *r)
{
	size_t i;

	for (i = 0; i < run_nr_calls; i++) {
		if (run_calls[i].nr == r->req->data.nr) {
			run_calls[i].handle(r);
			return;
		}
	}
	run_continue(r);
}
