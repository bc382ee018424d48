/* SPDX-License-Identifier: MIT */
/*
 * A program from the time before IOMMUFD: it finds the group of its device in sysfs,
 * puts it into a container, and asks it for the device by name.
 *
 *	legacy container	/dev/vfio/vfio, type1 version 2
 *	legacy type1		the same, version 1: unmaps parts of mappings
 *	legacy iommufd		/dev/iommu in the place of /dev/vfio/vfio
 */
#include <dirent.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "edu.h"

#define IOVA 0x10000000ul
#define SIZE (16 * PAGE)

struct legacy {
	const char *container_path;
	unsigned long type;
	char name[32];
	char group_path[64];
	int container;
	int group;
	struct edu edu;
};

/* The first PCI device that vfio-pci drives, and its group. */
static void find(struct legacy *l)
{
	char path[128], link[256];
	struct dirent *entry;
	DIR *dir = opendir("/sys/bus/pci/drivers/vfio-pci");
	ssize_t n;

	check(dir);
	while ((entry = readdir(dir))) {
		if (strlen(entry->d_name) == 12)
			strcpy(l->name, entry->d_name);
	}
	closedir(dir);
	check(l->name[0]);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group",
		 l->name);
	n = readlink(path, link, sizeof(link) - 1);
	check(n > 0);
	link[n] = '\0';
	snprintf(l->group_path, sizeof(l->group_path), "/dev/vfio/%s",
		 strrchr(link, '/') + 1);
}

/* As DPDK does before anything else. */
static void check_modules(void)
{
	struct stat st;

	check(!stat("/sys/module/vfio", &st) && S_ISDIR(st.st_mode));
	check(!stat("/sys/module/vfio_pci", &st) && S_ISDIR(st.st_mode));
}

static void check_numbers(const struct legacy *l)
{
	char path[64], text[32] = { 0 }, want[32];
	struct stat st;
	int fd;

	check(!stat("/dev/vfio/vfio", &st) && S_ISCHR(st.st_mode));
	check(st.st_rdev == makedev(10, 196));
	check(!stat(l->group_path, &st) && S_ISCHR(st.st_mode));
	snprintf(path, sizeof(path), "/sys/class/vfio/%s/dev",
		 strrchr(l->group_path, '/') + 1);
	fd = open(path, O_RDONLY);
	check(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	snprintf(want, sizeof(want), "%u:%u\n", major(st.st_rdev),
		 minor(st.st_rdev));
	check(!strcmp(text, want));
}

static void open_container(struct legacy *l)
{
	l->container = open(l->container_path, O_RDWR);
	check(l->container >= 0);
	check(ioctl(l->container, VFIO_GET_API_VERSION) == VFIO_API_VERSION);
	check(ioctl(l->container, VFIO_CHECK_EXTENSION, l->type) == 1);
	check(ioctl(l->container, VFIO_CHECK_EXTENSION, VFIO_SPAPR_TCE_IOMMU) ==
	      0);
}

static void open_group(struct legacy *l)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	l->group = open(l->group_path, O_RDWR);
	check(l->group >= 0);
	check(open(l->group_path, O_RDWR) < 0 && errno == EBUSY);
	check(!ioctl(l->group, VFIO_GROUP_GET_STATUS, &status));
	check(status.flags == VFIO_GROUP_FLAGS_VIABLE);
	check(!ioctl(l->group, VFIO_GROUP_SET_CONTAINER, &l->container));
	check(!ioctl(l->group, VFIO_GROUP_GET_STATUS, &status));
	check(status.flags & VFIO_GROUP_FLAGS_CONTAINER_SET);
	check(!ioctl(l->container, VFIO_SET_IOMMU, l->type));
}

/* Capabilities are chained by offsets; a program walks them like this. */
static const void *capability(const struct vfio_iommu_type1_info *info,
			      uint16_t id)
{
	const struct vfio_info_cap_header *cap;
	uint32_t at = info->cap_offset;

	for (; at; at = cap->next) {
		cap = (const void *)((const char *)info + at);
		if (cap->id == id)
			return cap;
	}
	return NULL;
}

static void check_info(const struct legacy *l, bool attached)
{
	const struct vfio_iommu_type1_info_cap_iova_range *ranges;
	struct vfio_iommu_type1_info *info, probe = { .argsz = sizeof(probe) };
	uint32_t i;

	check(!ioctl(l->container, VFIO_IOMMU_GET_INFO, &probe));
	check(probe.flags & VFIO_IOMMU_INFO_CAPS &&
	      probe.argsz > sizeof(probe));
	info = calloc(1, probe.argsz);
	check(info);
	info->argsz = probe.argsz;
	check(!ioctl(l->container, VFIO_IOMMU_GET_INFO, info));
	check(info->iova_pgsizes & PAGE);
	ranges = capability(info, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
	check(ranges && ranges->nr_iovas);
	for (i = 0; i < ranges->nr_iovas; i++)
		check(!attached || ranges->iova_ranges[i].end < 0xfee00000 ||
		      ranges->iova_ranges[i].start > 0xfeefffff);
	check(capability(info, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL));
	free(info);
}

static void open_device(struct legacy *l)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct edu *e = &l->edu;
	char link[64] = { 0 }, path[32];
	struct stat st;

	check(ioctl(l->group, VFIO_GROUP_GET_DEVICE_FD, "0000:7f:1f.7") < 0);
	check(errno == ENODEV);
	e->dev = ioctl(l->group, VFIO_GROUP_GET_DEVICE_FD, l->name);
	check(e->dev >= 0);
	check(fcntl(e->dev, F_GETFD) == FD_CLOEXEC);
	check(!fstat(e->dev, &st) && (st.st_mode & 0777) == 0600);
	check(!S_ISREG(st.st_mode));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", e->dev);
	check(readlink(path, link, sizeof(link) - 1) > 0);
	check(!strcmp(link, "anon_inode:[vfio-device]"));
	check(!ioctl(e->dev, VFIO_DEVICE_GET_INFO, &info));
	check(info.flags & VFIO_DEVICE_FLAGS_PCI);
	e->bar = edu_region(e->dev, VFIO_PCI_BAR0_REGION_INDEX);
	e->config = edu_region(e->dev, VFIO_PCI_CONFIG_REGION_INDEX);
	edu_bus_master(e, true);
}

static int map(const struct legacy *l, const void *ptr, size_t len,
	       uint64_t iova)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)ptr,
		.iova = iova,
		.size = len,
	};

	return ioctl(l->container, VFIO_IOMMU_MAP_DMA, &map) ? errno : 0;
}

/* Return: bytes, or an error number below 0. */
static long unmap(const struct legacy *l, uint64_t iova, size_t len,
		  uint32_t flags)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = flags,
		.iova = iova,
		.size = len,
	};

	return ioctl(l->container, VFIO_IOMMU_UNMAP_DMA, &unmap)
		       ? -errno
		       : (long)unmap.size;
}

static void whole(const struct legacy *l, char *p)
{
	check(unmap(l, IOVA, PAGE, 0) == -ENOENT);
	check(unmap(l, IOVA, SIZE, 0) == (long)SIZE);
	edu_fill(&l->edu, IOVA, 1, 0x33); /* the one fault of this test */
	check(all(p, SIZE, 0x22));
}

static void parts(const struct legacy *l, char *p)
{
	check(unmap(l, IOVA + 2 * PAGE, PAGE, 0) == (long)PAGE);
	edu_fill(&l->edu, IOVA, 2 * PAGE, 0x33);
	edu_fill(&l->edu, IOVA + 3 * PAGE, SIZE - 3 * PAGE, 0x33);
	edu_fill(&l->edu, IOVA + 2 * PAGE, 1, 0x44); /* the one fault */
	check(all(p, 2 * PAGE, 0x33));
	check(all(p + 2 * PAGE, PAGE, 0x22));
	check(all(p + 3 * PAGE, SIZE - 3 * PAGE, 0x33));
	check(unmap(l, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL) == (long)(SIZE - PAGE));
}

static void dma(struct legacy *l, char *p)
{
	int event = eventfd(0, 0);
	uint64_t count = 0;

	check(event >= 0 && !edu_msi(&l->edu, event));
	check(!map(l, p, SIZE, IOVA));
	check(map(l, p, PAGE, IOVA) == EEXIST);
	memset(p, 0x11, SIZE);
	check(edu_sees(&l->edu, IOVA, SIZE, 0x11));
	edu_fill(&l->edu, IOVA, SIZE, 0x22);
	check(all(p, SIZE, 0x22));
	edu_run(&l->edu, EDU_BUFFER, IOVA, 8, 6);
	check(read(event, &count, sizeof(count)) == 8 && count == 1);
	close(event);
	if (l->type == VFIO_TYPE1_IOMMU)
		parts(l, p);
	else
		whole(l, p);
}

/* A second descriptor is the same device, also in another process. */
static void share(struct legacy *l)
{
	int again = ioctl(l->group, VFIO_GROUP_GET_DEVICE_FD, l->name);
	volatile uint32_t *buffer;
	uint32_t word = 0x600d;
	int status;

	check(again >= 0 && again != l->edu.dev);
	buffer = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, again,
		      (off_t)(l->edu.bar + EDU_BUFFER));
	check(buffer != MAP_FAILED);
	check(pwrite(l->edu.dev, &word, 4, (off_t)(l->edu.bar + EDU_BUFFER)) ==
	      4);
	check(*buffer == word);
	close(l->edu.dev);
	l->edu.dev = again;
	if (!fork()) {
		*buffer = 0xf0;
		word = 0;
		check(pread(again, &word, 4,
			    (off_t)(l->edu.bar + EDU_BUFFER)) == 4);
		_exit(word != 0xf0);
	}
	check(wait(&status) > 0 && !status);
	munmap((void *)buffer, PAGE);
}

static void close_all(struct legacy *l)
{
	check(ioctl(l->group, VFIO_GROUP_UNSET_CONTAINER) < 0 &&
	      errno == EBUSY);
	close(l->edu.dev);
	check(!ioctl(l->group, VFIO_GROUP_UNSET_CONTAINER));
	close(l->group);
	close(l->container);
}

int main(int argc, char **argv)
{
	struct legacy l = { .container_path = "/dev/vfio/vfio",
			    .type = VFIO_TYPE1v2_IOMMU };
	char *p = anonymous(SIZE, MAP_PRIVATE);
	int round;

	check(argc == 2);
	if (!strcmp(argv[1], "iommufd"))
		l.container_path = "/dev/iommu";
	if (!strcmp(argv[1], "type1"))
		l.type = VFIO_TYPE1_IOMMU;
	find(&l);
	check_modules();
	check_numbers(&l);
	for (round = 0; round < 2; round++) {
		open_container(&l);
		open_group(&l);
		check_info(&l, false);
		open_device(&l);
		check_info(&l, true);
		dma(&l, p);
		share(&l);
		close_all(&l);
	}
	return 0;
}
