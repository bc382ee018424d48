/* SPDX-License-Identifier: MIT */
/*
 * The example of an embedder, examples/bare_driver.c, on an emulated machine.
 */
#include "bare_driver.h"
#include "rig.h"

#define VTD_REGS 0xfed90000
#define EDU_BAR  0xfe000000u
#define EDU_RID  (3 << 3)

static const char *qemu;
static bool full;

static bool next_fault(void *driver, struct iommu_hw_fault *fault, bool *lost)
{
	return vtd_next_fault(driver, fault, lost);
}

static void start(struct rig *rig)
{
	static const char *const args[] = {
		"-M",
		"q35,memory-backend=ram",
		"-object",
		"memory-backend-file,id=ram,size=256M,mem-path=@ram,share=on",
		"-m",
		"256M",
		"-bios",
		"@halt",
		"-device",
		"intel-iommu",
		"-device",
		"edu,addr=3.0,dma_mask=0xffffffffffffffff",
		NULL
	};

	rig_start(rig, qemu, args, 0, VTD_REGS);
	edu_init_pc(&rig->edu, &rig->q, 3, EDU_BAR);
	rig->next_fault = next_fault;
	rig->logs_faults = true;
}

static void test_example(void **state)
{
	struct bare_driver bare;
	struct rig rig;

	start(&rig);
	rig.driver = &bare.iommu;
	assert_int_equal(bare_driver_start(&bare, &rig.hw, EDU_RID), 0);
	rig_map(bare.domain, 0x10000, rig_data(&rig, 0), 0x1000,
		IOMMU_READ | IOMMU_WRITE);
	rig_reaches(&rig, 0x10000, rig_data(&rig, 0), 64);
	edu_write(&rig.edu, 0x20000, 64);
	assert_int_equal(bare_driver_faults(&bare), 1);
	bare_driver_stop(&bare);
	rig_stop(&rig);
}

/* Every allocation fails once: an error, and nothing is left behind. */
static void test_nomem(void **state)
{
	struct bare_driver bare;
	uint64_t nth = 0;
	struct rig rig;
	int rc;

	start(&rig);
	do {
		port_arena_fail_nth(rig.arena, ++nth);
		rc = bare_driver_start(&bare, &rig.hw, EDU_RID);
		if (rc)
			assert_int_equal(port_arena_bytes(rig.arena), 0);
	} while (rc == -ENOMEM);
	assert_int_equal(rc, 0);
	assert_true(nth > 5);
	bare_driver_stop(&bare);
	rig_stop(&rig);
}

/* Registers that are memory: nothing answers, so there is no such IOMMU. */
static void test_mmio(void **state)
{
	static uint64_t regs[64];
	struct bare_driver bare;
	struct mmio_iommu mmio;

	mmio_iommu_init(&mmio, regs, NULL);
	assert_int_equal(bare_driver_start(&bare, &mmio.hw, EDU_RID), -ENODEV);
	mmio.hw.ops->write64(&mmio.hw, 8, 0x1122334455667788);
	mmio.hw.ops->write32(&mmio.hw, 12, 0x99aabbcc);
	assert_int_equal(regs[1], 0x99aabbcc55667788);
	assert_int_equal(mmio.hw.ops->read32(&mmio.hw, 12), 0x99aabbcc);
	assert_int_equal(mmio.hw.ops->read64(&mmio.hw, 8), regs[1]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_nomem),
		cmocka_unit_test(test_mmio),
	};
	int status;

	qemu = qtest_choose(argv, &full, &status);
	if (!qemu)
		return status;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
