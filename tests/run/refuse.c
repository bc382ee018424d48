/* SPDX-License-Identifier: MIT */
/*
 * refuse WHAT... -- COMMAND - run a command on a system that refuses something, as
 * an older kernel or a container's profile does.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#ifndef __NR_openat2
#define __NR_openat2 437
#endif

/* Call @nr, if the low word of argument @arg and @mask is @value: @error. */
struct rule {
	const char *name;
	unsigned int nr;
	int arg; /* -1: always */
	unsigned int mask;
	unsigned int value;
	unsigned int error;
};

static const struct rule rules[] = {
	/* Linux 6.11 */
	{ "procmap-query", SYS_ioctl, 1, ~0u, 0xc0686611, ENOTTY },
	/* Linux 6.6 */
	{ "sync-wake-up", SYS_ioctl, 1, ~0u, 0x40082104, EINVAL },
	/* Linux 6.9: PIDFD_THREAD */
	{ "pidfd-thread", SYS_pidfd_open, 1, ~0u, 0200, EINVAL },
	/* Linux 6.3: MFD_NOEXEC_SEAL */
	{ "noexec-seal", SYS_memfd_create, 1, 8, 8, EINVAL },
	/* Linux 5.14: MADV_POPULATE_READ and _WRITE */
	{ "populate", SYS_madvise, 2, ~1u, 22, EINVAL },
	/* Profiles of containers. */
	{ "mknod", SYS_mknodat, 2, 0170000, 0020000, EPERM },
	{ "pidfd-getfd", SYS_pidfd_getfd, -1, 0, 0, EPERM },
	{ "pidfd-open", SYS_pidfd_open, -1, 0, 0, ENOSYS },
	{ "openat2", __NR_openat2, -1, 0, 0, ENOSYS },
	{ "openat2-profile", __NR_openat2, -1, 0, 0, EPERM },
	/* Without these nothing works. */
	{ "process-vm", SYS_process_vm_readv, -1, 0, 0, EPERM },
	{ "seccomp", SYS_seccomp, -1, 0, 0, EPERM },
	{ "listener", SYS_seccomp, 0, ~0u, SECCOMP_SET_MODE_FILTER, EINVAL },
	{ "inotify", SYS_inotify_init1, -1, 0, 0, EMFILE },
};

static struct sock_filter code[128];
static unsigned short len;

static void emit(unsigned int op, unsigned int jt, unsigned int jf,
		 unsigned int k)
{
	code[len++] = (struct sock_filter){ (unsigned short)op,
					    (unsigned char)jt,
					    (unsigned char)jf, k };
}

static void add(const char *name)
{
	const struct rule *r = rules;

	while (strcmp(r->name, name)) {
		if (++r == rules + sizeof(rules) / sizeof(rules[0])) {
			fprintf(stderr, "refuse: what is '%s'?\n", name);
			exit(125);
		}
	}
	emit(BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
	emit(BPF_JMP | BPF_JEQ | BPF_K, 0, r->arg < 0 ? 1 : 4, r->nr);
	if (r->arg >= 0) {
		emit(BPF_LD | BPF_W | BPF_ABS, 0, 0,
		     (unsigned int)(offsetof(struct seccomp_data, args) +
				    8 * (unsigned int)r->arg));
		emit(BPF_ALU | BPF_AND | BPF_K, 0, 0, r->mask);
		emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, r->value);
	}
	emit(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | r->error);
}

int main(int argc, char **argv)
{
	struct sock_fprog prog = { .filter = code };
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		add(argv[i]);
	emit(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	prog.len = len;
	if (i + 1 >= argc || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog)) {
		perror("refuse");
		return 125;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 125;
}
