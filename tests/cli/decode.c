/* SPDX-License-Identifier: MIT */
/* The tables of the user API: complete, and never out of bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <uiommu/iommufd.h>
#include <uiommu/vfio.h>

#include "cli/decode.h"

/* ---- the tables themselves ---- */

/* Bytes that a structure has, but no member: only where the compiler pads. */
static void check_struct(const char *request, const struct cli_struct *what)
{
	uint8_t seen[256] = { 0 };

	assert_in_range(what->size, 1, sizeof(seen));
	for (unsigned int i = 0; i < what->nr; i++) {
		const struct cli_field *f = &what->field[i];

		if (f->offset + f->size > what->size)
			fail_msg("%s: %s ends outside", request, f->name);
		if (f->show == CLI_ENUM || f->show == CLI_FLAGS)
			assert_non_null(f->names);
		if (f->show >= CLI_POINTED)
			assert_non_null(f->more);
		for (unsigned int b = 0; b < f->size; b++) {
			/* in_data_type and out_data_type are one. */
			if (seen[f->offset + b] &&
			    strcmp(f->name, "out_data_type"))
				fail_msg("%s: %s overlaps", request, f->name);
			seen[f->offset + b] = 1;
		}
	}
}

static void check_list(const struct cli_request *list, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		assert_non_null(list[i].name);
		if (list[i].arg)
			check_struct(list[i].name, list[i].arg);
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(list[i].cmd, list[j].cmd);
	}
}

static void test_tables(void **state)
{
	check_list(cli_iommufd_requests, cli_iommufd_nr_requests);
	check_list(cli_vfio_device_requests, cli_vfio_device_nr_requests);
	check_list(cli_vfio_container_requests, cli_vfio_container_nr_requests);
}

/* Every member of the requests of IOMMUFD has a place in the tables. */
static void test_complete(void **state)
{
	for (size_t i = 0; i < cli_iommufd_nr_requests; i++) {
		const struct cli_struct *what = cli_iommufd_requests[i].arg;
		uint8_t seen[256] = { 0 };

		for (unsigned int n = 0; n < what->nr; n++)
			memset(seen + what->field[n].offset, 1,
			       what->field[n].show == CLI_FOLLOWING
				       ? 48
				       : what->field[n].size);
		for (unsigned int b = 0; b < what->size; b++) {
			/* After the last member of iommu_hw_info, of the test. */
			if (seen[b] ||
			    cli_iommufd_requests[i].cmd == CLI_TEST_CMD ||
			    (cli_iommufd_requests[i].cmd == IOMMU_GET_HW_INFO &&
			     b / 4 == 7))
				continue;
			fail_msg("%s: byte %u has no name",
				 cli_iommufd_requests[i].name, b);
		}
	}
}

/* ---- which request ---- */

static void check_name(const char *kind, unsigned int cmd, const char *name)
{
	const struct cli_request *request = cli_request_find(kind, cmd);

	if (!name) {
		assert_null(request);
		return;
	}
	assert_non_null(request);
	assert_string_equal(request->name, name);
}

static void test_find(void **state)
{
	check_name("iommufd", IOMMU_IOAS_MAP, "IOMMU_IOAS_MAP");
	check_name("iommufd", VFIO_IOMMU_MAP_DMA, "VFIO_IOMMU_MAP_DMA");
	check_name("iommufd", 0x3ba0, "IOMMU_TEST_CMD");
	check_name("vfio-container", VFIO_IOMMU_GET_INFO,
		   "VFIO_IOMMU_GET_INFO");
	check_name("vfio-cdev", VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
		   "VFIO_DEVICE_GET_PCI_HOT_RESET_INFO");
	check_name("vfio-group", VFIO_GROUP_GET_STATUS,
		   "VFIO_GROUP_GET_STATUS");
	check_name("vfio-cdev", IOMMU_IOAS_MAP, NULL);
	check_name("iommufd", 0x3bff, NULL);
	check_name(NULL, VFIO_DEVICE_GET_INFO, "VFIO_DEVICE_GET_INFO");
}

/* ---- what is printed ---- */

/* The memory of a caller: one page at 0x1000. */
static uint8_t memory[4096];
#define PAGE UINT64_C(0x1000)

static int read_page(void *arg, void *dst, uint64_t src, size_t len)
{
	if (src < PAGE || len > sizeof(memory) ||
	    src - PAGE > sizeof(memory) - len)
		return -1;
	memcpy(dst, memory + (src - PAGE), len);
	return 0;
}

static void expect(const char *kind, unsigned int cmd, const void *bytes,
		   unsigned int way, bool json, const char *text)
{
	const struct cli_request *request = cli_request_find(kind, cmd);
	struct cli_decoder d = { .json = json, .read = read_page };
	char *got = NULL;
	size_t size = 0;

	assert_non_null(request);
	d.out = open_memstream(&got, &size);
	cli_decode(&d, request->arg, PAGE, bytes, request->arg->size, way,
		   NULL);
	fclose(d.out);
	assert_string_equal(got, text);
	free(got);
}

static void test_map(void **state)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_READABLE | 0x100,
		.ioas_id = 2,
		.user_va = 0x7000,
		.length = 0x1000,
		.iova = 0x4000,
	};

	expect("iommufd", IOMMU_IOAS_MAP, &map, CLI_IN, false,
	       "{size=40, flags=IOMMU_IOAS_MAP_READABLE|0x100, ioas_id=2, "
	       "user_va=0x7000, length=0x1000, iova=0x4000}");
	map.__reserved = 7;
	map.flags = 0;
	expect("iommufd", IOMMU_IOAS_MAP, &map, CLI_IN, true,
	       "{\"size\": 40, \"flags\": [], \"ioas_id\": 2, "
	       "\"__reserved\": \"0x7\", \"user_va\": \"0x7000\", "
	       "\"length\": \"0x1000\", \"iova\": \"0x4000\"}");
	expect("iommufd", IOMMU_IOAS_MAP, &map, CLI_OUT, false,
	       "{iova=0x4000}");
}

static void test_arrays(void **state)
{
	struct iommu_ioas_allow_iovas allow = {
		.size = sizeof(allow),
		.ioas_id = 1,
		.num_iovas = 2,
		.allowed_iovas = PAGE + 64,
	};
	struct iommu_iova_range *range = (void *)(memory + 64);

	range[0] = (struct iommu_iova_range){ 0x1000, 0x1fff };
	range[1] = (struct iommu_iova_range){ 0x3000, 0x3fff };
	expect("iommufd", IOMMU_IOAS_ALLOW_IOVAS, &allow, CLI_IN, false,
	       "{size=24, ioas_id=1, num_iovas=2, allowed_iovas=["
	       "{start=0x1000, last=0x1fff}, {start=0x3000, last=0x3fff}]}");
	/* What cannot be read, and more than anybody wants to see. */
	allow.allowed_iovas = 0x666000;
	expect("iommufd", IOMMU_IOAS_ALLOW_IOVAS, &allow, CLI_IN, false,
	       "{size=24, ioas_id=1, num_iovas=2, allowed_iovas=[...]}");
	allow.allowed_iovas = 0;
	expect("iommufd", IOMMU_IOAS_ALLOW_IOVAS, &allow, CLI_IN, true,
	       "{\"size\": 24, \"ioas_id\": 1, \"num_iovas\": 2, "
	       "\"allowed_iovas\": \"0x0\"}");
}

static void test_long_array(void **state)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set) + 40,
		.flags = VFIO_IRQ_SET_DATA_EVENTFD |
			 VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = 0xffffffff,
	};

	for (int i = 0; i < 10; i++)
		memcpy(memory + sizeof(set) + (size_t)i * 4, &(int){ i - 1 },
		       4);
	expect("vfio-cdev", VFIO_DEVICE_SET_IRQS, &set, CLI_IN, false,
	       "{argsz=60, flags=VFIO_IRQ_SET_DATA_EVENTFD|"
	       "VFIO_IRQ_SET_ACTION_TRIGGER, index=VFIO_PCI_MSIX_IRQ_INDEX, "
	       "start=0, count=4294967295, data=[-1, 0, 1, 2, 3, 4, 5, 6, "
	       "...]}");
}

static void test_typed_data(void **state)
{
	struct iommu_hwpt_alloc alloc = {
		.size = sizeof(alloc),
		.dev_id = 1,
		.pt_id = 2,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(struct iommu_hwpt_vtd_s1),
		.data_uptr = PAGE,
	};
	struct iommu_hwpt_vtd_s1 s1 = {
		.flags = IOMMU_VTD_S1_WPE,
		.pgtbl_addr = 0x5000,
		.addr_width = 48,
	};

	memcpy(memory, &s1, sizeof(s1));
	expect("iommufd", IOMMU_HWPT_ALLOC, &alloc, CLI_IN, false,
	       "{size=48, flags=0, dev_id=1, pt_id=2, "
	       "data_type=IOMMU_HWPT_DATA_VTD_S1, data_len=24, "
	       "data_uptr={flags=IOMMU_VTD_S1_WPE, pgtbl_addr=0x5000, "
	       "addr_width=48}, fault_id=0}");
	/* Fewer bytes than the structure has: what is there. */
	alloc.data_len = 16;
	expect("iommufd", IOMMU_HWPT_ALLOC, &alloc, CLI_IN, false,
	       "{size=48, flags=0, dev_id=1, pt_id=2, "
	       "data_type=IOMMU_HWPT_DATA_VTD_S1, data_len=16, "
	       "data_uptr={flags=IOMMU_VTD_S1_WPE, pgtbl_addr=0x5000}, "
	       "fault_id=0}");
	alloc.data_type = 77;
	expect("iommufd", IOMMU_HWPT_ALLOC, &alloc, CLI_IN, false,
	       "{size=48, flags=0, dev_id=1, pt_id=2, data_type=0x4d, "
	       "data_len=16, data_uptr=0x1000, fault_id=0}");
}

static void test_features(void **state)
{
	struct vfio_device_feature feature = {
		.argsz = 16,
		.flags = VFIO_DEVICE_FEATURE_SET |
			 VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
	};
	struct vfio_device_feature_mig_state state_set = {
		.device_state = VFIO_DEVICE_STATE_STOP,
		.data_fd = -1,
	};

	memcpy(memory + sizeof(feature), &state_set, sizeof(state_set));
	expect("vfio-cdev", VFIO_DEVICE_FEATURE, &feature, CLI_IN, false,
	       "{argsz=16, flags=VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE|"
	       "VFIO_DEVICE_FEATURE_SET, data={device_state="
	       "VFIO_DEVICE_STATE_STOP, data_fd=-1}}");
	feature.flags = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_PROBE |
			0x1234;
	expect("vfio-cdev", VFIO_DEVICE_FEATURE, &feature, CLI_IN, true,
	       "{\"argsz\": 16, \"flags\": [\"0x1234\", "
	       "\"VFIO_DEVICE_FEATURE_GET\", "
	       "\"VFIO_DEVICE_FEATURE_PROBE\"]}");
}

static void test_chain(void **state)
{
	struct vfio_region_info info = {
		.argsz = 64,
		.cap_offset = 32,
		.flags = VFIO_REGION_INFO_FLAG_CAPS,
		.index = VFIO_PCI_BAR0_REGION_INDEX,
	};
	struct {
		struct vfio_region_info_cap_type type;
		struct vfio_info_cap_header end;
	} caps = {
		.type = { .header = { VFIO_REGION_INFO_CAP_TYPE, 1, 48 },
			  .type = 0x80008086,
			  .subtype = 1 },
		.end = { 99, 1, 32 }, /* a loop */
	};

	memcpy(memory + 32, &caps, sizeof(caps));
	info.argsz = 56;
	expect("vfio-cdev", VFIO_DEVICE_GET_REGION_INFO, &info, CLI_OUT, false,
	       "{argsz=56, flags=VFIO_REGION_INFO_FLAG_CAPS, size=0x0, "
	       "offset=0x0, cap_offset=[VFIO_REGION_INFO_CAP_TYPE{"
	       "type=0x80008086, subtype=0x1}, 0x63, "
	       "VFIO_REGION_INFO_CAP_TYPE{type=0x80008086, subtype=0x1}, "
	       "0x63, VFIO_REGION_INFO_CAP_TYPE{type=0x80008086, "
	       "subtype=0x1}, 0x63, VFIO_REGION_INFO_CAP_TYPE{"
	       "type=0x80008086, subtype=0x1}, 0x63, "
	       "VFIO_REGION_INFO_CAP_TYPE{type=0x80008086, subtype=0x1}, "
	       "0x63, VFIO_REGION_INFO_CAP_TYPE{type=0x80008086, "
	       "subtype=0x1}, 0x63, VFIO_REGION_INFO_CAP_TYPE{"
	       "type=0x80008086, subtype=0x1}, 0x63, "
	       "VFIO_REGION_INFO_CAP_TYPE{type=0x80008086, subtype=0x1}, "
	       "0x63]}");
}

/* Operations of the mock driver share a union. */
static void test_mock(void **state)
{
	uint32_t cmd[18] = { 72, 2, 5, 0, 10, 11, 12 };

	expect("iommufd", CLI_TEST_CMD, cmd, CLI_IN, false,
	       "{size=72, op=MOCK_DOMAIN, id=5}");
	expect("iommufd", CLI_TEST_CMD, cmd, CLI_OUT, false,
	       "{args={out_stdev_id=10, out_hwpt_id=11, out_idev_id=12}}");
	cmd[1] = 19;
	expect("iommufd", CLI_TEST_CMD, cmd, CLI_IN, false,
	       "{size=72, op=PASID_REPLACE, id=5, args={pasid=10, pt_id=11}}");
	cmd[1] = 200;
	expect("iommufd", CLI_TEST_CMD, cmd, CLI_IN, true,
	       "{\"size\": 72, \"op\": \"0xc8\", \"id\": 5}");
}

/* ---- anything at all ---- */

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void mess(uint64_t *seed, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t r = next(seed);

		/* Mostly small numbers, so that kinds and counts are met. */
		bytes[i] = r & 0x300 ? (uint8_t)(r % 4 * (r >> 12 & 1))
				     : (uint8_t)r;
	}
}

static void mess_list(const struct cli_decoder *d, uint64_t *seed,
		      const struct cli_request *list, size_t nr)
{
	uint8_t bytes[256], before[256];

	for (size_t i = 0; i < nr; i++) {
		const struct cli_struct *what = list[i].arg;
		size_t len;

		if (!what)
			continue;
		mess(seed, bytes, sizeof(bytes));
		mess(seed, before, sizeof(before));
		mess(seed, memory, 512);
		/* A pointer that leads somewhere, now and then. */
		for (unsigned int n = 0; n < what->nr; n++)
			if (what->field[n].show == CLI_POINTED &&
			    next(seed) & 1)
				memcpy(bytes + what->field[n].offset,
				       &(uint64_t){ PAGE }, 8);
		len = next(seed) % (what->size + 1u);
		cli_decode(d, what, PAGE, bytes, len, CLI_IN, NULL);
		cli_decode(d, what, PAGE, bytes, len, CLI_OUT, before);
		cli_decode(d, what, PAGE, bytes, len, CLI_CHANGED, before);
	}
}

static void test_hostile(void **state)
{
	uint64_t seed = 0x5eed;
	struct cli_decoder d = { .read = read_page };

	d.out = fopen("/dev/null", "w");
	assert_non_null(d.out);
	for (unsigned int i = 0; i < 400; i++) {
		d.json = i & 1;
		mess_list(&d, &seed, cli_iommufd_requests,
			  cli_iommufd_nr_requests);
		mess_list(&d, &seed, cli_vfio_device_requests,
			  cli_vfio_device_nr_requests);
		mess_list(&d, &seed, cli_vfio_container_requests,
			  cli_vfio_container_nr_requests);
	}
	fclose(d.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_long_array),
		cmocka_unit_test(test_typed_data),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_mock),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
