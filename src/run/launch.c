/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event.h"
#include "filter.h"
#include "launch.h"
#include "notify.h"

/*
 * Once a notification has been received only a fatal signal interrupts the
 * caller. Without it a signal handler makes the kernel repeat the call, and the
 * engine would carry it out twice.
 */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* What the child says after it tried to install the filter. */
struct hello {
	int error;
};

static int send_hello(int sock, int error, int fd)
{
	struct hello hello = { error };
	struct iovec iov = { &hello, sizeof(hello) };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (fd >= 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	return sendmsg(sock, &msg, 0) == sizeof(hello) ? 0 : -errno;
}

/* Return: the listener, or the error number the child met. */
static int receive_hello(int sock)
{
	struct hello hello;
	struct iovec iov = { &hello, sizeof(hello) };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != sizeof(hello))
		return -ECHILD;
	if (hello.error)
		return hello.error;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -EMFILE;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

static int install_filter(const struct sock_fprog *prog)
{
	const unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
				    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);

	/*
	 * A privileged caller needs no promise about privileges, so that its
	 * set-user-ID programs go on working.
	 */
	if (fd < 0 && errno == EACCES) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			return -errno;
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);
	}
	return fd < 0 ? -errno : (int)fd;
}

static void __attribute__((noreturn))
child(struct run *r, int sock, const struct sock_fprog *prog, pid_t parent)
{
	char *const *argv = r->config->argv;
	int fd, error;

	sigprocmask(SIG_SETMASK, &r->mask, NULL);
	signal(SIGPIPE, r->on_pipe);
	signal(SIGXFSZ, r->on_fsize);
	/* Without its supervisor every trapped call would fail with ENOSYS. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(RUN_EXIT_FAILED);
	fd = install_filter(prog);
	if (send_hello(sock, fd < 0 ? fd : 0, fd) || fd < 0)
		_exit(RUN_EXIT_FAILED);
	close(fd);
	close(sock);
	execvp(argv[0], argv);
	error = errno;
	dprintf(STDERR_FILENO, "uiommu: cannot run '%s': %s\n", argv[0],
		strerror(error));
	_exit(error == ENOENT ? RUN_EXIT_NOTFOUND : RUN_EXIT_NOEXEC);
}

static void explain(int error)
{
	switch (error) {
	case -EBUSY:
		run_warn("a seccomp supervisor already serves this process; "
			 "start uiommu outside of it");
		break;
	case -EINVAL:
	case -ENOSYS:
		run_warn("the kernel has no seccomp user notification with "
			 "killable waits; use Linux 6.1 or later");
		break;
	case -EPERM:
	case -EACCES:
		run_warn("installing a seccomp filter is refused (%s); in a "
			 "container, allow the seccomp system call",
			 strerror(-error));
		break;
	default:
		run_warn("cannot start the command under a seccomp filter: %s",
			 strerror(-error));
	}
}

/* Read a word of the child where we have the same: fork copied it. */
static int check_memory_access(pid_t pid)
{
	static const uint64_t mark = 0x75696f6d6d75;
	uint64_t seen = 0;
	struct iovec local = { &seen, sizeof(seen) };
	struct iovec remote = { (void *)(uintptr_t)&mark, sizeof(mark) };

	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) == sizeof(seen) &&
	    seen == mark)
		return 0;
	run_warn("cannot read the client's memory (process_vm_readv: %s); set "
		 "kernel.yama.ptrace_scope to 1 or 0, or in a container add "
		 "CAP_SYS_PTRACE",
		 strerror(errno));
	return -EPERM;
}

static int give_up(pid_t pid, int error)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return error;
}

int run_launch(struct run *r)
{
	struct run_filter filter;
	pid_t parent = getpid();
	int sock[2], fd;

	run_filter_build(&filter, r->no_getfd, run_event_first(),
			 RUN_EVENT_MOST);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock)) {
		run_warn("cannot make a socket: %s", strerror(errno));
		return -EMFILE;
	}
	r->first = fork();
	if (r->first == 0)
		child(r, sock[1], &filter.prog, parent);
	close(sock[1]);
	if (r->first < 0) {
		run_warn("cannot fork: %s", strerror(errno));
		close(sock[0]);
		return -EAGAIN;
	}
	fd = receive_hello(sock[0]);
	close(sock[0]);
	if (fd < 0) {
		explain(fd);
		return give_up(r->first, fd);
	}
	run_notify_listen(r, fd);
	fd = check_memory_access(r->first);
	return fd ? give_up(r->first, fd) : 0;
}
