/* SPDX-License-Identifier: MIT */
/**
 * DOC: A modelled PCI function: what all models have in common
 *
 * Configuration space in VFIO's shape, the rule that Bus Master gates DMA and
 * messages, and the way of an interrupt: a message if MSI is enabled, else the
 * line. A model embeds struct dev_pci.
 */
#ifndef DEVICES_DEV_PCI_H
#define DEVICES_DEV_PCI_H

#include "devices/dev_pci_config.h"
#include "soft/soft.h"
#include "vfio/vfio_device.h"

/**
 * struct dev_pci_caps - what a function can ask of an IOMMU beyond plain requests
 * @pasid_bits: width of its PASIDs; 0 = none
 * @ats: it asks for translations
 * @page_requests: and for pages
 * @pasid_exec: requests with a PASID may be instruction fetches
 * @pasid_priv: and privileged
 */
struct dev_pci_caps {
	unsigned int pasid_bits;
	bool ats;
	bool page_requests;
	bool pasid_exec;
	bool pasid_priv;
};

/**
 * struct dev_pci - embedded by a model, which may find itself by its address
 * @vfio: what a client opens; first, so that one is the other
 * @config: configuration space; under the device lock
 * @soft: the IOMMU in front of the function
 * @rid: requester id
 * @caps: see there; constant
 * @asserted: the function wants to interrupt; under the device lock
 * @free: destroy the model; nobody has it open
 */
struct dev_pci {
	struct vfio_device vfio;
	struct dev_pci_config config;
	struct soft_iommu *soft;
	uint32_t rid;
	struct dev_pci_caps caps;
	bool asserted;
	void (*free)(struct dev_pci *pci);
};

/**
 * struct dev_place - where a function is plugged in
 * @soft: the IOMMU in front of it
 * @rid: its requester id
 * @bar: address from which its BARs are placed, a multiple of DEV_BAR_SPACE
 */
struct dev_place {
	struct soft_iommu *soft;
	uint32_t rid;
	uint32_t bar;
};

/** DEV_BAR_SPACE - bytes of BARs that one function can have. */
#define DEV_BAR_SPACE 0x1000000

/** dev_model() - name number @index of the models there are; NULL = end */
const char *dev_model(unsigned int index);

/**
 * dev_new() - make a function of the model called @model
 *
 * The caller sets vfio.iommu before it is opened.
 *
 * Return: 0; -EINVAL: no such model; -ENOMEM.
 */
int dev_new(const char *model, const struct dev_place *place,
	    struct dev_pci **out);

/**
 * dev_pci_init() - the part of a new function that all models share
 *
 * Sets up configuration space without BARs and capabilities, the configuration
 * region, INTx, and the request index.
 */
void dev_pci_init(struct dev_pci *pci, const struct vfio_device_ops *ops,
		  const struct dev_pci_ids *ids, const struct dev_place *place);

/** dev_pci_add_msi() - see dev_pci_config_add_msi(); one vector. */
void dev_pci_add_msi(struct dev_pci *pci, unsigned int offset);

/** dev_pci_add_express() - see dev_pci_config_add_express(). */
void dev_pci_add_express(struct dev_pci *pci, unsigned int offset);

/** dev_pci_reset() - no interrupt wanted, configuration space as after reset. */
void dev_pci_reset(struct dev_pci *pci);

/** dev_pci_can_master() - may the function send requests and messages? */
bool dev_pci_can_master(const struct dev_pci *pci);

/**
 * dev_pci_raise() - the function wants to interrupt
 *
 * Sends one message, or asserts the line until dev_pci_lower().
 */
void dev_pci_raise(struct dev_pci *pci);

/**
 * dev_pci_aborted() - a request of the function was refused
 *
 * Sets Received Master Abort, which software clears.
 */
void dev_pci_aborted(struct dev_pci *pci);

/** dev_pci_lower() - it does not want any more. */
void dev_pci_lower(struct dev_pci *pci);

/* vfio_device_ops for configuration space and the like; under the device lock. */
int dev_pci_config_access(struct dev_pci *pci, uint64_t offset, void *rbuf,
			  const void *wbuf, size_t len);
void dev_pci_set_bus_master(struct vfio_device *dev, bool on);
void dev_pci_irq_mode(struct vfio_device *dev, unsigned int index, bool enable);

#endif
