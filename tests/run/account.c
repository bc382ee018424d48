/* SPDX-License-Identifier: MIT */
/*
 * account HOW - VmPin and VmLck in /proc, RLIMIT_MEMLOCK, and another process that
 * takes over.
 *
 *	user	pins count for the user
 *	process	and for the process, with IOMMU_OPTION_RLIMIT_MODE
 *	container	the same through /dev/vfio/vfio
 *	change	IOMMU_IOAS_CHANGE_PROCESS
 */
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/capability.h>

#include "edu.h"

#define IOVA 0x10000000ul
#define NR   16ul
#define LEN  (NR * PAGE)

static struct edu e;

/* A number of kB in a status file, in pages. */
static unsigned long read_field(const char *path, const char *name)
{
	size_t len = strlen(name);
	unsigned long kb = 0;
	char line[256];
	FILE *f = fopen(path, "r");

	check(f);
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, len) && line[len] == ':')
			check(sscanf(line + len + 1, "%lu kB", &kb) == 1);
	}
	fclose(f);
	return kb / 4;
}

static void expect(unsigned long pinned, unsigned long locked)
{
	char path[64];

	check(read_field("/proc/self/status", "VmPin") == pinned);
	check(read_field("/proc/self/status", "VmLck") == locked);
	snprintf(path, sizeof(path), "/proc/%d/status", getpid());
	check(read_field(path, "VmPin") == pinned);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", getpid(),
		 getpid());
	check(read_field(path, "VmLck") == locked);
	/* The rest is the system's. */
	check(read_field("/proc/self/status", "VmRSS"));
	check(read_field("/proc/self/status", "VmSize"));
}

static void by_descriptor(unsigned long pinned)
{
	int dir = open("/proc/self", O_RDONLY | O_DIRECTORY);
	int fd = openat(dir, "status", O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	check(n > 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	text[n] = '\0';
	check(strtoul(strstr(text, "VmPin:") + 6, NULL, 10) == pinned * 4);
	check(write(fd, "x", 1) < 0);
	close(fd);
	close(dir);
}

static void set_limit(unsigned long pages)
{
	struct rlimit limit = { pages * PAGE, pages * PAGE };

	check(!setrlimit(RLIMIT_MEMLOCK, &limit));
}

/* Map, attach and unmap; @mode 1: what is pinned is locked by the process, too. */
static void map_and_unmap(unsigned int mode)
{
	char *p = anonymous(LEN, MAP_PRIVATE);

	expect(0, 0);
	check(!edu_map(&e, p, LEN, IOVA));
	/* Nothing needs it yet. */
	expect(0, 0);
	check(!edu_attach(&e, e.ioas));
	expect(NR, NR * mode);
	by_descriptor(NR);
	check(!edu_map(&e, p, PAGE, 0));
	expect(NR + 1, (NR + 1) * mode);
	check(!edu_unmap(&e, IOVA, LEN));
	expect(1, mode);
	/* Another process has pinned nothing. */
	if (!fork()) {
		expect(0, 0);
		_exit(0);
	}
	check(wait(NULL) > 0);
	check(!edu_unmap(&e, 0, UINT64_MAX));
	expect(0, 0);
}

static void user(void)
{
	edu_open(&e, false);
	map_and_unmap(0);
}

/* Keep all privileges but that to lock without limit. */
static void drop_ipc_lock(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	check(!syscall(SYS_capget, &header, data));
	data[0].effective &= ~(1u << CAP_IPC_LOCK);
	check(!syscall(SYS_capset, &header, data));
}

static int rlimit_mode(uint16_t op, uint64_t value)
{
	struct iommu_option option = { .size = sizeof(option),
				       .option_id = IOMMU_OPTION_RLIMIT_MODE,
				       .op = op,
				       .val64 = value };

	if (ioctl(e.iommu, IOMMU_OPTION, &option))
		return -errno;
	return (int)option.val64;
}

static void process(void)
{
	char *p = anonymous(LEN, MAP_PRIVATE);
	int error;

	e.iommu = open("/dev/iommu", O_RDWR);
	e.dev = open("/dev/vfio/devices/vfio0", O_RDWR);
	check(e.iommu >= 0 && e.dev >= 0);
	check(rlimit_mode(IOMMU_OPTION_OP_GET, 0) == 0);
	/* Everybody is privileged in a name space of his own. */
	error = rlimit_mode(IOMMU_OPTION_OP_SET, 1);
	check(error == -EPERM || error == 1);
	if (error < 0 && unshare(CLONE_NEWUSER))
		skip("no privilege and no user name space");
	check(rlimit_mode(IOMMU_OPTION_OP_SET, 1) == 1);
	check(rlimit_mode(IOMMU_OPTION_OP_GET, 0) == 1);
	check(!edu_bind(&e));
	e.ioas = edu_ioas(e.iommu);
	check(rlimit_mode(IOMMU_OPTION_OP_SET, 0) == -EBUSY);
	drop_ipc_lock();
	map_and_unmap(1);
	/* What the process has locked by itself counts. */
	set_limit(NR + 2);
	check(!edu_map(&e, p, LEN, IOVA));
	check(!edu_unmap(&e, IOVA, LEN));
	check(!mlock(p, 3 * PAGE));
	check(edu_map(&e, p, LEN, IOVA) == ENOMEM);
	check(!munlock(p, 3 * PAGE));
	check(!edu_map(&e, p, LEN, IOVA));
}

/* What is pinned through /dev/vfio/vfio is always locked by the process. */
static void container(void)
{
	int fd = open("/dev/vfio/vfio", O_RDWR);
	int group = open("/dev/vfio/0", O_RDWR);
	char *p = anonymous(LEN, MAP_PRIVATE);
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)p,
		.iova = IOVA,
		.size = LEN,
	};
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof(unmap),
						    .iova = IOVA,
						    .size = LEN };

	check(fd >= 0 && group >= 0);
	drop_ipc_lock();
	check(!ioctl(group, VFIO_GROUP_SET_CONTAINER, &fd));
	check(!ioctl(fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU));
	check(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, "0000:00:01.0") >= 0);
	check(!ioctl(fd, VFIO_IOMMU_MAP_DMA, &map));
	expect(NR, NR);
	check(!ioctl(fd, VFIO_IOMMU_UNMAP_DMA, &unmap));
	expect(0, 0);
	set_limit(NR - 1);
	check(ioctl(fd, VFIO_IOMMU_MAP_DMA, &map) && errno == ENOMEM);
	expect(0, 0);
}

static int change_process(void)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd) };

	return ioctl(e.iommu, IOMMU_IOAS_CHANGE_PROCESS, &cmd) ? errno : 0;
}

/* A new process takes over; the old one pays no more. */
static void change(void)
{
	int fd = memfd_create("change", 0), up[2], down[2];
	char c = 0;
	char *p;

	check(fd >= 0 && !ftruncate(fd, LEN) && !pipe(up) && !pipe(down));
	/* What a privileged process has pinned would stay its own. */
	drop_ipc_lock();
	edu_open(&e, true);
	check(!edu_map_file(&e, fd, 0, LEN, IOVA));
	expect(NR, 0);
	check(!change_process());
	if (!fork()) {
		expect(0, 0);
		if (geteuid()) {
			set_limit(NR - 1);
			/* The limit is the user's: what it has counts already. */
			check(change_process() == ENOMEM);
			expect(0, 0);
			exit(0);
		}
		check(!change_process());
		expect(NR, 0);
		check(write(up[1], &c, 1) == 1 && read(down[0], &c, 1) == 1);
		check(!edu_unmap(&e, IOVA, LEN));
		expect(0, 0);
		exit(0);
	}
	if (!geteuid()) {
		check(read(up[0], &c, 1) == 1);
		expect(0, 0);
		edu_fill(&e, IOVA, LEN, 0x42);
		check(write(down[1], &c, 1) == 1);
	}
	check(wait(NULL) > 0);
	/* Memory that is no file's stays with its process. */
	p = anonymous(LEN, MAP_PRIVATE);
	check(!edu_map(&e, p, LEN, 2 * IOVA));
	check(change_process() == EINVAL);
}

int main(int argc, char **argv)
{
	check(argc == 2);
	if (!strcmp(argv[1], "user"))
		user();
	else if (!strcmp(argv[1], "process"))
		process();
	else if (!strcmp(argv[1], "container"))
		container();
	else
		change();
	return 0;
}
