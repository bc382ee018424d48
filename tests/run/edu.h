/* SPDX-License-Identifier: MIT */
/*
 * What the clients of these tests have in common: an edu device, IOMMUFD, and a
 * way to complain. They are compiled on their own and link nothing of uiommu.
 */
#ifndef TESTS_RUN_EDU_H
#define TESTS_RUN_EDU_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <uiommu/iommufd.h>
#include <uiommu/vfio.h>

#define PAGE 4096ul

#define check(condition)                                                \
	do {                                                            \
		if (!(condition)) {                                     \
			fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__,   \
				__LINE__, #condition, strerror(errno)); \
			exit(1);                                        \
		}                                                       \
	} while (0)

/* The test cannot be made here; the driver reads the reason. */
#define skip(why)                          \
	do {                               \
		printf("skip: %s\n", why); \
		exit(77);                  \
	} while (0)

struct edu {
	int iommu;
	int dev;
	uint32_t ioas;
	uint64_t bar;
	uint64_t config;
};

static inline uint64_t edu_region(int dev, uint32_t index)
{
	struct vfio_region_info info = { .argsz = sizeof(info),
					 .index = index };

	check(!ioctl(dev, VFIO_DEVICE_GET_REGION_INFO, &info));
	return info.offset;
}

static inline void edu_bus_master(const struct edu *e, bool on)
{
	uint16_t command = on ? 6 : 2;

	check(pwrite(e->dev, &command, 2, (off_t)(e->config + 4)) == 2);
}

static inline int edu_bind(struct edu *e)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind),
						 .iommufd = e->iommu };

	return ioctl(e->dev, VFIO_DEVICE_BIND_IOMMUFD, &bind) ? errno : 0;
}

static inline int edu_attach(struct edu *e, uint32_t pt)
{
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach),
							.pt_id = pt };

	return ioctl(e->dev, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ? errno
								     : 0;
}

static inline uint32_t edu_ioas(int iommu)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	check(!ioctl(iommu, IOMMU_IOAS_ALLOC, &alloc));
	return alloc.out_ioas_id;
}

static inline void edu_open(struct edu *e, bool attach)
{
	e->iommu = open("/dev/iommu", O_RDWR);
	check(e->iommu >= 0);
	e->dev = open("/dev/vfio/devices/vfio0", O_RDWR);
	check(e->dev >= 0);
	errno = edu_bind(e);
	check(!errno);
	e->bar = edu_region(e->dev, VFIO_PCI_BAR0_REGION_INDEX);
	e->config = edu_region(e->dev, VFIO_PCI_CONFIG_REGION_INDEX);
	e->ioas = edu_ioas(e->iommu);
	if (attach)
		errno = edu_attach(e, e->ioas);
	check(!errno);
	edu_bus_master(e, true);
}

#define RW (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

static inline int edu_map_prot(const struct edu *e, const void *ptr, size_t len,
			       uint64_t iova, uint32_t prot)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | prot,
		.ioas_id = e->ioas,
		.user_va = (uintptr_t)ptr,
		.length = len,
		.iova = iova,
	};

	return ioctl(e->iommu, IOMMU_IOAS_MAP, &map) ? errno : 0;
}

static inline int edu_map(const struct edu *e, const void *ptr, size_t len,
			  uint64_t iova)
{
	return edu_map_prot(e, ptr, len, iova, RW);
}

static inline int edu_map_file(const struct edu *e, int fd, uint64_t start,
			       size_t len, uint64_t iova)
{
	struct iommu_ioas_map_file map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | RW,
		.ioas_id = e->ioas,
		.fd = fd,
		.start = start,
		.length = len,
		.iova = iova,
	};

	return ioctl(e->iommu, IOMMU_IOAS_MAP_FILE, &map) ? errno : 0;
}

static inline int edu_unmap(const struct edu *e, uint64_t iova, size_t len)
{
	struct iommu_ioas_unmap unmap = { .size = sizeof(unmap),
					  .ioas_id = e->ioas,
					  .iova = iova,
					  .length = len };

	return ioctl(e->iommu, IOMMU_IOAS_UNMAP, &unmap) ? errno : 0;
}

/* The MSI goes to @fd. */
static inline int edu_msi(const struct edu *e, int32_t fd)
{
	union {
		struct vfio_irq_set set;
		unsigned char bytes[sizeof(struct vfio_irq_set) + sizeof(fd)];
	} arg = {
		.set = { .argsz = sizeof(arg.bytes),
			 .flags = VFIO_IRQ_SET_DATA_EVENTFD |
				  VFIO_IRQ_SET_ACTION_TRIGGER,
			 .index = VFIO_PCI_MSI_IRQ_INDEX,
			 .count = 1 },
	};

	memcpy(arg.set.data, &fd, sizeof(fd));
	return ioctl(e->dev, VFIO_DEVICE_SET_IRQS, &arg) ? errno : 0;
}

static inline void edu_register(const struct edu *e, uint64_t reg, uint64_t v)
{
	check(pwrite(e->dev, &v, 8, (off_t)(e->bar + reg)) == 8);
}

#define EDU_BUFFER 0x40000ul

static inline void edu_run(const struct edu *e, uint64_t from, uint64_t to,
			   size_t len, uint64_t command)
{
	edu_register(e, 0x80, from);
	edu_register(e, 0x88, to);
	edu_register(e, 0x90, len);
	edu_register(e, 0x98, 1 | command);
}

/* The device writes @len bytes (at most a page) to @iova. */
static inline void edu_write(const struct edu *e, uint64_t iova,
			     const void *data, size_t len)
{
	check(pwrite(e->dev, data, len, (off_t)(e->bar + EDU_BUFFER)) ==
	      (ssize_t)len);
	edu_run(e, EDU_BUFFER, iova, len, 2);
}

/* The device reads; what it cannot read stays 0xee in @data. */
static inline void edu_read(const struct edu *e, uint64_t iova, void *data,
			    size_t len)
{
	memset(data, 0xee, len);
	check(pwrite(e->dev, data, len, (off_t)(e->bar + EDU_BUFFER)) ==
	      (ssize_t)len);
	edu_run(e, iova, EDU_BUFFER, len, 0);
	check(pread(e->dev, data, len, (off_t)(e->bar + EDU_BUFFER)) ==
	      (ssize_t)len);
}

/* Does the device see the byte @c all over [@iova, @iova + @len)? */
static inline bool edu_sees(const struct edu *e, uint64_t iova, size_t len,
			    int c)
{
	unsigned char buf[PAGE];
	size_t i, at, n;

	for (at = 0; at < len; at += n) {
		n = len - at < PAGE ? len - at : PAGE;
		edu_read(e, iova + at, buf, n);
		for (i = 0; i < n; i++) {
			if (buf[i] != (unsigned char)c)
				return false;
		}
	}
	return true;
}

static inline void edu_fill(const struct edu *e, uint64_t iova, size_t len,
			    int c)
{
	unsigned char buf[PAGE];
	size_t at, n;

	memset(buf, c, sizeof(buf));
	for (at = 0; at < len; at += n) {
		n = len - at < PAGE ? len - at : PAGE;
		edu_write(e, iova + at, buf, n);
	}
}

static inline bool all(const void *ptr, size_t len, int c)
{
	const unsigned char *p = ptr;
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] != (unsigned char)c)
			return false;
	}
	return true;
}

static inline void *anonymous(size_t len, int flags)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS,
		       -1, 0);

	check(p != MAP_FAILED);
	return p;
}

#endif
