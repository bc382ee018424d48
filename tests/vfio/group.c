/* SPDX-License-Identifier: MIT */
/*
 * The way in that VFIO had first: a group, a container, and a descriptor of the
 * device from the group.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

#define PAGE UIOMMU_PAGE_SIZE
#define IOVA 0x10000000ULL
#define BAD  ((void *)8)
#define NAME "0000:00:01.0"

/* Descriptors; those that groups give out come behind. */
enum {
	CONTAINER,
	GROUP,
	IOMMUFD,
	CDEV,
	FIRST_FREE,
	NR_FILES = 8
};

struct client {
	struct uiommu *u;
	struct uiommu_device *dev;
	struct uiommu_self self;
	struct uiommu_file *file[NR_FILES];
	unsigned int faults;
};

static void count_fault(void *arg, const struct soft_fault *fault)
{
	((struct client *)arg)->faults++;
}

static int setup(void **state)
{
	struct client *c = calloc(1, sizeof(*c));
	struct uiommu_config config = {
		.table_size = 64 << 20,
		.fault = count_fault,
		.arg = c,
	};

	assert_non_null(c);
	assert_int_equal(uiommu_new(&config, &c->u), 0);
	assert_int_equal(uiommu_add_device(c->u, "edu", &c->dev), 0);
	assert_int_equal(uiommu_add_device(c->u, "edu", NULL), 0);
	assert_int_equal(uiommu_self_init(&c->self), 0);
	c->self.file = c->file;
	c->self.nr_files = NR_FILES;
	assert_int_equal(uiommu_open_container(c->u, &c->file[CONTAINER]), 0);
	assert_int_equal(uiommu_open_group(c->u, 0, &c->file[GROUP]), 0);
	assert_int_equal(uiommu_open_iommufd(c->u, &c->file[IOMMUFD]), 0);
	assert_int_equal(uiommu_open_device(c->dev, -1, &c->file[CDEV]), 0);
	*state = c;
	return 0;
}

static void close_fd(struct client *c, long fd)
{
	uiommu_file_put(c->file[fd]);
	c->file[fd] = NULL;
}

static int teardown(void **state)
{
	struct client *c = *state;
	long fd;

	for (fd = 0; fd != NR_FILES; fd++)
		if (c->file[fd])
			close_fd(c, fd);
	uiommu_self_fini(&c->self);
	uiommu_free(c->u);
	free(c);
	return 0;
}

static long request(struct client *c, long fd, unsigned int cmd,
		    const void *arg)
{
	return uiommu_ioctl(c->file[fd], &c->self.user, cmd, (uintptr_t)arg);
}

static uint32_t status(struct client *c)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	assert_int_equal(request(c, GROUP, VFIO_GROUP_GET_STATUS, &status), 0);
	return status.flags;
}

static long enter(struct client *c, int32_t fd)
{
	return request(c, GROUP, VFIO_GROUP_SET_CONTAINER, &fd);
}

static long device_fd(struct client *c, const char *name)
{
	return request(c, GROUP, VFIO_GROUP_GET_DEVICE_FD, name);
}

/* As every program for this interface begins. Return: the device. */
static long begin(struct client *c)
{
	long fd;

	assert_int_equal(enter(c, CONTAINER), 0);
	assert_int_equal(uiommu_ioctl(c->file[CONTAINER], &c->self.user,
				      VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU),
			 0);
	fd = device_fd(c, NAME);
	assert_int_equal(fd, FIRST_FREE);
	return fd;
}

static long map(struct client *c, void *va, uint64_t size)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)va,
		.iova = IOVA,
		.size = size,
	};

	return request(c, CONTAINER, VFIO_IOMMU_MAP_DMA, &map);
}

static void set(struct client *c, long fd, unsigned int region, uint64_t offset,
		size_t len, uint64_t value)
{
	assert_int_equal(uiommu_write(c->file[fd], &c->self.user,
				      (uintptr_t)&value, len,
				      VFIO_REGION_OFFSET(region) + offset),
			 len);
}

/* The device writes eight bytes of its buffer to @iova. */
static void dma(struct client *c, long fd, uint64_t iova)
{
	set(c, fd, VFIO_PCI_CONFIG_REGION_INDEX, 4, 2, 6);
	set(c, fd, 0, EDU_DMA_SOURCE, 8, EDU_BUFFER);
	set(c, fd, 0, EDU_DMA_DEST, 8, iova);
	set(c, fd, 0, EDU_DMA_COUNT, 8, 8);
	set(c, fd, 0, EDU_DMA_COMMAND, 4, EDU_DMA_START | 2);
}

static uint64_t *memory(void)
{
	uint64_t *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

/* ---- The group ----------------------------------------------------- */

static void test_status(void **state)
{
	struct client *c = *state;
	struct vfio_group_status st = { .argsz = 7 };

	assert_int_equal(status(c), VFIO_GROUP_FLAGS_VIABLE);
	assert_int_equal(request(c, GROUP, VFIO_GROUP_GET_STATUS, &st),
			 -EINVAL);
	assert_int_equal(request(c, GROUP, VFIO_GROUP_GET_STATUS, BAD),
			 -EFAULT);
	assert_int_equal(enter(c, CONTAINER), 0);
	assert_int_equal(status(c), VFIO_GROUP_FLAGS_VIABLE |
					    VFIO_GROUP_FLAGS_CONTAINER_SET);
	assert_int_equal(request(c, GROUP, VFIO_DEVICE_GET_INFO, &st), -ENOTTY);
}

static void test_container(void **state)
{
	struct client *c = *state;

	assert_int_equal(request(c, GROUP, VFIO_GROUP_SET_CONTAINER, BAD),
			 -EFAULT);
	assert_int_equal(enter(c, -1), -EBADF);
	assert_int_equal(enter(c, 1000), -EBADF);
	assert_int_equal(enter(c, CDEV), -EBADFD);
	assert_int_equal(enter(c, GROUP), -EBADFD);
	assert_int_equal(request(c, GROUP, VFIO_GROUP_UNSET_CONTAINER, NULL),
			 -EINVAL);
	assert_int_equal(enter(c, CONTAINER), 0);
	assert_int_equal(enter(c, CONTAINER), -EINVAL);
	assert_int_equal(enter(c, IOMMUFD), -EINVAL);
	assert_int_equal(request(c, GROUP, VFIO_GROUP_UNSET_CONTAINER, NULL),
			 0);
	/* A context is as good as a container, and it can be changed. */
	assert_int_equal(enter(c, IOMMUFD), 0);
}

/* The container outlives its descriptor. */
static void test_container_closed(void **state)
{
	struct client *c = *state;
	uint64_t *p = memory();
	long fd = begin(c);

	assert_int_equal(map(c, p, PAGE), 0);
	close_fd(c, CONTAINER);
	p[1] = 1;
	dma(c, fd, IOVA + 8);
	assert_int_equal(p[1], 0);
	close_fd(c, GROUP);
	p[1] = 1;
	dma(c, fd, IOVA + 8);
	assert_int_equal(p[1], 0);
	munmap(p, PAGE);
}

static void test_exclusive(void **state)
{
	struct client *c = *state;
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = IOMMUFD,
	};
	struct uiommu_file *file = NULL;
	long fd;

	assert_int_equal(uiommu_open_group(c->u, 2, &file), -ENOENT);
	assert_int_equal(uiommu_open_group(c->u, 0, &file), -EBUSY);
	/* Who has the group has its devices, also those not yet opened. */
	assert_int_equal(request(c, CDEV, VFIO_DEVICE_BIND_IOMMUFD, &bind),
			 -EBUSY);
	fd = begin(c);
	assert_int_equal(request(c, CDEV, VFIO_DEVICE_BIND_IOMMUFD, &bind),
			 -EBUSY);
	/* As long as a device of it is open, the group is. */
	close_fd(c, GROUP);
	assert_int_equal(uiommu_open_group(c->u, 0, &file), -EBUSY);
	close_fd(c, fd);
	assert_int_equal(request(c, CDEV, VFIO_DEVICE_BIND_IOMMUFD, &bind), 0);
	assert_int_equal(uiommu_open_group(c->u, 0, &file), -EBUSY);
	assert_null(file);
	close_fd(c, CDEV);
	assert_int_equal(uiommu_open_group(c->u, 0, &c->file[GROUP]), 0);
	/* It is as new. */
	assert_int_equal(status(c), VFIO_GROUP_FLAGS_VIABLE);
	/* A failed bind blocks nothing. */
	assert_int_equal(uiommu_open_device(uiommu_device(c->u, 1), -1,
					    &c->file[CDEV]),
			 0);
	bind.iommufd = CDEV;
	assert_int_equal(request(c, CDEV, VFIO_DEVICE_BIND_IOMMUFD, &bind),
			 -EBADFD);
	assert_int_equal(uiommu_open_group(c->u, 1, &c->file[FIRST_FREE]), 0);
}

/* ---- Devices ------------------------------------------------------- */

static void test_names(void **state)
{
	struct client *c = *state;
	char *edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *large = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_int_equal(device_fd(c, NAME), -EINVAL); /* no container */
	assert_int_equal(device_fd(c, "0000:00:02.0"), -ENODEV);
	assert_int_equal(enter(c, CONTAINER), 0);
	assert_int_equal(device_fd(c, "0000:00:02.0"), -ENODEV);
	assert_int_equal(device_fd(c, ""), -ENODEV);
	assert_int_equal(device_fd(c, "0000:00:01."), -ENODEV);
	assert_int_equal(device_fd(c, NAME "0"), -ENODEV);
	assert_int_equal(
		device_fd(c, NAME
			  " vf_token=2ab74924-c335-45f4-9b16-8569e5b08258"),
		-EINVAL);
	assert_int_equal(device_fd(c, BAD), -EFAULT);
	/* No byte behind the end is looked at, but it must have one. */
	munmap(edge + PAGE, PAGE);
	edge += PAGE - 4;
	memcpy(edge, "abc", 4);
	assert_int_equal(device_fd(c, edge), -ENODEV);
	edge[3] = 'd';
	assert_int_equal(device_fd(c, edge), -EFAULT);
	memset(large, 'x', 2 * PAGE);
	assert_int_equal(device_fd(c, large + 100), -EINVAL);
	assert_int_equal(device_fd(c, NAME), FIRST_FREE);
	munmap(edge + 4 - PAGE, PAGE);
	munmap(large, 2 * PAGE);
}

static void test_dma(void **state)
{
	struct client *c = *state;
	uint64_t *p = memory();
	long fd = begin(c);

	dma(c, fd, IOVA + 8);
	assert_int_equal(c->faults, 1);
	assert_int_equal(map(c, p, PAGE), 0);
	p[0] = p[1] = p[2] = 1;
	dma(c, fd, IOVA + 8);
	assert_int_equal(c->faults, 1);
	assert_int_equal(p[0], 1);
	assert_int_equal(p[1], 0);
	assert_int_equal(p[2], 1);
	munmap(p, PAGE);
}

/* What is mapped before the device is there. */
static void test_mapped_before(void **state)
{
	struct client *c = *state;
	uint64_t *p = memory();
	long fd;

	assert_int_equal(enter(c, CONTAINER), 0);
	assert_int_equal(map(c, p, PAGE), 0);
	fd = device_fd(c, NAME);
	p[1] = 1;
	dma(c, fd, IOVA + 8);
	assert_int_equal(p[1], 0);
	assert_int_equal(c->faults, 0);
	munmap(p, PAGE);
}

/* A device can be asked for again: the descriptors share it. */
static void test_twice(void **state)
{
	struct client *c = *state;
	long a = begin(c), b = device_fd(c, NAME);
	uint64_t word = 0x12345678;

	assert_int_equal(b, FIRST_FREE + 1);
	set(c, a, 0, EDU_BUFFER, 8, word);
	close_fd(c, a);
	assert_int_equal(uiommu_read(c->file[b], &c->self.user,
				     (uintptr_t)&word, 8,
				     VFIO_REGION_OFFSET(0) + EDU_BUFFER),
			 8);
	assert_int_equal(word, 0x12345678);
	assert_int_equal(request(c, GROUP, VFIO_GROUP_UNSET_CONTAINER, NULL),
			 -EBUSY);
	close_fd(c, b);
	/* The last one resets it. */
	assert_int_equal(request(c, GROUP, VFIO_GROUP_UNSET_CONTAINER, NULL),
			 0);
	assert_int_equal(begin(c), FIRST_FREE);
	assert_int_equal(uiommu_read(c->file[FIRST_FREE], &c->self.user,
				     (uintptr_t)&word, 8,
				     VFIO_REGION_OFFSET(0) + EDU_BUFFER),
			 8);
	assert_int_equal(word, 0);
}

/* Requests that only cdevs have. */
static void test_requests(void **state)
{
	struct client *c = *state;
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = IOMMUFD,
	};
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach),
	};
	struct vfio_device_info info = { .argsz = sizeof(info) };
	long fd = begin(c);

	assert_int_equal(request(c, fd, VFIO_DEVICE_BIND_IOMMUFD, &bind),
			 -EINVAL);
	assert_int_equal(request(c, fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach),
			 -ENOTTY);
	assert_int_equal(request(c, fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &attach),
			 -ENOTTY);
	assert_int_equal(request(c, fd, VFIO_DEVICE_GET_INFO, &info), 0);
	assert_int_equal(info.num_regions, VFIO_PCI_NUM_REGIONS);
	assert_int_equal(uiommu_mmap(c->file[fd],
				     VFIO_REGION_OFFSET(0) + EDU_BUFFER, PAGE,
				     PROT_READ | PROT_WRITE, MAP_SHARED),
			 0);
	assert_true(c->file[fd]->backing >= 0);
}

/* No number is left, or no IOAS: nothing stays open. */
static void test_failures(void **state)
{
	struct client *c = *state;
	struct iommu_vfio_ioas get = { .size = sizeof(get) };
	struct iommu_destroy destroy = { .size = sizeof(destroy) };

	assert_int_equal(enter(c, CONTAINER), 0);
	c->self.nr_files = FIRST_FREE;
	assert_int_equal(device_fd(c, NAME), -EMFILE);
	c->self.nr_files = NR_FILES;
	assert_int_equal(request(c, CONTAINER, IOMMU_VFIO_IOAS, &get), 0);
	destroy.id = get.ioas_id;
	assert_int_equal(request(c, CONTAINER, IOMMU_DESTROY, &destroy), 0);
	assert_int_equal(device_fd(c, NAME), -ENODEV);
	assert_int_equal(request(c, GROUP, VFIO_GROUP_UNSET_CONTAINER, NULL),
			 0);
	assert_int_equal(begin(c), FIRST_FREE);
	/* Its IOAS is in use now. */
	assert_int_equal(request(c, CONTAINER, IOMMU_VFIO_IOAS, &get), 0);
	destroy.id = get.ioas_id;
	assert_int_equal(request(c, CONTAINER, IOMMU_DESTROY, &destroy),
			 -EBUSY);
}

/* Two groups in one container see the same memory; a context owns a group. */
static void test_two_groups(void **state)
{
	struct client *c = *state;
	int32_t container = CONTAINER;
	uint64_t *p = memory();
	long a, b;

	assert_int_equal(uiommu_open_group(c->u, 1, &c->file[FIRST_FREE]), 0);
	assert_int_equal(enter(c, CONTAINER), 0);
	assert_int_equal(request(c, FIRST_FREE, VFIO_GROUP_SET_CONTAINER,
				 &container),
			 0);
	a = device_fd(c, NAME);
	b = request(c, FIRST_FREE, VFIO_GROUP_GET_DEVICE_FD, "0000:00:02.0");
	assert_true(a > 0 && b > a);
	assert_int_equal(map(c, p, PAGE), 0);
	p[1] = p[2] = 1;
	dma(c, a, IOVA + 8);
	dma(c, b, IOVA + 16);
	assert_int_equal(p[1] | p[2], 0);
	munmap(p, PAGE);
}

/* One thread opens the device while the other closes it for the last time. */
static void *open_and_close(void *arg)
{
	struct client *c = arg;
	struct uiommu_file *file[2] = { c->file[GROUP], NULL };
	struct uiommu_self self;
	long i, fd = 0;

	if (uiommu_self_init(&self))
		return NULL;
	self.file = file;
	self.nr_files = 2;
	for (i = 0; i != 500 && fd >= 0; i++) {
		fd = uiommu_ioctl(file[0], &self.user, VFIO_GROUP_GET_DEVICE_FD,
				  (uintptr_t)NAME);
		if (fd < 0)
			break;
		uiommu_file_put(file[fd]);
		file[fd] = NULL;
	}
	uiommu_self_fini(&self);
	return fd < 0 ? NULL : c;
}

static void test_threads(void **state)
{
	struct client *c = *state;
	pthread_t thread[3];
	void *result;
	unsigned int i;

	assert_int_equal(enter(c, CONTAINER), 0);
	for (i = 0; i != 3; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, open_and_close, c), 0);
	for (i = 0; i != 3; i++) {
		pthread_join(thread[i], &result);
		assert_ptr_equal(result, c);
	}
	assert_int_equal(request(c, GROUP, VFIO_GROUP_UNSET_CONTAINER, NULL),
			 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_status),
		TEST(test_container),
		TEST(test_container_closed),
		TEST(test_exclusive),
		TEST(test_names),
		TEST(test_dma),
		TEST(test_mapped_before),
		TEST(test_twice),
		TEST(test_requests),
		TEST(test_failures),
		TEST(test_two_groups),
		TEST(test_threads),
	};

	return cmocka_run_group_tests_name("groups and containers", tests, NULL,
					   NULL);
}
