/* SPDX-License-Identifier: MIT */
/**
 * DOC: The driver of the software IOMMU
 *
 * The only code that joins src/soft (hardware) to src/pt (page tables): allocates
 * domains, programs roots, invalidates. One ops struct per format; no call chain
 * serves two formats.
 */
#ifndef SOFT_DRIVER_H
#define SOFT_DRIVER_H

#include <uiommu/iommu.h>

struct pt_runtime;
struct soft_iommu;
struct soft_driver;

/** soft_driver_format() - name number @index of the formats it knows; NULL = end */
const char *soft_driver_format(unsigned int index);

/**
 * soft_driver_new() - drive @hw with page tables of @format
 * @format: one of soft_driver_format()
 * @runtime: where page tables come from
 *
 * Return: 0; -EINVAL: no such format; -ENOMEM.
 */
int soft_driver_new(struct soft_iommu *hw, const char *format,
		    const struct pt_runtime *runtime, struct soft_driver **out);
void soft_driver_free(struct soft_driver *drv);

/**
 * soft_driver_add_device() - a device with requester id @rid, in a group of its own
 *
 * Return: 0 or -ENOMEM.
 */
int soft_driver_add_device(struct soft_driver *drv, uint32_t rid,
			   struct iommu_dev **out);

/**
 * soft_driver_add_untranslated() - the same for a device without an IOMMU
 *
 * Its requests pass through.
 */
int soft_driver_add_untranslated(struct soft_driver *drv, uint32_t rid,
				 struct iommu_dev **out);

/**
 * struct soft_device_caps - what a device can do beyond plain requests
 * @pasid_bits: width of its PASIDs; 0 = none
 * @ats: it asks for translations
 * @page_requests: it asks for pages; needs @ats
 * @pasid_exec: requests with a PASID may be instruction fetches
 * @pasid_priv: they may be privileged
 */
struct soft_device_caps {
	unsigned int pasid_bits;
	bool ats;
	bool page_requests;
	bool pasid_exec;
	bool pasid_priv;
};

/** soft_driver_set_caps() - @dev is attached to nothing. */
void soft_driver_set_caps(struct iommu_dev *dev,
			  const struct soft_device_caps *caps);

void soft_driver_remove_device(struct iommu_dev *dev);

#endif
