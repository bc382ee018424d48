/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <uiommu/uiommu.h>

#include "calls.h"
#include "event.h"
#include "eventfd.h"
#include "guard.h"
#include "handle.h"
#include "inject.h"
#include "launch.h"
#include "memory.h"
#include "notify.h"
#include "supervisor.h"
#include "task.h"
#include "tree.h"

void run_warn(const char *format, ...)
{
	char line[1024];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (len >= 0)
		dprintf(STDERR_FILENO, "uiommu: %s\n", line);
}

/* ---- signals and children ---- */

static void ended(struct run *r, pid_t pid, int status)
{
	if (pid != r->first)
		return;
	r->first_done = true;
	r->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					: WEXITSTATUS(status);
}

/* Orphans of the client come to us too. Return: true while there are more. */
static bool reap(struct run *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		ended(r, pid, status);
	return !pid;
}

/* A key press reaches the client by the terminal; a kill only reaches us. */
static void forward(struct run *r, const struct signalfd_siginfo *info)
{
	if (info->ssi_code <= 0 && !r->first_done)
		kill(r->first, (int)info->ssi_signo);
}

static void serve_signals(struct run *r)
{
	struct signalfd_siginfo info;

	while (read(r->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(r);
		else
			forward(r, &info);
	}
}

static int watch_signals(struct run *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, &r->mask))
		return -errno;
	r->on_pipe = signal(SIGPIPE, SIG_IGN);
	/* Device files are long; "ulimit -f" shall fail their open, not kill us. */
	r->on_fsize = signal(SIGXFSZ, SIG_IGN);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return r->signals < 0 ? -errno : 0;
}

/* ---- the loop ---- */

static void serve_request(struct run *r)
{
	if (run_notify_receive(r))
		return;
	run_memory_settle_exec(r->memory, (pid_t)r->req->pid);
	run_dispatch(r);
}

/* Return: true until no process is left that could ask for anything. */
static bool serve(struct run *r)
{
	struct pollfd fds[] = {
		{ .fd = r->listener, .events = POLLIN },
		{ .fd = run_handles_fd(r), .events = POLLIN },
		{ .fd = run_events_fd(r), .events = POLLIN },
		{ .fd = r->signals, .events = POLLIN },
	};
	const struct run_config *config = r->config;
	int timeout = config->idle_ms ? config->idle_ms(config->arg) : -1;
	int n = poll(fds, 4, timeout);

	if (n == 0 && config->idle)
		config->idle(config->arg);
	if (n <= 0)
		return true;
	/*
	 * A close that has returned happened before the request that is served
	 * next: poll looks at the listener first, so it has seen the close's
	 * event too. (Unless that request's caller is killed now and another's
	 * comes instead: what depends on the order looks again.)
	 */
	if (fds[1].revents)
		run_handles_drain(r);
	if (fds[2].revents)
		run_events_drain(r);
	if (fds[0].revents & POLLIN)
		serve_request(r);
	if (fds[3].revents)
		serve_signals(r);
	return !(fds[0].revents & POLLHUP);
}

/* Devices first: what they wait for is answered when a queue is closed. */
static void drain(struct run *r)
{
	run_handles_drain(r);
	run_events_drain(r);
}

/*
 * No process can ask for anything more, but some may still be ending: that takes
 * its time if they have much memory. What they held may even then be on its way
 * through the kernel's deferred work.
 */
static void settle(struct run *r)
{
	struct pollfd fds[] = {
		{ .fd = run_handles_fd(r), .events = POLLIN },
		{ .fd = run_events_fd(r), .events = POLLIN },
		{ .fd = r->signals, .events = POLLIN },
	};
	bool more = reap(r);

	drain(r);
	while (!r->first_done || run_handles_count(r) || run_events_count(r)) {
		if (poll(fds, 3, more ? -1 : 1000) <= 0)
			break;
		serve_signals(r);
		more = reap(r);
		drain(r);
	}
}

/* ---- set-up ---- */

static void on_fault(void *arg, const struct soft_fault *fault)
{
	struct run *r = arg;

	if (r->config->fault)
		r->config->fault(r->config->arg, r->u, fault);
}

static void on_suspect(void *arg, const struct soft_suspect *suspect)
{
	struct run *r = arg;

	if (r->config->suspect)
		r->config->suspect(r->config->arg, r->u, suspect);
}

static void on_dma(void *arg, const struct soft_dma *dma)
{
	struct run *r = arg;

	r->config->dma(r->config->arg, r->u, dma);
}

/* "a, b": what a wrong name could have been. */
static const char *choices(char *buf, size_t size,
			   const char *(*name)(unsigned int index))
{
	size_t len = 0;
	unsigned int i;

	for (i = 0; name(i) && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s",
					i ? ", " : "", name(i));
	return buf;
}

static void explain_format(const char *format, int error)
{
	char names[256];

	if (error == -EINVAL && format)
		run_warn("no page-table format '%s' (--iommu); there are: %s",
			 format,
			 choices(names, sizeof(names), uiommu_format_name));
	else
		run_warn("cannot make an IOMMU: %s%s", strerror(-error),
			 error == -ENOMEM ? "; its page tables need address "
					    "space: raise 'ulimit -v'"
					  : "");
}

static void explain_model(const char *model, int error)
{
	char names[256];

	if (error == -EINVAL)
		run_warn("no device model '%s' (--device); there are: %s",
			 model,
			 choices(names, sizeof(names), uiommu_model_name));
	else
		run_warn("cannot plug in a device '%s': %s", model,
			 strerror(-error));
}

/* MODEL[,no-iommu] */
static int add_device(struct run *r, const char *what)
{
	const char *comma = strchrnul(what, ',');
	struct uiommu_device *device;
	char model[32];
	int error = -EINVAL;

	if ((size_t)(comma - what) < sizeof(model)) {
		snprintf(model, sizeof(model), "%.*s", (int)(comma - what),
			 what);
		if (!*comma)
			error = uiommu_add_device(r->u, model, &device);
		else if (!strcmp(comma, ",no-iommu"))
			error = uiommu_add_device_without_iommu(r->u, model,
								&device);
	}
	if (error)
		explain_model(what, error);
	return error;
}

static bool table_fails(void *arg)
{
	return run_inject_now();
}

static int make_engine(struct run *r)
{
	struct uiommu_config config = {
		.iommu = r->config->iommu,
		.mock = r->config->mock,
		.table_fails = r->config->mock ? table_fails : NULL,
		.fault = on_fault,
		.suspect = on_suspect,
		.dma = r->config->dma ? on_dma : NULL,
		.arg = r,
	};
	unsigned int i;
	int error;

	run_memory_describe(r->memory, &config);
	error = uiommu_new(&config, &r->u);
	if (error) {
		explain_format(r->config->iommu, error);
		return error;
	}
	for (i = 0; i < r->config->nr_devices; i++) {
		error = add_device(r, r->config->device[i]);
		if (error)
			return error;
	}
	return 0;
}

/* Each open modelled file and each process with memory costs descriptors. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int set_up(struct run *r)
{
	int error;

	if (access("/proc/self/fd", X_OK)) {
		run_warn("/proc does not show processes (%s); mount it",
			 strerror(errno));
		return -ENOENT;
	}
	r->rootfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r->no_getfd = run_eventfd_needs_trap();
	r->tasks = run_tasks_new();
	error = r->tasks && r->rootfd >= 0 ? 0 : -ENOMEM;
	if (!error)
		error = run_notify_init(r);
	if (!error)
		error = run_memory_new(r, &r->memory);
	if (!error)
		error = run_handles_init(r);
	if (!error)
		error = run_events_init(r);
	if (!error)
		error = watch_signals(r);
	if (!error)
		error = run_guard_install();
	if (error) {
		run_warn("cannot start: %s%s", strerror(-error),
			 error == -ENOSYS   ? "; use Linux 6.1 or later"
			 : error == -EMFILE ? "; raise 'ulimit -n'"
					    : "");
		return error;
	}
	error = make_engine(r);
	if (!error)
		error = run_tree_new(r->u, r->config->mock, &r->tree);
	return error;
}

/*
 * Return: the number of objects that outlived their owners. Always 0; anything
 * else is a bug that must not stay unseen.
 */
static unsigned int tear_down(struct run *r)
{
	unsigned int left, held = run_handles_fini(r);

	held += run_events_fini(r);
	if (held)
		run_warn("%u open files were passed on to processes outside of "
			 "this run; they work no more",
			 held);
	run_tree_free(r->tree);
	run_eventfds_fini(r);
	if (r->listener >= 0)
		close(r->listener);
	left = run_memory_check(r->memory);
	uiommu_free(r->u);
	run_inject_fini(r);
	run_memory_free(r->memory);
	run_tasks_free(r->tasks);
	run_notify_fini(r);
	if (r->signals >= 0)
		close(r->signals);
	if (r->rootfd >= 0)
		close(r->rootfd);
	return left;
}

/*
 * Started with standard descriptors closed, we would get their numbers for files
 * of our own, and print into one. The client gets them closed, as it would have.
 */
static void occupy_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int run_command(const struct run_config *config)
{
	struct run r = {
		.config = config,
		.listener = -1,
		.signals = -1,
		.rootfd = -1,
		.status = RUN_EXIT_FAILED,
	};
	unsigned int left;

	occupy_standard();
	/* Orphans stay our descendants, whose memory we may read under Yama. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (!set_up(&r) && !run_launch(&r)) {
		raise_limits();
		while (serve(&r))
			;
		settle(&r);
	}
	left = tear_down(&r);
	if (left)
		run_warn("%u objects outlived the last process; please report "
			 "this",
			 left);
	return r.status;
}
