/* SPDX-License-Identifier: MIT */
/**
 * DOC: Configuration space of a PCI function
 *
 * 256 bytes, or 4096 of an Express function, with a mask that says which bits a
 * write changes; layout and rules of the PCI Local Bus Specification 3.0, chapter
 * 6, and of the PCI Express Base Specification 5.0, chapter 7. What a write means is
 * not known here: see dev_pci.h.
 */
#ifndef DEVICES_DEV_PCI_CONFIG_H
#define DEVICES_DEV_PCI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEV_PCI_CONFIG_SIZE     256
#define DEV_PCI_CONFIG_EXTENDED 4096

/* Registers of the header, PCI 3.0 figure 6-1. */
#define DEV_PCI_VENDOR           0x00
#define DEV_PCI_DEVICE           0x02
#define DEV_PCI_COMMAND          0x04
#define DEV_PCI_STATUS           0x06
#define DEV_PCI_REVISION         0x08
#define DEV_PCI_CLASS            0x09
#define DEV_PCI_CACHE_LINE       0x0c
#define DEV_PCI_LATENCY          0x0d
#define DEV_PCI_BAR0             0x10
#define DEV_PCI_SUBSYSTEM_VENDOR 0x2c
#define DEV_PCI_SUBSYSTEM        0x2e
#define DEV_PCI_CAPABILITIES     0x34
#define DEV_PCI_INTERRUPT_LINE   0x3c
#define DEV_PCI_INTERRUPT_PIN    0x3d

/* Command register, PCI 3.0 table 6-1. */
#define DEV_PCI_COMMAND_MEMORY       0x0002
#define DEV_PCI_COMMAND_MASTER       0x0004
#define DEV_PCI_COMMAND_PARITY       0x0040
#define DEV_PCI_COMMAND_SERR         0x0100
#define DEV_PCI_COMMAND_INTX_DISABLE 0x0400

/* Status register, PCI 3.0 table 6-2. */
#define DEV_PCI_STATUS_INTERRUPT    0x0008
#define DEV_PCI_STATUS_CAPABILITIES 0x0010
#define DEV_PCI_STATUS_MASTER_ABORT 0x2000
#define DEV_PCI_STATUS_ERRORS       0xf900 /* written 1 to clear */

/* Message Control of the MSI capability, PCI 3.0 section 6.8.1.3. */
#define DEV_PCI_CAP_MSI    0x05
#define DEV_PCI_MSI_ENABLE 0x0001
#define DEV_PCI_MSI_64BIT  0x0080

/* PCIe 7.5.3, and the extended capabilities of 7.8 and 10.5. */
#define DEV_PCI_CAP_EXPRESS 0x10
#define DEV_PCI_EXT_ATS     0x0f
#define DEV_PCI_EXT_PRI     0x13
#define DEV_PCI_EXT_PASID   0x1b

/**
 * struct dev_pci_config - configuration space
 * @size: bytes of it
 * @value: what a read returns
 * @writable: bits that a write stores
 * @clearable: bits that a written 1 clears
 * @initial: @value after reset
 * @msi: where the MSI capability is; 0 = there is none
 * @extended: where the last extended capability is; 0 = there is none
 *
 * Little-endian, as on the bus.
 */
struct dev_pci_config {
	unsigned int size;
	uint8_t value[DEV_PCI_CONFIG_EXTENDED];
	uint8_t writable[DEV_PCI_CONFIG_EXTENDED];
	uint8_t clearable[DEV_PCI_CONFIG_EXTENDED];
	uint8_t initial[DEV_PCI_CONFIG_EXTENDED];
	unsigned int msi;
	unsigned int extended;
};

/**
 * struct dev_pci_ids - what identifies a function
 * @vendor: vendor ID
 * @device: device ID
 * @subsystem_vendor: subsystem vendor ID
 * @subsystem: subsystem ID
 * @class_code: base class, sub-class and interface, 24 bits
 * @revision: revision ID
 */
struct dev_pci_ids {
	uint16_t vendor;
	uint16_t device;
	uint16_t subsystem_vendor;
	uint16_t subsystem;
	uint32_t class_code;
	uint8_t revision;
};

/**
 * dev_pci_config_init() - a header of type 0 that uses INTA#
 *
 * Memory decoding is on, as firmware or a host's driver leaves it.
 */
void dev_pci_config_init(struct dev_pci_config *cfg,
			 const struct dev_pci_ids *ids);

/**
 * dev_pci_config_add_bar() - a 32-bit memory BAR
 * @index: which one, 0 to 5
 * @size: bytes, a power of two from 16 to 2^31
 * @address: where it has been placed, a multiple of @size
 */
void dev_pci_config_add_bar(struct dev_pci_config *cfg, unsigned int index,
			    uint32_t size, uint32_t address);

/**
 * dev_pci_config_add_msi() - an MSI capability of one message, 64-bit addresses
 * @offset: where; a multiple of 4, 14 bytes long. It becomes the first of the
 *	list of capabilities
 *
 * Its enable bit can be written only while dev_pci_config_msi_mode() is on.
 */
void dev_pci_config_add_msi(struct dev_pci_config *cfg, unsigned int offset);

/**
 * dev_pci_config_add_express() - a PCI Express capability of an endpoint
 * @offset: where; a multiple of 4, 60 bytes long. It becomes the first of the list
 *
 * Configuration space has 4096 bytes from now on.
 */
void dev_pci_config_add_express(struct dev_pci_config *cfg,
				unsigned int offset);

/**
 * dev_pci_config_add_extended() - an extended capability behind all others
 * @offset: where; a multiple of 4; that of the first is 0x100
 * @id: its ID; the version is 1
 * @body: what follows the header, read-only
 * @words: how many 32-bit words that is
 */
void dev_pci_config_add_extended(struct dev_pci_config *cfg,
				 unsigned int offset, uint16_t id,
				 const uint32_t *body, unsigned int words);

/** dev_pci_config_msi_mode() - let MSI be used, which also enables it, or not. */
void dev_pci_config_msi_mode(struct dev_pci_config *cfg, bool on);

/** dev_pci_config_msi_enabled() - is the function to send messages? */
bool dev_pci_config_msi_enabled(const struct dev_pci_config *cfg);

/** dev_pci_config_reset() - as after init, but for MSI mode, which stays. */
void dev_pci_config_reset(struct dev_pci_config *cfg);

/** dev_pci_config_read() - [@offset, @offset + @len) is inside. */
void dev_pci_config_read(const struct dev_pci_config *cfg, unsigned int offset,
			 void *buf, size_t len);

/** dev_pci_config_write() - what is read-only stays as it is. */
void dev_pci_config_write(struct dev_pci_config *cfg, unsigned int offset,
			  const void *buf, size_t len);

/** dev_pci_config_get16() - the register at @offset. */
uint16_t dev_pci_config_get16(const struct dev_pci_config *cfg,
			      unsigned int offset);

/** dev_pci_config_set16() - the hardware's own write: no mask applies. */
void dev_pci_config_set16(struct dev_pci_config *cfg, unsigned int offset,
			  uint16_t value);

#endif
