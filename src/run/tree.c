/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <uiommu/uiommu.h>

#include "supervisor.h"
#include "tree.h"

/* Device numbers: misc (10) as Linux documents it; others get dynamic majors. */
#define MISC_MAJOR       10
#define VFIO_MINOR       196
#define IOMMU_MINOR      125
#define VFIO_CDEV_MAJOR  511
#define VFIO_GROUP_MAJOR 510

#define MAX_DEVICES 32
#define MAX_ROOTS   (16 + 3 * MAX_DEVICES)
#define MAX_NODES   (2 + 2 * MAX_DEVICES)

struct run_tree {
	char dir[PATH_MAX];
	int fd;
	dev_t dev;
	struct uiommu *u;
	unsigned int nr_roots;
	char root[MAX_ROOTS][64];
	unsigned int nr_nodes;
	struct run_node node[MAX_NODES];
	int error; /* the first thing that failed */
};

static void remember(struct run_tree *t, int error)
{
	if (!t->error)
		t->error = error;
}

static void __attribute__((format(printf, 2, 3)))
root(struct run_tree *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(t->root[t->nr_roots++], sizeof(t->root[0]), format, ap);
	va_end(ap);
}

/* Make the directories above @path, which is relative to the tree. */
static void parents(struct run_tree *t, const char *path)
{
	char part[PATH_MAX];
	const char *slash;

	for (slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(t->fd, part, 0755) && errno != EEXIST)
			remember(t, -errno);
	}
}

static void __attribute__((format(printf, 2, 3)))
directory(struct run_tree *t, const char *format, ...)
{
	char path[PATH_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(path, sizeof(path) - 1, format, ap);
	va_end(ap);
	strcat(path, "/");
	parents(t, path);
}

static void put_file(struct run_tree *t, const char *path, const void *data,
		     size_t len)
{
	int fd;

	parents(t, path);
	unlinkat(t->fd, path, 0);
	fd = openat(t->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    strncmp(path, &RUN_TREE_DEBUG[1],
			    strlen(RUN_TREE_DEBUG) - 1)
			    ? 0444
			    : 0644);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		remember(t, errno ? -errno : -EIO);
	if (fd >= 0)
		close(fd);
}

/* An attribute of the device directory @dir: one line. */
static void __attribute__((format(printf, 4, 5)))
attr(struct run_tree *t, const char *dir, const char *name, const char *format,
     ...)
{
	char path[PATH_MAX], text[256];
	va_list ap;
	int len;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	va_start(ap, format);
	len = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	put_file(t, path, text, (size_t)len);
}

static void __attribute__((format(printf, 3, 4)))
symlink_to(struct run_tree *t, const char *path, const char *format, ...)
{
	char target[PATH_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(target, sizeof(target), format, ap);
	va_end(ap);
	parents(t, path);
	if (symlinkat(target, t->fd, path))
		remember(t, -errno);
}

static struct run_node *node(struct run_tree *t, enum run_kind kind, dev_t rdev,
			     const char *path)
{
	struct run_node *n = &t->node[t->nr_nodes++];
	struct stat st;

	snprintf(n->path, sizeof(n->path), "%s", path);
	n->kind = kind;
	n->rdev = rdev;
	parents(t, path + 1);
	/*
	 * A listing should call it a character device. The number 0:0 is the one
	 * that needs no privilege; nobody opens it.
	 */
	if (mknodat(t->fd, path + 1, S_IFCHR | 0666, makedev(0, 0)) &&
	    mknodat(t->fd, path + 1, S_IFREG | 0666, 0))
		remember(t, -errno);
	if (fstatat(t->fd, path + 1, &st, AT_SYMLINK_NOFOLLOW))
		remember(t, -errno);
	else
		n->ino = st.st_ino;
	return n;
}

static unsigned int config16(const struct uiommu_device_info *info,
			     unsigned int offset)
{
	return info->config[offset] | (unsigned int)info->config[offset + 1]
					      << 8;
}

/* PCI 3.0 6.1: the registers of a type 0 header that sysfs shows one by one. */
static void identity(struct run_tree *t, const char *dir,
		     const struct uiommu_device_info *info)
{
	const uint8_t *c = info->config;
	unsigned int class = c[9] | (unsigned int)c[10] << 8 |
			     (unsigned int)c[11] << 16;

	attr(t, dir, "vendor", "0x%04x\n", config16(info, 0));
	attr(t, dir, "device", "0x%04x\n", config16(info, 2));
	attr(t, dir, "revision", "0x%02x\n", c[8]);
	attr(t, dir, "class", "0x%06x\n", class);
	attr(t, dir, "subsystem_vendor", "0x%04x\n", config16(info, 0x2c));
	attr(t, dir, "subsystem_device", "0x%04x\n", config16(info, 0x2e));
	attr(t, dir, "irq", "%u\n", c[0x3c]);
	attr(t, dir, "numa_node", "-1\n");
	attr(t, dir, "enable", "0\n");
	attr(t, dir, "dma_mask_bits", "64\n");
	attr(t, dir, "driver_override", "vfio-pci\n");
	attr(t, dir, "modalias",
	     "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X\n", config16(info, 0),
	     config16(info, 2), config16(info, 0x2c), config16(info, 0x2e),
	     c[11], c[10], c[9]);
	attr(t, dir, "uevent",
	     "DRIVER=vfio-pci\nPCI_CLASS=%X\nPCI_ID=%04X:%04X\n"
	     "PCI_SLOT_NAME=%s\n",
	     class, config16(info, 0), config16(info, 2), info->bdf);
}

/*
 * One line per BAR, then ROM and the six of SR-IOV: first and last address and
 * flags. Nothing decodes these addresses: clients go through VFIO.
 */
static void resources(struct run_tree *t, const char *dir,
		      const struct uiommu_device_info *info)
{
	const unsigned int mem = 0x40200; /* memory, aligned to its size */
	uint64_t base = 0xe0000000 + ((uint64_t)info->index << 24);
	char text[1024], path[128];
	size_t len = 0;
	uint64_t size;
	unsigned int i;

	for (i = 0; i < 13; i++) {
		size = i < 6 ? info->bar_size[i] : 0;
		len += (size_t)snprintf(
			text + len, sizeof(text) - len,
			"0x%016llx 0x%016llx 0x%016llx\n",
			(unsigned long long)(size ? base : 0),
			(unsigned long long)(size ? base + size - 1 : 0),
			(unsigned long long)(size ? mem : 0));
		base += size;
	}
	snprintf(path, sizeof(path), "%s/resource", dir);
	put_file(t, path, text, len);
}

static void iommu_group(struct run_tree *t, const char *dir,
			const struct uiommu_device_info *info)
{
	char path[128], group[64];

	snprintf(group, sizeof(group), "sys/kernel/iommu_groups/%u",
		 info->group);
	snprintf(path, sizeof(path), "%s/iommu_group", dir);
	symlink_to(t, path, "../../../kernel/iommu_groups/%u", info->group);
	snprintf(path, sizeof(path), "%s/devices/%s", group, info->bdf);
	symlink_to(t, path, "../../../../devices/pci%.7s/%s", info->bdf,
		   info->bdf);
	attr(t, group, "type", "DMA\n");
	attr(t, group, "reserved_regions",
	     "0x00000000fee00000 0x00000000feefffff msi\n");
}

/* /dev/vfio/N; udev and those who know it look for it by its class. */
static void vfio_group(struct run_tree *t,
		       const struct uiommu_device_info *info)
{
	dev_t rdev = makedev(VFIO_GROUP_MAJOR, info->group);
	char path[128], dir[64], link[64];

	snprintf(path, sizeof(path), "/dev/vfio/%u", info->group);
	node(t, RUN_GROUP, rdev, path)->group = info->group;
	snprintf(dir, sizeof(dir), "sys/devices/virtual/vfio/%u", info->group);
	attr(t, dir, "dev", "%u:%u\n", major(rdev), minor(rdev));
	attr(t, dir, "uevent", "MAJOR=%u\nMINOR=%u\nDEVNAME=vfio/%u\n",
	     major(rdev), minor(rdev), info->group);
	snprintf(path, sizeof(path), "%s/subsystem", dir);
	symlink_to(t, path, "../../../../class/vfio");
	snprintf(link, sizeof(link), "sys/class/vfio/%u", info->group);
	symlink_to(t, link, "../../devices/virtual/vfio/%u", info->group);
	snprintf(link, sizeof(link), "sys/dev/char/%u:%u", major(rdev),
		 minor(rdev));
	symlink_to(t, link, "../../devices/virtual/vfio/%u", info->group);
	root(t, "/%s", link);
}

static void vfio_cdev(struct run_tree *t, struct uiommu_device *device,
		      const char *dir, const struct uiommu_device_info *info)
{
	dev_t rdev = makedev(VFIO_CDEV_MAJOR, info->index);
	char path[128], vfio[112], link[128], name[32];

	snprintf(name, sizeof(name), "%svfio%u",
		 info->no_iommu ? "noiommu-" : "", info->index);
	snprintf(path, sizeof(path), "/dev/vfio/devices/%s", name);
	node(t, RUN_CDEV, rdev, path)->device = device;
	snprintf(vfio, sizeof(vfio), "%s/vfio-dev/%s", dir, name);
	attr(t, vfio, "dev", "%u:%u\n", major(rdev), minor(rdev));
	attr(t, vfio, "uevent", "MAJOR=%u\nMINOR=%u\nDEVNAME=vfio/devices/%s\n",
	     major(rdev), minor(rdev), name);
	snprintf(link, sizeof(link), "%s/device", vfio);
	symlink_to(t, link, "../../../%s", info->bdf);
	snprintf(link, sizeof(link), "%s/subsystem", vfio);
	symlink_to(t, link, "../../../../../class/vfio-dev");
	snprintf(link, sizeof(link), "sys/class/vfio-dev/%s", name);
	symlink_to(t, link, "../../devices/pci%.7s/%s/vfio-dev/%s", info->bdf,
		   info->bdf, name);
	snprintf(link, sizeof(link), "sys/dev/char/%u:%u", major(rdev),
		 minor(rdev));
	symlink_to(t, link, "../../devices/pci%.7s/%s/vfio-dev/%s", info->bdf,
		   info->bdf, name);
	root(t, "/%s", link);
}

static void config_space(struct run_tree *t, const char *dir,
			 const struct uiommu_device_info *info)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/config", dir);
	put_file(t, path, info->config, sizeof(info->config));
}

static void pci_device(struct run_tree *t, struct uiommu_device *device)
{
	static const char *const by_bus[] = { "sys/bus/pci/devices",
					      "sys/bus/pci/drivers/vfio-pci" };
	struct uiommu_device_info info;
	char dir[64], path[128];
	unsigned int i;

	uiommu_device_info(device, &info);
	snprintf(dir, sizeof(dir), "sys/devices/pci%.7s/%s", info.bdf,
		 info.bdf);
	root(t, "/%s", dir);
	identity(t, dir, &info);
	resources(t, dir, &info);
	config_space(t, dir, &info);
	if (!info.no_iommu) {
		iommu_group(t, dir, &info);
		vfio_group(t, &info);
	}
	vfio_cdev(t, device, dir, &info);
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", by_bus[i], info.bdf);
		symlink_to(t, path, "../../../%sdevices/pci%.7s/%s",
			   i ? "../" : "", info.bdf, info.bdf);
	}
	snprintf(path, sizeof(path), "%s/driver", dir);
	symlink_to(t, path, "../../../bus/pci/drivers/vfio-pci");
	snprintf(path, sizeof(path), "%s/subsystem", dir);
	symlink_to(t, path, "../../../bus/pci");
	if (info.no_iommu)
		return;
	snprintf(path, sizeof(path), "%s/iommu", dir);
	symlink_to(t, path, "../../virtual/iommu/uiommu0");
	snprintf(path, sizeof(path),
		 "sys/devices/virtual/iommu/uiommu0/devices/%s", info.bdf);
	symlink_to(t, path, "../../../../pci%.7s/%s", info.bdf, info.bdf);
}

static bool any_without_iommu(struct uiommu *u)
{
	struct uiommu_device_info info;
	unsigned int i;

	for (i = 0; i < uiommu_nr_devices(u); i++) {
		uiommu_device_info(uiommu_device(u, i), &info);
		if (info.no_iommu)
			return true;
	}
	return false;
}

static void common(struct run_tree *t)
{
	static const char *const roots[] = {
		"/dev/iommu",
		"/dev/vfio",
		"/sys/bus/pci/devices",
		"/sys/bus/pci/drivers/vfio-pci",
		"/sys/class/iommu",
		"/sys/class/vfio",
		"/sys/class/vfio-dev",
		"/sys/devices/virtual/iommu",
		"/sys/devices/virtual/vfio",
		"/sys/kernel/iommu_groups",
		"/sys/module/iommufd",
		"/sys/module/vfio",
		"/sys/module/vfio_pci",
	};
	size_t i;

	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		root(t, "%s", roots[i]);
		if (i)
			directory(t, "%s", roots[i] + 1);
	}
	directory(t, "dev/vfio/devices");
	directory(t, "sys/devices/virtual/iommu/uiommu0/devices");
	symlink_to(t, "sys/class/iommu/uiommu0",
		   "../../devices/virtual/iommu/uiommu0");
	/* Programs look here whether VFIO is there at all. */
	attr(t, "sys/module/vfio/parameters", "enable_unsafe_noiommu_mode",
	     any_without_iommu(t->u) ? "Y\n" : "N\n");
	node(t, RUN_IOMMU, makedev(MISC_MAJOR, IOMMU_MINOR), "/dev/iommu");
	node(t, RUN_CONTAINER, makedev(MISC_MAJOR, VFIO_MINOR),
	     "/dev/vfio/vfio");
}

/*
 * Linux, "Fault injection capabilities infrastructure": programs that use fail-nth set
 * these first. Here they mean nothing: fail-nth goes before them.
 */
static void fault_injection(struct run_tree *t)
{
	static const char *const dir[] = { "failslab", "fail_page_alloc",
					   "fail_usercopy", "fail_iommufd" };
	static const char *const name[] = {
		"probability",  "interval",        "times",
		"space",        "verbose",         "task-filter",
		"cache-filter", "ignore-gfp-wait", "ignore-gfp-highmem",
		"min-order",    "stacktrace-depth"
	};
	char path[64];
	size_t i, j;

	root(t, RUN_TREE_DEBUG);
	for (i = 0; i < sizeof(dir) / sizeof(dir[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", &RUN_TREE_DEBUG[1],
			 dir[i]);
		for (j = 0; j < sizeof(name) / sizeof(name[0]); j++)
			attr(t, path, name[j], "0\n");
	}
}

/* As /proc names it, by which it is known again: no links, no "//" or "..". */
static int name_directory(struct run_tree *t)
{
	char link[32], path[PATH_MAX];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", t->fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return -errno;
	path[len] = '\0';
	strcpy(t->dir, path);
	return 0;
}

/* Where the user says, else in memory, else where there is always a place. */
static int make_directory(struct run_tree *t)
{
	const char *base[] = { getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"),
			       "/dev/shm", "/tmp" };
	size_t i;

	for (i = 0; i < 4; i++) {
		if (!base[i] || base[i][0] != '/')
			continue;
		snprintf(t->dir, sizeof(t->dir), "%s/uiommu-XXXXXX", base[i]);
		if (mkdtemp(t->dir))
			break;
	}
	if (i == 4) {
		t->dir[0] = '\0';
		return -errno;
	}
	t->fd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return t->fd < 0 ? -errno : name_directory(t);
}

int run_tree_new(struct uiommu *u, bool mock, struct run_tree **out)
{
	struct run_tree *t = calloc(1, sizeof(*t));
	mode_t mask = umask(0);
	struct stat st;
	unsigned int i;

	if (!t)
		return -ENOMEM;
	t->fd = -1;
	t->u = u;
	t->error = make_directory(t);
	if (!t->error) {
		common(t);
		if (mock)
			fault_injection(t);
		for (i = 0; i < uiommu_nr_devices(u) && i < MAX_DEVICES; i++)
			pci_device(t, uiommu_device(u, i));
		t->dev = fstat(t->fd, &st) ? 0 : st.st_dev;
	}
	umask(mask);
	if (t->error) {
		run_warn("cannot build the modelled /dev and /sys in '%s': %s; "
			 "%s",
			 t->dir[0] ? t->dir : "/tmp", strerror(-t->error),
			 t->error == -EMFILE
				 ? "raise 'ulimit -n'"
				 : "set TMPDIR to a directory with room");
		i = (unsigned int)-t->error;
		run_tree_free(t);
		return -(int)i;
	}
	*out = t;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	return remove(path);
}

void run_tree_free(struct run_tree *t)
{
	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	if (t->dir[0])
		nftw(t->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(t);
}

int run_tree_fd(const struct run_tree *t)
{
	return t->fd;
}

const char *run_tree_dir(const struct run_tree *t)
{
	return t->dir;
}

/* Is @path @dir or something below it? */
static bool within(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && (!path[len] || path[len] == '/');
}

bool run_tree_writable(const char *path)
{
	return within(path, RUN_TREE_DEBUG);
}

enum run_place run_tree_place(const struct run_tree *t, const char *path)
{
	enum run_place place = RUN_OUTSIDE;
	unsigned int i;

	if (!within(path, "/dev") && !within(path, "/sys"))
		return RUN_OUTSIDE;
	for (i = 0; i < t->nr_roots; i++) {
		if (within(path, t->root[i]))
			return RUN_INSIDE;
		if (within(t->root[i], path))
			place = RUN_ABOVE;
	}
	return place;
}

const struct run_node *run_tree_node(const struct run_tree *t, const char *path)
{
	unsigned int i;

	for (i = 0; i < t->nr_nodes; i++) {
		if (!strcmp(t->node[i].path, path))
			return &t->node[i];
	}
	return NULL;
}

const struct run_node *run_tree_node_by_file(const struct run_tree *t,
					     const struct stat *st)
{
	unsigned int i;

	if (st->st_dev != t->dev)
		return NULL;
	for (i = 0; i < t->nr_nodes; i++) {
		if (t->node[i].ino == st->st_ino)
			return &t->node[i];
	}
	return NULL;
}

void run_tree_refresh(struct run_tree *t, const char *path)
{
	struct uiommu_device_info info;
	char dir[64], want[80];
	unsigned int i;

	if (!strstr(path, "/config"))
		return;
	for (i = 0; i < uiommu_nr_devices(t->u) && i < MAX_DEVICES; i++) {
		uiommu_device_info(uiommu_device(t->u, i), &info);
		snprintf(dir, sizeof(dir), "sys/devices/pci%.7s/%s", info.bdf,
			 info.bdf);
		snprintf(want, sizeof(want), "/%s/config", dir);
		if (!strcmp(want, path))
			config_space(t, dir, &info);
	}
}
