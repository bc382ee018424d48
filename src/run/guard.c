/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include "guard.h"

/*
 * The only state outside struct run: a signal belongs to the process, and the
 * handler finds the copy of its own thread here.
 */
static _Thread_local sigjmp_buf *copying;

static void on_bus_error(int sig)
{
	if (copying)
		siglongjmp(*copying, 1);
	/* Not ours: die of it as without a handler. */
	signal(sig, SIG_DFL);
	raise(sig);
}

int run_guard_install(void)
{
	struct sigaction action = {
		.sa_handler = on_bus_error,
		/* The jump leaves the mask as it is. */
		.sa_flags = SA_NODEFER,
	};

	sigemptyset(&action.sa_mask);
	return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}

int run_guard_copy(void *dst, const void *src, size_t len)
{
	sigjmp_buf here;

	if (sigsetjmp(here, 0)) {
		copying = NULL;
		return -EFAULT;
	}
	copying = &here;
	/* The copy must not move out from between the two stores. */
	__asm__ volatile("" ::: "memory");
	memcpy(dst, src, len);
	__asm__ volatile("" ::: "memory");
	copying = NULL;
	return 0;
}
