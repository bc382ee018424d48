/* SPDX-License-Identifier: MIT */
/*
 * Structs that a client and a driver know in different lengths.
 */
#include <uiommu/iommu_viommu.h>

static void clear(uint8_t *dst, size_t from, size_t to)
{
	for (; from < to; from++)
		dst[from] = 0;
}

int iommu_user_data_read(const struct iommu_user_data *data, void *dst,
			 size_t min, size_t size)
{
	if (data->len < min || data->len > size)
		return -EINVAL;
	clear(dst, data->len, size);
	return data->copy_in(data, dst, 0, data->len);
}

int iommu_user_data_write(const struct iommu_user_data *data, const void *src,
			  size_t size)
{
	return data->copy_out(data, 0, src,
			      data->len < size ? data->len : size);
}

/* The rest of an entry behind its first @at bytes is zero. */
static int check_rest(struct iommu_user_array *array, uint32_t index, size_t at)
{
	uint8_t buf[64];
	size_t n, i;
	int rc;

	for (; at != array->entry_len; at += n) {
		n = array->entry_len - at;
		if (n > sizeof(buf))
			n = sizeof(buf);
		rc = array->read(array, index, at, buf, n);
		if (rc)
			return rc;
		for (i = 0; i != n; i++)
			if (buf[i])
				return -E2BIG;
	}
	return 0;
}

int iommu_user_array_read(struct iommu_user_array *array, uint32_t index,
			  void *dst, size_t min, size_t size)
{
	size_t n = array->entry_len < size ? array->entry_len : size;
	int rc = 0;

	if (array->entry_len < min)
		return -EINVAL;
	if (array->entry_len > size)
		rc = check_rest(array, index, size);
	if (rc)
		return rc;
	clear(dst, n, size);
	return array->read(array, index, 0, dst, n);
}
