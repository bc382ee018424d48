/* SPDX-License-Identifier: MIT */
/**
 * DOC: test, a PCI Express device that can do what an IOMMU can translate
 *
 * Made to drive an IOMMU from a program: DMA with any PASID, translation requests,
 * page requests. Four channels work independently, so that some can wait for pages
 * while others go on. Configuration space has ATS, PRI and PASID capabilities, which
 * the host has enabled. BAR 0 is 128 KiB:
 *
 *	0x00	RO	identification, 0x74736501
 *	0x04	RO	7:0 number of channels; 15:8 width of a PASID; 31:16 pages that a
 *			page request group can have
 *	0x08	RW1C	interrupt status: bit n, channel n has ended
 *	0x0c	RW	interrupt enable, the same bits
 *	0x100 + 0x40 * n	channel n:
 *	+0x00	RW	address, 64 bits
 *	+0x08	RW	length in bytes
 *	+0x0c	RW	PASID, 20 bits; 0 = none
 *	+0x10	RW	place in the device's memory
 *	+0x14	RW	fill value
 *	+0x18	RW	command: 3:0 operation; 8 ask for pages; 9 as instruction
 *			fetch; 10 privileged. Starts the operation
 *	+0x1c	RO	status
 *	+0x20	RO	bytes that are done
 *	+0x24	RO	page request groups that were sent
 *	0x10000		64 KiB of the device's memory
 *
 * Registers are accessed as 4 bytes, the address also as 8; memory takes any size.
 * Operations:
 *
 *	1 read	from the address into the device's memory
 *	2 write	from the device's memory to the address
 *	3 fill	the fill value, again and again, to the address
 *	4 probe	ask for the translation only (ATS): read access, or write access
 *		with bit 11 of the command
 *	5 ask	ask for the pages only (PRI), all of them, whether or not there is
 *		a translation
 *
 * Status: 0 idle, 1 busy, 2 waits for pages, 3 done, 4 the IOMMU refused a request,
 * 5 pages were refused (Invalid Request), 6 page requests have failed (Response
 * Failure; nothing is asked any more until reset), 7 the command makes no sense, 8
 * given up: pages were said to be there and were not, TEST_MAX_TRIES times in a
 * row.
 *
 * - An operation that does not wait has ended when the write that starts it
 *   returns; one that does ends when its pages are there. Writes to a channel that
 *   is busy or waits are lost, but for command 0, which gives it up (status 0).
 * - With bit 8 of the command the device asks for the translation of each page
 *   first, and where there is none asks for up to 16 pages in one group; after the
 *   answer it goes on where it was. Bits 9 and 10 stand in the requests only.
 * - A refused DMA sets Received Master Abort. Bus Master gates all requests
 *   (status 4) and messages. The interrupt, MSI or INTA#, comes when a channel has
 *   ended whose bit is enabled; the line stays asserted until the status is clear.
 * - Reset clears all registers and the memory; what waited is forgotten, and answers
 *   to it are ignored.
 */
#ifndef DEVICES_DEV_TEST_H
#define DEVICES_DEV_TEST_H

#include "devices/dev_pci.h"

#define TEST_ID         0x00
#define TEST_LIMITS     0x04
#define TEST_IRQ_STATUS 0x08
#define TEST_IRQ_ENABLE 0x0c

#define TEST_CHANNEL(n)   (0x100 + 0x40 * (n))
#define TEST_CHANNEL_SIZE 0x40
#define TEST_NR_CHANNELS  4
#define TEST_ADDRESS      0x00
#define TEST_LENGTH       0x08
#define TEST_PASID        0x0c
#define TEST_PLACE        0x10
#define TEST_FILL         0x14
#define TEST_COMMAND      0x18
#define TEST_STATUS       0x1c
#define TEST_DONE_BYTES   0x20
#define TEST_NR_REQUESTS  0x24

#define TEST_MEMORY      0x10000
#define TEST_MEMORY_SIZE 0x10000
#define TEST_BAR_SIZE    0x20000

#define TEST_OP_MASK   0x00f
#define TEST_OP_READ   1
#define TEST_OP_WRITE  2
#define TEST_OP_FILL   3
#define TEST_OP_PROBE  4
#define TEST_OP_ASK    5
#define TEST_PAGES     0x100
#define TEST_EXEC      0x200
#define TEST_PRIV      0x400
#define TEST_FOR_WRITE 0x800

enum test_status {
	TEST_IDLE,
	TEST_BUSY,
	TEST_WAITS,
	TEST_OK,
	TEST_REFUSED,
	TEST_NO_PAGE,
	TEST_FAILED,
	TEST_NONSENSE,
	TEST_GIVEN_UP,
};

/** TEST_GROUP_PAGES - so many pages does a group ask for. */
#define TEST_GROUP_PAGES 16

/** TEST_MAX_TRIES - so often does it believe that a page is there. */
#define TEST_MAX_TRIES 16

/** dev_test_new() - 0 or -ENOMEM. */
int dev_test_new(const struct dev_place *place, struct dev_pci **out);

#endif
