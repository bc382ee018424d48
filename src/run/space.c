/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handle.h"
#include "inject.h"
#include "source.h"
#include "task.h"

/* ---- access ---- */

/*
 * /proc/<pid>/mem goes through protections as a device does that reaches pinned
 * pages: a later mprotect() of the client does not stop it.
 */
int run_space_read(const struct run_space *space, uint64_t addr, void *buf,
		   size_t len)
{
	ssize_t n;

	while (len) {
		n = pread(space->mem_fd, buf, len, (off_t)addr);
		if (n <= 0)
			return -EFAULT;
		addr += (uint64_t)n;
		buf = (char *)buf + n;
		len -= (size_t)n;
	}
	return 0;
}

int run_space_write(const struct run_space *space, uint64_t addr,
		    const void *buf, size_t len)
{
	ssize_t n;

	while (len) {
		n = pwrite(space->mem_fd, buf, len, (off_t)addr);
		if (n <= 0)
			return -EFAULT;
		addr += (uint64_t)n;
		buf = (const char *)buf + n;
		len -= (size_t)n;
	}
	return 0;
}

bool run_space_alive(const struct run_space *space)
{
	char c;

	/* Of a dead address space nothing can be read, not even an error. */
	return pread(space->mem_fd, &c, 1, 0) != 0;
}

static struct run_space *of_source(struct run_source *source)
{
	return (struct run_space *)((char *)source -
				    offsetof(struct run_space, source));
}

static int source_read(struct run_source *source, uint64_t off, void *buf,
		       size_t len)
{
	return run_space_read(of_source(source), off, buf, len);
}

static int source_write(struct run_source *source, uint64_t off,
			const void *buf, size_t len)
{
	return run_space_write(of_source(source), off, buf, len);
}

static const struct run_source_ops source_ops = {
	.read = source_read,
	.write = source_write,
};

/* ---- life ---- */

static void free_space(struct run_space *space)
{
	run_phys_drop(space->m->phys, &space->source);
	close(space->mem_fd);
	close(space->maps_fd);
	free(space);
}

void run_space_sweep(struct run_memory *m)
{
	struct run_space **p = &m->spaces, *space;

	while ((space = *p)) {
		if (space->refs || space->source.pinned ||
		    run_space_alive(space)) {
			p = &space->next;
			continue;
		}
		*p = space->next;
		m->nr_exec -= space->exec != 0;
		free_space(space);
	}
}

struct run_space *run_space_find(struct run_memory *m, pid_t tid)
{
	pid_t process = run_task_process(m->r->tasks, tid);
	struct run_space *space;

	for (space = m->spaces; space; space = space->next) {
		if (space->process == process && run_space_alive(space))
			return space;
	}
	return NULL;
}

struct run_space *run_space_shared(struct run_memory *m, pid_t tid)
{
	struct run_space *space;

	for (space = m->spaces; space; space = space->next) {
		if (run_task_same_memory(space->process, tid) &&
		    run_space_alive(space))
			return space;
	}
	return NULL;
}

static const struct uiommu_mem_ops space_ops;
static const struct uiommu_account_ops account_ops;

struct run_space *run_space_get(struct run_memory *m, pid_t tid)
{
	struct run_tasks *tasks = m->r->tasks;
	struct run_space *space = run_space_find(m, tid);
	struct stat st;

	if (space)
		return space;
	run_space_sweep(m);
	space = calloc(1, sizeof(*space));
	if (!space)
		return NULL;
	space->mem.ops = &space_ops;
	space->account.ops = &account_ops;
	space->source.ops = &source_ops;
	space->m = m;
	space->process = run_task_process(tasks, tid);
	space->mem_fd = run_task_open(tasks, tid, "mem", O_RDWR);
	space->maps_fd = run_task_open(tasks, tid, "maps", O_RDONLY);
	if (space->mem_fd < 0 || space->maps_fd < 0 ||
	    fstat(space->maps_fd, &st)) {
		if (space->mem_fd >= 0)
			close(space->mem_fd);
		if (space->maps_fd >= 0)
			close(space->maps_fd);
		free(space);
		return NULL;
	}
	space->uid = st.st_uid;
	space->next = m->spaces;
	m->spaces = space;
	return space;
}

int run_space_maps(const struct run_space *space)
{
	return space->maps_fd;
}

/* ---- accounting ---- */

static struct run_account *account_of(struct run_memory *m, uid_t uid)
{
	struct run_account *a;

	for (a = m->accounts; a; a = a->next) {
		if (a->uid == uid)
			return a;
	}
	a = calloc(1, sizeof(*a));
	if (a) {
		a->uid = uid;
		a->next = m->accounts;
		m->accounts = a;
	}
	return a;
}

static struct run_space *of_account(struct uiommu_account *account)
{
	return (struct run_space *)((char *)account -
				    offsetof(struct run_space, account));
}

/* May @space lock @pages, counting from none? */
static bool may_lock(const struct run_space *space, int64_t pages)
{
	struct rlimit limit;

	return prlimit(space->process, RLIMIT_MEMLOCK, NULL, &limit) ||
	       limit.rlim_cur == RLIM_INFINITY ||
	       (uint64_t)pages <= limit.rlim_cur / UIOMMU_PAGE_SIZE;
}

static int charge_user(struct run_space *space, int64_t pages)
{
	struct run_account *a = account_of(space->m, space->uid);

	if (!a)
		return -ENOMEM;
	if (pages > 0 && !may_lock(space, a->pages + pages))
		return -ENOMEM;
	a->pages += pages;
	return 0;
}

/* What the process has locked by itself counts, too. */
static int charge_process(struct run_space *space, int64_t pages)
{
	struct run_tasks *tasks = space->m->r->tasks;

	if (pages > 0 &&
	    !may_lock(space, pages + space->locked +
				     run_task_locked(tasks, space->process)))
		return -ENOMEM;
	space->locked += pages;
	return 0;
}

static int charge_locked(struct run_space *space, enum uiommu_charge mode,
			 int64_t pages)
{
	int error = 0;

	if (mode == UIOMMU_CHARGE_USER)
		error = charge_user(space, pages);
	else if (mode == UIOMMU_CHARGE_PROCESS)
		error = charge_process(space, pages);
	if (!error)
		space->pinned += pages;
	return error;
}

static int account_charge(struct uiommu_account *account,
			  enum uiommu_charge mode, int64_t pages)
{
	struct run_space *space = of_account(account);
	int error;

	if (pages > 0 && run_inject_now())
		return -ENOMEM;
	pthread_mutex_lock(&space->m->lock);
	error = charge_locked(space, mode, pages);
	pthread_mutex_unlock(&space->m->lock);
	return error;
}

/* ---- for the engine ---- */

static struct run_space *of_mem(struct uiommu_mem *mem)
{
	return (struct run_space *)mem;
}

static void hold(struct run_space *space)
{
	pthread_mutex_lock(&space->m->lock);
	space->refs++;
	pthread_mutex_unlock(&space->m->lock);
}

static void put(struct run_space *space)
{
	struct run_memory *m = space->m;

	/* It is freed by the next sweep. */
	pthread_mutex_lock(&m->lock);
	space->refs--;
	pthread_mutex_unlock(&m->lock);
}

static void space_hold(struct uiommu_mem *mem)
{
	hold(of_mem(mem));
}

static void space_put(struct uiommu_mem *mem)
{
	put(of_mem(mem));
}

static void account_hold(struct uiommu_account *account)
{
	hold(of_account(account));
}

static void account_put(struct uiommu_account *account)
{
	put(of_account(account));
}

/* Beyond the end of a privately mapped file there is nothing. */
static uint64_t readable(struct run_space *space, uint64_t addr, uint64_t len)
{
	uint64_t at;
	char c;

	for (at = 0; at < len; at += UIOMMU_PAGE_SIZE) {
		if (run_space_read(space, addr + at, &c, 1))
			break;
	}
	return at;
}

static int pin_private(struct run_space *space, const struct run_vma *vma,
		       uint64_t addr, uint64_t len, struct uiommu_run *runs,
		       size_t max)
{
	/* Anonymous pages come into being when they are touched. */
	if (vma->ino)
		len = readable(space, addr, len);
	if (!len)
		return -EFAULT;
	return run_phys_pin(space->m->phys, &space->source, addr, len, vma->end,
			    runs, max);
}

static int pin_shared(struct run_space *space, const struct run_vma *vma,
		      uint64_t addr, uint64_t len, bool write,
		      struct uiommu_run *runs, size_t max)
{
	const struct stat st = { .st_dev = vma->dev, .st_ino = vma->ino };
	uint64_t off = vma->offset + (addr - vma->start);
	struct run_file *file;
	int n;

	/* Memory of a device: not of the kind that is pinned. */
	if (run_handle_by_file(space->m->r, &st))
		return -EFAULT;
	file = run_file_of_mapping(space, vma);
	if (!file)
		return -ENOMEM;
	n = run_file_prepare(file, off, &len, write, space, vma);
	if (!n)
		n = run_phys_pin(space->m->phys, run_file_source(file), off,
				 len, run_file_size(file), runs, max);
	run_file_release(file);
	return n;
}

static int pin_mapping(struct run_space *space, uint64_t addr, uint64_t *len,
		       bool write, struct uiommu_run *runs, size_t max)
{
	struct run_vma vma;

	if (run_vma_find(space->maps_fd, addr, &vma) || vma.start > addr ||
	    !vma.read || (write && !vma.write))
		return -EFAULT;
	if (*len > vma.end - addr)
		*len = vma.end - addr;
	if (vma.shared && vma.dev)
		return pin_shared(space, &vma, addr, *len, write, runs, max);
	return pin_private(space, &vma, addr, *len, runs, max);
}

static int space_pin(struct uiommu_mem *mem, uint64_t addr, uint64_t len,
		     bool write, struct uiommu_run *runs, size_t max)
{
	struct run_space *space = of_mem(mem);
	int n;

	if (run_inject_now())
		return -EFAULT;
	pthread_mutex_lock(&space->m->lock);
	n = pin_mapping(space, addr, &len, write, runs, max);
	pthread_mutex_unlock(&space->m->lock);
	return n;
}

static void unpinned(void *arg, struct run_source *source)
{
	struct run_file *file = run_file_of_source(source);

	if (file)
		run_file_release(file);
}

static void space_unpin(struct uiommu_mem *mem, phys_addr_t pa, uint64_t len)
{
	struct run_inject *inject = run_inject_pause();
	struct run_memory *m = of_mem(mem)->m;

	pthread_mutex_lock(&m->lock);
	run_phys_unpin(m->phys, pa, len, unpinned, NULL);
	pthread_mutex_unlock(&m->lock);
	run_inject_resume(inject);
}

static int space_copy(struct uiommu_mem *mem, phys_addr_t pa, void *buf,
		      size_t len, bool write)
{
	return run_memory_copy(of_mem(mem)->m, pa, buf, len, write);
}

static int64_t space_pins(struct uiommu_mem *mem, phys_addr_t pa)
{
	return run_memory_pins(of_mem(mem)->m, pa);
}

static const struct uiommu_mem_ops space_ops = {
	.get = space_hold,
	.put = space_put,
	.pin = space_pin,
	.unpin = space_unpin,
	.copy = space_copy,
	.pins = space_pins,
};

static const struct uiommu_account_ops account_ops = {
	.get = account_hold,
	.put = account_put,
	.charge = account_charge,
};
