/* SPDX-License-Identifier: MIT */
/**
 * DOC: Which parts of a modelled file clients have mapped
 */
#ifndef RUN_MAPPED_H
#define RUN_MAPPED_H

#include <sys/stat.h>

#include <uiommu/user.h>

#include "supervisor.h"

/**
 * run_mapped() - does any client map a page of [@offset, @offset + @len) of the file?
 * @st: what fstat() says of it
 *
 * Looks through all clients: for requests that are rare.
 */
bool run_mapped(struct run *r, const struct stat *st, uint64_t offset,
		uint64_t len);

#endif
