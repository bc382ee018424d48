/* SPDX-License-Identifier: MIT */
/*
 * Warnings of the hosted port: one line on stderr.
 */
#include <uiommu/port.h>

#include <stdio.h>

void port_warn(const char *what, const char *file, int line)
{
	fprintf(stderr, "uiommu: internal error: %s (%s:%d)\n", what, file,
		line);
}
