/* SPDX-License-Identifier: MIT */
/*
 * A device with no IOMMU: physical addresses, asked for by IOVA, are what it is told.
 */
#include <sys/stat.h>

#include "edu.h"

#define IOVA 0x10000000ul
#define NR   8ul
#define LEN  (NR * PAGE)

static struct edu e;

static int get_pa(uint32_t ioas, uint64_t iova, uint64_t *length, uint64_t *pa)
{
	struct iommu_ioas_noiommu_get_pa cmd = { .size = sizeof(cmd),
						 .ioas_id = ioas,
						 .iova = iova,
						 .length = *length };

	if (ioctl(e.iommu, IOMMU_IOAS_NOIOMMU_GET_PA, &cmd))
		return errno;
	*length = cmd.length;
	*pa = cmd.out_phys;
	return 0;
}

/* The device has no group, and a name that nobody opens by mistake. */
static void names(void)
{
	struct stat st;
	char c = 0;
	int fd;

	check(stat("/sys/bus/pci/devices/0000:00:01.0/iommu_group", &st));
	check(stat("/dev/vfio/devices/vfio0", &st) && errno == ENOENT);
	check(!stat("/sys/bus/pci/devices/0000:00:01.0/vfio-dev/noiommu-vfio0",
		    &st));
	fd = open("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode",
		  O_RDONLY);
	check(fd >= 0 && read(fd, &c, 1) == 1 && c == 'Y');
	close(fd);
}

static void errors(void)
{
	struct iommu_ioas_noiommu_get_pa cmd = { .size = sizeof(cmd),
						 .flags = 1 };
	uint64_t len = 0, pa;

	check(get_pa(e.ioas, IOVA, &len, &pa) == EINVAL);
	len = UINT64_MAX;
	check(get_pa(e.ioas, IOVA, &len, &pa) == ENOENT);
	len = 1;
	check(get_pa(e.ioas, UINT64_MAX, &len, &pa) == EOVERFLOW);
	check(get_pa(999, IOVA, &len, &pa) == ENOENT);
	check(get_pa(e.ioas, 0, &len, &pa) == ENOENT);
	check(get_pa(e.ioas, IOVA - 1, &len, &pa) == ENOENT);
	check(get_pa(edu_ioas(e.iommu), IOVA, &len, &pa) == ENOENT);
	check(ioctl(e.iommu, IOMMU_IOAS_NOIOMMU_GET_PA, &cmd) &&
	      errno == EOPNOTSUPP);
}

static void drive(void)
{
	char *p = anonymous(LEN, MAP_SHARED), *q = anonymous(PAGE, MAP_PRIVATE);
	uint64_t len = UINT64_MAX - IOVA, pa;

	check(!edu_map(&e, p, LEN, IOVA));
	check(!get_pa(e.ioas, IOVA, &len, &pa));
	check(len == LEN);
	edu_fill(&e, pa, LEN, 0x42);
	check(all(p, LEN, 0x42));
	len = 100;
	check(!get_pa(e.ioas, IOVA + PAGE + 8, &len, &pa) && len == 100);
	memset(p + PAGE, 0x43, PAGE);
	check(edu_sees(&e, pa, 100, 0x43));
	/* Not by the IOVA: that is no address of memory. */
	edu_fill(&e, IOVA, 64, 0x99);
	check(all(p, 64, 0x42));
	/* It ends where memory is not contiguous. */
	check(!edu_map(&e, q, PAGE, IOVA + LEN));
	len = LEN + PAGE;
	check(!get_pa(e.ioas, IOVA, &len, &pa) && len == LEN);
	len = 2 * PAGE;
	check(!get_pa(e.ioas, IOVA + LEN, &len, &pa) && len == PAGE);
	edu_fill(&e, pa, PAGE, 0x44);
	check(all(q, PAGE, 0x44));
	check(!edu_unmap(&e, IOVA, LEN));
	len = 1;
	check(get_pa(e.ioas, IOVA, &len, &pa) == ENOENT);
}

int main(void)
{
	names();
	e.iommu = open("/dev/iommu", O_RDWR);
	e.dev = open("/dev/vfio/devices/noiommu-vfio0", O_RDWR);
	check(e.iommu >= 0 && e.dev >= 0);
	if (geteuid()) {
		check(edu_bind(&e) == EPERM);
		return 0;
	}
	check(!edu_bind(&e));
	e.bar = edu_region(e.dev, VFIO_PCI_BAR0_REGION_INDEX);
	e.config = edu_region(e.dev, VFIO_PCI_CONFIG_REGION_INDEX);
	e.ioas = edu_ioas(e.iommu);
	check(!edu_attach(&e, e.ioas));
	edu_bus_master(&e, true);
	errors();
	drive();
	return 0;
}
