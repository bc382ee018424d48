/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/dev_edu.h"

/* Where the DMA registers start, and how many there are. */
#define EDU_DMA_FIRST EDU_DMA_SOURCE
#define EDU_NR_DMA    4

/* The index of a DMA register. */
#define EDU_DMA(reg) (((reg)-EDU_DMA_FIRST) / 8)

/**
 * struct edu - one device
 * @pci: what every PCI function has
 * @liveness: as it reads
 * @factorial: the result
 * @status: EDU_STATUS_*
 * @irq_status: EDU_IRQ_*, and whatever software raised
 * @dma: source, destination, count, command
 * @memory: where the buffer lives, or -1: in @buffer
 * @buffer: the buffer
 */
struct edu {
	struct dev_pci pci;
	uint32_t liveness;
	uint32_t factorial;
	uint32_t status;
	uint32_t irq_status;
	uint64_t dma[EDU_NR_DMA];
	int memory;
	uint8_t buffer[EDU_BUFFER_SIZE];
};

static const struct dev_pci_ids edu_ids = {
	.vendor = 0x1234,
	.device = 0x11e8,
	.subsystem_vendor = 0x1af4,
	.subsystem = 0x1100,
	.class_code = 0x00ff00,
	.revision = 0x10,
};

static const struct vfio_mmap_area edu_areas[] = {
	{ .offset = EDU_BUFFER, .size = EDU_BUFFER_SIZE },
};

static off_t edu_file_offset(size_t offset)
{
	return (off_t)(VFIO_REGION_OFFSET(VFIO_PCI_BAR0_REGION_INDEX) +
		       EDU_BUFFER + offset);
}

/*
 * The buffer may live in a file that the client can truncate, so it is never
 * touched through a mapping. A file that refuses is a device that does not
 * answer: -EIO.
 */
static int edu_buffer_read(struct edu *edu, size_t offset, void *buf,
			   size_t len)
{
	ssize_t ret;

	if (edu->memory < 0) {
		memcpy(buf, edu->buffer + offset, len);
		return 0;
	}
	ret = pread(edu->memory, buf, len, edu_file_offset(offset));
	return ret == (ssize_t)len ? 0 : -EIO;
}

static int edu_buffer_write(struct edu *edu, size_t offset, const void *buf,
			    size_t len)
{
	ssize_t ret;

	if (edu->memory < 0) {
		memcpy(edu->buffer + offset, buf, len);
		return 0;
	}
	ret = pwrite(edu->memory, buf, len, edu_file_offset(offset));
	return ret == (ssize_t)len ? 0 : -EIO;
}

static int edu_attach_memory(struct vfio_device *dev, int fd)
{
	struct edu *edu = (struct edu *)dev;
	ssize_t ret;

	if (fd < 0 && edu->memory < 0)
		return 0;
	if (fd < 0) {
		/* What cannot be brought back reads as zero. */
		if (edu_buffer_read(edu, 0, edu->buffer, EDU_BUFFER_SIZE))
			memset(edu->buffer, 0, EDU_BUFFER_SIZE);
		edu->memory = -1;
		return 0;
	}
	ret = pwrite(fd, edu->buffer, EDU_BUFFER_SIZE, edu_file_offset(0));
	if (ret < 0)
		return -errno;
	if (ret < EDU_BUFFER_SIZE)
		return -ENOSPC;
	edu->memory = fd;
	return 0;
}

static void edu_reset(struct vfio_device *dev)
{
	static const uint8_t zero[EDU_BUFFER_SIZE];
	struct edu *edu = (struct edu *)dev;

	dev_pci_reset(&edu->pci);
	edu->liveness = 0;
	edu->factorial = 0;
	edu->status = 0;
	edu->irq_status = 0;
	memset(edu->dma, 0, sizeof(edu->dma));
	edu_buffer_write(edu, 0, zero, sizeof(zero));
}

static int edu_open(struct vfio_device *dev)
{
	edu_reset(dev);
	return 0;
}

static void edu_close(struct vfio_device *dev)
{
	edu_reset(dev);
}

static void edu_raise(struct edu *edu, uint32_t bits)
{
	edu->irq_status |= bits;
	if (edu->irq_status)
		dev_pci_raise(&edu->pci);
}

static void edu_acknowledge(struct edu *edu, uint32_t bits)
{
	edu->irq_status &= ~bits;
	if (!edu->irq_status)
		dev_pci_lower(&edu->pci);
}

/* From 34! on, 2^32 divides the factorial: the loop is short for every @n. */
static uint32_t edu_compute(uint32_t n)
{
	uint32_t result = 1;

	for (; n > 1 && result; n--)
		result *= n;
	return result;
}

static void edu_write_factorial(struct edu *edu, uint32_t n)
{
	edu->status |= EDU_STATUS_COMPUTING;
	edu->factorial = edu_compute(n);
	edu->status &= ~(uint32_t)EDU_STATUS_COMPUTING;
	if (edu->status & EDU_STATUS_IRQ)
		edu_raise(edu, EDU_IRQ_FACTORIAL);
}

static bool edu_in_buffer(uint64_t addr, uint64_t count)
{
	return addr >= EDU_BUFFER && addr - EDU_BUFFER <= EDU_BUFFER_SIZE &&
	       count <= EDU_BUFFER_SIZE - (addr - EDU_BUFFER);
}

/* One transfer, as it was when it was started. */
struct edu_transfer {
	uint64_t iova;
	size_t offset;
	size_t count;
	unsigned int access;
	uint8_t data[EDU_BUFFER_SIZE];
};

/* Under the device lock. False: there is nothing to transfer. */
static bool edu_prepare(struct edu *edu, struct edu_transfer *t)
{
	uint64_t source = edu->dma[EDU_DMA(EDU_DMA_SOURCE)];
	uint64_t dest = edu->dma[EDU_DMA(EDU_DMA_DEST)];
	uint64_t count = edu->dma[EDU_DMA(EDU_DMA_COUNT)];
	bool to_memory = edu->dma[EDU_DMA(EDU_DMA_COMMAND)] & EDU_DMA_TO_MEMORY;
	uint64_t device = to_memory ? source : dest;

	if (!count || !edu_in_buffer(device, count) ||
	    !dev_pci_can_master(&edu->pci))
		return false;
	t->iova = to_memory ? dest : source;
	t->offset = (size_t)(device - EDU_BUFFER);
	t->count = (size_t)count;
	t->access = to_memory ? SOFT_WRITE : SOFT_READ;
	return !to_memory ||
	       !edu_buffer_read(edu, t->offset, t->data, t->count);
}

static void edu_run(struct vfio_device *dev)
{
	struct edu *edu = (struct edu *)dev;
	struct edu_transfer t;
	size_t done = 0;
	bool ready, aborted;

	vfio_device_lock(dev);
	ready = edu_prepare(edu, &t);
	vfio_device_unlock(dev);

	aborted = ready &&
		  soft_iommu_dma(edu->pci.soft, edu->pci.rid, 0, t.iova, t.data,
				 t.count, t.access, &done) != SOFT_OK;

	vfio_device_lock(dev);
	if (ready && t.access == SOFT_READ)
		edu_buffer_write(edu, t.offset, t.data, done);
	if (aborted)
		dev_pci_aborted(&edu->pci);
	edu->dma[EDU_DMA(EDU_DMA_COMMAND)] &= ~(uint64_t)EDU_DMA_START;
	if (edu->dma[EDU_DMA(EDU_DMA_COMMAND)] & EDU_DMA_IRQ)
		edu_raise(edu, EDU_IRQ_DMA);
	vfio_device_done(dev);
	vfio_device_unlock(dev);
}

static uint32_t edu_read32(struct edu *edu, uint64_t reg)
{
	switch (reg) {
	case EDU_ID:
		return 0x010000ed;
	case EDU_LIVENESS:
		return edu->liveness;
	case EDU_FACTORIAL:
		return edu->factorial;
	case EDU_STATUS:
		return edu->status;
	case EDU_IRQ_STATUS:
		return edu->irq_status;
	default:
		return UINT32_MAX;
	}
}

static void edu_write32(struct edu *edu, uint64_t reg, uint32_t value)
{
	switch (reg) {
	case EDU_LIVENESS:
		edu->liveness = ~value;
		break;
	case EDU_FACTORIAL:
		edu_write_factorial(edu, value);
		break;
	case EDU_STATUS:
		edu->status = value & EDU_STATUS_IRQ;
		break;
	case EDU_IRQ_RAISE:
		edu_raise(edu, value);
		break;
	case EDU_IRQ_ACK:
		edu_acknowledge(edu, value);
		break;
	default:
		break;
	}
}

static void edu_write_dma(struct edu *edu, uint64_t reg, uint64_t value)
{
	uint64_t *dma = &edu->dma[EDU_DMA(reg)];

	if (edu->pci.vfio.running)
		return; /* a transfer owns its registers */
	if (reg % 8)
		*dma = (uint32_t)*dma | value << 32;
	else
		*dma = value;
	edu->dma[EDU_DMA(EDU_DMA_COMMAND)] &= EDU_DMA_START |
					      EDU_DMA_TO_MEMORY | EDU_DMA_IRQ;
	if (reg == EDU_DMA_COMMAND && *dma & EDU_DMA_START)
		vfio_device_start(&edu->pci.vfio);
}

static bool edu_is_dma(uint64_t offset)
{
	return offset >= EDU_DMA_FIRST &&
	       offset < EDU_DMA_FIRST + 8 * EDU_NR_DMA;
}

static bool edu_is_buffer(uint64_t offset)
{
	return offset >= EDU_BUFFER && offset < EDU_BUFFER + EDU_BUFFER_SIZE;
}

/* A function whose memory decoding is off does not answer at all. */
static bool edu_decodes(const struct edu *edu)
{
	return dev_pci_config_get16(&edu->pci.config, DEV_PCI_COMMAND) &
	       DEV_PCI_COMMAND_MEMORY;
}

static int edu_read(struct vfio_device *dev, unsigned int region,
		    uint64_t offset, void *buf, size_t len)
{
	struct edu *edu = (struct edu *)dev;
	uint64_t value = UINT64_MAX;

	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		return dev_pci_config_access(&edu->pci, offset, buf, NULL, len);
	if (!edu_decodes(edu))
		return -EIO;
	if (edu_is_buffer(offset))
		return edu_buffer_read(edu, (size_t)(offset - EDU_BUFFER), buf,
				       len);
	if (edu_is_dma(offset) && len >= 4)
		value = edu->dma[EDU_DMA(offset)] >> (offset % 8 * 8);
	else if (len == 4)
		value = edu_read32(edu, offset);
	memcpy(buf, &value, len);
	return 0;
}

static int edu_write(struct vfio_device *dev, unsigned int region,
		     uint64_t offset, const void *buf, size_t len)
{
	struct edu *edu = (struct edu *)dev;
	uint64_t value = 0;

	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		return dev_pci_config_access(&edu->pci, offset, NULL, buf, len);
	if (!edu_decodes(edu))
		return -EIO;
	if (edu_is_buffer(offset))
		return edu_buffer_write(edu, (size_t)(offset - EDU_BUFFER), buf,
					len);
	if (len < 4)
		return 0;
	memcpy(&value, buf, len);
	if (edu_is_dma(offset))
		edu_write_dma(edu, offset, value);
	else if (len == 4)
		edu_write32(edu, offset, (uint32_t)value);
	return 0;
}

static const struct vfio_device_ops edu_ops = {
	.open = edu_open,
	.close = edu_close,
	.reset = edu_reset,
	.read = edu_read,
	.write = edu_write,
	.run = edu_run,
	.set_bus_master = dev_pci_set_bus_master,
	.irq_mode = dev_pci_irq_mode,
	.attach_memory = edu_attach_memory,
};

static void edu_free(struct dev_pci *pci)
{
	vfio_device_fini(&pci->vfio);
	free(pci);
}

int edu_new(const struct dev_place *place, struct dev_pci **out)
{
	struct edu *edu = calloc(1, sizeof(*edu));

	if (!edu)
		return -ENOMEM;
	edu->memory = -1;
	edu->pci.free = edu_free;
	dev_pci_init(&edu->pci, &edu_ops, &edu_ids, place);
	dev_pci_config_add_bar(&edu->pci.config, 0, EDU_BAR_SIZE, place->bar);
	dev_pci_add_msi(&edu->pci, 0x40);
	edu->pci.vfio.region[VFIO_PCI_BAR0_REGION_INDEX] =
		(struct vfio_region_desc){
			.size = EDU_BAR_SIZE,
			.flags = VFIO_REGION_INFO_FLAG_READ |
				 VFIO_REGION_INFO_FLAG_WRITE,
			.areas = edu_areas,
			.nr_areas = 1,
		};
	*out = &edu->pci;
	return 0;
}
