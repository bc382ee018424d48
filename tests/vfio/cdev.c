/* SPDX-License-Identifier: MIT */
/*
 * The requests of a cdev: binding, attaching, information, reset, features, and
 * every error of each.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "rig.h"

#define BAD_PTR ((void *)8)

/* A page whose successor is not mapped: requests that end there, or reach over. */
static uint8_t *edge_page(void)
{
	uint8_t *p = mmap(NULL, 2 * UIOMMU_PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(munmap(p + UIOMMU_PAGE_SIZE, UIOMMU_PAGE_SIZE), 0);
	return p;
}

static void before_bind(void **state)
{
	static const unsigned int cmds[] = {
		VFIO_DEVICE_GET_INFO,
		VFIO_DEVICE_GET_REGION_INFO,
		VFIO_DEVICE_GET_IRQ_INFO,
		VFIO_DEVICE_SET_IRQS,
		VFIO_DEVICE_RESET,
		VFIO_DEVICE_FEATURE,
		VFIO_DEVICE_ATTACH_IOMMUFD_PT,
		VFIO_DEVICE_DETACH_IOMMUFD_PT,
		VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
		_IO(VFIO_TYPE, VFIO_BASE + 99),
	};
	struct rig *rig = *state;
	uint32_t arg[16] = { sizeof(arg) };
	unsigned int i;

	for (i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++)
		assert_int_equal(rig_ioctl(rig, RIG_CDEV, cmds[i], arg),
				 -EINVAL);
	assert_int_equal(rig_pread(rig, 0, 0, arg, 4), -EINVAL);
	assert_int_equal(rig_pwrite(rig, 0, 0, arg, 4), -EINVAL);
	assert_int_equal(rig_pread(rig, 0, 0, arg, 0), -EINVAL);
	assert_int_equal(uiommu_mmap(rig->file[RIG_CDEV],
				     VFIO_REGION_OFFSET(0) + EDU_BUFFER,
				     EDU_BUFFER_SIZE, PROT_READ, MAP_SHARED),
			 -EINVAL);
}

static long do_bind(struct rig *rig, int fd, uint32_t argsz, uint32_t flags,
		    int iommufd, uint64_t token)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = argsz,
		.flags = flags,
		.iommufd = iommufd,
		.token_uuid_ptr = token,
	};

	return rig_ioctl(rig, fd, VFIO_DEVICE_BIND_IOMMUFD, &bind);
}

static void bind_errors(void **state)
{
	struct rig *rig = *state;
	uint8_t token[16] = { 0 };

	assert_int_equal(do_bind(rig, RIG_CDEV, 15, 0, RIG_IOMMUFD, 0),
			 -EINVAL);
	assert_int_equal(do_bind(rig, RIG_CDEV, 0, 0, RIG_IOMMUFD, 0), -EINVAL);
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 2, RIG_IOMMUFD, 0),
			 -EINVAL);
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 0, -1, 0), -EINVAL);
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 0, RIG_BAD_FD, 0), -EBADF);
	/* A cdev is a file of ours, but no context. */
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 0, RIG_CDEV, 0), -EBADFD);
	assert_int_equal(do_bind(rig, RIG_CDEV, 24, VFIO_DEVICE_BIND_FLAG_TOKEN,
				 RIG_IOMMUFD, (uintptr_t)token),
			 -EINVAL);
	assert_int_equal(do_bind(rig, RIG_CDEV, 24, VFIO_DEVICE_BIND_FLAG_TOKEN,
				 RIG_IOMMUFD, (uintptr_t)BAD_PTR),
			 -EFAULT);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_BIND_IOMMUFD,
				   BAD_PTR),
			 -EFAULT);
	/* None of them left anything behind. */
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 0, RIG_IOMMUFD, 0), 0);
}

static void bind_sizes(void **state)
{
	struct rig *rig = *state;
	uint8_t buf[1024] = { 0 };
	struct vfio_device_bind_iommufd *bind =
		(struct vfio_device_bind_iommufd *)buf;
	uint8_t *edge = edge_page();

	bind->argsz = sizeof(buf);
	bind->iommufd = RIG_IOMMUFD;
	buf[sizeof(buf) - 1] = 1;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_BIND_IOMMUFD,
				   buf),
			 -E2BIG);

	/* The bytes that argsz promises are not all there. */
	bind->argsz = 4096;
	buf[sizeof(buf) - 1] = 0;
	memcpy(edge + UIOMMU_PAGE_SIZE - 64, buf, 64);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_BIND_IOMMUFD,
				   edge + UIOMMU_PAGE_SIZE - 64),
			 -EFAULT);
	memcpy(edge + UIOMMU_PAGE_SIZE - 8, buf, 8);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_BIND_IOMMUFD,
				   edge + UIOMMU_PAGE_SIZE - 8),
			 -EFAULT);

	bind->argsz = sizeof(buf);
	assert_int_equal(
		rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_BIND_IOMMUFD, buf), 0);
	assert_int_not_equal(bind->out_devid, 0);
	munmap(edge, UIOMMU_PAGE_SIZE);
}

static void bind_twice(void **state)
{
	struct rig *rig = *state;

	rig_open_cdev(rig, RIG_CDEV2);
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 0, RIG_IOMMUFD, 0), 0);
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 0, RIG_IOMMUFD, 0),
			 -EINVAL);
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 0, RIG_BAD_FD, 0), -EINVAL);
	assert_int_equal(do_bind(rig, RIG_CDEV2, 16, 0, RIG_IOMMUFD, 0),
			 -EINVAL);
	/* The second open may have the device once the first has gone. */
	rig_close(rig, RIG_CDEV);
	assert_int_equal(do_bind(rig, RIG_CDEV2, 16, 0, RIG_IOMMUFD, 0), 0);
}

static void bind_unwritable(void **state)
{
	struct rig *rig = *state;
	uint8_t *edge = edge_page();
	struct vfio_device_bind_iommufd *bind = (void *)edge;

	bind->argsz = 16;
	bind->iommufd = RIG_IOMMUFD;
	assert_int_equal(mprotect(edge, UIOMMU_PAGE_SIZE, PROT_READ), 0);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_BIND_IOMMUFD,
				   bind),
			 -EFAULT);
	/* It was undone. */
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 0, RIG_IOMMUFD, 0), 0);
	munmap(edge, UIOMMU_PAGE_SIZE);
}

/* A backing that takes no data: binding fails, and can be done again without. */
static void bind_bad_backing(void **state)
{
	struct rig *rig = *state;
	struct uiommu_file *file;

	assert_int_equal(fcntl(rig->backing, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_int_equal(do_bind(rig, RIG_CDEV, 16, 0, RIG_IOMMUFD, 0), -EPERM);
	assert_int_equal(uiommu_open_device(rig->dev, -1, &file), 0);
	rig->file[RIG_CDEV2] = file;
	assert_int_equal(do_bind(rig, RIG_CDEV2, 16, 0, RIG_IOMMUFD, 0), 0);
}

static long do_attach(struct rig *rig, uint32_t argsz, uint32_t flags,
		      uint32_t pt_id)
{
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = argsz,
		.flags = flags,
		.pt_id = pt_id,
	};

	return rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach);
}

static void attach_errors(void **state)
{
	struct rig *rig = *state;
	uint32_t pasid = VFIO_DEVICE_ATTACH_PASID;

	assert_int_equal(do_attach(rig, 11, 0, rig->ioas), -EINVAL);
	assert_int_equal(do_attach(rig, 12, 2, rig->ioas), -EINVAL);
	assert_int_equal(do_attach(rig, 12, pasid, rig->ioas), -EINVAL);
	/* The device has no PASIDs. */
	assert_int_equal(do_attach(rig, 16, pasid, rig->ioas), -EINVAL);
	assert_int_equal(do_attach(rig, 12, 0, 0xdead), -ENOENT);
	assert_int_equal(do_attach(rig, 12, 0, 0), -ENOENT);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_ATTACH_IOMMUFD_PT,
				   BAD_PTR),
			 -EFAULT);
	assert_int_equal(do_attach(rig, 12, 0, rig->ioas), 0);
	/* Attaching again replaces. */
	assert_int_equal(do_attach(rig, 16, 0, rig->ioas), 0);
}

static void attach_unwritable(void **state)
{
	struct rig *rig = *state;
	uint8_t *edge = edge_page();
	struct vfio_device_attach_iommufd_pt *attach = (void *)edge;
	struct iommu_destroy destroy = { .size = sizeof(destroy) };

	attach->argsz = sizeof(*attach);
	attach->pt_id = rig->ioas;
	assert_int_equal(mprotect(edge, UIOMMU_PAGE_SIZE, PROT_READ), 0);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_ATTACH_IOMMUFD_PT,
				   attach),
			 -EFAULT);
	/* Nothing is attached to the IOAS: it can go. */
	destroy.id = rig->ioas;
	assert_int_equal(rig_ioctl(rig, RIG_IOMMUFD, IOMMU_DESTROY, &destroy),
			 0);
	munmap(edge, UIOMMU_PAGE_SIZE);
}

static long do_detach(struct rig *rig, uint32_t argsz, uint32_t flags)
{
	struct vfio_device_detach_iommufd_pt detach = {
		.argsz = argsz,
		.flags = flags,
	};

	return rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach);
}

static void detach_errors(void **state)
{
	struct rig *rig = *state;
	uint32_t pasid = VFIO_DEVICE_DETACH_PASID;

	assert_int_equal(do_detach(rig, 7, 0), -EINVAL);
	assert_int_equal(do_detach(rig, 8, 2), -EINVAL);
	assert_int_equal(do_detach(rig, 8, pasid), -EINVAL);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_DETACH_IOMMUFD_PT,
				   BAD_PTR),
			 -EFAULT);
	/* Detaching what is not attached is fine. */
	assert_int_equal(do_detach(rig, 12, pasid), 0);
	assert_int_equal(do_detach(rig, 8, 0), 0);
	assert_int_equal(do_attach(rig, 12, 0, rig->ioas), 0);
	assert_int_equal(do_detach(rig, 12, 0), 0);
	assert_int_equal(do_detach(rig, 8, 0), 0);
}

static void info(void **state)
{
	struct rig *rig = *state;
	struct vfio_device_info info;
	unsigned int len;

	for (len = 16; len <= sizeof(info); len += 4) {
		memset(&info, 0xaa, sizeof(info));
		info.argsz = len;
		assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_INFO,
					   &info),
				 0);
		assert_int_equal(info.argsz, len);
		assert_int_equal(info.flags, VFIO_DEVICE_FLAGS_PCI |
						     VFIO_DEVICE_FLAGS_RESET);
		assert_int_equal(info.num_regions, VFIO_PCI_NUM_REGIONS);
		assert_int_equal(info.num_irqs, VFIO_PCI_NUM_IRQS);
		assert_int_equal(info.cap_offset, len >= 20 ? 0 : 0xaaaaaaaa);
		assert_int_equal(info.pad, len >= 24 ? 0 : 0xaaaaaaaa);
	}
	info.argsz = 15;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_INFO, &info),
			 -EINVAL);
	info.argsz = UINT32_MAX;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_INFO, &info),
			 0);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_GET_INFO,
				   BAD_PTR),
			 -EFAULT);
}

static void reset(void **state)
{
	struct rig *rig = *state;

	rig_bus_master(rig, true);
	rig_set(rig, 0, EDU_LIVENESS, 4, 0x1234);
	rig_set(rig, 0, EDU_BUFFER, 8, 0x1122334455667788);
	rig_set(rig, 0, EDU_IRQ_RAISE, 4, 1);
	rig_set(rig, 0, EDU_DMA_SOURCE, 8, 0x1000);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_RESET, NULL), 0);

	/* Memory still answers, DMA does not go out. */
	assert_int_equal(rig_get(rig, VFIO_PCI_CONFIG_REGION_INDEX,
				 DEV_PCI_COMMAND, 2),
			 DEV_PCI_COMMAND_MEMORY);
	assert_int_equal(rig_get(rig, 0, EDU_LIVENESS, 4), 0);
	assert_int_equal(rig_get(rig, 0, EDU_BUFFER, 8), 0);
	assert_int_equal(rig_get(rig, 0, EDU_IRQ_STATUS, 4), 0);
	assert_int_equal(rig_get(rig, 0, EDU_DMA_SOURCE, 8), 0);
}

/* A new client finds nothing of the one before. */
static void reopen(void **state)
{
	struct rig *rig = *state;
	struct uiommu_device_info info;

	rig_bus_master(rig, true);
	rig_set(rig, 0, EDU_LIVENESS, 4, 0x1234);
	rig_set(rig, 0, EDU_BUFFER, 8, 0x1122334455667788);
	uiommu_device_info(rig->dev, &info);
	assert_true(info.config[DEV_PCI_COMMAND] & DEV_PCI_COMMAND_MASTER);
	rig_close(rig, RIG_CDEV);
	uiommu_device_info(rig->dev, &info);
	assert_false(info.config[DEV_PCI_COMMAND] & DEV_PCI_COMMAND_MASTER);
	rig_open_cdev(rig, RIG_CDEV);
	rig_bind(rig);
	assert_int_equal(rig_get(rig, VFIO_PCI_CONFIG_REGION_INDEX,
				 DEV_PCI_COMMAND, 2),
			 DEV_PCI_COMMAND_MEMORY);
	assert_int_equal(rig_get(rig, 0, EDU_LIVENESS, 4), 0);
	assert_int_equal(rig_get(rig, 0, EDU_BUFFER, 8), 0);
}

static long do_feature(struct rig *rig, uint32_t argsz, uint32_t flags,
		       uint32_t op)
{
	uint32_t buf[3] = { argsz, flags, op };

	return rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_FEATURE, buf);
}

static void feature(void **state)
{
	struct rig *rig = *state;
	const uint32_t bm = VFIO_DEVICE_FEATURE_BUS_MASTER;
	const uint32_t get = VFIO_DEVICE_FEATURE_GET;
	const uint32_t set = VFIO_DEVICE_FEATURE_SET;
	const uint32_t probe = VFIO_DEVICE_FEATURE_PROBE;

	assert_int_equal(do_feature(rig, 7, probe | bm, 0), -EINVAL);
	assert_int_equal(do_feature(rig, 12, 1 << 19 | set | bm, 0), -EINVAL);
	assert_int_equal(do_feature(rig, 12, get | set | bm, 0), -EINVAL);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_FEATURE, BAD_PTR),
			 -EFAULT);
	assert_int_equal(do_feature(rig, 12, get | set | 0xfff, 0), -EINVAL);
	/* Unknown, with and without a probe. */
	assert_int_equal(do_feature(rig, 12, probe | 0xfff, 0), -ENOTTY);
	assert_int_equal(do_feature(rig, 16,
				    get | VFIO_DEVICE_FEATURE_MIGRATION, 0),
			 -ENOTTY);

	assert_int_equal(do_feature(rig, 8, probe | bm, 0), 0);
	assert_int_equal(do_feature(rig, 8, probe | set | bm, 0), 0);
	assert_int_equal(do_feature(rig, 8, probe | get | bm, 0), -EINVAL);
	assert_int_equal(do_feature(rig, 8, probe | get | set | bm, 0),
			 -EINVAL);
	assert_int_equal(do_feature(rig, 12, get | bm, 0), -EINVAL);
	assert_int_equal(do_feature(rig, 12, bm, 0), -EINVAL);
	assert_int_equal(do_feature(rig, 11, set | bm, 1), -EINVAL);
	assert_int_equal(do_feature(rig, 12, set | bm, 2), -EINVAL);

	assert_int_equal(do_feature(rig, 12, set | bm,
				    VFIO_DEVICE_FEATURE_SET_MASTER),
			 0);
	assert_true(
		rig_get(rig, VFIO_PCI_CONFIG_REGION_INDEX, DEV_PCI_COMMAND, 2) &
		DEV_PCI_COMMAND_MASTER);
	assert_int_equal(do_feature(rig, 12, set | bm,
				    VFIO_DEVICE_FEATURE_CLEAR_MASTER),
			 0);
	assert_false(
		rig_get(rig, VFIO_PCI_CONFIG_REGION_INDEX, DEV_PCI_COMMAND, 2) &
		DEV_PCI_COMMAND_MASTER);
}

static void feature_payload(void **state)
{
	struct rig *rig = *state;
	uint8_t *edge = edge_page();
	uint32_t *hdr = (uint32_t *)(edge + UIOMMU_PAGE_SIZE - 8);

	hdr[0] = 12;
	hdr[1] = VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_BUS_MASTER;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_FEATURE, hdr),
			 -EFAULT);
	munmap(edge, UIOMMU_PAGE_SIZE);
}

/* Known requests that this device cannot serve, and unknown ones. */
static void unsupported(void **state)
{
	static const unsigned int cmds[] = {
		VFIO_DEVICE_QUERY_GFX_PLANE,
		VFIO_DEVICE_GET_GFX_DMABUF,
		VFIO_DEVICE_IOEVENTFD,
		VFIO_GET_API_VERSION,
		VFIO_GROUP_GET_DEVICE_FD,
		_IO(VFIO_TYPE, VFIO_BASE + 99),
		0,
		UINT32_MAX,
	};
	struct rig *rig = *state;
	uint32_t arg[16] = { sizeof(arg) };
	struct vfio_pci_hot_reset_info info = { .argsz = sizeof(info) };
	struct vfio_pci_hot_reset hot = { .argsz = sizeof(hot) };
	unsigned int i;

	for (i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++)
		assert_int_equal(rig_ioctl(rig, RIG_CDEV, cmds[i], arg),
				 -ENOTTY);

	assert_int_equal(rig_ioctl(rig, RIG_CDEV,
				   VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info),
			 -ENODEV);
	info.argsz = 11;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV,
				   VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info),
			 -EINVAL);
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_PCI_HOT_RESET,
				   &hot),
			 -ENODEV);
	hot.flags = 1;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_PCI_HOT_RESET,
				   &hot),
			 -EINVAL);
}

/* The context may be closed before the device, and the other way round. */
static void close_order(void **state)
{
	struct rig *rig = *state;

	rig_attach(rig);
	rig_close(rig, RIG_IOMMUFD);
	/* The binding keeps the context; the device goes on. */
	rig_set(rig, 0, EDU_LIVENESS, 4, 0);
	rig_close(rig, RIG_CDEV);

	assert_int_equal(uiommu_open_iommufd(rig->u, &rig->file[RIG_IOMMUFD]),
			 0);
	rig_open_cdev(rig, RIG_CDEV);
	rig_attach(rig);
	rig_close(rig, RIG_CDEV);
	rig_close(rig, RIG_IOMMUFD);
}

/* While one context has the device, no other can; then it can. */
static void other_context(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(uiommu_open_iommufd(rig->u, &rig->file[RIG_IOMMUFD2]),
			 0);
	rig_open_cdev(rig, RIG_CDEV2);
	rig_attach(rig);
	assert_int_equal(do_bind(rig, RIG_CDEV2, 16, 0, RIG_IOMMUFD2, 0),
			 -EINVAL);
	rig_close(rig, RIG_CDEV);
	assert_int_equal(do_bind(rig, RIG_CDEV2, 16, 0, RIG_IOMMUFD2, 0), 0);
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
#define BOUND(f) \
	cmocka_unit_test_setup_teardown(f, rig_setup_bound, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(before_bind),     FRESH(bind_errors),
		FRESH(bind_sizes),      FRESH(bind_twice),
		FRESH(bind_unwritable), FRESH(bind_bad_backing),
		BOUND(attach_errors),   BOUND(attach_unwritable),
		BOUND(detach_errors),   BOUND(info),
		BOUND(reset),           BOUND(reopen),
		BOUND(feature),         BOUND(feature_payload),
		BOUND(unsupported),     FRESH(close_order),
		FRESH(other_context),
	};

	return cmocka_run_group_tests_name("cdev", tests, NULL, NULL);
}
