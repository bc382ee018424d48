/* SPDX-License-Identifier: MIT */
/**
 * DOC: What VFIO needs of IOMMUFD: devices bound to a context
 */
#ifndef IOMMUFD_IOMMUFD_DEVICE_H
#define IOMMUFD_IOMMUFD_DEVICE_H

#include <uiommu/iommu.h>
#include <uiommu/user.h>

struct iommufd_device;
struct mock_iommu;

/**
 * iommufd_open() - a new context, as open("/dev/iommu") gives
 *
 * Return: 0 or -ENOMEM; the caller holds the file's only reference.
 */
int iommufd_open(struct uiommu_file **out);

/**
 * iommufd_open_with() - the same
 * @mock: what IOMMU_TEST_CMD drives; NULL = there is no such request
 * @backing: where what clients can map of the file stands, or -1: they cannot. Stays
 *	the caller's; must outlive the file
 */
int iommufd_open_with(struct mock_iommu *mock, int backing,
		      struct uiommu_file **out);

/**
 * iommufd_vfio_open() - the same, as open("/dev/vfio/vfio") gives
 *
 * Locked memory is counted per process, as programs for that interface expect.
 */
int iommufd_vfio_open(struct uiommu_file **out);

/** iommufd_is() - is @file a context? */
bool iommufd_is(const struct uiommu_file *file);

/**
 * iommufd_device_bind() - make @dev an object of the context @file
 * @id: its object id
 *
 * Takes a reference on @file. Its requests are blocked from now on.
 *
 * Return: 0; -EBUSY: the group of @dev belongs to another context; -EINVAL: its
 * IOMMU does not keep the CPU's caches coherent; -ENOMEM; -ENOSPC: no id is left.
 */
int iommufd_device_bind(struct uiommu_file *file, struct iommu_dev *dev,
			uint32_t *id, struct iommufd_device **out);

/** iommufd_device_unbind() - detach, destroy the object, drop the reference. */
void iommufd_device_unbind(struct iommufd_device *idev);

/**
 * iommufd_device_attach() - attach to an IOAS or HWPT, or replace what it is
 * attached to
 * @pt_id: in: the id of the IOAS or HWPT; out: the HWPT
 *
 * Return: 0 or the uAPI's error (-ENOENT, -EINVAL, -EBUSY, ...; -ENODEV: the HWPT
 * handles page requests, which the device cannot send); on failure the device stays
 * attached to what it was.
 */
int iommufd_device_attach(struct iommufd_device *idev, uint32_t *pt_id);

/** iommufd_device_detach() - back to blocked; nothing if not attached. */
void iommufd_device_detach(struct iommufd_device *idev);

/**
 * iommufd_device_attach_pasid() - attach requests with @pasid to an HWPT that was
 * made for PASIDs
 * @pasid: not IOMMU_NO_PASID
 * @pt_id: the HWPT's id
 *
 * Return: 0; -ENOENT; -EBUSY: @pasid is attached already; -EINVAL: the HWPT, or what
 * the device itself is attached to, was not made for PASIDs, or the device does not
 * have @pasid; -ENODEV: as iommufd_device_attach(); -ENOMEM, or what the driver
 * returned. Nothing has changed on failure.
 */
int iommufd_device_attach_pasid(struct iommufd_device *idev, ioasid_t pasid,
				uint32_t *pt_id);

/**
 * iommufd_device_replace_pasid() - the same where @pasid is attached already
 *
 * Return: as above; -EINVAL also if it is not.
 */
int iommufd_device_replace_pasid(struct iommufd_device *idev, ioasid_t pasid,
				 uint32_t *pt_id);

/** iommufd_device_has_pasid() - is @pasid attached? */
bool iommufd_device_has_pasid(struct iommufd_device *idev, ioasid_t pasid);

/** iommufd_device_detach_pasid() - block @pasid; nothing if not attached. */
void iommufd_device_detach_pasid(struct iommufd_device *idev, ioasid_t pasid);

/**
 * iommufd_vfio_make_ioas() - make sure that container requests have an IOAS
 *
 * What VFIO_GROUP_SET_CONTAINER does to a context. The IOAS is an object like any
 * other; IOMMU_VFIO_IOAS can choose another one.
 *
 * Return: 0, -ENOMEM or -ENOSPC.
 */
int iommufd_vfio_make_ioas(struct uiommu_file *file);

/** iommufd_vfio_ioas_id() - the id of that IOAS; 0 or -ENODEV: there is none. */
int iommufd_vfio_ioas_id(struct uiommu_file *file, uint32_t *id);

#endif
