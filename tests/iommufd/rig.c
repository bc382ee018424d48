/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <uiommu/uiommu.h>

/* ---- Failures ------------------------------------------------------ */

static uint64_t fail_in;
static enum rig_fail failed;
static int64_t allocations;

void rig_fail_nth(uint64_t nth)
{
	fail_in = nth;
	failed = RIG_FAIL_NONE;
}

enum rig_fail rig_failed(void)
{
	return failed;
}

/* fail_in is only written while there is one thread. */
static bool should_fail(enum rig_fail what)
{
	if (!fail_in || --fail_in)
		return false;
	failed = what;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_realloc(void *ptr, size_t size);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
void __wrap_free(void *ptr);

static void *counted(void *ptr)
{
	if (ptr)
		__atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
	return ptr;
}

void *__wrap_malloc(size_t size)
{
	return should_fail(RIG_FAIL_ALLOC) ? NULL
					   : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return should_fail(RIG_FAIL_ALLOC) ? NULL
					   : counted(__real_calloc(nr, size));
}

void *__wrap_realloc(void *ptr, size_t size)
{
	void *new;

	if (should_fail(RIG_FAIL_ALLOC))
		return NULL;
	new = __real_realloc(ptr, size);
	return ptr ? new : counted(new);
}

void __wrap_free(void *ptr)
{
	if (ptr)
		__atomic_sub_fetch(&allocations, 1, __ATOMIC_RELAXED);
	__real_free(ptr);
}

static void *table_alloc(const struct pt_runtime *rt, unsigned int size_lg2,
			 gfp_t gfp)
{
	const struct pt_runtime *real = port_arena_runtime(rt->arg);

	return should_fail(RIG_FAIL_TABLE) ? NULL
					   : real->alloc(real, size_lg2, gfp);
}

static void *table_alloc_filled(const struct pt_runtime *rt,
				unsigned int size_lg2, gfp_t gfp, size_t from,
				size_t end)
{
	const struct pt_runtime *real = port_arena_runtime(rt->arg);

	if (should_fail(RIG_FAIL_TABLE))
		return NULL;
	return real->alloc_filled(real, size_lg2, gfp, from, end);
}

/* ---- Memory -------------------------------------------------------- */

static struct rig_mem *to_mem(struct uiommu_mem *mem)
{
	return (struct rig_mem *)mem;
}

static void mem_get(struct uiommu_mem *mem)
{
	__atomic_add_fetch(&to_mem(mem)->refs, 1, __ATOMIC_RELAXED);
}

static void mem_put(struct uiommu_mem *mem)
{
	assert_true(__atomic_fetch_sub(&to_mem(mem)->refs, 1,
				       __ATOMIC_RELAXED) > 1);
}

static phys_addr_t mem_pa(const struct rig_mem *mem, uint64_t page)
{
	return mem->pa + (mem->flip ? page ^ 1 : page) * PAGE;
}

static void count_pins(struct rig_mem *mem, uint64_t page, uint64_t nr, int by)
{
	__atomic_add_fetch(&mem->pinned, by * (int64_t)nr, __ATOMIC_RELAXED);
	for (; mem->pins && nr; nr--, page++)
		__atomic_add_fetch(&mem->pins[page], (uint32_t)by,
				   __ATOMIC_RELAXED);
}

/* One page, or everything if it is contiguous. */
static uint64_t run_pages(const struct rig_mem *mem, uint64_t page, uint64_t nr)
{
	if (mem->flip)
		nr = 1;
	if (mem->bad >= (int64_t)page && mem->bad - (int64_t)page < (int64_t)nr)
		nr = (uint64_t)mem->bad - page;
	return nr;
}

static int mem_pin(struct uiommu_mem *umem, uint64_t addr, uint64_t len,
		   bool write, struct uiommu_run *runs, size_t max)
{
	struct rig_mem *mem = to_mem(umem);
	uint64_t page = (addr - mem->base) / PAGE, nr = len / PAGE, n;
	size_t i;

	__atomic_add_fetch(&mem->pin_calls, 1, __ATOMIC_RELAXED);
	assert_true(len && !(addr % PAGE) && !(len % PAGE));
	if (should_fail(RIG_FAIL_PIN) || addr < mem->base || page >= mem->nr)
		return -EFAULT;
	if (nr > mem->nr - page)
		nr = mem->nr - page;
	if (max > mem->max_runs)
		max = mem->max_runs;
	for (i = 0; i != max && nr; i++, page += n, nr -= n) {
		n = run_pages(mem, page, nr);
		if (!n)
			break;
		runs[i].pa = mem_pa(mem, page);
		runs[i].len = n * PAGE;
		count_pins(mem, page, n, 1);
	}
	return i ? (int)i : mem->bad_rc;
}

static void mem_unpin(struct uiommu_mem *umem, phys_addr_t pa, uint64_t len)
{
	struct rig_mem *mem = to_mem(umem);
	uint64_t page, i;

	assert_true(len && !(pa % PAGE) && !(len % PAGE));
	for (i = 0; i != len / PAGE && mem->pins; i++) {
		page = (pa - mem->pa) / PAGE + i;
		if (mem->flip)
			page ^= 1;
		assert_true(
			__atomic_load_n(&mem->pins[page], __ATOMIC_RELAXED));
		count_pins(mem, page, 1, -1);
	}
	if (!mem->pins)
		count_pins(mem, 0, len / PAGE, -1);
}

/* The client memory at @pa, if all of it is pinned. */
static uint8_t *bus_mem(struct rig_mem *mem, uint64_t pa, size_t len)
{
	uint64_t page = (pa - mem->pa) / PAGE;

	if (pa < mem->pa || page >= mem->nr || pa % PAGE + len > PAGE)
		return NULL;
	if (mem->flip)
		page ^= 1;
	if (!__atomic_load_n(&mem->pins[page], __ATOMIC_RELAXED))
		return NULL;
	return mem->va + page * PAGE + pa % PAGE;
}

static int mem_copy(struct uiommu_mem *umem, phys_addr_t pa, void *buf,
		    size_t len, bool write)
{
	uint8_t *p;
	size_t n;

	if (should_fail(RIG_FAIL_COPY))
		return -EFAULT;
	for (; len; len -= n, pa += n, buf = (uint8_t *)buf + n) {
		n = PAGE - pa % PAGE < len ? PAGE - pa % PAGE : len;
		p = bus_mem(to_mem(umem), pa, n);
		assert_non_null(p);
		memcpy(write ? p : buf, write ? buf : p, n);
	}
	return 0;
}

static int64_t mem_pins(struct uiommu_mem *umem, phys_addr_t pa)
{
	struct rig_mem *mem = to_mem(umem);
	uint64_t page = (pa - mem->pa) / PAGE;

	if (!mem->pins)
		return -EOPNOTSUPP;
	return (int64_t)mem->pins[mem->flip ? page ^ 1 : page];
}

static const struct uiommu_mem_ops mem_ops = {
	.pins = mem_pins,
	.get = mem_get,
	.put = mem_put,
	.pin = mem_pin,
	.unpin = mem_unpin,
	.copy = mem_copy,
};

static struct rig_account *to_account(struct uiommu_account *account)
{
	return (struct rig_account *)account;
}

static void account_get(struct uiommu_account *account)
{
	__atomic_add_fetch(&to_account(account)->refs, 1, __ATOMIC_RELAXED);
}

static void account_put(struct uiommu_account *account)
{
	assert_true(__atomic_fetch_sub(&to_account(account)->refs, 1,
				       __ATOMIC_RELAXED) > 1);
}

static int account_charge(struct uiommu_account *account,
			  enum uiommu_charge mode, int64_t pages)
{
	struct rig_account *a = to_account(account);
	int64_t now;

	if (pages > 0 && should_fail(RIG_FAIL_CHARGE))
		return -ENOMEM;
	__atomic_add_fetch(&a->mode[mode], pages, __ATOMIC_RELAXED);
	if (mode == UIOMMU_CHARGE_NONE)
		return 0;
	now = __atomic_add_fetch(&a->mem->charged, pages, __ATOMIC_RELAXED);
	if (pages < 0 || now <= a->mem->limit)
		return 0;
	__atomic_sub_fetch(&a->mode[mode], pages, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&a->mem->charged, pages, __ATOMIC_RELAXED);
	return -ENOMEM;
}

static const struct uiommu_account_ops account_ops = {
	.get = account_get,
	.put = account_put,
	.charge = account_charge,
};

static void account_init(struct rig_account *a, struct rig_mem *mem)
{
	a->account.ops = &account_ops;
	a->mem = mem;
	a->refs = 1;
}

static void account_fini(struct rig_account *a)
{
	unsigned int i;

	assert_int_equal(a->refs, 1);
	for (i = 0; i != 3; i++)
		assert_int_equal(a->mode[i], 0);
}

static void mem_init(struct rig *rig, struct rig_mem *mem, uint64_t nr,
		     phys_addr_t pa, bool real)
{
	mem->mem.ops = &mem_ops;
	mem->rig = rig;
	mem->refs = 1;
	mem->nr = nr;
	mem->pa = pa;
	mem->max_runs = SIZE_MAX;
	mem->bad = -1;
	mem->bad_rc = -EFAULT;
	mem->limit = INT64_MAX;
	if (!real)
		return;
	/* Aligned as the physical memory is, so that large pages can be used. */
	mem->va = aligned_alloc(2 << 20, (nr * PAGE + (2 << 20) - 1) &
						 ~((2UL << 20) - 1));
	assert_non_null(mem->va);
	memset(mem->va, 0, nr * PAGE);
	mem->pins = __real_calloc(nr, sizeof(*mem->pins));
}

static void mem_fini(struct rig_mem *mem)
{
	assert_int_equal(mem->refs, 1);
	assert_int_equal(mem->pinned, 0);
	assert_int_equal(mem->charged, 0);
	__real_free(mem->pins);
	__real_free(mem->va);
}

/* ---- The bus ------------------------------------------------------- */

static struct rig *bus_rig(struct soft_bus *bus)
{
	return (struct rig *)((char *)bus - offsetof(struct rig, bus));
}

static int bus_load(struct soft_bus *bus, uint64_t pa, unsigned int size,
		    uint64_t *value)
{
	const uint64_t *p = port_arena_ptr(bus_rig(bus)->arena, pa, size);

	if (!p)
		return -EFAULT;
	*value = __atomic_load_n(p, __ATOMIC_ACQUIRE);
	return 0;
}

static uint8_t *bus_ptr(struct rig *rig, uint64_t pa, size_t len)
{
	uint8_t *p = bus_mem(&rig->mem, pa, len);

	return p ? p : bus_mem(&rig->file, pa, len);
}

static int bus_read(struct soft_bus *bus, uint64_t pa, void *buf, size_t len)
{
	const uint8_t *p;
	size_t n;

	for (; len; len -= n, pa += n, buf = (uint8_t *)buf + n) {
		n = PAGE - pa % PAGE < len ? PAGE - pa % PAGE : len;
		p = bus_ptr(bus_rig(bus), pa, n);
		if (!p)
			return -EFAULT;
		memcpy(buf, p, n);
	}
	return 0;
}

static int bus_write(struct soft_bus *bus, uint64_t pa, const void *buf,
		     size_t len)
{
	uint8_t *p;
	size_t n;

	for (; len; len -= n, pa += n, buf = (const uint8_t *)buf + n) {
		n = PAGE - pa % PAGE < len ? PAGE - pa % PAGE : len;
		p = bus_ptr(bus_rig(bus), pa, n);
		if (!p)
			return -EFAULT;
		memcpy(p, buf, n);
	}
	return 0;
}

static int bus_cas(struct soft_bus *bus, uint64_t pa, unsigned int size,
		   uint64_t *old, uint64_t value)
{
	uint64_t *p = port_arena_ptr(bus_rig(bus)->arena, pa, size);

	if (!p)
		return -EFAULT;
	assert_int_equal(size, 8);
	__atomic_compare_exchange_n(p, old, value, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_ACQUIRE);
	return 0;
}

static void on_fault(void *arg, const struct soft_fault *fault)
{
	struct rig *rig = arg;

	__atomic_add_fetch(&rig->faults, 1, __ATOMIC_RELAXED);
}

static void on_suspect(void *arg, const struct soft_suspect *suspect)
{
	struct rig *rig = arg;

	print_error("%s\n", suspect->history);
	__atomic_add_fetch(&rig->suspects, 1, __ATOMIC_RELAXED);
}

/* ---- The client ---------------------------------------------------- */

static struct rig *to_rig(struct uiommu_user *user)
{
	return (struct rig *)user;
}

static bool bad_address(const struct rig *rig, uint64_t addr, size_t len)
{
	if (addr < PAGE || addr + len < addr)
		return true;
	if (rig->only_mem && (addr < rig->mem.base ||
			      addr + len > rig->mem.base + rig->mem.nr * PAGE))
		return true;
	return addr <= rig->bad_last && addr + len - 1 >= rig->bad_start;
}

static int user_copy_in(struct uiommu_user *user, void *dst, uint64_t src,
			size_t len)
{
	if (should_fail(RIG_FAIL_COPY) || bad_address(to_rig(user), src, len))
		return -EFAULT;
	memcpy(dst, (const void *)(uintptr_t)src, len);
	return 0;
}

static int user_copy_out(struct uiommu_user *user, uint64_t dst,
			 const void *src, size_t len)
{
	if (should_fail(RIG_FAIL_COPY) || bad_address(to_rig(user), dst, len))
		return -EFAULT;
	memcpy((void *)(uintptr_t)dst, src, len);
	return 0;
}

static struct uiommu_mem *user_mem(struct uiommu_user *user)
{
	struct uiommu_mem *mem = &to_rig(user)->mem.mem;

	mem_get(mem);
	return mem;
}

static struct uiommu_account *user_account(struct uiommu_user *user)
{
	struct rig *rig = to_rig(user);
	struct uiommu_account *account = &rig->account[rig->process].account;

	account_get(account);
	return account;
}

static int user_memory_file(struct uiommu_user *user, int fd,
			    struct uiommu_mem **mem, uint64_t *size)
{
	struct rig *rig = to_rig(user);
	struct rig_mem *file = fd == RIG_FILE_FD    ? &rig->file
			       : fd == RIG_HUGE_FD  ? &rig->huge
			       : fd == RIG_NOPIN_FD ? &rig->nopin
						    : NULL;

	if (!file)
		return -EBADF;
	mem_get(&file->mem);
	*mem = &file->mem;
	*size = file->nr * PAGE;
	return 0;
}

static bool user_capable(struct uiommu_user *user, enum uiommu_privilege cap)
{
	return cap == UIOMMU_CAP_IPC_LOCK ? to_rig(user)->may_lock
					  : to_rig(user)->privileged;
}

static int user_new_fd(struct uiommu_user *user)
{
	struct rig *rig = to_rig(user);
	int fd;

	if (should_fail(RIG_FAIL_FD))
		return -EMFILE;
	for (fd = 0; fd != RIG_NR_FDS; fd++)
		if (!__atomic_load_n(&rig->files[fd], __ATOMIC_RELAXED))
			return RIG_NEW_FD + fd;
	return -EMFILE;
}

/* Two requests may have been told of the same number. */
static int user_install(struct uiommu_user *user, int fd,
			struct uiommu_file *file)
{
	struct uiommu_file *none = NULL;

	if (should_fail(RIG_FAIL_FD))
		return -EMFILE;
	uiommu_file_get(file);
	if (__atomic_compare_exchange_n(&to_rig(user)->files[fd - RIG_NEW_FD],
					&none, file, false, __ATOMIC_ACQ_REL,
					__ATOMIC_RELAXED))
		return 0;
	uiommu_file_put(file);
	return -EMFILE;
}

static int user_file(struct uiommu_user *user, int fd,
		     struct uiommu_file **file)
{
	if (fd >= RIG_FILE_FD && fd <= RIG_NOPIN_FD)
		return -EBADFD;
	*file = NULL;
	if (fd >= RIG_NEW_FD && fd - RIG_NEW_FD < RIG_NR_FDS)
		*file = rig_file(to_rig(user), (uint32_t)fd);
	if (!*file)
		return -EBADF;
	uiommu_file_get(*file);
	return 0;
}

struct uiommu_file *rig_file(struct rig *rig, uint32_t fd)
{
	assert_true(fd >= RIG_NEW_FD && fd - RIG_NEW_FD < RIG_NR_FDS);
	return __atomic_load_n(&rig->files[fd - RIG_NEW_FD], __ATOMIC_ACQUIRE);
}

int64_t rig_read(struct rig *rig, uint32_t fd, void *buf, size_t count)
{
	return uiommu_read(rig_file(rig, fd), &rig->user, (uintptr_t)buf, count,
			   0);
}

int64_t rig_write(struct rig *rig, uint32_t fd, const void *buf, size_t count)
{
	return uiommu_write(rig_file(rig, fd), &rig->user, (uintptr_t)buf,
			    count, 0);
}

void rig_close(struct rig *rig, uint32_t fd)
{
	struct uiommu_file *file = rig_file(rig, fd);

	__atomic_store_n(&rig->files[fd - RIG_NEW_FD], NULL, __ATOMIC_RELEASE);
	uiommu_file_put(file);
}

static const struct uiommu_user_ops user_ops = {
	.copy_in = user_copy_in,
	.copy_out = user_copy_out,
	.mem = user_mem,
	.account = user_account,
	.memory_file = user_memory_file,
	.capable = user_capable,
	.file = user_file,
	.new_fd = user_new_fd,
	.install = user_install,
};

/* ---- Everything ---------------------------------------------------- */

static void new_hardware(struct rig *rig, const char *format)
{
	const struct port_arena_config arena = {
		.base_pa = 1ULL << 40,
		.size = 1ULL << 34,
	};
	const struct soft_iommu_config config = {
		.bus = &rig->bus,
		.iotlb_lg2 = 6,
		.fault = on_fault,
		.suspect = on_suspect,
		.arg = rig,
	};
	unsigned int i;

	rig->bus.load = bus_load;
	rig->bus.read = bus_read;
	rig->bus.write = bus_write;
	rig->bus.cas = bus_cas;
	assert_int_equal(port_arena_new(&arena, &rig->arena), 0);
	rig->runtime = *port_arena_runtime(rig->arena);
	rig->runtime.alloc = table_alloc;
	rig->runtime.alloc_filled = table_alloc_filled;
	rig->runtime.alloc_many = NULL; /* each may fail */
	rig->runtime.arg = rig->arena;
	rig->hw = soft_iommu_new(&config);
	assert_non_null(rig->hw);
	assert_int_equal(
		soft_driver_new(rig->hw, format, &rig->runtime, &rig->drv), 0);
	for (i = 0; i != RIG_DEVICES; i++)
		assert_int_equal(soft_driver_add_device(rig->drv, RIG_RID(i),
							&rig->dev[i]),
				 0);
}

struct rig *rig_new(const char *format)
{
	struct rig *rig = __real_calloc(1, sizeof(*rig));

	rig_fail_nth(0);
	rig->user.ops = &user_ops;
	rig->bad_start = UINT64_MAX;
	mem_init(rig, &rig->mem, RIG_PAGES, RIG_MEM_PA, true);
	rig->mem.base = (uintptr_t)rig->mem.va;
	mem_init(rig, &rig->file, 64, RIG_FILE_PA, true);
	mem_init(rig, &rig->huge, RIG_HUGE_SIZE / PAGE, RIG_HUGE_PA, false);
	mem_init(rig, &rig->nopin, 64, 0, false);
	account_init(&rig->account[0], &rig->mem);
	account_init(&rig->account[1], &rig->file);
	rig->nopin.bad = 0;
	rig->nopin.bad_rc = -EINVAL;
	new_hardware(rig, format);
	assert_int_equal(iommufd_open(&rig->fd), 0);
	return rig;
}

struct rig *rig_new_mock(void)
{
	struct rig *rig = rig_new("vtdss");

	uiommu_file_put(rig->fd);
	assert_int_equal(mock_iommu_new(&rig->runtime, &rig->mock), 0);
	assert_int_equal(iommufd_open_with(rig->mock, -1, &rig->fd), 0);
	return rig;
}

void rig_free(struct rig *rig)
{
	unsigned int i;

	rig_fail_nth(0);
	for (i = 0; i != RIG_DEVICES; i++)
		if (rig->idev[i])
			rig_unbind(rig, i);
	if (rig->fd)
		uiommu_file_put(rig->fd);
	for (i = 0; i != RIG_NR_FDS; i++)
		if (rig->files[i])
			rig_close(rig, RIG_NEW_FD + i);
	assert_int_equal(port_arena_tables(rig->arena), 0);
	for (i = 0; i != RIG_DEVICES; i++)
		soft_driver_remove_device(rig->dev[i]);
	mock_iommu_free(rig->mock);
	soft_driver_free(rig->drv);
	soft_iommu_free(rig->hw);
	assert_int_equal(rig->suspects, 0);
	port_arena_free(rig->arena);
	account_fini(&rig->account[0]);
	account_fini(&rig->account[1]);
	mem_fini(&rig->mem);
	mem_fini(&rig->file);
	mem_fini(&rig->huge);
	mem_fini(&rig->nopin);
	__real_free(rig);
}

int rig_setup(void **state)
{
	*state = rig_new("vtdss");
	return 0;
}

int rig_teardown(void **state)
{
	rig_free(*state);
	return 0;
}

void rig_bind(struct rig *rig, unsigned int n)
{
	assert_int_equal(iommufd_device_bind(rig->fd, rig->dev[n],
					     &rig->idev_id[n], &rig->idev[n]),
			 0);
}

void rig_unbind(struct rig *rig, unsigned int n)
{
	iommufd_device_unbind(rig->idev[n]);
	rig->idev[n] = NULL;
}

/* ---- Requests ------------------------------------------------------ */

long rig_ioctl(struct rig *rig, unsigned int cmd, void *arg)
{
	return rig->fd->ops->ioctl(rig->fd, &rig->user, cmd, (uintptr_t)arg);
}

uint32_t rig_ioas(struct rig *rig)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	assert_int_equal(rig_ioctl(rig, IOMMU_IOAS_ALLOC, &cmd), 0);
	return cmd.out_ioas_id;
}

long rig_map(struct rig *rig, uint32_t ioas, uint32_t flags, uint64_t offset,
	     uint64_t length, uint64_t *iova)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.ioas_id = ioas,
		.user_va = (uintptr_t)rig->mem.va + offset,
		.length = length,
		.iova = *iova,
	};
	long rc = rig_ioctl(rig, IOMMU_IOAS_MAP, &cmd);

	if (!rc)
		*iova = cmd.iova;
	return rc;
}

long rig_map_at(struct rig *rig, uint32_t ioas, uint64_t offset,
		uint64_t length, uint64_t iova)
{
	return rig_map(rig, ioas, RIG_FIXED, offset, length, &iova);
}

long rig_map_file(struct rig *rig, uint32_t ioas, int fd, uint64_t start,
		  uint64_t length, uint64_t iova)
{
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = RIG_FIXED,
		.ioas_id = ioas,
		.fd = fd,
		.start = start,
		.length = length,
		.iova = iova,
	};

	return rig_ioctl(rig, IOMMU_IOAS_MAP_FILE, &cmd);
}

long rig_copy(struct rig *rig, uint32_t dst, uint64_t dst_iova, uint32_t src,
	      uint64_t src_iova, uint64_t length)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd),
		.flags = RIG_FIXED,
		.dst_ioas_id = dst,
		.src_ioas_id = src,
		.length = length,
		.dst_iova = dst_iova,
		.src_iova = src_iova,
	};

	return rig_ioctl(rig, IOMMU_IOAS_COPY, &cmd);
}

long rig_unmap(struct rig *rig, uint32_t ioas, uint64_t iova, uint64_t length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = length,
	};
	long rc = rig_ioctl(rig, IOMMU_IOAS_UNMAP, &cmd);

	return rc ? rc : (long)cmd.length;
}

long rig_unmap_all(struct rig *rig, uint32_t ioas)
{
	return rig_unmap(rig, ioas, 0, UINT64_MAX);
}

long rig_destroy(struct rig *rig, uint32_t id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return rig_ioctl(rig, IOMMU_DESTROY, &cmd);
}

long rig_hwpt(struct rig *rig, unsigned int n, uint32_t pt, uint32_t *id)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = rig->idev_id[n],
		.pt_id = pt,
	};
	long rc = rig_ioctl(rig, IOMMU_HWPT_ALLOC, &cmd);

	if (!rc)
		*id = cmd.out_hwpt_id;
	return rc;
}

int rig_attach(struct rig *rig, unsigned int n, uint32_t *pt)
{
	return iommufd_device_attach(rig->idev[n], pt);
}

/* ---- DMA ----------------------------------------------------------- */

enum soft_reason rig_dma(struct rig *rig, unsigned int n, uint64_t iova,
			 void *buf, size_t len, unsigned int access)
{
	return soft_iommu_dma(rig->hw, RIG_RID(n), 0, iova, buf, len, access,
			      NULL);
}

void rig_check(struct rig *rig, unsigned int n, uint64_t iova, uint64_t offset,
	       uint64_t length)
{
	uint64_t at, out, in;
	size_t len;

	for (at = 0; at < length; at += PAGE - (iova + at) % PAGE) {
		len = length - at < sizeof(out) ? (size_t)(length - at)
						: sizeof(out);
		out = 0x0123456789abcdef ^ (iova + at);
		in = 0;
		assert_int_equal(rig_dma(rig, n, iova + at, &out, len,
					 SOFT_WRITE),
				 SOFT_OK);
		assert_memory_equal(rig->mem.va + offset + at, &out, len);
		rig->mem.va[offset + at] ^= 0xff;
		assert_int_equal(rig_dma(rig, n, iova + at, &in, len,
					 SOFT_READ),
				 SOFT_OK);
		assert_memory_equal(rig->mem.va + offset + at, &in, len);
	}
}

void rig_check_blocked(struct rig *rig, unsigned int n, uint64_t iova,
		       uint64_t length)
{
	uint64_t at;
	uint8_t byte = 0;

	for (at = 0; at < length; at += PAGE) {
		assert_int_not_equal(rig_dma(rig, n, iova + at, &byte, 1,
					     SOFT_READ),
				     SOFT_OK);
		assert_int_not_equal(rig_dma(rig, n, iova + at, &byte, 1,
					     SOFT_WRITE),
				     SOFT_OK);
	}
}

/* ---- Snapshots ----------------------------------------------------- */

void rig_snapshot(struct rig *rig, struct rig_snapshot *snapshot)
{
	snapshot->pinned = rig->mem.pinned + rig->file.pinned;
	snapshot->charged = rig->mem.charged + rig->file.charged;
	snapshot->tables = port_arena_tables(rig->arena);
	snapshot->allocations = allocations;
	snapshot->refs = rig->mem.refs + rig->file.refs;
}

void rig_same(struct rig *rig, const struct rig_snapshot *snapshot)
{
	struct rig_snapshot now;

	rig_snapshot(rig, &now);
	assert_int_equal(now.pinned, snapshot->pinned);
	assert_int_equal(now.charged, snapshot->charged);
	assert_int_equal(now.tables, snapshot->tables);
	assert_int_equal(now.allocations, snapshot->allocations);
	assert_int_equal(now.refs, snapshot->refs);
}
