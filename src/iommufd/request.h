/* SPDX-License-Identifier: MIT */
/**
 * DOC: One ioctl while it is being handled
 */
#ifndef IOMMUFD_REQUEST_H
#define IOMMUFD_REQUEST_H

#include <uiommu/iommufd.h>
#include <uiommu/iommufd_test.h>
#include <uiommu/user.h>

struct iommufd_ctx;

/**
 * union iommufd_cmd - the struct of any request
 * @size: what all of them begin with
 */
union iommufd_cmd {
	__u32 size;
	struct iommu_destroy destroy;
	struct iommu_ioas_alloc ioas_alloc;
	struct iommu_ioas_allow_iovas allow_iovas;
	struct iommu_ioas_copy copy;
	struct iommu_ioas_iova_ranges iova_ranges;
	struct iommu_ioas_map map;
	struct iommu_ioas_map_file map_file;
	struct iommu_ioas_unmap unmap;
	struct iommu_option option;
	struct iommu_vfio_ioas vfio_ioas;
	struct iommu_hwpt_alloc hwpt_alloc;
	struct iommu_hw_info hw_info;
	struct iommu_hwpt_set_dirty_tracking set_dirty;
	struct iommu_hwpt_get_dirty_bitmap get_dirty;
	struct iommu_hwpt_invalidate invalidate;
	struct iommu_fault_alloc fault_alloc;
	struct iommu_viommu_alloc viommu_alloc;
	struct iommu_vdevice_alloc vdevice_alloc;
	struct iommu_ioas_change_process change_process;
	struct iommu_veventq_alloc veventq_alloc;
	struct iommu_hw_queue_alloc hw_queue_alloc;
	struct iommu_ioas_noiommu_get_pa get_pa;
	struct iommu_test_cmd test;
};

/**
 * struct iommufd_request - a request
 * @ctx: the context
 * @user: the caller
 * @arg: where the caller's struct is
 * @size: its size as the caller says
 * @known: its size as the engine knows it
 * @cmd: the struct; what the caller left out is zero
 */
struct iommufd_request {
	struct iommufd_ctx *ctx;
	struct uiommu_user *user;
	uint64_t arg;
	uint32_t size;
	uint32_t known;
	union iommufd_cmd cmd;
};

/**
 * iommufd_respond() - write the struct back, as much as the caller has of it
 *
 * Return: 0 or -EFAULT.
 */
int iommufd_respond(struct iommufd_request *req);

/**
 * iommufd_zero_user() - write zeroes to the caller's memory
 *
 * Return: 0 or -EFAULT.
 */
int iommufd_zero_user(struct uiommu_user *user, uint64_t addr, uint64_t len);

/* One function per request, each in the file that its object is in. */
int iommufd_ioas_alloc_ioctl(struct iommufd_request *req);
int iommufd_ioas_iova_ranges_ioctl(struct iommufd_request *req);
int iommufd_ioas_allow_iovas_ioctl(struct iommufd_request *req);
int iommufd_ioas_map_ioctl(struct iommufd_request *req);
int iommufd_ioas_map_file_ioctl(struct iommufd_request *req);
int iommufd_ioas_copy_ioctl(struct iommufd_request *req);
int iommufd_ioas_unmap_ioctl(struct iommufd_request *req);
int iommufd_ioas_change_process_ioctl(struct iommufd_request *req);
int iommufd_ioas_get_pa_ioctl(struct iommufd_request *req);
int iommufd_option_ioctl(struct iommufd_request *req);
int iommufd_hwpt_alloc_ioctl(struct iommufd_request *req);
int iommufd_hw_info_ioctl(struct iommufd_request *req);
int iommufd_hwpt_set_dirty_ioctl(struct iommufd_request *req);
int iommufd_hwpt_get_dirty_ioctl(struct iommufd_request *req);
int iommufd_fault_alloc_ioctl(struct iommufd_request *req);
int iommufd_hwpt_invalidate_ioctl(struct iommufd_request *req);
int iommufd_viommu_alloc_ioctl(struct iommufd_request *req);
int iommufd_vdevice_alloc_ioctl(struct iommufd_request *req);
int iommufd_veventq_alloc_ioctl(struct iommufd_request *req);
int iommufd_hw_queue_alloc_ioctl(struct iommufd_request *req);
int iommufd_vfio_ioas_ioctl(struct iommufd_request *req);

/** iommufd_vfio_ioctl() - a request of the VFIO container interface. */
long iommufd_vfio_ioctl(struct iommufd_ctx *ctx, struct uiommu_user *user,
			unsigned int cmd, uint64_t arg);

#endif
