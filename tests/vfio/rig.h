/* SPDX-License-Identifier: MIT */
/**
 * DOC: A run with one edu, and this process as its client
 */
#ifndef TESTS_VFIO_RIG_H
#define TESTS_VFIO_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <uiommu/iommufd.h>
#include <uiommu/uiommu.h>
#include <uiommu/vfio.h>

#include "devices/dev_edu.h"
#include "soft/soft.h"
#include "vfio/vfio_device.h"

/* Descriptors of the client: indexes into rig.file. */
enum {
	RIG_IOMMUFD,
	RIG_CDEV,
	RIG_IOMMUFD2,
	RIG_CDEV2,
	RIG_FREE, /* and more: for the engine to give out */
	RIG_LAST_FREE = RIG_FREE + 3,
	RIG_NR_FILES,
	RIG_BAD_FD = 1000, /* not open */
};

/**
 * struct rig - what a test works with
 * @u: the run
 * @dev: its edu
 * @self: the client
 * @file: the client's files; put by rig_fini() if not NULL
 * @backing: memfd behind the cdev, or -1
 * @ioas: an IOAS of RIG_IOMMUFD, if rig_bind() made one
 * @faults: how many requests were blocked
 * @suspects: how many stale translations were used
 * @fault: the last blocked request
 * @on_fault: if not NULL, called for each of them
 */
struct rig {
	struct uiommu *u;
	struct uiommu_device *dev;
	struct uiommu_self self;
	struct uiommu_file *file[RIG_NR_FILES];
	int backing;
	uint32_t ioas;
	unsigned int faults;
	unsigned int suspects;
	struct soft_fault fault;
	void (*on_fault)(struct rig *rig);
};

/** rig_init() - both files open, nothing bound; @iommu NULL: the default. */
void rig_init(struct rig *rig, const char *iommu);

/** rig_init_model() - the same with another device than an edu. */
void rig_init_model(struct rig *rig, const char *iommu, const char *model);

/** rig_fini() - close everything; checks that no stale translation was used. */
void rig_fini(struct rig *rig);

/** rig_open_cdev() - open the edu once more, as descriptor @fd. */
void rig_open_cdev(struct rig *rig, int fd);

/** rig_close() - close descriptor @fd. */
void rig_close(struct rig *rig, int fd);

/** rig_bind() - bind the edu to RIG_IOMMUFD, and make an IOAS. */
void rig_bind(struct rig *rig);

/** rig_attach() - rig_bind(), attach to the IOAS, Bus Master on. */
void rig_attach(struct rig *rig);

long rig_ioctl(struct rig *rig, int fd, unsigned int cmd, const void *arg);

/** rig_map() - map @len bytes at @va to @iova, for reading and writing. */
void rig_map(struct rig *rig, void *va, uint64_t iova, uint64_t len);
long rig_unmap(struct rig *rig, uint64_t iova, uint64_t len);

/* Accesses of a region; the checked ones, and the raw ones. */
int64_t rig_pread(struct rig *rig, unsigned int region, uint64_t offset,
		  void *buf, size_t len);
int64_t rig_pwrite(struct rig *rig, unsigned int region, uint64_t offset,
		   const void *buf, size_t len);
uint64_t rig_get(struct rig *rig, unsigned int region, uint64_t offset,
		 size_t len);
void rig_set(struct rig *rig, unsigned int region, uint64_t offset, size_t len,
	     uint64_t value);

/** rig_bus_master() - by the command register. */
void rig_bus_master(struct rig *rig, bool on);

/** rig_dma() - run one transfer by the edu's registers. */
void rig_dma(struct rig *rig, uint64_t source, uint64_t dest, uint64_t count,
	     uint32_t command);

/**
 * rig_set_irqs() - one VFIO_DEVICE_SET_IRQS
 * @data: @size bytes, or NULL
 */
long rig_set_irqs(struct rig *rig, uint32_t flags, uint32_t index,
		  uint32_t start, uint32_t count, const void *data,
		  size_t size);

/** rig_eventfd() - a new eventfd, non-blocking. */
int rig_eventfd(void);

/** rig_fired() - how often @eventfd was signalled since the last call. */
uint64_t rig_fired(int eventfd);

/** rig_trigger() - make @eventfd vector 0 of @index. */
void rig_trigger(struct rig *rig, uint32_t index, int eventfd);

/* cmocka fixtures: a fresh rig for each test, in *state. */
int rig_setup(void **state);
int rig_setup_bound(void **state);
int rig_setup_attached(void **state);
int rig_teardown(void **state);

#endif
