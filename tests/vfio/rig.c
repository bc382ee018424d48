/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

static void rig_fault(void *arg, const struct soft_fault *fault)
{
	struct rig *rig = arg;
	struct uiommu_device_info info;

	/* No lock is held: the whole host API can be used from here. */
	uiommu_device_info(rig->dev, &info);
	rig->faults++;
	rig->fault = *fault;
	if (rig->on_fault)
		rig->on_fault(rig);
}

static void rig_suspect(void *arg, const struct soft_suspect *suspect)
{
	struct rig *rig = arg;

	rig->suspects++;
}

void rig_open_cdev(struct rig *rig, int fd)
{
	assert_null(rig->file[fd]);
	assert_int_equal(
		uiommu_open_device(rig->dev, rig->backing, &rig->file[fd]), 0);
}

void rig_close(struct rig *rig, int fd)
{
	uiommu_file_put(rig->file[fd]);
	rig->file[fd] = NULL;
}

void rig_init(struct rig *rig, const char *iommu)
{
	rig_init_model(rig, iommu, "edu");
}

void rig_init_model(struct rig *rig, const char *iommu, const char *model)
{
	struct uiommu_config config = {
		.iommu = iommu,
		.table_size = 64 << 20,
		.fault = rig_fault,
		.suspect = rig_suspect,
		.arg = rig,
	};

	memset(rig, 0, sizeof(*rig));
	rig->backing = memfd_create("edu", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(rig->backing >= 0);
	assert_int_equal(uiommu_new(&config, &rig->u), 0);
	assert_int_equal(uiommu_add_device(rig->u, model, &rig->dev), 0);
	assert_int_equal(uiommu_self_init(&rig->self), 0);
	rig->self.file = rig->file;
	rig->self.nr_files = RIG_NR_FILES;
	assert_int_equal(uiommu_open_iommufd(rig->u, &rig->file[RIG_IOMMUFD]),
			 0);
	rig_open_cdev(rig, RIG_CDEV);
}

void rig_fini(struct rig *rig)
{
	int fd;

	for (fd = RIG_NR_FILES - 1; fd >= 0; fd--)
		if (rig->file[fd])
			rig_close(rig, fd);
	assert_int_equal(rig->suspects, 0);
	uiommu_self_fini(&rig->self);
	uiommu_free(rig->u);
	if (rig->backing >= 0)
		close(rig->backing);
}

long rig_ioctl(struct rig *rig, int fd, unsigned int cmd, const void *arg)
{
	return uiommu_ioctl(rig->file[fd], &rig->self.user, cmd,
			    (uintptr_t)arg);
}

void rig_bind(struct rig *rig)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = RIG_IOMMUFD,
	};
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	assert_int_equal(
		rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_BIND_IOMMUFD, &bind), 0);
	assert_int_not_equal(bind.out_devid, 0);
	assert_int_equal(rig_ioctl(rig, RIG_IOMMUFD, IOMMU_IOAS_ALLOC, &alloc),
			 0);
	rig->ioas = alloc.out_ioas_id;
}

void rig_attach(struct rig *rig)
{
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach),
	};

	rig_bind(rig);
	attach.pt_id = rig->ioas;
	assert_int_equal(rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_ATTACH_IOMMUFD_PT,
				   &attach),
			 0);
	assert_int_not_equal(attach.pt_id, rig->ioas);
	rig_bus_master(rig, true);
}

void rig_map(struct rig *rig, void *va, uint64_t iova, uint64_t len)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = rig->ioas,
		.user_va = (uintptr_t)va,
		.length = len,
		.iova = iova,
	};

	assert_int_equal(rig_ioctl(rig, RIG_IOMMUFD, IOMMU_IOAS_MAP, &map), 0);
}

long rig_unmap(struct rig *rig, uint64_t iova, uint64_t len)
{
	struct iommu_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.ioas_id = rig->ioas,
		.iova = iova,
		.length = len,
	};

	return rig_ioctl(rig, RIG_IOMMUFD, IOMMU_IOAS_UNMAP, &unmap);
}

int64_t rig_pread(struct rig *rig, unsigned int region, uint64_t offset,
		  void *buf, size_t len)
{
	return uiommu_read(rig->file[RIG_CDEV], &rig->self.user, (uintptr_t)buf,
			   len, VFIO_REGION_OFFSET(region) + offset);
}

int64_t rig_pwrite(struct rig *rig, unsigned int region, uint64_t offset,
		   const void *buf, size_t len)
{
	return uiommu_write(rig->file[RIG_CDEV], &rig->self.user,
			    (uintptr_t)buf, len,
			    VFIO_REGION_OFFSET(region) + offset);
}

uint64_t rig_get(struct rig *rig, unsigned int region, uint64_t offset,
		 size_t len)
{
	uint64_t value = 0;

	assert_int_equal(rig_pread(rig, region, offset, &value, len), len);
	return value;
}

void rig_set(struct rig *rig, unsigned int region, uint64_t offset, size_t len,
	     uint64_t value)
{
	assert_int_equal(rig_pwrite(rig, region, offset, &value, len), len);
}

void rig_bus_master(struct rig *rig, bool on)
{
	uint64_t command =
		rig_get(rig, VFIO_PCI_CONFIG_REGION_INDEX, DEV_PCI_COMMAND, 2);

	command &= ~(uint64_t)DEV_PCI_COMMAND_MASTER;
	if (on)
		command |= DEV_PCI_COMMAND_MASTER;
	rig_set(rig, VFIO_PCI_CONFIG_REGION_INDEX, DEV_PCI_COMMAND, 2, command);
}

void rig_dma(struct rig *rig, uint64_t source, uint64_t dest, uint64_t count,
	     uint32_t command)
{
	rig_set(rig, 0, EDU_DMA_SOURCE, 8, source);
	rig_set(rig, 0, EDU_DMA_DEST, 8, dest);
	rig_set(rig, 0, EDU_DMA_COUNT, 8, count);
	rig_set(rig, 0, EDU_DMA_COMMAND, 4, command);
	/* Whatever became of it, it is over. */
	assert_int_equal(rig_get(rig, 0, EDU_DMA_COMMAND, 4) & EDU_DMA_START,
			 0);
}

long rig_set_irqs(struct rig *rig, uint32_t flags, uint32_t index,
		  uint32_t start, uint32_t count, const void *data, size_t size)
{
	_Alignas(struct vfio_irq_set) uint8_t buf[256];
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;

	assert_true(sizeof(*set) + size <= sizeof(buf));
	set->argsz = (uint32_t)(sizeof(*set) + size);
	set->flags = flags;
	set->index = index;
	set->start = start;
	set->count = count;
	if (size)
		memcpy(set->data, data, size);
	return rig_ioctl(rig, RIG_CDEV, VFIO_DEVICE_SET_IRQS, set);
}

int rig_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

uint64_t rig_fired(int eventfd)
{
	uint64_t count;

	if (read(eventfd, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

void rig_trigger(struct rig *rig, uint32_t index, int eventfd)
{
	int32_t fd = eventfd;

	assert_int_equal(rig_set_irqs(rig,
				      VFIO_IRQ_SET_DATA_EVENTFD |
					      VFIO_IRQ_SET_ACTION_TRIGGER,
				      index, 0, 1, &fd, sizeof(fd)),
			 0);
}

int rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig_init(rig, NULL);
	*state = rig;
	return 0;
}

int rig_setup_bound(void **state)
{
	rig_setup(state);
	rig_bind(*state);
	return 0;
}

int rig_setup_attached(void **state)
{
	rig_setup(state);
	rig_attach(*state);
	return 0;
}

int rig_teardown(void **state)
{
	rig_fini(*state);
	free(*state);
	return 0;
}
