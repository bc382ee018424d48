/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of a client's life fails once: the error is -ENOMEM, nothing
 * is left behind, and the same works when it is done again.
 */
#include <errno.h>
#include <stdlib.h>

#include "rig.h"

/* The allocation that fails, counted down; 0 = none. */
static unsigned int fail_at;

static bool fail_now(void)
{
	return fail_at && --fail_at == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	return fail_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fail_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fail_now() ? NULL : __real_realloc(p, size);
}

static long try_bind(struct uiommu_self *self)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = RIG_IOMMUFD,
	};

	return uiommu_ioctl(self->file[RIG_CDEV], &self->user,
			    VFIO_DEVICE_BIND_IOMMUFD, (uintptr_t)&bind);
}

static long try_attach(struct uiommu_self *self)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach),
	};
	long ret;

	ret = uiommu_ioctl(self->file[RIG_IOMMUFD], &self->user,
			   IOMMU_IOAS_ALLOC, (uintptr_t)&alloc);
	if (ret)
		return ret;
	attach.pt_id = alloc.out_ioas_id;
	return uiommu_ioctl(self->file[RIG_CDEV], &self->user,
			    VFIO_DEVICE_ATTACH_IOMMUFD_PT, (uintptr_t)&attach);
}

static long live_with_files(struct uiommu *u, struct uiommu_self *self)
{
	long ret;

	ret = uiommu_open_iommufd(u, &self->file[RIG_IOMMUFD]);
	if (!ret)
		ret = uiommu_open_device(uiommu_device(u, 0), -1,
					 &self->file[RIG_CDEV]);
	if (!ret)
		ret = try_bind(self);
	if (!ret)
		ret = try_attach(self);
	if (self->file[RIG_CDEV])
		uiommu_file_put(self->file[RIG_CDEV]);
	if (self->file[RIG_IOMMUFD])
		uiommu_file_put(self->file[RIG_IOMMUFD]);
	return ret;
}

/* A life by group and container. */
static long live_with_group(struct uiommu *u, struct uiommu_self *self)
{
	int32_t container = RIG_IOMMUFD;
	int fd;
	long ret;

	ret = uiommu_open_container(u, &self->file[RIG_IOMMUFD]);
	if (!ret)
		ret = uiommu_open_group(u, 0, &self->file[RIG_CDEV]);
	if (!ret)
		ret = uiommu_ioctl(self->file[RIG_CDEV], &self->user,
				   VFIO_GROUP_SET_CONTAINER,
				   (uintptr_t)&container);
	if (!ret)
		ret = uiommu_ioctl(self->file[RIG_CDEV], &self->user,
				   VFIO_GROUP_GET_DEVICE_FD,
				   (uintptr_t) "0000:00:01.0");
	for (fd = 0; fd != RIG_NR_FILES; fd++)
		if (self->file[fd])
			uiommu_file_put(self->file[fd]);
	return ret < 0 ? ret : 0;
}

typedef long (*life)(struct uiommu *u, struct uiommu_self *self);

static long live(life with)
{
	struct uiommu_config config = { .table_size = 64 << 20 };
	struct uiommu_file *file[RIG_NR_FILES] = { NULL };
	struct uiommu_self self;
	struct uiommu *u;
	long ret;

	ret = uiommu_new(&config, &u);
	if (ret)
		return ret;
	ret = uiommu_add_device(u, "edu", NULL);
	if (!ret)
		ret = uiommu_self_init(&self);
	if (!ret) {
		self.file = file;
		self.nr_files = RIG_NR_FILES;
		ret = with(u, &self);
		uiommu_self_fini(&self);
	}
	uiommu_free(u);
	return ret;
}

static void fail_each(life with)
{
	unsigned int n, failed = 0;
	long ret;

	for (n = 1;; n++) {
		fail_at = n;
		ret = live(with);
		if (fail_at)
			break; /* there are no more */
		if (ret) {
			assert_int_equal(ret, -ENOMEM);
			failed++;
		}
	}
	fail_at = 0;
	assert_int_equal(ret, 0);
	/* At least the run, the IOMMU, the driver, a device, and the files. */
	assert_true(failed >= 7);
	assert_int_equal(live(with), 0);
}

static void every_allocation(void **state)
{
	fail_each(live_with_files);
}

static void every_allocation_of_group(void **state)
{
	fail_each(live_with_group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation),
		cmocka_unit_test(every_allocation_of_group),
	};

	return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
