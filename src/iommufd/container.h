/* SPDX-License-Identifier: MIT */
#ifndef IOMMUFD_CONTAINER_H
#define IOMMUFD_CONTAINER_H

#include <stddef.h>

/** iommufd_container() - the @type whose member @member @ptr points at. */
#define iommufd_container(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))

#endif
