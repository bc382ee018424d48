/* SPDX-License-Identifier: MIT */
/*
 * Processes: what they pay for pinned memory, and contexts that several share. These
 * are not for a client in the engine's own process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "client.h"

/* A number of KiB in /proc/self/status. */
static long long status(struct client *c, const char *field)
{
	FILE *f = fopen("/proc/self/status", "re");
	size_t len = strlen(field);
	long long value = -1;
	char line[256];

	holds(c, f);
	while (value < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, len) && line[len] == ':')
			value = strtoll(line + len + 1, NULL, 10);
	fclose(f);
	return value;
}

/* Run the rest of a check in a child, which has what we have. */
static void in_child(struct client *c, void (*rest)(struct client *c))
{
	char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int state = -1;
	pid_t child;

	holds(c, shared != MAP_FAILED);
	child = fork();
	if (!child) {
		if (!setjmp(c->stop))
			rest(c);
		if (c->skip)
			strcpy(shared + 512, c->skip);
		strcpy(shared, c->complaint);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, &state, 0);
	memcpy(c->complaint, shared, sizeof(c->complaint));
	if (shared[512])
		c->skip = strdup(shared + 512);
	munmap(shared, PAGE);
	if (c->complaint[0] || c->skip)
		longjmp(c->stop, 1);
	is(c, state, 0);
}

/* Be an ordinary user, as far as limits go. */
static void drop_privileges(struct client *c)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	memset(data, 0, sizeof(data));
	is(c, syscall(SYS_capget, &header, data), 0);
	data[0].effective &= ~(1U << CAP_IPC_LOCK | 1U << CAP_SYS_RESOURCE);
	is(c, syscall(SYS_capset, &header, data), 0);
}

static void limit_to(struct client *c, uint64_t bytes)
{
	struct rlimit limit;

	is(c, getrlimit(RLIMIT_MEMLOCK, &limit), 0);
	limit.rlim_cur = bytes;
	is(c, setrlimit(RLIMIT_MEMLOCK, &limit), 0);
}

static void unprivileged_option(struct client *c)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_SET,
		.val64 = 1,
	};

	drop_privileges(c);
	is(c, call(c, IOMMU_OPTION, &cmd), -EPERM);
	cmd.op = IOMMU_OPTION_OP_GET;
	is(c, call(c, IOMMU_OPTION, &cmd), 0);
	is(c, cmd.val64, 0);
}

static void option_needs_privilege(struct client *c, const void *arg)
{
	in_child(c, unprivileged_option);
}

static void beyond_limit(struct client *c)
{
	uint32_t ioas = attached_ioas(c);

	drop_privileges(c);
	limit_to(c, 16 * PAGE);
	is(c, map_at(c, ioas, 0, 64 * PAGE, IOVA), -ENOMEM);
	is(c, map_at(c, ioas, 0, 8 * PAGE, IOVA), 0);
	is(c, unmapped(c, ioas, IOVA, 8 * PAGE), 8 * PAGE);
	is(c, map_at(c, ioas, 0, 8 * PAGE, IOVA), 0);
}

static void limited(struct client *c, const void *arg)
{
	in_child(c, beyond_limit);
}

static void lazily_limited(struct client *c)
{
	uint32_t ioas = new_ioas(c), pt = ioas;

	drop_privileges(c);
	limit_to(c, 16 * PAGE);
	is(c, map_at(c, ioas, 0, 64 * PAGE, IOVA), 0);
	bind_device(c);
	is(c, attach(c, &pt), -ENOMEM);
	is(c, unmapped(c, ioas, IOVA, 64 * PAGE), 64 * PAGE);
	pt = ioas;
	is(c, attach(c, &pt), 0);
}

static void limited_when_pinned(struct client *c, const void *arg)
{
	in_child(c, lazily_limited);
}

static bool may_lock(struct client *c)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	is(c, syscall(SYS_capget, &header, data), 0);
	return data[0].effective & 1U << CAP_IPC_LOCK;
}

static void beyond_all(struct client *c)
{
	uint32_t ioas = attached_ioas(c);

	limit_to(c, 16 * PAGE);
	is(c, map_at(c, ioas, 0, 64 * PAGE, IOVA), may_lock(c) ? 0 : -ENOMEM);
}

static void not_limited(struct client *c, const void *arg)
{
	in_child(c, beyond_all);
}

static void pinned(struct client *c, const void *arg)
{
	uint32_t ioas = attached_ioas(c);
	long long pin = status(c, "VmPin"), lock = status(c, "VmLck");

	is(c, map_at(c, ioas, 0, 64 * PAGE, IOVA), 0);
	is(c, status(c, "VmPin") - pin, 64 * 4);
	is(c, status(c, "VmLck") - lock, 0);
	is(c, unmapped(c, ioas, IOVA, 64 * PAGE), 64 * PAGE);
	is(c, status(c, "VmPin"), pin);
}

static void pinned_once(struct client *c, const void *arg)
{
	uint32_t ioas = attached_ioas(c);
	long long pin = status(c, "VmPin");
	struct iommu_ioas_copy copy = {
		.size = sizeof(copy),
		.flags = FIXED,
		.dst_ioas_id = ioas,
		.src_ioas_id = ioas,
		.length = 64 * PAGE,
		.dst_iova = IOVA + MEGA,
		.src_iova = IOVA,
	};

	is(c, map_at(c, ioas, 0, 64 * PAGE, IOVA), 0);
	is(c, call(c, IOMMU_IOAS_COPY, &copy), 0);
	is(c, status(c, "VmPin") - pin, 64 * 4);
	is(c, unmapped(c, ioas, IOVA, 64 * PAGE), 64 * PAGE);
	is(c, status(c, "VmPin") - pin, 64 * 4);
	is(c, unmapped(c, ioas, IOVA + MEGA, 64 * PAGE), 64 * PAGE);
	is(c, status(c, "VmPin"), pin);
}

static void not_pinned(struct client *c, const void *arg)
{
	long long pin = status(c, "VmPin");

	is(c, map_at(c, new_ioas(c), 0, 64 * PAGE, IOVA), 0);
	is(c, status(c, "VmPin"), pin);
}

static void locks(struct client *c)
{
	long long lock;
	uint32_t ioas;

	drop_privileges(c);
	ioas = attached_ioas(c);
	lock = status(c, "VmLck");
	is(c, map_at(c, ioas, 0, 8 * PAGE, IOVA), 0);
	is(c, status(c, "VmLck") - lock, 8 * 4);
	is(c, unmapped(c, ioas, IOVA, 8 * PAGE), 8 * PAGE);
	is(c, status(c, "VmLck"), lock);
}

/* A container counts by process without being told to. */
static void locked(struct client *c, const void *arg)
{
	int fd = sys_open("/dev/vfio/vfio");
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_GET,
	};

	if (fd < 0)
		skip(c, "needs /dev/vfio/vfio");
	sys_close(c->fd);
	c->fd = fd;
	if (call(c, IOMMU_OPTION, &cmd))
		skip(c, "containers are not made of IOMMUFD here");
	in_child(c, locks);
}

/* ---- Several processes --------------------------------------------- */

static void child_allocates(struct client *c)
{
	is(c, new_ioas(c), 2);
	is(c, destroy(c, 1), 0);
}

static void forked(struct client *c, const void *arg)
{
	is(c, new_ioas(c), 1);
	in_child(c, child_allocates);
	is(c, destroy(c, 1), -ENOENT);
	is(c, destroy(c, 2), 0);
}

static void child_unmaps(struct client *c)
{
	is(c, unmapped(c, 1, IOVA, PAGE), PAGE);
	is(c, map_at(c, 1, 0, PAGE, IOVA + PAGE), 0);
}

static void forked_maps(struct client *c, const void *arg)
{
	is(c, new_ioas(c), 1);
	is(c, map_at(c, 1, 0, PAGE, IOVA), 0);
	in_child(c, child_unmaps);
	/* What the child has mapped outlives it. */
	is(c, unmapped(c, 1, IOVA + PAGE, PAGE), PAGE);
}

static long change_process(struct client *c)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd) };

	return call(c, IOMMU_IOAS_CHANGE_PROCESS, &cmd);
}

static void change_reserved(struct client *c, const void *arg)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd),
						 .__reserved = 1 };

	is(c, call(c, IOMMU_IOAS_CHANGE_PROCESS, &cmd), -EOPNOTSUPP);
}

static void change_memory(struct client *c, const void *arg)
{
	uint32_t ioas = new_ioas(c);

	is(c, map_at(c, ioas, 0, PAGE, IOVA), 0);
	is(c, change_process(c), -EINVAL);
	is(c, unmapped(c, ioas, IOVA, PAGE), PAGE);
	is(c, change_process(c), 0);
}

static void child_takes_over(struct client *c)
{
	long long pin = status(c, "VmPin");

	is(c, change_process(c), 0);
	is(c, status(c, "VmPin") - pin, 16 * 4);
	is(c, change_process(c), 0);
	is(c, status(c, "VmPin") - pin, 16 * 4);
}

static void child_has_none(struct client *c)
{
	long long pin = status(c, "VmPin");

	is(c, change_process(c), 0);
	is(c, status(c, "VmPin") - pin, 0);
}

/* 16 pages of a file, pinned; then what @child does in another process. */
static void with_file(struct client *c, void (*child)(struct client *c))
{
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = FIXED,
		.ioas_id = attached_ioas(c),
		.fd = memfd_create("conformance", MFD_CLOEXEC),
		.length = 16 * PAGE,
		.iova = IOVA,
	};
	long long pin = status(c, "VmPin");
	long rc;

	holds(c, cmd.fd >= 0 && !ftruncate(cmd.fd, 16 * PAGE));
	rc = call(c, IOMMU_IOAS_MAP_FILE, &cmd);
	close(cmd.fd);
	is(c, rc, 0);
	is(c, status(c, "VmPin") - pin, 16 * 4);
	in_child(c, child);
	is(c, status(c, "VmPin") - pin, child == child_has_none ? 16 * 4 : 0);
}

static void unprivileged_change(struct client *c)
{
	drop_privileges(c);
	with_file(c, child_takes_over);
}

static void change_file(struct client *c, const void *arg)
{
	in_child(c, unprivileged_change);
}

static bool has_ipc_lock(struct client *c)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	is(c, syscall(SYS_capget, &header, data), 0);
	return data[0].effective & 1U << CAP_IPC_LOCK;
}

static void change_privileged(struct client *c, const void *arg)
{
	/* Nobody else has such pins. */
	if (has_ipc_lock(c))
		with_file(c, child_has_none);
}

static const struct rule rules[] = {
	{ "RLIMIT_MODE: setting it without CAP_SYS_RESOURCE is EPERM",
	  option_needs_privilege, NULL },
	{ "pinned memory beyond RLIMIT_MEMLOCK is ENOMEM", limited, NULL },
	{ "memory is counted when it is pinned, not when it is mapped",
	  limited_when_pinned, NULL },
	{ "RLIMIT_MEMLOCK does not limit those who have CAP_IPC_LOCK",
	  not_limited, NULL },
	{ "VmPin counts what is pinned; VmLck does not", pinned, NULL },
	{ "VmPin counts a page once, however often it is copied", pinned_once,
	  NULL },
	{ "VmPin does not count what no device needs", not_pinned, NULL },
	{ "VmLck counts what the unprivileged pin in RLIMIT_MODE 1, which "
	  "containers have",
	  locked, NULL },
	{ "a context is the same one after fork", forked, NULL },
	{ "what a child has mapped outlives it", forked_maps, NULL },
	{ "CHANGE_PROCESS: reserved bits that are set are EOPNOTSUPP",
	  change_reserved, NULL },
	{ "CHANGE_PROCESS: with memory that is of no file it is EINVAL",
	  change_memory, NULL },
	{ "CHANGE_PROCESS: what a privileged process has pinned stays its own",
	  change_privileged, NULL },
	{ "CHANGE_PROCESS: pinned files are the caller's from then on",
	  change_file, NULL },
};

const struct rules process_rules = RULES(rules);
