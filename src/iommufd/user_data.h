/* SPDX-License-Identifier: MIT */
/**
 * DOC: A client's struct for a driver
 */
#ifndef IOMMUFD_USER_DATA_H
#define IOMMUFD_USER_DATA_H

#include <uiommu/iommu_viommu.h>
#include <uiommu/user.h>

/**
 * struct iommufd_user_data - one struct, on its way to a driver
 * @data: what the driver sees
 * @user: whose it is
 * @addr: where it is
 */
struct iommufd_user_data {
	struct iommu_user_data data;
	struct uiommu_user *user;
	uint64_t addr;
};

/** iommufd_user_data_init() - @len bytes at @addr of @user, said to be of @type. */
void iommufd_user_data_init(struct iommufd_user_data *data,
			    struct uiommu_user *user, uint32_t type, size_t len,
			    uint64_t addr);

#endif
