/* SPDX-License-Identifier: MIT */
/**
 * DOC: `uiommu run --dump-on-exit`: page tables as they were at the end
 *
 * A program that ends, or is killed, takes its tables with it. So they are copied
 * just before its devices are closed (or detached), and written when the run is
 * over: an ELF core file with the memory of all tables, and a text that says which
 * device uses which and how to look at it. What was copied is forgotten when the
 * devices are opened anew.
 */
#ifndef CLI_SNAPSHOT_H
#define CLI_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/elf.h"
#include "run/run.h"
#include "soft/soft.h"

struct uiommu;
struct uiommu_device;

/**
 * struct cli_root - the table of a (device, PASID) as it was copied
 * @rid: the device
 * @bdf: its PCI address
 * @path: where clients open it
 * @pasid: 0 = requests without one
 * @dte: its entry
 * @hwpt: object id that the client knows the table by; 0 = not known
 */
struct cli_root {
	uint32_t rid;
	char bdf[16];
	char path[64];
	uint32_t pasid;
	struct soft_dte dte;
	uint32_t hwpt;
};

/**
 * struct cli_attached - what a client was told when it attached a device
 * @path: the device's file
 * @pasid: 0 = the device itself
 * @hwpt: object id of the page table
 */
struct cli_attached {
	char path[64];
	uint32_t pasid, hwpt;
};

/**
 * struct cli_snapshot - starts zeroed
 * @dir: where it will be written; NULL = nothing is copied
 * @root: the tables; @nr_roots of them
 * @attached: @nr_attached of them
 * @block: copies of table memory; @nr_blocks of them
 * @failed: there was no memory for a copy
 */
struct cli_snapshot {
	const char *dir;
	struct cli_root *root;
	size_t nr_roots;
	struct cli_attached *attached;
	size_t nr_attached;
	struct cli_block *block;
	size_t nr_blocks, room;
	bool failed;
};

/**
 * cli_snapshot_prepare() - make the directory, or see that it is empty
 *
 * Return: 0; -errno after a line has been printed.
 */
int cli_snapshot_prepare(struct cli_snapshot *snap);

/** cli_snapshot_begin() - a call has arrived: it may detach a device. */
void cli_snapshot_begin(struct cli_snapshot *snap, struct uiommu *u,
			const struct run_seen *seen);

/** cli_snapshot_end() - a call is over: it may have attached one, or opened. */
void cli_snapshot_end(struct cli_snapshot *snap, const struct run_seen *seen);

/** cli_snapshot_closing() - copy what @device translates through; NULL = all. */
void cli_snapshot_closing(struct cli_snapshot *snap, struct uiommu *u,
			  struct uiommu_device *device);

/**
 * cli_snapshot_write() - write it, and free it
 *
 * Return: 0; -errno after a line has been printed.
 */
int cli_snapshot_write(struct cli_snapshot *snap);

#endif
