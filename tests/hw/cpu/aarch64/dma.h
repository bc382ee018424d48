/* SPDX-License-Identifier: MIT */
/**
 * DOC: DMA of an edu at 00:02.0, and the SMMU that it is behind
 */
#ifndef TESTS_HW_CPU_AARCH64_DMA_H
#define TESTS_HW_CPU_AARCH64_DMA_H

#include <uiommu/drivers/smmuv3.h>

/** DMA_SID - its StreamID */
#define DMA_SID (2 << 3)

/** dma_init() - find the device, give it its BAR, and have WFI wait for it. */
bool dma_init(void);

/** dma_smmu() - the SMMU's registers, for its driver. */
struct iommu_hw *dma_smmu(void);

/** DMA_MAX - bytes of a transfer, at most */
#define DMA_MAX 4095

/** dma_read() - @len bytes at @iova to the device's own memory. */
void dma_read(uint64_t iova, uint64_t len);

/** dma_write() - from there to @iova. */
void dma_write(uint64_t iova, uint64_t len);

#endif
