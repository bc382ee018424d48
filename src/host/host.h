/* SPDX-License-Identifier: MIT */
/**
 * DOC: The inside of a run
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <uiommu/port.h>
#include <uiommu/uiommu.h>

#include "soft/soft.h"
#include "vfio/vfio_group.h"

struct dev_pci;
struct port_arena;
struct mock_iommu;
struct soft_driver;
struct iommu_dev;

/** HOST_MAX_DEVICES - slots of bus 0 without slot 0, the host bridge's. */
#define HOST_MAX_DEVICES 31

/**
 * struct uiommu_device - a device and its place
 * @pci: the model
 * @iommu: the device as the IOMMU core knows it
 * @index: which one it is
 * @slot: its slot on bus 0
 * @group: the group that it is in, alone
 */
struct uiommu_device {
	struct dev_pci *pci;
	struct iommu_dev *iommu;
	unsigned int index;
	unsigned int slot;
	struct vfio_group group;
};

/**
 * struct uiommu - one run
 * @bus: joins table memory and client memory; first, so that one is the other
 * @arena: table memory
 * @runtime: the same, for page tables
 * @table_fails: see &uiommu_config.table_fails, with @table_fails_arg
 * @phys: client memory
 * @phys_arg: for @phys
 * @soft: the IOMMU's hardware
 * @driver: its driver
 * @mock: a mock IOMMU beside it, or NULL
 * @device: what is plugged in
 * @nr_devices: how many
 */
struct uiommu {
	struct soft_bus bus;
	struct port_arena *arena;
	struct pt_runtime runtime;
	bool (*table_fails)(void *arg);
	void *table_fails_arg;
	const struct uiommu_phys_ops *phys;
	void *phys_arg;
	struct soft_iommu *soft;
	struct soft_driver *driver;
	struct mock_iommu *mock;
	struct uiommu_device device[HOST_MAX_DEVICES];
	unsigned int nr_devices;
};

/** uiommu_bus_init() - fill in u->bus; u->arena and u->phys are set. */
void uiommu_bus_init(struct uiommu *u);

/**
 * uiommu_self_phys - this process's memory with PA = address
 *
 * A bad address is -EFAULT, not a crash.
 */
extern const struct uiommu_phys_ops uiommu_self_phys;

#endif
