/* SPDX-License-Identifier: MIT */
/*
 * conformance-random FIRST COUNT
 *
 * Makes random requests of IOMMUFD, most of them with the mock IOMMU, and says what
 * came of each: one line with what went in, the result, and what came out. It judges
 * nothing. Two systems that give the same user API write the same lines for the same
 * seeds; `make oracle` lets Linux and uiommu write them.
 *
 * Each seed begins with a new context and ends with closing all that it has opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <uiommu/iommufd.h>
#include <uiommu/iommufd_test.h>
#include <uiommu/vfio.h>

#include "sys.h"

#define PAGE     4096ULL
#define NR_PAGES 64ULL
#define BUFFER   ((uint8_t *)0x200000000000)
#define START    IOMMU_TEST_APERTURE_START
#define STEPS    40

enum kind {
	IOAS,
	HWPT,
	NESTED,
	STDEV,
	IDEV,
	FAULT,
	VIOMMU,
	VDEVICE,
	QUEUE,
	NR_KINDS
};

/* The last ids of a kind, and descriptors. */
#define KEEP 4

struct state {
	uint64_t random;
	int fd;
	uint32_t id[NR_KINDS][KEEP];
	unsigned int nr[NR_KINDS];
	int access[KEEP];
	int event[KEEP];
	int dmabuf[KEEP];
	unsigned int nr_access;
	unsigned int nr_event;
	unsigned int nr_dmabuf;
	int memfd;
};

static struct state s;

static uint32_t draw(uint32_t n)
{
	s.random = s.random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(s.random >> 33) % n;
}

static bool one_in(uint32_t n)
{
	return !draw(n);
}

static void keep(enum kind kind, uint32_t id)
{
	s.id[kind][s.nr[kind]++ % KEEP] = id;
}

/* Mostly one of @kind. */
static uint32_t id_of(enum kind kind)
{
	if (one_in(12))
		return one_in(4) ? 99 : draw(12);
	if (!s.nr[kind])
		return draw(4);
	return s.id[kind][draw(s.nr[kind] < KEEP ? s.nr[kind] : KEEP)];
}

static int fd_of(const int *fd, unsigned int nr)
{
	return nr ? fd[draw(nr < KEEP ? nr : KEEP)] : -1;
}

static void keep_fd(int *fd, unsigned int *nr, int value)
{
	int *slot = &fd[(*nr)++ % KEEP];

	if (*nr > KEEP)
		close(*slot);
	*slot = value;
}

#define NONE SIZE_MAX

/* ---- Saying what happens ------------------------------------------- */

static void print_words(const uint32_t *word, size_t nr, size_t hide)
{
	size_t i;

	for (i = 0; i != nr; i++) {
		if (i == hide / 4)
			printf(" fd");
		else
			printf(" %x", word[i]);
	}
}

/* @hide: offset of a descriptor, whose number says nothing, or NONE. */
static long request(const char *name, int fd, unsigned int cmd, void *arg,
		    size_t size, size_t hide)
{
	uint32_t before[32], after[32];
	size_t nr = size / 4, i;
	long rc;

	memcpy(before, arg, size);
	printf("%s", name);
	print_words(before, nr, hide);
	rc = sys_ioctl(fd, cmd, (uintptr_t)arg);
	memcpy(after, arg, size);
	printf(" = %ld", rc);
	for (i = 0; i != nr; i++)
		if (after[i] != before[i] && i != hide / 4)
			printf(" %zu:%x", i, after[i]);
	printf("\n");
	return rc;
}

#define CALL(name, cmd) \
	request(#name, s.fd, IOMMU_##name, &(cmd), sizeof(cmd), NONE)

static long test(const char *name, uint32_t op, struct iommu_test_cmd *cmd,
		 size_t hide)
{
	cmd->size = sizeof(*cmd);
	cmd->op = op;
	return request(name, s.fd, IOMMU_TEST_CMD, cmd, sizeof(*cmd), hide);
}

#define TEST(name, cmd) test(#name, IOMMU_TEST_OP_##name, &(cmd), NONE)
#define TEST_FD(name, cmd, member)                \
	test(#name, IOMMU_TEST_OP_##name, &(cmd), \
	     offsetof(struct iommu_test_cmd, member))

/* ---- Addresses ------------------------------------------------------ */

/* Pages, and something else now and then. */
static uint64_t some_length(void)
{
	static const uint64_t odd[] = {
		0, 1, 2048, 6144, 5000, UINT64_MAX, 1ULL << 63, UINT64_MAX - 1
	};

	if (one_in(10))
		return odd[draw(sizeof(odd) / sizeof(odd[0]))];
	if (one_in(6))
		return 2048 * (1 + draw(8));
	return PAGE * (1 + draw(6));
}

static uint64_t some_iova(void)
{
	static const uint64_t odd[] = { 0,
					1,
					2048,
					START - PAGE,
					START - 1,
					IOMMU_TEST_APERTURE_LAST,
					IOMMU_TEST_APERTURE_LAST - PAGE + 1,
					1ULL << 63,
					UINT64_MAX,
					UINT64_MAX - PAGE + 1,
					START + 5 };

	if (one_in(10))
		return odd[draw(sizeof(odd) / sizeof(odd[0]))];
	if (one_in(6))
		return START + 2048 * draw(48);
	return START + PAGE * draw(24);
}

static uint64_t some_va(void)
{
	uint64_t va = (uintptr_t)BUFFER;

	if (one_in(12))
		return va + PAGE * (NR_PAGES - 1 + draw(3));
	if (one_in(12))
		return va + PAGE * draw(8) + 2048;
	if (one_in(16))
		return va + draw(10000);
	return va + PAGE * draw(24);
}

/* What answers come into. */
static uint8_t *area(void)
{
	return BUFFER + 48 * PAGE;
}

/* ---- IOAS ------------------------------------------------------------ */

static void ioas_alloc(void)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd),
					.flags = one_in(20) };

	if (!CALL(IOAS_ALLOC, cmd))
		keep(IOAS, cmd.out_ioas_id);
}

static void destroy(void)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd),
				     .id = id_of(draw(NR_KINDS)) };

	if (one_in(2))
		cmd.id = 1 + draw(12);
	CALL(DESTROY, cmd);
}

static uint32_t map_flags(void)
{
	uint32_t flags = IOMMU_IOAS_MAP_READABLE;

	if (!one_in(5))
		flags |= IOMMU_IOAS_MAP_WRITEABLE;
	if (!one_in(5))
		flags |= IOMMU_IOAS_MAP_FIXED_IOVA;
	if (one_in(25))
		flags = draw(16);
	return flags;
}

static void map(void)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = map_flags(),
		.ioas_id = id_of(IOAS),
		.__reserved = one_in(40),
		.user_va = some_va(),
		.length = some_length(),
		.iova = some_iova(),
	};

	CALL(IOAS_MAP, cmd);
}

static void map_file(void)
{
	int fd = one_in(3) ? fd_of(s.dmabuf, s.nr_dmabuf) : s.memfd;
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = map_flags(),
		.ioas_id = id_of(IOAS),
		.fd = one_in(20) ? s.fd : fd,
		.start = one_in(6) ? 2048 * draw(4) : PAGE * draw(8),
		.length = some_length(),
		.iova = some_iova(),
	};

	printf("%s ", fd < 0 ? "none" : fd == s.memfd ? "memfd" : "dmabuf");
	request("IOAS_MAP_FILE", s.fd, IOMMU_IOAS_MAP_FILE, &cmd, sizeof(cmd),
		offsetof(struct iommu_ioas_map_file, fd));
}

static void copy(void)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd),
		.flags = map_flags(),
		.dst_ioas_id = id_of(IOAS),
		.src_ioas_id = id_of(IOAS),
		.length = some_length(),
		.dst_iova = some_iova(),
		.src_iova = some_iova(),
	};

	CALL(IOAS_COPY, cmd);
}

static void unmap(void)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = id_of(IOAS),
		.iova = some_iova(),
		.length = one_in(3) ? some_length() * 4 : some_length(),
	};

	if (one_in(8)) {
		cmd.iova = 0;
		cmd.length = UINT64_MAX;
	}
	CALL(IOAS_UNMAP, cmd);
}

static void allow(void)
{
	struct iommu_iova_range *range = (void *)area();
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd),
		.ioas_id = id_of(IOAS),
		.num_iovas = draw(3),
		.allowed_iovas = (uintptr_t)range,
	};
	uint32_t i;

	for (i = 0; i != cmd.num_iovas; i++) {
		range[i].start = START + PAGE * 4 * (i + draw(3));
		range[i].last =
			range[i].start + PAGE * 4 * (1 + draw(3)) - !one_in(4);
		printf("%llx-%llx ", (unsigned long long)range[i].start,
		       (unsigned long long)range[i].last);
	}
	CALL(IOAS_ALLOW_IOVAS, cmd);
}

static void ranges(void)
{
	struct iommu_iova_range *range = (void *)area();
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = id_of(IOAS),
		.num_iovas = draw(5),
		.allowed_iovas = (uintptr_t)range,
	};
	uint32_t room = cmd.num_iovas, i;

	memset(range, 0, 8 * sizeof(*range));
	CALL(IOAS_IOVA_RANGES, cmd);
	for (i = 0; i != room; i++)
		printf("  %llx-%llx\n", (unsigned long long)range[i].start,
		       (unsigned long long)range[i].last);
}

static void option(void)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = one_in(20) ? 2 : !one_in(4),
		.object_id = one_in(3) ? 0 : id_of(IOAS),
		.val64 = one_in(10) ? 2 : draw(2),
	};

	/* Setting the other one takes a privilege. */
	cmd.op = (uint16_t)(one_in(20) ? 2 : draw(2));
	if (!cmd.option_id)
		cmd.op = IOMMU_OPTION_OP_GET;
	cmd.__reserved = one_in(30);
	CALL(OPTION, cmd);
}

static void vfio_ioas(void)
{
	struct iommu_vfio_ioas cmd = {
		.size = sizeof(cmd),
		.ioas_id = id_of(IOAS),
	};

	cmd.op = (uint16_t)(one_in(12) ? 3 : draw(3));
	cmd.__reserved = one_in(30);
	CALL(VFIO_IOAS, cmd);
}

static void change_process(void)
{
	struct iommu_ioas_change_process cmd = {
		.size = sizeof(cmd),
		.__reserved = one_in(10) ? 1 : 0,
	};

	CALL(IOAS_CHANGE_PROCESS, cmd);
}

static void get_pa(void)
{
	struct iommu_ioas_noiommu_get_pa cmd = {
		.size = sizeof(cmd),
		.flags = one_in(10) ? 1 : 0,
		.ioas_id = id_of(IOAS),
		.iova = some_iova(),
		.length = one_in(4) ? some_length() : PAGE,
	};

	CALL(IOAS_NOIOMMU_GET_PA, cmd);
}

/* ---- As a container ------------------------------------------------- */

static void container_map(void)
{
	struct vfio_iommu_type1_dma_map cmd = {
		.argsz = one_in(20) ? 31 : sizeof(cmd),
		.flags = one_in(10) ? draw(8) : 3,
		.vaddr = some_va(),
		.iova = some_iova(),
		.size = some_length(),
	};

	request("MAP_DMA", s.fd, VFIO_IOMMU_MAP_DMA, &cmd, sizeof(cmd), NONE);
}

static void container_unmap(void)
{
	struct vfio_iommu_type1_dma_unmap cmd = {
		.argsz = one_in(20) ? 23 : sizeof(cmd),
		.flags = one_in(8) ? draw(8) : 0,
		.iova = one_in(12) ? 0 : some_iova(),
		.size = one_in(12) ? 0 : some_length(),
	};

	request("UNMAP_DMA", s.fd, VFIO_IOMMU_UNMAP_DMA, &cmd, 24, NONE);
}

static void container_info(void)
{
	struct {
		struct vfio_iommu_type1_info info;
		uint32_t room[26];
	} cmd = { 0 };
	static const uint32_t sizes[] = { 8, 15, 16, 20, 24, 40, 56, 80, 128 };

	cmd.info.argsz = sizes[draw(9)];
	request("GET_INFO", s.fd, VFIO_IOMMU_GET_INFO, &cmd, sizeof(cmd), NONE);
}

static void container_set(void)
{
	/* 8 is about groups without an IOMMU, which a system has or has not. */
	uint32_t type = draw(8);

	if (one_in(2))
		printf("SET_IOMMU %u = %ld\n", type,
		       sys_ioctl(s.fd, VFIO_SET_IOMMU, type));
	else
		printf("CHECK_EXTENSION %u = %ld\n", type,
		       sys_ioctl(s.fd, VFIO_CHECK_EXTENSION, type));
}

/* ---- Page tables ------------------------------------------------------ */

static void hwpt_alloc(void)
{
	struct iommu_test_hwpt *data = (void *)area();
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = one_in(12) ? draw(32) : draw(2) | draw(2) << 3,
		.dev_id = id_of(IDEV),
		.pt_id = one_in(6) ? id_of(draw(NR_KINDS)) : id_of(IOAS),
		.__reserved = one_in(40),
		.fault_id = one_in(8) ? id_of(FAULT) : 0,
		.__reserved2 = one_in(40),
	};

	if (one_in(5))
		cmd.flags |= IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
	if (one_in(8))
		cmd.flags |= IOMMU_HWPT_FAULT_ID_VALID;
	if (one_in(3)) {
		cmd.data_type = one_in(10) ? 1 : IOMMU_TEST_HWPT_TYPE;
		cmd.data_len = one_in(8) ? draw(16) : 8;
		cmd.data_uptr = one_in(20) ? 0 : (uintptr_t)data;
		data->iotlb = 0xbadbeef;
		data->pagetable = one_in(10) ? 2 : draw(2);
	}
	if (!CALL(HWPT_ALLOC, cmd))
		keep(HWPT, cmd.out_hwpt_id);
}

static void nested_alloc(void)
{
	struct iommu_test_hwpt *data = (void *)area();
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = one_in(8) ? draw(16) : draw(2) << 3,
		.dev_id = id_of(IDEV),
		.pt_id = one_in(2) ? id_of(VIOMMU) : id_of(HWPT),
		.data_type = one_in(10) ? 1 : IOMMU_TEST_HWPT_TYPE,
		.data_len = one_in(8) ? draw(16) : 8,
		.data_uptr = one_in(20) ? 0 : (uintptr_t)data,
	};

	if (one_in(4)) {
		cmd.flags |= IOMMU_HWPT_FAULT_ID_VALID;
		cmd.fault_id = id_of(FAULT);
	}
	data->iotlb = 0xbadbeef;
	data->pagetable = 0;
	if (!CALL(HWPT_ALLOC, cmd))
		keep(NESTED, cmd.out_hwpt_id);
}

static void hw_info(void)
{
	struct iommu_hw_info cmd = {
		.size = one_in(6) ? 32 : sizeof(cmd),
		.flags = one_in(6) ? draw(3) : 0,
		.dev_id = id_of(IDEV),
		.data_len = draw(20),
		.data_uptr = one_in(12) ? 64 : (uintptr_t)area(),
		.in_data_type = one_in(4) ? IOMMU_TEST_HW_INFO_TYPE : draw(2),
	};

	memset(area(), 0xee, 32);
	CALL(GET_HW_INFO, cmd);
	printf(" ");
	print_words((uint32_t *)(void *)area(), 6, NONE);
	printf("\n");
}

static void set_dirty(void)
{
	struct iommu_hwpt_set_dirty_tracking cmd = {
		.size = sizeof(cmd),
		.flags = one_in(12) ? 2 : !one_in(5),
		.hwpt_id = id_of(one_in(8) ? NESTED : HWPT),
		.__reserved = one_in(30),
	};

	CALL(HWPT_SET_DIRTY_TRACKING, cmd);
}

static uint64_t some_granule(void)
{
	static const uint64_t odd[] = { 0, 1, 512, 3000, 1ULL << 20 };

	if (one_in(6))
		return odd[draw(5)];
	return 2048ULL << draw(3);
}

static void get_dirty(void)
{
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = id_of(HWPT),
		.flags = one_in(12) ? 2 : draw(2),
		.__reserved = one_in(30),
		.iova = some_iova(),
		.length = some_length(),
		.page_size = some_granule(),
		.data = one_in(16) ? 64 : (uintptr_t)area(),
	};

	memset(area(), 0, 64);
	area()[5] = 0x81;
	CALL(HWPT_GET_DIRTY_BITMAP, cmd);
	printf(" ");
	print_words((uint32_t *)(void *)area(), 4, NONE);
	printf("\n");
}

static void make_dirty(void)
{
	struct iommu_test_cmd cmd = {
		.id = id_of(HWPT),
		.dirty.iova = some_iova(),
		.dirty.length = some_length(),
		.dirty.page_size = some_granule(),
		.dirty.uptr = (uintptr_t)area(),
	};
	uint32_t i;

	/* A huge one would be read far. */
	if (cmd.dirty.length > 1ULL << 30)
		cmd.dirty.length = 0;
	for (i = 0; i != 64; i++)
		area()[i] = (uint8_t)draw(256);
	TEST(DIRTY, cmd);
}

static void invalidate(void)
{
	uint32_t *entry = (void *)area(), i;
	bool viommu = one_in(2);
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = id_of(viommu ? VIOMMU : NESTED),
		.data_uptr = one_in(12) ? 0 : (uintptr_t)area(),
		.data_type = one_in(8) ? 1 : IOMMU_TEST_HWPT_INVALIDATE_TYPE,
		.entry_len = one_in(6) ? 4 * draw(5)
			     : viommu  ? 12
				       : 8,
		.entry_num = draw(4),
		.__reserved = one_in(30),
	};

	for (i = 0; i != 16; i++)
		entry[i] = one_in(12) ? draw(8) : draw(2) ? 0 : draw(4);
	if (viommu)
		for (i = 1; i < 16; i += 3)
			entry[i] = one_in(8) ? draw(4) : 0x99;
	CALL(HWPT_INVALIDATE, cmd);
}

static void check_slots(void)
{
	static const uint32_t values[] = { 0, 0xbadbeef,
					   IOMMU_TEST_CACHE_DEFAULT };
	struct iommu_test_cmd cmd = {
		.check_slot.slot = draw(5),
		.check_slot.value = values[draw(3)],
	};

	if (one_in(2)) {
		cmd.id = id_of(NESTED);
		TEST(MD_CHECK_IOTLB, cmd);
	} else {
		cmd.id = id_of(IDEV);
		TEST(DEV_CHECK_CACHE, cmd);
	}
}

/* ---- The mock: devices, memory ---------------------------------------- */

static void add_reserved(void)
{
	struct iommu_test_cmd cmd = {
		.id = id_of(IOAS),
		.add_reserved.start = some_iova(),
		.add_reserved.length = some_length(),
	};

	TEST(ADD_RESERVED, cmd);
}

static uint32_t some_pt(void)
{
	switch (draw(6)) {
	case 0:
	case 1:
		return id_of(IOAS);
	case 2:
		return id_of(NESTED);
	case 3:
		return id_of(draw(NR_KINDS));
	default:
		return id_of(HWPT);
	}
}

static void mock_domain(void)
{
	struct iommu_test_cmd cmd = {
		.id = one_in(3) ? some_pt() : id_of(IOAS),
		.mock_domain.dev_flags = one_in(12)  ? draw(16)
					 : one_in(4) ? IOMMU_TEST_DEV_NO_DIRTY
						     : IOMMU_TEST_DEV_PASID,
	};
	long rc;

	rc = one_in(2) ? TEST(MOCK_DOMAIN, cmd) : TEST(MOCK_DOMAIN_FLAGS, cmd);
	if (rc)
		return;
	keep(STDEV, cmd.mock_domain.out_stdev_id);
	keep(IDEV, cmd.mock_domain.out_idev_id);
	keep(HWPT, cmd.mock_domain.out_hwpt_id);
}

static void replace(void)
{
	struct iommu_test_cmd cmd = {
		.id = id_of(STDEV),
		.replace.in_out_pt_id = some_pt(),
	};

	if (!TEST(MOCK_DOMAIN_REPLACE, cmd))
		keep(HWPT, cmd.replace.in_out_pt_id);
}

static void pasid(void)
{
	struct iommu_test_cmd cmd = {
		.id = id_of(STDEV),
		.pasid.pasid = one_in(6)   ? 0
			       : one_in(6) ? 1U << 20
			       : one_in(6) ? IOMMU_TEST_PASID_FAILS
					   : 1 + draw(3),
		.pasid.in_out_pt_id = some_pt(),
	};

	switch (draw(5)) {
	case 0:
		TEST(PASID_REPLACE, cmd);
		break;
	case 1:
		TEST(PASID_DETACH, cmd);
		break;
	case 2:
		if (one_in(2))
			cmd.pasid.in_out_pt_id = 0;
		TEST(PASID_CHECK_HWPT, cmd);
		break;
	default:
		TEST(PASID_ATTACH, cmd);
	}
}

static void check_map(void)
{
	struct iommu_test_cmd cmd = {
		.id = id_of(one_in(10) ? NESTED : HWPT),
		.check_map.iova = some_iova(),
		.check_map.length = some_length(),
		.check_map.uptr = some_va(),
	};

	if (cmd.check_map.length > 1ULL << 30)
		cmd.check_map.length = PAGE;
	TEST(MD_CHECK_MAP, cmd);
}

static void check_refs(void)
{
	struct iommu_test_cmd cmd = {
		.check_refs.length = PAGE * draw(3),
		.check_refs.uptr = some_va(),
		.check_refs.refs = draw(3),
	};

	TEST(MD_CHECK_REFS, cmd);
}

static void create_access(void)
{
	struct iommu_test_cmd cmd = {
		.id = id_of(IOAS),
		.create_access.flags = one_in(12) ? 2 : !one_in(4),
	};

	if (!TEST_FD(CREATE_ACCESS, cmd, create_access.out_fd))
		keep_fd(s.access, &s.nr_access, (int)cmd.create_access.out_fd);
}

static void access_pages(void)
{
	struct iommu_test_cmd cmd = {
		.id = (uint32_t)fd_of(s.access, s.nr_access),
		.pin.flags = one_in(12) ? 2 : draw(2),
		.pin.iova = some_iova(),
		.pin.length = some_length(),
		.pin.uptr = one_in(3) ? some_va() : 0,
	};

	TEST_FD(ACCESS_PAGES, cmd, id);
}

static void destroy_pages(void)
{
	struct iommu_test_cmd cmd = {
		.id = (uint32_t)fd_of(s.access, s.nr_access),
		.unpin.pages_id = draw(4),
	};

	TEST_FD(DESTROY_ACCESS_PAGES, cmd, id);
}

static void access_rw(void)
{
	struct iommu_test_cmd cmd = {
		.id = (uint32_t)fd_of(s.access, s.nr_access),
		.rw.iova = some_iova(),
		.rw.length = one_in(4) ? some_length() : draw(6000),
		.rw.uptr = one_in(16) ? 64 : (uintptr_t)area(),
		.rw.flags = one_in(12) ? 2 : draw(2) | draw(2) << 2,
	};

	memset(area(), (int)draw(256), 8);
	if (TEST_FD(ACCESS_RW, cmd, id))
		return;
	printf(" ");
	print_words((uint32_t *)(void *)area(), 2, NONE);
	printf("\n");
}

static void replace_ioas(void)
{
	struct iommu_test_cmd cmd = {
		.id = (uint32_t)fd_of(s.access, s.nr_access),
		.replace_ioas.ioas_id = id_of(IOAS),
	};

	TEST_FD(ACCESS_REPLACE_IOAS, cmd, id);
}

/* Linux 7.3 returns 0 instead of the descriptor, which is the lowest free one. */
static void dmabuf(void)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_DMABUF_GET,
		.dmabuf_get.length = one_in(10) ? 0 : (uint32_t)PAGE * 8,
	};
	int next = dup(s.fd);
	long fd;

	close(next);
	fd = sys_ioctl(s.fd, IOMMU_TEST_CMD, (uintptr_t)&cmd);
	printf("DMABUF_GET %u = %s\n", cmd.dmabuf_get.length,
	       fd >= 0 ? "fd" : strerror((int)-fd));
	if (fd >= 0)
		keep_fd(s.dmabuf, &s.nr_dmabuf, fd ? (int)fd : next);
}

static void dmabuf_revoke(void)
{
	struct iommu_test_cmd cmd = {
		.dmabuf_revoke.fd = fd_of(s.dmabuf, s.nr_dmabuf),
		.dmabuf_revoke.revoked = draw(2),
	};

	TEST_FD(DMABUF_REVOKE, cmd, dmabuf_revoke.fd);
}

/* ---- Events ------------------------------------------------------------ */

static void fault_alloc(void)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd),
					 .flags = one_in(20) };

	if (request("FAULT_QUEUE_ALLOC", s.fd, IOMMU_FAULT_QUEUE_ALLOC, &cmd,
		    sizeof(cmd),
		    offsetof(struct iommu_fault_alloc, out_fault_fd)))
		return;
	keep(FAULT, cmd.out_fault_id);
	keep_fd(s.event, &s.nr_event, (int)cmd.out_fault_fd);
}

static void trigger_iopf(void)
{
	struct iommu_test_cmd cmd = {
		.iopf.dev_id = id_of(IDEV),
		.iopf.pasid = one_in(2) ? 0 : 1 + draw(3),
		.iopf.grpid = draw(3),
		.iopf.perm = draw(16),
		.iopf.addr = some_iova(),
	};

	TEST(TRIGGER_IOPF, cmd);
}

static void event_read(void)
{
	int fd = fd_of(s.event, s.nr_event);
	size_t len = one_in(4) ? draw(100) : one_in(2) ? 80 : 12;
	uint32_t *word = (void *)area();
	long n;

	if (fd < 0)
		return;
	printf("poll %x\n", (unsigned int)sys_poll(fd));
	memset(word, 0, 128);
	n = sys_read(fd, word, len);
	printf("read %zu = %ld", len, n);
	if (n > 0)
		print_words(word, (size_t)n / 4, NONE);
	printf("\n");
}

static void event_write(void)
{
	int fd = fd_of(s.event, s.nr_event);
	size_t len = one_in(4) ? draw(20) : 8;
	struct iommu_hwpt_page_response *answer = (void *)area();

	if (fd < 0)
		return;
	memset(answer, 0, 32);
	answer->cookie = draw(4);
	answer->code = one_in(10) ? 2 : draw(2);
	printf("write %zu %u %u = %ld\n", len, answer->cookie, answer->code,
	       sys_write(fd, answer, len));
}

/* ---- Virtual IOMMUs ---------------------------------------------------- */

static void viommu_alloc(void)
{
	struct iommu_test_viommu *data = (void *)area();
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.flags = one_in(20),
		.type = one_in(8) ? draw(3) : IOMMU_TEST_VIOMMU_TYPE,
		.dev_id = id_of(IDEV),
		.hwpt_id = id_of(HWPT),
		.data_len = one_in(2)   ? 0
			    : one_in(4) ? draw(32)
					: 24,
		.__reserved = one_in(30),
		.data_uptr = (uintptr_t)data,
	};

	memset(data, 0, sizeof(*data));
	data->in_data = 0x1234;
	if (CALL(VIOMMU_ALLOC, cmd))
		return;
	keep(VIOMMU, cmd.out_viommu_id);
	printf("  %x %llx\n", data->out_data,
	       (unsigned long long)data->out_mmap_length);
}

static void vdevice_alloc(void)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = id_of(VIOMMU),
		.dev_id = id_of(IDEV),
		.virt_id = one_in(8)   ? 0
			   : one_in(8) ? 1ULL << 40
				       : 0x99,
	};

	if (!CALL(VDEVICE_ALLOC, cmd))
		keep(VDEVICE, cmd.out_vdevice_id);
}

static void veventq_alloc(void)
{
	struct iommu_veventq_alloc cmd = {
		.size = one_in(8) ? 28 : sizeof(cmd),
		.flags = one_in(20),
		.viommu_id = id_of(VIOMMU),
		.type = one_in(10) ? draw(2) : IOMMU_TEST_VEVENTQ_TYPE,
		.veventq_depth = one_in(8) ? (1U << 19) * draw(3) : 1 + draw(2),
		.__reserved = one_in(30),
	};

	if (request("VEVENTQ_ALLOC", s.fd, IOMMU_VEVENTQ_ALLOC, &cmd,
		    sizeof(cmd),
		    offsetof(struct iommu_veventq_alloc, out_veventq_fd)))
		return;
	keep(QUEUE, cmd.out_veventq_id);
	keep_fd(s.event, &s.nr_event, (int)cmd.out_veventq_fd);
}

static void trigger_vevent(void)
{
	struct iommu_test_cmd cmd = { .vevent.dev_id = id_of(IDEV) };

	TEST(TRIGGER_VEVENT, cmd);
}

/* In one page: pages are neighbours by chance. */
static void hw_queue_alloc(void)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.flags = one_in(20),
		.viommu_id = id_of(VIOMMU),
		.type = one_in(10) ? draw(2) : IOMMU_TEST_HW_QUEUE_TYPE,
		.index = draw(3),
		.nesting_parent_iova =
			START + PAGE * draw(8) + (one_in(4) ? draw(100) : 0),
		.length = one_in(10) ? 0 : 1 + draw(3990),
	};

	if (!CALL(HW_QUEUE_ALLOC, cmd))
		keep(QUEUE, cmd.out_hw_queue_id);
}

/* ---- Sequences --------------------------------------------------------- */

typedef void (*step)(void);

/* What a seed is about, and what it does beside that. */
static const step themes[][12] = {
	{ map, map, copy, copy, unmap, unmap, allow, ranges, option, map_file,
	  mock_domain, check_map },
	{ map, map, unmap, copy, check_map, check_refs, check_refs, destroy,
	  mock_domain, replace, add_reserved, map_file },
	{ map, map, create_access, access_pages, access_pages, access_rw,
	  access_rw, destroy_pages, unmap, replace_ioas, check_refs, copy },
	{ container_map, container_map, container_unmap, container_info,
	  container_set, vfio_ioas, map, unmap, container_set, mock_domain,
	  check_map, option },
	{ hwpt_alloc, hwpt_alloc, set_dirty, set_dirty, get_dirty, get_dirty,
	  make_dirty, make_dirty, map, map, replace, mock_domain },
	{ hwpt_alloc, hwpt_alloc, nested_alloc, nested_alloc, replace, replace,
	  invalidate, invalidate, check_slots, hw_info, destroy, mock_domain },
	{ hwpt_alloc, nested_alloc, viommu_alloc, vdevice_alloc, replace,
	  veventq_alloc, trigger_vevent, event_read, invalidate, check_slots,
	  hw_queue_alloc, destroy },
	{ hwpt_alloc, hwpt_alloc, viommu_alloc, hw_queue_alloc, hw_queue_alloc,
	  map, map, unmap, vdevice_alloc, destroy, destroy, nested_alloc },
	{ fault_alloc, hwpt_alloc, hwpt_alloc, replace, trigger_iopf,
	  trigger_iopf, trigger_iopf, event_read, event_write, pasid, destroy,
	  mock_domain },
	{ hwpt_alloc, hwpt_alloc, pasid, pasid, pasid, replace, mock_domain,
	  nested_alloc, destroy, fault_alloc, trigger_iopf, event_read },
	{ dmabuf, dmabuf_revoke, map_file, map_file, copy, unmap, mock_domain,
	  change_process, access_rw, create_access, access_pages, check_map },
};

static const step others[] = {
	ioas_alloc,    destroy,        map,     copy,
	unmap,         allow,          ranges,  option,
	vfio_ioas,     change_process, get_pa,  hwpt_alloc,
	hw_info,       mock_domain,    replace, container_unmap,
	create_access, add_reserved,
};

#define NR(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* Pages that nobody has counted yet, one by one. */
static void new_buffer(void)
{
	if (mmap(BUFFER, NR_PAGES * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != BUFFER)
		exit(1);
	madvise(BUFFER, NR_PAGES * PAGE, MADV_NOHUGEPAGE);
	memset(BUFFER, 0x55, NR_PAGES * PAGE);
}

static void begin(uint64_t seed)
{
	memset(&s, 0, sizeof(s));
	s.random = seed * 2654435761U + 12345;
	draw(2);
	s.fd = sys_open("/dev/iommu");
	s.memfd = memfd_create("conformance", MFD_CLOEXEC);
	if (s.fd < 0 || s.memfd < 0 || ftruncate(s.memfd, 16 * PAGE))
		exit(1);
	new_buffer();
	printf("seed %llu\n", (unsigned long long)seed);
	ioas_alloc();
	mock_domain();
	if (one_in(2))
		ioas_alloc();
	if (one_in(2))
		mock_domain();
}

static void end(void)
{
	unsigned int i;

	for (i = 0; i != KEEP; i++) {
		if (i < s.nr_access)
			close(s.access[i]);
		if (i < s.nr_event)
			close(s.event[i]);
		if (i < s.nr_dmabuf)
			close(s.dmabuf[i]);
	}
	close(s.memfd);
	close(s.fd);
}

static void sequence(uint64_t seed)
{
	const step *theme;
	unsigned int i;

	begin(seed);
	theme = themes[seed % NR(themes)];
	for (i = 0; i != STEPS; i++) {
		if (one_in(6))
			others[draw(NR(others))]();
		else
			theme[draw(NR(themes[0]))]();
	}
	end();
}

int main(int argc, char **argv)
{
	uint64_t seed, nr;

	if (argc != 3) {
		fprintf(stderr, "usage: conformance-random FIRST COUNT\n");
		return 2;
	}
	seed = strtoull(argv[1], NULL, 0);
	for (nr = strtoull(argv[2], NULL, 0); nr; nr--)
		sequence(seed++);
	return 0;
}
