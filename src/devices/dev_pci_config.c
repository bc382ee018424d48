/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "devices/dev_pci_config.h"

static void dev_put(uint8_t *p, uint64_t value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

uint16_t dev_pci_config_get16(const struct dev_pci_config *cfg,
			      unsigned int offset)
{
	return (uint16_t)(cfg->value[offset] | cfg->value[offset + 1] << 8);
}

void dev_pci_config_set16(struct dev_pci_config *cfg, unsigned int offset,
			  uint16_t value)
{
	dev_put(&cfg->value[offset], value, 2);
}

/* A register's value after reset, and which of its bits a write stores. */
static void dev_pci_register(struct dev_pci_config *cfg, unsigned int offset,
			     size_t len, uint64_t value, uint64_t writable)
{
	dev_put(&cfg->value[offset], value, len);
	dev_put(&cfg->initial[offset], value, len);
	dev_put(&cfg->writable[offset], writable, len);
}

void dev_pci_config_init(struct dev_pci_config *cfg,
			 const struct dev_pci_ids *ids)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->size = DEV_PCI_CONFIG_SIZE;
	dev_pci_register(cfg, DEV_PCI_VENDOR, 2, ids->vendor, 0);
	dev_pci_register(cfg, DEV_PCI_DEVICE, 2, ids->device, 0);
	dev_pci_register(cfg, DEV_PCI_COMMAND, 2, DEV_PCI_COMMAND_MEMORY,
			 DEV_PCI_COMMAND_MEMORY | DEV_PCI_COMMAND_MASTER |
				 DEV_PCI_COMMAND_PARITY | DEV_PCI_COMMAND_SERR |
				 DEV_PCI_COMMAND_INTX_DISABLE);
	dev_put(&cfg->clearable[DEV_PCI_STATUS], DEV_PCI_STATUS_ERRORS, 2);
	dev_pci_register(cfg, DEV_PCI_REVISION, 1, ids->revision, 0);
	dev_pci_register(cfg, DEV_PCI_CLASS, 3, ids->class_code, 0);
	dev_pci_register(cfg, DEV_PCI_CACHE_LINE, 1, 0, 0xff);
	dev_pci_register(cfg, DEV_PCI_LATENCY, 1, 0, 0xff);
	dev_pci_register(cfg, DEV_PCI_SUBSYSTEM_VENDOR, 2,
			 ids->subsystem_vendor, 0);
	dev_pci_register(cfg, DEV_PCI_SUBSYSTEM, 2, ids->subsystem, 0);
	dev_pci_register(cfg, DEV_PCI_INTERRUPT_LINE, 1, 0, 0xff);
	dev_pci_register(cfg, DEV_PCI_INTERRUPT_PIN, 1, 1, 0);
}

void dev_pci_config_add_bar(struct dev_pci_config *cfg, unsigned int index,
			    uint32_t size, uint32_t address)
{
	/* PCI 3.0 section 6.2.5.1: the bits below the size read as zero. */
	dev_pci_register(cfg, DEV_PCI_BAR0 + 4 * index, 4, address,
			 ~(uint64_t)(size - 1));
}

/* In front of the list: PCI 3.0 section 6.7. */
static void dev_pci_add_capability(struct dev_pci_config *cfg,
				   unsigned int offset, uint8_t id)
{
	uint8_t next = cfg->value[DEV_PCI_CAPABILITIES];
	uint16_t status = dev_pci_config_get16(cfg, DEV_PCI_STATUS);

	dev_pci_register(cfg, offset, 1, id, 0);
	dev_pci_register(cfg, offset + 1, 1, next, 0);
	dev_pci_register(cfg, DEV_PCI_CAPABILITIES, 1, offset, 0);
	dev_pci_register(cfg, DEV_PCI_STATUS, 2,
			 status | DEV_PCI_STATUS_CAPABILITIES, 0);
}

void dev_pci_config_add_msi(struct dev_pci_config *cfg, unsigned int offset)
{
	cfg->msi = offset;
	dev_pci_add_capability(cfg, offset, DEV_PCI_CAP_MSI);
	dev_pci_register(cfg, offset + 2, 2, DEV_PCI_MSI_64BIT, 0);
	/* Message address and data: sections 6.8.1.4 to 6.8.1.6. */
	dev_pci_register(cfg, offset + 4, 8, 0, ~(uint64_t)3);
	dev_pci_register(cfg, offset + 12, 2, 0, 0xffff);
}

void dev_pci_config_add_express(struct dev_pci_config *cfg, unsigned int offset)
{
	cfg->size = DEV_PCI_CONFIG_EXTENDED;
	dev_pci_add_capability(cfg, offset, DEV_PCI_CAP_EXPRESS);
	/* PCIe 7.5.3.2: version 2, device type 0, an endpoint. */
	dev_pci_register(cfg, offset + 2, 2, 2, 0);
	/* 7.5.3.3: role-based error reporting (1); function level reset (1). */
	dev_pci_register(cfg, offset + 4, 4, 1U << 15 | 1U << 28, 0);
	/* 7.5.3.6, 7.5.3.8: one lane of 2.5 GT/s. */
	dev_pci_register(cfg, offset + 12, 4, 1U << 4 | 1, 0);
	dev_pci_register(cfg, offset + 18, 2, 1U << 4 | 1, 0);
}

void dev_pci_config_add_extended(struct dev_pci_config *cfg,
				 unsigned int offset, uint16_t id,
				 const uint32_t *body, unsigned int words)
{
	unsigned int i;

	/* PCIe 7.6.3: ID, version, and where the next one is. */
	dev_pci_register(cfg, offset, 4, (uint32_t)id | 1U << 16, 0);
	for (i = 0; i < words; i++)
		dev_pci_register(cfg, offset + 4 + 4 * i, 4, body[i], 0);
	if (cfg->extended)
		dev_pci_register(cfg, cfg->extended + 2, 2, offset << 4 | 1, 0);
	cfg->extended = offset;
}

void dev_pci_config_msi_mode(struct dev_pci_config *cfg, bool on)
{
	if (!cfg->msi)
		return;
	dev_put(&cfg->writable[cfg->msi + 2], on ? DEV_PCI_MSI_ENABLE : 0, 2);
	dev_pci_config_set16(cfg, cfg->msi + 2,
			     DEV_PCI_MSI_64BIT | (on ? DEV_PCI_MSI_ENABLE : 0));
}

bool dev_pci_config_msi_enabled(const struct dev_pci_config *cfg)
{
	return cfg->msi &&
	       dev_pci_config_get16(cfg, cfg->msi + 2) & DEV_PCI_MSI_ENABLE;
}

void dev_pci_config_reset(struct dev_pci_config *cfg)
{
	bool msi_mode = cfg->msi &&
			cfg->writable[cfg->msi + 2] & DEV_PCI_MSI_ENABLE;

	memcpy(cfg->value, cfg->initial, sizeof(cfg->value));
	dev_pci_config_msi_mode(cfg, msi_mode);
}

void dev_pci_config_read(const struct dev_pci_config *cfg, unsigned int offset,
			 void *buf, size_t len)
{
	memcpy(buf, &cfg->value[offset], len);
}

void dev_pci_config_write(struct dev_pci_config *cfg, unsigned int offset,
			  const void *buf, size_t len)
{
	const uint8_t *in = buf;
	size_t i;

	for (i = 0; i < len; i++) {
		uint8_t *value = &cfg->value[offset + i];
		uint8_t writable = cfg->writable[offset + i];

		*value = (uint8_t)((*value & ~writable) | (in[i] & writable));
		*value &= (uint8_t) ~(in[i] & cfg->clearable[offset + i]);
	}
}
