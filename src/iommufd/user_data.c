/* SPDX-License-Identifier: MIT */
/*
 * Client data that only drivers understand.
 */
#include "iommufd/container.h"
#include "iommufd/user_data.h"

static const struct iommufd_user_data *
to_user_data(const struct iommu_user_data *data)
{
	return iommufd_container(data, struct iommufd_user_data, data);
}

static int data_copy_in(const struct iommu_user_data *data, void *dst,
			size_t offset, size_t len)
{
	const struct iommufd_user_data *ud = to_user_data(data);

	return ud->user->ops->copy_in(ud->user, dst, ud->addr + offset, len);
}

static int data_copy_out(const struct iommu_user_data *data, size_t offset,
			 const void *src, size_t len)
{
	const struct iommufd_user_data *ud = to_user_data(data);

	return ud->user->ops->copy_out(ud->user, ud->addr + offset, src, len);
}

void iommufd_user_data_init(struct iommufd_user_data *ud,
			    struct uiommu_user *user, uint32_t type, size_t len,
			    uint64_t addr)
{
	*ud = (struct iommufd_user_data){
		.data.type = type,
		.data.len = len,
		.data.present = addr,
		.data.copy_in = data_copy_in,
		.data.copy_out = data_copy_out,
		.user = user,
		.addr = addr,
	};
}
