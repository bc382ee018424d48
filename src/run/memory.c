/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "inject.h"
#include "source.h"
#include "task.h"

#define GIB (1ull << 30)

/*
 * struct file_mem - a file as the engine holds it
 */
struct file_mem {
	struct uiommu_mem mem;
	struct run_memory *m;
	struct run_file *file;
	unsigned int refs;
};

/* ---- a file for the engine ---- */

static struct file_mem *of_mem(struct uiommu_mem *mem)
{
	return (struct file_mem *)mem;
}

static void file_get(struct uiommu_mem *mem)
{
	struct file_mem *f = of_mem(mem);

	pthread_mutex_lock(&f->m->lock);
	f->refs++;
	pthread_mutex_unlock(&f->m->lock);
}

static void file_put(struct uiommu_mem *mem)
{
	struct file_mem *f = of_mem(mem);
	struct run_memory *m = f->m;

	pthread_mutex_lock(&m->lock);
	if (!--f->refs) {
		run_file_hold(f->file, -1);
		run_file_release(f->file);
		free(f);
	}
	pthread_mutex_unlock(&m->lock);
}

static int file_pin_locked(struct file_mem *f, uint64_t off, uint64_t len,
			   bool write, struct uiommu_run *runs, size_t max)
{
	uint64_t size = run_file_size(f->file);

	if (!run_file_pinnable(f->file) || off >= size)
		return -EINVAL;
	if (run_file_prepare(f->file, off, &len, write, NULL, NULL))
		return -EFAULT;
	return run_phys_pin(f->m->phys, run_file_source(f->file), off, len,
			    size, runs, max);
}

static int file_pin(struct uiommu_mem *mem, uint64_t off, uint64_t len,
		    bool write, struct uiommu_run *runs, size_t max)
{
	struct file_mem *f = of_mem(mem);
	int n;

	if (run_inject_now())
		return -EFAULT;
	pthread_mutex_lock(&f->m->lock);
	n = file_pin_locked(f, off, len, write, runs, max);
	pthread_mutex_unlock(&f->m->lock);
	return n;
}

static void unpinned(void *arg, struct run_source *source)
{
	struct run_file *file = run_file_of_source(source);

	if (file)
		run_file_release(file);
}

static void file_unpin(struct uiommu_mem *mem, phys_addr_t pa, uint64_t len)
{
	struct run_inject *inject = run_inject_pause();
	struct file_mem *f = of_mem(mem);

	pthread_mutex_lock(&f->m->lock);
	run_phys_unpin(f->m->phys, pa, len, unpinned, NULL);
	pthread_mutex_unlock(&f->m->lock);
	run_inject_resume(inject);
}

static int file_copy(struct uiommu_mem *mem, phys_addr_t pa, void *buf,
		     size_t len, bool write)
{
	return run_memory_copy(of_mem(mem)->m, pa, buf, len, write);
}

static int64_t file_pins(struct uiommu_mem *mem, phys_addr_t pa)
{
	return run_memory_pins(of_mem(mem)->m, pa);
}

static const struct uiommu_mem_ops file_ops = {
	.get = file_get,
	.put = file_put,
	.pin = file_pin,
	.unpin = file_unpin,
	.copy = file_copy,
	.pins = file_pins,
};

static int new_file_mem(struct run_memory *m, pid_t tid, int fd,
			struct file_mem **out)
{
	struct file_mem *f = calloc(1, sizeof(*f));
	int error;

	if (!f)
		return -ENOMEM;
	error = run_file_of_descriptor(m, tid, fd, &f->file);
	if (error) {
		free(f);
		return error;
	}
	run_file_hold(f->file, 1);
	f->mem.ops = &file_ops;
	f->m = m;
	f->refs = 1;
	*out = f;
	return 0;
}

int run_memory_of_file(struct run_memory *m, pid_t tid, int fd,
		       struct uiommu_mem **mem, uint64_t *size)
{
	struct file_mem *f;
	int error;

	pthread_mutex_lock(&m->lock);
	error = new_file_mem(m, tid, fd, &f);
	if (!error) {
		*mem = &f->mem;
		*size = run_file_size(f->file);
	}
	pthread_mutex_unlock(&m->lock);
	return error;
}

/* ---- an address space for the engine ---- */

/* Of a process that is gone, or that may not be looked into. */
static void nothing(struct uiommu_mem *mem)
{
}

static int nothing_pin(struct uiommu_mem *mem, uint64_t addr, uint64_t len,
		       bool write, struct uiommu_run *runs, size_t max)
{
	return -EFAULT;
}

static void nothing_unpin(struct uiommu_mem *mem, phys_addr_t pa, uint64_t len)
{
}

static int nothing_copy(struct uiommu_mem *mem, phys_addr_t pa, void *buf,
			size_t len, bool write)
{
	return -EFAULT;
}

static const struct uiommu_mem_ops nothing_ops = {
	.get = nothing,
	.put = nothing,
	.pin = nothing_pin,
	.unpin = nothing_unpin,
	.copy = nothing_copy,
};

static struct uiommu_mem nothing_mem = { &nothing_ops };

static void no_one(struct uiommu_account *account)
{
}

static int no_one_charge(struct uiommu_account *account,
			 enum uiommu_charge mode, int64_t pages)
{
	return 0;
}

static const struct uiommu_account_ops no_one_ops = {
	.get = no_one,
	.put = no_one,
	.charge = no_one_charge,
};

static struct uiommu_account no_ones_account = { &no_one_ops };

struct uiommu_mem *run_memory_of_task(struct run_memory *m, pid_t tid)
{
	struct run_space *space;

	pthread_mutex_lock(&m->lock);
	space = run_space_get(m, tid);
	if (space)
		space->refs++;
	pthread_mutex_unlock(&m->lock);
	return space ? &space->mem : &nothing_mem;
}

struct uiommu_account *run_memory_account(struct run_memory *m, pid_t tid)
{
	struct run_space *space;

	pthread_mutex_lock(&m->lock);
	space = run_space_get(m, tid);
	if (space)
		space->refs++;
	pthread_mutex_unlock(&m->lock);
	return space ? &space->account : &no_ones_account;
}

bool run_memory_any_pinned(struct run_memory *m)
{
	const struct run_space *space;
	bool any = false;

	pthread_mutex_lock(&m->lock);
	for (space = m->spaces; space && !any; space = space->next)
		any = space->pinned;
	pthread_mutex_unlock(&m->lock);
	return any;
}

bool run_memory_of(struct run_memory *m, pid_t tid, struct run_pinned *out)
{
	struct run_space *space;

	pthread_mutex_lock(&m->lock);
	space = run_space_find(m, tid);
	if (space) {
		out->pinned = space->pinned;
		out->locked = space->locked;
	}
	pthread_mutex_unlock(&m->lock);
	return space && out->pinned;
}

/* ---- pages about to vanish ---- */

static bool anything_fragile(const struct run_memory *m)
{
	const struct run_space *space;

	if (m->nr_views)
		return true;
	for (space = m->spaces; space; space = space->next) {
		if (space->source.pinned)
			return true;
	}
	return false;
}

struct run_space *run_memory_space(struct run_memory *m, pid_t tid)
{
	struct run_space *space = NULL;

	pthread_mutex_lock(&m->lock);
	if (anything_fragile(m))
		space = run_space_find(m, tid);
	pthread_mutex_unlock(&m->lock);
	return space;
}

struct run_space *run_memory_space_shared(struct run_memory *m, pid_t tid)
{
	struct run_space *space = NULL;

	pthread_mutex_lock(&m->lock);
	if (anything_fragile(m)) {
		space = run_space_find(m, tid);
		if (!space)
			space = run_space_shared(m, tid);
	}
	pthread_mutex_unlock(&m->lock);
	return space;
}

static void lose(struct run_memory *m, struct run_space *space, uint64_t start,
		 uint64_t last, bool private_only, uint64_t epoch)
{
	struct run_file *file;

	run_phys_save(m->phys, &space->source, start, last, epoch);
	if (private_only || !m->nr_views)
		return;
	for (file = m->files; file; file = run_file_next(file))
		run_file_lose(file, space, start, last, epoch);
}

void run_memory_lose(struct run_memory *m, struct run_space *space,
		     uint64_t start, uint64_t last, bool private_only)
{
	pthread_mutex_lock(&m->lock);
	lose(m, space, start, last, private_only, 0);
	pthread_mutex_unlock(&m->lock);
}

void run_memory_lose_all(struct run_memory *m, struct run_space *space,
			 bool exec)
{
	uint64_t epoch = 0;

	pthread_mutex_lock(&m->lock);
	if (exec) {
		m->nr_exec += !space->exec;
		epoch = ++m->epoch;
		space->exec = epoch;
	}
	lose(m, space, 0, UINT64_MAX, false, epoch);
	pthread_mutex_unlock(&m->lock);
}

static void settle(struct run_memory *m, pid_t tid)
{
	pid_t process = run_task_process(m->r->tasks, tid);
	struct run_space *space;
	struct run_file *file;

	for (space = m->spaces; space; space = space->next) {
		if (!space->exec || space->process != process)
			continue;
		if (run_space_alive(space)) {
			run_phys_restore(m->phys, &space->source, space->exec);
			for (file = m->files; file; file = run_file_next(file))
				run_phys_restore(m->phys, run_file_source(file),
						 space->exec);
		}
		space->exec = 0;
		m->nr_exec--;
	}
}

void run_memory_settle_exec(struct run_memory *m, pid_t tid)
{
	if (!m->nr_exec)
		return;
	pthread_mutex_lock(&m->lock);
	settle(m, tid);
	pthread_mutex_unlock(&m->lock);
}

/* ---- files about to lose pages ---- */

void run_memory_punch(struct run_memory *m, pid_t tid, int fd, uint64_t start,
		      uint64_t end)
{
	struct run_vma key = { 0 };
	struct run_file *file;
	struct stat st;

	pthread_mutex_lock(&m->lock);
	if (m->files && !run_task_fstat(m->r->tasks, tid, fd, &st)) {
		key.dev = st.st_dev;
		key.ino = st.st_ino;
		file = run_file_find(m, &key);
		if (file && end == UINT64_MAX)
			end = run_file_size(file);
		if (file && start < end)
			run_file_punched(file, start,
					 (end + UIOMMU_PAGE_SIZE - 1) &
						 ~(UIOMMU_PAGE_SIZE - 1));
	}
	pthread_mutex_unlock(&m->lock);
}

void run_memory_remove(struct run_memory *m, pid_t tid, uint64_t start,
		       uint64_t last)
{
	struct run_space *space;
	struct run_file *file;
	struct run_vma vma;
	uint64_t at, end;

	pthread_mutex_lock(&m->lock);
	space = m->files ? run_space_get(m, tid) : NULL;
	for (at = start; space && at <= last; at = vma.end) {
		if (run_vma_find(space->maps_fd, at, &vma) || vma.start > last)
			break;
		if (vma.start > at)
			at = vma.start;
		end = last < vma.end ? last + 1 : vma.end;
		file = vma.shared ? run_file_find(m, &vma) : NULL;
		if (file)
			run_file_punched(file, vma.offset + (at - vma.start),
					 vma.offset + (end - vma.start));
	}
	pthread_mutex_unlock(&m->lock);
}

bool run_memory_pinned(struct run_memory *m, struct run_space *space,
		       uint64_t start, uint64_t last)
{
	bool pinned;

	pthread_mutex_lock(&m->lock);
	pinned = run_phys_any_pinned(&space->source, start, last);
	pthread_mutex_unlock(&m->lock);
	return pinned;
}

/* ---- the bus ---- */

int run_memory_copy(struct run_memory *m, phys_addr_t pa, void *buf, size_t len,
		    bool write)
{
	int error;

	pthread_mutex_lock(&m->lock);
	error = write ? run_phys_write(m->phys, pa, buf, len)
		      : run_phys_read(m->phys, pa, buf, len);
	pthread_mutex_unlock(&m->lock);
	return error;
}

int64_t run_memory_pins(struct run_memory *m, phys_addr_t pa)
{
	struct run_source *source;
	struct run_file *file;
	int64_t pins;

	pthread_mutex_lock(&m->lock);
	pins = run_phys_pins(m->phys, pa, &source);
	file = source ? run_file_of_source(source) : NULL;
	if (file && run_file_large(file))
		pins = -EOPNOTSUPP;
	pthread_mutex_unlock(&m->lock);
	return pins;
}

static int bus_read(void *arg, phys_addr_t pa, void *buf, size_t len)
{
	return run_memory_copy(arg, pa, buf, len, false);
}

static int bus_write(void *arg, phys_addr_t pa, const void *buf, size_t len)
{
	return run_memory_copy(arg, pa, (void *)(uintptr_t)buf, len, true);
}

static const struct uiommu_phys_ops bus_ops = {
	.read = bus_read,
	.write = bus_write,
};

/*
 * Width of the output addresses in use, in bits. Formats of which nothing is known
 * here get the narrowest that any format has.
 */
static unsigned int oa_bits(const char *format)
{
	static const char *const wide[] = { "amdv1", "amdv1_mock", "vtdss",
					    "x86_64" };
	size_t i;

	for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		if (!format || !strcmp(format, wide[i]))
			return 51;
	}
	return 32;
}

/*
 * The upper half of the addresses is for page tables, the lower for client memory,
 * from the fifth granule on: no address that is special anywhere is among them.
 */
static int lay_out(struct run_memory *m, unsigned int bits)
{
	unsigned int granule_lg2 = bits >= 40 ? 30 : bits - 8;
	uint64_t half = 1ull << (bits - 1);

	if (granule_lg2 < 21)
		return -EINVAL;
	m->table_base = half;
	m->table_size = half < 64 * GIB ? half : 64 * GIB;
	m->phys = run_phys_new(4ull << granule_lg2, half, granule_lg2);
	if (!m->phys)
		return -ENOMEM;
	/* Who uses a mock counts dirty pages one by one. */
	if (m->r->config->mock)
		run_phys_scatter(m->phys);
	return 0;
}

void run_memory_describe(struct run_memory *m, struct uiommu_config *config)
{
	config->phys = &bus_ops;
	config->phys_arg = m;
	config->table_base = m->table_base;
	config->table_size = m->table_size;
}

int run_memory_new(struct run *r, struct run_memory **out)
{
	struct run_memory *m = calloc(1, sizeof(*m));
	int error;

	if (!m)
		return -ENOMEM;
	m->r = r;
	pthread_mutex_init(&m->lock, NULL);
	error = lay_out(m, oa_bits(r->config->iommu));
	if (error) {
		free(m);
		return error;
	}
	*out = m;
	return 0;
}

unsigned int run_memory_check(struct run_memory *m)
{
	const struct run_account *a;
	struct run_space *space;
	unsigned int left = 0;

	if (!m)
		return 0;
	run_space_sweep(m);
	for (space = m->spaces; space; space = space->next)
		left += space->refs || space->source.pinned;
	for (a = m->accounts; a; a = a->next)
		left += a->pages != 0;
	return left + (m->files != NULL) + m->nr_views;
}

void run_memory_free(struct run_memory *m)
{
	struct run_account *a;

	if (!m)
		return;
	run_space_sweep(m);
	while ((a = m->accounts)) {
		m->accounts = a->next;
		free(a);
	}
	run_phys_free(m->phys);
	pthread_mutex_destroy(&m->lock);
	free(m);
}
