/* SPDX-License-Identifier: MIT */
#include "dma.h"

#include "../guest.h"
#include "cpu.h"

/* Where QEMU's virt has them */
#define GICD      0x08000000ul
#define GICC      0x08010000ul
#define SMMU      0x09050000ul
#define BAR       0x10000000ul
#define ECAM      0x4010000000ul
#define ECAM_EDU  (ECAM + (2ul << 15))
#define EDU_INTID 37 /* INTA of slot 2: the third of four SPIs from 3 on */

static volatile uint32_t *reg32(uint64_t address)
{
	return (volatile uint32_t *)(uintptr_t)address;
}

static volatile uint64_t *reg64(uint64_t address)
{
	return (volatile uint64_t *)(uintptr_t)address;
}

/* ---- The device ------------------------------------------------------------------ */

enum {
	CONFIG_ID = 0x00,
	CONFIG_COMMAND = 0x04,
	CONFIG_BAR = 0x10,
	COMMAND_MEMORY_MASTER = 0x6,
};
#define EDU_ID 0x11e81234u

enum {
	EDU_IRQ_STATUS = 0x24,
	EDU_IRQ_ACK = 0x64,
	EDU_SRC = 0x80,
	EDU_DST = 0x88,
	EDU_COUNT = 0x90,
	EDU_CMD = 0x98,
	EDU_START = 1,
	EDU_TO_MEMORY = 2,
	EDU_INTERRUPT = 4,
	EDU_BUFFER = 0x40000,
};

/* GICv2, IHI 0048: enough for an interrupt to end a WFI; none is ever taken. */
static void gic_init(void)
{
	enum {
		CTLR = 0,
		PMR = 4,
		ISENABLER = 0x100
	};

	*reg32(GICD + CTLR) = 1;
	*reg32(GICD + ISENABLER + EDU_INTID / 32 * 4) = 1u << EDU_INTID % 32;
	*reg32(GICC + PMR) = 0xff;
	*reg32(GICC + CTLR) = 1;
}

bool dma_init(void)
{
	gic_init();
	if (*reg32(ECAM_EDU + CONFIG_ID) != EDU_ID)
		return false;
	*reg32(ECAM_EDU + CONFIG_BAR) = BAR;
	*reg32(ECAM_EDU + CONFIG_COMMAND) = COMMAND_MEMORY_MASTER;
	return true;
}

/* A transfer takes a while, which passes at once if nobody has anything to do. */
static void transfer(uint64_t src, uint64_t dst, uint64_t len,
		     uint64_t direction)
{
	__asm__ volatile("dsb sy" ::: "memory");
	*reg64(BAR + EDU_SRC) = src;
	*reg64(BAR + EDU_DST) = dst;
	*reg64(BAR + EDU_COUNT) = len;
	*reg64(BAR + EDU_CMD) = EDU_START | EDU_INTERRUPT | direction;
	while (!*reg32(BAR + EDU_IRQ_STATUS))
		__asm__ volatile("wfi" ::: "memory");
	*reg32(BAR + EDU_IRQ_ACK) = *reg32(BAR + EDU_IRQ_STATUS);
	__asm__ volatile("dsb sy" ::: "memory");
}

void dma_read(uint64_t iova, uint64_t len)
{
	transfer(iova, EDU_BUFFER, len, 0);
}

void dma_write(uint64_t iova, uint64_t len)
{
	transfer(EDU_BUFFER, iova, len, EDU_TO_MEMORY);
}

/* ---- The SMMU ---------------------------------------------------------------------- */

static uint32_t smmu_read32(struct iommu_hw *hw, uint32_t reg)
{
	return *reg32(SMMU + reg);
}

static uint64_t smmu_read64(struct iommu_hw *hw, uint32_t reg)
{
	return *reg64(SMMU + reg);
}

static void smmu_write32(struct iommu_hw *hw, uint32_t reg, uint32_t value)
{
	__asm__ volatile("dsb sy" ::: "memory");
	*reg32(SMMU + reg) = value;
}

static void smmu_write64(struct iommu_hw *hw, uint32_t reg, uint64_t value)
{
	__asm__ volatile("dsb sy" ::: "memory");
	*reg64(SMMU + reg) = value;
}

static void smmu_broken(struct iommu_hw *hw, int error, const char *what)
{
	check(false, "the SMMU: %s (%d)", what, error);
}

struct iommu_hw *dma_smmu(void)
{
	static const struct iommu_hw_ops ops = {
		.read32 = smmu_read32,
		.read64 = smmu_read64,
		.write32 = smmu_write32,
		.write64 = smmu_write64,
		.broken = smmu_broken,
	};
	static struct iommu_hw hw = { .ops = &ops };

	hw.runtime = guest_runtime();
	return &hw;
}
