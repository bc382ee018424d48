/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "devices/dev_edu.h"
#include "devices/dev_pci.h"
#include "devices/dev_test.h"

/*
 * Flags as vfio-pci reports them, for absent indexes too: only INTx can be
 * masked, and the number of vectors cannot change while an index is on.
 */
static const struct vfio_irq_desc dev_pci_irqs[VFIO_PCI_NUM_IRQS] = {
	[VFIO_PCI_INTX_IRQ_INDEX] = {
		.count = 1,
		.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE |
			 VFIO_IRQ_INFO_AUTOMASKED,
	},
	[VFIO_PCI_MSI_IRQ_INDEX] = {
		.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE,
	},
	[VFIO_PCI_MSIX_IRQ_INDEX] = {
		.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE,
	},
	[VFIO_PCI_ERR_IRQ_INDEX] = {
		.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE,
	},
	[VFIO_PCI_REQ_IRQ_INDEX] = {
		.count = 1,
		.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE,
	},
};

static const struct {
	const char *name;
	int (*new)(const struct dev_place *place, struct dev_pci **out);
} models[] = {
	{ "edu", edu_new },
	{ "test", dev_test_new },
};

const char *dev_model(unsigned int index)
{
	return index < sizeof(models) / sizeof(models[0]) ? models[index].name
							  : NULL;
}

int dev_new(const char *model, const struct dev_place *place,
	    struct dev_pci **out)
{
	size_t i;

	for (i = 0; i != sizeof(models) / sizeof(models[0]); i++)
		if (!strcmp(models[i].name, model))
			return models[i].new(place, out);
	return -EINVAL;
}

void dev_pci_init(struct dev_pci *pci, const struct vfio_device_ops *ops,
		  const struct dev_pci_ids *ids, const struct dev_place *place)
{
	struct vfio_device *vfio = &pci->vfio;

	dev_pci_config_init(&pci->config, ids);
	pci->soft = place->soft;
	pci->rid = place->rid;
	pci->asserted = false;

	vfio->flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	vfio->region[VFIO_PCI_CONFIG_REGION_INDEX] = (struct vfio_region_desc){
		.size = DEV_PCI_CONFIG_SIZE,
		.flags = VFIO_REGION_INFO_FLAG_READ |
			 VFIO_REGION_INFO_FLAG_WRITE,
	};
	memcpy(vfio->irq, dev_pci_irqs, sizeof(vfio->irq));
	vfio_device_init(vfio, ops);
}

void dev_pci_add_msi(struct dev_pci *pci, unsigned int offset)
{
	dev_pci_config_add_msi(&pci->config, offset);
	pci->vfio.irq[VFIO_PCI_MSI_IRQ_INDEX].count = 1;
}

void dev_pci_add_express(struct dev_pci *pci, unsigned int offset)
{
	dev_pci_config_add_express(&pci->config, offset);
	pci->vfio.region[VFIO_PCI_CONFIG_REGION_INDEX].size = pci->config.size;
}

bool dev_pci_can_master(const struct dev_pci *pci)
{
	return dev_pci_config_get16(&pci->config, DEV_PCI_COMMAND) &
	       DEV_PCI_COMMAND_MASTER;
}

/*
 * The line, and the status bit that tells whether it would be asserted: PCI 3.0
 * tables 6-1 and 6-2. A function that uses MSI leaves the line alone (6.8.1.3).
 */
static void dev_pci_update_line(struct dev_pci *pci)
{
	uint16_t command = dev_pci_config_get16(&pci->config, DEV_PCI_COMMAND);
	uint16_t status = dev_pci_config_get16(&pci->config, DEV_PCI_STATUS);
	bool pending = pci->asserted &&
		       !dev_pci_config_msi_enabled(&pci->config);

	status &= (uint16_t)~DEV_PCI_STATUS_INTERRUPT;
	if (pending)
		status |= DEV_PCI_STATUS_INTERRUPT;
	dev_pci_config_set16(&pci->config, DEV_PCI_STATUS, status);
	vfio_intx(&pci->vfio,
		  pending && !(command & DEV_PCI_COMMAND_INTX_DISABLE));
}

void dev_pci_raise(struct dev_pci *pci)
{
	pci->asserted = true;
	/* A message is a memory write: Bus Master gates it (6.8.1.3). */
	if (dev_pci_config_msi_enabled(&pci->config) && dev_pci_can_master(pci))
		vfio_msi(&pci->vfio, 0);
	dev_pci_update_line(pci);
}

void dev_pci_lower(struct dev_pci *pci)
{
	pci->asserted = false;
	dev_pci_update_line(pci);
}

void dev_pci_aborted(struct dev_pci *pci)
{
	uint16_t status = dev_pci_config_get16(&pci->config, DEV_PCI_STATUS);

	dev_pci_config_set16(&pci->config, DEV_PCI_STATUS,
			     status | DEV_PCI_STATUS_MASTER_ABORT);
}

void dev_pci_reset(struct dev_pci *pci)
{
	pci->asserted = false;
	dev_pci_config_reset(&pci->config);
	dev_pci_update_line(pci);
}

int dev_pci_config_access(struct dev_pci *pci, uint64_t offset, void *rbuf,
			  const void *wbuf, size_t len)
{
	if (rbuf) {
		dev_pci_config_read(&pci->config, (unsigned int)offset, rbuf,
				    len);
	} else {
		dev_pci_config_write(&pci->config, (unsigned int)offset, wbuf,
				     len);
		dev_pci_update_line(pci);
	}
	return 0;
}

void dev_pci_set_bus_master(struct vfio_device *dev, bool on)
{
	struct dev_pci *pci = (struct dev_pci *)dev;
	uint16_t command = dev_pci_config_get16(&pci->config, DEV_PCI_COMMAND);

	command &= (uint16_t)~DEV_PCI_COMMAND_MASTER;
	if (on)
		command |= DEV_PCI_COMMAND_MASTER;
	dev_pci_config_set16(&pci->config, DEV_PCI_COMMAND, command);
}

void dev_pci_irq_mode(struct vfio_device *dev, unsigned int index, bool enable)
{
	struct dev_pci *pci = (struct dev_pci *)dev;

	if (index == VFIO_PCI_MSI_IRQ_INDEX)
		dev_pci_config_msi_mode(&pci->config, enable);
	dev_pci_update_line(pci);
}
