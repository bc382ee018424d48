/* SPDX-License-Identifier: MIT */
/**
 * DOC: edu, a small PCI device that does DMA
 *
 * The register interface is that of QEMU's device of the same name, as
 * documented in QEMU's "EDU device" specification; drivers written for the one
 * work with the other. BAR 0 is 1 MiB:
 *
 *	0x00	RO	identification, 0x010000ed
 *	0x04	RW	liveness: reads as the complement of what was written
 *	0x08	RW	factorial: reads as the factorial of what was written, modulo
 *			2^32
 *	0x20	RW	status: 0x01 computing (RO), 0x80 interrupt when done
 *	0x24	RO	interrupt status
 *	0x60	WO	interrupt raise: ORed into the interrupt status
 *	0x64	WO	interrupt acknowledge: cleared from the interrupt status
 *	0x80	RW	DMA source
 *	0x88	RW	DMA destination
 *	0x90	RW	DMA count in bytes
 *	0x98	RW	DMA command: 0x01 start, 0x02 device to memory, 0x04
 *			interrupt when done
 *	0x40000		the 4096-byte DMA buffer, at the same address for DMA
 *
 * Registers below 0x80 are accessed as 4 bytes, the others as 4 or 8. Of a
 * 64-bit register, 4 bytes written to the lower half set the upper half to zero;
 * 4 bytes written to the upper half leave the lower half. Interrupt status bits:
 * 0x001 a factorial is done, 0x100 a DMA is done.
 *
 * What the documentation leaves open is decided like this:
 *
 * - An access that no register answers reads as all ones; such a write is lost,
 *   as on the bus.
 * - The buffer is also memory of the BAR, for accesses of any size, and can be
 *   mapped. The DMA mask is 64 bits wide.
 * - A transfer has ended when the write that starts it returns.
 * - A transfer whose device side is not wholly inside the buffer does nothing.
 *   One that the IOMMU blocks ends there: what was transferred before stays, and
 *   nothing else changes, but for Received Master Abort in the status register of
 *   configuration space. With Bus Master off, nothing is transferred. In all
 *   cases the command's start bit clears and the interrupt is raised if it was
 *   asked for, because the device knows no other way to say that it is done.
 * - Reset clears all registers and the buffer.
 */
#ifndef DEVICES_DEV_EDU_H
#define DEVICES_DEV_EDU_H

#include "devices/dev_pci.h"

#define EDU_ID          0x00
#define EDU_LIVENESS    0x04
#define EDU_FACTORIAL   0x08
#define EDU_STATUS      0x20
#define EDU_IRQ_STATUS  0x24
#define EDU_IRQ_RAISE   0x60
#define EDU_IRQ_ACK     0x64
#define EDU_DMA_SOURCE  0x80
#define EDU_DMA_DEST    0x88
#define EDU_DMA_COUNT   0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_BUFFER      0x40000
#define EDU_BUFFER_SIZE 4096
#define EDU_BAR_SIZE    0x100000

#define EDU_STATUS_COMPUTING 0x01
#define EDU_STATUS_IRQ       0x80

#define EDU_DMA_START     0x01
#define EDU_DMA_TO_MEMORY 0x02
#define EDU_DMA_IRQ       0x04

#define EDU_IRQ_FACTORIAL 0x001
#define EDU_IRQ_DMA       0x100

/** edu_new() - 0 or -ENOMEM. */
int edu_new(const struct dev_place *place, struct dev_pci **out);

#endif
