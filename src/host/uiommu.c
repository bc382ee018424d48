/* SPDX-License-Identifier: MIT */
/*
 * A run: an IOMMU, its page tables and the devices behind it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/dev_pci.h"
#include "mock/mock.h"
#include "drivers/soft/soft_driver.h"
#include "host/host.h"
#include "iommufd/iommufd_device.h"
#include "port/port.h"

/* BARs have these addresses in configuration space, one window for each slot. */
#define HOST_BAR_BASE 0xc0000000U

/* Table memory, where the caller has no opinion. */
#define HOST_TABLE_SIZE (64ULL << 30)
/* ... and in-process, above every address that a process can have. */
#define HOST_TABLE_BASE (1ULL << 48)

/* 2^10 translations: enough for small tests to hit, and for larger to evict. */
#define HOST_IOTLB_LG2 10

static void *uiommu_table_alloc(const struct pt_runtime *rt,
				unsigned int size_lg2, gfp_t gfp)
{
	const struct uiommu *u =
		(const struct uiommu *)((const char *)rt -
					offsetof(struct uiommu, runtime));
	const struct pt_runtime *arena = port_arena_runtime(u->arena);

	if (u->table_fails(u->table_fails_arg))
		return NULL;
	return arena->alloc(arena, size_lg2, gfp);
}

static void *uiommu_table_alloc_filled(const struct pt_runtime *rt,
				       unsigned int size_lg2, gfp_t gfp,
				       size_t from, size_t end)
{
	const struct uiommu *u =
		(const struct uiommu *)((const char *)rt -
					offsetof(struct uiommu, runtime));
	const struct pt_runtime *arena = port_arena_runtime(u->arena);

	if (u->table_fails(u->table_fails_arg))
		return NULL;
	return arena->alloc_filled(arena, size_lg2, gfp, from, end);
}

static int uiommu_new_arena(struct uiommu *u,
			    const struct uiommu_config *config)
{
	struct port_arena_config arena = {
		.base_pa = config->table_base,
		.size = config->table_size,
	};
	int ret;

	if (!config->phys && !arena.base_pa)
		arena.base_pa = HOST_TABLE_BASE;
	if (!arena.size)
		arena.size = HOST_TABLE_SIZE;
	ret = port_arena_new(&arena, &u->arena);
	if (ret)
		return ret;
	u->runtime = *port_arena_runtime(u->arena);
	u->table_fails = config->table_fails;
	u->table_fails_arg = config->arg;
	if (u->table_fails) {
		u->runtime.alloc = uiommu_table_alloc;
		u->runtime.alloc_filled = uiommu_table_alloc_filled;
		u->runtime.alloc_many = NULL; /* each may fail */
	}
	return 0;
}

static int uiommu_new_iommu(struct uiommu *u,
			    const struct uiommu_config *config)
{
	struct soft_iommu_config soft = {
		.bus = &u->bus,
		.iotlb_lg2 = HOST_IOTLB_LG2,
		.fault = config->fault,
		.suspect = config->suspect,
		.dma = config->dma,
		.arg = config->arg,
	};

	u->soft = soft_iommu_new(&soft);
	if (!u->soft)
		return -ENOMEM;
	return soft_driver_new(u->soft, config->iommu ? config->iommu : "vtdss",
			       &u->runtime, &u->driver);
}

int uiommu_new(const struct uiommu_config *config, struct uiommu **out)
{
	struct uiommu *u = calloc(1, sizeof(*u));
	int ret;

	if (!u)
		return -ENOMEM;
	u->phys = config->phys ? config->phys : &uiommu_self_phys;
	u->phys_arg = config->phys_arg;
	uiommu_bus_init(u);
	ret = uiommu_new_arena(u, config);
	if (!ret)
		ret = uiommu_new_iommu(u, config);
	if (!ret && config->mock)
		ret = mock_iommu_new(&u->runtime, &u->mock);
	if (ret) {
		uiommu_free(u);
		return ret;
	}
	*out = u;
	return 0;
}

void uiommu_free(struct uiommu *u)
{
	unsigned int i;

	if (!u)
		return;
	for (i = 0; i < u->nr_devices; i++) {
		soft_driver_remove_device(u->device[i].iommu);
		u->device[i].pci->free(u->device[i].pci);
		vfio_group_fini(&u->device[i].group);
	}
	mock_iommu_free(u->mock);
	if (u->driver)
		soft_driver_free(u->driver);
	if (u->soft)
		soft_iommu_free(u->soft);
	port_arena_free(u->arena);
	free(u);
}

const char *uiommu_format_name(unsigned int index)
{
	return soft_driver_format(index);
}

const char *uiommu_model_name(unsigned int index)
{
	return dev_model(index);
}

static void uiommu_bdf(const struct uiommu_device *dev, char *buf, size_t size)
{
	snprintf(buf, size, "0000:00:%02x.0", dev->slot & 0x1f);
}

/* Configuration space says it, and the IOMMU's driver acts on it. */
static void uiommu_set_caps(struct uiommu_device *dev)
{
	const struct dev_pci_caps *caps = &dev->pci->caps;
	const struct soft_device_caps to = {
		.pasid_bits = caps->pasid_bits,
		.ats = caps->ats,
		.page_requests = caps->page_requests,
		.pasid_exec = caps->pasid_exec,
		.pasid_priv = caps->pasid_priv,
	};

	soft_driver_set_caps(dev->iommu, &to);
}

static int uiommu_plug_in(struct uiommu *u, const char *model, bool no_iommu,
			  struct uiommu_device **out)
{
	struct uiommu_device *dev = &u->device[u->nr_devices];
	struct dev_place place = { .soft = u->soft };
	int ret;

	if (u->nr_devices == HOST_MAX_DEVICES)
		return -ENOSPC;
	dev->index = u->nr_devices;
	dev->slot = dev->index + 1;
	place.rid = dev->slot << 3;
	place.bar = HOST_BAR_BASE + dev->slot * DEV_BAR_SPACE;
	ret = dev_new(model, &place, &dev->pci);
	if (ret)
		return ret;
	if (no_iommu)
		ret = soft_driver_add_untranslated(u->driver, place.rid,
						   &dev->iommu);
	else
		ret = soft_driver_add_device(u->driver, place.rid, &dev->iommu);
	if (ret) {
		dev->pci->free(dev->pci);
		return ret;
	}
	if (!no_iommu)
		uiommu_set_caps(dev);
	dev->pci->vfio.iommu = dev->iommu;
	uiommu_bdf(dev, dev->pci->vfio.name, sizeof(dev->pci->vfio.name));
	vfio_group_init(&dev->group);
	vfio_group_add(&dev->group, &dev->pci->vfio);
	u->nr_devices++;
	if (out)
		*out = dev;
	return 0;
}

int uiommu_add_device(struct uiommu *u, const char *model,
		      struct uiommu_device **out)
{
	return uiommu_plug_in(u, model, false, out);
}

int uiommu_add_device_without_iommu(struct uiommu *u, const char *model,
				    struct uiommu_device **out)
{
	return uiommu_plug_in(u, model, true, out);
}

unsigned int uiommu_nr_devices(struct uiommu *u)
{
	return u->nr_devices;
}

struct uiommu_device *uiommu_device(struct uiommu *u, unsigned int index)
{
	return index < u->nr_devices ? &u->device[index] : NULL;
}

void uiommu_device_info(struct uiommu_device *dev,
			struct uiommu_device_info *info)
{
	struct vfio_device *vfio = &dev->pci->vfio;
	unsigned int i;

	memset(info, 0, sizeof(*info));
	uiommu_bdf(dev, info->bdf, sizeof(info->bdf));
	info->rid = dev->slot << 3;
	info->index = dev->index;
	info->group = dev->index;
	info->no_iommu = dev->iommu->ops->no_iommu;
	for (i = 0; i < 6; i++)
		info->bar_size[i] =
			vfio->region[VFIO_PCI_BAR0_REGION_INDEX + i].size;
	vfio_device_lock(vfio);
	dev_pci_config_read(&dev->pci->config, 0, info->config,
			    sizeof(info->config));
	vfio_device_unlock(vfio);
}

int uiommu_open_iommufd_at(struct uiommu *u, int backing,
			   struct uiommu_file **out)
{
	return iommufd_open_with(u->mock, backing, out);
}

int uiommu_open_iommufd(struct uiommu *u, struct uiommu_file **out)
{
	return uiommu_open_iommufd_at(u, -1, out);
}

int uiommu_open_container(struct uiommu *u, struct uiommu_file **out)
{
	return iommufd_vfio_open(out);
}

int uiommu_open_group(struct uiommu *u, unsigned int number,
		      struct uiommu_file **out)
{
	struct uiommu_device *dev = uiommu_device(u, number);

	return dev ? vfio_group_open(&dev->group, out) : -ENOENT;
}

int uiommu_open_device(struct uiommu_device *dev, int backing,
		       struct uiommu_file **out)
{
	return vfio_cdev_open(&dev->pci->vfio, backing, out);
}

static const char *uiommu_fault_why(enum soft_reason reason)
{
	switch (reason) {
	case SOFT_OK:
		break;
	case SOFT_FAULT_BLOCKED:
		return "the device is attached to nothing";
	case SOFT_FAULT_RANGE:
		return "the address is outside the input range";
	case SOFT_FAULT_NOT_PRESENT:
		return "nothing is mapped there";
	case SOFT_FAULT_PERMISSION:
		return "the mapping does not permit it";
	case SOFT_FAULT_BAD_ENTRY:
		return "an entry of the page table is malformed";
	case SOFT_FAULT_BUS:
		return "there is no memory at the output address";
	case SOFT_FAULT_BAD_ROOT:
		return "the device's root is malformed";
	}
	return "unknown";
}

void uiommu_fault_info(const struct soft_fault *fault,
		       struct uiommu_fault *info)
{
	*info = (struct uiommu_fault){
		.rid = fault->rid,
		.iova = fault->va,
		.write = fault->access & SOFT_WRITE,
		.why = uiommu_fault_why(fault->walk.reason),
	};
}

struct soft_iommu *uiommu_soft(struct uiommu *u)
{
	return u->soft;
}

struct soft_bus *uiommu_bus(struct uiommu *u)
{
	return &u->bus;
}
