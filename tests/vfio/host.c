/* SPDX-License-Identifier: MIT */
/*
 * The host API: runs, slots, files, the bus, and a process as its own client.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

#define PAGE    UIOMMU_PAGE_SIZE
#define BAD_PTR 8

static void bad_names(void **state)
{
	struct uiommu_config config = { .iommu = "pentium" };
	struct uiommu_device *dev = NULL;
	struct uiommu *u = NULL;

	assert_int_equal(uiommu_new(&config, &u), -EINVAL);
	assert_null(u);
	config = (struct uiommu_config){ .table_base = 12345 };
	assert_int_equal(uiommu_new(&config, &u), -EINVAL);
	uiommu_free(NULL);

	config = (struct uiommu_config){ .table_size = 1 << 20 };
	assert_int_equal(uiommu_new(&config, &u), 0);
	assert_int_equal(uiommu_add_device(u, "frob", &dev), -EINVAL);
	assert_int_equal(uiommu_add_device(u, "", &dev), -EINVAL);
	assert_null(dev);
	assert_int_equal(uiommu_nr_devices(u), 0);
	assert_null(uiommu_device(u, 0));
	uiommu_free(u);
}

static void slots(void **state)
{
	struct uiommu_config config = { .iommu = NULL };
	struct uiommu_device_info info;
	struct uiommu_device *dev;
	struct uiommu *u;
	unsigned int i;
	char bdf[16];

	assert_int_equal(uiommu_new(&config, &u), 0);
	for (i = 0; i < 31; i++) {
		assert_int_equal(uiommu_add_device(u, "edu", &dev), 0);
		assert_int_equal(uiommu_nr_devices(u), i + 1);
		assert_ptr_equal(uiommu_device(u, i), dev);
		uiommu_device_info(dev, &info);
		snprintf(bdf, sizeof(bdf), "0000:00:%02x.0", i + 1);
		assert_string_equal(info.bdf, bdf);
		assert_int_equal(info.rid, (i + 1) << 3);
		assert_int_equal(info.index, i);
		assert_int_equal(info.group, i);
		assert_int_equal(info.bar_size[0], EDU_BAR_SIZE);
		assert_int_equal(info.bar_size[1], 0);
		assert_int_equal(info.config[0], 0x34);
		/* Each BAR has a place of its own: 0xc0000000 and 16 MiB on. */
		assert_int_equal(info.config[DEV_PCI_BAR0 + 3], 0xc0 + i + 1);
	}
	assert_int_equal(uiommu_add_device(u, "edu", &dev), -ENOSPC);
	assert_int_equal(uiommu_nr_devices(u), 31);
	uiommu_free(u);
}

/* Runs know nothing of each other. */
static void two_runs(void **state)
{
	struct rig a, b;

	rig_init(&a, "vtdss");
	rig_init(&b, "amdv1");
	rig_attach(&a);
	rig_attach(&b);
	rig_dma(&a, 0x1000, EDU_BUFFER, 8, EDU_DMA_START);
	assert_int_equal(a.faults, 1);
	assert_int_equal(b.faults, 0);
	rig_fini(&a);
	rig_fini(&b);
}

static unsigned int released;

static void count_release(struct uiommu_file *file)
{
	released++;
}

static void files(void **state)
{
	static const struct uiommu_file_ops ops = {
		.kind = "nothing",
		.release = count_release,
	};
	struct uiommu_file file = { .ops = &ops, .refs = 1, .backing = -1 };

	assert_int_equal(uiommu_ioctl(&file, NULL, 0, 0), -ENOTTY);
	assert_int_equal(uiommu_read(&file, NULL, 0, 1, 0), -EINVAL);
	assert_int_equal(uiommu_write(&file, NULL, 0, 1, 0), -EINVAL);
	assert_int_equal(uiommu_mmap(&file, 0, PAGE, PROT_READ, MAP_SHARED),
			 -ENODEV);
	released = 0;
	uiommu_file_get(&file);
	uiommu_file_put(&file);
	assert_int_equal(released, 0);
	uiommu_file_put(&file);
	assert_int_equal(released, 1);
}

/* Tables are for walks, memory is for DMA. */
static void bus(void **state)
{
	struct rig *rig = *state;
	struct soft_bus *bus = uiommu_bus(rig->u);
	uint64_t word = 0x1122334455667788, value, old;
	uint8_t *p = aligned_alloc(PAGE, PAGE);
	struct soft_dte dte;
	uint64_t root;

	assert_non_null(p);
	rig_map(rig, p, 0x10000, PAGE);
	assert_true(soft_iommu_get(uiommu_soft(rig->u), 1 << 3, 0, &dte));
	root = dte.root.pa;
	assert_int_equal(bus->load(bus, root, 8, &value), 0);
	assert_int_not_equal(value, 0);
	assert_int_equal(bus->load(bus, root, 4, &old), 0);
	assert_int_equal(old, (uint32_t)value);
	assert_int_equal(bus->read(bus, root, &word, 8), -EFAULT);
	assert_int_equal(bus->write(bus, root, &word, 8), -EFAULT);
	assert_int_equal(bus->write(bus, root - 4, &word, 8), -EFAULT);
	/* Swapped only if it is what was expected, and told what it was. */
	old = ~value;
	assert_int_equal(bus->cas(bus, root, 8, &old, 0), 0);
	assert_int_equal(old, value);
	assert_int_equal(bus->cas(bus, root, 8, &old, value), 0);
	old = (uint32_t)value;
	assert_int_equal(bus->cas(bus, root, 4, &old, old), 0);
	assert_int_equal(old, (uint32_t)value);
	old = (uint32_t)~value;
	assert_int_equal(bus->cas(bus, root, 4, &old, 0), 0);
	assert_int_equal(old, (uint32_t)value);
	assert_int_equal(bus->load(bus, root, 8, &old), 0);
	assert_int_equal(old, value);
	/* The arena's part that has never been a table. */
	assert_int_equal(bus->load(bus, root + (32 << 20), 8, &value), -EFAULT);

	/* Client memory: walks of tables that a client owns, and DMA. */
	assert_int_equal(bus->load(bus, (uintptr_t)&word, 8, &value), 0);
	assert_int_equal(value, word);
	assert_int_equal(bus->load(bus, (uintptr_t)&word, 4, &value), 0);
	assert_int_equal(value, (uint32_t)word);
	assert_int_equal(bus->load(bus, BAD_PTR, 8, &value), -EFAULT);
	assert_int_equal(bus->cas(bus, (uintptr_t)&word, 8, &value, 0),
			 -EFAULT);
	assert_int_equal(bus->write(bus, (uintptr_t)p, &word, 8), 0);
	assert_memory_equal(p, &word, 8);
	assert_int_equal(bus->read(bus, BAD_PTR, &word, 8), -EFAULT);
	assert_int_equal(bus->write(bus, UINT64_MAX, &word, 8), -EFAULT);
	assert_int_equal(rig_unmap(rig, 0x10000, PAGE), 0);
	free(p);
}

static unsigned int phys_calls;

static int phys_read(void *arg, phys_addr_t pa, void *buf, size_t len)
{
	phys_calls++;
	memset(buf, (uint8_t)pa, len);
	return 0;
}

static int phys_write(void *arg, phys_addr_t pa, const void *buf, size_t len)
{
	phys_calls++;
	return 0;
}

/* A caller's own memory never gets a request for what is the tables'. */
static void own_memory(void **state)
{
	static const struct uiommu_phys_ops phys = { phys_read, phys_write };
	const struct uiommu_config config = {
		.phys = &phys,
		.table_base = 1 << 20,
		.table_size = 1 << 20,
	};
	struct uiommu *u;
	struct soft_bus *bus;
	uint64_t value = 0;

	assert_int_equal(uiommu_new(&config, &u), 0);
	bus = uiommu_bus(u);
	phys_calls = 0;
	assert_int_equal(bus->read(bus, 1 << 20, &value, 8), -EFAULT);
	assert_int_equal(bus->write(bus, (2 << 20) - 1, &value, 8), -EFAULT);
	assert_int_equal(bus->read(bus, (1 << 20) - 1, &value, 2), -EFAULT);
	assert_int_equal(phys_calls, 0);
	assert_int_equal(bus->read(bus, (1 << 20) - 8, &value, 8), 0);
	assert_int_equal(value, 0xf8f8f8f8f8f8f8f8);
	assert_int_equal(bus->write(bus, 2 << 20, &value, 8), 0);
	assert_int_equal(phys_calls, 2);
	uiommu_free(u);
}

static void self_copies(void **state)
{
	struct rig *rig = *state;
	struct uiommu_user *user = &rig->self.user;
	uint32_t a = 1, b = 2;

	assert_int_equal(user->ops->copy_in(user, &a, (uintptr_t)&b, 4), 0);
	assert_int_equal(a, 2);
	b = 3;
	assert_int_equal(user->ops->copy_out(user, (uintptr_t)&a, &b, 4), 0);
	assert_int_equal(a, 3);
	assert_int_equal(user->ops->copy_in(user, &a, BAD_PTR, 4), -EFAULT);
	assert_int_equal(user->ops->copy_out(user, BAD_PTR, &a, 4), -EFAULT);
	assert_int_equal(user->ops->copy_in(user, &a, UINT64_MAX, 4), -EFAULT);
	assert_int_equal(user->ops->copy_in(user, &a, BAD_PTR, 0), 0);
}

static void self_files(void **state)
{
	struct rig *rig = *state;
	struct uiommu_user *user = &rig->self.user;
	struct uiommu_file *file;
	int fd;

	assert_int_equal(user->ops->file(user, -1, &file), -EBADF);
	assert_int_equal(user->ops->file(user, RIG_CDEV2, &file), -EBADF);
	assert_int_equal(user->ops->file(user, RIG_NR_FILES, &file), -EBADF);
	assert_int_equal(user->ops->file(user, RIG_CDEV, &file), 0);
	assert_ptr_equal(file, rig->file[RIG_CDEV]);
	uiommu_file_put(file);

	assert_int_equal(user->ops->eventfd(user, -1), -EBADF);
	assert_int_equal(user->ops->eventfd(user, RIG_BAD_FD), -EBADF);
	assert_int_equal(user->ops->eventfd(user, rig->backing), -EINVAL);
	fd = open("/dev/null", O_RDONLY);
	assert_int_equal(user->ops->eventfd(user, fd), -EINVAL);
	close(fd);
	assert_int_equal(user->ops->capable(user, UIOMMU_CAP_IPC_LOCK),
			 geteuid() == 0);
}

/* Pins of memory with a hole end at the hole; the hole itself is an error. */
static void self_pins(void **state)
{
	struct rig *rig = *state;
	struct uiommu_user *user = &rig->self.user;
	struct uiommu_mem *mem = user->ops->mem(user);
	struct uiommu_run run;
	size_t hole;
	uint8_t *p;
	uint64_t va;

	p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	va = (uintptr_t)p;
	assert_int_equal(mem->ops->pin(mem, va, 64 * PAGE, true, &run, 1), 1);
	assert_int_equal(run.pa, va);
	assert_int_equal(run.len, 64 * PAGE);
	mem->ops->unpin(mem, run.pa, PAGE);
	mem->ops->unpin(mem, run.pa + PAGE, 63 * PAGE);

	for (hole = 63; hole > 0; hole = hole * 2 / 3) {
		assert_int_equal(munmap(p + hole * PAGE, PAGE), 0);
		assert_int_equal(
			mem->ops->pin(mem, va, 64 * PAGE, true, &run, 1), 1);
		assert_int_equal(run.len, hole * PAGE);
		mem->ops->unpin(mem, run.pa, run.len);
		assert_int_equal(mem->ops->pin(mem, va + hole * PAGE, PAGE,
					       false, &run, 1),
				 -EFAULT);
	}
	assert_int_equal(mprotect(p, PAGE, PROT_READ), 0);
	assert_int_equal(mem->ops->pin(mem, va, PAGE, true, &run, 1), -EFAULT);
	assert_int_equal(mem->ops->pin(mem, va, PAGE, false, &run, 1), 1);
	mem->ops->unpin(mem, run.pa, run.len);
	mem->ops->put(mem);
	munmap(p, 64 * PAGE);
}

static void self_memory_files(void **state)
{
	struct rig *rig = *state;
	struct uiommu_user *user = &rig->self.user;
	struct soft_bus *bus = uiommu_bus(rig->u);
	const int fd = memfd_create("file", MFD_CLOEXEC);
	struct uiommu_mem *mem;
	struct uiommu_run run;
	uint32_t word = 0x12345678, got = 0;
	uint64_t size;
	int other;

	assert_int_equal(user->ops->memory_file(user, RIG_BAD_FD, &mem, &size),
			 -EBADF);
	assert_int_equal(ftruncate(fd, 3 * PAGE + 1), 0);
	assert_int_equal(user->ops->memory_file(user, fd, &mem, &size), 0);
	assert_int_equal(size, 3 * PAGE + 1);
	assert_int_equal(mem->ops->pin(mem, 4 * PAGE, PAGE, true, &run, 1),
			 -EINVAL);
	assert_int_equal(mem->ops->pin(mem, PAGE, 4 * PAGE, true, &run, 1),
			 -EINVAL);
	assert_int_equal(mem->ops->pin(mem, PAGE, 2 * PAGE, true, &run, 1), 1);
	assert_int_equal(run.len, 2 * PAGE);
	/* The pin outlives the last reference. */
	mem->ops->get(mem);
	mem->ops->put(mem);
	mem->ops->put(mem);
	assert_int_equal(bus->write(bus, run.pa + 8, &word, 4), 0);
	assert_int_equal(pread(fd, &got, 4, PAGE + 8), 4);
	assert_int_equal(got, word);
	/* A file that shrinks is an error, not a signal. */
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(bus->write(bus, run.pa, &word, 4), -EFAULT);
	assert_int_equal(bus->read(bus, run.pa, &word, 4), -EFAULT);
	mem->ops->unpin(mem, run.pa, 2 * PAGE);

	/* The mapping goes with the last of reference and pin. */
	assert_int_equal(ftruncate(fd, PAGE), 0);
	assert_int_equal(user->ops->memory_file(user, fd, &mem, &size), 0);
	assert_int_equal(mem->ops->pin(mem, 0, PAGE, true, &run, 1), 1);
	mem->ops->unpin(mem, run.pa, PAGE);
	assert_int_equal(bus->read(bus, run.pa, &word, 4), 0);
	mem->ops->put(mem);
	assert_int_equal(bus->read(bus, run.pa, &word, 4), -EFAULT);
	close(fd);

	/* Files that are no memory are told apart when they are pinned. */
	other = open("/proc/self/exe", O_RDONLY);
	assert_int_equal(user->ops->memory_file(user, other, &mem, &size), 0);
	assert_true(size > PAGE);
	assert_int_equal(mem->ops->pin(mem, 0, PAGE, false, &run, 1), -EINVAL);
	mem->ops->put(mem);
	close(other);
}

#define ATTACHED(f) \
	cmocka_unit_test_setup_teardown(f, rig_setup_attached, rig_teardown)
#define FRESH(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_names),
		cmocka_unit_test(slots),
		cmocka_unit_test(two_runs),
		cmocka_unit_test(files),
		ATTACHED(bus),
		cmocka_unit_test(own_memory),
		FRESH(self_copies),
		FRESH(self_files),
		FRESH(self_pins),
		FRESH(self_memory_files),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
